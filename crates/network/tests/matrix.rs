//! Who reaches whom in random networks: the kernel's answer is that of the reference model, each time.
//!
//! `GORU_MATRIX_NETWORKS` says how many networks (200 takes some minutes), `GORU_MATRIX_SEED` where to begin.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail like tests, and say what they measured"
)]

mod support;

use model::{
    IdSource,
    ec2::{
        network_plan::{NetworkPlan, Place},
        reachability::{self, Arrival, Block, Message, Origin, Packet, Verdict, verdict},
        route_table::RouteTarget,
        security_group::{Direction, Peer, Traffic},
    },
    id::{SecurityGroupId, SubnetId, VpcId},
};
use network::NetworkDriver;
use std::net::Ipv4Addr;
use support::{
    HOST, Lab, OUTSIDE, pool,
    probe::{Node, Outcome, PORTS, Probe, probe},
};
use testkit::{
    CountedIds,
    network::{Entry, Rule, World, block},
};

/// How many networks there are without a wish: what CI has time for.
const NETWORKS: u64 = 40;
/// How often a datagram is sent that should pass.
const ATTEMPTS: usize = 3;
/// The block of both VPCs.
const VPC: &str = "10.0.0.0/16";
const BLOCKS: [&str; 6] =
    ["0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/20", "10.0.16.0/24", "203.0.113.0/24", "198.51.100.0/25"];

#[test]
fn the_kernel_agrees_with_the_reference_in_random_networks() {
    let Some(lab) = Lab::new() else { return };
    let number = |name, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (count, first) = (number("GORU_MATRIX_NETWORKS", NETWORKS), number("GORU_MATRIX_SEED", 1));
    let mut totals = Totals::default();
    for seed in first..first + count {
        one_network(&lab, seed, &mut totals);
    }
    println!("{count} networks: {totals:?}");
    assert!(totals.passed > totals.probes / 20 && totals.stopped > totals.probes / 20, "{totals:?}");
}

#[derive(Debug, Default)]
struct Totals {
    probes: usize,
    passed: usize,
    stopped: usize,
    answers_stopped: usize,
}

fn one_network(lab: &Lab, seed: u64, totals: &mut Totals) {
    let mut dice = Dice(CountedIds::seeded(seed << 32));
    let world = random_world(&mut dice, seed);
    let plan = lab.plan(&world);
    lab.driver.apply(&plan).unwrap();
    let scopes = [world.records()];
    let nodes = nodes(lab, &plan, &world);
    let mut packets = Vec::new();
    let mut probes = Vec::new();
    for (from, node) in nodes.iter().enumerate().filter(|(_, node)| node.origin.is_some()) {
        for to in targets(&world, &nodes, node) {
            for kind in 0..3 {
                let message = dice.message(kind, probes.len());
                let Some((source, origin)) = origin(node, to, &plan) else { continue };
                let packet = Packet { from: origin, to, message };
                let verdict = verdict(&scopes, &packet);
                let expected = matches!(verdict, Verdict::Passes(_));
                probes.push(Probe { from, source, to, message, expected });
                packets.push((packet, verdict));
            }
        }
    }
    let places: Vec<_> = nodes.iter().map(|node| node.place.clone()).collect();
    let mut outcomes = probe(&places, &probes);
    for _ in 1..ATTEMPTS {
        ask_again(&places, &probes, &packets, &mut outcomes);
    }
    let wrong: Vec<_> = packets
        .iter()
        .zip(&outcomes)
        .filter(|((packet, verdict), outcome)| !agrees(packet, verdict, outcome))
        .map(|((packet, verdict), outcome)| format!("{packet:?}\n  reference: {verdict:?}\n  kernel: {outcome:?}"))
        .collect();
    assert!(
        wrong.is_empty(),
        "seed {seed}: {} differences, of which\n{}",
        wrong.len(),
        wrong[..wrong.len().min(8)].join("\n")
    );
    totals.probes += probes.len();
    totals.passed += packets.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Passes(_))).count();
    let stopped = |answer: bool| move |(_, verdict): &&(Packet, Verdict)| matches!(verdict, Verdict::Blocked(block) if block.answer.is_some() == answer);
    totals.stopped += packets.iter().filter(stopped(false)).count();
    totals.answers_stopped += packets.iter().filter(stopped(true)).count();
}

