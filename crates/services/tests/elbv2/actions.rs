//! Actions of listeners: weighted forwards, redirects and fixed responses, and what is refused. Rules have the same ones.

use crate::support::Reply;
use crate::world::{World, inner};

/// CreateListener with this default action, whose members are given without their prefix.
pub async fn act(world: &World, balancer: &str, port: &str, action: &[(&str, &str)]) -> Reply {
    let keys: Vec<String> = action.iter().map(|(key, _)| format!("DefaultActions.member.1.{key}")).collect();
    let mut parameters: Vec<(&str, &str)> =
        keys.iter().map(String::as_str).zip(action.iter().map(|(_, v)| *v)).collect();
    parameters.extend([("LoadBalancerArn", balancer), ("Protocol", "HTTP"), ("Port", port)]);
    world.call("CreateListener", &parameters).await
}

async fn refused(world: &World, balancer: &str, table: &[(&[(&str, &str)], &str)]) {
    let before = world.listeners();
    for (action, code) in table {
        let reply = act(world, balancer, "81", action).await;
        assert_eq!(reply.error(), (400, (*code).to_owned()), "{action:?}: {}", reply.text());
    }
    assert_eq!(world.listeners(), before);
}

#[tokio::test]
async fn a_forward_has_weighted_groups_and_stickiness_between_them() {
    let world = World::new().await;
    let (balancer, one) = (world.load_balancer("web").await, world.target_group("one").await);
    let two = world.target_group("two").await;
    let (first, second) =
        ("ForwardConfig.TargetGroups.member.1.TargetGroupArn", "ForwardConfig.TargetGroups.member.2.TargetGroupArn");
    let written = [
        ("Type", "forward"),
        ("Order", "7"),
        (first, one.as_str()),
        ("ForwardConfig.TargetGroups.member.1.Weight", "0"),
        (second, two.as_str()),
        ("ForwardConfig.TargetGroups.member.2.Weight", "999"),
        ("ForwardConfig.TargetGroupStickinessConfig.Enabled", "true"),
        ("ForwardConfig.TargetGroupStickinessConfig.DurationSeconds", "604800"),
    ];
    let created = act(&world, &balancer, "80", &written).await.ok();
    assert_eq!((created.one("Order"), created.all("Weight")), ("7".into(), vec!["0".to_owned(), "999".to_owned()]));
    assert_eq!(created.all("TargetGroupArn"), [one.clone(), two.clone()], "no single group beside them");
    assert_eq!((created.one("Enabled"), created.one("DurationSeconds")), ("true".into(), "604800".into()));
    let shown = world.call("DescribeListeners", &[("LoadBalancerArn", &balancer)]).await.ok();
    assert_eq!(shown.one("DefaultActions"), created.one("DefaultActions"));
    let in_use = world.call("DescribeTargetGroups", &[("LoadBalancerArn", &balancer)]).await.ok();
    assert_eq!(in_use.all("TargetGroupName"), ["one", "two"]);
    // What is switched off is shown as it was written.
    let off = [
        ("Type", "forward"),
        ("TargetGroupArn", one.as_str()),
        ("ForwardConfig.TargetGroupStickinessConfig.Enabled", "false"),
        ("ForwardConfig.TargetGroupStickinessConfig.DurationSeconds", "600"),
    ];
    let created = act(&world, &balancer, "82", &off).await.ok();
    assert_eq!((created.one("Enabled"), created.one("DurationSeconds")), ("false".into(), "600".into()));
}

