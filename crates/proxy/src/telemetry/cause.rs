//! How a request fared on its way to a target: what is needed to say afterwards why it failed.

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

/// How far a request got with a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It was not sent to one.
    #[default]
    NotSent,
    /// The connection was being made.
    Connecting,
    /// The TLS handshake was going on.
    Handshake,
    /// It was being sent.
    Sending,
    /// It was sent, and nothing of an answer had come.
    Waiting,
    /// The head of the answer was coming.
    Head,
    /// The body of the answer was coming.
    Body,
    /// The answer was complete.
    Done,
}

/// How a connection to a target ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ended {
    /// It did not.
    #[default]
    No,
    /// The target closed it (FIN).
    Closed,
    /// It was reset (RST), or is unreachable.
    Reset,
    /// The target refused it.
    Refused,
    /// A limit of time was exceeded; [`Cause::limit`] says which.
    TimedOut,
    /// What came could not be understood, or was too much.
    Misunderstood,
    /// The target's deregistration delay was over.
    Deregistered,
    /// The client went away.
    ByClient,
}

impl Phase {
    /// For logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotSent => "not-sent",
            Self::Connecting => "connecting",
            Self::Handshake => "tls-handshake",
            Self::Sending => "sending",
            Self::Waiting => "waiting-for-answer",
            Self::Head => "answer-head",
            Self::Body => "answer-body",
            Self::Done => "done",
        }
    }
}

impl Ended {
    /// For logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "open",
            Self::Closed => "target-closed",
            Self::Reset => "target-reset",
            Self::Refused => "target-refused",
            Self::TimedOut => "timed-out",
            Self::Misunderstood => "misunderstood",
            Self::Deregistered => "deregistered",
            Self::ByClient => "client-gone",
        }
    }
}
