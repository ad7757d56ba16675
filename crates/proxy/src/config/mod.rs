//! A snapshot made ready to run: names become positions, hosts become a hash table, texts become bytes.
//!
//! A snapshot that refers to something it does not contain is refused whole; the one before stays in force. Nothing
//! here costs more per request for a larger configuration.

pub mod listener;
pub mod target_group;

use crate::{
    target::{TargetState, TargetStates},
    target_group::stickiness::Keyring,
    telemetry::{
        counters::{LoadBalancerCounts, PerWorker},
        delivery::place::LogPlaces,
    },
    tls::registry::{TlsConfigError, TlsFault},
};
use listener::{CompiledListener, ListenerContext};
use model::{
    Arn, Timestamp,
    elbv2::{
        admission::Admission,
        front_place::FrontPlace,
        snapshot::{
            DesyncMode, Front, FrontListener, LoadBalancerPlan, LoadBalancingSnapshot, TargetGroupPlan, XffMode,
        },
    },
};
use std::{
    cell::Cell,
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{Arc, Weak},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use target_group::CompiledTargetGroup;

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
    /// What seals the cookies of stickiness.
    pub cookie_keys: Keyring,
    /// Certificates and trust stores that cannot be used.
    pub tls_faults: Vec<TlsFault>,
    /// Targets that deregister, those included that no group names any more.
    pub draining: Vec<Weak<TargetState>>,
    front_by_place: HashMap<FrontPlace, usize>,
}

/// One listening socket.
#[derive(Debug)]
pub struct CompiledFront {
    /// Where.
    pub place: FrontPlace,
    /// Who listens there, at least one. With one, it takes every host.
    pub listeners: Vec<FrontEntry>,
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// Whether there are clients that none of the listeners takes.
    filters: bool,
    hosts: HashMap<Box<[u8]>, usize>,
    has_wildcards: bool,
}

/// A listener on a front.
#[derive(Debug)]
pub struct FrontEntry {
    /// The listener.
    pub listener: usize,
    /// The zones (by position in the load balancer) whose node the front is; never empty.
    pub zones: Box<[usize]>,
    /// Which clients it takes there.
    pub admission: Admission,
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
    /// What becomes of requests that two servers may read in two ways.
    pub desync_mode: DesyncMode,
    /// Its zones, at least one.
    pub zones: Vec<CompiledZone>,
    /// Whether a zone whose targets are ill is to be left out when a client's zone is chosen.
    pub zones_differ: bool,
    /// The target groups that it uses.
    pub target_groups: Vec<usize>,
    /// Where its logs go, beside the node's own.
    pub logs: LogPlaces,
    /// Names of header fields, other than the usual ones, by which its listeners tell targets about a client's TLS: no
    /// client may send them, by any of its listeners.
    pub reserved_headers: Vec<Box<str>>,
}

