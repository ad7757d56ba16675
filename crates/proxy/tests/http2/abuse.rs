//! Peers that want to cost more than they pay. Each attack ends its connection soon and with little memory; what honest
//! clients do that looks a little like it does not.
//!
//! `cargo test -p proxy --test http2 abuse -- --nocapture --test-threads 1` prints the figures.

use crate::{
    allocations,
    peer::{END, POST, Seen, Subject, block, data, get_block, goaways, headers, raw, reset, settings, window_update},
};
use proxy::http2::{ConnectionError, ErrorCode, Event, StreamId, flood::Flood, frame, hpack::HpackError};
use std::{ops::ControlFlow, time::Duration};

/// What the driver does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Driver {
    /// It waits for the target.
    Waits,
    /// It answers at once, with this much content.
    Answers(usize),
    /// It answers two of three at once, and waits with the others.
    AnswersMost,
}

/// An attack: for each round the bytes that are sent. Rounds are a millisecond apart.
struct Attack {
    name: &'static str,
    driver: Driver,
    round: Box<dyn Fn(u32) -> Vec<u8>>,
    /// How it ends.
    error: ConnectionError,
    /// After how many frames at most.
    frames: usize,
    /// What the connection holds at most, in kB, beside the worker's scratch buffers.
    held: i64,
}

/// How an attack went.
struct Outcome {
    error: ConnectionError,
    frames: usize,
    bytes: usize,
    held: i64,
    after: Duration,
}

const MOST_ROUNDS: u32 = 30_000;

/// A fresh server, with what it may hold subtracted: scratch buffers belong to the worker.
fn run(driver: Driver, round: &dyn Fn(u32) -> Vec<u8>) -> Option<Outcome> {
    let mut subject = Subject::server();
    let (mut frames, mut bytes, mut held) = (0, 0, 0);
    let begin = subject.now;
    for i in 0..MOST_ROUNDS {
        subject.now = subject.now.plus(Duration::from_millis(1));
        let input = round(i);
        frames += count_frames(&input);
        bytes += input.len();
        let before = allocations::live_bytes();
        let flow = turn(&mut subject, driver, &input);
        held += allocations::live_bytes() - before;
        if let ControlFlow::Break(error) = flow {
            assert_eq!(goaways(&subject.frames()), [error.code()]);
            return Some(Outcome { error, frames, bytes, held, after: subject.now.since(begin) });
        }
    }
    None
}

fn count_frames(mut input: &[u8]) -> usize {
    let mut frames = 0;
    while let Some(header) = frame::Header::parse(input) {
        input = &input[frame::HEADER + header.length..];
        frames += 1;
    }
    frames
}

/// One turn of a driver's loop: everything that was read, then what can be sent, then one write.
fn turn(subject: &mut Subject, driver: Driver, input: &[u8]) -> ControlFlow<ConnectionError> {
    let mut at = 0;
    loop {
        let received = match subject.engine.receive(subject.now, &input[at..], &mut subject.scratch) {
            Ok(received) => received,
            Err(error) => return ControlFlow::Break(error),
        };
        at += received.used;
        let Some(event) = received.event else { break };
        match (event, driver) {
            (Event::Head { stream, .. }, Driver::Answers(length)) => answer(subject, stream, length),
            (Event::Head { stream, .. }, Driver::AnswersMost) if stream.number() % 6 != 5 => answer(subject, stream, 0),
            _ => {}
        }
    }
    while let Some(stream) = subject.engine.next_writable() {
        // Whatever is left: more than any window.
        subject.engine.data(stream, &[7; 4096], false, subject.now).unwrap();
    }
    loop {
        match subject.engine.expire(subject.now) {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => return ControlFlow::Break(error),
        }
    }
    subject.engine.written(subject.engine.pending().len());
    ControlFlow::Continue(())
}

fn answer(subject: &mut Subject, stream: StreamId, length: usize) {
    subject.engine.answer(stream, 200, [(&b"server"[..], &b"x"[..])], length == 0).unwrap();
    if length > 0 {
        let bytes = vec![7; length];
        subject.engine.data(stream, &bytes, true, subject.now).unwrap();
    }
}

