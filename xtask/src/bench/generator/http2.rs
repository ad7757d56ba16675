//! A client connection that speaks HTTP/2: a fixed number of streams, each asking again as soon as it has its answer.
//!
//! Requests have no bodies. What repeats in them (host, user agent) is in the header table after the first request, as
//! with any client. Of answers' header blocks only the status is read; 200 is always the same single byte.

use std::time::Instant;

use rustix::event::epoll::EventFlags;

use super::After;
use super::running::Running;
use super::wire::{Broken, Received, Wire};
use crate::bench::order::Request;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEAD_BYTES: usize = 9;
/// The longest frame that servers may send: we do not announce another limit.
const MAXIMUM_FRAME_BYTES: usize = 16 * 1024;
/// The largest window: bodies are taken as they come.
const WINDOW: u32 = (1 << 31) - 1;
/// The window of a connection at its begin.
const FIRST_WINDOW: u32 = 65_535;
/// The connection's window is opened again after so many bytes.
const WINDOW_UPDATE_BYTES: u32 = 1 << 30;
/// The header table that the requests' repeated fields need; servers offer 4096 bytes unless they say otherwise.
const HEADER_TABLE_BYTES: u32 = 256;
/// The last number of a stream.
const LAST_STREAM: u32 = (1 << 31) - 1;

/// Types of frames.
mod kind {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
    pub const CONTINUATION: u8 = 9;
}

/// Flags of frames.
mod flag {
    pub const ACK: u8 = 1;
    pub const END_STREAM: u8 = 1;
    pub const END_HEADERS: u8 = 4;
    pub const PADDED: u8 = 8;
    pub const PRIORITY: u8 = 0x20;
}

/// Settings.
mod setting {
    pub const HEADER_TABLE_SIZE: u16 = 1;
    pub const ENABLE_PUSH: u16 = 2;
    pub const INITIAL_WINDOW_SIZE: u16 = 4;
}

/// A connection.
pub struct Http2 {
    wire: Wire,
    greeted: bool,
    frames: Frames,
    /// Frames that are to be sent.
    outgoing: Vec<u8>,
    streams: Vec<Stream>,
    next_stream: u32,
    /// The host that is in the header table with the other fields that repeat, once they are there.
    remembered: Option<String>,
    /// The server takes no more streams.
    goes_away: bool,
    /// Bytes received since the connection's window was opened last.
    consumed: u32,
}

/// A request that waits for its answer.
struct Stream {
    number: u32,
    since: Instant,
    has_status: bool,
    bytes: usize,
}

impl Http2 {
    /// Begins with the handshake, or, in clear text, with the first requests.
    pub fn begin(wire: Wire, running: &mut Running) -> Result<Self, Broken> {
        let mut client = Self {
            wire,
            greeted: false,
            frames: Frames::default(),
            outgoing: Vec::new(),
            streams: Vec::new(),
            next_stream: 1,
            remembered: None,
            goes_away: false,
            consumed: 0,
        };
        if client.wire.is_open() {
            client.greet(running)?;
        } else {
            client.wire.flush()?;
        }
        Ok(client)
    }

    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    pub fn interest(&self) -> EventFlags {
        if self.wire.has_unsent() { EventFlags::IN | EventFlags::OUT } else { EventFlags::IN }
    }

    /// Goes on after an event.
    pub fn serve(&mut self, buffer: &mut [u8], running: &mut Running) -> After {
        match self.advance(buffer, running) {
            Ok(true) => After::Keep,
            Ok(false) => After::Replace,
            Err(reason) => After::Failed(reason),
        }
    }

