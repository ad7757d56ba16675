//! Instance refreshes: start, describe, cancel, roll back. What is replaced when is decided in `model`.

use std::sync::Arc;

use api::autoscaling::types as shape;
use model::autoscaling::group::{AutoScalingGroup, LaunchSource};
use model::autoscaling::instance_refresh::{
    InstanceRefresh, ProtectedInstances, RefreshPreferences, RefreshProgress, RefreshRollback, RefreshStatus,
    StandbyInstances,
};
use model::cloudwatch::alarm::Alarm;
use model::cloudwatch::composite_alarm::CompositeAlarm;
use model::id::uuid;
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, invalid, shown};
use super::launch_sources;
use super::resources::{self, DEFAULT_PAGE, MAXIMUM_PAGE, change, number, page_size, shown_number};
use super::views::Launch;
use crate::context::Context;
use crate::handler::to_wire;
use crate::pagination::Listing;

/// How far the two percentages can be apart (Auto Scaling API reference, RefreshPreferences).
const MAXIMUM_DIFFERENCE: u32 = 100;
/// The most alarms that a refresh watches (AlarmSpecification).
const MAXIMUM_ALARMS: usize = 10;

pub(super) async fn start(
    cx: &Context,
    input: shape::StartInstanceRefreshType,
) -> Result<shape::StartInstanceRefreshAnswer, AwsError> {
    let shape::StartInstanceRefreshType { auto_scaling_group_name, desired_configuration, preferences, strategy } =
        input;
    check_strategy(strategy)?;
    let preferences = read_preferences(preferences.unwrap_or_default())?;
    let id = cx.mint(uuid);
    let scope = cx.scope();
    change(cx, &auto_scaling_group_name, |txn, group| {
        if let Some(active) = active(txn.view(), cx, &group.name) {
            return Err(in_progress(&active));
        }
        check_alarms(txn.view(), cx, &preferences)?;
        let desired = desired(cx, txn.view(), group, desired_configuration.clone())?;
        let refresh = InstanceRefresh {
            number: next_number(txn.view(), cx, &group.name),
            ..new(cx, group, &id, desired, preferences.clone())
        };
        check_rollback(&refresh)?;
        txn.put(&scope, refresh);
        Ok(())
    })
    .await?;
    Ok(shape::StartInstanceRefreshAnswer { instance_refresh_id: Some(id) })
}

fn new(
    cx: &Context,
    group: &AutoScalingGroup,
    id: &str,
    desired_configuration: Option<LaunchSource>,
    preferences: RefreshPreferences,
) -> InstanceRefresh {
    InstanceRefresh {
        group: group.name.clone(),
        number: 1,
        id: id.to_owned(),
        status: RefreshStatus::Pending,
        status_reason: None,
        requested_at: cx.now,
        ended_at: None,
        desired_configuration,
        previous: group.launch.clone(),
        preferences,
        live: RefreshProgress::default(),
        warm: None,
        rollback: None,
        work: None,
    }
}

fn check_strategy(strategy: Option<shape::RefreshStrategy>) -> Result<(), Error> {
    match strategy {
        None | Some(shape::RefreshStrategy::Rolling) => Ok(()),
        Some(shape::RefreshStrategy::ReplaceRootVolume) => Err(Error::NotOffered(
            "Strategy ReplaceRootVolume: instances have no root volumes that could be replaced; use Rolling".into(),
        )),
    }
}

fn read_preferences(given: shape::RefreshPreferences) -> Result<RefreshPreferences, Error> {
    let shape::RefreshPreferences {
        alarm_specification,
        auto_rollback,
        bake_time,
        checkpoint_delay,
        checkpoint_percentages,
        instance_warmup,
        max_healthy_percentage,
        min_healthy_percentage,
        scale_in_protected_instances,
        skip_matching,
        standby_instances,
    } = given;
    let (minimum, maximum) = (min_healthy_percentage.map(number), max_healthy_percentage.map(number));
    check_percentages(minimum, maximum)?;
    let checkpoint_percentages: Vec<u32> = checkpoint_percentages.unwrap_or_default().into_iter().map(number).collect();
    check_checkpoints(&checkpoint_percentages, checkpoint_delay)?;
    let alarms = alarm_specification.and_then(|shape::AlarmSpecification { alarms }| alarms).unwrap_or_default();
    if alarms.len() > MAXIMUM_ALARMS {
        return Err(invalid(format!("AlarmSpecification names {} alarms; at most {MAXIMUM_ALARMS}", alarms.len())));
    }
    Ok(RefreshPreferences {
        minimum_healthy_percentage: minimum,
        maximum_healthy_percentage: maximum,
        instance_warmup_seconds: instance_warmup.map(number),
        checkpoint_percentages,
        checkpoint_delay_seconds: checkpoint_delay.map(number),
        skip_matching: skip_matching.unwrap_or(false),
        auto_rollback: auto_rollback.unwrap_or(false),
        protected: scale_in_protected_instances.map_or(ProtectedInstances::Wait, protected),
        standby: standby_instances.map_or(StandbyInstances::Wait, standby),
        alarms,
        bake_seconds: bake_time.map(number),
    })
}

