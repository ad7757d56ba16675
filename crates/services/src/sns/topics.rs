//! Topics: made, listed, deleted.

use std::collections::BTreeMap;

use api::sns::types as shape;
use model::sns::subscription::Subscription;
use model::sns::topic::{self, Topic};
use model::{Arn, Tags};
use store::Transaction;
use wire::AwsError;

use super::errors::{Error, shown};
use super::{PAGE, arns, tags, topic_attributes};
use crate::context::Context;
use crate::handler::committed;
use crate::pagination::Listing;

pub(super) async fn create(
    cx: &Context,
    input: shape::CreateTopicInput,
) -> Result<shape::CreateTopicResponse, AwsError> {
    let shape::CreateTopicInput { attributes, name, tags } = input;
    check_name(&name)?;
    let attributes = attributes.unwrap_or_default();
    let tags = tags.map(tags::parse).transpose()?;
    let arn = cx.arn("sns", name);
    let scope = cx.scope();
    let make = |txn: &mut Transaction| {
        if let Some(existing) = txn.get::<Topic>(&scope, arn.to_string()) {
            return same_as(&existing, &attributes, tags.as_ref());
        }
        if txn.list::<Topic>(&scope).count() >= topic::MAXIMUM_TOPICS {
            return Err(Error::TooManyTopics);
        }
        let mut made = Topic::new(arn.clone(), cx.now);
        made.tags = tags.clone().unwrap_or_default();
        for (name, value) in &attributes {
            topic_attributes::apply(&mut made, name, value)?;
        }
        txn.put(&scope, made);
        Ok(())
    };
    committed(cx.store.transact(make).await)?;
    Ok(shape::CreateTopicResponse { topic_arn: Some(arn.to_string()) })
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.strip_suffix(".fifo").is_some_and(topic::is_valid_name) {
        return Err(Error::not_offered("Topic Name", "first-in-first-out topics (.fifo) are not part of Goru"));
    }
    if topic::is_valid_name(name) {
        return Ok(());
    }
    let rule = "a name has 1 to 256 letters, digits, hyphens and underscores";
    Err(Error::invalid("Topic Name", format!("`{}`: {rule}", shown(name))))
}

/// CreateTopic gives the ARN of a topic that exists, unless other settings are asked for.
fn same_as(existing: &Topic, attributes: &BTreeMap<String, String>, tags: Option<&Tags>) -> Result<(), Error> {
    let mut wanted = existing.clone();
    for (name, value) in attributes {
        topic_attributes::apply(&mut wanted, name, value)?;
    }
    if wanted != *existing {
        return Err(Error::invalid("Attributes", "Topic already exists with different attributes"));
    }
    let different = |tags: &Tags| !tags.0.iter().all(|(key, value)| existing.tags.get(key) == Some(value.as_str()));
    if tags.is_some_and(different) {
        return Err(Error::invalid("Tags", "Topic already exists with different tags"));
    }
    Ok(())
}

/// Deletes a topic with its subscriptions. Messages that still wait then may not be delivered any more, as on AWS.
pub(super) async fn delete(cx: &Context, input: shape::DeleteTopicInput) -> Result<(), AwsError> {
    let shape::DeleteTopicInput { topic_arn } = input;
    let arn = arns::parse_topic(cx, "TopicArn", &topic_arn)?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        if txn.delete::<Topic>(&scope, arn.to_string()) {
            for subscription in subscriptions_of(txn, &scope, &arn) {
                txn.delete::<Subscription>(&scope, subscription);
            }
        }
        Ok::<_, Error>(())
    };
    committed(cx.store.transact(remove).await)
}

fn subscriptions_of(txn: &Transaction, scope: &model::Scope, topic: &Arn) -> Vec<String> {
    let prefix = topic::subscription_prefix(topic);
    txn.range::<Subscription>(scope, &prefix).map(|subscription| subscription.arn.to_string()).collect()
}

pub(super) fn list(cx: &Context, input: shape::ListTopicsInput) -> Result<shape::ListTopicsResponse, Error> {
    let shape::ListTopicsInput { next_token } = input;
    let listing = Listing { operation: "ListTopics", selection: &() };
    let view = cx.store.view();
    let topics = view.list::<Topic>(&cx.scope()).map(|topic| (topic.arn.to_string(), topic));
    let page = listing.page(cx, token(next_token.as_deref()), PAGE, topics)?;
    let shown = page.items.iter().map(|topic| shape::Topic { topic_arn: Some(topic.arn.to_string()) });
    Ok(shape::ListTopicsResponse { next_token: page.next, topics: Some(shown.collect()) })
}

/// An empty token means none: the CLI sends one so.
pub(super) fn token(given: Option<&str>) -> Option<&str> {
    given.filter(|token| !token.is_empty())
}
