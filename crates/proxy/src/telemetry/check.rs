//! A check of a target's health, as the health check log will show it.
//!
//! Only checks that count for the target's health are noted, and only where the attributes of the load balancer that uses
//! the target's group ask for such logs. The checker never waits for the log: what does not fit its queue is dropped and
//! counted.

use super::delivery::place::LogPlace;
use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

/// Checks that may wait for the log: a second of the most that are under way at a time, twice.
const MAXIMUM_WAITING: usize = 4096;

/// What all checks of a target group have in common in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckLog {
    /// Where the log goes.
    pub place: Arc<LogPlace>,
    /// How targets are asked.
    pub kind: CheckKind,
    /// The group's name.
    pub target_group: Box<str>,
    /// The load balancer that uses it: `app/<name>/<id>`.
    pub load_balancer: Box<str>,
    /// The address of its node; of several the lowest.
    pub node: IpAddr,
}

/// Log field `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// HTTP/1 in clear text.
    Http,
    /// HTTP/1 over TLS.
    Https,
    /// HTTP/2.
    H2,
    /// gRPC.
    Grpc,
}

impl CheckKind {
    /// Its name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::H2 => "h2",
            Self::Grpc => "grpc",
        }
    }
}

/// Log field `reason_code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckFailure {
    /// No connection or no answer in time.
    TimedOut,
    /// Refused, reset, closed, or not an answer: AWS has one code for them.
    ConnectionReset,
    /// A status below 500 that the matcher does not accept.
    ResponseCodeMismatch,
    /// A status of 500 or more that the matcher does not accept.
    TargetError,
    /// A gRPC answer without a status.
    GrpcStatusHeaderEmpty,
    /// A gRPC status that the matcher does not accept.
    GrpcUnexpectedStatus,
}

impl CheckFailure {
    /// AWS's code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TimedOut => "TimedOut",
            Self::ConnectionReset => "ConnectionReset",
            Self::ResponseCodeMismatch => "ResponseCodeMismatch",
            Self::TargetError => "TargetError",
            Self::GrpcStatusHeaderEmpty => "GRPCStatusHeaderEmpty",
            Self::GrpcUnexpectedStatus => "GRPCUnexpectedStatus",
        }
    }
}

/// A check.
#[derive(Clone, Debug)]
pub struct CheckNote {
    /// What it has in common with others.
    pub log: Arc<CheckLog>,
    /// When it began, in microseconds since 1970.
    pub at: i64,
    /// How long it took.
    pub took: Duration,
    /// What was asked.
    pub target: SocketAddr,
    /// What it answered.
    pub status: Option<u16>,
    /// Why it failed; `None`: it passed.
    pub failure: Option<CheckFailure>,
}

/// Where the checker puts its notes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CheckNotes {
    sender: SyncSender<CheckNote>,
    dropped: Arc<AtomicU64>,
}

/// Where the log takes them from.
#[derive(Debug)]
pub struct CheckRecords {
    receiver: Receiver<CheckNote>,
    dropped: Arc<AtomicU64>,
}

/// A queue of bounded length.
pub fn channel() -> (CheckNotes, CheckRecords) {
    let (sender, receiver) = sync_channel(MAXIMUM_WAITING);
    let dropped = Arc::new(AtomicU64::new(0));
    (CheckNotes { sender, dropped: Arc::clone(&dropped) }, CheckRecords { receiver, dropped })
}

impl CheckNotes {
    /// Notes a check.
    pub fn add(&self, note: CheckNote) {
        if self.sender.try_send(note).is_err() {
            self.dropped.fetch_add(1, Relaxed);
        }
    }
}

impl CheckRecords {
    /// The next check, if there is one.
    pub fn take(&self) -> Option<CheckNote> {
        self.receiver.try_recv().ok()
    }

    /// How many were dropped so far because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }
}
