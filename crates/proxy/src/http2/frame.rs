//! Frames on the wire (RFC 9113 sections 4 and 6): their header, and how each kind is written.

use super::error::ErrorCode;

/// The length of a frame's header.
pub const HEADER: usize = 9;
/// What a client sends first (section 3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The largest stream number and the largest window.
pub const MAXIMUM: u32 = (1 << 31) - 1;

/// Flags. The same bit has different names in different kinds.
pub mod flag {
    /// SETTINGS, PING.
    pub const ACK: u8 = 0x1;
    /// DATA, HEADERS.
    pub const END_STREAM: u8 = 0x1;
    /// HEADERS, CONTINUATION.
    pub const END_HEADERS: u8 = 0x4;
    /// DATA, HEADERS.
    pub const PADDED: u8 = 0x8;
    /// HEADERS.
    pub const PRIORITY: u8 = 0x20;
}

/// Settings (section 6.5.2).
pub mod setting {
    /// SETTINGS_HEADER_TABLE_SIZE.
    pub const HEADER_TABLE_SIZE: u16 = 0x1;
    /// SETTINGS_ENABLE_PUSH.
    pub const ENABLE_PUSH: u16 = 0x2;
    /// SETTINGS_MAX_CONCURRENT_STREAMS.
    pub const MAX_CONCURRENT_STREAMS: u16 = 0x3;
    /// SETTINGS_INITIAL_WINDOW_SIZE.
    pub const INITIAL_WINDOW_SIZE: u16 = 0x4;
    /// SETTINGS_MAX_FRAME_SIZE.
    pub const MAX_FRAME_SIZE: u16 = 0x5;
    /// SETTINGS_MAX_HEADER_LIST_SIZE.
    pub const MAX_HEADER_LIST_SIZE: u16 = 0x6;
    /// SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441).
    pub const ENABLE_CONNECT_PROTOCOL: u16 = 0x8;
    /// SETTINGS_NO_RFC7540_PRIORITIES (RFC 9218).
    pub const NO_RFC7540_PRIORITIES: u16 = 0x9;
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Content.
    Data,
    /// A head or trailers.
    Headers,
    /// A wish that is ignored.
    Priority,
    /// The end of a stream.
    RstStream,
    /// What the sender is like.
    Settings,
    /// An answer that nobody asked for.
    PushPromise,
    /// A question whether the other side is there.
    Ping,
    /// The end of a connection.
    GoAway,
    /// More may be sent.
    WindowUpdate,
    /// More of a head or trailers.
    Continuation,
    /// Any other; ignored.
    Unknown,
}

impl Kind {
    const fn number(self) -> u8 {
        match self {
            Self::Data => 0,
            Self::Headers => 1,
            Self::Priority => 2,
            Self::RstStream => 3,
            Self::Settings => 4,
            Self::PushPromise => 5,
            Self::Ping => 6,
            Self::GoAway => 7,
            Self::WindowUpdate => 8,
            Self::Continuation => 9,
            Self::Unknown => u8::MAX,
        }
    }

    const fn of(number: u8) -> Self {
        match number {
            0 => Self::Data,
            1 => Self::Headers,
            2 => Self::Priority,
            3 => Self::RstStream,
            4 => Self::Settings,
            5 => Self::PushPromise,
            6 => Self::Ping,
            7 => Self::GoAway,
            8 => Self::WindowUpdate,
            9 => Self::Continuation,
            _ => Self::Unknown,
        }
    }
}

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// How many bytes follow.
    pub length: usize,
    /// What it is.
    pub kind: Kind,
    /// Its flags; those that its kind does not have are ignored.
    pub flags: u8,
    /// Its stream; 0 is the connection.
    pub stream: u32,
}

impl Header {
    /// Reads a header at the beginning of `input`; `None` when it is not complete.
    #[inline]
    pub fn parse(input: &[u8]) -> Option<Self> {
        let ([high, middle, low, kind, flags, stream @ ..], _) = input.split_first_chunk::<HEADER>()?;
        Some(Self {
            length: u32::from_be_bytes([0, *high, *middle, *low]) as usize,
            kind: Kind::of(*kind),
            flags: *flags,
            stream: u32::from_be_bytes(*stream) & MAXIMUM,
        })
    }

