//! PutMetricData: everything in a request is checked before anything is recorded.

use std::time::Duration;

use api::cloudwatch::types::{self, PutMetricDataInput, StandardUnit, StatisticSet};
use model::Timestamp;
use model::cloudwatch::metric;
use model::cloudwatch::statistics::Sample;
use store::metric::{MetricDatum, Resolution};

use super::errors::Error;
use super::{names, series};
use crate::context::Context;
use crate::handler::from_wire;

/// The most metrics of one request (CloudWatch API reference).
const MAXIMUM_METRICS: usize = 1000;
/// The most values of one metric in one request (CloudWatch API reference).
const MAXIMUM_VALUES: usize = 150;
/// How old a point may be.
const MAXIMUM_AGE: Duration = Duration::from_secs(14 * 86_400);
/// How far ahead of the clock a point may be.
const MAXIMUM_LEAD: Duration = Duration::from_secs(2 * 3600);
/// Values lie within plus and minus two to this power.
const VALUE_EXPONENT: i32 = 360;

pub(super) fn put(cx: &Context, input: PutMetricDataInput) -> Result<(), Error> {
    let PutMetricDataInput { metric_data, namespace } = input;
    names::check_own_namespace(&namespace)?;
    if metric_data.is_empty() {
        return Err(Error::Missing("MetricData: at least one metric is needed".to_owned()));
    }
    if metric_data.len() > MAXIMUM_METRICS {
        return Err(Error::value("MetricData", format!("a request has at most {MAXIMUM_METRICS} metrics")));
    }
    let points = metric_data.into_iter().enumerate();
    let points = points.map(|(index, datum)| point(cx.now, &namespace, index + 1, datum));
    series::record(cx, points.collect::<Result<_, _>>()?)
}

fn point(now: Timestamp, namespace: &str, number: usize, datum: types::MetricDatum) -> Result<MetricDatum, Error> {
    let types::MetricDatum {
        counts,
        dimensions,
        metric_name,
        statistic_values,
        storage_resolution,
        timestamp,
        unit,
        value,
        values,
    } = datum;
    let place = format!("MetricData.member.{number}");
    let metric = names::metric(namespace.to_owned(), metric_name, dimensions, &format!("{place}.Dimensions"))?;
    Ok(MetricDatum {
        metric,
        unit: unit.unwrap_or(StandardUnit::None).as_str().to_owned(),
        at: check_time(&place, timestamp.map_or(now, from_wire), now)?,
        resolution: resolution(&place, storage_resolution)?,
        sample: sample(&place, value, statistic_values, values, counts)?,
    })
}

fn check_time(place: &str, at: Timestamp, now: Timestamp) -> Result<Timestamp, Error> {
    match at < now.minus(MAXIMUM_AGE) || at > now.plus(MAXIMUM_LEAD) {
        true => Err(Error::value(
            format!("{place}.Timestamp"),
            format!("{at} is more than two weeks before or two hours after {now}"),
        )),
        false => Ok(at),
    }
}

fn resolution(place: &str, storage_resolution: Option<i32>) -> Result<Resolution, Error> {
    match storage_resolution {
        Some(1) => Ok(Resolution::High),
        Some(60) | None => Ok(Resolution::Standard),
        Some(_) => Err(Error::value(format!("{place}.StorageResolution"), "it must be 1 or 60")),
    }
}

/// The values of one metric, given in exactly one of three ways.
fn sample(
    place: &str,
    value: Option<f64>,
    set: Option<StatisticSet>,
    values: Option<Vec<f64>>,
    counts: Option<Vec<f64>>,
) -> Result<Sample, Error> {
    // An empty list is how form clients write a list that they do not use.
    let values = values.filter(|values| !values.is_empty());
    let counts = counts.filter(|counts| !counts.is_empty());
    match (value, set, values, counts) {
        (Some(value), None, None, None) => weighted(place, "Value", vec![value], vec![1.0]),
        (None, Some(set), None, None) => of_set(place, set),
        (None, None, Some(values), counts) => {
            let counts = counts.unwrap_or_else(|| vec![1.0; values.len()]);
            weighted(place, "Values", values, counts)
        }
        (None, None, None, None) => {
            Err(Error::Missing(format!("{place}: one of Value, Values and StatisticValues is needed")))
        }
        (None, None, None, Some(_)) => Err(Error::Combination(format!("{place}: Counts needs Values"))),
        (_, _, _, _) => Err(Error::Combination(format!(
            "{place}: Value, StatisticValues and Values (with Counts) exclude each other"
        ))),
    }
}

