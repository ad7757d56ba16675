//! Network interfaces other than those of instances, whose records have theirs: of NAT gateways and of load balancers' nodes.

use crate::{
    Arn, Tags, Timestamp,
    id::{NatGatewayId, NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId},
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// An interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// `eni-…`
    pub id: NetworkInterfaceId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The subnet.
    pub subnet_id: SubnetId,
    /// The subnet's zone.
    pub zone: String,
    /// The address within the subnet.
    pub private_address: Ipv4Addr,
    /// Whose it is.
    pub owner: InterfaceOwner,
    /// Security groups; none for NAT gateways, which have none.
    pub security_groups: Vec<SecurityGroupId>,
    /// Free text; AWS's begin with `Interface for NAT Gateway` and `ELB`.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

/// Whose an interface is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InterfaceOwner {
    /// A NAT gateway's.
    NatGateway(NatGatewayId),
    /// A load balancer's node in the subnet's zone.
    LoadBalancer(Arn),
}

impl InterfaceOwner {
    /// The load balancer whose it is, if it is one's.
    pub fn load_balancer(&self) -> Option<&Arn> {
        match self {
            Self::LoadBalancer(arn) => Some(arn),
            Self::NatGateway(_) => None,
        }
    }
}
