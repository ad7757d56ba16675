//! What becomes of a request that a rule matches: forwarded, redirected or answered.
//!
//! Source: ELB user guide, "Action types for listener rules". Authentication, which may stand before these on AWS, is refused
//! until it exists.

use crate::Arn;
use serde::{Deserialize, Serialize};

/// The most target groups of one forward action (ELB quotas).
pub const MAXIMUM_TARGET_GROUPS: usize = 5;
/// The largest weight of a target group; 0 means that it gets nothing.
pub const MAXIMUM_WEIGHT: u16 = 999;
/// The longest time for which requests of a client stay with one target group, in seconds: seven days.
pub const MAXIMUM_STICKINESS_SECONDS: u32 = 604_800;
/// The longest body of a fixed response, in bytes.
pub const MAXIMUM_BODY: usize = 1024;
/// The longest host, path or query of a redirect, in characters.
pub const MAXIMUM_REDIRECT_PART: usize = 128;

/// What becomes of a request: the one action of a rule that ends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It goes to a target of one of these groups.
    Forward(Forward),
    /// The client is sent elsewhere.
    Redirect(Redirect),
    /// The load balancer answers.
    FixedResponse(FixedResponse),
}

/// Where requests are forwarded to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// One to [`MAXIMUM_TARGET_GROUPS`], each at most once.
    pub target_groups: Vec<WeightedTargetGroup>,
    /// For how many seconds a client stays with the group that it was sent to first, 1 to
    /// [`MAXIMUM_STICKINESS_SECONDS`]; `None`: each request may go to another group.
    pub stickiness_seconds: Option<u32>,
}

/// A target group and its share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightedTargetGroup {
    /// The group.
    pub arn: Arn,
    /// 0 to [`MAXIMUM_WEIGHT`]; default 1.
    pub weight: u16,
}

/// Where clients are redirected to. The texts may hold the placeholders `#{protocol}`, `#{host}`, `#{port}`, `#{path}`
/// (without its leading slash) and `#{query}`, which stand for the parts of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// 301 or 302.
    pub status: RedirectStatus,
    /// `HTTP`, `HTTPS` or `#{protocol}`, the default.
    pub protocol: String,
    /// Default `#{host}`.
    pub host: String,
    /// A number from 1 to 65535, or `#{port}`, the default.
    pub port: String,
    /// Begins with `/`; default `/#{path}`.
    pub path: String,
    /// Without the question mark; default `#{query}`.
    pub query: String,
}

/// How a redirect is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedirectStatus {
    /// 301: for good.
    Permanent,
    /// 302: for now.
    Temporary,
}

/// An answer of the load balancer's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedResponse {
    /// 200 to 299 or 400 to 599.
    pub status: u16,
    /// One of `text/plain`, `text/css`, `text/html`, `application/javascript`, `application/json`; none: not said.
    pub content_type: Option<String>,
    /// At most [`MAXIMUM_BODY`] bytes.
    pub body: String,
}

/// What a caller wrote about an action that changes nothing, and reads again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionForm {
    /// `Order`, 1 to 50,000; shown as 1 when it was not given.
    pub order: Option<u16>,
}

impl Action {
    /// Forwards everything to one target group.
    pub fn forward_to(target_group: Arn) -> Self {
        let only = WeightedTargetGroup { arn: target_group, weight: 1 };
        Self::Forward(Forward { target_groups: vec![only], stickiness_seconds: None })
    }

    /// The target groups that the action may choose from.
    pub fn target_groups(&self) -> impl Iterator<Item = &Arn> {
        let groups = match self {
            Self::Forward(forward) => forward.target_groups.as_slice(),
            Self::Redirect(_) | Self::FixedResponse(_) => &[],
        };
        groups.iter().map(|group| &group.arn)
    }
}

impl RedirectStatus {
    /// The number.
    pub const fn code(self) -> u16 {
        match self {
            Self::Permanent => 301,
            Self::Temporary => 302,
        }
    }
}
