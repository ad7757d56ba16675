//! What DescribeTargetHealth says.

use model::ec2::instance::{Instance, InstanceState};
use model::elbv2::anomaly::AnomalyState;
use model::elbv2::target::Target;
use model::elbv2::target_health::{CheckResult, CheckedState};

use crate::world::{RUNNING_A, RUNNING_B, RUNNING_C, World, scope};

fn key(id: &str) -> String {
    format!("{id}:3000")
}

#[tokio::test]
async fn states_and_reasons_are_those_of_aws() {
    let world = World::new().await;
    let (group, balancer) = (world.target_group("web").await, world.load_balancer("web").await);
    world.register(&group, &[RUNNING_A]).await.ok();
    let shown = || async {
        let line = world.health(&group, &[]).await.remove(0);
        (line.state, line.reason)
    };
    let is = |state: &str, reason: &str| (state.to_owned(), reason.to_owned());
    assert_eq!(shown().await, is("unused", "Target.NotInUse"));
    world.listener(&balancer, "80", &group).await;
    assert_eq!(shown().await, is("initial", "Elb.RegistrationInProgress"));
    let table = [
        (CheckedState::Initial, None, is("initial", "Elb.InitialHealthChecking")),
        (CheckedState::Healthy, None, is("healthy", "")),
        (CheckedState::Unhealthy, Some(CheckResult::Mismatch(503)), is("unhealthy", "Target.ResponseCodeMismatch")),
        (CheckedState::Unhealthy, Some(CheckResult::TimedOut), is("unhealthy", "Target.Timeout")),
        (CheckedState::Unhealthy, Some(CheckResult::Failed), is("unhealthy", "Target.FailedHealthChecks")),
    ];
    for (state, failure, expected) in table {
        world.report(&key(RUNNING_A), state, failure).await;
        assert_eq!(shown().await, expected);
    }
}

#[tokio::test]
async fn an_unhealthy_target_says_what_was_answered() {
    let world = World::new().await;
    let (group, balancer) = (world.target_group("web").await, world.load_balancer("web").await);
    world.listener(&balancer, "80", &group).await;
    world.register(&group, &[RUNNING_A]).await.ok();
    world.report(&key(RUNNING_A), CheckedState::Unhealthy, Some(CheckResult::Mismatch(418))).await;
    let text = world.on_targets("DescribeTargetHealth", &group, &[]).await.ok().text();
    assert!(text.contains("<Description>Health checks failed with these codes: [418]</Description>"), "{text}");
    assert!(text.contains("<State>no_override</State>"), "{text}");
}

#[tokio::test]
async fn anomalies_are_shown_to_who_asks_for_them() {
    let world = World::new().await;
    let (group, balancer) = (world.target_group("web").await, world.load_balancer("web").await);
    world.listener(&balancer, "80", &group).await;
    world.register(&group, &[RUNNING_A, RUNNING_B]).await.ok();
    let of = ("TargetGroupArn", group.as_str());
    assert!(!world.call("DescribeTargetHealth", &[of]).await.ok().text().contains("AnomalyDetection"));
    let fails = world.targets().into_iter().find(|target| target.key.to_string() == key(RUNNING_B)).unwrap();
    world.put(Target { anomaly: AnomalyState { anomalous: true, mitigated: true }, ..fails }).await;
    for include in ["AnomalyDetection", "All"] {
        let shown = world.call("DescribeTargetHealth", &[of, ("Include.member.1", include)]).await.ok();
        assert_eq!(
            (shown.all("Result"), shown.all("MitigationInEffect")),
            (vec!["normal".into(), "anomalous".into()], vec!["no".into(), "yes".into()])
        );
    }
    let unknown = world.call("DescribeTargetHealth", &[of, ("Include.member.1", "Nonsense")]).await;
    assert_eq!(unknown.error(), (400, "ValidationError".into()));
}

