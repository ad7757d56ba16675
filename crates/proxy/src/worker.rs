//! Workers: one thread per core, each with its own runtime, listeners, connections and buffers.
//!
//! The rest of the node speaks to them through [`Workers`]: open and close fronts, apply a snapshot, drain. A worker
//! takes a new snapshot between two events; a request keeps the one it began with. Nothing here blocks a worker.

use crate::{
    config::CompiledSnapshot,
    future_pool::FuturePool,
    http::{
        connection::{Job, serve_requests},
        forwarded::write_date,
        outage::Waiting,
        serve::Served,
    },
    http2::{shared::SharedConnections, tasks::StreamTasks},
    io::buffers::Buffers,
    listener::{self, WatchedListener},
    target::{TargetStates, pool::Pools},
    target_group::usable::UsableTargets,
    telemetry::{
        batch::{Notes, RecordSink},
        record::WallClock,
    },
    timer::{Alarm, Micros, Millis, TICK, Wheel},
};
use model::elbv2::{front_place::FrontPlace, snapshot::LoadBalancingSnapshot};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};
use tokio::{
    runtime::LocalOptions,
    sync::{mpsc, oneshot, watch},
    task::AbortHandle,
};

/// Orders that may wait for a worker. Only fronts and the end are ordered; snapshots do not queue.
const MAILBOX: usize = 4096;
/// Turns of the wheel between two looks at the connections kept to targets.
const POOL_SWEEP_TICKS: u32 = 10;

/// How workers are started.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Threads, at least 1; normally one per usable core. Must not be more than the registry has room for.
    pub count: usize,
    /// The most client connections of one worker; further ones are closed at once and counted as rejected.
    pub maximum_connections: usize,
    /// Where records of requests go; none are made without it.
    pub records: Option<RecordSink>,
}

impl WorkerOptions {
    /// `count` workers that together leave a reserve of the process's file descriptors (`RLIMIT_NOFILE`) free, and no
    /// access log.
    pub fn new(count: usize) -> Self {
        const RESERVE: u64 = 64;
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(1 << 20);
        // A client connection needs a second descriptor for its target.
        let each = limit.saturating_sub(RESERVE) / 2 / (count.max(1) as u64);
        let maximum_connections = usize::try_from(each).unwrap_or(usize::MAX).max(16);
        Self { count, maximum_connections, records: None }
    }
}

/// All workers of a node.
#[derive(Debug)]
pub struct Workers {
    threads: Vec<Thread>,
    snapshot: watch::Sender<Arc<CompiledSnapshot>>,
    states: TargetStates,
}

#[derive(Debug)]
struct Thread {
    mailbox: mpsc::Sender<Order>,
    handle: JoinHandle<()>,
}

#[derive(Debug)]
enum Order {
    Open(FrontPlace, std::net::TcpListener),
    Close(FrontPlace),
    Drain(Duration, oneshot::Sender<()>),
}

