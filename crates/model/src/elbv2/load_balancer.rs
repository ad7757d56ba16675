//! A load balancer of the second API: for now the Application Load Balancer.

use super::attribute::Attributes;
use crate::{
    Arn, Tags, Timestamp,
    id::{SecurityGroupId, SubnetId, VpcId},
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The fewest zones of an Application Load Balancer.
pub const MINIMUM_ZONES: usize = 2;
/// The most load balancers of one region and account.
pub const MAXIMUM_LOAD_BALANCERS: usize = 50;
/// The most listeners of one load balancer.
pub const MAXIMUM_LISTENERS: usize = 50;

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// `arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/<name>/<16 hex digits>`
    pub arn: Arn,
    /// Unique in the region and account.
    pub name: String,
    /// Which kind.
    pub kind: LoadBalancerKind,
    /// Who can reach it.
    pub scheme: Scheme,
    /// The name that clients use; fixed for life.
    pub dns_name: String,
    /// The hosted zone that alias records name.
    pub canonical_hosted_zone_id: String,
    /// The VPC.
    pub vpc_id: VpcId,
    /// One subnet per enabled zone.
    pub zones: Vec<EnabledZone>,
    /// Security groups.
    pub security_groups: Vec<SecurityGroupId>,
    /// What differs from the defaults of [`super::attribute::LOAD_BALANCER`].
    pub attributes: Attributes,
    /// When it was made.
    pub created_at: Timestamp,
    /// What DescribeLoadBalancers shows; set by the controller when the node serves it.
    pub state: LoadBalancerState,
    /// Tags.
    pub tags: Tags,
}

/// A zone that a load balancer serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnabledZone {
    /// Zone name.
    pub zone: String,
    /// The subnet in it.
    pub subnet_id: SubnetId,
    /// Where the zone's node listens; assigned by the control plane, kept for life. Nodes may share addresses.
    pub address: Option<IpAddr>,
}

/// The kinds of load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadBalancerKind {
    /// HTTP (`app` in ARNs).
    Application,
}

/// Who can reach a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Everybody.
    InternetFacing,
    /// Only from within.
    Internal,
}

/// What DescribeLoadBalancers shows as state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadBalancerState {
    /// The node has not confirmed it yet.
    Provisioning,
    /// It serves.
    Active,
    /// It cannot serve (fully); the reason says why, for example an address that is in use.
    Impaired(String),
}

impl LoadBalancer {
    /// The metric dimension: `app/<name>/<id>`.
    pub fn dimension(&self) -> &str {
        self.arn.resource.strip_prefix("loadbalancer/").unwrap_or(&self.arn.resource)
    }
}
