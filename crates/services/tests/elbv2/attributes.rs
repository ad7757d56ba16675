//! Attributes through the API: all are shown, changes are all or nothing.

use std::sync::Arc;

use crate::support::Reply;
use crate::support::certificates::self_signed;
use crate::support::files::MemoryFiles;
use crate::world::{UNKNOWN_ID, World, arn, inner};

/// Kind, ARN member, ARN of one, ARN of none, an attribute that can be changed to a value.
async fn kinds(world: &World) -> Vec<(&'static str, &'static str, String, String, &'static str, &'static str)> {
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let listener = world.listener(&balancer, "80", &group).await;
    let absent = |resource: &str| arn(&format!("{resource}/{UNKNOWN_ID}"));
    vec![
        (
            "LoadBalancer",
            "LoadBalancerArn",
            balancer,
            absent("loadbalancer/app/web"),
            "idle_timeout.timeout_seconds",
            "7",
        ),
        ("TargetGroup", "TargetGroupArn", group, absent("targetgroup/web"), "goru.retry.enabled", "false"),
        (
            "Listener",
            "ListenerArn",
            listener,
            absent(&format!("listener/app/web/{UNKNOWN_ID}")),
            "routing.http.response.server.enabled",
            "false",
        ),
    ]
}

fn pairs(reply: &Reply) -> Vec<(String, String)> {
    let text = reply.text();
    let members = text.split("</member>").filter(|part| part.contains("<Key>"));
    members
        .map(|part| (inner(part, "Key").remove(0), inner(part, "Value").first().cloned().unwrap_or_default()))
        .collect()
}

#[tokio::test]
async fn every_attribute_is_shown_and_a_changed_one_stays_changed() {
    let world = World::new().await;
    for (kind, member, arn, absent, key, value) in kinds(&world).await {
        let (describe, modify) = (format!("Describe{kind}Attributes"), format!("Modify{kind}Attributes"));
        let before = pairs(&world.call(&describe, &[(member, &arn)]).await.ok());
        assert!(before.len() >= 10, "{kind}: {before:?}");
        let change = [(member, arn.as_str()), ("Attributes.member.1.Key", key), ("Attributes.member.1.Value", value)];
        let answered = pairs(&world.call(&modify, &change).await.ok());
        let after = pairs(&world.call(&describe, &[(member, &arn)]).await.ok());
        assert_eq!(answered, after, "{kind}");
        let changed: Vec<_> = after.iter().filter(|pair| !before.contains(pair)).cloned().collect();
        assert_eq!(changed, [(key.to_owned(), value.to_owned())], "{kind}");
        let not_found = format!("{kind}NotFound");
        assert_eq!(world.call(&describe, &[(member, &absent)]).await.error(), (400, not_found.clone()));
        let change = [(member, absent.as_str()), change[1], change[2]];
        assert_eq!(world.call(&modify, &change).await.error(), (400, not_found));
    }
}

#[tokio::test]
async fn bad_attributes_change_nothing() {
    let world = World::new().await;
    for (kind, member, arn, _, key, value) in kinds(&world).await {
        let (describe, modify) = (format!("Describe{kind}Attributes"), format!("Modify{kind}Attributes"));
        let before = pairs(&world.call(&describe, &[(member, &arn)]).await.ok());
        let second = |key: &'static str, value: &'static str| {
            [("Attributes.member.2.Key", key), ("Attributes.member.2.Value", value)]
        };
        let (unfit, unfit_code) = match kind {
            "LoadBalancer" => (second("waf.fail_open.enabled", "true"), "InvalidConfigurationRequest"),
            "TargetGroup" => {
                (second("load_balancing.algorithm.anomaly_mitigation", "on"), "InvalidConfigurationRequest")
            }
            // Only HTTPS listeners have it.
            _ => (second("routing.http.request.x_amzn_tls_version.header_name", "X-Tls"), "ValidationError"),
        };
        let table = [
            (unfit, unfit_code),
            (second("nonsense.enabled", "true"), "ValidationError"),
            (second(key, value), "ValidationError"),
            (second("a b", "true"), "ValidationError"),
            (second("nonsense.enabled", ""), "ValidationError"),
        ];
        for (more, code) in table {
            let first = [("Attributes.member.1.Key", key), ("Attributes.member.1.Value", value)];
            let parameters: Vec<_> = [(member, arn.as_str())].into_iter().chain(first).chain(more).collect();
            let reply = world.call(&modify, &parameters).await;
            assert_eq!(reply.error(), (400, code.to_owned()), "{kind} {more:?}: {}", reply.text());
        }
        let no_key = [(member, arn.as_str()), ("Attributes.member.1.Value", "true")];
        assert_eq!(world.call(&modify, &no_key).await.error(), (400, "ValidationError".into()), "{kind}");
        let none = [(member, arn.as_str())];
        assert_eq!(world.call(&modify, &none).await.error(), (400, "ValidationError".into()), "{kind}");
        assert_eq!(pairs(&world.call(&describe, &[(member, &arn)]).await.ok()), before, "{kind}");
    }
}

