//! Forecasts of predictive scaling: 48 hours of load from up to 14 days of the past, and the capacity that it needs (Auto
//! Scaling user guide, "How predictive scaling works").
//!
//! The method is plain on purpose: the load of an hour is that of the same hour of earlier weeks (of earlier days, while
//! there is less than a week and a day), newer ones counting more, scaled by how the last day compares with what would
//! have been forecast for it. AWS's own method is not published. Reading metrics and keeping the forecast is the caller's.

use super::{
    policy::{
        metric::PredefinedMetric,
        predictive::{Forecast, ForecastHour, MetricPair, PredictivePolicy},
    },
    target_tracking::whole,
};
use crate::{
    Timestamp,
    cloudwatch::{
        alarm::MetricStat,
        metric::Metric,
        statistics::{Stat, Statistic},
    },
};
use std::time::Duration;

/// Hours that are forecast.
pub const FORECAST_HOURS: u32 = 48;
/// Hours that must be known.
pub const MINIMUM_HOURS: usize = 24;
/// How far back is looked.
pub const HISTORY: Duration = Duration::from_secs(14 * 86_400);
/// How long a forecast is good for; then a new one is made.
pub const REFRESH: Duration = Duration::from_secs(6 * 3600);
/// Values that an instance metric has in an hour.
const VALUES_PER_HOUR: f64 = 60.0;
const HOUR_SECONDS: i64 = 3600;
const DAY_HOURS: i64 = 24;
const WEEK_HOURS: i64 = 168;
/// How much less an hour counts for each round (week or day) that it is older.
const FADING: f64 = 0.7;
/// The last day changes the level to half or double at most: one strange day is no new level.
const LEVELS: (f64, f64) = (0.5, 2.0);

/// What an hour of the past was like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastHour {
    /// Its start.
    pub at: Timestamp,
    /// The load metric.
    pub load: f64,
    /// The scaling metric: what one instance had to do.
    pub scaling: f64,
    /// Instances that shared it.
    pub capacity: f64,
}

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoForecast {
    /// Too few hours.
    #[error("{0} hours of the last 14 days are known; a forecast needs {MINIMUM_HOURS}")]
    TooShort(usize),
    /// The past does not say how much load an instance can take.
    #[error("load and scaling metric were zero all the time, so that nothing can be said of the capacity")]
    NoLoad,
}

/// Makes a forecast from hours of the past in any order; those that are not over, too old, or no numbers are left aside.
///
/// # Errors
/// [`NoForecast`].
pub fn forecast(past: &[PastHour], target: f64, now: Timestamp) -> Result<Forecast, NoForecast> {
    let first = now.period_start(HOUR_SECONDS);
    let known = |hour: &&PastHour| {
        let finite =
            [hour.load, hour.scaling, hour.capacity].into_iter().all(|value| value.is_finite() && value >= 0.0);
        finite && hour.at < first && first.since(hour.at) <= HISTORY
    };
    let past: Vec<PastHour> = past.iter().filter(known).copied().collect();
    if past.len() < MINIMUM_HOURS {
        return Err(NoForecast::TooShort(past.len()));
    }
    let per_unit = slope(past.iter().map(|hour| (hour.scaling * hour.capacity, hour.load)));
    let per_unit = per_unit.filter(|slope| *slope > 0.0).ok_or(NoForecast::NoLoad)?;
    let level = level(&past, number(first));
    let hours = (0..FORECAST_HOURS).map(|ahead| {
        let at = first.plus(Duration::from_secs(3600 * u64::from(ahead)));
        let load = level * profile(&past, number(at), number(first)).unwrap_or(0.0);
        ForecastHour { at, load, capacity: whole(load / per_unit / target) }
    });
    Ok(Forecast { made_at: now, hours: hours.collect() })
}

/// Whether a policy needs a new forecast.
pub fn is_due(policy: &PredictivePolicy, now: Timestamp) -> bool {
    policy.forecast.as_ref().is_none_or(|forecast| now.since(forecast.made_at) >= REFRESH)
}

