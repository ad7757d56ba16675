//! Replacing members that are well, or that a maintenance policy protects: for an instance refresh, at the end of their
//! lifetime, or slowly because they are unhealthy.
//!
//! Capacity moves between a floor (members that can be relied on) and a ceiling (members at all): new ones are launched
//! up to the ceiling, old ones go while the floor holds. What the desired capacity does meanwhile is scaling's.

use super::{
    Replacement, health,
    leaving::depart,
    step::{Step, size},
    unhealthy::{self, tenth},
    zones,
};
use crate::{
    autoscaling::{
        activity::sentence,
        decision::Outcome,
        group::MaintenancePolicy,
        member::{Destination, GroupInstance, LifecycleState},
        process::Process,
    },
    id::InstanceId,
};
use std::{cmp::Reverse, collections::BTreeSet, time::Duration};

const LIFETIME: &str = "an instance was taken out of service in response to reaching its maximum lifetime";

/// Between which numbers of members replacements keep the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds {
    floor: u32,
    ceiling: u32,
}

/// Takes out what may be taken out, and asks for launches ahead of the rest.
pub(super) fn replace(step: &mut Step<'_>) {
    let (beside, mut candidates) = candidates(step);
    if !step.runs(Process::Terminate) {
        return;
    }
    for Replacement { instance, cause } in beside {
        take_out(step, &instance, &cause);
    }
    if candidates.is_empty() {
        return;
    }
    let bounds = bounds(step);
    let extra = bounds.ceiling.saturating_sub(step.group.desired);
    while let Some(index) = next(step, &candidates, bounds) {
        let Replacement { instance, cause } = candidates.remove(index);
        take_out(step, &instance, &cause);
    }
    let left = size(candidates.iter());
    step.surplus_allowed = step.surplus_allowed.max(left.min(extra));
    step.surplus_wanted = step.surplus_wanted.max(left.min(extra));
}

/// Members that are to be replaced: those beside the group's capacity (standing by, warm), and those that count.
fn candidates(step: &mut Step<'_>) -> (Vec<Replacement>, Vec<Replacement>) {
    let of_text = |(instance, text): (InstanceId, &str)| Replacement { instance, cause: text.to_owned() };
    let mut all: Vec<Replacement> = unhealthy::by_policy(step).into_iter().map(of_text).collect();
    all.extend(step.orders.replace.iter().cloned());
    all.extend(worn_out(step).into_iter().map(|id| of_text((id, LIFETIME))));
    let mut seen = BTreeSet::new();
    all.retain(|candidate| seen.insert(candidate.instance.clone()));
    let state = |candidate: &Replacement| step.group.members.get(&candidate.instance).map(|member| member.lifecycle);
    let beside = all.iter().filter(|candidate| state(candidate).is_some_and(is_beside)).cloned().collect();
    all.retain(|candidate| state(candidate).is_some_and(LifecycleState::counts));
    (beside, all)
}

const fn is_beside(state: LifecycleState) -> bool {
    matches!(state, LifecycleState::Standby) || (state.is_warm() && !state.is_terminating())
}

/// All members that are to be replaced, for scale-in: they go first.
pub(super) fn doomed(step: &mut Step<'_>) -> BTreeSet<InstanceId> {
    candidates(step).1.into_iter().map(|candidate| candidate.instance).collect()
}

/// Members in service that are older than the group allows.
fn worn_out(step: &mut Step<'_>) -> Vec<InstanceId> {
    let Some(seconds) = step.group.maximum_instance_lifetime_seconds.filter(|seconds| *seconds > 0) else {
        return Vec::new();
    };
    let lifetime = Duration::from_secs(seconds.into());
    let ends: Vec<_> = (step.group.in_state(LifecycleState::InService))
        .map(|member| (member.joined_at.plus(lifetime), member.instance_id.clone()))
        .collect();
    for (end, _) in &ends {
        step.wake(*end);
    }
    ends.into_iter().filter(|(end, _)| *end <= step.now).map(|(_, id)| id).collect()
}

fn bounds(step: &Step<'_>) -> Bounds {
    let desired = step.group.desired;
    let own = step.group.maintenance_policy.map_or_else(
        || Bounds { floor: desired.saturating_sub(tenth(desired)), ceiling: desired },
        |policy| of_policy(policy, desired),
    );
    let floor = step.orders.floor.unwrap_or(own.floor).min(desired);
    let ceiling = step.orders.ceiling.unwrap_or(own.ceiling).max(desired);
    // With nothing to spare on either side one member is replaced at a time.
    let stuck = floor >= desired && ceiling <= desired;
    Bounds { floor: if stuck { desired.saturating_sub(1) } else { floor }, ceiling }
}

