//! How targets are checked.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest path, in characters.
pub const MAXIMUM_PATH_LENGTH: usize = 1024;

/// A target group's health check (ELBv2 API reference, CreateTargetGroup).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// Whether targets are checked at all.
    pub enabled: bool,
    /// Which port is asked.
    pub port: HealthCheckPort,
    /// The path and query of the request; begins with `/`.
    pub path: String,
    /// Seconds between checks of one target, 5 to 300; default 30.
    pub interval_seconds: u32,
    /// Seconds that an answer may take, 2 to 120; default 5; less than the interval.
    pub timeout_seconds: u32,
    /// Passed checks in a row that make an unhealthy target healthy, 2 to 10; default 5.
    pub healthy_threshold: u32,
    /// Failed checks in a row that make a healthy target unhealthy, 2 to 10; default 2.
    pub unhealthy_threshold: u32,
    /// Which answers pass; default 200.
    pub matcher: Matcher,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self {
            enabled: true,
            port: HealthCheckPort::Traffic,
            path: "/".to_owned(),
            interval_seconds: 30,
            timeout_seconds: 5,
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            matcher: Matcher(vec![(200, 200)]),
        }
    }
}

/// Which port is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HealthCheckPort {
    /// The one that gets the traffic (`traffic-port`).
    Traffic,
    /// This one.
    Fixed(u16),
}

/// Status codes that pass: single ones and ranges, `200,202` or `200-299`; inclusive pairs here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Matcher(pub Vec<(u16, u16)>);

/// A text that is not a list of codes and ranges.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("health check matcher `{0}` must be codes and ranges between 200 and 499, such as 200,202 or 200-299")]
pub struct InvalidMatcher(pub String);

impl Matcher {
    /// Whether an answer with this status passes.
    pub fn passes(&self, status: u16) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }
}

impl FromStr for Matcher {
    type Err = InvalidMatcher;
    fn from_str(text: &str) -> Result<Self, InvalidMatcher> {
        let code = |t: &str| -> Option<u16> {
            let digits = t.len() == 3 && t.bytes().all(|b| b.is_ascii_digit());
            t.parse().ok().filter(|c| digits && (200..=499).contains(c))
        };
        let range = |t: &str| -> Option<(u16, u16)> {
            let (from, to) = t.split_once('-').unwrap_or((t, t));
            Some((code(from)?, code(to)?)).filter(|(from, to)| from <= to)
        };
        text.split(',')
            .map(range)
            .collect::<Option<Vec<_>>>()
            .map(Self)
            .ok_or_else(|| InvalidMatcher(text.chars().take(200).collect()))
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (from, to)) in self.0.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            if from == to { write!(f, "{comma}{from}")? } else { write!(f, "{comma}{from}-{to}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matcher_reads_lists_and_ranges_and_prints_them_again() {
        for text in ["200", "200,202", "200-299", "200-299,301,400-499"] {
            assert_eq!(text.parse::<Matcher>().unwrap().to_string(), text);
        }
        let matcher: Matcher = "200,300-302".parse().unwrap();
        assert_eq!([199, 200, 201, 300, 302, 303].map(|c| matcher.passes(c)), [false, true, false, true, true, false]);
    }

    #[test]
    fn a_matcher_refuses_what_is_not_a_code() {
        for text in ["", "abc", "199", "500", "200-", "299-200", "200,,201", "200, 201", "٢٠٠", "+200"] {
            assert!(text.parse::<Matcher>().is_err(), "{text}");
        }
    }
}
