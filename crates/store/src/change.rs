//! Waking those who wait for records of some kinds to change.
//!
//! A wake carries no data: the waiter takes a view and looks. Several changes may be one wake, but no change is missed,
//! however long the waiter was busy.

use crate::{key::Revision, kind::Kind, view::View};
use std::future;
use tokio::sync::watch;

/// Waits for changes of some kinds. Changes before it was made do not count.
pub struct Changed {
    views: watch::Receiver<View>,
    kinds: Vec<Kind>,
    seen: Revision,
}

impl Changed {
    pub(crate) fn new(mut views: watch::Receiver<View>, kinds: &[Kind]) -> Self {
        let seen = views.borrow_and_update().revision();
        Self { views, kinds: kinds.to_vec(), seen }
    }

    /// Returns as soon as a record of these kinds has changed since the last return. Dropping the future loses nothing.
    /// Never returns once the store is closed.
    pub async fn changed(&mut self) {
        loop {
            if self.advance() {
                return;
            }
            if self.views.changed().await.is_err() {
                return future::pending().await;
            }
        }
    }

    fn advance(&mut self) -> bool {
        let view = self.views.borrow_and_update();
        let woken = self.kinds.iter().any(|kind| view.modified(*kind) > self.seen);
        self.seen = view.revision();
        woken
    }
}
