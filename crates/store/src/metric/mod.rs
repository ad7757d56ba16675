//! CloudWatch's datapoints: not records, but series with a bounded past.
//!
//! Each value that comes in is counted at once in points of every length that CloudWatch keeps: a second (when asked
//! for), a minute, five minutes, an hour. Each length is kept as long as CloudWatch keeps it. The newest hours are in
//! memory; everything is in the file, a flush later.

pub mod archive;
pub(crate) mod encode;

use model::{
    Scope, Timestamp,
    cloudwatch::{
        metric::Metric,
        statistics::{FIVE_MINUTE_RETENTION, HOUR_RETENTION, MINUTE_RETENTION, SUB_MINUTE_RETENTION},
    },
};
use std::time::Duration;

/// The number of a series in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub u64);

/// What a series is. Values of another unit are another series, as in CloudWatch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// Account and region.
    pub scope: Scope,
    /// Namespace, name, dimensions.
    pub metric: Metric,
    /// CloudWatch's unit, for example `Count`, or `None`.
    pub unit: String,
}

/// How long a stretch of time a point sums up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// A second; only of metrics with a storage resolution of 1.
    Second,
    /// A minute.
    Minute,
    /// Five minutes.
    FiveMinutes,
    /// An hour.
    Hour,
}

impl Tier {
    /// All, finest first.
    pub const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::FiveMinutes, Self::Hour];

    /// Length of its stretch of time.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::FiveMinutes => 300,
            Self::Hour => 3600,
        }
    }

    /// How long its points are kept.
    pub const fn retention(self) -> Duration {
        match self {
            Self::Second => SUB_MINUTE_RETENTION,
            Self::Minute => MINUTE_RETENTION,
            Self::FiveMinutes => FIVE_MINUTE_RETENTION,
            Self::Hour => HOUR_RETENTION,
        }
    }

    /// The start of the stretch that the floor lies in: points from there on are wholly in memory.
    pub const fn floor(self, floor: Timestamp) -> Timestamp {
        floor.period_start(self.seconds())
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}
