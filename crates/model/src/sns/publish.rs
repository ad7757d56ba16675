//! Which subscriptions get a message, and in what form.
//!
//! Used by the operation Publish and by everything else that notifies, each in its own transaction: read the topic and
//! its subscriptions, call [`deliveries`], put what it gives. The records are sent by the notifications controller.

use super::{
    delivery::{Content, Delivery, mint_id},
    delivery_policy::{self, RetryPolicy},
    filter_policy::{FilterPolicy, FilterPolicyScope},
    message::Message,
    protocol::Protocol,
    subscription::Subscription,
    topic::Topic,
};
use crate::{IdSource, Timestamp, id::uuid};
use std::borrow::Borrow;

/// One delivery for each confirmed subscription that wants the message, all with one message id. `message_id` is drawn
/// from `ids`; see [`deliveries_of`] when the caller has to know it.
pub fn deliveries<S: Borrow<Subscription>>(
    topic: &Topic,
    subscriptions: impl IntoIterator<Item = S>,
    message: &Message,
    ids: &mut dyn IdSource,
    now: Timestamp,
) -> Vec<Delivery> {
    let message_id = uuid(ids);
    deliveries_of(&message_id, topic, subscriptions, message, ids, now)
}

/// The same for a message whose id is given.
pub fn deliveries_of<S: Borrow<Subscription>>(
    message_id: &str,
    topic: &Topic,
    subscriptions: impl IntoIterator<Item = S>,
    message: &Message,
    ids: &mut dyn IdSource,
    now: Timestamp,
) -> Vec<Delivery> {
    let mut made = Vec::new();
    for subscription in subscriptions {
        let subscription = subscription.borrow();
        if wants(subscription, message) {
            let id = mint_id(now, made.len(), ids);
            let content = notification(subscription, message);
            made.push(delivery(topic, subscription, content, id, message_id.to_owned(), now));
        }
    }
    made
}

/// Whether a subscription gets a message: it is confirmed, and its filter policy lets the message through.
pub fn wants(subscription: &Subscription, message: &Message) -> bool {
    if !subscription.is_confirmed() {
        return false;
    }
    // A policy was checked when it was set; one that cannot be read any more must not let everything through.
    let Some(policy) = subscription.filter_policy.as_deref() else { return true };
    let Ok(policy) = FilterPolicy::parse(policy, subscription.filter_policy_scope) else { return false };
    match subscription.filter_policy_scope {
        FilterPolicyScope::MessageAttributes => policy.matches_attributes(&message.attributes),
        FilterPolicyScope::MessageBody => policy.matches_body(message.body_for(subscription.protocol)),
    }
}

fn notification(subscription: &Subscription, message: &Message) -> Content {
    Content::Notification {
        subject: message.subject.clone(),
        body: message.body_for(subscription.protocol).to_owned(),
        attributes: message.attributes.clone(),
        raw: subscription.raw_message_delivery,
        authenticate_on_unsubscribe: subscription.authenticate_on_unsubscribe,
    }
}

pub(super) fn delivery(
    topic: &Topic,
    subscription: &Subscription,
    content: Content,
    id: String,
    message_id: String,
    now: Timestamp,
) -> Delivery {
    let policy = delivery_policy::effective(topic.delivery_policy.as_deref(), subscription.delivery_policy.as_deref());
    let (retry_policy, content_type) = match subscription.protocol {
        Protocol::Email | Protocol::EmailJson => (RetryPolicy::MAIL, None),
        Protocol::Http | Protocol::Https => (policy.retry.unwrap_or(RetryPolicy::HTTP), policy.content_type),
    };
    Delivery {
        id,
        topic_arn: topic.arn.clone(),
        sender_name: topic.sender_name().to_owned(),
        subscription_arn: subscription.arn.clone(),
        protocol: subscription.protocol,
        endpoint: subscription.endpoint.clone(),
        message_id,
        published_at: now,
        content,
        signature_version: topic.signature_version,
        content_type,
        retry_policy,
        attempts: 0,
        last_attempt_at: None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        Arn,
        sns::{attribute_value::AttributeValue, subscription::SubscriptionState},
    };
    use std::sync::Arc;

    pub(in crate::sns) fn topic() -> Topic {
        Topic::new(Arn::new("sns", "us-east-1", "123456789012", "web"), Timestamp::default())
    }

    pub(in crate::sns) fn subscription(protocol: &str, endpoint: &str) -> Subscription {
        let topic = topic();
        Subscription {
            arn: topic.arn.with_resource(format!("web:{endpoint}")),
            topic_arn: topic.arn,
            protocol: Protocol::parse(protocol).unwrap(),
            endpoint: endpoint.to_owned(),
            owner: "123456789012".to_owned(),
            state: SubscriptionState::Confirmed {
                token: "token".to_owned(),
                at: Timestamp::default(),
                authenticated: false,
            },
            authenticate_on_unsubscribe: false,
            raw_message_delivery: false,
            filter_policy: None,
            filter_policy_scope: FilterPolicyScope::default(),
            delivery_policy: None,
            created_at: Timestamp::default(),
        }
    }

    fn publish(subscriptions: Vec<Subscription>, message: &Message) -> Vec<Delivery> {
        let mut n = 0;
        let mut ids = || {
            n += 1;
            n
        };
        let subscriptions = subscriptions.into_iter().map(Arc::new);
        deliveries(&topic(), subscriptions, message, &mut ids, Timestamp::from_seconds(7))
    }

    #[test]
    fn only_those_that_have_confirmed_and_want_it_get_a_message() {
        let pending = SubscriptionState::Pending { token: "t".to_owned(), since: Timestamp::default() };
        let wanting = |policy: &str| Some(policy.to_owned());
        let subscriptions = vec![
            subscription("email", "all@example.com"),
            Subscription { state: pending, ..subscription("email", "pending@example.com") },
            Subscription {
                filter_policy: wanting(r#"{"level":["high"]}"#),
                ..subscription("email", "high@example.com")
            },
            Subscription { filter_policy: wanting(r#"{"level":["low"]}"#), ..subscription("email", "low@example.com") },
            Subscription { filter_policy: wanting("broken"), ..subscription("email", "broken@example.com") },
        ];
        let message = Message::new("s", "b").with_attribute("level", AttributeValue::text("high"));
        let made = publish(subscriptions, &message);
        let endpoints: Vec<&str> = made.iter().map(|delivery| delivery.endpoint.as_str()).collect();
        assert_eq!(endpoints, ["all@example.com", "high@example.com"]);
        assert_eq!(made[0].message_id, made[1].message_id);
        assert!(made[0].id < made[1].id);
    }

    #[test]
    fn each_protocol_gets_its_own_text_and_policy() {
        let text = r#"{"default":"d","email":"e"}"#.to_owned();
        let message = Message::parse(None, text, true, std::collections::BTreeMap::new()).unwrap();
        let made =
            publish(vec![subscription("email", "a@b.example"), subscription("http", "http://x.example/")], &message);
        let body = |delivery: &Delivery| match &delivery.content {
            Content::Notification { body, .. } => body.clone(),
            Content::SubscriptionConfirmation { .. } | Content::UnsubscribeConfirmation { .. } => unreachable!(),
        };
        assert_eq!((body(&made[0]), made[0].retry_policy), ("e".to_owned(), RetryPolicy::MAIL));
        assert_eq!((body(&made[1]), made[1].retry_policy), ("d".to_owned(), RetryPolicy::HTTP));
    }
}
