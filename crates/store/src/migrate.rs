//! Schema versions of records: forward only, one step at a time.
//!
//! A stored record says which version of its form it has. An older one is brought to the newest form when it is
//! read; it is written in the new form when it next changes. A newer one is not guessed at: it is set aside.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// One step: a record's fields in one version become those of the next.
pub type Migration = fn(Value) -> Result<Value, String>;

/// The largest record that is written or read, in bytes of its stored form.
pub const MAXIMUM_RECORD_BYTES: usize = 1 << 20;

/// Why stored bytes do not become a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Written by a newer Goru.
    #[error("has schema version {found}; this program knows versions up to {known}")]
    Newer {
        /// The version of the record.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// Versions are counted from 1.
    #[error("has schema version 0, which does not exist")]
    NoVersion,
    /// The bytes do not have the form of their version.
    #[error("cannot be read: {0}")]
    Malformed(String),
    /// A step from an older version failed.
    #[error("cannot be brought from schema version {from} to the next: {reason}")]
    Migration {
        /// The version that the step begins with.
        from: u32,
        /// What the step says.
        reason: String,
    },
    /// More than [`MAXIMUM_RECORD_BYTES`].
    #[error("is {0} bytes long; the limit is {MAXIMUM_RECORD_BYTES}")]
    TooLarge(usize),
}

/// The version that a record with these migrations is written in.
pub(crate) const fn newest(migrations: &[Migration]) -> u32 {
    let mut version = 1;
    let mut step = 0;
    while step < migrations.len() {
        version += 1;
        step += 1;
    }
    version
}

/// Reads a record of any known version.
pub(crate) fn decode<R: DeserializeOwned>(
    migrations: &[Migration],
    schema: u32,
    bytes: &[u8],
) -> Result<R, Unreadable> {
    let known = newest(migrations);
    if bytes.len() > MAXIMUM_RECORD_BYTES {
        return Err(Unreadable::TooLarge(bytes.len()));
    }
    if schema == 0 {
        return Err(Unreadable::NoVersion);
    }
    if schema > known {
        return Err(Unreadable::Newer { found: schema, known });
    }
    if schema == known {
        return serde_json::from_slice(bytes).map_err(|e| Unreadable::Malformed(e.to_string()));
    }
    let old = serde_json::from_slice(bytes).map_err(|e| Unreadable::Malformed(e.to_string()))?;
    let new = forward(migrations, schema, old)?;
    serde_json::from_value(new).map_err(|e| Unreadable::Malformed(e.to_string()))
}

fn forward(migrations: &[Migration], schema: u32, mut value: Value) -> Result<Value, Unreadable> {
    for (from, step) in (1..).zip(migrations) {
        if from >= schema {
            value = step(value).map_err(|reason| Unreadable::Migration { from, reason })?;
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kind::Record, probe::Probe};

    fn read(schema: u32, text: &str) -> Result<Probe, Unreadable> {
        decode(Probe::MIGRATIONS, schema, text.as_bytes())
    }

    #[test]
    fn records_of_every_older_version_are_brought_to_the_newest_form() {
        let expected = Ok(Probe::new("a", 7));
        assert_eq!(Probe::SCHEMA, 3);
        assert_eq!(read(1, r#"{"name":"a","count":"7"}"#), expected);
        assert_eq!(read(2, r#"{"name":"a","value":7}"#), expected);
        assert_eq!(read(3, r#"{"name":"a","value":7,"note":""}"#), expected);
    }

    #[test]
    fn a_record_that_does_not_fit_its_version_is_refused_with_the_reason() {
        assert_eq!(read(4, "{}"), Err(Unreadable::Newer { found: 4, known: 3 }));
        assert_eq!(read(0, "{}"), Err(Unreadable::NoVersion));
        assert!(matches!(read(1, r#"{"name":"a","count":"x"}"#), Err(Unreadable::Migration { from: 1, .. })));
        assert!(matches!(read(2, "[]"), Err(Unreadable::Migration { from: 2, .. })));
        assert!(matches!(read(3, r#"{"name":"a"}"#), Err(Unreadable::Malformed(_))));
        assert!(matches!(read(3, "\u{1}"), Err(Unreadable::Malformed(_))));
        let long = " ".repeat(MAXIMUM_RECORD_BYTES + 1);
        assert_eq!(read(3, &long), Err(Unreadable::TooLarge(MAXIMUM_RECORD_BYTES + 1)));
    }
}
