//! HTTP/2 in the data plane (RFC 9113, RFC 7541), for both ends: towards clients and towards targets.
//!
//! Without I/O: [`engine`] is a connection: frames in, events out; what is sent gathers in one buffer. Inside the node a head is always
//! text of HTTP/1.1: [`head`] turns header blocks into that text and that text into header blocks, so that each check,
//! rule and rewriting exists once, in [`crate::http`]. [`hpack`] is the compression; [`frame`] the wire; [`flood`]
//! and [`limits`] are what a peer may do, in numbers; [`error`] says what ends a connection and what a stream.
//!
//! With it: `wire` is an engine with its socket, `mailbox` what waits at one stream; `connection` is a client's, whose requests are
//! served with `client`; `shared` is a target's, and `exchange` one request by it.
//!
//! Not here: priorities (ignored), server push (refused), upgrades from HTTP/1.1 (there are none, as in AWS).

pub(crate) mod client;
pub(crate) mod connection;
pub mod engine;
pub mod error;
pub(crate) mod exchange;
pub mod flood;
pub mod frame;
pub mod head;
pub mod hpack;
pub mod limits;
pub(crate) mod mailbox;
mod output;
pub(crate) mod shared;
mod stream;
pub(crate) mod tasks;
pub mod text;
pub(crate) mod wire;

pub use engine::{Engine, Event, Received};
pub use error::{ConnectionError, ErrorCode, Malformed};
pub use limits::Limits;
pub use stream::StreamId;
pub use text::Scratch;
