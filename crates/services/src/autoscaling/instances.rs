//! Members of groups: attach, detach, stand by, come back, terminate, protect, judge; and the capacity that follows.
//!
//! What a request makes of the group is decided in `model::autoscaling::membership`; the fleet's decider carries it out.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::autoscaling::types as shape;
use model::autoscaling::activity::ScalingActivity;
use model::autoscaling::constraints::Cooldown;
use model::autoscaling::group::AutoScalingGroup;
use model::autoscaling::membership::{RefusedMembers, Request, Requested};
use model::ec2::instance::Instance;
use model::ec2::launch::AUTO_SCALING_GROUP_TAG;
use model::id::{InstanceId, uuid};
use store::Transaction;
use wire::AwsError;

use super::activities;
use super::errors::{Error, Quota, invalid, shown};
use super::resources::{
    DEFAULT_PAGE, change, change_always, group_of, instance_ids, number, page_size, write_activities,
};
use super::views::Shown;
use crate::context::Context;
use crate::pagination::Listing;

/// The most instances of one call of attach, detach or standby (Auto Scaling user guide, quotas).
const MAXIMUM_PER_CALL: usize = 20;

/// The ids of a request that names at most [`MAXIMUM_PER_CALL`].
fn few(texts: &[String]) -> Result<Vec<InstanceId>, Error> {
    let ids = instance_ids(texts)?;
    match ids.len() {
        count if count > MAXIMUM_PER_CALL => {
            Err(invalid(format!("one call names at most {MAXIMUM_PER_CALL} instances, not {count}")))
        }
        _ => Ok(ids),
    }
}

fn activity_ids(cx: &Context, count: usize) -> Vec<String> {
    (0..count).map(|_| cx.mint(uuid)).collect()
}

