//! Alarms as the API shows them.

use api::cloudwatch::types::{self, CompositeAlarm, MetricAlarm};
use model::Arn;
use model::cloudwatch::alarm::{Actions, Alarm, AlarmState, MetricStat, StateValue, Watched};
use model::cloudwatch::statistics::{Stat, Statistic};

use crate::cloudwatch::{names, queries};
use crate::handler::to_wire;

pub(super) fn metric_alarm(alarm: &Alarm) -> MetricAlarm {
    let AlarmState { value, reason, reason_data, updated_at, transitioned_at, unannounced: _ } = &alarm.state;
    let Actions { ok, alarm: on_alarm, insufficient_data } = &alarm.actions;
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let mut shown = MetricAlarm {
        actions_enabled: Some(alarm.actions_enabled),
        alarm_actions: Some(texts(on_alarm)),
        alarm_arn: Some(alarm.arn.to_string()),
        alarm_configuration_updated_timestamp: Some(to_wire(alarm.configured_at)),
        alarm_description: alarm.description.clone(),
        alarm_name: Some(alarm.name.clone()),
        comparison_operator: alarm.comparison.as_str().parse().ok(),
        datapoints_to_alarm: alarm.datapoints_to_alarm.map(count),
        evaluate_low_sample_count_percentile: alarm.low_sample_count.map(|low| low.as_str().to_owned()),
        evaluation_periods: Some(count(alarm.evaluation_periods)),
        insufficient_data_actions: Some(texts(insufficient_data)),
        ok_actions: Some(texts(ok)),
        state_reason: Some(reason.clone()),
        state_reason_data: reason_data.clone(),
        state_transitioned_timestamp: Some(to_wire(*transitioned_at)),
        state_updated_timestamp: Some(to_wire(*updated_at)),
        state_value: Some(state(*value)),
        threshold: Some(alarm.threshold),
        treat_missing_data: alarm.treat_missing_data.map(|treat| treat.as_str().to_owned()),
        ..MetricAlarm::default()
    };
    match &alarm.watched {
        Watched::Metric(stat) => show_stat(&mut shown, stat),
        Watched::Queries(queries) => {
            // AWS shows an empty list of dimensions beside Metrics.
            shown.dimensions = Some(Vec::new());
            shown.metrics = Some(queries.iter().map(queries::to_wire).collect());
        }
    }
    shown
}

fn show_stat(shown: &mut MetricAlarm, stat: &MetricStat) {
    let metric = names::to_wire(stat.metric.clone());
    shown.metric_name = metric.metric_name;
    shown.namespace = metric.namespace;
    shown.dimensions = metric.dimensions;
    shown.period = Some(stat.period_seconds);
    shown.unit = stat.unit.as_deref().and_then(|unit| unit.parse().ok());
    match &stat.stat {
        Stat::Plain(statistic) => shown.statistic = Some(plain(*statistic)),
        Stat::Percentile(percentile) => shown.extended_statistic = Some(percentile.as_str().to_owned()),
    }
}

fn plain(statistic: Statistic) -> types::Statistic {
    match statistic {
        Statistic::SampleCount => types::Statistic::SampleCount,
        Statistic::Average => types::Statistic::Average,
        Statistic::Sum => types::Statistic::Sum,
        Statistic::Minimum => types::Statistic::Minimum,
        Statistic::Maximum => types::Statistic::Maximum,
    }
}

pub(super) fn composite_alarm(alarm: &model::cloudwatch::composite_alarm::CompositeAlarm) -> CompositeAlarm {
    let AlarmState { value, reason, reason_data, updated_at, transitioned_at, unannounced: _ } = &alarm.state;
    let Actions { ok, alarm: on_alarm, insufficient_data } = &alarm.actions;
    CompositeAlarm {
        actions_enabled: Some(alarm.actions_enabled),
        alarm_actions: Some(texts(on_alarm)),
        alarm_arn: Some(alarm.arn.to_string()),
        alarm_configuration_updated_timestamp: Some(to_wire(alarm.configured_at)),
        alarm_description: alarm.description.clone(),
        alarm_name: Some(alarm.name.clone()),
        alarm_rule: Some(alarm.rule.clone()),
        insufficient_data_actions: Some(texts(insufficient_data)),
        ok_actions: Some(texts(ok)),
        state_reason: Some(reason.clone()),
        state_reason_data: reason_data.clone(),
        state_transitioned_timestamp: Some(to_wire(*transitioned_at)),
        state_updated_timestamp: Some(to_wire(*updated_at)),
        state_value: Some(state(*value)),
        ..CompositeAlarm::default()
    }
}

fn texts(arns: &[Arn]) -> Vec<String> {
    arns.iter().map(Arn::to_string).collect()
}

/// A state as the API spells it.
pub(super) fn state(value: StateValue) -> types::StateValue {
    match value {
        StateValue::Ok => types::StateValue::Ok,
        StateValue::Alarm => types::StateValue::Alarm,
        StateValue::InsufficientData => types::StateValue::InsufficientData,
    }
}

/// The same the other way round.
pub(super) fn state_of(value: types::StateValue) -> StateValue {
    match value {
        types::StateValue::Ok => StateValue::Ok,
        types::StateValue::Alarm => StateValue::Alarm,
        types::StateValue::InsufficientData => StateValue::InsufficientData,
    }
}
