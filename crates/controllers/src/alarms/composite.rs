//! Which composite alarms have to follow the alarms in their rules; what they come to is decided in `model`.

use super::write::Change;
use model::{
    Arn, Scope, Timestamp,
    cloudwatch::{
        alarm::{Alarm, AlarmState},
        composite_alarm::{CompositeAlarm, decide},
    },
};
use store::View;

/// The changes that are due. An alarm over another composite alarm follows it in the next round.
pub(super) fn changes(view: &View, now: Timestamp) -> Vec<Change> {
    let follow = |(scope, alarm): (Scope, std::sync::Arc<CompositeAlarm>)| {
        let state = decide(&alarm, |name| state_of(view, &scope, name), now)?;
        Some(Change::composite(scope, alarm, state))
    };
    view.all::<CompositeAlarm>().filter_map(follow).collect()
}

fn state_of(view: &View, scope: &Scope, name: &str) -> Option<(Arn, AlarmState)> {
    let metric = || view.get::<Alarm>(scope, name).map(|alarm| (alarm.arn.clone(), alarm.state.clone()));
    let composite = || view.get::<CompositeAlarm>(scope, name).map(|alarm| (alarm.arn.clone(), alarm.state.clone()));
    metric().or_else(composite)
}
