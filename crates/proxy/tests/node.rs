//! The node as a whole, spoken to over its control socket: hello, snapshots, takeover, what survives a restart, what is
//! reported, and how it ends.

// Tests may panic and wait in plain threads.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod misbehaving;
mod running_node;

use misbehaving::{Behaviour, Target};
use model::{
    Timestamp,
    elbv2::target_health::{CheckResult, CheckedHealth, CheckedState},
    node::{FromNode, MAXIMUM_FRAME, Statistics, ToNode},
};
use proxy::node::directory;
use running_node::{Controller, DEADLINE, RunningNode, free_address, get, key, snapshot, spawn, until};
use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    time::{Duration, Instant},
};

const AT_ONCE: ToNode = ToNode::Shutdown { grace_seconds: 0 };

fn statistics(frame: FromNode) -> Option<Statistics> {
    match frame {
        FromNode::Statistics(statistics) => Some(statistics),
        FromNode::Hello { .. }
        | FromNode::Applied { .. }
        | FromNode::Refused { .. }
        | FromNode::TargetHealth { .. }
        | FromNode::Requests { .. } => None,
    }
}

#[test]
fn a_snapshot_is_applied_targets_are_checked_and_requests_are_served() {
    let server = Target::start(Behaviour::Answer(200));
    let node = RunningNode::start();
    let mut controller = node.connect();
    assert_eq!(controller.hello(), 0);
    let front = free_address();
    assert_eq!(controller.apply(&snapshot(7, &[front], &[server.address])), Ok(Vec::new()));
    controller.health(server.address, CheckedState::Healthy);
    assert_eq!(get(front, "/").unwrap(), 200);
    let mode = |name: &str| fs::metadata(node.data.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("node"), mode("node/socket")), (0o700, 0o600));
    assert_eq!(fs::read_to_string(node.data.path().join("node/pid")).unwrap().trim(), std::process::id().to_string());
    controller.send(&AT_ONCE);
    let data = node.ended();
    assert!(!data.path().join("node/socket").exists() && !data.path().join("node/pid").exists());
}

