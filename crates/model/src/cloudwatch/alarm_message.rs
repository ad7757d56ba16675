//! What an alarm publishes when its state changes: text for mail, JSON for programs (CloudWatch User Guide, "Notifying
//! users on alarm changes").

use super::{
    alarm::{Alarm, MetricQuery, MetricStat, QuerySource, StateValue, Watched},
    alarm_state::java_double,
    any_alarm::AnyAlarm,
    region_name::region_name,
    statistics::{Stat, Statistic},
};
use crate::{
    Arn, Timestamp,
    sns::{message::Message, protocol::Protocol},
};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The message about the change from `before` to the state that the alarm is in now.
pub fn message(alarm: &AnyAlarm, before: StateValue) -> Message {
    let state = alarm.state().value.as_str();
    let subject = format!("{state}: \"{}\" in {}", alarm.name(), region_name(alarm.arn().region()));
    let mut message = Message::new(subject, json_text(alarm, before));
    message.bodies.insert(Protocol::Email, mail_text(alarm, before));
    message
}

/// `Friday 20 November, 2026 10:00:00 UTC`.
fn spoken_time(at: Timestamp) -> String {
    match jiff::Timestamp::from_second(at.seconds()) {
        Ok(time) => time.strftime("%A %d %B, %Y %H:%M:%S UTC").to_string(),
        Err(_) => at.to_string(),
    }
}

/// When an alarm entered its state, in the words of the reasons of composite alarms and of mails.
pub fn transition_time(at: Timestamp) -> String {
    spoken_time(at)
}

fn mail_text(alarm: &AnyAlarm, before: StateValue) -> String {
    let (state, region) = (alarm.state(), region_name(alarm.arn().region()));
    let time = spoken_time(state.transitioned_at);
    let mut text = format!(
        "You are receiving this email because your Amazon CloudWatch Alarm \"{}\" in the {region} region has entered the \
         {} state, because \"{}\" at \"{time}\".\n\nAlarm Details:\n",
        alarm.name(),
        state.value.as_str(),
        state.reason
    );
    let details = [
        ("Name", alarm.name().to_owned()),
        ("Description", alarm.description().unwrap_or_default().to_owned()),
        ("State Change", format!("{} -> {}", before.as_str(), state.value.as_str())),
        ("Reason for State Change", state.reason.clone()),
        ("Timestamp", time),
        ("AWS Account", alarm.arn().account().to_owned()),
        ("Alarm Arn", alarm.arn().to_string()),
    ];
    lines(&mut text, &details);
    match alarm {
        AnyAlarm::Metric(alarm) => metric_details(&mut text, alarm),
        AnyAlarm::Composite(alarm) => {
            text.push_str("\nAlarm Rule:\n");
            lines(&mut text, &[("Rule", alarm.rule.clone())]);
        }
    }
    text.push_str("\nState Change Actions:\n");
    let actions = StateValue::ALL.map(|state| (state.as_str(), list(alarm.actions().of(state))));
    lines(&mut text, &actions);
    text
}

fn lines(text: &mut String, lines: &[(&str, String)]) {
    for (name, value) in lines {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "- {:<28} {value}", format!("{name}:"));
    }
}

fn list(arns: &[Arn]) -> String {
    let shown: Vec<String> = arns.iter().map(|arn| format!("[{arn}]")).collect();
    shown.join(" ")
}

fn metric_details(text: &mut String, alarm: &Alarm) {
    text.push_str("\nThreshold:\n");
    let _ = writeln!(
        text,
        "- In ALARM when the metric is {} {} for at least {} of the last {} period(s) of {} seconds.",
        alarm.comparison.as_str(),
        java_double(alarm.threshold),
        alarm.needed(),
        alarm.evaluation_periods,
        alarm.period_seconds()
    );
    match &alarm.watched {
        Watched::Metric(stat) => {
            text.push_str("\nMonitored Metric:\n");
            lines(text, &stat_lines(stat));
        }
        Watched::Queries(queries) => {
            text.push_str("\nMonitored Metrics:\n");
            for query in queries {
                query_lines(text, query);
            }
        }
    }
    lines(text, &[("TreatMissingData", alarm.missing_data().as_str().to_owned())]);
}

