"""Seed 002 step 3 and seed 004 with the real `aws` CLI, in their own order: the closed loop.

Seed 004: target group, load balancer, launch configuration, a group of two over two subnets (U56-U58, U63). Seed 002: CPU
over 70 % makes three, 30 % or less makes one, every alarm is mailed to an address that was confirmed from the received
mail, `yes > /dev/null` inside one instance is what starts it (U48, U60-U62). The periods are ten seconds instead of five
minutes; how long each part took is printed.
"""

import contextlib
import datetime
import json
import pathlib
import time
import types
import urllib.parse
import urllib.request

import pytest

from conftest import free_ports, wait_until
from mail import Inbox, link_in, text_of
from stack import HOST_IMAGE

pytestmark = pytest.mark.alone

SITE = pathlib.Path(__file__).with_name("site.py")
OWNER = "owner@example.com"
PERIOD = 10
# The whole way from load to the third instance serving, and what of it is not the alarm's period.
WHOLE, OWN = 30, 3


def seconds(moment):
    return datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


@pytest.fixture(scope="module")
def inbox():
    with Inbox() as inbox:
        yield inbox


@pytest.fixture(scope="module")
def seed(tmp_path_factory, start_shared_goru, inbox):
    """Seed 004's steps 4 to 22, with the names that it uses."""
    goru = start_shared_goru(inbox.config())
    made = types.SimpleNamespace(goru=goru, aws=goru.aws, directory=tmp_path_factory.mktemp("seed"), inbox=inbox)
    made.application_port = free_ports(host="127.64.0.2")[0]
    subnets = made.aws("ec2", "describe-subnets", "--query", "Subnets[*].[SubnetId, AvailabilityZone, VpcId]")
    by_zone = {zone: (subnet, vpc) for subnet, zone, vpc in subnets}
    made.subnets = [by_zone["ap-northeast-2a"][0], by_zone["ap-northeast-2c"][0]]
    made.vpc = by_zone["ap-northeast-2a"][1]
    made.autoscaling, made.elbv2 = goru.client("autoscaling"), goru.client("elbv2")
    make_load_balancer(made)
    make_launch_configuration(made)
    return made


def make_load_balancer(made):
    aws = made.aws
    made.group = aws(
        "elbv2", "create-target-group", "--name", "my-targets", "--protocol", "HTTP", "--port", made.application_port,
        "--vpc-id", made.vpc, "--target-type", "instance", "--health-check-path", "/health",
        "--health-check-interval-seconds", 5, "--health-check-timeout-seconds", 2, "--healthy-threshold-count", 2,
    )["TargetGroups"][0]["TargetGroupArn"]
    aws("elbv2", "modify-target-group-attributes", "--target-group-arn", made.group,
        "--attributes", "Key=deregistration_delay.timeout_seconds,Value=2")
    balancer = aws("elbv2", "create-load-balancer", "--name", "my-lb", "--subnets", *made.subnets)["LoadBalancers"][0]
    made.balancer = balancer["LoadBalancerArn"]
    [port] = free_ports()
    default = aws("ec2", "describe-security-groups", "--filters", f"Name=vpc-id,Values={made.vpc}", "Name=group-name,Values=default")
    aws("ec2", "authorize-security-group-ingress", "--group-id", default["SecurityGroups"][0]["GroupId"],
        "--protocol", "tcp", "--port", port, "--cidr", "0.0.0.0/0")
    aws("elbv2", "create-listener", "--load-balancer-arn", made.balancer, "--protocol", "HTTP", "--port", port,
        "--default-actions", f"Type=forward,TargetGroupArn={made.group}")
    aws.run("elbv2", "wait", "load-balancer-available", "--load-balancer-arns", made.balancer)
    shown = next(lb for lb in made.goru.status()["load_balancers"] if lb["arn"] == made.balancer)
    url = urllib.parse.urlsplit(shown["urls"][0])
    # Python's resolver does not know `*.localhost` everywhere: the address, and the name as Host.
    made.front, made.host = f"http://{shown['addresses'][0]}:{url.port or 80}", url.netloc


