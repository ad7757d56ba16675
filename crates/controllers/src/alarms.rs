//! Keeps true that alarms are in the state that their datapoints say, and that a change of state does what it is to do.
//!
//! Alarms are due on a grid: every ten seconds, minute or hour by their period, a second after the period's end. State,
//! history, messages and the wishes for scaling policies are one transaction, which looks whether the alarm is still the
//! one that was evaluated. What is decided is `model::cloudwatch::alarm_state`'s business; nothing is written while
//! nothing changes.

mod composite;
mod observe;
mod schedule;
mod write;

use crate::controller::{Context, Controller, ControllerError, Next};
use model::{
    Scope, Timestamp,
    cloudwatch::{
        alarm::Alarm,
        alarm_history::{AlarmHistoryItem, RETENTION},
        alarm_state::{self, Evaluation},
        composite_alarm::CompositeAlarm,
    },
};
use schedule::Schedule;
use std::{convert::Infallible, sync::Arc, time::Duration};
use store::{Kind, Revision, Transaction, View};
use write::Change;
pub(crate) use write::record;

/// How many alarms are evaluated before others get a turn, and written in one transaction at the most.
const BATCH: usize = 200;
/// Records that one transaction writes, roughly, before the rest goes into the next one.
const WRITES: usize = 4000;
/// How often history is looked through for what is too old.
const SWEEP: Duration = Duration::from_secs(3600);
/// Entries of history that are forgotten in one transaction at the most.
const SWEEP_BATCH: usize = 2000;

/// The controller.
pub struct Alarms {
    ids: fn() -> u64,
    schedule: Schedule,
    /// The newest revision of each kind of alarm that composite alarms and unannounced changes were looked at.
    seen: Option<(Revision, Revision)>,
    swept_at: Option<Timestamp>,
    evaluations: u64,
}

impl Alarms {
    /// `ids` gives numbers that were not handed out before, for the ids of messages.
    pub fn new(ids: fn() -> u64) -> Self {
        Self { ids, schedule: Schedule::default(), seen: None, swept_at: None, evaluations: 0 }
    }

    /// How many evaluations there have been.
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }
}

/// An alarm that was evaluated, and what to do about it.
struct Evaluated {
    scope: Scope,
    alarm: Arc<Alarm>,
    evaluation: Evaluation,
    repeats: bool,
}

impl Controller for Alarms {
    const NAME: &'static str = "alarms";
    const INTERESTS: &'static [Kind] = &[Kind::Alarm, Kind::CompositeAlarm];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        let now = cx.clock.now();
        self.announce(cx, now).await?;
        while let Some(tick) = self.schedule.due(&cx.store.view(), now) {
            self.evaluate(cx, &tick, now).await?;
            self.schedule.done(&tick);
        }
        self.follow(cx, now).await?;
        self.sweep(cx, now).await?;
        Ok(self.schedule.next(&cx.store.view(), now))
    }
}

impl Alarms {
    /// Carries out the actions of states that were set by SetAlarmState.
    async fn announce(&self, cx: &Context, now: Timestamp) -> Result<(), ControllerError> {
        let view = cx.store.view();
        if self.seen == Some(revisions(&view)) {
            return Ok(());
        }
        let metric = view.all::<Alarm>().filter(|(_, alarm)| alarm.state.unannounced.is_some());
        let composite = view.all::<CompositeAlarm>().filter(|(_, alarm)| alarm.state.unannounced.is_some());
        let mut changes: Vec<Change> = metric.map(|(scope, alarm)| Change::announce(scope, alarm)).collect();
        changes.extend(composite.map(|(scope, alarm)| Change::announce_composite(scope, alarm)));
        self.write(cx, changes, now).await
    }

    /// Evaluates the alarms of a tick, some at a time.
    async fn evaluate(&mut self, cx: &Context, tick: &schedule::Tick, now: Timestamp) -> Result<(), ControllerError> {
        for part in tick.alarms.chunks(BATCH) {
            let view = cx.store.view();
            let mut changes = Vec::new();
            for (scope, name) in part {
                let Some(alarm) = view.get::<Alarm>(scope, name) else { continue };
                let Some(points) = observe::points(cx, scope, &alarm, tick.at).await else { continue };
                self.evaluations += 1;
                let evaluation = alarm_state::decide(&alarm, &points, tick.at);
                let repeats = tick.repeats && alarm_state::repeats_actions(&alarm, tick.at);
                let evaluated = Evaluated { scope: scope.clone(), alarm, evaluation, repeats };
                changes.extend(Change::of(evaluated));
            }
            self.write(cx, changes, now).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Lets composite alarms follow the alarms in their rules.
    async fn follow(&mut self, cx: &Context, now: Timestamp) -> Result<(), ControllerError> {
        let view = cx.store.view();
        let revisions = revisions(&view);
        if self.seen == Some(revisions) {
            return Ok(());
        }
        self.write(cx, composite::changes(&view, now), now).await?;
        // What was written here comes back as a change of its own, and is looked at then.
        self.seen = Some(revisions);
        Ok(())
    }

    /// All changes, in as many transactions as it takes.
    async fn write(&self, cx: &Context, mut changes: Vec<Change>, now: Timestamp) -> Result<(), ControllerError> {
        while !changes.is_empty() {
            let ids = self.ids;
            let part = |txn: &mut Transaction| -> Result<usize, Infallible> {
                let mut written = 0;
                let mut done = 0;
                for change in changes.iter().take(BATCH) {
                    if written > WRITES {
                        break;
                    }
                    written += write::apply(txn, change, &mut ids.clone(), now);
                    done += 1;
                }
                Ok(done)
            };
            let done = cx.store.transact(part).await;
            let done = done.map_err(|error| ControllerError::of("writing the states of alarms", error))?;
            changes.drain(..done);
        }
        Ok(())
    }

    async fn sweep(&mut self, cx: &Context, now: Timestamp) -> Result<(), ControllerError> {
        // A clock that was set back must not make it wait until the old time comes again.
        if self.swept_at.is_some_and(|at| at <= now && now.since(at) < SWEEP) {
            return Ok(());
        }
        let items = cx.store.view().all::<AlarmHistoryItem>().collect::<Vec<_>>();
        let old: Vec<_> = items.into_iter().filter(|(_, item)| now.since(item.at) > RETENTION).collect();
        for part in old.chunks(SWEEP_BATCH) {
            let forget = |txn: &mut Transaction| -> Result<(), Infallible> {
                for (scope, item) in part {
                    txn.delete::<AlarmHistoryItem>(scope, item.id());
                }
                Ok(())
            };
            let done = cx.store.transact(forget).await;
            done.map_err(|error| ControllerError::of("forgetting the history of alarms", error))?;
        }
        self.swept_at = Some(now);
        Ok(())
    }
}

fn revisions(view: &View) -> (Revision, Revision) {
    (view.modified(Kind::Alarm), view.modified(Kind::CompositeAlarm))
}
