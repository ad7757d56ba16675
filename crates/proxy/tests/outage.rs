//! The only server of a group is restarted: requests wait for it, or get the owner's page.

// Tests may panic and wait in plain threads.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod running_node;

use model::{
    Timestamp,
    elbv2::{
        snapshot::{LoadBalancingSnapshot, MaintenancePage},
        target_health::{CheckedHealth, CheckedState},
    },
    node::{FromNode, ToNode},
};
use running_node::{Controller, DEADLINE, RunningNode, free_address, snapshot, until};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use testkit::{Reply, TestTarget};

/// A node whose group has one server, and that server.
struct Site {
    node: RunningNode,
    controller: Controller,
    front: SocketAddr,
    server: TestTarget,
    generation: u64,
}

impl Site {
    fn new(change: impl FnOnce(&mut LoadBalancingSnapshot)) -> Self {
        let (front, address) = (free_address(), free_address());
        let server = serve(address);
        let node = RunningNode::start();
        let mut controller = node.connect();
        let mut site = snapshot(1, &[front], &[address]);
        // Checks alone would notice nothing for minutes.
        let check = &mut site.target_groups[0].health_check;
        (check.interval_seconds, check.healthy_threshold) = (300, 10);
        change(&mut site);
        assert_eq!(controller.apply(&site).unwrap(), [], "it listens everywhere");
        controller.health(address, CheckedState::Healthy);
        Self { node, controller, front, server, generation: 1 }
    }

    fn restart(&mut self, while_away: impl FnOnce(&mut Self)) {
        let address = self.server.address;
        self.server.kill();
        while_away(self);
        self.server = serve(address);
    }

    /// Waits until so many requests were held since the last time.
    fn all_wait(&mut self, requests: u64) {
        let mut held = 0;
        while held < requests {
            held += self.controller.find(|frame| match frame {
                FromNode::Statistics(statistics) => {
                    Some(statistics.load_balancers.iter().map(|(_, _, counts)| counts.held_requests).sum::<u64>())
                }
                FromNode::Hello { .. }
                | FromNode::Applied { .. }
                | FromNode::Refused { .. }
                | FromNode::TargetHealth { .. }
                | FromNode::Requests { .. } => None,
            });
        }
    }

    fn end(mut self) {
        self.controller.send(&ToNode::Shutdown { grace_seconds: 0 });
        self.node.ended();
    }
}

fn serve(address: SocketAddr) -> TestTarget {
    TestTarget::on(TcpListener::bind(address).unwrap(), |_| Reply::ok("served"))
}

/// Status, head and body of an answer to a request on a connection of its own.
fn ask(front: SocketAddr, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(front).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap(), answer)
}

const GET: &str = "GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nHost: web\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";

fn page() -> MaintenancePage {
    MaintenancePage {
        body: "<h1>잠시 후 돌아오겠습니다</h1>".to_owned(),
        content_type: "text/html; charset=utf-8".to_owned(),
        retry_after_seconds: 120,
    }
}

#[test]
fn no_request_is_lost_while_the_only_server_restarts() {
    let mut site = Site::new(|snapshot| snapshot.target_groups[0].hold_seconds = 25);
    for round in 0..3 {
        let front = site.front;
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
                std::thread::spawn(move || {
                    let mut statuses = Vec::new();
                    while !stop.load(Ordering::Relaxed) {
                        statuses.push(ask(front, GET).0);
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    statuses
                })
            })
            .collect();
        until(|| answered.load(Ordering::Relaxed) > 50);
        let mut posts = Vec::new();
        site.restart(|site| {
            posts.extend((0..4).map(|_| std::thread::spawn(move || ask(front, POST).0)));
            site.all_wait(12);
        });
        for post in posts {
            assert_eq!(post.join().unwrap(), 200);
        }
        let before = answered.load(Ordering::Relaxed);
        until(|| answered.load(Ordering::Relaxed) > before + 50);
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            let statuses = client.join().unwrap();
            let failed = statuses.iter().filter(|status| **status != 200).count();
            assert_eq!(failed, 0, "round {round}: {failed} of {} failed", statuses.len());
        }
    }
    site.end();
}

