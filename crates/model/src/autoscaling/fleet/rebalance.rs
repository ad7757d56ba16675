//! Evening out zones: when they differ by more than one member, or a zone is no longer the group's, instances are
//! launched where they are missing first, and others go once the new ones can be relied on (Auto Scaling user guide,
//! rebalancing).

use super::{health, launches, scaling, step::Step, unhealthy::tenth, zones};
use crate::autoscaling::{
    decision::Outcome,
    member::{GroupInstance, LifecycleState},
    process::Process,
};
use std::collections::BTreeMap;

/// The surplus goes once everything that is on its way in has arrived; scaling takes it.
pub(super) fn finish(step: &mut Step<'_>) {
    if step.group.fleet.rebalancing == 0 {
        return;
    }
    let surplus = step.counting().saturating_sub(step.group.desired);
    let counting: Vec<GroupInstance> = step.group.counting().cloned().collect();
    let waits = counting.iter().any(|member| member.unhealthy.is_none() && !health::is_ready(step, member));
    step.group.fleet.rebalancing = if waits { step.group.fleet.rebalancing.min(surplus) } else { 0 };
}

/// Begins when nothing else is going on.
pub(super) fn begin(step: &mut Step<'_>) {
    if let Some(retry_at) = step.group.launch_failures.as_ref().map(|failures| failures.retry_at) {
        step.wake(retry_at);
    }
    if !is_quiet(step) {
        return;
    }
    let most = tenth(step.group.maximum);
    let mut launched = 0;
    while launched < most && launches::allowance(step) > 0 {
        let Some(zone) = receiving_zone(step, launched) else { break };
        let text = format!(
            "instances were launched to balance instances in zone {zone} with other zones resulting in more than \
             desired number of instances in the group"
        );
        scaling::launch(step, &zone, &text, false);
        launched += 1;
    }
    if launched > 0 {
        step.group.fleet.rebalancing = launched;
        let population = zones::population(step);
        let zones: Vec<String> = population.iter().map(|(zone, count)| format!("{zone} {count}")).collect();
        let why = format!("{launched} instances more to even out zones: {}", zones.join(", "));
        step.decide("rebalancing", Outcome::Done, step.group.desired, why);
    }
}

/// Whether all members are in service, healthy, as many as desired, and nothing is to be replaced.
fn is_quiet(step: &Step<'_>) -> bool {
    let group = &step.group;
    let settled = |member: &GroupInstance| match member.lifecycle {
        LifecycleState::InService => member.unhealthy.is_none() && step.is_running(member),
        LifecycleState::Standby | LifecycleState::TerminatingRetained => true,
        LifecycleState::Terminating | LifecycleState::TerminatingWait | LifecycleState::TerminatingProceed => true,
        LifecycleState::Pending | LifecycleState::PendingWait | LifecycleState::PendingProceed => false,
        LifecycleState::Terminated | LifecycleState::Detached => true,
        LifecycleState::Detaching | LifecycleState::EnteringStandby => true,
        LifecycleState::WarmedPending
        | LifecycleState::WarmedPendingWait
        | LifecycleState::WarmedPendingProceed
        | LifecycleState::WarmedStopped
        | LifecycleState::WarmedRunning
        | LifecycleState::WarmedTerminating
        | LifecycleState::WarmedTerminatingWait
        | LifecycleState::WarmedTerminatingProceed => true,
    };
    // A zone in which a launch just failed is not worth more than the regular tries.
    let launches = group.launch_failures.as_ref().is_none_or(|failures| step.now >= failures.retry_at);
    launches
        && step.runs(Process::AZRebalance)
        && step.orders.replace.is_empty()
        && step.ordered.is_empty()
        && step.counting() == group.desired
        && group.members.values().all(settled)
}

/// The emptiest zone, if a member of another one should be there instead; `surplus` were launched for others already.
fn receiving_zone(step: &Step<'_>, surplus: u32) -> Option<String> {
    let population = zones::population(step);
    let movable = movable(step);
    let target = zones::usable(&step.group, step.facts).min_by_key(|zone| population.get(*zone).copied())?;
    let least = population.get(target).copied().unwrap_or(0);
    let own = |zone: &String| step.group.zones.contains(zone);
    let outside: u32 = movable.iter().filter(|(zone, _)| !own(zone)).map(|(_, count)| count).sum();
    let fullest = movable.iter().filter(|(zone, _)| own(zone)).map(|(zone, _)| population[zone]).max().unwrap_or(0);
    (outside > surplus || (surplus == 0 && fullest > least + 1)).then(|| target.clone())
}

/// Members that scale-in may take, by zone.
fn movable(step: &Step<'_>) -> BTreeMap<String, u32> {
    let mut movable = BTreeMap::new();
    for member in step.group.counting().filter(|member| !member.protected) {
        *movable.entry(member.zone.clone()).or_default() += 1;
    }
    movable
}
