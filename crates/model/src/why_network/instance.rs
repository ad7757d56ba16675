//! An instance: what it is, who reaches it, and how it gets out.

use super::{
    Answer, Facts,
    path::{Computed, Path, Purpose, Reading, read},
    probe::{Probe, Vantage},
    remedy::Ends,
    target::{self, TargetDiagnosis},
};
use crate::{
    cidr::Cidr,
    ec2::{
        instance::{Instance, InstanceState},
        network_records::NetworkRecords,
        reachability::Origin,
        route_table::{RouteTarget, table_of},
        security_group::{Direction, Peer, Traffic},
    },
    elbv2::{plan::stands_for, reach::private_subnet, target_group::TargetGroup},
    id::{InstanceId, SecurityGroupId, SubnetId, VpcId},
};
use serde::Serialize;
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

/// Stands for everybody outside: an address that nobody has (RFC 5737).
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
/// What the way out is looked at for.
const HTTPS: u16 = 443;
/// So many rules that admit somebody outside are shown.
const MAXIMUM_ADMITTED: usize = 16;

/// What there is to say about an instance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InstanceDiagnosis {
    /// `i-…`
    pub id: InstanceId,
    /// Its tag `Name`.
    pub name: String,
    /// Its state.
    pub state: InstanceState,
    /// Since when.
    pub since: String,
    /// Why it is in that state, when there is something to say.
    pub state_reason: Option<String>,
    /// `passed` or `failed`; absent while nothing runs.
    pub status_check: Option<&'static str>,
    /// The zone.
    pub zone: String,
    /// The VPC.
    pub vpc: VpcId,
    /// The subnet.
    pub subnet: SubnetId,
    /// The address there.
    pub private_address: Ipv4Addr,
    /// The public address, when it has one.
    pub public_address: Option<IpAddr>,
    /// Its security groups.
    pub security_groups: Vec<SecurityGroupId>,
    /// Where it is a target, and the ways to it from load balancers.
    pub targets: Vec<TargetDiagnosis>,
    /// Who outside reaches it.
    pub from_outside: FromOutside,
    /// Its way to the outside; absent while it is on no network.
    pub way_out: Option<Path>,
}

/// Who reaches an instance from outside of its VPC.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FromOutside {
    /// Why nobody does, in clauses; empty when somebody may.
    pub nobody: Vec<String>,
    /// The ways of those whom its security groups admit.
    pub paths: Vec<Path>,
}

impl InstanceDiagnosis {
    /// Of an instance that exists.
    ///
    /// # Panics
    /// When it does not.
    pub(super) fn new(facts: &Facts<'_>, id: &InstanceId) -> Self {
        let has = |records: &NetworkRecords<'_>| records.instances.iter().any(|instance| instance.id == *id);
        let records = facts.network(has).expect("subjects exist");
        let instance = *records.instances.iter().find(|instance| instance.id == *id).expect("it was just seen");
        let look = Look { facts, records, instance };
        Self {
            id: id.clone(),
            name: instance.tags.get("Name").unwrap_or_default().to_owned(),
            state: instance.state,
            since: instance.state_changed_at.to_string(),
            state_reason: instance.state_reason.as_ref().map(|reason| reason.message.clone()),
            status_check: instance.runtime.as_ref().map(|runtime| if runtime.reachable { "passed" } else { "failed" }),
            zone: instance.zone.clone(),
            vpc: instance.vpc_id.clone(),
            subnet: instance.subnet_id.clone(),
            private_address: instance.private_address,
            public_address: look.public_address(),
            security_groups: instance.security_groups.clone(),
            targets: look.targets(),
            from_outside: look.outside(),
            way_out: look.is_on_network().then(|| look.way_out()),
        }
    }

