//! The TLS of one connection, fed with slices.
//!
//! Nothing is read or written here, and a session at rest owns no buffer: what was read is decrypted in the caller's
//! buffer and handed over at its front, as if it had been read there without TLS; what is to be sent is encrypted into
//! the caller's [`Outgoing`]. Only an incomplete record is kept until its rest has come.
//!
//! It drives the library's connections without buffers of their own. Measured against those with buffers (AES-128-GCM, 16
//! kB records): a seventh less time to send, a quarter less to receive, and 2.5 instead of 6.7 kB of the library's memory
//! for an idle connection. Renegotiation is refused and early data never accepted.

use super::{
    accept::Acceptor,
    application::Application,
    certificates::Certificate,
    client_certificate::{Asked, ClientCertificate},
    client_verifier,
    connect::Connector,
    error::TlsError,
    hello::{Hello, MAXIMUM_RECORD, RECORD_HEADER},
    outgoing::Outgoing,
    policy::{self, Agreed},
};
use rustls::{
    CommonState, HandshakeKind,
    client::{ClientConnectionData, UnbufferedClientConnection},
    pki_types::ServerName,
    server::{ServerConnectionData, UnbufferedServerConnection},
    unbuffered::{ConnectionState, EncodeError, EncodeTlsData, EncryptError, UnbufferedStatus, WriteTraffic},
};
use std::{fmt, sync::Arc};

/// Room in front of what is read: the content of one record, so that it can be handed over at the front of the buffer
/// while the next one still stands where it was read.
pub const HEADROOM: usize = 16 * 1024;
/// The most that is kept of what is incomplete: a client's certificates (64 kB) with the records around them. After the
/// handshake it is one record.
pub const MAXIMUM_KEPT: usize = 128 * 1024;
/// Most bytes that the content of a record can have.
const RECORD_CONTENT: usize = 16 * 1024;
/// Most bytes that encryption adds to a record with what we serve: header, explicit nonce, content type and tag.
const RECORD_OVERHEAD: usize = RECORD_HEADER + 8 + 1 + 16;
/// Room for what TLS itself may want to say before the next content.
const CONTROL_ROOM: usize = 512;

/// How many bytes content becomes at most when it is encrypted.
pub const fn sealed_length(content: usize) -> usize {
    content + content.div_ceil(RECORD_CONTENT) * RECORD_OVERHEAD
}

/// What a call of [`Session::receive`] brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// This many bytes of content stand at the front of the buffer.
    pub plaintext: usize,
    /// The handshake ended in this call: content can be sent from now on.
    pub handshake_done: bool,
    /// The peer has said that no more comes from it.
    pub peer_closed: bool,
}

/// One connection's TLS.
pub struct Session {
    state: State,
    /// Bytes of records and of handshake messages that are not complete.
    kept: Vec<u8>,
    /// How many of them belong to complete records.
    whole: usize,
    asked: Asked,
    server_name: Option<Box<str>>,
    certificate: Option<Arc<Certificate>>,
    client_certificate: Option<Box<ClientCertificate>>,
    failure: Option<Box<TlsError>>,
    peer_closed: bool,
    closed: bool,
}

enum State {
    /// A client's first message has not come yet.
    Hello(Arc<Acceptor>),
    Server(Box<UnbufferedServerConnection>),
    Client(Box<UnbufferedClientConnection>),
}

impl Session {
    /// The side of a listener. It begins with the first bytes of the client.
    pub fn server(acceptor: &Arc<Acceptor>) -> Self {
        Self::new(State::Hello(Arc::clone(acceptor)), acceptor.asked())
    }

    /// The side towards a target ([`super::connect::server_name`] makes the name); `out` gets the first message.
    ///
    /// # Errors
    /// The library fails.
    pub fn client(connector: &Connector, name: ServerName<'static>, out: &mut Outgoing) -> Result<Self, TlsError> {
        let connection = UnbufferedClientConnection::new(Arc::clone(&connector.config), name);
        let connection = Box::new(connection.map_err(TlsError::of_target)?);
        let mut session = Self::new(State::Client(connection), Asked::Nothing);
        session.step(&mut [], 0, 0, out);
        match session.failure.as_deref() {
            Some(failure) => Err(failure.clone()),
            None => Ok(session),
        }
    }

