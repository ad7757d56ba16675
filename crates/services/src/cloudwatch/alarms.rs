//! Alarms of both kinds by name: finding, changing and deleting them, and adding to their history.

mod actions;
mod changes;
mod describe;
mod for_metric;
mod history;
mod put_composite;
mod put_metric;
mod tags;
mod views;

use model::Scope;
use model::Timestamp;
use model::cloudwatch::alarm::Alarm;
use model::cloudwatch::alarm_history::{self, AlarmHistoryItem, Entry};
use model::cloudwatch::any_alarm::AnyAlarm;
use model::cloudwatch::composite_alarm::CompositeAlarm;
use std::sync::Arc;
use store::{Transaction, View};

pub(super) use changes::{delete, disable_actions, enable_actions, set_state};
pub(super) use describe::describe;
pub(super) use for_metric::describe_for_metric;
pub(super) use history::describe_history;
pub(super) use put_composite::put_composite;
pub(super) use put_metric::put_metric;
pub(super) use tags::{list_tags, tag, untag};

/// The most alarms of both kinds in a region. AWS's quota can be raised without end; ours keeps evaluation cheap.
const MAXIMUM_ALARMS: usize = 20_000;

/// The alarm of that name.
fn find(view: &View, scope: &Scope, name: &str) -> Option<AnyAlarm> {
    let metric = || view.get::<Alarm>(scope, name).map(|alarm| AnyAlarm::Metric(Box::new((*alarm).clone())));
    let composite =
        || view.get::<CompositeAlarm>(scope, name).map(|alarm| AnyAlarm::Composite(Box::new((*alarm).clone())));
    metric().or_else(composite)
}

/// Writes an alarm with what happened to it.
fn write(txn: &mut Transaction, scope: &Scope, alarm: AnyAlarm, entries: Vec<Entry>, now: Timestamp) {
    record(txn, scope, &alarm, entries, now);
    match alarm {
        AnyAlarm::Metric(alarm) => txn.put(scope, *alarm),
        AnyAlarm::Composite(alarm) => txn.put(scope, *alarm),
    }
}

/// Adds to the history of an alarm.
pub(crate) fn record(txn: &mut Transaction, scope: &Scope, alarm: &AnyAlarm, entries: Vec<Entry>, now: Timestamp) {
    if entries.is_empty() {
        return;
    }
    let prefix = AlarmHistoryItem::id_prefix(alarm.name());
    let existing: Vec<Arc<AlarmHistoryItem>> = txn.range(scope, &prefix).collect();
    let (new, forgotten) = alarm_history::added(&existing, alarm, entries, now);
    for id in forgotten {
        txn.delete::<AlarmHistoryItem>(scope, &id);
    }
    for item in new {
        txn.put(scope, item);
    }
}

/// How many alarms there are in a region.
fn count(view: &View, scope: &Scope) -> usize {
    view.list::<Alarm>(scope).count() + view.list::<CompositeAlarm>(scope).count()
}
