//! Users: create, get, list, update, delete. Names are the same when they differ only in case, and keep their spelling.

use std::sync::Arc;

use api::iam::types::{
    CreateUserRequest, CreateUserResponse, DeleteUserRequest, GetUserRequest, GetUserResponse, ListUsersRequest,
    ListUsersResponse, UpdateUserRequest,
};
use model::Scope;
use model::iam::{AccessKey, KeyOwner, User};
use model::setting::Settings;
use store::{Transaction, View};
use wire::AwsError;

use super::errors::Error;
use super::{credentials, tags, views};
use crate::context::{Context, Principal};
use crate::handler::{committed, to_wire};
use crate::pagination::Listing;

/// The most users of one account (IAM quotas).
pub(super) const MAXIMUM_USERS: usize = 5000;
/// How many items a page has when the caller does not say (IAM API reference).
pub(super) const DEFAULT_PAGE_SIZE: i32 = 100;

/// The user of that name, in any spelling.
pub(crate) fn find(view: &View, scope: &Scope, name: &str) -> Option<Arc<User>> {
    let exact = view.get::<User>(scope, name);
    exact.or_else(|| view.list::<User>(scope).find(|user| user.name.eq_ignore_ascii_case(name)))
}

/// The same, as an error when there is none.
pub(super) fn existing(view: &View, scope: &Scope, name: &str) -> Result<Arc<User>, Error> {
    find(view, scope, name).ok_or_else(|| Error::NoSuchUser(name.to_owned()))
}

pub(super) async fn create(cx: &Context, input: CreateUserRequest) -> Result<CreateUserResponse, AwsError> {
    let CreateUserRequest { path, tags, user_name } = input;
    let user = User {
        name: user_name,
        id: cx.mint(credentials::user_id),
        path: path.unwrap_or_else(|| "/".to_owned()),
        created_at: cx.now,
        tags: tags::parse(tags.unwrap_or_default())?,
    };
    let scope = cx.global_scope();
    let insert = |txn: &mut Transaction| {
        refuse_taken(txn.view(), &scope, &user.name)?;
        if txn.list::<User>(&scope).count() >= MAXIMUM_USERS {
            return Err(Error::TooManyUsers);
        }
        txn.put(&scope, user.clone());
        Ok(())
    };
    committed(cx.store.transact(insert).await)?;
    Ok(CreateUserResponse { user: Some(views::user_with_tags(cx, &user)) })
}

fn refuse_taken(view: &View, scope: &Scope, name: &str) -> Result<(), Error> {
    match find(view, scope, name) {
        Some(taken) => Err(Error::UserExists(taken.name.clone())),
        None => Ok(()),
    }
}

pub(super) fn get(cx: &Context, input: GetUserRequest) -> Result<GetUserResponse, Error> {
    let GetUserRequest { user_name } = input;
    let view = cx.store.view();
    let user = match (user_name, &cx.principal) {
        (Some(name), _) => views::user_with_tags(cx, &*existing(&view, &cx.global_scope(), &name)?),
        (None, Principal::User { name, .. }) => views::user_with_tags(cx, &*existing(&view, &cx.global_scope(), name)?),
        (None, Principal::Root) => root(cx, &view),
    };
    Ok(GetUserResponse { user: Some(user) })
}

/// The account itself, which AWS shows in the form of a user that has neither name nor path.
fn root(cx: &Context, view: &View) -> api::iam::types::User {
    let settings = view.get::<Settings>(&Settings::scope(), Settings::ID);
    api::iam::types::User {
        arn: Some(Principal::Root.arn(&cx.account).to_string()),
        create_date: Some(to_wire(settings.map(|settings| settings.created_at).unwrap_or_default())),
        path: None,
        tags: None,
        user_id: Some(cx.account.clone()),
        user_name: None,
    }
}

pub(super) fn list(cx: &Context, input: ListUsersRequest) -> Result<ListUsersResponse, Error> {
    let ListUsersRequest { marker, max_items, path_prefix } = input;
    let prefix = path_prefix.unwrap_or_else(|| "/".to_owned());
    let view = cx.store.view();
    let scope = cx.global_scope();
    let matching = view.list::<User>(&scope).filter(|user| user.path.starts_with(&prefix));
    let listing = Listing { operation: "ListUsers", selection: &prefix };
    let items = matching.map(|user| (user.name.clone(), user));
    let page = listing.page(cx, marker.as_deref(), page_size(max_items), items)?;
    Ok(ListUsersResponse {
        is_truncated: Some(page.next.is_some()),
        users: Some(page.items.iter().map(|user| views::user(cx, user)).collect()),
        marker: page.next,
    })
}

/// `MaxItems`, whose range the shape tables have checked.
pub(super) fn page_size(max_items: Option<i32>) -> usize {
    usize::try_from(max_items.unwrap_or(DEFAULT_PAGE_SIZE)).unwrap_or(1)
}

pub(super) async fn update(cx: &Context, input: UpdateUserRequest) -> Result<(), AwsError> {
    let UpdateUserRequest { new_path, new_user_name, user_name } = input;
    let scope = cx.global_scope();
    let change = |txn: &mut Transaction| {
        let old = existing(txn.view(), &scope, &user_name)?;
        let mut user = User::clone(&old);
        if let Some(path) = &new_path {
            user.path.clone_from(path);
        }
        if let Some(name) = &new_user_name {
            if !name.eq_ignore_ascii_case(&old.name) {
                refuse_taken(txn.view(), &scope, name)?;
            }
            user.name.clone_from(name);
            hand_over_keys(txn, &scope, &old.name, name);
            txn.delete::<User>(&scope, &old.name);
        }
        txn.put(&scope, user);
        Ok::<(), Error>(())
    };
    committed(cx.store.transact(change).await)
}

/// A renamed user keeps its keys.
fn hand_over_keys(txn: &mut Transaction, scope: &Scope, from: &str, to: &str) {
    for key in keys_of(txn.view(), scope, &KeyOwner::User(from.to_owned())) {
        txn.put(scope, AccessKey { owner: KeyOwner::User(to.to_owned()), ..AccessKey::clone(&key) });
    }
}

/// The keys of one owner, ordered by id.
pub(super) fn keys_of(view: &View, scope: &Scope, owner: &KeyOwner) -> Vec<Arc<AccessKey>> {
    view.list::<AccessKey>(scope).filter(|key| key.owner == *owner).collect()
}

pub(super) async fn delete(cx: &Context, input: DeleteUserRequest) -> Result<(), AwsError> {
    let DeleteUserRequest { user_name } = input;
    let scope = cx.global_scope();
    let remove = |txn: &mut Transaction| {
        let user = existing(txn.view(), &scope, &user_name)?;
        if !keys_of(txn.view(), &scope, &KeyOwner::User(user.name.clone())).is_empty() {
            return Err(Error::HasKeys(user.name.clone()));
        }
        txn.delete::<User>(&scope, &user.name);
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}
