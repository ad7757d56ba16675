//! One HTTP/2 connection (RFC 9113), in either role, without a socket and without a clock.
//!
//! The driver gives it what it read ([`Engine::receive`]), one event at a time comes out, and what is to be sent gathers
//! in one buffer ([`Engine::pending`]) that the driver writes once per turn of its loop. Content is never copied on its
//! way in: it is handed out as it lies in the driver's read buffer, also in parts of a frame.
//!
//! `receive` reads frames; `content`, `message` and `control` say what each kind means; `send` writes them. Memory that a connection can hold is listed in [`super::limits`].
//!
//! What the driver must do:
//! * not read more while [`Engine::wants_input`] is false, for then the peer does not take what it asked for;
//! * pass content on and [`Engine::release`] it, or [`Engine::reset`] the stream: what is held is bounded by the windows;
//! * after a turn, ask [`Engine::next_writable`] until there is none, and go on with those streams;
//! * call [`Engine::expire`] every second or so;
//! * after an error or when [`Engine::is_drained`], write what is pending, and close.

mod content;
mod control;
mod message;
mod receive;
mod send;

pub use receive::{Event, Received};
pub use send::{OpenError, StreamGone};

use super::{
    error::ConnectionError,
    flood::{Budgets, Flood},
    frame::{self, setting},
    hpack::{Decoder, Encoder, Reader},
    limits::{FRAME, FULL_OUTPUT, Limits, OUTPUT},
    output::Output,
    stream::{Ending, Stream, StreamId, Streams, Waiting},
};
use crate::timer::Millis;
use message::OpenBlock;
use receive::Reading;
use std::collections::VecDeque;

/// The protocol's initial window, of streams and of the connection.
const INITIAL_WINDOW: u32 = 65_535;
/// Streams that a target is assumed to allow until its settings say (RFC 9113 section 6.5.2 asks for 100 at least).
const ASSUMED_STREAMS: u32 = 100;
/// What is in the PING that follows the first GOAWAY. Its answer says that the client has read that.
const DRAINING: [u8; 8] = *b"draining";

/// Which end of the connection this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The peer is a client.
    Server,
    /// The peer is a target.
    Client,
}

/// How far the end of a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drain {
    /// Streams may begin.
    No,
    /// The client was told to begin no more; those on their way are taken.
    Announced,
    /// No stream that begins now is taken.
    Final,
}

/// What the peer's settings say.
#[derive(Clone, Copy, Debug)]
struct Peer {
    initial_window: u32,
    streams: u32,
}

/// A connection.
#[derive(Debug)]
pub struct Engine {
    role: Role,
    limits: Limits,
    decoder: Decoder,
    encoder: Encoder,
    output: Output,
    streams: Streams,
    /// Streams whose content waits for the connection's window or for room in the output, the longest first.
    queue: VecDeque<StreamId>,
    budgets: Budgets,
    peer: Peer,
    /// How much content we may send on all streams together.
    send_window: i64,
    /// How much the peer may.
    receive_window: i64,
    /// Content of all streams that was released (or thrown away) and that the peer was not told of.
    unannounced: u32,
    reading: Reading,
    block: Option<OpenBlock>,
    /// Since when a frame (or the preface) is there in part; not DATA, which is handed out as it comes.
    partial_since: Option<Millis>,
    /// The highest number of a stream that began.
    highest: u32,
    /// The highest number that is taken, after GOAWAY.
    last_taken: u32,
    requests: u32,
    drain: Drain,
    /// The peer's GOAWAY: streams with higher numbers were not looked at. Until all of those were reported.
    refused_above: Option<u32>,
    peer_is_leaving: bool,
    began: Millis,
    error: Option<ConnectionError>,
}

impl Engine {
    /// The end of a connection that a client opened. The settings are in the output already.
    pub fn server(limits: Limits, now: Millis) -> Self {
        let mut engine = Self::new(Role::Server, limits, now);
        let settings = [
            (setting::MAX_CONCURRENT_STREAMS, limits.streams),
            (setting::INITIAL_WINDOW_SIZE, limits.stream_window),
            (setting::MAX_HEADER_LIST_SIZE, u32::try_from(limits.head).unwrap_or(u32::MAX)),
            (setting::NO_RFC7540_PRIORITIES, 1),
        ];
        engine.greet(&settings);
        engine
    }

