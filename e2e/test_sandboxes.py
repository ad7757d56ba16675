"""Instances in sandboxes, in networks of their own: what the `process` driver cannot show."""

import json
import os
import shutil
import subprocess

import pytest
from botocore.exceptions import ClientError

from conftest import free_ports, wait_until
from stack import HOST_IMAGE, needs_sandboxes
from vpcs import HERE, OUTSIDE, PORT, QUICK, SERVER, Vpc, admit, get, launch, left_behind, namespace_of, second_zone, system

pytestmark = needs_sandboxes


def test_a_private_instance_reaches_the_outside_through_its_nat_gateway_and_is_reached_from_nowhere(sandboxes, outside):
    goru = sandboxes()
    vpc = Vpc(ec2 := goru.client("ec2"))
    [instance] = launch(ec2, vpc.private, [vpc.group])
    inside, address = namespace_of(instance["InstanceId"]), instance["PrivateIpAddress"]
    assert "PublicIpAddress" not in instance
    wait_until(lambda: get(inside, address) is not None, what="the instance's own server")
    # No route: nothing gets out.
    table = vpc.table(vpc.private)
    assert get(inside, OUTSIDE) is None
    gateway, elastic = vpc.nat()
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    wait_until(lambda: get(inside, OUTSIDE) == f"outside {elastic}", what=f"an answer through {gateway}")
    # Neither the host nor the outside gets in, though the security group would let them.
    assert get(None, address, seconds=1) != f"{instance['PrivateDnsName'].split('.')[0]} {HERE}"
    assert "10.0.1." not in system("ip", "route", "show", "table", "all")
    outside.run("ip", "route", "add", "10.0.0.0/16", "via", HERE)
    assert get(outside.name, address, seconds=1) is None
    assert get(outside.name, elastic, seconds=1) is None
    # Nor does anything get out when the route is taken away.
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    wait_until(lambda: get(inside, OUTSIDE, seconds=1) is None, what="silence")


def test_a_public_instance_is_reached_as_its_group_says_and_has_its_address_while_it_runs(sandboxes, outside):
    goru = sandboxes()
    vpc = Vpc(ec2 := goru.client("ec2"))
    group = ec2.create_security_group(GroupName="closed", Description="closed", VpcId=vpc.id)["GroupId"]
    ec2.modify_subnet_attribute(SubnetId=vpc.public, MapPublicIpOnLaunch={"Value": True})
    [instance] = launch(ec2, vpc.public, [group])
    inside, public, name = namespace_of(instance["InstanceId"]), instance["PublicIpAddress"], "ip-10-0-0-4"
    wait_until(lambda: get(inside, "10.0.0.4") is not None, what="the instance's own server")
    assert get(outside.name, public, seconds=1) is None
    admit(ec2, group, IpRanges=[{"CidrIp": f"{OUTSIDE}/32"}])
    wait_until(lambda: get(outside.name, public) == f"{name} {OUTSIDE}", what="an answer to the outside host")
    assert get(inside, OUTSIDE) == f"outside {public}"
    # An Elastic IP takes its place; when it stops, its own is free.
    allocated = ec2.allocate_address()
    ec2.associate_address(AllocationId=allocated["AllocationId"], InstanceId=instance["InstanceId"])
    wait_until(lambda: get(outside.name, allocated["PublicIp"]) == f"{name} {OUTSIDE}", what="an answer at the Elastic IP")
    ec2.stop_instances(InstanceIds=[instance["InstanceId"]])
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance["InstanceId"]], WaiterConfig=QUICK)
    assert ec2.allocate_address(Address=public)["PublicIp"] == public


