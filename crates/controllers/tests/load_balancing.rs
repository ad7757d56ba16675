//! From records to a node and back, over a real socket to a node that only listens.
#![allow(clippy::unwrap_used)]

mod support;

use controllers::{
    Context, Controller, Next,
    load_balancing::LoadBalancing,
    node_link::{FoundRequests, NodeCommand, NodeLink, NodeReports, NotAsked},
    target_health::TargetHealth,
};
use model::{
    Timestamp,
    elbv2::{
        listener::{Listener, ListenerProtocol, ListenerTls, MutualAuthentication},
        load_balancer::{LoadBalancer, LoadBalancerState},
        plan::HostFacts,
        snapshot::LoadBalancingSnapshot,
        target::Target,
        target_health::{CheckResult, CheckedHealth, CheckedState},
    },
    node::{FromNode, Remembered, ToNode, decode_frame, encode_frame},
};
use std::{net::IpAddr, path::Path, time::Duration};
use support::{DEADLINE, get, group, group_arn, listener, load_balancer, put, surroundings, target, until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    sync::watch,
};

/// The node's end of the socket.
struct Node {
    listener: UnixListener,
    _dir: tempfile::TempDir,
}

struct Connection {
    stream: UnixStream,
    buffer: Vec<u8>,
}

impl Node {
    fn listen() -> (Self, NodeLink, NodeReports) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("node")).unwrap();
        let listener = UnixListener::bind(dir.path().join("node/socket")).unwrap();
        let (link, reports) = NodeLink::start(never_started(dir.path()));
        (Self { listener, _dir: dir }, link, reports)
    }

    async fn accept(&self, generation: u64) -> Connection {
        let (stream, _) = tokio::time::timeout(DEADLINE, self.listener.accept()).await.unwrap().unwrap();
        let mut connection = Connection { stream, buffer: Vec::new() };
        let started_at = Timestamp::default();
        connection.send(&FromNode::Hello { pid: 7, version: "test".to_owned(), started_at, generation }).await;
        connection
    }
}

impl Connection {
    async fn send(&mut self, frame: &FromNode) {
        self.stream.write_all(&encode_frame(frame).unwrap()).await.unwrap();
    }

    async fn receive(&mut self) -> ToNode {
        let receive = async {
            loop {
                if let Some(frame) = decode_frame(&mut self.buffer).unwrap() {
                    return frame;
                }
                assert!(self.stream.read_buf(&mut self.buffer).await.unwrap() > 0, "the link ended");
            }
        };
        tokio::time::timeout(DEADLINE, receive).await.unwrap()
    }

    async fn snapshot(&mut self) -> LoadBalancingSnapshot {
        match self.receive().await {
            ToNode::Apply(snapshot) => *snapshot,
            ToNode::Shutdown { .. } | ToNode::FindRequests { .. } => panic!("expected a snapshot"),
        }
    }
}

/// The node listens already; starting this program would be the link's mistake.
fn never_started(dir: &Path) -> NodeCommand {
    NodeCommand { program: "/nonexistent".into(), arguments: vec![], data_dir: dir.to_owned() }
}

fn host() -> watch::Receiver<HostFacts> {
    let address: IpAddr = [127, 0, 0, 1].into();
    let facts = HostFacts {
        public_addresses: vec![address],
        internal_address: address,
        lowest_port: 1024,
        port_offset: 8000,
        bucket_dir: Default::default(),
        networks: None,
    };
    watch::channel(facts).1
}

async fn records(cx: &Context) {
    put(cx, load_balancer("web")).await;
    put(cx, group("web")).await;
    put(cx, listener("web", 80, "web")).await;
    put(cx, target("web", Timestamp::default())).await;
}

fn state(cx: &Context) -> LoadBalancerState {
    get::<LoadBalancer>(cx, load_balancer("web").arn.to_string()).unwrap().state.clone()
}

