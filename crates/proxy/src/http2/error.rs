//! What ends a connection, and what ends one stream: in the RFC's codes and in words for the log.

use super::{flood::Flood, hpack::HpackError};
use std::fmt;

/// A code of RST_STREAM and GOAWAY (RFC 9113 section 7). Peers may send numbers that have no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// Nothing is wrong.
    pub const NO_ERROR: Self = Self(0x0);
    /// A rule of the protocol was broken, or a message is malformed.
    pub const PROTOCOL_ERROR: Self = Self(0x1);
    /// The fault is the sender's.
    pub const INTERNAL_ERROR: Self = Self(0x2);
    /// More was sent than the window allows.
    pub const FLOW_CONTROL_ERROR: Self = Self(0x3);
    /// Settings were not acknowledged.
    pub const SETTINGS_TIMEOUT: Self = Self(0x4);
    /// A frame came for a stream that its sender had ended.
    pub const STREAM_CLOSED: Self = Self(0x5);
    /// A frame has an impossible size.
    pub const FRAME_SIZE_ERROR: Self = Self(0x6);
    /// The stream was not looked at; the request may be sent again.
    pub const REFUSED_STREAM: Self = Self(0x7);
    /// Nobody wants the rest.
    pub const CANCEL: Self = Self(0x8);
    /// A header block cannot be decoded.
    pub const COMPRESSION_ERROR: Self = Self(0x9);
    /// The connection of a CONNECT broke.
    pub const CONNECT_ERROR: Self = Self(0xa);
    /// Too much of something.
    pub const ENHANCE_YOUR_CALM: Self = Self(0xb);
    /// The connection's encryption is not good enough.
    pub const INADEQUATE_SECURITY: Self = Self(0xc);
    /// The request should be made over HTTP/1.1.
    pub const HTTP_1_1_REQUIRED: Self = Self(0xd);
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 14] = [
            "NO_ERROR",
            "PROTOCOL_ERROR",
            "INTERNAL_ERROR",
            "FLOW_CONTROL_ERROR",
            "SETTINGS_TIMEOUT",
            "STREAM_CLOSED",
            "FRAME_SIZE_ERROR",
            "REFUSED_STREAM",
            "CANCEL",
            "COMPRESSION_ERROR",
            "CONNECT_ERROR",
            "ENHANCE_YOUR_CALM",
            "INADEQUATE_SECURITY",
            "HTTP_1_1_REQUIRED",
        ];
        match NAMES.get(self.0 as usize) {
            Some(name) => f.write_str(name),
            None => write!(f, "code {:#x}", self.0),
        }
    }
}

