//! Targets: who may be registered, what registering and deregistering change.

use std::net::Ipv4Addr;
use std::time::Duration;

use model::Timestamp;
use model::elbv2::load_balancer::LoadBalancerState;
use model::elbv2::target_health::CheckedState;
use services::Clock;

use crate::support::Server;
use crate::world::{FOREIGN, PENDING, RUNNING_A, RUNNING_B, STOPPED, TERMINATED, UNKNOWN_ID, World, arn};

fn now(server: &Server) -> Timestamp {
    server.clock.now()
}

#[tokio::test]
async fn instances_are_registered_on_the_ports_they_are_given() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    world.register(&group, &[RUNNING_A, RUNNING_B, &format!("{RUNNING_B}:8080"), PENDING, RUNNING_A]).await.ok();
    let targets: Vec<String> = world.targets().iter().map(|target| target.key.to_string()).collect();
    let expected = [(RUNNING_A, 3000), (RUNNING_B, 3000), (RUNNING_B, 8080), (PENDING, 3000)]
        .map(|(id, port)| format!("{id}:{port}"));
    assert_eq!(targets, expected);
    assert!(world.targets().iter().all(|target| target.health.is_none() && target.deregistered_at.is_none()));
}

#[tokio::test]
async fn instances_that_cannot_serve_are_refused() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    let table = [
        (format!("i-0{UNKNOWN_ID}"), "InvalidTarget"),
        ("i-x".to_owned(), "InvalidTarget"),
        ("172.31.0.10".to_owned(), "InvalidTarget"),
        (String::new(), "InvalidTarget"),
        (STOPPED.to_owned(), "InvalidTarget"),
        (TERMINATED.to_owned(), "InvalidTarget"),
        (FOREIGN.to_owned(), "InvalidTarget"),
        (format!("{RUNNING_A}:0"), "ValidationError"),
        (format!("{RUNNING_A}:65536"), "ValidationError"),
        (format!("{RUNNING_A}:-1"), "ValidationError"),
        (format!("{RUNNING_A}:http"), "ValidationError"),
        (format!("{RUNNING_A}@ap-northeast-2a"), "ValidationError"),
        (format!("{RUNNING_A}@all"), "ValidationError"),
    ];
    for (target, code) in table {
        let reply = world.register(&group, &[RUNNING_B, &target]).await;
        assert_eq!(reply.error(), (400, code.to_owned()), "{target}: {}", reply.text());
    }
    assert_eq!(world.register(&group, &[]).await.error(), (400, "ValidationError".into()));
    let absent = arn(&format!("targetgroup/web/{UNKNOWN_ID}"));
    assert_eq!(world.register(&absent, &[RUNNING_A]).await.error(), (400, "TargetGroupNotFound".into()));
    assert_eq!(world.register("web", &[RUNNING_A]).await.error(), (400, "ValidationError".into()));
    assert!(world.targets().is_empty(), "all or nothing");
}

