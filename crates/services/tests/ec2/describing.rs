//! Filters and pages.

use model::ec2::instance::InstanceState;

use crate::region::Ec2;

fn filter<'a>(name: &'a str, value: &'a str) -> [(&'a str, &'a str); 2] {
    [("Filter.1.Name", name), ("Filter.1.Value.1", value)]
}

#[tokio::test]
async fn instances_are_found_by_what_they_show() {
    let ec2 = Ec2::start().await;
    let tags = [
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "web-1"),
        ("Placement.AvailabilityZone", "ap-northeast-2b"),
    ];
    let web = ec2.launch_running(&tags).await;
    let other = ec2.launch(&[("Placement.AvailabilityZone", "ap-northeast-2a")]).await;
    ec2.becomes(&other, InstanceState::Stopped).await;
    let (vpc, group) = (ec2.default_vpc().await, ec2.default_group().await);
    let subnets = ec2.default_subnets().await;
    let interface = ec2.record(&web).network_interface_id.to_string();
    let (only_web, only_other, both) = (vec![web.clone()], vec![other.clone()], 2);
    let table: &[(&str, &str, &[String])] = &[
        ("tag:Name", "web-1", &only_web),
        ("tag:Name", "web-?", &only_web),
        ("tag:Name", "Web-*", &[]),
        ("tag:name", "web-1", &[]),
        ("tag-key", "N*", &only_web),
        ("instance-state-name", "running", &only_web),
        ("instance-state-code", "80", &only_other),
        ("availability-zone", "ap-northeast-2b", &only_web),
        ("subnet-id", &subnets[1], &only_web),
        ("instance-id", &web, &only_web),
        ("private-ip-address", "172.31.16.*", &only_web),
        ("ip-address", "127.64.0.1", &only_web),
        ("dns-name", "127.64.0.1", &only_web),
        ("private-dns-name", "ip-172-31-0-4.*", &only_other),
        ("network-interface.network-interface-id", &interface, &only_web),
        ("network-interface.addresses.association.public-ip", "127.64.0.1", &only_web),
        ("launch-time", "2026-11-21*", &[]),
        ("platform", "windows", &[]),
        ("key-name", "*", &[]),
        ("image-id", "ami-*2", &[]),
    ];
    for (name, value, expected) in table {
        let found = ec2.call("DescribeInstances", &filter(name, value)).await.ok().all("instanceId");
        assert_eq!(found, *expected, "{name}={value}");
    }
    for (name, value) in [
        ("vpc-id", vpc.as_str()),
        ("instance.group-id", &group),
        ("instance.group-name", "default"),
        ("instance-type", "t2.*"),
        ("launch-time", "2026-11-20T12:*"),
        ("owner-id", crate::support::ACCOUNT),
        ("root-device-type", "instance-store"),
        ("tenancy", "default"),
        ("monitoring-state", "disabled"),
    ] {
        let found = ec2.call("DescribeInstances", &filter(name, value)).await.ok().all("instanceId");
        assert_eq!(found.len(), both, "{name}={value}");
    }
    // Values of one filter are alternatives, filters add up.
    let alternatives =
        [("Filter.1.Name", "instance-state-name"), ("Filter.1.Value.1", "running"), ("Filter.1.Value.2", "stopped")];
    assert_eq!(ec2.call("DescribeInstances", &alternatives).await.ok().all("instanceId").len(), 2);
    let and = [&alternatives[..], &[("Filter.2.Name", "tag:Name"), ("Filter.2.Value.1", "web-1")]].concat();
    assert_eq!(ec2.call("DescribeInstances", &and).await.ok().all("instanceId"), only_web);
}

