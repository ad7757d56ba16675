//! GetMetricData: many metrics at once, page by page. Metric math (Expression) comes with a later release.
//!
//! Pages follow the order of the queries and, within one, of the timestamps asked for. A result that goes on on the
//! next page is marked `PartialData`.

use std::collections::BTreeSet;

use api::cloudwatch::types::{
    GetMetricDataInput, GetMetricDataOutput, Metric as WireMetric, MetricDataQuery, MetricDataResult, MetricStat,
    ScanBy, StandardUnit, StatusCode,
};
use model::Timestamp;
use model::cloudwatch::metric::Metric;
use model::cloudwatch::statistics::{Periods, Stat};

use super::errors::Error;
use super::{names, series};
use crate::context::Context;
use crate::handler::{from_wire, to_wire};
use crate::pagination::{InvalidToken, Listing};

/// The most queries of one request (CloudWatch API reference).
const MAXIMUM_QUERIES: usize = 500;
/// The most datapoints of one page, and how many it has when the caller does not say (CloudWatch API reference).
const MAXIMUM_DATAPOINTS: i32 = 100_800;

/// A checked query.
#[derive(Clone, Debug)]
struct Query {
    id: String,
    label: String,
    metric: Metric,
    unit: Option<StandardUnit>,
    stat: Stat,
    periods: Periods,
}

/// Where a page begins: the query, and the last timestamp of it that was shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Position {
    query: usize,
    after: Option<Timestamp>,
}

pub(super) async fn get(cx: &Context, input: GetMetricDataInput) -> Result<GetMetricDataOutput, Error> {
    let GetMetricDataInput { end_time, max_datapoints, metric_data_queries, next_token, scan_by, start_time } = input;
    let selection = format!("{metric_data_queries:?} {start_time:?} {end_time:?} {scan_by:?}");
    let start = match &next_token {
        Some(token) => Position::parse(&listing(&selection).open(cx, token)?)?,
        None => Position::default(),
    };
    let queries =
        queries(cx, metric_data_queries, from_wire(start_time), from_wire(end_time)).map_err(Error::into_validation)?;
    let mut page = Page { room: page_size(max_datapoints)?, results: Vec::new(), next: None };
    let scan_by = scan_by.unwrap_or(ScanBy::TimestampDescending);
    for (index, query) in queries.iter().enumerate().skip(start.query) {
        let after = start.after.filter(|_| index == start.query);
        let points = scan(values(cx, query).await?, scan_by, after);
        if !page.add(index, query, points, after) {
            break;
        }
    }
    Ok(GetMetricDataOutput {
        messages: Some(Vec::new()),
        metric_data_results: Some(page.results),
        next_token: page.next.map(|position| listing(&selection).seal(cx, &position.to_string())),
    })
}

fn listing(selection: &String) -> Listing<'_> {
    Listing { operation: "GetMetricData", selection }
}

fn page_size(max_datapoints: Option<i32>) -> Result<usize, Error> {
    match max_datapoints {
        None => Ok(MAXIMUM_DATAPOINTS as usize),
        Some(count @ 1..=MAXIMUM_DATAPOINTS) => Ok(count as usize),
        Some(_) => Err(Error::Validation(format!("MaxDatapoints must be from 1 to {MAXIMUM_DATAPOINTS}"))),
    }
}

/// The queries whose data is to be returned. Without expressions the others have no effect but to be checked.
fn queries(cx: &Context, queries: Vec<MetricDataQuery>, start: Timestamp, end: Timestamp) -> Result<Vec<Query>, Error> {
    if queries.is_empty() || queries.len() > MAXIMUM_QUERIES {
        return Err(Error::value("MetricDataQueries", format!("there must be 1 to {MAXIMUM_QUERIES} queries")));
    }
    if start >= end {
        return Err(Error::value("StartTime", "it must be before EndTime"));
    }
    let mut ids = BTreeSet::new();
    let mut returned = Vec::new();
    for (index, query) in queries.into_iter().enumerate() {
        let place = format!("MetricDataQueries.member.{}", index + 1);
        if !ids.insert(query.id.clone()) {
            return Err(Error::value(format!("{place}.Id"), "each query needs an id of its own"));
        }
        let returns_data = query.return_data.unwrap_or(true);
        let query = self::query(cx, &place, query, start, end)?;
        returned.extend(returns_data.then_some(query));
    }
    match returned.is_empty() {
        true => Err(Error::value("MetricDataQueries", "at least one query must return data")),
        false => Ok(returned),
    }
}

fn query(cx: &Context, place: &str, query: MetricDataQuery, start: Timestamp, end: Timestamp) -> Result<Query, Error> {
    let MetricDataQuery { id, label, metric_stat, return_data: _ } = query;
    check_id(place, &id)?;
    let Some(MetricStat { metric, period, stat, unit }) = metric_stat else {
        return Err(Error::Missing(format!("{place}.MetricStat is needed")));
    };
    let WireMetric { dimensions, metric_name, namespace } = metric;
    let needed = |text: Option<String>, member: &str| {
        text.ok_or_else(|| Error::Missing(format!("{place}.MetricStat.Metric.{member} is needed")))
    };
    let dimensions_at = format!("{place}.MetricStat.Metric.Dimensions");
    let metric =
        names::metric(needed(namespace, "Namespace")?, needed(metric_name, "MetricName")?, dimensions, &dimensions_at)?;
    let label = label.unwrap_or_else(|| metric.name.clone());
    if label.contains("${") {
        return Err(Error::value(format!("{place}.Label"), "labels with ${…} are not computed yet"));
    }
    let at = |member: &str, reason: String| Error::value(format!("{place}.MetricStat.{member}"), reason);
    Ok(Query {
        id,
        label,
        metric,
        unit,
        stat: stat
            .parse()
            .map_err(|error: model::cloudwatch::statistics::UnknownStatistic| at("Stat", error.to_string()))?,
        periods: Periods::new(start, end, period, cx.now).map_err(|error| at("Period", error.to_string()))?,
    })
}

