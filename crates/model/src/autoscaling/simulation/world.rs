//! One group in virtual time: the deciders of capacity, refresh and fleet, over instances that are only imagined.
//!
//! What the controller does with records and transactions happens here in memory, in the same order. Time is moved by
//! the caller; lifecycle hooks have nobody to complete them but their timeouts.

use super::instance::{SimulatedInstance, record, subnet};
use crate::{
    Arn, Timestamp,
    autoscaling::{
        activity::ScalingActivity,
        capacity::{self, CapacityDecision, CapacityFacts},
        fleet::{self, Effect, Facts, LaunchOrder, Orders, TargetHealth},
        group::{AutoScalingGroup, LaunchSource, LaunchedFrom},
        instance_refresh::InstanceRefresh,
        lifecycle_hook::LifecycleHook,
        policy::ScalingPolicy,
        refresh::{self, RefreshDecision, RefreshFacts},
        scheduled_action::ScheduledAction,
        trigger::PolicyTrigger,
    },
    cloudwatch::alarm::StateValue,
    ec2::instance::InstanceState,
    id::InstanceId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// More steps without time passing are an endless loop.
const MAXIMUM_STEPS: usize = 1000;

/// How long things take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From the launch to `running`.
    pub boot: Duration,
    /// From the registration to the first passed health check.
    pub check: Duration,
    /// The deregistration delay.
    pub drain: Duration,
    /// From `shutting-down` to `terminated`, and from `stopping` to `stopped`.
    pub end: Duration,
}

/// What goes wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Zones in which launches fail.
    pub full_zones: BTreeSet<String>,
    /// Zones that are impaired.
    pub impaired_zones: BTreeSet<String>,
    /// Whether new instances end instead of starting.
    pub dead_on_arrival: bool,
    /// Whether new instances fail their health checks.
    pub sick_on_arrival: bool,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct World {
    /// The present moment; see [`World::pass`].
    pub now: Timestamp,
    /// The group; operations change it between steps.
    pub group: AutoScalingGroup,
    /// Its policies.
    pub policies: Vec<ScalingPolicy>,
    /// Its scheduled actions.
    pub scheduled: Vec<ScheduledAction>,
    /// Wishes of alarms that wait.
    pub triggers: Vec<PolicyTrigger>,
    /// Its hooks.
    pub hooks: Vec<LifecycleHook>,
    /// Its newest instance refresh.
    pub refresh: Option<InstanceRefresh>,
    /// States of alarms that the refresh watches.
    pub alarms: BTreeMap<String, StateValue>,
    /// Instances that are not gone.
    pub instances: BTreeMap<InstanceId, SimulatedInstance>,
    /// Activities that are under way.
    pub activities: BTreeMap<String, ScalingActivity>,
    /// How long things take.
    pub timing: Timing,
    /// What goes wrong.
    pub faults: Faults,
    /// Whether the group was deleted.
    pub deleted: bool,
    ids: u64,
    next: Option<Timestamp>,
}

/// One step of the deciders.
#[derive(Clone, Debug)]
pub struct Decided {
    /// What was decided of the capacity.
    pub capacity: CapacityDecision,
    /// What was decided of the refresh, if there was one.
    pub refresh: Option<RefreshDecision>,
    /// What was decided of the members.
    pub fleet: fleet::Decision,
}

/// Sees the group before each step that changes something, and the step.
pub type Observer<'a> = dyn FnMut(&World, &Decided) + 'a;

impl World {
    /// A world whose members of the group all run. `seed` makes its ids.
    pub fn new(group: AutoScalingGroup, timing: Timing, now: Timestamp, seed: u64) -> Self {
        let instances =
            group.members.values().map(|member| (member.instance_id.clone(), SimulatedInstance::of(member)));
        Self {
            now,
            instances: instances.collect(),
            group,
            policies: Vec::new(),
            scheduled: Vec::new(),
            triggers: Vec::new(),
            hooks: Vec::new(),
            refresh: None,
            alarms: BTreeMap::new(),
            activities: BTreeMap::new(),
            timing,
            faults: Faults::default(),
            deleted: false,
            ids: seed,
            next: None,
        }
    }

    /// Lets time pass until `to`, with everything that happens on the way.
    ///
    /// # Panics
    /// When the deciders never come to rest, which is a mistake in them.
    pub fn pass(&mut self, to: Timestamp, observer: &mut Observer<'_>) {
        self.settle(observer);
        while let Some(at) = self.next_change().filter(|at| *at <= to) {
            self.now = at.max(self.now);
            self.live();
            self.settle(observer);
        }
        self.now = self.now.max(to);
        self.live();
        self.settle(observer);
    }

