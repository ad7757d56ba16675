//! Signals to a node. In a file of its own, because a signal reaches every node of the process: each test is meant to be
//! a process of its own (as nextest has it), and they take turns where it is not.

// Tests may panic.
#![allow(clippy::unwrap_used)]

mod misbehaving;
mod running_node;

use misbehaving::{Behaviour, Target};
use model::elbv2::target_health::CheckedState;
use running_node::{RunningNode, free_address, get, snapshot, until};
use rustix::process::{Signal, getpid, kill_process};
use std::{fs, sync::Mutex, time::Duration};

static TURN: Mutex<()> = Mutex::new(());

fn send(signal: Signal) {
    kill_process(getpid(), signal).unwrap();
}

#[test]
fn sigterm_ends_in_order() {
    let _turn = TURN.lock();
    let node = RunningNode::start();
    node.connect().hello();
    send(Signal::TERM);
    let data = node.ended();
    assert!(!data.path().join("node/pid").exists());
}

#[test]
fn a_second_signal_ends_at_once() {
    let _turn = TURN.lock();
    let server = Target::start(Behaviour::Answer(200));
    let node = RunningNode::start();
    let front = free_address();
    let mut controller = node.connect();
    controller.apply(&snapshot(1, &[front], &[server.address])).unwrap();
    controller.health(server.address, CheckedState::Healthy);
    server.set(Behaviour::Slow(200, Duration::from_secs(20)));
    std::thread::spawn(move || get(front, "/slow"));
    until(|| server.requests().iter().any(|(_, head)| head.starts_with("GET /slow")));
    send(Signal::INT);
    until(|| !node.data.path().join("node/socket").exists());
    assert!(node.is_running(), "a request is in flight");
    send(Signal::INT);
    // The request takes longer than this waits.
    let begun_at = std::time::Instant::now();
    node.ended();
    assert!(begun_at.elapsed() < Duration::from_secs(15));
}

#[test]
fn sighup_is_ignored_and_sigusr1_opens_the_logs_again() {
    let _turn = TURN.lock();
    let node = RunningNode::start();
    let mut controller = node.connect();
    controller.hello();
    let (log, moved) = (node.data.path().join("logs/access.log"), node.data.path().join("logs/moved"));
    until(|| log.exists());
    fs::rename(&log, &moved).unwrap();
    send(Signal::HUP);
    send(Signal::USR1);
    until(|| log.exists());
    assert_eq!(controller.apply(&snapshot(1, &[], &[])), Ok(Vec::new()));
    send(Signal::TERM);
    node.ended();
}
