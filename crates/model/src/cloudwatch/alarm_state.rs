//! DECIDER: the state of a metric alarm from the datapoints of its evaluation range, with the reason for people and for
//! programs (CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data").
//!
//! Knows neither where datapoints come from nor what is done about a state. The same alarm, points and moment always
//! come to the same state, and deciding again on top of it changes nothing.

mod reason;

use super::{
    alarm::{Alarm, LowSampleCount, StateValue, TreatMissingData, Watched},
    statistics::{Periods, Stat},
};
use crate::Timestamp;
use std::time::Duration;

pub use reason::{java_double, short_time};

/// How many periods more than N are looked at, so that single gaps do not matter.
pub const EXTRA_PERIODS: u32 = 2;
/// How often actions on scaling policies are repeated while a state goes on.
const ACTION_INTERVAL_SECONDS: i64 = 60;
/// Values that a percentile of 50 or more needs beyond it (and one below 50, below it) to count as enough.
const ENOUGH_VALUES: f64 = 10.0;

/// The value of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datapoint {
    /// The start of the period.
    pub at: Timestamp,
    /// The statistic, or what the expression came to.
    pub value: f64,
    /// How many values it was counted from, where that is known.
    pub sample_count: Option<f64>,
}

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The state that the alarm is to be in.
    pub state: StateValue,
    /// Why, for people: StateReason.
    pub reason: String,
    /// Why, for programs: StateReasonData.
    pub reason_data: String,
    /// The newest value that was counted as a breach in ALARM, or the newest value at all in other states; `None` when
    /// missing data decided.
    pub newest: Option<f64>,
}

/// How often an alarm is evaluated, in seconds: 10 with periods below a minute, an hour when it looks at more than a
/// day, else a minute.
pub fn cadence_seconds(alarm: &Alarm) -> i64 {
    let period = i64::from(alarm.period_seconds());
    match period {
        ..60 => 10,
        3600.. if period * i64::from(alarm.evaluation_periods) > super::alarm::MAXIMUM_WINDOW_SECONDS => 3600,
        _ => 60,
    }
}

/// Whether actions on scaling policies are due again at an evaluation of an alarm whose state goes on: once a minute from
/// the change on (or as rarely as it is evaluated).
pub fn repeats_actions(alarm: &Alarm, now: Timestamp) -> bool {
    let cadence = cadence_seconds(alarm);
    let entered = alarm.state.transitioned_at.period_start(cadence);
    let elapsed = now.period_start(cadence).seconds() - entered.seconds();
    elapsed > 0 && elapsed % ACTION_INTERVAL_SECONDS == 0
}

/// The evaluation range at a moment: [`EXTRA_PERIODS`] more than N periods, which end when the alarm was last due.
pub fn range(alarm: &Alarm, now: Timestamp) -> Periods {
    let seconds = alarm.period_seconds();
    let end = now.period_start(cadence_seconds(alarm));
    let length = u64::from(alarm.evaluation_periods + EXTRA_PERIODS) * u64::try_from(seconds).unwrap_or(0);
    Periods { start: end.minus(Duration::from_secs(length)), end, seconds }
}

/// The state that follows from the points of [`range`] (others are left aside; order does not matter).
pub fn decide(alarm: &Alarm, points: &[Datapoint], now: Timestamp) -> Evaluation {
    let range = range(alarm, now);
    let slots = slots(points, &range, alarm.evaluation_periods + EXTRA_PERIODS);
    let counted = Counted::new(alarm, &slots);
    let verdict = if alarm.ignores_few_values() && counted.real.iter().any(|point| has_few_values(alarm, point)) {
        Verdict::Keep
    } else {
        counted.verdict(alarm)
    };
    reason::evaluation(alarm, &counted, verdict, &range, now)
}

/// What the points say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Breach,
    NoBreach,
    NoData,
    /// Nothing that would change the state.
    Keep,
}

/// The value of each period, newest first.
fn slots(points: &[Datapoint], range: &Periods, count: u32) -> Vec<Option<Datapoint>> {
    let mut slots = vec![None; count as usize];
    for point in points {
        let Some(start) = range.start_of(point.at) else { continue };
        let age = range.end.since(start).as_secs() / u64::try_from(range.seconds).unwrap_or(1).max(1);
        if let Some(slot) = usize::try_from(age).ok().and_then(|age| slots.get_mut(age.checked_sub(1)?)) {
            *slot = Some(*point);
        }
    }
    slots
}

/// The datapoints that count: the newest N real ones, or all real ones and as many missing ones as N still needs.
struct Counted {
    /// Newest first, at most N.
    real: Vec<Datapoint>,
    /// How many of those breach.
    breaching: u32,
    /// How many missing ones are filled in.
    missing: u32,
    /// How many periods ago the oldest breaching one is; the newest period counts 1.
    oldest_breach: u32,
}

impl Counted {
    fn new(alarm: &Alarm, slots: &[Option<Datapoint>]) -> Self {
        let wanted = alarm.evaluation_periods;
        let real = || (1_u32..).zip(slots).filter_map(|(age, slot)| slot.map(|point| (age, point)));
        let newest: Vec<(u32, Datapoint)> = real().take(wanted as usize).collect();
        let breaching = || newest.iter().filter(|(_, point)| alarm.breaches(point.value));
        Self {
            breaching: breaching().map(|_| 1).sum(),
            oldest_breach: breaching().map(|(age, _)| *age).max().unwrap_or(0),
            missing: (1_u32..=wanted).skip(newest.len()).map(|_| 1).sum(),
            real: newest.iter().map(|(_, point)| *point).collect(),
        }
    }

    fn verdict(&self, alarm: &Alarm) -> Verdict {
        let (needed, missing) = (alarm.needed(), alarm.missing_data());
        let filled = if missing == TreatMissingData::Breaching { self.missing } else { 0 };
        if self.breaching + filled >= needed {
            return Verdict::Breach;
        }
        let only_breaches = self.breaching as usize == self.real.len();
        match missing {
            _ if self.missing == 0 => Verdict::NoBreach,
            TreatMissingData::Breaching | TreatMissingData::NotBreaching => Verdict::NoBreach,
            TreatMissingData::Missing | TreatMissingData::Ignore if !only_breaches => Verdict::NoBreach,
            TreatMissingData::Ignore => Verdict::Keep,
            TreatMissingData::Missing if self.real.is_empty() => Verdict::NoData,
            // A breach that is M periods old and that nothing contradicts since. A younger one would be a premature
            // alarm: the next value may be good.
            TreatMissingData::Missing if self.oldest_breach >= needed => Verdict::Breach,
            TreatMissingData::Missing => Verdict::Keep,
        }
    }
}

impl Alarm {
    /// Whether a value breaches.
    pub fn breaches(&self, value: f64) -> bool {
        self.comparison.breaches(value, self.threshold)
    }

    fn ignores_few_values(&self) -> bool {
        self.low_sample_count == Some(LowSampleCount::Ignore)
    }
}

/// Whether a percentile was counted from too few values to say much.
fn has_few_values(alarm: &Alarm, point: &Datapoint) -> bool {
    let Watched::Metric(stat) = &alarm.watched else { return false };
    let (Stat::Percentile(percentile), Some(count)) = (&stat.stat, point.sample_count) else { return false };
    let share = percentile.percent() / 100.0;
    let rarer = if share < 0.5 { share } else { 1.0 - share };
    count * rarer < ENOUGH_VALUES
}

#[cfg(test)]
mod tests;
