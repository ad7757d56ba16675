//! What `goru why` says about networks of a few lines: each thing that can be in the way, and what was tried.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails like a test")]

use model::{
    Arn, Tags, Timestamp,
    ec2::{
        instance::{DriverKind, InstanceState, Runtime},
        nat_gateway::NatGatewayState,
        network_interface::InterfaceOwner,
        network_plan::HostTag,
        network_records::NetworkRecords,
        route_table::RouteTarget,
        security_group::{Direction, Peer, Traffic},
    },
    elbv2::{
        action::Action,
        attribute::Attributes,
        health_check::{HealthCheck, HealthCheckPort},
        listener::{Listener, ListenerProtocol},
        load_balancer::{EnabledZone, LoadBalancer, LoadBalancerKind, LoadBalancerState, Scheme},
        target::{Target, TargetId, TargetKey},
        target_group::{ProtocolVersion, TargetGroup, TargetProtocol, TargetType},
        target_health::ShownHealth,
    },
    id::{InstanceId, NatGatewayId, NetworkInterfaceId, RouteTableId, SecurityGroupId, SubnetId, VpcId},
    why_network::{
        About, Diagnosis, Facts, diagnose,
        path::{Computed, Path},
        probe::{MAXIMUM_PROBES, Outcome, Probe, Vantage},
        subject::{Found, NotFound, Subject, find},
    },
};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use testkit::network::{World, block};

const ELASTIC: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 9);
const PUBLIC: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 10);
const PORT: u16 = 3000;
const ZONE: &str = "ap-northeast-2a";

/// A private instance behind a NAT gateway and behind a load balancer, and a public one that nobody forwards to.
#[derive(Clone)]
struct Seed {
    world: World,
    vpc: VpcId,
    public: SubnetId,
    private: SubnetId,
    /// Of the public subnet and of the private one.
    tables: [RouteTableId; 2],
    nat: NatGatewayId,
    front: SecurityGroupId,
    apps: SecurityGroupId,
    interface: NetworkInterfaceId,
    load_balancers: Vec<LoadBalancer>,
    groups: Vec<TargetGroup>,
    targets: Vec<TargetKey>,
    driver: DriverKind,
}

fn seed() -> Seed {
    let mut world = World::seeded(1);
    let vpc = world.vpc("172.31.0.0/16");
    let [public, private] = ["172.31.0.0/20", "172.31.112.0/20"].map(|block| world.subnet(&vpc, block));
    let gateway = world.internet_gateway(&vpc);
    let nat = world.nat_gateway(&public, ELASTIC);
    let tables = [
        world.route_table(&vpc, &[&public], vec![("0.0.0.0/0", RouteTarget::InternetGateway(gateway))]),
        world.route_table(&vpc, &[&private], vec![("0.0.0.0/0", RouteTarget::NatGateway(nat.clone()))]),
    ];
    let front = world.open_group(&vpc);
    let anywhere = || Peer::Ipv4(block("0.0.0.0/0"));
    let rules = vec![
        (Direction::Ingress, Traffic::Tcp(PORT, PORT), Peer::Group(front.clone())),
        (Direction::Egress, Traffic::All, anywhere()),
    ];
    let apps = world.group(&vpc, rules);
    let instance = world.instance(&private, &[&apps]);
    let open = world.group(&vpc, vec![(Direction::Ingress, Traffic::Tcp(22, 22), anywhere())]);
    world.instance(&public, &[&open]);
    world.instances[1].pool_address = Some(PUBLIC);
    for instance in &mut world.instances {
        let address = IpAddr::V4(instance.private_address);
        instance.runtime =
            Some(Runtime { boot: 1, address, pid: None, started_at: Timestamp::default(), reachable: true });
    }
    let interface = world.load_balancer(&public, &[&front]);
    let InterfaceOwner::LoadBalancer(arn) = world.network_interfaces.last().unwrap().owner.clone() else {
        panic!("it is a load balancer's")
    };
    let load_balancers = vec![load_balancer(arn, &vpc, &public, &front)];
    let targets = vec![TargetKey { id: TargetId::Instance(instance), port: PORT }];
    Seed {
        groups: vec![target_group("apps", &vpc)],
        driver: DriverKind::Sandbox,
        world,
        vpc,
        public,
        private,
        tables,
        nat,
        front,
        apps,
        interface,
        load_balancers,
        targets,
    }
}

