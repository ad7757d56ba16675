//! Launching instances: what is asked for, what has to be true for it, and the records that come of it.
//!
//! One way for everybody who launches: RunInstances, and Auto Scaling's controller in its own transaction. Pure: ids are
//! drawn before, and facts are what the caller's view of the store shows. What becomes of the records afterwards is
//! [`super::instance_state`]'s. Which subnet it is has been decided by the caller: this only checks that it fits.

use std::{collections::BTreeSet, net::Ipv4Addr, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    image::Image,
    instance::{DesiredState, Instance, InstanceState, LOCAL_HOST, MAXIMUM_INSTANCES, ShutdownBehavior},
    instance_state::FIRST_BOOT,
    instance_type::{InstanceType, instance_type},
    security_group::{DEFAULT_NAME, MAXIMUM_GROUPS_PER_INTERFACE, SecurityGroup},
    subnet::Subnet,
};
use crate::{
    IdSource, Tags, Timestamp,
    cidr::Cidr,
    id::{
        ImageId, InstanceId, LaunchTemplateId, NetworkAttachmentId, NetworkInterfaceId, ReservationId, SecurityGroupId,
        SubnetId, VpcId,
    },
};

/// What AWS launches when no type is given (EC2 API reference, RunInstances).
pub const DEFAULT_INSTANCE_TYPE: &str = "m1.small";
/// The tag that Auto Scaling gives its instances: the group's name.
pub const AUTO_SCALING_GROUP_TAG: &str = "aws:autoscaling:groupName";
/// The tag of instances launched from a launch template: the template's id.
pub const LAUNCH_TEMPLATE_ID_TAG: &str = "aws:ec2launchtemplate:id";
/// The tag of instances launched from a launch template: the number of its version.
pub const LAUNCH_TEMPLATE_VERSION_TAG: &str = "aws:ec2launchtemplate:version";

/// What instances shall be like. Everything may be left open: a launch template leaves out what is said at the launch,
/// and AWS's defaults stand for what nobody says. Kept in launch templates and launch configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LaunchSpec {
    /// What they boot from; a launch without one is refused.
    pub image_id: Option<ImageId>,
    /// A name of [`super::instance_type`]; [`DEFAULT_INSTANCE_TYPE`] when absent.
    pub instance_type: Option<String>,
    /// Decoded user data, at most 16 KiB, not empty.
    pub user_data: Option<Vec<u8>>,
    /// The name of a key pair. There are no key pairs yet, so a launch with one is refused.
    pub key_name: Option<String>,
    /// `SubnetId` beside the interface; requests only. See [`Self::subnet`].
    pub subnet_id: Option<SubnetId>,
    /// `PrivateIpAddress` beside the interface; requests only.
    pub private_address: Option<Ipv4Addr>,
    /// `SecurityGroupIds`
    pub security_groups: Vec<SecurityGroupId>,
    /// `SecurityGroups`: names of groups of the default VPC.
    pub security_group_names: Vec<String>,
    /// `NetworkInterfaces`, of which there is at most one.
    pub network_interface: Option<NetworkInterfaceSpec>,
    /// Zone name of `Placement`.
    pub zone: Option<String>,
    /// `Placement.Tenancy`
    pub tenancy: Option<Tenancy>,
    /// What a shutdown from inside means; `stop` when absent.
    pub shutdown_behavior: Option<ShutdownBehavior>,
    /// `DisableApiTermination`; false when absent.
    pub termination_protection: Option<bool>,
    /// `DisableApiStop`; false when absent.
    pub stop_protection: Option<bool>,
    /// Whether monitoring is `detailed`; false when absent.
    pub detailed_monitoring: Option<bool>,
    /// Tags of the instances.
    pub tags: Tags,
    /// Tags of their network interfaces.
    pub interface_tags: Tags,
    /// The launch template that this came from; it becomes two tags of AWS's.
    pub launch_template: Option<TemplateVersion>,
}

/// The network interface of an instance, as `NetworkInterfaces` describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkInterfaceSpec {
    /// Whether it gets a public address; as the subnet says when absent.
    pub associate_public_address: Option<bool>,
    /// Only true is possible: interfaces end with their instance.
    pub delete_on_termination: Option<bool>,
    /// Free text, at most 255 characters.
    pub description: Option<String>,
    /// Its security groups.
    pub security_groups: Vec<SecurityGroupId>,
    /// Its address within the subnet; the lowest free one when absent.
    pub private_address: Option<Ipv4Addr>,
    /// Its subnet.
    pub subnet_id: Option<SubnetId>,
}

