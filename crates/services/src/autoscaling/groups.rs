//! Auto Scaling groups: create, update, delete. What they look like is said in [`super::group_listing`].
//!
//! A group is only written down here; the fleet's decider launches, registers and terminates. Deletion begins here and
//! is ended by the controller once the last member is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::autoscaling::types as shape;
use model::autoscaling::activity::ScalingActivity;
use model::autoscaling::constraints::{self, Constraints, Origin};
use model::autoscaling::group::{
    AutoScalingGroup, DEFAULT_COOLDOWN_SECONDS, DeletionProtection, LaunchSource, TerminationPolicy, ZoneDistribution,
};
use model::id::uuid;
use model::{Arn, Timestamp};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, Quota, committed, invalid};
use super::launch_configurations::{check_name, find_instance, insert_from_instance};
use super::resources::{SERVICE, change, change_always, number};
use super::settings::Changes;
use super::{launch_sources, lifecycle_hooks, places, settings, tags, target_groups};
use crate::context::Context;

/// A new group as it is asked for, checked as far as that goes without looking at records.
struct Asked {
    name: String,
    minimum: u32,
    maximum: u32,
    desired: u32,
    launch: launch_sources::Given,
    instance: Option<String>,
    places: places::Given,
    target_groups: Vec<Arn>,
    settings: Changes,
    hooks: Vec<lifecycle_hooks::Given>,
    tags: Vec<model::autoscaling::group::GroupTag>,
    /// UUIDs of the group and of a launch configuration that is made for it.
    ids: [String; 2],
}

pub(super) async fn create(cx: &Context, input: shape::CreateAutoScalingGroupType) -> Result<(), AwsError> {
    let asked = asked(cx, input)?;
    committed(cx.store.transact(|txn| insert(cx, txn, &asked)).await)
}

fn asked(cx: &Context, input: shape::CreateAutoScalingGroupType) -> Result<Asked, Error> {
    let shape::CreateAutoScalingGroupType {
        auto_scaling_group_name: name,
        availability_zone_distribution,
        availability_zone_ids,
        availability_zone_impairment_policy,
        availability_zones,
        capacity_rebalance,
        context,
        default_cooldown,
        default_instance_warmup,
        deletion_protection,
        desired_capacity,
        desired_capacity_type,
        health_check_grace_period,
        health_check_type,
        instance_id,
        instance_lifecycle_policy,
        instance_maintenance_policy,
        launch_configuration_name,
        launch_template,
        lifecycle_hook_specification_list,
        load_balancer_names,
        max_instance_lifetime,
        max_size,
        min_size,
        mixed_instances_policy,
        new_instances_protected_from_scale_in,
        service_linked_role_arn,
        tags,
        target_group_ar_ns,
        termination_policies,
        traffic_sources,
        vpc_zone_identifier,
    } = input;
    check_name("AutoScalingGroupName", &name)?;
    target_groups::refuse_load_balancers(&load_balancer_names.unwrap_or_default())?;
    let (minimum, maximum) = (number(min_size), number(max_size));
    let desired = desired_capacity.map_or(minimum, number);
    constraints::check(minimum, maximum, desired)?;
    let settings = settings::Given {
        availability_zone_distribution,
        availability_zone_impairment_policy,
        capacity_rebalance,
        context,
        default_cooldown,
        default_instance_warmup,
        deletion_protection,
        desired_capacity_type,
        health_check_grace_period,
        health_check_type,
        instance_lifecycle_policy,
        instance_maintenance_policy,
        max_instance_lifetime,
        new_instances_protected_from_scale_in,
        service_linked_role_arn,
        termination_policies,
    };
    Ok(Asked {
        minimum,
        maximum,
        desired,
        launch: launch_sources::Given {
            launch_configuration: launch_configuration_name,
            template: launch_template,
            mixed: mixed_instances_policy,
        },
        instance: instance_id,
        places: places::Given {
            zones: availability_zones,
            zone_ids: availability_zone_ids,
            subnets: vpc_zone_identifier,
        },
        target_groups: target_groups::of_new_group(target_group_ar_ns, traffic_sources)?,
        settings: settings.read()?,
        hooks: lifecycle_hooks::of_new_group(lifecycle_hook_specification_list)?,
        tags: tags::of_new_group(&name, tags)?,
        ids: [cx.mint(uuid), cx.mint(uuid)],
        name,
    })
}

