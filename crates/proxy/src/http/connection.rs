//! A client connection that speaks HTTP/1: one request after the other, until one side closes or the worker asks for it.
//!
//! It frames: it waits for a head, within limits of time and size, hands the request to [`super::serve`], and decides
//! how the connection ends. Pipelined requests wait in its buffer; one is served at a time.

use super::{
    Version,
    body::Body,
    client::{Additions, Client, ClientConnection, Passed, Unpassable, Unserved},
    handshake, header,
    own_answer::{CONTINUE, Envelope, OwnAnswer},
    prepare::prepare,
    request::Request,
    request_head::{self, RequestHead},
    response_head::{Asked, ResponseHead},
    serve::{self, Served},
};
use crate::{
    config::CompiledFront,
    error::ProxyError,
    future_pool::{Desk, Endless},
    http2::{self, client::RequestStream},
    io::{buffers::SCRATCH, stream::Stream, wait::Interruption},
    telemetry::record::RequestKind,
    tls::Application,
    worker::{ConnectionHandle, Registered, Worker},
};
use model::elbv2::front_place::FrontPlace;
use std::{
    cell::{Cell, RefCell},
    io,
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

/// How long a head may take from its first byte to its last.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest read while waiting for a head. Bodies are read in larger pieces.
const HEAD_READ: usize = 32 * 1024;
/// How long, and how many bytes, a client may go on sending after it was refused. Closing at once would reset the
/// connection and could take the answer away from the client.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1 << 20;
/// From this length on, the first piece of a body is sent beside the head rather than copied behind it.
const COPIED_BODY: usize = 16 * 1024;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Everything was said.
    Close,
    /// The client may still be sending something that nobody will read.
    Linger,
    /// An answer was broken off: the client must see that.
    Abort,
}

/// Begins to serve a connection that was accepted, in a task of its own. What idle connections do not need is not in its future:
/// there may be many.
pub(crate) fn start(
    stream: std::net::TcpStream,
    client: SocketAddr,
    (front, compiled): (&Rc<FrontPlace>, Option<&CompiledFront>),
    worker: &Rc<Worker>,
) {
    let about = ClientConnection::new(worker, (front, compiled), client);
    let handle = Rc::new(ConnectionHandle::new(Some(Rc::clone(front)), worker.wheel.alarm(about.idle_timeout.get())));
    let stream = Stream::accepted(&worker.buffers, stream);
    if compiled.is_some_and(|front| front.tls) {
        tokio::task::spawn_local(serve_over_tls(about, handle, stream));
    } else {
        tokio::task::spawn_local(serve_in_clear(Rc::new(Connection::new(about, handle, stream, Vec::new()))));
    }
}

async fn serve_in_clear(connection: Rc<Connection>) {
    let _registered = Registered::connection(connection.worker(), &connection.handle);
    connection.serve().await;
}

async fn serve_over_tls(about: ClientConnection, handle: Rc<ConnectionHandle>, mut stream: Stream) {
    let worker = Rc::clone(&about.worker);
    let _registered = Registered::connection(&worker, &handle);
    match Box::pin(handshake::run(&about, &handle, &stream)).await {
        Ok(opened) if opened.application == Application::Http2 => {
            Box::pin(http2::connection::serve(about, &handle, stream, opened.early)).await;
        }
        Ok(opened) => {
            let connection = Rc::new(Connection::new(about, Rc::clone(&handle), stream, opened.early));
            Box::pin(connection.serve()).await;
        }
        Err(Interruption::Broken(_)) => {}
        Err(Interruption::Closing | Interruption::TimedOut | Interruption::Cut) => {
            stream.forget_tls();
            Box::pin(linger(&about.worker, &handle, &stream)).await;
        }
    }
}

/// A connection, and how many bytes of its next request are in the input buffer.
pub(crate) type Job = (Rc<Connection>, usize);

/// Serves requests of any connections, one after the other.
pub(crate) fn serve_requests(desk: Rc<Desk<Job, Option<Served>>>) -> Endless {
    Box::pin(async move {
        loop {
            let (connection, available) = desk.next().await;
            desk.done(connection.serve_available(available).await);
        }
    })
}

/// Ends our side, and lets the client finish for a moment.
pub(crate) async fn linger(worker: &Worker, handle: &ConnectionHandle, stream: &Stream) {
    if stream.end_sending().is_err() {
        return;
    }
    handle.end();
    worker.wheel.set(&handle.alarm, LINGER);
    let mut left = LINGER_BYTES;
    while left > 0 {
        match stream.read(worker, handle, 0, HEAD_READ).await {
            Ok(n) if n > 0 => left = left.saturating_sub(n),
            Ok(_) | Err(_) => return,
        }
    }
}

