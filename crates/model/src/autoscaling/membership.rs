//! What requests make of a group's members: attach, detach, stand by, come back, terminate, protect.
//!
//! The request only says where a member is going; registering, draining, waiting for hooks and the end of the activity
//! are the fleet's. Activities begin here, with the cause texts that AWS gives in its answers (Auto Scaling user guide,
//! temporarily remove instances, attach and detach instances).

use super::{
    activity::{ActivityStatus, ScalingActivity, sentence},
    constraints::{self, InvalidConstraints},
    group::{AutoScalingGroup, LaunchedFrom},
    member::{Departure, Destination, GroupInstance, LifecycleState, Unhealthy, UnhealthyCause},
};
use crate::{
    Timestamp,
    ec2::instance::{Instance, InstanceState},
    id::InstanceId,
};
use std::time::Duration;

/// Why a request about members is refused; the group is as it was then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedMembers {
    /// Not a member of this group.
    #[error("the instance {instance} is not part of Auto Scaling group {group}")]
    NotMember {
        /// The instance.
        instance: InstanceId,
        /// The group.
        group: String,
    },
    /// A member of a group already.
    #[error("the instance {instance} is already part of Auto Scaling group {group}")]
    MemberOf {
        /// The instance.
        instance: InstanceId,
        /// Its group.
        group: String,
    },
    /// Not running.
    #[error("the instance {instance} is not running")]
    NotRunning {
        /// The instance.
        instance: InstanceId,
    },
    /// The group does not serve its zone.
    #[error("the instance {instance} is in zone {zone}, which is not one of group {group}")]
    OtherZone {
        /// The instance.
        instance: InstanceId,
        /// Its zone.
        zone: String,
        /// The group.
        group: String,
    },
    /// In a state in which this cannot be asked.
    #[error("the instance {instance} is {}; it has to be {wanted}", .state.name())]
    State {
        /// The instance.
        instance: InstanceId,
        /// Where it is.
        state: LifecycleState,
        /// Where it should be.
        wanted: &'static str,
    },
    /// The limits of the group.
    #[error(transparent)]
    Capacity(#[from] InvalidConstraints),
}

/// What came of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requested {
    /// New activities, one per instance.
    pub started: Vec<ScalingActivity>,
    /// Ids of activities that ended because the member goes somewhere else now.
    pub superseded: Vec<String>,
}

/// A request about several members of a group at one moment.
pub struct Request<'a> {
    /// The group; changed only when the whole request is accepted.
    pub group: &'a mut AutoScalingGroup,
    /// Ids of activities: UUIDs, one per instance.
    pub activity_ids: Vec<String>,
    /// The moment of the request.
    pub now: Timestamp,
}

/// The parts of a new activity that differ.
struct Beginning<'a> {
    description: &'a str,
    text: String,
    status: ActivityStatus,
    progress: u8,
}

