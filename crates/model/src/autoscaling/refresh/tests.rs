//! Refreshes in virtual time, together with the decider of the fleet that carries them out. What the fleet does with
//! hooks, draining and zones is tested where it lives.

mod world;

use super::*;
use crate::autoscaling::instance_refresh::{ProtectedInstances, RefreshPreferences, StandbyInstances};
use world::{World, template};

fn preferences(minimum: u32, maximum: u32) -> RefreshPreferences {
    RefreshPreferences {
        minimum_healthy_percentage: Some(minimum),
        maximum_healthy_percentage: Some(maximum),
        instance_warmup_seconds: Some(60),
        ..RefreshPreferences::default()
    }
}

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

#[test]
fn the_checkpoint_timeline_of_the_user_guide() {
    let mut world = World::new(10);
    world.boot_seconds = 0;
    world.start(RefreshPreferences {
        instance_warmup_seconds: Some(600),
        checkpoint_percentages: vec![20, 50],
        checkpoint_delay_seconds: Some(900),
        ..preferences(80, 100)
    });
    world.run_until_over(2 * HOUR);
    let minutes: Vec<u64> = world.terminated_at.iter().map(|seconds| (seconds + 15) / MINUTE).collect();
    assert_eq!(minutes, [0, 0, 25, 25, 35], "{:?}", world.terminated_at);
    assert_eq!(world.seconds() / MINUTE, 45);
    assert_eq!(world.refresh.status, RefreshStatus::Successful);
    assert_eq!((world.refresh.progress().percentage(), world.refresh.progress().to_update), (50, 5));
    assert_eq!(world.group.launch, template("2"), "the desired configuration is the group's from now on");
}

#[test]
fn a_checkpoint_that_a_small_group_jumps_over_is_not_waited_for() {
    let mut world = World::new(2);
    world.start(RefreshPreferences {
        checkpoint_percentages: vec![10, 40, 100],
        checkpoint_delay_seconds: Some(900),
        ..preferences(50, 100)
    });
    world.run_until_over(2 * HOUR);
    assert_eq!(world.refresh.status, RefreshStatus::Successful);
    assert!(world.seconds() < 20 * MINUTE, "one wait only, not two: {}", world.seconds());
    let reached = world.decisions.iter().filter(|d| d.why.contains("reached its checkpoint")).count();
    assert_eq!(reached, 2, "40 and 100");
}

#[test]
fn floors_and_batches() {
    // (instances, min, max, fewest healthy, most members, most terminated in the first moment)
    let cases = [
        (4, 75, 100, 3, 4, 1),
        (4, 90, 100, 3, 4, 1),
        (4, 100, 100, 3, 4, 1),
        (4, 100, 110, 4, 5, 0),
        (10, 90, 110, 9, 11, 1),
        (10, 80, 100, 8, 10, 2),
        (10, 0, 100, 0, 10, 10),
        (1, 90, 100, 0, 1, 1),
        (1, 100, 200, 1, 2, 0),
        (3, 100, 200, 3, 6, 0),
    ];
    for (instances, minimum, maximum, fewest, most, at_once) in cases {
        let mut world = World::new(instances);
        world.start(preferences(minimum, maximum));
        world.run_until_over(6 * HOUR);
        let case = format!("{instances} instances, {minimum} to {maximum} %");
        assert_eq!(world.refresh.status, RefreshStatus::Successful, "{case}: {:?}", world.refresh);
        assert!(world.members_of("1").is_empty(), "{case}");
        assert_eq!((world.fewest_healthy, world.most_members), (fewest, most), "{case}");
        let first = world.terminated_at.iter().filter(|seconds| **seconds == 0).count();
        assert_eq!(first, at_once, "{case}");
    }
}

