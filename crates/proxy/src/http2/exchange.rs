//! One try with one target that speaks HTTP/2: a stream for the request, and both directions at the same time.
//!
//! Content goes through as it comes, trailers behind it. Clients that speak HTTP/1.1 never get here (AWS answers them 464).

use super::{
    client::RequestStream,
    engine::OpenError,
    error::ErrorCode,
    mailbox::Mailbox,
    shared::{Found, Greeting, SharedConnection, Wanted},
};
use crate::{
    error::ProxyError,
    http::{
        attempt::{Attempt, Fault, while_waiting_for_target},
        client::{Additions, Client},
        forward::{End, Saved},
        header,
        request::{Progress, Request},
        response_head::ResponseHead,
    },
    io::{
        buffers::SCRATCH,
        wait::{Interruption, interrupted},
    },
    target::connect::CONNECT_TIMEOUT,
    telemetry::{
        cause::{Ended, Phase},
        counters::TargetCounts,
    },
    timer::Micros,
    tls::Application,
    worker::{ConnectionHandle, Worker},
};
use std::{
    cell::Cell,
    future::poll_fn,
    pin::pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

/// Interim answers (1xx) to one request.
const MAXIMUM_INTERIM: u32 = 16;

/// Exchanges request and answer.
pub(crate) async fn run(
    attempt: &Attempt<'_>,
    client: &RequestStream,
    request: &mut Request,
    saved: &mut Saved<'_>,
    progress: &mut Progress,
) -> Result<End, Fault> {
    let worker = &client.connection().worker;
    let counts = attempt.target().state.counts.of(worker.index);
    saved.save();
    let whole = request.body.is_complete();
    // Those that were there before may be as dead as the one that just failed.
    let from = if attempt.fresh { worker.shared_connections.next_number() } else { 0 };
    let (shared, mailbox, reused) = loop {
        let shared = shared(attempt, client, request, counts, progress, from).await?;
        shared.describe(worker.wheel.now(), &mut progress.cause);
        let reused = shared.was_used();
        match saved.with(|head| shared.open(head, whole, &client.mailbox.handle)) {
            Ok(mailbox) => break (shared, mailbox, reused),
            // Somebody else was quicker.
            Err(OpenError::Full) => {}
            Err(OpenError::Closing) => shared.leave(),
            Err(OpenError::NotAHead(_)) => return Err(Fault::Error(ProxyError::BadRequest("head"))),
        }
    };
    let sent = saved.with(<[u8]>::len) as u64;
    counts.sent_bytes.add(sent);
    progress.cause.sent = sent;
    progress.cause.phase = Phase::Waiting;
    progress.sent_at = Some(Micros::now());
    let idle_timeout = client.connection().idle_timeout.get();
    worker.wheel.set(&client.handle().alarm, idle_timeout);
    let exchange = Exchange {
        worker,
        attempt,
        client,
        shared: &shared,
        mailbox: &mailbox,
        idle_timeout,
        uploaded: Cell::new(whole),
        consumed: Cell::new(false),
        begun: Cell::new(false),
        heard: Cell::new(false),
        reused,
        counts,
    };
    let result = exchange.both_ways(request, progress).await;
    if let Err(Fault::Error(ProxyError::AnswerTimedOut)) = result
        && !exchange.heard.get()
    {
        // Perhaps it is the connection that is dead, and not the request.
        shared.leave();
    }
    let whole = result.is_ok() && exchange.uploaded.get();
    shared.wire.close(&mailbox, if whole { ErrorCode::NO_ERROR } else { ErrorCode::CANCEL });
    result.map(|()| End::Answered { keep_alive: true })
}

/// A connection to the target with room for a request, with the number `from` or a later one.
async fn shared(
    attempt: &Attempt<'_>,
    client: &RequestStream,
    request: &Request,
    counts: &TargetCounts,
    progress: &mut Progress,
    from: u64,
) -> Result<Rc<SharedConnection>, Fault> {
    let (worker, handle) = (&client.connection().worker, client.handle());
    let state = &attempt.target().state;
    let (server_name, content) = (request.server_name.as_deref(), !request.body.is_complete());
    let wanted = Wanted { server_name, content, from };
    worker.wheel.set(&handle.alarm, CONNECT_TIMEOUT);
    let found = poll_fn(|context| match worker.shared_connections.find(state, wanted, context) {
        Found::Connection(shared) => Poll::Ready(Ok(Some(shared))),
        Found::Nothing => Poll::Ready(Ok(None)),
        Found::Opening => match interrupted(worker, handle, context) {
            Some(Interruption::TimedOut) => Poll::Ready(Err(ProxyError::ConnectTimedOut)),
            Some(interruption) => Poll::Ready(Err(while_waiting_for_target(&interruption))),
            None => Poll::Pending,
        },
    })
    .await;
    if let Some(shared) = found.map_err(Fault::Unreached)? {
        return Ok(shared);
    }
    let opening = worker.shared_connections.opening(state);
    let (connection, early) = Box::pin(attempt.connect(worker, handle, request, counts, progress)).await?;
    let agreed = connection.stream.session().map(|session| session.application());
    if agreed.is_some_and(|application| application != Some(Application::Http2)) {
        progress.cause.ended = Ended::Misunderstood;
        counts.tls_errors.add(1);
        return Err(Fault::Error(ProxyError::BadAnswer("the target does not speak HTTP/2")));
    }
    let shared = SharedConnection::start(worker, connection, early, state, worker.shared_connections.number());
    if let Err(error) = greeted(&shared, worker, handle, progress).await {
        shared.leave();
        if error == ProxyError::ConnectFailed {
            counts.connection_errors.add(1);
            state.suspect(worker.wheel.now());
            if attempt.group.awaits_targets() {
                state.is_gone();
            }
        }
        return Err(Fault::Unreached(error));
    }
    opening.done(&shared);
    Ok(shared)
}

/// Waits for the target's settings. Whoever does not, sends more streams than the target takes, and has them refused.
async fn greeted(
    shared: &SharedConnection,
    worker: &Worker,
    handle: &ConnectionHandle,
    progress: &mut Progress,
) -> Result<(), ProxyError> {
    let greeting = poll_fn(|context| match shared.poll_greeting(context) {
        Poll::Ready(greeting) => Poll::Ready(Ok(greeting)),
        Poll::Pending => match interrupted(worker, handle, context) {
            Some(Interruption::TimedOut) => Poll::Ready(Err((ProxyError::ConnectTimedOut, Ended::TimedOut))),
            Some(interruption) => Poll::Ready(Err((while_waiting_for_target(&interruption), Ended::Deregistered))),
            None => Poll::Pending,
        },
    });
    let (error, ended) = match greeting.await {
        Ok(Greeting::Came) => return Ok(()),
        Ok(Greeting::Closed) => (ProxyError::ConnectFailed, Ended::Closed),
        Ok(Greeting::Misunderstood) => {
            (ProxyError::BadAnswer("the target does not speak HTTP/2"), Ended::Misunderstood)
        }
        Err(interrupted) => interrupted,
    };
    progress.cause.ended = ended;
    progress.cause.limit = CONNECT_TIMEOUT;
    Err(error)
}

/// A request that was begun.
struct Exchange<'a> {
    worker: &'a Worker,
    attempt: &'a Attempt<'a>,
    client: &'a RequestStream,
    shared: &'a SharedConnection,
    mailbox: &'a Mailbox,
    idle_timeout: Duration,
    /// Whether the whole request was sent.
    uploaded: Cell<bool>,
    /// Whether content or trailers of the request were taken, which nobody could send again.
    consumed: Cell<bool>,
    /// Whether the final head was passed on.
    begun: Cell<bool>,
    /// Whether anything came from the target.
    heard: Cell<bool>,
    /// Whether the connection served other requests before.
    reused: bool,
    counts: &'a TargetCounts,
}

