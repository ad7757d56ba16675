//! Forwarding: choose a target, send the request, stream the answer back, and try once more where that is safe.
//!
//! Safe means: nothing was sent (the connection was refused), or no byte of an answer came and the request is
//! idempotent and still at hand in full. Everything is streamed with back-pressure; a request without a body to come
//! needs one read and one write on each side.

use super::{
    Version,
    body::Body,
    connection::Connection,
    header,
    response_head::{Asked, ResponseHead},
    serve::Request,
    stream::{Interruption, Rest, SCRATCH, interrupted, poll_read, read, restore, write_both_now, write_now},
    upgrade::{Traffic, Tunnel},
};
use crate::{
    action::forward::{Choice, choose},
    config::{CompiledTarget, CompiledTargetGroup},
    error::ProxyError,
    target::{
        connect::{CONNECT_TIMEOUT, connect, is_local_shortage},
        in_flight::InFlight,
        pool::is_quiet_on_asking,
    },
    telemetry::counters::TargetCounts,
    worker::{ConnectionHandle, Worker},
};
use std::{
    cell::Cell,
    future::poll_fn,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};
use tokio::{
    io::AsyncRead,
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
};

/// How often a request that no target has taken goes to another one: twice, so that two that die together (a zone) cost
/// nothing while there is a third.
const MAXIMUM_MOVES: u32 = 2;
/// The longest request that is kept to be sent again.
const REPLAYABLE: usize = 64 * 1024;
/// Interim answers (1xx) to one request.
const MAXIMUM_INTERIM: u32 = 16;
/// From this length on, the first piece of a body is sent beside the head rather than copied behind it.
const COPIED_BODY: usize = 16 * 1024;

/// How forwarding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The client has the whole answer.
    Answered { keep_alive: bool },
    /// Nothing of a final answer was sent.
    Failed(ProxyError),
    /// The answer was broken off, or the client went away during it.
    Broken,
}

/// What happened to a request, for counters and the log.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The target tried last: position in the group.
    pub target: Option<u32>,
    pub sent_at: Option<Instant>,
    pub answered_at: Option<Instant>,
    pub target_status: Option<u16>,
    pub elb_status: u16,
    /// Bytes of the target's answer that went to the client.
    pub forwarded: u64,
    /// Bytes of pages of our own.
    pub sent: u64,
    pub switched: bool,
    pub error: Option<ProxyError>,
}

/// Why one try ended without an answer.
enum Fault {
    /// No connection; nothing was sent.
    Unreached(ProxyError),
    /// The connection ended before any byte of an answer.
    Unanswered { reused: bool },
    /// Anything else before the final head.
    Error(ProxyError),
    /// Anything after it.
    Broken,
}

/// Forwards a request, on a second connection or to another target if need be.
pub(crate) async fn forward(connection: &mut Connection<'_>, request: &mut Request, progress: &mut Progress) -> End {
    let running = std::rc::Rc::clone(&request.running);
    let group = &running.snapshot.target_groups[request.target_group];
    let worker = connection.worker;
    let usable = &running.usable[request.target_group];
    let choose = |except| choose(group, usable, worker.wheel.now(), except);
    let load_balancer = running.snapshot.listeners[request.listener].load_balancer;
    let counts = running.snapshot.load_balancers[load_balancer].counts[0].1.of(worker.index);
    let Some(mut choice) = choose(None) else { return End::Failed(ProxyError::NoTarget) };
    if choice.fail_open {
        group.targets[choice.target as usize].state.counts.of(worker.index).unhealthy_routing_requests.add(1);
    }
    let replayable = group.retry
        && request.idempotent
        && request.body.is_complete()
        && worker.buffers.output.borrow().len() <= REPLAYABLE;
    let mut saved = Saved { worker, bytes: None };
    let mut may_renew = group.retry;
    let mut moves_left = if group.retry { MAXIMUM_MOVES } else { 0 };
    let mut fresh = false;
    loop {
        let attempt = Attempt { group, choice, fresh, replayable };
        progress.target = Some(choice.target);
        let result = attempt.run(connection, request, &mut saved, progress).await;
        connection.handle.end();
        let (error, again) = match result {
            Ok(end) => return end,
            Err(Fault::Broken) => return End::Broken,
            Err(Fault::Error(error)) => (error, false),
            Err(Fault::Unreached(error)) => (error, error == ProxyError::ConnectFailed),
            // The target closed a kept connection just then: that says nothing about the target.
            Err(Fault::Unanswered { reused: true }) if replayable && may_renew => {
                (may_renew, fresh) = (false, true);
                continue;
            }
            Err(Fault::Unanswered { .. }) => (ProxyError::TargetClosed, replayable),
        };
        let next = (again && moves_left > 0).then(|| choose(Some(choice.target))).flatten();
        match next.filter(|next| next.target != choice.target) {
            Some(next) => {
                (moves_left, fresh, choice) = (moves_left - 1, false, next);
                counts.retried_requests.add(1);
            }
            None => {
                attempt.target().state.counts.of(worker.index).requests.add(1);
                return End::Failed(error);
            }
        }
    }
}

