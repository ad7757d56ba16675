"""Groups heal, refresh and survive by themselves, under load (U59, U64-U66; reliability 7-9, 13, 17)."""

import os
import signal
import threading
import time

import pytest

from conftest import GORU_BIN, wait_until
from group import Group
from load import Load
from stack import FAST_IMAGE, PYTHON_IMAGE, images
from test_failures import RATE, load_on, nothing_failed, run_for

# The same site with its health check broken: `/health` is answered with 404 by a server without that path.
BAD_IMAGE = "ami-0e2e0000000000003"
NEW_IMAGE = "ami-0e2e0000000000004"


def more_images():
    """`images()`, the same site under another id, and one that starts and never passes its health check."""
    config = images()
    port = config.split("\nport = ")[1].split("\n")[0]
    return f"""{config}
[[images]]
id = "{NEW_IMAGE}"
name = "new"
source = "host"
boot = "exec '{GORU_BIN}' site"
port = {port}

[[images]]
id = "{BAD_IMAGE}"
name = "bad"
source = "host"
boot = "exec sleep 3600"
port = {port}
"""


def elb_group(goru, size, **more):
    return Group.build_group(goru, FAST_IMAGE, size, HealthCheckType="ELB", HealthCheckGracePeriod=0, **more)


def test_u59_a_killed_instance_is_replaced(start_goru):
    group = elb_group(start_goru(images()), 2)
    victim = sorted(group.members())[0]
    with load_on(group) as load:
        run_for(load, RATE)
        os.kill(group.pids()[victim], signal.SIGKILL)
        killed = time.monotonic()
        group.wait_for_healthy(2, without=[victim])
        print(f"a killed instance was replaced after {time.monotonic() - killed:.1f} s")
        run_for(load, RATE)
        report = load.stop()
    nothing_failed(report)
    causes = [one["Cause"] for one in group.activities() if victim in one["Description"]]
    assert any("was taken out of service in response to" in cause for cause in causes), causes


def test_u59_an_instance_whose_application_fails_its_health_checks_is_replaced(start_goru):
    group = Group.build_group(
        start_goru(images()), PYTHON_IMAGE, 2, health_path="/status", HealthCheckType="ELB", HealthCheckGracePeriod=0
    )
    victim = sorted(group.members())[0]
    # The application hangs; the machine is fine, and only the load balancer can tell.
    os.kill(group.pids()[victim], signal.SIGSTOP)
    stopped = time.monotonic()
    group.wait_for_healthy(2, without=[victim], deadline=90)
    print(f"an instance that does not answer was replaced after {time.monotonic() - stopped:.1f} s")
    causes = " ".join(one["Cause"] for one in group.activities() if victim in one["Description"])
    assert "an instance was taken out of service in response to an ELB system health check failure" in causes


def test_u64_a_lost_zone_is_replaced_and_balanced(start_goru):
    group = elb_group(start_goru(images()), 4, zones=("a", "c"))
    zone = group.goru.region + "a"
    lost = {one["InstanceId"] for one in group.describe()["Instances"] if one["AvailabilityZone"] == zone}
    assert len(lost) == 2
    pids = group.pids()
    with load_on(group) as load:
        run_for(load, RATE)
        for victim in lost:
            os.kill(pids[victim], signal.SIGKILL)
        killed = time.monotonic()
        group.wait_for_healthy(4, without=lost, deadline=90)
        print(f"a lost zone was replaced after {time.monotonic() - killed:.1f} s")
        report = load.stop()
    nothing_failed(report)
    zones = sorted(one["AvailabilityZone"][-1] for one in group.describe()["Instances"] if one["LifecycleState"] == "InService")
    assert zones == ["a", "a", "c", "c"]


def test_reliability_8_scaling_in_costs_no_request(start_goru):
    group = elb_group(start_goru(images()), 6)
    with load_on(group) as load:
        run_for(load, RATE)
        group.autoscaling.set_desired_capacity(AutoScalingGroupName=group.name, DesiredCapacity=2)
        group.wait_for_healthy(2)
        run_for(load, RATE)
        report = load.stop()
    nothing_failed(report)


class Watch(threading.Thread):
    """Notes the least number of healthy members while something goes on."""

    def __init__(self, group):
        super().__init__(daemon=True)
        self.group, self.least, self.most, self.over = group, 10**6, 0, threading.Event()

    def run(self):
        while not self.over.wait(0.1):
            healthy = len(self.group.healthy())
            self.least, self.most = min(self.least, healthy), max(self.most, len(self.group.describe()["Instances"]))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def start_refresh(group, version, **preferences):
    template = {"LaunchTemplateName": group.name, "Version": str(version)}
    return group.autoscaling.start_instance_refresh(
        AutoScalingGroupName=group.name, Strategy="Rolling", DesiredConfiguration={"LaunchTemplate": template},
        Preferences={"InstanceWarmup": 1, "MinHealthyPercentage": 75, **preferences},
    )["InstanceRefreshId"]


