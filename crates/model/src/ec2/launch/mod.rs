//! Launching instances: what is asked for, what has to be true for it, and the records that come of it.
//!
//! One way for everybody who launches: RunInstances, and Auto Scaling's controller in its own transaction. Pure: ids are
//! drawn before, and facts are what the caller's view of the store shows. What becomes of the records afterwards is
//! [`super::instance_state`]'s. Which subnet it is has been decided by the caller: this only checks that it fits.

mod error;
mod spec;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    sync::Arc,
};

use super::{
    image::{Image, ImageState},
    instance::{
        DesiredState, Instance, InstanceState, LOCAL_HOST, MAXIMUM_INSTANCES, MAXIMUM_INSTANCES_PER_LAUNCH,
        MetadataOptions,
    },
    instance_state::FIRST_BOOT,
    instance_type::InstanceType,
    key_pair::KeyPair,
    network_interface::NetworkInterface,
    security_group::{DEFAULT_NAME, MAXIMUM_GROUPS_PER_INTERFACE, SecurityGroup},
    subnet::Subnet,
};
use crate::{
    IdSource, Tags, Timestamp,
    id::{InstanceId, NetworkAttachmentId, NetworkInterfaceId, ReservationId, SecurityGroupId, SubnetId, VpcId},
};
pub use error::LaunchError;
use error::shown;
pub use spec::{DEFAULT_INSTANCE_TYPE, LaunchSpec, NetworkInterfaceSpec, TemplateVersion, Tenancy};

/// The tag that Auto Scaling gives its instances: the group's name.
pub const AUTO_SCALING_GROUP_TAG: &str = "aws:autoscaling:groupName";
/// The tag of instances launched from a launch template: the template's id.
pub const LAUNCH_TEMPLATE_ID_TAG: &str = "aws:ec2launchtemplate:id";
/// The tag of instances launched from a launch template: the number of its version.
pub const LAUNCH_TEMPLATE_VERSION_TAG: &str = "aws:ec2launchtemplate:version";

/// The ids of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `i-…`
    pub instance: InstanceId,
    /// `eni-…`
    pub interface: NetworkInterfaceId,
    /// `eni-attach-…`
    pub attachment: NetworkAttachmentId,
}

/// The ids of one launch. Draw them before the transaction, which may run twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identities {
    /// `r-…`, shared by all.
    pub reservation: ReservationId,
    /// One per instance.
    pub instances: Vec<Identity>,
}

impl Identities {
    /// Ids for `count` instances, or for as many as one launch can have.
    pub fn mint(ids: &mut dyn IdSource, count: usize) -> Self {
        let mut identity = || Identity {
            instance: InstanceId::mint(ids),
            interface: NetworkInterfaceId::mint(ids),
            attachment: NetworkAttachmentId::mint(ids),
        };
        let instances = (0..count.min(MAXIMUM_INSTANCES_PER_LAUNCH)).map(|_| identity()).collect();
        Self { reservation: ReservationId::mint(ids), instances }
    }
}

/// One launch: as many instances as there are identities, or as fit; none when fewer than `minimum` fit.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    /// What they are like.
    pub spec: &'a LaunchSpec,
    /// At least so many, or none; from 1.
    pub minimum: usize,
    /// At most so many.
    pub identities: &'a Identities,
    /// The token of the request, when it had one.
    pub client_token: Option<&'a str>,
    /// The group that they belong to; it becomes [`AUTO_SCALING_GROUP_TAG`] too.
    pub auto_scaling_group: Option<&'a str>,
    /// The moment of the launch.
    pub now: Timestamp,
}

/// What the caller's view of the store shows, of the account and region of the launch.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The image of [`LaunchSpec::image_id`], of the configuration or of the account; `None` when there is none.
    pub image: Option<&'a Image>,
    /// The key pair of [`LaunchSpec::key_name`]; `None` when there is none.
    pub key_pair: Option<&'a KeyPair>,
    /// Where they go.
    pub subnet: &'a Subnet,
    /// What the instances that are there take up.
    pub occupancy: &'a Occupancy,
    /// All security groups.
    pub security_groups: &'a [Arc<SecurityGroup>],
    /// The VPC whose groups go by their names.
    pub default_vpc: Option<&'a VpcId>,
}

