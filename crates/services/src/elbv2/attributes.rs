//! Attributes of load balancers, target groups and listeners: describe and modify. Keys and rules are the model's.

use api::elbv2::types as shape;
use model::elbv2::attribute::{Attribute, Attributes, LISTENER, TARGET_GROUP, of_load_balancer};
use model::elbv2::listener::Listener;
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::target_group::TargetGroup;
use store::Transaction;
use wire::AwsError;

use super::arns;
use super::errors::Error;
use crate::context::Context;
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
    all(&record.attributes, LISTENER, |key, value| shape::ListenerAttribute { key, value })
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
    let write = |txn: &mut Transaction| {
        let old = arns::load_balancer(txn.view(), &scope, &load_balancer_arn)?;
        let attributes = old.attributes.modified(of_load_balancer(old.scheme), changes.clone())?;
        let changed = LoadBalancer { attributes, ..LoadBalancer::clone(&old) };
        txn.put(&scope, changed.clone());
        Ok::<_, Error>(changed)
    };
    let changed = committed(cx.store.transact(write).await)?;
    Ok(shape::ModifyLoadBalancerAttributesOutput { attributes: of_balancer(&changed) })
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
        let changed = TargetGroup { attributes, ..TargetGroup::clone(&old) };
        txn.put(&scope, changed.clone());
        Ok::<_, Error>(changed)
    };
    let changed = committed(cx.store.transact(write).await)?;
    Ok(shape::ModifyTargetGroupAttributesOutput { attributes: of_group(&changed) })
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
        let attributes = old.attributes.modified(LISTENER, changes.clone())?;
        let changed = Listener { attributes, ..Listener::clone(&old) };
        txn.put(&scope, changed.clone());
        Ok::<_, Error>(changed)
    };
    let changed = committed(cx.store.transact(write).await)?;
    Ok(shape::ModifyListenerAttributesOutput { attributes: of_listener(&changed) })
}
