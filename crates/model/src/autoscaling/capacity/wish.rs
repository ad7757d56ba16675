//! What one policy makes of the present capacity, before it is weighed against the wishes of others.
//!
//! Instances that are warming up are where policies differ: simple scaling counts them, step scaling and target tracking
//! add to what is warm, so that one breach does not add twice, and take nothing away while any warms up.

use super::Step;
use crate::{
    Timestamp,
    autoscaling::{
        constraints::Cooldown,
        decision::Outcome,
        group::AutoScalingGroup,
        member::{GroupInstance, LifecycleState},
        policy::{PolicyKind, ScalingPolicy, SimplePolicy, StepPolicy, TargetTrackingPolicy},
        step::{self, Adjustment},
        target_tracking::{self, Side},
    },
};
use std::time::Duration;

/// A capacity that a policy wants; before the group's limits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wish {
    /// May be negative.
    pub to: i64,
    /// The figures that led to it.
    pub figures: String,
}

/// Why a policy wants nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NoWish {
    pub outcome: Outcome,
    /// Where it would go if that were not so.
    pub to: u32,
    pub why: String,
}

/// Simple scaling: waits for what is under way and for the cooldown.
pub(super) fn simple(step: &Step<'_>, policy: &SimplePolicy, honor_cooldown: bool) -> Result<Wish, NoWish> {
    let desired = step.decision.desired;
    let to = policy.adjustment.applied_to(desired);
    let figures = shown(&policy.adjustment);
    let held = |outcome, why: String| {
        let to = limited(step, to);
        Err(NoWish { outcome, to, why: format!("{figures}; {why}; would go {desired} -> {to}") })
    };
    match step.group.cooldown(step.now).filter(|_| honor_cooldown) {
        Some(Cooldown::Activity) => held(Outcome::Cooldown, "the last simple scaling is still under way".to_owned()),
        Some(Cooldown::Left(left)) => held(Outcome::Cooldown, format!("cooldown {} s left", seconds(left))),
        None if honor_cooldown && is_busy(step.group) => {
            held(Outcome::Cooldown, "instances are being launched or taken out of service".to_owned())
        }
        None => Ok(Wish { to, figures }),
    }
}

/// Step scaling: the step for `value`, applied to the instances that are warm.
pub(super) fn step(step: &Step<'_>, policy: &StepPolicy, value: f64, threshold: f64) -> Result<Wish, NoWish> {
    let desired = step.decision.desired;
    let nothing = |outcome, why| Err(NoWish { outcome, to: desired, why });
    let Some(chosen) = step::choose(&policy.steps, value - threshold) else {
        return nothing(Outcome::NoChange, format!("no step is for {} from the threshold", value - threshold));
    };
    let adjustment = policy.adjustment(chosen);
    let figures = format!("step {}..{}: {}", bound(chosen.lower), bound(chosen.upper), shown(&adjustment));
    let warmth = Warmth::of(step, policy.warmup_seconds);
    let plain = adjustment.applied_to(desired);
    if plain < i64::from(desired) {
        return shrink(step, &warmth, Wish { to: plain, figures });
    }
    // Added to what is warm: what was added before and is not warm yet is part of the answer.
    let to = adjustment.applied_to(warmth.warm.min(desired));
    if to <= i64::from(desired) && plain > i64::from(desired) {
        return nothing(Outcome::WarmingUp, format!("{figures} of {}; {}", warmth.warm.min(desired), warmth.text()));
    }
    Ok(Wish { to, figures })
}

/// Target tracking: as many instances as keep the metric at its target.
pub(super) fn tracking(step: &Step<'_>, policy: &TargetTrackingPolicy, side: Side, value: f64) -> Result<Wish, NoWish> {
    let desired = step.decision.desired;
    let warmth = Warmth::of(step, policy.warmup_seconds);
    let measured = warmth.warm.min(desired);
    let needed = target_tracking::needed(measured, value, policy.target);
    let figures = format!("{measured} x {value} / {} needs {needed}", policy.target);
    let nothing = |outcome, why: &str| Err(NoWish { outcome, to: desired, why: format!("{figures}; {why}") });
    match side {
        Side::High if needed > desired => Ok(Wish { to: needed.into(), figures }),
        Side::High if measured < desired => nothing(Outcome::WarmingUp, &warmth.text()),
        // Above the target by less than one instance's share: one more all the same.
        Side::High => Ok(Wish { to: i64::from(desired) + 1, figures }),
        Side::Low if policy.disable_scale_in => nothing(Outcome::Held, "scale-in is disabled"),
        Side::Low if needed >= desired => nothing(Outcome::NoChange, "with fewer it would be above the target"),
        Side::Low => shrink(step, &warmth, Wish { to: needed.into(), figures }),
    }
}

