//! Route tables and their routes.

use model::ec2::nat_gateway::NatGatewayState;

use crate::region::Ec2;

fn filter<'a>(name: &'a str, value: &'a str) -> [(&'a str, &'a str); 2] {
    [("Filter.1.Name", name), ("Filter.1.Value.1", value)]
}

#[tokio::test]
async fn a_private_subnet_gets_a_table_that_leads_through_a_nat_gateway() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let public = ec2.default_subnets().await.remove(0);
    let private = ec2.subnet(&vpc, "172.31.112.0/20").await;
    let (nat, _) = ec2.nat_gateway(&public).await;
    let made = ec2.call("CreateRouteTable", &[("VpcId", &vpc)]).await.ok();
    let table = made.one("routeTableId");
    assert_eq!((made.one("destinationCidrBlock"), made.one("gatewayId")), ("172.31.0.0/16".into(), "local".into()));
    assert!(made.all("routeTableAssociationId").is_empty());
    // As people write it: the NAT gateway as GatewayId.
    let route = [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "0.0.0.0/0"), ("GatewayId", &nat)];
    assert_eq!(ec2.call("CreateRoute", &route).await.ok().one("return"), "true");
    let associate = [("RouteTableId", table.as_str()), ("SubnetId", &private)];
    let associated = ec2.call("AssociateRouteTable", &associate).await.ok();
    let association = associated.one("associationId");
    assert_eq!(associated.one("state"), "associated");
    let shown = ec2.call("DescribeRouteTables", &[("RouteTableId.1", &table)]).await.ok();
    assert_eq!((shown.one("natGatewayId"), shown.one("subnetId")), (nat.clone(), private.clone()));
    assert_eq!((shown.one("main"), shown.one("routeTableAssociationId")), ("false".into(), association.clone()));
    assert_eq!(shown.all("state"), ["associated", "active", "active"]);
    assert_eq!(shown.all("origin"), ["CreateRouteTable", "CreateRoute"]);
    let again = ec2.call("AssociateRouteTable", &associate).await.ok();
    assert_eq!(again.one("associationId"), association, "a second time it is the same");

    for (name, value, expected) in [
        ("association.subnet-id", private.as_str(), 1),
        ("association.subnet-id", &public, 0),
        ("association.route-table-association-id", &association, 1),
        ("association.route-table-id", &table, 1),
        ("association.main", "true", 1),
        ("association.main", "false", 1),
        ("route.nat-gateway-id", &nat, 1),
        ("route.gateway-id", "igw-*", 1),
        ("route.gateway-id", "local", 2),
        ("route.state", "active", 2),
        ("route.state", "blackhole", 0),
        ("route.origin", "CreateRoute", 2),
        ("route.destination-cidr-block", "0.0.0.0/0", 2),
        ("route-table-id", &table, 1),
        ("owner-id", crate::support::ACCOUNT, 2),
        ("vpc-id", &vpc, 2),
    ] {
        let found = ec2.call("DescribeRouteTables", &filter(name, value)).await.ok();
        assert_eq!(found.all("ownerId").len(), expected, "{name}={value}: {}", found.text());
    }

    ec2.nat_gateway_becomes(&nat, NatGatewayState::Deleted).await;
    let black = ec2.call("DescribeRouteTables", &filter("route.state", "blackhole")).await.ok();
    assert_eq!(black.all("natGatewayId"), std::slice::from_ref(&nat));
    assert_eq!(ec2.code("DeleteRouteTable", &[("RouteTableId", &table)]).await, "DependencyViolation");
    ec2.call("DisassociateRouteTable", &[("AssociationId", &association)]).await.ok();
    ec2.call("DeleteRoute", &route[..2]).await.ok();
    ec2.call("DeleteRouteTable", &[("RouteTableId", &table)]).await.ok();
    assert_eq!(ec2.code("DeleteRouteTable", &[("RouteTableId", &table)]).await, "InvalidRouteTableID.NotFound");
}

