//! What happened to an alarm: changes of its state and definition, and its actions (DescribeAlarmHistory).

use super::{
    alarm::{AlarmState, StateValue},
    any_alarm::AnyAlarm,
};
use crate::{Arn, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{borrow::Borrow, time::Duration};

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

/// An entry in the making.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    kind: HistoryKind,
    summary: String,
    data: String,
    state: Option<StateValue>,
}

/// How an action ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionOutcome {
    /// It was handed over.
    Succeeded,
    /// It could not be carried out, for this reason.
    Failed(String),
}

impl Entry {
    /// The state changed from `before` to that of `alarm`.
    pub fn state_change(before: &AlarmState, now: &AlarmState) -> Self {
        let state = |state: &AlarmState| {
            let data = state.reason_data.as_deref().and_then(|data| serde_json::from_str::<Value>(data).ok());
            let mut shown = json!({ "stateValue": state.value.as_str(), "stateReason": state.reason });
            if let Some(data) = data {
                shown["stateReasonData"] = data;
            }
            shown
        };
        Self {
            kind: HistoryKind::StateUpdate,
            summary: format!("Alarm updated from {} to {}", before.value.as_str(), now.value.as_str()),
            data: json!({ "version": "1.0", "oldState": state(before), "newState": state(now) }).to_string(),
            state: Some(now.value),
        }
    }

    /// The definition was put, changed or deleted. `what`: `created`, `updated`, `deleted`.
    pub fn configuration(what: &str, alarm: &AnyAlarm) -> Self {
        let definition = serde_json::to_value(alarm).unwrap_or(Value::Null);
        Self {
            kind: HistoryKind::ConfigurationUpdate,
            summary: format!("Alarm \"{}\" {what}", alarm.name()),
            data: json!({ "version": "1.0", "type": what, "alarm": definition }).to_string(),
            state: None,
        }
    }

    /// An action was tried.
    pub fn action(action: &Arn, outcome: &ActionOutcome, now: Timestamp) -> Self {
        let (state, summary, error) = match outcome {
            ActionOutcome::Succeeded => ("Succeeded", format!("Successfully executed action {action}"), None),
            ActionOutcome::Failed(why) => {
                ("Failed", format!("Failed to execute action {action}. Received error: \"{why}\""), Some(why))
            }
        };
        let data = json!({
            "actionState": state, "notificationResource": action.to_string(), "stateUpdateTimestamp": now.millis(),
            "error": error,
        });
        Self { kind: HistoryKind::Action, summary, data: data.to_string(), state: None }
    }

    /// A state with actions was entered while actions are disabled.
    pub fn actions_disabled(now: Timestamp) -> Self {
        Self {
            kind: HistoryKind::Action,
            summary: "No action executed: actions are disabled for this alarm".to_owned(),
            data: json!({ "actionState": "Disabled", "stateUpdateTimestamp": now.millis() }).to_string(),
            state: None,
        }
    }
}

/// What to put and what to forget when entries are added to an alarm's history. `existing` are all its entries in the
/// order of their ids. What is too old, and what is more than [`MAXIMUM_ENTRIES`], goes.
pub fn added(
    existing: &[impl Borrow<AlarmHistoryItem>],
    alarm: &AnyAlarm,
    entries: Vec<Entry>,
    now: Timestamp,
) -> (Vec<AlarmHistoryItem>, Vec<String>) {
    let first = existing.last().map_or(0, |item| item.borrow().number + 1);
    let number = |(number, Entry { kind, summary, data, state }): (u64, Entry)| AlarmHistoryItem {
        alarm_name: alarm.name().to_owned(),
        composite: matches!(alarm, AnyAlarm::Composite(_)),
        at: now,
        number,
        kind,
        summary,
        data,
        state,
    };
    let excess = (existing.len() + entries.len()).saturating_sub(MAXIMUM_ENTRIES);
    let new: Vec<AlarmHistoryItem> = (first..).zip(entries).map(number).collect();
    let is_over = |(place, item): &(usize, &AlarmHistoryItem)| *place < excess || now.since(item.at) > RETENTION;
    let forgotten = existing.iter().map(Borrow::borrow).enumerate().filter(is_over);
    (new, forgotten.map(|(_, item)| item.id()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scope, Tags, cloudwatch::composite_alarm::CompositeAlarm};

    fn alarm() -> AnyAlarm {
        let now = Timestamp::from_seconds(0);
        AnyAlarm::Composite(Box::new(CompositeAlarm {
            arn: AnyAlarm::arn_of(&Scope::new("123456789012", "us-east-1"), "both"),
            name: "both".to_owned(),
            description: None,
            actions_enabled: true,
            actions: Default::default(),
            rule: "TRUE".to_owned(),
            tags: Tags::default(),
            configured_at: now,
            state: AlarmState::initial(now),
        }))
    }

    #[test]
    fn history_is_numbered_and_bounded_in_length_and_age() {
        let (day, mut history) = (Duration::from_secs(86_400), Vec::<AlarmHistoryItem>::new());
        let mut now = Timestamp::from_seconds(0);
        for n in 0..250_u64 {
            let (put, forget) = added(&history, &alarm(), vec![Entry::actions_disabled(now)], now);
            history.retain(|item| !forget.contains(&item.id()));
            history.extend(put);
            assert_eq!(history.last().map(|item| item.number), Some(n));
            assert!(history.len() <= MAXIMUM_ENTRIES);
        }
        now = now.plus(day * 31);
        let (put, forget) = added(&history, &alarm(), vec![Entry::actions_disabled(now)], now);
        assert_eq!((put.len(), forget.len()), (1, MAXIMUM_ENTRIES));
        assert!(put[0].id() > *forget.last().unwrap());
    }

    #[test]
    fn entries_of_one_name_do_not_mix_with_those_of_a_longer_one() {
        assert!(!AlarmHistoryItem::id_prefix("cpu-high").starts_with(&AlarmHistoryItem::id_prefix("cpu")));
    }
}
