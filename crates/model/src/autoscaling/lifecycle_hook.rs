//! A lifecycle hook: members wait on their way in or out until somebody completes the action (Auto Scaling API
//! reference, LifecycleHook).

use super::member::HookResult;
use crate::Arn;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The most hooks of a group (Auto Scaling user guide, quotas).
pub const MAXIMUM_HOOKS: usize = 50;
/// How long a member waits unless the hook says otherwise, in seconds.
pub const DEFAULT_HEARTBEAT_SECONDS: u32 = 3600;
/// No action waits longer, whatever heartbeats come.
pub const MAXIMUM_WAIT: Duration = Duration::from_secs(48 * 3600);

/// A hook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleHook {
    /// The group.
    pub group: String,
    /// Unique in the group.
    pub name: String,
    /// When members wait.
    pub transition: Transition,
    /// 30 to 7200.
    pub heartbeat_seconds: u32,
    /// What happens when nobody answers; `ABANDON` unless given.
    pub default_result: HookResult,
    /// The topic that is told, if there is one.
    pub notification_target: Option<Arn>,
    /// The role given with it; Goru assumes none.
    pub role: Option<Arn>,
    /// Free text that goes along, at most 4,000 characters.
    pub notification_metadata: Option<String>,
}

/// When members wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transition {
    /// On their way in.
    Launching,
    /// On their way out.
    Terminating,
}

impl Transition {
    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Launching => "autoscaling:EC2_INSTANCE_LAUNCHING",
            Self::Terminating => "autoscaling:EC2_INSTANCE_TERMINATING",
        }
    }
}

impl LifecycleHook {
    /// The id of the record.
    pub fn id(&self) -> String {
        format!("{}:{}", self.group, self.name)
    }

    /// How long an action waits at the most: 100 heartbeats or [`MAXIMUM_WAIT`].
    pub fn maximum_wait(&self) -> Duration {
        Duration::from_secs(u64::from(self.heartbeat_seconds) * 100).min(MAXIMUM_WAIT)
    }
}
