//! A world of one group in virtual time: instances that start, stop and die, target groups that check and drain, and
//! everything that is written down. Every step is checked for what must always hold.

use super::super::{
    Decision, Effect, Facts, InstanceFacts, LaunchOrder, Notice, Orders, TargetHealth, decide, launch_failed, launched,
    unhealthy::tenth,
};
use crate::{
    Arn, Timestamp,
    autoscaling::{
        activity::ScalingActivity,
        decision::ScalingDecision,
        group::{AttachedTargetGroup, AttachmentState, AutoScalingGroup, LaunchedFrom},
        lifecycle_hook::{LifecycleHook, Transition},
        member::{HookResult, LifecycleState},
        membership::samples,
    },
    ec2::instance::{Instance, InstanceState as I},
    id::{InstanceId, SubnetId},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How long instances take to start, to stop and to end.
const CHANGE: Duration = Duration::from_secs(2);
/// How long the first health check takes.
const CHECK: Duration = Duration::from_secs(5);
/// The deregistration delay.
pub const DRAIN: Duration = Duration::from_secs(30);
/// More steps without time passing are an endless loop.
const MAXIMUM_STEPS: usize = 60;

/// An instance of the world.
#[derive(Clone, Debug)]
pub struct Simulated {
    pub state: I,
    pub since: Timestamp,
    pub launched_at: Timestamp,
    pub impaired: bool,
    /// What health checks find.
    pub answers: bool,
    pub targets: BTreeMap<Arn, (TargetHealth, Timestamp)>,
}

/// See the module.
pub struct World {
    pub group: AutoScalingGroup,
    pub orders: Orders,
    pub now: Timestamp,
    pub instances: BTreeMap<InstanceId, Simulated>,
    pub activities: BTreeMap<String, ScalingActivity>,
    pub notices: Vec<Notice>,
    pub decisions: Vec<ScalingDecision>,
    pub hooks: Vec<LifecycleHook>,
    pub from: LaunchedFrom,
    pub made_at: BTreeMap<LaunchedFrom, Timestamp>,
    pub impaired_zones: BTreeSet<String>,
    /// Zones in which launches fail.
    pub full_zones: BTreeSet<String>,
    /// Whether instances end instead of starting.
    pub dead_on_arrival: bool,
    /// What new instances answer health checks.
    pub new_ones_answer: bool,
    pub deleted: bool,
    /// A second subnet of every zone.
    pub spare_subnet: Option<SubnetId>,
    /// When launches were ordered.
    pub ordered_at: Vec<Timestamp>,
    ids: u64,
}

impl World {
    pub fn new(minimum: u32, maximum: u32, desired: u32) -> Self {
        Self {
            group: samples::group(minimum, maximum, desired),
            orders: Orders::default(),
            now: Timestamp::from_seconds(1_581_446_050),
            instances: BTreeMap::new(),
            activities: BTreeMap::new(),
            notices: Vec::new(),
            decisions: Vec::new(),
            hooks: Vec::new(),
            from: LaunchedFrom::LaunchConfiguration("web-1".into()),
            made_at: BTreeMap::new(),
            impaired_zones: BTreeSet::new(),
            full_zones: BTreeSet::new(),
            dead_on_arrival: false,
            new_ones_answer: true,
            deleted: false,
            spare_subnet: None,
            ordered_at: Vec::new(),
            ids: 0,
        }
    }

    /// The same after its instances have started.
    pub fn settled(minimum: u32, maximum: u32, desired: u32) -> Self {
        let mut world = Self::new(minimum, maximum, desired);
        world.run(30);
        world
    }

    pub fn with_target_group(mut self) -> Self {
        self.group.target_groups.push(AttachedTargetGroup { arn: target_group(), state: AttachmentState::Adding });
        self.group.elb_health_check = true;
        self.run(30);
        self
    }

    pub fn facts(&self) -> Facts {
        let known = |id: &InstanceId| {
            let simulated = self.instances.get(id)?;
            let instance = InstanceFacts {
                state: simulated.state,
                state_reason: (simulated.state != I::Running).then(|| "Server.InternalError: it ended".to_owned()),
                launched_at: simulated.launched_at,
                impaired: simulated.impaired,
                targets: simulated.targets.iter().map(|(arn, (health, _))| (arn.clone(), *health)).collect(),
            };
            Some((id.clone(), instance))
        };
        let subnets = |zone: &String| {
            let both = std::iter::once(subnet(zone)).chain(self.spare_subnet.clone());
            (zone.clone(), both.collect())
        };
        let activity = |id: &String| Some((id.clone(), self.activities.get(id)?.clone()));
        Facts {
            instances: self.group.members.keys().filter_map(known).collect(),
            launch: Some(Ok(self.from.clone())),
            made_at: self.made_at.clone(),
            subnets: self.group.zones.iter().map(subnets).collect(),
            impaired_zones: self.impaired_zones.clone(),
            hooks: self.hooks.clone(),
            activities: self.group.members.values().filter_map(|m| activity(m.activity.as_ref()?)).collect(),
        }
    }

    /// Decides and carries out until nothing changes any more; gives when to look again.
    pub fn settle(&mut self) -> Option<Timestamp> {
        for _ in 0..MAXIMUM_STEPS {
            if self.deleted {
                return None;
            }
            let (before, facts) = (self.group.clone(), self.facts());
            let mut ids = self.ids;
            let mut source = || {
                ids += 1;
                ids
            };
            let decision = decide(&before, &facts, &self.orders, self.now, &mut source);
            self.ids = ids;
            if decision.group == before && decision.effects.is_empty() {
                return decision.next;
            }
            self.check(&before, &decision);
            self.carry_out(decision);
        }
        panic!("it never settles: {:#?}\n{:#?}", self.group, self.decisions.iter().rev().take(4).collect::<Vec<_>>());
    }

    /// What must hold at every step.
    fn check(&self, before: &AutoScalingGroup, decision: &Decision) {
        let after = &decision.group;
        let limits = |group: &AutoScalingGroup| (group.minimum, group.maximum, group.desired);
        assert_eq!(limits(before), limits(after));
        for effect in &decision.effects {
            if let Effect::Activity(activity) = effect {
                assert!(activity.cause.starts_with("At "), "{activity:?}");
                let chosen = activity.cause.contains("was selected for termination");
                let of = |id: &InstanceId| activity.description.ends_with(id.as_str());
                let protected =
                    before.members.values().any(|m| m.protected && m.lifecycle.counts() && of(&m.instance_id));
                assert!(!(chosen && protected) || before.deleting.is_some(), "a protected member was chosen");
            }
        }
        let launches = decision.effects.iter().filter(|effect| matches!(effect, Effect::Launch(o) if !o.warm)).count();
        let counting = after.counting().count() + launches;
        let most = before.maximum.max(before.desired) + tenth(before.maximum).max(1);
        let most = most.max(self.orders.ceiling.unwrap_or(0)).max(u32::try_from(before.counting().count()).unwrap());
        assert!(u32::try_from(counting).unwrap() <= most, "{counting} members, at most {most}");
    }

    fn carry_out(&mut self, decision: Decision) {
        self.group = decision.group;
        for effect in decision.effects {
            match effect {
                Effect::Launch(order) => self.launch(order),
                Effect::Terminate(id) => self.change(&id, I::ShuttingDown),
                Effect::Start(id) => self.change(&id, I::Pending),
                Effect::Stop(id) => self.change(&id, I::Stopping),
                Effect::Release(id) => assert!(!self.group.members.contains_key(&id)),
                Effect::Register(id, arn) => {
                    let now = self.now;
                    self.instances.get_mut(&id).unwrap().targets.insert(arn, (TargetHealth::Unknown, now));
                }
                Effect::Deregister(id, arn) => {
                    let now = self.now;
                    self.instances.get_mut(&id).unwrap().targets.insert(arn, (TargetHealth::Draining, now));
                }
                Effect::Activity(activity) => {
                    self.activities.insert(activity.id.clone(), activity);
                }
                Effect::Notify(notice) => self.notices.push(notice),
                Effect::Decide(decision) => self.decisions.push(decision),
                Effect::DeleteGroup => {
                    assert!(self.group.members.is_empty());
                    self.deleted = true;
                }
            }
        }
    }

    fn launch(&mut self, order: LaunchOrder) {
        self.ordered_at.push(self.now);
        let activity = if self.full_zones.contains(&order.zone) {
            let (activity, notice) = launch_failed(&mut self.group, order, "There is no room", self.now);
            self.notices.push(notice);
            activity
        } else {
            self.ids += 1;
            let instance = instance(self.ids, &order);
            let simulated = Simulated {
                state: I::Pending,
                since: self.now,
                launched_at: self.now,
                impaired: false,
                answers: self.new_ones_answer,
                targets: BTreeMap::new(),
            };
            self.instances.insert(instance.id.clone(), simulated);
            launched(&mut self.group, order, &instance, self.from.clone(), self.now)
        };
        self.activities.insert(activity.id.clone(), activity);
    }

    pub fn change(&mut self, id: &InstanceId, state: I) {
        let simulated = self.instances.get_mut(id).unwrap();
        (simulated.state, simulated.since) = (state, self.now);
    }

    /// Time passes, second by second. As in the controller the group is looked at only when the world has changed or
    /// when the last decision asked for it.
    pub fn run(&mut self, seconds: u32) {
        let mut next = self.settle();
        for _ in 0..seconds {
            self.now = self.now.plus(Duration::from_secs(1));
            let before = self.facts();
            self.live();
            if self.facts() != before || next.is_some_and(|next| next <= self.now) {
                next = self.settle();
            }
        }
        self.check_rest();
    }

    /// What must hold whenever nothing is left to do.
    fn check_rest(&self) {
        let running: BTreeSet<&String> = self
            .activities
            .values()
            .filter(|activity| !activity.status.is_over())
            .map(|activity| &activity.id)
            .collect();
        let named: BTreeSet<&String> = self.group.members.values().filter_map(|m| m.activity.as_ref()).collect();
        assert!(running.is_subset(&named), "activities without a member");
    }

    /// Instances and target groups go on.
    fn live(&mut self) {
        let (now, dead) = (self.now, self.dead_on_arrival);
        for simulated in self.instances.values_mut() {
            if now.since(simulated.since) >= CHANGE {
                let next = match simulated.state {
                    I::Pending if dead => I::Terminated,
                    I::Pending => I::Running,
                    I::ShuttingDown => I::Terminated,
                    I::Stopping => I::Stopped,
                    I::Running | I::Stopped | I::Terminated => simulated.state,
                };
                if next != simulated.state {
                    (simulated.state, simulated.since) = (next, now);
                }
            }
            let answers = simulated.answers && simulated.state == I::Running;
            for (health, since) in simulated.targets.values_mut() {
                if *health != TargetHealth::Draining && now.since(*since) >= CHECK {
                    *health = if answers { TargetHealth::Healthy } else { TargetHealth::Unhealthy };
                }
            }
            simulated
                .targets
                .retain(|_, (health, since)| *health != TargetHealth::Draining || now.since(*since) < DRAIN);
        }
        // Records of terminated instances are kept for an hour.
        self.instances.retain(|_, s| s.state != I::Terminated || now.since(s.since) < Duration::from_secs(3600));
    }

    /// Members in one state.
    pub fn in_state(&self, state: LifecycleState) -> Vec<InstanceId> {
        self.group.in_state(state).map(|member| member.instance_id.clone()).collect()
    }

    pub fn serving(&self) -> usize {
        let serves = |id: &&InstanceId| self.instances.get(*id).is_some_and(|instance| instance.state == I::Running);
        self.in_state(LifecycleState::InService).iter().filter(serves).count()
    }

    /// Members in service by zone.
    pub fn by_zone(&self) -> BTreeMap<String, usize> {
        let mut by_zone: BTreeMap<String, usize> = self.group.zones.iter().map(|zone| (zone.clone(), 0)).collect();
        for member in self.group.counting() {
            *by_zone.entry(member.zone.clone()).or_default() += 1;
        }
        by_zone
    }

    /// Activities whose description begins so, the oldest first.
    pub fn activities(&self, description: &str) -> Vec<&ScalingActivity> {
        let mut found: Vec<&ScalingActivity> =
            self.activities.values().filter(|activity| activity.description.starts_with(description)).collect();
        found.sort_by_key(|activity| (activity.started_at, activity.id.clone()));
        found
    }

    pub fn hook(&mut self, name: &str, transition: Transition, default_result: HookResult) {
        self.hooks.push(LifecycleHook {
            group: self.group.name.clone(),
            name: name.into(),
            transition,
            heartbeat_seconds: 60,
            default_result,
            notification_target: None,
            role: None,
            notification_metadata: None,
        });
    }

    /// Completes whatever waits for that hook.
    pub fn complete(&mut self, hook: &str, result: HookResult) {
        for member in self.group.members.values_mut() {
            if let Some(wait) = member.hook.as_mut().filter(|wait| wait.hook == hook) {
                wait.result = Some(result);
            }
        }
    }
}

pub fn target_group() -> Arn {
    Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", "targetgroup/web/0123456789abcdef")
}

/// The subnet of a zone, named after its last letter.
fn subnet(zone: &str) -> SubnetId {
    format!("subnet-0000000000000000{}", &zone[zone.len() - 1..]).parse().unwrap()
}

fn instance(number: u64, order: &LaunchOrder) -> Instance {
    let record = serde_json::json!({
        "id": format!("i-{number:017x}"), "reservation_id": "r-0000000000000000a", "launch_index": 0,
        "image_id": "ami-0000000000000000a", "instance_type": "t2.micro", "host": "local", "zone": order.zone,
        "vpc_id": "vpc-0000000000000000a", "subnet_id": order.subnet,
        "network_interface_id": "eni-0000000000000000a", "network_attachment_id": "eni-attach-0000000000000000a",
        "private_address": "10.0.0.9", "public_address_wanted": false, "security_groups": [],
        "shutdown_behavior": "stop", "termination_protection": false, "stop_protection": false,
        "detailed_monitoring": false, "tags": {}, "launched_at": 0, "desired": "running", "state": "pending",
        "state_changed_at": 0, "boot": 1,
    });
    serde_json::from_value(record).unwrap()
}
