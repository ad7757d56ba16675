//! Sends many requests at once between namespaces, and says which arrived and which were answered.
//!
//! Sockets keep the namespace in which they were opened, so that one thread can hold all of them. A request that is expected to
//! be answered has seconds for it; the others are waited for as long as the expected ones needed, and a moment more.

use model::ec2::reachability::Message;
use network::enter;
use rustix::{
    event::{PollFd, PollFlags, poll},
    net::{RecvFlags, recvfrom},
};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddrV4},
    time::{Duration, Instant},
};

/// Ports that every node serves, by TCP and UDP.
pub const PORTS: [u16; 4] = [22, 53, 80, 3000];
/// How long an expected answer may take: three times as long as the kernel waits before it sends a SYN again.
const DEADLINE: Duration = Duration::from_secs(4);
/// How long nothing must have arrived before what is missing counts as stopped.
const QUIET: Duration = Duration::from_millis(60);

/// How many sockets send before it is looked at what has come. The kernel keeps 1000 packets for each processor that it has had
/// no time for (`netdev_max_backlog`), of all namespaces together, and drops what is more.
const PORTION: usize = 64;

/// An address in a namespace, from which requests are sent and where they arrive.
#[derive(Clone, Debug)]
pub struct Node {
    pub namespace: String,
    pub address: Ipv4Addr,
}

#[derive(Clone, Debug)]
pub struct Probe {
    /// The place of the sender among the nodes.
    pub from: usize,
    /// The address that is bound; the kernel chooses when it is unspecified.
    pub source: Ipv4Addr,
    pub to: Ipv4Addr,
    pub message: Message,
    /// Whether it is waited for.
    pub expected: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The source address that the receiver saw; of TCP only what is answered is known to have arrived.
    pub arrived: Option<Ipv4Addr>,
    pub answered: bool,
}

enum Role {
    UdpServer,
    TcpServer,
    /// Only sees requests, which the kernel answers.
    IcmpServer,
    UdpClient(usize),
    TcpClient(usize),
    IcmpClient(usize),
}

struct Open {
    socket: Socket,
    role: Role,
}

/// Sends everything, in portions, and returns what became of each.
pub fn probe(nodes: &[Node], probes: &[Probe]) -> Vec<Outcome> {
    let mut sockets = Vec::new();
    let mut namespaces: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        namespaces.entry(&node.namespace).or_default().push(index);
    }
    for (namespace, members) in namespaces {
        sockets.extend(enter(namespace, || open(nodes, &members, probes)).unwrap());
    }
    let mut outcomes = vec![Outcome::default(); probes.len()];
    for portion in sockets.chunks(PORTION) {
        send(portion, probes);
        while turn(&sockets, probes, &mut outcomes, Duration::from_millis(2)) {}
    }
    collect(&sockets, probes, &mut outcomes);
    outcomes
}

fn open(nodes: &[Node], members: &[usize], probes: &[Probe]) -> Vec<Open> {
    let mut sockets = Vec::new();
    for member in members {
        let address = nodes[*member].address;
        for port in PORTS {
            sockets.push(Open { socket: bound(Type::DGRAM, Protocol::UDP, address, port), role: Role::UdpServer });
            let socket = bound(Type::STREAM, Protocol::TCP, address, port);
            socket.listen(64).unwrap();
            sockets.push(Open { socket, role: Role::TcpServer });
        }
        sockets.push(Open { socket: bound(Type::RAW, Protocol::ICMPV4, address, 0), role: Role::IcmpServer });
    }
    for (index, probe) in probes.iter().enumerate().filter(|(_, probe)| members.contains(&probe.from)) {
        match probe.message {
            Message::Udp { from, .. } => {
                let socket = bound(Type::DGRAM, Protocol::UDP, probe.source, from);
                sockets.push(Open { socket, role: Role::UdpClient(index) });
            }
            Message::Tcp { from, .. } => {
                let socket = bound(Type::STREAM, Protocol::TCP, probe.source, from);
                sockets.push(Open { socket, role: Role::TcpClient(index) });
            }
            Message::Echo | Message::EchoReply => {
                let socket = bound(Type::RAW, Protocol::ICMPV4, probe.source, 0);
                sockets.push(Open { socket, role: Role::IcmpClient(index) });
            }
        }
    }
    sockets
}

fn bound(kind: Type, protocol: Protocol, source: Ipv4Addr, port: u16) -> Socket {
    let socket = Socket::new(Domain::IPV4, kind, Some(protocol)).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&address(source, port)).unwrap_or_else(|error| panic!("{source}:{port}: {error}"));
    socket
}

fn address(address: Ipv4Addr, port: u16) -> SockAddr {
    SockAddr::from(SocketAddrV4::new(address, port))
}

/// Errors are those of networks without a route: such a request does not arrive.
fn send(sockets: &[Open], probes: &[Probe]) {
    for open in sockets {
        match open.role {
            Role::UdpClient(index) => {
                let (payload, port) = (u32::try_from(index).unwrap().to_be_bytes(), port(probes[index].message));
                let _ = open.socket.send_to(&payload, &address(probes[index].to, port));
            }
            Role::IcmpClient(index) => {
                let _ = open.socket.send_to(&echo(index), &address(probes[index].to, 0));
            }
            // It is under way, or there is no route.
            Role::TcpClient(index) => {
                let _ = open.socket.connect(&address(probes[index].to, port(probes[index].message)));
            }
            Role::UdpServer | Role::TcpServer | Role::IcmpServer => {}
        }
    }
}

