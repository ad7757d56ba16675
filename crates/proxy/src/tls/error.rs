//! What can go wrong with TLS: in words for the log and for `goru why`, and in AWS's codes for the connection log.
//!
//! The library's errors are many and name its own types; they are translated here, in one function for each side.
//! Source of the codes: ELB user guide, "Connection logs for your Application Load Balancer", error reason codes.

use super::client_verifier::TooDeep;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, OtherError, PeerIncompatible, PeerMisbehaved};
use std::fmt;

/// Why a session failed. Fatal: nothing more is received or sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The first bytes are a request in clear text. No alert is sent: an answer in clear text is understood.
    #[error("the client speaks HTTP without TLS on a port for HTTPS")]
    PlainHttp,
    /// The first bytes are neither TLS nor HTTP.
    #[error("what the client sent first is not TLS")]
    NotTls,
    /// The first message of a client is larger than [`super::hello::MAXIMUM_HELLO`].
    #[error("the client's first message (ClientHello) is larger than 16 kB")]
    HelloTooLarge,
    /// No common version.
    #[error("no version of TLS in common with the peer")]
    NoCommonVersion,
    /// No common cipher, or none that fits the certificate.
    #[error("no cipher in common with the peer")]
    NoCommonCipher,
    /// No common group for the key exchange.
    #[error("no group for the key exchange in common with the peer")]
    NoCommonGroup,
    /// The client cannot check any signature that the certificate's key can make.
    #[error("the client knows no signature that the certificate's key can make")]
    NoCommonSignature,
    /// No common application protocol.
    #[error("no application protocol (ALPN) in common with the peer")]
    NoCommonProtocol,
    /// The listener has no usable certificate for the client.
    #[error("the listener has no usable certificate for this client")]
    NoCertificate,
    /// The client's certificate was refused.
    #[error("client certificate refused: {0}")]
    ClientCertificate(Refusal),
    /// The target's handshake is not signed with the key of its certificate.
    #[error("the target's certificate cannot be used: {0}")]
    TargetCertificate(String),
    /// The peer ended the connection with an alert.
    #[error("the peer sent the alert {0}")]
    AlertReceived(Alert),
    /// Something that cannot be read.
    #[error("the peer's TLS cannot be read: {0}")]
    Malformed(String),
    /// Something that can be read and is not allowed.
    #[error("the peer broke the rules of TLS: {0}")]
    Misbehaved(String),
    /// A record that was changed on its way, or was never encrypted for us.
    #[error("a record does not decrypt")]
    Undecryptable,
    /// A record, or a handshake message, above its limit.
    #[error("the peer sent more in one piece than TLS allows")]
    TooLarge,
    /// The connection ended without the message that says so: what came last may be incomplete.
    #[error("the connection ended without a close_notify")]
    Truncated,
    /// The keys of this session have encrypted as much as is safe.
    #[error("the keys of the session are used up")]
    Exhausted,
    /// Nothing can be sent before the handshake is over.
    #[error("the handshake is not over")]
    Handshaking,
    /// Nothing can be sent after [`super::Session::close`].
    #[error("the session is closed")]
    Closed,
    /// The library or the machine failed.
    #[error("TLS failed: {0}")]
    Internal(String),
}

/// Why a client's certificate was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It showed none, and one is needed.
    #[error("the client has none")]
    Missing,
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// Its time has not come.
    #[error("it is not valid yet")]
    NotYetValid,
    /// A revocation list names it, or one of those above it.
    #[error("it is revoked")]
    Revoked,
    /// It does not lead to an authority of the trust store.
    #[error("no authority of the trust store vouches for it")]
    UnknownAuthority,
    /// It is for another purpose than to authenticate clients.
    #[error("it is not for authenticating clients")]
    Purpose,
    /// Its key or its signature is of a kind that is not accepted.
    #[error("its key or its signature is of a kind that is not accepted")]
    TypeUnsupported,
    /// It cannot be read, or it, or the handshake, is not signed properly.
    #[error("{0}")]
    Invalid(String),
    /// More certificates than [`super::client_verifier::MAXIMUM_DEPTH`].
    #[error("its chain is longer than 4 certificates")]
    ChainTooDeep,
    /// Its chain is larger than 64 kB.
    #[error("its chain is larger than 64 kB")]
    TooLarge,
    /// The revocation lists cannot be used.
    #[error("the revocation lists of the trust store cannot be used: {0}")]
    RevocationList(String),
    /// Signed with something that the client was told not to use.
    #[error("the client signed in a way that the listener does not accept")]
    Incompatible,
    /// The trust store itself cannot be used.
    #[error("the listener's trust store cannot be used")]
    Rejected,
}

