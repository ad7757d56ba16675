//! Tags of load balancers, target groups, listeners and rules.

use crate::support::Reply;
use crate::world::{UNKNOWN_ID, World, arn, inner};

async fn tag(world: &World, arn: &str, tags: &[(&str, &str)]) -> Reply {
    let mut parameters = vec![("ResourceArns.member.1".to_owned(), arn.to_owned())];
    for (n, (key, value)) in tags.iter().enumerate() {
        parameters.push((format!("Tags.member.{}.Key", n + 1), (*key).to_owned()));
        parameters.push((format!("Tags.member.{}.Value", n + 1), (*value).to_owned()));
    }
    let parameters: Vec<(&str, &str)> = parameters.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    world.call("AddTags", &parameters).await
}

async fn tags(world: &World, arn: &str) -> Vec<String> {
    let reply = world.call("DescribeTags", &[("ResourceArns.member.1", arn)]).await.ok();
    assert_eq!(reply.one("ResourceArn"), arn);
    let (keys, text) = (reply.all("Key"), reply.text());
    keys.into_iter().zip(inner(&text, "Value")).map(|(key, value)| format!("{key}={value}")).collect()
}

#[tokio::test]
async fn every_kind_of_resource_has_tags() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let listener = world.listener(&balancer, "80", &group).await;
    let default_rule = world.call("DescribeRules", &[("ListenerArn", &listener)]).await.ok().one("RuleArn");
    let rule = [
        ("ListenerArn", listener.as_str()),
        ("Priority", "1"),
        ("Conditions.member.1.Field", "path-pattern"),
        ("Conditions.member.1.Values.member.1", "/a"),
        ("Actions.member.1.Type", "forward"),
        ("Actions.member.1.TargetGroupArn", group.as_str()),
    ];
    let rule = world.call("CreateRule", &rule).await.ok().one("RuleArn");
    for arn in [&balancer, &group, &listener, &rule, &default_rule] {
        tag(&world, arn, &[("team", "web"), ("단계", "시험")]).await.ok();
        tag(&world, arn, &[("team", "db"), ("Team", "x")]).await.ok();
        assert_eq!(tags(&world, arn).await, ["Team=x", "team=db", "단계=시험"], "{arn}");
        let remove =
            [("ResourceArns.member.1", arn.as_str()), ("TagKeys.member.1", "team"), ("TagKeys.member.2", "absent")];
        world.call("RemoveTags", &remove).await.ok();
        assert_eq!(tags(&world, arn).await, ["Team=x", "단계=시험"], "{arn}");
    }
}

#[tokio::test]
async fn tags_are_given_at_creation() {
    let world = World::new().await;
    let group = [
        ("Name", "web"),
        ("Protocol", "HTTP"),
        ("Port", "80"),
        ("VpcId", crate::world::VPC),
        ("Tags.member.1.Key", "a"),
        ("Tags.member.1.Value", "1"),
        ("Tags.member.2.Key", "b"),
    ];
    let group = world.call("CreateTargetGroup", &group).await.ok().one("TargetGroupArn");
    let reply = world.call("DescribeTags", &[("ResourceArns.member.1", &group)]).await.ok();
    assert_eq!(reply.all("Key"), ["a", "b"]);
}

#[tokio::test]
async fn bad_tags_are_refused_in_aws_codes() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    let long = "k".repeat(129);
    let value = "v".repeat(257);
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("a", "1"), ("a", "2")], "DuplicateTagKeys"),
        (&[("aws:x", "1")], "ValidationError"),
        (&[("AWS:x", "1")], "ValidationError"),
        (&[("", "1")], "ValidationError"),
        (&[(&long, "1")], "ValidationError"),
        (&[("a", &value)], "ValidationError"),
        (&[("a\0", "1")], "ValidationError"),
        (&[("a", "\u{202e}")], "ValidationError"),
        (&[("😀", "1")], "ValidationError"),
        (&[], "ValidationError"),
    ];
    for (pairs, code) in table {
        let reply = tag(&world, &group, pairs).await;
        assert_eq!(reply.error(), (400, (*code).to_owned()), "{pairs:?}: {}", reply.text());
    }
    assert!(tags(&world, &group).await.is_empty());
}

#[tokio::test]
async fn a_resource_has_fifty_tags() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    let keys: Vec<String> = (0..51).map(|n| format!("k{n}")).collect();
    let pairs: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "v")).collect();
    assert_eq!(tag(&world, &group, &pairs).await.error(), (400, "TooManyTags".into()));
    tag(&world, &group, &pairs[..50]).await.ok();
    tag(&world, &group, &pairs[..50]).await.ok();
    assert_eq!(tag(&world, &group, &pairs[50..]).await.error(), (400, "TooManyTags".into()));
    assert_eq!(tags(&world, &group).await.len(), 50);
}

#[tokio::test]
async fn resources_that_are_not_there_are_named_by_kind() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let absent = [
        (format!("loadbalancer/app/web/{UNKNOWN_ID}"), "LoadBalancerNotFound"),
        (format!("targetgroup/web/{UNKNOWN_ID}"), "TargetGroupNotFound"),
        (format!("listener/app/web/{UNKNOWN_ID}/{UNKNOWN_ID}"), "ListenerNotFound"),
        (format!("listener-rule/app/web/{UNKNOWN_ID}/{UNKNOWN_ID}/{UNKNOWN_ID}"), "RuleNotFound"),
        (format!("truststore/web/{UNKNOWN_ID}"), "TrustStoreNotFound"),
        ("nonsense/web/1".to_owned(), "ValidationError"),
    ];
    for (resource, code) in absent {
        let arn = arn(&resource);
        assert_eq!(tag(&world, &arn, &[("a", "1")]).await.error(), (400, code.to_owned()), "{arn}");
        let described = world.call("DescribeTags", &[("ResourceArns.member.1", &arn)]).await.error();
        assert_eq!(described, (400, code.to_owned()), "{arn}");
        // All or nothing: what does exist stays as it is.
        let both =
            [("ResourceArns.member.1", balancer.as_str()), ("ResourceArns.member.2", &arn), ("Tags.member.1.Key", "a")];
        assert_eq!(world.call("AddTags", &both).await.error(), (400, code.to_owned()), "{arn}");
    }
    assert!(tags(&world, &balancer).await.is_empty());
    let keys: Vec<String> = (1..=21).map(|n| format!("ResourceArns.member.{n}")).collect();
    let many: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), group.as_str())).collect();
    assert_eq!(world.call("DescribeTags", &many).await.error(), (400, "ValidationError".into()));
    assert_eq!(world.call("DescribeTags", &many[..20]).await.ok().all("ResourceArn").len(), 20);
    assert_eq!(world.call("DescribeTags", &[]).await.error(), (400, "ValidationError".into()));
}
