//! Listeners and their default rules.

use crate::world::{OTHER_VPC, UNKNOWN_ID, World, arn, inner};

#[tokio::test]
async fn a_listener_forwards_to_its_target_group() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let created = world.create_listener(&balancer, "80", &group).await.ok();
    let prefix = balancer.replace(":loadbalancer/", ":listener/");
    assert!(created.one("ListenerArn").starts_with(&format!("{prefix}/")), "{}", created.text());
    assert_eq!((created.one("Port"), created.one("Protocol")), ("80".into(), "HTTP".into()));
    assert_eq!((created.one("Type"), created.one("Order")), ("forward".into(), "1".into()));
    assert_eq!(created.all("TargetGroupArn"), [group.clone(), group.clone()]);
    assert_eq!((created.one("Weight"), created.one("Enabled")), ("1".into(), "false".into()));
    let of = [("LoadBalancerArn", balancer.as_str())];
    assert_eq!(world.call("DescribeListeners", &of).await.ok().one("Listeners"), created.one("Listeners"));
    let groups = world.call("DescribeTargetGroups", &[]).await.ok();
    assert_eq!(inner(&groups.one("LoadBalancerArns"), "member"), [balancer]);
}

#[tokio::test]
async fn what_cannot_listen_is_refused_in_aws_codes() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let absent = arn(&format!("loadbalancer/app/web/{UNKNOWN_ID}"));
    let action =
        |n: usize| (format!("DefaultActions.member.{n}.Type"), format!("DefaultActions.member.{n}.TargetGroupArn"));
    let (one, two) = (action(1), action(2));
    let base = [("LoadBalancerArn", balancer.as_str()), ("Protocol", "HTTP"), ("Port", "80")];
    let forward = [(one.0.as_str(), "forward"), (one.1.as_str(), group.as_str())];
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("Protocol", "HTTPS")], "ValidationError"),
        (&[("Protocol", "TLS")], "ValidationError"),
        (&[("Protocol", "TCP")], "ValidationError"),
        (&[("Protocol", "http")], "ValidationError"),
        (&[("Port", "0")], "ValidationError"),
        (&[("Port", "65536")], "ValidationError"),
        (&[("Port", "-1")], "ValidationError"),
        (&[("Port", "+80")], "ValidationError"),
        (&[("LoadBalancerArn", "web")], "ValidationError"),
        (&[("LoadBalancerArn", &group)], "ValidationError"),
        (&[("LoadBalancerArn", &absent)], "LoadBalancerNotFound"),
        (&[("SslPolicy", "ELBSecurityPolicy-2016-08")], "InvalidConfigurationRequest"),
        (&[("Certificates.member.1.CertificateArn", "arn:aws:acm:x:1:2:c")], "InvalidConfigurationRequest"),
        (&[("AlpnPolicy.member.1", "None")], "InvalidConfigurationRequest"),
        (&[(&two.0, "forward"), (&two.1, &group)], "InvalidLoadBalancerAction"),
    ];
    for (changes, code) in table {
        let kept =
            base.iter().chain(&forward).copied().filter(|(key, _)| !changes.iter().any(|(other, _)| other == key));
        let parameters: Vec<(&str, &str)> = kept.chain(changes.iter().copied()).collect();
        let reply = world.call("CreateListener", &parameters).await;
        assert_eq!(reply.error(), (400, (*code).to_owned()), "{changes:?}: {}", reply.text());
    }
    for missing in ["Protocol", "Port", "LoadBalancerArn"] {
        let parameters: Vec<_> = base.iter().chain(&forward).copied().filter(|(key, _)| *key != missing).collect();
        assert_eq!(
            world.call("CreateListener", &parameters).await.error(),
            (400, "ValidationError".into()),
            "{missing}"
        );
    }
    assert_eq!(world.call("CreateListener", &base).await.error(), (400, "ValidationError".into()));
    assert_eq!(world.listeners(), 0);
}

#[tokio::test]
async fn one_port_has_one_listener() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let second = world.target_group("second").await;
    let first = world.listener(&balancer, "80", &group).await;
    assert_eq!(world.listener(&balancer, "80", &group).await, first, "the same again");
    let error = world.create_listener(&balancer, "80", &second).await.error();
    assert_eq!(error, (400, "DuplicateListener".into()));
    // The host of these tests may not bind 80 and serves it at 8080.
    let error = world.create_listener(&balancer, "8080", &group).await.error();
    assert_eq!(error, (400, "InvalidConfigurationRequest".into()));
    world.listener(&balancer, "65535", &group).await;
    assert_eq!(world.listeners(), 2);
}

