//! An engine under test, and the bytes of a peer that may break every rule.

use proxy::{
    http2::{
        ConnectionError, Engine, ErrorCode, Event, Limits, Malformed, Received, Scratch, StreamId,
        frame::{self, Header, Kind, flag},
    },
    timer::Millis,
};

/// An event, kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Head(StreamId, String, bool),
    Data(StreamId, Vec<u8>, bool),
    Trailers(StreamId, String),
    Reset(StreamId, ErrorCode, Option<Malformed>),
    Refused(u32, Malformed),
    GoAway(u32, ErrorCode),
    Settings,
    Pong([u8; 8]),
}

/// A frame that the engine sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: Kind,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

/// The engine under test.
pub struct Subject {
    pub engine: Engine,
    pub scratch: Scratch,
    pub now: Millis,
    /// What was sent to it and not used.
    unread: Vec<u8>,
    /// What it sent and was not looked at.
    unseen: Vec<u8>,
}

impl Subject {
    /// A server whose client has sent the preface and empty settings.
    pub fn server() -> Self {
        Self::server_with(Limits::CLIENTS)
    }

    pub fn server_with(limits: Limits) -> Self {
        let mut subject = Self::new(Engine::server(limits, Millis(1000)));
        assert_eq!(subject.send(&[&frame::PREFACE[..], &settings(&[])].concat()), Ok(vec![Seen::Settings]));
        subject.frames();
        subject
    }

    /// A client whose target has sent empty settings.
    pub fn client() -> Self {
        let mut subject = Self::new(Engine::client(Limits::TARGETS, Millis(1000)));
        subject.unseen.extend_from_slice(subject.engine.pending());
        subject.engine.written(subject.engine.pending().len());
        assert_eq!(subject.unseen.drain(..frame::PREFACE.len()).as_slice(), frame::PREFACE);
        assert_eq!(subject.send(&settings(&[])), Ok(vec![Seen::Settings]));
        subject.frames();
        subject
    }

    pub fn new(engine: Engine) -> Self {
        Self { engine, scratch: Scratch::default(), now: Millis(1000), unread: Vec::new(), unseen: Vec::new() }
    }

    /// Gives it bytes; the events.
    pub fn send(&mut self, bytes: &[u8]) -> Result<Vec<Seen>, ConnectionError> {
        self.feed(bytes);
        let mut seen = Vec::new();
        while let Some(event) = self.next()? {
            seen.push(event);
        }
        Ok(seen)
    }

    /// Gives it bytes, which [`Subject::next`] lets it read.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
    }

    /// The next event.
    pub fn next(&mut self) -> Result<Option<Seen>, ConnectionError> {
        let Received { used, event } = self.engine.receive(self.now, &self.unread, &mut self.scratch)?;
        let seen = event.map(keep);
        self.unread.drain(..used);
        Ok(seen)
    }

    /// The frames that it sent since the last call.
    pub fn frames(&mut self) -> Vec<Frame> {
        self.unseen.extend_from_slice(self.engine.pending());
        self.engine.written(self.engine.pending().len());
        let frames = parse(&self.unseen);
        self.unseen.clear();
        frames
    }

    /// Sends a GET request and returns its stream.
    pub fn get(&mut self, number: u32) -> StreamId {
        let seen = self.send(&headers(number, END, &get_block())).unwrap();
        match seen[..] {
            [Seen::Head(stream, _, true)] => stream,
            _ => panic!("{seen:?}"),
        }
    }

    /// Sends the head of a POST request and returns its stream.
    pub fn post(&mut self, number: u32) -> StreamId {
        let seen = self.send(&headers(number, 0, &block(&POST))).unwrap();
        match seen[..] {
            [Seen::Head(stream, _, false)] => stream,
            _ => panic!("{seen:?}"),
        }
    }

    /// Opens a stream to a target with a GET request.
    pub fn open(&mut self) -> StreamId {
        self.engine.open(b"GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n", false, true).unwrap()
    }
}

