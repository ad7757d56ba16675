//! Why instances cannot be launched, in sentences for EC2's answers and for Auto Scaling's activities.
//!
//! Where clients parse AWS's own sentence, it is that one. Codes are the business of whoever answers.

use std::net::Ipv4Addr;

use crate::{
    cidr::Cidr,
    ec2::{
        instance::{HiddenTagKey, MAXIMUM_INSTANCES, MAXIMUM_INSTANCES_PER_LAUNCH},
        security_group::MAXIMUM_GROUPS_PER_INTERFACE,
    },
    id::{ImageId, SecurityGroupId, SubnetId},
};

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
    /// CreateImage has not made its files yet, or could not.
    #[error("The image id '[{id}]' is not available; `describe-images` says why")]
    ImageNotAvailable {
        /// What was asked for.
        id: ImageId,
    },
    /// Not a type of [`crate::ec2::instance_type`].
    #[error("There is no instance type '{name}'; `describe-instance-types` lists those that there are")]
    UnknownInstanceType {
        /// What was asked for, shortened.
        name: String,
    },
    /// No such key pair.
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
    /// A tag that its metadata service would have to show.
    #[error(transparent)]
    HiddenTagKey(#[from] HiddenTagKey),
    /// More than a launch can have.
    #[error(
        "One launch has at most {MAXIMUM_INSTANCES_PER_LAUNCH} instances, not {needed}; launch them in several calls"
    )]
    TooManyAtOnce {
        /// How many must be launched.
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

/// Enough of a text of the user's for a sentence.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}
