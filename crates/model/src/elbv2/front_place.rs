//! Where a load balancer's node listens: an address and port, of the host or of a network.

use crate::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{
    collections::BTreeMap,
    fmt,
    net::{AddrParseError, SocketAddr},
    str::FromStr,
    sync::Arc,
    time::Duration,
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

    /// How long it may take until it can be bound, without anything being wrong: in a network, whose making the node does not wait
    /// for, some seconds; on the host no time.
    pub fn patience(&self) -> Duration {
        if self.namespace.is_some() { PATIENCE } else { Duration::ZERO }
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

/// How long the network of a front may take to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// DECIDER: which fronts that a node cannot open are wrong, and not merely late. Node and network are made ready at the same
/// time, so that a front may be tried before its interface is there; only one that stays away says something about its load
/// balancer. On the host there is nothing to wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LateFronts(BTreeMap<FrontPlace, Timestamp>);

impl LateFronts {
    /// Those of the fronts that cannot be opened `now` which are wrong.
    pub fn wrong<'a>(&mut self, reported: &'a [(FrontPlace, String)], now: Timestamp) -> Vec<&'a (FrontPlace, String)> {
        self.0.retain(|place, _| reported.iter().any(|(failed, _)| failed == place));
        for (place, _) in reported.iter().filter(|(place, _)| place.namespace.is_some()) {
            self.0.entry(place.clone()).or_insert(now);
        }
        let is_late = |place: &FrontPlace| self.0.get(place).is_some_and(|since| since.plus(PATIENCE) > now);
        reported.iter().filter(|(place, _)| !is_late(place)).collect()
    }

    /// When the next one that is late is wrong, unless it comes.
    pub fn look_again(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.values().map(|since| since.plus(PATIENCE)).filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_in_a_network_has_time_to_come_and_one_of_the_host_has_not() {
        let reported = |places: &[&str]| -> Vec<(FrontPlace, String)> {
            places.iter().map(|place| (place.parse().unwrap(), "why".to_owned())).collect()
        };
        let wrong = |late: &mut LateFronts, places: &[&str], at: i64| -> Vec<String> {
            let reported = reported(places);
            let wrong = late.wrong(&reported, Timestamp::from_seconds(at));
            wrong.iter().map(|(place, _)| place.to_string()).collect()
        };
        let (host, one, two) = ("127.0.0.1:80", "10.0.0.4:80%/n/a", "10.0.0.4:80%/n/b");
        let mut late = LateFronts::default();
        assert_eq!(wrong(&mut late, &[host, one], 10), [host]);
        assert_eq!(late.look_again(Timestamp::from_seconds(10)), Some(Timestamp::from_seconds(15)));
        assert_eq!(wrong(&mut late, &[one, two], 14), [""; 0]);
        assert_eq!(wrong(&mut late, &[one, two], 15), [one]);
        assert_eq!(late.look_again(Timestamp::from_seconds(15)), Some(Timestamp::from_seconds(19)));
        // One that came has time again when it goes.
        assert_eq!(wrong(&mut late, &[], 16), [""; 0]);
        assert_eq!(wrong(&mut late, &[one], 17), [""; 0]);
    }

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
