//! Random histories: whatever happens, the invariants of [`super::world`] hold at every step, and once it ends the group
//! is what it should be.

use super::world::World;
use crate::{
    autoscaling::{
        fleet::{Orders, Replacement},
        lifecycle_hook::Transition,
        member::{HookResult, LifecycleState as L, Unhealthy, UnhealthyCause},
        process::Process,
        warm_pool::{PoolState, WarmPool},
    },
    ec2::instance::InstanceState as I,
    id::InstanceId,
};
use proptest::prelude::*;

/// Something that happens; numbers choose a member or a zone.
#[derive(Clone, Debug)]
enum Happening {
    Desire(u32),
    Kill(usize),
    Stop(usize),
    Sicken(usize),
    Condemn(usize),
    Protect(usize, bool),
    LoseZone(usize),
    ZoneReturns,
    FillZone(usize),
    Repair,
    DeadOnArrival,
    Replace(u32, u32),
    ReplaceNothing,
    Suspend(usize),
    Resume,
    Complete(bool),
    WarmPool(u32),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (0..8u32).prop_map(Happening::Desire),
        3 => (0..8usize).prop_map(Happening::Kill),
        1 => (0..8usize).prop_map(Happening::Stop),
        2 => (0..8usize).prop_map(Happening::Sicken),
        1 => (0..8usize).prop_map(Happening::Condemn),
        2 => ((0..8usize), any::<bool>()).prop_map(|(n, on)| Happening::Protect(n, on)),
        1 => (0..3usize).prop_map(Happening::LoseZone),
        1 => Just(Happening::ZoneReturns),
        1 => (0..3usize).prop_map(Happening::FillZone),
        1 => Just(Happening::Repair),
        1 => Just(Happening::DeadOnArrival),
        1 => ((0..8u32), (0..8u32)).prop_map(|(floor, ceiling)| Happening::Replace(floor, ceiling)),
        1 => Just(Happening::ReplaceNothing),
        1 => (0..9usize).prop_map(Happening::Suspend),
        1 => Just(Happening::Resume),
        1 => any::<bool>().prop_map(Happening::Complete),
        1 => (0..4u32).prop_map(Happening::WarmPool),
    ]
}

fn happen(world: &mut World, happening: &Happening) {
    let ids: Vec<InstanceId> = world.group.members.keys().cloned().collect();
    let chosen = |n: usize| ids.get(n % ids.len().max(1)).cloned();
    let zone = |n: usize| world.group.zones[n % world.group.zones.len()].clone();
    match *happening {
        Happening::Desire(desired) => world.group.desired = desired.clamp(world.group.minimum, world.group.maximum),
        Happening::Kill(n) | Happening::Stop(n) => {
            let state = if matches!(happening, Happening::Kill(_)) { I::Terminated } else { I::Stopping };
            let alive = |id: &InstanceId| world.instances.get(id).is_some_and(|i| i.state == I::Running);
            if let Some(id) = chosen(n).filter(alive) {
                world.change(&id, state);
            }
        }
        Happening::Sicken(n) => {
            if let Some(instance) = chosen(n).and_then(|id| world.instances.get_mut(&id)) {
                instance.answers = false;
            }
        }
        Happening::Condemn(n) => {
            let unhealthy = Unhealthy { at: world.now, cause: UnhealthyCause::UserRequest };
            let member = chosen(n).and_then(|id| world.group.members.get_mut(&id));
            if let Some(member) = member.filter(|member| member.lifecycle.counts()) {
                member.unhealthy = Some(unhealthy);
            }
        }
        Happening::Protect(n, on) => {
            if let Some(member) = chosen(n).and_then(|id| world.group.members.get_mut(&id)) {
                member.protected = on;
            }
        }
        Happening::LoseZone(n) => world.impaired_zones = [zone(n)].into(),
        Happening::ZoneReturns => world.impaired_zones.clear(),
        Happening::FillZone(n) => world.full_zones = [zone(n)].into(),
        Happening::Repair => {
            world.full_zones.clear();
            world.dead_on_arrival = false;
        }
        Happening::DeadOnArrival => world.dead_on_arrival = true,
        Happening::Replace(floor, ceiling) => {
            let cause = "an instance was taken out of service in response to an instance refresh".to_owned();
            let replace = ids.iter().map(|id| Replacement { instance: id.clone(), cause: cause.clone() }).collect();
            let (floor, ceiling) = (Some(floor), Some(ceiling));
            world.orders = Orders { replace, floor, ceiling, warmup_seconds: Some(5) };
        }
        Happening::ReplaceNothing => world.orders = Orders::default(),
        Happening::Suspend(n) => {
            world.group.suspended.insert(Process::ALL[n], "User suspended".into());
        }
        Happening::Resume => world.group.suspended.clear(),
        Happening::Complete(good) => {
            let result = if good { HookResult::Continue } else { HookResult::Abandon };
            world.complete("in", result);
            world.complete("out", result);
        }
        Happening::WarmPool(size) => {
            world.group.warm_pool = Some(WarmPool {
                maximum_prepared_capacity: Some(world.group.desired + size),
                minimum_size: 0,
                state: if size % 2 == 0 { PoolState::Stopped } else { PoolState::Running },
                reuse_on_scale_in: size > 2,
                deleting: size == 0,
                without_hooks: false,
            });
        }
    }
}

/// Nothing happens any more, and everything works.
fn calm(world: &mut World) {
    world.impaired_zones.clear();
    happen(world, &Happening::Repair);
    happen(world, &Happening::Resume);
    world.orders = Orders::default();
    for member in world.group.members.values_mut() {
        member.protected = false;
    }
    for instance in world.instances.values_mut() {
        instance.answers = true;
    }
    for _ in 0..40 {
        world.run(60);
        happen(world, &Happening::Complete(true));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_group_becomes_what_it_should_be(
        desired in 0..8u32,
        zones in 1..4usize,
        balanced in any::<bool>(),
        hooks in any::<bool>(),
        history in proptest::collection::vec((happening(), 0..20u32), 0..25),
    ) {
        let mut world = World::new(0, 8, desired);
        world.group.zones = ["a", "b", "c"][..zones].iter().map(|zone| format!("eu-west-1{zone}")).collect();
        if hooks {
            world.hook("in", Transition::Launching, HookResult::Continue);
            world.hook("out", Transition::Terminating, HookResult::Continue);
        }
        world.run(10);
        if balanced {
            world = world.with_target_group();
        }
        for (happening, seconds) in &history {
            happen(&mut world, happening);
            world.run(*seconds);
        }
        calm(&mut world);
        let group = &world.group;
        prop_assert_eq!(u32::try_from(world.serving()).unwrap(), group.desired, "{:#?}", group);
        prop_assert_eq!(u32::try_from(group.counting().count()).unwrap(), group.desired);
        let by_zone = world.by_zone();
        let (least, most) = (by_zone.values().min().unwrap(), by_zone.values().max().unwrap());
        prop_assert!(most - least <= 1, "{:?}", by_zone);
        for id in world.in_state(L::InService) {
            prop_assert!(world.group.members[&id].unhealthy.is_none());
        }
        let moving = group.members.values().filter(|member| member.activity.is_some()).count();
        prop_assert_eq!(moving, 0, "{:#?}", group.members);
        prop_assert!(world.activities.values().all(|activity| activity.status.is_over()));
    }
}
