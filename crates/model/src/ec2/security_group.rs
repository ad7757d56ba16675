//! Security groups: stateful packet filters of network interfaces.

use crate::{
    Tags, Timestamp,
    cidr::Cidr,
    id::{SecurityGroupId, SecurityGroupRuleId, VpcId},
};
use serde::{Deserialize, Serialize};

/// The most security groups of one account and region (VPC quotas).
pub const MAXIMUM_GROUPS: usize = 2500;
/// The name of the group that every VPC has from the start.
pub const DEFAULT_NAME: &str = "default";
/// Characters of names and descriptions beside letters and digits (EC2 API reference, CreateSecurityGroup).
const PUNCTUATION: &str = " ._-:/()#,@[]+=&;{}!$*";
/// The most rules in one direction.
pub const MAXIMUM_RULES: usize = 60;
/// The most groups of one network interface.
pub const MAXIMUM_GROUPS_PER_INTERFACE: usize = 5;
/// The longest name or description, in characters.
pub const MAXIMUM_TEXT_LENGTH: usize = 255;

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: SecurityGroupId,
    /// Unique within the VPC; `default` is the VPC's own.
    pub name: String,
    /// ASCII only.
    pub description: String,
    /// The VPC.
    pub vpc_id: VpcId,
    /// Rules of both directions, in the order in which they were made.
    pub rules: Vec<SecurityGroupRule>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

/// One rule: one direction, one protocol and port range, one peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// `sgr-…`
    pub id: SecurityGroupRuleId,
    /// Which way.
    pub direction: Direction,
    /// What traffic.
    pub traffic: Traffic,
    /// From or to whom.
    pub peer: Peer,
    /// ASCII only.
    pub description: Option<String>,
    /// Tags.
    pub tags: Tags,
}

/// The way of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// To the interface.
    Ingress,
    /// From the interface.
    Egress,
}

/// What a rule speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Traffic {
    /// Everything (`-1`).
    All,
    /// TCP ports, inclusive.
    Tcp(u16, u16),
    /// UDP ports, inclusive.
    Udp(u16, u16),
    /// ICMP type and code; -1 means every one.
    Icmp(i16, i16),
    /// ICMPv6 type and code; -1 means every one.
    Icmpv6(i16, i16),
    /// Another IP protocol, by number.
    Protocol(u8),
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// IPv4 addresses.
    Ipv4(Cidr),
    /// IPv6 addresses, kept in canonical text.
    Ipv6(String),
    /// Interfaces of a group.
    Group(SecurityGroupId),
}

/// Why a name, a description or a rule cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    /// A character that is not allowed.
    #[error(
        "`{0}` is not allowed in names and descriptions: they are of the characters a-z A-Z 0-9 and {PUNCTUATION:?}"
    )]
    Character(char),
    /// Too long.
    #[error("names and descriptions have at most {MAXIMUM_TEXT_LENGTH} characters")]
    TooLong,
    /// Neither a name nor a number of a protocol.
    #[error("`{0}` is no protocol: tcp, udp, icmp, icmpv6, a number from 0 to 255, or -1 for all")]
    Protocol(String),
    /// TCP and UDP need ports.
    #[error("rules for TCP and UDP need both FromPort and ToPort")]
    PortsMissing,
    /// Not 0 to 65535, or the wrong way round.
    #[error("{from} to {to} is no range of ports: from 0 to 65535, the lower one first")]
    Ports {
        /// `FromPort`
        from: i32,
        /// `ToPort`
        to: i32,
    },
    /// Not -1 to 255, or a code without a type.
    #[error("ICMP type {kind} and code {code} are not from 0 to 255, or -1 for all; all types have all codes")]
    Icmp {
        /// `FromPort`
        kind: i32,
        /// `ToPort`
        code: i32,
    },
    /// Not an IPv6 block.
    #[error("`{0}` is not an IPv6 block of the form 2001:db8::/32")]
    Ipv6(String),
}