impl Refusal {
    /// AWS's code.
    pub const fn code(&self) -> &'static str {
        match self {
            // AWS has no code for a client without a certificate.
            Self::Missing => "UnmappedConnectionError",
            Self::Expired => "ClientCertExpired",
            Self::NotYetValid => "ClientCertNotYetValid",
            Self::Revoked => "ClientCertCrlHit",
            Self::UnknownAuthority => "ClientCertUntrusted",
            Self::Purpose => "ClientCertPurposeInvalid",
            Self::TypeUnsupported => "ClientCertTypeUnsupported",
            Self::Invalid(_) => "ClientCertInvalid",
            Self::ChainTooDeep => "ClientCertMaxChainDepthExceeded",
            Self::TooLarge => "ClientCertMaxSizeExceeded",
            Self::RevocationList(_) => "ClientCertCrlProcessingError",
            Self::Incompatible => "ClientCertIncompatible",
            Self::Rejected => "ClientCertRejected",
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's errors may become more")]
    fn of(error: CertificateError) -> Self {
        use CertificateError as C;
        #[expect(deprecated, reason = "the library still makes some of its older errors")]
        match error {
            C::Expired | C::ExpiredContext { .. } => Self::Expired,
            C::NotValidYet | C::NotValidYetContext { .. } => Self::NotYetValid,
            C::Revoked => Self::Revoked,
            C::UnknownIssuer => Self::UnknownAuthority,
            C::UnknownRevocationStatus | C::ExpiredRevocationList | C::ExpiredRevocationListContext { .. } => {
                Self::RevocationList(error.to_string())
            }
            C::InvalidPurpose | C::InvalidPurposeContext { .. } => Self::Purpose,
            C::UnsupportedSignatureAlgorithm
            | C::UnsupportedSignatureAlgorithmContext { .. }
            | C::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Self::TypeUnsupported,
            C::BadSignature => Self::Invalid("a signature of it or with it is wrong".to_owned()),
            C::BadEncoding => Self::Invalid("it cannot be read".to_owned()),
            C::ApplicationVerificationFailure => Self::Rejected,
            C::Other(OtherError(cause)) if cause.downcast_ref::<TooDeep>().is_some() => Self::ChainTooDeep,
            other => Self::Invalid(other.to_string()),
        }
    }
}

/// A reason that a peer gave for ending a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert(u8);

impl Alert {
    /// Its number in TLS.
    pub const fn code(self) -> u8 {
        self.0
    }

    /// Its name in TLS (RFC 8446, section 6, and before it).
    pub fn name(self) -> &'static str {
        ALERTS.iter().find(|(code, _)| *code == self.0).map_or("unknown", |(_, name)| name)
    }

    /// Whether the peer did not like the certificate that it was shown.
    pub const fn is_about_our_certificate(self) -> bool {
        matches!(self.0, 42..=46 | 48)
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.0)?;
        if self.is_about_our_certificate() {
            f.write_str(": it does not accept the certificate that it was shown")?;
        }
        Ok(())
    }
}

