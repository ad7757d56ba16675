"""What programs on boto3 rely on: idempotency by client tokens, dry runs, errors as codes, regions apart (U39, U68)."""

import concurrent.futures

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from stack import HOST_IMAGE


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    return start_shared_goru(arguments=["--driver", "simulated"])


@pytest.fixture(scope="module")
def ec2(goru):
    return goru.client("ec2")


def run(ec2, **more):
    arguments = {"ImageId": HOST_IMAGE, "InstanceType": "t2.micro", "MinCount": 1, "MaxCount": 1, **more}
    return [instance["InstanceId"] for instance in ec2.run_instances(**arguments)["Instances"]]


def instances(ec2):
    pages = ec2.get_paginator("describe_instances").paginate()
    return {instance["InstanceId"] for page in pages for one in page["Reservations"] for instance in one["Instances"]}


def refused(call, **arguments):
    """Code and HTTP status with which a call is refused."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    assert answer["Error"]["Message"] and answer["ResponseMetadata"]["RequestId"]
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_u39_run_instances_with_one_client_token_runs_once(ec2):
    before = instances(ec2)
    first = run(ec2, ClientToken="once", MinCount=2, MaxCount=2)
    assert run(ec2, ClientToken="once", MinCount=2, MaxCount=2) == first
    assert instances(ec2) - before == set(first) and len(first) == 2
    assert refused(ec2.run_instances, ImageId=HOST_IMAGE, InstanceType="t2.small", MinCount=2, MaxCount=2, ClientToken="once") == (
        "IdempotentParameterMismatch", 400,
    )
    assert run(ec2, ClientToken="twice") != first


def test_of_many_calls_with_one_client_token_one_does_the_work(goru, ec2):
    before = instances(ec2)
    clients = [goru.client("ec2") for _ in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = {tuple(ids) for ids in pool.map(lambda client: run(client, ClientToken="crowd"), clients)}
    assert len(made) == 1
    assert instances(ec2) - before == set(*made)


def test_a_dry_run_says_so_and_does_nothing(ec2):
    before = instances(ec2)
    arguments = {"ImageId": HOST_IMAGE, "MinCount": 1, "MaxCount": 1}
    assert refused(ec2.run_instances, DryRun=True, **arguments) == ("DryRunOperation", 412)
    assert refused(ec2.describe_vpcs, DryRun=True) == ("DryRunOperation", 412)
    assert refused(ec2.create_vpc, DryRun=True, CidrBlock="10.9.0.0/16") == ("DryRunOperation", 412)
    id = run(ec2)[0]
    assert refused(ec2.terminate_instances, DryRun=True, InstanceIds=[id]) == ("DryRunOperation", 412)
    assert instances(ec2) - before == {id}
    assert "10.9.0.0/16" not in {vpc["CidrBlock"] for vpc in ec2.describe_vpcs()["Vpcs"]}


def test_errors_arrive_as_the_codes_and_classes_that_programs_catch(goru, ec2):
    assert refused(ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"]) == ("InvalidVpcID.NotFound", 400)
    elbv2, iam = goru.client("elbv2"), goru.client("iam")
    with pytest.raises(elbv2.exceptions.LoadBalancerNotFoundException):
        elbv2.describe_load_balancers(Names=["nobody"])
    with pytest.raises(elbv2.exceptions.TargetGroupNotFoundException):
        elbv2.describe_target_groups(Names=["nobody"])
    with pytest.raises(iam.exceptions.NoSuchEntityException) as error:
        iam.get_user(UserName="nobody")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    iam.create_user(UserName="twice")
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName="twice")


def test_every_answer_has_a_request_id(goru):
    for service, call in (("ec2", "describe_regions"), ("elbv2", "describe_load_balancers"), ("iam", "list_users"), ("cloudwatch", "list_metrics")):
        metadata = getattr(goru.client(service), call)()["ResponseMetadata"]
        assert len(metadata["RequestId"]) == 36, (service, metadata)


def test_creating_the_same_target_group_or_load_balancer_again_gives_the_same(goru, ec2):
    elbv2 = goru.client("elbv2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = {"Name": "same", "Protocol": "HTTP", "Port": 80, "VpcId": vpc}
    first = elbv2.create_target_group(**group)["TargetGroups"][0]
    assert elbv2.create_target_group(**group)["TargetGroups"][0]["TargetGroupArn"] == first["TargetGroupArn"]
    assert refused(elbv2.create_target_group, **{**group, "Port": 81}) == ("DuplicateTargetGroupName", 400)
    balancer = {"Name": "same", "Subnets": subnets}
    first = elbv2.create_load_balancer(**balancer)["LoadBalancers"][0]
    assert elbv2.create_load_balancer(**balancer)["LoadBalancers"][0]["LoadBalancerArn"] == first["LoadBalancerArn"]
    assert refused(elbv2.create_load_balancer, **balancer, Scheme="internal") == ("DuplicateLoadBalancerName", 400)


def test_of_many_creations_of_one_name_one_succeeds(goru, ec2):
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    clients = [goru.client("ec2") for _ in range(8)]

    def create(client):
        try:
            return client.create_security_group(GroupName="crowd", Description="x", VpcId=vpc)["GroupId"]
        except ClientError as error:
            return error.response["Error"]["Code"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(create, clients * 6))
    assert results.count("InvalidGroup.Duplicate") == len(results) - 1, results


def test_all_the_instances_or_none(ec2):
    """A subnet of /28 has eleven addresses; twelve instances do not fit, and then not one is launched."""
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.0.0/28")["Subnet"]
    assert subnet["AvailableIpAddressCount"] == 11
    before = instances(ec2)
    arguments = {"ImageId": HOST_IMAGE, "SubnetId": subnet["SubnetId"]}
    assert refused(ec2.run_instances, MinCount=12, MaxCount=12, **arguments)[0] == "InsufficientFreeAddressesInSubnet"
    assert instances(ec2) == before
    assert len(run(ec2, SubnetId=subnet["SubnetId"], MinCount=2, MaxCount=20)) == 11, "as many as there is room for"


def test_u68_regions_are_apart(goru, ec2):
    """Each region has a default VPC of its own from its first use, and shows nothing of the others."""
    away = goru.client("ec2", region="eu-central-1")
    here = {vpc["VpcId"] for vpc in ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]}
    there = away.describe_vpcs()["Vpcs"]
    assert len(there) == 1 and there[0]["IsDefault"] and there[0]["VpcId"] not in here
    zones = {subnet["AvailabilityZone"] for subnet in away.describe_subnets()["Subnets"]}
    assert zones and all(zone.startswith("eu-central-1") for zone in zones)
    assert away.describe_instances()["Reservations"] == []
    group = away.create_security_group(GroupName="away", Description="x", VpcId=there[0]["VpcId"])["GroupId"]
    assert refused(ec2.describe_security_groups, GroupIds=[group])[0] == "InvalidGroup.NotFound"
    assert refused(goru.client("ec2", region="mars-north-1").describe_vpcs)[0] in ("SignatureDoesNotMatch", "AuthFailure")


def test_an_instance_goes_through_the_states_of_its_life(ec2):
    id = run(ec2)[0]

    def state():
        return ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]["State"]

    wait_until(lambda: state() == {"Code": 16, "Name": "running"}, what="running")
    address = ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
    assert ec2.stop_instances(InstanceIds=[id])["StoppingInstances"][0]["PreviousState"]["Name"] == "running"
    wait_until(lambda: state() == {"Code": 80, "Name": "stopped"}, what="stopped")
    ec2.start_instances(InstanceIds=[id])
    wait_until(lambda: state()["Name"] == "running", what="running again")
    assert ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]["PrivateIpAddress"] == address
    ec2.reboot_instances(InstanceIds=[id])
    wait_until(lambda: state()["Name"] == "running", what="running after a reboot")
    ec2.terminate_instances(InstanceIds=[id])
    wait_until(lambda: state() == {"Code": 48, "Name": "terminated"}, what="terminated")
    assert refused(ec2.start_instances, InstanceIds=[id]) == ("IncorrectInstanceState", 400)
