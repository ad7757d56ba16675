//! Address blocks of either IP version, as conditions on a client's address name them.

use crate::cidr::Cidr;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A block such as `192.0.2.0/24` or `2001:db8::/32`, without host bits. A single address is a block of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpBlock {
    network: IpAddr,
    prefix: u8,
}

/// A text that is not a block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an IP address block of the form a.b.c.d/n or x:y::/n without host bits")]
pub struct InvalidIpBlock(pub String);

impl IpBlock {
    /// The block of `prefix` bits (0 to 32 or 0 to 128) that holds `address`.
    pub fn containing(address: IpAddr, prefix: u8) -> Self {
        match address {
            IpAddr::V4(address) => {
                let prefix = prefix.min(32);
                Self { network: IpAddr::V4(cut4(address, prefix)), prefix }
            }
            IpAddr::V6(address) => {
                let prefix = prefix.min(128);
                Self { network: IpAddr::V6(cut6(address, prefix)), prefix }
            }
        }
    }

    /// The first address.
    pub const fn network(self) -> IpAddr {
        self.network
    }

    /// How many bits are fixed: 0 to 32 or 0 to 128.
    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether every address of `other` lies in this block.
    pub fn covers(self, other: Self) -> bool {
        self.prefix <= other.prefix
            && self.network.is_ipv4() == other.network.is_ipv4()
            && self == Self::containing(other.network, self.prefix)
    }

    /// Whether the address lies in the block. An IPv4 address that came over IPv6 (`::ffff:a.b.c.d`) is an IPv4 address.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network, self.prefix) == (cut4(address, self.prefix), self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => network == cut6(address, self.prefix),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

fn cut4(address: Ipv4Addr, prefix: u8) -> Ipv4Addr {
    let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
    Ipv4Addr::from_bits(address.to_bits() & mask)
}

fn cut6(address: Ipv6Addr, prefix: u8) -> Ipv6Addr {
    let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
    Ipv6Addr::from_bits(address.to_bits() & mask)
}

impl FromStr for IpBlock {
    type Err = InvalidIpBlock;
    fn from_str(text: &str) -> Result<Self, InvalidIpBlock> {
        parse(text).ok_or_else(|| InvalidIpBlock(text.chars().take(100).collect()))
    }
}

fn parse(text: &str) -> Option<IpBlock> {
    let (address, digits) = text.split_once('/')?;
    let network: IpAddr = address.parse().ok()?;
    let plain = !digits.is_empty() && digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit());
    let prefix: u8 = digits.parse().ok().filter(|_| plain)?;
    let exact = match network {
        IpAddr::V4(address) => prefix <= 32 && cut4(address, prefix) == address,
        IpAddr::V6(address) => prefix <= 128 && cut6(address, prefix) == address,
    };
    exact.then_some(IpBlock { network, prefix })
}

impl From<Cidr> for IpBlock {
    fn from(block: Cidr) -> Self {
        Self { network: IpAddr::V4(block.network()), prefix: block.prefix() }
    }
}

impl TryFrom<String> for IpBlock {
    type Error = InvalidIpBlock;
    fn try_from(text: String) -> Result<Self, InvalidIpBlock> {
        text.parse()
    }
}

impl From<IpBlock> for String {
    fn from(block: IpBlock) -> Self {
        block.to_string()
    }
}

impl fmt::Display for IpBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

impl fmt::Debug for IpBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_printed_and_contain_what_they_cover() {
        let table = [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.7/32", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::1/128", "::1", "::2"),
            ("::/0", "ffff::", "192.0.2.1"),
            ("192.0.2.0/24", "::ffff:192.0.2.9", "::ffff:192.0.3.9"),
        ];
        for (text, inside, outside) in table {
            let block: IpBlock = text.parse().unwrap();
            assert_eq!(block.to_string(), text);
            assert!(block.contains(inside.parse().unwrap()), "{inside} in {text}");
            assert!(!block.contains(outside.parse().unwrap()), "{outside} in {text}");
        }
    }

    #[test]
    fn a_block_covers_itself_and_what_is_narrower_within() {
        let table = [
            ("192.0.2.0/24", "192.0.2.0/24", true),
            ("192.0.2.0/24", "192.0.2.128/25", true),
            ("192.0.2.128/25", "192.0.2.0/24", false),
            ("192.0.2.0/24", "192.0.3.0/25", false),
            ("0.0.0.0/0", "127.0.0.1/32", true),
            ("0.0.0.0/0", "::/0", false),
            ("::/0", "0.0.0.0/0", false),
            ("::/0", "::1/128", true),
            ("2001:db8::/32", "2001:db8:1::/48", true),
        ];
        for (outer, inner, expected) in table {
            let [wide, narrow] = [outer, inner].map(|text| text.parse::<IpBlock>().unwrap());
            assert_eq!(wide.covers(narrow), expected, "{outer} {inner}");
        }
        assert_eq!(IpBlock::from("10.1.0.0/16".parse::<Cidr>().unwrap()).to_string(), "10.1.0.0/16");
        assert_eq!(IpBlock::containing("10.1.2.3".parse().unwrap(), 99).to_string(), "10.1.2.3/32");
        assert_eq!(IpBlock::containing("2001:db8::1".parse().unwrap(), 32).to_string(), "2001:db8::/32");
    }

    #[test]
    fn what_is_not_a_block_is_refused() {
        for text in [
            "",
            "/",
            "192.0.2.0",
            "192.0.2.0/",
            "192.0.2.0/33",
            "192.0.2.1/24",
            "010.0.0.0/8",
            "192.0.2.0/+24",
            "192.0.2.0/024x",
            "2001:db8::1/32",
            "2001:db8::/129",
            "a/8",
            "192.0.2.0/٢٤",
        ] {
            assert!(text.parse::<IpBlock>().is_err(), "{text}");
        }
    }
}
