//! A connection to a client or to a target: bytes in through the worker's input buffer, bytes out at once.
//!
//! What the peer does not take at once is kept here, in a spare buffer, and nothing more is sent until it is gone: whoever
//! sends flushes before it reads more. That is the back-pressure, and the bound of memory. Everything takes `&self`, because
//! a request's two directions share a connection in one task.

use super::{
    buffers::{Buffers, SCRATCH},
    socket::Socket,
    wait::{Interruption, interrupted},
};
use crate::worker::{ConnectionHandle, Worker};
use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    net::SocketAddr,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::net::TcpStream;

/// A connection.
#[derive(Debug)]
pub(crate) struct Stream {
    buffers: Rc<Buffers>,
    socket: RefCell<Socket>,
    unsent: RefCell<Unsent>,
}

/// What the peer did not take yet.
#[derive(Debug, Default)]
struct Unsent {
    bytes: Vec<u8>,
    sent: usize,
}

impl Stream {
    /// A connection that was accepted a moment ago.
    pub fn accepted(buffers: &Rc<Buffers>, stream: std::net::TcpStream) -> Self {
        Self::new(buffers, Socket::Fresh(stream))
    }

    /// A connection that was made.
    pub fn connected(buffers: &Rc<Buffers>, stream: TcpStream) -> Self {
        Self::new(buffers, Socket::Watched(stream))
    }

    fn new(buffers: &Rc<Buffers>, socket: Socket) -> Self {
        Self { buffers: Rc::clone(buffers), socket: RefCell::new(socket), unsent: RefCell::default() }
    }

    /// Reads once into the worker's input buffer, from position `at` on and at most `most` bytes; 0 is the end.
    pub async fn read(
        &self,
        worker: &Worker,
        handle: &ConnectionHandle,
        at: usize,
        most: usize,
    ) -> Result<usize, Interruption> {
        poll_fn(|context| match self.poll_read(at, most, context) {
            Poll::Ready(Ok(n)) => Poll::Ready(Ok(n)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(Interruption::Broken(error))),
            Poll::Pending => match interrupted(worker, handle, context) {
                Some(interruption) => Poll::Ready(Err(interruption)),
                None => Poll::Pending,
            },
        })
        .await
    }

    /// The same for who waits for other things too.
    #[inline]
    pub fn poll_read(&self, at: usize, most: usize, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut input = self.buffers.input.borrow_mut();
        let end = (at + most.min(self.buffers.read_size())).min(SCRATCH);
        self.socket.borrow_mut().poll_read(&mut input[at..end], context)
    }

    /// Sends bytes; what the peer does not take now is kept for [`Stream::flush`].
    ///
    /// # Errors
    /// The connection is broken.
    #[inline]
    pub fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.send_or_keep(bytes, false)
    }

    /// The same for the last bytes of a connection: its end travels with them.
    ///
    /// # Errors
    /// The connection is broken.
    #[inline]
    pub fn send_last(&self, bytes: &[u8]) -> io::Result<()> {
        self.send_or_keep(bytes, true)
    }

    #[inline]
    fn send_or_keep(&self, bytes: &[u8], last: bool) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if self.has_unsent() {
            self.keep(bytes);
            return Ok(());
        }
        let sent = self.socket.borrow().send(bytes, last)?;
        if sent < bytes.len() {
            self.keep(&bytes[sent..]);
        }
        Ok(())
    }

    /// Sends two pieces one behind the other without copying them together.
    ///
    /// # Errors
    /// The connection is broken.
    #[inline]
    pub fn send_both(&self, first: &[u8], second: &[u8]) -> io::Result<()> {
        if self.has_unsent() {
            self.keep(first);
            self.keep(second);
            return Ok(());
        }
        let sent = self.socket.borrow().send_both(first, second)?;
        if sent < first.len() {
            self.keep(&first[sent..]);
        }
        if sent < first.len() + second.len() {
            self.keep(&second[sent.saturating_sub(first.len())..]);
        }
        Ok(())
    }

    /// Whether something waits for [`Stream::flush`].
    #[inline]
    pub fn has_unsent(&self) -> bool {
        let unsent = self.unsent.borrow();
        unsent.sent < unsent.bytes.len()
    }

    #[cold]
    fn keep(&self, bytes: &[u8]) {
        let mut unsent = self.unsent.borrow_mut();
        if unsent.bytes.capacity() == 0 {
            unsent.bytes = self.buffers.spare();
        }
        unsent.bytes.extend_from_slice(bytes);
        self.buffers.waits(bytes.len(), 0);
    }

    /// Waits until the peer took everything. The alarm is set anew by every byte taken.
    pub async fn flush(&self, worker: &Worker, handle: &ConnectionHandle, idle: Duration) -> Result<(), Interruption> {
        if !self.has_unsent() {
            return Ok(());
        }
        poll_fn(|context| self.poll_flush(worker, handle, idle, context)).await
    }

    /// The same for who waits for other things too.
    pub fn poll_flush(
        &self,
        worker: &Worker,
        handle: &ConnectionHandle,
        idle: Duration,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Interruption>> {
        while self.has_unsent() {
            match self.socket.borrow_mut().poll_writable(context) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(Interruption::Broken(error))),
                Poll::Pending => {
                    return match interrupted(worker, handle, context) {
                        Some(interruption) => Poll::Ready(Err(interruption)),
                        None => Poll::Pending,
                    };
                }
            }
            match self.send_unsent() {
                Ok(0) => {}
                Ok(_) => worker.wheel.set(&handle.alarm, idle),
                Err(error) => return Poll::Ready(Err(Interruption::Broken(error))),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn send_unsent(&self) -> io::Result<usize> {
        let mut unsent = self.unsent.borrow_mut();
        let sent = self.socket.borrow().send(&unsent.bytes[unsent.sent..], false)?;
        unsent.sent += sent;
        if unsent.sent == unsent.bytes.len() {
            self.buffers.waits(0, unsent.bytes.len());
            let Unsent { bytes, sent: _ } = std::mem::take(&mut *unsent);
            self.buffers.give_back(bytes);
        }
        Ok(sent)
    }

    /// Whether it can carry another request: nothing came and nothing ended, as far as is known without asking.
    #[inline]
    pub fn is_quiet(&self) -> bool {
        self.socket.borrow().is_quiet()
    }

    /// The same, asking the kernel.
    pub fn is_quiet_on_asking(&self) -> bool {
        self.socket.borrow().is_quiet_on_asking()
    }

    /// Whether the connection was reset.
    pub fn is_reset(&self) -> bool {
        self.socket.borrow().is_reset()
    }

    /// Our own address.
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.socket.borrow().local_address()
    }

    /// Says that nothing more will be sent.
    ///
    /// # Errors
    /// The connection is gone.
    pub fn end_sending(&self) -> io::Result<()> {
        self.socket.borrow().end_sending()
    }

    /// Makes its end a reset, so that the peer cannot take what it got for the whole.
    pub fn abort(&self) {
        self.socket.borrow().reset_on_close();
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let Unsent { bytes, sent: _ } = std::mem::take(self.unsent.get_mut());
        self.buffers.waits(0, bytes.len());
        self.buffers.give_back(bytes);
    }
}
