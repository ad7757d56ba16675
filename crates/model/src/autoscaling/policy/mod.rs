//! Scaling policies: the record, its four kinds, and the one constructor that refuses what must not exist (Auto Scaling
//! API reference, PutScalingPolicy and ScalingPolicy).
//!
//! What a policy makes of a capacity is decided in [`super::capacity`]; the arithmetic of adjustments is in
//! [`super::step`], that of target tracking in [`super::target_tracking`].

mod invalid;
pub mod metric;
pub mod predictive;

pub use invalid::InvalidPolicy;

use super::step::{Adjustment, AdjustmentType, StepAdjustment};
use crate::{Arn, Scope};
use metric::TrackedMetric;
use predictive::PredictivePolicy;
use serde::{Deserialize, Serialize};

/// The most policies of one group (Auto Scaling user guide, quotas).
pub const MAXIMUM_POLICIES: usize = 50;
/// The longest name of a policy or a scheduled action, in characters.
pub const MAXIMUM_NAME: usize = 255;

/// A scaling policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    /// The group's name.
    pub group: String,
    /// 1 to 255 characters; unique in the group.
    pub name: String,
    /// `arn:aws:autoscaling:<region>:<account>:scalingPolicy:<uuid>:autoScalingGroupName/<group>:policyName/<name>`
    pub arn: Arn,
    /// Whether it does anything; AWS's default is that it does.
    pub enabled: bool,
    /// What it does.
    pub kind: PolicyKind,
    /// Alarms that were made for it (target tracking), by name and ARN.
    pub alarms: Vec<(String, Arn)>,
}

/// The kinds of policy (PolicyType).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// One adjustment, then a cooldown.
    Simple(SimplePolicy),
    /// An adjustment that depends on how far the metric is beyond the alarm's threshold.
    Step(StepPolicy),
    /// As much capacity as keeps a metric at its target.
    TargetTracking(TargetTrackingPolicy),
    /// Capacity ahead of load that is forecast from the past.
    Predictive(PredictivePolicy),
}

/// Simple scaling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimplePolicy {
    /// What is done.
    pub adjustment: Adjustment,
    /// Seconds to wait after it; the group's default cooldown when absent.
    pub cooldown_seconds: Option<u32>,
}

/// Step scaling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepPolicy {
    /// How the numbers of the steps are meant.
    pub adjustment_type: AdjustmentType,
    /// 1 to 20, without gap or overlap; any order.
    pub steps: Vec<StepAdjustment>,
    /// The least change by per cent, in instances.
    pub minimum_magnitude: Option<u32>,
    /// What the alarm's datapoints are taken for; for answers only, as the alarm has its own statistic.
    pub aggregation: MetricAggregation,
    /// EstimatedInstanceWarmup in seconds; the group's warm-up when absent.
    pub warmup_seconds: Option<u32>,
}

/// MetricAggregationType.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MetricAggregation {
    /// AWS's default.
    #[default]
    Average,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
}

/// Target tracking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetTrackingPolicy {
    /// What is measured; it must fall when capacity grows.
    pub metric: TrackedMetric,
    /// Where it is kept; finite and above zero.
    pub target: f64,
    /// Whether the policy only ever adds capacity.
    pub disable_scale_in: bool,
    /// EstimatedInstanceWarmup in seconds; the group's warm-up when absent.
    pub warmup_seconds: Option<u32>,
}

impl ScalingPolicy {
    /// A policy that was checked; `uuid` is a new one. It has no alarms yet.
    ///
    /// # Errors
    /// [`InvalidPolicy`] names the member that is not right.
    pub fn new(
        scope: &Scope,
        group: &str,
        name: &str,
        uuid: &str,
        enabled: bool,
        kind: PolicyKind,
    ) -> Result<Self, InvalidPolicy> {
        if name.is_empty() || name.chars().count() > MAXIMUM_NAME || name.chars().any(char::is_control) {
            return Err(InvalidPolicy::Name);
        }
        kind.check()?;
        let resource = format!("scalingPolicy:{uuid}:autoScalingGroupName/{group}:policyName/{name}");
        let arn = Arn::new("autoscaling", &scope.region, &scope.account, resource);
        Ok(Self { group: group.to_owned(), name: name.to_owned(), arn, enabled, kind, alarms: Vec::new() })
    }

    /// The id of the record.
    pub fn id(&self) -> String {
        Self::id_of(&self.group, &self.name)
    }

    /// The id of the record of that policy.
    pub fn id_of(group: &str, name: &str) -> String {
        format!("{group}:{name}")
    }

    /// The group in the ARN of a policy; `None` for other ARNs.
    pub fn group_of(arn: &Arn) -> Option<&str> {
        let resource = arn.resource().strip_prefix("scalingPolicy:").filter(|_| arn.service() == "autoscaling")?;
        resource.split(':').nth(1)?.strip_prefix("autoScalingGroupName/")
    }

    /// The policy's name in the ARN of a policy; `None` for other ARNs.
    pub fn name_of(arn: &Arn) -> Option<&str> {
        let resource = arn.resource().strip_prefix("scalingPolicy:").filter(|_| arn.service() == "autoscaling")?;
        resource.splitn(3, ':').nth(2)?.strip_prefix("policyName/")
    }
}

