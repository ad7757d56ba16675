//! Network ACLs: stateless packet filters of subnets.

use super::{
    security_group::{Direction, InvalidRule, Traffic},
    vpc::Vpc,
};
use crate::{
    Tags,
    cidr::Cidr,
    id::{NetworkAclAssociationId, NetworkAclId, SubnetId, VpcId},
};
use serde::{Deserialize, Serialize};
use std::{net::Ipv4Addr, sync::Arc};

/// The most network ACLs of one VPC (VPC quotas).
pub const MAXIMUM_ACLS_PER_VPC: usize = 200;
/// The most entries in one direction (VPC quotas).
pub const MAXIMUM_ENTRIES: usize = 20;
/// The highest number that an entry may have. What no entry meets is denied by the one with the number 32767.
pub const MAXIMUM_ENTRY_NUMBER: u16 = 32_766;
/// The number with which the denial of everything that no entry meets is shown. It cannot be changed.
pub const DENIAL_NUMBER: u16 = 32_767;

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// `acl-…`
    pub id: NetworkAclId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// Whether it is the VPC's own, which subnets without another use.
    pub is_default: bool,
    /// Entries of both directions; numbers are unique in each.
    pub entries: Vec<NetworkAclEntry>,
    /// The subnets that use it expressly; a subnet in no list uses the VPC's own.
    pub associations: Vec<NetworkAclAssociation>,
    /// Tags.
    pub tags: Tags,
}

/// An entry: the first in the order of their numbers that meets a packet decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclEntry {
    /// 1 to [`MAXIMUM_ENTRY_NUMBER`].
    pub number: u16,
    /// Which way, as seen from the subnet.
    pub direction: Direction,
    /// What traffic.
    pub traffic: Traffic,
    /// Where from or where to.
    pub cidr: Cidr,
    /// Whether it may pass.
    pub allow: bool,
}

/// A subnet's use of an ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclAssociation {
    /// `aclassoc-…`
    pub id: NetworkAclAssociationId,
    /// The subnet.
    pub subnet_id: SubnetId,
}

impl NetworkAcl {
    /// The entries of one direction, in the order in which they decide.
    pub fn entries(&self, direction: Direction) -> Vec<&NetworkAclEntry> {
        let mut entries: Vec<_> = self.entries.iter().filter(|entry| entry.direction == direction).collect();
        entries.sort_by_key(|entry| entry.number);
        entries
    }

    /// The entry that decides about a packet; none means that it is denied, as by [`DENIAL_NUMBER`].
    pub fn deciding(&self, direction: Direction, packet: &Packet) -> Option<&NetworkAclEntry> {
        self.entries(direction).into_iter().find(|entry| entry.meets(packet))
    }

    /// Whether a packet may pass. Answers are packets of their own: an ACL knows no connections.
    pub fn admits(&self, direction: Direction, packet: &Packet) -> bool {
        self.deciding(direction, packet).is_some_and(|entry| entry.allow)
    }

    /// The two entries that a default ACL has from the start: number 100 admits everything, both ways.
    pub fn default_entries() -> Vec<NetworkAclEntry> {
        let entry = |direction| NetworkAclEntry {
            number: 100,
            direction,
            traffic: Traffic::All,
            cidr: Cidr::containing(Ipv4Addr::UNSPECIFIED, 0),
            allow: true,
        };
        vec![entry(Direction::Ingress), entry(Direction::Egress)]
    }

    /// The default ACL of a VPC as it is made, and as it counts while there is no record of it.
    pub fn default_of(vpc: &Vpc) -> Self {
        Self {
            id: vpc.default_network_acl_id.clone(),
            vpc_id: vpc.id.clone(),
            is_default: true,
            entries: Self::default_entries(),
            associations: Vec::new(),
            tags: Tags::default(),
        }
    }

    /// The ACL that a subnet of the VPC uses: the one that names it, or the VPC's own. `records` may be of any VPC.
    pub fn of_subnet(subnet: &SubnetId, vpc: &Vpc, records: &[Arc<Self>]) -> Arc<Self> {
        let named = records.iter().find(|acl| acl.associations.iter().any(|it| it.subnet_id == *subnet));
        let own = || records.iter().find(|acl| acl.id == vpc.default_network_acl_id);
        named.or_else(own).map_or_else(|| Arc::new(Self::default_of(vpc)), Arc::clone)
    }
}

