//! Keys of key pairs: made, read from OpenSSH's form, and with the fingerprints by which AWS names them.
//!
//! AWS writes fingerprints in three ways (EC2 user guide, "Verify the fingerprint of your key pair"): of an RSA key that it
//! made the SHA-1 of the private key, of one that was imported the MD5 of the public key, and of an Ed25519 key OpenSSH's
//! SHA-256. A private key leaves this file as text that prints nothing, for one answer.

use aws_lc_rs::encoding::{AsBigEndian, AsDer, Curve25519SeedBin, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as RsaPair, KeySize};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use model::ec2::key_pair::KeyType;
use model::secret::Secret;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};
use sha1::{Digest, Sha1};
use ssh_key::private::Ed25519Keypair;
use ssh_key::public::{Ed25519PublicKey, KeyData, RsaPublicKey as SshRsa};
use ssh_key::{HashAlg, LineEnding, Mpint, PrivateKey, PublicKey};

/// The longest public key that is read, in bytes: several times what the largest one takes.
const MAXIMUM_PUBLIC_KEY_BYTES: usize = 16 * 1024;
/// The sizes of RSA keys that are imported, in bits (EC2 user guide: 1024, 2048 and 4096).
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=4096;

/// The public half of a key pair, with what names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicHalf {
    pub key_type: KeyType,
    /// A line of `authorized_keys`.
    pub line: String,
    pub fingerprint: String,
}

/// Why a text is not imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidKey {
    #[error(
        "PublicKeyMaterial is no public key of OpenSSH: one line of the form `ssh-ed25519 AAAA…` or `ssh-rsa AAAA…`"
    )]
    Form,
    #[error("PublicKeyMaterial is a key of another type; there are ssh-rsa and ssh-ed25519")]
    Type,
    #[error("PublicKeyMaterial is an RSA key that is not of 1024 to 4096 bits, or none that could work")]
    Rsa,
}

/// A failure of the library that makes keys; it has no more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key could be made")]
pub(super) struct NoKey;

/// Makes a key. An RSA key (2048 bits) takes tens of milliseconds; call it where that holds nobody up.
///
/// # Errors
/// [`NoKey`].
pub(super) fn make(key_type: KeyType, name: &str) -> Result<(PublicHalf, Secret), NoKey> {
    match key_type {
        KeyType::Rsa => make_rsa(name),
        KeyType::Ed25519 => make_ed25519(name),
    }
}

fn make_rsa(name: &str) -> Result<(PublicHalf, Secret), NoKey> {
    let pair = RsaPair::generate(KeySize::Rsa2048).map_err(|_| NoKey)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| NoKey)?;
    let private = RsaPrivateKey::from_pkcs8_der(der.as_ref()).map_err(|_| NoKey)?;
    let pem = private.to_pkcs1_pem(rsa::pkcs1::LineEnding::LF).map_err(|_| NoKey)?;
    let public = ssh_rsa(&private.to_public_key()).ok_or(NoKey)?;
    let fingerprint = colons(&Sha1::digest(der.as_ref()));
    let line = line(KeyData::Rsa(public), name).ok_or(NoKey)?;
    Ok((PublicHalf { key_type: KeyType::Rsa, line, fingerprint }, Secret::new(pem.trim_end())))
}

fn make_ed25519(name: &str) -> Result<(PublicHalf, Secret), NoKey> {
    let pair = Ed25519KeyPair::generate().map_err(|_| NoKey)?;
    let seed = pair.seed().map_err(|_| NoKey)?;
    let seed: Curve25519SeedBin<'_> = seed.as_be_bytes().map_err(|_| NoKey)?;
    let both = [seed.as_ref(), pair.public_key().as_ref()].concat();
    let both = <&[u8; Ed25519Keypair::BYTE_SIZE]>::try_from(both.as_slice()).map_err(|_| NoKey)?;
    let pair = Ed25519Keypair::from_bytes(both).map_err(|_| NoKey)?;
    let half = ed25519_half(pair.public, name).ok_or(NoKey)?;
    let private = PrivateKey::new(pair.into(), name).map_err(|_| NoKey)?;
    let pem = private.to_openssh(LineEnding::LF).map_err(|_| NoKey)?;
    Ok((half, Secret::new(pem.as_str())))
}

/// Reads a public key. Its comment gives way to the name, as the one of a key that is made here.
///
/// # Errors
/// [`InvalidKey`].
pub(super) fn import(text: &[u8], name: &str) -> Result<PublicHalf, InvalidKey> {
    let text = std::str::from_utf8(text).map_err(|_| InvalidKey::Form)?.trim();
    // What follows a line break would count as comment.
    if text.len() > MAXIMUM_PUBLIC_KEY_BYTES || text.contains(['\r', '\n']) {
        return Err(InvalidKey::Form);
    }
    let key = PublicKey::from_openssh(text).map_err(|_| InvalidKey::Form)?;
    if let Some(public) = key.key_data().ed25519() {
        return ed25519_half(*public, name).ok_or(InvalidKey::Form);
    }
    let public = key.key_data().rsa().ok_or(InvalidKey::Type)?;
    let checked = checked_rsa(public).ok_or(InvalidKey::Rsa)?;
    let der = checked.to_public_key_der().map_err(|_| InvalidKey::Rsa)?;
    let line = line(KeyData::Rsa(public.clone()), name).ok_or(InvalidKey::Form)?;
    Ok(PublicHalf { key_type: KeyType::Rsa, line, fingerprint: colons(&Md5::digest(der.as_bytes())) })
}

