//! Following the desired capacity: launching what is missing, taking out what is too much.

use super::{
    Effect, LaunchOrder,
    activities::{self, LAUNCHING, TERMINATING, details},
    launches,
    leaving::depart,
    replacement,
    step::{Step, size},
    termination, warm, zones,
};
use crate::{
    autoscaling::{
        activity::{ActivityStatus, sentence},
        decision::Outcome,
        member::{Destination, GroupInstance, LifecycleState},
        process::Process,
    },
    ec2::instance::InstanceState,
};
use std::collections::BTreeMap;

const ALL_PROTECTED: &str =
    "Could not scale to desired capacity because all remaining instances are protected from scale-in.";

/// Follows the desired capacity.
pub(super) fn follow(step: &mut Step<'_>) {
    let wanted = step.group.desired.saturating_add(step.surplus_wanted);
    let most = step.group.desired.saturating_add(step.surplus_allowed.max(step.group.fleet.rebalancing));
    let counting = step.counting();
    if counting < wanted {
        scale_out(step, counting, wanted);
    } else if counting > most {
        scale_in(step, counting, most);
    }
}

fn scale_out(step: &mut Step<'_>, from: u32, to: u32) {
    if !step.runs(Process::Launch) {
        let why = format!("{} of {} instances are missing; Launch is suspended", to - from, step.group.desired);
        step.hold("launch", Outcome::Suspended, why);
        return;
    }
    let missing = to - from;
    let text = out_text(step, from, to);
    let missing = missing - warm::take(step, missing, &text);
    for _ in 0..missing.min(launches::allowance(step)) {
        let staying = staying(step);
        let Some(zone) = zones::next(step, &staying) else { return nowhere(step) };
        launch(step, &zone, &text, false);
    }
}

/// Members by zone without those that are to be replaced: zones are even once these are gone.
fn staying(step: &mut Step<'_>) -> BTreeMap<String, u32> {
    let mut staying = zones::population(step);
    for id in replacement::doomed(step) {
        let zone = step.group.members.get(&id).and_then(|member| staying.get_mut(&member.zone));
        if let Some(count) = zone {
            *count -= 1;
        }
    }
    staying
}

fn out_text(step: &Step<'_>, from: u32, to: u32) -> String {
    match from >= step.group.desired {
        true => "an instance was launched to replace another one before that is taken out of service".to_owned(),
        false => activities::increase_text(from, to),
    }
}

/// No zone takes instances now.
fn nowhere(step: &mut Step<'_>) {
    let zones = step.group.zones.join(", ");
    let why = format!("instances are missing, but no zone of {zones} has a subnet and is unimpaired");
    step.hold("launch", Outcome::Held, why);
}

/// Orders one instance in that zone.
pub(super) fn launch(step: &mut Step<'_>, zone: &str, text: &str, warm: bool) {
    let Some(subnet) = zones::subnet(step, zone) else { return };
    let cause = if warm { sentence(step.now, text) } else { step.cause_of_difference(text) };
    let place = details(&subnet, zone);
    let activity = step.activity(LAUNCHING.to_owned(), cause, place);
    step.order(LaunchOrder { zone: zone.to_owned(), subnet, warm, activity });
}

fn scale_in(step: &mut Step<'_>, from: u32, to: u32) {
    if !step.runs(Process::Terminate) {
        let why = format!("{} instances are too many; Terminate is suspended", from - to);
        step.hold("scale-in", Outcome::Suspended, why);
        return;
    }
    let text = activities::shrink_text(from, to);
    let doomed = replacement::doomed(step);
    for left in (1..=from - to).rev() {
        match termination::choose(step, &doomed) {
            Some(member) if replacement::keeps(step, &member) => return kept_by_refresh(step, left),
            Some(member) => take_out(step, &member, &text),
            None => return all_protected(step, left),
        }
    }
}

/// What a refresh launched is not ready yet: until then those that serve are needed.
fn kept_by_refresh(step: &mut Step<'_>, left: u32) {
    let why = format!("{left} instances are too many; they go once what the refresh launched is ready");
    step.hold("scale-in", Outcome::Held, why);
}

fn take_out(step: &mut Step<'_>, member: &GroupInstance, text: &str) {
    let id = &member.instance_id;
    let selected = sentence(step.now, &format!("instance {id} was selected for termination"));
    let cause = format!("{}  {selected}", step.cause_of_difference(text));
    let to = if returns_to_pool(step, member) { Destination::WarmPool } else { Destination::Termination };
    depart(step, id, to, cause);
}

fn returns_to_pool(step: &Step<'_>, member: &GroupInstance) -> bool {
    let reuses = step.group.warm_pool.as_ref().is_some_and(|pool| pool.reuse_on_scale_in && !pool.deleting);
    let state = step.facts.instances.get(&member.instance_id).map(|instance| instance.state);
    reuses
        && member.lifecycle == LifecycleState::InService
        && member.unhealthy.is_none()
        && state == Some(InstanceState::Running)
}

/// Nothing goes; the group's owner is told once.
fn all_protected(step: &mut Step<'_>, left: u32) {
    let counting = size(step.group.counting());
    let desired = step.group.desired;
    let why = format!("{ALL_PROTECTED} {counting} instances, desired {desired}, {left} too many");
    if step.hold("scale-in", Outcome::Held, why) {
        let cause = step.cause_of_difference(&activities::shrink_text(counting, desired));
        let mut activity = step.activity(TERMINATING.to_owned(), cause, "{}".to_owned());
        activities::end(&mut activity, ActivityStatus::Cancelled, Some(ALL_PROTECTED.to_owned()), step.now);
        step.effect(Effect::Activity(activity));
    }
}
