//! Amazon EC2 Auto Scaling: groups, their launch configurations, members, hooks, tags and activities.
//!
//! Operations write what is wanted into a group's record; `controllers` makes it true by the deciders in
//! `model::autoscaling`. What a request makes of capacity and members is decided there as well.

mod activities;
mod decisions;
mod errors;
mod group_listing;
mod groups;
mod instance_refreshes;
mod instances;
mod launch_configurations;
mod launch_sources;
mod lifecycle_hooks;
mod metric_queries;
mod metrics_collection;
mod notifications;
mod places;
mod policies;
mod predictive;
mod processes;
mod resources;
mod scheduled_actions;
mod settings;
mod tags;
mod target_groups;
mod target_tracking;
mod types;
mod views;
mod warm_pools;

use api::autoscaling::Operation;
use wire::{AwsError, Value};

use crate::context::Context;
use crate::handler::{done, read, reply};

/// The operations of Auto Scaling.
///
/// # Errors
/// Those of the operation.
pub async fn dispatch(cx: &Context, operation: Operation, input: Value) -> Result<Value, AwsError> {
    match operation {
        Operation::AttachInstances => done(instances::attach(cx, read(input)?).await),
        Operation::AttachLoadBalancerTargetGroups => reply(target_groups::attach(cx, read(input)?).await),
        Operation::AttachLoadBalancers => reply(target_groups::attach_load_balancers(cx, read(input)?)),
        Operation::AttachTrafficSources => reply(target_groups::attach_sources(cx, read(input)?).await),
        Operation::BatchDeleteScheduledAction => reply(scheduled_actions::delete_batch(cx, read(input)?).await),
        Operation::BatchPutScheduledUpdateGroupAction => reply(scheduled_actions::put_batch(cx, read(input)?).await),
        Operation::CancelInstanceRefresh => reply(instance_refreshes::cancel(cx, read(input)?).await),
        Operation::CompleteLifecycleAction => reply(lifecycle_hooks::complete(cx, read(input)?).await),
        Operation::CreateAutoScalingGroup => done(groups::create(cx, read(input)?).await),
        Operation::CreateLaunchConfiguration => done(launch_configurations::create(cx, read(input)?).await),
        Operation::CreateOrUpdateTags => done(tags::create_or_update(cx, read(input)?).await),
        Operation::DeleteAutoScalingGroup => done(groups::delete(cx, read(input)?).await),
        Operation::DeleteLaunchConfiguration => done(launch_configurations::delete(cx, read(input)?).await),
        Operation::DeleteLifecycleHook => reply(lifecycle_hooks::delete(cx, read(input)?).await),
        Operation::DeleteNotificationConfiguration => done(notifications::delete(cx, read(input)?).await),
        Operation::DeletePolicy => done(policies::delete(cx, read(input)?).await),
        Operation::DeleteScheduledAction => done(scheduled_actions::delete(cx, read(input)?).await),
        Operation::DeleteTags => done(tags::delete(cx, read(input)?).await),
        Operation::DeleteWarmPool => reply(warm_pools::delete(cx, read(input)?).await),
        Operation::DescribeAccountLimits => reply(types::account_limits(cx)),
        Operation::DescribeAdjustmentTypes => reply(types::adjustment_types()),
        Operation::DescribeAutoScalingGroups => reply(group_listing::describe(cx, read(input)?)),
        Operation::DescribeAutoScalingInstances => reply(instances::describe(cx, read(input)?)),
        Operation::DescribeAutoScalingNotificationTypes => reply(types::notification_types()),
        Operation::DescribeInstanceRefreshes => reply(instance_refreshes::describe(cx, read(input)?)),
        Operation::DescribeLaunchConfigurations => reply(launch_configurations::describe(cx, read(input)?)),
        Operation::DescribeLifecycleHookTypes => reply(types::lifecycle_hook_types()),
        Operation::DescribeLifecycleHooks => reply(lifecycle_hooks::describe(cx, read(input)?)),
        Operation::DescribeLoadBalancerTargetGroups => reply(target_groups::describe(cx, read(input)?)),
        Operation::DescribeLoadBalancers => reply(target_groups::describe_load_balancers(cx, read(input)?)),
        Operation::DescribeMetricCollectionTypes => reply(metrics_collection::describe_types()),
        Operation::DescribeNotificationConfigurations => reply(notifications::describe(cx, read(input)?)),
        Operation::DescribePolicies => reply(policies::describe(cx, read(input)?)),
        Operation::DescribeScalingActivities => reply(activities::describe(cx, read(input)?)),
        Operation::DescribeScalingProcessTypes => reply(types::process_types()),
        Operation::DescribeScheduledActions => reply(scheduled_actions::describe(cx, read(input)?)),
        Operation::DescribeTags => reply(tags::describe(cx, read(input)?)),
        Operation::DescribeTerminationPolicyTypes => reply(types::termination_policy_types()),
        Operation::DescribeTrafficSources => reply(target_groups::describe_sources(cx, read(input)?)),
        Operation::DescribeWarmPool => reply(warm_pools::describe(cx, read(input)?)),
        Operation::DetachInstances => reply(instances::detach(cx, read(input)?).await),
        Operation::DetachLoadBalancerTargetGroups => reply(target_groups::detach(cx, read(input)?).await),
        Operation::DetachLoadBalancers => reply(target_groups::detach_load_balancers(cx, read(input)?)),
        Operation::DetachTrafficSources => reply(target_groups::detach_sources(cx, read(input)?).await),
        Operation::DisableMetricsCollection => done(metrics_collection::disable(cx, read(input)?).await),
        Operation::EnableMetricsCollection => done(metrics_collection::enable(cx, read(input)?).await),
        Operation::EnterStandby => reply(instances::enter_standby(cx, read(input)?).await),
        Operation::ExecutePolicy => done(policies::execute(cx, read(input)?).await),
        Operation::ExitStandby => reply(instances::exit_standby(cx, read(input)?).await),
        Operation::GetPredictiveScalingForecast => reply(predictive::forecast(cx, read(input)?)),
        Operation::PutLifecycleHook => reply(lifecycle_hooks::put(cx, read(input)?).await),
        Operation::PutNotificationConfiguration => done(notifications::put(cx, read(input)?).await),
        Operation::PutScalingPolicy => reply(policies::put(cx, read(input)?).await),
        Operation::PutScheduledUpdateGroupAction => done(scheduled_actions::put(cx, read(input)?).await),
        Operation::PutWarmPool => reply(warm_pools::put(cx, read(input)?).await),
        Operation::RecordLifecycleActionHeartbeat => reply(lifecycle_hooks::heartbeat(cx, read(input)?).await),
        Operation::ResumeProcesses => done(processes::resume(cx, read(input)?).await),
        Operation::RollbackInstanceRefresh => reply(instance_refreshes::roll_back(cx, read(input)?).await),
        Operation::SetDesiredCapacity => done(instances::set_desired_capacity(cx, read(input)?).await),
        Operation::SetInstanceHealth => done(instances::set_health(cx, read(input)?).await),
        Operation::SetInstanceProtection => reply(instances::protect(cx, read(input)?).await),
        Operation::StartInstanceRefresh => reply(instance_refreshes::start(cx, read(input)?).await),
        Operation::SuspendProcesses => done(processes::suspend(cx, read(input)?).await),
        Operation::TerminateInstanceInAutoScalingGroup => reply(instances::terminate(cx, read(input)?).await),
        Operation::UpdateAutoScalingGroup => done(groups::update(cx, read(input)?).await),
    }
}
