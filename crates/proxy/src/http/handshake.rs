//! A client's TLS handshake: which listener it is for, and what the connection knows afterwards.
//!
//! Behind a front that several listeners share, the host that the client names in its first message chooses, before anything is
//! decided; a client that names none that is known is refused, as nobody's certificate would be right for it. What a
//! listener asks of clients is asked in the handshake, so a connection stays with its listener ([`ClientTls::listener`]).

use super::{
    client::{ClientConnection, ClientTls},
    own_answer::{Envelope, OwnAnswer, html},
};
use crate::{
    config::{CompiledSnapshot, FrontEntry},
    error::ProxyError,
    io::{
        stream::{HandshakeFault, Stream},
        wait::Interruption,
    },
    telemetry::connection::Handshake,
    timer::Micros,
    tls::{
        Acceptor, Application, Session, TlsError,
        client_certificate::ClientCertificate,
        error::verify_status,
        hello::{self, Hello},
    },
    worker::ConnectionHandle,
};
use std::{borrow::Cow, io, sync::Arc, time::Duration};

/// How long a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest read while the client's first message is looked at.
const HELLO_READ: usize = 16 * 1024;
/// What clients are told that speak HTTP without TLS to a listener with it; AWS's words.
const PLAIN_HTTP: &str = "400 The plain HTTP request was sent to HTTPS port";

/// A connection whose handshake is over.
#[derive(Debug)]
pub(crate) struct Opened {
    /// What is spoken.
    pub application: Application,
    /// What the client has said already.
    pub early: Vec<u8>,
}

/// Goes through the handshake. An error has been told to the client, as far as one can, and counted.
pub(crate) async fn run(
    connection: &ClientConnection,
    handle: &ConnectionHandle,
    stream: &Stream,
) -> Result<Opened, Interruption> {
    let (worker, began) = (&connection.worker, Micros::now());
    worker.wheel.set(&handle.alarm, HANDSHAKE_TIMEOUT);
    let mut first = Vec::new();
    let chosen = match choose(connection, None) {
        Choice::Listener(chosen) => chosen,
        Choice::Nobody => return Err(Interruption::Closing),
        Choice::NotAdmitted => return Err(reset(stream)),
        Choice::ByName => match read_hello(connection, handle, stream, &mut first).await? {
            Some(chosen) => chosen,
            None => return Err(Interruption::Closing),
        },
    };
    let session = Session::server(&chosen.acceptor);
    let done = match stream.secure(session, &[]) {
        Ok(()) => shake(connection, handle, stream, &first).await,
        Err(error) => Err(HandshakeFault::Interrupted(Interruption::Broken(error))),
    };
    worker.buffers.give_back(first);
    match done {
        Ok(plaintext) => {
            note(connection, stream, &chosen, Ok(Micros::now().since(began)));
            Ok(opened(connection, stream, &chosen, plaintext))
        }
        Err(fault) => {
            note(connection, stream, &chosen, Err(&fault));
            Err(failed(connection, stream, fault))
        }
    }
}

/// Notes the connection for the connection log, with how long its handshake took or why it failed.
fn note(connection: &ClientConnection, stream: &Stream, chosen: &Chosen, outcome: Result<Duration, &HandshakeFault>) {
    let snapshot = &chosen.snapshot;
    if snapshot.balancer_of(chosen.position).logs.connections.is_none() {
        return;
    }
    let session = stream.session();
    let agreed = session.as_ref().and_then(|session| session.agreed());
    let certificate = session.as_ref().and_then(|session| session.client_certificate());
    let text = |of: fn(&ClientCertificate) -> &str| certificate.map_or("", of);
    let status = verify_status(match outcome {
        Ok(_) => Ok(()),
        Err(HandshakeFault::Tls(error)) => Err(error),
        Err(HandshakeFault::Interrupted(_)) => Err(&TlsError::Truncated),
    });
    let handshake = Handshake {
        agreed: agreed.map(|agreed| (agreed.version, agreed.cipher)),
        group: agreed.and_then(|agreed| agreed.group),
        took: outcome.ok(),
        subject: text(|certificate| &certificate.subject),
        validity: text(|certificate| &certificate.validity),
        serial_number: text(|certificate| &certificate.serial_number),
        status: &status,
    };
    connection.note(snapshot, chosen.position, Some(&handshake));
}

/// What the handshake is for.
struct Chosen {
    acceptor: Arc<Acceptor>,
    listener: u64,
    snapshot: Arc<CompiledSnapshot>,
    /// Where the listener is in the snapshot.
    position: usize,
}

enum Choice {
    Listener(Chosen),
    /// The host that the client names decides.
    ByName,
    /// The listener does not take the client.
    NotAdmitted,
    /// The front is gone.
    Nobody,
}