#[test]
fn the_maintenance_policy_stands_in_for_percentages_that_were_not_given() {
    let policy = crate::autoscaling::group::MaintenancePolicy {
        minimum_healthy_percentage: 100,
        maximum_healthy_percentage: 150,
    };
    let mut world = World::new(4);
    world.group.maintenance_policy = Some(policy);
    world.start(RefreshPreferences { instance_warmup_seconds: Some(60), ..RefreshPreferences::default() });
    world.run_until_over(HOUR);
    assert_eq!((world.fewest_healthy, world.most_members), (4, 6));
    let own_minimum = RefreshPreferences { minimum_healthy_percentage: Some(50), ..RefreshPreferences::default() };
    assert_eq!(own_minimum.healthy_percentages(&world.group), (50, 100));
}

#[test]
fn warm_up_is_waited_for_and_told() {
    let mut world = World::new(2);
    world.start(RefreshPreferences { instance_warmup_seconds: Some(300), ..preferences(50, 100) });
    world.run(2 * MINUTE);
    let id = world.members_of("2")[0].clone();
    let expected = format!("Waiting for instances to warm up before continuing. For example: {id} is warming up.");
    assert_eq!(world.refresh.status_reason.as_deref(), Some(expected.as_str()));
    assert_eq!((world.refresh.progress().percentage(), world.refresh.progress().to_update), (0, 2));
    world.run(5 * MINUTE);
    assert_eq!((world.refresh.progress().percentage(), world.refresh.progress().to_update), (50, 1));
}

#[test]
fn instances_that_served_before_the_refresh_need_no_warm_up() {
    let mut world = World::new(2);
    let now = world.now;
    world.group.members.values_mut().for_each(|member| member.in_service_at = Some(now));
    world.start(RefreshPreferences { instance_warmup_seconds: Some(1800), ..preferences(50, 100) });
    world.run(2 * MINUTE);
    assert_eq!(world.terminated_at.len(), 1, "the first goes at once");
    world.run(20 * MINUTE);
    assert_eq!(world.terminated_at.len(), 1, "the second waits for the warm-up of the new one");
    world.run_until_over(2 * HOUR);
    assert_eq!(world.refresh.status, RefreshStatus::Successful);
}

#[test]
fn a_bad_version_is_rolled_back_by_itself() {
    for (minimum, maximum) in [(75, 100), (100, 125), (0, 100)] {
        let mut world = World::new(4);
        world.bad_versions.push(2);
        world.start(RefreshPreferences { auto_rollback: true, ..preferences(minimum, maximum) });
        world.run_until_over(3 * HOUR);
        let refresh = &world.refresh;
        assert_eq!(refresh.status, RefreshStatus::RollbackSuccessful, "{:?}", refresh.status_reason);
        assert!(world.seconds() < 30 * MINUTE, "{}", world.seconds());
        assert_eq!(world.members_of("1").len(), 4, "{minimum} %");
        assert_eq!(world.group.launch, template("1"));
        assert!(world.fewest_healthy >= 4 * minimum / 100, "{minimum} %: {}", world.fewest_healthy);
        assert!(refresh.rollback.as_ref().unwrap().reason.contains("in a row became unhealthy"));
    }
}

#[test]
fn without_automatic_rollback_a_bad_version_fails_and_the_group_keeps_its_configuration() {
    let mut world = World::new(4);
    world.bad_versions.push(2);
    world.start(preferences(75, 100));
    world.run_until_over(3 * HOUR);
    assert_eq!(world.refresh.status, RefreshStatus::Failed);
    assert_eq!(world.group.launch, template("1"));
}

#[test]
fn failed_launches_in_a_row_are_a_bad_version_too() {
    let mut world = World::new(4);
    world.unlaunchable_versions.push(2);
    world.start(RefreshPreferences { auto_rollback: true, ..preferences(75, 100) });
    world.run_until_over(3 * HOUR);
    assert_eq!(world.refresh.status, RefreshStatus::RollbackSuccessful, "{:?}", world.refresh.status_reason);
    assert!(world.refresh.rollback.as_ref().unwrap().reason.contains("launches in a row failed"));
    assert_eq!(world.members_of("1").len(), 4);
}