/// A wish for less: not while instances warm up, as the metric does not show yet what they are good for.
fn shrink(step: &Step<'_>, warmth: &Warmth, wish: Wish) -> Result<Wish, NoWish> {
    if warmth.warming == 0 {
        return Ok(wish);
    }
    let (desired, to) = (step.decision.desired, limited(step, wish.to));
    let why = format!("{}; {}; would go {desired} -> {to}", wish.figures, warmth.text());
    Err(NoWish { outcome: Outcome::WarmingUp, to, why })
}

/// How many members do their part.
struct Warmth {
    /// In service for as long as the warm-up takes.
    warm: u32,
    /// On their way in, or in service for less.
    warming: u32,
    /// Until the last of those in service is warm.
    left: Duration,
    /// Desired, but no member yet.
    missing: u32,
}

impl Warmth {
    fn of(step: &Step<'_>, of_policy: Option<u32>) -> Self {
        let warmup = Duration::from_secs(step.group.warmup_seconds(of_policy).into());
        let mut warmth = Self { warm: 0, warming: 0, left: Duration::ZERO, missing: step.decision.desired };
        for member in step.group.counting() {
            let left = warm_at(member, warmup).map(|at| at.since(step.now));
            match left {
                Some(Duration::ZERO) => warmth.warm += 1,
                Some(_) | None => warmth.warming += 1,
            }
            warmth.left = warmth.left.max(left.unwrap_or(warmup));
            warmth.missing = warmth.missing.saturating_sub(1);
        }
        warmth
    }

    fn text(&self) -> String {
        let Self { warm: _, warming, left, missing } = self;
        match (warming, missing) {
            (0, 0) => "instances are being replaced".to_owned(),
            (0, missing) => format!("{missing} that were asked for are not launched yet"),
            (warming, _) => format!("{warming} warming up, for up to {} s more", seconds(*left)),
        }
    }
}

fn warm_at(member: &GroupInstance, warmup: Duration) -> Option<Timestamp> {
    let in_service = member.in_service_at.filter(|_| member.lifecycle == LifecycleState::InService);
    in_service.map(|at| at.plus(warmup))
}

/// Whether a launch or a termination is under way. Termination hooks are not waited for; draining is.
fn is_busy(group: &AutoScalingGroup) -> bool {
    let busy =
        |member: &GroupInstance| member.lifecycle.is_pending() || member.lifecycle == LifecycleState::Terminating;
    group.members.values().any(busy)
}

/// Within the group's limits.
pub(super) fn limited(step: &Step<'_>, to: i64) -> u32 {
    let (minimum, maximum) = (step.decision.minimum, step.decision.maximum);
    u32::try_from(to.clamp(minimum.into(), maximum.into())).unwrap_or(minimum)
}

/// Whole seconds, rounded up: never "0 s left".
fn seconds(left: Duration) -> u64 {
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

fn shown(adjustment: &Adjustment) -> String {
    format!("{} {}", adjustment.adjustment_type.name(), adjustment.amount)
}

fn bound(bound: Option<f64>) -> String {
    bound.map_or_else(|| "infinity".to_owned(), |bound| bound.to_string())
}

/// The wish of a policy of any kind, for an alarm's value.
pub(super) fn of(
    step: &Step<'_>,
    policy: &ScalingPolicy,
    alarm: &crate::Arn,
    value: Option<f64>,
    threshold: Option<f64>,
) -> Result<Wish, NoWish> {
    let desired = step.decision.desired;
    let held = |why: &str| Err(NoWish { outcome: Outcome::Held, to: desired, why: why.to_owned() });
    match &policy.kind {
        PolicyKind::Simple(simple) => self::simple(step, simple, true),
        PolicyKind::Step(steps) => match (value, threshold) {
            (Some(value), Some(threshold)) => self::step(step, steps, value, threshold),
            (None, _) => held("the alarm has no value: missing data decided it, and steps need one"),
            (Some(_), None) => held("the alarm has no fixed threshold, and steps are measured from it"),
        },
        PolicyKind::TargetTracking(target) => match (target_tracking::side(policy, alarm), value) {
            (Some(side), Some(value)) => tracking(step, target, side, value),
            (Some(_), None) => held("the alarm has no value: missing data decided it"),
            (None, _) => held("the alarm is not one of the policy's own"),
        },
        PolicyKind::Predictive(_) => held("predictive scaling follows forecasts, not alarms"),
    }
}
