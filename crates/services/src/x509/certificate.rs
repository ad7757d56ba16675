//! A certificate of a load balancer with its key and its chain: whether they belong together, and what is in them.

use model::Timestamp;
use model::acm::certificate::ExtendedKeyUsage;
use model::elbv2::certificate::{CertificateFacts, KeyAlgorithm};
use model::secret::Secret;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::SectionKind;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name, X509Version};

use super::names;
use super::pem::{self, InvalidPem};

/// The most certificates of a chain that are looked at.
const LONGEST_CHAIN: usize = 16;

/// What a caller brings.
pub(crate) struct Parts<'a> {
    /// One certificate in PEM.
    pub(crate) certificate: &'a [u8],
    /// Its key in PEM.
    pub(crate) private_key: &'a [u8],
    /// The certificates that lead to its issuer, in PEM; the first signed the certificate, each further one that before it.
    pub(crate) chain: Option<&'a [u8]>,
}

/// Whether a certificate that somebody else signed needs a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chain {
    /// It does: only one that signed itself may come alone (ACM).
    Needed,
    /// It does not (IAM).
    Optional,
}

/// A certificate that fits its key and its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bundle {
    pub(crate) facts: CertificateFacts,
    /// As a distinguished name.
    pub(crate) subject: String,
    /// The common name, else the first alternative name.
    pub(crate) domain_name: String,
    /// The issuer's organisation, else its common name, else its distinguished name.
    pub(crate) issuer: String,
    /// Pairs of hexadecimal digits with colons between.
    pub(crate) serial: String,
    pub(crate) key_usages: Vec<String>,
    pub(crate) extended_key_usages: Vec<ExtendedKeyUsage>,
    /// All three in PEM of one form, whatever stood around them.
    pub(crate) certificate_pem: String,
    pub(crate) chain_pem: String,
    pub(crate) private_key_pem: Secret,
}

/// Why it is not taken. No sentence has a part of the key in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidCertificate {
    /// The certificate's text.
    #[error("the certificate cannot be read: {0}")]
    CertificatePem(InvalidPem),
    /// The chain's text.
    #[error("the certificate chain cannot be read: {0}")]
    ChainPem(InvalidPem),
    /// The key's text.
    #[error("the private key cannot be read: {0}")]
    KeyPem(InvalidPem),
    /// Several certificates where one is wanted.
    #[error("the certificate must be exactly one; those that lead to its issuer belong in the chain")]
    Several,
    /// No certificate inside the section.
    #[error("{0} is not an X.509 certificate of version 3")]
    Malformed(&'static str),
    /// Nobody could ask for it.
    #[error("the certificate has neither a common name nor an alternative name")]
    Nameless,
    /// A kind of key that is not served.
    #[error(
        "the certificate's key must be RSA with 2048, 3072 or 4096 bits, or ECDSA on P-256, P-384 or P-521; it is {0}"
    )]
    Key(String),
    /// Its time has not come.
    #[error("the certificate is not valid before {0}")]
    NotYetValid(Timestamp),
    /// Its time is over.
    #[error("the certificate expired at {0}")]
    Expired(Timestamp),
    /// A key that needs a password.
    #[error("the private key is encrypted; give it without a password")]
    EncryptedKey,
    /// Not exactly one key.
    #[error("the private key must be exactly one, in PEM as PKCS #8, PKCS #1 or SEC 1")]
    NotOneKey,
    /// A key that cannot be loaded.
    #[error("the private key cannot be used; it is damaged or of a kind that is not supported")]
    UnusableKey,
    /// The key of another certificate.
    #[error("the private key does not belong to the certificate")]
    Mismatch,
    /// A chain in the wrong order, or of another certificate.
    #[error(
        "certificate {0} of the chain did not sign the one before it; the chain begins with the certificate's issuer"
    )]
    BrokenChain(usize),
    /// Too much.
    #[error("the chain has at most {LONGEST_CHAIN} certificates")]
    LongChain,
    /// Signed by an authority, which is missing.
    #[error("the certificate is not self-signed, so its chain is needed")]
    NoChain,
}