fn load_balancer(arn: Arn, vpc: &VpcId, subnet: &SubnetId, group: &SecurityGroupId) -> LoadBalancer {
    LoadBalancer {
        arn,
        name: "web".to_owned(),
        kind: LoadBalancerKind::Application,
        scheme: Scheme::InternetFacing,
        dns_name: "web.elb.localhost".to_owned(),
        canonical_hosted_zone_id: String::new(),
        vpc_id: vpc.clone(),
        zones: vec![EnabledZone {
            zone: ZONE.to_owned(),
            subnet_id: subnet.clone(),
            address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        }],
        security_groups: vec![group.clone()],
        attributes: Attributes::default(),
        created_at: Timestamp::default(),
        state: LoadBalancerState::Active,
        tags: Tags::default(),
    }
}

fn arn(resource: &str) -> Arn {
    Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", resource)
}

fn target_group(name: &str, vpc: &VpcId) -> TargetGroup {
    TargetGroup {
        arn: arn(&format!("targetgroup/{name}/0123456789abcdef")),
        name: name.to_owned(),
        protocol: TargetProtocol::Http,
        protocol_version: ProtocolVersion::Http1,
        port: PORT,
        vpc_id: vpc.clone(),
        target_type: TargetType::Instance,
        health_check: HealthCheck::default(),
        attributes: Attributes::default(),
        created_at: Timestamp::default(),
        tags: Tags::default(),
    }
}

impl Seed {
    fn facts(&self) -> Facts<'_> {
        let group = &self.groups[0];
        let listener = |balancer: &LoadBalancer| {
            Arc::new(Listener {
                arn: balancer.arn.with_resource(format!("listener/app/{}/0/1", balancer.name)),
                load_balancer_arn: balancer.arn.clone(),
                port: 80,
                protocol: ListenerProtocol::Http,
                tls: None,
                default_action: Action::forward_to(group.arn.clone()),
                default_action_form: Default::default(),
                attributes: Attributes::default(),
                created_at: Timestamp::default(),
                tags: Tags::default(),
                default_rule_tags: Tags::default(),
            })
        };
        let target = |key: &TargetKey| {
            Arc::new(Target {
                target_group_arn: group.arn.clone(),
                key: key.clone(),
                registered_at: Timestamp::default(),
                deregistered_at: None,
                health: None,
                anomaly: Default::default(),
            })
        };
        let tag = match self.driver {
            DriverKind::Sandbox => Some("012345".parse::<HostTag>().unwrap()),
            DriverKind::Process | DriverKind::Simulated => None,
        };
        Facts {
            networks: vec![self.world.records(), NetworkRecords::default()],
            load_balancers: self.load_balancers.iter().cloned().map(Arc::new).collect(),
            listeners: self.load_balancers.iter().map(listener).collect(),
            rules: Vec::new(),
            target_groups: self.groups.iter().cloned().map(Arc::new).collect(),
            targets: self.targets.iter().map(target).collect(),
            health: BTreeMap::new(),
            driver: self.driver,
            tag,
        }
    }

    fn target(&self) -> InstanceId {
        self.world.instances[0].id.clone()
    }

    fn diagnosis(&self, subject: &Subject) -> Diagnosis {
        diagnose(&self.facts(), subject, Vec::new())
    }

    fn of_group(&self) -> Diagnosis {
        self.diagnosis(&Subject::TargetGroup(self.groups[0].arn.clone()))
    }

    fn of_instance(&self, index: usize) -> Diagnosis {
        self.diagnosis(&Subject::Instance(self.world.instances[index].id.clone()))
    }

    fn of_balancer(&self) -> Diagnosis {
        self.diagnosis(&Subject::LoadBalancer(self.load_balancers[0].arn.clone()))
    }

    /// A network ACL of one subnet that admits and lets out what it is told, with everybody.
    fn acl(&mut self, subnet: &SubnetId, inbound: Option<Traffic>, outbound: Option<Traffic>) -> String {
        let entry = |direction, traffic: Option<Traffic>| {
            traffic.map(|traffic| (100, direction, traffic, block("0.0.0.0/0"), true))
        };
        let entries = [entry(Direction::Ingress, inbound), entry(Direction::Egress, outbound)];
        let acl = self.world.network_acl(&self.vpc.clone(), &[subnet], entries.into_iter().flatten().collect());
        acl.to_string()
    }
}

