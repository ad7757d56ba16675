//! The past of a predictive scaling policy, hour by hour: load, scaling metric and number of instances, from CloudWatch.
//!
//! Metrics of instances are brought to one value a minute, because fleets are sampled more or less often by their size.
//! The number of instances is what the group published, or else how many instances were sampled in a minute.

use crate::controller::{Context, ControllerError};
use model::{
    Scope, Timestamp,
    autoscaling::{
        metrics::{DIMENSION, NAMESPACE},
        policy::{
            metric::PolicyQuery,
            predictive::{MetricPair, PredictiveMetric, PredictiveMetrics, PredictivePolicy},
        },
        predictive::{HISTORY, PastHour, load_stat, total_of_instances},
    },
    cloudwatch::{
        alarm::{MetricQuery, MetricStat, QuerySource},
        metric::Metric,
        metric_math::{self, Grid, Series, Value},
        statistics::{Periods, Sample},
    },
};
use std::collections::BTreeMap;

const HOUR_SECONDS: i32 = 3600;
const MINUTES: f64 = 60.0;
/// What the group publishes of its size.
const IN_SERVICE: &str = "GroupInServiceInstances";
/// A metric that each instance has once a minute.
const ONCE_A_MINUTE: &str = "NetworkIn";

/// Hours before the present one of which everything is known.
pub(super) async fn past(
    cx: &Context,
    scope: &Scope,
    group: &str,
    policy: &PredictivePolicy,
    now: Timestamp,
) -> Result<Vec<PastHour>, ControllerError> {
    let end = now.period_start(i64::from(HOUR_SECONDS));
    let periods = Periods { start: end.minus(HISTORY), end, seconds: HOUR_SECONDS };
    let reader = Reader { cx, scope, group, periods };
    let (load, scaling, capacity) = match &policy.metrics {
        PredictiveMetrics::Pair { pair, resource_label } => {
            let capacity = reader.instances().await?;
            let label = resource_label.as_deref();
            (reader.total(*pair, label, &capacity).await?, reader.per_instance(*pair, label).await?, capacity)
        }
        PredictiveMetrics::Individual { scaling, load, capacity } => {
            let capacity = match capacity {
                Some(queries) => reader.computed(queries).await?,
                None => reader.instances().await?,
            };
            (reader.load(load, &capacity).await?, reader.scaling(scaling).await?, capacity)
        }
    };
    let hour = |(&at, &load): (&Timestamp, &f64)| {
        Some(PastHour { at, load, scaling: *scaling.get(&at)?, capacity: *capacity.get(&at)? })
    };
    Ok(load.iter().filter_map(hour).collect())
}

struct Reader<'a> {
    cx: &'a Context,
    scope: &'a Scope,
    group: &'a str,
    periods: Periods,
}

