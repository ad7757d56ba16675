//! What the networks of all VPCs look like on one host: namespaces, links, addresses, routes, filters. Plain data, made from the
//! records alone; the crate `network` makes it true.
//!
//! A VPC's namespace is its router. Every interface has a link of its own to it, and there is no shared segment: the router
//! has a /32 route to each interface and answers ARP for all of them, so that every packet, also between two neighbours of one
//! subnet, passes the router's one table of filters. Instances and NAT gateways have a namespace each; the interfaces of all
//! load balancers of a VPC share one, the edge. The way out is a link to the *outer* namespace (the host's, or in tests another
//! one), which learns the public addresses of the VPC and nothing of its private ones.
//!
//! Here: the types and the order of work. `router` plans a VPC's namespace, `endpoints` those behind it, `outer` the host's
//! side, `names` has all names.

mod endpoints;
mod names;
mod outer;
mod router;

pub use names::{GATEWAY_LINK, HostTag, INSTANCE_LINK, InvalidTag, PREFIX, interface_link, mac_address};
pub use router::METADATA_ADDRESS;

use super::{
    firewall::{Mapping, RuleSet},
    network_records::{Interface, NetworkRecords},
    subnet::Subnet,
    vpc::Vpc,
};
use crate::cidr::Cidr;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

/// The main routing table.
pub const MAIN_TABLE: u32 = 254;
/// The kernel's table of local addresses, which is asked before all others.
pub const LOCAL_TABLE: u32 = 255;

/// What the plan must know about the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFacts {
    /// Tells this installation's names from those of others.
    pub tag: HostTag,
    /// The namespace that the VPCs' ways out lead to, by name; `None`: the one that the driver runs in.
    pub outer: Option<String>,
}

/// Everything that must be there. The same records give the same plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPlan {
    /// Whose it is.
    pub tag: HostTag,
    /// The outer namespace, if it has a name.
    pub outer: Option<String>,
    /// What each namespace holds.
    pub namespaces: BTreeMap<Place, Namespace>,
    /// The links between them, by the router's end.
    pub links: Vec<Link>,
}

/// A namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The outer one. It belongs to the host: only what the plan names is ours there.
    Outer,
    /// One that is made for the plan and holds nothing else.
    Named(String),
}

/// A pair of virtual Ethernet devices. Both ends are up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The VPC router's end.
    pub near: LinkEnd,
    /// The other end.
    pub far: LinkEnd,
    /// The MAC address of the other end, where it matters.
    pub far_mac: Option<String>,
}

/// One end of a link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkEnd {
    /// Where it is.
    pub place: Place,
    /// What it is called there.
    pub name: String,
}

/// What a namespace holds beside its links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    /// Kernel settings.
    pub settings: BTreeSet<Setting>,
    /// Addresses of links.
    pub addresses: BTreeSet<LinkAddress>,
    /// Routes.
    pub routes: BTreeSet<PlannedRoute>,
    /// Which table is asked for which packets.
    pub rules: BTreeSet<PolicyRule>,
    /// Filters and translation of addresses.
    pub firewall: Option<Firewall>,
    /// Whether it belongs to an instance: then what is not planned is the instance's own affair and stays. (It harms nobody: the
    /// router believes nothing that comes from there.)
    pub is_guest: bool,
}

/// A kernel setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting {
    /// The link that it is about, whose making resets it.
    pub link: Option<String>,
    /// Below `/proc/sys/net`, for example `ipv4/ip_forward`.
    pub path: String,
    /// Its value.
    pub value: String,
}

/// An address of a link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkAddress {
    /// Its name; `lo` for addresses of the namespace itself.
    pub link: String,
    /// The address.
    pub address: Ipv4Addr,
    /// The bits of the network that is reached directly, 32 for none.
    pub prefix: u8,
    /// The only address at the other end, of a link between two.
    pub peer: Option<Ipv4Addr>,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlannedRoute {
    /// The routing table's number.
    pub table: u32,
    /// Where to.
    pub destination: Cidr,
    /// By what.
    pub hop: Hop,
    /// The source address of packets that begin here, where the kernel is not to choose.
    pub source: Option<Ipv4Addr>,
}

/// What a route leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// Whoever has the address, on this link.
    Link(String),
    /// A router on this link.
    Gateway {
        /// Its address; it need not be in a network of the link.
        address: Ipv4Addr,
        /// The link.
        link: String,
    },
    /// Nothing: packets vanish.
    Blackhole,
}

/// Which packets ask which table; the lowest priority is asked first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyRule {
    /// 1 to 32765.
    pub priority: u32,
    /// Packets from here; `None`: from anywhere.
    pub from: Option<Cidr>,
    /// Packets to here; `None`: to anywhere.
    pub to: Option<Cidr>,
    /// The table.
    pub table: u32,
}

/// The filters of a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Firewall {
    /// Of a VPC's router.
    Vpc(Box<RuleSet>),
    /// Of a NAT gateway.
    NatGateway {
        /// Whose packets it translates.
        vpc_cidr: Cidr,
        /// To which address.
        address: Ipv4Addr,
    },
    /// Of the outer namespace.
    Outer(Vec<OuterUplink>),
}

