//! What happened, for `goru events`: state changes and decisions in one line each, with the resource they are about.

use crate::{Scope, Timestamp};
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub scope: Scope,
    /// The id or ARN of the resource.
    pub subject: String,
    /// What kind of thing, in kebab case, for example `instance-running` or `target-unhealthy`.
    pub what: String,
    /// A sentence for people that says why.
    pub message: String,
}
