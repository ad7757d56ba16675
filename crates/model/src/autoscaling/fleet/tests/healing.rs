//! Unhealthy members: which ones go, how fast, and never all of them.

use super::world::World;
use crate::{
    autoscaling::{
        group::MaintenancePolicy,
        member::{LifecycleState as L, Unhealthy, UnhealthyCause},
        process::Process,
    },
    ec2::instance::InstanceState as I,
    id::InstanceId,
};

fn fail(world: &mut World, ids: &[InstanceId]) {
    for id in ids {
        world.instances.get_mut(id).unwrap().answers = false;
    }
}

fn causes(world: &World) -> Vec<String> {
    world.activities("Terminating").iter().map(|activity| activity.cause.clone()).collect()
}

#[test]
fn members_that_stopped_running_are_replaced_at_once_whatever_the_grace() {
    for state in [I::Stopping, I::Stopped, I::ShuttingDown, I::Terminated] {
        let mut world = World::settled(0, 8, 4);
        world.group.health_check_grace_seconds = 3600;
        let ids = world.in_state(L::InService);
        for id in &ids[..3] {
            world.change(id, state);
        }
        world.settle();
        assert_eq!(world.in_state(L::InService), ids[3..], "{state:?}");
        assert_eq!(world.in_state(L::Pending).len(), 3, "{state:?}");
        assert!(causes(&world)[0].ends_with(
            "an instance was taken out of service in response to an EC2 health check that indicated it had been \
             terminated or stopped."
        ));
        world.run(10);
        assert_eq!(world.serving(), 4);
        assert_eq!(world.group.members.len(), 4);
    }
}

#[test]
fn members_whose_instance_vanished_are_removed_even_if_nothing_runs() {
    let mut world = World::settled(0, 8, 2);
    for process in Process::ALL {
        world.group.suspended.insert(process, "User suspended".into());
    }
    let id = world.in_state(L::InService)[0].clone();
    world.instances.remove(&id);
    world.run(3);
    assert_eq!(world.group.members.len(), 1);
}

#[test]
fn the_load_balancers_opinion_counts_after_the_grace_only() {
    let mut world = World::settled(0, 8, 3);
    world.group.health_check_grace_seconds = 120;
    let mut world = world.with_target_group();
    let id = world.in_state(L::InService)[0].clone();
    fail(&mut world, std::slice::from_ref(&id));
    world.run(50);
    assert_eq!(world.group.members[&id].unhealthy, None);
    world.run(20);
    assert!(world.group.members.get(&id).is_none_or(|member| member.lifecycle != L::InService));
    assert!(
        causes(&world)[0]
            .ends_with("an instance was taken out of service in response to an ELB system health check failure.")
    );
    let mut without = World::settled(0, 8, 3).with_target_group();
    without.group.elb_health_check = false;
    let ids = without.in_state(L::InService);
    fail(&mut without, &ids);
    without.run(300);
    assert_eq!(without.in_state(L::InService), ids);
}

#[test]
fn an_impaired_status_check_is_tolerated_for_minutes() {
    let mut world = World::settled(0, 8, 2);
    let id = world.in_state(L::InService)[0].clone();
    world.instances.get_mut(&id).unwrap().impaired = true;
    world.run(170);
    world.instances.get_mut(&id).unwrap().impaired = false;
    world.run(1);
    world.instances.get_mut(&id).unwrap().impaired = true;
    world.run(170);
    assert_eq!(world.group.members[&id].lifecycle, L::InService);
    world.run(30);
    assert!(!world.group.members.contains_key(&id));
    assert!(causes(&world)[0].ends_with("in response to an EC2 instance status check failure."));
}

#[test]
fn without_a_policy_one_is_terminated_before_another_is_launched() {
    let mut world = World::settled(0, 2, 2).with_target_group();
    let id = world.in_state(L::InService)[0].clone();
    fail(&mut world, std::slice::from_ref(&id));
    world.run(1);
    assert_eq!(world.group.members[&id].lifecycle, L::Terminating);
    assert_eq!(world.group.counting().count(), 2, "the next one is on its way");
    world.run(60);
    assert_eq!(world.serving(), 2);
    assert_eq!(world.ordered_at.len(), 3);
}

