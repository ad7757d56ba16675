//! The load balancer node as a process: the thread around the workers.
//!
//! It takes snapshots from the control plane, checks targets, adds counts up, keeps the last good snapshot on disk and
//! ends in order. Static stability is decided here: the node serves from what it last heard, with health of its own
//! finding, whether or not anybody is connected; and a node that starts anew begins with the snapshot on disk.
//!
//! One runtime on one thread does all of this; requests never wait for it. The node belongs to whoever connects last:
//! a control plane that was killed and started again simply connects.

mod anomaly;
pub mod control;
pub mod directory;
mod front;
mod options;
mod running;
mod signals;

pub use options::NodeOptions;

use crate::{
    config::{CompileError, CompiledSnapshot, wall_clock},
    health_check::{HealthChange, HealthChecker, Registration},
    target::TargetStates,
    telemetry::{
        access_log::{AccessLog, Found, Sources},
        batch, check, delivery,
        statistics::{Backlog, Collector},
    },
    timer::Millis,
    worker::{WorkerOptions, Workers},
};
use anomaly::Anomalies;
use control::{Connection, Event, Item, Outbox};
use directory::{DirectoryError, NodeDirectory};
use front::Fronts;
use model::{
    Timestamp,
    elbv2::{
        slow_start::{self, Newcomer, Peer},
        snapshot::LoadBalancingSnapshot,
        target_health::CheckedState,
    },
    node::{FromNode, ToNode},
};
use running::{Running, check_logs, forget_missed, same_content};
use signals::{Order, Signals};
use std::{
    io,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::UnixListener,
    sync::mpsc,
    task::JoinHandle,
    time::{Interval, MissedTickBehavior},
};

/// How long requests in flight may go on after SIGTERM or SIGINT. `ToNode::Shutdown` brings its own time.
pub const SIGNAL_GRACE: Duration = Duration::from_secs(30);

/// Batches of requests (each of up to 256) that may wait for the log: so many, and as many more for each worker. The log
/// empties the queue every 50 ms, and takes some 20 MB when the disk holds it up.
const LOG_QUEUE: usize = 96;
/// See [`LOG_QUEUE`].
const LOG_QUEUE_PER_WORKER: usize = 8;

/// How often counts are added up and changed health is stored.
const TICK: Duration = Duration::from_secs(1);

/// How long the end waits for the controller to read the last reports.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The data directory cannot be used, or another node uses it.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// No thread, runtime or signal handler.
    #[error("cannot start {what}: {source}")]
    Start {
        /// What.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}

fn start_error(what: &'static str) -> impl FnOnce(io::Error) -> NodeError {
    move |source| NodeError::Start { what, source }
}

/// Why a snapshot is refused.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("generation {asked} is older than generation {running}, which is in force")]
    Older { asked: u64, running: u64 },
    #[error("{0}")]
    Contradiction(Box<CompileError>),
    #[error("the node is shutting down")]
    ShuttingDown,
}

/// Runs a node until it is told to end, by [`ToNode::Shutdown`], SIGTERM or SIGINT. When this returns the process should
/// exit: after a second signal worker threads may still be running.
///
/// # Errors
/// When it cannot start. Once it serves, nothing but the order to end ends it.
pub fn run(options: NodeOptions) -> Result<(), NodeError> {
    if options.own_session {
        // Refused only to a process that leads a group already, whose session is then its own affair.
        let _ = rustix::process::setsid();
    }
    let directory = NodeDirectory::open(&options.data_dir)?;
    raise_descriptor_limit();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(start_error("a runtime"))?;
    runtime.block_on(async {
        let mut signals = Signals::new().map_err(start_error("signal handlers"))?;
        let (mut node, mut changes) = Node::start(options, directory)?;
        let listener = node.directory.listen()?;
        let end = node.serve(&listener, &mut changes, &mut signals).await;
        node.end(end, &mut changes, &mut signals).await;
        Ok(())
    })
}

/// As many descriptors as the system lets us have: every connection needs two.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }) {
        tracing::warn!(%error, current = ?limit.current, "cannot raise the limit of open files");
    }
}

