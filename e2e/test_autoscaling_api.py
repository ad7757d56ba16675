"""The Auto Scaling API by the `aws` CLI and boto3, over real instances: groups and what requests do to their members.

The waiters are those that AWS's other SDKs define for groups; botocore has none. Every paginator of botocore is walked.
"""

import pathlib
import tomllib

import botocore.session
import botocore.waiter
import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from stack import HOST_IMAGE

ZONES = ["ap-northeast-2a", "ap-northeast-2b"]
SHAPES = pathlib.Path(__file__).parent.parent / "shapes"
SERVED = set(tomllib.loads((SHAPES / "autoscaling.toml").read_text())["operations"])
ENOUGH = "AutoScalingGroups[].[length(Instances[?LifecycleState=='InService']) >= MinSize][]"


def waiter(client, expected_path, expected):
    """A waiter on DescribeAutoScalingGroups whose path has to come to a value."""
    acceptor = {"matcher": "path", "state": "success", "argument": expected_path, "expected": expected}
    model = {"operation": "DescribeAutoScalingGroups", "delay": 1, "maxAttempts": 60, "acceptors": [acceptor]}
    model = botocore.waiter.WaiterModel({"version": 2, "waiters": {"Group": model}})
    return botocore.waiter.create_waiter_with_client("Group", model, client)


def group_exists(client):
    return waiter(client, "length(AutoScalingGroups) > `0`", True)


def group_in_service(client):
    return waiter(client, f"length(AutoScalingGroups) > `0` && !contains({ENOUGH}, `false`)", True)


def group_not_exists(client):
    return waiter(client, "length(AutoScalingGroups) > `0`", False)


def launch_configuration(client, name="web-1"):
    client.create_launch_configuration(LaunchConfigurationName=name, ImageId=HOST_IMAGE, InstanceType="t2.micro")


def make_group(client, name="web", least=0, most=4, desired=None, **more):
    """A group of launch configuration `web-1`, with `desired` members in service."""
    desired = least if desired is None else desired
    client.create_auto_scaling_group(
        AutoScalingGroupName=name, LaunchConfigurationName="web-1", MinSize=least, MaxSize=most,
        DesiredCapacity=desired, AvailabilityZones=ZONES, **more,
    )
    return wait_for(client, name, "InService", desired)


def describe(client, name="web"):
    return client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]


def states(client, name="web"):
    return {one["InstanceId"]: one["LifecycleState"] for one in describe(client, name)["Instances"]}


def wait_for(client, name, state, count):
    """Waits until the group has exactly so many members and all are in that state; gives their ids."""

    def reached():
        found = states(client, name)
        assert len(found) == count and set(found.values()) <= {state}, found
        return [sorted(found)]

    return wait_until(reached, what=f"{count} members {state} in {name}")[0]


