//! What goes into and what comes out of a decision about a group's members.

use crate::{
    Arn, Timestamp,
    autoscaling::{
        activity::ScalingActivity,
        decision::ScalingDecision,
        group::{AutoScalingGroup, LaunchedFrom},
        lifecycle_hook::LifecycleHook,
    },
    ec2::instance::InstanceState,
    id::{InstanceId, SubnetId},
};
use std::collections::{BTreeMap, BTreeSet};

/// What is known about the world of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The instances of members that exist. A member without one was terminated long ago.
    pub instances: BTreeMap<InstanceId, InstanceFacts>,
    /// What new instances would be made from now; an error is a sentence for the activity.
    pub launch: Option<Result<LaunchedFrom, String>>,
    /// When each launch configuration or template version that members were made from was made, as far as they exist.
    pub made_at: BTreeMap<LaunchedFrom, Timestamp>,
    /// Subnets to launch in by zone, all of the group's zones; a zone without any cannot take instances.
    pub subnets: BTreeMap<String, Vec<SubnetId>>,
    /// Zones that are impaired: nothing is launched there.
    pub impaired_zones: BTreeSet<String>,
    /// The group's hooks, in order of names.
    pub hooks: Vec<LifecycleHook>,
    /// The activities that members name ([`super::super::member::GroupInstance::activity`]), by id.
    pub activities: BTreeMap<String, ScalingActivity>,
}

/// What is known about a member's instance.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceFacts {
    /// EC2's state.
    pub state: InstanceState,
    /// Why it is in that state, for failed launches.
    pub state_reason: Option<String>,
    /// When it was launched.
    pub launched_at: Timestamp,
    /// Whether its status check is `impaired` now.
    pub impaired: bool,
    /// Its registration in each target group of the facts' group; absent where it is not registered.
    pub targets: BTreeMap<Arn, TargetHealth>,
}

/// What a target group says of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetHealth {
    /// Not checked yet, or no listener uses the target group.
    Unknown,
    /// It gets requests.
    Healthy,
    /// Health checks fail.
    Unhealthy,
    /// Deregistered; requests in flight end.
    Draining,
}

/// What a refresh (or nobody) wants of the fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orders {
    /// Members to replace, in this order; those that are gone or leaving are skipped.
    pub replace: Vec<Replacement>,
    /// Never fewer members in service and healthy than this because of replacements; absent: the group's maintenance
    /// policy, or terminate before launch.
    pub floor: Option<u32>,
    /// Never more members than this because of replacements; absent: as `floor`.
    pub ceiling: Option<u32>,
    /// Seconds until a new member counts as replaced; absent: the group's warm-up rules.
    pub warmup_seconds: Option<u32>,
}

/// A member that is to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The member.
    pub instance: InstanceId,
    /// The cause, without `At <time>`: for example `an instance was taken out of service in response to an instance
    /// refresh`.
    pub cause: String,
}

/// Something to be done outside the group's record, in the same transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// An instance is made; then [`super::launched`] or [`super::launch_failed`] is called.
    Launch(LaunchOrder),
    /// An instance is terminated.
    Terminate(InstanceId),
    /// A warm instance is started.
    Start(InstanceId),
    /// A warm instance is stopped.
    Stop(InstanceId),
    /// An instance was detached: it belongs to no group any more.
    Release(InstanceId),
    /// A member is registered in a target group.
    Register(InstanceId, Arn),
    /// A member is deregistered from a target group, with its deregistration delay.
    Deregister(InstanceId, Arn),
    /// An activity is new or has changed.
    Activity(ScalingActivity),
    /// Somebody is told.
    Notify(Notice),
    /// A decision is written down.
    Decide(ScalingDecision),
    /// The group is empty and was deleted: its records go.
    DeleteGroup,
}

/// An instance to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct LaunchOrder {
    /// Where.
    pub zone: String,
    /// Where in the zone.
    pub subnet: SubnetId,
    /// Whether it is for the warm pool.
    pub warm: bool,
    /// The activity, in progress; the instance's id is filled in once it is known.
    pub activity: ScalingActivity,
}

/// What somebody is told of.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// An activity ended: the topics of the group's notification configurations are told (the type follows from
    /// description and status: launch, launch error, terminate, terminate error).
    Activity {
        /// `autoscaling:EC2_INSTANCE_LAUNCH` …
        event: &'static str,
        /// The activity.
        activity: ScalingActivity,
        /// The instance, if there is one.
        instance: Option<InstanceId>,
    },
    /// A member waits for a hook: its notification target is told.
    Hook {
        /// The hook.
        hook: LifecycleHook,
        /// The member.
        instance: InstanceId,
        /// The action's token.
        token: String,
    },
}

/// What was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The group as it is from now on.
    pub group: AutoScalingGroup,
    /// In order.
    pub effects: Vec<Effect>,
    /// When to look again without a change.
    pub next: Option<Timestamp>,
}
