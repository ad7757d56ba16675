//! Launches that were ordered: what became of them, and when the next one may be tried.
//!
//! A launch that fails is tried again after 1, 2, 4 … minutes, at most ten minutes later; another zone is tried first.
//! Instances that end before they enter service are failed launches too, so that a broken image or user data cannot
//! cost more than 20 launches an hour. After a day of failures only, launching is suspended as AWS does.

use super::{
    LaunchOrder, Notice,
    activities::{LAUNCHING, end},
    step::{Step, size},
};
use crate::{
    Timestamp,
    autoscaling::{
        activity::{ActivityStatus, ScalingActivity, cause_time},
        decision::Outcome,
        group::{AutoScalingGroup, LaunchFailures, LaunchedFrom, ZoneDistribution},
        member::{GroupInstance, LifecycleState},
        notification,
        process::Process,
    },
    ec2::instance::Instance,
};
use std::{collections::BTreeSet, time::Duration};

/// Instances that are started at the same time at the most; the next ones are ordered when these run.
pub(super) const MAXIMUM_STARTING: u32 = 10;
/// The first pause after a failed launch; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause after a failed launch.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// Launches that failed for so long, without one that worked, are suspended (Auto Scaling user guide, administrative
/// suspension).
const SUSPENDED_AFTER: Duration = Duration::from_secs(24 * 3600);

/// The instance was made: it is a member from now on.
pub fn launched(
    group: &mut AutoScalingGroup,
    order: LaunchOrder,
    instance: &Instance,
    from: LaunchedFrom,
    now: Timestamp,
) -> ScalingActivity {
    let LaunchOrder { zone, subnet, warm, mut activity } = order;
    activity.description = format!("{LAUNCHING}: {}", instance.id);
    (activity.status, activity.progress) = (ActivityStatus::PreInService, 30);
    let member = GroupInstance {
        instance_id: instance.id.clone(),
        zone,
        subnet_id: subnet,
        instance_type: instance.instance_type.clone(),
        launched_from: from,
        lifecycle: if warm { LifecycleState::WarmedPending } else { LifecycleState::Pending },
        since: now,
        joined_at: now,
        in_service_at: None,
        unhealthy: None,
        impaired_since: None,
        protected: group.new_instances_protected,
        hook: None,
        hooks_done: Vec::new(),
        departure: None,
        activity: Some(activity.id.clone()),
    };
    group.members.insert(instance.id.clone(), member);
    activity
}

/// The instance could not be made; `error` is a sentence without a full stop.
pub fn launch_failed(
    group: &mut AutoScalingGroup,
    order: LaunchOrder,
    error: &str,
    now: Timestamp,
) -> (ScalingActivity, Notice) {
    let LaunchOrder { zone, subnet: _, warm: _, mut activity } = order;
    failed(group, &zone, error, now);
    end(&mut activity, ActivityStatus::Failed, Some(failure_message(error)), now);
    let notice = Notice::Activity { event: notification::LAUNCH_ERROR, activity: activity.clone(), instance: None };
    (activity, notice)
}

/// The status message of a failed launch.
pub(super) fn failure_message(error: &str) -> String {
    format!("{}.  Launching EC2 instance failed.", error.trim_end_matches('.'))
}

/// Remembers a failed launch. Those before the next try is due belong to the same try.
pub(super) fn failed(group: &mut AutoScalingGroup, zone: &str, error: &str, now: Timestamp) {
    let fresh = LaunchFailures { count: 0, since: now, retry_at: now, zones: BTreeSet::new() };
    let failures = group.launch_failures.get_or_insert(fresh);
    failures.zones.insert(zone.to_owned());
    if now >= failures.retry_at {
        failures.count = failures.count.saturating_add(1);
        failures.retry_at = now.plus(pause(failures.count));
    }
    if now.since(failures.since) >= SUSPENDED_AFTER {
        let reason = format!(
            "Suspended by Auto Scaling at {}: no launch worked for 24 hours; the last one failed: {error}",
            cause_time(now)
        );
        group.suspended.entry(Process::Launch).or_insert(reason);
        group.launch_failures = None;
    }
}

fn pause(count: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << count.saturating_sub(1).min(8)).min(LONGEST_PAUSE)
}

/// A member got where it was going: launches work again, if it was launched after they began to fail.
pub(super) fn succeeded(step: &mut Step<'_>, member: &GroupInstance) {
    let after = step.group.launch_failures.as_ref().is_some_and(|failures| member.joined_at > failures.since);
    let proof = after && member.launched_from != LaunchedFrom::Attached;
    if proof && !super::health::crashes(&step.group, step.now) {
        step.group.launch_failures = None;
    }
}

/// How many launches may be ordered now.
pub(super) fn allowance(step: &mut Step<'_>) -> u32 {
    if !step.runs(Process::Launch) {
        return 0;
    }
    let starting = size(step.group.members.values().filter(|member| is_starting(step, member)));
    let starting = starting + step.ordered.values().sum::<u32>();
    let Some(failures) = step.group.launch_failures.clone() else { return MAXIMUM_STARTING.saturating_sub(starting) };
    let due = step.now >= failures.retry_at || (failures.count == 1 && has_other_zone(step, &failures.zones));
    if !due {
        let LaunchFailures { count, retry_at, .. } = &failures;
        step.wake(*retry_at);
        let why = format!("launching failed {count} times in a row; it is tried again at {}", cause_time(*retry_at));
        step.hold("launch", Outcome::Failed, why);
    }
    // One instance tries whether launching works again.
    u32::from(due && starting == 0)
}

/// On its way in and not proven yet.
fn is_starting(step: &Step<'_>, member: &GroupInstance) -> bool {
    let pending = matches!(member.lifecycle, LifecycleState::Pending | LifecycleState::WarmedPending);
    pending && !step.is_running(member)
}

fn has_other_zone(step: &Step<'_>, failed: &BTreeSet<String>) -> bool {
    step.group.zone_distribution == ZoneDistribution::BalancedBestEffort
        && super::zones::usable(&step.group, step.facts).any(|zone| !failed.contains(zone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autoscaling::membership::samples::group;

    #[test]
    fn launches_that_fail_are_tried_again_after_one_to_ten_minutes() {
        let mut group = group(1, 5, 3);
        let mut now = Timestamp::from_seconds(0);
        let mut pauses = Vec::new();
        let mut within_an_hour = 0;
        for _ in 0..9 {
            // Two instances of one try fail together: that is one failure.
            failed(&mut group, "a", "no image", now);
            failed(&mut group, "b", "no image", now.plus(Duration::from_secs(1)));
            let failures = group.launch_failures.clone().unwrap();
            pauses.push(failures.retry_at.since(now).as_secs() / 60);
            within_an_hour += u32::from(now < Timestamp::from_seconds(3600));
            now = failures.retry_at;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 10, 10, 10, 10, 10]);
        assert!(within_an_hour + MAXIMUM_STARTING <= 20);
    }

    #[test]
    fn a_day_of_failed_launches_suspends_launching() {
        let mut group = group(1, 5, 3);
        let mut now = Timestamp::from_seconds(0);
        while group.runs(Process::Launch) {
            failed(&mut group, "a", "no image", now);
            now = group.launch_failures.as_ref().map_or(now, |failures| failures.retry_at);
        }
        assert_eq!(now.seconds() / 3600, 24);
        assert!(group.suspended[&Process::Launch].contains("no image"));
    }
}
