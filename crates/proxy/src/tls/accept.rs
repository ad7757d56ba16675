//! A listener's side of TLS: the configurations that its sessions are made with.
//!
//! A listener has two of them that differ in one point: whether ALPN is answered. The library ends a handshake whose
//! client speaks none of our application protocols; load balancers of AWS leave ALPN unanswered then and speak HTTP/1.1,
//! and so does Goru. Sessions are resumed by tickets that the client keeps; with mutual TLS there is no resumption, as
//! at AWS, so that no ticket can stand in for a certificate.

use super::{
    application::Application,
    certificates::{Certificate, Certificates},
    client_certificate::Asked,
    client_verifier::{TrustStore, UnverifiedClients, VerifiedClients},
    hello::Hello,
    policy,
};
use model::elbv2::{listener::MutualAuthentication, security_policy::SecurityPolicy};
use rustls::{
    ServerConfig,
    crypto::CryptoProvider,
    server::{NoServerSessionStorage, ProducesTickets, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use std::sync::Arc;

/// What the sessions of a listener are made with.
#[derive(Debug)]
pub struct Acceptor {
    answering_alpn: Arc<ServerConfig>,
    ignoring_alpn: Arc<ServerConfig>,
    certificates: Arc<Certificates>,
    asked: Asked,
}

/// What an acceptor is made of.
#[derive(Debug)]
pub(super) struct Settings {
    pub policy: &'static SecurityPolicy,
    pub default: Option<Arc<Certificate>>,
    pub others: Vec<Arc<Certificate>>,
    pub mutual: MutualAuthentication,
    /// With mutual authentication `Verify`: the trust store, if it can be used.
    pub trust_store: Option<Arc<TrustStore>>,
    pub http2: bool,
    /// What tickets are sealed with; `None`: sessions are not resumed.
    pub tickets: Option<Arc<dyn ProducesTickets>>,
}

/// What was decided by a client's first message.
pub(super) struct Decision {
    pub config: Arc<ServerConfig>,
    pub certificate: Option<Arc<Certificate>>,
}

impl Acceptor {
    pub(super) fn new(settings: Settings) -> Result<Self, rustls::Error> {
        let provider = policy::listener_provider(settings.policy);
        let suites = provider.cipher_suites.clone();
        let certificates = Arc::new(Certificates::new(settings.default, &settings.others, suites));
        let asked = match settings.mutual {
            MutualAuthentication::Off => Asked::Nothing,
            MutualAuthentication::Passthrough => Asked::Anything,
            MutualAuthentication::Verify { .. } => Asked::Trusted,
        };
        let verifier = verifier(&settings.mutual, settings.trust_store, &provider);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(policy::versions(settings.policy))?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::clone(&certificates) as _);
        // AWS: the first cipher of the listener's list that the client has.
        config.ignore_client_order = true;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        match settings.tickets {
            Some(tickets) => {
                config.ticketer = tickets;
                config.send_tls13_tickets = 1;
            }
            None => config.send_tls13_tickets = 0,
        }
        config.max_early_data_size = 0;
        let ignoring_alpn = Arc::new(config.clone());
        config.alpn_protocols = protocols(settings.http2);
        Ok(Self { answering_alpn: Arc::new(config), ignoring_alpn, certificates, asked })
    }

    /// What is asked of clients.
    pub fn asked(&self) -> Asked {
        self.asked
    }

    pub(super) fn decide(&self, hello: &Hello) -> Decision {
        let ignored = hello.speaks_none_of(&self.answering_alpn.alpn_protocols);
        let config = if ignored { &self.ignoring_alpn } else { &self.answering_alpn };
        Decision { config: Arc::clone(config), certificate: self.certificates.choose(&hello.client_hello()).cloned() }
    }
}

fn protocols(http2: bool) -> Vec<Vec<u8>> {
    let preferred: &[Application] =
        if http2 { &[Application::Http2, Application::Http11] } else { &[Application::Http11] };
    preferred.iter().map(|protocol| protocol.name().as_bytes().to_vec()).collect()
}

fn verifier(
    mutual: &MutualAuthentication,
    trust_store: Option<Arc<TrustStore>>,
    provider: &Arc<CryptoProvider>,
) -> Arc<dyn ClientCertVerifier> {
    let signatures = provider.signature_verification_algorithms;
    match mutual {
        MutualAuthentication::Off => WebPkiClientVerifier::no_client_auth(),
        MutualAuthentication::Passthrough => Arc::new(UnverifiedClients { signatures }),
        MutualAuthentication::Verify { trust_store: _, ignore_expiry, advertise_ca_names } => {
            Arc::new(VerifiedClients {
                trust_store,
                ignore_expiry: *ignore_expiry,
                advertise_authorities: *advertise_ca_names,
                signatures,
            })
        }
    }
}
