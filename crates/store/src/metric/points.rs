//! Points in memory, packed: a fleet that is sampled every second has very many of one value each.
//!
//! Points of one series and length lie side by side in the order of time; a point of a single value is that value alone.

use super::{
    SeriesId, Tier,
    archive::{PointRow, Slot},
};
use model::{Timestamp, cloudwatch::statistics::Sample};
use std::{
    collections::{BTreeMap, VecDeque},
    ops::Range,
};

/// Room for so many points may be empty in a series before it is given back.
const MAXIMUM_SPARE: usize = 64;

/// See the module.
#[derive(Default)]
pub(super) struct Points(BTreeMap<(SeriesId, Tier), VecDeque<(Timestamp, Packed)>>);

/// A point as it lies in memory: 16 bytes for most.
enum Packed {
    /// A single value that was seen once.
    One(f64),
    /// Anything else.
    Sample(Box<Sample>),
}

impl Packed {
    fn of(sample: Sample) -> Self {
        match sample.distribution.as_ref().map(|distribution| distribution.values()) {
            Some([(value, count)]) if *count == 1.0 && sample.set.sum == *value => Self::One(*value),
            Some(_) | None => Self::Sample(Box::new(sample)),
        }
    }

    fn unpacked(&self) -> Sample {
        match self {
            Self::One(value) => Sample::of_value(*value),
            Self::Sample(sample) => Sample::clone(sample),
        }
    }
}

impl Points {
    /// The point there.
    pub(super) fn get(&self, slot: &Slot) -> Option<Sample> {
        let points = self.0.get(&(slot.series, slot.tier))?;
        let place = points.binary_search_by_key(&slot.at, |(at, _)| *at).ok()?;
        points.get(place).map(|(_, packed)| packed.unpacked())
    }

    /// Puts the point there, in the place of an older one.
    pub(super) fn insert(&mut self, slot: Slot, sample: Sample) {
        let points = self.0.entry((slot.series, slot.tier)).or_default();
        let packed = Packed::of(sample);
        match points.binary_search_by_key(&slot.at, |(at, _)| *at) {
            Ok(place) => points[place].1 = packed,
            Err(place) => points.insert(place, (slot.at, packed)),
        }
    }

    /// The points of a series in a stretch of time, in order.
    pub(super) fn range(
        &self,
        series: SeriesId,
        tier: Tier,
        times: Range<Timestamp>,
    ) -> impl Iterator<Item = PointRow> {
        let points = self.0.get(&(series, tier)).into_iter();
        points.flat_map(move |points| {
            let first = points.partition_point(|(at, _)| *at < times.start);
            let end = points.partition_point(|(at, _)| *at < times.end).max(first);
            points.range(first..end).map(|(at, packed)| (*at, packed.unpacked()))
        })
    }

    /// Forgets what is before the floor of its length.
    pub(super) fn forget_before(&mut self, floor: Timestamp) {
        self.0.retain(|(_, tier), points| {
            let old = points.partition_point(|(at, _)| *at < tier.floor(floor));
            points.drain(..old);
            if points.capacity() - points.len() > MAXIMUM_SPARE.max(points.len()) {
                points.shrink_to(points.len() + points.len() / 4);
            }
            !points.is_empty()
        });
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl FromIterator<(Slot, Sample)> for Points {
    fn from_iter<I: IntoIterator<Item = (Slot, Sample)>>(rows: I) -> Self {
        let mut points = Self::default();
        rows.into_iter().for_each(|(slot, sample)| points.insert(slot, sample));
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::cloudwatch::metric::StatisticSet;

    fn slot(series: u64, at: i64) -> Slot {
        Slot { series: SeriesId(series), tier: Tier::Second, at: Timestamp::from_seconds(at) }
    }

    #[test]
    fn every_kind_of_point_comes_back_as_it_was() {
        let set = StatisticSet { sample_count: 1.0, sum: 7.0, minimum: 7.0, maximum: 7.0 };
        let samples = [
            Sample::of_value(0.0),
            Sample::of_value(-1.5),
            Sample::of_values([(2.0, 3.0)]).unwrap(),
            Sample::of_values([(2.0, 1.0), (4.0, 1.0)]).unwrap(),
            Sample { set, distribution: None },
        ];
        let mut points = Points::default();
        for (at, sample) in (0..).zip(&samples) {
            points.insert(slot(1, at), sample.clone());
        }
        for (at, sample) in (0..).zip(samples) {
            assert_eq!(points.get(&slot(1, at)), Some(sample));
        }
        assert_eq!(size_of::<(Timestamp, Packed)>(), 24);
    }

    #[test]
    fn points_come_in_any_order_and_are_read_in_that_of_time() {
        let mut points: Points =
            [5, 1, 3, 2, 4, 3].map(|at| (slot(1, at), Sample::of_value(at as f64))).into_iter().collect();
        points.insert(slot(2, 3), Sample::of_value(9.0));
        let at = Timestamp::from_seconds;
        let read = |points: &Points, from, to| -> Vec<i64> {
            points.range(SeriesId(1), Tier::Second, at(from)..at(to)).map(|(at, _)| at.seconds()).collect()
        };
        assert_eq!(read(&points, 2, 5), [2, 3, 4]);
        assert_eq!(read(&points, 0, 100), [1, 2, 3, 4, 5]);
        assert_eq!(read(&points, 9, 5), [0_i64; 0]);
        let floor = at(4 - Tier::Second.floor(at(0)).seconds());
        points.forget_before(floor);
        assert_eq!(read(&points, 0, 100), [4, 5]);
        assert_eq!(points.get(&slot(2, 3)), None);
    }
}