impl Request<'_> {
    /// Running instances become members; the desired capacity grows by their number.
    ///
    /// # Errors
    /// [`RefusedMembers`].
    pub fn attach(self, instances: &[&Instance]) -> Result<Requested, RefusedMembers> {
        let mut group = self.group.clone();
        let mut done = Requested::default();
        for (instance, id) in instances.iter().zip(&self.activity_ids) {
            check_attachable(&group, instance)?;
            let desired = grown(&group)?;
            let text = format!(
                "an instance was attached in response to a user request, increasing the capacity from {} to {desired}",
                group.desired
            );
            group.desired = desired;
            let member = attached(instance, self.now, id);
            let beginning = Beginning {
                description: "Attaching an existing EC2 instance",
                text,
                status: ActivityStatus::InProgress,
                progress: 50,
            };
            done.started.push(beginning.activity(&group, &member, id, self.now));
            group.members.insert(instance.id.clone(), member);
        }
        *self.group = group;
        Ok(done)
    }

    /// Members are given up and go on running. With `decrement` the desired capacity falls by their number, otherwise
    /// they are replaced.
    ///
    /// # Errors
    /// [`RefusedMembers`].
    pub fn detach(self, members: &[InstanceId], decrement: bool) -> Result<Requested, RefusedMembers> {
        let allowed = |state| matches!(state, LifecycleState::InService | LifecycleState::Standby);
        self.leave(members, decrement, Destination::Detachment, allowed, "InService or Standby")
    }

    /// Members leave service and stay in the group.
    ///
    /// # Errors
    /// [`RefusedMembers`].
    pub fn enter_standby(self, members: &[InstanceId], decrement: bool) -> Result<Requested, RefusedMembers> {
        let allowed = |state| state == LifecycleState::InService;
        self.leave(members, decrement, Destination::Standby, allowed, "InService")
    }

    /// Members are terminated, protected ones too.
    ///
    /// # Errors
    /// [`RefusedMembers`].
    pub fn terminate(self, members: &[InstanceId], decrement: bool) -> Result<Requested, RefusedMembers> {
        self.leave(
            members,
            decrement,
            Destination::Termination,
            can_be_terminated,
            "on its way in, InService or Standby",
        )
    }

    fn leave(
        self,
        members: &[InstanceId],
        decrement: bool,
        to: Destination,
        allowed: impl Fn(LifecycleState) -> bool,
        wanted: &'static str,
    ) -> Result<Requested, RefusedMembers> {
        let mut group = self.group.clone();
        let mut done = Requested::default();
        for (instance, id) in members.iter().zip(&self.activity_ids) {
            let member = found(&group, instance)?;
            check_state(&member, &allowed, wanted)?;
            let mut text = leaving_text(to, instance);
            if decrement && member.lifecycle.counts() {
                let desired = shrunk(&group)?;
                text = format!("{text}, shrinking the capacity from {} to {desired}", group.desired);
                group.desired = desired;
            }
            let (description, progress) = leaving_words(to);
            let beginning = Beginning { description, text, status: ActivityStatus::InProgress, progress };
            done.started.push(beginning.activity(&group, &member, id, self.now));
            done.superseded.extend(member.activity.clone());
            group.members.insert(instance.clone(), departing(member, to, id, self.now));
        }
        *self.group = group;
        Ok(done)
    }

    /// Standing members come back into service; the desired capacity grows by their number.
    ///
    /// # Errors
    /// [`RefusedMembers`].
    pub fn exit_standby(self, members: &[InstanceId]) -> Result<Requested, RefusedMembers> {
        let mut group = self.group.clone();
        let mut done = Requested::default();
        for (instance, id) in members.iter().zip(&self.activity_ids) {
            let member = found(&group, instance)?;
            check_state(&member, |state| state == LifecycleState::Standby, "Standby")?;
            let desired = grown(&group)?;
            let text = format!(
                "instance {instance} was moved out of standby in response to a user request, increasing the capacity \
                 from {} to {desired}",
                group.desired
            );
            group.desired = desired;
            let beginning = Beginning {
                description: "Moving EC2 instance out of Standby",
                text,
                status: ActivityStatus::PreInService,
                progress: 30,
            };
            done.started.push(beginning.activity(&group, &member, id, self.now));
            group.members.insert(instance.clone(), returning(member, id, self.now));
        }
        *self.group = group;
        Ok(done)
    }
}

impl AutoScalingGroup {
    /// Protects members from scale-in, or no longer.
    ///
    /// # Errors
    /// [`RefusedMembers`] for instances that are not members or on their way out; the group is as it was then.
    pub fn protect(&mut self, members: &[InstanceId], protected: bool) -> Result<(), RefusedMembers> {
        for instance in members {
            let allowed = |state: LifecycleState| {
                let standing = matches!(state, LifecycleState::EnteringStandby | LifecycleState::Standby);
                state.counts()
                    || standing
                    || matches!(state, LifecycleState::WarmedStopped | LifecycleState::WarmedRunning)
            };
            check_state(&found(self, instance)?, allowed, "InService, standing by or on its way in")?;
        }
        for instance in members {
            if let Some(member) = self.members.get_mut(instance) {
                member.protected = protected;
            }
        }
        Ok(())
    }
}

