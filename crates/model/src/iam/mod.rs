//! IAM: who may sign requests.

use crate::{Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most access keys of one user.
pub const MAXIMUM_ACCESS_KEYS: usize = 2;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Unique in the account without regard to case; 1 to 64 characters.
    pub name: String,
    /// `AIDA` and 17 letters and digits.
    pub id: String,
    /// Begins and ends with `/`.
    pub path: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

/// A key that signs requests. The secret is stored, because SigV4 needs it, and shown only once, when it is made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA` and 16 letters and digits.
    pub id: String,
    /// Forty characters. Never in a log nor in an answer but the one that made it.
    pub secret: String,
    /// Who signs with it.
    pub owner: KeyOwner,
    /// Whether it is accepted.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Who a key belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyOwner {
    /// The account itself.
    Root,
    /// A user, by name.
    User(String),
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, secret: _, owner, active, created_at } = self;
        f.debug_struct("AccessKey")
            .field("id", id)
            .field("owner", owner)
            .field("active", active)
            .field("created_at", created_at)
            .finish_non_exhaustive()
    }
}
