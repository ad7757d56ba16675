//! Keeps true that what nobody can ask for any more is forgotten: client tokens after a day.
//!
//! Terminated instances are forgotten by `instances`, drained targets by `target_health`.

use crate::controller::{Context, Controller, ControllerError, Next};
use model::{
    Scope,
    setting::{IDEMPOTENCY_RETENTION_SECONDS, IdempotencyRecord},
};
use std::{convert::Infallible, sync::Arc, time::Duration};
use store::{Kind, Record, Transaction};

/// Tokens that are forgotten in one transaction at the most; doing so wakes the controller for the next ones.
const BATCH: usize = 1024;
const TOKEN_LIFETIME: Duration = Duration::from_secs(IDEMPOTENCY_RETENTION_SECONDS);

/// The controller.
#[derive(Default)]
pub struct Garbage;

impl Controller for Garbage {
    const NAME: &'static str = "garbage";
    const INTERESTS: &'static [Kind] = &[Kind::Idempotency];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        let oldest = cx.clock.now().minus(TOKEN_LIFETIME);
        let tokens: Vec<(Scope, Arc<IdempotencyRecord>)> = cx.store.view().all().collect();
        if tokens.iter().any(|(_, token)| token.at < oldest) {
            let forget = |txn: &mut Transaction| -> Result<(), Infallible> {
                for (scope, token) in tokens.iter().filter(|(_, token)| token.at < oldest).take(BATCH) {
                    txn.delete::<IdempotencyRecord>(scope, &token.id());
                }
                Ok(())
            };
            cx.store.transact(forget).await.map_err(|error| ControllerError::of("forgetting client tokens", error))?;
        }
        Ok(Next::earliest(
            tokens.iter().filter(|(_, token)| token.at >= oldest).map(|(_, token)| token.at.plus(TOKEN_LIFETIME)),
        ))
    }
}
