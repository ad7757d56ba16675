"""`goru why` for instances, targets and load balancers: what the records say, what was tried, and what to change."""

import json
import os
import pathlib
import signal

from conftest import free_ports, wait_until
from stack import Stack, images, needs_sandboxes
from vpcs import PORT, QUICK, WHO, Vpc, admit, launch, namespace_of, second_zone, system

# The instance goes on when its server has ended.
SERVER = f"#!/bin/sh\ncat > /srv/who.py <<'END'\n{WHO}\nEND\npython3 /srv/who.py $(hostname)\nexec sleep 100000\n"
UNKNOWN = "i-0123456789abcdef0"


def why(goru, what):
    return json.loads(goru.cli("why", what, "--output", "json").stdout)


def only_path(goru, what):
    """The one way from the load balancer to the target."""
    [target] = why(goru, what)["targets"]
    [path] = target["paths"]
    return path


def refused(goru, what, *parts):
    """Asks for what is not there: one sentence, and a failure."""
    done = goru.cli("why", what, check=False)
    assert done.returncode != 0 and done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for part in parts:
        assert part in done.stderr, done.stderr


def end_server(instance):
    """Ends the server of an instance, and nothing else in it."""
    for pid in map(int, system("ip", "netns", "pids", namespace_of(instance)).split()):
        if "/srv/who.py" in pathlib.Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)


@needs_sandboxes
def test_the_group_that_shuts_a_target_off_is_named_and_then_the_server_that_does_not_listen(sandboxes):
    port = free_ports()[0]
    goru = sandboxes('public_addresses = ["127.0.0.1"]\n')
    vpc, elbv2 = Vpc(ec2 := goru.client("ec2")), goru.client("elbv2")
    # Without a route to the internet gateway: a load balancer there is not reached from outside (U8).
    second = second_zone(ec2, vpc)
    front, apps = (ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc.id)["GroupId"] for name in ("front", "apps"))
    admit(ec2, front, port)
    [server] = launch(ec2, vpc.private, [apps], SERVER)
    instance = server["InstanceId"]
    balancer = elbv2.create_load_balancer(Name="web", Subnets=[vpc.public, second], SecurityGroups=[front])["LoadBalancers"][0]
    group = elbv2.create_target_group(Name="apps", Protocol="HTTP", Port=PORT, VpcId=vpc.id)["TargetGroups"][0]["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    action = {"Type": "forward", "TargetGroupArn": group}
    elbv2.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=port, DefaultActions=[action])
    target = f"apps/{instance}:{PORT}"
    wait_until(lambda: only_path(goru, target)["probed"] == {"outcome": "timed-out"}, what="a packet that is dropped")
    wait_until(lambda: why(goru, "web")["state"] == "active", what="a load balancer that is served")

    # Shut off: both groups are named, and what to change.
    cause = f"security group {apps} of {instance} does not admit tcp/{PORT} from"
    path = only_path(goru, target)
    assert path["computed"]["verdict"] == "blocked" and path["computed"]["why"].startswith(cause) and front in path["computed"]["why"]
    for what in (target, f"{group}/{instance}", "apps", group, instance, "web", balancer["LoadBalancerArn"]):
        told = goru.cli("why", what).stdout
        assert told.startswith(f"not reached: from load balancer web to {instance}:{PORT}: {cause}"), told
        assert f"to do: let {apps} admit tcp/{PORT} from {front}" in told, told
        assert "tried  no answer: dropped on the way" in told, told
    table = next(t for t in ec2.describe_route_tables()["RouteTables"] if t["VpcId"] == vpc.id and any(a["Main"] for a in t["Associations"]))
    [warning] = why(goru, "web")["warnings"]
    assert f"route table {table['RouteTableId']} of {second} has no route to an internet gateway" in warning, warning

    # Let in.
    admit(ec2, apps, UserIdGroupPairs=[{"GroupId": front}])
    wait_until(lambda: only_path(goru, target)["probed"] == {"outcome": "connected"}, what="a connection")
    wait_until(lambda: why(goru, target)["answer"] == f"reached: {instance}:{PORT} from load balancer web", what="the answer that it is reached")
    document = why(goru, instance)
    assert document["kind"] == "instance" and document["reached"] is True
    assert document["way_out"]["computed"]["verdict"] == "blocked"
    assert "has no public address" in document["from_outside"]["nobody"][0]

    # Nobody listens: that is not the network's fault.
    end_server(instance)
    wait_until(lambda: only_path(goru, target)["probed"] == {"outcome": "refused"}, what="a connection that is refused")
    told = goru.cli("why", target).stdout
    assert f"it arrives at {instance}, but nobody listens on tcp/{PORT} there" in told, told
    assert "rules  yes: " in told and "tried  refused" in told

    # What is not there.
    refused(goru, "nobody", "there is no Auto Scaling group `nobody`", "no load balancer or target group of that name")
    refused(goru, UNKNOWN, f"there is no instance {UNKNOWN}")
    refused(goru, f"apps/{UNKNOWN}", f"{UNKNOWN} is not registered in target group apps, which has {instance}:{PORT}")
    refused(goru, f"nobody/{instance}", "there is no target group `nobody`")
    ec2.terminate_instances(InstanceIds=[instance])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance], WaiterConfig=QUICK)
    assert why(goru, target)["answer"].endswith(f"{instance} is terminated")


def test_where_instances_are_processes_the_rules_are_shown_and_not_enforced(start_goru):
    goru = start_goru(config=images())
    stack = Stack.build(goru, count=1)
    [instance] = stack.instances
    target = f"web/{instance}"
    [default] = stack.ec2.describe_instances()["Reservations"][0]["Instances"][0]["SecurityGroups"]
    stack.elbv2.set_security_groups(LoadBalancerArn=stack.balancer, SecurityGroups=[default["GroupId"]])
    document = why(goru, target)
    assert document["answer"] == f"reached: {instance}:{stack.port} from load balancer web"
    assert "the process driver gives instances no networks of their own" in document["notes"][0]
    rules = stack.ec2.describe_security_groups(GroupIds=[default["GroupId"]])["SecurityGroups"][0]["IpPermissions"]
    stack.ec2.revoke_security_group_ingress(GroupId=default["GroupId"], IpPermissions=rules)
    path = only_path(goru, target)
    assert path["reached"] is True and path["probed"] == {"outcome": "connected"} and path["enforced"] is False
    assert path["conclusion"].startswith("it connects, because this driver enforces no rules; ") and default["GroupId"] in path["conclusion"]
    # A load balancer and a target group have the same name; the group is told of.
    told = goru.cli("why", "web").stdout
    assert told.startswith("reached: ") and f"a target group of {goru.region} is called web too: `goru why {stack.group}`" in told, told
    assert f"no rule of {default['GroupId']} admits tcp/{stack.listener_port}, so nobody would be let in on AWS" in told, told
    stack.ec2.stop_instances(InstanceIds=[instance])
    stack.ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance], WaiterConfig=QUICK)
    for what in (target, instance):
        assert f"{instance} is stopped" in why(goru, what)["answer"]
    assert why(goru, instance)["change"] == [f"start {instance} (StartInstances)"]
