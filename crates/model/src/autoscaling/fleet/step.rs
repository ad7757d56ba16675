//! One step of the fleet while it is being decided: the group as it becomes, and what is to be done.
//!
//! It also keeps what is held back and why: each reason is written down when it begins or when its figures change, not
//! each time that somebody looks.

use super::{Decision, Effect, Facts, LaunchOrder, Orders};
use crate::{
    IdSource, Timestamp,
    autoscaling::{
        activity::ScalingActivity,
        decision::{Outcome, ScalingDecision},
        group::AutoScalingGroup,
        member::GroupInstance,
        process::Process,
    },
};
use std::collections::BTreeMap;

/// See the module.
pub(super) struct Step<'a> {
    pub group: AutoScalingGroup,
    pub facts: &'a Facts,
    pub orders: &'a Orders,
    pub now: Timestamp,
    pub ids: &'a mut dyn IdSource,
    pub effects: Vec<Effect>,
    /// Instances for the group itself that this step orders, by zone; they count although they are no members yet.
    pub ordered: BTreeMap<String, u32>,
    /// Members beyond the desired capacity that scale-in leaves alone because something is being replaced.
    pub surplus_allowed: u32,
    /// Members beyond the desired capacity that are to be launched now.
    pub surplus_wanted: u32,
    /// Activities that are new or have changed.
    pub changed: BTreeMap<String, ScalingActivity>,
    held: BTreeMap<String, String>,
    next: Option<Timestamp>,
}

impl<'a> Step<'a> {
    pub fn new(
        group: &AutoScalingGroup,
        facts: &'a Facts,
        orders: &'a Orders,
        now: Timestamp,
        ids: &'a mut dyn IdSource,
    ) -> Self {
        Self {
            group: group.clone(),
            facts,
            orders,
            now,
            ids,
            effects: Vec::new(),
            ordered: BTreeMap::new(),
            surplus_allowed: 0,
            surplus_wanted: 0,
            changed: BTreeMap::new(),
            held: BTreeMap::new(),
            next: None,
        }
    }

    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Looks again then; what is past has been seen.
    pub fn wake(&mut self, at: Timestamp) {
        if at > self.now {
            self.next = Some(self.next.map_or(at, |next| next.min(at)));
        }
    }

    pub fn runs(&self, process: Process) -> bool {
        self.group.runs(process)
    }

    /// Members that count toward the desired capacity, those ordered in this step included.
    pub fn counting(&self) -> u32 {
        size(self.group.counting()) + self.ordered.values().sum::<u32>()
    }

    /// An instance is ordered, its activity included.
    pub fn order(&mut self, order: LaunchOrder) {
        if !order.warm {
            *self.ordered.entry(order.zone.clone()).or_default() += 1;
        }
        self.effect(Effect::Launch(order));
    }

    /// Writes a decision down.
    pub fn decide(&mut self, origin: &str, outcome: Outcome, to: u32, why: String) {
        let decision = ScalingDecision {
            group: self.group.name.clone(),
            sequence: 0,
            at: self.now,
            last_at: self.now,
            times: 1,
            origin: origin.to_owned(),
            outcome,
            from: self.group.desired,
            to,
            why,
        };
        self.effect(Effect::Decide(decision));
    }

    /// Something is held back; written down once for each `why`. Gives whether this is news.
    pub fn hold(&mut self, origin: &str, outcome: Outcome, why: String) -> bool {
        let known = self.group.fleet.held.contains_key(&why) || self.held.contains_key(&why);
        if !known {
            self.decide(origin, outcome, self.group.desired, why.clone());
        }
        self.held.insert(why, origin.to_owned());
        !known
    }

    /// The member's instance as EC2 knows it runs.
    pub fn is_running(&self, member: &GroupInstance) -> bool {
        use crate::ec2::instance::InstanceState::Running;
        self.facts.instances.get(&member.instance_id).is_some_and(|instance| instance.state == Running)
    }

    /// The decision, with each activity once, as it is in the end.
    pub fn decision(mut self) -> Decision {
        if self.counting() == self.group.desired && self.ordered.is_empty() {
            self.group.capacity_cause = None;
        }
        self.group.fleet.held = self.held;
        let known = &self.facts.activities;
        let changed = self.changed.into_iter().filter(|(id, activity)| known.get(id) != Some(activity));
        self.effects.extend(changed.map(|(_, activity)| Effect::Activity(activity)));
        Decision { group: self.group, effects: self.effects, next: self.next }
    }
}

/// How many; groups are far smaller than the limit.
pub(super) fn size<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
