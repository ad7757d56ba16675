//! Which member goes: first the zone, then the group's termination policies in order (Auto Scaling user guide,
//! termination policies).

use super::{Facts, step::Step};
use crate::{
    Timestamp,
    autoscaling::{
        group::{AutoScalingGroup, LaunchSource, LaunchedFrom, TerminationPolicy},
        member::GroupInstance,
    },
    id::{InstanceId, LaunchTemplateId},
};
use std::collections::{BTreeMap, BTreeSet};

const HOUR_MILLIS: u128 = 3_600_000;

/// The member that scale-in takes: of the zone with the most members, of which some are not protected. Those that are to
/// be replaced anyway, and unhealthy ones, go before the policies are asked.
pub(super) fn choose(step: &Step<'_>, doomed: &BTreeSet<InstanceId>) -> Option<GroupInstance> {
    let group = &step.group;
    let free: Vec<&GroupInstance> = group.counting().filter(|member| !member.protected).collect();
    let free = of_fullest_zones(group, free);
    let preferred = |member: &&&GroupInstance| member.unhealthy.is_some() || doomed.contains(&member.instance_id);
    let first: Vec<&GroupInstance> = free.iter().filter(preferred).copied().collect();
    by_policies(group, step.facts, if first.is_empty() { free } else { first }, step.now).cloned()
}

/// Members in zones that are not the group's any more come first; else those of the fullest zones, of which there may be
/// several.
fn of_fullest_zones<'g>(group: &AutoScalingGroup, free: Vec<&'g GroupInstance>) -> Vec<&'g GroupInstance> {
    let mut population: BTreeMap<&str, u32> = BTreeMap::new();
    for member in group.counting() {
        *population.entry(&member.zone).or_default() += 1;
    }
    let rank = |member: &GroupInstance| (!group.zones.contains(&member.zone), population[member.zone.as_str()]);
    let most = free.iter().map(|member| rank(member)).max();
    free.into_iter().filter(|member| Some(rank(member)) == most).collect()
}

/// The policies narrow the choice one after the other; the oldest of what is left goes.
fn by_policies<'g>(
    group: &AutoScalingGroup,
    facts: &Facts,
    mut left: Vec<&'g GroupInstance>,
    now: Timestamp,
) -> Option<&'g GroupInstance> {
    for policy in &group.termination_policies {
        left = narrowed(*policy, group, facts, left, now);
    }
    if group.termination_policies.is_empty() {
        left = narrowed(TerminationPolicy::Default, group, facts, left, now);
    }
    left.into_iter().min_by_key(|member| (launched_at(facts, member), &member.instance_id))
}

fn narrowed<'g>(
    policy: TerminationPolicy,
    group: &AutoScalingGroup,
    facts: &Facts,
    left: Vec<&'g GroupInstance>,
    now: Timestamp,
) -> Vec<&'g GroupInstance> {
    match policy {
        TerminationPolicy::OldestInstance => least(left, |member| launched_at(facts, member)),
        TerminationPolicy::NewestInstance => least(left, |member| std::cmp::Reverse(launched_at(facts, member))),
        TerminationPolicy::ClosestToNextInstanceHour => {
            least(left, |member| until_next_hour(launched_at(facts, member), now))
        }
        TerminationPolicy::OldestLaunchConfiguration => oldest_configuration(facts, left),
        TerminationPolicy::OldestLaunchTemplate => oldest_template(facts, left),
        TerminationPolicy::AllocationStrategy => least_preferred(group, left),
        TerminationPolicy::Default => {
            let mut left = least_preferred(group, left);
            left = match left.iter().any(|member| configuration(member).is_some()) {
                true => oldest_configuration(facts, left),
                false => oldest_template(facts, left),
            };
            least(left, |member| until_next_hour(launched_at(facts, member), now))
        }
    }
}

/// Those with the least key.
fn least<K: Ord>(left: Vec<&GroupInstance>, key: impl Fn(&GroupInstance) -> K) -> Vec<&GroupInstance> {
    let best = left.iter().map(|member| key(member)).min();
    left.into_iter().filter(|member| Some(key(member)) == best).collect()
}

/// Those of the kind with the least key, if there are any of the kind.
fn least_of<K: Ord>(left: Vec<&GroupInstance>, key: impl Fn(&GroupInstance) -> Option<K>) -> Vec<&GroupInstance> {
    let best = left.iter().filter_map(|member| key(member)).min();
    match best {
        Some(best) => left.into_iter().filter(|member| key(member).as_ref() == Some(&best)).collect(),
        None => left,
    }
}

fn launched_at(facts: &Facts, member: &GroupInstance) -> Timestamp {
    facts.instances.get(&member.instance_id).map_or(member.joined_at, |instance| instance.launched_at)
}

/// Milliseconds until the started hour ends.
fn until_next_hour(launched_at: Timestamp, now: Timestamp) -> u128 {
    HOUR_MILLIS - now.since(launched_at).as_millis() % HOUR_MILLIS
}

fn configuration(member: &GroupInstance) -> Option<&str> {
    match &member.launched_from {
        LaunchedFrom::LaunchConfiguration(name) => Some(name),
        LaunchedFrom::LaunchTemplate { .. } | LaunchedFrom::Attached => None,
    }
}

/// One that was deleted counts as the oldest.
fn oldest_configuration<'g>(facts: &Facts, left: Vec<&'g GroupInstance>) -> Vec<&'g GroupInstance> {
    least_of(left, |member| configuration(member).map(|_| facts.made_at.get(&member.launched_from)))
}

/// Other templates than the present one first, then the oldest version.
fn oldest_template<'g>(facts: &Facts, left: Vec<&'g GroupInstance>) -> Vec<&'g GroupInstance> {
    let present: Option<&LaunchTemplateId> = match &facts.launch {
        Some(Ok(LaunchedFrom::LaunchTemplate { id, .. })) => Some(id),
        Some(Ok(LaunchedFrom::LaunchConfiguration(_) | LaunchedFrom::Attached) | Err(_)) | None => None,
    };
    least_of(left, |member| match &member.launched_from {
        LaunchedFrom::LaunchTemplate { id, version, .. } => {
            Some((Some(id) == present, facts.made_at.get(&member.launched_from), *version))
        }
        LaunchedFrom::LaunchConfiguration(_) | LaunchedFrom::Attached => None,
    })
}

/// Of a mixed group the type that stands last in its list, or is no longer there. Prices are not known here, so the
/// order of the list stands for them.
fn least_preferred<'g>(group: &AutoScalingGroup, left: Vec<&'g GroupInstance>) -> Vec<&'g GroupInstance> {
    let types: Vec<&String> = match &group.launch {
        LaunchSource::Mixed { overrides, .. } => overrides.iter().filter_map(|o| o.instance_type.as_ref()).collect(),
        LaunchSource::LaunchConfiguration(_) | LaunchSource::LaunchTemplate(_) => return left,
    };
    if types.is_empty() {
        return left;
    }
    let place = |member: &GroupInstance| types.iter().position(|name| **name == member.instance_type);
    least(left, |member| std::cmp::Reverse(place(member).unwrap_or(types.len())))
}