/// `Placement.Tenancy`: there are no dedicated hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tenancy {
    /// Shared hosts.
    Default,
}

/// One version of a launch template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateVersion {
    /// `lt-…`
    pub id: LaunchTemplateId,
    /// From 1.
    pub version: u64,
}

impl LaunchSpec {
    /// This with what `by` says in its place, member by member as AWS has them: `NetworkInterfaces` as a whole, security
    /// groups by id or name as a whole, all tags as a whole.
    #[must_use]
    pub fn overridden(self, by: Self) -> Self {
        let keeps_groups = by.security_groups.is_empty() && by.security_group_names.is_empty();
        let keeps_tags = by.tags.0.is_empty() && by.interface_tags.0.is_empty();
        let (groups, names) = match keeps_groups {
            true => (self.security_groups, self.security_group_names),
            false => (by.security_groups, by.security_group_names),
        };
        let (tags, interface_tags) = match keeps_tags {
            true => (self.tags, self.interface_tags),
            false => (by.tags, by.interface_tags),
        };
        Self {
            image_id: by.image_id.or(self.image_id),
            instance_type: by.instance_type.or(self.instance_type),
            user_data: by.user_data.or(self.user_data),
            key_name: by.key_name.or(self.key_name),
            subnet_id: by.subnet_id.or(self.subnet_id),
            private_address: by.private_address.or(self.private_address),
            security_groups: groups,
            security_group_names: names,
            network_interface: by.network_interface.or(self.network_interface),
            zone: by.zone.or(self.zone),
            tenancy: by.tenancy.or(self.tenancy),
            shutdown_behavior: by.shutdown_behavior.or(self.shutdown_behavior),
            termination_protection: by.termination_protection.or(self.termination_protection),
            stop_protection: by.stop_protection.or(self.stop_protection),
            detailed_monitoring: by.detailed_monitoring.or(self.detailed_monitoring),
            tags,
            interface_tags,
            launch_template: by.launch_template.or(self.launch_template),
        }
    }

    /// The subnet that it names, in whichever form.
    pub fn subnet(&self) -> Option<&SubnetId> {
        self.network_interface.as_ref().and_then(|interface| interface.subnet_id.as_ref()).or(self.subnet_id.as_ref())
    }

    /// Whether subnet, address or groups stand beside `NetworkInterfaces`, which EC2 refuses.
    pub fn describes_interface_twice(&self) -> bool {
        let beside = self.subnet_id.is_some()
            || self.private_address.is_some()
            || !self.security_groups.is_empty()
            || !self.security_group_names.is_empty();
        self.network_interface.is_some() && beside
    }

    /// The type of its instances.
    ///
    /// # Errors
    /// [`LaunchError::UnknownInstanceType`].
    pub fn known_type(&self) -> Result<&'static InstanceType, LaunchError> {
        let name = self.instance_type.as_deref().unwrap_or(DEFAULT_INSTANCE_TYPE);
        instance_type(name).ok_or_else(|| LaunchError::UnknownInstanceType { name: shown(name) })
    }

    fn wanted_address(&self) -> Option<Ipv4Addr> {
        self.network_interface.as_ref().and_then(|interface| interface.private_address).or(self.private_address)
    }

    fn wants_public_address(&self, subnet: &Subnet) -> bool {
        let said = self.network_interface.as_ref().and_then(|interface| interface.associate_public_address);
        said.unwrap_or(subnet.map_public_ip_on_launch)
    }
}

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
    /// Ids for `count` instances, or for as many as there can be.
    pub fn mint(ids: &mut dyn IdSource, count: usize) -> Self {
        let mut identity = || Identity {
            instance: InstanceId::mint(ids),
            interface: NetworkInterfaceId::mint(ids),
            attachment: NetworkAttachmentId::mint(ids),
        };
        let instances = (0..count.min(MAXIMUM_INSTANCES)).map(|_| identity()).collect();
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
    /// Where they go.
    pub subnet: &'a Subnet,
    /// All instances, terminated ones too.
    pub instances: &'a [Arc<Instance>],
    /// All security groups.
    pub security_groups: &'a [Arc<SecurityGroup>],
    /// The VPC whose groups go by their names.
    pub default_vpc: Option<&'a VpcId>,
}

