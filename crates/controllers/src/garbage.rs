//! Keeps true that what nobody can ask for any more is forgotten: client tokens after a day, ended scaling activities
//! and instance refreshes after six weeks, deregistered images when the last instance of them is terminated.
//!
//! Terminated instances are forgotten by `instances`, drained targets by `target_health`.

use crate::controller::{Context, Controller, ControllerError, Next};
use model::{
    Scope, Timestamp,
    autoscaling::{
        activity::{self, ScalingActivity},
        instance_refresh::{self, InstanceRefresh},
    },
    ec2::{
        image::{Image, ImageState},
        instance::Instance,
    },
    setting::{IDEMPOTENCY_RETENTION_SECONDS, IdempotencyRecord},
};
use std::{collections::BTreeSet, convert::Infallible, sync::Arc, time::Duration};
use store::{Kind, Record, Transaction, View};

/// Records that are forgotten in one transaction at the most; doing so wakes the controller for the next ones.
const BATCH: usize = 1024;
const TOKEN_LIFETIME: Duration = Duration::from_secs(IDEMPOTENCY_RETENTION_SECONDS);

/// The controller.
#[derive(Default)]
pub struct Garbage;

/// A record and when nobody can ask for it any more; never while it is in use.
type Aged<R> = (Scope, Arc<R>, Timestamp);

impl Controller for Garbage {
    const NAME: &'static str = "garbage";
    // The past of groups is old enough to wait for the next sweep.
    const INTERESTS: &'static [Kind] = &[Kind::Idempotency];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        let view = cx.store.view();
        let tokens = aged(&view, |token: &IdempotencyRecord| Some(token.at.plus(TOKEN_LIFETIME)));
        let activities = aged(&view, |one: &ScalingActivity| Some(one.ended_at?.plus(activity::RETENTION)));
        let refreshes = aged(&view, |one: &InstanceRefresh| Some(one.ended_at?.plus(instance_refresh::RETENTION)));
        let images = unused_images(&view, cx.clock.now());
        let next = forget(cx, &tokens).await?.or(forget(cx, &activities).await?);
        Ok(next.or(forget(cx, &refreshes).await?).or(forget(cx, &images).await?))
    }
}

/// Deregistered images of which there is no instance. Nobody can launch one meanwhile.
fn unused_images(view: &View, now: Timestamp) -> Vec<Aged<Image>> {
    let all = view.all::<Image>();
    let deregistered: Vec<(Scope, Arc<Image>)> =
        all.filter(|(_, image)| image.state == ImageState::Deregistered).collect();
    if deregistered.is_empty() {
        return Vec::new();
    }
    let occupying = view.all::<Instance>().filter(|(_, instance)| instance.occupies());
    let used: BTreeSet<_> = occupying.map(|(scope, instance)| (scope, instance.image_id.clone())).collect();
    let unused = deregistered.into_iter().filter(|(scope, image)| !used.contains(&(scope.clone(), image.id.clone())));
    unused.map(|(scope, image)| (scope, image, now)).collect()
}

fn aged<R: Record>(view: &View, end: impl Fn(&R) -> Option<Timestamp>) -> Vec<Aged<R>> {
    view.all::<R>().filter_map(|(scope, record)| end(&record).map(|end| (scope, record, end))).collect()
}

/// Forgets what is over, and says when the next one is.
async fn forget<R: Record>(cx: &Context, records: &[Aged<R>]) -> Result<Next, ControllerError> {
    let now = cx.clock.now();
    let over: Vec<&Aged<R>> = records.iter().filter(|(_, _, end)| *end <= now).take(BATCH).collect();
    if !over.is_empty() {
        let write = |txn: &mut Transaction| -> Result<(), Infallible> {
            for (scope, record, _) in &over {
                txn.delete::<R>(scope, record.id());
            }
            Ok(())
        };
        cx.store.transact(write).await.map_err(|error| ControllerError::of("forgetting old records", error))?;
    }
    Ok(Next::earliest(records.iter().map(|(_, _, end)| *end).filter(|end| *end > now)))
}