fn insert(cx: &Context, txn: &mut Transaction, asked: &Asked) -> Result<(), Error> {
    let scope = cx.scope();
    if let Some(there) = txn.get::<AutoScalingGroup>(&scope, &asked.name) {
        let state = if there.deleting.is_some() { " and is pending delete" } else { "" };
        let message = format!(
            "AutoScalingGroup by this name already exists - a group with the name {} exists{state}",
            asked.name
        );
        return Err(Error::Exists(message));
    }
    if txn.list::<AutoScalingGroup>(&scope).count() >= Quota::Groups.limit() {
        return Err(Error::TooMany(Quota::Groups));
    }
    let launch = launch_source(cx, txn, asked)?;
    let places = places_of(cx, txn.view(), asked)?;
    let mut group = new_group(cx, asked, launch, places);
    asked.settings.apply(&mut group);
    group.change_desired(asked.desired, "a user request created an AutoScalingGroup", cx.now);
    target_groups::attach_all(cx, txn.view(), &mut group, &asked.target_groups)?;
    for hook in &asked.hooks {
        lifecycle_hooks::write(cx, txn, &group, hook)?;
    }
    txn.put(&scope, group);
    Ok(())
}

/// What the request names; an instance becomes a launch configuration of the group's name.
fn launch_source(cx: &Context, txn: &mut Transaction, asked: &Asked) -> Result<LaunchSource, Error> {
    let named = asked.launch.resolve(cx, txn.view(), None)?;
    match (named, &asked.instance) {
        (Some(source), None) => Ok(source),
        (None, Some(text)) => {
            let instance = find_instance(cx, txn.view(), text)?;
            insert_from_instance(cx, txn, &asked.name, &asked.ids[1], &instance)?;
            Ok(LaunchSource::LaunchConfiguration(asked.name.clone()))
        }
        (None, None) => Err(invalid(
            "give one of LaunchConfigurationName, LaunchTemplate, MixedInstancesPolicy and InstanceId: what instances \
             are launched from",
        )),
        (Some(_), Some(_)) => Err(invalid(
            "give one of LaunchConfigurationName, LaunchTemplate, MixedInstancesPolicy and InstanceId, not several",
        )),
    }
}

/// Where instances go: as asked, or else where the instance is that the group is made from.
fn places_of(cx: &Context, view: &View, asked: &Asked) -> Result<places::Places, Error> {
    if let Some(places) = asked.places.resolve(cx, view, None)? {
        return Ok(places);
    }
    let Some(text) = &asked.instance else {
        return Err(invalid("At least one Availability Zone or VPC Subnet is required."));
    };
    let instance = find_instance(cx, view, text)?;
    Ok(places::Places { zones: vec![instance.zone.clone()], subnets: vec![instance.subnet_id.clone()] })
}

/// A group with AWS's defaults and no capacity yet.
fn new_group(cx: &Context, asked: &Asked, launch: LaunchSource, places: places::Places) -> AutoScalingGroup {
    let name = asked.name.clone();
    AutoScalingGroup {
        arn: cx.arn(SERVICE, format!("autoScalingGroup:{}:autoScalingGroupName/{name}", asked.ids[0])),
        name,
        created_at: cx.now,
        launch,
        minimum: asked.minimum,
        maximum: asked.maximum,
        desired: 0,
        capacity_cause: None,
        default_cooldown_seconds: DEFAULT_COOLDOWN_SECONDS,
        zones: places.zones,
        subnets: places.subnets,
        target_groups: Vec::new(),
        elb_health_check: false,
        health_check_grace_seconds: 0,
        default_instance_warmup_seconds: None,
        termination_policies: vec![TerminationPolicy::Default],
        new_instances_protected: false,
        maximum_instance_lifetime_seconds: None,
        deletion_protection: DeletionProtection::None,
        zone_distribution: ZoneDistribution::BalancedBestEffort,
        maintenance_policy: None,
        suspended: BTreeMap::new(),
        enabled_metrics: BTreeSet::new(),
        tags: asked.tags.clone(),
        notifications: BTreeMap::new(),
        warm_pool: None,
        context: None,
        service_linked_role_arn: settings::default_role(&cx.account),
        retain_on_terminate_hook_abandon: false,
        deleting: None,
        members: BTreeMap::new(),
        simple_scaling: None,
        launch_failures: None,
        health_replacements: Vec::<Timestamp>::new(),
        capacity: Default::default(),
        fleet: Default::default(),
    }
}

