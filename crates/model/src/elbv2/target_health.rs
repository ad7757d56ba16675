//! DECIDER: is a target healthy? From check results to AWS's states, and from records to what DescribeTargetHealth says.
//!
//! A newly registered target is healthy after one passed check; later changes need the thresholds. Late checks are not
//! failed checks: only results count, never their absence.

use super::health_check::HealthCheck;
use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// What one check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckResult {
    /// An answer that the matcher accepts.
    Passed,
    /// An answer with this status, which it does not accept.
    Mismatch(u16),
    /// No (complete) answer within the timeout.
    TimedOut,
    /// Refused, reset, or not an HTTP answer.
    Failed,
}

/// What checks have found about one target so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedHealth {
    /// Healthy, unhealthy, or not known yet.
    pub state: CheckedState,
    /// Since when.
    pub since: Timestamp,
    /// What failed last; set while unhealthy and while initial after a failure.
    pub failure: Option<CheckResult>,
}

/// The states that checks can lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckedState {
    /// No check has ended, or none passed and too few failed.
    Initial,
    /// Gets requests.
    Healthy,
    /// Gets none, unless all are unhealthy.
    Unhealthy,
}

/// The state of one target's checks between results: what the node keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthState {
    /// What is known.
    pub health: CheckedHealth,
    /// Results in a row that speak against the state.
    pub streak: u32,
}

impl HealthState {
    /// A target that was just registered.
    pub fn new(now: Timestamp) -> Self {
        Self { health: CheckedHealth { state: CheckedState::Initial, since: now, failure: None }, streak: 0 }
    }

    /// A target whose health is already known, for example from before a restart.
    pub fn resumed(health: CheckedHealth) -> Self {
        Self { health, streak: 0 }
    }

    /// The state after one more result; `true` when the state shown (or, while unhealthy or initial, the cause) changed.
    pub fn after(&self, result: CheckResult, check: &HealthCheck, now: Timestamp) -> (Self, bool) {
        let passed = result == CheckResult::Passed;
        let failure = (!passed).then_some(result);
        let stay = |streak, failure| Self { health: CheckedHealth { failure, ..self.health.clone() }, streak };
        let turn = |state| Self { health: CheckedHealth { state, since: now, failure }, streak: 0 };
        let next = match (self.health.state, passed) {
            (CheckedState::Initial, true) => turn(CheckedState::Healthy),
            (CheckedState::Initial, false) if self.streak + 1 >= check.unhealthy_threshold => {
                turn(CheckedState::Unhealthy)
            }
            (CheckedState::Initial, false) => stay(self.streak + 1, failure),
            (CheckedState::Healthy, true) => stay(0, None),
            (CheckedState::Healthy, false) if self.streak + 1 >= check.unhealthy_threshold => {
                turn(CheckedState::Unhealthy)
            }
            (CheckedState::Healthy, false) => stay(self.streak + 1, None),
            (CheckedState::Unhealthy, true) if self.streak + 1 >= check.healthy_threshold => {
                turn(CheckedState::Healthy)
            }
            (CheckedState::Unhealthy, true) => stay(self.streak + 1, self.health.failure),
            (CheckedState::Unhealthy, false) => stay(0, failure),
        };
        let changed = next.health != self.health;
        (next, changed)
    }
}

/// What DescribeTargetHealth shows of one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownHealth {
    /// AWS's state: `initial`, `healthy`, `unhealthy`, `unused`, `draining`, `unavailable`.
    pub state: &'static str,
    /// AWS's reason code, absent when healthy.
    pub reason: Option<&'static str>,
    /// AWS's description.
    pub description: Option<String>,
}

/// What [`shown`] is decided from.
#[derive(Clone, Debug)]
pub struct ShownFacts<'a> {
    /// Whether the target is registered at all.
    pub registered: bool,
    /// Whether it is deregistering.
    pub draining: bool,
    /// Whether a listener uses the group.
    pub group_in_use: bool,
    /// Whether the target's zone is enabled for the load balancers that use the group.
    pub zone_enabled: bool,
    /// For instances: the state, when it is not `running` or `pending`.
    pub instance_state: Option<&'static str>,
    /// Whether checks are enabled.
    pub checks_enabled: bool,
    /// What the node found.
    pub checked: Option<&'a CheckedHealth>,
}

