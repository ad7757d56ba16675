//! Verifies the certificates that clients show: by a trust store, or not at all.
//!
//! Either way the client must own the key of what it shows. The library has no way to say more about a refusal than an
//! error, and the error decides the alert that the client gets; so the refused certificate itself is left on the thread,
//! where the session that called picks it up for the connection log.

use super::client_certificate::{Asked, ClientCertificate};
use model::{
    Arn,
    elbv2::trust_store::{MAXIMUM_REVOCATION_LIST_BYTES, TrustStorePlan},
};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, RootCertStore, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime, pem::PemObject},
    server::{
        WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use std::{
    cell::RefCell,
    collections::HashMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};
use x509_parser::{
    asn1_rs::{Any, FromDer as _, Tag},
    prelude::X509Certificate,
};

/// The most certificates in a client's chain, its own included (ELB quotas).
pub const MAXIMUM_DEPTH: usize = 4;

/// A chain of more than [`MAXIMUM_DEPTH`] certificates.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the chain is longer than {MAXIMUM_DEPTH} certificates")]
pub struct TooDeep;

/// A trust store made ready.
#[derive(Debug)]
pub struct TrustStore {
    /// Which.
    pub arn: Arn,
    /// Each has the authorities, and revocation lists of different issuers. A certificate must pass all of them: the
    /// library looks at one list of each issuer only, and owners may give several.
    passes: Vec<Arc<dyn ClientCertVerifier>>,
    /// Authorities that cannot be used, and why.
    pub unusable_authorities: Vec<String>,
    source: Source,
}

/// Why a trust store cannot be used. Its listeners refuse everybody then: who is revoked is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustStoreFault {
    /// No usable certificate of an authority.
    #[error("it has no usable certificate of an authority: {0}")]
    NoAuthority(String),
    /// A revocation list is missing, too large or broken.
    #[error("its revocation list {file} cannot be used: {why}")]
    RevocationList {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
}

/// What a trust store was made from, so that it need not be made again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    plan: TrustStorePlan,
    files: Vec<Option<(u64, SystemTime)>>,
}

impl Source {
    fn of(plan: &TrustStorePlan) -> Self {
        let stamp = |file: &PathBuf| {
            let metadata = file.metadata().ok()?;
            Some((metadata.len(), metadata.modified().ok()?))
        };
        Self { files: plan.revocation_files.iter().map(stamp).collect(), plan: plan.clone() }
    }
}

impl TrustStore {
    /// Reads the authorities and, from files, the revocation lists. Takes up to seconds with large lists: never on a
    /// worker.
    ///
    /// # Errors
    /// No authority, or a list that cannot be used.
    pub fn read(plan: &TrustStorePlan, provider: &Arc<CryptoProvider>) -> Result<Self, TrustStoreFault> {
        // Looked at first: a file that changes meanwhile is then read again the next time.
        let source = Source::of(plan);
        let (roots, unusable_authorities) = roots(&plan.ca_certificates_pem);
        if roots.is_empty() {
            return Err(TrustStoreFault::NoAuthority(unusable_authorities.join("; ")));
        }
        let lists = plan.revocation_files.iter().map(|file| read_list(file)).collect::<Result<Vec<_>, _>>()?;
        let roots = Arc::new(roots);
        let passes = by_pass(lists).into_iter().map(|lists| pass(&roots, lists, provider)).collect::<Result<_, _>>()?;
        Ok(Self { arn: plan.arn.clone(), passes, unusable_authorities, source })
    }

    /// Whether it was made from this plan and from files that have not changed since.
    pub fn is_of(&self, plan: &TrustStorePlan) -> bool {
        self.source == Source::of(plan)
    }
}

fn roots(pem: &str) -> (RootCertStore, Vec<String>) {
    let mut roots = RootCertStore::empty();
    let mut unusable = Vec::new();
    for (position, certificate) in CertificateDer::pem_slice_iter(pem.as_bytes()).enumerate() {
        let added = certificate.map_err(|e| e.to_string()).and_then(|c| roots.add(c).map_err(|e| e.to_string()));
        if let Err(why) = added {
            unusable.push(format!("certificate {}: {why}", position + 1));
        }
    }
    (roots, unusable)
}

struct List {
    file: PathBuf,
    issuer: Vec<u8>,
    der: CertificateRevocationListDer<'static>,
}

fn read_list(file: &Path) -> Result<List, TrustStoreFault> {
    let unusable = |why: String| TrustStoreFault::RevocationList { file: file.to_owned(), why };
    let mut der = Vec::new();
    let opened = File::open(file).map_err(|error| unusable(error.to_string()))?;
    opened
        .take(MAXIMUM_REVOCATION_LIST_BYTES + 1)
        .read_to_end(&mut der)
        .map_err(|error| unusable(error.to_string()))?;
    if der.len() as u64 > MAXIMUM_REVOCATION_LIST_BYTES {
        return Err(unusable("it is larger than 50 MB".to_owned()));
    }
    let issuer = list_issuer(&der).ok_or_else(|| unusable("it is not a revocation list in DER".to_owned()))?.to_vec();
    Ok(List { file: file.to_owned(), issuer, der: der.into() })
}

