//! What waits at one stream, between the task of its connection and the task that serves it: content that came and was not
//! taken, and content that the peer's windows did not let go.
//!
//! Both are bounded: the first by the window that the peer was given, the second by what was read at once from the other side.

use super::{Engine, StreamId, engine::StreamGone, error::ErrorCode};
use crate::{timer::Millis, worker::ConnectionHandle};
use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::Rc,
    task::{Context, Waker},
};

/// One stream.
#[derive(Debug)]
pub(crate) struct Mailbox {
    /// Which.
    pub id: StreamId,
    /// What the worker can tell the task that serves it.
    pub handle: Rc<ConnectionHandle>,
    inner: RefCell<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Heads of answers that were not looked at yet.
    heads: VecDeque<Vec<u8>>,
    content: Vec<u8>,
    taken: usize,
    trailers: Vec<u8>,
    /// Whether the peer has said all.
    ended: bool,
    reset: Option<ErrorCode>,
    lost: bool,
    rest: Vec<u8>,
    rest_sent: usize,
    last: Last,
    waker: Option<Waker>,
}

/// How what we send on a stream ends.
#[derive(Debug, Default)]
enum Last {
    /// More may come.
    #[default]
    No,
    /// With its content.
    Content,
    /// With these lines of trailers.
    Trailers(Vec<u8>),
    /// It has ended.
    Sent,
}

impl Mailbox {
    /// A stream that has just begun. `ended`: the peer sends nothing more by it.
    pub fn new(id: StreamId, handle: Rc<ConnectionHandle>, ended: bool) -> Self {
        Self { id, handle, inner: RefCell::new(Inner { ended, ..Inner::default() }) }
    }

    // What comes

    /// A head came.
    pub fn put_head(&self, head: &[u8], end: bool) {
        let mut inner = self.inner.borrow_mut();
        inner.heads.push_back(head.to_vec());
        inner.ended |= end;
        inner.wake();
    }

    /// Content came.
    pub fn put_content(&self, bytes: &[u8], end: bool) {
        let mut inner = self.inner.borrow_mut();
        inner.content.extend_from_slice(bytes);
        inner.ended |= end;
        inner.wake();
    }

    /// Trailers came: the last thing.
    pub fn put_trailers(&self, lines: &[u8]) {
        let mut inner = self.inner.borrow_mut();
        inner.trailers = lines.to_vec();
        inner.ended = true;
        inner.wake();
    }

    /// The stream was reset, or its connection is gone.
    pub fn put_reset(&self, code: ErrorCode) {
        let mut inner = self.inner.borrow_mut();
        inner.reset.get_or_insert(code);
        inner.wake();
        drop(inner);
        self.handle.alarm.wake();
    }

    /// The connection is gone, and the stream with it.
    pub fn put_lost(&self) {
        self.inner.borrow_mut().lost = true;
        self.put_reset(ErrorCode::INTERNAL_ERROR);
    }

    /// Whether it ended because its connection did.
    pub fn is_lost(&self) -> bool {
        self.inner.borrow().lost
    }

    /// Whether it was reset, and why.
    pub fn reset(&self) -> Option<ErrorCode> {
        self.inner.borrow().reset
    }

    /// The next head, if one is there.
    pub fn take_head(&self) -> Option<Vec<u8>> {
        self.inner.borrow_mut().heads.pop_front()
    }

    /// Whether something is there to be taken: content, or the end of it.
    pub fn has_content(&self) -> bool {
        let inner = self.inner.borrow();
        inner.taken < inner.content.len() || inner.ended
    }

    /// Whether all was taken, and nothing more comes but trailers.
    pub fn is_at_end(&self) -> bool {
        let inner = self.inner.borrow();
        inner.ended && inner.taken == inner.content.len()
    }

    /// Moves content to the front of `room`; how much that was.
    pub fn take_content(&self, room: &mut [u8]) -> usize {
        let mut inner = self.inner.borrow_mut();
        let there = &inner.content[inner.taken..];
        let n = there.len().min(room.len());
        room[..n].copy_from_slice(&there[..n]);
        inner.taken += n;
        if inner.taken == inner.content.len() {
            inner.content.clear();
            inner.taken = 0;
            if inner.content.capacity() > KEPT {
                inner.content = Vec::new();
            }
        }
        n
    }

    /// Whether trailers have come.
    pub fn has_trailers(&self) -> bool {
        !self.inner.borrow().trailers.is_empty()
    }

    /// The lines of the trailers, once.
    pub fn take_trailers(&self) -> Vec<u8> {
        std::mem::take(&mut self.inner.borrow_mut().trailers)
    }

    // What goes

    /// Sends content; what the peer does not allow now is kept and goes when it does. `end`: nothing follows.
    pub fn send(&self, engine: &mut Engine, bytes: &[u8], end: bool, now: Millis) -> Result<(), StreamGone> {
        let mut inner = self.inner.borrow_mut();
        if end {
            inner.last = Last::Content;
        }
        if inner.has_rest() {
            inner.rest.extend_from_slice(bytes);
            return Ok(());
        }
        let taken = engine.data(self.id, bytes, end, now)?;
        if taken < bytes.len() {
            inner.rest.extend_from_slice(&bytes[taken..]);
        } else if end {
            inner.last = Last::Sent;
        }
        Ok(())
    }

    /// Sends trailers behind the content, and nothing more.
    pub fn send_trailers(&self, engine: &mut Engine, lines: &[u8]) -> Result<(), StreamGone> {
        let mut inner = self.inner.borrow_mut();
        if inner.has_rest() {
            inner.last = Last::Trailers(lines.to_vec());
            return Ok(());
        }
        inner.last = Last::Sent;
        engine.trailers(self.id, lines)
    }

    /// Notes that the end went with the head.
    pub fn ended_with_head(&self) {
        self.inner.borrow_mut().last = Last::Sent;
    }

    /// Whether the end of what we send was sent.
    pub fn has_ended(&self) -> bool {
        matches!(self.inner.borrow().last, Last::Sent)
    }

    /// Goes on with what was kept, and wakes who waits for that when nothing is left.
    pub fn send_rest(&self, engine: &mut Engine, now: Millis) {
        let mut inner = self.inner.borrow_mut();
        if inner.has_rest() {
            let end = matches!(inner.last, Last::Content);
            let Ok(taken) = engine.data(self.id, &inner.rest[inner.rest_sent..], end, now) else { return };
            inner.rest_sent += taken;
            if inner.has_rest() {
                return;
            }
            inner.rest = Vec::new();
            inner.rest_sent = 0;
            match std::mem::take(&mut inner.last) {
                Last::No => {}
                Last::Content | Last::Sent => inner.last = Last::Sent,
                Last::Trailers(lines) => {
                    inner.last = Last::Sent;
                    // A stream that is gone has told so by its reset.
                    let _gone = engine.trailers(self.id, &lines);
                }
            }
        }
        inner.wake();
    }

    /// Whether something is kept that the peer does not allow yet.
    pub fn has_rest(&self) -> bool {
        self.inner.borrow().has_rest()
    }

    /// Asks to be woken when something comes or goes.
    pub fn register(&self, context: &Context<'_>) {
        let mut inner = self.inner.borrow_mut();
        match &inner.waker {
            Some(waker) if waker.will_wake(context.waker()) => {}
            Some(_) | None => inner.waker = Some(context.waker().clone()),
        }
    }
}

/// The largest buffer that a stream without content keeps.
const KEPT: usize = 64 * 1024;

impl Inner {
    fn has_rest(&self) -> bool {
        self.rest_sent < self.rest.len()
    }

    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}