/// A running node.
struct Node {
    version: String,
    started_at: Timestamp,
    directory: NodeDirectory,
    states: TargetStates,
    workers: Option<Workers>,
    log: Option<AccessLog>,
    found: mpsc::Receiver<Found>,
    checker: HealthChecker,
    collector: Collector,
    backlog: Backlog,
    anomalies: Anomalies,
    running: Running,
    fronts: Fronts,
    connection: Option<Connection>,
    outbox: Outbox,
    store: Store,
}

/// Writing the snapshot to disk, one at a time, off this thread.
#[derive(Default)]
struct Store {
    changed: bool,
    writing: Option<JoinHandle<()>>,
}

impl Node {
    fn start(
        options: NodeOptions,
        directory: NodeDirectory,
    ) -> Result<(Self, mpsc::Receiver<HealthChange>), NodeError> {
        let count = options.worker_count();
        let states = TargetStates::new(count);
        let mut worker_options = WorkerOptions::new(count);
        let (sink, records) = batch::channel(LOG_QUEUE + LOG_QUEUE_PER_WORKER * count);
        let (check_notes, checks) = check::channel();
        worker_options.records = Some(sink);
        let name = delivery::node_name(&options.data_dir);
        let (log, found) = AccessLog::start(options.access_log.as_ref(), &name, Sources { records, checks })
            .map_err(start_error("the access log"))?;
        let workers = Workers::start(&worker_options, states.clone()).map_err(start_error("the workers"))?;
        let (checker, changes) = HealthChecker::new(check_notes);
        let mut node = Self {
            version: options.version,
            started_at: wall_clock(),
            directory,
            collector: Collector::new(states.clone(), wall_clock()),
            states,
            workers: Some(workers),
            log: Some(log),
            found,
            checker,
            backlog: Backlog::default(),
            anomalies: Anomalies::new(Instant::now()),
            running: Running::default(),
            fronts: Fronts::default(),
            connection: None,
            outbox: Outbox::default(),
            store: Store::default(),
        };
        node.resume();
        Ok((node, changes))
    }

    /// Begins with the last good snapshot, if there is one.
    fn resume(&mut self) {
        let Some(snapshot) = self.directory.last_good_snapshot() else { return };
        let generation = snapshot.generation;
        match self.apply(snapshot) {
            Ok(()) => tracing::info!(generation, "serving the last good snapshot until a control plane connects"),
            Err(error) => {
                tracing::error!(generation, %error, "the last good snapshot is refused; waiting for a new one")
            }
        }
        // It is on disk already.
        self.store.changed = false;
    }