fn check_percentages(minimum: Option<u32>, maximum: Option<u32>) -> Result<(), Error> {
    match (minimum, maximum) {
        (None, Some(_)) => Err(invalid("MaxHealthyPercentage needs MinHealthyPercentage beside it")),
        (Some(least), Some(most)) if most - least.min(most) > MAXIMUM_DIFFERENCE => Err(invalid(format!(
            "MinHealthyPercentage {least} and MaxHealthyPercentage {most} are more than {MAXIMUM_DIFFERENCE} apart"
        ))),
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

fn check_checkpoints(percentages: &[u32], delay: Option<i32>) -> Result<(), Error> {
    if percentages.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(invalid("CheckpointPercentages have to ascend, each once, for example 20, 50, 100"));
    }
    match (percentages.is_empty(), delay) {
        (true, Some(_)) => Err(invalid("CheckpointDelay needs CheckpointPercentages beside it")),
        (true, None) | (false, _) => Ok(()),
    }
}

const fn protected(given: shape::ScaleInProtectedInstances) -> ProtectedInstances {
    match given {
        shape::ScaleInProtectedInstances::Wait => ProtectedInstances::Wait,
        shape::ScaleInProtectedInstances::Ignore => ProtectedInstances::Ignore,
        shape::ScaleInProtectedInstances::Refresh => ProtectedInstances::Refresh,
    }
}

const fn standby(given: shape::StandbyInstances) -> StandbyInstances {
    match given {
        shape::StandbyInstances::Wait => StandbyInstances::Wait,
        shape::StandbyInstances::Ignore => StandbyInstances::Ignore,
        shape::StandbyInstances::Terminate => StandbyInstances::Terminate,
    }
}

fn check_alarms(view: &View, cx: &Context, preferences: &RefreshPreferences) -> Result<(), Error> {
    let scope = cx.scope();
    let there = |name: &String| view.contains::<Alarm>(&scope, name) || view.contains::<CompositeAlarm>(&scope, name);
    match preferences.alarms.iter().find(|name| !there(name)) {
        Some(name) => Err(invalid(format!("the alarm `{}` of AlarmSpecification does not exist", shown(name)))),
        None => Ok(()),
    }
}

/// The launch source of a DesiredConfiguration, which must be launchable now.
fn desired(
    cx: &Context,
    view: &View,
    group: &AutoScalingGroup,
    given: Option<shape::DesiredConfiguration>,
) -> Result<Option<LaunchSource>, Error> {
    let Some(shape::DesiredConfiguration { launch_template, mixed_instances_policy }) = given else { return Ok(None) };
    let given =
        launch_sources::Given { launch_configuration: None, template: launch_template, mixed: mixed_instances_policy };
    given.resolve(cx, view, Some(&group.launch))
}

/// What should be rolled back by itself must be able to.
fn check_rollback(refresh: &InstanceRefresh) -> Result<(), Error> {
    match refresh.reversible() {
        Err(why) if refresh.preferences.auto_rollback => {
            Err(invalid(format!("AutoRollback is not possible for this instance refresh: {why}")))
        }
        Err(_) | Ok(()) => Ok(()),
    }
}

fn in_progress(active: &InstanceRefresh) -> Error {
    Error::RefreshInProgress(format!(
        "instance refresh {} of Auto Scaling group `{}` is {}; wait for its end or cancel it",
        active.id,
        active.group,
        active.status.name()
    ))
}

/// All of a group, the oldest first.
fn of_group(view: &View, cx: &Context, group: &str) -> Vec<Arc<InstanceRefresh>> {
    view.range::<InstanceRefresh>(&cx.scope(), &AutoScalingGroup::prefix(group)).collect()
}

/// The one that is not over.
fn active(view: &View, cx: &Context, group: &str) -> Option<Arc<InstanceRefresh>> {
    of_group(view, cx, group).into_iter().find(|refresh| !refresh.status.is_over())
}

fn next_number(view: &View, cx: &Context, group: &str) -> u64 {
    of_group(view, cx, group).last().map_or(1, |newest| newest.number + 1)
}

/// Changes the refresh that is under way and gives its id.
async fn change_active(
    cx: &Context,
    group: &str,
    work: impl Fn(&mut InstanceRefresh) -> Result<(), Error>,
) -> Result<String, AwsError> {
    let scope = cx.scope();
    resources::change_always(cx, group, |txn: &mut Transaction, group| {
        let missing = || Error::RefreshNotFound(group.name.clone());
        let active = active(txn.view(), cx, &group.name).ok_or_else(missing)?;
        let mut refresh = InstanceRefresh::clone(&active);
        work(&mut refresh)?;
        txn.put(&scope, refresh);
        Ok(active.id.clone())
    })
    .await
}

/// Also ends a rollback. Asked again without waiting, it ends at once what was still waited for.
pub(super) async fn cancel(
    cx: &Context,
    input: shape::CancelInstanceRefreshType,
) -> Result<shape::CancelInstanceRefreshAnswer, AwsError> {
    let shape::CancelInstanceRefreshType { auto_scaling_group_name, wait_for_transitioning_instances } = input;
    let wait = wait_for_transitioning_instances.unwrap_or(true);
    let id = change_active(cx, &auto_scaling_group_name, |refresh| {
        refresh.cancel(wait);
        Ok(())
    })
    .await?;
    Ok(shape::CancelInstanceRefreshAnswer { instance_refresh_id: Some(id) })
}

pub(super) async fn roll_back(
    cx: &Context,
    input: shape::RollbackInstanceRefreshType,
) -> Result<shape::RollbackInstanceRefreshAnswer, AwsError> {
    let shape::RollbackInstanceRefreshType { auto_scaling_group_name } = input;
    let id = change_active(cx, &auto_scaling_group_name, |refresh| {
        check_can_roll_back(refresh)?;
        refresh.roll_back("A user request asked for the rollback.".to_owned(), cx.now);
        Ok(())
    })
    .await?;
    Ok(shape::RollbackInstanceRefreshAnswer { instance_refresh_id: Some(id) })
}

fn check_can_roll_back(refresh: &InstanceRefresh) -> Result<(), Error> {
    let refuse = |why: &dyn std::fmt::Display| {
        Err(Error::Irreversible(format!("instance refresh {} cannot be rolled back: {why}", refresh.id)))
    };
    match refresh.status {
        RefreshStatus::Pending | RefreshStatus::InProgress | RefreshStatus::Baking => {
            refresh.reversible().or_else(|why| refuse(&why))
        }
        RefreshStatus::RollbackInProgress => refuse(&"it is being rolled back already"),
        RefreshStatus::Cancelling => refuse(&"it is being cancelled"),
        RefreshStatus::Successful
        | RefreshStatus::Failed
        | RefreshStatus::Cancelled
        | RefreshStatus::RollbackFailed
        | RefreshStatus::RollbackSuccessful => Err(Error::RefreshNotFound(refresh.group.clone())),
    }
}

/// The newest first.
pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeInstanceRefreshesType,
) -> Result<shape::DescribeInstanceRefreshesAnswer, Error> {
    let shape::DescribeInstanceRefreshesType { auto_scaling_group_name, instance_refresh_ids, max_records, next_token } =
        input;
    let view = cx.store.view();
    let group = resources::group(&view, &cx.scope(), &auto_scaling_group_name)?;
    let ids = instance_refresh_ids.unwrap_or_default();
    let wanted = of_group(&view, cx, &group.name).into_iter().filter(|one| ids.is_empty() || ids.contains(&one.id));
    let keyed = wanted.map(|refresh| (format!("{:020}", u64::MAX - refresh.number), refresh));
    let listing = Listing { operation: "DescribeInstanceRefreshes", selection: &(&group.name, &ids) };
    let size = page_size(max_records, DEFAULT_PAGE, MAXIMUM_PAGE);
    let page = listing.page(cx, next_token.as_deref(), size, keyed)?.map(|refresh| to_shape(&group, &refresh));
    Ok(shape::DescribeInstanceRefreshesAnswer { instance_refreshes: Some(page.items), next_token: page.next })
}

