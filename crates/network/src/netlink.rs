//! Asks the kernel what the namespace of the calling thread holds.
//!
//! Only questions, over a socket that is closed again; changes are made by `commands`. The messages are parsed by the
//! `netlink-packet` crates, which change often: nothing of theirs leaves this file.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "messages have many more parts than are looked at, and get new ones"
)]

use crate::driver::NetworkError;
use model::{
    cidr::Cidr,
    ec2::network_plan::{Hop, LinkAddress, MAIN_TABLE, PlannedRoute, PolicyRule},
};
use netlink_packet_core::{NLM_F_DUMP, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::{
    AddressFamily, RouteNetlinkMessage,
    address::{AddressAttribute, AddressMessage},
    link::{LinkAttribute, LinkExtentMask, LinkFlags, LinkMessage},
    route::{RouteAddress, RouteAttribute, RouteMessage, RouteProtocol, RouteType},
    rule::{RuleAttribute, RuleMessage},
};
use rustix::net::{
    AddressFamily as SocketFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send,
    socket_with,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{IpAddr, Ipv4Addr},
    os::fd::OwnedFd,
};

/// The kernel answers in pieces of at most 32 KiB (its `NLMSG_GOODSIZE` and `skb` limits).
const PIECE_BYTES: usize = 64 << 10;
/// The rules that every namespace has: of the local, the main and the default table.
const KERNELS_RULES: [u32; 3] = [0, 32_766, 32_767];
const HEADER_BYTES: usize = 16;

/// What a namespace holds.
#[derive(Debug, Default)]
pub struct Dump {
    /// Links, and whether they are up.
    pub links: BTreeMap<String, bool>,
    /// IPv4 addresses, without those of 127.0.0.0/8 on `lo`.
    pub addresses: BTreeSet<LinkAddress>,
    /// IPv4 routes that the kernel did not make itself.
    pub routes: BTreeSet<PlannedRoute>,
    /// IPv4 policy rules beside the kernel's.
    pub rules: BTreeSet<PolicyRule>,
}

/// Asks for everything.
///
/// # Errors
/// When the kernel does not answer.
pub fn dump() -> Result<Dump, NetworkError> {
    let socket = open(None).map_err(failed("links"))?;
    let mut question = LinkMessage::default();
    question.attributes.push(LinkAttribute::ExtMask(vec![LinkExtentMask::SkipStats]));
    let links = ask(&socket, RouteNetlinkMessage::GetLink(question)).map_err(failed("links"))?;
    let names: BTreeMap<u32, (String, bool)> = links.iter().filter_map(link).collect();
    let mut question = AddressMessage::default();
    question.header.family = AddressFamily::Inet;
    let addresses = ask(&socket, RouteNetlinkMessage::GetAddress(question)).map_err(failed("addresses"))?;
    let mut question = RouteMessage::default();
    question.header.address_family = AddressFamily::Inet;
    let routes = ask(&socket, RouteNetlinkMessage::GetRoute(question)).map_err(failed("routes"))?;
    let mut question = RuleMessage::default();
    question.header.family = AddressFamily::Inet;
    let rules = ask(&socket, RouteNetlinkMessage::GetRule(question)).map_err(failed("rules"))?;
    Ok(Dump {
        addresses: addresses.iter().filter_map(|message| address(message, &names)).collect(),
        routes: routes.iter().filter_map(|message| route(message, &names)).collect(),
        rules: rules.iter().filter_map(rule).collect(),
        links: names.into_values().collect(),
    })
}

fn failed(what: &'static str) -> impl FnOnce(io::Error) -> NetworkError {
    move |source| NetworkError::Netlink { what, source }
}

/// A netlink socket; the protocol with the number zero is that of links and routes.
fn open(protocol: Option<Protocol>) -> io::Result<OwnedFd> {
    Ok(socket_with(SocketFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, protocol)?)
}

/// All messages of the answer.
fn ask(socket: &OwnedFd, question: RouteNetlinkMessage) -> io::Result<Vec<RouteNetlinkMessage>> {
    let mut message = NetlinkMessage::from(question);
    message.header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    send(socket, &bytes, SendFlags::empty())?;
    let mut answer = Vec::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let (length, _) = recv(socket, &mut piece[..], RecvFlags::empty())?;
        let mut rest = &piece[..length];
        while let Some((message, following)) = first_of(rest) {
            rest = following;
            // What cannot be parsed is of a kind that we never make: it stays as it is.
            let payload = NetlinkMessage::<RouteNetlinkMessage>::deserialize(message).map(|message| message.payload);
            match payload {
                Ok(NetlinkPayload::Done(_)) => return Ok(answer),
                Ok(NetlinkPayload::Error(error)) => return Err(error.to_io()),
                Ok(NetlinkPayload::InnerMessage(message)) => answer.push(message),
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "the kernel said something unknown"),
            }
        }
    }
}

/// The first message of a piece and what follows it. Messages begin with their length, at multiples of four bytes.
fn first_of(piece: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_ne_bytes(piece.get(..4)?.try_into().ok()?) as usize;
    let message = piece.get(..length).filter(|message| message.len() >= HEADER_BYTES)?;
    Some((message, piece.get(length.next_multiple_of(4)..).unwrap_or_default()))
}

