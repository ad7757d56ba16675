//! A metric alarm: what it watches, when it breaches, what it does, and the state that it is in.
//!
//! The record only; how points become a state is decided in `alarm_state`, and what a combination of alarms comes to in
//! `composite_alarm`. Limits are those of PutMetricAlarm (CloudWatch API reference) and are checked where requests come
//! in.

use super::{metric::Metric, statistics::Stat};
use crate::{Arn, Scope, Tags, Timestamp};
use serde::{Deserialize, Serialize};

/// The most actions of one state.
pub const MAXIMUM_ACTIONS: usize = 5;
/// The longest stretch of time that an alarm with periods below an hour looks at, in seconds: a day.
pub const MAXIMUM_WINDOW_SECONDS: i64 = 86_400;
/// The same with periods of an hour and more: a week.
pub const MAXIMUM_LONG_WINDOW_SECONDS: i64 = 7 * 86_400;

/// A metric alarm; its id is its name, which is unique within account and region, also among composite alarms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// `arn:aws:cloudwatch:<region>:<account>:alarm:<name>`.
    pub arn: Arn,
    /// 1 to 255 characters.
    pub name: String,
    /// At most 1024 characters.
    pub description: Option<String>,
    /// Whether actions are carried out at all.
    pub actions_enabled: bool,
    /// What is done, by the state that is entered.
    pub actions: Actions,
    /// What is watched.
    pub watched: Watched,
    /// N: how many of the newest periods count; at least 1.
    pub evaluation_periods: u32,
    /// M: how many of them must breach; absent means all of them.
    pub datapoints_to_alarm: Option<u32>,
    /// How a value is compared with the threshold.
    pub comparison: ComparisonOperator,
    /// Finite.
    pub threshold: f64,
    /// What periods without data count as; `None` when the caller did not say, which means [`TreatMissingData::Missing`].
    pub treat_missing_data: Option<TreatMissingData>,
    /// For percentiles of few values; `None` when the caller did not say, which means [`LowSampleCount::Evaluate`].
    pub low_sample_count: Option<LowSampleCount>,
    /// The scaling policy (target tracking) that made this alarm and that makes it anew when the policy is changed;
    /// `None` for the alarms of everybody else.
    pub managed_by: Option<Arn>,
    /// Its tags.
    pub tags: Tags,
    /// When its definition was last put.
    pub configured_at: Timestamp,
    /// The state that it is in.
    pub state: AlarmState,
}

/// What an alarm watches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watched {
    /// One statistic of one metric.
    Metric(MetricStat),
    /// The one of these queries that returns data: metric math. All have the same period.
    Queries(Vec<MetricQuery>),
}

/// One statistic of one metric by period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricStat {
    /// Which metric.
    pub metric: Metric,
    /// 10, 20, 30 or a multiple of 60.
    pub period_seconds: i32,
    /// Which statistic.
    pub stat: Stat,
    /// Only values of this unit, as the API spells it; of all units when absent.
    pub unit: Option<String>,
}

/// A metric or an expression with the id that expressions know it by: AWS's MetricDataQuery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricQuery {
    /// A lower-case letter, then letters, digits and underscores.
    pub id: String,
    /// How people are told of it.
    pub label: Option<String>,
    /// What it is.
    pub source: QuerySource,
    /// Whether it is the result (exactly one of an alarm's queries is).
    pub return_data: bool,
}

/// Where the values of a [`MetricQuery`] come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuerySource {
    /// From a metric.
    Stat(MetricStat),
    /// From other queries: metric math.
    Expression {
        /// At most 1024 characters.
        text: String,
        /// In seconds; that of the metrics when absent.
        period_seconds: Option<i32>,
    },
}

/// ARNs of what is done when a state is entered; at most [`MAXIMUM_ACTIONS`] each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actions {
    /// On OK.
    pub ok: Vec<Arn>,
    /// On ALARM.
    pub alarm: Vec<Arn>,
    /// On INSUFFICIENT_DATA.
    pub insufficient_data: Vec<Arn>,
}

/// Which state an alarm is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StateValue {
    /// `OK`.
    #[serde(rename = "OK")]
    Ok,
    /// `ALARM`.
    #[serde(rename = "ALARM")]
    Alarm,
    /// `INSUFFICIENT_DATA`.
    #[serde(rename = "INSUFFICIENT_DATA")]
    InsufficientData,
}

/// The state of an alarm and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlarmState {
    /// Which.
    pub value: StateValue,
    /// Why, for people.
    pub reason: String,
    /// Why, for programs: JSON; absent for an alarm that was never evaluated.
    pub reason_data: Option<String>,
    /// When the state or its reason was last written.
    pub updated_at: Timestamp,
    /// When the value last changed to another one.
    pub transitioned_at: Timestamp,
    /// The value before a change by SetAlarmState whose actions are still to be carried out.
    #[serde(default)]
    pub unannounced: Option<StateValue>,
}

/// How a value is compared with the threshold: `value > threshold` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ComparisonOperator {
    /// Not less.
    GreaterThanOrEqualToThreshold,
    /// More.
    GreaterThanThreshold,
    /// Less.
    LessThanThreshold,
    /// Not more.
    LessThanOrEqualToThreshold,
}

/// What a period without data counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TreatMissingData {
    /// As nothing: without any data the state is INSUFFICIENT_DATA.
    #[default]
    #[serde(rename = "missing")]
    Missing,
    /// The state stays as it is.
    #[serde(rename = "ignore")]
    Ignore,
    /// As a breach.
    #[serde(rename = "breaching")]
    Breaching,
    /// As no breach.
    #[serde(rename = "notBreaching")]
    NotBreaching,
}

