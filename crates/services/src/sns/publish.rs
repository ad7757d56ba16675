//! Publishing: a message becomes one delivery per subscriber that wants it, in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::sns::types as shape;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::Arn;
use model::id::uuid;
use model::sns::attribute_value::AttributeValue;
use model::sns::message::{MAXIMUM_BYTES, Message};
use model::sns::publish::deliveries_of;
use model::sns::subscription::Subscription;
use model::sns::topic;
use store::Transaction;
use wire::AwsError;

use super::errors::{Batch, Error, shown};
use super::{arns, subscriptions};
use crate::context::Context;
use crate::handler::committed;

/// How many messages one batch may hold (SNS API reference, PublishBatch).
const MAXIMUM_BATCH: usize = 10;
/// The longest id of a message in a batch.
const MAXIMUM_ENTRY_ID: usize = 80;
/// The longest name of an attribute (SNS developer guide, message attributes).
const MAXIMUM_ATTRIBUTE_NAME: usize = 256;

pub(super) async fn publish(cx: &Context, input: shape::PublishInput) -> Result<shape::PublishResponse, AwsError> {
    let shape::PublishInput { message, message_attributes, message_structure, subject, target_arn, topic_arn } = input;
    let arn = match (topic_arn, target_arn) {
        (Some(arn), None) => arns::parse_topic(cx, "TopicArn", &arn)?,
        (None, Some(arn)) => arns::parse_topic(cx, "TargetArn", &arn)?,
        (Some(_), Some(_)) => return Err(Error::invalid("TopicArn", "give TopicArn or TargetArn, not both").into()),
        (None, None) => return Err(Error::invalid("TopicArn or TargetArn", "no value for required parameter").into()),
    };
    let message = parse(message, message_structure.as_deref(), subject, message_attributes)?;
    let message_id = write(cx, &arn, &message).await?;
    Ok(shape::PublishResponse { message_id: Some(message_id) })
}

/// Publishes and gives the message's id.
async fn write(cx: &Context, arn: &Arn, message: &Message) -> Result<String, AwsError> {
    let message_id = cx.mint(uuid);
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let topic = arns::topic(txn.view(), &scope, arn)?;
        let all: Vec<Arc<Subscription>> = txn.range(&scope, &topic::subscription_prefix(arn)).collect();
        let new = cx.mint(|ids| deliveries_of(&message_id, &topic, all.iter().map(|s| &**s), message, ids, cx.now));
        subscriptions::enqueue(txn, &scope, new)
    };
    committed(cx.store.transact(write).await)?;
    Ok(message_id)
}

type Attributes = Option<BTreeMap<String, shape::MessageAttributeValue>>;

fn parse(
    message: String,
    structure: Option<&str>,
    subject: Option<String>,
    attributes: Attributes,
) -> Result<Message, Error> {
    let structured = match structure {
        None | Some("") => false,
        Some("json") => true,
        Some(_) => return Err(Error::invalid("MessageStructure", "it can only be json")),
    };
    Ok(Message::parse(subject, message, structured, parse_attributes(attributes)?)?)
}

fn parse_attributes(attributes: Attributes) -> Result<BTreeMap<String, AttributeValue>, Error> {
    let one = |(name, value): (String, shape::MessageAttributeValue)| {
        let refuse =
            |why: &dyn std::fmt::Display| Error::invalid(&format!("MessageAttributes `{}`", shown(&name)), why);
        if !is_valid_name(&name) {
            let rule = "a name has at most 256 letters, digits, `_`, `-` and `.`, and no dot at its begin or end";
            return Err(refuse(&rule));
        }
        let shape::MessageAttributeValue { binary_value, data_type, string_value } = value;
        let value = match (string_value, binary_value) {
            (Some(text), None) if !data_type.starts_with("Binary") => text,
            (None, Some(bytes)) if data_type.starts_with("Binary") => STANDARD.encode(bytes),
            (Some(_) | None, Some(_) | None) => return Err(refuse(&"its value does not fit its DataType")),
        };
        let value = AttributeValue::new(data_type, value).map_err(|error| refuse(&error))?;
        Ok((name, value))
    };
    attributes.unwrap_or_default().into_iter().map(one).collect()
}

fn is_valid_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !name.is_empty()
        && name.len() <= MAXIMUM_ATTRIBUTE_NAME
        && name.bytes().all(fits)
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
}

/// Several messages; each is published or refused by itself.
pub(super) async fn publish_batch(
    cx: &Context,
    input: shape::PublishBatchInput,
) -> Result<shape::PublishBatchResponse, AwsError> {
    let shape::PublishBatchInput { publish_batch_request_entries: entries, topic_arn } = input;
    let arn = arns::parse_topic(cx, "TopicArn", &topic_arn)?;
    check_batch(&entries)?;
    arns::topic(&cx.store.view(), &cx.scope(), &arn)?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let shape::PublishBatchRequestEntry { id, message, message_attributes, message_structure, subject } = entry;
        let published = match parse(message, message_structure.as_deref(), subject, message_attributes) {
            Ok(message) => write(cx, &arn, &message).await,
            Err(error) => Err(error.into()),
        };
        match published {
            Ok(message_id) => {
                successful.push(shape::PublishBatchResultEntry { id: Some(id), message_id: Some(message_id) });
            }
            Err(error) => failed.push(failure(id, &error)),
        }
    }
    Ok(shape::PublishBatchResponse { failed: Some(failed), successful: Some(successful) })
}

fn failure(id: String, error: &AwsError) -> shape::BatchResultErrorEntry {
    shape::BatchResultErrorEntry {
        code: Some(error.code.to_string()),
        id: Some(id),
        message: Some(error.message.clone()),
        sender_fault: Some(error.status < 500),
    }
}

fn check_batch(entries: &[shape::PublishBatchRequestEntry]) -> Result<(), Error> {
    let refuse = |what, message: &str| Err(Error::Batch(what, message.to_owned()));
    let fits = |id: &str| {
        (1..=MAXIMUM_ENTRY_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let distinct: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    if entries.is_empty() {
        refuse(Batch::Empty, "the batch holds no message")
    } else if entries.len() > MAXIMUM_BATCH {
        refuse(Batch::TooMany, "a batch may hold at most 10 messages")
    } else if !distinct.iter().all(|id| fits(id)) {
        refuse(Batch::BadId, "the Id of a message has 1 to 80 letters, digits, hyphens and underscores")
    } else if distinct.len() < entries.len() {
        refuse(Batch::NotDistinct, "two messages of the batch have the same Id")
    } else if entries.iter().map(|entry| entry.message.len()).sum::<usize>() > MAXIMUM_BYTES {
        refuse(Batch::TooLong, "the messages of a batch may have at most 262,144 bytes together")
    } else {
        Ok(())
    }
}
