//! Which members a refresh has replaced now: at most a batch at a time, up to the next checkpoint, the sick first.

use super::{
    census::{Census, count, is_protected},
    checkpoint,
};
use crate::{
    Timestamp,
    autoscaling::{
        fleet::{Orders, Replacement},
        group::AutoScalingGroup,
        instance_refresh::{InstanceRefresh, ProtectedInstances, RefreshStatus, RefreshWork, StandbyInstances},
        member::GroupInstance,
    },
    id::InstanceId,
};
use std::collections::BTreeMap;

/// The cause in activities.
const CAUSE: &str = "an instance was taken out of service in response to an instance refresh";

/// Capacity between which the group moves: `(floor, ceiling)`.
///
/// Percentages are rounded up. Where that leaves no room at all, one instance is replaced at a time: AWS goes below the
/// minimum rather than stand still (Auto Scaling user guide, instance refresh: 100 per cent means one at a time, and a
/// group of one has an outage unless the maximum is above 100).
pub(super) fn bounds(group: &AutoScalingGroup, refresh: &InstanceRefresh) -> (u32, u32) {
    let (minimum, maximum) = refresh.preferences.healthy_percentages(group);
    let share = |percentage: u32| {
        let share = (u64::from(group.desired) * u64::from(percentage)).div_ceil(100);
        u32::try_from(share).unwrap_or(u32::MAX)
    };
    let (floor, ceiling) = (share(minimum), share(maximum));
    match ceiling > floor {
        true => (floor, ceiling),
        false => (group.desired.saturating_sub(1), group.desired),
    }
}

/// Nothing (more) is replaced, but what is under way goes on within the refresh's limits.
pub(super) fn hold(group: &AutoScalingGroup, refresh: &InstanceRefresh, now: Timestamp) -> Orders {
    let (floor, ceiling) = bounds(group, refresh);
    let warmup = warmup_seconds(group, refresh, now);
    Orders { replace: Vec::new(), floor: Some(floor), ceiling: Some(ceiling), warmup_seconds: Some(warmup) }
}

/// The warm-up is for instances that the refresh launches; those that served before it are warm, however new they are.
/// Never longer than the refresh's own age, it can hold up only instances that are younger than the refresh.
fn warmup_seconds(group: &AutoScalingGroup, refresh: &InstanceRefresh, now: Timestamp) -> u32 {
    let age = now.since(refresh.requested_at).as_millis().div_ceil(1000);
    let age = u32::try_from(age).unwrap_or(u32::MAX);
    refresh.preferences.warmup_seconds(group).min(age)
}

/// What the fleet is to replace now.
pub(super) fn orders(
    group: &AutoScalingGroup,
    refresh: &InstanceRefresh,
    work: &RefreshWork,
    census: &Census<'_>,
    now: Timestamp,
) -> Orders {
    let mut chosen = first(census, refresh, work, room(group, refresh, work, census));
    chosen.extend(standby(census, refresh));
    if census.to_update() == 0 && census.remaining.is_empty() {
        // Warm instances serve nobody: all at once, once the live pool is done.
        chosen.extend(census.warm.iter().map(|member| member.instance_id.clone()));
    }
    let replace = chosen.into_iter().map(|instance| Replacement { instance, cause: CAUSE.to_owned() }).collect();
    Orders { replace, ..hold(group, refresh, now) }
}

/// How many live members may be on the list: the batch less what is under way, and no more than up to the next
/// checkpoint. Members whose replacements were launched first stay on the list until they have left.
fn room(group: &AutoScalingGroup, refresh: &InstanceRefresh, work: &RefreshWork, census: &Census<'_>) -> u32 {
    let (floor, ceiling) = bounds(group, refresh);
    let batch = (ceiling - floor).saturating_sub(census.deficit());
    let gone = refresh.live.total.saturating_sub(count(&census.remaining) + count(&census.standby));
    let stepwise = refresh.status == RefreshStatus::InProgress;
    let allowed = if stepwise { checkpoint::allowed(refresh, work) } else { refresh.live.total };
    batch.min(allowed.saturating_sub(gone)).max(census.surplus())
}

/// The first members to go: unhealthy ones, then those not in service yet, then from the zone with most of them left,
/// the oldest first.
fn first(census: &Census<'_>, refresh: &InstanceRefresh, work: &RefreshWork, room: u32) -> Vec<InstanceId> {
    let mut candidates: Vec<&GroupInstance> =
        census.remaining.iter().copied().filter(|member| !must_wait(member, refresh, work)).collect();
    candidates.sort_by_key(|member| (member.joined_at, &member.instance_id));
    let mut left: BTreeMap<&str, u32> = BTreeMap::new();
    for member in &candidates {
        *left.entry(&member.zone).or_default() += 1;
    }
    let mut chosen = Vec::new();
    while count(&chosen) < room && !candidates.is_empty() {
        let best = (0..candidates.len())
            .min_by_key(|&i| {
                let member = candidates[i];
                let zone = left.get(member.zone.as_str()).copied().unwrap_or(0);
                (member.unhealthy.is_none(), !member.lifecycle.is_pending(), u32::MAX - zone, i)
            })
            .unwrap_or(0);
        let member = candidates.remove(best);
        if let Some(zone) = left.get_mut(member.zone.as_str()) {
            *zone -= 1;
        }
        chosen.push(member.instance_id.clone());
    }
    chosen
}

/// Whether the refresh waits for the member's protection to be removed.
pub(super) fn must_wait(member: &GroupInstance, refresh: &InstanceRefresh, work: &RefreshWork) -> bool {
    is_protected(member, work) && refresh.preferences.protected == ProtectedInstances::Wait
}

/// Members in standby that are to be terminated.
fn standby(census: &Census<'_>, refresh: &InstanceRefresh) -> Vec<InstanceId> {
    match refresh.preferences.standby {
        StandbyInstances::Terminate => census.standby.iter().map(|member| member.instance_id.clone()).collect(),
        StandbyInstances::Wait | StandbyInstances::Ignore => Vec::new(),
    }
}
