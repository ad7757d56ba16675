//! What the data plane runs: a complete, self-contained description. The node never sees a record.
//!
//! A snapshot is a value: the control plane makes it from records (the decider), the node applies it whole or refuses
//! it whole, and keeps the last good one on disk. Load balancers, listeners and target groups are named by ARN.

use super::{health_check::HealthCheck, target::TargetKey, target_health::CheckedHealth};
use crate::{Arn, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Everything that a node serves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancingSnapshot {
    /// The store's revision that it was made from. A node refuses one that is older than what it runs.
    pub generation: u64,
    /// The sockets.
    pub fronts: Vec<Front>,
    /// The load balancers.
    pub load_balancers: Vec<LoadBalancerPlan>,
    /// The target groups that listeners use.
    pub target_groups: Vec<TargetGroupPlan>,
}

/// One listening socket. Several load balancers may share it; the Host header tells them apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Front {
    /// Where it listens (the port offset is already applied).
    pub address: SocketAddr,
    /// The listeners behind it, at least one. With one, any host is accepted; with several, a host that none of them
    /// has gets a 404.
    pub listeners: Vec<FrontListener>,
}

/// One listener behind a front.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrontListener {
    /// The listener.
    pub listener: Arn,
    /// Host names in lower case, without a port.
    pub hosts: Vec<String>,
}

/// A load balancer and its listeners.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancerPlan {
    /// Its ARN.
    pub arn: Arn,
    /// `app/<name>/<id>`, for metrics and logs.
    pub dimension: String,
    /// Its DNS name: the Host of HTTP/1.0 requests that have none.
    pub dns_name: String,
    /// Seconds without a byte after which a connection is closed, 1 to 4000.
    pub idle_timeout_seconds: u32,
    /// Seconds after which a client connection is closed at the end of a request, 60 to 604800.
    pub client_keep_alive_seconds: u32,
    /// Whether header fields with invalid names are dropped rather than forwarded.
    pub drop_invalid_header_fields: bool,
    /// Whether the Host header is forwarded untouched.
    pub preserve_host_header: bool,
    /// Whether X-Forwarded-For gets the client's port too.
    pub xff_client_port: bool,
    /// What is done with X-Forwarded-For.
    pub xff_mode: XffMode,
    /// Its listeners.
    pub listeners: Vec<ListenerPlan>,
}

/// `routing.http.xff_header_processing.mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum XffMode {
    /// The client's address is added.
    Append,
    /// The header is left as it is.
    Preserve,
    /// The header is removed.
    Remove,
}

/// A listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListenerPlan {
    /// Its ARN.
    pub arn: Arn,
    /// The port in the API: X-Forwarded-Port, and whether Host keeps a port.
    pub port: u16,
    /// Whether answers made by the load balancer carry a `Server` header.
    pub server_header: bool,
    /// What becomes of a request.
    pub default_action: ActionPlan,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionPlan {
    /// It goes to a target of this group.
    Forward(Arn),
}

/// A target group with its targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetGroupPlan {
    /// Its ARN.
    pub arn: Arn,
    /// `targetgroup/<name>/<id>`, for metrics and logs.
    pub dimension: String,
    /// How its targets are checked.
    pub health_check: HealthCheck,
    /// `goru.retry.enabled`: whether a safe request that met a dead connection is tried once on another target.
    pub retry: bool,
    /// Registered targets that have an address, draining ones included.
    pub targets: Vec<TargetPlan>,
}

/// A target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetPlan {
    /// What the API calls it.
    pub key: TargetKey,
    /// Where it is reached.
    pub address: SocketAddr,
    /// Its zone.
    pub zone: String,
    /// When it was registered or, if later, when its instance came up ([`super::plan::registration_of`]): with another
    /// time it begins as `initial` again.
    pub registered_at: Timestamp,
    /// While deregistering: it gets no new requests, and those that still run are cut at this time.
    pub drained_at: Option<Timestamp>,
    /// What a node found before; taken over by a node that does not know the target yet.
    pub health: Option<CheckedHealth>,
}
