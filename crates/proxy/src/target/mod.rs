//! Targets at run time: what outlives a snapshot. Health, draining, trust after a refused connection, counts.
//!
//! The registry hands out one [`TargetState`] per registration: the same group, target, address and time of
//! registration is the same state, however often the configuration changes. It also keeps what load balancers and
//! target groups count and share.

pub mod connect;
pub(crate) mod connection;
pub mod in_flight;
pub(crate) mod pool;

use crate::{
    rule::registry::RuleRegistry,
    target_group::TargetGroupState,
    telemetry::counters::{LoadBalancerCounts, PerWorker, TargetCounts},
    timer::Millis,
    tls::TlsRegistry,
};
use model::{
    Arn, Timestamp,
    elbv2::{anomaly::WHOLE_WEIGHT, snapshot::TargetPlan, target::TargetKey, target_health::CheckedState},
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// How long other requests avoid a target that refused a connection, while another healthy one exists.
pub const SUSPICION: Duration = Duration::from_secs(1);
const NOT_DRAINING: i64 = i64::MAX;

/// One registration of a target.
#[derive(Debug)]
pub struct TargetState {
    /// The group.
    pub target_group: Arn,
    /// Who and on which port.
    pub key: TargetKey,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Where it is reached.
    pub address: SocketAddr,
    /// What each worker counted for it.
    pub counts: PerWorker<TargetCounts>,
    slot: Slot,
    group: Arc<TargetGroupState>,
    health: AtomicU8,
    drained_at: AtomicI64,
    suspect_until: AtomicU64,
    down: AtomicBool,
    ramp_since: AtomicU64,
    weight: AtomicU32,
}

impl TargetState {
    /// What checks have found.
    pub fn health(&self) -> CheckedState {
        match self.health.load(Relaxed) {
            HEALTHY => CheckedState::Healthy,
            UNHEALTHY => CheckedState::Unhealthy,
            _initial => CheckedState::Initial,
        }
    }

    /// Puts a finding of the health checks in force: workers choose accordingly from their next request on. `ramp`: since
    /// when it gets a growing share, if it does.
    pub fn set_health(&self, state: CheckedState, ramp: Option<Millis>) {
        let code = health_code(state);
        if self.health.swap(code, Relaxed) != code {
            self.suspect_until.store(0, Relaxed);
            self.down.store(false, Relaxed);
            self.ramp_since.store(ramp.map_or(NO_RAMP, |since| since.0), Relaxed);
            self.group.changed();
        }
    }

    /// Since when it gets a growing share, if it does.
    pub fn ramp_since(&self) -> Option<Millis> {
        let since = self.ramp_since.load(Relaxed);
        (since != NO_RAMP).then_some(Millis(since))
    }

    /// Whether it refused connections since it was last seen to answer. Noted only in groups that hold requests.
    pub fn is_down(&self) -> bool {
        self.down.load(Relaxed)
    }

    /// Notes that nobody serves there (until [`TargetState::answers_again`]), and asks the node to look after it.
    pub fn is_gone(&self) {
        if !self.down.swap(true, Relaxed) {
            self.group.changed();
            if let Some(registry) = self.slot.registry.upgrade() {
                registry.attention.notify_one();
            }
        }
    }

    /// Notes that a check found somebody there.
    pub fn answers_again(&self) {
        if self.down.swap(false, Relaxed) {
            self.suspect_until.store(0, Relaxed);
            self.group.changed();
        }
    }

    /// Its share beside its peers', in parts of [`WHOLE_WEIGHT`].
    pub fn weight(&self) -> u32 {
        self.weight.load(Relaxed)
    }

    /// Gives it another share.
    pub fn set_weight(&self, weight: u32) {
        if self.weight.swap(weight, Relaxed) != weight {
            self.group.changed();
        }
    }

    /// Whether it is deregistering (or gone): no connection to it is worth keeping.
    pub fn is_draining(&self) -> bool {
        self.drained_at.load(Relaxed) != NOT_DRAINING
    }

    /// When requests that it still serves are cut.
    pub fn drained_at(&self) -> Option<Timestamp> {
        let at = self.drained_at.load(Relaxed);
        (at != NOT_DRAINING).then(|| Timestamp::from_millis(at))
    }

    /// The time before which other targets are preferred, because it refused a connection.
    pub fn suspect_until(&self) -> Millis {
        Millis(self.suspect_until.load(Relaxed))
    }

    /// Notes that it refused a connection at `now`.
    pub fn suspect(&self, now: Millis) {
        self.suspect_until.store(now.plus(SUSPICION).0, Relaxed);
        self.group.changed();
    }

    /// A small number that no other living state has: the place of its connections in a worker's table.
    #[inline]
    pub fn slot(&self) -> usize {
        self.slot.number
    }

    fn set_drained_at(&self, at: Option<Timestamp>) {
        let at = at.map_or(NOT_DRAINING, Timestamp::millis);
        self.drained_at.store(at, Relaxed);
    }
}

/// No ramp: a time that never comes.
const NO_RAMP: u64 = u64::MAX;
const INITIAL: u8 = 0;
const HEALTHY: u8 = 1;
const UNHEALTHY: u8 = 2;

fn health_code(state: CheckedState) -> u8 {
    match state {
        CheckedState::Initial => INITIAL,
        CheckedState::Healthy => HEALTHY,
        CheckedState::Unhealthy => UNHEALTHY,
    }
}

/// A number that goes back to the registry when the state is dropped.
#[derive(Debug)]
struct Slot {
    number: usize,
    registry: Weak<Shared>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            locked(&registry.free_slots).insert(self.number);
        }
    }
}

