//! DECIDER: what the resolver of a VPC answers (VPC user guide, "DNS attributes for your VPC").
//!
//! Names of interfaces are known in their own VPC alone, names of load balancers everywhere; everything else is asked elsewhere.
//! How questions look on the wire is not known here.

use super::vpc::Vpc;
use crate::cidr::Cidr;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
};

/// Where every VPC's resolver answers, beside [`Vpc::resolver`].
pub const RESOLVER_ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
/// How long clients may keep an answer: addresses of load balancers change (ELB user guide: 60 seconds).
pub const TTL_SECONDS: u32 = 60;

/// Where private names are: nobody but this resolver knows them, so that nobody else is asked.
const PRIVATE_ZONES: [&str; 2] = ["compute.internal", "ec2.internal"];
/// What names of addresses are below (RFC 1035, section 3.5).
const REVERSE_ZONE: &str = "in-addr.arpa";
/// Never asked of others (RFC 6761, section 6.3).
const LOCALHOST: &str = "localhost";
/// How names of load balancers may begin (alias records of AWS's console write them so).
const DUAL_STACK_PREFIX: &str = "dualstack.";

/// What is asked for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `A`
    Address,
    /// `PTR`
    Name,
    /// `ANY`, which is answered with what there is.
    Anything,
    /// Something that names here do not have.
    Another,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The name has these addresses; none: it is there, but has nothing of what is asked for.
    Addresses(Vec<Ipv4Addr>),
    /// The address has this name, without a dot at the end.
    Name(String),
    /// There is no such name.
    NoSuchName,
    /// The VPC has no resolver (`EnableDnsSupport`).
    Refused,
    /// Whoever the host asks is to be asked.
    Elsewhere,
}

/// A load balancer, as far as names go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedBalancer<'a> {
    /// Its DNS name.
    pub dns_name: &'a str,
    /// Whether only networks reach it.
    pub is_internal: bool,
    /// Where the host's node listens for it.
    pub host_addresses: Vec<IpAddr>,
    /// The private addresses of its interfaces.
    pub private_addresses: Vec<Ipv4Addr>,
}

/// What there is in one VPC; made once for many questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcNames {
    answers: bool,
    /// Whether private names are known (`EnableDnsHostnames`).
    has_private_names: bool,
    block: Cidr,
    region: String,
    private_addresses: BTreeSet<Ipv4Addr>,
    balancers: BTreeMap<String, Vec<Ipv4Addr>>,
}

impl VpcNames {
    /// Of a VPC, the private addresses of its interfaces, and all load balancers there are.
    pub fn new<'a>(
        vpc: &Vpc,
        region: &str,
        private_addresses: impl IntoIterator<Item = Ipv4Addr>,
        balancers: impl IntoIterator<Item = NamedBalancer<'a>>,
    ) -> Self {
        let named = |balancer: NamedBalancer<'_>| (balancer.dns_name.to_ascii_lowercase(), addresses(balancer));
        Self {
            answers: vpc.dns_support,
            has_private_names: vpc.dns_support && vpc.dns_hostnames,
            block: vpc.cidr,
            region: region.to_owned(),
            private_addresses: private_addresses.into_iter().collect(),
            balancers: balancers.into_iter().map(named).collect(),
        }
    }

    /// Answers a question; the name is without a dot at the end, in whatever case.
    pub fn answer(&self, name: &str, wanted: Wanted) -> Answer {
        if !self.answers {
            return Answer::Refused;
        }
        let name = name.to_ascii_lowercase();
        let balancer = name.strip_prefix(DUAL_STACK_PREFIX).unwrap_or(&name);
        if let Some(addresses) = self.balancers.get(balancer) {
            return of_name(wanted, addresses.clone());
        }
        if let Some(address) = reverse_address(&name) {
            return self.name_of(address, wanted);
        }
        if name == LOCALHOST {
            return of_name(wanted, vec![Ipv4Addr::LOCALHOST]);
        }
        if PRIVATE_ZONES.iter().any(|zone| is_within(&name, zone)) {
            return self.private(&name, wanted);
        }
        if is_within(&name, LOCALHOST) { Answer::NoSuchName } else { Answer::Elsewhere }
    }

    fn private(&self, name: &str, wanted: Wanted) -> Answer {
        let label = name.split('.').next().unwrap_or_default();
        let address = address_of_label(label).filter(|address| self.knows(*address));
        match address.filter(|address| private_name(&self.region, *address) == name) {
            Some(address) => of_name(wanted, vec![address]),
            None => Answer::NoSuchName,
        }
    }

    /// The name of an address. Who has an address outside of the VPC is none of its business.
    fn name_of(&self, address: Ipv4Addr, wanted: Wanted) -> Answer {
        if !self.block.contains(address) {
            return Answer::Elsewhere;
        }
        match (self.knows(address), wanted) {
            (false, _) => Answer::NoSuchName,
            (true, Wanted::Name | Wanted::Anything) => Answer::Name(private_name(&self.region, address)),
            (true, Wanted::Address | Wanted::Another) => Answer::Addresses(Vec::new()),
        }
    }

    fn knows(&self, address: Ipv4Addr) -> bool {
        self.has_private_names && self.private_addresses.contains(&address)
    }
}

