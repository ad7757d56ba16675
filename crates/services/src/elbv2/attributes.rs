//! Attributes of load balancers, target groups and listeners: describe and modify. Keys and rules are the model's.

use api::elbv2::types as shape;
use model::Scope;
use model::elbv2::action::Action;
use model::elbv2::attribute::{
    Attribute, Attributes, LOAD_BALANCER, LOGS, TARGET_GROUP, of_listener as listener_table, of_load_balancer,
};
use model::elbv2::listener::Listener;
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::rule::Rule;
use model::elbv2::target_group::TargetGroup;
use store::{Transaction, View};
use wire::AwsError;

use super::arns;
use super::errors::Error;
use super::trust_stores::blocking;
use crate::context::Context;
use crate::files::ObjectError;
use crate::handler::committed;

type Table = &'static [Attribute];

/// Key and value of each attribute that a request changes. A missing value means the empty one.
fn changes(given: impl IntoIterator<Item = (Option<String>, Option<String>)>) -> Result<Vec<(String, String)>, Error> {
    let pair = |(key, value): (Option<String>, Option<String>)| {
        let key = key.ok_or_else(|| Error::Invalid("each of Attributes needs a Key".into()))?;
        Ok((key, value.unwrap_or_default()))
    };
    let changes = given.into_iter().map(pair).collect::<Result<Vec<_>, Error>>()?;
    if changes.is_empty() { Err(Error::Invalid("Attributes needs at least one attribute".into())) } else { Ok(changes) }
}

/// Every attribute of a table, as `show` writes it.
fn all<T>(attributes: &Attributes, table: Table, show: impl Fn(Option<String>, Option<String>) -> T) -> Option<Vec<T>> {
    let shown = attributes.all(table).map(|(key, value)| show(Some(key.to_owned()), Some(value.to_owned())));
    Some(shown.collect())
}

fn of_balancer(record: &LoadBalancer) -> Option<Vec<shape::LoadBalancerAttribute>> {
    let show = |key, value| shape::LoadBalancerAttribute { key, value };
    all(&record.attributes, of_load_balancer(record.scheme), show)
}

fn of_group(record: &TargetGroup) -> Option<Vec<shape::TargetGroupAttribute>> {
    all(&record.attributes, TARGET_GROUP, |key, value| shape::TargetGroupAttribute { key, value })
}

fn of_listener(record: &Listener) -> Option<Vec<shape::ListenerAttribute>> {
    all(&record.attributes, listener_table(record.protocol), |key, value| shape::ListenerAttribute { key, value })
}

pub(super) fn describe_load_balancer(
    cx: &Context,
    input: shape::DescribeLoadBalancerAttributesInput,
) -> Result<shape::DescribeLoadBalancerAttributesOutput, Error> {
    let shape::DescribeLoadBalancerAttributesInput { load_balancer_arn } = input;
    let record = arns::load_balancer(&cx.store.view(), &cx.scope(), &load_balancer_arn)?;
    Ok(shape::DescribeLoadBalancerAttributesOutput { attributes: of_balancer(&record) })
}

pub(super) async fn modify_load_balancer(
    cx: &Context,
    input: shape::ModifyLoadBalancerAttributesInput,
) -> Result<shape::ModifyLoadBalancerAttributesOutput, AwsError> {
    let shape::ModifyLoadBalancerAttributesInput { attributes, load_balancer_arn } = input;
    let changes = changes(attributes.into_iter().map(|shape::LoadBalancerAttribute { key, value }| (key, value)))?;
    let scope = cx.scope();
    let modified = |old: &LoadBalancer| {
        let attributes = old.attributes.modified(of_load_balancer(old.scheme), changes.clone())?;
        attributes.check_load_balancer()?;
        Ok::<_, Error>(attributes)
    };
    let now = arns::load_balancer(&cx.store.view(), &scope, &load_balancer_arn)?;
    check_buckets(cx, &modified(&now)?, &changes).await?;
    let write = |txn: &mut Transaction| {
        let old = arns::load_balancer(txn.view(), &scope, &load_balancer_arn)?;
        let attributes = modified(&old)?;
        let changed = LoadBalancer { attributes, ..LoadBalancer::clone(&old) };
        txn.put(&scope, changed.clone());
        Ok::<_, Error>(changed)
    };
    let changed = committed(cx.store.transact(write).await)?;
    Ok(shape::ModifyLoadBalancerAttributesOutput { attributes: of_balancer(&changed) })
}

