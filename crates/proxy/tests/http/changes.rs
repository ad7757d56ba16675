//! Changing the configuration under load, deregistration, and the end of the workers.

use crate::balancer::{Balancer, Client, eventually, group, target};
use model::{
    Timestamp,
    elbv2::{action::Action, target_health::CheckedState},
};
use proxy::{
    config::{CompileError, CompiledSnapshot},
    worker::WorkerOptions,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use testkit::{Reply, TestTarget, targets::answer};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

fn from_now(millis: i64) -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    Timestamp::from_millis(i64::try_from(now).unwrap() + millis)
}

/// A target that answers when it is told to.
fn gated() -> (TestTarget, Arc<AtomicBool>) {
    let gate = Arc::new(AtomicBool::new(false));
    let of_target = Arc::clone(&gate);
    let target = TestTarget::start(move |_| {
        eventually("the gate opens", || of_target.load(Ordering::SeqCst));
        Reply::ok("gated")
    });
    (target, gate)
}

#[test]
fn a_deregistering_target_gets_no_new_requests_and_finishes_its_own() {
    let (draining, gate) = gated();
    let other = TestTarget::answering("other");
    let mut balancer = Balancer::new(&[draining.address]);
    let mut client = balancer.client();
    client.send(GET);
    eventually("the request is there", || draining.count() == 1);
    balancer.change(|s| {
        s.target_groups[0].targets[0].drained_at = Some(from_now(60_000));
        s.target_groups[0].targets.push(target(other.address, CheckedState::Healthy));
    });
    eventually("new requests go to the other", || balancer.get("/").text() == "other");
    for _ in 0..20 {
        assert_eq!(balancer.get("/").text(), "other");
    }
    gate.store(true, Ordering::SeqCst);
    assert_eq!(client.answer().text(), "gated");
    assert_eq!(draining.count(), 1);
}

#[test]
fn a_request_whose_target_dies_goes_to_one_that_was_registered_after_it_came() {
    let gate = Arc::new(AtomicBool::new(false));
    let of_target = Arc::clone(&gate);
    let dying = TestTarget::start(move |request| {
        if request.path == "/fatal" {
            eventually("the gate opens", || of_target.load(Ordering::SeqCst));
            return Reply::ThenReset(Vec::new());
        }
        Reply::ok("old")
    });
    let successor = TestTarget::answering("successor");
    let mut balancer = Balancer::new(&[dying.address]);
    let mut client = balancer.client();
    client.send("GET /fatal HTTP/1.1\r\nHost: a\r\n\r\n");
    eventually("the request is there", || dying.count() == 1);
    // Positions change, those of targets and those of groups.
    balancer.change(|s| {
        s.target_groups[0].targets.insert(0, target(successor.address, CheckedState::Healthy));
        s.target_groups.insert(0, group("another", &[]));
    });
    eventually("new requests find the successor", || balancer.get("/").text() == "successor");
    gate.store(true, Ordering::SeqCst);
    let answer = client.answer();
    assert_eq!((answer.status, answer.text()), (200, "successor"));
    let (mut log, mut tried) = (Vec::new(), None);
    eventually("it is in the log", || {
        log.extend(balancer.logged());
        tried = log.iter().find(|line| line["path"] == "/fatal").map(|line| line["targets_tried"].clone());
        tried.is_some()
    });
    let of =
        |address: &std::net::SocketAddr, status: Option<u16>| serde_json::json!({"target": address, "status": status});
    assert_eq!(tried.unwrap(), serde_json::json!([of(&dying.address, None), of(&successor.address, Some(200))]));
}

#[test]
fn what_outlasts_the_deregistration_delay_is_cut_with_502() {
    let silent = TestTarget::start(|_| Reply::Silence);
    let mut balancer = Balancer::new(&[silent.address]);
    let mut client = balancer.client();
    client.send(GET);
    eventually("the request is there", || silent.count() == 1);
    balancer.change(|s| s.target_groups[0].targets[0].drained_at = Some(from_now(300)));
    assert_eq!(client.answer().status, 502);
    let mut client = balancer.client();
    client.send(GET);
    assert_eq!(client.answer().status, 503, "only draining targets are no targets");
}