impl Bundle {
    /// Reads and checks what a caller brings.
    ///
    /// # Errors
    /// [`InvalidCertificate`], the first that is found.
    pub(crate) fn read(parts: &Parts<'_>, needed: Chain, now: Timestamp) -> Result<Self, InvalidCertificate> {
        let der = one_certificate(parts.certificate)?;
        let chain = chain(parts.chain)?;
        let certificate = parse(&der, "the certificate")?;
        let facts = facts(&certificate)?;
        if now < facts.not_before {
            return Err(InvalidCertificate::NotYetValid(facts.not_before));
        }
        if now > facts.not_after {
            return Err(InvalidCertificate::Expired(facts.not_after));
        }
        let private_key_pem = matching_key(parts.private_key, &der)?;
        check_chain(&certificate, &chain, needed)?;
        let usages = certificate.key_usage().ok().flatten();
        let purposes = certificate.extended_key_usage().ok().flatten();
        Ok(Self {
            domain_name: domain_name(&certificate).ok_or(InvalidCertificate::Nameless)?,
            facts,
            subject: certificate.subject().to_string(),
            issuer: issuer(certificate.issuer()),
            serial: serial(&certificate),
            key_usages: usages.map(|usage| names::key_usages(usage.value)).unwrap_or_default(),
            extended_key_usages: purposes.map(|purpose| names::purposes(purpose.value)).unwrap_or_default(),
            certificate_pem: pem::encode("CERTIFICATE", &der),
            chain_pem: chain.iter().map(|der| pem::encode("CERTIFICATE", der)).collect::<Vec<_>>().join("\n"),
            private_key_pem,
        })
    }
}

fn one_certificate(text: &[u8]) -> Result<Vec<u8>, InvalidCertificate> {
    let found =
        pem::all_of(text, SectionKind::Certificate, "CERTIFICATE").map_err(InvalidCertificate::CertificatePem)?;
    let [only] = <[_; 1]>::try_from(found).map_err(|_| InvalidCertificate::Several)?;
    Ok(only)
}

fn chain(text: Option<&[u8]>) -> Result<Vec<Vec<u8>>, InvalidCertificate> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let found = pem::all_of(text, SectionKind::Certificate, "CERTIFICATE").map_err(InvalidCertificate::ChainPem)?;
    if found.len() > LONGEST_CHAIN { Err(InvalidCertificate::LongChain) } else { Ok(found) }
}

fn parse<'a>(der: &'a [u8], what: &'static str) -> Result<X509Certificate<'a>, InvalidCertificate> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) if certificate.version() == X509Version::V3 => Ok(certificate),
        Ok(_) | Err(_) => Err(InvalidCertificate::Malformed(what)),
    }
}

fn facts(certificate: &X509Certificate<'_>) -> Result<CertificateFacts, InvalidCertificate> {
    let at = |time: x509_parser::time::ASN1Time| Timestamp::from_seconds(time.timestamp());
    Ok(CertificateFacts {
        names: host_names(certificate),
        key: key_algorithm(certificate.public_key())?,
        signature_algorithm: names::signature(&certificate.signature_algorithm.algorithm),
        not_before: at(certificate.validity().not_before),
        not_after: at(certificate.validity().not_after),
    })
}

