//! DECIDER: who reaches an instance, a target or a load balancer, what stands in the way first, and what to change: the sentences
//! of `goru why` about the network.
//!
//! `subject` finds what is meant. `instance`, `target` and `load_balancer` say which ways there are to it, and `path` what is true
//! of one: what the records say (`ec2::reachability` reads them), and what follows once it was tried. Nothing is tried in here:
//! whoever asks tries [`Diagnosis::probes`] and hands what came of it to [`Diagnosis::conclude`].

pub mod instance;
pub mod load_balancer;
pub mod path;
pub mod probe;
mod remedy;
pub mod subject;
pub mod target;

use crate::{
    Arn,
    ec2::{instance::DriverKind, network_plan::HostTag, network_records::NetworkRecords},
    elbv2::{
        listener::Listener,
        load_balancer::LoadBalancer,
        plan::groups_in_use,
        rule::Rule,
        target::{Target, TargetKey},
        target_group::TargetGroup,
        target_health::ShownHealth,
    },
};
use instance::InstanceDiagnosis;
use load_balancer::LoadBalancerDiagnosis;
use path::Path;
use probe::{MAXIMUM_PROBES, Outcome, Probe};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use subject::Subject;
use target::{TargetDiagnosis, TargetGroupDiagnosis};

/// What a diagnosis is made from: the records of all accounts and regions, and how instances are run here.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The networks, one entry for each account and region.
    pub networks: Vec<NetworkRecords<'a>>,
    /// Load balancers.
    pub load_balancers: Vec<Arc<LoadBalancer>>,
    /// Their listeners.
    pub listeners: Vec<Arc<Listener>>,
    /// The rules of those.
    pub rules: Vec<Arc<Rule>>,
    /// Target groups.
    pub target_groups: Vec<Arc<TargetGroup>>,
    /// Targets.
    pub targets: Vec<Arc<Target>>,
    /// What DescribeTargetHealth says of each, by group and registration.
    pub health: BTreeMap<(Arn, TargetKey), ShownHealth>,
    /// How instances are run.
    pub driver: DriverKind,
    /// What namespaces are called, where instances have networks of their own. `None`: nothing enforces what the records say.
    pub tag: Option<HostTag>,
}

/// What there is to say about one thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnosis {
    /// Whether it is reached in every way that matters; `None` when nobody is to reach it.
    pub reached: Option<bool>,
    /// The answer, in a sentence.
    pub answer: String,
    /// What to change, the first thing first; empty when nothing is in the way.
    pub change: Vec<String>,
    /// What it is, and the ways to it.
    #[serde(flatten)]
    pub about: About,
    /// What is not as it should be, though it may not be what was asked about.
    pub warnings: Vec<String>,
    /// What must be known to read this.
    pub notes: Vec<String>,
    /// What else might have been meant, and how to ask for it.
    pub also: Vec<String>,
}

/// What was asked about.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum About {
    /// An instance.
    Instance(Box<InstanceDiagnosis>),
    /// Targets of one group: all of them, or some.
    TargetGroup(TargetGroupDiagnosis),
    /// A load balancer.
    LoadBalancer(Box<LoadBalancerDiagnosis>),
}

/// An answer in short: what the parts of a diagnosis come to.
#[derive(Clone, Debug, Default, PartialEq)]
struct Answer {
    reached: Option<bool>,
    text: String,
    change: Vec<String>,
}

/// Everything that can be said without trying anything. `also` comes from finding the subject.
pub fn diagnose(facts: &Facts<'_>, subject: &Subject, also: Vec<String>) -> Diagnosis {
    let about = match subject {
        Subject::Instance(id) => About::Instance(Box::new(InstanceDiagnosis::new(facts, id))),
        Subject::TargetGroup(arn) => About::TargetGroup(TargetGroupDiagnosis::new(facts, arn, |_| true)),
        Subject::Target { group, target, port } => {
            let is_meant = |key: &TargetKey| key.id == *target && port.is_none_or(|port| port == key.port);
            About::TargetGroup(TargetGroupDiagnosis::new(facts, group, is_meant))
        }
        Subject::LoadBalancer(arn) => About::LoadBalancer(Box::new(LoadBalancerDiagnosis::new(facts, arn))),
    };
    let notes = note(facts.driver).into_iter().map(str::to_owned).collect();
    let (answer, change) = (String::new(), Vec::new());
    let mut diagnosis = Diagnosis { reached: None, answer, change, about, warnings: Vec::new(), notes, also };
    diagnosis.conclude(&BTreeMap::new());
    diagnosis
}

