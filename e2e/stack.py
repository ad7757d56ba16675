"""The example architecture of the tests: instances in two zones, a target group, a load balancer, a listener.

Every stack has ports of its own, because the instances of several servers on one host may have the same addresses.
"""

import collections
import http.client
import json
import pathlib
import sys
import time

import pytest

from conftest import GORU_BIN, free_ports, wait_until

# Images that `images()` puts into the configuration.
FAST_IMAGE = "ami-0e2e0000000000001"
PYTHON_IMAGE = "ami-0e2e0000000000002"
# The built-in image without a server: cheap instances for tests that only look at records.
HOST_IMAGE = "ami-00000000000000001"
# For tests with the `sandbox` driver; skipped where it cannot be used.
needs_sandboxes = pytest.mark.sandboxes
# The quickest health check that AWS allows.
INTERVAL, TIMEOUT, THRESHOLD = 5, 2, 2


def images(port=None):
    """Configuration for an image with a fast small site and for one with `site.py`, both on a port of this server alone."""
    port = port or free_ports(host="127.64.0.2")[0]
    site = pathlib.Path(__file__).with_name("site.py")
    return f"""
[[images]]
id = "{FAST_IMAGE}"
name = "fast"
source = "host"
boot = "exec '{GORU_BIN}' site"
port = {port}

[[images]]
id = "{PYTHON_IMAGE}"
name = "python"
source = "host"
boot = "exec '{sys.executable}' '{site}'"
port = {port}
"""


def image_port(goru):
    """The port of the images in a server's configuration."""
    return int(goru.config_file.read_text().split("\nport = ")[1].split("\n")[0])


class Stack:
    """What `build` made."""

    def __init__(self, goru, name):
        self.goru, self.name = goru, name
        self.ec2, self.elbv2 = goru.client("ec2"), goru.client("elbv2")
        # How many answers `get` had, by status.
        self.answers = collections.Counter()

    @classmethod
    def build(cls, goru, name="web", image=FAST_IMAGE, count=2, attributes=None, listener_port=None, healthy=True):
        """Makes a stack and waits until all its targets are healthy."""
        self = cls(goru, name)
        self.subnets = self.subnets_of("a", "c")
        self.vpc = self.ec2.describe_subnets(SubnetIds=self.subnets[:1])["Subnets"][0]["VpcId"]
        self.instances = [self.launch(image, self.subnets[i % 2]) for i in range(count)]
        self.port = image_port(goru)
        group = self.elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=self.port, VpcId=self.vpc, HealthCheckPath="/health",
            HealthCheckIntervalSeconds=INTERVAL, HealthCheckTimeoutSeconds=TIMEOUT,
            HealthyThresholdCount=THRESHOLD, UnhealthyThresholdCount=THRESHOLD,
        )
        self.group = group["TargetGroups"][0]["TargetGroupArn"]
        if attributes:
            pairs = [{"Key": key, "Value": value} for key, value in attributes.items()]
            self.elbv2.modify_target_group_attributes(TargetGroupArn=self.group, Attributes=pairs)
        self.ec2.get_waiter("instance_running").wait(InstanceIds=self.instances, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        self.register(*self.instances)
        self.make_balancer()
        self.listener_port = listener_port or free_ports()[0]
        self.listener = self.listen(self.listener_port)
        if healthy:
            self.wait_for_states(dict.fromkeys(self.instances, "healthy"))
        self.address, self.front_port = self.front()
        return self

    def subnets_of(self, *letters):
        """The default subnets of these zones."""
        subnets = self.ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
        by_zone = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in subnets}
        return [by_zone[self.goru.region + letter] for letter in letters]

    def launch(self, image, subnet, **more):
        run = self.ec2.run_instances(ImageId=image, InstanceType="t2.micro", MinCount=1, MaxCount=1, SubnetId=subnet, **more)
        return run["Instances"][0]["InstanceId"]

    def make_balancer(self):
        """In the VPC's default group, which instances are in and admit, and in one that admits everybody."""
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}, {"Name": "group-name", "Values": ["default"]}]
        inside = self.ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
        visitors = self.ec2.create_security_group(GroupName=f"visitors of {self.name}", Description="all", VpcId=self.vpc)["GroupId"]
        anything = {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self.ec2.authorize_security_group_ingress(GroupId=visitors, IpPermissions=[anything])
        made = self.elbv2.create_load_balancer(Name=self.name, Subnets=self.subnets, SecurityGroups=[inside, visitors])["LoadBalancers"][0]
        self.balancer, self.dns_name = made["LoadBalancerArn"], made["DNSName"]

    def register(self, *instances):
        self.elbv2.register_targets(TargetGroupArn=self.group, Targets=[{"Id": id} for id in instances])

    def listen(self, port):
        action = {"Type": "forward", "TargetGroupArn": self.group}
        made = self.elbv2.create_listener(LoadBalancerArn=self.balancer, Protocol="HTTP", Port=port, DefaultActions=[action])
        return made["Listeners"][0]["ListenerArn"]

    # --- looking

    def states(self):
        """Target -> state."""
        found = self.elbv2.describe_target_health(TargetGroupArn=self.group)["TargetHealthDescriptions"]
        return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in found}

    def health(self, instance):
        """State, reason and description of one target."""
        asked = self.elbv2.describe_target_health(TargetGroupArn=self.group, Targets=[{"Id": instance, "Port": self.port}])
        return asked["TargetHealthDescriptions"][0]["TargetHealth"]

    def wait_for_states(self, expected, deadline=60):
        """Waits until the targets are in these states; returns how many seconds that took."""
        began = time.monotonic()

        def reached():
            found = self.states()
            assert found == expected, found
            return True

        wait_until(reached, deadline, f"the targets to be {expected}")
        return time.monotonic() - began

    def front(self):
        """Address and port at which the load balancer is really reached."""

        def found():
            one = next(lb for lb in self.goru.status()["load_balancers"] if lb["arn"] == self.balancer)
            assert one["state"] == "active", one
            port = one["urls"][0].removeprefix("http://").rstrip("/").partition(":")[2] or "80"
            return one["addresses"][0], int(port)

        return wait_until(found, what="the address of the load balancer")

    def pids(self):
        """Instance -> pid of its main process."""
        return {one["id"]: one["pid"] for one in self.goru.status()["instances"]}

    # --- asking

    def get(self, path="/", headers=None, method="GET", body=None, timeout=30):
        """One request on a fresh connection; returns (status, headers, body)."""
        connection = http.client.HTTPConnection(self.address, self.front_port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers={"Host": self.dns_name, **(headers or {})})
            answer = connection.getresponse()
            self.answers[answer.status] += 1
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def who(self, path="/"):
        """The instance that answers."""
        status, headers, body = self.get(path)
        assert status == 200, (status, body)
        return {name.lower(): value for name, value in headers.items()}["x-instance-id"]

    def json(self, path="/", headers=None, **more):
        """What `site.py` was sent."""
        status, _, body = self.get(path, headers, **more)
        assert status == 200, (status, body)
        return json.loads(body)