/// A load balancer's node in one zone.
#[derive(Debug)]
pub struct CompiledZone {
    /// The zone's name.
    pub name: Box<str>,
    /// What each worker counted there.
    pub counts: Arc<PerWorker<LoadBalancerCounts>>,
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
    EmptyFront(FrontPlace),
    /// A listener on a shared front that no host leads to.
    #[error("listener {listener} shares front {front} but has no host")]
    NoHost {
        /// The front.
        front: FrontPlace,
        /// The listener.
        listener: String,
    },
    /// TLS and clear text on one front.
    #[error("listener {listener} and another one share front {front}, but only one of them speaks TLS")]
    MixedFront {
        /// The front.
        front: FrontPlace,
        /// The listener.
        listener: String,
    },
    /// AWS: a target group can be used by one load balancer only.
    #[error("target group {0} is used by more than one load balancer")]
    SharedTargetGroup(String),
    /// TLS that cannot be set up.
    #[error("TLS of {name} cannot be set up: {error}")]
    Tls {
        /// Of which listener or target group.
        name: String,
        /// Why.
        error: Box<TlsConfigError>,
    },
    /// A rule or an action that cannot be used.
    #[error("{name} cannot be used: {fault}")]
    Unusable {
        /// What has it.
        name: String,
        /// What is wrong with it.
        fault: String,
    },
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

fn duplicate(kind: &'static str, name: String) -> CompileError {
    CompileError::Duplicate { kind, name }
}

impl CompiledSnapshot {
    /// Makes a snapshot ready to run, and puts what it says of draining targets in force.
    ///
    /// # Errors
    /// The first contradiction found; nothing has changed then.
    pub fn compile(snapshot: &LoadBalancingSnapshot, states: &TargetStates) -> Result<Arc<Self>, CompileError> {
        let group_positions = positions("target group", &snapshot.target_groups, |g: &TargetGroupPlan| &g.arn)?;
        positions("load balancer", &snapshot.load_balancers, |l: &LoadBalancerPlan| &l.arn)?;
        let tls = states.tls();
        let materials = tls.materials(&snapshot.certificates, &snapshot.trust_stores);
        let context = ListenerContext { groups: &group_positions, rules: states.rules(), tls, materials: &materials };
        let mut listeners = Vec::new();
        for (position, plan) in snapshot.load_balancers.iter().enumerate() {
            check_load_balancer(plan)?;
            for listener in &plan.listeners {
                listeners.push(listener::compile(listener, (position, plan), &context)?);
            }
        }
        let listener_positions = positions("listener", &listeners, |l: &CompiledListener| &l.arn)?;
        let zones = zones_of_balancers(snapshot, &listeners, &listener_positions);
        let context = FrontContext { listeners: &listeners, positions: &listener_positions, zones: &zones };
        let fronts = snapshot.fronts.iter().map(|front| context.compile(front)).collect::<Result<Vec<_>, _>>()?;
        let front_by_place = front_positions(&fronts)?;
        let users = users_of_groups(&listeners, snapshot)?;
        snapshot.target_groups.iter().try_for_each(target_group::check)?;
        let connectors = snapshot
            .target_groups
            .iter()
            .map(|plan| target_group::connectors(plan, tls))
            .collect::<Result<Vec<_>, _>>()?;

        // Nothing can fail from here on.
        let target_groups: Vec<_> = snapshot
            .target_groups
            .iter()
            .zip(connectors)
            .enumerate()
            .map(|(i, (plan, connectors))| {
                let user = users.get(&i).copied();
                target_group::compile(plan, user, user.map_or(&[], |user| &zones[user]), connectors, states)
            })
            .collect();
        let mut used = vec![Vec::new(); snapshot.load_balancers.len()];
        (0..target_groups.len()).filter_map(|group| Some((*users.get(&group)?, group))).for_each(|(user, group)| {
            used[user].push(group);
        });
        let load_balancers: Vec<_> = snapshot
            .load_balancers
            .iter()
            .zip(used)
            .enumerate()
            .map(|(i, (plan, used))| {
                let logs = LogPlaces::of(plan, &snapshot.bucket_dir);
                compile_load_balancer(plan, &zones[i], used, &target_groups, logs, states)
            })
            .collect();
        settle(snapshot, &target_groups, states);
        Ok(Arc::new(Self {
            generation: snapshot.generation,
            fronts,
            listeners,
            load_balancers,
            target_groups,
            cookie_keys: Keyring::new(&snapshot.cookie_keys),
            tls_faults: materials.faults(),
            draining: states.draining(),
            front_by_place,
        }))
    }

    /// The front at a place, looked for first where it was the last time: a position that stays right until another snapshot is in
    /// force.
    #[inline]
    pub fn front_again(&self, place: &FrontPlace, last: &Cell<usize>) -> Option<&CompiledFront> {
        if let Some(front) = self.fronts.get(last.get())
            && front.place == *place
        {
            return Some(front);
        }
        last.set(*self.front_by_place.get(place)?);
        Some(&self.fronts[last.get()])
    }

    /// The front at a place.
    pub fn front(&self, place: &FrontPlace) -> Option<&CompiledFront> {
        self.front_by_place.get(place).map(|i| &self.fronts[*i])
    }

    /// The load balancer of a listener.
    #[inline]
    pub fn balancer_of(&self, listener: usize) -> &CompiledLoadBalancer {
        &self.load_balancers[self.listeners[listener].load_balancer]
    }
}

impl CompiledFront {
    /// Who answers for a host in lower case, without a port and a trailing dot.
    #[inline]
    pub fn entry(&self, host: &[u8]) -> Option<&FrontEntry> {
        if let [only] = self.listeners.as_slice() {
            return Some(only);
        }
        self.hosts.get(host).or_else(|| self.wildcard(host)).map(|i| &self.listeners[*i])
    }

    /// Whether any listener takes a client with this address.
    #[inline]
    pub fn admits(&self, client: IpAddr) -> bool {
        !self.filters || self.listeners.iter().any(|entry| entry.admission.admits(client))
    }

    /// Who answers whatever the host is.
    #[inline]
    pub fn only(&self) -> Option<&FrontEntry> {
        match self.listeners.as_slice() {
            [only] => Some(only),
            [] | [_, _, ..] => None,
        }
    }

    /// `*.example.com` stands for one label.
    fn wildcard(&self, host: &[u8]) -> Option<&usize> {
        let dot = host.iter().position(|b| *b == b'.').filter(|at| self.has_wildcards && *at > 0)?;
        let mut room = [0; crate::http::host::MAXIMUM_HOST + 1];
        let name = room.get_mut(..host.len() - dot + 1)?;
        name[0] = b'*';
        name[1..].copy_from_slice(&host[dot..]);
        self.hosts.get(&*name)
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
            return Err(duplicate(kind, arn(item).to_string()));
        }
    }
    Ok(positions)
}

