//! Network interfaces: each instance has one, made and ended with it.

use api::ec2::types::{
    AttachmentStatus, DescribeNetworkInterfacesRequest, DescribeNetworkInterfacesResult, NetworkInterface,
    NetworkInterfaceAssociation, NetworkInterfaceAttachment, NetworkInterfacePrivateIpAddress, NetworkInterfaceStatus,
    NetworkInterfaceType,
};
use model::ec2::instance::Instance;
use model::id::NetworkInterfaceId;
use wire::AwsError;

use super::filters::{Properties, each, nothing, plain, text};
use super::instance_views::{Shown, mac_address};
use super::listing::{Selection, refuse_pages_of_ids};
use super::regions;
use super::resources::{not_found, parse_all};
use super::tags;
use crate::context::Context;
use crate::handler::to_wire;

fn association(interface: &NetworkInterface, of: fn(&NetworkInterfaceAssociation) -> &Option<String>) -> Vec<String> {
    interface.association.as_ref().map(|association| text(of(association))).unwrap_or_default()
}

fn attachment(interface: &NetworkInterface, of: fn(&NetworkInterfaceAttachment) -> Vec<String>) -> Vec<String> {
    interface.attachment.as_ref().map(of).unwrap_or_default()
}

static PROPERTIES: Properties<NetworkInterface> = Properties {
    named: &[
        ("addresses.association.owner-id", |it| association(it, |association| &association.ip_owner_id)),
        ("addresses.association.public-ip", |it| association(it, |association| &association.public_ip)),
        ("addresses.primary", |it| each(&it.private_ip_addresses, |address| plain(address.primary))),
        ("addresses.private-ip-address", |it| {
            each(&it.private_ip_addresses, |address| text(&address.private_ip_address))
        }),
        ("association.allocation-id", nothing),
        ("association.association-id", nothing),
        ("association.ip-owner-id", |it| association(it, |association| &association.ip_owner_id)),
        ("association.public-dns-name", |it| association(it, |association| &association.public_dns_name)),
        ("association.public-ip", |it| association(it, |association| &association.public_ip)),
        ("attachment.attach-time", |it| {
            attachment(it, |attachment| {
                text(&attachment.attach_time.map(|at| model::Timestamp::from_millis(at.0).to_string()))
            })
        }),
        ("attachment.attachment-id", |it| attachment(it, |attachment| text(&attachment.attachment_id))),
        ("attachment.delete-on-termination", |it| attachment(it, |attachment| plain(attachment.delete_on_termination))),
        ("attachment.device-index", |it| attachment(it, |attachment| plain(attachment.device_index))),
        ("attachment.instance-id", |it| attachment(it, |attachment| text(&attachment.instance_id))),
        ("attachment.instance-owner-id", |it| attachment(it, |attachment| text(&attachment.instance_owner_id))),
        ("attachment.status", |it| attachment(it, |attachment| plain(attachment.status))),
        ("availability-zone", |it| text(&it.availability_zone)),
        ("availability-zone-id", |it| text(&it.availability_zone_id)),
        ("description", |it| text(&it.description)),
        ("group-id", |it| each(&it.groups, |group| text(&group.group_id))),
        ("group-name", |it| each(&it.groups, |group| text(&group.group_name))),
        ("interface-type", |it| plain(it.interface_type)),
        ("ipv6-addresses.ipv6-address", nothing),
        ("mac-address", |it| text(&it.mac_address)),
        ("network-interface-id", |it| text(&it.network_interface_id)),
        ("owner-id", |it| text(&it.owner_id)),
        ("private-dns-name", |it| text(&it.private_dns_name)),
        ("private-ip-address", |it| text(&it.private_ip_address)),
        ("requester-id", |it| text(&it.requester_id)),
        ("requester-managed", |it| plain(it.requester_managed)),
        ("source-dest-check", |it| plain(it.source_dest_check)),
        ("status", |it| plain(it.status)),
        ("subnet-id", |it| text(&it.subnet_id)),
        ("vpc-id", |it| text(&it.vpc_id)),
    ],
    tags: Some(|it| it.tag_set.as_deref().unwrap_or_default()),
};

pub(super) fn describe(
    cx: &Context,
    input: DescribeNetworkInterfacesRequest,
) -> Result<DescribeNetworkInterfacesResult, AwsError> {
    let DescribeNetworkInterfacesRequest { dry_run, filters, max_results, network_interface_ids, next_token } = input;
    let ids = network_interface_ids.unwrap_or_default();
    refuse_pages_of_ids("NetworkInterfaceIds", &ids, max_results)?;
    let sought = parse_all::<NetworkInterfaceId>(&ids)?;
    let view = cx.store.view();
    let owners: Vec<_> = view.list::<Instance>(&cx.scope()).filter(|instance| instance.occupies()).collect();
    if let Some(id) = sought.iter().find(|id| !owners.iter().any(|owner| owner.network_interface_id == **id)) {
        return Err(not_found(id));
    }
    let shown = Shown::new(cx, &view);
    let chosen = owners.iter().filter(|owner| sought.is_empty() || sought.contains(&owner.network_interface_id));
    let items = chosen.map(|owner| (owner.network_interface_id.to_string(), interface(&shown, owner)));
    let operation = "DescribeNetworkInterfaces";
    let selection = Selection { operation, chosen: &ids, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeNetworkInterfacesResult { network_interfaces: Some(page.items), next_token: page.next })
}

fn interface(shown: &Shown<'_>, owner: &Instance) -> NetworkInterface {
    let account = &shown.cx.account;
    let association = shown.association(owner).map(|association| NetworkInterfaceAssociation {
        ip_owner_id: association.ip_owner_id,
        public_dns_name: association.public_dns_name,
        public_ip: association.public_ip,
        ..Default::default()
    });
    NetworkInterface {
        attachment: Some(NetworkInterfaceAttachment {
            attach_time: Some(to_wire(owner.launched_at)),
            attachment_id: Some(owner.network_attachment_id.to_string()),
            delete_on_termination: Some(true),
            device_index: Some(0),
            instance_id: Some(owner.id.to_string()),
            instance_owner_id: Some(account.clone()),
            network_card_index: Some(0),
            status: Some(AttachmentStatus::Attached),
        }),
        availability_zone: Some(owner.zone.clone()),
        availability_zone_id: regions::zone_id(shown.cx, &owner.zone),
        description: Some(owner.network_interface_description.clone()),
        groups: Some(shown.groups(owner)),
        interface_type: Some(NetworkInterfaceType::Interface),
        ipv6_addresses: Some(Vec::new()),
        mac_address: Some(mac_address(&owner.network_interface_id)),
        network_interface_id: Some(owner.network_interface_id.to_string()),
        owner_id: Some(account.clone()),
        private_dns_name: Some(shown.private_name(owner)),
        private_ip_address: Some(owner.private_address.to_string()),
        private_ip_addresses: Some(vec![NetworkInterfacePrivateIpAddress {
            association: association.clone(),
            primary: Some(true),
            private_dns_name: Some(shown.private_name(owner)),
            private_ip_address: Some(owner.private_address.to_string()),
        }]),
        association,
        requester_id: None,
        requester_managed: Some(false),
        source_dest_check: Some(true),
        status: Some(NetworkInterfaceStatus::InUse),
        subnet_id: Some(owner.subnet_id.to_string()),
        tag_set: Some(tags::to_wire(&owner.network_interface_tags)),
        vpc_id: Some(owner.vpc_id.to_string()),
    }
}
