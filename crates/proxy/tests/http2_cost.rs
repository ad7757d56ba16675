//! What the HTTP/2 engine costs: allocations of a request (none), and with `--ignored --nocapture` the time of one.
//!
//! `cargo test --release -p proxy --test http2_cost -- --ignored --nocapture`

#![allow(clippy::unwrap_used)] // helpers of tests

mod allocations;

use proxy::{
    http::{header, request_head::RequestHead},
    http2::{Engine, ErrorCode, Event, Limits, Received, Scratch, StreamId, frame},
    timer::Millis,
};
use std::{hint::black_box, time::Instant};
use tokio::io::AsyncReadExt;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

const NOW: Millis = Millis(1000);
const ENDLESS: Limits = Limits { requests: u32::MAX, ..Limits::CLIENTS };
/// As Chrome has them.
const BROWSER: [(&str, &str); 14] = [
    ("sec-ch-ua", "\"Chromium\";v=\"130\", \"Google Chrome\";v=\"130\", \"Not?A_Brand\";v=\"99\""),
    ("sec-ch-ua-mobile", "?0"),
    ("sec-ch-ua-platform", "\"Linux\""),
    ("upgrade-insecure-requests", "1"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
    ),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("referer", "https://shop.example.com/catalogue/shoes?page=2"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-GB,en;q=0.9,de;q=0.8"),
    ("cookie", "session=5f2b8c1e9d7a4b3f8e6c"),
    ("priority", "u=0, i"),
];
/// As an application has them.
const ANSWER: [(&[u8], &[u8]); 6] = [
    (b"Server", b"nginx/1.22.1"),
    (b"Date", b"Tue, 01 Jul 2025 12:00:00 GMT"),
    (b"Content-Type", b"text/html; charset=utf-8"),
    (b"Content-Length", b"100"),
    (b"Cache-Control", b"private, max-age=0"),
    (b"X-Frame-Options", b"SAMEORIGIN"),
];

/// The bytes that the crate `h2` sends for three requests with a browser's fields: what comes before the first HEADERS,
/// and the three frames.
fn recorded() -> (Vec<u8>, Vec<Vec<u8>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bytes = runtime.block_on(async {
        let (near, mut far) = tokio::io::duplex(1 << 20);
        let (mut client, connection) = h2::client::handshake(near).await.unwrap();
        let driving = tokio::spawn(connection);
        let mut bytes = Vec::new();
        for i in 0..3 {
            let mut request = http::Request::get(format!("https://shop.example.com/catalogue/item-{i}?colour=blue"));
            for (name, value) in BROWSER {
                request = request.header(name, value);
            }
            let _answer = client.send_request(request.body(()).unwrap(), true).unwrap();
            tokio::task::yield_now().await;
            bytes.reserve(1 << 16);
            while let Ok(Ok(n)) =
                tokio::time::timeout(std::time::Duration::from_millis(50), far.read_buf(&mut bytes)).await
            {
                assert!(n > 0);
            }
        }
        driving.abort();
        bytes
    });
    let (mut before, mut frames) = (bytes[..frame::PREFACE.len()].to_vec(), Vec::new());
    let mut rest = &bytes[frame::PREFACE.len()..];
    while let Some(header) = frame::Header::parse(rest) {
        let (frame, after) = rest.split_at(frame::HEADER + header.length);
        if header.kind == frame::Kind::Headers {
            frames.push(frame.to_vec());
        } else if frames.is_empty() {
            before.extend_from_slice(frame);
        }
        rest = after;
    }
    assert_eq!(frames.len(), 3);
    (before, frames)
}

/// Gives the engine a frame under another number and returns its stream.
fn request(engine: &mut Engine, frame: &mut [u8], number: u32, scratch: &mut Scratch) -> StreamId {
    frame[5..9].copy_from_slice(&number.to_be_bytes());
    let Received { used, event } = engine.receive(NOW, frame, scratch).unwrap();
    assert_eq!(used, frame.len());
    match event {
        Some(Event::Head { stream, head, end: true }) => {
            black_box(head);
            stream
        }
        other => panic!("{other:?}"),
    }
}

fn answer(engine: &mut Engine, stream: StreamId) {
    engine.answer(stream, 200, ANSWER, false).unwrap();
    assert_eq!(engine.data(stream, &[b'x'; 100], true, NOW), Ok(100));
    let pending = engine.pending().len();
    engine.written(black_box(pending));
}

/// An engine that has seen the recorded requests and answered them.
fn warm(before: &[u8], frames: &mut [Vec<u8>], scratch: &mut Scratch) -> Engine {
    let mut engine = Engine::server(ENDLESS, NOW);
    let mut used = 0;
    loop {
        let received = engine.receive(NOW, &before[used..], scratch).unwrap();
        used += received.used;
        if received.event.is_none() {
            break;
        }
    }
    for (number, frame) in (1..).step_by(2).zip(frames) {
        let stream = request(&mut engine, frame, number, scratch);
        answer(&mut engine, stream);
    }
    // A window that lasts.
    let mut update = Vec::new();
    frame::write_window_update(&mut update, 0, frame::MAXIMUM - (1 << 20));
    engine.receive(NOW, &update, scratch).unwrap();
    engine
}

#[test]
fn a_request_and_its_answer_allocate_nothing() {
    let (before, mut frames) = recorded();
    let mut scratch = Scratch::default();
    let mut engine = warm(&before, &mut frames, &mut scratch);
    let last = frames.last_mut().unwrap();
    let before = allocations::count();
    for number in (7..2007).step_by(2) {
        let stream = request(&mut engine, last, number, &mut scratch);
        answer(&mut engine, stream);
    }
    assert_eq!(allocations::count() - before, 0);
}

#[test]
#[ignore = "prints times, which say something in a release build only"]
fn what_it_costs() {
    let (before, mut frames) = recorded();
    let sizes: Vec<_> = frames.iter().map(Vec::len).collect();
    println!("HEADERS frames of one connection: {sizes:?} bytes");
    let mut time = |name: &str, rounds: u32, run: &mut dyn FnMut()| {
        let batch = rounds / 7;
        let mut best = f64::MAX;
        for _ in 0..7 {
            let began = Instant::now();
            (0..batch).for_each(|_| run());
            best = best.min(began.elapsed().as_secs_f64() * 1e9 / f64::from(batch));
        }
        println!("{name:<62} {best:8.1} ns");
    };
    requests(&before, &mut frames, &mut time);
    requests_to_targets(&mut time);
    receive_data(&before, &mut frames, &mut time);
    send_data(&before, &mut frames, &mut time);
}

type Time<'a> = &'a mut dyn FnMut(&str, u32, &mut dyn FnMut());

fn requests(before: &[u8], frames: &mut [Vec<u8>], time: Time<'_>) {
    const ROUNDS: u32 = 200_000;
    let mut scratch = Scratch::default();
    let mut last = frames.last().unwrap().clone();
    let mut numbers = (7u32..).step_by(2);
    let mut engine = warm(before, frames, &mut scratch);
    time("request to text, reset", ROUNDS, &mut || {
        let stream = request(&mut engine, &mut last, numbers.next().unwrap(), &mut scratch);
        engine.reset(stream, ErrorCode::CANCEL);
        let pending = engine.pending().len();
        engine.written(pending);
    });
    time("request to text, answer with 6 fields and 100 bytes", ROUNDS, &mut || {
        let stream = request(&mut engine, &mut last, numbers.next().unwrap(), &mut scratch);
        answer(&mut engine, stream);
    });
    time("the first three requests of a new connection", ROUNDS / 10, &mut || {
        black_box(warm(before, frames, &mut scratch));
    });
    let text = scratch.text().bytes();
    time(&format!("RequestHead::parse of that text ({} bytes)", text.len()), ROUNDS, &mut || {
        let mut storage = header::storage();
        black_box(RequestHead::parse(black_box(text), &mut storage).unwrap());
    });
}

/// A request to a target and its answer: our client's side only.
fn requests_to_targets(time: Time<'_>) {
    let mut scratch = Scratch::default();
    let fields: String = BROWSER.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("GET /catalogue/item HTTP/1.1\r\nHost: shop.example.com\r\n{fields}\r\n");
    let mut client = Engine::client(Limits::TARGETS, NOW);
    let mut server = Engine::server(ENDLESS, NOW);
    let mut bytes = Vec::new();
    let mut exchange = |from: &mut Engine, to: &mut Engine, scratch: &mut Scratch| {
        bytes.clear();
        bytes.extend_from_slice(from.pending());
        from.written(bytes.len());
        let (mut at, mut head_of) = (0, None);
        loop {
            let received = to.receive(NOW, &bytes[at..], scratch).unwrap();
            at += received.used;
            match received.event {
                Some(Event::Head { stream, .. }) => head_of = Some(stream),
                Some(_) => {}
                None => break,
            }
        }
        head_of
    };
    exchange(&mut client, &mut server, &mut scratch);
    exchange(&mut server, &mut client, &mut scratch);
    time("request to a target and its answer, both ends of them", 100_000, &mut || {
        client.open(head.as_bytes(), false, true).unwrap();
        let stream = exchange(&mut client, &mut server, &mut scratch).unwrap();
        server.answer(stream, 200, ANSWER.into_iter().filter(|field| field.0 != b"Content-Length"), true).unwrap();
        exchange(&mut server, &mut client, &mut scratch).unwrap();
    });
}

fn receive_data(before: &[u8], frames: &mut [Vec<u8>], time: Time<'_>) {
    let mut scratch = Scratch::default();
    let mut engine = warm(before, frames, &mut scratch);
    let mut last = frames.last().unwrap().clone();
    last[4] &= !frame::flag::END_STREAM;
    last[5..9].copy_from_slice(&7u32.to_be_bytes());
    let stream = match engine.receive(NOW, &last, &mut scratch).unwrap().event {
        Some(Event::Head { stream, end: false, .. }) => stream,
        other => panic!("{other:?}"),
    };
    let mut data = Vec::new();
    frame::write_header(&mut data, 16_384, frame::Kind::Data, 0, 7);
    data.extend_from_slice(&[b'x'; 16_384]);
    time("16 kB of DATA received and released", 100_000, &mut || {
        let received = engine.receive(NOW, &data, &mut scratch).unwrap();
        assert!(matches!(received.event, Some(Event::Data { bytes, .. }) if bytes.len() == 16_384));
        let used = received.used;
        assert!(engine.receive(NOW, &data[used..], &mut scratch).unwrap().event.is_none());
        engine.release(stream, 16_384);
        let pending = engine.pending().len();
        engine.written(pending);
    });
}

fn send_data(before: &[u8], frames: &mut [Vec<u8>], time: Time<'_>) {
    let mut scratch = Scratch::default();
    let mut engine = warm(before, frames, &mut scratch);
    let mut last = frames.last().unwrap().clone();
    let stream = request(&mut engine, &mut last, 7, &mut scratch);
    engine.answer(stream, 200, ANSWER, false).unwrap();
    let mut updates = Vec::new();
    for number in [0, 7] {
        frame::write_window_update(&mut updates, number, 16_384);
    }
    let content = vec![b'x'; 16_384];
    let mut first = Vec::new();
    frame::write_window_update(&mut first, 7, 1 << 20);
    engine.receive(NOW, &first, &mut scratch).unwrap();
    time("16 kB of DATA sent, with its two WINDOW_UPDATEs", 100_000, &mut || {
        assert_eq!(engine.data(stream, &content, false, NOW), Ok(16_384));
        assert!(engine.receive(NOW, &updates, &mut scratch).unwrap().event.is_none());
        let pending = engine.pending().len();
        engine.written(black_box(pending));
    });
}
