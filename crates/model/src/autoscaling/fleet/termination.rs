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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        autoscaling::{
            fleet::{InstanceFacts, Orders},
            group::{MixedOverride, TemplateChoice},
            member::{LifecycleState, Unhealthy, UnhealthyCause},
            membership::samples::{group, id, member},
        },
        ec2::instance::InstanceState,
    };
    use TerminationPolicy as P;

    const NOW: Timestamp = Timestamp::from_seconds(100_000);

    fn configuration(name: &str) -> LaunchedFrom {
        LaunchedFrom::LaunchConfiguration(name.into())
    }

    fn template(letter: char, version: u64) -> LaunchedFrom {
        let id = format!("lt-0000000000000000{letter}").parse().unwrap();
        LaunchedFrom::LaunchTemplate { id, name: letter.into(), version }
    }

    /// What a member was made from, its type, and how old it is in seconds.
    type Made<'a> = (LaunchedFrom, &'a str, u64);

    /// Members numbered from 1.
    fn world(members: &[Made<'_>]) -> (AutoScalingGroup, Facts) {
        let mut group = group(0, 9, 1);
        let mut facts = Facts { launch: Some(Ok(template('a', 3))), ..Facts::default() };
        for ((from, kind, age), n) in members.iter().zip(1..) {
            let mut member = member(n, LifecycleState::InService);
            (member.launched_from, member.instance_type) = (from.clone(), (*kind).to_owned());
            let instance = InstanceFacts {
                state: InstanceState::Running,
                state_reason: None,
                launched_at: NOW.minus(std::time::Duration::from_secs(*age)),
                impaired: false,
                targets: BTreeMap::new(),
            };
            facts.instances.insert(id(n), instance);
            group.members.insert(id(n), member);
        }
        for (from, made) in [(configuration("old"), 10), (configuration("new"), 20)] {
            facts.made_at.insert(from, Timestamp::from_seconds(made));
        }
        (group, facts)
    }

    fn chosen(group: &AutoScalingGroup, facts: &Facts, doomed: &[u8]) -> Option<InstanceId> {
        let doomed = doomed.iter().map(|n| id(*n)).collect();
        let (orders, mut ids) = (Orders::default(), || 0);
        let step = Step::new(group, facts, &orders, NOW, &mut ids);
        choose(&step, &doomed).map(|member| member.instance_id)
    }

    #[test]
    fn each_policy_chooses_as_the_guide_says() {
        let mixed = [
            (template('a', 3), "t2.micro", 5000),
            (template('a', 1), "t2.small", 3700),
            (configuration("new"), "t2.large", 7000),
            (configuration("old"), "t2.micro", 100),
            (template('b', 9), "t2.micro", 9000),
            (LaunchedFrom::Attached, "t2.micro", 7100),
        ];
        let templates = [
            (template('a', 2), "t2.micro", 100),
            (template('a', 1), "t2.micro", 200),
            (template('a', 1), "t2.micro", 3500),
            (template('a', 1), "t2.micro", 4000),
        ];
        let table: [(&[P], &[Made<'_>], u8); 12] = [
            (&[P::OldestInstance], &mixed, 5),
            (&[P::NewestInstance], &mixed, 4),
            // 7,100 seconds: 100 seconds until the next hour.
            (&[P::ClosestToNextInstanceHour], &mixed, 6),
            (&[P::OldestLaunchConfiguration], &mixed, 4),
            // Another template than the present one is older than any of its versions.
            (&[P::OldestLaunchTemplate], &mixed, 5),
            (&[P::Default], &mixed, 4),
            (&[], &mixed, 4),
            (&[P::Default], &templates, 3),
            (&[P::OldestLaunchTemplate, P::OldestInstance], &templates, 4),
            (&[P::OldestLaunchTemplate, P::NewestInstance], &templates, 2),
            (&[P::OldestLaunchConfiguration, P::NewestInstance], &templates, 1),
            (&[P::AllocationStrategy, P::NewestInstance], &templates, 1),
        ];
        for (policies, members, expected) in table {
            let (mut group, facts) = world(members);
            group.termination_policies = policies.to_vec();
            assert_eq!(chosen(&group, &facts, &[]), Some(id(expected)), "{policies:?}");
        }
    }

    #[test]
    fn a_mixed_group_gives_up_its_least_preferred_type() {
        let (mut group, facts) = world(&[
            (template('a', 1), "t2.micro", 900),
            (template('a', 1), "t2.large", 500),
            (template('a', 1), "t2.small", 700),
        ]);
        let preferences = |types: &[&str]| LaunchSource::Mixed {
            template: TemplateChoice {
                id: "lt-0000000000000000a".parse().unwrap(),
                name: "a".into(),
                version: "1".into(),
            },
            overrides: (types.iter())
                .map(|name| MixedOverride { instance_type: Some((*name).to_owned()), template: None })
                .collect(),
            allocation_strategy: "prioritized".into(),
        };
        for (types, expected) in [(["t2.micro", "t2.large", "t2.small"], 3), (["t2.small", "t2.large", "m1"], 1)] {
            group.launch = preferences(&types);
            assert_eq!(chosen(&group, &facts, &[]), Some(id(expected)));
        }
    }

    #[test]
    fn zones_come_before_policies_and_protection_before_zones() {
        let same = |age| (configuration("old"), "t2.micro", age);
        let (mut group, facts) = world(&[same(10), same(20), same(30), same(40), same(50)]);
        group.termination_policies = vec![P::OldestInstance];
        let zone = |group: &mut AutoScalingGroup, n: u8, zone: &str| {
            group.members.get_mut(&id(n)).unwrap().zone = zone.into();
        };
        zone(&mut group, 4, "eu-west-1b");
        zone(&mut group, 5, "eu-west-1b");
        assert_eq!(chosen(&group, &facts, &[]), Some(id(3)), "the oldest of the fullest zone");
        assert_eq!(chosen(&group, &facts, &[2, 5]), Some(id(2)), "what goes anyway, in that zone");
        let unhealthy = Unhealthy { at: NOW, cause: UnhealthyCause::LoadBalancer };
        group.members.get_mut(&id(1)).unwrap().unhealthy = Some(unhealthy);
        assert_eq!(chosen(&group, &facts, &[]), Some(id(1)), "the unhealthy one");
        for n in [1, 2, 3] {
            group.members.get_mut(&id(n)).unwrap().protected = true;
        }
        assert_eq!(chosen(&group, &facts, &[]), Some(id(5)), "the fullest zone is protected");
        zone(&mut group, 4, "eu-west-1c");
        assert_eq!(chosen(&group, &facts, &[]), Some(id(4)), "a zone that is not the group's goes first");
        for member in group.members.values_mut() {
            member.protected = true;
        }
        assert_eq!(chosen(&group, &facts, &[]), None);
    }
}