/// Why nothing is launched. The sentences are what EC2 answers, and what Auto Scaling writes into its activity; they
/// end without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// Neither request nor template names an image.
    #[error("No image is given; `describe-images` lists what can be launched")]
    ImageMissing,
    /// No such image.
    #[error("The image id '[{id}]' does not exist")]
    ImageNotFound {
        /// What was asked for.
        id: ImageId,
    },
    /// Not a type of [`super::instance_type`].
    #[error("There is no instance type '{name}'; `describe-instance-types` lists those that there are")]
    UnknownInstanceType {
        /// What was asked for, shortened.
        name: String,
    },
    /// There are no key pairs yet.
    #[error("The key pair '{name}' does not exist")]
    KeyPairNotFound {
        /// What was asked for, shortened.
        name: String,
    },
    /// No such security group.
    #[error("The security group '{id}' does not exist")]
    SecurityGroupNotFound {
        /// What was asked for.
        id: SecurityGroupId,
    },
    /// No such security group in the default VPC.
    #[error("The security group '{name}' does not exist in default VPC; groups of other VPCs go by their id")]
    SecurityGroupNameNotFound {
        /// What was asked for, shortened.
        name: String,
    },
    /// The group cannot be that of an interface of the subnet.
    #[error("Security group {id} and subnet {subnet} belong to different networks")]
    SecurityGroupOfOtherVpc {
        /// The group.
        id: SecurityGroupId,
        /// The subnet.
        subnet: SubnetId,
    },
    /// More than an interface can have.
    #[error("A network interface has at most {MAXIMUM_GROUPS_PER_INTERFACE} security groups, not {count}")]
    TooManySecurityGroups {
        /// So many.
        count: usize,
    },
    /// The placement and the subnet disagree.
    #[error("The placement asks for zone {zone}, and subnet {subnet} is in {of_subnet}")]
    OtherZone {
        /// What was asked for.
        zone: String,
        /// The subnet.
        subnet: SubnetId,
        /// Its zone.
        of_subnet: String,
    },
    /// One address, several instances.
    #[error("The private address {address} is for one instance, not for {count}")]
    AddressOfSeveral {
        /// The address.
        address: Ipv4Addr,
        /// How many at most were asked for.
        count: usize,
    },
    /// Not an address that interfaces of the subnet get.
    #[error("The private address {address} is none that subnet {subnet} ({cidr}) gives")]
    AddressOutsideSubnet {
        /// The address.
        address: Ipv4Addr,
        /// The subnet.
        subnet: SubnetId,
        /// Its block.
        cidr: Cidr,
    },
    /// Another interface has it.
    #[error("The private address {address} is in use")]
    AddressInUse {
        /// The address.
        address: Ipv4Addr,
    },
    /// The subnet is full.
    #[error("Subnet {subnet} ({cidr}) has {free} free addresses; {needed} are needed")]
    NoFreeAddress {
        /// The subnet.
        subnet: SubnetId,
        /// Its block.
        cidr: Cidr,
        /// How many there are.
        free: usize,
        /// How many there must be.
        needed: usize,
    },
    /// The quota.
    #[error("{there} instances are there already; with {needed} more they are over the quota of {MAXIMUM_INSTANCES}")]
    InstanceLimit {
        /// How many there are.
        there: usize,
        /// How many must be launched.
        needed: usize,
    },
}

/// The records of a launch, in the order of their launch index.
///
/// # Errors
/// Whatever of [`LaunchError`] comes first; then nothing is to be launched.
pub fn instances(launch: &Launch<'_>, facts: &Facts<'_>) -> Result<Vec<Instance>, LaunchError> {
    let image = image(launch.spec, facts)?;
    let instance_type = launch.spec.known_type()?;
    if let Some(name) = &launch.spec.key_name {
        return Err(LaunchError::KeyPairNotFound { name: shown(name) });
    }
    check_zone(launch.spec, facts.subnet)?;
    let security_groups = security_groups(launch.spec, facts)?;
    let addresses = addresses(launch, facts)?;
    let common = Common { launch, image, instance_type, subnet: facts.subnet, security_groups };
    let members = launch.identities.instances.iter().zip(addresses).zip(0_u32..);
    Ok(members.map(|((identity, address), index)| common.record(identity, address, index)).collect())
}