#[test]
fn one_instance_that_dies_now_and_then_does_not_fail_a_refresh() {
    let mut world = World::new(8);
    world.start(preferences(75, 100));
    for _ in 0..4 {
        world.run(3 * MINUTE);
        world.kill_newest();
    }
    world.run_until_over(6 * HOUR);
    assert_eq!(world.refresh.status, RefreshStatus::Successful, "{:?}", world.refresh.status_reason);
}

#[test]
fn a_cancelled_refresh_ends_what_is_under_way_and_leaves_what_was_replaced() {
    for (wait, replaced) in [(true, 2), (false, 2)] {
        let mut world = World::new(4);
        world.start(preferences(75, 100));
        // The first is replaced, the second one's replacement is on its way.
        world.run_until(HOUR, |world| world.terminated_at.len() == 2);
        world.refresh.cancel(wait);
        world.run(1);
        let expected = if wait { RefreshStatus::Cancelling } else { RefreshStatus::Cancelled };
        assert_eq!(world.refresh.status, expected);
        world.run_until_over(HOUR);
        assert_eq!(world.refresh.status, RefreshStatus::Cancelled);
        world.run(HOUR);
        assert_eq!(world.group.launch, template("1"));
        assert_eq!(
            (world.members_of("1").len() + world.members_of("2").len(), world.terminated_at.len()),
            (4, replaced)
        );
    }
}

#[test]
fn a_rollback_that_is_asked_for_puts_everything_back() {
    let mut world = World::new(4);
    world.start(preferences(75, 100));
    world.run_until(HOUR, |world| world.members_of("2").len() == 3);
    world.refresh.roll_back("asked for".to_owned(), world.now);
    world.run_until_over(HOUR);
    assert_eq!(world.refresh.status, RefreshStatus::RollbackSuccessful);
    assert_eq!((world.members_of("1").len(), world.members_of("2").len()), (4, 0));
    assert!(world.fewest_healthy >= 3);
    let rollback = world.refresh.rollback.as_ref().unwrap();
    assert_eq!((rollback.live.total, rollback.live.to_update), (4, 2));
    assert_eq!(world.refresh.progress().percentage(), 100);
}

#[test]
fn a_rollback_puts_back_new_members_also_when_they_are_protected() {
    use ProtectedInstances::{Ignore, Refresh, Wait};
    for protected in [Wait, Ignore, Refresh] {
        let mut world = World::new(3);
        world.group.new_instances_protected = true;
        world.start(RefreshPreferences { protected, ..preferences(50, 100) });
        world.run_until(HOUR, |world| world.members_of("2").len() == 2);
        assert!(world.group.members.values().filter(|member| member.protected).count() >= 2, "{protected:?}");
        world.refresh.roll_back("asked for".to_owned(), world.now);
        world.run_until_over(HOUR);
        assert_eq!(world.refresh.status, RefreshStatus::RollbackSuccessful, "{protected:?}");
        assert_eq!((world.members_of("1").len(), world.members_of("2").len()), (3, 0), "{protected:?}");
    }
}

#[test]
fn protected_new_members_are_waited_for_where_protected_ones_are_left() {
    let mut world = World::new(4);
    world.group.new_instances_protected = true;
    world.start(RefreshPreferences { protected: ProtectedInstances::Ignore, ..preferences(75, 100) });
    world.run_until_over(HOUR);
    assert_eq!((world.refresh.status, world.members_of("2").len()), (RefreshStatus::Successful, 4));
    assert!(world.fewest_healthy >= 3, "{}", world.fewest_healthy);
}

#[test]
fn a_pending_refresh_can_be_cancelled_and_rolled_back() {
    for (status, expected) in [
        (RefreshStatus::Cancelling, RefreshStatus::Cancelled),
        (RefreshStatus::RollbackInProgress, RefreshStatus::RollbackSuccessful),
    ] {
        let mut world = World::new(2);
        world.start(preferences(50, 100));
        match status == RefreshStatus::Cancelling {
            true => world.refresh.cancel(true),
            false => world.refresh.roll_back("asked for".to_owned(), world.now),
        }
        world.run(5);
        assert_eq!(world.refresh.status, expected);
        assert!(world.terminated_at.is_empty());
    }
}

