//! Each member takes its step: in, on, or out. Members whose instance has vanished go.

use super::{entering, leaving, step::Step};
use crate::{
    autoscaling::member::{GroupInstance, LifecycleState as L},
    ec2::instance::InstanceState,
};

/// Every member takes its step.
pub(super) fn advance(step: &mut Step<'_>) {
    for (id, member) in std::mem::take(&mut step.group.members) {
        if let Some(member) = one(step, member) {
            step.group.members.insert(id, member);
        }
    }
}

/// The member as it is from now on, or `None` once it is gone.
fn one(step: &mut Step<'_>, member: GroupInstance) -> Option<GroupInstance> {
    match member.lifecycle {
        L::Pending
        | L::PendingWait
        | L::PendingProceed
        | L::WarmedPending
        | L::WarmedPendingWait
        | L::WarmedPendingProceed => entering::advance(step, member),
        // Members in service are looked at by the health checks.
        L::InService => Some(member),
        L::Standby | L::TerminatingRetained => present(step, member),
        L::WarmedStopped | L::WarmedRunning => Some(member),
        L::Terminating
        | L::TerminatingWait
        | L::TerminatingProceed
        | L::WarmedTerminating
        | L::WarmedTerminatingWait
        | L::WarmedTerminatingProceed
        | L::Detaching
        | L::EnteringStandby => leaving::advance(step, member),
        L::Terminated | L::Detached => None,
    }
}

/// A member that nobody looks after stays as long as its instance is there.
fn present(step: &Step<'_>, member: GroupInstance) -> Option<GroupInstance> {
    let instance = step.facts.instances.get(&member.instance_id)?;
    let ended = instance.state == InstanceState::Terminated && member.lifecycle == L::TerminatingRetained;
    (!ended).then_some(member)
}
