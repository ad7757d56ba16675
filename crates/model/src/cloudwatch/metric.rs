//! A metric's name and the sets of values that are recorded under it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A metric: namespace, name and dimensions together name one series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Metric {
    /// For example `AWS/ApplicationELB`.
    pub namespace: String,
    /// For example `RequestCount`.
    pub name: String,
    /// Dimensions by name.
    pub dimensions: BTreeMap<String, String>,
}

impl Metric {
    /// A metric with these dimensions.
    pub fn new<const N: usize>(namespace: &str, name: &str, dimensions: [(&str, &str); N]) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        }
    }
}

/// Units of what Goru itself measures, as the API spells them.
pub const COUNT: &str = "Count";
/// See [`COUNT`].
pub const BYTES: &str = "Bytes";
/// See [`COUNT`].
pub const SECONDS: &str = "Seconds";
/// See [`COUNT`].
pub const PERCENT: &str = "Percent";

/// Values that were measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Whose metric it is.
    pub scope: crate::Scope,
    /// Which.
    pub metric: Metric,
    /// When.
    pub at: crate::Timestamp,
    /// Values, and how often each was seen.
    pub values: Vec<(f64, f64)>,
    /// The unit as the API spells it.
    pub unit: &'static str,
}

/// A summary of values that can be merged: AWS's StatisticSet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatisticSet {
    /// How many values.
    pub sample_count: f64,
    /// Their sum.
    pub sum: f64,
    /// The least.
    pub minimum: f64,
    /// The greatest.
    pub maximum: f64,
}

impl StatisticSet {
    /// The summary of one value that was seen `count` times.
    pub fn of(value: f64, count: f64) -> Self {
        Self { sample_count: count, sum: value * count, minimum: value, maximum: value }
    }

    /// The summary of both.
    pub fn merge(&self, other: &Self) -> Self {
        Self {
            sample_count: self.sample_count + other.sample_count,
            sum: self.sum + other.sum,
            minimum: self.minimum.min(other.minimum),
            maximum: self.maximum.max(other.maximum),
        }
    }

    /// Sum by count; 0 when nothing was counted.
    pub fn average(&self) -> f64 {
        if self.sample_count > 0.0 { self.sum / self.sample_count } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_sets_say_what_all_values_together_say() {
        let set = StatisticSet::of(2.0, 3.0).merge(&StatisticSet::of(8.0, 1.0));
        assert_eq!(set, StatisticSet { sample_count: 4.0, sum: 14.0, minimum: 2.0, maximum: 8.0 });
        assert!((set.average() - 3.5).abs() < f64::EPSILON);
    }
}
