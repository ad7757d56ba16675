//! The addresses that a node listens on, as its control thread sees them: what is open, what could not be opened and when
//! that is tried again.

use crate::worker::Workers;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::{Duration, Instant},
};

/// When a front that could not be opened is tried again first. Soon, because it may be one that was closed a moment ago
/// and whose sockets the workers still hold.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between two tries; it doubles up to here.
const MAXIMUM_PAUSE: Duration = Duration::from_secs(2);

/// The listening sockets.
#[derive(Debug, Default)]
pub struct Fronts {
    open: BTreeSet<SocketAddr>,
    failed: BTreeMap<SocketAddr, String>,
    retry: Retry,
}

/// When failed fronts are tried again.
#[derive(Debug)]
struct Retry {
    pause: Duration,
    at: Instant,
}

impl Default for Retry {
    fn default() -> Self {
        Self { pause: FIRST_PAUSE, at: Instant::now() + FIRST_PAUSE }
    }
}

impl Retry {
    fn later(&mut self) {
        self.pause = (self.pause * 2).min(MAXIMUM_PAUSE);
        self.at = Instant::now() + self.pause;
    }
}

impl Fronts {
    /// Opens what is new before it closes what is gone.
    pub fn change(&mut self, wanted: &BTreeSet<SocketAddr>, workers: &Workers) {
        self.failed.retain(|address, _| wanted.contains(address));
        for address in wanted.difference(&self.open.clone()) {
            if !self.open(*address, workers) {
                self.retry = Retry::default();
            }
        }
        for address in self.open.clone().difference(wanted) {
            workers.close_front(*address);
            self.open.remove(address);
        }
    }

    /// Closes all.
    pub fn close(&mut self, workers: &Workers) {
        self.change(&BTreeSet::new(), workers);
    }

    /// What could not be opened, and why.
    pub fn failed(&self) -> Vec<(SocketAddr, String)> {
        self.failed.iter().map(|(address, why)| (*address, why.clone())).collect()
    }

    /// Waits until failed fronts are to be tried again; for ever while there are none.
    pub async fn due(&self) {
        if self.failed.is_empty() {
            return std::future::pending().await;
        }
        tokio::time::sleep_until(self.retry.at.into()).await;
    }

    /// Tries failed ones again. Whether one was opened.
    pub fn retry(&mut self, workers: &Workers) -> bool {
        let failed: Vec<_> = self.failed.keys().copied().collect();
        let opened = failed.into_iter().filter(|address| self.open(*address, workers)).count();
        self.retry.later();
        opened > 0
    }

    /// `true` when it is open now.
    fn open(&mut self, address: SocketAddr, workers: &Workers) -> bool {
        match workers.open_front(address) {
            Ok(()) => {
                self.failed.remove(&address);
                self.open.insert(address)
            }
            Err(error) => {
                let reason = error.to_string();
                if self.failed.insert(address, reason.clone()).is_none() {
                    tracing::error!(%address, reason, "cannot listen; trying again");
                }
                false
            }
        }
    }
}
