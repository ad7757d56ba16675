//! DECIDER: the desired capacity of a group: what scheduled actions, forecasts and the wishes of alarms make of it (Auto
//! Scaling user guide, scaling policies).
//!
//! Every wish is answered with a record that says why it was or was not followed, and is used up by that: an alarm repeats
//! its wish each minute. Nothing is launched or terminated here; [`super::fleet`] follows the desired capacity.

mod alarm_wishes;
mod execute;
mod forecasts;
mod schedule;
mod wish;

#[cfg(test)]
mod tests;

pub use execute::{CannotExecute, Execution, execute};

use super::{
    decision::{Outcome, ScalingDecision},
    group::{AutoScalingGroup, CapacityCause, CapacityMemory, SimpleScaling},
    policy::ScalingPolicy,
    scheduled_action::ScheduledAction,
    trigger::PolicyTrigger,
};
use crate::Timestamp;

/// What is known beside the group.
#[derive(Clone, Debug, Default)]
pub struct CapacityFacts {
    /// The group's policies.
    pub policies: Vec<ScalingPolicy>,
    /// The wishes of alarms for them that wait.
    pub triggers: Vec<PolicyTrigger>,
    /// The group's scheduled actions.
    pub scheduled: Vec<ScheduledAction>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityDecision {
    /// MinSize from now on.
    pub minimum: u32,
    /// MaxSize from now on.
    pub maximum: u32,
    /// DesiredCapacity from now on.
    pub desired: u32,
    /// Why the desired capacity has changed; absent when it has not.
    pub cause: Option<CapacityCause>,
    /// Set when a simple scaling policy has changed it.
    pub simple_scaling: Option<SimpleScaling>,
    /// What is remembered.
    pub memory: CapacityMemory,
    /// All wishes that were given; they are answered.
    pub consumed: Vec<PolicyTrigger>,
    /// Scheduled actions that have run and will run again.
    pub changed_actions: Vec<ScheduledAction>,
    /// Scheduled actions that have run for the last time.
    pub removed_actions: Vec<ScheduledAction>,
    /// One for each wish and each scheduled action; the caller gives them their numbers.
    pub decisions: Vec<ScalingDecision>,
    /// When to look again without a change.
    pub next: Option<Timestamp>,
}

/// Decides once. The same facts without the wishes and actions that were answered change nothing more.
pub fn decide(group: &AutoScalingGroup, facts: &CapacityFacts, now: Timestamp) -> CapacityDecision {
    let mut step = Step::new(group, now);
    step.decision.consumed.clone_from(&facts.triggers);
    if group.deleting.is_none() {
        schedule::run(&mut step, &facts.scheduled);
        let floor = forecasts::follow(&mut step, &facts.policies);
        alarm_wishes::follow(&mut step, facts, floor);
    }
    step.decision
}

impl CapacityDecision {
    fn unchanged(group: &AutoScalingGroup) -> Self {
        Self {
            minimum: group.minimum,
            maximum: group.maximum,
            desired: group.desired,
            cause: None,
            simple_scaling: None,
            memory: group.capacity.clone(),
            consumed: Vec::new(),
            changed_actions: Vec::new(),
            removed_actions: Vec::new(),
            decisions: Vec::new(),
            next: None,
        }
    }

    /// Puts what was decided into the group.
    pub fn apply_to(&self, group: &mut AutoScalingGroup) {
        (group.minimum, group.maximum, group.desired) = (self.minimum, self.maximum, self.desired);
        group.capacity.clone_from(&self.memory);
        if self.cause.is_some() {
            group.capacity_cause.clone_from(&self.cause);
        }
        if self.simple_scaling.is_some() {
            group.simple_scaling.clone_from(&self.simple_scaling);
        }
    }
}

/// A decision that is being made.
struct Step<'a> {
    group: &'a AutoScalingGroup,
    now: Timestamp,
    decision: CapacityDecision,
}

impl<'a> Step<'a> {
    fn new(group: &'a AutoScalingGroup, now: Timestamp) -> Self {
        Self { group, now, decision: CapacityDecision::unchanged(group) }
    }

    /// Looks again then.
    fn wake(&mut self, at: Timestamp) {
        self.decision.next = Some(self.decision.next.map_or(at, |next| next.min(at)));
    }

    /// Writes down what became of a wish to go from the present capacity to `to`.
    fn record(&mut self, origin: &str, outcome: Outcome, to: u32, why: String) {
        self.decision.decisions.push(ScalingDecision {
            group: self.group.name.clone(),
            sequence: 0,
            at: self.now,
            last_at: self.now,
            times: 1,
            origin: origin.to_owned(),
            outcome,
            from: self.decision.desired,
            to,
            why,
        });
    }

    /// Changes the desired capacity, which is within the limits, because of `text`.
    fn change(&mut self, to: u32, text: &str) {
        let from = self.decision.desired;
        if from == to {
            return;
        }
        let text = format!("{text} changing the desired capacity from {from} to {to}");
        self.decision.cause = Some(CapacityCause { at: self.now, text });
        self.decision.desired = to;
        // What policies wished for was about another capacity.
        self.decision.memory.scale_in_wishes.clear();
    }
}