fn weighted(place: &str, member: &str, values: Vec<f64>, counts: Vec<f64>) -> Result<Sample, Error> {
    if values.len() > MAXIMUM_VALUES {
        return Err(Error::value(format!("{place}.{member}"), format!("a metric has at most {MAXIMUM_VALUES} values")));
    }
    if values.len() != counts.len() {
        let lengths = format!("{} values and {} counts", values.len(), counts.len());
        return Err(Error::Combination(format!("{place}: Values and Counts must be equally long, not {lengths}")));
    }
    for value in &values {
        check_number(&format!("{place}.{member}"), *value)?;
    }
    for count in &counts {
        check_number(&format!("{place}.Counts"), *count)?;
    }
    if counts.iter().any(|count| *count <= 0.0) {
        return Err(Error::value(format!("{place}.Counts"), "a count must be greater than 0"));
    }
    let sample = Sample::of_values(values.into_iter().zip(counts));
    sample.ok_or_else(|| Error::Missing(format!("{place}.{member}: at least one value is needed")))
}

fn of_set(place: &str, set: StatisticSet) -> Result<Sample, Error> {
    let StatisticSet { maximum, minimum, sample_count, sum } = set;
    let place = format!("{place}.StatisticValues");
    let numbers = [("Maximum", maximum), ("Minimum", minimum), ("SampleCount", sample_count), ("Sum", sum)];
    for (member, number) in numbers {
        check_number(&format!("{place}.{member}"), number)?;
    }
    if sample_count <= 0.0 {
        return Err(Error::value(format!("{place}.SampleCount"), "it must be greater than 0"));
    }
    if minimum > maximum {
        return Err(Error::value(format!("{place}.Minimum"), "it must not be greater than Maximum"));
    }
    Ok(Sample::of_set(metric::StatisticSet { sample_count, sum, minimum, maximum }))
}

fn check_number(place: &str, number: f64) -> Result<(), Error> {
    if !number.is_finite() {
        return Err(Error::value(place, "NaN and Infinity are no values"));
    }
    match number.abs() > 2_f64.powi(VALUE_EXPONENT) {
        true => Err(Error::value(place, format!("values lie between -2^{VALUE_EXPONENT} and 2^{VALUE_EXPONENT}"))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(sample_count: f64, sum: f64, minimum: f64, maximum: f64) -> Option<StatisticSet> {
        Some(StatisticSet { maximum, minimum, sample_count, sum })
    }

    fn kind(error: &Error) -> &'static str {
        match error {
            Error::Value { .. } => "value",
            Error::Combination(_) => "combination",
            Error::Missing(_) => "missing",
            Error::Validation(_) => "validation",
            Error::Limit(_) => "limit",
            Error::NoSuchAlarm(_) | Error::NoSuchResource(_) => "not found",
            Error::Format(_) => "format",
            Error::Token(_) => "token",
            Error::Unavailable => "unavailable",
        }
    }

    #[test]
    fn values_come_in_one_of_three_ways() {
        let many = Some(vec![1.0, 2.0]);
        let table = [
            (Some(1.0), None, None, None, Ok(1.0)),
            (None, set(2.0, 8.0, 3.0, 5.0), None, None, Ok(8.0)),
            (None, None, many.clone(), None, Ok(3.0)),
            (None, None, many.clone(), Some(vec![10.0, 0.5]), Ok(11.0)),
            (Some(1.0), None, Some(vec![]), Some(vec![]), Ok(1.0)),
            (None, None, None, None, Err("missing")),
            (None, None, Some(vec![]), None, Err("missing")),
            (Some(1.0), set(1.0, 1.0, 1.0, 1.0), None, None, Err("combination")),
            (Some(1.0), None, many.clone(), None, Err("combination")),
            (Some(1.0), None, None, Some(vec![1.0]), Err("combination")),
            (None, None, None, Some(vec![1.0]), Err("combination")),
            (None, None, many.clone(), Some(vec![1.0]), Err("combination")),
            (None, None, many.clone(), Some(vec![1.0, 0.0]), Err("value")),
            (None, None, many, Some(vec![1.0, f64::NAN]), Err("value")),
            (None, None, Some(vec![1.0; 151]), None, Err("value")),
            (Some(f64::NAN), None, None, None, Err("value")),
            (Some(f64::INFINITY), None, None, None, Err("value")),
            (Some(f64::NEG_INFINITY), None, None, None, Err("value")),
            (Some(1e300), None, None, None, Err("value")),
            (None, set(0.0, 0.0, 0.0, 0.0), None, None, Err("value")),
            (None, set(1.0, 1.0, 2.0, 1.0), None, None, Err("value")),
            (None, set(1.0, f64::NAN, 1.0, 1.0), None, None, Err("value")),
        ];
        for (value, statistics, values, counts, expected) in table {
            let shown = format!("{value:?} {statistics:?} {values:?} {counts:?}");
            let result = sample("M", value, statistics, values, counts);
            assert_eq!(result.as_ref().map(|sample| sample.set.sum).map_err(kind), expected, "{shown}");
        }
    }

    #[test]
    fn points_lie_within_two_weeks_back_and_two_hours_ahead() {
        let now = Timestamp::from_seconds(1_795_176_000);
        for (seconds, good) in [(0, true), (-1_209_600, true), (-1_209_601, false), (7200, true), (7201, false)] {
            let at = Timestamp::from_seconds(now.seconds() + seconds);
            assert_eq!(check_time("M", at, now).is_ok(), good, "{seconds}");
        }
    }
}