/// What a percentile of too few values counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LowSampleCount {
    /// As any other.
    #[default]
    #[serde(rename = "evaluate")]
    Evaluate,
    /// As a reason to leave the state as it is.
    #[serde(rename = "ignore")]
    Ignore,
}

impl Alarm {
    /// The ARN of the alarm of that name.
    pub fn arn_of(scope: &Scope, name: &str) -> Arn {
        Arn::new("cloudwatch", &scope.region, &scope.account, format!("alarm:{name}"))
    }

    /// Length of a period in seconds; at least 10.
    pub fn period_seconds(&self) -> i32 {
        self.watched.period_seconds()
    }

    /// M: how many periods must breach.
    pub fn needed(&self) -> u32 {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }

    /// What missing data count as.
    pub fn missing_data(&self) -> TreatMissingData {
        self.treat_missing_data.unwrap_or_default()
    }
}

impl Watched {
    /// Length of a period in seconds: that of the result's own period, or of the first metric.
    pub fn period_seconds(&self) -> i32 {
        match self {
            Self::Metric(stat) => stat.period_seconds,
            Self::Queries(queries) => period_of(queries).unwrap_or(60),
        }
    }
}

/// The period of queries that share one.
pub fn period_of(queries: &[MetricQuery]) -> Option<i32> {
    let period = |query: &MetricQuery| match &query.source {
        QuerySource::Stat(stat) => Some(stat.period_seconds),
        QuerySource::Expression { period_seconds, .. } => *period_seconds,
    };
    let result = queries.iter().find(|query| query.return_data);
    result.and_then(period).or_else(|| queries.iter().find_map(period))
}

impl Actions {
    /// The actions of a state.
    pub fn of(&self, state: StateValue) -> &[Arn] {
        match state {
            StateValue::Ok => &self.ok,
            StateValue::Alarm => &self.alarm,
            StateValue::InsufficientData => &self.insufficient_data,
        }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arn> {
        self.ok.iter().chain(&self.alarm).chain(&self.insufficient_data)
    }
}

impl StateValue {
    /// All, in AWS's order.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Alarm, Self::InsufficientData];

    /// As the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

impl AlarmState {
    /// Of an alarm that was just made.
    pub fn initial(now: Timestamp) -> Self {
        Self {
            value: StateValue::InsufficientData,
            reason: "Unchecked: Initial alarm creation".to_owned(),
            reason_data: None,
            updated_at: now,
            transitioned_at: now,
            unannounced: None,
        }
    }

    /// This state with another value or reason, from `now` on; its actions are the caller's business.
    pub fn becomes(&self, value: StateValue, reason: String, reason_data: Option<String>, now: Timestamp) -> Self {
        let transitioned_at = if value == self.value { self.transitioned_at } else { now };
        Self { value, reason, reason_data, updated_at: now, transitioned_at, unannounced: None }
    }
}

impl ComparisonOperator {
    /// As the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GreaterThanOrEqualToThreshold => "GreaterThanOrEqualToThreshold",
            Self::GreaterThanThreshold => "GreaterThanThreshold",
            Self::LessThanThreshold => "LessThanThreshold",
            Self::LessThanOrEqualToThreshold => "LessThanOrEqualToThreshold",
        }
    }

    /// As a part of a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::GreaterThanOrEqualToThreshold => "greater than or equal to",
            Self::GreaterThanThreshold => "greater than",
            Self::LessThanThreshold => "less than",
            Self::LessThanOrEqualToThreshold => "less than or equal to",
        }
    }

    /// Whether a value breaches.
    pub fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThanOrEqualToThreshold => value >= threshold,
            Self::GreaterThanThreshold => value > threshold,
            Self::LessThanThreshold => value < threshold,
            Self::LessThanOrEqualToThreshold => value <= threshold,
        }
    }
}

impl TreatMissingData {
    /// As the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Ignore => "ignore",
            Self::Breaching => "breaching",
            Self::NotBreaching => "notBreaching",
        }
    }
}

impl LowSampleCount {
    /// As the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Evaluate => "evaluate",
            Self::Ignore => "ignore",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_the_operator_says() {
        use ComparisonOperator as Op;
        let table = [
            (Op::GreaterThanThreshold, [false, false, true]),
            (Op::GreaterThanOrEqualToThreshold, [false, true, true]),
            (Op::LessThanThreshold, [true, false, false]),
            (Op::LessThanOrEqualToThreshold, [true, true, false]),
        ];
        for (operator, expected) in table {
            assert_eq!([69.0, 70.0, 71.0].map(|value| operator.breaches(value, 70.0)), expected, "{operator:?}");
        }
    }

    #[test]
    fn a_state_keeps_the_time_of_its_last_transition() {
        let start = AlarmState::initial(Timestamp::from_seconds(1));
        let same = start.becomes(StateValue::InsufficientData, "again".into(), None, Timestamp::from_seconds(2));
        assert_eq!((same.updated_at, same.transitioned_at), (Timestamp::from_seconds(2), Timestamp::from_seconds(1)));
        let other = same.becomes(StateValue::Ok, "good".into(), None, Timestamp::from_seconds(3));
        assert_eq!(other.transitioned_at, Timestamp::from_seconds(3));
    }
}
