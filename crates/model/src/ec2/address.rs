//! Elastic IPs: public addresses that an account keeps, and which address of the pool comes next.

use crate::{
    Tags, Timestamp,
    cidr::Cidr,
    id::{AddressAllocationId, AddressAssociationId, NetworkInterfaceId},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, net::Ipv4Addr};

/// The most Elastic IPs of one account and region. AWS begins with 5 and raises it on request; there is nobody to ask here.
pub const MAXIMUM_ADDRESSES: usize = 100;

/// An Elastic IP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// `eipalloc-…`
    pub id: AddressAllocationId,
    /// From the configured `public_pool`; unique on the host.
    pub public_address: Ipv4Addr,
    /// Whose packets leave by it.
    pub association: Option<AddressAssociation>,
    /// When it was allocated.
    pub allocated_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

/// What an Elastic IP stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressAssociation {
    /// `eipassoc-…`
    pub id: AddressAssociationId,
    /// The interface: an instance's, a NAT gateway's or one of its own.
    pub network_interface_id: NetworkInterfaceId,
    /// Its address within the subnet.
    pub private_address: Ipv4Addr,
}

impl Address {
    /// Whether it stands for this interface.
    pub fn is_of(&self, interface: &NetworkInterfaceId) -> bool {
        self.association.as_ref().is_some_and(|association| association.network_interface_id == *interface)
    }
}

/// Whether an Elastic IP can be this address of the pool: its first and its last are never given.
pub fn is_in_pool(pool: Cidr, address: Ipv4Addr) -> bool {
    pool.contains(address) && address != pool.network() && address != pool.last()
}

/// The lowest address of the pool that is not taken; `None` when it is exhausted.
pub fn lowest_free(pool: Cidr, taken: &BTreeSet<Ipv4Addr>) -> Option<Ipv4Addr> {
    (1..pool.size().saturating_sub(1)).filter_map(|n| pool.nth(n)).find(|address| !taken.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_address_comes_next_and_the_ends_of_the_pool_never() {
        let table: &[(&str, &[&str], Option<&str>)] = &[
            ("127.80.0.0/16", &[], Some("127.80.0.1")),
            ("127.80.0.0/16", &["127.80.0.1", "127.80.0.3"], Some("127.80.0.2")),
            ("127.80.0.0/16", &["127.80.0.2", "10.0.0.1"], Some("127.80.0.1")),
            ("192.0.2.8/30", &["192.0.2.9"], Some("192.0.2.10")),
            ("192.0.2.8/30", &["192.0.2.9", "192.0.2.10"], None),
            ("192.0.2.8/31", &[], None),
            ("192.0.2.8/32", &[], None),
        ];
        for (pool, taken, expected) in table {
            let taken = taken.iter().map(|address| address.parse().unwrap()).collect();
            let found = lowest_free(pool.parse().unwrap(), &taken);
            assert_eq!(found, expected.map(|address| address.parse().unwrap()), "{pool} {taken:?}");
            assert!(found.is_none_or(|address| is_in_pool(pool.parse().unwrap(), address)), "{pool}");
        }
        for (address, inside) in [
            ("192.0.2.8", false),
            ("192.0.2.9", true),
            ("192.0.2.10", true),
            ("192.0.2.11", false),
            ("192.0.2.12", false),
        ] {
            assert_eq!(is_in_pool("192.0.2.8/30".parse().unwrap(), address.parse().unwrap()), inside, "{address}");
        }
    }
}
