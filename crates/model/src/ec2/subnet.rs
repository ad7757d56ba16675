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

/// The most subnets of one VPC (VPC quotas).
pub const MAXIMUM_SUBNETS_PER_VPC: usize = 200;

/// Why a block cannot be a subnet's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSubnetCidr {
    /// Not /16 to /28.
    #[error("a subnet has a block of /16 to /28, not {0}")]
    Size(Cidr),
    /// Outside the VPC.
    #[error("{cidr} does not lie within the VPC's block {vpc}")]
    OutsideVpc {
        /// What was asked for.
        cidr: Cidr,
        /// The VPC's block.
        vpc: Cidr,
    },
    /// Overlaps another subnet.
    #[error("{cidr} overlaps {other}, the block of {subnet}")]
    Overlaps {
        /// What was asked for.
        cidr: Cidr,
        /// The block that is taken.
        other: Cidr,
        /// By which subnet.
        subnet: SubnetId,
    },
}

/// Checks the block of a new subnet against its VPC and the subnets that the VPC has.
pub fn check_cidr<'a>(
    cidr: Cidr,
    vpc: Cidr,
    others: impl IntoIterator<Item = &'a Subnet>,
) -> Result<(), InvalidSubnetCidr> {
    if !(16..=28).contains(&cidr.prefix()) {
        return Err(InvalidSubnetCidr::Size(cidr));
    }
    if !vpc.covers(cidr) {
        return Err(InvalidSubnetCidr::OutsideVpc { cidr, vpc });
    }
    match others.into_iter().find(|other| other.cidr.overlaps(cidr)) {
        Some(other) => Err(InvalidSubnetCidr::Overlaps { cidr, other: other.cidr, subnet: other.id.clone() }),
        None => Ok(()),
    }
}

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

    /// Where its router answers: the second address of its block (EC2 user guide, subnet sizing).
    pub fn gateway(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.cidr.network()) | 1)
    }

    /// The free addresses, lowest first, given those in use.
    pub fn free_addresses<'a>(&self, used: &'a BTreeSet<Ipv4Addr>) -> impl Iterator<Item = Ipv4Addr> + use<'a> {
        let cidr = self.cidr;
        (4..cidr.size() - 1).filter_map(move |n| cidr.nth(n)).filter(|address| !used.contains(address))
    }

    /// How many addresses are free when `used` are in use.
    pub fn available(&self, used: usize) -> u64 {
        (self.cidr.size() - RESERVED_ADDRESSES).saturating_sub(used as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    fn subnet(block: &str) -> Subnet {
        Subnet {
            id: "subnet-00000001".parse().unwrap(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            cidr: cidr(block),
            zone: "ap-northeast-2a".into(),
            default_for_zone: false,
            map_public_ip_on_launch: false,
            created_at: Timestamp::default(),
            tags: Tags::default(),
        }
    }

    #[test]
    fn blocks_of_subnets_lie_in_their_vpc_and_do_not_overlap() {
        let (vpc, others) = (cidr("172.31.0.0/16"), [subnet("172.31.0.0/20")]);
        let check = |block: &str| check_cidr(cidr(block), vpc, &others);
        assert_eq!(check("172.31.112.0/20"), Ok(()));
        assert_eq!(check("172.31.16.0/28"), Ok(()));
        for size in ["172.31.0.0/15".replace("31", "30"), "172.31.16.0/29".into(), "0.0.0.0/0".into()] {
            assert_eq!(check(&size), Err(InvalidSubnetCidr::Size(cidr(&size))));
        }
        assert!(matches!(check("10.0.0.0/16"), Err(InvalidSubnetCidr::OutsideVpc { .. })));
        assert!(matches!(check("172.31.15.0/24"), Err(InvalidSubnetCidr::Overlaps { .. })));
        assert!(matches!(check("172.31.0.0/16"), Err(InvalidSubnetCidr::Overlaps { .. })));
    }

    #[test]
    fn the_first_four_addresses_and_the_last_are_never_given_out() {
        let subnet = subnet("10.0.0.0/28");
        let used = BTreeSet::from([Ipv4Addr::new(10, 0, 0, 5)]);
        let free: Vec<_> = subnet.free_addresses(&used).map(|address| address.octets()[3]).collect();
        assert_eq!(free, [4, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
        assert_eq!(subnet.available(used.len()), 10);
        for (last, usable) in [(3, false), (4, true), (14, true), (15, false), (16, false)] {
            assert_eq!(subnet.usable(Ipv4Addr::new(10, 0, 0, last)), usable, "{last}");
        }
    }
}
