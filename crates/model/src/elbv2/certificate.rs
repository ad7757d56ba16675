//! What a load balancer has to know of a certificate, whichever service keeps it.

use crate::{Arn, Timestamp, secret::Secret};
use serde::{Deserialize, Serialize};

/// The most certificates of one load balancer besides the default ones of its listeners (ELB quotas).
pub const MAXIMUM_EXTRA_CERTIFICATES: usize = 25;

/// What can be read in a certificate and matters to who chooses among several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFacts {
    /// The host names that it is for, in lower case, wildcards (`*.example.com`) included: its DNS alternative names, or
    /// the common name where there are none.
    pub names: Vec<String>,
    /// The kind of its key.
    pub key: KeyAlgorithm,
    /// What it is signed with, by AWS's name (`SHA256WITHRSA`).
    pub signature_algorithm: String,
    /// The first moment at which it is valid.
    pub not_before: Timestamp,
    /// The last moment at which it is valid.
    pub not_after: Timestamp,
}

/// The kinds of keys that can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAlgorithm {
    /// RSA with this many bits: 2048, 3072 or 4096.
    Rsa(u16),
    /// ECDSA on NIST P-256.
    EcPrime256v1,
    /// ECDSA on NIST P-384.
    EcSecp384r1,
    /// ECDSA on NIST P-521.
    EcSecp521r1,
}

/// A certificate as the data plane gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificatePlan {
    /// Its ARN, of ACM or of IAM.
    pub arn: Arn,
    /// What is in it.
    pub facts: CertificateFacts,
    /// The certificate and after it those that lead to its issuer, in PEM.
    pub chain_pem: String,
    /// Its key, in PEM.
    pub private_key_pem: Secret,
}

impl KeyAlgorithm {
    /// AWS's name of it in ACM.
    pub fn name(self) -> String {
        match self {
            Self::Rsa(bits) => format!("RSA_{bits}"),
            Self::EcPrime256v1 => "EC_prime256v1".to_owned(),
            Self::EcSecp384r1 => "EC_secp384r1".to_owned(),
            Self::EcSecp521r1 => "EC_secp521r1".to_owned(),
        }
    }

    /// ECDSA keys come before RSA keys, larger ones before smaller ones: what is greater is preferred (ELB user guide, SNI
    /// certificate selection).
    pub const fn rank(self) -> (u8, u16) {
        match self {
            Self::Rsa(bits) => (0, bits),
            Self::EcPrime256v1 => (1, 256),
            Self::EcSecp384r1 => (1, 384),
            Self::EcSecp521r1 => (1, 521),
        }
    }
}

impl CertificateFacts {
    /// What is greater is preferred among certificates for the same name: key algorithm, hash, key length, validity, in
    /// this order (ELB user guide, SNI certificate selection).
    pub fn rank(&self) -> (u8, u16, u16, Timestamp) {
        let (family, bits) = self.key.rank();
        (family, self.hash_bits(), bits, self.not_after)
    }

    fn hash_bits(&self) -> u16 {
        let name = self.signature_algorithm.to_ascii_uppercase();
        let of = |bits: &str| name.starts_with(&format!("SHA{bits}")) || name.contains(&format!("SHA-{bits}"));
        [512, 384, 256, 224].into_iter().find(|bits| of(&bits.to_string())).unwrap_or(160)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(key: KeyAlgorithm, signature: &str, until: i64) -> CertificateFacts {
        CertificateFacts {
            names: vec![],
            key,
            signature_algorithm: signature.to_owned(),
            not_before: Timestamp::default(),
            not_after: Timestamp::from_seconds(until),
        }
    }

    #[test]
    fn certificates_are_preferred_by_key_kind_hash_length_and_validity() {
        use KeyAlgorithm::{EcPrime256v1, EcSecp384r1, Rsa};
        let from_worst_to_best = [
            facts(Rsa(4096), "SHA1WITHRSA", 9),
            facts(Rsa(2048), "SHA256WITHRSA", 9),
            facts(Rsa(4096), "SHA256WITHRSA", 1),
            facts(Rsa(4096), "SHA256WITHRSA", 2),
            facts(Rsa(2048), "SHA384WITHRSA", 1),
            facts(EcPrime256v1, "SHA256WITHRSA", 1),
            facts(EcSecp384r1, "SHA256WITHECDSA", 1),
            facts(EcPrime256v1, "SHA384WITHECDSA", 1),
        ];
        assert!(from_worst_to_best.is_sorted_by_key(CertificateFacts::rank));
    }
}
