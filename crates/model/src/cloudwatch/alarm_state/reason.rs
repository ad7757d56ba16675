//! The reason of a state: StateReason as CloudWatch words it (mails and programs look for these words) and
//! StateReasonData as JSON.

use super::{Counted, Datapoint, Evaluation, Verdict};
use crate::{
    Timestamp,
    cloudwatch::{
        alarm::{Alarm, StateValue, TreatMissingData, Watched},
        statistics::Periods,
    },
};
use serde_json::{Map, Value, json};

/// The most values that the sentence lists.
const MAXIMUM_LISTED: usize = 5;
/// The most values that the data list: StateReasonData has at most 4000 characters.
const MAXIMUM_IN_DATA: usize = 30;

pub(super) fn evaluation(
    alarm: &Alarm,
    counted: &Counted,
    verdict: Verdict,
    range: &Periods,
    now: Timestamp,
) -> Evaluation {
    let state = match verdict {
        Verdict::Breach => StateValue::Alarm,
        Verdict::NoBreach => StateValue::Ok,
        Verdict::NoData => StateValue::InsufficientData,
        Verdict::Keep => alarm.state.value,
    };
    let told = |point: &&Datapoint| state != StateValue::Alarm || alarm.breaches(point.value);
    Evaluation {
        state,
        reason: match verdict {
            Verdict::Breach | Verdict::NoBreach => crossed(alarm, counted, verdict == Verdict::Breach),
            Verdict::NoData => unknown(alarm.evaluation_periods),
            Verdict::Keep => alarm.state.reason.clone(),
        },
        reason_data: data(alarm, counted, range, now),
        newest: counted.real.iter().find(told).map(|point| point.value),
    }
}

fn unknown(count: u32) -> String {
    format!("Insufficient Data: {} unknown.", counted_datapoints(count))
}

/// `1 datapoint was`, `3 datapoints were`.
fn counted_datapoints(count: u32) -> String {
    if count == 1 { "1 datapoint was".to_owned() } else { format!("{count} datapoints were") }
}

fn crossed(alarm: &Alarm, counted: &Counted, breach: bool) -> String {
    let told: Vec<&Datapoint> = counted.real.iter().filter(|point| alarm.breaches(point.value) == breach).collect();
    if told.is_empty() {
        return nothing_received(alarm, counted);
    }
    let compared = format!(
        "{}{} the threshold ({})",
        if breach { "" } else { "not " },
        alarm.comparison.words(),
        java_double(alarm.threshold)
    );
    let (count, verb) = (told.len(), if told.len() == 1 { "was" } else { "were" });
    let of = match alarm.datapoints_to_alarm {
        Some(_) => format!("{count} out of the last {} datapoints", counted.real.len()),
        None if count == 1 => "1 datapoint".to_owned(),
        None => format!("{count} datapoints"),
    };
    let values: Vec<String> = told.iter().take(MAXIMUM_LISTED).map(|point| shown(point)).collect();
    let values = format!("[{}]", values.join(", "));
    let sentence = if count > MAXIMUM_LISTED {
        format!("{of} {verb} {compared}. The most recent datapoints which crossed the threshold: {values}")
    } else {
        format!("{of} {values} {verb} {compared}")
    };
    format!("Threshold Crossed: {sentence}{}{}.", filled(alarm, counted), minimum(alarm, breach))
}

fn shown(point: &Datapoint) -> String {
    format!("{} ({})", java_double(point.value), short_time(point.at))
}

/// How many datapoints the change needs at least, when the caller said so.
fn minimum(alarm: &Alarm, breach: bool) -> String {
    if alarm.datapoints_to_alarm.is_none() {
        return String::new();
    }
    let (least, change) = match breach {
        true => (alarm.needed(), "OK -> ALARM"),
        false => (alarm.evaluation_periods.saturating_sub(alarm.needed()) + 1, "ALARM -> OK"),
    };
    format!(" (minimum {least} datapoint{} for {change} transition)", if least == 1 { "" } else { "s" })
}

/// What missing data were counted as, beside real ones.
fn filled(alarm: &Alarm, counted: &Counted) -> String {
    match treated(alarm.missing_data()).filter(|_| counted.missing > 0) {
        Some(kind) => format!(" and {} treated as [{kind}]", missing_datapoints(counted.missing)),
        None => String::new(),
    }
}

/// No real value speaks for the state: missing ones do.
fn nothing_received(alarm: &Alarm, counted: &Counted) -> String {
    let missing = counted.missing;
    let periods = if missing == 1 { "1 period".to_owned() } else { format!("{missing} periods") };
    let kind = treated(alarm.missing_data()).unwrap_or("Missing");
    format!(
        "Threshold Crossed: no datapoints were received for {periods} and {} treated as [{kind}].",
        missing_datapoints(missing)
    )
}

fn missing_datapoints(count: u32) -> String {
    if count == 1 { "1 missing datapoint was".to_owned() } else { format!("{count} missing datapoints were") }
}

fn treated(missing: TreatMissingData) -> Option<&'static str> {
    match missing {
        TreatMissingData::Breaching => Some("Breaching"),
        TreatMissingData::NotBreaching => Some("NonBreaching"),
        TreatMissingData::Missing | TreatMissingData::Ignore => None,
    }
}

fn data(alarm: &Alarm, counted: &Counted, range: &Periods, now: Timestamp) -> String {
    let mut data = Map::new();
    data.insert("version".to_owned(), json!("1.0"));
    data.insert("queryDate".to_owned(), json!(long_time(now)));
    let oldest = counted.real.last().map_or(range.start, |point| point.at);
    data.insert("startDate".to_owned(), json!(long_time(oldest)));
    if let Watched::Metric(stat) = &alarm.watched {
        data.extend(stat.unit.as_ref().map(|unit| ("unit".to_owned(), json!(unit))));
        data.insert("statistic".to_owned(), json!(stat.stat.to_string()));
    }
    data.insert("period".to_owned(), json!(alarm.period_seconds()));
    let newest = || counted.real.iter().take(MAXIMUM_IN_DATA);
    let values: Vec<f64> = newest().rev().map(|point| point.value).collect();
    data.insert("recentDatapoints".to_owned(), json!(values));
    data.insert("threshold".to_owned(), json!(alarm.threshold));
    data.insert("evaluatedDatapoints".to_owned(), newest().map(evaluated).collect());
    Value::Object(data).to_string()
}

fn evaluated(point: &Datapoint) -> Value {
    let mut shown = json!({ "timestamp": long_time(point.at), "value": point.value });
    if let Some(count) = point.sample_count {
        shown["sampleCount"] = json!(count);
    }
    shown
}

/// `2026-11-20T10:00:00.000+0000`.
fn long_time(at: Timestamp) -> String {
    at.to_string().replace('Z', "+0000")
}

/// A moment as CloudWatch writes it in sentences: `20/11/26 10:00:00`, in UTC.
pub fn short_time(at: Timestamp) -> String {
    match jiff::Timestamp::from_second(at.seconds()) {
        Ok(time) => time.strftime("%d/%m/%y %H:%M:%S").to_string(),
        Err(_) => at.to_string(),
    }
}

/// A number as CloudWatch writes it in sentences: always with a decimal point, with an exponent from ten million on and
/// below a thousandth.
pub fn java_double(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) || !number.is_finite() {
        return format!("{number:?}");
    }
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{exponent}")
}
