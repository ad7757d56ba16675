//! A target group: where requests go, and how its targets are checked.

use super::{attribute::Attributes, health_check::HealthCheck};
use crate::{Arn, Tags, Timestamp, id::VpcId};
use serde::{Deserialize, Serialize};

/// The most target groups of one region and account.
pub const MAXIMUM_TARGET_GROUPS: usize = 3000;
/// The most targets of one group.
pub const MAXIMUM_TARGETS: usize = 1000;

/// A target group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// `…:targetgroup/<name>/<16 hex digits>`
    pub arn: Arn,
    /// Unique in the region and account.
    pub name: String,
    /// What targets speak.
    pub protocol: TargetProtocol,
    /// Which version of HTTP requests are sent in.
    #[serde(default)]
    pub protocol_version: ProtocolVersion,
    /// Where targets listen unless registered with another port; 1 to 65535.
    pub port: u16,
    /// The VPC of the targets.
    pub vpc_id: VpcId,
    /// How targets are named.
    pub target_type: TargetType,
    /// How they are checked.
    pub health_check: HealthCheck,
    /// What differs from the defaults of [`super::attribute::TARGET_GROUP`].
    pub attributes: Attributes,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

/// What targets speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TargetProtocol {
    /// HTTP in clear text.
    #[default]
    Http,
    /// HTTP over TLS. Certificates of targets are not verified, as on AWS.
    Https,
}

/// Which version of HTTP requests are sent to targets in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ProtocolVersion {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2.
    Http2,
    /// gRPC over HTTP/2.
    Grpc,
}

/// What a client speaks, as far as it matters to which target groups it may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// HTTP/1.0 or HTTP/1.1, whatever the content is.
    Http1,
    /// HTTP/2.
    Http2,
    /// gRPC, over HTTP/2.
    Grpc,
}

impl ProtocolVersion {
    /// Whether targets of this version serve such a request; if not, its client gets a 464 (ELB user guide, "Protocol
    /// version").
    pub fn serves(self, call: Call, method: &str) -> bool {
        match (self, call) {
            (Self::Http1, Call::Http1 | Call::Http2) | (Self::Http2, Call::Http2 | Call::Grpc) => true,
            (Self::Http1, Call::Grpc) | (Self::Http2 | Self::Grpc, Call::Http1) => false,
            (Self::Grpc, Call::Http2) => method == "POST",
            (Self::Grpc, Call::Grpc) => true,
        }
    }
}

/// How a target is chosen (`load_balancing.algorithm.type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadBalancingAlgorithm {
    /// In turn.
    #[default]
    RoundRobin,
    /// The one with the fewest requests in flight.
    LeastOutstandingRequests,
    /// Evenly in random order; those that fail more than their peers get less, when mitigation is on.
    WeightedRandom {
        /// `load_balancing.algorithm.anomaly_mitigation`.
        anomaly_mitigation: bool,
    },
}

/// How targets are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetType {
    /// By instance id.
    Instance,
    /// By private IPv4 address.
    Ip,
}

impl ProtocolVersion {
    /// AWS's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http1 => "HTTP1",
            Self::Http2 => "HTTP2",
            Self::Grpc => "GRPC",
        }
    }
}

impl TargetGroup {
    /// The metric dimension: `targetgroup/<name>/<id>`.
    pub fn dimension(&self) -> &str {
        self.arn.resource()
    }
}
