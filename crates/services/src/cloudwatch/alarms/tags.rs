//! Tags of alarms.

use api::cloudwatch::types::{
    ListTagsForResourceInput, ListTagsForResourceOutput, Tag, TagResourceInput, TagResourceOutput, UntagResourceInput,
    UntagResourceOutput,
};
use model::cloudwatch::any_alarm::AnyAlarm;
use model::{Arn, Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use crate::cloudwatch::errors::Error;
use crate::context::Context;
use crate::handler::committed;

/// The tags of a request.
pub(super) fn parse(tags: Vec<Tag>) -> Result<Tags, Error> {
    let tags = Tags::parse(tags.into_iter().map(|Tag { key, value }| (key, value)));
    tags.map_err(|error| Error::value("Tags", error.to_string()))
}

pub(in crate::cloudwatch) fn list_tags(
    cx: &Context,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, Error> {
    let ListTagsForResourceInput { resource_arn } = input;
    let alarm = find(&cx.store.view(), &cx.scope(), &resource_arn)?;
    let tags = alarm.tags().0.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() });
    Ok(ListTagsForResourceOutput { tags: Some(tags.collect()) })
}

pub(in crate::cloudwatch) async fn tag(cx: &Context, input: TagResourceInput) -> Result<TagResourceOutput, AwsError> {
    let TagResourceInput { resource_arn, tags } = input;
    let added = parse(tags)?;
    let merge = |tags: &Tags| tags.merged(&added).map_err(|error| Error::value("Tags", error.to_string()));
    change(cx, &resource_arn, merge).await?;
    Ok(TagResourceOutput {})
}

pub(in crate::cloudwatch) async fn untag(
    cx: &Context,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let UntagResourceInput { resource_arn, tag_keys } = input;
    let without = |tags: &Tags| {
        let mut tags = tags.clone();
        tags.0.retain(|key, _| !tag_keys.contains(key));
        Ok(tags)
    };
    change(cx, &resource_arn, without).await?;
    Ok(UntagResourceOutput {})
}

async fn change(cx: &Context, arn: &str, change: impl Fn(&Tags) -> Result<Tags, Error>) -> Result<(), AwsError> {
    let scope = cx.scope();
    let write = |txn: &mut Transaction| -> Result<(), Error> {
        let mut alarm = find(txn.view(), &scope, arn)?;
        *alarm.tags_mut() = change(alarm.tags())?;
        super::write(txn, &scope, alarm, Vec::new(), cx.now);
        Ok(())
    };
    committed(cx.store.transact(write).await)
}

fn find(view: &View, scope: &Scope, text: &str) -> Result<AnyAlarm, Error> {
    let arn: Arn = text.parse().map_err(|_| Error::value("ResourceARN", format!("`{text}` is not an ARN")))?;
    let missing = || Error::NoSuchResource(text.to_owned());
    let name = arn.resource().strip_prefix("alarm:").ok_or_else(missing)?;
    let alarm = super::find(view, scope, name).ok_or_else(missing)?;
    if *alarm.arn() == arn { Ok(alarm) } else { Err(missing()) }
}
