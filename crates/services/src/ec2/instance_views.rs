//! Instances and their network interfaces as the API shows them.
//!
//! An interface is part of its instance's record. A terminated instance has none any more, as on AWS.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use api::ec2::types::{
    self, AttachmentStatus, GroupIdentifier, HypervisorType, InstanceNetworkInterface,
    InstanceNetworkInterfaceAssociation, InstanceNetworkInterfaceAttachment, InstancePrivateIpAddress,
    InstanceStateName, Monitoring, MonitoringState, NetworkInterfaceAssociation, NetworkInterfaceStatus, Placement,
    Reservation, Tenancy, VirtualizationType,
};
use model::ec2::address::Address;
use model::ec2::instance::{Instance, InstanceState};
use model::ec2::security_group::SecurityGroup;
use model::ec2::vpc::Vpc;
use model::ec2::vpc_dns;
use model::id::{NetworkInterfaceId, SecurityGroupId, VpcId};
use store::View;

use super::images::{PLATFORM, ROOT_DEVICE, USAGE_OPERATION, architecture};
use super::metadata_options;
use super::regions;
use super::tags;
use crate::context::Context;
use crate::handler::to_wire;

/// What instances and interfaces are shown with: who asks, and the records that theirs refer to.
pub(super) struct Shown<'a> {
    pub cx: &'a Context,
    view: &'a View,
    /// Elastic IPs by the interface that they stand for.
    elastic: BTreeMap<NetworkInterfaceId, Arc<Address>>,
}

/// A public address of an interface.
pub(super) struct Association {
    address: String,
    name: Option<String>,
    owner: String,
    /// Of an Elastic IP: of the allocation and of the association.
    ids: Option<(String, String)>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(cx: &'a Context, view: &'a View) -> Self {
        let by_interface = |address: Arc<Address>| {
            let interface = address.association.as_ref()?.network_interface_id.clone();
            Some((interface, address))
        };
        let elastic = view.list::<Address>(&cx.scope()).filter_map(by_interface).collect();
        Self { cx, view, elastic }
    }

    /// Ids and names of security groups.
    pub(super) fn groups(&self, groups: &[SecurityGroupId]) -> Vec<GroupIdentifier> {
        let scope = self.cx.scope();
        let name = |id| self.view.get::<SecurityGroup>(&scope, id).map(|group| group.name.clone());
        groups.iter().map(|id| GroupIdentifier { group_id: Some(id.to_string()), group_name: name(id) }).collect()
    }

    /// `ip-10-0-1-4.<region>.compute.internal`
    pub(super) fn private_name(&self, address: Ipv4Addr) -> String {
        vpc_dns::private_name(&self.cx.region, address)
    }

    /// The address by which the outside reaches the instance: its Elastic IP, else its own.
    pub(super) fn association(&self, instance: &Instance) -> Option<Association> {
        if !instance.occupies() {
            return None;
        }
        let own = || {
            let address = instance.public_address()?.to_string();
            let name = self.public_name(&instance.vpc_id, &address);
            Some(Association { address, name, owner: "amazon".to_owned(), ids: None })
        };
        self.elastic_association(&instance.network_interface_id, &instance.vpc_id).or_else(own)
    }

    /// The Elastic IP of an interface.
    pub(super) fn elastic_association(&self, interface: &NetworkInterfaceId, vpc: &VpcId) -> Option<Association> {
        let elastic = self.elastic.get(interface)?;
        let address = elastic.public_address.to_string();
        let association = elastic.association.as_ref()?;
        Some(Association {
            name: self.public_name(vpc, &address),
            address,
            owner: self.cx.account.clone(),
            ids: Some((elastic.id.to_string(), association.id.to_string())),
        })
    }

    /// A name for the public address. It has to lead there without a resolver of ours, so it is the address itself; as
    /// on AWS only in VPCs that give names.
    fn public_name(&self, vpc: &VpcId, address: &str) -> Option<String> {
        let vpc = self.view.get::<Vpc>(&self.cx.scope(), vpc)?;
        vpc.dns_hostnames.then(|| address.to_owned())
    }
}

