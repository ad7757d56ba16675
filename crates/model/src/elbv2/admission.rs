//! DECIDER: which clients the security groups of a load balancer admit to a listener, at an address of the host.
//!
//! At the interfaces of a load balancer its groups are filters of the VPC's router (`ec2::firewall`). Clients outside come to
//! addresses of the host, which no router guards; so the node itself holds them to the same rules. Groups as sources speak of
//! private addresses (VPC user guide, "Security group rules"), which nobody has who comes to a public one: they admit nobody here.

use super::{
    listener::{Listener, ListenerProtocol},
    load_balancer::{LoadBalancer, Scheme},
};
use crate::{
    ec2::security_group::{Direction, Peer, SecurityGroup, Traffic},
    ip_block::IpBlock,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Which clients are admitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Admission {
    /// All of them.
    #[default]
    Everybody,
    /// Those with addresses in these blocks, which are sorted and do not overlap; without a block nobody.
    Blocks(Vec<IpBlock>),
}

impl Admission {
    /// Whether a client with this address is admitted.
    pub fn admits(&self, client: IpAddr) -> bool {
        match self {
            Self::Everybody => true,
            Self::Blocks(blocks) => blocks.iter().any(|block| block.contains(client)),
        }
    }

    /// Whether it admits nobody who can come to an address of the host: loopback addresses are asked from loopback addresses.
    fn is_shut(&self, host: IpAddr) -> bool {
        match (self, host.is_loopback()) {
            (Self::Everybody, _) => false,
            (Self::Blocks(blocks), false) => blocks.is_empty(),
            (Self::Blocks(blocks), true) => !blocks.iter().any(|block| overlap(*block, loopback(host))),
        }
    }
}

/// Which clients of an address of the host (`host`) the groups of a load balancer admit to a port of its listeners: by the rules for
/// TCP to that port, of all its groups together. `groups` may have others too. Without a group nothing is filtered, as at its
/// interfaces.
pub fn admission<'a>(
    load_balancer: &LoadBalancer,
    port: u16,
    host: IpAddr,
    groups: impl IntoIterator<Item = &'a SecurityGroup>,
) -> Admission {
    by_rules(load_balancer, host, groups, |traffic| match traffic {
        Traffic::All => true,
        Traffic::Tcp(low, high) => (low..=high).contains(&port),
        Traffic::Udp(..) | Traffic::Icmp(..) | Traffic::Icmpv6(..) | Traffic::Protocol(_) => false,
    })
}

/// The same for the ports of all listeners that it may ever have.
fn admission_to_any_port<'a>(
    load_balancer: &LoadBalancer,
    host: IpAddr,
    groups: impl IntoIterator<Item = &'a SecurityGroup>,
) -> Admission {
    by_rules(load_balancer, host, groups, |traffic| match traffic {
        Traffic::All | Traffic::Tcp(..) => true,
        Traffic::Udp(..) | Traffic::Icmp(..) | Traffic::Icmpv6(..) | Traffic::Protocol(_) => false,
    })
}

fn by_rules<'a>(
    load_balancer: &LoadBalancer,
    host: IpAddr,
    groups: impl IntoIterator<Item = &'a SecurityGroup>,
    is_meant: impl Fn(Traffic) -> bool,
) -> Admission {
    if load_balancer.security_groups.is_empty() {
        return Admission::Everybody;
    }
    let own = groups.into_iter().filter(|group| load_balancer.security_groups.contains(&group.id));
    let rules = own.flat_map(|group| group.rules_of(Direction::Ingress)).filter(|rule| is_meant(rule.traffic));
    let blocks = rules.filter_map(|rule| block_of(&rule.peer));
    let blocks = without_inner(blocks.filter(|block| block.network().is_ipv4() == host.is_ipv4()).collect());
    match blocks.as_slice() {
        [all] if all.prefix() == 0 => Admission::Everybody,
        _ => Admission::Blocks(blocks),
    }
}

