//! A group in virtual time: this decider and the fleet's one after the other, as the controller runs them, over
//! instances that boot, answer health checks according to their version, drain and end.

use super::super::*;
use crate::{
    Arn,
    autoscaling::{
        activity::ScalingActivity,
        fleet::{self, Effect, InstanceFacts, LaunchOrder, TargetHealth},
        group::{AttachedTargetGroup, AttachmentState, TemplateChoice},
        instance_refresh::RefreshPreferences,
        member::LifecycleState,
        membership::samples,
    },
    ec2::instance::{Instance, InstanceState},
};

const TEMPLATE: &str = "lt-0123456789abcdef0";
/// How long a first health check and draining take.
const CHECK: Duration = Duration::from_secs(5);
/// More decisions at one moment are an endless loop.
const MAXIMUM_STEPS: usize = 100;
/// How far apart moments are.
const TICK: Duration = Duration::from_secs(5);

struct Simulated {
    version: u64,
    state: InstanceState,
    since: Timestamp,
    health: Option<(TargetHealth, Timestamp)>,
}

pub struct World {
    pub group: AutoScalingGroup,
    pub refresh: InstanceRefresh,
    pub now: Timestamp,
    pub boot_seconds: u64,
    /// Their instances fail health checks.
    pub bad_versions: Vec<u64>,
    /// Health checks of their instances never come to a result.
    pub stuck_versions: Vec<u64>,
    /// Their instances cannot be launched.
    pub unlaunchable_versions: Vec<u64>,
    pub alarms: BTreeMap<String, StateValue>,
    pub desired_problem: Option<String>,
    /// Seconds from the start of the refresh at which members were taken out.
    pub terminated_at: Vec<u64>,
    pub fewest_healthy: u32,
    pub most_members: u32,
    pub decisions: Vec<ScalingDecision>,
    instances: BTreeMap<InstanceId, Simulated>,
    activities: BTreeMap<String, ScalingActivity>,
    started: Timestamp,
    ids: u64,
}

/// A launch source.
pub fn template(version: &str) -> LaunchSource {
    LaunchSource::LaunchTemplate(TemplateChoice {
        id: TEMPLATE.parse().unwrap(),
        name: "web".to_owned(),
        version: version.to_owned(),
    })
}

fn version_of(source: &LaunchSource) -> u64 {
    match source {
        LaunchSource::LaunchTemplate(choice) => choice.version.parse().unwrap(),
        other @ (LaunchSource::LaunchConfiguration(_) | LaunchSource::Mixed { .. }) => panic!("{other:?}"),
    }
}

fn launched_from(version: u64) -> LaunchedFrom {
    LaunchedFrom::LaunchTemplate { id: TEMPLATE.parse().unwrap(), name: "web".to_owned(), version }
}

fn target_group() -> Arn {
    Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", "targetgroup/web/0123456789abcdef")
}

impl World {
    /// A group of so many healthy members of version 1 that serve for an hour.
    pub fn new(instances: u32) -> Self {
        let now = Timestamp::from_seconds(1_800_000_000);
        let attached = AttachedTargetGroup { arn: target_group(), state: AttachmentState::Adding };
        let mut world = Self {
            group: AutoScalingGroup {
                launch: template("1"),
                target_groups: vec![attached],
                elb_health_check: true,
                ..samples::group(0, 20, instances)
            },
            refresh: refresh(now),
            now,
            boot_seconds: 20,
            bad_versions: Vec::new(),
            stuck_versions: Vec::new(),
            unlaunchable_versions: Vec::new(),
            alarms: BTreeMap::new(),
            desired_problem: None,
            terminated_at: Vec::new(),
            fewest_healthy: 0,
            most_members: 0,
            decisions: Vec::new(),
            instances: BTreeMap::new(),
            activities: BTreeMap::new(),
            started: now,
            ids: 0,
        };
        world.refresh.status = RefreshStatus::Successful;
        world.run(3600);
        assert_eq!((world.healthy(), world.counting()), (instances, instances), "{:?}", world.group);
        world
    }

    /// StartInstanceRefresh to version 2.
    pub fn start(&mut self, preferences: RefreshPreferences) {
        self.refresh = InstanceRefresh { preferences, ..refresh(self.now) };
        self.started = self.now;
        self.terminated_at.clear();
        (self.fewest_healthy, self.most_members) = (self.healthy(), 0);
    }

    /// Since the start, until the end if there was one.
    pub fn seconds(&self) -> u64 {
        self.refresh.ended_at.unwrap_or(self.now).since(self.started).as_secs()
    }