def code_of(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Code"]


def test_the_cli_takes_a_group_from_its_creation_to_its_deletion(goru):
    aws = goru.aws
    aws("autoscaling", "create-launch-configuration", "--launch-configuration-name", "web-1", "--image-id", HOST_IMAGE,
        "--instance-type", "t2.micro", "--user-data", "#!/bin/sh\necho hello\n")
    aws("autoscaling", "create-auto-scaling-group", "--auto-scaling-group-name", "web", "--launch-configuration-name",
        "web-1", "--min-size", "1", "--max-size", "3", "--availability-zones", *ZONES, "--tags",
        "Key=team,Value=web,PropagateAtLaunch=true")
    client = goru.client("autoscaling")
    group_exists(client).wait(AutoScalingGroupNames=["web"])
    group_in_service(client).wait(AutoScalingGroupNames=["web"])
    (first,) = wait_for(client, "web", "InService", 1)

    aws("autoscaling", "set-desired-capacity", "--auto-scaling-group-name", "web", "--desired-capacity", "2")
    both = wait_for(client, "web", "InService", 2)
    group = describe(client)
    assert sorted(one["AvailabilityZone"] for one in group["Instances"]) == ZONES, "zones are balanced"
    tags = goru.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": both}])["Tags"]
    assert {(one["Key"], one["Value"]) for one in tags} == {("team", "web"), ("aws:autoscaling:groupName", "web")}

    found = aws("autoscaling", "describe-scaling-activities", "--auto-scaling-group-name", "web")["Activities"]
    assert [one["StatusCode"] for one in found] == ["Successful", "Successful"]
    newest = found[0]
    assert newest["Description"].startswith("Launching a new EC2 instance: i-")
    assert "a user request explicitly set group desired capacity changing the desired capacity from 1 to 2" in newest["Cause"]

    aws("autoscaling", "terminate-instance-in-auto-scaling-group", "--instance-id", first,
        "--should-decrement-desired-capacity")
    wait_until(lambda: first not in states(client), what="the end of the first member")
    assert describe(client)["DesiredCapacity"] == 1

    assert code_of(client.delete_auto_scaling_group, AutoScalingGroupName="web") == "ResourceInUse"
    assert code_of(client.delete_launch_configuration, LaunchConfigurationName="web-1") == "ResourceInUse"
    aws("autoscaling", "delete-auto-scaling-group", "--auto-scaling-group-name", "web", "--force-delete")
    group_not_exists(client).wait(AutoScalingGroupNames=["web"])
    aws("autoscaling", "delete-launch-configuration", "--launch-configuration-name", "web-1")
    assert aws("autoscaling", "describe-launch-configurations")["LaunchConfigurations"] == []
    kept = aws("autoscaling", "describe-scaling-activities", "--include-deleted-groups")["Activities"]
    assert kept and {one["AutoScalingGroupState"] for one in kept} == {"Deleted"}


def test_instances_come_and_go_by_request(goru):
    client, ec2 = goru.client("autoscaling"), goru.client("ec2")
    launch_configuration(client)
    make_group(client, most=3)
    launched = ec2.run_instances(
        ImageId=HOST_IMAGE, InstanceType="t2.micro", MinCount=2, MaxCount=2, Placement={"AvailabilityZone": ZONES[0]}
    )
    ids = sorted(one["InstanceId"] for one in launched["Instances"])
    ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    # Two in one zone and none in the other would be evened out.
    client.suspend_processes(AutoScalingGroupName="web", ScalingProcesses=["AZRebalance"])
    client.attach_instances(AutoScalingGroupName="web", InstanceIds=ids)
    assert wait_for(client, "web", "InService", 2) == ids
    assert describe(client)["DesiredCapacity"] == 2
    other = {"AutoScalingGroupName": "web", "InstanceIds": ids[:1]}
    assert code_of(client.attach_instances, **other) == "ValidationError"

    answer = client.enter_standby(ShouldDecrementDesiredCapacity=True, **other)
    assert answer["Activities"][0]["Description"] == f"Moving EC2 instance to Standby: {ids[0]}"
    wait_until(lambda: states(client)[ids[0]] == "Standby", what="standby")
    assert describe(client)["DesiredCapacity"] == 1
    client.exit_standby(**other)
    wait_for(client, "web", "InService", 2)
    assert describe(client)["DesiredCapacity"] == 2

    answer = client.detach_instances(ShouldDecrementDesiredCapacity=True, **other)
    assert answer["Activities"][0]["Description"] == f"Detaching EC2 instance: {ids[0]}"
    assert wait_for(client, "web", "InService", 1) == ids[1:]
    (detached,) = ec2.describe_instances(InstanceIds=ids[:1])["Reservations"][0]["Instances"]
    assert detached["State"]["Name"] == "running"

    client.set_instance_protection(AutoScalingGroupName="web", InstanceIds=ids[1:], ProtectedFromScaleIn=True)
    client.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=2)
    both = wait_for(client, "web", "InService", 2)
    client.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)
    assert wait_for(client, "web", "InService", 1) == ids[1:], f"the protected one of {both} stays"

    client.set_instance_health(InstanceId=ids[1], HealthStatus="Unhealthy")
    wait_until(lambda: ids[1] not in states(client), what="the replacement of the unhealthy member")
    wait_for(client, "web", "InService", 1)


def test_a_member_waits_for_its_hook(goru):
    client = goru.client("autoscaling")
    launch_configuration(client)
    hook = {"LifecycleHookName": "ready", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "HeartbeatTimeout": 600}
    make_group(client, LifecycleHookSpecificationList=[hook])
    client.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)
    (id,) = wait_for(client, "web", "Pending:Wait", 1)
    name = {"AutoScalingGroupName": "web", "LifecycleHookName": "ready", "InstanceId": id}
    client.record_lifecycle_action_heartbeat(**name)
    client.complete_lifecycle_action(LifecycleActionResult="CONTINUE", **name)
    assert wait_for(client, "web", "InService", 1) == [id]
    again = {**name, "LifecycleActionResult": "CONTINUE"}
    assert code_of(client.complete_lifecycle_action, **again) == "ValidationError"


def test_a_group_of_a_template_and_of_an_instance(goru):
    client, ec2 = goru.client("autoscaling"), goru.client("ec2")
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": HOST_IMAGE, "InstanceType": "t2.nano"})
    client.create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchTemplate={"LaunchTemplateName": "web"}, MinSize=1, MaxSize=1, AvailabilityZones=ZONES
    )
    (id,) = wait_for(client, "web", "InService", 1)
    (member,) = client.describe_auto_scaling_instances(InstanceIds=[id])["AutoScalingInstances"]
    assert (member["InstanceType"], member["LaunchTemplate"]["Version"]) == ("t2.nano", "1")
    assert member["HealthStatus"] == "HEALTHY"
    client.create_auto_scaling_group(AutoScalingGroupName="copy", InstanceId=id, MinSize=1, MaxSize=1)
    (copy,) = wait_for(client, "copy", "InService", 1)
    (shown,) = [one for one in describe(client, "copy")["Instances"] if one["InstanceId"] == copy]
    assert (shown["InstanceType"], shown["LaunchConfigurationName"]) == ("t2.nano", "copy")