/// The metric of a pair's total load, by the hour; the resource label has been checked.
pub fn load_stat(pair: MetricPair, group: &str, resource_label: Option<&str>) -> MetricStat {
    let MetricStat { metric, period_seconds: _, stat: _, unit } = pair.metric().stat(group, resource_label);
    let name = match pair.metric() {
        PredefinedMetric::AlbRequestCountPerTarget => "RequestCount".to_owned(),
        PredefinedMetric::AverageCpuUtilization
        | PredefinedMetric::AverageCpuUtilizationHighResolution
        | PredefinedMetric::AverageNetworkIn
        | PredefinedMetric::AverageNetworkOut => metric.name.clone(),
    };
    MetricStat { metric: Metric { name, ..metric }, period_seconds: 3600, stat: Stat::Plain(Statistic::Sum), unit }
}

/// The total of an instance metric in an hour, from its average: the sum that one value a minute of each instance comes to,
/// as AWS samples them. The plain sum would depend on how often a fleet is sampled, which changes with its size.
pub fn total_of_instances(average: f64, instances: f64) -> f64 {
    average * instances * VALUES_PER_HOUR
}

/// How well the scaling metric follows the load that each instance had: -1 to 1 (PredictiveScalingMetricPairCorrelation);
/// `None` when one of them never changes.
pub fn correlation(past: &[PastHour]) -> Option<f64> {
    let pairs: Vec<(f64, f64)> = past
        .iter()
        .filter(|hour| hour.capacity > 0.0)
        .map(|hour| (hour.scaling, hour.load / hour.capacity))
        .filter(|(scaling, load)| scaling.is_finite() && load.is_finite())
        .collect();
    let count = u32::try_from(pairs.len()).map(f64::from).ok().filter(|count| *count > 0.0)?;
    let (sum_x, sum_y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0, y + pair.1));
    let off = |pair: &(f64, f64)| (pair.0 - sum_x / count, pair.1 - sum_y / count);
    let (xy, xx, yy) =
        pairs.iter().map(off).fold((0.0, 0.0, 0.0), |(xy, xx, yy), (x, y)| (xy + x * y, xx + x * x, yy + y * y));
    let spread = (xx * yy).sqrt();
    (spread > 0.0).then(|| (xy / spread).clamp(-1.0, 1.0))
}

/// Hours since the epoch.
const fn number(at: Timestamp) -> i64 {
    at.seconds().div_euclid(HOUR_SECONDS)
}

/// What the same hours before `before` say of an hour; newer ones count more.
fn profile(past: &[PastHour], hour: i64, before: i64) -> Option<f64> {
    // With a week and a day behind it every hour of the week was seen, and days can differ.
    let oldest = past.iter().map(|one| number(one.at)).min()?;
    let weekly = before - oldest >= WEEK_HOURS + DAY_HOURS;
    let rounds = if weekly { [WEEK_HOURS, DAY_HOURS] } else { [DAY_HOURS, DAY_HOURS] };
    rounds.into_iter().find_map(|round| same_hours(past, hour, before, round))
}

