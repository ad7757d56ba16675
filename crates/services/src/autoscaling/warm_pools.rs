//! The warm pool of a group: put, describe, delete. Instances come and go by the fleet's decisions.

use api::autoscaling::types as shape;
use model::autoscaling::group::AutoScalingGroup;
use model::autoscaling::member::GroupInstance;
use model::autoscaling::warm_pool::{PoolState, WarmPool};
use wire::AwsError;

use super::errors::{Error, invalid};
use super::resources::{self, change, number, page_size};
use super::views::{self, Shown};
use crate::context::Context;
use crate::pagination::Listing;

/// The page of DescribeWarmPool, which is also the largest (Auto Scaling API reference).
const PAGE: usize = 50;

/// What is not given stays as it is, or is AWS's default for a new pool.
pub(super) async fn put(cx: &Context, input: shape::PutWarmPoolType) -> Result<shape::PutWarmPoolAnswer, AwsError> {
    let shape::PutWarmPoolType {
        auto_scaling_group_name,
        instance_reuse_policy,
        max_group_prepared_capacity,
        min_size,
        pool_state,
    } = input;
    let state = pool_state.map(read_state).transpose()?;
    let reuse = instance_reuse_policy.and_then(|shape::InstanceReusePolicy { reuse_on_scale_in }| reuse_on_scale_in);
    change(cx, &auto_scaling_group_name, |_, group| {
        let old = group.warm_pool.clone().unwrap_or(new());
        if old.deleting {
            return Err(being_deleted(group));
        }
        group.warm_pool = Some(WarmPool {
            // -1 clears it.
            maximum_prepared_capacity: max_group_prepared_capacity
                .map_or(old.maximum_prepared_capacity, |most| u32::try_from(most).ok()),
            minimum_size: min_size.map_or(old.minimum_size, number),
            state: state.unwrap_or(old.state),
            reuse_on_scale_in: reuse.unwrap_or(old.reuse_on_scale_in),
            ..old
        });
        Ok(())
    })
    .await?;
    Ok(shape::PutWarmPoolAnswer {})
}

fn new() -> WarmPool {
    WarmPool {
        maximum_prepared_capacity: None,
        minimum_size: 0,
        state: PoolState::Stopped,
        reuse_on_scale_in: false,
        deleting: false,
        without_hooks: false,
    }
}

fn read_state(state: shape::WarmPoolState) -> Result<PoolState, Error> {
    match state {
        shape::WarmPoolState::Stopped => Ok(PoolState::Stopped),
        shape::WarmPoolState::Running => Ok(PoolState::Running),
        shape::WarmPoolState::Hibernated => {
            Err(Error::NotOffered("PoolState Hibernated: instances cannot hibernate; use Stopped or Running".into()))
        }
    }
}

fn being_deleted(group: &AutoScalingGroup) -> Error {
    Error::ActivityInProgress(format!(
        "the warm pool of Auto Scaling group `{}` is being deleted; wait until its instances are terminated",
        group.name
    ))
}

fn missing(group: &AutoScalingGroup) -> Error {
    invalid(format!("No warm pool found for Auto Scaling group `{}`; PutWarmPool makes one", group.name))
}

/// Its instances are terminated first. With ForceDelete no hook is waited for.
pub(super) async fn delete(
    cx: &Context,
    input: shape::DeleteWarmPoolType,
) -> Result<shape::DeleteWarmPoolAnswer, AwsError> {
    let shape::DeleteWarmPoolType { auto_scaling_group_name, force_delete } = input;
    let without_hooks = force_delete.unwrap_or(false);
    change(cx, &auto_scaling_group_name, |_, group| {
        let pool = group.warm_pool.clone().ok_or_else(|| missing(group))?;
        if pool.deleting && !without_hooks {
            return Err(being_deleted(group));
        }
        let empty = !group.members.values().any(|member| member.lifecycle.is_warm());
        group.warm_pool = (!empty).then_some(WarmPool { deleting: true, without_hooks, ..pool });
        Ok(())
    })
    .await?;
    Ok(shape::DeleteWarmPoolAnswer {})
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeWarmPoolType,
) -> Result<shape::DescribeWarmPoolAnswer, Error> {
    let shape::DescribeWarmPoolType { auto_scaling_group_name, max_records, next_token } = input;
    let view = cx.store.view();
    let group = resources::group(&view, &cx.scope(), &auto_scaling_group_name)?;
    let warm = group.members.values().filter(|member| member.lifecycle.is_warm());
    let keyed = warm.map(|member: &GroupInstance| (member.instance_id.to_string(), member));
    let listing = Listing { operation: "DescribeWarmPool", selection: &group.name };
    let page = listing.page(cx, next_token.as_deref(), page_size(max_records, PAGE, PAGE), keyed)?;
    let shown = Shown::new(cx, &view);
    let page = page.map(|member| shown.instance(member));
    Ok(shape::DescribeWarmPoolAnswer {
        instances: Some(page.items),
        next_token: page.next,
        warm_pool_configuration: group.warm_pool.as_ref().map(views::warm_pool),
    })
}
