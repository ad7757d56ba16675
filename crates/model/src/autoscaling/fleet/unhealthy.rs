//! Replacing unhealthy members (Auto Scaling user guide, health checks): terminated first, then launched anew.
//!
//! What does not run, or was called unhealthy by its owner, goes at once. What the load balancer or the status check
//! condemns still serves, at least when every target fails: it goes slowly, and the last one that serves only when
//! another one does. With a maintenance policy these are replaced as it says, see [`super::replacement`].

use super::{
    health,
    leaving::depart,
    step::{Step, size},
};
use crate::{
    autoscaling::{
        activity::sentence,
        decision::Outcome,
        member::{Destination, GroupInstance, LifecycleState, UnhealthyCause},
        process::Process,
    },
    id::InstanceId,
};
use std::{collections::BTreeMap, time::Duration};

/// Between two replacements while no member at all can be relied on.
const HOPELESS_PAUSE: Duration = Duration::from_secs(60);
const ORIGIN: &str = "health check";

/// The share of the desired capacity that is replaced at a time: one tenth, at least one.
pub(super) const fn tenth(desired: u32) -> u32 {
    if desired < 20 { 1 } else { desired / 10 }
}

/// Replaces what has to be replaced.
pub(super) fn replace(step: &mut Step<'_>) {
    let sick = sick(step);
    let vanished = |member: &GroupInstance| !step.facts.instances.contains_key(&member.instance_id);
    let (gone, sick): (Vec<_>, Vec<_>) = sick.into_iter().partition(vanished);
    for member in gone {
        take_out(step, &member);
    }
    if sick.is_empty() {
        return;
    }
    if let Some(process) = [Process::ReplaceUnhealthy, Process::Terminate].into_iter().find(|p| !step.runs(*p)) {
        let why = format!("{} members are unhealthy; {} is suspended", sick.len(), process.name());
        step.hold(ORIGIN, Outcome::Suspended, why);
        return;
    }
    let (at_once, slowly): (Vec<_>, Vec<_>) = sick.into_iter().partition(goes_at_once);
    for member in at_once {
        take_out(step, &member);
    }
    if step.group.maintenance_policy.is_none() {
        replace_slowly(step, slowly);
    }
}

/// Unhealthy members that count, those that were found first, first.
fn sick(step: &Step<'_>) -> Vec<GroupInstance> {
    let mut sick: Vec<GroupInstance> =
        step.group.counting().filter(|member| member.unhealthy.is_some()).cloned().collect();
    sick.sort_by_key(|member| (member.unhealthy.as_ref().map(|unhealthy| unhealthy.at), member.instance_id.clone()));
    sick
}

/// Members that the group's maintenance policy replaces.
pub(super) fn by_policy(step: &Step<'_>) -> Vec<(InstanceId, &'static str)> {
    let runs = step.runs(Process::ReplaceUnhealthy) && step.group.maintenance_policy.is_some();
    let slow = sick(step).into_iter().filter(|member| runs && !goes_at_once(member));
    slow.map(|member| (member.instance_id.clone(), text(&member))).collect()
}

fn text(member: &GroupInstance) -> &'static str {
    let cause = member.unhealthy.as_ref().map_or(UnhealthyCause::UserRequest, |unhealthy| unhealthy.cause);
    super::activities::health_text(cause)
}

fn goes_at_once(member: &GroupInstance) -> bool {
    match member.unhealthy.as_ref().map(|unhealthy| unhealthy.cause) {
        Some(UnhealthyCause::NotRunning | UnhealthyCause::UserRequest) => true,
        Some(UnhealthyCause::StatusCheck | UnhealthyCause::LoadBalancer) | None => false,
    }
}

fn take_out(step: &mut Step<'_>, member: &GroupInstance) {
    let text = text(member);
    let cause = sentence(step.now, text);
    depart(step, &member.instance_id, Destination::Termination, cause);
    let why = format!("{}: {text}", member.instance_id);
    step.decide(ORIGIN, Outcome::Done, step.group.desired, why);
}

/// A tenth of the desired capacity at a time, and not before the replacements so far can be relied on.
fn replace_slowly(step: &mut Step<'_>, sick: Vec<GroupInstance>) {
    // Nobody is wanted: scale-in takes them all, and no other one would come.
    if sick.is_empty() || step.group.desired == 0 {
        return;
    }
    let healthy: Vec<GroupInstance> =
        step.group.counting().filter(|member| member.unhealthy.is_none()).cloned().collect();
    let total = size(healthy.iter());
    let ready = size(healthy.iter().filter(|member| health::is_ready(step, member)));
    if ready == 0 {
        // Everything fails at once: what was launched beside it is not scaled in before it can be relied on.
        step.surplus_allowed = step.surplus_allowed.max(1);
    }
    let limit = if ready == 0 { tenth(step.group.desired).min(zone_share(&sick)) } else { tenth(step.group.desired) };
    let missing = step.group.desired.saturating_sub(step.counting());
    for (member, under_way) in sick.iter().zip((total - ready) + missing..) {
        if others_serve(step, &member.instance_id) == 0 {
            return launch_first(step);
        }
        if under_way >= limit {
            let why = format!("unhealthy members wait: {under_way} of at most {limit} replacements are under way");
            step.hold(ORIGIN, Outcome::Held, why);
            return;
        }
        if ready == 0 && !pause_is_over(step) {
            return;
        }
        take_out(step, member);
        step.group.fleet.replaced_at = Some(step.now);
    }
}

/// While nothing can be relied on, replacing seems to make nothing better: it goes on, slowly.
fn pause_is_over(step: &mut Step<'_>) -> bool {
    let next = step.group.fleet.replaced_at.map(|at| at.plus(HOPELESS_PAUSE)).filter(|next| *next > step.now);
    if let Some(next) = next {
        step.wake(next);
        let why = "all members are unhealthy, the replacements too; one is replaced a minute".to_owned();
        step.hold(ORIGIN, Outcome::Held, why);
    }
    next.is_none()
}

/// The most unhealthy members of one zone.
fn zone_share(sick: &[GroupInstance]) -> u32 {
    let mut by_zone: BTreeMap<&str, u32> = BTreeMap::new();
    for member in sick {
        *by_zone.entry(&member.zone).or_default() += 1;
    }
    by_zone.into_values().max().unwrap_or(1)
}

/// How many other members requests can reach: load balancers send them to unhealthy ones when there are no others.
fn others_serve(step: &Step<'_>, id: &InstanceId) -> u32 {
    let serving = step.group.in_state(LifecycleState::InService).filter(|member| step.is_running(member));
    size(serving.filter(|member| member.instance_id != *id))
}

/// The last member that serves stays until another one serves.
fn launch_first(step: &mut Step<'_>) {
    step.surplus_allowed = step.surplus_allowed.max(1);
    step.surplus_wanted = step.surplus_wanted.max(1);
    let why = "the last member that serves is unhealthy; it goes when another one is in service".to_owned();
    step.hold(ORIGIN, Outcome::Held, why);
}
