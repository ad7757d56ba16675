//! The functions: what each takes and what it makes of it.

use super::{
    expression::{Expression, Function},
    value::{Grid, Named, Series, Value},
};
use crate::Timestamp;
use std::collections::BTreeSet;

/// The last position in a list; a request has at most 500 queries.
const MAXIMUM_POSITION: u16 = 1000;

/// An argument: a value, or a word or text that only the function understands.
pub(super) enum Argument {
    Value(Value),
    Word(String),
}

/// Whether an argument is a word of the function (`REPEAT`, `ASC`, `SUM` in SORT) and no value.
pub(super) fn keyword(function: Function, position: usize, argument: &Expression) -> Option<String> {
    let is_keyword = matches!((function, position), (Function::Fill, 1) | (Function::Sort, 1 | 2));
    match argument {
        Expression::Name(word) if is_keyword && word.chars().all(|c| c.is_ascii_uppercase()) => Some(word.clone()),
        Expression::Name(_)
        | Expression::Number(_)
        | Expression::Text(_)
        | Expression::List(_)
        | Expression::Negative(_)
        | Expression::Binary(..)
        | Expression::Call(..) => None,
    }
}

/// Calls a function.
pub(super) fn call(function: Function, arguments: Vec<Argument>, grid: &Grid) -> Result<Value, String> {
    use Function as F;
    let call = Call { function, arguments };
    match function {
        F::Abs => call.numbers(f64::abs),
        F::Ceil => call.numbers(f64::ceil),
        F::Floor => call.numbers(f64::floor),
        F::Log => call.numbers(f64::ln),
        F::Log10 => call.numbers(f64::log10),
        F::Avg => call.aggregate(average),
        F::Max => call.aggregate(|values| values.iter().copied().reduce(f64::max)),
        F::Min => call.aggregate(|values| values.iter().copied().reduce(f64::min)),
        F::Sum => call.aggregate(|values| (!values.is_empty()).then(|| values.iter().sum())),
        F::Stddev => call.aggregate(deviation),
        F::DatapointCount => call.aggregate(|values| Some(values.len() as f64)),
        F::Diff => call.series(|points| steps(&points, |_, before, now| now - before)),
        F::DiffTime => call.series(|points| steps(&points, |seconds, _, _| seconds)),
        F::Rate => call.series(|points| steps(&points, |seconds, before, now| (now - before) / seconds)),
        F::RunningSum => call.series(running_sum),
        F::Minute => call.calendar(|time| f64::from(time.minute())),
        F::Hour => call.calendar(|time| f64::from(time.hour())),
        F::Day => call.calendar(|time| f64::from(time.weekday().to_monday_one_offset())),
        F::Date => call.calendar(|time| f64::from(time.day())),
        F::Month => call.calendar(|time| f64::from(time.month())),
        F::Year => call.calendar(|time| f64::from(time.year())),
        F::Epoch => call.calendar(|time| time.timestamp().as_second() as f64),
        F::Period => call.one_series().map(|_| Value::Scalar(f64::from(grid.period_seconds))),
        F::MetricCount => call.one_list().map(|list| Value::Scalar(list.len() as f64)),
        F::First => call.element(|list| list.into_iter().next()),
        F::Last => call.element(|list| list.into_iter().next_back()),
        F::RemoveEmpty => {
            let list = call.one_list()?;
            Ok(Value::List(list.into_iter().filter(|series| !series.points.is_empty()).collect()))
        }
        F::TimeSeries => match call.one()? {
            Value::Scalar(number) => Ok(Value::Series(Named::unnamed(grid.starts().map(|at| (at, number)).collect()))),
            other @ (Value::Series(_) | Value::List(_)) => Err(call_wants(function, "a number", &other)),
        },
        F::Fill => fill(call, grid),
        F::If => choose(call),
        F::Slice => slice(call),
        F::Sort => sort(call),
        F::Metrics => Err("METRICS takes nothing or one text".to_owned()),
    }
}

