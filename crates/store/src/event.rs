//! Reading the history of events, and following it.

use crate::{Store, backend::BackendError};
use model::event::Event;
use tokio::sync::watch;

/// An event with its place in the history. Sequence numbers grow by one from 1 and are never used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedEvent {
    /// Its place.
    pub sequence: u64,
    /// What happened.
    pub event: Event,
}

/// Why events cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadEventsError {
    /// The backend fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

/// Reads events as they come.
pub struct EventFollower {
    store: Store,
    after: u64,
    grown: watch::Receiver<u64>,
}

impl EventFollower {
    pub(crate) fn new(store: Store, after: u64, grown: watch::Receiver<u64>) -> Self {
        Self { store, after, grown }
    }

    /// Waits until there are events that were not returned yet, and returns the oldest of them (at least one, at most
    /// [`crate::backend::MAXIMUM_EVENTS_PER_READ`]). Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Vec<NumberedEvent>, ReadEventsError> {
        loop {
            self.grown.mark_unchanged();
            let events = self.store.events(self.after, crate::backend::MAXIMUM_EVENTS_PER_READ).await?;
            if let Some(last) = events.last() {
                self.after = last.sequence;
                return Ok(events);
            }
            self.grown.changed().await.map_err(|_| ReadEventsError::Closed)?;
        }
    }
}
