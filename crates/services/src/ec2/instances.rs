//! Instances: describe, and start, stop, reboot, terminate.
//!
//! An operation writes what is wanted and the state that follows from it at once; controllers make it true. A call that
//! names several instances changes all of them or none.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, DescribeInstancesRequest, DescribeInstancesResult, InstanceStateChange, RebootInstancesRequest, Reservation,
    StartInstancesRequest, StartInstancesResult, StopInstancesRequest, StopInstancesResult, TerminateInstancesRequest,
    TerminateInstancesResult,
};
use model::Timestamp;
use model::ec2::instance::{Instance, InstanceState};
use model::ec2::instance_state::TERMINATED_SHOWN_FOR;
use model::ec2::power::user_initiated;
use model::id::InstanceId;
use store::Transaction;
use wire::AwsError;

use super::errors::missing;
use super::filters::{Properties, each, nothing, plain, text};
use super::instance_views::{self, Shown};
use super::listing::{Selection, refuse_pages_of_ids};
use super::resources::{choose, find, parse_all};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

/// Whether an instance is still shown: terminated ones are for about an hour.
pub(super) fn is_shown(instance: &Instance, now: Timestamp) -> bool {
    instance.occupies() || now.since(instance.state_changed_at) < TERMINATED_SHOWN_FOR
}

/// An instance with its reservation, which is what filters look at.
struct Item {
    reservation_id: String,
    owner_id: String,
    instance: types::Instance,
    termination_protected: bool,
}

fn interfaces(item: &Item, of: impl Fn(&types::InstanceNetworkInterface) -> Vec<String>) -> Vec<String> {
    each(&item.instance.network_interfaces, of)
}

