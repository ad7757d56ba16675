//! Idle connections to targets, kept by one worker: last in, first out, with a cap and an idle limit per target.
//!
//! Whether one is still alive is known without a system call: an idle connection that became readable was closed by the
//! target (or holds bytes nobody asked for) and is thrown away.

use super::{TargetState, connection::TargetConnection};
use crate::timer::Millis;
use std::{
    sync::{Arc, Weak},
    time::Duration,
};

/// The most idle connections that one worker keeps to one target.
pub const MAXIMUM_IDLE: usize = 256;
/// How long an idle connection is kept. Below the keep-alive time of common servers only where they say so; a target
/// that closes earlier is noticed by readiness or met by the retry.
pub const IDLE_LIMIT: Duration = Duration::from_secs(55);

/// All idle connections of one worker.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    by_slot: Vec<Pool>,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<TargetConnection>,
    owner: Option<Weak<TargetState>>,
}

impl Pools {
    /// The connection to a target that was used last, if it is alive; with TLS, one for this host.
    #[inline]
    pub fn take(&mut self, target: &Arc<TargetState>, server_name: Option<&str>) -> Option<TargetConnection> {
        let pool = self.by_slot.get_mut(target.slot())?;
        if !pool.belongs_to(target) {
            pool.idle.clear();
            return None;
        }
        while let Some(connection) = pool.pop(server_name) {
            if connection.stream.is_quiet() {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection on which nothing is outstanding. Dropped instead: when the target is deregistering, or has
    /// as many as it may have.
    #[inline]
    pub fn put(&mut self, target: &Arc<TargetState>, mut connection: TargetConnection, now: Millis) {
        if target.is_draining() {
            return;
        }
        let slot = target.slot();
        if slot >= self.by_slot.len() {
            self.by_slot.resize_with(slot + 1, Pool::default);
        }
        let pool = &mut self.by_slot[slot];
        if !pool.belongs_to(target) {
            *pool = Pool { idle: Vec::new(), owner: Some(Arc::downgrade(target)) };
        }
        if pool.idle.len() < MAXIMUM_IDLE {
            connection.rests(now);
            pool.idle.push(connection);
        }
    }

    /// Closes what was idle for too long, was closed by the target, or belongs to a target that drains or is gone.
    pub fn sweep(&mut self, now: Millis) {
        for pool in &mut self.by_slot {
            let wanted = pool.owner.as_ref().and_then(Weak::upgrade).is_some_and(|target| !target.is_draining());
            if wanted {
                pool.idle.retain(|idle| now.since(idle.idle_since()) < IDLE_LIMIT && idle.stream.is_quiet());
            } else {
                *pool = Pool::default();
            }
        }
    }
}

impl Pool {
    #[inline]
    fn pop(&mut self, server_name: Option<&str>) -> Option<TargetConnection> {
        let last = self.idle.pop_if(|connection| connection.is_for(server_name));
        if last.is_some() || server_name.is_none() {
            return last;
        }
        let position = self.idle.iter().rposition(|connection| connection.is_for(server_name))?;
        Some(self.idle.remove(position))
    }

    /// Slots are used again after a target is forgotten.
    #[inline]
    fn belongs_to(&self, target: &Arc<TargetState>) -> bool {
        self.owner.as_ref().is_some_and(|owner| std::ptr::eq(owner.as_ptr(), Arc::as_ptr(target)))
    }
}
