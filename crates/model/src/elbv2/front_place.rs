//! Where a load balancer's node listens: an address and port, of the host or of a network.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{
    fmt,
    net::{AddrParseError, SocketAddr},
    str::FromStr,
    sync::Arc,
};

/// Between the address and the namespace, as before the zone of an address that is of one link only (RFC 4007 section 11).
const SEPARATOR: char = '%';

/// The place of a listening socket. As text, `127.0.0.1:80` on the host, `10.0.1.4:80%/run/netns/NAME` in a network namespace:
/// two VPCs may have the same addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrontPlace {
    /// The address and port that are bound.
    pub address: SocketAddr,
    /// The file of the network namespace; none: the host's own network.
    pub namespace: Option<Arc<str>>,
}

impl FrontPlace {
    /// A place in the host's own network.
    pub fn of_host(address: SocketAddr) -> Self {
        Self { address, namespace: None }
    }
}

impl From<SocketAddr> for FrontPlace {
    fn from(address: SocketAddr) -> Self {
        Self::of_host(address)
    }
}

impl fmt::Display for FrontPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            None => write!(f, "{}", self.address),
            Some(namespace) => write!(f, "{}{SEPARATOR}{namespace}", self.address),
        }
    }
}

impl FromStr for FrontPlace {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Addresses of IPv6 may hold the separator themselves, in brackets.
        let in_brackets = text.find(']').unwrap_or(0);
        match text[in_brackets..].split_once(SEPARATOR) {
            None => Ok(Self::of_host(text.parse()?)),
            Some((address, namespace)) => Ok(Self {
                address: text[..in_brackets + address.len()].parse()?,
                namespace: Some(Arc::from(namespace)),
            }),
        }
    }
}

impl Serialize for FrontPlace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FrontPlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        let table = [
            ("127.0.0.1:80", None),
            ("[::1]:443", None),
            ("10.0.1.4:80%/run/netns/gr0a-e1", Some("/run/netns/gr0a-e1")),
            ("[fe80::1%3]:80%/run/netns/a", Some("/run/netns/a")),
        ];
        for (text, namespace) in table {
            let place: FrontPlace = text.parse().unwrap();
            assert_eq!((place.to_string().as_str(), place.namespace.as_deref()), (text, namespace));
            let json = serde_json::to_string(&place).unwrap();
            assert_eq!(serde_json::from_str::<FrontPlace>(&json).unwrap(), place);
        }
        for text in ["", "10.0.0.1", "%/run/netns/a", "10.0.0.1%a"] {
            assert!(text.parse::<FrontPlace>().is_err(), "{text}");
        }
    }
}