pub(super) async fn update(cx: &Context, input: shape::UpdateAutoScalingGroupType) -> Result<(), AwsError> {
    let shape::UpdateAutoScalingGroupType {
        auto_scaling_group_name,
        availability_zone_distribution,
        availability_zone_ids,
        availability_zone_impairment_policy,
        availability_zones,
        capacity_rebalance,
        context,
        default_cooldown,
        default_instance_warmup,
        deletion_protection,
        desired_capacity,
        desired_capacity_type,
        health_check_grace_period,
        health_check_type,
        instance_lifecycle_policy,
        instance_maintenance_policy,
        launch_configuration_name,
        launch_template,
        max_instance_lifetime,
        max_size,
        min_size,
        mixed_instances_policy,
        new_instances_protected_from_scale_in,
        service_linked_role_arn,
        termination_policies,
        vpc_zone_identifier,
    } = input;
    let settings = settings::Given {
        availability_zone_distribution,
        availability_zone_impairment_policy,
        capacity_rebalance,
        context,
        default_cooldown,
        default_instance_warmup,
        deletion_protection,
        desired_capacity_type,
        health_check_grace_period,
        health_check_type,
        instance_lifecycle_policy,
        instance_maintenance_policy,
        max_instance_lifetime,
        new_instances_protected_from_scale_in,
        service_linked_role_arn,
        termination_policies,
    };
    let settings = settings.read()?;
    let launch = launch_sources::Given {
        launch_configuration: launch_configuration_name,
        template: launch_template,
        mixed: mixed_instances_policy,
    };
    let places =
        places::Given { zones: availability_zones, zone_ids: availability_zone_ids, subnets: vpc_zone_identifier };
    let constraints = Constraints {
        minimum: min_size.map(number),
        maximum: max_size.map(number),
        desired: desired_capacity.map(number),
    };
    change(cx, &auto_scaling_group_name, |txn, group| {
        if let Some(source) = launch.resolve(cx, txn.view(), Some(&group.launch))? {
            group.launch = source;
        }
        if let Some(places) = places.resolve(cx, txn.view(), Some(group))? {
            (group.zones, group.subnets) = (places.zones, places.subnets);
        }
        settings.apply(group);
        Ok(group.constrain(constraints, Origin::UserRequest, cx.now)?)
    })
    .await
}

/// Only begins; deleting what is being deleted already changes nothing.
pub(super) async fn delete(cx: &Context, input: shape::DeleteAutoScalingGroupType) -> Result<(), AwsError> {
    let shape::DeleteAutoScalingGroupType { auto_scaling_group_name, force_delete } = input;
    let force = force_delete.unwrap_or(false);
    change_always(cx, &auto_scaling_group_name, |txn, group| {
        check_protection(group, force)?;
        if !force {
            refuse_in_use(cx, txn.view(), group)?;
        }
        group.deleting = group.deleting.or(Some(cx.now));
        Ok(())
    })
    .await
}

fn check_protection(group: &AutoScalingGroup, force: bool) -> Result<(), Error> {
    let name = &group.name;
    match (group.deletion_protection, force) {
        (DeletionProtection::None, _) | (DeletionProtection::PreventForceDeletion, false) => Ok(()),
        (DeletionProtection::PreventForceDeletion, true) => Err(Error::InUse(format!(
            "the deletion protection of Auto Scaling group {name} prevents ForceDelete; empty the group first, or \
             change DeletionProtection"
        ))),
        (DeletionProtection::PreventAllDeletion, _) => Err(Error::InUse(format!(
            "the deletion protection of Auto Scaling group {name} prevents its deletion; change DeletionProtection first"
        ))),
    }
}

fn refuse_in_use(cx: &Context, view: &View, group: &AutoScalingGroup) -> Result<(), Error> {
    if group.deleting.is_some() {
        return Ok(());
    }
    if !group.members.is_empty() {
        let message = "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance \
                       request(s) still in the group.";
        return Err(Error::InUse(message.into()));
    }
    let mut activities = view.range::<ScalingActivity>(&cx.scope(), &AutoScalingGroup::prefix(&group.name));
    match activities.any(|activity: Arc<ScalingActivity>| !activity.status.is_over()) {
        true => Err(Error::ActivityInProgress(
            "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group."
                .into(),
        )),
        false => Ok(()),
    }
}