fn call_wants(function: Function, wanted: &str, found: &Value) -> String {
    format!("{} takes {wanted}, not {}", function.name(), found.kind_name())
}

struct Call {
    function: Function,
    arguments: Vec<Argument>,
}

impl Call {
    fn values(self, count: std::ops::RangeInclusive<usize>) -> Result<Vec<Argument>, String> {
        match count.contains(&self.arguments.len()) {
            true => Ok(self.arguments),
            false if count.start() == count.end() => Err(format!(
                "{} takes {} argument(s), not {}",
                self.function.name(),
                count.start(),
                self.arguments.len()
            )),
            false => Err(format!(
                "{} takes {} to {} arguments, not {}",
                self.function.name(),
                count.start(),
                count.end(),
                self.arguments.len()
            )),
        }
    }

    fn one(self) -> Result<Value, String> {
        let function = self.function;
        let mut values = self.values(1..=1)?.into_iter();
        value(function, values.next())
    }

    fn one_series(self) -> Result<Named, String> {
        let function = self.function;
        match self.one()? {
            Value::Series(series) => Ok(series),
            other @ (Value::Scalar(_) | Value::List(_)) => Err(call_wants(function, "a time series", &other)),
        }
    }

    fn one_list(self) -> Result<Vec<Named>, String> {
        let function = self.function;
        match self.one()? {
            Value::List(list) => Ok(list),
            other @ (Value::Scalar(_) | Value::Series(_)) => Err(call_wants(function, "a list of time series", &other)),
        }
    }

    fn numbers(self, change: impl Fn(f64) -> f64) -> Result<Value, String> {
        Ok(self.one()?.map(change))
    }

    /// A function from series to series.
    fn series(self, change: impl Fn(Series) -> Series) -> Result<Value, String> {
        let function = self.function;
        match self.one()? {
            number @ Value::Scalar(_) => Err(call_wants(function, "time series", &number)),
            value @ (Value::Series(_) | Value::List(_)) => Ok(value.map_series(change)),
        }
    }

    /// A series comes to one number, a list to the series of what its members come to at each moment.
    fn aggregate(self, combine: impl Fn(&[f64]) -> Option<f64>) -> Result<Value, String> {
        let function = self.function;
        match self.one()? {
            Value::Series(series) => {
                let values: Vec<f64> = series.points.into_values().collect();
                Ok(Value::Scalar(combine(&values).unwrap_or(f64::NAN)))
            }
            Value::List(list) => {
                let moments: BTreeSet<Timestamp> =
                    list.iter().flat_map(|series| series.points.keys().copied()).collect();
                let at = |at: Timestamp| {
                    let values: Vec<f64> = list.iter().filter_map(|series| series.points.get(&at).copied()).collect();
                    Some((at, combine(&values)?))
                };
                Ok(Value::Series(Named::unnamed(moments.into_iter().filter_map(at).collect())))
            }
            number @ Value::Scalar(_) => Err(call_wants(function, "time series", &number)),
        }
    }

    fn calendar(self, part: impl Fn(&jiff::Zoned) -> f64) -> Result<Value, String> {
        let value = |at: &Timestamp| {
            let time = jiff::Timestamp::from_second(at.seconds()).ok()?;
            Some((*at, part(&time.to_zoned(jiff::tz::TimeZone::UTC))))
        };
        self.series(|points| points.keys().filter_map(value).collect())
    }

    fn element(self, choose: impl Fn(Vec<Named>) -> Option<Named>) -> Result<Value, String> {
        let function = self.function;
        match self.one()? {
            Value::List(list) => Ok(Value::Series(choose(list).unwrap_or_else(|| Named::unnamed(Series::new())))),
            Value::Series(series) => {
                let points = series
                    .points
                    .into_values()
                    .map(|value| Named::unnamed(Series::from([(Timestamp::default(), value)])));
                let chosen = choose(points.collect()).and_then(|one| one.points.into_values().next());
                Ok(Value::Scalar(chosen.unwrap_or(f64::NAN)))
            }
            number @ Value::Scalar(_) => Err(call_wants(function, "time series", &number)),
        }
    }
}

