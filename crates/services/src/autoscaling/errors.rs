//! What can go wrong with Auto Scaling, and AWS's code for it.
//!
//! Codes are those of the Auto Scaling API reference; most refusals are `ValidationError`, which AWS sends but does not
//! model. What is not found is a `ValidationError` too, with a beginning that clients look for.

use api::autoscaling::ErrorCode;
use model::autoscaling::constraints::InvalidConstraints;
use model::autoscaling::lifecycle_action::RefusedAction;
use model::autoscaling::membership::RefusedMembers;
use model::tag::InvalidTags;
use store::TransactError;
use wire::AwsError;

use crate::handler;
use crate::pagination::InvalidToken;

/// The most characters of a caller's text that an error shows.
const SHOWN: usize = 200;

/// Why an operation is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    /// Parameters that do not fit together or with what there is, or a value that its shape cannot check.
    #[error("{0}")]
    Invalid(String),
    /// AWS has it, Goru does not (yet).
    #[error("{0}")]
    NotOffered(String),
    /// No such group. Clients look for the beginning.
    #[error("AutoScalingGroup name not found - there is no Auto Scaling group `{0}` in this account and region")]
    GroupNotFound(String),
    /// No such launch configuration. Clients look for the beginning.
    #[error("Launch configuration name not found - there is no launch configuration `{0}` in this account and region")]
    LaunchConfigurationNotFound(String),
    /// A group that is being deleted takes no changes.
    #[error("Auto Scaling group `{0}` is pending delete; wait until it is gone")]
    Deleting(String),
    /// A name that is taken.
    #[error("{0}")]
    Exists(String),
    /// A quota is used up.
    #[error("there can be at most {limit} {what}", limit = .0.limit(), what = .0.what())]
    TooMany(Quota),
    /// Something still needs it, or is still there.
    #[error("{0}")]
    InUse(String),
    /// A scaling activity or its cooldown is in the way.
    #[error("{0}")]
    ActivityInProgress(String),
    /// An instance refresh is in the way.
    #[error("{0}")]
    RefreshInProgress(String),
    /// There is no instance refresh under way.
    #[error("there is no instance refresh under way in Auto Scaling group `{0}`")]
    RefreshNotFound(String),
    /// An instance refresh that cannot be rolled back.
    #[error("{0}")]
    Irreversible(String),
    /// Limits and capacity.
    #[error(transparent)]
    Constraints(#[from] InvalidConstraints),
    /// Members.
    #[error(transparent)]
    Members(#[from] RefusedMembers),
    /// Lifecycle actions.
    #[error(transparent)]
    Action(#[from] RefusedAction),
    /// Tags.
    #[error(transparent)]
    Tags(#[from] InvalidTags),
    /// A token of another listing.
    #[error(transparent)]
    Token(#[from] InvalidToken),
}

/// The limits of an account and region, of a group or of a call (Auto Scaling user guide, quotas).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quota {
    Groups,
    LaunchConfigurations,
    Hooks,
    TargetGroups,
    Protected,
    Policies,
    Steps,
    ScheduledActions,
    Topics,
}

impl Quota {
    pub(super) const fn limit(self) -> usize {
        match self {
            Self::Groups => model::autoscaling::group::MAXIMUM_GROUPS,
            Self::LaunchConfigurations => model::autoscaling::launch_configuration::MAXIMUM_LAUNCH_CONFIGURATIONS,
            Self::Hooks => model::autoscaling::lifecycle_hook::MAXIMUM_HOOKS,
            Self::TargetGroups | Self::Protected => 50,
            Self::Policies => model::autoscaling::policy::MAXIMUM_POLICIES,
            Self::Steps => model::autoscaling::step::MAXIMUM_STEPS,
            Self::ScheduledActions => model::autoscaling::scheduled_action::MAXIMUM_ACTIONS,
            Self::Topics => 10,
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Groups => "Auto Scaling groups in an account and region",
            Self::LaunchConfigurations => "launch configurations in an account and region",
            Self::Hooks => "lifecycle hooks of one Auto Scaling group",
            Self::TargetGroups => "target groups of one Auto Scaling group",
            Self::Protected => "instances in one call of SetInstanceProtection",
            Self::Policies => "scaling policies of one Auto Scaling group",
            Self::Steps => "step adjustments of one scaling policy",
            Self::ScheduledActions => "scheduled actions of one Auto Scaling group",
            Self::Topics => "SNS topics of one Auto Scaling group",
        }
    }
}

impl Error {
    const fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid(_)
            | Self::NotOffered(_)
            | Self::GroupNotFound(_)
            | Self::LaunchConfigurationNotFound(_)
            | Self::Deleting(_)
            | Self::Constraints(_)
            | Self::Members(_)
            | Self::Action(_)
            | Self::Tags(
                InvalidTags::KeyLength(_)
                | InvalidTags::ValueLength(_)
                | InvalidTags::Reserved(_)
                | InvalidTags::Duplicate(_),
            ) => ErrorCode::ValidationError,
            Self::Exists(_) => ErrorCode::AlreadyExists,
            Self::TooMany(_) | Self::Tags(InvalidTags::TooMany) => ErrorCode::LimitExceeded,
            Self::InUse(_) => ErrorCode::ResourceInUse,
            Self::ActivityInProgress(_) => ErrorCode::ScalingActivityInProgress,
            Self::RefreshInProgress(_) => ErrorCode::InstanceRefreshInProgress,
            Self::RefreshNotFound(_) => ErrorCode::ActiveInstanceRefreshNotFound,
            Self::Irreversible(_) => ErrorCode::IrreversibleInstanceRefresh,
            Self::Token(InvalidToken) => ErrorCode::InvalidNextToken,
        }
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        Self::from_shape(error.code().shape(), error.to_string())
    }
}

/// A `ValidationError`.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::Invalid(message.into())
}