    pub(super) fn answer(&self) -> Answer {
        match self.state {
            InstanceState::Running => {}
            InstanceState::Stopped => return self.is_off(vec![format!("start {} (StartInstances)", self.id)]),
            InstanceState::Pending
            | InstanceState::Stopping
            | InstanceState::ShuttingDown
            | InstanceState::Terminated => return self.is_off(Vec::new()),
        }
        let used = self.targets.iter().filter(|target| !target.paths.is_empty());
        let used: Vec<TargetDiagnosis> = used.cloned().collect();
        if used.is_empty() { self.answer_outside() } else { target::answer(&used) }
    }

    fn is_off(&self, change: Vec<String>) -> Answer {
        let why = self.state_reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
        let text = format!("not reached: {} is {}{why}", self.id, self.state.name());
        Answer { reached: Some(false), text, change }
    }

    /// Where no load balancer is to reach it.
    fn answer_outside(&self) -> Answer {
        let FromOutside { nobody, paths } = &self.from_outside;
        let open: BTreeSet<u16> = paths.iter().filter(|path| path.reached).map(|path| path.port).collect();
        match (paths.first(), open.is_empty()) {
            (Some(first), false) => {
                let ports = open.iter().map(|port| format!("tcp/{port}")).collect::<Vec<_>>().join(", ");
                let text = format!("reached: {} at {} from outside, on {ports}", self.id, first.to);
                Answer { reached: Some(true), text, change: Vec::new() }
            }
            (Some(first), true) => {
                let text = format!("not reached: from {} to {}: {}", first.from, first.place(), first.conclusion);
                Answer { reached: Some(false), text, change: first.change.iter().cloned().collect() }
            }
            (None, _) => {
                let why = nobody.first().map_or("", String::as_str);
                let id = &self.id;
                let text =
                    format!("no load balancer sends requests to {id}, and nobody outside of its VPC reaches it: {why}");
                Answer { reached: None, text, change: Vec::new() }
            }
        }
    }
}

/// One instance among the records of its account and region.
struct Look<'f, 'a> {
    facts: &'f Facts<'a>,
    records: &'f NetworkRecords<'a>,
    instance: &'a Instance,
}

impl Look<'_, '_> {
    fn is_on_network(&self) -> bool {
        self.records.interfaces().iter().any(|interface| *interface.id == self.instance.network_interface_id)
    }

    fn public_address(&self) -> Option<IpAddr> {
        let of_network = self.records.public_address(&self.instance.network_interface_id).map(IpAddr::V4);
        of_network.or_else(|| self.instance.public_address())
    }

    fn targets(&self) -> Vec<TargetDiagnosis> {
        let groups = self.facts.target_groups.iter();
        let of_group = |group: &Arc<TargetGroup>| {
            let balancers = self.facts.balancers_of(&group.arn);
            target::of_group(self.facts, group, &balancers, |key| stands_for(key, &group.vpc_id, self.instance))
        };
        groups.flat_map(of_group).collect()
    }

    fn outside(&self) -> FromOutside {
        let id = &self.instance.id;
        if !self.is_on_network() {
            return FromOutside { nobody: vec![format!("{id} is {}", self.instance.state.name())], paths: Vec::new() };
        }
        let public = self.records.public_address(&self.instance.network_interface_id);
        if !self.facts.enforced() {
            let at = self
                .instance
                .address()
                .map_or_else(String::new, |address| format!(": whoever is on this host reaches it at {address}"));
            let nobody = vec![format!("{id} has no network of its own with this driver{at}")];
            return FromOutside { nobody, paths: Vec::new() };
        }
        let Some(public) = public else {
            let mut nobody = vec![format!("{id} has no public address (AssociateAddress gives it an Elastic IP)")];
            let private = private_subnet(&self.instance.subnet_id, &self.instance.vpc_id, self.records);
            nobody.extend(private.map(|subnet| subnet.to_string()));
            return FromOutside { nobody, paths: Vec::new() };
        };
        let admitted = self.admitted();
        let nobody = if admitted.is_empty() {
            let groups: Vec<&str> = self.instance.security_groups.iter().map(SecurityGroupId::as_str).collect();
            vec![format!("no rule of {} admits tcp from outside of {}", groups.join(", "), self.instance.vpc_id)]
        } else {
            Vec::new()
        };
        let paths =
            admitted.into_iter().take(MAXIMUM_ADMITTED).map(|ports| self.path_of_clients(public, ports)).collect();
        FromOutside { nobody, paths }
    }

