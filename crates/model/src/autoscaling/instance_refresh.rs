//! The record of an instance refresh: what was asked for, how far it is, and what it must remember to go on after a
//! restart (Auto Scaling API reference, InstanceRefresh and RefreshPreferences).
//!
//! What happens next is decided in [`super::refresh`]; operations make the record, and cancel or roll it back here.

use super::group::{AutoScalingGroup, LaunchSource, TemplateChoice};
use crate::{Timestamp, id::InstanceId};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

/// How long ended refreshes are kept (Auto Scaling user guide: six weeks).
pub const RETENTION: Duration = Duration::from_secs(42 * 86_400);
/// MinHealthyPercentage unless given here or in the group's maintenance policy.
pub const DEFAULT_MINIMUM_HEALTHY_PERCENTAGE: u32 = 90;
/// MaxHealthyPercentage unless given here or in the group's maintenance policy.
pub const DEFAULT_MAXIMUM_HEALTHY_PERCENTAGE: u32 = 100;
/// Seconds to wait after a checkpoint unless given.
pub const DEFAULT_CHECKPOINT_DELAY_SECONDS: u32 = 3600;

/// A refresh of a group's instances; strategy `Rolling`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceRefresh {
    /// The group's name.
    pub group: String,
    /// Counts up within the group, so that ids are in order.
    pub number: u64,
    /// A UUID: InstanceRefreshId.
    pub id: String,
    /// How far it is.
    pub status: RefreshStatus,
    /// Why it is there, for people.
    pub status_reason: Option<String>,
    /// When it was asked for: StartTime.
    pub requested_at: Timestamp,
    /// When nothing more was to be done.
    pub ended_at: Option<Timestamp>,
    /// What instances are launched from; absent: what the group has at the time of each launch.
    pub desired_configuration: Option<LaunchSource>,
    /// What the group had when the refresh was asked for; a rollback goes back to it.
    pub previous: LaunchSource,
    /// How it is done.
    pub preferences: RefreshPreferences,
    /// Progress of the members that serve.
    pub live: RefreshProgress,
    /// Progress of the warm pool, if the group had one at the start.
    pub warm: Option<RefreshProgress>,
    /// Set once a rollback has begun.
    pub rollback: Option<RefreshRollback>,
    /// What it remembers between decisions; absent until it begins.
    pub work: Option<RefreshWork>,
}

/// How a refresh is done (RefreshPreferences). What is absent was not given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshPreferences {
    /// Per cent of the desired capacity that stays in service, 0 to 100.
    pub minimum_healthy_percentage: Option<u32>,
    /// Per cent of the desired capacity that is never exceeded, 100 to 200; at most 100 above the minimum.
    pub maximum_healthy_percentage: Option<u32>,
    /// Seconds from InService until a new instance counts as updated.
    pub instance_warmup_seconds: Option<u32>,
    /// Per cent of updated instances after which it waits, ascending; it ends at the last one.
    pub checkpoint_percentages: Vec<u32>,
    /// Seconds to wait after each checkpoint but the last, 0 to 172,800; [`DEFAULT_CHECKPOINT_DELAY_SECONDS`].
    pub checkpoint_delay_seconds: Option<u32>,
    /// Whether instances that already are as desired stay.
    pub skip_matching: bool,
    /// Whether a failed refresh is rolled back by itself.
    pub auto_rollback: bool,
    /// What becomes of instances that are protected from scale-in.
    pub protected: ProtectedInstances,
    /// What becomes of instances in standby.
    pub standby: StandbyInstances,
    /// Names of alarms; one in ALARM fails the refresh.
    pub alarms: Vec<String>,
    /// Seconds after the last replacement during which alarms are still watched, 0 to 172,800.
    pub bake_seconds: Option<u32>,
}

/// What becomes of instances that are protected from scale-in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProtectedInstances {
    /// It waits for their protection to be removed, for an hour.
    #[default]
    Wait,
    /// They stay.
    Ignore,
    /// They are replaced too.
    Refresh,
}

