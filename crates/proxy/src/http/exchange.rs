//! One try with one target that speaks HTTP/1.1: the request, and the answer streamed back with back-pressure.
//!
//! A request without a body to come needs one read and one write on each side.

use super::{
    attempt::{Attempt, Fault, while_waiting_for_target},
    body::Body,
    client::{Additions, Client, Passed, Unpassable},
    forward::{End, Saved},
    header,
    request::{Progress, Request},
    response_head::{Asked, ResponseHead},
    upgrade::{Traffic, Tunnel},
};
use crate::{
    error::ProxyError,
    io::wait::{Interruption, interrupted},
    target::connection::TargetConnection,
    telemetry::{
        cause::{Ended, Phase},
        counters::TargetCounts,
    },
    timer::Micros,
    worker::{ConnectionHandle, Worker},
};
use std::{cell::Cell, future::poll_fn, pin::pin, task::Poll, time::Duration};

/// Interim answers (1xx) to one request.
const MAXIMUM_INTERIM: u32 = 16;

/// Exchanges request and answer with a target that speaks HTTP/1.1.
pub(crate) async fn run<C: Client>(
    attempt: &Attempt<'_>,
    client: &C,
    request: &mut Request,
    saved: &mut Saved<'_>,
    progress: &mut Progress,
) -> Result<End, Fault> {
    let (worker, handle) = (&*client.connection().worker, client.handle());
    let target = attempt.target();
    let counts = target.state.counts.of(worker.index);
    let name = request.server_name.as_deref();
    let pooled = if attempt.fresh { None } else { worker.pools.borrow_mut().take(&target.state, name) };
    // A request that cannot be repeated is worth a system call to see whether the connection still stands.
    let pooled = pooled.filter(|connection| attempt.replayable || connection.stream.is_quiet_on_asking());
    let reused = pooled.is_some();
    if !reused || attempt.replayable {
        saved.save();
    }
    let connection = match pooled {
        Some(connection) => {
            connection.describe(worker.wheel.now(), &mut progress.cause);
            connection
        }
        None => match Box::pin(attempt.connect(worker, handle, request, counts, progress)).await? {
            (connection, early) if early.is_empty() => connection,
            // What it says before it is asked cannot be an answer.
            (_, _) => {
                progress.cause.ended = Ended::Misunderstood;
                return Err(Fault::Error(ProxyError::BadAnswer("bytes before the request")));
            }
        },
    };
    let idle_timeout = client.connection().idle_timeout.get();
    worker.wheel.set(&handle.alarm, idle_timeout);
    // Before the call and not after it: a target on the same processors may have answered when the call returns.
    progress.sent_at = Some(if reused { request.began } else { Micros::now() });
    let exchange = Exchange {
        worker,
        handle,
        attempt,
        connection: &connection,
        asked: request.asked,
        idle_timeout,
        keep_alive: request.keep_alive,
        uploaded: Cell::new(request.body.is_complete()),
        begun: Cell::new(false),
        reused,
        counts,
    };
    exchange.send(saved, progress).await?;
    let answer = if request.body.is_complete() {
        exchange.answer(client, request, progress).await?
    } else {
        Box::pin(exchange.both_ways(client, request, progress)).await?
    };
    if answer.switched {
        return Ok(Box::pin(tunnel(client, request, &connection, progress, counts)).await);
    }
    let (uploaded, clear) = (exchange.uploaded.get(), request.clear);
    if answer.keep_target && clear && uploaded {
        worker.pools.borrow_mut().put(&target.state, connection, worker.wheel.now());
    }
    Ok(End::Answered { keep_alive: answer.keep_client })
}

/// A request that is sent, and its answer.
struct Exchange<'a> {
    worker: &'a Worker,
    handle: &'a ConnectionHandle,
    attempt: &'a Attempt<'a>,
    connection: &'a TargetConnection,
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
}

