//! HTTP/1.1 in the data plane.
//!
//! The codec knows no socket: [`request_head`], [`response_head`] and [`body`] turn bytes into facts and facts into
//! bytes. A head is never passed on as it came; it is written anew from what was understood, so that what we judged is
//! what the target reads. `handshake` opens a client's TLS, `connection` frames requests, `prepare` decides what becomes of one, `serve` does it, `forward`
//! chooses targets,
//! `attempt` tries one, `exchange` streams with it, `outage` waits for one, `upgrade` takes over after a 101, `own_answer` is what we say
//! ourselves. `client` is what all of them know of the client.

pub(crate) mod attempt;
pub mod body;
pub(crate) mod client;
pub(crate) mod connection;
pub mod desync;
pub(crate) mod exchange;
pub(crate) mod forward;
pub mod forwarded;
pub(crate) mod handshake;
pub mod header;
pub mod host;
pub(crate) mod outage;
pub mod own_answer;
pub(crate) mod prepare;
pub(crate) mod request;
pub mod request_head;
pub mod response_head;
pub(crate) mod serve;
pub mod status;
pub(crate) mod upgrade;

/// The versions of the protocol that are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
}