fn checked_rsa(key: &SshRsa) -> Option<RsaPublicKey> {
    let number = |number: &Mpint| number.as_positive_bytes().map(BigUint::from_bytes_be);
    let key = RsaPublicKey::new(number(&key.n)?, number(&key.e)?).ok()?;
    let odd = |number: &BigUint| number.to_bytes_le().first().is_some_and(|byte| byte & 1 == 1);
    (RSA_BITS.contains(&key.n().bits()) && odd(key.n()) && odd(key.e())).then_some(key)
}

fn ssh_rsa(key: &RsaPublicKey) -> Option<SshRsa> {
    let number = |number: &BigUint| Mpint::from_positive_bytes(&number.to_bytes_be()).ok();
    Some(SshRsa { e: number(key.e())?, n: number(key.n())? })
}

fn ed25519_half(public: Ed25519PublicKey, name: &str) -> Option<PublicHalf> {
    let key = KeyData::Ed25519(public);
    let fingerprint = STANDARD.encode(key.fingerprint(HashAlg::Sha256).as_bytes());
    Some(PublicHalf { key_type: KeyType::Ed25519, line: line(key, name)?, fingerprint })
}

fn line(key: KeyData, name: &str) -> Option<String> {
    PublicKey::new(key, name).to_openssh().ok()
}

/// `1f:51:…`
fn colons(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_made_can_be_read_again() {
        for (key_type, opening) in [
            (KeyType::Rsa, "-----BEGIN RSA PRIVATE KEY-----\n"),
            (KeyType::Ed25519, "-----BEGIN OPENSSH PRIVATE KEY-----\n"),
        ] {
            let (half, secret) = make(key_type, "my key").unwrap();
            assert!(secret.expose().starts_with(opening), "{key_type:?}");
            assert!(half.line.ends_with(" my key"), "{}", half.line);
            let again = import(half.line.as_bytes(), "my key").unwrap();
            assert_eq!((again.key_type, &again.line), (key_type, &half.line));
            // Of RSA keys the fingerprint tells who made them.
            assert_eq!(again.fingerprint == half.fingerprint, key_type == KeyType::Ed25519);
        }
        let (one, other) = (make(KeyType::Ed25519, "a").unwrap(), make(KeyType::Ed25519, "a").unwrap());
        assert_ne!(one.0, other.0);
    }

    #[test]
    fn fingerprints_are_those_of_openssl_and_ssh_keygen() {
        // Made by ssh-keygen; the digests by `openssl md5 -c` of the DER and by `ssh-keygen -l`.
        let rsa = import(include_bytes!("../../tests/vectors/keys/ssh_rsa.pub"), "n").unwrap();
        assert_eq!(rsa.fingerprint, include_str!("../../tests/vectors/keys/ssh_rsa.md5").trim());
        let ed25519 = import(include_bytes!("../../tests/vectors/keys/ssh_ed25519.pub"), "n").unwrap();
        assert_eq!(ed25519.fingerprint, include_str!("../../tests/vectors/keys/ssh_ed25519.sha256").trim());
    }

    #[test]
    fn texts_that_are_no_keys_are_refused() {
        let (half, secret) = make(KeyType::Ed25519, "n").unwrap();
        let body = half.line.split(' ').nth(1).unwrap().to_owned();
        let cut = format!("ssh-ed25519 {}", &body[..body.len() - 8]);
        let as_rsa = format!("ssh-rsa {body}");
        let two_lines = format!("{}\n{}", half.line, half.line);
        let with_options = format!("command=\"x\" {}", half.line);
        let dsa = "ssh-dss AAAAB3NzaC1kc3MAAAAB";
        let long = format!("{} {}", half.line, "x".repeat(MAXIMUM_PUBLIC_KEY_BYTES));
        let bad =
            ["", "x", "ssh-rsa", "ssh-rsa !", &cut, &as_rsa, &two_lines, &with_options, dsa, secret.expose(), &long];
        for text in bad {
            assert!(import(text.as_bytes(), "n").is_err(), "{text}");
        }
        assert_eq!(import(&[0xff, 0xfe], "n"), Err(InvalidKey::Form));
        let padded = format!("  {}\r\n", half.line);
        assert_eq!(import(padded.as_bytes(), "n").unwrap().line, half.line);
    }

    #[test]
    fn rsa_keys_that_cannot_work_are_refused() {
        let sample = PublicKey::from_openssh(include_str!("../../tests/vectors/keys/ssh_rsa.pub").trim()).unwrap();
        let good = sample.key_data().rsa().unwrap().clone();
        let number = |bytes: &[u8]| Mpint::from_positive_bytes(bytes).unwrap();
        let even: Vec<u8> = good
            .n
            .as_positive_bytes()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(at, byte)| if at == 255 { 2 } else { *byte })
            .collect();
        let table = [
            SshRsa { n: number(&[0xff; 64]), ..good.clone() },
            SshRsa { n: number(&[0xff; 513]), ..good.clone() },
            SshRsa { n: number(&even), ..good.clone() },
            SshRsa { e: number(&[4]), ..good.clone() },
            SshRsa { e: number(&[1]), ..good },
        ];
        for key in table {
            let text = line(KeyData::Rsa(key), "n").unwrap();
            assert_eq!(import(text.as_bytes(), "n"), Err(InvalidKey::Rsa), "{text}");
        }
    }
}
