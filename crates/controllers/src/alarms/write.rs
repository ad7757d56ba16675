//! One alarm's change of state with all that belongs to it: history, messages, wishes for scaling policies, an event.

use super::Evaluated;
use crate::notifications::{MAXIMUM_DELIVERIES, Published, publish};
use model::{
    Arn, IdSource, Scope, Timestamp,
    autoscaling::trigger::PolicyTrigger,
    cloudwatch::{
        alarm::{Alarm, AlarmState, StateValue},
        alarm_history::{self, ActionOutcome, AlarmHistoryItem, Entry},
        alarm_message::message,
        any_alarm::AnyAlarm,
        composite_alarm::CompositeAlarm,
    },
    event::Event,
};
use std::sync::Arc;
use store::Transaction;

/// What is to be written about one alarm.
pub(super) struct Change {
    scope: Scope,
    /// The alarm as it was seen.
    seen: Seen,
    what: What,
    /// What the decision was made on, for scaling policies.
    value: Option<f64>,
}

enum Seen {
    Metric(Arc<Alarm>),
    Composite(Arc<CompositeAlarm>),
}

enum What {
    /// Another state.
    Enter(AlarmState),
    /// The state was set already, from this one; its actions are still to be carried out.
    Announce(StateValue),
    /// The state goes on; scaling policies are asked for once more.
    Repeat,
}

impl Change {
    /// What follows from an evaluation; `None` when nothing does.
    pub(super) fn of(evaluated: Evaluated) -> Option<Self> {
        let Evaluated { scope, alarm, evaluation, repeats } = evaluated;
        let what = if evaluation.state != alarm.state.value {
            What::Enter(alarm.state.becomes(
                evaluation.state,
                evaluation.reason,
                Some(evaluation.reason_data),
                // Filled in when it is written.
                alarm.state.updated_at,
            ))
        } else if repeats {
            What::Repeat
        } else {
            return None;
        };
        Some(Self { scope, seen: Seen::Metric(alarm), what, value: evaluation.newest })
    }

    /// The actions of a state that was set.
    pub(super) fn announce(scope: Scope, alarm: Arc<Alarm>) -> Self {
        let before = alarm.state.unannounced.unwrap_or(alarm.state.value);
        Self { scope, seen: Seen::Metric(alarm), what: What::Announce(before), value: None }
    }

    /// The same for a composite alarm.
    pub(super) fn announce_composite(scope: Scope, alarm: Arc<CompositeAlarm>) -> Self {
        let before = alarm.state.unannounced.unwrap_or(alarm.state.value);
        Self { scope, seen: Seen::Composite(alarm), what: What::Announce(before), value: None }
    }

    /// A composite alarm enters another state.
    pub(super) fn composite(scope: Scope, alarm: Arc<CompositeAlarm>, state: AlarmState) -> Self {
        Self { scope, seen: Seen::Composite(alarm), what: What::Enter(state), value: None }
    }

    /// The alarm, if it is still what was seen.
    fn current(&self, txn: &Transaction) -> Option<AnyAlarm> {
        match &self.seen {
            Seen::Metric(seen) => {
                let current = txn.get::<Alarm>(&self.scope, &seen.name)?;
                (*current == **seen).then(|| AnyAlarm::Metric(Box::new((**seen).clone())))
            }
            Seen::Composite(seen) => {
                let current = txn.get::<CompositeAlarm>(&self.scope, &seen.name)?;
                (*current == **seen).then(|| AnyAlarm::Composite(Box::new((**seen).clone())))
            }
        }
    }
}

/// Writes a change, unless the alarm has become another one since it was seen. How many records it took, roughly.
pub(super) fn apply(txn: &mut Transaction, change: &Change, ids: &mut dyn IdSource, now: Timestamp) -> usize {
    let Some(mut alarm) = change.current(txn) else { return 0 };
    let mut work = Work { scope: &change.scope, value: change.value, now, written: 1 };
    let entries = match &change.what {
        What::Repeat => {
            for action in scaling_policies(&alarm) {
                work.ask(txn, &alarm, &action);
            }
            return work.written;
        }
        What::Enter(state) => {
            let before = alarm.state().clone();
            *alarm.state_mut() = before.becomes(state.value, state.reason.clone(), state.reason_data.clone(), now);
            txn.append_event(event(&change.scope, &alarm, now));
            let mut entries = vec![Entry::state_change(&before, alarm.state())];
            entries.extend(work.act(txn, &alarm, before.value, ids));
            entries
        }
        What::Announce(before) => {
            alarm.state_mut().unannounced = None;
            txn.append_event(event(&change.scope, &alarm, now));
            work.act(txn, &alarm, *before, ids)
        }
    };
    work.written += record(txn, &change.scope, &alarm, entries, now);
    match alarm {
        AnyAlarm::Metric(alarm) => txn.put(&change.scope, *alarm),
        AnyAlarm::Composite(alarm) => txn.put(&change.scope, *alarm),
    }
    work.written
}

/// Scaling policies among the actions of the present state.
fn scaling_policies(alarm: &AnyAlarm) -> Vec<Arn> {
    let actions = alarm.actions().of(alarm.state().value).iter();
    actions.filter(|action| action.service() == "autoscaling").filter(|_| alarm.actions_enabled()).cloned().collect()
}

struct Work<'a> {
    scope: &'a Scope,
    value: Option<f64>,
    now: Timestamp,
    written: usize,
}

