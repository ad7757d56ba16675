//! Lifecycle hooks: put, describe, delete; and the answers to their actions.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::autoscaling::types as shape;
use model::autoscaling::group::AutoScalingGroup;
use model::autoscaling::lifecycle_action::ActionName;
use model::autoscaling::lifecycle_hook::{DEFAULT_HEARTBEAT_SECONDS, LifecycleHook, Transition};
use model::autoscaling::member::HookResult;
use model::{Arn, Scope};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, Quota, invalid, shown};
use super::notifications;
use super::resources::{self, arn, change, number, shown_number};
use crate::context::Context;

/// A hook as a request gives it; what is absent stays as it is, or is AWS's default.
#[derive(Clone, Debug)]
pub(super) struct Given {
    name: String,
    transition: Option<Transition>,
    heartbeat_seconds: Option<u32>,
    default_result: Option<HookResult>,
    /// `Some(None)` takes it away.
    target: Option<Option<Arn>>,
    role: Option<Arn>,
    metadata: Option<String>,
}

fn transition(text: &str) -> Result<Transition, Error> {
    let found = [Transition::Launching, Transition::Terminating].into_iter().find(|one| one.name() == text);
    found.ok_or_else(|| {
        invalid(format!("LifecycleTransition `{}` is not one that DescribeLifecycleHookTypes lists", shown(text)))
    })
}

fn hook_result(member: &str, text: &str) -> Result<HookResult, Error> {
    match text {
        "CONTINUE" => Ok(HookResult::Continue),
        "ABANDON" => Ok(HookResult::Abandon),
        other => Err(invalid(format!("{member} `{}` must be CONTINUE or ABANDON", shown(other)))),
    }
}

/// Topics are told of actions; an empty text takes the target away.
fn target(text: &str) -> Result<Option<Arn>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let target = arn("NotificationTargetARN", text)?;
    match target.service() {
        "sns" => Ok(Some(target)),
        "sqs" => Err(Error::NotOffered("NotificationTargetARN: Goru has no SQS; use an SNS topic".into())),
        _ => Err(invalid(format!("NotificationTargetARN `{}` is not the ARN of a topic", shown(text)))),
    }
}

/// The hooks of a group that is created.
pub(super) fn of_new_group(given: Option<Vec<shape::LifecycleHookSpecification>>) -> Result<Vec<Given>, Error> {
    let hooks = given.unwrap_or_default().into_iter().map(|specification| {
        let shape::LifecycleHookSpecification {
            default_result,
            heartbeat_timeout,
            lifecycle_hook_name,
            lifecycle_transition,
            notification_metadata,
            notification_target_arn,
            role_arn,
        } = specification;
        Ok(Given {
            name: lifecycle_hook_name,
            transition: Some(transition(&lifecycle_transition)?),
            heartbeat_seconds: heartbeat_timeout.map(number),
            default_result: default_result.map(|text| hook_result("DefaultResult", &text)).transpose()?,
            target: notification_target_arn.map(|text| target(&text)).transpose()?,
            role: role_arn.map(|text| arn("RoleARN", &text)).transpose()?,
            metadata: notification_metadata,
        })
    });
    let hooks = hooks.collect::<Result<Vec<Given>, Error>>()?;
    let names: BTreeSet<&String> = hooks.iter().map(|hook| &hook.name).collect();
    match names.len() == hooks.len() {
        true => Ok(hooks),
        false => Err(invalid("LifecycleHookSpecificationList names a hook more than once")),
    }
}

/// Writes a hook of a group, new or changed. A topic that is named has to exist, and gets a test notification.
pub(super) fn write(cx: &Context, txn: &mut Transaction, group: &AutoScalingGroup, given: &Given) -> Result<(), Error> {
    let scope = &cx.scope();
    let old = of_group(txn.view(), scope, &group.name);
    let changed = match old.iter().find(|hook| hook.name == given.name) {
        Some(old) => over(old, given),
        None if old.len() >= Quota::Hooks.limit() => return Err(Error::TooMany(Quota::Hooks)),
        None => new(&group.name, given)?,
    };
    if changed.notification_target.is_some() && changed.role.is_none() {
        return Err(invalid("RoleARN is needed with NotificationTargetARN"));
    }
    if let Some(Some(target)) = &given.target {
        notifications::send_test(cx, txn, group, "NotificationTargetARN", target)?;
    }
    txn.put(scope, changed);
    Ok(())
}

