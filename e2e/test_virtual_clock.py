"""Time that moves only when told: a server for users' tests of schedules, cooldowns and alarms."""

import datetime
import json
import time
import urllib.error
import urllib.request

import pytest
from conftest import wait_until

START = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
CONFIG = f"""
driver = "simulated"
clock = "virtual"
clock_start = "{START.isoformat()}"

[auth]
mode = "none"
"""
# Generous: debug builds on two busy cores. A release build takes well under two seconds.
DAY_DEADLINE = 60


@pytest.fixture(scope="module")
def virtual(start_shared_goru):
    return start_shared_goru(CONFIG)


def post(goru, path, body):
    request = urllib.request.Request(goru.api + path, json.dumps(body).encode(), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def advance(goru, seconds):
    status, moved = post(goru, "/_goru/clock", {"advance_seconds": seconds})
    assert status == 200, moved
    return moved


def now(goru):
    status, body = goru.get("/_goru/clock")
    assert status == 200
    clock = json.loads(body)
    assert clock["virtual"] is True
    return datetime.datetime.fromisoformat(clock["now"])


def launch(goru, count=1):
    ec2 = goru.client("ec2")
    ids = [one["InstanceId"] for one in ec2.run_instances(ImageId="ami-00000000000000001", InstanceType="t2.micro", MinCount=count, MaxCount=count)["Instances"]]
    ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    return ids


def test_time_stands_still_until_it_is_moved(virtual):
    before = now(virtual)
    time.sleep(0.01)
    assert now(virtual) == before
    assert advance(virtual, 90)["now"] == (before + datetime.timedelta(seconds=90)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    goal = before + datetime.timedelta(hours=1)
    status, moved = post(virtual, "/_goru/clock", {"to": goal.isoformat()})
    assert status == 200 and now(virtual) == goal, moved
    assert virtual.status()["clock"] == {"now": moved["now"], "virtual": True}
    assert "virtual time" in virtual.cli("status").stdout


def test_what_cannot_be_done_is_refused(virtual):
    before = now(virtual)
    for body in ({}, {"advance_seconds": -1}, {"to": "noon"}, {"to": START.replace(year=2020).isoformat()}, {"advance_seconds": 401 * 86400}):
        status, why = post(virtual, "/_goru/clock", body)
        assert status == 400 and why, body
    assert now(virtual) == before


def test_a_day_passes_in_no_time_and_every_minute_of_it_is_measured(virtual):
    (instance,) = launch(virtual)
    status, said = post(virtual, "/_goru/load", {"instance": instance, "cpu_percent": 40})
    assert status == 200, said
    advance(virtual, 60)
    began, start = time.monotonic(), now(virtual)
    moved = advance(virtual, 86400)
    took = time.monotonic() - began
    print(f"a day in {took:.2f} s, {moved['steps']} steps")
    assert moved["steps"] >= 1440 and took < DAY_DEADLINE
    points = virtual.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/EC2", MetricName="CPUUtilization", Dimensions=[{"Name": "InstanceId", "Value": instance}],
        StartTime=start, EndTime=start + datetime.timedelta(days=1), Period=60, Statistics=["Average"],
    )["Datapoints"]
    assert len(points) == 1440
    assert all(abs(point["Average"] - 40) < 0.01 for point in points)
    of_type = virtual.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/EC2", MetricName="CPUUtilization", Dimensions=[{"Name": "InstanceType", "Value": "t2.micro"}],
        StartTime=start, EndTime=start + datetime.timedelta(hours=1), Period=300, Statistics=["Average", "SampleCount"],
    )["Datapoints"]
    assert len(of_type) == 12 and {point["SampleCount"] for point in of_type} == {5.0}


def test_an_instance_that_nobody_gave_a_load_reports_nothing(virtual):
    (silent,) = launch(virtual)
    advance(virtual, 300)
    listed = virtual.client("cloudwatch").list_metrics(Namespace="AWS/EC2", Dimensions=[{"Name": "InstanceId", "Value": silent}])
    assert listed["Metrics"] == []


def test_terminated_instances_are_forgotten_when_their_hour_is_over(virtual):
    ec2, (instance,) = virtual.client("ec2"), launch(virtual)
    ec2.terminate_instances(InstanceIds=[instance])
    wait_until(
        lambda: ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated",
        what="the end of the instance",
    )
    advance(virtual, 2 * 3600)
    with pytest.raises(ec2.exceptions.ClientError, match="InvalidInstanceID.NotFound"):
        ec2.describe_instances(InstanceIds=[instance])


def test_a_real_clock_cannot_be_moved_and_real_load_not_set(start_goru):
    real = start_goru('[auth]\nmode = "none"\n')
    assert json.loads(real.get("/_goru/clock")[1])["virtual"] is False
    assert post(real, "/_goru/clock", {"advance_seconds": 1})[0] == 409
    assert post(real, "/_goru/load", {"auto_scaling_group": "web", "cpu_percent": 1})[0] == 409


def test_a_virtual_clock_needs_a_server_without_signatures(start_goru):
    server = start_goru('clock = "virtual"\n', started=False)
    done = server.cli("check", server.config_file, check=False)
    assert done.returncode == 1 and "auth-mode none" in done.stderr, done
