//! Target groups on their way to the group and away from it: `Adding`, `Added`, `InService`, `Removing`, gone.

use super::{Effect, TargetHealth, step::Step};
use crate::{
    Arn,
    autoscaling::{
        group::{AttachedTargetGroup, AttachmentState},
        member::LifecycleState,
        process::Process,
    },
    id::InstanceId,
};

/// Each attachment takes its step.
pub(super) fn advance(step: &mut Step<'_>) {
    for attached in std::mem::take(&mut step.group.target_groups) {
        let AttachedTargetGroup { arn, state } = attached;
        let next = match state {
            AttachmentState::Adding if step.runs(Process::AddToLoadBalancer) => Some(register_all(step, &arn)),
            AttachmentState::Adding => Some(AttachmentState::Adding),
            AttachmentState::Added if any_is_healthy(step, &arn) => Some(AttachmentState::InService),
            AttachmentState::Added => Some(AttachmentState::Added),
            AttachmentState::InService => Some(AttachmentState::InService),
            AttachmentState::Removing => deregister_all(step, &arn),
        };
        if let Some(state) = next {
            step.group.target_groups.push(AttachedTargetGroup { arn, state });
        }
    }
}

/// Registers every member in service; it is done in the same transaction.
fn register_all(step: &mut Step<'_>, arn: &Arn) -> AttachmentState {
    let serving: Vec<InstanceId> =
        step.group.in_state(LifecycleState::InService).map(|member| member.instance_id.clone()).collect();
    for id in serving {
        if matches!(health(step, &id, arn), None | Some(TargetHealth::Draining)) {
            step.effect(Effect::Register(id, arn.clone()));
        }
    }
    AttachmentState::Added
}

fn any_is_healthy(step: &Step<'_>, arn: &Arn) -> bool {
    step.group.members.keys().any(|id| health(step, id, arn) == Some(TargetHealth::Healthy))
}

/// Deregisters every member; the attachment goes once none is there any more.
fn deregister_all(step: &mut Step<'_>, arn: &Arn) -> Option<AttachmentState> {
    let registered = |id: &InstanceId| Some((id.clone(), health(step, id, arn)?));
    let registered: Vec<_> = step.group.members.keys().filter_map(registered).collect();
    for (id, health) in &registered {
        let leaving = step.group.members.get(id).is_some_and(|member| member.departure.is_some());
        // Leaving members are deregistered everywhere on their way out.
        if *health != TargetHealth::Draining && !leaving {
            step.effect(Effect::Deregister(id.clone(), arn.clone()));
        }
    }
    (!registered.is_empty()).then_some(AttachmentState::Removing)
}

fn health(step: &Step<'_>, id: &InstanceId, arn: &Arn) -> Option<TargetHealth> {
    step.facts.instances.get(id)?.targets.get(arn).copied()
}
