//! Which metrics a group publishes. They are computed in `model::autoscaling::metrics`.

use std::collections::BTreeSet;

use api::autoscaling::types as shape;
use model::autoscaling::metrics;
use wire::AwsError;

use super::errors::{Error, invalid, shown};
use super::resources::change;
use super::views::GRANULARITY;
use crate::context::Context;

/// The metrics of a request; all of them when it names none.
fn named(names: Option<Vec<String>>) -> Result<BTreeSet<String>, Error> {
    let names = names.unwrap_or_default();
    let unknown = names.iter().find(|name| !metrics::names().any(|known| known == name.as_str()));
    match unknown {
        Some(name) => {
            let message = format!("`{}` is no group metric; DescribeMetricCollectionTypes lists them", shown(name));
            Err(invalid(message))
        }
        None if names.is_empty() => Ok(metrics::names().map(str::to_owned).collect()),
        None => Ok(names.into_iter().collect()),
    }
}

pub(super) async fn enable(cx: &Context, input: shape::EnableMetricsCollectionQuery) -> Result<(), AwsError> {
    let shape::EnableMetricsCollectionQuery { auto_scaling_group_name, granularity, metrics } = input;
    if granularity != GRANULARITY {
        return Err(invalid(format!("Granularity `{}` has to be {GRANULARITY}", shown(&granularity))).into());
    }
    let metrics = named(metrics)?;
    change(cx, &auto_scaling_group_name, |_, group| {
        group.enabled_metrics.extend(metrics.iter().cloned());
        Ok(())
    })
    .await
}

pub(super) async fn disable(cx: &Context, input: shape::DisableMetricsCollectionQuery) -> Result<(), AwsError> {
    let shape::DisableMetricsCollectionQuery { auto_scaling_group_name, metrics } = input;
    let metrics = named(metrics)?;
    change(cx, &auto_scaling_group_name, |_, group| {
        group.enabled_metrics.retain(|name| !metrics.contains(name));
        Ok(())
    })
    .await
}

pub(super) fn describe_types() -> Result<shape::DescribeMetricCollectionTypesAnswer, Error> {
    let granularity = shape::MetricGranularityType { granularity: Some(GRANULARITY.to_owned()) };
    let metric = |name: &str| shape::MetricCollectionType { metric: Some(name.to_owned()) };
    Ok(shape::DescribeMetricCollectionTypesAnswer {
        granularities: Some(vec![granularity]),
        metrics: Some(metrics::names().map(metric).collect()),
    })
}
