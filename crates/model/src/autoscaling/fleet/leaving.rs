//! Members on their way out: deregistered, drained, past their termination hooks, then terminated, given up, put aside
//! or back into the warm pool. A member whose instance has ended by itself does not wait for connections: there are none.

use super::{
    Effect, TargetHealth,
    activities::{TERMINATING, details, shrink_text},
    hooks::{self, Hooks},
    step::Step,
};
use crate::{
    autoscaling::{
        activity::{ActivityStatus, sentence},
        lifecycle_hook::Transition,
        member::{Departure, Destination, GroupInstance, LifecycleState as L},
    },
    ec2::instance::InstanceState as I,
    id::InstanceId,
};

/// One step.
pub(super) fn advance(step: &mut Step<'_>, member: GroupInstance) -> Option<GroupInstance> {
    let Some(state) = step.facts.instances.get(&member.instance_id).map(|instance| instance.state) else {
        return vanished(step, member);
    };
    let connected = deregister(step, &member) && !has_ended(state) && step.group.deleting.is_none();
    let destination = member.departure.as_ref().map_or(Destination::Termination, |departure| departure.to);
    match (destination, connected) {
        (Destination::Termination | Destination::WarmPool, _) if is_past_hooks(member.lifecycle) => {
            go(step, member, state, destination)
        }
        (_, true) => {
            step.progress(&member, ActivityStatus::WaitingForELBConnectionDraining, 50);
            Some(member)
        }
        (Destination::Detachment, false) => detached(step, member),
        (Destination::Standby, false) => Some(standing(step, member)),
        (Destination::Termination | Destination::WarmPool, false) => wait_for_hooks(step, member, state, destination),
    }
}

/// Whether nothing can be connected to it any more.
const fn has_ended(state: I) -> bool {
    match state {
        I::ShuttingDown | I::Terminated | I::Stopping | I::Stopped => true,
        I::Pending | I::Running => false,
    }
}

const fn is_past_hooks(state: L) -> bool {
    matches!(state, L::TerminatingProceed | L::WarmedTerminatingProceed)
}

/// Deregisters the member wherever that was not done; gives whether it is in any target group still.
fn deregister(step: &mut Step<'_>, member: &GroupInstance) -> bool {
    let Some(instance) = step.facts.instances.get(&member.instance_id) else { return false };
    for (arn, health) in &instance.targets {
        if *health != TargetHealth::Draining {
            step.effects.push(Effect::Deregister(member.instance_id.clone(), arn.clone()));
        }
    }
    !instance.targets.is_empty()
}

fn wait_for_hooks(
    step: &mut Step<'_>,
    mut member: GroupInstance,
    state: I,
    destination: Destination,
) -> Option<GroupInstance> {
    if skips_hooks(step, &member) {
        return go(step, member, state, destination);
    }
    let warm = member.lifecycle.is_warm();
    match hooks::pass(step, &mut member, Transition::Terminating) {
        Hooks::Wait => {
            enter(step, &mut member, if warm { L::WarmedTerminatingWait } else { L::TerminatingWait });
            Some(member)
        }
        Hooks::Abandoned(why) if step.group.retain_on_terminate_hook_abandon => {
            enter(step, &mut member, L::TerminatingRetained);
            member.hooks_done.clear();
            step.end_activity(&mut member, ActivityStatus::Cancelled, Some(why));
            Some(member)
        }
        // An abandoned action ends the others too; the instance goes all the same.
        Hooks::Abandoned(_) | Hooks::Done => {
            if matches!(member.lifecycle, L::TerminatingWait | L::WarmedTerminatingWait) {
                enter(step, &mut member, if warm { L::WarmedTerminatingProceed } else { L::TerminatingProceed });
            }
            go(step, member, state, destination)
        }
    }
}

/// A group or a pool that is deleted by force does not wait for anybody.
fn skips_hooks(step: &Step<'_>, member: &GroupInstance) -> bool {
    let pool_goes = step.group.warm_pool.as_ref().is_some_and(|pool| pool.deleting && pool.without_hooks);
    step.group.deleting.is_some() || (pool_goes && member.lifecycle.is_warm())
}

