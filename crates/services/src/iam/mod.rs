//! AWS Identity and Access Management: users and access keys. State belongs to the account, not to a region.
//!
//! Policies are not evaluated yet: every active key may do everything in its account.

mod access_keys;
mod credentials;
mod errors;
mod root;
mod tags;
mod users;
mod views;

pub use root::{RootKeyError, ensure_root_key};

use api::iam::Operation;
use wire::{AwsError, Value};

use crate::context::Context;
use crate::handler::{done, read, reply};

pub(crate) use users::find as find_user;

/// The operations of IAM.
///
/// # Errors
/// Those of the operation.
pub async fn dispatch(cx: &Context, operation: Operation, input: Value) -> Result<Value, AwsError> {
    match operation {
        Operation::CreateAccessKey => reply(access_keys::create(cx, read(input)?).await),
        Operation::CreateUser => reply(users::create(cx, read(input)?).await),
        Operation::DeleteAccessKey => done(access_keys::delete(cx, read(input)?).await),
        Operation::DeleteUser => done(users::delete(cx, read(input)?).await),
        Operation::GetUser => reply(users::get(cx, read(input)?)),
        Operation::ListAccessKeys => reply(access_keys::list(cx, read(input)?)),
        Operation::ListUserTags => reply(tags::list(cx, read(input)?)),
        Operation::ListUsers => reply(users::list(cx, read(input)?)),
        Operation::TagUser => done(tags::tag(cx, read(input)?).await),
        Operation::UntagUser => done(tags::untag(cx, read(input)?).await),
        Operation::UpdateAccessKey => done(access_keys::update(cx, read(input)?).await),
        Operation::UpdateUser => done(users::update(cx, read(input)?).await),
    }
}