fn stat_lines(stat: &MetricStat) -> [(&'static str, String); 6] {
    let dimensions = stat.metric.dimensions.iter().map(|(name, value)| format!("{name} = {value}"));
    [
        ("MetricNamespace", stat.metric.namespace.clone()),
        ("MetricName", stat.metric.name.clone()),
        ("Dimensions", format!("[{}]", dimensions.collect::<Vec<_>>().join(", "))),
        ("Period", format!("{} seconds", stat.period_seconds)),
        ("Statistic", stat.stat.to_string()),
        ("Unit", stat.unit.clone().unwrap_or_else(|| "not specified".to_owned())),
    ]
}

fn query_lines(text: &mut String, query: &MetricQuery) {
    let _ = writeln!(text, "- {}{}", query.id, if query.return_data { " (watched)" } else { "" });
    match &query.source {
        QuerySource::Stat(stat) => lines(text, &stat_lines(stat)),
        QuerySource::Expression { text: expression, period_seconds: _ } => {
            lines(text, &[("Expression", expression.clone())]);
        }
    }
}

fn json_text(alarm: &AnyAlarm, before: StateValue) -> String {
    let state = alarm.state();
    let arns = |state| Value::from(alarm.actions().of(state).iter().map(Arn::to_string).collect::<Vec<_>>());
    let mut message = Map::new();
    let mut put = |name: &str, value: Value| message.insert(name.to_owned(), value);
    put("AlarmName", json!(alarm.name()));
    put("AlarmDescription", json!(alarm.description()));
    put("AWSAccountId", json!(alarm.arn().account()));
    put("AlarmConfigurationUpdatedTimestamp", json!(numeric_zone(alarm.configured_at())));
    put("NewStateValue", json!(state.value.as_str()));
    put("NewStateReason", json!(state.reason));
    put("StateChangeTime", json!(numeric_zone(state.transitioned_at)));
    put("Region", json!(region_name(alarm.arn().region())));
    put("AlarmArn", json!(alarm.arn().to_string()));
    put("OldStateValue", json!(before.as_str()));
    put("OKActions", arns(StateValue::Ok));
    put("AlarmActions", arns(StateValue::Alarm));
    put("InsufficientDataActions", arns(StateValue::InsufficientData));
    match alarm {
        AnyAlarm::Metric(alarm) => put("Trigger", trigger(alarm)),
        AnyAlarm::Composite(alarm) => put("AlarmRule", json!(alarm.rule)),
    };
    Value::Object(message).to_string()
}

fn numeric_zone(at: Timestamp) -> String {
    at.to_string().replace('Z', "+0000")
}

fn trigger(alarm: &Alarm) -> Value {
    let mut trigger = match &alarm.watched {
        Watched::Metric(stat) => metric_trigger(stat),
        Watched::Queries(queries) => {
            let mut metrics = Map::new();
            metrics.insert("Metrics".to_owned(), queries.iter().map(query_trigger).collect());
            metrics
        }
    };
    let mut put = |name: &str, value: Value| trigger.insert(name.to_owned(), value);
    put("Period", json!(alarm.period_seconds()));
    put("EvaluationPeriods", json!(alarm.evaluation_periods));
    put("DatapointsToAlarm", json!(alarm.needed()));
    put("ComparisonOperator", json!(alarm.comparison.as_str()));
    put("Threshold", json!(alarm.threshold));
    put("TreatMissingData", json!(alarm.missing_data().as_str()));
    put("EvaluateLowSampleCountPercentile", json!(alarm.low_sample_count.map_or("", |low| low.as_str())));
    Value::Object(trigger)
}

fn metric_trigger(stat: &MetricStat) -> Map<String, Value> {
    let (kind, statistic) = match &stat.stat {
        Stat::Plain(statistic) => ("Statistic", shouted(*statistic).to_owned()),
        Stat::Percentile(percentile) => ("ExtendedStatistic", percentile.as_str().to_owned()),
    };
    let dimensions = stat.metric.dimensions.iter().map(|(name, value)| json!({ "value": value, "name": name }));
    let members = [
        ("MetricName", json!(stat.metric.name)),
        ("Namespace", json!(stat.metric.namespace)),
        ("StatisticType", json!(kind)),
        (kind, json!(statistic)),
        ("Unit", json!(stat.unit)),
        ("Dimensions", dimensions.collect()),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// As AWS spells statistics in these messages.
fn shouted(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::SampleCount => "SAMPLE_COUNT",
        Statistic::Average => "AVERAGE",
        Statistic::Sum => "SUM",
        Statistic::Minimum => "MINIMUM",
        Statistic::Maximum => "MAXIMUM",
    }
}

fn query_trigger(query: &MetricQuery) -> Value {
    let mut shown = json!({ "Id": query.id, "ReturnData": query.return_data });
    if let Some(label) = &query.label {
        shown["Label"] = json!(label);
    }
    match &query.source {
        QuerySource::Stat(stat) => {
            let MetricStat { metric, period_seconds, stat, unit } = stat;
            let dimensions = metric.dimensions.iter().map(|(name, value)| json!({ "value": value, "name": name }));
            shown["MetricStat"] = json!({
                "Metric": {
                    "Dimensions": dimensions.collect::<Vec<_>>(), "MetricName": metric.name, "Namespace": metric.namespace,
                },
                "Period": period_seconds, "Stat": stat.to_string(), "Unit": unit,
            });
        }
        QuerySource::Expression { text, period_seconds } => {
            shown["Expression"] = json!(text);
            shown["Period"] = json!(period_seconds);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Scope, Tags,
        cloudwatch::{
            alarm::{Actions, AlarmState, ComparisonOperator},
            metric::Metric,
        },
    };

    fn alarm() -> AnyAlarm {
        let scope = Scope::new("123456789012", "ap-northeast-2");
        let now = Timestamp::from_seconds(1_795_168_860);
        let stat = MetricStat {
            metric: Metric::new("AWS/EC2", "CPUUtilization", [("AutoScalingGroupName", "web")]),
            period_seconds: 60,
            stat: Stat::Plain(Statistic::Average),
            unit: None,
        };
        let reason = "Threshold Crossed: 1 datapoint [95.3 (20/11/26 10:00:00)] was greater than the threshold (70.0).";
        let initial = AlarmState::initial(now);
        AnyAlarm::Metric(Box::new(Alarm {
            arn: AnyAlarm::arn_of(&scope, "cpu-high"),
            name: "cpu-high".to_owned(),
            description: Some("too busy".to_owned()),
            actions_enabled: true,
            actions: Actions {
                alarm: vec![Arn::new("sns", "ap-northeast-2", "123456789012", "web")],
                ..Actions::default()
            },
            watched: Watched::Metric(stat),
            evaluation_periods: 1,
            datapoints_to_alarm: None,
            comparison: ComparisonOperator::GreaterThanThreshold,
            threshold: 70.0,
            treat_missing_data: None,
            low_sample_count: None,
            managed_by: None,
            tags: Tags::default(),
            configured_at: now,
            state: initial.becomes(StateValue::Alarm, reason.to_owned(), None, now),
        }))
    }

    #[test]
    fn mails_say_what_happened_and_why() {
        let message = message(&alarm(), StateValue::Ok);
        assert_eq!(message.subject.as_deref(), Some("ALARM: \"cpu-high\" in Asia Pacific (Seoul)"));
        let mail = message.body_for(Protocol::Email);
        for part in [
            "You are receiving this email because your Amazon CloudWatch Alarm \"cpu-high\" in the Asia Pacific (Seoul) \
             region has entered the ALARM state, because \"Threshold Crossed: 1 datapoint [95.3 (20/11/26 10:00:00)] was \
             greater than the threshold (70.0).\" at \"Friday 20 November, 2026 10:01:00 UTC\".",
            "OK -> ALARM",
            "too busy",
            "123456789012",
            "GreaterThanThreshold 70.0",
            "[AutoScalingGroupName = web]",
            "60 seconds",
            "Average",
            "not specified",
            "missing",
            "[arn:aws:sns:ap-northeast-2:123456789012:web]",
        ] {
            assert!(mail.contains(part), "{part} in\n{mail}");
        }
    }

    #[test]
    fn programs_read_json() {
        let message = message(&alarm(), StateValue::Ok);
        let json: Value = serde_json::from_str(message.body_for(Protocol::Http)).unwrap();
        assert_eq!(message.body_for(Protocol::EmailJson), message.body_for(Protocol::Http));
        for (name, value) in [
            ("AlarmName", json!("cpu-high")),
            ("AlarmDescription", json!("too busy")),
            ("AWSAccountId", json!("123456789012")),
            ("NewStateValue", json!("ALARM")),
            ("OldStateValue", json!("OK")),
            ("StateChangeTime", json!("2026-11-20T10:01:00.000+0000")),
            ("Region", json!("Asia Pacific (Seoul)")),
        ] {
            assert_eq!(json[name], value, "{name}");
        }
        let expected = json!({
            "MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "StatisticType": "Statistic", "Statistic": "AVERAGE",
            "Unit": null, "Dimensions": [{"value": "web", "name": "AutoScalingGroupName"}], "Period": 60,
            "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 70.0, "TreatMissingData": "missing", "EvaluateLowSampleCountPercentile": "",
        });
        assert_eq!(json["Trigger"], expected);
    }
}