impl Workers {
    /// Starts the threads; they serve nothing until a front is opened and a snapshot applied.
    ///
    /// # Errors
    /// When a thread or its runtime cannot be made.
    pub fn start(options: &WorkerOptions, states: TargetStates) -> io::Result<Self> {
        if options.count == 0 || options.count > states.workers() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the registry has no room for this many workers"));
        }
        let empty = CompiledSnapshot::compile(&LoadBalancingSnapshot::default(), &states).map_err(io::Error::other)?;
        let (snapshot, _) = watch::channel(empty);
        let threads = (0..options.count)
            .map(|index| start_thread(index, options, snapshot.subscribe()))
            .collect::<io::Result<_>>()?;
        Ok(Self { threads, snapshot, states })
    }

    /// Listens at a place, with one socket per worker. Connections are served as soon as a snapshot knows the front.
    ///
    /// # Errors
    /// The address is in use, not ours, or not allowed; or its network is not there.
    pub fn open_front(&self, place: &FrontPlace) -> io::Result<()> {
        let sockets = listener::bind(place, self.threads.len())?;
        for (thread, socket) in self.threads.iter().zip(sockets) {
            thread.order(Order::Open(place.clone(), socket))?;
        }
        Ok(())
    }

    /// Stops listening at a place. Requests that run end normally; idle connections are closed.
    pub fn close_front(&self, place: &FrontPlace) {
        for thread in &self.threads {
            if let Err(error) = thread.order(Order::Close(place.clone())) {
                tracing::error!(%place, %error, "a worker does not close its listener");
            }
        }
    }

    /// Puts a snapshot in force.
    pub fn apply(&self, snapshot: Arc<CompiledSnapshot>) {
        self.snapshot.send_replace(snapshot);
        self.states.forget_unused();
    }

    /// Stops accepting, tells clients to close, waits for requests in flight for at most `grace`, then ends the threads.
    pub async fn drain(self, grace: Duration) {
        let mut ends = Vec::new();
        for thread in &self.threads {
            let (sender, end) = oneshot::channel();
            if thread.order(Order::Drain(grace, sender)).is_ok() {
                ends.push(end);
            }
        }
        for end in ends {
            // An error means that the thread is gone, which is what is waited for.
            let _ended = end.await;
        }
        drop(self.snapshot);
        for thread in self.threads {
            drop(thread.mailbox);
            if thread.handle.join().is_err() {
                tracing::error!("a worker thread panicked");
            }
        }
    }
}

impl Thread {
    fn order(&self, order: Order) -> io::Result<()> {
        self.mailbox.try_send(order).map_err(|error| io::Error::other(format!("worker mailbox: {error}")))
    }
}

fn start_thread(
    index: usize,
    options: &WorkerOptions,
    snapshot: watch::Receiver<Arc<CompiledSnapshot>>,
) -> io::Result<Thread> {
    let (sender, mailbox) = mpsc::channel(MAILBOX);
    let (started, starting) = std::sync::mpsc::sync_channel(1);
    let options = options.clone();
    let handle = std::thread::Builder::new().name(format!("worker-{index}")).spawn(move || {
        // A runtime of one thread is made on that thread.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
        let (runtime, result) = match runtime {
            Ok(runtime) => (Some(runtime), Ok(())),
            Err(error) => (None, Err(error)),
        };
        // Who starts us waits for it.
        let _heard = started.send(result);
        if let Some(runtime) = runtime {
            let worker = Rc::new(Worker::new(index, &options, Arc::clone(&snapshot.borrow())));
            runtime.block_on(run(worker, mailbox, snapshot));
        }
    })?;
    starting.recv().map_err(io::Error::other)??;
    Ok(Thread { mailbox: sender, handle })
}

async fn run(
    worker: Rc<Worker>,
    mut mailbox: mpsc::Receiver<Order>,
    mut snapshot: watch::Receiver<Arc<CompiledSnapshot>>,
) {
    let buffers = Rc::clone(&worker.buffers);
    tokio::task::spawn_local(async move { buffers.outbox.run().await });
    let mut listeners: HashMap<FrontPlace, Listening> = HashMap::new();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            order = mailbox.recv() => match order {
                Some(Order::Open(place, socket)) => open(&worker, &mut listeners, place, socket),
                Some(Order::Close(place)) => close(&worker, &mut listeners, &place),
                Some(Order::Drain(grace, ended)) => {
                    drain(&worker, listeners, grace, ticks).await;
                    // The receiver may have given up waiting.
                    let _nobody = ended.send(());
                    return;
                }
                None => return,
            },
            changed = snapshot.changed() => match changed {
                Ok(()) => {
                    let new = Arc::clone(&snapshot.borrow_and_update());
                    worker.take_over(new);
                }
                Err(_) => return,
            },
            _ = ticks.tick() => worker.tick(),
        }
    }
}

#[derive(Debug)]
struct Listening {
    front: Rc<FrontPlace>,
    socket: Rc<WatchedListener>,
    accepting: AbortHandle,
}