    fn new(state: State, asked: Asked) -> Self {
        Self {
            state,
            kept: Vec::new(),
            whole: 0,
            asked,
            server_name: None,
            certificate: None,
            client_certificate: None,
            failure: None,
            peer_closed: false,
            closed: false,
        }
    }

    /// Where in the caller's buffer the next bytes of the socket are to be read: behind [`HEADROOM`] and what was kept, at
    /// most [`MAXIMUM_KEPT`] bytes.
    pub fn read_at(&self) -> usize {
        HEADROOM + self.kept.len()
    }

    /// Takes what was read from the socket, all of it: `read` bytes at [`Session::read_at`]. Content is then at the front
    /// of the buffer; `out` gets what must be sent. Nothing is lost and nothing needs a second call: content is never
    /// longer than the records that it came in. When something fails behind content, the content comes first and the
    /// failure with the next call, of this or of [`Session::end`].
    ///
    /// # Errors
    /// The session is over. `out` has the alert to send, where one is due.
    pub fn receive(&mut self, buffer: &mut [u8], read: usize, out: &mut Outgoing) -> Result<Received, TlsError> {
        if let Some(failure) = &self.failure {
            return Err(TlsError::clone(failure));
        }
        let read_at = self.read_at();
        let end = read_at + read;
        if end > buffer.len() {
            return Err(self.fail(TlsError::Internal("the buffer is shorter than what was read".to_owned())));
        }
        if !matches!(self.state, State::Hello(_)) && !self.completes_a_record(&buffer[read_at..end]) {
            return self.keep(&buffer[read_at..end]).map(|()| self.received(0, false));
        }
        buffer[HEADROOM..read_at].copy_from_slice(&self.kept);
        let was_handshaking = self.is_handshaking();
        if let State::Hello(acceptor) = &self.state {
            let acceptor = Arc::clone(acceptor);
            match self.greet(&acceptor, &buffer[HEADROOM..end], out) {
                Ok(true) => {}
                Ok(false) => return self.keep(&buffer[read_at..end]).map(|()| self.received(0, false)),
                Err(error) => return Err(self.fail(error)),
            }
        }
        let plaintext = self.process(buffer, end, out);
        let handshake_done = was_handshaking && self.failure.is_none() && !self.is_handshaking();
        if handshake_done {
            self.client_certificate = self.shown_certificate();
        }
        match &self.failure {
            Some(failure) if plaintext == 0 => Err(TlsError::clone(failure)),
            Some(_) | None => Ok(self.received(plaintext, handshake_done)),
        }
    }

    fn received(&self, plaintext: usize, handshake_done: bool) -> Received {
        Received { plaintext, handshake_done, peer_closed: self.peer_closed }
    }

    /// The socket has ended: was that the end of what the peer wanted to send?
    ///
    /// # Errors
    /// [`TlsError::Truncated`] when the peer did not say so; what failed before, if something did.
    pub fn end(&self) -> Result<(), TlsError> {
        match &self.failure {
            Some(failure) => Err(TlsError::clone(failure)),
            None if self.peer_closed => Ok(()),
            None => Err(TlsError::Truncated),
        }
    }

    /// Encrypts content into records that are added to `out`: full ones of 16 kB, and what is left.
    ///
    /// # Errors
    /// The session is over or closed, or the handshake is not over.
    pub fn send(&mut self, plaintext: &[u8], out: &mut Outgoing) -> Result<(), TlsError> {
        if let Some(failure) = &self.failure {
            return Err(TlsError::clone(failure));
        }
        if self.closed {
            return Err(TlsError::Closed);
        }
        if plaintext.is_empty() {
            return Ok(());
        }
        let result = match &mut self.state {
            State::Hello(_) => return Err(TlsError::Handshaking),
            State::Server(connection) => send(connection.as_mut(), &mut self.kept, plaintext, out),
            State::Client(connection) => send(connection.as_mut(), &mut self.kept, plaintext, out),
        };
        result.map_err(|error| if error == TlsError::Handshaking { error } else { self.fail(error) })
    }