impl From<Association> for InstanceNetworkInterfaceAssociation {
    fn from(Association { address, name, owner, ids: _ }: Association) -> Self {
        Self { ip_owner_id: Some(owner), public_dns_name: Some(name.unwrap_or_default()), public_ip: Some(address) }
    }
}

impl From<Association> for NetworkInterfaceAssociation {
    fn from(Association { address, name, owner, ids }: Association) -> Self {
        let (allocation_id, association_id) = ids.unzip();
        Self {
            allocation_id,
            association_id,
            ip_owner_id: Some(owner),
            public_dns_name: Some(name.unwrap_or_default()),
            public_ip: Some(address),
        }
    }
}

/// One RunInstances call, or what a filter left of it.
pub(super) fn reservation(shown: &Shown<'_>, id: &str, members: &[Arc<Instance>]) -> Reservation {
    wrap(shown, id, members.iter().map(|member| instance(shown, member)).collect())
}

/// A reservation around instances that are in their form for the API already.
pub(super) fn wrap(shown: &Shown<'_>, id: &str, instances: Vec<types::Instance>) -> Reservation {
    Reservation {
        // Groups of EC2-Classic, which there is none of.
        groups: Some(Vec::new()),
        instances: Some(instances),
        owner_id: Some(shown.cx.account.clone()),
        requester_id: None,
        reservation_id: Some(id.to_owned()),
    }
}

/// An instance.
pub(super) fn instance(shown: &Shown<'_>, record: &Instance) -> types::Instance {
    let there = record.occupies();
    let or_empty = |text: Option<String>| Some(text.unwrap_or_default());
    let (public_address, public_name) = shown.association(record).map(|it| (it.address, it.name)).unzip();
    types::Instance {
        ami_launch_index: i32::try_from(record.launch_index).ok(),
        architecture: Some(architecture()),
        block_device_mappings: Some(Vec::new()),
        boot_mode: None,
        client_token: or_empty(record.client_token.clone()),
        ebs_optimized: Some(false),
        ena_support: Some(true),
        hypervisor: Some(HypervisorType::Xen),
        image_id: Some(record.image_id.to_string()),
        instance_id: Some(record.id.to_string()),
        instance_type: Some(record.instance_type.clone()),
        key_name: record.key_name.clone(),
        launch_time: Some(to_wire(record.launched_at)),
        metadata_options: Some(metadata_options::shown(record.metadata_options)),
        monitoring: Some(monitoring(record)),
        network_interfaces: Some(if there { vec![interface(shown, record)] } else { Vec::new() }),
        placement: Some(Placement {
            availability_zone: Some(record.zone.clone()),
            availability_zone_id: regions::zone_id(shown.cx, &record.zone),
            group_name: Some(String::new()),
            tenancy: Some(Tenancy::Default),
        }),
        platform_details: Some(PLATFORM.to_owned()),
        private_dns_name: or_empty(there.then(|| shown.private_name(record.private_address))),
        private_ip_address: there.then(|| record.private_address.to_string()),
        product_codes: Some(Vec::new()),
        public_dns_name: or_empty(public_name.flatten()),
        public_ip_address: public_address,
        root_device_name: Some(ROOT_DEVICE.to_owned()),
        root_device_type: Some(types::DeviceType::InstanceStore),
        security_groups: Some(if there { shown.groups(&record.security_groups) } else { Vec::new() }),
        source_dest_check: there.then_some(true),
        state: Some(state(record.state)),
        state_reason: record.state_reason.as_ref().map(|reason| types::StateReason {
            code: Some(reason.code.clone()),
            message: Some(reason.message.clone()),
        }),
        state_transition_reason: Some(transition_reason(record)),
        subnet_id: there.then(|| record.subnet_id.to_string()),
        tags: Some(tags::to_wire(&record.tags)),
        usage_operation: Some(USAGE_OPERATION.to_owned()),
        virtualization_type: Some(VirtualizationType::Hvm),
        vpc_id: there.then(|| record.vpc_id.to_string()),
    }
}

