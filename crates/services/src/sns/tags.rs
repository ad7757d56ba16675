//! Tags of topics.

use std::collections::BTreeSet;

use api::sns::types as shape;
use model::Tags;
use model::sns::topic::Topic;
use store::Transaction;
use wire::AwsError;

use super::arns;
use super::errors::{Error, shown};
use crate::context::Context;
use crate::handler::committed;

/// The tags of a request.
pub(super) fn parse(tags: Vec<shape::Tag>) -> Result<Tags, Error> {
    Ok(Tags::parse(tags.into_iter().map(|shape::Tag { key, value }| (key, value)))?)
}

pub(super) async fn add(
    cx: &Context,
    input: shape::TagResourceRequest,
) -> Result<shape::TagResourceResponse, AwsError> {
    let shape::TagResourceRequest { resource_arn, tags } = input;
    let added = parse(tags)?;
    change(cx, &resource_arn, |tags| Ok(tags.merged(&added)?)).await?;
    Ok(shape::TagResourceResponse {})
}

pub(super) async fn remove(
    cx: &Context,
    input: shape::UntagResourceRequest,
) -> Result<shape::UntagResourceResponse, AwsError> {
    let shape::UntagResourceRequest { resource_arn, tag_keys } = input;
    let removed: BTreeSet<String> = tag_keys.into_iter().collect();
    let without = |tags: &Tags| {
        let kept = tags.0.iter().filter(|(key, _)| !removed.contains(*key));
        Ok(Tags(kept.map(|(key, value)| (key.clone(), value.clone())).collect()))
    };
    change(cx, &resource_arn, without).await?;
    Ok(shape::UntagResourceResponse {})
}

pub(super) fn list(
    cx: &Context,
    input: shape::ListTagsForResourceRequest,
) -> Result<shape::ListTagsForResourceResponse, Error> {
    let shape::ListTagsForResourceRequest { resource_arn } = input;
    let arn = arns::parse_topic(cx, "ResourceArn", &resource_arn)?;
    let topic = arns::topic(&cx.store.view(), &cx.scope(), &arn).map_err(|_| no_resource(&resource_arn))?;
    let tags = topic.tags.0.iter().map(|(key, value)| shape::Tag { key: key.clone(), value: value.clone() });
    Ok(shape::ListTagsForResourceResponse { tags: Some(tags.collect()) })
}

async fn change(cx: &Context, resource: &str, new: impl Fn(&Tags) -> Result<Tags, Error>) -> Result<(), AwsError> {
    let arn = arns::parse_topic(cx, "ResourceArn", resource)?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let topic = arns::topic(txn.view(), &scope, &arn).map_err(|_| no_resource(resource))?;
        txn.put(&scope, Topic { tags: new(&topic.tags)?, ..(*topic).clone() });
        Ok::<_, Error>(())
    };
    committed(cx.store.transact(write).await)
}

fn no_resource(text: &str) -> Error {
    Error::NoResource(shown(text))
}
