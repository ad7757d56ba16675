//! Groups and members for the tests of this module and of its neighbours.
//! Everything is in zone `eu-west-1a` of made-up records; nothing here is looked up.

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