#[tokio::test]
async fn routes_are_made_replaced_and_deleted_by_their_destination() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let gateway = ec2.internet_gateway(&vpc).await;
    let subnet = ec2.subnet(&vpc, "10.0.1.0/24").await;
    let (nat, _) = ec2.nat_gateway(&subnet).await;
    let table = ec2.route_table(&vpc).await;
    let t = ("RouteTableId", table.as_str());
    let to = async |action: &str, destination: &str, target: &[(&str, &str)]| {
        ec2.call(action, &[&[t, ("DestinationCidrBlock", destination)], target].concat()).await
    };
    // Host bits are cleared, as EC2 does it.
    to("CreateRoute", "198.51.100.7/24", &[("GatewayId", &gateway)]).await.ok();
    to("CreateRoute", "10.0.0.0/8", &[("NatGatewayId", &nat)]).await.ok();
    let destinations = async || {
        let reply = ec2.call("DescribeRouteTables", &[("RouteTableId.1", &table)]).await.ok();
        (reply.all("destinationCidrBlock"), reply.all("gatewayId"), reply.all("natGatewayId"))
    };
    let expected = ["10.0.0.0/16", "198.51.100.0/24", "10.0.0.0/8"].map(str::to_owned).to_vec();
    assert_eq!(destinations().await, (expected, vec!["local".into(), gateway.clone()], vec![nat.clone()]));
    to("ReplaceRoute", "198.51.100.0/24", &[("NatGatewayId", &nat)]).await.ok();
    assert_eq!(destinations().await.2, [nat.clone(), nat.clone()]);
    for (action, destination, target, code) in [
        ("CreateRoute", "198.51.100.0/24", ("GatewayId", gateway.as_str()), "RouteAlreadyExists"),
        ("CreateRoute", "198.51.100.99/24", ("GatewayId", &gateway), "RouteAlreadyExists"),
        ("CreateRoute", "0.0.0.0/0", ("DryRun", "true"), "MissingParameter"),
        ("ReplaceRoute", "0.0.0.0/0", ("GatewayId", &gateway), "InvalidParameterValue"),
        ("DeleteRoute", "0.0.0.0/0", ("DryRun", "false"), "InvalidRoute.NotFound"),
        ("DeleteRoute", "10.0.0.0/16", ("DryRun", "false"), "InvalidParameterValue"),
        ("DeleteRoute", "10.0.0.0/8", ("DryRun", "true"), "DryRunOperation"),
    ] {
        let reply = to(action, destination, &[target]).await;
        assert_eq!(reply.error().1, code, "{action} {destination}: {}", reply.text());
    }
    to("DeleteRoute", "10.0.0.0/8", &[]).await.ok();
    to("DeleteRoute", "198.51.100.0/24", &[]).await.ok();
    assert_eq!(destinations().await.0, ["10.0.0.0/16"]);
}

