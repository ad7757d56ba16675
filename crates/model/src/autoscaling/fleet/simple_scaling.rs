//! The end of a simple scaling: its cooldown begins when the last launch or termination for it is over, draining
//! included, termination hooks not (Auto Scaling user guide, scaling cooldowns).

use super::step::Step;
use crate::autoscaling::member::{GroupInstance, LifecycleState};

/// Notes the end. A scaling that got stuck (launches fail, members are protected, a process is suspended) has ended too:
/// nothing that it caused is under way.
pub(super) fn end(step: &mut Step<'_>) {
    let Some(scaling) = step.group.simple_scaling.as_ref().filter(|scaling| scaling.ended_at.is_none()) else { return };
    let since = scaling.at;
    let under_way = |member: &GroupInstance| {
        let leaves = member.departure.as_ref().is_some_and(|departure| departure.at >= since);
        member.lifecycle.is_pending() || (member.lifecycle == LifecycleState::Terminating && leaves)
    };
    if !step.ordered.is_empty() || step.group.members.values().any(under_way) {
        return;
    }
    if let Some(scaling) = &mut step.group.simple_scaling {
        scaling.ended_at = Some(step.now);
    }
}
