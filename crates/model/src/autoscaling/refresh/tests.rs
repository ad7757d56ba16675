//! Refreshes in virtual time: the decider drives a toy fleet that keeps floor and ceiling and knows good and bad
//! versions. What the real fleet does with hooks, draining and zones is tested where it lives.

mod toy;

use super::*;
use crate::autoscaling::instance_refresh::{ProtectedInstances, RefreshPreferences, StandbyInstances};
use toy::{Toy, template};

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
    let mut toy = Toy::new(10);
    toy.boot_seconds = 0;
    toy.start(RefreshPreferences {
        instance_warmup_seconds: Some(600),
        checkpoint_percentages: vec![20, 50],
        checkpoint_delay_seconds: Some(900),
        ..preferences(80, 100)
    });
    toy.run_until_over(2 * HOUR);
    let minutes: Vec<u64> = toy.terminated_at.iter().map(|seconds| (seconds + 15) / MINUTE).collect();
    assert_eq!(minutes, [0, 0, 25, 25, 35], "{:?}", toy.terminated_at);
    assert_eq!(toy.seconds() / MINUTE, 45);
    assert_eq!(toy.refresh.status, RefreshStatus::Successful);
    assert_eq!((toy.refresh.progress().percentage(), toy.refresh.progress().to_update), (50, 5));
    assert_eq!(toy.group.launch, template("2"), "the desired configuration is the group's from now on");
}

#[test]
fn a_checkpoint_that_a_small_group_jumps_over_is_not_waited_for() {
    let mut toy = Toy::new(2);
    toy.start(RefreshPreferences {
        checkpoint_percentages: vec![10, 40, 100],
        checkpoint_delay_seconds: Some(900),
        ..preferences(50, 100)
    });
    toy.run_until_over(2 * HOUR);
    assert_eq!(toy.refresh.status, RefreshStatus::Successful);
    assert!(toy.seconds() < 20 * MINUTE, "one wait only, not two: {}", toy.seconds());
    let reached = toy.decisions.iter().filter(|d| d.why.contains("reached its checkpoint")).count();
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
        let mut toy = Toy::new(instances);
        toy.start(preferences(minimum, maximum));
        toy.run_until_over(6 * HOUR);
        let case = format!("{instances} instances, {minimum} to {maximum} %");
        assert_eq!(toy.refresh.status, RefreshStatus::Successful, "{case}: {:?}", toy.refresh);
        assert!(toy.members_of("1").is_empty(), "{case}");
        assert_eq!((toy.fewest_healthy, toy.most_members), (fewest, most), "{case}");
        let first = toy.terminated_at.iter().filter(|seconds| **seconds == 0).count();
        assert_eq!(first, at_once, "{case}");
    }
}

#[test]
fn the_maintenance_policy_stands_in_for_percentages_that_were_not_given() {
    let policy = crate::autoscaling::group::MaintenancePolicy {
        minimum_healthy_percentage: 100,
        maximum_healthy_percentage: 150,
    };
    let mut toy = Toy::new(4);
    toy.group.maintenance_policy = Some(policy);
    toy.start(RefreshPreferences { instance_warmup_seconds: Some(60), ..RefreshPreferences::default() });
    toy.run_until_over(HOUR);
    assert_eq!((toy.fewest_healthy, toy.most_members), (4, 6));
    let own_minimum = RefreshPreferences { minimum_healthy_percentage: Some(50), ..RefreshPreferences::default() };
    assert_eq!(own_minimum.healthy_percentages(&toy.group), (50, 100));
}

