//! What we send: heads, content as far as the windows allow, trailers, resets, credit, and the end of the connection.

use super::{DRAINING, Drain, Engine, Role};
use crate::http2::{
    error::ErrorCode,
    flood::Flood,
    frame::{self, HEADER, Kind, flag},
    head::encode::{self, NotAHead},
    hpack::Encoder,
    limits::{FRAME, PROGRESS, RESERVE},
    stream::{Ending, Half, Stream, StreamId, Waiting},
};
use crate::timer::Millis;

/// The stream is no more: it was reset by either side, or has been ended by us. Events told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream is gone")]
pub struct StreamGone;

/// Why no stream could be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// As many are open as the target or we allow.
    #[error("no more streams can be opened at once")]
    Full,
    /// The connection is ending; another one is needed.
    #[error("the connection takes no more streams")]
    Closing,
    /// What was given is no head of a request.
    #[error(transparent)]
    NotAHead(#[from] NotAHead),
}

impl Engine {
    /// Sends the head of an answer; of an interim one if the status is below 200. Names may be in any case; fields of
    /// HTTP/1.1 connections are left out. `end`: nothing follows.
    ///
    /// A stream whose answer ends before its request stays open until the request ends as well, or until it is reset with
    /// NO_ERROR, which tells the client that nobody wants the rest (RFC 9113 section 8.1).
    ///
    /// # Errors
    /// The stream is gone, or its final head was sent before.
    pub fn answer<'a>(
        &mut self,
        stream: StreamId,
        status: u16,
        fields: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
        end: bool,
    ) -> Result<(), StreamGone> {
        self.expect_half(stream, Half::Head)?;
        self.write_block(stream.number(), end, |encoder, out| encode::answer(encoder, status, fields, out));
        self.answered(stream, status, end);
        Ok(())
    }

    /// The same for a head that is there as text of HTTP/1.1 (pages of our own).
    ///
    /// # Errors
    /// The stream is gone, its final head was sent before, or the text is no head (then an empty answer of status 500 is sent).
    pub fn answer_text(&mut self, stream: StreamId, head: &[u8], end: bool) -> Result<(), StreamGone> {
        self.expect_half(stream, Half::Head)?;
        let mut status = 500;
        self.write_block(stream.number(), end, |encoder, out| match encode::answer_text(encoder, head, out) {
            Ok(of_text) => status = of_text,
            Err(NotAHead) => encode::answer(encoder, status, [], out),
        });
        self.answered(stream, status, end);
        Ok(())
    }

    fn answered(&mut self, stream: StreamId, status: u16, end: bool) {
        if status >= 200
            && let Some(stream) = self.streams.get_mut(stream)
        {
            stream.local = Half::Content;
        }
        if end {
            self.local_ended(stream);
        }
    }

    /// How many streams can be opened now.
    pub fn capacity(&self) -> usize {
        let most = self.limits.streams.min(self.peer.streams) as usize;
        if self.takes_no_more() { 0 } else { most.saturating_sub(self.streams.len()) }
    }

    fn takes_no_more(&self) -> bool {
        self.is_draining() || self.highest >= frame::MAXIMUM - 1 || self.requests >= self.limits.requests
    }

    /// Sends a request to a target: its head as text of HTTP/1.1. `https`: which scheme it is for. `end`: no content
    /// follows.
    ///
    /// # Errors
    /// No stream can be opened, or the text is no head.
    pub fn open(&mut self, head: &[u8], https: bool, end: bool) -> Result<StreamId, OpenError> {
        if self.takes_no_more() {
            return Err(OpenError::Closing);
        }
        if self.capacity() == 0 {
            return Err(OpenError::Full);
        }
        let number = if self.highest == 0 { 1 } else { self.highest + 2 };
        let mut result = Ok(false);
        self.write_block(number, end, |encoder, out| result = encode::request(encoder, head, https, out));
        let to_head = match result {
            Ok(to_head) => to_head,
            Err(error) => {
                // Nothing but the frame's header was written.
                self.output.bytes.truncate(self.output.bytes.len() - HEADER);
                return Err(error.into());
            }
        };
        self.highest = number;
        let local = if end { Half::Ended } else { Half::Content };
        let stream = self.begin(number, Half::Head, local);
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.to_head = to_head;
        }
        Ok(stream)
    }

    /// Sends content, as much as the peer's windows and the room for output allow; returns how much that was. When it
    /// was less than given, [`Engine::next_writable`] says when to go on with the rest. `end` holds for the last byte of
    /// `bytes`, which may be none.
    ///
    /// # Errors
    /// The stream is gone, or its head was not sent before.
    pub fn data(&mut self, stream: StreamId, bytes: &[u8], end: bool, now: Millis) -> Result<usize, StreamGone> {
        let window = self.expect_half(stream, Half::Content)?;
        let taken = bytes.len().min(window).min(self.output_room());
        let all = taken == bytes.len();
        if taken > 0 || (all && end) {
            self.write_data(stream.number(), &bytes[..taken], all && end);
        }
        self.moved(stream, taken, all, now);
        if all && end {
            self.local_ended(stream);
        }
        Ok(taken)
    }

    /// How much content would be taken now, so that no more is read from where it comes. When it is none,
    /// [`Engine::next_writable`] says when to ask again.
    ///
    /// # Errors
    /// The stream is gone, or its head was not sent before.
    pub fn room(&mut self, stream: StreamId, now: Millis) -> Result<usize, StreamGone> {
        let window = self.expect_half(stream, Half::Content)?;
        let room = window.min(self.output_room());
        if room == 0 {
            self.moved(stream, 0, false, now);
        }
        Ok(room)
    }

    /// Whether a new stream could send content now. Where it could not, streams that the peer does not read hold up all others.
    pub fn may_send_content(&self) -> bool {
        self.send_window >= RESERVE.into()
    }

    /// How much content the windows allow a stream. Of the connection's, a stream that has had its share leaves the reserve to
    /// those that have not; while there are none, nothing needs to be left.
    fn window(&self, stream: &Stream) -> i64 {
        let window = stream.send_window.min(self.send_window);
        let reserved = (self.send_window - i64::from(RESERVE)).max(self.send_window.min(stream.reserve.into()));
        if window <= reserved || self.role == Role::Server {
            return window;
        }
        let wants = |other: &Stream| other.number != stream.number && other.local != Half::Ended && other.reserve > 0;
        if self.streams.iter().any(|(_, other)| wants(other)) { reserved } else { window }
    }

    /// How much content would be taken if the head were sent now; nothing of a stream that is gone.
    pub fn room_behind_head(&self, stream: StreamId) -> usize {
        self.expect_half(stream, Half::Head).unwrap_or(0).min(self.output_room())
    }

    /// The next of the streams that had to wait and can go on, in the order in which they began to wait.
    pub fn next_writable(&mut self) -> Option<StreamId> {
        if self.send_window <= 0 || self.output_room() == 0 {
            return None;
        }
        let mut at = 0;
        while let Some(id) = self.queue.get(at).copied() {
            let window = self.streams.get(id).map_or(0, |stream| self.window(stream));
            match self.streams.get_mut(id) {
                // It leaves what there is to others.
                Some(stream) if window <= 0 && stream.send_window > 0 => {
                    at += 1;
                    continue;
                }
                // New settings may have taken the window away again.
                Some(stream) => stream.waiting = if window > 0 { Waiting::No } else { Waiting::ForStream },
                None => {}
            }
            self.queue.remove(at);
            if window > 0 {
                return Some(id);
            }
        }
        None
    }

    /// Sends trailers, given as lines of text; nothing follows. Fields that trailers may not have are left out.
    ///
    /// # Errors
    /// The stream is gone, or its head was not sent before.
    pub fn trailers(&mut self, stream: StreamId, lines: &[u8]) -> Result<(), StreamGone> {
        self.expect_half(stream, Half::Content)?;
        let mut any = false;
        let before = self.output.bytes.len();
        self.write_block(stream.number(), true, |encoder, out| any = encode::trailer_lines(encoder, lines, out));
        if !any {
            self.output.bytes.truncate(before);
            self.write_data(stream.number(), &[], true);
        }
        self.local_ended(stream);
        Ok(())
    }

    /// Resets a stream; one that is gone already is left alone.
    pub fn reset(&mut self, stream: StreamId, code: ErrorCode) {
        if self.is_open(stream) {
            frame::write_reset(&mut self.output.bytes, stream.number(), code);
            self.close(stream, Ending::Reset);
        }
    }

    /// Says that `bytes` of content were passed on: the peer may send as much again. Nothing needs to be released of a
    /// stream that is gone.
    pub fn release(&mut self, stream: StreamId, bytes: usize) {
        let Some(state) = self.streams.get_mut(stream) else { return };
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(state.held);
        state.held -= bytes;
        state.unannounced += bytes;
        if state.remote != Half::Ended && state.unannounced >= self.limits.stream_window / 2 {
            frame::write_window_update(&mut self.output.bytes, stream.number(), state.unannounced);
            state.receive_window += i64::from(state.unannounced);
            state.unannounced = 0;
        }
        self.give_back(bytes);
    }

    /// Asks the peer whether it is there; the answer is [`super::Event::Pong`].
    pub fn ping(&mut self, opaque: [u8; 8]) {
        self.budgets.earn(Flood::Pings, 1);
        frame::write_ping(&mut self.output.bytes, false, opaque);
    }

    /// Begins to end the connection (RFC 9113 section 6.8). A client is told to open no more streams; those that it has
    /// opened before it reads that are served. When it has read it, or after [`Engine::finish_drain`], no others are.
    pub fn drain(&mut self) {
        match (self.role, self.drain) {
            (Role::Server, Drain::No) => {
                self.drain = Drain::Announced;
                frame::write_goaway(&mut self.output.bytes, frame::MAXIMUM, ErrorCode::NO_ERROR, &[]);
                self.ping(DRAINING);
            }
            (Role::Client, Drain::No) => self.finish_drain(),
            (_, Drain::Announced | Drain::Final) => {}
        }
    }

    /// Takes no more streams from now on. Those that are open go on.
    pub fn finish_drain(&mut self) {
        if self.drain != Drain::Final {
            self.drain = Drain::Final;
            self.last_taken = self.highest;
            let last = self.last_stream();
            frame::write_goaway(&mut self.output.bytes, last, ErrorCode::NO_ERROR, &[]);
        }
    }

    /// Checks that a stream is open and how far our side is; returns how much of the windows is there.
    #[inline]
    fn expect_half(&self, stream: StreamId, half: Half) -> Result<usize, StreamGone> {
        let stream = self.streams.get(stream).filter(|stream| stream.local == half).ok_or(StreamGone)?;
        Ok(usize::try_from(self.window(stream)).unwrap_or(0))
    }

    /// Writes a header block, in as many frames as it needs.
    #[inline]
    fn write_block(&mut self, number: u32, end: bool, encode: impl FnOnce(&mut Encoder, &mut Vec<u8>)) {
        let out = &mut self.output.bytes;
        let at = out.len();
        let end = if end { flag::END_STREAM } else { 0 };
        frame::write_header(out, 0, Kind::Headers, end | flag::END_HEADERS, number);
        encode(&mut self.encoder, out);
        if out.len() - at - HEADER > FRAME {
            split_block(out, at, number, end);
        } else {
            frame::set_length(out, at);
        }
    }

    fn write_data(&mut self, number: u32, bytes: &[u8], end: bool) {
        let out = &mut self.output.bytes;
        out.reserve(bytes.len() + (bytes.len() / FRAME + 1) * HEADER);
        let mut rest = bytes;
        loop {
            let (piece, after) = rest.split_at(rest.len().min(FRAME));
            let last = after.is_empty();
            let flags = if last && end { flag::END_STREAM } else { 0 };
            frame::write_header(out, piece.len(), Kind::Data, flags, number);
            out.extend_from_slice(piece);
            if last {
                return;
            }
            rest = after;
        }
    }

    /// Accounts for content that was sent, and notes what the rest waits for.
    fn moved(&mut self, id: StreamId, taken: usize, all: bool, now: Millis) {
        let room = self.output_room();
        let bytes = u32::try_from(taken).unwrap_or(u32::MAX);
        if let Some(stream) = self.streams.get_mut(id) {
            stream.send_window -= i64::from(bytes);
            stream.progress = stream.progress.saturating_add(bytes);
            stream.reserve = stream.reserve.saturating_sub(bytes);
        }
        self.send_window -= i64::from(bytes);
        let window = self.streams.get(id).map_or(0, |stream| self.window(stream));
        let Some(stream) = self.streams.get_mut(id) else { return };
        let is_wide = window >= i64::from(PROGRESS);
        // A peer that opens its window by single bytes earns nothing, and its clock goes on.
        if bytes >= PROGRESS || is_wide {
            let frames = u32::try_from(taken.div_ceil(FRAME)).unwrap_or(u32::MAX);
            self.budgets.earn(Flood::WindowUpdates, frames.saturating_mul(4));
            self.budgets.earn(Flood::Pings, frames);
        }
        if stream.progress >= PROGRESS || is_wide {
            stream.stalled_since = Millis::MAX;
        }
        if all {
            return;
        }
        if window <= 0 && stream.stalled_since == Millis::MAX {
            (stream.stalled_since, stream.progress) = (now, 0);
        }
        if stream.send_window <= 0 {
            if stream.waiting == Waiting::No {
                stream.waiting = Waiting::ForStream;
            }
        } else if stream.waiting != Waiting::Queued {
            debug_assert!(window <= 0 || room < FRAME, "content waits for nothing");
            stream.waiting = Waiting::Queued;
            self.queue.push_back(id);
        }
    }

    /// We have sent all of a stream.
    fn local_ended(&mut self, id: StreamId) {
        self.leave_queue(id);
        let Some(stream) = self.streams.get_mut(id) else { return };
        stream.local = Half::Ended;
        stream.stalled_since = Millis::MAX;
        self.budgets.earn(Flood::Resets, 1);
        if stream.remote == Half::Ended {
            self.close(id, Ending::Ended);
        }
    }
}

/// Cuts a block that is too long for one frame into HEADERS and CONTINUATIONs.
#[cold]
fn split_block(out: &mut Vec<u8>, at: usize, number: u32, end: u8) {
    let rest = out.split_off(at + HEADER + FRAME);
    frame::set_length(out, at);
    out[at + 4] = end;
    let last = rest.len().div_ceil(FRAME) - 1;
    for (i, piece) in rest.chunks(FRAME).enumerate() {
        frame::write_header(
            out,
            piece.len(),
            Kind::Continuation,
            if i == last { flag::END_HEADERS } else { 0 },
            number,
        );
        out.extend_from_slice(piece);
    }
}