def test_an_instance_reads_its_own_metadata_alone_and_reaches_neither_the_api_nor_the_files_of_the_server(sandboxes, outside):
    del outside  # gives the host an address that instances have a route to
    goru = sandboxes()
    vpc = Vpc(ec2 := goru.client("ec2"))
    instances = launch(ec2, vpc.public, [vpc.group], count=2)
    for own, other in (instances, reversed(instances)):
        inside = namespace_of(own["InstanceId"])

        def says(path, *more, inside=inside):
            url = f"http://169.254.169.254/latest/meta-data/{path}"
            return system("ip", "netns", "exec", inside, "curl", "-s", "-m", "3", "--noproxy", "*", *more, url, check=False)

        wait_until(lambda: says("instance-id") == own["InstanceId"], what="its own name")
        # It is known by its link, not by what it says of itself; and it does not get answers for another's address.
        assert says("instance-id", "-H", f"X-Forwarded-For: {other['PrivateIpAddress']}") == own["InstanceId"]
        system("ip", "netns", "exec", inside, "ip", "addr", "add", f"{other['PrivateIpAddress']}/32", "dev", "lo")
        assert says("instance-id", "--interface", other["PrivateIpAddress"]) in ("", own["InstanceId"])
        system("ip", "netns", "exec", inside, "ip", "addr", "del", f"{other['PrivateIpAddress']}/32", "dev", "lo")
        # The server listens at a loopback address of the host; nothing leads there, also not from the host's other addresses.
        assert goru.get("/healthz")[0] == 200
        links = json.loads(system("ip", "-json", "-4", "address"))
        hosts = [address["local"] for link in links for address in link["addr_info"]]
        assert HERE in hosts and "127.0.0.1" in hosts
        assert [host for host in hosts if get(inside, host, port=goru.port, seconds=1, path="/healthz") is not None] == []
        # Nor are its files there, the sockets of node and server among them.
        pid = goru.status()["instances"][0]["pid"]
        assert (goru.data / "control").is_socket() and (goru.data / "node/socket").is_socket()
        seen = subprocess.run(["nsenter", "-t", str(pid), "-m", "ls", "/", str(goru.data)], capture_output=True, text=True, check=False, timeout=30)
        assert "No such file" in seen.stderr and "srv" in seen.stdout, seen


