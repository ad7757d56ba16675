//! What a transaction's closure sees and does: reads that include its own writes, puts, deletes, events.
//!
//! The closure must be pure. It runs on the newest state, possibly before that state is durable, and may run again
//! when that state turns out not to hold. Nothing it does is visible to anybody until it is durable.

use crate::{
    backend::{Batch, Fence, Write, WriteValue},
    key::{Key, StoredKey},
    kind::{Kind, Record},
    migrate::MAXIMUM_RECORD_BYTES,
    view::{Entry, Versioned, View},
};
use model::{Scope, event::Event};
use std::{collections::BTreeMap, sync::Arc};

/// The most records that one transaction may write, and the most events that it may append.
pub const MAXIMUM_WRITES: usize = 10_000;

/// A transaction in the making.
pub struct Transaction {
    base: View,
    working: View,
    writes: BTreeMap<Key, Option<Stored>>,
    events: Vec<Event>,
    refusal: Option<RefusedWrite>,
}

struct Stored {
    schema: u32,
    bytes: Arc<[u8]>,
}

/// A write that the store does not take. The transaction that tried it commits nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedWrite {
    /// Its stored form is longer than [`MAXIMUM_RECORD_BYTES`].
    #[error("record {key} is {bytes} bytes long; the limit is {MAXIMUM_RECORD_BYTES}")]
    TooLarge {
        /// Which record.
        key: Key,
        /// How long.
        bytes: usize,
    },
    /// More than [`MAXIMUM_WRITES`] records or events at once.
    #[error("one transaction may write at most {MAXIMUM_WRITES} records and events")]
    TooMany,
    /// Its type cannot be written as JSON.
    #[error("record {key} cannot be stored: {reason}")]
    Unstorable {
        /// Which record.
        key: Key,
        /// What the encoder says.
        reason: String,
    },
    /// A damaged record of that name is set aside; writing over it would destroy what is left of it.
    #[error("record {0} is in quarantine; see `goru status`")]
    Quarantined(Key),
}

impl Transaction {
    pub(crate) fn new(base: View) -> Self {
        Self { working: base.clone(), base, writes: BTreeMap::new(), events: Vec::new(), refusal: None }
    }

    /// The state with this transaction's own writes, for code that reads a [`View`]. Its revision is that of the base.
    pub fn view(&self) -> &View {
        &self.working
    }

    /// One record.
    pub fn get<R: Record>(&self, scope: &Scope, id: impl AsRef<str>) -> Option<Arc<R>> {
        self.working.get(scope, id)
    }

    /// One record with its revisions; those of a record written here are the ones it will have.
    pub fn get_with_revision<R: Record>(&self, scope: &Scope, id: impl AsRef<str>) -> Option<Versioned<R>> {
        self.working.get_with_revision(scope, id)
    }

    /// Whether there is such a record.
    pub fn contains<R: Record>(&self, scope: &Scope, id: impl AsRef<str>) -> bool {
        self.working.contains::<R>(scope, id)
    }

