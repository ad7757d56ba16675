//! DECIDER: which targets of a group fail more than their peers, and how much less they get for it (Automatic Target
//! Weights).
//!
//! AWS publishes what is looked at (answers of the class 5XX, failed connections and TLS handshakes; groups with at least three
//! healthy targets) and that traffic is taken away and given back step by step. The steps are ours: what fails clearly more
//! than its peers loses half of its share every [`PERIOD`], down to [`LEAST_WEIGHT`], and gets a tenth back every period
//! once it does not. At most half of the healthy targets are held down at the same time, so that a fault that all share
//! takes nobody out.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often targets are judged.
pub const PERIOD: Duration = Duration::from_secs(10);
/// A target's whole share.
pub const WHOLE_WEIGHT: u32 = 1000;
/// What an anomalous target keeps, so that it is seen when it recovers.
pub const LEAST_WEIGHT: u32 = 10;
/// What is given back per period.
const RECOVERY: u32 = 100;
/// The fewest healthy targets of a group whose targets are compared (ELB user guide).
const FEWEST_TARGETS: usize = 3;
/// The fewest requests in a period from which a share of failures is drawn.
const FEWEST_REQUESTS: u64 = 5;
/// How much of what was seen before counts beside the present period.
const MEMORY: f64 = 0.5;
/// Failures above twice the peers' share by this much are an anomaly.
const EXCESS: f64 = 0.05;
/// Failures above the peers' share by no more than this are none any more.
const CLEAR: f64 = 0.02;

/// What DescribeTargetHealth shows as AnomalyDetection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnomalyState {
    /// `Result`: whether it fails more than its peers.
    pub anomalous: bool,
    /// `MitigationInEffect`: whether it gets less than its share.
    pub mitigated: bool,
}

/// What a target was asked and how often it failed in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Requests, those that found no connection included.
    pub requests: u64,
    /// Answers of the class 5XX, failed connections and failed TLS handshakes.
    pub failures: u64,
    /// Whether its health checks pass.
    pub healthy: bool,
}

/// What is remembered of a target from period to period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// Its share, [`LEAST_WEIGHT`] to [`WHOLE_WEIGHT`].
    pub weight: u32,
    /// Whether it is anomalous.
    pub anomalous: bool,
    requests: f64,
    failures: f64,
}

impl Default for Judgement {
    fn default() -> Self {
        Self { weight: WHOLE_WEIGHT, anomalous: false, requests: 0.0, failures: 0.0 }
    }
}

impl Judgement {
    /// What is shown of it.
    pub fn state(self) -> AnomalyState {
        AnomalyState { anomalous: self.anomalous, mitigated: self.weight < WHOLE_WEIGHT }
    }

    fn rate(self) -> f64 {
        if self.requests > 0.0 { self.failures / self.requests } else { 0.0 }
    }
}

/// The judgements after one more period. `mitigation`: whether anomalous targets get less.
#[allow(clippy::cast_precision_loss, reason = "counts of one period")]
pub fn judged(group: &[(Judgement, Observed)], mitigation: bool) -> Vec<Judgement> {
    let seen: Vec<Judgement> = group.iter().map(|(before, observed)| remembered(*before, *observed)).collect();
    let healthy = group.iter().filter(|(_, observed)| observed.healthy).count();
    let total = |of: fn(&Judgement) -> f64| seen.iter().map(of).sum::<f64>();
    let (requests, failures) = (total(|one| one.requests), total(|one| one.failures));
    let mut judged: Vec<Judgement> = seen
        .iter()
        .zip(group)
        .map(|(one, (_, observed))| {
            let others = requests - one.requests;
            let peers = if others > 0.0 { (failures - one.failures) / others } else { 0.0 };
            let comparable = healthy >= FEWEST_TARGETS && observed.healthy;
            let known = one.requests >= FEWEST_REQUESTS as f64;
            let anomalous = match (comparable, known, one.anomalous) {
                (false, _, _) => false,
                (true, false, before) => before,
                (true, true, false) => one.rate() > 2.0 * peers + EXCESS,
                (true, true, true) => one.rate() > peers + CLEAR,
            };
            Judgement { anomalous, ..*one }
        })
        .collect();
    weigh(&mut judged, group, mitigation, healthy / 2);
    judged
}

