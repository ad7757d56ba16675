//! A load balancer: whether clients reach it in its zones and at its listeners, and whether it reaches its targets.

use super::{
    Answer, Facts,
    target::{self, TargetDiagnosis},
};
use crate::{
    Arn,
    ec2::{
        network_records::NetworkRecords,
        reachability::Message,
        security_group::{Direction, Peer},
    },
    elbv2::{
        admission::{ShutListener, shut_listeners},
        interfaces::towards,
        listener::Listener,
        load_balancer::{EnabledZone, LoadBalancer, LoadBalancerState},
        reach::{ClosedZone, closed_zones},
    },
    id::{SecurityGroupId, SubnetId, VpcId},
};
use serde::Serialize;
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
};

/// What there is to say about a load balancer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoadBalancerDiagnosis {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: Arn,
    /// `internet-facing` or `internal`.
    pub scheme: &'static str,
    /// AWS's name of its state.
    pub state: &'static str,
    /// Why it is in that state.
    pub state_reason: Option<String>,
    /// Its DNS name.
    pub dns_name: String,
    /// The VPC.
    pub vpc: VpcId,
    /// Its security groups.
    pub security_groups: Vec<SecurityGroupId>,
    /// Where it is.
    pub zones: Vec<ZoneDiagnosis>,
    /// Whether its security groups and routes keep clients away on this host: where instances have networks of their own.
    pub filtered: bool,
    /// Where clients ask it.
    pub listeners: Vec<ListenerDiagnosis>,
    /// The zones that nobody outside reaches, and the listeners that nobody who comes to this host is admitted to.
    #[serde(skip)]
    closed: (Vec<ClosedZone>, Vec<ShutListener>),
    /// The targets of every group that it uses.
    pub targets: Vec<TargetDiagnosis>,
}

/// A load balancer in one zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ZoneDiagnosis {
    /// The zone's name.
    pub zone: String,
    /// The subnet.
    pub subnet: SubnetId,
    /// Where it listens: an address of the host, or its interface's if it is internal and in a network. None where nobody outside
    /// reaches it.
    pub address: Option<IpAddr>,
    /// The address of its interface in the subnet, at which it listens too.
    pub private_address: Option<Ipv4Addr>,
    /// Why clients outside do not reach it there, in a sentence without an end.
    pub closed: Option<String>,
}

/// One listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListenerDiagnosis {
    /// `HTTP` or `HTTPS`.
    pub protocol: &'static str,
    /// The port.
    pub port: u16,
    /// Whom the load balancer's security groups admit to it: blocks and groups.
    pub admitted: Vec<String>,
}

impl LoadBalancerDiagnosis {
    /// Of a load balancer that exists.
    ///
    /// # Panics
    /// When it does not.
    pub(super) fn new(facts: &Facts<'_>, arn: &Arn) -> Self {
        let balancer = facts.load_balancers.iter().find(|balancer| balancer.arn == *arn).expect("subjects exist");
        let records = facts.network(|records| records.vpcs.iter().any(|vpc| vpc.id == balancer.vpc_id));
        let (state, state_reason) = match &balancer.state {
            LoadBalancerState::Provisioning => ("provisioning", None),
            LoadBalancerState::Active => ("active", None),
            LoadBalancerState::Impaired(why) => ("active_impaired", Some(why.clone())),
        };
        let of_balancer = facts.listeners.iter().filter(|listener| listener.load_balancer_arn == *arn);
        let groups = facts.groups_of(arn);
        let closed = records.map(|records| closed_zones(balancer, records)).unwrap_or_default();
        let shut = records.filter(|_| facts.enforced()).map(|records| shut(facts, balancer, records));
        Self {
            name: balancer.name.clone(),
            arn: arn.clone(),
            scheme: balancer.scheme.name(),
            state,
            state_reason,
            dns_name: balancer.dns_name.clone(),
            vpc: balancer.vpc_id.clone(),
            security_groups: balancer.security_groups.clone(),
            zones: zones(balancer, records, &closed, facts.enforced()),
            filtered: facts.enforced(),
            closed: (closed, shut.unwrap_or_default()),
            listeners: of_balancer.map(|listener| listener_of(listener, balancer, records)).collect(),
            targets: groups
                .into_iter()
                .flat_map(|group| target::of_group(facts, group, &[balancer], |_| true))
                .collect(),
        }
    }

    pub(super) fn answer(&self) -> Answer {
        let name = &self.name;
        let no = |why: &str, change: &str| Answer {
            reached: Some(false),
            text: format!("not reached: {why}"),
            change: vec![change.to_owned()],
        };
        if self.state == "provisioning" {
            return no(
                &format!("load balancer {name} is provisioning: the load balancer node does not serve it yet"),
                "ask again in a moment; `goru status` says whether the node is connected",
            );
        }
        if let Some(why) = &self.state_reason {
            return no(&format!("load balancer {name} does not serve everything: {why}"), "see to what is said there");
        }
        if self.listeners.is_empty() {
            return no(&format!("load balancer {name} has no listener"), "make one (CreateListener)");
        }
        if let Some((obstacle, remedy)) = self.kept_away() {
            return no(&obstacle, &remedy);
        }
        if self.targets.is_empty() {
            let text = format!("load balancer {name} has no targets to reach: its listeners forward to none");
            return Answer { reached: None, text, change: Vec::new() };
        }
        target::answer(&self.targets)
    }

