//! Subscriptions: asked for and listed.

use std::sync::Arc;

use api::sns::types as shape;
use model::sns::confirmation;
use model::sns::delivery::{self, Delivery};
use model::sns::endpoint;
use model::sns::filter_policy::FilterPolicyScope;
use model::sns::protocol::Protocol;
use model::sns::subscription::{self, MAXIMUM_PER_TOPIC, Subscription, SubscriptionState};
use model::sns::topic::{self, Topic};
use model::{Arn, Scope};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, shown};
use super::topics::token;
use super::{PAGE, arns, subscription_attributes};
use crate::context::Context;
use crate::handler::committed;
use crate::pagination::Listing;

/// What Subscribe answers before the endpoint has agreed, unless the ARN is asked for.
const PENDING: &str = "pending confirmation";
/// What listings show for the same.
const PENDING_IN_LISTS: &str = "PendingConfirmation";
/// What listings show for a subscription that was left.
const DELETED_IN_LISTS: &str = "Deleted";

pub(super) async fn subscribe(
    cx: &Context,
    input: shape::SubscribeInput,
) -> Result<shape::SubscribeResponse, AwsError> {
    let shape::SubscribeInput { attributes, endpoint, protocol, return_subscription_arn, topic_arn } = input;
    let topic_arn = arns::parse_topic(cx, "TopicArn", &topic_arn)?;
    let protocol = parse_protocol(&protocol)?;
    endpoint::check(protocol, &endpoint, cx.settings.api).map_err(Error::from)?;
    let (arn, token) = cx.mint(|ids| (subscription::mint_arn(&topic_arn, ids), subscription::mint_token(ids)));
    let mut wanted = Subscription {
        arn,
        topic_arn: topic_arn.clone(),
        protocol,
        endpoint,
        owner: cx.account.clone(),
        state: SubscriptionState::Pending { token, since: cx.now },
        authenticate_on_unsubscribe: false,
        raw_message_delivery: false,
        filter_policy: None,
        filter_policy_scope: FilterPolicyScope::default(),
        delivery_policy: None,
        created_at: cx.now,
    };
    subscription_attributes::apply_all(&mut wanted, attributes.as_ref())?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let topic = arns::topic(txn.view(), &scope, &topic_arn)?;
        let made = put(cx, txn, &scope, &wanted, attributes.is_some())?;
        if !made.is_confirmed() {
            ask(cx, txn, &scope, &topic, &made)?;
        }
        Ok::<_, Error>(made)
    };
    let made = committed(cx.store.transact(write).await)?;
    let show_arn = made.is_confirmed() || return_subscription_arn == Some(true);
    let answer = if show_arn { made.arn.to_string() } else { PENDING.to_owned() };
    Ok(shape::SubscribeResponse { subscription_arn: Some(answer) })
}

fn parse_protocol(text: &str) -> Result<Protocol, Error> {
    if Protocol::REFUSED.contains(&text) {
        let reason = format!("the protocol {text} is not part of Goru; it has email, email-json, http and https");
        return Err(Error::not_offered("Protocol", reason));
    }
    let unknown = || Error::invalid("Protocol", format!("`{}` is no protocol of SNS", shown(text)));
    Protocol::parse(text).ok_or_else(unknown)
}

/// Writes the subscription unless the endpoint has one: a confirmed one is the answer, a pending one is asked again.
fn put(
    cx: &Context,
    txn: &mut Transaction,
    scope: &Scope,
    wanted: &Subscription,
    with_attributes: bool,
) -> Result<Subscription, Error> {
    let prefix = topic::subscription_prefix(&wanted.topic_arn);
    let others: Vec<Arc<Subscription>> = txn.range::<Subscription>(scope, &prefix).collect();
    let existing = others.iter().find(|o| o.protocol == wanted.protocol && o.endpoint == wanted.endpoint);
    let made = match existing {
        Some(existing) if existing.is_confirmed() => {
            if with_attributes && !subscription_attributes::same(existing, wanted) {
                return Err(Error::invalid("Attributes", "Subscription already exists with different attributes"));
            }
            return Ok((**existing).clone());
        }
        Some(existing) => Subscription { arn: existing.arn.clone(), created_at: existing.created_at, ..wanted.clone() },
        None if others.len() >= MAXIMUM_PER_TOPIC => return Err(Error::TooManySubscriptions),
        None => wanted.clone(),
    };
    subscription_attributes::check_limit(cx, txn.view(), &made)?;
    txn.put(scope, made.clone());
    Ok(made)
}

