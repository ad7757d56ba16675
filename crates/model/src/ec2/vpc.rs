//! Virtual private clouds, with the objects that every VPC has one of.

use crate::{
    Tags, Timestamp,
    cidr::Cidr,
    id::{DhcpOptionsId, NetworkAclId, VpcId},
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The most VPCs of one account and region. AWS begins with 5 and raises it on request; there is nobody to ask here.
pub const MAXIMUM_VPCS: usize = 100;

/// Why a block cannot be a VPC's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVpcCidr {
    /// Not /16 to /28.
    #[error("a VPC has a block of /16 to /28, not {0}")]
    Size(Cidr),
    /// Addresses that mean something else on every host.
    #[error("{cidr} overlaps {reserved}, which no network may use")]
    Reserved {
        /// What was asked for.
        cidr: Cidr,
        /// What it meets.
        reserved: Cidr,
    },
}

/// Checks the block of a new VPC. VPCs may overlap each other.
pub fn check_cidr(cidr: Cidr) -> Result<(), InvalidVpcCidr> {
    if !(16..=28).contains(&cidr.prefix()) {
        return Err(InvalidVpcCidr::Size(cidr));
    }
    match reserved_blocks().find(|reserved| reserved.overlaps(cidr)) {
        Some(reserved) => Err(InvalidVpcCidr::Reserved { cidr, reserved }),
        None => Ok(()),
    }
}

/// This network, loopback, link-local, multicast and what lies behind it (RFC 6890).
fn reserved_blocks() -> impl Iterator<Item = Cidr> {
    let blocks = [([0, 0, 0, 0], 8), ([127, 0, 0, 0], 8), ([169, 254, 0, 0], 16), ([224, 0, 0, 0], 3)];
    blocks.into_iter().map(|(octets, prefix)| Cidr::containing(octets.into(), prefix))
}

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// `vpc-…`
    pub id: VpcId,
    /// /16 to /28.
    pub cidr: Cidr,
    /// Whether it is the region's default VPC.
    pub is_default: bool,
    /// DHCP options.
    pub dhcp_options_id: DhcpOptionsId,
    /// The network ACL that admits everything.
    pub default_network_acl_id: NetworkAclId,
    /// Whether the resolver answers; default true.
    pub dns_support: bool,
    /// Whether instances get public names; default false, true for the default VPC.
    pub dns_hostnames: bool,
    /// `default` or `dedicated`.
    pub instance_tenancy: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

impl Vpc {
    /// Where its resolver answers: the third address of its block (VPC user guide, DNS).
    pub fn resolver(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.cidr.network()) | 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_vpcs_have_sixteen_to_twenty_eight_bits_and_are_not_reserved() {
        let check = |text: &str| check_cidr(text.parse().unwrap());
        for text in ["10.0.0.0/16", "172.31.0.0/28", "192.168.0.0/24", "100.64.0.0/16", "8.8.0.0/16"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/15", "10.0.0.0/29", "10.0.0.0/32"] {
            assert!(matches!(check(text), Err(InvalidVpcCidr::Size(_))), "{text}");
        }
        for text in ["127.64.0.0/16", "0.0.0.0/16", "169.254.169.0/24", "224.0.0.0/16", "255.255.0.0/16"] {
            assert!(matches!(check(text), Err(InvalidVpcCidr::Reserved { .. })), "{text}");
        }
    }
}
