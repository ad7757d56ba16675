//! What holds for every input: compression loses nothing, limits hold, nothing panics, and how input is cut into reads
//! does not matter.

use crate::{
    allocations,
    peer::{Frame, Seen, Subject, block, raw},
};
use proptest::{collection::vec, prelude::*, sample::select};
use proxy::{
    http2::{
        ConnectionError, Engine, ErrorCode, Limits, Scratch, StreamId,
        frame::Kind,
        head,
        hpack::{Block, Decoder, Encoder, MAXIMUM_FIELDS, Reader},
    },
    timer::Millis,
};
use std::collections::HashMap;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "server",
            "Date",
            "content-type",
            "Set-Cookie",
            "cookie",
            "authorization",
            "x-a",
            "te",
            "etag",
            "content-length",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,90}",
    ]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        select(vec!["a", "", "text/html", "gzip"]).prop_map(|value| value.as_bytes().to_vec()),
        "[ -~]{0,60}".prop_map(String::into_bytes),
        vec(any::<u8>(), 0..400),
        vec(select(b"aeiost0123 ".to_vec()), 200..1500),
    ]
}

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// Blocks of one connection: fields, and what the peer's settings make of the table before them.
fn blocks() -> impl Strategy<Value = Vec<(Option<usize>, Fields)>> {
    let resize = prop::option::weighted(0.2, select(vec![0, 60, 500, 4096, 100_000]));
    let field = (name().prop_map(String::into_bytes), value());
    vec((resize, vec(field, 0..12)), 1..12)
}