static PROPERTIES: Properties<Item> = Properties {
    named: &[
        ("affinity", nothing),
        ("architecture", |item| plain(item.instance.architecture)),
        ("availability-zone", |item| {
            text(&item.instance.placement.as_ref().and_then(|placement| placement.availability_zone.clone()))
        }),
        ("availability-zone-id", |item| {
            text(&item.instance.placement.as_ref().and_then(|placement| placement.availability_zone_id.clone()))
        }),
        ("block-device-mapping.attach-time", nothing),
        ("block-device-mapping.delete-on-termination", nothing),
        ("block-device-mapping.device-name", nothing),
        ("block-device-mapping.status", nothing),
        ("block-device-mapping.volume-id", nothing),
        ("boot-mode", nothing),
        ("capacity-reservation-id", nothing),
        ("client-token", |item| text(&item.instance.client_token)),
        ("disable-api-termination", |item| plain(Some(item.termination_protected))),
        ("dns-name", |item| text(&item.instance.public_dns_name)),
        ("ebs-optimized", |item| plain(item.instance.ebs_optimized)),
        ("ena-support", |item| plain(item.instance.ena_support)),
        ("group-id", |item| each(&item.instance.security_groups, |group| text(&group.group_id))),
        ("group-name", |item| each(&item.instance.security_groups, |group| text(&group.group_name))),
        ("hibernation-options.configured", |_| vec!["false".to_owned()]),
        ("host-id", nothing),
        ("hypervisor", |item| plain(item.instance.hypervisor)),
        ("iam-instance-profile.arn", nothing),
        ("iam-instance-profile.id", nothing),
        ("image-id", |item| text(&item.instance.image_id)),
        ("instance-id", |item| text(&item.instance.instance_id)),
        ("instance-lifecycle", nothing),
        ("instance-state-code", |item| plain(item.instance.state.as_ref().and_then(|state| state.code))),
        ("instance-state-name", |item| plain(item.instance.state.as_ref().and_then(|state| state.name))),
        ("instance-type", |item| text(&item.instance.instance_type)),
        ("instance.group-id", |item| each(&item.instance.security_groups, |group| text(&group.group_id))),
        ("instance.group-name", |item| each(&item.instance.security_groups, |group| text(&group.group_name))),
        ("ip-address", |item| text(&item.instance.public_ip_address)),
        ("ipv6-address", nothing),
        ("kernel-id", nothing),
        ("key-name", |item| text(&item.instance.key_name)),
        ("launch-index", |item| plain(item.instance.ami_launch_index)),
        ("launch-time", |item| text(&item.instance.launch_time.map(|at| Timestamp::from_millis(at.0).to_string()))),
        ("monitoring-state", |item| plain(item.instance.monitoring.as_ref().and_then(|monitoring| monitoring.state))),
        ("network-interface.addresses.association.public-ip", |item| {
            interfaces(item, |interface| text(&interface.association.as_ref().and_then(|it| it.public_ip.clone())))
        }),
        ("network-interface.addresses.primary", |item| {
            interfaces(item, |interface| each(&interface.private_ip_addresses, |address| plain(address.primary)))
        }),
        ("network-interface.addresses.private-ip-address", |item| {
            interfaces(item, |interface| {
                each(&interface.private_ip_addresses, |address| text(&address.private_ip_address))
            })
        }),
        ("network-interface.association.ip-owner-id", |item| {
            interfaces(item, |interface| text(&interface.association.as_ref().and_then(|it| it.ip_owner_id.clone())))
        }),
        ("network-interface.association.public-ip", |item| {
            interfaces(item, |interface| text(&interface.association.as_ref().and_then(|it| it.public_ip.clone())))
        }),
        ("network-interface.attachment.attachment-id", |item| {
            interfaces(item, |interface| text(&interface.attachment.as_ref().and_then(|it| it.attachment_id.clone())))
        }),
        ("network-interface.attachment.delete-on-termination", |item| {
            interfaces(item, |interface| plain(interface.attachment.as_ref().and_then(|it| it.delete_on_termination)))
        }),
        ("network-interface.attachment.device-index", |item| {
            interfaces(item, |interface| plain(interface.attachment.as_ref().and_then(|it| it.device_index)))
        }),
        ("network-interface.attachment.status", |item| {
            interfaces(item, |interface| plain(interface.attachment.as_ref().and_then(|it| it.status)))
        }),
        ("network-interface.availability-zone", |item| {
            let zone = item.instance.placement.as_ref().and_then(|placement| placement.availability_zone.clone());
            interfaces(item, |_| text(&zone))
        }),
        ("network-interface.description", |item| interfaces(item, |interface| text(&interface.description))),
        ("network-interface.group-id", |item| {
            interfaces(item, |interface| each(&interface.groups, |group| text(&group.group_id)))
        }),
        ("network-interface.group-name", |item| {
            interfaces(item, |interface| each(&interface.groups, |group| text(&group.group_name)))
        }),
        ("network-interface.mac-address", |item| interfaces(item, |interface| text(&interface.mac_address))),
        ("network-interface.network-interface-id", |item| {
            interfaces(item, |interface| text(&interface.network_interface_id))
        }),
        ("network-interface.owner-id", |item| interfaces(item, |interface| text(&interface.owner_id))),
        ("network-interface.private-dns-name", |item| interfaces(item, |interface| text(&interface.private_dns_name))),
        ("network-interface.requester-id", nothing),
        ("network-interface.requester-managed", |item| interfaces(item, |_| vec!["false".to_owned()])),
        ("network-interface.source-dest-check", |item| {
            interfaces(item, |interface| plain(interface.source_dest_check))
        }),
        ("network-interface.status", |item| interfaces(item, |interface| plain(interface.status))),
        ("network-interface.subnet-id", |item| interfaces(item, |interface| text(&interface.subnet_id))),
        ("network-interface.vpc-id", |item| interfaces(item, |interface| text(&interface.vpc_id))),
        ("owner-id", |item| vec![item.owner_id.clone()]),
        ("placement-group-name", nothing),
        // AWS's `platform` is `windows` or absent.
        ("platform", nothing),
        ("platform-details", |item| text(&item.instance.platform_details)),
        ("private-dns-name", |item| text(&item.instance.private_dns_name)),
        ("private-ip-address", |item| text(&item.instance.private_ip_address)),
        ("product-code", nothing),
        ("product-code.type", nothing),
        ("ramdisk-id", nothing),
        ("reason", |item| text(&item.instance.state_transition_reason)),
        ("requester-id", nothing),
        ("reservation-id", |item| vec![item.reservation_id.clone()]),
        ("root-device-name", |item| text(&item.instance.root_device_name)),
        ("root-device-type", |item| plain(item.instance.root_device_type)),
        ("source-dest-check", |item| plain(item.instance.source_dest_check)),
        ("spot-instance-request-id", nothing),
        ("state-reason-code", |item| text(&item.instance.state_reason.as_ref().and_then(|reason| reason.code.clone()))),
        ("state-reason-message", |item| {
            text(&item.instance.state_reason.as_ref().and_then(|reason| reason.message.clone()))
        }),
        ("subnet-id", |item| text(&item.instance.subnet_id)),
        ("tenancy", |item| plain(item.instance.placement.as_ref().and_then(|placement| placement.tenancy))),
        ("usage-operation", |item| text(&item.instance.usage_operation)),
        ("virtualization-type", |item| plain(item.instance.virtualization_type)),
        ("vpc-id", |item| text(&item.instance.vpc_id)),
    ],
    tags: Some(|item| item.instance.tags.as_deref().unwrap_or_default()),
};

