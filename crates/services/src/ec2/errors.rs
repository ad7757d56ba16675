//! What can go wrong in EC2, and AWS's code for it: refusals of `model`, in one place each.
//!
//! Operations answer with [`ErrorCode`] and a sentence of their own where the failure is theirs alone. Codes of ids
//! that are malformed or unknown are in [`super::resources`].

use api::ec2::ErrorCode;
use model::cidr::{Cidr, InvalidCidr};
use model::ec2::launch::LaunchError;
use model::ec2::launch_template::VersionNotFound;
use model::ec2::route_table::InvalidDestination;
use model::ec2::security_group::InvalidRule;
use model::ec2::subnet::InvalidSubnetCidr;
use model::ec2::vpc::InvalidVpcCidr;
use model::tag::InvalidTags;
use wire::AwsError;

use crate::pagination::InvalidToken;

/// Tags that AWS would not take.
pub(super) fn tags(error: &InvalidTags) -> AwsError {
    let code = match error {
        InvalidTags::TooMany => ErrorCode::TagLimitExceeded,
        InvalidTags::KeyLength(_)
        | InvalidTags::ValueLength(_)
        | InvalidTags::Reserved(_)
        | InvalidTags::Duplicate(_) => ErrorCode::InvalidParameterValue,
    };
    code.error(error.to_string())
}

/// A token of another listing.
pub(super) fn token(InvalidToken: InvalidToken) -> AwsError {
    ErrorCode::InvalidNextToken.error(InvalidToken.to_string())
}

/// A rule, name or description of a security group.
pub(super) fn rule(error: &InvalidRule) -> AwsError {
    let code = match error {
        InvalidRule::Character(_)
        | InvalidRule::TooLong
        | InvalidRule::PortsMissing
        | InvalidRule::Ports { .. }
        | InvalidRule::Icmp { .. }
        | InvalidRule::Ipv6(_) => ErrorCode::InvalidParameterValue,
        InvalidRule::Protocol(_) => ErrorCode::InvalidPermissionMalformed,
    };
    code.error(error.to_string())
}

/// The block of a subnet.
pub(super) fn subnet_cidr(error: &InvalidSubnetCidr) -> AwsError {
    let code = match error {
        InvalidSubnetCidr::Size(_) | InvalidSubnetCidr::OutsideVpc { .. } => ErrorCode::InvalidSubnetRange,
        InvalidSubnetCidr::Overlaps { .. } => ErrorCode::InvalidSubnetConflict,
    };
    code.error(error.to_string())
}

/// The block of a VPC.
pub(super) fn vpc_cidr(error: &InvalidVpcCidr) -> AwsError {
    let code = match error {
        InvalidVpcCidr::Size(_) | InvalidVpcCidr::Reserved { .. } => ErrorCode::InvalidVpcRange,
    };
    code.error(error.to_string())
}

/// The destination of a route.
pub(super) fn destination(error: &InvalidDestination) -> AwsError {
    let code = match error {
        InvalidDestination::WithinVpc { .. } | InvalidDestination::Reserved { .. } => ErrorCode::InvalidParameterValue,
    };
    code.error(error.to_string())
}

/// A launch that cannot be.
pub(super) fn launch(error: &LaunchError) -> AwsError {
    let code = match error {
        LaunchError::ImageMissing => ErrorCode::MissingParameter,
        LaunchError::ImageNotFound { .. } => ErrorCode::InvalidAMIIDNotFound,
        LaunchError::ImageNotAvailable { .. } => ErrorCode::InvalidAMIIDUnavailable,
        LaunchError::KeyPairNotFound { .. } => ErrorCode::InvalidKeyPairNotFound,
        LaunchError::SecurityGroupNotFound { .. } | LaunchError::SecurityGroupNameNotFound { .. } => {
            ErrorCode::InvalidGroupNotFound
        }
        LaunchError::SecurityGroupOfOtherVpc { .. } => ErrorCode::InvalidParameter,
        LaunchError::TooManySecurityGroups { .. } => ErrorCode::SecurityGroupsPerInterfaceLimitExceeded,
        LaunchError::AddressOfSeveral { .. } => ErrorCode::InvalidParameterCombination,
        LaunchError::UnknownInstanceType { .. }
        | LaunchError::OtherZone { .. }
        | LaunchError::HiddenTagKey(_)
        | LaunchError::AddressOutsideSubnet { .. } => ErrorCode::InvalidParameterValue,
        LaunchError::AddressInUse { .. } => ErrorCode::InvalidIPAddressInUse,
        LaunchError::NoFreeAddress { .. } => ErrorCode::InsufficientFreeAddressesInSubnet,
        LaunchError::InstanceLimit { .. } | LaunchError::TooManyAtOnce { .. } => ErrorCode::InstanceLimitExceeded,
    };
    code.error(error.to_string())
}

/// A version that a launch template does not have.
pub(super) fn version(error: &VersionNotFound) -> AwsError {
    ErrorCode::InvalidLaunchTemplateIdVersionNotFound.error(error.to_string())
}

/// An IPv4 block; host bits are cleared, as EC2 does.
pub(super) fn cidr(member: &str, text: &str) -> Result<Cidr, AwsError> {
    match text.parse::<Cidr>() {
        Ok(cidr) => Ok(cidr),
        Err(InvalidCidr::HostBits { meant, .. }) => Ok(meant),
        Err(error @ InvalidCidr::Malformed(_)) => {
            Err(ErrorCode::InvalidParameterValue.error(format!("{member}: {error}")))
        }
    }
}

/// A value that AWS takes and Goru does not.
pub(super) fn unsupported(message: impl Into<String>) -> AwsError {
    ErrorCode::UnsupportedOperation.error(message)
}

/// A value that is not possible.
pub(super) fn invalid(message: impl Into<String>) -> AwsError {
    ErrorCode::InvalidParameterValue.error(message)
}

/// Members that exclude each other.
pub(super) fn combination(message: impl Into<String>) -> AwsError {
    ErrorCode::InvalidParameterCombination.error(message)
}

/// Members that one has to give.
pub(super) fn missing(message: impl Into<String>) -> AwsError {
    ErrorCode::MissingParameter.error(message)
}

/// Something that others still need.
pub(super) fn in_use(message: impl Into<String>) -> AwsError {
    ErrorCode::DependencyViolation.error(message)
}
