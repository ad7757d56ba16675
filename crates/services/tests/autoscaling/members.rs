//! Members: attach, detach, standby, terminate, protect, judge; and SetDesiredCapacity.

use std::time::Duration;

use model::autoscaling::activity::{ActivityStatus, ScalingActivity};
use model::autoscaling::group::{LaunchedFrom, SimpleScaling};
use model::autoscaling::member::{Destination, LifecycleState as L};
use model::ec2::instance::{Instance, InstanceState};
use services::Clock;

use crate::world::{UNKNOWN, World, inner};

const GROUP: (&str, &str) = ("AutoScalingGroupName", "web");
const DECREMENT: (&str, &str) = ("ShouldDecrementDesiredCapacity", "true");
const KEEP: (&str, &str) = ("ShouldDecrementDesiredCapacity", "false");
const FIRST: &str = "InstanceIds.member.1";
const SECOND: &str = "InstanceIds.member.2";

#[tokio::test]
async fn attached_instances_belong_to_the_group() {
    let world = World::new().await;
    world.group("web", ["0", "2", "0"]).await;
    let id = world.instance().await;
    world.call("AttachInstances", &[GROUP, (FIRST, &id)]).await.ok();
    let group = world.record("web");
    let member = &group.members[&id.parse().unwrap()];
    assert_eq!((group.desired, member.lifecycle, &member.launched_from), (1, L::Pending, &LaunchedFrom::Attached));
    let instance = world.get::<Instance>(&id);
    assert_eq!(instance.auto_scaling_group.as_deref(), Some("web"));
    assert_eq!(instance.tags.get("aws:autoscaling:groupName"), Some("web"));
    let reply = world.call("DescribeScalingActivities", &[GROUP]).await.ok();
    assert_eq!(reply.one("Description"), format!("Attaching an existing EC2 instance: {id}"));
    let cause = "At 2026-11-20T12:00:00Z an instance was attached in response to a user request, increasing the \
                 capacity from 0 to 1.";
    assert_eq!((reply.one("Cause"), reply.one("StatusCode")), (cause.into(), "InProgress".into()));

    let reply = world.call("DescribeAutoScalingInstances", &[(FIRST, &id), (SECOND, UNKNOWN)]).await.ok();
    let shown = ["InstanceId", "AutoScalingGroupName", "LifecycleState", "HealthStatus", "InstanceType"];
    assert_eq!(shown.map(|name| reply.one(name)), [&*id, "web", "Pending", "HEALTHY", "t3.small"]);
    assert!(reply.all("LaunchConfigurationName").is_empty());
}