/// The addresses that a source stands for at an address of the host.
fn block_of(peer: &Peer) -> Option<IpBlock> {
    match peer {
        Peer::Ipv4(block) => Some(IpBlock::from(*block)),
        Peer::Ipv6(text) => text.parse().ok(),
        Peer::Group(_) => None,
    }
}

/// Blocks without those that lie in others: of two blocks one lies in the other, or they have nothing in common.
fn without_inner(blocks: BTreeSet<IpBlock>) -> Vec<IpBlock> {
    let mut outer: Vec<IpBlock> = Vec::new();
    for block in blocks {
        // A wider block with the same beginning comes first.
        if !outer.last().is_some_and(|last| last.covers(block)) {
            outer.push(block);
        }
    }
    outer
}

fn overlap(one: IpBlock, other: IpBlock) -> bool {
    one.covers(other) || other.covers(one)
}

/// The loopback addresses of an address's kind.
fn loopback(like: IpAddr) -> IpBlock {
    match like {
        IpAddr::V4(_) => IpBlock::containing(IpAddr::V4(Ipv4Addr::LOCALHOST), 8),
        IpAddr::V6(_) => IpBlock::containing(IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    }
}

/// A listener of an internet-facing load balancer whose groups admit nobody who comes to an address of the host. Its `Display` is
/// one sentence without an end, all of it ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShutListener {
    /// The load balancer's name.
    pub load_balancer: String,
    /// Its groups: `sg-... (name)`.
    pub groups: Vec<String>,
    /// The listener's protocol and port; `None`: there is no listener yet, and whatever its port were, nobody would be admitted.
    pub listener: Option<(ListenerProtocol, u16)>,
    /// The addresses of the host.
    pub hosts: Vec<IpAddr>,
}

/// The listeners of a load balancer that nobody who comes to one of these addresses of the host is admitted to, in the order of
/// their ports. `listeners` and `groups` may have others' too. None of internal load balancers, which do not listen there.
pub fn shut_listeners<'l, 'g>(
    load_balancer: &LoadBalancer,
    listeners: impl IntoIterator<Item = &'l Listener>,
    groups: impl IntoIterator<Item = &'g SecurityGroup>,
    hosts: &[IpAddr],
) -> Vec<ShutListener> {
    match load_balancer.scheme {
        Scheme::Internal => return Vec::new(),
        Scheme::InternetFacing if hosts.is_empty() => return Vec::new(),
        Scheme::InternetFacing => {}
    }
    let groups: Vec<&SecurityGroup> =
        groups.into_iter().filter(|group| load_balancer.security_groups.contains(&group.id)).collect();
    let shut = |listener| ShutListener {
        load_balancer: load_balancer.name.clone(),
        groups: groups.iter().map(|group| format!("{} ({})", group.id, group.name)).collect(),
        listener,
        hosts: hosts.to_vec(),
    };
    let mut own: Vec<_> = listeners.into_iter().filter(|one| one.load_balancer_arn == load_balancer.arn).collect();
    own.sort_by_key(|listener| listener.port);
    if own.is_empty() {
        let any = |host: &IpAddr| admission_to_any_port(load_balancer, *host, groups.iter().copied());
        return if hosts.iter().all(|host| any(host).is_shut(*host)) { vec![shut(None)] } else { Vec::new() };
    }
    let is_shut = |listener: &&Listener| {
        let to_port = |host: &IpAddr| admission(load_balancer, listener.port, *host, groups.iter().copied());
        hosts.iter().all(|host| to_port(host).is_shut(*host))
    };
    own.into_iter().filter(is_shut).map(|listener| shut(Some((listener.protocol, listener.port)))).collect()
}

