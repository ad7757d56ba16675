//! Tags.

use model::ec2::image::HOST_IMAGE;

use crate::region::{Ec2, WEB_IMAGE};

#[tokio::test]
async fn everything_that_exists_can_be_tagged() {
    let ec2 = Ec2::start().await;
    let instance = ec2.launch(&[]).await;
    let interface = ec2.record(&instance).network_interface_id.to_string();
    let rules = ec2.call("DescribeSecurityGroupRules", &[]).await.ok();
    let subnet = ec2.default_subnets().await.remove(0);
    let (nat_gateway, allocation) = ec2.nat_gateway(&subnet).await;
    let of_gateway = ec2.call("DescribeNatGateways", &[]).await.ok().one("networkInterfaceId");
    let all = [
        ("vpc", ec2.default_vpc().await),
        ("subnet", subnet),
        ("security-group", ec2.default_group().await),
        ("security-group-rule", rules.all("securityGroupRuleId").remove(0)),
        ("internet-gateway", ec2.call("DescribeInternetGateways", &[]).await.ok().one("internetGatewayId")),
        ("route-table", ec2.call("DescribeRouteTables", &[]).await.ok().all("routeTableId").remove(0)),
        ("instance", instance),
        ("network-interface", interface),
        ("network-interface", of_gateway),
        ("natgateway", nat_gateway),
        ("elastic-ip", allocation),
    ];
    for (kind, id) in &all {
        let tag = [("ResourceId.1", id.as_str()), ("Tag.1.Key", "이름"), ("Tag.1.Value", kind)];
        ec2.call("CreateTags", &tag).await.ok();
    }
    let shown = ec2.call("DescribeTags", &[("Filter.1.Name", "key"), ("Filter.1.Value.1", "이름")]).await.ok();
    let mut found: Vec<_> = shown.all("resourceId").into_iter().zip(shown.all("resourceType")).collect();
    found.sort();
    let mut expected: Vec<_> = all.iter().map(|(kind, id)| (id.clone(), (*kind).to_owned())).collect();
    expected.sort();
    assert_eq!(found, expected);
    for (kind, action) in [
        ("vpc", "DescribeVpcs"),
        ("subnet", "DescribeSubnets"),
        ("security-group", "DescribeSecurityGroups"),
        ("security-group-rule", "DescribeSecurityGroupRules"),
        ("internet-gateway", "DescribeInternetGateways"),
        ("route-table", "DescribeRouteTables"),
        ("instance", "DescribeInstances"),
        ("network-interface", "DescribeNetworkInterfaces"),
        ("natgateway", "DescribeNatGateways"),
        ("elastic-ip", "DescribeAddresses"),
    ] {
        let by_tag = [
            ("Filter.1.Name", "tag:이름"),
            ("Filter.1.Value.1", kind),
            ("Filter.2.Name", "tag-key"),
            ("Filter.2.Value.1", "이?"),
        ];
        let reply = ec2.call(action, &by_tag).await.ok();
        assert!(reply.all("value").iter().all(|value| value == kind), "{action}: {}", reply.text());
        let expected = all.iter().filter(|(of, _)| *of == kind).count();
        assert_eq!(reply.all("value").len(), expected, "{action}: {}", reply.text());
    }
    let images = ec2.call("DescribeTags", &[("Filter.1.Name", "tag:role"), ("Filter.1.Value.1", "w*")]).await.ok();
    assert_eq!(images.one("resourceId"), WEB_IMAGE);
}

#[tokio::test]
async fn tags_are_replaced_and_deleted_by_key_and_by_value() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let id = ("ResourceId.1", vpc.as_str());
    let set =
        async |key: &str, value: &str| ec2.call("CreateTags", &[id, ("Tag.1.Key", key), ("Tag.1.Value", value)]).await;
    let left = async || {
        let reply =
            ec2.call("DescribeTags", &[("Filter.1.Name", "resource-id"), ("Filter.1.Value.1", &vpc)]).await.ok();
        reply.all("key").into_iter().zip(reply.all("value")).collect::<Vec<_>>()
    };
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    for (key, value) in [("a", "1"), ("a", "2"), ("b", "1"), ("A", "3"), ("c", "")] {
        set(key, value).await.ok();
    }
    assert_eq!(left().await, [pair("A", "3"), pair("a", "2"), pair("b", "1"), pair("c", "")]);
    ec2.call("DeleteTags", &[id, ("Tag.1.Key", "a"), ("Tag.1.Value", "1")]).await.ok();
    ec2.call("DeleteTags", &[id, ("Tag.1.Key", "b"), ("Tag.1.Value", "1")]).await.ok();
    ec2.call("DeleteTags", &[id, ("Tag.1.Key", "A")]).await.ok();
    assert_eq!(left().await, [pair("a", "2"), pair("c", "")]);
    ec2.call("DeleteTags", &[id, ("Tag.1.Key", "nothing")]).await.ok();
    ec2.call("DeleteTags", &[id]).await.ok();
    assert!(left().await.is_empty());
}

