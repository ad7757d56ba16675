//! NAT gateways, their interfaces and addresses.

use model::ec2::nat_gateway::NatGatewayState;

use crate::region::Ec2;

#[tokio::test]
async fn a_public_gateway_takes_an_address_of_its_subnet_and_its_elastic_ip() {
    let ec2 = Ec2::start().await;
    let subnet = ec2.default_subnets().await.remove(0);
    let left = async || {
        let reply = ec2.call("DescribeSubnets", &[("SubnetId.1", &subnet)]).await.ok();
        reply.one("availableIpAddressCount")
    };
    assert_eq!(left().await, "4091");
    let (allocation, public) = ec2.address().await;
    let parameters = [
        ("SubnetId", subnet.as_str()),
        ("AllocationId", &allocation),
        ("TagSpecification.1.ResourceType", "natgateway"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "out"),
    ];
    let made = ec2.call("CreateNatGateway", &parameters).await.ok();
    let id = made.one("natGatewayId");
    assert_eq!((made.one("state"), made.one("connectivityType")), ("pending".into(), "public".into()));
    assert_eq!((made.one("publicIp"), made.one("privateIp")), (public.clone(), "172.31.0.4".into()));
    assert_eq!((made.one("value"), made.one("isPrimary")), ("out".into(), "true".into()));
    let interface = made.one("networkInterfaceId");
    assert_eq!(left().await, "4090");
    let instance = ec2.launch(&[("SubnetId", &subnet)]).await;
    assert_eq!(ec2.record(&instance).private_address.to_string(), "172.31.0.5");
    let taken =
        [("ImageId", model::ec2::image::HOST_IMAGE), ("MinCount", "1"), ("MaxCount", "1"), ("SubnetId", &subnet)];
    let taken = [&taken[..], &[("PrivateIpAddress", "172.31.0.4")]].concat();
    assert_eq!(ec2.code("RunInstances", &taken).await, "InvalidIPAddress.InUse");

    ec2.nat_gateway_becomes(&id, NatGatewayState::Available).await;
    let shown = ec2.call("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &interface)]).await.ok();
    assert_eq!((shown.one("requesterManaged"), shown.one("interfaceType")), ("true".into(), "natGateway".into()));
    assert_eq!(
        (shown.all("status"), shown.all("publicIp")[0].clone()),
        (vec!["attached".into(), "in-use".into()], public)
    );
    assert_eq!(shown.one("description"), format!("Interface for NAT Gateway {id}"));
    assert_eq!(shown.all("allocationId")[0], allocation);
    for (name, value) in [
        ("interface-type", "nat_gateway"),
        ("requester-managed", "true"),
        ("description", "Interface for NAT Gateway*"),
        ("association.allocation-id", allocation.as_str()),
        ("addresses.private-ip-address", "172.31.0.4"),
    ] {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        let found = ec2.call("DescribeNetworkInterfaces", &filter).await.ok();
        assert_eq!(found.one("networkInterfaceId"), interface, "{name}={value}");
    }
    let all = ec2.call("DescribeNetworkInterfaces", &[]).await.ok();
    assert_eq!(all.all("networkInterfaceId").len(), 2);

    assert_eq!(ec2.call("DeleteNatGateway", &[("NatGatewayId", &id)]).await.ok().one("natGatewayId"), id);
    assert_eq!(ec2.call("DescribeNatGateways", &[]).await.ok().one("state"), "deleting");
    ec2.call("DeleteNatGateway", &[("NatGatewayId", &id)]).await.ok();
    ec2.nat_gateway_becomes(&id, NatGatewayState::Deleted).await;
    let gone = ec2.call("DescribeNatGateways", &[("NatGatewayId.1", &id)]).await.ok();
    assert_eq!((gone.one("state"), gone.all("deleteTime").len()), ("deleted".into(), 1));
    assert_eq!(ec2.code("DeleteNatGateway", &[("NatGatewayId", &id)]).await, "NatGatewayNotFound");
    assert_eq!(left().await, "4090", "the instance has the other one");
    ec2.call("ReleaseAddress", &[("AllocationId", &allocation)]).await.ok();
}

#[tokio::test]
async fn a_private_gateway_has_no_elastic_ip() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let subnet = ec2.subnet(&vpc, "10.0.1.0/24").await;
    let wanted = [("SubnetId", subnet.as_str()), ("ConnectivityType", "private"), ("PrivateIpAddress", "10.0.1.77")];
    let made = ec2.call("CreateNatGateway", &wanted).await.ok();
    assert_eq!((made.one("privateIp"), made.one("connectivityType")), ("10.0.1.77".into(), "private".into()));
    assert!(made.all("publicIp").is_empty() && made.all("allocationId").is_empty());
    assert_eq!(ec2.code("CreateNatGateway", &wanted).await, "InvalidIPAddress.InUse");
    ec2.refuses(&[
        ("DeleteSubnet", &[("SubnetId", &subnet)], "DependencyViolation"),
        ("DeleteVpc", &[("VpcId", &vpc)], "DependencyViolation"),
    ])
    .await;
    ec2.nat_gateway_becomes(&made.one("natGatewayId"), NatGatewayState::Deleted).await;
    ec2.call("DeleteSubnet", &[("SubnetId", &subnet)]).await.ok();
    ec2.call("DeleteVpc", &[("VpcId", &vpc)]).await.ok();
    assert_eq!(ec2.call("DescribeNatGateways", &[]).await.ok().one("state"), "deleted");
}