/// Why a connection cannot go on. GOAWAY with [`ConnectionError::code`] is in the output when one is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionError {
    /// A rule about frames, streams or settings was broken.
    #[error("{0}")]
    Protocol(&'static str),
    /// A frame has an impossible size.
    #[error("{0}")]
    FrameSize(&'static str),
    /// A window was exceeded, or grew too large.
    #[error("{0}")]
    FlowControl(&'static str),
    /// A frame came for a stream that its sender had ended.
    #[error("a frame came for a stream that its sender had ended")]
    StreamClosed,
    /// A header block cannot be decoded, or not within the limits.
    #[error("{0}")]
    Compression(#[from] HpackError),
    /// More of something than an honest peer sends.
    #[error("too many {0}")]
    Flood(Flood),
    /// A header block of too many pieces.
    #[error("a header block is cut into more than 16 CONTINUATION frames")]
    Continuations,
    /// A header block that is too large before it is decoded.
    #[error("a compressed header block is longer than 80 kB")]
    BlockTooLong,
    /// The preface, the first settings, a frame or a header block that was begun did not come in time.
    #[error("the peer did not finish what it began in time")]
    TimedOut,
}

impl ConnectionError {
    /// The code that the peer is told.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Protocol(_) => ErrorCode::PROTOCOL_ERROR,
            Self::FrameSize(_) => ErrorCode::FRAME_SIZE_ERROR,
            Self::FlowControl(_) => ErrorCode::FLOW_CONTROL_ERROR,
            Self::StreamClosed => ErrorCode::STREAM_CLOSED,
            Self::Compression(error) if !error.is_limit() => ErrorCode::COMPRESSION_ERROR,
            Self::Compression(_) | Self::Flood(_) | Self::Continuations | Self::BlockTooLong | Self::TimedOut => {
                ErrorCode::ENHANCE_YOUR_CALM
            }
        }
    }

    /// Whether a limit of ours was exceeded, rather than a rule of the RFC broken.
    pub fn is_limit(self) -> bool {
        self.code() == ErrorCode::ENHANCE_YOUR_CALM
    }
}

/// Why a message was not taken (RFC 9113 section 8.1.1): its stream is reset, the connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A name in upper case, empty, or with bytes that names do not have.
    #[error("a field's name is not one")]
    FieldName,
    /// CR, LF, NUL, or white space at an end.
    #[error("a field's value has bytes that it may not have")]
    FieldValue,
    /// After other fields.
    #[error("a pseudo-header field follows other fields")]
    PseudoHeaderAfterFields,
    /// Twice.
    #[error("a pseudo-header field comes twice")]
    DuplicatePseudoHeader,
    /// Unknown, or one that this kind of message does not have.
    #[error("a pseudo-header field does not belong here")]
    UnexpectedPseudoHeader,
    /// One that must be there.
    #[error("a pseudo-header field is missing")]
    MissingPseudoHeader,
    /// A method that is not a token.
    #[error("the method is not one")]
    Method,
    /// Neither `http` nor `https`.
    #[error("the scheme is neither http nor https")]
    Scheme,
    /// Empty, not absolute, or with bytes that it may not have.
    #[error("the path is not one")]
    Path,
    /// Empty, or with bytes that it may not have.
    #[error("the authority is not one")]
    Authority,
    /// Another one than `:authority`, or several.
    #[error("Host is not the same as :authority")]
    Host,
    /// Not three digits, or 101.
    #[error("the status is not one")]
    Status,
    /// `connection` and its kind.
    #[error("a field is of HTTP/1.1 connections only")]
    ConnectionSpecific,
    /// `te` with anything but `trailers`.
    #[error("te has another value than trailers")]
    Te,
    /// Not a number, or two numbers.
    #[error("content-length is not one number")]
    ContentLength,
    /// More or less content than `content-length` says.
    #[error("the content is not as long as content-length says")]
    ContentSize,
    /// Frames in an order that no message has.
    #[error("the frames of the message are in an order that no message has")]
    Order,
    /// Larger than trailers may be.
    #[error("the trailers are larger than 16 kB")]
    TrailersTooLarge,
    /// A frame for a half that was ended.
    #[error("a frame came after the end of the stream")]
    AfterEnd,
    /// More than the stream's window.
    #[error("more was sent than the stream's window allows")]
    Window,
    /// The window was opened by nothing.
    #[error("the stream's window was opened by nothing")]
    EmptyWindowUpdate,
    /// The window grew beyond 2^31 - 1.
    #[error("the stream's window was opened too far")]
    WindowOverflow,
    /// More streams than allowed at once.
    #[error("more streams than allowed at once")]
    TooManyStreams,
    /// The peer let data wait without opening a window.
    #[error("the peer left the stream without a window for too long")]
    Stalled,
}

impl Malformed {
    /// The code that the peer is told.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::FieldName
            | Self::FieldValue
            | Self::PseudoHeaderAfterFields
            | Self::DuplicatePseudoHeader
            | Self::UnexpectedPseudoHeader
            | Self::MissingPseudoHeader
            | Self::Method
            | Self::Scheme
            | Self::Path
            | Self::Authority
            | Self::Host
            | Self::Status
            | Self::ConnectionSpecific
            | Self::Te
            | Self::ContentLength
            | Self::ContentSize
            | Self::Order
            | Self::EmptyWindowUpdate => ErrorCode::PROTOCOL_ERROR,
            Self::TrailersTooLarge => ErrorCode::ENHANCE_YOUR_CALM,
            Self::AfterEnd => ErrorCode::STREAM_CLOSED,
            Self::Window | Self::WindowOverflow => ErrorCode::FLOW_CONTROL_ERROR,
            Self::TooManyStreams => ErrorCode::REFUSED_STREAM,
            Self::Stalled => ErrorCode::CANCEL,
        }
    }
}