fn number(i: u32) -> u32 {
    2 * i + 1
}

fn get(i: u32) -> Vec<u8> {
    headers(number(i), END, &get_block())
}

fn post(i: u32) -> Vec<u8> {
    headers(number(i), 0, &block(&POST))
}

fn flood(name: &'static str, kind: Flood, frames: usize, round: impl Fn(u32) -> Vec<u8> + 'static) -> Attack {
    Attack {
        name,
        driver: Driver::Waits,
        round: Box::new(round),
        error: ConnectionError::Flood(kind),
        frames,
        held: 64,
    }
}

fn attacks() -> Vec<Attack> {
    let cancel = ErrorCode::CANCEL;
    vec![
        flood("rapid reset", Flood::Resets, 600, move |i| [get(i), reset(number(i), cancel)].concat()),
        flood("rapid reset, a hundred at once", Flood::Resets, 800, move |i| {
            (100 * i..100 * (i + 1)).flat_map(|i| [get(i), reset(number(i), cancel)].concat()).collect()
        }),
        flood("made to reset: windows opened by nothing", Flood::ProvokedResets, 450, |i| {
            [get(i), window_update(number(i), 0)].concat()
        }),
        flood("made to reset: windows opened too far", Flood::ProvokedResets, 450, |i| {
            [post(i), window_update(number(i), frame::MAXIMUM)].concat()
        }),
        flood("made to reset: content after the end", Flood::ProvokedResets, 450, |i| {
            [get(i), data(number(i), 0, b"x")].concat()
        }),
        flood("made to reset: heads that are none", Flood::ProvokedResets, 250, |i| {
            headers(number(i), END, &block(&[("X", "y")]))
        }),
        flood("more streams than allowed", Flood::ProvokedResets, 400, get),
        flood("settings", Flood::Settings, 40, |_| settings(&[(4, 65_535)])),
        flood("settings of 2,730 entries", Flood::Settings, 40, |i| {
            let all: Vec<_> = (0..2730u32).map(|n| (4, 65_535 + (n + i) % 7)).collect();
            settings(&all)
        }),
        flood("acknowledgements of settings", Flood::Settings, 40, |_| raw(4, 1, 0, &[])),
        flood("pings", Flood::Pings, 80, |_| raw(6, 0, 0, &[7; 8])),
        flood("answers to pings that nobody sent", Flood::Pings, 80, |_| raw(6, 1, 0, &[7; 8])),
        flood("empty DATA", Flood::EmptyFrames, 80, |i| if i == 0 { post(0) } else { data(1, 0, b"") }),
        flood("DATA of padding", Flood::EmptyFrames, 80, |i| {
            if i == 0 { post(0) } else { data(1, 8, &[&[100][..], &[0; 100]].concat()) }
        }),
        flood("windows opened by one, of the connection", Flood::WindowUpdates, 1200, |_| window_update(0, 1)),
        flood("windows opened by one, of streams that ended", Flood::WindowUpdates, 1200, |i| {
            if i == 0 { [get(0), reset(1, ErrorCode::CANCEL)].concat() } else { window_update(1, 1) }
        }),
        Attack {
            driver: Driver::Answers(100_000),
            ..flood("a window opened by single bytes while content waits", Flood::WindowUpdates, 1200, |i| {
                if i == 0 { [settings(&[(4, 0)]), get(0)].concat() } else { window_update(1, 1) }
            })
        },
        flood("priorities", Flood::IgnoredFrames, 1200, |i| raw(2, 0, number(i), &[0, 0, 0, 0, 1])),
        flood("unknown frames", Flood::IgnoredFrames, 1200, |_| raw(0xbb, 0, 0, b"x")),
        flood("resets of streams that ended", Flood::IgnoredFrames, 1200, move |i| {
            if i == 0 { [get(0), reset(1, ErrorCode::CANCEL)].concat() } else { reset(1, cancel) }
        }),
        Attack {
            name: "empty CONTINUATIONs",
            driver: Driver::Waits,
            round: Box::new(|i| if i == 0 { raw(1, END, 1, &get_block()) } else { raw(9, 0, 1, &[]) }),
            error: ConnectionError::Continuations,
            frames: 20,
            held: 64,
        },
        Attack {
            name: "CONTINUATIONs without end",
            driver: Driver::Waits,
            round: Box::new(|i| {
                let piece = block(&[("x", &"v".repeat(8000)), ("y", &"w".repeat(8000))]);
                if i == 0 { raw(1, END, 1, &get_block()) } else { raw(9, 0, 1, &piece) }
            }),
            error: ConnectionError::BlockTooLong,
            frames: 8,
            held: 192,
        },
        Attack {
            name: "a bomb of one large entry",
            driver: Driver::Waits,
            round: Box::new(|_| {
                let mut bomb = vec![0x40, 1, b'a', 0x7f, 0xa1, 0x1e];
                bomb.extend_from_slice(&[b'x'; 4000]);
                bomb.extend_from_slice(&[0xbe; 12_000]);
                headers(1, END, &bomb)
            }),
            error: ConnectionError::Compression(HpackError::Bomb),
            frames: 1,
            held: 64,
        },
        Attack {
            name: "a bomb of a thousand empty fields",
            driver: Driver::Waits,
            round: Box::new(|i| headers(number(i), END, &[&[0x40, 1, b'a', 0][..], &[0xbe; 16_000]].concat())),
            error: ConnectionError::Compression(HpackError::TooManyFields),
            frames: 1,
            held: 64,
        },
        Attack {
            name: "a bomb of pieces of a cookie",
            driver: Driver::Waits,
            round: Box::new(|i| {
                let crumbs = [&get_block()[..], &[0x60, 0], &[0xbe; 16_000]].concat();
                headers(number(i), END, &crumbs)
            }),
            error: ConnectionError::Compression(HpackError::TooManyFields),
            frames: 1,
            held: 64,
        },
        Attack {
            name: "a table that is filled anew by copies of a name",
            driver: Driver::Waits,
            round: Box::new(|i| {
                let mut thrash = vec![0x40, 0x7f, 0xa1, 0x1e];
                thrash.extend_from_slice(&[b'x'; 4000]);
                thrash.push(0);
                thrash.extend_from_slice(&[0x7e, 0].repeat(6000));
                headers(number(i), END, &thrash)
            }),
            error: ConnectionError::Compression(HpackError::Bomb),
            frames: 1,
            held: 64,
        },
        Attack {
            name: "one field of more than 8 kB",
            driver: Driver::Waits,
            round: Box::new(|i| {
                headers(number(i), END, &[&get_block()[..], &block(&[("x-a", &"v".repeat(8200))])].concat())
            }),
            error: ConnectionError::Compression(HpackError::FieldTooLong),
            frames: 1,
            held: 64,
        },
        Attack {
            name: "the connection's window is opened too far",
            driver: Driver::Waits,
            round: Box::new(|_| window_update(0, frame::MAXIMUM)),
            error: ConnectionError::FlowControl("the connection's window was opened too far"),
            frames: 1,
            held: 64,
        },
    ]
}