/// A machine that is busy loses datagrams now and then: what should have passed and was not seen is sent once more. What must
/// not pass is never asked twice.
fn ask_again(places: &[Node], probes: &[Probe], packets: &[(Packet, Verdict)], outcomes: &mut [Outcome]) {
    let is_lost = |index: &usize| {
        let (packet, verdict) = &packets[*index];
        matches!(verdict, Verdict::Passes(_)) && !agrees(packet, verdict, &outcomes[*index])
    };
    let lost: Vec<usize> = (0..probes.len()).filter(is_lost).collect();
    if lost.is_empty() {
        return;
    }
    let again: Vec<Probe> = lost.iter().map(|index| probes[*index].clone()).collect();
    for (index, outcome) in lost.into_iter().zip(probe(places, &again)) {
        outcomes[index] = outcome;
    }
}

/// Whether what was seen is what the reference says.
fn agrees(packet: &Packet, verdict: &Verdict, outcome: &Outcome) -> bool {
    let seen = |arrival: &Arrival| outcome.arrived == Some(arrival.source);
    match (verdict, packet.message) {
        (Verdict::Passes(arrival), Message::Tcp { .. }) => {
            outcome.answered && (seen(arrival) || outcome.arrived.is_none())
        }
        (Verdict::Passes(arrival), _) => outcome.answered && seen(arrival),
        (Verdict::Blocked(Block { answer: Some(_), .. }), Message::Tcp { .. }) => !outcome.answered,
        (Verdict::Blocked(Block { answer: Some(arrival), .. }), _) => !outcome.answered && seen(arrival),
        (Verdict::Blocked(Block { answer: None, .. }), _) => !outcome.answered && outcome.arrived.is_none(),
    }
}

/// Somebody who sends or receives.
struct Actor {
    place: Node,
    vpc: Option<VpcId>,
    /// `None`: it only receives.
    origin: Option<Origin>,
}

fn nodes(lab: &Lab, plan: &NetworkPlan, world: &World) -> Vec<Actor> {
    let tag = &plan.tag;
    let node = |namespace: String, address| Node { namespace, address };
    let mut nodes = vec![
        Actor { place: node(lab.host.clone(), HOST), vpc: None, origin: Some(Origin::Outside(HOST)) },
        Actor { place: node(lab.outside.clone(), OUTSIDE), vpc: None, origin: Some(Origin::Outside(OUTSIDE)) },
    ];
    for instance in &world.instances {
        let origin = Some(Origin::Interface(instance.network_interface_id.clone()));
        let place = node(tag.instance_namespace(&instance.id), instance.private_address);
        nodes.push(Actor { place, vpc: Some(instance.vpc_id.clone()), origin });
    }
    let records = world.records();
    for interface in records.interfaces() {
        use model::ec2::network_records::Owner;
        let namespace = match interface.owner {
            Owner::Instance(_) | Owner::NatGateway(_) => continue,
            Owner::LoadBalancer => tag.edge_namespace(interface.vpc_id),
        };
        let place = node(namespace, interface.private_address);
        let origin = Some(Origin::Interface(interface.id.clone()));
        nodes.push(Actor { place, vpc: Some(interface.vpc_id.clone()), origin });
    }
    for vpc in &world.vpcs {
        let own = [model::ec2::network_plan::METADATA_ADDRESS, model::ec2::vpc_dns::RESOLVER_ADDRESS, vpc.resolver()];
        for address in own {
            let place = node(tag.vpc_namespace(&vpc.id), address);
            nodes.push(Actor { place, vpc: Some(vpc.id.clone()), origin: None });
        }
    }
    nodes
}

