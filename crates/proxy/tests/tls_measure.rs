//! What TLS costs: time per handshake and per record, memory per idle session. Prints; asserts only that it works.
//!
//! `cargo test --release -p proxy --test tls_measure -- --ignored --nocapture`. Only our side is timed. Memory is the
//! growth of the process, so that what the cryptography allocates for itself is in it.

#![allow(clippy::unwrap_used)] // helpers of tests

#[path = "tls/authority.rs"]
#[allow(dead_code)]
mod authority;
#[path = "tls/peers.rs"]
#[allow(dead_code)]
mod peers;

use authority::server_plan;
use peers::{Client, ONLY12, ONLY13, Ours, POLICY, acceptor, carry, give, shaken, take, write};
use proxy::tls::{Acceptor, Outgoing, Session, TlsRegistry, session::HEADROOM};
use rustls::SupportedProtocolVersion;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

type Versions = &'static [&'static SupportedProtocolVersion];

fn listener(algorithm: &'static rcgen::SignatureAlgorithm) -> Arc<Acceptor> {
    acceptor(&TlsRegistry::new(), POLICY, &[server_plan("a", &["a.example"], algorithm, 9)])
}

/// Microseconds of our side per handshake.
fn handshake(acceptor: &Arc<Acceptor>, versions: Versions, resumed: bool) -> f64 {
    const ROUNDS: u32 = 400;
    let client = Client::new(versions);
    let _first = shaken(acceptor, &client, "a.example");
    let mut spent = Duration::ZERO;
    for _ in 0..ROUNDS {
        let fresh = Client::new(versions);
        let mut peer = if resumed { client.connect("a.example") } else { fresh.connect("a.example") };
        let mut ours = Ours::server(acceptor);
        loop {
            let bytes = take(&mut peer);
            if bytes.is_empty() {
                break;
            }
            let started = Instant::now();
            ours.feed(&bytes).unwrap();
            spent += started.elapsed();
            let answer = ours.take();
            give(&mut peer, &answer).unwrap();
        }
        assert!(!ours.session.is_handshaking());
        assert_eq!(ours.session.is_resumed(), resumed);
    }
    spent.as_secs_f64() * 1e6 / f64::from(ROUNDS)
}

#[test]
#[ignore = "prints figures; run it in release"]
fn handshakes() {
    let p256 = listener(&rcgen::PKCS_ECDSA_P256_SHA256);
    let rsa = listener(&rcgen::PKCS_RSA_SHA256);
    for (name, versions) in [("TLS 1.3", ONLY13), ("TLS 1.2", ONLY12)] {
        for (kind, acceptor, resumed) in
            [("ECDSA P-256", &p256, false), ("RSA-2048", &rsa, false), ("resumed", &p256, true)]
        {
            let micros = handshake(acceptor, versions, resumed);
            println!("{name} {kind:12} {micros:7.1} us, {:6.0} a second and core", 1e6 / micros);
        }
    }
}

/// Nanoseconds per record of 16 kB or of 200 bytes, sent and received.
fn records(versions: Versions, length: usize, records: usize) -> (f64, f64) {
    const ROUNDS: usize = 2000;
    let acceptor = listener(&rcgen::PKCS_ECDSA_P256_SHA256);
    let (mut ours, mut peer) = shaken(&acceptor, &Client::new(versions), "a.example");
    let content = vec![7; length * records];
    let mut buffer = vec![0; HEADROOM + 512 * 1024];
    let (mut sent, mut received) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        ours.send(&content).unwrap();
        sent += started.elapsed();
        ours.out.clear();
        let bytes = write(&mut peer, &content);
        let at = ours.session.read_at();
        buffer[at..at + bytes.len()].copy_from_slice(&bytes);
        let started = Instant::now();
        let got = ours.session.receive(&mut buffer, bytes.len(), &mut ours.out).unwrap();
        received += started.elapsed();
        assert_eq!(got.plaintext, content.len());
    }
    let each = |spent: Duration| spent.as_secs_f64() * 1e9 / (ROUNDS * records) as f64;
    (each(sent), each(received))
}

