"""VPCs, instances in sandboxes and a host of the outside, for the tests that have real networks.

A host of the outside is a network namespace that the tests make, with a link to the host's. Whoever asks from within an
instance's network does so in the instance's namespace (`ip netns exec`). Public addresses are of 198.51.100.0/24, which the
outside host reaches through this one.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

from conftest import wait_until
from stack import HOST_IMAGE

POOL = "198.51.100.0/24"
HERE, OUTSIDE = "203.0.113.1", "203.0.113.2"
PORT = 8000
QUICK = {"Delay": 1, "MaxAttempts": 60}
# Says on every connection who connected.
WHO = textwrap.dedent(f"""
    import http.server, sys
    class Who(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = (sys.argv[1] + " " + self.client_address[0]).encode()
            self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
        def log_message(self, *_): pass
    http.server.ThreadingHTTPServer(("0.0.0.0", {PORT}), Who).serve_forever()
""")
SERVER = f"#!/bin/sh\ncat > /srv/who.py <<'END'\n{WHO}\nEND\nexec python3 /srv/who.py $(hostname)\n"


def system(*words, check=True):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, timeout=60)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {done.stderr}{done.stdout}")
    return done.stdout


def left_behind():
    """Everything that instances and networks leave traces in."""
    groups = sorted(path for path, _, _ in os.walk("/sys/fs/cgroup") if "goru" in path)
    mounts = sorted(line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines() if "/data/" in line)
    return {
        "namespaces": system("ip", "netns").split("\n"),
        "links": sorted(link["ifname"] for link in json.loads(system("ip", "-json", "link"))),
        "tables": system("nft", "list", "tables"),
        "mounts": mounts,
        "groups": groups,
    }


@pytest.fixture
def clean():
    """Whatever a test starts, the host is as before when its servers have ended."""
    before = left_behind()
    yield before
    wait_until(lambda: left_behind() == before, what=f"the host as it was: {before}")


@pytest.fixture
def sandboxes(clean, start_goru):
    """A function that starts servers with the driver."""
    del clean
    return lambda config="", **more: start_goru(config=f'public_pool = "{POOL}"\n{config}', arguments=["--driver", "sandbox"], **more)


class Outside:
    """A host that is none of ours."""

    def __init__(self):
        self.name, self.link = f"outside-{os.getpid()}", f"out{os.getpid()}"[:15]
        system("ip", "netns", "add", self.name)
        system("ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        system("ip", "addr", "add", f"{HERE}/24", "dev", self.link)
        system("ip", "link", "set", self.link, "up")
        self.run("ip", "addr", "add", f"{OUTSIDE}/24", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "route", "add", POOL, "via", HERE)
        self.server = subprocess.Popen(["ip", "netns", "exec", self.name, sys.executable, "-c", WHO, "outside"])

    def ready(self):
        wait_until(lambda: get(self.name, OUTSIDE) == f"outside {OUTSIDE}", what="the outside host's server")
        return self

    def run(self, *words):
        return system("ip", "netns", "exec", self.name, *words)

    def close(self):
        self.server.kill()  # `ip netns exec` becomes what it starts
        self.server.wait()
        system("ip", "link", "del", self.link)
        system("ip", "netns", "del", self.name)


@pytest.fixture
def outside():
    host = Outside()
    with contextlib.closing(host):
        yield host.ready()


def get(namespace, address, port=PORT, seconds=3, path="/"):
    """What a server says to a client in a namespace (None: in the host's); `None` when nobody answers."""
    enter = ["ip", "netns", "exec", namespace] if namespace else []
    words = [*enter, "curl", "-s", "-m", str(seconds), "--noproxy", "*", f"http://{address}:{port}{path}"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout if done.returncode == 0 else None


def namespace_of(instance):
    [found] = [line.split()[0] for line in system("ip", "netns").splitlines() if line.split()[0].endswith(instance)]
    return found


def launch(ec2, subnet, groups=(), user_data=SERVER, image=HOST_IMAGE, count=1, **more):
    ran = ec2.run_instances(
        ImageId=image, MinCount=count, MaxCount=count, SubnetId=subnet, UserData=user_data, **({"SecurityGroupIds": list(groups)} if groups else {}), **more
    )
    ids = [instance["InstanceId"] for instance in ran["Instances"]]
    ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig=QUICK)
    found = [i for r in ec2.describe_instances(InstanceIds=ids)["Reservations"] for i in r["Instances"]]
    return sorted(found, key=lambda instance: ids.index(instance["InstanceId"]))


def admit(ec2, group, port=PORT, **source):
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **(source or {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]})}]
    )


class Vpc:
    """A VPC with a public subnet and a private one, each with a route out of its own (U53)."""

    def __init__(self, ec2):
        self.ec2 = ec2
        self.id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.public, self.private = (
            ec2.create_subnet(VpcId=self.id, CidrBlock=block)["Subnet"]["SubnetId"] for block in ("10.0.0.0/24", "10.0.1.0/24")
        )
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.id)
        self.table(self.public, GatewayId=self.gateway)
        self.group = ec2.create_security_group(GroupName="servers", Description="servers", VpcId=self.id)["GroupId"]
        admit(ec2, self.group)

    def table(self, subnet, **target):
        table = self.ec2.create_route_table(VpcId=self.id)["RouteTable"]["RouteTableId"]
        if target:
            self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
        self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return table

    def nat(self):
        """A NAT gateway that works, and its public address."""
        address = self.ec2.allocate_address(Domain="vpc")
        nat = self.ec2.create_nat_gateway(SubnetId=self.public, AllocationId=address["AllocationId"])["NatGateway"]
        self.ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat["NatGatewayId"]], WaiterConfig=QUICK)
        return nat["NatGatewayId"], address["PublicIp"]


def second_zone(ec2, vpc, block="10.0.2.0/24"):
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    [here] = ec2.describe_subnets(SubnetIds=[vpc.public])["Subnets"]
    elsewhere = next(zone for zone in zones if zone != here["AvailabilityZone"])
    return ec2.create_subnet(VpcId=vpc.id, CidrBlock=block, AvailabilityZone=elsewhere)["Subnet"]["SubnetId"]