fn image<'a>(spec: &LaunchSpec, facts: &Facts<'a>) -> Result<&'a Image, LaunchError> {
    let id = spec.image_id.as_ref().ok_or(LaunchError::ImageMissing)?;
    facts.image.filter(|image| image.id == *id).ok_or_else(|| LaunchError::ImageNotFound { id: id.clone() })
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
    let there = facts.instances.iter().filter(|instance| instance.occupies()).count();
    let quota = MAXIMUM_INSTANCES.saturating_sub(there);
    if quota < needed {
        return Err(LaunchError::InstanceLimit { there, needed });
    }
    let used = used_addresses(facts.instances, &subnet.id);
    let count = launch.identities.instances.len();
    if let Some(address) = launch.spec.wanted_address() {
        return given_address(subnet, &used, address, count.max(needed)).map(|address| vec![address]);
    }
    let free: Vec<Ipv4Addr> = subnet.free_addresses(&used).take(count.min(quota)).collect();
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

/// The addresses of a subnet that instances hold.
pub fn used_addresses(instances: &[Arc<Instance>], subnet: &SubnetId) -> BTreeSet<Ipv4Addr> {
    let there = instances.iter().filter(|instance| instance.occupies() && instance.subnet_id == *subnet);
    there.map(|instance| instance.private_address).collect()
}

/// What all instances of a launch share.
struct Common<'a> {
    launch: &'a Launch<'a>,
    image: &'a Image,
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
            security_groups: self.security_groups.clone(),
            key_name: None,
            user_data: spec.user_data.clone(),
            shutdown_behavior: spec.shutdown_behavior.unwrap_or_default(),
            termination_protection: spec.termination_protection.unwrap_or_default(),
            stop_protection: spec.stop_protection.unwrap_or_default(),
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