/// The outer end of a VPC's way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OuterUplink {
    /// The link.
    pub link: String,
    /// The router's address at the other end.
    pub inner_address: Ipv4Addr,
    /// The public addresses behind it, sorted.
    pub public_addresses: Vec<Ipv4Addr>,
}

/// One VPC while it is planned.
struct VpcPlan<'r, 'a> {
    records: &'r NetworkRecords<'a>,
    facts: &'r HostFacts,
    vpc: &'a Vpc,
    /// Sorted by id.
    subnets: Vec<&'a Subnet>,
    /// With the router's end of each, sorted by id.
    interfaces: Vec<(String, Interface<'a>)>,
    way_out: Option<WayOut>,
}

/// The link between a VPC and the outer namespace.
struct WayOut {
    link: String,
    outer_address: Ipv4Addr,
    inner_address: Ipv4Addr,
    /// Sorted.
    mappings: Vec<Mapping>,
}

impl NetworkPlan {
    /// The plan of an installation that has no VPC.
    pub fn empty(facts: &HostFacts) -> Self {
        Self {
            tag: facts.tag.clone(),
            outer: facts.outer.clone(),
            namespaces: BTreeMap::from([(Place::Outer, Namespace::default())]),
            links: Vec::new(),
        }
    }

    /// The namespace, made if the plan has none of the name.
    fn namespace(&mut self, place: &Place) -> &mut Namespace {
        self.namespaces.entry(place.clone()).or_default()
    }
}

/// The plan for the records of all scopes of this host. VPCs in which nothing runs are not in it.
pub fn plan(scopes: &[NetworkRecords<'_>], facts: &HostFacts) -> NetworkPlan {
    let mut plan = NetworkPlan::empty(facts);
    // A VPC without interfaces costs nothing.
    for vpc in vpcs(scopes, facts).iter().filter(|vpc| !vpc.interfaces.is_empty()) {
        router::add(&mut plan, vpc);
        endpoints::add(&mut plan, vpc);
        outer::add(&mut plan, vpc);
    }
    plan
}

fn vpcs<'r, 'a>(scopes: &'r [NetworkRecords<'a>], facts: &'r HostFacts) -> Vec<VpcPlan<'r, 'a>> {
    let mut vpcs: Vec<_> =
        scopes.iter().flat_map(|records| records.vpcs.iter().map(move |vpc| (records, *vpc))).collect();
    vpcs.sort_by_key(|(_, vpc)| &vpc.id);
    let mut taken = BTreeSet::new();
    vpcs.into_iter().map(|(records, vpc)| one_vpc(records, vpc, facts, &mut taken)).collect()
}

fn one_vpc<'r, 'a>(
    records: &'r NetworkRecords<'a>,
    vpc: &'a Vpc,
    facts: &'r HostFacts,
    taken: &mut BTreeSet<u32>,
) -> VpcPlan<'r, 'a> {
    let mut subnets: Vec<_> = records.subnets.iter().copied().filter(|subnet| subnet.vpc_id == vpc.id).collect();
    subnets.sort_by_key(|subnet| &subnet.id);
    let known = |interface: &Interface<'_>| subnets.iter().any(|subnet| subnet.id == *interface.subnet_id);
    let of_vpc = records.interfaces().into_iter().filter(|i| *i.vpc_id == vpc.id && known(i));
    let interfaces: Vec<_> = of_vpc.map(|interface| (interface_link(interface.id), interface)).collect();
    let mapping = |interface: &Interface<'_>| {
        let public_address = records.public_address(interface.id)?;
        Some(Mapping { public_address, private_address: interface.private_address })
    };
    let mut mappings: Vec<_> = interfaces.iter().filter_map(|(_, interface)| mapping(interface)).collect();
    mappings.sort();
    // Without a public address nothing could pass, and the host is left alone.
    let gateway = records.internet_gateway(&vpc.id).filter(|_| !mappings.is_empty());
    let way_out = gateway.map(|_| {
        let (outer_address, inner_address) = outer::link_addresses(&facts.tag, vpc, taken);
        WayOut { link: facts.tag.uplink(&vpc.id), outer_address, inner_address, mappings }
    });
    VpcPlan { records, facts, vpc, subnets, interfaces, way_out }
}

/// A setting of the namespace as a whole.
fn setting(path: &str, value: impl ToString) -> Setting {
    Setting { link: None, path: path.to_owned(), value: value.to_string() }
}

/// A setting of one link, in a directory such as `ipv4/conf`.
fn link_setting(directory: &str, link: &str, name: &str, value: impl ToString) -> Setting {
    Setting { link: Some(link.to_owned()), path: format!("{directory}/{link}/{name}"), value: value.to_string() }
}

/// The block of one address.
fn only(address: Ipv4Addr) -> Cidr {
    Cidr::containing(address, 32)
}

/// The block of all addresses.
fn everything() -> Cidr {
    Cidr::containing(Ipv4Addr::UNSPECIFIED, 0)
}
