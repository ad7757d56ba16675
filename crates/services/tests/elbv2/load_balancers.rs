//! Load balancers: what is made of a request, what is shown, what goes.

use std::net::Ipv4Addr;

use model::elbv2::load_balancer::{LoadBalancer, LoadBalancerState};

use crate::support::{ACCOUNT, REGION};
use crate::world::{
    DEFAULT_GROUP, FULL_SUBNET, GROUP, OTHER_GROUP, OTHER_SUBNETS, SECOND_SUBNET_OF_A, SUBNETS, UNKNOWN_ID, VPC, World,
    arn, inner, scope,
};

type Parameters<'a> = &'a [(&'a str, &'a str)];

/// Parameters of CreateLoadBalancer in subnets.
fn in_subnets<'a>(subnets: &[&'a str], more: &[(&str, &'a str)]) -> Vec<(String, &'a str)> {
    let listed = subnets.iter().enumerate().map(|(n, subnet)| (format!("Subnets.member.{}", n + 1), *subnet));
    listed.chain(more.iter().map(|(key, value)| ((*key).to_owned(), *value))).collect()
}

fn borrowed<'a>(parameters: &'a [(String, &'a str)]) -> Vec<(&'a str, &'a str)> {
    parameters.iter().map(|(key, value)| (key.as_str(), *value)).collect()
}

#[tokio::test]
async fn a_new_load_balancer_is_shown_as_aws_shows_it() {
    let world = World::new().await;
    let created = world
        .call(
            "CreateLoadBalancer",
            &[
                ("Name", "Web-1"),
                ("Type", "application"),
                ("IpAddressType", "ipv4"),
                ("SubnetMappings.member.1.SubnetId", SUBNETS[1]),
                ("SubnetMappings.member.2.SubnetId", SUBNETS[0]),
                ("SecurityGroups.member.1", GROUP),
                ("SecurityGroups.member.2", GROUP),
            ],
        )
        .await
        .ok();
    let arn = created.one("LoadBalancerArn");
    let prefix = format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/Web-1/");
    let id = arn.strip_prefix(&prefix).unwrap();
    assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{arn}");
    let dns = created.one("DNSName");
    let number = dns.strip_prefix("web-1-").and_then(|rest| rest.strip_suffix(".ap-northeast-2.elb.localhost"));
    assert!(number.is_some_and(|n| n.len() == 10 && n.bytes().all(|b| b.is_ascii_digit())), "{dns}");
    assert_eq!(created.one("CanonicalHostedZoneId"), "ZWKZPGTI48KDX");
    assert_eq!(created.one("Scheme"), "internet-facing");
    assert_eq!((created.one("Type"), created.one("IpAddressType")), ("application".into(), "ipv4".into()));
    assert_eq!((created.one("VpcId"), created.one("Code")), (VPC.into(), "provisioning".into()));
    assert_eq!(created.all("ZoneName"), ["ap-northeast-2a", "ap-northeast-2b"]);
    assert_eq!(created.all("SubnetId"), [SUBNETS[0], SUBNETS[1]]);
    assert_eq!(inner(&created.one("SecurityGroups"), "member"), [GROUP]);
    assert_eq!(created.one("CreatedTime"), "2026-11-20T12:00:00.000Z");
    let described = world.call("DescribeLoadBalancers", &[("Names.member.1", "Web-1")]).await.ok();
    assert_eq!(described.one("LoadBalancers"), created.one("LoadBalancers"));
    assert!(described.all("NextMarker").is_empty());
}

#[tokio::test]
async fn without_security_groups_it_gets_the_default_one_of_its_vpc() {
    let world = World::new().await;
    world.load_balancer("web").await;
    let described = world.call("DescribeLoadBalancers", &[]).await.ok();
    assert_eq!(inner(&described.one("SecurityGroups"), "member"), [DEFAULT_GROUP]);
}

#[tokio::test]
async fn an_internal_one_says_so_in_its_dns_name_and_attributes() {
    let world = World::new().await;
    let parameters = in_subnets(&SUBNETS[..2], &[("Name", "api"), ("Scheme", "internal")]);
    let created = world.call("CreateLoadBalancer", &borrowed(&parameters)).await.ok();
    assert!(created.one("DNSName").starts_with("internal-api-"), "{}", created.one("DNSName"));
    assert_eq!(created.one("Scheme"), "internal");
    let of = [("LoadBalancerArn", created.one("LoadBalancerArn"))];
    let of: Vec<(&str, &str)> = of.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let attributes = world.call("DescribeLoadBalancerAttributes", &of).await.ok().text();
    let entry = attributes.split("<member>").find(|entry| entry.contains("ipv6.deny_all_igw_traffic")).unwrap();
    assert_eq!(inner(entry, "Value"), ["true"]);
}

#[tokio::test]
async fn the_same_request_again_gives_the_same_load_balancer() {
    let world = World::new().await;
    let one = world.load_balancer("web").await;
    let turned = in_subnets(&[SUBNETS[1], SUBNETS[0]], &[("Name", "web"), ("SecurityGroups.member.1", DEFAULT_GROUP)]);
    let again = world.call("CreateLoadBalancer", &borrowed(&turned)).await.ok();
    assert_eq!(again.one("LoadBalancerArn"), one);
    let others: [(&[&str], Parameters); 4] = [
        (&SUBNETS[..2], &[("Scheme", "internal")]),
        (&SUBNETS[1..], &[]),
        (&SUBNETS[..2], &[("SecurityGroups.member.1", GROUP)]),
        (&SUBNETS[..2], &[("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")]),
    ];
    for (subnets, more) in others {
        let parameters = in_subnets(subnets, &[more, &[("Name", "web")]].concat());
        let error = world.call("CreateLoadBalancer", &borrowed(&parameters)).await.error();
        assert_eq!(error, (400, "DuplicateLoadBalancerName".into()), "{parameters:?}");
    }
    assert_eq!(world.call("DescribeLoadBalancers", &[]).await.all("LoadBalancerArn"), [one]);
}

#[tokio::test]
async fn bad_networks_are_refused_in_aws_codes() {
    let world = World::new().await;
    let unknown = format!("subnet-0{UNKNOWN_ID}");
    let table: &[(&[&str], Parameters, &str)] = &[
        (&[], &[], "ValidationError"),
        (&[SUBNETS[0]], &[], "ValidationError"),
        (&[SUBNETS[0], SUBNETS[0]], &[], "InvalidConfigurationRequest"),
        (&[SUBNETS[0], SECOND_SUBNET_OF_A], &[], "InvalidConfigurationRequest"),
        (&[SUBNETS[0], &unknown], &[], "SubnetNotFound"),
        (&[SUBNETS[0], "subnet-x"], &[], "SubnetNotFound"),
        (&[SUBNETS[0], ""], &[], "SubnetNotFound"),
        (&[SUBNETS[0], OTHER_SUBNETS[1]], &[], "InvalidConfigurationRequest"),
        (&[SUBNETS[0], FULL_SUBNET], &[], "InvalidSubnet"),
        (&SUBNETS[..2], &[("SubnetMappings.member.1.SubnetId", SUBNETS[2])], "ValidationError"),
        (&SUBNETS[..2], &[("SecurityGroups.member.1", OTHER_GROUP)], "InvalidSecurityGroup"),
        (&SUBNETS[..2], &[("SecurityGroups.member.1", "sg-0123456789abcdef0")], "InvalidSecurityGroup"),
        (&SUBNETS[..2], &[("SecurityGroups.member.1", "web")], "InvalidSecurityGroup"),
        (&SUBNETS[..2], &[("IpAddressType", "dualstack")], "InvalidConfigurationRequest"),
        (&SUBNETS[..2], &[("IpAddressType", "ipv6")], "ValidationError"),
        (&SUBNETS[..2], &[("Type", "network")], "InvalidConfigurationRequest"),
        (&SUBNETS[..2], &[("Type", "gateway")], "InvalidConfigurationRequest"),
        (&SUBNETS[..2], &[("Scheme", "public")], "ValidationError"),
        (&[], &[("SubnetMappings.member.1.SubnetId", SUBNETS[0])], "ValidationError"),
        (
            &[],
            &[
                ("SubnetMappings.member.1.SubnetId", SUBNETS[0]),
                ("SubnetMappings.member.2.SubnetId", SUBNETS[1]),
                ("SubnetMappings.member.2.AllocationId", "eipalloc-1"),
            ],
            "InvalidConfigurationRequest",
        ),
    ];
    for (subnets, more, code) in table {
        let parameters = in_subnets(subnets, &[more, &[("Name", "web")][..]].concat());
        let reply = world.call("CreateLoadBalancer", &borrowed(&parameters)).await;
        assert_eq!(reply.error(), (400, (*code).to_owned()), "{parameters:?}: {}", reply.text());
    }
    assert!(world.call("DescribeLoadBalancers", &[]).await.ok().all("LoadBalancerArn").is_empty());
}

#[tokio::test]
async fn names_have_the_form_that_aws_wants() {
    let world = World::new().await;
    let long = "a".repeat(33);
    for name in ["", "-web", "web-", "we_b", "웹", "a b", "internal-web", &long, "a.b"] {
        let parameters = in_subnets(&SUBNETS[..2], &[("Name", name)]);
        let error = world.call("CreateLoadBalancer", &borrowed(&parameters)).await.error();
        assert_eq!(error, (400, "ValidationError".into()), "{name:?}");
    }
    for name in ["a", "9", "internal", "a-b--c", &"a".repeat(32)] {
        world.load_balancer(name).await;
    }
}

#[tokio::test]
async fn a_region_has_fifty_load_balancers() {
    let world = World::new().await;
    for n in 0..50 {
        world.load_balancer(&format!("web-{n}")).await;
    }
    let one_more = in_subnets(&SUBNETS[..2], &[("Name", "web-50")]);
    let error = world.call("CreateLoadBalancer", &borrowed(&one_more)).await.error();
    assert_eq!(error, (400, "TooManyLoadBalancers".into()));
    world.load_balancer("web-7").await;
}

#[tokio::test]
async fn they_are_found_by_arn_and_by_name() {
    let world = World::new().await;
    let (one, other) = (world.load_balancer("one").await, world.load_balancer("other").await);
    let found = |parameters: Vec<(&'static str, String)>| {
        let world = &world;
        async move {
            let parameters: Vec<(&str, &str)> = parameters.iter().map(|(key, value)| (*key, value.as_str())).collect();
            let reply = world.call("DescribeLoadBalancers", &parameters).await;
            if reply.status == 200 { Ok(reply.all("LoadBalancerName")) } else { Err(reply.error().1) }
        }
    };
    let by_arn = |arn: &str| vec![("LoadBalancerArns.member.1", arn.to_owned())];
    let by_name = |name: &str| vec![("Names.member.1", name.to_owned())];
    assert_eq!(found(vec![]).await, Ok(vec!["one".into(), "other".into()]));
    assert_eq!(found(by_arn(&other)).await, Ok(vec!["other".into()]));
    assert_eq!(found(by_name("one")).await, Ok(vec!["one".into()]));
    let twice = vec![("LoadBalancerArns.member.1", one.clone()), ("LoadBalancerArns.member.2", one.clone())];
    assert_eq!(found(twice).await, Ok(vec!["one".into()]));
    assert_eq!(found(by_name("One")).await, Err("LoadBalancerNotFound".into()));
    let absent = arn(&format!("loadbalancer/app/one/{UNKNOWN_ID}"));
    let not_found = [
        absent,
        one.replace(REGION, "us-east-1"),
        one.replace(ACCOUNT, "210987654321"),
        one.replace("/app/", "/net/"),
        one[..one.len() - 1].to_owned(),
    ];
    for arn in not_found {
        assert_eq!(found(by_arn(&arn)).await, Err("LoadBalancerNotFound".into()), "{arn}");
    }
    let group = arn(&format!("targetgroup/one/{UNKNOWN_ID}"));
    for arn in ["one".to_owned(), String::new(), one.replace("aws:elastic", "aws:ec2"), group, "x".repeat(3000)] {
        assert_eq!(found(by_arn(&arn)).await, Err("ValidationError".into()), "{arn}");
    }
    let both = vec![("LoadBalancerArns.member.1", one), ("Names.member.1", "one".to_owned())];
    assert_eq!(found(both).await, Err("ValidationError".into()));
    let names: Vec<String> = (1..=21).map(|n| format!("Names.member.{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "one")).collect();
    assert_eq!(world.call("DescribeLoadBalancers", &many).await.error(), (400, "ValidationError".into()));
}

#[tokio::test]
async fn what_the_controller_writes_is_shown() {
    let world = World::new().await;
    let arn = world.load_balancer("web").await;
    world.activate(&arn, Ipv4Addr::LOCALHOST, LoadBalancerState::Active).await;
    assert_eq!(world.call("DescribeLoadBalancers", &[]).await.one("Code"), "active");
    let reason = "127.0.0.1:80 cannot be opened".to_owned();
    world.activate(&arn, Ipv4Addr::LOCALHOST, LoadBalancerState::Impaired(reason.clone())).await;
    let shown = world.call("DescribeLoadBalancers", &[]).await.ok();
    assert_eq!((shown.one("Code"), shown.one("Reason")), ("active_impaired".into(), reason));
}

#[tokio::test]
async fn listeners_go_with_their_load_balancer_and_target_groups_stay() {
    let world = World::new().await;
    let (kept, arn) = (world.load_balancer("kept").await, world.load_balancer("web").await);
    let (group, other) = (world.target_group("web").await, world.target_group("other").await);
    world.listener(&arn, "80", &group).await;
    world.listener(&arn, "81", &group).await;
    world.listener(&kept, "80", &other).await;
    let of = [("LoadBalancerArn", arn.as_str())];
    world.call("DeleteLoadBalancer", &of).await.ok();
    assert_eq!(world.listeners(), 1);
    assert_eq!(world.call("DescribeLoadBalancers", &[]).await.all("LoadBalancerArn"), [kept]);
    assert_eq!(world.call("DescribeTargetGroups", &[]).await.all("TargetGroupArn").len(), 2);
    world.call("DeleteLoadBalancer", &of).await.ok();
    assert_eq!(world.call("DescribeListeners", &of).await.error(), (400, "LoadBalancerNotFound".into()));
    let bad = world.call("DeleteLoadBalancer", &[("LoadBalancerArn", "web")]).await.error();
    assert_eq!(bad, (400, "ValidationError".into()));
}

#[tokio::test]
async fn a_protected_load_balancer_stays() {
    let world = World::new().await;
    let arn = world.load_balancer("web").await;
    let protect = |value| {
        [
            ("LoadBalancerArn", arn.as_str()),
            ("Attributes.member.1.Key", "deletion_protection.enabled"),
            ("Attributes.member.1.Value", value),
        ]
    };
    world.call("ModifyLoadBalancerAttributes", &protect("true")).await.ok();
    let of = [("LoadBalancerArn", arn.as_str())];
    assert_eq!(world.call("DeleteLoadBalancer", &of).await.error(), (400, "OperationNotPermitted".into()));
    world.call("ModifyLoadBalancerAttributes", &protect("false")).await.ok();
    world.call("DeleteLoadBalancer", &of).await.ok();
    assert!(world.call("DescribeLoadBalancers", &[]).await.all("LoadBalancerArn").is_empty());
}

#[tokio::test]
async fn a_zone_keeps_its_address_when_subnets_change() {
    let world = World::new().await;
    let arn = world.load_balancer("web").await;
    world.activate(&arn, Ipv4Addr::new(127, 0, 0, 9), LoadBalancerState::Active).await;
    let set = |subnets: &[&'static str]| in_subnets(subnets, &[]);
    let with_arn = |parameters: &[(String, &'static str)]| {
        let mut all = vec![("LoadBalancerArn".to_owned(), arn.clone())];
        all.extend(parameters.iter().map(|(key, value)| (key.clone(), (*value).to_owned())));
        all
    };
    let call = |parameters: Vec<(String, String)>| {
        let world = &world;
        async move {
            let parameters: Vec<(&str, &str)> = parameters.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            world.call("SetSubnets", &parameters).await
        }
    };
    let reply = call(with_arn(&set(&[SECOND_SUBNET_OF_A, SUBNETS[2]]))).await.ok();
    assert_eq!(reply.all("SubnetId"), [SECOND_SUBNET_OF_A, SUBNETS[2]]);
    let record = world.server.store.view().get::<LoadBalancer>(&scope(), &arn).unwrap();
    let addresses: Vec<_> = record.zones.iter().map(|zone| zone.address).collect();
    assert_eq!(addresses, [Some("127.0.0.9".parse().unwrap()), None]);
    let refused = [
        (with_arn(&set(&OTHER_SUBNETS)), "InvalidConfigurationRequest"),
        (with_arn(&set(&[SUBNETS[0]])), "ValidationError"),
        (with_arn(&[]), "ValidationError"),
        (with_arn(&set(&[SUBNETS[0], SECOND_SUBNET_OF_A])), "InvalidConfigurationRequest"),
    ];
    for (parameters, code) in refused {
        assert_eq!(call(parameters.clone()).await.error(), (400, code.to_owned()), "{parameters:?}");
    }
    let after = world.server.store.view().get::<LoadBalancer>(&scope(), &arn).unwrap();
    assert_eq!(after, record);
}

#[tokio::test]
async fn security_groups_and_address_type_are_set() {
    let world = World::new().await;
    let arn = world.load_balancer("web").await;
    let set = |groups: &'static [&'static str]| {
        let (world, arn) = (&world, arn.clone());
        async move {
            let keys: Vec<String> = (1..=groups.len()).map(|n| format!("SecurityGroups.member.{n}")).collect();
            let mut parameters: Vec<(&str, &str)> =
                keys.iter().map(String::as_str).zip(groups.iter().copied()).collect();
            parameters.push(("LoadBalancerArn", &arn));
            world.call("SetSecurityGroups", &parameters).await
        }
    };
    assert_eq!(inner(&set(&[GROUP, DEFAULT_GROUP]).await.ok().text(), "member"), [DEFAULT_GROUP, GROUP]);
    assert_eq!(set(&[OTHER_GROUP]).await.error(), (400, "InvalidSecurityGroup".into()));
    assert_eq!(set(&[]).await.error(), (400, "ValidationError".into()));
    let six = &["sg-1", "sg-2", "sg-3", "sg-4", "sg-5", "sg-6"];
    assert_eq!(set(six).await.error(), (400, "InvalidConfigurationRequest".into()));
    let shown = world.call("DescribeLoadBalancers", &[]).await.ok();
    assert_eq!(inner(&shown.one("SecurityGroups"), "member"), [DEFAULT_GROUP, GROUP]);

    let kind = |kind: &'static str| [("LoadBalancerArn", arn.as_str()), ("IpAddressType", kind)];
    assert_eq!(world.call("SetIpAddressType", &kind("ipv4")).await.ok().one("IpAddressType"), "ipv4");
    let refused = world.call("SetIpAddressType", &kind("dualstack")).await.error();
    assert_eq!(refused, (400, "InvalidConfigurationRequest".into()));
}
