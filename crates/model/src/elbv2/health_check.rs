//! How targets are checked.

use super::target_group::{ProtocolVersion, TargetProtocol};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest path, in characters.
pub const MAXIMUM_PATH_LENGTH: usize = 1024;

const TRAFFIC_PORT: &str = "traffic-port";
/// The method that is called to check targets over gRPC; nobody has it, so that a target that speaks gRPC answers 12.
const GRPC_PATH: &str = "/AWS.ALB/healthcheck";
/// The gRPC status "unimplemented".
const UNIMPLEMENTED: u16 = 12;

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

impl HealthCheck {
    /// The defaults of a group of this version of HTTP.
    pub fn usual(version: ProtocolVersion) -> Self {
        match version {
            ProtocolVersion::Http1 | ProtocolVersion::Http2 => Self::default(),
            ProtocolVersion::Grpc => Self {
                path: GRPC_PATH.to_owned(),
                matcher: Matcher(vec![(UNIMPLEMENTED, UNIMPLEMENTED)]),
                ..Self::default()
            },
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
    /// A path that names no method.
    #[error("health check path `{0}` of a gRPC target group must be /package.service/method")]
    Method(String),
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
    pub fn check(&self, version: ProtocolVersion) -> Result<(), InvalidHealthCheck> {
        let visible = self.path.bytes().all(|b| b.is_ascii_graphic());
        if !self.path.starts_with('/') || !visible || self.path.len() > MAXIMUM_PATH_LENGTH {
            return Err(InvalidHealthCheck::Path(self.path.chars().take(100).collect()));
        }
        if version == ProtocolVersion::Grpc && !is_method(&self.path) {
            return Err(InvalidHealthCheck::Method(self.path.chars().take(100).collect()));
        }
        let (timeout, interval) = (self.timeout_seconds, self.interval_seconds);
        if timeout >= interval {
            return Err(InvalidHealthCheck::TimeoutNotBelowInterval { timeout, interval });
        }
        Ok(())
    }
}

/// Whether a path is that of a gRPC method: `/package.service/method`.
fn is_method(path: &str) -> bool {
    let name = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts.as_slice(), ["", service, method] if service.split('.').all(name) && name(method))
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
pub enum InvalidMatcher {
    /// Of HTTP.
    #[error("health check matcher `{0}` must be codes and ranges between 200 and 499, such as 200,202 or 200-299")]
    Http(String),
    /// Of gRPC.
    #[error("health check matcher `{0}` must be gRPC codes and ranges between 0 and 99, such as 0,12 or 0-5")]
    Grpc(String),
}

impl Matcher {
    /// Whether an answer with this status passes.
    pub fn passes(&self, status: u16) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }
}

impl Matcher {
    /// Codes of HTTP: 200 to 499.
    ///
    /// # Errors
    /// [`InvalidMatcher::Http`].
    pub fn http(text: &str) -> Result<Self, InvalidMatcher> {
        let code = |t: &str| t.parse().ok().filter(|code| t.len() == 3 && (200..=499).contains(code));
        Self::parse(text, code).ok_or_else(|| InvalidMatcher::Http(text.chars().take(200).collect()))
    }

    /// Codes of gRPC: 0 to 99.
    ///
    /// # Errors
    /// [`InvalidMatcher::Grpc`].
    pub fn grpc(text: &str) -> Result<Self, InvalidMatcher> {
        let code = |t: &str| t.parse().ok().filter(|code| t.len() <= 2 && (0..=99).contains(code));
        Self::parse(text, code).ok_or_else(|| InvalidMatcher::Grpc(text.chars().take(200).collect()))
    }

    fn parse(text: &str, code: impl Fn(&str) -> Option<u16>) -> Option<Self> {
        let plain = |t: &str| if t.bytes().all(|b| b.is_ascii_digit()) { code(t) } else { None };
        let range = |t: &str| -> Option<(u16, u16)> {
            let (from, to) = t.split_once('-').unwrap_or((t, t));
            Some((plain(from)?, plain(to)?)).filter(|(from, to)| from <= to)
        };
        text.split(',').map(range).collect::<Option<Vec<_>>>().map(Self)
    }
}

impl FromStr for Matcher {
    type Err = InvalidMatcher;
    /// Codes of HTTP.
    fn from_str(text: &str) -> Result<Self, InvalidMatcher> {
        Self::http(text)
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
        let with =
            |path: &str| HealthCheck { path: path.to_owned(), ..HealthCheck::default() }.check(ProtocolVersion::Http1);
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
            let check = HealthCheck { timeout_seconds: timeout, interval_seconds: interval, ..HealthCheck::default() };
            check.check(ProtocolVersion::Http1)
        };
        assert_eq!(with(5, 6), Ok(()));
        for (timeout, interval) in [(5, 5), (6, 5), (120, 30)] {
            assert_eq!(with(timeout, interval), Err(InvalidHealthCheck::TimeoutNotBelowInterval { timeout, interval }));
        }
    }

    #[test]
    fn a_matcher_reads_lists_and_ranges_and_prints_them_again() {
        for text in ["200", "200,202", "200-299", "200-299,301,400-499"] {
            assert_eq!(Matcher::http(text).unwrap().to_string(), text);
        }
        let matcher = Matcher::http("200,300-302").unwrap();
        assert_eq!([199, 200, 201, 300, 302, 303].map(|c| matcher.passes(c)), [false, true, false, true, true, false]);
    }

    #[test]
    fn a_matcher_refuses_what_is_not_a_code() {
        for text in ["", "abc", "199", "500", "200-", "299-200", "200,,201", "200, 201", "٢٠٠", "+200"] {
            assert!(Matcher::http(text).is_err(), "{text}");
        }
    }

    #[test]
    fn over_grpc_a_method_is_called_and_its_status_counts() {
        let usual = HealthCheck::usual(ProtocolVersion::Grpc);
        assert_eq!((usual.path.as_str(), usual.matcher.to_string()), ("/AWS.ALB/healthcheck", "12".to_owned()));
        assert_eq!(usual.check(ProtocolVersion::Grpc), Ok(()));
        for text in ["0", "12", "0,12", "0-5", "0-99", "1-2,7,90-99"] {
            assert_eq!(Matcher::grpc(text).unwrap().to_string(), text);
        }
        for text in ["", "100", "-1", "5-1", "a", "0,", "012", "٥", " 1"] {
            assert!(Matcher::grpc(text).is_err(), "{text}");
        }
        let with = |path: &str| HealthCheck { path: path.to_owned(), ..usual.clone() }.check(ProtocolVersion::Grpc);
        for path in ["/grpc.health.v1.Health/Check", "/Service/Method_1"] {
            assert_eq!(with(path), Ok(()), "{path}");
        }
        for path in ["/", "/health", "/a/b/c", "/a..b/c", "/a/", "//b", "/a-b/c", "/a/b?c"] {
            assert!(matches!(with(path), Err(InvalidHealthCheck::Method(_))), "{path}");
        }
    }
}
