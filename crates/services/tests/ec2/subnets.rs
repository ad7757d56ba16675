//! Subnets.

use model::ec2::instance::InstanceState;

use crate::region::Ec2;

#[tokio::test]
async fn subnets_are_cut_out_of_the_default_vpc() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    for (cidr, zone) in [("172.31.112.0/20", "ap-northeast-2a"), ("172.31.144.0/20", "ap-northeast-2c")] {
        let parameters = [("VpcId", vpc.as_str()), ("CidrBlock", cidr), ("AvailabilityZone", zone)];
        let created = ec2.call("CreateSubnet", &parameters).await.ok();
        assert_eq!((created.one("cidrBlock"), created.one("availabilityZone")), (cidr.into(), zone.into()));
        assert_eq!(created.one("availableIpAddressCount"), "4091");
        assert_eq!((created.one("defaultForAz"), created.one("mapPublicIpOnLaunch")), ("false".into(), "false".into()));
    }
    assert_eq!(ec2.call("DescribeSubnets", &[]).await.ok().all("subnetId").len(), 6);
}

#[tokio::test]
async fn bad_subnets_are_refused() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let subnet = ec2.default_subnets().await.remove(0);
    let v = ("VpcId", vpc.as_str());
    ec2.refuses(&[
        ("CreateSubnet", &[v, ("CidrBlock", "172.31.0.0/24")], "InvalidSubnet.Conflict"),
        ("CreateSubnet", &[v, ("CidrBlock", "172.31.0.0/16")], "InvalidSubnet.Conflict"),
        ("CreateSubnet", &[v, ("CidrBlock", "10.0.0.0/24")], "InvalidSubnet.Range"),
        ("CreateSubnet", &[v, ("CidrBlock", "172.30.0.0/15")], "InvalidSubnet.Range"),
        ("CreateSubnet", &[v, ("CidrBlock", "172.31.128.0/29")], "InvalidSubnet.Range"),
        ("CreateSubnet", &[v, ("CidrBlock", "172.31.128.0/33")], "InvalidParameterValue"),
        ("CreateSubnet", &[v, ("CidrBlock", "x")], "InvalidParameterValue"),
        ("CreateSubnet", &[v], "MissingParameter"),
        ("CreateSubnet", &[("CidrBlock", "172.31.128.0/20")], "MissingParameter"),
        ("CreateSubnet", &[("VpcId", "vpc-00000000"), ("CidrBlock", "172.31.128.0/20")], "InvalidVpcID.NotFound"),
        ("CreateSubnet", &[("VpcId", "x"), ("CidrBlock", "172.31.128.0/20")], "InvalidVpcID.Malformed"),
        (
            "CreateSubnet",
            &[v, ("CidrBlock", "172.31.128.0/20"), ("AvailabilityZone", "us-east-1a")],
            "InvalidParameterValue",
        ),
        (
            "CreateSubnet",
            &[
                v,
                ("CidrBlock", "172.31.128.0/20"),
                ("AvailabilityZone", "ap-northeast-2a"),
                ("AvailabilityZoneId", "apne2-az2"),
            ],
            "InvalidParameterCombination",
        ),
        ("CreateSubnet", &[v, ("CidrBlock", "172.31.128.0/20"), ("OutpostArn", "x")], "UnsupportedOperation"),
        ("CreateSubnet", &[v, ("CidrBlock", "172.31.128.0/20"), ("DryRun", "true")], "DryRunOperation"),
        ("DeleteSubnet", &[("SubnetId", "subnet-00000000")], "InvalidSubnetID.NotFound"),
        ("DeleteSubnet", &[("SubnetId", "subnet-")], "InvalidSubnetID.Malformed"),
        ("ModifySubnetAttribute", &[("SubnetId", &subnet)], "MissingParameter"),
        ("ModifySubnetAttribute", &[("SubnetId", &subnet), ("EnableDns64.Value", "true")], "UnsupportedOperation"),
    ])
    .await;
    assert_eq!(ec2.call("DescribeSubnets", &[]).await.ok().all("subnetId").len(), 4);
}

#[tokio::test]
async fn instances_take_addresses_and_give_them_back_when_they_are_terminated() {
    let ec2 = Ec2::start().await;
    let subnet = ec2.default_subnets().await.remove(1);
    let left = async || {
        let reply = ec2.call("DescribeSubnets", &[("SubnetId.1", &subnet)]).await.ok();
        reply.one("availableIpAddressCount")
    };
    let id = ec2.launch_running(&[("SubnetId", &subnet)]).await;
    assert_eq!(left().await, "4090");
    assert_eq!(ec2.code("DeleteSubnet", &[("SubnetId", &subnet)]).await, "DependencyViolation");
    ec2.becomes(&id, InstanceState::Stopped).await;
    assert_eq!(left().await, "4090");
    ec2.becomes(&id, InstanceState::Terminated).await;
    assert_eq!(left().await, "4091");
    ec2.call("DeleteSubnet", &[("SubnetId", &subnet)]).await.ok();
    assert_eq!(ec2.code("DescribeSubnets", &[("SubnetId.1", &subnet)]).await, "InvalidSubnetID.NotFound");
}

#[tokio::test]
async fn a_subnet_decides_whether_instances_want_public_addresses() {
    let ec2 = Ec2::start().await;
    let subnet = ec2.subnet(&ec2.default_vpc().await, "172.31.128.0/20").await;
    let private = ec2.launch(&[("SubnetId", &subnet)]).await;
    assert!(!ec2.record(&private).public_address_wanted);
    ec2.call("ModifySubnetAttribute", &[("SubnetId", &subnet), ("MapPublicIpOnLaunch.Value", "true")]).await.ok();
    let public = ec2.launch(&[("SubnetId", &subnet)]).await;
    assert!(ec2.record(&public).public_address_wanted);
    assert!(!ec2.record(&private).public_address_wanted);
}
