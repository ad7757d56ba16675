//! Groups and members as answers show them.

use std::sync::Arc;

use api::autoscaling::types as shape;
use model::Scope;
use model::autoscaling::group::{
    AttachedTargetGroup, AttachmentState, AutoScalingGroup, DeletionProtection, LaunchSource, LaunchedFrom,
    MixedOverride, TemplateChoice, ZoneDistribution,
};
use model::autoscaling::member::{GroupInstance, LifecycleState};
use model::autoscaling::warm_pool::{PoolState, WarmPool};
use model::ec2::instance::Instance;
use store::View;

use super::resources::shown_number;
use super::{tags, target_groups, types};
use crate::context::Context;
use crate::handler::to_wire;
use crate::regions::Zone;

/// The only granularity of group metrics.
pub(super) const GRANULARITY: &str = "1Minute";

/// What views look up beside the group itself.
pub(super) struct Shown<'a> {
    view: &'a View,
    scope: Scope,
    zones: Vec<Zone>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(cx: &Context, view: &'a View) -> Self {
        Self { view, scope: cx.scope(), zones: cx.zones() }
    }

    fn zone_id(&self, name: &str) -> Option<String> {
        self.zones.iter().find(|zone| zone.name == name).map(|zone| zone.id.clone())
    }

    fn image(&self, member: &GroupInstance) -> Option<String> {
        let instance: Option<Arc<Instance>> = self.view.get(&self.scope, &member.instance_id);
        instance.map(|instance| instance.image_id.to_string())
    }

    /// A group; its members of the warm pool are counted and not listed.
    pub(super) fn group(&self, group: &AutoScalingGroup, with_instances: bool) -> shape::AutoScalingGroup {
        let launch = Launch::of(&group.launch);
        let members = || group.members.values().filter(|member| !member.lifecycle.is_warm());
        let instances = || members().map(|member| self.instance(member)).collect();
        let warm = group.members.values().filter(|member| member.lifecycle.is_warm()).count();
        shape::AutoScalingGroup {
            auto_scaling_group_arn: Some(group.arn.to_string()),
            auto_scaling_group_name: Some(group.name.clone()),
            availability_zone_distribution: Some(zone_distribution(group.zone_distribution)),
            availability_zone_ids: Some(group.zones.iter().filter_map(|zone| self.zone_id(zone)).collect()),
            availability_zone_impairment_policy: Some(impairment_policy()),
            availability_zones: Some(group.zones.clone()),
            capacity_rebalance: None,
            context: group.context.clone(),
            created_time: Some(to_wire(group.created_at)),
            default_cooldown: Some(shown_number(group.default_cooldown_seconds)),
            default_instance_warmup: group.default_instance_warmup_seconds.map(shown_number),
            deletion_protection: Some(deletion_protection(group.deletion_protection)),
            desired_capacity: Some(shown_number(group.desired)),
            enabled_metrics: Some(group.enabled_metrics.iter().map(|name| enabled_metric(name)).collect()),
            health_check_grace_period: Some(shown_number(group.health_check_grace_seconds)),
            health_check_type: Some(if group.elb_health_check { "ELB" } else { "EC2" }.to_owned()),
            instance_lifecycle_policy: group.retain_on_terminate_hook_abandon.then(retaining),
            instance_maintenance_policy: group.maintenance_policy.map(|policy| shape::InstanceMaintenancePolicy {
                max_healthy_percentage: Some(shown_number(policy.maximum_healthy_percentage)),
                min_healthy_percentage: Some(shown_number(policy.minimum_healthy_percentage)),
            }),
            instances: Some(if with_instances { instances() } else { Vec::new() }),
            launch_configuration_name: launch.configuration,
            launch_template: launch.template,
            load_balancer_names: Some(Vec::new()),
            max_instance_lifetime: group.maximum_instance_lifetime_seconds.map(shown_number),
            max_size: Some(shown_number(group.maximum)),
            min_size: Some(shown_number(group.minimum)),
            mixed_instances_policy: launch.mixed,
            new_instances_protected_from_scale_in: Some(group.new_instances_protected),
            predicted_capacity: None,
            service_linked_role_arn: Some(group.service_linked_role_arn.to_string()),
            status: group.deleting.map(|_| "Delete in progress".to_owned()),
            suspended_processes: Some(suspended(group)),
            tags: Some(group.tags.iter().map(|tag| tags::to_shape(&group.name, tag)).collect()),
            target_group_ar_ns: Some(attached(group).map(|attached| attached.arn.to_string()).collect()),
            termination_policies: Some(termination_policies(group)),
            traffic_sources: Some(attached(group).map(target_groups::traffic_source).collect()),
            vpc_zone_identifier: Some(subnets(group)),
            warm_pool_configuration: group.warm_pool.as_ref().map(warm_pool),
            warm_pool_size: Some(i32::try_from(warm).unwrap_or(i32::MAX)).filter(|_| group.warm_pool.is_some()),
        }
    }

    /// A member as DescribeAutoScalingGroups and DescribeWarmPool show it.
    pub(super) fn instance(&self, member: &GroupInstance) -> shape::Instance {
        let (launch_configuration_name, launch_template) = launched_from(&member.launched_from);
        shape::Instance {
            availability_zone: Some(member.zone.clone()),
            availability_zone_id: self.zone_id(&member.zone),
            health_status: Some(if member.unhealthy.is_none() { "Healthy" } else { "Unhealthy" }.to_owned()),
            image_id: self.image(member),
            instance_id: Some(member.instance_id.to_string()),
            instance_type: Some(member.instance_type.clone()),
            launch_configuration_name,
            launch_template,
            lifecycle_state: Some(lifecycle_state(member.lifecycle)),
            protected_from_scale_in: Some(member.protected),
        }
    }

    /// A member as DescribeAutoScalingInstances shows it: with its group, and its health in capitals.
    pub(super) fn instance_details(
        &self,
        group: &AutoScalingGroup,
        member: &GroupInstance,
    ) -> shape::AutoScalingInstanceDetails {
        let (launch_configuration_name, launch_template) = launched_from(&member.launched_from);
        shape::AutoScalingInstanceDetails {
            auto_scaling_group_name: Some(group.name.clone()),
            availability_zone: Some(member.zone.clone()),
            availability_zone_id: self.zone_id(&member.zone),
            health_status: Some(if member.unhealthy.is_none() { "HEALTHY" } else { "UNHEALTHY" }.to_owned()),
            image_id: self.image(member),
            instance_id: Some(member.instance_id.to_string()),
            instance_type: Some(member.instance_type.clone()),
            launch_configuration_name,
            launch_template,
            lifecycle_state: Some(member.lifecycle.name().to_owned()),
            protected_from_scale_in: Some(member.protected),
        }
    }
}

