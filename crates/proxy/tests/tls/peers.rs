//! Two sides in memory: our session, and a client or server of the library with buffers of its own.

use crate::authority::Leaf;
use model::{
    Arn,
    elbv2::{certificate::CertificatePlan, listener::MutualAuthentication, snapshot::TlsPlan},
};
use proxy::tls::{Acceptor, Outgoing, Session, TlsError, TlsRegistry};
use rustls::{
    ClientConfig, ClientConnection, Connection, DigitallySignedStruct, Error, SignatureScheme,
    SupportedProtocolVersion,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs::default_provider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use std::{
    io::{Read, Write},
    sync::{Arc, Mutex},
};

pub const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
pub const ONLY12: &[&SupportedProtocolVersion] = &[&TLS12];
pub const ONLY13: &[&SupportedProtocolVersion] = &[&TLS13];
pub const POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// Our side.
pub struct Ours {
    pub session: Session,
    pub out: Outgoing,
    pub content: Vec<u8>,
    pub handshakes_done: usize,
    pub peer_closed: bool,
    buffer: Vec<u8>,
}

impl Ours {
    pub fn new(session: Session) -> Self {
        Self {
            session,
            out: Outgoing::default(),
            content: Vec::new(),
            handshakes_done: 0,
            peer_closed: false,
            buffer: vec![0; 1 << 20],
        }
    }

    pub fn server(acceptor: &Arc<Acceptor>) -> Self {
        Self::new(Session::server(acceptor))
    }

    /// Gives it bytes as one read of the socket.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), TlsError> {
        let at = self.session.read_at();
        // What stood there before must not matter.
        self.buffer[..at].fill(0xAA);
        self.buffer[at..at + bytes.len()].copy_from_slice(bytes);
        let received = self.session.receive(&mut self.buffer, bytes.len(), &mut self.out)?;
        self.content.extend_from_slice(&self.buffer[..received.plaintext]);
        self.handshakes_done += usize::from(received.handshake_done);
        self.peer_closed = received.peer_closed;
        Ok(())
    }

    /// Takes what it wants to send.
    pub fn take(&mut self) -> Vec<u8> {
        let bytes = self.out.to_vec();
        self.out.clear();
        bytes
    }

    pub fn send(&mut self, content: &[u8]) -> Result<(), TlsError> {
        self.session.send(content, &mut self.out)
    }
}

/// What the peer wants to send.
pub fn take(peer: &mut Connection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while peer.wants_write() {
        peer.write_tls(&mut bytes).unwrap();
    }
    bytes
}

/// Gives the peer bytes, and says what content was in them.
pub fn give(peer: &mut Connection, mut bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    while !bytes.is_empty() {
        peer.read_tls(&mut bytes).unwrap();
        peer.process_new_packets()?;
        let mut part = [0; 4096];
        while let Ok(n @ 1..) = peer.reader().read(&mut part) {
            content.extend_from_slice(&part[..n]);
        }
    }
    Ok(content)
}

/// Carries bytes both ways until nobody has any. Fails with our error; what the peer found is told apart.
pub fn carry(ours: &mut Ours, peer: &mut Connection) -> Result<Vec<u8>, Failure> {
    let mut content = Vec::new();
    loop {
        let to_peer = ours.take();
        if !to_peer.is_empty() {
            content.extend(give(peer, &to_peer).map_err(Failure::Peer)?);
        }
        let to_us = take(peer);
        if to_us.is_empty() && ours.out.is_empty() {
            return Ok(content);
        }
        if !to_us.is_empty() {
            ours.feed(&to_us).map_err(Failure::Ours)?;
        }
    }
}

#[derive(Debug, PartialEq)]
pub enum Failure {
    Ours(TlsError),
    Peer(Error),
}

/// Writes content as the peer.
pub fn write(peer: &mut Connection, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = content;
    while !rest.is_empty() {
        let n = peer.writer().write(rest).unwrap();
        rest = &rest[n..];
        bytes.extend(take(peer));
    }
    bytes
}

/// Accepts every certificate and remembers the last one.
#[derive(Debug)]
pub struct Remember {
    provider: CryptoProvider,
    pub shown: Mutex<Vec<u8>>,
}

impl ServerCertVerifier for Remember {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.shown.lock().unwrap() = leaf.to_vec();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A client of the library.
pub struct Client {
    pub config: ClientConfig,
    pub remember: Arc<Remember>,
}

impl Client {
    pub fn new(versions: &[&'static SupportedProtocolVersion]) -> Self {
        Self::with(default_provider(), versions, None)
    }

    pub fn with(
        provider: CryptoProvider,
        versions: &[&'static SupportedProtocolVersion],
        certificate: Option<&Leaf>,
    ) -> Self {
        let remember = Arc::new(Remember { provider: provider.clone(), shown: Mutex::default() });
        let builder = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(versions)
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&remember) as _);
        let config = match certificate {
            Some(leaf) => {
                // Made without looking whether the two belong together: there are thieves in the tests.
                let key = default_provider().key_provider.load_private_key(leaf.private_key()).unwrap();
                let shown = SingleCertAndKey::from(CertifiedKey::new(leaf.chain.clone(), key));
                builder.with_client_cert_resolver(Arc::new(shown))
            }
            None => builder.with_no_client_auth(),
        };
        Self { config, remember }
    }

    pub fn alpn(mut self, protocols: &[&str]) -> Self {
        self.config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        self
    }

    pub fn connect(&self, host: &str) -> Connection {
        let name = ServerName::try_from(host.to_owned()).unwrap();
        ClientConnection::new(Arc::new(self.config.clone()), name).unwrap().into()
    }
}

pub fn listener() -> Arn {
    Arn::new("elasticloadbalancing", "r", "1", "listener/app/a/1/2")
}

pub fn tls_plan(policy: &str, certificates: &[CertificatePlan], mutual: MutualAuthentication) -> TlsPlan {
    TlsPlan {
        policy: policy.to_owned(),
        certificates: certificates.iter().map(|plan| plan.arn.clone()).collect(),
        mutual,
    }
}

/// A listener without mutual TLS, with HTTP/2.
pub fn acceptor(registry: &TlsRegistry, policy: &str, certificates: &[CertificatePlan]) -> Arc<Acceptor> {
    let materials = registry.materials(certificates, &[]);
    let plan = tls_plan(policy, certificates, MutualAuthentication::Off);
    registry.acceptor(&listener(), &plan, true, &materials).unwrap()
}

/// A handshake that succeeds.
pub fn shaken(acceptor: &Arc<Acceptor>, client: &Client, host: &str) -> (Ours, Connection) {
    let (mut ours, mut peer) = (Ours::server(acceptor), client.connect(host));
    carry(&mut ours, &mut peer).unwrap();
    assert!(!ours.session.is_handshaking() && !peer.is_handshaking());
    assert_eq!(ours.handshakes_done, 1);
    (ours, peer)
}
