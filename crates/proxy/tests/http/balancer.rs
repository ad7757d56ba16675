//! A load balancer in the test's process: workers with a snapshot, and a client that reads answers strictly.

use model::{
    Arn, Timestamp,
    elbv2::{
        action::Action,
        admission::Admission,
        health_check::HealthCheck,
        snapshot::{
            Front, FrontListener, ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot, TargetGroupPlan, TargetPlan,
        },
        target::{TargetId, TargetKey},
        target_health::{CheckedHealth, CheckedState},
    },
};
use proxy::{
    config::CompiledSnapshot,
    target::{TargetState, TargetStates},
    telemetry::{
        batch::{Records, channel},
        counters::{Count, ELB_STATUSES, LoadBalancerCounts},
        line::LineWriter,
    },
    worker::{WorkerOptions, Workers},
};
use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

/// How long anything may take before a test fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The only zone.
pub const ZONE: &str = "ap-northeast-2a";

pub struct Balancer {
    pub front: SocketAddr,
    pub snapshot: LoadBalancingSnapshot,
    pub states: TargetStates,
    pub records: Records,
    workers: Option<Workers>,
}

pub fn arn(resource: &str) -> Arn {
    Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", resource)
}

pub fn target(address: SocketAddr, state: CheckedState) -> TargetPlan {
    let IpAddr::V4(ip) = address.ip() else { panic!("targets have IPv4 addresses") };
    TargetPlan {
        key: TargetKey { id: TargetId::Ip(ip), port: address.port() },
        address,
        interface: None,
        zone: "ap-northeast-2a".to_owned(),
        registered_at: Timestamp::default(),
        drained_at: None,
        health: Some(CheckedHealth { state, since: Timestamp::default(), failure: None }),
    }
}

pub fn load_balancer(name: &str, front_port: u16, group: &Arn) -> LoadBalancerPlan {
    let listener =
        ListenerPlan::new(arn(&format!("listener/app/{name}/1/1")), front_port, Action::forward_to(group.clone()));
    LoadBalancerPlan {
        listeners: vec![listener],
        ..LoadBalancerPlan::new(arn(&format!("loadbalancer/app/{name}/1")), format!("{name}.elb.localhost"))
    }
}

pub fn group(name: &str, targets: &[SocketAddr]) -> TargetGroupPlan {
    TargetGroupPlan {
        targets: targets.iter().map(|address| target(*address, CheckedState::Healthy)).collect(),
        ..TargetGroupPlan::new(arn(&format!("targetgroup/{name}/1")), HealthCheck::default())
    }
}

fn snapshot(front: SocketAddr, targets: &[SocketAddr]) -> LoadBalancingSnapshot {
    let group = group("web", targets);
    // The port in the API: the address has another one, as with a port offset.
    let load_balancer = load_balancer("web", 80, &group.arn);
    LoadBalancingSnapshot {
        generation: 1,
        fronts: vec![Front {
            place: front.into(),
            listeners: vec![FrontListener {
                listener: load_balancer.listeners[0].arn.clone(),
                hosts: vec![],
                zones: vec![ZONE.to_owned()],
                admission: Admission::Everybody,
            }],
        }],
        load_balancers: vec![load_balancer],
        target_groups: vec![group],
        ..LoadBalancingSnapshot::default()
    }
}

impl Balancer {
    /// Two workers in front of healthy targets.
    pub fn new(targets: &[SocketAddr]) -> Self {
        Self::with(targets, |_| {})
    }

    /// The same with a changed snapshot.
    pub fn with(targets: &[SocketAddr], change: impl FnOnce(&mut LoadBalancingSnapshot)) -> Self {
        Self::with_options(targets, change, WorkerOptions::new(2))
    }

    /// The same with other workers.
    pub fn with_options(
        targets: &[SocketAddr],
        change: impl FnOnce(&mut LoadBalancingSnapshot),
        options: WorkerOptions,
    ) -> Self {
        let states = TargetStates::new(options.count);
        let (sink, records) = channel(1000);
        let options = WorkerOptions { records: Some(sink), ..options };
        let workers = Workers::start(&options, states.clone()).unwrap();
        let front = open_somewhere(&workers);
        let mut snapshot = snapshot(front, targets);
        change(&mut snapshot);
        workers.apply(CompiledSnapshot::compile(&snapshot, &states).unwrap());
        Self { front, snapshot, states, records, workers: Some(workers) }
    }

    /// Changes the snapshot. Workers take it over between two events.
    pub fn change(&mut self, change: impl FnOnce(&mut LoadBalancingSnapshot)) {
        change(&mut self.snapshot);
        self.snapshot.generation += 1;
        self.workers().apply(CompiledSnapshot::compile(&self.snapshot, &self.states).unwrap());
    }

    pub fn workers(&self) -> &Workers {
        self.workers.as_ref().unwrap()
    }

    pub fn take_workers(&mut self) -> Workers {
        self.workers.take().unwrap()
    }

    pub fn client(&self) -> Client {
        Client::connect(self.front)
    }

