//! A rule of a listener: conditions, what becomes of the requests that meet them, and how those are changed before.
//!
//! Rules are looked at in the order of their priorities, lowest first; the first that a request meets decides. The default
//! action is the listener's own ([`super::listener::Listener::default_action`]) and no rule of this kind.

use super::{
    action::{Action, ActionForm},
    condition::Condition,
    transform::Transform,
};
use crate::{Arn, Tags, Timestamp};
use serde::{Deserialize, Serialize};

/// The largest priority; the smallest is 1.
pub const MAXIMUM_PRIORITY: u32 = 50_000;
/// The most rules of one load balancer, default rules not counted (ELB quotas).
pub const MAXIMUM_RULES: usize = 100;
/// The most target groups of one load balancer (ELB quotas).
pub const MAXIMUM_TARGET_GROUPS_PER_LOAD_BALANCER: usize = 100;

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// `…:listener-rule/app/<load balancer>/<its id>/<listener's id>/<16 hex digits>`
    pub arn: Arn,
    /// Its listener.
    pub listener_arn: Arn,
    /// 1 to [`MAXIMUM_PRIORITY`]; unique in the listener.
    pub priority: u32,
    /// All of them must be met.
    pub conditions: Vec<Condition>,
    /// What becomes of the request.
    pub action: Action,
    /// How the action was written, for answers.
    pub action_form: ActionForm,
    /// What is changed before the request goes to a target: at most one of each kind.
    pub transforms: Vec<Transform>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}
