//! Pages of one item: every listing gives each item once, and markers are good for their listing only.

use crate::world::World;

async fn paged(world: &World, action: &str, parameters: &[(&str, &str)], element: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut marker: Option<String> = None;
    for _ in 0..100 {
        let mut all = parameters.to_vec();
        all.push(("PageSize", "1"));
        all.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let reply = world.call(action, &all).await.ok();
        let page = reply.all(element);
        assert!(page.len() <= 1, "{action}: {}", reply.text());
        found.extend(page);
        marker = reply.all("NextMarker").pop();
        if marker.is_none() {
            return found;
        }
    }
    panic!("{action} does not end");
}

#[tokio::test]
async fn pages_of_one_give_everything_once() {
    let world = World::new().await;
    let mut balancers = Vec::new();
    let mut groups = Vec::new();
    for name in ["c", "a", "b"] {
        balancers.push(world.load_balancer(name).await);
        groups.push(world.target_group(name).await);
    }
    let mut listeners = Vec::new();
    for port in ["80", "81", "82"] {
        listeners.push(world.listener(&balancers[0], port, &groups[0]).await);
    }
    for list in [&mut balancers, &mut groups, &mut listeners] {
        list.sort();
    }
    assert_eq!(paged(&world, "DescribeLoadBalancers", &[], "LoadBalancerArn").await, balancers);
    assert_eq!(paged(&world, "DescribeTargetGroups", &[], "TargetGroupArn").await, groups);
    let of = world.call("DescribeListeners", &[("ListenerArns.member.1", &listeners[0])]).await.one("LoadBalancerArn");
    let of = [("LoadBalancerArn", of.as_str())];
    assert_eq!(paged(&world, "DescribeListeners", &of, "ListenerArn").await, listeners);
    let rules = [("ListenerArn", listeners[0].as_str())];
    assert_eq!(paged(&world, "DescribeRules", &rules, "RuleArn").await.len(), 1);
    assert!(paged(&world, "DescribeListenerCertificates", &rules, "CertificateArn").await.is_empty());
    let limits = world.call("DescribeAccountLimits", &[]).await.ok().all("Max").len();
    assert_eq!(paged(&world, "DescribeAccountLimits", &[], "Max").await.len(), limits);
    let policies = world.call("DescribeSSLPolicies", &[]).await.ok().all("SslProtocols").len();
    assert_eq!(paged(&world, "DescribeSSLPolicies", &[], "SslProtocols").await.len(), policies);
}

#[tokio::test]
async fn markers_belong_to_their_listing() {
    let world = World::new().await;
    for name in ["a", "b"] {
        world.load_balancer(name).await;
        world.target_group(name).await;
    }
    let marker = world.call("DescribeLoadBalancers", &[("PageSize", "1")]).await.ok().one("NextMarker");
    let table: &[(&str, &[(&str, &str)])] = &[
        ("DescribeTargetGroups", &[("Marker", &marker)]),
        ("DescribeLoadBalancers", &[("Marker", &marker), ("Names.member.1", "b")]),
        ("DescribeLoadBalancers", &[("Marker", "")]),
        ("DescribeLoadBalancers", &[("Marker", "b")]),
        ("DescribeLoadBalancers", &[("PageSize", "0")]),
        ("DescribeLoadBalancers", &[("PageSize", "401")]),
        ("DescribeLoadBalancers", &[("PageSize", "-1")]),
        ("DescribeLoadBalancers", &[("PageSize", "1e2")]),
    ];
    for (action, parameters) in table {
        let reply = world.call(action, parameters).await;
        assert_eq!(reply.error(), (400, "ValidationError".into()), "{action} {parameters:?}: {}", reply.text());
    }
    let rest = world.call("DescribeLoadBalancers", &[("Marker", &marker)]).await.ok();
    assert_eq!(rest.all("LoadBalancerName"), ["b"]);
}
