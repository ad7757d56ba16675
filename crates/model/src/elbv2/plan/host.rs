//! What a host gives load balancers, and which addresses it gives to whom.

use crate::{
    ec2::{network_interface::NetworkInterface, network_plan::HostTag},
    elbv2::load_balancer::{EnabledZone, LoadBalancer, Scheme},
};
use std::{collections::BTreeSet, net::IpAddr, path::PathBuf, sync::Arc};

/// What this host lets a node listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFacts {
    /// The addresses of internet-facing load balancers; at least one.
    pub public_addresses: Vec<IpAddr>,
    /// Where internal load balancers listen while there are no networks of their own.
    pub internal_address: IpAddr,
    /// The lowest port that may be bound.
    pub lowest_port: u16,
    /// What is added to a port below it.
    pub port_offset: u16,
    /// Whose directories stand for buckets.
    pub bucket_dir: PathBuf,
    /// What the namespaces of VPCs are called, where instances are in networks of their own: then load balancers reach
    /// them from their interfaces only, and internal ones listen at those and nowhere else.
    pub networks: Option<HostTag>,
}

impl HostFacts {
    /// The port of the host that is really bound for a listener's port.
    pub fn bound_port(&self, port: u16) -> u16 {
        if port < self.lowest_port { port.saturating_add(self.port_offset) } else { port }
    }

    /// The port that is really bound for a port of a load balancer of this scheme: in networks all are there.
    pub fn front_port(&self, scheme: Scheme, port: u16) -> u16 {
        if self.is_listened_on(scheme) { self.bound_port(port) } else { port }
    }

    /// Whether load balancers of this scheme listen on the host.
    pub fn is_listened_on(&self, scheme: Scheme) -> bool {
        match scheme {
            Scheme::InternetFacing => true,
            Scheme::Internal => self.networks.is_none(),
        }
    }

    /// The addresses of the host that are a load balancer's: those of its zones or, before it has any, all that it may get.
    pub fn addresses_of(&self, load_balancer: &LoadBalancer) -> Vec<IpAddr> {
        let own: BTreeSet<IpAddr> = load_balancer.zones.iter().filter_map(|zone| zone.address).collect();
        if own.is_empty() { self.addresses(load_balancer.scheme).to_vec() } else { own.into_iter().collect() }
    }

    /// The addresses of the host that load balancers of this scheme listen on.
    fn addresses(&self, scheme: Scheme) -> &[IpAddr] {
        match scheme {
            Scheme::Internal => std::slice::from_ref(&self.internal_address),
            Scheme::InternetFacing => &self.public_addresses,
        }
    }
}

/// The zones of a load balancer with the addresses that they are to have; none: they have them. On the host each zone gets an
/// address of its own while some are free (`taken`: by whomever), else a shared one; one that the configuration no longer has is
/// replaced. In a network of its own an internal load balancer has the addresses of its interfaces.
pub fn readdressed(
    load_balancer: &LoadBalancer,
    interfaces: &[Arc<NetworkInterface>],
    taken: &BTreeSet<IpAddr>,
    host: &HostFacts,
) -> Option<Vec<EnabledZone>> {
    let zones = match host.is_listened_on(load_balancer.scheme) {
        true => of_host(&load_balancer.zones, host.addresses(load_balancer.scheme), taken),
        false => of_interfaces(load_balancer, interfaces),
    };
    (zones != load_balancer.zones).then_some(zones)
}

fn of_host(zones: &[EnabledZone], offered: &[IpAddr], taken: &BTreeSet<IpAddr>) -> Vec<EnabledZone> {
    let lacks = |zone: &EnabledZone| zone.address.is_none_or(|address| !offered.contains(&address));
    let free: Vec<IpAddr> = offered.iter().filter(|address| !taken.contains(address)).copied().collect();
    let missing = zones.iter().filter(|zone| lacks(zone)).count();
    let choices = if free.len() >= missing { &free } else { offered };
    let mut next = choices.iter().cycle();
    let assign = |zone: &EnabledZone| match lacks(zone) {
        false => zone.clone(),
        true => EnabledZone { address: next.next().copied(), ..zone.clone() },
    };
    zones.iter().map(assign).collect()
}

fn of_interfaces(load_balancer: &LoadBalancer, interfaces: &[Arc<NetworkInterface>]) -> Vec<EnabledZone> {
    let own = |zone: &EnabledZone| {
        interfaces.iter().find(|interface| {
            interface.owner.load_balancer() == Some(&load_balancer.arn) && interface.subnet_id == zone.subnet_id
        })
    };
    let address = |zone: &EnabledZone| own(zone).map(|interface| IpAddr::V4(interface.private_address));
    load_balancer.zones.iter().map(|zone| EnabledZone { address: address(zone), ..zone.clone() }).collect()
}
