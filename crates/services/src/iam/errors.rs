//! What can go wrong with users, keys and server certificates, and AWS's code for it.

use api::iam::ErrorCode;
use model::iam::{MAXIMUM_ACCESS_KEYS, MAXIMUM_SERVER_CERTIFICATES};
use model::tag::InvalidTags;
use wire::AwsError;

use super::users::MAXIMUM_USERS;
use crate::pagination::InvalidToken;
use crate::x509::InvalidCertificate;

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
    /// Names differ by more than case.
    #[error("the account already has a server certificate named {0}; names that differ only in case are the same")]
    ServerCertificateExists(String),
    /// No such server certificate.
    #[error("the account has no server certificate named {0}")]
    NoSuchServerCertificate(String),
    /// All server certificates.
    #[error("the account already has {MAXIMUM_SERVER_CERTIFICATES} server certificates, the most there can be")]
    TooManyServerCertificates,
    /// A listener has it.
    #[error("server certificate {name} is in use by {}; give its listeners another one first", .load_balancers.join(", "))]
    ServerCertificateInUse {
        /// Its name.
        name: String,
        /// The load balancers whose listeners have it.
        load_balancers: Vec<String>,
    },
    /// What was uploaded does not fit together.
    #[error(transparent)]
    Certificate(#[from] InvalidCertificate),
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
            Error::UserExists(_) | Error::ServerCertificateExists(_) => ErrorCode::EntityAlreadyExists,
            Error::NoSuchUser(_) | Error::NoSuchKey { .. } | Error::NoSuchServerCertificate(_) => {
                ErrorCode::NoSuchEntity
            }
            Error::HasKeys(_) | Error::ServerCertificateInUse { .. } => ErrorCode::DeleteConflict,
            Error::TooManyKeys(_)
            | Error::TooManyUsers
            | Error::TooManyServerCertificates
            | Error::Tags(InvalidTags::TooMany) => ErrorCode::LimitExceeded,
            Error::Certificate(InvalidCertificate::Mismatch) => ErrorCode::KeyPairMismatch,
            Error::Certificate(_) => ErrorCode::MalformedCertificate,
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
