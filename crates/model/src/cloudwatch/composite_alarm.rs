//! A composite alarm: a rule over the states of other alarms (CloudWatch API reference, PutCompositeAlarm).
//!
//! Actions may be held back by a suppressor alarm; that part is not served and is refused where requests come in.

pub mod rule;

use super::{
    alarm::{Actions, AlarmState, StateValue},
    alarm_message::transition_time,
};
use crate::{Arn, Tags, Timestamp};
use rule::Rule;
use serde::{Deserialize, Serialize};
use serde_json::json;

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

/// DECIDER: the state that a composite alarm is to enter; `None` while it is in the right one. `state_of` knows the alarms
/// by name.
pub fn decide(
    alarm: &CompositeAlarm,
    state_of: impl Fn(&str) -> Option<(Arn, AlarmState)>,
    now: Timestamp,
) -> Option<AlarmState> {
    // A rule that was stored has been read once; one that cannot be read any more decides nothing.
    let rule = Rule::parse(&alarm.rule).ok()?;
    let holds = rule.holds(&|name| state_of(name).map(|(_, state)| state.value));
    let value = if holds { StateValue::Alarm } else { StateValue::Ok };
    if value == alarm.state.value {
        return None;
    }
    let children = rule.children().into_iter().filter_map(state_of);
    let newest = children.max_by_key(|(_, state)| state.transitioned_at);
    let (reason, triggering) = match newest {
        Some((arn, state)) => {
            let at = state.transitioned_at;
            let reason = format!("{arn} transitioned to {} at {}", state.value.as_str(), transition_time(at));
            let timestamp = at.to_string().replace('Z', "+0000");
            let shown = json!({ "value": state.value.as_str(), "timestamp": timestamp });
            (reason, vec![json!({ "arn": arn.to_string(), "state": shown })])
        }
        None => (format!("{} was evaluated to {}", alarm.arn, value.as_str()), Vec::new()),
    };
    let data = json!({ "triggeringAlarms": triggering }).to_string();
    Some(alarm.state.becomes(value, reason, Some(data), now))
}
