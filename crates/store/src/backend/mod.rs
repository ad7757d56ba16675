//! What keeps records beyond the life of the process, with etcd's semantics: one revision for all records, ranges in
//! key order, commits that compare the revision first, watches that miss nothing, leases with fencing tokens.
//!
//! Methods block. They are called from the store's writer thread only, which is where an implementation that speaks
//! to a server may run its own event loop. `tests/conformance.rs` is the contract; every implementation passes it.

mod changes;
pub mod embedded;
pub mod memory;

pub use changes::{Change, Changes, Watch, WatchError};

use crate::{
    key::{Revision, StoredKey},
    lease::{Acquired, FencingToken, Lease},
    metric::archive::{MetricArchive, MetricBatch},
};
use model::{Timestamp, event::Event};
use std::{path::Path, sync::Arc, time::Duration};

/// How many events are kept; older ones go.
pub const MAXIMUM_EVENTS: u64 = 100_000;
/// The most events that one read returns.
pub const MAXIMUM_EVENTS_PER_READ: usize = 1_000;

/// A durable, ordered home for records.
pub trait Backend: Send {
    /// Whether anybody but this process may commit. If so, the store follows [`Backend::watch`].
    fn shared(&self) -> bool;

    /// Everything at the newest revision, with what is damaged set apart.
    fn load(&mut self) -> Result<Loaded, BackendError>;

    /// At most `limit` rows from `from` (inclusive) to `to` (exclusive; `None`: to the end), in key order.
    fn range(&mut self, from: &StoredKey, to: Option<&StoredKey>, limit: usize) -> Result<Ranged, BackendError>;

    /// Commits all batches or none, provided that the newest revision is `expected`. Each batch gets a revision of its
    /// own. Returns the newest revision after it, when all of it is durable.
    fn commit(&mut self, expected: Revision, batches: &[Batch]) -> Result<Revision, CommitError>;

    /// Every change after revision `after`, in order.
    fn watch(&mut self, after: Revision) -> Watch;

    /// Takes the lease `name` when nobody holds it, or the holder's time is over, or the holder is the same.
    fn acquire(&mut self, name: &str, holder: &str, ttl: Duration, now: Timestamp) -> Result<Acquired, BackendError>;

    /// Prolongs a lease; `None` when its time is over or it is no longer this holder's.
    fn renew(&mut self, lease: &Lease, ttl: Duration, now: Timestamp) -> Result<Option<Lease>, BackendError>;

    /// Gives a lease up. Without effect when it is no longer this holder's.
    fn release(&mut self, lease: &Lease) -> Result<(), BackendError>;

    /// At most `limit` of the events after sequence number `after`, oldest first.
    fn events(&mut self, after: u64, limit: usize) -> Result<Vec<(u64, Event)>, BackendError>;

    /// Removes a row that cannot be read; false when there is none of that key.
    fn discard(&mut self, key: &StoredKey) -> Result<bool, BackendError>;

    /// Saves metric points.
    fn save_metrics(&mut self, batch: &MetricBatch) -> Result<(), BackendError>;

    /// A second way in, to read metric points while the writer works.
    fn metric_archive(&mut self) -> Result<Box<dyn MetricArchive>, BackendError>;

    /// A function that copies everything into a new file; it may run on another thread while commits go on.
    fn backup(&self) -> Result<BackupFunction, BackendError>;
}

/// Copies the store into a file that does not exist yet.
pub type BackupFunction = Box<dyn FnOnce(&Path) -> Result<(), BackendError> + Send>;

/// What a backend holds.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The newest revision.
    pub revision: Revision,
    /// Undamaged rows in key order.
    pub rows: Vec<Row>,
    /// Rows whose checksum does not fit.
    pub damaged: Vec<Quarantined>,
}

/// Part of what a backend holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ranged {
    /// The newest revision.
    pub revision: Revision,
    /// Rows in key order.
    pub rows: Vec<Row>,
}

/// One stored record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: StoredKey,
    /// The schema version of `value`.
    pub schema: u32,
    /// The revision that made it.
    pub created: Revision,
    /// The revision that last changed it.
    pub modified: Revision,
    /// The record in its stored form.
    pub value: Arc<[u8]>,
}

/// A stored record that is not used because it cannot be trusted or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Its key, as far as it can be told.
    pub key: StoredKey,
    /// Why.
    pub reason: String,
}

/// What one transaction changes.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Records, each at most once.
    pub writes: Vec<Write>,
    /// Events.
    pub events: Vec<Event>,
    /// The lease under which the transaction acts; it is refused when the lease has passed on.
    pub fence: Option<Fence>,
}

/// One record's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Which record.
    pub key: StoredKey,
    /// What becomes of it.
    pub value: WriteValue,
}

/// What becomes of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteValue {
    /// It is made or replaced.
    Put {
        /// The schema version of `bytes`.
        schema: u32,
        /// The stored form.
        bytes: Arc<[u8]>,
    },
    /// It is deleted.
    Delete,
}

/// A condition on a commit: the lease must still be the one with this token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The lease's name.
    pub name: String,
    /// Its token.
    pub token: FencingToken,
}

/// A backend cannot do what it is for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// No room left.
    #[error("no space left for `{path}`; free some and try again: {detail}")]
    Full {
        /// The file.
        path: String,
        /// What the system says.
        detail: String,
    },
    /// The file is not what was written.
    #[error("`{path}` is damaged ({detail}); restore it from a backup")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        detail: String,
    },
    /// Reading or writing fails.
    #[error("cannot use `{path}`: {detail}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        detail: String,
    },
    /// A backup would overwrite something.
    #[error("`{0}` exists already; a backup does not overwrite")]
    Exists(String),
    /// This backend has no such function.
    #[error("{0} is not possible with a store that is kept in memory")]
    Unsupported(&'static str),
}

/// Why a commit did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Somebody else committed first.
    #[error("expected revision {expected}, but the newest is {newest}")]
    Conflict {
        /// What the caller took for the newest revision.
        expected: Revision,
        /// What it is.
        newest: Revision,
    },
    /// A batch acts under a lease that has passed on.
    #[error("the lease `{name}` has passed on")]
    Fenced {
        /// The position of the batch.
        batch: usize,
        /// The lease.
        name: String,
    },
    /// The backend fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
}