/// Pages count instances, so a reservation may go on on the next page; clients join them.
pub(super) fn describe(cx: &Context, input: DescribeInstancesRequest) -> Result<DescribeInstancesResult, AwsError> {
    let DescribeInstancesRequest { dry_run, filters, instance_ids, max_results, next_token } = input;
    let ids = instance_ids.unwrap_or_default();
    refuse_pages_of_ids("InstanceIds", &ids, max_results)?;
    let view = cx.store.view();
    let instances = shown_instances(cx, &view, &ids)?;
    let shown = Shown::new(cx, &view);
    let items = instances.iter().map(|instance| {
        let item = Item {
            reservation_id: instance.reservation_id.to_string(),
            owner_id: cx.account.clone(),
            instance: instance_views::instance(&shown, instance),
            termination_protected: instance.termination_protection,
        };
        (format!("{}|{:010}|{}", instance.reservation_id, instance.launch_index, instance.id), item)
    });
    let operation = "DescribeInstances";
    let selection = Selection { operation, chosen: &ids, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeInstancesResult { next_token: page.next, reservations: Some(by_reservation(&shown, page.items)) })
}

/// The instances of a list of ids, or all that are shown.
pub(super) fn shown_instances(
    cx: &Context,
    view: &store::View,
    ids: &[String],
) -> Result<Vec<Arc<Instance>>, AwsError> {
    let mut instances = choose::<InstanceId>(view, &cx.scope(), ids)?;
    instances.retain(|instance| is_shown(instance, cx.now));
    Ok(instances)
}

fn by_reservation(shown: &Shown<'_>, items: Vec<Item>) -> Vec<Reservation> {
    let mut reservations: BTreeMap<String, Vec<types::Instance>> = BTreeMap::new();
    for item in items {
        reservations.entry(item.reservation_id).or_default().push(item.instance);
    }
    reservations.into_iter().map(|(id, instances)| instance_views::wrap(shown, &id, instances)).collect()
}

pub(super) async fn start(cx: &Context, input: StartInstancesRequest) -> Result<StartInstancesResult, AwsError> {
    let StartInstancesRequest { dry_run, instance_ids } = input;
    let changes = change(cx, &instance_ids, dry_run, |instance| match instance.state {
        InstanceState::Pending | InstanceState::Running => Ok(()),
        InstanceState::Stopped => {
            instance.ask_to_start(cx.now);
            Ok(())
        }
        InstanceState::Stopping | InstanceState::ShuttingDown | InstanceState::Terminated => {
            Err(wrong_state(instance, "be started"))
        }
    })
    .await?;
    Ok(StartInstancesResult { starting_instances: Some(changes) })
}