#[test]
fn a_tenth_is_replaced_at_a_time() {
    // Desired, failing, how many may be out at once.
    for (desired, failing, limit) in [(5, 3, 1), (20, 6, 2), (40, 12, 4)] {
        let mut world = World::settled(0, 50, desired);
        world.run(60);
        let mut world = world.with_target_group();
        let ids = world.in_state(L::InService);
        fail(&mut world, &ids[..failing]);
        let mut most = 0;
        for _ in 0..600 {
            world.run(1);
            let healthy: usize = world.group.in_state(L::InService).filter(|m| m.unhealthy.is_none()).count();
            let waiting = world.group.in_state(L::InService).filter(|m| m.unhealthy.is_some()).count();
            most = most
                .max(usize::try_from(desired).unwrap() - (healthy + waiting).min(usize::try_from(desired).unwrap()));
        }
        assert!(ids[..failing].iter().all(|id| !world.group.members.contains_key(id)));
        assert_eq!(world.serving(), usize::try_from(desired).unwrap());
        assert!(most <= limit, "{most} of {desired} were out");
    }
}

#[test]
fn when_every_check_fails_at_once_somebody_always_serves() {
    for desired in [1, 2, 4] {
        let mut world = World::settled(0, 4, desired).with_target_group();
        let ids = world.in_state(L::InService);
        fail(&mut world, &ids);
        world.new_ones_answer = false;
        let share = usize::try_from(desired).unwrap().div_ceil(2);
        for _ in 0..600 {
            world.run(1);
            assert!(world.serving() >= 1);
            assert!(world.serving() + share >= usize::try_from(desired).unwrap(), "more than a zone's share is out");
        }
        assert!(world.ordered_at.len() <= 20, "{desired}: {}", world.ordered_at.len());
        let held: Vec<&String> = world.decisions.iter().map(|decision| &decision.why).collect();
        assert!(held.iter().any(|why| why.contains("unhealthy")), "{held:?}");
        // The application is repaired: those that still serve stay.
        world.new_ones_answer = true;
        for instance in world.instances.values_mut() {
            instance.answers = true;
        }
        world.run(60);
        let ordered = world.ordered_at.len();
        world.run(120);
        assert_eq!(world.serving(), usize::try_from(desired).unwrap());
        assert_eq!(world.ordered_at.len(), ordered);
    }
}

#[test]
fn a_policy_of_a_hundred_per_cent_launches_first() {
    let mut world = World::settled(0, 4, 2).with_target_group();
    let policy = MaintenancePolicy { minimum_healthy_percentage: 100, maximum_healthy_percentage: 110 };
    world.group.maintenance_policy = Some(policy);
    let id = world.in_state(L::InService)[0].clone();
    fail(&mut world, std::slice::from_ref(&id));
    world.run(1);
    assert_eq!(world.group.members[&id].lifecycle, L::InService);
    assert_eq!(world.group.counting().count(), 3);
    for _ in 0..100 {
        world.run(1);
        assert!(world.serving() >= 2);
    }
    assert!(!world.group.members.contains_key(&id));
    assert_eq!(world.group.counting().count(), 2);
    assert_eq!(world.ordered_at.len(), 3);
}

#[test]
fn suspended_processes_keep_unhealthy_members_or_their_replacements_away() {
    let sick = |world: &mut World| {
        let id = world.in_state(L::InService)[0].clone();
        let unhealthy = Unhealthy { at: world.now, cause: UnhealthyCause::UserRequest };
        world.group.members.get_mut(&id).unwrap().unhealthy = Some(unhealthy);
        id
    };
    // Suspended; whether the member goes; members that count afterwards.
    let table = [
        (None, true, 2),
        (Some(Process::ReplaceUnhealthy), false, 2),
        (Some(Process::Terminate), false, 2),
        (Some(Process::Launch), true, 1),
        (Some(Process::HealthCheck), true, 2),
    ];
    for (process, goes, counting) in table {
        let mut world = World::settled(0, 4, 2);
        if let Some(process) = process {
            world.group.suspended.insert(process, "User suspended".into());
        }
        let id = sick(&mut world);
        world.run(20);
        assert_eq!(!world.group.members.contains_key(&id), goes, "{process:?}");
        assert_eq!(world.group.counting().count(), counting, "{process:?}");
        world.group.suspended.clear();
        world.run(20);
        assert!(!world.group.members.contains_key(&id));
        assert_eq!(world.serving(), 2);
    }
    let mut world = World::settled(0, 4, 2);
    world.group.suspended.insert(Process::HealthCheck, "User suspended".into());
    let id = world.in_state(L::InService)[0].clone();
    world.change(&id, I::Stopped);
    world.run(20);
    assert_eq!(world.group.members[&id].lifecycle, L::InService, "nobody looked");
}
