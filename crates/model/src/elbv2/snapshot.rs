//! What the data plane runs: a complete, self-contained description. The node never sees a record.
//!
//! A snapshot is a value: the control plane makes it from records (the decider), the node applies it whole or refuses
//! it whole, and keeps the last good one on disk. Load balancers, listeners and target groups are named by ARN.

use super::{
    action::Action,
    admission::Admission,
    certificate::CertificatePlan,
    condition::Condition,
    front_place::FrontPlace,
    group_health::MinimumHealthy,
    health_check::HealthCheck,
    listener::MutualAuthentication,
    stickiness::{CookieKey, Stickiness},
    target::TargetKey,
    target_group::{LoadBalancingAlgorithm, ProtocolVersion, TargetProtocol},
    target_health::CheckedHealth,
    transform::Transform,
    trust_store::TrustStorePlan,
};
use crate::{Arn, Timestamp};
use serde::{Deserialize, Serialize};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

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
    /// The certificates that listeners use.
    pub certificates: Vec<CertificatePlan>,
    /// The trust stores that listeners use.
    pub trust_stores: Vec<TrustStorePlan>,
    /// What seals the cookies of stickiness; the first one for new cookies, all of them for those that come back.
    pub cookie_keys: Vec<CookieKey>,
    /// The directory whose directories stand for buckets; empty: there is none, and no logs are delivered.
    #[serde(default)]
    pub bucket_dir: PathBuf,
}

/// One listening socket. Several load balancers may share it; the host that the client names tells them apart: in the TLS
/// handshake, where there is one, and in the request. All listeners behind one front speak TLS, or none does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Front {
    /// Where it listens (the port offset is already applied).
    #[serde(rename = "address")]
    pub place: FrontPlace,
    /// The listeners behind it, at least one. With one, any host is accepted; with several, a host that none of them
    /// has gets a 404.
    pub listeners: Vec<FrontListener>,
}

/// One listener behind a front.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrontListener {
    /// The listener.
    pub listener: Arn,
    /// Host names in lower case, without a port. `*.example.com` stands for one more label.
    pub hosts: Vec<String>,
    /// The zones whose load balancer node this address is, at least one. Where there are several, clients are spread over
    /// them as DNS would spread them over addresses.
    pub zones: Vec<String>,
    /// Which clients it takes here; the others' connections are reset.
    #[serde(default)]
    pub admission: Admission,
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
    /// What becomes of requests that two servers may read in two ways.
    pub desync_mode: DesyncMode,
    /// Whether HTTP/2 is offered to clients, on listeners with TLS.
    pub http2: bool,
    /// Whether targets are told the version and the cipher of the client's TLS.
    pub tls_headers: bool,
    /// Where access logs go beside the node's own.
    pub access_logs: Option<LogBucket>,
    /// Where connection logs go.
    pub connection_logs: Option<LogBucket>,
    /// Where logs of health checks go.
    pub health_check_logs: Option<LogBucket>,
    /// Its listeners.
    pub listeners: Vec<ListenerPlan>,
}

/// `routing.http.desync_mitigation_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DesyncMode {
    /// All that can be understood at all is forwarded.
    Monitor,
    /// Severe requests are refused, ambiguous ones are forwarded and their connections closed.
    Defensive,
    /// Only compliant requests are forwarded.
    Strictest,
}

/// Where log files are delivered: a directory that stands for a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogBucket {
    /// The bucket's name: the directory of that name under the node's bucket directory.
    pub bucket: String,
    /// What the paths in it begin with; may be empty.
    pub prefix: String,
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
    /// How it speaks TLS; `None`: it does not.
    pub tls: Option<TlsPlan>,
    /// Whether answers made by the load balancer carry a `Server` header.
    pub server_header: bool,
    /// Header fields that answers get: name and value. One that the target sent under the same name is replaced.
    pub response_headers: Vec<(String, String)>,
    /// The names of header fields that tell targets about the client's TLS, where they differ from the usual ones.
    pub tls_header_names: TlsHeaderNames,
    /// Its rules, lowest priority first.
    pub rules: Vec<RulePlan>,
    /// What becomes of a request that meets no rule.
    pub default_action: Action,
}

/// How a listener speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsPlan {
    /// The name of its security policy ([`super::security_policy`]).
    pub policy: String,
    /// ARNs of its certificates, the default one first.
    pub certificates: Vec<Arn>,
    /// What is asked of clients.
    pub mutual: MutualAuthentication,
}

