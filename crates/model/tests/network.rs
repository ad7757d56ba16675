//! The plan of networks and the reading of who reaches whom, on networks of a few lines.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails like a test")]

use model::{
    ec2::{
        nat_gateway::NatGatewayState,
        network_plan::{Firewall, Hop, HostFacts, Place, plan},
        reachability::{self, Message, Origin, Packet, Verdict, verdict},
        route_table::RouteTarget,
        security_group::{Direction, Peer, Traffic},
    },
    id::NetworkInterfaceId,
};
use std::net::Ipv4Addr;
use testkit::network::{World, block};

const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 2);
const ELASTIC: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 9);

/// A private instance behind a NAT gateway, and a load balancer before it. Instances: the private one (0), and one in the public
/// subnet with a public address (1).
struct Seed {
    world: World,
    load_balancer: NetworkInterfaceId,
}

fn seed() -> Seed {
    let mut world = World::seeded(1);
    let vpc = world.vpc("172.31.0.0/16");
    let (public, private) = (world.subnet(&vpc, "172.31.0.0/20"), world.subnet(&vpc, "172.31.112.0/20"));
    let gateway = world.internet_gateway(&vpc);
    let nat = world.nat_gateway(&public, ELASTIC);
    world.route_table(&vpc, &[&public], vec![("0.0.0.0/0", RouteTarget::InternetGateway(gateway))]);
    world.route_table(&vpc, &[&private], vec![("0.0.0.0/0", RouteTarget::NatGateway(nat))]);
    let front = world.open_group(&vpc);
    let anywhere = || Peer::Ipv4(block("0.0.0.0/0"));
    let rules = vec![
        (Direction::Ingress, Traffic::Tcp(3000, 3000), Peer::Group(front.clone())),
        (Direction::Egress, Traffic::All, anywhere()),
    ];
    let web = world.group(&vpc, rules);
    world.instance(&private, &[&web]);
    world.instance(&public, &[&web]);
    world.instances[1].pool_address = Some(Ipv4Addr::new(198, 51, 100, 10));
    let load_balancer = world.load_balancer(&public, &[&front]);
    Seed { world, load_balancer }
}

fn tcp(from: Origin, to: Ipv4Addr, port: u16) -> Packet {
    Packet { from, to, message: Message::Tcp { from: 50_000, to: port } }
}

/// Where a request arrives, or why it does not.
fn fate(world: &World, packet: &Packet) -> String {
    match verdict(&[world.records()], packet) {
        Verdict::Passes(arrival) => match arrival.at {
            reachability::Place::Interface(id) => format!("{id} from {}", arrival.source),
            reachability::Place::Router => "router".to_owned(),
            reachability::Place::Outside => format!("outside from {}", arrival.source),
        },
        Verdict::Blocked(block) => block.to_string(),
    }
}

fn interface(world: &World, index: usize) -> Origin {
    Origin::Interface(world.instances[index].network_interface_id.clone())
}

#[test]
fn the_first_thing_in_the_way_is_named() {
    let Seed { world, load_balancer } = seed();
    let private = world.instances[0].private_address;
    let id = &world.instances[0].id;
    let [front, web] = [&world.security_groups[0].id, &world.security_groups[1].id];
    let balancer = world.network_interfaces[1].private_address;
    let from_balancer = || Origin::Interface(load_balancer.clone());
    let tables: Vec<_> = world.route_tables.iter().map(|table| &table.id).collect();
    let (subnet, nat) = (&world.subnets[1].id, &world.nat_gateways[0].id);
    let eni = &world.instances[0].network_interface_id;
    for (packet, expected) in [
        (tcp(from_balancer(), private, 3000), format!("{eni} from {balancer}")),
        (
            tcp(from_balancer(), private, 80),
            format!("security group {web} of {id} does not admit tcp/80 from {balancer} ({front})"),
        ),
        (tcp(interface(&world, 0), OUTSIDE, 443), format!("outside from {ELASTIC}")),
        (tcp(Origin::Outside(OUTSIDE), private, 3000), format!("outside from {OUTSIDE}")),
        (
            tcp(Origin::Outside(OUTSIDE), ELASTIC, 3000),
            format!("{nat} is a NAT gateway: it takes no requests that are addressed to itself"),
        ),
        (tcp(interface(&world, 0), "172.31.112.77".parse().unwrap(), 1), {
            "no interface has the address 172.31.112.77 now".to_owned()
        }),
        (tcp(interface(&world, 0), "169.254.169.254".parse().unwrap(), 80), "router".to_owned()),
        (tcp(interface(&world, 0), "172.31.0.2".parse().unwrap(), 53), "router".to_owned()),
    ] {
        assert_eq!(fate(&world, &packet), expected);
    }
    let out = tcp(interface(&world, 0), OUTSIDE, 443);
    let mut changed = world.clone();
    changed.route_tables[2].routes.clear();
    assert_eq!(fate(&changed, &out), format!("route table {} of {subnet} has no route to {OUTSIDE}", tables[2]));
    changed = world.clone();
    changed.nat_gateways[0].state = NatGatewayState::Deleted;
    assert_eq!(
        fate(&changed, &out),
        format!("the route to {OUTSIDE} in route table {} is a blackhole: {nat} is gone", tables[2])
    );
    changed = world.clone();
    changed.addresses.clear();
    let of_nat = &world.network_interfaces[0].id;
    assert_eq!(
        fate(&changed, &out),
        format!("{of_nat} has no public address, and the internet gateway lets nobody else pass")
    );
}

