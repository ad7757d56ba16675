//! Zones: balance, rebalancing, zones that come and go.

use super::world::World;
use crate::{
    autoscaling::{group::ZoneDistribution, member::LifecycleState as L, process::Process},
    ec2::instance::InstanceState as I,
};

#[test]
fn a_lost_zone_is_refilled_elsewhere_and_evened_out_when_it_returns() {
    let mut world = World::settled(0, 4, 4).with_target_group();
    let lost: Vec<_> = (world.group.members.values())
        .filter(|member| member.zone == "eu-west-1a")
        .map(|member| member.instance_id.clone())
        .collect();
    world.impaired_zones.insert("eu-west-1a".into());
    for id in &lost {
        world.change(id, I::Terminated);
    }
    world.run(20);
    assert_eq!(world.by_zone().into_values().collect::<Vec<_>>(), [0, 4]);
    assert_eq!(world.serving(), 4);

    world.impaired_zones.clear();
    for _ in 0..200 {
        world.run(1);
        assert!(world.serving() >= 4, "one is launched before another one goes");
        assert!(world.group.counting().count() <= 5);
    }
    assert_eq!(world.by_zone().into_values().collect::<Vec<_>>(), [2, 2]);
    let launched = world.activities("Launching").last().unwrap().cause.clone();
    assert!(launched.contains("instances were launched to balance instances in zone eu-west-1a"), "{launched}");
}

#[test]
fn balanced_only_waits_for_the_zone() {
    let mut world = World::new(0, 4, 2);
    world.group.zone_distribution = ZoneDistribution::BalancedOnly;
    world.full_zones.insert("eu-west-1a".into());
    world.run(120);
    assert_eq!(world.by_zone().into_values().collect::<Vec<_>>(), [0, 1], "its share is not launched elsewhere");
    world.full_zones.clear();
    world.run(300);
    assert_eq!(world.by_zone().into_values().collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn members_leave_a_zone_that_the_group_gave_up() {
    let mut world = World::settled(0, 5, 4);
    world.group.zones = vec!["eu-west-1b".into(), "eu-west-1c".into()];
    for _ in 0..200 {
        world.run(1);
        assert!(world.serving() >= 4);
    }
    assert_eq!(world.by_zone(), [("eu-west-1b".into(), 2), ("eu-west-1c".into(), 2)].into());
}

#[test]
fn nothing_is_evened_out_when_that_is_suspended_or_all_are_protected() {
    let lopsided = || {
        let mut world = World::new(0, 8, 4);
        world.impaired_zones.insert("eu-west-1a".into());
        world.run(20);
        world.impaired_zones.clear();
        world
    };
    let mut suspended = lopsided();
    suspended.group.suspended.insert(Process::AZRebalance, "User suspended".into());
    suspended.run(60);
    assert_eq!(suspended.ordered_at.len(), 4);
    let mut protected = World::new(0, 8, 4);
    protected.impaired_zones.insert("eu-west-1a".into());
    protected.group.new_instances_protected = true;
    protected.run(20);
    protected.impaired_zones.clear();
    protected.run(60);
    assert_eq!(protected.ordered_at.len(), 4);
    // One more than desired, and no further, while nothing may be terminated.
    let mut kept = lopsided();
    kept.group.suspended.insert(Process::Terminate, "User suspended".into());
    kept.run(60);
    assert_eq!(kept.in_state(L::InService).len(), 5);
}

#[test]
fn several_subnets_of_a_zone_are_all_used() {
    let mut world = World::new(0, 10, 10);
    world.group.zones.truncate(1);
    world.spare_subnet = Some("subnet-000000000000000ff".parse().unwrap());
    world.run(20);
    let spare = world.group.members.values().filter(|member| Some(&member.subnet_id) == world.spare_subnet.as_ref());
    let spare = spare.count();
    assert!(spare > 0 && spare < 10, "{spare}");
}