/// What must be known about a driver.
const fn note(driver: DriverKind) -> Option<&'static str> {
    match driver {
        DriverKind::Process => Some(
            "the process driver gives instances no networks of their own: security groups, network ACLs and routes are shown, but \
             not enforced, and what is tried is tried from the host",
        ),
        DriverKind::Simulated => Some("nothing runs with the simulated driver, so nothing is tried"),
        DriverKind::Sandbox => None,
    }
}

impl Diagnosis {
    /// What is to be tried, at most [`MAXIMUM_PROBES`], each once.
    pub fn probes(&mut self) -> BTreeSet<Probe> {
        let mut probes = BTreeSet::new();
        for probe in self.paths().into_iter().filter_map(|path| path.probe.clone()) {
            if probes.len() < MAXIMUM_PROBES {
                probes.insert(probe);
            }
        }
        probes
    }

    /// Takes in what was found, and draws the conclusions anew. What has no outcome was not tried.
    pub fn conclude(&mut self, outcomes: &BTreeMap<Probe, Outcome>) {
        for path in self.paths() {
            path.conclude(outcomes);
        }
        let Answer { reached, text, change } = match &mut self.about {
            About::Instance(instance) => instance.answer(),
            About::TargetGroup(group) => group.answer(),
            About::LoadBalancer(balancer) => balancer.answer(),
        };
        (self.reached, self.answer, self.change) = (reached, text, change);
        self.warnings = match &self.about {
            About::Instance(_) | About::TargetGroup(_) => Vec::new(),
            About::LoadBalancer(balancer) => balancer.warnings(),
        };
    }

    fn paths(&mut self) -> Vec<&mut Path> {
        fn of(targets: &mut [TargetDiagnosis]) -> impl Iterator<Item = &mut Path> {
            targets.iter_mut().flat_map(|target| &mut target.paths)
        }
        match &mut self.about {
            About::Instance(instance) => {
                let InstanceDiagnosis { targets, from_outside, way_out, .. } = &mut **instance;
                of(targets).chain(&mut from_outside.paths).chain(way_out).collect()
            }
            About::TargetGroup(group) => of(&mut group.targets).collect(),
            About::LoadBalancer(balancer) => of(&mut balancer.targets).collect(),
        }
    }
}

impl<'a> Facts<'a> {
    /// The records of the account and region of which this is true.
    fn network(&self, is_it: impl Fn(&NetworkRecords<'a>) -> bool) -> Option<&NetworkRecords<'a>> {
        self.networks.iter().find(|records| is_it(records))
    }

    /// The load balancers whose listeners send requests to a group.
    fn balancers_of(&self, group: &Arn) -> Vec<&LoadBalancer> {
        let used = self.groups_in_use();
        let users = used.get(group);
        let uses = |balancer: &&LoadBalancer| users.is_some_and(|users| users.contains(&balancer.arn));
        self.load_balancers.iter().map(|balancer| &**balancer).filter(uses).collect()
    }

    /// The groups that a load balancer sends requests to.
    fn groups_of(&self, balancer: &Arn) -> Vec<&TargetGroup> {
        let used = self.groups_in_use();
        let is_used = |group: &&TargetGroup| used.get(&group.arn).is_some_and(|users| users.contains(balancer));
        self.target_groups.iter().map(|group| &**group).filter(is_used).collect()
    }

    fn groups_in_use(&self) -> BTreeMap<&Arn, BTreeSet<&Arn>> {
        let listeners = self.listeners.iter().map(|listener| &**listener);
        groups_in_use(listeners, self.rules.iter().map(|rule| &**rule))
    }

    /// Whether what the records say is carried out on this host.
    const fn enforced(&self) -> bool {
        self.tag.is_some()
    }
}
