//! A snapshot made ready to run: names become positions, hosts become a hash table, texts become bytes.
//!
//! A snapshot that refers to something it does not contain is refused whole; the one before stays in force. Nothing
//! here costs more per request for a larger configuration.

use crate::{
    target::{TargetState, TargetStates},
    target_group::TargetGroupState,
    telemetry::counters::{LoadBalancerCounts, PerWorker},
};
use model::{
    Arn, Timestamp,
    elbv2::{
        action::Action,
        health_check::HealthCheck,
        snapshot::{
            Front, FrontListener, ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot, TargetGroupPlan, TargetPlan,
            XffMode,
        },
        target::TargetKey,
    },
};
use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{Arc, Weak},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A snapshot that workers run. All numbers are positions in the vectors of the same snapshot.
#[derive(Debug)]
pub struct CompiledSnapshot {
    /// The snapshot's generation.
    pub generation: u64,
    /// The listening sockets.
    pub fronts: Vec<CompiledFront>,
    /// All listeners of all load balancers.
    pub listeners: Vec<CompiledListener>,
    /// The load balancers.
    pub load_balancers: Vec<CompiledLoadBalancer>,
    /// The target groups.
    pub target_groups: Vec<CompiledTargetGroup>,
    /// Targets that deregister, those included that no group names any more.
    pub draining: Vec<Weak<TargetState>>,
    front_by_address: HashMap<SocketAddr, usize>,
}

/// One listening socket.
#[derive(Debug)]
pub struct CompiledFront {
    /// Where.
    pub address: SocketAddr,
    /// The listener when there is only one: it takes every host.
    pub only: Option<usize>,
    hosts: HashMap<Box<[u8]>, usize>,
}

/// One listener.
#[derive(Debug)]
pub struct CompiledListener {
    /// Its ARN.
    pub arn: Arn,
    /// Its load balancer.
    pub load_balancer: usize,
    /// Its port in the API.
    pub port: u16,
    /// The same as text.
    pub port_text: Box<str>,
    /// Whether answers of our own carry a `Server` header.
    pub server_header: bool,
    /// What becomes of a request.
    pub default_action: CompiledAction,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompiledAction {
    /// It goes to a target of this group.
    Forward {
        /// Position of the target group.
        target_group: usize,
    },
}

/// One load balancer.
#[derive(Debug)]
pub struct CompiledLoadBalancer {
    /// Its ARN.
    pub arn: Arn,
    /// `app/<name>/<id>`.
    pub dimension: Arc<str>,
    /// Its DNS name.
    pub dns_name: Box<str>,
    /// How long a connection may be without a byte.
    pub idle_timeout: Duration,
    /// How old a client connection may become.
    pub client_keep_alive: Duration,
    /// Whether header fields with invalid names are dropped.
    pub drop_invalid_header_fields: bool,
    /// Whether Host goes through untouched.
    pub preserve_host_header: bool,
    /// Whether X-Forwarded-For gets the client's port too.
    pub xff_client_port: bool,
    /// What is done with X-Forwarded-For.
    pub xff_mode: XffMode,
    /// What each worker counted for it.
    pub counts: Vec<(Box<str>, Arc<PerWorker<LoadBalancerCounts>>)>,
}

/// One target group.
#[derive(Debug)]
pub struct CompiledTargetGroup {
    /// Its ARN as text.
    pub arn: Arc<str>,
    /// `targetgroup/<name>/<id>`.
    pub dimension: Arc<str>,
    /// The load balancer that uses it, if one does: a target group serves one load balancer at most.
    pub load_balancer: Option<usize>,
    /// How its targets are checked.
    pub health_check: HealthCheck,
    /// Whether safe requests are tried on another target.
    pub retry: bool,
    /// What outlives the snapshot.
    pub state: Arc<TargetGroupState>,
    /// Its targets, draining ones included.
    pub targets: Vec<CompiledTarget>,
}

/// One target.
#[derive(Debug)]
pub struct CompiledTarget {
    /// Where it is reached.
    pub address: SocketAddr,
    /// Its zone.
    pub zone: Box<str>,
    /// Whether it gets no new requests because it is deregistering.
    pub draining: bool,
    /// What outlives the snapshot.
    pub state: Arc<TargetState>,
}

/// Why a snapshot is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// Two entries of one kind with the same name.
    #[error("{kind} {name} appears more than once")]
    Duplicate {
        /// Of what.
        kind: &'static str,
        /// Which.
        name: String,
    },
    /// A name that nothing in the snapshot has.
    #[error("{user} refers to {name}, which is not in the snapshot")]
    Unknown {
        /// Where the name is used.
        user: String,
        /// The name.
        name: String,
    },
    /// A front without a listener.
    #[error("front {0} has no listener")]
    EmptyFront(SocketAddr),
    /// A listener on a shared front that no host leads to.
    #[error("listener {listener} shares front {front} but has no host")]
    NoHost {
        /// The front.
        front: SocketAddr,
        /// The listener.
        listener: String,
    },
    /// AWS: a target group can be used by one load balancer only.
    #[error("target group {0} is used by more than one load balancer")]
    SharedTargetGroup(String),
    /// A number out of its range.
    #[error("{what} of {name} is {value}, which is out of range")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// Of what.
        name: String,
        /// The number.
        value: u64,
    },
}

