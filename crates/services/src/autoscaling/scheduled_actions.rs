//! Scheduled actions: put, describe, delete, one by one and in batches. When one is due is decided in `model`.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::autoscaling::types as shape;
use model::Timestamp;
use model::autoscaling::group::AutoScalingGroup;
use model::autoscaling::scheduled_action::{Request, ScheduledAction};
use model::id::uuid;
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, Quota, invalid, shown};
use super::resources::{self, DEFAULT_PAGE, MAXIMUM_PAGE, change, number, page_size, shown_number};
use crate::context::Context;
use crate::handler::{from_wire, to_wire};
use crate::pagination::Listing;

/// The most actions in one call (Auto Scaling API reference, BatchPutScheduledUpdateGroupAction).
const MAXIMUM_BATCH: usize = 50;

/// One action of a request. What is absent stays as it is in an action of that name.
#[derive(Clone, Debug)]
struct Given {
    name: String,
    /// For a new action's ARN.
    uuid: String,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    recurrence: Option<String>,
    time_zone: Option<String>,
    minimum: Option<u32>,
    maximum: Option<u32>,
    desired: Option<u32>,
}

fn given(cx: &Context, action: shape::ScheduledUpdateGroupActionRequest) -> Given {
    let shape::ScheduledUpdateGroupActionRequest {
        desired_capacity,
        end_time,
        max_size,
        min_size,
        recurrence,
        scheduled_action_name,
        start_time,
        time_zone,
    } = action;
    Given {
        name: scheduled_action_name,
        uuid: cx.mint(uuid),
        start: start_time.map(from_wire),
        end: end_time.map(from_wire),
        recurrence,
        time_zone,
        minimum: min_size.map(number),
        maximum: max_size.map(number),
        desired: desired_capacity.map(number),
    }
}

pub(super) async fn put(cx: &Context, input: shape::PutScheduledUpdateGroupActionType) -> Result<(), AwsError> {
    let shape::PutScheduledUpdateGroupActionType {
        auto_scaling_group_name,
        desired_capacity,
        end_time,
        max_size,
        min_size,
        recurrence,
        scheduled_action_name,
        start_time,
        time,
        time_zone,
    } = input;
    let request = shape::ScheduledUpdateGroupActionRequest {
        desired_capacity,
        end_time,
        max_size,
        min_size,
        recurrence,
        scheduled_action_name,
        start_time: start(start_time, time)?,
        time_zone,
    };
    let given = given(cx, request);
    change(cx, &auto_scaling_group_name, |txn, group| write(cx, txn, &group.name, &given)).await
}

/// `Time` is the old name of `StartTime`.
fn start(start: Option<wire::Timestamp>, time: Option<wire::Timestamp>) -> Result<Option<wire::Timestamp>, Error> {
    match (start, time) {
        (Some(start), Some(time)) if start.0 != time.0 => {
            Err(invalid("Time is the old name of StartTime; give one of them, or both alike"))
        }
        (start, time) => Ok(start.or(time)),
    }
}

/// Writes an action of a group, new or changed.
fn write(cx: &Context, txn: &mut Transaction, group: &str, given: &Given) -> Result<(), Error> {
    let scope = cx.scope();
    let all = of_group(txn.view(), cx, group);
    let old = all.iter().find(|action| action.name == given.name);
    if old.is_none() && all.len() >= Quota::ScheduledActions.limit() {
        return Err(Error::TooMany(Quota::ScheduledActions));
    }
    let action = merged(cx, group, old.map(|old| &**old), given)?;
    if let Some(other) = all.iter().find(|other| other.name != action.name && other.next_start == action.next_start) {
        return Err(Error::Exists(format!(
            "the scheduled action `{}` of Auto Scaling group `{group}` starts at {} too; start times have to differ",
            shown(&other.name),
            action.next_start
        )));
    }
    txn.put(&scope, action);
    Ok(())
}

