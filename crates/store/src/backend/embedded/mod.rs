//! Records in one SQLite file, `state.db` in the data directory: the embedded default, for one process on one host.
//!
//! Write-ahead log, full sync: what is committed survives a power cut. Each record carries a checksum, so that a
//! flipped bit is noticed and costs that record only. The directory is locked as long as the backend lives.

mod backup;
mod file;
mod lock;
mod metrics;
mod records;

use super::{
    Backend, BackendError, BackupFunction, Batch, Changes, CommitError, Loaded, MAXIMUM_EVENTS_PER_READ, Ranged, Watch,
};
use crate::{
    key::{Revision, StoredKey},
    lease::{self, Acquired, FencingToken, Lease},
    metric::archive::{MetricArchive, MetricBatch},
    store::OpenError,
};
use file::Failing;
use lock::DirectoryLock;
use model::{Scope, Timestamp, event::Event};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

pub use file::{APPLICATION_ID, FILE_NAME, FILE_VERSION};

/// The SQLite backend.
pub struct EmbeddedBackend {
    connection: Connection,
    path: PathBuf,
    changes: Changes,
    /// Released last, when the connection is closed.
    _lock: DirectoryLock,
}

impl EmbeddedBackend {
    /// Opens `state.db` in the directory, making both when they are missing.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        let lock = DirectoryLock::take(directory)?;
        let path = directory.join(FILE_NAME);
        let connection = file::open(&path)?;
        let revision = records::revision(&connection).failing(&path)?;
        records::clear_leases(&connection).failing(&path)?;
        Ok(Self { connection, path, changes: Changes::starting_at(revision), _lock: lock })
    }

    fn lease(&self, name: &str) -> rusqlite::Result<(Option<Lease>, FencingToken)> {
        let mut statement = self.connection.prepare_cached("SELECT holder, token, until FROM lease WHERE name = ?1")?;
        let found = statement.query_row([name], |row| {
            let (holder, token, until): (Option<String>, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let token = FencingToken(file::unsigned(token));
            let until = Timestamp::from_millis(until);
            Ok((holder.map(|holder| Lease { name: name.to_owned(), holder, token, until }), token))
        });
        Ok(found.optional()?.unwrap_or((None, FencingToken(0))))
    }

    fn put_lease(&self, lease: &Lease) -> rusqlite::Result<()> {
        let Lease { name, holder, token, until } = lease;
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO lease (name, holder, token, until) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![name, holder, file::signed(token.0), until.millis()])?;
        Ok(())
    }

    /// After a failed commit: whether it happened all the same, because only what follows the sync went wrong.
    fn happened(&self, wanted: Revision) -> bool {
        if !self.connection.is_autocommit() {
            // Without this the next transaction could not begin. When it fails too, so will that one.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        records::revision(&self.connection).is_ok_and(|revision| revision == wanted)
    }
}

impl Backend for EmbeddedBackend {
    fn shared(&self) -> bool {
        false
    }

    fn load(&mut self) -> Result<Loaded, BackendError> {
        records::load(&self.connection, &self.path)
    }

    fn range(&mut self, from: &StoredKey, to: Option<&StoredKey>, limit: usize) -> Result<Ranged, BackendError> {
        let transaction = self.connection.transaction().failing(&self.path)?;
        records::range(&transaction, from, to, limit).failing(&self.path)
    }

    fn commit(&mut self, expected: Revision, batches: &[Batch]) -> Result<Revision, CommitError> {
        let newest = records::revision(&self.connection).failing(&self.path)?;
        if newest != expected {
            return Err(CommitError::Conflict { expected, newest });
        }
        if let Some((batch, name)) = records::broken_fence(&self.connection, batches).failing(&self.path)? {
            return Err(CommitError::Fenced { batch, name });
        }
        let wanted = expected.plus(batches.len() as u64);
        let written =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
                records::write(&transaction, expected, batches)?;
                transaction.commit()
            });
        if let Err(error) = written
            && !self.happened(wanted)
        {
            return Err(file::backend_error(&self.path, &error).into());
        }
        for batch in batches {
            self.changes.record(batch.writes.clone().into());
        }
        Ok(wanted)
    }

    fn watch(&mut self, after: Revision) -> Watch {
        self.changes.watch(after)
    }

    fn acquire(&mut self, name: &str, holder: &str, ttl: Duration, now: Timestamp) -> Result<Acquired, BackendError> {
        let (held, last) = self.lease(name).failing(&self.path)?;
        let acquired = lease::decide(held.as_ref(), last, (name, holder), ttl, now);
        if let Acquired::Granted(lease) = &acquired {
            self.put_lease(lease).failing(&self.path)?;
        }
        Ok(acquired)
    }

    fn renew(&mut self, lease: &Lease, ttl: Duration, now: Timestamp) -> Result<Option<Lease>, BackendError> {
        let (held, _) = self.lease(&lease.name).failing(&self.path)?;
        let Some(held) = held.filter(|held| held.token == lease.token && held.holds(now)) else { return Ok(None) };
        let renewed = Lease { until: now.plus(ttl), ..held };
        self.put_lease(&renewed).failing(&self.path)?;
        Ok(Some(renewed))
    }

    fn release(&mut self, lease: &Lease) -> Result<(), BackendError> {
        let released = self.connection.execute(
            "UPDATE lease SET holder = NULL WHERE name = ?1 AND token = ?2",
            params![lease.name, file::signed(lease.token.0)],
        );
        released.map(|_| ()).failing(&self.path)
    }

    fn events(&mut self, after: u64, limit: usize) -> Result<Vec<(u64, Event)>, BackendError> {
        let limit = i64::try_from(limit.min(MAXIMUM_EVENTS_PER_READ)).unwrap_or(i64::MAX);
        events(&self.connection, file::signed(after), limit).failing(&self.path)
    }

    fn discard(&mut self, key: &StoredKey) -> Result<bool, BackendError> {
        records::discard(&mut self.connection, key).failing(&self.path)
    }

    fn save_metrics(&mut self, batch: &MetricBatch) -> Result<(), BackendError> {
        metrics::save(&mut self.connection, batch).failing(&self.path)
    }

    fn metric_archive(&mut self) -> Result<Box<dyn MetricArchive>, BackendError> {
        Ok(Box::new(metrics::Archive::open(&self.path)?))
    }

    fn backup(&self) -> Result<BackupFunction, BackendError> {
        let from = self.path.clone();
        Ok(Box::new(move |to| backup::copy(&from, to)))
    }
}

impl Drop for EmbeddedBackend {
    fn drop(&mut self) {
        self.changes.close();
    }
}

fn events(connection: &Connection, after: i64, limit: i64) -> rusqlite::Result<Vec<(u64, Event)>> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, at, account, region, subject, what, message FROM event
         WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
    )?;
    let events = statement.query_map([after, limit], |row| {
        let event = Event {
            at: Timestamp::from_millis(row.get(1)?),
            scope: Scope { account: row.get(2)?, region: row.get(3)? },
            subject: row.get(4)?,
            what: row.get(5)?,
            message: row.get(6)?,
        };
        Ok((file::unsigned(row.get(0)?), event))
    })?;
    events.collect()
}
