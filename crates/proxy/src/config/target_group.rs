//! A target group and its targets, ready to run.

use super::{CompileError, duplicate};
use crate::{
    target::{TargetState, TargetStates},
    target_group::{TargetGroupState, stickiness},
    tls::{Application, Connector, TlsRegistry, connect::TargetPolicy},
};
use model::elbv2::{
    group_health::MinimumHealthy,
    health_check::HealthCheck,
    snapshot::{MaintenancePage, NodeInterface, TargetGroupPlan, TargetPlan},
    stickiness::Stickiness,
    target::TargetKey,
    target_group::{LoadBalancingAlgorithm, ProtocolVersion, TargetProtocol},
};
use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

/// One target group.
#[derive(Debug)]
pub struct CompiledTargetGroup {
    /// Its ARN as text.
    pub arn: Arc<str>,
    /// `targetgroup/<name>/<id>`.
    pub dimension: Arc<str>,
    /// The load balancer that uses it, if one does: a target group serves one load balancer at most.
    pub load_balancer: Option<usize>,
    /// How many zones that load balancer has.
    pub zones: usize,
    /// How its targets are checked.
    pub health_check: HealthCheck,
    /// Whether targets are spoken to over TLS.
    pub protocol: TargetProtocol,
    /// Which version of HTTP they get.
    pub protocol_version: ProtocolVersion,
    /// What sessions to them are made with, where they are spoken to over TLS.
    pub connectors: Option<Connectors>,
    /// How a target is chosen.
    pub algorithm: LoadBalancingAlgorithm,
    /// How long a new target gets a growing share; zero: it does not.
    pub slow_start: Duration,
    /// How clients stay with a target.
    pub stickiness: Option<Stickiness>,
    /// Whether a zone's node sends to targets of all zones.
    pub cross_zone: bool,
    /// Below it a zone's address is not given out.
    pub dns_failover: MinimumHealthy,
    /// Below it all targets get requests.
    pub routing_failover: MinimumHealthy,
    /// Whether safe requests are tried on another target.
    pub retry: bool,
    /// What clients get while no target is healthy.
    pub maintenance: Option<MaintenancePage>,
    /// How long requests wait while no target is healthy; zero: they do not.
    pub hold: Duration,
    /// Whether requests wait, or get the owner's page, while no target is healthy.
    pub bridges_outages: bool,
    /// What outlives the snapshot.
    pub state: Arc<TargetGroupState>,
    /// Its targets, draining ones included.
    pub targets: Vec<CompiledTarget>,
    /// What stands for the group in cookies.
    pub cookie_name: u64,
    by_cookie_name: HashMap<u64, u32>,
}

/// What TLS sessions to targets are made with, by the policy that the client's listener asks for.
#[derive(Debug)]
pub struct Connectors {
    tls12: Arc<Connector>,
    tls13: Arc<Connector>,
}

impl Connectors {
    /// The one for a policy.
    pub fn of(&self, policy: TargetPolicy) -> &Connector {
        match policy {
            TargetPolicy::Tls12 => &self.tls12,
            TargetPolicy::Tls13 => &self.tls13,
        }
    }
}

/// One target.
#[derive(Debug)]
pub struct CompiledTarget {
    /// Where it is reached.
    pub address: SocketAddr,
    /// From where, if not from the host itself.
    pub interface: Option<Box<NodeInterface>>,
    /// Its zone by name; empty: none.
    pub zone_name: Box<str>,
    /// Its zone by its position in the load balancer; none: it is in all of them.
    pub zone: Option<usize>,
    /// Whether it gets no new requests because it is deregistering.
    pub draining: bool,
    /// What stands for the target in cookies.
    pub cookie_name: u64,
    /// What outlives the snapshot.
    pub state: Arc<TargetState>,
}

impl CompiledTargetGroup {
    /// The target that a cookie names.
    pub fn target_of_cookie(&self, name: u64) -> Option<u32> {
        self.by_cookie_name.get(&name).copied()
    }

    /// Whether a target that refuses a request counts as gone at once, before its checks have noticed: requests wait for one, or
    /// get the owner's page, and somebody looks for it.
    pub fn awaits_targets(&self) -> bool {
        self.health_check.enabled && self.bridges_outages
    }
}

/// Refuses what contradicts itself.
pub(super) fn check(plan: &TargetGroupPlan) -> Result<(), CompileError> {
    let mut keys: HashSet<&TargetKey> = HashSet::new();
    for target in &plan.targets {
        if !keys.insert(&target.key) {
            return Err(duplicate("target", format!("{} of {}", target.key, plan.arn)));
        }
        if target.address.port() == 0 {
            return Err(CompileError::OutOfRange { what: "port", name: target.key.to_string(), value: 0 });
        }
    }
    Ok(())
}

/// What sessions to the group's targets are made with.
pub(super) fn connectors(plan: &TargetGroupPlan, tls: &TlsRegistry) -> Result<Option<Connectors>, CompileError> {
    match plan.protocol {
        TargetProtocol::Http => Ok(None),
        TargetProtocol::Https => {
            let application = Application::of_targets(plan.protocol_version);
            let connector = |policy| {
                let made = tls.connector(&plan.arn, policy, application);
                made.map_err(|error| CompileError::Tls { name: plan.arn.to_string(), error: error.into() })
            };
            Ok(Some(Connectors { tls12: connector(TargetPolicy::Tls12)?, tls13: connector(TargetPolicy::Tls13)? }))
        }
    }
}

/// `zones` are those of the load balancer that uses the group, in its order.
pub(super) fn compile(
    plan: &TargetGroupPlan,
    load_balancer: Option<usize>,
    zones: &[Box<str>],
    connectors: Option<Connectors>,
    states: &TargetStates,
) -> CompiledTargetGroup {
    let state = states.group(&plan.arn);
    let target = |plan: &TargetPlan| CompiledTarget {
        address: plan.address,
        interface: plan.interface.clone().map(Box::new),
        zone_name: plan.zone.clone().into_boxed_str(),
        zone: zones.iter().position(|zone| **zone == *plan.zone),
        draining: plan.drained_at.is_some(),
        cookie_name: stickiness::hash(&plan.key.to_string()),
        state: states.target(&state, plan),
    };
    let targets: Vec<_> = plan.targets.iter().map(target).collect();
    let names = targets.iter().map(|target| target.cookie_name).zip(0..);
    CompiledTargetGroup {
        arn: Arc::from(plan.arn.to_string()),
        dimension: Arc::from(plan.dimension.as_str()),
        load_balancer,
        zones: zones.len(),
        health_check: plan.health_check.clone(),
        protocol: plan.protocol,
        protocol_version: plan.protocol_version,
        connectors,
        algorithm: plan.algorithm,
        slow_start: Duration::from_secs(plan.slow_start_seconds.into()),
        stickiness: plan.stickiness.clone(),
        cross_zone: plan.cross_zone,
        dns_failover: plan.dns_failover,
        routing_failover: plan.routing_failover,
        retry: plan.retry,
        maintenance: plan.maintenance.clone(),
        hold: Duration::from_secs(plan.hold_seconds.into()),
        bridges_outages: plan.bridges_outages(),
        cookie_name: stickiness::hash(&plan.arn.to_string()),
        by_cookie_name: if plan.stickiness.is_some() { names.collect() } else { HashMap::new() },
        targets,
        state,
    }
}
