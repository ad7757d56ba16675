//! What the peer sent: frames are read, judged and applied, and become events.

use super::{Engine, content::Content};
use crate::http2::{
    error::{ConnectionError, ErrorCode, Malformed},
    flood::Flood,
    frame::{self, HEADER, Header, Kind, flag},
    limits::FRAME,
    stream::StreamId,
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

/// What a frame means, if anything.
pub(super) type Outcome = Result<Option<Found>, ConnectionError>;
/// The same, and how many bytes were used. `None`: more input is needed.
pub(super) type Taken = Result<Option<(usize, Option<Found>)>, ConnectionError>;

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
    pub(super) fn is_idle(&self, number: u32) -> bool {
        number.is_multiple_of(2) || number > self.highest
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

/// A payload of one size only.
pub(super) fn exactly<const N: usize>(payload: &[u8], words: &'static str) -> Result<[u8; N], ConnectionError> {
    payload.try_into().map_err(|_| ConnectionError::FrameSize(words))
}
