//! Connections to targets that speak HTTP/2: a few for each target and worker, shared by the requests of all clients.
//!
//! Each has a task that reads and writes. It ends when it was idle for too long, when the target deregisters or goes away, and
//! takes no more requests before.

use super::{
    Engine, Limits,
    engine::OpenError,
    mailbox::Mailbox,
    wire::{End, Wire},
};
use crate::{
    target::{TargetState, connection::TargetConnection, pool::IDLE_LIMIT},
    telemetry::cause::Cause,
    timer::Millis,
    worker::{ConnectionHandle, Worker},
};
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    rc::Rc,
    sync::{Arc, Weak},
    task::{Context, Poll, Waker},
    time::Duration,
};

/// How often the clock is looked at while streams are open.
const LOOK: Duration = Duration::from_secs(1);
/// How long a target may take nothing of what is sent to it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection.
#[derive(Debug)]
pub(crate) struct SharedConnection {
    pub wire: Wire,
    server_name: Option<Box<str>>,
    opened: Millis,
    idle_since: Cell<Millis>,
    requests: Cell<u32>,
    /// Whether it takes no more requests.
    leaving: Cell<bool>,
    /// Counts the worker's connections, so that newer ones are told from older ones.
    number: u64,
    /// How it ended; none: it did not.
    end: Cell<Option<End>>,
    /// The request that opened it and waits for its settings.
    opener: RefCell<Option<Waker>>,
}

/// What a target says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Greeting {
    /// Its settings, and requests may follow.
    Came,
    /// That it takes no requests by it; or the connection is gone, before or after the settings came.
    Closed,
    /// Something else.
    Misunderstood,
}

impl SharedConnection {
    /// Begins to use a connection; `early`: what the target has said already.
    pub fn start(
        worker: &Rc<Worker>,
        connection: TargetConnection,
        early: Vec<u8>,
        target: &Arc<TargetState>,
        number: u64,
    ) -> Rc<Self> {
        let now = worker.wheel.now();
        let (stream, server_name) = connection.into_parts();
        let shared = Rc::new(Self {
            wire: Wire::new(worker, stream, Engine::client(Limits::TARGETS, now), early),
            server_name,
            opened: now,
            idle_since: Cell::new(now),
            requests: Cell::new(0),
            leaving: Cell::new(false),
            number,
            end: Cell::new(None),
            opener: RefCell::default(),
        });
        tokio::task::spawn_local(run(Rc::clone(&shared), Arc::downgrade(target)));
        shared
    }

    /// Sends a request's head.
    pub fn open(&self, head: &[u8], end: bool, handle: &Rc<ConnectionHandle>) -> Result<Rc<Mailbox>, OpenError> {
        let https = self.server_name.is_some();
        let id = self.wire.engine.borrow_mut().open(head, https, end)?;
        self.requests.set(self.requests.get().saturating_add(1));
        let mailbox = self.wire.open(id, Rc::clone(handle), false);
        if end {
            mailbox.ended_with_head();
        }
        self.wire.touch();
        Ok(mailbox)
    }

    /// What the target has said first; whoever opened it is woken for that.
    pub fn poll_greeting(&self, context: &Context<'_>) -> Poll<Greeting> {
        match self.end.get() {
            Some(End::Failed(_)) => return Poll::Ready(Greeting::Misunderstood),
            Some(End::Done | End::Broken) => return Poll::Ready(Greeting::Closed),
            None => {}
        }
        if self.wire.engine.borrow().is_greeted() {
            return Poll::Ready(if self.takes_no_more() { Greeting::Closed } else { Greeting::Came });
        }
        self.opener.replace(Some(context.waker().clone()));
        Poll::Pending
    }

    /// Whether the target, or we, let no more requests go by it.
    pub fn takes_no_more(&self) -> bool {
        self.leaving.get() || self.wire.engine.borrow().is_draining()
    }

    /// Takes no more requests: something is wrong with it.
    pub fn leave(&self) {
        self.leaving.set(true);
        self.wire.touch();
    }

    /// Whether it served requests before.
    pub fn was_used(&self) -> bool {
        self.requests.get() > 0
    }

    /// Says what the connection was when a request got it.
    pub fn describe(&self, now: Millis, cause: &mut Cause) {
        cause.uses = self.requests.get();
        cause.age = now.since(self.opened);
        cause.idle = match self.wire.engine.borrow().open_streams() {
            0 => now.since(self.idle_since.get()),
            _ => Duration::ZERO,
        };
    }

    fn has_room_for(&self, wanted: Wanted<'_>) -> bool {
        let engine = self.wire.engine.borrow();
        !self.leaving.get()
            && self.number >= wanted.from
            && self.server_name.as_deref() == wanted.server_name
            && engine.capacity() > 0
            && (!wanted.content || engine.may_send_content())
    }

    fn poll(&self, handle: &ConnectionHandle, target: &Weak<TargetState>, context: &mut Context<'_>) -> Poll<End> {
        let wheel = &self.wire.worker.wheel;
        handle.alarm.register(context.waker());
        let mut on_head = |id, head: &[u8], end| self.wire.deliver_head(id, head, end);
        if let Poll::Ready(end) = self.wire.poll(PATIENCE, context, &mut on_head) {
            return Poll::Ready(end);
        }
        self.wake_opener();
        let now = wheel.now();
        let open = self.wire.engine.borrow().open_streams();
        if open > 0 {
            self.idle_since.set(now);
        }
        let wanted = target.upgrade().is_some_and(|target| !target.is_draining());
        let idle = now.since(self.idle_since.get()) >= IDLE_LIMIT;
        if !wanted || idle || self.leaving.get() {
            self.leaving.set(true);
            self.wire.engine.borrow_mut().drain();
        }
        if handle.alarm.expired(now)
            && let Err(error) = self.wire.expire(now)
        {
            return Poll::Ready(End::Failed(error));
        }
        wheel.set(&handle.alarm, LOOK);
        // What there is to say now is said now.
        let end = self.wire.poll(PATIENCE, context, &mut on_head);
        self.wake_opener();
        end
    }

