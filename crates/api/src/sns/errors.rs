//! Errors of SNS (2010-03-31).
//!
//! Written by `cargo xtask codegen` from `shapes/sns.json` and `shapes/sns.toml`; change those instead.

wire::error_codes! {
    AuthorizationError = "AuthorizationErrorException", "AuthorizationError", 403, Sender;
    BatchEntryIdsNotDistinct = "BatchEntryIdsNotDistinctException", "BatchEntryIdsNotDistinct", 400, Sender;
    BatchRequestTooLong = "BatchRequestTooLongException", "BatchRequestTooLong", 400, Sender;
    ConcurrentAccess = "ConcurrentAccessException", "ConcurrentAccess", 400, Sender;
    EmptyBatchRequest = "EmptyBatchRequestException", "EmptyBatchRequest", 400, Sender;
    EndpointDisabled = "EndpointDisabledException", "EndpointDisabled", 400, Sender;
    FilterPolicyLimitExceeded = "FilterPolicyLimitExceededException", "FilterPolicyLimitExceeded", 403, Sender;
    InternalError = "InternalErrorException", "InternalError", 500, Receiver;
    InvalidBatchEntryId = "InvalidBatchEntryIdException", "InvalidBatchEntryId", 400, Sender;
    InvalidParameter = "InvalidParameterException", "InvalidParameter", 400, Sender;
    InvalidSecurity = "InvalidSecurityException", "InvalidSecurity", 403, Sender;
    InvalidState = "InvalidStateException", "InvalidState", 400, Sender;
    KMSAccessDenied = "KMSAccessDeniedException", "KMSAccessDenied", 400, Sender;
    KMSDisabled = "KMSDisabledException", "KMSDisabled", 400, Sender;
    KMSInvalidState = "KMSInvalidStateException", "KMSInvalidState", 400, Sender;
    KMSNotFound = "KMSNotFoundException", "KMSNotFound", 400, Sender;
    KMSOptInRequired = "KMSOptInRequired", "KMSOptInRequired", 403, Sender;
    KMSThrottling = "KMSThrottlingException", "KMSThrottling", 400, Sender;
    MalformedQueryString = "MalformedQueryString", "MalformedQueryString", 400, Sender;
    NotFound = "NotFoundException", "NotFound", 404, Sender;
    OptedOut = "OptedOutException", "OptedOut", 400, Sender;
    ParameterValueInvalid = "InvalidParameterValueException", "ParameterValueInvalid", 400, Sender;
    PlatformApplicationDisabled = "PlatformApplicationDisabledException", "PlatformApplicationDisabled", 400, Sender;
    ReplayLimitExceeded = "ReplayLimitExceededException", "ReplayLimitExceeded", 403, Sender;
    ResourceNotFound = "ResourceNotFoundException", "ResourceNotFound", 404, Sender;
    StaleTag = "StaleTagException", "StaleTag", 400, Sender;
    SubscriptionLimitExceeded = "SubscriptionLimitExceededException", "SubscriptionLimitExceeded", 403, Sender;
    TagLimitExceeded = "TagLimitExceededException", "TagLimitExceeded", 400, Sender;
    TagPolicy = "TagPolicyException", "TagPolicy", 400, Sender;
    Throttled = "ThrottledException", "Throttled", 429, Sender;
    TooManyEntriesInBatchRequest = "TooManyEntriesInBatchRequestException", "TooManyEntriesInBatchRequest", 400, Sender;
    TopicLimitExceeded = "TopicLimitExceededException", "TopicLimitExceeded", 403, Sender;
    UserError = "UserErrorException", "UserError", 400, Sender;
    ValidationError = "ValidationError", "ValidationError", 400, Sender;
    ValidationException = "ValidationException", "ValidationException", 400, Sender;
    VerificationException = "VerificationException", "VerificationException", 400, Sender;
}
