//! One try with one target: which version of HTTP it speaks, and a connection to it.

use super::{
    client::Client,
    exchange,
    forward::{End, Saved},
    request::{Progress, Request},
    response_head::ResponseHead,
};
use crate::{
    action::forward::Choice,
    config::target_group::{CompiledTarget, CompiledTargetGroup},
    error::ProxyError,
    http2,
    io::{
        stream::HandshakeFault,
        wait::{Interruption, interrupted},
    },
    target::{
        connect::{CONNECT_TIMEOUT, connect as connect_to, is_local_shortage},
        connection::TargetConnection,
        in_flight::InFlight,
    },
    telemetry::{
        cause::{Cause, Ended, Phase},
        counters::TargetCounts,
    },
    timer::Micros,
    tls::{Connector, Outgoing, Session, TlsError, connect},
    worker::{ConnectionHandle, Worker},
};
use model::elbv2::target_group::ProtocolVersion;
use rustls::pki_types::ServerName;
use std::{future::poll_fn, io, pin::pin, task::Poll, time::Duration};
use tokio::net::TcpStream;

/// Why one try ended without an answer.
pub(crate) enum Fault {
    /// No connection; nothing was sent.
    Unreached(ProxyError),
    /// The target said that it has not looked at it (RFC 9113 section 8.7), and nothing of its content was read. `leaving`: it
    /// takes no more by that connection.
    Refused { leaving: bool },
    /// The connection ended before any byte of an answer.
    Unanswered { reused: bool },
    /// Anything else before the final head.
    Error(ProxyError),
    /// Anything after it.
    Broken,
}

/// One try with one target.
pub(crate) struct Attempt<'g> {
    pub group: &'g CompiledTargetGroup,
    pub choice: Choice,
    /// Whether it must be a new connection.
    pub fresh: bool,
    pub replayable: bool,
}

impl<'g> Attempt<'g> {
    pub fn target(&self) -> &'g CompiledTarget {
        &self.group.targets[self.choice.target as usize]
    }

    /// Sends the request and passes the answer on.
    #[inline]
    pub async fn run<C: Client>(
        &self,
        client: &C,
        request: &mut Request,
        saved: &mut Saved<'_>,
        progress: &mut Progress,
    ) -> Result<End, Fault> {
        let (worker, handle, state) = (&*client.connection().worker, client.handle(), &self.target().state);
        handle.begin(state.slot());
        let _in_flight = InFlight::begin(state.counts.of(worker.index));
        progress.cause = Cause { phase: Phase::Connecting, ..Cause::default() };
        progress.answered_at = None;
        match (self.group.protocol_version, client.http2()) {
            (ProtocolVersion::Http1, _) => exchange::run(self, client, request, saved, progress).await,
            (ProtocolVersion::Http2 | ProtocolVersion::Grpc, Some(stream)) => {
                Box::pin(http2::exchange::run(self, stream, request, saved, progress)).await
            }
            (ProtocolVersion::Http2 | ProtocolVersion::Grpc, None) => {
                Err(Fault::Error(ProxyError::IncompatibleProtocol))
            }
        }
    }

    /// Notes the final head of an answer, and makes the cookies that keep its client with the target.
    pub fn answered(
        &self,
        worker: &Worker,
        request: &Request,
        head: &ResponseHead<'_, '_>,
        progress: &mut Progress,
    ) -> Vec<u8> {
        let (now, counts) = (Micros::now(), self.target().state.counts.of(worker.index));
        let waited = progress.sent_at.map_or(Duration::ZERO, |sent| now.since(sent));
        progress.answered_at = Some(now);
        progress.answered(head.status);
        progress.cause.phase = Phase::Body;
        counts.requests.add(1);
        counts.answered(head.status, waited);
        let mut cookies = Vec::new();
        if let Some(sticky) = request.sticky.as_deref() {
            let target = self.target().cookie_name;
            progress.sticky = sticky.kept(target);
            if sticky.missed(target) {
                request.counts(worker.index).non_sticky_requests.add(1);
            }
            let keys = &request.running.snapshot.cookie_keys;
            sticky.write_cookies(self.group, target, head.set_cookies(), keys, worker, &mut cookies);
        }
        cookies
    }

    /// Opens a connection to the target. What it says before it is asked comes with it.
    pub async fn connect(
        &self,
        worker: &Worker,
        handle: &ConnectionHandle,
        request: &Request,
        counts: &TargetCounts,
        progress: &mut Progress,
    ) -> Result<(TargetConnection, Vec<u8>), Fault> {
        let target = self.target();
        worker.wheel.set(&handle.alarm, CONNECT_TIMEOUT);
        let mut connecting = pin!(connect_to(target.address, target.interface.as_deref()));
        let result = poll_fn(|context| match connecting.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(result.map_err(Interruption::Broken)),
            Poll::Pending => match interrupted(worker, handle, context) {
                Some(interruption) => Poll::Ready(Err(interruption)),
                None => Poll::Pending,
            },
        })
        .await;
        let (error, ended) = match result {
            Ok(stream) => return self.secure(worker, handle, request, counts, stream, progress).await,
            Err(Interruption::Broken(error)) if is_local_shortage(&error) => (ProxyError::NoCapacity, Ended::No),
            Err(Interruption::Broken(error)) => (ProxyError::ConnectFailed, refused(&error)),
            Err(Interruption::TimedOut) => (ProxyError::ConnectTimedOut, Ended::TimedOut),
            Err(Interruption::Cut | Interruption::Closing) => (ProxyError::Deregistered, Ended::Deregistered),
        };
        progress.cause.ended = ended;
        progress.cause.limit = CONNECT_TIMEOUT;
        if matches!(error, ProxyError::ConnectFailed | ProxyError::ConnectTimedOut) {
            counts.connection_errors.add(1);
            target.state.suspect(worker.wheel.now());
            if self.group.awaits_targets() {
                target.state.is_gone();
            }
        }
        Err(Fault::Unreached(error))
    }
}

