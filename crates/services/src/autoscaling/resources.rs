//! How operations find groups and members, and change a group in one transaction.

use std::sync::Arc;

use model::autoscaling::activity::{ActivityStatus, ScalingActivity};
use model::autoscaling::group::AutoScalingGroup;
use model::id::InstanceId;
use model::{Arn, Scope};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, committed, invalid, shown};
use crate::context::Context;

/// The service's name in ARNs.
pub(super) const SERVICE: &str = "autoscaling";
/// The page of most listings when the caller does not say (Auto Scaling API reference, MaxRecords).
pub(super) const DEFAULT_PAGE: usize = 50;
/// The largest page of most listings.
pub(super) const MAXIMUM_PAGE: usize = 100;

/// `MaxRecords`, whose range the shape tables have checked.
pub(super) fn page_size(given: Option<i32>, default: usize, maximum: usize) -> usize {
    given.and_then(|size| usize::try_from(size).ok()).unwrap_or(default).min(maximum)
}

/// A number of a request whose range the shape tables have checked; none is below zero.
pub(super) fn number(given: i32) -> u32 {
    u32::try_from(given).unwrap_or(0)
}

/// A number on its way out.
pub(super) fn shown_number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The name that a text means: a name, or the ARN of a group.
pub(super) fn group_name(text: &str) -> &str {
    match text.starts_with("arn:") {
        true => text.split_once(":autoScalingGroupName/").map_or(text, |(_, name)| name),
        false => text,
    }
}

/// The group of a name or an ARN.
pub(super) fn group(view: &View, scope: &Scope, text: &str) -> Result<Arc<AutoScalingGroup>, Error> {
    let found = view.get::<AutoScalingGroup>(scope, group_name(text));
    let fits = |group: &Arc<AutoScalingGroup>| !text.starts_with("arn:") || group.arn.to_string() == text;
    found.filter(fits).ok_or_else(|| Error::GroupNotFound(shown(text)))
}

/// The same, unless it is being deleted.
pub(super) fn group_to_change(view: &View, scope: &Scope, text: &str) -> Result<Arc<AutoScalingGroup>, Error> {
    let group = group(view, scope, text)?;
    match group.deleting {
        Some(_) => Err(Error::Deleting(group.name.clone())),
        None => Ok(group),
    }
}

/// The group that an instance is a member of.
pub(super) fn group_of(view: &View, scope: &Scope, instance: &InstanceId) -> Result<Arc<AutoScalingGroup>, Error> {
    let found = view.list::<AutoScalingGroup>(scope).find(|group| group.members.contains_key(instance));
    found.ok_or_else(|| invalid(format!("Instance Id not found - no managed instance {instance}")))
}

/// Changes a group in one transaction, unless it is being deleted.
pub(super) async fn change<T>(
    cx: &Context,
    name: &str,
    work: impl Fn(&mut Transaction, &mut AutoScalingGroup) -> Result<T, Error>,
) -> Result<T, AwsError> {
    change_always(cx, name, |txn, group| match group.deleting {
        Some(_) => Err(Error::Deleting(group.name.clone())),
        None => work(txn, group),
    })
    .await
}

/// The same for what can be said of a group that is being deleted too. Nothing is written when nothing changes.
pub(super) async fn change_always<T>(
    cx: &Context,
    name: &str,
    work: impl Fn(&mut Transaction, &mut AutoScalingGroup) -> Result<T, Error>,
) -> Result<T, AwsError> {
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let old = group(txn.view(), &scope, name)?;
        let mut new = AutoScalingGroup::clone(&old);
        let result = work(txn, &mut new)?;
        if new != *old {
            txn.put(&scope, new);
        }
        Ok(result)
    };
    committed(cx.store.transact(write).await)
}

/// The ids of a request, in order, each once.
pub(super) fn instance_ids(texts: &[String]) -> Result<Vec<InstanceId>, Error> {
    let mut ids: Vec<InstanceId> = Vec::new();
    for text in texts {
        let id: InstanceId = text.parse().map_err(|_| invalid(format!("Invalid Instance ID: {}", shown(text))))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    match ids.is_empty() {
        true => Err(invalid("InstanceIds names no instance")),
        false => Ok(ids),
    }
}

/// Writes new activities and ends those that they supersede.
pub(super) fn write_activities(
    txn: &mut Transaction,
    scope: &Scope,
    started: &[ScalingActivity],
    superseded: &[String],
) {
    for activity in started {
        for old in superseded {
            let id = format!("{}{old}", AutoScalingGroup::prefix(&activity.group));
            let Some(record) = txn.get::<ScalingActivity>(scope, id) else { continue };
            if !record.status.is_over() {
                let ended = ScalingActivity {
                    status: ActivityStatus::Cancelled,
                    ended_at: Some(activity.started_at),
                    status_message: Some("A request gave the instance another way.".to_owned()),
                    progress: 100,
                    ..ScalingActivity::clone(&record)
                };
                txn.put(scope, ended);
            }
        }
        txn.put(scope, activity.clone());
    }
}

/// An ARN of a request.
pub(super) fn arn(member: &str, text: &str) -> Result<Arn, Error> {
    text.parse().map_err(|_| invalid(format!("{member}: `{}` is not a valid ARN", shown(text))))
}