def make_launch_configuration(made):
    user_data = made.directory / "user-data.sh"
    script = SITE.read_text()
    user_data.write_text(
        f"#!/bin/sh\nPORT={made.application_port}\nexport PORT\ncat > site.py <<'END'\n{script}\nEND\nexec python3 site.py\n"
    )
    made.aws(
        "autoscaling", "create-launch-configuration", "--launch-configuration-name", "my-launch-config",
        "--image-id", HOST_IMAGE, "--instance-type", "t2.micro", "--user-data", f"file://{user_data}",
    )


def members(made, name):
    """Asked again and again: by boto3, because a CLI that starts four times a second takes a processor for itself."""
    groups = made.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return groups[0]["Instances"]


def health(made):
    found = made.elbv2.describe_target_health(TargetGroupArn=made.group)["TargetHealthDescriptions"]
    return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in found}


def in_service(made, name, count):
    """The ids of a group's members, when exactly `count` are in service and healthy behind the load balancer."""
    ids = {one["InstanceId"] for one in members(made, name) if one["LifecycleState"] == "InService"}
    healthy = {id for id, state in health(made).items() if state == "healthy"}
    return ids if len(ids) == count and ids <= healthy else None


def create_group(made, name, size, most):
    made.aws(
        "autoscaling", "create-auto-scaling-group", "--auto-scaling-group-name", name,
        "--launch-configuration-name", "my-launch-config", "--min-size", size, "--max-size", most,
        "--vpc-zone-identifier", ",".join(made.subnets), "--target-group-arns", made.group,
    )


def delete_group(made, name):
    made.aws("autoscaling", "delete-auto-scaling-group", "--auto-scaling-group-name", name, "--force-delete")
    described = ("autoscaling", "describe-auto-scaling-groups", "--auto-scaling-group-names", name)
    wait_until(lambda: not made.aws(*described)["AutoScalingGroups"], what="the end of the group")
    wait_until(lambda: not health(made), what="the end of its targets")


def test_u57_u58_u63_a_group_of_two_is_spread_over_two_zones_and_served(seed):
    create_group(seed, "my-asg", 2, 2)
    seen = []

    def both():
        states = sorted(one["LifecycleState"] for one in members(seed, "my-asg"))
        if not seen or seen[-1] != states:
            seen.append(states)
        return in_service(seed, "my-asg", 2)

    ids = wait_until(both, what="two instances in service and healthy")
    print(f"lifecycle states seen: {seen}")
    zones = {one["AvailabilityZone"] for one in members(seed, "my-asg")}
    assert zones == {"ap-northeast-2a", "ap-northeast-2c"}
    answered = {get(seed)["instance"] for _ in range(20)}
    assert answered == ids
    activities = seed.aws("autoscaling", "describe-scaling-activities", "--auto-scaling-group-name", "my-asg")["Activities"]
    assert [one["StatusCode"] for one in activities] == ["Successful", "Successful"]
    assert all("changing the desired capacity from 0 to 2" in one["Cause"] for one in activities), activities
    tag = "Name=tag:aws:autoscaling:groupName,Values=my-asg"
    found = seed.aws("ec2", "describe-instances", "--filters", tag, "--query", "Reservations[*].Instances[*].InstanceId")
    assert {id for reservation in found for id in reservation} == ids
    delete_group(seed, "my-asg")


def get(made, path="/"):
    request = urllib.request.Request(made.front + path, headers={"Host": made.host})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def address_of(made, instance):
    found = made.aws("ec2", "describe-instances", "--instance-ids", instance)["Reservations"][0]["Instances"][0]
    return found["PublicIpAddress"]


def subscribe(made):
    """U61: topic, mail address, and the click on the link of the mail."""
    made.topic = made.aws("sns", "create-topic", "--name", "cpu")["TopicArn"]
    asked = made.aws("sns", "subscribe", "--topic-arn", made.topic, "--protocol", "email", "--notification-endpoint", OWNER)
    assert asked["SubscriptionArn"] == "pending confirmation"
    link = link_in(made.inbox.wait_for("Subscription Confirmation"), "ConfirmSubscription")
    with urllib.request.urlopen(link, timeout=10) as answer:
        assert answer.status == 200
    listed = made.aws("sns", "list-subscriptions-by-topic", "--topic-arn", made.topic)["Subscriptions"]
    assert [one["SubscriptionArn"].startswith(made.topic) for one in listed] == [True]


