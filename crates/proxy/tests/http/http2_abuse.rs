//! HTTP/2 abuse over real sockets: the attacker's connection ends, the process stays small, and others are served meanwhile.
//!
//! What the engine alone does with each attack, in frames and bytes, is in `tests/http2/abuse.rs`.

use crate::{
    balancer::{Balancer, PATIENCE},
    http2::{Client, balancer, request, run},
    http2_target::Frames,
    peer::{END, POST, block, data, get_block, headers, raw, reset, settings},
    tls::{Secured, client_config, connect_with},
};
use proxy::http2::{
    ErrorCode,
    frame::{self, Header, Kind},
};
use rustls::pki_types::ServerName;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use testkit::TestTarget;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What the process may grow by during one attack. The test is in it: attackers, targets, the client that is served.
const MOST_GROWTH: usize = 48 << 20;

/// Resident memory of the process in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// A client that asks one thing after the other until it is told to stop.
struct Bystander {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<(usize, Duration)>,
}

impl Bystander {
    fn start(front: SocketAddr) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let (mut served, mut slowest) = (0, Duration::ZERO);
            run(async {
                let mut client = Client::connect(front).await;
                while !told.load(SeqCst) || served < 20 {
                    // A connection ends after 10,000 requests.
                    if served % 5000 == 4999 {
                        client = Client::connect(front).await;
                    }
                    let asked_at = Instant::now();
                    assert_eq!(client.get("/").await.text(), "served");
                    slowest = slowest.max(asked_at.elapsed());
                    served += 1;
                }
            });
            (served, slowest)
        });
        Self { stop, thread }
    }

    /// It was served all the time.
    fn end(self, what: &str) {
        self.stop.store(true, SeqCst);
        let (served, slowest) = self.thread.join().unwrap();
        assert!(slowest < Duration::from_secs(3), "{what}: {served} served, the slowest took {slowest:?}");
    }
}

struct Attack {
    name: &'static str,
    /// What is sent in each round.
    round: Box<dyn Fn(u32) -> Vec<u8> + Send>,
}

/// With what code an attacker is told off, and after how many rounds.
async fn attack(front: SocketAddr, round: &(dyn Fn(u32) -> Vec<u8> + Send)) -> (Option<ErrorCode>, u32) {
    let mut config = client_config(None);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let tcp = TcpStream::connect(front).await.unwrap();
    // What the balancer has not read yet must not count as what it lets pass: little of it has room.
    socket2::SockRef::from(&tcp).set_send_buffer_size(SEND_BUFFER).unwrap();
    let name = ServerName::try_from("web.example").unwrap();
    let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let reading = tokio::spawn(async move {
        let (mut code, mut head) = (None, [0; frame::HEADER]);
        while reader.read_exact(&mut head).await.is_ok() {
            let Header { length, kind, .. } = Header::parse(&head).unwrap();
            let mut payload = vec![0; length];
            if reader.read_exact(&mut payload).await.is_err() {
                break;
            }
            if kind == Kind::GoAway {
                code = Some(ErrorCode(u32::from_be_bytes(payload[4..8].try_into().unwrap())));
            }
        }
        code
    });
    writer.write_all(&[&frame::PREFACE[..], &settings(&[])].concat()).await.unwrap();
    let mut rounds = 0;
    while rounds < MOST_ROUNDS && !reading.is_finished() && writer.write_all(&round(rounds)).await.is_ok() {
        rounds += 1;
        // The reader is a task of the same thread.
        tokio::task::yield_now().await;
    }
    (reading.await.unwrap(), rounds)
}

/// Rounds after which an attacker must have been stopped.
const MOST_ROUNDS: u32 = 20_000;
/// The attackers' send buffers, in bytes.
const SEND_BUFFER: usize = 8 * 1024;

fn number(i: u32) -> u32 {
    2 * i + 1
}

fn get(i: u32) -> Vec<u8> {
    headers(number(i), END, &get_block())
}