    /// Whether a flag is set.
    #[inline]
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// Appends a frame's header.
#[inline]
pub fn write_header(out: &mut Vec<u8>, length: usize, kind: Kind, flags: u8, stream: u32) {
    let [low, middle, high, ..] = length.to_le_bytes();
    let [a, b, c, d] = stream.to_be_bytes();
    out.extend_from_slice(&[high, middle, low, kind.number(), flags, a, b, c, d]);
}

/// Writes the length of a frame whose header is at `at` and whose payload is what follows in `out`.
#[inline]
pub fn set_length(out: &mut [u8], at: usize) {
    let [low, middle, high, ..] = (out.len() - at - HEADER).to_le_bytes();
    out[at..at + 3].copy_from_slice(&[high, middle, low]);
}

/// Appends SETTINGS.
pub fn write_settings(out: &mut Vec<u8>, settings: &[(u16, u32)]) {
    write_header(out, settings.len() * 6, Kind::Settings, 0, 0);
    for (name, value) in settings {
        out.extend_from_slice(&name.to_be_bytes());
        out.extend_from_slice(&value.to_be_bytes());
    }
}

/// Appends the acknowledgement of SETTINGS.
pub fn write_settings_ack(out: &mut Vec<u8>) {
    write_header(out, 0, Kind::Settings, flag::ACK, 0);
}

/// Appends PING.
pub fn write_ping(out: &mut Vec<u8>, ack: bool, opaque: [u8; 8]) {
    write_header(out, 8, Kind::Ping, if ack { flag::ACK } else { 0 }, 0);
    out.extend_from_slice(&opaque);
}

/// Appends RST_STREAM.
pub fn write_reset(out: &mut Vec<u8>, stream: u32, code: ErrorCode) {
    write_header(out, 4, Kind::RstStream, 0, stream);
    out.extend_from_slice(&code.0.to_be_bytes());
}

/// Appends WINDOW_UPDATE.
pub fn write_window_update(out: &mut Vec<u8>, stream: u32, bytes: u32) {
    write_header(out, 4, Kind::WindowUpdate, 0, stream);
    out.extend_from_slice(&bytes.to_be_bytes());
}

/// Appends GOAWAY.
pub fn write_goaway(out: &mut Vec<u8>, last_stream: u32, code: ErrorCode, words: &[u8]) {
    write_header(out, 8 + words.len(), Kind::GoAway, 0, 0);
    out.extend_from_slice(&last_stream.to_be_bytes());
    out.extend_from_slice(&code.0.to_be_bytes());
    out.extend_from_slice(words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_they_are_written() {
        for number in 0..=255u8 {
            let kind = Kind::of(number);
            let mut out = Vec::new();
            write_header(&mut out, 0x01_02_03, kind, 0x2d, 5);
            assert_eq!(out[3], if kind == Kind::Unknown { 255 } else { number });
            assert_eq!(Header::parse(&out), Some(Header { length: 0x01_02_03, kind, flags: 0x2d, stream: 5 }));
            assert_eq!(Header::parse(&out[..8]), None);
        }
        // The reserved bit is ignored.
        assert_eq!(Header::parse(&[0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]).unwrap().stream, MAXIMUM);
    }

    #[test]
    fn each_kind_is_written_as_the_rfc_has_it() {
        let mut out = Vec::new();
        write_settings(&mut out, &[(setting::MAX_CONCURRENT_STREAMS, 128)]);
        assert_eq!(out, [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 128]);
        out.clear();
        write_settings_ack(&mut out);
        assert_eq!(out, [0, 0, 0, 4, 1, 0, 0, 0, 0]);
        out.clear();
        write_ping(&mut out, true, *b"12345678");
        assert_eq!(out, [&[0, 0, 8, 6, 1, 0, 0, 0, 0][..], b"12345678"].concat());
        out.clear();
        write_reset(&mut out, 3, ErrorCode::CANCEL);
        write_window_update(&mut out, 0, 7);
        assert_eq!(out, [0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
        out.clear();
        write_goaway(&mut out, 5, ErrorCode::ENHANCE_YOUR_CALM, b"calm");
        assert_eq!(out, [&[0, 0, 12, 7, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 11][..], b"calm"].concat());
        out[..3].fill(0);
        set_length(&mut out, 0);
        assert_eq!(out[..3], [0, 0, 12]);
    }
}
