//! Internet gateways.

use model::ec2::instance::InstanceState;

use crate::region::Ec2;

#[tokio::test]
async fn a_gateway_is_made_attached_detached_and_deleted() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let tags = [
        ("TagSpecification.1.ResourceType", "internet-gateway"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "door"),
    ];
    let made = ec2.call("CreateInternetGateway", &tags).await.ok();
    let id = made.one("internetGatewayId");
    assert_eq!((made.one("value"), made.all("vpcId").len()), ("door".into(), 0));
    let of = [("InternetGatewayId", id.as_str()), ("VpcId", &vpc)];
    assert_eq!(ec2.code("DetachInternetGateway", &of).await, "Gateway.NotAttached");
    assert_eq!(ec2.code("AttachInternetGateway", &[&of[..], &[("DryRun", "true")]].concat()).await, "DryRunOperation");
    ec2.call("AttachInternetGateway", &of).await.ok();
    let shown = ec2.call("DescribeInternetGateways", &[("InternetGatewayId.1", &id)]).await.ok();
    assert_eq!((shown.one("vpcId"), shown.one("state")), (vpc.clone(), "attached".into()));
    ec2.refuses(&[
        ("AttachInternetGateway", &of, "Resource.AlreadyAssociated"),
        ("DeleteInternetGateway", &of[..1], "DependencyViolation"),
        ("DeleteVpc", &of[1..], "DependencyViolation"),
        ("DetachInternetGateway", &[of[0], ("VpcId", &ec2.default_vpc().await)], "Gateway.NotAttached"),
    ])
    .await;
    ec2.call("DetachInternetGateway", &of).await.ok();
    ec2.call("DeleteInternetGateway", &of[..1]).await.ok();
    assert_eq!(ec2.code("DeleteInternetGateway", &of[..1]).await, "InvalidInternetGatewayID.NotFound");
    ec2.call("DeleteVpc", &of[1..]).await.ok();
}

#[tokio::test]
async fn a_vpc_has_one_gateway_and_a_gateway_one_vpc() {
    let ec2 = Ec2::start().await;
    let (one, two) = (ec2.vpc("10.0.0.0/16").await, ec2.vpc("10.1.0.0/16").await);
    let attached = ec2.internet_gateway(&one).await;
    let free = ec2.call("CreateInternetGateway", &[]).await.ok().one("internetGatewayId");
    let v = ("VpcId", one.as_str());
    ec2.refuses(&[
        ("AttachInternetGateway", &[("InternetGatewayId", &attached), ("VpcId", &two)], "Resource.AlreadyAssociated"),
        ("AttachInternetGateway", &[("InternetGatewayId", &free), v], "InvalidParameterValue"),
        ("AttachInternetGateway", &[("InternetGatewayId", "igw-00000000"), v], "InvalidInternetGatewayID.NotFound"),
        ("AttachInternetGateway", &[("InternetGatewayId", "x"), v], "InvalidInternetGatewayId.Malformed"),
        ("AttachInternetGateway", &[("InternetGatewayId", &free), ("VpcId", "vpc-00000000")], "InvalidVpcID.NotFound"),
        ("AttachInternetGateway", &[("InternetGatewayId", &free)], "MissingParameter"),
        ("DeleteInternetGateway", &[("InternetGatewayId", &free), ("DryRun", "true")], "DryRunOperation"),
        ("CreateInternetGateway", &[("DryRun", "true")], "DryRunOperation"),
        (
            "CreateInternetGateway",
            &[("TagSpecification.1.ResourceType", "vpc"), ("TagSpecification.1.Tag.1.Key", "a")],
            "InvalidParameterValue",
        ),
    ])
    .await;
    ec2.call("AttachInternetGateway", &[("InternetGatewayId", &free), ("VpcId", &two)]).await.ok();
}

#[tokio::test]
async fn a_gateway_stays_while_something_has_a_public_address() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let gateway = ec2.call("DescribeInternetGateways", &[]).await.ok().one("internetGatewayId");
    let of = [("InternetGatewayId", gateway.as_str()), ("VpcId", &vpc)];
    let instance = ec2.launch_running(&[]).await;
    assert_eq!(ec2.code("DetachInternetGateway", &of).await, "DependencyViolation");
    ec2.becomes(&instance, InstanceState::Stopped).await;
    let (allocation, _) = ec2.address().await;
    let associate = [("AllocationId", allocation.as_str()), ("InstanceId", &instance)];
    let association = ec2.call("AssociateAddress", &associate).await.ok().one("associationId");
    assert_eq!(ec2.code("DetachInternetGateway", &of).await, "DependencyViolation");
    ec2.call("DisassociateAddress", &[("AssociationId", &association)]).await.ok();
    let subnet = ec2.default_subnets().await.remove(0);
    let (nat_gateway, _) = ec2.nat_gateway(&subnet).await;
    assert_eq!(ec2.code("DetachInternetGateway", &of).await, "DependencyViolation");
    ec2.nat_gateway_becomes(&nat_gateway, model::ec2::nat_gateway::NatGatewayState::Deleted).await;
    ec2.call("DetachInternetGateway", &of).await.ok();
    let table = ec2.call("DescribeRouteTables", &[]).await.ok();
    assert_eq!(table.all("state"), ["associated", "active", "blackhole"]);
}