/// Enough of a text of the user's for a sentence.
fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    /// A default VPC with a /28 subnet, another VPC, and their groups.
    struct World {
        image: Image,
        subnet: Subnet,
        groups: Vec<Arc<SecurityGroup>>,
        there: Vec<Arc<Instance>>,
        ids: u64,
    }

    fn id<T: std::str::FromStr<Err = crate::id::InvalidId>>(text: &str) -> T {
        text.parse().unwrap()
    }

    fn group(text: &str, name: &str, vpc: &str) -> Arc<SecurityGroup> {
        Arc::new(SecurityGroup {
            id: id(text),
            name: name.into(),
            description: "d".into(),
            vpc_id: id(vpc),
            rules: Vec::new(),
            created_at: NOW,
            tags: Tags::default(),
        })
    }

    impl World {
        fn new() -> Self {
            let subnet = Subnet {
                id: id("subnet-00000001"),
                vpc_id: id("vpc-00000001"),
                cidr: "10.0.0.0/28".parse().unwrap(),
                zone: "ap-northeast-2a".into(),
                default_for_zone: true,
                map_public_ip_on_launch: true,
                created_at: NOW,
                tags: Tags::default(),
            };
            let groups = vec![
                group("sg-00000001", "default", "vpc-00000001"),
                group("sg-00000002", "web", "vpc-00000001"),
                group("sg-00000003", "web", "vpc-00000002"),
            ];
            let image = super::super::image::built_in().remove(0);
            Self { image, subnet, groups, there: Vec::new(), ids: 0 }
        }

        fn spec(&self) -> LaunchSpec {
            LaunchSpec { image_id: Some(self.image.id.clone()), ..LaunchSpec::default() }
        }

        fn launch(&mut self, spec: &LaunchSpec, minimum: usize, maximum: usize) -> Result<Vec<Instance>, LaunchError> {
            let next = &mut self.ids;
            let mut ids = || {
                *next += 1;
                *next << 32
            };
            let identities = Identities::mint(&mut ids, maximum);
            let launch = Launch {
                spec,
                minimum,
                identities: &identities,
                client_token: Some("token"),
                auto_scaling_group: Some("web-group"),
                now: NOW,
            };
            let vpc = id("vpc-00000001");
            let facts = Facts {
                image: Some(&self.image),
                subnet: &self.subnet,
                instances: &self.there,
                security_groups: &self.groups,
                default_vpc: Some(&vpc),
            };
            instances(&launch, &facts)
        }

        fn fill(&mut self, count: usize) {
            let spec = self.spec();
            let made = self.launch(&spec, count, count).unwrap();
            self.there.extend(made.into_iter().map(Arc::new));
        }
    }

    #[test]
    fn what_is_left_open_has_the_defaults_of_aws() {
        let mut world = World::new();
        let spec = world.spec();
        let made = world.launch(&spec, 1, 2).unwrap();
        assert_eq!(made.iter().map(|instance| instance.launch_index).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(made[0].reservation_id, made[1].reservation_id);
        assert_ne!(made[0].id, made[1].id);
        assert_eq!(made[1].private_address, Ipv4Addr::new(10, 0, 0, 5));
        let first = &made[0];
        assert_eq!(first.instance_type, DEFAULT_INSTANCE_TYPE);
        assert_eq!(first.security_groups, [id::<SecurityGroupId>("sg-00000001")]);
        assert_eq!(first.shutdown_behavior, ShutdownBehavior::Stop);
        assert!(!first.termination_protection && !first.stop_protection && !first.detailed_monitoring);
        assert!(first.public_address_wanted, "the subnet says so");
        assert_eq!(
            (first.state, first.desired, first.launched_at),
            (InstanceState::Pending, DesiredState::Running, NOW)
        );
        assert_eq!(first.auto_scaling_group.as_deref(), Some("web-group"));
        assert_eq!(first.tags.get(AUTO_SCALING_GROUP_TAG), Some("web-group"));
        assert_eq!(first.client_token.as_deref(), Some("token"));
    }

    #[test]
    fn what_is_said_is_in_the_record() {
        let mut world = World::new();
        let interface = NetworkInterfaceSpec {
            associate_public_address: Some(false),
            description: Some("first".into()),
            security_groups: vec![id("sg-00000002"), id("sg-00000002")],
            private_address: Some(Ipv4Addr::new(10, 0, 0, 9)),
            ..NetworkInterfaceSpec::default()
        };
        let spec = LaunchSpec {
            instance_type: Some("t2.micro".into()),
            user_data: Some(b"#!/bin/sh".to_vec()),
            network_interface: Some(interface),
            zone: Some("ap-northeast-2a".into()),
            shutdown_behavior: Some(ShutdownBehavior::Terminate),
            termination_protection: Some(true),
            stop_protection: Some(true),
            detailed_monitoring: Some(true),
            tags: Tags::parse([("Name".into(), "web".into())]).unwrap(),
            interface_tags: Tags::parse([("Name".into(), "eth0".into())]).unwrap(),
            launch_template: Some(TemplateVersion { id: id("lt-00000001"), version: 7 }),
            ..world.spec()
        };
        let made = world.launch(&spec, 1, 1).unwrap().remove(0);
        assert_eq!((made.instance_type.as_str(), made.user_data.as_deref()), ("t2.micro", Some(&b"#!/bin/sh"[..])));
        assert_eq!((made.private_address, made.public_address_wanted), (Ipv4Addr::new(10, 0, 0, 9), false));
        assert_eq!(made.security_groups, [id::<SecurityGroupId>("sg-00000002")]);
        assert_eq!(made.network_interface_description, "first");
        assert_eq!(made.network_interface_tags.get("Name"), Some("eth0"));
        assert_eq!(made.shutdown_behavior, ShutdownBehavior::Terminate);
        assert!(made.termination_protection && made.stop_protection && made.detailed_monitoring);
        assert_eq!(made.tags.get("Name"), Some("web"));
        assert_eq!(made.tags.get(LAUNCH_TEMPLATE_ID_TAG), Some("lt-00000001"));
        assert_eq!(made.tags.get(LAUNCH_TEMPLATE_VERSION_TAG), Some("7"));
    }

    #[test]
    fn what_cannot_be_launched_is_said_in_a_sentence() {
        let spec = World::new().spec();
        let groups = |ids: &[&str]| ids.iter().map(|text| id(text)).collect::<Vec<SecurityGroupId>>();
        let address = |last| Some(Ipv4Addr::new(10, 0, 0, last));
        let table = [
            (LaunchSpec::default(), "No image is given; `describe-images` lists what can be launched"),
            (
                LaunchSpec { image_id: Some(id("ami-0bad0bad")), ..spec.clone() },
                "The image id '[ami-0bad0bad]' does not exist",
            ),
            (
                LaunchSpec { instance_type: Some("t9.huge".into()), ..spec.clone() },
                "There is no instance type 't9.huge'; `describe-instance-types` lists those that there are",
            ),
            (LaunchSpec { key_name: Some("mine".into()), ..spec.clone() }, "The key pair 'mine' does not exist"),
            (
                LaunchSpec { security_groups: groups(&["sg-00000001", "sg-0bad0bad"]), ..spec.clone() },
                "The security group 'sg-0bad0bad' does not exist",
            ),
            (
                LaunchSpec { security_group_names: vec!["db".into()], ..spec.clone() },
                "The security group 'db' does not exist in default VPC; groups of other VPCs go by their id",
            ),
            (
                LaunchSpec { security_groups: groups(&["sg-00000003"]), ..spec.clone() },
                "Security group sg-00000003 and subnet subnet-00000001 belong to different networks",
            ),
            (
                LaunchSpec { zone: Some("ap-northeast-2c".into()), ..spec.clone() },
                "The placement asks for zone ap-northeast-2c, and subnet subnet-00000001 is in ap-northeast-2a",
            ),
            (
                LaunchSpec { private_address: address(3), ..spec.clone() },
                "The private address 10.0.0.3 is none that subnet subnet-00000001 (10.0.0.0/28) gives",
            ),
            (LaunchSpec { private_address: address(4), ..spec }, "The private address 10.0.0.4 is in use"),
        ];
        let mut world = World::new();
        world.fill(1);
        for (spec, sentence) in table {
            assert_eq!(world.launch(&spec, 1, 1).unwrap_err().to_string(), sentence, "{spec:?}");
        }
    }

    #[test]
    fn as_many_are_launched_as_fit_or_none() {
        let mut world = World::new();
        world.fill(9);
        let spec = world.spec();
        assert_eq!(world.launch(&spec, 1, 5).unwrap().len(), 2, "of eleven addresses nine are used");
        let full = world.launch(&spec, 3, 5).unwrap_err();
        assert!(matches!(full, LaunchError::NoFreeAddress { free: 2, needed: 3, .. }), "{full}");
        for instance in &mut world.there {
            Arc::make_mut(instance).state = InstanceState::Terminated;
        }
        assert_eq!(world.launch(&spec, 1, 5).unwrap().len(), 5, "terminated instances hold nothing");
        let one = LaunchSpec { private_address: Some(Ipv4Addr::new(10, 0, 0, 14)), ..spec };
        assert!(matches!(world.launch(&one, 1, 2), Err(LaunchError::AddressOfSeveral { count: 2, .. })));
    }

    #[test]
    fn the_quota_counts_instances_of_every_subnet() {
        let mut world = World::new();
        world.fill(1);
        let elsewhere = Arc::new(Instance { subnet_id: id("subnet-00000002"), ..(*world.there[0]).clone() });
        world.there = vec![elsewhere; MAXIMUM_INSTANCES - 1];
        let spec = world.spec();
        assert_eq!(world.launch(&spec, 1, 4).unwrap().len(), 1);
        let (there, needed) = (MAXIMUM_INSTANCES - 1, 2);
        assert_eq!(world.launch(&spec, 2, 4), Err(LaunchError::InstanceLimit { there, needed }));
    }

    #[test]
    fn a_group_is_named_by_id_by_name_and_in_the_interface() {
        let mut world = World::new();
        let by_name = LaunchSpec { security_group_names: vec!["web".into(), "default".into()], ..world.spec() };
        let made = world.launch(&by_name, 1, 1).unwrap().remove(0);
        assert_eq!(made.security_groups, [id::<SecurityGroupId>("sg-00000002"), id("sg-00000001")]);
        let six: Vec<_> = (4..10).map(|n| group(&format!("sg-0000000{n}"), "g", "vpc-00000001")).collect();
        let security_groups = six.iter().map(|group| group.id.clone()).collect();
        world.groups.extend(six);
        let many = LaunchSpec { security_groups, ..world.spec() };
        assert_eq!(world.launch(&many, 1, 1), Err(LaunchError::TooManySecurityGroups { count: 6 }));
    }

    #[test]
    fn what_is_said_later_stands_instead_of_what_was_said_before() {
        let tag = |key: &str, value: &str| Tags::parse([(key.into(), value.into())]).unwrap();
        let before = LaunchSpec {
            instance_type: Some("t2.micro".into()),
            zone: Some("ap-northeast-2a".into()),
            security_group_names: vec!["web".into()],
            tags: tag("a", "1"),
            interface_tags: tag("b", "1"),
            ..LaunchSpec::default()
        };
        let later = LaunchSpec {
            instance_type: Some("t2.small".into()),
            security_groups: vec![id("sg-00000001")],
            tags: tag("c", "2"),
            ..LaunchSpec::default()
        };
        let expected = LaunchSpec { zone: before.zone.clone(), ..later.clone() };
        assert_eq!(before.clone().overridden(later), expected);
        assert_eq!(before.clone().overridden(LaunchSpec::default()), before);
    }

    #[test]
    fn an_older_form_of_a_spec_can_be_read() {
        assert_eq!(serde_json::from_str::<LaunchSpec>("{}").unwrap(), LaunchSpec::default());
    }
}