#[tokio::test]
async fn what_cannot_be_attached_is_refused_whole() {
    let world = World::new().await;
    world.group("web", ["0", "2", "0"]).await;
    world.group("other", ["0", "2", "0"]).await;
    let (good, taken, stopped) = (world.instance().await, world.instance().await, world.instance().await);
    world.becomes(&stopped, InstanceState::Stopped).await;
    world.call("AttachInstances", &[("AutoScalingGroupName", "other"), (FIRST, &taken)]).await.ok();
    let many: Vec<String> = (0..21).map(|n| format!("i-{n:017x}")).collect();
    let names: Vec<String> = (1..=21).map(|n| format!("InstanceIds.member.{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().zip(&many).map(|(name, id)| (&**name, &**id)).chain([GROUP]).collect();
    let (action, code) = ("AttachInstances", "ValidationError");
    world
        .refuses(&[
            (action, &[GROUP, (FIRST, &good), (SECOND, UNKNOWN)], code, UNKNOWN),
            (action, &[GROUP, (FIRST, &good), (SECOND, "web")], code, "Invalid Instance ID: web"),
            (action, &[GROUP, (FIRST, &good), (SECOND, &taken)], code, "already part of Auto Scaling group other"),
            (action, &[GROUP, (FIRST, &good), (SECOND, &stopped)], code, "is not running"),
            (action, &many, code, "at most 20 instances"),
            (action, &[GROUP], code, "InstanceIds"),
            (action, &[("AutoScalingGroupName", "none"), (FIRST, &good)], code, "AutoScalingGroup name not found - "),
        ])
        .await;
    assert_eq!(world.get::<Instance>(&good).auto_scaling_group, None);
    assert_eq!(world.record("web").desired, 0);
    world.call("UpdateAutoScalingGroup", &[GROUP, ("MaxSize", "0")]).await.ok();
    world.refuses(&[(action, &[GROUP, (FIRST, &good)], code, "above the maximum size 0")]).await;
}

#[tokio::test]
async fn members_leave_with_an_activity_that_says_why() {
    let world = World::new().await;
    world.group("web", ["0", "4", "4"]).await;
    let member = async || world.member("web", L::InService).await;
    let (detached, standing, ended) = (member().await, member().await, member().await);

    let reply = world.call("DetachInstances", &[GROUP, (FIRST, &detached), DECREMENT]).await.ok();
    assert_eq!(reply.one("Description"), format!("Detaching EC2 instance: {detached}"));
    let cause = format!(
        "At 2026-11-20T12:00:00Z instance {detached} was detached in response to a user request, shrinking the \
         capacity from 4 to 3."
    );
    assert_eq!((reply.one("Cause"), reply.one("Progress")), (cause, "50".into()));
    assert_eq!((world.state("web", &detached), world.record("web").desired), (L::Detaching, 3));

    let reply = world.call("EnterStandby", &[GROUP, (FIRST, &standing), KEEP]).await.ok();
    assert_eq!(reply.one("Description"), format!("Moving EC2 instance to Standby: {standing}"));
    assert_eq!((world.state("web", &standing), world.record("web").desired), (L::EnteringStandby, 3));

    let parameters = [("InstanceId", ended.as_str()), DECREMENT];
    let reply = world.call("TerminateInstanceInAutoScalingGroup", &parameters).await.ok();
    assert_eq!(reply.one("Description"), format!("Terminating EC2 instance: {ended}"));
    assert!(reply.one("Activity").contains("shrinking the capacity from 3 to 2"), "{}", reply.text());
    let group = world.record("web");
    let member = &group.members[&ended.parse().unwrap()];
    assert_eq!((member.lifecycle, group.desired), (L::Terminating, 2));
    assert_eq!(member.departure.as_ref().map(|departure| departure.to), Some(Destination::Termination));
    let kept = world.get::<ScalingActivity>(&format!("web:{}", member.activity.as_ref().unwrap()));
    assert_eq!(kept.status, ActivityStatus::InProgress);
}

#[tokio::test]
async fn members_come_back_from_standby_if_they_run() {
    let world = World::new().await;
    world.group("web", ["0", "2", "1"]).await;
    let id = world.member("web", L::Standby).await;
    world.becomes(&id, InstanceState::Stopped).await;
    world.refuses(&[("ExitStandby", &[GROUP, (FIRST, &id)], "ValidationError", "is not running")]).await;
    world.becomes(&id, InstanceState::Running).await;
    let reply = world.call("ExitStandby", &[GROUP, (FIRST, &id)]).await.ok();
    assert_eq!((reply.one("StatusCode"), reply.one("Progress")), ("PreInService".into(), "30".into()));
    assert_eq!((world.state("web", &id), world.record("web").desired), (L::Pending, 2));
    world
        .refuses(&[("ExitStandby", &[GROUP, (FIRST, &id)], "ValidationError", "is Pending; it has to be Standby")])
        .await;
}

#[tokio::test]
async fn several_members_are_terminated_in_one_call() {
    let world = World::new().await;
    world.group("web", ["1", "4", "2"]).await;
    let (one, other) = (world.member("web", L::InService).await, world.member("web", L::InService).await);
    let action = "TerminateInstanceInAutoScalingGroup";
    let both = [GROUP, (FIRST, &*one), (SECOND, &*other)];
    let table = [
        (action, &[&both[..], &[DECREMENT]].concat()[..], "ValidationError", "below the minimum size 1"),
        (action, &[DECREMENT], "ValidationError", "give InstanceId or InstanceIds"),
        (action, &[("InstanceId", &*one), (FIRST, &*one), KEEP], "ValidationError", "give InstanceId or InstanceIds"),
        (action, &[("InstanceId", UNKNOWN), KEEP], "ValidationError", "Instance Id not found - "),
        (action, &[("InstanceId", &*one)], "ValidationError", "ShouldDecrementDesiredCapacity"),
    ];
    world.refuses(&table).await;
    assert_eq!(world.state("web", &one), L::InService);
    let reply = world.call(action, &[&both[..], &[KEEP]].concat()).await.ok();
    assert_eq!(inner(&reply.text(), "Description").len(), 2);
    assert_eq!((world.state("web", &one), world.state("web", &other)), (L::Terminating, L::Terminating));
    let again = [("InstanceId", one.as_str()), KEEP];
    world.refuses(&[(action, &again, "ValidationError", "is Terminating")]).await;
}

#[tokio::test]
async fn a_termination_cancels_the_launch_under_way() {
    let world = World::new().await;
    world.group("web", ["0", "2", "0"]).await;
    let id = world.instance().await;
    world.call("AttachInstances", &[GROUP, (FIRST, &id)]).await.ok();
    let launch = world.record("web").members[&id.parse().unwrap()].activity.clone().unwrap();
    world.call("TerminateInstanceInAutoScalingGroup", &[("InstanceId", &id), DECREMENT]).await.ok();
    let launch = world.get::<ScalingActivity>(&format!("web:{launch}"));
    assert_eq!((launch.status, launch.ended_at), (ActivityStatus::Cancelled, Some(world.server.clock.now())));
}

#[tokio::test]
async fn protection_is_set_and_taken_away() {
    let world = World::new().await;
    world.group("web", ["0", "2", "1"]).await;
    let id = world.member("web", L::InService).await;
    let protect = |on: &'static str| [GROUP, (FIRST, id.as_str()), ("ProtectedFromScaleIn", on)];
    for (on, expected) in [("true", true), ("false", false)] {
        world.call("SetInstanceProtection", &protect(on)).await.ok();
        assert_eq!(world.record("web").members[&id.parse().unwrap()].protected, expected);
    }
    let unknown = [GROUP, (FIRST, UNKNOWN), ("ProtectedFromScaleIn", "true")];
    let names: Vec<String> = (1..=51).map(|n| format!("InstanceIds.member.{n}")).collect();
    let ids: Vec<String> = (1..=51).map(|n| format!("i-{n:017x}")).collect();
    let many: Vec<(&str, &str)> = names.iter().zip(&ids).map(|(name, id)| (&**name, &**id)).collect();
    let many = [&many[..], &[GROUP, ("ProtectedFromScaleIn", "true")]].concat();
    world
        .refuses(&[
            ("SetInstanceProtection", &unknown, "ValidationError", "is not part of Auto Scaling group web"),
            ("SetInstanceProtection", &many, "LimitExceeded", "at most 50 instances"),
        ])
        .await;
}

#[tokio::test]
async fn health_is_judged_after_the_grace_period_or_at_once() {
    let world = World::new().await;
    world.group("web", ["0", "2", "1"]).await;
    let id = world.member("web", L::InService).await;
    let now = world.server.clock.now();
    world
        .edit("web", |group| {
            group.health_check_grace_seconds = 60;
            group.members.get_mut(&id.parse().unwrap()).unwrap().in_service_at = Some(now);
        })
        .await;
    let bad = [("InstanceId", id.as_str()), ("HealthStatus", "Unhealthy")];
    let unhealthy = || world.record("web").members[&id.parse().unwrap()].unhealthy.is_some();
    world.call("SetInstanceHealth", &bad).await.ok();
    assert!(!unhealthy(), "within the grace period");
    world.call("SetInstanceHealth", &[&bad[..], &[("ShouldRespectGracePeriod", "false")]].concat()).await.ok();
    assert!(unhealthy());
    let reply = world.call("DescribeAutoScalingGroups", &[]).await.ok();
    assert_eq!(reply.one("HealthStatus"), "Unhealthy");
    world.call("SetInstanceHealth", &[bad[0], ("HealthStatus", "Healthy")]).await.ok();
    assert!(!unhealthy());
    world.server.clock.advance(Duration::from_secs(60));
    world.call("SetInstanceHealth", &bad).await.ok();
    assert!(unhealthy());
    world
        .refuses(&[
            ("SetInstanceHealth", &[bad[0], ("HealthStatus", "Ill")], "ValidationError", "Healthy or Unhealthy"),
            ("SetInstanceHealth", &[("InstanceId", UNKNOWN), bad[1]], "ValidationError", "no managed instance"),
        ])
        .await;
}

#[tokio::test]
async fn the_desired_capacity_is_set_within_the_limits_and_after_the_cooldown_if_it_counts() {
    let world = World::new().await;
    world.group("web", ["1", "3", "1"]).await;
    let set = |desired: &'static str| [GROUP, ("DesiredCapacity", desired)];
    let honored = [GROUP, ("DesiredCapacity", "2"), ("HonorCooldown", "true")];
    let action = "SetDesiredCapacity";
    world
        .refuses(&[
            (action, &set("0"), "ValidationError", "below the minimum size 1"),
            (action, &set("4"), "ValidationError", "above the maximum size 3"),
            (action, &set("-1"), "ValidationError", "DesiredCapacity"),
            (action, &set("two"), "ValidationError", "DesiredCapacity"),
        ])
        .await;
    world.call(action, &set("3")).await.ok();
    let cause = world.record("web").capacity_cause.clone().unwrap().text;
    let expected = "a user request explicitly set group desired capacity changing the desired capacity from 1 to 3";
    assert_eq!(cause, expected);

    let now = world.server.clock.now();
    let scaling = |ended_at| SimpleScaling { policy: "out".into(), at: now, cooldown_seconds: 300, ended_at };
    world.edit("web", |group| group.simple_scaling = Some(scaling(None))).await;
    world.refuses(&[(action, &honored, "ScalingActivityInProgress", "in progress")]).await;
    world.edit("web", |group| group.simple_scaling = Some(scaling(Some(now)))).await;
    world.server.clock.advance(Duration::from_secs(299));
    world.refuses(&[(action, &honored, "ScalingActivityInProgress", "1 s are left")]).await;
    world.server.clock.advance(Duration::from_secs(1));
    world.call(action, &honored).await.ok();
    assert_eq!(world.record("web").desired, 2);
}
