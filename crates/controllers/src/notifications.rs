//! Keeps true that every SNS delivery that is due is sent, and is forgotten once the other side has it.
//!
//! A delivery is a record; `model::sns::attempt` says when it is tried and when it is given up. Sending happens in tasks
//! of their own, so a slow endpoint holds up nobody else; each task writes down what came of it as soon as it knows. After
//! a kill a message whose acceptance was not written down yet is sent again, under the same message id: at least once.
//! Also forgets subscriptions that were not confirmed in time.
//!
//! | file | does |
//! |---|---|
//! | `publish` | puts a message on its way, for other controllers |
//! | `document`, `signing` | the JSON that endpoints get, and its signature |
//! | `http` | posts to http and https endpoints |
//! | `mail`, `smtp`, `outbox` | writes mails and gives them to a server or to a directory |

mod document;
mod http;
mod mail;
pub mod outbox;
mod publish;
pub mod settings;
mod signing;
mod smtp;

pub use publish::{MAXIMUM_DELIVERIES, Published, publish};
pub use settings::{MailSettings, NotificationSettings, Password, SmtpSettings, SmtpTls};
pub use signing::{Signer, SigningError};

use crate::controller::{Context, Controller, ControllerError, Next};
use model::{
    Arn, Scope, Timestamp,
    event::Event,
    sns::{
        attempt::{self, Decision, GivenUp, Outcome},
        confirmation,
        delivery::{Content, Delivery},
        endpoint::Url,
        subscription::Subscription,
        topic::Topic,
    },
};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::{Kind, Transaction};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};

/// Posts that are under way at the same time at the most.
const MAXIMUM_POSTS: usize = 64;
/// Of those, to one host and port.
const MAXIMUM_POSTS_PER_HOST: usize = 8;
/// Conversations with the mail server at the same time at the most.
const MAXIMUM_MAIL_BATCHES: usize = 2;
/// Mails of one conversation at the most.
const MAIL_BATCH: usize = 50;
/// How long what is under way may take when the server stops.
const FINISH: Duration = Duration::from_secs(10);
/// Subscriptions that are forgotten in one transaction at the most.
const FORGET_BATCH: usize = 1000;

/// A delivery's place in the store.
type Key = (Scope, String);
/// A delivery with its scope.
type Due = (Scope, Arc<Delivery>);

/// The controller.
pub struct Notifications {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

/// What its tasks need.
struct Shared {
    settings: watch::Receiver<NotificationSettings>,
    signer: Arc<Signer>,
    poster: http::Poster,
    under_way: Mutex<UnderWay>,
    wake: Arc<Notify>,
}

/// What is being sent.
#[derive(Default)]
struct UnderWay {
    deliveries: BTreeMap<Key, Lane>,
    mail_batches: usize,
}

/// What a delivery shares a bound with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lane {
    Mail,
    Host(String),
}

/// Holds the places of deliveries that are being sent, also when their task panics or is dropped.
struct Places {
    shared: Arc<Shared>,
    keys: Vec<Key>,
    mail: bool,
}

impl Notifications {
    /// With what is configured, now and after a reload, and the key that signs.
    pub fn new(settings: watch::Receiver<NotificationSettings>, signer: Arc<Signer>) -> Self {
        let shared =
            Shared { settings, signer, poster: http::Poster::new(), under_way: Mutex::default(), wake: Arc::default() };
        Self { shared: Arc::new(shared), tasks: JoinSet::new() }
    }

