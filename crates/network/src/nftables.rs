//! Writes the filters of a namespace in the language of `nft`: one table, replaced whole in one transaction.
//!
//! Connections that the kernel knows are not touched by the replacement. The order of a packet's examination in a VPC's router:
//!
//! 1. `spoofing`: an interface sends from its own address; the internet gateway takes packets for public addresses only.
//! 2. `public`: public addresses become private ones.
//! 3. `forward`: network ACLs of the subnet that is left and of the one that is entered (every packet, answers too); then what
//!    belongs to a known connection of the same receiver passes; then the security groups of the sender, which lead on to
//!    `ingress`; then those of the receiver, which lead to `admit`.
//! 4. `leaving` and `private`: private addresses become public ones; what has none stays inside.

use model::{
    cidr::Cidr,
    ec2::{
        firewall::{AclFilter, AclRule, FilteredInterface, GroupFilter, InterfaceFilter, IpPeer, RuleSet, Uplink},
        network_plan::{Firewall, GATEWAY_LINK, METADATA_ADDRESS, OuterUplink},
        security_group::{Direction, Traffic},
        vpc_dns::RESOLVER_ADDRESS,
    },
    id::SecurityGroupId,
};
use std::{
    collections::BTreeSet,
    fmt::{self, Display, Write},
    net::Ipv4Addr,
};

/// The table of the namespaces that are ours alone.
pub const TABLE: &str = "goru";
/// A chain that says that this installation switched forwarding on in the outer namespace.
pub const FORWARDING_WAS_OFF: &str = "forwarding_was_off";

/// The transaction that puts the table in place of whatever has its name. `forwarding_was_off`: of the outer namespace, whether
/// the host forwarded nothing before.
pub fn transaction(firewall: &Firewall, table: &str, forwarding_was_off: bool) -> String {
    let mut text = Text(String::new());
    let body = match firewall {
        Firewall::Vpc(rules) => vpc(rules),
        Firewall::NatGateway { vpc_cidr, address } => nat_gateway(*vpc_cidr, *address),
        Firewall::Outer(uplinks) => outer(uplinks, forwarding_was_off),
    };
    // Added first, because what is not there cannot be deleted.
    text.line(format_args!("add table inet {table}"));
    text.line(format_args!("delete table inet {table}"));
    text.line(format_args!("table inet {table} {{\n{body}}}"));
    text.0
}

/// The transaction that removes the table, whether it is there or not.
pub fn removal(table: &str) -> String {
    format!("add table inet {table}\ndelete table inet {table}\n")
}

/// Lines of text; writing to a string cannot fail.
struct Text(String);

impl Text {
    fn line(&mut self, line: impl Display) {
        // Writing to a String never fails.
        let _ = writeln!(self.0, "{line}");
    }

    fn chain(&mut self, name: impl Display, hook: &str, rules: &[String]) {
        self.line(format_args!("chain {name} {{"));
        if !hook.is_empty() {
            self.line(hook);
        }
        rules.iter().for_each(|rule| self.line(rule));
        self.line("}");
    }

    /// A set, or a map if the type is one; without an `elements` line when it is empty, which `nft` wants.
    fn set(&mut self, keyword: &str, name: impl Display, kind: &str, elements: &[String]) {
        self.line(format_args!("{keyword} {name} {{"));
        self.line(format_args!("type {kind}"));
        if !elements.is_empty() {
            self.line(format_args!("elements = {{ {} }}", elements.join(", ")));
        }
        self.line("}");
    }
}

fn vpc(rules: &RuleSet) -> String {
    let mut text = Text(String::new());
    sets(&mut text, rules);
    spoofing(&mut text, rules);
    router_itself(&mut text, rules);
    forward(&mut text, rules);
    if let Some(uplink) = &rules.uplink {
        translation(&mut text, uplink);
    }
    text.0
}