fn merged(cx: &Context, group: &str, old: Option<&ScheduledAction>, given: &Given) -> Result<ScheduledAction, Error> {
    let kept = old.and_then(|old| old.recurrence.as_ref());
    let kept_cron = kept.map(|recurrence| recurrence.cron.to_string());
    let kept_zone = kept.and_then(|recurrence| recurrence.time_zone.clone());
    let recurrence = given.recurrence.clone().or(kept_cron);
    // A new recurrence without a start begins when it first comes.
    let moved = given.recurrence.is_some() || given.time_zone.is_some();
    let kept_start = old.filter(|_| !moved).map(|old| old.next_start.max(cx.now));
    let time_zone = given.time_zone.clone().or(kept_zone);
    let request = Request {
        start: given.start.or(kept_start),
        end: given.end.or(old.and_then(|old| old.end)),
        recurrence: recurrence.as_deref(),
        time_zone: time_zone.as_deref(),
        minimum: given.minimum.or(old.and_then(|old| old.minimum)),
        maximum: given.maximum.or(old.and_then(|old| old.maximum)),
        desired: given.desired.or(old.and_then(|old| old.desired)),
    };
    let made = ScheduledAction::new(&cx.scope(), group, &given.name, &given.uuid, &request, cx.now);
    let made = made.map_err(|error| invalid(error.to_string()))?;
    let arn = old.map_or_else(|| made.arn.clone(), |old| old.arn.clone());
    Ok(ScheduledAction { arn, ..made })
}

/// Each action is written or refused by itself.
pub(super) async fn put_batch(
    cx: &Context,
    input: shape::BatchPutScheduledUpdateGroupActionType,
) -> Result<shape::BatchPutScheduledUpdateGroupActionAnswer, AwsError> {
    let shape::BatchPutScheduledUpdateGroupActionType { auto_scaling_group_name, scheduled_update_group_actions } =
        input;
    check_batch(scheduled_update_group_actions.len())?;
    let actions: Vec<Given> = scheduled_update_group_actions.into_iter().map(|action| given(cx, action)).collect();
    let failed = change(cx, &auto_scaling_group_name, |txn, group| {
        let mut failed = Vec::new();
        for action in &actions {
            if let Err(error) = write(cx, txn, &group.name, action) {
                failed.push(failure(&action.name, error));
            }
        }
        Ok(failed)
    })
    .await?;
    Ok(shape::BatchPutScheduledUpdateGroupActionAnswer { failed_scheduled_update_group_actions: Some(failed) })
}

fn check_batch(actions: usize) -> Result<(), Error> {
    match actions {
        0 => Err(invalid("give at least one scheduled action")),
        1..=MAXIMUM_BATCH => Ok(()),
        more => Err(invalid(format!("give at most {MAXIMUM_BATCH} scheduled actions in one call, not {more}"))),
    }
}

fn failure(name: &str, error: Error) -> shape::FailedScheduledUpdateGroupActionRequest {
    let error = AwsError::from(error);
    shape::FailedScheduledUpdateGroupActionRequest {
        error_code: Some(error.code.to_string()),
        error_message: Some(error.message),
        scheduled_action_name: Some(name.to_owned()),
    }
}

pub(super) async fn delete(cx: &Context, input: shape::DeleteScheduledActionType) -> Result<(), AwsError> {
    let shape::DeleteScheduledActionType { auto_scaling_group_name, scheduled_action_name } = input;
    change(cx, &auto_scaling_group_name, |txn, group| remove(cx, txn, &group.name, &scheduled_action_name)).await
}

fn remove(cx: &Context, txn: &mut Transaction, group: &str, name: &str) -> Result<(), Error> {
    match txn.delete::<ScheduledAction>(&cx.scope(), ScheduledAction::id_of(group, name)) {
        true => Ok(()),
        false => Err(invalid(format!("Scheduled action name not found - there is no `{}` in `{group}`", shown(name)))),
    }
}

