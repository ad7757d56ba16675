//! Leadership for controllers that may act only once in a cluster: a named lease with an end and a fencing token.
//!
//! A holder that was paused too long finds its transactions refused, because the token has grown in the meantime. The
//! embedded store has one process only, so it grants whatever is asked for; the rules are the same.

use crate::{
    Store, TransactError,
    backend::{BackendError, Fence},
    transaction::Transaction,
};
use model::Timestamp;
use std::{fmt, time::Duration};

/// Grows each time a lease changes hands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FencingToken(pub u64);

/// The right to act, until `until` or until it is renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What for.
    pub name: String,
    /// Who holds it.
    pub holder: String,
    /// Which time it was handed out.
    pub token: FencingToken,
    /// Somebody else may take it from then on.
    pub until: Timestamp,
}

/// The answer to a wish for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acquired {
    /// The asker holds it.
    Granted(Lease),
    /// Somebody else does; this is theirs.
    Held(Lease),
}

/// The store is closed, or its backend fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// The backend fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

impl Lease {
    /// Whether the right is still certain at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// The condition that transactions under this lease carry.
    pub fn fence(&self) -> Fence {
        Fence { name: self.name.clone(), token: self.token }
    }
}

impl fmt::Display for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} held by {} until {} (token {})", self.name, self.holder, self.until, self.token.0)
    }
}

/// One candidate for one lease. Call [`Leadership::lead`] at least three times per `ttl`.
pub struct Leadership {
    store: Store,
    name: String,
    holder: String,
    ttl: Duration,
    lease: Option<Lease>,
}

impl Leadership {
    pub(crate) fn new(store: Store, name: String, holder: String, ttl: Duration) -> Self {
        Self { store, name, holder, ttl, lease: None }
    }

    /// Takes the lease or prolongs it. `Some` means that the caller leads until [`Lease::until`].
    pub async fn lead(&mut self, now: Timestamp) -> Result<Option<&Lease>, LeaseError> {
        let renewed = match self.lease.take() {
            Some(lease) => self.store.renew(lease, self.ttl, now).await?,
            None => None,
        };
        self.lease = match renewed {
            Some(lease) => Some(lease),
            None => granted(self.store.acquire(&self.name, &self.holder, self.ttl, now).await?),
        };
        Ok(self.lease.as_ref())
    }

    /// A transaction that is refused with [`TransactError::Fenced`] when the leadership has passed on, or was never had.
    pub async fn transact<T, E>(
        &self,
        closure: impl FnMut(&mut Transaction) -> Result<T, E>,
    ) -> Result<T, TransactError<E>> {
        match &self.lease {
            Some(lease) => self.store.transact_fenced(lease.fence(), closure).await,
            None => Err(TransactError::Fenced(self.name.clone())),
        }
    }

    /// Gives the leadership up, so that somebody else need not wait for its end.
    pub async fn resign(&mut self) -> Result<(), LeaseError> {
        match self.lease.take() {
            Some(lease) => self.store.release(lease).await,
            None => Ok(()),
        }
    }
}

fn granted(acquired: Acquired) -> Option<Lease> {
    match acquired {
        Acquired::Granted(lease) => Some(lease),
        Acquired::Held(_) => None,
    }
}

/// The rule of leases, for every backend: what becomes of `present` when `holder` asks. `last` is the last token given.
pub(crate) fn decide(
    present: Option<&Lease>,
    last: FencingToken,
    (name, holder): (&str, &str),
    ttl: Duration,
    now: Timestamp,
) -> Acquired {
    let lease = |token| Lease { name: name.to_owned(), holder: holder.to_owned(), token, until: now.plus(ttl) };
    match present {
        Some(held) if held.holds(now) && held.holder == holder => Acquired::Granted(lease(held.token)),
        Some(held) if held.holds(now) => Acquired::Held(held.clone()),
        Some(_) | None => Acquired::Granted(lease(FencingToken(last.0 + 1))),
    }
}