fn sets(text: &mut Text, rules: &RuleSet) {
    let binding = |interface: &FilteredInterface| format!("{} . {}", quoted(&interface.link), interface.address);
    text.set("set", "bindings", "ifname . ipv4_addr", &all(&rules.interfaces, binding));
    let receivers: Vec<_> = rules.interfaces.iter().map(|i| i.link.as_str()).chain([GATEWAY_LINK]).collect();
    text.set("map", "marks", "ifname : mark", &all(&receivers, |link| format!("{} : {}", quoted(link), mark(link))));
    text.set(
        "set",
        "receivers",
        "ifname . mark",
        &all(&receivers, |link| format!("{} . {}", quoted(link), mark(link))),
    );
    let gateways: Vec<_> = rules.interfaces.iter().filter(|i| i.filter == InterfaceFilter::NatGateway).collect();
    text.set("set", "nat_gateways", "ifname", &all(&gateways, |interface| quoted(&interface.link)));
    text.set("set", "nat_gateway_addresses", "ipv4_addr", &all(&gateways, |interface| interface.address.to_string()));
    for group in &rules.groups {
        text.set("set", members(&group.id), "ipv4_addr", &all(&group.members, ToString::to_string));
    }
    for (subnet, _) in &rules.subnets {
        let inside: Vec<_> = rules.interfaces.iter().filter(|interface| interface.subnet == *subnet).collect();
        text.set("set", word(subnet), "ifname", &all(&inside, |interface| quoted(&interface.link)));
    }
}

fn spoofing(text: &mut Text, rules: &RuleSet) {
    let mut chain = Vec::new();
    if let Some(uplink) = &rules.uplink {
        let public = uplink.mappings.iter().map(|mapping| mapping.public_address);
        let admitted: Vec<_> = public.chain([uplink.inner_address]).map(|address| address.to_string()).collect();
        chain.push(format!("iifname {GATEWAY_LINK:?} ip daddr != {{ {} }} drop", admitted.join(", ")));
        chain.push(format!("iifname {GATEWAY_LINK:?} ip saddr {} drop", rules.vpc_cidr));
        chain.push(format!("iifname {GATEWAY_LINK:?} accept"));
    }
    chain.push("iifname . ip saddr @bindings accept".to_owned());
    chain.push(format!("iifname @nat_gateways ip saddr != {} accept", rules.vpc_cidr));
    chain.push("iifname \"lo\" accept".to_owned());
    text.chain("spoofing", "type filter hook prerouting priority raw; policy drop;", &chain);
}

/// Metadata service and resolver; nothing else of the router is reached, and nothing by the way out.
fn router_itself(text: &mut Text, rules: &RuleSet) {
    let chain = [
        "iifname \"lo\" accept".to_owned(),
        format!("iifname {GATEWAY_LINK:?} drop"),
        format!("ip daddr {METADATA_ADDRESS} tcp dport 80 accept"),
        format!("ip daddr {{ {RESOLVER_ADDRESS}, {} }} meta l4proto {{ tcp, udp }} th dport 53 accept", rules.resolver),
    ];
    text.chain("router", "type filter hook input priority filter; policy drop;", &chain);
}