#[test]
fn attacks_end_their_connection_soon_and_cheaply() {
    for Attack { name, driver, round, error, frames, held } in attacks() {
        let outcome = run(driver, &*round).unwrap_or_else(|| panic!("{name} goes on for ever"));
        println!(
            "{name:<58} {:>5} frames {:>7} bytes {:>5} kB held {:>6} ms: {}",
            outcome.frames,
            outcome.bytes,
            outcome.held / 1024,
            outcome.after.as_millis(),
            outcome.error
        );
        assert_eq!(outcome.error, error, "{name}");
        assert!(outcome.frames <= frames, "{name}: {}", outcome.frames);
        assert!(outcome.held <= held * 1024, "{name}: {} bytes held", outcome.held);
        assert!(outcome.after < Duration::from_secs(5), "{name}");
    }
}

/// CVE-2026-49975: as many heads as streams, each as large as can be, and no window for the answers.
#[test]
fn large_heads_without_a_window_hold_nothing_in_the_engine_and_end_in_a_minute() {
    let mut subject = Subject::server();
    let large = "v".repeat(7000);
    let before = allocations::live_bytes();
    let mut bytes = settings(&[(4, 0)]);
    // The large fields go into no table: each of these heads is as long on the wire as it is here.
    let fields: Vec<_> = POST.iter().copied().chain([("x-a", &*large), ("x-b", &*large)]).collect();
    for i in 0..128 {
        bytes.extend(headers(number(i), END, &block(&fields)));
    }
    assert!(turn(&mut subject, Driver::Answers(50_000), &bytes).is_continue());
    let held = allocations::live_bytes() - before - i64::try_from(bytes.capacity()).unwrap();
    println!("128 heads of 14 kB without a window: {} kB held", held / 1024);
    assert!(held < 128 * 1024, "{held}");
    // Bytes that trickle in do not keep them alive, and who leaves that many is told to go.
    for i in 0..59 {
        subject.now = subject.now.plus(Duration::from_secs(1));
        assert!(turn(&mut subject, Driver::Waits, &window_update(number(i), 1)).is_continue(), "{i}");
    }
    subject.now = subject.now.plus(Duration::from_secs(1));
    let end = turn(&mut subject, Driver::Waits, &[]);
    assert_eq!(end, ControlFlow::Break(ConnectionError::Flood(Flood::Stalls)));
}

