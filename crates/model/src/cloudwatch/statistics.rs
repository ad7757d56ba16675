//! DECIDER: points of a metric to the datapoints that a caller asked for: statistics, percentiles, periods.
//!
//! Implements the rules of GetMetricStatistics and GetMetricData (CloudWatch API reference): which periods are allowed
//! for how old a start, how the start is rounded, which points fall into which period. Knows neither storage nor
//! retention.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::metric::StatisticSet;
use crate::Timestamp;

/// The most distinct values that one [`Distribution`] keeps; beyond it, neighbours are joined.
pub const MAXIMUM_DISTINCT_VALUES: usize = 512;
/// How close two values are that are joined first: 1 %.
const FIRST_GROWTH: f64 = 1.01;
/// Periods below a minute, in seconds.
pub const HIGH_RESOLUTION_PERIODS: [i32; 5] = [1, 5, 10, 20, 30];
/// Points of less than a minute are kept this long.
pub const SUB_MINUTE_RETENTION: Duration = Duration::from_secs(3 * 3600);
/// Points of a minute are kept this long.
pub const MINUTE_RETENTION: Duration = Duration::from_secs(15 * 86_400);
/// Points of five minutes are kept this long.
pub const FIVE_MINUTE_RETENTION: Duration = Duration::from_secs(63 * 86_400);
/// Points of an hour are kept this long, and nothing longer.
pub const HOUR_RETENTION: Duration = Duration::from_secs(455 * 86_400);

/// One of the five plain statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Statistic {
    /// How many values.
    SampleCount,
    /// Sum by count.
    Average,
    /// The sum.
    Sum,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
}

/// A percentile, `p0` to `p100`, kept as it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Percentile {
    text: String,
    percent: f64,
}

/// What a caller wants to know of each period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stat {
    /// One of the five plain statistics.
    Plain(Statistic),
    /// A percentile.
    Percentile(Percentile),
}

/// A text that names no statistic that Goru has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a statistic that can be computed here; use SampleCount, Average, Sum, Minimum, Maximum or a percentile such as p99.9"
)]
pub struct UnknownStatistic(pub String);

impl Statistic {
    /// All five, in AWS's order.
    pub const ALL: [Self; 5] = [Self::SampleCount, Self::Average, Self::Sum, Self::Minimum, Self::Maximum];

    /// AWS's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SampleCount => "SampleCount",
            Self::Average => "Average",
            Self::Sum => "Sum",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
        }
    }

    /// This statistic of a set.
    pub fn of(self, set: &StatisticSet) -> f64 {
        match self {
            Self::SampleCount => set.sample_count,
            Self::Average => set.average(),
            Self::Sum => set.sum,
            Self::Minimum => set.minimum,
            Self::Maximum => set.maximum,
        }
    }
}

impl FromStr for Statistic {
    type Err = UnknownStatistic;
    fn from_str(text: &str) -> Result<Self, UnknownStatistic> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or_else(|| unknown(text))
    }
}

impl Percentile {
    /// 0 to 100.
    pub fn percent(&self) -> f64 {
        self.percent
    }

    /// As it was written, for example `p99.9`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Percentile {
    type Err = UnknownStatistic;

    /// `p` and a number from 0 to 100 with at most ten decimals.
    fn from_str(text: &str) -> Result<Self, UnknownStatistic> {
        let digits = text.strip_prefix('p').ok_or_else(|| unknown(text))?;
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let numeric =
            |part: &str, longest| (1..=longest).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !numeric(whole, 3) || !numeric(decimals, 10) {
            return Err(unknown(text));
        }
        match digits.parse::<f64>() {
            Ok(percent) if percent <= 100.0 => Ok(Self { text: text.to_owned(), percent }),
            Ok(_) | Err(_) => Err(unknown(text)),
        }
    }
}

impl TryFrom<String> for Percentile {
    type Error = UnknownStatistic;
    fn try_from(text: String) -> Result<Self, UnknownStatistic> {
        text.parse()
    }
}