async fn modify(world: &World, kind: &str, arn: &str, changes: &[(&str, &str)]) -> Reply {
    let mut parameters = vec![(format!("{kind}Arn"), arn.to_owned())];
    for (n, (key, value)) in changes.iter().enumerate() {
        parameters.push((format!("Attributes.member.{}.Key", n + 1), (*key).to_owned()));
        parameters.push((format!("Attributes.member.{}.Value", n + 1), (*value).to_owned()));
    }
    let parameters: Vec<(&str, &str)> = parameters.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    world.call(&format!("Modify{kind}Attributes"), &parameters).await
}

#[tokio::test]
async fn every_attribute_of_aws_has_its_default() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    for (kind, arn, expected) in [
        (
            "LoadBalancer",
            &balancer,
            &[
                ("routing.http2.enabled", "true"),
                ("routing.http.desync_mitigation_mode", "defensive"),
                ("access_logs.s3.enabled", "false"),
                ("access_logs.s3.bucket", ""),
                ("client_keep_alive.seconds", "3600"),
            ][..],
        ),
        (
            "TargetGroup",
            &group,
            &[
                ("load_balancing.algorithm.type", "round_robin"),
                ("load_balancing.algorithm.anomaly_mitigation", "off"),
                ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
                ("slow_start.duration_seconds", "0"),
                ("stickiness.enabled", "false"),
                ("stickiness.type", "lb_cookie"),
                ("stickiness.app_cookie.cookie_name", ""),
                ("stickiness.lb_cookie.duration_seconds", "86400"),
                ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
                ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
                ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
                ("goru.maintenance.enabled", "false"),
                ("goru.maintenance.content_type", "text/html; charset=utf-8"),
                ("goru.maintenance.retry_after_seconds", "30"),
                ("goru.hold.timeout_seconds", "0"),
            ],
        ),
    ] {
        let member = format!("{kind}Arn");
        let shown = pairs(&world.call(&format!("Describe{kind}Attributes"), &[(&member, arn)]).await.ok());
        for (key, value) in expected {
            assert!(shown.contains(&((*key).to_owned(), (*value).to_owned())), "{key}: {shown:?}");
        }
    }
}

#[tokio::test]
async fn logs_go_to_buckets_that_are_there() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let (enabled, bucket) = (("access_logs.s3.enabled", "true"), ("access_logs.s3.bucket", "my-logs"));
    let refused =
        |reply: Reply| assert_eq!(reply.error(), (400, "InvalidConfigurationRequest".into()), "{}", reply.text());
    refused(modify(&world, "LoadBalancer", &balancer, &[enabled]).await);
    refused(modify(&world, "LoadBalancer", &balancer, &[enabled, bucket]).await);
    // What is switched off needs no bucket yet.
    modify(&world, "LoadBalancer", &balancer, &[bucket]).await.ok();
    refused(modify(&world, "LoadBalancer", &balancer, &[enabled]).await);
    let files = Arc::new(MemoryFiles::default());
    files.put("my-logs", "x", "");
    world.server.gateway.set_files(files);
    modify(&world, "LoadBalancer", &balancer, &[enabled]).await.ok();
    modify(&world, "LoadBalancer", &balancer, &[("access_logs.s3.prefix", "web/one")]).await.ok();
    refused(modify(&world, "LoadBalancer", &balancer, &[("access_logs.s3.bucket", "")]).await);
    refused(modify(&world, "LoadBalancer", &balancer, &[("access_logs.s3.bucket", "others")]).await);
    for value in ["AWSLogs", "a/AWSLogs/b", "/a", "../x"] {
        let reply = modify(&world, "LoadBalancer", &balancer, &[("access_logs.s3.prefix", value)]).await;
        assert_eq!(reply.error(), (400, "ValidationError".into()), "{value}");
    }
    modify(
        &world,
        "LoadBalancer",
        &balancer,
        &[("access_logs.s3.enabled", "false"), ("idle_timeout.timeout_seconds", "9")],
    )
    .await
    .ok();
}

