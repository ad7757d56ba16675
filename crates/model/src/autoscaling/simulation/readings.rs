//! What was measured so far: one reading per tick, and their averages over the periods of an alarm.

use crate::{
    Timestamp,
    cloudwatch::{alarm_state::Datapoint, statistics::Periods},
};
use std::time::Duration;

/// Readings from a moment on.
pub(super) struct Readings {
    from: Timestamp,
    tick_seconds: i64,
    values: Vec<Option<f64>>,
}

impl Readings {
    /// None yet; the first will be of the `tick_seconds` from `from` on.
    pub fn new(from: Timestamp, tick_seconds: i32) -> Self {
        Self { from, tick_seconds: tick_seconds.max(1).into(), values: Vec::new() }
    }

    /// The next one; `None` when there was nothing to measure.
    pub fn push(&mut self, value: Option<f64>) {
        self.values.push(value);
    }

    /// The average of each period in which something was measured.
    pub fn datapoints(&self, periods: &Periods) -> Vec<Datapoint> {
        let length = Duration::from_secs(u64::try_from(periods.seconds).unwrap_or(1).max(1));
        let mut points = Vec::new();
        let mut start = periods.start;
        while start < periods.end {
            points.extend(self.datapoint(start, start.plus(length)));
            start = start.plus(length);
        }
        points
    }

    fn datapoint(&self, start: Timestamp, end: Timestamp) -> Option<Datapoint> {
        let (first, last) = (self.position(start), self.position(end));
        let measured = || self.values.get(first..last).into_iter().flatten().filter_map(|value| *value);
        let count: f64 = measured().map(|_| 1.0).sum();
        let value = measured().sum::<f64>() / count;
        (count > 0.0).then_some(Datapoint { at: start, value, sample_count: Some(count) })
    }

    /// How many readings lie before a moment.
    fn position(&self, at: Timestamp) -> usize {
        let ticks = (at.seconds() - self.from.seconds()).max(0) / self.tick_seconds;
        usize::try_from(ticks).unwrap_or(usize::MAX).min(self.values.len())
    }
}