fn same_hours(past: &[PastHour], hour: i64, before: i64, round: i64) -> Option<f64> {
    let same = past.iter().filter(|one| number(one.at) < before && (hour - number(one.at)) % round == 0);
    let (mut sum, mut weights) = (0.0, 0.0);
    for one in same {
        let rounds = i32::try_from((before - number(one.at)) / round).unwrap_or(i32::MAX);
        let weight = FADING.powi(rounds);
        sum += weight * one.load;
        weights += weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

/// How the last day compares with what would have been forecast for it: the factor with the least squares.
fn level(past: &[PastHour], before: i64) -> f64 {
    let day = before - DAY_HOURS;
    let newest = past.iter().filter(|one| number(one.at) >= day);
    let pairs = newest.filter_map(|one| profile(past, number(one.at), day).map(|expected| (expected, one.load)));
    slope(pairs).map_or(1.0, |level| level.clamp(LEVELS.0, LEVELS.1))
}

/// The slope with the least squares of a line through zero.
fn slope(pairs: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (xy, xx) = pairs.fold((0.0, 0.0), |(xy, xx), (x, y)| (xy + x * y, xx + x * x));
    (xx > 0.0).then(|| xy / xx)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Monday, 00:00.
    const MONDAY: i64 = 1_795_392_000;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_seconds(MONDAY + hour * HOUR_SECONDS)
    }

    /// Hours before the Monday, with the load that a function gives; two instances share it.
    fn past(hours: i64, load: impl Fn(i64) -> f64) -> Vec<PastHour> {
        (-hours..0)
            .map(|hour| PastHour { at: at(hour), load: load(hour), scaling: load(hour) / 2.0, capacity: 2.0 })
            .collect()
    }

    fn office(hour: i64) -> f64 {
        if (8..18).contains(&hour.rem_euclid(DAY_HOURS)) { 200.0 } else { 40.0 }
    }

    #[test]
    fn a_daily_pattern_is_carried_on() {
        let forecast = forecast(&past(48, office), 50.0, at(0).plus(Duration::from_secs(600))).unwrap();
        assert_eq!((forecast.hours.len(), forecast.hours[0].at), (48, at(0)));
        for (hour, expected) in forecast.hours.iter().zip(0..) {
            assert!((hour.load - office(expected)).abs() < 1e-6, "{hour:?}");
            assert_eq!(hour.capacity, if hour.load > 100.0 { 4 } else { 1 });
        }
    }

    #[test]
    fn with_more_than_a_week_weekends_are_quiet() {
        let week = |hour: i64| if hour.rem_euclid(WEEK_HOURS) >= 5 * DAY_HOURS { 10.0 } else { office(hour) };
        // Made on the Friday: the next 48 hours end in the weekend.
        let history = past(336, |hour| week(hour + 4 * DAY_HOURS));
        let shifted: Vec<PastHour> = history
            .iter()
            .map(|hour| PastHour { at: hour.at.plus(Duration::from_secs(4 * 86_400)), ..*hour })
            .collect();
        let forecast = forecast(&shifted, 50.0, at(4 * DAY_HOURS)).unwrap();
        for (hour, number) in forecast.hours.iter().zip(4 * DAY_HOURS..) {
            assert!((hour.load - week(number)).abs() < 1e-6, "{number}: {hour:?}");
        }
    }

    #[test]
    fn a_higher_day_raises_the_level_within_bounds() {
        let grown = |factor: f64| {
            let history = past(72, |hour| if hour >= -DAY_HOURS { factor * office(hour) } else { office(hour) });
            forecast(&history, 50.0, at(0)).unwrap().hours[10].load
        };
        assert!(grown(1.3) > 220.0 && grown(1.3) < 300.0, "{}", grown(1.3));
        assert!(grown(9.0) > grown(1.3));
        assert!(grown(9.0) <= 2.0 * 9.0 * 200.0);
    }

    #[test]
    fn too_little_is_not_made_up() {
        assert_eq!(forecast(&past(23, office), 50.0, at(0)), Err(NoForecast::TooShort(23)));
        assert_eq!(forecast(&past(48, |_| 0.0), 50.0, at(0)), Err(NoForecast::NoLoad));
        assert_eq!(forecast(&past(48, |_| f64::NAN), 50.0, at(0)), Err(NoForecast::TooShort(0)));
        let old: Vec<PastHour> = past(48, office);
        assert_eq!(forecast(&old, 50.0, at(15 * DAY_HOURS)), Err(NoForecast::TooShort(0)));
    }

    #[test]
    fn correlation_says_whether_the_scaling_metric_follows_the_load() {
        let of = |scaling: fn(f64) -> f64| {
            let hours = past(48, office);
            let hours = hours.iter().map(|hour| PastHour { scaling: scaling(hour.load), ..*hour });
            correlation(&hours.collect::<Vec<_>>()).map(|found| (found * 1000.0).round() / 1000.0)
        };
        assert_eq!(of(|load| load / 7.0), Some(1.0));
        assert_eq!(of(|load| 500.0 - load), Some(-1.0));
        assert_eq!((of(|_| 3.0), correlation(&[])), (None, None));
        let idle: Vec<PastHour> = past(48, office).iter().map(|hour| PastHour { capacity: 0.0, ..*hour }).collect();
        assert_eq!(correlation(&idle), None);
    }

    #[test]
    fn total_requests_are_those_of_the_target_group() {
        let label = "app/web/50dc6c495c0c9188/targetgroup/web/943f017f100becff";
        let stat = load_stat(MetricPair::AlbRequestCount, "web", Some(label));
        assert_eq!((stat.metric.name.as_str(), stat.period_seconds), ("RequestCount", 3600));
        let stat = load_stat(MetricPair::CpuUtilization, "web", None);
        assert_eq!(stat.metric, Metric::new("AWS/EC2", "CPUUtilization", [("AutoScalingGroupName", "web")]));
    }
}
