//! A client connection that speaks HTTP/2: many requests at a time, each in a task of its own.
//!
//! The connection's task reads, writes and looks at the clock; a request is prepared there, as its head arrives, and then
//! served as any other ([`crate::http::serve`]), with [`RequestStream`] as its client.

use super::{
    Engine, Limits, StreamId,
    client::RequestStream,
    error::ErrorCode,
    tasks::StreamTasks,
    wire::{End, Wire},
};
use crate::{
    error::ProxyError,
    http::{
        client::{ClientConnection, Unserved},
        connection::{Ending, linger},
        header,
        prepare::prepare,
        request::Request,
        request_head::RequestHead,
        serve::{self, Served},
    },
    io::stream::Stream,
    timer::Millis,
    worker::{ConnectionHandle, Registered},
};
use std::{
    cell::Cell,
    future::poll_fn,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

/// How often the clock is looked at while streams are open.
const LOOK: Duration = Duration::from_secs(1);
/// How long a client may take to hear that no more requests are taken.
const ANNOUNCEMENT: Duration = Duration::from_secs(2);

/// A client's connection.
pub(crate) struct Connection {
    pub about: ClientConnection,
    pub wire: Wire,
    /// Since when no stream is open; none: one is.
    idle_since: Cell<Option<Millis>>,
    /// Since when no new streams are taken.
    draining_since: Cell<Option<Millis>>,
}

/// Serves a connection to its end. `early`: what came with the handshake.
pub(crate) async fn serve(about: ClientConnection, handle: &Rc<ConnectionHandle>, stream: Stream, early: Vec<u8>) {
    let worker = Rc::clone(&about.worker);
    let now = worker.wheel.now();
    let wire = Wire::new(&worker, stream, Engine::server(Limits::CLIENTS, now), early);
    let connection =
        Rc::new(Connection { about, wire, idle_since: Cell::new(Some(now)), draining_since: Cell::new(None) });
    let begun = connection.wire.begin(&mut |id, head, end| connection.begin(id, head, end));
    let end = match begun {
        Ok(()) => poll_fn(|context| connection.poll(handle, context)).await,
        Err(error) => End::Failed(error),
    };
    connection.wire.end();
    match end {
        // The client may still answer what it was told.
        End::Done | End::Failed(_) => linger(&worker, handle, &connection.wire.stream).await,
        End::Broken => connection.wire.stream.abort(),
    }
}

impl Connection {
    fn poll(self: &Rc<Self>, handle: &ConnectionHandle, context: &mut Context<'_>) -> Poll<End> {
        handle.alarm.register(context.waker());
        self.consider_draining(handle);
        let idle_timeout = self.about.idle_timeout.get();
        if let Poll::Ready(end) = self.wire.poll(idle_timeout, context, &mut |id, head, end| self.begin(id, head, end))
        {
            return Poll::Ready(end);
        }
        match self.look_at_clock(handle, idle_timeout) {
            // What it has to say is written at once.
            Ok(true) => self.wire.poll(idle_timeout, context, &mut |id, head, end| self.begin(id, head, end)),
            Ok(false) => Poll::Pending,
            Err(end) => Poll::Ready(end),
        }
    }

    /// Announces the end where it is due: the worker wants it, or the connection is old.
    fn consider_draining(&self, handle: &ConnectionHandle) {
        let now = self.about.worker.wheel.now();
        if self.draining_since.get().is_none() && (handle.is_closing() || self.is_old(now)) {
            self.draining_since.set(Some(now));
            self.wire.engine.borrow_mut().drain();
        }
    }

    fn is_old(&self, now: Millis) -> bool {
        now.since(self.about.opened) >= self.about.keep_alive.get()
    }

    /// Whether there is something to be said now.
    fn look_at_clock(&self, handle: &ConnectionHandle, idle_timeout: Duration) -> Result<bool, End> {
        let wheel = &self.about.worker.wheel;
        let now = wheel.now();
        let idle_since = match self.wire.engine.borrow().open_streams() {
            0 => Some(self.idle_since.get().unwrap_or(now)),
            _ => None,
        };
        self.idle_since.set(idle_since);
        let mut something = false;
        if handle.alarm.expired(now) {
            self.wire.expire(now).map_err(End::Failed)?;
            let idle = idle_since.is_some_and(|since| now.since(since) >= idle_timeout);
            let announced = self.draining_since.get().is_some_and(|since| now.since(since) >= ANNOUNCEMENT);
            if idle || announced {
                let mut engine = self.wire.engine.borrow_mut();
                self.draining_since.set(Some(self.draining_since.get().unwrap_or(now)));
                engine.set_stall_timeout(idle_timeout);
                engine.finish_drain();
            }
            something = true;
        }
        let left = match idle_since {
            Some(since) if self.draining_since.get().is_none() => idle_timeout.saturating_sub(now.since(since)),
            Some(_) | None => LOOK,
        };
        wheel.set(&handle.alarm, left.max(Duration::from_millis(1)));
        Ok(something)
    }

    /// A request's head came.
    fn begin(self: &Rc<Self>, id: StreamId, head: &[u8], end: bool) {
        let worker = &self.about.worker;
        let handle = Rc::new(ConnectionHandle::new(
            Some(Rc::clone(&self.about.front)),
            worker.wheel.alarm(self.about.idle_timeout.get()),
        ));
        let mailbox = self.wire.open(id, Rc::clone(&handle), end);
        self.idle_since.set(None);
        let client = RequestStream::new(Rc::clone(self), mailbox);
        let mut storage = header::storage();
        let prepared = match RequestHead::parse(head, &mut storage) {
            Ok(Some(head)) => match prepare(&client, &head, &[]) {
                Ok(request) => Ok(client.keep_head(request)),
                Err(Unserved::Failed(error)) => Err(error),
                // The handshake has asked for its listener; whoever wants another one has to shake hands with that.
                Err(Unserved::NotAdmitted) => Err(ProxyError::Misdirected),
            },
            Ok(None) => Err(ProxyError::BadRequest("header fields too large")),
            Err(error) => Err(error),
        };
        StreamTasks::start(worker, (client, prepared));
    }
}

/// Serves one request.
pub(crate) async fn run(client: RequestStream, prepared: Result<Request, ProxyError>) {
    let connection = Rc::clone(&client.connection);
    let handle = Rc::clone(&client.mailbox.handle);
    let _registered = Registered::request(&connection.about.worker, &handle);
    handle.idle.set(false);
    let served = match prepared {
        Ok(mut request) => serve::serve(&client, &mut request).await,
        Err(error) => {
            serve::refuse(&client, error).await;
            Served::KeepAlive
        }
    };
    let code = match served {
        Served::End(Ending::Abort) => ErrorCode::INTERNAL_ERROR,
        // Where the request goes on, nobody wants the rest of it (RFC 9113 section 8.1).
        Served::KeepAlive | Served::End(Ending::Close | Ending::Linger) => ErrorCode::NO_ERROR,
    };
    connection.wire.close(&client.mailbox, code);
}