/// Sends the question whether messages are wanted.
fn ask(
    cx: &Context,
    txn: &mut Transaction,
    scope: &Scope,
    topic: &Topic,
    subscription: &Subscription,
) -> Result<(), Error> {
    let question = cx.mint(|ids| confirmation::question(topic, subscription, ids, cx.now));
    enqueue(txn, scope, vec![question])
}

/// Puts deliveries on their way, all or none.
pub(super) fn enqueue(txn: &mut Transaction, scope: &Scope, deliveries: Vec<Delivery>) -> Result<(), Error> {
    let waiting: Vec<Arc<Delivery>> = txn.list::<Delivery>(scope).collect();
    if !delivery::has_room(waiting.iter().map(|delivery| &**delivery), &deliveries) {
        return Err(Error::Full);
    }
    for delivery in deliveries {
        txn.put(scope, delivery);
    }
    Ok(())
}

pub(super) fn list(
    cx: &Context,
    input: shape::ListSubscriptionsInput,
) -> Result<shape::ListSubscriptionsResponse, Error> {
    let shape::ListSubscriptionsInput { next_token } = input;
    let listing = Listing { operation: "ListSubscriptions", selection: &() };
    let (next_token, subscriptions) = page(cx, &cx.store.view(), &listing, "", token(next_token.as_deref()))?;
    Ok(shape::ListSubscriptionsResponse { next_token, subscriptions: Some(subscriptions) })
}

pub(super) fn list_by_topic(
    cx: &Context,
    input: shape::ListSubscriptionsByTopicInput,
) -> Result<shape::ListSubscriptionsByTopicResponse, Error> {
    let shape::ListSubscriptionsByTopicInput { next_token, topic_arn } = input;
    let arn = arns::parse_topic(cx, "TopicArn", &topic_arn)?;
    let view = cx.store.view();
    arns::topic(&view, &cx.scope(), &arn)?;
    let listing = Listing { operation: "ListSubscriptionsByTopic", selection: &arn };
    let prefix = topic::subscription_prefix(&arn);
    let (next_token, subscriptions) = page(cx, &view, &listing, &prefix, token(next_token.as_deref()))?;
    Ok(shape::ListSubscriptionsByTopicResponse { next_token, subscriptions: Some(subscriptions) })
}

fn page(
    cx: &Context,
    view: &View,
    listing: &Listing<'_>,
    prefix: &str,
    token: Option<&str>,
) -> Result<(Option<String>, Vec<shape::Subscription>), Error> {
    let known = view.range::<Subscription>(&cx.scope(), prefix);
    let kept = known.filter(|subscription| !confirmation::is_forgotten(subscription, cx.now));
    let page = listing.page(cx, token, PAGE, kept.map(|one| (one.arn.to_string(), one)))?.map(|one| summary(&one));
    Ok((page.next, page.items))
}

fn summary(subscription: &Subscription) -> shape::Subscription {
    let Subscription { arn, topic_arn, protocol, endpoint, owner, state, .. } = subscription;
    shape::Subscription {
        endpoint: Some(endpoint.clone()),
        owner: Some(owner.clone()),
        protocol: Some(protocol.to_string()),
        subscription_arn: Some(shown_arn(arn, state)),
        topic_arn: Some(topic_arn.to_string()),
    }
}

fn shown_arn(arn: &Arn, state: &SubscriptionState) -> String {
    match state {
        SubscriptionState::Pending { .. } => PENDING_IN_LISTS.to_owned(),
        SubscriptionState::Confirmed { .. } => arn.to_string(),
        SubscriptionState::Unsubscribed { .. } => DELETED_IN_LISTS.to_owned(),
    }
}
