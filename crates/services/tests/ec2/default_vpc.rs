//! What a region has from the start.

use model::ec2::vpc::Vpc;

use crate::region::Ec2;
use crate::support::{ACCOUNT, settings};

#[tokio::test]
async fn every_region_has_a_default_vpc_with_a_subnet_per_zone() {
    let ec2 = Ec2::start().await;
    let vpcs = ec2.call("DescribeVpcs", &[]).await.ok();
    assert_eq!((vpcs.all("cidrBlock")[0].as_str(), vpcs.one("isDefault").as_str()), ("172.31.0.0/16", "true"));
    assert_eq!(vpcs.all("state"), ["associated", "available"]);
    assert_eq!(vpcs.one("ownerId"), ACCOUNT);

    let subnets = ec2.call("DescribeSubnets", &[]).await.ok();
    let mut shown: Vec<_> = subnets.all("availabilityZone").into_iter().zip(subnets.all("cidrBlock")).collect();
    shown.sort();
    let expected = [
        ("ap-northeast-2a", "172.31.0.0/20"),
        ("ap-northeast-2b", "172.31.16.0/20"),
        ("ap-northeast-2c", "172.31.32.0/20"),
        ("ap-northeast-2d", "172.31.48.0/20"),
    ];
    assert_eq!(shown, expected.map(|(zone, cidr)| (zone.to_owned(), cidr.to_owned())));
    assert_eq!(subnets.all("availableIpAddressCount"), ["4091"; 4]);
    assert_eq!(subnets.all("mapPublicIpOnLaunch"), ["true"; 4]);
    assert_eq!(subnets.all("availabilityZoneId").iter().filter(|id| id.starts_with("apne2-az")).count(), 4);
    for (id, arn) in subnets.all("subnetId").iter().zip(subnets.all("subnetArn")) {
        assert_eq!(arn, format!("arn:aws:ec2:ap-northeast-2:{ACCOUNT}:subnet/{id}"));
        assert_eq!(id.len(), "subnet-".len() + 17);
    }
}

#[tokio::test]
async fn the_default_vpc_leads_to_the_internet_and_trusts_itself() {
    let ec2 = Ec2::start().await;
    let gateway = ec2.call("DescribeInternetGateways", &[]).await.ok();
    assert_eq!(gateway.one("vpcId"), ec2.default_vpc().await);
    let table = ec2.call("DescribeRouteTables", &[]).await.ok();
    assert_eq!(table.all("destinationCidrBlock"), ["172.31.0.0/16", "0.0.0.0/0"]);
    assert_eq!(table.all("gatewayId"), ["local".to_owned(), gateway.one("internetGatewayId")]);
    assert_eq!(table.one("main"), "true");
    let group = ec2.call("DescribeSecurityGroups", &[]).await.ok();
    assert_eq!(group.one("groupName"), "default");
    assert_eq!(group.all("ipProtocol"), ["-1", "-1"]);
    let ids = group.all("groupId");
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]), "the group refers to itself");
    assert_eq!(group.one("cidrIp"), "0.0.0.0/0");
}

#[tokio::test]
async fn regions_are_kept_apart_and_made_once() {
    let ec2 = Ec2::start().await;
    let seoul = ec2.default_vpc().await;
    let ireland = ec2.call_in("eu-west-1", "DescribeVpcs", &[]).await.ok().one("vpcId");
    assert_ne!(seoul, ireland);
    assert_eq!(ec2.default_vpc().await, seoul);
    assert_eq!(ec2.code("DescribeVpcs", &[("VpcId.1", &ireland)]).await, "InvalidVpcID.NotFound");
    assert_eq!(ec2.server.store.view().all::<Vpc>().count(), 2);
}