/// Internal ones have their interfaces' addresses, others those by which the host is reached. Loopback addresses lead whoever
/// asks to itself; where there are no others, the interfaces are the way.
fn addresses(balancer: NamedBalancer<'_>) -> Vec<Ipv4Addr> {
    let of_host = |address: &IpAddr| match address {
        IpAddr::V4(address) => Some(*address).filter(|address| !address.is_loopback()),
        IpAddr::V6(_) => None,
    };
    let public: BTreeSet<_> = balancer.host_addresses.iter().filter_map(of_host).collect();
    if balancer.is_internal || public.is_empty() {
        let private: BTreeSet<_> = balancer.private_addresses.into_iter().collect();
        return private.into_iter().collect();
    }
    public.into_iter().collect()
}

fn of_name(wanted: Wanted, addresses: Vec<Ipv4Addr>) -> Answer {
    match wanted {
        Wanted::Address | Wanted::Anything => Answer::Addresses(addresses),
        Wanted::Name | Wanted::Another => Answer::Addresses(Vec::new()),
    }
}

/// The private name of an interface with this address: `ip-10-0-1-4.<region>.compute.internal`.
pub fn private_name(region: &str, address: Ipv4Addr) -> String {
    let address = address.to_string().replace('.', "-");
    match region {
        // The first region's names are older than the scheme.
        "us-east-1" => format!("ip-{address}.ec2.internal"),
        region => format!("ip-{address}.{region}.compute.internal"),
    }
}

fn address_of_label(label: &str) -> Option<Ipv4Addr> {
    label.strip_prefix("ip-")?.replace('-', ".").parse().ok()
}

/// The address of a name such as `5.1.0.10.in-addr.arpa`.
fn reverse_address(name: &str) -> Option<Ipv4Addr> {
    let labels = name.strip_suffix(REVERSE_ZONE)?.strip_suffix('.')?;
    let reversed: Vec<&str> = labels.rsplit('.').collect();
    reversed.join(".").parse().ok()
}

