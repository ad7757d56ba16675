//! What every compute driver must do, run for each of them. What only one of them can do is in a file of its own.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails like a test")]

mod support;

use compute::{ComputeDriver, DriverError, driver::MAXIMUM_CONSOLE_OUTPUT, driver::stop_all};
use model::ec2::instance_state::{Ending, Presence};
use std::time::Duration;
use support::{GRACE, Process, Sandbox, Simulated, Subject, eventually, id, observed, spec, until_down, until_up};

const FOREVER: Option<&str> = Some("exec sleep 600");

/// Makes one test per driver out of each check.
macro_rules! for_every_driver {
    ($($check:ident),* $(,)?) => {
        mod process {
            $(#[tokio::test] async fn $check() { super::$check(&super::Process::new().await).await; })*
        }
        mod sandbox {
            $(#[tokio::test] async fn $check() {
                if let Some(subject) = super::Sandbox::new().await { super::$check(&subject).await; }
            })*
        }
        mod simulated {
            $(#[tokio::test] async fn $check() { super::$check(&super::Simulated::new()).await; })*
        }
    };
}

for_every_driver!(
    a_started_instance_is_up_at_its_address,
    a_second_start_is_refused_while_it_runs,
    a_stopped_instance_is_down_and_boots_again,
    commands_about_what_is_stopped_or_unknown_succeed,
    a_killed_instance_is_down_at_once,
    a_removed_instance_is_forgotten_but_its_console_is_kept,
    several_instances_are_listed_in_order_and_apart,
    a_change_wakes_whoever_waits,
    usage_is_known_while_it_is_up,
    stopping_all_leaves_nothing_up,
);

async fn a_started_instance_is_up_at_its_address<S: Subject>(subject: &S) {
    assert!(subject.driver().inventory().await.unwrap().is_empty());
    let started = subject.driver().start(&spec(1, 1, FOREVER)).await.unwrap();
    assert_eq!(started.address, spec(1, 1, None).address);
    let (observed, live) = until_up(subject, 1).await;
    assert_eq!((observed.boot, observed.started_at), (1, Some(started.started_at)));
    assert_eq!(live.address, started.address);
    assert!(observed.reachable());
}

async fn a_second_start_is_refused_while_it_runs<S: Subject>(subject: &S) {
    subject.driver().start(&spec(1, 1, FOREVER)).await.unwrap();
    until_up(subject, 1).await;
    let error = subject.driver().start(&spec(1, 2, FOREVER)).await.unwrap_err();
    assert!(matches!(&error, DriverError::AlreadyRuns { boot: 1, .. }), "{error}");
    assert_eq!(until_up(subject, 1).await.0.boot, 1);
}

async fn a_stopped_instance_is_down_and_boots_again<S: Subject>(subject: &S) {
    subject.driver().start(&spec(1, 1, FOREVER)).await.unwrap();
    until_up(subject, 1).await;
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    assert_eq!(until_down(subject, 1).await, Ending::Stopped);
    subject.driver().start(&spec(1, 2, FOREVER)).await.unwrap();
    assert_eq!(until_up(subject, 1).await.0.boot, 2);
}

async fn commands_about_what_is_stopped_or_unknown_succeed<S: Subject>(subject: &S) {
    let driver = subject.driver();
    driver.start(&spec(1, 1, FOREVER)).await.unwrap();
    driver.kill(&id(1)).await.unwrap();
    for n in [1, 2] {
        driver.stop(&id(n), GRACE).await.unwrap();
        driver.kill(&id(n)).await.unwrap();
    }
    assert_eq!(until_down(subject, 1).await, Ending::Stopped);
    for n in [1, 1, 2] {
        driver.remove(&id(n)).await.unwrap();
    }
    assert_eq!(driver.console_output(&id(2)).await.unwrap(), None);
}

async fn a_killed_instance_is_down_at_once<S: Subject>(subject: &S) {
    subject.driver().start(&spec(1, 1, FOREVER)).await.unwrap();
    until_up(subject, 1).await;
    subject.driver().kill(&id(1)).await.unwrap();
    let presence = observed(subject.driver(), 1).await.map(|observed| observed.presence);
    assert_eq!(presence, Some(Presence::Down(Ending::Stopped)));
}

async fn a_removed_instance_is_forgotten_but_its_console_is_kept<S: Subject>(subject: &S) {
    let driver = subject.driver();
    driver.start(&spec(1, 1, FOREVER)).await.unwrap();
    until_up(subject, 1).await;
    let before = driver.console_output(&id(1)).await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&before).contains("boot 1"), "{before:?}");
    driver.remove(&id(1)).await.unwrap();
    assert!(driver.inventory().await.unwrap().is_empty());
    let after = driver.console_output(&id(1)).await.unwrap().unwrap();
    assert!(after.starts_with(&before) && after.len() <= MAXIMUM_CONSOLE_OUTPUT);
}

async fn several_instances_are_listed_in_order_and_apart<S: Subject>(subject: &S) {
    for n in [3, 1, 2] {
        subject.driver().start(&spec(n, n, FOREVER)).await.unwrap();
    }
    for n in [1, 2, 3] {
        until_up(subject, n).await;
    }
    subject.driver().kill(&id(2)).await.unwrap();
    let inventory = subject.driver().inventory().await.unwrap();
    let found: Vec<_> = inventory.iter().map(|observed| (observed.boot, observed.live().is_some())).collect();
    assert_eq!(found, [(1, true), (2, false), (3, true)]);
    assert!(inventory.iter().map(|observed| &observed.id).eq([&id(1), &id(2), &id(3)]));
}

async fn a_change_wakes_whoever_waits<S: Subject>(subject: &S) {
    subject.driver().start(&spec(1, 1, FOREVER)).await.unwrap();
    until_up(subject, 1).await;
    let mut changes = subject.driver().changes();
    changes.mark_unchanged();
    subject.driver().stop(&id(1), GRACE).await.unwrap();
    tokio::time::timeout(support::DEADLINE, changes.changed()).await.expect("a change is announced").unwrap();
}

async fn usage_is_known_while_it_is_up<S: Subject>(subject: &S) {
    subject.driver().start(&spec(1, 4, FOREVER)).await.unwrap();
    until_up(subject, 1).await;
    let usage = subject.driver().usage().await.unwrap();
    assert_eq!(usage.keys().collect::<Vec<_>>(), [&id(1)]);
    assert_eq!(usage[&id(1)].boot, 4);
    subject.driver().kill(&id(1)).await.unwrap();
    assert!(subject.driver().usage().await.unwrap().is_empty());
}

async fn stopping_all_leaves_nothing_up<S: Subject>(subject: &S) {
    for n in 1..=3 {
        subject.driver().start(&spec(n, 1, FOREVER)).await.unwrap();
        until_up(subject, n).await;
    }
    subject.driver().kill(&id(3)).await.unwrap();
    let moved = async {
        loop {
            subject.pass(Duration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let stopped = tokio::select! {
        stopped = stop_all(subject.driver(), GRACE) => stopped.unwrap(),
        () = moved => unreachable!(),
    };
    assert_eq!(stopped, 2);
    eventually("all are down", async || {
        let inventory = subject.driver().inventory().await.unwrap();
        inventory.iter().all(|observed| matches!(observed.presence, Presence::Down(_))).then_some(())
    })
    .await;
}
