//! Scaling activities: those in progress first, then the newest.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::autoscaling::types as shape;
use model::Timestamp;
use model::autoscaling::activity::{ActivityStatus, ScalingActivity};
use model::autoscaling::group::AutoScalingGroup;
use store::View;

use super::errors::{Error, invalid, shown};
use super::resources::{self, MAXIMUM_PAGE, group_name, page_size};
use crate::context::Context;
use crate::handler::to_wire;
use crate::pagination::Listing;

/// What `Filters` say. Lower and upper bounds are inclusive.
#[derive(Debug, Default)]
struct Selection {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    statuses: BTreeSet<String>,
}

impl Selection {
    fn parse(filters: Vec<shape::Filter>) -> Result<Self, Error> {
        let mut selection = Self::default();
        for shape::Filter { name, values } in filters {
            match name.as_str() {
                "StartTimeLowerBound" => selection.since = Some(moment(&name, &values)?),
                "StartTimeUpperBound" => selection.until = Some(moment(&name, &values)?),
                "Status" => selection.statuses.extend(values),
                other => {
                    let message = format!(
                        "there is no filter `{}` of activities; there are StartTimeLowerBound, StartTimeUpperBound \
                         and Status",
                        shown(other)
                    );
                    return Err(invalid(message));
                }
            }
        }
        Ok(selection)
    }

    fn admits(&self, activity: &ScalingActivity) -> bool {
        self.since.is_none_or(|since| activity.started_at >= since)
            && self.until.is_none_or(|until| activity.started_at <= until)
            && (self.statuses.is_empty() || self.statuses.contains(activity.status.name()))
    }
}

fn moment(name: &str, values: &[String]) -> Result<Timestamp, Error> {
    let [text] = values else { return Err(invalid(format!("filter {name} has one value"))) };
    let parsed: Result<jiff::Timestamp, _> = text.parse();
    let moment = parsed
        .map_err(|_| invalid(format!("filter {name}: `{}` is no time such as 2026-01-31T12:00:00Z", shown(text))))?;
    Ok(Timestamp::from_millis(moment.as_millisecond()))
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeScalingActivitiesType,
) -> Result<shape::ActivitiesType, Error> {
    let shape::DescribeScalingActivitiesType {
        activity_ids,
        auto_scaling_group_name,
        filters,
        include_deleted_groups,
        max_records,
        next_token,
    } = input;
    let selection = Selection::parse(filters.unwrap_or_default())?;
    let ids: BTreeSet<String> = activity_ids.unwrap_or_default().into_iter().collect();
    let deleted = include_deleted_groups.unwrap_or(false);
    let view = cx.store.view();
    let found = of_group(cx, &view, auto_scaling_group_name.as_deref(), deleted)?;
    let wanted = found
        .into_iter()
        .filter(|activity| selection.admits(activity) && (ids.is_empty() || ids.contains(&activity.id)))
        .map(|activity| (place(&activity), activity));
    let listing = Listing {
        operation: "DescribeScalingActivities",
        selection: &(&auto_scaling_group_name, &ids, deleted, &selection),
    };
    let size = page_size(max_records, MAXIMUM_PAGE, MAXIMUM_PAGE);
    let page = listing.page(cx, next_token.as_deref(), size, wanted)?.map(|activity| to_shape(&activity));
    Ok(shape::ActivitiesType { activities: Some(page.items), next_token: page.next })
}

/// All activities, or those of a group; of deleted groups only on demand.
fn of_group(cx: &Context, view: &View, group: Option<&str>, deleted: bool) -> Result<Vec<Arc<ScalingActivity>>, Error> {
    let scope = cx.scope();
    let shown = |activity: &Arc<ScalingActivity>| deleted || !activity.group_deleted;
    let Some(text) = group else { return Ok(view.list::<ScalingActivity>(&scope).filter(shown).collect()) };
    let prefix = AutoScalingGroup::prefix(group_name(text));
    let found: Vec<_> = view.range::<ScalingActivity>(&scope, &prefix).filter(shown).collect();
    if !deleted || found.is_empty() {
        resources::group(view, &scope, text)?;
    }
    Ok(found)
}

/// Where an activity stands in the listing.
fn place(activity: &ScalingActivity) -> String {
    let age = i64::MAX.saturating_sub(activity.started_at.millis());
    format!("{}{age:020}{}", u8::from(activity.status.is_over()), activity.id)
}

/// An activity as answers show it.
pub(super) fn to_shape(activity: &ScalingActivity) -> shape::Activity {
    let ScalingActivity {
        id,
        group,
        group_arn,
        description,
        cause,
        started_at,
        ended_at,
        status,
        status_message,
        progress,
        details,
        group_deleted,
    } = activity;
    shape::Activity {
        activity_id: Some(id.clone()),
        auto_scaling_group_arn: Some(group_arn.to_string()),
        auto_scaling_group_name: Some(group.clone()),
        auto_scaling_group_state: group_deleted.then(|| "Deleted".to_owned()),
        cause: Some(cause.clone()),
        description: Some(description.clone()),
        details: Some(details.clone()),
        end_time: ended_at.map(to_wire),
        progress: Some(i32::from(*progress)),
        start_time: Some(to_wire(*started_at)),
        status_code: Some(status_code(*status)),
        status_message: status_message.clone(),
    }
}

fn status_code(status: ActivityStatus) -> shape::ScalingActivityStatusCode {
    use shape::ScalingActivityStatusCode as Code;
    match status {
        ActivityStatus::PreInService => Code::PreInService,
        ActivityStatus::InProgress => Code::InProgress,
        ActivityStatus::WaitingForELBConnectionDraining => Code::WaitingForELBConnectionDraining,
        ActivityStatus::MidLifecycleAction => Code::MidLifecycleAction,
        ActivityStatus::WaitingForInstanceWarmup => Code::WaitingForInstanceWarmup,
        ActivityStatus::Successful => Code::Successful,
        ActivityStatus::Failed => Code::Failed,
        ActivityStatus::Cancelled => Code::Cancelled,
    }
}
