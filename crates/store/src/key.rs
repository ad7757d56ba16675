//! What names a record: its kind, its account and region, its id. Also the revision, the store's only notion of order.

use crate::kind::Kind;
use model::Scope;
use std::fmt;

/// Names one record. Keys are ordered by kind, account, region and id, which is the order of every listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The kind.
    pub kind: Kind,
    /// Account and region.
    pub scope: Scope,
    /// The id within kind and scope.
    pub id: String,
}

impl Key {
    /// The key of that record.
    pub fn new(kind: Kind, scope: &Scope, id: impl Into<String>) -> Self {
        Self { kind, scope: scope.clone(), id: id.into() }
    }

    /// The least key of a kind.
    pub(crate) fn first(kind: Kind) -> Self {
        Self { kind, scope: Scope::new("", ""), id: String::new() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {}", self.kind.name(), self.scope, self.id)
    }
}

/// A key as it is stored. A damaged or newer file may hold kinds that this program does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoredKey {
    /// [`Kind::name`].
    pub kind: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Id.
    pub id: String,
}

impl StoredKey {
    /// The key, when its kind is known.
    pub fn known(&self) -> Option<Key> {
        let kind = Kind::from_name(&self.kind)?;
        Some(Key { kind, scope: Scope::new(self.account.as_str(), self.region.as_str()), id: self.id.clone() })
    }
}

impl From<&Key> for StoredKey {
    fn from(key: &Key) -> Self {
        Self {
            kind: key.kind.name().to_owned(),
            account: key.scope.account.clone(),
            region: key.scope.region.clone(),
            id: key.id.clone(),
        }
    }
}

impl fmt::Display for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{} {}", self.kind, self.account, self.region, self.id)
    }
}

/// Counts changes: each committed transaction has the revision after that of the one before. An empty store is at 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

impl Revision {
    /// Nothing was ever committed.
    pub const ZERO: Self = Self(0);

    /// The revision after this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The revision `count` transactions later.
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0 + count)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
