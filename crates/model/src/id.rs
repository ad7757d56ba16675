//! Identifiers of resources: parsed at the edge, then never a bare string again.
//!
//! AWS's current form is a prefix and 17 hexadecimal digits (`i-0123456789abcdef0`); clients check it.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Where new ids come from; injected, so that tests and simulations are repeatable.
pub trait IdSource {
    /// Sixty-four bits that were not handed out before (random in production, counted in tests).
    fn next_u64(&mut self) -> u64;
}

impl<F: FnMut() -> u64> IdSource for F {
    fn next_u64(&mut self) -> u64 {
        self()
    }
}

/// `digits` hexadecimal digits (at most 32) from the source.
pub fn hex(ids: &mut dyn IdSource, digits: usize) -> String {
    let text = format!("{:016x}{:016x}", ids.next_u64(), ids.next_u64());
    text[..digits.min(32)].to_owned()
}

/// A UUID of version 4 in form, as AWS names activities, actions and versions of groups.
pub fn uuid(ids: &mut dyn IdSource) -> String {
    let (high, low) = (ids.next_u64(), ids.next_u64());
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0x0fff | 0x4000);
    let (d, e) = (low >> 48 & 0x3fff | 0x8000, low & 0xffff_ffff_ffff);
    format!("{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
}

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id of the form {prefix}… with 8 or 17 hexadecimal digits")]
pub struct InvalidId {
    /// What was given.
    pub text: String,
    /// What such an id begins with.
    pub prefix: &'static str,
}

fn well_formed(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        matches!(rest.len(), 8 | 17) && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What ids of this kind begin with.
            pub const PREFIX: &'static str = $prefix;
            /// A new id.
            pub fn mint(ids: &mut dyn IdSource) -> Self {
                Self(format!(concat!($prefix, "{}"), hex(ids, 17)))
            }
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if well_formed(text, $prefix) { Ok(Self(text.to_owned())) } else { Err(InvalidId { text: text.to_owned(), prefix: $prefix }) }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}

ids! {
    /// An instance.
    InstanceId = "i-";
    /// One RunInstances call.
    ReservationId = "r-";
    /// A machine image (AMI).
    ImageId = "ami-";
    /// A virtual private cloud.
    VpcId = "vpc-";
    /// A subnet: one zone's share of a VPC.
    SubnetId = "subnet-";
    /// A security group.
    SecurityGroupId = "sg-";
    /// One rule of a security group.
    SecurityGroupRuleId = "sgr-";
    /// An internet gateway.
    InternetGatewayId = "igw-";
    /// A route table.
    RouteTableId = "rtb-";
    /// The binding of a route table to a subnet (or as main table to a VPC).
    RouteTableAssociationId = "rtbassoc-";
    /// A network ACL.
    NetworkAclId = "acl-";
    /// The binding of a network ACL to a subnet.
    NetworkAclAssociationId = "aclassoc-";
    /// A NAT gateway.
    NatGatewayId = "nat-";
    /// An Elastic IP.
    AddressAllocationId = "eipalloc-";
    /// The binding of an Elastic IP to a network interface.
    AddressAssociationId = "eipassoc-";
    /// A key pair.
    KeyPairId = "key-";
    /// A snapshot of a volume: what an image is made of.
    SnapshotId = "snap-";
    /// A DHCP option set.
    DhcpOptionsId = "dopt-";
    /// A network interface.
    NetworkInterfaceId = "eni-";
    /// The binding of a network interface to an instance.
    NetworkAttachmentId = "eni-attach-";
    /// A launch template.
    LaunchTemplateId = "lt-";
    /// A volume.
    VolumeId = "vol-";
}

/// An account and a region: state is kept apart per scope. Global services (IAM, STS) use [`Scope::global`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// Twelve digits.
    pub account: String,
    /// A region name, or `global`.
    pub region: String,
}

impl Scope {
    /// The scope of regional resources.
    pub fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self { account: account.into(), region: region.into() }
    }

    /// The scope of resources that belong to no region (IAM).
    pub fn global(account: impl Into<String>) -> Self {
        Self::new(account, "global")
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minted_ids_parse_and_have_seventeen_digits() {
        let mut n = 0x0123_4567_89ab_cdef_u64;
        let id = InstanceId::mint(&mut || {
            n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            n
        });
        assert_eq!(id.as_str().len(), 2 + 17);
        assert_eq!(id.as_str().parse::<InstanceId>().as_ref(), Ok(&id));
    }

    #[test]
    fn foreign_and_malformed_ids_are_refused() {
        for text in [
            "",
            "i-",
            "i-xyz",
            "vpc-0123456789abcdef0",
            "i-0123456789ABCDEF0",
            "i-0123456789abcdef",
            "i-0123456789abcdef01",
        ] {
            assert!(text.parse::<InstanceId>().is_err(), "{text}");
        }
        assert!("i-01234567".parse::<InstanceId>().is_ok());
    }
}
