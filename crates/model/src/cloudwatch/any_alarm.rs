//! What metric alarms and composite alarms have in common: a name, a state, actions.

use super::{
    alarm::{Actions, Alarm, AlarmState},
    composite_alarm::CompositeAlarm,
};
use crate::{Arn, Scope, Tags, Timestamp};
use serde::Serialize;

/// An alarm of either kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AnyAlarm {
    /// Over a metric or an expression.
    Metric(Box<Alarm>),
    /// Over other alarms.
    Composite(Box<CompositeAlarm>),
}

impl AnyAlarm {
    /// The ARN of the alarm of that name; both kinds share their names.
    pub fn arn_of(scope: &Scope, name: &str) -> Arn {
        Alarm::arn_of(scope, name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Metric(alarm) => &alarm.name,
            Self::Composite(alarm) => &alarm.name,
        }
    }

    /// Its ARN.
    pub fn arn(&self) -> &Arn {
        match self {
            Self::Metric(alarm) => &alarm.arn,
            Self::Composite(alarm) => &alarm.arn,
        }
    }

    /// What people wrote about it.
    pub fn description(&self) -> Option<&str> {
        match self {
            Self::Metric(alarm) => alarm.description.as_deref(),
            Self::Composite(alarm) => alarm.description.as_deref(),
        }
    }

    /// Its actions.
    pub fn actions(&self) -> &Actions {
        match self {
            Self::Metric(alarm) => &alarm.actions,
            Self::Composite(alarm) => &alarm.actions,
        }
    }

    /// Whether they are carried out.
    pub fn actions_enabled(&self) -> bool {
        match self {
            Self::Metric(alarm) => alarm.actions_enabled,
            Self::Composite(alarm) => alarm.actions_enabled,
        }
    }

    /// When its definition was last put.
    pub fn configured_at(&self) -> Timestamp {
        match self {
            Self::Metric(alarm) => alarm.configured_at,
            Self::Composite(alarm) => alarm.configured_at,
        }
    }

    /// The state that it is in.
    pub fn state(&self) -> &AlarmState {
        match self {
            Self::Metric(alarm) => &alarm.state,
            Self::Composite(alarm) => &alarm.state,
        }
    }

    /// The same, to change it.
    pub fn state_mut(&mut self) -> &mut AlarmState {
        match self {
            Self::Metric(alarm) => &mut alarm.state,
            Self::Composite(alarm) => &mut alarm.state,
        }
    }

    /// Switches its actions on or off.
    pub fn set_actions_enabled(&mut self, enabled: bool) {
        match self {
            Self::Metric(alarm) => alarm.actions_enabled = enabled,
            Self::Composite(alarm) => alarm.actions_enabled = enabled,
        }
    }

    /// Its tags.
    pub fn tags(&self) -> &Tags {
        match self {
            Self::Metric(alarm) => &alarm.tags,
            Self::Composite(alarm) => &alarm.tags,
        }
    }

    /// The same, to change them.
    pub fn tags_mut(&mut self) -> &mut Tags {
        match self {
            Self::Metric(alarm) => &mut alarm.tags,
            Self::Composite(alarm) => &mut alarm.tags,
        }
    }
}
