//! Key pairs: public keys that instances admit at log-in.

use crate::{Tags, Timestamp, id::KeyPairId};
use serde::{Deserialize, Serialize};

/// The most key pairs of one account and region.
pub const MAXIMUM_KEY_PAIRS: usize = 5000;
/// The longest name, in characters (EC2 API reference, CreateKeyPair).
pub const MAXIMUM_NAME_LENGTH: usize = 255;

/// Why a text is no name of a key pair.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeyName {
    /// Empty or too long.
    #[error("the name of a key pair has 1 to {MAXIMUM_NAME_LENGTH} characters")]
    Length,
    /// Not ASCII, or a control character.
    #[error("`{0}` cannot be in the name of a key pair: printable ASCII only")]
    Character(char),
    /// A blank at an end.
    #[error("the name of a key pair neither begins nor ends with a blank")]
    Blank,
}

/// Checks a name (EC2 API reference, CreateKeyPair).
pub fn check_name(name: &str) -> Result<(), InvalidKeyName> {
    if name.is_empty() || name.len() > MAXIMUM_NAME_LENGTH {
        return Err(InvalidKeyName::Length);
    }
    if let Some(character) = name.chars().find(|c| !c.is_ascii_graphic() && *c != ' ') {
        return Err(InvalidKeyName::Character(character));
    }
    if name.trim() != name { Err(InvalidKeyName::Blank) } else { Ok(()) }
}

/// A key pair. The private key is in nobody's hands but its owner's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPair {
    /// `key-…`
    pub id: KeyPairId,
    /// Unique in the account and region.
    pub name: String,
    /// How it was made and what its fingerprint is.
    pub key_type: KeyType,
    /// The public key as `authorized_keys` wants it: `ssh-ed25519 AAAA… name`.
    pub public_key: String,
    /// As AWS writes it for this type and origin (EC2 user guide, "Verify the fingerprint").
    pub fingerprint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

/// The type of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyType {
    /// RSA.
    Rsa,
    /// Ed25519.
    Ed25519,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_printable_ascii_without_blanks_at_the_ends() {
        for name in ["a", "my key", "seoul-2026_09 (web)", &"x".repeat(255)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        let table = [
            ("", InvalidKeyName::Length),
            (&*"x".repeat(256), InvalidKeyName::Length),
            ("열쇠", InvalidKeyName::Character('열')),
            ("a\nb", InvalidKeyName::Character('\n')),
            ("a\u{202e}", InvalidKeyName::Character('\u{202e}')),
            (" a", InvalidKeyName::Blank),
            ("a ", InvalidKeyName::Blank),
            (" ", InvalidKeyName::Blank),
        ];
        for (name, expected) in table {
            assert_eq!(check_name(name), Err(expected), "{name:?}");
        }
    }
}
