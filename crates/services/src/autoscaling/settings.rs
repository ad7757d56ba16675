//! The settings of a group that CreateAutoScalingGroup and UpdateAutoScalingGroup have in common: from the members of a
//! request to those of the record. What is absent stays as it is.

use std::collections::BTreeSet;

use api::autoscaling::types as shape;
use model::Arn;
use model::autoscaling::group::{
    AutoScalingGroup, DeletionProtection, MaintenancePolicy, TerminationPolicy, ZoneDistribution,
};

use super::errors::{Error, invalid, shown};
use super::resources::{arn, number};
use super::types::termination_policy;

/// The shortest lifetime of members, in seconds.
const SHORTEST_LIFETIME: u32 = 86_400;
/// How far the percentages of a maintenance policy can be apart.
const MAXIMUM_DIFFERENCE: u32 = 100;
/// The resource that the ARN of a service-linked role begins with; a suffix may follow.
const ROLE: &str = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";

/// The members as they come.
pub(super) struct Given {
    pub(super) availability_zone_distribution: Option<shape::AvailabilityZoneDistribution>,
    pub(super) availability_zone_impairment_policy: Option<shape::AvailabilityZoneImpairmentPolicy>,
    pub(super) capacity_rebalance: Option<bool>,
    pub(super) context: Option<String>,
    pub(super) default_cooldown: Option<i32>,
    pub(super) default_instance_warmup: Option<i32>,
    pub(super) deletion_protection: Option<shape::DeletionProtection>,
    pub(super) desired_capacity_type: Option<String>,
    pub(super) health_check_grace_period: Option<i32>,
    pub(super) health_check_type: Option<String>,
    pub(super) instance_lifecycle_policy: Option<shape::InstanceLifecyclePolicy>,
    pub(super) instance_maintenance_policy: Option<shape::InstanceMaintenancePolicy>,
    pub(super) max_instance_lifetime: Option<i32>,
    pub(super) new_instances_protected_from_scale_in: Option<bool>,
    pub(super) service_linked_role_arn: Option<String>,
    pub(super) termination_policies: Option<Vec<String>>,
}

/// What changes. Of the members that can be cleared, `Some(None)` does that.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    zone_distribution: Option<ZoneDistribution>,
    context: Option<String>,
    cooldown_seconds: Option<u32>,
    warmup_seconds: Option<Option<u32>>,
    deletion_protection: Option<DeletionProtection>,
    grace_seconds: Option<u32>,
    elb_health_check: Option<bool>,
    retain: Option<bool>,
    maintenance_policy: Option<Option<MaintenancePolicy>>,
    lifetime_seconds: Option<Option<u32>>,
    new_instances_protected: Option<bool>,
    role: Option<Arn>,
    termination_policies: Option<Vec<TerminationPolicy>>,
}

/// The role that AWS makes when none is named.
pub(super) fn default_role(account: &str) -> Arn {
    Arn::new("iam", "", account, ROLE)
}

impl Given {
    /// Checks and reads the members.
    ///
    /// # Errors
    /// Values that cannot be, and those that Goru does not offer.
    pub(super) fn read(self) -> Result<Changes, Error> {
        let Self {
            availability_zone_distribution,
            availability_zone_impairment_policy,
            capacity_rebalance,
            context,
            default_cooldown,
            default_instance_warmup,
            deletion_protection,
            desired_capacity_type,
            health_check_grace_period,
            health_check_type,
            instance_lifecycle_policy,
            instance_maintenance_policy,
            max_instance_lifetime,
            new_instances_protected_from_scale_in,
            service_linked_role_arn,
            termination_policies,
        } = self;
        check_not_offered(availability_zone_impairment_policy, capacity_rebalance, desired_capacity_type.as_deref())?;
        Ok(Changes {
            zone_distribution: availability_zone_distribution.map(zone_distribution).transpose()?.flatten(),
            context,
            cooldown_seconds: default_cooldown.map(number),
            // -1 clears it.
            warmup_seconds: default_instance_warmup.map(|seconds| u32::try_from(seconds).ok()),
            deletion_protection: deletion_protection.map(protection),
            grace_seconds: health_check_grace_period.map(number),
            elb_health_check: health_check_type.map(|text| elb_health_check(&text)).transpose()?,
            retain: instance_lifecycle_policy.and_then(retain),
            maintenance_policy: instance_maintenance_policy.map(maintenance_policy).transpose()?,
            lifetime_seconds: max_instance_lifetime.map(lifetime).transpose()?,
            new_instances_protected: new_instances_protected_from_scale_in,
            role: service_linked_role_arn.map(|text| role(&text)).transpose()?,
            termination_policies: termination_policies.map(policies).transpose()?,
        })
    }
}