fn link(message: &RouteNetlinkMessage) -> Option<(u32, (String, bool))> {
    let RouteNetlinkMessage::NewLink(link) = message else { return None };
    let name = link.attributes.iter().find_map(|attribute| match attribute {
        LinkAttribute::IfName(name) => Some(name.clone()),
        _ => None,
    })?;
    Some((link.header.index, (name, link.header.flags.contains(LinkFlags::Up))))
}

fn address(message: &RouteNetlinkMessage, names: &BTreeMap<u32, (String, bool)>) -> Option<LinkAddress> {
    let RouteNetlinkMessage::NewAddress(message) = message else { return None };
    let (mut own, mut other) = (None, None);
    for attribute in &message.attributes {
        match attribute {
            AddressAttribute::Local(IpAddr::V4(address)) => own = Some(*address),
            AddressAttribute::Address(IpAddr::V4(address)) => other = Some(*address),
            _ => {}
        }
    }
    let address = own.or(other)?;
    let (link, _) = names.get(&message.header.index)?;
    let found = LinkAddress {
        link: link.clone(),
        address,
        prefix: message.header.prefix_len,
        peer: other.filter(|other| *other != address),
    };
    (!(address.is_loopback() && link == "lo")).then_some(found)
}

fn route(message: &RouteNetlinkMessage, names: &BTreeMap<u32, (String, bool)>) -> Option<PlannedRoute> {
    let RouteNetlinkMessage::NewRoute(route) = message else { return None };
    if route.header.protocol == RouteProtocol::Kernel {
        return None;
    }
    let (mut destination, mut gateway, mut link, mut source) = (Ipv4Addr::UNSPECIFIED, None, None, None);
    let mut table = u32::from(route.header.table);
    for attribute in &route.attributes {
        match attribute {
            RouteAttribute::Destination(RouteAddress::Inet(address)) => destination = *address,
            RouteAttribute::Gateway(RouteAddress::Inet(address)) => gateway = Some(*address),
            RouteAttribute::PrefSource(RouteAddress::Inet(address)) => source = Some(*address),
            RouteAttribute::Oif(index) => link = names.get(index).map(|(name, _)| name.clone()),
            RouteAttribute::Table(number) => table = *number,
            _ => {}
        }
    }
    let hop = match (route.header.kind, gateway, link) {
        (RouteType::BlackHole, _, _) => Hop::Blackhole,
        (RouteType::Unicast, Some(address), Some(link)) => Hop::Gateway { address, link },
        (RouteType::Unicast, None, Some(link)) => Hop::Link(link),
        _ => return None,
    };
    let destination = Cidr::containing(destination, route.header.destination_prefix_length);
    Some(PlannedRoute { table, destination, hop, source })
}

fn rule(message: &RouteNetlinkMessage) -> Option<PolicyRule> {
    let RouteNetlinkMessage::NewRule(rule) = message else { return None };
    let (mut priority, mut from, mut to) = (0, None, None);
    let mut table = u32::from(rule.header.table);
    for attribute in &rule.attributes {
        match attribute {
            RuleAttribute::Priority(number) => priority = *number,
            RuleAttribute::Source(IpAddr::V4(address)) => from = Some(Cidr::containing(*address, rule.header.src_len)),
            RuleAttribute::Destination(IpAddr::V4(address)) => {
                to = Some(Cidr::containing(*address, rule.header.dst_len))
            }
            RuleAttribute::Table(number) => table = *number,
            _ => {}
        }
    }
    let table = if table == 0 { MAIN_TABLE } else { table };
    (!KERNELS_RULES.contains(&priority)).then_some(PolicyRule { priority, from, to, table })
}

/// How many times filters were changed in this namespace (`NFT_MSG_GETGEN`). Two numbers of nf_tables' own protocol, for
/// which there is no crate under a licence that we can use.
///
/// # Errors
/// When the kernel does not answer.
pub fn filter_generation() -> Result<u32, NetworkError> {
    generation().map_err(failed("count of changes of filters"))
}

fn generation() -> io::Result<u32> {
    /// `NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN`
    const GET_GENERATION: u16 = 10 << 8 | 16;
    /// `NFTA_GEN_ID`, the first attribute of the answer; its number is in network order.
    const GENERATION: u16 = 1;
    let socket = open(Some(netlink::NETFILTER))?;
    let mut question = Vec::with_capacity(20);
    question.extend(20_u32.to_ne_bytes());
    question.extend(GET_GENERATION.to_ne_bytes());
    question.extend(NLM_F_REQUEST.to_ne_bytes());
    // Sequence number and port, then the family, version and resource of netfilter's own header: all of them zero.
    question.extend([0; 12]);
    send(&socket, &question, SendFlags::empty())?;
    let mut answer = [0; 1024];
    let (length, _) = recv(&socket, &mut answer[..], RecvFlags::empty())?;
    let attribute = answer[..length].get(HEADER_BYTES + 4..HEADER_BYTES + 12).unwrap_or_default();
    match *attribute {
        [8, 0, kind, 0, a, b, c, d] if u16::from(kind) == GENERATION => Ok(u32::from_be_bytes([a, b, c, d])),
        _ => Err(io::Error::other("the kernel has no nf_tables, or does not say their count")),
    }
}