#[tokio::test]
async fn addresses_of_the_vpc_and_of_private_networks_are_registered() {
    let world = World::new().await;
    let group = world.target_group_of("ip", "web").await;
    let targets = [
        "172.31.0.10",
        "172.31.16.200@ap-northeast-2b",
        "172.31.32.1@all",
        "172.31.200.1",
        "10.1.2.3@all",
        "192.168.0.1:81@all",
        "100.64.0.1@all",
        "127.64.0.1:3001",
        "127.64.0.2@ap-northeast-2b",
    ];
    world.register(&group, &targets).await.ok();
    let lines = world.health(&group, &[]).await;
    let shown: Vec<(&str, &str)> = lines.iter().map(|line| (line.target.as_str(), line.zone.as_str())).collect();
    let expected = [
        ("10.1.2.3:3000", "all"),
        ("100.64.0.1:3000", "all"),
        ("127.64.0.1:3001", "ap-northeast-2a"),
        ("127.64.0.2:3000", "ap-northeast-2b"),
        ("172.31.0.10:3000", "ap-northeast-2a"),
        ("172.31.16.200:3000", "ap-northeast-2b"),
        ("172.31.32.1:3000", "ap-northeast-2c"),
        ("172.31.200.1:3000", ""),
        ("192.168.0.1:81", "all"),
    ];
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn addresses_that_must_not_be_reached_are_refused() {
    let world = World::new().await;
    let (group, balancer) = (world.target_group_of("ip", "web").await, world.load_balancer("web").await);
    let front = Ipv4Addr::new(192, 168, 7, 7);
    world.listener(&balancer, "80", &world.target_group("other").await).await;
    world.activate(&balancer, front, LoadBalancerState::Active).await;
    let table = [
        ("127.0.0.1", "InvalidTarget"),
        ("127.0.0.1@all", "InvalidTarget"),
        ("127.64.0.9", "InvalidTarget"),
        ("169.254.169.254", "InvalidTarget"),
        ("169.254.169.254@all", "InvalidTarget"),
        ("8.8.8.8@all", "InvalidTarget"),
        ("0.0.0.0@all", "InvalidTarget"),
        ("224.0.0.1@all", "InvalidTarget"),
        ("255.255.255.255@all", "InvalidTarget"),
        ("10.1.2.3", "ValidationError"),
        ("10.1.2.3@ap-northeast-2a", "ValidationError"),
        ("172.31.0.10@ap-northeast-2b", "ValidationError"),
        ("172.31.0.10@nowhere", "ValidationError"),
        ("172.31.0.10:0", "ValidationError"),
        ("172.31.0.10:65536", "ValidationError"),
        ("010.0.0.1@all", "ValidationError"),
        ("10.0.1@all", "ValidationError"),
        ("10.0.0.1/32@all", "ValidationError"),
        (" 10.0.0.1@all", "ValidationError"),
        ("localhost", "ValidationError"),
        (RUNNING_A, "ValidationError"),
        // The load balancer itself: its port 80 is served at 8080 here.
        ("192.168.7.7:8080@all", "InvalidTarget"),
    ];
    for (target, code) in table {
        let reply = world.register(&group, &[target]).await;
        assert_eq!(reply.error(), (400, code.to_owned()), "{target}: {}", reply.text());
    }
    let ipv6 = [("TargetGroupArn", group.as_str()), ("Targets.member.1.Id", "::1")];
    assert_eq!(world.call("RegisterTargets", &ipv6).await.error(), (400, "ValidationError".into()));
    let quic = [ipv6[0], ("Targets.member.1.Id", "10.1.2.3"), ("Targets.member.1.QuicServerId", "0x1")];
    assert_eq!(world.call("RegisterTargets", &quic).await.error(), (400, "InvalidConfigurationRequest".into()));
    assert!(world.targets().is_empty());
    world.register(&group, &["192.168.7.7:8081@all"]).await.ok();
}

#[tokio::test]
async fn registering_again_changes_nothing() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    world.register(&group, &[RUNNING_A]).await.ok();
    world.report(&format!("{RUNNING_A}:3000"), CheckedState::Healthy, None).await;
    let before = (world.targets(), world.server.store.view().revision());
    world.server.clock.advance(Duration::from_secs(60));
    world.register(&group, &[RUNNING_A, &format!("{RUNNING_A}:3000")]).await.ok();
    assert_eq!((world.targets(), world.server.store.view().revision()), before);
}

#[tokio::test]
async fn a_deregistered_target_drains_and_may_come_back() {
    let world = World::new().await;
    let (group, balancer) = (world.target_group("web").await, world.load_balancer("web").await);
    world.listener(&balancer, "80", &group).await;
    world.register(&group, &[RUNNING_A, RUNNING_B]).await.ok();
    let key = format!("{RUNNING_A}:3000");
    world.report(&key, CheckedState::Healthy, None).await;
    let began = now(&world.server);
    world.server.clock.advance(Duration::from_secs(1));
    world.deregister(&group, &[RUNNING_A]).await.ok();
    let draining_since = now(&world.server);
    assert_eq!(world.targets()[0].deregistered_at, Some(draining_since));
    let reason = world.health(&group, &[RUNNING_A]).await[0].reason.clone();
    assert_eq!(reason, "Target.DeregistrationInProgress");

    world.server.clock.advance(Duration::from_secs(1));
    world.deregister(&group, &[&key]).await.ok();
    assert_eq!(world.targets()[0].deregistered_at, Some(draining_since), "a second call does not begin again");

    world.register(&group, &[RUNNING_A]).await.ok();
    let target = world.targets()[0].clone();
    assert_eq!((target.deregistered_at, target.health), (None, None));
    assert_eq!(target.registered_at, now(&world.server));
    assert!(target.registered_at > began);
    let expected = [(key, "initial".to_owned()), (format!("{RUNNING_B}:3000"), "initial".to_owned())];
    assert_eq!(world.states(&group).await, expected);
}

#[tokio::test]
async fn a_target_that_comes_back_within_a_millisecond_is_told_apart() {
    let world = World::new().await;
    let (group, balancer) = (world.target_group("web").await, world.load_balancer("web").await);
    world.listener(&balancer, "80", &group).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        world.register(&group, &[RUNNING_A]).await.ok();
        seen.push(world.targets()[0].registered_at);
        world.deregister(&group, &[RUNNING_A]).await.ok();
    }
    assert!(seen[0] < seen[1] && seen[1] < seen[2], "{seen:?}");
}

