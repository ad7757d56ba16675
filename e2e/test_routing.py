"""Internet gateways, route tables, Elastic IPs and NAT gateways with boto3: how they live together, and how they end.

What seed 001 does with them is in `test_seed_001.py`, what is refused in `test_bad_input.py`.
"""

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from stack import HOST_IMAGE

QUICK = {"Delay": 1, "MaxAttempts": 60}


def code_of(call, **arguments):
    """The code with which a call is refused, whose sentence is not empty."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Message"]
    return error.value.response["Error"]["Code"]


class Network:
    """A VPC as the wizard of seed 004 makes it: a public and a private subnet, a way out for each (U53)."""

    def __init__(self, goru, block="10.0"):
        self.ec2 = ec2 = goru.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock=f"{block}.0.0/16")["Vpc"]["VpcId"]
        self.public, self.private = (
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"{block}.{third}.0/24")["Subnet"]["SubnetId"] for third in (0, 1)
        )
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=self.public, AllocationId=self.allocation)
        self.nat = nat["NatGateway"]["NatGatewayId"]
        self.tables = [
            self.table(subnet, target)
            for subnet, target in ((self.public, {"GatewayId": self.gateway}), (self.private, {"NatGatewayId": self.nat}))
        ]
        ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[self.nat], WaiterConfig=QUICK)

    def table(self, subnet, target):
        table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
        made = self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return table, made["AssociationId"]

    def routes(self, table):
        [found] = self.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
        return {route["DestinationCidrBlock"]: route for route in found["Routes"]}


def address_of(ec2, instance):
    [reservation] = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0].get("PublicIpAddress")


def test_a_network_is_built_and_taken_down_piece_by_piece(goru):
    net = Network(goru)
    ec2 = net.ec2
    (public, of_public), (private, of_private) = net.tables
    assert net.routes(public)["0.0.0.0/0"]["GatewayId"] == net.gateway
    assert net.routes(private)["0.0.0.0/0"]["NatGatewayId"] == net.nat
    instance = ec2.run_instances(ImageId=HOST_IMAGE, MinCount=1, MaxCount=1, SubnetId=net.private)["Instances"][0]
    assert instance["PrivateIpAddress"] == "10.0.1.4"
    assert code_of(ec2.delete_subnet, SubnetId=net.public) == "DependencyViolation"
    detach = {"InternetGatewayId": net.gateway, "VpcId": net.vpc}
    assert code_of(ec2.detach_internet_gateway, **detach) == "DependencyViolation"

    ec2.delete_nat_gateway(NatGatewayId=net.nat)
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[net.nat], WaiterConfig=QUICK)
    assert net.routes(private)["0.0.0.0/0"]["State"] == "blackhole"
    interfaces = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [net.public]}])
    assert interfaces["NetworkInterfaces"] == []
    ec2.release_address(AllocationId=net.allocation)
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance["InstanceId"]], WaiterConfig=QUICK)
    ec2.detach_internet_gateway(**detach)
    assert net.routes(public)["0.0.0.0/0"]["State"] == "blackhole"
    ec2.delete_internet_gateway(InternetGatewayId=net.gateway)
    for table, association in ((public, of_public), (private, of_private)):
        ec2.disassociate_route_table(AssociationId=association)
        ec2.delete_route_table(RouteTableId=table)
    for subnet in (net.public, net.private):
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=net.vpc)
    assert code_of(ec2.describe_vpcs, VpcIds=[net.vpc]) == "InvalidVpcID.NotFound"


def test_u38_an_elastic_ip_stays_with_its_instance_over_stop_and_start_until_it_is_terminated(goru):
    ec2 = goru.client("ec2")
    instance = ec2.run_instances(ImageId=HOST_IMAGE, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig=QUICK)
    own = address_of(ec2, instance)
    allocated = ec2.allocate_address()
    elastic, allocation = allocated["PublicIp"], allocated["AllocationId"]
    assert elastic == "127.80.0.1" != own
    ec2.associate_address(AllocationId=allocation, InstanceId=instance)
    assert address_of(ec2, instance) == elastic
    ec2.stop_instances(InstanceIds=[instance])
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance], WaiterConfig=QUICK)
    assert address_of(ec2, instance) == elastic
    ec2.start_instances(InstanceIds=[instance])
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig=QUICK)
    assert address_of(ec2, instance) == elastic
    assert code_of(ec2.release_address, AllocationId=allocation) == "InvalidIPAddress.InUse"
    ec2.terminate_instances(InstanceIds=[instance])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance], WaiterConfig=QUICK)
    [address] = ec2.describe_addresses(AllocationIds=[allocation])["Addresses"]
    assert "AssociationId" not in address and "InstanceId" not in address
    ec2.release_address(AllocationId=allocation)


def test_everything_survives_the_end_of_the_control_plane(goru):
    net = Network(goru)
    (_, _), (private, _) = net.tables
    before = (net.routes(private), net.ec2.describe_addresses()["Addresses"], net.ec2.describe_nat_gateways()["NatGateways"])
    # One more, whose state nobody has moved when everything ends.
    late = net.ec2.create_nat_gateway(SubnetId=net.public, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    goru.kill()
    goru.start()
    net.ec2 = ec2 = goru.client("ec2")
    state = lambda: ec2.describe_nat_gateways(NatGatewayIds=[late])["NatGateways"][0]["State"]  # noqa: E731
    wait_until(lambda: state() == "available", what="the NAT gateway that was pending")
    gateways = ec2.describe_nat_gateways(NatGatewayIds=[net.nat])["NatGateways"]
    assert (net.routes(private), ec2.describe_addresses()["Addresses"], gateways) == before


def test_the_pool_is_the_one_of_the_configuration(start_goru):
    goru = start_goru(config='public_pool = "192.0.2.8/30"\n', arguments=["--driver", "simulated"])
    seoul, ireland = goru.client("ec2"), goru.client("ec2", region="eu-west-1")
    assert [ec2.allocate_address()["PublicIp"] for ec2 in (seoul, ireland)] == ["192.0.2.9", "192.0.2.10"]
    assert code_of(seoul.allocate_address) == "InsufficientAddressCapacity"
    goru.config_file.write_text('public_pool = "127.70.0.0/16"\n')
    refused = goru.cli("check", goru.config_file, check=False)
    assert refused.returncode == 1 and "goru.toml:1:15" in refused.stderr + refused.stdout