    /// Decides and acts until nothing changes any more.
    ///
    /// # Panics
    /// As [`World::pass`].
    pub fn settle(&mut self, observer: &mut Observer<'_>) {
        for _ in 0..MAXIMUM_STEPS {
            if self.deleted {
                self.next = None;
                return;
            }
            let mut ids = self.ids;
            let decided = self.decide(&mut ids);
            if !decided.changes(&self.group, self.refresh.as_ref()) {
                self.next = decided.next().filter(|next| *next > self.now);
                return;
            }
            observer(self, &decided);
            self.ids = ids;
            self.act(decided);
        }
        let mut ids = self.ids;
        panic!("never settles at {}: {:#?}\n{:#?}", self.now, self.group, self.decide(&mut ids).fleet.effects);
    }

    /// When something happens next without anybody's doing.
    pub fn next_change(&self) -> Option<Timestamp> {
        let timing = &self.timing;
        let instances = self.instances.values().filter_map(|instance| instance.next_change(timing));
        instances.chain(self.next).min()
    }

    /// Instances go on.
    fn live(&mut self) {
        for instance in self.instances.values_mut() {
            instance.live(&self.timing, &self.faults, self.now);
        }
        let members = &self.group.members;
        self.instances.retain(|id, one| one.state != InstanceState::Terminated || members.contains_key(id));
    }

    /// As the controller: capacity, then the refresh, then the fleet.
    fn decide(&self, ids: &mut u64) -> Decided {
        let facts = CapacityFacts {
            policies: self.policies.clone(),
            triggers: self.triggers.clone(),
            scheduled: self.scheduled.clone(),
        };
        let capacity = capacity::decide(&self.group, &facts, self.now);
        let mut group = self.group.clone();
        capacity.apply_to(&mut group);
        let mut facts = self.facts(&group);
        let refresh = self.refresh.as_ref().filter(|refresh| !refresh.status.is_over());
        let refresh = refresh.map(|active| self.refresh_decision(&group, active, &facts));
        let mut orders = Orders::default();
        if let Some(refresh) = &refresh {
            orders.clone_from(&refresh.orders);
            if let Some(launch) = &refresh.group_launch {
                group.launch.clone_from(launch);
            }
            facts.launch = Some(Ok(launched_from(refresh.launch_override.as_ref().unwrap_or(&group.launch))));
        }
        let mut source = || {
            *ids = ids.wrapping_add(1);
            mixed(*ids)
        };
        let fleet = fleet::decide(&group, &facts, &orders, self.now, &mut source);
        Decided { capacity, refresh, fleet }
    }

    fn refresh_decision(&self, group: &AutoScalingGroup, active: &InstanceRefresh, facts: &Facts) -> RefreshDecision {
        let source = active.desired_configuration.as_ref().unwrap_or(&group.launch);
        let desired = Ok(BTreeSet::from([launched_from(source)]));
        refresh::decide(group, active, &RefreshFacts { fleet: facts, alarms: self.alarms.clone(), desired }, self.now)
    }

    /// What the fleet's decider may know.
    pub fn facts(&self, group: &AutoScalingGroup) -> Facts {
        let instance = |id: &InstanceId| Some((id.clone(), self.instances.get(id)?.facts()));
        let activity = |id: &String| Some((id.clone(), self.activities.get(id)?.clone()));
        Facts {
            instances: group.members.keys().filter_map(instance).collect(),
            launch: Some(Ok(launched_from(&group.launch))),
            made_at: BTreeMap::new(),
            subnets: group.zones.iter().map(|zone| (zone.clone(), vec![subnet(zone)])).collect(),
            impaired_zones: self.faults.impaired_zones.clone(),
            hooks: self.hooks.clone(),
            activities: group.members.values().filter_map(|member| activity(member.activity.as_ref()?)).collect(),
        }
    }

    fn act(&mut self, decided: Decided) {
        let Decided { capacity, refresh, fleet } = decided;
        self.triggers.clear();
        for action in capacity.changed_actions {
            self.scheduled.retain(|other| other.name != action.name);
            self.scheduled.push(action);
        }
        self.scheduled.retain(|action| !capacity.removed_actions.contains(action));
        self.group = fleet.group;
        let launch = refresh.as_ref().and_then(|refresh| refresh.launch_override.as_ref());
        let from = launched_from(launch.unwrap_or(&self.group.launch));
        if let Some(refresh) = refresh {
            self.refresh = Some(refresh.refresh);
        }
        for effect in fleet.effects {
            self.carry_out(effect, &from);
        }
        let named: BTreeSet<&String> =
            self.group.members.values().filter_map(|member| member.activity.as_ref()).collect();
        self.activities.retain(|id, activity| named.contains(id) || !activity.status.is_over());
    }