fn paths(diagnosis: &Diagnosis) -> Vec<&Path> {
    match &diagnosis.about {
        About::Instance(instance) => instance.targets.iter().flat_map(|target| &target.paths).collect(),
        About::TargetGroup(group) => group.targets.iter().flat_map(|target| &target.paths).collect(),
        About::LoadBalancer(balancer) => balancer.targets.iter().flat_map(|target| &target.paths).collect(),
    }
}

/// The first thing that stands between the load balancer and the target.
fn in_the_way(seed: &Seed) -> Option<String> {
    let diagnosis = seed.of_group();
    let [path] = paths(&diagnosis)[..] else { panic!("one way: {diagnosis:?}") };
    match &path.computed {
        Computed::Blocked(cause) => Some(cause.clone()),
        Computed::Pass(_) | Computed::Free(_) => None,
    }
}

type Change = fn(&mut Seed);

#[test]
fn the_first_thing_between_a_load_balancer_and_its_target_is_named() {
    let all = || Some(Traffic::All);
    let (private, acl) = (seed().world.instances[0].private_address, "acl-…");
    let id = seed().target();
    let Seed { front, apps, interface, world, .. } = seed();
    let asking = world.network_interfaces.last().unwrap().private_address;
    let table: [(&str, Change, Option<String>); 10] = [
        ("nothing", |_| {}, None),
        (
            "the target's group",
            |seed| seed.world.security_groups[1].rules.retain(|rule| rule.direction == Direction::Egress),
            Some(format!("security group {apps} of {id} does not admit tcp/3000 from {asking} ({front})")),
        ),
        (
            "the load balancer's group",
            |seed| seed.world.security_groups[0].rules.retain(|rule| rule.direction == Direction::Ingress),
            Some(format!("security group {front} of {interface} does not let out tcp/3000 to {private} ({apps})")),
        ),
        ("stopped", |seed| seed.world.instances[0].state = InstanceState::Stopped, Some(format!("{id} is stopped"))),
        (
            "pending",
            |seed| seed.world.instances[0].state = InstanceState::Pending,
            Some(format!("{id} is pending: it is being started")),
        ),
        (
            "going",
            |seed| seed.world.instances[0].state = InstanceState::ShuttingDown,
            Some(format!("{id} is shutting-down")),
        ),
        ("gone", |seed| drop(seed.world.instances.remove(0)), Some(format!("{id} is terminated"))),
        (
            "another zone",
            |seed| seed.world.instances[0].zone = "ap-northeast-2c".to_owned(),
            Some(format!("load balancer web is not enabled in ap-northeast-2c, where {id} is")),
        ),
        (
            "no interface",
            |seed| drop(seed.world.network_interfaces.pop()),
            Some(
                "load balancer web has no network interface yet: its subnets have no free address, or it is new"
                    .to_owned(),
            ),
        ),
        (
            "a group for all",
            |seed| seed.world.security_groups[1].rules[0].peer = Peer::Ipv4(block("172.31.0.0/16")),
            None,
        ),
    ];
    for (case, change, expected) in table {
        let mut seed = seed();
        change(&mut seed);
        assert_eq!(in_the_way(&seed), expected, "{case}");
    }

    // ACLs in both directions, of both subnets: of requests and of their answers.
    let [to_port, of_answers] = [Some(Traffic::Tcp(PORT, PORT)), Some(Traffic::Tcp(1024, 65535))];
    let arrives = "the request arrives, but not its answer: ";
    type Acl = (bool, Option<Traffic>, Option<Traffic>, Option<String>);
    let table: [Acl; 6] = [
        (true, to_port, of_answers, None),
        (
            true,
            None,
            all(),
            Some(format!("network ACL {acl} of SUBNET denies tcp/3000 from {asking} by default: no entry meets it")),
        ),
        (
            true,
            all(),
            None,
            Some(format!(
                "{arrives}network ACL {acl} of SUBNET denies tcp/40000 to {asking} by default: no entry meets it"
            )),
        ),
        (false, of_answers, to_port, None),
        (
            false,
            all(),
            None,
            Some(format!("network ACL {acl} of SUBNET denies tcp/3000 to {private} by default: no entry meets it")),
        ),
        (
            false,
            None,
            all(),
            Some(format!(
                "{arrives}network ACL {acl} of SUBNET denies tcp/40000 from {private} by default: no entry meets it"
            )),
        ),
    ];
    for (of_target, inbound, outbound, expected) in table {
        let mut seed = seed();
        let subnet = if of_target { seed.private.clone() } else { seed.public.clone() };
        let made = seed.acl(&subnet, inbound, outbound);
        let expected = expected.map(|text| text.replace(acl, &made).replace("SUBNET", subnet.as_str()));
        assert_eq!(in_the_way(&seed), expected, "{of_target} {inbound:?} {outbound:?}");
    }
}

