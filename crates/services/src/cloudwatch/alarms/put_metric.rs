//! PutMetricAlarm: everything is checked before anything is written. A put over an existing alarm keeps its state.

use api::cloudwatch::types::{self, PutMetricAlarmInput};
use model::Tags;
use model::cloudwatch::alarm::{
    Alarm, AlarmState, ComparisonOperator, LowSampleCount, MAXIMUM_LONG_WINDOW_SECONDS, MAXIMUM_WINDOW_SECONDS,
    MetricQuery, MetricStat, QuerySource, TreatMissingData, Watched,
};
use model::cloudwatch::alarm_history::Entry;
use model::cloudwatch::any_alarm::AnyAlarm;
use model::cloudwatch::composite_alarm::CompositeAlarm;
use model::cloudwatch::metric_math::{self, Kind};
use model::cloudwatch::statistics::{Percentile, Stat, Statistic};
use store::Transaction;
use wire::AwsError;

use super::{MAXIMUM_ALARMS, actions, tags};
use crate::cloudwatch::errors::Error;
use crate::cloudwatch::{names, queries};
use crate::context::Context;
use crate::handler::committed;

/// The most metrics in the expression of an alarm.
const MAXIMUM_METRICS: usize = 10;
/// The most queries of an alarm.
const MAXIMUM_QUERIES: usize = 20;
/// Periods below a minute that alarms may have, in seconds.
const SHORT_PERIODS: [i32; 3] = [10, 20, 30];

pub(in crate::cloudwatch) async fn put_metric(cx: &Context, input: PutMetricAlarmInput) -> Result<(), AwsError> {
    let PutMetricAlarmInput {
        actions_enabled,
        alarm_actions,
        alarm_description,
        alarm_name,
        comparison_operator,
        datapoints_to_alarm,
        dimensions,
        evaluate_low_sample_count_percentile,
        evaluation_periods,
        extended_statistic,
        insufficient_data_actions,
        metric_name,
        metrics,
        namespace,
        ok_actions,
        period,
        statistic,
        tags,
        threshold,
        treat_missing_data,
        unit,
    } = input;
    check_name(&alarm_name)?;
    let watched = match metrics.filter(|metrics| !metrics.is_empty()) {
        Some(metrics) => {
            let beside = Beside { dimensions, extended_statistic, metric_name, namespace, period, statistic, unit };
            beside.must_be_empty()?;
            Watched::Queries(math(queries::read(metrics, "Metrics")?)?)
        }
        None => {
            let stat = stat(statistic, extended_statistic)?;
            let namespace = needed(namespace, "Namespace")?;
            let metric = names::metric(namespace, needed(metric_name, "MetricName")?, dimensions, "Dimensions")?;
            let period_seconds = check_period("Period", needed(period, "Period")?)?;
            Watched::Metric(MetricStat {
                metric,
                period_seconds,
                stat,
                unit: unit.map(|unit| unit.as_str().to_owned()),
            })
        }
    };
    let lists = actions::Lists {
        ok: ok_actions,
        alarm: alarm_actions,
        insufficient_data: insufficient_data_actions,
        may_scale: true,
    };
    let periods = Periods::new(evaluation_periods, datapoints_to_alarm, watched.period_seconds())?;
    let wanted = Alarm {
        arn: AnyAlarm::arn_of(&cx.scope(), &alarm_name),
        description: alarm_description,
        actions_enabled: actions_enabled.unwrap_or(true),
        actions: lists.parse(cx)?,
        evaluation_periods: periods.evaluated,
        datapoints_to_alarm: periods.needed,
        comparison: comparison(needed(comparison_operator, "ComparisonOperator")?)?,
        threshold: check_threshold(needed(threshold, "Threshold")?)?,
        treat_missing_data: treat_missing_data.as_deref().map(parse_missing).transpose()?,
        low_sample_count: low_sample_count(evaluate_low_sample_count_percentile.as_deref(), &watched)?,
        managed_by: None,
        tags: tags.map_or(Ok(Tags::default()), tags::parse)?,
        configured_at: cx.now,
        state: AlarmState::initial(cx.now),
        name: alarm_name,
        watched,
    };
    write(cx, wanted).await
}