/// Makes one request about members and writes its activities, together with the group.
async fn request(
    cx: &Context,
    group: &str,
    count: usize,
    ask: impl Fn(Request<'_>, &Transaction) -> Result<Requested, Error>,
) -> Result<Vec<ScalingActivity>, AwsError> {
    let (ids, scope) = (activity_ids(cx, count), cx.scope());
    change(cx, group, |txn, group| {
        let Requested { started, superseded } = ask(Request { group, activity_ids: ids.clone(), now: cx.now }, txn)?;
        write_activities(txn, &scope, &started, &superseded);
        Ok(started)
    })
    .await
}

fn shown_activities(all: &[ScalingActivity]) -> Option<Vec<shape::Activity>> {
    Some(all.iter().map(activities::to_shape).collect())
}

pub(super) async fn attach(cx: &Context, input: shape::AttachInstancesQuery) -> Result<(), AwsError> {
    let shape::AttachInstancesQuery { auto_scaling_group_name, instance_ids } = input;
    let wanted = few(&instance_ids)?;
    let (ids, scope) = (activity_ids(cx, wanted.len()), cx.scope());
    change(cx, &auto_scaling_group_name, |txn, group| {
        let found = wanted.iter().map(|id| existing(cx, txn, id)).collect::<Result<Vec<_>, Error>>()?;
        let instances: Vec<&Instance> = found.iter().map(|instance| &**instance).collect();
        let request = Request { group, activity_ids: ids.clone(), now: cx.now };
        let Requested { started, superseded } = request.attach(&instances)?;
        write_activities(txn, &scope, &started, &superseded);
        for instance in instances {
            txn.put(&scope, belonging_to(instance, &group.name));
        }
        Ok(())
    })
    .await
}

fn existing(cx: &Context, txn: &Transaction, id: &InstanceId) -> Result<Arc<Instance>, Error> {
    txn.get::<Instance>(&cx.scope(), id)
        .ok_or_else(|| invalid(format!("Invalid Instance ID: there is no instance {id}")))
}

/// An instance of a group has AWS's tag, and the group is a dimension of its metrics.
fn belonging_to(instance: &Instance, group: &str) -> Instance {
    let mut instance = instance.clone();
    instance.tags.0.insert(AUTO_SCALING_GROUP_TAG.to_owned(), group.to_owned());
    instance.auto_scaling_group = Some(group.to_owned());
    instance
}

pub(super) async fn detach(
    cx: &Context,
    input: shape::DetachInstancesQuery,
) -> Result<shape::DetachInstancesAnswer, AwsError> {
    let shape::DetachInstancesQuery { auto_scaling_group_name, instance_ids, should_decrement_desired_capacity } =
        input;
    let ids = few(&instance_ids)?;
    let ask = |request: Request<'_>, _: &Transaction| Ok(request.detach(&ids, should_decrement_desired_capacity)?);
    let started = request(cx, &auto_scaling_group_name, ids.len(), ask).await?;
    Ok(shape::DetachInstancesAnswer { activities: shown_activities(&started) })
}

pub(super) async fn enter_standby(
    cx: &Context,
    input: shape::EnterStandbyQuery,
) -> Result<shape::EnterStandbyAnswer, AwsError> {
    let shape::EnterStandbyQuery { auto_scaling_group_name, instance_ids, should_decrement_desired_capacity } = input;
    let ids = few(&instance_ids)?;
    let ask =
        |request: Request<'_>, _: &Transaction| Ok(request.enter_standby(&ids, should_decrement_desired_capacity)?);
    let started = request(cx, &auto_scaling_group_name, ids.len(), ask).await?;
    Ok(shape::EnterStandbyAnswer { activities: shown_activities(&started) })
}

pub(super) async fn exit_standby(
    cx: &Context,
    input: shape::ExitStandbyQuery,
) -> Result<shape::ExitStandbyAnswer, AwsError> {
    let shape::ExitStandbyQuery { auto_scaling_group_name, instance_ids } = input;
    let ids = few(&instance_ids)?;
    let ask = |request: Request<'_>, txn: &Transaction| {
        if let Some(stopped) = ids.iter().find(|id| !is_running(cx, txn, id)) {
            return Err(RefusedMembers::NotRunning { instance: stopped.clone() }.into());
        }
        Ok(request.exit_standby(&ids)?)
    };
    let started = request(cx, &auto_scaling_group_name, ids.len(), ask).await?;
    Ok(shape::ExitStandbyAnswer { activities: shown_activities(&started) })
}

fn is_running(cx: &Context, txn: &Transaction, id: &InstanceId) -> bool {
    let instance = txn.get::<Instance>(&cx.scope(), id);
    instance.is_none_or(|instance| instance.state == model::ec2::instance::InstanceState::Running)
}

/// One instance is answered by its activity, several by theirs. All have to be in one group.
pub(super) async fn terminate(
    cx: &Context,
    input: shape::TerminateInstanceInAutoScalingGroupType,
) -> Result<shape::ActivityType, AwsError> {
    let shape::TerminateInstanceInAutoScalingGroupType {
        auto_scaling_group_name,
        instance_id,
        instance_ids: several,
        should_decrement_desired_capacity,
    } = input;
    let (ids, one) = match (instance_id, several) {
        (Some(id), None) => (instance_ids(&[id])?, true),
        (None, Some(texts)) => (instance_ids(&texts)?, false),
        (Some(_), Some(_)) | (None, None) => return Err(invalid("give InstanceId or InstanceIds").into()),
    };
    let group = match auto_scaling_group_name {
        Some(name) => name,
        None => group_of(&cx.store.view(), &cx.scope(), &ids[0])?.name.clone(),
    };
    let ask = |request: Request<'_>, _: &Transaction| Ok(request.terminate(&ids, should_decrement_desired_capacity)?);
    let started = request(cx, &group, ids.len(), ask).await?;
    Ok(match one {
        true => shape::ActivityType { activities: None, activity: started.first().map(activities::to_shape) },
        false => shape::ActivityType { activities: shown_activities(&started), activity: None },
    })
}

