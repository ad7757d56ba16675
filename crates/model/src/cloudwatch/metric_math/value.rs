//! What expressions are made of: numbers, time series, lists of time series.

use super::Kind;
use crate::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// One value by period; periods without one are absent. Values are finite.
pub type Series = BTreeMap<Timestamp, f64>;

/// The periods that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The start of the first.
    pub start: Timestamp,
    /// Their length; at least 1.
    pub period_seconds: i32,
    /// How many.
    pub count: u32,
}

/// A time series with the name that people know it by.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The id of its metric or expression.
    pub id: String,
    /// The label of its metric, or the id.
    pub label: String,
    /// Its points.
    pub points: Series,
}

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number; may be infinite or no number, which no series ever holds.
    Scalar(f64),
    /// A time series.
    Series(Named),
    /// Several of them, in order.
    List(Vec<Named>),
}

impl Grid {
    /// The start of every period.
    pub fn starts(&self) -> impl Iterator<Item = Timestamp> + use<> {
        let Self { start, period_seconds, count } = *self;
        let length = u64::try_from(period_seconds).unwrap_or(1);
        (0..u64::from(count)).map(move |n| start.plus(Duration::from_secs(n * length)))
    }
}

impl Value {
    /// Of which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Scalar(_) => Kind::Scalar,
            Self::Series(_) => Kind::Series,
            Self::List(_) => Kind::List,
        }
    }

    /// In words.
    pub(super) fn kind_name(&self) -> &'static str {
        match self {
            Self::Scalar(_) => "a number",
            Self::Series(_) => "a time series",
            Self::List(_) => "a list of time series",
        }
    }

    /// Every number changed.
    pub(super) fn map(self, change: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Scalar(number) => Self::Scalar(change(number)),
            Self::Series(series) => Self::Series(series.map(&change)),
            Self::List(list) => Self::List(list.into_iter().map(|series| series.map(&change)).collect()),
        }
    }

    /// Every series changed; numbers have none and stay.
    pub(super) fn map_series(self, change: impl Fn(Series) -> Series) -> Self {
        let one = |Named { id, label, points }: Named| Named { id, label, points: change(points) };
        match self {
            Self::Scalar(number) => Self::Scalar(number),
            Self::Series(series) => Self::Series(one(series)),
            Self::List(list) => Self::List(list.into_iter().map(one).collect()),
        }
    }
}

impl Named {
    /// A series that an expression made.
    pub(super) fn unnamed(points: Series) -> Self {
        Self { id: String::new(), label: String::new(), points: finite(points) }
    }

    fn map(self, change: impl Fn(f64) -> f64) -> Self {
        let points = self.points.into_iter().map(|(at, value)| (at, change(value))).collect();
        Self { points: finite(points), ..self }
    }
}

/// Without what is no value: the result of a division by zero, for example.
pub(super) fn finite(mut points: Series) -> Series {
    points.retain(|_, value| value.is_finite());
    points
}
