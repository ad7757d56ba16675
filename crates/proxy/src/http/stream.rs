//! Reading and writing with a worker's shared buffers.
//!
//! Every worker has two large scratch buffers. Bytes are read into one, looked at and sent on before the task waits
//! again, so a connection that waits owns no buffer. What the peer does not take at once is copied to a spare buffer,
//! and nothing more is read until it is gone: that is the back-pressure, and the bound of memory.

use crate::worker::{ConnectionHandle, Worker};
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpStream,
};

/// The size of a scratch buffer: the largest read. Measured: 64 kB halves the throughput of large bodies, 512 kB gives
/// nothing more.
pub const SCRATCH: usize = 256 * 1024;
/// The largest read while many bytes of this worker wait for slow peers.
const SMALL_READ: usize = 16 * 1024;
/// Bytes waiting for slow peers, of one worker, from which on reads are small.
const MANY_WAITING: usize = 16 * 1024 * 1024;
/// Spare buffers that a worker keeps for the next request.
const SPARES: usize = 64;
/// The largest buffer worth keeping as a spare.
const LARGEST_SPARE: usize = 16 * 1024;

/// Buffers that all connections of one worker share.
#[derive(Debug)]
pub(crate) struct Buffers {
    /// What was read last.
    pub input: RefCell<Box<[u8]>>,
    /// What is to be written next.
    pub output: RefCell<Vec<u8>>,
    spares: RefCell<Vec<Vec<u8>>>,
    waiting: Cell<usize>,
}

impl Default for Buffers {
    fn default() -> Self {
        Self {
            input: RefCell::new(vec![0; SCRATCH].into_boxed_slice()),
            output: RefCell::new(Vec::with_capacity(SCRATCH)),
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

    /// How much may be read at once.
    #[inline]
    fn read_size(&self) -> usize {
        if self.waiting.get() < MANY_WAITING { SCRATCH } else { SMALL_READ }
    }
}

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

/// Reads once into the worker's input buffer, from position `at` on and at most `most` bytes; 0 is the end of the stream. One system call per
/// wake-up: after a short read the runtime knows that nothing is left, and asks no second time.
pub(crate) async fn read<R: AsyncRead + Unpin>(
    reader: &mut R,
    worker: &Worker,
    handle: &ConnectionHandle,
    at: usize,
    most: usize,
) -> Result<usize, Interruption> {
    poll_fn(|context| match poll_read(reader, worker, at, most, context) {
        Poll::Ready(Ok(n)) => Poll::Ready(Ok(n)),
        Poll::Ready(Err(error)) => Poll::Ready(Err(Interruption::Broken(error))),
        Poll::Pending => match interrupted(worker, handle, context) {
            Some(interruption) => Poll::Ready(Err(interruption)),
            None => Poll::Pending,
        },
    })
    .await
}

pub(crate) fn poll_read<R: AsyncRead + Unpin>(
    reader: &mut R,
    worker: &Worker,
    at: usize,
    most: usize,
    context: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    let mut input = worker.buffers.input.borrow_mut();
    let end = (at + most.min(worker.buffers.read_size())).min(SCRATCH);
    debug_assert!(end > at, "an empty buffer would read like the end of the stream");
    let mut buffer = ReadBuf::new(&mut input[at..end]);
    match Pin::new(reader).poll_read(context, &mut buffer) {
        Poll::Ready(Ok(())) => Poll::Ready(Ok(buffer.filled().len())),
        Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        Poll::Pending => Poll::Pending,
    }
}

/// Puts bytes that were kept back to the front of the input buffer, before those of the read that followed them.
#[inline]
pub(crate) fn restore(worker: &Worker, kept: &[u8]) {
    worker.buffers.input.borrow_mut()[..kept.len()].copy_from_slice(kept);
}

/// Writes what the socket takes at once.
#[inline]
pub(crate) fn write_now(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    match stream.try_write(bytes) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        result => result,
    }
}

/// The same with two pieces.
#[inline]
pub(crate) fn write_both_now(stream: &TcpStream, first: &[u8], second: &[u8]) -> io::Result<usize> {
    match stream.try_write_vectored(&[io::IoSlice::new(first), io::IoSlice::new(second)]) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        result => result,
    }
}

/// What a peer did not take at once: a buffer of its own until it did.
#[derive(Debug)]
pub(crate) struct Rest<'a> {
    worker: &'a Worker,
    bytes: Vec<u8>,
    written: usize,
}

impl<'a> Rest<'a> {
    /// Copies what remains of one or two pieces after `written` bytes of them; `None` when nothing does.
    #[inline]
    pub fn of(worker: &'a Worker, first: &[u8], second: &[u8], written: usize) -> Option<Self> {
        if written >= first.len() + second.len() {
            return None;
        }
        let mut bytes = worker.buffers.spare();
        bytes.extend_from_slice(&first[written.min(first.len())..]);
        bytes.extend_from_slice(&second[written.saturating_sub(first.len())..]);
        worker.buffers.waiting.set(worker.buffers.waiting.get() + bytes.len());
        Some(Self { worker, bytes, written: 0 })
    }

    /// Writes it as the peer takes it. The alarm is set anew by every byte taken.
    pub async fn write(
        mut self,
        stream: &TcpStream,
        handle: &ConnectionHandle,
        idle: std::time::Duration,
    ) -> Result<(), Interruption> {
        let worker = self.worker;
        poll_fn(|context| {
            loop {
                match stream.poll_write_ready(context) {
                    Poll::Ready(Ok(())) => match write_now(stream, &self.bytes[self.written..]) {
                        Ok(0) => {}
                        Ok(n) => {
                            self.written += n;
                            worker.wheel.set(&handle.alarm, idle);
                        }
                        Err(error) => return Poll::Ready(Err(Interruption::Broken(error))),
                    },
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(Interruption::Broken(error))),
                    Poll::Pending => {
                        return match interrupted(worker, handle, context) {
                            Some(interruption) => Poll::Ready(Err(interruption)),
                            None => Poll::Pending,
                        };
                    }
                }
                if self.written == self.bytes.len() {
                    return Poll::Ready(Ok(()));
                }
            }
        })
        .await
    }
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        let buffers = &self.worker.buffers;
        buffers.waiting.set(buffers.waiting.get() - self.bytes.len());
        buffers.give_back(std::mem::take(&mut self.bytes));
    }
}
