//! ARNs of topics and subscriptions in requests, and the records that they name.
//!
//! A subscription's ARN is its topic's with one more part. An ARN of another account is not authorised, one of another
//! region is no parameter of this one (SNS API reference, common errors).

use std::sync::Arc;

use model::sns::confirmation;
use model::sns::subscription::{self, Subscription};
use model::sns::topic::Topic;
use model::{Arn, Scope, Timestamp};
use store::View;

use super::errors::{Error, shown};
use crate::context::Context;

/// The ARN of a topic of the caller's account and region.
pub(super) fn parse_topic(cx: &Context, parameter: &str, text: &str) -> Result<Arn, Error> {
    let arn = parse(cx, parameter, text)?;
    if arn.resource().contains(':') {
        return Err(Error::invalid(parameter, format!("`{}` is not the ARN of a topic", shown(text))));
    }
    Ok(arn)
}

/// The ARN of a subscription of the caller's account and region.
pub(super) fn parse_subscription(cx: &Context, text: &str) -> Result<Arn, Error> {
    let arn = parse(cx, "SubscriptionArn", text)?;
    if subscription::topic_of(&arn).is_none() {
        return Err(Error::invalid("SubscriptionArn", format!("`{}` is not the ARN of a subscription", shown(text))));
    }
    Ok(arn)
}

fn parse(cx: &Context, parameter: &str, text: &str) -> Result<Arn, Error> {
    let arn: Arn = text.parse().map_err(|error| Error::invalid(parameter, error))?;
    if arn.partition() != "aws" || arn.service() != "sns" {
        return Err(Error::invalid(parameter, format!("`{}` is not an ARN of SNS", shown(text))));
    }
    if arn.region() != cx.region {
        return Err(Error::invalid(parameter, format!("`{}` is not in the region {}", shown(text), cx.region)));
    }
    if arn.account() != cx.account {
        return Err(Error::NotOwner(shown(text)));
    }
    Ok(arn)
}

/// A topic that exists.
pub(super) fn topic(view: &View, scope: &Scope, arn: &Arn) -> Result<Arc<Topic>, Error> {
    view.get::<Topic>(scope, arn.to_string()).ok_or_else(|| Error::NoTopic(arn.clone()))
}

/// A subscription that exists and was not left or forgotten.
pub(super) fn subscription(view: &View, scope: &Scope, arn: &Arn, now: Timestamp) -> Result<Arc<Subscription>, Error> {
    view.get::<Subscription>(scope, arn.to_string())
        .filter(|found| !is_left(found) && !confirmation::is_forgotten(found, now))
        .ok_or_else(|| Error::NoSubscription(shown(&arn.to_string())))
}

/// Whether its endpoint has left by the link of a message.
pub(super) fn is_left(subscription: &Subscription) -> bool {
    use model::sns::subscription::SubscriptionState;
    match subscription.state {
        SubscriptionState::Unsubscribed { .. } => true,
        SubscriptionState::Pending { .. } | SubscriptionState::Confirmed { .. } => false,
    }
}