#[tokio::test]
async fn networks_are_found_by_what_they_show() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let mine = ec2.vpc("10.0.0.0/16").await;
    ec2.subnet(&mine, "10.0.1.0/24").await;
    let table: &[(&str, &str, &str, &str, usize)] = &[
        ("DescribeVpcs", "is-default", "true", "dhcpOptionsId", 1),
        ("DescribeVpcs", "isDefault", "false", "dhcpOptionsId", 1),
        ("DescribeVpcs", "cidr", "10.0.0.0/16", "dhcpOptionsId", 1),
        ("DescribeVpcs", "cidr-block-association.cidr-block", "172.31.*", "dhcpOptionsId", 1),
        ("DescribeVpcs", "state", "available", "dhcpOptionsId", 2),
        ("DescribeVpcs", "vpc-id", &vpc, "dhcpOptionsId", 1),
        ("DescribeSubnets", "vpc-id", &mine, "subnetId", 1),
        ("DescribeSubnets", "availability-zone", "*2a", "subnetId", 2),
        ("DescribeSubnets", "availability-zone-id", "apne2-az4", "subnetId", 1),
        ("DescribeSubnets", "cidr-block", "172.31.16.0/20", "subnetId", 1),
        ("DescribeSubnets", "available-ip-address-count", "251", "subnetId", 1),
        ("DescribeSubnets", "map-public-ip-on-launch", "false", "subnetId", 1),
        ("DescribeInternetGateways", "attachment.vpc-id", &vpc, "internetGatewayId", 1),
        ("DescribeInternetGateways", "attachment.state", "available", "internetGatewayId", 1),
        ("DescribeRouteTables", "association.main", "true", "main", 2),
        ("DescribeRouteTables", "route.gateway-id", "igw-*", "main", 1),
        ("DescribeRouteTables", "route.destination-cidr-block", "0.0.0.0/0", "main", 1),
        ("DescribeRouteTables", "vpc-id", "vpc-*", "main", 2),
        ("DescribeSecurityGroups", "group-name", "def*", "groupName", 2),
        ("DescribeSecurityGroups", "description", "default VPC*", "groupName", 2),
        ("DescribeAvailabilityZones", "zone-name", "*c", "zoneName", 1),
        ("DescribeRegions", "region-name", "ap-northeast-*", "regionName", 3),
        ("DescribeRegions", "endpoint", "ec2.eu-west-?.*", "regionName", 3),
    ];
    for (action, name, value, element, expected) in table {
        let found = ec2.call(action, &filter(name, value)).await.ok();
        assert_eq!(found.all(element).len(), *expected, "{action} {name}={value}: {}", found.text());
    }
}

#[tokio::test]
async fn bad_filters_are_refused_by_name() {
    let ec2 = Ec2::start().await;
    for action in [
        "DescribeVpcs",
        "DescribeSubnets",
        "DescribeInstances",
        "DescribeInstanceStatus",
        "DescribeSecurityGroups",
        "DescribeSecurityGroupRules",
        "DescribeInternetGateways",
        "DescribeRouteTables",
        "DescribeNetworkInterfaces",
        "DescribeImages",
        "DescribeInstanceTypes",
        "DescribeInstanceTypeOfferings",
        "DescribeTags",
        "DescribeRegions",
        "DescribeAvailabilityZones",
    ] {
        let reply = ec2.call(action, &filter("colour", "red")).await;
        assert_eq!(reply.error(), (400, "InvalidParameterValue".into()), "{action}");
        assert!(reply.one("Message").contains("colour"), "{action}: {}", reply.text());
        let dry = ec2.call(action, &[("DryRun", "true")]).await;
        assert_eq!(dry.error(), (412, "DryRunOperation".into()), "{action}");
    }
    let names: Vec<String> = (1..=201).map(|n| format!("Filter.1.Value.{n}")).collect();
    let values: Vec<String> = (1..=201).map(|n| format!("vpc-{n}")).collect();
    let mut many = vec![("Filter.1.Name", "vpc-id")];
    many.extend(names.iter().map(String::as_str).zip(values.iter().map(String::as_str)));
    assert_eq!(ec2.code("DescribeVpcs", &many).await, "FilterLimitExceeded");
    many.pop();
    assert!(ec2.call("DescribeVpcs", &many).await.ok().all("vpcId").is_empty());
    let bomb = "*a".repeat(127);
    ec2.call("DescribeVpcs", &filter("tag:Name", &bomb)).await.ok();
    ec2.refuses(&[
        ("DescribeVpcs", &[("Filter.1.Name", "vpc-id")], "InvalidParameterValue"),
        ("DescribeVpcs", &[("Filter.1.Value.1", "x")], "MissingParameter"),
        ("DescribeRegions", &filter("tag:Name", "x"), "InvalidParameterValue"),
        ("DescribeVpcs", &filter("vpc-id", &"x".repeat(256)), "FilterLimitExceeded"),
    ])
    .await;
}

