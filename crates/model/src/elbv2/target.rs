//! A registered target.

use crate::{Arn, Timestamp, id::InstanceId};
use serde::{Deserialize, Serialize};
use std::{fmt, net::Ipv4Addr};

/// A target's registration in one group. The same target may be registered on several ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The group.
    pub target_group_arn: Arn,
    /// Who and where.
    pub key: TargetKey,
    /// When it was registered (last).
    pub registered_at: Timestamp,
    /// Set by DeregisterTargets: since when it drains. It is removed when the deregistration delay is over.
    pub deregistered_at: Option<Timestamp>,
    /// What the node last found; absent until the first transition.
    pub health: Option<super::target_health::CheckedHealth>,
}

/// What tells targets of one group apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TargetKey {
    /// Who.
    pub id: TargetId,
    /// The port, 1 to 65535.
    pub port: u16,
}

/// Who a target is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetId {
    /// An instance of the group's VPC.
    Instance(InstanceId),
    /// An address.
    Ip(Ipv4Addr),
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(id) => fmt::Display::fmt(id, f),
            Self::Ip(address) => fmt::Display::fmt(address, f),
        }
    }
}

impl fmt::Debug for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for TargetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.id, self.port)
    }
}

impl fmt::Debug for TargetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
