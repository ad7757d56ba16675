//! Errors of ACM (2015-12-08).
//!
//! Written by `cargo xtask codegen` from `shapes/acm.json` and `shapes/acm.toml`; change those instead.

wire::error_codes! {
    AccessDeniedException = "AccessDeniedException", "AccessDeniedException", 400, Sender;
    ConflictException = "ConflictException", "ConflictException", 400, Sender;
    InternalServerException = "InternalServerException", "InternalServerException", 500, Receiver;
    InvalidArgsException = "InvalidArgsException", "InvalidArgsException", 400, Sender;
    InvalidArnException = "InvalidArnException", "InvalidArnException", 400, Sender;
    InvalidDomainValidationOptionsException = "InvalidDomainValidationOptionsException", "InvalidDomainValidationOptionsException", 400, Sender;
    InvalidParameterException = "InvalidParameterException", "InvalidParameterException", 400, Sender;
    InvalidStateException = "InvalidStateException", "InvalidStateException", 400, Sender;
    InvalidTagException = "InvalidTagException", "InvalidTagException", 400, Sender;
    LimitExceededException = "LimitExceededException", "LimitExceededException", 400, Sender;
    RequestInProgressException = "RequestInProgressException", "RequestInProgressException", 400, Sender;
    ResourceInUseException = "ResourceInUseException", "ResourceInUseException", 400, Sender;
    ResourceNotFoundException = "ResourceNotFoundException", "ResourceNotFoundException", 400, Sender;
    ServiceQuotaExceededException = "ServiceQuotaExceededException", "ServiceQuotaExceededException", 400, Sender;
    TagPolicyException = "TagPolicyException", "TagPolicyException", 400, Sender;
    ThrottlingException = "ThrottlingException", "ThrottlingException", 400, Sender;
    TooManyTagsException = "TooManyTagsException", "TooManyTagsException", 400, Sender;
    ValidationException = "ValidationException", "ValidationException", 400, Sender;
}
