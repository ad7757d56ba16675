//! Which topics are told of a group's launches and terminations. Configuring one sends it a test notification.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::autoscaling::types as shape;
use model::autoscaling::group::AutoScalingGroup;
use model::autoscaling::notification::{self, Text};
use model::sns::delivery::{self, Delivery};
use model::sns::message::Message;
use model::sns::protocol::Protocol;
use model::sns::publish::deliveries;
use model::sns::subscription::Subscription;
use model::sns::topic::{self, Topic};
use model::{Arn, Scope};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, Quota, invalid, shown};
use super::resources::{DEFAULT_PAGE, MAXIMUM_PAGE, arn, change, group_name, page_size};
use crate::context::Context;
use crate::pagination::Listing;

/// The types given replace those that the topic had for the group.
pub(super) async fn put(cx: &Context, input: shape::PutNotificationConfigurationType) -> Result<(), AwsError> {
    let shape::PutNotificationConfigurationType { auto_scaling_group_name, notification_types, topic_arn } = input;
    let types = types(notification_types)?;
    let topic_arn = arn("TopicARN", &topic_arn)?;
    let scope = cx.scope();
    change(cx, &auto_scaling_group_name, |txn, group| {
        topic("TopicARN", txn.view(), &scope, &topic_arn)?;
        if !group.notifications.contains_key(&topic_arn) && group.notifications.len() >= Quota::Topics.limit() {
            return Err(Error::TooMany(Quota::Topics));
        }
        group.notifications.insert(topic_arn.clone(), types.clone());
        send_test(cx, txn, group, "TopicARN", &topic_arn)
    })
    .await
}

/// Tells a topic, which the request names in `member`, that it will be told of this group from now on.
pub(super) fn send_test(
    cx: &Context,
    txn: &mut Transaction,
    group: &AutoScalingGroup,
    member: &str,
    topic_arn: &Arn,
) -> Result<(), Error> {
    let scope = cx.scope();
    let topic = topic(member, txn.view(), &scope, topic_arn)?;
    publish(cx, txn, &scope, &topic, &notification::test(group, &cx.request_id, cx.now));
    Ok(())
}

fn types(names: Vec<String>) -> Result<BTreeSet<String>, Error> {
    if names.is_empty() {
        return Err(invalid("NotificationTypes names no type; DescribeAutoScalingNotificationTypes lists them"));
    }
    match names.iter().find(|name| !notification::TYPES.contains(&name.as_str())) {
        Some(name) => Err(invalid(format!(
            "`{}` is no notification type; DescribeAutoScalingNotificationTypes lists them",
            shown(name)
        ))),
        None => Ok(names.into_iter().collect()),
    }
}

fn topic(member: &str, view: &View, scope: &Scope, arn: &Arn) -> Result<Arc<Topic>, Error> {
    let missing =
        || invalid(format!("{member}: there is no topic {} in this account and region", shown(&arn.to_string())));
    view.get::<Topic>(scope, arn.to_string()).ok_or_else(missing)
}

/// A queue that is full must not keep anybody from configuring: the test is left out then.
fn publish(cx: &Context, txn: &mut Transaction, scope: &Scope, topic: &Topic, text: &Text) {
    let mut message = Message::new(&text.subject, text.json.clone());
    message.bodies.insert(Protocol::Email, text.lines.clone());
    let subscriptions: Vec<Arc<Subscription>> = txn.range(scope, &topic::subscription_prefix(&topic.arn)).collect();
    let new = cx.mint(|ids| deliveries(topic, subscriptions.iter().map(|s| &**s), &message, ids, cx.now));
    let waiting: Vec<Arc<Delivery>> = txn.list::<Delivery>(scope).collect();
    if delivery::has_room(waiting.iter().map(|delivery| &**delivery), &new) {
        new.into_iter().for_each(|delivery| txn.put(scope, delivery));
    }
}

pub(super) async fn delete(cx: &Context, input: shape::DeleteNotificationConfigurationType) -> Result<(), AwsError> {
    let shape::DeleteNotificationConfigurationType { auto_scaling_group_name, topic_arn } = input;
    let topic_arn = arn("TopicARN", &topic_arn)?;
    change(cx, &auto_scaling_group_name, |_, group| {
        let found = group.notifications.remove(&topic_arn);
        found.map(|_| ()).ok_or_else(|| {
            let (topic, group) = (shown(&topic_arn.to_string()), &group.name);
            invalid(format!("No notification configuration found for topic {topic} and Auto Scaling group `{group}`"))
        })
    })
    .await
}

/// One line per group, topic and type.
pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeNotificationConfigurationsType,
) -> Result<shape::DescribeNotificationConfigurationsAnswer, Error> {
    let shape::DescribeNotificationConfigurationsType { auto_scaling_group_names, max_records, next_token } = input;
    let names: BTreeSet<String> =
        auto_scaling_group_names.unwrap_or_default().iter().map(|name| group_name(name).to_owned()).collect();
    let view = cx.store.view();
    let groups = view.list::<AutoScalingGroup>(&cx.scope());
    let wanted = groups.filter(|group| names.is_empty() || names.contains(&group.name));
    let keyed = wanted.flat_map(|group| lines(&group));
    let listing = Listing { operation: "DescribeNotificationConfigurations", selection: &names };
    let size = page_size(max_records, DEFAULT_PAGE, MAXIMUM_PAGE);
    let page = listing.page(cx, next_token.as_deref(), size, keyed)?;
    Ok(shape::DescribeNotificationConfigurationsAnswer {
        next_token: page.next,
        notification_configurations: Some(page.items),
    })
}

fn lines(group: &AutoScalingGroup) -> Vec<(String, shape::NotificationConfiguration)> {
    let of_topic = |(topic, types): (&Arn, &BTreeSet<String>)| {
        let line = |kind: &String| {
            let configuration = shape::NotificationConfiguration {
                auto_scaling_group_name: Some(group.name.clone()),
                notification_type: Some(kind.clone()),
                topic_arn: Some(topic.to_string()),
            };
            (format!("{}:{topic}:{kind}", group.name), configuration)
        };
        types.iter().map(line).collect::<Vec<_>>()
    };
    group.notifications.iter().flat_map(of_topic).collect()
}
