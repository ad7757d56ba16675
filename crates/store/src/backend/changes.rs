//! The newest changes of a backend, kept in memory so that watchers find each of them, in order, exactly once.
//!
//! The memory is bounded. A watcher that falls behind it is told so and must load everything again.

use super::Write;
use crate::key::Revision;
use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How many revisions are remembered for watchers.
pub const MAXIMUM_REMEMBERED_CHANGES: usize = 4_096;

/// What one revision changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The revision.
    pub revision: Revision,
    /// Its writes.
    pub writes: Arc<[Write]>,
}

/// Why a watch does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WatchError {
    /// Changes that were not seen yet are no longer remembered.
    #[error("changes after revision {0} are no longer remembered")]
    Compacted(Revision),
    /// The backend is closed, and everything before that was seen.
    #[error("the store is closed")]
    Closed,
}

/// The newest changes; the backend records them, watchers read them.
#[derive(Clone)]
pub struct Changes(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    grown: Condvar,
}

struct State {
    /// Consecutive revisions; the last is `newest`.
    changes: VecDeque<Change>,
    newest: Revision,
    closed: bool,
}

impl Changes {
    /// Nothing is remembered yet, and `newest` is where the backend stands.
    pub fn starting_at(newest: Revision) -> Self {
        let state = State { changes: VecDeque::new(), newest, closed: false };
        Self(Arc::new(Shared { state: Mutex::new(state), grown: Condvar::new() }))
    }

    /// Remembers the change of the next revision.
    pub fn record(&self, writes: Arc<[Write]>) {
        let mut state = self.0.lock();
        let revision = state.newest.next();
        state.newest = revision;
        state.changes.push_back(Change { revision, writes });
        if state.changes.len() > MAXIMUM_REMEMBERED_CHANGES {
            state.changes.pop_front();
        }
        self.0.grown.notify_all();
    }

    /// No more changes will come.
    pub fn close(&self) {
        self.0.lock().closed = true;
        self.0.grown.notify_all();
    }

    /// Follows the changes after a revision.
    pub fn watch(&self, after: Revision) -> Watch {
        Watch { shared: Arc::clone(&self.0), after }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in this module panics while it holds the lock, so its state is whole even if it is poisoned.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn after(&self, after: Revision) -> Result<Option<Change>, WatchError> {
        if after >= self.newest {
            return if self.closed { Err(WatchError::Closed) } else { Ok(None) };
        }
        let first = self.changes.front().map_or(self.newest.next(), |change| change.revision);
        let position = after.next().0.checked_sub(first.0).ok_or(WatchError::Compacted(after))?;
        let position = usize::try_from(position).expect("fewer changes are remembered than fit into memory");
        self.changes.get(position).cloned().map(Some).ok_or(WatchError::Compacted(after))
    }
}

/// Follows changes in order, without a gap.
pub struct Watch {
    shared: Arc<Shared>,
    after: Revision,
}

impl Watch {
    /// Goes on after the newest change.
    pub fn skip(&mut self) {
        self.after = self.shared.lock().newest;
    }

    /// The next change; `None` when there is none within `timeout`.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<Change>, WatchError> {
        let deadline = Instant::now() + timeout;
        let mut state = self.shared.lock();
        loop {
            if let Some(change) = state.after(self.after)? {
                self.after = change.revision;
                return Ok(Some(change));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            state = self.shared.grown.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
