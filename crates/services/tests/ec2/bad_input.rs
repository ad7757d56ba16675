//! Requests that nobody should send, and what they are told.

use crate::region::{Ec2, VERSION};
use crate::support::form_body;

#[tokio::test]
async fn forms_with_bad_parameters_are_refused_in_aws_codes() {
    let ec2 = Ec2::start().await;
    let long = "x".repeat(100_000);
    ec2.refuses(&[
        ("Nonsense", &[], "InvalidAction"),
        ("CreateVolume", &[("Size", "1")], "InvalidAction"),
        ("describevpcs", &[], "InvalidAction"),
        ("DescribeVpcs", &[("VpcId.0", "vpc-00000000")], "InvalidParameterValue"),
        ("DescribeVpcs", &[("VpcId.-1", "vpc-00000000")], "InvalidParameterValue"),
        ("DescribeVpcs", &[("VpcId.99999999999999999999", "vpc-00000000")], "InvalidParameterValue"),
        ("DescribeVpcs", &[("VpcId.member.1", "vpc-00000000")], "InvalidParameterValue"),
        ("DescribeVpcs", &[("VpcIds.1", "vpc-00000000")], "UnknownParameter"),
        ("DescribeVpcs", &[("VpcId.1", "")], "InvalidVpcID.Malformed"),
        ("DescribeVpcs", &[("VpcId.1", &long)], "InvalidVpcID.Malformed"),
        ("DescribeVpcs", &[("VpcId.1", "vpc-\u{202e}0000000")], "InvalidVpcID.Malformed"),
        ("DescribeVpcs", &[("DryRun", "maybe")], "InvalidParameterValue"),
        ("DescribeVpcs", &[("DryRun", "")], "InvalidParameterValue"),
        ("DescribeInstances", &[("InstanceId.1", "i-0123456789abcdef01")], "InvalidInstanceID.Malformed"),
        ("DescribeInstances", &[("InstanceId.1", "I-00000000")], "InvalidInstanceID.Malformed"),
        ("DescribeInstances", &[("InstanceId.1", "i-00000000")], "InvalidInstanceID.NotFound"),
        ("DescribeInstances", &[("IncludeManagedResources", "true")], "UnsupportedOperation"),
        ("DescribeSubnets", &[("SubnetId.1", "subnet-00000000")], "InvalidSubnetID.NotFound"),
        ("DescribeRouteTables", &[("RouteTableId.1", "rtb-00000000")], "InvalidRouteTableID.NotFound"),
        ("DescribeRouteTables", &[("RouteTableId.1", "x")], "InvalidRouteTableId.Malformed"),
        ("DescribeInternetGateways", &[("InternetGatewayId.1", "igw-00000000")], "InvalidInternetGatewayID.NotFound"),
        ("DescribeInternetGateways", &[("InternetGatewayId.1", "x")], "InvalidInternetGatewayId.Malformed"),
        (
            "DescribeNetworkInterfaces",
            &[("NetworkInterfaceId.1", "eni-00000000")],
            "InvalidNetworkInterfaceID.NotFound",
        ),
        ("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", "x")], "InvalidNetworkInterfaceId.Malformed"),
        ("DescribeSecurityGroups", &[("GroupId.1", "sg-00000000")], "InvalidGroup.NotFound"),
        (
            "DescribeSecurityGroupRules",
            &[("SecurityGroupRuleId.1", "sgr-00000000")],
            "InvalidSecurityGroupRuleId.NotFound",
        ),
        ("DescribeAvailabilityZones", &[("ZoneName.1", "us-east-1a")], "InvalidParameterValue"),
        ("DescribeAvailabilityZones", &[("ZoneId.1", "use1-az1")], "InvalidParameterValue"),
        ("DescribeRegions", &[("RegionName.1", "moon-1")], "InvalidParameterValue"),
        ("DescribeAccountAttributes", &[("AttributeName.1", "colour")], "InvalidParameterValue"),
        ("DescribeAccountAttributes", &[("DryRun", "true")], "DryRunOperation"),
    ])
    .await;
}

#[tokio::test]
async fn lists_may_have_gaps_and_repeated_ids_count_once() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let twice = [("VpcId.2", vpc.as_str()), ("VpcId.5", &vpc)];
    assert_eq!(ec2.call("DescribeVpcs", &twice).await.ok().one("vpcId"), vpc);
    let names: Vec<String> = (1..=1001).map(|n| format!("VpcId.{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), vpc.as_str())).collect();
    assert_eq!(ec2.code("DescribeVpcs", &many).await, "InvalidParameterValue");
}

#[tokio::test]
async fn a_wrong_version_is_refused() {
    let ec2 = Ec2::start().await;
    let signing = ec2.server.signing("ec2");
    let reply = ec2.server.form(&signing, "2011-01-01", "DescribeVpcs", &[]).await;
    assert_ne!(reply.status, 200);
    assert_eq!(ec2.server.form(&signing, VERSION, "DescribeVpcs", &[]).await.status, 200);
    assert!(form_body(VERSION, "DescribeVpcs", &[]).contains(VERSION));
}

#[tokio::test]
async fn user_data_comes_back_only_where_it_is_asked_for() {
    let ec2 = Ec2::start().await;
    let secret = "cGFzc3dvcmQ9aHVudGVyMg==";
    let id = ec2.launch_running(&[("UserData", secret)]).await;
    for action in ["DescribeInstances", "DescribeInstanceStatus", "DescribeTags", "DescribeNetworkInterfaces"] {
        let text = ec2.call(action, &[]).await.ok().text();
        assert!(!text.contains(secret) && !text.contains("hunter2"), "{action}");
    }
    let broken = [("ImageId", "ami-00000000"), ("MinCount", "1"), ("MaxCount", "1"), ("UserData", "hunter2!")];
    assert!(!ec2.call("RunInstances", &broken).await.text().contains("hunter2"));
    let asked = [("InstanceId", id.as_str()), ("Attribute", "userData")];
    assert!(ec2.call("DescribeInstanceAttribute", &asked).await.ok().text().contains(secret));
}