    /// Waits for what is under way, for a while: what was accepted should be written down before the server ends.
    pub async fn finish(mut self) {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FINISH, all).await.is_err() {
            tracing::warn!("some messages were under way at the end; they are sent again after the next start");
        }
    }

    /// Sends what is due as far as the bounds allow. Gives the time of the next delivery that waits.
    async fn send_due(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        while self.tasks.try_join_next().is_some() {}
        let now = cx.clock.now();
        let view = cx.store.view();
        let (mut mails, mut dropped, mut next) = (Vec::new(), Vec::new(), Next::OnChange);
        for (scope, delivery) in view.all::<Delivery>() {
            if self.shared.is_under_way(&scope, &delivery) {
                continue;
            }
            if is_unwanted(&delivery, &scope, &view) {
                dropped.push((scope, delivery, "its subscription is gone".to_owned()));
                continue;
            }
            match attempt::decide(&delivery, now) {
                Decision::Drop(why) => dropped.push((scope, delivery, given_up(why).to_owned())),
                Decision::WaitUntil(at) => next = next.or(Next::At(at)),
                Decision::Send if delivery.protocol.is_mail() => mails.push((scope, delivery)),
                Decision::Send => self.post(cx, scope, delivery),
            }
        }
        self.send_mails(cx, mails);
        forget_deliveries(cx, dropped).await?;
        Ok(next)
    }

    /// Starts a post, unless the bounds are reached: the end of another one wakes the controller then.
    fn post(&mut self, cx: &Context, scope: Scope, delivery: Arc<Delivery>) {
        let Some(places) = self.shared.reserve_post(&scope, &delivery) else { return };
        let cx = cx.clone();
        self.tasks.spawn(async move {
            let (signer, settings) = (&places.shared.signer, places.shared.settings.borrow().clone());
            let outcome = places.shared.poster.post(&delivery, &settings, signer).await;
            settle(&cx, &scope, &delivery, outcome).await;
        });
    }

    /// Starts conversations with the mail server.
    fn send_mails(&mut self, cx: &Context, mails: Vec<Due>) {
        for batch in mails.chunks(MAIL_BATCH) {
            let Some(places) = self.shared.reserve_mails(batch) else { return };
            let (cx, batch) = (cx.clone(), batch.to_vec());
            self.tasks.spawn(async move { send_batch(&cx, &places, batch).await });
        }
    }
}

impl Controller for Notifications {
    const NAME: &'static str = "notifications";
    const INTERESTS: &'static [Kind] = &[Kind::Delivery, Kind::Subscription];

    fn wake(&self) -> Option<Arc<Notify>> {
        Some(Arc::clone(&self.shared.wake))
    }

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        let next = forget_unconfirmed(cx).await?;
        Ok(next.or(self.send_due(cx).await?))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_under_way(&self, scope: &Scope, delivery: &Delivery) -> bool {
        self.lock().deliveries.contains_key(&(scope.clone(), delivery.id.clone()))
    }

    fn reserve_post(self: &Arc<Self>, scope: &Scope, delivery: &Delivery) -> Option<Places> {
        let lane = Lane::Host(delivery.endpoint.parse::<Url>().map_or_else(|()| String::new(), |url| url.authority()));
        let mut under_way = self.lock();
        let posts = under_way.deliveries.values().filter(|lane| **lane != Lane::Mail).count();
        let to_host = under_way.deliveries.values().filter(|other| **other == lane).count();
        if posts >= MAXIMUM_POSTS || to_host >= MAXIMUM_POSTS_PER_HOST {
            return None;
        }
        let key = (scope.clone(), delivery.id.clone());
        under_way.deliveries.insert(key.clone(), lane);
        Some(Places { shared: Arc::clone(self), keys: vec![key], mail: false })
    }

    fn reserve_mails(self: &Arc<Self>, batch: &[Due]) -> Option<Places> {
        let mut under_way = self.lock();
        if under_way.mail_batches >= MAXIMUM_MAIL_BATCHES {
            return None;
        }
        under_way.mail_batches += 1;
        let keys: Vec<Key> = batch.iter().map(|(scope, delivery)| (scope.clone(), delivery.id.clone())).collect();
        under_way.deliveries.extend(keys.iter().map(|key| (key.clone(), Lane::Mail)));
        Some(Places { shared: Arc::clone(self), keys, mail: true })
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        let mut under_way = self.shared.lock();
        for key in &self.keys {
            under_way.deliveries.remove(key);
        }
        under_way.mail_batches -= usize::from(self.mail);
        drop(under_way);
        self.shared.wake.notify_one();
    }
}

/// Whether a message has nobody to go to any more: its subscription was deleted while it waited.
fn is_unwanted(delivery: &Delivery, scope: &Scope, view: &store::View) -> bool {
    match delivery.content {
        Content::Notification { .. } => {
            let subscription = view.get::<Subscription>(scope, delivery.subscription_arn.to_string());
            !subscription.is_some_and(|subscription| subscription.is_confirmed())
        }
        Content::SubscriptionConfirmation { .. } | Content::UnsubscribeConfirmation { .. } => {
            !view.contains::<Topic>(scope, delivery.topic_arn.to_string())
        }
    }
}

const fn given_up(why: GivenUp) -> &'static str {
    match why {
        GivenUp::Exhausted => "every retry failed",
        GivenUp::TooOld => "it waited for more than a day",
    }
}

