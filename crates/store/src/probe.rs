//! A record of no AWS service: what `goru doctor` and the store's own tests write to see that writing works.
//!
//! Its form has changed twice, on purpose, so that the forward migration of records is exercised from the first release.

use crate::migrate::Migration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A named number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The id.
    pub name: String,
    /// Any number.
    pub value: u64,
    /// Free text; empty in records that were written before version 3.
    pub note: String,
}

impl Probe {
    /// A probe without a note.
    pub fn new(name: impl Into<String>, value: u64) -> Self {
        Self { name: name.into(), value, note: String::new() }
    }
}

/// Version 1 had the number as text under `count`; version 2 named it `value`; version 3 added `note`.
pub(crate) const MIGRATIONS: &[Migration] = &[count_becomes_value, note_is_added];

fn count_becomes_value(mut record: Value) -> Result<Value, String> {
    let fields = record.as_object_mut().ok_or("not an object")?;
    let count = fields.remove("count").ok_or("`count` is missing")?;
    let number: u64 = count.as_str().and_then(|text| text.parse().ok()).ok_or("`count` is not a number in text")?;
    fields.insert("value".to_owned(), json!(number));
    Ok(record)
}

fn note_is_added(mut record: Value) -> Result<Value, String> {
    record.as_object_mut().ok_or("not an object")?.insert("note".to_owned(), json!(""));
    Ok(record)
}
