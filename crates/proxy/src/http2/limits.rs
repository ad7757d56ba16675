//! What a connection may hold and do, in numbers.
//!
//! Memory of a connection is bounded by: the connection window (content that was received and not passed on, held by
//! the driver), [`FULL_OUTPUT`] and one head for each stream (what is to be sent), 80 kB of a header block in pieces, and two header
//! tables of 4 kB. Floods of small frames are in [`super::flood`], limits of compression in [`super::hpack`].

use crate::http::{request_head, response_head};
use std::time::Duration;

/// The largest frame that is read or sent: the protocol's smallest limit. Larger frames would only make others wait.
pub const FRAME: usize = 16 * 1024;
/// Content and other frames that may wait for being written before no more content is taken: one read of a worker, with
/// the headers of its frames.
pub const OUTPUT: usize = 256 * 1024 + FRAME;
/// Bytes that may wait for being written before no more input should be read. Beyond [`OUTPUT`] only heads and answers to
/// frames are written; a peer that makes us write so much of them does not read. Reading must not stop earlier: both
/// sides might wait for the other to read.
pub const FULL_OUTPUT: usize = 2 * OUTPUT;
/// The longest header block before it is decoded: as much as a head may have when nothing is compressed.
pub const BLOCK: usize = request_head::MAXIMUM_HEAD;
/// CONTINUATION frames of one block. Five full ones suffice for the longest block (CVE-2024-27316).
pub const CONTINUATIONS: u32 = 16;
/// How many times its limit a head may be when it is decoded before the connection is ended; within that, the head is
/// cut off at its limit, and the parser of HTTP/1.1 refuses it.
pub const BOMB: usize = 4;
/// The most bytes of trailer fields, as for HTTP/1.1.
pub const TRAILERS: usize = 16 * 1024;
/// The last of a target's connection window, which streams that have sent so much leave to those that have not: the requests
/// of other clients must not wait until a target reads an upload that it lets lie.
pub const RESERVE: u32 = 16 * 1024;
/// Content that must be sent for a stream to count as moving. A peer may open its window by single bytes for ever.
pub const PROGRESS: u32 = 1024;

/// The limits that differ between the two roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Streams open at once.
    pub streams: u32,
    /// Requests of one connection; then it is drained.
    pub requests: u32,
    /// How much content of one stream may wait for being passed on, in bytes; at least 65,535.
    pub stream_window: u32,
    /// The same of all streams together.
    pub connection_window: u32,
    /// The longest head, as text.
    pub head: usize,
    /// How long the beginning of a connection, a frame other than DATA, and a header block in pieces may take.
    pub head_timeout: Duration,
    /// How long content may wait for the peer to open a window.
    pub stall_timeout: Duration,
}

impl Limits {
    /// Towards clients. Streams and requests are AWS's numbers (ELB user guide). The windows are one read of a worker and
    /// two: at 50 ms to the client an upload reaches 5 MB/s, and a thousand connections whose targets do not read hold
    /// half a gigabyte at most.
    pub const CLIENTS: Self = Self {
        streams: 128,
        requests: 10_000,
        stream_window: 256 * 1024,
        connection_window: 512 * 1024,
        head: request_head::MAXIMUM_HEAD,
        head_timeout: Duration::from_secs(60),
        stall_timeout: Duration::from_secs(60),
    };

    /// Towards targets. The streams are of different clients, so one that does not read must not stop the others: the
    /// connection's window has room for all of them, 16 MB.
    pub const TARGETS: Self = Self {
        streams: 128,
        requests: u32::MAX,
        stream_window: 128 * 1024,
        connection_window: 128 * 128 * 1024,
        head: response_head::MAXIMUM_HEAD,
        head_timeout: Duration::from_secs(60),
        stall_timeout: Duration::from_secs(60),
    };
}
