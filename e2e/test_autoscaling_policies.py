"""The second half of Auto Scaling with boto3 and the `aws` CLI: policies and their alarms, schedules, refreshes, warm pools.

Instances are simulated, so a refresh ends within seconds; what a refresh does to requests is measured elsewhere.
"""

import json

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from stack import HOST_IMAGE

CPU = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 70.0}
REFRESH_DEADLINE = 120


@pytest.fixture(scope="module")
def goru(start_shared_goru):
    return start_shared_goru(arguments=["--driver", "simulated"])


@pytest.fixture(scope="module")
def autoscaling(goru):
    return goru.client("autoscaling")


@pytest.fixture(scope="module")
def zone(goru):
    return goru.client("ec2").describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]


@pytest.fixture(scope="module")
def template(goru):
    """A launch template with two versions."""
    ec2 = goru.client("ec2")
    data = {"ImageId": HOST_IMAGE, "InstanceType": "t2.micro"}
    ec2.create_launch_template(LaunchTemplateName="refreshed", LaunchTemplateData=data)
    ec2.create_launch_template_version(LaunchTemplateName="refreshed", LaunchTemplateData={**data, "InstanceType": "t2.small"})
    return "refreshed"


@pytest.fixture
def group(request, autoscaling, zone, template):
    """An empty group named after the test."""
    name = request.node.name
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name, LaunchTemplate={"LaunchTemplateName": template, "Version": "1"},
        MinSize=0, MaxSize=8, DesiredCapacity=0, AvailabilityZones=[zone],
    )
    return name