impl Work<'_> {
    /// Carries out the actions of the state that was entered; what to write into the history about them.
    fn act(
        &mut self,
        txn: &mut Transaction,
        alarm: &AnyAlarm,
        before: StateValue,
        ids: &mut dyn IdSource,
    ) -> Vec<Entry> {
        let actions = alarm.actions().of(alarm.state().value);
        if actions.is_empty() {
            return Vec::new();
        }
        if !alarm.actions_enabled() {
            return vec![Entry::actions_disabled(self.now)];
        }
        let mut entries = Vec::new();
        for action in actions {
            let outcome = match action.service() {
                "sns" => self.publish(txn, alarm, before, action, ids),
                "autoscaling" => self.ask(txn, alarm, action),
                other => ActionOutcome::Failed(format!("actions of {other} are not supported")),
            };
            entries.push(Entry::action(action, &outcome, self.now));
        }
        entries
    }

    fn publish(
        &mut self,
        txn: &mut Transaction,
        alarm: &AnyAlarm,
        before: StateValue,
        topic: &Arn,
        ids: &mut dyn IdSource,
    ) -> ActionOutcome {
        match publish(txn, topic, &message(alarm, before), ids, self.now) {
            Published::To(count) => self.written += count,
            Published::NoTopic => return ActionOutcome::Failed(format!("there is no topic {topic}")),
            Published::TooMany => {
                let why = format!("more than {MAXIMUM_DELIVERIES} subscriptions would be written to");
                return ActionOutcome::Failed(why);
            }
            Published::Full => return ActionOutcome::Failed("too many messages wait to be delivered".to_owned()),
        }
        ActionOutcome::Succeeded
    }

    /// Asks Auto Scaling for a policy.
    fn ask(&mut self, txn: &mut Transaction, alarm: &AnyAlarm, policy: &Arn) -> ActionOutcome {
        let threshold = match alarm {
            AnyAlarm::Metric(alarm) => Some(alarm.threshold),
            AnyAlarm::Composite(_) => None,
        };
        let trigger = PolicyTrigger {
            policy_arn: policy.clone(),
            alarm_name: alarm.name().to_owned(),
            alarm_arn: alarm.arn().clone(),
            threshold,
            value: self.value,
            at: self.now,
        };
        self.written += 1;
        txn.put(self.scope, trigger);
        ActionOutcome::Succeeded
    }
}

/// Adds to the history of an alarm; how many records that took.
pub(crate) fn record(
    txn: &mut Transaction,
    scope: &Scope,
    alarm: &AnyAlarm,
    entries: Vec<Entry>,
    now: Timestamp,
) -> usize {
    if entries.is_empty() {
        return 0;
    }
    let prefix = AlarmHistoryItem::id_prefix(alarm.name());
    let existing: Vec<Arc<AlarmHistoryItem>> = txn.range(scope, &prefix).collect();
    let (new, forgotten) = alarm_history::added(&existing, alarm, entries, now);
    let written = new.len() + forgotten.len();
    for id in forgotten {
        txn.delete::<AlarmHistoryItem>(scope, &id);
    }
    for item in new {
        txn.put(scope, item);
    }
    written
}

fn event(scope: &Scope, alarm: &AnyAlarm, now: Timestamp) -> Event {
    let what = match alarm.state().value {
        StateValue::Ok => "alarm-ok",
        StateValue::Alarm => "alarm-raised",
        StateValue::InsufficientData => "alarm-insufficient-data",
    };
    Event {
        at: now,
        scope: scope.clone(),
        subject: alarm.name().to_owned(),
        what: what.to_owned(),
        message: alarm.state().reason.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Tags, cloudwatch::alarm::Actions};
    use std::convert::Infallible;
    use store::Store;

    fn composite(description: Option<&str>) -> CompositeAlarm {
        let now = Timestamp::from_seconds(0);
        CompositeAlarm {
            arn: Alarm::arn_of(&scope(), "both"),
            name: "both".to_owned(),
            description: description.map(str::to_owned),
            actions_enabled: true,
            actions: Actions::default(),
            rule: "TRUE".to_owned(),
            tags: Tags::default(),
            configured_at: now,
            state: AlarmState::initial(now),
        }
    }

    fn scope() -> Scope {
        Scope::new("123456789012", "us-east-1")
    }

    /// Stores `stored` and writes what was decided about `seen`; the state after it.
    async fn state_after(stored: Option<CompositeAlarm>, seen: CompositeAlarm) -> Option<StateValue> {
        let store = Store::in_memory();
        let now = Timestamp::from_seconds(60);
        let state = seen.state.becomes(StateValue::Alarm, "because".to_owned(), None, now);
        let change = Change::composite(scope(), Arc::new(seen), state);
        let work = |txn: &mut Transaction| -> Result<(), Infallible> {
            if let Some(stored) = stored.clone() {
                txn.put(&scope(), stored);
            }
            apply(txn, &change, &mut || 7, now);
            Ok(())
        };
        store.transact(work).await.unwrap();
        store.view().get::<CompositeAlarm>(&scope(), "both").map(|alarm| alarm.state.value)
    }

    #[tokio::test]
    async fn what_was_decided_on_another_definition_is_not_written() {
        assert_eq!(state_after(Some(composite(None)), composite(None)).await, Some(StateValue::Alarm));
        let changed = state_after(Some(composite(Some("new"))), composite(None)).await;
        assert_eq!(changed, Some(StateValue::InsufficientData));
        assert_eq!(state_after(None, composite(None)).await, None, "a deleted alarm does not come back");
    }
}