impl PolicyKind {
    /// PolicyType in the API.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Simple(_) => "SimpleScaling",
            Self::Step(_) => "StepScaling",
            Self::TargetTracking(_) => "TargetTrackingScaling",
            Self::Predictive(_) => "PredictiveScaling",
        }
    }

    fn check(&self) -> Result<(), InvalidPolicy> {
        match self {
            Self::Simple(simple) => simple.adjustment.check().map_err(InvalidPolicy::Adjustment),
            Self::Step(step) => step.check(),
            Self::TargetTracking(tracking) => tracking.check(),
            Self::Predictive(predictive) => predictive.check(),
        }
    }
}

impl StepPolicy {
    fn check(&self) -> Result<(), InvalidPolicy> {
        super::step::check(&self.steps).map_err(InvalidPolicy::Steps)?;
        self.steps.iter().try_for_each(|step| self.adjustment(step).check()).map_err(InvalidPolicy::Adjustment)
    }

    /// What a step of the policy does.
    pub fn adjustment(&self, step: &StepAdjustment) -> Adjustment {
        Adjustment {
            adjustment_type: self.adjustment_type,
            amount: step.adjustment,
            minimum_magnitude: self.minimum_magnitude,
        }
    }
}

impl TargetTrackingPolicy {
    fn check(&self) -> Result<(), InvalidPolicy> {
        if !(self.target.is_finite() && self.target > 0.0) {
            return Err(InvalidPolicy::Target);
        }
        self.metric.check()
    }
}

impl MetricAggregation {
    /// All, AWS's default first.
    pub const ALL: [Self; 3] = [Self::Average, Self::Minimum, Self::Maximum];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Average => "Average",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
        }
    }

    /// The one of that name in the API.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|aggregation| aggregation.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metric::{PredefinedMetric, TrackedMetric};

    fn policy(name: &str, kind: PolicyKind) -> Result<ScalingPolicy, InvalidPolicy> {
        let scope = Scope::new("123456789012", "eu-central-1");
        ScalingPolicy::new(&scope, "web servers", name, "01234567-89ab-4def-8123-456789abcdef", true, kind)
    }

    fn simple(adjustment_type: AdjustmentType, amount: i32, minimum_magnitude: Option<u32>) -> PolicyKind {
        let adjustment = Adjustment { adjustment_type, amount, minimum_magnitude };
        PolicyKind::Simple(SimplePolicy { adjustment, cooldown_seconds: None })
    }

    fn tracking(target: f64, metric: PredefinedMetric, label: Option<&str>) -> PolicyKind {
        let metric = TrackedMetric::Predefined { metric, resource_label: label.map(str::to_owned) };
        PolicyKind::TargetTracking(TargetTrackingPolicy {
            metric,
            target,
            disable_scale_in: false,
            warmup_seconds: None,
        })
    }

    #[test]
    fn group_and_name_are_found_in_the_arn_whatever_is_in_them() {
        let made = policy("scale: out/1", simple(AdjustmentType::ChangeInCapacity, 1, None)).unwrap();
        assert_eq!(ScalingPolicy::group_of(&made.arn), Some("web servers"));
        assert_eq!(ScalingPolicy::name_of(&made.arn), Some("scale: out/1"));
        assert_eq!(made.id(), "web servers:scale: out/1");
        let stored = serde_json::to_string(&made).unwrap();
        assert_eq!(serde_json::from_str::<ScalingPolicy>(&stored).unwrap(), made, "names with blanks are read back");
        let other: Arn = "arn:aws:sns:eu-central-1:123456789012:topic".parse().unwrap();
        assert_eq!((ScalingPolicy::group_of(&other), ScalingPolicy::name_of(&other)), (None, None));
    }

    #[test]
    fn what_must_not_exist_is_refused() {
        use AdjustmentType::{ChangeInCapacity, ExactCapacity, PercentChangeInCapacity};
        let label = Some("app/web/0123456789abcdef/targetgroup/web/0123456789abcdef");
        let table = [
            ("p", simple(ChangeInCapacity, -3, None), true),
            ("", simple(ChangeInCapacity, -3, None), false),
            (&"x".repeat(256), simple(ChangeInCapacity, -3, None), false),
            ("a\nb", simple(ChangeInCapacity, -3, None), false),
            ("p", simple(ExactCapacity, 0, None), true),
            ("p", simple(ExactCapacity, -1, None), false),
            ("p", simple(PercentChangeInCapacity, -10, Some(2)), true),
            ("p", simple(PercentChangeInCapacity, -10, Some(0)), false),
            ("p", simple(ChangeInCapacity, 1, Some(2)), false),
            ("p", tracking(50.0, PredefinedMetric::AverageCpuUtilization, None), true),
            ("p", tracking(0.0, PredefinedMetric::AverageCpuUtilization, None), false),
            ("p", tracking(f64::NAN, PredefinedMetric::AverageCpuUtilization, None), false),
            ("p", tracking(50.0, PredefinedMetric::AverageCpuUtilization, label), false),
            ("p", tracking(50.0, PredefinedMetric::AlbRequestCountPerTarget, label), true),
            ("p", tracking(50.0, PredefinedMetric::AlbRequestCountPerTarget, None), false),
            ("p", tracking(50.0, PredefinedMetric::AlbRequestCountPerTarget, Some("app/web/targetgroup/web")), false),
        ];
        for (name, kind, allowed) in table {
            let text = format!("{name:?} {kind:?}");
            assert_eq!(policy(name, kind).is_ok(), allowed, "{text}");
        }
    }
}