def refused(call, **arguments):
    """The code with which a call is refused, whose sentence is not empty."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Message"]
    return error.value.response["Error"]["Code"]


def shown(autoscaling, group):
    return autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"][0]


def in_service(autoscaling, group):
    return [one for one in shown(autoscaling, group)["Instances"] if one["LifecycleState"] == "InService"]


def refresh_of(autoscaling, group):
    return autoscaling.describe_instance_refreshes(AutoScalingGroupName=group)["InstanceRefreshes"][0]


def grow(autoscaling, group, to):
    autoscaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=to)
    wait_until(lambda: len(in_service(autoscaling, group)) == to, what=f"{to} instances in service")


def test_the_cli_tracks_a_target_and_shows_the_alarms(goru, group):
    put = goru.aws(
        "autoscaling", "put-scaling-policy", "--auto-scaling-group-name", group, "--policy-name", "cpu70",
        "--policy-type", "TargetTrackingScaling", "--target-tracking-configuration", json.dumps(CPU),
    )
    names = [alarm["AlarmName"] for alarm in put["Alarms"]]
    assert [name.split("-")[:1] + name.split("-")[-6:-5] for name in names] == [
        ["TargetTracking", "AlarmHigh"], ["TargetTracking", "AlarmLow"],
    ]
    policies = goru.aws("autoscaling", "describe-policies", "--auto-scaling-group-name", group)["ScalingPolicies"]
    assert policies[0]["TargetTrackingConfiguration"] == {**CPU, "DisableScaleIn": False}
    alarms = goru.aws("cloudwatch", "describe-alarms", "--alarm-names", *names)["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in alarms} == set(names)
    assert all(alarm["AlarmActions"] == [put["PolicyARN"]] for alarm in alarms)
    goru.aws("autoscaling", "delete-policy", "--auto-scaling-group-name", group, "--policy-name", "cpu70")
    assert goru.aws("cloudwatch", "describe-alarms", "--alarm-names", *names)["MetricAlarms"] == []


def test_policies_of_every_kind_are_given_back(autoscaling, group):
    steps = [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 2},
    ]
    predictive = {
        "MetricSpecifications": [{
            "TargetValue": 50.0, "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"},
        }],
        "Mode": "ForecastOnly",
    }
    kinds = {
        "a-simple": {"AdjustmentType": "ExactCapacity", "ScalingAdjustment": 3, "Cooldown": 60},
        "b-step": {"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps},
        "c-predictive": {"PolicyType": "PredictiveScaling", "PredictiveScalingConfiguration": predictive},
    }
    for name, members in kinds.items():
        autoscaling.put_scaling_policy(AutoScalingGroupName=group, PolicyName=name, **members)
    pages = autoscaling.get_paginator("describe_policies").paginate(
        AutoScalingGroupName=group, PaginationConfig={"PageSize": 1},
    )
    policies = [policy for page in pages for policy in page["ScalingPolicies"]]
    assert [policy["PolicyName"] for policy in policies] == list(kinds)
    for policy, members in zip(policies, kinds.values()):
        given = {**members, "PolicyType": members.get("PolicyType", "SimpleScaling")}
        answered = {member: policy[member] for member in given if member != "PredictiveScalingConfiguration"}
        assert answered == {member: value for member, value in given.items() if member in answered}
    assert policies[2]["PredictiveScalingConfiguration"]["MetricSpecifications"] == predictive["MetricSpecifications"]


def test_an_executed_policy_changes_the_capacity_and_the_group_follows(autoscaling, group):
    autoscaling.put_scaling_policy(
        AutoScalingGroupName=group, PolicyName="two", AdjustmentType="ExactCapacity", ScalingAdjustment=2,
    )
    autoscaling.execute_policy(AutoScalingGroupName=group, PolicyName="two")
    wait_until(lambda: len(in_service(autoscaling, group)) == 2, what="two instances in service")
    activities = autoscaling.describe_scaling_activities(AutoScalingGroupName=group)["Activities"]
    assert any("policy two" in activity["Cause"] for activity in activities), activities


def test_scheduled_actions_in_a_batch(autoscaling, group):
    actions = [
        {"ScheduledActionName": "morning", "Recurrence": "0 8 * * MON-FRI", "TimeZone": "Asia/Seoul", "MinSize": 2},
        {"ScheduledActionName": "broken", "Recurrence": "0 8 * *", "MinSize": 2},
    ]
    answer = autoscaling.batch_put_scheduled_update_group_action(
        AutoScalingGroupName=group, ScheduledUpdateGroupActions=actions,
    )
    assert [one["ScheduledActionName"] for one in answer["FailedScheduledUpdateGroupActions"]] == ["broken"]
    found = autoscaling.describe_scheduled_actions(AutoScalingGroupName=group)["ScheduledUpdateGroupActions"]
    assert [(one["ScheduledActionName"], one["TimeZone"], one["MinSize"]) for one in found] == [("morning", "Asia/Seoul", 2)]
    autoscaling.delete_scheduled_action(AutoScalingGroupName=group, ScheduledActionName="morning")


def test_a_refresh_replaces_every_instance_and_the_group_keeps_the_version(autoscaling, group, template):
    grow(autoscaling, group, 4)
    before = {one["InstanceId"] for one in in_service(autoscaling, group)}
    version_2 = {"LaunchTemplate": {"LaunchTemplateName": template, "Version": "2"}}
    started = autoscaling.start_instance_refresh(
        AutoScalingGroupName=group, DesiredConfiguration=version_2,
        Preferences={"MinHealthyPercentage": 50, "InstanceWarmup": 0},
    )
    assert refused(autoscaling.start_instance_refresh, AutoScalingGroupName=group) == "InstanceRefreshInProgress"
    fewest = [4]

    def is_over():
        fewest.append(len(in_service(autoscaling, group)))
        refresh = refresh_of(autoscaling, group)
        assert refresh["Status"] in ("Pending", "InProgress", "Successful"), refresh
        return refresh["Status"] == "Successful"

    wait_until(is_over, deadline=REFRESH_DEADLINE, what="the end of the refresh")
    refresh = refresh_of(autoscaling, group)
    assert (refresh["InstanceRefreshId"], refresh["PercentageComplete"], refresh["InstancesToUpdate"]) == (
        started["InstanceRefreshId"], 100, 0,
    )
    after = in_service(autoscaling, group)
    assert not before & {one["InstanceId"] for one in after}
    assert {one["LaunchTemplate"]["Version"] for one in after} == {"2"}
    assert shown(autoscaling, group)["LaunchTemplate"]["Version"] == "2"
    assert min(fewest) >= 2


def test_a_refresh_is_rolled_back_when_asked_and_cancelled_when_asked(autoscaling, group, template):
    grow(autoscaling, group, 2)
    version_2 = {"LaunchTemplate": {"LaunchTemplateName": template, "Version": "2"}}
    slow = {"MinHealthyPercentage": 50, "InstanceWarmup": 3600}
    autoscaling.start_instance_refresh(AutoScalingGroupName=group, DesiredConfiguration=version_2, Preferences=slow)

    def versions():
        return sorted(one["LaunchTemplate"]["Version"] for one in in_service(autoscaling, group))

    wait_until(lambda: versions() == ["1", "2"], what="one new instance")
    assert "is warming up" in wait_until(lambda: refresh_of(autoscaling, group).get("StatusReason"))
    autoscaling.rollback_instance_refresh(AutoScalingGroupName=group)
    assert wait_until(lambda: refresh_of(autoscaling, group)["Status"] == "RollbackInProgress")
    assert refused(autoscaling.rollback_instance_refresh, AutoScalingGroupName=group) == "IrreversibleInstanceRefresh"
    wait_until(lambda: versions() == ["1", "1"], what="the old version everywhere")
    autoscaling.cancel_instance_refresh(AutoScalingGroupName=group, WaitForTransitioningInstances=False)
    wait_until(lambda: refresh_of(autoscaling, group)["Status"] == "Cancelled", what="the cancellation")
    assert refused(autoscaling.cancel_instance_refresh, AutoScalingGroupName=group) == "ActiveInstanceRefreshNotFound"
    assert shown(autoscaling, group)["LaunchTemplate"]["Version"] == "1"


def test_warm_pool_metrics_and_notifications(goru, autoscaling, group):
    autoscaling.put_warm_pool(AutoScalingGroupName=group, MinSize=0, MaxGroupPreparedCapacity=0, PoolState="Running")
    assert autoscaling.describe_warm_pool(AutoScalingGroupName=group)["WarmPoolConfiguration"]["PoolState"] == "Running"
    autoscaling.delete_warm_pool(AutoScalingGroupName=group, ForceDelete=True)
    autoscaling.enable_metrics_collection(AutoScalingGroupName=group, Granularity="1Minute")
    names = {metric["Metric"] for metric in shown(autoscaling, group)["EnabledMetrics"]}
    assert names == {metric["Metric"] for metric in autoscaling.describe_metric_collection_types()["Metrics"]}
    topic = goru.client("sns").create_topic(Name="groups")["TopicArn"]
    autoscaling.put_notification_configuration(
        AutoScalingGroupName=group, TopicARN=topic, NotificationTypes=["autoscaling:EC2_INSTANCE_LAUNCH"],
    )
    found = autoscaling.describe_notification_configurations(AutoScalingGroupNames=[group])
    assert [one["TopicARN"] for one in found["NotificationConfigurations"]] == [topic]
    missing = {"AutoScalingGroupName": group, "TopicARN": topic + "-not", "NotificationTypes": ["autoscaling:EC2_INSTANCE_LAUNCH"]}
    assert refused(autoscaling.put_notification_configuration, **missing) == "ValidationError"