#[test]
#[ignore = "prints figures; run it in release"]
fn content() {
    for (name, versions) in [("TLS 1.3", ONLY13), ("TLS 1.2", ONLY12)] {
        for (length, count) in [(200, 1), (16 * 1024, 15)] {
            let (sent, received) = records(versions, length, count);
            let rate = |nanos: f64| length as f64 / nanos;
            println!(
                "{name} {length:5} B: sent {sent:6.0} ns a record ({:.2} GB/s), received {received:6.0} ns ({:.2} GB/s)",
                rate(sent),
                rate(received)
            );
        }
    }
}

fn resident_bytes() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
#[ignore = "prints figures; run it in release"]
fn idle_sessions() {
    const SESSIONS: usize = 10_000;
    let acceptor = listener(&rcgen::PKCS_ECDSA_P256_SHA256);
    let mut alive = Vec::new(); // freed memory would be used again, and not be seen
    for (name, versions) in [("TLS 1.3", ONLY13), ("TLS 1.2", ONLY12)] {
        let client = Client::new(versions);
        let mut buffer = vec![0; 1 << 20];
        let mut out = Outgoing::default();
        let mut sessions: Vec<Session> = Vec::with_capacity(SESSIONS);
        // Once for what is made only once.
        let mut before = 0;
        for i in 0..SESSIONS + 100 {
            if i == 100 {
                sessions.clear();
                before = resident_bytes();
            }
            let mut peer = client.connect("a.example");
            let mut session = Session::server(&acceptor);
            loop {
                let bytes = take(&mut peer);
                if bytes.is_empty() {
                    break;
                }
                let at = session.read_at();
                buffer[at..at + bytes.len()].copy_from_slice(&bytes);
                session.receive(&mut buffer, bytes.len(), &mut out).unwrap();
                give(&mut peer, &out).unwrap();
                out.clear();
            }
            // One request and one answer, so that what is made on first use is there.
            let bytes = write(&mut peer, b"GET / HTTP/1.1\r\n\r\n");
            let at = session.read_at();
            buffer[at..at + bytes.len()].copy_from_slice(&bytes);
            session.receive(&mut buffer, bytes.len(), &mut out).unwrap();
            session.send(b"HTTP/1.1 200 OK\r\n\r\n", &mut out).unwrap();
            out.clear();
            sessions.push(session);
        }
        let each = (resident_bytes() - before) / SESSIONS;
        println!("{name}: {each} bytes for an idle session, {} of them the value itself", size_of::<Session>());
        alive.push(sessions);
    }
}

#[test]
#[ignore = "prints figures; run it in release"]
fn a_change_of_configuration() {
    const LISTENERS: usize = 1000;
    let certificates: Vec<_> = (0..LISTENERS)
        .map(|i| server_plan(&format!("c{i}"), &[&format!("h{i}.example")], &rcgen::PKCS_ECDSA_P256_SHA256, 9))
        .collect();
    let registry = TlsRegistry::new();
    let make = || -> Vec<_> {
        let materials = registry.materials(&certificates, &[]);
        let plan =
            |i: usize| peers::tls_plan(POLICY, &certificates[i..=i], model::elbv2::listener::MutualAuthentication::Off);
        let arn = |i: usize| model::Arn::new("elasticloadbalancing", "r", "1", format!("listener/app/a/{i}/2"));
        (0..LISTENERS).map(|i| registry.acceptor(&arn(i), &plan(i), true, &materials).unwrap()).collect()
    };
    let started = Instant::now();
    let first = make();
    let all_new = started.elapsed();
    let started = Instant::now();
    let second = make();
    println!("{LISTENERS} listeners with a certificate each: {all_new:?} new, {:?} unchanged", started.elapsed());
    let (mut ours, mut peer) = (Ours::server(&second[7]), Client::new(ONLY13).connect("h7.example"));
    carry(&mut ours, &mut peer).unwrap();
    drop(first);
}

#[test]
#[ignore = "prints figures; run it in release"]
fn worst_first_message() {
    let acceptor = listener(&rcgen::PKCS_ECDSA_P256_SHA256);
    let mut bytes = vec![22, 3, 1, 0, 4, 1, 0, 0x3f, 0xf0];
    (0..3000).for_each(|_| bytes.extend([22, 3, 1, 0, 1, 0]));
    for step in [6, 60, 600] {
        let mut ours = Ours::server(&acceptor);
        let started = Instant::now();
        let read = bytes.chunks(step).take_while(|part| ours.feed(part).is_ok()).count();
        println!("{read} reads of {step} bytes of a split first message: {:?}", started.elapsed());
    }
}