/// Each action goes or is told of by itself.
pub(super) async fn delete_batch(
    cx: &Context,
    input: shape::BatchDeleteScheduledActionType,
) -> Result<shape::BatchDeleteScheduledActionAnswer, AwsError> {
    let shape::BatchDeleteScheduledActionType { auto_scaling_group_name, scheduled_action_names } = input;
    check_batch(scheduled_action_names.len())?;
    let failed = change(cx, &auto_scaling_group_name, |txn, group| {
        let mut failed = Vec::new();
        for name in &scheduled_action_names {
            if let Err(error) = remove(cx, txn, &group.name, name) {
                failed.push(failure(name, error));
            }
        }
        Ok(failed)
    })
    .await?;
    Ok(shape::BatchDeleteScheduledActionAnswer { failed_scheduled_actions: Some(failed) })
}

fn of_group(view: &View, cx: &Context, group: &str) -> Vec<Arc<ScheduledAction>> {
    view.range::<ScheduledAction>(&cx.scope(), &AutoScalingGroup::prefix(group)).collect()
}

/// What DescribeScheduledActions selects. Names count more than times: with names, times are not looked at, as on AWS.
#[derive(Debug)]
struct Selection {
    group: Option<String>,
    names: BTreeSet<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Selection {
    fn admits(&self, action: &ScheduledAction) -> bool {
        if !self.names.is_empty() {
            return self.names.contains(&action.name);
        }
        self.since.is_none_or(|since| action.next_start >= since)
            && self.until.is_none_or(|until| action.next_start <= until)
    }
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeScheduledActionsType,
) -> Result<shape::ScheduledActionsType, Error> {
    let shape::DescribeScheduledActionsType {
        auto_scaling_group_name,
        end_time,
        max_records,
        next_token,
        scheduled_action_names,
        start_time,
    } = input;
    let (view, scope) = (cx.store.view(), cx.scope());
    let found = |name: String| resources::group(&view, &scope, &name).map(|group| group.name.clone());
    let selection = Selection {
        group: auto_scaling_group_name.map(found).transpose()?,
        names: scheduled_action_names.unwrap_or_default().into_iter().collect(),
        since: start_time.map(from_wire),
        until: end_time.map(from_wire),
    };
    let all: Vec<Arc<ScheduledAction>> = match &selection.group {
        Some(group) => of_group(&view, cx, group),
        None => view.list::<ScheduledAction>(&scope).collect(),
    };
    let wanted = all.into_iter().filter(|action| selection.admits(action)).map(|action| (action.id(), action));
    let listing = Listing { operation: "DescribeScheduledActions", selection: &selection };
    let size = page_size(max_records, DEFAULT_PAGE, MAXIMUM_PAGE);
    let page = listing.page(cx, next_token.as_deref(), size, wanted)?.map(|action| to_shape(&action));
    Ok(shape::ScheduledActionsType { next_token: page.next, scheduled_update_group_actions: Some(page.items) })
}

fn to_shape(action: &ScheduledAction) -> shape::ScheduledUpdateGroupAction {
    let ScheduledAction { group, name, arn, next_start, end, recurrence, minimum, maximum, desired } = action;
    let time_zone = recurrence.as_ref().and_then(|recurrence| recurrence.time_zone.clone());
    shape::ScheduledUpdateGroupAction {
        auto_scaling_group_name: Some(group.clone()),
        desired_capacity: desired.map(shown_number),
        end_time: end.map(to_wire),
        max_size: maximum.map(shown_number),
        min_size: minimum.map(shown_number),
        recurrence: recurrence.as_ref().map(|recurrence| recurrence.cron.to_string()),
        scheduled_action_arn: Some(arn.to_string()),
        scheduled_action_name: Some(name.clone()),
        start_time: Some(to_wire(*next_start)),
        time: Some(to_wire(*next_start)),
        time_zone,
    }
}
