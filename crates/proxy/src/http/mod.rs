//! HTTP/1.1 in the data plane.
//!
//! The codec knows no socket: [`request_head`], [`response_head`] and [`body`] turn bytes into facts and facts into
//! bytes. A head is never passed on as it came; it is written anew from what was understood, so that what we judged is
//! what the target reads. `connection` frames requests, `serve` is one request from top to bottom, `forward`
//! streams, `upgrade` takes over after a 101, `respond` makes our own answers.

pub mod body;
pub(crate) mod connection;
pub mod desync;
pub(crate) mod forward;
pub mod forwarded;
pub mod header;
pub mod host;
pub mod request_head;
pub(crate) mod respond;
pub mod response_head;
pub(crate) mod serve;
pub(crate) mod stream;
pub(crate) mod upgrade;

/// The versions of the protocol that are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
}