    /// What keeps clients outside away from all of it, and what to change.
    fn kept_away(&self) -> Option<(String, String)> {
        let (zones, listeners) = &self.closed;
        match (zones.first(), listeners.first()) {
            (Some(zone), _) if self.filtered && zones.len() == self.zones.len() => {
                Some((zone.obstacle(), zone.remedy()))
            }
            (_, Some(listener)) if listeners.len() == self.listeners.len() => {
                Some((listener.obstacle(), listener.remedy().to_owned()))
            }
            (_, _) => None,
        }
    }

    /// What keeps clients away.
    pub(super) fn warnings(&self) -> Vec<String> {
        let (zones, listeners) = &self.closed;
        let closed = zones.iter().map(ToString::to_string).chain(listeners.iter().map(ToString::to_string));
        let told = |listener: &&ListenerDiagnosis| {
            listeners.iter().any(|shut| shut.listener.is_some_and(|(_, port)| port == listener.port))
        };
        let shut = self.listeners.iter().filter(|listener| listener.admitted.is_empty() && !told(listener));
        let shut = shut.filter(|_| !self.security_groups.is_empty()).map(|listener| self.shut(listener));
        closed.chain(shut).collect()
    }

    fn shut(&self, ListenerDiagnosis { protocol, port, .. }: &ListenerDiagnosis) -> String {
        let groups: Vec<&str> = self.security_groups.iter().map(SecurityGroupId::as_str).collect();
        let effect = match self.filtered {
            true => "nobody is let in",
            false => "nobody would be let in on AWS (here everybody is)",
        };
        format!(
            "listener {protocol} {port} of load balancer {}: no rule of {} admits tcp/{port}, so {effect}; let one of these groups \
             admit clients (AuthorizeSecurityGroupIngress)",
            self.name,
            groups.join(", ")
        )
    }
}

/// The listeners that nobody who comes to the addresses of this host is admitted to.
fn shut(facts: &Facts<'_>, balancer: &LoadBalancer, records: &NetworkRecords<'_>) -> Vec<ShutListener> {
    let own = facts.listeners.iter().filter(|listener| listener.load_balancer_arn == balancer.arn);
    let addresses: BTreeSet<IpAddr> = balancer.zones.iter().filter_map(|zone| zone.address).collect();
    let addresses: Vec<IpAddr> = addresses.into_iter().collect();
    let mut own = own.map(|listener| &**listener).peekable();
    match own.peek() {
        None => Vec::new(),
        Some(_) => shut_listeners(balancer, own, records.security_groups.iter().copied(), &addresses),
    }
}

fn zones(
    balancer: &LoadBalancer,
    records: Option<&NetworkRecords<'_>>,
    closed: &[ClosedZone],
    enforced: bool,
) -> Vec<ZoneDiagnosis> {
    let one = |zone: &EnabledZone| {
        let interfaces = records.into_iter().flat_map(|records| records.network_interfaces.iter().copied());
        let own = towards(balancer, &zone.zone, interfaces).filter(|interface| interface.subnet_id == zone.subnet_id);
        let closed = closed.iter().find(|closed| closed.zone == zone.zone);
        ZoneDiagnosis {
            zone: zone.zone.clone(),
            subnet: zone.subnet_id.clone(),
            address: zone.address.filter(|_| closed.is_none() || !enforced),
            private_address: own.map(|interface| interface.private_address),
            closed: closed.map(ToString::to_string),
        }
    };
    balancer.zones.iter().map(one).collect()
}

fn listener_of(
    listener: &Listener,
    balancer: &LoadBalancer,
    records: Option<&NetworkRecords<'_>>,
) -> ListenerDiagnosis {
    let message = Message::Tcp { from: super::path::SOME_PORT, to: listener.port };
    let groups = records.into_iter().flat_map(|records| &records.security_groups);
    let own = groups.filter(|group| balancer.security_groups.contains(&group.id));
    let rules =
        own.flat_map(|group| group.rules_of(Direction::Ingress)).filter(|rule| message.is_part_of(rule.traffic));
    let mut admitted: Vec<String> = rules
        .map(|rule| match &rule.peer {
            Peer::Ipv4(block) => block.to_string(),
            Peer::Ipv6(block) => block.clone(),
            Peer::Group(group) => group.to_string(),
        })
        .collect();
    admitted.sort();
    admitted.dedup();
    ListenerDiagnosis { protocol: listener.protocol.name(), port: listener.port, admitted }
}