    /// The records of one account and region, in the order of their ids. Collect before writing.
    pub fn list<'t, R: Record>(&'t self, scope: &Scope) -> impl Iterator<Item = Arc<R>> + use<'t, R> {
        self.working.list(scope)
    }

    /// Those of them whose id begins with `prefix`.
    pub fn range<'t, R: Record>(&'t self, scope: &Scope, prefix: &str) -> impl Iterator<Item = Arc<R>> + use<'t, R> {
        self.working.range(scope, prefix)
    }

    /// The records of every account and region.
    pub fn all<'t, R: Record>(&'t self) -> impl Iterator<Item = (Scope, Arc<R>)> + use<'t, R> {
        self.working.all()
    }

    /// Makes or replaces a record. Putting what is there already changes nothing.
    pub fn put<R: Record>(&mut self, scope: &Scope, record: R) {
        let key = Key::new(R::KIND, scope, record.id());
        if self.base.get::<R>(scope, &key.id).is_some_and(|old| *old == record) {
            return self.restore(&key);
        }
        match serde_json::to_vec(&record) {
            Err(error) => self.refuse(RefusedWrite::Unstorable { key, reason: error.to_string() }),
            Ok(bytes) if bytes.len() > MAXIMUM_RECORD_BYTES => {
                self.refuse(RefusedWrite::TooLarge { key, bytes: bytes.len() });
            }
            Ok(bytes) => self.write(key, R::SCHEMA, bytes.into(), Arc::new(record)),
        }
    }

    /// Deletes a record; false when there was none.
    pub fn delete<R: Record>(&mut self, scope: &Scope, id: impl AsRef<str>) -> bool {
        let key = Key::new(R::KIND, scope, id.as_ref());
        if self.working.entry(&key).is_none() {
            return false;
        }
        self.working.remove(&key);
        if self.base.entry(&key).is_some() {
            self.writes.insert(key, None);
        } else {
            self.writes.remove(&key);
        }
        true
    }

    /// Deletes records of every kind but these, at most [`MAXIMUM_WRITES`] of them; how many there were to delete. Call it
    /// in transactions of their own until it says zero.
    pub fn clear(&mut self, keep: &[Kind]) -> usize {
        let all: Vec<Key> =
            self.working.keys().filter(|key| !keep.contains(&key.kind)).take(MAXIMUM_WRITES).cloned().collect();
        for key in &all {
            self.working.remove(key);
            self.writes.insert(key.clone(), None);
        }
        all.len()
    }

    /// Adds an event, kept together with the changes or not at all. A transaction with events is a change.
    pub fn append_event(&mut self, event: Event) {
        self.events.push(event);
        if self.events.len() > MAXIMUM_WRITES {
            self.refuse(RefusedWrite::TooMany);
        }
    }

    fn write(&mut self, key: Key, schema: u32, bytes: Arc<[u8]>, value: crate::kind::Erased) {
        let modified = self.base.revision().next();
        let created = self.base.entry(&key).map_or(modified, |old| old.created);
        self.working.insert(key.clone(), Entry { value, created, modified });
        self.writes.insert(key, Some(Stored { schema, bytes }));
        if self.writes.len() > MAXIMUM_WRITES {
            self.refuse(RefusedWrite::TooMany);
        }
    }

    fn restore(&mut self, key: &Key) {
        if self.writes.remove(key).is_some() {
            let old = self.base.entry(key).expect("only a record of the base is restored").clone();
            self.working.insert(key.clone(), old);
        }
    }

    fn refuse(&mut self, refusal: RefusedWrite) {
        self.refusal.get_or_insert(refusal);
    }

    /// What is to be committed, and the state after it; `None` when nothing changes.
    pub(crate) fn finish(self, fence: Option<Fence>) -> Result<Option<(Batch, View)>, RefusedWrite> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        if self.writes.is_empty() && self.events.is_empty() {
            return Ok(None);
        }
        let revision = self.base.revision().next();
        let mut view = self.working;
        for kind in changed_kinds(&self.writes) {
            view.touch(kind, revision);
        }
        view.set_revision(revision);
        let writes = self.writes.into_iter().map(|(key, stored)| to_write(&key, stored)).collect();
        Ok(Some((Batch { writes, events: self.events, fence }, view)))
    }

    pub(crate) fn written_keys(&self) -> impl Iterator<Item = &Key> {
        self.writes.keys()
    }
}

fn changed_kinds(writes: &BTreeMap<Key, Option<Stored>>) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = writes.keys().map(|key| key.kind).collect();
    kinds.dedup();
    kinds
}

fn to_write(key: &Key, stored: Option<Stored>) -> Write {
    let value = match stored {
        Some(Stored { schema, bytes }) => WriteValue::Put { schema, bytes },
        None => WriteValue::Delete,
    };
    Write { key: StoredKey::from(key), value }
}
