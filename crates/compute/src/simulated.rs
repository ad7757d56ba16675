//! The simulated driver: nothing runs, everything is bookkeeping by an injected clock.
//!
//! For tests and for simulations of thousands of instances. The same calls at the same times give the same answers. It
//! keeps nothing on disk: a new one knows no instance. Faults and load are injected by the methods below.

use crate::driver::{ComputeDriver, DriverError, InstanceSpec, MAXIMUM_CONSOLE_OUTPUT, NetworkBytes, Started, Usage};
use model::{
    Timestamp,
    ec2::{
        instance::DriverKind,
        instance_state::{Ending, Exit, Live, MainProcess, Observed, Presence},
    },
    id::InstanceId,
    time::Clock,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// The most consoles kept of removed instances.
const MAXIMUM_KEPT_CONSOLES: usize = 1000;

/// How the simulated driver behaves.
#[derive(Clone)]
pub struct SimulatedOptions {
    /// Whose time it is.
    pub clock: Arc<dyn Clock>,
    /// From a start until the instance is up; zero is at once.
    pub start_delay: Duration,
    /// From a stop until the instance is down; at most the grace passes. Zero is at once.
    pub stop_delay: Duration,
}

impl SimulatedOptions {
    /// Everything happens at once, by this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, start_delay: Duration::ZERO, stop_delay: Duration::ZERO }
    }
}

/// What an instance uses while it is up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Processors' worth of work, at least 0: 0.5 is half of one, whatever the type.
    pub processors: f64,
    /// Resident memory in bytes.
    pub memory_bytes: u64,
    /// Bytes received in a second.
    pub received_per_second: u64,
    /// Bytes sent in a second.
    pub sent_per_second: u64,
}

/// What an Auto Scaling group computes, in per cent of the vCPUs of an instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GroupLoad {
    /// Each running member.
    Each(f64),
    /// All running members together, evenly: more members have less each.
    Total(f64),
}

impl GroupLoad {
    /// What each of so many members computes, in per cent.
    pub fn of_each(self, members: usize) -> f64 {
        match self {
            Self::Each(percent) => percent,
            Self::Total(percent) => percent / members.max(1) as f64,
        }
    }
}

/// Runs nothing.
pub struct SimulatedDriver {
    options: SimulatedOptions,
    world: Mutex<World>,
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct World {
    instances: BTreeMap<InstanceId, Entry>,
    /// Messages for the next starts, which fail.
    failures: VecDeque<String>,
    group_loads: BTreeMap<String, GroupLoad>,
    /// Consoles of removed instances, the oldest first.
    removed: VecDeque<(InstanceId, Timestamp, Vec<u8>)>,
}

struct Entry {
    boot: u32,
    address: IpAddr,
    started_at: Timestamp,
    phase: Phase,
    ignores_stop: bool,
    user_data_ran: bool,
    console: Vec<u8>,
    load: Load,
    /// Whether somebody said what it uses.
    load_given: bool,
    /// When `used` was last brought up to date.
    counted_at: Timestamp,
    used: Used,
}

enum Phase {
    Starting { until: Timestamp },
    Up { main: MainProcess },
    Stopping { since: Timestamp, until: Timestamp },
    Down(Ending),
}

#[derive(Clone, Copy, Default)]
struct Used {
    cpu: Duration,
    network: NetworkBytes,
}

impl SimulatedDriver {
    /// A driver without instances.
    pub fn new(options: SimulatedOptions) -> Self {
        let (changes, _) = watch::channel(0);
        Self { options, world: Mutex::default(), changes }
    }

    /// The next `count` starts fail with this message.
    pub fn fail_starts(&self, count: usize, message: &str) {
        self.world().failures.extend(std::iter::repeat_n(message.to_owned(), count));
    }

    /// From now on this instance ends only when it is killed, or after the grace.
    pub fn ignore_stop(&self, id: &InstanceId) {
        self.change(id, |entry, _| entry.ignores_stop = true);
    }

    /// The boot command ends: with code 0 the instance shuts down, else it stays and is not reachable.
    pub fn end_boot_command(&self, id: &InstanceId, exit: Exit) {
        self.change(id, |entry, _| {
            if let Phase::Up { main } = &mut entry.phase {
                match exit {
                    Exit::Code(0) => entry.phase = Phase::Down(Ending::ShutDown),
                    Exit::Code(_) | Exit::Signal(_) => *main = MainProcess::Failed(exit),
                }
            }
        });
    }

    /// What runs the instance dies without a word.
    pub fn lose(&self, id: &InstanceId) {
        self.change(id, |entry, _| match entry.phase {
            Phase::Starting { .. } | Phase::Up { .. } | Phase::Stopping { .. } => {
                entry.phase = Phase::Down(Ending::Lost)
            }
            Phase::Down(_) => {}
        });
    }