#[tokio::test]
async fn bad_routes_are_refused() {
    let ec2 = Ec2::start().await;
    let (vpc, other) = (ec2.vpc("10.0.0.0/16").await, ec2.vpc("10.1.0.0/16").await);
    let (gateway, foreign) = (ec2.internet_gateway(&vpc).await, ec2.internet_gateway(&other).await);
    let loose = ec2.call("CreateInternetGateway", &[]).await.ok().one("internetGatewayId");
    let elsewhere = ec2.subnet(&other, "10.1.1.0/24").await;
    let (nat, _) = ec2.nat_gateway(&elsewhere).await;
    let table = ec2.route_table(&vpc).await;
    let route = |destination: &'static str, target: &'static str| (destination, target);
    let table_of_calls: &[((&str, &str), &str, &str)] = &[
        (route("10.0.0.0/16", "GatewayId"), &gateway, "InvalidParameterValue"),
        (route("10.0.1.0/24", "GatewayId"), &gateway, "InvalidParameterValue"),
        (route("169.254.169.254/32", "GatewayId"), &gateway, "InvalidParameterValue"),
        (route("0.0.0.0/33", "GatewayId"), &gateway, "InvalidParameterValue"),
        (route("010.0.0.0/8", "GatewayId"), &gateway, "InvalidParameterValue"),
        (route("::/0", "GatewayId"), &gateway, "InvalidParameterValue"),
        (route("", "GatewayId"), &gateway, "InvalidParameterValue"),
        (route("0.0.0.0/0", "GatewayId"), &foreign, "InvalidParameterValue"),
        (route("0.0.0.0/0", "GatewayId"), &loose, "InvalidParameterValue"),
        (route("0.0.0.0/0", "GatewayId"), &nat, "InvalidParameterValue"),
        (route("0.0.0.0/0", "NatGatewayId"), &nat, "InvalidParameterValue"),
        (route("0.0.0.0/0", "GatewayId"), "igw-00000000", "InvalidGatewayID.NotFound"),
        (route("0.0.0.0/0", "GatewayId"), "igw-", "InvalidInternetGatewayId.Malformed"),
        (route("0.0.0.0/0", "GatewayId"), "nat-00000000", "InvalidNatGatewayID.NotFound"),
        (route("0.0.0.0/0", "NatGatewayId"), "nat-00000000", "InvalidNatGatewayID.NotFound"),
        (route("0.0.0.0/0", "NatGatewayId"), "nat-", "NatGatewayMalformed"),
        (route("0.0.0.0/0", "NatGatewayId"), &gateway, "NatGatewayMalformed"),
        (route("0.0.0.0/0", "GatewayId"), "vgw-00000000", "UnsupportedOperation"),
        (route("0.0.0.0/0", "GatewayId"), "vpce-00000000", "UnsupportedOperation"),
        (route("0.0.0.0/0", "GatewayId"), "local", "UnsupportedOperation"),
        (route("0.0.0.0/0", "InstanceId"), "i-00000000", "UnsupportedOperation"),
        (route("0.0.0.0/0", "NetworkInterfaceId"), "eni-00000000", "UnsupportedOperation"),
        (route("0.0.0.0/0", "VpcPeeringConnectionId"), "pcx-00000000", "UnsupportedOperation"),
        (route("0.0.0.0/0", "TransitGatewayId"), "tgw-00000000", "UnsupportedOperation"),
        (route("0.0.0.0/0", "VpcEndpointId"), "vpce-00000000", "UnsupportedOperation"),
        (route("0.0.0.0/0", "EgressOnlyInternetGatewayId"), "eigw-00000000", "UnsupportedOperation"),
        (route("0.0.0.0/0", "Colour"), "red", "UnknownParameter"),
    ];
    for ((destination, target), value, code) in table_of_calls {
        let parameters = [("RouteTableId", table.as_str()), ("DestinationCidrBlock", destination), (target, value)];
        for action in ["CreateRoute", "ReplaceRoute"] {
            let reply = ec2.call(action, &parameters).await;
            assert_eq!(reply.error().1, *code, "{action} {destination} {target} {value}: {}", reply.text());
        }
    }
    let (t, d) = (("RouteTableId", table.as_str()), ("DestinationCidrBlock", "0.0.0.0/0"));
    let g = ("GatewayId", gateway.as_str());
    ec2.refuses(&[
        ("CreateRoute", &[t, d], "MissingParameter"),
        ("CreateRoute", &[t, g], "MissingParameter"),
        ("CreateRoute", &[d, g], "MissingParameter"),
        ("CreateRoute", &[t, d, g, ("NatGatewayId", &nat)], "InvalidParameterCombination"),
        ("CreateRoute", &[t, d, g, ("DryRun", "true")], "DryRunOperation"),
        ("CreateRoute", &[("RouteTableId", "rtb-00000000"), d, g], "InvalidRouteTableID.NotFound"),
        ("CreateRoute", &[("RouteTableId", "x"), d, g], "InvalidRouteTableId.Malformed"),
        ("CreateRoute", &[t, ("DestinationIpv6CidrBlock", "::/0"), d, g], "UnsupportedOperation"),
        ("CreateRoute", &[t, ("DestinationPrefixListId", "pl-00000000"), d, g], "UnsupportedOperation"),
        ("ReplaceRoute", &[t, d, ("LocalTarget", "true")], "UnsupportedOperation"),
        ("DeleteRoute", &[t], "MissingParameter"),
        ("DeleteRoute", &[("RouteTableId", "rtb-00000000"), d], "InvalidRouteTableID.NotFound"),
    ])
    .await;
    let blocks: Vec<String> = (0..50).map(|n| format!("192.0.{n}.0/24")).collect();
    for block in &blocks {
        ec2.call("CreateRoute", &[t, ("DestinationCidrBlock", block), g]).await.ok();
    }
    assert_eq!(ec2.code("CreateRoute", &[t, d, g]).await, "RouteLimitExceeded");
}

