//! The datapoints of an alarm's evaluation range: of one metric, or of an expression over several.

use crate::controller::Context;
use model::{
    Scope, Timestamp,
    cloudwatch::{
        alarm::{Alarm, MetricQuery, MetricStat, QuerySource, Watched},
        alarm_state::{self, Datapoint},
        metric_math::{self, Grid, Series, Value},
        statistics::{Periods, Sample},
    },
};
use std::collections::BTreeMap;

/// What there is for the evaluation at `at`; `None` when it cannot be read, which leaves the alarm as it is.
pub(super) async fn points(cx: &Context, scope: &Scope, alarm: &Alarm, at: Timestamp) -> Option<Vec<Datapoint>> {
    let range = alarm_state::range(alarm, at);
    match &alarm.watched {
        Watched::Metric(stat) => {
            let samples = samples(cx, scope, alarm, stat, &range).await?;
            let point = |(at, sample): (Timestamp, Sample)| {
                Some(Datapoint { at, value: sample.stat(&stat.stat)?, sample_count: Some(sample.set.sample_count) })
            };
            Some(samples.into_iter().filter_map(point).collect())
        }
        Watched::Queries(queries) => {
            let mut metrics = BTreeMap::new();
            for query in queries {
                if let QuerySource::Stat(stat) = &query.source {
                    let samples = samples(cx, scope, alarm, stat, &range).await?;
                    let value = |(at, sample): (Timestamp, Sample)| Some((at, sample.stat(&stat.stat)?));
                    metrics.insert(query.id.clone(), samples.into_iter().filter_map(value).collect::<Series>());
                }
            }
            computed(alarm, queries, &metrics, &range)
        }
    }
}

fn computed(
    alarm: &Alarm,
    queries: &[MetricQuery],
    metrics: &BTreeMap<String, Series>,
    range: &Periods,
) -> Option<Vec<Datapoint>> {
    let count = u32::try_from(range.count()).unwrap_or(u32::MAX);
    let grid = Grid { start: range.start, period_seconds: range.seconds, count };
    let result = queries.iter().find(|query| query.return_data)?;
    match metric_math::evaluate(queries, metrics, &grid) {
        Ok(mut values) => match values.remove(&result.id)? {
            Value::Series(series) => {
                let point = |(at, value)| Datapoint { at, value, sample_count: None };
                Some(series.points.into_iter().map(point).collect())
            }
            // Refused when the alarm was put.
            Value::Scalar(_) | Value::List(_) => None,
        },
        Err(error) => {
            tracing::warn!(alarm = alarm.name, %error, "its expression cannot be computed");
            None
        }
    }
}

/// The samples of all units together, unless the alarm names one.
async fn samples(
    cx: &Context,
    scope: &Scope,
    alarm: &Alarm,
    stat: &MetricStat,
    range: &Periods,
) -> Option<Vec<(Timestamp, Sample)>> {
    let points = match cx.store.metrics().points(scope, &stat.metric, stat.unit.as_deref(), range).await {
        Ok(points) => points,
        Err(error) => {
            tracing::warn!(alarm = alarm.name, %error, "its metric cannot be read");
            return None;
        }
    };
    let mut by_period = BTreeMap::<Timestamp, Vec<Sample>>::new();
    for point in points {
        by_period.entry(point.at).or_default().push(point.sample);
    }
    let merged = by_period.into_iter().filter_map(|(at, samples)| Some((at, Sample::merge_all(&samples)?)));
    Some(merged.collect())
}
