//! Security policies as the TLS library wants them: versions, ciphers in AWS's order, and groups for the key exchange.
//!
//! Which policy has what stands in `model`; this file only translates, and says the other way round what was agreed.

use model::elbv2::security_policy::{ALL, Cipher12, Cipher13, SecurityPolicy, Versions};
use rustls::{
    CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme, SupportedCipherSuite, SupportedProtocolVersion,
    crypto::{
        CryptoProvider, SupportedKxGroup, WebPkiSupportedAlgorithms,
        aws_lc_rs::{cipher_suite, default_provider, kx_group},
    },
    pki_types::{SignatureVerificationAlgorithm, alg_id},
    version::{TLS12, TLS13},
};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

/// What was agreed on, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: &'static str,
    /// OpenSSL's name of the cipher, which AWS uses in headers and logs.
    pub cipher: &'static str,
    /// IANA's name of it.
    pub cipher_iana: &'static str,
    /// The group of the key exchange; none took place when a session of TLS 1.2 was resumed.
    pub group: Option<&'static str>,
}

/// The versions that a policy allows.
pub fn versions(policy: &SecurityPolicy) -> &'static [&'static SupportedProtocolVersion] {
    static BOTH: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
    match policy.versions {
        Versions::Tls12 => &BOTH[1..],
        Versions::Tls12And13 => &BOTH,
        Versions::Tls13 => &BOTH[..1],
    }
}

/// The cryptography of a listener with this policy. It accepts only signatures that AWS accepts of client certificates.
pub fn listener_provider(policy: &SecurityPolicy) -> Arc<CryptoProvider> {
    static MADE: LazyLock<HashMap<&str, Arc<CryptoProvider>>> = LazyLock::new(|| {
        ALL.iter().map(|policy| (policy.name, Arc::new(provider(policy, *CLIENT_SIGNATURES)))).collect()
    });
    match MADE.get(policy.name) {
        Some(provider) => Arc::clone(provider),
        None => Arc::new(provider(policy, *CLIENT_SIGNATURES)),
    }
}

/// The cryptography towards targets with this policy. What targets sign with is of no concern.
pub fn target_provider(policy: &SecurityPolicy) -> Arc<CryptoProvider> {
    Arc::new(provider(policy, default_provider().signature_verification_algorithms))
}

fn provider(policy: &SecurityPolicy, signatures: WebPkiSupportedAlgorithms) -> CryptoProvider {
    let tls13 = policy.tls13.iter().map(|cipher| suite13(*cipher));
    let tls12 = policy.tls12.iter().map(|cipher| suite12(*cipher));
    CryptoProvider {
        cipher_suites: tls13.chain(tls12).collect(),
        kx_groups: groups(policy.post_quantum),
        signature_verification_algorithms: signatures,
        ..default_provider()
    }
}

fn groups(post_quantum: bool) -> Vec<&'static dyn SupportedKxGroup> {
    let classical: [&'static dyn SupportedKxGroup; 3] = [kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];
    let mut groups: Vec<&'static dyn SupportedKxGroup> = Vec::new();
    if post_quantum {
        groups.extend([kx_group::X25519MLKEM768, kx_group::SECP256R1MLKEM768]);
    }
    groups.extend(classical);
    groups
}

fn suite13(cipher: Cipher13) -> SupportedCipherSuite {
    match cipher {
        Cipher13::Aes128Gcm => cipher_suite::TLS13_AES_128_GCM_SHA256,
        Cipher13::Aes256Gcm => cipher_suite::TLS13_AES_256_GCM_SHA384,
        Cipher13::ChaCha20Poly1305 => cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
    }
}

fn suite12(cipher: Cipher12) -> SupportedCipherSuite {
    match cipher {
        Cipher12::EcdheEcdsaAes128Gcm => cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        Cipher12::EcdheRsaAes128Gcm => cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        Cipher12::EcdheEcdsaAes256Gcm => cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        Cipher12::EcdheRsaAes256Gcm => cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    }
}

/// What AWS accepts of client certificates: RSA of 2048 to 8192 bits (PKCS#1 and PSS) and ECDSA on P-256, P-384 and
/// P-521, with SHA-256, -384 or -512 (ELB user guide, "Mutual authentication with TLS in Application Load Balancer").
/// The library wants lists that live for ever, so they are made once and never given back.
static CLIENT_SIGNATURES: LazyLock<WebPkiSupportedAlgorithms> = LazyLock::new(|| {
    type Algorithms = Vec<&'static dyn SignatureVerificationAlgorithm>;
    let known = default_provider().signature_verification_algorithms;
    let all: Algorithms = known.all.iter().copied().filter(|algorithm| is_served_key(*algorithm)).collect();
    let mapping: Vec<_> = known.mapping.iter().copied().filter(|(scheme, _)| is_served_scheme(*scheme)).collect();
    WebPkiSupportedAlgorithms { all: all.leak(), mapping: mapping.leak() }
});

fn is_served_key(algorithm: &dyn SignatureVerificationAlgorithm) -> bool {
    const KEYS: [rustls::pki_types::AlgorithmIdentifier; 4] =
        [alg_id::RSA_ENCRYPTION, alg_id::ECDSA_P256, alg_id::ECDSA_P384, alg_id::ECDSA_P521];
    KEYS.contains(&algorithm.public_key_alg_id())
}