/// The kind of a public key, if it is one that is served.
pub(super) fn key_algorithm(key: &SubjectPublicKeyInfo<'_>) -> Result<KeyAlgorithm, InvalidCertificate> {
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => match rsa_bits(rsa.modulus) {
            2048 => Ok(KeyAlgorithm::Rsa(2048)),
            3072 => Ok(KeyAlgorithm::Rsa(3072)),
            4096 => Ok(KeyAlgorithm::Rsa(4096)),
            bits => Err(InvalidCertificate::Key(format!("RSA with {bits} bits"))),
        },
        Ok(PublicKey::EC(_)) => {
            let curve = key.algorithm.parameters.as_ref().and_then(|curve| curve.as_oid().ok());
            match curve.map(|curve| curve.to_id_string()).as_deref() {
                Some("1.2.840.10045.3.1.7") => Ok(KeyAlgorithm::EcPrime256v1),
                Some("1.3.132.0.34") => Ok(KeyAlgorithm::EcSecp384r1),
                Some("1.3.132.0.35") => Ok(KeyAlgorithm::EcSecp521r1),
                other => Err(InvalidCertificate::Key(format!("ECDSA on curve {}", other.unwrap_or("unknown")))),
            }
        }
        Ok(PublicKey::DSA(_) | PublicKey::GostR3410(_) | PublicKey::GostR3410_2012(_) | PublicKey::Unknown(_))
        | Err(_) => Err(InvalidCertificate::Key(format!("of type {}", key.algorithm.algorithm.to_id_string()))),
    }
}

fn rsa_bits(modulus: &[u8]) -> usize {
    let significant = modulus.iter().position(|byte| *byte != 0).map_or(&[][..], |first| &modulus[first..]);
    let unused = significant.first().map_or(0, |first| first.leading_zeros() as usize);
    significant.len() * 8 - unused
}

/// The host names that a certificate is for, in lower case; the common name only where there are no others (RFC 6125).
fn host_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternatives = alternative_names(certificate);
    let mut hosts: Vec<String> = alternatives
        .iter()
        .filter_map(|name| if let GeneralName::DNSName(host) = name { Some(host.to_ascii_lowercase()) } else { None })
        .filter(|host| is_host_name(host))
        .collect();
    if alternatives.is_empty() {
        hosts = common_name(certificate.subject()).map(|name| name.to_ascii_lowercase()).into_iter().collect();
        hosts.retain(|host| is_host_name(host));
    }
    let mut seen = std::collections::BTreeSet::new();
    hosts.retain(|host| seen.insert(host.clone()));
    hosts
}

fn alternative_names<'a>(certificate: &'a X509Certificate<'a>) -> Vec<GeneralName<'a>> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    extension.map(|extension| extension.value.general_names.clone()).unwrap_or_default()
}

/// Labels of letters, digits, `-` and `_`; the first may be `*`.
fn is_host_name(host: &str) -> bool {
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let rest = host.strip_prefix("*.").unwrap_or(host);
    host.len() <= 253 && rest.split('.').all(label)
}

fn common_name(name: &X509Name<'_>) -> Option<String> {
    let text = |attribute: &x509_parser::x509::AttributeTypeAndValue<'_>| attribute.as_str().ok().map(str::to_owned);
    name.iter_common_name().find_map(text)
}

fn domain_name(certificate: &X509Certificate<'_>) -> Option<String> {
    let of_subject = common_name(certificate.subject()).filter(|name| !name.is_empty());
    of_subject.or_else(|| {
        alternative_names(certificate).into_iter().find_map(|name| match name {
            GeneralName::DNSName(host) => Some(host.to_owned()),
            GeneralName::IPAddress([a, b, c, d]) => Some(format!("{a}.{b}.{c}.{d}")),
            GeneralName::IPAddress(octets) => {
                <[u8; 16]>::try_from(octets).ok().map(|octets| std::net::Ipv6Addr::from(octets).to_string())
            }
            GeneralName::OtherName(_, _)
            | GeneralName::RFC822Name(_)
            | GeneralName::X400Address(_)
            | GeneralName::DirectoryName(_)
            | GeneralName::EDIPartyName(_)
            | GeneralName::URI(_)
            | GeneralName::RegisteredID(_)
            | GeneralName::Invalid(_, _) => None,
        })
    })
}

fn issuer(name: &X509Name<'_>) -> String {
    let text = |attribute: &x509_parser::x509::AttributeTypeAndValue<'_>| attribute.as_str().ok().map(str::to_owned);
    let organization = name.iter_organization().find_map(text);
    organization.or_else(|| common_name(name)).unwrap_or_else(|| name.to_string())
}

