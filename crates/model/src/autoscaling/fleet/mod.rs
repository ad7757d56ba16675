//! DECIDER: what becomes of a group's members: launch, register, wait, serve, drain, terminate, replace.
//!
//! One call takes one step of every member and of the group, and says what is to be done outside the group's record.
//! All of it happens in one transaction, so that a launch is never made twice. It knows no metrics and no policies:
//! the desired capacity is in the group, replacements that a refresh wants are in its [`Orders`].

mod activities;
mod attachments;
mod entering;
mod health;
mod hooks;
mod launches;
mod leaving;
mod lifecycle;
pub mod order;
mod rebalance;
mod replacement;
mod scaling;
mod simple_scaling;
mod step;
mod termination;
#[cfg(test)]
mod tests;
mod unhealthy;
mod warm;
mod zones;

pub use launches::{launch_failed, launched};
pub use order::{Decision, Effect, Facts, InstanceFacts, LaunchOrder, Notice, Orders, Replacement, TargetHealth};

use super::group::AutoScalingGroup;
use crate::{IdSource, Timestamp};
use step::Step;

/// One step. The caller carries the effects out in the same transaction and looks again at once if anything changed;
/// the same world looked at again changes nothing.
pub fn decide(
    group: &AutoScalingGroup,
    facts: &Facts,
    orders: &Orders,
    now: Timestamp,
    ids: &mut dyn IdSource,
) -> Decision {
    let mut step = Step::new(group, facts, orders, now, ids);
    lifecycle::advance(&mut step);
    attachments::advance(&mut step);
    if group.deleting.is_some() {
        leaving::empty(&mut step);
    } else {
        health::observe(&mut step);
        unhealthy::replace(&mut step);
        replacement::replace(&mut step);
        rebalance::finish(&mut step);
        scaling::follow(&mut step);
        rebalance::begin(&mut step);
        warm::fill(&mut step);
        simple_scaling::end(&mut step);
    }
    step.decision()
}
