//! What instances shall be like: the part of a launch that launch templates and launch configurations keep.
//!
//! Says nothing of how many, when and for whom. Members are AWS's, in the form in which they were given, so that answers
//! can show them so.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::error::{LaunchError, shown};
use crate::{
    Tags,
    ec2::{
        instance::{Instance, MetadataOptionsChange, ShutdownBehavior},
        instance_type::{InstanceType, instance_type},
        subnet::Subnet,
    },
    id::{ImageId, LaunchTemplateId, SecurityGroupId, SubnetId},
    tag::is_reserved,
};

/// What AWS launches when no type is given (EC2 API reference, RunInstances).
pub const DEFAULT_INSTANCE_TYPE: &str = "m1.small";
/// What instances shall be like. Everything may be left open: a launch template leaves out what is said at the launch,
/// and AWS's defaults stand for what nobody says. Kept in launch templates and launch configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LaunchSpec {
    /// What they boot from; a launch without one is refused.
    pub image_id: Option<ImageId>,
    /// The public parameter that named [`Self::image_id`] (`resolve:ssm:NAME`), to show it as it was given.
    pub image_parameter: Option<String>,
    /// A name of [`crate::ec2::instance_type`]; [`DEFAULT_INSTANCE_TYPE`] when absent.
    pub instance_type: Option<String>,
    /// Decoded user data, at most 16 KiB, not empty.
    pub user_data: Option<Vec<u8>>,
    /// The name of a key pair, which has to be there at the launch; a new instance admits its owner.
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
    /// `MetadataOptions`; AWS's defaults for what it leaves open.
    pub metadata_options: MetadataOptionsChange,
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
        let (image_id, image_parameter) = match by.image_id {
            None => (self.image_id, self.image_parameter),
            Some(id) => (Some(id), by.image_parameter),
        };
        let (groups, names) = match keeps_groups {
            true => (self.security_groups, self.security_group_names),
            false => (by.security_groups, by.security_group_names),
        };
        let (tags, interface_tags) = match keeps_tags {
            true => (self.tags, self.interface_tags),
            false => (by.tags, by.interface_tags),
        };
        Self {
            image_id,
            image_parameter,
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
            metadata_options: self.metadata_options.overridden(by.metadata_options),
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

    /// What an instance was made from, as far as another one can be made from it: without its private address, which it
    /// has itself, and without AWS's own tags.
    pub fn of(instance: &Instance) -> Self {
        let own = instance.tags.0.iter().filter(|(key, _)| !is_reserved(key));
        let interface = NetworkInterfaceSpec {
            associate_public_address: Some(instance.public_address_wanted),
            delete_on_termination: Some(true),
            description: Some(instance.network_interface_description.clone()),
            security_groups: instance.security_groups.clone(),
            private_address: None,
            subnet_id: Some(instance.subnet_id.clone()),
        };
        Self {
            image_id: Some(instance.image_id.clone()),
            instance_type: Some(instance.instance_type.clone()),
            user_data: instance.user_data.clone(),
            key_name: instance.key_name.clone(),
            network_interface: Some(interface),
            zone: Some(instance.zone.clone()),
            tenancy: Some(Tenancy::Default),
            shutdown_behavior: Some(instance.shutdown_behavior),
            termination_protection: Some(instance.termination_protection),
            stop_protection: Some(instance.stop_protection),
            detailed_monitoring: Some(instance.detailed_monitoring),
            metadata_options: MetadataOptionsChange::to(instance.metadata_options),
            tags: Tags(own.map(|(key, value)| (key.clone(), value.clone())).collect()),
            interface_tags: instance.network_interface_tags.clone(),
            ..Self::default()
        }
    }

    /// The type of its instances.
    ///
    /// # Errors
    /// [`LaunchError::UnknownInstanceType`].
    pub fn known_type(&self) -> Result<&'static InstanceType, LaunchError> {
        let name = self.instance_type.as_deref().unwrap_or(DEFAULT_INSTANCE_TYPE);
        instance_type(name).ok_or_else(|| LaunchError::UnknownInstanceType { name: shown(name) })
    }

    pub(super) fn wanted_address(&self) -> Option<Ipv4Addr> {
        self.network_interface.as_ref().and_then(|interface| interface.private_address).or(self.private_address)
    }

    pub(super) fn wants_public_address(&self, subnet: &Subnet) -> bool {
        let said = self.network_interface.as_ref().and_then(|interface| interface.associate_public_address);
        said.unwrap_or(subnet.map_public_ip_on_launch)
    }
}
