//! Idle connections to targets, kept by one worker: last in, first out, with a cap and an idle limit per target.
//!
//! Whether one is still alive is read from the runtime's readiness flag, which costs no system call: an idle
//! connection that became readable was closed by the target (or holds bytes nobody asked for) and is thrown away.

use crate::{target::TargetState, timer::Millis};
use std::{
    io,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::net::TcpStream;

/// The most idle connections that one worker keeps to one target.
pub const MAXIMUM_IDLE: usize = 256;
/// How long an idle connection is kept. Below the keep-alive time of common servers only where they say so; a target
/// that closes earlier is noticed by readiness or met by the retry.
pub const IDLE_LIMIT: Duration = Duration::from_secs(55);

/// All idle connections of one worker.
#[derive(Debug, Default)]
pub struct Pools {
    by_slot: Vec<Pool>,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Idle>,
    owner: Option<std::sync::Weak<TargetState>>,
}

#[derive(Debug)]
struct Idle {
    stream: TcpStream,
    since: Millis,
}

impl Pools {
    /// The connection to a target that was used last, if it is alive.
    #[inline]
    pub fn take(&mut self, target: &std::sync::Arc<TargetState>) -> Option<TcpStream> {
        let pool = self.by_slot.get_mut(target.slot())?;
        if !pool.belongs_to(target) {
            pool.idle.clear();
            return None;
        }
        while let Some(idle) = pool.idle.pop() {
            if is_quiet(&idle.stream) {
                return Some(idle.stream);
            }
        }
        None
    }

    /// Keeps a connection on which nothing is outstanding. Dropped instead: when the target is deregistering, or has
    /// as many as it may have.
    #[inline]
    pub fn put(&mut self, target: &std::sync::Arc<TargetState>, stream: TcpStream, now: Millis) {
        if target.is_draining() {
            return;
        }
        let slot = target.slot();
        if slot >= self.by_slot.len() {
            self.by_slot.resize_with(slot + 1, Pool::default);
        }
        let pool = &mut self.by_slot[slot];
        if !pool.belongs_to(target) {
            *pool = Pool { idle: Vec::new(), owner: Some(std::sync::Arc::downgrade(target)) };
        }
        if pool.idle.len() < MAXIMUM_IDLE {
            pool.idle.push(Idle { stream, since: now });
        }
    }

    /// Closes what was idle for too long, was closed by the target, or belongs to a target that drains or is gone.
    pub fn sweep(&mut self, now: Millis) {
        for pool in &mut self.by_slot {
            let wanted =
                pool.owner.as_ref().and_then(std::sync::Weak::upgrade).is_some_and(|target| !target.is_draining());
            if wanted {
                pool.idle.retain(|idle| now.since(idle.since) < IDLE_LIMIT && is_quiet(&idle.stream));
            } else {
                *pool = Pool::default();
            }
        }
    }

    /// How many connections are kept.
    pub fn len(&self) -> usize {
        self.by_slot.iter().map(|pool| pool.idle.len()).sum()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Pool {
    /// Slots are used again after a target is forgotten.
    #[inline]
    fn belongs_to(&self, target: &std::sync::Arc<TargetState>) -> bool {
        self.owner.as_ref().is_some_and(|owner| std::ptr::eq(owner.as_ptr(), std::sync::Arc::as_ptr(target)))
    }
}

/// Whether an idle connection shows no sign of an end. The readiness flag may be left over from the last read; then,
/// and only then, the socket itself is asked.
#[inline]
fn is_quiet(stream: &TcpStream) -> bool {
    match stream.poll_read_ready(&mut Context::from_waker(Waker::noop())) {
        Poll::Pending => true,
        Poll::Ready(Err(_)) => false,
        Poll::Ready(Ok(())) => is_quiet_on_asking(stream),
    }
}

/// The same, always asking the socket: before a request that must not be sent twice.
pub fn is_quiet_on_asking(stream: &TcpStream) -> bool {
    matches!(stream.try_read(&mut [0u8; 1]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}
