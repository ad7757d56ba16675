//! Records of users and keys as the API shows them. The secret is shown by the operation that makes a key and nowhere
//! else.

use api::iam::types;
use model::iam::{AccessKey, KeyOwner, User};

use super::tags;
use crate::context::{Context, Principal};
use crate::handler::to_wire;

/// A user in a listing, which has no tags.
pub(super) fn user(cx: &Context, user: &User) -> types::User {
    let User { name, id, path, created_at, tags: _ } = user;
    let principal = Principal::User { name: name.clone(), id: id.clone(), path: path.clone() };
    types::User {
        arn: Some(principal.arn(&cx.account).to_string()),
        create_date: Some(to_wire(*created_at)),
        path: Some(path.clone()),
        tags: None,
        user_id: Some(id.clone()),
        user_name: Some(name.clone()),
    }
}

/// A user by itself; without tags the list is absent.
pub(super) fn user_with_tags(cx: &Context, record: &User) -> types::User {
    let tags = tags::to_wire(&record.tags);
    types::User { tags: (!tags.is_empty()).then_some(tags), ..user(cx, record) }
}

/// A key with its secret, once.
pub(super) fn new_key(key: &AccessKey) -> types::AccessKey {
    let AccessKey { id, secret, owner, active, created_at } = key;
    types::AccessKey {
        access_key_id: Some(id.clone()),
        create_date: Some(to_wire(*created_at)),
        secret_access_key: Some(secret.clone()),
        status: Some(status(*active)),
        user_name: user_name(owner),
    }
}

/// A key without its secret.
pub(super) fn key(key: &AccessKey) -> types::AccessKeyMetadata {
    let AccessKey { id, secret: _, owner, active, created_at } = key;
    types::AccessKeyMetadata {
        access_key_id: Some(id.clone()),
        create_date: Some(to_wire(*created_at)),
        status: Some(status(*active)),
        user_name: user_name(owner),
    }
}

fn user_name(owner: &KeyOwner) -> Option<String> {
    match owner {
        KeyOwner::Root => None,
        KeyOwner::User(name) => Some(name.clone()),
    }
}

fn status(active: bool) -> types::StatusType {
    if active { types::StatusType::Active } else { types::StatusType::Inactive }
}
