//! Subnets: one zone's share of a VPC's addresses, and which address comes next.

use crate::{
    Tags, Timestamp,
    cidr::Cidr,
    id::{SubnetId, VpcId},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, net::Ipv4Addr};

/// How many addresses of a subnet are never given out: the first four and the last (EC2 user guide, subnet sizing).
pub const RESERVED_ADDRESSES: u64 = 5;

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// `subnet-…`
    pub id: SubnetId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// /16 to /28, within the VPC's block.
    pub cidr: Cidr,
    /// Zone name.
    pub zone: String,
    /// Whether it is its zone's default subnet.
    pub default_for_zone: bool,
    /// Whether instances get public addresses; false, true for default subnets.
    pub map_public_ip_on_launch: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

impl Subnet {
    /// Whether an interface may have this address.
    pub fn usable(&self, address: Ipv4Addr) -> bool {
        let offset = u64::from(u32::from(address).wrapping_sub(u32::from(self.cidr.network())));
        self.cidr.contains(address) && (4..self.cidr.size() - 1).contains(&offset)
    }

    /// The lowest free address, given those in use.
    pub fn free_address(&self, used: &BTreeSet<Ipv4Addr>) -> Option<Ipv4Addr> {
        (4..self.cidr.size() - 1).filter_map(|n| self.cidr.nth(n)).find(|address| !used.contains(address))
    }

    /// How many addresses are free when `used` are in use.
    pub fn available(&self, used: usize) -> u64 {
        (self.cidr.size() - RESERVED_ADDRESSES).saturating_sub(used as u64)
    }
}
