//! What can go wrong with users and keys, and AWS's code for it.

use api::iam::ErrorCode;
use model::iam::MAXIMUM_ACCESS_KEYS;
use model::tag::InvalidTags;
use wire::AwsError;

use super::users::MAXIMUM_USERS;
use crate::pagination::InvalidToken;

/// Why an IAM operation is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    /// Names differ by more than case.
    #[error("the account already has a user named {0}; names that differ only in case are the same")]
    UserExists(String),
    /// No such user.
    #[error("the account has no user named {0}")]
    NoSuchUser(String),
    /// No such key of that owner.
    #[error("{owner} has no access key {id}")]
    NoSuchKey {
        /// The key.
        id: String,
        /// Whose it should be.
        owner: String,
    },
    /// Keys must go first.
    #[error("user {0} still has access keys; delete them first")]
    HasKeys(String),
    /// Two keys.
    #[error("{0} already has {MAXIMUM_ACCESS_KEYS} access keys, the most there can be; delete one first")]
    TooManyKeys(String),
    /// All users.
    #[error("the account already has {MAXIMUM_USERS} users, the most there can be")]
    TooManyUsers,
    /// `Expired` is a status that only AWS gives.
    #[error("the status of an access key can be set to Active or Inactive only")]
    StatusNotSettable,
    /// Bad tags.
    #[error(transparent)]
    Tags(#[from] InvalidTags),
    /// Two keys of one request that differ at most in case.
    #[error("tag key {0} is given more than once; keys that differ only in case are the same")]
    DuplicateTag(String),
    /// A marker of another listing.
    #[error(transparent)]
    Marker(#[from] InvalidToken),
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::UserExists(_) => ErrorCode::EntityAlreadyExists,
            Error::NoSuchUser(_) | Error::NoSuchKey { .. } => ErrorCode::NoSuchEntity,
            Error::HasKeys(_) => ErrorCode::DeleteConflict,
            Error::TooManyKeys(_) | Error::TooManyUsers | Error::Tags(InvalidTags::TooMany) => ErrorCode::LimitExceeded,
            Error::StatusNotSettable | Error::DuplicateTag(_) => ErrorCode::InvalidInput,
            Error::Tags(
                InvalidTags::KeyLength(_)
                | InvalidTags::ValueLength(_)
                | InvalidTags::Reserved(_)
                | InvalidTags::Duplicate(_),
            ) => ErrorCode::InvalidInput,
            Error::Marker(InvalidToken) => ErrorCode::ValidationError,
        };
        code.error(error.to_string())
    }
}