#[test]
fn an_alarm_fails_a_refresh_also_while_it_bakes() {
    for baking in [false, true] {
        let mut world = World::new(2);
        world.alarms.insert("errors".to_owned(), StateValue::InsufficientData);
        world.start(RefreshPreferences {
            alarms: vec!["errors".to_owned()],
            bake_seconds: Some(1800),
            auto_rollback: true,
            ..preferences(50, 100)
        });
        let status = if baking { RefreshStatus::Baking } else { RefreshStatus::InProgress };
        world.run_until(HOUR, |world| world.refresh.status == status && !world.terminated_at.is_empty());
        let soon = world.now.plus(Duration::from_secs(10));
        assert!(world.decide().next.is_some_and(|next| next <= soon), "alarms are looked at again");
        world.alarms.insert("errors".to_owned(), StateValue::Alarm);
        world.run_until_over(HOUR);
        assert_eq!(world.refresh.status, RefreshStatus::RollbackSuccessful);
        assert_eq!(world.members_of("1").len(), 2);
        assert_eq!(world.refresh.rollback.as_ref().unwrap().reason, "The alarm errors is in state ALARM.");
    }
}

#[test]
fn baking_ends_in_success_after_its_time() {
    let mut world = World::new(2);
    world.start(RefreshPreferences { bake_seconds: Some(1800), ..preferences(0, 100) });
    world.run_until(HOUR, |world| world.refresh.status == RefreshStatus::Baking);
    let began = world.seconds();
    assert_eq!(world.group.launch, template("1"), "only success makes the configuration the group's");
    world.run_until_over(HOUR);
    assert_eq!(world.refresh.status, RefreshStatus::Successful);
    assert!((1795..=1810).contains(&(world.seconds() - began)));
}

#[test]
fn matching_instances_are_skipped() {
    let mut world = World::new(4);
    world.set_version(0, 2);
    world.set_version(2, 2);
    let kept = world.members_of("2");
    world.start(RefreshPreferences { skip_matching: true, ..preferences(50, 100) });
    world.run_until_over(HOUR);
    assert_eq!((world.refresh.status, world.terminated_at.len()), (RefreshStatus::Successful, 2));
    assert!(kept.iter().all(|id| world.members_of("2").contains(id)));

    let mut all_match = World::new(2);
    all_match.set_version(0, 2);
    all_match.set_version(1, 2);
    all_match.start(RefreshPreferences { skip_matching: true, ..preferences(50, 100) });
    all_match.run(5);
    assert_eq!(all_match.refresh.status, RefreshStatus::Successful);
    assert_eq!(all_match.refresh.progress().percentage(), 100);
}

#[test]
fn protected_instances_are_waited_for_or_left_or_replaced() {
    let cases = [
        (ProtectedInstances::Wait, RefreshStatus::Failed, 1),
        (ProtectedInstances::Ignore, RefreshStatus::Successful, 1),
        (ProtectedInstances::Refresh, RefreshStatus::Successful, 0),
    ];
    for (protected, status, left) in cases {
        let mut world = World::new(3);
        world.protect(0);
        world.start(RefreshPreferences { protected, ..preferences(50, 100) });
        world.run_until_over(3 * HOUR);
        assert_eq!((world.refresh.status, world.members_of("1").len()), (status, left), "{protected:?}");
    }
    let mut freed = World::new(3);
    freed.protect(0);
    freed.start(preferences(50, 100));
    freed.run(30 * MINUTE);
    assert!(freed.refresh.status_reason.as_ref().unwrap().contains("scale-in protection"));
    freed.unprotect_all();
    freed.run_until_over(HOUR);
    assert_eq!(freed.refresh.status, RefreshStatus::Successful);
}