    /// Says to the peer that no more comes: `out` gets the close_notify, once. During the handshake there is no such
    /// message, and after a failure an alert was sent instead.
    pub fn close(&mut self, out: &mut Outgoing) {
        if self.closed || self.failure.is_some() {
            return;
        }
        self.closed = true;
        match &mut self.state {
            State::Hello(_) => {}
            State::Server(connection) => close(connection.as_mut(), &mut self.kept, out),
            State::Client(connection) => close(connection.as_mut(), &mut self.kept, out),
        }
    }

    /// Whether the handshake is not over.
    pub fn is_handshaking(&self) -> bool {
        self.common().is_none_or(CommonState::is_handshaking)
    }

    /// The host that the client named, in lower case; known from its first message on.
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// The certificate that was chosen for the client. It was not shown when the session was resumed.
    pub fn certificate(&self) -> Option<&Arc<Certificate>> {
        self.certificate.as_ref()
    }

    /// What the client showed: once the handshake is over, or refused because of it.
    pub fn client_certificate(&self) -> Option<&ClientCertificate> {
        self.client_certificate.as_deref()
    }

    /// The application protocol that was agreed on; `None`: none was, which means HTTP/1.1.
    pub fn application(&self) -> Option<Application> {
        self.common().and_then(CommonState::alpn_protocol).and_then(Application::named)
    }

    /// The names of version, cipher and group, as soon as version and cipher are agreed on.
    pub fn agreed(&self) -> Option<Agreed> {
        let common = self.common()?;
        let group = common.negotiated_key_exchange_group().map(|group| group.name());
        Some(policy::agreed(common.protocol_version()?, common.negotiated_cipher_suite()?.suite(), group))
    }

    /// Whether an earlier session was resumed: no certificate was shown then.
    pub fn is_resumed(&self) -> bool {
        self.common().and_then(CommonState::handshake_kind) == Some(HandshakeKind::Resumed)
    }

    fn common(&self) -> Option<&CommonState> {
        match &self.state {
            State::Hello(_) => None,
            State::Server(connection) => Some(connection),
            State::Client(connection) => Some(connection),
        }
    }

    fn shown_certificate(&self) -> Option<Box<ClientCertificate>> {
        let chain = self.common()?.peer_certificates()?;
        ClientCertificate::read(chain, self.asked).map(Box::new)
    }

    /// Looks at the first message of a client and makes the connection that answers it. `false`: it is not complete.
    fn greet(&mut self, acceptor: &Acceptor, bytes: &[u8], out: &mut Outgoing) -> Result<bool, TlsError> {
        let Some(hello) = Hello::read(bytes, out)? else {
            return Ok(false);
        };
        let decision = acceptor.decide(&hello);
        self.server_name = hello.server_name().map(String::into_boxed_str);
        self.certificate = decision.certificate;
        let connection = UnbufferedServerConnection::new(decision.config).map_err(TlsError::of_client)?;
        self.state = State::Server(Box::new(connection));
        Ok(true)
    }

    /// Whether new bytes, behind those kept, end a record (or show that it can be none). A peer that sends single bytes
    /// then costs no more than their copying.
    fn completes_a_record(&self, new: &[u8]) -> bool {
        let begun = &self.kept[self.whole..];
        let have = begun.len() + new.len();
        let byte = |at: usize| if at < begun.len() { begun[at] } else { new[at - begun.len()] };
        have >= RECORD_HEADER && {
            let length = usize::from(u16::from_be_bytes([byte(3), byte(4)]));
            length > MAXIMUM_RECORD || have >= RECORD_HEADER + length
        }
    }

    fn keep(&mut self, new: &[u8]) -> Result<(), TlsError> {
        if self.kept.len() + new.len() > MAXIMUM_KEPT {
            return Err(self.fail(TlsError::TooLarge));
        }
        self.kept.extend_from_slice(new);
        Ok(())
    }

    /// Gives the library what stands in the buffer from [`HEADROOM`] on, and keeps what it could not use yet.
    fn process(&mut self, buffer: &mut [u8], end: usize, out: &mut Outgoing) -> usize {
        let boundary = last_boundary(buffer, HEADROOM + self.whole, end);
        self.kept.clear();
        self.whole = 0;
        let (consumed, plaintext) = self.step(buffer, HEADROOM, end, out);
        let rest = if self.peer_closed || self.failure.is_some() { &[] } else { &buffer[consumed..end] };
        if rest.is_empty() {
            self.kept = Vec::new();
        } else if self.keep(rest).is_ok() {
            self.whole = boundary.saturating_sub(consumed).min(rest.len());
        }
        plaintext
    }

