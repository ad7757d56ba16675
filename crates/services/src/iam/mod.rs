//! AWS Identity and Access Management: users, access keys and server certificates. State belongs to the account, not to a region.
//!
//! Policies are not evaluated yet: every active key may do everything in its account.

mod access_keys;
mod credentials;
mod errors;
mod root;
mod server_certificates;
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
        Operation::DeleteServerCertificate => done(server_certificates::delete(cx, read(input)?).await),
        Operation::DeleteUser => done(users::delete(cx, read(input)?).await),
        Operation::GetServerCertificate => reply(server_certificates::get(cx, read(input)?)),
        Operation::GetUser => reply(users::get(cx, read(input)?)),
        Operation::ListAccessKeys => reply(access_keys::list(cx, read(input)?)),
        Operation::ListServerCertificateTags => reply(server_certificates::list_tags(cx, read(input)?)),
        Operation::ListServerCertificates => reply(server_certificates::list(cx, read(input)?)),
        Operation::ListUserTags => reply(tags::list(cx, read(input)?)),
        Operation::ListUsers => reply(users::list(cx, read(input)?)),
        Operation::TagServerCertificate => done(server_certificates::tag(cx, read(input)?).await),
        Operation::TagUser => done(tags::tag(cx, read(input)?).await),
        Operation::UntagServerCertificate => done(server_certificates::untag(cx, read(input)?).await),
        Operation::UntagUser => done(tags::untag(cx, read(input)?).await),
        Operation::UpdateAccessKey => done(access_keys::update(cx, read(input)?).await),
        Operation::UpdateServerCertificate => done(server_certificates::update(cx, read(input)?).await),
        Operation::UpdateUser => done(users::update(cx, read(input)?).await),
        Operation::UploadServerCertificate => reply(server_certificates::upload(cx, read(input)?).await),
    }
}
