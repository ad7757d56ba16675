//! DECIDER: what was measured of instances to the points of AWS/EC2, one by one and by what they have in common.
//!
//! Names, units and dimensions are those of the EC2 user guide, "CloudWatch metrics that are available for your
//! instances". An aggregate (Auto Scaling group, image, instance type) is the distribution over its instances. How often
//! instances are sampled is decided here too, so that a large fleet costs no more than a small one.

use super::instance::Instance;
use crate::{
    Scope, Timestamp,
    cloudwatch::metric::{BYTES, COUNT, Metric, PERCENT, Point},
};
use std::{collections::BTreeMap, time::Duration};

/// The namespace of EC2.
pub const NAMESPACE: &str = "AWS/EC2";
/// Up to so many instances are sampled every second.
pub const SAMPLED_EACH_SECOND: usize = 200;
/// Up to so many instances are sampled every ten seconds; more, once a minute.
pub const SAMPLED_EACH_TEN_SECONDS: usize = 2000;
/// How often traffic and status checks are recorded: once for each datapoint that AWS has.
pub const MINUTE: Duration = Duration::from_secs(60);

/// How often so many instances are sampled.
pub const fn sample_interval(instances: usize) -> Duration {
    if instances <= SAMPLED_EACH_SECOND {
        Duration::from_secs(1)
    } else if instances <= SAMPLED_EACH_TEN_SECONDS {
        Duration::from_secs(10)
    } else {
        MINUTE
    }
}

/// One value that was measured of one instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// Processor time in per cent of what the instance type's vCPUs can do: 0 to 100.
    CpuPercent(f64),
    /// Bytes received and sent.
    Network([u64; 2]),
    /// Whether the instance does not answer.
    CheckFailed(bool),
}

/// What was measured of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// Account and region.
    pub scope: &'a Scope,
    /// The instance.
    pub instance: &'a Instance,
    /// Whether it counts among the instances of its Auto Scaling group: not while it warms up.
    pub counts_for_group: bool,
    /// When: the middle of the time that the value is of.
    pub at: Timestamp,
    /// What.
    pub measure: Measure,
}

impl Measure {
    fn values(self) -> Vec<(&'static str, f64, &'static str)> {
        match self {
            Self::CpuPercent(percent) => vec![("CPUUtilization", percent, PERCENT)],
            Self::Network([received, sent]) => {
                vec![("NetworkIn", received as f64, BYTES), ("NetworkOut", sent as f64, BYTES)]
            }
            Self::CheckFailed(failed) => {
                let failed = f64::from(u8::from(failed));
                vec![
                    ("StatusCheckFailed", failed, COUNT),
                    ("StatusCheckFailed_Instance", failed, COUNT),
                    ("StatusCheckFailed_System", 0.0, COUNT),
                ]
            }
        }
    }
}

/// What an aggregate is of: account and region, metric, dimension and its value, unit, when.
type Key<'a> = (&'a Scope, &'static str, &'static str, &'a str, &'static str, Timestamp);

/// The points of what was measured: of each instance, then of each group, image and type.
pub fn points(measured: &[Measured<'_>]) -> Vec<Point> {
    let mut points = Vec::new();
    let mut aggregates: BTreeMap<Key<'_>, Vec<(f64, f64)>> = BTreeMap::new();
    for Measured { scope, instance, counts_for_group, at, measure } in measured {
        let group = instance.auto_scaling_group.as_deref().filter(|_| *counts_for_group);
        let common = [
            group.map(|group| ("AutoScalingGroupName", group)),
            Some(("ImageId", instance.image_id.as_str())),
            Some(("InstanceType", instance.instance_type.as_str())),
        ];
        for (name, value, unit) in measure.values() {
            points.push(point(scope, name, ("InstanceId", instance.id.as_str()), unit, *at, vec![(value, 1.0)]));
            for (dimension, of) in common.into_iter().flatten() {
                // Those that were measured at nearly the same time lie in one second.
                let key = (*scope, name, dimension, of, unit, at.period_start(1));
                aggregates.entry(key).or_default().push((value, 1.0));
            }
        }
    }
    let aggregated = aggregates
        .into_iter()
        .map(|((scope, name, dimension, of, unit, at), values)| point(scope, name, (dimension, of), unit, at, values));
    points.extend(aggregated);
    points
}

fn point(
    scope: &Scope,
    name: &str,
    dimension: (&str, &str),
    unit: &'static str,
    at: Timestamp,
    values: Vec<(f64, f64)>,
) -> Point {
    Point { scope: scope.clone(), metric: Metric::new(NAMESPACE, name, [dimension]), at, values, unit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_fleet_is_sampled_less_often() {
        for (instances, seconds) in [(0, 1), (200, 1), (201, 10), (2000, 10), (2001, 60), (100_000, 60)] {
            assert_eq!(sample_interval(instances), Duration::from_secs(seconds), "{instances}");
        }
    }

    #[test]
    fn each_measure_has_the_names_of_aws() {
        let names = |measure: Measure| -> Vec<(&str, f64)> {
            measure.values().into_iter().map(|(name, value, _)| (name, value)).collect()
        };
        assert_eq!(names(Measure::CpuPercent(12.5)), [("CPUUtilization", 12.5)]);
        assert_eq!(names(Measure::Network([3, 4])), [("NetworkIn", 3.0), ("NetworkOut", 4.0)]);
        let checks =
            [("StatusCheckFailed", 1.0), ("StatusCheckFailed_Instance", 1.0), ("StatusCheckFailed_System", 0.0)];
        assert_eq!(names(Measure::CheckFailed(true)), checks);
    }
}
