//! Agreeing to messages and leaving: by a signed call, or by the links of messages.

use api::sns::types as shape;
use model::sns::confirmation::{self, Confirmed};
use model::sns::subscription::{self, Subscription, SubscriptionState};
use model::sns::topic::{self, Topic};
use model::{Arn, Scope};
use store::Transaction;
use wire::AwsError;

use super::errors::Error;
use super::{arns, subscriptions};
use crate::context::Context;
use crate::handler::committed;

/// Who asks: the account's owner by a signed call, or whoever has a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Signature,
    Link,
}

pub(super) async fn confirm(
    cx: &Context,
    input: shape::ConfirmSubscriptionInput,
) -> Result<shape::ConfirmSubscriptionResponse, AwsError> {
    let shape::ConfirmSubscriptionInput { authenticate_on_unsubscribe, token, topic_arn } = input;
    let authenticate = flag(authenticate_on_unsubscribe.as_deref())?;
    let confirmed = confirm_by(cx, By::Signature, &topic_arn, &token, authenticate).await?;
    Ok(shape::ConfirmSubscriptionResponse { subscription_arn: Some(confirmed.arn.to_string()) })
}

fn flag(text: Option<&str>) -> Result<bool, Error> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Error::invalid("AuthenticateOnUnsubscribe", "it must be true or false")),
    }
}

/// Confirms the subscription of a topic whose token is shown.
pub(super) async fn confirm_by(
    cx: &Context,
    by: By,
    topic_arn: &str,
    token: &str,
    authenticate_on_unsubscribe: bool,
) -> Result<Subscription, AwsError> {
    let arn = arns::parse_topic(cx, "TopicArn", topic_arn)?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        arns::topic(txn.view(), &scope, &arn)?;
        let (found, state) = shown(cx, txn, &scope, &arn, token, by == By::Signature)?;
        // Only who signs can ask for it, and asking for it does not take it back.
        let authenticate = found.authenticate_on_unsubscribe || authenticate_on_unsubscribe;
        let confirmed = Subscription { state, authenticate_on_unsubscribe: authenticate, ..found };
        txn.put(&scope, confirmed.clone());
        Ok::<_, Error>(confirmed)
    };
    committed(cx.store.transact(write).await)
}

/// The subscription that a token belongs to, and the state that it leads to.
fn shown(
    cx: &Context,
    txn: &Transaction,
    scope: &Scope,
    topic: &Arn,
    token: &str,
    signed: bool,
) -> Result<(Subscription, SubscriptionState), Error> {
    for subscription in txn.range::<Subscription>(scope, &topic::subscription_prefix(topic)) {
        match confirmation::confirm(&subscription, token, signed, cx.now) {
            Confirmed::Now(state) => return Ok(((*subscription).clone(), state)),
            Confirmed::Before => return Ok(((*subscription).clone(), subscription.state.clone())),
            Confirmed::No => {}
        }
    }
    Err(Error::invalid("Token", "it is not valid, or older than three days; subscribe again to get another"))
}

/// A signed call may delete every subscription of the account. One that is not there is no error: it is gone.
pub(super) async fn unsubscribe(cx: &Context, input: shape::UnsubscribeInput) -> Result<(), AwsError> {
    let shape::UnsubscribeInput { subscription_arn } = input;
    let arn = arns::parse_subscription(cx, &subscription_arn)?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        if txn.delete::<Subscription>(&scope, arn.to_string()) {
            count_deleted(txn, &scope, &arn);
        }
        Ok::<_, Error>(())
    };
    committed(cx.store.transact(remove).await)
}

fn count_deleted(txn: &mut Transaction, scope: &Scope, subscription: &Arn) {
    let topic = subscription::topic_of(subscription).and_then(|topic| txn.get::<Topic>(scope, topic.to_string()));
    if let Some(topic) = topic {
        let subscriptions_deleted = topic.subscriptions_deleted.saturating_add(1);
        txn.put(scope, Topic { subscriptions_deleted, ..(*topic).clone() });
    }
}

/// What the link of a message does: the endpoint leaves, is told so, and has the way back for three days. Leaving twice
/// is leaving once.
pub(super) async fn leave(cx: &Context, subscription_arn: &str) -> Result<Subscription, AwsError> {
    let arn = arns::parse_subscription(cx, subscription_arn)?;
    let scope = cx.scope();
    let token = cx.mint(subscription::mint_token);
    let write = |txn: &mut Transaction| {
        let missing = || Error::NoSubscription(super::errors::shown(&arn.to_string()));
        let found = txn.get::<Subscription>(&scope, arn.to_string()).ok_or_else(missing)?;
        if arns::is_left(&found) {
            return Ok((*found).clone());
        }
        if found.authenticate_on_unsubscribe {
            let message = "this subscription can only be ended by its owner, with a signed call";
            return Err(Error::NeedsSignature(message.to_owned()));
        }
        let state = SubscriptionState::Unsubscribed { token: token.clone(), since: cx.now };
        let left = Subscription { state, ..(*found).clone() };
        txn.put(&scope, left.clone());
        count_deleted(txn, &scope, &arn);
        if let Some(topic) = txn.get::<Topic>(&scope, left.topic_arn.to_string())
            && found.is_confirmed()
        {
            let farewell = cx.mint(|ids| confirmation::farewell(&topic, &left, ids, cx.now));
            subscriptions::enqueue(txn, &scope, vec![farewell])?;
        }
        Ok::<_, Error>(left)
    };
    committed(cx.store.transact(write).await)
}
