//! The link to the load balancer node: starts its process when there is none, adopts it when there is one, sends it
//! snapshots and collects what it reports.
//!
//! The node outlives this process: a link that ends says nothing about the node's traffic.

use model::{
    Arn, Timestamp,
    elbv2::{
        anomaly::AnomalyState, front_place::FrontPlace, snapshot::LoadBalancingSnapshot, target::TargetKey,
        target_health::CheckedHealth,
    },
    node::{FromNode, Remembered, Statistics, ToNode, decode_frame, encode_frame},
};
use std::{
    collections::HashMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    sync::{Notify, mpsc, oneshot, watch},
};

/// Health reports and statistics that wait to be taken. A full queue of health holds the node's frames back in its socket;
/// of statistics, the newest are lost.
const QUEUE: usize = 4096;
/// How long a started node may take to listen.
const START_DEADLINE: Duration = Duration::from_secs(10);
const CONNECT_PAUSE: Duration = Duration::from_millis(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const MAXIMUM_PAUSE: Duration = Duration::from_secs(5);
/// A link that lasted so long was a good one: the next pause is short again. Shorter ones mean a node that keeps ending.
const GOOD_LINK: Duration = Duration::from_secs(10);
/// How long the node's log may be when another node is started: a longer one is put aside, in the place of the last.
const MAXIMUM_LOG_BYTES: u64 = 16 << 20;
/// What the end of the node may take beyond its grace.
const SHUTDOWN_MARGIN: Duration = Duration::from_secs(2);

/// How long the node may take to say what it remembers: it looks for a request for 0.4 s before it says that there is none.
const FIND_DEADLINE: Duration = Duration::from_secs(5);
/// Questions that may wait to be sent.
const MAXIMUM_QUESTIONS: usize = 16;

/// How to start a node.
#[derive(Clone, Debug)]
pub struct NodeCommand {
    /// The program, normally this one.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The data directory: the socket is `node/socket` in it.
    pub data_dir: PathBuf,
}

/// What is known about the node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeStatus {
    /// Whether the link is up.
    pub connected: bool,
    /// The node's process.
    pub pid: Option<u32>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// Its version.
    pub version: String,
    /// The snapshot that is in force.
    pub applied: u64,
    /// Sockets of that snapshot that could not be opened, and why.
    pub failed_fronts: Vec<(FrontPlace, String)>,
    /// The newest snapshot that it refused, and why.
    pub refused: Option<(u64, String)>,
}

/// One finding about a target.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthReport {
    /// The group.
    pub target_group: Arn,
    /// The target.
    pub target: TargetKey,
    /// The registration that was checked.
    pub registered_at: Timestamp,
    /// What was found.
    pub health: CheckedHealth,
    /// Whether it fails more than its peers.
    pub anomaly: AnomalyState,
}

/// What the node remembers of requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundRequests {
    /// Each as the access log has it in JSON, the newest first.
    pub requests: Vec<serde_json::Value>,
    /// How far the node's memory goes back.
    pub remembered: Remembered,
}

/// Why the node did not say what it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// There is no node, or the link to it ended meanwhile.
    #[error("the load balancer node is not connected")]
    Away,
    /// It said nothing in time.
    #[error("the load balancer node did not answer within {} s", FIND_DEADLINE.as_secs())]
    Silent,
    /// Too many ask at once.
    #[error("too many ask the load balancer node at once")]
    Busy,
}

struct Question {
    id: String,
    answer: oneshot::Sender<FoundRequests>,
}

/// The control plane's end of the link.
#[derive(Clone)]
pub struct NodeLink {
    snapshot: watch::Sender<Option<Arc<LoadBalancingSnapshot>>>,
    shutdown: watch::Sender<Option<u32>>,
    questions: mpsc::Sender<Question>,
    status: watch::Receiver<NodeStatus>,
    /// Woken whenever the status changes.
    pub status_changed: Arc<Notify>,
    /// Woken when health reports wait.
    pub health_reported: Arc<Notify>,
}

/// What the node sent; each queue has one taker.
pub struct NodeReports {
    /// For `target_health`.
    pub health: mpsc::Receiver<HealthReport>,
    /// For `metrics`.
    pub statistics: mpsc::Receiver<Statistics>,
}

impl NodeLink {
    /// Begins to keep a node running and connected. Must be called in a runtime.
    pub fn start(command: NodeCommand) -> (Self, NodeReports) {
        let (snapshot, snapshots) = watch::channel(None);
        let (shutdown, shutdowns) = watch::channel(None);
        let (questions, asked) = mpsc::channel(MAXIMUM_QUESTIONS);
        let (status_sender, status) = watch::channel(NodeStatus::default());
        let (health_sender, health) = mpsc::channel(QUEUE);
        let (statistics_sender, statistics) = mpsc::channel(QUEUE);
        let (status_changed, health_reported) = (Arc::default(), Arc::default());
        let link = Self { snapshot, shutdown, questions, status, status_changed, health_reported };
        let worker = Worker {
            command,
            snapshots,
            shutdowns,
            questions: asked,
            waiting: HashMap::new(),
            asked: 0,
            status: status_sender,
            status_changed: link.status_changed.clone(),
            health_reported: link.health_reported.clone(),
            health: health_sender,
            statistics: statistics_sender,
        };
        tokio::spawn(worker.run());
        (link, NodeReports { health, statistics })
    }

