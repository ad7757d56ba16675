//! Whether a subscription may be confirmed, and the messages that ask for it.
//!
//! The token is the right to confirm: it goes to the endpoint only, so whoever shows it has read what was sent there.

use super::{
    delivery::{Content, Delivery, mint_id},
    publish,
    subscription::{Subscription, SubscriptionState},
    topic::Topic,
};
use crate::{IdSource, Timestamp, id::uuid};
use std::time::Duration;

/// How long a token can be used (SNS developer guide: three days).
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// What a shown token leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The subscription is confirmed now and takes this state.
    Now(SubscriptionState),
    /// It was confirmed with this token before; nothing changes.
    Before,
    /// The token is not (or no longer) this subscription's.
    No,
}

/// Whether `token` confirms the subscription. `authenticated`: the call was signed.
pub fn confirm(subscription: &Subscription, token: &str, authenticated: bool, now: Timestamp) -> Confirmed {
    if !same(subscription.token(), token) {
        return Confirmed::No;
    }
    match &subscription.state {
        SubscriptionState::Pending { since, .. } | SubscriptionState::Unsubscribed { since, .. }
            if has_expired(*since, now) =>
        {
            Confirmed::No
        }
        SubscriptionState::Pending { token, .. } | SubscriptionState::Unsubscribed { token, .. } => {
            Confirmed::Now(SubscriptionState::Confirmed { token: token.clone(), at: now, authenticated })
        }
        SubscriptionState::Confirmed { .. } => Confirmed::Before,
    }
}

/// When a subscription that was never confirmed, or was left, can no longer be (again): it is forgotten then.
pub fn forgotten_at(subscription: &Subscription) -> Option<Timestamp> {
    match &subscription.state {
        SubscriptionState::Pending { since, .. } | SubscriptionState::Unsubscribed { since, .. } => {
            Some(since.plus(TOKEN_LIFETIME))
        }
        SubscriptionState::Confirmed { .. } => None,
    }
}

/// Whether that time has come.
pub fn is_forgotten(subscription: &Subscription, now: Timestamp) -> bool {
    forgotten_at(subscription).is_some_and(|at| at <= now)
}

/// The message that asks an endpoint whether it wants to be subscribed.
pub fn question(topic: &Topic, subscription: &Subscription, ids: &mut dyn IdSource, now: Timestamp) -> Delivery {
    let content = Content::SubscriptionConfirmation { token: subscription.token().to_owned() };
    let (id, message_id) = (mint_id(now, 0, ids), uuid(ids));
    publish::delivery(topic, subscription, content, id, message_id, now)
}

/// The message that tells an endpoint that it gets nothing more; its link leads back.
pub fn farewell(topic: &Topic, subscription: &Subscription, ids: &mut dyn IdSource, now: Timestamp) -> Delivery {
    let content = Content::UnsubscribeConfirmation { token: subscription.token().to_owned() };
    let (id, message_id) = (mint_id(now, 0, ids), uuid(ids));
    publish::delivery(topic, subscription, content, id, message_id, now)
}

fn has_expired(since: Timestamp, now: Timestamp) -> bool {
    now.since(since) >= TOKEN_LIFETIME
}

/// Compares without telling by its time where the first difference is.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sns::publish::tests::{subscription, topic};

    const DAY: i64 = 24 * 60 * 60;

    #[test]
    fn a_token_confirms_once_in_time_and_by_itself() {
        let pending = || SubscriptionState::Pending { token: "secret".to_owned(), since: Timestamp::from_seconds(0) };
        let left = || SubscriptionState::Unsubscribed { token: "secret".to_owned(), since: Timestamp::from_seconds(0) };
        let confirmed = |at| SubscriptionState::Confirmed {
            token: "secret".to_owned(),
            at: Timestamp::from_seconds(at),
            authenticated: true,
        };
        for (state, token, now, expected) in [
            (pending(), "secret", 10, Confirmed::Now(confirmed(10))),
            (pending(), "secret", 3 * DAY - 1, Confirmed::Now(confirmed(3 * DAY - 1))),
            (pending(), "secret", 3 * DAY, Confirmed::No),
            (pending(), "secreT", 10, Confirmed::No),
            (pending(), "", 10, Confirmed::No),
            (left(), "secret", 10, Confirmed::Now(confirmed(10))),
            (left(), "secret", 3 * DAY, Confirmed::No),
            (confirmed(10), "secret", 9 * DAY, Confirmed::Before),
            (confirmed(10), "other", 11, Confirmed::No),
        ] {
            let subscription = Subscription { state, ..subscription("email", "kim@example.com") };
            let found = confirm(&subscription, token, true, Timestamp::from_seconds(now));
            assert_eq!(found, expected, "{:?} {token} at {now}", subscription.state);
        }
    }

    #[test]
    fn what_was_not_confirmed_in_time_is_forgotten() {
        let state = SubscriptionState::Pending { token: "t".to_owned(), since: Timestamp::from_seconds(5) };
        let waiting = Subscription { state, ..subscription("email", "kim@example.com") };
        assert!(!is_forgotten(&waiting, Timestamp::from_seconds(3 * DAY + 4)));
        assert!(is_forgotten(&waiting, Timestamp::from_seconds(3 * DAY + 5)));
        assert!(!is_forgotten(&subscription("email", "kim@example.com"), Timestamp::from_seconds(99 * DAY)));
    }

    #[test]
    fn the_question_carries_the_token_to_the_endpoint() {
        let mut n = 0;
        let mut ids = || {
            n += 1;
            n
        };
        let asked = question(&topic(), &subscription("http", "http://127.0.0.1:9/x"), &mut ids, Timestamp::default());
        assert_eq!(asked.content, Content::SubscriptionConfirmation { token: "token".to_owned() });
        assert_eq!((asked.endpoint.as_str(), asked.attempts), ("http://127.0.0.1:9/x", 0));
    }
}
