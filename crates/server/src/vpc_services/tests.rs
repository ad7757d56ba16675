//! The services in real networks: each instance reads what is its own, and names lead where they should.
//!
//! It needs root, `ip` and `nft`; where they are missing, a test prints why and does nothing.
#![allow(clippy::print_stdout, reason = "a test that does nothing says why")]

use super::*;
use hickory_proto::{
    op::{Message, MessageType, OpCode, Query, ResponseCode},
    rr::{Name, RData, Record, RecordType, rdata::A},
};
use model::{
    Arn, Scope, Timestamp,
    ec2::{
        instance::{InstanceState, MetadataOptions},
        network_interface::InterfaceOwner,
        network_plan::{HostFacts, HostTag, plan},
    },
    elbv2::{
        attribute::Attributes,
        load_balancer::{LoadBalancer, LoadBalancerKind, LoadBalancerState, Scheme},
    },
};
use network::{LinuxDriver, NetworkDriver, enter};
use std::{
    convert::Infallible,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::Command,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Instant,
};
use testkit::{clock::ManualClock, network::World};

const TIMEOUT: Duration = Duration::from_secs(10);
/// After how long a datagram is sent again.
const RESEND: Duration = Duration::from_millis(250);
const TOKEN: &str = "/latest/api/token";
const ID: &str = "/latest/meta-data/instance-id";
const BALANCER: &str = "internal-web-1.ap-northeast-2.elb.test";

fn ids() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A VPC with two instances and a load balancer, in real namespaces, and its services.
struct Lab {
    world: World,
    driver: LinuxDriver,
    facts: HostFacts,
    store: Store,
    scope: Scope,
    clock: ManualClock,
    applied: watch::Sender<Arc<Vec<AppliedVpc>>>,
    stop: watch::Sender<bool>,
    /// Has the list of resolvers.
    _directory: tempfile::TempDir,
}

impl Lab {
    async fn new(resolvers: &str) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        if let Some(reason) = missing() {
            println!("skipped: {reason}");
            return None;
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let tag = HostTag::of_data_directory(&format!("services {} {number}", std::process::id()));
        let facts = HostFacts { tag, outer: None };
        let directory = tempfile::tempdir().unwrap();
        let list = directory.path().join("resolv.conf");
        fs::write(&list, resolvers).unwrap();
        let (applied, published) = watch::channel(Arc::default());
        let (stop, stopped) = watch::channel(false);
        let (store, clock) = (Store::in_memory(), ManualClock::default());
        let shared_clock = Arc::new(clock.clone());
        let serving = store.clone();
        tokio::spawn(async move { serve(serving, shared_clock, ids, &list, published, stopped).await });
        let lab = Self {
            world: world(),
            driver: LinuxDriver::new(facts.clone()),
            facts,
            store,
            scope: Scope::new("123456789012", "ap-northeast-2"),
            clock,
            applied,
            stop,
            _directory: directory,
        };
        lab.write().await;
        lab.publish();
        Some(lab)
    }

    /// Puts the world's records into the store.
    async fn write(&self) {
        let (world, scope) = (&self.world, &self.scope);
        let work = |txn: &mut store::Transaction| {
            world.vpcs.iter().for_each(|record| txn.put(scope, record.clone()));
            world.subnets.iter().for_each(|record| txn.put(scope, record.clone()));
            world.instances.iter().for_each(|record| txn.put(scope, record.clone()));
            world.security_groups.iter().for_each(|record| txn.put(scope, record.clone()));
            for interface in &world.network_interfaces {
                txn.put(scope, interface.clone());
                if let InterfaceOwner::LoadBalancer(arn) = &interface.owner {
                    txn.put(scope, balancer(arn));
                }
            }
            Ok::<_, Infallible>(())
        };
        self.store.transact(work).await.unwrap();
    }

    /// Makes the networks, and says so.
    fn publish(&self) {
        self.driver.apply(&plan(&[self.world.records()], &self.facts)).unwrap();
        let of = |vpc: &Vpc| AppliedVpc {
            scope: self.scope.clone(),
            vpc_id: vpc.id.clone(),
            namespace: self.facts.tag.vpc_namespace(&vpc.id),
        };
        self.applied.send_replace(Arc::new(self.world.vpcs.iter().map(of).collect()));
    }

    async fn options(&mut self, instance: usize, options: MetadataOptions) {
        self.world.instances[instance].metadata_options = options;
        self.write().await;
    }

    fn id(&self, instance: usize) -> String {
        self.world.instances[instance].id.to_string()
    }

