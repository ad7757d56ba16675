//! The attributes of subscriptions, each served or refused by name.

use std::collections::BTreeMap;

use api::sns::types as shape;
use model::sns::delivery_policy::{self, DeliveryPolicy};
use model::sns::filter_policy::{FilterPolicy, FilterPolicyScope};
use model::sns::subscription::{MAXIMUM_FILTER_POLICIES, Subscription, SubscriptionState};
use model::sns::topic::Topic;
use store::{Transaction, View};
use wire::AwsError;

use super::arns;
use super::errors::{Error, shown};
use crate::context::Context;
use crate::handler::committed;

pub(super) async fn set(cx: &Context, input: shape::SetSubscriptionAttributesInput) -> Result<(), AwsError> {
    let shape::SetSubscriptionAttributesInput { attribute_name, attribute_value, subscription_arn } = input;
    let arn = arns::parse_subscription(cx, &subscription_arn)?;
    let (scope, value) = (cx.scope(), attribute_value.unwrap_or_default());
    let change = |txn: &mut Transaction| {
        let mut subscription = (*arns::subscription(txn.view(), &scope, &arn, cx.now)?).clone();
        apply(&mut subscription, &attribute_name, &value)?;
        check(&subscription)?;
        check_limit(cx, txn.view(), &subscription)?;
        txn.put(&scope, subscription);
        Ok::<_, Error>(())
    };
    committed(cx.store.transact(change).await)
}

/// Sets the attributes of Subscribe. The scope of a filter policy decides how the policy is read, so both are checked
/// when all are set.
pub(super) fn apply_all(
    subscription: &mut Subscription,
    attributes: Option<&BTreeMap<String, String>>,
) -> Result<(), Error> {
    for (name, value) in attributes.into_iter().flatten() {
        apply(subscription, name, value)?;
    }
    check(subscription)
}

fn apply(subscription: &mut Subscription, name: &str, value: &str) -> Result<(), Error> {
    match name {
        "FilterPolicy" => subscription.filter_policy = not_empty(value),
        "FilterPolicyScope" => {
            let refuse = || Error::invalid(name, "it must be MessageAttributes or MessageBody");
            subscription.filter_policy_scope = FilterPolicyScope::parse(value).ok_or_else(refuse)?;
        }
        "RawMessageDelivery" => subscription.raw_message_delivery = raw(subscription, value)?,
        "DeliveryPolicy" => subscription.delivery_policy = delivery_policy(subscription, value)?,
        "RedrivePolicy" => {
            return Err(Error::not_offered(name, "dead-letter queues are not part of Goru; see `goru events`"));
        }
        "SubscriptionRoleArn" => return Err(Error::not_offered(name, "Firehose is not part of Goru")),
        "ReplayPolicy" => return Err(Error::not_offered(name, "first-in-first-out topics are not part of Goru")),
        other => return Err(Error::invalid("AttributeName", format!("`{}` is not known", shown(other)))),
    }
    Ok(())
}

/// An empty policy removes the filter.
fn not_empty(value: &str) -> Option<String> {
    (!value.is_empty() && value.trim() != "{}").then(|| value.to_owned())
}

fn raw(subscription: &Subscription, value: &str) -> Result<bool, Error> {
    match value.to_ascii_lowercase().as_str() {
        "true" if subscription.protocol.is_mail() => {
            Err(Error::invalid("RawMessageDelivery", "mail has no raw form; use it with http or https"))
        }
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Error::invalid("RawMessageDelivery", "it must be true or false")),
    }
}

fn delivery_policy(subscription: &Subscription, value: &str) -> Result<Option<String>, Error> {
    if value.is_empty() {
        return Ok(None);
    }
    if subscription.protocol.is_mail() {
        return Err(Error::invalid("DeliveryPolicy", "only http and https subscriptions have one"));
    }
    DeliveryPolicy::of_subscription(value).map_err(|error| Error::invalid("DeliveryPolicy", error))?;
    Ok(Some(value.to_owned()))
}

