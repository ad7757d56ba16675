"""Launch templates with boto3 and the `aws` CLI: versions, launches from them, waiters' and paginators' forms, refusals."""

import base64
import json

import pytest
from botocore.exceptions import ClientError

from stack import HOST_IMAGE

USER_DATA = "#!/bin/sh\necho from a template\n"


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    return start_shared_goru(arguments=["--driver", "simulated"])


@pytest.fixture(scope="module")
def ec2(goru):
    return goru.client("ec2")


def refused(call, **arguments):
    """The code with which a call is refused, whose sentence is not empty."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Message"]
    return error.value.response["Error"]["Code"]


def tags(pairs):
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def from_wire(pairs):
    return {pair["Key"]: pair["Value"] for pair in pairs}


def test_the_cli_makes_a_template_adds_a_version_and_launches_from_it(goru):
    data = {
        "ImageId": HOST_IMAGE,
        "InstanceType": "t2.micro",
        "UserData": base64.b64encode(USER_DATA.encode()).decode(),
        "TagSpecifications": [{"ResourceType": "instance", "Tags": tags({"Name": "template", "role": "web"})}],
    }
    made = goru.aws(
        "ec2", "create-launch-template", "--launch-template-name", "cli", "--version-description", "first",
        "--launch-template-data", json.dumps(data),
    )["LaunchTemplate"]
    assert (made["DefaultVersionNumber"], made["LatestVersionNumber"]) == (1, 1)
    id = made["LaunchTemplateId"]
    assert id.startswith("lt-") and len(id) == 20
    goru.aws(
        "ec2", "create-launch-template-version", "--launch-template-id", id, "--source-version", "1",
        "--version-description", "larger", "--launch-template-data", "InstanceType=t2.small",
    )
    shown = goru.aws("ec2", "describe-launch-template-versions", "--launch-template-id", id, "--versions", "$Latest", "1")
    newest, oldest = shown["LaunchTemplateVersions"]
    assert (newest["VersionNumber"], newest["VersionDescription"], newest["DefaultVersion"]) == (2, "larger", False)
    assert newest["LaunchTemplateData"] == {**oldest["LaunchTemplateData"], "InstanceType": "t2.small"}
    assert oldest["LaunchTemplateData"] == data
    goru.aws("ec2", "modify-launch-template", "--launch-template-id", id, "--default-version", "2")
    launched = goru.aws(
        "ec2", "run-instances", "--launch-template", "LaunchTemplateName=cli", "--count", "2",
        "--tag-specifications", "ResourceType=instance,Tags=[{Key=Name,Value=request}]",
    )["Instances"]
    assert [instance["InstanceType"] for instance in launched] == ["t2.small", "t2.small"]
    expected = {"Name": "request", "role": "web", "aws:ec2launchtemplate:id": id, "aws:ec2launchtemplate:version": "2"}
    assert from_wire(launched[0]["Tags"]) == expected
    found = goru.aws.text(
        "ec2", "describe-instances", "--filters", f"Name=tag:aws:ec2launchtemplate:id,Values={id}",
        "--query", "length(Reservations[].Instances[])",
    )
    assert found == "2"
    attribute = goru.aws("ec2", "describe-instance-attribute", "--instance-id", launched[0]["InstanceId"], "--attribute", "userData")
    assert base64.b64decode(attribute["UserData"]["Value"]).decode() == USER_DATA
    assert goru.aws("ec2", "delete-launch-template", "--launch-template-name", "cli")["LaunchTemplate"]["LaunchTemplateId"] == id
    assert "InvalidLaunchTemplateId.NotFound" in goru.aws.run(
        "ec2", "describe-launch-templates", "--launch-template-ids", id, check=False,
    ).stderr


def test_an_instance_gives_the_data_for_another_like_it(ec2):
    first = ec2.run_instances(ImageId=HOST_IMAGE, InstanceType="t3.nano", MinCount=1, MaxCount=1, UserData=USER_DATA)["Instances"][0]
    data = ec2.get_launch_template_data(InstanceId=first["InstanceId"])["LaunchTemplateData"]
    assert base64.b64decode(data["UserData"]).decode() == USER_DATA
    ec2.create_launch_template(LaunchTemplateName="like-it", LaunchTemplateData=data)
    second = ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "like-it"}, MinCount=1, MaxCount=1)["Instances"][0]
    for member in ("ImageId", "InstanceType", "SubnetId", "VpcId", "SecurityGroups"):
        assert second[member] == first[member], member
    assert second["PrivateIpAddress"] != first["PrivateIpAddress"]


def test_pages_hold_every_template_and_version_once(ec2):
    names = [f"page-{n}" for n in range(5)]
    for name in names:
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": HOST_IMAGE})
    mine = [{"Name": "launch-template-name", "Values": ["page-*"]}]
    pages = ec2.get_paginator("describe_launch_templates").paginate(Filters=mine, PaginationConfig={"PageSize": 2})
    pages = [[template["LaunchTemplateName"] for template in page["LaunchTemplates"]] for page in pages]
    assert [len(page) for page in pages] == [2, 2, 1] and sum(pages, []) == names
    for _ in range(6):
        ec2.create_launch_template_version(LaunchTemplateName="page-0", LaunchTemplateData={"InstanceType": "t2.micro"})
    pages = ec2.get_paginator("describe_launch_template_versions").paginate(
        LaunchTemplateName="page-0", PaginationConfig={"PageSize": 3},
    )
    assert [version["VersionNumber"] for page in pages for version in page["LaunchTemplateVersions"]] == [7, 6, 5, 4, 3, 2, 1]


def test_versions_are_deleted_one_by_one_and_the_default_is_kept(ec2):
    ec2.create_launch_template(LaunchTemplateName="delete", LaunchTemplateData={"ImageId": HOST_IMAGE})
    for _ in range(2):
        ec2.create_launch_template_version(LaunchTemplateName="delete", LaunchTemplateData={"ImageId": HOST_IMAGE})
    answer = ec2.delete_launch_template_versions(LaunchTemplateName="delete", Versions=["1", "3", "9"])
    assert [item["VersionNumber"] for item in answer["SuccessfullyDeletedLaunchTemplateVersions"]] == [3]
    kept = {item["VersionNumber"]: item["ResponseError"]["Code"] for item in answer["UnsuccessfullyDeletedLaunchTemplateVersions"]}
    assert kept == {1: "unexpectedError", 9: "launchTemplateVersionDoesNotExist"}
    again = ec2.create_launch_template_version(LaunchTemplateName="delete", LaunchTemplateData={"ImageId": HOST_IMAGE})
    assert again["LaunchTemplateVersion"]["VersionNumber"] == 4, "numbers are not given out twice"


def test_one_client_token_makes_one_template(ec2):
    arguments = {"LaunchTemplateName": "token", "LaunchTemplateData": {"ImageId": HOST_IMAGE}, "ClientToken": "one"}
    first = ec2.create_launch_template(**arguments)["LaunchTemplate"]
    assert ec2.create_launch_template(**arguments)["LaunchTemplate"] == first
    assert refused(ec2.create_launch_template, **{**arguments, "LaunchTemplateName": "other"}) == "IdempotentParameterMismatch"


def test_templates_outlive_a_restart(start_goru):
    goru = start_goru(arguments=["--driver", "simulated"])
    data = {"ImageId": HOST_IMAGE, "InstanceType": "t2.nano"}
    made = goru.client("ec2").create_launch_template(LaunchTemplateName="stays", LaunchTemplateData=data)["LaunchTemplate"]
    goru.kill()
    goru.start()
    ec2 = goru.client("ec2")
    assert ec2.describe_launch_templates(LaunchTemplateNames=["stays"])["LaunchTemplates"] == [made]
    launched = ec2.run_instances(LaunchTemplate={"LaunchTemplateId": made["LaunchTemplateId"]}, MinCount=1, MaxCount=1)
    assert launched["Instances"][0]["InstanceType"] == "t2.nano"


def test_what_cannot_be_is_refused_by_its_code(ec2):
    image = {"ImageId": HOST_IMAGE}
    ec2.create_launch_template(LaunchTemplateName="bad", LaunchTemplateData=image)
    create, add, launch = ec2.create_launch_template, ec2.create_launch_template_version, ec2.run_instances
    one = {"MinCount": 1, "MaxCount": 1}
    ec2.create_launch_template(LaunchTemplateName="with-key", LaunchTemplateData={**image, "KeyName": "mine"})
    ec2.create_launch_template(LaunchTemplateName="without-image", LaunchTemplateData={"InstanceType": "t2.micro"})
    table = [
        (create, {"LaunchTemplateName": "bad", "LaunchTemplateData": image}, "InvalidLaunchTemplateName.AlreadyExistsException"),
        (create, {"LaunchTemplateName": "a b c", "LaunchTemplateData": image}, "InvalidLaunchTemplateName.MalformedException"),
        (create, {"LaunchTemplateName": "new", "LaunchTemplateData": {"ImageId": "x"}}, "InvalidAMIID.Malformed"),
        (create, {"LaunchTemplateName": "new", "LaunchTemplateData": {"InstanceType": "t9.huge"}}, "InvalidParameterValue"),
        (create, {"LaunchTemplateName": "new", "LaunchTemplateData": {"EbsOptimized": True}}, "UnsupportedOperation"),
        (create, {"LaunchTemplateName": "new", "LaunchTemplateData": {"IamInstanceProfile": {"Name": "p"}}}, "UnsupportedOperation"),
        (create, {"LaunchTemplateName": "new", "LaunchTemplateData": image, "DryRun": True}, "DryRunOperation"),
        (add, {"LaunchTemplateName": "nobody", "LaunchTemplateData": image}, "InvalidLaunchTemplateName.NotFoundException"),
        (add, {"LaunchTemplateId": "lt-00000000000000000", "LaunchTemplateData": image}, "InvalidLaunchTemplateId.NotFound"),
        (add, {"LaunchTemplateName": "bad", "SourceVersion": "9", "LaunchTemplateData": image}, "InvalidLaunchTemplateId.VersionNotFound"),
        (ec2.describe_launch_template_versions, {"LaunchTemplateId": "x"}, "InvalidLaunchTemplateId.Malformed"),
        (ec2.describe_launch_template_versions, {}, "MissingParameter"),
        (ec2.modify_launch_template, {"LaunchTemplateName": "bad", "DefaultVersion": "2"}, "InvalidLaunchTemplateId.VersionNotFound"),
        (launch, {"LaunchTemplate": {"LaunchTemplateName": "nobody"}, **one}, "InvalidLaunchTemplateName.NotFoundException"),
        (launch, {"LaunchTemplate": {"LaunchTemplateName": "bad", "Version": "2"}, **one}, "InvalidLaunchTemplateId.VersionNotFound"),
        (launch, {"LaunchTemplate": {"LaunchTemplateName": "with-key"}, **one}, "InvalidKeyPair.NotFound"),
        (launch, {"LaunchTemplate": {"LaunchTemplateName": "without-image"}, **one}, "MissingParameter"),
        (launch, one, "MissingParameter"),
    ]
    before = len(ec2.describe_launch_templates()["LaunchTemplates"])
    for call, arguments, code in table:
        assert refused(call, **arguments) == code, arguments
    assert len(ec2.describe_launch_templates()["LaunchTemplates"]) == before
