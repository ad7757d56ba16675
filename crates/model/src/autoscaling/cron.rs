//! Recurrences of scheduled actions: five cron fields in a time zone, and the moments that they name (Auto Scaling user
//! guide, "Recurring schedules").
//!
//! Strict: what is not five fields of numbers, names, lists, ranges and steps is refused. Time zones are those of the
//! IANA database that is bundled with the program; no file of the system is read. Fixed hours that summer time leaves out
//! happen when it begins, and those that exist twice happen once; "every hour" means every hour that passes.

use crate::Timestamp;
use jiff::{civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest expression, in characters (Auto Scaling API reference).
pub const MAXIMUM_EXPRESSION: usize = 255;
/// How far ahead a moment is looked for, in days: 29 February may be eight years away.
const HORIZON_DAYS: usize = 8 * 366 + 1;
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A recurrence, kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    text: String,
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    /// 0 is Sunday.
    weekdays: Field,
}

/// The values that a field allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    /// Bit n: the value n.
    bits: u64,
    /// Whether it was written with `*` first, which matters for days.
    any: bool,
}

/// Why a recurrence is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCron {
    /// Not five fields.
    #[error("`{0}` must have five fields: minute, hour, day of month, month, day of week")]
    Fields(String),
    /// A field that cannot be read or is out of range.
    #[error("`{text}` is not a {field}: use {from}-{to}, `*`, lists (1,2), ranges (1-5) and steps (*/15)")]
    Field {
        /// What was written.
        text: String,
        /// What it stands for.
        field: &'static str,
        /// Least value.
        from: u32,
        /// Greatest value.
        to: u32,
    },
    /// 30 February.
    #[error("`{0}` names no day that ever comes")]
    Never(String),
}

/// What a field is about.
struct Range {
    name: &'static str,
    from: u32,
    to: u32,
    names: &'static [&'static str],
}

const MINUTE: Range = Range { name: "minute", from: 0, to: 59, names: &[] };
const HOUR: Range = Range { name: "hour", from: 0, to: 23, names: &[] };
const DAY: Range = Range { name: "day of month", from: 1, to: 31, names: &[] };
const MONTH: Range = Range { name: "month", from: 1, to: 12, names: &MONTHS };
/// 7 is Sunday again.
const WEEKDAY: Range = Range { name: "day of week", from: 0, to: 7, names: &WEEKDAYS };

/// The time zone of that IANA name; absent when there is none.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    // "Etc/Unknown" is jiff's word for no zone at all.
    let known = name.is_ascii() && name != "Etc/Unknown";
    known.then(|| TimeZone::get(name).ok()).flatten()
}

impl FromStr for Cron {
    type Err = InvalidCron;

    fn from_str(text: &str) -> Result<Self, InvalidCron> {
        let quoted = || text.chars().take(64).collect();
        let fields: Vec<&str> = text.split([' ', '\t']).filter(|field| !field.is_empty()).collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else { return Err(InvalidCron::Fields(quoted())) };
        if text.len() > MAXIMUM_EXPRESSION {
            return Err(InvalidCron::Fields(quoted()));
        }
        let mut weekdays = Field::parse(weekdays, &WEEKDAY)?;
        weekdays.bits = (weekdays.bits | weekdays.bits >> 7) & 0x7f;
        let cron = Self {
            text: text.to_owned(),
            minutes: Field::parse(minutes, &MINUTE)?,
            hours: Field::parse(hours, &HOUR)?,
            days: Field::parse(days, &DAY)?,
            months: Field::parse(months, &MONTH)?,
            weekdays,
        };
        if cron.ever() { Ok(cron) } else { Err(InvalidCron::Never(quoted())) }
    }
}

impl Field {
    fn parse(text: &str, range: &Range) -> Result<Self, InvalidCron> {
        let invalid = || InvalidCron::Field {
            text: text.chars().take(64).collect(),
            field: range.name,
            from: range.from,
            to: range.to,
        };
        let mut bits = 0;
        for part in text.split(',') {
            bits |= part_bits(part, range).ok_or_else(invalid)?;
        }
        Ok(Self { bits, any: text.starts_with('*') })
    }

    const fn has(self, value: i8) -> bool {
        value >= 0 && self.bits >> value & 1 == 1
    }

    /// Whether it allows everything from `from` to `to`.
    const fn is_full(self, range: &Range) -> bool {
        self.bits.count_ones() == range.to - range.from + 1
    }
}

