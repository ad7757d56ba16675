//! How a request fared on its way to a target: what is needed to say afterwards why it failed.

pub use model::elbv2::request_record::{Ended, Phase};
use std::time::Duration;

/// What is known of the last connection that a request was sent by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// How far it got.
    pub phase: Phase,
    /// Who ended it, and how.
    pub ended: Ended,
    /// Requests that the connection served before; 0: it was new.
    pub uses: u32,
    /// How old the connection was.
    pub age: Duration,
    /// How long it had been idle when the request was sent.
    pub idle: Duration,
    /// Bytes of the request that were sent by it.
    pub sent: u64,
    /// Bytes of the answer that came by it.
    pub received: u64,
    /// The limit that was exceeded, where there is one.
    pub limit: Duration,
}
