//! What the system tells a node.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that a node reacts to. SIGHUP is caught and ignored: the terminal of the start may go away.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    user1: Signal,
}

/// What a signal asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// To end: SIGTERM, SIGINT.
    End,
    /// To open the log files again: SIGUSR1.
    ReopenLogs,
}

impl Signals {
    /// Catches them from now on.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            user1: signal(SignalKind::user_defined1())?,
        })
    }

    /// The next one that asks for something.
    pub async fn next(&mut self) -> Order {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Order::End,
                _ = self.interrupt.recv() => return Order::End,
                _ = self.user1.recv() => return Order::ReopenLogs,
                _ = self.hang_up.recv() => {}
            }
        }
    }

    /// The next SIGTERM or SIGINT.
    pub async fn end(&mut self) {
        while self.next().await != Order::End {}
    }
}