#[tokio::test]
async fn gateways_are_found_by_what_they_show() {
    let ec2 = Ec2::start().await;
    let subnets = ec2.default_subnets().await;
    let mut ids = Vec::new();
    for subnet in subnets.iter().chain(&subnets).take(6) {
        ids.push(ec2.nat_gateway(subnet).await.0);
    }
    ec2.nat_gateway_becomes(&ids[0], NatGatewayState::Available).await;
    let vpc = ec2.default_vpc().await;
    for (name, value, expected) in [
        ("nat-gateway-id", ids[1].as_str(), 1),
        ("state", "available", 1),
        ("state", "pending", 5),
        ("subnet-id", &subnets[0], 2),
        ("vpc-id", &vpc, 6),
        ("tag-key", "*", 0),
    ] {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        let found = ec2.call("DescribeNatGateways", &filter).await.ok();
        assert_eq!(found.all("natGatewayId").len(), expected, "{name}={value}");
    }
    let first = ec2.call("DescribeNatGateways", &[("MaxResults", "5")]).await.ok();
    let next = [("MaxResults", "5"), ("NextToken", &first.one("nextToken"))];
    let second = ec2.call("DescribeNatGateways", &next).await.ok();
    let mut listed = [first.all("natGatewayId"), second.all("natGatewayId")].concat();
    listed.sort();
    ids.sort();
    assert_eq!(listed, ids);
}

