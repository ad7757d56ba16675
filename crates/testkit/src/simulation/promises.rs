//! What must hold at every step of a history, and when it has come to rest.

use super::Summary;
use model::{
    Timestamp,
    autoscaling::{
        activity::ScalingActivity,
        decision::Outcome,
        fleet::{Effect, Orders},
        group::AutoScalingGroup,
        member::{GroupInstance, LifecycleState},
        simulation::{Decided, World},
    },
    ec2::instance::InstanceState,
    id::InstanceId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Of a member that scale-in chose.
const CHOSEN: &str = "was selected for termination";
/// Of a member that a refresh takes out.
const REFRESHED: &str = "in response to an instance refresh";

/// See the module.
pub(super) struct Promises {
    seed: u64,
    pub summary: Summary,
    /// When a simple policy last acted, and its cooldown.
    simple: Option<(Timestamp, Duration)>,
    refreshes: BTreeSet<String>,
    /// Activities that have begun and not ended.
    open: BTreeSet<String>,
}

impl Promises {
    pub fn new(seed: u64) -> Self {
        Self { seed, summary: Summary::default(), simple: None, refreshes: BTreeSet::new(), open: BTreeSet::new() }
    }

    /// One step; `world` is what it was decided on.
    pub fn check(&mut self, world: &World, decided: &Decided) {
        self.summary.steps += 1;
        self.limits(world, decided);
        self.capacity(world, decided);
        self.cooldown(world, decided);
        self.records(world, decided);
        self.protection(world, decided);
        self.floor(world, decided);
        self.runaway(world, decided);
        self.refreshed(decided);
    }

    fn require(&self, holds: bool, promise: &str, world: &World, decided: &Decided) {
        assert!(
            holds,
            "seed {}: {promise}, at {}\ngroup before: {:#?}\ncapacity: {:#?}\nfleet: {:#?}",
            self.seed, world.now, world.group, decided.capacity, decided.fleet.effects
        );
    }

    fn limits(&self, world: &World, decided: &Decided) {
        let within = |group: &AutoScalingGroup| group.minimum <= group.desired && group.desired <= group.maximum;
        self.require(within(&decided.fleet.group), "minimum <= desired <= maximum", world, decided);
        let capacity = &decided.capacity;
        let same = decided.fleet.group.desired == capacity.desired;
        self.require(same, "only the capacity's decider changes the desired capacity", world, decided);
    }

    /// A changed capacity has its cause and its record; a wish has its record whatever comes of it.
    fn capacity(&mut self, world: &World, decided: &Decided) {
        let capacity = &decided.capacity;
        let changed = capacity.desired != world.group.desired;
        let done = capacity.decisions.iter().any(|one| one.outcome == Outcome::Done && one.to == capacity.desired);
        self.require(
            !changed || (done && capacity.cause.is_some()),
            "a change has its cause and record",
            world,
            decided,
        );
        let answered = capacity.decisions.len() >= capacity.consumed.len();
        self.require(answered && capacity.consumed == world.triggers, "every wish has its record", world, decided);
        let explained = capacity.decisions.iter().all(|decision| !decision.why.is_empty());
        self.require(explained, "every record says why", world, decided);
        self.summary.changes += u64::from(changed);
        self.summary.held += capacity.decisions.iter().map(|one| u64::from(one.outcome != Outcome::Done)).sum::<u64>();
    }

    /// Between two actions of simple policies lies the first one's cooldown, and nothing is under way at the second.
    fn cooldown(&mut self, world: &World, decided: &Decided) {
        let Some(scaling) = &decided.capacity.simple_scaling else { return };
        let over = self.simple.is_none_or(|(at, cooldown)| world.now.since(at) >= cooldown);
        self.require(over, "no action inside a simple policy's cooldown", world, decided);
        self.require(world.group.cooldown(world.now).is_none(), "the cooldown of the record is over", world, decided);
        let busy = world
            .group
            .members
            .values()
            .any(|member| member.lifecycle.is_pending() || member.lifecycle == LifecycleState::Terminating);
        self.require(!busy, "simple scaling waits for what is under way", world, decided);
        self.simple = Some((world.now, Duration::from_secs(scaling.cooldown_seconds.into())));
    }

    /// Every launch and every departure has its activity, with a cause.
    fn records(&mut self, world: &World, decided: &Decided) {
        let activities: Vec<&ScalingActivity> = activities(decided).collect();
        for effect in &decided.fleet.effects {
            if let Effect::Launch(order) = effect {
                self.summary.launches += 1;
                self.require(order.activity.cause.starts_with("At "), "every launch has a cause", world, decided);
            }
        }
        for activity in &activities {
            self.require(activity.cause.starts_with("At "), "every activity has a cause", world, decided);
            let over = activity.status.is_over() == activity.ended_at.is_some();
            self.require(over, "an activity has an end when it is over", world, decided);
            if activity.status.is_over() {
                self.open.remove(&activity.id);
            } else {
                self.open.insert(activity.id.clone());
            }
        }
        for member in leaving(world, decided) {
            // Its own, or that of its arrival, which has failed.
            let recorded = activities.iter().any(|one| one.description.ends_with(member.instance_id.as_str()));
            self.require(recorded, "every departure has its activity", world, decided);
        }
    }

    fn protection(&mut self, world: &World, decided: &Decided) {
        let chosen: Vec<&ScalingActivity> =
            activities(decided).filter(|activity| activity.cause.contains(CHOSEN)).collect();
        for member in leaving(world, decided) {
            let by_scale_in = chosen.iter().any(|activity| Some(&activity.id) == member.activity.as_ref());
            self.summary.chosen += u64::from(by_scale_in);
            let before = world.group.members.get(&member.instance_id);
            let protected = before.is_some_and(|before| before.protected);
            self.require(!(by_scale_in && protected), "scale-in never chooses a protected member", world, decided);
        }
    }

    /// A refresh takes out a member that serves only if that leaves as many healthy ones as its floor says. What
    /// scale-in takes in the same step is not its doing.
    fn floor(&mut self, world: &World, decided: &Decided) {
        let Some(refresh) = &decided.refresh else { return };
        let Orders { floor, replace: _, ceiling, warmup_seconds: _ } = &refresh.orders;
        let refreshed: Vec<&ScalingActivity> =
            activities(decided).filter(|activity| activity.cause.contains(REFRESHED)).collect();
        let serves = |id: &InstanceId| {
            let before = world.group.members.get(id);
            before.is_some_and(|member| member.lifecycle == LifecycleState::InService && is_well(world, member))
        };
        let of_refresh =
            |member: &&GroupInstance| refreshed.iter().any(|activity| Some(&activity.id) == member.activity.as_ref());
        let gone: Vec<&GroupInstance> = leaving(world, decided).filter(|member| serves(&member.instance_id)).collect();
        let taken = gone.iter().copied().filter(of_refresh).count();
        self.summary.replaced += u64::try_from(taken).unwrap_or(0);
        let desired = decided.fleet.group.desired;
        let (floor, ceiling) = (floor.unwrap_or(0).min(desired), ceiling.unwrap_or(0).max(desired));
        // Without room on either side it goes one by one.
        let floor = if floor >= desired && ceiling <= desired { desired.saturating_sub(1) } else { floor };
        let serving = decided.fleet.group.in_state(LifecycleState::InService).filter(|member| is_well(world, member));
        let left = u32::try_from(serving.count() + gone.len() - taken).unwrap_or(u32::MAX);
        self.require(taken == 0 || left >= floor, "a refresh keeps its floor", world, decided);
    }

    fn runaway(&self, world: &World, decided: &Decided) {
        let after = &decided.fleet.group;
        let ordered = decided.fleet.effects.iter().filter(|effect| matches!(effect, Effect::Launch(_))).count();
        if ordered == 0 {
            return;
        }
        let ceiling = decided.refresh.as_ref().and_then(|refresh| refresh.orders.ceiling).unwrap_or(0);
        let policy = after.maintenance_policy.map_or(100, |policy| policy.maximum_healthy_percentage);
        let by_policy = (after.desired * policy).div_ceil(100);
        let most = after.maximum + (after.maximum / 10).max(1);
        let most = usize::try_from(most.max(ceiling).max(by_policy)).unwrap_or(usize::MAX);
        self.require(after.counting().count() + ordered <= most, "nothing runs away", world, decided);
    }

    fn refreshed(&mut self, decided: &Decided) {
        use model::autoscaling::instance_refresh::RefreshStatus::Successful;
        if let Some(refresh) = decided.refresh.as_ref().filter(|one| one.refresh.status == Successful)
            && self.refreshes.insert(refresh.refresh.id.clone())
        {
            self.summary.refreshed += 1;
        }
    }

    /// After the calm: as many as desired, all well, zones even, nothing left open.
    pub fn rest(&self, world: &World) {
        let group = &world.group;
        let require = |holds: bool, promise: &str| {
            assert!(
                holds,
                "seed {}: at rest {promise}\n{group:#?}\n{:#?}\n{:#?}\n{:?}",
                self.seed, world.instances, world.refresh, world.timing
            );
        };
        let well = group.in_state(LifecycleState::InService).filter(|member| is_well(world, member)).count();
        require(well == usize::try_from(group.desired).unwrap_or(usize::MAX), "as many serve as are desired");
        require(group.counting().count() == well, "nobody is on the way");
        let mut zones: BTreeMap<&str, u32> = group.zones.iter().map(|zone| (zone.as_str(), 0)).collect();
        for member in group.counting() {
            *zones.entry(&member.zone).or_default() += 1;
        }
        let (least, most) = (zones.values().min().copied(), zones.values().max().copied());
        require(most.unwrap_or(0) - least.unwrap_or(0) <= 1, "zones differ by at most one");
        require(world.refresh.as_ref().is_none_or(|refresh| refresh.status.is_over()), "no refresh hangs");
    }
}

fn activities(decided: &Decided) -> impl Iterator<Item = &ScalingActivity> {
    decided.fleet.effects.iter().filter_map(|effect| match effect {
        Effect::Activity(activity) => Some(activity),
        Effect::Launch(_)
        | Effect::Terminate(_)
        | Effect::Start(_)
        | Effect::Stop(_)
        | Effect::Release(_)
        | Effect::Register(..)
        | Effect::Deregister(..)
        | Effect::Notify(_)
        | Effect::Decide(_)
        | Effect::DeleteGroup => None,
    })
}

/// Members that counted before and are on their way out after the step, as they are after it.
fn leaving<'a>(world: &'a World, decided: &'a Decided) -> impl Iterator<Item = &'a GroupInstance> {
    let counted = |id: &InstanceId| world.group.members.get(id).is_some_and(|member| member.lifecycle.counts());
    decided.fleet.group.members.values().filter(move |m| m.lifecycle.is_terminating() && counted(&m.instance_id))
}

/// Whether a member can serve.
fn is_well(world: &World, member: &GroupInstance) -> bool {
    let runs = |id: &InstanceId| world.instances.get(id).is_some_and(|one| one.state == InstanceState::Running);
    member.unhealthy.is_none() && runs(&member.instance_id)
}
