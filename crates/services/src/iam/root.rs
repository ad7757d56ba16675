//! The account's root key: made when the installation is first started, found again afterwards.

use model::iam::{AccessKey, KeyOwner};
use model::{IdSource, Scope, Timestamp};
use store::{Store, TransactError, Transaction};

use super::credentials;
use super::users::keys_of;

/// The key could not be stored.
#[derive(Debug, thiserror::Error)]
#[error("the account's root key could not be stored: {0}")]
pub struct RootKeyError(String);

/// The active root key of an account; the oldest if there are several. Makes one when there is none, which is so at the
/// first start, and after somebody deleted or deactivated all of them (even with inactive ones left, so that nobody stays
/// locked out). The second value says whether it was made just now.
///
/// # Errors
/// [`RootKeyError`] when the store does not take it.
pub async fn ensure_root_key(
    store: &Store,
    account: &str,
    ids: &mut (dyn IdSource + Send),
    now: Timestamp,
) -> Result<(AccessKey, bool), RootKeyError> {
    let scope = Scope::global(account);
    let minted = credentials::access_key(ids, KeyOwner::Root, now);
    let ensure = |txn: &mut Transaction| {
        let keys = keys_of(txn.view(), &scope, &KeyOwner::Root);
        let active = keys.into_iter().filter(|key| key.active).min_by_key(|key| (key.created_at, key.id.clone()));
        if let Some(key) = active {
            return Ok((AccessKey::clone(&key), false));
        }
        txn.put(&scope, minted.clone());
        Ok((minted.clone(), true))
    };
    let result: Result<_, TransactError<std::convert::Infallible>> = store.transact(ensure).await;
    result.map_err(|error| RootKeyError(error.to_string()))
}
