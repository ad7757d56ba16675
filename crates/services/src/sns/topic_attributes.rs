//! The attributes of topics, each served or refused by name.

use std::collections::BTreeMap;

use api::sns::types as shape;
use model::sns::confirmation;
use model::sns::delivery_policy::{self, DeliveryPolicy};
use model::sns::subscription::{Subscription, SubscriptionState};
use model::sns::topic::{self, MAXIMUM_DISPLAY_NAME_LENGTH, SignatureVersion, Topic};
use serde_json::{Value, json};
use store::Transaction;
use wire::AwsError;

use super::arns;
use super::errors::{Error, shown};
use crate::context::Context;
use crate::handler::committed;

/// The longest access policy, in bytes (SNS API reference, InvalidParameter).
const MAXIMUM_POLICY_BYTES: usize = 30 * 1024;

pub(super) async fn set(cx: &Context, input: shape::SetTopicAttributesInput) -> Result<(), AwsError> {
    let shape::SetTopicAttributesInput { attribute_name, attribute_value, topic_arn } = input;
    let arn = arns::parse_topic(cx, "TopicArn", &topic_arn)?;
    let (scope, value) = (cx.scope(), attribute_value.unwrap_or_default());
    let change = |txn: &mut Transaction| {
        let mut topic = (*arns::topic(txn.view(), &scope, &arn)?).clone();
        apply(&mut topic, &attribute_name, &value)?;
        txn.put(&scope, topic);
        Ok::<_, Error>(())
    };
    committed(cx.store.transact(change).await)
}

/// Sets one attribute of a topic.
pub(super) fn apply(topic: &mut Topic, name: &str, value: &str) -> Result<(), Error> {
    match name {
        "DisplayName" => topic.display_name = display_name(value)?,
        "DeliveryPolicy" => topic.delivery_policy = delivery_policy(value)?,
        "Policy" => topic.policy = policy(value)?,
        "SignatureVersion" => {
            let refuse = || Error::invalid("SignatureVersion", "it must be 1 or 2");
            topic.signature_version = SignatureVersion::parse(value).ok_or_else(refuse)?;
        }
        // What they say when they are not used can be set, as Terraform does; anything else is refused.
        "TracingConfig" if value == "PassThrough" => {}
        "KmsMasterKeyId" if value.is_empty() => {}
        "FifoTopic" | "ContentBasedDeduplication" if value == "false" => {}
        "TracingConfig" => return Err(Error::not_offered(name, "tracing is not part of Goru")),
        "KmsMasterKeyId" => return Err(Error::not_offered(name, "Goru has no key management service")),
        "FifoTopic" | "ContentBasedDeduplication" | "ArchivePolicy" | "FifoThroughputScope" => {
            return Err(Error::not_offered(name, "first-in-first-out topics are not part of Goru"));
        }
        other if is_feedback(other) => {
            return Err(Error::not_offered(other, "delivery status logging is not part of Goru; see `goru events`"));
        }
        other => return Err(Error::invalid("AttributeName", format!("`{}` is not known", shown(other)))),
    }
    Ok(())
}

fn is_feedback(name: &str) -> bool {
    let of_protocol = ["HTTP", "SQS", "Lambda", "Firehose", "Application"].iter().find_map(|p| name.strip_prefix(p));
    of_protocol.is_some_and(|rest| {
        matches!(rest, "SuccessFeedbackRoleArn" | "FailureFeedbackRoleArn" | "SuccessFeedbackSampleRate")
    })
}

/// It becomes the sender's name of mails, so no control character may get in.
fn display_name(value: &str) -> Result<String, Error> {
    if value.chars().count() > MAXIMUM_DISPLAY_NAME_LENGTH || value.chars().any(char::is_control) {
        let rule = format!("it may have at most {MAXIMUM_DISPLAY_NAME_LENGTH} characters and no control characters");
        return Err(Error::invalid("DisplayName", rule));
    }
    Ok(value.to_owned())
}

fn delivery_policy(value: &str) -> Result<Option<String>, Error> {
    if value.is_empty() {
        return Ok(None);
    }
    DeliveryPolicy::of_topic(value).map_err(|error| Error::invalid("DeliveryPolicy", error))?;
    Ok(Some(value.to_owned()))
}

/// An access policy that allows. One that denies would have to be enforced, which Goru does not do.
fn policy(value: &str) -> Result<Option<String>, Error> {
    if value.is_empty() {
        return Ok(None);
    }
    let invalid = |why: &str| Error::invalid("Policy", why);
    if value.len() > MAXIMUM_POLICY_BYTES {
        return Err(invalid("it is longer than 30 KiB"));
    }
    let policy: Value = serde_json::from_str(value).map_err(|_| invalid("it is not JSON"))?;
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {
            return Err(invalid("it has no Statement"));
        }
    };
    for statement in &statements {
        match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => {}
            Some("Deny") => {
                return Err(Error::not_offered("Policy", "Goru does not enforce access policies, so none may deny"));
            }
            Some(_) | None => return Err(invalid("every statement needs an Effect, Allow or Deny")),
        }
    }
    Ok(Some(value.to_owned()))
}

pub(super) fn get(
    cx: &Context,
    input: shape::GetTopicAttributesInput,
) -> Result<shape::GetTopicAttributesResponse, Error> {
    let shape::GetTopicAttributesInput { topic_arn } = input;
    let arn = arns::parse_topic(cx, "TopicArn", &topic_arn)?;
    let (view, scope) = (cx.store.view(), cx.scope());
    let topic = arns::topic(&view, &scope, &arn)?;
    let (mut confirmed, mut pending) = (0_u64, 0_u64);
    for subscription in view.range::<Subscription>(&scope, &topic::subscription_prefix(&arn)) {
        match subscription.state {
            SubscriptionState::Confirmed { .. } => confirmed += 1,
            SubscriptionState::Pending { .. } if !confirmation::is_forgotten(&subscription, cx.now) => pending += 1,
            SubscriptionState::Pending { .. } | SubscriptionState::Unsubscribed { .. } => {}
        }
    }
    let attributes = shown_attributes(&topic, &cx.account, confirmed, pending);
    Ok(shape::GetTopicAttributesResponse { attributes: Some(attributes) })
}

fn shown_attributes(topic: &Topic, owner: &str, confirmed: u64, pending: u64) -> BTreeMap<String, String> {
    let effective = delivery_policy::effective(topic.delivery_policy.as_deref(), None);
    let always = [
        ("TopicArn", topic.arn.to_string()),
        ("Owner", owner.to_owned()),
        ("Policy", topic.policy.clone().unwrap_or_else(|| default_policy(topic, owner))),
        ("DisplayName", topic.display_name.clone()),
        ("SubscriptionsConfirmed", confirmed.to_string()),
        ("SubscriptionsPending", pending.to_string()),
        ("SubscriptionsDeleted", topic.subscriptions_deleted.to_string()),
        ("EffectiveDeliveryPolicy", delivery_policy::shown(&effective, true)),
        ("SignatureVersion", topic.signature_version.as_str().to_owned()),
    ];
    let set = topic.delivery_policy.clone().map(|policy| ("DeliveryPolicy", policy));
    always.into_iter().chain(set).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What AWS gives a topic whose policy nobody set: the owner may do everything.
fn default_policy(topic: &Topic, owner: &str) -> String {
    let actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    ];
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": actions.map(|action| format!("SNS:{action}")),
            "Resource": topic.arn.to_string(),
            "Condition": { "StringEquals": { "AWS:SourceOwner": owner } },
        }],
    })
    .to_string()
}