/// A lower-case letter, then letters, digits and underscores.
fn check_id(place: &str, id: &str) -> Result<(), Error> {
    let good = id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match good {
        true => Ok(()),
        false => Err(Error::value(
            format!("{place}.Id"),
            "an id begins with a lower-case letter and has letters, digits and underscores only",
        )),
    }
}

/// The value of every period that has one, oldest first. Values of several units count together when none is asked for.
async fn values(cx: &Context, query: &Query) -> Result<Vec<(Timestamp, f64)>, Error> {
    let samples = series::combined(cx, &query.metric, query.unit, &query.periods).await?;
    Ok(samples.into_iter().filter_map(|(at, sample)| Some((at, sample.stat(&query.stat)?))).collect())
}

/// The order that is asked for, from where the page before ended.
fn scan(mut points: Vec<(Timestamp, f64)>, scan_by: ScanBy, after: Option<Timestamp>) -> Vec<(Timestamp, f64)> {
    match scan_by {
        ScanBy::TimestampAscending => points.retain(|(at, _)| after.is_none_or(|after| *at > after)),
        ScanBy::TimestampDescending => {
            points.retain(|(at, _)| after.is_none_or(|after| *at < after));
            points.reverse();
        }
    }
    points
}

/// A page in the making.
struct Page {
    room: usize,
    results: Vec<MetricDataResult>,
    next: Option<Position>,
}

impl Page {
    /// Adds what fits of a query's points, which begin behind `after`. False when the page is full before their end;
    /// the next page begins there.
    fn add(
        &mut self,
        index: usize,
        query: &Query,
        mut points: Vec<(Timestamp, f64)>,
        after: Option<Timestamp>,
    ) -> bool {
        if self.room == 0 {
            self.next = Some(Position { query: index, after });
            return false;
        }
        let complete = points.len() <= self.room;
        points.truncate(self.room);
        self.room -= points.len();
        let last = points.last().map(|(at, _)| *at);
        self.results.push(result(query, points, complete));
        if !complete {
            self.next = Some(Position { query: index, after: last });
        }
        complete
    }
}

fn result(query: &Query, points: Vec<(Timestamp, f64)>, complete: bool) -> MetricDataResult {
    let (timestamps, values) = points.into_iter().map(|(at, value)| (to_wire(at), value)).unzip();
    MetricDataResult {
        id: Some(query.id.clone()),
        label: Some(query.label.clone()),
        messages: None,
        status_code: Some(if complete { StatusCode::Complete } else { StatusCode::PartialData }),
        timestamps: Some(timestamps),
        values: Some(values),
    }
}

impl Position {
    fn parse(text: &str) -> Result<Self, InvalidToken> {
        let (query, after) = text.split_once(':').ok_or(InvalidToken)?;
        let after = match after {
            "" => None,
            millis => Some(Timestamp::from_millis(millis.parse().map_err(|_| InvalidToken)?)),
        };
        Ok(Self { query: query.parse().map_err(|_| InvalidToken)?, after })
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", self.query)?;
        self.after.map_or(Ok(()), |after| write!(f, "{}", after.millis()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_its_token() {
        for position in [
            Position::default(),
            Position { query: 7, after: Some(Timestamp::from_millis(-5)) },
            Position { query: 0, after: Some(Timestamp::from_millis(1_795_176_000_123)) },
        ] {
            assert_eq!(Position::parse(&position.to_string()), Ok(position));
        }
        for text in ["", "1", ":", "x:", "1:x", "-1:"] {
            assert_eq!(Position::parse(text), Err(InvalidToken), "{text}");
        }
    }

    #[test]
    fn scanning_goes_on_behind_the_last_point_shown() {
        let at = Timestamp::from_seconds;
        let points = vec![(at(1), 1.0), (at(2), 2.0), (at(3), 3.0)];
        let table = [
            (ScanBy::TimestampAscending, None, vec![1.0, 2.0, 3.0]),
            (ScanBy::TimestampAscending, Some(at(1)), vec![2.0, 3.0]),
            (ScanBy::TimestampDescending, None, vec![3.0, 2.0, 1.0]),
            (ScanBy::TimestampDescending, Some(at(2)), vec![1.0]),
        ];
        for (scan_by, after, expected) in table {
            let found: Vec<f64> = scan(points.clone(), scan_by, after).into_iter().map(|(_, value)| value).collect();
            assert_eq!(found, expected, "{scan_by} {after:?}");
        }
    }

    #[test]
    fn ids_are_names_that_an_expression_could_use() {
        for id in ["a", "cpu_2", "mX"] {
            assert_eq!(check_id("Q", id), Ok(()), "{id}");
        }
        for id in ["", "A", "1a", "_a", "a-b", "a b", "ä"] {
            assert!(check_id("Q", id).is_err(), "{id}");
        }
    }
}