#[test]
fn warm_up_is_waited_for_and_told() {
    let mut toy = Toy::new(2);
    toy.start(RefreshPreferences { instance_warmup_seconds: Some(300), ..preferences(50, 100) });
    toy.run(2 * MINUTE);
    let id = toy.members_of("2")[0].clone();
    let expected = format!("Waiting for instances to warm up before continuing. For example: {id} is warming up.");
    assert_eq!(toy.refresh.status_reason.as_deref(), Some(expected.as_str()));
    assert_eq!((toy.refresh.progress().percentage(), toy.refresh.progress().to_update), (0, 2));
    toy.run(5 * MINUTE);
    assert_eq!((toy.refresh.progress().percentage(), toy.refresh.progress().to_update), (50, 1));
}

#[test]
fn a_bad_version_is_rolled_back_by_itself() {
    for (minimum, maximum) in [(75, 100), (100, 125), (0, 100)] {
        let mut toy = Toy::new(4);
        toy.bad_versions.push(2);
        toy.start(RefreshPreferences { auto_rollback: true, ..preferences(minimum, maximum) });
        toy.run_until_over(3 * HOUR);
        let refresh = &toy.refresh;
        assert_eq!(refresh.status, RefreshStatus::RollbackSuccessful, "{:?}", refresh.status_reason);
        assert!(toy.seconds() < 30 * MINUTE, "{}", toy.seconds());
        assert_eq!(toy.members_of("1").len(), 4, "{minimum} %");
        assert_eq!(toy.group.launch, template("1"));
        assert!(toy.fewest_healthy >= 4 * minimum / 100, "{minimum} %: {}", toy.fewest_healthy);
        assert!(refresh.rollback.as_ref().unwrap().reason.contains("in a row became unhealthy"));
    }
}

#[test]
fn without_automatic_rollback_a_bad_version_fails_and_the_group_keeps_its_configuration() {
    let mut toy = Toy::new(4);
    toy.bad_versions.push(2);
    toy.start(preferences(75, 100));
    toy.run_until_over(3 * HOUR);
    assert_eq!(toy.refresh.status, RefreshStatus::Failed);
    assert_eq!(toy.group.launch, template("1"));
}

#[test]
fn failed_launches_in_a_row_are_a_bad_version_too() {
    let mut toy = Toy::new(4);
    toy.unlaunchable_versions.push(2);
    toy.start(RefreshPreferences { auto_rollback: true, ..preferences(75, 100) });
    toy.run_until_over(3 * HOUR);
    assert_eq!(toy.refresh.status, RefreshStatus::RollbackSuccessful, "{:?}", toy.refresh.status_reason);
    assert!(toy.refresh.rollback.as_ref().unwrap().reason.contains("launches in a row failed"));
    assert_eq!(toy.members_of("1").len(), 4);
}

#[test]
fn one_instance_that_dies_now_and_then_does_not_fail_a_refresh() {
    let mut toy = Toy::new(8);
    toy.start(preferences(75, 100));
    for _ in 0..4 {
        toy.run(3 * MINUTE);
        toy.kill_newest();
    }
    toy.run_until_over(6 * HOUR);
    assert_eq!(toy.refresh.status, RefreshStatus::Successful, "{:?}", toy.refresh.status_reason);
}

#[test]
fn a_cancelled_refresh_ends_what_is_under_way_and_leaves_what_was_replaced() {
    for (wait, replaced) in [(true, 2), (false, 2)] {
        let mut toy = Toy::new(4);
        toy.start(preferences(75, 100));
        // The first is replaced, the second one's replacement is on its way.
        toy.run_until(HOUR, |toy| toy.terminated_at.len() == 2);
        toy.refresh.cancel(wait);
        toy.run(1);
        let expected = if wait { RefreshStatus::Cancelling } else { RefreshStatus::Cancelled };
        assert_eq!(toy.refresh.status, expected);
        toy.run_until_over(HOUR);
        assert_eq!(toy.refresh.status, RefreshStatus::Cancelled);
        toy.run(HOUR);
        assert_eq!(toy.group.launch, template("1"));
        assert_eq!((toy.members_of("1").len() + toy.members_of("2").len(), toy.terminated_at.len()), (4, replaced));
    }
}