def test_faults_are_those_that_boto3_knows(shared_goru):
    client = shared_goru.client("autoscaling")
    launch_configuration(client, "faults")
    with pytest.raises(client.exceptions.AlreadyExistsFault):
        launch_configuration(client, "faults")
    with pytest.raises(client.exceptions.InvalidNextToken):
        client.describe_auto_scaling_groups(NextToken="nonsense")
    group = {"AutoScalingGroupName": "faults", "MinSize": 0, "MaxSize": 1, "AvailabilityZones": ZONES}
    client.create_auto_scaling_group(LaunchConfigurationName="faults", **group)
    with pytest.raises(client.exceptions.ResourceInUseFault):
        client.delete_launch_configuration(LaunchConfigurationName="faults")
    tags = [{"ResourceId": "faults", "ResourceType": "auto-scaling-group", "Key": f"key-{i}"} for i in range(51)]
    with pytest.raises(client.exceptions.LimitExceededFault):
        client.create_or_update_tags(Tags=tags)
    assert code_of(client.update_auto_scaling_group, AutoScalingGroupName="none") == "ValidationError"
    classic = {"AutoScalingGroupName": "faults", "LoadBalancerNames": ["classic"]}
    with pytest.raises(ClientError, match="there is no Classic Load Balancer `classic`"):
        client.attach_load_balancers(**classic)


@pytest.fixture(scope="module")
def listed(start_shared_goru):
    """Three of everything that the operations of this file list."""
    goru = start_shared_goru()
    client, elbv2 = goru.client("autoscaling"), goru.client("elbv2")
    for i in range(3):
        launch_configuration(client, f"web-{i}")
    vpc = goru.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    for i in range(3):
        tags = [{"Key": "number", "Value": str(i)}]
        make_group(client, f"group-{i}", desired=3 if i == 0 else 0, Tags=tags)
        made = elbv2.create_target_group(Name=f"group-{i}", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
        client.attach_load_balancer_target_groups(AutoScalingGroupName="group-0", TargetGroupARNs=[made["TargetGroupArn"]])
    return goru


PAGINATED = {
    "DescribeAutoScalingGroups": ({}, 3),
    "DescribeAutoScalingInstances": ({}, 3),
    "DescribeLaunchConfigurations": ({}, 3),
    "DescribeLoadBalancerTargetGroups": ({"AutoScalingGroupName": "group-0"}, 3),
    "DescribeLoadBalancers": ({"AutoScalingGroupName": "group-0"}, 0),
    "DescribeScalingActivities": ({"AutoScalingGroupName": "group-0"}, 3),
    "DescribeTags": ({}, 3),
}


@pytest.mark.parametrize("operation", PAGINATED)
def test_pages_say_what_one_page_says(listed, operation):
    client = listed.client("autoscaling")
    method = botocore.xform_name(operation)
    parameters, count = PAGINATED[operation]
    configuration = botocore.session.Session().get_paginator_model("autoscaling").get_paginator(operation)
    key = configuration["result_key"]
    whole = getattr(client, method)(**parameters)[key]
    pages = [page[key] for page in client.get_paginator(method).paginate(PaginationConfig={"PageSize": 1}, **parameters)]
    assert len(whole) == count and sum(pages, []) == whole
    assert all(len(page) <= 1 for page in pages)


# Walked by the tests of their own operations.
ELSEWHERE = {"DescribeNotificationConfigurations", "DescribePolicies", "DescribeScheduledActions", "DescribeWarmPool"}


def test_every_paginator_is_walked():
    configured = botocore.session.Session().get_paginator_model("autoscaling")._paginator_config
    assert SERVED & configured.keys() == PAGINATED.keys() | ELSEWHERE


def test_the_cli_walks_pages_too(listed):
    groups = listed.aws("autoscaling", "describe-auto-scaling-groups", "--page-size", "2")["AutoScalingGroups"]
    assert [one["AutoScalingGroupName"] for one in groups] == ["group-0", "group-1", "group-2"]
    tagged = listed.aws("autoscaling", "describe-auto-scaling-groups", "--filters", "Name=tag:number,Values=1,2")
    assert [one["AutoScalingGroupName"] for one in tagged["AutoScalingGroups"]] == ["group-1", "group-2"]