    /// Members of a version that are not leaving.
    pub fn members_of(&self, version: &str) -> Vec<InstanceId> {
        let from = launched_from(version.parse().unwrap());
        let stays = |m: &&GroupInstance| m.launched_from == from && !m.lifecycle.is_terminating();
        self.group.members.values().filter(stays).map(|m| m.instance_id.clone()).collect()
    }

    pub fn protect(&mut self, index: usize) {
        self.member(index).protected = true;
    }

    pub fn unprotect_all(&mut self) {
        self.group.members.values_mut().for_each(|member| member.protected = false);
    }

    /// What EnterStandby with a smaller desired capacity leads to.
    pub fn stand_by(&mut self, index: usize) {
        self.member(index).lifecycle = LifecycleState::Standby;
        self.group.desired -= 1;
    }

    pub fn set_version(&mut self, index: usize, version: u64) {
        self.member(index).launched_from = launched_from(version);
    }

    /// The newest member's instance ends.
    pub fn kill_newest(&mut self) {
        let newest = self.group.counting().max_by_key(|member| member.joined_at).unwrap().instance_id.clone();
        self.change(&newest, InstanceState::ShuttingDown);
    }

    fn member(&mut self, index: usize) -> &mut GroupInstance {
        self.group.members.values_mut().nth(index).unwrap()
    }

    pub fn run(&mut self, seconds: u64) {
        let end = self.now.plus(Duration::from_secs(seconds));
        while self.now < end {
            self.tick();
        }
    }

    pub fn run_until(&mut self, limit: u64, condition: impl Fn(&Self) -> bool) {
        let end = self.now.plus(Duration::from_secs(limit));
        while !condition(self) {
            assert!(self.now < end, "not within {limit} s: {:?}", self.refresh);
            self.tick();
        }
    }

    pub fn run_until_over(&mut self, limit: u64) {
        self.run_until(limit, |world| world.refresh.status.is_over());
    }

    fn tick(&mut self) {
        self.live();
        self.settle();
        self.fewest_healthy = self.fewest_healthy.min(self.healthy());
        self.most_members = self.most_members.max(self.counting());
        self.now = self.now.plus(TICK);
    }

    /// Decides until nothing changes any more.
    fn settle(&mut self) {
        for _ in 0..MAXIMUM_STEPS {
            if !self.step() {
                return;
            }
        }
        panic!("it never settles: {:#?}\n{:#?}", self.refresh, self.group);
    }

    /// One run of both deciders; whether anything changed.
    fn step(&mut self) -> bool {
        let decision = self.decide();
        let refresh_changed = decision.refresh != self.refresh || !decision.decisions.is_empty();
        let mut group = self.group.clone();
        if let Some(source) = decision.group_launch {
            group.launch = source;
        }
        let version = version_of(decision.launch_override.as_ref().unwrap_or(&group.launch));
        let facts = Facts { launch: Some(Ok(launched_from(version))), ..self.facts() };
        let mut ids = self.ids;
        let mut source = || {
            ids += 1;
            ids
        };
        let fleet = fleet::decide(&group, &facts, &decision.orders, self.now, &mut source);
        self.ids = ids;
        let changed = refresh_changed || fleet.group != self.group || !fleet.effects.is_empty();
        self.refresh = decision.refresh;
        self.decisions.extend(decision.decisions);
        self.group = fleet.group;
        fleet.effects.into_iter().for_each(|effect| self.carry_out(effect, version));
        changed
    }

    /// What the refresh decides now. Asked again, it must say the same.
    pub fn decide(&self) -> RefreshDecision {
        let fleet = self.facts();
        let desired = match &self.desired_problem {
            Some(problem) => Err(problem.clone()),
            None => Ok(BTreeSet::from([launched_from(2)])),
        };
        let facts = RefreshFacts { fleet: &fleet, alarms: self.alarms.clone(), desired };
        let decision = decide(&self.group, &self.refresh, &facts, self.now);
        let again = decide(&self.group, &decision.refresh, &facts, self.now);
        assert_eq!((&again.refresh, again.decisions.len()), (&decision.refresh, 0), "asked again, nothing changes");
        decision
    }

    fn facts(&self) -> Facts {
        let known = |(id, simulated): (&InstanceId, &Simulated)| {
            let facts = InstanceFacts {
                state: simulated.state,
                state_reason: None,
                launched_at: simulated.since,
                impaired: false,
                targets: simulated.health.iter().map(|(health, _)| (target_group(), *health)).collect(),
            };
            (id.clone(), facts)
        };
        let subnets = |zone: &String| (zone.clone(), vec!["subnet-0123456789abcdef0".parse().unwrap()]);
        let activity = |id: &String| Some((id.clone(), self.activities.get(id)?.clone()));
        Facts {
            instances: self.instances.iter().map(known).collect(),
            subnets: self.group.zones.iter().map(subnets).collect(),
            activities: self.group.members.values().filter_map(|m| activity(m.activity.as_ref()?)).collect(),
            ..Facts::default()
        }
    }