/// The issuer's name in a revocation list (RFC 5280, section 5.1), without reading its entries.
fn list_issuer(der: &[u8]) -> Option<&[u8]> {
    let (_, list) = Any::from_der(der).ok()?;
    let (_, signed) = Any::from_der(list.data).ok()?;
    let (after_first, first) = Any::from_der(signed.data).ok()?;
    // The version is left out in lists of version 1, which the library refuses later, with its own words.
    let after_algorithm = match first.tag() {
        Tag::Integer => Any::from_der(after_first).ok()?.0,
        _algorithm => after_first,
    };
    let (_, issuer) = Any::from_der(after_algorithm).ok()?;
    Some(issuer.data)
}

/// Spreads lists so that no two of one issuer meet; at least one pass, perhaps without lists.
fn by_pass(lists: Vec<List>) -> Vec<Vec<List>> {
    let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut passes = vec![Vec::new()];
    for list in lists {
        let count = seen.entry(list.issuer.clone()).or_default();
        if *count == passes.len() {
            passes.push(Vec::new());
        }
        passes[*count].push(list);
        *count += 1;
    }
    passes
}

/// As AWS: what no list says anything about is not revoked, and lists do not grow old.
fn pass(
    roots: &Arc<RootCertStore>,
    lists: Vec<List>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TrustStoreFault> {
    let files: Vec<_> = lists.iter().map(|list| list.file.clone()).collect();
    let build = |lists: Vec<CertificateRevocationListDer<'static>>| {
        WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider))
            .with_crls(lists)
            .allow_unknown_revocation_status()
            .build()
    };
    build(lists.into_iter().map(|list| list.der).collect()).map_err(|error| {
        // Which of them it is: each is built again alone. They may be large, so they were not kept for this.
        let is_broken = |file: &&PathBuf| read_list(file).is_ok_and(|list| build(vec![list.der]).is_err());
        let file = files.iter().find(is_broken).cloned().unwrap_or_default();
        TrustStoreFault::RevocationList { file, why: error.to_string() }
    })
}

thread_local! {
    static REFUSED: RefCell<Option<Box<ClientCertificate>>> = const { RefCell::new(None) };
}

/// The certificate that was refused last on this thread, if nobody took it yet.
pub(super) fn take_refused() -> Option<Box<ClientCertificate>> {
    REFUSED.with_borrow_mut(Option::take)
}

/// Mutual TLS, "verify": a certificate is needed, and the trust store must vouch for it.
#[derive(Debug)]
pub(super) struct VerifiedClients {
    /// `None`: it cannot be used, and everybody is refused.
    pub trust_store: Option<Arc<TrustStore>>,
    /// Whether the time of certificates matters.
    pub ignore_expiry: bool,
    /// Whether clients are told whose certificates are accepted.
    pub advertise_authorities: bool,
    /// What signatures are checked with.
    pub signatures: WebPkiSupportedAlgorithms,
}

impl VerifiedClients {
    fn verify(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let Some(trust_store) = &self.trust_store else {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        };
        if 1 + others.len() > MAXIMUM_DEPTH {
            return Err(CertificateError::Other(OtherError(Arc::new(TooDeep))).into());
        }
        match trust_store.verify(leaf, others, now) {
            Err(error) if self.ignore_expiry && is_about_time(&error) => trust_store.verify_whenever(leaf, others),
            result => result,
        }
    }
}

impl TrustStore {
    fn verify(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let passed = |pass: &Arc<dyn ClientCertVerifier>| pass.verify_client_cert(leaf, others, now).map(drop);
        match self.passes.iter().try_for_each(passed) {
            Ok(()) => Ok(ClientCertVerified::assertion()),
            // An authority has the issuer's name and not its key: nobody vouches for the certificate, and the client
            // should hear that, not that something was garbled.
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) => {
                Err(CertificateError::UnknownIssuer.into())
            }
            Err(error) => Err(error),
        }
    }

    /// Verifies at a moment when all of the chain was valid, if there was one: the chain held then. Where the times of
    /// several certificates overlap, they overlap at the beginning of one of them, so those are the moments to try.
    fn verify_whenever(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
    ) -> Result<ClientCertVerified, Error> {
        let moments = std::iter::once(leaf).chain(others).filter_map(valid_from);
        let mut first = None;
        for moment in moments {
            match self.verify(leaf, others, moment) {
                Ok(verified) => return Ok(verified),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or_else(|| CertificateError::BadEncoding.into()))
    }
}

fn is_about_time(error: &Error) -> bool {
    use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    matches!(
        error,
        Error::InvalidCertificate(Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. })
    )
}

fn valid_from(certificate: &CertificateDer<'_>) -> Option<UnixTime> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let seconds = certificate.validity().not_before.timestamp();
    Some(UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).ok()?)))
}

impl ClientCertVerifier for VerifiedClients {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        match &self.trust_store {
            Some(trust_store) if self.advertise_authorities => trust_store.passes[0].root_hint_subjects(),
            Some(_) | None => &[],
        }
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.verify(leaf, others, now).inspect_err(|_| {
            let refused = ClientCertificate::read(std::slice::from_ref(leaf), Asked::Trusted);
            REFUSED.with_borrow_mut(|slot| *slot = refused.map(Box::new));
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.signatures)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.signatures)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.supported_schemes()
    }
}

/// Mutual TLS, "passthrough": a certificate is asked for, and its owner must have its key; the rest is up to the target.
#[derive(Debug)]
pub(super) struct UnverifiedClients {
    /// What signatures are checked with.
    pub signatures: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for UnverifiedClients {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.signatures)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.signatures)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.supported_schemes()
    }
}