/// Without the zero byte that only says that the number is positive.
fn serial(certificate: &X509Certificate<'_>) -> String {
    let raw = match certificate.raw_serial() {
        [0, rest @ ..] if !rest.is_empty() => rest,
        raw => raw,
    };
    raw.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

/// The key in one form of PEM, if the TLS library can sign with it and it is the certificate's.
fn matching_key(text: &[u8], certificate: &[u8]) -> Result<Secret, InvalidCertificate> {
    if text.windows(9).any(|window| window == b"ENCRYPTED") {
        return Err(InvalidCertificate::EncryptedKey);
    }
    let sections = pem::sections(text).map_err(InvalidCertificate::KeyPem)?;
    let keys = sections.into_iter().filter_map(|(kind, der)| match kind {
        SectionKind::PrivateKey => Some(("PRIVATE KEY", der.clone(), PrivateKeyDer::Pkcs8(der.into()))),
        SectionKind::RsaPrivateKey => Some(("RSA PRIVATE KEY", der.clone(), PrivateKeyDer::Pkcs1(der.into()))),
        SectionKind::EcPrivateKey => Some(("EC PRIVATE KEY", der.clone(), PrivateKeyDer::Sec1(der.into()))),
        SectionKind::Certificate
        | SectionKind::PublicKey
        | SectionKind::Crl
        | SectionKind::Csr
        | SectionKind::EchConfigList
        | _ => None,
    });
    let [(label, der, key)] =
        <[_; 1]>::try_from(keys.collect::<Vec<_>>()).map_err(|_| InvalidCertificate::NotOneKey)?;
    let certificate = CertificateDer::from(certificate.to_vec());
    match CertifiedKey::from_der(vec![certificate], key, &default_provider()) {
        Ok(_) => Ok(Secret::new(pem::encode(label, &der))),
        Err(rustls::Error::InconsistentKeys(_)) => Err(InvalidCertificate::Mismatch),
        Err(_) => Err(InvalidCertificate::UnusableKey),
    }
}

/// Whether each certificate of the chain signed the one before it. One that comes alone signed itself, where that is asked.
fn check_chain(certificate: &X509Certificate<'_>, chain: &[Vec<u8>], needed: Chain) -> Result<(), InvalidCertificate> {
    if chain.is_empty() {
        return match needed {
            Chain::Needed if !is_signed_by(certificate, certificate) => Err(InvalidCertificate::NoChain),
            Chain::Needed | Chain::Optional => Ok(()),
        };
    }
    let mut signed = certificate.clone();
    for (index, der) in chain.iter().enumerate() {
        let signer = parse(der, "a certificate of the chain")?;
        if !is_signed_by(&signed, &signer) {
            return Err(InvalidCertificate::BrokenChain(index + 1));
        }
        signed = signer;
    }
    Ok(())
}

/// Whether the names fit and so does the signature. Where the library cannot verify the algorithm, the names must do.
pub(super) fn is_signed_by(certificate: &X509Certificate<'_>, signer: &X509Certificate<'_>) -> bool {
    let verified = || match certificate.verify_signature(Some(signer.public_key())) {
        Ok(()) | Err(X509Error::SignatureUnsupportedAlgorithm) => true,
        Err(_) => false,
    };
    certificate.issuer().as_raw() == signer.subject().as_raw() && verified()
}

#[cfg(test)]
mod tests {
    use super::super::made::{self, Authority, Made, VALID};
    use super::*;
    use InvalidCertificate as E;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_176_000);

    fn read(made: &Made, chain: Option<&str>, needed: Chain) -> Result<Bundle, InvalidCertificate> {
        let chain = chain.map(str::as_bytes);
        let parts = Parts { certificate: made.certificate.as_bytes(), private_key: made.key.as_bytes(), chain };
        Bundle::read(&parts, needed, NOW)
    }

    fn vector(name: &str) -> Made {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/keys");
        let file = |ending: &str| std::fs::read_to_string(format!("{directory}/{name}.{ending}")).unwrap();
        Made { certificate: file("crt"), key: file("key") }
    }

    #[test]
    fn a_certificate_says_what_is_in_it() {
        let made = made::self_signed(&["www.Example.com", "*.example.com", "10.0.0.1", "www.example.com"]);
        let bundle = read(&made, None, Chain::Needed).unwrap();
        assert_eq!(bundle.facts.names, ["www.example.com", "*.example.com"], "host names in lower case, each once");
        assert_eq!((bundle.domain_name.as_str(), bundle.subject.as_str()), ("www.Example.com", "CN=www.Example.com"));
        assert_eq!(bundle.issuer, "www.Example.com");
        assert_eq!(
            (bundle.facts.key, bundle.facts.signature_algorithm.as_str()),
            (KeyAlgorithm::EcPrime256v1, "SHA256WITHECDSA")
        );
        assert_eq!(bundle.facts.not_before, Timestamp::from_seconds(1_577_836_800));
        assert_eq!(bundle.key_usages, ["DIGITAL_SIGNATURE"]);
        assert_eq!(bundle.extended_key_usages[0].name, "TLS_WEB_SERVER_AUTHENTICATION");
        assert!(bundle.serial.split(':').all(|pair| pair.len() == 2), "{}", bundle.serial);
        assert_eq!(bundle.chain_pem, "");
        assert!(bundle.private_key_pem.expose().starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert!(!format!("{bundle:?}").contains("PRIVATE"));
    }

    #[test]
    fn what_stands_around_the_sections_is_not_kept() {
        let mut made = made::self_signed(&["a.example.com"]);
        let plain = read(&made, None, Chain::Needed).unwrap();
        made.certificate = format!("Bag Attributes\r\n{}\n# the end", made.certificate.replace('\n', "\r\n"));
        made.key = format!("key:\n{}", made.key);
        assert_eq!(read(&made, None, Chain::Needed).unwrap(), plain);
    }

    #[test]
    fn keys_of_every_form_and_served_kind_are_taken() {
        for (name, key, label) in [
            ("pkcs1", KeyAlgorithm::Rsa(2048), "RSA PRIVATE KEY"),
            ("sec1", KeyAlgorithm::EcPrime256v1, "EC PRIVATE KEY"),
        ] {
            let bundle = read(&vector(name), None, Chain::Needed).unwrap();
            assert_eq!(bundle.facts.key, key);
            let stored = bundle.private_key_pem.expose().to_owned();
            assert!(stored.starts_with(&format!("-----BEGIN {label}-----\n")) && stored.matches("BEGIN").count() == 1);
        }
        for (algorithm, key) in [
            (&rcgen::PKCS_ECDSA_P384_SHA384, KeyAlgorithm::EcSecp384r1),
            (&rcgen::PKCS_ECDSA_P521_SHA512, KeyAlgorithm::EcSecp521r1),
        ] {
            let made = made::self_signed_with(&["a.example.com"], VALID, algorithm);
            assert_eq!(read(&made, None, Chain::Needed).unwrap().facts.key, key);
        }
    }

    #[test]
    fn keys_that_are_not_served_are_refused() {
        for name in ["rsa-1024", "secp256k1"] {
            assert!(matches!(read(&vector(name), None, Chain::Needed), Err(E::Key(_))), "{name}");
        }
        let edwards = made::self_signed_with(&["a.example.com"], VALID, &rcgen::PKCS_ED25519);
        assert!(matches!(read(&edwards, None, Chain::Needed), Err(E::Key(_))));
        let good = vector("pkcs1");
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/keys");
        for name in ["encrypted-pkcs1.key", "encrypted-pkcs8.key"] {
            let key = std::fs::read_to_string(format!("{directory}/{name}")).unwrap();
            let refused = read(&Made { key, ..good.clone() }, None, Chain::Needed);
            assert_eq!(refused, Err(E::EncryptedKey), "{name}");
        }
        let other = made::self_signed(&["a.example.com"]);
        let with = |key: String| read(&Made { key, ..other.clone() }, None, Chain::Needed);
        assert_eq!(with(made::self_signed(&["a.example.com"]).key), Err(E::Mismatch));
        assert_eq!(with(good.key.clone()), Err(E::Mismatch));
        assert_eq!(with(format!("{}{}", other.key, other.key)), Err(E::NotOneKey));
        assert_eq!(with(other.certificate.clone()), Err(E::NotOneKey));
        assert_eq!(with(String::new()), Err(E::NotOneKey));
        assert_eq!(with(pem::encode("PRIVATE KEY", &[1, 2, 3])), Err(E::UnusableKey));
        assert!(matches!(with(other.key.replace("-----END", "----END")), Err(E::KeyPem(_))));
    }

    #[test]
    fn certificates_that_are_none_are_refused() {
        let good = made::self_signed(&["a.example.com"]);
        let with = |certificate: String| read(&Made { certificate, ..good.clone() }, None, Chain::Needed);
        assert_eq!(with(format!("{}{}", good.certificate, good.certificate)), Err(E::Several));
        assert!(matches!(with(String::new()), Err(E::CertificatePem(InvalidPem::Nothing(_)))));
        assert!(matches!(with(good.key.clone()), Err(E::CertificatePem(InvalidPem::Foreign(_)))));
        assert_eq!(with(pem::encode("CERTIFICATE", b"\x30\x03\x02\x01\x01")), Err(E::Malformed("the certificate")));
        let nameless = made::self_signed(&[]);
        assert_eq!(read(&nameless, None, Chain::Needed), Err(E::Nameless));
        let early = made::self_signed_with(&["a.example.com"], (2030, 2040), &rcgen::PKCS_ECDSA_P256_SHA256);
        assert!(matches!(read(&early, None, Chain::Needed), Err(E::NotYetValid(_))));
        let late = made::self_signed_with(&["a.example.com"], (2020, 2025), &rcgen::PKCS_ECDSA_P256_SHA256);
        assert!(matches!(read(&late, None, Chain::Needed), Err(E::Expired(_))));
    }

    #[test]
    fn a_chain_leads_from_the_certificate_to_its_issuer() {
        let root = Authority::root("Root");
        let middle = root.intermediate("Middle");
        let leaf = middle.sign(&["a.example.com"]);
        let (one, two) = (middle.certificate(), root.certificate());
        assert_eq!(read(&leaf, None, Chain::Needed), Err(E::NoChain));
        assert!(read(&leaf, None, Chain::Optional).is_ok());
        let bundle = read(&leaf, Some(&one), Chain::Needed).unwrap();
        assert_eq!((bundle.issuer.as_str(), bundle.chain_pem.matches("BEGIN").count()), ("Middle Inc.", 1));
        let both = read(&leaf, Some(&format!("{one}{two}")), Chain::Needed).unwrap();
        assert_eq!(both.chain_pem.matches("BEGIN").count(), 2);
        assert_eq!(read(&leaf, Some(&format!("{two}{one}")), Chain::Needed), Err(E::BrokenChain(1)));
        assert_eq!(read(&leaf, Some(&format!("{one}{one}")), Chain::Needed), Err(E::BrokenChain(2)));
        assert_eq!(read(&leaf, Some(&leaf.certificate), Chain::Optional), Err(E::BrokenChain(1)));
        let impostor = root.intermediate("Middle").certificate();
        assert_eq!(read(&leaf, Some(&impostor), Chain::Needed), Err(E::BrokenChain(1)), "the same name, another key");
        assert!(matches!(read(&leaf, Some(""), Chain::Needed), Err(E::ChainPem(_))));
        assert_eq!(read(&leaf, Some(&one.repeat(17)), Chain::Needed), Err(E::LongChain));
    }
}
