//! Targets: the way from each load balancer that uses their group to the port of their traffic and to that of their health checks.

use super::{
    Answer, Facts,
    path::{Computed, Path, Purpose, Reading, read},
    probe::{Probe, Vantage},
    remedy::Ends,
};
use crate::{
    Arn,
    ec2::{
        instance::{DriverKind, Instance, InstanceState},
        network_interface::NetworkInterface,
        reachability::Origin,
    },
    elbv2::{
        health_check::HealthCheckPort,
        interfaces::towards,
        load_balancer::LoadBalancer,
        plan::stands_for,
        target::{Target, TargetId, TargetKey},
        target_group::TargetGroup,
        target_health::ShownHealth,
    },
};
use serde::Serialize;
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// Targets of one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetGroupDiagnosis {
    /// The group's name.
    pub name: String,
    /// Its ARN.
    pub arn: Arn,
    /// The load balancers that use it, by name.
    pub load_balancers: Vec<String>,
    /// Those targets that were asked about.
    pub targets: Vec<TargetDiagnosis>,
}

/// One registration of a target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetDiagnosis {
    /// The group's name.
    pub target_group: String,
    /// Its ARN.
    pub target_group_arn: Arn,
    /// `i-…:80` or `10.0.0.5:80`.
    pub target: String,
    /// The zone of its instance.
    pub zone: Option<String>,
    /// What DescribeTargetHealth says.
    pub health: Option<ShownHealth>,
    /// The ways to it, from each load balancer; none where no listener uses the group.
    pub paths: Vec<Path>,
}

impl TargetGroupDiagnosis {
    pub(super) fn new(facts: &Facts<'_>, arn: &Arn, is_meant: impl Fn(&TargetKey) -> bool) -> Self {
        let group = facts.target_groups.iter().find(|group| group.arn == *arn);
        let balancers = facts.balancers_of(arn);
        let targets = group.map(|group| of_group(facts, group, &balancers, is_meant)).unwrap_or_default();
        Self {
            name: group.map_or_else(String::new, |group| group.name.clone()),
            arn: arn.clone(),
            load_balancers: balancers.iter().map(|balancer| balancer.name.clone()).collect(),
            targets,
        }
    }

    pub(super) fn answer(&self) -> Answer {
        if self.targets.is_empty() {
            return Answer {
                reached: None,
                text: format!("target group {} has no targets", self.name),
                change: Vec::new(),
            };
        }
        answer(&self.targets)
    }
}

/// The targets of a group that are meant, with the ways from these load balancers.
pub(super) fn of_group(
    facts: &Facts<'_>,
    group: &TargetGroup,
    balancers: &[&LoadBalancer],
    is_meant: impl Fn(&TargetKey) -> bool,
) -> Vec<TargetDiagnosis> {
    let registered =
        facts.targets.iter().filter(|target| target.target_group_arn == group.arn && is_meant(&target.key));
    registered.map(|target| TargetDiagnosis::new(facts, group, balancers, target)).collect()
}

/// What several targets come to: the first that is not reached, else the first that is unhealthy all the same.
pub(super) fn answer(targets: &[TargetDiagnosis]) -> Answer {
    not_reached(targets)
        .or_else(|| not_in_use(targets))
        .or_else(|| unhealthy(targets))
        .unwrap_or_else(|| reached(targets))
}

fn not_reached(targets: &[TargetDiagnosis]) -> Option<Answer> {
    let blocked: Vec<&Path> = targets.iter().flat_map(|target| &target.paths).filter(|path| !path.reached).collect();
    let first = blocked.first()?;
    let more = match targets.iter().filter(|target| !target.is_reached()).count() - 1 {
        0 => String::new(),
        1 => " (and one target more is not reached)".to_owned(),
        others => format!(" (and {others} targets more are not reached)"),
    };
    let mut change: Vec<String> = Vec::new();
    for order in blocked.iter().filter_map(|path| path.change.as_ref()) {
        if !change.contains(order) {
            change.push(order.clone());
        }
    }
    let text = format!("not reached: from {} to {}: {}{more}", first.from, first.place(), first.conclusion);
    Some(Answer { reached: Some(false), text, change })
}

