"""Security groups of load balancers filter clients of the host's addresses too, where networks are real.

Loopback has many addresses: a client binds the one that it is to come from. The listeners answer by themselves; targets are of
no interest here.
"""

import contextlib
import http.client
import json

import pytest

from conftest import free_ports, wait_until
from stack import needs_sandboxes
from vpcs import QUICK, Vpc, admit, second_zone

pytestmark = needs_sandboxes

HOST = "127.0.0.1"


def connection(source, port):
    return http.client.HTTPConnection(HOST, port, timeout=5, source_address=(source, 0))


def ask(opened, host=HOST):
    """What the listener says on a connection; `None` when that is reset."""
    try:
        opened.request("GET", "/", headers={"Host": host})
        return opened.getresponse().read().decode()
    except (ConnectionResetError, BrokenPipeError):
        return None


def said(source, port, host=HOST):
    with contextlib.closing(connection(source, port)) as opened:
        return ask(opened, host)


def warning(answer):
    return answer["ResponseMetadata"]["HTTPHeaders"].get("x-goru-warning")


class Balancers:
    """Load balancers in two public subnets of a VPC, before nothing."""

    def __init__(self, goru):
        self.goru, self.ec2, self.elbv2 = goru, goru.client("ec2"), goru.client("elbv2")
        self.vpc = Vpc(self.ec2)
        self.subnets = [self.vpc.public, second_zone(self.ec2, self.vpc)]
        self.vpc.table(self.subnets[1], GatewayId=self.vpc.gateway)
        self.port = free_ports()[0]

    def group(self, name):
        return self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc.id)["GroupId"]

    def admit(self, group, *clients):
        admit(self.ec2, group, self.port, IpRanges=[{"CidrIp": f"{client}/32"} for client in clients])

    def create(self, name, *groups):
        """The answers to CreateLoadBalancer and CreateListener."""
        made = self.elbv2.create_load_balancer(Name=name, Subnets=self.subnets, **({"SecurityGroups": groups} if groups else {}))
        arn = made["LoadBalancers"][0]["LoadBalancerArn"]
        action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": name}}
        listener = self.elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=self.port, DefaultActions=[action])
        self.elbv2.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn], WaiterConfig=QUICK)
        return made, listener

    def status(self, name):
        status = json.loads(self.goru.cli("status", "--output", "json").stdout)
        [balancer] = [balancer for balancer in status["load_balancers"] if balancer["name"] == name]
        return status["warnings"], balancer["urls"]


@pytest.fixture
def balancers(sandboxes):
    return Balancers(sandboxes(f'public_addresses = ["{HOST}"]\n'))


def test_without_groups_of_its_own_a_load_balancer_admits_nobody_and_says_so(balancers):
    made, listener = balancers.create("web")
    [balancer] = made["LoadBalancers"]
    [default] = balancer["SecurityGroups"]
    shut = f"no rule of {default} (default) admits tcp/{balancers.port} from 127.0.0.0/8, so nobody reaches it at {HOST}"
    assert f"load balancer web: no rule of {default} (default) admits TCP from 127.0.0.0/8" in warning(made)
    assert f"listener HTTP {balancers.port} of load balancer web: {shut}" in warning(listener)
    assert said(HOST, balancers.port) is None
    warnings, urls = balancers.status("web")
    assert urls == [] and any(shut in warning for warning in warnings), (warnings, urls)
    assert "(not from outside, see the warnings)" in balancers.goru.cli("status").stdout
    told = balancers.goru.cli("why", "web").stdout
    assert told.startswith(f"not reached: listener HTTP {balancers.port} of load balancer web: {shut}\n  to do: let one of its groups admit"), told
    # Another group that admits nobody, and one that does.
    front, arn = balancers.group("front"), balancer["LoadBalancerArn"]
    changed = balancers.elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[front])
    assert f"no rule of {front} (front) admits tcp/{balancers.port}" in warning(changed)
    balancers.admit(front, HOST)
    wait_until(lambda: said(HOST, balancers.port) == "web", what="an answer")
    assert balancers.status("web") == ([], [f"http://{balancer['DNSName']}:{balancers.port}/"])
    assert warning(balancers.elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[front])) is None
    balancers.elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[default])
    wait_until(lambda: said(HOST, balancers.port) is None, what="silence")


def test_clients_are_admitted_by_their_addresses_and_established_connections_go_on(balancers):
    front, port = balancers.group("front"), balancers.port
    balancers.admit(front, "127.0.0.2")
    made, listener = balancers.create("web", front)
    assert warning(made) is None and warning(listener) is None
    wait_until(lambda: said("127.0.0.2", port) == "web", what="an answer to the one who is admitted")
    assert said(HOST, port) is None and said("127.0.0.3", port) is None
    balancers.admit(front, HOST)
    wait_until(lambda: said(HOST, port) == "web", what="an answer after AuthorizeSecurityGroupIngress")
    assert said("127.0.0.3", port) is None
    with contextlib.closing(connection("127.0.0.2", port)) as established:
        assert ask(established) == "web"
        block = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "127.0.0.2/32"}]}
        balancers.ec2.revoke_security_group_ingress(GroupId=front, IpPermissions=[block])
        wait_until(lambda: said("127.0.0.2", port) is None, what="the end of new connections")
        assert ask(established) == "web"
    assert said(HOST, port) == "web"


def test_load_balancers_that_share_an_address_and_port_have_rules_of_their_own(balancers):
    front, everybody, port = balancers.group("front"), balancers.group("everybody"), balancers.port
    balancers.admit(front, "127.0.0.2")
    admit(balancers.ec2, everybody, port)
    names = [balancers.create(name, group)[0]["LoadBalancers"][0]["DNSName"] for name, group in (("some", front), ("all", everybody))]
    some, everyone = names
    wait_until(lambda: said(HOST, port, everyone) == "all", what="an answer to everybody")
    wait_until(lambda: said("127.0.0.2", port, some) == "some", what="an answer to the one who is admitted")
    assert said("127.0.0.2", port, everyone) == "all"
    assert said(HOST, port, some) is None
    with contextlib.closing(connection(HOST, port)) as opened:
        assert ask(opened, everyone) == "all"
        assert ask(opened, some) is None
