//! A composite alarm: a rule over the states of other alarms (CloudWatch API reference, PutCompositeAlarm).
//!
//! Actions may be held back by a suppressor alarm; that part is not served and is refused where requests come in.

pub mod rule;

use super::alarm::{Actions, AlarmState};
use crate::{Arn, Tags, Timestamp};
use serde::{Deserialize, Serialize};

/// A composite alarm; its id is its name, which no metric alarm of the account and region has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompositeAlarm {
    /// `arn:aws:cloudwatch:<region>:<account>:alarm:<name>`.
    pub arn: Arn,
    /// 1 to 255 characters.
    pub name: String,
    /// At most 1024 characters.
    pub description: Option<String>,
    /// Whether actions are carried out at all.
    pub actions_enabled: bool,
    /// What is done, by the state that is entered.
    pub actions: Actions,
    /// The rule as it was written.
    pub rule: String,
    /// Its tags.
    pub tags: Tags,
    /// When its definition was last put.
    pub configured_at: Timestamp,
    /// The state that it is in.
    pub state: AlarmState,
}
