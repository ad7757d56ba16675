//! Keeps true that the node runs what the load balancer records say, and that their state says whether it does.

use crate::{
    controller::{Context, Controller, ControllerError, Next},
    node_link::NodeLink,
};
use model::{
    Arn, Scope,
    ec2::network_interface::NetworkInterface,
    elbv2::{
        front_place::{FrontPlace, LateFronts},
        listener::ListenerProtocol,
        load_balancer::{LoadBalancer, LoadBalancerState},
        plan::{HostFacts, Records, left_out, plan, readdressed},
        snapshot::LoadBalancingSnapshot,
        stickiness::CookieKeys,
    },
    event::Event,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    net::IpAddr,
    sync::Arc,
};
use store::{Kind, View};
use tokio::sync::{Notify, watch};

/// The controller.
pub struct LoadBalancing {
    link: NodeLink,
    host: watch::Receiver<HostFacts>,
    sent: Option<LoadBalancingSnapshot>,
    sent_generation: u64,
    late: LateFronts,
}

impl LoadBalancing {
    /// For this host's node.
    pub fn new(link: NodeLink, host: watch::Receiver<HostFacts>) -> Self {
        Self { link, host, sent: None, sent_generation: 0, late: LateFronts::default() }
    }
}

impl Controller for LoadBalancing {
    const NAME: &'static str = "load-balancing";
    const INTERESTS: &'static [Kind] = &[
        Kind::LoadBalancer,
        Kind::Listener,
        Kind::Rule,
        Kind::TargetGroup,
        Kind::Target,
        Kind::Instance,
        Kind::NetworkInterface,
        Kind::Vpc,
        Kind::RouteTable,
        Kind::InternetGateway,
        Kind::SecurityGroup,
        Kind::Certificate,
        Kind::ServerCertificate,
        Kind::TrustStore,
        Kind::CookieKeys,
    ];

    fn wake(&self) -> Option<Arc<Notify>> {
        Some(self.link.status_changed.clone())
    }

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        // observe
        let host = self.host.borrow().clone();
        assign_missing_addresses(cx, &host).await?;
        let view = cx.store.view();
        let node = self.link.status();
        // decide
        // Without a load balancer the others matter to nobody, and instances may change all the time.
        let is_needed = view.all::<LoadBalancer>().next().is_some();
        let records = if is_needed { records(&view) } else { Records::default() };
        let snapshot = plan(&records, &host, view.revision().0);
        let content = without_health(&snapshot);
        // act
        if self.sent.as_ref() != Some(&content) {
            self.sent_generation = snapshot.generation;
            self.link.apply(snapshot);
            self.sent = Some(content);
        } else {
            // A node that has to start anew begins with the health of now, not with that of the last change.
            self.link.keep_for_later(LoadBalancingSnapshot { generation: self.sent_generation, ..snapshot });
            if node.connected && node.applied >= self.sent_generation {
                let now = cx.clock.now();
                let failed = self.late.wrong(&node.failed_fronts, now);
                let unopened = node.failed_fronts.iter().map(|(place, _)| place).collect();
                let served = Served { failed, unopened, snapshot: &content, left_out: mixed(&records, &host) };
                show_states(cx, &served).await?;
                return Ok(self.late.look_again(now).map_or(Next::OnChange, Next::At));
            }
        }
        Ok(Next::OnChange)
    }
}

/// What the states of load balancers are made from.
struct Served<'a> {
    /// Fronts that cannot be opened, and why.
    failed: Vec<&'a (FrontPlace, String)>,
    /// All that are not open, those included that are merely late.
    unopened: BTreeSet<&'a FrontPlace>,
    snapshot: &'a LoadBalancingSnapshot,
    /// Listeners that share an address and port with one of the other protocol, which was there first.
    left_out: BTreeMap<Arn, FrontPlace>,
}

/// Where HTTP and HTTPS meet on one socket. Without HTTPS they cannot, and nothing has to be looked at.
fn mixed(records: &Records, host: &HostFacts) -> BTreeMap<Arn, FrontPlace> {
    let any_https = records.listeners.iter().any(|listener| listener.protocol == ListenerProtocol::Https);
    if any_https { left_out(records, host) } else { BTreeMap::new() }
}

/// What of a snapshot makes sending it again worthwhile: all but its number and what the node itself reported.
fn without_health(snapshot: &LoadBalancingSnapshot) -> LoadBalancingSnapshot {
    let mut content = LoadBalancingSnapshot { generation: 0, ..snapshot.clone() };
    for target in content.target_groups.iter_mut().flat_map(|group| &mut group.targets) {
        target.health = None;
    }
    content
}

