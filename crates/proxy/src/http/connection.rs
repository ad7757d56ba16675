//! A client connection: one request after the other, until one side closes or the worker asks for it.
//!
//! It frames: it waits for a head, within limits of time and size, hands the request to [`super::serve`], and decides
//! how the connection ends. Pipelined requests wait in its buffer; one is served at a time.

use super::{
    forwarded::ClientAddress,
    header,
    request_head::{self, RequestHead},
    respond::{Page, write_page},
    serve::{self, Served},
    stream::{self, Interruption, Rest, read, write_now},
};
use crate::{
    error::ProxyError,
    telemetry::counters::{LoadBalancerCounts, PerWorker},
    timer::Millis,
    worker::{ConnectionHandle, Worker},
};
use socket2::SockRef;
use std::{net::SocketAddr, rc::Rc, sync::Arc, time::Duration};
use tokio::net::{
    TcpStream,
    tcp::{ReadHalf, WriteHalf},
};

/// How long a head may take from its first byte to its last.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// The idle timeout before it is known which load balancer a client wants.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest read while waiting for a head. Bodies are read in larger pieces.
const HEAD_READ: usize = 32 * 1024;
/// How long, and how many bytes, a client may go on sending after it was refused. Closing at once would reset the
/// connection and could take the answer away from the client.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1 << 20;

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

/// Serves a connection to its end.
pub(crate) async fn serve(mut stream: TcpStream, client: SocketAddr, front: SocketAddr, worker: Rc<Worker>) {
    let handle = Rc::new(ConnectionHandle::new(front, worker.wheel.alarm(DEFAULT_IDLE_TIMEOUT)));
    let _registered = Registered::new(&worker, &handle);
    let ending = {
        let (reader, writer) = stream.split();
        Connection::new(&worker, &handle, client, reader, writer).run().await
    };
    match ending {
        Ending::Close => {}
        Ending::Linger => Box::pin(linger(&mut stream, &worker, &handle)).await,
        Ending::Abort => {
            // Fails only when the connection is gone already.
            let _gone = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
    }
}

/// The entry in the worker's table, removed when the connection ends.
struct Registered<'a> {
    worker: &'a Worker,
    number: usize,
}

impl<'a> Registered<'a> {
    fn new(worker: &'a Worker, handle: &Rc<ConnectionHandle>) -> Self {
        Self { worker, number: worker.connections.borrow_mut().insert(Rc::clone(handle)) }
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.worker.connections.borrow_mut().remove(self.number);
    }
}

/// The load balancer that a connection is counted for.
struct Counted {
    counts: Arc<PerWorker<LoadBalancerCounts>>,
    worker: usize,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.counts.of(self.worker).active_connections.subtract(1);
    }
}

/// What a connection is made of while it lives.
pub(crate) struct Connection<'a> {
    pub worker: &'a Worker,
    pub handle: &'a Rc<ConnectionHandle>,
    pub client: SocketAddr,
    pub client_text: ClientAddress,
    pub reader: ReadHalf<'a>,
    pub writer: WriteHalf<'a>,
    /// What was read and belongs to no request yet.
    pub unread: Vec<u8>,
    /// When it was accepted.
    pub opened: Millis,
    /// The idle timeout of the load balancer that was used last.
    pub idle_timeout: Duration,
    /// How much of `unread` is known to hold no end of a head.
    searched: usize,
    requests: u64,
    counted: Option<Counted>,
}

impl<'a> Connection<'a> {
    fn new(
        worker: &'a Worker,
        handle: &'a Rc<ConnectionHandle>,
        client: SocketAddr,
        reader: ReadHalf<'a>,
        writer: WriteHalf<'a>,
    ) -> Self {
        let mut connection = Self {
            worker,
            handle,
            client,
            client_text: ClientAddress::new(client),
            reader,
            writer,
            unread: Vec::new(),
            opened: worker.wheel.now(),
            idle_timeout: DEFAULT_IDLE_TIMEOUT,
            searched: 0,
            requests: 0,
            counted: None,
        };
        connection.count_for_only_listener();
        connection
    }

    /// A front with one listener tells the load balancer before the first request.
    fn count_for_only_listener(&mut self) {
        let running = self.worker.running();
        if let Some(listener) = running.snapshot.front(self.handle.front).and_then(|front| front.only) {
            let load_balancer = &running.snapshot.load_balancers[running.snapshot.listeners[listener].load_balancer];
            self.idle_timeout = load_balancer.idle_timeout;
            self.count_for(&load_balancer.counts[0].1);
        }
    }

    /// Counts the connection, once.
    pub fn count_for(&mut self, counts: &Arc<PerWorker<LoadBalancerCounts>>) {
        if self.counted.is_none() {
            let of_worker = counts.of(self.worker.index);
            of_worker.new_connections.add(1);
            of_worker.active_connections.add(1);
            self.counted = Some(Counted { counts: Arc::clone(counts), worker: self.worker.index });
        }
    }

    /// The counters of the load balancer, when it is known.
    pub fn counts(&self) -> Option<&LoadBalancerCounts> {
        self.counted.as_ref().map(|counted| counted.counts.of(counted.worker))
    }

    async fn run(mut self) -> Ending {
        loop {
            let served = match self.next_request().await {
                Ok(request) => serve::serve(&mut self, request).await,
                Err(ending) => return ending,
            };
            match served {
                Served::KeepAlive if !self.handle.is_closing() => {}
                Served::KeepAlive => return Ending::Close,
                Served::End(ending) => return ending,
            }
            self.requests += 1;
        }
    }