impl CompiledSnapshot {
    /// Makes a snapshot ready to run, and puts what it says of draining targets in force.
    ///
    /// # Errors
    /// The first contradiction found; nothing has changed then.
    pub fn compile(snapshot: &LoadBalancingSnapshot, states: &TargetStates) -> Result<Arc<Self>, CompileError> {
        let group_positions = positions("target group", &snapshot.target_groups, |g: &TargetGroupPlan| &g.arn)?;
        positions("load balancer", &snapshot.load_balancers, |l: &LoadBalancerPlan| &l.arn)?;
        let mut listeners = Vec::new();
        for (position, plan) in snapshot.load_balancers.iter().enumerate() {
            check_load_balancer(plan)?;
            for listener in &plan.listeners {
                listeners.push(compile_listener(listener, position, &group_positions)?);
            }
        }
        let listener_positions = positions("listener", &listeners, |l: &CompiledListener| &l.arn)?;
        let fronts = snapshot
            .fronts
            .iter()
            .map(|front| compile_front(front, &listener_positions))
            .collect::<Result<Vec<_>, _>>()?;
        let front_by_address = front_positions(&fronts)?;
        let users = users_of_groups(&listeners, snapshot)?;
        snapshot.target_groups.iter().try_for_each(check_group)?;

        // Nothing can fail from here on.
        let target_groups: Vec<_> = snapshot
            .target_groups
            .iter()
            .enumerate()
            .map(|(i, plan)| compile_group(plan, users.get(&i).copied(), states))
            .collect();
        let load_balancers = snapshot.load_balancers.iter().map(|plan| compile_load_balancer(plan, states)).collect();
        settle(snapshot, &target_groups, states);
        Ok(Arc::new(Self {
            generation: snapshot.generation,
            fronts,
            listeners,
            load_balancers,
            target_groups,
            draining: states.draining(),
            front_by_address,
        }))
    }

    /// The front at an address.
    pub fn front(&self, address: SocketAddr) -> Option<&CompiledFront> {
        self.front_by_address.get(&address).map(|i| &self.fronts[*i])
    }
}

impl CompiledFront {
    /// The listener for a host in lower case, without a port and a trailing dot.
    #[inline]
    pub fn listener(&self, host: &[u8]) -> Option<usize> {
        self.only.or_else(|| self.hosts.get(host).copied())
    }
}

fn positions<'a, T>(
    kind: &'static str,
    items: &'a [T],
    arn: impl Fn(&'a T) -> &'a Arn,
) -> Result<HashMap<&'a Arn, usize>, CompileError> {
    let mut positions = HashMap::new();
    for (i, item) in items.iter().enumerate() {
        if positions.insert(arn(item), i).is_some() {
            return Err(CompileError::Duplicate { kind, name: arn(item).to_string() });
        }
    }
    Ok(positions)
}

fn front_positions(fronts: &[CompiledFront]) -> Result<HashMap<SocketAddr, usize>, CompileError> {
    let mut positions = HashMap::new();
    for (i, front) in fronts.iter().enumerate() {
        if positions.insert(front.address, i).is_some() {
            return Err(CompileError::Duplicate { kind: "front", name: front.address.to_string() });
        }
    }
    Ok(positions)
}

fn compile_front(front: &Front, listeners: &HashMap<&Arn, usize>) -> Result<CompiledFront, CompileError> {
    let position = |entry: &FrontListener| {
        listeners.get(&entry.listener).copied().ok_or_else(|| CompileError::Unknown {
            user: format!("front {}", front.address),
            name: entry.listener.to_string(),
        })
    };
    let mut hosts = HashMap::new();
    let only = match front.listeners.as_slice() {
        [] => return Err(CompileError::EmptyFront(front.address)),
        [one] => Some(position(one)?),
        [_, _, ..] => None,
    };
    for entry in &front.listeners {
        if only.is_none() && entry.hosts.is_empty() {
            return Err(CompileError::NoHost { front: front.address, listener: entry.listener.to_string() });
        }
        for host in &entry.hosts {
            let name = host.to_ascii_lowercase();
            let before = hosts.insert(name.clone().into_bytes().into_boxed_slice(), position(entry)?);
            if before.is_some() {
                return Err(CompileError::Duplicate { kind: "host", name: format!("{name} on {}", front.address) });
            }
        }
    }
    Ok(CompiledFront { address: front.address, only, hosts })
}