def test_groups_admit_each_other_and_another_vpc_with_the_same_addresses_is_another_world(sandboxes):
    goru = sandboxes()
    ec2 = goru.client("ec2")
    first, second = Vpc(ec2), Vpc(ec2)
    apps = ec2.create_security_group(GroupName="apps", Description="apps", VpcId=first.id)["GroupId"]
    admit(ec2, apps, UserIdGroupPairs=[{"GroupId": first.group}])
    [app] = launch(ec2, first.private, [apps])
    [web, other] = launch(ec2, first.public, [first.group]), launch(ec2, second.public, [second.group])
    [web], [other] = web, other
    assert web["PrivateIpAddress"] == other["PrivateIpAddress"]
    wait_until(lambda: get(namespace_of(app["InstanceId"]), "10.0.1.4") is not None, what="the application's server")
    assert get(namespace_of(web["InstanceId"]), "10.0.1.4") == "ip-10-0-1-4 10.0.0.4"
    assert get(namespace_of(other["InstanceId"]), "10.0.1.4", seconds=1) is None
    # A network ACL knows nothing of connections: the way back has to be open too.
    acl = ec2.create_network_acl(VpcId=first.id)["NetworkAcl"]["NetworkAclId"]
    [default] = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [first.private]}])["NetworkAcls"]
    [association] = [a for a in default["Associations"] if a["SubnetId"] == first.private]
    ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)
    rule = {"NetworkAclId": acl, "Protocol": "6", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0", "RuleNumber": 100}
    ec2.create_network_acl_entry(Egress=False, PortRange={"From": PORT, "To": PORT}, **rule)
    wait_until(lambda: get(namespace_of(web["InstanceId"]), "10.0.1.4", seconds=1) is None, what="silence")
    ec2.create_network_acl_entry(Egress=True, PortRange={"From": 1024, "To": 65535}, **rule)
    wait_until(lambda: get(namespace_of(web["InstanceId"]), "10.0.1.4") is not None, what="an answer through the ACL")


def test_u44_an_image_of_a_server_starts_copies_of_it(sandboxes):
    goru = sandboxes()
    vpc = Vpc(ec2 := goru.client("ec2"))
    [server] = launch(ec2, vpc.private, [vpc.group], f"{SERVER.replace('exec', 'echo installed > /srv/state; exec')}")
    wait_until(lambda: get(namespace_of(server["InstanceId"]), "10.0.1.4") is not None, what="the server")
    image = ec2.create_image(InstanceId=server["InstanceId"], Name="with everything")["ImageId"]
    ec2.get_waiter("image_available").wait(ImageIds=[image], WaiterConfig=QUICK)
    assert get(namespace_of(server["InstanceId"]), "10.0.1.4") is not None, "it goes on"
    copies = launch(ec2, vpc.private, [vpc.group], "#!/bin/sh\ncat /srv/state\nexec python3 /srv/who.py copy\n", image, count=2)
    for copy in copies:
        address = copy["PrivateIpAddress"]
        wait_until(lambda: get(namespace_of(server["InstanceId"]), address) == "copy 10.0.1.4", what="a copy")
        assert "installed" in goru.aws.text("ec2", "get-console-output", "--instance-id", copy["InstanceId"])
    # Its files live as long as somebody needs them.
    assert image not in goru.cli("image", "list").stdout
    [snapshot] = json.loads(goru.cli("image", "list", "--output", "json").stdout)["images"]
    ec2.deregister_image(ImageId=image)
    ids = [copy["InstanceId"] for copy in copies]
    ec2.reboot_instances(InstanceIds=ids[:1])
    ec2.terminate_instances(InstanceIds=ids)
    ec2.get_waiter("instance_terminated").wait(InstanceIds=ids, WaiterConfig=QUICK)
    layer = goru.data / "images" / "sha256" / snapshot["digest"].split(":")[-1]
    wait_until(lambda: not layer.exists(), what="the end of the image's files")


def test_ten_instances_survive_the_death_of_the_control_plane_and_leave_nothing_behind(sandboxes, clean):
    goru = sandboxes()
    vpc = Vpc(ec2 := goru.client("ec2"))
    instances = launch(ec2, vpc.private, [vpc.group], "#!/bin/sh\nexec sleep 100000\n", count=10)
    ids = [instance["InstanceId"] for instance in instances]
    processes = lambda: {pid for pid in goru.own_processes() if pid != goru.process.pid}  # noqa: E731
    inside = lambda i: system("ip", "netns", "pids", namespace_of(i)).split()  # noqa: E731
    wait_until(lambda: all(inside(i) for i in ids), what="processes in every instance")
    before = {i: inside(i)[0] for i in ids}
    assert processes()
    goru.kill()
    goru.start()
    ec2 = goru.client("ec2")
    states = lambda: [i["State"]["Name"] for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]  # noqa: E731
    assert states() == ["running"] * 10
    assert {i: inside(i)[0] for i in ids} == before, "none was started again"
    ec2.terminate_instances(InstanceIds=ids)
    ec2.get_waiter("instance_terminated").wait(InstanceIds=ids, WaiterConfig=QUICK)
    wait_until(lambda: left_behind() == clean, what=f"the host as it was: {clean}")


def test_cleanup_removes_what_a_killed_server_left(sandboxes, clean):
    goru = sandboxes()
    vpc = Vpc(ec2 := goru.client("ec2"))
    launch(ec2, vpc.private, [vpc.group], "#!/bin/sh\nexec sleep 100000\n", count=2)
    refused = goru.cli("cleanup", check=False)
    assert refused.returncode == 1 and "a server runs on" in refused.stderr
    goru.kill()
    assert "removed 2 instances" in goru.cli("cleanup").stdout
    wait_until(lambda: left_behind() == clean, what=f"the host as it was: {clean}")


def test_an_instance_whose_network_cannot_be_made_says_why_and_starts_once_it_can(sandboxes, tmp_path):
    broken, nft = tmp_path / "broken", tmp_path / "nft"
    nft.write_text(f"#!/bin/sh\n[ ! -e {broken} ] || [ $1 != -f ] || {{ echo no room in the kernel >&2; exit 1; }}\nexec {shutil.which('nft')} \"$@\"\n")
    nft.chmod(0o755)
    goru = sandboxes(environment={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    vpc = Vpc(ec2 := goru.client("ec2"))
    broken.touch()
    made = ec2.run_instances(ImageId=HOST_IMAGE, MinCount=1, MaxCount=1, SubnetId=vpc.private)["Instances"][0]
    id = made["InstanceId"]
    shown = lambda: ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]  # noqa: E731
    reason = wait_until(lambda: shown().get("StateReason"), what="a reason")
    assert (reason["Code"], shown()["State"]["Name"]) == ("pending", "pending")
    for said in (reason["Message"], goru.cli("why", id, check=False).stdout, goru.cli("events").stdout):
        assert "its network could not be made yet" in said and "no room in the kernel" in said, said
    broken.unlink()
    ec2.get_waiter("instance_running").wait(InstanceIds=[id], WaiterConfig=QUICK)
    assert "StateReason" not in shown()


def test_a_name_that_is_no_instance_is_refused_as_the_source_of_an_image(sandboxes):
    ec2 = sandboxes().client("ec2")
    with pytest.raises(ClientError) as error:
        ec2.create_image(InstanceId="i-00000000000000000", Name="nothing")
    assert error.value.response["Error"]["Code"] == "InvalidInstanceID.NotFound"


def test_u49_a_server_admits_the_load_balancer_by_its_group_and_nobody_else(sandboxes):
    address, port = "127.0.0.1", free_ports()[0]
    goru = sandboxes(f'public_addresses = ["{address}"]\n')
    vpc, elbv2 = Vpc(ec2 := goru.client("ec2")), goru.client("elbv2")
    second = second_zone(ec2, vpc)
    front, apps = (ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc.id)["GroupId"] for name in ("front", "apps"))
    admit(ec2, front, port)
    [server] = launch(ec2, vpc.private, [apps])
    balancer = elbv2.create_load_balancer(Name="web", Subnets=[vpc.public, second], SecurityGroups=[front])["LoadBalancers"][0]
    check = {"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2}
    group = elbv2.create_target_group(Name="apps", Protocol="HTTP", Port=PORT, VpcId=vpc.id, **check)["TargetGroups"][0]["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": server["InstanceId"]}])
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=port, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}]
    )
    health = lambda: elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]["TargetHealth"]  # noqa: E731
    wait_until(lambda: health()["State"] == "unhealthy", what="a target that its group shuts off")
    assert health()["Reason"] == "Target.Timeout"
    of_balancer = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [front]}])["NetworkInterfaces"]
    assert {i["SubnetId"] for i in of_balancer} == {vpc.public, second} and of_balancer[0]["Description"].startswith("ELB app/web/")
    admit(ec2, apps, UserIdGroupPairs=[{"GroupId": front}])
    wait_until(lambda: health()["State"] == "healthy", what="a target that admits the load balancer's group")
    # The server sees the load balancer at its private address.
    own = {interface["PrivateIpAddress"] for interface in of_balancer}
    assert get(None, address, port).split()[1] in own
    [other] = launch(ec2, vpc.private, [vpc.group], "#!/bin/sh\nexec sleep 100000\n")
    assert get(namespace_of(other["InstanceId"]), server["PrivateIpAddress"], seconds=1) is None
    # An interface keeps its subnet and its group from being deleted, and goes with the load balancer.
    for refused in (lambda: ec2.delete_subnet(SubnetId=second), lambda: ec2.delete_security_group(GroupId=front)):
        with pytest.raises(ClientError) as error:
            refused()
        assert error.value.response["Error"]["Code"] == "DependencyViolation"
    elbv2.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    ec2.delete_subnet(SubnetId=second)


