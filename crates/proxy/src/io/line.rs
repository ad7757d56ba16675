//! A socket, and what is to be sent by it.
//!
//! What is short is sent at the end of the worker's turn ([`super::outbox`]). The rest is sent at once, as far as the peer takes it.
//! What the peer does not take is kept here, in a spare buffer, and nothing more is sent until it is gone.

use super::{buffers::Buffers, socket::Socket};
use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// The most bytes that wait for the end of a turn.
const SHORT: usize = 16 * 1024;

/// A socket, shared by its stream with the outbox.
#[derive(Debug)]
pub(crate) struct Line {
    pub socket: RefCell<Socket>,
    buffers: Rc<Buffers>,
    unsent: RefCell<Unsent>,
    /// Whether what is unsent waits for the end of the turn, rather than for the peer.
    queued: Cell<bool>,
    /// Why it could not be sent then.
    failure: Cell<Option<io::ErrorKind>>,
    /// Who waits for something to read: it is told what became of a turn's end, if that was not all well.
    reader: RefCell<Option<Waker>>,
}

/// What was not sent yet.
#[derive(Debug, Default)]
struct Unsent {
    bytes: Vec<u8>,
    sent: usize,
}

impl Unsent {
    fn length(&self) -> usize {
        self.bytes.len() - self.sent
    }
}

impl Line {
    pub fn new(buffers: &Rc<Buffers>, socket: Socket) -> Rc<Self> {
        Rc::new(Self {
            socket: RefCell::new(socket),
            buffers: Rc::clone(buffers),
            unsent: RefCell::default(),
            queued: Cell::new(false),
            failure: Cell::new(None),
            reader: RefCell::new(None),
        })
    }

    pub fn buffers(&self) -> &Rc<Buffers> {
        &self.buffers
    }

    /// Reads once; 0 is the end. What the peer did not take is sent on before that.
    #[inline]
    pub fn poll_read(&self, room: &mut [u8], context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Err(failure.into()));
        }
        if self.has_unsent()
            && let Poll::Ready(Err(error)) = self.poll_send_unsent(context)
        {
            return Poll::Ready(Err(error));
        }
        let polled = self.socket.borrow_mut().poll_read(room, context);
        if polled.is_pending() {
            self.remember(context.waker());
        }
        polled
    }

    #[inline]
    fn remember(&self, waker: &Waker) {
        let mut reader = self.reader.borrow_mut();
        match &mut *reader {
            Some(known) => known.clone_from(waker),
            None => *reader = Some(waker.clone()),
        }
    }

    /// Nobody waits for it any more.
    pub fn forget_reader(&self) {
        self.reader.take();
    }

    /// Sends bytes: at the end of the turn if they are short and not the `last` ones. The end of the connection travels with the
    /// last ones.
    ///
    /// # Errors
    /// The connection is broken.
    #[inline]
    pub fn send(self: &Rc<Self>, bytes: &[u8], last: bool) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let waiting = self.unsent.borrow().length();
        let may_wait = !last && waiting + bytes.len() <= SHORT;
        if self.queued.get() && !may_wait {
            self.send_queued()?;
        } else if self.queued.get() || (waiting == 0 && may_wait) {
            self.keep(bytes);
            if !self.queued.replace(true) {
                self.buffers.outbox.add(self);
            }
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

    /// Sends two pieces one behind the other, at once, without copying them together.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn send_both(&self, first: &[u8], second: &[u8]) -> io::Result<()> {
        self.send_queued()?;
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

    /// Whether the peer did not take everything.
    #[inline]
    pub fn has_unsent(&self) -> bool {
        !self.queued.get() && self.unsent.borrow().length() > 0
    }

    #[inline]
    fn keep(&self, bytes: &[u8]) {
        let mut unsent = self.unsent.borrow_mut();
        if unsent.bytes.capacity() == 0 {
            unsent.bytes = self.buffers.spare();
        }
        unsent.bytes.extend_from_slice(bytes);
        self.buffers.waits(bytes.len(), 0);
    }

    /// Sends on what the peer did not take, as far as it does now; how much that was. Pending when it takes nothing.
    pub fn poll_send_unsent(&self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut sent = 0;
        while self.has_unsent() {
            match self.socket.borrow_mut().poll_writable(context) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending if sent > 0 => break,
                Poll::Pending => return Poll::Pending,
            }
            sent += self.send_unsent()?;
        }
        Poll::Ready(Ok(sent))
    }

    /// Sends now what waits for the end of the turn.
    ///
    /// # Errors
    /// The connection is broken.
    #[inline]
    pub fn send_queued(&self) -> io::Result<()> {
        if self.queued.replace(false) {
            self.send_unsent()?;
        }
        Ok(())
    }

    /// The end of the turn. Whoever reads next meets what failed.
    pub fn end_turn(&self) {
        let sent = self.send_queued();
        if sent.is_ok() && !self.has_unsent() {
            return;
        }
        if let Err(error) = sent {
            self.clear();
            self.failure.set(Some(error.kind()));
        }
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    fn send_unsent(&self) -> io::Result<usize> {
        let mut unsent = self.unsent.borrow_mut();
        let sent = self.socket.borrow().send(&unsent.bytes[unsent.sent..], false)?;
        unsent.sent += sent;
        if unsent.length() == 0 {
            drop(unsent);
            self.clear();
        }
        Ok(sent)
    }

    /// Gives up what is unsent.
    fn clear(&self) {
        let Unsent { bytes, sent: _ } = self.unsent.take();
        self.buffers.waits(0, bytes.len());
        self.buffers.give_back(bytes);
    }

    /// Nobody has anything to do with it any more.
    pub fn close(&self) {
        // A peer that is gone misses it.
        let _missed = self.send_queued();
        self.clear();
        self.forget_reader();
    }
}