#[tokio::test]
async fn fifty_first_calls_make_one_default_vpc() {
    let ec2 = std::sync::Arc::new(Ec2::start().await);
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let ec2 = std::sync::Arc::clone(&ec2);
            tokio::spawn(async move { ec2.call("DescribeVpcs", &[]).await.ok().one("vpcId") })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for call in calls {
        ids.insert(call.await.unwrap());
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
}

#[tokio::test]
async fn a_deleted_default_vpc_stays_away_until_it_is_asked_for() {
    let ec2 = Ec2::start().await;
    assert_eq!(ec2.code("CreateDefaultVpc", &[]).await, "DefaultVpcAlreadyExists");
    let vpc = ec2.default_vpc().await;
    assert_eq!(ec2.code("DeleteVpc", &[("VpcId", &vpc)]).await, "DependencyViolation");
    for subnet in ec2.default_subnets().await {
        ec2.call("DeleteSubnet", &[("SubnetId", &subnet)]).await.ok();
    }
    assert_eq!(ec2.code("DeleteVpc", &[("VpcId", &vpc)]).await, "DependencyViolation", "its gateway is attached");
    let gateway = ec2.call("DescribeInternetGateways", &[]).await.ok().one("internetGatewayId");
    ec2.call("DetachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]).await.ok();
    ec2.call("DeleteInternetGateway", &[("InternetGatewayId", &gateway)]).await.ok();
    ec2.call("DeleteVpc", &[("VpcId", &vpc)]).await.ok();
    for (action, element) in [
        ("DescribeVpcs", "vpcId"),
        ("DescribeSecurityGroups", "groupId"),
        ("DescribeRouteTables", "routeTableId"),
        ("DescribeInternetGateways", "internetGatewayId"),
    ] {
        assert!(ec2.call(action, &[]).await.ok().all(element).is_empty(), "{action}");
    }
    let launch = [("ImageId", model::ec2::image::HOST_IMAGE), ("MinCount", "1"), ("MaxCount", "1")];
    assert_eq!(ec2.code("RunInstances", &launch).await, "VPCIdNotSpecified");
    assert_eq!(ec2.code("CreateDefaultVpc", &[("DryRun", "true")]).await, "DryRunOperation");
    let again = ec2.call("CreateDefaultVpc", &[]).await.ok().one("vpcId");
    assert_eq!(ec2.default_vpc().await, again);
    assert_eq!(ec2.default_subnets().await.len(), 4);
}

#[tokio::test]
async fn zones_and_regions_are_listed_as_configured() {
    let ec2 = Ec2::start().await;
    let zones = ec2.call("DescribeAvailabilityZones", &[]).await.ok();
    assert_eq!(zones.all("zoneName"), ["a", "b", "c", "d"].map(|letter| format!("ap-northeast-2{letter}")));
    assert_eq!(zones.all("zoneId"), ["apne2-az1", "apne2-az2", "apne2-az3", "apne2-az4"]);
    let one = ec2.call("DescribeAvailabilityZones", &[("ZoneId.1", "apne2-az3")]).await.ok();
    assert_eq!(one.one("zoneName"), "ap-northeast-2c");

    let regions = ec2.call("DescribeRegions", &[("AllRegions", "true")]).await.ok().all("regionName");
    assert!(regions.contains(&"ap-northeast-2".to_owned()) && regions.contains(&"us-east-1".to_owned()));
    assert!(!regions.iter().any(|region| region.starts_with("cn-") || region.contains("gov")), "{regions:?}");
    let china = ec2.call_in("cn-north-1", "DescribeRegions", &[]).await.ok();
    assert_eq!(china.all("regionName"), ["cn-north-1", "cn-northwest-1"]);
    assert_eq!(china.all("regionEndpoint")[0], "ec2.cn-north-1.amazonaws.com.cn");

    let narrow = services::Settings { zones: [("ap-northeast-2".to_owned(), vec!['c', 'a'])].into(), ..settings() };
    let server = crate::support::Server::with(narrow).await;
    let ec2 = Ec2 { server };
    let zones = ec2.call("DescribeAvailabilityZones", &[]).await.ok();
    assert_eq!(zones.all("zoneName"), ["ap-northeast-2a", "ap-northeast-2c"]);
    assert_eq!(ec2.default_subnets().await.len(), 2);
}

#[tokio::test]
async fn the_account_tells_its_limits_and_its_default_vpc() {
    let ec2 = Ec2::start().await;
    let all = ec2.call("DescribeAccountAttributes", &[]).await.ok();
    assert_eq!(all.all("attributeName").len(), 6);
    let one = ec2.call("DescribeAccountAttributes", &[("AttributeName.1", "default-vpc")]).await.ok();
    assert_eq!(one.one("attributeValue"), ec2.default_vpc().await);
}
