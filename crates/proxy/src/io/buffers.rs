//! The buffers of a worker.
//!
//! Every worker has large scratch buffers. Bytes are read into one, looked at and sent on before the task waits again, so a
//! connection that waits owns no buffer. What must be kept meanwhile goes to a spare buffer, of which some are kept for
//! the next one who needs one.

use super::outbox::Outbox;
use crate::{
    http2::Scratch,
    tls::{Outgoing, session},
};
use std::cell::{Cell, RefCell};

/// The size of a scratch buffer: the largest read. Measured: 64 kB halves the throughput of large bodies, 512 kB gives
/// nothing more.
pub const SCRATCH: usize = 256 * 1024;
/// What TLS needs beside that: room for a record in front, and for one of which the beginning came with an earlier read.
const TLS_ROOM: usize = session::HEADROOM + 20 * 1024;
/// The largest read while many bytes of this worker wait for slow peers.
const SMALL_READ: usize = 16 * 1024;
/// Bytes waiting for slow peers, of one worker, from which on reads are small.
const MANY_WAITING: usize = 16 * 1024 * 1024;
/// Spare buffers that a worker keeps for the next request.
const SPARES: usize = 256;
/// The largest buffer worth keeping as a spare.
const LARGEST_SPARE: usize = 16 * 1024;

/// Buffers that all connections of one worker share.
#[derive(Debug)]
pub(crate) struct Buffers {
    /// What was read last.
    pub input: RefCell<Box<[u8]>>,
    /// What is to be written next.
    pub output: RefCell<Vec<u8>>,
    /// Where heads of HTTP/2 are decoded.
    pub heads: RefCell<Scratch>,
    /// What TLS has made of it.
    pub sealed: RefCell<Outgoing>,
    /// What is sent at the end of the turn.
    pub outbox: Outbox,
    spares: RefCell<Vec<Vec<u8>>>,
    waiting: Cell<usize>,
}

impl Default for Buffers {
    fn default() -> Self {
        Self {
            input: RefCell::new(vec![0; SCRATCH + TLS_ROOM].into_boxed_slice()),
            output: RefCell::new(Vec::with_capacity(SCRATCH)),
            heads: RefCell::default(),
            sealed: RefCell::default(),
            outbox: Outbox::default(),
            spares: RefCell::default(),
            waiting: Cell::new(0),
        }
    }
}

impl Buffers {
    /// An empty buffer, used before if there is one.
    #[inline]
    pub fn spare(&self) -> Vec<u8> {
        self.spares.borrow_mut().pop().unwrap_or_default()
    }

    /// Gives a buffer back.
    #[inline]
    pub fn give_back(&self, mut buffer: Vec<u8>) {
        let mut spares = self.spares.borrow_mut();
        if buffer.capacity() > 0 && buffer.capacity() <= LARGEST_SPARE && spares.len() < SPARES {
            buffer.clear();
            spares.push(buffer);
        }
    }

    /// Puts bytes that were kept back to the front of the input buffer, before those of the read that followed them.
    #[inline]
    pub fn restore(&self, kept: &[u8]) {
        self.input.borrow_mut()[..kept.len()].copy_from_slice(kept);
    }

    /// How much may be read at once.
    #[inline]
    pub fn read_size(&self) -> usize {
        if self.waiting.get() < MANY_WAITING { SCRATCH } else { SMALL_READ }
    }

    /// Notes that so many bytes wait for a peer, or that so many fewer do.
    #[inline]
    pub fn waits(&self, more: usize, fewer: usize) {
        self.waiting.set(self.waiting.get() + more - fewer);
    }
}