/// What becomes of instances in standby.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandbyInstances {
    /// It waits for them to return to service, for an hour.
    #[default]
    Wait,
    /// They stay.
    Ignore,
    /// They are terminated.
    Terminate,
}

/// How far a refresh is (InstanceRefreshStatus).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshStatus {
    /// Asked for.
    Pending,
    /// Instances are being replaced.
    InProgress,
    /// Done.
    Successful,
    /// It did not work, and nothing was put back.
    Failed,
    /// No further instance is replaced; those under way are waited for.
    Cancelling,
    /// Cancelled: what was replaced stays so.
    Cancelled,
    /// What was replaced is put back.
    RollbackInProgress,
    /// That did not work.
    RollbackFailed,
    /// Everything is as it was before.
    RollbackSuccessful,
    /// All is replaced; alarms are still watched.
    Baking,
}

/// How much of a pool is updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshProgress {
    /// How many instances there were to update.
    pub total: u32,
    /// How many are not updated yet: InstancesToUpdate.
    pub to_update: u32,
}

/// A rollback (RollbackDetails).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshRollback {
    /// Why, for people.
    pub reason: String,
    /// When it began.
    pub started_at: Timestamp,
    /// The live pool when it began.
    pub live: RefreshProgress,
    /// The warm pool when it began.
    pub warm: Option<RefreshProgress>,
}

/// What a refresh remembers between decisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshWork {
    /// When it, or its rollback, began.
    pub started_at: Timestamp,
    /// Whether this is a rollback's memory.
    pub restores: bool,
    /// All members at the start: a rollback replaces every other.
    pub origin: BTreeSet<InstanceId>,
    /// Members that are to be replaced. Those that have left stay in the set.
    pub subjects: BTreeSet<InstanceId>,
    /// Members launched since, that became unhealthy.
    pub failed: BTreeSet<InstanceId>,
    /// How many of them since the refresh last got further.
    pub failures_in_a_row: u32,
    /// When the newest of them failed.
    pub failed_at: Option<Timestamp>,
    /// The fewest members that were still to be replaced.
    pub least_remaining: u32,
    /// The most members that were ready.
    pub most_ready: u32,
    /// How many checkpoints have been reached.
    pub checkpoints_reached: u32,
    /// Until when it waits at a checkpoint.
    pub checkpoint_until: Option<Timestamp>,
    /// Until when it bakes.
    pub bake_until: Option<Timestamp>,
    /// Since when nothing moves, though nothing with an end of its own is waited for; it gives up an hour later.
    pub stalled_since: Option<Timestamp>,
    /// Whether a cancellation waits for replacements that are under way.
    pub cancel_waits: bool,
}

impl RefreshStatus {
    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Successful => "Successful",
            Self::Failed => "Failed",
            Self::Cancelling => "Cancelling",
            Self::Cancelled => "Cancelled",
            Self::RollbackInProgress => "RollbackInProgress",
            Self::RollbackFailed => "RollbackFailed",
            Self::RollbackSuccessful => "RollbackSuccessful",
            Self::Baking => "Baking",
        }
    }

    /// Whether nothing more happens.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Successful | Self::Failed | Self::Cancelled | Self::RollbackFailed | Self::RollbackSuccessful => true,
            Self::Pending | Self::InProgress | Self::Cancelling | Self::RollbackInProgress | Self::Baking => false,
        }
    }
}

impl RefreshProgress {
    /// Per cent that are updated, rounded down: PercentageComplete.
    pub fn percentage(self) -> u32 {
        match self.total {
            0 => 100,
            total => total.saturating_sub(self.to_update) * 100 / total,
        }
    }

    /// Both pools as one.
    pub fn and(self, other: Option<Self>) -> Self {
        let other = other.unwrap_or_default();
        Self { total: self.total + other.total, to_update: self.to_update + other.to_update }
    }
}