#[tokio::test]
async fn a_target_group_belongs_to_one_load_balancer_of_its_vpc() {
    let world = World::new().await;
    let (one, other) = (world.load_balancer("one").await, world.load_balancer("other").await);
    let group = world.target_group("web").await;
    let listener = world.listener(&one, "80", &group).await;
    world.listener(&one, "81", &group).await;
    let error = world.create_listener(&other, "80", &group).await.error();
    assert_eq!(error, (400, "TargetGroupAssociationLimit".into()));
    let foreign = [("Name", "foreign"), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", OTHER_VPC)];
    let foreign = world.call("CreateTargetGroup", &foreign).await.ok().one("TargetGroupArn");
    let error = world.create_listener(&other, "80", &foreign).await.error();
    assert_eq!(error, (400, "InvalidConfigurationRequest".into()));
    // Once the first load balancer lets go of it, the other may have it.
    let spare = world.target_group("spare").await;
    let change = [
        ("ListenerArn", listener.as_str()),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", spare.as_str()),
    ];
    world.call("ModifyListener", &change).await.ok();
    assert_eq!(world.create_listener(&other, "80", &group).await.error().1, "TargetGroupAssociationLimit");
    let of = [("LoadBalancerArn", one.as_str())];
    let mut arns = world.call("DescribeListeners", &of).await.ok().all("ListenerArn");
    arns.retain(|arn| *arn != listener);
    world.call("DeleteListener", &[("ListenerArn", &arns[0])]).await.ok();
    world.listener(&other, "80", &group).await;
}

#[tokio::test]
async fn a_listener_changes_port_and_target_group() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let second = world.target_group("second").await;
    let listener = world.listener(&balancer, "80", &group).await;
    world.listener(&balancer, "81", &group).await;
    let change = |key: &'static str, value: &str| {
        let (world, listener, value) = (&world, listener.clone(), value.to_owned());
        async move { world.call("ModifyListener", &[("ListenerArn", &listener), (key, &value)]).await }
    };
    assert_eq!(change("Port", "82").await.ok().one("Port"), "82");
    assert_eq!(change("Port", "82").await.ok().one("Port"), "82", "its own port is free for it");
    assert_eq!(change("Port", "81").await.error(), (400, "DuplicateListener".into()));
    assert_eq!(change("Protocol", "HTTP").await.ok().one("Protocol"), "HTTP");
    assert_eq!(change("Protocol", "HTTPS").await.error(), (400, "ValidationError".into()));
    assert_eq!(change("DefaultActions.member.1.Type", "redirect").await.error().1, "InvalidLoadBalancerAction");
    let forward = [
        ("ListenerArn", listener.as_str()),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", second.as_str()),
    ];
    assert_eq!(world.call("ModifyListener", &forward).await.ok().all("TargetGroupArn")[0], second);
    let shown = world.call("DescribeListeners", &[("ListenerArns.member.1", &listener)]).await.ok();
    assert_eq!((shown.one("Port"), shown.all("TargetGroupArn")[0].clone()), ("82".into(), second));
    world.call("DeleteListener", &[("ListenerArn", &listener)]).await.ok();
    assert_eq!(change("Port", "83").await.error(), (400, "ListenerNotFound".into()));
    let again = world.call("DeleteListener", &[("ListenerArn", &listener)]).await.error();
    assert_eq!(again, (400, "ListenerNotFound".into()));
}

#[tokio::test]
async fn a_load_balancer_has_fifty_listeners() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    for port in 1..=50 {
        world.listener(&balancer, &port.to_string(), &group).await;
    }
    let error = world.create_listener(&balancer, "51", &group).await.error();
    assert_eq!(error, (400, "TooManyListeners".into()));
}

#[tokio::test]
async fn listeners_are_found_by_load_balancer_or_arn() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let listener = world.listener(&balancer, "80", &group).await;
    let absent = arn(&format!("listener/app/web/{UNKNOWN_ID}/{UNKNOWN_ID}"));
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "ValidationError"),
        (&[("LoadBalancerArn", &balancer), ("ListenerArns.member.1", &listener)], "ValidationError"),
        (&[("ListenerArns.member.1", &absent)], "ListenerNotFound"),
        (&[("ListenerArns.member.1", &listener), ("ListenerArns.member.2", &absent)], "ListenerNotFound"),
        (&[("ListenerArns.member.1", &balancer)], "ValidationError"),
        (&[("LoadBalancerArn", &listener)], "ValidationError"),
    ];
    for (parameters, code) in table {
        let reply = world.call("DescribeListeners", parameters).await;
        assert_eq!(reply.error(), (400, (*code).to_owned()), "{parameters:?}: {}", reply.text());
    }
}

#[tokio::test]
async fn every_listener_has_its_default_rule() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let listener = world.listener(&balancer, "80", &group).await;
    let rules = world.call("DescribeRules", &[("ListenerArn", &listener)]).await.ok();
    assert_eq!((rules.one("Priority"), rules.one("IsDefault")), ("default".into(), "true".into()));
    assert_eq!(rules.all("TargetGroupArn")[0], group);
    let rule = rules.one("RuleArn");
    assert!(rule.starts_with(&format!("{}/", listener.replace(":listener/", ":listener-rule/"))), "{rule}");
    let by_arn = world.call("DescribeRules", &[("RuleArns.member.1", &rule)]).await.ok();
    assert_eq!(by_arn.one("Rules"), rules.one("Rules"));
    let other = format!("{}{UNKNOWN_ID}", &rule[..rule.len() - 16]);
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "ValidationError"),
        (&[("ListenerArn", &listener), ("RuleArns.member.1", &rule)], "ValidationError"),
        (&[("RuleArns.member.1", &other)], "RuleNotFound"),
        (&[("RuleArns.member.1", &listener)], "ValidationError"),
        (&[("ListenerArn", &rule)], "ValidationError"),
        (&[("ListenerArn", &other.replace(":listener-rule/", ":listener/"))], "ValidationError"),
    ];
    for (parameters, code) in table {
        let reply = world.call("DescribeRules", parameters).await;
        assert_eq!(reply.error(), (400, (*code).to_owned()), "{parameters:?}: {}", reply.text());
    }
}
