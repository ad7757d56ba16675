//! A topic: the name that messages are published to.
//!
//! First-in-first-out topics are not part of Goru; their names (`….fifo`) are refused by the operation.

use crate::{Arn, Tags, Timestamp};
use serde::{Deserialize, Serialize};

/// The most topics of an account in a region (AWS General Reference, SNS quotas: 100,000 standard topics).
pub const MAXIMUM_TOPICS: usize = 100_000;
/// The longest name of a topic.
pub const MAXIMUM_NAME_LENGTH: usize = 256;
/// The longest display name, in characters (API reference, SetTopicAttributes).
pub const MAXIMUM_DISPLAY_NAME_LENGTH: usize = 100;

/// A topic. The id of its record is its ARN, `arn:aws:sns:<region>:<account>:<name>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// The ARN.
    pub arn: Arn,
    /// Shown as the sender's name in mails; empty for none.
    pub display_name: String,
    /// The access policy as it was set; absent while it is the default one.
    pub policy: Option<String>,
    /// The delivery policy as it was set (JSON, checked); absent while it is the default one.
    pub delivery_policy: Option<String>,
    /// Which hash the signature of http and https messages uses.
    pub signature_version: SignatureVersion,
    /// Labels.
    pub tags: Tags,
    /// When it was made.
    pub created_at: Timestamp,
    /// How many subscriptions have been deleted (SubscriptionsDeleted).
    pub subscriptions_deleted: u64,
}

/// Which hash is signed (SNS developer guide, verifying message signatures).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignatureVersion {
    /// SHA-1, AWS's default.
    #[default]
    #[serde(rename = "1")]
    V1,
    /// SHA-256.
    #[serde(rename = "2")]
    V2,
}

impl SignatureVersion {
    /// `1` or `2`, as in the topic's attribute and in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1",
            Self::V2 => "2",
        }
    }

    /// From the attribute's value.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::V1),
            "2" => Some(Self::V2),
            _ => None,
        }
    }
}

impl Topic {
    /// A new topic with AWS's defaults.
    pub fn new(arn: Arn, now: Timestamp) -> Self {
        Self {
            arn,
            display_name: String::new(),
            policy: None,
            delivery_policy: None,
            signature_version: SignatureVersion::default(),
            tags: Tags::default(),
            created_at: now,
            subscriptions_deleted: 0,
        }
    }

    /// The name: the resource part of the ARN.
    pub fn name(&self) -> &str {
        self.arn.resource()
    }

    /// The name that mails show as their sender: the display name, or the topic's own name.
    pub fn sender_name(&self) -> &str {
        if self.display_name.is_empty() { self.name() } else { &self.display_name }
    }
}

/// What the ids of all subscriptions of a topic begin with, for `view.range::<Subscription>`.
pub fn subscription_prefix(topic: &Arn) -> String {
    format!("{topic}:")
}

/// Whether this can be the name of a standard topic: 1 to 256 letters, digits, `-` and `_` (API reference, CreateTopic).
pub fn is_valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAXIMUM_NAME_LENGTH
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_hyphens_and_underscores() {
        for (name, valid) in [
            ("web-alarms_1", true),
            (&*"t".repeat(256), true),
            (&*"t".repeat(257), false),
            ("", false),
            ("web.fifo", false),
            ("a b", false),
            ("a:b", false),
            ("알람", false),
        ] {
            assert_eq!(is_valid_name(name), valid, "{name}");
        }
    }

    #[test]
    fn mails_come_from_the_display_name_if_there_is_one() {
        let mut topic = Topic::new(Arn::new("sns", "us-east-1", "123456789012", "web"), Timestamp::default());
        assert_eq!(topic.sender_name(), "web");
        topic.display_name = "Web team".to_owned();
        assert_eq!(topic.sender_name(), "Web team");
    }
}
