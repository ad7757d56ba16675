//! Requests of all kinds on pooled connections: every answer must be the client's own.
//!
//! 20,000 in the normal run; a million with `cargo test --release -p proxy --test http a_million -- --ignored --nocapture`.

use crate::balancer::{Balancer, Client};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};
use testkit::{Reply, TestTarget, targets::SeenRequest};

const CLIENTS: u64 = 16;

/// splitmix64.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((z ^ z >> 31) >> 1).unwrap()
}

/// Answers with the token in a field and in front of what came, framed in one of several ways; the token chooses.
fn target() -> TestTarget {
    TestTarget::start(|request: &SeenRequest| {
        let token = request.header("x-token").unwrap_or_default();
        let body = [token.as_bytes(), b" ", request.method.as_bytes(), b" ", &request.body].concat();
        let way = token.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 20;
        let head = format!("200 OK\r\nX-Token: {token}\r\n");
        if request.method == "HEAD" {
            return Reply::Bytes(format!("HTTP/1.1 {head}Content-Length: {}\r\n\r\n", body.len()).into());
        }
        let with_length =
            || [format!("HTTP/1.1 {head}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), &body].concat();
        let in_chunks = || {
            let mut out = format!("HTTP/1.1 {head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
            for chunk in body.chunks(700) {
                out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                out.extend_from_slice(chunk);
                out.extend_from_slice(b"\r\n");
            }
            [&out[..], b"0\r\nX-Trailer: t\r\n\r\n"].concat()
        };
        match way {
            0..8 => Reply::Bytes(with_length()),
            8..15 => Reply::Bytes(in_chunks()),
            15 => Reply::ThenClose(with_length()),
            16 => Reply::ThenClose(in_chunks()),
            17 => Reply::ThenClose([format!("HTTP/1.0 {head}\r\n").as_bytes(), &body].concat()),
            18 => Reply::Bytes([&b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"[..], &in_chunks()].concat()),
            // More than belongs to the answer: nobody may ever see it.
            _ => Reply::Bytes(
                [&with_length()[..], b"HTTP/1.1 200 OK\r\nX-Token: forged\r\nContent-Length: 6\r\n\r\nforged"].concat(),
            ),
        }
    })
}

/// What one client counted.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    answers: u64,
    /// Connections that it left before an answer.
    left: u64,
    /// Requests of its own that were answered 502: not to be repeated, and the target closed the connection just then.
    lost: u64,
}

struct Asker {
    client: Client,
    front: std::net::SocketAddr,
    state: u64,
    thread: u64,
    counts: Counts,
}

/// A request that waits for its answer.
struct Asked {
    token: String,
    method: &'static str,
    body: Vec<u8>,
    bytes: Vec<u8>,
    closes: bool,
}

impl Asker {
    fn request(&mut self, serial: u64) -> Asked {
        let token = format!("t{}-{serial}-{:x}", self.thread, random(&mut self.state) & 0xffff);
        let method = ["GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD"][random(&mut self.state) % 8];
        let size = match random(&mut self.state) % 100 {
            0 => 150_000,
            1..10 => random(&mut self.state) % 20_000,
            _ => random(&mut self.state) % 300,
        };
        let body: Vec<u8> = match method {
            "POST" | "PUT" => (0..size).map(|i| b"abcdefghijklmnopqrstuvw"[(i + token.len()) % 23]).collect(),
            _ => vec![],
        };
        let closes = random(&mut self.state).is_multiple_of(50);
        let connection = if closes { "Connection: close\r\n" } else { "" };
        let mut bytes =
            format!("{method} /{token}?x HTTP/1.1\r\nHost: a\r\nX-Token: {token}\r\n{connection}").into_bytes();
        if matches!(method, "POST" | "PUT") && random(&mut self.state).is_multiple_of(2) {
            bytes.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
            for chunk in body.chunks(1000) {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
        } else if body.is_empty() {
            bytes.extend_from_slice(b"\r\n");
        } else {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
            bytes.extend_from_slice(&body);
        }
        Asked { token, method, body, bytes, closes }
    }

    /// One to four requests at once, and their answers; or a request that is left half way.
    fn round(&mut self, serial: u64) {
        match random(&mut self.state) % 60 {
            0 => self.leave(serial),
            1..6 => {
                let asked: Vec<_> =
                    (0..2 + random(&mut self.state) as u64 % 3).map(|i| self.request(serial + i)).collect();
                let together: Vec<u8> = asked.iter().flat_map(|asked| asked.bytes.iter().copied()).collect();
                // Whole bodies of both sides may not fit the buffers on the way.
                if together.len() > 30_000 {
                    return self.one(serial);
                }
                self.client.send(together);
                for asked in asked {
                    if !self.answer(&asked) {
                        break;
                    }
                }
            }
            _ => self.one(serial),
        }
    }

    fn one(&mut self, serial: u64) {
        let asked = self.request(serial);
        self.client.send(&asked.bytes);
        self.answer(&asked);
    }

    /// Sends a part of a request, or all of it, and goes away without its answer.
    fn leave(&mut self, serial: u64) {
        let asked = self.request(serial);
        let part = random(&mut self.state) % (asked.bytes.len() + 1);
        self.client.send(&asked.bytes[..part]);
        self.client = Client::connect(self.front);
        self.counts.left += 1;
    }

    /// Reads an answer; whether another may follow by this connection.
    fn answer(&mut self, asked: &Asked) -> bool {
        let answer =
            self.client.try_answer(asked.method == "HEAD").unwrap_or_else(|error| panic!("{}: {error}", asked.token));
        let answer = if answer.status == 103 { self.client.try_answer(false).unwrap() } else { answer };
        if answer.status == 502 && !asked.body.is_empty() {
            self.counts.lost += 1;
        } else {
            assert_eq!((answer.status, answer.header("x-token")), (200, Some(&*asked.token)), "{}", asked.method);
            if asked.method != "HEAD" {
                let expected = [asked.token.as_bytes(), b" ", asked.method.as_bytes(), b" ", &asked.body].concat();
                assert!(answer.body == expected, "{}: {} bytes", asked.token, answer.body.len());
            }
            self.counts.answers += 1;
        }
        let goes_on = !asked.closes && answer.header("connection") != Some("close");
        if !goes_on {
            self.client = Client::connect(self.front);
        }
        goes_on
    }
}

#[allow(clippy::print_stdout)] // the figures of the long run
fn mixed(requests: u64) {
    let targets: Vec<_> = (0..4).map(|_| target()).collect();
    let addresses: Vec<_> = targets.iter().map(|target| target.address).collect();
    let balancer = Balancer::new(&addresses);
    let (began, serial) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let threads: Vec<_> = (0..CLIENTS)
        .map(|thread| {
            let (front, serial) = (balancer.front, Arc::clone(&serial));
            std::thread::spawn(move || {
                let mut asker =
                    Asker { client: Client::connect(front), front, state: thread, thread, counts: Counts::default() };
                loop {
                    // Four numbers, of which a round takes as many as it needs.
                    let first = serial.fetch_add(4, Relaxed);
                    if asker.counts.answers + asker.counts.left >= requests / CLIENTS {
                        return asker.counts;
                    }
                    asker.round(first);
                }
            })
        })
        .collect();
    while !threads.iter().all(std::thread::JoinHandle::is_finished) {
        targets.iter().for_each(TestTarget::forget);
        std::thread::yield_now();
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    let counts: Vec<Counts> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let sum = |count: fn(&Counts) -> u64| counts.iter().map(count).sum::<u64>();
    let (answers, left, lost) = (sum(|c| c.answers), sum(|c| c.left), sum(|c| c.lost));
    println!("{answers} answers, {left} left early, {lost} lost, in {:?}", began.elapsed());
    assert!(answers + left >= requests / CLIENTS * CLIENTS && lost <= requests / 100, "{lost} were lost");
    assert!(left > requests / 200, "some left early");
}

#[test]
fn no_client_ever_sees_the_answer_of_another_in_twenty_thousand_mixed_requests() {
    mixed(20_000);
}

#[test]
#[ignore = "takes minutes; run it with --release"]
fn no_client_ever_sees_the_answer_of_another_in_a_million_mixed_requests() {
    mixed(1_000_000);
}