/// The registry of everything that outlives a snapshot. Cheap to clone; all clones are the same registry.
#[derive(Clone, Debug)]
pub struct TargetStates {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    workers: usize,
    entries: Mutex<Entries>,
    free_slots: Mutex<BTreeSet<usize>>,
    attention: Notify,
    tls: TlsRegistry,
    rules: RuleRegistry,
}

#[derive(Debug, Default)]
struct Entries {
    targets: HashMap<Registration, Arc<TargetState>>,
    groups: HashMap<Arn, Arc<TargetGroupState>>,
    load_balancers: HashMap<(Arn, String), Arc<PerWorker<LoadBalancerCounts>>>,
    slots_made: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Registration {
    group: Arn,
    key: TargetKey,
    registered_at: Timestamp,
    address: SocketAddr,
}

impl TargetStates {
    /// An empty registry for this many workers.
    pub fn new(workers: usize) -> Self {
        let shared = Shared {
            workers,
            entries: Mutex::default(),
            free_slots: Mutex::default(),
            attention: Notify::new(),
            tls: TlsRegistry::new(),
            rules: RuleRegistry::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Compiled rules.
    pub fn rules(&self) -> &RuleRegistry {
        &self.shared.rules
    }

    /// What outlives a snapshot of TLS: parsed certificates, and what sessions are resumed with.
    pub fn tls(&self) -> &TlsRegistry {
        &self.shared.tls
    }

    /// How many workers its counters have room for.
    pub fn workers(&self) -> usize {
        self.shared.workers
    }

    /// The state of a registration, if it is known.
    pub fn get(&self, group: &Arn, key: &TargetKey, registered_at: Timestamp) -> Option<Arc<TargetState>> {
        let entries = locked(&self.shared.entries);
        let same = |r: &Registration| r.group == *group && r.key == *key && r.registered_at == registered_at;
        entries.targets.iter().find(|(registration, _)| same(registration)).map(|(_, state)| Arc::clone(state))
    }

    /// All states, those that only old requests still use included, in no particular order.
    pub fn all(&self) -> Vec<Arc<TargetState>> {
        locked(&self.shared.entries).targets.values().cloned().collect()
    }

    /// The state of a planned target; made when it is not known, with the health that the plan brings.
    pub(crate) fn target(&self, group: &Arc<TargetGroupState>, plan: &TargetPlan) -> Arc<TargetState> {
        let registration = Registration {
            group: group.arn.clone(),
            key: plan.key.clone(),
            registered_at: plan.registered_at,
            address: plan.address,
        };
        let mut entries = locked(&self.shared.entries);
        if let Some(state) = entries.targets.get(&registration) {
            return Arc::clone(state);
        }
        let state = Arc::new(self.new_state(&mut entries, group, plan));
        entries.targets.insert(registration, Arc::clone(&state));
        state
    }

    fn new_state(&self, entries: &mut Entries, group: &Arc<TargetGroupState>, plan: &TargetPlan) -> TargetState {
        let number = locked(&self.shared.free_slots).pop_first().unwrap_or_else(|| {
            entries.slots_made += 1;
            entries.slots_made - 1
        });
        let health = plan.health.as_ref().map_or(CheckedState::Initial, |h| h.state);
        TargetState {
            target_group: group.arn.clone(),
            key: plan.key.clone(),
            registered_at: plan.registered_at,
            address: plan.address,
            counts: PerWorker::new(self.shared.workers),
            slot: Slot { number, registry: Arc::downgrade(&self.shared) },
            group: Arc::clone(group),
            health: AtomicU8::new(health_code(health)),
            drained_at: AtomicI64::new(NOT_DRAINING),
            suspect_until: AtomicU64::new(0),
            down: AtomicBool::new(false),
            ramp_since: AtomicU64::new(NO_RAMP),
            weight: AtomicU32::new(WHOLE_WEIGHT),
        }
    }

    /// The shared state of a target group.
    pub(crate) fn group(&self, arn: &Arn) -> Arc<TargetGroupState> {
        let mut entries = locked(&self.shared.entries);
        let new = || Arc::new(TargetGroupState::new(arn.clone(), usize::from(random_byte())));
        Arc::clone(entries.groups.entry(arn.clone()).or_insert_with(new))
    }

    /// The counters of a load balancer in a zone.
    pub fn load_balancer(&self, arn: &Arn, zone: &str) -> Arc<PerWorker<LoadBalancerCounts>> {
        let mut entries = locked(&self.shared.entries);
        let new = || Arc::new(PerWorker::new(self.shared.workers));
        Arc::clone(entries.load_balancers.entry((arn.clone(), zone.to_owned())).or_insert_with(new))
    }

    /// Waits until a worker finds a target gone that requests wait for.
    pub async fn attention(&self) {
        self.shared.attention.notified().await;
    }

    /// Takes over what a snapshot says of draining: `planned` are the targets it names, `groups` its groups. A target
    /// that is missing from a group that is still there was deregistered without delay (or its delay is over): what it
    /// still serves is cut now, unless it was registered anew. Those of missing groups finish in peace.
    pub(crate) fn settle(
        &self,
        planned: &[(Arc<TargetState>, Option<Timestamp>)],
        groups: &HashSet<&Arn>,
        now: Timestamp,
    ) {
        for (state, drained_at) in planned {
            state.set_drained_at(*drained_at);
        }
        let named: HashSet<usize> = planned.iter().map(|(state, _)| state.slot()).collect();
        let registered: HashSet<(&Arn, &TargetKey)> =
            planned.iter().map(|(state, _)| (&state.target_group, &state.key)).collect();
        let entries = locked(&self.shared.entries);
        for state in entries.targets.values().filter(|s| !named.contains(&s.slot())) {
            let again = registered.contains(&(&state.target_group, &state.key));
            if groups.contains(&state.target_group) && !again {
                let cut = state.drained_at().map_or(now, |at| at.min(now));
                state.set_drained_at(Some(cut));
            }
        }
    }

    /// Targets that are deregistering.
    pub(crate) fn draining(&self) -> Vec<Weak<TargetState>> {
        let entries = locked(&self.shared.entries);
        entries.targets.values().filter(|state| state.is_draining()).map(Arc::downgrade).collect()
    }

    /// Forgets what no snapshot, no request and no reader of counters uses any more.
    pub fn forget_unused(&self) {
        let mut entries = locked(&self.shared.entries);
        entries.targets.retain(|_, state| Arc::strong_count(state) > 1);
        entries.groups.retain(|_, group| Arc::strong_count(group) > 1);
        entries.load_balancers.retain(|_, counts| Arc::strong_count(counts) > 1);
        self.shared.tls.forget_unused();
        self.shared.rules.forget_unused();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is whole after every statement; a panicking holder leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a round robin begins, so that restarted nodes do not all begin with the same target.
fn random_byte() -> u8 {
    let mut byte = [0u8; 1];
    match getrandom::fill(&mut byte) {
        Ok(()) => byte[0],
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::elbv2::target::TargetId;

    fn plan(port: u16, registered_at: i64) -> TargetPlan {
        TargetPlan {
            key: TargetKey { id: TargetId::Ip([127, 0, 0, 1].into()), port },
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            interface: None,
            zone: String::new(),
            registered_at: Timestamp::from_seconds(registered_at),
            drained_at: None,
            health: None,
        }
    }

    fn group(states: &TargetStates) -> Arc<TargetGroupState> {
        states.group(&Arn::new("elasticloadbalancing", "r", "1", "targetgroup/a/1"))
    }

    #[test]
    fn a_registration_keeps_its_state_and_a_new_one_begins_anew() {
        let states = TargetStates::new(1);
        let group = group(&states);
        let first = states.target(&group, &plan(1, 0));
        first.set_health(CheckedState::Healthy, None);
        assert!(Arc::ptr_eq(&first, &states.target(&group, &plan(1, 0))));
        let again = states.target(&group, &plan(1, 5));
        assert_eq!((first.health(), again.health()), (CheckedState::Healthy, CheckedState::Initial));
        assert_ne!(first.slot(), again.slot());
        assert!(states.get(&group.arn, &again.key, again.registered_at).is_some_and(|s| Arc::ptr_eq(&s, &again)));
    }

    #[test]
    fn slots_are_used_again_only_when_nobody_holds_the_state() {
        let states = TargetStates::new(1);
        let group = group(&states);
        let held = states.target(&group, &plan(1, 0));
        let free = states.target(&group, &plan(2, 0)).slot();
        states.forget_unused();
        assert_eq!(states.all().len(), 1);
        assert_eq!(states.target(&group, &plan(3, 0)).slot(), free);
        assert_ne!(states.target(&group, &plan(4, 0)).slot(), held.slot());
    }

    #[test]
    fn what_a_group_no_longer_names_is_cut_unless_it_was_registered_anew() {
        let states = TargetStates::new(1);
        let group = group(&states);
        let [stays, gone, renewed] = [1, 2, 3].map(|port| states.target(&group, &plan(port, 0)));
        let anew = states.target(&group, &plan(3, 9));
        let now = Timestamp::from_seconds(100);
        states.settle(&[(Arc::clone(&stays), None), (anew, None)], &HashSet::from([&group.arn]), now);
        assert_eq!([stays.drained_at(), gone.drained_at(), renewed.drained_at()], [None, Some(now), None]);
        states.settle(&[], &HashSet::new(), now);
        assert_eq!(stays.drained_at(), None, "its group is gone as a whole");
    }
}