#[tokio::test]
async fn bad_gateways_are_refused() {
    let ec2 = Ec2::start().await;
    let subnet = ec2.default_subnets().await.remove(0);
    let ((_, used), (allocation, _)) = (ec2.nat_gateway(&subnet).await, ec2.address().await);
    let (s, a) = (("SubnetId", subnet.as_str()), ("AllocationId", allocation.as_str()));
    ec2.refuses(&[
        ("CreateNatGateway", &[a], "MissingParameter"),
        ("CreateNatGateway", &[s], "MissingParameter"),
        ("CreateNatGateway", &[("SubnetId", "subnet-00000000"), a], "InvalidSubnetID.NotFound"),
        ("CreateNatGateway", &[("SubnetId", "x"), a], "InvalidSubnetID.Malformed"),
        ("CreateNatGateway", &[s, ("AllocationId", "eipalloc-00000000")], "InvalidAllocationID.NotFound"),
        ("CreateNatGateway", &[s, ("AllocationId", "x")], "InvalidParameterValue"),
        ("CreateNatGateway", &[s, ("AllocationId", &used)], "Resource.AlreadyAssociated"),
        ("CreateNatGateway", &[s, a, ("ConnectivityType", "private")], "InvalidParameterCombination"),
        ("CreateNatGateway", &[s, a, ("ConnectivityType", "x")], "InvalidParameterValue"),
        ("CreateNatGateway", &[s, a, ("PrivateIpAddress", "172.31.0.4")], "InvalidIPAddress.InUse"),
        ("CreateNatGateway", &[s, a, ("PrivateIpAddress", "172.31.0.3")], "InvalidParameterValue"),
        ("CreateNatGateway", &[s, a, ("PrivateIpAddress", "10.0.0.9")], "InvalidParameterValue"),
        ("CreateNatGateway", &[s, a, ("PrivateIpAddress", "x")], "InvalidParameterValue"),
        ("CreateNatGateway", &[s, a, ("AvailabilityMode", "regional")], "UnsupportedOperation"),
        ("CreateNatGateway", &[s, a, ("SecondaryAllocationId.1", &used)], "UnsupportedOperation"),
        ("CreateNatGateway", &[s, a, ("SecondaryPrivateIpAddressCount", "1")], "UnsupportedOperation"),
        ("CreateNatGateway", &[s, a, ("SecondaryPrivateIpAddress.1", "172.31.0.9")], "UnsupportedOperation"),
        ("CreateNatGateway", &[s, a, ("VpcId", "vpc-00000000")], "UnsupportedOperation"),
        ("CreateNatGateway", &[s, a, ("DryRun", "true")], "DryRunOperation"),
        (
            "CreateNatGateway",
            &[s, a, ("TagSpecification.1.ResourceType", "nat-gateway"), ("TagSpecification.1.Tag.1.Key", "a")],
            "InvalidParameterValue",
        ),
        ("DeleteNatGateway", &[("NatGatewayId", "nat-00000000")], "NatGatewayNotFound"),
        ("DeleteNatGateway", &[("NatGatewayId", "x")], "NatGatewayMalformed"),
        ("DeleteNatGateway", &[], "MissingParameter"),
        ("DescribeNatGateways", &[("NatGatewayId.1", "nat-00000000")], "NatGatewayNotFound"),
        ("DescribeNatGateways", &[("NatGatewayId.1", "x")], "NatGatewayMalformed"),
        ("DescribeNatGateways", &[("MaxResults", "4")], "InvalidParameterValue"),
        ("DescribeNatGateways", &[("MaxResults", "1001")], "InvalidParameterValue"),
        ("DescribeNatGateways", &[("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")], "InvalidParameterValue"),
        ("DescribeNatGateways", &[("NextToken", "x")], "InvalidNextToken"),
        ("DescribeNatGateways", &[("DryRun", "true")], "DryRunOperation"),
    ])
    .await;
    assert_eq!(
        ec2.call("DescribeNatGateways", &[]).await.ok().all("natGatewayId").len(),
        1,
        "nothing half made is left"
    );
    assert_eq!(ec2.call("DescribeNetworkInterfaces", &[]).await.ok().all("networkInterfaceId").len(), 1);
    for _ in 0..4 {
        ec2.nat_gateway(&subnet).await;
    }
    assert_eq!(ec2.code("CreateNatGateway", &[s, a]).await, "NatGatewayLimitExceeded");
    let other = ec2.default_subnets().await.remove(1);
    ec2.call("CreateNatGateway", &[("SubnetId", &other), a]).await.ok();
}

#[tokio::test]
async fn a_repeated_creation_finds_the_same_gateway() {
    let ec2 = Ec2::start().await;
    let subnet = ec2.default_subnets().await.remove(0);
    let (allocation, _) = ec2.address().await;
    let create = [("SubnetId", subnet.as_str()), ("AllocationId", &allocation), ("ClientToken", "once")];
    let first = ec2.call("CreateNatGateway", &create).await.ok();
    assert_eq!(first.one("clientToken"), "once");
    let again = ec2.call("CreateNatGateway", &create).await.ok();
    assert_eq!(again.one("natGatewayId"), first.one("natGatewayId"));
    let changed = [&create[..], &[("PrivateIpAddress", "172.31.0.9")]].concat();
    assert_eq!(ec2.code("CreateNatGateway", &changed).await, "IdempotentParameterMismatch");
    assert_eq!(ec2.code("CreateNatGateway", &[&create[..], &[("DryRun", "true")]].concat()).await, "DryRunOperation");
}

#[tokio::test]
async fn a_full_subnet_has_no_room_for_a_gateway() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let subnet = ec2.subnet(&vpc, "10.0.1.0/28").await;
    let launch = [("SubnetId", subnet.as_str()), ("MaxCount", "11"), ("MinCount", "11")];
    let image = [("ImageId", model::ec2::image::HOST_IMAGE)];
    ec2.call("RunInstances", &[&image[..], &launch].concat()).await.ok();
    let private = [("SubnetId", subnet.as_str()), ("ConnectivityType", "private")];
    assert_eq!(ec2.code("CreateNatGateway", &private).await, "InsufficientFreeAddressesInSubnet");
}
