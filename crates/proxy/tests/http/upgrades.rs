//! WebSocket and other upgrades: tunnels after a 101, and nothing before it.

use crate::balancer::{Balancer, eventually};
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener},
};
use testkit::{Reply, TestTarget};

const UPGRADE: &str =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n";
const AGREED: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

#[test]
fn after_a_101_bytes_flow_both_ways() {
    let target = TestTarget::start(|_| Reply::ThenEcho([AGREED.as_bytes(), b"first"].concat()));
    let balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    client.send(UPGRADE);
    let answer = client.answer();
    assert_eq!((answer.status, answer.header("upgrade")), (101, Some("websocket")));
    assert_eq!(client.take(5).unwrap(), b"first");
    let large: Vec<u8> = (0..1 << 20).map(|i: u32| (i % 253) as u8).collect();
    let mut sender = client.stream.try_clone().unwrap();
    let copy = large.clone();
    let sending = std::thread::spawn(move || {
        sender.write_all(&copy).unwrap();
        sender.shutdown(Shutdown::Write).unwrap();
    });
    assert!(client.take(large.len()).unwrap() == large);
    sending.join().unwrap();
    assert!(client.is_closed(), "the end of one side reaches the other");
    eventually("the tunnel has ended", || balancer.state(0).counts.sum(|c| &c.in_flight) == 0);
}

#[test]
fn bytes_after_an_upgrade_wait_for_the_101() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let balancer = Balancer::new(&[listener.local_addr().unwrap()]);
    let mut client = balancer.client();
    client.send(format!("{UPGRADE}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"));
    let (mut target, _) = listener.accept().unwrap();
    let mut seen = Vec::new();
    let mut piece = [0; 4096];
    while !seen.ends_with(b"\r\n\r\n") {
        let n = target.read(&mut piece).unwrap();
        seen.extend_from_slice(&piece[..n]);
    }
    target.set_read_timeout(Some(std::time::Duration::from_millis(100))).unwrap();
    assert!(target.read(&mut piece).is_err(), "nothing follows before the answer");
    assert!(!String::from_utf8_lossy(&seen).contains("smuggled"));
    target.write_all(AGREED.as_bytes()).unwrap();
    target.set_read_timeout(None).unwrap();
    let n = target.read(&mut piece).unwrap();
    assert!(piece[..n].starts_with(b"GET /smuggled"), "now they belong to the tunnel");
}

#[test]
fn a_refused_upgrade_ends_the_connection_after_its_answer() {
    let target = TestTarget::answering("no");
    let balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    client.send(format!("{UPGRADE}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"));
    let answer = client.answer();
    assert_eq!((answer.status, answer.text(), answer.header("connection")), (200, "no", Some("close")));
    assert!(client.is_closed());
    assert_eq!(target.count(), 1, "what followed the request was never taken for another");
}

#[test]
fn an_idle_tunnel_is_closed() {
    let target = TestTarget::start(|_| Reply::ThenEcho(AGREED.into()));
    let balancer = Balancer::with(&[target.address], |s| s.load_balancers[0].idle_timeout_seconds = 1);
    let mut client = balancer.client();
    client.send(UPGRADE);
    assert_eq!(client.answer().status, 101);
    assert!(client.is_closed());
}
