//! What callers are told beside the answer, where networks are real: that nobody outside reaches what they made.

use model::ec2::security_group::SecurityGroup;
use serde_json::json;

use crate::support::Reply;
use crate::world::{DEFAULT_GROUP, GROUP, SUBNETS, VPC, World};

/// The warnings of an answer that has any; there is one field for all of them.
fn warnings(reply: &Reply) -> Option<String> {
    let fields: Vec<_> = reply.headers.get_all("x-goru-warning").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(fields.len() < 2, "{fields:?}");
    fields.first().map(|text| (*text).to_owned())
}

/// A group that admits everybody to a port.
fn admitting(id: &str, name: &str, port: u16) -> SecurityGroup {
    let record = json!({
        "id": id, "name": name, "description": "x", "vpc_id": VPC, "created_at": 0, "tags": {},
        "rules": [{
            "id": "sgr-0000000000000000a", "direction": "ingress", "traffic": { "tcp": [port, port] }, "peer": { "ipv4": "0.0.0.0/0" },
            "description": null, "tags": {},
        }],
    });
    serde_json::from_value(record).unwrap()
}

fn in_two_zones<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let subnets = [("Name", "web"), ("Subnets.member.1", SUBNETS[0]), ("Subnets.member.2", SUBNETS[1])];
    subnets.into_iter().chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn groups_that_admit_nobody_are_named_when_a_load_balancer_or_a_listener_gets_them() {
    let world = World::in_networks().await;
    let created = world.call("CreateLoadBalancer", &in_two_zones(&[])).await.ok();
    let remedy = "so nobody reaches it at 127.0.0.1; let one of its groups admit its clients by their addresses (AuthorizeSecurityGroupIngress)";
    let said = warnings(&created).unwrap();
    let parts: Vec<&str> = said.split("; load balancer web").collect();
    assert_eq!(parts.len(), 3, "two zones without a route, and the group: {said}");
    assert!(parts[0].starts_with("load balancer web is internet-facing, but clients do not reach it in"), "{said}");
    assert_eq!(parts[2], format!(": no rule of {DEFAULT_GROUP} (default) admits TCP from 127.0.0.0/8, {remedy}"));

    let balancer = created.one("LoadBalancerArn");
    let of_listener = |port: u16, group: &str, name: &str| {
        format!(
            "listener HTTP {port} of load balancer web: no rule of {group} ({name}) admits tcp/{port} from 127.0.0.0/8, {remedy}"
        )
    };
    let group = world.target_group("apps").await;
    let created = world.create_listener(&balancer, "80", &group).await.ok();
    assert_eq!(warnings(&created), Some(of_listener(80, DEFAULT_GROUP, "default")));
    let listener = created.one("ListenerArn");

    let set = [("LoadBalancerArn", balancer.as_str()), ("SecurityGroups.member.1", GROUP)];
    let changed = world.call("SetSecurityGroups", &set).await.ok();
    assert_eq!(warnings(&changed), Some(of_listener(80, GROUP, "web")));
    world.put(admitting(GROUP, "web", 80)).await;
    assert_eq!(warnings(&world.call("SetSecurityGroups", &set).await.ok()), None);
    let moved = |port| [("ListenerArn", listener.as_str()), ("Port", port)];
    assert_eq!(
        warnings(&world.call("ModifyListener", &moved("8080")).await.ok()),
        Some(of_listener(8080, GROUP, "web"))
    );
    assert_eq!(warnings(&world.call("ModifyListener", &moved("80")).await.ok()), None);
}

#[tokio::test]
async fn nobody_is_warned_of_internal_load_balancers_nor_where_nothing_is_enforced() {
    let (real, shown) = (World::in_networks().await, World::new().await);
    let internal = real.call("CreateLoadBalancer", &in_two_zones(&[("Scheme", "internal")])).await.ok();
    assert_eq!(warnings(&internal), None);
    assert_eq!(warnings(&shown.call("CreateLoadBalancer", &in_two_zones(&[])).await.ok()), None);
}
