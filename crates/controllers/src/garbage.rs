//! Keeps true that what nobody can ask for any more is forgotten: client tokens after a day, ended scaling activities
//! and instance refreshes after six weeks.
//!
//! Terminated instances are forgotten by `instances`, drained targets by `target_health`.

use crate::controller::{Context, Controller, ControllerError, Next};
use model::{
    Scope, Timestamp,
    autoscaling::{
        activity::{self, ScalingActivity},
        instance_refresh::{self, InstanceRefresh},
    },
    setting::{IDEMPOTENCY_RETENTION_SECONDS, IdempotencyRecord},
};
use std::{convert::Infallible, sync::Arc, time::Duration};
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
        let next = forget(cx, &tokens).await?.or(forget(cx, &activities).await?);
        Ok(next.or(forget(cx, &refreshes).await?))
    }
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
