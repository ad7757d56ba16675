//! DECIDER: the metrics of a group in namespace `AWS/AutoScaling`, one value a minute each (Auto Scaling user guide,
//! group metrics).

use super::{
    group::AutoScalingGroup,
    member::{GroupInstance, LifecycleState},
};

/// The namespace.
pub const NAMESPACE: &str = "AWS/AutoScaling";
/// Their only dimension.
pub const DIMENSION: &str = "AutoScalingGroupName";
/// How often they are published, in seconds (`1Minute`).
pub const PERIOD_SECONDS: u32 = 60;

/// How a metric comes from a group.
type Measure = fn(&AutoScalingGroup) -> u32;

/// All, in the order of the API. Without weights, capacities are numbers of instances.
const METRICS: [(&str, Measure); 20] = [
    ("GroupMinSize", |group| group.minimum),
    ("GroupMaxSize", |group| group.maximum),
    ("GroupDesiredCapacity", |group| group.desired),
    ("GroupInServiceInstances", in_service),
    ("GroupPendingInstances", pending),
    ("GroupStandbyInstances", standby),
    ("GroupTerminatingInstances", terminating),
    ("GroupTotalInstances", total),
    ("GroupInServiceCapacity", in_service),
    ("GroupPendingCapacity", pending),
    ("GroupStandbyCapacity", standby),
    ("GroupTerminatingCapacity", terminating),
    ("GroupTotalCapacity", total),
    ("WarmPoolMinSize", |group| group.warm_pool.as_ref().map_or(0, |pool| pool.minimum_size)),
    ("WarmPoolDesiredCapacity", warm_desired),
    ("WarmPoolPendingCapacity", warm_pending),
    ("WarmPoolTerminatingCapacity", warm_terminating),
    ("WarmPoolWarmedCapacity", warmed),
    ("WarmPoolTotalCapacity", warm_total),
    ("GroupAndWarmPoolDesiredCapacity", |group| group.desired + warm_desired(group)),
];
/// Together with [`METRICS`].
const GROUP_AND_WARM_TOTAL: &str = "GroupAndWarmPoolTotalCapacity";

/// The names that EnableMetricsCollection knows.
pub fn names() -> impl Iterator<Item = &'static str> {
    METRICS.iter().map(|(name, _)| *name).chain([GROUP_AND_WARM_TOTAL])
}

/// The present values of the metrics that the group publishes.
pub fn values(group: &AutoScalingGroup) -> Vec<(&'static str, f64)> {
    let both: (&'static str, Measure) = (GROUP_AND_WARM_TOTAL, |group| total(group) + warm_total(group));
    let enabled = METRICS.iter().copied().chain([both]).filter(|(name, _)| group.enabled_metrics.contains(*name));
    enabled.map(|(name, measure)| (name, f64::from(measure(group)))).collect()
}

fn count(group: &AutoScalingGroup, which: impl Fn(&GroupInstance) -> bool) -> u32 {
    u32::try_from(group.members.values().filter(|member| which(member)).count()).unwrap_or(u32::MAX)
}

fn in_service(group: &AutoScalingGroup) -> u32 {
    count(group, |member| member.lifecycle == LifecycleState::InService)
}

fn pending(group: &AutoScalingGroup) -> u32 {
    count(group, |member| member.lifecycle.is_pending())
}

fn standby(group: &AutoScalingGroup) -> u32 {
    count(group, |member| matches!(member.lifecycle, LifecycleState::Standby | LifecycleState::EnteringStandby))
}

fn terminating(group: &AutoScalingGroup) -> u32 {
    count(group, |member| member.lifecycle.is_terminating() && !member.lifecycle.is_warm())
}

fn total(group: &AutoScalingGroup) -> u32 {
    count(group, |member| !member.lifecycle.is_warm())
}

fn warm_pending(group: &AutoScalingGroup) -> u32 {
    use LifecycleState::{WarmedPending, WarmedPendingProceed, WarmedPendingWait};
    count(group, |member| matches!(member.lifecycle, WarmedPending | WarmedPendingWait | WarmedPendingProceed))
}

fn warm_terminating(group: &AutoScalingGroup) -> u32 {
    count(group, |member| member.lifecycle.is_terminating() && member.lifecycle.is_warm())
}

fn warmed(group: &AutoScalingGroup) -> u32 {
    count(group, |member| matches!(member.lifecycle, LifecycleState::WarmedStopped | LifecycleState::WarmedRunning))
}

fn warm_total(group: &AutoScalingGroup) -> u32 {
    count(group, |member| member.lifecycle.is_warm())
}

/// The size that a warm pool should have: what is prepared in all, less what is desired.
pub fn warm_desired(group: &AutoScalingGroup) -> u32 {
    group.warm_pool.as_ref().filter(|pool| !pool.deleting).map_or(0, |pool| {
        let prepared = pool.maximum_prepared_capacity.unwrap_or(group.maximum);
        prepared.saturating_sub(group.desired).max(pool.minimum_size)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_not_used_twice() {
        let distinct: BTreeSet<&str> = names().collect();
        assert_eq!(distinct.len(), names().count());
        assert_eq!(names().count(), 21);
    }
}
