//! A registered target.

use crate::{Arn, Timestamp, cidr::Cidr, id::InstanceId};
use serde::{Deserialize, Serialize};
use std::{fmt, net::Ipv4Addr};

/// A target's registration in one group. The same target may be registered on several ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The group.
    pub target_group_arn: Arn,
    /// Who and where.
    pub key: TargetKey,
    /// When it was registered (last).
    pub registered_at: Timestamp,
    /// Set by DeregisterTargets: since when it drains. It is removed when the deregistration delay is over.
    pub deregistered_at: Option<Timestamp>,
    /// What the node last found; absent until the first transition.
    pub health: Option<super::target_health::CheckedHealth>,
    /// Whether it fails more than its peers, as the node sees it.
    #[serde(default)]
    pub anomaly: super::anomaly::AnomalyState,
}

/// What tells targets of one group apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TargetKey {
    /// Who.
    pub id: TargetId,
    /// The port, 1 to 65535.
    pub port: u16,
}

/// Who a target is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetId {
    /// An instance of the group's VPC.
    Instance(InstanceId),
    /// An address.
    Ip(Ipv4Addr),
}

/// Where an address that is to be registered lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressPlace {
    /// In the group's VPC.
    Vpc,
    /// In a private network outside it.
    Outside,
}

/// Why an address cannot be a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableAddress {
    /// Only loopback addresses of the VPC's running instances can.
    #[error("it is a loopback address that belongs to no running instance of the VPC")]
    Loopback,
    /// The metadata service is there.
    #[error("link-local addresses cannot be targets")]
    LinkLocal,
    /// Neither private nor in the VPC.
    #[error("it is neither in the VPC nor in 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12 or 192.168.0.0/16")]
    NotPrivate,
}

/// Whether an address may be registered in a group of this VPC (ELB user guide, target type). `of_instance`: a running
/// instance of the VPC listens there, which with the process driver is a loopback address.
pub fn place_of(address: Ipv4Addr, vpc: Cidr, of_instance: bool) -> Result<AddressPlace, UnusableAddress> {
    let shared = Cidr::containing(Ipv4Addr::new(100, 64, 0, 0), 10);
    if of_instance {
        Ok(AddressPlace::Vpc)
    } else if address.is_loopback() {
        Err(UnusableAddress::Loopback)
    } else if address.is_link_local() {
        Err(UnusableAddress::LinkLocal)
    } else if vpc.contains(address) {
        Ok(AddressPlace::Vpc)
    } else if address.is_private() || shared.contains(address) {
        Ok(AddressPlace::Outside)
    } else {
        Err(UnusableAddress::NotPrivate)
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(id) => fmt::Display::fmt(id, f),
            Self::Ip(address) => fmt::Display::fmt(address, f),
        }
    }
}

impl fmt::Debug for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for TargetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.id, self.port)
    }
}

impl fmt::Debug for TargetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_vpc_and_of_private_networks_can_be_targets() {
        let place = |address: &str| place_of(address.parse().unwrap(), "54.1.0.0/16".parse().unwrap(), false);
        let table = [
            ("54.1.2.3", Ok(AddressPlace::Vpc)),
            ("54.2.0.1", Err(UnusableAddress::NotPrivate)),
            ("10.0.0.1", Ok(AddressPlace::Outside)),
            ("100.64.0.1", Ok(AddressPlace::Outside)),
            ("100.127.255.254", Ok(AddressPlace::Outside)),
            ("100.128.0.1", Err(UnusableAddress::NotPrivate)),
            ("100.63.255.255", Err(UnusableAddress::NotPrivate)),
            ("172.16.0.1", Ok(AddressPlace::Outside)),
            ("172.31.255.254", Ok(AddressPlace::Outside)),
            ("172.32.0.1", Err(UnusableAddress::NotPrivate)),
            ("192.168.255.1", Ok(AddressPlace::Outside)),
            ("127.0.0.1", Err(UnusableAddress::Loopback)),
            ("169.254.169.254", Err(UnusableAddress::LinkLocal)),
            ("8.8.8.8", Err(UnusableAddress::NotPrivate)),
            ("0.0.0.0", Err(UnusableAddress::NotPrivate)),
            ("224.0.0.1", Err(UnusableAddress::NotPrivate)),
            ("255.255.255.255", Err(UnusableAddress::NotPrivate)),
        ];
        for (address, expected) in table {
            assert_eq!(place(address), expected, "{address}");
        }
    }

    #[test]
    fn loopback_addresses_are_targets_only_where_an_instance_listens() {
        let address = Ipv4Addr::new(127, 64, 0, 9);
        let vpc = "10.0.0.0/16".parse().unwrap();
        assert_eq!(place_of(address, vpc, true), Ok(AddressPlace::Vpc));
        assert_eq!(place_of(address, vpc, false), Err(UnusableAddress::Loopback));
    }
}
