//! State: records in memory, durable in one file, changed by transactions only.
//!
//! - [`Store::view`] gives a consistent picture at one revision; [`Store::transact`] changes it; [`Store::changed`]
//!   wakes those who wait. `kind` lists what can be stored.
//! - `backend` is where records live: SQLite ([`backend::embedded`]) or memory. Semantics are those of etcd.
//! - `metric` keeps CloudWatch's datapoints, which are not records.
//!
//! This crate knows neither AWS operations nor controllers, and reads no clock: `now` is a parameter.

pub mod backend;
pub mod change;
pub mod event;
pub mod key;
pub mod kind;
pub mod lease;
mod listener;
mod load;
pub mod metric;
pub mod migrate;
pub mod probe;
mod store;
pub mod transaction;
pub mod view;
mod writer;

pub use backend::{BackendError, Quarantined};
pub use change::Changed;
pub use key::{Key, Revision, StoredKey};
pub use kind::{Kind, Record, rule_id_prefix, target_id, target_id_prefix};
pub use lease::{Leadership, Lease};
pub use model::Scope;
pub use store::{MAXIMUM_RUNS, OpenError, Store, StoreError, TransactError};
pub use transaction::{RefusedWrite, Transaction};
pub use view::{Difference, Versioned, View};
pub use writer::{MAXIMUM_GROUP, MAXIMUM_PENDING};