impl RefreshPreferences {
    /// Least and greatest healthy percentage: as given, or the maintenance policy's, or AWS's defaults.
    pub fn healthy_percentages(&self, group: &AutoScalingGroup) -> (u32, u32) {
        let policy = group.maintenance_policy;
        let minimum = self.minimum_healthy_percentage.or(policy.map(|p| p.minimum_healthy_percentage));
        let of_policy = match self.minimum_healthy_percentage {
            // A minimum of one's own replaces the whole policy: its maximum might be more than 100 above.
            Some(_) => None,
            None => policy.map(|p| p.maximum_healthy_percentage),
        };
        let maximum = self.maximum_healthy_percentage.or(of_policy);
        (minimum.unwrap_or(DEFAULT_MINIMUM_HEALTHY_PERCENTAGE), maximum.unwrap_or(DEFAULT_MAXIMUM_HEALTHY_PERCENTAGE))
    }

    /// Seconds until a new instance counts as updated: as given, the group's warm-up, or its grace period (Auto Scaling
    /// user guide, instance refresh).
    pub fn warmup_seconds(&self, group: &AutoScalingGroup) -> u32 {
        self.instance_warmup_seconds
            .or(group.default_instance_warmup_seconds)
            .unwrap_or(group.health_check_grace_seconds)
    }
}

impl InstanceRefresh {
    /// The id of the record: all of a group share [`AutoScalingGroup::prefix`], in order.
    pub fn record_id(&self) -> String {
        format!("{}:{:012}:{}", self.group, self.number, self.id)
    }

    /// Both pools.
    pub fn progress(&self) -> RefreshProgress {
        self.live.and(self.warm)
    }

    /// Whether RollbackInstanceRefresh can put everything back: there must be a configuration to go back from, and one to
    /// go back to that still means the same (Auto Scaling user guide, roll back an instance refresh).
    pub fn reversible(&self) -> Result<(), Irreversible> {
        if self.desired_configuration.is_none() {
            return Err(Irreversible::NoDesiredConfiguration);
        }
        match templates(&self.previous).into_iter().find(|choice| choice.version.starts_with('$')) {
            Some(choice) => Err(Irreversible::MovingVersion(choice.name.clone(), choice.version.clone())),
            None => Ok(()),
        }
    }

    /// CancelInstanceRefresh: no further instance is replaced. With `wait`, those under way are waited for.
    pub fn cancel(&mut self, wait: bool) {
        self.status = RefreshStatus::Cancelling;
        if let Some(work) = &mut self.work {
            work.cancel_waits = wait;
        }
    }

    /// Begins to put everything back. What to replace is found by the next decision.
    pub fn roll_back(&mut self, reason: String, now: Timestamp) {
        self.status = RefreshStatus::RollbackInProgress;
        self.status_reason = Some(reason.clone());
        self.rollback = Some(RefreshRollback { reason, started_at: now, live: self.live, warm: self.warm });
    }
}

/// Every launch template that a source names.
pub fn templates(source: &LaunchSource) -> Vec<&TemplateChoice> {
    match source {
        LaunchSource::LaunchConfiguration(_) => Vec::new(),
        LaunchSource::LaunchTemplate(choice) => vec![choice],
        LaunchSource::Mixed { template, overrides, allocation_strategy: _ } => {
            std::iter::once(template).chain(overrides.iter().filter_map(|o| o.template.as_ref())).collect()
        }
    }
}

/// Why a refresh cannot be rolled back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Irreversible {
    /// The group's own configuration was used.
    #[error("it was started without a DesiredConfiguration")]
    NoDesiredConfiguration,
    /// The group's version of the template is not a number: template, version.
    #[error("the group uses version `{1}` of launch template `{0}`, which may mean another version by now")]
    MovingVersion(String, String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_down_and_an_empty_pool_is_complete() {
        for (total, to_update, expected) in [(0, 0, 100), (3, 3, 0), (3, 2, 33), (3, 1, 66), (3, 0, 100)] {
            assert_eq!(RefreshProgress { total, to_update }.percentage(), expected, "{to_update} of {total}");
        }
        let both = RefreshProgress { total: 4, to_update: 2 }.and(Some(RefreshProgress { total: 4, to_update: 4 }));
        assert_eq!(both.percentage(), 25);
    }
}
