//! Which zones of an internet-facing load balancer clients outside do not reach.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails like a test")]

use model::{
    Arn, Tags, Timestamp,
    ec2::route_table::RouteTarget,
    elbv2::{
        attribute::Attributes,
        load_balancer::{EnabledZone, LoadBalancer, LoadBalancerKind, LoadBalancerState, Scheme},
        reach::closed_zones,
    },
    id::{SubnetId, VpcId},
};
use std::net::Ipv4Addr;
use testkit::network::World;

type Change<'a> = &'a dyn Fn(&mut World);

fn load_balancer(scheme: Scheme, vpc_id: VpcId, subnets: &[&SubnetId]) -> LoadBalancer {
    let zone = |(subnet, name): (&&SubnetId, &str)| EnabledZone {
        zone: format!("ap-northeast-2{name}"),
        subnet_id: (*subnet).clone(),
        address: None,
    };
    LoadBalancer {
        arn: Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", "loadbalancer/app/web/1"),
        name: "web".to_owned(),
        kind: LoadBalancerKind::Application,
        scheme,
        dns_name: String::new(),
        canonical_hosted_zone_id: String::new(),
        vpc_id,
        zones: subnets.iter().zip(["a", "b"]).map(zone).collect(),
        security_groups: Vec::new(),
        attributes: Attributes::default(),
        created_at: Timestamp::default(),
        state: LoadBalancerState::Active,
        tags: Tags::default(),
    }
}

fn sentences(load_balancer: &LoadBalancer, world: &World) -> Vec<String> {
    closed_zones(load_balancer, &world.records()).iter().map(ToString::to_string).collect()
}

#[test]
fn zones_without_a_route_to_an_internet_gateway_are_named_with_what_to_do() {
    let mut world = World::seeded(1);
    let vpc = world.vpc("172.31.0.0/16");
    let [public, private] = ["172.31.0.0/20", "172.31.112.0/20"].map(|block| world.subnet(&vpc, block));
    let gateway = world.internet_gateway(&vpc);
    let nat = world.nat_gateway(&public, Ipv4Addr::new(198, 51, 100, 9));
    let to_gateway = || ("0.0.0.0/0", RouteTarget::InternetGateway(gateway.clone()));
    let shared = world.route_table(&vpc, &[&public], vec![to_gateway()]);
    let own = world.route_table(&vpc, &[&private], Vec::new());
    let main = world.route_tables[0].id.clone();
    let balancer = load_balancer(Scheme::InternetFacing, vpc.clone(), &[&public, &private]);
    let intro = "load balancer web is internet-facing, but clients do not reach it in ap-northeast-2b: ";
    let outro = ", or give the load balancer a public subnet in ap-northeast-2b with SetSubnets";

    let table: [(&str, Change<'_>, Option<String>); 8] = [
        (
            "no route",
            &|_| {},
            Some(format!(
                "route table {own} of {private} has no route to an internet gateway; let 0.0.0.0/0 in {own} lead to {gateway}"
            )),
        ),
        (
            "no table of its own, and a main one without routes",
            &|world| world.route_tables[2].associations.clear(),
            Some(format!(
                "route table {main} of {private} has no route to an internet gateway; let 0.0.0.0/0 in {main} lead to {gateway}"
            )),
        ),
        (
            "a NAT gateway",
            &|world| world.add_route(&own, "0.0.0.0/0", RouteTarget::NatGateway(nat.clone())),
            Some(format!(
                "route table {own} of {private} has no route to an internet gateway ({nat} lets nobody in); let 0.0.0.0/0 in {own} lead to {gateway}"
            )),
        ),
        (
            "a gateway that is not the VPC's",
            &|world| {
                world.add_route(&own, "0.0.0.0/0", RouteTarget::InternetGateway("igw-0000000f".parse().unwrap()));
            },
            Some(format!(
                "route table {own} of {private} has no route to an internet gateway (igw-0000000f is not attached to {vpc}); let 0.0.0.0/0 in {own} lead to {gateway}"
            )),
        ),
        (
            "no table at all",
            &|world| {
                world.route_tables.remove(2);
                world.route_tables.remove(0);
            },
            Some(format!(
                "{private} has no route table; let 0.0.0.0/0 in a route table of {private} lead to {gateway}"
            )),
        ),
        ("a route for everybody", &|world| world.add_route(&own, "0.0.0.0/0", to_gateway().1), None),
        ("a route for some", &|world| world.add_route(&own, "203.0.113.0/24", to_gateway().1), None),
        ("the other subnet's table", &|world| world.associate(&shared, &private), None),
    ];
    for (case, change, expected) in table {
        let mut world = world.clone();
        change(&mut world);
        let expected: Vec<String> = expected.into_iter().map(|middle| format!("{intro}{middle}{outro}")).collect();
        assert_eq!(sentences(&balancer, &world), expected, "{case}");
    }
}

#[test]
fn without_an_attached_gateway_every_zone_is_closed_but_not_to_those_inside() {
    let mut world = World::seeded(2);
    let vpc = world.vpc("10.0.0.0/16");
    let [one, other] = ["10.0.0.0/24", "10.0.1.0/24"].map(|block| world.subnet(&vpc, block));
    let main = world.route_tables[0].id.clone();
    let facing = load_balancer(Scheme::InternetFacing, vpc.clone(), &[&one, &other]);
    let told = sentences(&facing, &world);
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|sentence| sentence.is_ascii()), "{told:?}");
    assert!(
        told[0].contains(&format!(
            "route table {main} of {one} has no route to an internet gateway; attach an internet gateway to {vpc} and let \
             0.0.0.0/0 in {main} lead to it, or"
        )),
        "{}",
        told[0]
    );
    assert_eq!(sentences(&load_balancer(Scheme::Internal, vpc, &[&one, &other]), &world), Vec::<String>::new());
}
