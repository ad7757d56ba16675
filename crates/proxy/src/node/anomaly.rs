//! Targets that fail more than their peers: their counts go to [`model::elbv2::anomaly`] once per period, and its judgement
//! becomes their share.

use crate::{
    health_check::Registration,
    target::TargetState,
    telemetry::counters::{TargetCounts, difference},
};
use model::elbv2::{
    anomaly::{AnomalyState, Judgement, Observed, PERIOD, judged},
    snapshot::{LoadBalancingSnapshot, TargetGroupPlan},
    target_group::LoadBalancingAlgorithm,
    target_health::CheckedState,
};
use std::{collections::HashMap, sync::Arc, time::Instant};

/// What is remembered of all targets from period to period.
#[derive(Debug)]
pub struct Anomalies {
    seen: HashMap<Registration, Seen>,
    due: Instant,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    judgement: Judgement,
    requests: u64,
    failures: u64,
}

impl Anomalies {
    /// Begins to watch at `now`.
    pub fn new(now: Instant) -> Self {
        Self { seen: HashMap::new(), due: now + PERIOD }
    }

    /// What is known of a target.
    pub fn of(&self, registration: &Registration) -> AnomalyState {
        self.seen.get(registration).map_or_else(AnomalyState::default, |seen| seen.judgement.state())
    }

    /// Judges all targets when a period is over and puts their shares in force. Returns those of which something else is
    /// known than before.
    pub fn tick(
        &mut self,
        now: Instant,
        snapshot: &LoadBalancingSnapshot,
        states: &HashMap<Registration, Arc<TargetState>>,
    ) -> Vec<Registration> {
        if now < self.due {
            return Vec::new();
        }
        // After a stall one judgement is enough: it sees everything that happened.
        self.due = now + PERIOD;
        self.seen.retain(|registration, _| states.contains_key(registration));
        snapshot.target_groups.iter().flat_map(|group| self.judge(group, states)).collect()
    }

    fn judge(
        &mut self,
        group: &TargetGroupPlan,
        states: &HashMap<Registration, Arc<TargetState>>,
    ) -> Vec<Registration> {
        let registered = group.targets.iter().filter(|target| target.drained_at.is_none());
        let targets: Vec<(Registration, &Arc<TargetState>)> = registered
            .map(|target| Registration::of(group, target))
            .filter_map(|registration| states.get(&registration).map(|state| (registration, state)))
            .collect();
        let facts: Vec<_> = targets.iter().map(|(registration, state)| self.observe(registration, state)).collect();
        let mitigation = match group.algorithm {
            LoadBalancingAlgorithm::WeightedRandom { anomaly_mitigation } => anomaly_mitigation,
            LoadBalancingAlgorithm::RoundRobin | LoadBalancingAlgorithm::LeastOutstandingRequests => false,
        };
        let mut news = Vec::new();
        for ((registration, state), judgement) in targets.into_iter().zip(judged(&facts, mitigation)) {
            state.set_weight(judgement.weight);
            let seen = self.seen.entry(registration.clone()).or_default();
            if std::mem::replace(&mut seen.judgement, judgement).state() != judgement.state() {
                news.push(registration);
            }
        }
        news
    }

    /// What happened to a target since the last time.
    fn observe(&mut self, registration: &Registration, state: &TargetState) -> (Judgement, Observed) {
        let seen = self.seen.entry(registration.clone()).or_default();
        let sum = |count: fn(&TargetCounts) -> u64| state.counts.iter().map(count).fold(0, u64::wrapping_add);
        let unreached = sum(|c| c.connection_errors.get().wrapping_add(c.tls_errors.get()));
        let failures = unreached.wrapping_add(sum(|c| c.codes[3].get()));
        // A request that found no connection counts as one only when it ended there.
        let requests =
            sum(|c| c.codes.iter().map(|code| code.get()).fold(0, u64::wrapping_add)).wrapping_add(unreached);
        let observed = Observed {
            requests: difference(&mut seen.requests, requests),
            failures: difference(&mut seen.failures, failures),
            healthy: state.health() == CheckedState::Healthy,
        };
        (seen.judgement, observed)
    }
}
