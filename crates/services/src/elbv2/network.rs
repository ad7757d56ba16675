//! The network around a load balancer: which subnets, zones, VPC and security groups a request names.

use std::collections::{BTreeMap, BTreeSet};

use api::elbv2::types as shape;
use model::Scope;
use model::ec2::instance::Instance;
use model::ec2::security_group::{DEFAULT_NAME, MAXIMUM_GROUPS_PER_INTERFACE, SecurityGroup};
use model::ec2::subnet::Subnet;
use model::ec2::vpc::Vpc;
use model::elbv2::load_balancer::{EnabledZone, MINIMUM_ZONES};
use model::id::{SecurityGroupId, VpcId};
use store::View;

use super::errors::{Error, shown};

/// The fewest free addresses of a subnet (ELB user guide, subnets for your load balancer).
const FREE_ADDRESSES: u64 = 8;

/// The zones of a load balancer and the VPC that they are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zones {
    pub(super) vpc_id: VpcId,
    /// By name, without addresses.
    pub(super) zones: Vec<EnabledZone>,
}

/// The subnets that `Subnets` or `SubnetMappings` name; AWS takes one of the two.
pub(super) fn requested_subnets(
    subnets: Option<Vec<String>>,
    mappings: Option<Vec<shape::SubnetMapping>>,
) -> Result<Vec<String>, Error> {
    let (subnets, mappings) = (subnets.unwrap_or_default(), mappings.unwrap_or_default());
    if !subnets.is_empty() && !mappings.is_empty() {
        return Err(Error::Invalid("give Subnets or SubnetMappings, not both".into()));
    }
    let mapped = mappings.into_iter().map(|shape::SubnetMapping { subnet_id }| {
        subnet_id.ok_or_else(|| Error::Invalid("each of SubnetMappings needs a SubnetId".into()))
    });
    let mapped = mapped.collect::<Result<Vec<_>, _>>()?;
    let all = if subnets.is_empty() { mapped } else { subnets };
    if all.len() < MINIMUM_ZONES { Err(too_few()) } else { Ok(all) }
}

fn too_few() -> Error {
    Error::Invalid(format!("at least {MINIMUM_ZONES} subnets in different Availability Zones must be given"))
}

/// The zones that these subnets enable.
pub(super) fn zones(view: &View, scope: &Scope, subnets: &[String]) -> Result<Zones, Error> {
    let mut by_zone: BTreeMap<String, EnabledZone> = BTreeMap::new();
    let mut vpc: Option<VpcId> = None;
    for text in subnets {
        let subnet = view.get::<Subnet>(scope, text).ok_or_else(|| Error::SubnetNotFound(shown(text)))?;
        let vpc = vpc.get_or_insert_with(|| subnet.vpc_id.clone());
        if *vpc != subnet.vpc_id {
            return Err(Error::Configuration(format!(
                "subnet `{}` is not in the VPC `{vpc}` of the others",
                subnet.id
            )));
        }
        if subnet.available(addresses_in_use(view, scope, &subnet)) < FREE_ADDRESSES {
            return Err(Error::SubnetFull(subnet.id.to_string()));
        }
        let zone = EnabledZone { zone: subnet.zone.clone(), subnet_id: subnet.id.clone(), address: None };
        if let Some(other) = by_zone.insert(subnet.zone.clone(), zone) {
            let (one, other, zone) = (&subnet.id, &other.subnet_id, &subnet.zone);
            return Err(Error::Configuration(format!("one subnet per zone: `{other}` and `{one}` are both in {zone}")));
        }
    }
    match vpc {
        Some(vpc_id) if by_zone.len() >= MINIMUM_ZONES => Ok(Zones { vpc_id, zones: by_zone.into_values().collect() }),
        Some(_) | None => Err(too_few()),
    }
}

fn addresses_in_use(view: &View, scope: &Scope, subnet: &Subnet) -> usize {
    let holds = |instance: &Instance| instance.subnet_id == subnet.id && instance.occupies();
    view.list::<Instance>(scope).filter(|instance| holds(instance)).count()
}

/// The security groups that a load balancer of this VPC gets: those given, or else the VPC's default one.
pub(super) fn security_groups(
    view: &View,
    scope: &Scope,
    vpc: &VpcId,
    given: &[String],
) -> Result<Vec<SecurityGroupId>, Error> {
    if given.is_empty() {
        let mut all = view.list::<SecurityGroup>(scope);
        let default = all.find(|group| group.vpc_id == *vpc && group.name == DEFAULT_NAME);
        let default =
            default.ok_or_else(|| Error::SecurityGroup(format!("VPC `{vpc}` has no default security group")))?;
        return Ok(vec![default.id.clone()]);
    }
    let distinct: BTreeSet<&String> = given.iter().collect();
    if distinct.len() > MAXIMUM_GROUPS_PER_INTERFACE {
        let message = format!("a load balancer has at most {MAXIMUM_GROUPS_PER_INTERFACE} security groups");
        return Err(Error::Configuration(message));
    }
    let one = |text: &&String| match view.get::<SecurityGroup>(scope, text) {
        None => Err(Error::SecurityGroup(format!("security group `{}` does not exist", shown(text)))),
        Some(group) if group.vpc_id != *vpc => {
            Err(Error::SecurityGroup(format!("security group `{text}` is not in the load balancer's VPC `{vpc}`")))
        }
        Some(group) => Ok(group.id.clone()),
    };
    distinct.iter().map(one).collect()
}

/// The VPC that `VpcId` names.
pub(super) fn vpc(view: &View, scope: &Scope, text: &str) -> Result<VpcId, Error> {
    let vpc = view.get::<Vpc>(scope, text);
    vpc.map(|vpc| vpc.id.clone()).ok_or_else(|| Error::Invalid(format!("VPC `{}` does not exist", shown(text))))
}
