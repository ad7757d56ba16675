//! Tags of certificates.

use api::acm::types as shape;
use model::Tags;
use model::acm::certificate::Certificate;
use store::Transaction;
use wire::AwsError;

use super::certificates::existing;
use super::errors::Error;
use crate::context::Context;
use crate::handler::committed;

/// The tags of a request; a missing value is the empty one.
pub(super) fn parse(tags: Vec<shape::Tag>) -> Result<Tags, Error> {
    let pair = |shape::Tag { key, value }| (key, value.unwrap_or_default());
    Ok(Tags::parse(tags.into_iter().map(pair))?)
}

pub(super) async fn add(cx: &Context, input: shape::AddTagsToCertificateRequest) -> Result<(), AwsError> {
    let shape::AddTagsToCertificateRequest { certificate_arn, tags } = input;
    let added = parse(tags)?;
    change(cx, &certificate_arn, |tags| Ok(tags.merged(&added)?)).await
}

/// A tag whose value is given goes only if it has that value.
pub(super) async fn remove(cx: &Context, input: shape::RemoveTagsFromCertificateRequest) -> Result<(), AwsError> {
    let shape::RemoveTagsFromCertificateRequest { certificate_arn, tags } = input;
    let named = |key: &String, value: &String| {
        tags.iter().any(|tag| tag.key == *key && tag.value.as_ref().is_none_or(|given| given == value))
    };
    let without = |tags: &Tags| {
        let kept = tags.0.iter().filter(|(key, value)| !named(key, value));
        Ok(Tags(kept.map(|(key, value)| (key.clone(), value.clone())).collect()))
    };
    change(cx, &certificate_arn, without).await
}

async fn change(cx: &Context, arn: &str, new: impl Fn(&Tags) -> Result<Tags, Error>) -> Result<(), AwsError> {
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let old = existing(txn.view(), &scope, arn)?;
        txn.put(&scope, Certificate { tags: new(&old.tags)?, ..Certificate::clone(&old) });
        Ok::<(), Error>(())
    };
    committed(cx.store.transact(write).await)
}

pub(super) fn list(
    cx: &Context,
    input: shape::ListTagsForCertificateRequest,
) -> Result<shape::ListTagsForCertificateResponse, Error> {
    let shape::ListTagsForCertificateRequest { certificate_arn } = input;
    let record = existing(&cx.store.view(), &cx.scope(), &certificate_arn)?;
    let tags = record.tags.0.iter().map(|(key, value)| shape::Tag { key: key.clone(), value: Some(value.clone()) });
    Ok(shape::ListTagsForCertificateResponse { tags: Some(tags.collect()) })
}
