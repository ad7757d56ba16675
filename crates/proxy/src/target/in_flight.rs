//! The number of requests that a target is working on, held as a guard so that no way out of a request forgets it.

use crate::telemetry::counters::TargetCounts;

/// One request in flight; ends when dropped.
#[derive(Debug)]
pub struct InFlight<'a>(&'a TargetCounts);

impl<'a> InFlight<'a> {
    /// Counts a request that is about to be sent to a target.
    pub fn begin(counts: &'a TargetCounts) -> Self {
        counts.in_flight.add(1);
        Self(counts)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.subtract(1);
    }
}
