//! Scale-in, requests about members, attachments, deletion, and the end of simple scalings.

use super::world::{DRAIN, World, target_group};
use crate::autoscaling::{
    activity::ActivityStatus,
    fleet::{Notice, TargetHealth},
    group::{AttachedTargetGroup, AttachmentState, CapacityCause, SimpleScaling},
    member::LifecycleState as L,
    membership::Request,
    notification,
    process::Process,
};
use crate::ec2::instance::InstanceState as I;

#[test]
fn scale_in_drains_first_and_says_what_was_chosen() {
    let mut world = World::settled(0, 5, 3).with_target_group();
    let text = "a monitor alarm low in state ALARM triggered policy in changing the desired capacity from 3 to 2";
    world.group.capacity_cause = Some(CapacityCause { at: world.now, text: text.into() });
    world.group.desired = 2;
    world.settle();
    let going = world.in_state(L::Terminating);
    assert_eq!(going.len(), 1);
    assert_eq!(world.instances[&going[0]].targets[&target_group()].0, TargetHealth::Draining);
    let activity = world.activities("Terminating EC2 instance")[0].clone();
    assert_eq!(activity.status, ActivityStatus::WaitingForELBConnectionDraining);
    let (at, id) = (crate::autoscaling::activity::cause_time(world.now), &going[0]);
    assert_eq!(activity.description, format!("Terminating EC2 instance: {id}"));
    assert_eq!(
        activity.cause,
        format!(
            "At {at} {text}.  At {at} an instance was taken out of service in response to a difference between desired and \
         actual capacity, shrinking the capacity from 3 to 2.  At {at} instance {id} was selected for termination."
        )
    );
    world.run(u32::try_from(DRAIN.as_secs()).unwrap() - 1);
    assert_eq!(world.instances[id].state, I::Running, "requests in flight end first");
    world.run(10);
    assert!(!world.group.members.contains_key(id));
    assert_eq!(world.activities("Terminating")[0].status, ActivityStatus::Successful);
    let told = |notice: &Notice| matches!(notice, Notice::Activity { event, .. } if *event == notification::TERMINATE);
    assert!(world.notices.iter().any(told));
}

#[test]
fn protected_members_stay_and_their_owner_is_told_once() {
    let mut world = World::settled(0, 5, 3);
    for member in world.group.members.values_mut() {
        member.protected = true;
    }
    world.group.desired = 1;
    world.run(30);
    assert_eq!(world.serving(), 3);
    let told = world.activities("Terminating EC2 instance");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].status, ActivityStatus::Cancelled);
    let message = "Could not scale to desired capacity because all remaining instances are protected from scale-in.";
    assert_eq!(told[0].status_message.as_deref(), Some(message));
    assert_eq!(world.decisions.iter().filter(|decision| decision.why.contains("protected")).count(), 1);

    let free = world.in_state(L::InService)[0].clone();
    world.group.members.get_mut(&free).unwrap().protected = false;
    world.run(30);
    assert_eq!(world.serving(), 2);
    assert!(!world.group.members.contains_key(&free));
}

#[test]
fn members_that_are_asked_to_leave_drain_and_go_where_they_should() {
    let mut world = World::settled(0, 5, 3).with_target_group();
    let ids = world.in_state(L::InService);
    let request =
        |world: &mut World, n: u32, what: &dyn Fn(Request<'_>) -> crate::autoscaling::membership::Requested| {
            let now = world.now;
            let done = what(Request { group: &mut world.group, activity_ids: vec![format!("asked-{n}")], now });
            world.activities.extend(done.started.into_iter().map(|activity| (activity.id.clone(), activity)));
        };
    request(&mut world, 1, &|r| r.detach(&ids[..1], true).unwrap());
    request(&mut world, 2, &|r| r.enter_standby(&ids[1..2], true).unwrap());
    world.settle();
    assert_eq!(world.group.members[&ids[0]].lifecycle, L::Detaching);
    assert_eq!(world.group.members[&ids[1]].lifecycle, L::EnteringStandby);
    world.run(40);
    assert!(!world.group.members.contains_key(&ids[0]));
    assert_eq!(world.instances[&ids[0]].state, I::Running, "it was given up, not terminated");
    assert_eq!(world.group.members[&ids[1]].lifecycle, L::Standby);
    assert!(world.instances[&ids[1]].targets.is_empty());
    request(&mut world, 3, &|r| r.exit_standby(&ids[1..2]).unwrap());
    world.run(10);
    assert_eq!(world.group.members[&ids[1]].lifecycle, L::InService);
    assert_eq!(world.instances[&ids[1]].targets[&target_group()].0, TargetHealth::Healthy);
    request(&mut world, 4, &|r| r.terminate(&ids[2..3], false).unwrap());
    world.run(50);
    assert!(!world.group.members.contains_key(&ids[2]));
    assert_eq!(world.serving(), 2, "it was replaced");
    for n in 1..=4 {
        let activity = &world.activities[&format!("asked-{n}")];
        assert_eq!((activity.status, activity.progress), (ActivityStatus::Successful, 100), "{activity:?}");
    }
}