/// The addresses that somebody is made to try: those of its own VPC, all public ones, those outside, and nobody's.
fn targets(world: &World, nodes: &[Actor], from: &Actor) -> Vec<Ipv4Addr> {
    let own = |vpc: &VpcId| from.vpc.as_ref() == Some(vpc);
    let mut targets = vec![HOST, OUTSIDE];
    targets.extend(world.addresses.iter().map(|address| address.public_address));
    targets.extend(world.instances.iter().filter_map(|instance| instance.pool_address));
    targets.extend(nodes.iter().filter(|node| node.vpc.as_ref().is_some_and(own)).map(|node| node.place.address));
    targets.extend(world.network_interfaces.iter().filter(|i| own(&i.vpc_id)).map(|i| i.private_address));
    if from.vpc.is_some() {
        targets.extend([Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 200)]);
    }
    targets.sort();
    targets.dedup();
    // The interfaces of one edge are one host: between them no router has a say.
    let neighbour = |address: &Ipv4Addr| {
        let same = |node: &&Actor| node.place.namespace == from.place.namespace && node.place.address == *address;
        nodes.iter().any(|node| same(&node))
    };
    targets.retain(|address| !neighbour(address));
    targets
}

/// The address to bind and who that is. The host has the outer address of the way to a VPC; towards addresses that no VPC has,
/// nothing is asked of it.
fn origin(actor: &Actor, to: Ipv4Addr, plan: &NetworkPlan) -> Option<(Ipv4Addr, Origin)> {
    let origin = actor.origin.clone()?;
    if actor.place.address != HOST {
        return Some((actor.place.address, origin));
    }
    let routes = &plan.namespaces[&Place::Outer].routes;
    let route = routes.iter().find(|route| route.destination.contains(to))?;
    let source = route.source.unwrap();
    Some((source, Origin::Outside(source)))
}

/// The source of everything random.
struct Dice(CountedIds);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.0.next_u64() % limit as u64).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn message(&mut self, kind: usize, number: usize) -> Message {
        let (from, to) = (20_000 + u16::try_from(number).unwrap(), self.one_of(&PORTS));
        match kind {
            0 => Message::Tcp { from, to },
            1 => Message::Udp { from, to },
            _ => Message::Echo,
        }
    }

    fn traffic(&mut self) -> Traffic {
        let port = self.one_of(&PORTS);
        let choices = [
            Traffic::All,
            Traffic::Tcp(port, port),
            Traffic::Tcp(0, 65535),
            Traffic::Udp(port, port),
            Traffic::Udp(50, 3000),
            Traffic::Icmp(-1, -1),
            Traffic::Icmp(8, -1),
            Traffic::Icmp(0, 0),
            Traffic::Tcp(1024, 65535),
            Traffic::Udp(1024, 65535),
            Traffic::Protocol(47),
        ];
        self.one_of(&choices)
    }

    fn rules(&mut self, named: &[SecurityGroupId]) -> Vec<Rule> {
        let mut rules = Vec::new();
        for direction in [Direction::Ingress, Direction::Egress] {
            if direction == Direction::Egress && self.chance(70) {
                rules.push((direction, Traffic::All, Peer::Ipv4(block("0.0.0.0/0"))));
            }
            for _ in 0..self.below(4) {
                let peer = if !named.is_empty() && self.chance(40) {
                    Peer::Group(self.one_of(named))
                } else {
                    Peer::Ipv4(block(self.one_of(&BLOCKS)))
                };
                rules.push((direction, self.traffic(), peer));
            }
        }
        rules
    }

    fn entries(&mut self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for direction in [Direction::Ingress, Direction::Egress] {
            for number in 1..1 + self.below(5) {
                let number = u16::try_from(number * 10).unwrap();
                entries.push((number, direction, self.traffic(), block(self.one_of(&BLOCKS)), self.chance(50)));
            }
            if self.chance(75) {
                entries.push((100, direction, Traffic::All, block("0.0.0.0/0"), true));
            }
        }
        entries.reverse();
        entries
    }
}

fn random_world(dice: &mut Dice, seed: u64) -> World {
    let mut world = World::seeded(seed << 20);
    let mut next_public = 0;
    for _ in 0..2 {
        random_vpc(dice, &mut world, &mut next_public);
    }
    world
}

