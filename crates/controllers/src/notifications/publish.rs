//! Publishing from a controller: the message goes on its way in the transaction of the decision that it tells of.

use model::{
    Arn, IdSource, Scope, Timestamp,
    sns::{
        delivery::{Delivery, has_room},
        message::Message,
        publish::deliveries,
        subscription::Subscription,
        topic::{Topic, subscription_prefix},
    },
};
use std::sync::Arc;
use store::Transaction;

/// The most deliveries of one message: a transaction has room for so many writes and no more.
pub const MAXIMUM_DELIVERIES: usize = 4000;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// It goes to so many subscriptions; none is a success too.
    To(usize),
    /// There is no such topic.
    NoTopic,
    /// More than [`MAXIMUM_DELIVERIES`] subscriptions want it; it goes to nobody. Worth an event of the caller's.
    TooMany,
    /// Too many messages wait already; it goes to nobody. Worth an event of the caller's.
    Full,
}

/// Publishes a message to a topic, in the topic's own account and region.
pub fn publish(
    txn: &mut Transaction,
    topic: &Arn,
    message: &Message,
    ids: &mut dyn IdSource,
    now: Timestamp,
) -> Published {
    let scope = Scope::new(topic.account(), topic.region());
    let Some(found) = txn.get::<Topic>(&scope, topic.to_string()) else { return Published::NoTopic };
    let all: Vec<Arc<Subscription>> = txn.range(&scope, &subscription_prefix(topic)).collect();
    let new = deliveries(&found, all.iter().map(|subscription| &**subscription), message, ids, now);
    if new.len() > MAXIMUM_DELIVERIES {
        return Published::TooMany;
    }
    let waiting: Vec<Arc<Delivery>> = txn.list(&scope).collect();
    if !has_room(waiting.iter().map(|delivery| &**delivery), &new) {
        return Published::Full;
    }
    let count = new.len();
    for delivery in new {
        txn.put(&scope, delivery);
    }
    Published::To(count)
}