/// What a connection is made of while it lives.
pub(crate) struct Connection {
    about: ClientConnection,
    handle: Rc<ConnectionHandle>,
    stream: Stream,
    /// What was read and belongs to no request yet.
    unread: RefCell<Vec<u8>>,
    /// How much of it is known to hold no end of a head.
    searched: Cell<usize>,
    requests: Cell<u64>,
    /// Bytes of answers that were sent.
    sent: Cell<u64>,
    /// Whether the chunks of the answer under way are taken away, because the client does not know them.
    unframed: Cell<bool>,
    /// Whether the answer under way is the connection's last.
    last: Cell<bool>,
}

impl Connection {
    fn new(about: ClientConnection, handle: Rc<ConnectionHandle>, stream: Stream, unread: Vec<u8>) -> Self {
        Self {
            about,
            handle,
            stream,
            unread: RefCell::new(unread),
            searched: Cell::new(0),
            requests: Cell::new(0),
            sent: Cell::new(0),
            unframed: Cell::new(false),
            last: Cell::new(false),
        }
    }

    fn worker(&self) -> &Worker {
        &self.about.worker
    }

    async fn serve(self: &Rc<Self>) {
        let ending = self.run().await;
        if ending != Ending::Abort && !self.has_said_all() {
            Box::pin(self.say_all()).await;
        }
        match ending {
            Ending::Close => self.stream.say_goodbye(),
            Ending::Linger => Box::pin(linger(self.worker(), &self.handle, &self.stream)).await,
            Ending::Abort => self.stream.abort(),
        }
    }

    /// Whether the kernel has all that the client is to get.
    fn has_said_all(&self) -> bool {
        // Who is gone gets no more.
        self.stream.push().is_err() || !self.stream.has_unsent()
    }

    /// Gives a client that takes its last answer slowly the time for it, as long as it takes something now and then.
    async fn say_all(&self) {
        let (worker, idle_timeout) = (self.worker(), self.about.idle_timeout.get());
        // No order to close idle connections is meant for it.
        self.handle.idle.set(false);
        worker.wheel.set(&self.handle.alarm, idle_timeout);
        if self.stream.flush(worker, &self.handle, idle_timeout).await.is_err() {
            self.stream.abort();
        }
    }

    async fn run(self: &Rc<Self>) -> Ending {
        loop {
            match self.next_request().await {
                Served::KeepAlive if !self.handle.is_closing() => {}
                Served::KeepAlive => return Ending::Close,
                Served::End(ending) => return ending,
            }
            self.requests.set(self.requests.get() + 1);
        }
    }

    /// Waits for a request and has it served. Nothing of a request's size is held while this waits.
    async fn next_request(self: &Rc<Self>) -> Served {
        let worker = self.worker();
        worker.wheel.set(&self.handle.alarm, self.about.idle_timeout.get());
        let mut available = self.unread.borrow().len();
        loop {
            worker.buffers.restore(&self.unread.borrow());
            let begun = self.searched.get() > 0;
            if available > 0
                && let Some(served) = worker.requests.give((Rc::clone(self), available)).await
            {
                return served;
            }
            if self.searched.get() > 0 && !begun {
                worker.wheel.set(&self.handle.alarm, HEAD_TIMEOUT);
            }
            let kept = self.unread.borrow().len();
            self.handle.idle.set(kept == 0);
            available = match self.stream.read(worker, &self.handle, kept, HEAD_READ).await {
                Ok(0) => return self.ended_before_a_head().await,
                Ok(n) => kept + n,
                Err(interruption) => return self.interrupted_before_a_head(interruption).await,
            };
        }
    }

    /// Serves the request of which `available` bytes are in the input buffer; `None`: its head is not complete. An error is answered.
    async fn serve_available(&self, available: usize) -> Option<Served> {
        match self.try_head(available) {
            Ok(Some(mut request)) => {
                self.handle.idle.set(false);
                Some(serve::serve(self, &mut request).await)
            }
            Ok(None) => None,
            // Whoever is not admitted learns nothing of the load balancer, not even that it is there.
            Err(Unserved::NotAdmitted) => Some(Served::End(Ending::Abort)),
            Err(Unserved::Failed(error)) => Some(Box::pin(self.refuse(error)).await),
        }
    }