    /// Lets the library work on `buffer[from..end]`; how far it came, and how much content is at the front.
    fn step(&mut self, buffer: &mut [u8], from: usize, end: usize, out: &mut Outgoing) -> (usize, usize) {
        let (progress, translate): (_, fn(rustls::Error) -> TlsError) = match &mut self.state {
            State::Hello(_) => return (from, 0),
            State::Server(connection) => (drive(connection.as_mut(), buffer, from, end, out), TlsError::of_client),
            State::Client(connection) => (drive(connection.as_mut(), buffer, from, end, out), TlsError::of_target),
        };
        self.peer_closed |= progress.peer_closed;
        if let Some(error) = progress.error {
            self.fail(translate(error));
        }
        (progress.consumed, progress.plaintext)
    }

    fn fail(&mut self, error: TlsError) -> TlsError {
        if matches!(error, TlsError::ClientCertificate(_)) {
            self.client_certificate = client_verifier::take_refused();
        }
        self.kept = Vec::new();
        self.whole = 0;
        self.failure = Some(Box::new(error.clone()));
        error
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("handshaking", &self.is_handshaking())
            .field("agreed", &self.agreed())
            .field("kept", &self.kept.len())
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

/// Where the last record that is not complete begins, of those that begin at `from`.
fn last_boundary(buffer: &[u8], mut from: usize, end: usize) -> usize {
    while let Some(&[_, _, _, high, low]) = buffer[..end].get(from..from + RECORD_HEADER) {
        let next = from + RECORD_HEADER + usize::from(u16::from_be_bytes([high, low]));
        if next > end {
            break;
        }
        from = next;
    }
    from
}

/// What both kinds of connections of the library do.
trait Connection {
    type Data;

    fn process<'c, 'i>(&'c mut self, bytes: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Data>;

    fn common(&self) -> &CommonState;
}

impl Connection for UnbufferedServerConnection {
    type Data = ServerConnectionData;

    fn process<'c, 'i>(&'c mut self, bytes: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Data> {
        self.process_tls_records(bytes)
    }

    fn common(&self) -> &CommonState {
        self
    }
}

impl Connection for UnbufferedClientConnection {
    type Data = ClientConnectionData;

    fn process<'c, 'i>(&'c mut self, bytes: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Data> {
        self.process_tls_records(bytes)
    }

    fn common(&self) -> &CommonState {
        self
    }
}

struct Progress {
    consumed: usize,
    plaintext: usize,
    peer_closed: bool,
    error: Option<rustls::Error>,
}

/// Processes all complete records of `buffer[from..end]`. Content goes to the front of the buffer: `from` leaves room for
/// the content of one record, and every record is longer than its content, so the front never reaches what is still to be
/// processed.
fn drive<C: Connection>(
    connection: &mut C,
    buffer: &mut [u8],
    from: usize,
    end: usize,
    out: &mut Outgoing,
) -> Progress {
    let mut progress = Progress { consumed: from, plaintext: 0, peer_closed: false, error: None };
    loop {
        let (front, rest) = buffer[..end].split_at_mut(progress.consumed);
        let UnbufferedStatus { discard, state } = connection.process(rest);
        let mut done = false;
        match state {
            Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                while let Some(record) = traffic.next_record() {
                    match record.map(|record| hand_over(record.payload, front, &mut progress.plaintext)) {
                        Ok(true) => {}
                        Ok(false) => progress.error = Some(rustls::Error::PeerSentOversizedRecord),
                        Err(error) => progress.error = Some(error),
                    }
                }
                done = progress.error.is_some();
            }
            Ok(ConnectionState::EncodeTlsData(data)) => encode(data, out),
            // Whatever is in `out` will be sent: that is the caller's part.
            Ok(ConnectionState::TransmitTlsData(data)) => data.done(),
            Ok(ConnectionState::PeerClosed) => progress.peer_closed = true,
            Ok(ConnectionState::BlockedHandshake | ConnectionState::WriteTraffic(_) | ConnectionState::Closed) => {
                done = true;
            }
            Ok(other) => {
                // Early data is off, and the library knows no further state.
                progress.error = Some(rustls::Error::General(format!("unexpected state {other:?}")));
                done = true;
            }
            Err(error) => {
                progress.error = Some(error);
                done = true;
            }
        }
        progress.consumed = (progress.consumed + discard).min(end);
        if done {
            if progress.error.is_some() {
                let rest = &mut buffer[progress.consumed..end];
                encode_alerts(connection, rest, out);
            }
            return progress;
        }
    }
}

/// Copies a record's content behind what is at the front already; `false` when there is no room, which no peer can bring
/// about.
fn hand_over(content: &[u8], front: &mut [u8], filled: &mut usize) -> bool {
    match front.get_mut(*filled..*filled + content.len()) {
        Some(place) => {
            place.copy_from_slice(content);
            *filled += content.len();
            true
        }
        None => false,
    }
}

fn encode<Data>(mut data: EncodeTlsData<'_, Data>, out: &mut Outgoing) {
    let mut room = CONTROL_ROOM;
    while room > 0 {
        room = match data.encode(out.room(room)) {
            Ok(written) => {
                out.fill(written);
                0
            }
            Err(EncodeError::InsufficientSize(needed)) => needed.required_size,
            Err(EncodeError::AlreadyEncoded) => 0,
        };
    }
}

/// Takes the alerts that a failure left. The library must not be asked to process anything else after one.
fn encode_alerts<C: Connection>(connection: &mut C, rest: &mut [u8], out: &mut Outgoing) {
    while connection.common().wants_write() {
        match connection.process(rest).state {
            Ok(ConnectionState::EncodeTlsData(data)) => encode(data, out),
            Ok(_) | Err(_) => return,
        }
    }
}

/// Goes to the state in which content can be sent, and does something there. What was kept is incomplete, so that nothing
/// is received on the way. `None`: that state cannot be reached.
fn with_traffic<C: Connection, T>(
    connection: &mut C,
    kept: &mut [u8],
    out: &mut Outgoing,
    act: impl FnOnce(WriteTraffic<'_, C::Data>, &mut Outgoing) -> T,
) -> Option<T> {
    loop {
        match connection.process(kept).state {
            Ok(ConnectionState::WriteTraffic(traffic)) => return Some(act(traffic, out)),
            Ok(ConnectionState::EncodeTlsData(data)) => encode(data, out),
            Ok(ConnectionState::TransmitTlsData(data)) => data.done(),
            Ok(_) | Err(_) => return None,
        }
    }
}

fn send<C: Connection>(
    connection: &mut C,
    kept: &mut [u8],
    plaintext: &[u8],
    out: &mut Outgoing,
) -> Result<(), TlsError> {
    let encrypt = |mut traffic: WriteTraffic<'_, C::Data>, out: &mut Outgoing| {
        let mut room = sealed_length(plaintext.len()) + CONTROL_ROOM;
        loop {
            match traffic.encrypt(plaintext, out.room(room)) {
                Ok(written) => {
                    out.fill(written);
                    return Ok(());
                }
                Err(EncryptError::InsufficientSize(needed)) => room = needed.required_size,
                Err(EncryptError::EncryptExhausted) => return Err(TlsError::Exhausted),
            }
        }
    };
    let result = with_traffic(connection, kept, out, encrypt).unwrap_or(Err(TlsError::Handshaking));
    if result == Err(TlsError::Exhausted) {
        // Up to TLS 1.2 keys cannot be changed: the library ends the session in order instead.
        encode_alerts(connection, kept, out);
    }
    result
}

fn close<C: Connection>(connection: &mut C, kept: &mut [u8], out: &mut Outgoing) {
    let notify = |mut traffic: WriteTraffic<'_, C::Data>, out: &mut Outgoing| {
        let mut room = CONTROL_ROOM;
        while room > 0 {
            room = match traffic.queue_close_notify(out.room(room)) {
                Ok(written) => {
                    out.fill(written);
                    0
                }
                Err(EncryptError::InsufficientSize(needed)) => needed.required_size,
                Err(EncryptError::EncryptExhausted) => 0,
            };
        }
    };
    // Without that state the handshake is not over, and there is nobody to tell.
    let _told = with_traffic(connection, kept, out, notify);
}