#[tokio::test]
async fn sticky_groups_share_an_action_only_if_that_is_sticky_too() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let (one, two) = (world.target_group("one").await, world.target_group("two").await);
    let name = |n: usize| format!("ForwardConfig.TargetGroups.member.{n}.TargetGroupArn");
    let (first, second) = (name(1), name(2));
    let mut forward = vec![("Type", "forward"), (first.as_str(), one.as_str()), (second.as_str(), two.as_str())];
    let listener = crate::actions::act(&world, &balancer, "80", &forward).await.ok().one("ListenerArn");
    let sticky = ("stickiness.enabled", "true");
    let refused = modify(&world, "TargetGroup", &one, &[sticky]).await;
    assert_eq!(refused.error(), (400, "InvalidConfigurationRequest".into()), "{}", refused.text());
    world.call("DeleteListener", &[("ListenerArn", &listener)]).await.ok();
    modify(&world, "TargetGroup", &one, &[sticky]).await.ok();
    let refused = crate::actions::act(&world, &balancer, "80", &forward).await;
    assert_eq!(refused.error(), (400, "InvalidConfigurationRequest".into()), "{}", refused.text());
    forward.push(("ForwardConfig.TargetGroupStickinessConfig.Enabled", "true"));
    forward.push(("ForwardConfig.TargetGroupStickinessConfig.DurationSeconds", "60"));
    crate::actions::act(&world, &balancer, "80", &forward).await.ok();
    let by_application = [("stickiness.type", "app_cookie"), ("stickiness.app_cookie.cookie_name", "sid")];
    let refused = modify(&world, "TargetGroup", &one, &by_application).await;
    assert_eq!(refused.error(), (400, "InvalidConfigurationRequest".into()), "{}", refused.text());
    // A group by itself may be sticky in either way.
    let three = world.target_group("three").await;
    world.listener(&balancer, "81", &three).await;
    modify(&world, "TargetGroup", &three, &[sticky, by_application[0], by_application[1]]).await.ok();
}

#[tokio::test]
async fn header_fields_about_tls_are_renamed_while_a_listener_speaks_tls() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let certificate = world.server.import(&self_signed(&["a.example.com"])).await;
    let of = [("Certificates.member.1.CertificateArn", certificate.as_str())];
    let listener = crate::https::create(&world, &balancer, "443", &of).await.ok().one("ListenerArn");
    let rename = ("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", "X-Subject");
    let shown = pairs(&modify(&world, "Listener", &listener, &[rename]).await.ok());
    assert!(shown.contains(&(rename.0.to_owned(), rename.1.to_owned())), "{shown:?}");
    for (key, value) in [
        ("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", "Host"),
        ("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", "a b"),
        ("routing.http.response.strict_transport_security.header_value", "a\r\nb"),
    ] {
        assert_eq!(
            modify(&world, "Listener", &listener, &[(key, value)]).await.error(),
            (400, "ValidationError".into())
        );
    }
    let twice = ("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", "x-subject");
    assert_eq!(modify(&world, "Listener", &listener, &[twice]).await.error().1, "InvalidConfigurationRequest");
    world.call("ModifyListener", &[("ListenerArn", &listener), ("Protocol", "HTTP")]).await.ok();
    let plain = world.call("DescribeListenerAttributes", &[("ListenerArn", &listener)]).await.ok();
    assert!(!plain.text().contains("x_amzn_mtls"), "{}", plain.text());
}
