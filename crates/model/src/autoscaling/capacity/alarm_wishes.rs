//! The wishes of alarms, weighed against each other: out if any wants to, the most wins; in only when none wants out, to
//! the most that any of them needs, and by target tracking only when all its policies agree.

use super::{
    CapacityFacts, Step,
    wish::{self, NoWish, Wish},
};
use crate::autoscaling::{
    decision::Outcome,
    group::{ScaleInWish, SimpleScaling},
    policy::{PolicyKind, ScalingPolicy},
    process::Process,
    trigger::PolicyTrigger,
};
use std::time::Duration;

/// For how long a target tracking policy's wish for less counts as its agreement: its alarm repeats it each minute.
pub const AGREEMENT: Duration = Duration::from_secs(90);

/// A wish that could be followed.
struct Candidate<'a> {
    policy: &'a ScalingPolicy,
    trigger: &'a PolicyTrigger,
    /// Within the limits, and not the present capacity.
    to: u32,
    figures: String,
}

/// Answers all wishes. Scale-in does not go below `floor`.
pub(super) fn follow(step: &mut Step<'_>, facts: &CapacityFacts, floor: u32) {
    if facts.triggers.is_empty() {
        return;
    }
    forget_old_wishes(step, facts);
    let mut candidates = Vec::new();
    for trigger in &facts.triggers {
        candidates.extend(weigh(step, facts, trigger, floor));
    }
    let out = candidates.iter().any(|candidate| candidate.to > step.decision.desired);
    let desired = step.decision.desired;
    let eligible = candidates.iter().filter(|candidate| !out || candidate.to > desired);
    // The first of several that want the same: the order of the wishes is that of policies and alarms.
    let Some(most) = eligible.clone().map(|candidate| candidate.to).max() else { return };
    let Some(winner) = eligible.clone().position(|candidate| candidate.to == most) else { return };
    let winner = eligible.clone().nth(winner).map(|candidate| candidate.trigger.id());
    let (won, lost): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|one| Some(one.trigger.id()) == winner);
    for candidate in &won {
        for loser in &lost {
            lose(step, loser, candidate);
        }
        win(step, candidate);
    }
}

/// One wish: a candidate, or a record of why it is none.
fn weigh<'a>(
    step: &mut Step<'_>,
    facts: &'a CapacityFacts,
    trigger: &'a PolicyTrigger,
    floor: u32,
) -> Option<Candidate<'a>> {
    let Some(policy) = facts.policies.iter().find(|policy| policy.arn == trigger.policy_arn) else {
        let name = ScalingPolicy::name_of(&trigger.policy_arn).unwrap_or_default().to_owned();
        let why = format!("{}; the policy does not exist any more", shown(trigger));
        step.record(&name, Outcome::Held, step.decision.desired, why);
        return None;
    };
    let answer = blocked(step, policy)
        .map_or_else(|| wish::of(step, policy, &trigger.alarm_arn, trigger.value, trigger.threshold), Err)
        .and_then(|wish| within_limits(step, wish, floor))
        .and_then(|(to, figures)| agreed(step, facts, policy, to, figures));
    match answer {
        Ok((to, figures)) => Some(Candidate { policy, trigger, to, figures }),
        Err(NoWish { outcome, to, why }) => {
            step.record(&policy.name, outcome, to, format!("{}; {why}", shown(trigger)));
            None
        }
    }
}

/// What keeps a policy from doing anything.
fn blocked(step: &Step<'_>, policy: &ScalingPolicy) -> Option<NoWish> {
    let nothing = |outcome, why: &str| Some(NoWish { outcome, to: step.decision.desired, why: why.to_owned() });
    if !policy.enabled {
        return nothing(Outcome::Held, "the policy is disabled");
    }
    if !step.group.runs(Process::AlarmNotification) {
        return nothing(Outcome::Suspended, "AlarmNotification is suspended");
    }
    None
}

/// The wish within the group's limits and not below the floor of forecasts; none if nothing is left of it.
fn within_limits(step: &Step<'_>, wish: Wish, floor: u32) -> Result<(u32, String), NoWish> {
    let (desired, minimum, maximum) = (step.decision.desired, step.decision.minimum, step.decision.maximum);
    let Wish { to: wanted, figures } = wish;
    let limited = wish::limited(step, wanted);
    let to = if limited < desired { limited.max(floor.min(desired)) } else { limited };
    if to != desired {
        let limits = if i64::from(to) == wanted { String::new() } else { format!(", limited from {wanted}") };
        return Ok((to, format!("{figures}{limits}")));
    }
    let why = format!("{figures}; would go {desired} -> {wanted}");
    Err(if wanted == i64::from(desired) {
        NoWish { outcome: Outcome::NoChange, to, why: format!("{figures}; the capacity is {desired} already") }
    } else if limited != desired {
        NoWish { outcome: Outcome::Held, to: limited, why: format!("{why}, but {floor} are forecast to be needed") }
    } else {
        NoWish { outcome: Outcome::AtLimit, to, why: format!("{why}, outside min {minimum}, max {maximum}") }
    })
}

