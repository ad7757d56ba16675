//! Health checks against real sockets: what misbehaving targets are taken for, when checks come, and what changes of the
//! configuration do to them. The arithmetic of thresholds is tested in virtual time beside the code.

// Tests may panic, and one holds its thread up on purpose.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod misbehaving;

use misbehaving::{Behaviour, Reserved, Target};
use model::{
    Arn, Timestamp,
    elbv2::{
        health_check::{HealthCheck, HealthCheckPort},
        snapshot::{TargetGroupPlan, TargetPlan},
        target::{TargetId, TargetKey},
        target_group::ProtocolVersion,
        target_health::{CheckResult, CheckedHealth, CheckedState},
    },
};
use proxy::health_check::{
    HealthChange, HealthChecker, Registration,
    http::{self, Outcome},
    lag::LagMeter,
    settings::CheckSettings,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};
use tokio::sync::mpsc::Receiver;

/// Generous: the machine may be busy with other tests.
const DEADLINE: Duration = Duration::from_secs(30);

fn quick() -> HealthCheck {
    HealthCheck {
        interval_seconds: 1,
        timeout_seconds: 1,
        healthy_threshold: 2,
        unhealthy_threshold: 2,
        ..HealthCheck::default()
    }
}

fn slow() -> HealthCheck {
    HealthCheck { interval_seconds: 300, timeout_seconds: 5, ..quick() }
}

fn target(address: SocketAddr) -> TargetPlan {
    TargetPlan {
        key: TargetKey { id: TargetId::Ip(Ipv4Addr::LOCALHOST), port: address.port() },
        address,
        interface: None,
        zone: "eu-west-1a".to_owned(),
        registered_at: Timestamp::from_seconds(1),
        drained_at: None,
        health: None,
    }
}

fn group(health_check: HealthCheck, targets: Vec<TargetPlan>) -> TargetGroupPlan {
    let arn = Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", "targetgroup/web/1");
    TargetGroupPlan { targets, ..TargetGroupPlan::new(arn, health_check) }
}

/// A checker that was told about one group, and its changes.
fn checker(group: &TargetGroupPlan) -> (HealthChecker, Receiver<HealthChange>) {
    let (mut checker, changes) = HealthChecker::new(proxy::telemetry::check::channel().0);
    checker.apply(std::slice::from_ref(group), Timestamp::from_seconds(1));
    (checker, changes)
}

async fn next(changes: &mut Receiver<HealthChange>) -> HealthChange {
    tokio::time::timeout(DEADLINE, changes.recv()).await.expect("a change in time").unwrap()
}

/// Waits until a target has the state.
async fn reaches(changes: &mut Receiver<HealthChange>, target: &TargetPlan, state: CheckedState) -> CheckedHealth {
    loop {
        let change = next(changes).await;
        if change.registration.target == target.key && change.health.state == state {
            return change.health;
        }
    }
}

async fn until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "the condition was not met in time");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn every_kind_of_misbehaviour_has_its_result() {
    let refusing = Reserved::new();
    let table = [
        (Behaviour::Answer(200), CheckedState::Healthy, None),
        (Behaviour::Slow(200, Duration::from_millis(100)), CheckedState::Healthy, None),
        (Behaviour::Answer(500), CheckedState::Unhealthy, Some(CheckResult::Mismatch(500))),
        (Behaviour::Answer(404), CheckedState::Unhealthy, Some(CheckResult::Mismatch(404))),
        (Behaviour::Slow(200, Duration::from_secs(5)), CheckedState::Unhealthy, Some(CheckResult::TimedOut)),
        (Behaviour::Hang, CheckedState::Unhealthy, Some(CheckResult::TimedOut)),
        (Behaviour::HangInHead, CheckedState::Unhealthy, Some(CheckResult::TimedOut)),
        (Behaviour::Close, CheckedState::Unhealthy, Some(CheckResult::Failed)),
        (Behaviour::Reset, CheckedState::Unhealthy, Some(CheckResult::Failed)),
        (Behaviour::Garbage, CheckedState::Unhealthy, Some(CheckResult::Failed)),
        (Behaviour::EndlessHead, CheckedState::Unhealthy, Some(CheckResult::Failed)),
    ];
    let running: Vec<_> = table.iter().map(|(behaviour, ..)| Target::start(*behaviour)).collect();
    let mut plans: Vec<_> = running.iter().map(|t| target(t.address)).collect();
    plans.push(target(refusing.address));
    let group = group(quick(), plans);
    let (mut checker, mut changes) = checker(&group);
    let settled = |checker: &HealthChecker| checker.health().all(|(_, health)| health.state != CheckedState::Initial);
    while !settled(&checker) {
        checker.note(&next(&mut changes).await);
    }
    let found = |plan: &TargetPlan| checker.health_of(&Registration::of(&group, plan)).unwrap().clone();
    for ((behaviour, state, failure), plan) in table.iter().zip(&group.targets) {
        let health = found(plan);
        assert_eq!((health.state, health.failure), (*state, *failure), "{behaviour:?}");
    }
    let refused = found(group.targets.last().unwrap());
    assert_eq!((refused.state, refused.failure), (CheckedState::Unhealthy, Some(CheckResult::Failed)));
}

