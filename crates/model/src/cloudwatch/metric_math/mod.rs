//! DECIDER: metric math: expressions over metrics, as in GetMetricData and in alarms (CloudWatch User Guide, "Using math
//! expressions with CloudWatch metrics").
//!
//! [`check`] looks at queries before there is data, [`evaluate()`] computes. Functions that need other services or learnt
//! models (SEARCH, ANOMALY_DETECTION_BAND, …) are refused by name. Knows neither storage nor requests.

mod evaluate;
mod expression;
mod functions;
mod parse;
#[cfg(test)]
mod tests;
mod value;

use super::alarm::{MetricQuery, QuerySource};
use crate::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

pub use expression::Expression;
pub use value::{Grid, Named, Series, Value};

/// The longest expression, in characters (CloudWatch API reference, MetricDataQuery).
pub const MAXIMUM_LENGTH: usize = 2048;
/// How deep parentheses and calls may nest.
pub const MAXIMUM_DEPTH: usize = 32;

/// What is wrong with an expression or with a set of queries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expression `{id}`: {problem}")]
pub struct MathError {
    /// The id of the query.
    pub id: String,
    /// What is wrong with it, and where.
    pub problem: String,
}

/// Checks all expressions among the queries: syntax, functions, ids that they use, kinds of values; none may depend on
/// itself. Gives the kind of value that each query comes to.
///
/// # Errors
/// The first problem found.
pub fn check(queries: &[MetricQuery]) -> Result<BTreeMap<String, Kind>, MathError> {
    // Without data every value is empty, but has its kind: the same code finds what does not fit.
    let grid = Grid { start: Timestamp::from_seconds(0), period_seconds: 60, count: 1 };
    let empty: BTreeMap<String, Series> = queries
        .iter()
        .filter(|query| matches!(query.source, QuerySource::Stat(_)))
        .map(|query| (query.id.clone(), Series::new()))
        .collect();
    Ok(evaluate(queries, &empty, &grid)?.into_iter().map(|(id, value)| (id, value.kind())).collect())
}

/// What a query comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One number.
    Scalar,
    /// One time series.
    Series,
    /// Several time series.
    List,
}

/// The value of every query. `metrics` has the points of each query that is a metric, by id.
///
/// # Errors
/// When an expression is wrong; never because of the data.
pub fn evaluate(
    queries: &[MetricQuery],
    metrics: &BTreeMap<String, Series>,
    grid: &Grid,
) -> Result<BTreeMap<String, Value>, MathError> {
    let expressions = parsed(queries)?;
    let mut work = evaluate::Work::new(queries, metrics, grid, &expressions);
    for query in queries {
        work.value(&query.id)?;
    }
    Ok(work.finish())
}

/// Ids of the queries that these depend on, themselves included.
///
/// # Errors
/// When an expression is wrong.
pub fn needed<'a>(queries: &'a [MetricQuery], wanted: &[&'a str]) -> Result<BTreeSet<String>, MathError> {
    let expressions = parsed(queries)?;
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = wanted.iter().map(|id| (*id).to_owned()).collect();
    while let Some(id) = open.pop() {
        if !found.insert(id.clone()) {
            continue;
        }
        if let Some(expression) = expressions.get(&id) {
            let metrics = queries.iter().filter(|query| matches!(query.source, QuerySource::Stat(_)));
            open.extend(metrics.filter(|_| expression.uses_all_metrics()).map(|query| query.id.clone()));
            open.extend(expression.ids());
        }
    }
    Ok(found)
}

fn parsed(queries: &[MetricQuery]) -> Result<BTreeMap<String, Expression>, MathError> {
    let mut expressions = BTreeMap::new();
    for query in queries {
        if let QuerySource::Expression { text, period_seconds: _ } = &query.source {
            let parsed = parse::parse(text).map_err(|problem| MathError { id: query.id.clone(), problem })?;
            expressions.insert(query.id.clone(), parsed);
        }
    }
    Ok(expressions)
}
