//! What makes a refresh fail: an alarm, a new version that does not come up, an hour in which nothing moves, two weeks.

use super::{
    RefreshFacts,
    census::{self, Census, count},
};
use crate::{
    Timestamp,
    autoscaling::{
        group::AutoScalingGroup,
        instance_refresh::{InstanceRefresh, RefreshWork},
    },
    cloudwatch::alarm::StateValue,
};
use std::time::Duration;

/// After so many new instances in a row that failed, or could not be launched, the new version is held to be bad. One
/// may have had a bad host and two bad luck; AWS goes on for an hour, during which capacity is missing.
pub const MAXIMUM_FAILURES_IN_A_ROW: u32 = 3;
/// How long nothing may move (Auto Scaling user guide, instance refresh: it is retried for an hour).
pub const STALL_LIMIT: Duration = Duration::from_secs(3600);
/// The longest refresh (Auto Scaling user guide: 14 days).
pub const MAXIMUM_DURATION: Duration = Duration::from_secs(14 * 86_400);

/// Writes down which new members failed, how far it got, and since when nothing moves.
pub(super) fn take_note(
    work: &mut RefreshWork,
    group: &AutoScalingGroup,
    census: &Census<'_>,
    restoring: bool,
    now: Timestamp,
) {
    let failed = census::newly_failed(group, work, restoring);
    if !failed.is_empty() {
        let recent = work.failed_at.is_some_and(|at| now.since(at) < STALL_LIMIT);
        work.failures_in_a_row = if recent { work.failures_in_a_row } else { 0 } + count(&failed);
        work.failed_at = Some(now);
        work.failed.extend(failed);
    }
    let (remaining, ready) = (census.all_remaining(), count(&census.ready));
    let further = remaining < work.least_remaining || ready > work.most_ready;
    if ready > work.most_ready {
        work.failures_in_a_row = 0;
    }
    work.least_remaining = work.least_remaining.min(remaining);
    work.most_ready = work.most_ready.max(ready);
    let held = census.moving || !census.warming.is_empty() || work.checkpoint_until.is_some();
    work.stalled_since = match (held, further) {
        (true, _) => None,
        (false, true) => Some(now),
        (false, false) => work.stalled_since.or(Some(now)),
    };
}

/// The first alarm that stands against going on.
pub(super) fn alarm(refresh: &InstanceRefresh, facts: &RefreshFacts<'_>) -> Option<String> {
    refresh.preferences.alarms.iter().find_map(|name| match facts.alarms.get(name) {
        Some(StateValue::Alarm) => Some(format!("The alarm {name} is in state ALARM.")),
        Some(StateValue::Ok | StateValue::InsufficientData) => None,
        // Going on unwatched is what its owner did not want.
        None => Some(format!("The alarm {name} does not exist any more.")),
    })
}

/// Whether the new version does not come up.
pub(super) fn bad_version(work: &RefreshWork, group: &AutoScalingGroup) -> Option<String> {
    let launches = group.launch_failures.as_ref().filter(|f| f.since >= work.started_at).map_or(0, |f| f.count);
    if work.failures_in_a_row >= MAXIMUM_FAILURES_IN_A_ROW {
        return Some(format!("{} new instances in a row became unhealthy.", work.failures_in_a_row));
    }
    (launches >= MAXIMUM_FAILURES_IN_A_ROW).then(|| format!("{launches} launches in a row failed."))
}

/// Whether it takes too long.
pub(super) fn late(work: &RefreshWork, now: Timestamp) -> Option<String> {
    if now.since(work.started_at) >= MAXIMUM_DURATION {
        return Some("The instance refresh has taken longer than 14 days.".to_owned());
    }
    let stalled = work.stalled_since.is_some_and(|since| now.since(since) >= STALL_LIMIT);
    stalled.then(|| "No instance could be replaced for an hour.".to_owned())
}

/// When it is late, if nothing moves until then.
pub(super) fn deadline(work: &RefreshWork) -> Timestamp {
    let end = work.started_at.plus(MAXIMUM_DURATION);
    work.stalled_since.map_or(end, |since| since.plus(STALL_LIMIT).min(end))
}
