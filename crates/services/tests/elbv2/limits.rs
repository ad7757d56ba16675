//! Limits, security policies, capacity reservations, certificates: what there is of things that hardly exist.

use crate::world::{UNKNOWN_ID, World, arn, inner};

#[tokio::test]
async fn limits_are_those_in_force() {
    let world = World::new().await;
    let reply = world.call("DescribeAccountLimits", &[]).await.ok();
    let limits: Vec<(String, String)> = reply.all("Name").into_iter().zip(reply.all("Max")).collect();
    let of = |name: &str| limits.iter().find(|(known, _)| known == name).map(|(_, max)| max.as_str());
    assert_eq!(of("application-load-balancers"), Some("50"));
    assert_eq!(of("listeners-per-application-load-balancer"), Some("50"));
    assert_eq!(of("target-groups"), Some("3000"));
    assert_eq!(of("targets-per-application-load-balancer"), Some("1000"));
    assert_eq!(of("network-load-balancers"), Some("0"));
    assert_eq!(of("rules-per-application-load-balancer"), Some("100"));
    assert_eq!(of("target-groups-per-action-on-application-load-balancer"), Some("5"));
    assert_eq!(of("condition-values-per-alb-rule"), Some("5"));
}

#[tokio::test]
async fn security_policies_list_what_could_be_served() {
    let world = World::new().await;
    let all = world.call("DescribeSSLPolicies", &[]).await.ok();
    assert!(!all.text().contains("TLSv1.0") && !all.text().contains("TLSv1.1"));
    assert!(!all.text().contains("-CBC-") && !all.text().contains("AES128-SHA"));
    let named = |name: &'static str| {
        let world = &world;
        async move { world.call("DescribeSSLPolicies", &[("Names.member.1", name)]).await }
    };
    let protocols = |text: &str| inner(&inner(text, "SslProtocols").remove(0), "member");
    let default = named("ELBSecurityPolicy-2016-08").await.ok();
    assert_eq!(protocols(&default.text()), ["TLSv1.2"]);
    assert_eq!(default.all("Priority"), ["1", "2", "3", "4"]);
    let newest = named("ELBSecurityPolicy-TLS13-1-3-2021-06").await.ok();
    assert_eq!(protocols(&newest.text()), ["TLSv1.3"]);
    assert!(!newest.text().contains("ECDHE-"), "{}", newest.text());
    let both = named("ELBSecurityPolicy-TLS13-1-2-2021-06").await.ok();
    assert_eq!(protocols(&both.text()), ["TLSv1.2", "TLSv1.3"]);
    assert_eq!(named("ELBSecurityPolicy-1999-01").await.error(), (400, "SSLPolicyNotFound".into()));
    let of_network = world.call("DescribeSSLPolicies", &[("LoadBalancerType", "network")]).await.ok();
    assert!(of_network.all("Name").is_empty());
}

#[tokio::test]
async fn no_capacity_is_reserved_and_http_listeners_have_no_certificates() {
    let world = World::new().await;
    let (balancer, group) = (world.load_balancer("web").await, world.target_group("web").await);
    let listener = world.listener(&balancer, "80", &group).await;
    let reserved = world.call("DescribeCapacityReservation", &[("LoadBalancerArn", &balancer)]).await.ok();
    assert_eq!(reserved.one("DecreaseRequestsRemaining"), "0");
    assert!(reserved.all("CapacityUnits").is_empty());
    let absent = arn(&format!("loadbalancer/app/web/{UNKNOWN_ID}"));
    let error = world.call("DescribeCapacityReservation", &[("LoadBalancerArn", &absent)]).await.error();
    assert_eq!(error, (400, "LoadBalancerNotFound".into()));
    let certificates = world.call("DescribeListenerCertificates", &[("ListenerArn", &listener)]).await.ok();
    assert!(certificates.all("CertificateArn").is_empty());
    let absent = arn(&format!("listener/app/web/{UNKNOWN_ID}/{UNKNOWN_ID}"));
    let error = world.call("DescribeListenerCertificates", &[("ListenerArn", &absent)]).await.error();
    assert_eq!(error, (400, "ListenerNotFound".into()));
}
