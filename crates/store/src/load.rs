//! From stored rows to a view: what can be read is in it, what cannot is set aside.

use crate::{
    backend::{Quarantined, Row, Write, WriteValue},
    key::{Key, Revision, StoredKey},
    kind::Erased,
    view::{Entry, View},
};
use std::collections::BTreeSet;

/// What is set aside.
#[derive(Default)]
pub(crate) struct Quarantine {
    pub(crate) list: Vec<Quarantined>,
    pub(crate) keys: BTreeSet<Key>,
}

impl Quarantine {
    pub(crate) fn of(list: Vec<Quarantined>) -> Self {
        let keys = list.iter().filter_map(|entry| entry.key.known()).collect();
        Self { list, keys }
    }
}

/// The view of these rows, and those that cannot be read together with the `damaged` ones.
pub(crate) fn build_view(revision: Revision, rows: Vec<Row>, damaged: Vec<Quarantined>) -> (View, Vec<Quarantined>) {
    let mut view = View::default();
    let mut quarantined = damaged;
    for row in rows {
        match decode(&row.key, row.schema, &row.value) {
            Ok((key, value)) => view.insert(key, Entry { value, created: row.created, modified: row.modified }),
            Err(reason) => quarantined.push(Quarantined { key: row.key, reason }),
        }
    }
    view.set_revision(revision);
    (view, quarantined)
}

fn decode(stored: &StoredKey, schema: u32, bytes: &[u8]) -> Result<(Key, Erased), String> {
    let key =
        stored.known().ok_or_else(|| format!("is of a kind that this program does not know: `{}`", stored.kind))?;
    let (id, value) = key.kind.decode(schema, bytes).map_err(|e| e.to_string())?;
    if id != key.id {
        return Err(format!("is stored under its key, but names itself `{id}`"));
    }
    Ok((key, value))
}

/// Applies what somebody else committed; returns the record when it cannot be read.
pub(crate) fn apply_write(view: &mut View, write: &Write, revision: Revision) -> Option<Quarantined> {
    let key = write.key.known();
    let kind = key.as_ref().map(|key| key.kind);
    let lost = match (&write.value, key) {
        (WriteValue::Delete, Some(key)) => {
            view.remove(&key);
            None
        }
        (WriteValue::Delete, None) => None,
        (WriteValue::Put { schema, bytes }, _) => match decode(&write.key, *schema, bytes) {
            Ok((key, value)) => {
                let created = view.entry(&key).map_or(revision, |old| old.created);
                view.insert(key, Entry { value, created, modified: revision });
                None
            }
            Err(reason) => {
                if let Some(key) = write.key.known() {
                    view.remove(&key);
                }
                Some(Quarantined { key: write.key.clone(), reason })
            }
        },
    };
    if let Some(kind) = kind {
        view.touch(kind, revision);
    }
    lost
}
