//! Who reaches whom, and what stands in the way first: the slow and obvious reading of the records.
//!
//! `goru why` prints it, and tests hold the real network against it. It is written without a look at `network_plan` and
//! `firewall`, so that the same mistake would have to be made twice to stay unseen. It follows one request and its answer
//! through security groups (which let answers pass), network ACLs (which do not), route tables and gateways.

use super::{
    network_records::{Interface, NetworkRecords, Owner},
    route_table::{RouteTarget, table_of},
    security_group::{Direction, Peer, Traffic},
    subnet::Subnet,
};
use crate::id::{NatGatewayId, NetworkAclId, NetworkInterfaceId, RouteTableId, SecurityGroupId, SubnetId};
use std::{fmt, net::Ipv4Addr};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Who sends it.
    pub from: Origin,
    /// The address that it is sent to: private, public or of the outside.
    pub to: Ipv4Addr,
    /// What it is.
    pub message: Message,
}

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An interface, from its private address.
    Interface(NetworkInterfaceId),
    /// Somebody outside of all VPCs. The host itself has the outer address of the way to the VPC.
    Outside(Ipv4Addr),
}

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// TCP.
    Tcp {
        /// The port of the sender, which answers go to.
        from: u16,
        /// The port that is asked.
        to: u16,
    },
    /// UDP.
    Udp {
        /// The port of the sender.
        from: u16,
        /// The port that is asked.
        to: u16,
    },
    /// An ICMP echo request.
    Echo,
    /// The answer to one.
    EchoReply,
}

/// Where a request ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It arrives, and its answer comes back.
    Passes(Arrival),
    /// It or its answer is stopped.
    Blocked(Block),
}

/// A request that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Where.
    pub at: Place,
    /// The source address that is seen there.
    pub source: Ipv4Addr,
}

/// Where a request can arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At an interface.
    Interface(NetworkInterfaceId),
    /// At the router of the VPC: its metadata service or its resolver.
    Router,
    /// Outside of all VPCs.
    Outside,
}

/// What stops a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Whether it is the answer that is stopped: then the request arrived, here.
    pub answer: Option<Arrival>,
    /// The first thing that stops it.
    pub cause: Cause,
}

/// The first thing that is in the way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// There is no such interface on the network.
    #[error("{0} is not on the network: its instance does not run or it was deleted")]
    Absent(NetworkInterfaceId),
    /// No rule of its groups speaks for it.
    #[error("{} of {} {} {message} {} {peer}", groups_text(groups), owner, verb(*direction, groups.len()), preposition(*direction))]
    SecurityGroups {
        /// All groups of the interface.
        groups: Vec<SecurityGroupId>,
        /// Whose interface: an instance's id, or an interface's.
        owner: String,
        /// Which way.
        direction: Direction,
        /// What.
        message: Message,
        /// The address at the other side, with its groups if it is an interface of the VPC.
        peer: String,
    },
    /// An entry of an ACL, or the one that denies what no entry meets.
    #[error("network ACL {acl} of {subnet} denies {message} {} {peer} by {}", preposition(*direction), entry_text(*entry))]
    NetworkAcl {
        /// The ACL.
        acl: NetworkAclId,
        /// The subnet that is left or entered.
        subnet: SubnetId,
        /// Which way.
        direction: Direction,
        /// The number of the entry; `None`: no entry meets it.
        entry: Option<u16>,
        /// What.
        message: Message,
        /// The address at the other side.
        peer: Ipv4Addr,
    },
    /// No route leads there.
    #[error("route table {table} of {subnet} has no route to {to}")]
    NoRoute {
        /// The table.
        table: RouteTableId,
        /// Whose it is.
        subnet: SubnetId,
        /// Where to.
        to: Ipv4Addr,
    },
    /// The VPC has no main table, and the subnet none of its own.
    #[error("{0} has no route table")]
    NoTable(SubnetId),
    /// A route leads there, but its target is gone.
    #[error("the route to {to} in route table {table} is a blackhole: {target} is gone")]
    Blackhole {
        /// The table.
        table: RouteTableId,
        /// Where to.
        to: Ipv4Addr,
        /// The gateway that was.
        target: String,
    },
    /// A request from outside came by the internet gateway, which the subnet's routes do not use for the answer.
    #[error("route table {table} of {subnet} does not lead to {to} by an internet gateway")]
    NoInternetRoute {
        /// The table.
        table: RouteTableId,
        /// Whose it is.
        subnet: SubnetId,
        /// Who asked.
        to: Ipv4Addr,
    },
    /// Only public addresses pass an internet gateway.
    #[error("{0} has no public address, and the internet gateway lets nobody else pass")]
    NoPublicAddress(NetworkInterfaceId),
    /// Nobody has the address.
    #[error("no interface has the address {0} now")]
    Nobody(Ipv4Addr),
    /// The router itself answers for two services only.
    #[error("{0} is the router's: it answers for tcp/80 of the metadata service and port 53 of the resolver only")]
    RouterOnly(Ipv4Addr),
    /// NAT gateways take no requests.
    #[error("{0} is a NAT gateway: it takes no requests that are addressed to itself")]
    NatGateway(NatGatewayId),
    /// From one NAT gateway to another.
    #[error("the route from NAT gateway {0} leads to a NAT gateway; it must lead to an internet gateway")]
    NatGatewayBehindNatGateway(NatGatewayId),
    /// A source address that cannot come from outside.
    #[error("{0} lies in the VPC's own block and cannot come from outside")]
    Spoofed(Ipv4Addr),
    /// 169.254.0.0/16 and 127.0.0.0/8 are not routed.
    #[error("{0} means a host itself: no router passes it on")]
    NotRouted(Ipv4Addr),
}