/// What instances and other interfaces of one account and region take up. Gathered once, it can be kept up to date through
/// many launches of one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occupancy {
    instances: usize,
    addresses: BTreeMap<SubnetId, BTreeSet<Ipv4Addr>>,
}

impl Occupancy {
    /// Of these instances, of which terminated ones take up nothing, and of the interfaces that are not an instance's.
    pub fn of(
        instances: impl IntoIterator<Item = Arc<Instance>>,
        interfaces: impl IntoIterator<Item = Arc<NetworkInterface>>,
    ) -> Self {
        let mut occupancy = Self::default();
        instances.into_iter().for_each(|instance| occupancy.add(&instance));
        interfaces.into_iter().for_each(|interface| occupancy.take(&interface.subnet_id, interface.private_address));
        occupancy
    }

    /// One more instance.
    pub fn add(&mut self, instance: &Instance) {
        if !instance.occupies() {
            return;
        }
        self.instances += 1;
        self.take(&instance.subnet_id, instance.private_address);
    }

    /// The addresses that are taken, by subnet.
    pub const fn addresses(&self) -> &BTreeMap<SubnetId, BTreeSet<Ipv4Addr>> {
        &self.addresses
    }

    fn take(&mut self, subnet: &SubnetId, address: Ipv4Addr) {
        match self.addresses.get_mut(subnet) {
            Some(addresses) => drop(addresses.insert(address)),
            None => drop(self.addresses.insert(subnet.clone(), BTreeSet::from([address]))),
        }
    }

    /// The address of one more interface of a subnet: the one that is wanted, or the lowest that is free.
    ///
    /// # Errors
    /// [`LaunchError::AddressOutsideSubnet`], [`LaunchError::AddressInUse`], [`LaunchError::NoFreeAddress`].
    pub fn address_in(&self, subnet: &Subnet, wanted: Option<Ipv4Addr>) -> Result<Ipv4Addr, LaunchError> {
        let none = BTreeSet::new();
        let used = self.addresses.get(&subnet.id).unwrap_or(&none);
        match wanted {
            Some(address) => given_address(subnet, used, address, 1),
            None => subnet.free_addresses(used).next().ok_or_else(|| LaunchError::NoFreeAddress {
                subnet: subnet.id.clone(),
                cidr: subnet.cidr,
                free: 0,
                needed: 1,
            }),
        }
    }

    /// How many addresses of a subnet are taken.
    pub fn taken(&self, subnet: &SubnetId) -> usize {
        self.addresses.get(subnet).map_or(0, BTreeSet::len)
    }
}

/// The records of a launch, in the order of their launch index.
///
/// # Errors
/// Whatever of [`LaunchError`] comes first; then nothing is to be launched.
pub fn instances(launch: &Launch<'_>, facts: &Facts<'_>) -> Result<Vec<Instance>, LaunchError> {
    let image = image(launch.spec, facts)?;
    let instance_type = launch.spec.known_type()?;
    let key_pair = key_pair(launch.spec, facts)?;
    check_zone(launch.spec, facts.subnet)?;
    metadata_options(launch.spec).check_tags(&launch.spec.tags)?;
    let security_groups = security_groups(launch.spec, facts)?;
    let addresses = addresses(launch, facts)?;
    let common = Common { launch, image, key_pair, instance_type, subnet: facts.subnet, security_groups };
    let members = launch.identities.instances.iter().zip(addresses).zip(0_u32..);
    Ok(members.map(|((identity, address), index)| common.record(identity, address, index)).collect())
}

fn image<'a>(spec: &LaunchSpec, facts: &Facts<'a>) -> Result<&'a Image, LaunchError> {
    let id = spec.image_id.as_ref().ok_or(LaunchError::ImageMissing)?;
    let image = facts.image.filter(|image| image.id == *id);
    let image = image.ok_or_else(|| LaunchError::ImageNotFound { id: id.clone() })?;
    match image.state {
        ImageState::Available => Ok(image),
        ImageState::Pending | ImageState::Failed => Err(LaunchError::ImageNotAvailable { id: id.clone() }),
        ImageState::Deregistered => Err(LaunchError::ImageNotFound { id: id.clone() }),
    }
}

