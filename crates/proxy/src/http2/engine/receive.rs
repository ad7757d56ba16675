//! What the peer sent: frames are read, judged and applied, and become events.

use super::{DRAINING, Drain, Engine, Role};
use crate::http2::{
    error::{ConnectionError, ErrorCode, Malformed},
    flood::Flood,
    frame::{self, HEADER, Header, Kind, flag, setting},
    head,
    hpack::Block,
    limits::{BLOCK, BOMB, CONTINUATIONS, FRAME},
    stream::{Ending, Half, Stream, StreamId, Waiting},
    text::Scratch,
};
use crate::timer::Millis;

/// What became of some input.
#[derive(Debug)]
pub struct Received<'b> {
    /// How many bytes of the input were used. The rest is to be given again, with what follows it.
    pub used: usize,
    /// What happened; `None` when more input is needed.
    pub event: Option<Event<'b>>,
}

/// What happened on a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'b> {
    /// A request began (server), or an answer came, also an interim one (client): its head in HTTP/1.1.
    Head {
        /// Its stream.
        stream: StreamId,
        /// The head, for [`crate::http::request_head`] or [`crate::http::response_head`].
        head: &'b [u8],
        /// Whether nothing follows.
        end: bool,
    },
    /// Content, as it lies in the input. It counts against the windows until it is released.
    Data {
        /// Its stream.
        stream: StreamId,
        /// The content; empty only with `end`.
        bytes: &'b [u8],
        /// Whether nothing follows.
        end: bool,
    },
    /// Trailers; nothing follows.
    Trailers {
        /// Their stream.
        stream: StreamId,
        /// Lines of text, `name: value` and CRLF, without an empty one; possibly none.
        lines: &'b [u8],
    },
    /// A stream was reset, and is gone.
    Reset {
        /// The stream.
        stream: StreamId,
        /// The code that was received or sent.
        code: ErrorCode,
        /// Why we reset it; `None`: the peer did.
        cause: Option<Malformed>,
    },
    /// A stream was reset by us before it became a request.
    Refused {
        /// The stream's number.
        number: u32,
        /// Why.
        cause: Malformed,
    },
    /// The peer ends the connection. As a client: streams that it did not look at are reported as reset with
    /// REFUSED_STREAM next; no new ones can be opened.
    GoAway {
        /// The highest stream that it looked at.
        last_stream: u32,
        /// Why.
        code: ErrorCode,
    },
    /// The peer's settings changed; as a client: [`Engine::capacity`] may have.
    Settings,
    /// An answer to [`Engine::ping`].
    Pong {
        /// What was sent.
        opaque: [u8; 8],
    },
}

/// An event before it is given its text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found {
    Head { stream: StreamId, end: bool },
    Trailers { stream: StreamId },
    Reset { stream: StreamId, code: ErrorCode, cause: Option<Malformed> },
    Refused { number: u32, cause: Malformed },
    GoAway { last_stream: u32, code: ErrorCode },
    Settings,
    Pong { opaque: [u8; 8] },
}

/// What is read next.
#[derive(Debug)]
pub(super) enum Reading {
    /// The client's preface.
    Preface,
    /// The first frame, which must be SETTINGS.
    Settings,
    /// Frames.
    Frames,
    /// The payload of a DATA frame whose header was read.
    Content(Content),
}

/// A DATA frame on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    /// `None`: nobody wants it.
    stream: Option<StreamId>,
    left: usize,
    padding: usize,
    end: bool,
}

/// A header block of which frames are to come.
#[derive(Debug)]
pub(super) struct OpenBlock {
    pub bytes: Vec<u8>,
    pub since: Millis,
    number: u32,
    end: bool,
    continuations: u32,
}

/// What a frame means, if anything.
type Outcome = Result<Option<Found>, ConnectionError>;
/// The same, and how many bytes were used. `None`: more input is needed.
type Taken = Result<Option<(usize, Option<Found>)>, ConnectionError>;

impl Engine {
    /// Reads up to the next event. Call it until there is none, each time with the input that was not used yet.
    ///
    /// Heads and trailers are written to `scratch` and stay there until the next call.
    ///
    /// # Errors
    /// The connection cannot go on. What is pending tells the peer; no stream lives any more.
    pub fn receive<'b>(
        &mut self,
        now: Millis,
        input: &'b [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<'b>, ConnectionError> {
        match self.error {
            Some(error) => Err(error),
            None => self.read(now, input, scratch).map_err(|error| self.fail(error)),
        }
    }

