//! What can be wrong with a CloudWatch request beyond its shape, and AWS's code for it.

use api::cloudwatch::ErrorCode;
use model::cloudwatch::statistics::{InvalidPeriod, UnknownStatistic};
use wire::AwsError;

use crate::pagination::InvalidToken;

/// Why a CloudWatch operation is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum Error {
    /// A parameter has a value that is not allowed.
    #[error("{parameter}: {reason}")]
    Value {
        /// The parameter, as clients write it.
        parameter: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// Parameters that exclude each other, or that ask for too much together.
    #[error("{0}")]
    Combination(String),
    /// None of several parameters of which one is needed.
    #[error("{0}")]
    Missing(String),
    /// GetMetricData words everything as one code.
    #[error("{0}")]
    Validation(String),
    /// There is no room for more.
    #[error("{0}")]
    Limit(String),
    /// There is no alarm of that name.
    #[error("there is no alarm {0}")]
    NoSuchAlarm(String),
    /// There is nothing with that ARN.
    #[error("there is no resource {0}")]
    NoSuchResource(String),
    /// A text that is not what it has to be.
    #[error("{0}")]
    Format(String),
    /// A token of another listing.
    #[error(transparent)]
    Token(#[from] InvalidToken),
    /// The points cannot be read or written at the moment.
    #[error("metric data cannot be reached; try again")]
    Unavailable,
}

impl Error {
    /// A value that is not allowed.
    pub(super) fn value(parameter: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Value { parameter: parameter.into(), reason: reason.into() }
    }

    /// The same refusal as GetMetricData words it.
    pub(super) fn into_validation(self) -> Self {
        match self {
            Self::Value { .. } | Self::Combination(_) | Self::Missing(_) => Self::Validation(self.to_string()),
            Self::Validation(_)
            | Self::Limit(_)
            | Self::NoSuchAlarm(_)
            | Self::NoSuchResource(_)
            | Self::Format(_)
            | Self::Token(_)
            | Self::Unavailable => self,
        }
    }
}

impl From<InvalidPeriod> for Error {
    fn from(error: InvalidPeriod) -> Self {
        Self::value("Period", error.to_string())
    }
}

impl From<UnknownStatistic> for Error {
    fn from(error: UnknownStatistic) -> Self {
        Self::value("Statistics", error.to_string())
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Value { .. } => ErrorCode::InvalidParameterValue,
            Error::Combination(_) => ErrorCode::InvalidParameterCombination,
            Error::Missing(_) => ErrorCode::MissingParameter,
            Error::Validation(_) => ErrorCode::ValidationError,
            Error::Limit(_) => ErrorCode::LimitExceeded,
            Error::NoSuchAlarm(_) => ErrorCode::ResourceNotFound,
            Error::NoSuchResource(_) => ErrorCode::ResourceNotFoundException,
            Error::Format(_) => ErrorCode::InvalidFormat,
            Error::Token(InvalidToken) => ErrorCode::InvalidNextToken,
            Error::Unavailable => ErrorCode::InternalServiceError,
        };
        code.error(error.to_string())
    }
}
