//! The warm pool: instances that are ready beside the group. Scale-out takes them first (Auto Scaling user guide, warm
//! pools).

use super::{
    Effect,
    activities::{LAUNCHING, details},
    launches,
    leaving::depart,
    scaling,
    step::{Step, size},
    zones,
};
use crate::{
    autoscaling::{
        activity::{ActivityStatus, sentence},
        member::{Destination, GroupInstance, LifecycleState},
        process::Process,
        warm_pool::WarmPool,
    },
    ec2::instance::InstanceState,
    id::InstanceId,
};
use std::collections::BTreeMap;

/// Takes up to `missing` warm instances into the group; gives how many.
pub(super) fn take(step: &mut Step<'_>, missing: u32, text: &str) -> u32 {
    let mut taken = 0;
    while taken < missing {
        let Some(member) = next(step) else { break };
        start(step, member, text);
        taken += 1;
    }
    taken
}

/// The ready warm instance in the emptiest zone, the oldest first.
fn next(step: &Step<'_>) -> Option<GroupInstance> {
    let population = zones::population(step);
    let ready = step.group.members.values().filter(|member| is_ready(step, member));
    let key = |member: &&GroupInstance| (population.get(&member.zone).copied(), member.joined_at);
    ready.min_by_key(key).cloned()
}

fn is_ready(step: &Step<'_>, member: &GroupInstance) -> bool {
    let state = step.facts.instances.get(&member.instance_id).map(|instance| instance.state);
    (member.lifecycle == LifecycleState::WarmedStopped && state == Some(InstanceState::Stopped))
        || (member.lifecycle == LifecycleState::WarmedRunning && state == Some(InstanceState::Running))
}

fn start(step: &mut Step<'_>, mut member: GroupInstance, text: &str) {
    let (cause, place) = (step.cause_of_difference(text), details(&member.subnet_id, &member.zone));
    let mut activity = step.activity(format!("{LAUNCHING} from warm pool: {}", member.instance_id), cause, place);
    (activity.status, activity.progress) = (ActivityStatus::PreInService, 30);
    if member.lifecycle == LifecycleState::WarmedStopped {
        step.effect(Effect::Start(member.instance_id.clone()));
    }
    member.activity = Some(activity.id.clone());
    (member.lifecycle, member.since) = (LifecycleState::Pending, step.now);
    (member.in_service_at, member.unhealthy) = (None, None);
    member.hooks_done.clear();
    step.changed.insert(activity.id.clone(), activity);
    step.group.members.insert(member.instance_id.clone(), member);
}

/// How many instances the pool should have.
fn wanted(pool: &WarmPool, maximum: u32, desired: u32) -> u32 {
    if pool.deleting {
        return 0;
    }
    pool.maximum_prepared_capacity.unwrap_or(maximum).saturating_sub(desired).max(pool.minimum_size)
}

/// Fills the pool, or empties it, once the group itself has what it needs.
pub(super) fn fill(step: &mut Step<'_>) {
    let lost: Vec<GroupInstance> = step.group.members.values().filter(|m| is_lost(step, m)).cloned().collect();
    for member in lost {
        let text = "an instance was taken out of the warm pool in response to an EC2 health check that indicated it \
                    had been terminated or stopped";
        depart(step, &member.instance_id, Destination::Termination, sentence(step.now, text));
    }
    let pool = step.group.warm_pool.clone();
    let warm: Vec<GroupInstance> = step.group.members.values().filter(|member| is_kept(member)).cloned().collect();
    let wanted = pool.as_ref().map_or(0, |pool| wanted(pool, step.group.maximum, step.group.desired));
    let have = size(warm.iter()) + size(step.group.members.values().filter(|member| returns(member)));
    if have < wanted && step.counting() >= step.group.desired {
        grow(step, wanted - have);
    } else if have > wanted && step.runs(Process::Terminate) {
        shrink(step, warm, have - wanted);
    }
    let empty = !step.group.members.values().any(|member| member.lifecycle.is_warm());
    if empty && pool.is_some_and(|pool| pool.deleting) {
        step.group.warm_pool = None;
    }
}

/// In the pool or on its way into it.
const fn is_kept(member: &GroupInstance) -> bool {
    member.lifecycle.is_warm() && !member.lifecycle.is_terminating()
}

/// In service until just now.
fn returns(member: &GroupInstance) -> bool {
    let to_pool = member.departure.as_ref().is_some_and(|departure| departure.to == Destination::WarmPool);
    to_pool && !member.lifecycle.is_warm()
}

/// A ready instance of the pool that is not what it should be.
fn is_lost(step: &Step<'_>, member: &GroupInstance) -> bool {
    let state = step.facts.instances.get(&member.instance_id).map(|instance| instance.state);
    let ended = matches!(state, None | Some(InstanceState::ShuttingDown | InstanceState::Terminated));
    let stopped = matches!(state, Some(InstanceState::Stopping | InstanceState::Stopped));
    (member.lifecycle == LifecycleState::WarmedStopped && ended)
        || (member.lifecycle == LifecycleState::WarmedRunning && (ended || stopped))
}

fn grow(step: &mut Step<'_>, missing: u32) {
    let text = "an instance was launched for the warm pool";
    let allowed = launches::allowance(step);
    let mut by_zone: BTreeMap<String, u32> = BTreeMap::new();
    for member in step.group.members.values().filter(|member| is_kept(member)) {
        *by_zone.entry(member.zone.clone()).or_default() += 1;
    }
    for _ in 0..missing.min(allowed) {
        let Some(zone) = zones::next(step, &by_zone) else { return };
        *by_zone.entry(zone.clone()).or_default() += 1;
        scaling::launch(step, &zone, text, true);
    }
}

/// The newest go first; of the fullest zones.
fn shrink(step: &mut Step<'_>, mut warm: Vec<GroupInstance>, excess: u32) {
    let mut by_zone: BTreeMap<String, u32> = BTreeMap::new();
    for member in &warm {
        *by_zone.entry(member.zone.clone()).or_default() += 1;
    }
    for _ in 0..excess {
        let fullest = warm.iter().max_by_key(|member| (by_zone[&member.zone], member.joined_at, &member.instance_id));
        let Some((id, zone)) = fullest.map(|member| (member.instance_id.clone(), member.zone.clone())) else { return };
        warm.retain(|member| member.instance_id != id);
        by_zone.entry(zone).and_modify(|count| *count -= 1);
        leave_pool(step, &id);
    }
}

fn leave_pool(step: &mut Step<'_>, id: &InstanceId) {
    let selected = format!("instance {id} was selected for termination");
    let text = "an instance was taken out of the warm pool in response to a difference between its desired and actual \
                size";
    let cause = format!("{}  {}", sentence(step.now, text), sentence(step.now, &selected));
    depart(step, id, Destination::Termination, cause);
}