    fn read<'b>(
        &mut self,
        now: Millis,
        input: &'b [u8],
        scratch: &'b mut Scratch,
    ) -> Result<Received<'b>, ConnectionError> {
        let mut used = 0;
        loop {
            if let Some(found) = self.next_refused() {
                return Ok(Received { used, event: Some(found.event(scratch)) });
            }
            let rest = &input[used..];
            if let Reading::Content(content) = self.reading {
                let (taken, event) = self.content(content, rest);
                used += taken;
                if event.is_some() || used == input.len() {
                    return Ok(Received { used, event });
                }
                continue;
            }
            let Some((taken, found)) = self.preface_or_frame(rest, scratch, now)? else {
                if !rest.is_empty() {
                    self.partial_since.get_or_insert(now);
                }
                return Ok(Received { used, event: None });
            };
            self.partial_since = None;
            used += taken;
            if let Some(found) = found {
                return Ok(Received { used, event: Some(found.event(scratch)) });
            }
        }
    }

    /// Reads the preface, a whole frame, or the header of a DATA frame.
    fn preface_or_frame(&mut self, input: &[u8], scratch: &mut Scratch, now: Millis) -> Taken {
        if let Reading::Preface = self.reading {
            return self.preface(input);
        }
        let Some(header) = Header::parse(input) else { return Ok(None) };
        self.check_order(header)?;
        if header.kind == Kind::Data {
            return self.data_header(header, input, now);
        }
        let Some(payload) = input.get(HEADER..HEADER + header.length) else { return Ok(None) };
        let found = self.frame(header, payload, scratch, now)?;
        Ok(Some((HEADER + header.length, found)))
    }

    fn preface(&mut self, input: &[u8]) -> Taken {
        let there = input.len().min(frame::PREFACE.len());
        if input[..there] != frame::PREFACE[..there] {
            return Err(ConnectionError::Protocol("the client does not begin with the preface of HTTP/2"));
        }
        if there < frame::PREFACE.len() {
            return Ok(None);
        }
        self.reading = Reading::Settings;
        Ok(Some((there, None)))
    }

    /// Rules about which frame may come now, and how long it may be.
    #[inline]
    fn check_order(&mut self, header: Header) -> Result<(), ConnectionError> {
        if let Reading::Settings = self.reading {
            if header.kind != Kind::Settings || header.has(flag::ACK) {
                return Err(ConnectionError::Protocol("the first frame is not SETTINGS; is it HTTP/2 at all?"));
            }
            self.reading = Reading::Frames;
            // What is not in the first settings is not limited.
            self.peer.streams = u32::MAX;
        }
        if header.length > FRAME {
            return Err(ConnectionError::FrameSize("a frame is longer than 16,384 bytes"));
        }
        match &self.block {
            Some(block) if header.kind != Kind::Continuation || header.stream != block.number => {
                Err(ConnectionError::Protocol("another frame came within a header block"))
            }
            None if header.kind == Kind::Continuation => {
                Err(ConnectionError::Protocol("CONTINUATION came without a header block"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn frame(&mut self, header: Header, payload: &[u8], scratch: &mut Scratch, now: Millis) -> Outcome {
        match header.kind {
            Kind::Headers => self.headers(header, payload, scratch, now),
            Kind::Continuation => self.continuation(header, payload, scratch, now),
            Kind::Priority => self.priority(header, now),
            Kind::RstStream => self.reset_by_peer(header, payload, now),
            Kind::Settings => self.settings(header, payload, now),
            Kind::Ping => self.ping_frame(header, payload, now),
            Kind::GoAway => self.goaway_frame(header, payload, now),
            Kind::WindowUpdate => self.window_update(header, payload, now),
            Kind::PushPromise => Err(ConnectionError::Protocol("PUSH_PROMISE came where none may")),
            Kind::Unknown | Kind::Data => self.spend(Flood::IgnoredFrames, now).map(|()| None),
        }
    }

    /// Whether no stream with this number ever began. Streams of even numbers would be pushed ones, which there are not.
    #[inline]
    fn is_idle(&self, number: u32) -> bool {
        number.is_multiple_of(2) || number > self.highest
    }

    // DATA

    /// Begins a DATA frame.
    fn data_header(&mut self, header: Header, input: &[u8], now: Millis) -> Taken {
        let (taken, padding) = if header.has(flag::PADDED) && header.length > 0 {
            match input.get(HEADER) {
                None => return Ok(None),
                Some(padding) => (HEADER + 1, usize::from(*padding)),
            }
        } else {
            (HEADER, 0)
        };
        let without_length = header.length - (taken - HEADER);
        if padding > without_length || (header.has(flag::PADDED) && header.length == 0) {
            return Err(ConnectionError::Protocol("a frame has more padding than bytes"));
        }
        if self.is_idle(header.stream) {
            return Err(ConnectionError::Protocol("DATA came for a stream that never began"));
        }
        let window = u32::try_from(header.length).unwrap_or(u32::MAX);
        self.receive_window -= i64::from(window);
        if self.receive_window < 0 {
            return Err(ConnectionError::FlowControl("more was sent than the connection's window allows"));
        }
        let left = without_length - padding;
        let end = header.has(flag::END_STREAM);
        if left == 0 && !end {
            self.spend(Flood::EmptyFrames, now)?;
        }
        let overhead = u32::try_from(header.length - left).unwrap_or(u32::MAX);
        self.give_back(overhead);
        let mut content = Content { stream: self.streams.find(header.stream), left, padding, end };
        let mut found = None;
        match content.stream {
            None if self.streams.ending(header.stream) == Some(Ending::Ended) => {
                return Err(ConnectionError::StreamClosed);
            }
            None => {}
            Some(id) => {
                if let Err(cause) = self.admit(id, window, left as u64, end) {
                    found = Some(self.reset_for(id, cause, now)?);
                    content.stream = None;
                } else if let Some(stream) = self.streams.get_mut(id) {
                    stream.unannounced += overhead;
                }
            }
        }
        self.reading = Reading::Content(content);
        Ok(Some((taken, found)))
    }

    /// Whether a stream may have this frame.
    fn admit(&mut self, id: StreamId, window: u32, content: u64, end: bool) -> Result<(), Malformed> {
        let Some(stream) = self.streams.get_mut(id) else { return Ok(()) };
        match stream.remote {
            Half::Head => return Err(Malformed::Order),
            Half::Ended => return Err(Malformed::AfterEnd),
            Half::Content => {}
        }
        stream.receive_window -= i64::from(window);
        if stream.receive_window < 0 {
            return Err(Malformed::Window);
        }
        if let Some(left) = &mut stream.content_left {
            *left = left.checked_sub(content).ok_or(Malformed::ContentSize)?;
            if end && *left > 0 {
                return Err(Malformed::ContentSize);
            }
        }
        Ok(())
    }

    /// Hands out content that is there, or passes over what nobody wants.
    fn content<'b>(&mut self, content: Content, input: &'b [u8]) -> (usize, Option<Event<'b>>) {
        let Content { stream, left, padding, end } = content;
        let taken = left.min(input.len());
        let stream = stream.filter(|stream| self.streams.get(*stream).is_some());
        let rest = Content { stream, left: left - taken, padding, end };
        let bytes = u32::try_from(taken).unwrap_or(u32::MAX);
        match stream {
            Some(id) if taken > 0 || (left == 0 && end) => {
                if let Some(stream) = self.streams.get_mut(id) {
                    stream.held += bytes;
                }
                let end = end && rest.left == 0;
                if end {
                    self.remote_ended(id);
                }
                // The end was told; padding may remain.
                self.reading = Reading::Content(Content { stream: stream.filter(|_| !end), ..rest });
                (taken, Some(Event::Data { stream: id, bytes: &input[..taken], end }))
            }
            Some(_) | None => {
                if stream.is_none() {
                    self.give_back(bytes);
                }
                let skipped = if rest.left == 0 { padding.min(input.len() - taken) } else { 0 };
                let rest = Content { padding: padding - skipped, ..rest };
                let done = rest.left == 0 && rest.padding == 0;
                self.reading = if done { Reading::Frames } else { Reading::Content(rest) };
                (taken + skipped, None)
            }
        }
    }

    /// The peer has sent all of a stream.
    fn remote_ended(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get_mut(id) else { return };
        stream.remote = Half::Ended;
        if stream.local == Half::Ended {
            self.close(id, Ending::Ended);
        }
    }

    // HEADERS and CONTINUATION

    fn headers(&mut self, header: Header, payload: &[u8], scratch: &mut Scratch, now: Millis) -> Outcome {
        if header.stream == 0 {
            return Err(ConnectionError::Protocol("HEADERS came without a stream"));
        }
        let fragment = unpad(header, payload)?;
        let end = header.has(flag::END_STREAM);
        if header.has(flag::END_HEADERS) {
            return self.block(header.stream, end, fragment, scratch, now);
        }
        self.block =
            Some(OpenBlock { bytes: fragment.to_vec(), since: now, number: header.stream, end, continuations: 0 });
        Ok(None)
    }

    fn continuation(&mut self, header: Header, payload: &[u8], scratch: &mut Scratch, now: Millis) -> Outcome {
        let Some(block) = &mut self.block else { return Ok(None) };
        block.continuations += 1;
        if block.continuations > CONTINUATIONS {
            return Err(ConnectionError::Continuations);
        }
        if block.bytes.len() + payload.len() > BLOCK {
            return Err(ConnectionError::BlockTooLong);
        }
        block.bytes.extend_from_slice(payload);
        if !header.has(flag::END_HEADERS) {
            return Ok(None);
        }
        let Some(OpenBlock { bytes, number, end, .. }) = self.block.take() else { return Ok(None) };
        self.block(number, end, &bytes, scratch, now)
    }

    /// A whole header block. Whatever becomes of the message, the block is decoded.
    fn block(&mut self, number: u32, end: bool, bytes: &[u8], scratch: &mut Scratch, now: Millis) -> Outcome {
        let block = Block::new(bytes, BOMB * self.limits.head);
        match (self.streams.find(number), self.role) {
            (Some(id), _) => self.block_of(id, end, block, scratch, now),
            (None, Role::Server) if number > self.highest => self.request(number, end, block, scratch, now),
            (None, _) => self.block_of_closed(number, block, scratch, now),
        }
    }

    fn request(&mut self, number: u32, end: bool, block: Block<'_>, scratch: &mut Scratch, now: Millis) -> Outcome {
        if number.is_multiple_of(2) {
            return Err(ConnectionError::Protocol("a client's stream has an even number"));
        }
        self.highest = number;
        if number > self.last_taken {
            self.spend(Flood::IgnoredFrames, now)?;
            self.streams.remember(number, Ending::Reset);
            head::discard(&mut self.decoder, block, scratch)?;
            return Ok(None);
        }
        if self.streams.len() >= self.limits.streams as usize {
            head::discard(&mut self.decoder, block, scratch)?;
            return self.refuse(number, Malformed::TooManyStreams, now);
        }
        let facts = match head::request::read(&mut self.decoder, block, end, self.limits.head, scratch)? {
            Ok(facts) => facts,
            Err(cause) => return self.refuse(number, cause, now),
        };
        let remote = if end { Half::Ended } else { Half::Content };
        let stream = self.begin(number, remote, Half::Head);
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.content_left = facts.content_length;
        }
        if self.requests >= self.limits.requests {
            self.finish_drain();
        }
        Ok(Some(Found::Head { stream, end }))
    }

    /// Adds a stream, in either role.
    pub(super) fn begin(&mut self, number: u32, remote: Half, local: Half) -> StreamId {
        self.requests = self.requests.saturating_add(1);
        self.budgets.earn(Flood::WindowUpdates, 4);
        self.budgets.earn(Flood::IgnoredFrames, 4);
        self.budgets.earn(Flood::Pings, 1);
        self.streams.insert(Stream {
            number,
            remote,
            local,
            to_head: false,
            content_left: None,
            send_window: self.peer.initial_window.into(),
            receive_window: self.limits.stream_window.into(),
            held: 0,
            unannounced: 0,
            waiting: Waiting::No,
            stalled_since: Millis::MAX,
            progress: 0,
        })
    }

    /// A block for a stream that is open: an answer, or trailers.
    fn block_of(&mut self, id: StreamId, end: bool, block: Block<'_>, scratch: &mut Scratch, now: Millis) -> Outcome {
        let Some(stream) = self.streams.get(id) else { return Ok(None) };
        let (remote, to_head, left) = (stream.remote, stream.to_head, stream.content_left);
        let result = match remote {
            Half::Ended => {
                head::discard(&mut self.decoder, block, scratch)?;
                Err(Malformed::AfterEnd)
            }
            Half::Head => return self.answer_head(id, (end, to_head), block, scratch, now),
            Half::Content => {
                let read = head::trailers::read(&mut self.decoder, block, scratch)?;
                if !end {
                    read.and(Err(Malformed::Order))
                } else if left.is_some_and(|left| left > 0) {
                    read.and(Err(Malformed::ContentSize))
                } else {
                    read
                }
            }
        };
        match result {
            Ok(()) => {
                self.remote_ended(id);
                Ok(Some(Found::Trailers { stream: id }))
            }
            Err(cause) => self.reset_for(id, cause, now).map(Some),
        }
    }

    fn answer_head(
        &mut self,
        id: StreamId,
        (end, to_head): (bool, bool),
        block: Block<'_>,
        scratch: &mut Scratch,
        now: Millis,
    ) -> Outcome {
        let read = head::response::read(&mut self.decoder, block, (end, to_head), self.limits.head, scratch)?;
        let facts = match read {
            Ok(facts) => facts,
            Err(cause) => return self.reset_for(id, cause, now).map(Some),
        };
        if facts.status >= 200
            && let Some(stream) = self.streams.get_mut(id)
        {
            stream.remote = Half::Content;
            stream.content_left = if facts.bodyless { Some(0) } else { facts.content_length };
        }
        if end {
            self.remote_ended(id);
        }
        Ok(Some(Found::Head { stream: id, end }))
    }

    /// A block for a stream that ended, or that never was.
    fn block_of_closed(&mut self, number: u32, block: Block<'_>, scratch: &mut Scratch, now: Millis) -> Outcome {
        let ending = self.streams.ending(number);
        let crossed = ending == Some(Ending::Reset) || (ending.is_none() && self.role == Role::Client);
        if self.is_idle(number) || (ending.is_none() && !crossed) {
            return Err(ConnectionError::Protocol("HEADERS came with a number that no stream can have"));
        }
        if !crossed {
            return Err(ConnectionError::StreamClosed);
        }
        self.spend(Flood::IgnoredFrames, now)?;
        head::discard(&mut self.decoder, block, scratch)?;
        Ok(None)
    }

    // resets

    /// Resets a stream for an error of the peer's.
    pub(super) fn reset_for(&mut self, id: StreamId, cause: Malformed, now: Millis) -> Result<Found, ConnectionError> {
        frame::write_reset(&mut self.output.bytes, id.number(), cause.code());
        self.close(id, Ending::Reset);
        let kind = if cause == Malformed::Stalled { Flood::Stalls } else { Flood::ProvokedResets };
        self.spend(kind, now)?;
        Ok(Found::Reset { stream: id, code: cause.code(), cause: Some(cause) })
    }

    /// Resets a stream that did not become a request.
    fn refuse(&mut self, number: u32, cause: Malformed, now: Millis) -> Outcome {
        frame::write_reset(&mut self.output.bytes, number, cause.code());
        self.streams.remember(number, Ending::Reset);
        self.spend(Flood::ProvokedResets, now)?;
        Ok(Some(Found::Refused { number, cause }))
    }

    fn reset_by_peer(&mut self, header: Header, payload: &[u8], now: Millis) -> Outcome {
        let code = ErrorCode(u32::from_be_bytes(exactly(payload, "RST_STREAM has not 4 bytes")?));
        if self.is_idle(header.stream) {
            return Err(ConnectionError::Protocol("RST_STREAM came for a stream that never began"));
        }
        let Some(id) = self.streams.find(header.stream) else {
            return self.spend(Flood::IgnoredFrames, now).map(|()| None);
        };
        let unanswered = self.streams.get(id).is_some_and(|stream| stream.local != Half::Ended);
        if self.role == Role::Server && unanswered {
            self.spend(Flood::Resets, now)?;
        }
        self.close(id, Ending::Ended);
        Ok(Some(Found::Reset { stream: id, code, cause: None }))
    }

    /// One of the streams that the peer did not look at before it said goodbye.
    fn next_refused(&mut self) -> Option<Found> {
        let above = self.refused_above?;
        let refused = self.streams.iter().map(|(id, _)| id).find(|id| id.number() > above);
        match refused {
            Some(stream) => {
                self.close(stream, Ending::Reset);
                Some(Found::Reset { stream, code: ErrorCode::REFUSED_STREAM, cause: None })
            }
            None => {
                self.refused_above = None;
                None
            }
        }
    }

    // frames of the connection

    fn priority(&mut self, header: Header, now: Millis) -> Outcome {
        if header.stream == 0 {
            return Err(ConnectionError::Protocol("PRIORITY came without a stream"));
        }
        if header.length != 5 {
            return Err(ConnectionError::FrameSize("PRIORITY has not 5 bytes"));
        }
        self.spend(Flood::IgnoredFrames, now).map(|()| None)
    }

    fn settings(&mut self, header: Header, payload: &[u8], now: Millis) -> Outcome {
        if header.stream != 0 {
            return Err(ConnectionError::Protocol("SETTINGS came on a stream"));
        }
        self.spend(Flood::Settings, now)?;
        let (settings, rest) = payload.as_chunks::<6>();
        if header.has(flag::ACK) {
            return if payload.is_empty() {
                Ok(None)
            } else {
                Err(ConnectionError::FrameSize("the acknowledgement of SETTINGS has a payload"))
            };
        }
        if !rest.is_empty() {
            return Err(ConnectionError::FrameSize("SETTINGS has not a multiple of 6 bytes"));
        }
        let initial_window = self.peer.initial_window;
        for [name_high, name_low, value @ ..] in settings {
            self.setting(u16::from_be_bytes([*name_high, *name_low]), u32::from_be_bytes(*value))?;
        }
        self.shift_windows(i64::from(self.peer.initial_window) - i64::from(initial_window))?;
        frame::write_settings_ack(&mut self.output.bytes);
        Ok(Some(Found::Settings))
    }

    fn setting(&mut self, name: u16, value: u32) -> Result<(), ConnectionError> {
        match name {
            setting::HEADER_TABLE_SIZE => self.encoder.resize(value as usize),
            setting::ENABLE_PUSH if value > 1 || (value == 1 && self.role == Role::Client) => {
                return Err(ConnectionError::Protocol("SETTINGS_ENABLE_PUSH has a value that it cannot have"));
            }
            setting::MAX_CONCURRENT_STREAMS => self.peer.streams = value,
            setting::INITIAL_WINDOW_SIZE if value > frame::MAXIMUM => {
                return Err(ConnectionError::FlowControl("SETTINGS_INITIAL_WINDOW_SIZE is larger than 2^31 - 1"));
            }
            setting::INITIAL_WINDOW_SIZE => self.peer.initial_window = value,
            setting::MAX_FRAME_SIZE if !(16_384..1 << 24).contains(&value) => {
                return Err(ConnectionError::Protocol("SETTINGS_MAX_FRAME_SIZE is not between 2^14 and 2^24 - 1"));
            }
            setting::ENABLE_CONNECT_PROTOCOL | setting::NO_RFC7540_PRIORITIES if value > 1 => {
                return Err(ConnectionError::Protocol("a setting that is 0 or 1 has another value"));
            }
            // Our frames are never longer than the smallest limit, and our heads are what they are.
            _ => {}
        }
        Ok(())
    }

    /// Moves the windows of all streams, when the initial one changed (RFC 9113 section 6.9.2). They may become negative.
    fn shift_windows(&mut self, by: i64) -> Result<(), ConnectionError> {
        if by == 0 {
            return Ok(());
        }
        for (id, stream) in self.streams.iter_mut() {
            stream.send_window += by;
            if stream.send_window > i64::from(frame::MAXIMUM) {
                return Err(ConnectionError::FlowControl("new settings make a stream's window larger than 2^31 - 1"));
            }
            Self::queue_if_open(&mut self.queue, id, stream);
        }
        Ok(())
    }

    fn ping_frame(&mut self, header: Header, payload: &[u8], now: Millis) -> Outcome {
        let opaque = exactly(payload, "PING has not 8 bytes")?;
        if header.stream != 0 {
            return Err(ConnectionError::Protocol("PING came on a stream"));
        }
        self.spend(Flood::Pings, now)?;
        if !header.has(flag::ACK) {
            frame::write_ping(&mut self.output.bytes, true, opaque);
            return Ok(None);
        }
        if opaque == DRAINING && self.drain == Drain::Announced {
            self.finish_drain();
            return Ok(None);
        }
        Ok(Some(Found::Pong { opaque }))
    }

    fn goaway_frame(&mut self, header: Header, payload: &[u8], now: Millis) -> Outcome {
        if header.stream != 0 {
            return Err(ConnectionError::Protocol("GOAWAY came on a stream"));
        }
        let Some(([a, b, c, d, code @ ..], _)) = payload.split_first_chunk::<8>() else {
            return Err(ConnectionError::FrameSize("GOAWAY has less than 8 bytes"));
        };
        self.spend(Flood::IgnoredFrames, now)?;
        let last_stream = u32::from_be_bytes([*a, *b, *c, *d]) & frame::MAXIMUM;
        self.peer_is_leaving = true;
        if self.role == Role::Client {
            self.refused_above = Some(self.refused_above.map_or(last_stream, |above| above.min(last_stream)));
        }
        Ok(Some(Found::GoAway { last_stream, code: ErrorCode(u32::from_be_bytes(*code)) }))
    }

    fn window_update(&mut self, header: Header, payload: &[u8], now: Millis) -> Outcome {
        let bytes = u32::from_be_bytes(exactly(payload, "WINDOW_UPDATE has not 4 bytes")?) & frame::MAXIMUM;
        self.spend(Flood::WindowUpdates, now)?;
        if header.stream == 0 {
            self.send_window += i64::from(bytes);
            return match bytes {
                0 => Err(ConnectionError::Protocol("the connection's window was opened by nothing")),
                _ if self.send_window > i64::from(frame::MAXIMUM) => {
                    Err(ConnectionError::FlowControl("the connection's window was opened too far"))
                }
                _ => Ok(None),
            };
        }
        if self.is_idle(header.stream) {
            return Err(ConnectionError::Protocol("WINDOW_UPDATE came for a stream that never began"));
        }
        let Some(id) = self.streams.find(header.stream) else { return Ok(None) };
        let Some(stream) = self.streams.get_mut(id) else { return Ok(None) };
        stream.send_window += i64::from(bytes);
        if bytes == 0 {
            return self.reset_for(id, Malformed::EmptyWindowUpdate, now).map(Some);
        }
        if stream.send_window > i64::from(frame::MAXIMUM) {
            return self.reset_for(id, Malformed::WindowOverflow, now).map(Some);
        }
        Self::queue_if_open(&mut self.queue, id, stream);
        Ok(None)
    }
}

impl Found {
    fn event(self, scratch: &Scratch) -> Event<'_> {
        match self {
            Self::Head { stream, end } => Event::Head { stream, head: scratch.text.bytes(), end },
            Self::Trailers { stream } => Event::Trailers { stream, lines: scratch.text.bytes() },
            Self::Reset { stream, code, cause } => Event::Reset { stream, code, cause },
            Self::Refused { number, cause } => Event::Refused { number, cause },
            Self::GoAway { last_stream, code } => Event::GoAway { last_stream, code },
            Self::Settings => Event::Settings,
            Self::Pong { opaque } => Event::Pong { opaque },
        }
    }
}

/// The fragment in a HEADERS frame, without padding and priority.
fn unpad(header: Header, payload: &[u8]) -> Result<&[u8], ConnectionError> {
    let mut fragment = payload;
    if header.has(flag::PADDED) {
        const BAD: ConnectionError = ConnectionError::Protocol("a frame has more padding than bytes");
        let (padding, rest) = payload.split_first().ok_or(BAD)?;
        fragment = rest.get(..rest.len().checked_sub(usize::from(*padding)).ok_or(BAD)?).ok_or(BAD)?;
    }
    if header.has(flag::PRIORITY) {
        const BAD: ConnectionError = ConnectionError::FrameSize("HEADERS is too short for its priority");
        fragment = fragment.get(5..).ok_or(BAD)?;
    }
    Ok(fragment)
}

/// A payload of one size only.
fn exactly<const N: usize>(payload: &[u8], words: &'static str) -> Result<[u8; N], ConnectionError> {
    payload.try_into().map_err(|_| ConnectionError::FrameSize(words))
}
