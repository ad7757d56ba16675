//! A clock that stands still until a test moves it.
//!
//! Shared freely: clones show the same time. It never looks at the machine's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use model::Timestamp;
use model::time::Clock;

/// A clock moved by hand. Begins at [`ManualClock::START`] unless told otherwise.
#[derive(Clone, Debug)]
pub struct ManualClock {
    millis: Arc<AtomicI64>,
}

impl ManualClock {
    /// 2026-11-20T12:00:00Z, the moment at which tests begin.
    pub const START: Timestamp = Timestamp::from_seconds(1_795_176_000);

    /// A clock that shows `start`.
    pub fn at(start: Timestamp) -> Self {
        Self { millis: Arc::new(AtomicI64::new(start.millis())) }
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now().plus(duration));
    }

    /// Moves the clock to a moment, which may lie in the past: wall clocks do jump.
    pub fn set(&self, moment: Timestamp) {
        self.millis.store(moment.millis(), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::at(Self::START)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_show_the_same_time() {
        let clock = ManualClock::default();
        let other = clock.clone();
        clock.advance(Duration::from_secs(90));
        assert_eq!(other.now(), Timestamp::from_seconds(ManualClock::START.seconds() + 90));
    }

    #[test]
    fn time_passes_only_by_hand() {
        assert_eq!(ManualClock::default().now().to_string(), "2026-11-20T12:00:00.000Z");
    }
}
