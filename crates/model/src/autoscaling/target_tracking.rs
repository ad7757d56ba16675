//! Target tracking: the two alarms that a policy has made for it, and how much capacity keeps a metric at its target
//! (Auto Scaling user guide, "Target tracking scaling policies").
//!
//! Counts of datapoints and the lower threshold are not published; they are what AWS's own alarms show. Which wish is
//! followed is decided in [`super::capacity`].

use super::policy::{ScalingPolicy, TargetTrackingPolicy};
use crate::{
    Arn, IdSource, Scope, Tags, Timestamp,
    cloudwatch::alarm::{Actions, Alarm, AlarmState, ComparisonOperator},
    id,
};

/// How many periods in a row must be above the target: with minutes, three.
pub const HIGH_PERIODS: u32 = 3;
/// How many periods in a row must be well below the target: with minutes, a quarter of an hour.
pub const LOW_PERIODS: u32 = 15;
/// Per cent of the target below which capacity is too much.
pub const LOW_PERCENT: f64 = 90.0;
/// The longest name of an alarm, in characters.
const MAXIMUM_ALARM_NAME: usize = 255;
/// What is forgiven when a sum of doubles comes out a hair above a whole number of instances.
const ROUNDING: f64 = 1e-12;

/// Which of its alarms asks for a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The metric is above the target.
    High,
    /// The metric is well below the target.
    Low,
}

/// The alarms of a target tracking policy: the high one, and the low one unless scale-in is disabled. Alarms that the
/// policy has keep their names. The caller puts their names and ARNs into the policy, in this order. Other policies
/// have none.
pub fn alarms(policy: &ScalingPolicy, scope: &Scope, now: Timestamp, ids: &mut dyn IdSource) -> Vec<Alarm> {
    let super::policy::PolicyKind::TargetTracking(tracking) = &policy.kind else { return Vec::new() };
    let sides = if tracking.disable_scale_in { &[Side::High][..] } else { &[Side::High, Side::Low] };
    let made = sides.iter().zip(0..).map(|(side, position)| {
        let known = policy.alarms.get(position).map(|(name, _)| name.clone());
        let name = known.unwrap_or_else(|| alarm_name(&policy.group, *side, ids));
        alarm(policy, tracking, *side, name, scope, now)
    });
    made.collect()
}

/// Which alarm of the policy this is.
pub fn side(policy: &ScalingPolicy, alarm: &Arn) -> Option<Side> {
    let position = policy.alarms.iter().position(|(_, arn)| arn == alarm)?;
    [Side::High, Side::Low].get(position).copied()
}

/// The fewest instances with which the metric is expected at or below the target, when `instances` have `value` each.
pub fn needed(instances: u32, value: f64, target: f64) -> u32 {
    let exact = f64::from(instances) * value / target;
    whole(exact)
}

/// Rounded up to a number of instances; what is no number counts as none.
pub(super) fn whole(exact: f64) -> u32 {
    let bounded = exact.clamp(0.0, f64::from(u32::MAX));
    let rounded = (bounded - ROUNDING * bounded.max(1.0)).ceil().max(0.0);
    // Clamped and whole; casts of NaN give 0.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = rounded as u32;
    whole
}

fn alarm_name(group: &str, side: Side, ids: &mut dyn IdSource) -> String {
    let side = match side {
        Side::High => "AlarmHigh",
        Side::Low => "AlarmLow",
    };
    let end = format!("-{side}-{}", id::uuid(ids));
    let room = MAXIMUM_ALARM_NAME - "TargetTracking-".len() - end.len();
    let group: String = group.chars().take(room).collect();
    format!("TargetTracking-{group}{end}")
}

