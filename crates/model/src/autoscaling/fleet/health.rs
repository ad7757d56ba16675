//! Which members in service are unhealthy, and which ones can be relied on (Auto Scaling user guide, health checks).

use super::{InstanceFacts, TargetHealth, step::Step};
use crate::{
    Timestamp,
    autoscaling::{
        group::{AttachmentState, AutoScalingGroup},
        member::{GroupInstance, LifecycleState, Unhealthy, UnhealthyCause},
        process::Process,
    },
    ec2::instance::InstanceState as I,
};
use std::time::Duration;

/// How long a status check may fail before the member is unhealthy: AWS waits "a few minutes".
pub const IMPAIRED_TOLERANCE: Duration = Duration::from_secs(180);
/// A member that stops running so soon after it entered service has crashed.
const CRASH: Duration = Duration::from_secs(60);
/// For how long crashes are remembered.
const CRASHES_KEPT: Duration = Duration::from_secs(3600);
/// From so many crashes on, launches count as failing.
const MAXIMUM_CRASHES: usize = 5;

/// Looks at every member in service.
pub(super) fn observe(step: &mut Step<'_>) {
    forget_crashes(step);
    let ids: Vec<_> = step.group.in_state(LifecycleState::InService).map(|member| member.instance_id.clone()).collect();
    for id in ids {
        let Some(mut member) = step.group.members.remove(&id) else { continue };
        look_at(step, &mut member);
        step.group.members.insert(id, member);
    }
}

fn look_at(step: &mut Step<'_>, member: &mut GroupInstance) {
    let facts = step.facts;
    let Some(instance) = facts.instances.get(&member.instance_id) else {
        // It was terminated long ago, whatever is suspended.
        return mark(step, member, UnhealthyCause::NotRunning);
    };
    if !step.runs(Process::HealthCheck) {
        return;
    }
    member.impaired_since = instance.impaired.then(|| member.impaired_since.unwrap_or(step.now));
    if instance.state != I::Running {
        return mark(step, member, UnhealthyCause::NotRunning);
    }
    let sick = member.unhealthy.as_ref().map(|unhealthy| unhealthy.cause);
    if sick == Some(UnhealthyCause::LoadBalancer) && recovered(step, instance) {
        // Unhealthy is final, but for the load balancer's opinion of members that wait for their turn: they serve again.
        member.unhealthy = None;
    }
    if member.unhealthy.is_some() {
        return;
    }
    let grace_until = grace_end(&step.group, member);
    if let Some(since) = member.impaired_since {
        mark_from(step, member, UnhealthyCause::StatusCheck, since.plus(IMPAIRED_TOLERANCE).max(grace_until));
    }
    if member.unhealthy.is_none() && failed_by_load_balancer(step, instance) {
        mark_from(step, member, UnhealthyCause::LoadBalancer, grace_until);
    }
}

/// Marks the member once that time has come.
fn mark_from(step: &mut Step<'_>, member: &mut GroupInstance, cause: UnhealthyCause, from: Timestamp) {
    if step.now >= from { mark(step, member, cause) } else { step.wake(from) }
}

fn mark(step: &mut Step<'_>, member: &mut GroupInstance, cause: UnhealthyCause) {
    let known = member.unhealthy.as_ref().map(|unhealthy| unhealthy.cause);
    if known == Some(cause) || known == Some(UnhealthyCause::NotRunning) {
        return;
    }
    member.unhealthy = Some(Unhealthy { at: step.now, cause });
    let served = member.in_service_at.map(|since| step.now.since(since));
    if cause == UnhealthyCause::NotRunning && served.is_some_and(|served| served < CRASH) {
        step.group.health_replacements.push(step.now);
        if crashes(&step.group, step.now) {
            super::launches::failed(&mut step.group, &member.zone, "The instance stopped running", step.now);
        }
    }
}

fn grace_end(group: &AutoScalingGroup, member: &GroupInstance) -> Timestamp {
    let grace = Duration::from_secs(group.health_check_grace_seconds.into());
    member.in_service_at.unwrap_or(member.since).plus(grace)
}

/// Target groups whose opinion counts.
fn judges<'s>(step: &'s Step<'_>) -> impl Iterator<Item = &'s crate::Arn> {
    let in_service = step.group.target_groups.iter().filter(|attached| attached.state == AttachmentState::InService);
    in_service.filter(|_| step.group.elb_health_check).map(|attached| &attached.arn)
}

fn failed_by_load_balancer(step: &Step<'_>, instance: &InstanceFacts) -> bool {
    judges(step).any(|arn| instance.targets.get(arn) == Some(&TargetHealth::Unhealthy))
}

fn recovered(step: &Step<'_>, instance: &InstanceFacts) -> bool {
    judges(step).all(|arn| instance.targets.get(arn) == Some(&TargetHealth::Healthy))
}

/// Whether a member can be relied on: in service, healthy by every check of the group, and warm. If only time is
/// missing, `step` wakes at its end.
pub(super) fn is_ready(step: &mut Step<'_>, member: &GroupInstance) -> bool {
    let Some(since) = member.in_service_at.filter(|_| member.lifecycle == LifecycleState::InService) else {
        return false;
    };
    let Some(instance) = step.facts.instances.get(&member.instance_id) else { return false };
    // A member that was never registered is not judged; one that enters at this moment may be about to be.
    let enters = since == step.now;
    let content = |arn| match instance.targets.get(arn) {
        Some(health) => *health == TargetHealth::Healthy,
        None => !enters,
    };
    let healthy = member.unhealthy.is_none() && instance.state == I::Running && !instance.impaired;
    if !healthy || !judges(step).all(content) {
        if enters {
            step.wake(since.plus(Duration::from_secs(1)));
        }
        return false;
    }
    let warm_at = since.plus(warmup(step));
    step.wake(warm_at);
    warm_at <= step.now
}

/// How long a replacement takes until it counts (Auto Scaling user guide, instance refresh and instance warm-up).
fn warmup(step: &Step<'_>) -> Duration {
    let group = &step.group;
    let seconds = step.orders.warmup_seconds.or(group.default_instance_warmup_seconds);
    Duration::from_secs(seconds.unwrap_or(group.health_check_grace_seconds).into())
}

/// Whether so many members crashed lately that launching more of the kind is pointless.
pub(super) fn crashes(group: &AutoScalingGroup, now: Timestamp) -> bool {
    let lately = group.health_replacements.iter().filter(|at| now.since(**at) < CRASHES_KEPT);
    lately.count() >= MAXIMUM_CRASHES
}

/// Forgets old crashes, and failing launches once a later member has served for a while.
fn forget_crashes(step: &mut Step<'_>) {
    let now = step.now;
    step.group.health_replacements.retain(|at| now.since(*at) < CRASHES_KEPT);
    let Some(failures) = &step.group.launch_failures else { return };
    let since = failures.since;
    let later = step.group.in_state(LifecycleState::InService).filter(|member| member.joined_at > since);
    let proven_at = later.filter_map(|member| Some(member.in_service_at?.plus(CRASH))).min();
    match proven_at {
        Some(at) if at <= now => {
            step.group.launch_failures = None;
            step.group.health_replacements.clear();
        }
        Some(at) => step.wake(at),
        None => {}
    }
}