/// The fate of a request, given the records of all scopes of a host.
pub fn verdict(scopes: &[NetworkRecords<'_>], packet: &Packet) -> Verdict {
    let mut trip = Trip { scopes, message: packet.message, legs: Vec::new() };
    match trip.request(packet) {
        Err(cause) => Verdict::Blocked(Block { answer: None, cause }),
        Ok(arrival) => match trip.answer() {
            Err(cause) => Verdict::Blocked(Block { answer: Some(arrival), cause }),
            Ok(()) => Verdict::Passes(arrival),
        },
    }
}

/// The way of a request so far.
struct Trip<'s, 'a> {
    scopes: &'s [NetworkRecords<'a>],
    message: Message,
    legs: Vec<Leg<'s, 'a>>,
}

/// One passage through the router of a VPC.
#[derive(Clone)]
struct Leg<'s, 'a> {
    records: &'s NetworkRecords<'a>,
    /// `None`: the internet gateway.
    from: Option<Interface<'a>>,
    to: Option<Interface<'a>>,
    /// The addresses as they are in the VPC.
    source: Ipv4Addr,
    destination: Ipv4Addr,
}

/// What a route of a subnet leads to, outside of the VPC.
enum Exit<'a> {
    Internet,
    NatGateway(Interface<'a>),
}

impl<'s, 'a> Trip<'s, 'a> {
    fn request(&mut self, packet: &Packet) -> Result<Arrival, Cause> {
        match &packet.from {
            Origin::Interface(id) => {
                let (records, interface) =
                    self.find(|_, interface| interface.id == id).ok_or(Cause::Absent(id.clone()))?;
                self.leave_interface(records, interface, packet.to)
            }
            Origin::Outside(source) => self.arrive_from_outside(*source, packet.to),
        }
    }

    /// Answers pass security groups, but not network ACLs; they go the same way back.
    fn answer(&self) -> Result<(), Cause> {
        for leg in self.legs.iter().rev() {
            let back = Leg {
                from: leg.to.clone(),
                to: leg.from.clone(),
                source: leg.destination,
                destination: leg.source,
                ..leg.clone()
            };
            network_acls(&back, self.message.answer())?;
        }
        Ok(())
    }

    fn leave_interface(
        &mut self,
        records: &'s NetworkRecords<'a>,
        interface: Interface<'a>,
        to: Ipv4Addr,
    ) -> Result<Arrival, Cause> {
        let vpc = records.vpcs.iter().find(|vpc| vpc.id == *interface.vpc_id);
        let vpc = vpc.ok_or_else(|| Cause::Absent(interface.id.clone()))?;
        let source = interface.private_address;
        let is_resolver = to == vpc.resolver() || to == super::vpc_dns::RESOLVER_ADDRESS;
        if is_resolver || to == super::network_plan::METADATA_ADDRESS {
            return self.at_router(is_resolver, to, source);
        }
        if to.is_loopback() || to.is_link_local() {
            return Err(Cause::NotRouted(to));
        }
        if vpc.cidr.contains(to) {
            return self.within_vpc(records, interface, to);
        }
        security_groups(records, &interface, Direction::Egress, self.message, to)?;
        let exit = exit(records, &interface, to)?;
        let last = match exit {
            Exit::Internet => interface,
            Exit::NatGateway(nat) => {
                if let Owner::NatGateway(id) = interface.owner {
                    return Err(Cause::NatGatewayBehindNatGateway(id.clone()));
                }
                self.pass(records, Some(interface), Some(nat.clone()), source, to)?;
                through_nat_gateway(records, &nat, to)?;
                nat
            }
        };
        let public = records.public_address(last.id).ok_or_else(|| Cause::NoPublicAddress(last.id.clone()))?;
        let private = last.private_address;
        self.pass(records, Some(last), None, private, to)?;
        self.arrive_from_outside(public, to)
    }