impl From<Percentile> for String {
    fn from(percentile: Percentile) -> Self {
        percentile.text
    }
}

impl FromStr for Stat {
    type Err = UnknownStatistic;
    fn from_str(text: &str) -> Result<Self, UnknownStatistic> {
        text.parse().map(Self::Plain).or_else(|_| text.parse().map(Self::Percentile))
    }
}

impl fmt::Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(statistic) => f.write_str(statistic.as_str()),
            Self::Percentile(percentile) => f.write_str(percentile.as_str()),
        }
    }
}

fn unknown(text: &str) -> UnknownStatistic {
    UnknownStatistic(text.chars().take(64).collect())
}

/// Values and how often each was seen: what percentiles are computed from. Ordered by value; bounded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Distribution(Vec<(f64, f64)>);

impl Distribution {
    /// Of these values with their counts, in any order. Values must be finite.
    pub fn new(values: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut values: Vec<(f64, f64)> = values.into_iter().filter(|(_, count)| *count > 0.0).collect();
        values.sort_by(|one, other| one.0.total_cmp(&other.0));
        Self(join(values, |one, other| one == other)).joined_to(MAXIMUM_DISTINCT_VALUES)
    }

    /// The same with at most so many distinct values (at least 3): neighbours are joined, close ones first.
    pub fn within(self, distinct_values: usize) -> Self {
        self.joined_to(distinct_values.max(3))
    }

    /// The values in ascending order, each with its count.
    pub fn values(&self) -> &[(f64, f64)] {
        &self.0
    }

    /// The least value that at least `percent` per cent of the values do not exceed; `None` without values.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        let total: f64 = self.0.iter().map(|(_, count)| count).sum();
        let wanted = total * percent / 100.0;
        let mut seen = 0.0;
        for (value, count) in &self.0 {
            seen += count;
            // Counts are sums of doubles: a share of 1e-9 forgives what their rounding adds.
            if seen + total * 1e-9 >= wanted {
                return Some(*value);
            }
        }
        self.0.last().map(|(value, _)| *value)
    }

    /// Joins neighbours, close ones first, until few enough are left.
    fn joined_to(self, most: usize) -> Self {
        let mut values = self.0;
        let mut growth = FIRST_GROWTH;
        while values.len() > most {
            values = join(values, |one, other| bucket(one, growth) == bucket(other, growth));
            growth *= growth;
        }
        Self(values)
    }
}

/// Sign and logarithm of a value, rounded to a multiple of the logarithm of `growth`.
fn bucket(value: f64, growth: f64) -> (i8, f64) {
    if value == 0.0 {
        return (0, 0.0);
    }
    let sign = if value < 0.0 { -1 } else { 1 };
    (sign, (value.abs().ln() / growth.ln()).floor())
}

/// Joins neighbours that belong together into their weighted mean; `values` are in order.
fn join(values: Vec<(f64, f64)>, together: impl Fn(f64, f64) -> bool) -> Vec<(f64, f64)> {
    let mut joined: Vec<(f64, f64)> = Vec::with_capacity(values.len().min(MAXIMUM_DISTINCT_VALUES));
    for (value, count) in values {
        match joined.last_mut() {
            Some(last) if together(last.0, value) => {
                let total = last.1 + count;
                // The mean as a step from the first value: exact when both are equal.
                *last = (last.0 + (value - last.0) * (count / total), total);
            }
            Some(_) | None => joined.push((value, count)),
        }
    }
    joined
}

/// What is known of the values of one stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Their summary.
    pub set: StatisticSet,
    /// The values themselves; `None` when only summaries were recorded, which have no percentiles.
    pub distribution: Option<Distribution>,
}

impl Sample {
    /// Of values with counts; `None` when there are none.
    pub fn of_values(values: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let distribution = Distribution::new(values);
        let sets = distribution.values().iter().map(|(value, count)| StatisticSet::of(*value, *count));
        let set = sets.reduce(|one, other| one.merge(&other))?;
        Some(Self { set, distribution: Some(distribution) })
    }

