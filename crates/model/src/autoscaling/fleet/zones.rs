//! Where new instances go: the zone with the fewest members, and one of its subnets (Auto Scaling user guide,
//! availability zone distribution).

use super::{Facts, step::Step};
use crate::{
    autoscaling::group::{AutoScalingGroup, ZoneDistribution},
    id::SubnetId,
};
use std::collections::BTreeMap;

/// Members that count by zone, those ordered in this step included; each zone of the group is there.
pub(super) fn population(step: &Step<'_>) -> BTreeMap<String, u32> {
    let mut population: BTreeMap<String, u32> = step.group.zones.iter().map(|zone| (zone.clone(), 0)).collect();
    for member in step.group.counting() {
        *population.entry(member.zone.clone()).or_default() += 1;
    }
    for (zone, ordered) in &step.ordered {
        *population.entry(zone.clone()).or_default() += ordered;
    }
    population
}

/// The group's zones in which instances can be launched, in order.
pub(super) fn usable<'a>(group: &'a AutoScalingGroup, facts: &'a Facts) -> impl Iterator<Item = &'a String> {
    let has_subnet = |zone: &&String| facts.subnets.get(*zone).is_some_and(|subnets| !subnets.is_empty());
    group.zones.iter().filter(move |zone| has_subnet(zone) && !facts.impaired_zones.contains(*zone))
}

/// The zone that the next instance goes to: the least `population`, in the order of the group's zones. Zones in which
/// launches fail come last, unless the group insists on balance.
pub(super) fn next(step: &Step<'_>, population: &BTreeMap<String, u32>) -> Option<String> {
    let failed = step.group.launch_failures.as_ref().map(|failures| &failures.zones);
    let insists = step.group.zone_distribution == ZoneDistribution::BalancedOnly;
    let fails = |zone: &String| !insists && failed.is_some_and(|zones| zones.contains(zone));
    let zones = usable(&step.group, step.facts);
    zones.min_by_key(|zone| (fails(zone), population.get(*zone).copied().unwrap_or(0))).cloned()
}

/// One of the zone's subnets; any of them will do.
pub(super) fn subnet(step: &mut Step<'_>, zone: &str) -> Option<SubnetId> {
    let subnets = step.facts.subnets.get(zone)?;
    let count = u64::try_from(subnets.len()).ok().filter(|count| *count > 1);
    let index = count.map_or(0, |count| step.ids.next_u64() % count);
    subnets.get(usize::try_from(index).unwrap_or(0)).cloned()
}