fn random_vpc(dice: &mut Dice, world: &mut World, next_public: &mut u8) {
    let mut public = || {
        *next_public += 1;
        // Both halves of the pool are in use: groups and ACLs name one of them.
        pool(if next_public.is_multiple_of(2) { *next_public } else { 128 + *next_public })
    };
    let vpc = world.vpc(VPC);
    let subnets: Vec<SubnetId> =
        ["10.0.0.0/20", "10.0.16.0/24", "10.0.17.0/28"].iter().map(|cidr| world.subnet(&vpc, cidr)).collect();
    let gateway = world.internet_gateway(&vpc);
    if dice.chance(10) {
        world.internet_gateways.last_mut().unwrap().vpc_id = None;
    }
    let nat = world.nat_gateway(&subnets[0], public());
    let (internet, by_nat) = (RouteTarget::InternetGateway(gateway), RouteTarget::NatGateway(nat));
    for subnet in &subnets {
        let default = match dice.below(10) {
            0..5 => Some(internet.clone()),
            5..8 => Some(by_nat.clone()),
            8 => Some(RouteTarget::NatGateway("nat-00000000".parse().unwrap())),
            _ => None,
        };
        let mut routes: Vec<_> = default.into_iter().map(|target| ("0.0.0.0/0", target)).collect();
        if dice.chance(20) {
            routes.push(("203.0.113.0/24", dice.one_of(&[internet.clone(), by_nat.clone()])));
        }
        if dice.chance(80) {
            world.route_table(&vpc, &[subnet], routes);
        }
    }
    if dice.chance(50) {
        let routes = &mut world.route_tables.iter_mut().find(|table| table.vpc_id == vpc).unwrap().routes;
        routes.push(model::ec2::route_table::Route { destination: block("0.0.0.0/0"), target: internet });
    }
    let mut groups = vec![world.open_group(&vpc)];
    for _ in 0..3 {
        let rules = dice.rules(&groups);
        groups.push(world.group(&vpc, rules));
    }
    for subnet in &subnets {
        if dice.chance(35) {
            let entries = dice.entries();
            world.network_acl(&vpc, &[subnet], entries);
        }
    }
    for number in 0..4 {
        let chosen: Vec<_> = (0..1 + dice.below(3)).map(|_| dice.one_of(&groups)).collect();
        let subnet = if number < 3 { subnets[number].clone() } else { dice.one_of(&subnets) };
        world.instance(&subnet, &chosen.iter().collect::<Vec<_>>());
        if dice.chance(60) {
            world.instances.last_mut().unwrap().pool_address = Some(public());
        }
    }
    for subnet in &subnets[..1 + dice.below(2)] {
        let chosen: Vec<_> = (0..dice.below(3)).map(|_| dice.one_of(&groups)).collect();
        world.load_balancer(subnet, &chosen.iter().collect::<Vec<_>>());
    }
}

#[test]
fn the_reference_names_its_places() {
    // What the matrix compares must be able to differ: a reference that says one thing to everything would agree with a wall.
    let mut world = World::seeded(7);
    let vpc = world.vpc(VPC);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let (open, closed) = (world.open_group(&vpc), world.group(&vpc, Vec::new()));
    world.instance(&subnet, &[&open]);
    world.instance(&subnet, &[&open]);
    world.instance(&subnet, &[&closed]);
    let from = Origin::Interface(world.instances[0].network_interface_id.clone());
    let to = |index: usize| Packet {
        from: from.clone(),
        to: world.instances[index].private_address,
        message: Message::Tcp { from: 40_000, to: 80 },
    };
    let at = |index: usize| reachability::Place::Interface(world.instances[index].network_interface_id.clone());
    assert!(matches!(verdict(&[world.records()], &to(1)), Verdict::Passes(arrival) if arrival.at == at(1)));
    assert!(matches!(verdict(&[world.records()], &to(2)), Verdict::Blocked(Block { answer: None, .. })));
}