#[test]
fn target_groups_come_and_go_with_all_members() {
    let mut world = World::settled(0, 5, 2);
    world.group.target_groups.push(AttachedTargetGroup { arn: target_group(), state: AttachmentState::Adding });
    world.settle();
    assert_eq!(world.group.target_groups[0].state, AttachmentState::Added);
    assert!(world.instances.values().all(|instance| instance.targets.len() == 1));
    world.run(10);
    assert_eq!(world.group.target_groups[0].state, AttachmentState::InService);
    world.group.target_groups[0].state = AttachmentState::Removing;
    world.run(5);
    assert_eq!(world.group.target_groups.len(), 1, "they drain");
    world.run(40);
    assert!(world.group.target_groups.is_empty());
    assert_eq!(world.serving(), 2);
}

#[test]
fn members_that_enter_while_registering_is_suspended_are_never_registered() {
    let mut world = World::settled(0, 5, 1).with_target_group();
    world.group.suspended.insert(Process::AddToLoadBalancer, "User suspended".into());
    world.group.desired = 2;
    world.run(20);
    assert_eq!(world.serving(), 2);
    world.group.suspended.clear();
    world.group.desired = 3;
    world.run(60);
    assert_eq!(world.serving(), 3);
    let registered = world.instances.values().filter(|instance| !instance.targets.is_empty()).count();
    assert_eq!(registered, 2);
}

#[test]
fn a_deleted_group_empties_without_waiting() {
    let mut world = World::settled(0, 5, 3).with_target_group();
    world.hook(
        "bye",
        crate::autoscaling::lifecycle_hook::Transition::Terminating,
        crate::autoscaling::member::HookResult::Continue,
    );
    world.group.deleting = Some(world.now);
    world.run(5);
    assert!(world.deleted);
    assert!(world.instances.values().all(|instance| instance.state == I::Terminated));
    let ended = world.activities("Terminating");
    assert_eq!(ended.len(), 3);
    assert!(ended[0].cause.contains("a user request force deleted AutoScalingGroup changing the desired capacity"));
}

#[test]
fn a_simple_scaling_ends_with_its_last_launch_or_drained_termination() {
    let scaling = |world: &World| {
        Some(SimpleScaling { policy: "p".into(), at: world.now, cooldown_seconds: 300, ended_at: None })
    };
    let ended = |world: &World| world.group.simple_scaling.as_ref().unwrap().ended_at;
    let mut world = World::settled(0, 5, 1).with_target_group();
    (world.group.simple_scaling, world.group.desired) = (scaling(&world), 3);
    world.settle();
    assert_eq!(ended(&world), None);
    world.run(5);
    assert!(ended(&world).is_some());

    let began = world.now;
    world.hook(
        "bye",
        crate::autoscaling::lifecycle_hook::Transition::Terminating,
        crate::autoscaling::member::HookResult::Continue,
    );
    (world.group.simple_scaling, world.group.desired) = (scaling(&world), 1);
    world.run(20);
    assert_eq!(ended(&world), None, "it drains");
    world.run(20);
    assert_eq!(ended(&world).unwrap().since(began), DRAIN, "hooks are not waited for");
    assert_eq!(world.in_state(L::TerminatingWait).len(), 2);

    // Nothing comes of it: it has ended all the same.
    let mut world = World::settled(0, 5, 1);
    world.full_zones = world.group.zones.iter().cloned().collect();
    (world.group.simple_scaling, world.group.desired) = (scaling(&world), 2);
    world.run(1);
    assert!(ended(&world).is_some());
}
