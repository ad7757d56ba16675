"""`goru simulate`: a group that lived through some hours of virtual time, simulated with its own and with other policies."""

import datetime
import json
import xml.etree.ElementTree

import pytest
from conftest import wait_until
from stack import HOST_IMAGE
from test_virtual_clock import CONFIG, advance, now, post

MINUTE = datetime.timedelta(minutes=1)
# Total load in per cent of one instance, and for how many minutes.
HOURS = [(50, 30), (150, 45), (210, 40), (60, 60), (140, 30), (20, 40)]
# How many minutes apart a simulated and a recorded change may be.
TOLERANCE = 2
GROUP = "web"


def alarm(name, comparison, threshold, action):
    return {
        "AlarmName": name, "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Statistic": "Average",
        "Dimensions": [{"Name": "AutoScalingGroupName", "Value": GROUP}], "Period": 60, "EvaluationPeriods": 2,
        "ComparisonOperator": comparison, "Threshold": threshold, "AlarmActions": [action],
    }


def change(name, by):
    return {"PolicyName": name, "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": by, "Cooldown": 120}


@pytest.fixture(scope="module")
def lived(start_shared_goru):
    """A server whose group scaled out and in for four hours."""
    goru = start_shared_goru(CONFIG)
    ec2, autoscaling, cloudwatch = (goru.client(name) for name in ("ec2", "autoscaling", "cloudwatch"))
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    autoscaling.create_launch_configuration(LaunchConfigurationName="one", ImageId=HOST_IMAGE, InstanceType="t2.micro")
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=GROUP, LaunchConfigurationName="one", MinSize=1, MaxSize=4, DesiredCapacity=1, AvailabilityZones=[zone],
    )
    for name, by, comparison, threshold in (("out", 1, "GreaterThanThreshold", 70), ("in", -1, "LessThanThreshold", 30)):
        arn = autoscaling.put_scaling_policy(AutoScalingGroupName=GROUP, **change(name, by))["PolicyARN"]
        cloudwatch.put_metric_alarm(**alarm(f"{name}-alarm", comparison, threshold, arn))
    wait_until(lambda: capacity(autoscaling) == 1, what="the first instance")
    start = now(goru)
    seen = []
    for load, minutes in HOURS:
        status, said = post(goru, "/_goru/load", {"auto_scaling_group": GROUP, "total_cpu_percent": load})
        assert status == 200, said
        for _ in range(minutes):
            advance(goru, 60)
            seen.append(capacity(autoscaling))
    assert max(seen) >= 3 and seen[-1] == 1, seen
    goru.lived_from, goru.seen = start, seen
    return goru


def capacity(autoscaling):
    instances = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"][0]["Instances"]
    return sum(one["LifecycleState"] == "InService" for one in instances)


def simulate(goru, *arguments):
    return json.loads(goru.cli("simulate", "--group", GROUP, "--output", "json", *arguments).stdout)


def apart(one, other):
    """At most how many minutes lie between a value of one curve and the same value of the other, both ways."""

    def behind(curve, reference):
        near = lambda at: range(max(0, at - len(reference)), len(reference))
        return max(min((abs(at - there) for there in near(at) if reference[there] == value), default=len(reference)) for at, value in enumerate(curve))

    return max(behind(one, other), behind(other, one))


def test_the_same_policies_give_what_was_recorded(lived):
    report = simulate(lived)
    print(f"{len(report['minutes'])} minutes simulated in {report['took_seconds']:.4f} s (debug build)")
    assert report["minutes"] and "CPUUtilization" in report["load_source"]
    recorded = [row["recorded"]["in_service"] for row in report["minutes"]]
    assert apart(recorded[-len(lived.seen) + 2:], lived.seen[2:]) <= TOLERANCE, (recorded, lived.seen)
    simulated = [row["in_service"] for row in report["minutes"]]
    assert apart(simulated, recorded) <= TOLERANCE, (simulated, recorded)
    assert report["simulated"]["actions"] == report["recorded"]["actions"] >= 4, report
    assert abs(report["simulated"]["minutes_over_threshold"] - report["recorded"]["minutes_over_threshold"]) <= 4, report
    assert report["simulated"]["instance_hours"] == pytest.approx(report["recorded"]["instance_hours"], rel=0.05)
    assert report["threshold"] == 70