fn open(
    worker: &Rc<Worker>,
    listeners: &mut HashMap<FrontPlace, Listening>,
    place: FrontPlace,
    socket: std::net::TcpListener,
) {
    match WatchedListener::new(socket) {
        Ok(socket) => {
            let socket = Rc::new(socket);
            let front = Rc::new(place.clone());
            let (listener, worker, of_task) = (Rc::clone(&socket), Rc::clone(worker), Rc::clone(&front));
            let task = async move { listener.accept_loop(of_task, worker).await };
            let accepting = tokio::task::spawn_local(task).abort_handle();
            listeners.insert(place, Listening { front, socket, accepting });
        }
        Err(error) => tracing::error!(%place, %error, "a worker cannot watch its listener"),
    }
}

fn close(worker: &Rc<Worker>, listeners: &mut HashMap<FrontPlace, Listening>, place: &FrontPlace) {
    if let Some(listening) = listeners.remove(place) {
        stop_accepting(worker, &listening);
        worker.connections.borrow().each(|connection| {
            if connection.front.as_deref() == Some(place) {
                connection.close_when_idle();
            }
        });
    }
}

fn stop_accepting(worker: &Rc<Worker>, listening: &Listening) {
    listening.accepting.abort();
    listening.socket.accept_rest(&listening.front, worker);
}

async fn drain(
    worker: &Rc<Worker>,
    listeners: HashMap<FrontPlace, Listening>,
    grace: Duration,
    mut ticks: tokio::time::Interval,
) {
    for listening in listeners.values() {
        stop_accepting(worker, listening);
    }
    drop(listeners);
    let deadline = Millis::now().plus(grace);
    loop {
        worker.connections.borrow().each(ConnectionHandle::close_when_idle);
        if worker.connections.borrow().open == 0 || Millis::now() >= deadline {
            return;
        }
        ticks.tick().await;
        worker.tick();
    }
}

/// What the tasks of one worker share. Lives on one thread.
#[derive(Debug)]
pub(crate) struct Worker {
    /// Which worker: the position of its counters.
    pub index: usize,
    /// Clock and alarms.
    pub wheel: Wheel,
    /// Scratch and spare buffers.
    pub buffers: Rc<Buffers>,
    /// Connections kept to targets.
    pub pools: RefCell<Pools>,
    /// Connections to targets that speak HTTP/2.
    pub shared_connections: SharedConnections,
    /// What serves the requests of HTTP/1.
    pub requests: FuturePool<Job, Option<Served>>,
    /// Tasks that wait for streams to serve.
    pub stream_tasks: StreamTasks,
    /// Client connections.
    pub connections: RefCell<Connections>,
    /// Requests that wait for a target.
    pub waiting: Waiting,
    /// Where what happened to requests is noted.
    pub notes: Option<Notes>,
    running: RefCell<Rc<Running>>,
    maximum_connections: usize,
    wall: Cell<WallClock>,
    dates: RefCell<Dates>,
    ticks: Cell<u32>,
    random: Cell<u64>,
}

/// Dates as HTTP writes them, made once a second.
#[derive(Debug, Default)]
struct Dates {
    now: (i64, String),
    later: (i64, String),
}

/// The snapshot in force and this worker's view of its target groups.
#[derive(Debug)]
pub(crate) struct Running {
    /// The snapshot.
    pub snapshot: Arc<CompiledSnapshot>,
    /// Per target group.
    pub usable: Vec<RefCell<UsableTargets>>,
}

impl Running {
    fn new(snapshot: Arc<CompiledSnapshot>) -> Rc<Self> {
        let usable = snapshot.target_groups.iter().map(|_| RefCell::default()).collect();
        Rc::new(Self { snapshot, usable })
    }
}