/// Whether the buckets are there that logs are to go to from now on.
async fn check_buckets(cx: &Context, new: &Attributes, changes: &[(String, String)]) -> Result<(), AwsError> {
    for log in LOGS {
        let concerns = |(key, _): &(String, String)| key.strip_prefix(log).is_some_and(|rest| rest.starts_with(".s3."));
        if !changes.iter().any(concerns) || !new.enabled(LOAD_BALANCER, &format!("{log}.s3.enabled")) {
            continue;
        }
        let bucket = new.get(LOAD_BALANCER, &format!("{log}.s3.bucket")).to_owned();
        let (files, name) = (std::sync::Arc::clone(&cx.files), bucket.clone());
        if !blocking(move || files.has_bucket(&name)).await? {
            let message = ObjectError::NoBucket(bucket).to_string();
            return Err(Error::Configuration(message).into());
        }
    }
    Ok(())
}

pub(super) fn describe_target_group(
    cx: &Context,
    input: shape::DescribeTargetGroupAttributesInput,
) -> Result<shape::DescribeTargetGroupAttributesOutput, Error> {
    let shape::DescribeTargetGroupAttributesInput { target_group_arn } = input;
    let record = arns::target_group(&cx.store.view(), &cx.scope(), &target_group_arn)?;
    Ok(shape::DescribeTargetGroupAttributesOutput { attributes: of_group(&record) })
}

pub(super) async fn modify_target_group(
    cx: &Context,
    input: shape::ModifyTargetGroupAttributesInput,
) -> Result<shape::ModifyTargetGroupAttributesOutput, AwsError> {
    let shape::ModifyTargetGroupAttributesInput { attributes, target_group_arn } = input;
    let changes = changes(attributes.into_iter().map(|shape::TargetGroupAttribute { key, value }| (key, value)))?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let old = arns::target_group(txn.view(), &scope, &target_group_arn)?;
        let attributes = old.attributes.modified(TARGET_GROUP, changes.clone())?;
        attributes.check_target_group()?;
        let changed = TargetGroup { attributes, ..TargetGroup::clone(&old) };
        check_stickiness(txn.view(), &scope, &changed)?;
        txn.put(&scope, changed.clone());
        Ok::<_, Error>(changed)
    };
    let changed = committed(cx.store.transact(write).await)?;
    Ok(shape::ModifyTargetGroupAttributesOutput { attributes: of_group(&changed) })
}

/// Whether the actions that share requests between a target group and others can do so with its stickiness.
fn check_stickiness(view: &View, scope: &Scope, group: &TargetGroup) -> Result<(), Error> {
    let check = |action: &Action| match action {
        Action::Forward(forward) if action.target_groups().any(|arn| *arn == group.arn) => {
            forward.check_stickiness([group]).map_err(Error::from)
        }
        Action::Forward(_) | Action::Redirect(_) | Action::FixedResponse(_) => Ok(()),
    };
    view.list::<Listener>(scope).try_for_each(|listener| check(&listener.default_action))?;
    view.list::<Rule>(scope).try_for_each(|rule| check(&rule.action))
}

pub(super) fn describe_listener(
    cx: &Context,
    input: shape::DescribeListenerAttributesInput,
) -> Result<shape::DescribeListenerAttributesOutput, Error> {
    let shape::DescribeListenerAttributesInput { listener_arn } = input;
    let record = arns::listener(&cx.store.view(), &cx.scope(), &listener_arn)?;
    Ok(shape::DescribeListenerAttributesOutput { attributes: of_listener(&record) })
}

pub(super) async fn modify_listener(
    cx: &Context,
    input: shape::ModifyListenerAttributesInput,
) -> Result<shape::ModifyListenerAttributesOutput, AwsError> {
    let shape::ModifyListenerAttributesInput { attributes, listener_arn } = input;
    let changes = changes(attributes.into_iter().map(|shape::ListenerAttribute { key, value }| (key, value)))?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let old = arns::listener(txn.view(), &scope, &listener_arn)?;
        let attributes = old.attributes.modified(listener_table(old.protocol), changes.clone())?;
        attributes.check_listener()?;
        let changed = Listener { attributes, ..Listener::clone(&old) };
        txn.put(&scope, changed.clone());
        Ok::<_, Error>(changed)
    };
    let changed = committed(cx.store.transact(write).await)?;
    Ok(shape::ModifyListenerAttributesOutput { attributes: of_listener(&changed) })
}
