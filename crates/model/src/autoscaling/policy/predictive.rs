//! Predictive scaling: what a policy says (Auto Scaling API reference, PredictiveScalingConfiguration) and the newest
//! forecast that was made for it.
//!
//! How a forecast is made is in [`crate::autoscaling::predictive`].

use super::{
    InvalidPolicy,
    metric::{PolicyQuery, PredefinedMetric, check_label, check_queries},
};
use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// Seconds that instances are launched before they are needed, unless given.
pub const DEFAULT_BUFFER_SECONDS: u32 = 300;

/// Predictive scaling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictivePolicy {
    /// Whether forecasts scale.
    pub mode: PredictiveMode,
    /// What one instance should have to do, in units of the scaling metric; finite and above zero.
    pub target: f64,
    /// What is forecast and what scales.
    pub metrics: PredictiveMetrics,
    /// Seconds ahead of need; below 3600; [`DEFAULT_BUFFER_SECONDS`] when absent.
    pub scheduling_buffer_seconds: Option<u32>,
    /// What a forecast above the maximum does; [`BreachBehavior::HonorMaxCapacity`] when absent.
    pub breach_behavior: Option<BreachBehavior>,
    /// Per cent above the forecast that the maximum may be raised to; with `IncreaseMaxCapacity` only.
    pub maximum_capacity_buffer: Option<u32>,
    /// The newest forecast.
    pub forecast: Option<Forecast>,
}

/// Whether forecasts scale (PredictiveScalingMode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredictiveMode {
    /// They are only shown; AWS's default.
    #[default]
    ForecastOnly,
    /// They raise the capacity.
    ForecastAndScale,
}

/// What a forecast above the maximum does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreachBehavior {
    /// It stops at the maximum.
    #[default]
    HonorMaxCapacity,
    /// It raises the maximum.
    IncreaseMaxCapacity,
}

/// A load and the metric that says how much of it one instance has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredictiveMetrics {
    /// One of AWS's pairs.
    Pair {
        /// Which.
        pair: MetricPair,
        /// For requests only.
        resource_label: Option<String>,
    },
    /// Each by itself.
    Individual {
        /// What one instance has to do.
        scaling: PredictiveMetric,
        /// What all have to do together.
        load: PredictiveMetric,
        /// How many instances there were, if the group's own count is not meant.
        capacity: Option<Vec<PolicyQuery>>,
    },
}

/// A predefined metric or metric math.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredictiveMetric {
    /// One of AWS's, by the metric that the average or the total is of.
    Predefined {
        /// Which.
        pair: MetricPair,
        /// For requests only.
        resource_label: Option<String>,
    },
    /// Metric math.
    Customized(Vec<PolicyQuery>),
}

/// AWS's predefined pairs of load and scaling metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricPair {
    /// CPUUtilization.
    CpuUtilization,
    /// Bytes in.
    NetworkIn,
    /// Bytes out.
    NetworkOut,
    /// Requests of a target group.
    AlbRequestCount,
}

/// What is expected, hour by hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// When it was made.
    pub made_at: Timestamp,
    /// At most 48 hours, in order.
    pub hours: Vec<ForecastHour>,
}

/// One hour of a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForecastHour {
    /// Its start.
    pub at: Timestamp,
    /// Total load.
    pub load: f64,
    /// Instances that this load needs; before the group's limits.
    pub capacity: u32,
}

impl PredictivePolicy {
    pub(super) fn check(&self) -> Result<(), InvalidPolicy> {
        if !(self.target.is_finite() && self.target > 0.0) {
            return Err(InvalidPolicy::Target);
        }
        if self.buffer_seconds() >= 3600 {
            return Err(InvalidPolicy::SchedulingBuffer(self.buffer_seconds()));
        }
        match (self.behavior(), self.maximum_capacity_buffer) {
            (BreachBehavior::HonorMaxCapacity, Some(_)) => return Err(InvalidPolicy::MaximumCapacityBuffer),
            (BreachBehavior::IncreaseMaxCapacity, None) => return Err(InvalidPolicy::MissingMaximumCapacityBuffer),
            (BreachBehavior::IncreaseMaxCapacity, Some(101..)) => return Err(InvalidPolicy::MaximumCapacityBuffer),
            (BreachBehavior::IncreaseMaxCapacity, Some(_)) | (BreachBehavior::HonorMaxCapacity, None) => {}
        }
        self.metrics.check()
    }

    /// Seconds ahead of need.
    pub fn buffer_seconds(&self) -> u32 {
        self.scheduling_buffer_seconds.unwrap_or(DEFAULT_BUFFER_SECONDS)
    }

    /// What a forecast above the maximum does.
    pub fn behavior(&self) -> BreachBehavior {
        self.breach_behavior.unwrap_or_default()
    }
}

impl PredictiveMetrics {
    fn check(&self) -> Result<(), InvalidPolicy> {
        match self {
            Self::Pair { pair, resource_label } => pair.check(pair.name(), resource_label.as_deref()),
            Self::Individual { scaling, load, capacity } => {
                scaling.check(MetricPair::scaling_name)?;
                load.check(MetricPair::load_name)?;
                capacity.as_deref().map_or(Ok(()), check_queries)
            }
        }
    }
}