pub(super) async fn protect(
    cx: &Context,
    input: shape::SetInstanceProtectionQuery,
) -> Result<shape::SetInstanceProtectionAnswer, AwsError> {
    let shape::SetInstanceProtectionQuery { auto_scaling_group_name, instance_ids: texts, protected_from_scale_in } =
        input;
    let ids = instance_ids(&texts)?;
    if ids.len() > Quota::Protected.limit() {
        return Err(Error::TooMany(Quota::Protected).into());
    }
    change(cx, &auto_scaling_group_name, |_, group| Ok(group.protect(&ids, protected_from_scale_in)?)).await?;
    Ok(shape::SetInstanceProtectionAnswer {})
}

pub(super) async fn set_health(cx: &Context, input: shape::SetInstanceHealthQuery) -> Result<(), AwsError> {
    let shape::SetInstanceHealthQuery { health_status, instance_id, should_respect_grace_period } = input;
    let healthy = match health_status.as_str() {
        "Healthy" => true,
        "Unhealthy" => false,
        other => return Err(invalid(format!("HealthStatus `{}` must be Healthy or Unhealthy", shown(other))).into()),
    };
    let respect = should_respect_grace_period.unwrap_or(true);
    let ids = instance_ids(&[instance_id])?;
    let group = group_of(&cx.store.view(), &cx.scope(), &ids[0])?.name.clone();
    change_always(cx, &group, |_, group| Ok(group.set_health(&ids[0], healthy, respect, cx.now)?)).await
}

pub(super) async fn set_desired_capacity(cx: &Context, input: shape::SetDesiredCapacityType) -> Result<(), AwsError> {
    let shape::SetDesiredCapacityType { auto_scaling_group_name, desired_capacity, honor_cooldown } = input;
    let honor = honor_cooldown.unwrap_or(false);
    change(cx, &auto_scaling_group_name, |_, group| {
        if let Some(cooldown) = group.cooldown(cx.now).filter(|_| honor) {
            return Err(in_cooldown(group, cooldown));
        }
        Ok(group.set_desired(number(desired_capacity), cx.now)?)
    })
    .await
}

/// Why nothing is done while a cooldown is honoured.
pub(super) fn in_cooldown(group: &AutoScalingGroup, cooldown: Cooldown) -> Error {
    let name = &group.name;
    Error::ActivityInProgress(match cooldown {
        Cooldown::Activity => {
            format!("a scaling activity of Auto Scaling group {name} is in progress; its cooldown follows")
        }
        Cooldown::Left(left) => {
            format!("the cooldown of Auto Scaling group {name} is not over; {} s are left", left.as_secs().max(1))
        }
    })
}

/// Instances that no group has are left out, as on AWS.
pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeAutoScalingInstancesType,
) -> Result<shape::AutoScalingInstancesType, Error> {
    let shape::DescribeAutoScalingInstancesType { instance_ids, max_records, next_token } = input;
    let ids: BTreeSet<String> = instance_ids.unwrap_or_default().into_iter().collect();
    let view = cx.store.view();
    let groups: Vec<Arc<AutoScalingGroup>> = view.list(&cx.scope()).collect();
    let members = groups.iter().flat_map(|group| group.members.values().map(move |member| (group, member)));
    let wanted = members.filter(|(_, member)| ids.is_empty() || ids.contains(member.instance_id.as_str()));
    let listing = Listing { operation: "DescribeAutoScalingInstances", selection: &ids };
    let size = page_size(max_records, DEFAULT_PAGE, DEFAULT_PAGE);
    let items = wanted.map(|(group, member)| (member.instance_id.to_string(), (group, member)));
    let page = listing.page(cx, next_token.as_deref(), size, items)?;
    let views = Shown::new(cx, &view);
    let page = page.map(|(group, member)| views.instance_details(group, member));
    Ok(shape::AutoScalingInstancesType { auto_scaling_instances: Some(page.items), next_token: page.next })
}
