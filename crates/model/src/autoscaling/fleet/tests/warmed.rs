//! Warm pools.

use super::world::World;
use crate::{
    autoscaling::{
        lifecycle_hook::Transition::{Launching, Terminating},
        member::{HookResult, LifecycleState as L},
        warm_pool::{PoolState, WarmPool},
    },
    ec2::instance::InstanceState as I,
};

fn pool(state: PoolState) -> WarmPool {
    WarmPool {
        maximum_prepared_capacity: None,
        minimum_size: 0,
        state,
        reuse_on_scale_in: false,
        deleting: false,
        without_hooks: false,
    }
}

#[test]
fn the_pool_is_what_the_group_may_grow_to() {
    // Prepared capacity, least size, desired of at most 6; instances in the pool.
    for (prepared, minimum, desired, expected) in
        [(None, 0, 2, 4), (Some(3), 0, 2, 1), (Some(3), 2, 2, 2), (Some(1), 0, 2, 0), (None, 0, 6, 0)]
    {
        let mut world = World::settled(0, 6, desired);
        let own = WarmPool { maximum_prepared_capacity: prepared, minimum_size: minimum, ..pool(PoolState::Stopped) };
        world.group.warm_pool = Some(own);
        world.run(20);
        let warm = world.in_state(L::WarmedStopped);
        assert_eq!(warm.len(), expected, "{prepared:?} {minimum}");
        assert!(warm.iter().all(|id| world.instances[id].state == I::Stopped));
        assert_eq!(world.serving(), usize::try_from(desired).unwrap());
    }
}

#[test]
fn scale_out_takes_warm_instances_first() {
    for (state, warmed) in [(PoolState::Stopped, L::WarmedStopped), (PoolState::Running, L::WarmedRunning)] {
        let mut world = World::settled(0, 4, 1).with_target_group();
        world.hook("in", Launching, HookResult::Continue);
        world.group.warm_pool = Some(pool(state));
        world.run(5);
        assert_eq!(world.in_state(L::WarmedPendingWait).len(), 3, "hooks run for the pool");
        world.complete("in", HookResult::Continue);
        world.run(10);
        assert_eq!(world.in_state(warmed).len(), 3);
        assert!(world.instances.values().filter(|instance| !instance.targets.is_empty()).count() == 1);
        let ordered = world.ordered_at.len();
        world.group.desired = 3;
        world.run(5);
        assert_eq!(world.in_state(L::PendingWait).len(), 2, "hooks run for the group again");
        world.complete("in", HookResult::Continue);
        world.run(5);
        assert_eq!(world.serving(), 3);
        assert_eq!(world.ordered_at.len(), ordered, "none was launched anew");
        assert_eq!(world.activities("Launching a new EC2 instance from warm pool: i-").len(), 2);
    }
}

#[test]
fn scale_in_may_return_instances_to_the_pool() {
    let mut world = World::settled(0, 4, 3).with_target_group();
    world.group.warm_pool = Some(WarmPool { reuse_on_scale_in: true, ..pool(PoolState::Stopped) });
    world.run(20);
    let ordered = world.ordered_at.len();
    world.hook("out", Terminating, HookResult::Continue);
    world.group.desired = 1;
    world.run(35);
    assert_eq!(world.in_state(L::TerminatingWait).len(), 2);
    world.complete("out", HookResult::Continue);
    world.run(10);
    assert_eq!(world.in_state(L::WarmedStopped).len(), 3);
    assert_eq!(world.serving(), 1);
    assert_eq!(world.ordered_at.len(), ordered);
}

#[test]
fn a_pool_that_shrinks_or_goes_terminates_its_instances() {
    let mut world = World::settled(0, 4, 1);
    world.group.warm_pool = Some(pool(PoolState::Stopped));
    world.run(20);
    assert_eq!(world.in_state(L::WarmedStopped).len(), 3);
    world.group.maximum = 3;
    world.run(10);
    assert_eq!(world.in_state(L::WarmedStopped).len(), 2);
    let lost = world.in_state(L::WarmedStopped)[0].clone();
    world.change(&lost, I::Terminated);
    world.run(20);
    assert_eq!(world.in_state(L::WarmedStopped).len(), 2, "the lost one was replaced");
    world.hook("out", Terminating, HookResult::Continue);
    world.group.warm_pool = Some(WarmPool { deleting: true, ..pool(PoolState::Stopped) });
    world.run(10);
    assert_eq!(world.in_state(L::WarmedTerminatingWait).len(), 2);
    world.group.warm_pool = Some(WarmPool { deleting: true, without_hooks: true, ..pool(PoolState::Stopped) });
    for member in world.group.members.values_mut() {
        member.since = world.now;
    }
    world.run(10);
    assert_eq!(world.group.warm_pool, None);
    assert_eq!(world.group.members.len(), 1);
}