#[test]
fn uploads_that_nobody_takes_are_bounded_by_the_window() {
    let mut subject = Subject::server();
    for i in 0..128 {
        subject.send(&post(i)).unwrap();
    }
    let mut accepted = 0;
    let end = (0..1000).find_map(|i| {
        let result = subject.send(&data(number(i % 128), 0, &[7; 1000]));
        accepted += usize::from(result.is_ok());
        result.err()
    });
    assert_eq!(end, Some(ConnectionError::FlowControl("more was sent than the connection's window allows")));
    assert_eq!(accepted, 512 * 1024 / 1000);
}

#[test]
fn a_peer_that_reads_nothing_stops_being_read() {
    let mut subject = Subject::server();
    subject.send(&[settings(&[(4, 1 << 20)]), window_update(0, 1 << 24)].concat()).unwrap();
    let value = "\u{7f}".repeat(15_000);
    let mut asked = 0;
    while subject.engine.wants_input() {
        let stream = subject.get(number(asked));
        subject.engine.answer(stream, 200, [(&b"x-large"[..], value.as_bytes())], false).unwrap();
        subject.engine.data(stream, &[7; 10_000], true, subject.now).unwrap();
        asked += 1;
    }
    let pending = subject.engine.pending().len();
    assert!(pending < 600_000 && asked < 40, "{pending} bytes after {asked} requests");
}

