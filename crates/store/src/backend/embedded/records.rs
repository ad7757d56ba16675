//! Reading and writing the rows of records, with a checksum over everything that a row says.

use super::file::{Failing, damaged, signed, unsigned};
use crate::{
    backend::{BackendError, Batch, Loaded, MAXIMUM_EVENTS, Quarantined, Ranged, Row, Write, WriteValue},
    key::{Revision, StoredKey},
};
use model::event::Event;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use std::path::Path;

/// How much of the digest is kept: enough to notice any accident. It is no protection against malice.
const CHECKSUM_BYTES: usize = 8;

/// The newest revision.
pub(super) fn revision(connection: &Connection) -> rusqlite::Result<Revision> {
    meta(connection, "revision").map(|value| Revision(unsigned(value)))
}

/// One number of the file's own.
pub(super) fn meta(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?.query_row([name], |row| row.get(0))
}

/// Changes one number of the file's own.
pub(super) fn set_meta(connection: &Connection, name: &str, value: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE meta SET value = ?2 WHERE name = ?1")?.execute(params![name, value])?;
    Ok(())
}

/// This process has the file for itself, so whoever held a lease is gone. Tokens go on growing.
pub(super) fn clear_leases(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("UPDATE lease SET holder = NULL WHERE holder IS NOT NULL", []).map(|_| ())
}

/// All rows; those whose checksum does not fit are set apart. Fails when rows are missing.
pub(super) fn load(connection: &Connection, path: &Path) -> Result<Loaded, BackendError> {
    let mut loaded = Loaded { revision: revision(connection).failing(path)?, ..Loaded::default() };
    let mut statement = connection
        .prepare("SELECT kind, account, region, id, schema, created, modified, value, checksum FROM record")
        .failing(path)?;
    let mut rows = statement.query([]).failing(path)?;
    while let Some(row) = rows.next().failing(path)? {
        match read(row) {
            Ok(row) => loaded.rows.push(row),
            Err(quarantined) => loaded.damaged.push(quarantined),
        }
    }
    if let Some(row) = loaded.rows.iter().find(|row| row.modified > loaded.revision) {
        let (newest, key) = (loaded.revision, &row.key);
        return Err(damaged(path, &format!("{key} has revision {}, but the newest is {newest}", row.modified)));
    }
    let found = loaded.rows.len() + loaded.damaged.len();
    let expected = meta(connection, "records").failing(path)?;
    if i64::try_from(found).ok() != Some(expected) {
        return Err(damaged(path, &format!("{found} records are there instead of {expected}")));
    }
    Ok(loaded)
}

/// A part of the rows, without damaged ones.
pub(super) fn range(
    transaction: &Transaction<'_>,
    from: &StoredKey,
    to: Option<&StoredKey>,
    limit: usize,
) -> rusqlite::Result<Ranged> {
    let mut statement = transaction.prepare_cached(
        "SELECT kind, account, region, id, schema, created, modified, value, checksum FROM record
         WHERE (kind, account, region, id) >= (?1, ?2, ?3, ?4)
           AND (?5 IS NULL OR (kind, account, region, id) < (?5, ?6, ?7, ?8))
         ORDER BY kind, account, region, id LIMIT ?9",
    )?;
    let end = to.map(|to| (&to.kind, &to.account, &to.region, &to.id));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![
        from.kind,
        from.account,
        from.region,
        from.id,
        end.map(|end| end.0),
        end.map(|end| end.1),
        end.map(|end| end.2),
        end.map(|end| end.3),
        limit
    ])?;
    let mut ranged = Ranged { revision: revision(transaction)?, rows: Vec::new() };
    while let Some(row) = rows.next()? {
        ranged.rows.extend(read(row));
    }
    Ok(ranged)
}

/// The first batch whose lease has passed on.
pub(super) fn broken_fence(connection: &Connection, batches: &[Batch]) -> rusqlite::Result<Option<(usize, String)>> {
    for (position, batch) in batches.iter().enumerate() {
        let Some(fence) = &batch.fence else { continue };
        let token: Option<i64> = connection
            .prepare_cached("SELECT token FROM lease WHERE name = ?1 AND holder IS NOT NULL")?
            .query_row([&fence.name], |row| row.get(0))
            .optional()?;
        if token != Some(signed(fence.token.0)) {
            return Ok(Some((position, fence.name.clone())));
        }
    }
    Ok(None)
}

/// Writes the batches, the first with the revision after `base`.
pub(super) fn write(transaction: &Transaction<'_>, base: Revision, batches: &[Batch]) -> rusqlite::Result<()> {
    let mut revision = base;
    let mut records = meta(transaction, "records")?;
    for batch in batches {
        revision = revision.next();
        for write in &batch.writes {
            records += write_record(transaction, write, revision)?;
        }
        write_events(transaction, &batch.events)?;
    }
    set_meta(transaction, "records", records)?;
    set_meta(transaction, "revision", signed(revision.0))
}

