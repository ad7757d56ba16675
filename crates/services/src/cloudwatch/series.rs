//! Between requests and the store's metric series: units, and points of several units.

use std::collections::BTreeMap;

use api::cloudwatch::types::StandardUnit;
use model::Timestamp;
use model::cloudwatch::metric::Metric;
use model::cloudwatch::statistics::{Periods, Sample};
use store::metric::{MetricDatum, MetricPoint, PutMetricError};

use super::errors::Error;
use crate::context::Context;

/// Records all points or none.
pub(super) fn record(cx: &Context, data: Vec<MetricDatum>) -> Result<(), Error> {
    let put = cx.store.metrics().put(&cx.scope(), data, cx.now);
    put.map_err(|error| match error {
        PutMetricError::NotFinite(_) => Error::value("MetricData", error.to_string()),
        PutMetricError::TooManySeries => Error::Limit(error.to_string()),
        PutMetricError::TooManyUnsaved => unavailable(&error),
    })
}

/// What was recorded in each period, unit by unit; all units when none is asked for.
pub(super) async fn points(
    cx: &Context,
    metric: &Metric,
    unit: Option<StandardUnit>,
    periods: &Periods,
) -> Result<Vec<MetricPoint>, Error> {
    let unit = unit.map(StandardUnit::as_str);
    let points = cx.store.metrics().points(&cx.scope(), metric, unit, periods).await;
    points.map_err(|error| unavailable(&error))
}

/// The same with the values of all units counted together, oldest first.
pub(super) async fn combined(
    cx: &Context,
    metric: &Metric,
    unit: Option<StandardUnit>,
    periods: &Periods,
) -> Result<Vec<(Timestamp, Sample)>, Error> {
    let mut periods_found = BTreeMap::<Timestamp, Vec<Sample>>::new();
    for MetricPoint { at, unit: _, sample } in points(cx, metric, unit, periods).await? {
        periods_found.entry(at).or_default().push(sample);
    }
    Ok(periods_found.into_iter().filter_map(|(at, samples)| Some((at, Sample::merge_all(&samples)?))).collect())
}

fn unavailable(error: &dyn std::fmt::Display) -> Error {
    tracing::error!(%error, "metric data cannot be reached");
    Error::Unavailable
}
