//! A listener: a port of a load balancer and what becomes of requests that arrive there.

use super::attribute::Attributes;
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
}

/// What a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ListenerProtocol {
    /// HTTP/1.1 in clear text.
    Http,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is forwarded to a target of this target group.
    Forward(Arn),
}

/// What a caller wrote about an action that changes nothing while it has one target group, and reads again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionForm {
    /// `Order`, 1 to 50,000; shown as 1 when it was not given.
    pub order: Option<u16>,
    /// `Weight` of the only target group, 1 to 999; shown as 1 when it was not given.
    pub weight: Option<u16>,
}

impl Action {
    /// The target groups that the action may choose from.
    pub fn target_groups(&self) -> impl Iterator<Item = &Arn> {
        match self {
            Self::Forward(arn) => std::iter::once(arn),
        }
    }
}