/// Returns by how much the number of records grows: -1, 0 or 1.
fn write_record(transaction: &Transaction<'_>, write: &Write, revision: Revision) -> rusqlite::Result<i64> {
    let key = &write.key;
    let old: Option<i64> = transaction
        .prepare_cached(
            "DELETE FROM record WHERE kind = ?1 AND account = ?2 AND region = ?3 AND id = ?4 RETURNING created",
        )?
        .query_row(params![key.kind, key.account, key.region, key.id], |row| row.get(0))
        .optional()?;
    let removed = i64::from(old.is_some());
    match &write.value {
        WriteValue::Delete => Ok(-removed),
        WriteValue::Put { schema, bytes } => {
            let created = old.map_or(revision, |created| Revision(unsigned(created)));
            let row = Row { key: key.clone(), schema: *schema, created, modified: revision, value: bytes.clone() };
            insert(transaction, &row)?;
            Ok(1 - removed)
        }
    }
}

fn insert(transaction: &Transaction<'_>, row: &Row) -> rusqlite::Result<()> {
    let Row { key, schema, created, modified, value } = row;
    transaction
        .prepare_cached(
            "INSERT INTO record (kind, account, region, id, schema, created, modified, value, checksum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            key.kind,
            key.account,
            key.region,
            key.id,
            schema,
            signed(created.0),
            signed(modified.0),
            value.as_ref(),
            checksum(row)
        ])?;
    Ok(())
}

fn write_events(transaction: &Transaction<'_>, events: &[Event]) -> rusqlite::Result<()> {
    for event in events {
        let Event { at, scope, subject, what, message } = event;
        transaction
            .prepare_cached(
                "INSERT INTO event (at, account, region, subject, what, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![at.millis(), scope.account, scope.region, subject, what, message])?;
    }
    if !events.is_empty() {
        let oldest = transaction.last_insert_rowid() - signed(MAXIMUM_EVENTS);
        transaction.prepare_cached("DELETE FROM event WHERE sequence <= ?1")?.execute([oldest])?;
    }
    Ok(())
}

/// Deletes a row, whatever it holds.
pub(super) fn discard(connection: &mut Connection, key: &StoredKey) -> rusqlite::Result<bool> {
    let transaction = connection.transaction()?;
    let deleted = transaction.execute(
        "DELETE FROM record WHERE kind = ?1 AND account = ?2 AND region = ?3 AND id = ?4",
        params![key.kind, key.account, key.region, key.id],
    )?;
    let records = meta(&transaction, "records")? - i64::try_from(deleted).unwrap_or(0);
    set_meta(&transaction, "records", records)?;
    transaction.commit()?;
    Ok(deleted > 0)
}

/// A row, or what is left of it: a flipped bit may have made a number of a text, or no text at all.
fn read(row: &rusqlite::Row<'_>) -> Result<Row, Quarantined> {
    let text = |column| {
        let bytes = row.get_ref(column).ok().and_then(|value| value.as_bytes().ok()).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    };
    let key = StoredKey { kind: text(0), account: text(1), region: text(2), id: text(3) };
    match read_checked(row, &key) {
        Ok(Some(row)) => Ok(row),
        Ok(None) => Err(Quarantined { key, reason: "does not fit its checksum: the file was damaged".to_owned() }),
        Err(error) => Err(Quarantined { key, reason: format!("cannot be read: {error}") }),
    }
}

/// The row, if its checksum fits. Text that is not UTF-8 was replaced in `key`, so its checksum does not.
fn read_checked(row: &rusqlite::Row<'_>, key: &StoredKey) -> rusqlite::Result<Option<Row>> {
    let read = Row {
        key: key.clone(),
        schema: row.get(4)?,
        created: Revision(unsigned(row.get(5)?)),
        modified: Revision(unsigned(row.get(6)?)),
        value: row.get_ref(7)?.as_blob()?.into(),
    };
    let stored: Vec<u8> = row.get(8)?;
    Ok((stored == checksum(&read)).then_some(read))
}

fn checksum(row: &Row) -> [u8; CHECKSUM_BYTES] {
    let Row { key, schema, created, modified, value } = row;
    let mut digest = Sha256::new();
    for part in [key.kind.as_bytes(), key.account.as_bytes(), key.region.as_bytes(), key.id.as_bytes(), value] {
        // The length before each part keeps bytes from moving between neighbours unnoticed.
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    for number in [u64::from(*schema), created.0, modified.0] {
        digest.update(number.to_le_bytes());
    }
    let mut checksum = [0; CHECKSUM_BYTES];
    checksum.copy_from_slice(&digest.finalize()[..CHECKSUM_BYTES]);
    checksum
}
