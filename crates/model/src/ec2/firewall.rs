//! What the router of a VPC lets pass, as data: security groups, network ACLs, who has which address.
//!
//! Made from the records by [`rule_set`]; the crate `network` writes it in the kernel's language. Names of groups and ACLs
//! stay in it, so that whoever reads the kernel's tables knows what they come from.

use super::{
    network_acl::NetworkAcl,
    network_records::{Interface, NetworkRecords, Owner},
    security_group::{Direction, Peer, SecurityGroup, Traffic},
    vpc::Vpc,
};
use crate::{
    cidr::Cidr,
    id::{NetworkAclId, SecurityGroupId, SubnetId},
};
use std::{collections::BTreeSet, net::Ipv4Addr};

/// Everything that one VPC's router filters and translates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSet {
    /// The VPC's block.
    pub vpc_cidr: Cidr,
    /// Where the VPC's resolver answers beside the address that all have: the third address of its block.
    pub resolver: Ipv4Addr,
    /// All interfaces of the VPC.
    pub interfaces: Vec<FilteredInterface>,
    /// Its subnets, with the ACL of each; without one everything passes.
    pub subnets: Vec<(SubnetId, Option<NetworkAclId>)>,
    /// The groups that an interface has or that a rule of such a group names.
    pub groups: Vec<GroupFilter>,
    /// The ACLs that a subnet uses.
    pub acls: Vec<AclFilter>,
    /// The way out, when an internet gateway is attached.
    pub uplink: Option<Uplink>,
}

/// One interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilteredInterface {
    /// The router's end of it.
    pub link: String,
    /// The address that alone may come from it (and, of NAT gateways, those of the outside).
    pub address: Ipv4Addr,
    /// The subnet.
    pub subnet: SubnetId,
    /// What filters it.
    pub filter: InterfaceFilter,
}

/// What filters an interface, beside the ACL of its subnet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InterfaceFilter {
    /// It is a NAT gateway's: no groups, nothing may be addressed to it, and it sends back what came from outside.
    NatGateway,
    /// These groups, sorted. None at all: everything passes (a load balancer without groups).
    Groups(Vec<SecurityGroupId>),
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFilter {
    /// `sg-…`
    pub id: SecurityGroupId,
    /// The private addresses of the interfaces that have it.
    pub members: BTreeSet<Ipv4Addr>,
    /// What may come in.
    pub ingress: Vec<(Traffic, IpPeer)>,
    /// What may go out.
    pub egress: Vec<(Traffic, IpPeer)>,
}

/// The other side of a group's rule. Rules about IPv6 are not here: there is none in these networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IpPeer {
    /// Addresses.
    Block(Cidr),
    /// Members of a group of [`RuleSet::groups`].
    Group(SecurityGroupId),
}

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclFilter {
    /// `acl-…`
    pub id: NetworkAclId,
    /// What may enter a subnet, in the order in which it is decided.
    pub ingress: Vec<AclRule>,
    /// What may leave it.
    pub egress: Vec<AclRule>,
}

/// One entry of an ACL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclRule {
    /// What traffic.
    pub traffic: Traffic,
    /// With whom.
    pub peer: Cidr,
    /// Whether it may pass.
    pub allow: bool,
}

/// The translation of addresses at the internet gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uplink {
    /// The router's address on the way out, link-local.
    pub inner_address: Ipv4Addr,
    /// Public and private address of each interface that has both.
    pub mappings: Vec<Mapping>,
}

/// A public address and the private one that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mapping {
    /// From the pool.
    pub public_address: Ipv4Addr,
    /// Of an interface.
    pub private_address: Ipv4Addr,
}