    fn advance(&mut self, buffer: &mut [u8], running: &mut Running) -> Result<bool, Broken> {
        if self.wire.has_unsent() {
            self.wire.flush()?;
        }
        let frames = &mut self.frames;
        match self.wire.receive(0, buffer, |text| frames.bytes.extend_from_slice(text))? {
            Received::Nothing | Received::Skipped(_) => return Ok(true),
            Received::End if self.goes_away && self.streams.is_empty() => return Ok(false),
            Received::End => return Err(format!("the connection ended with {} open streams", self.streams.len())),
            Received::Bytes(_) => {}
        }
        if !self.greeted {
            if !self.wire.is_open() {
                self.wire.flush()?;
                return Ok(true);
            }
            running.tally.handshake(self.wire.is_resumed() == Some(true));
            self.greet(running)?;
        }
        while let Some(frame) = self.frames.next()? {
            self.take(&frame, running)?;
        }
        self.frames.forget_taken();
        self.send()?;
        Ok(!(self.goes_away && self.streams.is_empty()))
    }

    fn greet(&mut self, running: &mut Running) -> Result<(), Broken> {
        self.greeted = true;
        self.outgoing.extend_from_slice(PREFACE);
        let settings = [(setting::ENABLE_PUSH, 0), (setting::INITIAL_WINDOW_SIZE, WINDOW)];
        let settings: Vec<u8> = settings.iter().flat_map(|(id, value)| setting_bytes(*id, *value)).collect();
        put_frame(&mut self.outgoing, kind::SETTINGS, 0, 0, &settings);
        put_frame(&mut self.outgoing, kind::WINDOW_UPDATE, 0, 0, &(WINDOW - FIRST_WINDOW).to_be_bytes());
        let streams = if running.capture.is_some() { None } else { running.job.speech.http2_streams };
        for _ in 0..streams.unwrap_or(1) {
            self.ask(running);
        }
        self.send()
    }

    /// Opens a stream with the next request.
    fn ask(&mut self, running: &mut Running) {
        let at = running.next_position();
        let request = &running.job.requests[at];
        let block = header_block(request, running.job.speech.tls.is_some(), self.remembered.as_deref());
        self.remembered.get_or_insert_with(|| request.host.clone());
        put_frame(&mut self.outgoing, kind::HEADERS, flag::END_HEADERS | flag::END_STREAM, self.next_stream, &block);
        let stream = Stream { number: self.next_stream, since: Instant::now(), has_status: false, bytes: 0 };
        self.streams.push(stream);
        match self.next_stream.checked_add(2).filter(|next| *next <= LAST_STREAM) {
            Some(next) => self.next_stream = next,
            None => self.goes_away = true,
        }
    }

    fn send(&mut self) -> Result<(), Broken> {
        if self.outgoing.is_empty() {
            return Ok(());
        }
        self.wire.send(&std::mem::take(&mut self.outgoing).into())
    }

    fn take(&mut self, frame: &Frame, running: &mut Running) -> Result<(), Broken> {
        let text = &self.frames.bytes[frame.start..frame.end];
        match frame.kind {
            kind::SETTINGS if frame.flags & flag::ACK == 0 => {
                check_settings(text)?;
                put_frame(&mut self.outgoing, kind::SETTINGS, flag::ACK, 0, &[]);
            }
            kind::PING if frame.flags & flag::ACK == 0 => {
                put_frame(&mut self.outgoing, kind::PING, flag::ACK, 0, text);
            }
            kind::GOAWAY => {
                self.goes_away = true;
                // Later streams were not looked at: asking again is no error.
                let last = number(text) & LAST_STREAM;
                self.streams.retain(|stream| stream.number <= last);
            }
            kind::RST_STREAM => return Err(format!("a stream was reset with code {}", number(text))),
            kind::HEADERS => self.take_headers(frame, running)?,
            kind::CONTINUATION => return Err("a header block in pieces".to_owned()),
            kind::DATA => self.take_data(frame, running)?,
            // Windows for bodies that we do not send, acknowledgements, and what HTTP/2 says is to be ignored.
            _ => {}
        }
        Ok(())
    }

