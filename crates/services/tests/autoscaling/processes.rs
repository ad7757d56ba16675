//! Suspending and resuming processes.

use std::time::Duration;

use model::autoscaling::process::Process;

use crate::world::World;

const GROUP: (&str, &str) = ("AutoScalingGroupName", "web");

#[tokio::test]
async fn processes_are_suspended_one_by_one_or_all() {
    let world = World::new().await;
    world.group("web", ["0", "1", "0"]).await;
    let some = [GROUP, ("ScalingProcesses.member.1", "Launch"), ("ScalingProcesses.member.2", "AZRebalance")];
    world.call("SuspendProcesses", &some).await.ok();
    let reply = world.call("DescribeAutoScalingGroups", &[]).await.ok();
    assert_eq!(reply.all("ProcessName"), ["Launch", "AZRebalance"]);
    assert_eq!(reply.all("SuspensionReason")[0], "User suspended at 2026-11-20T12:00:00Z");

    world.server.clock.advance(Duration::from_secs(60));
    world.call("SuspendProcesses", &[GROUP]).await.ok();
    let group = world.record("web");
    assert_eq!(group.suspended.len(), Process::ALL.len());
    assert!(group.suspended[&Process::Launch].ends_with("12:00:00Z"), "suspended before");
    assert!(group.suspended[&Process::Terminate].ends_with("12:01:00Z"));

    world.call("ResumeProcesses", &some).await.ok();
    assert_eq!(world.record("web").suspended.len(), Process::ALL.len() - 2);
    world.call("ResumeProcesses", &[GROUP]).await.ok();
    assert!(world.record("web").suspended.is_empty());
}

#[tokio::test]
async fn unknown_processes_and_groups_are_refused() {
    let world = World::new().await;
    world.group("web", ["0", "1", "0"]).await;
    let bad = [GROUP, ("ScalingProcesses.member.1", "launch")];
    world
        .refuses(&[
            ("SuspendProcesses", &bad, "ValidationError", "launch"),
            ("ResumeProcesses", &bad, "ValidationError", "launch"),
            ("SuspendProcesses", &[("AutoScalingGroupName", "none")], "ValidationError", "name not found"),
        ])
        .await;
    assert!(world.record("web").suspended.is_empty());
}