#[test]
fn a_rollback_that_is_asked_for_puts_everything_back() {
    let mut toy = Toy::new(4);
    toy.start(preferences(75, 100));
    toy.run_until(HOUR, |toy| toy.members_of("2").len() == 3);
    toy.refresh.roll_back("asked for".to_owned(), toy.now);
    toy.run_until_over(HOUR);
    assert_eq!(toy.refresh.status, RefreshStatus::RollbackSuccessful);
    assert_eq!((toy.members_of("1").len(), toy.members_of("2").len()), (4, 0));
    assert!(toy.fewest_healthy >= 3);
    let rollback = toy.refresh.rollback.as_ref().unwrap();
    assert_eq!((rollback.live.total, rollback.live.to_update), (4, 2));
    assert_eq!(toy.refresh.progress().percentage(), 100);
}

#[test]
fn a_pending_refresh_can_be_cancelled_and_rolled_back() {
    for (status, expected) in [
        (RefreshStatus::Cancelling, RefreshStatus::Cancelled),
        (RefreshStatus::RollbackInProgress, RefreshStatus::RollbackSuccessful),
    ] {
        let mut toy = Toy::new(2);
        toy.start(preferences(50, 100));
        match status == RefreshStatus::Cancelling {
            true => toy.refresh.cancel(true),
            false => toy.refresh.roll_back("asked for".to_owned(), toy.now),
        }
        toy.run(5);
        assert_eq!(toy.refresh.status, expected);
        assert!(toy.terminated_at.is_empty());
    }
}

#[test]
fn an_alarm_fails_a_refresh_also_while_it_bakes() {
    for baking in [false, true] {
        let mut toy = Toy::new(2);
        toy.alarms.insert("errors".to_owned(), StateValue::InsufficientData);
        toy.start(RefreshPreferences {
            alarms: vec!["errors".to_owned()],
            bake_seconds: Some(1800),
            auto_rollback: true,
            ..preferences(50, 100)
        });
        let status = if baking { RefreshStatus::Baking } else { RefreshStatus::InProgress };
        toy.run_until(HOUR, |toy| toy.refresh.status == status && !toy.terminated_at.is_empty());
        toy.alarms.insert("errors".to_owned(), StateValue::Alarm);
        toy.run_until_over(HOUR);
        assert_eq!(toy.refresh.status, RefreshStatus::RollbackSuccessful);
        assert_eq!(toy.members_of("1").len(), 2);
        assert_eq!(toy.refresh.rollback.as_ref().unwrap().reason, "The alarm errors is in state ALARM.");
    }
}

#[test]
fn baking_ends_in_success_after_its_time() {
    let mut toy = Toy::new(2);
    toy.start(RefreshPreferences { bake_seconds: Some(1800), ..preferences(0, 100) });
    toy.run_until(HOUR, |toy| toy.refresh.status == RefreshStatus::Baking);
    let began = toy.seconds();
    assert_eq!(toy.group.launch, template("1"), "only success makes the configuration the group's");
    toy.run_until_over(HOUR);
    assert_eq!(toy.refresh.status, RefreshStatus::Successful);
    assert!((1795..=1810).contains(&(toy.seconds() - began)));
}

#[test]
fn matching_instances_are_skipped() {
    let mut toy = Toy::new(4);
    toy.set_version(0, 2);
    toy.set_version(2, 2);
    let kept = toy.members_of("2");
    toy.start(RefreshPreferences { skip_matching: true, ..preferences(50, 100) });
    toy.run_until_over(HOUR);
    assert_eq!((toy.refresh.status, toy.terminated_at.len()), (RefreshStatus::Successful, 2));
    assert!(kept.iter().all(|id| toy.members_of("2").contains(id)));

    let mut all_match = Toy::new(2);
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
        let mut toy = Toy::new(3);
        toy.protect(0);
        toy.start(RefreshPreferences { protected, ..preferences(50, 100) });
        toy.run_until_over(3 * HOUR);
        assert_eq!((toy.refresh.status, toy.members_of("1").len()), (status, left), "{protected:?}");
    }
    let mut freed = Toy::new(3);
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
        let mut toy = Toy::new(3);
        toy.stand_by(0);
        toy.start(RefreshPreferences { standby, ..preferences(50, 100) });
        toy.run_until_over(3 * HOUR);
        assert_eq!((toy.refresh.status, toy.members_of("1").len()), (status, left), "{standby:?}");
    }
}