    /// TCP ports that its groups admit somebody outside of the VPC to, and whom.
    fn admitted(&self) -> BTreeSet<(u16, u16, Cidr)> {
        let vpc = self.records.vpcs.iter().find(|vpc| vpc.id == self.instance.vpc_id);
        let is_inside = |block: Cidr| vpc.is_some_and(|vpc| vpc.cidr.covers(block));
        let groups =
            self.records.security_groups.iter().filter(|group| self.instance.security_groups.contains(&group.id));
        let ports = |traffic: Traffic| match traffic {
            Traffic::All => Some((1, u16::MAX)),
            Traffic::Tcp(low, high) => Some((low.max(1), high)),
            Traffic::Udp(..) | Traffic::Icmp(..) | Traffic::Icmpv6(..) | Traffic::Protocol(_) => None,
        };
        groups
            .flat_map(|group| group.rules_of(Direction::Ingress))
            .filter_map(|rule| match &rule.peer {
                Peer::Ipv4(block) if !is_inside(*block) => ports(rule.traffic).map(|(low, high)| (low, high, *block)),
                Peer::Ipv4(_) | Peer::Ipv6(_) | Peer::Group(_) => None,
            })
            .collect()
    }

    fn path_of_clients(&self, public: Ipv4Addr, (low, high, block): (u16, u16, Cidr)) -> Path {
        let source = if block.contains(OUTSIDE) { OUTSIDE } else { block.nth(1).unwrap_or_else(|| block.network()) };
        let reading = read(self.facts, Origin::Outside(source), public, low, &Ends::default());
        let range = if low == high { String::new() } else { format!(", for tcp/{low}-{high}") };
        // The host has an address of its own, which only a rule for everybody is sure to hold.
        let is_tried = self.facts.enforced() && low == high && block.prefix() == 0;
        let probe = is_tried.then(|| Probe { from: Vantage::Host, to: SocketAddr::new(IpAddr::V4(public), low) });
        self.path(
            Purpose::Clients,
            format!("outside, {block}{range}"),
            (public.to_string(), public, low),
            reading,
            probe,
        )
    }

    fn way_out(&self) -> Path {
        let origin = Origin::Interface(self.instance.network_interface_id.clone());
        let ends = Ends { asking: self.instance.security_groups.first().cloned(), asked: None };
        let Reading { computed, remedy } = read(self.facts, origin, OUTSIDE, HTTPS, &ends);
        let computed = match (computed, self.gateway()) {
            (Computed::Pass(text), Some(gateway)) => Computed::Pass(format!("{text}, by {gateway}")),
            (other @ (Computed::Pass(_) | Computed::Blocked(_) | Computed::Free(_)), _) => other,
        };
        let to = ("anybody outside".to_owned(), OUTSIDE, HTTPS);
        self.path(Purpose::WayOut, self.instance.id.to_string(), to, Reading { computed, remedy }, None)
    }

    /// What the route to the outside leads to.
    fn gateway(&self) -> Option<String> {
        let tables = self.records.route_tables.iter().copied();
        let table = table_of(&self.instance.subnet_id, &self.instance.vpc_id, tables)?;
        Some(match &table.route(OUTSIDE)?.target {
            RouteTarget::InternetGateway(id) => id.to_string(),
            RouteTarget::NatGateway(id) => id.to_string(),
        })
    }

    fn path(
        &self,
        purpose: Purpose,
        from: String,
        (to, address, port): (String, Ipv4Addr, u16),
        reading: Reading,
        probe: Option<Probe>,
    ) -> Path {
        Path {
            purpose,
            from,
            source: None,
            to,
            address: IpAddr::V4(address),
            port,
            computed: reading.computed,
            enforced: self.facts.enforced(),
            probe,
            probed: None,
            reached: false,
            conclusion: String::new(),
            change: None,
            remedy: reading.remedy,
        }
    }
}