#[tokio::test]
async fn after_the_delay_a_target_is_not_registered_any_more() {
    let world = World::new().await;
    let (group, balancer) = (world.target_group("web").await, world.load_balancer("web").await);
    world.listener(&balancer, "80", &group).await;
    let delay = [
        ("TargetGroupArn", group.as_str()),
        ("Attributes.member.1.Key", "deregistration_delay.timeout_seconds"),
        ("Attributes.member.1.Value", "10"),
    ];
    world.call("ModifyTargetGroupAttributes", &delay).await.ok();
    world.register(&group, &[RUNNING_A]).await.ok();
    world.deregister(&group, &[RUNNING_A]).await.ok();
    world.server.clock.advance(Duration::from_millis(9_999));
    assert_eq!(world.health(&group, &[RUNNING_A]).await[0].state, "draining");
    world.server.clock.advance(Duration::from_millis(1));
    let line = world.health(&group, &[RUNNING_A]).await[0].clone();
    assert_eq!((line.state.as_str(), line.reason.as_str()), ("unused", "Target.NotRegistered"));
    assert!(world.states(&group).await.is_empty());
}

#[tokio::test]
async fn targets_of_an_unused_group_go_at_once() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    let on_8080 = format!("{RUNNING_A}:8080");
    world.register(&group, &[RUNNING_A, &on_8080, RUNNING_B]).await.ok();
    world.deregister(&group, &[&on_8080]).await.ok();
    assert_eq!(world.targets().len(), 2);
    world.register(&group, &[&on_8080]).await.ok();
    world.deregister(&group, &[RUNNING_A]).await.ok();
    let left: Vec<String> = world.targets().iter().map(|target| target.key.to_string()).collect();
    assert_eq!(left, [format!("{RUNNING_B}:3000")], "without a port, on every port");
}

#[tokio::test]
async fn deregistering_what_is_not_registered_succeeds_and_nonsense_does_not() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    world.register(&group, &[RUNNING_A]).await.ok();
    let unknown = format!("i-0{UNKNOWN_ID}");
    world.deregister(&group, &[RUNNING_B, &unknown, TERMINATED, &format!("{RUNNING_A}:1")]).await.ok();
    assert_eq!(world.targets().len(), 1);
    assert_eq!(world.deregister(&group, &["web"]).await.error(), (400, "InvalidTarget".into()));
    assert_eq!(world.deregister(&group, &[]).await.error(), (400, "ValidationError".into()));
    assert_eq!(world.deregister(&group, &[&format!("{RUNNING_A}:0")]).await.error(), (400, "ValidationError".into()));
    let addresses = world.target_group_of("ip", "addresses").await;
    world.register(&addresses, &["172.31.0.10"]).await.ok();
    let elsewhere = world.deregister(&addresses, &["172.31.0.10@ap-northeast-2b"]).await.error();
    assert_eq!(elsewhere, (400, "ValidationError".into()));
    world.deregister(&addresses, &["172.31.0.10@ap-northeast-2a"]).await.ok();
    assert_eq!(world.targets().len(), 1);
}

#[tokio::test]
async fn a_group_and_a_load_balancer_have_a_thousand_targets() {
    let world = World::new().await;
    let (one, other) = (world.target_group_of("ip", "one").await, world.target_group_of("ip", "other").await);
    let address = |n: usize| format!("172.31.{}.{}:80", 64 + n / 250, n % 250 + 1);
    let addresses: Vec<String> = (0..1001).map(address).collect();
    let all: Vec<&str> = addresses.iter().map(String::as_str).collect();
    assert_eq!(world.register(&one, &all).await.error(), (400, "TooManyTargets".into()));
    world.register(&one, &all[..999]).await.ok();
    assert_eq!(world.register(&one, &all[999..]).await.error(), (400, "TooManyTargets".into()));
    world.register(&one, &all[990..1000]).await.ok();
    assert_eq!(world.targets().len(), 1000);

    let balancer = world.load_balancer("web").await;
    world.listener(&balancer, "80", &one).await;
    world.listener(&balancer, "81", &other).await;
    assert_eq!(world.register(&other, &all[..1]).await.error(), (400, "TooManyTargets".into()));
    let idle = world.target_group_of("ip", "idle").await;
    world.register(&idle, &all[..1]).await.ok();
    let error = world.create_listener(&balancer, "82", &idle).await.error();
    assert_eq!(error, (400, "TooManyTargets".into()));
    assert_eq!(world.listeners(), 2);
}
