//! What the members of a group are to a refresh: still to be replaced, ready, or not ready yet.
//!
//! Everything else is decided from these numbers alone, so that members that come and go for other reasons (health,
//! scaling, their owner's wish) need no special care.

use super::RefreshFacts;
use crate::{
    Timestamp,
    autoscaling::{
        fleet::TargetHealth,
        group::{AttachmentState, AutoScalingGroup},
        instance_refresh::{InstanceRefresh, ProtectedInstances, RefreshProgress, RefreshWork, StandbyInstances},
        member::{GroupInstance, LifecycleState},
    },
    ec2::instance::InstanceState,
    id::InstanceId,
};
use std::time::Duration;

/// The members of a group at one moment.
#[derive(Debug, Default)]
pub(super) struct Census<'a> {
    /// Members that count and are to be replaced.
    pub remaining: Vec<&'a GroupInstance>,
    /// Members in standby that are to be replaced.
    pub standby: Vec<&'a GroupInstance>,
    /// Members of the warm pool that are to be replaced.
    pub warm: Vec<&'a GroupInstance>,
    /// Members that count and stay, and are ready.
    pub ready: Vec<&'a GroupInstance>,
    /// Members that count and stay, and are ready at that time at the earliest.
    pub warming: Vec<(&'a GroupInstance, Timestamp)>,
    /// Members that count and stay, and are not healthy or not in service yet.
    pub waiting: Vec<&'a GroupInstance>,
    /// Members on their way into the warm pool.
    pub warm_waiting: u32,
    /// Members that leave, or wait for a hook: that ends by itself.
    pub moving: bool,
    /// The desired capacity.
    pub desired: u32,
}

/// Whether a member can be relied on.
enum Readiness {
    Ready,
    WarmingUntil(Timestamp),
    Waiting,
}

impl<'a> Census<'a> {
    /// Looks at all members.
    pub fn take(
        group: &'a AutoScalingGroup,
        refresh: &InstanceRefresh,
        work: &RefreshWork,
        facts: &RefreshFacts<'_>,
        now: Timestamp,
    ) -> Self {
        let mut census = Self { desired: group.desired, ..Self::default() };
        for member in group.members.values() {
            let (id, state) = (&member.instance_id, member.lifecycle);
            let ignored = is_ignored(member, refresh, work);
            let subject = work.subjects.contains(id) && !ignored;
            // Those that were there before and stay are no concern of the refresh, whatever their health.
            let settled = ignored || (work.origin.contains(id) && !work.subjects.contains(id));
            if state.counts() && subject {
                census.remaining.push(member);
            } else if state.counts() && settled {
                census.ready.push(member);
            } else if state.counts() {
                census.count_new(member, readiness(group, refresh, facts, member, now));
            } else if state == LifecycleState::Standby && subject {
                census.standby.push(member);
            } else if state.is_warm() && !state.is_terminating() && subject {
                census.warm.push(member);
            } else if is_being_warmed(state) {
                census.warm_waiting += 1;
            }
            census.moving |= moves_by_itself(state);
        }
        census
    }

    fn count_new(&mut self, member: &'a GroupInstance, readiness: Readiness) {
        match readiness {
            Readiness::Ready => self.ready.push(member),
            Readiness::WarmingUntil(at) => self.warming.push((member, at)),
            Readiness::Waiting => self.waiting.push(member),
        }
    }

    /// Members that count.
    pub fn counting(&self) -> u32 {
        count(&self.remaining) + count(&self.ready) + count(&self.warming) + count(&self.waiting)
    }

    /// Members beyond the desired capacity: replacements that were launched first.
    pub fn surplus(&self) -> u32 {
        self.counting().saturating_sub(self.desired)
    }

    /// Capacity that neither an old nor a ready new member provides.
    pub fn deficit(&self) -> u32 {
        self.desired.saturating_sub(count(&self.remaining) + count(&self.ready))
    }

    /// Instances of the live pool that are not updated yet.
    pub fn to_update(&self) -> u32 {
        self.desired.saturating_sub(count(&self.ready)) + count(&self.standby)
    }

    /// Instances of the warm pool that are not updated yet.
    pub fn warm_to_update(&self) -> u32 {
        count(&self.warm) + self.warm_waiting
    }