#[tokio::test]
async fn bad_tags_are_refused_and_nothing_is_tagged() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let id = ("ResourceId.1", vpc.as_str());
    let (key, value) = ("k".repeat(129), "v".repeat(257));
    ec2.refuses(&[
        ("CreateTags", &[id], "MissingParameter"),
        ("CreateTags", &[("Tag.1.Key", "a")], "MissingParameter"),
        ("CreateTags", &[id, ("Tag.1.Value", "a")], "MissingParameter"),
        ("CreateTags", &[id, ("Tag.1.Key", "aws:x")], "InvalidParameterValue"),
        ("CreateTags", &[id, ("Tag.1.Key", &key)], "InvalidParameterValue"),
        ("CreateTags", &[id, ("Tag.1.Key", "a"), ("Tag.1.Value", &value)], "InvalidParameterValue"),
        ("CreateTags", &[id, ("Tag.1.Key", "a"), ("Tag.2.Key", "a")], "InvalidParameterValue"),
        ("CreateTags", &[id, ("Tag.1.Key", "a"), ("DryRun", "true")], "DryRunOperation"),
        ("CreateTags", &[("ResourceId.1", "vpc-00000000"), ("Tag.1.Key", "a")], "InvalidVpcID.NotFound"),
        ("CreateTags", &[("ResourceId.1", "thing-00000000"), ("Tag.1.Key", "a")], "InvalidID"),
        ("CreateTags", &[("ResourceId.1", "i-00000000"), ("Tag.1.Key", "a")], "InvalidInstanceID.NotFound"),
        ("CreateTags", &[("ResourceId.1", "eni-00000000"), ("Tag.1.Key", "a")], "InvalidNetworkInterfaceID.NotFound"),
        ("CreateTags", &[("ResourceId.1", "ami-00000000"), ("Tag.1.Key", "a")], "InvalidAMIID.NotFound"),
        ("CreateTags", &[("ResourceId.1", HOST_IMAGE), ("Tag.1.Key", "a")], "UnsupportedOperation"),
        ("CreateTags", &[id, ("ResourceId.2", "i-00000000"), ("Tag.1.Key", "a")], "InvalidInstanceID.NotFound"),
        ("DeleteTags", &[("ResourceId.1", "i-00000000"), ("Tag.1.Key", "a")], "InvalidInstanceID.NotFound"),
        ("DescribeTags", &[("Filter.1.Name", "colour"), ("Filter.1.Value.1", "a")], "InvalidParameterValue"),
    ])
    .await;
    assert!(
        ec2.call("DescribeTags", &[("Filter.1.Name", "resource-type"), ("Filter.1.Value.1", "vpc")])
            .await
            .ok()
            .all("key")
            .is_empty()
    );
}

#[tokio::test]
async fn fifty_tags_are_the_most() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let keys: Vec<(String, String)> = (1..=50).map(|n| (format!("Tag.{n}.Key"), format!("key-{n}"))).collect();
    let mut fifty = vec![("ResourceId.1", vpc.as_str())];
    fifty.extend(keys.iter().map(|(name, key)| (name.as_str(), key.as_str())));
    ec2.call("CreateTags", &fifty).await.ok();
    let one_more = [("ResourceId.1", vpc.as_str()), ("Tag.1.Key", "another")];
    assert_eq!(ec2.code("CreateTags", &one_more).await, "TagLimitExceeded");
    ec2.call("CreateTags", &[("ResourceId.1", &vpc), ("Tag.1.Key", "key-7"), ("Tag.1.Value", "new")]).await.ok();
    fifty.push(("Tag.51.Key", "another"));
    assert_eq!(ec2.code("CreateTags", &fifty).await, "TagLimitExceeded");
}

#[tokio::test]
async fn thousands_of_tag_filters_are_refused_like_other_filters() {
    let ec2 = Ec2::start().await;
    let filters: Vec<(String, String)> = (1..=9_999)
        .flat_map(|n| {
            [(format!("Filter.{n}.Name"), format!("tag:{n}")), (format!("Filter.{n}.Value.1"), "x".to_owned())]
        })
        .collect();
    let filters: Vec<(&str, &str)> = filters.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    ec2.refuses(&[("DescribeTags", &filters, "FilterLimitExceeded")]).await;
}
