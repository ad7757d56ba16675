//! ListMetrics: which metrics had data in the last two weeks, 500 a page.

use std::time::Duration;

use api::cloudwatch::types::{DimensionFilter, ListMetricsInput, ListMetricsOutput, RecentlyActive};
use model::cloudwatch::metric::Metric;
use store::metric::MetricFilter;

use super::errors::Error;
use super::names;
use crate::context::Context;
use crate::pagination::{InvalidToken, Listing};

/// How many metrics a page has (CloudWatch API reference).
const PAGE_SIZE: usize = 500;
/// Metrics without data for longer are not listed (CloudWatch API reference).
const LISTED: Duration = Duration::from_secs(14 * 86_400);
/// `PT3H`.
const RECENTLY: Duration = Duration::from_secs(3 * 3600);

pub(super) fn list(cx: &Context, input: ListMetricsInput) -> Result<ListMetricsOutput, Error> {
    let ListMetricsInput { dimensions, metric_name, namespace, next_token, recently_active } = input;
    let since = match recently_active {
        Some(RecentlyActive::Pt3h) => RECENTLY,
        None => LISTED,
    };
    let dimensions = dimensions.unwrap_or_default().into_iter().map(|DimensionFilter { name, value }| (name, value));
    let filter = MetricFilter { namespace, name: metric_name, dimensions: dimensions.collect(), active_since: None };
    // The moment moves on between two pages and is therefore no part of what the token is bound to.
    let selection = (&filter, since);
    let listing = Listing { operation: "ListMetrics", selection: &selection };
    let after = next_token.map(|token| cursor(&listing.open(cx, &token)?)).transpose();
    let after = after.map_err(|error| Error::value("NextToken", error.to_string()))?;
    let filter = MetricFilter { active_since: Some(cx.now.minus(since)), ..filter.clone() };
    let mut metrics = cx.store.metrics().list(&cx.scope(), &filter, after.as_ref(), PAGE_SIZE + 1);
    let more = metrics.len() > PAGE_SIZE;
    metrics.truncate(PAGE_SIZE);
    let last = metrics.last().filter(|_| more);
    Ok(ListMetricsOutput {
        next_token: last.map(|metric| listing.seal(cx, &to_cursor(metric))),
        metrics: Some(metrics.into_iter().map(names::to_wire).collect()),
    })
}

fn to_cursor(metric: &Metric) -> String {
    serde_json::to_string(metric).expect("texts and a map of texts can be written as JSON")
}

fn cursor(text: &str) -> Result<Metric, InvalidToken> {
    serde_json::from_str(text).map_err(|_| InvalidToken)
}
