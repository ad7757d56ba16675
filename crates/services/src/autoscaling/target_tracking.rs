//! TargetTrackingConfiguration on its way in and out.

use api::autoscaling::types as shape;
use model::autoscaling::policy::TargetTrackingPolicy;
use model::autoscaling::policy::metric::{PredefinedMetric, TrackedMetric};
use model::cloudwatch::metric::Metric;
use model::cloudwatch::statistics::Statistic;

use super::errors::{Error, invalid};
use super::metric_queries::{dimensions, dimensions_to_shape, tracking_query, tracking_query_to_shape};

pub(super) fn read(
    given: shape::TargetTrackingConfiguration,
    warmup_seconds: Option<u32>,
) -> Result<TargetTrackingPolicy, Error> {
    let shape::TargetTrackingConfiguration {
        customized_metric_specification,
        disable_scale_in,
        predefined_metric_specification,
        target_value,
    } = given;
    let metric = match (predefined_metric_specification, customized_metric_specification) {
        (Some(predefined), None) => predefined_metric(predefined)?,
        (None, Some(customized)) => customized_metric(customized)?,
        (Some(_), Some(_)) | (None, None) => {
            return Err(invalid(
                "TargetTrackingConfiguration needs either PredefinedMetricSpecification or CustomizedMetricSpecification",
            ));
        }
    };
    let disable_scale_in = disable_scale_in.unwrap_or(false);
    Ok(TargetTrackingPolicy { metric, target: target_value, disable_scale_in, warmup_seconds })
}

fn predefined_metric(given: shape::PredefinedMetricSpecification) -> Result<TrackedMetric, Error> {
    let shape::PredefinedMetricSpecification { predefined_metric_type, resource_label } = given;
    let found = PredefinedMetric::from_name(predefined_metric_type.as_str());
    let metric = found.ok_or_else(|| invalid(format!("there is no predefined metric {predefined_metric_type}")))?;
    Ok(TrackedMetric::Predefined { metric, resource_label })
}

fn customized_metric(given: shape::CustomizedMetricSpecification) -> Result<TrackedMetric, Error> {
    let shape::CustomizedMetricSpecification {
        dimensions: given_dimensions,
        metric_name,
        metrics,
        namespace,
        period,
        statistic,
        unit,
    } = given;
    let single = metric_name.is_some() || namespace.is_some() || statistic.is_some() || period.is_some();
    if let Some(queries) = metrics {
        if single || given_dimensions.is_some() || unit.is_some() {
            return Err(invalid("CustomizedMetricSpecification has either Metrics or the members of one metric"));
        }
        return Ok(TrackedMetric::Queries(queries.into_iter().map(tracking_query).collect::<Result<_, _>>()?));
    }
    let (Some(name), Some(namespace), Some(statistic)) = (metric_name, namespace, statistic) else {
        return Err(invalid("CustomizedMetricSpecification needs MetricName, Namespace and Statistic, or Metrics"));
    };
    let metric = Metric { namespace, name, dimensions: dimensions(given_dimensions)? };
    Ok(TrackedMetric::Metric { metric, statistic: read_statistic(statistic), unit, period_seconds: period })
}

const fn read_statistic(statistic: shape::MetricStatistic) -> Statistic {
    match statistic {
        shape::MetricStatistic::Average => Statistic::Average,
        shape::MetricStatistic::Minimum => Statistic::Minimum,
        shape::MetricStatistic::Maximum => Statistic::Maximum,
        shape::MetricStatistic::SampleCount => Statistic::SampleCount,
        shape::MetricStatistic::Sum => Statistic::Sum,
    }
}

const fn statistic_to_shape(statistic: Statistic) -> shape::MetricStatistic {
    match statistic {
        Statistic::Average => shape::MetricStatistic::Average,
        Statistic::Minimum => shape::MetricStatistic::Minimum,
        Statistic::Maximum => shape::MetricStatistic::Maximum,
        Statistic::SampleCount => shape::MetricStatistic::SampleCount,
        Statistic::Sum => shape::MetricStatistic::Sum,
    }
}

pub(super) fn to_shape(policy: &TargetTrackingPolicy) -> shape::TargetTrackingConfiguration {
    let TargetTrackingPolicy { metric, target, disable_scale_in, warmup_seconds: _ } = policy;
    let (predefined, customized) = match metric {
        TrackedMetric::Predefined { metric, resource_label } => (predefined_to_shape(*metric, resource_label), None),
        TrackedMetric::Metric { metric, statistic, unit, period_seconds } => {
            let customized = shape::CustomizedMetricSpecification {
                dimensions: dimensions_to_shape(&metric.dimensions),
                metric_name: Some(metric.name.clone()),
                metrics: None,
                namespace: Some(metric.namespace.clone()),
                period: *period_seconds,
                statistic: Some(statistic_to_shape(*statistic)),
                unit: unit.clone(),
            };
            (None, Some(customized))
        }
        TrackedMetric::Queries(queries) => {
            let metrics = Some(queries.iter().map(tracking_query_to_shape).collect());
            (None, Some(shape::CustomizedMetricSpecification { metrics, ..Default::default() }))
        }
    };
    shape::TargetTrackingConfiguration {
        customized_metric_specification: customized,
        disable_scale_in: Some(*disable_scale_in),
        predefined_metric_specification: predefined,
        target_value: *target,
    }
}

fn predefined_to_shape(
    metric: PredefinedMetric,
    resource_label: &Option<String>,
) -> Option<shape::PredefinedMetricSpecification> {
    let predefined_metric_type = metric.name().parse().ok()?;
    Some(shape::PredefinedMetricSpecification { predefined_metric_type, resource_label: resource_label.clone() })
}
