//! Errors of CloudWatch (2010-08-01).
//!
//! Written by `cargo xtask codegen` from `shapes/cloudwatch.json` and `shapes/cloudwatch.toml`; change those instead.

wire::error_codes! {
    ConcurrentModificationException = "ConcurrentModificationException", "ConcurrentModificationException", 429, Sender;
    ConflictException = "ConflictException", "ConflictException", 409, Sender;
    DashboardNotFoundError = "DashboardNotFoundError", "ResourceNotFound", 404, Sender;
    InternalServiceError = "InternalServiceFault", "InternalServiceError", 500, Receiver;
    InvalidFormat = "InvalidFormatFault", "InvalidFormat", 400, Sender;
    InvalidNextToken = "InvalidNextToken", "InvalidNextToken", 400, Sender;
    InvalidParameterCombination = "InvalidParameterCombinationException", "InvalidParameterCombination", 400, Sender;
    InvalidParameterInput = "DashboardInvalidInputError", "InvalidParameterInput", 400, Sender;
    InvalidParameterValue = "InvalidParameterValueException", "InvalidParameterValue", 400, Sender;
    KmsAccessDeniedException = "KmsAccessDeniedException", "KmsAccessDeniedException", 400, Sender;
    KmsKeyDisabledException = "KmsKeyDisabledException", "KmsKeyDisabledException", 400, Sender;
    KmsKeyNotFoundException = "KmsKeyNotFoundException", "KmsKeyNotFoundException", 400, Sender;
    LimitExceeded = "LimitExceededFault", "LimitExceeded", 400, Sender;
    LimitExceededException = "LimitExceededException", "LimitExceededException", 400, Sender;
    MissingParameter = "MissingRequiredParameterException", "MissingParameter", 400, Sender;
    ResourceConflict = "ResourceConflict", "ResourceConflict", 409, Sender;
    ResourceNotFound = "ResourceNotFound", "ResourceNotFound", 404, Sender;
    ResourceNotFoundException = "ResourceNotFoundException", "ResourceNotFoundException", 404, Sender;
    ValidationError = "ValidationException", "ValidationError", 400, Sender;
}