    fn at_router(&self, resolver: bool, to: Ipv4Addr, source: Ipv4Addr) -> Result<Arrival, Cause> {
        let served = match self.message {
            Message::Tcp { to: 53, .. } | Message::Udp { to: 53, .. } => resolver,
            Message::Tcp { to: 80, .. } => !resolver,
            Message::Tcp { .. } | Message::Udp { .. } | Message::Echo | Message::EchoReply => false,
        };
        if served { Ok(Arrival { at: Place::Router, source }) } else { Err(Cause::RouterOnly(to)) }
    }

    fn within_vpc(
        &mut self,
        records: &'s NetworkRecords<'a>,
        from: Interface<'a>,
        to: Ipv4Addr,
    ) -> Result<Arrival, Cause> {
        let source = from.private_address;
        security_groups(records, &from, Direction::Egress, self.message, to)?;
        let mut interfaces = records.interfaces().into_iter();
        let target = interfaces.find(|target| target.vpc_id == from.vpc_id && target.private_address == to);
        let target = target.ok_or_else(|| {
            let gateway = |subnet: &&Subnet| subnet.vpc_id == *from.vpc_id && subnet.gateway() == to;
            if records.subnets.iter().any(gateway) { Cause::RouterOnly(to) } else { Cause::Nobody(to) }
        })?;
        if let Owner::NatGateway(id) = target.owner {
            return Err(Cause::NatGateway(id.clone()));
        }
        let at = Place::Interface(target.id.clone());
        self.pass(records, Some(from), Some(target), source, to)?;
        Ok(Arrival { at, source })
    }

    /// From the outer side of the internet gateways: to the interface that has the public address, if it is one of ours.
    fn arrive_from_outside(&mut self, source: Ipv4Addr, to: Ipv4Addr) -> Result<Arrival, Cause> {
        let Some((records, target)) = self.find(|records, target| {
            records.public_address(target.id) == Some(to) && records.internet_gateway(target.vpc_id).is_some()
        }) else {
            let is_ours = |records: &NetworkRecords<'_>| {
                let elastic = records.addresses.iter().any(|address| address.public_address == to);
                elastic || records.instances.iter().any(|instance| instance.pool_address == Some(to))
            };
            let ours = self.scopes.iter().any(is_ours);
            return if ours { Err(Cause::Nobody(to)) } else { Ok(Arrival { at: Place::Outside, source }) };
        };
        if records.vpcs.iter().any(|vpc| vpc.id == *target.vpc_id && vpc.cidr.contains(source)) {
            return Err(Cause::Spoofed(source));
        }
        if let Owner::NatGateway(id) = target.owner {
            return Err(Cause::NatGateway(id.clone()));
        }
        match exit(records, &target, source) {
            Ok(Exit::Internet) => {}
            Ok(Exit::NatGateway(_)) | Err(_) => return Err(no_internet_route(records, &target, source)),
        }
        let (at, private) = (Place::Interface(target.id.clone()), target.private_address);
        self.pass(records, None, Some(target), source, private)?;
        Ok(Arrival { at, source })
    }

    /// One passage through a router, with everything that filters it.
    fn pass(
        &mut self,
        records: &'s NetworkRecords<'a>,
        from: Option<Interface<'a>>,
        to: Option<Interface<'a>>,
        source: Ipv4Addr,
        destination: Ipv4Addr,
    ) -> Result<(), Cause> {
        let leg = Leg { records, from, to, source, destination };
        network_acls(&leg, self.message)?;
        if let Some(to) = &leg.to {
            security_groups(records, to, Direction::Ingress, self.message, source)?;
        }
        self.legs.push(leg);
        Ok(())
    }

    fn find(
        &self,
        is_it: impl Fn(&NetworkRecords<'a>, &Interface<'a>) -> bool,
    ) -> Option<(&'s NetworkRecords<'a>, Interface<'a>)> {
        self.scopes.iter().find_map(|records| {
            records.interfaces().into_iter().find(|interface| is_it(records, interface)).map(|found| (records, found))
        })
    }
}

