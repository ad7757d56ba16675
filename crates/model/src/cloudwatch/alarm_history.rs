//! What happened to an alarm: changes of its state and definition, and its actions (DescribeAlarmHistory).

use super::alarm::StateValue;
use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an entry is kept (CloudWatch User Guide: 30 days).
pub const RETENTION: Duration = Duration::from_secs(30 * 86_400);
/// The most entries of one alarm; the oldest go first.
pub const MAXIMUM_ENTRIES: usize = 100;

/// One thing that happened to an alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlarmHistoryItem {
    /// The alarm's name.
    pub alarm_name: String,
    /// Whether it is a composite alarm.
    pub composite: bool,
    /// When.
    pub at: Timestamp,
    /// Tells the entries of one alarm apart and orders those of one moment.
    pub number: u64,
    /// What kind of thing.
    pub kind: HistoryKind,
    /// A sentence for people.
    pub summary: String,
    /// The same for programs: JSON.
    pub data: String,
    /// The state that the alarm entered, for changes of state.
    pub state: Option<StateValue>,
}

/// The kinds of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HistoryKind {
    /// The definition was put, changed or deleted.
    ConfigurationUpdate,
    /// The state changed.
    StateUpdate,
    /// An action was carried out, failed, or was left out because actions are disabled.
    Action,
}

impl HistoryKind {
    /// As the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfigurationUpdate => "ConfigurationUpdate",
            Self::StateUpdate => "StateUpdate",
            Self::Action => "Action",
        }
    }
}

impl AlarmHistoryItem {
    /// The id of the record: entries of one alarm sort by number.
    pub fn id(&self) -> String {
        format!("{}{:020}", Self::id_prefix(&self.alarm_name), self.number)
    }

    /// What the ids of all entries of an alarm begin with. Names have no control characters.
    pub fn id_prefix(alarm_name: &str) -> String {
        format!("{alarm_name}\u{1}")
    }
}