#[test]
fn addresses_as_targets_are_instances_or_lie_outside_or_are_nobodys() {
    let with = |address: Ipv4Addr| {
        let mut seed = seed();
        seed.targets = vec![TargetKey { id: TargetId::Ip(address), port: PORT }];
        seed
    };
    let private = seed().world.instances[0].private_address;
    assert_eq!(in_the_way(&with(private)), None);
    let nobody = Ipv4Addr::new(172, 31, 112, 200);
    assert_eq!(in_the_way(&with(nobody)), Some(format!("no interface has the address {nobody} now")));
    assert!(with(nobody).of_group().probes().is_empty(), "nobody is asked there");
    let router = in_the_way(&with(Ipv4Addr::new(172, 31, 112, 1))).unwrap();
    assert!(router.starts_with("172.31.112.1 is the router's"), "{router}");
    let nat = seed().world.nat_gateways[0].private_address;
    assert_eq!(
        in_the_way(&with(nat)),
        Some(format!("{} is a NAT gateway: it takes no requests that are addressed to itself", seed().nat))
    );
    let outside = with(Ipv4Addr::new(10, 9, 8, 7));
    let mut diagnosis = outside.of_group();
    let [path] = paths(&diagnosis)[..] else { panic!("one way") };
    assert!(matches!(&path.computed, Computed::Free(why) if why.contains("lies outside of vpc-")), "{path:?}");
    let expected = Probe { from: Vantage::Host, to: SocketAddr::from(([10, 9, 8, 7], PORT)) };
    assert_eq!(diagnosis.probes().into_iter().collect::<Vec<_>>(), [expected]);
}

#[test]
fn what_was_tried_and_what_the_rules_say_come_to_one_answer() {
    let id = seed().target();
    let open: Change = |_| {};
    let shut: Change = |seed| seed.world.security_groups[1].rules.clear();
    let (sandbox, process) = (DriverKind::Sandbox, DriverKind::Process);
    let unreachable = || Outcome::Unreachable("No route to host".to_owned());
    let table: [(Change, DriverKind, Option<Outcome>, bool, &str); 14] = [
        (open, sandbox, None, true, "it was not tried"),
        (open, sandbox, Some(Outcome::Connected), true, "and it connects"),
        (open, sandbox, Some(Outcome::Refused), false, "it arrives at ID, but nobody listens on tcp/3000 there"),
        (open, sandbox, Some(Outcome::TimedOut), false, "the rules let it pass, but no answer came from ID within 1 s"),
        (open, sandbox, Some(unreachable()), false, "the rules let it pass, but it is not delivered: No route to host"),
        (
            open,
            sandbox,
            Some(Outcome::NoNetwork("gone".to_owned())),
            false,
            "but this host does not have the network: gone",
        ),
        (shut, sandbox, None, false, "does not admit tcp/3000"),
        (shut, sandbox, Some(Outcome::TimedOut), false, "does not admit tcp/3000"),
        (shut, sandbox, Some(Outcome::Connected), true, "the records say no ("),
        (shut, sandbox, Some(Outcome::Refused), false, "but it arrives, where nobody listens on tcp/3000"),
        (shut, process, Some(Outcome::Connected), true, "it connects, because this driver enforces no rules"),
        (
            shut,
            process,
            Some(Outcome::Refused),
            false,
            "but nobody listens on tcp/3000 there; and with networks of its own, ",
        ),
        (shut, process, Some(Outcome::TimedOut), false, "though this driver enforces no rules"),
        (shut, process, None, false, "does not admit tcp/3000"),
    ];
    for (change, driver, outcome, reached, said) in table {
        let mut seed = seed();
        change(&mut seed);
        seed.driver = driver;
        let mut diagnosis = seed.of_group();
        let probes = diagnosis.probes();
        assert_eq!(probes.len(), 1);
        diagnosis.conclude(&probes.into_iter().zip(outcome.clone()).collect());
        let said = said.replace("ID", id.as_str());
        let [path] = paths(&diagnosis)[..] else { panic!("one way") };
        assert!(path.conclusion.contains(&said), "{said} in {}", path.conclusion);
        assert_eq!((path.reached, diagnosis.reached), (reached, Some(reached)), "{said}");
        let start =
            if reached { format!("reached: {id}:3000 from load balancer web") } else { "not reached: ".to_owned() };
        assert!(diagnosis.answer.starts_with(&start), "{}", diagnosis.answer);
        assert_eq!(diagnosis.notes.is_empty(), driver == sandbox, "the process driver is told of");
        assert_eq!(path.enforced, driver == sandbox);
    }
}

