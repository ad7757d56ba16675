//! The newest points in memory, and what the file does not have yet. Pure: time and the file's content are arguments.
//!
//! A point at or after the *floor* is wholly in memory and is written to the file as it is. A value for a point before
//! the floor (CloudWatch accepts values two weeks late) is kept apart until the next flush, which merges it into the
//! file. What the file has is told by its *generation*, which each flush raises by one.

use super::{
    MAXIMUM_POINTS_PER_FLUSH, MAXIMUM_SERIES, MAXIMUM_UNSAVED_POINTS, MetricDatum, MetricFilter, MetricPoint,
    PutMetricError, RECENT, RECENT_SECONDS, Resolution, SeriesId, SeriesKey, Tier,
    archive::{ArchiveState, MetricBatch, PointRow, SeriesRow, Slot, merged},
    points::Points,
};
use model::{
    Scope, Timestamp,
    cloudwatch::{
        metric::Metric,
        statistics::{Distribution, Periods, Sample},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// How often points that are too old are looked for. CloudWatch's shortest retention is three hours.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(3600);
/// How often points of a second that were sampled are taken out of the file.
const SHORTEN_INTERVAL: Duration = Duration::from_secs(60);

/// See the module.
pub(super) struct Recent {
    ids: BTreeMap<Arc<SeriesKey>, SeriesId>,
    series: BTreeMap<SeriesId, SeriesRow>,
    next_id: u64,
    /// Points at or after the floor.
    points: Points,
    /// Series with sampled points of a second that are, or may be, in the file.
    sampled: BTreeSet<SeriesId>,
    shortened_at: Timestamp,
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
            sampled: BTreeSet::new(),
            shortened_at: Timestamp::default(),
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
            if datum.resolution == Resolution::Sampled {
                self.sampled.insert(series);
            }
            for tier in datum.resolution.tiers() {
                let slot = Slot { series, tier: *tier, at: datum.at.period_start(tier.seconds()) };
                if now.since(slot.at) <= datum.resolution.retention(*tier) {
                    self.count(slot, &datum.sample, datum.resolution.distinct_values(*tier));
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
        let id = self.ids.get(&key).copied().unwrap_or_else(|| self.add_series(key, at));
        if let Some(row) = self.series.get_mut(&id) {
            row.last_at = row.last_at.max(at);
        }
        self.unsaved.series.insert(id);
        id
    }

    fn add_series(&mut self, key: SeriesKey, at: Timestamp) -> SeriesId {
        let (id, key) = (SeriesId(self.next_id), Arc::new(key));
        self.next_id += 1;
        self.ids.insert(key.clone(), id);
        self.series.insert(id, SeriesRow { id, key, last_at: at });
        id
    }

    fn count(&mut self, slot: Slot, sample: &Sample, distinct_values: Option<usize>) {
        let limited = |sample: Sample| match distinct_values {
            Some(most) => narrowed(sample, most),
            None => sample,
        };
        if slot.at >= slot.tier.floor(self.floor) {
            self.unsaved.changed.insert(slot);
            let all = merged(self.points.get(&slot).as_ref(), sample);
            self.points.insert(slot, limited(all));
        } else {
            let all = merged(self.unsaved.late.get(&slot), sample);
            self.unsaved.late.insert(slot, limited(all));
        }
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
            floor: if self.unsaved.is_empty() {
                self.floor.max(now.minus(RECENT).period_start(60))
            } else {
                self.floor
            },
            series: series.iter().filter_map(|id| self.series.get(id).cloned()).collect(),
            removed,
            replace,
            merge,
            expire,
            shorten: self.begin_shortening(now),
        };
        self.flushing = Some(batch.clone());
        Some(batch)
    }

    /// Forgets everything, and takes what makes the file forget it too. Ends like a flush.
    pub(super) fn begin_clear(&mut self) -> MetricBatch {
        let batch = MetricBatch {
            generation: self.generation + 1,
            floor: self.floor,
            removed: self.series.keys().copied().collect(),
            expire: Tier::ALL.map(|tier| (tier, Timestamp::from_millis(i64::MAX))).to_vec(),
            ..MetricBatch::default()
        };
        self.ids.clear();
        self.series.clear();
        self.points.clear();
        self.sampled.clear();
        self.unsaved = Unsaved::default();
        self.flushing = Some(batch.clone());
        batch
    }

    fn take_changed(&mut self) -> Vec<(Slot, Sample)> {
        let slots: Vec<Slot> = self.unsaved.changed.iter().take(MAXIMUM_POINTS_PER_FLUSH).copied().collect();
        let mut taken = Vec::with_capacity(slots.len());
        for slot in slots {
            self.unsaved.changed.remove(&slot);
            taken.extend(self.points.get(&slot).map(|sample| (slot, sample)));
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

    /// What a flush takes out of the file of series that are sampled by the second.
    fn begin_shortening(&mut self, now: Timestamp) -> (Vec<SeriesId>, Timestamp) {
        let before = now.minus(RECENT_SECONDS);
        if self.shortened_at <= now && now.since(self.shortened_at) < SHORTEN_INTERVAL {
            return (Vec::new(), before);
        }
        self.shortened_at = now;
        let shorten = self.sampled.iter().copied().collect();
        // Those that are not sampled any more have nothing left there after this time.
        let series = &self.series;
        self.sampled.retain(|id| series.get(id).is_some_and(|row| row.last_at >= before));
        (shorten, before)
    }

    /// The running flush is in the file.
    pub(super) fn saved(&mut self) {
        let Some(batch) = self.flushing.take() else { return };
        self.generation = batch.generation;
        let stays = |slot: &Slot| slot.at >= slot.tier.floor(batch.floor);
        // A point that changed again while it was being saved must be saved again before it may go.
        if batch.floor > self.floor && self.unsaved.changed.iter().all(stays) {
            self.points.forget_before(batch.floor);
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
            .range::<SeriesKey, _>(&first..)
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
        let start = periods.start.period_start(plan.tier.seconds());
        points.extend(self.points.range(plan.series, plan.tier, start..periods.end));
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
        for (key, id) in self.ids.range::<SeriesKey, _>(&first..).take_while(|(key, _)| key.scope == *scope) {
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

fn narrowed(sample: Sample, distinct_values: usize) -> Sample {
    let Sample { set, distribution } = sample;
    Sample { set, distribution: distribution.map(|values| Distribution::within(values, distinct_values)) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::archive::MetricTables;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_176_000);
    const TEN_HOURS: Duration = Duration::from_secs(36_000);

    fn scope() -> Scope {
        Scope::new("123456789012", "ap-northeast-2")
    }

    fn metric() -> Metric {
        Metric::new("App", "Latency", [])
    }

    fn datum(at: Timestamp) -> MetricDatum {
        let sample = Sample::of_values([(1.0, 1.0)]).unwrap();
        MetricDatum { metric: metric(), unit: "None".to_owned(), at, resolution: Resolution::Standard, sample }
    }

    /// The hour that is ten hours ago: long out of memory.
    fn periods() -> Periods {
        Periods {
            start: NOW.minus(TEN_HOURS),
            end: NOW.minus(TEN_HOURS).plus(Duration::from_secs(3600)),
            seconds: 3600,
        }
    }

    fn plan(recent: &Recent) -> ReadPlan {
        recent.plan(&scope(), &metric(), None, &periods()).remove(0)
    }

    fn read(tables: &MetricTables, plan: &ReadPlan) -> Option<(u64, Vec<PointRow>)> {
        Some(tables.points(plan.series, plan.tier, plan.from, plan.to))
    }

    fn count(points: Result<Vec<MetricPoint>, Outdated>) -> Result<f64, Outdated> {
        Ok(points?.iter().map(|point| point.sample.set.sample_count).sum())
    }

    /// One value in the file, and one more for the same point on its way.
    fn with_a_late_value() -> (Recent, MetricTables) {
        let (mut recent, mut tables) = (Recent::new(ArchiveState::default()), MetricTables::default());
        recent.put(&scope(), vec![datum(NOW.minus(TEN_HOURS))], NOW).unwrap();
        tables.apply(&recent.begin_flush(NOW).unwrap());
        recent.saved();
        recent.put(&scope(), vec![datum(NOW.minus(TEN_HOURS))], NOW).unwrap();
        (recent, tables)
    }

    #[test]
    fn a_late_value_is_counted_once_wherever_the_read_falls_between_the_steps_of_a_flush() {
        let (mut recent, mut tables) = with_a_late_value();
        let plan = plan(&recent);
        let before = read(&tables, &plan);
        assert_eq!(count(recent.points(&plan, &periods(), before.clone())), Ok(2.0), "it waits");
        let batch = recent.begin_flush(NOW).unwrap();
        assert_eq!(count(recent.points(&plan, &periods(), before.clone())), Ok(2.0), "it is on its way");
        tables.apply(&batch);
        let after = read(&tables, &plan);
        assert_eq!(
            count(recent.points(&plan, &periods(), before.clone())),
            Ok(2.0),
            "the file was read before it came"
        );
        assert_eq!(count(recent.points(&plan, &periods(), after.clone())), Ok(2.0), "the file has it, memory too");
        recent.saved();
        assert_eq!(count(recent.points(&plan, &periods(), before)), Err(Outdated), "nobody has it: read again");
        assert_eq!(count(recent.points(&plan, &periods(), after)), Ok(2.0), "the file has it");
    }

    #[test]
    fn a_flush_that_failed_is_carried_by_the_next_one() {
        let (mut recent, mut tables) = with_a_late_value();
        let plan = plan(&recent);
        recent.begin_flush(NOW).unwrap();
        recent.put(&scope(), vec![datum(NOW.minus(TEN_HOURS))], NOW).unwrap();
        recent.not_saved();
        assert_eq!(count(recent.points(&plan, &periods(), read(&tables, &plan))), Ok(3.0));
        tables.apply(&recent.begin_flush(NOW).unwrap());
        recent.saved();
        assert_eq!(count(recent.points(&plan, &periods(), read(&tables, &plan))), Ok(3.0));
        assert_eq!(recent.begin_flush(NOW).map(|batch| batch.generation), None, "nothing is left");
    }

    #[test]
    fn a_plan_from_before_points_left_memory_is_outdated() {
        let mut recent = Recent::new(ArchiveState::default());
        recent.put(&scope(), vec![datum(NOW.minus(TEN_HOURS))], NOW.minus(TEN_HOURS)).unwrap();
        let plan = plan(&recent);
        assert_eq!(count(recent.points(&plan, &periods(), None)), Ok(1.0), "all of it is in memory");
        recent.begin_flush(NOW).unwrap();
        recent.saved();
        assert_eq!(count(recent.points(&plan, &periods(), None)), Err(Outdated));
    }

    #[test]
    fn a_point_that_changes_while_it_is_saved_stays_in_memory_until_it_is_saved_again() {
        let (mut recent, mut tables) = (Recent::new(ArchiveState::default()), MetricTables::default());
        let old = NOW.minus(TEN_HOURS);
        recent.put(&scope(), vec![datum(old)], old).unwrap();
        tables.apply(&recent.begin_flush(NOW).unwrap());
        recent.put(&scope(), vec![datum(old)], NOW).unwrap();
        recent.saved();
        for round in ["still in memory", "in the file"] {
            let plan = plan(&recent);
            let stored = (plan.from < plan.to).then(|| read(&tables, &plan)).flatten();
            assert_eq!(stored.is_some(), round == "in the file");
            assert_eq!(count(recent.points(&plan, &periods(), stored)), Ok(2.0), "{round}");
            if let Some(batch) = recent.begin_flush(NOW) {
                tables.apply(&batch);
                recent.saved();
            }
        }
    }

    /// The sums of one-second points of the last two hours, in memory and in the file.
    fn seconds(recent: &Recent, tables: &MetricTables, now: Timestamp) -> f64 {
        let periods = Periods { start: now.minus(Duration::from_secs(7200)), end: now, seconds: 1 };
        let plan = recent.plan(&scope(), &metric(), None, &periods).remove(0);
        let stored = (plan.from < plan.to).then(|| read(tables, &plan)).flatten();
        count(recent.points(&plan, &periods, stored)).unwrap()
    }

    #[test]
    fn sampled_seconds_are_kept_for_a_quarter_of_an_hour_and_others_for_hours() {
        for (resolution, kept) in [(Resolution::Sampled, 900.0..=1000.0), (Resolution::High, 7200.0..=7200.0)] {
            let (mut recent, mut tables) = (Recent::new(ArchiveState::default()), MetricTables::default());
            let mut now = NOW;
            for second in 0..7200 {
                let sample = Sample::of_value(f64::from(second % 100));
                recent.put(&scope(), vec![MetricDatum { sample, resolution, ..datum(now) }], now).unwrap();
                now = now.plus(Duration::from_secs(1));
                if second % 10 == 9 {
                    tables.apply(&recent.begin_flush(now).unwrap());
                    recent.saved();
                }
            }
            let found = seconds(&recent, &tables, now);
            assert!(kept.contains(&found), "{resolution:?}: {found}");
            let again = Recent::new(tables.load());
            assert_eq!(seconds(&again, &tables, now), found, "{resolution:?}, after a restart");
        }
    }

    #[test]
    fn sampled_minutes_keep_their_sums_and_few_values() {
        let mut recent = Recent::new(ArchiveState::default());
        for second in 0..60 {
            let datum = MetricDatum {
                sample: Sample::of_value(second as f64),
                resolution: Resolution::Sampled,
                ..datum(NOW.plus(Duration::from_secs(second)))
            };
            recent.put(&scope(), vec![datum], NOW).unwrap();
        }
        let periods = Periods { start: NOW, end: NOW.plus(Duration::from_secs(60)), seconds: 60 };
        let plan = recent.plan(&scope(), &metric(), None, &periods).remove(0);
        let point = recent.points(&plan, &periods, None).unwrap().remove(0);
        let set = point.sample.set;
        assert_eq!((set.sample_count, set.sum, set.minimum, set.maximum), (60.0, 1770.0, 0.0, 59.0));
        assert!(point.sample.distribution.unwrap().values().len() <= crate::metric::SAMPLED_VALUES);
    }

    #[test]
    fn a_flush_takes_a_bounded_part_at_a_time() {
        let mut recent = Recent::new(ArchiveState::default());
        let minutes = i64::try_from(MAXIMUM_POINTS_PER_FLUSH).unwrap();
        for minute in 0..minutes {
            recent.put(&scope(), vec![datum(NOW.plus(Duration::from_secs(60 * minute.unsigned_abs())))], NOW).unwrap();
        }
        let mut parts = Vec::new();
        while let Some(batch) = recent.begin_flush(NOW) {
            parts.push(batch.replace.len());
            assert!(batch.replace.len() <= MAXIMUM_POINTS_PER_FLUSH);
            recent.saved();
        }
        let points = MAXIMUM_POINTS_PER_FLUSH + MAXIMUM_POINTS_PER_FLUSH / 5 + MAXIMUM_POINTS_PER_FLUSH / 60;
        assert!(parts.len() == 2 && parts.iter().sum::<usize>() >= points, "{parts:?}");
    }
}