#[tokio::test]
async fn forwards_that_cannot_be_are_refused() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let second = world.target_group("second").await;
    let mut others = Vec::new();
    for n in 3..=6 {
        others.push(world.target_group(&format!("g{n}")).await);
    }
    let forward = ("Type", "forward");
    let name = |n: usize| format!("ForwardConfig.TargetGroups.member.{n}.TargetGroupArn");
    let names: Vec<String> = (1..=6).map(name).collect();
    let (first, weight) = (names[0].as_str(), "ForwardConfig.TargetGroups.member.1.Weight");
    let six: Vec<(&str, &str)> = names
        .iter()
        .map(String::as_str)
        .zip([&group, &second].into_iter().chain(&others).map(String::as_str))
        .collect();
    let six = [&[forward][..], &six].concat();
    let absent = group.replace("ap-n", "eu-n");
    let sticky = "ForwardConfig.TargetGroupStickinessConfig.Enabled";
    let seconds = "ForwardConfig.TargetGroupStickinessConfig.DurationSeconds";
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[forward], "ValidationError"),
        (&[("TargetGroupArn", &group)], "ValidationError"),
        (&[forward, ("TargetGroupArn", &group), (first, &second)], "InvalidLoadBalancerAction"),
        (&[forward, ("TargetGroupArn", &group), (first, &group), (&names[1], &second)], "InvalidLoadBalancerAction"),
        (&[forward, (first, &group), (&names[1], &group)], "InvalidLoadBalancerAction"),
        (&six, "InvalidLoadBalancerAction"),
        (&[forward, (weight, "1")], "ValidationError"),
        (&[forward, (first, &group), (weight, "1000")], "ValidationError"),
        (&[forward, (first, &group), (weight, "-1")], "ValidationError"),
        (&[forward, (first, &group), (sticky, "true")], "InvalidLoadBalancerAction"),
        (&[forward, (first, &group), (sticky, "true"), (seconds, "0")], "ValidationError"),
        (&[forward, (first, &group), (sticky, "true"), (seconds, "604801")], "ValidationError"),
        (&[forward, ("TargetGroupArn", &group), ("Order", "0")], "ValidationError"),
        (&[forward, ("TargetGroupArn", &group), ("Order", "50001")], "ValidationError"),
        (
            &[forward, ("TargetGroupArn", &group), ("RedirectConfig.StatusCode", "HTTP_301")],
            "InvalidLoadBalancerAction",
        ),
        (&[("Type", "authenticate-oidc")], "InvalidConfigurationRequest"),
        (&[("Type", "authenticate-cognito")], "InvalidConfigurationRequest"),
        (&[("Type", "jwt-validation")], "InvalidConfigurationRequest"),
        (&[("Type", "Forward"), ("TargetGroupArn", &group)], "ValidationError"),
        (&[forward, ("TargetGroupArn", "web")], "ValidationError"),
        (&[forward, ("TargetGroupArn", &balancer)], "ValidationError"),
        (&[forward, ("TargetGroupArn", &absent)], "TargetGroupNotFound"),
        (&[forward, (first, &group), (&names[1], &absent)], "TargetGroupNotFound"),
    ];
    refused(&world, &balancer, table).await;
    act(&world, &balancer, "81", &six[..6]).await.ok();
}

#[tokio::test]
async fn a_redirect_shows_every_part() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let written = [
        ("Type", "redirect"),
        ("RedirectConfig.Protocol", "HTTPS"),
        ("RedirectConfig.Port", "443"),
        ("RedirectConfig.StatusCode", "HTTP_301"),
    ];
    let created = act(&world, &balancer, "80", &written).await.ok();
    let shown = |part: &str| created.one(part);
    assert_eq!([shown("Host"), shown("Path"), shown("Query")], ["#{host}", "/#{path}", "#{query}"]);
    assert_eq!(
        [inner(&created.one("RedirectConfig"), "Protocol")[0].as_str(), &shown("StatusCode")],
        ["HTTPS", "HTTP_301"]
    );
    assert!(created.all("TargetGroupArn").is_empty() && created.all("ForwardConfig").is_empty());
    let rule = world.call("DescribeRules", &[("ListenerArn", &created.one("ListenerArn"))]).await.ok();
    assert_eq!(rule.one("RedirectConfig"), created.one("RedirectConfig"));
    let all = [
        ("Type", "redirect"),
        ("RedirectConfig.Host", "www.#{host}"),
        ("RedirectConfig.Path", "/new/#{path}"),
        ("RedirectConfig.Query", "from=#{host}&#{query}"),
        ("RedirectConfig.StatusCode", "HTTP_302"),
    ];
    let created = act(&world, &balancer, "81", &all).await.ok();
    assert_eq!(created.one("Query"), "from=#{host}&amp;#{query}");
}