impl PredictiveMetric {
    fn check(&self, name: fn(MetricPair) -> &'static str) -> Result<(), InvalidPolicy> {
        match self {
            Self::Predefined { pair, resource_label } => pair.check(name(*pair), resource_label.as_deref()),
            Self::Customized(queries) => check_queries(queries),
        }
    }
}

impl MetricPair {
    /// All.
    pub const ALL: [Self; 4] = [Self::CpuUtilization, Self::NetworkIn, Self::NetworkOut, Self::AlbRequestCount];

    /// PredefinedMetricPairType in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CpuUtilization => "ASGCPUUtilization",
            Self::NetworkIn => "ASGNetworkIn",
            Self::NetworkOut => "ASGNetworkOut",
            Self::AlbRequestCount => "ALBRequestCount",
        }
    }

    /// PredefinedLoadMetricType in the API.
    pub const fn load_name(self) -> &'static str {
        match self {
            Self::CpuUtilization => "ASGTotalCPUUtilization",
            Self::NetworkIn => "ASGTotalNetworkIn",
            Self::NetworkOut => "ASGTotalNetworkOut",
            Self::AlbRequestCount => "ALBTargetGroupRequestCount",
        }
    }

    /// PredefinedScalingMetricType in the API.
    pub const fn scaling_name(self) -> &'static str {
        self.metric().name()
    }

    /// The metric that says what one instance has to do.
    pub const fn metric(self) -> PredefinedMetric {
        match self {
            Self::CpuUtilization => PredefinedMetric::AverageCpuUtilization,
            Self::NetworkIn => PredefinedMetric::AverageNetworkIn,
            Self::NetworkOut => PredefinedMetric::AverageNetworkOut,
            Self::AlbRequestCount => PredefinedMetric::AlbRequestCountPerTarget,
        }
    }

    /// The one that has this name as a pair, as a load or as a scaling metric.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pair| [pair.name(), pair.load_name(), pair.scaling_name()].contains(&name))
    }

    fn check(self, name: &'static str, label: Option<&str>) -> Result<(), InvalidPolicy> {
        match (self, label) {
            (Self::AlbRequestCount, label) => check_label(label, name),
            (Self::CpuUtilization | Self::NetworkIn | Self::NetworkOut, None) => Ok(()),
            (Self::CpuUtilization | Self::NetworkIn | Self::NetworkOut, Some(_)) => {
                Err(InvalidPolicy::UnexpectedResourceLabel(name))
            }
        }
    }
}

impl PredictiveMode {
    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ForecastOnly => "ForecastOnly",
            Self::ForecastAndScale => "ForecastAndScale",
        }
    }

    /// The one of that name in the API.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::ForecastOnly, Self::ForecastAndScale].into_iter().find(|mode| mode.name() == name)
    }
}

impl BreachBehavior {
    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HonorMaxCapacity => "HonorMaxCapacity",
            Self::IncreaseMaxCapacity => "IncreaseMaxCapacity",
        }
    }

    /// The one of that name in the API.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::HonorMaxCapacity, Self::IncreaseMaxCapacity].into_iter().find(|behavior| behavior.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> PredictivePolicy {
        PredictivePolicy {
            mode: PredictiveMode::ForecastOnly,
            target: 50.0,
            metrics: PredictiveMetrics::Pair { pair: MetricPair::CpuUtilization, resource_label: None },
            scheduling_buffer_seconds: None,
            breach_behavior: None,
            maximum_capacity_buffer: None,
            forecast: None,
        }
    }

    #[test]
    fn limits_of_a_configuration_are_checked() {
        use BreachBehavior::{HonorMaxCapacity, IncreaseMaxCapacity};
        let label = PredictiveMetrics::Pair { pair: MetricPair::AlbRequestCount, resource_label: None };
        let table = [
            (policy(), true),
            (PredictivePolicy { target: -1.0, ..policy() }, false),
            (PredictivePolicy { scheduling_buffer_seconds: Some(3599), ..policy() }, true),
            (PredictivePolicy { scheduling_buffer_seconds: Some(3600), ..policy() }, false),
            (PredictivePolicy { breach_behavior: Some(IncreaseMaxCapacity), ..policy() }, false),
            (
                PredictivePolicy {
                    breach_behavior: Some(IncreaseMaxCapacity),
                    maximum_capacity_buffer: Some(100),
                    ..policy()
                },
                true,
            ),
            (
                PredictivePolicy {
                    breach_behavior: Some(IncreaseMaxCapacity),
                    maximum_capacity_buffer: Some(101),
                    ..policy()
                },
                false,
            ),
            (
                PredictivePolicy {
                    breach_behavior: Some(HonorMaxCapacity),
                    maximum_capacity_buffer: Some(10),
                    ..policy()
                },
                false,
            ),
            (PredictivePolicy { metrics: label, ..policy() }, false),
        ];
        for (policy, allowed) in table {
            assert_eq!(policy.check().is_ok(), allowed, "{policy:?}");
        }
    }

    #[test]
    fn a_pair_is_known_by_all_its_names() {
        for pair in MetricPair::ALL {
            for name in [pair.name(), pair.load_name(), pair.scaling_name()] {
                assert_eq!(MetricPair::from_name(name), Some(pair), "{name}");
            }
        }
    }
}