fn metadata_options(spec: &LaunchSpec) -> MetadataOptions {
    spec.metadata_options.applied_to(MetadataOptions::default())
}

fn key_pair<'a>(spec: &LaunchSpec, facts: &Facts<'a>) -> Result<Option<&'a KeyPair>, LaunchError> {
    let Some(name) = &spec.key_name else { return Ok(None) };
    let found = facts.key_pair.filter(|pair| pair.name == *name);
    found.map(Some).ok_or_else(|| LaunchError::KeyPairNotFound { name: shown(name) })
}

fn check_zone(spec: &LaunchSpec, subnet: &Subnet) -> Result<(), LaunchError> {
    match &spec.zone {
        Some(zone) if *zone != subnet.zone => Err(LaunchError::OtherZone {
            zone: zone.clone(),
            subnet: subnet.id.clone(),
            of_subnet: subnet.zone.clone(),
        }),
        Some(_) | None => Ok(()),
    }
}

/// Those that are named, or the subnet's VPC's own; each once.
fn security_groups(spec: &LaunchSpec, facts: &Facts<'_>) -> Result<Vec<SecurityGroupId>, LaunchError> {
    let subnet = facts.subnet;
    let mut ids: Vec<SecurityGroupId> = Vec::new();
    for group in named_groups(spec, facts)? {
        if group.vpc_id != subnet.vpc_id {
            let (id, subnet) = (group.id.clone(), subnet.id.clone());
            return Err(LaunchError::SecurityGroupOfOtherVpc { id, subnet });
        }
        if !ids.contains(&group.id) {
            ids.push(group.id.clone());
        }
    }
    if ids.is_empty() {
        ids.extend(group_named(facts, &subnet.vpc_id, DEFAULT_NAME).map(|group| group.id.clone()));
    }
    check_group_count(&ids)?;
    Ok(ids)
}

/// Refuses more groups than an interface has.
///
/// # Errors
/// [`LaunchError::TooManySecurityGroups`].
pub fn check_group_count(groups: &[SecurityGroupId]) -> Result<(), LaunchError> {
    match groups.len() {
        count if count > MAXIMUM_GROUPS_PER_INTERFACE => Err(LaunchError::TooManySecurityGroups { count }),
        _ => Ok(()),
    }
}

fn named_groups<'a>(spec: &LaunchSpec, facts: &Facts<'a>) -> Result<Vec<&'a SecurityGroup>, LaunchError> {
    let of_interface = spec.network_interface.iter().flat_map(|interface| &interface.security_groups);
    let mut groups = Vec::new();
    for id in spec.security_groups.iter().chain(of_interface) {
        let found = facts.security_groups.iter().find(|group| group.id == *id);
        groups.push(&**found.ok_or_else(|| LaunchError::SecurityGroupNotFound { id: id.clone() })?);
    }
    for name in &spec.security_group_names {
        let found = facts.default_vpc.and_then(|vpc| group_named(facts, vpc, name));
        groups.push(found.ok_or_else(|| LaunchError::SecurityGroupNameNotFound { name: shown(name) })?);
    }
    Ok(groups)
}

fn group_named<'a>(facts: &Facts<'a>, vpc: &VpcId, name: &str) -> Option<&'a SecurityGroup> {
    facts.security_groups.iter().find(|group| group.vpc_id == *vpc && group.name == name).map(|group| &**group)
}

/// As many addresses as instances can be launched.
fn addresses(launch: &Launch<'_>, facts: &Facts<'_>) -> Result<Vec<Ipv4Addr>, LaunchError> {
    let (needed, subnet) = (launch.minimum, facts.subnet);
    if needed > MAXIMUM_INSTANCES_PER_LAUNCH {
        return Err(LaunchError::TooManyAtOnce { needed });
    }
    let there = facts.occupancy.instances;
    let quota = MAXIMUM_INSTANCES.saturating_sub(there);
    if quota < needed {
        return Err(LaunchError::InstanceLimit { there, needed });
    }
    let none = BTreeSet::new();
    let used = facts.occupancy.addresses.get(&subnet.id).unwrap_or(&none);
    let count = launch.identities.instances.len();
    if let Some(address) = launch.spec.wanted_address() {
        return given_address(subnet, used, address, count.max(needed)).map(|address| vec![address]);
    }
    let free: Vec<Ipv4Addr> = subnet.free_addresses(used).take(count.min(quota)).collect();
    match free.len() {
        free if free < needed => {
            Err(LaunchError::NoFreeAddress { subnet: subnet.id.clone(), cidr: subnet.cidr, free, needed })
        }
        _ => Ok(free),
    }
}