#[test]
fn who_is_shut_off_is_told_which_rule_to_make() {
    let mut seed = seed();
    seed.world.security_groups[1].rules.clear();
    let (front, apps) = (&seed.front, &seed.apps);
    let order = format!("let {apps} admit tcp/3000 from {front} (AuthorizeSecurityGroupIngress)");
    assert_eq!(seed.of_group().change, [order]);
    seed.acl(&seed.private.clone(), None, None);
    let change = seed.of_group().change;
    assert!(change[0].contains("an inbound entry that allows tcp/3000 from 172.31.0."), "{change:?}");
}

#[test]
fn a_probe_comes_from_the_interface_of_the_load_balancer_or_from_the_host() {
    let sandbox = seed();
    let address = sandbox.world.network_interfaces.last().unwrap().private_address;
    let namespace = format!("goru-012345-edge-{}", sandbox.vpc);
    let to = SocketAddr::new(IpAddr::V4(sandbox.world.instances[0].private_address), PORT);
    let [probe] = <[Probe; 1]>::try_from(sandbox.of_group().probes().into_iter().collect::<Vec<_>>()).unwrap();
    assert_eq!(probe, Probe { from: Vantage::Interface { namespace, address }, to });
    let mut process = Seed { driver: DriverKind::Process, ..sandbox.clone() };
    process.world.instances[0].runtime.as_mut().unwrap().address = IpAddr::from([127, 64, 0, 2]);
    let probes: Vec<Probe> = process.of_group().probes().into_iter().collect();
    assert_eq!(probes, [Probe { from: Vantage::Host, to: SocketAddr::from(([127, 64, 0, 2], PORT)) }]);
    assert!(Seed { driver: DriverKind::Simulated, ..sandbox }.of_group().probes().is_empty());
}

#[test]
fn health_checks_of_another_port_have_a_way_of_their_own() {
    let mut seed = seed();
    seed.groups[0].health_check.port = HealthCheckPort::Fixed(8080);
    let diagnosis = seed.of_group();
    let ways: Vec<(u16, bool)> = paths(&diagnosis).iter().map(|path| (path.port, path.reached)).collect();
    assert_eq!(ways, [(PORT, true), (8080, false)]);
    assert!(diagnosis.answer.contains(":8080: security group"), "{}", diagnosis.answer);
    seed.groups[0].health_check.enabled = false;
    assert_eq!(paths(&seed.of_group()).len(), 1);
}

#[test]
fn a_target_that_is_reached_and_unhealthy_is_not_the_networks_fault() {
    let seed = seed();
    let mut facts = seed.facts();
    let (reason, description) = (Some("Target.ResponseCodeMismatch"), "Health checks failed with these codes: [404]");
    let health = ShownHealth { state: "unhealthy", reason, description: Some(description.to_owned()) };
    facts.health.insert((seed.groups[0].arn.clone(), seed.targets[0].clone()), health);
    let diagnosis = diagnose(&facts, &Subject::TargetGroup(seed.groups[0].arn.clone()), Vec::new());
    assert_eq!(diagnosis.reached, Some(true));
    assert!(diagnosis.answer.contains(&format!("is not healthy: {description}")), "{}", diagnosis.answer);
}

