//! The JSON document of a message, its links and its signature (SNS developer guide, message formats).

use super::{Signer, settings::NotificationSettings};
use model::sns::{
    attribute_value::AttributeValue,
    delivery::{Content, Delivery},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// ARNs stay readable in links.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b':');

/// The link that confirms a subscription.
pub(super) fn confirm_link(delivery: &Delivery, token: &str, settings: &NotificationSettings) -> String {
    let topic = delivery.topic_arn.to_string();
    let (topic, token) = (utf8_percent_encode(&topic, IN_QUERY), utf8_percent_encode(token, IN_QUERY));
    format!("{}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}", settings.base_url)
}

/// The link that ends a subscription.
pub(super) fn unsubscribe_link(delivery: &Delivery, settings: &NotificationSettings) -> String {
    let subscription = delivery.subscription_arn.to_string();
    let subscription = utf8_percent_encode(&subscription, IN_QUERY);
    format!("{}/?Action=Unsubscribe&SubscriptionArn={subscription}", settings.base_url)
}

/// What a question or a farewell says.
pub(super) fn sentence(delivery: &Delivery) -> String {
    let topic = &delivery.topic_arn;
    match &delivery.content {
        Content::Notification { body, .. } => body.clone(),
        Content::SubscriptionConfirmation { .. } => {
            format!("This endpoint is to be subscribed to the topic {topic}. Open the SubscribeURL to agree.")
        }
        Content::UnsubscribeConfirmation { .. } => format!(
            "This endpoint was unsubscribed from the topic {topic}. Open the SubscribeURL to subscribe it again."
        ),
    }
}

/// The whole document.
pub(super) fn json(delivery: &Delivery, settings: &NotificationSettings, signer: &Signer) -> String {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    put("Type", delivery.content.kind().into());
    put("MessageId", delivery.message_id.clone().into());
    put("TopicArn", delivery.topic_arn.to_string().into());
    put("Message", sentence(delivery).into());
    put("Timestamp", delivery.published_at.to_string().into());
    match &delivery.content {
        Content::Notification { subject, attributes, authenticate_on_unsubscribe, .. } => {
            if let Some(subject) = subject {
                put("Subject", subject.clone().into());
            }
            if !attributes.is_empty() {
                put("MessageAttributes", shown_attributes(attributes));
            }
            if !authenticate_on_unsubscribe {
                put("UnsubscribeURL", unsubscribe_link(delivery, settings).into());
            }
        }
        Content::SubscriptionConfirmation { token } | Content::UnsubscribeConfirmation { token } => {
            put("Token", token.clone().into());
            put("SubscribeURL", confirm_link(delivery, token, settings).into());
        }
    }
    let signature = signer.sign(delivery.signature_version, &canonical(&members));
    let mut put = |name: &str, value: String| drop(members.insert(name.to_owned(), value.into()));
    put("SignatureVersion", delivery.signature_version.as_str().to_owned());
    put("Signature", signature);
    put("SigningCertURL", format!("{}{}", settings.base_url, signer.certificate_path()));
    serde_json::to_string_pretty(&Value::Object(members)).unwrap_or_default()
}

fn shown_attributes(attributes: &BTreeMap<String, AttributeValue>) -> Value {
    let shown = |(name, value): (&String, &AttributeValue)| {
        (name.clone(), json!({ "Type": value.data_type, "Value": value.value }))
    };
    Value::Object(attributes.iter().map(shown).collect())
}

/// The text that is signed: names and values of the members that count, in the order of the names, each on its line. A
/// notification has no SubscribeURL and Token, the others no Subject, so one list serves for all.
fn canonical(members: &Map<String, Value>) -> String {
    ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        .into_iter()
        .filter_map(|name| Some(format!("{name}\n{}\n", members.get(name)?.as_str()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_has_the_members_that_count_in_order() {
        let members = json!({
            "Type": "Notification", "MessageId": "m", "TopicArn": "t", "Subject": "s", "Message": "hello\nworld",
            "Timestamp": "2026-11-20T12:00:00.000Z", "UnsubscribeURL": "u", "MessageAttributes": {},
        });
        let expected = "Message\nhello\nworld\nMessageId\nm\nSubject\ns\nTimestamp\n2026-11-20T12:00:00.000Z\n\
                        TopicArn\nt\nType\nNotification\n";
        assert_eq!(canonical(members.as_object().unwrap()), expected);
        let question = json!({
            "Type": "SubscriptionConfirmation", "MessageId": "m", "TopicArn": "t", "Message": "x", "Token": "k",
            "SubscribeURL": "u", "Timestamp": "2026",
        });
        let expected = "Message\nx\nMessageId\nm\nSubscribeURL\nu\nTimestamp\n2026\nToken\nk\nTopicArn\nt\nType\n\
                        SubscriptionConfirmation\n";
        assert_eq!(canonical(question.as_object().unwrap()), expected);
    }
}
