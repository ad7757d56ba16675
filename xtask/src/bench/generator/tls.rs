//! The load's side of TLS: rustls without buffers of its own, so that it costs less than the proxy's side.
//!
//! One suite and one group are offered, so that all proxies do the same cryptography; the certificate is not verified,
//! because that alone would cost more than the handshake costs the server. TLS 1.3 only.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientConfig, ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
    UnbufferedClientConnection,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::unbuffered::{ConnectionState, EncodeError, EncryptError, InsufficientSizeError, UnbufferedStatus};
use rustls::{DigitallySignedStruct, HandshakeKind, NamedGroup, SignatureScheme};

use crate::bench::order::{HOST, Tickets};

/// Tickets that are kept at most.
const MAXIMUM_TICKETS: usize = 4096;
/// What a record adds to its text, generously.
const RECORD_OVERHEAD_BYTES: usize = 64;
/// The text of a full record.
const RECORD_BYTES: usize = 16 * 1024;

/// How clients speak TLS.
pub struct TlsClients {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl TlsClients {
    /// For HTTP/1.1 or HTTP/2.
    pub fn new(tickets: Tickets, http2: bool) -> Result<Self> {
        let provider = CryptoProvider {
            cipher_suites: vec![aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256],
            kx_groups: vec![aws_lc_rs::kx_group::X25519],
            ..aws_lc_rs::default_provider()
        };
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Unverified))
            .with_no_client_auth();
        config.alpn_protocols = vec![if http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
        config.resumption = match tickets {
            Tickets::Ignored => Resumption::disabled(),
            Tickets::Used => Resumption::store(Arc::new(TicketBox::default())),
        };
        Ok(Self { config: Arc::new(config), name: ServerName::try_from(HOST)? })
    }

    /// A session whose first message waits to be sent.
    pub fn session(&self) -> Result<Session, rustls::Error> {
        let connection = UnbufferedClientConnection::new(Arc::clone(&self.config), self.name.clone())?;
        let mut session = Session { connection, unread: Vec::new(), outgoing: Vec::new(), state: State::Handshake };
        session.read(&mut [], |_| {})?;
        Ok(session)
    }
}

/// A client's session.
pub struct Session {
    connection: UnbufferedClientConnection,
    /// A part of a record.
    pub unread: Vec<u8>,
    /// What is to be sent.
    pub outgoing: Vec<u8>,
    pub state: State,
}

/// How far a session is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Handshake,
    Open,
    /// The server said that nothing more comes.
    Closed,
}

impl Session {
    /// Takes in what was received and hands out its text; returns how many bytes it is done with. The rest must stand before
    /// what is received next.
    pub fn read(&mut self, received: &mut [u8], mut text: impl FnMut(&[u8])) -> Result<usize, rustls::Error> {
        let mut done = 0;
        loop {
            let UnbufferedStatus { discard, state } = self.connection.process_tls_records(&mut received[done..]);
            let mut goes_on = true;
            match state? {
                ConnectionState::ReadTraffic(mut traffic) => {
                    while let Some(record) = traffic.next_record() {
                        text(record?.payload);
                    }
                }
                ConnectionState::EncodeTlsData(mut message) => append(&mut self.outgoing, |room| message.encode(room))?,
                ConnectionState::TransmitTlsData(transmit) => transmit.done(),
                ConnectionState::WriteTraffic(_) => {
                    self.state = State::Open;
                    goes_on = false;
                }
                ConnectionState::PeerClosed | ConnectionState::Closed => {
                    self.state = State::Closed;
                    goes_on = false;
                }
                // Waiting for more; what only servers meet, and what later versions may add.
                ConnectionState::BlockedHandshake | ConnectionState::ReadEarlyData(_) | _ => goes_on = false,
            }
            done += discard;
            if !goes_on {
                return Ok(done);
            }
        }
    }

    /// Adds a text to what is to be sent. The handshake must be over.
    pub fn write(&mut self, text: &[u8]) -> Result<(), rustls::Error> {
        loop {
            match self.connection.process_tls_records(&mut []).state? {
                ConnectionState::WriteTraffic(mut traffic) => {
                    let records = text.len() / RECORD_BYTES + 1;
                    self.outgoing.reserve(text.len() + records * RECORD_OVERHEAD_BYTES);
                    return append(&mut self.outgoing, |room| traffic.encrypt(text, room));
                }
                ConnectionState::EncodeTlsData(mut message) => append(&mut self.outgoing, |room| message.encode(room))?,
                ConnectionState::TransmitTlsData(transmit) => transmit.done(),
                ConnectionState::ReadTraffic(_)
                | ConnectionState::PeerClosed
                | ConnectionState::Closed
                | ConnectionState::ReadEarlyData(_)
                | ConnectionState::BlockedHandshake
                | _ => return Err(rustls::Error::HandshakeNotComplete),
            }
        }
    }

