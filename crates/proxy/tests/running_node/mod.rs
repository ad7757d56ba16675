//! A node in this process and a control plane of a few lines, for tests of the node as a whole.

// Every test binary uses a part of this.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]
// Plain threads wait here: nothing that could be starved shares them.
#![allow(clippy::disallowed_methods)]

use model::{
    Arn, Timestamp,
    elbv2::{
        action::Action,
        admission::Admission,
        front_place::FrontPlace,
        health_check::HealthCheck,
        snapshot::{
            Front, FrontListener, ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot, TargetGroupPlan, TargetPlan,
        },
        target::{TargetId, TargetKey},
        target_health::{CheckedHealth, CheckedState},
    },
    node::{FromNode, ToNode, decode_frame, encode_frame},
};
use proxy::node::{NodeError, NodeOptions, run};
use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::net::UnixStream,
    path::Path,
    sync::atomic::{AtomicU16, Ordering},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Generous: the machine may be busy with other tests.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A node that runs on a thread of this process.
pub struct RunningNode {
    pub data: tempfile::TempDir,
    thread: Option<JoinHandle<Result<(), NodeError>>>,
}

impl RunningNode {
    pub fn start() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    /// Starts on a data directory that may have been used before.
    pub fn on(data: tempfile::TempDir) -> Self {
        let thread = Some(spawn(data.path()));
        Self { data, thread }
    }

    /// Connects as control plane, as soon as the node listens.
    pub fn connect(&self) -> Controller {
        Controller::connect(self.data.path())
    }

    /// Waits for the node's end.
    pub fn ended(mut self) -> tempfile::TempDir {
        let thread = self.thread.take().unwrap();
        until(|| thread.is_finished());
        thread.join().unwrap().unwrap();
        let Self { data, .. } = self;
        data
    }

    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

pub fn spawn(data: &Path) -> JoinHandle<Result<(), NodeError>> {
    let mut options = NodeOptions::new(data.to_owned(), "test");
    options.workers = Some(1);
    std::thread::spawn(move || run(options))
}

/// A control plane.
pub struct Controller {
    pub stream: UnixStream,
    buffer: Vec<u8>,
    health: HashMap<TargetKey, CheckedHealth>,
}

impl Controller {
    pub fn connect(data: &Path) -> Self {
        let deadline = Instant::now() + DEADLINE;
        loop {
            match UnixStream::connect(data.join("node/socket")) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(DEADLINE)).unwrap();
                    return Self { stream, buffer: Vec::new(), health: HashMap::new() };
                }
                Err(error) => assert!(Instant::now() < deadline, "the node does not listen: {error}"),
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn send(&mut self, message: &ToNode) {
        self.stream.write_all(&encode_frame(message).unwrap()).unwrap();
    }

