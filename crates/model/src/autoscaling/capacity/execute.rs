//! ExecutePolicy: a policy carried out because somebody says so (Auto Scaling API reference, ExecutePolicy).

use super::{
    CapacityDecision, Step,
    wish::{self, NoWish, Wish},
};
use crate::{
    Timestamp,
    autoscaling::{
        decision::Outcome,
        group::AutoScalingGroup,
        policy::{PolicyKind, ScalingPolicy},
    },
};

/// What the caller says beside the policy.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Execution {
    /// HonorCooldown; false unless given. Simple scaling only.
    pub honor_cooldown: bool,
    /// MetricValue; step scaling needs it.
    pub metric_value: Option<f64>,
    /// BreachThreshold; step scaling needs it.
    pub breach_threshold: Option<f64>,
}

/// Why a policy cannot be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotExecute {
    /// AWS answers ValidationError.
    #[error("the policy is disabled; enable it with PutScalingPolicy")]
    Disabled,
    /// AWS answers ValidationError.
    #[error("policies of type {0} follow their own alarms or forecasts and cannot be executed")]
    Kind(&'static str),
    /// AWS answers ValidationError.
    #[error("a step scaling policy needs MetricValue and BreachThreshold, both numbers, and takes no HonorCooldown")]
    StepNeedsMetric,
    /// AWS answers ValidationError.
    #[error("MetricValue and BreachThreshold go with step scaling only")]
    UnexpectedMetric,
    /// AWS answers ScalingActivityInProgress.
    #[error("the cooldown of the group is not over; wait, or leave HonorCooldown out")]
    Cooldown,
}

/// Carries a policy out now.
///
/// # Errors
/// [`CannotExecute`]; the group stays as it is. A policy that changes nothing (limits, warm-up) is no error: the decision
/// has the record that says why.
pub fn execute(
    group: &AutoScalingGroup,
    policy: &ScalingPolicy,
    execution: Execution,
    now: Timestamp,
) -> Result<CapacityDecision, CannotExecute> {
    if !policy.enabled {
        return Err(CannotExecute::Disabled);
    }
    let mut step = Step::new(group, now);
    let Execution { honor_cooldown, metric_value, breach_threshold } = execution;
    let finite = |number: Option<f64>| number.filter(|number| number.is_finite());
    let answer = match &policy.kind {
        PolicyKind::Simple(_) if metric_value.or(breach_threshold).is_some() => {
            return Err(CannotExecute::UnexpectedMetric);
        }
        PolicyKind::Simple(simple) => wish::simple(&step, simple, honor_cooldown),
        PolicyKind::Step(steps) => match (finite(metric_value), finite(breach_threshold)) {
            (Some(value), Some(threshold)) if !honor_cooldown => wish::step(&step, steps, value, threshold),
            (Some(_) | None, Some(_) | None) => return Err(CannotExecute::StepNeedsMetric),
        },
        PolicyKind::TargetTracking(_) | PolicyKind::Predictive(_) => {
            return Err(CannotExecute::Kind(policy.kind.name()));
        }
    };
    match answer {
        Err(NoWish { outcome: Outcome::Cooldown, .. }) => return Err(CannotExecute::Cooldown),
        Err(NoWish { outcome, to, why }) => step.record(&policy.name, outcome, to, format!("user request; {why}")),
        Ok(wish) => follow(&mut step, policy, &wish),
    }
    Ok(step.decision)
}

fn follow(step: &mut Step<'_>, policy: &ScalingPolicy, wish: &Wish) {
    let (desired, to) = (step.decision.desired, wish::limited(step, wish.to));
    let why = format!("user request; {}; {desired} -> {to} (wanted {})", wish.figures, wish.to);
    let outcome = match (to == desired, wish.to == i64::from(desired)) {
        (false, _) => Outcome::Done,
        (true, true) => Outcome::NoChange,
        (true, false) => Outcome::AtLimit,
    };
    step.record(&policy.name, outcome, to, why);
    if to != desired {
        step.change(to, &format!("a user request executed policy {}", policy.name));
        step.cool_down(policy);
    }
}
