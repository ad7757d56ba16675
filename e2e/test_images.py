"""Images with the `aws` CLI and boto3: registered, described, launched, deregistered; and the names that SSM has for them."""

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from stack import HOST_IMAGE

LINUX = "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2"
UBUNTU = "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id"


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    return start_shared_goru(arguments=["--driver", "process"])


def code(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_an_image_of_a_directory_is_registered_launched_and_deregistered(goru, tmp_path):
    files = tmp_path / "web"
    files.mkdir()
    (files / "hello.txt").write_text("hello from the image\n")
    image = goru.aws.text("ec2", "register-image", "--name", "web files", "--description", "d",
                          "--image-location", f"directory:{files}", "--query", "ImageId")
    ec2 = goru.client("ec2")
    ec2.get_waiter("image_available").wait(ImageIds=[image], WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    assert [one["ImageId"] for one in ec2.describe_images(Owners=["self"])["Images"]] == [image]
    made = ec2.run_instances(ImageId=image, InstanceType="t2.micro", MinCount=1, MaxCount=1, UserData="cat hello.txt")
    instance = made["Instances"][0]["InstanceId"]
    wait_until(
        lambda: "hello from the image" in ec2.get_console_output(InstanceId=instance).get("Output", ""),
        what="the instance to read its file",
    )
    ec2.deregister_image(ImageId=image)
    assert code(ec2.describe_images, ImageIds=[image])[0] == "InvalidAMIID.NotFound"
    assert code(ec2.run_instances, ImageId=image, MinCount=1, MaxCount=1)[0] == "InvalidAMIID.NotFound"
    # It goes on, and boots again.
    ec2.stop_instances(InstanceIds=[instance])
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    ec2.start_instances(InstanceIds=[instance])
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    ec2.terminate_instances(InstanceIds=[instance])


def test_the_process_driver_says_what_it_cannot_start_and_cannot_copy(goru, tmp_path):
    ec2 = goru.client("ec2")
    image = ec2.register_image(Name="a root file system", ImageLocation=f"rootfs:{tmp_path}/debian.tar")["ImageId"]
    launch = {"InstanceType": "t2.micro", "MinCount": 1, "MaxCount": 1}
    instance = ec2.run_instances(ImageId=image, **launch)["Instances"][0]["InstanceId"]

    def ended():
        shown = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        return shown if shown["State"]["Name"] == "terminated" else None

    reason = wait_until(ended, what="the launch to be given up")["StateReason"]
    assert reason["Code"] == "Server.InternalError"
    assert "the process driver has no root file systems" in reason["Message"]

    running = ec2.run_instances(ImageId=HOST_IMAGE, **launch)["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[running], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    refusal, message = code(ec2.create_image, InstanceId=running, Name="copy")
    assert refusal == "UnsupportedOperation" and "no root file system of its own" in message
    refusal, message = code(ec2.copy_image, Name="copy", SourceImageId=image, SourceRegion="us-east-1")
    assert refusal == "UnsupportedOperation" and "CopyImage" in message
    ec2.terminate_instances(InstanceIds=[running])


def test_the_well_known_parameters_name_the_default_image(goru):
    value = ["--query", "Parameter.Value"]
    assert goru.aws.text("ssm", "get-parameter", "--name", LINUX, *value) == HOST_IMAGE
    several = goru.aws("ssm", "get-parameters", "--names", LINUX, UBUNTU, "mine")
    assert [one["Value"] for one in several["Parameters"]] == [HOST_IMAGE, HOST_IMAGE]
    assert several["InvalidParameters"] == ["mine"]
    assert "ParameterNotFound" in goru.aws.run("ssm", "get-parameter", "--name", "mine", check=False).stderr
    assert "PutParameter" in goru.aws.run(
        "ssm", "put-parameter", "--name", "mine", "--value", "x", "--type", "String", check=False
    ).stderr
    launched = goru.aws("ec2", "run-instances", "--image-id", f"resolve:ssm:{UBUNTU}", "--instance-type", "t2.micro")
    assert launched["Instances"][0]["ImageId"] == HOST_IMAGE
    goru.aws("ec2", "terminate-instances", "--instance-ids", launched["Instances"][0]["InstanceId"])