impl Changes {
    /// Changes the group.
    pub(super) fn apply(&self, group: &mut AutoScalingGroup) {
        let Self {
            zone_distribution,
            context,
            cooldown_seconds,
            warmup_seconds,
            deletion_protection,
            grace_seconds,
            elb_health_check,
            retain,
            maintenance_policy,
            lifetime_seconds,
            new_instances_protected,
            role,
            termination_policies,
        } = self.clone();
        set(&mut group.zone_distribution, zone_distribution);
        set(&mut group.context, context.map(Some));
        set(&mut group.default_cooldown_seconds, cooldown_seconds);
        set(&mut group.default_instance_warmup_seconds, warmup_seconds);
        set(&mut group.deletion_protection, deletion_protection);
        set(&mut group.health_check_grace_seconds, grace_seconds);
        set(&mut group.elb_health_check, elb_health_check);
        set(&mut group.retain_on_terminate_hook_abandon, retain);
        set(&mut group.maintenance_policy, maintenance_policy);
        set(&mut group.maximum_instance_lifetime_seconds, lifetime_seconds);
        set(&mut group.new_instances_protected, new_instances_protected);
        set(&mut group.service_linked_role_arn, role);
        set(&mut group.termination_policies, termination_policies);
    }
}

fn set<T>(member: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *member = new;
    }
}

/// Members whose only accepted value is the one that Goru works by.
fn check_not_offered(
    impairment: Option<shape::AvailabilityZoneImpairmentPolicy>,
    capacity_rebalance: Option<bool>,
    capacity_type: Option<&str>,
) -> Result<(), Error> {
    let shape::AvailabilityZoneImpairmentPolicy { zonal_shift_enabled, impaired_zone_health_check_behavior: _ } =
        impairment.unwrap_or_default();
    if zonal_shift_enabled == Some(true) {
        let message = "AvailabilityZoneImpairmentPolicy.ZonalShiftEnabled: zonal shift comes with a later release";
        return Err(Error::NotOffered(message.into()));
    }
    if capacity_rebalance == Some(true) {
        return Err(Error::NotOffered("CapacityRebalance: Goru has no Spot market".into()));
    }
    match capacity_type {
        None | Some("units") => Ok(()),
        Some(other @ ("vcpu" | "memory-mib")) => {
            Err(Error::NotOffered(format!("DesiredCapacityType `{other}`: capacity is counted in instances (`units`)")))
        }
        Some(other) => {
            Err(invalid(format!("DesiredCapacityType `{}` must be units, vcpu or memory-mib", shown(other))))
        }
    }
}

fn zone_distribution(given: shape::AvailabilityZoneDistribution) -> Result<Option<ZoneDistribution>, Error> {
    use shape::CapacityDistributionStrategy as Strategy;
    let shape::AvailabilityZoneDistribution { capacity_distribution_strategy } = given;
    match capacity_distribution_strategy {
        None => Ok(None),
        Some(Strategy::BalancedOnly) => Ok(Some(ZoneDistribution::BalancedOnly)),
        Some(Strategy::BalancedBestEffort) => Ok(Some(ZoneDistribution::BalancedBestEffort)),
        Some(Strategy::ReservationsThenBalanced) => {
            let message = "CapacityDistributionStrategy: capacity reservations are not part of Goru";
            Err(Error::NotOffered(message.into()))
        }
    }
}

fn protection(given: shape::DeletionProtection) -> DeletionProtection {
    match given {
        shape::DeletionProtection::None => DeletionProtection::None,
        shape::DeletionProtection::PreventForceDeletion => DeletionProtection::PreventForceDeletion,
        shape::DeletionProtection::PreventAllDeletion => DeletionProtection::PreventAllDeletion,
    }
}

/// `EC2` is always on; whether `ELB` is named as well.
fn elb_health_check(text: &str) -> Result<bool, Error> {
    let mut kinds = BTreeSet::new();
    for kind in text.split(',').map(str::trim) {
        match kind {
            "EC2" | "ELB" => kinds.insert(kind),
            "EBS" => return Err(Error::NotOffered("HealthCheckType EBS: instances have no volumes yet".into())),
            "VPC_LATTICE" => {
                return Err(Error::NotOffered("HealthCheckType VPC_LATTICE: Goru has no VPC Lattice".into()));
            }
            other => {
                return Err(invalid(format!(
                    "HealthCheckType `{}` must be of EC2, ELB, EBS and VPC_LATTICE",
                    shown(other)
                )));
            }
        };
    }
    Ok(kinds.contains("ELB"))
}

fn retain(given: shape::InstanceLifecyclePolicy) -> Option<bool> {
    let shape::InstanceLifecyclePolicy { retention_triggers } = given;
    let shape::RetentionTriggers { terminate_hook_abandon } = retention_triggers?;
    terminate_hook_abandon.map(|action| match action {
        shape::RetentionAction::Retain => true,
        shape::RetentionAction::Terminate => false,
    })
}