/// Target tracking takes capacity away only when all policies that may do so want to; then the most careful counts.
fn agreed(
    step: &mut Step<'_>,
    facts: &CapacityFacts,
    policy: &ScalingPolicy,
    to: u32,
    figures: String,
) -> Result<(u32, String), NoWish> {
    let others: Vec<&ScalingPolicy> = facts.policies.iter().filter(|other| shrinks(other)).collect();
    if to > step.decision.desired || !shrinks(policy) || others.len() < 2 {
        return Ok((to, figures));
    }
    let wishes = &mut step.decision.memory.scale_in_wishes;
    wishes.insert(policy.name.clone(), ScaleInWish { at: step.now, to });
    if let Some(other) = others.iter().find(|other| !wishes.contains_key(&other.name)) {
        let why = format!("{figures}; would go to {to}, but policy {} does not want less", other.name);
        return Err(NoWish { outcome: Outcome::Held, to, why });
    }
    let most = wishes.values().map(|wish| wish.to).max().unwrap_or(to);
    Ok((most, figures))
}

/// Whether a policy is one whose agreement is needed.
fn shrinks(policy: &ScalingPolicy) -> bool {
    matches!(&policy.kind, PolicyKind::TargetTracking(tracking) if !tracking.disable_scale_in) && policy.enabled
}

fn forget_old_wishes(step: &mut Step<'_>, facts: &CapacityFacts) {
    let now = step.now;
    let current = |name: &String| facts.policies.iter().any(|policy| policy.name == *name && shrinks(policy));
    // Somebody else may have changed the capacity since: a wish that is no wish for less any more does not count.
    let desired = step.decision.desired;
    let fresh = |wish: &ScaleInWish| now.since(wish.at) <= AGREEMENT && wish.to < desired;
    step.decision.memory.scale_in_wishes.retain(|name, wish| fresh(wish) && current(name));
}

fn win(step: &mut Step<'_>, candidate: &Candidate<'_>) {
    let Candidate { policy, trigger, to, figures } = candidate;
    let why = format!("{}; {figures}; {} -> {to}", shown(trigger), step.decision.desired);
    step.record(&policy.name, Outcome::Done, *to, why);
    let text = format!("a monitor alarm {} in state ALARM triggered policy {}", trigger.alarm_name, policy.name);
    step.change(*to, &text);
    step.cool_down(policy);
}

fn lose(step: &mut Step<'_>, loser: &Candidate<'_>, winner: &Candidate<'_>) {
    let (desired, to) = (step.decision.desired, loser.to);
    let why = format!(
        "{}; {}; would go {desired} -> {to}, but policy {} goes to {}",
        shown(loser.trigger),
        loser.figures,
        winner.policy.name,
        winner.to
    );
    step.record(&loser.policy.name, Outcome::Held, to, why);
}

impl Step<'_> {
    /// After a change by a simple policy the next one waits.
    pub(super) fn cool_down(&mut self, policy: &ScalingPolicy) {
        if let PolicyKind::Simple(simple) = &policy.kind {
            self.decision.simple_scaling = Some(SimpleScaling {
                policy: policy.name.clone(),
                at: self.now,
                cooldown_seconds: simple.cooldown_seconds.unwrap_or(self.group.default_cooldown_seconds),
                ended_at: None,
            });
        }
    }
}

/// `alarm cpu-high: 74.2 > 70`
/// A value for people: two decimals at the most.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn shown(trigger: &PolicyTrigger) -> String {
    let name = &trigger.alarm_name;
    match (trigger.value, trigger.threshold) {
        (Some(value), Some(threshold)) => {
            let sign = value.partial_cmp(&threshold).map_or("against", |order| match order {
                std::cmp::Ordering::Less => "<",
                std::cmp::Ordering::Equal => "=",
                std::cmp::Ordering::Greater => ">",
            });
            format!("alarm {name}: {} {sign} {threshold}", rounded(value))
        }
        (Some(value), None) => format!("alarm {name}: {}", rounded(value)),
        (None, _) => format!("alarm {name}: no data"),
    }
}