impl Attempt<'_> {
    /// Goes through the TLS handshake, where the group's targets are spoken to over TLS.
    async fn secure(
        &self,
        worker: &Worker,
        handle: &ConnectionHandle,
        request: &Request,
        counts: &TargetCounts,
        stream: TcpStream,
        progress: &mut Progress,
    ) -> Result<(TargetConnection, Vec<u8>), Fault> {
        let connection = TargetConnection::new(worker, stream, request.server_name.clone());
        let Some(connectors) = &self.group.connectors else { return Ok((connection, Vec::new())) };
        progress.cause.phase = Phase::Handshake;
        let name = connect::server_name(request.server_name.as_deref(), self.target().address.ip());
        let shaken = match begin(connectors.of(request.listener().target_policy), name, &connection) {
            Ok(()) => connection.stream.handshake(worker, handle).await,
            Err(fault) => Err(fault),
        };
        let (error, ended) = match shaken {
            Ok(n) => return Ok((connection, worker.buffers.input.borrow()[..n].to_vec())),
            Err(HandshakeFault::Tls(TlsError::Truncated)) => (ProxyError::TargetTls, Ended::Closed),
            Err(HandshakeFault::Tls(_)) => (ProxyError::TargetTls, Ended::Misunderstood),
            Err(HandshakeFault::Interrupted(Interruption::Broken(_))) => (ProxyError::TargetTls, Ended::Reset),
            Err(HandshakeFault::Interrupted(Interruption::TimedOut)) => (ProxyError::TargetTls, Ended::TimedOut),
            Err(HandshakeFault::Interrupted(Interruption::Cut | Interruption::Closing)) => {
                (ProxyError::Deregistered, Ended::Deregistered)
            }
        };
        progress.cause.ended = ended;
        progress.cause.limit = CONNECT_TIMEOUT;
        if error == ProxyError::TargetTls {
            counts.tls_errors.add(1);
            self.target().state.suspect(worker.wheel.now());
        }
        Err(Fault::Unreached(error))
    }
}

fn begin(
    connector: &Connector,
    name: ServerName<'static>,
    connection: &TargetConnection,
) -> Result<(), HandshakeFault> {
    let mut first = Outgoing::default();
    let session = Session::client(connector, name, &mut first).map_err(HandshakeFault::Tls)?;
    let sent = connection.stream.secure(session, &first);
    sent.map_err(|error| HandshakeFault::Interrupted(Interruption::Broken(error)))
}

fn refused(error: &io::Error) -> Ended {
    if error.kind() == io::ErrorKind::ConnectionRefused { Ended::Refused } else { Ended::Reset }
}

/// What stopped us from waiting for the target, as an error.
pub(crate) fn while_waiting_for_target(interruption: &Interruption) -> ProxyError {
    match interruption {
        Interruption::TimedOut => ProxyError::AnswerTimedOut,
        Interruption::Cut | Interruption::Closing => ProxyError::Deregistered,
        Interruption::Broken(_) => ProxyError::TargetClosed,
    }
}
