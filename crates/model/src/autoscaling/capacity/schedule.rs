//! Scheduled actions that are due.

use super::Step;
use crate::{
    Timestamp,
    autoscaling::{
        constraints::Origin,
        decision::Outcome,
        process::Process,
        scheduled_action::{MAXIMUM_DELAY, ScheduledAction},
    },
};

/// Runs what is due in the order of the starts, and says when the next one is.
pub(super) fn run(step: &mut Step<'_>, actions: &[ScheduledAction]) {
    let mut due: Vec<(Timestamp, &ScheduledAction)> = Vec::new();
    for action in actions {
        match action.due(step.now) {
            Some(start) => due.push((start, action)),
            None => step.wake(action.next_start),
        }
    }
    due.sort_by(|(one, first), (other, second)| (one, &first.name).cmp(&(other, &second.name)));
    for (start, action) in due {
        run_one(step, start, action);
        match action.after(step.now) {
            Some(next) => {
                step.wake(next.next_start);
                step.decision.changed_actions.push(next);
            }
            None => step.decision.removed_actions.push(action.clone()),
        }
    }
}

fn run_one(step: &mut Step<'_>, start: Timestamp, action: &ScheduledAction) {
    let origin = format!("scheduled action {}", action.name);
    let wanted = action.desired.unwrap_or(step.decision.desired);
    let late = step.now.since(start);
    if !step.group.runs(Process::ScheduledActions) {
        let why = format!("due at {start}; ScheduledActions is suspended, so this start is skipped");
        step.record(&origin, Outcome::Suspended, wanted, why);
    } else if late > MAXIMUM_DELAY {
        let why = format!("due at {start}, {} s ago; so old a start is not made up for", late.as_secs());
        step.record(&origin, Outcome::Failed, wanted, why);
    } else {
        constrain(step, &origin, start, action);
    }
}

fn constrain(step: &mut Step<'_>, origin: &str, start: Timestamp, action: &ScheduledAction) {
    let mut group = step.group.clone();
    step.decision.apply_to(&mut group);
    let (before, late) = (group.desired, step.now.since(start).as_secs());
    let figures = format!(
        "due at {start} ({late} s ago); min {}, max {}, desired {}",
        shown(action.minimum),
        shown(action.maximum),
        shown(action.desired)
    );
    if let Err(error) = group.constrain(action.constraints(), Origin::ScheduledAction, step.now) {
        let wanted = action.desired.unwrap_or(before);
        step.record(origin, Outcome::Failed, wanted, format!("{figures}; {error}"));
        return;
    }
    let limits = (step.decision.minimum, step.decision.maximum) != (group.minimum, group.maximum);
    let outcome = if group.desired != before || limits { Outcome::Done } else { Outcome::NoChange };
    step.record(origin, outcome, group.desired, format!("{figures}; {before} -> {}", group.desired));
    (step.decision.minimum, step.decision.maximum) = (group.minimum, group.maximum);
    if group.desired != before {
        step.decision.desired = group.desired;
        step.decision.cause = group.capacity_cause;
        step.decision.memory.scale_in_wishes.clear();
    }
}

/// A number, or that it stays.
fn shown(number: Option<u32>) -> String {
    number.map_or_else(|| "as it is".to_owned(), |number| number.to_string())
}
