//! A consistent picture of all records at one revision, in memory.
//!
//! A view never changes; cloning it costs one reference count. Take one at the start of a piece of work and use it to
//! the end. Views that [`crate::Store::view`] hands out show durable state only.

use crate::{
    key::{Key, Revision},
    kind::{Erased, Kind, Record},
};
use imbl::{OrdMap, ordmap::DiffItem};
use model::Scope;
use std::{fmt, sync::Arc};

/// All records at one revision.
#[derive(Clone, Default)]
pub struct View(Arc<Records>);

#[derive(Clone)]
struct Records {
    revision: Revision,
    entries: OrdMap<Key, Entry>,
    modified: [Revision; Kind::COUNT],
}

// Written out because the standard library has defaults of arrays of up to 32 only.
impl Default for Records {
    fn default() -> Self {
        let revision = Revision::default();
        Self { revision, entries: OrdMap::default(), modified: [revision; Kind::COUNT] }
    }
}

/// A record in a view.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) value: Erased,
    pub(crate) created: Revision,
    pub(crate) modified: Revision,
}

// Of the entries under one key in two views: the same when nothing was written in between.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        let same = std::ptr::addr_eq(Arc::as_ptr(&self.value), Arc::as_ptr(&other.value));
        same && (self.created, self.modified) == (other.created, other.modified)
    }
}

/// What happened to one record between two views.
#[derive(Clone, Copy)]
pub struct Difference<'v> {
    /// Its name.
    pub key: &'v Key,
    before: Option<&'v Entry>,
    after: Option<&'v Entry>,
}

impl Difference<'_> {
    /// The record in the older view; `None` when it was not there, or is of another kind.
    pub fn before<R: Record>(&self) -> Option<Arc<R>> {
        self.before.filter(|_| self.key.kind == R::KIND).map(typed)
    }

    /// The record in the newer view; `None` when it is gone, or is of another kind.
    pub fn after<R: Record>(&self) -> Option<Arc<R>> {
        self.after.filter(|_| self.key.kind == R::KIND).map(typed)
    }
}

/// A record with the revisions that made it and last changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<R> {
    /// The record.
    pub record: Arc<R>,
    /// The revision that made it.
    pub created: Revision,
    /// The revision that last changed it.
    pub modified: Revision,
}

impl View {
    /// The revision that this view shows.
    pub fn revision(&self) -> Revision {
        self.0.revision
    }

    /// How many records there are, of all kinds.
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// The last revision at which a record of this kind was made, changed or deleted since the store was opened.
    pub fn modified(&self, kind: Kind) -> Revision {
        self.0.modified[kind.index()]
    }

    /// One record.
    pub fn get<R: Record>(&self, scope: &Scope, id: impl AsRef<str>) -> Option<Arc<R>> {
        self.entry(&Key::new(R::KIND, scope, id.as_ref())).map(typed)
    }

    /// One record with its revisions.
    pub fn get_with_revision<R: Record>(&self, scope: &Scope, id: impl AsRef<str>) -> Option<Versioned<R>> {
        let entry = self.entry(&Key::new(R::KIND, scope, id.as_ref()))?;
        Some(Versioned { record: typed(entry), created: entry.created, modified: entry.modified })
    }

    /// Whether there is such a record.
    pub fn contains<R: Record>(&self, scope: &Scope, id: impl AsRef<str>) -> bool {
        self.entry(&Key::new(R::KIND, scope, id.as_ref())).is_some()
    }

    /// The records of one account and region, in the order of their ids.
    pub fn list<'v, R: Record>(&'v self, scope: &Scope) -> impl Iterator<Item = Arc<R>> + use<'v, R> {
        self.range(scope, "")
    }

    /// Those of them whose id begins with `prefix`, in the order of their ids.
    pub fn range<'v, R: Record>(&'v self, scope: &Scope, prefix: &str) -> impl Iterator<Item = Arc<R>> + use<'v, R> {
        let first = Key::new(R::KIND, scope, prefix);
        self.0
            .entries
            .range(first.clone()..)
            .take_while(move |(key, _)| {
                key.kind == first.kind && key.scope == first.scope && key.id.starts_with(&first.id)
            })
            .map(|(_, entry)| typed(entry))
    }

    /// The records of every account and region, by scope, then by id.
    pub fn all<'v, R: Record>(&'v self) -> impl Iterator<Item = (Scope, Arc<R>)> + use<'v, R> {
        self.0
            .entries
            .range(Key::first(R::KIND)..)
            .take_while(|(key, _)| key.kind == R::KIND)
            .map(|(key, entry)| (key.scope.clone(), typed(entry)))
    }

    /// What is different from an older view, in the order of keys. Takes as long as there are differences, not records.
    pub fn since<'v>(&'v self, earlier: &'v Self) -> impl Iterator<Item = Difference<'v>> {
        earlier.0.entries.diff(&self.0.entries).map(|item| match item {
            DiffItem::Add(key, after) => Difference { key, before: None, after: Some(after) },
            DiffItem::Update { old: (_, before), new: (key, after) } => {
                Difference { key, before: Some(before), after: Some(after) }
            }
            DiffItem::Remove(key, before) => Difference { key, before: Some(before), after: None },
        })
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.entries.keys()
    }

    pub(crate) fn entry(&self, key: &Key) -> Option<&Entry> {
        self.0.entries.get(key)
    }

    pub(crate) fn insert(&mut self, key: Key, entry: Entry) {
        Arc::make_mut(&mut self.0).entries.insert(key, entry);
    }

    pub(crate) fn remove(&mut self, key: &Key) {
        Arc::make_mut(&mut self.0).entries.remove(key);
    }

    pub(crate) fn touch(&mut self, kind: Kind, revision: Revision) {
        Arc::make_mut(&mut self.0).modified[kind.index()] = revision;
    }

    pub(crate) fn set_revision(&mut self, revision: Revision) {
        Arc::make_mut(&mut self.0).revision = revision;
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View({} records at revision {})", self.len(), self.revision())
    }
}

fn typed<R: Record>(entry: &Entry) -> Arc<R> {
    Arc::clone(&entry.value).downcast().expect("an entry is stored under the kind of its type")
}