impl Worker {
    fn new(index: usize, options: &WorkerOptions, snapshot: Arc<CompiledSnapshot>) -> Self {
        Self {
            index,
            wheel: Wheel::new(Millis::now()),
            buffers: Rc::default(),
            pools: RefCell::default(),
            shared_connections: SharedConnections::default(),
            requests: FuturePool::new(serve_requests),
            stream_tasks: StreamTasks::default(),
            connections: RefCell::default(),
            waiting: Waiting::default(),
            notes: options.records.as_ref().map(RecordSink::notes),
            running: RefCell::new(Running::new(snapshot)),
            maximum_connections: options.maximum_connections,
            wall: Cell::new(WallClock::now()),
            dates: RefCell::default(),
            ticks: Cell::new(0),
            random: Cell::new(random_seed(index)),
        }
    }

    /// What is in force; a request takes it once.
    #[inline]
    pub fn running(&self) -> Rc<Running> {
        Rc::clone(&self.running.borrow())
    }

    /// The wall clock, as of the last tick but for the time that has passed since.
    #[inline]
    pub fn wall(&self) -> WallClock {
        self.wall.get()
    }

    /// Seconds since 1970 at the last tick.
    #[inline]
    pub fn wall_seconds(&self) -> i64 {
        self.wall.get().micros(Micros(self.wheel.now().0.saturating_mul(1000))) / 1_000_000
    }

    /// Hands over the present date.
    pub fn with_date<R>(&self, take: impl FnOnce(&str) -> R) -> R {
        with_date(&mut self.dates.borrow_mut().now, self.wall_seconds(), take)
    }

    /// Hands over the date in so many seconds.
    pub fn with_later_date<R>(&self, seconds: i64, take: impl FnOnce(&str) -> R) -> R {
        with_date(&mut self.dates.borrow_mut().later, self.wall_seconds().saturating_add(seconds), take)
    }

    /// A number that no other connection of this process has or had.
    pub fn next_connection(&self) -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }

    /// A number that an observer of the others cannot be harmed by: for trace ids, not for secrets (splitmix64).
    #[inline]
    pub fn random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Whether no further client connection is taken.
    pub fn is_full(&self) -> bool {
        self.connections.borrow().open >= self.maximum_connections
    }

    /// Counts a connection that was closed at once.
    pub fn reject(&self, front: &FrontPlace) {
        let running = self.running();
        if let Some(entry) = running.snapshot.front(front).and_then(|front| front.only()) {
            let zone = &running.snapshot.balancer_of(entry.listener).zones[entry.zones[0]];
            zone.counts.of(self.index).rejected_connections.add(1);
        }
    }

    fn take_over(&self, snapshot: Arc<CompiledSnapshot>) {
        *self.running.borrow_mut() = Running::new(snapshot);
        self.waiting.snapshot_changed();
        let running = self.running();
        self.connections.borrow().each(|connection| {
            if connection.front.as_deref().is_some_and(|front| running.snapshot.front(front).is_none()) {
                connection.close_when_idle();
            }
        });
        self.pools.borrow_mut().sweep(self.wheel.now());
        self.cut_expired();
    }

    fn tick(&self) {
        self.wall.set(WallClock::now());
        self.wheel.turn(Millis::now());
        self.waiting.tick();
        if let Some(notes) = &self.notes {
            notes.flush();
        }
        self.ticks.set(self.ticks.get().wrapping_add(1));
        if self.ticks.get().is_multiple_of(POOL_SWEEP_TICKS) {
            self.pools.borrow_mut().sweep(self.wheel.now());
            self.shared_connections.sweep();
        }
        self.cut_expired();
    }
}

impl Worker {
    /// Cuts what still runs on targets whose deregistration delay is over.
    fn cut_expired(&self) {
        let running = self.running();
        let now = self.wall().timestamp(Micros::now());
        for target in running.snapshot.draining.iter().filter_map(std::sync::Weak::upgrade) {
            let over = target.drained_at().is_some_and(|at| at <= now);
            if over && target.counts.of(self.index).in_flight.get() > 0 {
                self.connections.borrow().each(|connection| connection.cut_if_served_by(target.slot()));
            }
        }
    }
}

fn with_date<R>((second, text): &mut (i64, String), wanted: i64, take: impl FnOnce(&str) -> R) -> R {
    if *second != wanted || text.is_empty() {
        text.clear();
        write_date(wanted, text);
        *second = wanted;
    }
    take(text)
}