fn alarm(
    policy: &ScalingPolicy,
    tracking: &TargetTrackingPolicy,
    side: Side,
    name: String,
    scope: &Scope,
    now: Timestamp,
) -> Alarm {
    let (comparison, threshold, periods) = match side {
        Side::High => (ComparisonOperator::GreaterThanThreshold, tracking.target, HIGH_PERIODS),
        Side::Low => (ComparisonOperator::LessThanThreshold, tracking.target * LOW_PERCENT / 100.0, LOW_PERIODS),
    };
    let description = format!(
        "Belongs to the target tracking policy {} and is put anew with it; please do not change or delete it.",
        policy.arn
    );
    Alarm {
        arn: Alarm::arn_of(scope, &name),
        name,
        description: Some(description),
        actions_enabled: true,
        actions: Actions { alarm: vec![policy.arn.clone()], ..Actions::default() },
        watched: tracking.metric.watched(&policy.group),
        evaluation_periods: periods,
        datapoints_to_alarm: None,
        comparison,
        threshold,
        treat_missing_data: None,
        low_sample_count: None,
        managed_by: Some(policy.arn.clone()),
        tags: Tags::default(),
        configured_at: now,
        state: AlarmState::initial(now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autoscaling::policy::{
        PolicyKind,
        metric::{PredefinedMetric, TrackedMetric},
    };
    use crate::cloudwatch::{alarm::Watched, metric::Metric};

    fn policy(disable_scale_in: bool, group: &str) -> ScalingPolicy {
        let metric =
            TrackedMetric::Predefined { metric: PredefinedMetric::AverageCpuUtilization, resource_label: None };
        let tracking = TargetTrackingPolicy { metric, target: 70.0, disable_scale_in, warmup_seconds: None };
        let scope = Scope::new("123456789012", "eu-central-1");
        ScalingPolicy::new(&scope, group, "cpu70", "u", true, PolicyKind::TargetTracking(tracking)).unwrap()
    }

    fn made(policy: &ScalingPolicy) -> Vec<Alarm> {
        let mut count = 0;
        let mut ids = || {
            count += 1;
            count
        };
        alarms(policy, &Scope::new("123456789012", "eu-central-1"), Timestamp::from_seconds(0), &mut ids)
    }

    #[test]
    fn a_policy_has_an_alarm_above_its_target_and_one_well_below() {
        let policy = policy(false, "web");
        let [high, low] = made(&policy)[..].to_vec().try_into().unwrap();
        assert!(high.name.starts_with("TargetTracking-web-AlarmHigh-"), "{}", high.name);
        assert!(low.name.starts_with("TargetTracking-web-AlarmLow-"), "{}", low.name);
        assert_eq!((high.comparison, high.threshold), (ComparisonOperator::GreaterThanThreshold, 70.0));
        assert_eq!((low.comparison, low.threshold), (ComparisonOperator::LessThanThreshold, 63.0));
        assert_eq!((high.evaluation_periods, low.evaluation_periods), (3, 15));
        for alarm in [&high, &low] {
            assert_eq!(alarm.actions.alarm, std::slice::from_ref(&policy.arn));
            assert_eq!(alarm.managed_by.as_ref(), Some(&policy.arn));
            let Watched::Metric(stat) = &alarm.watched else { panic!("{alarm:?}") };
            assert_eq!(stat.metric, Metric::new("AWS/EC2", "CPUUtilization", [("AutoScalingGroupName", "web")]));
            assert_eq!(stat.period_seconds, 60);
        }
    }

    #[test]
    fn without_scale_in_there_is_no_low_alarm_and_known_alarms_keep_their_names() {
        let mut policy = policy(true, &"g".repeat(255));
        let [high] = made(&policy)[..].to_vec().try_into().unwrap();
        assert_eq!(high.name.len(), 255);
        policy.alarms = vec![("kept".to_owned(), high.arn.clone())];
        assert_eq!(made(&policy)[0].name, "kept");
        assert_eq!(side(&policy, &high.arn), Some(Side::High));
    }

    #[test]
    fn capacity_is_proportional_to_the_metric_and_rounded_up() {
        let table = [
            (4, 90.0, 50.0, 8),
            (10, 50.0, 50.0, 10),
            (10, 50.1, 50.0, 11),
            (10, 44.0, 50.0, 9),
            (3, 0.1, 0.3, 1),
            (10, 0.0, 50.0, 0),
            (0, 90.0, 50.0, 0),
            (10, -5.0, 50.0, 0),
            (10, f64::NAN, 50.0, 0),
            (10, 1e18, 1.0, u32::MAX),
        ];
        for (instances, value, target, expected) in table {
            assert_eq!(needed(instances, value, target), expected, "{instances} x {value} / {target}");
        }
    }
}
