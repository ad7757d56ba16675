//! Access keys: create, list, update, delete. Without a user name they are the caller's own.

use std::sync::Arc;

use api::iam::types::{
    CreateAccessKeyRequest, CreateAccessKeyResponse, DeleteAccessKeyRequest, ListAccessKeysRequest,
    ListAccessKeysResponse, StatusType, UpdateAccessKeyRequest,
};
use model::Scope;
use model::iam::{AccessKey, KeyOwner, MAXIMUM_ACCESS_KEYS};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::Error;
use super::users::{existing, keys_of, page_size};
use super::{credentials, views};
use crate::context::{Context, Principal};
use crate::handler::committed;
use crate::pagination::Listing;

pub(super) async fn create(cx: &Context, input: CreateAccessKeyRequest) -> Result<CreateAccessKeyResponse, AwsError> {
    let CreateAccessKeyRequest { user_name } = input;
    let scope = cx.global_scope();
    let minted = cx.mint(|ids| credentials::access_key(ids, KeyOwner::Root, cx.now));
    let insert = |txn: &mut Transaction| {
        let owner = owner(cx, txn.view(), &scope, user_name.as_deref())?;
        if keys_of(txn.view(), &scope, &owner).len() >= MAXIMUM_ACCESS_KEYS {
            return Err(Error::TooManyKeys(shown(&owner)));
        }
        let key = AccessKey { owner, ..minted.clone() };
        txn.put(&scope, key.clone());
        Ok(key)
    };
    let key = committed(cx.store.transact(insert).await)?;
    Ok(CreateAccessKeyResponse { access_key: Some(views::new_key(&key)) })
}

pub(super) fn list(cx: &Context, input: ListAccessKeysRequest) -> Result<ListAccessKeysResponse, Error> {
    let ListAccessKeysRequest { marker, max_items, user_name } = input;
    let view = cx.store.view();
    let scope = cx.global_scope();
    let owner = owner(cx, &view, &scope, user_name.as_deref())?;
    let listing = Listing { operation: "ListAccessKeys", selection: &owner };
    let items = keys_of(&view, &scope, &owner).into_iter().map(|key| (key.id.clone(), key));
    let page = listing.page(cx, marker.as_deref(), page_size(max_items), items)?;
    Ok(ListAccessKeysResponse {
        access_key_metadata: Some(page.items.iter().map(|key| views::key(key)).collect()),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

pub(super) async fn update(cx: &Context, input: UpdateAccessKeyRequest) -> Result<(), AwsError> {
    let UpdateAccessKeyRequest { access_key_id, status, user_name } = input;
    let active = match status {
        StatusType::Active => true,
        StatusType::Inactive => false,
        StatusType::Expired => return Err(Error::StatusNotSettable.into()),
    };
    let scope = cx.global_scope();
    let change = |txn: &mut Transaction| {
        let key = owned_key(cx, txn.view(), &scope, &access_key_id, user_name.as_deref())?;
        txn.put(&scope, AccessKey { active, ..AccessKey::clone(&key) });
        Ok::<(), Error>(())
    };
    committed(cx.store.transact(change).await)
}

pub(super) async fn delete(cx: &Context, input: DeleteAccessKeyRequest) -> Result<(), AwsError> {
    let DeleteAccessKeyRequest { access_key_id, user_name } = input;
    let scope = cx.global_scope();
    let remove = |txn: &mut Transaction| {
        let key = owned_key(cx, txn.view(), &scope, &access_key_id, user_name.as_deref())?;
        txn.delete::<AccessKey>(&scope, &key.id);
        Ok::<(), Error>(())
    };
    committed(cx.store.transact(remove).await)
}

/// The key of that id, provided that it is the named user's (without a name: the caller's).
fn owned_key(
    cx: &Context,
    view: &View,
    scope: &Scope,
    id: &str,
    user_name: Option<&str>,
) -> Result<Arc<AccessKey>, Error> {
    let owner = owner(cx, view, scope, user_name)?;
    let key = view.get::<AccessKey>(scope, id).filter(|key| key.owner == owner);
    key.ok_or_else(|| Error::NoSuchKey { id: id.to_owned(), owner: shown(&owner) })
}

fn owner(cx: &Context, view: &View, scope: &Scope, user_name: Option<&str>) -> Result<KeyOwner, Error> {
    let name = match (user_name, &cx.principal) {
        (Some(name), _) => name,
        (None, Principal::User { name, .. }) => name,
        (None, Principal::Root) => return Ok(KeyOwner::Root),
    };
    Ok(KeyOwner::User(existing(view, scope, name)?.name.clone()))
}

fn shown(owner: &KeyOwner) -> String {
    match owner {
        KeyOwner::Root => "the account's root".to_owned(),
        KeyOwner::User(name) => format!("user {name}"),
    }
}
