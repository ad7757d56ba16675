//! Plans the namespace of a VPC: its router.
//!
//! Packets to the VPC's own block follow one table, which has a /32 for each interface; all others follow the table of the
//! subnet that their source address is in. Routes whose target is gone swallow packets, and so does the end of every table.

use super::{
    Firewall, GATEWAY_LINK, Hop, LinkAddress, NetworkPlan, Place, PlannedRoute, PolicyRule, Setting, VpcPlan, WayOut,
    everything, link_setting, only, setting,
};
use crate::ec2::{
    firewall::{Uplink, rule_set},
    network_records::Owner,
    route_table::{Route, RouteTarget, table_of},
    subnet::Subnet,
    vpc_dns::RESOLVER_ADDRESS,
};
use std::{collections::BTreeSet, net::Ipv4Addr};

/// Where instances find their metadata (EC2 user guide).
pub const METADATA_ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
/// The table of the VPC's own block. Those of subnets have their network address as number, which is far larger.
const VPC_TABLE: u32 = 100;
const VPC_RULE: u32 = 100;
const SUBNET_RULE: u32 = 200;

pub(super) fn add(plan: &mut NetworkPlan, vpc: &VpcPlan<'_, '_>) {
    let namespace = plan.namespace(&place(vpc));
    namespace.settings.extend(settings(vpc));
    namespace.addresses.extend(addresses(vpc));
    namespace.routes.extend(local_routes(vpc));
    namespace.rules.insert(PolicyRule { priority: VPC_RULE, from: None, to: Some(vpc.vpc.cidr), table: VPC_TABLE });
    for subnet in &vpc.subnets {
        let table = u32::from(subnet.cidr.network());
        namespace.rules.insert(PolicyRule { priority: SUBNET_RULE, from: Some(subnet.cidr), to: None, table });
        namespace.routes.extend(subnet_routes(vpc, subnet, table));
    }
    let uplink = vpc
        .way_out
        .as_ref()
        .map(|way_out| Uplink { inner_address: way_out.inner_address, mappings: way_out.mappings.clone() });
    namespace.firewall = Some(Firewall::Vpc(Box::new(rule_set(vpc.records, vpc.vpc, &vpc.interfaces, uplink))));
}

/// The router's place.
pub(super) fn place(vpc: &VpcPlan<'_, '_>) -> Place {
    Place::Named(vpc.facts.tag.vpc_namespace(&vpc.vpc.id))
}

fn settings(vpc: &VpcPlan<'_, '_>) -> Vec<Setting> {
    let mut settings = vec![
        setting("ipv4/ip_forward", 1),
        // A packet must come from where the answer would go: nobody is reached from outside whose subnet has no way there.
        setting("ipv4/conf/all/rp_filter", 1),
        // A host's own defaults are inherited, and the larger value would win.
        setting("ipv4/conf/default/rp_filter", 1),
        setting("ipv4/conf/all/arp_ignore", 0),
        setting("ipv4/conf/default/arp_ignore", 0),
        setting("ipv4/conf/all/proxy_arp", 1),
        setting("ipv4/conf/all/send_redirects", 0),
        setting("ipv4/conf/default/send_redirects", 0),
        setting("ipv6/conf/all/disable_ipv6", 1),
        setting("ipv6/conf/default/disable_ipv6", 1),
    ];
    if vpc.way_out.as_ref().is_some_and(WayOut::is_loopback) {
        settings.push(link_setting("ipv4/conf", GATEWAY_LINK, "route_localnet", 1));
    }
    // The kernel would wait up to 0.8 s before it answers for others.
    settings.extend(vpc.interfaces.iter().map(|(link, _)| link_setting("ipv4/neigh", link, "proxy_delay", 0)));
    settings
}

fn addresses(vpc: &VpcPlan<'_, '_>) -> Vec<LinkAddress> {
    let own = |address| LinkAddress { link: "lo".to_owned(), address, prefix: 32, peer: None };
    let gateways = vpc.subnets.iter().map(|subnet| own(subnet.gateway()));
    let mut addresses: Vec<_> =
        gateways.chain([own(METADATA_ADDRESS), own(RESOLVER_ADDRESS), own(vpc.vpc.resolver())]).collect();
    addresses.extend(vpc.way_out.as_ref().map(|way_out| LinkAddress {
        link: GATEWAY_LINK.to_owned(),
        address: way_out.inner_address,
        prefix: 32,
        peer: Some(way_out.outer_address),
    }));
    addresses
}

fn local_routes(vpc: &VpcPlan<'_, '_>) -> Vec<PlannedRoute> {
    let route = |destination, hop| PlannedRoute { table: VPC_TABLE, destination, hop, source: None };
    let interfaces = vpc.interfaces.iter();
    let to_interfaces =
        interfaces.map(|(link, interface)| route(only(interface.private_address), Hop::Link(link.clone())));
    to_interfaces.chain([route(vpc.vpc.cidr, Hop::Blackhole)]).collect()
}

fn subnet_routes(vpc: &VpcPlan<'_, '_>, subnet: &Subnet, table: u32) -> BTreeSet<PlannedRoute> {
    let routes = table_of(&subnet.id, &vpc.vpc.id, vpc.records.route_tables.iter().copied());
    let routes = routes.map(|routes| routes.routes.as_slice()).unwrap_or_default();
    let mut planned: BTreeSet<_> = routes
        .iter()
        .map(|route| PlannedRoute { table, destination: route.destination, hop: hop(vpc, route), source: None })
        .collect();
    if !routes.iter().any(|route| route.destination == everything()) {
        planned.insert(PlannedRoute { table, destination: everything(), hop: Hop::Blackhole, source: None });
    }
    planned
}

/// Where a route of a table leads; nowhere when its target is gone, or belongs to another VPC.
fn hop(vpc: &VpcPlan<'_, '_>, route: &Route) -> Hop {
    let hop = match &route.target {
        RouteTarget::InternetGateway(id) => {
            let attached = vpc.records.internet_gateway(&vpc.vpc.id).filter(|gateway| gateway.id == *id);
            attached.and(vpc.way_out.as_ref()).map(|way_out| (way_out.outer_address, GATEWAY_LINK.to_owned()))
        }
        RouteTarget::NatGateway(id) => {
            let mut interfaces = vpc.interfaces.iter();
            let its = interfaces.find(|(_, interface)| interface.owner == Owner::NatGateway(id));
            its.map(|(link, interface)| (interface.private_address, link.clone()))
        }
    };
    hop.map_or(Hop::Blackhole, |(address, link)| Hop::Gateway { address, link })
}
