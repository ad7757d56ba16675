//! Points in time. `now` is always a parameter in this crate; only `server` owns a clock ([`Clock`] is what it injects).

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, negative before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point `millis` milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The point `seconds` seconds after the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This point moved forward; saturates at the ends of the range.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This point moved backward; saturates at the ends of the range.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The start of the period of `seconds` that this point lies in (periods are counted from the epoch).
    pub const fn period_start(self, seconds: i64) -> Self {
        Self(self.0.div_euclid(seconds * 1000) * seconds * 1000)
    }
}

/// Where `now` comes from; injected at wiring, like [`crate::IdSource`], so that tests and simulations move it by hand.
pub trait Clock: Send + Sync {
    /// The present moment by the wall clock.
    fn now(&self) -> Timestamp;
}

/// A text that is no point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time in ISO 8601 with a zone, such as 2026-11-20T12:00:00Z")]
pub struct InvalidTimestamp;

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// ISO 8601 with a zone (`Z` or an offset); what is finer than a millisecond is cut off.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_millisecond())).map_err(|_| InvalidTimestamp)
    }
}

impl fmt::Display for Timestamp {
    /// ISO 8601 in UTC with milliseconds, for example `2026-11-20T12:00:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => write!(f, "{t:.3}"),
            Err(_) => write!(f, "@{}ms", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_prints_as_iso_8601_with_milliseconds() {
        assert_eq!(Timestamp::from_millis(1_795_176_000_123).to_string(), "2026-11-20T12:00:00.123Z");
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_timestamp_is_read_with_its_zone() {
        let noon = Timestamp::from_millis(1_795_176_000_123);
        for text in ["2026-11-20T12:00:00.123Z", "2026-11-20T21:00:00.1239+09:00"] {
            assert_eq!(text.parse(), Ok(noon), "{text}");
        }
        for text in ["", "noon", "2026-11-20T12:00:00", "1795176000"] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTimestamp), "{text}");
        }
    }

    #[test]
    fn periods_start_on_multiples_counted_from_the_epoch() {
        assert_eq!(Timestamp::from_millis(119_999).period_start(60), Timestamp::from_seconds(60));
        assert_eq!(Timestamp::from_millis(-1).period_start(60), Timestamp::from_seconds(-60));
    }

    #[test]
    fn since_is_never_negative() {
        assert_eq!(Timestamp::from_seconds(1).since(Timestamp::from_seconds(5)), Duration::ZERO);
    }
}