fn port(message: Message) -> u16 {
    match message {
        Message::Tcp { to, .. } | Message::Udp { to, .. } => to,
        Message::Echo | Message::EchoReply => 0,
    }
}

/// An echo request with the number of its probe as identifier.
fn echo(index: usize) -> [u8; 8] {
    let identifier = u16::try_from(index).unwrap();
    let sum = u32::from(identifier) + 0x0800;
    let checksum = !u16::try_from((sum & 0xffff) + (sum >> 16)).unwrap();
    let ([high, low], [first, second]) = (checksum.to_be_bytes(), identifier.to_be_bytes());
    [8, 0, high, low, first, second, 0, 0]
}

fn collect(sockets: &[Open], probes: &[Probe], outcomes: &mut [Outcome]) {
    let start = Instant::now();
    let mut last = start;
    loop {
        if turn(sockets, probes, outcomes, Duration::from_millis(20)) {
            last = Instant::now();
        }
        let missing = probes.iter().zip(&*outcomes).any(|(probe, outcome)| probe.expected && !outcome.answered);
        if last.elapsed() > QUIET && !missing || start.elapsed() > DEADLINE {
            return;
        }
    }
}

/// Takes what comes within a moment; whether something has.
fn turn(sockets: &[Open], probes: &[Probe], outcomes: &mut [Outcome], patience: Duration) -> bool {
    let mut polled: Vec<_> = sockets.iter().map(|open| PollFd::new(&open.socket, wanted(open, outcomes))).collect();
    poll(&mut polled, Some(&patience.try_into().unwrap())).unwrap();
    let ready: Vec<_> = polled.iter().map(|fd| !fd.revents().is_empty()).collect();
    let mut any = false;
    for (open, _) in sockets.iter().zip(&ready).filter(|(_, ready)| **ready) {
        any |= look(open, probes, outcomes);
    }
    any
}

fn wanted(open: &Open, outcomes: &[Outcome]) -> PollFlags {
    match open.role {
        Role::TcpClient(index) if outcomes[index].answered => PollFlags::empty(),
        Role::TcpClient(_) => PollFlags::OUT,
        Role::UdpServer | Role::TcpServer | Role::IcmpServer | Role::UdpClient(_) | Role::IcmpClient(_) => {
            PollFlags::IN
        }
    }
}

/// Takes what has come; whether something has.
fn look(open: &Open, probes: &[Probe], outcomes: &mut [Outcome]) -> bool {
    let mut buffer = [0; 256];
    let mut any = false;
    match open.role {
        Role::TcpServer => {
            while let Ok((_, peer)) = open.socket.accept() {
                let peer = peer.as_socket_ipv4().unwrap();
                let from_port =
                    |probe: &Probe| matches!(probe.message, Message::Tcp { from, .. } if from == peer.port());
                if let Some(index) = probes.iter().position(from_port) {
                    outcomes[index].arrived = Some(*peer.ip());
                }
                any = true;
            }
        }
        Role::TcpClient(index) => {
            let is_new = !outcomes[index].answered;
            if is_new && open.socket.take_error().unwrap().is_none() && open.socket.peer_addr().is_ok() {
                outcomes[index].answered = true;
                any = true;
            }
        }
        Role::UdpServer | Role::UdpClient(_) | Role::IcmpServer | Role::IcmpClient(_) => {
            while let Ok((length, _, peer)) = recvfrom(&open.socket, &mut buffer[..], RecvFlags::empty()) {
                let peer = peer.and_then(|peer| SocketAddrV4::try_from(peer).ok()).unwrap();
                note(open, &buffer[..length], peer, outcomes);
                any = true;
            }
        }
    }
    any
}

fn note(open: &Open, bytes: &[u8], peer: SocketAddrV4, outcomes: &mut [Outcome]) {
    let source = *peer.ip();
    match open.role {
        Role::UdpServer => {
            outcomes[index_of(bytes)].arrived = Some(source);
            let _ = open.socket.send_to(bytes, &peer.into());
        }
        Role::UdpClient(index) => {
            assert_eq!(index_of(bytes), index, "an answer reached somebody else");
            outcomes[index].answered = true;
        }
        Role::IcmpServer | Role::IcmpClient(_) => {
            let header = usize::from(bytes[0] & 15) * 4;
            let [kind, _, _, _, first, second, ..] = bytes[header..] else { return };
            let number = usize::from(u16::from_be_bytes([first, second]));
            match (&open.role, kind, outcomes.get_mut(number)) {
                (Role::IcmpServer, 8, Some(outcome)) => outcome.arrived = Some(source),
                (Role::IcmpClient(index), 0, Some(outcome)) if *index == number => outcome.answered = true,
                _ => {}
            }
        }
        Role::TcpServer | Role::TcpClient(_) => {}
    }
}

fn index_of(bytes: &[u8]) -> usize {
    u32::from_be_bytes(bytes.try_into().unwrap()) as usize
}
