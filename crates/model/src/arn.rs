//! Amazon Resource Names: `arn:partition:service:region:account:resource`.

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};
use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    sync::Arc,
};

/// The longest ARN that is looked at; AWS's own limit for most services.
pub const MAXIMUM_ARN_LENGTH: usize = 2048;
/// Services whose resources are named freely, with blanks too; the names are in the ARNs.
const NAMES_WITH_BLANKS: [&str; 2] = ["autoscaling", "cloudwatch"];

/// A parsed ARN. The resource part keeps its own structure (`loadbalancer/app/web/0123…`). Records name each other by them and
/// snapshots are full of them, so a clone shares the text.
#[derive(Clone)]
pub struct Arn {
    text: Arc<str>,
    /// Where partition, service, region and account end.
    ends: [u16; 4],
}

/// A text that is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid ARN")]
pub struct InvalidArn(pub String);

impl Arn {
    /// An ARN of the `aws` partition.
    pub fn new(service: &str, region: &str, account: &str, resource: impl AsRef<str>) -> Self {
        Self::of(["aws", service, region, account], resource.as_ref())
    }

    /// The same with another resource.
    pub fn with_resource(&self, resource: impl AsRef<str>) -> Self {
        Self::of([self.partition(), self.service(), self.region(), self.account()], resource.as_ref())
    }

    fn of(parts: [&str; 4], resource: &str) -> Self {
        let [partition, service, region, account] = parts;
        let text = format!("arn:{partition}:{service}:{region}:{account}:{resource}");
        let mut end = "arn".len();
        let ends = parts.map(|part| {
            end += ":".len() + part.len();
            // Names of services, regions and accounts are short.
            u16::try_from(end).unwrap_or(u16::MAX)
        });
        Self { text: text.into(), ends }
    }

    fn part(&self, number: usize) -> &str {
        let from = number.checked_sub(1).map_or("arn".len(), |before| self.ends[before].into());
        &self.text[from + ":".len()..self.ends[number].into()]
    }

    /// `aws`, the only partition served.
    pub fn partition(&self) -> &str {
        self.part(0)
    }

    /// The service's name in ARNs, for example `elasticloadbalancing`.
    pub fn service(&self) -> &str {
        self.part(1)
    }

    /// The region; empty for global resources.
    pub fn region(&self) -> &str {
        self.part(2)
    }

    /// Twelve digits.
    pub fn account(&self) -> &str {
        self.part(3)
    }

    /// Everything after the fifth colon.
    pub fn resource(&self) -> &str {
        &self.text[usize::from(self.ends[3]) + ":".len()..]
    }

    /// The parts of the resource between slashes.
    pub fn resource_parts(&self) -> Vec<&str> {
        self.resource().split('/').collect()
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Arn {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Arn {}

impl PartialOrd for Arn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Arn {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Arn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl FromStr for Arn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let invalid = || InvalidArn(text.chars().take(200).collect());
        if text.len() > MAXIMUM_ARN_LENGTH || text.chars().any(char::is_control) {
            return Err(invalid());
        }
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().ok_or_else(invalid);
        let (begin, named, resource) = (next()?, [next()?, next()?, next()?, next()?], next()?);
        let [partition, service, _, _] = named;
        let whole = begin == "arn" && !partition.is_empty() && !service.is_empty() && !resource.is_empty();
        let blanks = NAMES_WITH_BLANKS.contains(&service) || !text.contains(char::is_whitespace);
        if whole && blanks { Ok(Self::of(named, resource)) } else { Err(invalid()) }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Arn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Arn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Arn;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an ARN")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Arn, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_prints_as_it_was_read() {
        let text = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/web/0123456789abcdef";
        let arn: Arn = text.parse().unwrap();
        assert_eq!(arn.to_string(), text);
        assert_eq!((arn.partition(), arn.service(), arn.region()), ("aws", "elasticloadbalancing", "ap-northeast-2"));
        assert_eq!((arn.account(), arn.resource()), ("123456789012", "loadbalancer/app/web/0123456789abcdef"));
        let other = arn.with_resource("targetgroup/a:b/1");
        assert_eq!((other.account(), other.resource()), ("123456789012", "targetgroup/a:b/1"));
        assert_eq!(other, Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", "targetgroup/a:b/1"));
        assert_eq!(Arn::new("iam", "", "", "x").region(), "");
        let json = serde_json::to_string(&arn).unwrap();
        assert_eq!(serde_json::from_str::<Arn>(&json).unwrap(), arn);
        assert!(serde_json::from_str::<Arn>("\"arn:x\"").is_err());
    }

    #[test]
    fn names_of_alarms_and_groups_may_have_blanks() {
        for text in [
            "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:CPU is high",
            "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:uuid:autoScalingGroupName/web servers",
        ] {
            assert_eq!(text.parse::<Arn>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn broken_arns_are_refused() {
        for text in [
            "",
            "arn",
            "arn:aws:iam::1:",
            "arn:aws",
            "x:aws:s:r:a:b",
            "arn:aws:s:r:a:b c",
            &format!("arn:aws:s:r:a:{}", "x".repeat(2048)),
        ] {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }
}