def test_another_policy_gives_another_curve_and_changes_nothing(lived, tmp_path):
    autoscaling = lived.client("autoscaling")
    before = autoscaling.describe_policies(AutoScalingGroupName=GROUP)["ScalingPolicies"]
    policies = tmp_path / "policies.json"
    policies.write_text(json.dumps([
        {**change("out", 3), "Cooldown": 60}, change("in", -1),
        alarm("out-alarm", "GreaterThanThreshold", 40, "out"),
    ]))
    usual, eager = simulate(lived), simulate(lived, "--policy", policies)
    assert eager["threshold"] == 40
    assert eager["simulated"]["instance_hours"] > usual["simulated"]["instance_hours"] + 1
    assert max(row["in_service"] for row in eager["minutes"]) == 4
    # The group's own alarm in-alarm still asks for the policy of the file that is called in.
    assert any(one["origin"] == "in" and one["outcome"] == "done" for one in eager["decisions"])
    tracking = tmp_path / "tracking.json"
    tracking.write_text(json.dumps({
        "PolicyName": "cpu50", "PolicyType": "TargetTrackingScaling", "EstimatedInstanceWarmup": 60,
        "TargetTrackingConfiguration": {"TargetValue": 50, "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}},
    }))
    tracked = simulate(lived, "--policy", tracking)
    assert tracked["threshold"] == 50 and tracked["simulated"]["actions"] >= 2
    assert autoscaling.describe_policies(AutoScalingGroupName=GROUP)["ScalingPolicies"] == before


def test_a_given_load_takes_the_place_of_the_recorded_one(lived, tmp_path):
    start = lived.lived_from.replace(second=0, microsecond=0)
    load = tmp_path / "load.csv"
    lines = [f"{(start + minute * MINUTE).isoformat()},{180 if 300 <= minute < 900 else 20}" for minute in range(1440)]
    load.write_text("time,value\n" + "\n".join(lines) + "\n")
    report = simulate(lived, "--metrics", load, "--boot", "60")
    assert len(report["minutes"]) == 1440 and report["boot_seconds"] == 60
    print(f"a day simulated in {report['took_seconds']:.4f} s (debug build)")
    counts = [row["in_service"] for row in report["minutes"]]
    assert counts[299] == 1 and counts[600] == 3 and counts[1439] == 1, counts


def test_people_get_tables_and_a_picture(lived, tmp_path):
    picture = tmp_path / "web.svg"
    text = lived.cli("simulate", "--group", GROUP, "--svg", picture).stdout
    for part in ("minutes over 70", "instance-hours", "actions", "in service", "What was decided", "out: alarm out-alarm", "simulated in"):
        assert part in text, text
    root = xml.etree.ElementTree.parse(picture).getroot()
    assert root.tag.endswith("svg")
    lines = [one for one in root.iter() if one.tag.endswith("polyline")]
    assert sum(len(one.get("points").split()) > 100 for one in lines) >= 3, "load, and what an instance did, recorded and simulated"
    words = " ".join("".join(one.itertext()).strip() for one in root.iter() if one.tag.endswith("text"))
    for part in ("simulated", "recorded", "threshold 70", "load of all instances", "CPUUtilization of one instance", "time (UTC)"):
        assert part in words, words


def test_mistakes_are_told(lived, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("time,value\n2026-11-20T12:00:00Z,1\nnoon,2\n")
    broken = tmp_path / "broken.json"
    broken.write_text('[\n{"PolicyName": }]')
    refused = tmp_path / "refused.json"
    refused.write_text(json.dumps([change("x", 1), {"PolicyName": "y", "PolicyType": "Sideways"}]))
    autoscaling = lived.client("autoscaling")
    zone = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"][0]["AvailabilityZones"]
    autoscaling.create_auto_scaling_group(AutoScalingGroupName="idle", LaunchConfigurationName="one", MinSize=0, MaxSize=1, AvailabilityZones=zone)
    for arguments, why in (
        (("--group", "nobody"), "no Auto Scaling group `nobody`"),
        (("--group", "idle"), "--policy"),
        (("--group", GROUP, "--metrics", bad), "line 3"),
        (("--group", GROUP, "--metrics", tmp_path / "none.csv"), "cannot read"),
        (("--group", GROUP, "--policy", broken), "line 2"),
        (("--group", GROUP, "--policy", refused), "entry 2"),
        (("--group", GROUP, "--from", "2026-11-20T14:00:00Z", "--to", "2026-11-20T13:00:00Z"), "must be before"),
        (("--group", GROUP, "--from", "yesterday"), "is not a time"),
        (("--group", GROUP, "--from", "2026-11-19T14:00:00Z", "--to", "2026-11-19T15:00:00Z"), "nothing is recorded"),
        (("--group", GROUP, "--boot=-1"), "--boot"),
    ):
        done = lived.cli("simulate", *arguments, check=False)
        assert done.returncode == 1 and why in done.stderr, (arguments, done)
