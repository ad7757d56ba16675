//! What a policy measures: AWS's predefined metrics, one metric of anybody's, or metric math (Auto Scaling API
//! reference, PredefinedMetricSpecification and CustomizedMetricSpecification).
//!
//! Kept as given, so that answers repeat it; [`TrackedMetric::watched`] turns it into what alarms watch. Expressions are
//! checked where alarms are made.

use super::InvalidPolicy;
use crate::{
    autoscaling::metrics::DIMENSION,
    cloudwatch::{
        alarm::{MetricQuery, MetricStat, QuerySource, Watched},
        metric::Metric,
        statistics::{Stat, Statistic},
    },
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most queries of one policy.
pub const MAXIMUM_QUERIES: usize = 10;
/// Length of a period in seconds unless given.
pub const DEFAULT_PERIOD_SECONDS: i32 = 60;
/// The periods that a policy may name.
pub const PERIODS_SECONDS: [i32; 3] = [10, 30, 60];
/// The most dimensions of a metric.
const MAXIMUM_DIMENSIONS: usize = 30;
/// The longest expression, in characters.
const MAXIMUM_EXPRESSION: usize = 1023;

/// What a target tracking policy measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackedMetric {
    /// One of AWS's.
    Predefined {
        /// Which.
        metric: PredefinedMetric,
        /// `app/<load balancer>/<id>/targetgroup/<target group>/<id>`, for requests per target only.
        resource_label: Option<String>,
    },
    /// One metric.
    Metric {
        /// Which.
        metric: Metric,
        /// How the values of a period are put together.
        statistic: Statistic,
        /// Only values of this unit.
        unit: Option<String>,
        /// 10, 30 or 60; [`DEFAULT_PERIOD_SECONDS`] when absent.
        period_seconds: Option<i32>,
    },
    /// Metric math; one of the queries gives the result.
    Queries(Vec<PolicyQuery>),
}

/// AWS's predefined metrics (MetricType).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredefinedMetric {
    /// Average CPUUtilization of the group, in per cent.
    AverageCpuUtilization,
    /// The same in periods of 10 s.
    AverageCpuUtilizationHighResolution,
    /// Average bytes in per instance and minute.
    AverageNetworkIn,
    /// Average bytes out per instance and minute.
    AverageNetworkOut,
    /// Requests per target and minute.
    AlbRequestCountPerTarget,
}

/// A metric or an expression of a policy, as given (TargetTrackingMetricDataQuery, MetricDataQuery).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyQuery {
    /// A lower-case letter, then letters, digits and underscores; unique.
    pub id: String,
    /// For people.
    pub label: Option<String>,
    /// What it is.
    pub source: PolicyQuerySource,
    /// Whether it is the result; true when absent.
    pub return_data: Option<bool>,
}

/// Where the values of a [`PolicyQuery`] come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyQuerySource {
    /// From a metric.
    Stat {
        /// Which.
        metric: Metric,
        /// Which statistic.
        stat: Stat,
        /// Only values of this unit.
        unit: Option<String>,
        /// 10, 30 or 60; [`DEFAULT_PERIOD_SECONDS`] when absent.
        period_seconds: Option<i32>,
    },
    /// From other queries.
    Expression {
        /// Metric math.
        text: String,
        /// 10, 30 or 60; that of the metrics when absent.
        period_seconds: Option<i32>,
    },
}

impl TrackedMetric {
    /// What an alarm on it watches, for the group of that name.
    pub fn watched(&self, group: &str) -> Watched {
        match self {
            Self::Predefined { metric, resource_label } => {
                Watched::Metric(metric.stat(group, resource_label.as_deref()))
            }
            Self::Metric { metric, statistic, unit, period_seconds } => Watched::Metric(MetricStat {
                metric: metric.clone(),
                period_seconds: period_seconds.unwrap_or(DEFAULT_PERIOD_SECONDS),
                stat: Stat::Plain(*statistic),
                unit: unit.clone(),
            }),
            Self::Queries(queries) => Watched::Queries(queries.iter().map(PolicyQuery::query).collect()),
        }
    }