    fn namespace(&self, instance: usize) -> String {
        self.facts.tag.instance_namespace(&self.world.instances[instance].id)
    }

    /// Asks the metadata service from an instance: status, head and body.
    async fn http(&self, instance: usize, method: &str, path: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: 169.254.169.254\r\n{headers}\r\n");
        let namespace = self.namespace(instance);
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = connect(&namespace, SocketAddr::from((METADATA_ADDRESS, HTTP_PORT)));
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_ascii_lowercase(), body.to_owned())
    }

    async fn get(&self, instance: usize, path: &str, token: Option<&str>) -> (u16, String) {
        let headers: Vec<_> = token.map(|token| ("X-aws-ec2-metadata-token", token)).into_iter().collect();
        let (status, _, body) = self.http(instance, "GET", path, &headers).await;
        (status, body)
    }

    async fn token(&self, instance: usize) -> String {
        let (status, head, token) = self.http(instance, "PUT", TOKEN, &[(TTL, "60")]).await;
        assert_eq!(status, 200);
        assert!(head.contains("x-aws-ec2-metadata-token-ttl-seconds: 60"), "{head}");
        token
    }

    /// Asks a resolver from an instance: the code, and the texts of the answers.
    async fn dns(&self, to: Ipv4Addr, name: &str, kind: RecordType, by_tcp: bool) -> (ResponseCode, Vec<String>) {
        let question = question(name, kind);
        let (namespace, to) = (self.namespace(0), SocketAddr::from((to, DNS_PORT)));
        let answer = tokio::task::spawn_blocking(move || match by_tcp {
            false => {
                let socket = enter(&namespace, || UdpSocket::bind("0.0.0.0:0").unwrap()).unwrap();
                socket.set_read_timeout(Some(RESEND)).unwrap();
                socket.connect(to).unwrap();
                let mut buffer = vec![0; 4096];
                // What is sent before somebody listens is lost.
                let length = until(|| {
                    socket.send(&question).ok()?;
                    socket.recv(&mut buffer).ok()
                });
                buffer[..length].to_vec()
            }
            true => {
                let mut stream = connect(&namespace, to);
                stream.write_all(&u16::try_from(question.len()).unwrap().to_be_bytes()).unwrap();
                stream.write_all(&question).unwrap();
                let mut length = [0; 2];
                stream.read_exact(&mut length).unwrap();
                let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
                stream.read_exact(&mut answer).unwrap();
                answer
            }
        });
        let message = Message::from_vec(&answer.await.unwrap()).unwrap();
        assert_eq!(message.metadata.id, 4711);
        (message.metadata.response_code, message.answers.iter().map(|record| record.data.to_string()).collect())
    }
}

const TTL: &str = "X-aws-ec2-metadata-token-ttl-seconds";

impl Drop for Lab {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        // Whatever fails here would hide why the test failed.
        let _ = self.driver.remove_all();
    }
}

fn missing() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("networks of their own need root".to_owned());
    }
    let absent = ["ip", "nft"].into_iter().find(|program| Command::new(program).arg("-V").output().is_err());
    absent.map(|program| format!("there is no `{program}`"))
}

fn world() -> World {
    let mut world = World::seeded(u64::from(std::process::id()));
    let vpc = world.vpc("10.0.0.0/16");
    let subnet = world.subnet(&vpc, "10.0.1.0/24");
    // Not even a group that admits nothing stands between an instance and these services.
    let closed = world.group(&vpc, Vec::new());
    world.instance(&subnet, &[&closed]);
    world.instance(&subnet, &[&closed]);
    world.load_balancer(&subnet, &[]);
    world.vpcs[0].dns_hostnames = true;
    world.instances[0].user_data = Some(b"#!/bin/sh\necho one\n".to_vec());
    world
}

fn balancer(arn: &Arn) -> LoadBalancer {
    LoadBalancer {
        arn: arn.clone(),
        name: "web".to_owned(),
        kind: LoadBalancerKind::Application,
        scheme: Scheme::Internal,
        dns_name: BALANCER.to_owned(),
        canonical_hosted_zone_id: String::new(),
        vpc_id: "vpc-00000001".parse().unwrap(),
        zones: Vec::new(),
        security_groups: Vec::new(),
        attributes: Attributes::default(),
        created_at: Timestamp::default(),
        state: LoadBalancerState::Active,
        tags: model::Tags::default(),
    }
}

fn question(name: &str, kind: RecordType) -> Vec<u8> {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_ascii(format!("{name}.")).unwrap(), kind));
    message.to_vec().unwrap()
}