    /// Looks for a head in the first `available` bytes of the input buffer. What cannot be used yet goes to `unread`.
    fn try_head(&self, available: usize) -> Result<Option<Request>, Unserved> {
        let input = self.worker().buffers.input.borrow();
        // Empty lines before a request are skipped: some clients send one after a body (RFC 9112 section 2.2).
        let bytes = skip_empty_lines(&input[..available]);
        let searched = self.searched.get().saturating_sub(available - bytes.len());
        if searched > 0 && !has_head_end(bytes, searched) {
            request_head::check_partial(bytes)?;
            self.keep(bytes, bytes.len());
            return Ok(None);
        }
        let mut storage = header::storage();
        match RequestHead::parse(bytes, &mut storage)? {
            None => {
                self.keep(bytes, bytes.len());
                Ok(None)
            }
            Some(head) => {
                let request = prepare(self, &head, &bytes[head.length..])?;
                let length = usize::try_from(request.received).unwrap_or(bytes.len());
                self.keep(&bytes[length..], 0);
                Ok(Some(request))
            }
        }
    }

    fn keep(&self, bytes: &[u8], searched: usize) {
        self.searched.set(searched);
        let mut unread = self.unread.borrow_mut();
        if bytes.is_empty() {
            // An idle connection owns no buffer.
            self.worker().buffers.give_back(std::mem::take(&mut *unread));
            return;
        }
        if unread.capacity() == 0 {
            *unread = self.worker().buffers.spare();
        }
        unread.clear();
        unread.extend_from_slice(bytes);
    }

    async fn ended_before_a_head(&self) -> Served {
        if self.unread.borrow().is_empty() {
            return Served::End(Ending::Close);
        }
        Box::pin(self.refuse(ProxyError::BadRequest("incomplete head"))).await
    }

    async fn interrupted_before_a_head(&self, interruption: Interruption) -> Served {
        match interruption {
            // A client that has had an answer and stays silent is done; a new one is told what is wrong.
            Interruption::TimedOut if self.requests.get() == 0 || !self.unread.borrow().is_empty() => {
                Box::pin(self.refuse(ProxyError::RequestTimeout)).await
            }
            Interruption::TimedOut | Interruption::Closing | Interruption::Cut | Interruption::Broken(_) => {
                Served::End(Ending::Close)
            }
        }
    }

    /// Answers a request that was not understood. Where the next one would begin is not known then.
    async fn refuse(&self, error: ProxyError) -> Served {
        self.handle.idle.set(false);
        serve::refuse(self, error).await;
        Served::End(Ending::Linger)
    }

    /// Sends bytes of an answer; the end of the connection travels with the last ones.
    fn send(&self, bytes: &[u8], complete: bool) -> io::Result<()> {
        self.sent.set(self.sent.get() + bytes.len() as u64);
        if complete && self.last.get() { self.stream.send_last(bytes) } else { self.stream.send(bytes) }
    }
}

impl Client for Connection {
    fn connection(&self) -> &ClientConnection {
        &self.about
    }

    fn handle(&self) -> &ConnectionHandle {
        &self.handle
    }

    fn kind(&self) -> RequestKind {
        if self.about.tls().is_some() { RequestKind::Https } else { RequestKind::Http }
    }

    fn http2(&self) -> Option<&RequestStream> {
        None
    }

    fn appetite(&self) -> usize {
        SCRATCH
    }

    fn ask_for_body(&self) -> io::Result<()> {
        self.stream.send(CONTINUE)
    }

    async fn read_body(&self, body: &mut Body) -> Result<usize, ProxyError> {
        let worker = self.worker();
        let n =
            self.stream.read(worker, &self.handle, 0, SCRATCH).await.map_err(|interruption| match interruption {
                Interruption::TimedOut => ProxyError::RequestTimeout,
                Interruption::Cut | Interruption::Closing => ProxyError::Deregistered,
                Interruption::Broken(_) => ProxyError::ClientClosed,
            })?;
        if n == 0 {
            return Err(ProxyError::BadRequest("incomplete body"));
        }
        let input = worker.buffers.input.borrow();
        let taken = body.advance(&input[..n]).map_err(|_| ProxyError::BadRequest("chunked body"))?;
        if taken < n {
            self.unread.borrow_mut().extend_from_slice(&input[taken..n]);
        }
        Ok(taken)
    }

    fn interim(&self, head: &ResponseHead<'_, '_>, asked: Asked) -> io::Result<()> {
        // 100 was ours to send; clients of HTTP/1.0 know no interim answers.
        if head.status == 100 || asked.version == Version::Http10 {
            return Ok(());
        }
        let mut output = self.worker().buffers.output.borrow_mut();
        output.clear();
        head.write(asked, true, false, Additions::default(), &mut output);
        self.send(&output, false)
    }