/// Nothing holds the member any longer.
fn go(step: &mut Step<'_>, mut member: GroupInstance, state: I, to: Destination) -> Option<GroupInstance> {
    if to == Destination::WarmPool && state == I::Running {
        enter(step, &mut member, L::WarmedPendingProceed);
        member.hooks_done.clear();
        return Some(member);
    }
    match state {
        I::Terminated => {
            step.end_activity(&mut member, ActivityStatus::Successful, None);
            return None;
        }
        I::ShuttingDown => {}
        I::Pending | I::Running | I::Stopping | I::Stopped => {
            step.effect(Effect::Terminate(member.instance_id.clone()));
        }
    }
    step.progress(&member, ActivityStatus::InProgress, 80);
    Some(member)
}

fn enter(step: &Step<'_>, member: &mut GroupInstance, state: L) {
    if member.lifecycle != state {
        (member.lifecycle, member.since) = (state, step.now);
    }
}

/// The instance is no longer known: wherever the member was going, it is gone.
fn vanished(step: &mut Step<'_>, mut member: GroupInstance) -> Option<GroupInstance> {
    step.end_activity(&mut member, ActivityStatus::Successful, None);
    None
}

fn detached(step: &mut Step<'_>, mut member: GroupInstance) -> Option<GroupInstance> {
    step.end_activity(&mut member, ActivityStatus::Successful, None);
    step.effect(Effect::Release(member.instance_id.clone()));
    None
}

fn standing(step: &mut Step<'_>, mut member: GroupInstance) -> GroupInstance {
    enter(step, &mut member, L::Standby);
    member.departure = None;
    member.in_service_at = None;
    step.end_activity(&mut member, ActivityStatus::Successful, None);
    member
}

/// The member begins to leave; `cause` is made of whole sentences. What it was doing is given up.
pub(super) fn departing(
    step: &mut Step<'_>,
    mut member: GroupInstance,
    to: Destination,
    cause: String,
) -> GroupInstance {
    let reason = Some("The instance is taken out of the group".to_owned());
    step.end_activity(&mut member, ActivityStatus::Cancelled, reason);
    let place = details(&member.subnet_id, &member.zone);
    let description = match to {
        Destination::WarmPool => "Returning EC2 instance to the warm pool",
        Destination::Termination | Destination::Detachment | Destination::Standby => TERMINATING,
    };
    let activity = step.activity(format!("{description}: {}", member.instance_id), cause, place);
    member.activity = Some(activity.id.clone());
    step.changed.insert(activity.id.clone(), activity);
    let warm = member.lifecycle.is_warm();
    enter(step, &mut member, if warm { L::WarmedTerminating } else { L::Terminating });
    member.hook = None;
    member.hooks_done.clear();
    member.departure = Some(Departure { to, at: step.now });
    member
}

/// As [`departing`], for a member of the group.
pub(super) fn depart(step: &mut Step<'_>, id: &InstanceId, to: Destination, cause: String) {
    if let Some(member) = step.group.members.remove(id) {
        let member = departing(step, member, to, cause);
        step.group.members.insert(id.clone(), member);
    }
}

/// A group that is deleted: every member goes, then the group.
pub(super) fn empty(step: &mut Step<'_>) {
    if step.group.members.is_empty() {
        return step.effect(Effect::DeleteGroup);
    }
    let stays = |member: &&GroupInstance| !member.lifecycle.is_terminating();
    let ids: Vec<InstanceId> = step.group.members.values().filter(stays).map(|m| m.instance_id.clone()).collect();
    let deleted = step.group.deleting.unwrap_or(step.now);
    let desired = step.group.desired;
    let force =
        format!("a user request force deleted AutoScalingGroup changing the desired capacity from {desired} to 0");
    for id in ids {
        let sentences = [
            sentence(deleted, &force),
            sentence(step.now, &shrink_text(desired, 0)),
            sentence(step.now, &format!("instance {id} was selected for termination")),
        ];
        depart(step, &id, Destination::Termination, sentences.join("  "));
    }
}