    /// Of one value that was seen once.
    pub fn of_value(value: f64) -> Self {
        Self { set: StatisticSet::of(value, 1.0), distribution: Some(Distribution(vec![(value, 1.0)])) }
    }

    /// Of a summary. One of a single value, or of equal ones, is as good as the values themselves (so says AWS).
    pub fn of_set(set: StatisticSet) -> Self {
        let plain = set.sample_count == 1.0 || set.minimum == set.maximum;
        Self { set, distribution: plain.then(|| Distribution::new([(set.minimum, set.sample_count)])) }
    }

    /// All of them together; `None` when there are none.
    pub fn merge_all(samples: &[Self]) -> Option<Self> {
        let set = samples.iter().map(|sample| sample.set).reduce(|one, other| one.merge(&other))?;
        let distributions: Option<Vec<_>> = samples.iter().map(|sample| sample.distribution.as_ref()).collect();
        let joined =
            |parts: Vec<&Distribution>| Distribution::new(parts.into_iter().flat_map(|part| part.0.iter().copied()));
        Some(Self { set, distribution: distributions.map(joined) })
    }

    /// One statistic; `None` for a percentile of values that nobody knows.
    pub fn stat(&self, stat: &Stat) -> Option<f64> {
        match stat {
            Stat::Plain(statistic) => Some(statistic.of(&self.set)),
            Stat::Percentile(percentile) => self.distribution.as_ref()?.percentile(percentile.percent()),
        }
    }
}

/// Why a period is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPeriod {
    /// Neither one of the short ones nor whole minutes.
    #[error("a period must be 1, 5, 10, 20, 30 or a multiple of 60 seconds")]
    NotAPeriod,
    /// Finer than what is kept for a start that long ago.
    #[error("for a start time that long ago the period must be a multiple of {needed_seconds} seconds")]
    TooFine {
        /// What it must be a multiple of, in seconds.
        needed_seconds: i32,
    },
}

/// The finest period, in seconds, that is kept for a point that is `age` old.
pub fn kept_period(age: Duration) -> i32 {
    match age {
        age if age <= SUB_MINUTE_RETENTION => 1,
        age if age <= MINUTE_RETENTION => 60,
        age if age <= FIVE_MINUTE_RETENTION => 300,
        _ => 3600,
    }
}

/// Which points belong to which period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// The start of the first period: the caller's start, rounded down. Inclusive.
    pub start: Timestamp,
    /// The caller's end. Exclusive.
    pub end: Timestamp,
    /// Length of a period, in seconds; at least 1.
    pub seconds: i32,
}

impl Periods {
    /// Checks a period against the age of the start and rounds the start as CloudWatch does: to the period when that
    /// is below a minute, else to a minute, five minutes or an hour according to its age.
    pub fn new(start: Timestamp, end: Timestamp, seconds: i32, now: Timestamp) -> Result<Self, InvalidPeriod> {
        let whole_minutes = seconds > 0 && seconds % 60 == 0;
        if !whole_minutes && !HIGH_RESOLUTION_PERIODS.contains(&seconds) {
            return Err(InvalidPeriod::NotAPeriod);
        }
        let kept = kept_period(now.since(start));
        if seconds % kept != 0 {
            return Err(InvalidPeriod::TooFine { needed_seconds: kept });
        }
        let rounding = if seconds < 60 { seconds } else { kept.max(60) };
        Ok(Self { start: start.period_start(rounding.into()), end, seconds })
    }

    /// How many periods there are.
    pub fn count(&self) -> u64 {
        let millis = self.end.since(self.start).as_millis();
        u64::try_from(millis.div_ceil(self.length_millis().unsigned_abs().into())).unwrap_or(u64::MAX)
    }

    /// The start of the period that a moment lies in; `None` when it is before the first or not before the end.
    pub fn start_of(&self, moment: Timestamp) -> Option<Timestamp> {
        if moment < self.start || moment >= self.end {
            return None;
        }
        let since_start = moment.millis() - self.start.millis();
        let start = self.start.millis() + since_start.div_euclid(self.length_millis()) * self.length_millis();
        Some(Timestamp::from_millis(start))
    }

