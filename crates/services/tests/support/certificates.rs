//! Certificates, keys and revocation lists for tests, in PEM.

#![allow(dead_code, reason = "each test binary uses a part")]

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, RevokedCertParams,
    SerialNumber, SignatureAlgorithm, date_time_ymd,
};

/// The clock of the tests begins in November 2026.
pub const VALID: (i32, i32) = (2020, 2100);

/// A certificate and its key.
#[derive(Clone)]
pub struct Made {
    pub certificate: String,
    pub key: String,
}

/// An authority, which signs others.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

fn params(names: &[&str], (from, to): (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    params.distinguished_name = rcgen::DistinguishedName::new();
    if let Some(first) = names.first() {
        params.distinguished_name.push(DnType::CommonName, *first);
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// A certificate for these names that signed itself, with a key of its own on P-256.
pub fn self_signed(names: &[&str]) -> Made {
    self_signed_with(names, VALID, &PKCS_ECDSA_P256_SHA256)
}

/// The same with years and a kind of key.
pub fn self_signed_with(names: &[&str], years: (i32, i32), algorithm: &'static SignatureAlgorithm) -> Made {
    let key = KeyPair::generate_for(algorithm).unwrap();
    let certificate = params(names, years).self_signed(&key).unwrap();
    Made { certificate: certificate.pem(), key: key.serialize_pem() }
}

/// A certificate with an RSA key of 2048 bits, which ListCertificates shows without being asked for.
pub fn rsa(names: &[&str]) -> Made {
    let key = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
    let certificate = params(names, VALID).self_signed(&key).unwrap();
    Made { certificate: certificate.pem(), key: key.serialize_pem() }
}

impl Authority {
    /// One that signed itself.
    pub fn root(name: &str) -> Self {
        Self { issuer: CertifiedIssuer::self_signed(Self::params(name), KeyPair::generate().unwrap()).unwrap() }
    }

    /// One that this one signed.
    pub fn intermediate(&self, name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        Self { issuer: CertifiedIssuer::signed_by(Self::params(name), key, &self.issuer).unwrap() }
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = params(&[], VALID);
        params.distinguished_name.push(DnType::OrganizationName, format!("{name} Inc."));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.extended_key_usages = Vec::new();
        params
    }

    /// Its own certificate.
    pub fn certificate(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate that it signed.
    pub fn sign(&self, names: &[&str]) -> Made {
        let key = KeyPair::generate().unwrap();
        let certificate = params(names, VALID).signed_by(&key, &self.issuer).unwrap();
        Made { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// A list that revokes so many certificates.
    pub fn revoke(&self, count: u64) -> String {
        let revoked = |serial: u64| RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 1),
            next_update: date_time_ymd(2100, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: (1..=count).map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}