#[test]
fn instances_in_standby_are_waited_for_or_left_or_terminated() {
    let cases = [
        (StandbyInstances::Wait, RefreshStatus::Failed, 1),
        (StandbyInstances::Ignore, RefreshStatus::Successful, 1),
        (StandbyInstances::Terminate, RefreshStatus::Successful, 0),
    ];
    for (standby, status, left) in cases {
        let mut world = World::new(3);
        world.stand_by(0);
        world.start(RefreshPreferences { standby, ..preferences(50, 100) });
        world.run_until_over(3 * HOUR);
        assert_eq!((world.refresh.status, world.members_of("1").len()), (status, left), "{standby:?}");
    }
}

#[test]
fn a_suspended_refresh_waits_an_hour_and_fails() {
    let mut world = World::new(2);
    world.group.suspended.insert(Process::InstanceRefresh, "User suspended at …".to_owned());
    world.start(preferences(50, 100));
    world.run(30 * MINUTE);
    assert_eq!((world.refresh.status, world.terminated_at.len()), (RefreshStatus::InProgress, 0));
    world.run_until_over(2 * HOUR);
    assert_eq!(world.refresh.status, RefreshStatus::Failed);
    assert_eq!(world.seconds() / MINUTE, 60);
}

#[test]
fn a_load_balancers_opinion_counts_only_where_the_group_asks_for_it() {
    for (elb, status) in [(true, RefreshStatus::Failed), (false, RefreshStatus::Successful)] {
        let mut world = World::new(2);
        world.group.elb_health_check = elb;
        // Never healthy in the target group, though nobody marks them unhealthy: only waiting is right.
        world.stuck_versions.push(2);
        world.start(preferences(50, 100));
        world.run_until_over(3 * HOUR);
        assert_eq!(world.refresh.status, status, "ELB health check: {elb}");
    }
}

#[test]
fn a_configuration_that_does_not_exist_fails_at_once() {
    let mut world = World::new(2);
    world.desired_problem = Some("version 2 does not exist".to_owned());
    world.start(preferences(50, 100));
    world.run(1);
    assert_eq!(world.refresh.status, RefreshStatus::Failed);
    assert_eq!(world.refresh.status_reason.as_deref(), Some("version 2 does not exist"));
}

#[test]
fn two_weeks_are_the_most() {
    let mut world = World::new(2);
    world.start(RefreshPreferences {
        checkpoint_percentages: (1..=20).map(|p| p * 5).collect(),
        checkpoint_delay_seconds: Some(172_800),
        ..preferences(50, 100)
    });
    world.run(MINUTE);
    world.now = world.now.plus(MAXIMUM_DURATION);
    world.run(1);
    assert_eq!(world.refresh.status, RefreshStatus::Failed);
}

#[test]
fn a_group_that_grows_and_shrinks_meanwhile_is_refreshed_all_the_same() {
    for desired in [7, 2] {
        let mut world = World::new(4);
        world.start(preferences(75, 100));
        world.run_until(HOUR, |world| world.terminated_at.len() == 1);
        world.group.desired = desired;
        world.run_until_over(3 * HOUR);
        assert_eq!(world.refresh.status, RefreshStatus::Successful);
        assert_eq!((world.members_of("1").len(), world.members_of("2").len()), (0, desired as usize));
    }
}

#[test]
fn an_empty_group_is_done_at_once_and_has_the_new_configuration() {
    let mut world = World::new(0);
    world.start(preferences(90, 100));
    world.run(1);
    assert_eq!(world.refresh.status, RefreshStatus::Successful);
    assert_eq!(world.group.launch, template("2"));
}

#[test]
fn zones_take_turns() {
    let mut world = World::new(4);
    world.start(preferences(50, 100));
    let first = world.decide();
    let zone = |i: usize| world.group.members[&first.orders.replace[i].instance].zone.clone();
    assert_eq!(first.orders.replace.len(), 2);
    assert_ne!(zone(0), zone(1));
}
