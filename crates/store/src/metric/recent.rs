//! The newest points in memory, and what the file does not have yet. Pure: time and the file's content are arguments.
//!
//! A point at or after the *floor* is wholly in memory and is written to the file as it is. A value for a point before
//! the floor (CloudWatch accepts values two weeks late) is kept apart until the next flush, which merges it into the
//! file. What the file has is told by its *generation*, which each flush raises by one.

use super::{
    MAXIMUM_POINTS_PER_FLUSH, MAXIMUM_SERIES, MAXIMUM_UNSAVED_POINTS, MetricDatum, MetricFilter, MetricPoint,
    PutMetricError, RECENT, Resolution, SeriesId, SeriesKey, Tier,
    archive::{ArchiveState, MetricBatch, PointRow, SeriesRow, Slot, merged},
};
use model::{
    Scope, Timestamp,
    cloudwatch::{
        metric::Metric,
        statistics::{Periods, Sample},
    },
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often points that are too old are looked for. CloudWatch's shortest retention is three hours.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(3600);

/// See the module.
pub(super) struct Recent {
    ids: BTreeMap<SeriesKey, SeriesId>,
    series: BTreeMap<SeriesId, SeriesRow>,
    next_id: u64,
    /// Points at or after the floor.
    points: BTreeMap<Slot, Sample>,
    floor: Timestamp,
    unsaved: Unsaved,
    /// What the running flush carries, until it is known how it ended.
    flushing: Option<MetricBatch>,
    /// Of the last flush that succeeded.
    generation: u64,
    expired_at: Option<Timestamp>,
}

/// What the next flush carries.
#[derive(Default)]
struct Unsaved {
    series: BTreeSet<SeriesId>,
    /// Points at or after the floor that changed.
    changed: BTreeSet<Slot>,
    /// What came for points before the floor.
    late: BTreeMap<Slot, Sample>,
}

/// What a read of the file must cover, and the state of affairs that it was planned in.
#[derive(Clone, Debug)]
pub(super) struct ReadPlan {
    pub(super) series: SeriesId,
    pub(super) unit: String,
    pub(super) tier: Tier,
    /// Empty when all of it is in memory.
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    floor: Timestamp,
}

/// The state of affairs has changed since the plan was made: plan and read again.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outdated;

impl Recent {
    pub(super) fn new(state: ArchiveState) -> Self {
        let ArchiveState { generation, floor, series, recent } = state;
        Self {
            next_id: series.iter().map(|row| row.id.0 + 1).max().unwrap_or(1),
            ids: series.iter().map(|row| (row.key.clone(), row.id)).collect(),
            series: series.into_iter().map(|row| (row.id, row)).collect(),
            points: recent.into_iter().collect(),
            floor,
            unsaved: Unsaved::default(),
            flushing: None,
            generation,
            expired_at: None,
        }
    }

    /// Counts all of the data, or none when one of them is not acceptable.
    pub(super) fn put(&mut self, scope: &Scope, data: Vec<MetricDatum>, now: Timestamp) -> Result<(), PutMetricError> {
        let keyed: Vec<(SeriesKey, MetricDatum)> = data.into_iter().map(|datum| (key(scope, &datum), datum)).collect();
        self.check(&keyed)?;
        for (key, datum) in keyed {
            let series = self.series_of(key, datum.at);
            for tier in tiers(datum.resolution) {
                let slot = Slot { series, tier: *tier, at: datum.at.period_start(tier.seconds()) };
                if now.since(slot.at) <= tier.retention() {
                    self.count(slot, &datum.sample);
                }
            }
        }
        Ok(())
    }

    fn check(&self, keyed: &[(SeriesKey, MetricDatum)]) -> Result<(), PutMetricError> {
        if let Some((key, _)) = keyed.iter().find(|(_, datum)| !is_finite(&datum.sample)) {
            return Err(PutMetricError::NotFinite(key.metric.name.clone()));
        }
        let new: BTreeSet<&SeriesKey> =
            keyed.iter().map(|(key, _)| key).filter(|key| !self.ids.contains_key(*key)).collect();
        if self.series.len() + new.len() > MAXIMUM_SERIES {
            return Err(PutMetricError::TooManySeries);
        }
        if self.unsaved.changed.len() + self.unsaved.late.len() > MAXIMUM_UNSAVED_POINTS {
            return Err(PutMetricError::TooManyUnsaved);
        }
        Ok(())
    }

    fn series_of(&mut self, key: SeriesKey, at: Timestamp) -> SeriesId {
        let id = *self.ids.entry(key.clone()).or_insert_with(|| {
            self.next_id += 1;
            SeriesId(self.next_id - 1)
        });
        let row = self.series.entry(id).or_insert(SeriesRow { id, key, last_at: at });
        row.last_at = row.last_at.max(at);
        self.unsaved.series.insert(id);
        id
    }

    fn count(&mut self, slot: Slot, sample: &Sample) {
        let points = if slot.at >= slot.tier.floor(self.floor) {
            self.unsaved.changed.insert(slot);
            &mut self.points
        } else {
            &mut self.unsaved.late
        };
        let merged = merged(points.get(&slot), sample);
        points.insert(slot, merged);
    }

    /// Takes the next part of what is to be saved; `None` when there is nothing. Ends with [`Recent::saved`] or
    /// [`Recent::not_saved`] before the next is taken.
    pub(super) fn begin_flush(&mut self, now: Timestamp) -> Option<MetricBatch> {
        let replace = self.take_changed();
        let left = MAXIMUM_POINTS_PER_FLUSH - replace.len();
        let merge = self.take_late(left);
        let series = std::mem::take(&mut self.unsaved.series);
        let (expire, removed) = self.begin_expiry(now);
        if replace.is_empty() && merge.is_empty() && series.is_empty() && expire.is_empty() {
            return None;
        }
        let batch = MetricBatch {
            generation: self.generation + 1,
            // Only when nothing is left to save may what is older leave the memory.
            floor: if self.unsaved.is_empty() { self.floor.max(now.minus(RECENT)) } else { self.floor },
            series: series.iter().filter_map(|id| self.series.get(id).cloned()).collect(),
            removed,
            replace,
            merge,
            expire,
        };
        self.flushing = Some(batch.clone());
        Some(batch)
    }

    fn take_changed(&mut self) -> Vec<(Slot, Sample)> {
        let slots: Vec<Slot> = self.unsaved.changed.iter().take(MAXIMUM_POINTS_PER_FLUSH).copied().collect();
        let mut taken = Vec::with_capacity(slots.len());
        for slot in slots {
            self.unsaved.changed.remove(&slot);
            taken.extend(self.points.get(&slot).map(|sample| (slot, sample.clone())));
        }
        taken
    }

    fn take_late(&mut self, limit: usize) -> Vec<(Slot, Sample)> {
        std::iter::from_fn(|| self.unsaved.late.pop_first()).take(limit).collect()
    }

    fn begin_expiry(&mut self, now: Timestamp) -> (Vec<(Tier, Timestamp)>, Vec<SeriesId>) {
        if self.expired_at.is_some_and(|last| now.since(last) < EXPIRY_INTERVAL) {
            return (Vec::new(), Vec::new());
        }
        self.expired_at = Some(now);
        let expire = Tier::ALL.map(|tier| (tier, now.minus(tier.retention()))).to_vec();
        let forgotten = now.minus(Tier::Hour.retention());
        let removed: Vec<SeriesId> =
            self.series.values().filter(|row| row.last_at < forgotten).map(|row| row.id).collect();
        for id in &removed {
            if let Some(row) = self.series.remove(id) {
                self.ids.remove(&row.key);
            }
        }
        (expire, removed)
    }

    /// The running flush is in the file.
    pub(super) fn saved(&mut self) {
        let Some(batch) = self.flushing.take() else { return };
        self.generation = batch.generation;
        let stays = |slot: &Slot| slot.at >= slot.tier.floor(batch.floor);
        // A point that changed again while it was being saved must be saved again before it may go.
        if self.unsaved.changed.iter().all(stays) {
            self.points.retain(|slot, _| stays(slot));
            self.floor = batch.floor;
        }
    }

    /// The running flush is not in the file: all of it waits for the next one.
    pub(super) fn not_saved(&mut self) {
        let Some(batch) = self.flushing.take() else { return };
        self.unsaved.series.extend(batch.series.iter().map(|row| row.id));
        self.unsaved.changed.extend(batch.replace.iter().map(|(slot, _)| *slot));
        for (slot, sample) in batch.merge {
            let all = merged(self.unsaved.late.get(&slot), &sample);
            self.unsaved.late.insert(slot, all);
        }
        // The rows of removed series have no points left, so they are found again after the next start.
        self.expired_at = None;
    }

    /// How to answer a question about one metric: one plan for each unit that it was recorded in.
    pub(super) fn plan(&self, scope: &Scope, metric: &Metric, unit: Option<&str>, periods: &Periods) -> Vec<ReadPlan> {
        let tier = tier_for(periods);
        let first = SeriesKey { scope: scope.clone(), metric: metric.clone(), unit: String::new() };
        let floor = tier.floor(self.floor);
        self.ids
            .range(first..)
            .take_while(|(key, _)| key.scope == *scope && key.metric == *metric)
            .filter(|(key, _)| unit.is_none_or(|unit| unit == key.unit))
            .map(|(key, id)| ReadPlan {
                series: *id,
                unit: key.unit.clone(),
                tier,
                from: periods.start.period_start(tier.seconds()),
                to: periods.end.min(floor),
                floor: self.floor,
            })
            .collect()
    }

    /// The points of a plan: `stored` from the file as of `generation`, the rest from memory.
    pub(super) fn points(
        &self,
        plan: &ReadPlan,
        periods: &Periods,
        stored: Option<(u64, Vec<PointRow>)>,
    ) -> Result<Vec<MetricPoint>, Outdated> {
        let mut points = BTreeMap::new();
        if plan.floor != self.floor {
            // Points have left memory since.
            return Err(Outdated);
        }
        if let Some((generation, rows)) = stored {
            if self.generation > generation {
                // Memory has let go of a flush that the file did not have yet when it was read.
                return Err(Outdated);
            }
            points.extend(rows);
            self.add_late(plan, generation, &mut points);
        }
        let slot = |at| Slot { series: plan.series, tier: plan.tier, at };
        let start = periods.start.period_start(plan.tier.seconds());
        if start < periods.end {
            let newest = self.points.range(slot(start)..slot(periods.end));
            points.extend(newest.map(|(slot, sample)| (slot.at, sample.clone())));
        }
        Ok(aggregate(points, periods, &plan.unit))
    }

    /// Merges in what the file as of `generation` does not have.
    fn add_late(&self, plan: &ReadPlan, generation: u64, points: &mut BTreeMap<Timestamp, Sample>) {
        let flushing =
            self.flushing.iter().filter(|batch| batch.generation > generation).flat_map(|batch| &batch.merge);
        let waiting = self.unsaved.late.iter();
        for (slot, sample) in flushing.map(|(slot, sample)| (slot, sample)).chain(waiting) {
            let asked = slot.series == plan.series && slot.tier == plan.tier;
            if asked && slot.at >= plan.from && slot.at < plan.to {
                let all = merged(points.get(&slot.at), sample);
                points.insert(slot.at, all);
            }
        }
    }

    /// Metrics that fit, in order, beginning after `after`.
    pub(super) fn list(
        &self,
        scope: &Scope,
        filter: &MetricFilter,
        after: Option<&Metric>,
        limit: usize,
    ) -> Vec<Metric> {
        let least = Metric { namespace: String::new(), name: String::new(), dimensions: BTreeMap::new() };
        let metric = after.cloned().unwrap_or(least);
        let first = SeriesKey { scope: scope.clone(), metric, unit: String::new() };
        let mut found: Vec<Metric> = Vec::new();
        for (key, id) in self.ids.range(first..).take_while(|(key, _)| key.scope == *scope) {
            let active = self.series.get(id).is_some_and(|row| filter.active_since.is_none_or(|at| row.last_at >= at));
            // Series of one metric that differ in their unit are neighbours.
            let known = after == Some(&key.metric) || found.last() == Some(&key.metric);
            if active && !known && filter.fits(&key.metric) {
                if found.len() == limit {
                    break;
                }
                found.push(key.metric.clone());
            }
        }
        found
    }
}

impl Unsaved {
    fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.late.is_empty()
    }
}

