//! Lifecycle hooks on the way in and out.

use super::world::World;
use crate::{
    autoscaling::{
        activity::ActivityStatus,
        fleet::Notice,
        lifecycle_hook::Transition::{Launching, Terminating},
        member::{HookResult, LifecycleState as L},
    },
    ec2::instance::InstanceState as I,
};

fn told(world: &World, hook: &str) -> usize {
    let of = |notice: &&Notice| matches!(notice, Notice::Hook { hook: told, .. } if told.name == hook);
    world.notices.iter().filter(of).count()
}

#[test]
fn a_member_waits_for_one_hook_after_the_other_and_then_serves() {
    let mut world = World::new(0, 2, 1);
    world.hook("a", Launching, HookResult::Abandon);
    world.hook("b", Launching, HookResult::Continue);
    world.run(5);
    assert_eq!(world.in_state(L::PendingWait).len(), 1);
    assert_eq!((told(&world, "a"), told(&world, "b")), (1, 0));
    assert_eq!(world.activities("Launching")[0].status, ActivityStatus::MidLifecycleAction);
    world.complete("a", HookResult::Continue);
    world.run(5);
    assert_eq!((told(&world, "a"), told(&world, "b")), (1, 1));
    assert_eq!(world.serving(), 0);
    world.run(60);
    assert_eq!(world.serving(), 1, "time ended the second one with CONTINUE");
    assert_eq!(world.activities("Launching")[0].status, ActivityStatus::Successful);
    assert!(world.group.members.values().all(|member| member.hook.is_none() && member.hooks_done.is_empty()));
}

#[test]
fn an_abandoned_launch_is_terminated_and_tried_again() {
    let mut world = World::new(0, 2, 1);
    world.hook("a", Launching, HookResult::Abandon);
    world.run(5);
    let id = world.in_state(L::PendingWait)[0].clone();
    world.complete("a", HookResult::Abandon);
    world.run(5);
    assert!(!world.group.members.contains_key(&id));
    assert_eq!(world.instances[&id].state, I::Terminated);
    let launch = world.activities("Launching")[0].clone();
    assert_eq!(launch.status, ActivityStatus::Cancelled);
    assert!(launch.status_message.unwrap().ends_with("was abandoned: Lifecycle Action Completed with ABANDON Result"));
    assert_eq!(world.in_state(L::PendingWait).len(), 1);
    world.complete("a", HookResult::Continue);
    world.run(5);
    assert_eq!(world.serving(), 1);
}

#[test]
fn a_hook_holds_the_termination_after_draining() {
    for result in [HookResult::Continue, HookResult::Abandon] {
        let mut world = World::settled(0, 2, 2).with_target_group();
        world.hook("bye", Terminating, HookResult::Continue);
        world.hook("later", Terminating, HookResult::Continue);
        world.group.desired = 1;
        world.run(10);
        let id = world.in_state(L::Terminating)[0].clone();
        assert_eq!(told(&world, "bye"), 0, "it drains");
        world.run(25);
        assert_eq!((world.in_state(L::TerminatingWait).len(), told(&world, "bye")), (1, 1));
        assert_eq!(world.instances[&id].state, I::Running);
        world.complete("bye", result);
        world.run(5);
        let skips = result == HookResult::Abandon;
        assert_eq!(told(&world, "later"), usize::from(!skips), "ABANDON ends the others too");
        assert_eq!(world.group.members.contains_key(&id), !skips);
        world.run(60);
        assert!(!world.group.members.contains_key(&id));
        assert_eq!(world.activities("Terminating")[0].status, ActivityStatus::Successful);
    }
}

#[test]
fn an_abandoned_termination_may_keep_the_instance() {
    let mut world = World::settled(0, 2, 2);
    world.group.retain_on_terminate_hook_abandon = true;
    world.hook("bye", Terminating, HookResult::Abandon);
    world.group.desired = 1;
    world.run(100);
    let kept = world.in_state(L::TerminatingRetained);
    assert_eq!(kept.len(), 1);
    assert_eq!(world.instances[&kept[0]].state, I::Running);
    assert_eq!(world.serving(), 1);
}

#[test]
fn a_deleted_hook_ends_its_actions() {
    let mut world = World::settled(0, 3, 1);
    world.hook("in", Launching, HookResult::Continue);
    world.group.desired = 2;
    world.run(5);
    let waiting = world.in_state(L::PendingWait)[0].clone();
    world.hooks.clear();
    world.run(5);
    assert!(!world.group.members.contains_key(&waiting));

    let mut world = World::settled(0, 3, 2);
    world.hook("out", Terminating, HookResult::Continue);
    world.group.desired = 1;
    world.run(5);
    assert_eq!(world.in_state(L::TerminatingWait).len(), 1);
    world.hooks.clear();
    world.run(5);
    assert_eq!(world.group.members.len(), 1);
}