    /// One sample for every period in which there are points, oldest first. Points may come in any order.
    pub fn aggregate(&self, points: impl IntoIterator<Item = (Timestamp, Sample)>) -> Vec<(Timestamp, Sample)> {
        let mut periods = BTreeMap::<Timestamp, Vec<Sample>>::new();
        for (moment, sample) in points {
            if let Some(start) = self.start_of(moment) {
                periods.entry(start).or_default().push(sample);
            }
        }
        periods.into_iter().filter_map(|(start, samples)| Some((start, Sample::merge_all(&samples)?))).collect()
    }

    fn length_millis(&self) -> i64 {
        i64::from(self.seconds) * 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_176_000);

    fn ago(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(NOW.seconds() - seconds)
    }

    #[test]
    fn statistics_are_read_as_aws_writes_them() {
        for text in
            ["SampleCount", "Average", "Sum", "Minimum", "Maximum", "p0", "p50", "p99.9", "p100", "p0.0001", "p100.0"]
        {
            assert_eq!(text.parse::<Stat>().map(|stat| stat.to_string()).as_deref(), Ok(text));
        }
        for text in
            ["", "p", "p101", "p100.1", "p-1", "p1e1", "p.5", "p5.", "P50", "average", "tm99", "p+5", "p٥", "pNaN"]
        {
            assert!(text.parse::<Stat>().is_err(), "{text}");
        }
    }