pub fn keep(event: Event<'_>) -> Seen {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match event {
        Event::Head { stream, head, end } => Seen::Head(stream, text(head), end),
        Event::Data { stream, bytes, end } => Seen::Data(stream, bytes.to_vec(), end),
        Event::Trailers { stream, lines } => Seen::Trailers(stream, text(lines)),
        Event::Reset { stream, code, cause } => Seen::Reset(stream, code, cause),
        Event::Refused { number, cause } => Seen::Refused(number, cause),
        Event::GoAway { last_stream, code } => Seen::GoAway(last_stream, code),
        Event::Settings => Seen::Settings,
        Event::Pong { opaque } => Seen::Pong(opaque),
    }
}

/// The frames in some bytes.
pub fn parse(bytes: &[u8]) -> Vec<Frame> {
    let (mut frames, mut rest) = (Vec::new(), bytes);
    while let Some(Header { length, kind, flags, stream }) = Header::parse(rest) {
        let payload = rest[frame::HEADER..frame::HEADER + length].to_vec();
        rest = &rest[frame::HEADER + length..];
        frames.push(Frame { kind, flags, stream, payload });
    }
    assert!(rest.is_empty(), "only whole frames are written");
    frames
}

/// END_HEADERS and END_STREAM.
pub const END: u8 = flag::END_STREAM;
/// A head of a POST request, of which content is to come.
pub const POST: [(&str, &str); 4] =
    [(":method", "POST"), (":scheme", "https"), (":authority", "a.example"), (":path", "/x")];

/// A frame with any payload. `kind` is its number.
pub fn raw(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    frame::write_header(&mut out, payload.len(), Kind::Data, flags, stream);
    out[3] = kind;
    out.extend_from_slice(payload);
    out
}

pub fn data(stream: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    raw(0, flags, stream, payload)
}

/// A whole block in one frame.
pub fn headers(stream: u32, flags: u8, block: &[u8]) -> Vec<u8> {
    raw(1, flags | flag::END_HEADERS, stream, block)
}

pub fn reset(stream: u32, code: ErrorCode) -> Vec<u8> {
    raw(3, 0, stream, &code.0.to_be_bytes())
}

pub fn settings(settings: &[(u16, u32)]) -> Vec<u8> {
    let mut out = Vec::new();
    frame::write_settings(&mut out, settings);
    out
}

pub fn window_update(stream: u32, bytes: u32) -> Vec<u8> {
    raw(8, 0, stream, &bytes.to_be_bytes())
}

/// A block of literals that no table keeps.
pub fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push(0);
        for text in [name, value] {
            if text.len() < 127 {
                out.push(u8::try_from(text.len()).unwrap());
            } else {
                let rest = text.len() - 127;
                let [low, high] = [rest & 127 | 128, rest >> 7].map(|byte| u8::try_from(byte).unwrap());
                out.extend_from_slice(&[127, low, high]);
            }
            out.extend_from_slice(text.as_bytes());
        }
    }
    out
}

pub fn get_block() -> Vec<u8> {
    block(&[(":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/x")])
}

/// The codes of the GOAWAYs among some frames.
pub fn goaways(frames: &[Frame]) -> Vec<ErrorCode> {
    let goaways = frames.iter().filter(|frame| frame.kind == Kind::GoAway);
    goaways.map(|frame| ErrorCode(u32::from_be_bytes(frame.payload[4..8].try_into().unwrap()))).collect()
}

/// The streams and codes of the RST_STREAMs among some frames.
pub fn resets(frames: &[Frame]) -> Vec<(u32, ErrorCode)> {
    let resets = frames.iter().filter(|frame| frame.kind == Kind::RstStream);
    resets.map(|frame| (frame.stream, ErrorCode(u32::from_be_bytes(frame.payload[..4].try_into().unwrap())))).collect()
}
