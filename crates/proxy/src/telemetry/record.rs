//! One request, as the access log will show it: filled along the way, handed over once at the end.
//!
//! A worker never waits for the log: when the queue is full, the record is dropped and counted. The reader should poll
//! ([`Records::take`] every 50 ms or so) rather than block, for a parked reader costs a worker a system call per record.

use model::Timestamp;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

/// The longest text of a record in bytes; longer ones are cut.
pub const MAXIMUM_TEXT: usize = 8 * 1024;

/// A finished request (or a tunnel that was closed, or a request that could not be read).
#[derive(Clone, Debug, PartialEq)]
pub struct RequestRecord {
    /// When the head of the request was there (log field `request_creation_time`).
    pub started_at: Timestamp,
    /// When the answer was complete (log field `time`).
    pub ended_at: Timestamp,
    /// Which kind of connection.
    pub kind: RequestKind,
    /// `app/<name>/<id>`.
    pub load_balancer: Arc<str>,
    /// The port of the listener in the API.
    pub listener_port: u16,
    /// Who asked.
    pub client: SocketAddr,
    /// The target that answered or was tried last.
    pub target: Option<SocketAddr>,
    /// The ARN of the target group, when the request got as far as that.
    pub target_group: Option<Arc<str>>,
    /// From then until the request was sent to a target; `None`: never sent.
    pub request_processing: Option<Duration>,
    /// From then until the first byte of the answer; `None`: no answer.
    pub target_processing: Option<Duration>,
    /// From then until the answer was sent; `None`: no answer.
    pub response_processing: Option<Duration>,
    /// What the client got (or 460: it went away).
    pub elb_status: u16,
    /// What the target answered.
    pub target_status: Option<u16>,
    /// Bytes received from the client, head included.
    pub received_bytes: u64,
    /// Bytes sent to the client, head included.
    pub sent_bytes: u64,
    /// The method; empty when the request could not be read.
    pub method: String,
    /// Host without a port, as used for routing; empty when unknown.
    pub host: String,
    /// Path and query; empty when unknown.
    pub path: String,
    /// `1.0` or `1.1`; empty when unknown.
    pub version: &'static str,
    /// `User-Agent`; empty when there was none.
    pub user_agent: String,
    /// The X-Amzn-Trace-Id that the target got; empty when it was not made.
    pub trace_id: String,
    /// The desync class (log field `classification`); `None`: compliant.
    pub classification: Option<&'static str>,
    /// Why that class (log field `classification_reason`).
    pub classification_reason: Option<&'static str>,
    /// Why the load balancer answered by itself, in our words; not a field of the ALB log, shown in JSON.
    pub error: Option<&'static str>,
}

/// Log field `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// HTTP/1.
    Http,
    /// A WebSocket (or another upgraded) connection.
    Ws,
}

/// Where workers put records.
#[derive(Clone, Debug)]
pub struct RecordSink {
    sender: SyncSender<RequestRecord>,
    dropped: Arc<AtomicU64>,
}

/// Where the log takes them from.
#[derive(Debug)]
pub struct Records {
    receiver: Receiver<RequestRecord>,
    dropped: Arc<AtomicU64>,
}

/// A queue of at most `capacity` records.
pub fn channel(capacity: usize) -> (RecordSink, Records) {
    let (sender, receiver) = sync_channel(capacity);
    let dropped = Arc::new(AtomicU64::new(0));
    (RecordSink { sender, dropped: Arc::clone(&dropped) }, Records { receiver, dropped })
}

impl RecordSink {
    /// Hands a record over, or drops and counts it when the queue is full or nobody reads it.
    pub fn push(&self, record: RequestRecord) {
        match self.sender.try_send(record) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.dropped.fetch_add(1, Relaxed);
            }
        }
    }
}

impl Records {
    /// The next record, if there is one.
    pub fn take(&self) -> Option<RequestRecord> {
        self.receiver.try_recv().ok()
    }

    /// How many records were dropped so far because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }
}