/// Where the route of an interface's subnet leads, for an address outside of the VPC.
fn exit<'a>(records: &NetworkRecords<'a>, interface: &Interface<'a>, to: Ipv4Addr) -> Result<Exit<'a>, Cause> {
    let subnet = interface.subnet_id;
    let table = table_of(subnet, interface.vpc_id, records.route_tables.iter().copied());
    let table = table.ok_or_else(|| Cause::NoTable(subnet.clone()))?;
    let route = table.route(to);
    let route = route.ok_or_else(|| Cause::NoRoute { table: table.id.clone(), subnet: subnet.clone(), to })?;
    let blackhole = |target: String| Cause::Blackhole { table: table.id.clone(), to, target };
    match &route.target {
        RouteTarget::InternetGateway(id) => {
            let attached = records
                .internet_gateways
                .iter()
                .any(|gateway| gateway.id == *id && gateway.vpc_id.as_ref() == Some(interface.vpc_id));
            if attached { Ok(Exit::Internet) } else { Err(blackhole(id.to_string())) }
        }
        RouteTarget::NatGateway(id) => {
            let mut interfaces = records.interfaces().into_iter();
            let is_its =
                |other: &Interface<'_>| other.vpc_id == interface.vpc_id && other.owner == Owner::NatGateway(id);
            interfaces.find(is_its).map(Exit::NatGateway).ok_or_else(|| blackhole(id.to_string()))
        }
    }
}

/// A NAT gateway's own packets follow its subnet's routes, which must lead outside.
fn through_nat_gateway(records: &NetworkRecords<'_>, nat: &Interface<'_>, to: Ipv4Addr) -> Result<(), Cause> {
    match (exit(records, nat, to)?, nat.owner) {
        (Exit::NatGateway(_), Owner::NatGateway(id)) => Err(Cause::NatGatewayBehindNatGateway(id.clone())),
        (Exit::Internet, _) | (Exit::NatGateway(_), Owner::Instance(_) | Owner::LoadBalancer) => Ok(()),
    }
}

fn no_internet_route(records: &NetworkRecords<'_>, target: &Interface<'_>, to: Ipv4Addr) -> Cause {
    let subnet = target.subnet_id.clone();
    match table_of(&subnet, target.vpc_id, records.route_tables.iter().copied()) {
        Some(table) => Cause::NoInternetRoute { table: table.id.clone(), subnet, to },
        None => Cause::NoTable(subnet),
    }
}

/// Whether one rule of one group of the interface speaks for the message.
fn security_groups(
    records: &NetworkRecords<'_>,
    interface: &Interface<'_>,
    direction: Direction,
    message: Message,
    peer: Ipv4Addr,
) -> Result<(), Cause> {
    if interface.security_groups.is_empty() {
        return Ok(());
    }
    let other = records
        .interfaces()
        .into_iter()
        .find(|other| other.vpc_id == interface.vpc_id && other.private_address == peer);
    let groups_of_peer = other.map(|other| other.security_groups).unwrap_or_default();
    let of_interface = records.security_groups.iter().filter(|group| interface.security_groups.contains(&group.id));
    let admits = of_interface.flat_map(|group| group.rules_of(direction)).any(|rule| {
        let peer_fits = match &rule.peer {
            Peer::Ipv4(block) => block.contains(peer),
            Peer::Ipv6(_) => false,
            Peer::Group(group) => groups_of_peer.contains(group),
        };
        peer_fits && message.is_part_of(rule.traffic)
    });
    if admits {
        return Ok(());
    }
    Err(Cause::SecurityGroups {
        groups: interface.security_groups.to_vec(),
        owner: owner_text(interface),
        direction,
        message,
        peer: peer_text(peer, groups_of_peer),
    })
}