/// Chooses the listener, by the host if there is one to go by.
fn choose(connection: &ClientConnection, host: Option<&str>) -> Choice {
    let running = connection.worker.running();
    let Some(front) = running.snapshot.front(&connection.front) else { return Choice::Nobody };
    let entry = match host {
        Some(host) => front.entry(host.as_bytes()),
        None => front.only(),
    };
    match entry {
        Some(entry) if !connection.is_admitted(&running.snapshot, entry) => Choice::NotAdmitted,
        Some(entry) => chosen(&running.snapshot, entry, connection).map_or(Choice::Nobody, Choice::Listener),
        None => Choice::ByName,
    }
}

fn chosen(snapshot: &Arc<CompiledSnapshot>, entry: &FrontEntry, connection: &ClientConnection) -> Option<Chosen> {
    let listener = &snapshot.listeners[entry.listener];
    let tls = listener.tls.as_ref()?;
    let load_balancer = snapshot.balancer_of(entry.listener);
    let zone = connection.zone(entry, load_balancer, &connection.worker.running());
    connection.count_for(snapshot, entry.listener, zone);
    Some(Chosen {
        acceptor: Arc::clone(&tls.acceptor),
        listener: listener.cookie_name,
        snapshot: Arc::clone(snapshot),
        position: entry.listener,
    })
}

/// Reads the client's first message and chooses by it. `None`: refused.
async fn read_hello(
    connection: &ClientConnection,
    handle: &ConnectionHandle,
    stream: &Stream,
    first: &mut Vec<u8>,
) -> Result<Option<Chosen>, Interruption> {
    let worker = &connection.worker;
    loop {
        let n = stream.read(worker, handle, 0, HELLO_READ).await?;
        if n == 0 {
            return Ok(None);
        }
        first.extend_from_slice(&worker.buffers.input.borrow()[..n]);
        let mut sealed = worker.buffers.sealed.borrow_mut();
        sealed.clear();
        let hello = match Hello::read(first, &mut sealed) {
            Ok(Some(hello)) => hello,
            Ok(None) => continue,
            Err(error) => {
                // The peer may be gone; then nobody misses it.
                let _told = stream.send_in_clear(&sealed);
                drop(sealed);
                return Err(failed(connection, stream, HandshakeFault::Tls(error)));
            }
        };
        match choose(connection, Some(hello.server_name().as_deref().unwrap_or_default())) {
            Choice::Listener(chosen) => return Ok(Some(chosen)),
            Choice::NotAdmitted => return Err(reset(stream)),
            Choice::ByName | Choice::Nobody => {
                hello::refuse_name(&mut sealed);
                let _told = stream.send_in_clear(&sealed);
                return Ok(None);
            }
        }
    }
}

/// Ends a connection without a word.
fn reset(stream: &Stream) -> Interruption {
    stream.abort();
    Interruption::Broken(io::ErrorKind::ConnectionReset.into())
}

async fn shake(
    connection: &ClientConnection,
    handle: &ConnectionHandle,
    stream: &Stream,
    first: &[u8],
) -> Result<usize, HandshakeFault> {
    stream.feed(first).map_err(HandshakeFault::Tls)?;
    stream.handshake(&connection.worker, handle).await
}

/// Keeps what targets and logs are told of the session.
fn opened(connection: &ClientConnection, stream: &Stream, chosen: &Chosen, plaintext: usize) -> Opened {
    let mut application = Application::Http11;
    if let Some(session) = stream.session() {
        application = session.application().unwrap_or(Application::Http11);
        connection.secured(ClientTls {
            listener: chosen.listener,
            asked: chosen.acceptor.asked(),
            agreed: session.agreed(),
            server_name: session.server_name().map(Box::from),
            certificate: session.certificate().cloned(),
            client_certificate: session.client_certificate().cloned().map(Box::new),
        });
    }
    Opened { application, early: connection.worker.buffers.input.borrow()[..plaintext].to_vec() }
}

fn failed(connection: &ClientConnection, stream: &Stream, fault: HandshakeFault) -> Interruption {
    connection.count(|counts| counts.client_tls_errors.add(1));
    match fault {
        HandshakeFault::Tls(TlsError::PlainHttp) => {
            // Nobody may be there to read it.
            let _told = stream.send_in_clear(&plain_http(connection));
            Interruption::Closing
        }
        HandshakeFault::Tls(_) => Interruption::Closing,
        HandshakeFault::Interrupted(interruption) => interruption,
    }
}

fn plain_http(connection: &ClientConnection) -> Vec<u8> {
    let mut out = Vec::new();
    connection.worker.with_date(|date| {
        let page = OwnAnswer::page(ProxyError::BadRequest("clear text"));
        let envelope = Envelope { server: true, date, trace_id: &[], set: &[] };
        OwnAnswer { body: Cow::Owned(html(PLAIN_HTTP)), ..page }.write(&envelope, false, false, &mut out);
    });
    out
}