#[tokio::test]
async fn a_load_balancer_is_active_once_the_node_serves_it_and_impaired_while_its_port_is_taken() {
    let (cx, _) = surroundings();
    let (node, link, _reports) = Node::listen();
    let mut controller = LoadBalancing::new(link.clone(), host());
    let mut connection = node.accept(0).await;
    records(&cx).await;
    controller.reconcile(&cx).await.unwrap();
    let snapshot = connection.snapshot().await;
    let front = snapshot.fronts[0].place.clone();
    assert_eq!(front.to_string(), "127.0.0.1:8080");
    assert_eq!(snapshot.target_groups[0].targets.len(), 1);
    assert_eq!(state(&cx), LoadBalancerState::Provisioning);

    let generation = snapshot.generation;
    connection.send(&FromNode::Applied { generation, failed_fronts: vec![(front.clone(), "in use".to_owned())] }).await;
    until("the failed front", || !link.status().failed_fronts.is_empty()).await;
    controller.reconcile(&cx).await.unwrap();
    assert!(matches!(state(&cx), LoadBalancerState::Impaired(why) if why.contains("in use")));

    connection.send(&FromNode::Applied { generation, failed_fronts: vec![] }).await;
    until("the opened front", || link.status().failed_fronts.is_empty()).await;
    controller.reconcile(&cx).await.unwrap();
    assert_eq!(state(&cx), LoadBalancerState::Active);
}

#[tokio::test]
async fn a_listener_that_meets_one_of_the_other_protocol_impairs_its_load_balancer() {
    let (cx, _) = surroundings();
    let (node, link, _reports) = Node::listen();
    let mut controller = LoadBalancing::new(link.clone(), host());
    let mut connection = node.accept(0).await;
    records(&cx).await;
    put(&cx, load_balancer("late")).await;
    let tls = ListenerTls {
        policy: "ELBSecurityPolicy-2016-08".to_owned(),
        default_certificate: group_arn("none"),
        certificates: vec![],
        mutual: MutualAuthentication::Off,
    };
    // By name it comes before the other, so that other is the one that is left out.
    put(&cx, Listener { protocol: ListenerProtocol::Https, tls: Some(tls), ..listener("late", 80, "web") }).await;
    controller.reconcile(&cx).await.unwrap();
    let generation = connection.snapshot().await.generation;
    connection.send(&FromNode::Applied { generation, failed_fronts: vec![] }).await;
    until("the snapshot", || link.status().applied == generation).await;
    controller.reconcile(&cx).await.unwrap();
    assert!(
        matches!(state(&cx), LoadBalancerState::Impaired(why) if why.contains("port 80") && why.contains("protocol"))
    );
    let other = get::<LoadBalancer>(&cx, load_balancer("late").arn.to_string()).unwrap();
    assert_eq!(other.state, LoadBalancerState::Active);
}

#[tokio::test]
async fn a_node_that_comes_back_gets_the_newest_snapshot() {
    let (cx, _) = surroundings();
    let (node, link, _reports) = Node::listen();
    let mut controller = LoadBalancing::new(link.clone(), host());
    let mut connection = node.accept(0).await;
    records(&cx).await;
    controller.reconcile(&cx).await.unwrap();
    let first = connection.snapshot().await;
    drop(connection);
    until("the end of the link", || !link.status().connected).await;
    put(&cx, listener("web", 8081, "web")).await;
    controller.reconcile(&cx).await.unwrap();
    let second = node.accept(first.generation).await.snapshot().await;
    assert!(second.generation > first.generation);
    assert_eq!(second.fronts.len(), 2);
}