/// What DescribeTargetHealth says, with AWS's codes and descriptions (ELB user guide, target health status).
pub fn shown(facts: &ShownFacts<'_>) -> ShownHealth {
    let say = |state, reason, description: &str| ShownHealth {
        state,
        reason: Some(reason),
        description: Some(description.to_owned()),
    };
    if !facts.registered {
        return say("unused", "Target.NotRegistered", "Target is not registered to the target group");
    }
    if facts.draining {
        return say("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress");
    }
    if !facts.group_in_use {
        return say(
            "unused",
            "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer",
        );
    }
    if !facts.zone_enabled {
        return say(
            "unused",
            "Target.NotInUse",
            "Target is in an Availability Zone that is not enabled for the load balancer",
        );
    }
    if let Some(state) = facts.instance_state {
        return say("unused", "Target.InvalidState", &format!("Target is in the {state} state"));
    }
    if !facts.checks_enabled {
        return say("unavailable", "Target.HealthCheckDisabled", "Health checks are disabled");
    }
    match facts.checked {
        None => say("initial", "Elb.RegistrationInProgress", "Target registration is in progress"),
        Some(health) => match health.state {
            CheckedState::Initial => say("initial", "Elb.InitialHealthChecking", "Initial health checks in progress"),
            CheckedState::Healthy => ShownHealth { state: "healthy", reason: None, description: None },
            CheckedState::Unhealthy => match health.failure {
                Some(CheckResult::Mismatch(code)) => say(
                    "unhealthy",
                    "Target.ResponseCodeMismatch",
                    &format!("Health checks failed with these codes: [{code}]"),
                ),
                Some(CheckResult::TimedOut) => say("unhealthy", "Target.Timeout", "Request timed out"),
                Some(CheckResult::Failed | CheckResult::Passed) | None => {
                    say("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
                }
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CheckResult::{Failed, Mismatch, Passed, TimedOut};
    use CheckedState::{Healthy, Initial, Unhealthy};

    fn check() -> HealthCheck {
        HealthCheck { healthy_threshold: 3, unhealthy_threshold: 2, ..HealthCheck::default() }
    }

    fn run(results: &[CheckResult]) -> Vec<CheckedState> {
        let mut state = HealthState::new(Timestamp::default());
        let mut seen = Vec::new();
        for (i, result) in results.iter().enumerate() {
            state = state.after(*result, &check(), Timestamp::from_seconds(i64::try_from(i).unwrap())).0;
            seen.push(state.health.state);
        }
        seen
    }

    #[test]
    fn the_first_pass_makes_a_new_target_healthy() {
        assert_eq!(run(&[Passed]), [Healthy]);
        assert_eq!(run(&[Failed, Passed]), [Initial, Healthy]);
        assert_eq!(run(&[Failed, TimedOut]), [Initial, Unhealthy]);
    }

    #[test]
    fn later_changes_need_the_thresholds_in_a_row() {
        assert_eq!(run(&[Passed, Failed, Passed, Failed, Failed]), [Healthy, Healthy, Healthy, Healthy, Unhealthy]);
        assert_eq!(
            run(&[Failed, Failed, Passed, Passed, Failed, Passed, Passed, Passed]),
            [Initial, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Healthy]
        );
    }

    #[test]
    fn flapping_every_check_changes_nothing() {
        let results: Vec<_> = [Passed].into_iter().chain([Failed, Passed].into_iter().cycle().take(50)).collect();
        assert!(run(&results).iter().all(|s| *s == Healthy));
    }

    #[test]
    fn only_a_change_of_state_or_cause_is_reported() {
        let (state, changed) =
            HealthState::new(Timestamp::default()).after(Passed, &check(), Timestamp::from_seconds(1));
        assert!(changed);
        let (state, changed) = state.after(Passed, &check(), Timestamp::from_seconds(2));
        assert!(!changed);
        let (state, changed) = state.after(Mismatch(500), &check(), Timestamp::from_seconds(3));
        assert!(!changed);
        let (state, changed) = state.after(Mismatch(500), &check(), Timestamp::from_seconds(4));
        assert!(changed);
        assert_eq!(state.health.since, Timestamp::from_seconds(4));
        let (_, changed) = state.after(TimedOut, &check(), Timestamp::from_seconds(5));
        assert!(changed, "the cause changed");
    }

    #[test]
    fn what_is_shown_is_what_aws_shows() {
        let healthy = CheckedHealth { state: Healthy, since: Timestamp::default(), failure: None };
        let mismatch = CheckedHealth { state: Unhealthy, since: Timestamp::default(), failure: Some(Mismatch(500)) };
        let base = ShownFacts {
            registered: true,
            draining: false,
            group_in_use: true,
            zone_enabled: true,
            instance_state: None,
            checks_enabled: true,
            checked: Some(&healthy),
        };
        let table = [
            (base.clone(), "healthy", None),
            (ShownFacts { registered: false, ..base.clone() }, "unused", Some("Target.NotRegistered")),
            (ShownFacts { draining: true, ..base.clone() }, "draining", Some("Target.DeregistrationInProgress")),
            (ShownFacts { group_in_use: false, ..base.clone() }, "unused", Some("Target.NotInUse")),
            (ShownFacts { zone_enabled: false, ..base.clone() }, "unused", Some("Target.NotInUse")),
            (ShownFacts { instance_state: Some("stopped"), ..base.clone() }, "unused", Some("Target.InvalidState")),
            (ShownFacts { checks_enabled: false, ..base.clone() }, "unavailable", Some("Target.HealthCheckDisabled")),
            (ShownFacts { checked: None, ..base.clone() }, "initial", Some("Elb.RegistrationInProgress")),
            (ShownFacts { checked: Some(&mismatch), ..base }, "unhealthy", Some("Target.ResponseCodeMismatch")),
        ];
        for (facts, state, reason) in table {
            let health = shown(&facts);
            assert_eq!((health.state, health.reason), (state, reason), "{facts:?}");
        }
    }
}
