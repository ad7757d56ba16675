//! Where a load balancer's logs go, and what their files are called: pure.
//!
//! Source: ELB user guide, "Access log files", "Connection log files" and "Health check log files". The date in the path is
//! that of the interval's end, so that a file's place follows from its name.

use model::{
    Arn,
    elbv2::snapshot::{LoadBalancerPlan, LogBucket},
};
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A file has the lines of so many seconds, aligned to the clock.
pub const INTERVAL_SECONDS: i64 = 300;
/// A file is finished so long after its interval, in seconds: until then lines of it may still be on their way.
const LATE_SECONDS: i64 = 2;

/// Which of the logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogKind {
    /// Requests.
    Access,
    /// Connections of clients.
    Connection,
    /// Checks of targets.
    HealthCheck,
}

impl LogKind {
    /// What names of its files begin with.
    const fn beginning(self) -> &'static str {
        match self {
            Self::Access => "",
            Self::Connection => "conn_log_",
            Self::HealthCheck => "health_check_log_",
        }
    }
}

/// Where one of a load balancer's logs goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogPlace {
    /// Which log.
    pub kind: LogKind,
    /// The directory that stands for the bucket.
    pub bucket: PathBuf,
    /// The folder of all days in it.
    folder: PathBuf,
    /// What all its files' names begin with.
    stem: String,
}

/// Why there is no such place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be part of the path of a log file")]
pub struct BadPlace(String);

impl LogPlace {
    /// The place that attributes of a load balancer name; `buckets` is the directory of all buckets.
    ///
    /// # Errors
    /// A part that would lead out of the bucket.
    pub fn new(kind: LogKind, buckets: &Path, bucket: &LogBucket, load_balancer: &Arn) -> Result<Self, BadPlace> {
        let (region, account, resource) = (load_balancer.region(), load_balancer.account(), load_balancer.resource());
        let id = resource.strip_prefix("loadbalancer/").unwrap_or(resource).replace('/', ".");
        let mut folder = PathBuf::new();
        for part in bucket.prefix.split('/').filter(|part| !part.is_empty()) {
            folder.push(checked(part)?);
        }
        folder.extend(["AWSLogs", checked(account)?, "elasticloadbalancing", checked(region)?]);
        let stem = format!("{}{account}_elasticloadbalancing_{region}_{}", kind.beginning(), checked(&id)?);
        Ok(Self { kind, bucket: buckets.join(checked(&bucket.bucket)?), folder, stem })
    }

    /// The path of a file in the bucket. `random` tells files of one interval apart.
    pub fn file(&self, interval: Interval, node: IpAddr, random: &str) -> PathBuf {
        let (day, end) = interval.texts();
        // Colons would make many tools take the name for a host's.
        let node = node.to_string().replace(':', "-");
        self.folder.join(day).join(format!("{}_{end}_{node}_{random}.log.gz", self.stem))
    }
}

/// A part of a path that is one, and leads nowhere else.
fn checked(part: &str) -> Result<&str, BadPlace> {
    let bad = part.is_empty() || part.starts_with('.') || part.contains(['/', '\0']) || part.len() > 255;
    if bad { Err(BadPlace(part.chars().take(80).collect())) } else { Ok(part) }
}

/// Where all logs of a load balancer go.
#[derive(Clone, Debug, Default)]
pub struct LogPlaces {
    /// Requests.
    pub access: Option<Arc<LogPlace>>,
    /// Connections of clients.
    pub connections: Option<Arc<LogPlace>>,
    /// Checks of targets.
    pub health_checks: Option<Arc<LogPlace>>,
}

impl LogPlaces {
    /// What a load balancer's attributes ask for; `buckets` is the directory of all buckets, empty where there is none. A
    /// place that cannot be is said and left out: it hurts nothing else.
    pub fn of(plan: &LoadBalancerPlan, buckets: &Path) -> Self {
        let place = |kind, bucket: &Option<LogBucket>| {
            let bucket = bucket.as_ref().filter(|_| !buckets.as_os_str().is_empty())?;
            match LogPlace::new(kind, buckets, bucket, &plan.arn) {
                Ok(place) => Some(Arc::new(place)),
                Err(error) => {
                    tracing::warn!(load_balancer = %plan.arn, %error, "logs are not delivered");
                    None
                }
            }
        };
        Self {
            access: place(LogKind::Access, &plan.access_logs),
            connections: place(LogKind::Connection, &plan.connection_logs),
            health_checks: place(LogKind::HealthCheck, &plan.health_check_logs),
        }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<LogPlace>> {
        [&self.access, &self.connections, &self.health_checks].into_iter().flatten()
    }
}

/// Five minutes of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Interval {
    /// Seconds since 1970.
    end: i64,
}

