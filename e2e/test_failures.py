"""What breaks, and that nobody notices: targets, the control plane and the node die under load (U17, U18, U31, U32)."""

import concurrent.futures
import os
import signal
import subprocess
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from conftest import GORU_BIN, alive, wait_until
from load import Load
from stack import INTERVAL, PYTHON_IMAGE, THRESHOLD, TIMEOUT, Stack, images

# Requests per second of the load.
RATE = 500
# A generator that gets less processor time than it needs shows nothing; then the test must not pass.
LEAST_RATE = 200
# From a target's death to `unhealthy`: the longest time that the health check allows, and what a loaded machine adds.
DETECTION = INTERVAL * THRESHOLD + TIMEOUT
SLACK = 3
# `goru up` has to be back in this time after kill -9 (reliability, scenarios 17 and 18), from the start of the process
# to its ready line.
REOPEN_SECONDS = 2.0
WRITERS = 8
DELAY = 4


@pytest.fixture
def stack(start_goru):
    return Stack.build(start_goru(images()), attributes={"deregistration_delay.timeout_seconds": str(DELAY)})


def load_on(stack, rate=RATE):
    return Load(stack.address, stack.front_port, stack.dns_name, rate)


def run_for(load, requests):
    """Lets the load run until so many more requests were answered."""
    before = load.report()["good"]
    wait_until(lambda: load.report()["good"] >= before + requests, what=f"{requests} more answers")


def nothing_failed(report):
    assert report["failed"] == 0, report
    assert report["good"] == report["sent"] > 0, report
    assert report["rate"] >= LEAST_RATE, f"the load generator was too slow: {report}"


def test_u31_u32_a_killed_target_costs_no_request_and_is_found_unhealthy_in_time(stack):
    victim, survivor = stack.instances
    with load_on(stack) as load:
        run_for(load, RATE)
        os.kill(stack.pids()[victim], signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda: stack.states()[victim] == "unhealthy", DETECTION + SLACK, "the dead target to be unhealthy")
        took = time.monotonic() - killed
        run_for(load, RATE)
        report = load.stop()
    nothing_failed(report)
    assert took <= DETECTION + SLACK
    assert stack.states() == {victim: "unhealthy", survivor: "healthy"}
    health = stack.health(victim)
    assert (health["State"], health["Reason"]) == ("unhealthy", "Target.FailedHealthChecks"), health
    assert set(report["answers"]) == {victim, survivor}, "both served before"
    assert report["last"][survivor] > report["last"][victim] + 1
    print(f"unhealthy {took:.1f} s after kill -9; {report['sent']} requests at {report['rate']}/s, p99 {report['p99_ms']} ms")


def test_without_goru_retry_a_killed_target_costs_requests_as_on_aws(start_goru):
    """`goru.retry.enabled` = false is AWS's behaviour: clients see 502 until the health check has noticed."""
    stack = Stack.build(start_goru(images()), attributes={"goru.retry.enabled": "false"})
    victim, survivor = stack.instances
    with load_on(stack) as load:
        run_for(load, RATE)
        assert load.report()["failed"] == 0
        os.kill(stack.pids()[victim], signal.SIGKILL)
        wait_until(lambda: load.report()["failed"] >= 1, what="a request that failed")
        wait_until(lambda: stack.states()[victim] == "unhealthy", DETECTION + SLACK, "the dead target to be unhealthy")
        begun_at = load.report()
        run_for(load, RATE)
        report = load.stop()
    assert {failure["why"] for failure in report["failures"]} == {"HTTP/1.1 502 Bad Gateway"}, report
    assert report["failed"] - begun_at["failed"] <= RATE / 10, "none any more, once it is known to be unhealthy"
    assert report["answers"][survivor] > begun_at["answers"][survivor]


def test_a_deregistered_target_costs_no_request_and_drains_for_its_delay(stack):
    leaving, staying = stack.instances
    with load_on(stack) as load:
        run_for(load, RATE)
        stack.elbv2.deregister_targets(TargetGroupArn=stack.group, Targets=[{"Id": leaving}])
        called, began = time.time(), time.monotonic()
        health = stack.health(leaving)
        assert (health["State"], health["Reason"]) == ("draining", "Target.DeregistrationInProgress"), health
        stack.wait_for_states({staying: "healthy"}, DELAY + 10)
        drained = time.monotonic() - began
        assert stack.health(leaving)["Reason"] == "Target.NotRegistered"
        run_for(load, RATE)
        gone = load.report()
        stack.register(leaving)
        stack.wait_for_states({leaving: "healthy", staying: "healthy"})
        wait_until(lambda: load.report()["answers"][leaving] > gone["answers"][leaving], what="answers of the target that came back")
        report = load.stop()
    nothing_failed(report)
    assert DELAY - 0.5 <= drained <= DELAY + SLACK, "draining lasts the whole delay, and no longer"
    assert gone["last"][leaving] <= called + 1, "a deregistered target gets no new request after a second"