    fn answer(
        &self,
        head: &ResponseHead<'_, '_>,
        asked: Asked,
        keep_alive: bool,
        additions: Additions<'_>,
        body: &mut Body,
        after: &[u8],
    ) -> Result<Passed, Unpassable> {
        let switched = head.status == 101;
        let unframed = matches!(body, Body::Chunked(_)) && asked.version == Version::Http10;
        let delimited = *body != Body::UntilClose && !unframed;
        let keep_alive = keep_alive && delimited && !self.handle.is_closing() && !switched;
        self.unframed.set(unframed);
        self.last.set(!keep_alive && !switched);
        let mut output = self.worker().buffers.output.borrow_mut();
        output.clear();
        head.write(asked, keep_alive, unframed, additions, &mut output);
        let (taken, beside) = if switched {
            // The first bytes of the other protocol.
            (after.len(), after)
        } else if unframed {
            (body.advance_unframed(after, &mut output).map_err(|_| Unpassable::Chunks)?, &after[..0])
        } else {
            let taken = body.advance(after).map_err(|_| Unpassable::Chunks)?;
            (taken, &after[..taken])
        };
        let sent = if beside.len() > COPIED_BODY {
            self.sent.set(self.sent.get() + (output.len() + beside.len()) as u64);
            self.stream.send_both(&output, beside)
        } else {
            output.extend_from_slice(beside);
            self.send(&output, body.is_complete())
        };
        sent.map(|()| Passed { taken, keep_alive }).map_err(|_| Unpassable::Client)
    }

    fn pass_body(&self, body: &mut Body, bytes: &[u8]) -> Result<usize, Unpassable> {
        if self.unframed.get() {
            let mut output = self.worker().buffers.output.borrow_mut();
            output.clear();
            let taken = body.advance_unframed(bytes, &mut output).map_err(|_| Unpassable::Chunks)?;
            return self.send(&output, body.is_complete()).map(|()| taken).map_err(|_| Unpassable::Client);
        }
        let taken = body.advance(bytes).map_err(|_| Unpassable::Chunks)?;
        self.send(&bytes[..taken], body.is_complete()).map(|()| taken).map_err(|_| Unpassable::Client)
    }

    fn finish(&self) -> io::Result<()> {
        // The framing has said so.
        Ok(())
    }

    fn send_own(&self, answer: &OwnAnswer<'_>, envelope: &Envelope<'_>, asked: Asked, keep_alive: bool) -> u64 {
        let mut output = self.worker().buffers.output.borrow_mut();
        output.clear();
        answer.write(envelope, keep_alive, asked.head, &mut output);
        self.last.set(!keep_alive);
        // A client that is gone misses it; there is nobody else to tell.
        let _missed = self.send(&output, true);
        output.len() as u64
    }

    async fn flush(&self) -> Result<(), Interruption> {
        self.stream.flush(self.worker(), &self.handle, self.about.idle_timeout.get()).await
    }

    fn sent_bytes(&self) -> u64 {
        self.sent.get()
    }

    fn note_sent(&self, bytes: u64) {
        self.sent.set(self.sent.get() + bytes);
    }

    fn is_gone(&self) -> bool {
        self.stream.is_reset()
    }

    fn take_over(&self) -> Option<(&Stream, Vec<u8>)> {
        Some((&self.stream, std::mem::take(&mut *self.unread.borrow_mut())))
    }
}

fn skip_empty_lines(mut bytes: &[u8]) -> &[u8] {
    while let [b'\r', b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// Whether an empty line ends within `bytes`, looking only at what came after the first `searched` bytes. A bare LF
/// counts, so that it is refused at once rather than waited out.
fn has_head_end(bytes: &[u8], searched: usize) -> bool {
    let bytes = &bytes[searched.saturating_sub(3)..];
    bytes.windows(2).any(|pair| pair == b"\n\n") || bytes.windows(3).any(|three| three == b"\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_head_is_found_wherever_the_reads_were_cut() {
        let head = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        for searched in 1..head.len() {
            assert!(has_head_end(head, searched), "{searched}");
            assert!(!has_head_end(&head[..head.len() - 1], searched.min(head.len() - 1)));
        }
        assert!(has_head_end(b"GET / HTTP/1.1\n\n", 3));
        assert_eq!(skip_empty_lines(b"\r\n\r\nGET"), b"GET");
        assert_eq!(skip_empty_lines(b"\nGET"), b"\nGET");
    }
}