#[tokio::test]
async fn a_check_looks_like_one_of_elb() {
    let server = Target::start(Behaviour::Answer(200));
    let check = HealthCheck { path: "/up?q=1".to_owned(), ..slow() };
    let (_checker, mut changes) = checker(&group(check, vec![target(server.address)]));
    assert_eq!(next(&mut changes).await.health.state, CheckedState::Healthy);
    let requests = server.requests();
    let expected = format!(
        "GET /up?q=1 HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\n\
         Accept-Encoding: gzip, compressed\r\n\r\n",
        server.address
    );
    assert_eq!(requests.iter().map(|(_, head)| head.as_str()).collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn a_target_takes_traffic_within_a_second_after_its_server_listens() {
    let reserved = Reserved::new();
    let (_checker, mut changes) = checker(&group(slow(), vec![target(reserved.address)]));
    let early = tokio::time::timeout(Duration::from_millis(700), changes.recv()).await;
    assert!(early.is_err(), "nobody listens yet, and no interval has passed: {early:?}");
    let listens_at = Instant::now();
    let _server = reserved.listen(Behaviour::Answer(200));
    assert_eq!(next(&mut changes).await.health.state, CheckedState::Healthy);
    assert!(listens_at.elapsed() < Duration::from_secs(1), "{:?}", listens_at.elapsed());
}

#[tokio::test]
async fn hundreds_of_new_targets_are_healthy_at_once() {
    let server = Target::start(Behaviour::Answer(200));
    let plan =
        |port| TargetPlan { key: TargetKey { id: TargetId::Ip(Ipv4Addr::LOCALHOST), port }, ..target(server.address) };
    let (mut checker, mut changes) = checker(&group(slow(), (1..=300).map(plan).collect()));
    // The interval is five minutes: whoever was left out would not be healthy in time.
    for _ in 0..300 {
        let change = next(&mut changes).await;
        assert_eq!(change.health.state, CheckedState::Healthy);
        assert!(checker.note(&change));
    }
    assert!(checker.health().all(|(_, health)| health.state == CheckedState::Healthy));
}

#[tokio::test]
async fn slow_answers_do_not_shift_the_checks() {
    let server = Target::start(Behaviour::Slow(200, Duration::from_millis(700)));
    let begun_at = Instant::now();
    let (_checker, _changes) = checker(&group(quick(), vec![target(server.address)]));
    until(|| server.requests().len() >= 5).await;
    let fifth = server.requests()[4].0 - begun_at;
    // Slots at 0, 1, 2, 3 and 4 s; shifted ones would be 1.7 s apart.
    assert!(fifth > Duration::from_millis(3_500) && fifth < Duration::from_millis(5_500), "{fifth:?}");
}

#[tokio::test]
async fn a_target_that_dies_and_returns_changes_state_by_the_thresholds() {
    let server = Target::start(Behaviour::Answer(200));
    let plan = target(server.address);
    let (_checker, mut changes) = checker(&group(quick(), vec![plan.clone()]));
    reaches(&mut changes, &plan, CheckedState::Healthy).await;
    server.set(Behaviour::Answer(503));
    let health = reaches(&mut changes, &plan, CheckedState::Unhealthy).await;
    assert_eq!(health.failure, Some(CheckResult::Mismatch(503)));
    let failed = server.requests().len();
    server.set(Behaviour::Answer(200));
    reaches(&mut changes, &plan, CheckedState::Healthy).await;
    assert!(server.requests().len() >= failed + 2, "the healthy threshold is 2");
}

#[tokio::test]
async fn time_that_the_node_lost_is_not_held_against_the_target() {
    let server = Target::start(Behaviour::Slow(200, Duration::from_millis(100)));
    let settings = CheckSettings::new(&quick(), ProtocolVersion::Http1, server.address, true);
    // The check has asked for its connection when this thread stands still for longer than the timeout.
    let starve = async { std::thread::sleep(Duration::from_millis(1_800)) };
    let lag = LagMeter::default();
    let (answer, ()) = tokio::join!(http::check(&settings, settings.timeout, &lag), starve);
    assert_eq!(answer.outcome, Outcome::Found(CheckResult::Passed));
}

#[tokio::test]
async fn a_check_is_prolonged_by_lost_time_once() {
    let server = Target::start(Behaviour::Hang);
    let settings = CheckSettings::new(&quick(), ProtocolVersion::Http1, server.address, true);
    let timeout = Duration::from_millis(300);
    let check = async |losses: u32| {
        let lag = LagMeter::default();
        let lose = async {
            for _ in 0..losses {
                tokio::time::sleep(Duration::from_millis(150)).await;
                lag.add(Duration::from_millis(200));
            }
            std::future::pending::<()>().await;
        };
        let begun_at = Instant::now();
        tokio::select! {
            answer = http::check(&settings, timeout, &lag) => (answer.outcome, begun_at.elapsed()),
            () = lose => unreachable!("it never ends"),
        }
    };
    let (outcome, took) = check(0).await;
    assert_eq!(outcome, Outcome::Found(CheckResult::TimedOut));
    assert!(took >= timeout, "{took:?}");
    let (outcome, took) = check(1).await;
    assert_eq!(outcome, Outcome::Found(CheckResult::TimedOut));
    assert!(took >= timeout + Duration::from_millis(200), "{took:?}");
    let (outcome, _) = check(20).await;
    assert_eq!(outcome, Outcome::NotMeasured, "lost again and again");
}

#[tokio::test]
async fn changed_settings_take_effect_and_keep_what_was_found() {
    let server = Target::start(Behaviour::Answer(404));
    let plan = target(server.address);
    let (mut checker, mut changes) = checker(&group(slow(), vec![plan.clone()]));
    let change = next(&mut changes).await;
    assert!(checker.note(&change));
    assert_eq!(change.health.failure, Some(CheckResult::Mismatch(404)), "first of two failures");
    // The interval was 300 s: only the new settings can make a check within the deadline, and only the failure before
    // the change makes one more failure enough.
    let faster = HealthCheck { path: "/new".to_owned(), ..quick() };
    checker.apply(&[group(faster.clone(), vec![plan.clone()])], Timestamp::from_seconds(2));
    reaches(&mut changes, &plan, CheckedState::Unhealthy).await;
    let heads: Vec<_> = server.requests().into_iter().map(|(_, head)| head).collect();
    assert_eq!(heads.len(), 2, "{heads:?}");
    assert!(heads[1].starts_with("GET /new HTTP/1.1\r\n"), "{heads:?}");
    let lenient = HealthCheck { matcher: "404".parse().unwrap(), ..faster };
    checker.apply(&[group(lenient, vec![plan.clone()])], Timestamp::from_seconds(3));
    reaches(&mut changes, &plan, CheckedState::Healthy).await;
}

#[tokio::test]
async fn a_result_under_settings_that_changed_meanwhile_is_void() {
    let server = Target::start(Behaviour::Slow(500, Duration::from_millis(500)));
    let plan = target(server.address);
    let (mut checker, mut changes) = checker(&group(quick(), vec![plan.clone()]));
    until(|| !server.requests().is_empty()).await;
    let changed = HealthCheck { path: "/new".to_owned(), ..quick() };
    checker.apply(&[group(changed, vec![plan])], Timestamp::from_seconds(2));
    assert_eq!(next(&mut changes).await.health.failure, Some(CheckResult::Mismatch(500)));
    let heads: Vec<_> = server.requests().into_iter().map(|(_, head)| head).collect();
    assert!(heads[0].starts_with("GET / ") && heads[1].starts_with("GET /new "), "{heads:?}");
}

#[tokio::test]
async fn draining_targets_and_disabled_groups_are_not_checked() {
    let (draining, disabled, checked) =
        (Target::start(Behaviour::Hang), Target::start(Behaviour::Hang), Target::start(Behaviour::Answer(200)));
    let drains = TargetPlan { drained_at: Some(Timestamp::from_seconds(1000)), ..target(draining.address) };
    let first = group(quick(), vec![drains, target(checked.address)]);
    let mut second = group(HealthCheck { enabled: false, ..quick() }, vec![target(disabled.address)]);
    second.arn = second.arn.with_resource("targetgroup/other/2");
    let (mut checker, _changes) = HealthChecker::new(proxy::telemetry::check::channel().0);
    checker.apply(&[first.clone(), second.clone()], Timestamp::from_seconds(1));
    until(|| checked.requests().len() >= 3).await;
    assert_eq!((draining.requests().len(), disabled.requests().len()), (0, 0));
    // Switched on, it is checked at once.
    second.health_check.enabled = true;
    checker.apply(&[first, second], Timestamp::from_seconds(1));
    until(|| !disabled.requests().is_empty()).await;
}

#[tokio::test]
async fn a_target_that_begins_to_drain_is_not_checked_any_more_and_keeps_its_health() {
    let (draining, checked) = (Target::start(Behaviour::Answer(200)), Target::start(Behaviour::Answer(200)));
    let mut group = group(quick(), vec![target(draining.address), target(checked.address)]);
    let (mut checker, mut changes) = checker(&group);
    for _ in 0..2 {
        checker.note(&next(&mut changes).await);
    }
    group.targets[0].drained_at = Some(Timestamp::from_seconds(1000));
    checker.apply(std::slice::from_ref(&group), Timestamp::from_seconds(2));
    let (before, others) = (draining.requests().len(), checked.requests().len());
    until(|| checked.requests().len() >= others + 3).await;
    assert!(draining.requests().len() <= before + 1, "at most a check that was already on its way");
    let health = checker.health_of(&Registration::of(&group, &group.targets[0])).unwrap();
    assert_eq!(health.state, CheckedState::Healthy);
}

#[tokio::test]
async fn a_node_goes_on_from_the_health_that_it_is_told() {
    let server = Target::start(Behaviour::Answer(200));
    let known = CheckedHealth {
        state: CheckedState::Unhealthy,
        since: Timestamp::from_seconds(5),
        failure: Some(CheckResult::TimedOut),
    };
    let plan = TargetPlan { health: Some(known.clone()), ..target(server.address) };
    let group = group(quick(), vec![plan.clone()]);
    let (checker, mut changes) = checker(&group);
    assert_eq!(checker.health_of(&Registration::of(&group, &plan)), Some(&known));
    reaches(&mut changes, &plan, CheckedState::Healthy).await;
    assert!(server.requests().len() >= 2, "not like a new target: the healthy threshold is 2");
}

#[tokio::test]
async fn a_new_registration_begins_anew_and_results_of_the_old_are_void() {
    let server = Target::start(Behaviour::Answer(200));
    let plan = target(server.address);
    let (mut checker, mut changes) = checker(&group(slow(), vec![plan.clone()]));
    let old = next(&mut changes).await;
    assert!(checker.note(&old));
    let again = TargetPlan { registered_at: Timestamp::from_seconds(9), ..plan };
    let group = group(slow(), vec![again.clone()]);
    checker.apply(std::slice::from_ref(&group), Timestamp::from_seconds(9));
    assert!(!checker.note(&old));
    let health = checker.health_of(&Registration::of(&group, &again)).unwrap();
    assert_eq!((health.state, health.since), (CheckedState::Initial, Timestamp::from_seconds(9)));
    assert_eq!(next(&mut changes).await.registration.registered_at, Timestamp::from_seconds(9));
}

#[tokio::test]
async fn a_fixed_health_check_port_is_asked() {
    let (traffic, health) = (Target::start(Behaviour::Answer(500)), Target::start(Behaviour::Answer(200)));
    let check = HealthCheck { port: HealthCheckPort::Fixed(health.address.port()), ..slow() };
    let (_checker, mut changes) = checker(&group(check, vec![target(traffic.address)]));
    assert_eq!(next(&mut changes).await.health.state, CheckedState::Healthy);
    assert_eq!(traffic.requests().len(), 0);
}