    /// The end of a connection that was opened to a target. Preface and settings are in the output already.
    pub fn client(limits: Limits, now: Millis) -> Self {
        let mut engine = Self::new(Role::Client, limits, now);
        engine.output.bytes.extend_from_slice(frame::PREFACE);
        let settings = [
            (setting::ENABLE_PUSH, 0),
            (setting::INITIAL_WINDOW_SIZE, limits.stream_window),
            (setting::MAX_HEADER_LIST_SIZE, u32::try_from(limits.head).unwrap_or(u32::MAX)),
        ];
        engine.greet(&settings);
        engine
    }

    fn new(role: Role, limits: Limits, now: Millis) -> Self {
        let (reader, reading) = match role {
            Role::Server => (Reader::Client, Reading::Preface),
            Role::Client => (Reader::Target, Reading::Settings),
        };
        Self {
            role,
            limits,
            decoder: Decoder::default(),
            encoder: Encoder::new(reader),
            output: Output::default(),
            streams: Streams::default(),
            queue: VecDeque::new(),
            budgets: Budgets::new(now),
            peer: Peer { initial_window: INITIAL_WINDOW, streams: ASSUMED_STREAMS },
            send_window: INITIAL_WINDOW.into(),
            receive_window: limits.connection_window.into(),
            unannounced: 0,
            reading,
            block: None,
            partial_since: None,
            highest: 0,
            last_taken: frame::MAXIMUM,
            requests: 0,
            drain: Drain::No,
            refused_above: None,
            peer_is_leaving: false,
            began: now,
            error: None,
        }
    }

    fn greet(&mut self, settings: &[(u16, u32)]) {
        let window = self.limits.connection_window.saturating_sub(INITIAL_WINDOW);
        frame::write_settings(&mut self.output.bytes, settings);
        if window > 0 {
            frame::write_window_update(&mut self.output.bytes, 0, window);
        }
    }

    /// What is to be written to the socket.
    #[inline]
    pub fn pending(&self) -> &[u8] {
        self.output.pending()
    }

    /// Says that the first `count` pending bytes were written.
    #[inline]
    pub fn written(&mut self, count: usize) {
        self.output.written(count);
    }

    /// Takes the output's buffer away for other connections, if nothing is pending.
    pub fn reclaim_output(&mut self) -> Option<Vec<u8>> {
        self.output.reclaim()
    }

    /// Gives the output a buffer that was used before. It comes back when there is one already.
    pub fn lend_output(&mut self, buffer: Vec<u8>) -> Option<Vec<u8>> {
        self.output.lend(buffer)
    }

    /// Whether more should be read: not while the peer takes nothing of what is sent.
    #[inline]
    pub fn wants_input(&self) -> bool {
        self.output.pending().len() < FULL_OUTPUT
    }

    /// How much content the output has room for; nothing rather than little.
    #[inline]
    fn output_room(&self) -> usize {
        let room = OUTPUT.saturating_sub(self.output.pending().len());
        if room < FRAME { 0 } else { room }
    }

    /// How many streams are open.
    #[inline]
    pub fn open_streams(&self) -> usize {
        self.streams.len()
    }

    /// How many requests it has served or sent.
    pub fn requests(&self) -> u32 {
        self.requests
    }

    /// Whether a stream is open: neither ended on both sides nor reset.
    #[inline]
    pub fn is_open(&self, stream: StreamId) -> bool {
        self.streams.get(stream).is_some()
    }

    /// Whether the peer has sent its settings: until then it is not known how many streams it takes.
    pub fn is_greeted(&self) -> bool {
        match self.reading {
            Reading::Preface | Reading::Settings => false,
            Reading::Frames | Reading::Content(_) => true,
        }
    }

