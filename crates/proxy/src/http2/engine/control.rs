//! Frames about the connection and its windows: PRIORITY, SETTINGS, PING, GOAWAY, WINDOW_UPDATE.

use super::{
    DRAINING, Drain, Engine, Role,
    receive::{Found, Outcome, exactly},
};
use crate::http2::{
    error::{ConnectionError, ErrorCode, Malformed},
    flood::Flood,
    frame::{self, Header, flag, setting},
};
use crate::timer::Millis;

impl Engine {
    pub(super) fn priority(&mut self, header: Header, now: Millis) -> Outcome {
        if header.stream == 0 {
            return Err(ConnectionError::Protocol("PRIORITY came without a stream"));
        }
        if header.length != 5 {
            return Err(ConnectionError::FrameSize("PRIORITY has not 5 bytes"));
        }
        self.spend(Flood::IgnoredFrames, now).map(|()| None)
    }

    pub(super) fn settings(&mut self, header: Header, payload: &[u8], now: Millis) -> Outcome {
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

    pub(super) fn ping_frame(&mut self, header: Header, payload: &[u8], now: Millis) -> Outcome {
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

    pub(super) fn goaway_frame(&mut self, header: Header, payload: &[u8], now: Millis) -> Outcome {
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

    pub(super) fn window_update(&mut self, header: Header, payload: &[u8], now: Millis) -> Outcome {
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
