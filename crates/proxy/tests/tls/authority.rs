//! Certificates for tests: authorities, what they sign, and what they revoke.

use model::{
    Arn, Timestamp,
    elbv2::certificate::{CertificateFacts, CertificatePlan, KeyAlgorithm},
    secret::Secret,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, SignatureAlgorithm, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Somebody who signs.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, and those above it without the root.
    pub chain: Vec<CertificateDer<'static>>,
    pub pem: String,
}

/// A certificate with its key.
pub struct Leaf {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: KeyPair,
    pub serial: Vec<u8>,
}

impl Leaf {
    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(self.key.serialize_der().into())
    }
}

fn next_serial() -> SerialNumber {
    static NEXT: AtomicU64 = AtomicU64::new(0x1000);
    SerialNumber::from(NEXT.fetch_add(1, Relaxed))
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(next_serial());
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2099, 1, 1);
    params
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

impl Authority {
    pub fn root(name: &str) -> Self {
        let (params, key) = (authority_params(name), KeyPair::generate().unwrap());
        let certificate = params.self_signed(&key).unwrap();
        Self { pem: certificate.pem(), chain: vec![], issuer: Issuer::new(params, key) }
    }

    /// One below this one.
    pub fn intermediate(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let (mut params, key) = (authority_params(name), KeyPair::generate().unwrap());
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let mut chain = vec![certificate.der().clone()];
        chain.extend(self.chain.iter().cloned());
        Self { pem: certificate.pem(), chain, issuer: Issuer::new(params, key) }
    }

    /// A client's certificate.
    pub fn client(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        self.sign(KeyPair::generate().unwrap(), name, |params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            change(params);
        })
    }

    /// A certificate with a given key.
    pub fn sign(&self, key: KeyPair, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        let mut params = params(name);
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let mut chain = vec![certificate.der().clone()];
        chain.extend(self.chain.iter().cloned());
        let serial = params.serial_number.unwrap().to_bytes();
        Leaf { chain, key, serial }
    }

    /// A revocation list in DER.
    pub fn revoke(&self, revoked: &[&Leaf]) -> Vec<u8> {
        let entry = |leaf: &&Leaf| RevokedCertParams {
            serial_number: SerialNumber::from_slice(&leaf.serial),
            revocation_time: date_time_ymd(2021, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2021, 1, 1),
            next_update: date_time_ymd(2022, 1, 1), // long ago: lists do not grow old
            crl_number: next_serial(),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().der().to_vec()
    }
}

pub fn certificate_arn(name: &str) -> Arn {
    Arn::new("acm", "r", "1", format!("certificate/{name}"))
}

/// A listener's certificate for some hosts.
pub fn server_plan(name: &str, hosts: &[&str], algorithm: &'static SignatureAlgorithm, until: i64) -> CertificatePlan {
    let key = if algorithm == &rcgen::PKCS_RSA_SHA256 {
        KeyPair::generate_rsa_for(algorithm, rcgen::RsaKeySize::_2048).unwrap()
    } else {
        KeyPair::generate_for(algorithm).unwrap()
    };
    let (key_algorithm, signature) = if algorithm == &rcgen::PKCS_RSA_SHA256 {
        (KeyAlgorithm::Rsa(2048), "SHA256WITHRSA")
    } else if algorithm == &rcgen::PKCS_ECDSA_P384_SHA384 {
        (KeyAlgorithm::EcSecp384r1, "SHA384WITHECDSA")
    } else {
        (KeyAlgorithm::EcPrime256v1, "SHA256WITHECDSA")
    };
    let certificate = params(name).self_signed(&key).unwrap();
    CertificatePlan {
        arn: certificate_arn(name),
        facts: CertificateFacts {
            names: hosts.iter().map(|host| (*host).to_owned()).collect(),
            key: key_algorithm,
            signature_algorithm: signature.to_owned(),
            not_before: Timestamp::default(),
            not_after: Timestamp::from_seconds(until),
        },
        chain_pem: certificate.pem(),
        private_key_pem: Secret::new(key.serialize_pem()),
    }
}
