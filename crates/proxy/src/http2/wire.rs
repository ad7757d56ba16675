//! A connection that speaks HTTP/2, of either role: the engine with its socket and the mailboxes of its streams.
//!
//! One task owns the connection and polls [`Wire::poll`]; the tasks of its streams put into the engine what they send and wake
//! that one ([`Wire::touch`]), which writes for all of them at once.

use super::{
    Engine, Event, StreamId,
    engine::StreamGone,
    error::{ConnectionError, ErrorCode},
    mailbox::Mailbox,
};
use crate::{
    io::{buffers::SCRATCH, stream::Stream},
    timer::Millis,
    worker::{ConnectionHandle, Worker},
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

/// Reads of one turn, after which others have theirs.
const READS_PER_TURN: u32 = 4;

/// A connection.
#[derive(Debug)]
pub(crate) struct Wire {
    pub worker: Rc<Worker>,
    pub stream: Stream,
    pub engine: RefCell<Engine>,
    /// By the streams' slots.
    mailboxes: RefCell<Vec<Option<Rc<Mailbox>>>>,
    /// The beginning of a frame.
    unread: RefCell<Vec<u8>>,
    waker: RefCell<Option<Waker>>,
    /// Since when the peer takes nothing of what was written to it.
    stuck_since: Cell<Option<Millis>>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As announced, with nothing left to do; or the peer closed it.
    Done,
    /// The peer broke the rules and was told so.
    Failed(ConnectionError),
    /// The socket failed, or the peer takes nothing any more.
    Broken,
}

impl Wire {
    /// A connection; `early`: what came before it was known what it speaks.
    pub fn new(worker: &Rc<Worker>, stream: Stream, engine: Engine, early: Vec<u8>) -> Self {
        Self {
            worker: Rc::clone(worker),
            stream,
            engine: RefCell::new(engine),
            mailboxes: RefCell::default(),
            unread: RefCell::new(early),
            waker: RefCell::default(),
            stuck_since: Cell::new(None),
        }
    }

    /// Reads what came by then: what the handshake brought.
    pub fn begin(&self, on_head: &mut dyn FnMut(StreamId, &[u8], bool)) -> Result<(), ConnectionError> {
        let early = self.unread.take();
        if early.is_empty() {
            return Ok(());
        }
        self.worker.buffers.restore(&early);
        self.take(early.len(), on_head).inspect_err(|_| self.say_last())
    }

    /// Writes what the peer is told before the end, as far as the socket takes it: the peer may be gone.
    fn say_last(&self) {
        let mut engine = self.engine.borrow_mut();
        let pending = engine.pending().len();
        let _told = self.stream.send(engine.pending());
        engine.written(pending);
    }

    /// Lets the connection's task look what is to be done.
    pub fn touch(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// A stream that began.
    pub fn open(&self, id: StreamId, handle: Rc<ConnectionHandle>, ended: bool) -> Rc<Mailbox> {
        let mailbox = Rc::new(Mailbox::new(id, handle, ended));
        let mut mailboxes = self.mailboxes.borrow_mut();
        if id.slot() >= mailboxes.len() {
            mailboxes.resize(id.slot() + 1, None);
        }
        mailboxes[id.slot()] = Some(Rc::clone(&mailbox));
        mailbox
    }

    /// Nobody serves a stream any more. What the peer still sends by it is thrown away.
    pub fn close(&self, mailbox: &Mailbox, code: ErrorCode) {
        let mut mailboxes = self.mailboxes.borrow_mut();
        if let Some(slot) = mailboxes.get_mut(mailbox.id.slot())
            && slot.as_ref().is_some_and(|held| held.id == mailbox.id)
        {
            *slot = None;
        }
        self.engine.borrow_mut().reset(mailbox.id, code);
        self.touch();
    }

    /// Sends content on a stream.
    pub fn send(&self, mailbox: &Mailbox, bytes: &[u8], end: bool) -> Result<(), StreamGone> {
        let sent = mailbox.send(&mut self.engine.borrow_mut(), bytes, end, self.worker.wheel.now());
        self.touch();
        sent
    }

    /// Takes content to the front of the worker's input buffer, and lets the peer send as much again.
    pub fn take_content(&self, mailbox: &Mailbox, from: usize, most: usize) -> usize {
        let mut input = self.worker.buffers.input.borrow_mut();
        let end = (from + most).min(SCRATCH);
        let n = mailbox.take_content(&mut input[from..end]);
        if n > 0 {
            self.engine.borrow_mut().release(mailbox.id, n);
            self.touch();
        }
        n
    }

    /// How much content a stream takes now; at least a little, which is then kept.
    pub fn appetite(&self, mailbox: &Mailbox) -> usize {
        const LEAST: usize = 16 * 1024;
        let mut engine = self.engine.borrow_mut();
        let room = engine.room(mailbox.id, self.worker.wheel.now());
        room.unwrap_or_else(|_| engine.room_behind_head(mailbox.id)).clamp(LEAST, SCRATCH)
    }

    /// Writes and reads what can be. Heads are handed to `on_head`; all else goes to the mailboxes. `patience`: how long the
    /// peer may take nothing.
    pub fn poll(
        &self,
        patience: Duration,
        context: &mut Context<'_>,
        on_head: &mut dyn FnMut(StreamId, &[u8], bool),
    ) -> Poll<End> {
        self.remember(context.waker());
        for _ in 0..READS_PER_TURN {
            if let Poll::Ready(Err(_)) = self.poll_write(patience, context) {
                return Poll::Ready(End::Broken);
            }
            let (drained, wants_input) = {
                let engine = self.engine.borrow();
                (engine.is_drained() && engine.pending().is_empty(), engine.wants_input())
            };
            if drained && self.stream.push().is_err() {
                return Poll::Ready(End::Broken);
            }
            if drained && !self.stream.has_unsent() {
                return Poll::Ready(End::Done);
            }
            if !wants_input {
                return Poll::Pending;
            }
            let kept = self.unread.borrow().len();
            match ready!(self.stream.poll_read(kept, SCRATCH, context)) {
                Ok(0) => return Poll::Ready(End::Done),
                Err(_) => return Poll::Ready(End::Broken),
                Ok(n) => {
                    let unread = self.unread.take();
                    self.worker.buffers.restore(&unread);
                    self.worker.buffers.give_back(unread);
                    if let Err(error) = self.take(kept + n, on_head) {
                        self.say_last();
                        return Poll::Ready(End::Failed(error));
                    }
                }
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn remember(&self, waker: &Waker) {
        let mut known = self.waker.borrow_mut();
        match &*known {
            Some(known) if known.will_wake(waker) => {}
            Some(_) | None => *known = Some(waker.clone()),
        }
    }

    /// Writes what is pending as far as the socket takes it, and lets streams go on that waited for room.
    fn poll_write(&self, patience: Duration, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        loop {
            self.pump();
            if self.stream.has_unsent() {
                match self.stream.poll_send_unsent(context) {
                    Poll::Ready(Ok(_)) => self.stuck_since.set(None),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => return self.stuck(patience),
                }
            }
            let mut engine = self.engine.borrow_mut();
            let pending = engine.pending().len();
            if pending == 0 {
                if let Some(buffer) = engine.reclaim_output() {
                    self.worker.buffers.give_back(buffer);
                }
                return Poll::Ready(Ok(()));
            }
            self.stream.send(engine.pending())?;
            engine.written(pending);
        }
    }

    /// The peer takes nothing now.
    fn stuck(&self, patience: Duration) -> Poll<std::io::Result<()>> {
        let now = self.worker.wheel.now();
        let since = self.stuck_since.get().unwrap_or(now);
        self.stuck_since.set(Some(since));
        if now.since(since) >= patience {
            return Poll::Ready(Err(std::io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }

    fn pump(&self) {
        let now = self.worker.wheel.now();
        let mut engine = self.engine.borrow_mut();
        while let Some(id) = engine.next_writable() {
            if let Some(mailbox) = self.mailbox(id) {
                mailbox.send_rest(&mut engine, now);
            }
        }
    }

    fn mailbox(&self, id: StreamId) -> Option<Rc<Mailbox>> {
        let mailboxes = self.mailboxes.borrow();
        mailboxes.get(id.slot())?.as_ref().filter(|mailbox| mailbox.id == id).cloned()
    }

    /// Acts on the first `total` bytes of the input buffer.
    fn take(&self, total: usize, on_head: &mut dyn FnMut(StreamId, &[u8], bool)) -> Result<(), ConnectionError> {
        let now = self.worker.wheel.now();
        let input = self.worker.buffers.input.borrow();
        let mut scratch = self.worker.buffers.heads.borrow_mut();
        let mut at = 0;
        loop {
            let received = self.engine.borrow_mut().receive(now, &input[at..total], &mut scratch)?;
            at += received.used;
            match received.event {
                Some(event) => self.act(event, on_head),
                None => break,
            }
        }
        if at < total {
            let mut rest = self.worker.buffers.spare();
            rest.extend_from_slice(&input[at..total]);
            self.unread.replace(rest);
        }
        Ok(())
    }

    fn act(&self, event: Event<'_>, on_head: &mut dyn FnMut(StreamId, &[u8], bool)) {
        match event {
            Event::Head { stream, head, end } => on_head(stream, head, end),
            Event::Data { stream, bytes, end } => match self.mailbox(stream) {
                Some(mailbox) => mailbox.put_content(bytes, end),
                // Nobody wants it any more.
                None => self.engine.borrow_mut().release(stream, bytes.len()),
            },
            Event::Trailers { stream, lines } => {
                if let Some(mailbox) = self.mailbox(stream) {
                    mailbox.put_trailers(lines);
                }
            }
            Event::Reset { stream, code, cause: _ } => self.reset(stream, code),
            Event::Refused { .. } | Event::GoAway { .. } | Event::Settings | Event::Pong { .. } => {}
        }
    }

    fn reset(&self, id: StreamId, code: ErrorCode) {
        if let Some(mailbox) = self.mailbox(id) {
            self.mailboxes.borrow_mut()[id.slot()] = None;
            mailbox.put_reset(code);
        }
    }

    /// Hands the head of an answer to its stream.
    pub fn deliver_head(&self, id: StreamId, head: &[u8], end: bool) {
        if let Some(mailbox) = self.mailbox(id) {
            mailbox.put_head(head, end);
        }
    }

    /// Looks at the clock: streams whose content waited too long are reset.
    pub fn expire(&self, now: Millis) -> Result<(), ConnectionError> {
        loop {
            let expired = self.engine.borrow_mut().expire(now);
            match expired {
                Ok(Some(id)) => self.reset(id, ErrorCode::CANCEL),
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.say_last();
                    return Err(error);
                }
            }
        }
    }

    /// The connection is over: so are its streams.
    pub fn end(&self) {
        let streams = std::mem::take(&mut *self.mailboxes.borrow_mut());
        streams.into_iter().flatten().for_each(|mailbox| mailbox.put_lost());
    }
}
