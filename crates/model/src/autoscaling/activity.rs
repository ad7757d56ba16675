//! Scaling activities: the history of a group that its owner reads, with AWS's cause texts (Auto Scaling API reference,
//! Activity).

use crate::{Arn, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long ended activities are kept (Auto Scaling user guide: six weeks).
pub const RETENTION: Duration = Duration::from_secs(42 * 86_400);
/// The most ended activities that are kept of one group; older ones go first.
pub const MAXIMUM_KEPT: usize = 500;

/// One launch, termination or other change of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingActivity {
    /// A UUID.
    pub id: String,
    /// The group's name.
    pub group: String,
    /// The group's ARN: the group may be gone.
    pub group_arn: Arn,
    /// For example `Launching a new EC2 instance: i-…`.
    pub description: String,
    /// Sentences that begin with `At <time>`, two blanks between them.
    pub cause: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How far it is.
    pub status: ActivityStatus,
    /// What went wrong, for people.
    pub status_message: Option<String>,
    /// 0 to 100.
    pub progress: u8,
    /// JSON: `{"Subnet ID":"…","Availability Zone":"…"}`.
    pub details: String,
    /// Whether the group was deleted since.
    pub group_deleted: bool,
}

/// How far an activity is (ScalingActivityStatusCode, without spot instances).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivityStatus {
    /// The instance is being made.
    PreInService,
    /// Under way.
    InProgress,
    /// Waits for the deregistration delay.
    WaitingForELBConnectionDraining,
    /// Waits for a lifecycle hook.
    MidLifecycleAction,
    /// Waits for the instance's warm-up.
    WaitingForInstanceWarmup,
    /// Done.
    Successful,
    /// It did not work.
    Failed,
    /// It was given up.
    Cancelled,
}

impl ActivityStatus {
    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PreInService => "PreInService",
            Self::InProgress => "InProgress",
            Self::WaitingForELBConnectionDraining => "WaitingForELBConnectionDraining",
            Self::MidLifecycleAction => "MidLifecycleAction",
            Self::WaitingForInstanceWarmup => "WaitingForInstanceWarmup",
            Self::Successful => "Successful",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Whether nothing more happens.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Successful | Self::Failed | Self::Cancelled)
    }
}

impl ScalingActivity {
    /// The id of the record: all of a group share [`super::group::AutoScalingGroup::prefix`].
    pub fn record_id(&self) -> String {
        format!("{}:{}", self.group, self.id)
    }
}

/// `2020-02-11T18:34:10Z`, as in cause texts.
pub fn cause_time(at: Timestamp) -> String {
    let text = at.to_string();
    text.split_once('.').map_or(text.clone(), |(seconds, _)| format!("{seconds}Z"))
}

/// `At <time> <text>.`
pub fn sentence(at: Timestamp, text: &str) -> String {
    format!("At {} {text}.", cause_time(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_begin_with_the_time_in_whole_seconds() {
        let at = Timestamp::from_millis(1_581_446_050_123);
        assert_eq!(sentence(at, "something happened"), "At 2020-02-11T18:34:10Z something happened.");
    }
}