/// The id of the association of a subnet that no ACL names with its VPC's own: of the digits of the subnet's.
pub fn default_association(subnet: &SubnetId) -> NetworkAclAssociationId {
    let text = subnet.as_str().replacen(SubnetId::PREFIX, NetworkAclAssociationId::PREFIX, 1);
    text.parse().expect("ids of both kinds have the same digits after their prefix")
}

/// A packet, as far as network ACLs look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The other side: the source of what comes in, the destination of what goes out.
    pub peer: Ipv4Addr,
    /// What it carries.
    pub content: Content,
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// TCP to this destination port.
    Tcp(u16),
    /// UDP to this destination port.
    Udp(u16),
    /// ICMP of this type and code.
    Icmp(u8, u8),
    /// Another IP protocol, by number.
    Protocol(u8),
}

impl NetworkAclEntry {
    /// Whether it speaks about the packet, of its direction.
    pub fn meets(&self, packet: &Packet) -> bool {
        let fits = |wanted: i16, is: u8| wanted == -1 || wanted == i16::from(is);
        let same_content = match (self.traffic, packet.content) {
            (Traffic::All, _) => true,
            (Traffic::Tcp(from, to), Content::Tcp(port)) | (Traffic::Udp(from, to), Content::Udp(port)) => {
                (from..=to).contains(&port)
            }
            (Traffic::Icmp(kind, code), Content::Icmp(is_kind, is_code)) => fits(kind, is_kind) && fits(code, is_code),
            (Traffic::Protocol(wanted), Content::Protocol(is)) => wanted == is,
            (
                Traffic::Tcp(..) | Traffic::Udp(..) | Traffic::Icmp(..) | Traffic::Icmpv6(..) | Traffic::Protocol(_),
                Content::Tcp(_) | Content::Udp(_) | Content::Icmp(..) | Content::Protocol(_),
            ) => false,
        };
        same_content && self.cidr.contains(packet.peer)
    }
}

/// Why an entry cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEntry {
    /// The number is out of range.
    #[error(
        "rule number {0} is not from 1 to {MAXIMUM_ENTRY_NUMBER}; {DENIAL_NUMBER} denies the rest and cannot be changed"
    )]
    Number(i32),
    /// TCP and UDP need ports.
    #[error("entries for TCP and UDP need PortRange with From and To")]
    PortRangeMissing,
    /// ICMP needs type and code.
    #[error("entries for ICMP need IcmpTypeCode with Type and Code; -1 means all")]
    IcmpTypeCodeMissing,
    /// There is no IPv6 in a VPC.
    #[error("protocol 58 is ICMPv6, and VPCs have no IPv6 yet")]
    Icmpv6,
    /// Protocol, ports, type or code are out of range.
    #[error(transparent)]
    Traffic(#[from] InvalidRule),
}

/// The number of an entry.
///
/// # Errors
/// [`InvalidEntry::Number`].
pub fn entry_number(given: i32) -> Result<u16, InvalidEntry> {
    let number = u16::try_from(given).ok().filter(|number| (1..=MAXIMUM_ENTRY_NUMBER).contains(number));
    number.ok_or(InvalidEntry::Number(given))
}

/// The traffic of an entry. Ports mean something for TCP and UDP only, type and code for ICMP only; they may be given for
/// every protocol, as on AWS: Terraform does.
///
/// # Errors
/// [`InvalidEntry`].
pub fn traffic(protocol: &str, ports: Option<(i32, i32)>, icmp: Option<(i32, i32)>) -> Result<Traffic, InvalidEntry> {
    match protocol.to_ascii_lowercase().as_str() {
        "tcp" | "6" | "udp" | "17" => {
            let (from, to) = ports.ok_or(InvalidEntry::PortRangeMissing)?;
            Ok(Traffic::parse(protocol, Some(from), Some(to))?)
        }
        "icmp" | "1" => {
            let (kind, code) = icmp.ok_or(InvalidEntry::IcmpTypeCodeMissing)?;
            Ok(Traffic::parse(protocol, Some(kind), Some(code))?)
        }
        "icmpv6" | "58" => Err(InvalidEntry::Icmpv6),
        _ => Ok(Traffic::parse(protocol, None, None)?),
    }
}