fn is_within(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tags, Timestamp};

    fn vpc(dns_support: bool, dns_hostnames: bool) -> Vpc {
        Vpc {
            id: "vpc-00000001".parse().unwrap(),
            cidr: "10.0.0.0/16".parse().unwrap(),
            is_default: false,
            dhcp_options_id: "dopt-00000001".parse().unwrap(),
            default_network_acl_id: "acl-00000001".parse().unwrap(),
            dns_support,
            dns_hostnames,
            instance_tenancy: "default".to_owned(),
            created_at: Timestamp::default(),
            tags: Tags::default(),
        }
    }

    fn names(dns_support: bool, dns_hostnames: bool) -> VpcNames {
        let balancer = |dns_name, is_internal, host: &[&str], private: &[[u8; 4]]| NamedBalancer {
            dns_name,
            is_internal,
            host_addresses: host.iter().map(|address| address.parse().unwrap()).collect(),
            private_addresses: private.iter().map(|octets| Ipv4Addr::from(*octets)).collect(),
        };
        let balancers = [
            balancer("internal-a-1.eu-west-1.elb.test", true, &["127.0.0.1"], &[[10, 0, 2, 4], [10, 0, 1, 4]]),
            balancer("b-2.eu-west-1.elb.test", false, &["192.0.2.7", "192.0.2.7", "::1"], &[[10, 0, 1, 5]]),
            balancer("c-3.eu-west-1.elb.localhost", false, &["127.0.0.1"], &[[10, 0, 1, 6]]),
        ];
        let interfaces = [[10, 0, 1, 5], [10, 0, 9, 200]].map(Ipv4Addr::from);
        VpcNames::new(&vpc(dns_support, dns_hostnames), "eu-west-1", interfaces, balancers)
    }

    fn addresses(addresses: &[[u8; 4]]) -> Answer {
        Answer::Addresses(addresses.iter().map(|octets| Ipv4Addr::from(*octets)).collect())
    }

    #[test]
    fn names_lead_to_interfaces_load_balancers_or_elsewhere() {
        use Answer::{Elsewhere, NoSuchName};
        let names = names(true, true);
        let none = || addresses(&[]);
        for (name, wanted, answer) in [
            ("ip-10-0-1-5.eu-west-1.compute.internal", Wanted::Address, addresses(&[[10, 0, 1, 5]])),
            ("IP-10-0-1-5.EU-West-1.Compute.Internal", Wanted::Address, addresses(&[[10, 0, 1, 5]])),
            ("ip-10-0-1-5.eu-west-1.compute.internal", Wanted::Anything, addresses(&[[10, 0, 1, 5]])),
            ("ip-10-0-1-5.eu-west-1.compute.internal", Wanted::Another, none()),
            ("ip-10-0-1-6.eu-west-1.compute.internal", Wanted::Address, NoSuchName),
            ("ip-10-0-1-5.eu-west-2.compute.internal", Wanted::Address, NoSuchName),
            ("ip-10-0-01-5.eu-west-1.compute.internal", Wanted::Address, NoSuchName),
            ("a.ip-10-0-1-5.eu-west-1.compute.internal", Wanted::Address, NoSuchName),
            ("ip-10-0-1-5.ec2.internal", Wanted::Address, NoSuchName),
            ("compute.internal", Wanted::Address, NoSuchName),
            ("notcompute.internal", Wanted::Address, Elsewhere),
            ("internal-a-1.eu-west-1.elb.test", Wanted::Address, addresses(&[[10, 0, 1, 4], [10, 0, 2, 4]])),
            ("internal-a-1.eu-west-1.elb.test", Wanted::Another, none()),
            ("dualstack.internal-A-1.eu-west-1.elb.test", Wanted::Address, addresses(&[[10, 0, 1, 4], [10, 0, 2, 4]])),
            ("b-2.eu-west-1.elb.test", Wanted::Address, addresses(&[[192, 0, 2, 7]])),
            ("c-3.eu-west-1.elb.localhost", Wanted::Address, addresses(&[[10, 0, 1, 6]])),
            ("x.b-2.eu-west-1.elb.test", Wanted::Address, Elsewhere),
            ("gone-4.eu-west-1.elb.localhost", Wanted::Address, NoSuchName),
            ("localhost", Wanted::Address, addresses(&[[127, 0, 0, 1]])),
            ("5.1.0.10.in-addr.arpa", Wanted::Name, Answer::Name("ip-10-0-1-5.eu-west-1.compute.internal".into())),
            (
                "200.9.0.10.in-addr.arpa",
                Wanted::Anything,
                Answer::Name("ip-10-0-9-200.eu-west-1.compute.internal".into()),
            ),
            ("5.1.0.10.in-addr.arpa", Wanted::Address, none()),
            ("6.1.0.10.in-addr.arpa", Wanted::Name, NoSuchName),
            ("1.0.10.in-addr.arpa", Wanted::Name, Elsewhere),
            ("5.1.1.10.in-addr.arpa", Wanted::Name, Elsewhere),
            ("in-addr.arpa", Wanted::Name, Elsewhere),
            ("example.com", Wanted::Address, Elsewhere),
            ("", Wanted::Another, Elsewhere),
        ] {
            assert_eq!(names.answer(name, wanted), answer, "{name} {wanted:?}");
        }
    }

    #[test]
    fn the_attributes_of_the_vpc_decide_what_is_answered() {
        let private = "ip-10-0-1-5.eu-west-1.compute.internal";
        let public = "b-2.eu-west-1.elb.test";
        for (support, hostnames, of_private, of_public) in [
            (true, true, addresses(&[[10, 0, 1, 5]]), addresses(&[[192, 0, 2, 7]])),
            (true, false, Answer::NoSuchName, addresses(&[[192, 0, 2, 7]])),
            (false, true, Answer::Refused, Answer::Refused),
            (false, false, Answer::Refused, Answer::Refused),
        ] {
            let names = names(support, hostnames);
            assert_eq!(names.answer(private, Wanted::Address), of_private, "{support} {hostnames}");
            assert_eq!(names.answer(public, Wanted::Address), of_public, "{support} {hostnames}");
        }
    }

    #[test]
    fn the_first_region_has_names_of_its_own_form() {
        let address = Ipv4Addr::new(10, 0, 1, 4);
        assert_eq!(private_name("us-east-1", address), "ip-10-0-1-4.ec2.internal");
        assert_eq!(private_name("ap-northeast-2", address), "ip-10-0-1-4.ap-northeast-2.compute.internal");
        let names = VpcNames::new(&vpc(true, true), "us-east-1", [address], []);
        assert_eq!(names.answer("ip-10-0-1-4.ec2.internal", Wanted::Address), addresses(&[[10, 0, 1, 4]]));
    }
}