fn forward(text: &mut Text, rules: &RuleSet) {
    // A connection belongs to the interface that was its receiver, not to whoever has the address later.
    text.chain("admit", "", &["ct mark set oifname map @marks".to_owned(), "accept".to_owned()]);
    for acl in &rules.acls {
        network_acl(text, acl);
    }
    for (subnet, acl) in &rules.subnets {
        let acl = |direction| acl.iter().map(move |acl| format!("jump {}_{}", word(acl), suffix(direction)));
        let inside = word(subnet);
        let (egress, ingress) = (acl(Direction::Egress), acl(Direction::Ingress));
        let leave: Vec<_> = std::iter::once(format!("oifname @{inside} return")).chain(egress).collect();
        let enter: Vec<_> = std::iter::once(format!("iifname @{inside} return")).chain(ingress).collect();
        text.chain(format_args!("leave_{inside}"), "", &leave);
        text.chain(format_args!("enter_{inside}"), "", &enter);
    }
    security_groups(text, rules);
    let by_subnet = |verb: &str| {
        let jump = |i: &FilteredInterface| format!("{} : jump {verb}_{}", quoted(&i.link), word(&i.subnet));
        all(&rules.interfaces, jump)
    };
    let mut chain = vec![
        "ct state invalid drop".to_owned(),
        "ct state new ip daddr 169.254.0.0/16 drop".to_owned(),
        "iifname @nat_gateways oifname @nat_gateways drop".to_owned(),
    ];
    chain.extend(verdict_map("iifname", &by_subnet("leave")));
    chain.extend(verdict_map("oifname", &by_subnet("enter")));
    chain.push("ct state related accept".to_owned());
    chain.push("ct state established ct direction original oifname . ct mark @receivers accept".to_owned());
    chain.push("ct state established ct direction reply iifname . ct mark @receivers accept".to_owned());
    chain.push("ip daddr @nat_gateway_addresses drop".to_owned());
    let unfiltered = [format!("{GATEWAY_LINK:?} : goto ingress")];
    let filtered = all(&rules.interfaces, |i| format!("{} : {}", quoted(&i.link), egress_of(&i.filter)));
    chain.extend(verdict_map("iifname", &[&unfiltered[..], &filtered].concat()));
    text.chain("forward", "type filter hook forward priority filter; policy drop;", &chain);
}

/// An entry that allows returns to whoever asked; all others end here.
fn network_acl(text: &mut Text, acl: &AclFilter) {
    for (direction, rules) in [(Direction::Ingress, &acl.ingress), (Direction::Egress, &acl.egress)] {
        let line = |rule: &AclRule| {
            let verdict = if rule.allow { "return" } else { "drop" };
            traffic(rule.traffic).map(|traffic| format!("{}{traffic}{verdict}", block(direction, rule.peer)))
        };
        let mut chain: Vec<_> = rules.iter().filter_map(line).collect();
        chain.push("drop".to_owned());
        text.chain(format_args!("{}_{}", word(&acl.id), suffix(direction)), "", &chain);
    }
}

/// A chain for each group and direction, and one for each set of groups that an interface has: the first rule that fits
/// leads on, and the end of the set's chain is the end of the packet.
fn security_groups(text: &mut Text, rules: &RuleSet) {
    let sets: BTreeSet<&InterfaceFilter> = rules.interfaces.iter().map(|interface| &interface.filter).collect();
    for group in &rules.groups {
        text.chain(format_args!("{}_in", word(&group.id)), "", &group_rules(group, Direction::Ingress));
    }
    for set in &sets {
        one_set(text, set, Direction::Ingress);
    }
    let outside = [format!("{GATEWAY_LINK:?} : goto admit")];
    let receivers = all(&rules.interfaces, |i| format!("{} : {}", quoted(&i.link), ingress_of(&i.filter)));
    let mut ingress: Vec<_> = verdict_map("oifname", &[&outside[..], &receivers].concat()).into_iter().collect();
    ingress.push("drop".to_owned());
    text.chain("ingress", "", &ingress);
    for group in &rules.groups {
        text.chain(format_args!("{}_out", word(&group.id)), "", &group_rules(group, Direction::Egress));
    }
    for set in &sets {
        one_set(text, set, Direction::Egress);
    }
}

fn one_set(text: &mut Text, filter: &InterfaceFilter, direction: Direction) {
    match filter {
        InterfaceFilter::Groups(groups) if groups.len() > 1 => {
            let jump = |group| format!("jump {}_{}", word(group), suffix(direction));
            let chain: Vec<_> = groups.iter().map(jump).chain(["drop".to_owned()]).collect();
            text.chain(format_args!("{}_{}", set_name(groups), suffix(direction)), "", &chain);
        }
        InterfaceFilter::Groups(_) | InterfaceFilter::NatGateway => {}
    }
}

fn group_rules(group: &GroupFilter, direction: Direction) -> Vec<String> {
    let verdict = match direction {
        Direction::Ingress => "goto admit",
        Direction::Egress => "goto ingress",
    };
    let rules = match direction {
        Direction::Ingress => &group.ingress,
        Direction::Egress => &group.egress,
    };
    let line = |(what, peer): &(Traffic, IpPeer)| {
        let peer = match peer {
            IpPeer::Block(cidr) => block(direction, *cidr),
            IpPeer::Group(group) => format!("ip {} @{} ", other_side(direction), members(group)),
        };
        traffic(*what).map(|traffic| format!("{peer}{traffic}{verdict}"))
    };
    rules.iter().filter_map(line).collect()
}