#[tokio::test]
async fn the_state_of_the_instance_counts() {
    let world = World::new().await;
    let (group, balancer) = (world.target_group("web").await, world.load_balancer("web").await);
    world.listener(&balancer, "80", &group).await;
    world.register(&group, &[RUNNING_A, RUNNING_B]).await.ok();
    world.report(&key(RUNNING_A), CheckedState::Healthy, None).await;
    let instance = world.server.store.view().get::<Instance>(&scope(), RUNNING_A).unwrap();
    for state in
        [InstanceState::Stopping, InstanceState::Stopped, InstanceState::ShuttingDown, InstanceState::Terminated]
    {
        world.put(Instance { state, ..(*instance).clone() }).await;
        let line = world.health(&group, &[RUNNING_A]).await.remove(0);
        assert_eq!((line.state.as_str(), line.reason.as_str()), ("unused", "Target.InvalidState"), "{state:?}");
    }
    let text = world.on_targets("DescribeTargetHealth", &group, &[RUNNING_A]).await.text();
    assert!(text.contains("Target is in the terminated state"), "{text}");
    world.put((*instance).clone()).await;
    assert_eq!(world.health(&group, &[RUNNING_A]).await[0].state, "healthy");
    let forget = |txn: &mut store::Transaction| {
        txn.delete::<Instance>(&scope(), RUNNING_A);
        Ok::<(), std::convert::Infallible>(())
    };
    world.server.store.transact(forget).await.unwrap();
    assert_eq!(world.health(&group, &[RUNNING_A]).await[0].reason, "Target.InvalidState");
}

#[tokio::test]
async fn targets_in_a_zone_that_is_not_enabled_are_unused() {
    let world = World::new().await;
    let balancer = world.load_balancer("web").await;
    let group = world.target_group("web").await;
    let addresses = world.target_group_of("ip", "addresses").await;
    world.listener(&balancer, "80", &group).await;
    world.listener(&balancer, "81", &addresses).await;
    world.register(&group, &[RUNNING_A, RUNNING_C]).await.ok();
    world.register(&addresses, &["172.31.32.10", "127.64.0.3", "172.31.0.10"]).await.ok();
    let states = |lines: Vec<crate::world::Line>| {
        lines.into_iter().map(|line| format!("{} {}", line.state, line.reason)).collect::<Vec<_>>()
    };
    let (initial, unused) = ("initial Elb.RegistrationInProgress", "unused Target.NotInUse");
    assert_eq!(states(world.health(&group, &[]).await), [initial, unused]);
    assert_eq!(states(world.health(&addresses, &[]).await), [unused, initial, unused]);
}

#[tokio::test]
async fn a_query_names_targets_with_or_without_port() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    let on_8080 = format!("{RUNNING_A}:8080");
    world.register(&group, &[RUNNING_A, &on_8080]).await.ok();
    let asked = |targets: &[&str]| {
        let (world, group) = (&world, group.clone());
        let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
        async move {
            let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
            let lines = world.health(&group, &targets).await;
            lines.into_iter().map(|line| (line.target, line.reason)).collect::<Vec<_>>()
        }
    };
    let line = |target: &str, reason: &str| (target.to_owned(), reason.to_owned());
    let (in_group, absent) = ("Target.NotInUse", "Target.NotRegistered");
    assert_eq!(asked(&[]).await, [line(&key(RUNNING_A), in_group), line(&on_8080, in_group)]);
    assert_eq!(asked(&[RUNNING_A]).await, [line(&key(RUNNING_A), in_group), line(&on_8080, in_group)]);
    assert_eq!(asked(&[&on_8080]).await, [line(&on_8080, in_group)]);
    assert_eq!(asked(&[RUNNING_B]).await, [line(&key(RUNNING_B), absent)]);
    let on_1 = format!("{RUNNING_A}:1");
    assert_eq!(asked(&[&on_1, RUNNING_B]).await, [line(&on_1, absent), line(&key(RUNNING_B), absent)]);
    let wrong = world.on_targets("DescribeTargetHealth", &group, &["nonsense"]).await.error();
    assert_eq!(wrong, (400, "InvalidTarget".into()));
}

#[tokio::test]
async fn the_port_of_health_checks_is_shown() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    world.register(&group, &[RUNNING_A, &format!("{RUNNING_A}:8080")]).await.ok();
    let ports =
        || async { world.health(&group, &[]).await.into_iter().map(|line| line.health_check_port).collect::<Vec<_>>() };
    assert_eq!(ports().await, ["3000", "8080"]);
    world.call("ModifyTargetGroup", &[("TargetGroupArn", &group), ("HealthCheckPort", "9000")]).await.ok();
    assert_eq!(ports().await, ["9000", "9000"]);
}