impl ShutListener {
    /// What is in the way, as a clause.
    pub fn obstacle(&self) -> String {
        let Self { load_balancer, groups, listener, hosts } = self;
        let (of, what) = match listener {
            Some((protocol, port)) => (format!("listener {} {port} of ", protocol.name()), format!("tcp/{port}")),
            None => (String::new(), "TCP".to_owned()),
        };
        let from = match hosts.iter().all(IpAddr::is_loopback) {
            true => hosts.iter().map(|host| loopback(*host).to_string()).collect::<BTreeSet<_>>(),
            false => BTreeSet::from(["any address".to_owned()]),
        };
        let from = from.into_iter().collect::<Vec<_>>().join(" or ");
        let hosts = hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let groups = groups.join(", ");
        format!(
            "{of}load balancer {load_balancer}: no rule of {groups} admits {what} from {from}, so nobody reaches it at {hosts}"
        )
    }

    /// What to change, as an order without an end.
    pub const fn remedy(&self) -> &'static str {
        "let one of its groups admit its clients by their addresses (AuthorizeSecurityGroupIngress)"
    }
}

impl fmt::Display for ShutListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.obstacle(), self.remedy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Arn, Tags, Timestamp,
        ec2::security_group::SecurityGroupRule,
        elbv2::{
            action::Action,
            attribute::Attributes,
            load_balancer::{LoadBalancerKind, LoadBalancerState},
        },
    };

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const HERE6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 5));
    const ANYBODY: &str = "0.0.0.0/0";

    type Rule<'a> = (Direction, Traffic, &'a str);

    /// `sg-0000000N`; the other sides of its rules are blocks or groups.
    fn group(number: u8, rules: &[Rule<'_>]) -> SecurityGroup {
        let peer = |text: &str| match text.parse() {
            Ok(block) => Peer::Ipv4(block),
            Err(_) if text.contains(':') => Peer::Ipv6(text.to_owned()),
            Err(_) => Peer::Group(text.parse().unwrap()),
        };
        let rule = |(direction, traffic, text): &Rule<'_>| SecurityGroupRule {
            id: "sgr-00000001".parse().unwrap(),
            direction: *direction,
            traffic: *traffic,
            peer: peer(text),
            description: None,
            tags: Tags::default(),
        };
        SecurityGroup {
            id: format!("sg-0000000{number}").parse().unwrap(),
            name: format!("g{number}"),
            description: String::new(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            rules: rules.iter().map(rule).collect(),
            created_at: Timestamp::default(),
            tags: Tags::default(),
        }
    }

    fn load_balancer(scheme: Scheme, groups: &[u8]) -> LoadBalancer {
        LoadBalancer {
            arn: Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", "loadbalancer/app/web/1"),
            name: "web".to_owned(),
            kind: LoadBalancerKind::Application,
            scheme,
            dns_name: String::new(),
            canonical_hosted_zone_id: String::new(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            zones: Vec::new(),
            security_groups: groups.iter().map(|number| format!("sg-0000000{number}").parse().unwrap()).collect(),
            attributes: Attributes::default(),
            created_at: Timestamp::default(),
            state: LoadBalancerState::Active,
            tags: Tags::default(),
        }
    }

    fn listener(port: u16) -> Listener {
        let arn = |resource: &str| Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", resource);
        Listener {
            arn: arn(&format!("listener/app/web/1/{port}")),
            load_balancer_arn: arn("loadbalancer/app/web/1"),
            port,
            protocol: ListenerProtocol::Http,
            tls: None,
            default_action: Action::forward_to(arn("targetgroup/g/0")),
            default_action_form: Default::default(),
            attributes: Attributes::default(),
            created_at: Timestamp::default(),
            tags: Tags::default(),
            default_rule_tags: Tags::default(),
        }
    }

    fn text(admission: &Admission) -> String {
        match admission {
            Admission::Everybody => "everybody".to_owned(),
            Admission::Blocks(blocks) => blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn clients_are_admitted_by_the_rules_of_all_groups_about_tcp_to_the_port() {
        use Direction::{Egress, Ingress};
        let (http, one) = (Traffic::Tcp(80, 80), "127.0.0.2/32");
        let none: &[Rule<'_>] = &[];
        /// What it is about, the rules of two groups, the address that is asked, and who is admitted.
        type Case<'a> = (&'a str, &'a [Rule<'a>], &'a [Rule<'a>], IpAddr, &'a str);
        let table: [Case<'_>; 19] = [
            ("no rule", none, none, HERE, ""),
            ("everybody", &[(Ingress, http, ANYBODY)], none, HERE, "everybody"),
            ("one client", &[(Ingress, http, one)], none, HERE, one),
            ("all traffic", &[(Ingress, Traffic::All, one)], none, HERE, one),
            ("a range that ends there", &[(Ingress, Traffic::Tcp(1, 80), one)], none, HERE, one),
            ("a range that begins there", &[(Ingress, Traffic::Tcp(80, 90), one)], none, HERE, one),
            ("a range above", &[(Ingress, Traffic::Tcp(81, 90), one)], none, HERE, ""),
            ("the port that stands for it on the host", &[(Ingress, Traffic::Tcp(8080, 8080), one)], none, HERE, ""),
            ("UDP", &[(Ingress, Traffic::Udp(80, 80), one)], none, HERE, ""),
            ("ICMP", &[(Ingress, Traffic::Icmp(-1, -1), one)], none, HERE, ""),
            ("another protocol", &[(Ingress, Traffic::Protocol(47), one)], none, HERE, ""),
            ("what goes out", &[(Egress, Traffic::All, ANYBODY)], none, HERE, ""),
            ("its own members", &[(Ingress, Traffic::All, "sg-00000001")], none, HERE, ""),
            (
                "two groups, sorted",
                &[(Ingress, http, "198.51.100.0/24")],
                &[(Ingress, http, one)],
                HERE,
                "127.0.0.2/32 198.51.100.0/24",
            ),
            (
                "blocks in blocks",
                &[(Ingress, http, one), (Ingress, http, "127.0.0.0/8"), (Ingress, http, "127.0.0.0/16")],
                &[(Ingress, http, "127.0.0.2/31")],
                HERE,
                "127.0.0.0/8",
            ),
            ("one open group of two", &[(Ingress, http, one)], &[(Ingress, Traffic::All, ANYBODY)], HERE, "everybody"),
            ("IPv6 where IPv4 is spoken", &[(Ingress, http, "::/0")], none, HERE, ""),
            ("IPv4 where IPv6 is spoken", &[(Ingress, http, ANYBODY)], none, HERE6, ""),
            (
                "IPv6",
                &[(Ingress, http, "::1/128"), (Ingress, http, "2001:db8::/32"), (Ingress, http, one)],
                none,
                HERE6,
                "::1/128 2001:db8::/32",
            ),
        ];
        for (case, first, second, host, expected) in table {
            // The third is nobody's.
            let groups = [group(1, first), group(2, second), group(3, &[(Ingress, Traffic::All, ANYBODY)])];
            let admission = admission(&load_balancer(Scheme::InternetFacing, &[1, 2]), 80, host, &groups);
            assert_eq!(text(&admission), expected, "{case}");
        }
        let bare = admission(&load_balancer(Scheme::InternetFacing, &[]), 80, HERE, &[group(1, none)]);
        assert_eq!(bare, Admission::Everybody, "without groups nothing is filtered");
    }

    #[test]
    fn an_admission_is_asked_by_address_and_kept_as_json() {
        let blocks = |texts: &[&str]| Admission::Blocks(texts.iter().map(|text| text.parse().unwrap()).collect());
        let some = blocks(&["127.0.0.2/31", "2001:db8::/32"]);
        for (client, expected) in [
            ("127.0.0.1", false),
            ("127.0.0.2", true),
            ("127.0.0.3", true),
            ("127.0.0.4", false),
            ("::ffff:127.0.0.2", true),
            ("2001:db8::7", true),
            ("2001:db9::7", false),
        ] {
            let client = client.parse().unwrap();
            let asked = [Admission::Everybody.admits(client), some.admits(client), blocks(&[]).admits(client)];
            assert_eq!(asked, [true, expected, false], "{client}");
        }
        for (admission, json) in
            [(Admission::Everybody, "\"everybody\""), (some, r#"{"blocks":["127.0.0.2/31","2001:db8::/32"]}"#)]
        {
            assert_eq!(serde_json::to_string(&admission).unwrap(), json);
            assert_eq!(serde_json::from_str::<Admission>(json).unwrap(), admission);
        }
    }

    #[test]
    fn listeners_that_nobody_is_admitted_to_are_named_with_the_groups() {
        use Direction::Ingress;
        let (facing, internal) = (Scheme::InternetFacing, Scheme::Internal);
        let remedy = "; let one of its groups admit its clients by their addresses (AuthorizeSecurityGroupIngress)";
        let at_port = |from: &str, at: &str| {
            format!(
                "listener HTTP 80 of load balancer web: no rule of sg-00000001 (g1) admits tcp/80 from {from}, so nobody reaches it at {at}{remedy}"
            )
        };
        let at_all = format!(
            "load balancer web: no rule of sg-00000001 (g1) admits TCP from 127.0.0.0/8, so nobody reaches it at 127.0.0.1{remedy}"
        );
        /// What it is about, the rule of its group, the ports of its listeners, the addresses of the host, and the sentences.
        type Case<'a> = (&'a str, Scheme, Rule<'a>, &'a [u16], &'a [IpAddr], Vec<String>);
        let table: [Case<'_>; 10] = [
            (
                "members only",
                facing,
                (Ingress, Traffic::All, "sg-00000001"),
                &[80],
                &[HERE],
                vec![at_port("127.0.0.0/8", "127.0.0.1")],
            ),
            ("no listener yet", facing, (Ingress, Traffic::All, "sg-00000001"), &[], &[HERE], vec![at_all.clone()]),
            ("UDP, no listener yet", facing, (Ingress, Traffic::Udp(80, 80), ANYBODY), &[], &[HERE], vec![at_all]),
            ("some port, no listener yet", facing, (Ingress, Traffic::Tcp(8080, 8080), ANYBODY), &[], &[HERE], vec![]),
            (
                "one of two",
                facing,
                (Ingress, Traffic::Tcp(443, 443), ANYBODY),
                &[443, 80],
                &[HERE],
                vec![at_port("127.0.0.0/8", "127.0.0.1")],
            ),
            ("everybody", facing, (Ingress, Traffic::All, ANYBODY), &[443, 80], &[HERE], vec![]),
            (
                "a network, asked on the host only",
                facing,
                (Ingress, Traffic::All, "203.0.113.0/24"),
                &[80],
                &[HERE],
                vec![at_port("127.0.0.0/8", "127.0.0.1")],
            ),
            (
                "a network, asked at an address for all",
                facing,
                (Ingress, Traffic::All, "203.0.113.0/24"),
                &[80],
                &[HERE, THERE],
                vec![],
            ),
            (
                "members only, asked at an address for all",
                facing,
                (Ingress, Traffic::All, "sg-00000001"),
                &[80],
                &[THERE],
                vec![at_port("any address", "203.0.113.5")],
            ),
            ("internal", internal, (Ingress, Traffic::All, "sg-00000001"), &[80], &[HERE], vec![]),
        ];
        for (case, scheme, rule, ports, hosts, expected) in table {
            let listeners: Vec<Listener> = ports.iter().map(|port| listener(*port)).collect();
            let groups = [group(1, &[rule]), group(2, &[(Ingress, Traffic::All, ANYBODY)])];
            let shut = shut_listeners(&load_balancer(scheme, &[1]), &listeners, &groups, hosts);
            assert_eq!(shut.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{case}");
            assert!(shut.iter().all(|one| one.to_string().is_ascii()), "{case}");
        }
    }
}