fn new(group: &str, given: &Given) -> Result<LifecycleHook, Error> {
    let missing = || invalid(format!("LifecycleTransition is needed: hook `{}` is new", shown(&given.name)));
    Ok(LifecycleHook {
        group: group.to_owned(),
        name: given.name.clone(),
        transition: given.transition.ok_or_else(missing)?,
        heartbeat_seconds: given.heartbeat_seconds.unwrap_or(DEFAULT_HEARTBEAT_SECONDS),
        default_result: given.default_result.unwrap_or(HookResult::Abandon),
        notification_target: given.target.clone().flatten(),
        role: given.role.clone(),
        notification_metadata: given.metadata.clone(),
    })
}

fn over(old: &LifecycleHook, given: &Given) -> LifecycleHook {
    let Given { name, transition, heartbeat_seconds, default_result, target, role, metadata } = given.clone();
    LifecycleHook {
        group: old.group.clone(),
        name,
        transition: transition.unwrap_or(old.transition),
        heartbeat_seconds: heartbeat_seconds.unwrap_or(old.heartbeat_seconds),
        default_result: default_result.unwrap_or(old.default_result),
        notification_target: target.unwrap_or_else(|| old.notification_target.clone()),
        role: role.or_else(|| old.role.clone()),
        notification_metadata: metadata.or_else(|| old.notification_metadata.clone()),
    }
}

/// The hooks of a group in order of names.
fn of_group(view: &View, scope: &Scope, group: &str) -> Vec<Arc<LifecycleHook>> {
    view.range::<LifecycleHook>(scope, &AutoScalingGroup::prefix(group)).collect()
}

fn find(view: &View, scope: &Scope, group: &str, name: &str) -> Result<Arc<LifecycleHook>, Error> {
    let id = format!("{}{name}", AutoScalingGroup::prefix(group));
    let missing = || invalid(format!("No Lifecycle Hook found with name {} in group {group}", shown(name)));
    view.get::<LifecycleHook>(scope, id).ok_or_else(missing)
}

pub(super) async fn put(
    cx: &Context,
    input: shape::PutLifecycleHookType,
) -> Result<shape::PutLifecycleHookAnswer, AwsError> {
    let shape::PutLifecycleHookType {
        auto_scaling_group_name,
        default_result,
        heartbeat_timeout,
        lifecycle_hook_name,
        lifecycle_transition,
        notification_metadata,
        notification_target_arn,
        role_arn,
    } = input;
    let given = Given {
        name: lifecycle_hook_name,
        transition: lifecycle_transition.map(|text| transition(&text)).transpose()?,
        heartbeat_seconds: heartbeat_timeout.map(number),
        default_result: default_result.map(|text| hook_result("DefaultResult", &text)).transpose()?,
        target: notification_target_arn.map(|text| target(&text)).transpose()?,
        role: role_arn.map(|text| arn("RoleARN", &text)).transpose()?,
        metadata: notification_metadata,
    };
    change(cx, &auto_scaling_group_name, |txn, group| write(cx, txn, group, &given)).await?;
    Ok(shape::PutLifecycleHookAnswer {})
}

/// Members that wait for the hook go on or are abandoned, as AWS has it.
pub(super) async fn delete(
    cx: &Context,
    input: shape::DeleteLifecycleHookType,
) -> Result<shape::DeleteLifecycleHookAnswer, AwsError> {
    let shape::DeleteLifecycleHookType { auto_scaling_group_name, lifecycle_hook_name } = input;
    let scope = cx.scope();
    change(cx, &auto_scaling_group_name, |txn, group| {
        let hook = find(txn.view(), &scope, &group.name, &lifecycle_hook_name)?;
        group.end_actions(&hook);
        txn.delete::<LifecycleHook>(&scope, hook.id());
        Ok(())
    })
    .await?;
    Ok(shape::DeleteLifecycleHookAnswer {})
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeLifecycleHooksType,
) -> Result<shape::DescribeLifecycleHooksAnswer, Error> {
    let shape::DescribeLifecycleHooksType { auto_scaling_group_name, lifecycle_hook_names } = input;
    let (view, scope) = (cx.store.view(), cx.scope());
    let group = resources::group(&view, &scope, &auto_scaling_group_name)?;
    let names = lifecycle_hook_names.unwrap_or_default();
    let all = of_group(&view, &scope, &group.name);
    let wanted = all.iter().filter(|hook| names.is_empty() || names.contains(&hook.name));
    Ok(shape::DescribeLifecycleHooksAnswer { lifecycle_hooks: Some(wanted.map(|hook| to_shape(hook)).collect()) })
}