    fn take_headers(&mut self, frame: &Frame, running: &mut Running) -> Result<(), Broken> {
        let text = &self.frames.bytes[frame.start..frame.end];
        if frame.flags & flag::END_HEADERS == 0 || frame.flags & (flag::PADDED | flag::PRIORITY) != 0 {
            return Err("a header block in pieces or with padding".to_owned());
        }
        let is_ok = status_is_200(text);
        let Some(at) = self.position(frame.stream) else { return Ok(()) };
        let stream = &mut self.streams[at];
        if !stream.has_status && !is_ok {
            return Err("a status other than 200".to_owned());
        }
        stream.has_status = true;
        self.end_if_last(frame, at, running)
    }

    fn take_data(&mut self, frame: &Frame, running: &mut Running) -> Result<(), Broken> {
        let bytes = frame.end - frame.start;
        self.open_window(u32::try_from(bytes).unwrap_or(u32::MAX));
        if frame.flags & flag::PADDED != 0 {
            return Err("a body with padding".to_owned());
        }
        if let Some(capture) = &mut running.capture {
            capture.extend_from_slice(&self.frames.bytes[frame.start..frame.end]);
        }
        let Some(at) = self.position(frame.stream) else { return Ok(()) };
        self.streams[at].bytes += bytes;
        self.end_if_last(frame, at, running)
    }

    fn position(&self, stream: u32) -> Option<usize> {
        self.streams.iter().position(|open| open.number == stream)
    }

    fn end_if_last(&mut self, frame: &Frame, at: usize, running: &mut Running) -> Result<(), Broken> {
        if frame.flags & flag::END_STREAM == 0 {
            return Ok(());
        }
        let stream = self.streams.swap_remove(at);
        if !stream.has_status {
            return Err("a body without a head".to_owned());
        }
        if let Some(wanted) = running.job.answer_bytes.filter(|wanted| *wanted != stream.bytes) {
            return Err(format!("{} bytes instead of {wanted}", stream.bytes));
        }
        running.tally.answered(stream.since);
        if !self.goes_away && running.capture.is_none() {
            self.ask(running);
        }
        Ok(())
    }

    fn open_window(&mut self, consumed: u32) {
        self.consumed = self.consumed.saturating_add(consumed);
        if self.consumed >= WINDOW_UPDATE_BYTES {
            put_frame(&mut self.outgoing, kind::WINDOW_UPDATE, 0, 0, &self.consumed.to_be_bytes());
            self.consumed = 0;
        }
    }
}

/// Frames out of what was received.
#[derive(Default)]
struct Frames {
    bytes: Vec<u8>,
    taken: usize,
}

/// A frame; its content is at these positions of [`Frames::bytes`].
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    start: usize,
    end: usize,
}

impl Frames {
    /// The next whole frame.
    fn next(&mut self) -> Result<Option<Frame>, Broken> {
        let Some(head) = self.bytes[self.taken..].first_chunk::<FRAME_HEAD_BYTES>() else { return Ok(None) };
        let [high, middle, low, kind, flags, stream @ ..] = *head;
        let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        if length > MAXIMUM_FRAME_BYTES {
            return Err(format!("a frame of {length} bytes, or no HTTP/2"));
        }
        let start = self.taken + FRAME_HEAD_BYTES;
        let end = start + length;
        if self.bytes.len() < end {
            return Ok(None);
        }
        self.taken = end;
        Ok(Some(Frame { kind, flags, stream: u32::from_be_bytes(stream) & LAST_STREAM, start, end }))
    }

    fn forget_taken(&mut self) {
        self.bytes.drain(..self.taken);
        self.taken = 0;
    }
}