#[test]
fn a_group_that_no_listener_names_has_no_ways() {
    let mut seed = seed();
    seed.load_balancers.clear();
    let diagnosis = seed.of_group();
    assert_eq!(diagnosis.reached, None);
    assert!(diagnosis.answer.contains("no load balancer sends requests to target group apps"), "{}", diagnosis.answer);
    assert!(paths(&diagnosis).is_empty());
}

#[test]
fn at_most_so_many_ways_are_tried() {
    let mut seed = seed();
    let id = seed.target();
    let key = |n: u16| TargetKey { id: TargetId::Instance(id.clone()), port: 1000 + n };
    seed.targets = (0..200).map(key).collect();
    assert_eq!(seed.of_group().probes().len(), MAXIMUM_PROBES);
}

#[test]
fn the_way_out_of_an_instance_goes_by_its_gateway_or_ends_where_it_is_said() {
    let way_out = |seed: &Seed, index: usize| {
        let About::Instance(instance) = seed.of_instance(index).about else { panic!("an instance") };
        match instance.way_out.unwrap().computed {
            Computed::Pass(text) | Computed::Blocked(text) | Computed::Free(text) => text,
        }
    };
    let id = |seed: &Seed, index: usize| seed.world.instances[index].network_interface_id.clone();
    let base = seed();
    assert!(way_out(&base, 0).ends_with(&format!("from {ELASTIC}, by {}", base.nat)), "{}", way_out(&base, 0));
    let gateway = &base.world.internet_gateways[0].id;
    // The group of the public instance lets nothing out.
    assert!(way_out(&base, 1).contains("does not let out tcp/443 to 203.0.113.1"), "{}", way_out(&base, 1));
    let [of_public, of_private] = &base.tables;
    let table: [(&str, Change, usize, String); 7] = [
        (
            "no route",
            |seed| seed.world.route_tables[2].routes.clear(),
            0,
            format!("route table {of_private} of {} has no route to 203.0.113.1", base.private),
        ),
        ("no table", |seed| seed.world.route_tables.clear(), 0, format!("{} has no route table", base.private)),
        (
            "a NAT gateway that is gone",
            |seed| seed.world.nat_gateways[0].state = NatGatewayState::Deleted,
            0,
            format!("the route to 203.0.113.1 in route table {of_private} is a blackhole: {} is gone", base.nat),
        ),
        (
            "an internet gateway that is gone",
            |seed| {
                seed.world.internet_gateways[0].vpc_id = None;
                seed.world.instances[1].security_groups = seed.world.instances[0].security_groups.clone();
            },
            1,
            format!("the route to 203.0.113.1 in route table {of_public} is a blackhole: {gateway} is gone"),
        ),
        (
            "no public address",
            |seed| {
                seed.world.instances[1].pool_address = None;
                seed.world.instances[1].security_groups = seed.world.instances[0].security_groups.clone();
            },
            1,
            format!("{} has no public address, and the internet gateway lets nobody else pass", id(&base, 1)),
        ),
        (
            "two NAT gateways",
            |seed| seed.world.route_tables[1].routes[0].target = RouteTarget::NatGateway(seed.nat.clone()),
            0,
            format!(
                "the route from NAT gateway {} leads to a NAT gateway; it must lead to an internet gateway",
                base.nat
            ),
        ),
        (
            "by the internet gateway",
            |seed| seed.world.instances[1].security_groups = seed.world.instances[0].security_groups.clone(),
            1,
            format!("security groups, network ACLs and routes let it pass, from {PUBLIC}, by {gateway}"),
        ),
    ];
    for (case, change, index, expected) in table {
        let mut seed = base.clone();
        change(&mut seed);
        assert_eq!(way_out(&seed, index), expected, "{case}");
    }
}