fn value(function: Function, argument: Option<Argument>) -> Result<Value, String> {
    match argument {
        Some(Argument::Value(value)) => Ok(value),
        Some(Argument::Word(word)) => Err(format!("{} does not know {word}", function.name())),
        None => Err(format!("{} needs another argument", function.name())),
    }
}

fn average(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The standard deviation of all values (not of a sample of them).
fn deviation(values: &[f64]) -> Option<f64> {
    let mean = average(values)?;
    let squares: Vec<f64> = values.iter().map(|value| (value - mean).powi(2)).collect();
    average(&squares).map(f64::sqrt)
}

/// From each value to the next: seconds between them, the earlier and the later one.
fn steps(points: &Series, step: impl Fn(f64, f64, f64) -> f64) -> Series {
    let pairs = points.iter().zip(points.iter().skip(1));
    let values = pairs.map(|((before, was), (now, is))| (*now, step(now.since(*before).as_secs_f64(), *was, *is)));
    values.filter(|(_, value)| value.is_finite()).collect()
}

fn running_sum(points: Series) -> Series {
    let sums = points.into_iter().scan(0.0, |sum, (at, value)| {
        *sum += value;
        Some((at, *sum))
    });
    sums.collect()
}

fn fill(call: Call, grid: &Grid) -> Result<Value, String> {
    let function = call.function;
    let mut arguments = call.values(2..=2)?.into_iter();
    let of = value(function, arguments.next())?;
    if let Value::Scalar(_) = of {
        return Err(call_wants(function, "time series", &of));
    }
    match arguments.next() {
        Some(Argument::Word(word)) if word == "REPEAT" => Ok(of.map_series(|points| repeat(&points, grid))),
        Some(Argument::Word(word)) if word == "LINEAR" => Ok(of.map_series(|points| interpolate(&points, grid))),
        Some(Argument::Value(Value::Scalar(number))) => Ok(of.map_series(|points| {
            let filled = grid.starts().map(|at| (at, points.get(&at).copied().unwrap_or(number)));
            super::value::finite(filled.collect())
        })),
        Some(Argument::Value(Value::Series(other))) => Ok(of.map_series(|points| {
            let at = |at| Some((at, *points.get(&at).or_else(|| other.points.get(&at))?));
            grid.starts().filter_map(at).collect()
        })),
        _ => Err("FILL fills with a number, a time series, REPEAT or LINEAR".to_owned()),
    }
}

fn repeat(points: &Series, grid: &Grid) -> Series {
    let mut last = None;
    let at = |at: Timestamp| {
        last = points.get(&at).copied().or(last);
        last.map(|value| (at, value))
    };
    grid.starts().filter_map(at).collect()
}

/// Along the line between the neighbours; nothing before the first value and behind the last.
fn interpolate(points: &Series, grid: &Grid) -> Series {
    let at = |at: Timestamp| {
        let (before, was) = points.range(..=at).next_back()?;
        let (after, will) = points.range(at..).next()?;
        let whole = after.since(*before).as_secs_f64();
        let share = if whole > 0.0 { at.since(*before).as_secs_f64() / whole } else { 0.0 };
        Some((at, was + (will - was) * share))
    };
    grid.starts().filter_map(at).collect()
}

fn choose(call: Call) -> Result<Value, String> {
    let function = call.function;
    let mut arguments = call.values(3..=3)?.into_iter();
    let mut next = || value(function, arguments.next());
    let (condition, then, otherwise) = (next()?, next()?, next()?);
    for branch in [&then, &otherwise] {
        if matches!(branch, Value::List(_)) {
            return Err(call_wants(function, "numbers and single time series", branch));
        }
    }
    match condition {
        Value::Scalar(number) => Ok(if number != 0.0 { then } else { otherwise }),
        Value::Series(series) => {
            let pick = |(at, holds): (Timestamp, f64)| {
                let chosen = if holds != 0.0 { &then } else { &otherwise };
                let value = match chosen {
                    Value::Scalar(number) => *number,
                    Value::Series(series) => *series.points.get(&at)?,
                    Value::List(_) => return None,
                };
                Some((at, value))
            };
            Ok(Value::Series(Named::unnamed(series.points.into_iter().filter_map(pick).collect())))
        }
        list @ Value::List(_) => Err(call_wants(function, "a number or a time series as condition", &list)),
    }
}

/// A list and where to begin and, perhaps, to end in it.
fn slice(call: Call) -> Result<Value, String> {
    let function = call.function;
    let mut arguments = call.values(2..=3)?.into_iter();
    let list = match value(function, arguments.next())? {
        Value::List(list) => list,
        other @ (Value::Scalar(_) | Value::Series(_)) => {
            return Err(call_wants(function, "a list of time series", &other));
        }
    };
    let start = position(function, arguments.next())?;
    let end = match arguments.next() {
        Some(argument) => Some(position(function, Some(argument))?),
        None => None,
    };
    let count = list.len();
    let taken = list.into_iter().take(end.unwrap_or(count)).skip(start);
    Ok(match end {
        Some(_) => Value::List(taken.collect()),
        None => Value::Series(taken.take(1).next().unwrap_or_else(|| Named::unnamed(Series::new()))),
    })
}

fn position(function: Function, argument: Option<Argument>) -> Result<usize, String> {
    let wrong = || format!("{} takes whole numbers from 0 to {MAXIMUM_POSITION} as positions", function.name());
    let number = match value(function, argument)? {
        Value::Scalar(number) => number,
        Value::Series(_) | Value::List(_) => return Err(wrong()),
    };
    (0..=MAXIMUM_POSITION).find(|position| f64::from(*position) == number).map(usize::from).ok_or_else(wrong)
}

/// A list, the statistic to sort by, the direction, and perhaps how many to keep.
fn sort(call: Call) -> Result<Value, String> {
    let function = call.function;
    let mut arguments = call.values(3..=4)?.into_iter();
    let mut list = match value(function, arguments.next())? {
        Value::List(list) => list,
        other @ (Value::Scalar(_) | Value::Series(_)) => {
            return Err(call_wants(function, "a list of time series", &other));
        }
    };
    let mut word = || match arguments.next() {
        Some(Argument::Word(word)) => Ok(word),
        _ => Err("SORT takes a list, one of AVG, MIN, MAX and SUM, and ASC or DESC".to_owned()),
    };
    let (by, direction) = (word()?, word()?);
    let key = |series: &Named| -> Result<f64, String> {
        let values: Vec<f64> = series.points.values().copied().collect();
        let found = match by.as_str() {
            "AVG" => average(&values),
            "SUM" => Some(values.iter().sum()),
            "MIN" => values.iter().copied().reduce(f64::min),
            "MAX" => values.iter().copied().reduce(f64::max),
            other => return Err(format!("SORT does not know {other}; use AVG, MIN, MAX or SUM")),
        };
        Ok(found.unwrap_or(f64::NEG_INFINITY))
    };
    let mut keyed = list.drain(..).map(|series| Ok((key(&series)?, series))).collect::<Result<Vec<_>, String>>()?;
    keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
    match direction.as_str() {
        "ASC" => {}
        "DESC" => keyed.reverse(),
        other => return Err(format!("SORT does not know {other}; use ASC or DESC")),
    }
    let count = match arguments.next() {
        Some(argument) => position(function, Some(argument))?,
        None => keyed.len(),
    };
    Ok(Value::List(keyed.into_iter().take(count).map(|(_, series)| series).collect()))
}