    #[test]
    fn percentiles_are_values_that_were_seen() {
        type Case<'a> = (&'a [(f64, f64)], f64, Option<f64>);
        let table: &[Case<'_>] = &[
            (&[], 50.0, None),
            (&[(7.0, 1.0)], 0.0, Some(7.0)),
            (&[(7.0, 1.0)], 100.0, Some(7.0)),
            (&[(4.0, 1.0), (1.0, 1.0), (3.0, 1.0), (2.0, 1.0)], 50.0, Some(2.0)),
            (&[(4.0, 1.0), (1.0, 1.0), (3.0, 1.0), (2.0, 1.0)], 75.1, Some(4.0)),
            (&[(1.0, 99.0), (100.0, 1.0)], 99.0, Some(1.0)),
            (&[(1.0, 99.0), (100.0, 1.0)], 99.9, Some(100.0)),
            (&[(0.1, 0.1), (0.2, 0.2), (0.3, 0.7)], 30.0, Some(0.2)),
            (&[(-5.0, 1.0), (5.0, 1.0)], 50.0, Some(-5.0)),
        ];
        for (values, percent, expected) in table {
            assert_eq!(
                Distribution::new(values.iter().copied()).percentile(*percent),
                *expected,
                "{values:?} p{percent}"
            );
        }
    }

    #[test]
    fn a_distribution_stays_small_and_close_to_the_truth() {
        let distribution = Distribution::new((1..=100_000).map(|n| (f64::from(n), 1.0)));
        assert!(distribution.values().len() <= MAXIMUM_DISTINCT_VALUES, "{}", distribution.values().len());
        let p90 = distribution.percentile(90.0).unwrap();
        assert!((p90 / 90_000.0 - 1.0).abs() < 0.05, "{p90}");
        let total: f64 = distribution.values().iter().map(|(_, count)| count).sum();
        assert!((total - 100_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_narrow_distribution_keeps_count_and_sum() {
        let wide = Distribution::new((1..=60).map(|n| (f64::from(n), 1.0)));
        let narrow = wide.clone().within(16);
        assert!((3..=16).contains(&narrow.values().len()), "{}", narrow.values().len());
        let total = |d: &Distribution| d.values().iter().map(|(value, count)| value * count).sum::<f64>();
        assert!((total(&wide) - total(&narrow)).abs() < 1e-6);
        let few = Distribution::new([(-1.0, 1.0), (0.0, 1.0), (1.0, 1.0)]);
        assert_eq!(few.clone().within(0), few);
    }

    #[test]
    fn the_widest_values_still_fit() {
        let values =
            (0..2000).map(|n| (10_f64.powi(n % 300) * if n % 2 == 0 { -1.0 } else { 1.0 } * f64::from(n + 1), 1.0));
        assert!(Distribution::new(values).values().len() <= MAXIMUM_DISTINCT_VALUES);
    }

    #[test]
    fn summaries_have_percentiles_only_when_their_values_are_equal() {
        let set = |minimum, maximum, sample_count| StatisticSet { sample_count, sum: 6.0, minimum, maximum };
        let p50: Stat = "p50".parse().unwrap();
        assert_eq!(Sample::of_set(set(2.0, 2.0, 3.0)).stat(&p50), Some(2.0));
        assert_eq!(Sample::of_set(set(6.0, 6.0, 1.0)).stat(&p50), Some(6.0));
        let unknown = Sample::of_set(set(1.0, 3.0, 3.0));
        assert_eq!(unknown.stat(&p50), None);
        assert_eq!(unknown.stat(&Stat::Plain(Statistic::Average)), Some(2.0));
        let both = Sample::merge_all(&[Sample::of_set(set(2.0, 2.0, 3.0)), unknown]).unwrap();
        assert_eq!((both.stat(&p50), both.set.sample_count), (None, 6.0));
        assert_eq!(Sample::merge_all(&[]), None);
    }

    #[test]
    fn periods_must_fit_the_age_of_the_start() {
        let table = [
            (3600, 1, Ok(())),
            (3600, 20, Ok(())),
            (3600, 60, Ok(())),
            (3600, 0, Err(InvalidPeriod::NotAPeriod)),
            (3600, -60, Err(InvalidPeriod::NotAPeriod)),
            (3600, 15, Err(InvalidPeriod::NotAPeriod)),
            (3600, 90, Err(InvalidPeriod::NotAPeriod)),
            (4 * 3600, 30, Err(InvalidPeriod::TooFine { needed_seconds: 60 })),
            (4 * 3600, 60, Ok(())),
            (16 * 86_400, 60, Err(InvalidPeriod::TooFine { needed_seconds: 300 })),
            (16 * 86_400, 300, Ok(())),
            (64 * 86_400, 300, Err(InvalidPeriod::TooFine { needed_seconds: 3600 })),
            (64 * 86_400, 7200, Ok(())),
        ];
        for (age, seconds, expected) in table {
            let result = Periods::new(ago(age), NOW, seconds, NOW).map(|_| ());
            assert_eq!(result, expected, "{age} s ago by {seconds}");
        }
    }

    #[test]
    fn the_start_is_rounded_down_by_period_and_age() {
        let table = [
            (3607, 1, 3607),
            (3607, 10, 3610),
            (3607, 30, 3630),
            (3607, 300, 3660),
            (16 * 86_400 + 7, 600, 16 * 86_400 + 300),
        ];
        for (age, seconds, rounded) in table {
            let periods = Periods::new(ago(age), NOW, seconds, NOW).unwrap();
            assert_eq!(periods.start, ago(rounded), "{age} s ago by {seconds}");
        }
    }

    #[test]
    fn points_fall_into_the_periods_that_begin_at_the_start() {
        let periods = Periods::new(ago(600), ago(0), 300, NOW).unwrap();
        assert_eq!(periods.count(), 2);
        let point = |age, value| (ago(age), Sample::of_values([(value, 1.0)]).unwrap());
        let points = [point(0, 9.0), point(301, 2.0), point(600, 4.0), point(300, 8.0), point(601, 7.0), point(1, 1.0)];
        let found: Vec<_> = periods.aggregate(points).into_iter().map(|(at, sample)| (at, sample.set.sum)).collect();
        assert_eq!(found, [(ago(600), 6.0), (ago(300), 9.0)]);
    }

    #[test]
    fn periods_without_points_are_absent() {
        let periods = Periods::new(ago(3600), NOW, 60, NOW).unwrap();
        assert_eq!(periods.count(), 60);
        assert!(periods.aggregate([]).is_empty());
    }
}