    /// Makes the node run this, now and whenever it connects.
    pub fn apply(&self, snapshot: LoadBalancingSnapshot) {
        self.snapshot.send_replace(Some(Arc::new(snapshot)));
    }

    /// What a node that connects later is to run, while the one that is connected has as much already.
    pub fn keep_for_later(&self, snapshot: LoadBalancingSnapshot) {
        self.snapshot.send_if_modified(|kept| {
            *kept = Some(Arc::new(snapshot));
            false
        });
    }

    /// What the node is to run.
    pub fn snapshot(&self) -> Option<Arc<LoadBalancingSnapshot>> {
        self.snapshot.borrow().clone()
    }

    /// Asks the node what it remembers of requests with this id: a trace id or one in it, or that of a client's connection.
    ///
    /// # Errors
    /// The node is not there or says nothing.
    pub async fn find_requests(&self, id: &str) -> Result<FoundRequests, NotAsked> {
        if !self.status.borrow().connected {
            return Err(NotAsked::Away);
        }
        let (answer, answered) = oneshot::channel();
        self.questions.try_send(Question { id: id.to_owned(), answer }).map_err(|_| NotAsked::Busy)?;
        match tokio::time::timeout(FIND_DEADLINE, answered).await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(_)) => Err(NotAsked::Away),
            Err(_) => Err(NotAsked::Silent),
        }
    }

    /// What is known about the node.
    pub fn status(&self) -> NodeStatus {
        self.status.borrow().clone()
    }

    /// Waits until the link is up; `false` when the time is over before.
    pub async fn connected_within(&self, time: Duration) -> bool {
        let mut status = self.status.clone();
        matches!(tokio::time::timeout(time, status.wait_for(|status| status.connected)).await, Ok(Ok(_)))
    }

    /// Ends the node in order, also one that the link is just down to; returns when it is gone or the time is over.
    pub async fn shut_down(&self, grace: Duration) {
        let seconds = u32::try_from(grace.as_secs()).unwrap_or(u32::MAX);
        let mut status = self.status.clone();
        self.shutdown.send_replace(Some(seconds));
        // The worker ends, and with it the sender of the status, when there is no node any more.
        let gone = async { while status.changed().await.is_ok() {} };
        if tokio::time::timeout(grace + SHUTDOWN_MARGIN, gone).await.is_err() {
            tracing::warn!(?grace, "the load balancer node did not end in time");
        }
    }
}

struct Worker {
    command: NodeCommand,
    snapshots: watch::Receiver<Option<Arc<LoadBalancingSnapshot>>>,
    shutdowns: watch::Receiver<Option<u32>>,
    questions: mpsc::Receiver<Question>,
    /// Those that were sent, by their numbers.
    waiting: HashMap<u64, oneshot::Sender<FoundRequests>>,
    asked: u64,
    status: watch::Sender<NodeStatus>,
    status_changed: Arc<Notify>,
    health_reported: Arc<Notify>,
    health: mpsc::Sender<HealthReport>,
    statistics: mpsc::Sender<Statistics>,
}

