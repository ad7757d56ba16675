//! StatusReason: why a refresh is where it is. The sentence about warming instances is AWS's; clients look for it.

use super::{batch, census::Census};
use crate::autoscaling::{
    group::AutoScalingGroup,
    instance_refresh::{InstanceRefresh, RefreshStatus, RefreshWork, StandbyInstances},
    process::Process,
};

/// The sentence, and whether somebody else has to act before the refresh goes on.
pub(super) fn of(
    group: &AutoScalingGroup,
    refresh: &InstanceRefresh,
    work: &RefreshWork,
    census: &Census<'_>,
) -> (Option<String>, bool) {
    if let Some(process) = suspended(group) {
        let text = format!("The process {} is suspended; resume it to let the instance refresh go on.", process.name());
        return (Some(text), true);
    }
    if let Some((member, _)) = census.warming.first() {
        let id = &member.instance_id;
        let text = format!("Waiting for instances to warm up before continuing. For example: {id} is warming up.");
        return (Some(text), false);
    }
    if let Some(until) = work.checkpoint_until.filter(|_| refresh.status == RefreshStatus::InProgress) {
        return (Some(format!("Waiting at a checkpoint until {until}.")), false);
    }
    if let Some(member) = census.waiting.first() {
        let (id, state) = (&member.instance_id, member.lifecycle.name());
        let text = format!("Waiting for instances to be in service and healthy. For example: {id} is {state}.");
        return (Some(text), false);
    }
    match blocked(refresh, work, census) {
        Some(text) => (Some(text), true),
        None => (None, false),
    }
}

fn suspended(group: &AutoScalingGroup) -> Option<Process> {
    [Process::InstanceRefresh, Process::Terminate, Process::Launch].into_iter().find(|p| !group.runs(*p))
}

/// Only protected or standing-by instances are left, and it waits for them.
fn blocked(refresh: &InstanceRefresh, work: &RefreshWork, census: &Census<'_>) -> Option<String> {
    let all_wait = census.remaining.iter().all(|member| batch::must_wait(member, refresh, work));
    let protected = census.remaining.first().filter(|_| all_wait);
    if let Some(member) = protected {
        let id = &member.instance_id;
        return Some(format!("Waiting for scale-in protection to be removed. For example: {id} is protected."));
    }
    let standby = census.standby.first().filter(|_| census.remaining.is_empty())?;
    let waits = refresh.preferences.standby == StandbyInstances::Wait;
    waits
        .then(|| format!("Waiting for instances to leave standby. For example: {} is in Standby.", standby.instance_id))
}