/// -1 in both clears the policy.
fn maintenance_policy(given: shape::InstanceMaintenancePolicy) -> Result<Option<MaintenancePolicy>, Error> {
    let shape::InstanceMaintenancePolicy { max_healthy_percentage, min_healthy_percentage } = given;
    let (Some(least), Some(most)) = (min_healthy_percentage, max_healthy_percentage) else {
        return Err(invalid("InstanceMaintenancePolicy needs MinHealthyPercentage and MaxHealthyPercentage"));
    };
    let (least, most) = match (u32::try_from(least), u32::try_from(most)) {
        (Err(_), Err(_)) => return Ok(None),
        (Ok(least), Ok(most)) => (least, most),
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => {
            return Err(invalid("MinHealthyPercentage and MaxHealthyPercentage are cleared together, both with -1"));
        }
    };
    if most < 100 {
        return Err(invalid(format!("MaxHealthyPercentage is {most}; it has to be from 100 to 200")));
    }
    if most - least.min(most) > MAXIMUM_DIFFERENCE {
        let message = format!("MinHealthyPercentage {least} and MaxHealthyPercentage {most} are more than 100 apart");
        return Err(invalid(message));
    }
    Ok(Some(MaintenancePolicy { minimum_healthy_percentage: least, maximum_healthy_percentage: most }))
}

/// 0 clears it.
fn lifetime(seconds: i32) -> Result<Option<u32>, Error> {
    match number(seconds) {
        0 => Ok(None),
        seconds if seconds < SHORTEST_LIFETIME => Err(invalid(format!(
            "MaxInstanceLifetime is {seconds} s; it has to be 0 or at least {SHORTEST_LIFETIME} s"
        ))),
        seconds => Ok(Some(seconds)),
    }
}

fn role(text: &str) -> Result<Arn, Error> {
    let role = arn("ServiceLinkedRoleARN", text)?;
    let suffix = role.resource().strip_prefix(ROLE).filter(|_| role.service() == "iam");
    match suffix {
        Some(suffix) if suffix.is_empty() || suffix.starts_with('_') => Ok(role),
        Some(_) | None => {
            Err(invalid(format!("ServiceLinkedRoleARN `{}` is no service-linked role of Auto Scaling", shown(text))))
        }
    }
}

fn policies(names: Vec<String>) -> Result<Vec<TerminationPolicy>, Error> {
    let policies = names.iter().map(|name| termination_policy(name)).collect::<Result<Vec<_>, Error>>()?;
    Ok(if policies.is_empty() { vec![TerminationPolicy::Default] } else { policies })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_check_types_are_a_list_in_which_ec2_is_always_on() {
        let table = [
            ("EC2", Some(false)),
            ("ELB", Some(true)),
            ("EC2,ELB", Some(true)),
            ("ELB, EC2", Some(true)),
            ("EC2,EBS", None),
            ("VPC_LATTICE", None),
            ("", None),
            ("elb", None),
        ];
        for (text, expected) in table {
            assert_eq!(elb_health_check(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn maintenance_policies_have_both_percentages_at_most_a_hundred_apart() {
        let policy = |least, most| {
            maintenance_policy(shape::InstanceMaintenancePolicy {
                min_healthy_percentage: least,
                max_healthy_percentage: most,
            })
            .map(|policy| policy.map(|policy| (policy.minimum_healthy_percentage, policy.maximum_healthy_percentage)))
            .ok()
        };
        let table = [
            (Some(90), Some(110), Some(Some((90, 110)))),
            (Some(100), Some(200), Some(Some((100, 200)))),
            (Some(0), Some(100), Some(Some((0, 100)))),
            (Some(-1), Some(-1), Some(None)),
            (Some(0), Some(101), None),
            (Some(99), Some(200), None),
            (Some(90), Some(99), None),
            (Some(-1), Some(110), None),
            (Some(90), Some(-1), None),
            (Some(90), None, None),
            (None, Some(110), None),
        ];
        for (least, most, expected) in table {
            assert_eq!(policy(least, most), expected, "{least:?} {most:?}");
        }
    }

    #[test]
    fn lifetimes_are_a_day_at_least_or_none() {
        for (seconds, expected) in [(0, Some(None)), (86_400, Some(Some(86_400))), (86_399, None), (1, None)] {
            assert_eq!(lifetime(seconds).ok(), expected, "{seconds}");
        }
    }

    #[test]
    fn only_roles_of_auto_scaling_are_taken() {
        let good = default_role("123456789012").to_string();
        for (text, fits) in [
            (good.clone(), true),
            (format!("{good}_web"), true),
            (format!("{good}s"), false),
            ("arn:aws:iam::123456789012:role/web".into(), false),
            ("web".into(), false),
        ] {
            assert_eq!(role(&text).is_ok(), fits, "{text}");
        }
    }
}
