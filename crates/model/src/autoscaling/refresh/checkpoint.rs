//! Checkpoints: shares of updated instances after which a refresh waits for its owner to look.

use crate::{
    Timestamp,
    autoscaling::instance_refresh::{DEFAULT_CHECKPOINT_DELAY_SECONDS, InstanceRefresh, RefreshProgress, RefreshWork},
};
use std::time::Duration;

/// How many updated instances the checkpoint `percentage` needs: the first number whose share is not below it.
fn needed(total: u32, percentage: u32) -> u32 {
    u32::try_from((u64::from(total) * u64::from(percentage)).div_ceil(100)).unwrap_or(u32::MAX)
}

/// How many checkpoints are reached. Several may be reached by one instance of a small group; it waits once for them.
fn reached(refresh: &InstanceRefresh, live: RefreshProgress) -> u32 {
    let updated = live.total - live.to_update;
    let percentages = &refresh.preferences.checkpoint_percentages;
    let reached = percentages.iter().take_while(|&&p| updated >= needed(live.total, p)).count();
    u32::try_from(reached).unwrap_or(u32::MAX)
}

/// Whether the last checkpoint is reached; without checkpoints, whether everything is updated.
pub(super) fn last_is_reached(refresh: &InstanceRefresh, work: &RefreshWork) -> bool {
    match refresh.preferences.checkpoint_percentages.len() {
        0 => refresh.live.to_update == 0,
        all => usize::try_from(work.checkpoints_reached).is_ok_and(|reached| reached >= all),
    }
}

/// How many live instances may be replaced in all before the next wait.
pub(super) fn allowed(refresh: &InstanceRefresh, work: &RefreshWork) -> u32 {
    let total = refresh.live.total;
    let percentages = &refresh.preferences.checkpoint_percentages;
    let at = |index: u32| usize::try_from(index).ok().and_then(|i| percentages.get(i)).copied();
    match (work.checkpoint_until, work.checkpoints_reached) {
        (Some(_), _) => 0,
        (None, reached) => match (at(reached), reached.checked_sub(1).and_then(at)) {
            (Some(next), _) => needed(total, next),
            // The last one is behind: if it is not 100, the rest stays as it is.
            (None, Some(last)) => needed(total, last),
            (None, None) => total,
        },
    }
}

/// Notes that checkpoints were reached and that the wait is over. Says which percentage was reached now, if one was.
pub(super) fn advance(refresh: &InstanceRefresh, work: &mut RefreshWork, now: Timestamp) -> Option<u32> {
    let reached = reached(refresh, refresh.live);
    let percentages = &refresh.preferences.checkpoint_percentages;
    if work.checkpoint_until.is_some_and(|until| until <= now) {
        work.checkpoint_until = None;
    }
    if reached <= work.checkpoints_reached {
        return None;
    }
    work.checkpoints_reached = reached;
    let index = usize::try_from(reached).ok()?;
    let delay = refresh.preferences.checkpoint_delay_seconds.unwrap_or(DEFAULT_CHECKPOINT_DELAY_SECONDS);
    work.checkpoint_until =
        (index < percentages.len() && delay > 0).then(|| now.plus(Duration::from_secs(delay.into())));
    percentages.get(index - 1).copied()
}
