//! A fleet as simple as can be: boots, drains, replaces within floor and ceiling, and counts what it did.

use super::super::*;
use crate::{
    Arn,
    autoscaling::{
        fleet::{InstanceFacts, TargetHealth},
        group::{AttachedTargetGroup, AttachmentState, LaunchFailures, TemplateChoice},
        instance_refresh::RefreshPreferences,
        member::{LifecycleState, Unhealthy, UnhealthyCause},
    },
    ec2::instance::InstanceState,
};

const TEMPLATE: &str = "lt-0123456789abcdef0";
const TARGET_GROUP: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef";
/// How long a bad instance is in service until it is found unhealthy.
const BAD_AFTER: Duration = Duration::from_secs(30);
/// The pause after a failed launch.
const LAUNCH_BACK_OFF: Duration = Duration::from_secs(60);

pub struct Toy {
    pub group: AutoScalingGroup,
    pub refresh: InstanceRefresh,
    pub now: Timestamp,
    pub boot_seconds: u64,
    pub bad_versions: Vec<u64>,
    pub stuck_versions: Vec<u64>,
    pub unlaunchable_versions: Vec<u64>,
    pub alarms: BTreeMap<String, StateValue>,
    pub desired_problem: Option<String>,
    pub terminated_at: Vec<u64>,
    pub fewest_healthy: u32,
    pub most_members: u32,
    pub decisions: Vec<ScalingDecision>,
    started: Timestamp,
    launched: u64,
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

impl Toy {
    /// A group of so many healthy members of version 1, an hour old.
    pub fn new(instances: u32) -> Self {
        let now = Timestamp::from_seconds(1_800_000_000);
        let mut toy = Self {
            group: group(instances, now),
            refresh: refresh(now),
            now,
            boot_seconds: 20,
            bad_versions: Vec::new(),
            stuck_versions: Vec::new(),
            unlaunchable_versions: Vec::new(),
            alarms: BTreeMap::new(),
            desired_problem: None,
            terminated_at: Vec::new(),
            fewest_healthy: instances,
            most_members: 0,
            decisions: Vec::new(),
            started: now,
            launched: 0,
        };
        let hour_ago = now.minus(Duration::from_secs(3600));
        for _ in 0..instances {
            toy.launch(1);
        }
        for member in toy.group.members.values_mut() {
            member.lifecycle = LifecycleState::InService;
            (member.joined_at, member.since, member.in_service_at) = (hour_ago, hour_ago, Some(hour_ago));
        }
        toy
    }

    /// StartInstanceRefresh to version 2.
    pub fn start(&mut self, preferences: RefreshPreferences) {
        self.refresh = InstanceRefresh { preferences, ..refresh(self.now) };
        self.started = self.now;
    }

    /// Since the start, until the end if there was one.
    pub fn seconds(&self) -> u64 {
        self.refresh.ended_at.unwrap_or(self.now).since(self.started).as_secs()
    }

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

    /// EnterStandby with a smaller desired capacity.
    pub fn stand_by(&mut self, index: usize) {
        self.member(index).lifecycle = LifecycleState::Standby;
        self.group.desired -= 1;
    }

    pub fn set_version(&mut self, index: usize, version: u64) {
        self.member(index).launched_from = launched_from(version);
    }

    pub fn kill_newest(&mut self) {
        let at = self.now;
        if let Some(member) = self.group.members.values_mut().max_by_key(|member| member.joined_at) {
            member.unhealthy = Some(Unhealthy { at, cause: UnhealthyCause::NotRunning });
        }
    }

    fn member(&mut self, index: usize) -> &mut GroupInstance {
        self.group.members.values_mut().nth(index).unwrap()
    }

    pub fn run(&mut self, seconds: u64) {
        let end = self.now.plus(Duration::from_secs(seconds));
        while self.now < end {
            self.step();
        }
    }

    pub fn run_until(&mut self, limit: u64, condition: impl Fn(&Self) -> bool) {
        let end = self.now.plus(Duration::from_secs(limit));
        while !condition(self) {
            assert!(self.now < end, "not within {limit} s: {:?}", self.refresh);
            self.step();
        }
    }

    pub fn run_until_over(&mut self, limit: u64) {
        self.run_until(limit, |toy| toy.refresh.status.is_over());
    }

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

