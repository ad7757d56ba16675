//! A delivery: one message on its way to one subscription, kept until the other side has taken it.
//!
//! It holds everything that sending needs, so that a later change of the topic or the subscription does not change what
//! was published before, and a message to a deleted subscription (the farewell) can still be sent.

use super::{
    attribute_value::AttributeValue, delivery_policy::RetryPolicy, protocol::Protocol, topic::SignatureVersion,
};
use crate::{Arn, IdSource, Timestamp, id::hex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most deliveries of an account in a region that wait at the same time. What is published beyond is refused.
pub const MAXIMUM_WAITING: usize = 10_000;
/// The most bytes that their texts take together.
pub const MAXIMUM_WAITING_BYTES: usize = 64 * 1024 * 1024;

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The id of the record; ids sort by the time of publication. See [`mint_id`].
    pub id: String,
    /// The topic.
    pub topic_arn: Arn,
    /// The name that a mail shows as its sender.
    pub sender_name: String,
    /// The subscription.
    pub subscription_arn: Arn,
    /// The way.
    pub protocol: Protocol,
    /// Where to.
    pub endpoint: String,
    /// The message's id, the same for all its deliveries: a UUID.
    pub message_id: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// What it says.
    pub content: Content,
    /// Which hash is signed.
    pub signature_version: SignatureVersion,
    /// `Content-Type` of what is posted, if somebody chose it.
    pub content_type: Option<String>,
    /// How often it is tried.
    pub retry_policy: RetryPolicy,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was last tried; absent before the first time.
    pub last_attempt_at: Option<Timestamp>,
}

/// What a delivery says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// What somebody published.
    Notification {
        /// The subject, if it has one.
        subject: Option<String>,
        /// The text for this protocol.
        body: String,
        /// Typed values beside it.
        attributes: BTreeMap<String, AttributeValue>,
        /// Whether http and https get the bare text.
        raw: bool,
        /// Whether the message has no link that unsubscribes.
        authenticate_on_unsubscribe: bool,
    },
    /// The question whether messages are wanted.
    SubscriptionConfirmation {
        /// Whoever shows it confirms.
        token: String,
    },
    /// The farewell, with the way back.
    UnsubscribeConfirmation {
        /// Whoever shows it subscribes again.
        token: String,
    },
}

/// Whether there is room for `new` beside the deliveries that wait already. What does not fit is published to nobody.
pub fn has_room<'d>(waiting: impl IntoIterator<Item = &'d Delivery>, new: &'d [Delivery]) -> bool {
    let (count, bytes) = waiting.into_iter().chain(new).fold((0_usize, 0_usize), |(count, bytes), delivery| {
        (count + 1, bytes.saturating_add(delivery.content.bytes()))
    });
    count <= MAXIMUM_WAITING && bytes <= MAXIMUM_WAITING_BYTES
}

impl Content {
    /// How long the text is, in bytes.
    fn bytes(&self) -> usize {
        match self {
            Self::Notification { body, .. } => body.len(),
            Self::SubscriptionConfirmation { .. } | Self::UnsubscribeConfirmation { .. } => 0,
        }
    }

    /// AWS's name of the kind: `Type` of the JSON, and the header `x-amz-sns-message-type`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Notification { .. } => "Notification",
            Self::SubscriptionConfirmation { .. } => "SubscriptionConfirmation",
            Self::UnsubscribeConfirmation { .. } => "UnsubscribeConfirmation",
        }
    }
}

/// A new id: the time of publication, the place among the deliveries of one call, and chance. Ids sort by time.
pub fn mint_id(now: Timestamp, position: usize, ids: &mut dyn IdSource) -> String {
    format!("{:012x}-{position:05x}-{}", now.millis().max(0), hex(ids, 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_then_by_place() {
        let mut n = u64::MAX;
        let mut ids = || {
            n -= 1;
            n
        };
        let (early, late) = (Timestamp::from_millis(999), Timestamp::from_millis(1_795_176_000_123));
        let made = [mint_id(early, 0, &mut ids), mint_id(late, 0, &mut ids), mint_id(late, 1, &mut ids)];
        assert!(made.is_sorted(), "{made:?}");
    }
}