fn key(scope: &Scope, datum: &MetricDatum) -> SeriesKey {
    SeriesKey { scope: scope.clone(), metric: datum.metric.clone(), unit: datum.unit.clone() }
}

fn is_finite(sample: &Sample) -> bool {
    let set = sample.set;
    [set.sample_count, set.sum, set.minimum, set.maximum].iter().all(|number| number.is_finite())
}

fn tiers(resolution: Resolution) -> &'static [Tier] {
    match resolution {
        Resolution::High => &Tier::ALL,
        Resolution::Standard => &Tier::ALL[1..],
    }
}

/// The coarsest points that fit into the periods: the fewest to read, and those that are kept longest.
fn tier_for(periods: &Periods) -> Tier {
    let fits = |tier: &Tier| {
        i64::from(periods.seconds) % tier.seconds() == 0 && periods.start == periods.start.period_start(tier.seconds())
    };
    Tier::ALL.into_iter().rev().find(fits).unwrap_or(if periods.seconds < 60 { Tier::Second } else { Tier::Minute })
}

fn aggregate(points: BTreeMap<Timestamp, Sample>, periods: &Periods, unit: &str) -> Vec<MetricPoint> {
    let merged = periods.aggregate(points).into_iter();
    merged.map(|(at, sample)| MetricPoint { at, unit: unit.to_owned(), sample }).collect()
}