/// The bytes of a request, kept while they may have to be sent (again).
struct Saved<'a> {
    worker: &'a Worker,
    bytes: Option<Vec<u8>>,
}

impl Saved<'_> {
    fn save(&mut self) {
        if self.bytes.is_none() {
            let mut bytes = self.worker.buffers.spare();
            bytes.extend_from_slice(&self.worker.buffers.output.borrow());
            self.bytes = Some(bytes);
        }
    }
}

impl Drop for Saved<'_> {
    fn drop(&mut self) {
        if let Some(bytes) = self.bytes.take() {
            self.worker.buffers.give_back(bytes);
        }
    }
}

/// One try with one target.
struct Attempt<'g> {
    group: &'g CompiledTargetGroup,
    choice: Choice,
    fresh: bool,
    replayable: bool,
}

impl<'g> Attempt<'g> {
    fn target(&self) -> &'g CompiledTarget {
        &self.group.targets[self.choice.target as usize]
    }

    async fn run(
        &self,
        connection: &mut Connection<'_>,
        request: &mut Request,
        saved: &mut Saved<'_>,
        progress: &mut Progress,
    ) -> Result<End, Fault> {
        let (worker, handle) = (connection.worker, connection.handle);
        let target = self.target();
        let counts = target.state.counts.of(worker.index);
        handle.begin(target.state.slot());
        let _in_flight = InFlight::begin(counts);
        let pooled = if self.fresh { None } else { worker.pools.borrow_mut().take(&target.state) };
        // A request that cannot be repeated is worth a system call to see whether the connection still stands.
        let pooled = pooled.filter(|stream| self.replayable || is_quiet_on_asking(stream));
        let reused = pooled.is_some();
        if !reused || self.replayable {
            saved.save();
        }
        let mut stream = match pooled {
            Some(stream) => stream,
            None => Box::pin(self.connect(worker, handle, counts)).await?,
        };
        worker.wheel.set(&handle.alarm, connection.idle_timeout);
        // Before the call and not after it: a target on the same processors may have answered when the call returns.
        let sent_at = Instant::now();
        send(&stream, worker, handle, saved, connection.idle_timeout, counts)
            .await
            .map_err(|fault| fault.unwrap_or(Fault::Unanswered { reused }))?;
        progress.sent_at = Some(sent_at);
        progress.answered_at = None;
        let exchange = Exchange {
            worker,
            handle,
            asked: request.asked,
            idle_timeout: connection.idle_timeout,
            keep_alive: request.keep_alive,
            uploaded: Cell::new(request.body.is_complete()),
            begun: Cell::new(false),
            reused,
            counts,
        };
        let answer = if request.body.is_complete() {
            exchange.answer(&mut stream, connection.writer.as_ref(), progress).await?
        } else {
            let upload = (&mut connection.reader, &mut connection.unread, &mut request.body, &mut request.received);
            Box::pin(exchange.both_ways(&mut stream, connection.writer.as_ref(), upload, progress)).await?
        };
        if answer.switched {
            return Ok(Box::pin(tunnel(connection, request, &mut stream, progress, counts)).await);
        }
        if answer.keep_target && request.clear && exchange.uploaded.get() {
            worker.pools.borrow_mut().put(&target.state, stream, worker.wheel.now());
        }
        Ok(End::Answered { keep_alive: answer.keep_client })
    }

    async fn connect(
        &self,
        worker: &Worker,
        handle: &ConnectionHandle,
        counts: &TargetCounts,
    ) -> Result<TcpStream, Fault> {
        let target = self.target();
        worker.wheel.set(&handle.alarm, CONNECT_TIMEOUT);
        let mut connecting = pin!(connect(target.address));
        let result = poll_fn(|context| match connecting.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(result.map_err(Interruption::Broken)),
            Poll::Pending => match interrupted(worker, handle, context) {
                Some(interruption) => Poll::Ready(Err(interruption)),
                None => Poll::Pending,
            },
        })
        .await;
        let error = match result {
            Ok(stream) => return Ok(stream),
            Err(Interruption::Broken(error)) if is_local_shortage(&error) => ProxyError::NoCapacity,
            Err(Interruption::Broken(_)) => ProxyError::ConnectFailed,
            Err(Interruption::TimedOut) => ProxyError::ConnectTimedOut,
            Err(Interruption::Cut | Interruption::Closing) => ProxyError::Deregistered,
        };
        if matches!(error, ProxyError::ConnectFailed | ProxyError::ConnectTimedOut) {
            counts.connection_errors.add(1);
            target.state.suspect(worker.wheel.now());
        }
        Err(Fault::Unreached(error))
    }
}