/// Appends a frame. Contents are shorter than 16 kB.
fn put_frame(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    out.extend_from_slice(&length[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(content);
}

fn setting_bytes(id: u16, value: u32) -> impl Iterator<Item = u8> {
    id.to_be_bytes().into_iter().chain(value.to_be_bytes())
}

fn check_settings(text: &[u8]) -> Result<(), Broken> {
    for entry in text.chunks_exact(6) {
        let id = u16::from_be_bytes([entry[0], entry[1]]);
        if id == setting::HEADER_TABLE_SIZE && number(&entry[2..]) < HEADER_TABLE_BYTES {
            return Err(format!("a header table of {} bytes is too small for this client", number(&entry[2..])));
        }
    }
    Ok(())
}

/// The first four bytes as a number.
fn number(text: &[u8]) -> u32 {
    text.first_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// A GET as an HPACK block (RFC 7541). The first one puts host, user agent and accept into the dynamic table, in this
/// order, so that they are 64, 63 and 62 afterwards; `remembered` is the host that is there.
fn header_block(request: &Request, tls: bool, remembered: Option<&str>) -> Vec<u8> {
    const METHOD_GET: u8 = 0x82;
    const SCHEME: [u8; 2] = [0x86, 0x87];
    /// Names of the static table.
    const AUTHORITY: u8 = 1;
    const PATH: u8 = 4;
    const ACCEPT: u8 = 19;
    const USER_AGENT: u8 = 58;
    /// A field to be remembered, and one of the tables.
    const REMEMBER: u8 = 0x40;
    const INDEXED: u8 = 0x80;
    let mut block = vec![METHOD_GET, SCHEME[usize::from(tls)]];
    put_field(&mut block, PATH, &request.path);
    match remembered {
        None => put_field(&mut block, REMEMBER | AUTHORITY, &request.host),
        Some(host) if host == request.host => block.push(INDEXED | 64),
        Some(_) => put_field(&mut block, AUTHORITY, &request.host),
    }
    if remembered.is_some() {
        block.extend_from_slice(&[INDEXED | 63, INDEXED | 62]);
    } else {
        put_field(&mut block, REMEMBER | USER_AGENT, "bench");
        put_field(&mut block, REMEMBER | ACCEPT, "*/*");
    }
    block
}

/// A field with a name of the static table.
fn put_field(block: &mut Vec<u8>, name: u8, value: &str) {
    block.push(name);
    put_string(block, value);
}

/// A string without Huffman coding.
fn put_string(block: &mut Vec<u8>, text: &str) {
    put_integer(block, 7, text.len());
    block.extend_from_slice(text.as_bytes());
}

/// An integer with a prefix of so many bits, of which the others are 0.
fn put_integer(block: &mut Vec<u8>, prefix: u32, value: usize) {
    let most = (1_usize << prefix) - 1;
    if value < most {
        block.push(low_byte(value));
        return;
    }
    block.push(low_byte(most));
    let mut rest = value - most;
    while rest >= 0x80 {
        block.push(low_byte(rest & 0x7f) | 0x80);
        rest >>= 7;
    }
    block.push(low_byte(rest));
}

fn low_byte(value: usize) -> u8 {
    value.to_le_bytes()[0]
}

/// Whether a header block begins with `:status: 200`, behind changes of the table's size.
fn status_is_200(block: &[u8]) -> bool {
    const STATUS_200: u8 = 0x88;
    let mut rest = block;
    while let [first, behind @ ..] = rest {
        if first & 0xe0 != 0x20 {
            return *first == STATUS_200;
        }
        // The size goes on for as long as bytes say so, if the prefix is full.
        let more =
            if first & 0x1f == 0x1f { behind.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1 } else { 0 };
        rest = behind.get(more..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::order::{HOST, Job, Speech, Watch};
    use std::io::{Read, Write};
    use std::net::TcpListener;

    #[test]
    fn integers_are_those_of_the_standard() {
        for (prefix, value, wanted) in
            [(5, 10, &[10][..]), (5, 1337, &[31, 154, 10]), (8, 42, &[42]), (7, 127, &[127, 0])]
        {
            let mut bytes = Vec::new();
            put_integer(&mut bytes, prefix, value);
            assert_eq!(bytes, wanted, "{value}");
        }
    }

    #[test]
    fn only_the_first_request_spells_out_what_repeats() {
        let request = Request::get("/s");
        let first = header_block(&request, true, None);
        assert_eq!(first[..8], [0x82, 0x87, 0x04, 2, b'/', b's', 0x41, HOST.len().to_le_bytes()[0]]);
        assert_eq!(first[first.len() - 5..], [0x40 | 19, 3, b'*', b'/', b'*']);
        assert_eq!(header_block(&request, false, Some(HOST)), [0x82, 0x86, 0x04, 2, b'/', b's', 0xc0, 0xbf, 0xbe]);
        let other = header_block(&request, true, Some("other"));
        assert_eq!(other[6..8], [0x01, HOST.len().to_le_bytes()[0]], "another host is not remembered");
    }

    #[test]
    fn the_status_is_found_behind_changes_of_the_table() {
        for (block, wanted) in [
            (&[0x88, 0x5f][..], true),
            (&[0x8d], false),
            (&[0x20, 0x88], true),
            (&[0x3f, 0xe1, 0x1f, 0x88], true),
            (&[0x3f, 0xe1, 0x1f, 0x8d], false),
            (&[], false),
        ] {
            assert_eq!(status_is_200(block), wanted, "{block:x?}");
        }
    }

    #[test]
    fn frames_are_found_however_they_arrive() {
        let mut stream = Vec::new();
        put_frame(&mut stream, kind::DATA, flag::END_STREAM, 7, b"hello");
        put_frame(&mut stream, kind::PING, 0, 0, b"12345678");
        let mut frames = Frames::default();
        let mut found = Vec::new();
        for byte in &stream {
            frames.bytes.push(*byte);
            while let Some(frame) = frames.next().unwrap() {
                found.push((frame.kind, frame.flags, frame.stream, frames.bytes[frame.start..frame.end].to_vec()));
                frames.forget_taken();
            }
        }
        let wanted = [(kind::DATA, flag::END_STREAM, 7, b"hello".to_vec()), (kind::PING, 0, 0, b"12345678".to_vec())];
        assert_eq!(found, wanted);
        frames.bytes = b"HTTP/1.1 400 Bad Request".to_vec();
        assert!(frames.next().is_err());
    }

    #[test]
    fn streams_ask_again_until_the_server_goes_away() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut running = Running::new(Job {
            speech: Speech { address, tls: None, http2_streams: Some(2) },
            requests: vec![Request::get("/s")],
            answer_bytes: Some(3),
            connections: 1,
            close: false,
            sticky: false,
            rate: None,
            warm_up_milliseconds: 0,
            milliseconds: 0,
            watch: Watch { pids: Vec::new(), core: 0 },
        })
        .unwrap();
        let mut client = Http2::begin(Wire::connect(address, None).unwrap(), &mut running).unwrap();
        let mut server = listener.accept().unwrap().0;
        let mut buffer = vec![0; 4096];
        let asked = server.read(&mut buffer).unwrap();
        assert!(buffer[..asked].starts_with(PREFACE));

        let answer = |stream| {
            let mut bytes = Vec::new();
            put_frame(&mut bytes, kind::HEADERS, flag::END_HEADERS, stream, &[0x88]);
            put_frame(&mut bytes, kind::DATA, flag::END_STREAM, stream, b"abc");
            bytes
        };
        let mut settings = Vec::new();
        put_frame(&mut settings, kind::SETTINGS, 0, 0, &[]);
        server.write_all(&[settings, answer(3), answer(1)].concat()).unwrap();
        let serve = |client: &mut Http2, running: &mut Running| {
            let mut buffer = vec![0; 4096];
            client.serve(&mut buffer, running)
        };
        while running.tally.requests < 2 {
            assert!(matches!(serve(&mut client, &mut running), After::Keep));
        }
        assert_eq!(client.streams.iter().map(|stream| stream.number).collect::<Vec<_>>(), [5, 7]);

        let mut goaway = Vec::new();
        put_frame(&mut goaway, kind::GOAWAY, 0, 0, &[0, 0, 0, 7, 0, 0, 0, 0]);
        server.write_all(&[goaway, answer(5), answer(7)].concat()).unwrap();
        while running.tally.requests < 4 {
            let after = serve(&mut client, &mut running);
            assert!(matches!(after, After::Keep | After::Replace));
        }
        assert!(client.streams.is_empty() && client.goes_away);
    }
}