impl Reader<'_> {
    async fn load(&self, metric: &PredictiveMetric, capacity: &Series) -> Result<Series, ControllerError> {
        match metric {
            PredictiveMetric::Predefined { pair, resource_label } => {
                self.total(*pair, resource_label.as_deref(), capacity).await
            }
            PredictiveMetric::Customized(queries) => self.computed(queries).await,
        }
    }

    async fn scaling(&self, metric: &PredictiveMetric) -> Result<Series, ControllerError> {
        match metric {
            PredictiveMetric::Predefined { pair, resource_label } => {
                self.per_instance(*pair, resource_label.as_deref()).await
            }
            PredictiveMetric::Customized(queries) => self.computed(queries).await,
        }
    }

    /// What all instances had to do together.
    async fn total(&self, pair: MetricPair, label: Option<&str>, capacity: &Series) -> Result<Series, ControllerError> {
        match pair {
            MetricPair::AlbRequestCount => {
                let MetricStat { metric, period_seconds: _, stat, unit } = load_stat(pair, self.group, label);
                let samples = self.samples(&metric, unit.as_deref()).await?;
                Ok(samples.iter().filter_map(|(at, sample)| Some((*at, sample.stat(&stat)?))).collect())
            }
            MetricPair::CpuUtilization | MetricPair::NetworkIn | MetricPair::NetworkOut => {
                let averages = self.per_instance(pair, label).await?;
                let total =
                    |(at, average): (Timestamp, f64)| Some((at, total_of_instances(average, *capacity.get(&at)?)));
                Ok(averages.into_iter().filter_map(total).collect())
            }
        }
    }

    /// What one instance had to do, in the units of the policy's target: requests by the minute.
    async fn per_instance(&self, pair: MetricPair, label: Option<&str>) -> Result<Series, ControllerError> {
        let MetricStat { metric, period_seconds: _, stat, unit } = pair.metric().stat(self.group, label);
        let samples = self.samples(&metric, unit.as_deref()).await?;
        let scale = match pair {
            MetricPair::AlbRequestCount => MINUTES,
            MetricPair::CpuUtilization | MetricPair::NetworkIn | MetricPair::NetworkOut => 1.0,
        };
        Ok(samples.iter().filter_map(|(at, sample)| Some((*at, sample.stat(&stat)? / scale))).collect())
    }

    /// How many instances there were on average.
    async fn instances(&self) -> Result<Series, ControllerError> {
        let of_group = |namespace, name| Metric::new(namespace, name, [(DIMENSION, self.group)]);
        let sampled = self.samples(&of_group("AWS/EC2", ONCE_A_MINUTE), None).await?;
        let published = self.samples(&of_group(NAMESPACE, IN_SERVICE), None).await?;
        let mut instances: Series =
            sampled.into_iter().map(|(at, sample)| (at, sample.set.sample_count / MINUTES)).collect();
        instances.extend(published.into_iter().map(|(at, sample)| (at, sample.set.average())));
        Ok(instances)
    }

    /// Metric math by the hour; nothing when it cannot be computed.
    async fn computed(&self, queries: &[PolicyQuery]) -> Result<Series, ControllerError> {
        let queries: Vec<MetricQuery> = queries.iter().map(hourly).collect();
        let mut metrics = BTreeMap::new();
        for query in &queries {
            if let QuerySource::Stat(MetricStat { metric, period_seconds: _, stat, unit }) = &query.source {
                let samples = self.samples(metric, unit.as_deref()).await?;
                let value = |(at, sample): (Timestamp, Sample)| Some((at, sample.stat(stat)?));
                metrics.insert(query.id.clone(), samples.into_iter().filter_map(value).collect::<Series>());
            }
        }
        let count = u32::try_from(self.periods.count()).unwrap_or(u32::MAX);
        let grid = Grid { start: self.periods.start, period_seconds: HOUR_SECONDS, count };
        Ok(self.result(&queries, &metrics, &grid).unwrap_or_default())
    }

    fn result(&self, queries: &[MetricQuery], metrics: &BTreeMap<String, Series>, grid: &Grid) -> Option<Series> {
        let wanted = queries.iter().find(|query| query.return_data)?;
        match metric_math::evaluate(queries, metrics, grid) {
            Ok(mut values) => match values.remove(&wanted.id)? {
                Value::Series(series) => Some(series.points),
                Value::Scalar(value) => Some(grid.starts().map(|at| (at, value)).collect()),
                // A forecast is of one series.
                Value::List(_) => None,
            },
            Err(error) => {
                tracing::warn!(group = self.group, %error, "a metric of a predictive policy cannot be computed");
                None
            }
        }
    }

    /// By the hour, all units together unless one is named.
    async fn samples(
        &self,
        metric: &Metric,
        unit: Option<&str>,
    ) -> Result<BTreeMap<Timestamp, Sample>, ControllerError> {
        let points = self.cx.store.metrics().points(self.scope, metric, unit, &self.periods).await;
        let points = points.map_err(|error| ControllerError::of("reading the past of a group", error))?;
        let mut by_hour = BTreeMap::<Timestamp, Vec<Sample>>::new();
        for point in points {
            by_hour.entry(point.at).or_default().push(point.sample);
        }
        Ok(by_hour.into_iter().filter_map(|(at, samples)| Some((at, Sample::merge_all(&samples)?))).collect())
    }
}

/// A query of a policy over hours, which is what forecasts are made of.
fn hourly(query: &PolicyQuery) -> MetricQuery {
    let MetricQuery { id, label, source, return_data } = query.query();
    let source = match source {
        QuerySource::Stat(stat) => QuerySource::Stat(MetricStat { period_seconds: HOUR_SECONDS, ..stat }),
        QuerySource::Expression { text, period_seconds: _ } => {
            QuerySource::Expression { text, period_seconds: Some(HOUR_SECONDS) }
        }
    };
    MetricQuery { id, label, source, return_data }
}
