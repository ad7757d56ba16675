//! Publishes to an SNS topic inside a controller's own transaction: what is decided and who is told of it go together.

use model::{
    Arn, IdSource, Scope, Timestamp,
    sns::{
        message::Message,
        publish,
        subscription::Subscription,
        topic::{Topic, subscription_prefix},
    },
};
use std::sync::Arc;
use store::Transaction;

/// One delivery for each subscription that wants the message. Gives whether the topic exists.
pub fn publish(
    txn: &mut Transaction,
    scope: &Scope,
    topic: &Arn,
    message: &Message,
    now: Timestamp,
    ids: &mut dyn IdSource,
) -> bool {
    let Some(topic) = txn.get::<Topic>(scope, topic.to_string()) else { return false };
    let subscriptions: Vec<Arc<Subscription>> = txn.range(scope, &subscription_prefix(&topic.arn)).collect();
    for delivery in publish::deliveries(&topic, subscriptions.iter().map(|s| &**s), message, ids, now) {
        txn.put(scope, delivery);
    }
    true
}
