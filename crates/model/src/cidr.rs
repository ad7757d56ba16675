//! IPv4 address blocks in CIDR notation, without host bits.

use serde::{Deserialize, Serialize};
use std::{fmt, net::Ipv4Addr, str::FromStr};

/// An IPv4 block such as `172.31.0.0/16`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr {
    network: u32,
    prefix: u8,
}

/// Why a text is not a block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCidr {
    /// Not `a.b.c.d/n`.
    #[error("`{0}` is not an IPv4 block of the form a.b.c.d/n")]
    Malformed(String),
    /// Bits are set after the prefix.
    #[error("`{given}` has host bits set; did you mean {meant}?")]
    HostBits {
        /// What was given.
        given: String,
        /// The block that holds it.
        meant: Cidr,
    },
}

impl Cidr {
    /// The block of `prefix` bits (0 to 32) that holds `address`.
    pub fn containing(address: Ipv4Addr, prefix: u8) -> Self {
        let prefix = prefix.min(32);
        Self { network: u32::from(address) & mask(prefix), prefix }
    }

    /// The first address.
    pub fn network(self) -> Ipv4Addr {
        Ipv4Addr::from(self.network)
    }

    /// The last address.
    pub fn last(self) -> Ipv4Addr {
        Ipv4Addr::from(self.network | !mask(self.prefix))
    }

    /// How many bits are fixed, 0 to 32.
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// How many addresses there are.
    pub fn size(self) -> u64 {
        1 << (32 - self.prefix)
    }

    /// The `n`-th address, if the block has so many.
    pub fn nth(self, n: u64) -> Option<Ipv4Addr> {
        let offset = u32::try_from(n).ok().filter(|_| n < self.size())?;
        Some(Ipv4Addr::from(self.network | offset))
    }

    /// Whether the address lies in the block.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        u32::from(address) & mask(self.prefix) == self.network
    }

    /// Whether every address of `other` lies in this block.
    pub fn covers(self, other: Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.network())
    }

    /// Whether some address lies in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.covers(other) || other.covers(self)
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

impl FromStr for Cidr {
    type Err = InvalidCidr;
    fn from_str(text: &str) -> Result<Self, InvalidCidr> {
        let malformed = || InvalidCidr::Malformed(text.chars().take(64).collect());
        let (address, prefix) = text.split_once('/').ok_or_else(malformed)?;
        let address: Ipv4Addr = address.parse().map_err(|_| malformed())?;
        let digits = !prefix.is_empty() && prefix.len() <= 2 && prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix: u8 = prefix.parse().ok().filter(|p| digits && *p <= 32).ok_or_else(malformed)?;
        let meant = Self::containing(address, prefix);
        if meant.network() == address {
            Ok(meant)
        } else {
            Err(InvalidCidr::HostBits { given: text.to_owned(), meant })
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network(), self.prefix)
    }
}

impl fmt::Debug for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Cidr {
    type Error = InvalidCidr;
    fn try_from(text: String) -> Result<Self, InvalidCidr> {
        text.parse()
    }
}

impl From<Cidr> for String {
    fn from(cidr: Cidr) -> Self {
        cidr.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn malformed_blocks_are_refused() {
        for text in [
            "",
            "10.0.0.0",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "010.0.0.0/8",
            "10.0.0/8",
            "::/0",
            "10.0.0.0/8 ",
            "10.0.0.0/008",
        ] {
            assert!(matches!(text.parse::<Cidr>(), Err(InvalidCidr::Malformed(_))), "{text}");
        }
        assert_eq!(
            "10.0.0.1/8".parse::<Cidr>(),
            Err(InvalidCidr::HostBits { given: "10.0.0.1/8".into(), meant: cidr("10.0.0.0/8") })
        );
    }

    #[test]
    fn blocks_know_what_they_hold() {
        let vpc = cidr("172.31.0.0/16");
        assert!(vpc.covers(cidr("172.31.112.0/20")));
        assert!(!vpc.covers(cidr("172.30.0.0/15")));
        assert!(cidr("172.30.0.0/15").overlaps(vpc));
        assert!(!cidr("172.31.0.0/20").overlaps(cidr("172.31.16.0/20")));
        assert_eq!(vpc.size(), 65_536);
        assert_eq!(vpc.last(), Ipv4Addr::new(172, 31, 255, 255));
        assert_eq!(cidr("0.0.0.0/0").size(), 1 << 32);
        assert_eq!(cidr("10.0.0.0/30").nth(4), None);
    }
}