    /// The next frame; `None` at the end of the connection.
    pub fn receive(&mut self) -> Option<FromNode> {
        loop {
            if let Some(frame) = decode_frame(&mut self.buffer).unwrap() {
                if let FromNode::TargetHealth { target, health, .. } = &frame {
                    self.health.insert(target.clone(), health.clone());
                }
                return Some(frame);
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => return None,
                Ok(n) => self.buffer.extend_from_slice(&bytes[..n]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("no frame in time: {error}"),
            }
        }
    }

    /// The first frame that the choice takes; others are passed over.
    pub fn find<T>(&mut self, choose: impl Fn(FromNode) -> Option<T>) -> T {
        loop {
            if let Some(found) = choose(self.receive().expect("the connection lives")) {
                return found;
            }
        }
    }

    /// Reads hello; the node's generation.
    pub fn hello(&mut self) -> u64 {
        match self.receive() {
            Some(FromNode::Hello { pid, version, generation, .. }) => {
                assert_eq!((pid, version.as_str()), (std::process::id(), "test"));
                generation
            }
            other => panic!("hello comes first, not {other:?}"),
        }
    }

    /// Applies a snapshot; the fronts that failed, or why it was refused.
    pub fn apply(&mut self, snapshot: &LoadBalancingSnapshot) -> Result<Vec<(FrontPlace, String)>, String> {
        self.send(&ToNode::Apply(Box::new(snapshot.clone())));
        self.answer(snapshot.generation)
    }

    pub fn answer(&mut self, asked: u64) -> Result<Vec<(FrontPlace, String)>, String> {
        self.find(|frame| match frame {
            FromNode::Applied { generation, failed_fronts } if generation == asked => Some(Ok(failed_fronts)),
            FromNode::Refused { generation, reason } if generation == asked => Some(Err(reason)),
            FromNode::Hello { .. }
            | FromNode::Applied { .. }
            | FromNode::Refused { .. }
            | FromNode::TargetHealth { .. }
            | FromNode::Requests { .. }
            | FromNode::Statistics(_) => None,
        })
    }

    /// Waits until a target has the state, or finds that it was reported already.
    pub fn health(&mut self, address: SocketAddr, state: CheckedState) -> CheckedHealth {
        loop {
            if let Some(health) = self.health.get(&key(address)).filter(|health| health.state == state) {
                return health.clone();
            }
            self.receive().expect("the connection lives");
        }
    }
}

pub fn until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "the condition was not met in time");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// An address that nobody listens at, and another one at each call: on a loopback address that only this process uses, with
/// ports below those that the system gives away by itself.
pub fn free_address() -> SocketAddr {
    static NEXT_PORT: AtomicU16 = AtomicU16::new(10_000);
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    (Ipv4Addr::new(127, 64 + high % 64, middle, low), NEXT_PORT.fetch_add(1, Ordering::Relaxed)).into()
}

pub fn key(address: SocketAddr) -> TargetKey {
    TargetKey { id: TargetId::Ip(Ipv4Addr::LOCALHOST), port: address.port() }
}

pub fn arn(resource: &str) -> Arn {
    Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", resource)
}

/// One load balancer on these fronts, with these targets, checked every second.
pub fn snapshot(generation: u64, fronts: &[SocketAddr], targets: &[SocketAddr]) -> LoadBalancingSnapshot {
    let listener = arn("listener/app/web/1/1");
    let group = arn("targetgroup/web/1");
    let front = |address: &SocketAddr| Front {
        place: (*address).into(),
        listeners: vec![FrontListener {
            listener: listener.clone(),
            hosts: vec!["web.elb.localhost".to_owned()],
            zones: vec!["eu-west-1a".to_owned()],
            admission: Admission::Everybody,
        }],
    };
    let target = |address: &SocketAddr| TargetPlan {
        key: key(*address),
        address: *address,
        interface: None,
        zone: "eu-west-1a".to_owned(),
        registered_at: Timestamp::from_seconds(1),
        drained_at: None,
        health: None,
    };
    LoadBalancingSnapshot {
        generation,
        fronts: fronts.iter().map(front).collect(),
        load_balancers: vec![LoadBalancerPlan {
            listeners: vec![ListenerPlan::new(listener.clone(), 80, Action::forward_to(group.clone()))],
            ..LoadBalancerPlan::new(arn("loadbalancer/app/web/1"), "web.elb.localhost")
        }],
        target_groups: vec![TargetGroupPlan {
            targets: targets.iter().map(target).collect(),
            ..TargetGroupPlan::new(
                group.clone(),
                HealthCheck {
                    interval_seconds: 1,
                    timeout_seconds: 1,
                    healthy_threshold: 2,
                    unhealthy_threshold: 2,
                    ..HealthCheck::default()
                },
            )
        }],
        ..LoadBalancingSnapshot::default()
    }
}

/// The status of a GET through a front.
pub fn get(front: SocketAddr, path: &str) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(front)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| std::io::Error::other(format!("not an answer: {answer:?}")))
}
