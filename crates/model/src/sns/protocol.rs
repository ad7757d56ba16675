//! How a subscription is reached: the protocols of SNS that Goru delivers by.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The way to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// A mail with the message as its text.
    Email,
    /// A mail with the message as JSON.
    EmailJson,
    /// POST of JSON over plain HTTP.
    Http,
    /// POST of JSON over HTTPS.
    Https,
}

impl Protocol {
    /// Every protocol that is served.
    pub const ALL: [Self; 4] = [Self::Email, Self::EmailJson, Self::Http, Self::Https];
    /// Protocols of AWS that Goru refuses by name.
    pub const REFUSED: [&'static str; 5] = ["sms", "sqs", "application", "lambda", "firehose"];

    /// AWS's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// From AWS's name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.as_str() == text)
    }

    /// Whether messages go by mail.
    pub const fn is_mail(self) -> bool {
        matches!(self, Self::Email | Self::EmailJson)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_found_by_the_names_that_aws_gives_them() {
        for protocol in Protocol::ALL {
            assert_eq!(Protocol::parse(protocol.as_str()), Some(protocol));
        }
        for name in Protocol::REFUSED.into_iter().chain(["", "EMAIL", "smtp"]) {
            assert_eq!(Protocol::parse(name), None, "{name}");
        }
    }
}
