//! Replacements that an instance refresh or the lifetime of instances wants.

use super::world::World;
use crate::{
    autoscaling::{
        fleet::{Orders, Replacement},
        group::{LaunchedFrom, MaintenancePolicy},
        member::{GroupInstance, LifecycleState as L},
    },
    id::InstanceId,
};

fn replace_all(world: &World, floor: u32, ceiling: u32) -> Orders {
    let cause = "an instance was taken out of service in response to an instance refresh";
    let old = world.group.members.values().filter(|member| member.launched_from != world.from);
    let replacement = |id: &InstanceId| Replacement { instance: id.clone(), cause: cause.into() };
    Orders {
        replace: old.map(|member| replacement(&member.instance_id)).collect(),
        floor: Some(floor),
        ceiling: Some(ceiling),
        warmup_seconds: Some(10),
    }
}

/// Replaces all members under these bounds; gives the least and the most members meanwhile, and how long it took.
fn refresh(world: &mut World, floor: u32, ceiling: u32) -> (usize, usize, u32) {
    world.from = LaunchedFrom::LaunchConfiguration("web-2".into());
    let (mut least, mut most) = (usize::MAX, 0);
    for second in 0..3600 {
        world.orders = replace_all(world, floor, ceiling);
        let left = world.orders.replace.len();
        world.run(1);
        (least, most) = (least.min(world.serving()), most.max(world.group.counting().count()));
        let settled = world.group.members.values().all(|member| member.lifecycle == L::InService);
        if left == 0 && settled && world.group.members.len() == usize::try_from(world.group.desired).unwrap() {
            world.orders = Orders::default();
            return (least, most, second);
        }
    }
    panic!("it never ends: {:#?}", world.group.members);
}

#[test]
fn a_refresh_stays_between_floor_and_ceiling() {
    // Desired, floor, ceiling; the least that served and the most there were.
    let table = [
        (4, 4, 5, 4, 5),
        (4, 3, 4, 3, 4),
        (10, 9, 10, 9, 10),
        (4, 2, 4, 2, 4),
        (4, 4, 4, 3, 4),
        (1, 1, 2, 1, 2),
        (1, 1, 1, 0, 1),
        (3, 0, 3, 0, 3),
        (10, 9, 12, 9, 12),
    ];
    for (desired, floor, ceiling, least, most) in table {
        let mut world = World::settled(0, 10, desired);
        world.run(30);
        let done = refresh(&mut world, floor, ceiling);
        assert_eq!((done.0, done.1), (least, most), "{desired} {floor} {ceiling}");
        assert_eq!(world.ordered_at.len(), usize::try_from(desired * 2).unwrap(), "each is replaced once");
        let cause = &world.activities("Terminating")[0].cause;
        assert!(cause.ends_with("in response to an instance refresh."), "{cause}");
    }
}

#[test]
fn the_desired_capacity_may_change_during_a_refresh() {
    for desired in [2, 6] {
        let mut world = World::settled(0, 10, 4).with_target_group();
        world.from = LaunchedFrom::LaunchConfiguration("web-2".into());
        world.orders = replace_all(&world, 4, 5);
        world.run(20);
        world.group.desired = desired;
        let (least, most, _) = refresh(&mut world, desired, desired + 1);
        assert!(least >= 2 && most <= 7, "{least} {most}");
        assert_eq!(world.serving(), usize::try_from(desired).unwrap());
    }
}

#[test]
fn scale_in_takes_those_that_are_to_be_replaced_anyway() {
    let mut world = World::settled(0, 10, 4);
    world.group.zones.truncate(1);
    world.run(60);
    let newest = world.in_state(L::InService).pop().unwrap();
    world.orders.replace = vec![Replacement { instance: newest.clone(), cause: "x".into() }];
    world.orders.floor = Some(4);
    world.orders.ceiling = Some(4);
    world.group.desired = 3;
    world.settle();
    assert_eq!(world.group.members[&newest].lifecycle, L::Terminating);
    assert_eq!(world.in_state(L::InService).len(), 3);
}

#[test]
fn scale_in_during_a_refresh_leaves_at_least_the_floor_ready() {
    let warm = |world: &World| {
        let since = |member: &GroupInstance| member.in_service_at.map(|at| world.now.since(at).as_secs());
        let counts = world.group.in_state(L::InService);
        counts.filter(|member| since(member).is_some_and(|seconds| seconds >= 10)).count()
    };
    let mut world = World::settled(0, 10, 4);
    world.run(30);
    world.from = LaunchedFrom::LaunchConfiguration("web-2".into());
    world.orders = replace_all(&world, 3, 4);
    world.run(2);
    assert_eq!(warm(&world), 3, "one is being replaced");
    world.group.desired = 3;
    for _ in 0..120 {
        world.orders = replace_all(&world, 3, 4);
        world.run(1);
        assert!(warm(&world) >= 3, "{:#?}", world.group.members);
    }
    world.orders = Orders::default();
    world.run(30);
    assert_eq!(world.group.counting().count(), 3);
}

#[test]
fn members_beside_the_capacity_are_replaced_too() {
    let mut world = World::settled(0, 10, 2);
    let id = world.in_state(L::InService)[0].clone();
    world.group.members.get_mut(&id).unwrap().lifecycle = L::Standby;
    world.group.desired = 1;
    world.orders.replace = vec![Replacement { instance: id.clone(), cause: "x".into() }];
    world.run(10);
    assert!(!world.group.members.contains_key(&id));
    assert_eq!(world.ordered_at.len(), 2);
}

#[test]
fn nothing_is_taken_out_while_launches_fail() {
    let mut world = World::settled(0, 10, 4);
    world.full_zones = world.group.zones.iter().cloned().collect();
    world.from = LaunchedFrom::LaunchConfiguration("web-2".into());
    world.orders = replace_all(&world, 2, 4);
    world.run(600);
    assert!(world.serving() >= 2);
    let first_out = 4 - world.serving();
    world.run(1800);
    assert_eq!(4 - world.serving(), first_out, "no more are given up");
    world.full_zones.clear();
    refresh(&mut world, 2, 4);
}

#[test]
fn members_are_replaced_at_the_end_of_their_lifetime() {
    let policy = MaintenancePolicy { minimum_healthy_percentage: 100, maximum_healthy_percentage: 110 };
    for (policy, least) in [(None, 3), (Some(policy), 4)] {
        let mut world = World::settled(0, 10, 4);
        world.group.maximum_instance_lifetime_seconds = Some(86_400);
        world.group.maintenance_policy = policy;
        let ids = world.in_state(L::InService);
        let next = world.settle().unwrap();
        assert_eq!(next.since(world.group.members[&ids[0]].joined_at).as_secs(), 86_400);
        world.now = next;
        for _ in 0..120 {
            world.run(1);
            assert!(world.serving() >= least);
        }
        assert!(ids.iter().all(|id| !world.group.members.contains_key(id)));
        assert_eq!(world.ordered_at.len(), 8);
        assert!(world.activities("Terminating")[0].cause.contains("maximum lifetime"));
    }
}
