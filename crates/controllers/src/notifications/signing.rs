//! The key that signs messages to http and https endpoints, and its certificate.
//!
//! The key is made at the first start and stays in a file that only the owner can read. The certificate is made from it
//! at each start, always the same; its path on the API carries its digest, so that a new key has a new address. That is
//! how SNS does it (developer guide, verifying message signatures). SHA-1 is AWS's version 1 and still its default.

use base64::{Engine, engine::general_purpose::STANDARD};
use model::sns::topic::SignatureVersion;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd};
use rsa::{
    RsaPrivateKey,
    pkcs1v15::SigningKey,
    pkcs8::DecodePrivateKey,
    rand_core::OsRng,
    sha2::{Digest, Sha256},
    signature::{RandomizedSigner, SignatureEncoding},
};
use std::{
    fmt, fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// What the certificate names.
const COMMON_NAME: &str = "sns.goru.localhost";

/// Signs messages.
pub struct Signer {
    sha1: SigningKey<sha1::Sha1>,
    sha256: SigningKey<Sha256>,
    certificate: String,
    certificate_path: String,
}

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The file cannot be read or written.
    #[error("the key that signs messages, `{path}`: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("`{path}` holds no RSA key in PEM; move it away, and a new key is made at the next start", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
    },
    /// No key or certificate can be made.
    #[error("no key for signing messages can be made: {0}")]
    Made(#[from] rcgen::Error),
}

impl Signer {
    /// The key in this file, which is made when it is missing.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, SigningError> {
        let file = |source| SigningError::File { path: path.to_owned(), source };
        let pem = match fs::read_to_string(path) {
            Ok(pem) => pem,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let pem = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?.serialize_pem();
                write_private(path, &pem).map_err(file)?;
                pem
            }
            Err(error) => return Err(file(error)),
        };
        Self::from_pem(&pem).ok_or_else(|| SigningError::Unreadable { path: path.to_owned() })
    }

    fn from_pem(pem: &str) -> Option<Self> {
        let key = RsaPrivateKey::from_pkcs8_pem(pem).ok()?;
        let pair = KeyPair::from_pkcs8_pem_and_sign_algo(pem, &PKCS_RSA_SHA256).ok()?;
        let certificate = certificate_of(&pair).ok()?;
        let digest: String = Sha256::digest(certificate.der())[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Self {
            sha1: SigningKey::new(key.clone()),
            sha256: SigningKey::new(key),
            certificate: certificate.pem(),
            certificate_path: format!("/SimpleNotificationService-{digest}.pem"),
        })
    }

    /// The certificate in PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Where the API serves it.
    pub fn certificate_path(&self) -> &str {
        &self.certificate_path
    }

    /// The signature of a text, in base64 (RSASSA-PKCS1-v1_5). The private key is blinded with random numbers, so that
    /// how long this takes says nothing about it; the signature is the same each time.
    pub fn sign(&self, version: SignatureVersion, text: &str) -> String {
        let signature = match version {
            SignatureVersion::V1 => self.sha1.sign_with_rng(&mut OsRng, text.as_bytes()).to_vec(),
            SignatureVersion::V2 => self.sha256.sign_with_rng(&mut OsRng, text.as_bytes()).to_vec(),
        };
        STANDARD.encode(signature)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.certificate_path)
    }
}

/// The same bytes for the same key: fixed dates, a serial number from the key, a signature without chance.
fn certificate_of(pair: &KeyPair) -> Result<rcgen::Certificate, rcgen::Error> {
    let mut params = CertificateParams::new(vec![COMMON_NAME.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, COMMON_NAME);
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2054, 1, 1);
    params.self_signed(pair)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_made_once_and_kept_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sns-signing-key.pem");
        let first = Signer::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let second = Signer::open(&path).unwrap();
        assert_eq!(first.certificate(), second.certificate());
        assert_eq!(first.certificate_path(), second.certificate_path());
        for version in [SignatureVersion::V1, SignatureVersion::V2] {
            assert_eq!(first.sign(version, "text"), second.sign(version, "text"));
            assert_ne!(first.sign(version, "text"), first.sign(version, "other"));
        }
        assert!(!format!("{first:?}").contains("PRIVATE"));
    }

    #[test]
    fn a_file_that_is_no_key_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        fs::write(&path, "not a key").unwrap();
        assert!(matches!(Signer::open(&path), Err(SigningError::Unreadable { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");
    }
}
