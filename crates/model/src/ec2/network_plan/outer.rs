//! Plans the host's side of the ways out: link-local addresses, and a /32 route to each public address.
//!
//! Nothing private is ever routed here. Public addresses of 127.0.0.0/8 (the default pool) have their routes in the kernel's
//! table of local addresses, where the longer destination takes them from the loopback interface; the outer namespace itself
//! reaches them, nobody else does. What instances behind such an address send out is translated to the link's address first and
//! to the host's own then, because no answer could ever come back to a loopback address.

use super::{
    Firewall, GATEWAY_LINK, Hop, HostTag, LOCAL_TABLE, Link, LinkAddress, LinkEnd, MAIN_TABLE, NetworkPlan,
    OuterUplink, Place, PlannedRoute, VpcPlan, WayOut, link_setting, names, only, router, setting,
};
use crate::ec2::{firewall::Mapping, vpc::Vpc};
use std::{collections::BTreeSet, net::Ipv4Addr};

/// The first of the addresses for the ends of links, within 169.254.0.0/16 and clear of the metadata service.
const FIRST_LINK_ADDRESS: u32 = 0xa9fe_4000;
/// How many pairs of addresses there are: 169.254.64.0 to 169.254.127.255.
const PAIRS: u32 = 8192;

pub(super) fn add(plan: &mut NetworkPlan, vpc: &VpcPlan<'_, '_>) {
    let Some(way_out) = &vpc.way_out else { return };
    let outer = plan.namespace(&Place::Outer);
    outer.settings.insert(setting("ipv4/ip_forward", 1));
    if way_out.is_loopback() {
        outer.settings.insert(link_setting("ipv4/conf", &way_out.link, "route_localnet", 1));
    }
    outer.addresses.insert(LinkAddress {
        link: way_out.link.clone(),
        address: way_out.outer_address,
        prefix: 32,
        peer: Some(way_out.inner_address),
    });
    outer.routes.extend(way_out.mappings.iter().map(|mapping| public_route(way_out, mapping)));
    let uplink = OuterUplink {
        link: way_out.link.clone(),
        inner_address: way_out.inner_address,
        public_addresses: way_out.mappings.iter().map(|mapping| mapping.public_address).collect(),
    };
    match &mut outer.firewall {
        Some(Firewall::Outer(uplinks)) => uplinks.push(uplink),
        Some(Firewall::Vpc(_) | Firewall::NatGateway { .. }) | None => {
            outer.firewall = Some(Firewall::Outer(vec![uplink]))
        }
    }
    plan.links.push(Link {
        near: LinkEnd { place: router::place(vpc), name: GATEWAY_LINK.to_owned() },
        far: LinkEnd { place: Place::Outer, name: way_out.link.clone() },
        far_mac: None,
    });
}

fn public_route(way_out: &WayOut, mapping: &Mapping) -> PlannedRoute {
    PlannedRoute {
        table: if mapping.public_address.is_loopback() { LOCAL_TABLE } else { MAIN_TABLE },
        destination: only(mapping.public_address),
        hop: Hop::Gateway { address: way_out.inner_address, link: way_out.link.clone() },
        source: Some(way_out.outer_address),
    }
}

impl WayOut {
    /// Whether a public address of it is the host's own affair.
    pub(super) fn is_loopback(&self) -> bool {
        self.mappings.iter().any(|mapping| mapping.public_address.is_loopback())
    }
}

/// The outer and the inner address of a VPC's way out. They follow from the VPC's id, so that other VPCs come and go without
/// changing them; where two ids meet, the later one takes the next free pair.
pub(super) fn link_addresses(tag: &HostTag, vpc: &Vpc, taken: &mut BTreeSet<u32>) -> (Ipv4Addr, Ipv4Addr) {
    let hash = names::hash(format!("{tag} {}", vpc.id).as_bytes());
    let wanted = u32::try_from(hash % u64::from(PAIRS)).unwrap_or_default();
    let free = (0..PAIRS).map(|n| (wanted + n) % PAIRS).find(|pair| taken.insert(*pair));
    // With more VPCs than pairs, which no quota allows, the last ones share.
    let outer = FIRST_LINK_ADDRESS + 2 * free.unwrap_or(wanted);
    (Ipv4Addr::from(outer), Ipv4Addr::from(outer + 1))
}