def test_requests_in_flight_finish_on_a_target_that_drains(start_goru):
    attributes = {"deregistration_delay.timeout_seconds": "30"}
    stack = Stack.build(start_goru(images()), image=PYTHON_IMAGE, attributes=attributes)
    leaving = stack.instances[0]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(stack.json, "/slow?seconds=4") for _ in range(4)]
        wait_until(lambda: begun(stack) == 4, what="four slow requests to reach their targets")
        stack.elbv2.deregister_targets(TargetGroupArn=stack.group, Targets=[{"Id": leaving}])
        answered = [one.result() for one in slow]
    assert {one["instance"] for one in answered} == set(stack.instances), "the one that drains had some of them"
    assert stack.health(leaving)["State"] == "draining"


def begun(stack):
    """How many slow requests the instances have begun to answer."""
    consoles = [stack.ec2.get_console_output(InstanceId=id, Latest=True)["Output"] for id in stack.instances]
    return sum(console.count("begins /slow") for console in consoles)


class Writer(threading.Thread):
    """Makes security groups one after another and remembers which were acknowledged, across a restart of the server."""

    LIMIT = 150

    def __init__(self, number, ec2, vpc):
        super().__init__(daemon=True)
        self.number, self.ec2, self.vpc = number, ec2, vpc
        self.stop = threading.Event()
        self.acknowledged = {}
        self.attempted = []
        self.unexpected = []

    def run(self):
        while not self.stop.is_set() and len(self.attempted) < self.LIMIT:
            name = f"writer-{self.number}-{len(self.attempted)}"
            self.attempted.append(name)
            tags = [{"ResourceType": "security-group", "Tags": [{"Key": "made", "Value": name}]}]
            try:
                made = self.ec2.create_security_group(GroupName=name, Description="x", VpcId=self.vpc, TagSpecifications=tags)
                self.acknowledged[name] = made["GroupId"]
                self.ec2.create_tags(Resources=[made["GroupId"]], Tags=[{"Key": "again", "Value": name}])
                self.acknowledged[name] = made["GroupId"] + " tagged"
            except ClientError as error:
                self.unexpected.append(str(error))
            except BotoCoreError:
                # Nobody listens, or the connection broke: whether it was written is open. Look again in a moment.
                self.stop.wait(0.02)


