//! HEADERS, CONTINUATION and RST_STREAM: how messages begin and end.

use super::{
    Engine, Role,
    receive::{Found, Outcome, exactly},
};
use crate::http2::{
    error::{ConnectionError, ErrorCode, Malformed},
    flood::Flood,
    frame::{self, Header, flag},
    head,
    hpack::Block,
    limits::{BLOCK, BOMB, CONTINUATIONS, RESERVE},
    stream::{Ending, Half, Stream, StreamId, Waiting},
    text::Scratch,
};
use crate::timer::Millis;

/// A header block of which frames are to come.
#[derive(Debug)]
pub(super) struct OpenBlock {
    pub bytes: Vec<u8>,
    pub since: Millis,
    pub number: u32,
    end: bool,
    continuations: u32,
}

impl Engine {
    pub(super) fn headers(&mut self, header: Header, payload: &[u8], scratch: &mut Scratch, now: Millis) -> Outcome {
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

    pub(super) fn continuation(
        &mut self,
        header: Header,
        payload: &[u8],
        scratch: &mut Scratch,
        now: Millis,
    ) -> Outcome {
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
            reserve: if self.role == Role::Client { RESERVE } else { 0 },
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

    pub(super) fn reset_by_peer(&mut self, header: Header, payload: &[u8], now: Millis) -> Outcome {
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
    pub(super) fn next_refused(&mut self) -> Option<Found> {
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
