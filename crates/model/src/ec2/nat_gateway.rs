//! NAT gateways: the way out for subnets that nobody reaches from outside.

use crate::{
    Tags, Timestamp,
    id::{AddressAllocationId, NatGatewayId, NetworkInterfaceId, SubnetId, VpcId},
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The most NAT gateways of one zone (VPC quotas).
pub const MAXIMUM_NAT_GATEWAYS_PER_ZONE: usize = 5;

/// A NAT gateway. It has an interface of its own in its subnet (a [`super::network_interface::NetworkInterface`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// `nat-…`
    pub id: NatGatewayId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The subnet whose route table its own packets follow.
    pub subnet_id: SubnetId,
    /// Whether it has a public address.
    pub connectivity: Connectivity,
    /// Its interface.
    pub network_interface_id: NetworkInterfaceId,
    /// Its address within the subnet.
    pub private_address: Ipv4Addr,
    /// What DescribeNatGateways shows.
    pub state: NatGatewayState,
    /// AWS's code and a sentence, when it failed.
    pub failure: Option<(String, String)>,
    /// The token of the call, when it had one.
    pub client_token: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was deleted; it is shown for about an hour.
    pub deleted_at: Option<Timestamp>,
    /// Tags.
    pub tags: Tags,
}

/// Who a NAT gateway is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Connectivity {
    /// It leads outside, by this Elastic IP.
    Public(AddressAllocationId),
    /// It leads to other parts of the VPC only.
    Private,
}

/// AWS's states of NAT gateways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NatGatewayState {
    /// Being made.
    Pending,
    /// In use.
    Available,
    /// It could not be made.
    Failed,
    /// Being deleted.
    Deleting,
    /// Gone; shown for about an hour.
    Deleted,
}

impl NatGateway {
    /// Whether it holds its address, its interface and its Elastic IP.
    pub fn occupies(&self) -> bool {
        match self.state {
            NatGatewayState::Pending | NatGatewayState::Available | NatGatewayState::Deleting => true,
            NatGatewayState::Failed | NatGatewayState::Deleted => false,
        }
    }
}
