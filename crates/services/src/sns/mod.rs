//! Simple Notification Service: standard topics with subscribers by mail and HTTP.
//!
//! Publish writes one delivery per subscriber; sending them is the notifications controller's part. [`links`] serves
//! the links of messages, which nobody signs. First-in-first-out topics and other protocols are refused by name. Access
//! policies are kept and shown; who may publish is decided by the account alone, so a policy that denies is refused.

mod arns;
mod confirmation;
mod errors;
pub mod links;
mod publish;
mod subscription_attributes;
mod subscriptions;
mod tags;
mod topic_attributes;
mod topics;

use api::sns::Operation;
use wire::{AwsError, Value};

use crate::context::Context;
use crate::handler::{done, read, reply};

/// The size of a page of topics or subscriptions (SNS API reference, ListTopics).
const PAGE: usize = 100;

/// The operations of SNS.
///
/// # Errors
/// Those of the operation.
pub async fn dispatch(cx: &Context, operation: Operation, input: Value) -> Result<Value, AwsError> {
    match operation {
        Operation::ConfirmSubscription => reply(confirmation::confirm(cx, read(input)?).await),
        Operation::CreateTopic => reply(topics::create(cx, read(input)?).await),
        Operation::DeleteTopic => done(topics::delete(cx, read(input)?).await),
        Operation::GetSubscriptionAttributes => reply(subscription_attributes::get(cx, read(input)?)),
        Operation::GetTopicAttributes => reply(topic_attributes::get(cx, read(input)?)),
        Operation::ListSubscriptions => reply(subscriptions::list(cx, read(input)?)),
        Operation::ListSubscriptionsByTopic => reply(subscriptions::list_by_topic(cx, read(input)?)),
        Operation::ListTagsForResource => reply(tags::list(cx, read(input)?)),
        Operation::ListTopics => reply(topics::list(cx, read(input)?)),
        Operation::Publish => reply(publish::publish(cx, read(input)?).await),
        Operation::PublishBatch => reply(publish::publish_batch(cx, read(input)?).await),
        Operation::SetSubscriptionAttributes => done(subscription_attributes::set(cx, read(input)?).await),
        Operation::SetTopicAttributes => done(topic_attributes::set(cx, read(input)?).await),
        Operation::Subscribe => reply(subscriptions::subscribe(cx, read(input)?).await),
        Operation::TagResource => reply(tags::add(cx, read(input)?).await),
        Operation::Unsubscribe => done(confirmation::unsubscribe(cx, read(input)?).await),
        Operation::UntagResource => reply(tags::remove(cx, read(input)?).await),
    }
}