/// Names of header fields (listener attributes `routing.http.request.….header_name`); `None`: the usual one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsHeaderNames {
    /// `X-Amzn-Mtls-Clientcert`
    pub client_certificate: Option<String>,
    /// `X-Amzn-Mtls-Clientcert-Serial-Number`
    pub serial_number: Option<String>,
    /// `X-Amzn-Mtls-Clientcert-Issuer`
    pub issuer: Option<String>,
    /// `X-Amzn-Mtls-Clientcert-Subject`
    pub subject: Option<String>,
    /// `X-Amzn-Mtls-Clientcert-Validity`
    pub validity: Option<String>,
    /// `X-Amzn-Mtls-Clientcert-Leaf`
    pub leaf: Option<String>,
    /// `X-Amzn-Tls-Version`
    pub tls_version: Option<String>,
    /// `X-Amzn-Tls-Cipher-Suite`
    pub tls_cipher_suite: Option<String>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RulePlan {
    /// 1 to 50,000; unique in the listener.
    pub priority: u32,
    /// All of them must be met.
    pub conditions: Vec<Condition>,
    /// What becomes of the request.
    pub action: Action,
    /// What is changed before it goes to a target.
    pub transforms: Vec<Transform>,
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
    /// Whether targets are spoken to in clear text or over TLS.
    pub protocol: TargetProtocol,
    /// Which version of HTTP they get.
    pub protocol_version: ProtocolVersion,
    /// How a target is chosen.
    pub algorithm: LoadBalancingAlgorithm,
    /// For how many seconds a new target gets a growing share, 30 to 900; 0: it gets its whole share at once.
    pub slow_start_seconds: u32,
    /// How clients stay with a target, if they do.
    pub stickiness: Option<Stickiness>,
    /// Whether a zone's node sends to targets of all zones.
    pub cross_zone: bool,
    /// Below it a zone's address is not given out.
    pub dns_failover: MinimumHealthy,
    /// Below it all targets get requests, not only the healthy ones.
    pub routing_failover: MinimumHealthy,
    /// `goru.retry.enabled`: whether a safe request that met a dead connection is tried on another target.
    pub retry: bool,
    /// `goru.maintenance.…`: what clients get while no target is healthy, instead of failing open.
    pub maintenance: Option<MaintenancePage>,
    /// `goru.hold.timeout_seconds`: how long requests wait for a target while none is healthy; 0: they do not.
    pub hold_seconds: u32,
    /// Registered targets that have an address, draining ones included.
    pub targets: Vec<TargetPlan>,
}

/// The owner's page for times when nothing serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenancePage {
    /// At most 64 KiB.
    pub body: String,
    /// `Content-Type`.
    pub content_type: String,
    /// `Retry-After`, in seconds.
    pub retry_after_seconds: u32,
}

/// A target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetPlan {
    /// What the API calls it.
    pub key: TargetKey,
    /// Where it is reached.
    pub address: SocketAddr,
    /// From which of the load balancer's interfaces, where it is in a network of a VPC; none: from the host itself.
    #[serde(default)]
    pub interface: Option<NodeInterface>,
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

/// A network interface of a load balancer's node: connections to targets and health checks leave from it, so that security groups
/// and network ACLs see the load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeInterface {
    /// The file that stands for the network namespace that has it.
    pub namespace: String,
    /// Its address within the subnet.
    pub address: Ipv4Addr,
}

impl LoadBalancerPlan {
    /// A load balancer with AWS's defaults and without listeners.
    pub fn new(arn: Arn, dns_name: impl Into<String>) -> Self {
        Self {
            dimension: arn.resource().strip_prefix("loadbalancer/").unwrap_or(arn.resource()).to_owned(),
            arn,
            dns_name: dns_name.into(),
            idle_timeout_seconds: 60,
            client_keep_alive_seconds: 3600,
            drop_invalid_header_fields: false,
            preserve_host_header: false,
            xff_client_port: false,
            xff_mode: XffMode::Append,
            desync_mode: DesyncMode::Defensive,
            http2: true,
            tls_headers: false,
            access_logs: None,
            connection_logs: None,
            health_check_logs: None,
            listeners: Vec::new(),
        }
    }
}

impl ListenerPlan {
    /// A listener in clear text with AWS's defaults and without rules.
    pub fn new(arn: Arn, port: u16, default_action: Action) -> Self {
        Self {
            arn,
            port,
            tls: None,
            server_header: true,
            response_headers: Vec::new(),
            tls_header_names: TlsHeaderNames::default(),
            rules: Vec::new(),
            default_action,
        }
    }
}

impl TargetGroupPlan {
    /// Whether requests wait, or get the owner's page, while no target is healthy (`goru.hold.…`, `goru.maintenance.…`).
    pub fn bridges_outages(&self) -> bool {
        self.hold_seconds > 0 || self.maintenance.is_some()
    }

    /// A group with AWS's defaults (and Goru's retry) and without targets.
    pub fn new(arn: Arn, health_check: HealthCheck) -> Self {
        Self {
            dimension: arn.resource().to_owned(),
            arn,
            health_check,
            protocol: TargetProtocol::Http,
            protocol_version: ProtocolVersion::Http1,
            algorithm: LoadBalancingAlgorithm::RoundRobin,
            slow_start_seconds: 0,
            stickiness: None,
            cross_zone: true,
            dns_failover: MinimumHealthy::default(),
            routing_failover: MinimumHealthy::default(),
            retry: true,
            maintenance: None,
            hold_seconds: 0,
            targets: Vec::new(),
        }
    }
}