fn front_positions(fronts: &[CompiledFront]) -> Result<HashMap<FrontPlace, usize>, CompileError> {
    let mut positions = HashMap::new();
    for (i, front) in fronts.iter().enumerate() {
        if positions.insert(front.place.clone(), i).is_some() {
            return Err(duplicate("front", front.place.to_string()));
        }
    }
    Ok(positions)
}

/// The zones of every load balancer, by its fronts; one without a name where there is none.
fn zones_of_balancers(
    snapshot: &LoadBalancingSnapshot,
    listeners: &[CompiledListener],
    positions: &HashMap<&Arn, usize>,
) -> Vec<Vec<Box<str>>> {
    let mut zones = vec![BTreeSet::new(); snapshot.load_balancers.len()];
    for entry in snapshot.fronts.iter().flat_map(|front| &front.listeners) {
        if let Some(listener) = positions.get(&entry.listener) {
            zones[listeners[*listener].load_balancer].extend(entry.zones.iter().map(String::as_str));
        }
    }
    let named = |zones: BTreeSet<&str>| match zones.is_empty() {
        true => vec!["".into()],
        false => zones.into_iter().map(Box::from).collect(),
    };
    zones.into_iter().map(named).collect()
}

/// What a front refers to.
struct FrontContext<'a> {
    listeners: &'a [CompiledListener],
    positions: &'a HashMap<&'a Arn, usize>,
    zones: &'a [Vec<Box<str>>],
}

impl FrontContext<'_> {
    fn compile(&self, front: &Front) -> Result<CompiledFront, CompileError> {
        if front.listeners.is_empty() {
            return Err(CompileError::EmptyFront(front.place.clone()));
        }
        let shared = front.listeners.len() > 1;
        let (mut hosts, mut entries) = (HashMap::new(), Vec::new());
        for entry in &front.listeners {
            if shared && entry.hosts.is_empty() {
                return Err(CompileError::NoHost { front: front.place.clone(), listener: entry.listener.to_string() });
            }
            for host in &entry.hosts {
                let name = host.to_ascii_lowercase();
                let before = hosts.insert(name.clone().into_bytes().into_boxed_slice(), entries.len());
                if before.is_some() {
                    return Err(duplicate("host", format!("{name} on {}", front.place)));
                }
            }
            entries.push(self.entry(front, entry)?);
        }
        let has_wildcards = hosts.keys().any(|name| name.first() == Some(&b'*'));
        let tls = self.listeners[entries[0].listener].tls.is_some();
        if let Some(other) = entries.iter().find(|entry| self.listeners[entry.listener].tls.is_some() != tls) {
            let listener = self.listeners[other.listener].arn.to_string();
            return Err(CompileError::MixedFront { front: front.place.clone(), listener });
        }
        let filters = entries.iter().all(|entry| entry.admission != Admission::Everybody);
        Ok(CompiledFront { place: front.place.clone(), listeners: entries, tls, filters, hosts, has_wildcards })
    }

    fn entry(&self, front: &Front, entry: &FrontListener) -> Result<FrontEntry, CompileError> {
        let listener = self.positions.get(&entry.listener).copied().ok_or_else(|| CompileError::Unknown {
            user: format!("front {}", front.place),
            name: entry.listener.to_string(),
        })?;
        let all = &self.zones[self.listeners[listener].load_balancer];
        let own: Box<[usize]> = (0..all.len()).filter(|i| entry.zones.iter().any(|zone| **zone == *all[*i])).collect();
        let zones = if own.is_empty() { (0..all.len()).collect() } else { own };
        Ok(FrontEntry { listener, zones, admission: entry.admission.clone() })
    }
}

/// Which load balancer uses which group.
fn users_of_groups(
    listeners: &[CompiledListener],
    snapshot: &LoadBalancingSnapshot,
) -> Result<HashMap<usize, usize>, CompileError> {
    let mut users = HashMap::new();
    for listener in listeners {
        for target_group in listener.target_groups() {
            if *users.entry(target_group).or_insert(listener.load_balancer) != listener.load_balancer {
                return Err(CompileError::SharedTargetGroup(snapshot.target_groups[target_group].arn.to_string()));
            }
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

fn compile_load_balancer(
    plan: &LoadBalancerPlan,
    zones: &[Box<str>],
    target_groups: Vec<usize>,
    groups: &[CompiledTargetGroup],
    logs: LogPlaces,
    states: &TargetStates,
) -> CompiledLoadBalancer {
    let zone = |name: &str| CompiledZone { name: name.into(), counts: states.load_balancer(&plan.arn, name) };
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
        desync_mode: plan.desync_mode,
        zones: zones.iter().map(|name| zone(name)).collect(),
        zones_differ: zones.len() > 1 && target_groups.iter().any(|group| !groups[*group].cross_zone),
        target_groups,
        logs,
        reserved_headers: plan.listeners.iter().flat_map(listener::own_header_names).map(Box::from).collect(),
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
