//! The places that a node listens at, as its control thread sees them: what is open, what could not be opened and when
//! that is tried again.

use crate::{
    namespace::{self, Identity},
    worker::Workers,
};
use model::elbv2::front_place::FrontPlace;
use std::{
    collections::{BTreeMap, BTreeSet},
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
    /// In another network than the host's with that network: another one may get its name.
    open: BTreeMap<FrontPlace, Option<Identity>>,
    failed: BTreeMap<FrontPlace, Failure>,
    retry: Retry,
}

/// A front that could not be opened.
#[derive(Debug)]
struct Failure {
    reason: String,
    since: Instant,
    /// Whether the log has it as an error.
    told: bool,
}

impl Failure {
    fn new(now: Instant) -> Self {
        Self { reason: String::new(), since: now, told: false }
    }

    /// Whether the log is to have it as an error now: once, and not while its network may merely be late.
    fn is_news(&mut self, place: &FrontPlace, now: Instant) -> bool {
        let is_news = !self.told && now.saturating_duration_since(self.since) >= place.patience();
        self.told |= is_news;
        is_news
    }
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
    pub fn change(&mut self, wanted: &BTreeSet<FrontPlace>, workers: &Workers) {
        self.failed.retain(|place, _| wanted.contains(place));
        for place in wanted {
            if !self.open.contains_key(place) && !self.open(place, workers) {
                self.retry = Retry::default();
            }
        }
        self.close_where(workers, |place, _| !wanted.contains(place));
    }

    /// Closes all.
    pub fn close(&mut self, workers: &Workers) {
        self.change(&BTreeSet::new(), workers);
    }

    /// What could not be opened, and why.
    pub fn failed(&self) -> Vec<(FrontPlace, String)> {
        self.failed.iter().map(|(place, failure)| (place.clone(), failure.reason.clone())).collect()
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
        let failed: Vec<_> = self.failed.keys().cloned().collect();
        let opened = failed.iter().filter(|place| self.open(place, workers)).count();
        self.retry.later();
        opened > 0
    }

    /// Closes what listens in networks that are gone, and opens it in those that have their names now. Whether there was any.
    pub fn follow_networks(&mut self, workers: &Workers) -> bool {
        let moved = self.close_where(workers, |place, network| network.is_some() && network != namespace::of(place));
        for place in &moved {
            if !self.open(place, workers) {
                self.retry = Retry::default();
            }
        }
        !moved.is_empty()
    }

    fn close_where(
        &mut self,
        workers: &Workers,
        is_over: impl Fn(&FrontPlace, Option<Identity>) -> bool,
    ) -> Vec<FrontPlace> {
        let over = self.open.iter().filter(|(place, network)| is_over(place, **network));
        let over: Vec<FrontPlace> = over.map(|(place, _)| place.clone()).collect();
        for place in &over {
            workers.close_front(place);
            self.open.remove(place);
        }
        over
    }

    /// `true` when it is open now.
    fn open(&mut self, place: &FrontPlace, workers: &Workers) -> bool {
        // Looked at first: if it is another one a moment later, that is seen at the next look.
        let network = namespace::of(place);
        match workers.open_front(place) {
            Ok(()) => {
                if self.failed.remove(place).is_some_and(|failure| failure.told) {
                    tracing::info!(%place, "listening at last");
                }
                self.open.insert(place.clone(), network);
                true
            }
            Err(error) => {
                let now = Instant::now();
                let failure = self.failed.entry(place.clone()).or_insert_with(|| Failure::new(now));
                failure.reason = error.to_string();
                if failure.is_news(place, now) {
                    tracing::error!(%place, reason = failure.reason, "cannot listen; trying again");
                } else {
                    tracing::debug!(%place, reason = failure.reason, "cannot listen yet; trying again");
                }
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_of_the_host_fails_at_once_and_one_in_a_network_when_it_stays_away() {
        let places = ["127.0.0.1:80", "10.0.0.4:80%/run/netns/a"].map(|text| text.parse::<FrontPlace>().unwrap());
        let since = Instant::now();
        let news = |place: &FrontPlace, failure: &mut Failure| -> Vec<u64> {
            let at = |seconds: &u64| failure.is_news(place, since + Duration::from_secs(*seconds));
            [0, 1, 4, 5, 6, 60].into_iter().filter(at).collect()
        };
        let [host, network] = places.each_ref().map(|place| news(place, &mut Failure::new(since)));
        assert_eq!((host, network), (vec![0], vec![5]), "each once");
    }
}
