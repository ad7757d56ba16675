//! Amazon Resource Names: `arn:partition:service:region:account:resource`.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest ARN that is looked at; AWS's own limit for most services.
pub const MAXIMUM_ARN_LENGTH: usize = 2048;
/// Services whose resources are named freely, with blanks too; the names are in the ARNs.
const NAMES_WITH_BLANKS: [&str; 2] = ["autoscaling", "cloudwatch"];

/// A parsed ARN. The resource part keeps its own structure (`loadbalancer/app/web/0123…`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    /// `aws`, the only partition served.
    pub partition: String,
    /// The service's name in ARNs, for example `elasticloadbalancing`.
    pub service: String,
    /// The region; empty for global resources.
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// Everything after the fifth colon.
    pub resource: String,
}

/// A text that is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid ARN")]
pub struct InvalidArn(pub String);

impl Arn {
    /// An ARN of the `aws` partition.
    pub fn new(service: &str, region: &str, account: &str, resource: impl Into<String>) -> Self {
        Self {
            partition: "aws".to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.into(),
        }
    }

    /// The parts of the resource between slashes.
    pub fn resource_parts(&self) -> Vec<&str> {
        self.resource.split('/').collect()
    }
}

impl FromStr for Arn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let invalid = || InvalidArn(text.chars().take(200).collect());
        if text.len() > MAXIMUM_ARN_LENGTH || text.chars().any(char::is_control) {
            return Err(invalid());
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", partition, service, region, account, resource]
                if !partition.is_empty()
                    && !service.is_empty()
                    && !resource.is_empty()
                    && (NAMES_WITH_BLANKS.contains(service) || !text.contains(char::is_whitespace)) =>
            {
                Ok(Self {
                    partition: (*partition).to_owned(),
                    service: (*service).to_owned(),
                    region: (*region).to_owned(),
                    account: (*account).to_owned(),
                    resource: (*resource).to_owned(),
                })
            }
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Arn {
    type Error = InvalidArn;
    fn try_from(text: String) -> Result<Self, InvalidArn> {
        text.parse()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_prints_as_it_was_read() {
        let text = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/web/0123456789abcdef";
        assert_eq!(text.parse::<Arn>().unwrap().to_string(), text);
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