    /// Waits for a head and judges it. An error has been answered.
    async fn next_request(&mut self) -> Result<serve::Request, Ending> {
        self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
        let mut available = self.unread.len();
        stream::restore(self.worker, &self.unread);
        loop {
            let begun = self.searched > 0;
            match self.try_head(available) {
                Ok(Some(request)) => {
                    self.handle.idle.set(false);
                    return Ok(request);
                }
                Ok(None) => {}
                Err(error) => return Err(Box::pin(self.refuse(error)).await),
            }
            if self.searched > 0 && !begun {
                self.worker.wheel.set(&self.handle.alarm, HEAD_TIMEOUT);
            }
            self.handle.idle.set(self.unread.is_empty());
            let kept = self.unread.len();
            available = match read(&mut self.reader, self.worker, self.handle, kept, HEAD_READ).await {
                Ok(0) => return Err(self.ended_before_a_head().await),
                Ok(n) => kept + n,
                Err(interruption) => return Err(self.interrupted_before_a_head(interruption).await),
            };
            stream::restore(self.worker, &self.unread);
        }
    }

    /// Looks for a head in the first `available` bytes of the input buffer. What cannot be used yet goes to `unread`.
    fn try_head(&mut self, available: usize) -> Result<Option<serve::Request>, ProxyError> {
        if available == 0 {
            return Ok(None);
        }
        let worker = self.worker;
        let input = worker.buffers.input.borrow();
        // Empty lines before a request are skipped: some clients send one after a body (RFC 9112 section 2.2).
        let bytes = skip_empty_lines(&input[..available]);
        let searched = self.searched.saturating_sub(available - bytes.len());
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
                let (request, used) = serve::prepare(self, &head, &bytes[head.length..])?;
                self.keep(&bytes[head.length + used..], 0);
                Ok(Some(request))
            }
        }
    }

    fn keep(&mut self, bytes: &[u8], searched: usize) {
        self.searched = searched;
        if bytes.is_empty() {
            // An idle connection owns no buffer.
            self.worker.buffers.give_back(std::mem::take(&mut self.unread));
            return;
        }
        if self.unread.capacity() == 0 {
            self.unread = self.worker.buffers.spare();
        }
        self.unread.clear();
        self.unread.extend_from_slice(bytes);
    }

    async fn ended_before_a_head(&mut self) -> Ending {
        if self.unread.is_empty() {
            return Ending::Close;
        }
        Box::pin(self.refuse(ProxyError::BadRequest("incomplete head"))).await
    }

    async fn interrupted_before_a_head(&mut self, interruption: Interruption) -> Ending {
        match interruption {
            // A client that has had an answer and stays silent is done; a new one is told what is wrong.
            Interruption::TimedOut if self.requests > 0 && self.unread.is_empty() => Ending::Close,
            Interruption::TimedOut => Box::pin(self.refuse(ProxyError::RequestTimeout)).await,
            Interruption::Closing | Interruption::Cut | Interruption::Broken(_) => Ending::Close,
        }
    }

    /// Answers a request that was not understood. Where the next one would begin is not known then.
    async fn refuse(&mut self, error: ProxyError) -> Ending {
        self.handle.idle.set(false);
        let running = self.worker.running();
        let listener = running.snapshot.front(self.handle.front).and_then(|front| front.only);
        let server_header = listener.is_none_or(|listener| running.snapshot.listeners[listener].server_header);
        let sent = self.answer(error, server_header, false, false).await;
        serve::record_refused(self, error, &running, listener, sent);
        Ending::Linger
    }

    /// Sends a page and counts it. Returns how many bytes were sent.
    pub async fn answer(&mut self, error: ProxyError, server_header: bool, keep_alive: bool, head_only: bool) -> u64 {
        self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
        let page = Page { server_header, keep_alive, head_only, seconds: self.worker.wall_clock().seconds() };
        let (rest, length) = {
            let mut output = self.worker.buffers.output.borrow_mut();
            output.clear();
            write_page(error, page, &mut output);
            // Counted before it is sent: who has seen the answer finds it counted.
            if let Some(counts) = self.counts() {
                counts.elb_code(error.status());
                counts.processed_bytes.add(output.len() as u64);
            }
            let written = write_now(self.writer.as_ref(), &output).unwrap_or(output.len());
            (Rest::of(self.worker, &output, &[], written), output.len() as u64)
        };
        if let Some(rest) = rest {
            // A client that does not take the page misses it; there is nothing else to tell it.
            let _missed = rest.write(self.writer.as_ref(), self.handle, self.idle_timeout).await;
        }
        length
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

/// Ends our side, and lets the client finish for a moment.
async fn linger(stream: &mut TcpStream, worker: &Worker, handle: &ConnectionHandle) {
    if SockRef::from(&*stream).shutdown(std::net::Shutdown::Write).is_err() {
        return;
    }
    handle.end();
    worker.wheel.set(&handle.alarm, LINGER);
    let mut left = LINGER_BYTES;
    while left > 0 {
        match read(stream, worker, handle, 0, HEAD_READ).await {
            Ok(n) if n > 0 => left = left.saturating_sub(n),
            Ok(_) | Err(_) => return,
        }
    }
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
