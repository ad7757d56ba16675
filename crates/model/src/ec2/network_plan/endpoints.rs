//! Plans the namespaces behind a VPC's router: of instances, of NAT gateways, and the edge with the load balancers' interfaces.

use super::{
    Firewall, Hop, INSTANCE_LINK, Link, LinkAddress, LinkEnd, MAIN_TABLE, Namespace, NetworkPlan, Place, PlannedRoute,
    PolicyRule, VpcPlan, everything, mac_address, only, router, setting,
};
use crate::ec2::{
    network_records::{Interface, Owner},
    subnet::Subnet,
};
use std::collections::BTreeSet;

/// After how many idle seconds a NAT gateway forgets a flow (VPC user guide).
pub const NAT_GATEWAY_IDLE_SECONDS: u32 = 350;
const EDGE_RULE: u32 = 100;

pub(super) fn add(plan: &mut NetworkPlan, vpc: &VpcPlan<'_, '_>) {
    for (link, interface) in &vpc.interfaces {
        let Some(subnet) = vpc.subnets.iter().find(|subnet| subnet.id == *interface.subnet_id) else { continue };
        let tag = &vpc.facts.tag;
        let far = match interface.owner {
            Owner::Instance(id) => far_end(tag.instance_namespace(id), INSTANCE_LINK),
            Owner::NatGateway(id) => far_end(tag.nat_gateway_namespace(id), INSTANCE_LINK),
            Owner::LoadBalancer => far_end(tag.edge_namespace(&vpc.vpc.id), link),
        };
        let namespace = plan.namespace(&far.place);
        match interface.owner {
            Owner::Instance(_) => {
                only_interface(namespace, interface, subnet);
                namespace.is_guest = true;
            }
            Owner::NatGateway(_) => {
                only_interface(namespace, interface, subnet);
                nat_gateway(namespace, vpc, interface);
            }
            Owner::LoadBalancer => one_of_several(namespace, link, interface, subnet),
        }
        let near = LinkEnd { place: router::place(vpc), name: link.clone() };
        plan.links.push(Link { near, far, far_mac: Some(mac_address(interface.id)) });
    }
}

fn far_end(namespace: String, link: &str) -> LinkEnd {
    LinkEnd { place: Place::Named(namespace), name: link.to_owned() }
}

/// The subnet is reached directly (the router answers for everybody in it), the rest by the subnet's gateway.
fn only_interface(namespace: &mut Namespace, interface: &Interface<'_>, subnet: &Subnet) {
    namespace.addresses.insert(LinkAddress {
        link: INSTANCE_LINK.to_owned(),
        address: interface.private_address,
        prefix: subnet.cidr.prefix(),
        peer: None,
    });
    let gateway = Hop::Gateway { address: subnet.gateway(), link: INSTANCE_LINK.to_owned() };
    namespace.routes.insert(PlannedRoute { table: MAIN_TABLE, destination: everything(), hop: gateway, source: None });
}

/// What comes in goes out again by the same link, from another address.
fn nat_gateway(namespace: &mut Namespace, vpc: &VpcPlan<'_, '_>, interface: &Interface<'_>) {
    let idle = |name: &str| setting(&format!("netfilter/nf_conntrack_{name}"), NAT_GATEWAY_IDLE_SECONDS);
    namespace.settings = BTreeSet::from([
        setting("ipv4/ip_forward", 1),
        setting("ipv4/conf/all/send_redirects", 0),
        setting("ipv4/conf/default/send_redirects", 0),
        idle("tcp_timeout_established"),
        idle("udp_timeout"),
        idle("udp_timeout_stream"),
        idle("icmp_timeout"),
        idle("generic_timeout"),
    ]);
    namespace.firewall = Some(Firewall::NatGateway { vpc_cidr: vpc.vpc.cidr, address: interface.private_address });
}

/// One of the edge's interfaces: packets from its address ask a table of its own, whose number is the address.
fn one_of_several(namespace: &mut Namespace, link: &str, interface: &Interface<'_>, subnet: &Subnet) {
    let (address, table) = (interface.private_address, u32::from(interface.private_address));
    namespace.addresses.insert(LinkAddress { link: link.to_owned(), address, prefix: 32, peer: None });
    namespace.rules.insert(PolicyRule { priority: EDGE_RULE, from: Some(only(address)), to: None, table });
    let gateway = Hop::Gateway { address: subnet.gateway(), link: link.to_owned() };
    namespace.routes.insert(PlannedRoute { table, destination: everything(), hop: gateway, source: None });
}
