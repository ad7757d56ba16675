//! Status of instances: whether they are reachable. The system that they run on is this host, which answers, so its
//! own check passes.

use api::ec2::types::{
    self, DescribeInstanceStatusRequest, DescribeInstanceStatusResult, InstanceStatusDetails, InstanceStatusSummary,
    StatusName, StatusType, SummaryStatus,
};
use model::ec2::instance::{Instance, InstanceState};
use wire::AwsError;

use super::filters::{Properties, each, nothing, plain, text};
use super::instance_views;
use super::instances::shown_instances;
use super::listing::{Selection, refuse_pages_of_ids};
use super::regions;
use crate::context::Context;

static PROPERTIES: Properties<types::InstanceStatus> = Properties {
    named: &[
        ("attached-ebs-status.status", nothing),
        ("availability-zone", |status| text(&status.availability_zone)),
        ("availability-zone-id", |status| text(&status.availability_zone_id)),
        ("event.code", nothing),
        ("event.description", nothing),
        ("event.instance-event-id", nothing),
        ("event.not-after", nothing),
        ("event.not-before", nothing),
        ("event.not-before-deadline", nothing),
        ("instance-state-code", |status| plain(status.instance_state.as_ref().and_then(|state| state.code))),
        ("instance-state-name", |status| plain(status.instance_state.as_ref().and_then(|state| state.name))),
        ("instance-status.reachability", |status| reachability(&status.instance_status)),
        ("instance-status.status", |status| plain(status.instance_status.as_ref().and_then(|it| it.status))),
        ("system-status.reachability", |status| reachability(&status.system_status)),
        ("system-status.status", |status| plain(status.system_status.as_ref().and_then(|it| it.status))),
    ],
    tags: None,
};

fn reachability(summary: &Option<InstanceStatusSummary>) -> Vec<String> {
    each(&summary.as_ref().and_then(|summary| summary.details.clone()), |detail| plain(detail.status))
}

/// Running instances, or with IncludeAllInstances all.
pub(super) fn describe(
    cx: &Context,
    input: DescribeInstanceStatusRequest,
) -> Result<DescribeInstanceStatusResult, AwsError> {
    let DescribeInstanceStatusRequest {
        dry_run,
        filters,
        include_all_instances,
        instance_ids,
        max_results,
        next_token,
    } = input;
    let ids = instance_ids.unwrap_or_default();
    refuse_pages_of_ids("InstanceIds", &ids, max_results)?;
    let all = include_all_instances.unwrap_or_default();
    let view = cx.store.view();
    let instances = shown_instances(cx, &view, &ids)?;
    let chosen = instances.iter().filter(|instance| all || instance.state == InstanceState::Running);
    let items = chosen.map(|instance| (instance.id.to_string(), shown(cx, instance)));
    let operation = "DescribeInstanceStatus";
    let selection = Selection { operation, chosen: &(&ids, all), filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeInstanceStatusResult { instance_statuses: Some(page.items), next_token: page.next })
}

fn shown(cx: &Context, instance: &Instance) -> types::InstanceStatus {
    let (system, own) = match instance.state {
        InstanceState::Running => (SummaryStatus::Ok, own_status(instance)),
        InstanceState::Pending
        | InstanceState::ShuttingDown
        | InstanceState::Terminated
        | InstanceState::Stopping
        | InstanceState::Stopped => (SummaryStatus::NotApplicable, SummaryStatus::NotApplicable),
    };
    types::InstanceStatus {
        attached_ebs_status: None,
        availability_zone: Some(instance.zone.clone()),
        availability_zone_id: regions::zone_id(cx, &instance.zone),
        events: Some(Vec::new()),
        instance_id: Some(instance.id.to_string()),
        instance_state: Some(instance_views::state(instance.state)),
        instance_status: Some(summary(own)),
        system_status: Some(summary(system)),
    }
}

/// A boot that has not reported yet is initializing.
fn own_status(instance: &Instance) -> SummaryStatus {
    match &instance.runtime {
        Some(runtime) if runtime.boot != instance.boot => SummaryStatus::Initializing,
        Some(runtime) if runtime.reachable => SummaryStatus::Ok,
        Some(_) => SummaryStatus::Impaired,
        None => SummaryStatus::Initializing,
    }
}

fn summary(status: SummaryStatus) -> InstanceStatusSummary {
    let check = match status {
        SummaryStatus::Ok => Some(StatusType::Passed),
        SummaryStatus::Impaired => Some(StatusType::Failed),
        SummaryStatus::Initializing => Some(StatusType::Initializing),
        SummaryStatus::InsufficientData => Some(StatusType::InsufficientData),
        SummaryStatus::NotApplicable => None,
    };
    let detail = |status| InstanceStatusDetails {
        impaired_since: None,
        name: Some(StatusName::Reachability),
        status: Some(status),
    };
    InstanceStatusSummary { details: check.map(|check| vec![detail(check)]), status: Some(status) }
}