fn compile_listener(
    plan: &ListenerPlan,
    load_balancer: usize,
    groups: &HashMap<&Arn, usize>,
) -> Result<CompiledListener, CompileError> {
    let unserved = || CompileError::Unknown { user: format!("listener {}", plan.arn), name: "an action".to_owned() };
    let default_action = match &plan.default_action {
        Action::Forward(forward) => {
            let arn = &forward.target_groups.first().ok_or_else(unserved)?.arn;
            CompiledAction::Forward {
                target_group: *groups.get(arn).ok_or_else(|| CompileError::Unknown {
                    user: format!("listener {}", plan.arn),
                    name: arn.to_string(),
                })?,
            }
        }
        Action::Redirect(_) | Action::FixedResponse(_) => return Err(unserved()),
    };
    Ok(CompiledListener {
        arn: plan.arn.clone(),
        load_balancer,
        port: plan.port,
        port_text: plan.port.to_string().into_boxed_str(),
        server_header: plan.server_header,
        default_action,
    })
}

/// Which load balancer uses which group.
fn users_of_groups(
    listeners: &[CompiledListener],
    snapshot: &LoadBalancingSnapshot,
) -> Result<HashMap<usize, usize>, CompileError> {
    let mut users = HashMap::new();
    for listener in listeners {
        let CompiledAction::Forward { target_group } = listener.default_action;
        if *users.entry(target_group).or_insert(listener.load_balancer) != listener.load_balancer {
            return Err(CompileError::SharedTargetGroup(snapshot.target_groups[target_group].arn.to_string()));
        }
    }
    Ok(users)
}

fn check_load_balancer(plan: &LoadBalancerPlan) -> Result<(), CompileError> {
    let in_range = |what, value: u32, least, most| {
        let fault = CompileError::OutOfRange { what, name: plan.arn.to_string(), value: u64::from(value) };
        if (least..=most).contains(&value) { Ok(()) } else { Err(fault) }
    };
    in_range("idle timeout", plan.idle_timeout_seconds, 1, 4000)?;
    in_range("client keep-alive", plan.client_keep_alive_seconds, 60, 604_800)
}

fn check_group(plan: &TargetGroupPlan) -> Result<(), CompileError> {
    let mut keys: HashSet<&TargetKey> = HashSet::new();
    for target in &plan.targets {
        if !keys.insert(&target.key) {
            return Err(CompileError::Duplicate { kind: "target", name: format!("{} of {}", target.key, plan.arn) });
        }
        if target.address.port() == 0 {
            return Err(CompileError::OutOfRange { what: "port", name: target.key.to_string(), value: 0 });
        }
    }
    Ok(())
}

fn compile_load_balancer(plan: &LoadBalancerPlan, states: &TargetStates) -> CompiledLoadBalancer {
    CompiledLoadBalancer {
        arn: plan.arn.clone(),
        dimension: Arc::from(plan.dimension.as_str()),
        dns_name: plan.dns_name.to_ascii_lowercase().into_boxed_str(),
        idle_timeout: Duration::from_secs(u64::from(plan.idle_timeout_seconds)),
        client_keep_alive: Duration::from_secs(u64::from(plan.client_keep_alive_seconds)),
        drop_invalid_header_fields: plan.drop_invalid_header_fields,
        preserve_host_header: plan.preserve_host_header,
        xff_client_port: plan.xff_client_port,
        xff_mode: plan.xff_mode,
        counts: vec![("".into(), states.load_balancer(&plan.arn))],
    }
}

fn compile_group(plan: &TargetGroupPlan, load_balancer: Option<usize>, states: &TargetStates) -> CompiledTargetGroup {
    let state = states.group(&plan.arn);
    let target = |plan: &TargetPlan| CompiledTarget {
        address: plan.address,
        zone: plan.zone.clone().into_boxed_str(),
        draining: plan.drained_at.is_some(),
        state: states.target(&state, plan),
    };
    CompiledTargetGroup {
        arn: Arc::from(plan.arn.to_string()),
        dimension: Arc::from(plan.dimension.as_str()),
        load_balancer,
        health_check: plan.health_check.clone(),
        retry: plan.retry,
        targets: plan.targets.iter().map(target).collect(),
        state,
    }
}

fn settle(snapshot: &LoadBalancingSnapshot, groups: &[CompiledTargetGroup], states: &TargetStates) {
    let planned: Vec<_> = snapshot
        .target_groups
        .iter()
        .zip(groups)
        .flat_map(|(plan, group)| plan.targets.iter().zip(&group.targets))
        .map(|(plan, target)| (Arc::clone(&target.state), plan.drained_at))
        .collect();
    states.settle(&planned, &snapshot.target_groups.iter().map(|g| &g.arn).collect(), wall_clock());
}

/// The wall clock. Draining ends at a point of it, because the control plane sets that point.
pub(crate) fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