impl Exchange<'_> {
    /// Sends the request, as far as it has been read.
    async fn send(&self, saved: &Saved<'_>, progress: &mut Progress) -> Result<(), Fault> {
        progress.cause.phase = Phase::Sending;
        let sent = saved.with(|bytes| {
            self.counts.sent_bytes.add(bytes.len() as u64);
            progress.cause.sent = bytes.len() as u64;
            self.connection.stream.send(bytes)?;
            // One that cannot be repeated goes as soon as its connection was found to stand.
            if self.attempt.replayable { Ok(()) } else { self.connection.stream.push() }
        });
        let flushed = match sent {
            Ok(()) if !self.connection.stream.has_unsent() => Ok(()),
            Ok(()) => self.connection.stream.flush(self.worker, self.handle, self.idle_timeout).await,
            Err(error) => Err(Interruption::Broken(error)),
        };
        progress.cause.phase = Phase::Waiting;
        flushed.map_err(|interruption| match interruption {
            Interruption::Broken(_) => {
                progress.cause.ended = Ended::Reset;
                Fault::Unanswered { reused: self.reused }
            }
            Interruption::TimedOut | Interruption::Closing | Interruption::Cut => {
                Fault::Error(self.interrupted(&interruption, progress))
            }
        })
    }

    /// Notes what ended the wait for the target.
    fn interrupted(&self, interruption: &Interruption, progress: &mut Progress) -> ProxyError {
        progress.cause.limit = self.idle_timeout;
        progress.cause.ended = match interruption {
            Interruption::TimedOut => Ended::TimedOut,
            Interruption::Cut | Interruption::Closing => Ended::Deregistered,
            Interruption::Broken(_) => Ended::Reset,
        };
        while_waiting_for_target(interruption)
    }

    async fn answer<C: Client>(&self, client: &C, request: &Request, progress: &mut Progress) -> Result<Answer, Fault> {
        let begun = self.head(client, request, progress).await?;
        if begun.answer.switched {
            return Ok(begun.answer);
        }
        let answer = if begun.body.is_complete() {
            progress.ended_at = progress.answered_at;
            begun.answer
        } else {
            self.rest_of_body(client, begun, progress).await?
        };
        client.finish().map_err(|_| Fault::Broken)?;
        client.flush().await.map_err(|interruption| self.not_taken(&interruption, progress))?;
        progress.cause.phase = Phase::Done;
        Ok(answer)
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
    async fn head<C: Client>(&self, client: &C, request: &Request, progress: &mut Progress) -> Result<Begun, Fault> {
        let mut kept = Vec::new();
        let mut interim = 0;
        loop {
            let n = match self.wait_for_answer(client, kept.len(), progress).await? {
                0 if kept.is_empty() && interim == 0 => return Err(Fault::Unanswered { reused: self.reused }),
                0 => return Err(Fault::Error(ProxyError::TargetClosed)),
                n => n,
            };
            self.counts.received_bytes.add(n as u64);
            progress.cause.received += n as u64;
            progress.cause.phase = Phase::Head;
            self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
            self.worker.buffers.restore(&kept);
            let total = kept.len() + n;
            kept.clear();
            let begun = self.pass_heads(client, request, total, &mut kept, &mut interim, progress)?;
            let unsent = if begun.is_some() { Fault::Broken } else { Fault::Error(ProxyError::ClientClosed) };
            if let Err(interruption) = client.flush().await {
                self.not_taken(&interruption, progress);
                return Err(unsent);
            }
            if let Some(begun) = begun {
                return Ok(begun);
            }
        }
    }

    /// Reads, and looks from time to time whether the client is still there. What comes behind the head is kept until the client
    /// takes it, so it is not more than that.
    async fn wait_for_answer<C: Client>(
        &self,
        client: &C,
        kept: usize,
        progress: &mut Progress,
    ) -> Result<usize, Fault> {
        let (worker, handle) = (self.worker, self.handle);
        let mut polled = false;
        let result = poll_fn(|context| match self.connection.stream.poll_read(kept, client.appetite(), context) {
            Poll::Ready(Ok(n)) => {
                if n == 0 {
                    progress.cause.ended = Ended::Closed;
                }
                Poll::Ready(Ok(n))
            }
            // A reset before any byte is the same as an end before any byte.
            Poll::Ready(Err(_)) => {
                progress.cause.ended = Ended::Reset;
                Poll::Ready(Ok(0))
            }
            Poll::Pending => {
                let first = !std::mem::replace(&mut polled, true);
                handle.alarm.watch(true);
                match interrupted(worker, handle, context) {
                    Some(interruption) => Poll::Ready(Err(self.interrupted(&interruption, progress))),
                    None if !first && client.is_gone() => {
                        progress.cause.ended = Ended::ByClient;
                        Poll::Ready(Err(ProxyError::ClientClosed))
                    }
                    None => Poll::Pending,
                }
            }
        })
        .await;
        handle.alarm.watch(false);
        result.map_err(Fault::Error)
    }

    /// Reads the heads in the first `total` bytes of the input buffer and passes them on, with what is there of the body.
    /// Returns the final head, if it was among them.
    fn pass_heads<C: Client>(
        &self,
        client: &C,
        request: &Request,
        total: usize,
        kept: &mut Vec<u8>,
        interim: &mut u32,
        progress: &mut Progress,
    ) -> Result<Option<Begun>, Fault> {
        let input = self.worker.buffers.input.borrow();
        let mut at = 0;
        while at < total {
            let bytes = &input[at..total];
            let mut storage = header::storage();
            let head = ResponseHead::parse(bytes, &mut storage, self.asked).map_err(|error| {
                progress.cause.ended = Ended::Misunderstood;
                Fault::Error(error)
            })?;
            match head {
                None => {
                    kept.extend_from_slice(bytes);
                    break;
                }
                Some(head) if head.is_interim() => {
                    *interim += 1;
                    if *interim > MAXIMUM_INTERIM {
                        progress.cause.ended = Ended::Misunderstood;
                        return Err(Fault::Error(ProxyError::BadAnswer("too many interim answers")));
                    }
                    client.interim(&head, self.asked).map_err(|_| Fault::Error(ProxyError::ClientClosed))?;
                    at += head.length;
                }
                Some(head) => return self.begin(client, request, &head, &bytes[head.length..], progress).map(Some),
            }
        }
        Ok(None)
    }

    /// Passes on the final head and the part of the body that came with it.
    fn begin<C: Client>(
        &self,
        client: &C,
        request: &Request,
        head: &ResponseHead<'_, '_>,
        after: &[u8],
        progress: &mut Progress,
    ) -> Result<Begun, Fault> {
        let cookies = self.attempt.answered(self.worker, request, head, progress);
        let additions = Additions { set: &request.listener().response_headers, lines: &cookies };
        let mut body = head.body.clone();
        let keep_alive = self.keep_alive && self.uploaded.get();
        let passed = client.answer(head, self.asked, keep_alive, additions, &mut body, after);
        self.begun.set(true);
        let Passed { taken, keep_alive } = passed.map_err(|unpassable| match unpassable {
            Unpassable::Chunks => {
                progress.cause.ended = Ended::Misunderstood;
                Fault::Error(ProxyError::BadAnswer("chunked body"))
            }
            // The target has answered; that the client is gone is no failure of either.
            Unpassable::Client => {
                progress.cause.ended = Ended::ByClient;
                Fault::Broken
            }
        })?;
        let answer = Answer {
            keep_client: keep_alive,
            keep_target: head.keep_alive && taken == after.len(),
            switched: head.status == 101,
        };
        Ok(Begun { body, answer })
    }

    async fn rest_of_body<C: Client>(
        &self,
        client: &C,
        begun: Begun,
        progress: &mut Progress,
    ) -> Result<Answer, Fault> {
        let Begun { mut body, mut answer } = begun;
        while !body.is_complete() {
            self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
            let n = match self.connection.stream.read(self.worker, self.handle, 0, client.appetite()).await {
                Ok(n) => n,
                Err(interruption) => {
                    self.interrupted(&interruption, progress);
                    return Err(Fault::Broken);
                }
            };
            if n == 0 {
                progress.cause.ended = Ended::Closed;
                return if body == Body::UntilClose { Ok(answer) } else { Err(Fault::Broken) };
            }
            self.counts.received_bytes.add(n as u64);
            progress.cause.received += n as u64;
            let taken = {
                let input = self.worker.buffers.input.borrow();
                client.pass_body(&mut body, &input[..n]).map_err(|unpassable| {
                    progress.cause.ended = match unpassable {
                        Unpassable::Chunks => Ended::Misunderstood,
                        Unpassable::Client => Ended::ByClient,
                    };
                    Fault::Broken
                })?
            };
            answer.keep_target &= taken == n;
            client.flush().await.map_err(|interruption| self.not_taken(&interruption, progress))?;
        }
        Ok(answer)
    }

    /// Sends the rest of the request while the answer may already come.
    async fn both_ways<C: Client>(
        &self,
        client: &C,
        request: &mut Request,
        progress: &mut Progress,
    ) -> Result<Answer, Fault> {
        let mut body = std::mem::replace(&mut request.body, Body::None);
        let received = Cell::new(0);
        let result = {
            let mut up = pin!(self.upload(client, &mut body, &received));
            let mut down = pin!(self.answer(client, request, progress));
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
        };
        request.body = body;
        request.received += received.get();
        // What began cannot be taken back by an error page.
        result.map_err(|fault| if self.begun.get() { Fault::Broken } else { fault })
    }

    async fn upload<C: Client>(&self, client: &C, body: &mut Body, received: &Cell<u64>) -> Result<(), ProxyError> {
        let target = &self.connection.stream;
        while !body.is_complete() {
            let n = client.read_body(body).await?;
            received.set(received.get() + n as u64);
            self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
            self.counts.sent_bytes.add(n as u64);
            let sent = target.send(&self.worker.buffers.input.borrow()[..n]);
            // A target that takes no more may have answered already, which the other direction will see.
            if sent.is_err() {
                return Ok(());
            }
            match target.flush(self.worker, self.handle, self.idle_timeout).await {
                Ok(()) => {}
                Err(Interruption::Broken(_)) => return Ok(()),
                Err(other) => return Err(while_waiting_for_target(&other)),
            }
        }
        match target.settle(self.worker, self.handle, self.idle_timeout).await {
            Ok(()) => self.uploaded.set(true),
            Err(Interruption::Broken(_)) => {}
            Err(other) => return Err(while_waiting_for_target(&other)),
        }
        Ok(())
    }
}