/// Puts an alarm that was checked, unless its name belongs to somebody else.
async fn write(cx: &Context, wanted: Alarm) -> Result<(), AwsError> {
    let scope = cx.scope();
    let put = |txn: &mut Transaction| -> Result<(), Error> {
        if txn.contains::<CompositeAlarm>(&scope, &wanted.name) {
            return Err(Error::Validation(format!("the name {} belongs to a composite alarm", wanted.name)));
        }
        let mut alarm = wanted.clone();
        let existing = txn.get::<Alarm>(&scope, &wanted.name);
        let what = match &existing {
            Some(existing) if existing.managed_by.is_some() => {
                return Err(Error::Validation(format!(
                    "alarm {} belongs to a target tracking policy, which makes and changes it; change the policy",
                    wanted.name
                )));
            }
            Some(existing) => {
                alarm.state = existing.state.clone();
                // Tags of an existing alarm are the business of TagResource.
                alarm.tags = existing.tags.clone();
                "updated"
            }
            None if super::count(txn.view(), &scope) >= MAXIMUM_ALARMS => {
                return Err(Error::Limit(format!(
                    "there are {MAXIMUM_ALARMS} alarms in this region, which is the limit"
                )));
            }
            None => "created",
        };
        let alarm = AnyAlarm::Metric(Box::new(alarm));
        let entry = Entry::configuration(what, &alarm);
        super::write(txn, &scope, alarm, vec![entry], cx.now);
        Ok(())
    };
    committed(cx.store.transact(put).await)
}

/// Names stand in ids of records and in rules.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    match name.chars().any(char::is_control) || name.trim().is_empty() {
        true => Err(Error::value("AlarmName", "it must have a visible character and no control characters")),
        false => Ok(()),
    }
}

fn needed<T>(value: Option<T>, member: &str) -> Result<T, Error> {
    value.ok_or_else(|| Error::Missing(format!("{member} is needed for an alarm on this")))
}

/// Members that describe one metric and must not stand beside Metrics.
struct Beside {
    dimensions: Option<Vec<types::Dimension>>,
    extended_statistic: Option<String>,
    metric_name: Option<String>,
    namespace: Option<String>,
    period: Option<i32>,
    statistic: Option<types::Statistic>,
    unit: Option<types::StandardUnit>,
}

