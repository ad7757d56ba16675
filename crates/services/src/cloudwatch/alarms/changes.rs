//! DeleteAlarms, SetAlarmState, EnableAlarmActions, DisableAlarmActions.

use std::collections::BTreeSet;

use api::cloudwatch::types::{
    DeleteAlarmsInput, DisableAlarmActionsInput, EnableAlarmActionsInput, SetAlarmStateInput,
};
use model::cloudwatch::alarm::Alarm;
use model::cloudwatch::alarm_history::Entry;
use model::cloudwatch::any_alarm::AnyAlarm;
use model::cloudwatch::composite_alarm::CompositeAlarm;
use store::Transaction;
use wire::AwsError;

use super::{describe, views};
use crate::cloudwatch::errors::Error;
use crate::context::Context;
use crate::handler::committed;

/// All of them or none. Names that belong to no alarm are left aside, as AWS does.
pub(in crate::cloudwatch) async fn delete(cx: &Context, input: DeleteAlarmsInput) -> Result<(), AwsError> {
    let DeleteAlarmsInput { alarm_names } = input;
    let (scope, names) = (cx.scope(), alarm_names.into_iter().collect::<BTreeSet<String>>());
    let delete = |txn: &mut Transaction| -> Result<(), Error> {
        let alarms: Vec<AnyAlarm> = names.iter().filter_map(|name| super::find(txn.view(), &scope, name)).collect();
        if alarms.iter().filter(|alarm| matches!(alarm, AnyAlarm::Composite(_))).count() > 1 {
            return Err(Error::Validation("one call deletes at most one composite alarm".to_owned()));
        }
        for alarm in &alarms {
            let parents = describe::parents_of_alarm(txn.view(), &scope, alarm.name());
            if let Some(parent) = parents.iter().find(|parent| !names.contains(*parent)) {
                return Err(Error::Validation(format!(
                    "alarm {} cannot be deleted: composite alarm {parent} depends on it",
                    alarm.name()
                )));
            }
        }
        for alarm in alarms {
            super::record(txn, &scope, &alarm, vec![Entry::configuration("deleted", &alarm)], cx.now);
            match &alarm {
                AnyAlarm::Metric(alarm) => txn.delete::<Alarm>(&scope, &alarm.name),
                AnyAlarm::Composite(alarm) => txn.delete::<CompositeAlarm>(&scope, &alarm.name),
            };
        }
        Ok(())
    };
    committed(cx.store.transact(delete).await)
}

/// Writes the state; the alarms' controller carries out its actions, once, and the next evaluation puts things right.
pub(in crate::cloudwatch) async fn set_state(cx: &Context, input: SetAlarmStateInput) -> Result<(), AwsError> {
    let SetAlarmStateInput { alarm_name, state_reason, state_reason_data, state_value } = input;
    check_json(state_reason_data.as_deref())?;
    let (scope, value) = (cx.scope(), views::state_of(state_value));
    let set = |txn: &mut Transaction| -> Result<(), Error> {
        let mut alarm =
            super::find(txn.view(), &scope, &alarm_name).ok_or_else(|| Error::NoSuchAlarm(alarm_name.clone()))?;
        let before = alarm.state().clone();
        let mut state = before.becomes(value, state_reason.clone(), state_reason_data.clone(), cx.now);
        let mut entries = Vec::new();
        if before.value == value {
            state.unannounced = before.unannounced;
        } else {
            state.unannounced = Some(before.value);
            entries.push(Entry::state_change(&before, &state));
        }
        *alarm.state_mut() = state;
        super::write(txn, &scope, alarm, entries, cx.now);
        Ok(())
    };
    committed(cx.store.transact(set).await)
}

fn check_json(data: Option<&str>) -> Result<(), Error> {
    let broken = data.is_some_and(|data| serde_json::from_str::<serde_json::Value>(data).is_err());
    match broken {
        true => Err(Error::Format("StateReasonData must be JSON".to_owned())),
        false => Ok(()),
    }
}

pub(in crate::cloudwatch) async fn enable_actions(
    cx: &Context,
    input: EnableAlarmActionsInput,
) -> Result<(), AwsError> {
    let EnableAlarmActionsInput { alarm_names } = input;
    switch_actions(cx, &alarm_names, true).await
}

pub(in crate::cloudwatch) async fn disable_actions(
    cx: &Context,
    input: DisableAlarmActionsInput,
) -> Result<(), AwsError> {
    let DisableAlarmActionsInput { alarm_names } = input;
    switch_actions(cx, &alarm_names, false).await
}

async fn switch_actions(cx: &Context, names: &[String], enabled: bool) -> Result<(), AwsError> {
    let scope = cx.scope();
    let switch = |txn: &mut Transaction| -> Result<(), Error> {
        for name in names {
            let Some(mut alarm) = super::find(txn.view(), &scope, name) else { continue };
            if alarm.actions_enabled() == enabled {
                continue;
            }
            alarm.set_actions_enabled(enabled);
            let entry = Entry::configuration("updated", &alarm);
            super::write(txn, &scope, alarm, vec![entry], cx.now);
        }
        Ok(())
    };
    committed(cx.store.transact(switch).await)
}