    /// Whether its end was announced (by either side, or by an error) and no stream is open: close it.
    pub fn is_drained(&self) -> bool {
        let ending = self.drain == Drain::Final || (self.role == Role::Client && self.peer_is_leaving);
        self.error.is_some() || (ending && self.streams.len() == 0 && self.refused_above.is_none())
    }

    /// Whether the end was announced by either side.
    pub fn is_draining(&self) -> bool {
        self.drain != Drain::No || self.peer_is_leaving || self.error.is_some()
    }

    /// Changes the time that content may wait for a window: the load balancer's idle timeout.
    pub fn set_stall_timeout(&mut self, timeout: std::time::Duration) {
        self.limits.stall_timeout = timeout;
    }

    /// Looks at the clock. A stream whose content waited too long for the peer to open a window has been reset and is
    /// returned; call again until there is none.
    ///
    /// # Errors
    /// The peer did not finish in time what it began (its settings, a frame, a header block), or too many of its streams waited too long.
    pub fn expire(&mut self, now: Millis) -> Result<Option<StreamId>, ConnectionError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let begun = match self.reading {
            Reading::Preface | Reading::Settings => Some(self.began),
            Reading::Frames | Reading::Content(_) => {
                self.block.as_ref().map(|block| block.since).or(self.partial_since)
            }
        };
        if begun.is_some_and(|begun| now.since(begun) >= self.limits.head_timeout) {
            return Err(self.fail(ConnectionError::TimedOut));
        }
        let timeout = self.limits.stall_timeout;
        let Some((id, _)) = self.streams.iter().find(|(_, stream)| now.since(stream.stalled_since) >= timeout) else {
            return Ok(None);
        };
        match self.reset_for(id, super::error::Malformed::Stalled, now) {
            Ok(_) => Ok(Some(id)),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Counts a frame of a kind that is limited.
    #[inline]
    fn spend(&mut self, kind: Flood, now: Millis) -> Result<(), ConnectionError> {
        if self.budgets.spend(kind, now) { Ok(()) } else { Err(ConnectionError::Flood(kind)) }
    }

    /// Ends the connection: the peer is told why.
    fn fail(&mut self, error: ConnectionError) -> ConnectionError {
        if self.error.is_none() {
            let last = self.last_stream();
            frame::write_goaway(&mut self.output.bytes, last, error.code(), error.to_string().as_bytes());
            self.error = Some(error);
        }
        error
    }

    /// The last stream of the peer's that was or may have been acted on.
    fn last_stream(&self) -> u32 {
        match self.role {
            Role::Server => self.highest.min(self.last_taken),
            Role::Client => 0,
        }
    }

    /// Forgets a stream. What its reader still holds is given back to the connection's window here.
    fn close(&mut self, id: StreamId, ending: Ending) {
        self.leave_queue(id);
        let Some(stream) = self.streams.get(id) else { return };
        let held = stream.held;
        self.streams.remove(id, ending);
        self.give_back(held);
    }

    /// Lets a stream wait no more: it has nothing to send.
    #[inline]
    fn leave_queue(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get_mut(id) else { return };
        if stream.waiting == Waiting::Queued {
            self.queue.retain(|queued| *queued != id);
        }
        stream.waiting = Waiting::No;
    }

    /// Lets the peer send as much again as was passed on or thrown away, when that is half of the window.
    fn give_back(&mut self, bytes: u32) {
        self.unannounced += bytes;
        if self.unannounced >= self.limits.connection_window / 2 {
            frame::write_window_update(&mut self.output.bytes, 0, self.unannounced);
            self.receive_window += i64::from(self.unannounced);
            self.unannounced = 0;
        }
    }

    /// Lets a stream stand in the queue, if its content waits only for what all streams share.
    fn queue_if_open(queue: &mut VecDeque<StreamId>, id: StreamId, stream: &mut Stream) {
        if stream.waiting == Waiting::ForStream && stream.send_window > 0 {
            stream.waiting = Waiting::Queued;
            queue.push_back(id);
        }
    }
}
