//! The snapshot in force, and what follows from it.

use crate::{
    config::{CompiledSnapshot, target_group::CompiledTargetGroup},
    health_check::Registration,
    target::TargetState,
    telemetry::check::{CheckKind, CheckLog},
    tls::registry::TlsFault,
};
use model::{
    Arn,
    elbv2::{
        snapshot::{LoadBalancingSnapshot, TargetGroupPlan},
        target_group::{ProtocolVersion, TargetProtocol},
    },
};
use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

/// The snapshot in force.
#[derive(Default)]
pub(super) struct Running {
    pub snapshot: LoadBalancingSnapshot,
    pub states: HashMap<Registration, Arc<TargetState>>,
    /// Whether the controller that is connected sent it. One from disk or from a controller before gives way to any: it
    /// may have come from a state of the control plane that is gone (a backup was restored), and nobody else would ever
    /// replace it. There is one control plane at a time, which its store's lock makes sure of.
    pub confirmed: bool,
    tls_faults: HashSet<TlsFault>,
}

impl Running {
    /// Puts another snapshot in force, with the states of its targets.
    pub fn put(&mut self, snapshot: LoadBalancingSnapshot, compiled: &CompiledSnapshot) {
        self.states = states_of(&snapshot, compiled);
        self.report_faults(&compiled.tls_faults);
        self.snapshot = snapshot;
    }

    /// Says what of TLS cannot be used, once for each fault.
    fn report_faults(&mut self, faults: &[TlsFault]) {
        let faults: HashSet<TlsFault> = faults.iter().cloned().collect();
        faults.difference(&self.tls_faults).for_each(|fault| tracing::error!("{fault}"));
        self.tls_faults = faults;
    }
}

/// Whether two snapshots say the same, whoever found which health and whenever they were made.
pub(super) fn same_content(a: &LoadBalancingSnapshot, b: &LoadBalancingSnapshot) -> bool {
    let bare = |snapshot: &LoadBalancingSnapshot| {
        let mut snapshot = snapshot.clone();
        snapshot.generation = 0;
        snapshot.target_groups.iter_mut().flat_map(|g| &mut g.targets).for_each(|target| target.health = None);
        snapshot
    };
    bare(a) == bare(b)
}

/// Where nobody is looked for any more, nobody stays missed.
pub(super) fn forget_missed(snapshot: &CompiledSnapshot) {
    let groups = snapshot.target_groups.iter().filter(|group| !group.awaits_targets());
    groups.flat_map(|group| &group.targets).for_each(|target| target.state.answers_again());
}

/// The groups whose checks are logged, by what the load balancers that use them ask for.
pub(super) fn check_logs(snapshot: &LoadBalancingSnapshot, compiled: &CompiledSnapshot) -> HashMap<Arn, Arc<CheckLog>> {
    let mut nodes: HashMap<usize, IpAddr> = HashMap::new();
    for front in &compiled.fronts {
        for entry in &front.listeners {
            let address = front.place.address.ip();
            let balancer = compiled.listeners[entry.listener].load_balancer;
            nodes.entry(balancer).and_modify(|lowest| *lowest = address.min(*lowest)).or_insert(address);
        }
    }
    let log = |(plan, group): (&TargetGroupPlan, &CompiledTargetGroup)| {
        let position = group.load_balancer?;
        let balancer = &compiled.load_balancers[position];
        let log = CheckLog {
            place: Arc::clone(balancer.logs.health_checks.as_ref()?),
            kind: match (plan.protocol_version, plan.health_check.protocol) {
                (ProtocolVersion::Grpc, _) => CheckKind::Grpc,
                (ProtocolVersion::Http2, _) => CheckKind::H2,
                (ProtocolVersion::Http1, TargetProtocol::Https) => CheckKind::Https,
                (ProtocolVersion::Http1, TargetProtocol::Http) => CheckKind::Http,
            },
            target_group: plan.arn.resource_parts().get(1).copied().unwrap_or_default().into(),
            load_balancer: (*balancer.dimension).into(),
            node: nodes.get(&position).copied().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        };
        Some((plan.arn.clone(), Arc::new(log)))
    };
    snapshot.target_groups.iter().zip(&compiled.target_groups).filter_map(log).collect()
}

/// The run-time state of every registration; both lists have the same order.
fn states_of(snapshot: &LoadBalancingSnapshot, compiled: &CompiledSnapshot) -> HashMap<Registration, Arc<TargetState>> {
    let groups = snapshot.target_groups.iter().zip(&compiled.target_groups);
    let targets =
        groups.flat_map(|(plan, group)| plan.targets.iter().zip(&group.targets).map(move |pair| (plan, pair)));
    targets.map(|(plan, (target, made))| (Registration::of(plan, target), Arc::clone(&made.state))).collect()
}
