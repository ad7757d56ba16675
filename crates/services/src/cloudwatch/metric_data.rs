//! GetMetricData: many metrics and expressions over them at once, page by page.
//!
//! Pages follow the order of the queries and, within one, of the timestamps asked for. A result that goes on on the
//! next page is marked `PartialData`. What expressions come to is decided by `model::cloudwatch::metric_math`.

use std::collections::{BTreeMap, BTreeSet};

use api::cloudwatch::types::{
    GetMetricDataInput, GetMetricDataOutput, MetricDataQuery, MetricDataResult, ScanBy, StatusCode,
};
use model::Timestamp;
use model::cloudwatch::alarm::{MetricQuery, MetricStat, QuerySource};
use model::cloudwatch::metric_math::{self, Grid, Kind, Series, Value};
use model::cloudwatch::statistics::Periods;

use super::errors::Error;
use super::{queries, series};
use crate::context::Context;
use crate::handler::{from_wire, to_wire};
use crate::pagination::{InvalidToken, Listing};

/// The most queries of one request (CloudWatch API reference).
const MAXIMUM_QUERIES: usize = 500;
/// The most datapoints of one page, and how many it has when the caller does not say (CloudWatch API reference).
const MAXIMUM_DATAPOINTS: i32 = 100_800;
/// The most periods that an expression is computed over; one page has no more datapoints either.
const MAXIMUM_PERIODS: u64 = 100_800;

/// The checked queries of a request.
struct Request {
    queries: Vec<MetricQuery>,
    /// The periods of each query, by id; expressions have those of their metrics.
    periods: BTreeMap<String, Periods>,
}

/// One line of the answer: a query that is a list has several.
struct Line {
    id: String,
    label: String,
    points: Vec<(Timestamp, f64)>,
}

/// Where a page begins: the query, which of its lines, and the last timestamp of it that was shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Position {
    query: usize,
    part: usize,
    after: Option<Timestamp>,
}