/// What the worker can speak to: its client connections, and the requests of those that carry several at a time.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    entries: Vec<Option<Rc<ConnectionHandle>>>,
    free: Vec<usize>,
    /// Client connections.
    open: usize,
}

/// An entry in the worker's table, removed when the connection (or request) ends.
pub(crate) struct Registered<'a> {
    worker: &'a Worker,
    number: usize,
    is_connection: bool,
}

impl<'a> Registered<'a> {
    /// A client connection.
    pub fn connection(worker: &'a Worker, handle: &Rc<ConnectionHandle>) -> Self {
        let mut connections = worker.connections.borrow_mut();
        connections.open += 1;
        Self { worker, number: connections.insert(Rc::clone(handle)), is_connection: true }
    }

    /// A request of a connection that carries several.
    pub fn request(worker: &'a Worker, handle: &Rc<ConnectionHandle>) -> Self {
        let number = worker.connections.borrow_mut().insert(Rc::clone(handle));
        Self { worker, number, is_connection: false }
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        let mut connections = self.worker.connections.borrow_mut();
        connections.entries[self.number] = None;
        connections.free.push(self.number);
        if self.is_connection {
            connections.open -= 1;
        }
    }
}

impl Connections {
    fn insert(&mut self, connection: Rc<ConnectionHandle>) -> usize {
        if let Some(number) = self.free.pop() {
            self.entries[number] = Some(connection);
            return number;
        }
        self.entries.push(Some(connection));
        self.entries.len() - 1
    }

    fn each(&self, act: impl Fn(&ConnectionHandle)) {
        self.entries.iter().flatten().for_each(|connection| act(connection));
    }
}

/// What a worker can tell the task of a connection.
#[derive(Debug)]
pub(crate) struct ConnectionHandle {
    /// Where it was accepted; none: it is ours, to a target.
    pub front: Option<Rc<FrontPlace>>,
    /// Its alarm, which also wakes it for the orders below.
    pub alarm: Rc<Alarm>,
    /// Whether it waits for a request.
    pub idle: Cell<bool>,
    closing: Cell<bool>,
    cut: Cell<bool>,
    serving: Cell<Option<usize>>,
}

impl ConnectionHandle {
    /// A new connection without a request.
    pub fn new(front: Option<Rc<FrontPlace>>, alarm: Rc<Alarm>) -> Self {
        Self {
            front,
            alarm,
            idle: Cell::new(true),
            closing: Cell::new(false),
            cut: Cell::new(false),
            serving: Cell::new(None),
        }
    }

    /// Whether the connection is to be closed at the end of the request that it is at.
    #[inline]
    pub fn is_closing(&self) -> bool {
        self.closing.get()
    }

    /// Whether the request must end now, because its target's deregistration delay is over.
    #[inline]
    pub fn is_cut(&self) -> bool {
        self.cut.get()
    }

    /// Notes which target the request is at, by its slot. The request's snapshot keeps the slot from being given away.
    #[inline]
    pub fn begin(&self, slot: usize) {
        self.serving.set(Some(slot));
    }

    /// Notes that no target works for it any more.
    #[inline]
    pub fn end(&self) {
        self.serving.set(None);
        self.cut.set(false);
    }

    fn close_when_idle(&self) {
        self.closing.set(true);
        if self.idle.get() {
            self.alarm.wake();
        }
    }

    fn cut_if_served_by(&self, slot: usize) {
        if self.serving.get() == Some(slot) {
            self.cut.set(true);
            self.alarm.wake();
        }
    }
}

fn random_seed(index: usize) -> u64 {
    let mut seed = [0u8; 8];
    match getrandom::fill(&mut seed) {
        Ok(()) => u64::from_ne_bytes(seed),
        // Trace ids would repeat over restarts; requests are served all the same.
        Err(_) => Millis::now().0 ^ (index as u64) << 48 ^ u64::from(std::process::id()),
    }
}