def test_u18_killing_the_control_plane_loses_no_request_and_no_acknowledged_write(stack):
    goru = stack.goru
    pids, node = stack.pids(), goru.status()["node"]["pid"]
    writers = [Writer(i, goru.client("ec2"), stack.vpc) for i in range(WRITERS)]
    with load_on(stack) as load:
        run_for(load, RATE // 2)
        for writer in writers:
            writer.start()
        wait_until(lambda: all(len(writer.acknowledged) >= 3 for writer in writers), what="every writer to write")
        goru.kill()
        dead = load.report()
        # Without a control plane for a while, all is served on.
        wait_until(lambda: load.report()["good"] >= dead["good"] + RATE, what="answers while nobody rules")
        began = time.monotonic()
        goru.start()
        reopened = time.monotonic() - began
        before = {writer: len(writer.acknowledged) for writer in writers}
        wait_until(lambda: all(len(w.acknowledged) > before[w] or not w.is_alive() for w in writers), what="every writer to go on")
        for writer in writers:
            writer.stop.set()
            writer.join(60)
        run_for(load, RATE)
        report = load.stop()
    nothing_failed(report)
    assert stack.pids() == pids, "the instances were adopted, not started again"
    assert goru.status()["node"]["pid"] == node and goru.status()["node"]["connected"]
    assert stack.states() == dict.fromkeys(stack.instances, "healthy")
    assert reopened < REOPEN_SECONDS, f"goru up took {reopened:.2f} s to be back"
    check_writes(goru, writers)
    print(f"back after {reopened:.2f} s; {report['sent']} requests at {report['rate']}/s, p99 {report['p99_ms']} ms")


def check_writes(goru, writers):
    """Everything that was acknowledged is there whole; nothing is there that nobody asked for."""
    pages = goru.client("ec2").get_paginator("describe_security_groups").paginate(Filters=[{"Name": "group-name", "Values": ["writer-*"]}])
    found = {group["GroupName"]: group for page in pages for group in page["SecurityGroups"]}
    for writer in writers:
        assert not writer.unexpected, writer.unexpected[:3]
        for name, acknowledged in writer.acknowledged.items():
            group_id, _, tagged = acknowledged.partition(" ")
            assert found[name]["GroupId"] == group_id
            tags = {tag["Key"]: tag["Value"] for tag in found[name]["Tags"]}
            assert tags["made"] == name, "a group and its tags are one write"
            assert not tagged or tags.get("again") == name
    attempted = {name for writer in writers for name in writer.attempted}
    assert found.keys() <= attempted
    assert sum(len(writer.acknowledged) for writer in writers) >= WRITERS * 4


def test_u18_a_killed_node_is_back_soon(stack):
    node = stack.goru.status()["node"]["pid"]
    os.kill(node, signal.SIGKILL)
    wait_until(lambda: stack.goru.status()["node"]["pid"] != node and stack.goru.status()["node"]["connected"], 30, "another node")
    wait_until(lambda: stack.get()[0] == 200, 30, "the site to answer again")
    assert stack.goru.get("/readyz")[0] == 200
    stack.wait_for_states(dict.fromkeys(stack.instances, "healthy"))


def test_a_node_without_a_control_plane_serves_from_its_own_snapshot(stack):
    goru = stack.goru
    node = goru.status()["node"]["pid"]
    snapshot = goru.data / "node" / "snapshot.json"
    # The node writes what it runs to disk once a second.
    wait_until(lambda: all(word in snapshot.read_text() for word in (*stack.instances, str(stack.front_port), "healthy")), what="the snapshot on disk")
    goru.kill()
    os.kill(node, signal.SIGKILL)
    wait_until(lambda: not alive(node), what="the node to be gone")
    with pytest.raises(OSError):
        stack.get(timeout=5)
    command = [GORU_BIN, "node", "--data-dir", str(goru.data)]
    with (goru.directory / "node.log").open("wb") as log:
        alone = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until(lambda: stack.get()[0] == 200, 30, "the site to answer without a control plane")
        assert {stack.who() for _ in range(10)} == set(stack.instances)
        goru.start()
        assert goru.status()["node"]["pid"] == alone.pid, "the next control plane adopts the node that it finds"
        assert stack.get()[0] == 200
        assert goru.stop() == 0
        alone.wait(30)
    finally:
        if alone.poll() is None:
            alone.kill()
            alone.wait()


def test_an_orderly_stop_ends_everything_and_the_next_start_boots_it_again(stack):
    goru = stack.goru
    pids = stack.pids()
    assert goru.stop() == 0
    wait_until(lambda: not goru.own_processes(), 10, "every process to be gone")
    with pytest.raises(OSError):
        stack.get(timeout=5)
    goru.start()
    stack.wait_for_states(dict.fromkeys(stack.instances, "healthy"))
    wait_until(lambda: stack.get()[0] == 200, what="the site to answer again")
    again = stack.pids()
    assert again.keys() == pids.keys(), "the same instances"
    assert not set(again.values()) & set(pids.values()), "in new processes"
    states = lambda: [i["State"]["Name"] for r in stack.ec2.describe_instances()["Reservations"] for i in r["Instances"]]  # noqa: E731
    # A process that answers is written down as running a moment later.
    wait_until(lambda: states() == ["running"] * 2, what="both instances to be said to run")


def test_keep_serving_stops_the_control_plane_alone(start_goru):
    goru = start_goru(images(), arguments=["--keep-serving"])
    stack = Stack.build(goru)
    pids, node = stack.pids(), goru.status()["node"]["pid"]
    with load_on(stack) as load:
        run_for(load, RATE // 2)
        assert goru.stop() == 0
        assert alive(node) and all(alive(pid) for pid in pids.values())
        run_for(load, RATE)
        goru.arguments = []
        goru.start()
        run_for(load, RATE // 2)
        report = load.stop()
    nothing_failed(report)
    assert stack.pids() == pids
    assert goru.status()["node"]["pid"] == node