    pub(super) fn check(&self) -> Result<(), InvalidPolicy> {
        match self {
            Self::Predefined { metric: PredefinedMetric::AlbRequestCountPerTarget, resource_label } => {
                check_label(resource_label.as_deref(), PredefinedMetric::AlbRequestCountPerTarget.name())
            }
            Self::Predefined { metric, resource_label: Some(_) } => {
                Err(InvalidPolicy::UnexpectedResourceLabel(metric.name()))
            }
            Self::Predefined { metric: _, resource_label: None } => Ok(()),
            Self::Metric { metric, statistic: _, unit: _, period_seconds } => {
                check_metric(metric)?;
                check_period(*period_seconds)
            }
            Self::Queries(queries) => check_queries(queries),
        }
    }
}

impl PredefinedMetric {
    /// All.
    pub const ALL: [Self; 5] = [
        Self::AverageCpuUtilization,
        Self::AverageCpuUtilizationHighResolution,
        Self::AverageNetworkIn,
        Self::AverageNetworkOut,
        Self::AlbRequestCountPerTarget,
    ];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AverageCpuUtilization => "ASGAverageCPUUtilization",
            Self::AverageCpuUtilizationHighResolution => "ASGAverageCPUUtilizationHighResolution",
            Self::AverageNetworkIn => "ASGAverageNetworkIn",
            Self::AverageNetworkOut => "ASGAverageNetworkOut",
            Self::AlbRequestCountPerTarget => "ALBRequestCountPerTarget",
        }
    }

    /// The one of that name in the API.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// The metric itself for a group; the label has been checked.
    pub fn stat(self, group: &str, resource_label: Option<&str>) -> MetricStat {
        let of_group = |name| Metric::new("AWS/EC2", name, [(DIMENSION, group)]);
        let (metric, statistic) = match self {
            Self::AverageCpuUtilization | Self::AverageCpuUtilizationHighResolution => {
                (of_group("CPUUtilization"), Statistic::Average)
            }
            Self::AverageNetworkIn => (of_group("NetworkIn"), Statistic::Average),
            Self::AverageNetworkOut => (of_group("NetworkOut"), Statistic::Average),
            Self::AlbRequestCountPerTarget => (requests_per_target(resource_label), Statistic::Sum),
        };
        let period_seconds = if self == Self::AverageCpuUtilizationHighResolution { 10 } else { 60 };
        MetricStat { metric, period_seconds, stat: Stat::Plain(statistic), unit: None }
    }
}

fn requests_per_target(label: Option<&str>) -> Metric {
    let (balancer, target_group) = label.and_then(split_label).unwrap_or_default();
    let dimensions = [("LoadBalancer", balancer), ("TargetGroup", target_group)];
    Metric::new("AWS/ApplicationELB", "RequestCountPerTarget", dimensions)
}

/// `app/<load balancer>/<id>` and `targetgroup/<target group>/<id>` of a resource label.
pub fn split_label(label: &str) -> Option<(&str, &str)> {
    let at = label.find("/targetgroup/")?;
    let (balancer, target_group) = (&label[..at], &label[at + 1..]);
    let three = |text: &str, first: &str| {
        let parts: Vec<&str> = text.split('/').collect();
        parts.len() == 3 && parts[0] == first && parts.iter().all(|part| !part.is_empty())
    };
    (three(balancer, "app") && three(target_group, "targetgroup")).then_some((balancer, target_group))
}

impl PolicyQuery {
    /// As alarms know it.
    pub fn query(&self) -> MetricQuery {
        let source = match &self.source {
            PolicyQuerySource::Stat { metric, stat, unit, period_seconds } => QuerySource::Stat(MetricStat {
                metric: metric.clone(),
                period_seconds: period_seconds.unwrap_or(DEFAULT_PERIOD_SECONDS),
                stat: stat.clone(),
                unit: unit.clone(),
            }),
            PolicyQuerySource::Expression { text, period_seconds } => {
                QuerySource::Expression { text: text.clone(), period_seconds: *period_seconds }
            }
        };
        MetricQuery { id: self.id.clone(), label: self.label.clone(), source, return_data: self.returns_data() }
    }

    fn returns_data(&self) -> bool {
        self.return_data.unwrap_or(true)
    }

