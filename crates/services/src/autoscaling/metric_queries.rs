//! Metrics of scaling policies, on their way in and out: one metric, or metric math over several.

use std::collections::BTreeMap;

use api::autoscaling::types as shape;
use model::autoscaling::policy::metric::{PolicyQuery, PolicyQuerySource};
use model::cloudwatch::metric::Metric;
use model::cloudwatch::statistics::UnknownStatistic;

use super::errors::{Error, invalid, shown};

/// Dimensions by name, each once.
pub(super) fn dimensions(given: Option<Vec<shape::MetricDimension>>) -> Result<BTreeMap<String, String>, Error> {
    let mut dimensions = BTreeMap::new();
    for shape::MetricDimension { name, value } in given.unwrap_or_default() {
        if dimensions.contains_key(&name) {
            return Err(invalid(format!("Dimensions name `{}` more than once", shown(&name))));
        }
        dimensions.insert(name, value);
    }
    Ok(dimensions)
}

pub(super) fn dimensions_to_shape(dimensions: &BTreeMap<String, String>) -> Option<Vec<shape::MetricDimension>> {
    let one = |(name, value): (&String, &String)| shape::MetricDimension { name: name.clone(), value: value.clone() };
    (!dimensions.is_empty()).then(|| dimensions.iter().map(one).collect())
}

fn metric(given: shape::Metric) -> Result<Metric, Error> {
    let shape::Metric { dimensions: given, metric_name, namespace } = given;
    Ok(Metric { namespace, name: metric_name, dimensions: dimensions(given)? })
}

fn metric_to_shape(metric: &Metric) -> shape::Metric {
    let Metric { namespace, name, dimensions } = metric;
    shape::Metric {
        dimensions: dimensions_to_shape(dimensions),
        metric_name: name.clone(),
        namespace: namespace.clone(),
    }
}

/// A query of target tracking.
pub(super) fn tracking_query(given: shape::TargetTrackingMetricDataQuery) -> Result<PolicyQuery, Error> {
    let shape::TargetTrackingMetricDataQuery { expression, id, label, metric_stat, period, return_data } = given;
    let source = match (expression, metric_stat) {
        (Some(text), None) => PolicyQuerySource::Expression { text, period_seconds: period },
        (None, Some(_)) if period.is_some() => {
            return Err(invalid(format!("the query `{}` has a MetricStat: its Period goes in there", shown(&id))));
        }
        (None, Some(shape::TargetTrackingMetricStat { metric: given, period, stat, unit })) => {
            stat_source(given, &stat, unit, period)?
        }
        (Some(_), Some(_)) | (None, None) => return Err(one_of_both(&id)),
    };
    Ok(PolicyQuery { id, label, source, return_data })
}

/// A query of predictive scaling, which has no periods: forecasts are by the hour.
pub(super) fn predictive_query(given: shape::MetricDataQuery) -> Result<PolicyQuery, Error> {
    let shape::MetricDataQuery { expression, id, label, metric_stat, return_data } = given;
    let source = match (expression, metric_stat) {
        (Some(text), None) => PolicyQuerySource::Expression { text, period_seconds: None },
        (None, Some(shape::MetricStat { metric: given, stat, unit })) => stat_source(given, &stat, unit, None)?,
        (Some(_), Some(_)) | (None, None) => return Err(one_of_both(&id)),
    };
    Ok(PolicyQuery { id, label, source, return_data })
}

fn one_of_both(id: &str) -> Error {
    invalid(format!("the query `{}` needs either Expression or MetricStat", shown(id)))
}

fn stat_source(
    given: shape::Metric,
    stat: &str,
    unit: Option<String>,
    period_seconds: Option<i32>,
) -> Result<PolicyQuerySource, Error> {
    let stat = stat.parse().map_err(|error: UnknownStatistic| invalid(error.to_string()))?;
    Ok(PolicyQuerySource::Stat { metric: metric(given)?, stat, unit, period_seconds })
}

pub(super) fn tracking_query_to_shape(query: &PolicyQuery) -> shape::TargetTrackingMetricDataQuery {
    let PolicyQuery { id, label, source, return_data } = query;
    let (expression, metric_stat, period) = match source {
        PolicyQuerySource::Stat { metric, stat, unit, period_seconds } => {
            let stat = shape::TargetTrackingMetricStat {
                metric: metric_to_shape(metric),
                period: *period_seconds,
                stat: stat.to_string(),
                unit: unit.clone(),
            };
            (None, Some(stat), None)
        }
        PolicyQuerySource::Expression { text, period_seconds } => (Some(text.clone()), None, *period_seconds),
    };
    shape::TargetTrackingMetricDataQuery {
        expression,
        id: id.clone(),
        label: label.clone(),
        metric_stat,
        period,
        return_data: *return_data,
    }
}

pub(super) fn predictive_query_to_shape(query: &PolicyQuery) -> shape::MetricDataQuery {
    let PolicyQuery { id, label, source, return_data } = query;
    let (expression, metric_stat) = match source {
        PolicyQuerySource::Stat { metric, stat, unit, period_seconds: _ } => {
            let metric = metric_to_shape(metric);
            (None, Some(shape::MetricStat { metric, stat: stat.to_string(), unit: unit.clone() }))
        }
        PolicyQuerySource::Expression { text, period_seconds: _ } => (Some(text.clone()), None),
    };
    shape::MetricDataQuery { expression, id: id.clone(), label: label.clone(), metric_stat, return_data: *return_data }
}
