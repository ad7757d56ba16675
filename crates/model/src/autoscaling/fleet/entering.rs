//! Members on their way in: their instance starts, launch hooks wait, then they are registered in the attached target
//! groups and are in service at once; nobody waits for the load balancer's opinion. Members of the warm pool end
//! stopped or running beside the group instead.

use super::{
    Effect,
    hooks::{self, Hooks},
    launches, leaving,
    step::Step,
};
use crate::{
    autoscaling::{
        activity::{ActivityStatus, sentence},
        group::{AttachmentState, LaunchedFrom},
        lifecycle_hook::Transition,
        member::{Departure, Destination, GroupInstance, LifecycleState as L},
        process::Process,
        warm_pool::PoolState,
    },
    ec2::instance::InstanceState as I,
};

/// One step.
pub(super) fn advance(step: &mut Step<'_>, member: GroupInstance) -> Option<GroupInstance> {
    let state = step.facts.instances.get(&member.instance_id).map(|instance| instance.state);
    let settles = member.lifecycle == L::WarmedPendingProceed;
    match state {
        Some(I::Running) if settles => Some(settle(step, member)),
        Some(I::Stopping) if settles => Some(member),
        Some(I::Stopped) if settles => Some(ready(step, member, L::WarmedStopped)),
        Some(I::Pending) => Some(member),
        Some(I::Running) => Some(wait_for_hooks(step, member)),
        None | Some(I::ShuttingDown | I::Terminated | I::Stopping | I::Stopped) => lost(step, member),
    }
}

fn wait_for_hooks(step: &mut Step<'_>, mut member: GroupInstance) -> GroupInstance {
    let warm = member.lifecycle.is_warm();
    if member.lifecycle == L::PendingProceed {
        return enter_service(step, member);
    }
    let had_hook = member.hook.is_some();
    match hooks::pass(step, &mut member, Transition::Launching) {
        Hooks::Wait => {
            enter(step, &mut member, if warm { L::WarmedPendingWait } else { L::PendingWait });
            member
        }
        Hooks::Done if warm => {
            enter(step, &mut member, L::WarmedPendingProceed);
            member
        }
        Hooks::Done if had_hook => {
            enter(step, &mut member, L::PendingProceed);
            member
        }
        Hooks::Done => enter_service(step, member),
        Hooks::Abandoned(why) => abandon(step, member, why),
    }
}

/// A new state, since now.
fn enter(step: &Step<'_>, member: &mut GroupInstance, state: L) {
    if member.lifecycle != state {
        (member.lifecycle, member.since) = (state, step.now);
    }
}

fn enter_service(step: &mut Step<'_>, mut member: GroupInstance) -> GroupInstance {
    // Whoever enters while this is suspended is never registered: registering belongs to this moment only.
    if step.runs(Process::AddToLoadBalancer) {
        let attached = step.group.target_groups.iter().filter(|attached| attached.state != AttachmentState::Removing);
        let arns: Vec<_> = attached.map(|attached| attached.arn.clone()).collect();
        for arn in arns {
            step.effect(Effect::Register(member.instance_id.clone(), arn));
        }
    }
    member.in_service_at = Some(step.now);
    ready(step, member, L::InService)
}

/// A member of the warm pool becomes what ready ones are.
fn settle(step: &mut Step<'_>, member: GroupInstance) -> GroupInstance {
    match step.group.warm_pool.as_ref().map(|pool| pool.state) {
        Some(PoolState::Stopped) => {
            step.effect(Effect::Stop(member.instance_id.clone()));
            member
        }
        Some(PoolState::Running) | None => ready(step, member, L::WarmedRunning),
    }
}

/// The transition is over.
fn ready(step: &mut Step<'_>, mut member: GroupInstance, state: L) -> GroupInstance {
    enter(step, &mut member, state);
    member.hook = None;
    member.hooks_done.clear();
    member.departure = None;
    launches::succeeded(step, &member);
    step.end_activity(&mut member, ActivityStatus::Successful, None);
    member
}

/// A launch hook was abandoned: the instance goes and another one comes.
fn abandon(step: &mut Step<'_>, mut member: GroupInstance, why: String) -> GroupInstance {
    launches::failed(&mut step.group, &member.zone, &why, step.now);
    step.end_activity(&mut member, ActivityStatus::Cancelled, Some(why));
    let text = "an instance was taken out of service in response to an abandoned lifecycle action";
    leaving::departing(step, member, Destination::Termination, sentence(step.now, text))
}

/// The instance stopped running before it entered service. A launch that came to nothing is a failed launch.
fn lost(step: &mut Step<'_>, mut member: GroupInstance) -> Option<GroupInstance> {
    let instance = step.facts.instances.get(&member.instance_id);
    let state = instance.map(|instance| instance.state);
    let reason = instance.and_then(|instance| instance.state_reason.clone());
    let reason = reason.unwrap_or_else(|| format!("The instance {} stopped running", member.instance_id));
    if member.in_service_at.is_none() && member.launched_from != LaunchedFrom::Attached {
        launches::failed(&mut step.group, &member.zone, &reason, step.now);
        step.end_activity(&mut member, ActivityStatus::Failed, Some(launches::failure_message(&reason)));
    } else {
        step.end_activity(&mut member, ActivityStatus::Failed, Some(reason));
    }
    match state {
        None | Some(I::Terminated) => None,
        Some(I::Pending | I::Running | I::ShuttingDown | I::Stopping | I::Stopped) => Some(give_up(step, member)),
    }
}

/// What is left of a failed launch is terminated, without hooks and without an activity of its own.
fn give_up(step: &Step<'_>, mut member: GroupInstance) -> GroupInstance {
    let warm = member.lifecycle.is_warm();
    enter(step, &mut member, if warm { L::WarmedTerminatingProceed } else { L::TerminatingProceed });
    member.hook = None;
    member.departure = Some(Departure { to: Destination::Termination, at: step.now });
    member
}