pub(crate) fn records(view: &View) -> Records {
    Records {
        load_balancers: view.all().map(|(_, record)| record).collect(),
        listeners: view.all().map(|(_, record)| record).collect(),
        rules: view.all().map(|(_, record)| record).collect(),
        certificates: view.all().map(|(_, record)| record).collect(),
        server_certificates: view.all().map(|(_, record)| record).collect(),
        trust_stores: view.all().map(|(_, record)| record).collect(),
        cookie_keys: view.all::<CookieKeys>().flat_map(|(_, keys)| keys.keys.clone()).collect(),
        target_groups: view.all().map(|(_, record)| record).collect(),
        targets: view.all().map(|(_, record)| record).collect(),
        instances: view.all().map(|(_, record)| record).collect(),
        interfaces: view.all().map(|(_, record)| record).collect(),
        vpcs: view.all().map(|(_, record)| record).collect(),
        route_tables: view.all().map(|(_, record)| record).collect(),
        internet_gateways: view.all().map(|(_, record)| record).collect(),
        security_groups: view.all().map(|(_, record)| record).collect(),
    }
}

async fn assign_missing_addresses(cx: &Context, host: &HostFacts) -> Result<(), ControllerError> {
    let view = cx.store.view();
    let settled = BTreeSet::new();
    let known = interfaces(&view);
    if view.all::<LoadBalancer>().all(|(_, lb)| readdressed(&lb, &known, &settled, host).is_none()) {
        return Ok(());
    }
    let assign = |txn: &mut store::Transaction| -> Result<(), Infallible> {
        let all: Vec<(Scope, Arc<LoadBalancer>)> = txn.all().collect();
        let mut taken: BTreeSet<IpAddr> =
            all.iter().flat_map(|(_, lb)| &lb.zones).filter_map(|zone| zone.address).collect();
        let interfaces = interfaces(txn.view());
        for (scope, load_balancer) in &all {
            let Some(zones) = readdressed(load_balancer, &interfaces, &taken, host) else { continue };
            taken.extend(zones.iter().filter_map(|zone| zone.address));
            txn.put(scope, LoadBalancer { zones, ..(**load_balancer).clone() });
        }
        Ok(())
    };
    cx.store.transact(assign).await.map_err(|error| ControllerError::of("assigning addresses", error))
}

fn interfaces(view: &View) -> Vec<Arc<NetworkInterface>> {
    view.all().map(|(_, record)| record).collect()
}

/// Writes `active` or why not, for the load balancers of the snapshot that is in force.
async fn show_states(cx: &Context, served: &Served<'_>) -> Result<(), ControllerError> {
    let state = |load_balancer: &LoadBalancer| {
        let shown = served.snapshot.load_balancers.iter().any(|plan| plan.arn == load_balancer.arn);
        shown.then(|| state_of(load_balancer, served)).filter(|state| *state != load_balancer.state)
    };
    if !cx.store.view().all::<LoadBalancer>().any(|(_, lb)| state(&lb).is_some()) {
        return Ok(());
    }
    let now = cx.clock.now();
    let write = |txn: &mut store::Transaction| -> Result<(), Infallible> {
        let all: Vec<(Scope, Arc<LoadBalancer>)> = txn.all().collect();
        for (scope, load_balancer) in all {
            let Some(state) = state(&load_balancer) else { continue };
            let (what, message) = match &state {
                LoadBalancerState::Provisioning => continue,
                LoadBalancerState::Active => ("load-balancer-active", "the node serves it".to_owned()),
                LoadBalancerState::Impaired(reason) => ("load-balancer-impaired", reason.clone()),
            };
            txn.append_event(Event {
                at: now,
                scope: scope.clone(),
                subject: load_balancer.name.clone(),
                what: what.to_owned(),
                message,
            });
            txn.put(&scope, LoadBalancer { state, ..(*load_balancer).clone() });
        }
        Ok(())
    };
    cx.store.transact(write).await.map_err(|error| ControllerError::of("writing load balancer states", error))
}

fn state_of(load_balancer: &LoadBalancer, served: &Served<'_>) -> LoadBalancerState {
    let Served { failed, unopened, snapshot, left_out } = served;
    let Some(plan) = snapshot.load_balancers.iter().find(|plan| plan.arn == load_balancer.arn) else {
        return load_balancer.state.clone();
    };
    let is_own = |arn: &Arn| plan.listeners.iter().any(|listener| listener.arn == *arn);
    let own = snapshot.fronts.iter().filter(|front| front.listeners.iter().any(|entry| is_own(&entry.listener)));
    let own: BTreeSet<&FrontPlace> = own.map(|front| &front.place).collect();
    let failed = failed.iter().find(|(front, _)| own.contains(front));
    let mixed = plan.listeners.iter().find_map(|listener| Some((listener.port, left_out.get(&listener.arn)?)));
    match (failed, mixed) {
        (Some((front, reason)), _) => LoadBalancerState::Impaired(format!("{front} cannot be opened: {reason}")),
        (None, Some((port, front))) => LoadBalancerState::Impaired(format!(
            "the listener on port {port} is not served: at {front} another load balancer has one of the other protocol \
             (HTTP or HTTPS); give them different ports, or the server more public addresses"
        )),
        (None, None) if load_balancer.state == LoadBalancerState::Provisioning && !own.is_disjoint(unopened) => {
            LoadBalancerState::Provisioning
        }
        (None, None) => LoadBalancerState::Active,
    }
}