fn egress_of(filter: &InterfaceFilter) -> String {
    chain_of(filter, Direction::Egress).map_or("goto ingress".to_owned(), |chain| format!("goto {chain}"))
}

fn ingress_of(filter: &InterfaceFilter) -> String {
    chain_of(filter, Direction::Ingress).map_or("goto admit".to_owned(), |chain| format!("goto {chain}"))
}

/// The chain that decides about an interface; `None`: no group filters it. A single group needs no chain of a set: what its
/// rules do not lead on falls back to `forward` and `ingress`, which end with a drop.
fn chain_of(filter: &InterfaceFilter, direction: Direction) -> Option<String> {
    match filter {
        InterfaceFilter::NatGateway => None,
        InterfaceFilter::Groups(groups) => match groups.as_slice() {
            [] => None,
            [one] => Some(format!("{}_{}", word(one), suffix(direction))),
            several => Some(format!("{}_{}", set_name(several), suffix(direction))),
        },
    }
}

/// One to one at the internet gateway. Public addresses of 127.0.0.0/8 are left to the outer side: their packets leave with
/// the address of the link.
fn translation(text: &mut Text, uplink: &Uplink) {
    let inward = all(&uplink.mappings, |mapping| format!("{} : {}", mapping.public_address, mapping.private_address));
    let outward = all(&uplink.mappings, |mapping| {
        let public = mapping.public_address;
        let shown = if public.is_loopback() { uplink.inner_address } else { public };
        format!("{} : {shown}", mapping.private_address)
    });
    let to_private = inward_rule(&inward, "dnat ip to ip daddr map");
    text.chain("public", "type nat hook prerouting priority dstnat; policy accept;", &to_private);
    let addresses: Vec<_> = uplink.mappings.iter().map(|mapping| mapping.private_address.to_string()).collect();
    text.set("set", "with_public_address", "ipv4_addr", &addresses);
    let leaving = [format!("oifname {GATEWAY_LINK:?} ip saddr != @with_public_address drop")];
    text.chain("leaving", "type filter hook postrouting priority 90; policy accept;", &leaving);
    let to_public = match outward.as_slice() {
        [] => Vec::new(),
        some => vec![format!("oifname {GATEWAY_LINK:?} snat ip to ip saddr map {{ {} }}", some.join(", "))],
    };
    text.chain("private", "type nat hook postrouting priority srcnat; policy accept;", &to_public);
}

fn inward_rule(elements: &[String], verb: &str) -> Vec<String> {
    match elements {
        [] => Vec::new(),
        some => vec![format!("iifname {GATEWAY_LINK:?} {verb} {{ {} }}", some.join(", "))],
    }
}

/// Translates what instances of the VPC send, and lets nothing in but the answers.
fn nat_gateway(vpc_cidr: Cidr, address: Ipv4Addr) -> String {
    let mut text = Text(String::new());
    text.chain("itself", "type filter hook input priority filter; policy drop;", &["iifname \"lo\" accept".to_owned()]);
    let forward = [
        "ct state established,related accept".to_owned(),
        format!("ct state new ip saddr {vpc_cidr} ip daddr != {vpc_cidr} accept"),
    ];
    text.chain("forward", "type filter hook forward priority filter; policy drop;", &forward);
    let translate = [format!("ip saddr {vpc_cidr} snat ip to {address}")];
    text.chain("translate", "type nat hook postrouting priority srcnat; policy accept;", &translate);
    text.0
}

