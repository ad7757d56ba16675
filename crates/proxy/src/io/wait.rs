//! Waiting for a peer, and what ends that.

use crate::worker::{ConnectionHandle, Worker};
use std::{io, task::Context};

/// Why waiting for a peer ended without what was waited for.
#[derive(Debug)]
pub(crate) enum Interruption {
    /// The alarm went off.
    TimedOut,
    /// The worker closes the connection, which was idle.
    Closing,
    /// The target's deregistration delay is over.
    Cut,
    /// The socket failed.
    Broken(io::Error),
}

/// Looks whether there is a reason to stop waiting; else makes sure that the task is woken for one.
#[inline]
pub(crate) fn interrupted(worker: &Worker, handle: &ConnectionHandle, context: &Context<'_>) -> Option<Interruption> {
    if handle.alarm.expired(worker.wheel.now()) {
        return Some(Interruption::TimedOut);
    }
    if handle.is_cut() {
        return Some(Interruption::Cut);
    }
    if handle.idle.get() && handle.is_closing() {
        return Some(Interruption::Closing);
    }
    handle.alarm.register(context.waker());
    None
}