/// Checks the characters and the length of a name or description. AWS refuses everything beyond this part of ASCII.
pub fn check_text(text: &str) -> Result<(), InvalidRule> {
    if text.chars().count() > MAXIMUM_TEXT_LENGTH {
        return Err(InvalidRule::TooLong);
    }
    match text.chars().find(|c| !c.is_ascii_alphanumeric() && !PUNCTUATION.contains(*c)) {
        Some(character) => Err(InvalidRule::Character(character)),
        None => Ok(()),
    }
}

impl Traffic {
    /// From `IpProtocol`, `FromPort` and `ToPort`. Ports mean nothing for protocols that have none, as on AWS.
    pub fn parse(protocol: &str, from: Option<i32>, to: Option<i32>) -> Result<Self, InvalidRule> {
        match protocol.to_ascii_lowercase().as_str() {
            "-1" | "all" => Ok(Self::All),
            "tcp" | "6" => ports(from, to).map(|(from, to)| Self::Tcp(from, to)),
            "udp" | "17" => ports(from, to).map(|(from, to)| Self::Udp(from, to)),
            "icmp" | "1" => icmp(from, to).map(|(kind, code)| Self::Icmp(kind, code)),
            "icmpv6" | "58" => icmp(from, to).map(|(kind, code)| Self::Icmpv6(kind, code)),
            number => number_of(number).map(Self::Protocol).ok_or_else(|| InvalidRule::Protocol(protocol.to_owned())),
        }
    }

    /// `IpProtocol` as AWS shows it: names for the four that have one.
    pub fn protocol(&self) -> String {
        match self {
            Self::All => "-1".to_owned(),
            Self::Tcp(..) => "tcp".to_owned(),
            Self::Udp(..) => "udp".to_owned(),
            Self::Icmp(..) => "icmp".to_owned(),
            Self::Icmpv6(..) => "icmpv6".to_owned(),
            Self::Protocol(number) => number.to_string(),
        }
    }

    /// `FromPort` and `ToPort`, of traffic that has them.
    pub fn range(&self) -> Option<(i32, i32)> {
        match *self {
            Self::All | Self::Protocol(_) => None,
            Self::Tcp(from, to) | Self::Udp(from, to) => Some((from.into(), to.into())),
            Self::Icmp(kind, code) | Self::Icmpv6(kind, code) => Some((kind.into(), code.into())),
        }
    }
}

/// Digits only: `+6` and `06` are no protocols.
fn number_of(text: &str) -> Option<u8> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    text.parse().ok().filter(|_| canonical)
}

fn ports(from: Option<i32>, to: Option<i32>) -> Result<(u16, u16), InvalidRule> {
    let (Some(from), Some(to)) = (from, to) else { return Err(InvalidRule::PortsMissing) };
    match (u16::try_from(from), u16::try_from(to)) {
        (Ok(low), Ok(high)) if low <= high => Ok((low, high)),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => Err(InvalidRule::Ports { from, to }),
    }
}

fn icmp(kind: Option<i32>, code: Option<i32>) -> Result<(i16, i16), InvalidRule> {
    let (kind, code) = (kind.unwrap_or(-1), code.unwrap_or(-1));
    let fits = |number: i32| i16::try_from(number).ok().filter(|number| (-1..=255).contains(number));
    let all_codes_of_all_types = kind != -1 || code == -1;
    fits(kind).zip(fits(code)).filter(|_| all_codes_of_all_types).ok_or(InvalidRule::Icmp { kind, code })
}

/// An IPv6 block in canonical text, without host bits.
pub fn parse_ipv6(text: &str) -> Result<String, InvalidRule> {
    let parsed = || {
        let (address, prefix) = text.split_once('/')?;
        let address: std::net::Ipv6Addr = address.parse().ok()?;
        let prefix = number_of(prefix).filter(|prefix| *prefix <= 128)?;
        let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
        Some(format!("{}/{prefix}", std::net::Ipv6Addr::from(u128::from(address) & mask)))
    };
    parsed().ok_or_else(|| InvalidRule::Ipv6(text.chars().take(64).collect()))
}

impl SecurityGroup {
    /// The rules of one direction.
    pub fn rules_of(&self, direction: Direction) -> impl Iterator<Item = &SecurityGroupRule> {
        self.rules.iter().filter(move |rule| rule.direction == direction)
    }