impl Interval {
    /// The one that a moment is in, given in microseconds since 1970.
    pub const fn of(micros: i64) -> Self {
        let seconds = micros.div_euclid(1_000_000);
        Self { end: (seconds.div_euclid(INTERVAL_SECONDS) + 1) * INTERVAL_SECONDS }
    }

    /// Whether its file is to be finished, in microseconds since 1970.
    pub const fn is_due(self, micros: i64) -> bool {
        micros >= (self.end + LATE_SECONDS) * 1_000_000
    }

    /// `2026/11/20` and `20261120T1205Z`.
    fn texts(self) -> (String, String) {
        let end = jiff::Timestamp::from_second(self.end).unwrap_or_default();
        (end.strftime("%Y/%m/%d").to_string(), end.strftime("%Y%m%dT%H%MZ").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balancer() -> Arn {
        Arn::new(
            "elasticloadbalancing",
            "us-east-2",
            "123456789012",
            "loadbalancer/app/my-loadbalancer/1234567890abcdef",
        )
    }

    fn bucket(name: &str, prefix: &str) -> LogBucket {
        LogBucket { bucket: name.to_owned(), prefix: prefix.to_owned() }
    }

    fn micros(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn files_are_named_as_aws_names_them() {
        let interval = Interval::of(micros("2022-02-15T23:35:00Z"));
        let table = [
            (LogKind::Access, "logging-prefix", "", "192.0.2.1"),
            (LogKind::Connection, "", "conn_log_", "192.0.2.1"),
            (LogKind::HealthCheck, "/a//b/", "health_check_log_", "2001:db8::1"),
        ];
        for (kind, prefix, beginning, node) in table {
            let place = LogPlace::new(kind, Path::new("/buckets"), &bucket("my-bucket", prefix), &balancer()).unwrap();
            assert_eq!(place.bucket, Path::new("/buckets/my-bucket"));
            let folder =
                prefix.split('/').filter(|part| !part.is_empty()).fold(String::new(), |all, part| all + part + "/");
            assert_eq!(
                place.file(interval, node.parse().unwrap(), "20sg8hgm"),
                PathBuf::from(format!(
                    "{folder}AWSLogs/123456789012/elasticloadbalancing/us-east-2/2022/02/15/{beginning}123456789012_elastic\
                     loadbalancing_us-east-2_app.my-loadbalancer.1234567890abcdef_20220215T2340Z_{}_20sg8hgm.log.gz",
                    node.replace(':', "-")
                ))
            );
        }
    }

    #[test]
    fn nothing_leads_out_of_the_bucket() {
        let place = |bucket: &LogBucket, arn: &Arn| LogPlace::new(LogKind::Access, Path::new("/b"), bucket, arn);
        for (name, prefix) in [
            ("", ""),
            ("..", ""),
            (".hidden", ""),
            ("a/b", ""),
            ("a", ".."),
            ("a", "x/../../y"),
            ("a\0", ""),
            ("a", "./x"),
        ] {
            assert!(place(&bucket(name, prefix), &balancer()).is_err(), "{name:?} {prefix:?}");
        }
        for bad in [
            Arn::new("elasticloadbalancing", "../x", balancer().account(), balancer().resource()),
            Arn::new("elasticloadbalancing", balancer().region(), "", balancer().resource()),
            balancer().with_resource("loadbalancer/../../x"),
        ] {
            assert!(place(&bucket("a", ""), &bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn intervals_are_aligned_to_the_clock_and_end_a_moment_late() {
        for (moment, end) in [
            ("2026-11-20T12:00:00Z", "20261120T1205Z"),
            ("2026-11-20T12:04:59.999999Z", "20261120T1205Z"),
            ("2026-11-20T12:05:00Z", "20261120T1210Z"),
            ("2026-12-31T23:57:00Z", "20270101T0000Z"),
            ("1969-12-31T23:59:59Z", "19700101T0000Z"),
        ] {
            assert_eq!(Interval::of(micros(moment)).texts().1, end, "{moment}");
        }
        assert_eq!(Interval::of(micros("2026-12-31T23:57:00Z")).texts().0, "2027/01/01");
        let interval = Interval::of(micros("2026-11-20T12:03:00Z"));
        assert!(!interval.is_due(micros("2026-11-20T12:05:01.999999Z")));
        assert!(interval.is_due(micros("2026-11-20T12:05:02Z")));
    }
}
