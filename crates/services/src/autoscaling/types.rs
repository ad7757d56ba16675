//! The Describe…Types operations, account limits, and the names behind them: fixed lists of the API.

use api::autoscaling::types as shape;
use model::autoscaling::group::{AutoScalingGroup, TerminationPolicy};
use model::autoscaling::launch_configuration::LaunchConfiguration;
use model::autoscaling::lifecycle_hook::Transition;
use model::autoscaling::notification;
use model::autoscaling::process::Process;

use super::errors::{Error, Quota, invalid, shown};
use crate::context::Context;

/// What policies can do to a capacity.
pub(super) const ADJUSTMENT_TYPES: [&str; 3] = ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"];

/// In the order of the API.
pub(super) const TERMINATION_POLICIES: [(&str, TerminationPolicy); 7] = [
    ("AllocationStrategy", TerminationPolicy::AllocationStrategy),
    ("ClosestToNextInstanceHour", TerminationPolicy::ClosestToNextInstanceHour),
    ("Default", TerminationPolicy::Default),
    ("NewestInstance", TerminationPolicy::NewestInstance),
    ("OldestInstance", TerminationPolicy::OldestInstance),
    ("OldestLaunchConfiguration", TerminationPolicy::OldestLaunchConfiguration),
    ("OldestLaunchTemplate", TerminationPolicy::OldestLaunchTemplate),
];

/// The name of a termination policy.
pub(super) fn termination_policy_name(policy: TerminationPolicy) -> &'static str {
    let found = TERMINATION_POLICIES.iter().find(|(_, known)| *known == policy);
    found.map_or("Default", |(name, _)| name)
}

/// The termination policy of a name.
pub(super) fn termination_policy(name: &str) -> Result<TerminationPolicy, Error> {
    if name.starts_with("arn:") {
        let message = "TerminationPolicies: Goru has no Lambda functions; use one of AWS's policies";
        return Err(Error::NotOffered(message.into()));
    }
    let found = TERMINATION_POLICIES.iter().find(|(known, _)| *known == name);
    found.map(|(_, policy)| *policy).ok_or_else(|| {
        let known: Vec<&str> = TERMINATION_POLICIES.iter().map(|(name, _)| *name).collect();
        invalid(format!("`{}` is no termination policy; there are {}", shown(name), known.join(", ")))
    })
}

pub(super) fn adjustment_types() -> Result<shape::DescribeAdjustmentTypesAnswer, Error> {
    let named = |name: &str| shape::AdjustmentType { adjustment_type: Some(name.to_owned()) };
    Ok(shape::DescribeAdjustmentTypesAnswer { adjustment_types: Some(ADJUSTMENT_TYPES.map(named).to_vec()) })
}

pub(super) fn notification_types() -> Result<shape::DescribeAutoScalingNotificationTypesAnswer, Error> {
    let types = notification::TYPES.map(str::to_owned).to_vec();
    Ok(shape::DescribeAutoScalingNotificationTypesAnswer { auto_scaling_notification_types: Some(types) })
}

pub(super) fn lifecycle_hook_types() -> Result<shape::DescribeLifecycleHookTypesAnswer, Error> {
    let types = [Transition::Launching, Transition::Terminating].map(|transition| transition.name().to_owned());
    Ok(shape::DescribeLifecycleHookTypesAnswer { lifecycle_hook_types: Some(types.to_vec()) })
}

pub(super) fn process_types() -> Result<shape::ProcessesType, Error> {
    let named = |process: Process| shape::ProcessType { process_name: Some(process.name().to_owned()) };
    Ok(shape::ProcessesType { processes: Some(Process::ALL.map(named).to_vec()) })
}

pub(super) fn termination_policy_types() -> Result<shape::DescribeTerminationPolicyTypesAnswer, Error> {
    let types = TERMINATION_POLICIES.map(|(name, _)| name.to_owned()).to_vec();
    Ok(shape::DescribeTerminationPolicyTypesAnswer { termination_policy_types: Some(types) })
}

pub(super) fn account_limits(cx: &Context) -> Result<shape::DescribeAccountLimitsAnswer, Error> {
    let (view, scope) = (cx.store.view(), cx.scope());
    let count = |number: usize| Some(i32::try_from(number).unwrap_or(i32::MAX));
    Ok(shape::DescribeAccountLimitsAnswer {
        max_number_of_auto_scaling_groups: count(Quota::Groups.limit()),
        max_number_of_launch_configurations: count(Quota::LaunchConfigurations.limit()),
        number_of_auto_scaling_groups: count(view.list::<AutoScalingGroup>(&scope).count()),
        number_of_launch_configurations: count(view.list::<LaunchConfiguration>(&scope).count()),
    })
}
