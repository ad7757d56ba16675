//! How metric points reach the file and come back: what one flush carries, and reading beside the writer.

use super::{SeriesId, SeriesKey, Tier};
use crate::backend::BackendError;
use model::{Timestamp, cloudwatch::statistics::Sample};
use std::{collections::BTreeMap, sync::Arc};

/// Names one stored point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// The series.
    pub series: SeriesId,
    /// How long a stretch it sums up.
    pub tier: Tier,
    /// The start of that stretch.
    pub at: Timestamp,
}

/// A point: the start of its stretch of time, and what is known of the values in it.
pub type PointRow = (Timestamp, Sample);

/// A stored series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesRow {
    /// Its number in the file.
    pub id: SeriesId,
    /// What it is.
    pub key: Arc<SeriesKey>,
    /// The time of its newest point.
    pub last_at: Timestamp,
}

/// What one flush writes, all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct MetricBatch {
    /// Grows by one with each flush; kept in the file, so that a reader can tell which flushes it sees.
    pub generation: u64,
    /// Points from here on are in memory too. Loading begins here.
    pub floor: Timestamp,
    /// Series that are new, or have newer points.
    pub series: Vec<SeriesRow>,
    /// Series without a point left.
    pub removed: Vec<SeriesId>,
    /// Points that replace what is stored.
    pub replace: Vec<(Slot, Sample)>,
    /// Points that are merged into what is stored.
    pub merge: Vec<(Slot, Sample)>,
    /// What is older than its tier keeps: delete points of the tier before the time.
    pub expire: Vec<(Tier, Timestamp)>,
    /// Series whose points of a second are deleted before this time.
    pub shorten: (Vec<SeriesId>, Timestamp),
}

/// What was stored, at the start of the process.
#[derive(Debug, Default)]
pub struct ArchiveState {
    /// Of the last flush.
    pub generation: u64,
    /// Of the last flush.
    pub floor: Timestamp,
    /// All series.
    pub series: Vec<SeriesRow>,
    /// All points from the floor on.
    pub recent: Vec<(Slot, Sample)>,
}

/// Reads stored points while the writer works.
pub trait MetricArchive: Send {
    /// All series and the newest points.
    fn load(&mut self) -> Result<ArchiveState, BackendError>;

    /// The stored points of a series from `from` (inclusive) to `to` (exclusive) in order, with the generation of the
    /// newest flush among them.
    fn points(
        &mut self,
        series: SeriesId,
        tier: Tier,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(u64, Vec<PointRow>), BackendError>;
}

/// The same tables in memory.
#[derive(Debug, Default)]
pub struct MetricTables {
    generation: u64,
    floor: Timestamp,
    series: BTreeMap<SeriesId, SeriesRow>,
    points: BTreeMap<Slot, Sample>,
}

impl MetricTables {
    /// Does what a flush says.
    pub fn apply(&mut self, batch: &MetricBatch) {
        self.generation = batch.generation;
        self.floor = batch.floor;
        self.series.extend(batch.series.iter().map(|row| (row.id, row.clone())));
        self.points.extend(batch.replace.iter().cloned());
        for (slot, sample) in &batch.merge {
            let merged = merged(self.points.get(slot), sample);
            self.points.insert(*slot, merged);
        }
        for (tier, before) in &batch.expire {
            self.points.retain(|slot, _| slot.tier != *tier || slot.at >= *before);
        }
        let (shortened, before) = &batch.shorten;
        for series in shortened {
            let slot = |at| Slot { series: *series, tier: Tier::Second, at };
            let old: Vec<Slot> =
                self.points.range(slot(Timestamp::from_millis(i64::MIN))..slot(*before)).map(|(s, _)| *s).collect();
            old.iter().for_each(|slot| drop(self.points.remove(slot)));
        }
        for id in &batch.removed {
            self.series.remove(id);
            self.points.retain(|slot, _| slot.series != *id);
        }
    }

    /// See [`MetricArchive::load`].
    pub fn load(&self) -> ArchiveState {
        let recent = self.points.iter().filter(|(slot, _)| slot.at >= slot.tier.floor(self.floor));
        ArchiveState {
            generation: self.generation,
            floor: self.floor,
            series: self.series.values().cloned().collect(),
            recent: recent.map(|(slot, sample)| (*slot, sample.clone())).collect(),
        }
    }

    /// See [`MetricArchive::points`].
    pub fn points(&self, series: SeriesId, tier: Tier, from: Timestamp, to: Timestamp) -> (u64, Vec<PointRow>) {
        if to <= from {
            return (self.generation, Vec::new());
        }
        let slot = |at| Slot { series, tier, at };
        let rows = self.points.range(slot(from)..slot(to));
        (self.generation, rows.map(|(slot, sample)| (slot.at, sample.clone())).collect())
    }
}

/// What is known of both together.
pub fn merged(old: Option<&Sample>, new: &Sample) -> Sample {
    let old = old.map(|old| [old.clone(), new.clone()]);
    old.and_then(|both| Sample::merge_all(&both)).unwrap_or_else(|| new.clone())
}
