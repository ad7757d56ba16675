//! OBSERVE: what the records say about the world of one group.

use model::{
    Arn, Scope, Timestamp,
    autoscaling::{
        activity::ScalingActivity,
        fleet::{Facts, InstanceFacts, TargetHealth},
        group::{AutoScalingGroup, LaunchedFrom},
        launch_configuration::LaunchConfiguration,
        lifecycle_hook::LifecycleHook,
    },
    ec2::{
        instance::{Instance, InstanceState},
        launch_template::LaunchTemplateVersion,
        subnet::Subnet,
        vpc::Vpc,
    },
    elbv2::{
        target::{Target, TargetId},
        target_health::CheckedState,
    },
    id::{InstanceId, SubnetId},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use store::{View, target_id_prefix};

/// What the fleet's decider is told. `in_use`: the target groups that a listener sends requests to.
pub fn fleet(
    view: &View,
    scope: &Scope,
    group: &AutoScalingGroup,
    launch: Result<LaunchedFrom, String>,
    in_use: &BTreeSet<Arn>,
) -> Facts {
    let mut targets = targets(view, scope, group, in_use);
    let instances = group.members.keys().filter_map(|id| {
        let instance = view.get::<Instance>(scope, id)?;
        Some((id.clone(), instance_facts(&instance, targets.remove(id).unwrap_or_default())))
    });
    Facts {
        instances: instances.collect(),
        launch: Some(launch),
        made_at: made_at(view, scope, group),
        subnets: subnets(view, scope, group),
        impaired_zones: BTreeSet::new(),
        hooks: hooks(view, scope, &group.name),
        activities: activities(view, scope, group),
    }
}

/// The activities of members' present transitions.
fn activities(view: &View, scope: &Scope, group: &AutoScalingGroup) -> BTreeMap<String, ScalingActivity> {
    let named = group.members.values().filter_map(|member| member.activity.as_ref());
    let prefix = AutoScalingGroup::prefix(&group.name);
    let found = |id: &String| view.get::<ScalingActivity>(scope, format!("{prefix}{id}"));
    named.filter_map(|id| Some((id.clone(), ScalingActivity::clone(&*found(id)?)))).collect()
}

/// The hooks of a group in order of names.
pub fn hooks(view: &View, scope: &Scope, group: &str) -> Vec<LifecycleHook> {
    view.range::<LifecycleHook>(scope, &AutoScalingGroup::prefix(group))
        .map(|hook| LifecycleHook::clone(&hook))
        .collect()
}

fn instance_facts(instance: &Instance, targets: BTreeMap<Arn, TargetHealth>) -> InstanceFacts {
    let unreachable = instance.runtime.as_ref().is_some_and(|runtime| !runtime.reachable);
    InstanceFacts {
        state: instance.state,
        state_reason: instance.state_reason.as_ref().map(|reason| reason.message.clone()),
        launched_at: instance.launched_at,
        impaired: instance.state == InstanceState::Running && unreachable,
        targets,
    }
}

/// What each target group says of each member that is registered in it.
fn targets(
    view: &View,
    scope: &Scope,
    group: &AutoScalingGroup,
    in_use: &BTreeSet<Arn>,
) -> BTreeMap<InstanceId, BTreeMap<Arn, TargetHealth>> {
    let mut found: BTreeMap<InstanceId, BTreeMap<Arn, TargetHealth>> = BTreeMap::new();
    for attached in &group.target_groups {
        for target in view.range::<Target>(scope, &target_id_prefix(&attached.arn)) {
            let TargetId::Instance(id) = &target.key.id else { continue };
            if group.members.contains_key(id) {
                let health = health(&target, in_use.contains(&attached.arn));
                let worst = found.entry(id.clone()).or_default().entry(attached.arn.clone()).or_insert(health);
                // Registered on several ports: the worst opinion counts.
                if rank(health) > rank(*worst) {
                    *worst = health;
                }
            }
        }
    }
    found
}

const fn rank(health: TargetHealth) -> u8 {
    match health {
        TargetHealth::Healthy => 0,
        TargetHealth::Unknown => 1,
        TargetHealth::Unhealthy => 2,
        TargetHealth::Draining => 3,
    }
}

fn health(target: &Target, in_use: bool) -> TargetHealth {
    if target.deregistered_at.is_some() {
        return TargetHealth::Draining;
    }
    match target.health.as_ref().filter(|_| in_use).map(|health| health.state) {
        Some(CheckedState::Healthy) => TargetHealth::Healthy,
        Some(CheckedState::Unhealthy) => TargetHealth::Unhealthy,
        Some(CheckedState::Initial) | None => TargetHealth::Unknown,
    }
}

fn made_at(view: &View, scope: &Scope, group: &AutoScalingGroup) -> BTreeMap<LaunchedFrom, Timestamp> {
    let sources: BTreeSet<&LaunchedFrom> = group.members.values().map(|member| &member.launched_from).collect();
    let made_at = |source: &LaunchedFrom| match source {
        LaunchedFrom::Attached => None,
        LaunchedFrom::LaunchConfiguration(name) => {
            view.get::<LaunchConfiguration>(scope, name).map(|found| found.created_at)
        }
        LaunchedFrom::LaunchTemplate { id, version, name: _ } => {
            let id = LaunchTemplateVersion::id_of(id, *version);
            view.get::<LaunchTemplateVersion>(scope, id).map(|found| found.created_at)
        }
    };
    sources.into_iter().filter_map(|source| Some((source.clone(), made_at(source)?))).collect()
}

/// The group's own subnets by zone, or the default subnet of each of its zones.
fn subnets(view: &View, scope: &Scope, group: &AutoScalingGroup) -> BTreeMap<String, Vec<SubnetId>> {
    let mut by_zone: BTreeMap<String, Vec<SubnetId>> = BTreeMap::new();
    for subnet in places(view, scope, group) {
        if group.zones.contains(&subnet.zone) {
            by_zone.entry(subnet.zone.clone()).or_default().push(subnet.id.clone());
        }
    }
    by_zone
}

fn places(view: &View, scope: &Scope, group: &AutoScalingGroup) -> Vec<Arc<Subnet>> {
    if !group.subnets.is_empty() {
        return group.subnets.iter().filter_map(|id| view.get::<Subnet>(scope, id)).collect();
    }
    let default_vpc = view.list::<Vpc>(scope).find(|vpc| vpc.is_default);
    let Some(vpc) = default_vpc else { return Vec::new() };
    view.list::<Subnet>(scope).filter(|subnet| subnet.vpc_id == vpc.id && subnet.default_for_zone).collect()
}