#[test]
fn honest_clients_are_left_alone() {
    type Round = Box<dyn Fn(u32) -> Vec<u8>>;
    let grpc_ping = |i: u32| raw(6, 0, 0, &u64::from(i).to_be_bytes());
    let cases: Vec<(&str, Driver, Round)> = vec![
        (
            "a request each millisecond",
            Driver::Answers(100),
            Box::new(|i| match i {
                0 => window_update(0, 1 << 30),
                1..9000 => get(i),
                _ => vec![],
            }),
        ),
        (
            // One page of 128 resources that is left, every ten seconds.
            "a browser that leaves pages",
            Driver::Waits,
            Box::new(|i| {
                if !i.is_multiple_of(10_000) {
                    return vec![];
                }
                let page = i / 10_000 * 128;
                let requests = (page..page + 128).flat_map(get);
                let resets = (page..page + 128).flat_map(|i| reset(number(i), ErrorCode::CANCEL));
                requests.chain(resets).collect()
            }),
        ),
        (
            "a client that answers each frame with two window updates and a ping",
            Driver::Answers(16_000),
            Box::new(move |i| {
                if i >= 9000 {
                    return vec![];
                }
                [get(i), window_update(0, 16_000), window_update(number(i), 16_000), grpc_ping(i)].concat()
            }),
        ),
        (
            "a browser that sends priorities",
            Driver::Answers(10),
            Box::new(|i| {
                let priority = |number| raw(2, 0, number, &[0, 0, 0, 0, 200]);
                let request = raw(1, 0x25, number(i), &[&[0, 0, 0, 0, 15][..], &get_block()].concat());
                match i {
                    0 => [window_update(0, 1 << 20), (1..7).flat_map(|n| priority(2 * n + 1)).collect(), request]
                        .concat(),
                    1..9000 => [request, priority(number(i))].concat(),
                    _ => vec![],
                }
            }),
        ),
        (
            "a proxy of many users, some of whom do not wait",
            Driver::AnswersMost,
            Box::new(|i| match (i, number(i) % 6) {
                (9000.., _) => vec![],
                (_, 5) => [get(i), reset(number(i), ErrorCode::CANCEL)].concat(),
                (_, _) => get(i),
            }),
        ),
        (
            "a connection that is kept alive by pings",
            Driver::Waits,
            Box::new(|i| if i.is_multiple_of(1000) { raw(6, 0, 0, &[0; 8]) } else { vec![] }),
        ),
        (
            "uploads in small pieces",
            Driver::Waits,
            Box::new(|i| match (i, i % 100) {
                (0, _) => post(0),
                (_, 0) => [reset(number(i / 100 - 1), ErrorCode::CANCEL), post(i / 100)].concat(),
                (_, _) => data(number(i / 100), 0, &[7; 50]),
            }),
        ),
    ];
    for (name, driver, round) in cases {
        if let Some(outcome) = run(driver, &round) {
            panic!("{name}: {} after {} frames", outcome.error, outcome.frames);
        }
    }
}

#[test]
fn small_windows_are_served_and_not_taken_for_an_attack() {
    // A window of 100 bytes, opened again when it is used up, as a very small client would do.
    let mut subject = Subject::server();
    subject.send(&settings(&[(4, 100)])).unwrap();
    let stream = subject.get(1);
    subject.engine.answer(stream, 200, [], false).unwrap();
    let bytes = vec![7; 60_000];
    let mut sent = subject.engine.data(stream, &bytes, true, subject.now).unwrap();
    while sent < bytes.len() {
        subject.now = subject.now.plus(Duration::from_millis(20));
        assert_eq!(subject.send(&window_update(1, 100)), Ok(vec![]));
        assert_eq!(subject.engine.next_writable(), Some(stream));
        sent += subject.engine.data(stream, &bytes[sent..], true, subject.now).unwrap();
        assert_eq!(subject.engine.expire(subject.now), Ok(None));
    }
    assert_eq!(subject.engine.open_streams(), 0);
    assert!(matches!(subject.send(&headers(3, END, &get_block())).unwrap()[..], [Seen::Head(..)]));
}

#[test]
fn an_idle_connection_holds_little() {
    let before = allocations::live_bytes();
    let mut subject = Subject::server();
    let scratch = allocations::live_bytes();
    let held_at_first = scratch - before;
    for i in 0..100 {
        let stream = subject.get(number(i));
        subject
            .engine
            .answer(stream, 200, [(&b"server"[..], &b"x"[..]), (b"content-type", b"text/html")], true)
            .unwrap();
        subject.frames();
    }
    let buffer = subject.engine.reclaim_output();
    let text = 4096;
    let held = allocations::live_bytes() - before - text - buffer.map_or(0, |b| i64::try_from(b.capacity()).unwrap());
    let engine = size_of::<proxy::http2::Engine>();
    println!("an idle connection: {engine} bytes and {held_at_first} beside it; after 100 requests {held}");
    assert!(engine < 1024 && held < 6 * 1024, "{engine} {held}");
}
