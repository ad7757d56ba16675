//! The file: its form, its version, and what its errors mean.
//!
//! The file's version counts changes of the tables; forms of single records have versions of their own (`migrate.rs`).

use super::lock::{create_private, sync_directory};
use crate::{backend::BackendError, store::OpenError};
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};
use std::{path::Path, time::Duration};

/// The state file's name in the data directory.
pub const FILE_NAME: &str = "state.db";
/// "Goru" in SQLite's header: what the `file` command and others tell the file by.
pub const APPLICATION_ID: i64 = 0x476f_7275;
/// The newest version of the tables that this program knows.
pub const FILE_VERSION: i64 = 1;
/// Tables whose structure is checked whenever the file is opened. Metric points are many and not checked then.
const CHECKED_TABLES: [&str; 4] = ["meta", "record", "event", "lease"];
/// How long one connection waits for another; they meet only for moments.
const BUSY_LIMIT: Duration = Duration::from_secs(10);
/// A grown log is cut back to this size once it is merged into the file.
const MAXIMUM_IDLE_LOG_BYTES: i64 = 64 << 20;

/// Statements that make version N + 1 of version N, beginning with an empty file.
const VERSIONS: [&str; 1] = ["
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('revision', 0), ('records', 0), ('metric_generation', 0), ('metric_floor', 0);
    CREATE TABLE record (
        kind TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL,
        schema INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
        value BLOB NOT NULL, checksum BLOB NOT NULL,
        PRIMARY KEY (kind, account, region, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE event (
        sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
        subject TEXT NOT NULL, what TEXT NOT NULL, message TEXT NOT NULL
    ) STRICT;
    CREATE TABLE lease (
        name TEXT PRIMARY KEY, holder TEXT, token INTEGER NOT NULL, until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE metric_series (
        id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, namespace TEXT NOT NULL,
        name TEXT NOT NULL, dimensions TEXT NOT NULL, unit TEXT NOT NULL, last_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE metric_point (
        series INTEGER NOT NULL, tier INTEGER NOT NULL, at INTEGER NOT NULL, value BLOB NOT NULL,
        PRIMARY KEY (series, tier, at)
    ) STRICT, WITHOUT ROWID;
"];

/// Opens the file, makes its tables when it is new, and checks that it can be trusted.
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let unusable = |source| OpenError::Directory { path: directory.to_owned(), source };
    create_private(path).and_then(|()| sync_directory(directory)).map_err(unusable)?;
    let mut connection = connect(path).failing(path)?;
    check_owner(&connection, path)?;
    connection.pragma_update(None, "journal_mode", "WAL").failing(path)?;
    connection.pragma_update(None, "journal_size_limit", MAXIMUM_IDLE_LOG_BYTES).failing(path)?;
    bring_forward(&mut connection).failing(path)?;
    check_structure(&connection, path)?;
    Ok(connection)
}

/// A connection with the settings that all connections share.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_LIMIT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Refuses files of other programs and of newer versions before anything is written.
fn check_owner(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let application = pragma(connection, "application_id").failing(path)?;
    let found = pragma(connection, "user_version").failing(path)?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).failing(path)?;
    if application == 0 && found == 0 && tables == 0 {
        return Ok(());
    }
    if application != APPLICATION_ID {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    if found > FILE_VERSION {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: FILE_VERSION });
    }
    Ok(())
}

fn bring_forward(connection: &mut Connection) -> rusqlite::Result<()> {
    let found = pragma(connection, "user_version")?;
    if found == FILE_VERSION {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for (version, statements) in (0..).zip(VERSIONS) {
        if version >= found {
            transaction.execute_batch(statements)?;
        }
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FILE_VERSION)?;
    transaction.commit()
}

fn check_structure(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    for table in CHECKED_TABLES {
        let found: String =
            connection.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0)).failing(path)?;
        if found != "ok" {
            return Err(damaged(path, &found).into());
        }
    }
    Ok(())
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// The error of a file whose content cannot be trusted.
pub(super) fn damaged(path: &Path, detail: &str) -> BackendError {
    BackendError::Damaged { path: path.display().to_string(), detail: detail.to_owned() }
}

/// What an error of SQLite means for the file.
pub(super) fn backend_error(path: &Path, error: &Error) -> BackendError {
    let (shown, detail) = (path.display().to_string(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => BackendError::Full { path: shown, detail },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => BackendError::Damaged { path: shown, detail },
        Some(_) | None => BackendError::Io { path: shown, detail },
    }
}

/// Names the file in errors of SQLite.
pub(super) trait Failing<T> {
    /// The same result with an error of the backend.
    fn failing(self, path: &Path) -> Result<T, BackendError>;
}

impl<T> Failing<T> for rusqlite::Result<T> {
    fn failing(self, path: &Path) -> Result<T, BackendError> {
        self.map_err(|error| backend_error(path, &error))
    }
}

/// SQLite's integers are signed; none of ours reaches the end of that range.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// See [`signed`].
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