#[tokio::test]
async fn health_alone_is_not_sent_back_to_the_node_that_found_it() {
    let (cx, _) = surroundings();
    let (node, link, _reports) = Node::listen();
    let mut controller = LoadBalancing::new(link, host());
    let mut connection = node.accept(0).await;
    records(&cx).await;
    controller.reconcile(&cx).await.unwrap();
    connection.snapshot().await;
    let health = CheckedHealth { state: CheckedState::Healthy, since: Timestamp::default(), failure: None };
    put(&cx, Target { health: Some(health), ..target("web", Timestamp::default()) }).await;
    controller.reconcile(&cx).await.unwrap();
    put(&cx, listener("web", 8081, "web")).await;
    controller.reconcile(&cx).await.unwrap();
    let next = connection.snapshot().await;
    assert_eq!(next.fronts.len(), 2, "the next snapshot is the one with the new listener");
    assert!(
        next.target_groups[0].targets[0].health.is_some(),
        "and it carries the health, for a node that starts anew"
    );
}

fn report(registered_at: Timestamp, state: CheckedState, failure: Option<CheckResult>) -> FromNode {
    let health = CheckedHealth { state, since: Timestamp::default(), failure };
    FromNode::TargetHealth {
        target_group: group_arn("web"),
        target: target("web", registered_at).key,
        registered_at,
        health,
        anomaly: Default::default(),
    }
}

#[tokio::test]
async fn what_the_node_finds_reaches_the_record_of_that_registration_only() {
    let (cx, clock) = surroundings();
    let (node, link, reports) = Node::listen();
    let mut controller = TargetHealth::new(reports.health, link.health_reported.clone());
    let mut connection = node.accept(0).await;
    records(&cx).await;
    let registered_at = Timestamp::from_seconds(5);
    put(&cx, target("web", registered_at)).await;
    let id = store::target_id(&group_arn("web"), &target("web", registered_at).key);

    connection.send(&report(Timestamp::from_seconds(1), CheckedState::Unhealthy, Some(CheckResult::Failed))).await;
    connection.send(&report(registered_at, CheckedState::Healthy, None)).await;
    tokio::time::timeout(DEADLINE, link.health_reported.notified()).await.unwrap();
    let healthy =
        || get::<Target>(&cx, &id).is_some_and(|t| t.health.as_ref().is_some_and(|h| h.state == CheckedState::Healthy));
    let deadline = tokio::time::Instant::now() + DEADLINE;
    while !healthy() {
        controller.reconcile(&cx).await.unwrap();
        let found = get::<Target>(&cx, &id).unwrap().health.clone();
        assert!(
            found.is_none_or(|health| health.state == CheckedState::Healthy),
            "the old registration's report was taken"
        );
        assert!(tokio::time::Instant::now() < deadline);
        tokio::task::yield_now().await;
    }
    let events = cx.store.events(0, 10).await.unwrap();
    assert_eq!(events.iter().map(|e| e.event.what.as_str()).collect::<Vec<_>>(), ["target-healthy"]);
    drop(clock);
}

#[tokio::test]
async fn a_deregistered_target_goes_when_its_delay_is_over() {
    let (cx, clock) = surroundings();
    let (_node, link, reports) = Node::listen();
    let mut controller = TargetHealth::new(reports.health, link.health_reported);
    records(&cx).await;
    let now = cx.clock.now();
    put(&cx, Target { deregistered_at: Some(now), ..target("web", Timestamp::default()) }).await;
    let id = store::target_id(&group_arn("web"), &target("web", Timestamp::default()).key);

    let end = now.plus(Duration::from_secs(300));
    assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::At(end));
    clock.advance(Duration::from_millis(299_999));
    controller.reconcile(&cx).await.unwrap();
    assert!(get::<Target>(&cx, &id).is_some());
    clock.advance(Duration::from_millis(1));
    assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::OnChange);
    assert!(get::<Target>(&cx, &id).is_none());
}