const ALERTS: [(u8, &str); 34] = [
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (21, "decryption_failed"),
    (22, "record_overflow"),
    (30, "decompression_failure"),
    (40, "handshake_failure"),
    (41, "no_certificate"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (60, "export_restriction"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (111, "certificate_unobtainable"),
    (112, "unrecognized_name"),
    (113, "bad_certificate_status_response"),
    (114, "bad_certificate_hash_value"),
    (115, "unknown_psk_identity"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
];

/// `tls_verify_status` of AWS's connection log.
pub fn verify_status(outcome: Result<(), &TlsError>) -> String {
    match outcome {
        Ok(()) => "Success".to_owned(),
        Err(TlsError::ClientCertificate(refusal)) => format!("Failed:{}", refusal.code()),
        Err(_other) => "Failed:UnmappedConnectionError".to_owned(),
    }
}

impl TlsError {
    /// What the library found wrong with a client.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's errors may become more")]
    pub(super) fn of_client(error: Error) -> Self {
        match error {
            Error::NoCertificatesPresented => Self::ClientCertificate(Refusal::Missing),
            Error::InvalidCertificate(cause) => Self::ClientCertificate(Refusal::of(cause)),
            Error::InvalidCertRevocationList(cause) => {
                Self::ClientCertificate(Refusal::RevocationList(format!("{cause:?}")))
            }
            Error::InvalidMessage(InvalidMessage::CertificatePayloadTooLarge) => {
                Self::ClientCertificate(Refusal::TooLarge)
            }
            Error::PeerMisbehaved(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme) => {
                Self::ClientCertificate(Refusal::Incompatible)
            }
            Error::General(why) if why.starts_with("no server certificate") => Self::NoCertificate,
            other => Self::of(other),
        }
    }

    /// What the library found wrong with a target.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's errors may become more")]
    pub(super) fn of_target(error: Error) -> Self {
        match error {
            Error::InvalidCertificate(cause) => Self::TargetCertificate(cause.to_string()),
            Error::NoCertificatesPresented => Self::TargetCertificate("it has none".to_owned()),
            other => Self::of(other),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's errors may become more")]
    fn of(error: Error) -> Self {
        match error {
            Error::AlertReceived(alert) => Self::AlertReceived(Alert(u8::from(alert))),
            Error::PeerIncompatible(why) => Self::of_incompatible(&why),
            Error::NoApplicationProtocol => Self::NoCommonProtocol,
            Error::DecryptError => Self::Undecryptable,
            Error::PeerSentOversizedRecord
            | Error::InvalidMessage(InvalidMessage::MessageTooLarge | InvalidMessage::HandshakePayloadTooLarge) => {
                Self::TooLarge
            }
            Error::InvalidMessage(why) => Self::Malformed(format!("{why:?}")),
            Error::PeerMisbehaved(why) => Self::Misbehaved(format!("{why:?}")),
            Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
                Self::Misbehaved(error.to_string())
            }
            Error::HandshakeNotComplete => Self::Handshaking,
            other => Self::Internal(other.to_string()),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's errors may become more")]
    fn of_incompatible(why: &PeerIncompatible) -> Self {
        match why {
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::SupportedVersionsExtensionRequired
            | PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => Self::NoCommonVersion,
            PeerIncompatible::NoCipherSuitesInCommon => Self::NoCommonCipher,
            PeerIncompatible::NoKxGroupsInCommon | PeerIncompatible::NamedGroupsExtensionRequired => {
                Self::NoCommonGroup
            }
            PeerIncompatible::NoSignatureSchemesInCommon | PeerIncompatible::SignatureAlgorithmsExtensionRequired => {
                Self::NoCommonSignature
            }
            other => Self::Misbehaved(format!("{other:?}")),
        }
    }
}

/// A fatal alert in clear text, for failures before the library sees anything.
pub(super) fn plain_alert(alert: AlertDescription) -> [u8; 7] {
    const ALERT_RECORD: u8 = 21;
    const FATAL: u8 = 2;
    [ALERT_RECORD, 3, 3, 0, 2, FATAL, u8::from(alert)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn refusals_get_the_codes_of_the_connection_log() {
        let other = |cause: TooDeep| CertificateError::Other(OtherError(Arc::new(cause)));
        let of = |cause: CertificateError| TlsError::of_client(Error::InvalidCertificate(cause));
        for (error, status) in [
            (of(CertificateError::Expired), "Failed:ClientCertExpired"),
            (of(CertificateError::NotValidYet), "Failed:ClientCertNotYetValid"),
            (of(CertificateError::Revoked), "Failed:ClientCertCrlHit"),
            (of(CertificateError::UnknownIssuer), "Failed:ClientCertUntrusted"),
            (of(CertificateError::InvalidPurpose), "Failed:ClientCertPurposeInvalid"),
            (of(CertificateError::BadEncoding), "Failed:ClientCertInvalid"),
            (of(CertificateError::UnknownRevocationStatus), "Failed:ClientCertCrlProcessingError"),
            (of(other(TooDeep)), "Failed:ClientCertMaxChainDepthExceeded"),
            (TlsError::of_client(Error::NoCertificatesPresented), "Failed:UnmappedConnectionError"),
            (
                TlsError::of_client(InvalidMessage::CertificatePayloadTooLarge.into()),
                "Failed:ClientCertMaxSizeExceeded",
            ),
            (TlsError::PlainHttp, "Failed:UnmappedConnectionError"),
        ] {
            assert_eq!(verify_status(Err(&error)), status, "{error}");
        }
        assert_eq!(verify_status(Ok(())), "Success");
    }

    #[test]
    fn alerts_are_named_and_explained() {
        let received = TlsError::of_client(Error::AlertReceived(AlertDescription::UnknownCA));
        let expected = "the peer sent the alert unknown_ca (48): it does not accept the certificate that it was shown";
        assert_eq!(received.to_string(), expected);
        assert_eq!(Alert(200).to_string(), "unknown (200)");
        assert!(ALERTS.is_sorted());
        assert_eq!(plain_alert(AlertDescription::UnrecognisedName), [21, 3, 3, 0, 2, 2, 112]);
    }

    #[test]
    fn what_two_sides_do_not_share_is_said() {
        for (why, expected) in [
            (PeerIncompatible::Tls12NotOffered, TlsError::NoCommonVersion),
            (PeerIncompatible::NoCipherSuitesInCommon, TlsError::NoCommonCipher),
            (PeerIncompatible::NoKxGroupsInCommon, TlsError::NoCommonGroup),
            (PeerIncompatible::NoSignatureSchemesInCommon, TlsError::NoCommonSignature),
        ] {
            assert_eq!(TlsError::of_client(Error::PeerIncompatible(why)), expected);
        }
        assert_eq!(TlsError::of_target(Error::NoApplicationProtocol), TlsError::NoCommonProtocol);
    }
}
