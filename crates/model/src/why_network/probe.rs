//! Trying a way: what is to be tried, and what may come of it.

use serde::Serialize;
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

/// The most that one question tries.
pub const MAXIMUM_PROBES: usize = 64;
/// How long an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// A TCP connection that is to be opened, and closed at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probe {
    /// From where.
    pub from: Vantage,
    /// To where.
    pub to: SocketAddr,
}

/// Where a probe comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vantage {
    /// The host's own network.
    Host,
    /// An address of a load balancer, in the network namespace of that name.
    Interface {
        /// The name of the namespace.
        namespace: String,
        /// The address that the connection begins at.
        address: Ipv4Addr,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "why", rename_all = "kebab-case")]
pub enum Outcome {
    /// Somebody took the connection.
    Connected,
    /// It arrived at a host where nobody listens on the port.
    Refused,
    /// Nobody answered within [`PATIENCE`].
    TimedOut,
    /// The host or a router says that it cannot be reached.
    Unreachable(String),
    /// It could not be tried: the network is not on this host.
    NoNetwork(String),
}