fn outer(uplinks: &[OuterUplink], forwarding_was_off: bool) -> String {
    let mut text = Text(String::new());
    text.set("set", "uplinks", "ifname", &all(uplinks, |uplink| quoted(&uplink.link)));
    let sources = uplinks.iter().flat_map(|uplink| {
        let addresses = uplink.public_addresses.iter().chain([&uplink.inner_address]);
        addresses.map(|address| format!("{} . {address}", quoted(&uplink.link)))
    });
    text.set("set", "sources", "ifname . ipv4_addr", &sources.collect::<Vec<_>>());
    text.set("set", "links", "ipv4_addr", &all(uplinks, |uplink| uplink.inner_address.to_string()));
    // The links take loopback addresses (the default pool is of them), but not the host's own ones.
    let arriving =
        ["iifname @uplinks ip daddr 127.0.0.0/8 drop", "iifname @uplinks iifname . ip saddr != @sources drop"];
    text.chain("arriving", "type filter hook prerouting priority raw; policy accept;", &arriving.map(str::to_owned));
    let translate =
        ["oifname @uplinks ip saddr 127.0.0.0/8 masquerade", "oifname != @uplinks ip saddr @links masquerade"];
    text.chain("translate", "type nat hook postrouting priority srcnat; policy accept;", &translate.map(str::to_owned));
    if forwarding_was_off {
        // Switched on for us alone: the host becomes nobody else's router by it.
        let others = ["iifname != @uplinks oifname != @uplinks drop".to_owned()];
        text.chain(FORWARDING_WAS_OFF, "type filter hook forward priority filter; policy accept;", &others);
    }
    text.0
}

/// A rule that looks up a verdict, if there is any to look up.
fn verdict_map(key: &str, elements: &[String]) -> Option<String> {
    (!elements.is_empty()).then(|| format!("{key} vmap {{ {} }}", elements.join(", ")))
}

/// What fits the traffic, with a space after it; `None` when nothing of IPv4 does.
fn traffic(traffic: Traffic) -> Option<String> {
    let ports = |protocol: &str, low: u16, high: u16| match (low, high) {
        (0, u16::MAX) => format!("meta l4proto {protocol} "),
        (low, high) if low == high => format!("{protocol} dport {low} "),
        (low, high) => format!("{protocol} dport {low}-{high} "),
    };
    match traffic {
        Traffic::All => Some(String::new()),
        Traffic::Tcp(low, high) => Some(ports("tcp", low, high)),
        Traffic::Udp(low, high) => Some(ports("udp", low, high)),
        Traffic::Icmp(-1, _) => Some("meta l4proto icmp ".to_owned()),
        Traffic::Icmp(kind, -1) => Some(format!("icmp type {kind} ")),
        Traffic::Icmp(kind, code) => Some(format!("icmp type {kind} icmp code {code} ")),
        Traffic::Icmpv6(..) => None,
        Traffic::Protocol(number) => Some(format!("meta l4proto {number} ")),
    }
}

/// What fits the other side of a packet, with a space after it.
fn block(direction: Direction, cidr: Cidr) -> String {
    if cidr.prefix() == 0 { String::new() } else { format!("ip {} {cidr} ", other_side(direction)) }
}

fn other_side(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "saddr",
        Direction::Egress => "daddr",
    }
}

fn suffix(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "in",
        Direction::Egress => "out",
    }
}

fn members(group: &SecurityGroupId) -> String {
    format!("{}_members", word(group))
}

/// A name for a set of groups: their ids, which are sorted. Five of them stay below the kernel's limit of 127 characters.
fn set_name(groups: &[SecurityGroupId]) -> String {
    let digits = groups.iter().map(|group| group.as_str().trim_start_matches(SecurityGroupId::PREFIX));
    format!("sgs_{}", digits.collect::<Vec<_>>().join("_"))
}

/// An id as a name of a set or chain, which has no hyphens.
fn word(id: &impl fmt::Display) -> String {
    id.to_string().replace('-', "_")
}

fn quoted(link: &str) -> String {
    format!("{link:?}")
}

/// The mark of the connections that an interface has received: FNV-1a of its link's name, which has most of its id.
fn mark(link: &str) -> u32 {
    link.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn all<'t, T: 't>(items: impl IntoIterator<Item = &'t T>, text: impl Fn(&T) -> String) -> Vec<String> {
    items.into_iter().map(text).collect()
}