pub(super) async fn get(cx: &Context, input: GetMetricDataInput) -> Result<GetMetricDataOutput, Error> {
    let GetMetricDataInput { end_time, max_datapoints, metric_data_queries, next_token, scan_by, start_time } = input;
    let selection = format!("{metric_data_queries:?} {start_time:?} {end_time:?} {scan_by:?}");
    let start = match &next_token {
        Some(token) => Position::parse(&listing(&selection).open(cx, token)?)?,
        None => Position::default(),
    };
    let request = Request::new(cx, metric_data_queries, from_wire(start_time), from_wire(end_time));
    let request = request.map_err(Error::into_validation)?;
    let mut page = Page { room: page_size(max_datapoints)?, results: Vec::new(), next: None };
    let scan_by = scan_by.unwrap_or(ScanBy::TimestampDescending);
    let mut fetched = BTreeMap::new();
    'queries: for (index, query) in request.queries.iter().enumerate().skip(start.query) {
        if !query.return_data {
            continue;
        }
        let lines = request.lines(cx, query, &mut fetched).await?;
        let first = if index == start.query { start.part } else { 0 };
        for (part, line) in lines.into_iter().enumerate().skip(first) {
            let after = start.after.filter(|_| index == start.query && part == start.part);
            let line = Line { points: scan(line.points, scan_by, after), ..line };
            if !page.add(Position { query: index, part, after }, line) {
                break 'queries;
            }
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

impl Request {
    fn new(cx: &Context, wanted: Vec<MetricDataQuery>, start: Timestamp, end: Timestamp) -> Result<Self, Error> {
        let invalid = |reason: String| Err(Error::value("MetricDataQueries", reason));
        if wanted.is_empty() || wanted.len() > MAXIMUM_QUERIES {
            return invalid(format!("there must be 1 to {MAXIMUM_QUERIES} queries"));
        }
        if start >= end {
            return Err(Error::value("StartTime", "it must be before EndTime"));
        }
        let queries: Vec<MetricQuery> = queries::read(wanted, "MetricDataQueries")?.into_iter().map(labelled).collect();
        if !queries.iter().any(|query| query.return_data) {
            return invalid("at least one query must return data".to_owned());
        }
        let kinds = metric_math::check(&queries).map_err(math)?;
        let is_number = |query: &&MetricQuery| query.return_data && kinds.get(&query.id) == Some(&Kind::Scalar);
        if let Some(query) = queries.iter().find(is_number) {
            return invalid(format!(
                "{} comes to a number and not to time series; use TIME_SERIES, or set ReturnData to false",
                query.id
            ));
        }
        let periods = |query: &MetricQuery| {
            let seconds = period_of(&queries, query)?;
            let periods = Periods::new(start, end, seconds, cx.now);
            let periods =
                periods.map_err(|error| Error::value(format!("the period of {}", query.id), error.to_string()))?;
            Ok((query.id.clone(), periods))
        };
        let periods = queries.iter().map(periods).collect::<Result<BTreeMap<_, _>, Error>>()?;
        Ok(Self { queries, periods })
    }

    /// What a query comes to. `fetched` remembers the points of metrics within one request.
    async fn lines(
        &self,
        cx: &Context,
        query: &MetricQuery,
        fetched: &mut BTreeMap<String, Series>,
    ) -> Result<Vec<Line>, Error> {
        let label = query.label.clone().unwrap_or_else(|| query.id.clone());
        if let QuerySource::Stat(stat) = &query.source {
            let points = self.points(cx, &query.id, stat).await?;
            return Ok(vec![Line { id: query.id.clone(), label, points: points.into_iter().collect() }]);
        }
        let value = self.compute(cx, query, fetched).await?;
        let line =
            |label: String, points: Series| Line { id: query.id.clone(), label, points: points.into_iter().collect() };
        Ok(match value {
            Value::Scalar(_) => Vec::new(),
            Value::Series(series) => vec![line(label, series.points)],
            Value::List(list) => list.into_iter().map(|series| line(series.label, series.points)).collect(),
        })
    }

    async fn compute(
        &self,
        cx: &Context,
        query: &MetricQuery,
        fetched: &mut BTreeMap<String, Series>,
    ) -> Result<Value, Error> {
        let needed = metric_math::needed(&self.queries, &[&query.id]).map_err(math)?;
        let queries: Vec<MetricQuery> =
            self.queries.iter().filter(|query| needed.contains(&query.id)).cloned().collect();
        for MetricQuery { id, source, .. } in &queries {
            if let QuerySource::Stat(stat) = source
                && !fetched.contains_key(id)
            {
                fetched.insert(id.clone(), self.points(cx, id, stat).await?);
            }
        }
        let periods = self.periods[&query.id];
        let count = u32::try_from(periods.count().min(MAXIMUM_PERIODS)).unwrap_or(u32::MAX);
        let grid = Grid { start: periods.start, period_seconds: periods.seconds, count };
        let mut values = metric_math::evaluate(&queries, fetched, &grid).map_err(math)?;
        Ok(values.remove(&query.id).unwrap_or(Value::List(Vec::new())))
    }

    /// The value of every period that has one. Values of several units count together when none is asked for.
    async fn points(&self, cx: &Context, id: &str, stat: &MetricStat) -> Result<Series, Error> {
        let unit = stat.unit.as_deref().and_then(|unit| unit.parse().ok());
        let samples = series::combined(cx, &stat.metric, unit, &self.periods[id]).await?;
        Ok(samples.into_iter().filter_map(|(at, sample)| Some((at, sample.stat(&stat.stat)?))).collect())
    }
}

/// A metric without a label goes by its own name.
fn labelled(mut query: MetricQuery) -> MetricQuery {
    if let (None, QuerySource::Stat(stat)) = (&query.label, &query.source) {
        query.label = Some(stat.metric.name.clone());
    }
    query
}

fn math(error: metric_math::MathError) -> Error {
    Error::value("MetricDataQueries", error.to_string())
}

/// The period of a query: its own, or for an expression the one that all of its metrics share.
fn period_of(queries: &[MetricQuery], query: &MetricQuery) -> Result<i32, Error> {
    let own = match &query.source {
        QuerySource::Stat(stat) => return Ok(stat.period_seconds),
        QuerySource::Expression { text: _, period_seconds } => *period_seconds,
    };
    let needed = metric_math::needed(queries, &[&query.id]).map_err(math)?;
    let of_stat = |query: &MetricQuery| match &query.source {
        QuerySource::Stat(stat) if needed.contains(&query.id) => Some(stat.period_seconds),
        QuerySource::Stat(_) | QuerySource::Expression { .. } => None,
    };
    let periods: BTreeSet<i32> = queries.iter().filter_map(of_stat).chain(own).collect();
    let mut periods = periods.into_iter();
    match (periods.next(), periods.next()) {
        (Some(period), None) => Ok(period),
        (None, _) => Err(Error::value("MetricDataQueries", format!("{} uses no metric and needs a Period", query.id))),
        (Some(_), Some(_)) => Err(Error::value(
            "MetricDataQueries",
            format!("the metrics of {} and its Period must all have the same period", query.id),
        )),
    }
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
    /// Adds what fits of a line. False when the page is full before its end; the next page begins there.
    fn add(&mut self, position: Position, mut line: Line) -> bool {
        if self.room == 0 {
            self.next = Some(position);
            return false;
        }
        let complete = line.points.len() <= self.room;
        line.points.truncate(self.room);
        self.room -= line.points.len();
        let last = line.points.last().map(|(at, _)| *at);
        self.results.push(result(line, complete));
        if !complete {
            self.next = Some(Position { after: last, ..position });
        }
        complete
    }
}

fn result(line: Line, complete: bool) -> MetricDataResult {
    let Line { id, label, points } = line;
    let (timestamps, values) = points.into_iter().map(|(at, value)| (to_wire(at), value)).unzip();
    MetricDataResult {
        id: Some(id),
        label: Some(label),
        messages: None,
        status_code: Some(if complete { StatusCode::Complete } else { StatusCode::PartialData }),
        timestamps: Some(timestamps),
        values: Some(values),
    }
}

impl Position {
    fn parse(text: &str) -> Result<Self, InvalidToken> {
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or(InvalidToken);
        let (query, part, after) = (next()?, next()?, next()?);
        let after = match after {
            "" => None,
            millis => Some(Timestamp::from_millis(millis.parse().map_err(|_| InvalidToken)?)),
        };
        let number = |text: &str| text.parse().map_err(|_| InvalidToken);
        Ok(Self { query: number(query)?, part: number(part)?, after })
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:", self.query, self.part)?;
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
            Position { query: 7, part: 3, after: Some(Timestamp::from_millis(-5)) },
            Position { query: 0, part: 0, after: Some(Timestamp::from_millis(1_795_176_000_123)) },
        ] {
            assert_eq!(Position::parse(&position.to_string()), Ok(position));
        }
        for text in ["", "1", ":", "1:", "::", "x:0:", "0:x:", "1:0:x", "-1:0:"] {
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
}