class Balancer:
    """A load balancer with a listener on a port, before a server of the VPC."""

    def __init__(self, goru, vpc, name, port, subnets, groups, target, **more):
        self.elbv2 = elbv2 = goru.client("elbv2")
        self.headers = {}
        elbv2.meta.events.register("after-call.elastic-load-balancing-v2.*", lambda http_response, **_: self.headers.update(http_response.headers))
        found = elbv2.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=groups, **more)["LoadBalancers"][0]
        self.warning, self.arn, self.dns_name = self.headers.get("x-goru-warning"), found["LoadBalancerArn"], found["DNSName"]
        check = {"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2}
        made = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=PORT, VpcId=vpc.id, **check)
        self.group = made["TargetGroups"][0]["TargetGroupArn"]
        elbv2.register_targets(TargetGroupArn=self.group, Targets=[{"Id": target}])
        action = {"Type": "forward", "TargetGroupArn": self.group}
        elbv2.create_listener(LoadBalancerArn=self.arn, Protocol="HTTP", Port=port, DefaultActions=[action])

    def ready(self):
        health = lambda: self.elbv2.describe_target_health(TargetGroupArn=self.group)["TargetHealthDescriptions"][0]["TargetHealth"]  # noqa: E731
        wait_until(lambda: health()["State"] == "healthy", what="a healthy target")
        self.elbv2.get_waiter("load_balancer_available").wait(LoadBalancerArns=[self.arn], WaiterConfig=QUICK)
        return self