/// The rules of a VPC, whose interfaces are given together with the names of their links.
pub fn rule_set<'a>(
    records: &NetworkRecords<'a>,
    vpc: &Vpc,
    interfaces: &[(String, Interface<'a>)],
    uplink: Option<Uplink>,
) -> RuleSet {
    let mut subnets: Vec<_> = records.subnets.iter().filter(|subnet| subnet.vpc_id == vpc.id).collect();
    subnets.sort_by_key(|subnet| &subnet.id);
    let acl_of = |subnet: &&&super::subnet::Subnet| records.network_acl(subnet);
    let mut acls: Vec<&NetworkAcl> = subnets.iter().filter_map(acl_of).collect();
    acls.sort_by_key(|acl| &acl.id);
    acls.dedup_by_key(|acl| &acl.id);
    RuleSet {
        vpc_cidr: vpc.cidr,
        resolver: vpc.resolver(),
        interfaces: interfaces.iter().map(|(link, interface)| filtered(link, interface)).collect(),
        subnets: subnets.iter().map(|s| (s.id.clone(), records.network_acl(s).map(|acl| acl.id.clone()))).collect(),
        groups: group_filters(records, vpc, interfaces),
        acls: acls.into_iter().map(acl_filter).collect(),
        uplink,
    }
}

fn filtered(link: &str, interface: &Interface<'_>) -> FilteredInterface {
    FilteredInterface {
        link: link.to_owned(),
        address: interface.private_address,
        subnet: interface.subnet_id.clone(),
        filter: match interface.owner {
            Owner::NatGateway(_) => InterfaceFilter::NatGateway,
            Owner::Instance(_) | Owner::LoadBalancer => {
                let sorted: BTreeSet<_> = interface.security_groups.iter().cloned().collect();
                InterfaceFilter::Groups(sorted.into_iter().collect())
            }
        },
    }
}

/// The groups that interfaces have, with their rules, and those that such rules name, for their members' sake. A group whose
/// record is gone has no rules: its interfaces are closed, not open.
fn group_filters(records: &NetworkRecords<'_>, vpc: &Vpc, interfaces: &[(String, Interface<'_>)]) -> Vec<GroupFilter> {
    let record = |id: &SecurityGroupId| {
        records.security_groups.iter().copied().find(|group| group.id == *id && group.vpc_id == vpc.id)
    };
    let used: BTreeSet<_> = interfaces.iter().flat_map(|(_, interface)| interface.security_groups).collect();
    let named = used.iter().filter_map(|id| record(id)).flat_map(named_by);
    let wanted: BTreeSet<_> = used.iter().copied().chain(named).collect();
    let filter = |id: &SecurityGroupId| {
        let group = record(id).filter(|_| used.contains(id));
        let rules = |direction| group.map(|group| rules(group, direction)).unwrap_or_default();
        let has = |interface: &&Interface<'_>| interface.security_groups.contains(id);
        GroupFilter {
            id: id.clone(),
            members: interfaces.iter().map(|(_, i)| i).filter(has).map(|i| i.private_address).collect(),
            ingress: rules(Direction::Ingress),
            egress: rules(Direction::Egress),
        }
    };
    wanted.into_iter().map(filter).collect()
}

fn named_by(group: &SecurityGroup) -> impl Iterator<Item = &SecurityGroupId> {
    group.rules.iter().filter_map(|rule| match &rule.peer {
        Peer::Group(id) => Some(id),
        Peer::Ipv4(_) | Peer::Ipv6(_) => None,
    })
}

fn rules(group: &SecurityGroup, direction: Direction) -> Vec<(Traffic, IpPeer)> {
    let of_rule = |rule: &super::security_group::SecurityGroupRule| {
        let peer = match &rule.peer {
            Peer::Ipv4(block) => IpPeer::Block(*block),
            Peer::Group(id) => IpPeer::Group(id.clone()),
            Peer::Ipv6(_) => return None,
        };
        Some((rule.traffic, peer))
    };
    group.rules_of(direction).filter_map(of_rule).collect()
}

fn acl_filter(acl: &NetworkAcl) -> AclFilter {
    let rules = |direction| {
        let entries = acl.entries(direction).into_iter();
        entries.map(|entry| AclRule { traffic: entry.traffic, peer: entry.cidr, allow: entry.allow }).collect()
    };
    AclFilter { id: acl.id.clone(), ingress: rules(Direction::Ingress), egress: rules(Direction::Egress) }
}