    /// What the instance uses from now on, over boots too.
    pub fn set_load(&self, id: &InstanceId, load: Load) {
        self.change(id, |entry, now| {
            entry.count(now);
            entry.load = load;
            entry.load_given = true;
        });
    }

    /// What these instances compute from now on, in processors' worth; what else they use stays. Nobody is woken.
    pub fn set_processors<'a>(&self, loads: impl IntoIterator<Item = (&'a InstanceId, f64)>) {
        let now = self.now();
        let mut world = self.world();
        for (id, processors) in loads {
            if let Some(entry) = world.instances.get_mut(id) {
                entry.advance(now);
                entry.count(now);
                entry.load.processors = processors;
                entry.load_given = true;
            }
        }
    }

    /// The instances whose load somebody has set; of the others nothing is known that is worth recording.
    pub fn loaded(&self) -> BTreeSet<InstanceId> {
        self.world().instances.iter().filter(|(_, entry)| entry.load_given).map(|(id, _)| id.clone()).collect()
    }

    /// The load of an Auto Scaling group; whoever samples spreads it over the members by [`Self::set_processors`].
    pub fn set_group_load(&self, group: &str, load: GroupLoad) {
        self.world().group_loads.insert(group.to_owned(), load);
    }

    /// What was set by [`Self::set_group_load`], by the name of the group.
    pub fn group_loads(&self) -> BTreeMap<String, GroupLoad> {
        self.world().group_loads.clone()
    }

    /// The instance writes to its console.
    pub fn write_console(&self, id: &InstanceId, text: &str) {
        self.change(id, |entry, _| entry.write(text));
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    fn change(&self, id: &InstanceId, action: impl FnOnce(&mut Entry, Timestamp)) {
        let now = self.now();
        if let Some(entry) = self.world().instances.get_mut(id) {
            entry.advance(now);
            action(entry, now);
        }
        self.announce(Duration::ZERO);
    }

    /// Wakes the waiting, now and after a delay. The delay is real time: where the clock is moved by hand, whoever moves
    /// it looks again.
    fn announce(&self, after: Duration) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
        if after.is_zero() {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let changes = self.changes.clone();
            runtime.spawn(async move {
                tokio::time::sleep(after).await;
                changes.send_modify(|count| *count = count.wrapping_add(1));
            });
        }
    }
}

impl Entry {
    fn new(spec: &InstanceSpec, now: Timestamp) -> Self {
        Self {
            boot: 0,
            address: spec.address,
            started_at: now,
            phase: Phase::Down(Ending::NeverStarted),
            ignores_stop: false,
            user_data_ran: false,
            console: Vec::new(),
            load: Load::default(),
            load_given: false,
            counted_at: now,
            used: Used::default(),
        }
    }

    fn boot(&mut self, spec: &InstanceSpec, now: Timestamp, up_at: Timestamp) {
        self.boot = spec.boot;
        self.address = spec.address;
        self.started_at = now;
        self.phase = Phase::Starting { until: up_at };
        self.counted_at = now;
        self.used = Used::default();
        self.write(&format!("[goru] boot {} of {}\n", spec.boot, spec.id));
        if spec.user_data.as_ref().is_some_and(|user_data| !user_data.is_empty()) && !self.user_data_ran {
            self.user_data_ran = true;
            self.write("[goru] user data\n");
        }
    }

    /// Lets time pass up to `now`.
    fn advance(&mut self, now: Timestamp) {
        match self.phase {
            Phase::Starting { until } if now >= until => {
                self.counted_at = until;
                self.phase = Phase::Up { main: MainProcess::Running };
            }
            Phase::Stopping { until, .. } if now >= until => self.phase = Phase::Down(Ending::Stopped),
            Phase::Starting { .. } | Phase::Up { .. } | Phase::Stopping { .. } | Phase::Down(_) => {}
        }
    }

    fn count(&mut self, now: Timestamp) {
        if let Phase::Up { .. } = self.phase {
            let passed = now.since(self.counted_at);
            let bytes =
                |per_second: u64| u64::try_from(u128::from(per_second) * passed.as_millis() / 1000).unwrap_or(u64::MAX);
            self.used.cpu += passed.mul_f64(self.load.processors.clamp(0.0, 4096.0));
            self.used.network.received += bytes(self.load.received_per_second);
            self.used.network.sent += bytes(self.load.sent_per_second);
        }
        self.counted_at = now;
    }

    fn write(&mut self, text: &str) {
        self.console.extend_from_slice(text.as_bytes());
        let surplus = self.console.len().saturating_sub(MAXIMUM_CONSOLE_OUTPUT);
        self.console.drain(..surplus);
    }

