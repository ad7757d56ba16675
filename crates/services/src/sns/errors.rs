//! What can go wrong with topics and subscriptions, and AWS's code for it.

use api::sns::ErrorCode;
use model::Arn;
use model::sns::endpoint::InvalidEndpoint;
use model::sns::filter_policy::InvalidFilterPolicy;
use model::sns::message::InvalidMessage;
use model::tag::InvalidTags;
use wire::AwsError;

use crate::pagination::InvalidToken;

/// The most characters of a caller's text that an error shows.
const SHOWN: usize = 200;

/// Why an operation is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    /// A value that its shape cannot check; the sentence names the parameter.
    #[error("Invalid parameter: {0}")]
    Invalid(String),
    /// AWS has it, Goru does not.
    #[error("Invalid parameter: {0}")]
    NotOffered(String),
    /// Another account's.
    #[error("`{0}` belongs to another account")]
    NotOwner(String),
    /// No such topic.
    #[error("topic `{0}` does not exist")]
    NoTopic(Arn),
    /// No such subscription.
    #[error("subscription `{0}` does not exist")]
    NoSubscription(String),
    /// No such resource to tag.
    #[error("topic `{0}` does not exist")]
    NoResource(String),
    /// The account has too many.
    #[error("there can be at most {} topics in a region", model::sns::topic::MAXIMUM_TOPICS)]
    TooManyTopics,
    /// The topic has too many.
    #[error("a topic can have at most {} subscriptions", model::sns::subscription::MAXIMUM_PER_TOPIC)]
    TooManySubscriptions,
    /// The account has too many.
    #[error("there can be at most {} filter policies in a region", model::sns::subscription::MAXIMUM_FILTER_POLICIES)]
    TooManyFilterPolicies,
    /// The queue is full.
    #[error("too many messages wait for their delivery; nothing was published, try again later")]
    Full,
    /// Something is asked for by a link that only a signed call may.
    #[error("{0}")]
    NeedsSignature(String),
    /// A bad message.
    #[error("Invalid parameter: {0}")]
    Message(#[from] InvalidMessage),
    /// A bad endpoint.
    #[error("Invalid parameter: {0}")]
    Endpoint(#[from] InvalidEndpoint),
    /// A bad filter policy.
    #[error("Invalid parameter: {0}")]
    FilterPolicy(#[from] InvalidFilterPolicy),
    /// Bad tags.
    #[error("Invalid parameter: Tags Reason: {0}")]
    Tags(#[from] InvalidTags),
    /// A token of another listing.
    #[error("Invalid parameter: NextToken Reason: {0}")]
    Token(#[from] InvalidToken),
    /// A batch that cannot be read.
    #[error("{1}")]
    Batch(Batch, String),
}

/// What is wrong with a batch as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Batch {
    Empty,
    TooMany,
    TooLong,
    NotDistinct,
    BadId,
}

impl Error {
    /// A parameter and what is wrong with it, in AWS's form.
    pub(super) fn invalid(parameter: &str, reason: impl std::fmt::Display) -> Self {
        Self::Invalid(format!("{parameter} Reason: {reason}"))
    }

    /// Something of AWS's that Goru does not have.
    pub(super) fn not_offered(parameter: &str, reason: impl std::fmt::Display) -> Self {
        Self::NotOffered(format!("{parameter} Reason: {reason}"))
    }

    /// AWS's code.
    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid(_)
            | Self::NotOffered(_)
            | Self::Message(_)
            | Self::Endpoint(_)
            | Self::FilterPolicy(_)
            | Self::Token(_) => ErrorCode::InvalidParameter,
            Self::NotOwner(_) | Self::NeedsSignature(_) => ErrorCode::AuthorizationError,
            Self::NoTopic(_) | Self::NoSubscription(_) => ErrorCode::NotFound,
            Self::NoResource(_) => ErrorCode::ResourceNotFound,
            Self::TooManyTopics => ErrorCode::TopicLimitExceeded,
            Self::TooManySubscriptions => ErrorCode::SubscriptionLimitExceeded,
            Self::TooManyFilterPolicies => ErrorCode::FilterPolicyLimitExceeded,
            Self::Full => ErrorCode::Throttled,
            Self::Tags(InvalidTags::TooMany) => ErrorCode::TagLimitExceeded,
            Self::Tags(
                InvalidTags::Duplicate(_)
                | InvalidTags::KeyLength(_)
                | InvalidTags::ValueLength(_)
                | InvalidTags::Reserved(_),
            ) => ErrorCode::InvalidParameter,
            Self::Batch(Batch::Empty, _) => ErrorCode::EmptyBatchRequest,
            Self::Batch(Batch::TooMany, _) => ErrorCode::TooManyEntriesInBatchRequest,
            Self::Batch(Batch::TooLong, _) => ErrorCode::BatchRequestTooLong,
            Self::Batch(Batch::NotDistinct, _) => ErrorCode::BatchEntryIdsNotDistinct,
            Self::Batch(Batch::BadId, _) => ErrorCode::InvalidBatchEntryId,
        }
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        Self::from_shape(error.code().shape(), error.to_string())
    }
}

/// A caller's text, as long as an error should show it.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