    fn carry_out(&mut self, effect: Effect, from: &LaunchedFrom) {
        let now = self.now;
        match effect {
            Effect::Launch(order) => self.launch(order, from),
            Effect::Terminate(id) => self.change(&id, InstanceState::ShuttingDown),
            Effect::Start(id) => self.change(&id, InstanceState::Pending),
            Effect::Stop(id) => self.change(&id, InstanceState::Stopping),
            Effect::Release(id) => {
                self.instances.remove(&id);
            }
            Effect::Register(id, target_group) => self.target(&id, target_group, TargetHealth::Unknown, now),
            Effect::Deregister(id, target_group) => self.target(&id, target_group, TargetHealth::Draining, now),
            Effect::Activity(activity) => {
                self.activities.insert(activity.id.clone(), activity);
            }
            Effect::Notify(_) | Effect::Decide(_) => {}
            Effect::DeleteGroup => self.deleted = true,
        }
    }

    fn launch(&mut self, order: LaunchOrder, from: &LaunchedFrom) {
        let activity = if self.faults.full_zones.contains(&order.zone) {
            fleet::launch_failed(&mut self.group, order, "there is no room in the zone", self.now).0
        } else {
            self.ids = self.ids.wrapping_add(1);
            let instance = record(mixed(self.ids), &order, &self.group, self.now);
            let simulated = SimulatedInstance::launched(&self.faults, self.now);
            self.instances.insert(instance.id.clone(), simulated);
            fleet::launched(&mut self.group, order, &instance, from.clone(), self.now)
        };
        self.activities.insert(activity.id.clone(), activity);
    }

    /// An instance enters another state now: that is also how one is killed.
    pub fn change(&mut self, id: &InstanceId, state: InstanceState) {
        if let Some(instance) = self.instances.get_mut(id) {
            (instance.state, instance.since) = (state, self.now);
        }
    }

    fn target(&mut self, id: &InstanceId, target_group: Arn, health: TargetHealth, now: Timestamp) {
        if let Some(instance) = self.instances.get_mut(id) {
            instance.targets.insert(target_group, (health, now));
        }
    }

    /// Members in service whose instances run.
    pub fn serving(&self) -> u32 {
        use crate::autoscaling::member::LifecycleState::InService;
        let runs = |id: &InstanceId| self.instances.get(id).is_some_and(|one| one.state == InstanceState::Running);
        let serving = self.group.in_state(InService).filter(|member| runs(&member.instance_id)).count();
        u32::try_from(serving).unwrap_or(u32::MAX)
    }

    /// Instances that exist and cost something.
    pub fn running(&self) -> u32 {
        use InstanceState::{Pending, Running};
        let costs = |one: &&SimulatedInstance| matches!(one.state, Pending | Running);
        u32::try_from(self.instances.values().filter(costs).count()).unwrap_or(u32::MAX)
    }
}

impl Decided {
    /// Whether there is anything to write, as the controller sees it.
    fn changes(&self, group: &AutoScalingGroup, known: Option<&InstanceRefresh>) -> bool {
        let Self { capacity, refresh, fleet } = self;
        fleet.group != *group
            || !fleet.effects.is_empty()
            || !capacity.consumed.is_empty()
            || !capacity.decisions.is_empty()
            || !capacity.changed_actions.is_empty()
            || !capacity.removed_actions.is_empty()
            || refresh.as_ref().is_some_and(|refresh| Some(&refresh.refresh) != known)
    }

    fn next(&self) -> Option<Timestamp> {
        let refresh = self.refresh.as_ref().and_then(|refresh| refresh.next);
        [self.capacity.next, refresh, self.fleet.next].into_iter().flatten().min()
    }
}

/// What instances are made from; versions that are not numbers count as the first.
fn launched_from(source: &LaunchSource) -> LaunchedFrom {
    match source {
        LaunchSource::LaunchConfiguration(name) => LaunchedFrom::LaunchConfiguration(name.clone()),
        LaunchSource::LaunchTemplate(choice) | LaunchSource::Mixed { template: choice, .. } => {
            let version = choice.version.parse().unwrap_or(1);
            LaunchedFrom::LaunchTemplate { id: choice.id.clone(), name: choice.name.clone(), version }
        }
    }
}

/// The finaliser of SplitMix64: numbers in a row become ids that differ everywhere.
const fn mixed(number: u64) -> u64 {
    let state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
