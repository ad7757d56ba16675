//! A connection to a client or to a target: bytes in through the worker's input buffer, bytes out at once.
//!
//! With TLS the bytes pass through a session on their way, and nobody else notices.
//!
//! What the peer does not take is kept, and nothing more is sent until it is gone ([`super::line`]): whoever sends flushes before
//! it reads more. That is the back-pressure, and the bound of memory. Everything takes `&self`, because
//! a request's two directions share a connection in one task.

use super::{
    buffers::{Buffers, SCRATCH},
    line::Line,
    socket::Socket,
    wait::{Interruption, interrupted},
};
use crate::{
    tls::{Received, Session, TlsError},
    worker::{ConnectionHandle, Worker},
};
use std::{
    cell::{OnceCell, Ref, RefCell},
    future::poll_fn,
    io,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::net::TcpStream;

/// A connection.
#[derive(Debug)]
pub(crate) struct Stream {
    line: Rc<Line>,
    tls: OnceCell<Box<RefCell<Session>>>,
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
        Self { line: Line::new(buffers, socket), tls: OnceCell::new() }
    }

    fn buffers(&self) -> &Buffers {
        self.line.buffers()
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
        match self.tls.get() {
            None => {
                let mut input = self.buffers().input.borrow_mut();
                let end = (at + most.min(self.buffers().read_size())).min(SCRATCH);
                self.line.poll_read(&mut input[at..end], context)
            }
            Some(tls) => self.poll_read_tls(&mut tls.borrow_mut(), at, most, context),
        }
    }

    /// Reads until there is content, or the end of it.
    fn poll_read_tls(
        &self,
        session: &mut Session,
        at: usize,
        most: usize,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.poll_receive(session, at, most, context) {
                Poll::Ready(Ok(Some(Received { plaintext: 0, peer_closed: false, handshake_done: _ }))) => {}
                Poll::Ready(Ok(Some(Received { plaintext, .. }))) => return Poll::Ready(Ok(plaintext)),
                Poll::Ready(Ok(None)) => return Poll::Ready(session.end().map(|()| 0).map_err(io::Error::other)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Reads once and gives it to the session, whose content is then in the worker's input buffer from `at` on. What the
    /// session has to say is sent. `None`: the socket has ended.
    fn poll_receive(
        &self,
        session: &mut Session,
        at: usize,
        most: usize,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<Option<Received>>> {
        let mut input = self.buffers().input.borrow_mut();
        let begin = at + session.read_at();
        let end = (begin + most.min(self.buffers().read_size())).min(input.len());
        let n = match self.line.poll_read(&mut input[begin..end], context) {
            Poll::Ready(Ok(0)) => return Poll::Ready(Ok(None)),
            Poll::Ready(Ok(n)) => n,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => return Poll::Pending,
        };
        let mut sealed = self.buffers().sealed.borrow_mut();
        sealed.clear();
        let received = session.receive(&mut input[at..], n, &mut sealed);
        let sent = self.line.send(&sealed, false);
        Poll::Ready(received.map_err(io::Error::other).and_then(|received| sent.map(|()| Some(received))))
    }

    /// From now on everything is encrypted; `first` is what was to be sent for that.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn secure(&self, session: Session, first: &[u8]) -> io::Result<()> {
        self.line.send(first, false)?;
        // Nobody does so twice.
        let _first = self.tls.set(Box::new(RefCell::new(session)));
        Ok(())
    }

    /// Sends past the session: to a peer with whom there is none.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn send_in_clear(&self, bytes: &[u8]) -> io::Result<()> {
        self.line.send(bytes, true)
    }

    /// Forgets the session, which failed.
    pub fn forget_tls(&mut self) {
        self.tls.take();
    }

    /// The session, after [`Stream::secure`].
    pub fn session(&self) -> Option<Ref<'_, Session>> {
        self.tls.get().map(|tls| tls.borrow())
    }

    /// Goes through the TLS handshake; the alarm bounds it. Returns how much content stands at the front of the input
    /// buffer: some peers send it with their last message of the handshake.
    pub async fn handshake(&self, worker: &Worker, handle: &ConnectionHandle) -> Result<usize, HandshakeFault> {
        let Some(tls) = self.tls.get() else { return Ok(0) };
        loop {
            let received = poll_fn(|context| match self.poll_receive(&mut tls.borrow_mut(), 0, usize::MAX, context) {
                Poll::Ready(received) => Poll::Ready(received.map_err(Interruption::Broken)),
                Poll::Pending => match interrupted(worker, handle, context) {
                    Some(interruption) => Poll::Ready(Err(interruption)),
                    None => Poll::Pending,
                },
            })
            .await;
            let failure = |otherwise| match tls.borrow().end() {
                Err(error) if error != TlsError::Truncated => HandshakeFault::Tls(error),
                Ok(()) | Err(_) => otherwise,
            };
            match received {
                Ok(Some(received)) if !tls.borrow().is_handshaking() => return Ok(received.plaintext),
                Ok(Some(Received { peer_closed: false, .. })) => {
                    let idle = handle.alarm.deadline().since(worker.wheel.now());
                    self.flush(worker, handle, idle).await.map_err(HandshakeFault::Interrupted)?;
                }
                Ok(Some(_) | None) => return Err(failure(HandshakeFault::Tls(TlsError::Truncated))),
                Err(interruption) => return Err(failure(HandshakeFault::Interrupted(interruption))),
            }
        }
    }

    /// Gives the session what was read before it was there.
    pub fn feed(&self, bytes: &[u8]) -> Result<(), TlsError> {
        let Some(tls) = self.tls.get() else { return Ok(()) };
        let mut session = tls.borrow_mut();
        let begin = session.read_at();
        let mut input = self.buffers().input.borrow_mut();
        input[begin..begin + bytes.len()].copy_from_slice(bytes);
        let mut sealed = self.buffers().sealed.borrow_mut();
        sealed.clear();
        let received = session.receive(&mut input, bytes.len(), &mut sealed);
        // A peer that is gone is noticed by the next read.
        let _sent = self.line.send(&sealed, false);
        received.map(|_| ())
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
        match self.tls.get() {
            None => self.line.send(bytes, last),
            Some(tls) => self.send_sealed(&mut tls.borrow_mut(), &[bytes], last),
        }
    }

    fn send_sealed(&self, session: &mut Session, pieces: &[&[u8]], last: bool) -> io::Result<()> {
        let mut sealed = self.buffers().sealed.borrow_mut();
        sealed.clear();
        for piece in pieces {
            session.send(piece, &mut sealed).map_err(io::Error::other)?;
        }
        if last {
            session.close(&mut sealed);
        }
        self.line.send(&sealed, last)
    }

    /// Sends two pieces one behind the other without copying them together.
    ///
    /// # Errors
    /// The connection is broken.
    #[inline]
    pub fn send_both(&self, first: &[u8], second: &[u8]) -> io::Result<()> {
        if let Some(tls) = self.tls.get() {
            return self.send_sealed(&mut tls.borrow_mut(), &[first, second], false);
        }
        self.line.send_both(first, second)
    }

    /// Whether something waits for [`Stream::flush`].
    #[inline]
    pub fn has_unsent(&self) -> bool {
        self.line.has_unsent()
    }

    /// Sends at once what would wait for the end of the turn.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn push(&self) -> io::Result<()> {
        self.line.send_queued()
    }

    /// Waits until the peer took everything. The alarm is set anew by every byte taken.
    pub async fn flush(&self, worker: &Worker, handle: &ConnectionHandle, idle: Duration) -> Result<(), Interruption> {
        if !self.has_unsent() {
            return Ok(());
        }
        poll_fn(|context| self.poll_flush(worker, handle, idle, context)).await
    }

    /// Sends everything, what waits for the end of the turn included, and waits until the peer took it: before the end of sending, as
    /// nothing can be sent after that.
    pub async fn settle(&self, worker: &Worker, handle: &ConnectionHandle, idle: Duration) -> Result<(), Interruption> {
        self.push().map_err(Interruption::Broken)?;
        self.flush(worker, handle, idle).await
    }

    /// [`Stream::flush`] for who waits for other things too.
    pub fn poll_flush(
        &self,
        worker: &Worker,
        handle: &ConnectionHandle,
        idle: Duration,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Interruption>> {
        while self.has_unsent() {
            match self.line.poll_send_unsent(context) {
                Poll::Ready(Ok(0)) => {}
                Poll::Ready(Ok(_)) => worker.wheel.set(&handle.alarm, idle),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(Interruption::Broken(error))),
                Poll::Pending => {
                    return match interrupted(worker, handle, context) {
                        Some(interruption) => Poll::Ready(Err(interruption)),
                        None => Poll::Pending,
                    };
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Sends on what is kept, as far as the peer takes it; how much that was. Pending when it takes nothing.
    pub fn poll_send_unsent(&self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.line.poll_send_unsent(context)
    }

    /// Whether it can carry another request: nothing came and nothing ended, as far as is known without asking.
    #[inline]
    pub fn is_quiet(&self) -> bool {
        self.line.socket.borrow().is_quiet() || self.is_quiet_but_for_tls()
    }

    /// The same, asking the kernel.
    pub fn is_quiet_on_asking(&self) -> bool {
        self.line.socket.borrow().is_quiet_on_asking() || self.is_quiet_but_for_tls()
    }

    /// Whether what came was of concern to TLS only: a ticket for another session, a change of keys.
    fn is_quiet_but_for_tls(&self) -> bool {
        let Some(tls) = self.tls.get() else { return false };
        let mut session = tls.borrow_mut();
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match self.poll_receive(&mut session, 0, SCRATCH, &mut context) {
                Poll::Ready(Ok(Some(Received { plaintext: 0, peer_closed: false, .. }))) => {}
                Poll::Ready(_) => return false,
                Poll::Pending => return true,
            }
        }
    }

    /// Nobody waits for it any more.
    pub fn forget_reader(&self) {
        self.line.forget_reader();
    }

    /// Whether the connection was reset.
    pub fn is_reset(&self) -> bool {
        self.line.socket.borrow().is_reset()
    }

    /// Says that nothing more will be sent.
    ///
    /// # Errors
    /// The connection is gone.
    pub fn end_sending(&self) -> io::Result<()> {
        self.say_goodbye();
        self.line.socket.borrow().end_sending()
    }

    /// Tells the peer that the end, which follows at once, is meant (TLS only). Whether it hears that does not matter.
    pub fn say_goodbye(&self) {
        // A peer that is gone misses both.
        let _sent = self.line.send_queued();
        if let Some(tls) = self.tls.get()
            && !self.has_unsent()
        {
            let mut sealed = self.buffers().sealed.borrow_mut();
            sealed.clear();
            tls.borrow_mut().close(&mut sealed);
            let _heard = self.line.socket.borrow().send(&sealed, true);
        }
    }

    /// Makes its end a reset, so that the peer cannot take what it got for the whole.
    pub fn abort(&self) {
        // What was said before comes before the reset.
        let _sent = self.line.send_queued();
        self.line.socket.borrow().reset_on_close();
    }
}

/// Why a TLS handshake did not come to its end.
#[derive(Debug)]
pub(crate) enum HandshakeFault {
    /// TLS itself.
    Tls(TlsError),
    /// Something else ended the wait.
    Interrupted(Interruption),
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.line.close();
    }
}
