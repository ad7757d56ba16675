//! Virtual private clouds, with the objects that every VPC has one of.

use crate::{
    Tags, Timestamp,
    cidr::Cidr,
    id::{DhcpOptionsId, InternetGatewayId, NetworkAclId, RouteTableAssociationId, RouteTableId, VpcId},
};
use serde::{Deserialize, Serialize};

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

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// `rtb-…`
    pub id: RouteTableId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// Set on the VPC's main table: the id of that association.
    pub main_association_id: Option<RouteTableAssociationId>,
    /// Routes beside the VPC's own local one.
    pub routes: Vec<Route>,
    /// Tags.
    pub tags: Tags,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Where to.
    pub destination: Cidr,
    /// By what.
    pub target: RouteTarget,
}

/// What a route leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteTarget {
    /// An internet gateway.
    InternetGateway(InternetGatewayId),
}