fn to_shape(group: &AutoScalingGroup, refresh: &InstanceRefresh) -> shape::InstanceRefresh {
    let InstanceRefresh {
        group: name,
        number: _,
        id,
        status,
        status_reason,
        requested_at,
        ended_at,
        desired_configuration,
        previous: _,
        preferences,
        live,
        warm,
        rollback,
        work,
    } = refresh;
    // Before the first decision nobody has counted what there is to do.
    let progress = work.as_ref().map(|_| live.and(*warm));
    shape::InstanceRefresh {
        auto_scaling_group_name: Some(name.clone()),
        desired_configuration: desired_configuration.as_ref().map(desired_to_shape),
        end_time: ended_at.map(to_wire),
        instance_refresh_id: Some(id.clone()),
        instances_to_update: progress.map(|progress| shown_number(progress.to_update)),
        percentage_complete: progress.map(|progress| shown_number(progress.percentage())),
        preferences: Some(preferences_to_shape(group, preferences)),
        progress_details: progress.and_then(|_| details(*live, *warm)),
        rollback_details: rollback.as_ref().map(rollback_to_shape),
        start_time: Some(to_wire(*requested_at)),
        status: Some(status_to_shape(*status)),
        status_reason: status_reason.clone(),
        strategy: Some(shape::RefreshStrategy::Rolling),
    }
}

