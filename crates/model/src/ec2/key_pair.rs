//! Key pairs: public keys that instances admit at log-in.

use crate::{Tags, Timestamp, id::KeyPairId};
use serde::{Deserialize, Serialize};

/// The most key pairs of one account and region.
pub const MAXIMUM_KEY_PAIRS: usize = 5000;
/// The longest name, in characters (EC2 API reference, CreateKeyPair).
pub const MAXIMUM_NAME_LENGTH: usize = 255;

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