fn check(subscription: &Subscription) -> Result<(), Error> {
    if let Some(policy) = &subscription.filter_policy {
        FilterPolicy::parse(policy, subscription.filter_policy_scope)?;
    }
    Ok(())
}

/// Whether the account has room for one more filter policy, if this subscription brings one.
pub(super) fn check_limit(cx: &Context, view: &View, subscription: &Subscription) -> Result<(), Error> {
    if subscription.filter_policy.is_none() {
        return Ok(());
    }
    let scope = cx.scope();
    let others = view
        .list::<Subscription>(&scope)
        .filter(|other| other.filter_policy.is_some() && other.arn != subscription.arn)
        .count();
    if others < MAXIMUM_FILTER_POLICIES { Ok(()) } else { Err(Error::TooManyFilterPolicies) }
}

/// Whether two subscriptions have the same attributes.
pub(super) fn same(one: &Subscription, other: &Subscription) -> bool {
    one.filter_policy == other.filter_policy
        && one.filter_policy_scope == other.filter_policy_scope
        && one.raw_message_delivery == other.raw_message_delivery
        && one.delivery_policy == other.delivery_policy
}

pub(super) fn get(
    cx: &Context,
    input: shape::GetSubscriptionAttributesInput,
) -> Result<shape::GetSubscriptionAttributesResponse, Error> {
    let shape::GetSubscriptionAttributesInput { subscription_arn } = input;
    let arn = arns::parse_subscription(cx, &subscription_arn)?;
    let (view, scope) = (cx.store.view(), cx.scope());
    let subscription = arns::subscription(&view, &scope, &arn, cx.now)?;
    let topic = view.get::<Topic>(&scope, subscription.topic_arn.to_string());
    let attributes = shown_attributes(cx, &subscription, topic.as_deref());
    Ok(shape::GetSubscriptionAttributesResponse { attributes: Some(attributes) })
}

fn shown_attributes(cx: &Context, subscription: &Subscription, topic: Option<&Topic>) -> BTreeMap<String, String> {
    let authenticated = match subscription.state {
        SubscriptionState::Confirmed { authenticated, .. } => authenticated,
        SubscriptionState::Pending { .. } | SubscriptionState::Unsubscribed { .. } => false,
    };
    let always = [
        ("SubscriptionArn", subscription.arn.to_string()),
        ("TopicArn", subscription.topic_arn.to_string()),
        ("Owner", subscription.owner.clone()),
        ("Protocol", subscription.protocol.to_string()),
        ("Endpoint", subscription.endpoint.clone()),
        ("PendingConfirmation", (!subscription.is_confirmed()).to_string()),
        ("ConfirmationWasAuthenticated", authenticated.to_string()),
        ("RawMessageDelivery", subscription.raw_message_delivery.to_string()),
        ("SubscriptionPrincipal", format!("arn:aws:iam::{}:root", cx.account)),
    ];
    let filter = subscription.filter_policy.clone();
    let scope = filter.as_ref().map(|_| subscription.filter_policy_scope.as_str().to_owned());
    let effective = (!subscription.protocol.is_mail()).then(|| {
        let of_topic = topic.and_then(|topic| topic.delivery_policy.as_deref());
        delivery_policy::shown(&delivery_policy::effective(of_topic, subscription.delivery_policy.as_deref()), false)
    });
    let sometimes = [
        ("FilterPolicy", filter),
        ("FilterPolicyScope", scope),
        ("DeliveryPolicy", subscription.delivery_policy.clone()),
        ("EffectiveDeliveryPolicy", effective),
    ];
    let sometimes = sometimes.into_iter().filter_map(|(name, value)| Some((name, value?)));
    always.into_iter().chain(sometimes).map(|(name, value)| (name.to_owned(), value)).collect()
}
