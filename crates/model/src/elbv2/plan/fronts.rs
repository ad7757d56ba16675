//! The sockets of a snapshot: where load balancers listen, and who shares one with whom.

use super::{HostFacts, Index, Records};
use crate::{
    Arn,
    elbv2::{
        admission::{Admission, admission},
        front_place::FrontPlace,
        listener::Listener,
        load_balancer::{EnabledZone, LoadBalancer},
        reach::private_subnet,
        snapshot::{Front, FrontListener},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// The sockets. Where several load balancers share one, each is known by its DNS name and, with TLS, by the names of its
/// certificates that no other one on the socket has. On one socket either all listeners speak TLS or none does: those that
/// differ from the first are left out ([`left_out`] says which).
pub(super) fn fronts(served: &[&Arc<LoadBalancer>], index: &Index<'_>, host: &HostFacts) -> Vec<Front> {
    let sockets = sockets(served, index, host).into_iter();
    sockets.map(|(place, socket)| front(place, &socket, index, host)).collect()
}

/// Listeners that cannot be served, and where: another load balancer has the same address and port with the other protocol.
pub fn left_out(records: &Records, host: &HostFacts) -> BTreeMap<Arn, FrontPlace> {
    let index = Index::new(records, host);
    let served: Vec<&Arc<LoadBalancer>> = records.load_balancers.iter().collect();
    let late = sockets(&served, &index, host)
        .into_iter()
        .flat_map(|(place, socket)| socket.left_out.into_iter().map(move |arn| (arn.clone(), place.clone())));
    late.collect()
}

/// Who listens at one place.
#[derive(Default)]
struct SharedSocket<'a> {
    listeners: Vec<Use<'a>>,
    left_out: Vec<&'a Arn>,
}

/// A listener at a place, which is the load balancer's node in these zones.
struct Use<'a> {
    load_balancer: &'a LoadBalancer,
    listener: &'a Listener,
    zones: Vec<&'a str>,
}

fn sockets<'a>(
    served: &[&'a Arc<LoadBalancer>],
    index: &Index<'a>,
    host: &HostFacts,
) -> BTreeMap<FrontPlace, SharedSocket<'a>> {
    let mut sockets: BTreeMap<FrontPlace, SharedSocket<'a>> = BTreeMap::new();
    for load_balancer in served {
        for listener in index.listeners(&load_balancer.arn) {
            for (place, zones) in places(load_balancer, listener.port, index, host) {
                let socket = sockets.entry(place).or_default();
                let first = socket.listeners.first().map(|first| first.listener.protocol);
                match first.is_none_or(|first| first == listener.protocol) {
                    true => socket.listeners.push(Use { load_balancer, listener, zones }),
                    false => socket.left_out.push(&listener.arn),
                }
            }
        }
    }
    sockets
}

/// Where a load balancer listens for a port, and in which zones each place is its node: on the host, if it is for everybody or
/// there is no network of its own, and at its interfaces. So names of load balancers lead somewhere from within a VPC too. In a
/// network's subnet that no route leads out of by an internet gateway, nobody outside reaches it, as on AWS.
fn places<'a>(
    load_balancer: &'a LoadBalancer,
    port: u16,
    index: &Index<'a>,
    host: &HostFacts,
) -> BTreeMap<FrontPlace, Vec<&'a str>> {
    let mut places: BTreeMap<FrontPlace, Vec<&str>> = BTreeMap::new();
    let is_open = |zone: &&EnabledZone| {
        host.is_listened_on(load_balancer.scheme)
            && (host.networks.is_none()
                || private_subnet(&zone.subnet_id, &load_balancer.vpc_id, &index.routes).is_none())
    };
    for zone in load_balancer.zones.iter().filter(is_open) {
        let Some(address) = zone.address else { continue };
        let place = FrontPlace::of_host(SocketAddr::new(address, host.bound_port(port)));
        places.entry(place).or_default().push(&zone.zone);
    }
    let Some(interfaces) = &index.interfaces else { return places };
    for interface in interfaces.of(load_balancer) {
        let place = FrontPlace {
            address: SocketAddr::new(IpAddr::V4(interface.private_address), port),
            namespace: Some(interfaces.edge_of(interface).into()),
        };
        places.entry(place).or_default().push(&interface.zone);
    }
    places
}

fn front(place: FrontPlace, socket: &SharedSocket<'_>, index: &Index<'_>, host: &HostFacts) -> Front {
    let mut users: BTreeMap<&str, BTreeSet<&Arn>> = BTreeMap::new();
    for used in &socket.listeners {
        for name in certified_names(used.listener, index) {
            users.entry(name).or_default().insert(&used.load_balancer.arn);
        }
    }
    let front_listener = |used: &Use<'_>| {
        let own = certified_names(used.listener, index).filter(|name| users[name].len() == 1);
        let hosts: BTreeSet<String> =
            own.map(str::to_owned).chain(std::iter::once(used.load_balancer.dns_name.to_lowercase())).collect();
        FrontListener {
            listener: used.listener.arn.clone(),
            hosts: hosts.into_iter().collect(),
            zones: used.zones.iter().map(|zone| (*zone).to_owned()).collect(),
            admission: admitted(used, &place, index, host),
        }
    };
    let listeners = socket.listeners.iter().map(front_listener).collect();
    Front { place, listeners }
}

/// Whom a listener takes at a place. In networks the router has filtered already; where there are none, nothing is filtered.
fn admitted(used: &Use<'_>, place: &FrontPlace, index: &Index<'_>, host: &HostFacts) -> Admission {
    if host.networks.is_none() || place.namespace.is_some() {
        return Admission::Everybody;
    }
    let Use { load_balancer, listener, zones: _ } = used;
    // The rules are about the port in the API, whichever one stands for it on the host.
    admission(load_balancer, listener.port, place.address.ip(), index.security_groups_of(load_balancer))
}

/// The host names that the certificates of a listener are for.
fn certified_names<'a>(listener: &'a Listener, index: &'a Index<'_>) -> impl Iterator<Item = &'a str> {
    let arns = listener.tls.iter().flat_map(|tls| std::iter::once(&tls.default_certificate).chain(&tls.certificates));
    arns.filter_map(|arn| index.certified.get(arn)).flat_map(|names| names.iter().map(String::as_str))
}
