//! How one target is checked: the target group's health check settings together with the target's own address.
//!
//! Made from a snapshot; a change of the snapshot makes new settings, which the target's task takes over.

use model::elbv2::{
    health_check::{HealthCheck, HealthCheckPort},
    snapshot::{NodeInterface, TargetGroupPlan, TargetPlan},
    target_group::{ProtocolVersion, TargetProtocol},
};
use std::{fmt::Write as _, net::SocketAddr, time::Duration};

/// The name that targets see, as with ELB: servers and dashboards filter by it.
const USER_AGENT: &str = "ELB-HealthChecker/2.0";

/// Far above what the API allows (300); keeps the arithmetic of a snapshot from elsewhere in range.
const MAXIMUM_INTERVAL_SECONDS: u32 = 86_400;

/// How one target is checked.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckSettings {
    /// Where.
    pub address: SocketAddr,
    /// From where, if not from the host itself.
    pub interface: Option<NodeInterface>,
    /// Thresholds, matcher, and whether it is over TLS.
    pub check: HealthCheck,
    /// Which version of HTTP it is asked in.
    pub version: ProtocolVersion,
    /// Between two checks; at least a second.
    pub interval: Duration,
    /// How long an answer may take; at most the interval.
    pub timeout: Duration,
    /// Whether the target is checked now: not while it drains, not while the group's checks are disabled.
    pub active: bool,
    /// Whether requests wait for its recovery, or get the owner's page until then, so that it is looked for more often
    /// (`goru.hold.timeout_seconds`, `goru.maintenance.enabled`).
    pub awaited: bool,
    /// Whether requests found nobody there, whatever the checks have found so far.
    pub missed: bool,
    /// The head of the request, as it is in HTTP/1.1.
    pub request: String,
}

impl CheckSettings {
    /// For a target that gets its traffic at `address`, in this version of HTTP.
    pub fn new(check: &HealthCheck, version: ProtocolVersion, address: SocketAddr, active: bool) -> Self {
        let port = match check.port {
            HealthCheckPort::Traffic => address.port(),
            HealthCheckPort::Fixed(port) => port,
        };
        let address = SocketAddr::new(address.ip(), port);
        let interval = Duration::from_secs(u64::from(check.interval_seconds.clamp(1, MAXIMUM_INTERVAL_SECONDS)));
        let timeout = Duration::from_secs(u64::from(check.timeout_seconds.max(1))).min(interval);
        Self {
            address,
            interface: None,
            check: check.clone(),
            version,
            interval,
            timeout,
            active,
            awaited: false,
            missed: false,
            request: request(version, &check.path, address),
        }
    }

    /// For a target of a snapshot.
    pub fn of(group: &TargetGroupPlan, target: &TargetPlan) -> Self {
        let active = group.health_check.enabled && target.drained_at.is_none();
        let settings = Self::new(&group.health_check, group.protocol_version, target.address, active);
        Self { awaited: group.bridges_outages(), interface: target.interface.clone(), ..settings }
    }

    /// Whether it is asked over TLS.
    pub fn is_secure(&self) -> bool {
        match self.check.protocol {
            TargetProtocol::Http => false,
            TargetProtocol::Https => true,
        }
    }
}

/// Over HTTP/2 the fields of HTTP/1.1 connections are left out on the way.
fn request(version: ProtocolVersion, path: &str, address: SocketAddr) -> String {
    let path = request_target(path);
    match version {
        ProtocolVersion::Http1 | ProtocolVersion::Http2 => format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nUser-Agent: {USER_AGENT}\r\n\
             Accept-Encoding: gzip, compressed\r\n\r\n"
        ),
        ProtocolVersion::Grpc => format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: {USER_AGENT}\r\nTE: trailers\r\n\
             Content-Type: application/grpc\r\n\r\n"
        ),
    }
}

/// The path as it may stand in a request line. The API refuses control characters; a snapshot from elsewhere must not be
/// able to write header lines into a check either, so whatever is not visible ASCII is escaped.
fn request_target(path: &str) -> String {
    let mut target = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') {
        target.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii_graphic() {
            target.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(target, "%{byte:02X}");
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn the_request_is_the_one_that_elb_sends() {
        let check = HealthCheck { path: "/health?full=1".to_owned(), ..HealthCheck::default() };
        let address = SocketAddr::from((Ipv4Addr::new(127, 64, 0, 9), 3000));
        let settings = CheckSettings::new(&check, ProtocolVersion::Http1, address, true);
        assert_eq!(
            settings.request,
            "GET /health?full=1 HTTP/1.1\r\nHost: 127.64.0.9:3000\r\nConnection: close\r\n\
             User-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n"
        );
    }

    #[test]
    fn over_grpc_a_method_is_called() {
        let check = HealthCheck::usual(ProtocolVersion::Grpc);
        let address = SocketAddr::from((Ipv4Addr::new(10, 0, 0, 9), 50051));
        let settings = CheckSettings::new(&check, ProtocolVersion::Grpc, address, true);
        assert_eq!(
            settings.request,
            "POST /AWS.ALB/healthcheck HTTP/1.1\r\nHost: 10.0.0.9:50051\r\nUser-Agent: ELB-HealthChecker/2.0\r\n\
             TE: trailers\r\nContent-Type: application/grpc\r\n\r\n"
        );
    }

    #[test]
    fn a_fixed_health_check_port_is_asked_instead_of_the_traffic_port() {
        let check = HealthCheck { port: HealthCheckPort::Fixed(9000), ..HealthCheck::default() };
        let settings =
            CheckSettings::new(&check, ProtocolVersion::Http2, SocketAddr::from((Ipv6Addr::LOCALHOST, 80)), true);
        assert_eq!(settings.address, SocketAddr::from((Ipv6Addr::LOCALHOST, 9000)));
        assert!(settings.request.contains("Host: [::1]:9000\r\n"), "{}", settings.request);
    }

    #[test]
    fn a_path_cannot_write_header_lines() {
        let table = [
            ("/a b", "/a%20b"),
            ("/x\r\nX-Evil: 1", "/x%0D%0AX-Evil:%201"),
            ("no-slash", "/no-slash"),
            ("/é", "/%C3%A9"),
            ("", "/"),
        ];
        for (path, target) in table {
            assert_eq!(request_target(path), target, "{path:?}");
        }
    }
}