    /// Whether a rule of it names that group.
    pub fn refers_to(&self, group: &SecurityGroupId) -> bool {
        self.rules.iter().any(|rule| matches!(&rule.peer, Peer::Group(id) if id == group))
    }
}

impl SecurityGroupRule {
    /// Whether both speak about the same traffic with the same peer in the same direction; then one of them is enough.
    pub fn same_permission(&self, other: &Self) -> bool {
        (self.direction, self.traffic, &self.peer) == (other.direction, other.traffic, &other.peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_is_read_from_protocol_and_ports() {
        type Row = (&'static str, Option<i32>, Option<i32>, Option<Traffic>);
        let table: &[Row] = &[
            ("tcp", Some(80), Some(80), Some(Traffic::Tcp(80, 80))),
            ("TCP", Some(0), Some(65535), Some(Traffic::Tcp(0, 65535))),
            ("6", Some(1), Some(2), Some(Traffic::Tcp(1, 2))),
            ("udp", Some(53), Some(53), Some(Traffic::Udp(53, 53))),
            ("-1", None, None, Some(Traffic::All)),
            ("-1", Some(80), Some(80), Some(Traffic::All)),
            ("icmp", None, None, Some(Traffic::Icmp(-1, -1))),
            ("icmp", Some(8), Some(-1), Some(Traffic::Icmp(8, -1))),
            ("icmpv6", Some(128), Some(0), Some(Traffic::Icmpv6(128, 0))),
            ("47", None, None, Some(Traffic::Protocol(47))),
            ("tcp", None, Some(80), None),
            ("tcp", Some(80), None, None),
            ("tcp", Some(81), Some(80), None),
            ("tcp", Some(-1), Some(80), None),
            ("udp", Some(0), Some(65536), None),
            ("icmp", Some(256), Some(0), None),
            ("icmp", Some(-1), Some(0), None),
            ("256", None, None, None),
            ("+6", Some(1), Some(1), None),
            ("047", None, None, None),
            ("", None, None, None),
            ("http", Some(80), Some(80), None),
        ];
        for (protocol, from, to, expected) in table {
            assert_eq!(Traffic::parse(protocol, *from, *to).ok(), *expected, "{protocol} {from:?} {to:?}");
        }
    }

    #[test]
    fn traffic_is_shown_as_it_can_be_read() {
        let all = [
            Traffic::All,
            Traffic::Tcp(1, 2),
            Traffic::Udp(3, 4),
            Traffic::Icmp(8, -1),
            Traffic::Icmpv6(-1, -1),
            Traffic::Protocol(50),
        ];
        for traffic in all {
            let (from, to) = traffic.range().unzip();
            assert_eq!(Traffic::parse(&traffic.protocol(), from, to), Ok(traffic));
        }
    }

    #[test]
    fn descriptions_are_of_a_part_of_ascii() {
        assert_eq!(check_text("22 from my IP ._-:/()#,@[]+=&;{}!$*"), Ok(()));
        for (text, character) in
            [("웹 서버", '웹'), ("a\nb", '\n'), ("a\"b", '"'), ("a<b", '<'), ("\u{202e}", '\u{202e}')]
        {
            assert_eq!(check_text(text), Err(InvalidRule::Character(character)));
        }
        assert_eq!(check_text(&"x".repeat(255)), Ok(()));
        assert_eq!(check_text(&"x".repeat(256)), Err(InvalidRule::TooLong));
    }

    #[test]
    fn ipv6_blocks_become_canonical() {
        for (text, expected) in [("::/0", "::/0"), ("2001:DB8:0:0::1/32", "2001:db8::/32"), ("::1/128", "::1/128")] {
            assert_eq!(parse_ipv6(text).as_deref(), Ok(expected));
        }
        for text in ["::", "::/129", "10.0.0.0/8", "::/", "2001:db8::/+1", "x/1", "::/08"] {
            assert!(parse_ipv6(text).is_err(), "{text}");
        }
    }
}
