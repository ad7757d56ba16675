//! Attributes through the API: all are shown, changes are all or nothing.

use crate::support::Reply;
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
        let unsupported = match kind {
            "LoadBalancer" => second("access_logs.s3.enabled", "true"),
            "TargetGroup" => second("stickiness.enabled", "true"),
            _ => second("routing.http.response.strict_transport_security.header_value", "max-age=1"),
        };
        let table = [
            (unsupported, "InvalidConfigurationRequest"),
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