#[test]
fn requests_that_wait_go_to_a_server_that_was_registered_meanwhile() {
    let mut site = Site::new(|snapshot| snapshot.target_groups[0].hold_seconds = 25);
    let old = site.server.address;
    site.server.kill();
    let front = site.front;
    let clients: Vec<_> = (0..8).map(|_| std::thread::spawn(move || ask(front, GET).0)).collect();
    site.all_wait(8);
    let successor = serve(free_address());
    site.generation += 1;
    let mut replaced = snapshot(site.generation, &[front], &[old, successor.address]);
    replaced.target_groups[0].hold_seconds = 25;
    replaced.target_groups[0].targets.remove(0);
    replaced.target_groups[0].targets[0].health =
        Some(CheckedHealth { state: CheckedState::Healthy, since: Timestamp::default(), failure: None });
    site.controller.apply(&replaced).unwrap();
    for client in clients {
        assert_eq!(client.join().unwrap(), 200);
    }
    assert_eq!(successor.count(), 8);
    site.end();
}

#[test]
fn whoever_waited_in_vain_gets_the_owners_page() {
    let mut site = Site::new(|snapshot| {
        snapshot.target_groups[0].hold_seconds = 1;
        snapshot.target_groups[0].maintenance = Some(page());
    });
    site.restart(|site| {
        let asked_at = Instant::now();
        let (status, answer) = ask(site.front, GET);
        assert_eq!(status, 503, "{answer}");
        assert!(asked_at.elapsed() >= Duration::from_millis(900), "it waits first: {:?}", asked_at.elapsed());
        assert!(answer.contains("Retry-After: 120\r\n"), "{answer}");
        assert!(answer.contains("Content-Type: text/html; charset=utf-8\r\n"), "{answer}");
        assert!(answer.ends_with(&page().body), "{answer}");
    });
    until(|| ask(site.front, GET).0 == 200);
    site.end();
}

#[test]
fn the_owners_page_alone_is_shown_from_the_first_refusal_until_the_server_is_back() {
    let mut site = Site::new(|snapshot| snapshot.target_groups[0].maintenance = Some(page()));
    site.restart(|site| {
        for _ in 0..20 {
            let (status, answer) = ask(site.front, GET);
            assert!(status == 503 && answer.ends_with(&page().body), "{answer}");
        }
    });
    until(|| ask(site.front, GET).0 == 200);
    site.end();
}

#[test]
fn without_a_page_a_request_that_waited_in_vain_fails_as_it_would_have_at_once() {
    let mut site = Site::new(|snapshot| snapshot.target_groups[0].hold_seconds = 1);
    site.restart(|site| {
        let (status, answer) = ask(site.front, GET);
        assert_eq!(status, 502, "{answer}");
    });
    site.end();
}

#[test]
fn the_page_is_shown_instead_of_a_fail_open_and_without_any_target() {
    let mut site = Site::new(|snapshot| {
        snapshot.target_groups[0].maintenance = Some(page());
        let check = &mut snapshot.target_groups[0].health_check;
        (check.interval_seconds, check.unhealthy_threshold) = (1, 2);
    });
    let address = site.server.address;
    site.server.set(|_| Reply::Bytes(testkit::targets::answer("500 Internal Server Error", &[], b"")));
    site.controller.health(address, CheckedState::Unhealthy);
    let (status, answer) = ask(site.front, GET);
    assert!(status == 503 && answer.ends_with(&page().body), "{answer}");
    site.generation += 1;
    let mut empty = snapshot(site.generation, &[site.front], &[]);
    empty.target_groups[0].maintenance = Some(page());
    site.controller.apply(&empty).unwrap();
    until(|| ask(site.front, GET).1.ends_with(&page().body));
    site.end();
}

#[test]
fn switching_hold_off_ends_what_it_began() {
    let mut site = Site::new(|snapshot| snapshot.target_groups[0].hold_seconds = 1);
    let address = site.server.address;
    site.restart(|site| assert_eq!(ask(site.front, GET).0, 502));
    site.generation += 1;
    let mut plain = snapshot(site.generation, &[site.front], &[address]);
    plain.target_groups[0].health_check.interval_seconds = 300;
    site.controller.apply(&plain).unwrap();
    until(|| ask(site.front, GET).0 == 200);
    site.end();
}
