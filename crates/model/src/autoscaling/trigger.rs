//! What an alarm hands to Auto Scaling: one wish that a scaling policy be carried out.
//!
//! Written by the alarm's controller in the transaction that decides the alarm's state, and again each minute while the
//! alarm stays in ALARM; read and deleted by Auto Scaling in the transaction that acts on it. So none is lost and none
//! acts twice.

use crate::{Arn, Timestamp};
use serde::{Deserialize, Serialize};

/// An alarm asks for a scaling policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyTrigger {
    /// The policy.
    pub policy_arn: Arn,
    /// The name of the alarm, for causes and answers.
    pub alarm_name: String,
    /// The alarm itself.
    pub alarm_arn: Arn,
    /// What the alarm compares with, if it has a fixed threshold.
    pub threshold: Option<f64>,
    /// The newest value that the alarm was decided on; absent when data were missing and counted as breaching.
    pub value: Option<f64>,
    /// When the alarm was evaluated.
    pub at: Timestamp,
}

impl PolicyTrigger {
    /// The id of the record: one alarm asks each policy for one thing at a time, and the newest wish counts.
    pub fn id(&self) -> String {
        format!("{}|{}", self.policy_arn, self.alarm_name)
    }
}