/// Both sides are rounded up, so that more than 100 per cent always leaves room for one.
fn of_policy(policy: MaintenancePolicy, desired: u32) -> Bounds {
    let share = |percentage: u32| desired.saturating_mul(percentage).div_ceil(100);
    Bounds { floor: share(policy.minimum_healthy_percentage), ceiling: share(policy.maximum_healthy_percentage) }
}

/// Whether a refresh needs this member: without it fewer than its floor would serve.
pub(super) fn keeps(step: &mut Step<'_>, member: &GroupInstance) -> bool {
    if step.orders.floor.is_none() || !health::is_ready(step, member) {
        return false;
    }
    let counting: Vec<GroupInstance> = step.group.counting().cloned().collect();
    let ready = counting.iter().filter(|other| health::is_ready(step, other)).count();
    u32::try_from(ready).is_ok_and(|ready| ready <= bounds(step).floor)
}

/// The place of the candidate that may go now: of the fullest zone, then in their order.
fn next(step: &mut Step<'_>, candidates: &[Replacement], bounds: Bounds) -> Option<usize> {
    if candidates.is_empty() || !can_be_replaced(step) {
        return None;
    }
    let counting: Vec<GroupInstance> = step.group.counting().cloned().collect();
    let ready: BTreeSet<InstanceId> = (counting.iter())
        .filter(|member| health::is_ready(step, member))
        .map(|member| member.instance_id.clone())
        .collect();
    let is_candidate = |member: &GroupInstance| candidates.iter().any(|other| other.instance == member.instance_id);
    let comes = |member: &GroupInstance| {
        !ready.contains(&member.instance_id) && !is_candidate(member) && member.unhealthy.is_none()
    };
    let ready_count = size(ready.iter());
    let idle = step.counting() >= bounds.ceiling && !counting.iter().any(comes);
    let may_go = |id: &InstanceId| match ready.contains(id) {
        true => ready_count > bounds.floor,
        // One that cannot be relied on costs nothing, unless a better one could come first.
        false => ready_count >= bounds.floor || idle,
    };
    let population = zones::population(step);
    let fullness = |id: &InstanceId| step.group.members.get(id).and_then(|member| population.get(&member.zone));
    let allowed = candidates.iter().enumerate().filter(|(_, candidate)| may_go(&candidate.instance));
    allowed.min_by_key(|(_, candidate)| Reverse(fullness(&candidate.instance))).map(|(index, _)| index)
}

/// Whether there is, or can be, another instance in its place.
fn can_be_replaced(step: &mut Step<'_>) -> bool {
    let surplus = step.counting() > step.group.desired;
    // A pause that is over is over: the replacement is the next try.
    let may_try = step.group.launch_failures.as_ref().is_none_or(|failures| step.now >= failures.retry_at);
    let launches = step.runs(Process::Launch) && may_try;
    if !surplus && !launches {
        let why = "members are to be replaced, but launches fail or are suspended".to_owned();
        step.hold("replacement", Outcome::Held, why);
    }
    surplus || launches
}

fn take_out(step: &mut Step<'_>, id: &InstanceId, text: &str) {
    let cause = sentence(step.now, text);
    depart(step, id, Destination::Termination, cause);
    step.decide("replacement", Outcome::Done, step.group.desired, format!("{id}: {text}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_of_a_maintenance_policy_become_members() {
        // Minimum, maximum, desired; floor and ceiling.
        let table = [
            (100, 110, 4, (4, 5)),
            (90, 110, 10, (9, 11)),
            (50, 100, 3, (2, 3)),
            (100, 200, 1, (1, 2)),
            (0, 100, 5, (0, 5)),
            (90, 120, 0, (0, 0)),
        ];
        for (minimum, maximum, desired, expected) in table {
            let policy = MaintenancePolicy { minimum_healthy_percentage: minimum, maximum_healthy_percentage: maximum };
            let Bounds { floor, ceiling } = of_policy(policy, desired);
            assert_eq!((floor, ceiling), expected, "{minimum} {maximum} {desired}");
        }
    }
}