/// The ACLs of the subnet that is left and of the one that is entered. Nothing filters what stays within one subnet.
fn network_acls(leg: &Leg<'_, '_>, message: Message) -> Result<(), Cause> {
    let subnet_of = |interface: &Option<Interface<'_>>| interface.as_ref().map(|interface| interface.subnet_id.clone());
    let (left, entered) = (subnet_of(&leg.from), subnet_of(&leg.to));
    if left == entered {
        return Ok(());
    }
    if let Some(subnet) = left {
        network_acl(leg.records, &subnet, Direction::Egress, message, leg.destination)?;
    }
    if let Some(subnet) = entered {
        network_acl(leg.records, &subnet, Direction::Ingress, message, leg.source)?;
    }
    Ok(())
}

fn network_acl(
    records: &NetworkRecords<'_>,
    subnet: &SubnetId,
    direction: Direction,
    message: Message,
    peer: Ipv4Addr,
) -> Result<(), Cause> {
    let Some(record) = records.subnets.iter().find(|record| record.id == *subnet) else { return Ok(()) };
    let Some(acl) = records.network_acl(record) else { return Ok(()) };
    let entries = acl.entries(direction).into_iter();
    let mut meeting = entries.filter(|entry| entry.cidr.contains(peer) && message.is_part_of(entry.traffic));
    let decisive = meeting.next();
    if decisive.is_some_and(|entry| entry.allow) {
        return Ok(());
    }
    Err(Cause::NetworkAcl {
        acl: acl.id.clone(),
        subnet: subnet.clone(),
        direction,
        entry: decisive.map(|entry| entry.number),
        message,
        peer,
    })
}

impl Message {
    /// Whether a rule about that traffic speaks about it.
    pub fn is_part_of(self, traffic: Traffic) -> bool {
        match (traffic, self) {
            (Traffic::All, _) => true,
            (Traffic::Tcp(low, high), Self::Tcp { to, .. }) | (Traffic::Udp(low, high), Self::Udp { to, .. }) => {
                (low..=high).contains(&to)
            }
            (Traffic::Icmp(kind, code), Self::Echo) => matches!(kind, -1 | 8) && matches!(code, -1 | 0),
            (Traffic::Icmp(kind, code), Self::EchoReply) => matches!(kind, -1 | 0) && matches!(code, -1 | 0),
            (
                Traffic::Tcp(..) | Traffic::Udp(..) | Traffic::Icmp(..) | Traffic::Icmpv6(..) | Traffic::Protocol(_),
                Self::Tcp { .. } | Self::Udp { .. } | Self::Echo | Self::EchoReply,
            ) => false,
        }
    }

    /// What comes back.
    fn answer(self) -> Self {
        match self {
            Self::Tcp { from, to } => Self::Tcp { from: to, to: from },
            Self::Udp { from, to } => Self::Udp { from: to, to: from },
            Self::Echo => Self::EchoReply,
            Self::EchoReply => Self::Echo,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { to, .. } => write!(f, "tcp/{to}"),
            Self::Udp { to, .. } => write!(f, "udp/{to}"),
            Self::Echo => f.write_str("an ICMP echo request"),
            Self::EchoReply => f.write_str("an ICMP echo reply"),
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            None => write!(f, "{}", self.cause),
            Some(_) => write!(f, "the request arrives, but not its answer: {}", self.cause),
        }
    }
}

fn owner_text(interface: &Interface<'_>) -> String {
    match interface.owner {
        Owner::Instance(id) => id.to_string(),
        Owner::NatGateway(id) => id.to_string(),
        Owner::LoadBalancer => interface.id.to_string(),
    }
}

fn peer_text(address: Ipv4Addr, groups: &[SecurityGroupId]) -> String {
    let names: Vec<_> = groups.iter().map(ToString::to_string).collect();
    if names.is_empty() { address.to_string() } else { format!("{address} ({})", names.join(", ")) }
}

fn groups_text(groups: &[SecurityGroupId]) -> String {
    let names: Vec<_> = groups.iter().map(ToString::to_string).collect();
    format!("security group{} {}", if names.len() == 1 { "" } else { "s" }, names.join(", "))
}

fn verb(direction: Direction, groups: usize) -> &'static str {
    match (direction, groups) {
        (Direction::Ingress, 1) => "does not admit",
        (Direction::Ingress, _) => "do not admit",
        (Direction::Egress, 1) => "does not let out",
        (Direction::Egress, _) => "do not let out",
    }
}

fn preposition(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "from",
        Direction::Egress => "to",
    }
}

fn entry_text(entry: Option<u16>) -> String {
    entry.map_or_else(|| "default: no entry meets it".to_owned(), |number| format!("entry {number}"))
}
