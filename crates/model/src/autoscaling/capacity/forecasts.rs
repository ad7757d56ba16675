//! What forecasts of predictive scaling policies ask for now.
//!
//! A forecast only ever adds capacity; while its hour lasts, alarms do not take away what it added.

use super::Step;
use crate::{
    Timestamp,
    autoscaling::{
        decision::Outcome,
        policy::{
            PolicyKind, ScalingPolicy,
            predictive::{BreachBehavior, ForecastHour, PredictiveMode, PredictivePolicy},
        },
    },
};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// Raises the capacity to what is forecast, and gives the least capacity that scale-in may come to now.
pub(super) fn follow(step: &mut Step<'_>, policies: &[ScalingPolicy]) -> u32 {
    let mut floor = 0;
    for policy in policies.iter().filter(|policy| policy.enabled) {
        if let PolicyKind::Predictive(predictive) = &policy.kind
            && predictive.mode == PredictiveMode::ForecastAndScale
        {
            floor = floor.max(follow_one(step, policy, predictive));
        }
    }
    floor
}

fn follow_one(step: &mut Step<'_>, policy: &ScalingPolicy, predictive: &PredictivePolicy) -> u32 {
    let hours = predictive.forecast.iter().flat_map(|forecast| &forecast.hours);
    let buffer = Duration::from_secs(predictive.buffer_seconds().into());
    let begins = |hour: &ForecastHour| hour.at.minus(buffer);
    if let Some(later) = hours.clone().map(begins).find(|begin| *begin > step.now) {
        step.wake(later);
    }
    let present = |hour: &&ForecastHour| begins(hour) <= step.now && step.now < hour.at.plus(HOUR);
    let Some(hour) = hours.filter(present).max_by_key(|hour| hour.capacity) else { return 0 };
    raise_maximum(step, policy, predictive, hour);
    let to = hour.capacity.clamp(step.decision.minimum, step.decision.maximum);
    if to > step.decision.desired {
        let why = format!(
            "a load of {:.1} is forecast for the hour from {}, which needs {}; {} -> {to}",
            hour.load, hour.at, hour.capacity, step.decision.desired
        );
        step.record(&policy.name, Outcome::Done, to, why);
        step.change(to, &format!("a forecast of predictive scaling policy {}", policy.name));
    }
    to
}

/// The maximum follows a forecast beyond it, if the policy says so, and stays there until its owner changes it.
fn raise_maximum(step: &mut Step<'_>, policy: &ScalingPolicy, predictive: &PredictivePolicy, hour: &ForecastHour) {
    let maximum = step.decision.maximum;
    if predictive.behavior() == BreachBehavior::HonorMaxCapacity || hour.capacity <= maximum {
        return;
    }
    let buffer = u64::from(predictive.maximum_capacity_buffer.unwrap_or(0));
    let raised = u64::from(hour.capacity) * (100 + buffer) / 100;
    let raised = u32::try_from(raised).unwrap_or(u32::MAX);
    let why = format!(
        "{} are forecast for the hour from {}; max {maximum} -> {raised}",
        hour.capacity,
        Timestamp::to_string(&hour.at)
    );
    step.record(&policy.name, Outcome::Done, step.decision.desired, why);
    step.decision.maximum = raised;
}