    /// Five seconds: decide, obey, let time pass.
    fn step(&mut self) {
        let decision = self.decide();
        self.refresh = decision.refresh;
        self.decisions.extend(decision.decisions);
        if let Some(source) = decision.group_launch {
            self.group.launch = source;
        }
        let source = decision.launch_override.unwrap_or_else(|| self.group.launch.clone());
        self.age();
        self.obey(&decision.orders);
        self.fill(version_of(&source));
        self.fewest_healthy = self.fewest_healthy.min(self.healthy());
        self.most_members = self.most_members.max(self.counting());
        self.now = self.now.plus(Duration::from_secs(5));
    }

    /// Boots, drains, finds bad ones.
    fn age(&mut self) {
        let (now, boot) = (self.now, Duration::from_secs(self.boot_seconds));
        self.group.members.retain(|_, m| !m.lifecycle.is_terminating() || now.since(m.since).as_secs() < 10);
        let bad: Vec<_> = self.bad_versions.iter().map(|version| launched_from(*version)).collect();
        for member in self.group.members.values_mut() {
            if member.lifecycle.is_pending() && now.since(member.since) >= boot {
                member.lifecycle = LifecycleState::InService;
                (member.since, member.in_service_at) = (now, Some(now));
            }
            let sick = bad.contains(&member.launched_from)
                && member.in_service_at.is_some_and(|at| now.since(at) >= BAD_AFTER);
            if sick && member.unhealthy.is_none() {
                member.unhealthy = Some(Unhealthy { at: now, cause: UnhealthyCause::LoadBalancer });
            } else if member.unhealthy.is_some() && member.lifecycle.counts() {
                (member.lifecycle, member.since) = (LifecycleState::Terminating, now);
            }
        }
    }

    fn obey(&mut self, orders: &Orders) {
        let floor = orders.floor.unwrap_or(0);
        for (index, replacement) in orders.replace.iter().enumerate() {
            let Some(member) = self.group.members.get(&replacement.instance) else { continue };
            let standby = member.lifecycle == LifecycleState::Standby;
            if !standby && !member.lifecycle.counts() {
                continue;
            }
            let loss = u32::from(self.is_healthy(member));
            let extra = self.counting().saturating_sub(self.group.desired);
            if standby || self.warm(orders) >= floor + loss {
                self.terminate(&replacement.instance);
            } else if extra <= u32::try_from(index).unwrap() && self.counting() < orders.ceiling.unwrap_or(0) {
                let version = version_of(self.refresh.desired_configuration.as_ref().unwrap());
                let version = if self.refresh.rollback.is_some() { 1 } else { version };
                self.launch(version);
            }
        }
    }

    fn terminate(&mut self, id: &InstanceId) {
        let now = self.now;
        self.terminated_at.push(self.seconds());
        if let Some(member) = self.group.members.get_mut(id) {
            (member.lifecycle, member.since) = (LifecycleState::Terminating, now);
        }
    }

    /// Launches up to the desired capacity, terminates what is above it unless a replacement is under way.
    fn fill(&mut self, version: u64) {
        while self.counting() < self.group.desired {
            if self.unlaunchable_versions.contains(&version) {
                return self.fail_launch();
            }
            self.launch(version);
        }
        let over = self.refresh.status.is_over() || self.counting() > self.most_allowed();
        if over && self.counting() > self.group.desired {
            let oldest = self.group.counting().min_by_key(|m| m.joined_at).map(|m| m.instance_id.clone());
            self.terminate(&oldest.unwrap());
        }
    }

    fn most_allowed(&self) -> u32 {
        let (_, maximum) = self.refresh.preferences.healthy_percentages(&self.group);
        (self.group.desired * maximum).div_ceil(100)
    }

    fn fail_launch(&mut self) {
        let (now, retry_at) = (self.now, self.now.plus(LAUNCH_BACK_OFF));
        let none = LaunchFailures { count: 0, since: now, retry_at: now, zones: BTreeSet::new() };
        let failures = self.group.launch_failures.get_or_insert(none);
        if failures.retry_at <= now {
            (failures.count, failures.retry_at) = (failures.count + 1, retry_at);
        }
    }

