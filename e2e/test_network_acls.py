"""Network ACLs with the `aws` CLI and boto3: made, filled, given to a subnet, taken away."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    return start_shared_goru(arguments=["--driver", "simulated"])


def test_a_subnet_gets_an_acl_and_goes_back(goru):
    aws = goru.aws
    vpc = aws.text("ec2", "create-vpc", "--cidr-block", "10.0.0.0/16", "--query", "Vpc.VpcId")
    subnet = aws.text(
        "ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", "10.0.1.0/24", "--query", "Subnet.SubnetId"
    )
    default = aws("ec2", "describe-network-acls", "--filters", f"Name=vpc-id,Values={vpc}")["NetworkAcls"][0]
    assert default["IsDefault"] and [one["SubnetId"] for one in default["Associations"]] == [subnet]
    assert [(one["Egress"], one["RuleNumber"], one["RuleAction"]) for one in default["Entries"]] == [
        (True, 100, "allow"), (True, 32767, "deny"), (False, 100, "allow"), (False, 32767, "deny"),
    ]
    acl = aws.text("ec2", "create-network-acl", "--vpc-id", vpc, "--query", "NetworkAcl.NetworkAclId")
    common = ["--network-acl-id", acl, "--rule-action", "allow", "--cidr-block", "0.0.0.0/0"]
    # The CLI turns names of protocols into numbers.
    aws.run("ec2", "create-network-acl-entry", *common, "--ingress", "--rule-number", 100, "--protocol", "tcp",
            "--port-range", "From=80,To=80")
    aws.run("ec2", "create-network-acl-entry", *common, "--egress", "--rule-number", 100, "--protocol", "all")
    aws.run("ec2", "create-network-acl-entry", *common, "--ingress", "--rule-number", 110, "--protocol", "icmp",
            "--icmp-type-code", "Type=8,Code=-1")
    aws.run("ec2", "replace-network-acl-entry", *common, "--ingress", "--rule-number", 100, "--protocol", "6",
            "--port-range", "From=443,To=443")
    entries = aws("ec2", "describe-network-acls", "--network-acl-ids", acl)["NetworkAcls"][0]["Entries"]
    assert [(one["Egress"], one["RuleNumber"], one["Protocol"]) for one in entries] == [
        (True, 100, "-1"), (True, 32767, "-1"), (False, 100, "6"), (False, 110, "1"), (False, 32767, "-1"),
    ]
    assert entries[2]["PortRange"] == {"From": 443, "To": 443}
    assert entries[3]["IcmpTypeCode"] == {"Type": 8, "Code": -1}
    aws.run("ec2", "delete-network-acl-entry", "--network-acl-id", acl, "--ingress", "--rule-number", 110)

    association = default["Associations"][0]["NetworkAclAssociationId"]
    new = aws.text("ec2", "replace-network-acl-association", "--association-id", association, "--network-acl-id", acl,
                   "--query", "NewAssociationId")
    of_subnet = ["ec2", "describe-network-acls", "--filters", f"Name=association.subnet-id,Values={subnet}"]
    assert aws.text(*of_subnet, "--query", "NetworkAcls[].NetworkAclId") == acl
    assert "DependencyViolation" in aws.run("ec2", "delete-network-acl", "--network-acl-id", acl, check=False).stderr
    aws.run("ec2", "replace-network-acl-association", "--association-id", new, "--network-acl-id",
            default["NetworkAclId"])
    aws.run("ec2", "delete-network-acl", "--network-acl-id", acl)
    aws.run("ec2", "delete-subnet", "--subnet-id", subnet)
    aws.run("ec2", "delete-vpc", "--vpc-id", vpc)


def test_entries_of_ipv6_are_refused_by_name(goru):
    ec2 = goru.client("ec2")
    acl = ec2.describe_network_acls()["NetworkAcls"][0]["NetworkAclId"]
    entry = {"NetworkAclId": acl, "RuleNumber": 90, "Protocol": "-1", "RuleAction": "deny", "Egress": False}
    with pytest.raises(ClientError) as refused:
        ec2.create_network_acl_entry(**entry, Ipv6CidrBlock="::/0")
    assert refused.value.response["Error"]["Code"] == "UnsupportedOperation"
    assert "Ipv6CidrBlock" in refused.value.response["Error"]["Message"]
