//! How much time this process lost: stopped, starved of the processor, or held up by one long task.
//!
//! A ticker asks to be woken at a steady pace; what comes late is lost time. A health check that ran into its timeout
//! looks here before it blames the target.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// The pace. Twenty wake-ups a second, only while there is something to check.
const TICK: Duration = Duration::from_millis(50);

/// Lateness up to this is the ordinary business of a timer.
const TOLERANCE: Duration = Duration::from_millis(30);

/// The sum of lost time. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct LagMeter {
    lost_micros: Arc<AtomicU64>,
}

impl LagMeter {
    /// All the time lost so far.
    pub fn lost(&self) -> Duration {
        Duration::from_micros(self.lost_micros.load(Ordering::Relaxed))
    }

    /// Adds lost time.
    pub fn add(&self, lost: Duration) {
        self.lost_micros.fetch_add(u64::try_from(lost.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Measures for ever; the owner aborts the task.
    pub async fn run(self) {
        loop {
            let asked_at = Instant::now();
            tokio::time::sleep(TICK).await;
            let late = asked_at.elapsed().saturating_sub(TICK);
            if late > TOLERANCE {
                self.add(late);
            }
        }
    }
}
