//! Server certificates: read from PEM once, and chosen for each handshake.
//!
//! AWS's order of choice (ELB user guide, "SNI certificate selection"): among those for the host that the client names,
//! the best one that the client can check; where none fits, the listener's default one. A certificate that cannot be
//! used is a fault of its own: the others of its listener are served.

use super::hello::without_dot;
use model::{
    Arn,
    elbv2::certificate::{CertificateFacts, CertificatePlan},
    secret::Secret,
};
use rustls::{
    SupportedCipherSuite,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{collections::HashMap, sync::Arc};

/// A certificate that can be served.
#[derive(Debug)]
pub struct Certificate {
    /// Its ARN.
    pub arn: Arn,
    /// The same as text.
    pub arn_text: Box<str>,
    /// What is in it.
    pub facts: CertificateFacts,
    key: Arc<CertifiedKey>,
    chain_pem: String,
    private_key_pem: Secret,
}

/// Why a certificate cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// The chain is not PEM, or holds no certificate.
    #[error("its chain cannot be read: {0}")]
    Chain(String),
    /// The key is not PEM, or of no known form.
    #[error("its private key cannot be read: {0}")]
    Key(String),
    /// The key is another certificate's, or of a kind that is not served.
    #[error("its private key does not fit: {0}")]
    Mismatch(String),
}

impl Certificate {
    /// Reads the chain and the key, and checks that they belong together.
    ///
    /// # Errors
    /// They cannot be read, or do not.
    pub fn read(plan: &CertificatePlan) -> Result<Self, CertificateFault> {
        Ok(Self {
            arn: plan.arn.clone(),
            arn_text: plan.arn.to_string().into_boxed_str(),
            facts: plan.facts.clone(),
            key: Arc::new(certified_key(plan)?),
            chain_pem: plan.chain_pem.clone(),
            private_key_pem: plan.private_key_pem.clone(),
        })
    }

    /// Whether it was made from this plan, so that it need not be read again.
    pub fn is_of(&self, plan: &CertificatePlan) -> bool {
        self.arn == plan.arn
            && self.facts == plan.facts
            && self.chain_pem == plan.chain_pem
            && self.private_key_pem == plan.private_key_pem
    }

    /// Whether a client can check what the key signs: with the signatures that it knows and, up to TLS 1.2, with a cipher
    /// for this kind of key.
    fn is_usable_for(&self, hello: &ClientHello<'_>, suites: &[SupportedCipherSuite]) -> bool {
        let algorithm = self.key.key.algorithm();
        let offered = |suite: &&SupportedCipherSuite| hello.cipher_suites().contains(&suite.suite());
        self.key.key.choose_scheme(hello.signature_schemes()).is_some()
            && suites.iter().filter(offered).any(|suite| suite.usable_for_signature_algorithm(algorithm))
    }
}

fn certified_key(plan: &CertificatePlan) -> Result<CertifiedKey, CertificateFault> {
    let chain = CertificateDer::pem_slice_iter(plan.chain_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| CertificateFault::Chain(error.to_string()))?;
    if chain.is_empty() {
        return Err(CertificateFault::Chain("there is no certificate in it".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(plan.private_key_pem.expose().as_bytes())
        .map_err(|error| CertificateFault::Key(error.to_string()))?;
    CertifiedKey::from_der(chain, key, &default_provider())
        .map_err(|error| CertificateFault::Mismatch(error.to_string()))
}

/// The certificates of one listener, by host.
#[derive(Debug)]
pub struct Certificates {
    default: Option<Arc<Certificate>>,
    by_name: HashMap<Box<str>, Vec<Arc<Certificate>>>,
    /// By what stands behind the asterisk's dot.
    by_wildcard: HashMap<Box<str>, Vec<Arc<Certificate>>>,
    suites: Vec<SupportedCipherSuite>,
}

impl Certificates {
    /// Those of a listener that serves these ciphers. Without a default one, clients that none of the others is for are
    /// refused.
    pub fn new(
        default: Option<Arc<Certificate>>,
        others: &[Arc<Certificate>],
        suites: Vec<SupportedCipherSuite>,
    ) -> Self {
        let mut made = Self { default, by_name: HashMap::new(), by_wildcard: HashMap::new(), suites };
        let all: Vec<_> = made.default.iter().chain(others).cloned().collect();
        for certificate in &all {
            for name in &certificate.facts.names {
                made.file(name, certificate);
            }
        }
        for list in made.by_name.values_mut().chain(made.by_wildcard.values_mut()) {
            // Stable: of equal ones the first in the listener's list is taken.
            list.sort_by_key(|certificate| std::cmp::Reverse(certificate.facts.rank()));
        }
        made
    }

    fn file(&mut self, name: &str, certificate: &Arc<Certificate>) {
        let name = without_dot(name).to_ascii_lowercase();
        let list = match name.strip_prefix("*.") {
            Some(domain) => self.by_wildcard.entry(domain.into()).or_default(),
            None => self.by_name.entry(name.into()).or_default(),
        };
        list.push(Arc::clone(certificate));
    }

    /// The certificate for a client: the best usable one for the host that it names, those with the very name before
    /// those with a wildcard; else the default one. The time it takes does not grow with the number of certificates.
    pub fn choose(&self, hello: &ClientHello<'_>) -> Option<&Arc<Certificate>> {
        let fitting = hello.server_name().and_then(|name| {
            let name = without_dot(name);
            let wildcard = name.split_once('.').and_then(|(_label, domain)| self.by_wildcard.get(domain));
            let candidates = self.by_name.get(name).into_iter().chain(wildcard).flatten();
            candidates.into_iter().find(|certificate| certificate.is_usable_for(hello, &self.suites))
        });
        fitting.or(self.default.as_ref())
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.choose(&hello).map(|certificate| Arc::clone(&certificate.key))
    }
}
