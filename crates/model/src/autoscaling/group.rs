//! The Auto Scaling group: what its owner asked for, its members, and what is under way (Auto Scaling API reference,
//! AutoScalingGroup).
//!
//! Operations and deciders change this one record, so that capacity, members and attachments never disagree. What
//! happens next is decided in [`super::capacity`], [`super::refresh`] and [`super::fleet`]; nothing here decides.

use super::{
    member::{GroupInstance, LifecycleState},
    process::Process,
    warm_pool::WarmPool,
};
use crate::{
    Arn, Timestamp,
    id::{InstanceId, LaunchTemplateId, SubnetId},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most groups of an account and region (Auto Scaling user guide, quotas).
pub const MAXIMUM_GROUPS: usize = 500;
/// The pause after a simple scaling policy, in seconds, unless the group or the policy says otherwise.
pub const DEFAULT_COOLDOWN_SECONDS: u32 = 300;

/// A group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AutoScalingGroup {
    /// At most 255 characters, no colon; unique per account and region.
    pub name: String,
    /// `arn:aws:autoscaling:<region>:<account>:autoScalingGroup:<uuid>:autoScalingGroupName/<name>`
    pub arn: Arn,
    /// When it was made.
    pub created_at: Timestamp,
    /// What new instances are made from.
    pub launch: LaunchSource,
    /// The least desired capacity.
    pub minimum: u32,
    /// The greatest desired capacity; only rebalancing, replacement and refreshes exceed it for a while.
    pub maximum: u32,
    /// How many instances there should be; `minimum <= desired <= maximum`.
    pub desired: u32,
    /// Why `desired` has its present value, until the fleet has followed.
    pub capacity_cause: Option<CapacityCause>,
    /// Seconds after a simple scaling policy; [`DEFAULT_COOLDOWN_SECONDS`].
    pub default_cooldown_seconds: u32,
    /// Zone names, in order, each once.
    pub zones: Vec<String>,
    /// Where instances are launched; empty: the default subnet of each zone.
    pub subnets: Vec<SubnetId>,
    /// Target groups that members are registered in.
    pub target_groups: Vec<AttachedTargetGroup>,
    /// Whether the load balancer's opinion counts (`ELB`); EC2's always does.
    pub elb_health_check: bool,
    /// Seconds from InService during which a member's failed health checks do not count; 0 by the API's default.
    pub health_check_grace_seconds: u32,
    /// Seconds until a new instance counts in the group's metrics; 0 to 3600.
    pub default_instance_warmup_seconds: Option<u32>,
    /// Which instance goes first, in order; `[Default]` unless given.
    pub termination_policies: Vec<TerminationPolicy>,
    /// Whether new members are protected from scale-in.
    pub new_instances_protected: bool,
    /// The age at which a member is replaced, in seconds; at least 86,400.
    pub maximum_instance_lifetime_seconds: Option<u32>,
    /// What DeleteAutoScalingGroup may do.
    pub deletion_protection: DeletionProtection,
    /// What happens when a zone cannot take more instances.
    pub zone_distribution: ZoneDistribution,
    /// How far capacity may move while instances are replaced.
    pub maintenance_policy: Option<MaintenancePolicy>,
    /// Processes that are suspended, with AWS's reason text.
    pub suspended: BTreeMap<Process, String>,
    /// Group metrics that are published, by name; see [`super::metrics`].
    pub enabled_metrics: BTreeSet<String>,
    /// Tags in order of keys.
    pub tags: Vec<GroupTag>,
    /// Notification types (`autoscaling:EC2_INSTANCE_LAUNCH` …) by topic ARN.
    pub notifications: BTreeMap<Arn, BTreeSet<String>>,
    /// Instances kept ready.
    pub warm_pool: Option<WarmPool>,
    /// Free text of the caller, given back by Describe.
    pub context: Option<String>,
    /// The role named at creation; AWS's service-linked role unless given. Goru acts for itself and assumes no role.
    pub service_linked_role_arn: Arn,
    /// What an abandoned termination hook does.
    pub retain_on_terminate_hook_abandon: bool,
    /// Set once deletion has begun: members are terminated, then the record goes.
    pub deleting: Option<Timestamp>,
    /// Members, by instance id. Those of the warm pool are among them, in `Warmed:` states.
    pub members: BTreeMap<InstanceId, GroupInstance>,
    /// The newest change by a simple scaling policy; the next one waits for its end and its cooldown.
    pub simple_scaling: Option<SimpleScaling>,
    /// Set while launches fail.
    pub launch_failures: Option<LaunchFailures>,
    /// When members stopped running soon after they entered service, lately: too many are failed launches.
    #[serde(default)]
    pub health_replacements: Vec<Timestamp>,
    /// What the capacity's decider remembers.
    #[serde(default)]
    pub capacity: CapacityMemory,
    /// What the fleet's decider remembers from step to step.
    #[serde(default)]
    pub fleet: FleetMemory,
}

/// What the fleet's decider remembers from step to step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetMemory {
    /// What keeps the fleet from acting now, with the figures, and what it concerns: each is written down once.
    pub held: BTreeMap<String, String>,
    /// Members beyond the desired capacity that were launched to even out zones, until they are ready.
    pub rebalancing: u32,
    /// When a member that still serves was last replaced because it is unhealthy.
    #[serde(default)]
    pub replaced_at: Option<Timestamp>,
}

/// What new instances are made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaunchSource {
    /// A launch configuration, by name.
    LaunchConfiguration(String),
    /// A launch template.
    LaunchTemplate(TemplateChoice),
    /// A launch template with other instance types (MixedInstancesPolicy, on-demand instances only).
    Mixed {
        /// The template.
        template: TemplateChoice,
        /// Instance types in order of preference, each with its own template if it has one.
        overrides: Vec<MixedOverride>,
        /// `prioritized` or `lowest-price`; both take the first type that can be launched.
        allocation_strategy: String,
    },
}