    fn check(&self) -> Result<(), InvalidPolicy> {
        let mut letters = self.id.chars();
        let rest = |mut letters: std::str::Chars<'_>| letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !letters.next().is_some_and(|first| first.is_ascii_lowercase()) || !rest(letters) || self.id.len() > 64 {
            return Err(InvalidPolicy::QueryId(self.id.clone()));
        }
        match &self.source {
            PolicyQuerySource::Stat { metric, stat: _, unit: _, period_seconds } => {
                check_metric(metric)?;
                check_period(*period_seconds)
            }
            PolicyQuerySource::Expression { text, .. } if !(1..=MAXIMUM_EXPRESSION).contains(&text.chars().count()) => {
                Err(InvalidPolicy::Expression(self.id.clone()))
            }
            PolicyQuerySource::Expression { text: _, period_seconds } => check_period(*period_seconds),
        }
    }
}

/// Checks the queries of a policy as a whole.
pub(super) fn check_queries(queries: &[PolicyQuery]) -> Result<(), InvalidPolicy> {
    if !(1..=MAXIMUM_QUERIES).contains(&queries.len()) {
        return Err(InvalidPolicy::QueryCount(queries.len()));
    }
    let mut seen = BTreeSet::new();
    for query in queries {
        query.check()?;
        if !seen.insert(query.id.as_str()) {
            return Err(InvalidPolicy::RepeatedQueryId(query.id.clone()));
        }
    }
    let results = queries.iter().filter(|query| query.returns_data()).count();
    if results == 1 { Ok(()) } else { Err(InvalidPolicy::ReturnData(results)) }
}

pub(super) fn check_label(label: Option<&str>, metric: &'static str) -> Result<(), InvalidPolicy> {
    label.and_then(split_label).map(|_| ()).ok_or(InvalidPolicy::ResourceLabel(metric))
}

fn check_metric(metric: &Metric) -> Result<(), InvalidPolicy> {
    let fits = |text: &str| (1..=255).contains(&text.chars().count());
    let dimensions = &metric.dimensions;
    let fine = fits(&metric.name) && fits(&metric.namespace) && dimensions.len() <= MAXIMUM_DIMENSIONS;
    if fine { Ok(()) } else { Err(InvalidPolicy::Metric) }
}

fn check_period(period: Option<i32>) -> Result<(), InvalidPolicy> {
    match period {
        Some(seconds) if !PERIODS_SECONDS.contains(&seconds) => Err(InvalidPolicy::Period(seconds)),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(id: &str, returns: Option<bool>) -> PolicyQuery {
        let metric = Metric::new("App", "Jobs", []);
        let source =
            PolicyQuerySource::Stat { metric, stat: "Sum".parse().unwrap(), unit: None, period_seconds: Some(10) };
        PolicyQuery { id: id.into(), label: None, source, return_data: returns }
    }

    fn expression(id: &str, text: &str) -> PolicyQuery {
        let source = PolicyQuerySource::Expression { text: text.into(), period_seconds: None };
        PolicyQuery { id: id.into(), label: None, source, return_data: None }
    }

    #[test]
    fn queries_need_distinct_ids_and_one_result() {
        let table = [
            (vec![], false),
            (vec![stat("m1", None)], true),
            (vec![stat("m1", Some(false))], false),
            (vec![stat("m1", None), stat("m2", None)], false),
            (vec![stat("m1", Some(false)), expression("e1", "m1 / 2")], true),
            (vec![stat("m1", Some(false)), expression("m1", "m1 / 2")], false),
            (vec![stat("M1", None)], false),
            (vec![expression("e1", "")], false),
            (vec![stat("m1", Some(false)); 11], false),
        ];
        for (queries, allowed) in table {
            assert_eq!(check_queries(&queries).is_ok(), allowed, "{queries:?}");
        }
    }

    #[test]
    fn a_resource_label_gives_both_dimensions() {
        let label = "app/web/50dc6c495c0c9188/targetgroup/web/943f017f100becff";
        let stat = PredefinedMetric::AlbRequestCountPerTarget.stat("g", Some(label));
        let expected =
            [("LoadBalancer", "app/web/50dc6c495c0c9188"), ("TargetGroup", "targetgroup/web/943f017f100becff")];
        assert_eq!(stat.metric, Metric::new("AWS/ApplicationELB", "RequestCountPerTarget", expected));
        assert_eq!(stat.stat, Stat::Plain(Statistic::Sum));
        assert_eq!(split_label("app/web/1/targetgroup/"), None);
        assert_eq!(split_label("net/web/1/targetgroup/web/2"), None);
    }
}