fn not_in_use(targets: &[TargetDiagnosis]) -> Option<Answer> {
    if targets.iter().any(|target| !target.paths.is_empty()) {
        return None;
    }
    let groups: BTreeSet<&str> = targets.iter().map(|target| target.target_group.as_str()).collect();
    let groups = groups.into_iter().collect::<Vec<_>>().join(", ");
    Some(Answer {
        reached: None,
        text: format!("no load balancer sends requests to target group {groups}: no listener's action names it"),
        change: vec!["forward to the group in a listener's default action or in a rule".to_owned()],
    })
}

fn unhealthy(targets: &[TargetDiagnosis]) -> Option<Answer> {
    let (target, complaint) = targets.iter().find_map(|target| Some((target, target.complaint()?)))?;
    let text = format!("reached, but {} is not healthy: {complaint}; it is not the network that fails", target.target);
    Some(Answer { reached: Some(true), text, change: Vec::new() })
}

fn reached(targets: &[TargetDiagnosis]) -> Answer {
    let balancers: BTreeSet<&str> =
        targets.iter().flat_map(|target| &target.paths).map(|path| path.from.as_str()).collect();
    let balancers = balancers.into_iter().collect::<Vec<_>>().join(", ");
    let what = match targets {
        [only] => only.target.clone(),
        several => format!("all {} targets", several.len()),
    };
    Answer { reached: Some(true), text: format!("reached: {what} from {balancers}"), change: Vec::new() }
}

impl TargetDiagnosis {
    fn new(facts: &Facts<'_>, group: &TargetGroup, balancers: &[&LoadBalancer], target: &Target) -> Self {
        let mut instances = facts.networks.iter().flat_map(|records| records.instances.iter().copied());
        let instance = instances.find(|instance| stands_for(&target.key, &group.vpc_id, instance));
        let way = Way { facts, group, key: &target.key, instance };
        Self {
            target_group: group.name.clone(),
            target_group_arn: group.arn.clone(),
            target: target.key.to_string(),
            zone: instance.map(|instance| instance.zone.clone()),
            health: facts.health.get(&(group.arn.clone(), target.key.clone())).cloned(),
            paths: balancers.iter().flat_map(|balancer| way.paths(balancer)).collect(),
        }
    }

    /// Whether every way to it is open.
    pub fn is_reached(&self) -> bool {
        self.paths.iter().all(|path| path.reached)
    }

    /// What DescribeTargetHealth says, when it says that something is wrong.
    fn complaint(&self) -> Option<String> {
        let health = self.health.as_ref().filter(|health| health.state == "unhealthy")?;
        Some(health.description.clone().unwrap_or_else(|| health.state.to_owned()))
    }
}

/// The ways to one target.
struct Way<'f, 'a> {
    facts: &'f Facts<'a>,
    group: &'f TargetGroup,
    key: &'f TargetKey,
    /// The instance that it is.
    instance: Option<&'a Instance>,
}

impl Way<'_, '_> {
    fn paths(&self, balancer: &LoadBalancer) -> Vec<Path> {
        let check = &self.group.health_check;
        let own = match check.port {
            HealthCheckPort::Fixed(port) if check.enabled && port != self.key.port => Some(port),
            HealthCheckPort::Fixed(_) | HealthCheckPort::Traffic => None,
        };
        let traffic = self.path(balancer, self.key.port, Purpose::Traffic);
        std::iter::once(traffic).chain(own.map(|port| self.path(balancer, port, Purpose::HealthChecks))).collect()
    }

    fn path(&self, balancer: &LoadBalancer, port: u16, purpose: Purpose) -> Path {
        let interface = self.interface(balancer);
        let reading = self.obstacle(balancer).unwrap_or_else(|| self.read(balancer, interface, port));
        Path {
            purpose,
            from: format!("load balancer {}", balancer.name),
            source: interface.map(|interface| interface.private_address),
            to: self.key.id.to_string(),
            address: IpAddr::V4(self.address()),
            port,
            computed: reading.computed,
            enforced: self.facts.enforced(),
            probe: self.probe(interface, port),
            probed: None,
            reached: false,
            conclusion: String::new(),
            change: None,
            remedy: reading.remedy,
        }
    }

    /// The address by the records. That of an instance whose record is gone is nobody's.
    fn address(&self) -> Ipv4Addr {
        match (&self.key.id, self.instance) {
            (_, Some(instance)) => instance.private_address,
            (TargetId::Ip(address), None) => *address,
            (TargetId::Instance(_), None) => Ipv4Addr::UNSPECIFIED,
        }
    }