/// A launch template and a version of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateChoice {
    /// `lt-…`
    pub id: LaunchTemplateId,
    /// Its name, for answers.
    pub name: String,
    /// As given: a number, `$Latest` or `$Default`.
    pub version: String,
}

/// One override of a mixed instances policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixedOverride {
    /// For example `t3.micro`.
    pub instance_type: Option<String>,
    /// Instead of the policy's template.
    pub template: Option<TemplateChoice>,
}

/// What a member was really made from; two members from the same are equals for skip matching and termination.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaunchedFrom {
    /// It was attached.
    Attached,
    /// A launch configuration.
    LaunchConfiguration(String),
    /// A version of a launch template.
    LaunchTemplate {
        /// `lt-…`
        id: LaunchTemplateId,
        /// Its name.
        name: String,
        /// The number.
        version: u64,
    },
}

/// A target group whose members are the group's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedTargetGroup {
    /// The target group.
    pub arn: Arn,
    /// How far attaching or detaching has come.
    pub state: AttachmentState,
}

/// How far a target group is attached (Auto Scaling API reference, LoadBalancerTargetGroupState). Its health opinion
/// counts from `InService` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttachmentState {
    /// Members are being registered.
    Adding,
    /// All members are registered; none was healthy yet.
    Added,
    /// At least one member passes its health checks.
    InService,
    /// Members are being deregistered; the attachment goes when they are drained.
    Removing,
}

/// Why `desired` was changed, in AWS's words; see [`super::activity`] for the texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityCause {
    /// When.
    pub at: Timestamp,
    /// The sentence without `At <time>`, for example `a user request update of AutoScalingGroup constraints to min: 1,
    /// max: 3, desired: 2 changing the desired capacity from 1 to 2`.
    pub text: String,
}

/// AWS's termination policies, but for Lambda functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TerminationPolicy {
    /// Oldest launch configuration, oldest template version, closest to the next instance hour.
    Default,
    /// Toward the allocation strategy; with on-demand instances only, the least preferred type.
    AllocationStrategy,
    /// The oldest version of the launch template.
    OldestLaunchTemplate,
    /// The oldest launch configuration.
    OldestLaunchConfiguration,
    /// The one whose started hour ends next.
    ClosestToNextInstanceHour,
    /// The newest.
    NewestInstance,
    /// The oldest.
    OldestInstance,
}

/// What DeleteAutoScalingGroup may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeletionProtection {
    /// Anything.
    #[default]
    None,
    /// Only delete empty groups.
    PreventForceDeletion,
    /// Nothing.
    PreventAllDeletion,
}

/// What happens when a zone cannot take more instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneDistribution {
    /// Another zone takes them (AWS's default).
    #[default]
    BalancedBestEffort,
    /// It is tried again there.
    BalancedOnly,
}

/// Per cent of the desired capacity between which a group moves while instances are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenancePolicy {
    /// 0 to 100.
    pub minimum_healthy_percentage: u32,
    /// 100 to 200, at most 100 above the minimum.
    pub maximum_healthy_percentage: u32,
}

/// A tag of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupTag {
    /// Unique in the group.
    pub key: String,
    /// May be empty.
    pub value: String,
    /// Whether new instances get it.
    pub propagate_at_launch: bool,
}

/// A change by a simple scaling policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimpleScaling {
    /// The policy's name.
    pub policy: String,
    /// When it changed the desired capacity.
    pub at: Timestamp,
    /// Seconds to wait after the end.
    pub cooldown_seconds: u32,
    /// When the last launch or termination for it had ended; absent while one is under way.
    pub ended_at: Option<Timestamp>,
}

/// What the capacity's decider remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityMemory {
    /// The newest wishes of target tracking policies for less capacity, by policy: they are followed when all agree.
    /// Empty unless the group has several such policies.
    pub scale_in_wishes: BTreeMap<String, ScaleInWish>,
}

/// A target tracking policy would do with less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScaleInWish {
    /// When its alarm last said so.
    pub at: Timestamp,
    /// The capacity that it would do with.
    pub to: u32,
}

/// Launches that fail, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchFailures {
    /// How many in a row.
    pub count: u32,
    /// When the first of them was.
    pub since: Timestamp,
    /// No launch before this.
    pub retry_at: Timestamp,
    /// Zones in which launches failed since then: others are tried first.
    pub zones: BTreeSet<String>,
}

impl AutoScalingGroup {
    /// What the ids of all records of a group begin with (activities, policies, hooks …); names have no colon.
    pub fn prefix(name: &str) -> String {
        format!("{name}:")
    }

    /// Whether a process runs.
    pub fn runs(&self, process: Process) -> bool {
        !self.suspended.contains_key(&process)
    }

    /// Members that count toward the desired capacity: on their way in or in service; not leaving, not standby, not warm.
    pub fn counting(&self) -> impl Iterator<Item = &GroupInstance> {
        self.members.values().filter(|member| member.lifecycle.counts())
    }

    /// Members in one state.
    pub fn in_state(&self, state: LifecycleState) -> impl Iterator<Item = &GroupInstance> {
        self.members.values().filter(move |member| member.lifecycle == state)
    }

    /// Seconds that a new instance takes until it counts in metrics: the policy's own, the group's, or its cooldown
    /// (Auto Scaling user guide, instance warm-up).
    pub fn warmup_seconds(&self, of_policy: Option<u32>) -> u32 {
        of_policy.or(self.default_instance_warmup_seconds).unwrap_or(self.default_cooldown_seconds)
    }
}
