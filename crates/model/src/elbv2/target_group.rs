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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TargetProtocol {
    /// HTTP/1.1 in clear text.
    Http,
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

impl TargetGroup {
    /// The metric dimension: `targetgroup/<name>/<id>`.
    pub fn dimension(&self) -> &str {
        &self.arn.resource
    }
}
