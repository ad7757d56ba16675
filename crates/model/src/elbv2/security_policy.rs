//! Security policies: AWS's names, and what of each is really served.
//!
//! The TLS library has TLS 1.2 and 1.3, and neither CBC ciphers nor RSA key exchange. What AWS's policies allow beyond that
//! is not pretended: a policy that reaches back to TLS 1.0 begins at 1.2 here, and lists the ciphers that are left.
//! Source: ELB user guide, "Security policies for your Application Load Balancer".

/// A policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityPolicy {
    /// AWS's name.
    pub name: &'static str,
    /// The versions of TLS.
    pub versions: Versions,
    /// Its ciphers of TLS 1.2, in AWS's order of preference.
    pub tls12: &'static [Cipher12],
    /// Its ciphers of TLS 1.3.
    pub tls13: &'static [Cipher13],
    /// Whether key exchange with ML-KEM comes first.
    pub post_quantum: bool,
}

/// Which versions a policy allows, of those that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// 1.2.
    Tls12,
    /// 1.2 and 1.3.
    Tls12And13,
    /// 1.3.
    Tls13,
}

/// The ciphers of TLS 1.2 that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher12 {
    /// ECDHE-ECDSA-AES128-GCM-SHA256
    EcdheEcdsaAes128Gcm,
    /// ECDHE-RSA-AES128-GCM-SHA256
    EcdheRsaAes128Gcm,
    /// ECDHE-ECDSA-AES256-GCM-SHA384
    EcdheEcdsaAes256Gcm,
    /// ECDHE-RSA-AES256-GCM-SHA384
    EcdheRsaAes256Gcm,
}

/// The ciphers of TLS 1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher13 {
    /// TLS_AES_128_GCM_SHA256
    Aes128Gcm,
    /// TLS_AES_256_GCM_SHA384
    Aes256Gcm,
    /// TLS_CHACHA20_POLY1305_SHA256
    ChaCha20Poly1305,
}

impl Cipher12 {
    /// OpenSSL's name, which AWS uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdheEcdsaAes128Gcm => "ECDHE-ECDSA-AES128-GCM-SHA256",
            Self::EcdheRsaAes128Gcm => "ECDHE-RSA-AES128-GCM-SHA256",
            Self::EcdheEcdsaAes256Gcm => "ECDHE-ECDSA-AES256-GCM-SHA384",
            Self::EcdheRsaAes256Gcm => "ECDHE-RSA-AES256-GCM-SHA384",
        }
    }
}

impl Cipher13 {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes128Gcm => "TLS_AES_128_GCM_SHA256",
            Self::Aes256Gcm => "TLS_AES_256_GCM_SHA384",
            Self::ChaCha20Poly1305 => "TLS_CHACHA20_POLY1305_SHA256",
        }
    }
}

/// The policy that a listener has when none is named (API and CLI).
pub const DEFAULT: &str = "ELBSecurityPolicy-2016-08";

const ALL12: &[Cipher12] = &[
    Cipher12::EcdheEcdsaAes128Gcm,
    Cipher12::EcdheRsaAes128Gcm,
    Cipher12::EcdheEcdsaAes256Gcm,
    Cipher12::EcdheRsaAes256Gcm,
];
const ALL13: &[Cipher13] = &[Cipher13::Aes128Gcm, Cipher13::Aes256Gcm, Cipher13::ChaCha20Poly1305];

const fn tls12(name: &'static str) -> SecurityPolicy {
    SecurityPolicy { name, versions: Versions::Tls12, tls12: ALL12, tls13: &[], post_quantum: false }
}

const fn tls12_and_13(name: &'static str) -> SecurityPolicy {
    SecurityPolicy { name, versions: Versions::Tls12And13, tls12: ALL12, tls13: ALL13, post_quantum: false }
}

const fn tls13(name: &'static str) -> SecurityPolicy {
    SecurityPolicy { name, versions: Versions::Tls13, tls12: &[], tls13: ALL13, post_quantum: false }
}

const fn post_quantum(policy: SecurityPolicy) -> SecurityPolicy {
    SecurityPolicy { post_quantum: true, ..policy }
}

/// Every policy.
pub const ALL: &[SecurityPolicy] = &[
    tls12("ELBSecurityPolicy-2016-08"),
    tls12("ELBSecurityPolicy-FS-1-1-2019-08"),
    tls12("ELBSecurityPolicy-FS-1-2-2019-08"),
    tls12("ELBSecurityPolicy-FS-1-2-Res-2019-08"),
    tls12("ELBSecurityPolicy-FS-1-2-Res-2020-10"),
    tls12("ELBSecurityPolicy-FS-2018-06"),
    tls12("ELBSecurityPolicy-TLS-1-0-2015-04"),
    tls12("ELBSecurityPolicy-TLS-1-1-2017-01"),
    tls12("ELBSecurityPolicy-TLS-1-2-2017-01"),
    tls12("ELBSecurityPolicy-TLS-1-2-Ext-2018-06"),
    tls12_and_13("ELBSecurityPolicy-TLS13-1-0-2021-06"),
    post_quantum(tls12_and_13("ELBSecurityPolicy-TLS13-1-0-PQ-2025-09")),
    tls12_and_13("ELBSecurityPolicy-TLS13-1-1-2021-06"),
    tls12_and_13("ELBSecurityPolicy-TLS13-1-2-2021-06"),
    tls12_and_13("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06"),
    post_quantum(tls12_and_13("ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09")),
    tls12_and_13("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"),
    post_quantum(tls12_and_13("ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09")),
    post_quantum(tls12_and_13("ELBSecurityPolicy-TLS13-1-2-PQ-2025-09")),
    tls12_and_13("ELBSecurityPolicy-TLS13-1-2-Res-2021-06"),
    post_quantum(tls12_and_13("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09")),
    tls13("ELBSecurityPolicy-TLS13-1-3-2021-06"),
    post_quantum(tls13("ELBSecurityPolicy-TLS13-1-3-PQ-2025-09")),
];

/// The policy of that name.
pub fn find(name: &str) -> Option<&'static SecurityPolicy> {
    ALL.iter().find(|policy| policy.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_found_by_name_and_have_what_their_versions_need() {
        assert!(find(DEFAULT).is_some());
        assert_eq!(find("ELBSecurityPolicy-none"), None);
        for policy in ALL {
            assert_eq!(find(policy.name), Some(policy));
            let (old, new) = (!policy.tls12.is_empty(), !policy.tls13.is_empty());
            let expected = match policy.versions {
                Versions::Tls12 => (true, false),
                Versions::Tls12And13 => (true, true),
                Versions::Tls13 => (false, true),
            };
            assert_eq!((old, new), expected, "{}", policy.name);
        }
    }
}