#[test]
fn an_instance_says_who_outside_reaches_it_or_why_nobody_does() {
    let base = seed();
    let outside = |seed: &Seed, index: usize| {
        let About::Instance(instance) = seed.of_instance(index).about else { panic!("an instance") };
        instance.from_outside
    };
    let private = outside(&base, 0);
    assert_eq!(private.paths, []);
    assert_eq!(private.nobody.len(), 2, "no address, and no route: {private:?}");
    assert!(private.nobody[1].ends_with(
        "has no route to an internet gateway (nat-… lets nobody in)".replace("nat-…", base.nat.as_str()).as_str()
    ));
    let diagnosis = base.of_instance(1);
    assert_eq!(
        diagnosis.answer,
        format!("reached: {} at {PUBLIC} from outside, on tcp/22", base.world.instances[1].id)
    );
    let mut probing = diagnosis.clone();
    let expected = Probe { from: Vantage::Host, to: SocketAddr::new(IpAddr::V4(PUBLIC), 22) };
    assert_eq!(probing.probes().into_iter().collect::<Vec<_>>(), [expected]);
    // The answer does not find its way.
    let mut closed = base.clone();
    closed.world.route_tables[1].routes.clear();
    let [path] = &outside(&closed, 1).paths[..] else { panic!("one way") };
    let said = format!(
        "route table {} of {} does not lead to 203.0.113.1 by an internet gateway",
        base.tables[0], base.public
    );
    assert_eq!(path.computed, Computed::Blocked(said));
    let mut shut = base.clone();
    shut.world.instances[1].security_groups = vec![base.apps.clone()];
    let said = format!("no rule of {} admits tcp from outside of {}", base.apps, base.vpc);
    assert_eq!(outside(&shut, 1).nobody, [said]);
    let process = Seed { driver: DriverKind::Process, ..base };
    assert!(outside(&process, 1).nobody[0].contains("has no network of its own with this driver"));
}

#[test]
fn an_instance_that_does_not_run_is_reached_by_nobody() {
    let mut seed = seed();
    let id = seed.target();
    assert_eq!(seed.of_instance(0).answer, format!("reached: {id}:3000 from load balancer web"));
    seed.world.instances[0].state = InstanceState::Stopped;
    let diagnosis = seed.of_instance(0);
    assert_eq!(diagnosis.answer, format!("not reached: {id} is stopped"));
    assert_eq!(diagnosis.change, [format!("start {id} (StartInstances)")]);
    let About::Instance(instance) = diagnosis.about else { panic!("an instance") };
    assert_eq!((instance.way_out, instance.from_outside.nobody), (None, vec![format!("{id} is stopped")]));
}

#[test]
fn a_load_balancer_says_what_keeps_clients_away_and_which_targets_it_does_not_reach() {
    let base = seed();
    let id = base.target();
    assert_eq!(base.of_balancer().answer, format!("reached: {id}:3000 from load balancer web"));
    assert_eq!(base.of_balancer().warnings, Vec::<String>::new());
    let mut shut = base.clone();
    shut.world.security_groups[0].rules.clear();
    shut.load_balancers[0].zones[0].subnet_id = base.private.clone();
    let warnings = shut.of_balancer().warnings;
    assert!(
        warnings[0].contains("load balancer web is internet-facing, but clients do not reach it in"),
        "{warnings:?}"
    );
    assert!(
        warnings[1].starts_with(&format!(
            "listener HTTP 80 of load balancer web: no rule of {0} ({0}) admits tcp/80 from 127.0.0.0/8, so nobody reaches it at 127.0.0.1; ",
            base.front
        )),
        "{warnings:?}"
    );
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    let mut shown = shut.clone();
    shown.driver = DriverKind::Process;
    let warnings = shown.of_balancer().warnings;
    assert!(
        warnings[1].starts_with(&format!(
            "listener HTTP 80 of load balancer web: no rule of {} admits tcp/80, so nobody would be let in on AWS",
            base.front
        )),
        "{warnings:?}"
    );
    let answer = shown.of_balancer().answer;
    assert!(!answer.contains("clients do not reach it"), "the driver enforces nothing: {answer}");
    let only_members = |seed: &mut Seed| {
        let front = seed.front.clone();
        for rule in &mut seed.world.security_groups[0].rules {
            rule.peer = Peer::Group(front.clone());
        }
    };
    let table: [(&str, Change, Option<bool>, &str); 6] = [
        (
            "closed in all zones",
            |seed| seed.load_balancers[0].zones[0].subnet_id = seed.private.clone(),
            Some(false),
            "not reached: load balancer web is internet-facing, but clients do not reach it in ap-northeast-2a: ",
        ),
        (
            "clients shut off",
            only_members,
            Some(false),
            "admits tcp/80 from 127.0.0.0/8, so nobody reaches it at 127.0.0.1",
        ),
        ("new", |seed| seed.load_balancers[0].state = LoadBalancerState::Provisioning, Some(false), "is provisioning"),
        (
            "impaired",
            |seed| seed.load_balancers[0].state = LoadBalancerState::Impaired("port 80 is in use".to_owned()),
            Some(false),
            "does not serve everything: port 80 is in use",
        ),
        ("no targets", |seed| seed.targets.clear(), None, "has no targets to reach"),
        ("blocked", |seed| seed.world.security_groups[1].rules.clear(), Some(false), "does not admit tcp/3000"),
    ];
    for (case, change, reached, said) in table {
        let mut seed = base.clone();
        change(&mut seed);
        let diagnosis = seed.of_balancer();
        assert_eq!(diagnosis.reached, reached, "{case}");
        assert!(diagnosis.answer.contains(said), "{case}: {}", diagnosis.answer);
        assert_eq!(diagnosis.change.is_empty(), reached.is_none(), "{case}: {:?}", diagnosis.change);
    }
    // An address at which nobody listens is not named.
    let table: [(&str, Change, Option<IpAddr>); 2] = [
        ("closed", |seed| seed.load_balancers[0].zones[0].subnet_id = seed.private.clone(), None),
        ("open", |_| {}, Some(IpAddr::V4(Ipv4Addr::LOCALHOST))),
    ];
    for (case, change, address) in table {
        let mut seed = base.clone();
        change(&mut seed);
        let About::LoadBalancer(balancer) = seed.of_balancer().about else { panic!("a load balancer") };
        assert_eq!(balancer.zones[0].address, address, "{case}");
    }
    let mut facts = base.facts();
    facts.listeners.clear();
    let subject = Subject::LoadBalancer(base.load_balancers[0].arn.clone());
    assert_eq!(diagnose(&facts, &subject, Vec::new()).answer, "not reached: load balancer web has no listener");
}

