//! How targets are checked.

use super::target_group::TargetProtocol;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest path, in characters.
pub const MAXIMUM_PATH_LENGTH: usize = 1024;

const TRAFFIC_PORT: &str = "traffic-port";

/// A target group's health check (ELBv2 API reference, CreateTargetGroup).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// Whether targets are checked at all.
    pub enabled: bool,
    /// Whether it is asked in clear text or over TLS.
    #[serde(default)]
    pub protocol: TargetProtocol,
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
    /// Which answers pass; default 200. For gRPC these are gRPC statuses; default 12.
    pub matcher: Matcher,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self {
            enabled: true,
            protocol: TargetProtocol::Http,
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

/// What makes a health check unusable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHealthCheck {
    /// A path that cannot stand in a request line.
    #[error(
        "health check path `{0}` must begin with `/` and have at most {MAXIMUM_PATH_LENGTH} visible ASCII characters"
    )]
    Path(String),
    /// Neither `traffic-port` nor a port.
    #[error("health check port `{0}` must be `traffic-port` or a number from 1 to 65535")]
    Port(String),
    /// An answer may take as long as the next check is away.
    #[error("the health check timeout ({timeout} s) must be less than the interval ({interval} s)")]
    TimeoutNotBelowInterval {
        /// Seconds.
        timeout: u32,
        /// Seconds.
        interval: u32,
    },
}

impl HealthCheck {
    /// What no single setting shows: that they fit together.
    pub fn check(&self) -> Result<(), InvalidHealthCheck> {
        let visible = self.path.bytes().all(|b| b.is_ascii_graphic());
        if !self.path.starts_with('/') || !visible || self.path.len() > MAXIMUM_PATH_LENGTH {
            return Err(InvalidHealthCheck::Path(self.path.chars().take(100).collect()));
        }
        let (timeout, interval) = (self.timeout_seconds, self.interval_seconds);
        if timeout >= interval {
            return Err(InvalidHealthCheck::TimeoutNotBelowInterval { timeout, interval });
        }
        Ok(())
    }
}

impl FromStr for HealthCheckPort {
    type Err = InvalidHealthCheck;
    fn from_str(text: &str) -> Result<Self, InvalidHealthCheck> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse::<u16>() {
            Ok(port) if digits && port > 0 => Ok(Self::Fixed(port)),
            Ok(_) | Err(_) if text == TRAFFIC_PORT => Ok(Self::Traffic),
            Ok(_) | Err(_) => Err(InvalidHealthCheck::Port(text.chars().take(100).collect())),
        }
    }
}

impl fmt::Display for HealthCheckPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Traffic => f.write_str(TRAFFIC_PORT),
            Self::Fixed(port) => fmt::Display::fmt(port, f),
        }
    }
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
    fn a_port_is_a_number_or_that_of_the_traffic() {
        for text in ["traffic-port", "1", "8080", "65535"] {
            assert_eq!(text.parse::<HealthCheckPort>().unwrap().to_string(), text);
        }
        for text in ["", "0", "65536", "-1", "+80", " 80", "1e3", "0x10", "٥", "Traffic-Port", "80,81"] {
            assert!(matches!(text.parse::<HealthCheckPort>(), Err(InvalidHealthCheck::Port(_))), "{text}");
        }
    }

    #[test]
    fn a_path_stands_in_a_request_line() {
        let with = |path: &str| HealthCheck { path: path.to_owned(), ..HealthCheck::default() }.check();
        for path in ["/", "/health?deep=1&x=%20", "//", &format!("/{}", "a".repeat(1023))] {
            assert_eq!(with(path), Ok(()), "{path}");
        }
        let long = format!("/{}", "a".repeat(1024));
        for path in ["", "health", "http://x/", "/a b", "/a\r\nHost: x", "/\t", "/\0", "/건강", "/\u{7f}", &long] {
            assert!(matches!(with(path), Err(InvalidHealthCheck::Path(_))), "{path:?}");
        }
    }

    #[test]
    fn an_answer_is_due_before_the_next_check() {
        let with = |timeout, interval| {
            HealthCheck { timeout_seconds: timeout, interval_seconds: interval, ..HealthCheck::default() }.check()
        };
        assert_eq!(with(5, 6), Ok(()));
        for (timeout, interval) in [(5, 5), (6, 5), (120, 30)] {
            assert_eq!(with(timeout, interval), Err(InvalidHealthCheck::TimeoutNotBelowInterval { timeout, interval }));
        }
    }

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
