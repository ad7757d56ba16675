//! Launches: their activities, and what happens when they fail.

use super::world::World;
use crate::autoscaling::{
    activity::ActivityStatus, fleet::Notice, group::CapacityCause, member::LifecycleState as L, notification,
    process::Process,
};
use std::time::Duration;

#[test]
fn a_new_group_fills_its_zones_evenly_and_says_why() {
    let mut world = World::new(0, 5, 4);
    let text = "a user request created an AutoScalingGroup changing the desired capacity from 0 to 4";
    world.group.capacity_cause = Some(CapacityCause { at: world.now, text: text.into() });
    world.settle();
    let at = world.now;
    let pending = world.in_state(L::Pending);
    assert_eq!(pending.len(), 4);
    let activity = world.activities("Launching a new EC2 instance: i-")[0].clone();
    assert_eq!(activity.status, ActivityStatus::PreInService);
    assert_eq!(
        activity.cause,
        format!(
            "At 2020-02-11T18:34:10Z {text}.  At 2020-02-11T18:34:10Z an instance was started in response to a difference \
         between desired and actual capacity, increasing the capacity from 0 to 4."
        )
    );
    assert!(activity.details.starts_with(r#"{"Subnet ID":"subnet-0000000000000000"#), "{}", activity.details);

    world.run(10);
    assert_eq!(world.in_state(L::InService).len(), 4);
    assert_eq!(world.by_zone().into_values().collect::<Vec<_>>(), [2, 2]);
    assert_eq!(world.group.capacity_cause, None);
    for activity in world.activities("Launching") {
        assert_eq!((activity.status, activity.progress), (ActivityStatus::Successful, 100));
        assert!(activity.ended_at.unwrap() > at);
    }
    let told = |notice: &&Notice| matches!(notice, Notice::Activity { event, .. } if *event == notification::LAUNCH);
    assert_eq!(world.notices.iter().filter(told).count(), 4);
}

#[test]
fn a_zone_without_room_is_avoided() {
    let mut world = World::new(0, 6, 2);
    world.full_zones.insert("eu-west-1a".into());
    world.run(30);
    assert_eq!(world.serving(), 2);
    assert_eq!(world.by_zone()["eu-west-1b"], 2);
    let failed = &world.activities("Launching a new EC2 instance")[0];
    let message = "There is no room.  Launching EC2 instance failed.";
    let failures: Vec<_> = world.activities.values().filter(|a| a.status == ActivityStatus::Failed).collect();
    assert!(failures.iter().all(|activity| activity.status_message.as_deref() == Some(message)), "{failed:?}");
    assert!(!failures.is_empty());
}

#[test]
fn launches_that_fail_for_an_hour_are_few_and_the_group_recovers_with_the_next_one() {
    type Break = fn(&mut World, bool);
    let no_room: Break = |world, broken| {
        let zones = world.group.zones.clone();
        world.full_zones = if broken { zones.into_iter().collect() } else { Default::default() };
    };
    let dead: Break = |world, broken| world.dead_on_arrival = broken;
    for (name, breaks) in [("no room", no_room), ("dead on arrival", dead)] {
        for desired in [1, 2, 40] {
            let mut world = World::new(0, 50, desired);
            breaks(&mut world, true);
            world.run(3600);
            assert!(world.ordered_at.len() <= 20, "{name} {desired}: {}", world.ordered_at.len());
            let failed = world.activities("Launching a new EC2 instance");
            assert_eq!(failed.len(), world.ordered_at.len());
            assert!(failed.iter().all(|activity| activity.status == ActivityStatus::Failed));
            assert!(world.decisions.iter().any(|decision| decision.why.contains("launching failed")));
            breaks(&mut world, false);
            let retry_at = world.group.launch_failures.clone().unwrap().retry_at;
            let wait = u32::try_from(retry_at.since(world.now).as_secs()).unwrap();
            assert!(wait <= 600);
            world.run(wait + 60);
            assert_eq!(world.serving(), usize::try_from(desired).unwrap(), "{name}");
            assert_eq!(world.group.launch_failures, None);
        }
    }
}

#[test]
fn a_day_of_failures_suspends_launching() {
    let mut world = World::new(0, 5, 1);
    world.full_zones = world.group.zones.iter().cloned().collect();
    let end = world.now.plus(Duration::from_secs(25 * 3600));
    while world.now < end {
        let next = world.settle();
        world.now = next.unwrap_or(end);
    }
    assert!(!world.group.runs(Process::Launch));
    assert!(world.ordered_at.len() < 200);
    world.full_zones.clear();
    world.group.suspended.clear();
    world.run(10);
    assert_eq!(world.serving(), 1);
}

#[test]
fn instances_that_crash_again_and_again_are_not_replaced_for_ever() {
    let mut world = World::settled(0, 2, 1);
    let before = world.ordered_at.len();
    for _ in 0..3600 {
        for id in world.in_state(L::InService) {
            world.change(&id, crate::ec2::instance::InstanceState::Terminated);
        }
        world.run(1);
    }
    assert!(world.ordered_at.len() - before <= 25, "{}", world.ordered_at.len() - before);
    world.run(700);
    assert_eq!(world.serving(), 1);
    assert_eq!(world.group.launch_failures, None);
}

#[test]
fn nothing_is_launched_while_that_is_suspended() {
    let mut world = World::new(0, 5, 2);
    world.group.suspended.insert(Process::Launch, "User suspended".into());
    world.run(5);
    assert!(world.ordered_at.is_empty());
    assert_eq!(world.decisions.len(), 1, "it is said once");
    world.group.suspended.clear();
    world.run(5);
    assert_eq!(world.serving(), 2);
}
