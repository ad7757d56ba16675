//! AWS's names for what certificates have object identifiers for.

use x509_parser::der_parser::asn1_rs::Oid;
use x509_parser::extensions::{ExtendedKeyUsage, KeyUsage};

use model::acm::certificate::ExtendedKeyUsage as Purpose;

/// Signature algorithms as ACM writes them; those that it has no name for are shown by their identifier.
const SIGNATURES: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.4", "MD5WITHRSA"),
    ("1.2.840.113549.1.1.5", "SHA1WITHRSA"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.2.840.113549.1.1.11", "SHA256WITHRSA"),
    ("1.2.840.113549.1.1.12", "SHA384WITHRSA"),
    ("1.2.840.113549.1.1.13", "SHA512WITHRSA"),
    ("1.2.840.113549.1.1.14", "SHA224WITHRSA"),
    ("1.2.840.10045.4.1", "SHA1WITHECDSA"),
    ("1.2.840.10045.4.3.1", "SHA224WITHECDSA"),
    ("1.2.840.10045.4.3.2", "SHA256WITHECDSA"),
    ("1.2.840.10045.4.3.3", "SHA384WITHECDSA"),
    ("1.2.840.10045.4.3.4", "SHA512WITHECDSA"),
    ("1.3.101.112", "ED25519"),
];

/// What a signature algorithm is called.
pub(super) fn signature(oid: &Oid<'_>) -> String {
    let id = oid.to_id_string();
    SIGNATURES.iter().find(|(known, _)| *known == id).map_or(id.clone(), |(_, name)| (*name).to_owned())
}

/// What the key of a certificate may be used for.
pub(super) fn key_usages(usage: &KeyUsage) -> Vec<String> {
    let all = [
        (usage.digital_signature(), "DIGITAL_SIGNATURE"),
        (usage.non_repudiation(), "NON_REPUDIATION"),
        (usage.key_encipherment(), "KEY_ENCIPHERMENT"),
        (usage.data_encipherment(), "DATA_ENCIPHERMENT"),
        (usage.key_agreement(), "KEY_AGREEMENT"),
        (usage.key_cert_sign(), "CERTIFICATE_SIGNING"),
        (usage.crl_sign(), "CRL_SIGNING"),
        (usage.encipher_only(), "ENCIPHER_ONLY"),
        (usage.decipher_only(), "DECIPHER_ONLY"),
    ];
    all.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name.to_owned()).collect()
}

/// What a certificate may be used for.
pub(super) fn purposes(usage: &ExtendedKeyUsage<'_>) -> Vec<Purpose> {
    let known = [
        (usage.server_auth, "TLS_WEB_SERVER_AUTHENTICATION", "1.3.6.1.5.5.7.3.1"),
        (usage.client_auth, "TLS_WEB_CLIENT_AUTHENTICATION", "1.3.6.1.5.5.7.3.2"),
        (usage.code_signing, "CODE_SIGNING", "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "EMAIL_PROTECTION", "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "TIME_STAMPING", "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "OCSP_SIGNING", "1.3.6.1.5.5.7.3.9"),
        (usage.any, "ANY", "2.5.29.37.0"),
    ];
    let known = known.into_iter().filter(|(is_set, _, _)| *is_set).map(|(_, name, oid)| purpose(name, oid.to_owned()));
    let other = usage.other.iter().map(|oid| {
        let oid = oid.to_id_string();
        match oid.as_str() {
            "1.3.6.1.5.5.7.3.5" => purpose("IPSEC_END_SYSTEM", oid),
            "1.3.6.1.5.5.7.3.6" => purpose("IPSEC_TUNNEL", oid),
            "1.3.6.1.5.5.7.3.7" => purpose("IPSEC_USER", oid),
            _ => purpose("CUSTOM", oid),
        }
    });
    known.chain(other).collect()
}

fn purpose(name: &str, oid: String) -> Purpose {
    Purpose { name: name.to_owned(), oid }
}
