//! Metric points in the file, and the connection that reads them beside the writer.

use super::{
    file::{self, Failing, signed, unsigned},
    records::{meta, set_meta},
};
use crate::{
    backend::BackendError,
    metric::{
        SeriesId, SeriesKey, Tier,
        archive::{ArchiveState, MetricArchive, MetricBatch, PointRow, SeriesRow, Slot, merged},
        encode::{decode, encode},
    },
};
use model::{
    Scope, Timestamp,
    cloudwatch::{metric::Metric, statistics::Sample},
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Writes one flush.
pub(super) fn save(connection: &mut Connection, batch: &MetricBatch) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for row in &batch.series {
        save_series(&transaction, row)?;
    }
    for (slot, sample) in &batch.replace {
        save_point(&transaction, *slot, sample)?;
    }
    for (slot, sample) in &batch.merge {
        let old = stored_point(&transaction, *slot)?;
        save_point(&transaction, *slot, &merged(old.as_ref(), sample))?;
    }
    for (tier, before) in &batch.expire {
        expire(&transaction, *tier, *before)?;
    }
    let (shortened, before) = &batch.shorten;
    for id in shortened {
        transaction
            .prepare_cached("DELETE FROM metric_point WHERE series = ?1 AND tier = ?2 AND at < ?3")?
            .execute(params![signed(id.0), Tier::Second.seconds(), before.seconds()])?;
    }
    for id in &batch.removed {
        transaction.execute("DELETE FROM metric_point WHERE series = ?1", [signed(id.0)])?;
        transaction.execute("DELETE FROM metric_series WHERE id = ?1", [signed(id.0)])?;
    }
    set_meta(&transaction, "metric_generation", signed(batch.generation))?;
    set_meta(&transaction, "metric_floor", batch.floor.millis())?;
    transaction.commit()
}

fn save_series(transaction: &Transaction<'_>, row: &SeriesRow) -> rusqlite::Result<()> {
    let SeriesRow { id, key, last_at } = row;
    let SeriesKey { scope, metric, unit } = &**key;
    let dimensions = serde_json::to_string(&metric.dimensions).expect("text by text is always JSON");
    transaction
        .prepare_cached("INSERT OR REPLACE INTO metric_series VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute(params![
            signed(id.0),
            scope.account,
            scope.region,
            metric.namespace,
            metric.name,
            dimensions,
            unit,
            last_at.millis()
        ])?;
    Ok(())
}

fn save_point(transaction: &Transaction<'_>, slot: Slot, sample: &Sample) -> rusqlite::Result<()> {
    transaction.prepare_cached("INSERT OR REPLACE INTO metric_point VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        signed(slot.series.0),
        slot.tier.seconds(),
        slot.at.seconds(),
        encode(sample)
    ])?;
    Ok(())
}

fn stored_point(transaction: &Transaction<'_>, slot: Slot) -> rusqlite::Result<Option<Sample>> {
    let stored: Option<Vec<u8>> = transaction
        .prepare_cached("SELECT value FROM metric_point WHERE series = ?1 AND tier = ?2 AND at = ?3")?
        .query_row(params![signed(slot.series.0), slot.tier.seconds(), slot.at.seconds()], |row| row.get(0))
        .optional()?;
    Ok(stored.as_deref().and_then(decode))
}

/// By series, because that is how points are ordered.
fn expire(transaction: &Transaction<'_>, tier: Tier, before: Timestamp) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "DELETE FROM metric_point WHERE (series, tier, at) IN (
                SELECT point.series, point.tier, point.at FROM metric_series
                JOIN metric_point AS point ON point.series = metric_series.id
                WHERE point.tier = ?1 AND point.at < ?2)",
        )?
        .execute(params![tier.seconds(), before.seconds()])?;
    Ok(())
}

/// A connection that only reads.
pub(super) struct Archive {
    connection: Connection,
    path: PathBuf,
}

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Self, BackendError> {
        let connection = file::connect(path).failing(path)?;
        connection.pragma_update(None, "query_only", true).failing(path)?;
        Ok(Self { connection, path: path.to_owned() })
    }
}

impl MetricArchive for Archive {
    fn load(&mut self) -> Result<ArchiveState, BackendError> {
        self.connection.transaction().and_then(|transaction| load(&transaction)).failing(&self.path)
    }

    fn points(
        &mut self,
        series: SeriesId,
        tier: Tier,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(u64, Vec<PointRow>), BackendError> {
        let read = |transaction: Transaction<'_>| {
            let generation = unsigned(meta(&transaction, "metric_generation")?);
            Ok((generation, points(&transaction, series, tier, from.seconds()..to.seconds())?))
        };
        self.connection.transaction().and_then(read).failing(&self.path)
    }
}

fn load(transaction: &Transaction<'_>) -> rusqlite::Result<ArchiveState> {
    let floor = Timestamp::from_millis(meta(transaction, "metric_floor")?);
    let series = series(transaction)?;
    let mut recent = Vec::new();
    for row in &series {
        for tier in Tier::ALL {
            let newest = points(transaction, row.id, tier, tier.floor(floor).seconds()..i64::MAX)?;
            recent.extend(newest.into_iter().map(|(at, sample)| (Slot { series: row.id, tier, at }, sample)));
        }
    }
    Ok(ArchiveState { generation: unsigned(meta(transaction, "metric_generation")?), floor, series, recent })
}

fn series(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<SeriesRow>> {
    let mut statement = transaction
        .prepare("SELECT id, account, region, namespace, name, dimensions, unit, last_at FROM metric_series")?;
    let rows = statement.query_map([], |row| {
        let dimensions: String = row.get(5)?;
        let dimensions: Option<BTreeMap<String, String>> = serde_json::from_str(&dimensions).ok();
        let Some(dimensions) = dimensions else { return Ok(None) };
        let scope = Scope { account: row.get(1)?, region: row.get(2)? };
        let metric = Metric { namespace: row.get(3)?, name: row.get(4)?, dimensions };
        let key = Arc::new(SeriesKey { scope, metric, unit: row.get(6)? });
        Ok(Some(SeriesRow { id: SeriesId(unsigned(row.get(0)?)), key, last_at: Timestamp::from_millis(row.get(7)?) }))
    })?;
    let mut series = Vec::new();
    for row in rows {
        match row? {
            Some(row) => series.push(row),
            None => tracing::error!("a stored metric series cannot be read and is left out"),
        }
    }
    Ok(series)
}

fn points(
    transaction: &Transaction<'_>,
    series: SeriesId,
    tier: Tier,
    seconds: std::ops::Range<i64>,
) -> rusqlite::Result<Vec<PointRow>> {
    let mut statement = transaction.prepare_cached(
        "SELECT at, value FROM metric_point WHERE series = ?1 AND tier = ?2 AND at >= ?3 AND at < ?4 ORDER BY at",
    )?;
    let rows = statement.query_map(params![signed(series.0), tier.seconds(), seconds.start, seconds.end], |row| {
        let value = row.get_ref(1)?.as_blob()?;
        Ok((Timestamp::from_seconds(row.get(0)?), decode(value)))
    })?;
    let mut points = Vec::new();
    for row in rows {
        match row? {
            (at, Some(sample)) => points.push((at, sample)),
            (at, None) => tracing::error!(series = series.0, %at, "a stored metric point is damaged and is left out"),
        }
    }
    Ok(points)
}
