//! Network interfaces: each instance has one, made and ended with it; NAT gateways and load balancers have theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::ec2::types::{
    AttachmentStatus, DescribeNetworkInterfacesRequest, DescribeNetworkInterfacesResult, NetworkInterface,
    NetworkInterfaceAssociation, NetworkInterfaceAttachment, NetworkInterfacePrivateIpAddress, NetworkInterfaceStatus,
    NetworkInterfaceType,
};
use model::Scope;
use model::ec2::instance::Instance;
use model::ec2::network_interface::{self, InterfaceOwner};
use model::id::{NetworkInterfaceId, SubnetId, VpcId};
use store::View;
use wire::AwsError;

use super::filters::{Properties, each, nothing, plain, text};
use super::instance_views::{Shown, mac_address};
use super::listing::{Selection, refuse_pages_of_ids};
use super::regions;
use super::resources::{not_found, parse_all};
use super::tags;
use crate::context::Context;
use crate::handler::to_wire;

/// Who has an interface.
pub(super) enum Owner {
    /// An instance, whose record has it.
    Instance(Arc<Instance>),
    /// Something else; the interface is a record of its own.
    Other(Arc<network_interface::NetworkInterface>),
}

impl Owner {
    pub(super) fn interface_id(&self) -> &NetworkInterfaceId {
        match self {
            Self::Instance(instance) => &instance.network_interface_id,
            Self::Other(interface) => &interface.id,
        }
    }

    pub(super) fn vpc_id(&self) -> &VpcId {
        match self {
            Self::Instance(instance) => &instance.vpc_id,
            Self::Other(interface) => &interface.vpc_id,
        }
    }

    pub(super) fn subnet_id(&self) -> &SubnetId {
        match self {
            Self::Instance(instance) => &instance.subnet_id,
            Self::Other(interface) => &interface.subnet_id,
        }
    }

    pub(super) fn instance(&self) -> Option<&Instance> {
        match self {
            Self::Instance(instance) => Some(instance),
            Self::Other(_) => None,
        }
    }
}

/// Every interface of an account and region.
fn all<'v>(view: &'v View, scope: &Scope) -> impl Iterator<Item = Owner> + use<'v> {
    let instances = view.list::<Instance>(scope).filter(|instance| instance.occupies()).map(Owner::Instance);
    instances.chain(view.list::<network_interface::NetworkInterface>(scope).map(Owner::Other))
}

/// The interface of an id, with who has it.
pub(super) fn owner(view: &View, scope: &Scope, id: &NetworkInterfaceId) -> Option<Owner> {
    all(view, scope).find(|owner| owner.interface_id() == id)
}

/// Those of these interfaces that there are, by id.
pub(super) fn owners(
    view: &View,
    scope: &Scope,
    ids: &BTreeSet<NetworkInterfaceId>,
) -> BTreeMap<NetworkInterfaceId, Owner> {
    if ids.is_empty() {
        return BTreeMap::new();
    }
    let sought = all(view, scope).filter(|owner| ids.contains(owner.interface_id()));
    sought.map(|owner| (owner.interface_id().clone(), owner)).collect()
}

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
        ("association.allocation-id", |it| association(it, |association| &association.allocation_id)),
        ("association.association-id", |it| association(it, |association| &association.association_id)),
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
        // AWS's definition has `natGateway`, its manual `nat_gateway`: both find it.
        ("interface-type", |it| match it.interface_type {
            Some(NetworkInterfaceType::NatGateway) => ["natGateway", "nat_gateway"].map(str::to_owned).to_vec(),
            other => plain(other),
        }),
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
    let (view, scope) = (cx.store.view(), cx.scope());
    let owners: Vec<Owner> = all(&view, &scope).collect();
    if let Some(id) = sought.iter().find(|id| !owners.iter().any(|owner| owner.interface_id() == *id)) {
        return Err(not_found(id));
    }
    let shown = Shown::new(cx, &view);
    let chosen = owners.iter().filter(|owner| sought.is_empty() || sought.contains(owner.interface_id()));
    let items = chosen.map(|owner| {
        let interface = match owner {
            Owner::Instance(instance) => of_instance(&shown, instance),
            Owner::Other(interface) => of_other(&shown, interface),
        };
        (owner.interface_id().to_string(), interface)
    });
    let operation = "DescribeNetworkInterfaces";
    let selection = Selection { operation, chosen: &ids, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeNetworkInterfacesResult { network_interfaces: Some(page.items), next_token: page.next })
}

