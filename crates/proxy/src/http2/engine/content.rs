//! DATA: handed out as it lies in the input, counted against the windows and against `content-length`.

use super::{
    Engine,
    receive::{Event, Reading, Taken},
};
use crate::http2::{
    error::{ConnectionError, Malformed},
    flood::Flood,
    frame::{HEADER, Header, flag},
    stream::{Ending, Half, Stream, StreamId},
};
use crate::timer::Millis;

/// A DATA frame on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    /// `None`: nobody wants it.
    stream: Option<StreamId>,
    left: usize,
    padding: usize,
    end: bool,
}

impl Engine {
    /// Begins a DATA frame.
    pub(super) fn data_header(&mut self, header: Header, input: &[u8], now: Millis) -> Taken {
        let Some((taken, padding)) = read_padding(header, input)? else { return Ok(None) };
        if self.is_idle(header.stream) {
            return Err(ConnectionError::Protocol("DATA came for a stream that never began"));
        }
        let left = header.length - (taken - HEADER) - padding;
        let end = header.has(flag::END_STREAM);
        if left == 0 && !end {
            self.spend(Flood::EmptyFrames, now)?;
        }
        // All of the payload counts; what is no content is given back at once.
        let (whole, overhead) = (short(header.length), short(header.length - left));
        self.receive_window -= i64::from(whole);
        if self.receive_window < 0 {
            return Err(ConnectionError::FlowControl("more was sent than the connection's window allows"));
        }
        self.give_back(overhead);
        let mut content = Content { stream: self.streams.find(header.stream), left, padding, end };
        let mut found = None;
        if let Some(id) = content.stream {
            match self.admit(id, whole, left as u64, end) {
                Ok(stream) => stream.unannounced += overhead,
                Err(cause) => {
                    found = Some(self.reset_for(id, cause, now)?);
                    content.stream = None;
                }
            }
        } else if self.streams.ending(header.stream) == Some(Ending::Ended) {
            return Err(ConnectionError::StreamClosed);
        }
        self.reading = Reading::Content(content);
        Ok(Some((taken, found)))
    }

    /// Counts a frame against its stream's window and `content-length`. A stream that is gone has neither.
    fn admit(&mut self, id: StreamId, whole: u32, content: u64, end: bool) -> Result<&mut Stream, Malformed> {
        let stream = self.streams.get_mut(id).ok_or(Malformed::AfterEnd)?;
        match stream.remote {
            Half::Head => return Err(Malformed::Order),
            Half::Ended => return Err(Malformed::AfterEnd),
            Half::Content => {}
        }
        stream.receive_window -= i64::from(whole);
        if stream.receive_window < 0 {
            return Err(Malformed::Window);
        }
        if let Some(left) = &mut stream.content_left {
            *left = left.checked_sub(content).ok_or(Malformed::ContentSize)?;
            if end && *left > 0 {
                return Err(Malformed::ContentSize);
            }
        }
        Ok(stream)
    }

    /// Hands out content that is there, or passes over what nobody wants.
    pub(super) fn content<'b>(&mut self, content: Content, input: &'b [u8]) -> (usize, Option<Event<'b>>) {
        let Content { stream, left, padding, end } = content;
        let taken = left.min(input.len());
        let stream = stream.filter(|stream| self.streams.get(*stream).is_some());
        let rest = Content { stream, left: left - taken, padding, end };
        let bytes = short(taken);
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
    pub(super) fn remote_ended(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get_mut(id) else { return };
        stream.remote = Half::Ended;
        if stream.local == Half::Ended {
            self.close(id, Ending::Ended);
        }
    }
}

/// What precedes the content, and how much padding follows it. `None`: more input is needed.
fn read_padding(header: Header, input: &[u8]) -> Result<Option<(usize, usize)>, ConnectionError> {
    if !header.has(flag::PADDED) {
        return Ok(Some((HEADER, 0)));
    }
    const BAD: ConnectionError = ConnectionError::Protocol("a frame has more padding than bytes");
    let rest = header.length.checked_sub(1).ok_or(BAD)?;
    match input.get(HEADER).map(|padding| usize::from(*padding)) {
        None => Ok(None),
        Some(padding) if padding > rest => Err(BAD),
        Some(padding) => Ok(Some((HEADER + 1, padding))),
    }
}

/// A length within a frame: at most 16 kB.
fn short(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