    fn presence(&self) -> Presence {
        match self.phase {
            Phase::Starting { .. } => Presence::Starting,
            Phase::Up { main } => Presence::Up(Live { address: self.address, pid: None, main }),
            Phase::Stopping { since, .. } => Presence::Stopping { since },
            Phase::Down(ending) => Presence::Down(ending),
        }
    }
}

impl ComputeDriver for SimulatedDriver {
    fn kind(&self) -> DriverKind {
        DriverKind::Simulated
    }

    async fn start(&self, spec: &InstanceSpec) -> Result<Started, DriverError> {
        let now = self.now();
        {
            let mut world = self.world();
            if let Some(entry) = world.instances.get_mut(&spec.id) {
                entry.advance(now);
                if !matches!(entry.phase, Phase::Down(_)) {
                    return Err(DriverError::AlreadyRuns { id: spec.id.clone(), boot: entry.boot });
                }
            }
            if let Some(reason) = world.failures.pop_front() {
                return Err(DriverError::NotStarted { id: spec.id.clone(), reason });
            }
            let entry = world.instances.entry(spec.id.clone()).or_insert_with(|| Entry::new(spec, now));
            entry.boot(spec, now, now.plus(self.options.start_delay));
            entry.advance(now);
        }
        self.announce(self.options.start_delay);
        Ok(Started { address: spec.address, pid: None, started_at: now })
    }

    async fn stop(&self, id: &InstanceId, grace: Duration) -> Result<(), DriverError> {
        let now = self.now();
        let mut delay = Duration::ZERO;
        if let Some(entry) = self.world().instances.get_mut(id) {
            entry.advance(now);
            delay = if entry.ignores_stop { grace } else { self.options.stop_delay.min(grace) };
            let until = now.plus(delay);
            match &mut entry.phase {
                Phase::Starting { .. } | Phase::Up { .. } => entry.phase = Phase::Stopping { since: now, until },
                Phase::Stopping { until: earlier, .. } => *earlier = until.min(*earlier),
                Phase::Down(_) => {}
            }
            entry.advance(now);
        }
        self.announce(delay);
        Ok(())
    }

    async fn kill(&self, id: &InstanceId) -> Result<(), DriverError> {
        self.change(id, |entry, _| match entry.phase {
            Phase::Starting { .. } | Phase::Up { .. } | Phase::Stopping { .. } => {
                entry.phase = Phase::Down(Ending::Stopped);
            }
            Phase::Down(_) => {}
        });
        Ok(())
    }

    async fn remove(&self, id: &InstanceId) -> Result<(), DriverError> {
        let now = self.now();
        {
            let mut world = self.world();
            if let Some(entry) = world.instances.remove(id) {
                world.removed.push_back((id.clone(), now, entry.console));
            }
            let surplus = world.removed.len().saturating_sub(MAXIMUM_KEPT_CONSOLES);
            world.removed.drain(..surplus);
        }
        self.announce(Duration::ZERO);
        Ok(())
    }

    async fn inventory(&self) -> Result<Vec<Observed>, DriverError> {
        let now = self.now();
        let mut world = self.world();
        let observe = |(id, entry): (&InstanceId, &mut Entry)| {
            entry.advance(now);
            let started_at = (entry.boot > 0).then_some(entry.started_at);
            Observed { id: id.clone(), boot: entry.boot, started_at, presence: entry.presence() }
        };
        Ok(world.instances.iter_mut().map(observe).collect())
    }

    async fn console_output(&self, id: &InstanceId) -> Result<Option<Vec<u8>>, DriverError> {
        let now = self.now();
        let world = self.world();
        if let Some(entry) = world.instances.get(id) {
            return Ok(Some(entry.console.clone()));
        }
        let kept = world
            .removed
            .iter()
            .rev()
            .find(|(removed, at, _)| removed == id && now.since(*at) < crate::driver::CONSOLE_KEPT_AFTER_REMOVAL);
        Ok(kept.map(|(_, _, console)| console.clone()))
    }

    async fn usage(&self) -> Result<BTreeMap<InstanceId, Usage>, DriverError> {
        let now = self.now();
        let mut world = self.world();
        let figures = world.instances.iter_mut().filter_map(|(id, entry)| {
            entry.advance(now);
            let Phase::Up { .. } = entry.phase else { return None };
            entry.count(now);
            let Used { cpu, network } = entry.used;
            let memory_bytes = entry.load.memory_bytes;
            Some((id.clone(), Usage { boot: entry.boot, cpu, memory_bytes, network: Some(network) }))
        });
        Ok(figures.collect())
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
