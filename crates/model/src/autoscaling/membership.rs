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

/// Groups and members for the tests of this module's neighbours.
#[cfg(test)]
pub(in crate::autoscaling) mod samples {
    use super::*;
    use crate::Arn;
    use crate::autoscaling::group::{DEFAULT_COOLDOWN_SECONDS, DeletionProtection, LaunchSource, ZoneDistribution};

    /// An empty group in two zones.
    pub(in crate::autoscaling) fn group(minimum: u32, maximum: u32, desired: u32) -> AutoScalingGroup {
        let arn = |resource: &str| Arn::new("autoscaling", "eu-west-1", "123456789012", resource);
        AutoScalingGroup {
            name: "web".into(),
            arn: arn("autoScalingGroup:u:autoScalingGroupName/web"),
            created_at: Timestamp::default(),
            launch: LaunchSource::LaunchConfiguration("web-1".into()),
            minimum,
            maximum,
            desired,
            capacity_cause: None,
            default_cooldown_seconds: DEFAULT_COOLDOWN_SECONDS,
            zones: vec!["eu-west-1a".into(), "eu-west-1b".into()],
            subnets: Vec::new(),
            target_groups: Vec::new(),
            elb_health_check: false,
            health_check_grace_seconds: 0,
            default_instance_warmup_seconds: None,
            termination_policies: Vec::new(),
            new_instances_protected: false,
            maximum_instance_lifetime_seconds: None,
            deletion_protection: DeletionProtection::None,
            zone_distribution: ZoneDistribution::BalancedBestEffort,
            maintenance_policy: None,
            suspended: Default::default(),
            enabled_metrics: Default::default(),
            tags: Vec::new(),
            notifications: Default::default(),
            warm_pool: None,
            context: None,
            service_linked_role_arn: arn("role"),
            retain_on_terminate_hook_abandon: false,
            deleting: None,
            members: Default::default(),
            simple_scaling: None,
            launch_failures: None,
            health_replacements: Vec::new(),
            capacity: Default::default(),
            fleet: Default::default(),
        }
    }

    /// A member in that state, whose transition is activity `old-<n>`.
    pub(in crate::autoscaling) fn member(n: u8, lifecycle: LifecycleState) -> GroupInstance {
        GroupInstance {
            instance_id: id(n),
            zone: "eu-west-1a".into(),
            subnet_id: "subnet-0000000000000000a".parse().unwrap(),
            instance_type: "t2.micro".into(),
            launched_from: LaunchedFrom::LaunchConfiguration("web-1".into()),
            lifecycle,
            since: Timestamp::default(),
            joined_at: Timestamp::default(),
            in_service_at: Some(Timestamp::default()),
            unhealthy: None,
            impaired_since: None,
            protected: false,
            hook: None,
            hooks_done: vec!["done".into()],
            departure: None,
            activity: lifecycle.is_pending().then(|| format!("old-{n}")),
        }
    }

    /// The id of [`member`].
    pub(in crate::autoscaling) fn id(n: u8) -> InstanceId {
        format!("i-000000000000000{n:02x}").parse().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{group, id, member};
    use super::*;
    use LifecycleState as L;

    const NOW: Timestamp = Timestamp::from_seconds(1_581_446_050);

    /// A group of desired capacity 3 with members in these states, numbered from 1.
    fn with(states: &[L]) -> AutoScalingGroup {
        let mut group = group(1, 4, 3);
        let members = states.iter().zip(1..).map(|(state, n)| (id(n), member(n, *state)));
        group.members = members.collect();
        group
    }

    fn request(group: &mut AutoScalingGroup, count: usize) -> Request<'_> {
        Request { group, activity_ids: (0..count).map(|n| format!("new-{n}")).collect(), now: NOW }
    }

