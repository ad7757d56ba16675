//! DECIDER: in which zones clients outside do not reach an internet-facing load balancer, because its subnet there is not public.
//!
//! A subnet is public when its route table leads to an internet gateway that is attached to the VPC (VPC user guide, "Subnet
//! basics"). AWS makes an internet-facing load balancer in another one all the same and only warns in its console; so it is no
//! error here either, but a sentence that names the subnet, its route table and the remedy.

use super::load_balancer::{EnabledZone, LoadBalancer, Scheme};
use crate::{
    ec2::{
        network_records::NetworkRecords,
        route_table::{RouteTable, RouteTarget, table_of},
    },
    id::{InternetGatewayId, NatGatewayId, RouteTableId, SubnetId, VpcId},
};
use std::fmt;

/// A zone in which nobody outside reaches an internet-facing load balancer. Its `Display` is one sentence without an end, all of
/// it ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedZone {
    /// The load balancer's name.
    pub load_balancer: String,
    /// The zone's name.
    pub zone: String,
    /// The load balancer's subnet there.
    pub subnet: PrivateSubnet,
}

/// A subnet that nobody outside reaches. Its `Display` says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateSubnet {
    /// Which one.
    pub id: SubnetId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its route table; `None`: it has none, not even its VPC's main one.
    pub route_table: Option<RouteTableId>,
    /// Where its routes lead.
    pub instead: Instead,
    /// The internet gateway that is attached to the VPC: where the missing route should lead.
    pub attached: Option<InternetGatewayId>,
}

/// Where the routes of a subnet that is not public lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// Nowhere but into the VPC.
    Nowhere,
    /// To a NAT gateway, which lets nobody in.
    NatGateway(NatGatewayId),
    /// To an internet gateway that is deleted or not attached to the VPC.
    Detached(InternetGatewayId),
}

/// The zones of a load balancer that clients outside do not reach, in the load balancer's order. None for internal ones, which
/// are not meant to be reached from there.
pub fn closed_zones(load_balancer: &LoadBalancer, records: &NetworkRecords<'_>) -> Vec<ClosedZone> {
    match load_balancer.scheme {
        Scheme::Internal => return Vec::new(),
        Scheme::InternetFacing => {}
    }
    let closed = |zone: &EnabledZone| {
        let subnet = private_subnet(&zone.subnet_id, &load_balancer.vpc_id, records)?;
        Some(ClosedZone { load_balancer: load_balancer.name.clone(), zone: zone.zone.clone(), subnet })
    };
    load_balancer.zones.iter().filter_map(closed).collect()
}

/// Why nobody outside reaches a subnet; `None` when it is public.
pub fn private_subnet(subnet: &SubnetId, vpc: &VpcId, records: &NetworkRecords<'_>) -> Option<PrivateSubnet> {
    let attached = records.internet_gateway(vpc).map(|gateway| &gateway.id);
    let table = table_of(subnet, vpc, records.route_tables.iter().copied());
    Some(PrivateSubnet {
        id: subnet.clone(),
        vpc: vpc.clone(),
        route_table: table.map(|table| table.id.clone()),
        instead: table.map_or(Some(Instead::Nowhere), |table| instead(table, attached))?,
        attached: attached.cloned(),
    })
}

/// Where the widest route of a table leads, unless some route leads to the attached internet gateway.
fn instead(table: &RouteTable, attached: Option<&InternetGatewayId>) -> Option<Instead> {
    let leads_outside = |target: &RouteTarget| match target {
        RouteTarget::InternetGateway(id) => Some(id) == attached,
        RouteTarget::NatGateway(_) => false,
    };
    if table.routes.iter().any(|route| leads_outside(&route.target)) {
        return None;
    }
    let widest = table.routes.iter().min_by_key(|route| route.destination.prefix());
    Some(match widest.map(|route| &route.target) {
        None => Instead::Nowhere,
        Some(RouteTarget::NatGateway(id)) => Instead::NatGateway(id.clone()),
        Some(RouteTarget::InternetGateway(id)) => Instead::Detached(id.clone()),
    })
}

impl ClosedZone {
    /// What is in the way, as a clause.
    pub fn obstacle(&self) -> String {
        let Self { load_balancer, zone, subnet } = self;
        format!("load balancer {load_balancer} is internet-facing, but clients do not reach it in {zone}: {subnet}")
    }

    /// What to change, as an order without an end.
    pub fn remedy(&self) -> String {
        let Self { load_balancer: _, zone, subnet } = self;
        format!("{}, or give the load balancer a public subnet in {zone} with SetSubnets", subnet.remedy())
    }
}

impl fmt::Display for ClosedZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.obstacle(), self.remedy())
    }
}

impl fmt::Display for PrivateSubnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(table) = &self.route_table else { return write!(f, "{} has no route table", self.id) };
        write!(f, "route table {table} of {} has no route to an internet gateway", self.id)?;
        match &self.instead {
            Instead::Nowhere => Ok(()),
            Instead::NatGateway(id) => write!(f, " ({id} lets nobody in)"),
            Instead::Detached(id) => write!(f, " ({id} is not attached to {})", self.vpc),
        }
    }
}

impl PrivateSubnet {
    /// What makes it public, as an order without an end.
    pub fn remedy(&self) -> String {
        let table = match &self.route_table {
            Some(table) => table.to_string(),
            None => format!("a route table of {}", self.id),
        };
        match &self.attached {
            Some(gateway) => format!("let 0.0.0.0/0 in {table} lead to {gateway}"),
            None => format!("attach an internet gateway to {} and let 0.0.0.0/0 in {table} lead to it", self.vpc),
        }
    }
}
