//! What can go wrong with certificates, and ACM's code for it.

use api::acm::ErrorCode;
use model::acm::certificate::MAXIMUM_IMPORTED;
use model::tag::InvalidTags;
use wire::AwsError;

use crate::pagination::InvalidToken;
use crate::x509::InvalidCertificate;

/// Why an operation is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    /// Not the ARN of a certificate.
    #[error("`{0}` is not a valid certificate ARN")]
    NotAnArn(String),
    /// No such certificate in this account and region.
    #[error("certificate `{0}` not found")]
    NotFound(String),
    /// A listener has it.
    #[error("certificate `{arn}` is in use by {}; give its listeners another one first", .load_balancers.join(", "))]
    InUse {
        /// The certificate.
        arn: String,
        /// The load balancers whose listeners have it.
        load_balancers: Vec<String>,
    },
    /// The quota.
    #[error("there can be at most {MAXIMUM_IMPORTED} imported certificates in a region")]
    TooMany,
    /// Tags with an import under an ARN that exists.
    #[error("tags cannot be given when a certificate is imported again; use AddTagsToCertificate")]
    TagsOfReimport,
    /// Only one of two members that belong together.
    #[error("SortBy and SortOrder are given both or not at all")]
    HalfSorted,
    /// What was brought does not fit together.
    #[error(transparent)]
    Certificate(#[from] InvalidCertificate),
    /// Bad tags.
    #[error(transparent)]
    Tags(#[from] InvalidTags),
    /// A token of another listing.
    #[error(transparent)]
    Token(#[from] InvalidToken),
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::NotAnArn(_) => ErrorCode::InvalidArnException,
            Error::NotFound(_) => ErrorCode::ResourceNotFoundException,
            Error::InUse { .. } => ErrorCode::ResourceInUseException,
            Error::TooMany => ErrorCode::LimitExceededException,
            Error::TagsOfReimport | Error::HalfSorted | Error::Certificate(_) => ErrorCode::ValidationException,
            Error::Token(InvalidToken) => ErrorCode::InvalidArgsException,
            Error::Tags(InvalidTags::TooMany) => ErrorCode::TooManyTagsException,
            Error::Tags(
                InvalidTags::KeyLength(_)
                | InvalidTags::ValueLength(_)
                | InvalidTags::Reserved(_)
                | InvalidTags::Duplicate(_),
            ) => ErrorCode::InvalidTagException,
        };
        code.error(error.to_string())
    }
}