fn attacks() -> Vec<Attack> {
    let of = |name, round: fn(u32) -> Vec<u8>| Attack { name, round: Box::new(round) };
    vec![
        of("rapid reset", |i| [get(i), reset(number(i), ErrorCode::CANCEL)].concat()),
        of("rapid reset, fifty at once", |i| {
            (50 * i..50 * (i + 1)).flat_map(|i| [get(i), reset(number(i), ErrorCode::CANCEL)].concat()).collect()
        }),
        of("made to reset", |i| [get(i), data(number(i), 0, b"x")].concat()),
        of("CONTINUATION without end", |i| {
            let piece = block(&[("x", &"v".repeat(8000)), ("y", &"w".repeat(8000))]);
            if i == 0 { raw(1, END, 1, &get_block()) } else { raw(9, 0, 1, &piece) }
        }),
        of("empty CONTINUATION", |i| if i == 0 { raw(1, END, 1, &get_block()) } else { raw(9, 0, 1, &[]) }),
        of("settings", |i| settings(&[(4, 65_535 + i % 7)])),
        of("pings", |_| raw(6, 0, 0, &[7; 8])),
        of("empty content", |i| if i == 0 { headers(1, 0, &block(&POST)) } else { data(1, 0, b"") }),
        of("priorities", |i| raw(2, 0, number(i), &[0, 0, 0, 0, 1])),
        of("an HPACK bomb of one large entry", |i| {
            let mut bomb = vec![0x40, 1, b'a', 0x7f, 0xa1, 0x1e];
            bomb.extend_from_slice(&[b'x'; 4000]);
            bomb.extend_from_slice(&[0xbe; 12_000]);
            headers(number(i), END, &bomb)
        }),
        of("an HPACK bomb of empty fields", |i| {
            headers(number(i), END, &[&[0x40, 1, b'a', 0][..], &[0xbe; 16_000]].concat())
        }),
        of("more streams than allowed", get),
    ]
}

#[test]
fn floods_end_their_connection_and_hurt_nobody_else() {
    let balancer = balancer(&[frugal()], |_| {});
    run(async { assert_eq!(Client::connect(balancer.front).await.get("/").await.status, 200) });
    for Attack { name, round } in attacks() {
        let (before, bystander) = (resident(), Bystander::start(balancer.front));
        let attacker = std::thread::spawn({
            let front = balancer.front;
            // Four at a time.
            move || {
                run(async {
                    tokio::join!(
                        attack(front, &*round),
                        attack(front, &*round),
                        attack(front, &*round),
                        attack(front, &*round)
                    )
                })
            }
        });
        let results = attacker.join().unwrap();
        bystander.end(name);
        let growth = resident().saturating_sub(before);
        assert!(growth < MOST_GROWTH, "{name}: the process grew by {growth} bytes");
        let results = [results.0, results.1, results.2, results.3];
        for (code, rounds) in results {
            // Whoever goes on sending may lose what it is told with a reset.
            assert!(code.is_none_or(|code| code == ErrorCode::ENHANCE_YOUR_CALM), "{name}: {code:?}");
            assert!(rounds < MOST_ROUNDS, "{name}: it goes on");
        }
        assert!(results.iter().any(|(code, _)| code.is_some()), "{name}: nobody was told why: {results:?}");
    }
}

/// A target that says `served` to each GET and nothing to others, in one thread: each request that is reset costs the balancer its
/// connection, and hundreds of them at a time must not be what the process grows by.
fn frugal() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let serve = async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 1024];
                while let Ok(n @ 1..) = stream.read(&mut request).await {
                    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nserved";
                    if request[..n].starts_with(b"GET ") && stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    };
    std::thread::spawn(|| run(serve));
    address
}