impl Worker {
    /// Keeps a node running and connected until it is to be shut down, and then until there is none.
    async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        while !self.status.is_closed() {
            let ending = self.shutdowns.borrow().is_some();
            let connected = if ending { self.adopt().await } else { self.connect().await };
            let lasted = match connected {
                Ok(stream) => self.serve_until_it_ends(stream).await,
                // Nothing is there any more that could be shut down.
                Err(_) if ending => return,
                Err(error) => {
                    tracing::error!(%error, "the load balancer node does not start");
                    Duration::ZERO
                }
            };
            pause = if lasted >= GOOD_LINK { FIRST_PAUSE } else { (pause * 2).min(MAXIMUM_PAUSE) };
            tokio::select! {
                () = tokio::time::sleep(if ending { FIRST_PAUSE } else { pause }) => {}
                () = async { drop(self.shutdowns.wait_for(Option::is_some).await) }, if !ending => {}
            }
        }
    }

    /// Returns how long it lasted.
    async fn serve_until_it_ends(&mut self, stream: UnixStream) -> Duration {
        let since = tokio::time::Instant::now();
        if let Err(error) = self.serve(stream).await
            && self.shutdowns.borrow().is_none()
        {
            tracing::warn!(%error, "the link to the load balancer node ended");
        }
        self.set_status(|status| status.connected = false);
        // Whoever waits learns it at once.
        self.waiting.clear();
        since.elapsed()
    }

    fn socket(&self) -> PathBuf {
        self.command.data_dir.join("node/socket")
    }

    /// A connection to the node that runs.
    async fn adopt(&self) -> io::Result<UnixStream> {
        UnixStream::connect(self.socket()).await
    }

    /// A connection to the node that runs, or to one that is started now.
    async fn connect(&self) -> io::Result<UnixStream> {
        let socket = self.socket();
        if let Ok(stream) = self.adopt().await {
            return Ok(stream);
        }
        let mut child = self.command.spawn()?;
        let deadline = tokio::time::Instant::now() + START_DEADLINE;
        loop {
            tokio::time::sleep(CONNECT_PAUSE).await;
            if let Ok(stream) = UnixStream::connect(&socket).await {
                // Reaped by a thread of its own, so that a node that dies leaves no zombie.
                std::thread::spawn(move || child.wait());
                return Ok(stream);
            }
            if let Some(status) = child.try_wait()? {
                return Err(io::Error::other(format!("it ended with {status}; see {}", self.command.log().display())));
            }
            if tokio::time::Instant::now() > deadline {
                child.kill()?;
                return Err(io::Error::new(io::ErrorKind::TimedOut, "it did not listen in time"));
            }
        }
    }

    async fn serve(&mut self, stream: UnixStream) -> io::Result<()> {
        let (mut reader, mut writer) = stream.into_split();
        let mut buffer = Vec::new();
        self.snapshots.mark_changed();
        if self.shutdowns.borrow().is_some() {
            self.shutdowns.mark_changed();
        }
        loop {
            tokio::select! {
                read = reader.read_buf(&mut buffer) => {
                    if read? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    while let Some(frame) = decode_frame::<FromNode>(&mut buffer).map_err(io::Error::other)? {
                        self.take(frame).await;
                    }
                }
                Ok(()) = self.snapshots.changed() => {
                    let snapshot = self.snapshots.borrow_and_update().clone();
                    if let Some(snapshot) = snapshot {
                        let frame = encode_frame(&ToNode::Apply(Box::new((*snapshot).clone()))).map_err(io::Error::other)?;
                        writer.write_all(&frame).await?;
                    }
                }
                Ok(()) = self.shutdowns.changed() => {
                    let grace_seconds = self.shutdowns.borrow_and_update().unwrap_or(0);
                    let frame = encode_frame(&ToNode::Shutdown { grace_seconds }).map_err(io::Error::other)?;
                    writer.write_all(&frame).await?;
                }
                Some(question) = self.questions.recv() => {
                    let frame = encode_frame(&self.number(question)).map_err(io::Error::other)?;
                    writer.write_all(&frame).await?;
                }
            }
        }
    }

    /// Gives a question its number, by which its answer is known.
    fn number(&mut self, Question { id, answer }: Question) -> ToNode {
        self.asked += 1;
        // Who gave up does not wait any more.
        self.waiting.retain(|_, answer| !answer.is_closed());
        self.waiting.insert(self.asked, answer);
        ToNode::FindRequests { question: self.asked, id }
    }

    async fn take(&mut self, frame: FromNode) {
        match frame {
            FromNode::Hello { pid, version, started_at, generation } => self.set_status(|status| {
                *status = NodeStatus {
                    connected: true,
                    pid: Some(pid),
                    started_at: Some(started_at),
                    version,
                    applied: generation,
                    failed_fronts: Vec::new(),
                    refused: None,
                };
            }),
            FromNode::Applied { generation, failed_fronts } => self.set_status(|status| {
                status.applied = generation;
                status.failed_fronts = failed_fronts;
                // The one that was refused may be newer: then it still is the newest.
                status.refused = status.refused.take().filter(|(refused, _)| *refused > generation);
            }),
            FromNode::Refused { generation, reason } => {
                tracing::error!(generation, reason, "the load balancer node refused a snapshot");
                self.set_status(|status| status.refused = Some((generation, reason)));
            }
            FromNode::TargetHealth { target_group, target, registered_at, health, anomaly } => {
                let report = HealthReport { target_group, target, registered_at, health, anomaly };
                // In an orderly stop the controllers end before the node: its last reports then find nobody, and the
                // next control plane is told all of them anew.
                if self.health.send(report).await.is_ok() {
                    self.health_reported.notify_one();
                }
            }
            FromNode::Requests { question, found, remembered } => {
                if let Some(answer) = self.waiting.remove(&question) {
                    // Whoever asked may have given up at this moment.
                    let _ = answer.send(FoundRequests { requests: found, remembered });
                }
            }
            // Statistics that nobody takes in time are lost; health is not.
            FromNode::Statistics(statistics) => drop(self.statistics.try_send(statistics)),
        }
    }

    fn set_status(&self, change: impl FnOnce(&mut NodeStatus)) {
        self.status.send_modify(change);
        self.status_changed.notify_one();
    }
}

impl NodeCommand {
    fn log(&self) -> PathBuf {
        self.data_dir.join("logs/node.log")
    }

    /// Starts the node; it makes a session of its own, so that it outlives this process.
    fn spawn(&self) -> io::Result<std::process::Child> {
        let log = self.log();
        std::fs::create_dir_all(log.parent().unwrap_or(Path::new(".")))?;
        if std::fs::metadata(&log).is_ok_and(|log| log.len() > MAXIMUM_LOG_BYTES) {
            std::fs::rename(&log, log.with_extension("log.old"))?;
        }
        let log = File::options().create(true).append(true).open(log)?;
        Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
    }
}
