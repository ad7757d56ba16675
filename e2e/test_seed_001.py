"""The second half of seed 001 with the real `aws` CLI, in its order: from the access key to the load balancer's answer.

Two servers in two private subnets on port 3000, a target group, a load balancer on port 80. Numbers are use cases.
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import types

import pytest

from conftest import processes, wait_until
from stack import HOST_IMAGE, needs_sandboxes

APPLICATION_PORT = 3000
SITE = pathlib.Path(__file__).with_name("site.py")
REQUESTS = 1000


def bind(address, port):
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind((address, port))


def address_with_port_80():
    """127.0.0.1, where curl sends `*.localhost` by itself; another one where some other program has port 80 there."""
    for address in ("127.0.0.1", *(f"127.0.0.{i}" for i in range(2, 20))):
        try:
            bind(address, 80)
            return address
        except PermissionError:
            with contextlib.suppress(OSError):
                bind(address, 8080)  # what stands for 80 where that needs a privilege
                return address
        except OSError:
            continue
    pytest.fail("no loopback address has a free port 80")


@pytest.fixture(scope="module", params=["process", pytest.param("sandbox", marks=needs_sandboxes)])
def seed(request, tmp_path_factory, start_shared_goru):
    """Everything that the seed makes, made in its order; what each command printed is kept for the tests."""
    address = address_with_port_80()
    goru = start_shared_goru(f'public_addresses = ["{address}"]\n', arguments=["--driver", request.param])
    made = types.SimpleNamespace(goru=goru, driver=request.param, aws=goru.aws, directory=tmp_path_factory.mktemp("seed"), address=address)
    look_around(made)
    make_private_subnets(made)
    make_security_groups(made)
    run_instances(made)
    make_load_balancer(made)
    return made


def look_around(made):
    aws = made.aws
    made.identity = aws("sts", "get-caller-identity")
    made.vpc_ids = aws("ec2", "describe-vpcs", "--query", "Vpcs[*].VpcId")
    made.subnets_seen = aws("ec2", "describe-subnets", "--query", "Subnets[*].[SubnetId, AvailabilityZone, CidrBlock]")
    made.vpc = made.vpc_ids[0]
    by_zone = {zone: subnet for subnet, zone, _ in made.subnets_seen}
    made.public = [by_zone["ap-northeast-2a"], by_zone["ap-northeast-2c"]]


def make_private_subnets(made):
    """Two of them, each with a NAT gateway in the public subnet of its zone and a route table that leads to it."""
    aws = made.aws
    made.private, made.addresses, made.nat_gateways, made.tables = [], [], [], []
    zones = (("172.31.112.0/20", "ap-northeast-2a"), ("172.31.144.0/20", "ap-northeast-2c"))
    for (block, zone), public in zip(zones, made.public):
        subnet = aws("ec2", "create-subnet", "--vpc-id", made.vpc, "--cidr-block", block, f"--availability-zone={zone}")["Subnet"]
        address = aws("ec2", "allocate-address", "--domain", "vpc")
        nat = aws("ec2", "create-nat-gateway", "--subnet-id", public, "--allocation-id", address["AllocationId"])["NatGateway"]
        table = aws("ec2", "create-route-table", "--vpc-id", made.vpc)["RouteTable"]
        route = ("--destination-cidr-block", "0.0.0.0/0", "--gateway-id", nat["NatGatewayId"])
        assert aws("ec2", "create-route", "--route-table-id", table["RouteTableId"], *route) == {"Return": True}
        aws("ec2", "associate-route-table", "--route-table-id", table["RouteTableId"], "--subnet-id", subnet["SubnetId"])
        made.private.append(subnet)
        made.addresses.append(address)
        made.nat_gateways.append(nat)
        made.tables.append(table)


def make_security_groups(made):
    made.groups = {}
    for name, port in (("sample-sg-app", APPLICATION_PORT), ("sample-sg-elb", 80)):
        group = made.aws("ec2", "create-security-group", "--group-name", name, "--description", "seed 001", "--vpc-id", made.vpc)
        group = made.groups[name] = group["GroupId"]
        made.aws("ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", port, "--cidr", "0.0.0.0/0")


def run_instances(made):
    user_data = made.directory / "user-data.sh"
    user_data.write_text(f"#!/bin/sh\ncat > site.py <<'END'\n{SITE.read_text()}\nEND\nexec python3 site.py\n")
    made.instances = []
    for subnet in made.private:
        run = made.aws(
            "ec2", "run-instances", "--image-id", HOST_IMAGE, "--instance-type", "t2.micro", "--count", 1,
            "--subnet-id", subnet["SubnetId"], "--no-associate-public-ip-address",
            "--security-group-ids", made.groups["sample-sg-app"], "--user-data", f"file://{user_data}",
            "--tag-specifications", "ResourceType=instance,Tags=[{Key=Name,Value=awesome-api}]",
        )
        made.instances.append(run["Instances"][0]["InstanceId"])
    made.aws.run("ec2", "wait", "instance-running", "--instance-ids", *made.instances)


def make_load_balancer(made):
    aws = made.aws
    created = aws(
        "elbv2", "create-load-balancer", "--name", "awesome-lb", "--subnets", *made.public,
        "--security-groups", made.groups["sample-sg-elb"],
    )["LoadBalancers"][0]
    made.balancer, made.dns_name, made.created = created["LoadBalancerArn"], created["DNSName"], created
    group = aws(
        "elbv2", "create-target-group", "--name", "awesome-target", "--protocol", "HTTP", "--port", APPLICATION_PORT,
        "--vpc-id", made.vpc, "--target-type", "instance",
    )["TargetGroups"][0]
    made.group, made.target_group = group["TargetGroupArn"], group
    aws("elbv2", "register-targets", "--target-group-arn", made.group, "--targets", *(f"Id={id}" for id in made.instances))
    aws(
        "elbv2", "create-listener", "--load-balancer-arn", made.balancer, "--protocol", "HTTP", "--port", 80,
        "--default-actions", f"Type=forward,TargetGroupArn={made.group}",
    )
    aws.run("elbv2", "wait", "target-in-service", "--target-group-arn", made.group)
    aws.run("elbv2", "wait", "load-balancer-available", "--load-balancer-arns", made.balancer)
    shown = next(lb for lb in made.goru.status()["load_balancers"] if lb["arn"] == made.balancer)
    # Where 127.0.0.1 was taken the status shows the other address; curl is told to take the name there.
    made.url = re.sub(r"//127\.0\.0\.\d+(?=[:/])", f"//{made.dns_name}", shown["urls"][0])


def curl(seed, *arguments, count=1):
    """What curl printed for `count` requests, all in one run and so over one connection unless told otherwise."""
    words = ["curl", "--silent", "--show-error", "--fail", "--max-time", "120", "--noproxy", "*", *arguments]
    if seed.address != "127.0.0.1":
        words += ["--resolve", f"{seed.dns_name}:80:{seed.address}", "--resolve", f"{seed.dns_name}:8080:{seed.address}"]
    words += [seed.url] * count
    done = subprocess.run(words, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def shares(answers):
    found = [answer["instance"] for answer in answers]
    return {instance: found.count(instance) for instance in set(found)}


# --- access (U67, U68)


def test_u67_the_root_key_is_the_account(seed):
    assert seed.identity["Account"] == seed.goru.account
    assert seed.identity["Arn"] == f"arn:aws:iam::{seed.goru.account}:root"


def test_u67_a_new_key_is_configured_used_and_deleted(seed, tmp_path):
    """`aws configure` with a key of a user, `aws sts get-caller-identity` as in the seed, and the end of the key."""
    seed.aws("iam", "create-user", "--user-name", "subicura")
    key = seed.aws("iam", "create-access-key", "--user-name", "subicura")["AccessKey"]
    assert re.fullmatch(r"AKIA[A-Z0-9]{16}", key["AccessKeyId"]) and len(key["SecretAccessKey"]) == 40
    listed = seed.aws("iam", "list-access-keys", "--user-name", "subicura")
    assert "SecretAccessKey" not in listed["AccessKeyMetadata"][0], "the secret is shown once"
    environment = {k: v for k, v in seed.aws.environment.items() if k not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    environment |= {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    mine = type(seed.aws)(environment)
    answers = f"{key['AccessKeyId']}\n{key['SecretAccessKey']}\nap-northeast-2\n\n"
    subprocess.run([mine.program, "configure"], env=environment, input=answers, capture_output=True, text=True, timeout=60, check=True)
    identity = mine("sts", "get-caller-identity")
    assert identity["Arn"] == f"arn:aws:iam::{seed.goru.account}:user/subicura"
    assert re.fullmatch(r"AIDA[A-Z0-9]{16,17}", identity["UserId"]) and identity["Account"] == seed.goru.account
    seed.aws("iam", "delete-access-key", "--user-name", "subicura", "--access-key-id", key["AccessKeyId"])
    refused = mine.run("sts", "get-caller-identity", check=False)
    assert refused.returncode != 0 and "InvalidClientTokenId" in refused.stderr


def test_u68_query_and_text_output_do_what_scripts_expect(seed):
    vpc = seed.aws.text("ec2", "describe-vpcs", "--filters", "Name=is-default,Values=true", "--query", "Vpcs[0].VpcId")
    assert vpc == seed.vpc
    names = seed.aws.text("ec2", "describe-instances", "--query", "Reservations[].Instances[].Tags[?Key=='Name'].Value[]")
    assert names.split() == ["awesome-api"] * 2


# --- network and instances (U39, U49, U50)


def test_u49_the_default_vpc_has_a_subnet_in_each_of_four_zones(seed):
    assert len(seed.vpc_ids) == 1
    vpc = seed.aws("ec2", "describe-vpcs", "--vpc-ids", seed.vpc)["Vpcs"][0]
    assert (vpc["CidrBlock"], vpc["IsDefault"], vpc["State"]) == ("172.31.0.0/16", True, "available")
    blocks = sorted((zone, block) for _, zone, block in seed.subnets_seen)
    assert [zone for zone, _ in blocks] == [f"ap-northeast-2{letter}" for letter in "abcd"]
    assert len({block for _, block in blocks}) == 4 and all(re.fullmatch(r"172\.31\.\d+\.0/20", block) for _, block in blocks)


def test_u50_subnets_are_made_where_there_is_room_and_nowhere_else(seed):
    assert [subnet["CidrBlock"] for subnet in seed.private] == ["172.31.112.0/20", "172.31.144.0/20"]
    assert [subnet["AvailabilityZone"] for subnet in seed.private] == ["ap-northeast-2a", "ap-northeast-2c"]
    assert not any(subnet["MapPublicIpOnLaunch"] or subnet["DefaultForAz"] for subnet in seed.private)
    again = ("ec2", "create-subnet", "--vpc-id", seed.vpc, "--cidr-block", "172.31.112.0/20")
    refused = seed.aws.run(*again, check=False)
    assert refused.returncode != 0 and "InvalidSubnet.Conflict" in refused.stderr


def test_u51_nat_gateways_stand_in_the_public_subnets_with_their_elastic_ips(seed):
    ids = [nat["NatGatewayId"] for nat in seed.nat_gateways]
    assert [nat["State"] for nat in seed.nat_gateways] == ["pending"] * 2
    seed.aws.run("ec2", "wait", "nat-gateway-available", "--nat-gateway-ids", *ids)
    found = {nat["NatGatewayId"]: nat for nat in seed.aws("ec2", "describe-nat-gateways", "--nat-gateway-ids", *ids)["NatGateways"]}
    for id, public, address in zip(ids, seed.public, seed.addresses):
        nat = found[id]
        assert (nat["SubnetId"], nat["VpcId"], nat["State"], nat["ConnectivityType"]) == (public, seed.vpc, "available", "public")
        [shown] = nat["NatGatewayAddresses"]
        assert (shown["PublicIp"], shown["AllocationId"]) == (address["PublicIp"], address["AllocationId"])
        interface = seed.aws("ec2", "describe-network-interfaces", "--network-interface-ids", shown["NetworkInterfaceId"])
        [interface] = interface["NetworkInterfaces"]
        assert (interface["PrivateIpAddress"], interface["SubnetId"]) == (shown["PrivateIp"], public)
        assert (interface["Status"], interface["RequesterManaged"]) == ("in-use", True)
        assert interface["Association"]["PublicIp"] == address["PublicIp"]


def test_u52_private_subnets_are_those_whose_table_leads_to_a_nat_gateway(seed):
    for subnet, table, nat in zip(seed.private, seed.tables, seed.nat_gateways):
        of_subnet = ("--filters", f"Name=association.subnet-id,Values={subnet['SubnetId']}")
        [found] = seed.aws("ec2", "describe-route-tables", *of_subnet)["RouteTables"]
        assert found["RouteTableId"] == table["RouteTableId"]
        routes = {route["DestinationCidrBlock"]: route for route in found["Routes"]}
        assert routes["172.31.0.0/16"]["GatewayId"] == "local"
        out = routes["0.0.0.0/0"]
        assert (out["NatGatewayId"], out["State"], out["Origin"]) == (nat["NatGatewayId"], "active", "CreateRoute")
        assert "GatewayId" not in out, "a NAT gateway that was given as GatewayId is a NAT gateway"
    main = seed.aws.text(
        "ec2", "describe-route-tables", "--filters", "Name=association.main,Values=true",
        "--query", "RouteTables[].Routes[?DestinationCidrBlock=='0.0.0.0/0'].GatewayId[]",
    )
    assert re.fullmatch(r"igw-[0-9a-f]{17}", main)


def test_u39_instances_run_in_their_subnets_without_public_addresses(seed):
    found = seed.aws("ec2", "describe-instances", "--instance-ids", *seed.instances)
    instances = {i["InstanceId"]: i for r in found["Reservations"] for i in r["Instances"]}
    for id, subnet in zip(seed.instances, seed.private):
        instance = instances[id]
        assert instance["State"]["Name"] == "running" and instance["SubnetId"] == subnet["SubnetId"]
        assert instance["Placement"]["AvailabilityZone"] == subnet["AvailabilityZone"]
        third = int(instance["PrivateIpAddress"].split(".")[2])
        assert third // 16 * 16 == int(subnet["CidrBlock"].split(".")[2]), instance["PrivateIpAddress"]
        assert "PublicIpAddress" not in instance
        assert [group["GroupId"] for group in instance["SecurityGroups"]] == [seed.groups["sample-sg-app"]]


# --- the load balancer (U5, U13, U14, U16, U20)


def test_u16_the_dns_name_tells_name_and_region(seed):
    assert re.fullmatch(r"awesome-lb-\d+\.ap-northeast-2\.elb\.localhost", seed.dns_name)
    assert seed.dns_name in seed.url
    assert seed.created["Scheme"] == "internet-facing" and seed.created["IpAddressType"] == "ipv4"


def test_u13_the_target_group_has_what_was_chosen_and_aws_defaults_for_the_rest(seed):
    group = seed.target_group
    chosen = {key: group[key] for key in ("TargetGroupName", "Protocol", "Port", "VpcId", "TargetType", "ProtocolVersion")}
    assert chosen == {
        "TargetGroupName": "awesome-target", "Protocol": "HTTP", "Port": APPLICATION_PORT, "VpcId": seed.vpc,
        "TargetType": "instance", "ProtocolVersion": "HTTP1",
    }
    defaults = ("HealthCheckPath", "HealthCheckPort", "HealthCheckIntervalSeconds", "HealthyThresholdCount", "UnhealthyThresholdCount")
    assert [group[key] for key in defaults] == ["/", "traffic-port", 30, 5, 2]


def test_u14_both_instances_are_registered_and_healthy(seed):
    found = seed.aws("elbv2", "describe-target-health", "--target-group-arn", seed.group)["TargetHealthDescriptions"]
    assert {one["Target"]["Id"] for one in found} == set(seed.instances)
    assert {one["Target"]["Port"] for one in found} == {APPLICATION_PORT}
    assert {one["TargetHealth"]["State"] for one in found} == {"healthy"}


def test_u05_requests_to_port_80_reach_port_3000_with_the_headers_of_a_load_balancer(seed):
    answer = curl(seed, "--header", "X-Forwarded-For: 192.0.2.7")[0]
    headers = {name.lower(): value for name, value in answer["headers"]}
    assert headers["x-forwarded-for"] == "192.0.2.7, 127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("http", "80")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["x-amzn-trace-id"])
    assert headers["host"] == seed.dns_name, "on port 80 Host has no port"
    assert len([name for name, _ in answer["headers"] if name.lower().startswith("x-forwarded-")]) == 3, "each once"
    traced = curl(seed, "--header", "X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678;App=x")[0]
    trace = dict(traced["headers"])["X-Amzn-Trace-Id"]
    assert re.fullmatch(r"Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678;App=x", trace)


def test_u20_a_thousand_requests_on_one_connection_are_split_in_halves(seed):
    split = shares(curl(seed, count=REQUESTS))
    assert split == dict.fromkeys(seed.instances, REQUESTS // 2)


def test_u20_a_thousand_connections_are_split_in_halves(seed):
    answers = curl(seed, "--header", "Connection: close", count=REQUESTS)
    split = shares(answers)
    assert sum(split.values()) == REQUESTS and split.keys() == set(seed.instances)
    # All threads of the node share the turn of a target group.
    assert split[seed.instances[0]] == REQUESTS // 2, split


def test_u30_health_checks_are_in_the_servers_own_log(seed):
    def logged():
        return seed.aws.text("ec2", "get-console-output", "--instance-id", seed.instances[0], "--query", "Output")

    wait_until(lambda: "ELB-HealthChecker/2.0" in logged(), what="a health check on the console of the instance")


def test_u32_the_site_goes_on_when_one_server_breaks(seed):
    """The last test of this file: it breaks what the others use."""
    victim = next(one for one in seed.goru.status()["instances"] if one["id"] == seed.instances[0])
    listening = wait_until(lambda: children_of(victim["pid"]), what="the server's process")
    for pid in listening:
        os.kill(pid, signal.SIGKILL)
    split = shares(curl(seed, "--header", "Connection: close", count=20))
    assert split == {seed.instances[1]: 20}


def children_of(pid):
    """The process and what it started, the shim excepted: an instance whose server is user data shows its shim."""
    table = processes()
    return [found for found, (parent, _, state) in table.items() if parent == pid and state != "Z"] or [pid]