fn of_instance(shown: &Shown<'_>, owner: &Instance) -> NetworkInterface {
    let association = shown.association(owner).map(NetworkInterfaceAssociation::from);
    NetworkInterface {
        attachment: Some(NetworkInterfaceAttachment {
            attach_time: Some(to_wire(owner.launched_at)),
            attachment_id: Some(owner.network_attachment_id.to_string()),
            delete_on_termination: Some(true),
            device_index: Some(0),
            instance_id: Some(owner.id.to_string()),
            instance_owner_id: Some(shown.cx.account.clone()),
            network_card_index: Some(0),
            status: Some(AttachmentStatus::Attached),
        }),
        availability_zone: Some(owner.zone.clone()),
        availability_zone_id: regions::zone_id(shown.cx, &owner.zone),
        description: Some(owner.network_interface_description.clone()),
        groups: Some(shown.groups(&owner.security_groups)),
        interface_type: Some(NetworkInterfaceType::Interface),
        mac_address: Some(mac_address(&owner.network_interface_id)),
        network_interface_id: Some(owner.network_interface_id.to_string()),
        private_dns_name: Some(shown.private_name(owner.private_address)),
        private_ip_address: Some(owner.private_address.to_string()),
        private_ip_addresses: Some(vec![NetworkInterfacePrivateIpAddress {
            association: association.clone(),
            primary: Some(true),
            private_dns_name: Some(shown.private_name(owner.private_address)),
            private_ip_address: Some(owner.private_address.to_string()),
        }]),
        association,
        requester_managed: Some(false),
        source_dest_check: Some(true),
        subnet_id: Some(owner.subnet_id.to_string()),
        tag_set: Some(tags::to_wire(&owner.network_interface_tags)),
        vpc_id: Some(owner.vpc_id.to_string()),
        ..in_use(shown)
    }
}

/// One that AWS makes for something else, and that only this something ends.
fn of_other(shown: &Shown<'_>, interface: &network_interface::NetworkInterface) -> NetworkInterface {
    let association =
        shown.elastic_association(&interface.id, &interface.vpc_id).map(NetworkInterfaceAssociation::from);
    let (interface_type, forwards, requester) = match &interface.owner {
        InterfaceOwner::NatGateway(_) => (NetworkInterfaceType::NatGateway, true, "amazon-aws"),
        InterfaceOwner::LoadBalancer(_) => (NetworkInterfaceType::Interface, false, "amazon-elb"),
    };
    NetworkInterface {
        attachment: Some(NetworkInterfaceAttachment {
            attach_time: Some(to_wire(interface.created_at)),
            attachment_id: Some(interface.id.as_str().replacen(NetworkInterfaceId::PREFIX, "ela-attach-", 1)),
            delete_on_termination: Some(false),
            device_index: Some(1),
            instance_owner_id: Some("amazon-aws".to_owned()),
            status: Some(AttachmentStatus::Attached),
            ..Default::default()
        }),
        availability_zone: Some(interface.zone.clone()),
        availability_zone_id: regions::zone_id(shown.cx, &interface.zone),
        description: Some(interface.description.clone()),
        groups: Some(shown.groups(&interface.security_groups)),
        interface_type: Some(interface_type),
        mac_address: Some(mac_address(&interface.id)),
        network_interface_id: Some(interface.id.to_string()),
        private_dns_name: Some(shown.private_name(interface.private_address)),
        private_ip_address: Some(interface.private_address.to_string()),
        private_ip_addresses: Some(vec![NetworkInterfacePrivateIpAddress {
            association: association.clone(),
            primary: Some(true),
            private_dns_name: Some(shown.private_name(interface.private_address)),
            private_ip_address: Some(interface.private_address.to_string()),
        }]),
        association,
        requester_id: Some(requester.to_owned()),
        requester_managed: Some(true),
        source_dest_check: Some(!forwards),
        subnet_id: Some(interface.subnet_id.to_string()),
        tag_set: Some(tags::to_wire(&interface.tags)),
        vpc_id: Some(interface.vpc_id.to_string()),
        ..in_use(shown)
    }
}

/// What all interfaces share: none exists without what it is for.
fn in_use(shown: &Shown<'_>) -> NetworkInterface {
    NetworkInterface {
        ipv6_addresses: Some(Vec::new()),
        owner_id: Some(shown.cx.account.clone()),
        status: Some(NetworkInterfaceStatus::InUse),
        ..Default::default()
    }
}