    /// The load balancer's interface that asks.
    fn interface(&self, balancer: &LoadBalancer) -> Option<&NetworkInterface> {
        let records = self.facts.network(|records| records.vpcs.iter().any(|vpc| vpc.id == balancer.vpc_id))?;
        let zone = self.instance.map_or("", |instance| &instance.zone);
        towards(balancer, zone, records.network_interfaces.iter().copied())
    }

    /// What keeps the load balancer from sending anything at all.
    fn obstacle(&self, balancer: &LoadBalancer) -> Option<Reading> {
        let who = &self.key.id;
        let Some(instance) = self.instance else {
            return match who {
                TargetId::Instance(id) => Some(Reading::obstacle(
                    format!("{id} is terminated"),
                    format!("deregister {id} from target group {}", self.group.name),
                )),
                TargetId::Ip(_) => None,
            };
        };
        match instance.state {
            InstanceState::Running => {}
            InstanceState::Pending => {
                return Some(Reading::obstacle(format!("{} is pending: it is being started", instance.id), None));
            }
            InstanceState::Stopped => {
                let order = format!("start {} (StartInstances)", instance.id);
                return Some(Reading::obstacle(format!("{} is stopped", instance.id), order));
            }
            state @ (InstanceState::Stopping | InstanceState::ShuttingDown | InstanceState::Terminated) => {
                return Some(Reading::obstacle(format!("{} is {}", instance.id, state.name()), None));
            }
        }
        let (name, zone) = (&balancer.name, &instance.zone);
        let enabled = balancer.zones.iter().any(|enabled| enabled.zone == *zone);
        (!enabled).then(|| {
            Reading::obstacle(
                format!("load balancer {name} is not enabled in {zone}, where {} is", instance.id),
                format!("enable {zone} for load balancer {name} with a subnet there (SetSubnets)"),
            )
        })
    }

    fn read(&self, balancer: &LoadBalancer, interface: Option<&NetworkInterface>, port: u16) -> Reading {
        if let (TargetId::Ip(address), None, false) = (&self.key.id, self.instance, self.is_in_vpc()) {
            let why = format!(
                "{address} lies outside of {}: the load balancer node reaches it by the host's own ways, which no record is about",
                self.group.vpc_id
            );
            return Reading { computed: Computed::Free(why), remedy: None };
        }
        let Some(interface) = interface else {
            return Reading::obstacle(
                format!(
                    "load balancer {} has no network interface yet: its subnets have no free address, or it is new",
                    balancer.name
                ),
                "ask again in a moment, or give the load balancer a subnet with free addresses (SetSubnets)".to_owned(),
            );
        };
        let ends = Ends {
            asking: interface.security_groups.first().cloned(),
            asked: self.instance.and_then(|instance| instance.security_groups.first().cloned()),
        };
        read(self.facts, Origin::Interface(interface.id.clone()), self.address(), port, &ends)
    }

    fn is_in_vpc(&self) -> bool {
        let vpcs = self.facts.networks.iter().flat_map(|records| &records.vpcs);
        vpcs.into_iter().any(|vpc| vpc.id == self.group.vpc_id && vpc.cidr.contains(self.address()))
    }

    /// As the node would ask. Nobody is asked at an address of the VPC that nobody has.
    fn probe(&self, interface: Option<&NetworkInterface>, port: u16) -> Option<Probe> {
        match self.facts.driver {
            DriverKind::Simulated => return None,
            DriverKind::Process | DriverKind::Sandbox => {}
        }
        let address = match (self.instance, &self.key.id) {
            (Some(instance), _) => instance.address()?,
            (None, TargetId::Ip(address)) if !self.is_in_vpc() => IpAddr::V4(*address),
            (None, TargetId::Ip(_) | TargetId::Instance(_)) => return None,
        };
        let from = match (&self.facts.tag, self.instance) {
            (Some(tag), Some(_)) => {
                let interface = interface?;
                let namespace = tag.edge_namespace(&interface.vpc_id);
                Vantage::Interface { namespace, address: interface.private_address }
            }
            (None, _) | (Some(_), None) => Vantage::Host,
        };
        Some(Probe { from, to: SocketAddr::new(address, port) })
    }
}
