//! The simulated driver beyond what every driver does: virtual time, injected faults and load.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails like a test")]

mod support;

use compute::{ComputeDriver, NetworkBytes, simulated::Load};
use model::ec2::instance_state::{Ending, Exit, MainProcess, Presence};
use std::time::{Duration, Instant};
use support::{GRACE, Simulated, Subject, id, observed, spec, until_up};

async fn presence(subject: &Simulated, n: u32) -> Presence {
    observed(&subject.driver, n).await.unwrap().presence
}

#[tokio::test]
async fn starts_and_stops_take_their_time_and_no_more() {
    let subject = Simulated::new();
    subject.driver.start(&spec(1, 1, None)).await.unwrap();
    subject.pass(Duration::from_millis(4999));
    assert_eq!(presence(&subject, 1).await, Presence::Starting);
    subject.pass(Duration::from_millis(1));
    assert!(matches!(presence(&subject, 1).await, Presence::Up(_)));
    subject.driver.stop(&id(1), GRACE).await.unwrap();
    subject.pass(Duration::from_millis(1999));
    assert!(matches!(presence(&subject, 1).await, Presence::Stopping { .. }));
    subject.pass(Duration::from_millis(1));
    assert_eq!(presence(&subject, 1).await, Presence::Down(Ending::Stopped));
}

#[tokio::test]
async fn an_instance_that_ignores_the_request_ends_after_the_grace_or_when_killed() {
    let subject = Simulated::new();
    for n in [1, 2] {
        subject.driver.start(&spec(n, 1, None)).await.unwrap();
        until_up(&subject, n).await;
        subject.driver.ignore_stop(&id(n));
    }
    for n in [1, 2] {
        subject.driver.stop(&id(n), Duration::from_secs(60)).await.unwrap();
    }
    subject.pass(Duration::from_secs(59));
    assert!(matches!(presence(&subject, 1).await, Presence::Stopping { .. }));
    subject.driver.kill(&id(2)).await.unwrap();
    assert_eq!(presence(&subject, 2).await, Presence::Down(Ending::Stopped));
    subject.pass(Duration::from_secs(1));
    assert_eq!(presence(&subject, 1).await, Presence::Down(Ending::Stopped));
}

#[tokio::test]
async fn injected_faults_show_as_they_would_in_a_process() {
    let subject = Simulated::new();
    subject.driver.fail_starts(1, "no room");
    let error = subject.driver.start(&spec(1, 1, None)).await.unwrap_err();
    assert!(error.to_string().contains("no room"), "{error}");
    for n in [1, 2, 3] {
        subject.driver.start(&spec(n, 1, None)).await.unwrap();
        until_up(&subject, n).await;
    }
    subject.driver.end_boot_command(&id(1), Exit::Signal(9));
    subject.driver.end_boot_command(&id(2), Exit::Code(0));
    subject.driver.lose(&id(3));
    let impaired = observed(&subject.driver, 1).await.unwrap();
    assert_eq!(impaired.live().map(|live| live.main), Some(MainProcess::Failed(Exit::Signal(9))));
    assert!(!impaired.reachable());
    assert_eq!(presence(&subject, 2).await, Presence::Down(Ending::ShutDown));
    assert_eq!(presence(&subject, 3).await, Presence::Down(Ending::Lost));
}

#[tokio::test]
async fn load_adds_up_to_usage_and_begins_anew_with_each_boot() {
    let subject = Simulated::new();
    subject.driver.start(&spec(1, 1, None)).await.unwrap();
    subject.pass(Duration::from_secs(5));
    subject.driver.inventory().await.unwrap();
    let load = Load { processors: 0.5, memory_bytes: 7, received_per_second: 10, sent_per_second: 20 };
    subject.driver.set_load(&id(1), load);
    subject.pass(Duration::from_secs(60));
    let usage = subject.driver.usage().await.unwrap()[&id(1)];
    assert_eq!((usage.cpu, usage.memory_bytes), (Duration::from_secs(30), 7));
    assert_eq!(usage.network, Some(NetworkBytes { received: 600, sent: 1200 }));
    subject.driver.kill(&id(1)).await.unwrap();
    subject.driver.start(&spec(1, 2, None)).await.unwrap();
    subject.pass(Duration::from_secs(15));
    let usage = subject.driver.usage().await.unwrap()[&id(1)];
    assert_eq!((usage.boot, usage.cpu), (2, Duration::from_secs(5)), "ten seconds after it was up");
}

#[tokio::test]
async fn a_console_is_forgotten_an_hour_after_the_removal() {
    let subject = Simulated::new();
    subject.driver.start(&spec(1, 1, None)).await.unwrap();
    subject.driver.write_console(&id(1), "hello");
    subject.driver.remove(&id(1)).await.unwrap();
    subject.pass(Duration::from_secs(3599));
    assert!(subject.driver.console_output(&id(1)).await.unwrap().unwrap().ends_with(b"hello"));
    subject.pass(Duration::from_secs(1));
    assert_eq!(subject.driver.console_output(&id(1)).await.unwrap(), None);
}

#[tokio::test]
async fn thousands_of_instances_are_no_burden() {
    let subject = Simulated::new();
    let begin = Instant::now();
    for n in 0..5_000 {
        subject.driver.start(&spec(n, 1, None)).await.unwrap();
    }
    subject.pass(Duration::from_secs(5));
    let inventory = subject.driver.inventory().await.unwrap();
    assert_eq!(inventory.iter().filter(|observed| observed.live().is_some()).count(), 5_000);
    assert!(begin.elapsed() < support::DEADLINE);
}