/// What a transaction gave. Others that change the same records all the time are AWS's `ResourceContention` here.
pub(super) fn committed<T>(result: Result<T, TransactError<Error>>) -> Result<T, AwsError> {
    match result {
        Err(TransactError::Contended) => {
            let message = "others change the same resources all the time; nothing was changed, try again";
            Err(ErrorCode::ResourceContention.error(message))
        }
        other => handler::committed(other),
    }
}

/// A caller's text, as long as an error should show it.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_statuses_are_those_of_the_api_reference() {
        let table = [
            (invalid("x"), "ValidationError", 400),
            (Error::GroupNotFound("x".into()), "ValidationError", 400),
            (Error::Exists("x".into()), "AlreadyExists", 400),
            (Error::TooMany(Quota::Hooks), "LimitExceeded", 400),
            (Error::Tags(InvalidTags::TooMany), "LimitExceeded", 400),
            (Error::InUse("x".into()), "ResourceInUse", 400),
            (Error::ActivityInProgress("x".into()), "ScalingActivityInProgress", 400),
            (Error::RefreshInProgress("x".into()), "InstanceRefreshInProgress", 400),
            (Error::RefreshNotFound("x".into()), "ActiveInstanceRefreshNotFound", 400),
            (Error::Irreversible("x".into()), "IrreversibleInstanceRefresh", 400),
            (Error::Token(InvalidToken), "InvalidNextToken", 400),
        ];
        for (error, code, status) in table {
            let error = AwsError::from(error);
            assert_eq!((&*error.code, error.status), (code, status));
        }
    }

    #[test]
    fn contention_has_a_code_of_its_own() {
        let error = committed::<()>(Err(TransactError::Contended)).unwrap_err();
        assert_eq!((&*error.code, error.status), ("ResourceContention", 500));
        let error = committed::<()>(Err(TransactError::Closed)).unwrap_err();
        assert_eq!((&*error.code, error.status), ("ServiceUnavailable", 503));
    }
}
