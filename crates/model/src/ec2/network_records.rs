//! The records of the network of one account and region, and who has an interface on it.
//!
//! Only looks things up: what follows from them is in `network_plan` (what the kernel is told) and `reachability` (what that
//! must come to).

use super::{
    address::Address,
    instance::{Instance, InstanceState},
    internet_gateway::InternetGateway,
    nat_gateway::{NatGateway, NatGatewayState},
    network_acl::NetworkAcl,
    network_interface::{InterfaceOwner, NetworkInterface},
    route_table::RouteTable,
    security_group::SecurityGroup,
    subnet::Subnet,
    vpc::Vpc,
};
use crate::id::{InstanceId, NatGatewayId, NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId};
use std::net::Ipv4Addr;

/// The records of one scope. The order within each list means nothing.
#[derive(Clone, Debug, Default)]
pub struct NetworkRecords<'a> {
    /// VPCs.
    pub vpcs: Vec<&'a Vpc>,
    /// Subnets.
    pub subnets: Vec<&'a Subnet>,
    /// Route tables.
    pub route_tables: Vec<&'a RouteTable>,
    /// Internet gateways, attached or not.
    pub internet_gateways: Vec<&'a InternetGateway>,
    /// NAT gateways in whatever state.
    pub nat_gateways: Vec<&'a NatGateway>,
    /// Elastic IPs, associated or not.
    pub addresses: Vec<&'a Address>,
    /// Interfaces of NAT gateways and load balancers.
    pub network_interfaces: Vec<&'a NetworkInterface>,
    /// Instances that run in namespaces, in whatever state.
    pub instances: Vec<&'a Instance>,
    /// Security groups.
    pub security_groups: Vec<&'a SecurityGroup>,
    /// Network ACLs.
    pub network_acls: Vec<&'a NetworkAcl>,
}

/// An interface that is on the network now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface<'a> {
    /// `eni-…`
    pub id: &'a NetworkInterfaceId,
    /// The VPC.
    pub vpc_id: &'a VpcId,
    /// The subnet.
    pub subnet_id: &'a SubnetId,
    /// Its address within the subnet.
    pub private_address: Ipv4Addr,
    /// Its security groups; none means that no group filters it.
    pub security_groups: &'a [SecurityGroupId],
    /// Whose it is.
    pub owner: Owner<'a>,
}

/// Whose an interface is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// An instance's.
    Instance(&'a InstanceId),
    /// A NAT gateway's.
    NatGateway(&'a NatGatewayId),
    /// A load balancer's.
    LoadBalancer,
}

impl<'a> NetworkRecords<'a> {
    /// The interfaces that are on the network, in the order of their ids: those of instances that run or change their state,
    /// of NAT gateways that work, and of load balancers.
    pub fn interfaces(&self) -> Vec<Interface<'a>> {
        let of_instances = self.instances.iter().filter(|instance| is_on_network(instance)).map(|i| of_instance(i));
        let others = self.network_interfaces.iter().filter_map(|interface| self.of_another(interface));
        let mut all: Vec<_> = of_instances.chain(others).collect();
        all.sort_by_key(|interface| interface.id);
        all
    }

    fn of_another(&self, interface: &'a NetworkInterface) -> Option<Interface<'a>> {
        let owner = match &interface.owner {
            InterfaceOwner::NatGateway(id) => Owner::NatGateway(&self.nat_gateway(id)?.id),
            InterfaceOwner::LoadBalancer(_) => Owner::LoadBalancer,
        };
        Some(Interface {
            id: &interface.id,
            vpc_id: &interface.vpc_id,
            subnet_id: &interface.subnet_id,
            private_address: interface.private_address,
            security_groups: &interface.security_groups,
            owner,
        })
    }

    /// A NAT gateway that works.
    pub fn nat_gateway(&self, id: &NatGatewayId) -> Option<&'a NatGateway> {
        self.nat_gateways.iter().find(|gateway| gateway.id == *id && works(gateway)).copied()
    }

    /// The internet gateway that is attached to a VPC.
    pub fn internet_gateway(&self, vpc: &VpcId) -> Option<&'a InternetGateway> {
        self.internet_gateways.iter().find(|gateway| gateway.vpc_id.as_ref() == Some(vpc)).copied()
    }

    /// The public address of an interface: its Elastic IP, else the one that its instance was given.
    pub fn public_address(&self, interface: &NetworkInterfaceId) -> Option<Ipv4Addr> {
        let is_its = |address: &&&Address| {
            address.association.as_ref().is_some_and(|association| association.network_interface_id == *interface)
        };
        let elastic = self.addresses.iter().find(is_its).map(|address| address.public_address);
        let given = || {
            let instance = self.instances.iter().find(|instance| instance.network_interface_id == *interface)?;
            instance.pool_address
        };
        elastic.or_else(given)
    }

    /// The network ACL of a subnet: the one whose list has it, else the VPC's own. `None`: there is no record of it, and
    /// everything passes.
    pub fn network_acl(&self, subnet: &Subnet) -> Option<&'a NetworkAcl> {
        let lists = |acl: &&&NetworkAcl| acl.associations.iter().any(|association| association.subnet_id == subnet.id);
        let default = || {
            let vpc = self.vpcs.iter().find(|vpc| vpc.id == subnet.vpc_id)?;
            self.network_acls.iter().find(|acl| acl.id == vpc.default_network_acl_id)
        };
        self.network_acls.iter().find(lists).or_else(default).copied()
    }
}

/// Whether something of it may run, or is about to.
fn is_on_network(instance: &Instance) -> bool {
    match instance.state {
        InstanceState::Pending | InstanceState::Running | InstanceState::Stopping | InstanceState::ShuttingDown => true,
        InstanceState::Stopped | InstanceState::Terminated => false,
    }
}

fn works(gateway: &NatGateway) -> bool {
    match gateway.state {
        NatGatewayState::Pending | NatGatewayState::Available => true,
        NatGatewayState::Failed | NatGatewayState::Deleting | NatGatewayState::Deleted => false,
    }
}

fn of_instance(instance: &Instance) -> Interface<'_> {
    Interface {
        id: &instance.network_interface_id,
        vpc_id: &instance.vpc_id,
        subnet_id: &instance.subnet_id,
        private_address: instance.private_address,
        security_groups: &instance.security_groups,
        owner: Owner::Instance(&instance.id),
    }
}