/// A target that sends 512 KB to each request, without keeping any of it.
fn generous() -> SocketAddr {
    static PIECE: [u8; 64 * 1024] = [b'x'; 64 * 1024];
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            std::thread::Builder::new()
                .stack_size(64 * 1024)
                .spawn(move || {
                    let mut request = [0; 4096];
                    while let Ok(1..) = stream.read(&mut request) {
                        let small = request.starts_with(b"GET / ");
                        let head = format!(
                            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                            if small { 6 } else { 8 * PIECE.len() }
                        );
                        let mut sent = stream.write_all(head.as_bytes());
                        if small {
                            sent = sent.and_then(|()| stream.write_all(b"served"));
                        }
                        for _ in 0..if small { 0 } else { 8 } {
                            sent = sent.and_then(|()| stream.write_all(&PIECE));
                        }
                        if sent.is_err() {
                            return;
                        }
                    }
                })
                .unwrap();
        }
    });
    address
}

fn over_frames(front: SocketAddr) -> Frames<Secured> {
    let mut config = client_config(None);
    config.alpn_protocols = vec![b"h2".to_vec()];
    Frames::new(connect_with(config, front, "web.example").stream)
}

fn with_idle_timeout(target: SocketAddr, seconds: u32) -> Balancer {
    balancer(&[target], |snapshot| snapshot.load_balancers[0].idle_timeout_seconds = seconds)
}

#[test]
fn answers_that_are_asked_for_and_not_taken_are_given_up_and_cost_little() {
    let balancer = with_idle_timeout(generous(), 2);
    run(async { assert_eq!(Client::connect(balancer.front).await.get("/").await.status, 200) });
    let (before, bystander) = (resident(), Bystander::start(balancer.front));
    // No stream has a window: 128 answers of half a megabyte for each connection.
    let mut holders: Vec<_> = (0..3).map(|_| over_frames(balancer.front)).collect();
    for holder in &mut holders {
        let requests: Vec<u8> = (0..128)
            .flat_map(|i| {
                headers(
                    number(i),
                    END,
                    &block(&[
                        (":method", "GET"),
                        (":scheme", "https"),
                        (":authority", "web.example"),
                        (":path", "/large"),
                    ]),
                )
            })
            .collect();
        holder.send([&frame::PREFACE[..], &settings(&[(4, 0)]), &requests].concat()).unwrap();
    }
    let mut most = 0;
    let deadline = Instant::now() + PATIENCE;
    for holder in &mut holders {
        let mut given_up = 0;
        while given_up < 128 {
            match holder.frame() {
                Ok(frame) if frame.kind == Kind::RstStream => given_up += 1,
                Ok(_) => {}
                Err(_) => break,
            }
            most = most.max(resident().saturating_sub(before));
            assert!(Instant::now() < deadline, "{given_up} were given up");
        }
    }
    bystander.end("zero windows");
    println!("3 connections with 128 answers each that nobody takes: {} KB more", most / 1024);
    // 16 KB for each, and what the target's threads take.
    assert!(most < MOST_GROWTH / 2, "the process grew by {most} bytes");
}

#[test]
fn what_is_begun_and_not_finished_ends_with_the_idle_timeout() {
    let target = TestTarget::answering("served");
    let balancer = with_idle_timeout(target.address, 1);
    let bystander = Bystander::start(balancer.front);
    let begun = [&frame::PREFACE[..], &settings(&[])].concat();
    for (what, bytes) in [
        ("nothing", vec![]),
        ("half a preface", frame::PREFACE[..10].to_vec()),
        ("settings only", begun.clone()),
        ("half a frame", [&begun[..], &get(0)[..12]].concat()),
        ("a header block without end", [begun.clone(), raw(1, END, 1, &get_block())].concat()),
    ] {
        let asked_at = Instant::now();
        let mut slow = over_frames(balancer.front);
        slow.send(bytes).unwrap();
        while slow.frame().is_ok() {}
        assert!(asked_at.elapsed() < Duration::from_secs(8), "{what}: {:?}", asked_at.elapsed());
    }
    run(async {
        let client = Client::connect(balancer.front).await;
        let mut requests = client.requests.clone().ready().await.unwrap();
        let (response, mut stream) = requests.send_request(request("POST", "/"), false).unwrap();
        stream.send_data("some of it".into(), false).unwrap();
        assert_eq!(response.await.unwrap().status(), 408);
    });
    bystander.end("slow clients");
}