/// Sends the request (as far as it has been read). `Err(None)`: the connection is broken.
async fn send(
    stream: &TcpStream,
    worker: &Worker,
    handle: &ConnectionHandle,
    saved: &Saved<'_>,
    idle_timeout: Duration,
    counts: &TargetCounts,
) -> Result<(), Option<Fault>> {
    let rest = {
        let output = worker.buffers.output.borrow();
        let bytes = saved.bytes.as_deref().unwrap_or(&output);
        counts.sent_bytes.add(bytes.len() as u64);
        let written = write_now(stream, bytes).map_err(|_| None)?;
        Rest::of(worker, bytes, &[], written)
    };
    match rest {
        None => Ok(()),
        Some(rest) => rest.write(stream, handle, idle_timeout).await.map_err(|interruption| match interruption {
            Interruption::Broken(_) => None,
            Interruption::TimedOut | Interruption::Closing | Interruption::Cut => {
                Some(Fault::Error(while_waiting_for_target(&interruption)))
            }
        }),
    }
}

fn while_waiting_for_target(interruption: &Interruption) -> ProxyError {
    match interruption {
        Interruption::TimedOut => ProxyError::AnswerTimedOut,
        Interruption::Cut | Interruption::Closing => ProxyError::Deregistered,
        Interruption::Broken(_) => ProxyError::TargetClosed,
    }
}

/// A request that was sent, and its answer.
struct Exchange<'a> {
    worker: &'a Worker,
    handle: &'a ConnectionHandle,
    asked: Asked,
    idle_timeout: Duration,
    /// Whether the client's connection may stay open.
    keep_alive: bool,
    /// Whether the whole request was sent.
    uploaded: Cell<bool>,
    /// Whether the final head was passed on.
    begun: Cell<bool>,
    /// Whether the target's connection served other requests before.
    reused: bool,
    counts: &'a TargetCounts,
}

/// An answer that was passed on completely (or a 101).
struct Answer {
    keep_client: bool,
    keep_target: bool,
    switched: bool,
}

/// A final head that was passed on, with what followed it at once.
struct Begun {
    body: Body,
    answer: Answer,
    unframed: bool,
}

