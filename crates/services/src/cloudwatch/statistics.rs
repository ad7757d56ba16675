//! GetMetricStatistics: up to 1,440 datapoints of one metric.

use std::collections::BTreeMap;

use api::cloudwatch::types::{
    Datapoint, GetMetricStatisticsInput, GetMetricStatisticsOutput, Statistic as WireStatistic,
};
use model::Timestamp;
use model::cloudwatch::statistics::{Percentile, Periods, Statistic};
use store::metric::MetricPoint;

use super::errors::Error;
use super::{names, series};
use crate::context::Context;
use crate::handler::{from_wire, to_wire};

/// The most datapoints of one answer (CloudWatch API reference).
const MAXIMUM_DATAPOINTS: u64 = 1440;

/// What a caller wants to know of each period.
struct Wanted {
    plain: Vec<Statistic>,
    percentiles: Vec<Percentile>,
}

pub(super) async fn get(cx: &Context, input: GetMetricStatisticsInput) -> Result<GetMetricStatisticsOutput, Error> {
    let GetMetricStatisticsInput {
        dimensions,
        end_time,
        extended_statistics,
        metric_name,
        namespace,
        period,
        start_time,
        statistics,
        unit,
    } = input;
    let wanted = wanted(statistics.unwrap_or_default(), extended_statistics.unwrap_or_default())?;
    let periods = periods(from_wire(start_time), from_wire(end_time), period, cx.now)?;
    let metric = names::metric(namespace, metric_name, dimensions, "Dimensions")?;
    let label = metric.name.clone();
    let mut points = series::points(cx, &metric, unit, &periods).await?;
    // AWS promises no order; ours is that of time, also when there are several units.
    points.sort_by_key(|point| point.at);
    let datapoints = points.iter().map(|point| datapoint(point, &wanted)).collect();
    Ok(GetMetricStatisticsOutput { datapoints: Some(datapoints), label: Some(label) })
}

fn wanted(statistics: Vec<WireStatistic>, extended: Vec<String>) -> Result<Wanted, Error> {
    match (statistics.is_empty(), extended.is_empty()) {
        (true, true) => Err(Error::Missing("either Statistics or ExtendedStatistics is needed".to_owned())),
        (false, false) => {
            Err(Error::Combination("Statistics and ExtendedStatistics exclude each other; use one of them".to_owned()))
        }
        (_, _) => Ok(Wanted {
            plain: statistics.into_iter().map(plain).collect(),
            percentiles: extended.iter().map(|text| text.parse()).collect::<Result<_, _>>()?,
        }),
    }
}

fn plain(statistic: WireStatistic) -> Statistic {
    match statistic {
        WireStatistic::SampleCount => Statistic::SampleCount,
        WireStatistic::Average => Statistic::Average,
        WireStatistic::Sum => Statistic::Sum,
        WireStatistic::Minimum => Statistic::Minimum,
        WireStatistic::Maximum => Statistic::Maximum,
    }
}

fn periods(start: Timestamp, end: Timestamp, period: i32, now: Timestamp) -> Result<Periods, Error> {
    if start >= end {
        return Err(Error::value("StartTime", "it must be before EndTime"));
    }
    let periods = Periods::new(start, end, period, now)?;
    match periods.count() {
        count if count > MAXIMUM_DATAPOINTS => Err(Error::Combination(format!(
            "the time asked for has {count} periods of {period} s, more than the {MAXIMUM_DATAPOINTS} datapoints of one \
             answer; use a longer Period or a shorter time"
        ))),
        _ => Ok(periods),
    }
}

fn datapoint(point: &MetricPoint, wanted: &Wanted) -> Datapoint {
    let MetricPoint { at, unit, sample } = point;
    let value = |statistic| wanted.plain.contains(&statistic).then(|| statistic.of(&sample.set));
    let percentile = |percentile: &Percentile| {
        let value = sample.distribution.as_ref()?.percentile(percentile.percent())?;
        Some((percentile.as_str().to_owned(), value))
    };
    let percentiles: BTreeMap<String, f64> = wanted.percentiles.iter().filter_map(percentile).collect();
    Datapoint {
        average: value(Statistic::Average),
        extended_statistics: (!percentiles.is_empty()).then_some(percentiles),
        maximum: value(Statistic::Maximum),
        minimum: value(Statistic::Minimum),
        sample_count: value(Statistic::SampleCount),
        sum: value(Statistic::Sum),
        timestamp: Some(to_wire(*at)),
        unit: unit.parse().ok(),
    }
}