/// The three members that a launch source can be shown in; one is filled.
pub(super) struct Launch {
    pub(super) configuration: Option<String>,
    pub(super) template: Option<shape::LaunchTemplateSpecification>,
    pub(super) mixed: Option<shape::MixedInstancesPolicy>,
}

impl Launch {
    /// As groups and instance refreshes show it.
    pub(super) fn of(source: &LaunchSource) -> Self {
        let none = Self { configuration: None, template: None, mixed: None };
        match source {
            LaunchSource::LaunchConfiguration(name) => Self { configuration: Some(name.clone()), ..none },
            LaunchSource::LaunchTemplate(choice) => Self { template: Some(template(choice)), ..none },
            LaunchSource::Mixed { template, overrides, allocation_strategy } => {
                Self { mixed: Some(mixed(template, overrides, allocation_strategy)), ..none }
            }
        }
    }
}

fn template(choice: &TemplateChoice) -> shape::LaunchTemplateSpecification {
    shape::LaunchTemplateSpecification {
        launch_template_id: Some(choice.id.to_string()),
        launch_template_name: Some(choice.name.clone()),
        version: Some(choice.version.clone()),
    }
}

fn mixed(choice: &TemplateChoice, overrides: &[MixedOverride], strategy: &str) -> shape::MixedInstancesPolicy {
    let one = |one: &MixedOverride| shape::LaunchTemplateOverrides {
        instance_type: one.instance_type.clone(),
        launch_template_specification: one.template.as_ref().map(template),
    };
    shape::MixedInstancesPolicy {
        instances_distribution: Some(shape::InstancesDistribution {
            on_demand_allocation_strategy: Some(strategy.to_owned()),
            on_demand_base_capacity: Some(0),
            on_demand_percentage_above_base_capacity: Some(100),
            // AWS's default; there are no Spot instances for it.
            spot_allocation_strategy: Some("lowest-price".to_owned()),
        }),
        launch_template: Some(shape::LaunchTemplate {
            launch_template_specification: Some(template(choice)),
            overrides: Some(overrides.iter().map(one).collect()),
        }),
    }
}

fn launched_from(source: &LaunchedFrom) -> (Option<String>, Option<shape::LaunchTemplateSpecification>) {
    match source {
        LaunchedFrom::Attached => (None, None),
        LaunchedFrom::LaunchConfiguration(name) => (Some(name.clone()), None),
        LaunchedFrom::LaunchTemplate { id, name, version } => {
            let template = shape::LaunchTemplateSpecification {
                launch_template_id: Some(id.to_string()),
                launch_template_name: Some(name.clone()),
                version: Some(version.to_string()),
            };
            (None, Some(template))
        }
    }
}

/// Attachments that are not on their way out.
fn attached(group: &AutoScalingGroup) -> impl Iterator<Item = &AttachedTargetGroup> {
    group.target_groups.iter().filter(|attached| attached.state != AttachmentState::Removing)
}