impl AutoScalingGroup {
    /// What SetInstanceHealth says of a member: unhealthy ones are replaced at once, healthy ones stay. Within the
    /// grace period a bad opinion is left out if `respect_grace`; so it is for members that are not in service yet.
    ///
    /// # Errors
    /// [`RefusedMembers`] for instances that are not members, or neither in service nor on their way in.
    pub fn set_health(
        &mut self,
        instance: &InstanceId,
        healthy: bool,
        respect_grace: bool,
        now: Timestamp,
    ) -> Result<(), RefusedMembers> {
        let member = found(self, instance)?;
        check_state(&member, LifecycleState::counts, "InService or on its way in")?;
        let grace = Duration::from_secs(self.health_check_grace_seconds.into());
        let in_grace = member.in_service_at.is_none_or(|since| now.since(since) < grace);
        let unhealthy = match healthy {
            true => None,
            false if respect_grace && in_grace => member.unhealthy.clone(),
            false => Some(Unhealthy { at: now, cause: UnhealthyCause::UserRequest }),
        };
        self.members.insert(instance.clone(), GroupInstance { unhealthy, ..member });
        Ok(())
    }
}

impl Beginning<'_> {
    fn activity(self, group: &AutoScalingGroup, member: &GroupInstance, id: &str, now: Timestamp) -> ScalingActivity {
        let Self { description, text, status, progress } = self;
        ScalingActivity {
            id: id.to_owned(),
            group: group.name.clone(),
            group_arn: group.arn.clone(),
            description: format!("{description}: {}", member.instance_id),
            cause: sentence(now, &text),
            started_at: now,
            ended_at: None,
            status,
            status_message: None,
            progress,
            details: details(member),
            group_deleted: false,
        }
    }
}