    fn running(n: u8) -> Instance {
        let record = serde_json::json!({
            "id": id(n), "reservation_id": "r-0000000000000000a", "launch_index": 0,
            "image_id": "ami-0000000000000000a", "instance_type": "t2.micro", "host": "local", "zone": "eu-west-1b",
            "vpc_id": "vpc-0000000000000000a", "subnet_id": "subnet-0000000000000000b",
            "network_interface_id": "eni-0000000000000000a", "network_attachment_id": "eni-attach-0000000000000000a",
            "private_address": "10.0.0.9", "public_address_wanted": false, "security_groups": [],
            "shutdown_behavior": "stop", "termination_protection": false, "stop_protection": false,
            "detailed_monitoring": false, "tags": {}, "launched_at": 0, "desired": "running", "state": "running",
            "state_changed_at": 0, "boot": 1,
        });
        serde_json::from_value(record).unwrap()
    }

    #[test]
    fn each_request_says_where_members_go_and_why() {
        type Ask = fn(Request<'_>, &[InstanceId]) -> Result<Requested, RefusedMembers>;
        let table: [(Ask, L, L, u32, &str, &str); 6] = [
            (
                |r, m| r.terminate(m, true),
                L::InService,
                L::Terminating,
                2,
                "Terminating EC2 instance",
                "instance ID was taken out of service in response to a user request, shrinking the capacity from 3 to 2",
            ),
            (
                |r, m| r.terminate(m, false),
                L::WarmedStopped,
                L::WarmedTerminating,
                3,
                "Terminating EC2 instance",
                "instance ID was taken out of service in response to a user request",
            ),
            (
                |r, m| r.detach(m, true),
                L::InService,
                L::Detaching,
                2,
                "Detaching EC2 instance",
                "instance ID was detached in response to a user request, shrinking the capacity from 3 to 2",
            ),
            (
                |r, m| r.detach(m, true),
                L::Standby,
                L::Detaching,
                3,
                "Detaching EC2 instance",
                "instance ID was detached in response to a user request",
            ),
            (
                |r, m| r.enter_standby(m, false),
                L::InService,
                L::EnteringStandby,
                3,
                "Moving EC2 instance to Standby",
                "instance ID was moved to standby in response to a user request",
            ),
            (
                |r, m| r.exit_standby(m),
                L::Standby,
                L::Pending,
                4,
                "Moving EC2 instance out of Standby",
                "instance ID was moved out of standby in response to a user request, increasing the capacity from 3 to 4",
            ),
        ];
        for (ask, from, to, desired, description, cause) in table {
            let mut group = with(&[from]);
            let done = ask(request(&mut group, 1), &[id(1)]).unwrap();
            let member = &group.members[&id(1)];
            assert_eq!((member.lifecycle, group.desired), (to, desired), "{description}");
            assert_eq!((member.activity.as_deref(), member.since), (Some("new-0"), NOW));
            assert!(member.hooks_done.is_empty());
            assert_eq!(member.departure.is_some(), to != L::Pending);
            let activity = &done.started[0];
            assert_eq!(activity.description, format!("{description}: {}", id(1)));
            let cause = cause.replace("ID", id(1).as_str());
            assert_eq!(activity.cause, format!("At 2020-02-11T18:34:10Z {cause}."));
            let details = r#"{"Subnet ID":"subnet-0000000000000000a","Availability Zone":"eu-west-1a"}"#;
            assert_eq!(activity.details, details);
        }
    }

    #[test]
    fn a_termination_supersedes_the_launch() {
        let mut group = with(&[L::PendingWait]);
        let done = request(&mut group, 1).terminate(&[id(1)], false).unwrap();
        assert_eq!(done.superseded, ["old-1"]);
    }

    #[test]
    fn attached_instances_raise_the_capacity_up_to_the_maximum() {
        let mut group = with(&[L::InService]);
        let done = request(&mut group, 1).attach(&[&running(9)]).unwrap();
        assert_eq!((group.desired, group.members[&id(9)].lifecycle), (4, L::Pending));
        assert!(done.started[0].cause.contains("increasing the capacity from 3 to 4"));
        let refused = request(&mut group, 1).attach(&[&running(10)]);
        assert_eq!(refused, Err(InvalidConstraints::AboveMaximum { desired: 5, maximum: 4 }.into()));
    }

    #[test]
    fn only_running_instances_of_the_groups_zones_are_attached() {
        let stopped = Instance { state: InstanceState::Stopped, ..running(9) };
        let elsewhere = Instance { zone: "eu-west-1c".into(), ..running(9) };
        let owned = Instance { auto_scaling_group: Some("other".into()), ..running(9) };
        for (instance, sentence) in [
            (stopped, "is not running"),
            (elsewhere, "is in zone eu-west-1c, which is not one of group web"),
            (owned, "is already part of Auto Scaling group other"),
            (running(1), "is already part of Auto Scaling group web"),
        ] {
            let mut group = with(&[L::InService]);
            let before = group.clone();
            let error = request(&mut group, 1).attach(&[&instance]).unwrap_err();
            assert_eq!(error.to_string(), format!("the instance {} {sentence}", instance.id));
            assert_eq!(group, before);
        }
    }

    #[test]
    fn a_request_that_does_not_fit_one_member_changes_none() {
        let mut group = with(&[L::InService, L::Terminating, L::InService]);
        let before = group.clone();
        let (wrong_state, missing) = ([id(1), id(2)], [id(1), id(9)]);
        assert!(matches!(request(&mut group, 2).terminate(&wrong_state, true), Err(RefusedMembers::State { .. })));
        assert!(matches!(request(&mut group, 2).detach(&missing, true), Err(RefusedMembers::NotMember { .. })));
        assert!(matches!(request(&mut group, 1).exit_standby(&[id(1)]), Err(RefusedMembers::State { .. })));
        assert!(group.protect(&wrong_state, true).is_err());
        assert_eq!(group, before);
    }

    #[test]
    fn the_minimum_holds_against_decrements() {
        let mut group = AutoScalingGroup { minimum: 2, ..with(&[L::InService, L::InService]) };
        let refused = request(&mut group, 2).enter_standby(&[id(1), id(2)], true);
        assert_eq!(refused, Err(InvalidConstraints::BelowMinimum { desired: 1, minimum: 2 }.into()));
        assert_eq!(group.desired, 3);
        request(&mut group, 2).enter_standby(&[id(1), id(2)], false).unwrap();
    }

    #[test]
    fn a_bad_opinion_waits_for_the_grace_period_only_if_it_is_to() {
        // Grace, seconds in service (or not yet), whether grace is respected; whether the member is unhealthy then.
        let table = [
            (0, Some(0), true, true),
            (60, Some(59), true, false),
            (60, Some(60), true, true),
            (60, Some(59), false, true),
            (0, None, true, false),
            (0, None, false, true),
        ];
        for (grace, in_service, respect, expected) in table {
            let mut group = AutoScalingGroup { health_check_grace_seconds: grace, ..with(&[L::InService]) };
            let in_service_at = in_service.map(|seconds| NOW.minus(Duration::from_secs(seconds)));
            group.members.insert(id(1), GroupInstance { in_service_at, ..member(1, L::InService) });
            group.set_health(&id(1), false, respect, NOW).unwrap();
            assert_eq!(group.members[&id(1)].unhealthy.is_some(), expected, "{grace} {in_service:?} {respect}");
            group.set_health(&id(1), true, respect, NOW).unwrap();
            assert_eq!(group.members[&id(1)].unhealthy, None);
        }
        let mut group = with(&[L::Standby]);
        assert!(matches!(group.set_health(&id(1), false, false, NOW), Err(RefusedMembers::State { .. })));
        assert!(matches!(group.set_health(&id(2), false, false, NOW), Err(RefusedMembers::NotMember { .. })));
    }

    #[test]
    fn members_are_protected_until_they_leave() {
        let mut group = with(&[L::InService, L::Standby]);
        group.protect(&[id(1), id(2)], true).unwrap();
        assert!(group.members.values().all(|member| member.protected));
        group.protect(&[id(2)], false).unwrap();
        assert!(group.members[&id(1)].protected && !group.members[&id(2)].protected);
    }
}