fn desired_to_shape(source: &LaunchSource) -> shape::DesiredConfiguration {
    let Launch { configuration: _, template, mixed } = Launch::of(source);
    shape::DesiredConfiguration { launch_template: template, mixed_instances_policy: mixed }
}

/// Both pools, if there is a warm one.
fn details(live: RefreshProgress, warm: Option<RefreshProgress>) -> Option<shape::InstanceRefreshProgressDetails> {
    let warm = warm?;
    Some(shape::InstanceRefreshProgressDetails {
        live_pool_progress: Some(shape::InstanceRefreshLivePoolProgress {
            instances_to_update: Some(shown_number(live.to_update)),
            percentage_complete: Some(shown_number(live.percentage())),
        }),
        warm_pool_progress: Some(shape::InstanceRefreshWarmPoolProgress {
            instances_to_update: Some(shown_number(warm.to_update)),
            percentage_complete: Some(shown_number(warm.percentage())),
        }),
    })
}

fn rollback_to_shape(rollback: &RefreshRollback) -> shape::RollbackDetails {
    let RefreshRollback { reason, started_at, live, warm } = rollback;
    let both = live.and(*warm);
    shape::RollbackDetails {
        instances_to_update_on_rollback: Some(shown_number(both.to_update)),
        percentage_complete_on_rollback: Some(shown_number(both.percentage())),
        progress_details_on_rollback: details(*live, *warm),
        rollback_reason: Some(reason.clone()),
        rollback_start_time: Some(to_wire(*started_at)),
    }
}

/// Preferences in force: what was not given is shown as it comes from the group.
fn preferences_to_shape(group: &AutoScalingGroup, preferences: &RefreshPreferences) -> shape::RefreshPreferences {
    let (minimum, maximum) = preferences.healthy_percentages(group);
    let warmup = preferences.warmup_seconds(group);
    let RefreshPreferences {
        minimum_healthy_percentage: _,
        maximum_healthy_percentage: _,
        instance_warmup_seconds: _,
        checkpoint_percentages,
        checkpoint_delay_seconds,
        skip_matching,
        auto_rollback,
        protected,
        standby,
        alarms,
        bake_seconds,
    } = preferences;
    let stepwise = !checkpoint_percentages.is_empty();
    let delay =
        checkpoint_delay_seconds.unwrap_or(model::autoscaling::instance_refresh::DEFAULT_CHECKPOINT_DELAY_SECONDS);
    shape::RefreshPreferences {
        alarm_specification: (!alarms.is_empty()).then(|| shape::AlarmSpecification { alarms: Some(alarms.clone()) }),
        auto_rollback: Some(*auto_rollback),
        bake_time: bake_seconds.map(shown_number),
        checkpoint_delay: stepwise.then(|| shown_number(delay)),
        checkpoint_percentages: stepwise.then(|| checkpoint_percentages.iter().copied().map(shown_number).collect()),
        instance_warmup: Some(shown_number(warmup)),
        max_healthy_percentage: Some(shown_number(maximum)),
        min_healthy_percentage: Some(shown_number(minimum)),
        scale_in_protected_instances: Some(match protected {
            ProtectedInstances::Wait => shape::ScaleInProtectedInstances::Wait,
            ProtectedInstances::Ignore => shape::ScaleInProtectedInstances::Ignore,
            ProtectedInstances::Refresh => shape::ScaleInProtectedInstances::Refresh,
        }),
        skip_matching: Some(*skip_matching),
        standby_instances: Some(match standby {
            StandbyInstances::Wait => shape::StandbyInstances::Wait,
            StandbyInstances::Ignore => shape::StandbyInstances::Ignore,
            StandbyInstances::Terminate => shape::StandbyInstances::Terminate,
        }),
    }
}

const fn status_to_shape(status: RefreshStatus) -> shape::InstanceRefreshStatus {
    use shape::InstanceRefreshStatus as S;
    match status {
        RefreshStatus::Pending => S::Pending,
        RefreshStatus::InProgress => S::InProgress,
        RefreshStatus::Successful => S::Successful,
        RefreshStatus::Failed => S::Failed,
        RefreshStatus::Cancelling => S::Cancelling,
        RefreshStatus::Cancelled => S::Cancelled,
        RefreshStatus::RollbackInProgress => S::RollbackInProgress,
        RefreshStatus::RollbackFailed => S::RollbackFailed,
        RefreshStatus::RollbackSuccessful => S::RollbackSuccessful,
        RefreshStatus::Baking => S::Baking,
    }
}