    fn launch(&mut self, version: u64) {
        self.group.launch_failures = None;
        self.launched += 1;
        let id: InstanceId = format!("i-{:017x}", self.launched).parse().unwrap();
        let member = GroupInstance {
            instance_id: id.clone(),
            zone: ["us-east-1a", "us-east-1b"][usize::from(self.launched.is_multiple_of(2))].to_owned(),
            subnet_id: "subnet-0123456789abcdef0".parse().unwrap(),
            instance_type: "t3.micro".to_owned(),
            launched_from: launched_from(version),
            lifecycle: LifecycleState::Pending,
            since: self.now,
            joined_at: self.now,
            in_service_at: None,
            unhealthy: None,
            impaired_since: None,
            protected: false,
            hook: None,
            hooks_done: Vec::new(),
            departure: None,
            activity: None,
        };
        self.group.members.insert(id, member);
    }

    fn facts(&self) -> Facts {
        let arn: Arn = TARGET_GROUP.parse().unwrap();
        let instance = |member: &GroupInstance| {
            let stuck =
                self.stuck_versions.iter().chain(&self.bad_versions).any(|v| launched_from(*v) == member.launched_from);
            let health = if stuck { TargetHealth::Unhealthy } else { TargetHealth::Healthy };
            InstanceFacts {
                state: InstanceState::Running,
                state_reason: None,
                launched_at: member.joined_at,
                impaired: false,
                targets: BTreeMap::from([(arn.clone(), health)]),
            }
        };
        let instances = self.group.members.values().map(|m| (m.instance_id.clone(), instance(m))).collect();
        Facts { instances, ..Facts::default() }
    }

    fn is_healthy(&self, member: &GroupInstance) -> bool {
        let bad = self.bad_versions.iter().any(|version| launched_from(*version) == member.launched_from);
        member.lifecycle == LifecycleState::InService && member.unhealthy.is_none() && !bad
    }

    fn healthy(&self) -> u32 {
        count(&self.group.members.values().filter(|m| self.is_healthy(m)).collect::<Vec<_>>())
    }

    /// Healthy and warm.
    fn warm(&self, orders: &Orders) -> u32 {
        let warmup = Duration::from_secs(orders.warmup_seconds.unwrap_or(0).into());
        let warm = |m: &&GroupInstance| m.in_service_at.is_some_and(|at| at.plus(warmup) <= self.now);
        count(&self.group.members.values().filter(|m| self.is_healthy(m)).filter(warm).collect::<Vec<_>>())
    }

    fn counting(&self) -> u32 {
        count(&self.group.counting().collect::<Vec<_>>())
    }
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

fn group(desired: u32, now: Timestamp) -> AutoScalingGroup {
    let target_group = AttachedTargetGroup { arn: TARGET_GROUP.parse().unwrap(), state: AttachmentState::InService };
    AutoScalingGroup {
        name: "web".to_owned(),
        arn: "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:u:autoScalingGroupName/web".parse().unwrap(),
        created_at: now,
        launch: template("1"),
        minimum: 0,
        maximum: 20,
        desired,
        capacity_cause: None,
        default_cooldown_seconds: 300,
        zones: vec!["us-east-1a".to_owned(), "us-east-1b".to_owned()],
        subnets: Vec::new(),
        target_groups: vec![target_group],
        elb_health_check: true,
        health_check_grace_seconds: 0,
        default_instance_warmup_seconds: None,
        termination_policies: Vec::new(),
        new_instances_protected: false,
        maximum_instance_lifetime_seconds: None,
        deletion_protection: crate::autoscaling::group::DeletionProtection::None,
        zone_distribution: crate::autoscaling::group::ZoneDistribution::BalancedBestEffort,
        maintenance_policy: None,
        suspended: BTreeMap::new(),
        enabled_metrics: BTreeSet::new(),
        tags: Vec::new(),
        notifications: BTreeMap::new(),
        warm_pool: None,
        context: None,
        service_linked_role_arn: "arn:aws:iam::123456789012:role/r".parse().unwrap(),
        retain_on_terminate_hook_abandon: false,
        deleting: None,
        members: BTreeMap::new(),
        simple_scaling: None,
        launch_failures: None,
        health_replacements: Vec::new(),
        capacity: Default::default(),
        fleet: crate::autoscaling::group::FleetMemory::default(),
    }
}
