//! Decision records: why a group did and did not scale, with the figures that decided. `goru why` reads them.
//!
//! One record per decision. The same decision made again (an alarm that repeats its wish during a cooldown) only moves
//! the end of the record and counts, so that a long quiet time costs one record.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// The most decisions that are kept of one group; older ones go first.
pub const MAXIMUM_KEPT: usize = 100;

/// A decision about a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalingDecision {
    /// The group's name.
    pub group: String,
    /// Counts up within the group.
    pub sequence: u64,
    /// When it was first made.
    pub at: Timestamp,
    /// When it was last made.
    pub last_at: Timestamp,
    /// How often.
    pub times: u32,
    /// What asked: a policy's name, `scheduled action x`, `user request`, `health check`, `instance refresh` …
    pub origin: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Capacity before.
    pub from: u32,
    /// Capacity asked for (before or after the limits, see `outcome`).
    pub to: u32,
    /// A sentence with all figures, for example `CPU 74.2 > 70; cooldown 212 s left; would go 1 -> 3`.
    pub why: String,
}

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It would have changed nothing.
    NoChange,
    /// The cooldown is not over.
    Cooldown,
    /// Instances are still warming up.
    WarmingUp,
    /// A process is suspended.
    Suspended,
    /// The group is at its limit.
    AtLimit,
    /// Something else held it back; `why` says what.
    Held,
    /// It failed.
    Failed,
}

impl ScalingDecision {
    /// The id of the record; in order within the group.
    pub fn record_id(&self) -> String {
        format!("{}:{:012}", self.group, self.sequence)
    }

    /// Whether `other` is the same decision made again.
    pub fn repeats(&self, other: &Self) -> bool {
        (&self.origin, self.outcome, self.from, self.to) == (&other.origin, other.outcome, other.from, other.to)
            && self.outcome != Outcome::Done
    }
}