    fn carry_out(&mut self, effect: Effect, version: u64) {
        let now = self.now;
        match effect {
            Effect::Launch(order) => self.launch(order, version),
            Effect::Terminate(id) => self.change(&id, InstanceState::ShuttingDown),
            Effect::Start(id) => self.change(&id, InstanceState::Pending),
            Effect::Stop(id) => self.change(&id, InstanceState::Stopping),
            Effect::Register(id, _) => {
                self.instances.get_mut(&id).unwrap().health = Some((TargetHealth::Unknown, now));
            }
            Effect::Deregister(id, _) => {
                self.instances.get_mut(&id).unwrap().health = Some((TargetHealth::Draining, now));
            }
            Effect::Activity(activity) => {
                let taken_out = activity.description.starts_with("Terminating");
                if self.activities.insert(activity.id.clone(), activity).is_none() && taken_out {
                    self.terminated_at.push(now.since(self.started).as_secs());
                }
            }
            Effect::Release(_) | Effect::Notify(_) | Effect::Decide(_) => {}
            Effect::DeleteGroup => panic!("nobody deletes the group"),
        }
    }

    fn launch(&mut self, order: LaunchOrder, version: u64) {
        let activity = if self.unlaunchable_versions.contains(&version) {
            fleet::launch_failed(&mut self.group, order, "The image does not exist", self.now).0
        } else {
            self.ids += 1;
            let instance = instance(self.ids, &order);
            let simulated = Simulated { version, state: InstanceState::Pending, since: self.now, health: None };
            self.instances.insert(instance.id.clone(), simulated);
            fleet::launched(&mut self.group, order, &instance, launched_from(version), self.now)
        };
        self.activities.insert(activity.id.clone(), activity);
    }

    fn change(&mut self, id: &InstanceId, state: InstanceState) {
        let simulated = self.instances.get_mut(id).unwrap();
        (simulated.state, simulated.since) = (state, self.now);
    }

    /// Instances boot and end; health checks come to results.
    fn live(&mut self) {
        use InstanceState as I;
        let (now, boot) = (self.now, Duration::from_secs(self.boot_seconds));
        for simulated in self.instances.values_mut() {
            let age = now.since(simulated.since);
            let next = match simulated.state {
                I::Pending if age >= boot => I::Running,
                I::ShuttingDown if age >= TICK => I::Terminated,
                I::Stopping => I::Stopped,
                I::Pending | I::ShuttingDown | I::Running | I::Stopped | I::Terminated => simulated.state,
            };
            if next != simulated.state {
                (simulated.state, simulated.since) = (next, now);
            }
            let answers = !self.bad_versions.contains(&simulated.version) && simulated.state == I::Running;
            let stuck = self.stuck_versions.contains(&simulated.version);
            simulated.health = match simulated.health {
                Some((TargetHealth::Draining, since)) if now.since(since) >= CHECK => None,
                Some((TargetHealth::Draining, since)) => Some((TargetHealth::Draining, since)),
                Some((_, since)) if now.since(since) >= CHECK && !stuck => {
                    Some((if answers { TargetHealth::Healthy } else { TargetHealth::Unhealthy }, since))
                }
                other => other,
            };
        }
    }

    /// Members in service that answer requests.
    fn healthy(&self) -> u32 {
        let answers = |member: &&GroupInstance| {
            let simulated = self.instances.get(&member.instance_id);
            simulated.is_some_and(|s| s.state == InstanceState::Running && !self.bad_versions.contains(&s.version))
        };
        count(&self.group.in_state(LifecycleState::InService).filter(answers).collect::<Vec<_>>())
    }

    fn counting(&self) -> u32 {
        count(&self.group.counting().collect::<Vec<_>>())
    }
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

fn refresh(now: Timestamp) -> InstanceRefresh {
    InstanceRefresh {
        group: "web".to_owned(),
        number: 1,
        id: "08b91cf7-8fa6-48af-b6a6-d227f40f1b9b".to_owned(),
        status: RefreshStatus::Pending,
        status_reason: None,
        requested_at: now,
        ended_at: None,
        desired_configuration: Some(template("2")),
        previous: template("1"),
        preferences: RefreshPreferences::default(),
        live: RefreshProgress::default(),
        warm: None,
        rollback: None,
        work: None,
    }
}