/// `{"Subnet ID":"…","Availability Zone":"…"}`
fn details(member: &GroupInstance) -> String {
    format!(r#"{{"Subnet ID":"{}","Availability Zone":"{}"}}"#, member.subnet_id, member.zone)
}

fn found(group: &AutoScalingGroup, instance: &InstanceId) -> Result<GroupInstance, RefusedMembers> {
    let missing = || RefusedMembers::NotMember { instance: instance.clone(), group: group.name.clone() };
    group.members.get(instance).cloned().ok_or_else(missing)
}

fn check_state(
    member: &GroupInstance,
    allowed: impl Fn(LifecycleState) -> bool,
    wanted: &'static str,
) -> Result<(), RefusedMembers> {
    let state = member.lifecycle;
    match allowed(state) {
        true => Ok(()),
        false => Err(RefusedMembers::State { instance: member.instance_id.clone(), state, wanted }),
    }
}

fn check_attachable(group: &AutoScalingGroup, instance: &Instance) -> Result<(), RefusedMembers> {
    let id = instance.id.clone();
    let member_of = group.members.contains_key(&id).then_some(&group.name).or(instance.auto_scaling_group.as_ref());
    if let Some(group) = member_of {
        return Err(RefusedMembers::MemberOf { instance: id, group: group.clone() });
    }
    if instance.state != InstanceState::Running {
        return Err(RefusedMembers::NotRunning { instance: id });
    }
    if !group.zones.contains(&instance.zone) {
        let (zone, group) = (instance.zone.clone(), group.name.clone());
        return Err(RefusedMembers::OtherZone { instance: id, zone, group });
    }
    Ok(())
}

fn grown(group: &AutoScalingGroup) -> Result<u32, RefusedMembers> {
    let desired = group.desired.saturating_add(1);
    constraints::check(group.minimum, group.maximum, desired)?;
    Ok(desired)
}

fn shrunk(group: &AutoScalingGroup) -> Result<u32, RefusedMembers> {
    let below = InvalidConstraints::BelowMinimum { desired: 0, minimum: group.minimum };
    let desired = group.desired.checked_sub(1).ok_or(below)?;
    constraints::check(group.minimum, group.maximum, desired)?;
    Ok(desired)
}

/// Whatever is not on its way out already.
const fn can_be_terminated(state: LifecycleState) -> bool {
    match state {
        LifecycleState::Pending
        | LifecycleState::PendingWait
        | LifecycleState::PendingProceed
        | LifecycleState::InService
        | LifecycleState::EnteringStandby
        | LifecycleState::Standby
        | LifecycleState::TerminatingRetained
        | LifecycleState::WarmedPending
        | LifecycleState::WarmedPendingWait
        | LifecycleState::WarmedPendingProceed
        | LifecycleState::WarmedStopped
        | LifecycleState::WarmedRunning => true,
        LifecycleState::Terminating
        | LifecycleState::TerminatingWait
        | LifecycleState::TerminatingProceed
        | LifecycleState::Terminated
        | LifecycleState::Detaching
        | LifecycleState::Detached
        | LifecycleState::WarmedTerminating
        | LifecycleState::WarmedTerminatingWait
        | LifecycleState::WarmedTerminatingProceed => false,
    }
}

fn leaving_text(to: Destination, instance: &InstanceId) -> String {
    match to {
        Destination::Termination => {
            format!("instance {instance} was taken out of service in response to a user request")
        }
        Destination::Detachment => format!("instance {instance} was detached in response to a user request"),
        Destination::Standby => format!("instance {instance} was moved to standby in response to a user request"),
        Destination::WarmPool => format!("instance {instance} was returned to the warm pool"),
    }
}

/// Description and first progress.
const fn leaving_words(to: Destination) -> (&'static str, u8) {
    match to {
        Destination::Termination => ("Terminating EC2 instance", 0),
        Destination::Detachment => ("Detaching EC2 instance", 50),
        Destination::Standby => ("Moving EC2 instance to Standby", 50),
        Destination::WarmPool => ("Returning EC2 instance to the warm pool", 0),
    }
}

fn attached(instance: &Instance, now: Timestamp, activity: &str) -> GroupInstance {
    GroupInstance {
        instance_id: instance.id.clone(),
        zone: instance.zone.clone(),
        subnet_id: instance.subnet_id.clone(),
        instance_type: instance.instance_type.clone(),
        launched_from: LaunchedFrom::Attached,
        lifecycle: LifecycleState::Pending,
        since: now,
        joined_at: now,
        in_service_at: None,
        unhealthy: None,
        impaired_since: None,
        protected: false,
        hook: None,
        hooks_done: Vec::new(),
        departure: None,
        activity: Some(activity.to_owned()),
    }
}

/// The member on its way out, with a fresh transition.
fn departing(member: GroupInstance, to: Destination, activity: &str, now: Timestamp) -> GroupInstance {
    let lifecycle = match (to, member.lifecycle.is_warm()) {
        (Destination::Termination | Destination::WarmPool, false) => LifecycleState::Terminating,
        (Destination::Termination | Destination::WarmPool, true) => LifecycleState::WarmedTerminating,
        (Destination::Detachment, _) => LifecycleState::Detaching,
        (Destination::Standby, _) => LifecycleState::EnteringStandby,
    };
    GroupInstance {
        lifecycle,
        since: now,
        hook: None,
        hooks_done: Vec::new(),
        departure: Some(Departure { to, at: now }),
        activity: Some(activity.to_owned()),
        ..member
    }
}

/// The member on its way back into service: its grace begins anew there.
fn returning(member: GroupInstance, activity: &str, now: Timestamp) -> GroupInstance {
    GroupInstance {
        lifecycle: LifecycleState::Pending,
        since: now,
        in_service_at: None,
        unhealthy: None,
        hook: None,
        hooks_done: Vec::new(),
        departure: None,
        activity: Some(activity.to_owned()),
        ..member
    }
}

#[cfg(test)]
pub(in crate::autoscaling) mod samples;
#[cfg(test)]
mod tests;