#[test]
fn names_ids_and_arns_find_what_they_mean() {
    let mut seed = seed();
    seed.groups.push(target_group("web", &seed.vpc));
    let (balancer, group, id) = (seed.load_balancers[0].arn.clone(), seed.groups[0].arn.clone(), seed.target());
    let facts = seed.facts();
    let target = |port| Subject::Target { group: group.clone(), target: TargetId::Instance(id.clone()), port };
    for (what, subject) in [
        (id.to_string(), Subject::Instance(id.clone())),
        (balancer.to_string(), Subject::LoadBalancer(balancer.clone())),
        (group.to_string(), Subject::TargetGroup(group.clone())),
        ("apps".to_owned(), Subject::TargetGroup(group.clone())),
        (format!("apps/{id}"), target(None)),
        (format!("apps/{id}:3000"), target(Some(PORT))),
        (format!("{group}/{id}:3000"), target(Some(PORT))),
    ] {
        assert_eq!(find(&facts, &what), Ok(Found { subject, also: Vec::new() }), "{what}");
    }
    let Found { subject, also } = find(&facts, "web").unwrap();
    assert_eq!(subject, Subject::LoadBalancer(balancer), "before the target group of that name");
    let arn = &seed.groups[1].arn;
    assert_eq!(also, [format!("a target group of ap-northeast-2 is called web too: `goru why {arn}`")]);
    for (what, error) in [
        ("i-0123456789abcdef0", "there is no instance i-0123456789abcdef0;"),
        (
            "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/no/1",
            "there is no load balancer or target group `arn:",
        ),
        ("nothing", "there is no Auto Scaling group `nothing`, and no load balancer or target group of that name;"),
        ("nothing/i-0123456789abcdef0", "there is no target group `nothing`;"),
        ("apps/somebody", "`somebody` is no target:"),
        ("apps/10.0.0.1:port", "`10.0.0.1:port` is no target:"),
        ("apps/10.0.0.1", "10.0.0.1 is not registered in target group apps, which has i-"),
        ("web/10.0.0.1", "10.0.0.1 is not registered in target group web, which has no targets"),
        ("", "there is no Auto Scaling group ``"),
    ] {
        let said = find(&facts, what).map_err(|error: NotFound| error.to_string()).unwrap_err();
        assert!(said.starts_with(error), "{what}: {said}");
        assert!(!said.contains('\n'));
    }
}