pub(super) async fn stop(cx: &Context, input: StopInstancesRequest) -> Result<StopInstancesResult, AwsError> {
    let StopInstancesRequest { dry_run, force, instance_ids, skip_os_shutdown } = input;
    let at_once = force == Some(true) || skip_os_shutdown == Some(true);
    let changes = change(cx, &instance_ids, dry_run, |instance| match instance.state {
        InstanceState::Stopped => Ok(()),
        InstanceState::Stopping | InstanceState::Pending | InstanceState::Running => {
            if instance.stop_protection && instance.state != InstanceState::Stopping {
                return Err(protected(instance, "disableApiStop"));
            }
            instance.ask_to_stop(at_once, user_initiated(), cx.now);
            Ok(())
        }
        InstanceState::ShuttingDown | InstanceState::Terminated => Err(wrong_state(instance, "be stopped")),
    })
    .await?;
    Ok(StopInstancesResult { stopping_instances: Some(changes) })
}

pub(super) async fn reboot(cx: &Context, input: RebootInstancesRequest) -> Result<(), AwsError> {
    let RebootInstancesRequest { dry_run, instance_ids } = input;
    change(cx, &instance_ids, dry_run, |instance| match instance.state {
        // An instance that boots does not need another boot.
        InstanceState::Pending => Ok(()),
        InstanceState::Running => {
            instance.boot = instance.boot.saturating_add(1);
            Ok(())
        }
        InstanceState::Stopping | InstanceState::Stopped | InstanceState::ShuttingDown | InstanceState::Terminated => {
            Err(wrong_state(instance, "be rebooted"))
        }
    })
    .await?;
    Ok(())
}

pub(super) async fn terminate(
    cx: &Context,
    input: TerminateInstancesRequest,
) -> Result<TerminateInstancesResult, AwsError> {
    let TerminateInstancesRequest { dry_run, force, instance_ids, skip_os_shutdown } = input;
    let at_once = force == Some(true) || skip_os_shutdown == Some(true);
    let changes = change(cx, &instance_ids, dry_run, |instance| match instance.state {
        InstanceState::Terminated => Ok(()),
        InstanceState::Pending
        | InstanceState::Running
        | InstanceState::Stopping
        | InstanceState::Stopped
        | InstanceState::ShuttingDown => {
            if instance.termination_protection && instance.state != InstanceState::ShuttingDown {
                return Err(protected(instance, "disableApiTermination"));
            }
            instance.ask_to_terminate(at_once, user_initiated(), cx.now);
            Ok(())
        }
    })
    .await?;
    Ok(TerminateInstancesResult { terminating_instances: Some(changes) })
}

/// Changes every instance of a call, or none.
async fn change(
    cx: &Context,
    ids: &[String],
    dry: Option<bool>,
    edit: impl Fn(&mut Instance) -> Result<(), AwsError>,
) -> Result<Vec<InstanceStateChange>, AwsError> {
    if ids.is_empty() {
        return Err(missing("InstanceId is not given"));
    }
    let ids = parse_all::<InstanceId>(ids)?;
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let mut changes = Vec::new();
        for id in &ids {
            let before = find(txn.view(), &scope, id)?;
            let mut after = Instance::clone(&before);
            edit(&mut after)?;
            changes.push(InstanceStateChange {
                current_state: Some(instance_views::state(after.state)),
                instance_id: Some(id.to_string()),
                previous_state: Some(instance_views::state(before.state)),
            });
            txn.put(&scope, after);
        }
        dry_run(dry)?;
        Ok::<_, AwsError>(changes)
    };
    committed(cx.store.transact(work).await)
}

pub(super) fn wrong_state(instance: &Instance, what: &str) -> AwsError {
    let message = format!("instance {} is {} and cannot {what} in that state", instance.id, instance.state.name());
    ErrorCode::IncorrectInstanceState.error(message)
}

fn protected(instance: &Instance, attribute: &str) -> AwsError {
    let message = format!("instance {} is protected; set its attribute {attribute} to false first", instance.id);
    ErrorCode::OperationNotPermitted.error(message)
}