/// Runs the connection as a tunnel after a 101.
async fn tunnel<C: Client>(
    client: &C,
    request: &mut Request,
    connection: &TargetConnection,
    progress: &mut Progress,
    counts: &TargetCounts,
) -> End {
    progress.switched = true;
    let Some((stream, early)) = client.take_over() else { return End::Broken };
    let about = client.connection();
    let tunnel = Tunnel { worker: &about.worker, handle: client.handle(), idle_timeout: about.idle_timeout.get() };
    let traffic = Traffic::default();
    let result = tunnel.run(stream, &connection.stream, early, &traffic).await;
    request.received += traffic.received.get();
    client.note_sent(traffic.sent.get());
    counts.sent_bytes.add(traffic.received.get());
    counts.received_bytes.add(traffic.sent.get());
    match result {
        Ok(()) => {
            progress.cause.phase = Phase::Done;
            End::Answered { keep_alive: false }
        }
        Err(interruption) => {
            progress.cause.ended = match interruption {
                Interruption::TimedOut => Ended::TimedOut,
                Interruption::Cut | Interruption::Closing => Ended::Deregistered,
                // Of one of the two sides; which one is not known here.
                Interruption::Broken(_) => Ended::Reset,
            };
            progress.cause.limit = tunnel.idle_timeout;
            End::Broken
        }
    }
}