fn monitoring(record: &Instance) -> Monitoring {
    let state = if record.detailed_monitoring { MonitoringState::Enabled } else { MonitoringState::Disabled };
    Monitoring { state: Some(state) }
}

/// AWS's number and name.
pub(super) fn state(state: InstanceState) -> types::InstanceState {
    let name = match state {
        InstanceState::Pending => InstanceStateName::Pending,
        InstanceState::Running => InstanceStateName::Running,
        InstanceState::ShuttingDown => InstanceStateName::ShuttingDown,
        InstanceState::Terminated => InstanceStateName::Terminated,
        InstanceState::Stopping => InstanceStateName::Stopping,
        InstanceState::Stopped => InstanceStateName::Stopped,
    };
    types::InstanceState { code: Some(state.code()), name: Some(name) }
}

/// `User initiated (2026-11-20 12:00:00 GMT)` when the user ended it; empty while it runs.
fn transition_reason(record: &Instance) -> String {
    match &record.state_reason {
        Some(reason) if reason.code == "Client.UserInitiatedShutdown" => {
            let at = record.state_changed_at.to_string().replace('T', " ");
            format!("User initiated ({} GMT)", at.split('.').next().unwrap_or(&at))
        }
        Some(reason) => reason.message.clone(),
        None => String::new(),
    }
}

fn interface(shown: &Shown<'_>, record: &Instance) -> InstanceNetworkInterface {
    let association = shown.association(record).map(InstanceNetworkInterfaceAssociation::from);
    InstanceNetworkInterface {
        association: association.clone(),
        attachment: Some(InstanceNetworkInterfaceAttachment {
            attach_time: Some(to_wire(record.launched_at)),
            attachment_id: Some(record.network_attachment_id.to_string()),
            delete_on_termination: Some(true),
            device_index: Some(0),
            network_card_index: Some(0),
            status: Some(AttachmentStatus::Attached),
        }),
        description: Some(record.network_interface_description.clone()),
        groups: Some(shown.groups(&record.security_groups)),
        interface_type: Some("interface".to_owned()),
        ipv6_addresses: Some(Vec::new()),
        mac_address: Some(mac_address(&record.network_interface_id)),
        network_interface_id: Some(record.network_interface_id.to_string()),
        owner_id: Some(shown.cx.account.clone()),
        private_dns_name: Some(shown.private_name(record.private_address)),
        private_ip_address: Some(record.private_address.to_string()),
        private_ip_addresses: Some(vec![InstancePrivateIpAddress {
            association,
            primary: Some(true),
            private_dns_name: Some(shown.private_name(record.private_address)),
            private_ip_address: Some(record.private_address.to_string()),
        }]),
        source_dest_check: Some(true),
        status: Some(NetworkInterfaceStatus::InUse),
        subnet_id: Some(record.subnet_id.to_string()),
        vpc_id: Some(record.vpc_id.to_string()),
    }
}

/// A locally administered address that follows from the interface's id.
pub(super) fn mac_address(id: &NetworkInterfaceId) -> String {
    let digits = id.as_str().trim_start_matches(NetworkInterfaceId::PREFIX);
    let pairs = digits.as_bytes().rchunks_exact(2).take(5);
    let pairs: Vec<String> = pairs.map(|pair| String::from_utf8_lossy(pair).into_owned()).collect();
    // An old id of eight digits has four pairs.
    let padding = std::iter::repeat_n("00".to_owned(), 5 - pairs.len().min(5));
    ["02".to_owned()].into_iter().chain(padding).chain(pairs.into_iter().rev()).collect::<Vec<_>>().join(":")
}
