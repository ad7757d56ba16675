//! A listener: a port of a load balancer and what becomes of requests that arrive there.

use super::{
    action::{Action, ActionForm},
    attribute::Attributes,
};
use crate::{Arn, Tags, Timestamp};
use serde::{Deserialize, Serialize};

/// A listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    /// `…:listener/app/<load balancer>/<its id>/<16 hex digits>`
    pub arn: Arn,
    /// Its load balancer.
    pub load_balancer_arn: Arn,
    /// 1 to 65535; unique in the load balancer.
    pub port: u16,
    /// What it speaks.
    pub protocol: ListenerProtocol,
    /// How it speaks TLS; set if and only if the protocol is HTTPS.
    #[serde(default)]
    pub tls: Option<ListenerTls>,
    /// What becomes of a request that no rule matches.
    pub default_action: Action,
    /// How the default action was written, for answers.
    #[serde(default)]
    pub default_action_form: ActionForm,
    /// What differs from the defaults of [`super::attribute::LISTENER`].
    pub attributes: Attributes,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
    /// Tags of its default rule, which is no record of its own.
    #[serde(default)]
    pub default_rule_tags: Tags,
}

/// What a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ListenerProtocol {
    /// HTTP/1.1 in clear text.
    Http,
    /// HTTP/1.1 and HTTP/2 over TLS.
    Https,
}

impl ListenerProtocol {
    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
        }
    }
}

/// How a listener speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerTls {
    /// The name of its security policy ([`super::security_policy`]).
    pub policy: String,
    /// The certificate for clients that name no host that another one is for.
    pub default_certificate: Arn,
    /// Further certificates, chosen by the host that a client names.
    pub certificates: Vec<Arn>,
    /// What is asked of clients.
    pub mutual: MutualAuthentication,
}

/// Whether clients show certificates, and what becomes of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MutualAuthentication {
    /// None is asked for.
    Off,
    /// One is asked for and passed on to the target, unverified.
    Passthrough,
    /// One is needed that the trust store vouches for.
    Verify {
        /// The trust store.
        trust_store: Arn,
        /// Whether certificates are accepted that are no longer (or not yet) valid.
        ignore_expiry: bool,
        /// Whether clients are told whose certificates are accepted.
        advertise_ca_names: bool,
    },
}