#[test]
fn a_target_that_is_gone_without_delay_is_cut_at_once_but_a_group_that_is_gone_is_not() {
    let silent = TestTarget::start(|_| Reply::Silence);
    let mut balancer = Balancer::new(&[silent.address]);
    let mut client = balancer.client();
    client.send(GET);
    eventually("the request is there", || silent.count() == 1);
    balancer.change(|s| s.target_groups[0].targets.clear());
    assert_eq!(client.answer().status, 502);

    let (slow, gate) = gated();
    let mut balancer = Balancer::new(&[slow.address]);
    let mut client = balancer.client();
    client.send(GET);
    eventually("the request is there", || slow.count() == 1);
    let fresh = TestTarget::answering("fresh");
    balancer.change(|s| {
        s.target_groups[0] = group("another", &[fresh.address]);
        s.load_balancers[0].listeners[0].default_action = Action::forward_to(s.target_groups[0].arn.clone());
    });
    eventually("new requests go to the new group", || balancer.get("/").text() == "fresh");
    gate.store(true, Ordering::SeqCst);
    assert_eq!(client.answer().text(), "gated");
}

#[test]
fn a_hundred_changes_under_load_fail_nothing_and_keep_every_connection() {
    let targets: Vec<_> = (0..3).map(|i| TestTarget::answering(&i.to_string())).collect();
    let mut balancer = Balancer::new(&[targets[2].address]);
    let stop = Arc::new(AtomicBool::new(false));
    // Which target answered each client last; none of them yet.
    let answered_by: Arc<[AtomicUsize; 4]> = Arc::new([const { AtomicUsize::new(usize::MAX) }; 4]);
    let threads: Vec<_> = (0..answered_by.len())
        .map(|own| {
            let (stop, answered_by, front) = (Arc::clone(&stop), Arc::clone(&answered_by), balancer.front);
            std::thread::spawn(move || {
                let mut client = Client::connect(front);
                while !stop.load(Ordering::SeqCst) {
                    client.send(GET);
                    let answer = client.answer();
                    assert_eq!((answer.status, answer.header("connection")), (200, None));
                    answered_by[own].store(answer.text().parse().unwrap(), Ordering::SeqCst);
                }
            })
        })
        .collect();
    for i in 0..100 {
        balancer.change(|s| {
            // The one in use leaves with a delay, the one that left before is gone, and the third one comes anew.
            let targets_now = &mut s.target_groups[0].targets;
            targets_now.retain(|t| t.drained_at.is_none());
            targets_now.iter_mut().for_each(|t| t.drained_at = Some(from_now(60_000)));
            let mut comes = target(targets[i % 3].address, CheckedState::Healthy);
            comes.registered_at = Timestamp::from_seconds(1 + i as i64);
            targets_now.push(comes);
        });
        // Whoever was answered by the newest target has nothing under way at one that the next change cuts off.
        let by_newest = || answered_by.iter().all(|target| target.load(Ordering::SeqCst) == i % 3);
        eventually("every client's requests go to the newest target", by_newest);
    }
    stop.store(true, Ordering::SeqCst);
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(balancer.count(|c| &c.new_connections), 4);
}

#[test]
fn a_snapshot_that_contradicts_itself_is_refused_whole() {
    let balancer = Balancer::new(&[]);
    let compile = |change: fn(&mut model::elbv2::snapshot::LoadBalancingSnapshot)| {
        let mut snapshot = balancer.snapshot.clone();
        change(&mut snapshot);
        CompiledSnapshot::compile(&snapshot, &balancer.states).err()
    };
    assert_eq!(compile(|_| {}), None);
    assert!(matches!(compile(|s| s.target_groups.clear()), Some(CompileError::Unknown { .. })));
    assert!(matches!(compile(|s| s.load_balancers.clear()), Some(CompileError::Unknown { .. })));
    assert!(matches!(compile(|s| s.fronts[0].listeners.clear()), Some(CompileError::EmptyFront(_))));
    assert!(matches!(compile(|s| s.fronts.push(s.fronts[0].clone())), Some(CompileError::Duplicate { .. })));
    assert!(matches!(
        compile(|s| s.target_groups.push(s.target_groups[0].clone())),
        Some(CompileError::Duplicate { .. })
    ));
    assert!(matches!(compile(|s| s.load_balancers[0].idle_timeout_seconds = 0), Some(CompileError::OutOfRange { .. })));
    assert!(matches!(
        compile(|s| {
            let again = s.fronts[0].listeners[0].clone();
            s.fronts[0].listeners.push(again);
        }),
        Some(CompileError::NoHost { .. })
    ));
}

