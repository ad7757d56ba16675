//! Tags of load balancers, target groups, listeners, rules and trust stores. Those of a listener's default rule
//! are kept with the listener.

use std::collections::BTreeSet;

use api::elbv2::types as shape;
use model::elbv2::listener::Listener;
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::rule::Rule;
use model::elbv2::target_group::TargetGroup;
use model::elbv2::trust_store::TrustStore;
use model::{Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::arns::{self, Resource};
use super::errors::Error;
use super::rules::{self, Named};
use crate::context::Context;
use crate::handler::committed;

/// How many resources one call may name (ELBv2 API reference, DescribeTags).
const MAXIMUM_RESOURCES: usize = 20;

/// The tags of a request.
pub(super) fn parse(tags: Option<Vec<shape::Tag>>) -> Result<Tags, Error> {
    let pair = |shape::Tag { key, value }| (key, value.unwrap_or_default());
    Ok(Tags::parse(tags.unwrap_or_default().into_iter().map(pair))?)
}

fn to_wire(tags: &Tags) -> Vec<shape::Tag> {
    tags.0.iter().map(|(key, value)| shape::Tag { key: key.clone(), value: Some(value.clone()) }).collect()
}

pub(super) async fn add(cx: &Context, input: shape::AddTagsInput) -> Result<(), AwsError> {
    let shape::AddTagsInput { resource_arns, tags } = input;
    let added = parse(Some(tags))?;
    change(cx, &resource_arns, |tags| Ok(tags.merged(&added)?)).await
}

pub(super) async fn remove(cx: &Context, input: shape::RemoveTagsInput) -> Result<(), AwsError> {
    let shape::RemoveTagsInput { resource_arns, tag_keys } = input;
    let removed: BTreeSet<String> = tag_keys.into_iter().collect();
    let without = |tags: &Tags| {
        let kept = tags.0.iter().filter(|(key, _)| !removed.contains(*key));
        Ok(Tags(kept.map(|(key, value)| (key.clone(), value.clone())).collect()))
    };
    change(cx, &resource_arns, without).await
}

pub(super) fn describe(cx: &Context, input: shape::DescribeTagsInput) -> Result<shape::DescribeTagsOutput, Error> {
    let shape::DescribeTagsInput { resource_arns } = input;
    check_count(&resource_arns)?;
    let (view, scope) = (cx.store.view(), cx.scope());
    let one = |arn: &String| {
        let tags = to_wire(&of(&view, &scope, arn)?);
        Ok(shape::TagDescription { resource_arn: Some(arn.clone()), tags: Some(tags) })
    };
    let described = resource_arns.iter().map(one).collect::<Result<Vec<_>, Error>>()?;
    Ok(shape::DescribeTagsOutput { tag_descriptions: Some(described) })
}

fn check_count(resources: &[String]) -> Result<(), Error> {
    match resources.len() {
        0 => Err(Error::Invalid("name at least one resource in ResourceArns".into())),
        1..=MAXIMUM_RESOURCES => Ok(()),
        _ => Err(Error::Invalid(format!("ResourceArns may name at most {MAXIMUM_RESOURCES} resources"))),
    }
}

fn of(view: &View, scope: &Scope, text: &str) -> Result<Tags, Error> {
    Ok(match arns::parse_any(text)?.0 {
        Resource::LoadBalancer => arns::load_balancer(view, scope, text)?.tags.clone(),
        Resource::TargetGroup => arns::target_group(view, scope, text)?.tags.clone(),
        Resource::Listener => arns::listener(view, scope, text)?.tags.clone(),
        Resource::TrustStore => arns::trust_store(view, scope, text)?.tags.clone(),
        Resource::Rule => match rules::named(view, scope, text)? {
            Named::Rule(rule) => rule.tags.clone(),
            Named::Default(listener) => listener.default_rule_tags.clone(),
        },
    })
}

async fn change(
    cx: &Context,
    resources: &[String],
    new: impl Fn(&Tags) -> Result<Tags, Error>,
) -> Result<(), AwsError> {
    check_count(resources)?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| resources.iter().try_for_each(|arn| change_one(txn, &scope, arn, &new));
    committed(cx.store.transact(write).await)
}

fn change_one(
    txn: &mut Transaction,
    scope: &Scope,
    text: &str,
    new: &impl Fn(&Tags) -> Result<Tags, Error>,
) -> Result<(), Error> {
    match arns::parse_any(text)?.0 {
        Resource::LoadBalancer => {
            let old = arns::load_balancer(txn.view(), scope, text)?;
            txn.put(scope, LoadBalancer { tags: new(&old.tags)?, ..LoadBalancer::clone(&old) });
        }
        Resource::TargetGroup => {
            let old = arns::target_group(txn.view(), scope, text)?;
            txn.put(scope, TargetGroup { tags: new(&old.tags)?, ..TargetGroup::clone(&old) });
        }
        Resource::Listener => {
            let old = arns::listener(txn.view(), scope, text)?;
            txn.put(scope, Listener { tags: new(&old.tags)?, ..Listener::clone(&old) });
        }
        Resource::TrustStore => {
            let old = arns::trust_store(txn.view(), scope, text)?;
            txn.put(scope, TrustStore { tags: new(&old.tags)?, ..TrustStore::clone(&old) });
        }
        Resource::Rule => match rules::named(txn.view(), scope, text)? {
            Named::Rule(old) => txn.put(scope, Rule { tags: new(&old.tags)?, ..Rule::clone(&old) }),
            Named::Default(old) => {
                let default_rule_tags = new(&old.default_rule_tags)?;
                txn.put(scope, Listener { default_rule_tags, ..Listener::clone(&old) });
            }
        },
    }
    Ok(())
}
