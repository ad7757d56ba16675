//! VPCs of users.

use crate::region::Ec2;

#[tokio::test]
async fn a_vpc_comes_with_a_route_table_and_a_group_and_goes_with_them() {
    let ec2 = Ec2::start().await;
    let tags = [
        ("CidrBlock", "10.0.0.0/16"),
        ("TagSpecification.1.ResourceType", "vpc"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "main"),
    ];
    let created = ec2.call("CreateVpc", &tags).await.ok();
    let vpc = created.one("vpcId");
    assert_eq!((created.one("isDefault"), created.one("value")), ("false".into(), "main".into()));
    let of = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc.as_str())];
    assert_eq!(ec2.call("DescribeSecurityGroups", &of).await.ok().one("groupName"), "default");
    let table = ec2.call("DescribeRouteTables", &of).await.ok();
    assert_eq!((table.one("destinationCidrBlock"), table.one("main")), ("10.0.0.0/16".into(), "true".into()));
    let dhcp = ec2.call("DescribeVpcs", &[]).await.ok().all("dhcpOptionsId");
    assert_eq!(dhcp[0], dhcp[1], "VPCs of a region share DHCP options");

    let subnet = ec2.subnet(&vpc, "10.0.1.0/24").await;
    assert_eq!(ec2.code("DeleteVpc", &[("VpcId", &vpc)]).await, "DependencyViolation");
    ec2.call("DeleteSubnet", &[("SubnetId", &subnet)]).await.ok();
    let group = ec2.group(&vpc, "web").await;
    assert_eq!(ec2.code("DeleteVpc", &[("VpcId", &vpc)]).await, "DependencyViolation");
    ec2.call("DeleteSecurityGroup", &[("GroupId", &group)]).await.ok();
    assert_eq!(ec2.code("DeleteVpc", &[("VpcId", &vpc), ("DryRun", "true")]).await, "DryRunOperation");
    ec2.call("DeleteVpc", &[("VpcId", &vpc)]).await.ok();
    assert_eq!(ec2.code("DeleteVpc", &[("VpcId", &vpc)]).await, "InvalidVpcID.NotFound");
    assert!(ec2.call("DescribeSecurityGroups", &of).await.ok().all("groupId").is_empty());
    assert!(ec2.call("DescribeRouteTables", &of).await.ok().all("routeTableId").is_empty());
}

#[tokio::test]
async fn blocks_of_vpcs_are_checked() {
    let ec2 = Ec2::start().await;
    let create: &[(&str, &str)] = &[
        ("10.0.0.0/8", "InvalidVpc.Range"),
        ("0.0.0.0/0", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("127.0.0.0/16", "InvalidVpc.Range"),
        ("169.254.0.0/16", "InvalidVpc.Range"),
        ("10.0.0.0/33", "InvalidParameterValue"),
        ("010.0.0.0/16", "InvalidParameterValue"),
        ("10.0.0.0", "InvalidParameterValue"),
        ("2001:db8::/32", "InvalidParameterValue"),
        ("", "InvalidParameterValue"),
    ];
    for (cidr, code) in create {
        assert_eq!(ec2.code("CreateVpc", &[("CidrBlock", cidr)]).await, *code, "{cidr}");
    }
    ec2.refuses(&[
        ("CreateVpc", &[], "MissingParameter"),
        ("CreateVpc", &[("CidrBlock", "10.0.0.0/16"), ("InstanceTenancy", "dedicated")], "UnsupportedOperation"),
        ("CreateVpc", &[("CidrBlock", "10.0.0.0/16"), ("InstanceTenancy", "x")], "InvalidParameterValue"),
        ("CreateVpc", &[("CidrBlock", "10.0.0.0/16"), ("AmazonProvidedIpv6CidrBlock", "true")], "UnsupportedOperation"),
        ("CreateVpc", &[("CidrBlock", "10.0.0.0/16"), ("Ipv6Pool", "x")], "UnsupportedOperation"),
        ("CreateVpc", &[("CidrBlock", "10.0.0.0/16"), ("DryRun", "true")], "DryRunOperation"),
        ("DeleteVpc", &[("VpcId", "vpc-xyz")], "InvalidVpcID.Malformed"),
        ("DeleteVpc", &[("VpcId", "subnet-0123456789abcdef0")], "InvalidVpcID.Malformed"),
    ])
    .await;
    assert_eq!(ec2.call("DescribeVpcs", &[]).await.ok().all("vpcId").len(), 1, "only the default VPC is there");
    // Host bits are cleared, as EC2 does it; VPCs may overlap.
    let created = ec2.call("CreateVpc", &[("CidrBlock", "172.31.7.7/16")]).await.ok();
    assert_eq!(created.all("cidrBlock"), ["172.31.0.0/16", "172.31.0.0/16"]);
}

#[tokio::test]
async fn attributes_of_a_vpc_are_changed_one_by_one() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let attribute = async |name: &str| {
        let reply = ec2.call("DescribeVpcAttribute", &[("VpcId", &vpc), ("Attribute", name)]).await.ok();
        assert_eq!(reply.one("vpcId"), vpc);
        reply.one("value")
    };
    assert_eq!(
        (attribute("enableDnsSupport").await, attribute("enableDnsHostnames").await),
        ("true".into(), "false".into())
    );
    ec2.call("ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableDnsHostnames.Value", "true")]).await.ok();
    ec2.call("ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableDnsSupport.Value", "false")]).await.ok();
    assert_eq!(
        (attribute("enableDnsSupport").await, attribute("enableDnsHostnames").await),
        ("false".into(), "true".into())
    );
    assert_eq!(attribute("enableNetworkAddressUsageMetrics").await, "false");
    ec2.refuses(&[
        ("ModifyVpcAttribute", &[("VpcId", &vpc)], "MissingParameter"),
        (
            "ModifyVpcAttribute",
            &[("VpcId", "vpc-00000000"), ("EnableDnsSupport.Value", "true")],
            "InvalidVpcID.NotFound",
        ),
        ("ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableDnsSupport.Value", "yes")], "InvalidParameterValue"),
        (
            "ModifyVpcAttribute",
            &[("VpcId", &vpc), ("EnableDnsSupport.Value", "true"), ("EnableDnsHostnames.Value", "true")],
            "InvalidParameterCombination",
        ),
        (
            "ModifyVpcAttribute",
            &[("VpcId", &vpc), ("EnableNetworkAddressUsageMetrics.Value", "true")],
            "UnsupportedOperation",
        ),
        ("DescribeVpcAttribute", &[("VpcId", &vpc)], "MissingParameter"),
        ("DescribeVpcAttribute", &[("VpcId", &vpc), ("Attribute", "x")], "InvalidParameterValue"),
    ])
    .await;
}

#[tokio::test]
async fn what_a_load_balancer_uses_cannot_be_deleted() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let (subnet, group) = (ec2.subnet(&vpc, "10.0.1.0/24").await, ec2.group(&vpc, "lb").await);
    ec2.load_balancer(&vpc, &subnet, &group).await;
    ec2.refuses(&[
        ("DeleteSubnet", &[("SubnetId", &subnet)], "DependencyViolation"),
        ("DeleteSecurityGroup", &[("GroupId", &group)], "DependencyViolation"),
        ("DeleteVpc", &[("VpcId", &vpc)], "DependencyViolation"),
    ])
    .await;
}