/// `*`, a value, a range, each with or without a step.
fn part_bits(part: &str, range: &Range) -> Option<u64> {
    let (span, step) = match part.split_once('/') {
        Some((span, step)) => (span, Some(number(step)?).filter(|step| (1..=range.to).contains(step))?),
        None => (part, 1),
    };
    let (first, last) = match span.split_once('-') {
        _ if span == "*" => (range.from, if range.to == 7 { 6 } else { range.to }),
        Some((first, last)) => (range.value(first)?, range.value(last)?),
        // A step from one value goes on to the end.
        None if part.contains('/') => (range.value(span)?, range.to),
        None => (range.value(span)?, range.value(span)?),
    };
    if first > last {
        return None;
    }
    let step = usize::try_from(step).ok()?;
    Some((first..=last).step_by(step).fold(0, |bits, value| bits | 1 << value))
}

impl Range {
    fn value(&self, text: &str) -> Option<u32> {
        let position = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let named = position.and_then(|position| u32::try_from(position).ok()).map(|position| position + self.from);
        named.or_else(|| number(text)).filter(|value| (self.from..=self.to).contains(value))
    }
}

/// One or two digits and nothing else.
fn number(text: &str) -> Option<u32> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl Cron {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first moment after `after`, in whole minutes of the zone's own time. `None` when there is none within eight
    /// years or the calendar ends.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let start = jiff::Timestamp::from_millisecond(after.millis()).ok()?;
        // A day earlier: when summer time begins at midnight, a moment of yesterday's date comes today.
        let mut day = zone.to_datetime(start).date().yesterday().ok()?;
        for _ in 0..HORIZON_DAYS {
            if self.has_day(day)
                && let Some(at) = self.moments(day, zone).into_iter().find(|at| *at > start)
            {
                return Some(Timestamp::from_millis(at.as_millisecond()));
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    /// Whether any day matches: the 31st of a month that has one, 29 February.
    fn ever(&self) -> bool {
        let leap_year =
            (1..=12).flat_map(|month| (1..=31).filter_map(move |day| civil::Date::new(2024, month, day).ok()));
        leap_year.into_iter().any(|day| {
            let either = !self.days.any && !self.weekdays.any;
            self.months.has(day.month()) && (self.days.has(day.day()) || either)
        })
    }

    /// Days of the month and of the week: if both are restricted, one is enough, as cron has it.
    fn has_day(&self, day: civil::Date) -> bool {
        let of_month = self.days.has(day.day());
        let of_week = self.weekdays.has(day.weekday().to_sunday_zero_offset());
        let matches = if self.days.any || self.weekdays.any { of_month && of_week } else { of_month || of_week };
        self.months.has(day.month()) && matches
    }

    /// The moments of one day of the zone's calendar, in order.
    fn moments(&self, day: civil::Date, zone: &TimeZone) -> Vec<jiff::Timestamp> {
        let hourly = self.hours.is_full(&HOUR);
        let hours = (0..24).filter(|hour| self.hours.has(*hour));
        let times = hours.flat_map(|hour| {
            let minutes = (0..60).filter(|minute| self.minutes.has(*minute));
            minutes.map(move |minute| day.at(hour, minute, 0, 0))
        });
        let mut moments: Vec<jiff::Timestamp> = times.flat_map(|time| instants(time, zone, hourly)).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }
}

/// The moments at which clocks of the zone show `time`: none or two where clocks are changed.
fn instants(time: civil::DateTime, zone: &TimeZone, hourly: bool) -> Vec<jiff::Timestamp> {
    use jiff::tz::AmbiguousOffset as Offset;
    let ambiguous = zone.to_ambiguous_timestamp(time);
    let found = match ambiguous.offset() {
        Offset::Unambiguous { offset } => vec![offset.to_timestamp(time)],
        // Left out: the hours that pass are served by the others; a fixed hour happens as late as it would have.
        Offset::Gap { .. } if hourly => Vec::new(),
        Offset::Gap { before, after: _ } => vec![before.to_timestamp(time)],
        Offset::Fold { before, after } if hourly => vec![before.to_timestamp(time), after.to_timestamp(time)],
        Offset::Fold { before, after: _ } => vec![before.to_timestamp(time)],
    };
    found.into_iter().flatten().collect()
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Cron {
    type Error = InvalidCron;
    fn try_from(text: String) -> Result<Self, InvalidCron> {
        text.parse()
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn check(cron: &str, zone: &str, after: &str, expected: &[&str]) {
        let (parsed, zone) = (cron.parse::<Cron>().unwrap(), time_zone(zone).unwrap());
        let mut moment = at(after);
        for expected in expected {
            moment = parsed.next(moment, &zone).unwrap();
            assert_eq!(moment, at(expected), "`{cron}` after {after}");
        }
    }

    #[test]
    fn expressions_are_read_strictly() {
        for text in [
            "* * * * *",
            "0 8 * * MON-FRI",
            "0 8 * * mon-fri",
            "*/15 0-6,20-23 1,15 JAN-MAR 0",
            "5/10 * * * 7",
            " 30 6  * * 2 ",
            "0 0 29 2 *",
            "59 23 31 12 6",
            "0 0 31 2 1",
            "1-5/2 * * * *",
        ] {
            let cron = text.parse::<Cron>();
            assert_eq!(cron.map(|cron| cron.to_string()).as_deref(), Ok(text));
        }
        for text in [
            "",
            "* * * *",
            "* * * * * *",
            "61 * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 0 *",
            "* * * 13 *",
            "* * * * 8",
            "-1 * * * *",
            "5-1 * * * *",
            "1,,2 * * * *",
            "*/0 * * * *",
            "*/60 * * * *",
            "/5 * * * *",
            "* * * JANUARY *",
            "* * * * FOO",
            "+1 * * * *",
            "١ * * * *",
            "1.5 * * * *",
            "001 * * * *",
            "? * * * *",
            "@daily",
            "* * 30 2 *",
            "0 0 L * *",
            "1-2-3 * * * *",
            "*/5/5 * * * *",
            &format!("0{} * * * *", ",0".repeat(200)),
        ] {
            assert!(text.parse::<Cron>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_next_moment_is_the_first_one_that_matches() {
        check("*/20 * * * *", "UTC", "2026-11-21T10:20:00Z", &["2026-11-21T10:40:00Z", "2026-11-21T11:00:00Z"]);
        check("30 6 * * 2", "UTC", "2026-11-21T10:20:00Z", &["2026-11-24T06:30:00Z", "2026-12-01T06:30:00Z"]);
        check("0 0 1 1 *", "UTC", "2026-11-21T10:20:00Z", &["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]);
        check("0 0 29 2 *", "UTC", "2026-11-21T00:00:00Z", &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]);
        check("0 0 29 2 *", "UTC", "2097-01-01T00:00:00Z", &["2104-02-29T00:00:00Z"]);
        check("0 12 13 * 5", "UTC", "2026-11-10T00:00:00Z", &["2026-11-13T12:00:00Z", "2026-11-20T12:00:00Z"]);
        check("0 12 */2 * 5", "UTC", "2026-11-01T13:00:00Z", &["2026-11-13T12:00:00Z", "2026-11-27T12:00:00Z"]);
        check("0 0 * * 7", "UTC", "2026-11-21T00:00:00Z", &["2026-11-22T00:00:00Z"]);
        check("* * * * *", "UTC", "2026-11-21T10:20:59.999Z", &["2026-11-21T10:21:00Z"]);
    }

    #[test]
    fn local_times_follow_summer_time() {
        // Berlin: summer time from 2026-03-29 02:00 (to 03:00) until 2026-10-25 03:00 (to 02:00).
        check("0 8 * * *", "Europe/Berlin", "2026-03-28T06:00:00Z", &["2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z"]);
        check("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", &["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"]);
        check("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
        let through_autumn = ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"];
        check("0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", &through_autumn);
        let through_spring = ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"];
        check("0 * * * *", "Europe/Berlin", "2026-03-28T23:30:00Z", &through_spring);
        check("0 9 * * MON-FRI", "America/New_York", "2026-11-20T15:00:00Z", &["2026-11-23T14:00:00Z"]);
        check("0 0 * * *", "Asia/Kolkata", "2026-11-20T00:00:00Z", &["2026-11-20T18:30:00Z"]);
        // Beirut skips midnight itself: the moment of the 29th comes an hour into it.
        check("0 0 29 3 *", "Asia/Beirut", "2026-03-28T12:00:00Z", &["2026-03-28T22:00:00Z"]);
    }

    #[test]
    fn zones_are_those_of_the_bundled_database() {
        for name in ["UTC", "Etc/GMT+9", "Pacific/Tahiti", "Asia/Seoul", "Europe/London"] {
            assert!(time_zone(name).is_some(), "{name}");
        }
        for name in ["", "Mars/Olympus", "EST5EDT4", "+09:00", "Etc/Unknown", "/etc/localtime", "../UTC"] {
            assert!(time_zone(name).is_none(), "{name}");
        }
    }
}
