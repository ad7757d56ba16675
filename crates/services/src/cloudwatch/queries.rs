//! MetricDataQuery in and out: what GetMetricData asks for and what alarms over metric math watch.

use std::collections::BTreeSet;

use api::cloudwatch::types::{self, MetricDataQuery};
use model::cloudwatch::alarm::{MetricQuery, MetricStat, QuerySource};
use model::cloudwatch::statistics::UnknownStatistic;

use super::errors::Error;
use super::names;

/// Queries of a request, each checked by itself; ids are unique. `place` is their parameter, for errors.
pub(super) fn read(queries: Vec<MetricDataQuery>, place: &str) -> Result<Vec<MetricQuery>, Error> {
    let mut ids = BTreeSet::new();
    let mut read = Vec::new();
    for (index, query) in queries.into_iter().enumerate() {
        let place = format!("{place}.member.{}", index + 1);
        if !ids.insert(query.id.clone()) {
            return Err(Error::value(format!("{place}.Id"), "each query needs an id of its own"));
        }
        read.push(self::query(query, &place)?);
    }
    Ok(read)
}

fn query(query: MetricDataQuery, place: &str) -> Result<MetricQuery, Error> {
    let MetricDataQuery { expression, id, label, metric_stat, period, return_data } = query;
    check_id(place, &id)?;
    if label.as_ref().is_some_and(|label| label.contains("${")) {
        return Err(Error::value(format!("{place}.Label"), "labels with ${…} are not computed yet"));
    }
    let source = match (metric_stat, expression) {
        (Some(stat), None) if period.is_none() => QuerySource::Stat(self::stat(stat, place)?),
        (Some(_), None) => {
            return Err(Error::value(format!("{place}.Period"), "a metric has its period in MetricStat"));
        }
        (None, Some(text)) => QuerySource::Expression { text, period_seconds: period },
        (Some(_), Some(_)) => {
            return Err(Error::value(place, "MetricStat and Expression exclude each other; use one of them"));
        }
        (None, None) => return Err(Error::Missing(format!("{place}: one of MetricStat and Expression is needed"))),
    };
    Ok(MetricQuery { id, label, source, return_data: return_data.unwrap_or(true) })
}

fn stat(stat: types::MetricStat, place: &str) -> Result<MetricStat, Error> {
    let types::MetricStat { metric, period, stat, unit } = stat;
    let types::Metric { dimensions, metric_name, namespace } = metric;
    let needed = |text: Option<String>, member: &str| {
        text.ok_or_else(|| Error::Missing(format!("{place}.MetricStat.Metric.{member} is needed")))
    };
    let (namespace, name) = (needed(namespace, "Namespace")?, needed(metric_name, "MetricName")?);
    Ok(MetricStat {
        metric: names::metric(namespace, name, dimensions, &format!("{place}.MetricStat.Metric.Dimensions"))?,
        period_seconds: period,
        stat: stat
            .parse()
            .map_err(|error: UnknownStatistic| Error::value(format!("{place}.MetricStat.Stat"), error.to_string()))?,
        unit: unit.map(|unit| unit.as_str().to_owned()),
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

/// A query as the API shows it.
pub(super) fn to_wire(query: &MetricQuery) -> MetricDataQuery {
    let MetricQuery { id, label, source, return_data } = query.clone();
    let mut shown = MetricDataQuery {
        id,
        label,
        return_data: Some(return_data),
        expression: None,
        metric_stat: None,
        period: None,
    };
    match source {
        QuerySource::Stat(MetricStat { metric, period_seconds, stat, unit }) => {
            shown.metric_stat = Some(types::MetricStat {
                metric: names::to_wire(metric),
                period: period_seconds,
                stat: stat.to_string(),
                unit: unit.and_then(|unit| unit.parse().ok()),
            });
        }
        QuerySource::Expression { text, period_seconds } => {
            shown.expression = Some(text);
            shown.period = period_seconds;
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

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