#[test]
fn a_suspended_refresh_waits_an_hour_and_fails() {
    let mut toy = Toy::new(2);
    toy.group.suspended.insert(Process::InstanceRefresh, "User suspended at …".to_owned());
    toy.start(preferences(50, 100));
    toy.run(30 * MINUTE);
    assert_eq!((toy.refresh.status, toy.terminated_at.len()), (RefreshStatus::InProgress, 0));
    toy.run_until_over(2 * HOUR);
    assert_eq!(toy.refresh.status, RefreshStatus::Failed);
    assert_eq!(toy.seconds() / MINUTE, 60);
}

#[test]
fn a_load_balancers_opinion_counts_only_where_the_group_asks_for_it() {
    for (elb, status) in [(true, RefreshStatus::Failed), (false, RefreshStatus::Successful)] {
        let mut toy = Toy::new(2);
        toy.group.elb_health_check = elb;
        // Never healthy in the target group, though nobody marks them unhealthy: only waiting is right.
        toy.stuck_versions.push(2);
        toy.start(preferences(50, 100));
        toy.run_until_over(3 * HOUR);
        assert_eq!(toy.refresh.status, status, "ELB health check: {elb}");
    }
}

#[test]
fn a_configuration_that_does_not_exist_fails_at_once() {
    let mut toy = Toy::new(2);
    toy.desired_problem = Some("version 2 does not exist".to_owned());
    toy.start(preferences(50, 100));
    toy.run(1);
    assert_eq!(toy.refresh.status, RefreshStatus::Failed);
    assert_eq!(toy.refresh.status_reason.as_deref(), Some("version 2 does not exist"));
}

#[test]
fn two_weeks_are_the_most() {
    let mut toy = Toy::new(2);
    toy.start(RefreshPreferences {
        checkpoint_percentages: (1..=20).map(|p| p * 5).collect(),
        checkpoint_delay_seconds: Some(172_800),
        ..preferences(50, 100)
    });
    toy.run(MINUTE);
    toy.now = toy.now.plus(MAXIMUM_DURATION);
    toy.run(1);
    assert_eq!(toy.refresh.status, RefreshStatus::Failed);
}

#[test]
fn a_group_that_grows_and_shrinks_meanwhile_is_refreshed_all_the_same() {
    for desired in [7, 2] {
        let mut toy = Toy::new(4);
        toy.start(preferences(75, 100));
        toy.run_until(HOUR, |toy| toy.terminated_at.len() == 1);
        toy.group.desired = desired;
        toy.run_until_over(3 * HOUR);
        assert_eq!(toy.refresh.status, RefreshStatus::Successful);
        assert_eq!((toy.members_of("1").len(), toy.members_of("2").len()), (0, desired as usize));
    }
}

#[test]
fn an_empty_group_is_done_at_once_and_has_the_new_configuration() {
    let mut toy = Toy::new(0);
    toy.start(preferences(90, 100));
    toy.run(1);
    assert_eq!(toy.refresh.status, RefreshStatus::Successful);
    assert_eq!(toy.group.launch, template("2"));
}

#[test]
fn zones_take_turns() {
    let mut toy = Toy::new(4);
    toy.start(preferences(50, 100));
    let first = toy.decide();
    let zone = |i: usize| toy.group.members[&first.orders.replace[i].instance].zone.clone();
    assert_eq!(first.orders.replace.len(), 2);
    assert_ne!(zone(0), zone(1));
}