impl Exchange<'_> {
    async fn answer<R: AsyncRead + Unpin>(
        &self,
        target: &mut R,
        client: &TcpStream,
        progress: &mut Progress,
    ) -> Result<Answer, Fault> {
        let begun = self.head(target, client, progress).await?;
        if begun.body.is_complete() || begun.answer.switched {
            return Ok(begun.answer);
        }
        self.rest_of_body(target, client, begun, progress).await
    }

    /// Passes heads on until the final one.
    async fn head<R: AsyncRead + Unpin>(
        &self,
        target: &mut R,
        client: &TcpStream,
        progress: &mut Progress,
    ) -> Result<Begun, Fault> {
        let mut kept = Vec::new();
        let mut interim = 0;
        loop {
            let n = match self.wait_for_answer(target, client, kept.len()).await? {
                0 if kept.is_empty() && interim == 0 => return Err(Fault::Unanswered { reused: self.reused }),
                0 => return Err(Fault::Error(ProxyError::TargetClosed)),
                n => n,
            };
            self.counts.received_bytes.add(n as u64);
            self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
            restore(self.worker, &kept);
            let total = kept.len() + n;
            kept.clear();
            let (begun, rest) = self.pass_heads(total, &mut kept, &mut interim, client, progress)?;
            let final_head = begun.is_some();
            let unsent = if final_head { Fault::Broken } else { Fault::Error(ProxyError::ClientClosed) };
            self.flush(rest, client).await.map_err(|_| unsent)?;
            if let Some(begun) = begun {
                return Ok(begun);
            }
        }
    }

    /// Reads, and looks from time to time whether the client is still there.
    async fn wait_for_answer<R: AsyncRead + Unpin>(
        &self,
        target: &mut R,
        client: &TcpStream,
        kept: usize,
    ) -> Result<usize, Fault> {
        let (worker, handle) = (self.worker, self.handle);
        let mut polled = false;
        let result = poll_fn(|context| match poll_read(target, worker, kept, SCRATCH, context) {
            Poll::Ready(Ok(n)) => Poll::Ready(Ok(n)),
            // A reset before any byte is the same as an end before any byte.
            Poll::Ready(Err(_)) => Poll::Ready(Ok(0)),
            Poll::Pending => {
                let first = !std::mem::replace(&mut polled, true);
                handle.alarm.watch(true);
                match interrupted(worker, handle, context) {
                    Some(interruption) => Poll::Ready(Err(while_waiting_for_target(&interruption))),
                    None if !first && is_gone(client) => Poll::Ready(Err(ProxyError::ClientClosed)),
                    None => Poll::Pending,
                }
            }
        })
        .await;
        handle.alarm.watch(false);
        result.map_err(Fault::Error)
    }

    /// Reads the heads in the first `total` bytes of the input buffer, writes them for the client with what is there of
    /// the body, and sends that. Returns the final head, if it was among them, and what the client did not take.
    fn pass_heads(
        &self,
        total: usize,
        kept: &mut Vec<u8>,
        interim: &mut u32,
        client: &TcpStream,
        progress: &mut Progress,
    ) -> Result<(Option<Begun>, Option<Rest<'_>>), Fault> {
        let input = self.worker.buffers.input.borrow();
        let mut output = self.worker.buffers.output.borrow_mut();
        output.clear();
        let mut at = 0;
        while at < total {
            let bytes = &input[at..total];
            let mut storage = header::storage();
            match ResponseHead::parse(bytes, &mut storage, self.asked).map_err(Fault::Error)? {
                None => {
                    kept.extend_from_slice(bytes);
                    break;
                }
                Some(head) if head.is_interim() => {
                    *interim += 1;
                    if *interim > MAXIMUM_INTERIM {
                        return Err(Fault::Error(ProxyError::BadAnswer("too many interim answers")));
                    }
                    // 100 was ours to send; clients of HTTP/1.0 know no interim answers.
                    if head.status != 100 && self.asked.version == Version::Http11 {
                        head.write(self.asked, true, false, &mut output);
                    }
                    at += head.length;
                }
                Some(head) => {
                    let (begun, rest) = self.begin(&head, &bytes[head.length..], &mut output, client, progress)?;
                    return Ok((Some(begun), rest));
                }
            }
        }
        if output.is_empty() {
            return Ok((None, None));
        }
        let written = write_now(client, &output).map_err(|_| Fault::Error(ProxyError::ClientClosed))?;
        progress.forwarded += output.len() as u64;
        Ok((None, Rest::of(self.worker, &output, &[], written)))
    }

    /// Writes and sends the final head and the part of the body that came with it.
    fn begin(
        &self,
        head: &ResponseHead<'_, '_>,
        after: &[u8],
        output: &mut Vec<u8>,
        client: &TcpStream,
        progress: &mut Progress,
    ) -> Result<(Begun, Option<Rest<'_>>), Fault> {
        let now = Instant::now();
        let waited = progress.sent_at.map_or(Duration::ZERO, |sent| now.saturating_duration_since(sent));
        progress.answered_at = Some(now);
        progress.target_status = Some(head.status);
        let switched = head.status == 101;
        let chunked = matches!(head.body, Body::Chunked(_));
        let unframed = chunked && self.asked.version == Version::Http10;
        let delimited = head.body != Body::UntilClose && !unframed;
        let keep_client = self.keep_alive && delimited && self.uploaded.get() && !self.handle.is_closing() && !switched;
        head.write(self.asked, keep_client, unframed, output);

        let mut body = head.body.clone();
        const BAD: fn(super::body::InvalidChunks) -> Fault = |_| Fault::Error(ProxyError::BadAnswer("chunked body"));
        let (taken, beside) = if switched {
            // The first bytes of the other protocol.
            (after.len(), after)
        } else if unframed {
            (body.advance_unframed(after, output).map_err(BAD)?, &after[..0])
        } else {
            let taken = body.advance(after).map_err(BAD)?;
            (taken, &after[..taken])
        };
        self.begun.set(true);
        self.counts.requests.add(1);
        self.counts.answered(head.status, waited);
        progress.elb_status = head.status;
        progress.forwarded += (output.len() + beside.len()) as u64;
        let written = if beside.len() > COPIED_BODY {
            write_both_now(client, output, beside)
        } else {
            output.extend_from_slice(beside);
            write_now(client, output)
        };
        // The target has answered; that the client is gone is no failure of either.
        let written = written.map_err(|_| Fault::Broken)?;
        let beside = if beside.len() > COPIED_BODY { beside } else { &[] };
        let rest = Rest::of(self.worker, output, beside, written);
        let answer = Answer { keep_client, keep_target: head.keep_alive && taken == after.len(), switched };
        Ok((Begun { body, answer, unframed }, rest))
    }

    async fn rest_of_body<R: AsyncRead + Unpin>(
        &self,
        target: &mut R,
        client: &TcpStream,
        begun: Begun,
        progress: &mut Progress,
    ) -> Result<Answer, Fault> {
        let Begun { mut body, mut answer, unframed } = begun;
        while !body.is_complete() {
            self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
            let n = read(target, self.worker, self.handle, 0, SCRATCH).await.map_err(|_| Fault::Broken)?;
            if n == 0 {
                return if body == Body::UntilClose { Ok(answer) } else { Err(Fault::Broken) };
            }
            self.counts.received_bytes.add(n as u64);
            let (rest, taken) = self.pass_body(n, &mut body, unframed, client, progress)?;
            answer.keep_target &= taken == n;
            self.flush(rest, client).await.map_err(|_| Fault::Broken)?;
        }
        Ok(answer)
    }

    /// Sends the first `n` bytes of the input buffer, as far as they belong to the body.
    fn pass_body(
        &self,
        n: usize,
        body: &mut Body,
        unframed: bool,
        client: &TcpStream,
        progress: &mut Progress,
    ) -> Result<(Option<Rest<'_>>, usize), Fault> {
        let input = self.worker.buffers.input.borrow();
        let mut output = self.worker.buffers.output.borrow_mut();
        output.clear();
        let taken = if unframed { body.advance_unframed(&input[..n], &mut output) } else { body.advance(&input[..n]) };
        let taken = taken.map_err(|_| Fault::Broken)?;
        let bytes = if unframed { &output[..] } else { &input[..taken] };
        progress.forwarded += bytes.len() as u64;
        if bytes.is_empty() {
            return Ok((None, taken));
        }
        let written = write_now(client, bytes).map_err(|_| Fault::Broken)?;
        Ok((Rest::of(self.worker, bytes, &[], written), taken))
    }

    async fn flush(&self, rest: Option<Rest<'_>>, client: &TcpStream) -> Result<(), Interruption> {
        match rest {
            None => Ok(()),
            Some(rest) => rest.write(client, self.handle, self.idle_timeout).await,
        }
    }

    /// Sends the rest of the request while the answer may already come.
    async fn both_ways(
        &self,
        target: &mut TcpStream,
        client: &TcpStream,
        upload: (&mut ReadHalf<'_>, &mut Vec<u8>, &mut Body, &mut u64),
        progress: &mut Progress,
    ) -> Result<Answer, Fault> {
        let (mut from_target, to_target) = target.split();
        let (reader, unread, body, received) = upload;
        let mut up = pin!(self.upload(reader, unread, body, received, to_target));
        let mut down = pin!(self.answer(&mut from_target, client, progress));
        let mut up_ended = false;
        poll_fn(|context| {
            if !up_ended {
                match up.as_mut().poll(context) {
                    Poll::Ready(Ok(())) => up_ended = true,
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(Fault::Error(error))),
                    Poll::Pending => {}
                }
            }
            down.as_mut().poll(context)
        })
        .await
        // What began cannot be taken back by an error page.
        .map_err(|fault| if self.begun.get() { Fault::Broken } else { fault })
    }

    async fn upload(
        &self,
        client: &mut ReadHalf<'_>,
        unread: &mut Vec<u8>,
        body: &mut Body,
        received: &mut u64,
        target: WriteHalf<'_>,
    ) -> Result<(), ProxyError> {
        while !body.is_complete() {
            let n = read(client, self.worker, self.handle, 0, SCRATCH).await.map_err(|i| match i {
                Interruption::TimedOut => ProxyError::RequestTimeout,
                Interruption::Cut | Interruption::Closing => ProxyError::Deregistered,
                Interruption::Broken(_) => ProxyError::ClientClosed,
            })?;
            if n == 0 {
                return Err(ProxyError::BadRequest("incomplete body"));
            }
            let rest = {
                let input = self.worker.buffers.input.borrow();
                let taken = body.advance(&input[..n]).map_err(|_| ProxyError::BadRequest("chunked body"))?;
                *received += taken as u64;
                unread.extend_from_slice(&input[taken..n]);
                self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
                self.counts.sent_bytes.add(taken as u64);
                match write_now(target.as_ref(), &input[..taken]) {
                    Ok(written) => Rest::of(self.worker, &input[..taken], &[], written),
                    // The target takes no more; it may have answered already, which the other direction will see.
                    Err(_) => return Ok(()),
                }
            };
            if let Some(rest) = rest {
                match rest.write(target.as_ref(), self.handle, self.idle_timeout).await {
                    Ok(()) => {}
                    Err(Interruption::Broken(_)) => return Ok(()),
                    Err(other) => return Err(while_waiting_for_target(&other)),
                }
            }
        }
        self.uploaded.set(true);
        Ok(())
    }
}

/// Whether the client's connection was reset. An end of its sending is not: it may still be reading.
fn is_gone(client: &TcpStream) -> bool {
    !matches!(client.take_error(), Ok(None))
}

/// Runs the connection as a tunnel after a 101.
async fn tunnel(
    connection: &mut Connection<'_>,
    request: &mut Request,
    stream: &mut TcpStream,
    progress: &mut Progress,
    counts: &TargetCounts,
) -> End {
    progress.switched = true;
    let (mut from_target, mut to_target) = stream.split();
    let tunnel = Tunnel { worker: connection.worker, handle: connection.handle, idle_timeout: connection.idle_timeout };
    let traffic = Traffic::default();
    let client = (&mut connection.reader, &mut connection.writer);
    let result = tunnel.run(client, (&mut from_target, &mut to_target), &mut connection.unread, &traffic).await;
    request.received += traffic.received.get();
    progress.forwarded += traffic.sent.get();
    counts.sent_bytes.add(traffic.received.get());
    counts.received_bytes.add(traffic.sent.get());
    match result {
        Ok(()) => End::Answered { keep_alive: false },
        Err(_) => End::Broken,
    }
}