    /// How the live pool stands, `total` of which were to be updated at the start.
    pub fn live(&self, total: u32) -> RefreshProgress {
        RefreshProgress { total, to_update: self.to_update().min(total) }
    }

    /// All that are still to be replaced.
    pub fn all_remaining(&self) -> u32 {
        count(&self.remaining) + count(&self.standby) + count(&self.warm)
    }
}

/// The length of a list; groups are far smaller than the limit.
pub(super) fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

/// Whether the refresh was told to leave such members alone. Protection is for members that were there before: those that
/// it launched are its own, and a rollback puts them back also where new members are protected from the start. (AWS says
/// that a rollback replaces whatever the refresh has replaced, and nothing of protection.)
pub(super) fn is_ignored(member: &GroupInstance, refresh: &InstanceRefresh, work: &RefreshWork) -> bool {
    let preferences = &refresh.preferences;
    let standby = matches!(member.lifecycle, LifecycleState::Standby | LifecycleState::EnteringStandby);
    (is_protected(member, work) && preferences.protected == ProtectedInstances::Ignore)
        || (standby && preferences.standby == StandbyInstances::Ignore)
}

/// Whether a member was there before the refresh and is protected from scale-in.
pub(super) fn is_protected(member: &GroupInstance, work: &RefreshWork) -> bool {
    member.protected && work.origin.contains(&member.instance_id)
}

fn is_being_warmed(state: LifecycleState) -> bool {
    matches!(
        state,
        LifecycleState::WarmedPending | LifecycleState::WarmedPendingWait | LifecycleState::WarmedPendingProceed
    )
}

/// States that end by themselves, because draining and hooks have limits of their own.
fn moves_by_itself(state: LifecycleState) -> bool {
    state.is_terminating()
        || matches!(
            state,
            LifecycleState::PendingWait
                | LifecycleState::WarmedPendingWait
                | LifecycleState::EnteringStandby
                | LifecycleState::Detaching
        )
}

fn readiness(
    group: &AutoScalingGroup,
    refresh: &InstanceRefresh,
    facts: &RefreshFacts<'_>,
    member: &GroupInstance,
    now: Timestamp,
) -> Readiness {
    let Some(since) = member.in_service_at.filter(|_| member.lifecycle == LifecycleState::InService) else {
        return Readiness::Waiting;
    };
    let warmup = Duration::from_secs(refresh.preferences.warmup_seconds(group).into());
    match since.plus(warmup) {
        _ if !passes_health_checks(group, facts, member) => Readiness::Waiting,
        warm_at if warm_at > now => Readiness::WarmingUntil(warm_at),
        _ => Readiness::Ready,
    }
}

/// Whether every health check of the group is content: EC2's always; the load balancer's if the group uses it, for
/// target groups that are in service (before that nobody has been healthy there, for whatever reason). A member that
/// was never registered is not judged.
fn passes_health_checks(group: &AutoScalingGroup, facts: &RefreshFacts<'_>, member: &GroupInstance) -> bool {
    let Some(instance) = facts.fleet.instances.get(&member.instance_id) else {
        return false;
    };
    let judges = group.target_groups.iter().filter(|attached| attached.state == AttachmentState::InService);
    let mut judges = judges.filter(|_| group.elb_health_check);
    let content = |arn| matches!(instance.targets.get(arn), None | Some(TargetHealth::Healthy));
    let running = instance.state == InstanceState::Running && !instance.impaired;
    member.unhealthy.is_none() && running && judges.all(|attached| content(&attached.arn))
}

/// The members of `work` that have become unhealthy although they were launched for the refresh.
pub(super) fn newly_failed(group: &AutoScalingGroup, work: &RefreshWork, restoring: bool) -> Vec<InstanceId> {
    let launched_for_it = |member: &&GroupInstance| {
        // A rollback launches neither what was there before nor what it replaces.
        let replaced = restoring && work.subjects.contains(&member.instance_id);
        !replaced && !work.origin.contains(&member.instance_id)
    };
    (group.members.values())
        .filter(launched_for_it)
        .filter(|member| member.unhealthy.is_some() && !work.failed.contains(&member.instance_id))
        .map(|member| member.instance_id.clone())
        .collect()
}