#[tokio::test]
async fn the_main_table_changes_with_its_association() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let subnet = ec2.subnet(&vpc, "10.0.1.0/24").await;
    let mains = async || {
        let filters = [
            ("Filter.1.Name", "association.main"),
            ("Filter.1.Value.1", "true"),
            ("Filter.2.Name", "vpc-id"),
            ("Filter.2.Value.1", vpc.as_str()),
        ];
        let reply = ec2.call("DescribeRouteTables", &filters).await.ok();
        assert_eq!(reply.all("main"), ["true"], "a VPC has one main table");
        (reply.all("routeTableId").remove(0), reply.one("routeTableAssociationId"))
    };
    let (first, association) = mains().await;
    let second = ec2.route_table(&vpc).await;
    assert_eq!(ec2.code("DisassociateRouteTable", &[("AssociationId", &association)]).await, "InvalidParameterValue");
    assert_eq!(ec2.code("DeleteRouteTable", &[("RouteTableId", &first)]).await, "DependencyViolation");
    let replace = [("AssociationId", association.as_str()), ("RouteTableId", &second)];
    let code = ec2.code("ReplaceRouteTableAssociation", &[&replace[..], &[("DryRun", "true")]].concat()).await;
    assert_eq!(code, "DryRunOperation");
    let replaced = ec2.call("ReplaceRouteTableAssociation", &replace).await.ok();
    assert_ne!(replaced.one("newAssociationId"), association);
    assert_eq!(mains().await, (second.clone(), replaced.one("newAssociationId")));
    assert_eq!(ec2.code("ReplaceRouteTableAssociation", &replace).await, "InvalidAssociationID.NotFound");
    ec2.call("DeleteRouteTable", &[("RouteTableId", &first)]).await.ok();
    assert_eq!(ec2.code("DeleteRouteTable", &[("RouteTableId", &second)]).await, "DependencyViolation");

    let (third, fourth) = (ec2.route_table(&vpc).await, ec2.route_table(&vpc).await);
    let associate = [("RouteTableId", third.as_str()), ("SubnetId", &subnet)];
    let association = ec2.call("AssociateRouteTable", &associate).await.ok().one("associationId");
    let other = [("RouteTableId", fourth.as_str()), ("SubnetId", &subnet)];
    assert_eq!(ec2.code("AssociateRouteTable", &other).await, "Resource.AlreadyAssociated");
    let replace = [("AssociationId", association.as_str()), ("RouteTableId", &fourth)];
    let new = ec2.call("ReplaceRouteTableAssociation", &replace).await.ok().one("newAssociationId");
    let found = ec2.call("DescribeRouteTables", &filter("association.subnet-id", &subnet)).await.ok();
    assert_eq!((found.one("routeTableAssociationId"), found.one("subnetId")), (new, subnet.clone()));
    assert_eq!(found.all("routeTableId")[0], fourth);
    ec2.call("DeleteRouteTable", &[("RouteTableId", &third)]).await.ok();
    // A subnet that goes takes its association with it.
    ec2.call("DeleteSubnet", &[("SubnetId", &subnet)]).await.ok();
    ec2.call("DeleteRouteTable", &[("RouteTableId", &fourth)]).await.ok();
    ec2.call("DeleteVpc", &[("VpcId", &vpc)]).await.ok();
}