#[test]
fn an_address_in_use_is_reported_even_when_it_is_our_own() {
    let balancer = Balancer::new(&[]);
    let error = balancer.workers().open_front(&balancer.front.into()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn a_front_can_be_closed_and_opened_again() {
    let target = TestTarget::answering("x");
    let balancer = Balancer::new(&[target.address]);
    let mut idle = balancer.client();
    idle.send(GET);
    assert_eq!(idle.answer().status, 200);
    balancer.workers().close_front(&balancer.front.into());
    assert!(idle.is_closed(), "idle connections are closed");
    eventually("it can be opened again", || balancer.workers().open_front(&balancer.front.into()).is_ok());
    assert_eq!(balancer.get("/").status, 200);
}

#[test]
fn draining_ends_what_runs_and_takes_nothing_new() {
    let (target, gate) = gated();
    let mut balancer = Balancer::new(&[target.address]);
    let mut idle = balancer.client();
    let mut busy = balancer.client();
    busy.send(GET);
    eventually("the request is there", || target.count() == 1);
    let workers = balancer.take_workers();
    let draining = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(workers.drain(Duration::from_secs(60)));
    });
    assert!(idle.is_closed());
    eventually("new connections are refused", || std::net::TcpStream::connect(balancer.front).is_err());
    assert!(!draining.is_finished());
    gate.store(true, Ordering::SeqCst);
    let answer = busy.answer();
    assert_eq!((answer.text(), answer.header("connection")), ("gated", Some("close")));
    draining.join().unwrap();
}

#[test]
fn draining_ends_at_its_deadline() {
    let target = TestTarget::start(|_| Reply::Silence);
    let mut balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    client.send(GET);
    eventually("the request is there", || target.count() == 1);
    let workers = balancer.take_workers();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(workers.drain(Duration::from_millis(200)));
    assert!(client.is_closed());
}

#[test]
fn an_old_client_connection_is_closed_at_the_end_of_a_request() {
    let target = TestTarget::start(|_| Reply::Bytes(answer("200 OK", &[], b"x")));
    let mut balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    client.send(GET);
    assert_eq!(client.answer().header("connection"), None);
    // 60 s is the least that AWS allows; the front's removal has the same effect on a connection at once.
    balancer.change(|s| s.fronts.clear());
    eventually("the connection is closed", || client.is_closed());
}

#[test]
fn connections_beyond_the_limit_are_closed_and_counted_and_the_others_served() {
    let target = TestTarget::answering("x");
    let options = WorkerOptions { maximum_connections: 3, ..WorkerOptions::new(1) };
    let balancer = Balancer::with_options(&[target.address], |_| {}, options);
    let mut served: Vec<_> = (0..3).map(|_| balancer.client()).collect();
    for client in &mut served {
        client.send(GET);
        assert_eq!(client.answer().status, 200);
    }
    assert!(balancer.client().is_closed());
    assert_eq!(balancer.count(|c| &c.rejected_connections), 1);
    assert_eq!(balancer.count(|c| &c.active_connections), 3);
    for client in &mut served {
        client.send(GET);
        assert_eq!(client.answer().status, 200);
    }
    drop(served);
    eventually("there is room again", || {
        let mut client = balancer.client();
        let sent = std::io::Write::write_all(&mut client.stream, GET.as_bytes());
        sent.is_ok() && client.try_answer(false).is_ok_and(|answer| answer.status == 200)
    });
}
