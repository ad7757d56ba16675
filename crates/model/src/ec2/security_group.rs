//! Security groups: stateful packet filters of network interfaces.

use crate::{
    Tags, Timestamp,
    cidr::Cidr,
    id::{SecurityGroupId, SecurityGroupRuleId, VpcId},
};
use serde::{Deserialize, Serialize};

/// The most rules in one direction.
pub const MAXIMUM_RULES: usize = 60;
/// The most groups of one network interface.
pub const MAXIMUM_GROUPS_PER_INTERFACE: usize = 5;
/// The longest name or description, in characters.
pub const MAXIMUM_TEXT_LENGTH: usize = 255;

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: SecurityGroupId,
    /// Unique within the VPC; `default` is the VPC's own.
    pub name: String,
    /// ASCII only.
    pub description: String,
    /// The VPC.
    pub vpc_id: VpcId,
    /// Rules of both directions, in the order in which they were made.
    pub rules: Vec<SecurityGroupRule>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

/// One rule: one direction, one protocol and port range, one peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// `sgr-…`
    pub id: SecurityGroupRuleId,
    /// Which way.
    pub direction: Direction,
    /// What traffic.
    pub traffic: Traffic,
    /// From or to whom.
    pub peer: Peer,
    /// ASCII only.
    pub description: Option<String>,
    /// Tags.
    pub tags: Tags,
}

/// The way of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// To the interface.
    Ingress,
    /// From the interface.
    Egress,
}

/// What a rule speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Traffic {
    /// Everything (`-1`).
    All,
    /// TCP ports, inclusive.
    Tcp(u16, u16),
    /// UDP ports, inclusive.
    Udp(u16, u16),
    /// ICMP type and code; -1 means every one.
    Icmp(i16, i16),
    /// ICMPv6 type and code; -1 means every one.
    Icmpv6(i16, i16),
    /// Another IP protocol, by number.
    Protocol(u8),
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// IPv4 addresses.
    Ipv4(Cidr),
    /// IPv6 addresses, kept in canonical text.
    Ipv6(String),
    /// Interfaces of a group.
    Group(SecurityGroupId),
}
