//! Internet gateways: the way between a VPC and the outside.

use crate::{
    Tags,
    id::{InternetGatewayId, VpcId},
};
use serde::{Deserialize, Serialize};

/// The most internet gateways of one account and region: as many as VPCs, of which each has one at most (VPC quotas).
pub const MAXIMUM_INTERNET_GATEWAYS: usize = super::vpc::MAXIMUM_VPCS;

/// An internet gateway, attached to at most one VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// `igw-…`
    pub id: InternetGatewayId,
    /// The VPC that it is attached to.
    pub vpc_id: Option<VpcId>,
    /// Tags.
    pub tags: Tags,
}
