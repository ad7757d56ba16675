//! The group as it was at the start of a simulation: today's group with as many members as it had then.
//!
//! Who those members were is not known any more; they are made up, spread evenly over the zones, and have served for long
//! enough to count. What was under way then (a cooldown, a refresh, failing launches) is left out.

use crate::simulate::Document;
use anyhow::Context as _;
use model::{
    Timestamp,
    autoscaling::{
        group::{AutoScalingGroup, LaunchSource, LaunchedFrom, TemplateChoice},
        member::{GroupInstance, LifecycleState},
    },
    ec2::launch::DEFAULT_INSTANCE_TYPE,
    id::{InstanceId, SubnetId},
};
use std::{collections::BTreeMap, time::Duration};

/// For so long the members have served; more than any warm-up.
const SERVED: Duration = Duration::from_secs(2 * 3600);

/// The group at the start.
pub fn group(document: &Document) -> anyhow::Result<AutoScalingGroup> {
    let now = &document.group;
    let was_there = (now.created_at..document.now).contains(&document.from);
    let desired = if was_there { document.desired_at_start } else { now.desired };
    let desired = desired.clamp(now.minimum, now.maximum.max(now.minimum));
    let first = document.headcounts.first().filter(|_| was_there);
    let count = first.map_or(desired, |first| first.in_service);
    let mut members = BTreeMap::new();
    for number in 0..count {
        let member = member(now, number, document.from).context("the group's zones and subnets make no member")?;
        members.insert(member.instance_id.clone(), member);
    }
    Ok(AutoScalingGroup {
        desired,
        members,
        capacity_cause: None,
        deleting: None,
        simple_scaling: None,
        launch_failures: None,
        health_replacements: Vec::new(),
        capacity: model::autoscaling::group::CapacityMemory::default(),
        fleet: model::autoscaling::group::FleetMemory::default(),
        ..now.clone()
    })
}

fn member(group: &AutoScalingGroup, number: u32, from: Timestamp) -> anyhow::Result<GroupInstance> {
    let like = group.members.values().next();
    let position = usize::try_from(number)?;
    let zone = group.zones.get(position % group.zones.len().max(1)).cloned();
    let subnet = match like {
        Some(like) => like.subnet_id.clone(),
        None => match group.subnets.first() {
            Some(subnet) => subnet.clone(),
            None => "subnet-00000000000000001".parse::<SubnetId>()?,
        },
    };
    let since = from.minus(SERVED);
    Ok(GroupInstance {
        instance_id: format!("i-{:017x}", 0xf_0000 + u64::from(number)).parse::<InstanceId>()?,
        zone: zone.context("it has no zone")?,
        subnet_id: subnet,
        instance_type: like.map_or_else(|| DEFAULT_INSTANCE_TYPE.to_owned(), |like| like.instance_type.clone()),
        launched_from: like.map_or_else(|| launched_from(&group.launch), |like| like.launched_from.clone()),
        lifecycle: LifecycleState::InService,
        since,
        joined_at: since,
        in_service_at: Some(since),
        unhealthy: None,
        impaired_since: None,
        protected: group.new_instances_protected,
        hook: None,
        hooks_done: Vec::new(),
        departure: None,
        activity: None,
    })
}

fn launched_from(source: &LaunchSource) -> LaunchedFrom {
    let of_template = |template: &TemplateChoice| LaunchedFrom::LaunchTemplate {
        id: template.id.clone(),
        name: template.name.clone(),
        version: 1,
    };
    match source {
        LaunchSource::LaunchConfiguration(name) => LaunchedFrom::LaunchConfiguration(name.clone()),
        LaunchSource::LaunchTemplate(template) => of_template(template),
        LaunchSource::Mixed { template, overrides: _, allocation_strategy: _ } => of_template(template),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::document;
    use super::*;

    #[test]
    fn as_many_serve_as_did_at_the_start() {
        let mut document = document();
        document.desired_at_start = 3;
        document.headcounts[0].in_service = 2;
        let group = group(&document).unwrap();
        assert_eq!((group.desired, group.members.len()), (3, 2));
        let zones: Vec<&str> = group.members.values().map(|member| member.zone.as_str()).collect();
        assert_eq!(zones, group.zones[..2].iter().map(String::as_str).collect::<Vec<_>>());
        assert!(group.members.values().all(|member| member.in_service_at.is_some_and(|at| at < document.from)));
    }
}