#[tokio::test]
async fn a_node_that_starts_anew_gets_the_health_of_now_even_if_nothing_else_changed() {
    let (cx, _) = surroundings();
    let (node, link, _reports) = Node::listen();
    let mut controller = LoadBalancing::new(link.clone(), host());
    let mut connection = node.accept(0).await;
    records(&cx).await;
    controller.reconcile(&cx).await.unwrap();
    let first = connection.snapshot().await;
    let health = CheckedHealth { state: CheckedState::Healthy, since: Timestamp::default(), failure: None };
    put(&cx, Target { health: Some(health.clone()), ..target("web", Timestamp::default()) }).await;
    controller.reconcile(&cx).await.unwrap();
    drop(connection);
    let second = node.accept(0).await.snapshot().await;
    assert_eq!(second.generation, first.generation);
    assert_eq!(second.target_groups[0].targets[0].health, Some(health));
}

#[tokio::test]
async fn the_order_to_end_reaches_the_node_after_the_controllers_ended_and_while_the_link_is_down() {
    let (node, link, reports) = Node::listen();
    let mut connection = node.accept(0).await;
    drop(reports);
    connection.send(&report(Timestamp::default(), CheckedState::Healthy, None)).await;
    let hello = FromNode::Applied { generation: 3, failed_fronts: vec![] };
    connection.send(&hello).await;
    until("what follows a report that nobody takes", || link.status().applied == 3).await;
    drop(connection);
    until("the end of the link", || !link.status().connected).await;
    let ending = tokio::spawn({
        let link = link.clone();
        async move { link.shut_down(DEADLINE).await }
    });
    let mut connection = node.accept(0).await;
    assert!(matches!(connection.receive().await, ToNode::Shutdown { grace_seconds: 20 }));
    assert!(!ending.is_finished(), "the node is still there");
    drop((connection, node));
    tokio::time::timeout(DEADLINE, ending).await.unwrap().unwrap();
}

#[tokio::test]
async fn questions_about_requests_get_their_own_answers_and_learn_when_the_node_goes() {
    let (node, link, _reports) = Node::listen();
    assert_eq!(link.find_requests("1-a").await, Err(NotAsked::Away));
    let mut connection = node.accept(0).await;
    until("the link", || link.status().connected).await;
    let ask = |id: &'static str| {
        let link = link.clone();
        tokio::spawn(async move { link.find_requests(id).await })
    };
    let mut asked = Vec::new();
    for id in ["1-a", "1-b", "1-c"] {
        let asking = ask(id);
        match connection.receive().await {
            ToNode::FindRequests { question, id: asked_for } => {
                assert_eq!(asked_for, id);
                asked.push((question, asking));
            }
            ToNode::Apply(_) | ToNode::Shutdown { .. } => panic!("expected a question"),
        }
    }
    let last = asked.pop().unwrap();
    // The other way round, and with one that nobody asked.
    let remembered = Remembered { requests: 5, ..Remembered::default() };
    connection.send(&FromNode::Requests { question: 99, found: vec![], remembered }).await;
    for (question, asking) in asked.into_iter().rev() {
        let found = vec![serde_json::json!({ "question": question })];
        connection.send(&FromNode::Requests { question, found: found.clone(), remembered }).await;
        assert_eq!(asking.await.unwrap(), Ok(FoundRequests { requests: found, remembered }));
    }
    drop(connection);
    assert_eq!(last.1.await.unwrap(), Err(NotAsked::Away));
}

#[tokio::test]
async fn a_report_that_could_not_be_written_is_written_later() {
    let (cx, _) = surroundings();
    let (node, link, reports) = Node::listen();
    let mut controller = TargetHealth::new(reports.health, link.health_reported.clone());
    let mut connection = node.accept(0).await;
    records(&cx).await;
    connection.send(&report(Timestamp::default(), CheckedState::Healthy, None)).await;
    tokio::time::timeout(DEADLINE, link.health_reported.notified()).await.unwrap();
    let closed = Context::new(store::Store::in_memory(), cx.clock.clone());
    closed.store.close(Timestamp::default()).await.unwrap();
    controller.reconcile(&closed).await.unwrap_err();
    controller.reconcile(&cx).await.unwrap();
    let id = store::target_id(&group_arn("web"), &target("web", Timestamp::default()).key);
    assert!(get::<Target>(&cx, &id).unwrap().health.is_some());
}
