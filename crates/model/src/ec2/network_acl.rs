//! Network ACLs: stateless packet filters of subnets.

use super::security_group::{Direction, Traffic};
use crate::{
    Tags,
    cidr::Cidr,
    id::{NetworkAclAssociationId, NetworkAclId, SubnetId, VpcId},
};
use serde::{Deserialize, Serialize};

/// The most network ACLs of one VPC (VPC quotas).
pub const MAXIMUM_ACLS_PER_VPC: usize = 200;
/// The most entries in one direction (VPC quotas).
pub const MAXIMUM_ENTRIES: usize = 20;
/// The highest number that an entry may have. What no entry meets is denied by the one with the number 32767.
pub const MAXIMUM_ENTRY_NUMBER: u16 = 32_766;

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// `acl-…`
    pub id: NetworkAclId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// Whether it is the VPC's own, which subnets without another use.
    pub is_default: bool,
    /// Entries of both directions; numbers are unique in each.
    pub entries: Vec<NetworkAclEntry>,
    /// The subnets that use it expressly; a subnet in no list uses the VPC's own.
    pub associations: Vec<NetworkAclAssociation>,
    /// Tags.
    pub tags: Tags,
}

/// An entry: the first in the order of their numbers that meets a packet decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclEntry {
    /// 1 to [`MAXIMUM_ENTRY_NUMBER`].
    pub number: u16,
    /// Which way, as seen from the subnet.
    pub direction: Direction,
    /// What traffic.
    pub traffic: Traffic,
    /// Where from or where to.
    pub cidr: Cidr,
    /// Whether it may pass.
    pub allow: bool,
}

/// A subnet's use of an ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclAssociation {
    /// `aclassoc-…`
    pub id: NetworkAclAssociationId,
    /// The subnet.
    pub subnet_id: SubnetId,
}

impl NetworkAcl {
    /// The entries of one direction, in the order in which they decide.
    pub fn entries(&self, direction: Direction) -> Vec<&NetworkAclEntry> {
        let mut entries: Vec<_> = self.entries.iter().filter(|entry| entry.direction == direction).collect();
        entries.sort_by_key(|entry| entry.number);
        entries
    }

    /// The two entries that a default ACL has from the start: number 100 admits everything, both ways.
    pub fn default_entries() -> Vec<NetworkAclEntry> {
        let entry = |direction| NetworkAclEntry {
            number: 100,
            direction,
            traffic: Traffic::All,
            cidr: Cidr::containing(std::net::Ipv4Addr::UNSPECIFIED, 0),
            allow: true,
        };
        vec![entry(Direction::Ingress), entry(Direction::Egress)]
    }
}