fn zone_distribution(distribution: ZoneDistribution) -> shape::AvailabilityZoneDistribution {
    let strategy = match distribution {
        ZoneDistribution::BalancedBestEffort => shape::CapacityDistributionStrategy::BalancedBestEffort,
        ZoneDistribution::BalancedOnly => shape::CapacityDistributionStrategy::BalancedOnly,
    };
    shape::AvailabilityZoneDistribution { capacity_distribution_strategy: Some(strategy) }
}

/// AWS's default; there is no zonal shift.
fn impairment_policy() -> shape::AvailabilityZoneImpairmentPolicy {
    shape::AvailabilityZoneImpairmentPolicy {
        impaired_zone_health_check_behavior: Some(shape::ImpairedZoneHealthCheckBehavior::IgnoreUnhealthy),
        zonal_shift_enabled: Some(false),
    }
}

fn deletion_protection(protection: DeletionProtection) -> shape::DeletionProtection {
    match protection {
        DeletionProtection::None => shape::DeletionProtection::None,
        DeletionProtection::PreventForceDeletion => shape::DeletionProtection::PreventForceDeletion,
        DeletionProtection::PreventAllDeletion => shape::DeletionProtection::PreventAllDeletion,
    }
}

fn enabled_metric(name: &str) -> shape::EnabledMetric {
    shape::EnabledMetric { granularity: Some(GRANULARITY.to_owned()), metric: Some(name.to_owned()) }
}

fn retaining() -> shape::InstanceLifecyclePolicy {
    let triggers = shape::RetentionTriggers { terminate_hook_abandon: Some(shape::RetentionAction::Retain) };
    shape::InstanceLifecyclePolicy { retention_triggers: Some(triggers) }
}

fn suspended(group: &AutoScalingGroup) -> Vec<shape::SuspendedProcess> {
    let one = |(process, reason): (&model::autoscaling::process::Process, &String)| shape::SuspendedProcess {
        process_name: Some(process.name().to_owned()),
        suspension_reason: Some(reason.clone()),
    };
    group.suspended.iter().map(one).collect()
}

fn termination_policies(group: &AutoScalingGroup) -> Vec<String> {
    group.termination_policies.iter().map(|policy| types::termination_policy_name(*policy).to_owned()).collect()
}

fn subnets(group: &AutoScalingGroup) -> String {
    group.subnets.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(",")
}

/// What a warm pool should be, as answers show it.
pub(super) fn warm_pool(pool: &WarmPool) -> shape::WarmPoolConfiguration {
    let WarmPool { maximum_prepared_capacity, minimum_size, state, reuse_on_scale_in, deleting, without_hooks: _ } =
        pool;
    let state = match state {
        PoolState::Stopped => shape::WarmPoolState::Stopped,
        PoolState::Running => shape::WarmPoolState::Running,
    };
    let reuse = shape::InstanceReusePolicy { reuse_on_scale_in: Some(*reuse_on_scale_in) };
    shape::WarmPoolConfiguration {
        instance_reuse_policy: Some(reuse),
        max_group_prepared_capacity: maximum_prepared_capacity.map(shown_number),
        min_size: Some(shown_number(*minimum_size)),
        pool_state: Some(state),
        status: deleting.then_some(shape::WarmPoolStatus::PendingDelete),
    }
}

fn lifecycle_state(state: LifecycleState) -> shape::LifecycleState {
    use shape::LifecycleState as S;
    match state {
        LifecycleState::Pending => S::Pending,
        LifecycleState::PendingWait => S::PendingWait,
        LifecycleState::PendingProceed => S::PendingProceed,
        LifecycleState::InService => S::InService,
        LifecycleState::Terminating => S::Terminating,
        LifecycleState::TerminatingWait => S::TerminatingWait,
        LifecycleState::TerminatingProceed => S::TerminatingProceed,
        LifecycleState::TerminatingRetained => S::TerminatingRetained,
        LifecycleState::Terminated => S::Terminated,
        LifecycleState::Detaching => S::Detaching,
        LifecycleState::Detached => S::Detached,
        LifecycleState::EnteringStandby => S::EnteringStandby,
        LifecycleState::Standby => S::Standby,
        LifecycleState::WarmedPending => S::WarmedPending,
        LifecycleState::WarmedPendingWait => S::WarmedPendingWait,
        LifecycleState::WarmedPendingProceed => S::WarmedPendingProceed,
        LifecycleState::WarmedStopped => S::WarmedStopped,
        LifecycleState::WarmedRunning => S::WarmedRunning,
        LifecycleState::WarmedTerminating => S::WarmedTerminating,
        LifecycleState::WarmedTerminatingWait => S::WarmedTerminatingWait,
        LifecycleState::WarmedTerminatingProceed => S::WarmedTerminatingProceed,
    }
}
