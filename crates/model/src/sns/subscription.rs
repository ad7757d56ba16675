//! A subscription: who gets the messages of a topic, and whether they have agreed.
//!
//! Nobody gets a message before they have confirmed; a confirmation that is not given in time is forgotten.

use super::{filter_policy::FilterPolicyScope, protocol::Protocol};
use crate::{
    Arn, IdSource, Timestamp,
    id::{hex, uuid},
};
use serde::{Deserialize, Serialize};

/// The most subscriptions of one topic. AWS allows 12.5 million; every delivery of a message is written in one
/// transaction here, which bounds it.
pub const MAXIMUM_PER_TOPIC: usize = 5_000;
/// The most filter policies of an account in a region (SNS quotas).
pub const MAXIMUM_FILTER_POLICIES: usize = 10_000;

/// A subscription. The id of its record is its ARN, `<topic ARN>:<uuid>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// The ARN.
    pub arn: Arn,
    /// The topic.
    pub topic_arn: Arn,
    /// The way to the endpoint.
    pub protocol: Protocol,
    /// A mail address or a URL.
    pub endpoint: String,
    /// The account that subscribed.
    pub owner: String,
    /// Whether the endpoint has agreed.
    pub state: SubscriptionState,
    /// Whether the link in messages does not unsubscribe, so that only a signed call can.
    pub authenticate_on_unsubscribe: bool,
    /// Whether http and https get the bare message.
    pub raw_message_delivery: bool,
    /// Which messages are wanted, as JSON (checked); absent for all.
    pub filter_policy: Option<String>,
    /// What the filter policy looks at.
    pub filter_policy_scope: FilterPolicyScope,
    /// How http and https deliveries are retried, as JSON (checked); absent: as the topic says.
    pub delivery_policy: Option<String>,
    /// When it was first asked for.
    pub created_at: Timestamp,
}

/// Whether an endpoint has agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionState {
    /// Asked, and not answered.
    Pending {
        /// What the endpoint was sent; whoever shows it confirms.
        token: String,
        /// When the token was sent.
        since: Timestamp,
    },
    /// Agreed.
    Confirmed {
        /// The token that was shown: showing it again changes nothing and gives the same answer.
        token: String,
        /// When.
        at: Timestamp,
        /// Whether it was confirmed by a signed call (ConfirmationWasAuthenticated).
        authenticated: bool,
    },
    /// Left by the link in a message; the way back is open for as long as a token lives.
    Unsubscribed {
        /// What the endpoint was sent with the farewell; whoever shows it is subscribed again.
        token: String,
        /// When.
        since: Timestamp,
    },
}

impl Subscription {
    /// Whether messages go to it.
    pub fn is_confirmed(&self) -> bool {
        match self.state {
            SubscriptionState::Confirmed { .. } => true,
            SubscriptionState::Pending { .. } | SubscriptionState::Unsubscribed { .. } => false,
        }
    }

    /// The token that belongs to it.
    pub fn token(&self) -> &str {
        match &self.state {
            SubscriptionState::Pending { token, since: _ }
            | SubscriptionState::Unsubscribed { token, since: _ }
            | SubscriptionState::Confirmed { token, at: _, authenticated: _ } => token,
        }
    }
}

/// The ARN of a new subscription of a topic.
pub fn mint_arn(topic: &Arn, ids: &mut dyn IdSource) -> Arn {
    topic.with_resource(format!("{}:{}", topic.resource(), uuid(ids)))
}

/// A new confirmation token: 256 bits, which nobody guesses.
pub fn mint_token(ids: &mut dyn IdSource) -> String {
    format!("{}{}", hex(ids, 32), hex(ids, 32))
}

/// The topic of a subscription's ARN; `None` when the ARN is not of that form.
pub fn topic_of(subscription: &Arn) -> Option<Arn> {
    let (topic, id) = subscription.resource().rsplit_once(':')?;
    (subscription.service() == "sns" && !topic.is_empty() && !id.is_empty()).then(|| subscription.with_resource(topic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_names_its_topic() {
        let topic = Arn::new("sns", "us-east-1", "123456789012", "web");
        let arn = mint_arn(&topic, &mut || 0xfedc_ba98_7654_3210);
        assert_eq!(arn.to_string(), "arn:aws:sns:us-east-1:123456789012:web:fedcba98-7654-4210-bedc-ba9876543210");
        assert_eq!(topic_of(&arn), Some(topic.clone()));
        assert_eq!(topic_of(&topic), None);
    }
}