fn to_shape(hook: &LifecycleHook) -> shape::LifecycleHook {
    let global_timeout = i32::try_from(hook.maximum_wait().as_secs()).unwrap_or(i32::MAX);
    let LifecycleHook {
        group,
        name,
        transition,
        heartbeat_seconds,
        default_result,
        notification_target,
        role,
        notification_metadata,
    } = hook;
    shape::LifecycleHook {
        auto_scaling_group_name: Some(group.clone()),
        default_result: Some(result_name(*default_result).to_owned()),
        global_timeout: Some(global_timeout),
        heartbeat_timeout: Some(shown_number(*heartbeat_seconds)),
        lifecycle_hook_name: Some(name.clone()),
        lifecycle_transition: Some(transition.name().to_owned()),
        notification_metadata: notification_metadata.clone(),
        notification_target_arn: notification_target.as_ref().map(ToString::to_string),
        role_arn: role.as_ref().map(ToString::to_string),
    }
}

const fn result_name(result: HookResult) -> &'static str {
    match result {
        HookResult::Continue => "CONTINUE",
        HookResult::Abandon => "ABANDON",
    }
}

/// AWS takes either of the two, and looks at the token when both are given.
fn action_name(instance: Option<&str>, token: Option<String>) -> Result<ActionName, Error> {
    match (instance, token) {
        (_, Some(token)) => Ok(ActionName::Token(token)),
        (Some(text), None) => {
            let id = text.parse().map_err(|_| invalid(format!("Invalid Instance ID: {}", shown(text))))?;
            Ok(ActionName::Instance(id))
        }
        (None, None) => Err(invalid("give InstanceId or LifecycleActionToken")),
    }
}

pub(super) async fn complete(
    cx: &Context,
    input: shape::CompleteLifecycleActionType,
) -> Result<shape::CompleteLifecycleActionAnswer, AwsError> {
    let shape::CompleteLifecycleActionType {
        auto_scaling_group_name,
        instance_id,
        lifecycle_action_result,
        lifecycle_action_token,
        lifecycle_hook_name,
    } = input;
    let result = hook_result("LifecycleActionResult", &lifecycle_action_result)?;
    let name = action_name(instance_id.as_deref(), lifecycle_action_token)?;
    let scope = cx.scope();
    resources::change_always(cx, &auto_scaling_group_name, |txn, group| {
        find(txn.view(), &scope, &group.name, &lifecycle_hook_name)?;
        Ok(group.complete_action(&lifecycle_hook_name, &name, result)?)
    })
    .await?;
    Ok(shape::CompleteLifecycleActionAnswer {})
}

pub(super) async fn heartbeat(
    cx: &Context,
    input: shape::RecordLifecycleActionHeartbeatType,
) -> Result<shape::RecordLifecycleActionHeartbeatAnswer, AwsError> {
    let shape::RecordLifecycleActionHeartbeatType {
        auto_scaling_group_name,
        instance_id,
        lifecycle_action_token,
        lifecycle_hook_name,
    } = input;
    let name = action_name(instance_id.as_deref(), lifecycle_action_token)?;
    let scope = cx.scope();
    resources::change_always(cx, &auto_scaling_group_name, |txn, group| {
        let hook = find(txn.view(), &scope, &group.name, &lifecycle_hook_name)?;
        Ok(group.record_heartbeat(&hook, &name, cx.now)?)
    })
    .await?;
    Ok(shape::RecordLifecycleActionHeartbeatAnswer {})
}
