//! TLS towards targets.
//!
//! As AWS: a target's certificate is not verified, so a self-signed or expired one is as good as any; its handshake must
//! be signed with the certificate's key. Which versions and ciphers are offered depends on the policy of the listener
//! that the request came in by (ELB user guide, "Security policies for your Application Load Balancer").

use super::{application::Application, policy};
use model::elbv2::security_policy::{self, SecurityPolicy, Versions};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        ClientSessionMemoryCache, Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use std::{net::IpAddr, sync::Arc};

/// Server names of which a target group keeps sessions to resume. Each takes some kilobytes.
const RESUMABLE_NAMES: usize = 256;

/// The policy towards targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetPolicy {
    /// `ELBSecurityPolicy-2016-08`: TLS 1.2 at most.
    Tls12,
    /// `ELBSecurityPolicy-TLS13-1-0-2021-06`: TLS 1.3 too.
    Tls13,
}

impl TargetPolicy {
    /// The one for requests that came in by a listener with this policy; without TLS, as with the older ones.
    pub fn behind(listener: Option<&SecurityPolicy>) -> Self {
        match listener.map(|policy| policy.versions) {
            Some(Versions::Tls13 | Versions::Tls12And13) => Self::Tls13,
            Some(Versions::Tls12) | None => Self::Tls12,
        }
    }

    fn policy(self) -> &'static SecurityPolicy {
        let name = match self {
            Self::Tls12 => "ELBSecurityPolicy-2016-08",
            Self::Tls13 => "ELBSecurityPolicy-TLS13-1-0-2021-06",
        };
        security_policy::find(name).expect("the model has all of AWS's policies, these two among them")
    }
}

/// What the sessions to a target group are made with.
#[derive(Debug)]
pub struct Connector {
    pub(super) config: Arc<ClientConfig>,
}

impl Connector {
    pub(super) fn new(target_policy: TargetPolicy, application: Application) -> Result<Self, Error> {
        let policy = target_policy.policy();
        let provider = policy::target_provider(policy);
        let verifier = AnyCertificate { signatures: provider.signature_verification_algorithms };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(policy::versions(policy))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.resumption = Resumption::store(Arc::new(ClientSessionMemoryCache::new(RESUMABLE_NAMES)));
        config.alpn_protocols = vec![application.name().as_bytes().to_vec()];
        Ok(Self { config: Arc::new(config) })
    }
}

/// The name that a target is asked for: the host of the request when that is a name, else the target's address, which
/// is not sent (RFC 6066, section 3).
pub fn server_name(host: Option<&str>, address: IpAddr) -> ServerName<'static> {
    match host.map(|host| ServerName::try_from(host.to_owned())) {
        Some(Ok(name @ ServerName::DnsName(_))) => name,
        Some(Ok(_) | Err(_)) | None => ServerName::IpAddress(address.into()),
    }
}

/// Accepts every certificate.
#[derive(Debug)]
struct AnyCertificate {
    signatures: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.signatures).or_else(pass_what_cannot_be_checked)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.signatures).or_else(pass_what_cannot_be_checked)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.supported_schemes()
    }
}

/// The library reads no certificates of X.509 version 1, no RSA keys below 2048 bits and other oddities of old
/// appliances. As any certificate is accepted, there is nothing to lose by not checking what it signed: whoever could
/// forge that signature could show a certificate of his own. A signature that is wrong is refused all the same: that
/// target is broken.
fn pass_what_cannot_be_checked(error: Error) -> Result<HandshakeSignatureValid, Error> {
    let unreadable = matches!(&error, Error::InvalidCertificate(why) if *why != CertificateError::BadSignature);
    if unreadable { Ok(HandshakeSignatureValid::assertion()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_asked_for_the_requests_host_unless_it_is_no_name() {
        let address = IpAddr::from([10, 0, 0, 1]);
        for (host, expected) in [
            (Some("www.example.com"), "www.example.com"),
            (Some("localhost"), "localhost"),
            (Some("192.0.2.7"), "10.0.0.1"),
            (Some("bad host"), "10.0.0.1"),
            (Some(""), "10.0.0.1"),
            (None, "10.0.0.1"),
        ] {
            assert_eq!(server_name(host, address).to_str(), expected, "{host:?}");
        }
    }

    #[test]
    fn the_policy_towards_targets_follows_the_listeners() {
        for (name, expected) in [
            (Some("ELBSecurityPolicy-2016-08"), TargetPolicy::Tls12),
            (Some("ELBSecurityPolicy-FS-1-2-Res-2020-10"), TargetPolicy::Tls12),
            (Some("ELBSecurityPolicy-TLS13-1-2-2021-06"), TargetPolicy::Tls13),
            (Some("ELBSecurityPolicy-TLS13-1-3-2021-06"), TargetPolicy::Tls13),
            (None, TargetPolicy::Tls12),
        ] {
            assert_eq!(TargetPolicy::behind(name.and_then(security_policy::find)), expected, "{name:?}");
        }
        assert_eq!(TargetPolicy::Tls13.policy().versions, Versions::Tls12And13);
        assert_eq!(TargetPolicy::Tls12.policy().versions, Versions::Tls12);
    }

    #[test]
    fn a_wrong_signature_is_refused_and_one_that_cannot_be_checked_is_not() {
        assert!(pass_what_cannot_be_checked(CertificateError::BadSignature.into()).is_err());
        assert!(pass_what_cannot_be_checked(CertificateError::BadEncoding.into()).is_ok());
        assert!(pass_what_cannot_be_checked(Error::DecryptError).is_err());
    }
}
