//! Ids of EC2's resources: parsed at the edge, found in the records, and the codes for those that are not there.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use api::ec2::ErrorCode;
use model::Scope;
use model::ec2::address::Address;
use model::ec2::image::Image;
use model::ec2::instance::Instance;
use model::ec2::launch_template::LaunchTemplate;
use model::ec2::nat_gateway::NatGateway;
use model::ec2::security_group::SecurityGroup;
use model::ec2::subnet::Subnet;
use model::ec2::{internet_gateway::InternetGateway, network_acl::NetworkAcl, route_table::RouteTable, vpc::Vpc};
use model::id::{
    AddressAllocationId, AddressAssociationId, ImageId, InstanceId, InternetGatewayId, InvalidId, KeyPairId,
    LaunchTemplateId, NatGatewayId, NetworkAclId, NetworkInterfaceId, RouteTableAssociationId, RouteTableId,
    SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcId,
};
use store::{Record, View};
use wire::AwsError;

use super::errors::invalid;

/// The most ids that one call may name (EC2 API reference).
pub(super) const MAXIMUM_IDS: usize = 1000;

/// An id of a kind of resource.
pub(super) trait ResourceId: FromStr<Err = InvalidId> + Display + AsRef<str> + Ord + Clone {
    /// What people call it.
    const NOUN: &'static str;
    /// The code for a text that is no such id.
    const MALFORMED: ErrorCode;
    /// The code for an id of nothing.
    const NOT_FOUND: ErrorCode;
}

/// An id whose resource is a record.
pub(super) trait StoredId: ResourceId {
    /// The record.
    type Record: Record;
}

macro_rules! resources {
    ($($id:ty, $noun:literal, $malformed:ident, $missing:ident $(, $record:ty)?;)*) => {$(
        impl ResourceId for $id {
            const NOUN: &'static str = $noun;
            const MALFORMED: ErrorCode = ErrorCode::$malformed;
            const NOT_FOUND: ErrorCode = ErrorCode::$missing;
        }
        $(impl StoredId for $id { type Record = $record; })?
    )*};
}

resources! {
    VpcId, "VPC", InvalidVpcIDMalformed, InvalidVpcIDNotFound, Vpc;
    SubnetId, "subnet", InvalidSubnetIDMalformed, InvalidSubnetIDNotFound, Subnet;
    SecurityGroupId, "security group", InvalidGroupIdMalformed, InvalidGroupNotFound, SecurityGroup;
    SecurityGroupRuleId, "security group rule", InvalidSecurityGroupRuleIdMalformed, InvalidSecurityGroupRuleIdNotFound;
    InternetGatewayId, "internet gateway", InvalidInternetGatewayIdMalformed, InvalidInternetGatewayIDNotFound, InternetGateway;
    RouteTableId, "route table", InvalidRouteTableIdMalformed, InvalidRouteTableIDNotFound, RouteTable;
    RouteTableAssociationId, "route table association", InvalidParameterValue, InvalidAssociationIDNotFound;
    NatGatewayId, "NAT gateway", NatGatewayMalformed, NatGatewayNotFound, NatGateway;
    AddressAllocationId, "Elastic IP", InvalidParameterValue, InvalidAllocationIDNotFound, Address;
    AddressAssociationId, "association of an Elastic IP", InvalidParameterValue, InvalidAssociationIDNotFound;
    NetworkAclId, "network ACL", InvalidNetworkAclIdMalformed, InvalidNetworkAclIDNotFound, NetworkAcl;
    NetworkInterfaceId, "network interface", InvalidNetworkInterfaceIdMalformed, InvalidNetworkInterfaceIDNotFound;
    InstanceId, "instance", InvalidInstanceIDMalformed, InvalidInstanceIDNotFound, Instance;
    LaunchTemplateId, "launch template", InvalidLaunchTemplateIdMalformed, InvalidLaunchTemplateIdNotFound, LaunchTemplate;
    KeyPairId, "key pair", InvalidParameterValue, InvalidKeyPairNotFound;
    ImageId, "image", InvalidAMIIDMalformed, InvalidAMIIDNotFound, Image;
}

/// The id in a text.
///
/// # Errors
/// The kind's own code for malformed ids.
pub(super) fn parse<I: ResourceId>(text: &str) -> Result<I, AwsError> {
    text.parse().map_err(|error: InvalidId| {
        let shown: String = error.text.chars().take(64).collect();
        I::MALFORMED.error(format!("`{shown}` is no {} id: those are of the form {}…", I::NOUN, error.prefix))
    })
}

/// The ids of a list, each once, in the order given.
///
/// # Errors
/// As [`parse`]; more than [`MAXIMUM_IDS`].
pub(super) fn parse_all<I: ResourceId>(texts: &[String]) -> Result<Vec<I>, AwsError> {
    if texts.len() > MAXIMUM_IDS {
        return Err(invalid(format!("a call names at most {MAXIMUM_IDS} ids")));
    }
    let mut seen = BTreeSet::new();
    let ids = texts.iter().map(|text| parse::<I>(text)).collect::<Result<Vec<I>, AwsError>>()?;
    Ok(ids.into_iter().filter(|id| seen.insert(id.clone())).collect())
}

/// The error for an id of nothing.
pub(super) fn not_found<I: ResourceId>(id: &I) -> AwsError {
    I::NOT_FOUND.error(format!("there is no {} {id} in this account and region", I::NOUN))
}

/// The record of an id.
///
/// # Errors
/// [`not_found`].
pub(super) fn find<I: StoredId>(view: &View, scope: &Scope, id: &I) -> Result<Arc<I::Record>, AwsError> {
    view.get(scope, id).ok_or_else(|| not_found(id))
}

/// The record of an id that comes as text.
///
/// # Errors
/// As [`parse`] and [`find`].
pub(super) fn find_text<I: StoredId>(view: &View, scope: &Scope, text: &str) -> Result<Arc<I::Record>, AwsError> {
    find(view, scope, &parse::<I>(text)?)
}

/// The records of a list of ids, or all records when the list is empty.
///
/// # Errors
/// As [`parse_all`] and [`find`].
pub(super) fn choose<I: StoredId>(
    view: &View,
    scope: &Scope,
    texts: &[String],
) -> Result<Vec<Arc<I::Record>>, AwsError> {
    if texts.is_empty() {
        return Ok(view.list::<I::Record>(scope).collect());
    }
    parse_all::<I>(texts)?.iter().map(|id| find(view, scope, id)).collect()
}