def put_policy(made, name, capacity, comparison, threshold):
    """U60: an alarm that mails and sets the group to so many instances."""
    policy = made.aws(
        "autoscaling", "put-scaling-policy", "--auto-scaling-group-name", "web", "--policy-name", name,
        "--policy-type", "SimpleScaling", "--adjustment-type", "ExactCapacity", "--scaling-adjustment", capacity, "--cooldown", 5,
    )["PolicyARN"]
    made.aws(
        "cloudwatch", "put-metric-alarm", "--alarm-name", name, "--namespace", "AWS/EC2", "--metric-name", "CPUUtilization",
        "--dimensions", "Name=AutoScalingGroupName,Value=web", "--statistic", "Average", "--period", PERIOD,
        "--evaluation-periods", 1, "--comparison-operator", comparison, "--threshold", threshold,
        "--alarm-actions", policy, made.topic,
    )


def test_u48_u60_u61_u62_load_makes_three_instances_and_mails_and_its_end_makes_one(seed):
    create_group(seed, "web", 1, 3)
    subscribe(seed)
    (first,) = wait_until(lambda: in_service(seed, "web", 1), what="the first instance")
    put_policy(seed, "high", 3, "GreaterThanThreshold", 70)
    site = f"http://{address_of(seed, first)}:{seed.application_port}"
    began = time.time()
    with urllib.request.urlopen(site + "/yes", timeout=10):
        pass
    try:
        three = wait_until(lambda: in_service(seed, "web", 3), 90, "three instances in service and healthy", interval=0.2)
        served = time.time()
        serving = wait_until(lambda: (found := {get(seed)["instance"] for _ in range(30)}) == three and found)
        assert len(serving) == 3
        report(seed, began, served)
        mail = seed.inbox.wait_for('ALARM: "high" in Asia Pacific')
        assert "Threshold Crossed: 1 datapoint" in text_of(mail)
        assert "greater than the threshold (70.0)" in text_of(mail)
    finally:
        with contextlib.suppress(OSError), urllib.request.urlopen(site + "/no", timeout=10):
            pass
    put_policy(seed, "low", 1, "LessThanOrEqualToThreshold", 30)
    ended = time.time()
    wait_until(lambda: in_service(seed, "web", 1), 120, "one instance again")
    print(f"from the end of the load to one instance: {time.time() - ended:.1f} s")
    seed.inbox.wait_for('ALARM: "low" in Asia Pacific')
    activities = seed.aws("autoscaling", "describe-scaling-activities", "--auto-scaling-group-name", "web")["Activities"]
    causes = " ".join(one["Cause"] for one in activities)
    assert "a monitor alarm high in state ALARM triggered policy high changing the desired capacity from 1 to 3" in causes
    assert "a monitor alarm low in state ALARM triggered policy low changing the desired capacity from 3 to 1" in causes
    assert len(seed.inbox.found('ALARM: "high"')) == 1, "one change of state, one mail"
    why = seed.goru.cli("why", "web").stdout
    assert "1 -> 3" in why and "3 -> 1" in why, why


def report(made, began, served):
    """Prints how long it took, and what of it was not the alarm waiting for its period to end."""
    alarm = made.aws("cloudwatch", "describe-alarms", "--alarm-names", "high")["MetricAlarms"][0]
    breaching = json.loads(alarm["StateReasonData"])
    period_end = seconds(breaching["startDate"]) + PERIOD
    whole, own = served - began, served - period_end
    print(f"load to third instance in service and healthy: {whole:.1f} s; after the end of the alarm's period: {own:.1f} s")
    assert whole < WHOLE, f"{whole:.1f} s"
    # The clock of the test polls twice a second at best, and health checks of the new targets are part of it.
    assert own < OWN + 2, f"{own:.1f} s"