/// All fields of a block.
fn decode(decoder: &mut Decoder, bytes: &[u8], most: usize) -> Result<Fields, ConnectionError> {
    let (mut block, mut text, mut fields) = (Block::new(bytes, most), proxy::http2::text::Text::default(), Vec::new());
    decoder.begin(&mut block)?;
    while let Some(field) = decoder.next(&mut block, &mut text)? {
        fields.push((field.name(&text).to_vec(), field.value(&text).to_vec()));
    }
    Ok(fields)
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_as_it_was(blocks in blocks(), to_target in any::<bool>()) {
        let mut encoder = Encoder::new(if to_target { Reader::Target } else { Reader::Client });
        let mut decoder = Decoder::default();
        // Each block three times, so that it goes into the table and comes out of it.
        for (resize, fields) in blocks.iter().flat_map(|block| [block; 3]) {
            if let Some(size) = resize {
                encoder.resize(*size);
            }
            let mut out = Vec::new();
            encoder.begin(&mut out);
            for (name, value) in fields {
                encoder.field(name, value, &mut out);
            }
            let expected: Vec<_> = fields.iter().map(|(n, v)| (n.to_ascii_lowercase(), v.clone())).collect();
            prop_assert_eq!(decode(&mut decoder, &out, 1 << 20).unwrap(), expected);
        }
    }

    #[test]
    fn no_block_decodes_to_more_than_the_limits(blocks in vec(vec(any::<u8>(), 0..600), 1..8)) {
        let mut decoder = Decoder::default();
        let before = allocations::live_bytes();
        for bytes in &blocks {
            match decode(&mut decoder, bytes, 10_000) {
                Ok(fields) => {
                    let size: usize = fields.iter().map(|(name, value)| name.len() + value.len() + 32).sum();
                    prop_assert!(size <= 10_000 && fields.len() <= MAXIMUM_FIELDS);
                }
                Err(_) => break,
            }
        }
        prop_assert!(allocations::live_bytes() - before < 16 * 1024);
    }

    /// Heads from random fields: whatever comes out is one head, with no more lines than there were fields.
    #[test]
    fn a_text_says_no_more_than_the_fields(fields in vec((name(), value()), 0..20), end in any::<bool>(), answer in any::<bool>()) {
        let mut bytes = Vec::new();
        let first = if answer { block(&[(":status", "200")]) } else { block(&crate::peer::POST) };
        bytes.extend_from_slice(&first);
        let mut encoder = Encoder::new(Reader::Client);
        fields.iter().for_each(|(name, value)| encoder.field(name.as_bytes(), value, &mut bytes));
        let (mut decoder, mut scratch) = (Decoder::default(), Scratch::default());
        let block = Block::new(&bytes, 1 << 20);
        let result = if answer {
            head::response::read(&mut decoder, block, (end, false), 32_768, &mut scratch)
        } else {
            head::request::read(&mut decoder, block, end, 81_920, &mut scratch)
        };
        if result.unwrap().is_ok() {
            let text = scratch.text().bytes();
            let lines: Vec<_> = text.split(|byte| *byte == b'\n').collect();
            // A line each, the first one, Host, the framing, the empty one, and nothing behind it.
            prop_assert!(lines.len() <= fields.len() + 5, "{}", String::from_utf8_lossy(text));
            prop_assert!(text.ends_with(b"\r\n\r\n") && text.windows(4).filter(|w| *w == b"\r\n\r\n").count() == 1);
            prop_assert!(lines[..lines.len() - 1].iter().all(|line| line.ends_with(b"\r")));
        }
    }

    #[test]
    fn bytes_of_any_kind_end_in_an_event_or_an_error(bytes in vec(any::<u8>(), 0..3000), client in any::<bool>()) {
        let mut subject = if client { Subject::client() } else { Subject::server() };
        let _end = subject.send(&bytes);
        subject.frames();
    }

    #[test]
    fn how_the_input_is_cut_does_not_matter(frames in vec(frame(), 0..40), cuts in vec(1usize..200, 1..20), client in any::<bool>()) {
        let bytes = frames.concat();
        let whole = seen_in_pieces(&bytes, &[bytes.len().max(1)], client);
        let pieces = seen_in_pieces(&bytes, &cuts, client);
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn any_conversation_keeps_the_rules(steps in vec(step(), 0..120)) {
        Conversation::new().run(&steps);
    }
}

/// A frame that means something more often than not.
fn frame() -> impl Strategy<Value = Vec<u8>> {
    let stream = select(vec![0u32, 1, 1, 1, 3, 3, 5, 7, 2, 9]);
    let payload = prop_oneof![
        4 => Just(crate::peer::get_block()),
        2 => Just(block(&[(":status", "200"), ("a", "b")])),
        2 => Just(block(&[("a", "b")])),
        2 => vec(any::<u8>(), 0..30),
        1 => vec(any::<u8>(), 100..2000),
        1 => Just(vec![0, 0, 0, 7]),
        1 => Just(vec![0, 4, 0, 0, 0, 9]),
        1 => Just(vec![0; 8]),
    ];
    let kind = select(vec![0u8, 0, 0, 1, 1, 1, 1, 2, 3, 4, 6, 7, 8, 8, 9, 20]);
    let flags = prop_oneof![select(vec![0u8, 1, 4, 5, 5, 4]), any::<u8>()];
    (kind, flags, stream, payload).prop_map(|(kind, flags, stream, payload)| {
        // Most sizes fit their kinds.
        let payload = match (kind, payload.len()) {
            (3 | 8, _) => vec![0, 0, 1, 7],
            (4, n) => payload[..n / 6 * 6].to_vec(),
            (6, _) => vec![9; 8],
            (7, ..8) => vec![0; 8],
            _ => payload,
        };
        let stream = if matches!(kind, 4 | 6 | 7) { 0 } else { stream };
        raw(kind, flags, stream, &payload)
    })
}

/// What is seen when the bytes come in pieces: content put together again, and the error.
fn seen_in_pieces(bytes: &[u8], cuts: &[usize], client: bool) -> (Vec<Seen>, Option<ConnectionError>, Vec<Frame>) {
    let mut subject = if client { Subject::client() } else { Subject::server() };
    if client {
        subject.open();
        subject.open();
        subject.open();
    }
    subject.frames();
    let (mut all, mut rest) = (Vec::new(), bytes);
    let mut cuts = cuts.iter().cycle();
    let mut error = None;
    while !rest.is_empty() && error.is_none() {
        let (piece, after) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
        rest = after;
        // One event at a time: those before an error are seen.
        subject.feed(piece);
        loop {
            match subject.next() {
                Ok(Some(seen)) => join(&mut all, seen),
                Ok(None) => break,
                Err(end) => {
                    error = Some(end);
                    break;
                }
            }
        }
    }
    (all, error, subject.frames())
}

fn join(all: &mut Vec<Seen>, seen: Seen) {
    if let Seen::Data(stream, bytes, end) = &seen
        && let Some(Seen::Data(before, content, ended)) = all.last_mut()
        && before == stream
        && !*ended
    {
        content.extend_from_slice(bytes);
        *ended = *end;
        return;
    }
    all.push(seen);
}

/// One thing that the client or the driver does.
#[derive(Clone, Debug)]
enum Step {
    Request { content: bool },
    Content { nth: usize, length: usize, end: bool },
    Trailers { nth: usize },
    Reset { nth: usize },
    Window { nth: Option<usize>, by: u32 },
    InitialWindow(u32),
    Answer { nth: usize, end: bool },
    Send { nth: usize, length: usize, end: bool },
    SendTrailers { nth: usize },
    Cancel { nth: usize },
    Release { nth: usize, length: usize },
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let nth = 0..6usize;
    let length = prop_oneof![0..100usize, 0..40_000usize];
    prop_oneof![
        3 => any::<bool>().prop_map(|content| Step::Request { content }),
        4 => (nth.clone(), length.clone(), any::<bool>()).prop_map(|(nth, length, end)| Step::Content { nth, length: length.min(16_384), end }),
        1 => nth.clone().prop_map(|nth| Step::Trailers { nth }),
        1 => nth.clone().prop_map(|nth| Step::Reset { nth }),
        2 => (prop::option::of(nth.clone()), 1..100_000u32).prop_map(|(nth, by)| Step::Window { nth, by }),
        1 => (0..200_000u32).prop_map(Step::InitialWindow),
        4 => (nth.clone(), any::<bool>()).prop_map(|(nth, end)| Step::Answer { nth, end }),
        5 => (nth.clone(), length.clone(), any::<bool>()).prop_map(|(nth, length, end)| Step::Send { nth, length, end }),
        1 => nth.clone().prop_map(|nth| Step::SendTrailers { nth }),
        1 => nth.clone().prop_map(|nth| Step::Cancel { nth }),
        3 => (nth, length).prop_map(|(nth, length)| Step::Release { nth, length }),
        1 => Just(Step::Drain),
    ]
}

/// What the client knows of one of its streams.
#[derive(Debug, Default)]
struct Known {
    /// What it may send.
    window: i64,
    /// What it granted beside the initial window, less what it got.
    granted: i64,
    sent_end: bool,
    got_end: bool,
    reset: bool,
}

/// A client that keeps all rules, and checks that the engine does.
struct Conversation {
    subject: Subject,
    streams: Vec<StreamId>,
    known: HashMap<u32, Known>,
    window: i64,
    granted: i64,
    initial: i64,
    next: u32,
}

const LIMITS: Limits = Limits { stream_window: 65_535, connection_window: 100_000, ..Limits::CLIENTS };

impl Conversation {
    fn new() -> Self {
        let subject = Subject::server_with(LIMITS);
        let (window, granted, initial) = (LIMITS.connection_window.into(), 65_535, 65_535);
        Self { subject, streams: vec![], known: HashMap::new(), window, granted, initial, next: 1 }
    }

    fn run(&mut self, steps: &[Step]) {
        for step in steps {
            self.subject.now.0 += 100;
            self.step(step);
            // The client reads all that was written before it goes on.
            self.read();
        }
    }

    fn nth(&self, nth: usize) -> Option<StreamId> {
        self.streams.iter().rev().nth(nth).copied()
    }

    /// A stream on which the client may still send.
    fn sendable(&mut self, nth: usize) -> Option<(u32, &mut Known)> {
        let number = self.nth(nth)?.number();
        let known = self.known.get_mut(&number).filter(|known| !known.sent_end && !known.reset)?;
        Some((number, known))
    }

    fn send(&mut self, bytes: &[u8]) {
        let seen = self.subject.send(bytes).unwrap();
        self.streams.extend(
            seen.iter().filter_map(|seen| if let Seen::Head(stream, ..) = seen { Some(*stream) } else { None }),
        );
    }

    fn step(&mut self, step: &Step) {
        let now = self.subject.now;
        match *step {
            Step::Request { content } => {
                let number = self.next;
                self.next += 2;
                let window = LIMITS.stream_window.into();
                self.known.insert(number, Known { window, sent_end: !content, ..Known::default() });
                self.send(&crate::peer::headers(number, u8::from(!content), &crate::peer::get_block()));
            }
            Step::Content { nth, length, end } => {
                let connection = self.window;
                let Some((number, known)) = self.sendable(nth) else { return };
                let length = length.min(usize::try_from(known.window.min(connection)).unwrap_or(0));
                if length == 0 && !end {
                    return;
                }
                known.window -= length as i64;
                known.sent_end = end;
                self.window -= length as i64;
                self.send(&raw(0, u8::from(end), number, &vec![7; length]));
            }
            Step::Trailers { nth } => {
                let Some((number, known)) = self.sendable(nth) else { return };
                known.sent_end = true;
                self.send(&raw(1, 5, number, &block(&[("a", "b")])));
            }
            Step::Reset { nth } => {
                let Some(stream) = self.nth(nth) else { return };
                let known = self.known.get_mut(&stream.number()).unwrap();
                if !std::mem::replace(&mut known.reset, true) {
                    self.send(&crate::peer::reset(stream.number(), ErrorCode::CANCEL));
                }
            }
            Step::Window { nth: None, by } => {
                self.granted += i64::from(by);
                self.send(&crate::peer::window_update(0, by));
            }
            Step::Window { nth: Some(nth), by } => {
                let Some(stream) = self.nth(nth) else { return };
                self.known.get_mut(&stream.number()).unwrap().granted += i64::from(by);
                self.send(&crate::peer::window_update(stream.number(), by));
            }
            Step::InitialWindow(size) => {
                self.initial = size.into();
                self.send(&crate::peer::settings(&[(4, size)]));
            }
            Step::Answer { nth, end } => {
                let Some(stream) = self.nth(nth) else { return };
                let _gone = self.subject.engine.answer(stream, 200, [(&b"a"[..], &b"b"[..])], end);
            }
            Step::Send { nth, length, end } => {
                let Some(stream) = self.nth(nth) else { return };
                let room = self.subject.engine.room(stream, now);
                let sent = self.subject.engine.data(stream, &vec![7; length], end, now);
                assert_eq!(sent, room.map(|room| room.min(length)));
                while let Some(stream) = self.subject.engine.next_writable() {
                    assert!(self.subject.engine.room(stream, now).unwrap() > 0);
                }
            }
            Step::SendTrailers { nth } => {
                let Some(stream) = self.nth(nth) else { return };
                let _gone = self.subject.engine.trailers(stream, b"x: y\r\n");
            }
            Step::Cancel { nth } => {
                let Some(stream) = self.nth(nth) else { return };
                self.subject.engine.reset(stream, ErrorCode::INTERNAL_ERROR);
                assert!(!self.subject.engine.is_open(stream));
            }
            Step::Release { nth, length } => {
                let Some(stream) = self.nth(nth) else { return };
                self.subject.engine.release(stream, length);
            }
            Step::Drain => self.subject.engine.drain(),
        }
    }

    /// Checks what was written against what the client has granted and been told.
    fn read(&mut self) {
        for frame in self.subject.frames() {
            let payload = frame.payload.len() as i64;
            match frame.kind {
                Kind::Data | Kind::Headers => {
                    let initial = self.initial;
                    let known = self.known.get_mut(&frame.stream).unwrap();
                    assert!(!known.got_end && !known.reset_by_server(), "{frame:?}");
                    known.got_end = frame.flags & 1 != 0;
                    if frame.kind == Kind::Data && payload > 0 {
                        known.granted -= payload;
                        self.granted -= payload;
                        assert!(initial + known.granted >= 0 && self.granted >= 0, "{frame:?}");
                    }
                }
                Kind::WindowUpdate => {
                    let by = i64::from(u32::from_be_bytes(frame.payload[..].try_into().unwrap()));
                    if frame.stream == 0 {
                        self.window += by;
                        assert!(self.window <= LIMITS.connection_window.into());
                    } else {
                        let known = self.known.get_mut(&frame.stream).unwrap();
                        known.window += by;
                        assert!(known.window <= LIMITS.stream_window.into());
                    }
                }
                Kind::RstStream => {
                    let known = self.known.get_mut(&frame.stream).unwrap();
                    (known.got_end, known.sent_end, known.reset) = (true, true, true);
                }
                Kind::Ping if frame.flags == 0 => self.send(&raw(6, 1, 0, &frame.payload)),
                Kind::Settings | Kind::Ping | Kind::GoAway => {}
                Kind::Priority | Kind::PushPromise | Kind::Continuation | Kind::Unknown => panic!("{frame:?}"),
            }
        }
    }
}

impl Known {
    fn reset_by_server(&self) -> bool {
        self.reset && self.got_end
    }
}

#[test]
fn two_engines_of_ours_understand_each_other() {
    let mut client = Subject::new(Engine::client(Limits::TARGETS, Millis(1000)));
    let mut server = Subject::new(Engine::server(Limits::CLIENTS, Millis(1000)));
    let exchange = |from: &mut Subject, to: &mut Subject| {
        let bytes = from.engine.pending().to_vec();
        from.engine.written(bytes.len());
        to.send(&bytes).unwrap()
    };
    exchange(&mut client, &mut server);
    exchange(&mut server, &mut client);
    for i in 0..300 {
        let head = format!("GET /{i} HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nX-Secret: {i}\r\n\r\n");
        let asked = client.engine.open(head.as_bytes(), false, true).unwrap();
        let seen = exchange(&mut client, &mut server);
        let Some(Seen::Head(stream, text, true)) = seen.iter().find(|seen| matches!(seen, Seen::Head(..))) else {
            panic!("{seen:?}");
        };
        assert_eq!(*text, format!("GET /{i} HTTP/1.1\r\nhost: a\r\naccept: */*\r\nx-secret: {i}\r\n\r\n"));
        let page = format!("HTTP/1.1 200 OK\r\nServer: x\r\nX-Number: {i}\r\nContent-Length: 0\r\n\r\n");
        server.engine.answer_text(*stream, page.as_bytes(), true).unwrap();
        let expected = format!("HTTP/1.1 200 \r\nserver: x\r\nx-number: {i}\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(exchange(&mut server, &mut client), [Seen::Head(asked, expected, true)]);
    }
    assert_eq!((client.engine.open_streams(), server.engine.open_streams()), (0, 0));
}