    /// Serves until told to end. Returns how long requests in flight may go on.
    async fn serve(
        &mut self,
        listener: &UnixListener,
        changes: &mut mpsc::Receiver<HealthChange>,
        signals: &mut Signals,
    ) -> Duration {
        let mut ticks = ticks();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => self.controller(Connection::start(stream)),
                    Err(error) => self.accept_failed(&error).await,
                },
                event = next_event(&mut self.connection, &self.outbox, &self.backlog) => {
                    if let Some(grace) = self.controller_event(event) {
                        return grace;
                    }
                }
                Some(change) = changes.recv() => self.health_changed(&change),
                Some(found) = self.found.recv() => self.requests_found(found),
                () = self.states.attention() => self.look_for_missed(),
                _ = ticks.tick() => self.tick(),
                () = self.fronts.due() => self.retry_fronts(),
                order = signals.next() => match order {
                    Order::End => return SIGNAL_GRACE,
                    Order::ReopenLogs => self.reopen_logs(),
                },
            }
        }
    }

    /// Lets requests in flight end, says the last words, writes the state. A second signal ends at once.
    async fn end(mut self, grace: Duration, changes: &mut mpsc::Receiver<HealthChange>, signals: &mut Signals) {
        tracing::info!(grace_seconds = grace.as_secs(), "ending: no new connections, requests in flight may finish");
        self.directory.remove_socket();
        if let Some(workers) = self.workers.take() {
            self.fronts.close(&workers);
            let mut drained = pin!(workers.drain(grace));
            let mut ticks = ticks();
            loop {
                tokio::select! {
                    () = &mut drained => break,
                    event = next_event(&mut self.connection, &self.outbox, &self.backlog) => self.event_while_ending(event),
                    Some(change) = changes.recv() => self.health_changed(&change),
                    Some(found) = self.found.recv() => self.requests_found(found),
                    () = self.states.attention() => self.look_for_missed(),
                    _ = ticks.tick() => self.tick(),
                    () = signals.end() => {
                        tracing::warn!("ending at once; requests in flight are cut");
                        break;
                    }
                }
            }
        }
        self.last_words().await;
        self.store_now().await;
        self.directory.close();
    }

    // Snapshots

    fn apply(&mut self, mut snapshot: LoadBalancingSnapshot) -> Result<(), Refusal> {
        let running = self.running.snapshot.generation;
        let older = self.running.confirmed && snapshot.generation < running;
        if older && !same_content(&snapshot, &self.running.snapshot) {
            return Err(Refusal::Older { asked: snapshot.generation, running });
        }
        let Some(workers) = &self.workers else { return Err(Refusal::ShuttingDown) };
        let told = self.take_own_health(&mut snapshot);
        let compiled = CompiledSnapshot::compile(&snapshot, &self.states)
            .map_err(|error| Refusal::Contradiction(Box::new(error)))?;

        // Nothing fails from here on, but for fronts, each by itself.
        self.collector.watch(&compiled);
        workers.apply(Arc::clone(&compiled));
        self.fronts.change(&compiled.fronts.iter().map(|front| front.place.clone()).collect(), workers);
        self.checker.log(check_logs(&snapshot, &compiled));
        self.checker.apply(&snapshot.target_groups, wall_clock());
        if let Some(log) = &self.log {
            let places = compiled.load_balancers.iter().flat_map(|balancer| balancer.logs.all());
            log.buckets(places.map(|place| place.bucket.clone()).collect());
        }
        told.into_iter().for_each(|registration| self.tell(Item::Health(registration)));
        forget_missed(&compiled);
        self.running.put(snapshot, &compiled);
        self.store.changed = true;
        Ok(())
    }

    /// What this node found stands above what the control plane last heard. Returns the targets of which it does not
    /// know what we know: new ones too.
    fn take_own_health(&self, snapshot: &mut LoadBalancingSnapshot) -> Vec<Registration> {
        let mut told = Vec::new();
        for group in &mut snapshot.target_groups {
            let arn = group.arn.clone();
            for target in &mut group.targets {
                let registration = Registration {
                    target_group: arn.clone(),
                    target: target.key.clone(),
                    registered_at: target.registered_at,
                };
                let own = self.checker.health_of(&registration).cloned();
                if target.health.is_none() || (own.is_some() && own != target.health) {
                    told.push(registration);
                }
                target.health = own.or(target.health.take());
            }
        }
        told
    }

    fn retry_fronts(&mut self) {
        let opened = self.workers.as_ref().is_some_and(|workers| self.fronts.retry(workers));
        if opened {
            self.tell(Item::Answer(self.applied()));
        }
    }

    fn follow_networks(&mut self) {
        let moved = self.workers.as_ref().is_some_and(|workers| self.fronts.follow_networks(workers));
        if moved {
            self.tell(Item::Answer(self.applied()));
        }
    }

    fn applied(&self) -> FromNode {
        FromNode::Applied { generation: self.running.snapshot.generation, failed_fronts: self.fronts.failed() }
    }

    // The control plane

    /// A new controller takes over; the one before is let go.
    fn controller(&mut self, connection: Connection) {
        if self.connection.replace(connection).is_some() {
            tracing::info!("another control plane connected and takes over");
        }
        self.running.confirmed = false;
        let hello = FromNode::Hello {
            pid: std::process::id(),
            version: self.version.clone(),
            started_at: self.started_at,
            generation: self.running.snapshot.generation,
        };
        self.outbox = Outbox::begin(hello, self.checker.health().map(|(registration, _)| registration.clone()));
    }

    /// Out of descriptors, most likely. The pause keeps that from becoming a busy loop.
    async fn accept_failed(&self, error: &io::Error) {
        tracing::warn!(%error, "cannot accept a control connection");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    /// `Some` when the node is to end.
    fn controller_event(&mut self, event: Event) -> Option<Duration> {
        match event {
            Event::Frame(ToNode::Apply(snapshot)) => self.apply_and_answer(*snapshot),
            Event::Frame(ToNode::Shutdown { grace_seconds }) => {
                return Some(Duration::from_secs(u64::from(grace_seconds)));
            }
            Event::Frame(ToNode::FindRequests { question, id }) => self.find_requests(question, &id),
            Event::CanSend => self.send_next(),
            Event::Gone => self.controller_gone(),
        }
        None
    }

    fn event_while_ending(&mut self, event: Event) {
        match event {
            Event::Frame(ToNode::Apply(snapshot)) => self.apply_and_answer(*snapshot),
            Event::Frame(ToNode::FindRequests { question, id }) => self.find_requests(question, &id),
            // It is ending already, with the time of the first order.
            Event::Frame(ToNode::Shutdown { grace_seconds: _ }) => {}
            Event::CanSend => self.send_next(),
            Event::Gone => self.controller_gone(),
        }
    }

    fn apply_and_answer(&mut self, snapshot: LoadBalancingSnapshot) {
        let generation = snapshot.generation;
        let answer = match self.apply(snapshot) {
            Ok(()) => {
                self.running.confirmed = true;
                self.store_if_changed();
                self.applied()
            }
            Err(refusal) => {
                let reason = refusal.to_string();
                tracing::error!(generation, reason, "a snapshot is refused; the one before stays in force");
                FromNode::Refused { generation, reason }
            }
        };
        self.tell(Item::Answer(answer));
    }

    /// The log's thread looks for them; nobody waits for it here.
    fn find_requests(&self, question: u64, id: &str) {
        if let Some(log) = &self.log {
            log.find(question, id);
        }
    }

    fn requests_found(&mut self, Found { question, requests, remembered }: Found) {
        // Questions of a control plane that is gone are answered to nobody.
        if self.outbox.has_room() {
            self.tell(Item::Answer(FromNode::Requests { question, found: requests, remembered }));
        }
    }

    /// Puts something in the outbox, if there is anybody to read it. Who connects later is told everything anyway.
    fn tell(&mut self, item: Item) {
        if self.connection.is_none() {
            return;
        }
        match item {
            Item::Answer(frame) => self.outbox.answer(frame),
            Item::Health(registration) => self.outbox.news(registration),
        }
    }

    fn controller_gone(&mut self) {
        tracing::info!("the control plane went away; serving on");
        self.connection = None;
        self.outbox = Outbox::default();
    }

    /// Sends one thing that waits. Called when the connection can take it.
    fn send_next(&mut self) {
        let Some(connection) = &self.connection else { return };
        let frame = match self.outbox.take() {
            Some(Item::Answer(frame)) => Some(frame),
            Some(Item::Health(registration)) => self.health_frame(registration),
            None => self.backlog.take().map(FromNode::Statistics),
        };
        let Some(frame) = frame else { return };
        let sent = control::encode(&frame).is_none_or(|bytes| connection.send(bytes));
        if let (false, FromNode::Statistics(statistics)) = (sent, frame) {
            self.backlog.put_back(statistics);
        }
    }

    /// `None` for a target that is gone by now.
    fn health_frame(&self, registration: Registration) -> Option<FromNode> {
        let health = self.checker.health_of(&registration)?.clone();
        let anomaly = self.anomalies.of(&registration);
        let Registration { target_group, target, registered_at } = registration;
        Some(FromNode::TargetHealth { target_group, target, registered_at, health, anomaly })
    }

    // What happens by itself

    /// Puts a finding in force for the next request, then tells and stores it.
    fn health_changed(&mut self, change: &HealthChange) {
        let HealthChange { registration, health } = change;
        let Some(before) = self.checker.health_of(registration).cloned() else { return };
        self.checker.note(change);
        if let Some(state) = self.running.states.get(registration) {
            state.set_health(health.state, self.ramp(registration, before.state, health.state));
            if health.state == CheckedState::Healthy {
                state.answers_again();
            }
        }
        if before == *health {
            return;
        }
        tracing::info!(
            target_group = %registration.target_group,
            target = %registration.target,
            state = ?health.state,
            failure = ?health.failure,
            "target health changed"
        );
        self.tell(Item::Health(registration.clone()));
        self.store.changed = true;
    }

    /// Since when a target whose state changes gets a growing share, if it does.
    fn ramp(&self, registration: &Registration, before: CheckedState, now: CheckedState) -> Option<Millis> {
        if now != CheckedState::Healthy || before == CheckedState::Healthy {
            return None;
        }
        let groups = &self.running.snapshot.target_groups;
        let group = groups.iter().find(|group| group.arn == registration.target_group)?;
        if group.slow_start_seconds == 0 {
            return None;
        }
        let (clock, duration) = (Millis::now(), Duration::from_secs(group.slow_start_seconds.into()));
        let others = group.targets.iter().filter(|target| target.drained_at.is_none());
        let peers = others.map(|target| Registration::of(group, target)).filter(|peer| peer != registration);
        let peers = peers.filter_map(|peer| self.running.states.get(&peer)).map(|state| Peer {
            registered_at: state.registered_at,
            healthy: state.health() == CheckedState::Healthy,
            ramping: state.ramp_since().is_some_and(|since| slow_start::share(clock.since(since), duration).is_some()),
        });
        let newcomer =
            Newcomer { registered_at: registration.registered_at, was_checked: before != CheckedState::Initial };
        slow_start::begins(newcomer, peers).then_some(clock)
    }

    /// Has targets looked for that requests found gone.
    fn look_for_missed(&mut self) {
        for (registration, _) in self.running.states.iter().filter(|(_, state)| state.is_down()) {
            self.checker.look_for(registration);
        }
    }

    fn tick(&mut self) {
        self.collect();
        self.follow_networks();
        for registration in self.anomalies.tick(Instant::now(), &self.running.snapshot, &self.running.states) {
            self.tell(Item::Health(registration));
        }
        self.store_if_changed();
    }

    fn collect(&mut self) {
        if let Some(statistics) =
            self.collector.collect(wall_clock(), self.log.as_ref().map_or(0, |log| log.lost().sum()))
            && self.backlog.push(statistics) > 0
        {
            tracing::warn!("nobody takes the statistics; those of ten seconds were given up");
        }
    }

    fn reopen_logs(&self) {
        if let Some(log) = &self.log {
            log.reopen();
        }
    }

    // The disk

    /// The snapshot in force with the health of now.
    fn snapshot_to_store(&self) -> LoadBalancingSnapshot {
        let mut snapshot = self.running.snapshot.clone();
        self.take_own_health(&mut snapshot);
        snapshot
    }

    fn store_if_changed(&mut self) {
        let busy = self.store.writing.as_ref().is_some_and(|writing| !writing.is_finished());
        if self.store.changed && !busy {
            self.store.changed = false;
            let (path, snapshot) = (self.directory.snapshot(), self.snapshot_to_store());
            self.store.writing = Some(tokio::task::spawn_blocking(move || {
                if let Err(error) = directory::write_snapshot(&path, &snapshot) {
                    tracing::error!(path = %path.display(), %error, "the snapshot is not on disk: a restart would not know it");
                }
            }));
        }
    }

    async fn store_now(&mut self) {
        // A panic in it has been reported; what follows writes anew.
        if let Some(writing) = self.store.writing.take() {
            let _ = writing.await;
        }
        self.store_if_changed();
        if let Some(writing) = self.store.writing.take() {
            let _ = writing.await;
        }
    }

    /// Hands the last counts over and waits a moment for the controller to read them.
    async fn last_words(&mut self) {
        self.collect();
        // Who waits for the end of the connection finds all files of logs complete.
        if let Some(log) = self.log.take() {
            log.stop();
        }
        let said = async {
            while let Some(connection) = &self.connection {
                if self.outbox.is_empty() && self.backlog.is_empty() || !connection.ready().await {
                    break;
                }
                self.send_next();
            }
            if let Some(connection) = self.connection.take() {
                connection.flush().await;
            }
        };
        // A controller that does not read does not hold the end up.
        let _ = tokio::time::timeout(LAST_WORDS, said).await;
    }
}

fn ticks() -> Interval {
    let mut ticks = tokio::time::interval(TICK);
    // After a stall one tick is enough: it takes everything that happened.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Waits for the controller; for ever when there is none. Frames are not read while too many answers wait.
async fn next_event(connection: &mut Option<Connection>, outbox: &Outbox, backlog: &Backlog) -> Event {
    match connection {
        Some(connection) => {
            let something_to_say = !(outbox.is_empty() && backlog.is_empty());
            connection.event(outbox.has_room(), something_to_say).await
        }
        None => std::future::pending().await,
    }
}