#[tokio::test]
async fn redirects_that_lead_nowhere_are_refused() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let (redirect, status) = (("Type", "redirect"), ("RedirectConfig.StatusCode", "HTTP_301"));
    let long = format!("/{}", "a".repeat(128));
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[redirect], "InvalidLoadBalancerAction"),
        (&[redirect, status], "InvalidLoadBalancerAction"),
        (&[redirect, status, ("RedirectConfig.Query", "a=1")], "InvalidLoadBalancerAction"),
        (
            &[redirect, status, ("RedirectConfig.Protocol", "HTTP"), ("RedirectConfig.Port", "81")],
            "InvalidLoadBalancerAction",
        ),
        (&[redirect, ("RedirectConfig.Host", "a")], "ValidationError"),
        (&[redirect, ("RedirectConfig.StatusCode", "HTTP_307"), ("RedirectConfig.Host", "a")], "ValidationError"),
        (&[redirect, status, ("RedirectConfig.Protocol", "http")], "ValidationError"),
        (&[redirect, status, ("RedirectConfig.Host", "")], "ValidationError"),
        (&[redirect, status, ("RedirectConfig.Path", &long)], "ValidationError"),
        (&[redirect, status, ("RedirectConfig.Path", "x")], "InvalidLoadBalancerAction"),
        (&[redirect, status, ("RedirectConfig.Path", "/#{fragment}")], "InvalidLoadBalancerAction"),
        (&[redirect, status, ("RedirectConfig.Host", "a\r\nSet-Cookie: x")], "InvalidLoadBalancerAction"),
        (&[redirect, status, ("RedirectConfig.Port", "0")], "InvalidLoadBalancerAction"),
        (&[redirect, status, ("RedirectConfig.Host", "a"), ("TargetGroupArn", &group)], "InvalidLoadBalancerAction"),
    ];
    refused(&world, &balancer, table).await;
}

#[tokio::test]
async fn a_redirect_that_a_change_of_the_listener_would_close_keeps_it_from_changing() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let written = [("Type", "redirect"), ("RedirectConfig.Port", "82"), ("RedirectConfig.StatusCode", "HTTP_302")];
    let listener = act(&world, &balancer, "81", &written).await.ok().one("ListenerArn");
    let change = [("ListenerArn", listener.as_str()), ("Port", "82")];
    assert_eq!(world.call("ModifyListener", &change).await.error(), (400, "InvalidLoadBalancerAction".into()));
    world.call("ModifyListener", &[("ListenerArn", &listener), ("Port", "83")]).await.ok();
}

#[tokio::test]
async fn a_fixed_response_says_what_it_is_given() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let written = [
        ("Type", "fixed-response"),
        ("FixedResponseConfig.StatusCode", "503"),
        ("FixedResponseConfig.ContentType", "text/html"),
        ("FixedResponseConfig.MessageBody", "<p>점검 중 & 곧 돌아옵니다</p>"),
    ];
    let created = act(&world, &balancer, "80", &written).await.ok();
    assert_eq!(created.one("MessageBody"), "&lt;p&gt;점검 중 &amp; 곧 돌아옵니다&lt;/p&gt;");
    assert_eq!((created.one("StatusCode"), created.one("ContentType")), ("503".into(), "text/html".into()));
    let bare = act(&world, &balancer, "81", &written[..2]).await.ok();
    assert!(bare.all("MessageBody").is_empty() && bare.all("ContentType").is_empty(), "{}", bare.text());
    let (fixed, status) = (written[0], written[1]);
    let long = "가".repeat(1025);
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[fixed], "InvalidLoadBalancerAction"),
        (&[fixed, ("FixedResponseConfig.MessageBody", "x")], "ValidationError"),
        (&[fixed, ("FixedResponseConfig.StatusCode", "302")], "ValidationError"),
        (&[fixed, ("FixedResponseConfig.StatusCode", "2٠٠")], "ValidationError"),
        (&[fixed, ("FixedResponseConfig.StatusCode", "2000")], "ValidationError"),
        (&[fixed, status, ("FixedResponseConfig.MessageBody", &long)], "ValidationError"),
        (&[fixed, status, ("FixedResponseConfig.MessageBody", "\u{1}")], "ValidationError"),
        (&[fixed, status, ("FixedResponseConfig.ContentType", "text/xml")], "InvalidLoadBalancerAction"),
    ];
    refused(&world, &balancer, table).await;
}