#[test]
fn the_health_of_a_new_target_is_reported_before_anything_was_found() {
    let server = Target::start(Behaviour::Hang);
    let node = RunningNode::start();
    let mut controller = node.connect();
    controller.apply(&snapshot(1, &[], &[server.address])).unwrap();
    controller.health(server.address, CheckedState::Initial);
    controller.health(server.address, CheckedState::Unhealthy);
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn an_older_or_contradictory_snapshot_is_refused_and_the_one_before_stays() {
    let server = Target::start(Behaviour::Answer(200));
    let node = RunningNode::start();
    let mut controller = node.connect();
    let (front, other) = (free_address(), free_address());
    let good = snapshot(10, &[front], &[server.address]);
    assert_eq!(controller.apply(&good), Ok(Vec::new()));

    let reason = controller.apply(&snapshot(9, &[other], &[])).unwrap_err();
    assert!(reason.contains('9') && reason.contains("10"), "{reason}");
    let mut contradictory = snapshot(11, &[other], &[server.address]);
    contradictory.target_groups.clear();
    let reason = controller.apply(&contradictory).unwrap_err();
    assert!(reason.contains("targetgroup/web/1"), "{reason}");
    assert!(TcpStream::connect(other).is_err(), "nothing of a refused snapshot is in force");
    controller.health(server.address, CheckedState::Healthy);
    assert_eq!(get(front, "/").unwrap(), 200);

    let mut same = good;
    same.generation = 8;
    same.target_groups[0].targets[0].health =
        Some(CheckedHealth { state: CheckedState::Healthy, since: Timestamp::default(), failure: None });
    assert_eq!(controller.apply(&same), Ok(Vec::new()), "equal content may be older");
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn requests_are_remembered_and_found_by_their_ids_until_the_node_ends() {
    let server = Target::start(Behaviour::Answer(200));
    let node = RunningNode::start();
    let front = free_address();
    let mut controller = node.connect();
    controller.apply(&snapshot(1, &[front], &[server.address])).unwrap();
    controller.health(server.address, CheckedState::Healthy);
    assert_eq!(get(front, "/a").unwrap(), 200);
    assert_eq!(get(front, "/b").unwrap(), 200);
    let mut questions = 0;
    let mut ask = |id: &str| {
        questions += 1;
        controller.send(&ToNode::FindRequests { question: questions, id: id.to_owned() });
        controller.find(|frame| match frame {
            FromNode::Requests { question, found, remembered } if question == questions => Some((found, remembered)),
            FromNode::Hello { .. }
            | FromNode::Applied { .. }
            | FromNode::Refused { .. }
            | FromNode::TargetHealth { .. }
            | FromNode::Requests { .. }
            | FromNode::Statistics(_) => None,
        })
    };
    // Asked at once: the worker has not handed them over yet.
    let (found, _) = ask("TID_2");
    assert_eq!(
        (found.len(), &found[0]["path"], &found[0]["target"]),
        (1, &"/b".into(), &server.address.to_string().into())
    );
    let trace = found[0]["trace_id"].as_str().unwrap().to_owned();
    assert_eq!(ask(&trace).0, found);
    let (nothing, remembered) = ask("1-00000000-000000000000000000000000");
    assert_eq!((nothing.len(), remembered.requests, remembered.failed), (0, 2, 0));
    assert!(remembered.since.is_some() && remembered.failed_since.is_none());
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn whoever_connects_last_is_the_control_plane_and_hears_everything() {
    let (good, bad) = (Target::start(Behaviour::Answer(200)), Target::start(Behaviour::Answer(500)));
    let node = RunningNode::start();
    let mut first = node.connect();
    first.hello();
    let both = [good.address, bad.address];
    first.apply(&snapshot(3, &[], &both)).unwrap();
    first.health(good.address, CheckedState::Healthy);
    first.health(bad.address, CheckedState::Unhealthy);

    let mut second = node.connect();
    assert_eq!(second.hello(), 3);
    let mut seen = Vec::new();
    for _ in 0..2 {
        match second.receive() {
            Some(FromNode::TargetHealth { target, health, .. }) => seen.push((target.port, health.state)),
            other => panic!("after hello comes every target, not {other:?}"),
        }
    }
    seen.sort_by_key(|(port, _)| *port);
    let mut expected = [(good.address.port(), CheckedState::Healthy), (bad.address.port(), CheckedState::Unhealthy)];
    expected.sort_by_key(|(port, _)| *port);
    assert_eq!(seen, expected);
    while first.receive().is_some() {}
    assert_eq!(second.apply(&snapshot(4, &[], &both)), Ok(Vec::new()));
    second.send(&AT_ONCE);
    node.ended();
}

#[test]
fn a_broken_connection_ends_by_itself_and_nothing_else_does() {
    let server = Target::start(Behaviour::Answer(200));
    let node = RunningNode::start();
    let front = free_address();
    let mut controller = node.connect();
    controller.apply(&snapshot(3, &[front], &[server.address])).unwrap();
    controller.health(server.address, CheckedState::Healthy);
    let too_long = u32::try_from(MAXIMUM_FRAME + 1).unwrap().to_be_bytes();
    let broken: [&[u8]; 6] = [
        &too_long,
        &[0xff; 64],
        b"\0\0\0\x02{}",
        b"\0\0\0\x05\"x\"",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\0\0\0\x13{\"apply\":{\"fronts\":7}}",
    ];
    for bytes in broken {
        let mut connection = node.connect();
        connection.stream.write_all(bytes).unwrap();
        // A frame that is not whole ends with its sender.
        connection.stream.shutdown(std::net::Shutdown::Write).unwrap();
        while connection.receive().is_some() {}
        assert_eq!(get(front, "/").unwrap(), 200);
    }
    let mut controller = node.connect();
    assert_eq!(controller.hello(), 3);
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn a_node_that_starts_again_serves_the_last_good_snapshot_without_a_control_plane() {
    let (good, bad) = (Target::start(Behaviour::Answer(200)), Target::start(Behaviour::Answer(500)));
    let node = RunningNode::start();
    let mut controller = node.connect();
    let front = free_address();
    controller.apply(&snapshot(5, &[front], &[good.address, bad.address])).unwrap();
    controller.health(good.address, CheckedState::Healthy);
    controller.health(bad.address, CheckedState::Unhealthy);
    controller.send(&AT_ONCE);
    let data = node.ended();
    let stored = directory::read_snapshot(&data.path().join("node/snapshot.json")).unwrap();
    let health = stored.target_groups[0].targets.iter().map(|target| target.health.as_ref().map(|h| h.state));
    assert_eq!(health.collect::<Vec<_>>(), [Some(CheckedState::Healthy), Some(CheckedState::Unhealthy)]);

    let node = RunningNode::on(data);
    until(|| TcpStream::connect(front).is_ok());
    // Health came with the snapshot: from the first request on none goes to the bad target.
    for _ in 0..10 {
        assert_eq!(get(front, "/").unwrap(), 200);
    }
    let mut controller = node.connect();
    assert_eq!(controller.hello(), 5);
    // What is on disk was not confirmed by anybody: a control plane that was restored from a backup may be older.
    assert_eq!(controller.apply(&snapshot(2, &[front], &[good.address])), Ok(Vec::new()));
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn a_damaged_last_snapshot_is_not_used() {
    let node = RunningNode::start();
    let mut controller = node.connect();
    let front = free_address();
    controller.apply(&snapshot(5, &[front], &[])).unwrap();
    controller.send(&AT_ONCE);
    let data = node.ended();
    let path = data.path().join("node/snapshot.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"generation\":5", "\"generation\":6")).unwrap();

    let node = RunningNode::on(data);
    let mut controller = node.connect();
    assert_eq!(controller.hello(), 0);
    assert!(TcpStream::connect(front).is_err());
    assert_eq!(controller.apply(&snapshot(1, &[front], &[])), Ok(Vec::new()));
    assert!(TcpStream::connect(front).is_ok());
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn a_second_node_on_the_same_directory_says_so_and_leaves_the_first_alone() {
    let node = RunningNode::start();
    let mut controller = node.connect();
    controller.hello();
    let error = spawn(node.data.path()).join().unwrap().unwrap_err();
    assert!(error.to_string().contains("another load balancer node"), "{error}");
    assert_eq!(controller.apply(&snapshot(1, &[], &[])), Ok(Vec::new()));
    assert!(node.data.path().join("node/socket").exists());
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn the_socket_of_a_dead_node_is_replaced() {
    let data = tempfile::tempdir().unwrap();
    fs::create_dir(data.path().join("node")).unwrap();
    drop(std::os::unix::net::UnixListener::bind(data.path().join("node/socket")).unwrap());
    let deadline = Instant::now() + DEADLINE;
    let node = RunningNode::on(data);
    while std::os::unix::net::UnixStream::connect(node.data.path().join("node/socket")).is_err() {
        assert!(Instant::now() < deadline, "the node does not replace the socket");
    }
    let mut controller = node.connect();
    controller.hello();
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn a_front_that_cannot_be_opened_is_reported_and_tried_again() {
    let node = RunningNode::start();
    let mut controller = node.connect();
    let occupied = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (taken, free) = (occupied.local_addr().unwrap(), free_address());
    let failed = controller.apply(&snapshot(1, &[taken, free], &[])).unwrap();
    assert_eq!(failed.iter().map(|(place, _)| place.address).collect::<Vec<_>>(), [taken]);
    assert!(!failed[0].1.is_empty());
    assert!(TcpStream::connect(free).is_ok(), "the others are open");
    drop(occupied);
    assert_eq!(controller.answer(1), Ok(Vec::new()), "said again, without failures");
    assert_eq!(get(taken, "/").unwrap(), 503, "no targets are registered");
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn a_front_that_comes_back_at_once_is_served_again() {
    let node = RunningNode::start();
    let mut controller = node.connect();
    let front = free_address();
    for generation in 1..20 {
        let fronts = if generation % 2 == 1 { vec![front] } else { Vec::new() };
        controller.apply(&snapshot(generation, &fronts, &[])).unwrap();
    }
    // Whether or not the workers had let go of it in time.
    until(|| get(front, "/").ok() == Some(503));
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn only_fronts_that_are_gone_close() {
    let server = Target::start(Behaviour::Answer(200));
    let node = RunningNode::start();
    let mut controller = node.connect();
    let [stays, goes, comes] = [(); 3].map(|()| free_address());
    controller.apply(&snapshot(1, &[stays, goes], &[server.address])).unwrap();
    controller.health(server.address, CheckedState::Healthy);
    // A connection that waits in the middle of its request while everything around it changes.
    let mut client = TcpStream::connect(stays).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nHost: web\r\n").unwrap();
    for generation in 2..30 {
        controller.apply(&snapshot(generation, &[stays, comes], &[server.address])).unwrap();
    }
    until(|| TcpStream::connect(goes).is_err());
    assert_eq!(get(comes, "/").unwrap(), 200);
    client.write_all(b"Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn counts_arrive_those_of_the_time_without_a_control_plane_too() {
    let server = Target::start(Behaviour::Answer(200));
    let node = RunningNode::start();
    let mut controller = node.connect();
    let front = free_address();
    controller.apply(&snapshot(1, &[front], &[server.address])).unwrap();
    controller.health(server.address, CheckedState::Healthy);
    drop(controller);
    for _ in 0..20 {
        assert_eq!(get(front, "/").unwrap(), 200);
    }
    let mut controller = node.connect();
    let (mut requests, mut answers, mut times, mut connections) = (0, 0, 0, 0);
    while (requests, answers, times, connections) != (20, 20, 20, 20) {
        let statistics = controller.find(statistics);
        assert!(statistics.from <= statistics.to);
        for counts in &statistics.targets {
            assert_eq!((&counts.target, counts.zone.as_str()), (&key(server.address), "eu-west-1a"));
            assert_eq!(counts.load_balancer, running_node::arn("loadbalancer/app/web/1"));
            requests += counts.requests;
            answers += counts.codes[0];
            times += counts.response_times.iter().map(|(_, n)| n).sum::<u64>();
        }
        connections += statistics.load_balancers.iter().map(|(_, _, counts)| counts.new_connections).sum::<u64>();
        assert!(requests <= 20 && answers <= 20 && times <= 20 && connections <= 20, "counted twice");
    }
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn an_unhealthy_target_gets_no_requests_and_its_return_is_noticed() {
    let (steady, failing) = (Target::start(Behaviour::Answer(200)), Target::start(Behaviour::Answer(200)));
    let node = RunningNode::start();
    let mut controller = node.connect();
    let front = free_address();
    controller.apply(&snapshot(1, &[front], &[steady.address, failing.address])).unwrap();
    controller.health(failing.address, CheckedState::Healthy);
    failing.set(Behaviour::Answer(418));
    let health = controller.health(failing.address, CheckedState::Unhealthy);
    assert_eq!(health.failure, Some(CheckResult::Mismatch(418)));
    for _ in 0..20 {
        assert_eq!(get(front, "/").unwrap(), 200);
    }
    failing.set(Behaviour::Answer(204));
    let mut lenient = snapshot(2, &[front], &[steady.address, failing.address]);
    lenient.target_groups[0].health_check.matcher = "200,204".parse().unwrap();
    controller.apply(&lenient).unwrap();
    controller.health(failing.address, CheckedState::Healthy);
    let answers: Vec<u16> = (0..4).map(|_| get(front, "/").unwrap()).collect();
    assert!(answers.contains(&204) && answers.contains(&200), "{answers:?}");
    controller.send(&AT_ONCE);
    node.ended();
}

#[test]
fn requests_in_flight_may_end_before_the_node_does() {
    let server = Target::start(Behaviour::Answer(200));
    let node = RunningNode::start();
    let mut controller = node.connect();
    let front = free_address();
    controller.apply(&snapshot(1, &[front], &[server.address])).unwrap();
    controller.health(server.address, CheckedState::Healthy);
    server.set(Behaviour::Slow(200, Duration::from_secs(2)));
    let client = std::thread::spawn(move || get(front, "/slow"));
    until(|| server.requests().iter().any(|(_, head)| head.starts_with("GET /slow")));
    controller.send(&ToNode::Shutdown { grace_seconds: 30 });
    until(|| TcpStream::connect(front).is_err());
    assert!(node.is_running());
    assert_eq!(client.join().unwrap().unwrap(), 200);
    let ended_at = Instant::now();
    node.ended();
    assert!(ended_at.elapsed() < Duration::from_secs(15), "it does not wait for the whole grace");
}

#[test]
fn requests_are_in_the_access_log_and_health_checks_are_not() {
    let server = Target::start(Behaviour::Answer(200));
    let node = RunningNode::start();
    let mut controller = node.connect();
    let front = free_address();
    controller.apply(&snapshot(1, &[front], &[server.address])).unwrap();
    controller.health(server.address, CheckedState::Healthy);
    assert_eq!(get(front, "/logged?x=1").unwrap(), 200);
    controller.send(&AT_ONCE);
    let data = node.ended();
    let log = fs::read_to_string(data.path().join("logs/access.log")).unwrap();
    assert_eq!(log.lines().count(), 1, "{log}");
    let expected = format!(" {} ", server.address);
    assert!(log.contains("app/web/1") && log.contains(&expected) && log.contains(" 200 200 "), "{log}");
    assert!(log.contains("\"GET http://web:80/logged?x=1 HTTP/1.1\""), "{log}");
    assert!(log.contains("\"Root=1-"), "{log}");
}

#[test]
fn a_controller_that_does_not_read_holds_nothing_up() {
    let server = Target::start(Behaviour::Answer(200));
    let node = RunningNode::start();
    let front = free_address();
    let mut silent = node.connect();
    // Answers pile up until the socket is full; then the node stops reading, and serves on.
    silent.stream.set_nonblocking(true).unwrap();
    let frame = model::node::encode_frame(&ToNode::Apply(Box::new(snapshot(1, &[front], &[server.address])))).unwrap();
    let flood = vec![frame; 64].concat();
    let deadline = Instant::now() + DEADLINE;
    let (mut stuck, mut written) = (0, 0);
    while stuck < 50 {
        assert!(Instant::now() < deadline, "the node reads without end");
        match silent.stream.write(&flood[written..]) {
            Ok(n) => (stuck, written) = (0, (written + n) % flood.len()),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                stuck += 1;
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(get(front, "/").unwrap(), 200);
    let mut controller = Controller::connect(node.data.path());
    assert_eq!(controller.hello(), 1);
    controller.send(&AT_ONCE);
    node.ended();
}