impl Exchange<'_> {
    async fn both_ways(&self, request: &mut Request, progress: &mut Progress) -> Result<(), Fault> {
        let received = Cell::new(0);
        let result = {
            let mut up = pin!(self.upload(&received));
            let mut down = pin!(self.download(request, progress));
            let mut up_ended = self.uploaded.get();
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
        };
        request.received += received.get();
        if self.uploaded.get() {
            request.body = crate::http::body::Body::None;
        }
        // What began cannot be taken back by an error page.
        result.map_err(|fault| if self.begun.get() { Fault::Broken } else { fault })
    }

    async fn upload(&self, received: &Cell<u64>) -> Result<(), ProxyError> {
        loop {
            poll_fn(|context| self.client.poll_content(context)).await?;
            let most = self.shared.wire.appetite(self.mailbox);
            let n = self.client.connection.wire.take_content(&self.client.mailbox, 0, most);
            received.set(received.get() + n as u64);
            self.counts.sent_bytes.add(n as u64);
            self.worker.wheel.set(&self.client.handle().alarm, self.idle_timeout);
            let end = self.client.mailbox.is_at_end();
            let trailers = if end { self.client.mailbox.take_trailers() } else { Vec::new() };
            let last = end && trailers.is_empty();
            if n > 0 || !trailers.is_empty() {
                self.consumed.set(true);
            }
            let sent = {
                let input = self.worker.buffers.input.borrow();
                self.shared.wire.send(self.mailbox, &input[..n], last)
            };
            if sent.is_ok() && !trailers.is_empty() {
                let _gone = self.mailbox.send_trailers(&mut self.shared.wire.engine.borrow_mut(), &trailers);
                self.shared.wire.touch();
            }
            // A target that takes no more may have answered already, which the other direction will see.
            if sent.is_err() {
                return Ok(());
            }
            poll_fn(|context| self.poll_sent(context)).await?;
            // It takes no more, and what is kept for it would only grow.
            if self.mailbox.reset().is_some() {
                return Ok(());
            }
            if end {
                self.uploaded.set(true);
                return Ok(());
            }
        }
    }

    /// Waits until the target's windows took all that was sent.
    fn poll_sent(&self, context: &mut Context<'_>) -> Poll<Result<(), ProxyError>> {
        if !self.mailbox.has_rest() || self.mailbox.reset().is_some() {
            return Poll::Ready(Ok(()));
        }
        self.mailbox.register(context);
        match interrupted(self.worker, self.client.handle(), context) {
            Some(interruption) => Poll::Ready(Err(while_waiting_for_target(&interruption))),
            None => Poll::Pending,
        }
    }

    async fn download(&self, request: &Request, progress: &mut Progress) -> Result<(), Fault> {
        self.heads(request, progress).await?;
        loop {
            self.worker.wheel.set(&self.client.handle().alarm, self.idle_timeout);
            if !self.client.mailbox.has_ended() {
                poll_fn(|context| self.poll_content(context, progress)).await?;
                self.pass(progress)?;
            }
            self.client.flush().await.map_err(|interruption| self.not_taken(&interruption, progress))?;
            if self.client.mailbox.has_ended() {
                progress.cause.phase = Phase::Done;
                return Ok(());
            }
        }
    }

    /// The client did not take the rest of its answer.
    fn not_taken(&self, interruption: &Interruption, progress: &mut Progress) -> Fault {
        progress.cause.limit = self.idle_timeout;
        progress.cause.ended = match interruption {
            Interruption::TimedOut => Ended::TimedOut,
            Interruption::Cut | Interruption::Closing => Ended::Deregistered,
            Interruption::Broken(_) => Ended::ByClient,
        };
        Fault::Broken
    }

    /// Passes heads on until the final one.
    async fn heads(&self, request: &Request, progress: &mut Progress) -> Result<(), Fault> {
        for _ in 0..=MAXIMUM_INTERIM {
            let head = poll_fn(|context| self.poll_head(context, progress)).await?;
            self.counts.received_bytes.add(head.len() as u64);
            progress.cause.received += head.len() as u64;
            self.worker.wheel.set(&self.client.handle().alarm, self.idle_timeout);
            let mut storage = header::storage();
            let parsed = ResponseHead::parse(&head, &mut storage, request.asked).map_err(|error| {
                progress.cause.ended = Ended::Misunderstood;
                Fault::Error(error)
            })?;
            let Some(head) = parsed else { return Err(Fault::Error(ProxyError::AnswerHeadTooLarge)) };
            if !head.is_interim() {
                return self.begin(request, &head, progress);
            }
            self.client.interim(&head, request.asked).map_err(|_| Fault::Error(ProxyError::ClientClosed))?;
        }
        progress.cause.ended = Ended::Misunderstood;
        Err(Fault::Error(ProxyError::BadAnswer("too many interim answers")))
    }

    fn begin(&self, request: &Request, head: &ResponseHead<'_, '_>, progress: &mut Progress) -> Result<(), Fault> {
        let cookies = self.attempt.answered(self.worker, request, head, progress);
        let additions = Additions { set: &request.listener().response_headers, lines: &cookies };
        let end = self.mailbox.is_at_end() && !self.mailbox.has_trailers();
        let mut number = Vec::new();
        let length = head.content_length().map(|length| {
            header::write_number(length, &mut number);
            (&b"content-length"[..], number.as_slice())
        });
        let sent = self.client.send_head(head.status, head.fields(additions).chain(length), end);
        self.begun.set(true);
        sent.map_err(|_| {
            progress.cause.ended = Ended::ByClient;
            Fault::Broken
        })
    }

    /// Passes on what is there of the content, and trailers behind it.
    fn pass(&self, progress: &mut Progress) -> Result<(), Fault> {
        let most = self.client.appetite().min(SCRATCH);
        let n = self.shared.wire.take_content(self.mailbox, 0, most);
        self.counts.received_bytes.add(n as u64);
        progress.cause.received += n as u64;
        let end = self.mailbox.is_at_end();
        let trailers = if end { self.mailbox.take_trailers() } else { Vec::new() };
        let last = end && trailers.is_empty();
        let input = self.worker.buffers.input.borrow();
        let mut sent = if n > 0 || last { self.client.send(&input[..n], last) } else { Ok(()) };
        if end && !last {
            sent = sent.and_then(|()| self.client.send_trailers(&trailers));
        }
        sent.map_err(|_| {
            progress.cause.ended = Ended::ByClient;
            Fault::Broken
        })
    }

    fn poll_head(&self, context: &mut Context<'_>, progress: &mut Progress) -> Poll<Result<Vec<u8>, Fault>> {
        if let Some(head) = self.mailbox.take_head() {
            self.heard.set(true);
            return Poll::Ready(Ok(head));
        }
        self.poll_trouble(context, progress)
    }

    fn poll_content(&self, context: &mut Context<'_>, progress: &mut Progress) -> Poll<Result<(), Fault>> {
        if self.mailbox.has_content() {
            return Poll::Ready(Ok(()));
        }
        self.poll_trouble(context, progress)
    }

    /// Whether waiting for the target is in vain; else who waits is woken when something comes.
    fn poll_trouble<T>(&self, context: &Context<'_>, progress: &mut Progress) -> Poll<Result<T, Fault>> {
        if let Some(code) = self.mailbox.reset() {
            return Poll::Ready(Err(self.reset(code, progress)));
        }
        if self.client.is_gone() {
            progress.cause.ended = Ended::ByClient;
            return Poll::Ready(Err(Fault::Error(ProxyError::ClientClosed)));
        }
        self.mailbox.register(context);
        self.client.mailbox.register(context);
        match interrupted(self.worker, self.client.handle(), context) {
            None => Poll::Pending,
            Some(interruption) => {
                progress.cause.limit = self.idle_timeout;
                progress.cause.ended = match interruption {
                    Interruption::TimedOut => Ended::TimedOut,
                    Interruption::Cut | Interruption::Closing => Ended::Deregistered,
                    Interruption::Broken(_) => Ended::Reset,
                };
                Poll::Ready(Err(Fault::Error(while_waiting_for_target(&interruption))))
            }
        }
    }

    /// What it means that the target's stream is gone.
    fn reset(&self, code: ErrorCode, progress: &mut Progress) -> Fault {
        let lost = self.mailbox.is_lost();
        progress.cause.ended = if lost { Ended::Closed } else { Ended::Reset };
        match code {
            ErrorCode::REFUSED_STREAM if !self.consumed.get() && !self.heard.get() => {
                Fault::Refused { leaving: self.shared.takes_no_more() }
            }
            _ if lost && !self.heard.get() => Fault::Unanswered { reused: self.reused },
            _ => Fault::Error(ProxyError::TargetClosed),
        }
    }
}
