//! Elastic IPs: public addresses that an account keeps.

use crate::{
    Tags, Timestamp,
    id::{AddressAllocationId, AddressAssociationId, NetworkInterfaceId},
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

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