    /// Wakes whoever opened it, if it knows by now what the target says first.
    fn wake_opener(&self) {
        let is_known = self.end.get().is_some() || self.wire.engine.borrow().is_greeted();
        if is_known && let Some(opener) = self.opener.take() {
            opener.wake();
        }
    }
}

async fn run(shared: Rc<SharedConnection>, target: Weak<TargetState>) {
    let worker = Rc::clone(&shared.wire.worker);
    let handle = ConnectionHandle::new(None, worker.wheel.alarm(LOOK));
    let begun = shared.wire.begin(&mut |id, head, end| shared.wire.deliver_head(id, head, end));
    let end = match begun {
        Ok(()) => poll_fn(|context| shared.poll(&handle, &target, context)).await,
        Err(error) => End::Failed(error),
    };
    shared.end.set(Some(end));
    shared.leaving.set(true);
    shared.wake_opener();
    shared.wire.end();
    shared.wire.stream.say_goodbye();
}

/// The connections of one worker.
#[derive(Debug, Default)]
pub(crate) struct SharedConnections {
    by_slot: RefCell<Vec<OfTarget>>,
    opened: Cell<u64>,
}

#[derive(Debug, Default)]
struct OfTarget {
    owner: Option<Weak<TargetState>>,
    connections: Vec<Rc<SharedConnection>>,
    /// Whether one is being opened, and who waits for it.
    opening: bool,
    waiting: Vec<Waker>,
}

/// What a request needs of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// The host that its TLS handshake asked for; none: there was no handshake.
    pub server_name: Option<&'a str>,
    /// Whether the request has content.
    pub content: bool,
    /// The number of the oldest connection that will do.
    pub from: u64,
}

/// What there is for a request.
pub(crate) enum Found {
    /// A connection with room for it.
    Connection(Rc<SharedConnection>),
    /// Nothing: open one.
    Nothing,
    /// One is being opened.
    Opening,
}

impl SharedConnections {
    /// The number of the next connection.
    pub fn next_number(&self) -> u64 {
        self.opened.get()
    }

    /// A number for a new connection.
    pub fn number(&self) -> u64 {
        self.opened.replace(self.opened.get() + 1)
    }

    /// Looks for a connection with room for a request. Whoever finds nothing opens one, others wait for that.
    pub fn find(&self, target: &Arc<TargetState>, wanted: Wanted<'_>, context: &Context<'_>) -> Found {
        let mut by_slot = self.by_slot.borrow_mut();
        let of_target = of_target(&mut by_slot, target);
        of_target.connections.retain(|shared| !shared.leaving.get());
        if let Some(shared) = of_target.connections.iter().find(|shared| shared.has_room_for(wanted)) {
            return Found::Connection(Rc::clone(shared));
        }
        if of_target.opening {
            of_target.waiting.push(context.waker().clone());
            return Found::Opening;
        }
        Found::Nothing
    }

    /// Somebody opens a connection; until what comes back is dropped, others wait.
    pub fn opening(&self, target: &Arc<TargetState>) -> Opening<'_> {
        of_target(&mut self.by_slot.borrow_mut(), target).opening = true;
        Opening { shared_connections: self, target: Arc::clone(target) }
    }

    /// Forgets connections that are gone, and targets without any.
    pub fn sweep(&self) {
        for of_target in self.by_slot.borrow_mut().iter_mut() {
            of_target.connections.retain(|shared| !shared.leaving.get());
        }
    }
}

/// A connection that is being opened.
pub(crate) struct Opening<'a> {
    shared_connections: &'a SharedConnections,
    target: Arc<TargetState>,
}

impl Opening<'_> {
    /// It is open.
    pub fn done(self, shared: &Rc<SharedConnection>) {
        let mut by_slot = self.shared_connections.by_slot.borrow_mut();
        of_target(&mut by_slot, &self.target).connections.push(Rc::clone(shared));
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        let mut by_slot = self.shared_connections.by_slot.borrow_mut();
        let of_target = of_target(&mut by_slot, &self.target);
        of_target.opening = false;
        of_target.waiting.drain(..).for_each(Waker::wake);
    }
}

/// Slots are used again after a target is forgotten.
fn of_target<'a>(by_slot: &'a mut Vec<OfTarget>, target: &Arc<TargetState>) -> &'a mut OfTarget {
    let slot = target.slot();
    if slot >= by_slot.len() {
        by_slot.resize_with(slot + 1, OfTarget::default);
    }
    let of_target = &mut by_slot[slot];
    let is_owner = |owner: &Weak<TargetState>| std::ptr::eq(owner.as_ptr(), Arc::as_ptr(target));
    if !of_target.owner.as_ref().is_some_and(is_owner) {
        of_target.connections.iter().for_each(|shared| shared.leave());
        of_target.waiting.drain(..).for_each(Waker::wake);
        *of_target = OfTarget { owner: Some(Arc::downgrade(target)), ..OfTarget::default() };
    }
    of_target
}