    /// Whether the handshake made use of a ticket.
    pub fn is_resumed(&self) -> bool {
        self.connection.handshake_kind() == Some(HandshakeKind::Resumed)
    }
}

/// Lets `write` append to `bytes`, with more room when it says that there is too little.
fn append<E: Into<Unwritten>>(
    bytes: &mut Vec<u8>,
    mut write: impl FnMut(&mut [u8]) -> Result<usize, E>,
) -> Result<(), rustls::Error> {
    let start = bytes.len();
    let mut room = bytes.capacity() - start;
    loop {
        bytes.resize(start + room, 0);
        match write(&mut bytes[start..]).map_err(Into::into) {
            Ok(written) => {
                bytes.truncate(start + written);
                return Ok(());
            }
            Err(Unwritten::TooSmall(InsufficientSizeError { required_size })) => room = required_size,
            Err(Unwritten::Broken) => return Err(rustls::Error::EncryptError),
        }
    }
}

/// Why nothing was written.
enum Unwritten {
    TooSmall(InsufficientSizeError),
    Broken,
}

impl From<EncodeError> for Unwritten {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::InsufficientSize(size) => Self::TooSmall(size),
            EncodeError::AlreadyEncoded => Self::Broken,
        }
    }
}

impl From<EncryptError> for Unwritten {
    fn from(error: EncryptError) -> Self {
        match error {
            EncryptError::InsufficientSize(size) => Self::TooSmall(size),
            EncryptError::EncryptExhausted => Self::Broken,
        }
    }
}

/// Accepts any certificate.
#[derive(Debug)]
struct Unverified;

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

/// Tickets of all connections, the oldest first; each is used once.
#[derive(Debug, Default)]
struct TicketBox {
    tickets: Mutex<VecDeque<Tls13ClientSessionValue>>,
}

impl ClientSessionStore for TicketBox {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        if tickets.len() < MAXIMUM_TICKETS {
            tickets.push_back(ticket);
        }
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::PrivatePkcs8KeyDer;
    use rustls::{ServerConfig, ServerConnection};
    use std::io::{Read, Write};

    fn server() -> Arc<ServerConfig> {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new([HOST.to_owned()]).unwrap().self_signed(&key).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
        config.ticketer = aws_lc_rs::Ticketer::new().unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(config)
    }

    /// Bytes in pieces of this size, as a network may deliver them.
    fn exchange(session: &mut Session, server: &mut ServerConnection, piece: usize) -> Vec<u8> {
        let mut heard = Vec::new();
        let outgoing = std::mem::take(&mut session.outgoing);
        let mut rest = &outgoing[..];
        while !rest.is_empty() {
            server.read_tls(&mut rest).unwrap();
            server.process_new_packets().unwrap();
        }
        let mut sent = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut sent).unwrap();
        }
        for part in sent.chunks(piece) {
            let mut received = [std::mem::take(&mut session.unread), part.to_vec()].concat();
            let done = session.read(&mut received, |text| heard.extend_from_slice(text)).unwrap();
            session.unread = received[done..].to_vec();
        }
        heard
    }

    #[test]
    fn a_session_carries_texts_both_ways_and_is_resumed_when_tickets_are_used() {
        let config = server();
        for (tickets, http2, piece) in
            [(Tickets::Used, false, 1), (Tickets::Used, true, 100_000), (Tickets::Ignored, false, 77)]
        {
            let clients = TlsClients::new(tickets, http2).unwrap();
            for round in 0..3 {
                let (mut session, mut server) =
                    (clients.session().unwrap(), ServerConnection::new(Arc::clone(&config)).unwrap());
                assert!(exchange(&mut session, &mut server, piece).is_empty());
                assert!(session.state == State::Open);
                let request = vec![b'q'; 10_000];
                session.write(&request).unwrap();
                exchange(&mut session, &mut server, piece);
                let mut asked = vec![0; request.len()];
                server.reader().read_exact(&mut asked).unwrap();
                assert_eq!(asked, request);
                server.writer().write_all(&[b'a'; 40_000]).unwrap();
                assert_eq!(exchange(&mut session, &mut server, piece), [b'a'; 40_000]);
                assert_eq!(server.alpn_protocol(), Some(if http2 { &b"h2"[..] } else { b"http/1.1" }));
                assert_eq!(session.is_resumed(), tickets == Tickets::Used && round > 0, "round {round}");
            }
        }
    }
}
