//! Errors of Auto Scaling (2011-01-01).
//!
//! Written by `cargo xtask codegen` from `shapes/autoscaling.json` and `shapes/autoscaling.toml`; change those instead.

wire::error_codes! {
    ActiveInstanceRefreshNotFound = "ActiveInstanceRefreshNotFoundFault", "ActiveInstanceRefreshNotFound", 400, Sender;
    AlreadyExists = "AlreadyExistsFault", "AlreadyExists", 400, Sender;
    IdempotentCallInProgress = "IdempotentCallInProgressFault", "IdempotentCallInProgress", 500, Receiver;
    IdempotentParameterMismatch = "IdempotentParameterMismatchError", "IdempotentParameterMismatch", 400, Sender;
    InstanceRefreshInProgress = "InstanceRefreshInProgressFault", "InstanceRefreshInProgress", 400, Sender;
    InvalidNextToken = "InvalidNextToken", "InvalidNextToken", 400, Sender;
    IrreversibleInstanceRefresh = "IrreversibleInstanceRefreshFault", "IrreversibleInstanceRefresh", 400, Sender;
    LimitExceeded = "LimitExceededFault", "LimitExceeded", 400, Sender;
    ResourceContention = "ResourceContentionFault", "ResourceContention", 500, Receiver;
    ResourceInUse = "ResourceInUseFault", "ResourceInUse", 400, Sender;
    ScalingActivityInProgress = "ScalingActivityInProgressFault", "ScalingActivityInProgress", 400, Sender;
    ServiceLinkedRoleFailure = "ServiceLinkedRoleFailure", "ServiceLinkedRoleFailure", 500, Receiver;
    ValidationError = "ValidationError", "ValidationError", 400, Sender;
}