/// The number of a protocol as entries show it, -1 for all.
pub fn protocol_number(traffic: Traffic) -> i16 {
    match traffic {
        Traffic::All => -1,
        Traffic::Tcp(..) => 6,
        Traffic::Udp(..) => 17,
        Traffic::Icmp(..) => 1,
        Traffic::Icmpv6(..) => 58,
        Traffic::Protocol(number) => number.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u16, direction: Direction, traffic: Traffic, cidr: &str, allow: bool) -> NetworkAclEntry {
        NetworkAclEntry { number, direction, traffic, cidr: cidr.parse().unwrap(), allow }
    }

    fn acl(entries: Vec<NetworkAclEntry>) -> NetworkAcl {
        NetworkAcl {
            id: "acl-00000001".parse().unwrap(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            is_default: false,
            entries,
            associations: Vec::new(),
            tags: Tags::default(),
        }
    }

    fn packet(peer: &str, content: Content) -> Packet {
        Packet { peer: peer.parse().unwrap(), content }
    }

    #[test]
    fn the_lowest_number_that_meets_a_packet_decides_and_the_rest_is_denied() {
        use Direction::{Egress, Ingress};
        let acl = acl(vec![
            entry(300, Ingress, Traffic::All, "10.0.0.0/8", false),
            entry(100, Ingress, Traffic::Tcp(80, 90), "0.0.0.0/0", true),
            entry(90, Ingress, Traffic::Tcp(80, 80), "203.0.113.7/32", false),
            entry(200, Ingress, Traffic::Udp(53, 53), "10.0.0.0/8", true),
            entry(210, Ingress, Traffic::Icmp(8, -1), "0.0.0.0/0", true),
            entry(220, Ingress, Traffic::Icmp(3, 4), "0.0.0.0/0", true),
            entry(230, Ingress, Traffic::Protocol(47), "198.51.100.0/24", true),
            entry(100, Egress, Traffic::Tcp(1024, 65535), "0.0.0.0/0", true),
        ]);
        let table = [
            (Ingress, "203.0.113.7", Content::Tcp(80), Some(90)),
            (Ingress, "203.0.113.7", Content::Tcp(81), Some(100)),
            (Ingress, "203.0.113.8", Content::Tcp(80), Some(100)),
            (Ingress, "203.0.113.8", Content::Tcp(79), None),
            (Ingress, "203.0.113.8", Content::Tcp(91), None),
            (Ingress, "203.0.113.8", Content::Udp(80), None),
            (Ingress, "10.1.2.3", Content::Udp(53), Some(200)),
            (Ingress, "11.1.2.3", Content::Udp(53), None),
            (Ingress, "10.1.2.3", Content::Udp(54), Some(300)),
            (Ingress, "11.1.2.3", Content::Icmp(8, 0), Some(210)),
            (Ingress, "11.1.2.3", Content::Icmp(3, 4), Some(220)),
            (Ingress, "11.1.2.3", Content::Icmp(3, 3), None),
            (Ingress, "198.51.100.9", Content::Protocol(47), Some(230)),
            (Ingress, "198.51.100.9", Content::Protocol(50), None),
            (Egress, "203.0.113.7", Content::Tcp(40_000), Some(100)),
            (Egress, "203.0.113.7", Content::Tcp(80), None),
        ];
        for (direction, peer, content, expected) in table {
            let packet = packet(peer, content);
            let found = acl.deciding(direction, &packet).map(|entry| entry.number);
            assert_eq!(found, expected, "{direction:?} {packet:?}");
            let admitted = expected.is_some_and(|number| ![90, 300].contains(&number));
            assert_eq!(acl.admits(direction, &packet), admitted, "{direction:?} {packet:?}");
        }
    }

    #[test]
    fn a_default_acl_admits_everything_and_an_empty_one_nothing() {
        let full = acl(NetworkAcl::default_entries());
        let contents = [Content::Tcp(0), Content::Udp(65535), Content::Icmp(255, 255), Content::Protocol(0)];
        for content in contents {
            for direction in [Direction::Ingress, Direction::Egress] {
                let packet = packet("255.255.255.255", content);
                assert!(full.admits(direction, &packet) && !acl(Vec::new()).admits(direction, &packet));
            }
        }
    }

    #[test]
    fn traffic_needs_what_its_protocol_has() {
        type Given = Option<(i32, i32)>;
        let table: &[(&str, Given, Given, Result<Traffic, InvalidEntry>)] = &[
            ("-1", None, None, Ok(Traffic::All)),
            ("-1", Some((0, 0)), Some((3, 4)), Ok(Traffic::All)),
            ("6", Some((80, 443)), None, Ok(Traffic::Tcp(80, 443))),
            ("tcp", Some((80, 443)), Some((0, 0)), Ok(Traffic::Tcp(80, 443))),
            ("17", Some((0, 65535)), None, Ok(Traffic::Udp(0, 65535))),
            ("1", None, Some((-1, -1)), Ok(Traffic::Icmp(-1, -1))),
            ("1", None, Some((8, 0)), Ok(Traffic::Icmp(8, 0))),
            ("47", None, None, Ok(Traffic::Protocol(47))),
            ("6", None, None, Err(InvalidEntry::PortRangeMissing)),
            ("17", None, Some((1, 1)), Err(InvalidEntry::PortRangeMissing)),
            ("1", Some((8, 0)), None, Err(InvalidEntry::IcmpTypeCodeMissing)),
            ("58", None, Some((1, 1)), Err(InvalidEntry::Icmpv6)),
            ("6", Some((443, 80)), None, Err(InvalidRule::Ports { from: 443, to: 80 }.into())),
            ("1", None, Some((256, 0)), Err(InvalidRule::Icmp { kind: 256, code: 0 }.into())),
            ("256", None, None, Err(InvalidRule::Protocol("256".into()).into())),
            ("-2", None, None, Err(InvalidRule::Protocol("-2".into()).into())),
            ("", None, None, Err(InvalidRule::Protocol(String::new()).into())),
        ];
        for (protocol, ports, icmp, expected) in table {
            assert_eq!(&traffic(protocol, *ports, *icmp), expected, "{protocol} {ports:?} {icmp:?}");
        }
    }

    #[test]
    fn numbers_are_those_that_can_be_changed() {
        for (given, expected) in
            [(1, Some(1)), (32_766, Some(32_766)), (0, None), (32_767, None), (-1, None), (65_537, None)]
        {
            assert_eq!(entry_number(given).ok(), expected, "{given}");
        }
    }

    #[test]
    fn a_subnet_uses_the_acl_that_names_it_or_the_own_one_of_its_vpc() {
        let vpc = Vpc {
            id: "vpc-00000001".parse().unwrap(),
            cidr: "10.0.0.0/16".parse().unwrap(),
            is_default: false,
            dhcp_options_id: "dopt-00000001".parse().unwrap(),
            default_network_acl_id: "acl-00000009".parse().unwrap(),
            dns_support: true,
            dns_hostnames: false,
            instance_tenancy: "default".into(),
            created_at: crate::Timestamp::default(),
            tags: Tags::default(),
        };
        let subnet: SubnetId = "subnet-0123456789abcdef0".parse().unwrap();
        assert_eq!(default_association(&subnet).as_str(), "aclassoc-0123456789abcdef0");
        assert_eq!(*NetworkAcl::of_subnet(&subnet, &vpc, &[]), NetworkAcl::default_of(&vpc));
        let changed = NetworkAcl { entries: Vec::new(), ..NetworkAcl::default_of(&vpc) };
        let naming = NetworkAcl {
            associations: vec![NetworkAclAssociation { id: default_association(&subnet), subnet_id: subnet.clone() }],
            ..acl(Vec::new())
        };
        let mut records = vec![Arc::new(acl(Vec::new())), Arc::new(changed.clone())];
        assert_eq!(*NetworkAcl::of_subnet(&subnet, &vpc, &records), changed);
        records.push(Arc::new(naming.clone()));
        assert_eq!(*NetworkAcl::of_subnet(&subnet, &vpc, &records), naming);
    }
}