#[allow(clippy::cast_precision_loss, reason = "counts of one period")]
fn remembered(before: Judgement, observed: Observed) -> Judgement {
    Judgement {
        requests: before.requests * MEMORY + observed.requests as f64,
        failures: before.failures * MEMORY + observed.failures.min(observed.requests) as f64,
        ..before
    }
}

/// Takes from the worst first, and gives back to all others.
fn weigh(judged: &mut [Judgement], group: &[(Judgement, Observed)], mitigation: bool, most: usize) {
    let mut worst: Vec<usize> = (0..judged.len()).filter(|i| judged[*i].anomalous && mitigation).collect();
    worst.sort_by(|a, b| judged[*b].rate().total_cmp(&judged[*a].rate()).then(a.cmp(b)));
    worst.truncate(most);
    for (i, one) in judged.iter_mut().enumerate() {
        let before = group[i].0.weight;
        one.weight = match (mitigation, worst.contains(&i)) {
            (true, true) => (before / 2).max(LEAST_WEIGHT),
            (true, false) => (before + RECOVERY).min(WHOLE_WEIGHT),
            (false, _) => WHOLE_WEIGHT,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(requests: u64, failures: u64) -> Observed {
        Observed { requests, failures, healthy: true }
    }

    /// Judges a group period after period; what each target sees depends on its weight.
    fn run(
        periods: usize,
        targets: usize,
        mitigation: bool,
        fails: impl Fn(usize, usize) -> u64,
    ) -> Vec<Vec<Judgement>> {
        let mut group = vec![Judgement::default(); targets];
        let mut history = Vec::new();
        for period in 0..periods {
            let weights: u32 = group.iter().map(|one| one.weight).sum();
            let facts: Vec<_> = group
                .iter()
                .enumerate()
                .map(|(i, one)| {
                    let requests = u64::from(1000 * one.weight / weights);
                    (*one, observed(requests, requests * fails(period, i) / 100))
                })
                .collect();
            group = judged(&facts, mitigation);
            history.push(group.clone());
        }
        history
    }

    #[test]
    fn a_failing_target_loses_its_share_within_a_minute_and_gets_it_back() {
        let history = run(40, 4, true, |period, i| if i == 2 && period < 20 { 100 } else { 0 });
        let share = |period: usize| {
            let weights: u32 = history[period].iter().map(|one| one.weight).sum();
            f64::from(history[period][2].weight) / f64::from(weights)
        };
        assert!(share(5) < 0.05, "after a minute: {}", share(5));
        assert_eq!(history[19][2].weight, LEAST_WEIGHT);
        assert_eq!(history[19][2].state(), AnomalyState { anomalous: true, mitigated: true });
        assert_eq!(history[39][2].state(), AnomalyState::default());
        assert!((0..40).all(|period| history[period][0].weight == WHOLE_WEIGHT));
    }

    #[test]
    fn without_mitigation_it_is_only_noticed() {
        let history = run(3, 3, false, |_, i| if i == 0 { 50 } else { 1 });
        assert_eq!(history[2][0].state(), AnomalyState { anomalous: true, mitigated: false });
    }

    #[test]
    fn what_all_share_is_no_anomaly_and_two_targets_are_not_compared() {
        for history in [run(5, 4, true, |_, _| 60), run(5, 2, true, |_, i| if i == 0 { 100 } else { 0 })] {
            assert!(history[4].iter().all(|one| one.state() == AnomalyState::default()), "{history:?}");
        }
    }

    #[test]
    fn no_more_than_half_are_held_down() {
        let history = run(10, 6, true, |_, i| if i < 5 { 30 + 10 * u64::try_from(i).unwrap() } else { 0 });
        let held = history[9].iter().filter(|one| one.weight < WHOLE_WEIGHT).count();
        assert!(held <= 3, "{:?}", history[9]);
    }

    #[test]
    fn an_unhealthy_target_is_the_business_of_its_health_checks() {
        let facts: Vec<_> = (0..4)
            .map(|i| (Judgement::default(), Observed { healthy: i > 0, ..observed(100, if i == 0 { 100 } else { 0 }) }))
            .collect();
        assert!(!judged(&facts, true)[0].anomalous);
    }
}