/// Sends mails one after the other over one connection and writes down what came of each at once.
async fn send_batch(cx: &Context, places: &Places, batch: Vec<Due>) {
    let settings = places.shared.settings.borrow().clone();
    let mut post = mail::Post::new(&settings);
    for (scope, delivery) in batch {
        let mail = mail::compose(&delivery, &settings, &places.shared.signer);
        let outcome = match mail {
            Ok(mail) => post.send(&delivery, &mail).await,
            Err(reason) => Outcome::Refused(reason),
        };
        settle(cx, &scope, &delivery, outcome).await;
    }
    post.end().await;
}

/// Writes down what came of a try.
async fn settle(cx: &Context, scope: &Scope, delivery: &Delivery, outcome: Outcome) {
    let now = cx.clock.now();
    let write = |txn: &mut Transaction| -> Result<(), Infallible> {
        match &outcome {
            Outcome::Accepted => drop(txn.delete::<Delivery>(scope, &delivery.id)),
            Outcome::Refused(reason) => forget_delivery(txn, scope, delivery, reason, now),
            Outcome::Failed(reason) => {
                let tried = attempt::after_failure(delivery, now);
                match attempt::decide(&tried, now) {
                    Decision::Drop(_) => forget_delivery(txn, scope, delivery, reason, now),
                    // Deleted meanwhile (a reset): stays deleted.
                    Decision::Send | Decision::WaitUntil(_) if txn.contains::<Delivery>(scope, &delivery.id) => {
                        txn.put(scope, tried);
                    }
                    Decision::Send | Decision::WaitUntil(_) => {}
                }
            }
        }
        Ok(())
    };
    let written = cx.store.transact(write).await;
    let (message, to) = (&delivery.message_id, &delivery.subscription_arn);
    match &outcome {
        Outcome::Accepted => tracing::info!(message, subscription = %to, "delivered"),
        Outcome::Failed(reason) | Outcome::Refused(reason) => {
            tracing::warn!(message, subscription = %to, reason, attempt = delivery.attempts + 1, "not delivered");
        }
    }
    if let Err(error) = written {
        tracing::error!(%error, message, "what came of a delivery cannot be written down; it may be sent again");
    }
}

fn forget_delivery(txn: &mut Transaction, scope: &Scope, delivery: &Delivery, reason: &str, now: Timestamp) {
    if txn.delete::<Delivery>(scope, &delivery.id) {
        txn.append_event(dropped(scope, delivery, reason, now));
    }
}

fn dropped(scope: &Scope, delivery: &Delivery, reason: &str, now: Timestamp) -> Event {
    let Delivery { subscription_arn, protocol, message_id, content, .. } = delivery;
    Event {
        at: now,
        scope: scope.clone(),
        subject: subscription_arn.to_string(),
        what: "delivery-dropped".to_owned(),
        message: format!("the {} {message_id} by {protocol} is given up: {reason}", content.kind()),
    }
}

async fn forget_deliveries(cx: &Context, dropped: Vec<(Scope, Arc<Delivery>, String)>) -> Result<(), ControllerError> {
    if dropped.is_empty() {
        return Ok(());
    }
    let now = cx.clock.now();
    let write = |txn: &mut Transaction| -> Result<(), Infallible> {
        for (scope, delivery, reason) in &dropped {
            forget_delivery(txn, scope, delivery, reason, now);
        }
        Ok(())
    };
    cx.store.transact(write).await.map_err(|error| ControllerError::of("giving up deliveries", error))
}

/// Forgets subscriptions that were not confirmed in time, and says when the next one is.
async fn forget_unconfirmed(cx: &Context) -> Result<Next, ControllerError> {
    let now = cx.clock.now();
    let view = cx.store.view();
    let (mut over, mut next): (Vec<(Scope, Arn)>, Next) = (Vec::new(), Next::OnChange);
    for (scope, subscription) in view.all::<Subscription>() {
        match confirmation::forgotten_at(&subscription) {
            Some(at) if at <= now => over.push((scope, subscription.arn.clone())),
            Some(at) => next = next.or(Next::At(at)),
            None => {}
        }
    }
    over.truncate(FORGET_BATCH);
    if !over.is_empty() {
        let write = |txn: &mut Transaction| -> Result<(), Infallible> {
            for (scope, arn) in &over {
                // It may have been asked again since.
                let found = txn.get::<Subscription>(scope, arn.to_string());
                if found.is_some_and(|found| confirmation::is_forgotten(&found, now)) {
                    txn.delete::<Subscription>(scope, arn.to_string());
                }
            }
            Ok(())
        };
        cx.store.transact(write).await.map_err(|error| ControllerError::of("forgetting subscriptions", error))?;
    }
    Ok(next)
}