/// Tries until it gives something.
fn until<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(start.elapsed() < TIMEOUT, "nothing came within {TIMEOUT:?}");
        std::thread::yield_now();
    }
}

fn connect(namespace: &str, to: SocketAddr) -> TcpStream {
    let stream = until(|| enter(namespace, || TcpStream::connect_timeout(&to, TIMEOUT)).unwrap().ok());
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn each_instance_reads_its_own_metadata() {
    let Some(mut lab) = Lab::new("").await else { return };
    // Version 1.
    for instance in [0, 1] {
        assert_eq!(lab.get(instance, ID, None).await, (200, lab.id(instance)));
        let address = lab.world.instances[instance].private_address.to_string();
        assert_eq!(lab.get(instance, "/latest/meta-data/local-ipv4", None).await, (200, address));
    }
    assert_eq!(lab.get(0, "/latest/user-data", None).await, (200, "#!/bin/sh\necho one\n".to_owned()));
    assert_eq!(lab.get(1, "/latest/user-data", None).await.0, 404);
    let (status, head, body) = lab.http(0, "HEAD", ID, &[]).await;
    assert_eq!((status, body.as_str(), head.contains("server: ec2ws")), (200, "", true), "{head}");
    // Version 2: a session is its instance's own, and ends.
    let token = lab.token(0).await;
    assert_eq!(lab.get(0, ID, Some(&token)).await, (200, lab.id(0)));
    assert_eq!(lab.get(1, ID, Some(&token)).await.0, 401);
    assert_eq!(lab.http(0, "PUT", TOKEN, &[(TTL, "60"), ("X-Forwarded-For", "10.0.1.9")]).await.0, 403);
    // Version 2 alone.
    lab.options(0, MetadataOptions { requires_token: true, ..MetadataOptions::default() }).await;
    assert_eq!(lab.get(0, ID, None).await.0, 401);
    assert_eq!(lab.get(0, ID, Some(&token)).await.0, 200);
    assert_eq!(lab.get(1, ID, None).await.0, 200);
    lab.clock.advance(Duration::from_secs(61));
    assert_eq!(lab.get(0, ID, Some(&token)).await.0, 401);
    // Switched off.
    lab.options(0, MetadataOptions { is_enabled: false, ..MetadataOptions::default() }).await;
    assert_eq!(lab.get(0, ID, None).await.0, 403);
    assert_eq!(lab.http(0, "PUT", TOKEN, &[(TTL, "60")]).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_answers_that_begin_a_session_have_the_hop_limit() {
    let Some(mut lab) = Lab::new("").await else { return };
    for limit in [1, 7] {
        lab.options(0, MetadataOptions { hop_limit: limit, ..MetadataOptions::default() }).await;
        for (method, ttl) in [("PUT", limit), ("GET", 64)] {
            assert_eq!(lab.ttl_of_answer(method).await, ttl, "{method} {limit}");
        }
    }
}

impl Lab {
    /// The time to live with which the body of an answer reaches the instance, seen by a filter in its namespace.
    async fn ttl_of_answer(&self, method: &str) -> u8 {
        let namespace = self.namespace(0);
        let table = "add table ip seen; delete table ip seen; table ip seen { \
                     chain in { type filter hook input priority 0; ip ttl 1 tcp flags psh counter; ip ttl 7 tcp flags psh \
                     counter; ip ttl 64 tcp flags psh counter; }; }";
        nft(&namespace, table);
        let path = if method == "PUT" { TOKEN } else { ID };
        assert_eq!(self.http(0, method, path, &[(TTL, "60")]).await.0, 200);
        let seen = nft(&namespace, "list table ip seen");
        let counted = |line: &&str| line.contains("ip ttl") && !line.contains("packets 0 ");
        let lines: Vec<&str> = seen.lines().filter(counted).collect();
        let [line] = lines.as_slice() else { panic!("{seen}") };
        line.trim().split(' ').nth(2).unwrap().parse().unwrap()
    }
}

fn nft(namespace: &str, commands: &str) -> String {
    let run = || Command::new("nft").arg(commands).output().unwrap();
    let output = enter(namespace, run).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_was_made_anew_is_served_anew() {
    let Some(lab) = Lab::new("").await else { return };
    assert_eq!(lab.get(0, ID, None).await.0, 200);
    // All of it goes and comes back between two looks, as when somebody deletes it by hand.
    lab.driver.remove_all().unwrap();
    lab.publish();
    assert_eq!(lab.get(0, ID, None).await, (200, lab.id(0)));
    // Nobody listens when there is no VPC.
    lab.applied.send_replace(Arc::default());
    let (namespace, to) = (lab.namespace(0), SocketAddr::from((METADATA_ADDRESS, HTTP_PORT)));
    let refused = move || until(|| enter(&namespace, || TcpStream::connect_timeout(&to, TIMEOUT)).unwrap().err());
    assert_eq!(tokio::task::spawn_blocking(refused).await.unwrap().kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_running_instance_is_told_nothing() {
    let Some(mut lab) = Lab::new("").await else { return };
    assert_eq!(lab.get(0, ID, None).await.0, 200);
    lab.world.instances[0].state = InstanceState::Stopped;
    lab.write().await;
    let namespace = lab.namespace(0);
    let read = move || {
        let mut stream = connect(&namespace, SocketAddr::from((METADATA_ADDRESS, HTTP_PORT)));
        let mut answer = Vec::new();
        // Closed, in whichever way.
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let _ = stream.read_to_end(&mut answer);
        answer
    };
    assert!(tokio::task::spawn_blocking(read).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_the_vpc_are_answered_by_both_resolvers() {
    let Some(lab) = Lab::new("").await else { return };
    let second = lab.world.instances[1].private_address;
    let name = model::ec2::vpc_dns::private_name("ap-northeast-2", second);
    let [a, b, c, d] = second.octets();
    let reverse = format!("{d}.{c}.{b}.{a}.in-addr.arpa");
    let of_balancer = lab.world.network_interfaces[0].private_address.to_string();
    for to in [RESOLVER_ADDRESS, lab.world.vpcs[0].resolver()] {
        for by_tcp in [false, true] {
            let ask = |name, kind| lab.dns(to, name, kind, by_tcp);
            assert_eq!(ask(&name, RecordType::A).await, (ResponseCode::NoError, vec![second.to_string()]), "{to}");
            assert_eq!(ask(&name, RecordType::AAAA).await, (ResponseCode::NoError, Vec::new()), "{to}");
            assert_eq!(ask(&reverse, RecordType::PTR).await, (ResponseCode::NoError, vec![format!("{name}.")]), "{to}");
            assert_eq!(ask(BALANCER, RecordType::A).await, (ResponseCode::NoError, vec![of_balancer.clone()]), "{to}");
            let unknown = "ip-10-0-1-99.ap-northeast-2.compute.internal";
            assert_eq!(ask(unknown, RecordType::A).await, (ResponseCode::NXDomain, Vec::new()), "{to}");
            // The host has no resolver.
            assert_eq!(ask("example.com", RecordType::A).await, (ResponseCode::ServFail, Vec::new()), "{to}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_names_are_asked_of_the_hosts_resolvers_from_its_own_network() {
    // The port is a resolver's, so that an address of loopback that nobody has stands for the host's resolver.
    let address = Ipv4Addr::new(127, 53, u8::try_from(std::process::id() % 200).unwrap(), 53);
    let Ok(upstream) = UdpSocket::bind((address, DNS_PORT)) else {
        println!("skipped: port 53 cannot be bound");
        return;
    };
    let other = TcpListener::bind((address, DNS_PORT)).unwrap();
    let Some(lab) = Lab::new(&format!("nameserver {address}\n")).await else { return };
    let answer = |question: &[u8]| {
        let asked = Message::from_vec(question).unwrap();
        let mut answer = Message::response(asked.metadata.id, OpCode::Query);
        let owner = asked.queries[0].name().clone();
        answer.queries = asked.queries;
        answer.add_answer(Record::from_rdata(owner, 5, RData::A(A::new(192, 0, 2, 1))));
        answer.to_vec().unwrap()
    };
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, peer)) = upstream.recv_from(&mut buffer) {
            // One with another number comes first, as a forged one would.
            let mut forged = answer(&buffer[..length]);
            forged[0] ^= 1;
            upstream.send_to(&forged, peer).unwrap();
            upstream.send_to(&answer(&buffer[..length]), peer).unwrap();
        }
    });
    std::thread::spawn(move || {
        for mut stream in other.incoming().flatten() {
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut question).unwrap();
            let answer = answer(&question);
            stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
            stream.write_all(&answer).unwrap();
        }
    });
    for by_tcp in [false, true] {
        let found = lab.dns(RESOLVER_ADDRESS, "example.com", RecordType::A, by_tcp).await;
        assert_eq!(found, (ResponseCode::NoError, vec!["192.0.2.1".to_owned()]), "by TCP: {by_tcp}");
    }
}