#[test]
fn network_acls_stop_answers_too() {
    let Seed { mut world, load_balancer } = seed();
    let (vpc, subnet) = (world.vpcs[0].id.clone(), world.subnets[1].id.clone());
    let anywhere = block("0.0.0.0/0");
    let entries = vec![
        (100, Direction::Ingress, Traffic::All, anywhere, true),
        (90, Direction::Egress, Traffic::Tcp(0, 1023), anywhere, true),
    ];
    let acl = world.network_acl(&vpc, &[&subnet], entries);
    let balancer = world.network_interfaces[1].private_address;
    let packet = tcp(Origin::Interface(load_balancer), world.instances[0].private_address, 3000);
    assert_eq!(
        fate(&world, &packet),
        format!(
            "the request arrives, but not its answer: network ACL {acl} of {subnet} denies tcp/50000 to {balancer} \
             by default: no entry meets it"
        )
    );
}

#[test]
fn the_plan_does_not_depend_on_the_order_of_records() {
    let Seed { mut world, .. } = seed();
    let other = world.vpc("172.31.0.0/16");
    world.internet_gateway(&other);
    let facts = HostFacts { tag: "0a1b2c".parse().unwrap(), outer: None };
    let first = plan(&[world.records()], &facts);
    let mut turned = world.clone();
    turned.vpcs.reverse();
    turned.subnets.reverse();
    turned.route_tables.reverse();
    turned.internet_gateways.reverse();
    turned.network_interfaces.reverse();
    turned.instances.reverse();
    turned.security_groups.reverse();
    turned.network_acls.reverse();
    turned.instances.iter_mut().for_each(|instance| instance.security_groups.reverse());
    assert_eq!(plan(&[turned.records()], &facts), first);
}

#[test]
fn a_private_range_never_reaches_the_outer_namespace() {
    let Seed { world, .. } = seed();
    let plan = plan(&[world.records()], &HostFacts { tag: "0a1b2c".parse().unwrap(), outer: None });
    let outer = &plan.namespaces[&Place::Outer];
    assert!(outer.routes.iter().all(|route| !world.vpcs[0].cidr.overlaps(route.destination)));
    assert!(outer.addresses.iter().all(|address| address.address.is_link_local()));
    assert!(matches!(&outer.firewall, Some(Firewall::Outer(uplinks)) if uplinks.len() == 1));
}

#[test]
fn instances_that_do_not_run_and_gateways_that_are_gone_are_not_planned() {
    let Seed { mut world, .. } = seed();
    let facts = HostFacts { tag: "0a1b2c".parse().unwrap(), outer: None };
    assert_eq!(plan(&[world.records()], &facts).namespaces.len(), 6);
    world.instances[0].state = model::ec2::instance::InstanceState::Stopped;
    world.nat_gateways[0].state = NatGatewayState::Deleting;
    let plan = plan(&[world.records()], &facts);
    assert_eq!(plan.namespaces.len(), 4);
    // The private subnet's way out is a blackhole now.
    let router = &plan.namespaces[&Place::Named(facts.tag.vpc_namespace(&world.vpcs[0].id))];
    let table = u32::from(Ipv4Addr::new(172, 31, 112, 0));
    let hops: Vec<_> = router.routes.iter().filter(|route| route.table == table).map(|route| &route.hop).collect();
    assert_eq!(hops, [&Hop::Blackhole]);
}