def version_of(group):
    return {one["LaunchTemplate"]["Version"] for one in group.describe()["Instances"] if one["LifecycleState"] == "InService"}


def fixed_template(group):
    """A rollback needs a version with a number to go back to."""
    template = {"LaunchTemplateName": group.name, "Version": "1"}
    group.autoscaling.update_auto_scaling_group(AutoScalingGroupName=group.name, LaunchTemplate=template)


def test_u65_a_refresh_of_four_costs_no_request_and_keeps_the_minimum(start_goru):
    group = elb_group(start_goru(more_images()), 4)
    fixed_template(group)
    before = group.members()
    version = group.new_version(NEW_IMAGE)
    with load_on(group) as load, Watch(group) as watch:
        run_for(load, RATE)
        began = time.monotonic()
        start_refresh(group, version)
        group.wait_for_refresh("Successful")
        took = time.monotonic() - began
        run_for(load, RATE)
        report = load.stop()
    nothing_failed(report)
    assert watch.least >= 3, f"never fewer than 75 % of 4, but {watch.least}"
    assert version_of(group) == {str(version)}
    assert not before & group.members()
    assert group.describe()["LaunchTemplate"]["Version"] == str(version)
    print(f"four instances replaced in {took:.1f} s, never fewer than {watch.least} healthy; {report['sent']} requests")


def test_u65_rolling_with_additional_batch_launches_first(start_goru):
    group = elb_group(start_goru(more_images()), 2)
    fixed_template(group)
    version = group.new_version(NEW_IMAGE)
    with load_on(group) as load, Watch(group) as watch:
        run_for(load, RATE)
        start_refresh(group, version, MinHealthyPercentage=100, MaxHealthyPercentage=150)
        group.wait_for_refresh("Successful")
        report = load.stop()
    nothing_failed(report)
    assert watch.least >= 2, watch.least
    assert version_of(group) == {str(version)}


def test_u66_a_bad_image_is_rolled_back_by_itself(start_goru):
    group = elb_group(start_goru(more_images()), 4)
    fixed_template(group)
    version = group.new_version(BAD_IMAGE)
    with load_on(group) as load, Watch(group) as watch:
        run_for(load, RATE)
        began = time.monotonic()
        start_refresh(group, version, AutoRollback=True)
        refresh = group.wait_for_refresh("RollbackSuccessful", deadline=180)
        took = time.monotonic() - began
        report = load.stop()
    nothing_failed(report)
    assert watch.least >= 3, watch.least
    group.wait_for_healthy(4)
    assert version_of(group) == {"1"}
    assert group.describe()["LaunchTemplate"]["Version"] == "1"
    print(f"rolled back after {took:.1f} s: {refresh.get('StatusReason')}")


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.3])
def test_kill_9_in_the_middle_of_a_scale_out_launches_none_twice(start_goru, moment):
    group = elb_group(start_goru(images()), 1, most=6)
    group.autoscaling.set_desired_capacity(AutoScalingGroupName=group.name, DesiredCapacity=6)
    threading.Event().wait(moment)
    group.goru.kill()
    group.goru.start()
    group.wait_for_healthy(6)
    tag = [{"Name": "tag:aws:autoscaling:groupName", "Values": [group.name]}]
    found = [one["InstanceId"] for r in group.ec2.describe_instances(Filters=tag)["Reservations"] for one in r["Instances"]]
    assert sorted(found) == sorted(group.members()), "every instance that was made is a member, and no more"
    launches = [one for one in group.activities() if one["Description"].startswith("Launching")]
    assert len(launches) == 6 and {one["StatusCode"] for one in launches} == {"Successful"}


def test_kill_9_in_the_middle_of_a_refresh_finishes_it_once(start_goru):
    group = elb_group(start_goru(more_images()), 4)
    fixed_template(group)
    version = group.new_version(NEW_IMAGE)
    with Load(group.address, group.front_port, group.dns_name, RATE) as load:
        run_for(load, RATE)
        start_refresh(group, version)
        wait_until(lambda: 0 < group.refresh().get("PercentageComplete", 0) < 100, what="the middle of the refresh", interval=0.05)
        group.goru.kill()
        group.goru.start()
        group.wait_for_refresh("Successful")
        report = load.stop()
    nothing_failed(report)
    assert version_of(group) == {str(version)}
    launches = [one for one in group.activities() if one["Description"].startswith("Launching")]
    assert len(launches) == 8, f"four at first, four replacements, and no more: {len(launches)}"