fn given_address(
    subnet: &Subnet,
    used: &BTreeSet<Ipv4Addr>,
    address: Ipv4Addr,
    count: usize,
) -> Result<Ipv4Addr, LaunchError> {
    if count > 1 {
        return Err(LaunchError::AddressOfSeveral { address, count });
    }
    if !subnet.usable(address) {
        return Err(LaunchError::AddressOutsideSubnet { address, subnet: subnet.id.clone(), cidr: subnet.cidr });
    }
    if used.contains(&address) {
        return Err(LaunchError::AddressInUse { address });
    }
    Ok(address)
}

/// What all instances of a launch share.
struct Common<'a> {
    launch: &'a Launch<'a>,
    image: &'a Image,
    key_pair: Option<&'a KeyPair>,
    instance_type: &'static InstanceType,
    subnet: &'a Subnet,
    security_groups: Vec<SecurityGroupId>,
}

impl Common<'_> {
    fn record(&self, identity: &Identity, address: Ipv4Addr, index: u32) -> Instance {
        let (launch, subnet, spec) = (self.launch, self.subnet, self.launch.spec);
        let description = spec.network_interface.as_ref().and_then(|interface| interface.description.clone());
        Instance {
            id: identity.instance.clone(),
            reservation_id: launch.identities.reservation.clone(),
            launch_index: index,
            client_token: launch.client_token.map(str::to_owned),
            image_id: self.image.id.clone(),
            instance_type: self.instance_type.name.to_owned(),
            host: LOCAL_HOST.to_owned(),
            zone: subnet.zone.clone(),
            vpc_id: subnet.vpc_id.clone(),
            subnet_id: subnet.id.clone(),
            network_interface_id: identity.interface.clone(),
            network_attachment_id: identity.attachment.clone(),
            network_interface_description: description.unwrap_or_default(),
            network_interface_tags: spec.interface_tags.clone(),
            private_address: address,
            host_address: None,
            public_address_wanted: spec.wants_public_address(subnet),
            pool_address: None,
            security_groups: self.security_groups.clone(),
            key_name: self.key_pair.map(|pair| pair.name.clone()),
            public_key: self.key_pair.map(|pair| pair.public_key.clone()),
            user_data: spec.user_data.clone(),
            shutdown_behavior: spec.shutdown_behavior.unwrap_or_default(),
            termination_protection: spec.termination_protection.unwrap_or_default(),
            stop_protection: spec.stop_protection.unwrap_or_default(),
            metadata_options: metadata_options(spec),
            detailed_monitoring: spec.detailed_monitoring.unwrap_or_default(),
            tags: self.tags(),
            auto_scaling_group: launch.auto_scaling_group.map(str::to_owned),
            launched_at: launch.now,
            desired: DesiredState::Running,
            end_without_asking: false,
            state: InstanceState::Pending,
            state_changed_at: launch.now,
            state_reason: None,
            boot: FIRST_BOOT,
            runtime: None,
        }
    }

    /// The user's tags and those of AWS.
    fn tags(&self) -> Tags {
        let mut tags = self.launch.spec.tags.clone();
        if let Some(TemplateVersion { id, version }) = &self.launch.spec.launch_template {
            tags.0.insert(LAUNCH_TEMPLATE_ID_TAG.to_owned(), id.to_string());
            tags.0.insert(LAUNCH_TEMPLATE_VERSION_TAG.to_owned(), version.to_string());
        }
        if let Some(group) = self.launch.auto_scaling_group {
            tags.0.insert(AUTO_SCALING_GROUP_TAG.to_owned(), group.to_owned());
        }
        tags
    }
}

#[cfg(test)]
mod tests;