fn is_served_scheme(scheme: SignatureScheme) -> bool {
    const SCHEMES: [SignatureScheme; 9] = [
        SignatureScheme::ECDSA_NISTP256_SHA256,
        SignatureScheme::ECDSA_NISTP384_SHA384,
        SignatureScheme::ECDSA_NISTP521_SHA512,
        SignatureScheme::RSA_PSS_SHA256,
        SignatureScheme::RSA_PSS_SHA384,
        SignatureScheme::RSA_PSS_SHA512,
        SignatureScheme::RSA_PKCS1_SHA256,
        SignatureScheme::RSA_PKCS1_SHA384,
        SignatureScheme::RSA_PKCS1_SHA512,
    ];
    SCHEMES.contains(&scheme)
}

/// The names of what was agreed on.
pub(super) fn agreed(version: ProtocolVersion, suite: CipherSuite, group: Option<NamedGroup>) -> Agreed {
    Agreed {
        version: if version == ProtocolVersion::TLSv1_3 { "TLSv1.3" } else { "TLSv1.2" },
        cipher: openssl_name(suite),
        cipher_iana: iana_name(suite),
        group: group.map(group_name),
    }
}

fn openssl_name(suite: CipherSuite) -> &'static str {
    let of12 = |cipher: Cipher12| (suite12(cipher).suite() == suite).then(|| cipher.name());
    [
        Cipher12::EcdheEcdsaAes128Gcm,
        Cipher12::EcdheRsaAes128Gcm,
        Cipher12::EcdheEcdsaAes256Gcm,
        Cipher12::EcdheRsaAes256Gcm,
    ]
    .into_iter()
    .find_map(of12)
    .unwrap_or_else(|| iana_name(suite))
}

fn iana_name(suite: CipherSuite) -> &'static str {
    // The library spells those of TLS 1.3 with a prefix of its own.
    let of13 = |cipher: Cipher13| (suite13(cipher).suite() == suite).then(|| cipher.name());
    [Cipher13::Aes128Gcm, Cipher13::Aes256Gcm, Cipher13::ChaCha20Poly1305]
        .into_iter()
        .find_map(of13)
        .or_else(|| suite.as_str())
        .unwrap_or("unknown")
}

fn group_name(group: NamedGroup) -> &'static str {
    // Not one of our own enums, and it has more values than any policy.
    if group == NamedGroup::X25519 {
        "x25519"
    } else if group == NamedGroup::secp256r1 {
        "secp256r1"
    } else if group == NamedGroup::secp384r1 {
        "secp384r1"
    } else if group == NamedGroup::X25519MLKEM768 {
        "X25519MLKEM768"
    } else if group == NamedGroup::secp256r1MLKEM768 {
        "SecP256r1MLKEM768"
    } else {
        "unknown"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::elbv2::security_policy::find;

    #[test]
    fn a_policy_keeps_its_versions_its_order_and_its_groups() {
        let policy = find("ELBSecurityPolicy-TLS13-1-2-2021-06").unwrap();
        let provider = listener_provider(policy);
        let names: Vec<_> = provider.cipher_suites.iter().map(|suite| openssl_name(suite.suite())).collect();
        let expected = [
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
        ];
        assert_eq!(names, expected);
        let groups: Vec<_> = provider.kx_groups.iter().map(|group| group_name(group.name())).collect();
        assert_eq!(groups, ["x25519", "secp256r1", "secp384r1"]);
        assert_eq!(versions(policy).len(), 2);
    }

    #[test]
    fn only_post_quantum_policies_begin_with_ml_kem() {
        for policy in ALL {
            let first = listener_provider(policy).kx_groups[0].name();
            assert_eq!(first == NamedGroup::X25519MLKEM768, policy.post_quantum, "{}", policy.name);
        }
    }

    #[test]
    fn every_policy_makes_a_configuration_that_the_library_accepts() {
        for policy in ALL {
            let made = rustls::ServerConfig::builder_with_provider(listener_provider(policy))
                .with_protocol_versions(versions(policy));
            assert!(made.is_ok(), "{}", policy.name);
        }
    }

    #[test]
    fn clients_may_sign_with_what_aws_accepts_and_nothing_else() {
        let schemes = CLIENT_SIGNATURES.supported_schemes();
        assert_eq!(schemes.len(), 9, "{schemes:?}");
        assert!(!schemes.contains(&SignatureScheme::ED25519));
        assert!(CLIENT_SIGNATURES.all.iter().all(|algorithm| algorithm.public_key_alg_id() != alg_id::ED25519));
        assert!(CLIENT_SIGNATURES.all.len() >= 9);
    }

    #[test]
    fn ciphers_have_two_names() {
        let agreed = agreed(ProtocolVersion::TLSv1_2, CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, None);
        assert_eq!(agreed.cipher, "ECDHE-RSA-AES128-GCM-SHA256");
        assert_eq!(agreed.cipher_iana, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        let newer = super::agreed(ProtocolVersion::TLSv1_3, CipherSuite::TLS13_AES_128_GCM_SHA256, None);
        assert_eq!((newer.cipher, newer.cipher_iana), ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"));
        assert_eq!(newer.version, "TLSv1.3");
    }
}
