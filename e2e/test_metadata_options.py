"""How instances may read their metadata, with boto3 and the `aws` CLI: at launches, from templates through a group, modified."""

import pytest
from botocore.exceptions import ClientError

from stack import HOST_IMAGE


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    return start_shared_goru(arguments=["--driver", "simulated"])


@pytest.fixture(scope="module")
def ec2(goru):
    return goru.client("ec2")


def options(ec2, instance):
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return found["MetadataOptions"]


def test_the_cli_launches_with_options_and_modifies_them(goru, ec2):
    arguments = f"ec2 run-instances --image-id {HOST_IMAGE} --metadata-options HttpTokens=required,HttpPutResponseHopLimit=2"
    launched = goru.aws(*arguments.split())["Instances"][0]
    assert launched["MetadataOptions"] == {
        "State": "applied",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 2,
        "HttpEndpoint": "enabled",
        "HttpProtocolIpv6": "disabled",
        "InstanceMetadataTags": "disabled",
    }
    instance = launched["InstanceId"]
    change = f"ec2 modify-instance-metadata-options --instance-id {instance} --http-endpoint disabled"
    changed = goru.aws(*change.split())
    assert changed["InstanceId"] == instance
    assert changed["InstanceMetadataOptions"]["HttpEndpoint"] == "disabled"
    assert options(ec2, instance)["HttpTokens"] == "required"


def test_a_group_launches_with_the_options_of_its_template(goru, ec2):
    data = {
        "ImageId": HOST_IMAGE,
        "InstanceType": "t2.micro",
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 3, "InstanceMetadataTags": "enabled"},
    }
    ec2.create_launch_template(LaunchTemplateName="guarded", LaunchTemplateData=data)
    version = ec2.describe_launch_template_versions(LaunchTemplateName="guarded")["LaunchTemplateVersions"][0]
    assert version["LaunchTemplateData"]["MetadataOptions"] == data["MetadataOptions"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    groups = goru.client("autoscaling")
    groups.create_auto_scaling_group(
        AutoScalingGroupName="guarded",
        LaunchTemplate={"LaunchTemplateName": "guarded"},
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=subnet,
    )
    members = [{"Name": "tag:aws:autoscaling:groupName", "Values": ["guarded"]}]
    waiter = ec2.get_waiter("instance_running")
    waiter.config.delay = 0.2
    waiter.wait(Filters=members)
    found = ec2.describe_instances(Filters=members)["Reservations"][0]["Instances"][0]["MetadataOptions"]
    assert (found["HttpTokens"], found["HttpPutResponseHopLimit"]) == ("required", 3)
    assert (found["HttpEndpoint"], found["InstanceMetadataTags"]) == ("enabled", "enabled")


def test_impossible_options_are_refused(ec2):
    instance = ec2.run_instances(ImageId=HOST_IMAGE, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    for change, code in [
        ({"HttpProtocolIpv6": "enabled"}, "UnsupportedOperation"),
        ({"HttpPutResponseHopLimit": 65}, "InvalidParameterValue"),
        ({}, "MissingParameter"),
    ]:
        with pytest.raises(ClientError) as error:
            ec2.modify_instance_metadata_options(InstanceId=instance, **change)
        assert error.value.response["Error"]["Code"] == code
