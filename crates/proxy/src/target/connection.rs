//! A connection to a target, and what is remembered of it to explain a failure.

use crate::{io::stream::Stream, telemetry::cause::Cause, timer::Millis, worker::Worker};
use tokio::net::TcpStream;

/// A connection to a target.
#[derive(Debug)]
pub(crate) struct TargetConnection {
    pub stream: Stream,
    /// The host that its TLS handshake asked for, if it has TLS: it serves requests for that one only.
    server_name: Option<Box<str>>,
    opened: Millis,
    /// Since when nothing is outstanding on it.
    idle_since: Millis,
    uses: u32,
}

impl TargetConnection {
    /// A connection that was just made, for requests for this host if it is to have TLS.
    pub fn new(worker: &Worker, stream: TcpStream, server_name: Option<Box<str>>) -> Self {
        let now = worker.wheel.now();
        let stream = Stream::connected(&worker.buffers, stream);
        Self { stream, server_name, opened: now, idle_since: now, uses: 0 }
    }

    /// Whether requests for a host may be sent by it.
    #[inline]
    pub fn is_for(&self, server_name: Option<&str>) -> bool {
        self.server_name.as_deref() == server_name
    }

    /// The connection itself and the host that its TLS handshake asked for.
    pub fn into_parts(self) -> (Stream, Option<Box<str>>) {
        (self.stream, self.server_name)
    }

    /// Notes that a request was answered by it.
    pub fn rests(&mut self, now: Millis) {
        self.idle_since = now;
        self.stream.forget_reader();
        self.uses = self.uses.saturating_add(1);
    }

    /// Since when nothing is outstanding on it.
    pub fn idle_since(&self) -> Millis {
        self.idle_since
    }

    /// Says what the connection was when a request got it.
    pub fn describe(&self, now: Millis, cause: &mut Cause) {
        cause.uses = self.uses;
        cause.age = now.since(self.opened);
        cause.idle = now.since(self.idle_since);
    }
}