def test_u7_an_internal_load_balancer_is_reached_from_its_vpc_alone_as_its_groups_admit(sandboxes):
    # Programs take names below `localhost`, the default, for themselves (RFC 6761) and ask nobody.
    goru = sandboxes('dns_suffix = "elb.example"\n')
    vpc, elbv2 = Vpc(ec2 := goru.client("ec2")), goru.client("elbv2")
    second = second_zone(ec2, vpc)
    front = ec2.create_security_group(GroupName="front", Description="front", VpcId=vpc.id)["GroupId"]
    [server] = launch(ec2, vpc.private, [vpc.group])
    balancer = Balancer(goru, vpc, "inner", 80, [vpc.private, second], [front], server["InstanceId"], Scheme="internal").ready()
    assert balancer.warning is None
    interfaces = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [front]}])["NetworkInterfaces"]
    own = {interface["PrivateIpAddress"] for interface in interfaces}
    [client] = launch(ec2, vpc.public, [vpc.group], "#!/bin/sh\nexec sleep 100000\n")
    inside = namespace_of(client["InstanceId"])
    assert all(get(inside, address, 80, seconds=1) is None for address in own), "the load balancer's group admits nobody"
    admit(ec2, front, 80, UserIdGroupPairs=[{"GroupId": vpc.group}])
    for address in own:
        wait_until(lambda a=address: (get(inside, a, 80) or " ").split(" ")[1] in own, what=f"an answer by {address}")
    # By its name, as a program of the instance asks for it.
    program = system("ip", "netns", "pids", inside).split()[-1]
    said = system("nsenter", "-t", program, "-m", "-n", "curl", "-s", "-m", 3, "--noproxy", "*", f"http://{balancer.dns_name}/")
    assert said.split(" ")[1] in own
    [status] = [lb for lb in json.loads(goru.cli("status", "--output", "json").stdout)["load_balancers"] if lb["name"] == "inner"]
    assert (set(status["addresses"]), status["urls"]) == (own, [f"http://{balancer.dns_name}/"])
    # AWS lets no load balancer be the target of another one of the same VPC by its address.
    with pytest.raises(ClientError) as error:
        elbv2.register_targets(TargetGroupArn=ip_group(elbv2, vpc), Targets=[{"Id": own.pop(), "Port": 80}])
    assert error.value.response["Error"]["Code"] == "InvalidTarget"


def ip_group(elbv2, vpc):
    return elbv2.create_target_group(Name="ip", Protocol="HTTP", Port=80, VpcId=vpc.id, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]


def test_u8_an_internet_facing_load_balancer_in_private_subnets_is_made_with_a_warning_and_reached_once_there_is_a_route(sandboxes):
    address, port = "127.0.0.1", free_ports()[0]
    goru = sandboxes(f'public_addresses = ["{address}"]\n')
    vpc = Vpc(ec2 := goru.client("ec2"))
    second = second_zone(ec2, vpc)
    table = vpc.table(vpc.private)
    ec2.associate_route_table(RouteTableId=table, SubnetId=second)
    front = ec2.create_security_group(GroupName="front", Description="front", VpcId=vpc.id)["GroupId"]
    admit(ec2, front, port)
    [server] = launch(ec2, vpc.private, [vpc.group])
    balancer = Balancer(goru, vpc, "web", port, [vpc.private, second], [front], server["InstanceId"]).ready()
    for said in (balancer.warning, goru.cli("status").stdout):
        for subnet in (vpc.private, second):
            assert f"route table {table} of {subnet} has no route to an internet gateway" in said
    assert get(None, address, port, seconds=1) is None
    # Nobody is told an address at which nobody listens.
    [status] = json.loads(goru.cli("status", "--output", "json").stdout)["load_balancers"]
    assert (status["addresses"], status["urls"]) == ([], [])
    told = goru.cli("why", "web").stdout
    assert told.startswith("not reached: load balancer web is internet-facing, but clients do not reach it in"), told
    assert f"listens at {address}" not in told and " only, closed to the outside, asks targets from 10.0." in told, told
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=vpc.gateway)
    wait_until(lambda: get(None, address, port) is not None, what="an answer to somebody outside")
    assert "no route" not in goru.cli("status").stdout
    assert f"listens at {address} and 10.0." in goru.cli("why", "web").stdout
    balancer.headers.clear()
    balancer.elbv2.set_subnets(LoadBalancerArn=balancer.arn, Subnets=[vpc.public, second])
    assert "x-goru-warning" not in balancer.headers