    /// One request on a connection of its own.
    pub fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut client = self.client();
        client.send(request);
        client.answer()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask(format!("GET {path} HTTP/1.1\r\nHost: web.example\r\nConnection: close\r\n\r\n"))
    }

    pub fn state(&self, position: usize) -> Arc<TargetState> {
        let plan = &self.snapshot.target_groups[0].targets[position];
        self.states.get(&self.snapshot.target_groups[0].arn, &plan.key, plan.registered_at).unwrap()
    }

    pub fn count(&self, count: impl Fn(&LoadBalancerCounts) -> &Count) -> u64 {
        self.states.load_balancer(&self.snapshot.load_balancers[0].arn, ZONE).sum(count)
    }

    /// What the access log has so far of requests that were not asked for before, as JSON.
    pub fn logged(&self) -> Vec<serde_json::Value> {
        let mut lines = Vec::new();
        while let Some(batch) = self.records.take() {
            batch.records().for_each(|record| LineWriter::default().json(&mut lines, record));
        }
        let lines = String::from_utf8(lines).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What the connection log would have so far of connections that were not asked for before.
    pub fn connections(&self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(batch) = self.records.take() {
            batch.connections().for_each(|record| LineWriter::default().connection(&mut lines, record));
        }
        String::from_utf8(lines).unwrap().lines().map(str::to_owned).collect()
    }

    /// How many requests and connections were noted since somebody asked.
    pub fn noted(&self) -> (usize, usize) {
        let (mut requests, mut connections) = (0, 0);
        while let Some(batch) = self.records.take() {
            requests += batch.records().len();
            connections += batch.connections().len();
        }
        (requests, connections)
    }

    pub fn elb_code(&self, status: u16) -> u64 {
        let position = ELB_STATUSES.iter().position(|s| *s == status).unwrap();
        self.count(|counts| &counts.elb_codes[position])
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        if let Some(workers) = self.workers.take() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(workers.drain(Duration::ZERO));
        }
    }
}

/// A port that was free a moment ago may be taken by another test; then another one is tried.
fn open_somewhere(workers: &Workers) -> SocketAddr {
    for _ in 0..100 {
        let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = probe.local_addr().unwrap();
        drop(probe);
        if workers.open_front(&address.into()).is_ok() {
            return address;
        }
    }
    panic!("no port could be opened");
}

/// An address that refuses connections.
pub fn refusing() -> SocketAddr {
    let target = testkit::TestTarget::answering("");
    target.kill();
    target.address
}

/// Waits for a condition.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::yield_now();
    }
}

/// An answer as a client read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A client that speaks HTTP/1.1 literally.
pub struct Client<S = TcpStream> {
    pub stream: S,
    unread: Vec<u8>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(stream)
    }
}

impl<S: Read + Write> Client<S> {
    /// Over a connection that is there.
    pub fn over(stream: S) -> Self {
        Self { stream, unread: Vec::new() }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// The next answer; the request was not HEAD.
    pub fn answer(&mut self) -> Answer {
        self.try_answer(false).unwrap()
    }

    /// The next answer, or how the connection ended before it was complete.
    pub fn try_answer(&mut self, head: bool) -> io::Result<Answer> {
        let mut answer = self.head()?;
        let bodyless = head || matches!(answer.status, 100..=199 | 204 | 304);
        if bodyless {
        } else if answer.header("transfer-encoding").is_some() {
            answer.body = self.chunks()?;
        } else if let Some(length) = answer.header("content-length").map(|l| l.parse().unwrap()) {
            answer.body = self.take(length)?;
        } else {
            while self.fill()? {}
            answer.body = std::mem::take(&mut self.unread);
        }
        Ok(answer)
    }

    fn head(&mut self) -> io::Result<Answer> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 128];
            let mut response = httparse::Response::new(&mut headers);
            let status = response.parse(&self.unread).map_err(io::Error::other)?;
            if let httparse::Status::Complete(length) = status {
                let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                let headers = response.headers.iter().map(|h| (h.name.to_owned(), text(h.value))).collect();
                let status = response.code.unwrap();
                self.unread.drain(..length);
                return Ok(Answer { status, headers, body: Vec::new() });
            }
            if !self.fill()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        let mut piece = [0; 65_536];
        let n = self.stream.read(&mut piece)?;
        self.unread.extend_from_slice(&piece[..n]);
        Ok(n > 0)
    }

    pub fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.unread.len() < length {
            if !self.fill()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.unread.drain(..length).collect())
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|pair| pair == b"\r\n") {
                let line = String::from_utf8(self.take(end)?).unwrap();
                self.take(2)?;
                return Ok(line);
            }
            if !self.fill()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(self.line()?.split(';').next().unwrap(), 16).map_err(io::Error::other)?;
            if size == 0 {
                while !self.line()?.is_empty() {}
                return Ok(body);
            }
            body.extend(self.take(size)?);
            self.take(2)?;
        }
    }

    /// Whether the connection ends (in any way) with nothing more to read.
    pub fn is_closed(&mut self) -> bool {
        self.unread.is_empty() && matches!(self.stream.read(&mut [0; 1]), Ok(0) | Err(_))
    }
}

impl Client {
    /// Gives bytes back that were taken.
    pub fn put_back(&mut self, bytes: Vec<u8>) {
        self.unread.splice(..0, bytes);
    }
}