impl Beside {
    fn must_be_empty(&self) -> Result<(), Error> {
        let Self { dimensions, extended_statistic, metric_name, namespace, period, statistic, unit } = self;
        let given = [
            ("Dimensions", dimensions.as_ref().is_some_and(|dimensions| !dimensions.is_empty())),
            ("ExtendedStatistic", extended_statistic.is_some()),
            ("MetricName", metric_name.is_some()),
            ("Namespace", namespace.is_some()),
            ("Period", period.is_some()),
            ("Statistic", statistic.is_some()),
            ("Unit", unit.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((member, _)) => Err(Error::Validation(format!("{member} and Metrics exclude each other"))),
            None => Ok(()),
        }
    }
}

fn stat(statistic: Option<types::Statistic>, extended: Option<String>) -> Result<Stat, Error> {
    match (statistic, extended) {
        (Some(statistic), None) => {
            let statistic: Statistic = statistic.as_str().parse()?;
            Ok(Stat::Plain(statistic))
        }
        (None, Some(text)) => {
            let percentile: Result<Percentile, _> = text.parse();
            let reason = "only percentiles (p0 to p100) are supported; trimmed means and other ranges are not";
            Ok(Stat::Percentile(
                percentile.map_err(|_| Error::value("ExtendedStatistic", format!("`{text}`: {reason}")))?,
            ))
        }
        (Some(_), Some(_)) => {
            Err(Error::Combination("Statistic and ExtendedStatistic exclude each other; use one of them".to_owned()))
        }
        (None, None) => Err(Error::Missing("either Statistic or ExtendedStatistic is needed".to_owned())),
    }
}

fn check_period(place: &str, seconds: i32) -> Result<i32, Error> {
    match SHORT_PERIODS.contains(&seconds) || (seconds > 0 && seconds % 60 == 0) {
        true => Ok(seconds),
        false => Err(Error::value(place, "an alarm's period is 10, 20, 30 or a multiple of 60 seconds")),
    }
}

/// Exactly one result that is a time series, few metrics, one period.
fn math(queries: Vec<MetricQuery>) -> Result<Vec<MetricQuery>, Error> {
    let invalid = |reason: String| Err(Error::value("Metrics", reason));
    if queries.len() > MAXIMUM_QUERIES {
        return invalid(format!("an alarm has at most {MAXIMUM_QUERIES} queries"));
    }
    let stats = || {
        queries.iter().filter_map(|query| match &query.source {
            QuerySource::Stat(stat) => Some(stat),
            QuerySource::Expression { .. } => None,
        })
    };
    if stats().next().is_none() || stats().count() > MAXIMUM_METRICS {
        return invalid(format!("an alarm watches 1 to {MAXIMUM_METRICS} metrics"));
    }
    let period = check_period("Metrics", stats().next().map_or(60, |stat| stat.period_seconds))?;
    let same = |query: &MetricQuery| match &query.source {
        QuerySource::Stat(stat) => stat.period_seconds == period,
        QuerySource::Expression { period_seconds, .. } => period_seconds.is_none_or(|seconds| seconds == period),
    };
    if !queries.iter().all(same) {
        return invalid("all queries of an alarm must have the same period".to_owned());
    }
    let results: Vec<&MetricQuery> = queries.iter().filter(|query| query.return_data).collect();
    let [result] = results.as_slice() else {
        return invalid("exactly one query of an alarm returns data; set ReturnData of the others to false".to_owned());
    };
    let kinds = metric_math::check(&queries).map_err(|error| Error::value("Metrics", error.to_string()))?;
    match kinds.get(&result.id) {
        Some(Kind::Series) => Ok(queries),
        Some(Kind::Scalar | Kind::List) | None => invalid(format!("{} must come to a single time series", result.id)),
    }
}

struct Periods {
    evaluated: u32,
    needed: Option<u32>,
}

impl Periods {
    fn new(evaluated: Option<i32>, datapoints: Option<i32>, period_seconds: i32) -> Result<Self, Error> {
        let evaluated = needed(evaluated, "EvaluationPeriods")?;
        let window = i64::from(evaluated) * i64::from(period_seconds);
        let (limit, words) = if period_seconds >= 3600 {
            (MAXIMUM_LONG_WINDOW_SECONDS, "seven days")
        } else {
            (MAXIMUM_WINDOW_SECONDS, "a day (seven days with periods of an hour or more)")
        };
        if window > limit {
            return Err(Error::value(
                "EvaluationPeriods",
                format!("EvaluationPeriods times Period is at most {words}"),
            ));
        }
        if datapoints.is_some_and(|datapoints| datapoints > evaluated) {
            return Err(Error::value("DatapointsToAlarm", "it must not be greater than EvaluationPeriods"));
        }
        let count = |number: i32| u32::try_from(number).ok().filter(|count| *count > 0);
        let zero = |member: &str| Error::value(member, "it must be at least 1");
        Ok(Self {
            evaluated: count(evaluated).ok_or_else(|| zero("EvaluationPeriods"))?,
            needed: datapoints.map(|number| count(number).ok_or_else(|| zero("DatapointsToAlarm"))).transpose()?,
        })
    }
}

fn comparison(operator: types::ComparisonOperator) -> Result<ComparisonOperator, Error> {
    use types::ComparisonOperator as Wire;
    match operator {
        Wire::GreaterThanOrEqualToThreshold => Ok(ComparisonOperator::GreaterThanOrEqualToThreshold),
        Wire::GreaterThanThreshold => Ok(ComparisonOperator::GreaterThanThreshold),
        Wire::LessThanThreshold => Ok(ComparisonOperator::LessThanThreshold),
        Wire::LessThanOrEqualToThreshold => Ok(ComparisonOperator::LessThanOrEqualToThreshold),
        Wire::LessThanLowerOrGreaterThanUpperThreshold
        | Wire::LessThanLowerThreshold
        | Wire::GreaterThanUpperThreshold => Err(Error::value(
            "ComparisonOperator",
            format!("{} needs anomaly detection, which is not part of Goru", operator.as_str()),
        )),
    }
}

fn check_threshold(threshold: f64) -> Result<f64, Error> {
    match threshold.is_finite() {
        true => Ok(threshold),
        false => Err(Error::value("Threshold", "NaN and Infinity are no thresholds")),
    }
}

fn parse_missing(text: &str) -> Result<TreatMissingData, Error> {
    let all = [
        TreatMissingData::Missing,
        TreatMissingData::Ignore,
        TreatMissingData::Breaching,
        TreatMissingData::NotBreaching,
    ];
    let found = all.into_iter().find(|treat| treat.as_str() == text);
    found.ok_or_else(|| Error::value("TreatMissingData", "it is one of missing, ignore, breaching and notBreaching"))
}

fn low_sample_count(text: Option<&str>, watched: &Watched) -> Result<Option<LowSampleCount>, Error> {
    let Some(text) = text else { return Ok(None) };
    let place = "EvaluateLowSampleCountPercentile";
    let percentile = matches!(watched, Watched::Metric(MetricStat { stat: Stat::Percentile(_), .. }));
    if !percentile {
        return Err(Error::Validation(format!("{place} is for alarms on percentiles")));
    }
    let found = [LowSampleCount::Evaluate, LowSampleCount::Ignore].into_iter().find(|low| low.as_str() == text);
    found.map(Some).ok_or_else(|| Error::value(place, "it is one of evaluate and ignore"))
}