#[tokio::test]
async fn bad_tables_and_associations_are_refused() {
    let ec2 = Ec2::start().await;
    let (vpc, other) = (ec2.vpc("10.0.0.0/16").await, ec2.vpc("10.1.0.0/16").await);
    let (subnet, elsewhere) = (ec2.subnet(&vpc, "10.0.1.0/24").await, ec2.subnet(&other, "10.1.1.0/24").await);
    let (table, foreign) = (ec2.route_table(&vpc).await, ec2.route_table(&other).await);
    let (t, s) = (("RouteTableId", table.as_str()), ("SubnetId", subnet.as_str()));
    let association = ec2.call("AssociateRouteTable", &[t, s]).await.ok().one("associationId");
    let a = ("AssociationId", association.as_str());
    ec2.refuses(&[
        ("CreateRouteTable", &[], "MissingParameter"),
        ("CreateRouteTable", &[("VpcId", "vpc-00000000")], "InvalidVpcID.NotFound"),
        ("CreateRouteTable", &[("VpcId", "x")], "InvalidVpcID.Malformed"),
        ("CreateRouteTable", &[("VpcId", &vpc), ("DryRun", "true")], "DryRunOperation"),
        ("AssociateRouteTable", &[t, ("SubnetId", &elsewhere)], "InvalidParameterValue"),
        ("AssociateRouteTable", &[t, ("SubnetId", "subnet-00000000")], "InvalidSubnetID.NotFound"),
        ("AssociateRouteTable", &[t], "MissingParameter"),
        ("AssociateRouteTable", &[t, s, ("GatewayId", "igw-00000000")], "UnsupportedOperation"),
        ("AssociateRouteTable", &[("RouteTableId", "rtb-00000000"), s], "InvalidRouteTableID.NotFound"),
        ("AssociateRouteTable", &[t, s, ("DryRun", "true")], "DryRunOperation"),
        ("ReplaceRouteTableAssociation", &[a, ("RouteTableId", &foreign)], "InvalidParameterValue"),
        ("ReplaceRouteTableAssociation", &[a, ("RouteTableId", "rtb-00000000")], "InvalidRouteTableID.NotFound"),
        ("ReplaceRouteTableAssociation", &[("AssociationId", "rtbassoc-00000000"), t], "InvalidAssociationID.NotFound"),
        ("DisassociateRouteTable", &[("AssociationId", "rtbassoc-00000000")], "InvalidAssociationID.NotFound"),
        ("DisassociateRouteTable", &[("AssociationId", "x")], "InvalidParameterValue"),
        ("DisassociateRouteTable", &[a, ("DryRun", "true")], "DryRunOperation"),
        ("DeleteRouteTable", &[("RouteTableId", &foreign), ("DryRun", "true")], "DryRunOperation"),
        ("DeleteRouteTable", &[("RouteTableId", "rtb-")], "InvalidRouteTableId.Malformed"),
        ("DeleteVpc", &[("VpcId", &other)], "DependencyViolation"),
    ])
    .await;
    let same = ec2.call("ReplaceRouteTableAssociation", &[a, t]).await.ok();
    assert_eq!(same.one("newAssociationId"), association, "the same table again changes nothing");
}

#[tokio::test]
async fn a_repeated_creation_finds_the_same_table() {
    let ec2 = Ec2::start().await;
    let (vpc, other) = (ec2.vpc("10.0.0.0/16").await, ec2.vpc("10.1.0.0/16").await);
    let create = [("VpcId", vpc.as_str()), ("ClientToken", "once")];
    let first = ec2.call("CreateRouteTable", &create).await.ok();
    assert_eq!(first.one("clientToken"), "once");
    let again = ec2.call("CreateRouteTable", &create).await.ok();
    assert_eq!(again.one("routeTableId"), first.one("routeTableId"));
    let changed = [("VpcId", other.as_str()), ("ClientToken", "once")];
    assert_eq!(ec2.code("CreateRouteTable", &changed).await, "IdempotentParameterMismatch");
}
