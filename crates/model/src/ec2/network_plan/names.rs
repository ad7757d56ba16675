//! How namespaces and links are named, so that they are found again: by the installation's tag and AWS's ids.
//!
//! Links have 15 characters at most (IFNAMSIZ less the zero), so that only the end of an id fits.

use crate::id::{InstanceId, NatGatewayId, NetworkInterfaceId, VpcId};
use std::{fmt, str::FromStr};

/// What every namespace of Goru begins with, whichever installation made it.
pub const PREFIX: &str = "goru-";
/// The instance's end of its interface.
pub const INSTANCE_LINK: &str = "eth0";
/// The router's end of the way out.
pub const GATEWAY_LINK: &str = "igw";

/// Six lower-case hexadecimal digits that tell the installations of one host apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostTag(String);

/// A text that is no tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no tag: six digits of 0-9 a-f")]
pub struct InvalidTag(String);

impl HostTag {
    /// The tag of the installation with this data directory (its canonical path).
    pub fn of_data_directory(path: &str) -> Self {
        let hash = hash(path.as_bytes());
        Self(format!("{:06x}", (hash ^ hash >> 24 ^ hash >> 48) & 0x00ff_ffff))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the namespaces of this installation begin with.
    pub fn namespace_prefix(&self) -> String {
        format!("{PREFIX}{self}-")
    }

    /// What this installation's links in the outer namespace begin with.
    pub fn uplink_prefix(&self) -> String {
        format!("g{self}")
    }

    /// The outer namespace of an installation without root, whose own it is.
    pub fn outer_namespace(&self) -> String {
        format!("{PREFIX}outer-{self}")
    }

    /// The name of this installation's table in the outer namespace.
    pub fn table(&self) -> String {
        format!("goru_{self}")
    }

    /// The namespace of an instance: `/run/netns/NAME`.
    pub fn instance_namespace(&self, id: &InstanceId) -> String {
        self.namespace(id)
    }

    /// The namespace of a VPC's router: where the metadata service and the resolver listen.
    pub fn vpc_namespace(&self, id: &VpcId) -> String {
        self.namespace(id)
    }

    /// The namespace of a NAT gateway.
    pub fn nat_gateway_namespace(&self, id: &NatGatewayId) -> String {
        self.namespace(id)
    }

    /// The namespace that holds the interfaces of a VPC's load balancers.
    pub fn edge_namespace(&self, vpc: &VpcId) -> String {
        format!("{}edge-{vpc}", self.namespace_prefix())
    }

    /// The outer end of a VPC's way out.
    pub fn uplink(&self, vpc: &VpcId) -> String {
        format!("{}{}", self.uplink_prefix(), ending(vpc.as_str(), 8))
    }

    fn namespace(&self, id: &dyn fmt::Display) -> String {
        format!("{}{id}", self.namespace_prefix())
    }
}

impl FromStr for HostTag {
    type Err = InvalidTag;
    fn from_str(text: &str) -> Result<Self, InvalidTag> {
        let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() == 6 && digits {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidTag(text.chars().take(64).collect()))
        }
    }
}

impl fmt::Display for HostTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The router's end of an interface, and the name of a load balancer's interface in the edge.
pub fn interface_link(id: &NetworkInterfaceId) -> String {
    format!("e{}", ending(id.as_str(), 14))
}

/// The MAC address of an interface: a locally administered one made of its id.
pub fn mac_address(id: &NetworkInterfaceId) -> String {
    let digits = format!("{:0>10}", ending(id.as_str(), 10));
    let octets = (0..5).map(|n| &digits[2 * n..2 * n + 2]);
    std::iter::once("02").chain(octets).collect::<Vec<_>>().join(":")
}

/// The last `digits` hexadecimal digits of an id.
fn ending(id: &str, digits: usize) -> &str {
    let hexadecimal = id.rsplit('-').next().unwrap_or(id);
    &hexadecimal[hexadecimal.len().saturating_sub(digits)..]
}

/// FNV-1a: stable between versions and hosts, which the standard library's hashes are not.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_links_fit_and_are_told_apart() {
        let tag = HostTag::of_data_directory("/var/lib/goru");
        let vpc: VpcId = "vpc-0123456789abcdef0".parse().unwrap();
        let interface: NetworkInterfaceId = "eni-0123456789abcdef0".parse().unwrap();
        assert_eq!(interface_link(&interface), "e3456789abcdef0");
        assert_eq!(mac_address(&interface), "02:78:9a:bc:de:f0");
        assert_eq!(mac_address(&"eni-00000001".parse().unwrap()), "02:00:00:00:00:01");
        for link in [tag.uplink(&vpc), interface_link(&interface)] {
            assert!(link.len() <= 15, "{link}");
        }
        assert_eq!(tag.uplink(&vpc), format!("g{tag}9abcdef0"));
        assert_eq!(tag.vpc_namespace(&vpc), format!("goru-{tag}-vpc-0123456789abcdef0"));
        assert!(!tag.outer_namespace().starts_with(&tag.namespace_prefix()), "no plan would remove it");
        assert_eq!(tag.edge_namespace(&vpc), format!("goru-{tag}-edge-vpc-0123456789abcdef0"));
    }

    #[test]
    fn tags_are_six_digits() {
        assert_ne!(HostTag::of_data_directory("/a"), HostTag::of_data_directory("/b"));
        assert_eq!("0a1b2c".parse::<HostTag>().unwrap().as_str(), "0a1b2c");
        for text in ["", "0a1b2", "0A1B2C", "0a1b2c3", "0a1b2é"] {
            assert!(text.parse::<HostTag>().is_err(), "{text}");
        }
    }
}