/// Every page of a listing, one after the other.
async fn pages(ec2: &Ec2, action: &str, size: &str, element: &str, more: &[(&str, &str)]) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut parameters = [more, &[("MaxResults", size)]].concat();
        if let Some(token) = &token {
            parameters.push(("NextToken", token));
        }
        let page = ec2.call(action, &parameters).await.ok();
        pages.push(page.all(element));
        match page.all("nextToken").into_iter().find(|token| !token.is_empty()) {
            Some(next) => token = Some(next),
            None => return pages,
        }
        assert!(pages.len() < 100, "{action} does not end");
    }
}

#[tokio::test]
async fn listings_come_page_by_page() {
    let ec2 = Ec2::start().await;
    for _ in 0..5 {
        ec2.launch_running(&[]).await;
    }
    for (action, element) in
        [("DescribeInstances", "instanceId"), ("DescribeInstanceStatus", "instanceId"), ("DescribeImages", "imageId")]
    {
        let whole = ec2.call(action, &[]).await.ok().all(element);
        for size in ["1", "2", "5", "1000"] {
            let pages = pages(&ec2, action, size, element, &[]).await;
            assert!(pages.iter().all(|page| page.len() <= size.parse().unwrap()), "{action} {size}: {pages:?}");
            assert_eq!(pages.concat(), whole, "{action} {size}");
        }
    }
    let vpc = ec2.default_vpc().await;
    for n in 0..6 {
        ec2.subnet(&vpc, &format!("172.31.{}.0/24", 128 + n)).await;
    }
    let pages = pages(&ec2, "DescribeSubnets", "5", "subnetId", &[]).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [5, 5]);
}

#[tokio::test]
async fn a_reservation_may_go_on_on_the_next_page() {
    let ec2 = Ec2::start().await;
    let run = [("ImageId", model::ec2::image::HOST_IMAGE), ("MinCount", "3"), ("MaxCount", "3")];
    let ids = ec2.call("RunInstances", &run).await.ok().all("instanceId");
    let pages = pages(&ec2, "DescribeInstances", "2", "instanceId", &[]).await;
    assert_eq!(pages, [ids[..2].to_vec(), ids[2..].to_vec()]);
}

#[tokio::test]
async fn tokens_and_page_sizes_are_checked() {
    let ec2 = Ec2::start().await;
    for _ in 0..3 {
        ec2.launch_running(&[]).await;
    }
    let token = ec2.call("DescribeInstances", &[("MaxResults", "1")]).await.ok().one("nextToken");
    let t = ("NextToken", token.as_str());
    let altered = format!("{}A", &token[..token.len() - 1]);
    let other_filter = [&[t][..], &filter("instance-state-name", "running")].concat();
    let table: &[(&str, &[(&str, &str)], &str)] = &[
        ("DescribeInstanceStatus", &[t], "InvalidNextToken"),
        ("DescribeInstances", &other_filter, "InvalidNextToken"),
        ("DescribeInstances", &[("NextToken", &altered)], "InvalidNextToken"),
        ("DescribeInstances", &[("NextToken", "")], "InvalidNextToken"),
        ("DescribeInstances", &[("NextToken", "웹")], "InvalidNextToken"),
        ("DescribeInstances", &[("MaxResults", "0")], "InvalidParameterValue"),
        ("DescribeInstances", &[("MaxResults", "-1")], "InvalidParameterValue"),
        ("DescribeInstances", &[("MaxResults", "10000")], "InvalidParameterValue"),
        ("DescribeInstances", &[("MaxResults", "5.0")], "InvalidParameterValue"),
        ("DescribeInstances", &[("MaxResults", "٥")], "InvalidParameterValue"),
        ("DescribeVpcs", &[("MaxResults", "4")], "InvalidParameterValue"),
        ("DescribeVpcs", &[("MaxResults", "1001")], "InvalidParameterValue"),
        ("DescribeRouteTables", &[("MaxResults", "101")], "InvalidParameterValue"),
    ];
    ec2.refuses(table).await;
    let id = ec2.call("DescribeInstances", &[("MaxResults", "1")]).await.ok().one("instanceId");
    let both = [("MaxResults", "5"), ("InstanceId.1", id.as_str())];
    assert_eq!(ec2.code("DescribeInstances", &both).await, "InvalidParameterCombination");
    assert_eq!(ec2.call_in("us-east-1", "DescribeInstances", &[t]).await.error().1, "InvalidNextToken");
    ec2.call("DescribeInstances", &[t]).await.ok();
}
