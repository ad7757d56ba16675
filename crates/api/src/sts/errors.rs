//! Errors of STS (2011-06-15).
//!
//! Written by `cargo xtask codegen` from `shapes/sts.json` and `shapes/sts.toml`; change those instead.

wire::error_codes! {
    ExpiredTokenException = "ExpiredTokenException", "ExpiredTokenException", 400, Sender;
    ExpiredTradeInTokenException = "ExpiredTradeInTokenException", "ExpiredTradeInTokenException", 400, Sender;
    IDPCommunicationError = "IDPCommunicationErrorException", "IDPCommunicationError", 400, Sender;
    IDPRejectedClaim = "IDPRejectedClaimException", "IDPRejectedClaim", 403, Sender;
    InvalidAuthorizationMessageException = "InvalidAuthorizationMessageException", "InvalidAuthorizationMessageException", 400, Sender;
    InvalidIdentityToken = "InvalidIdentityTokenException", "InvalidIdentityToken", 400, Sender;
    JWTPayloadSizeExceededException = "JWTPayloadSizeExceededException", "JWTPayloadSizeExceededException", 400, Sender;
    MalformedPolicyDocument = "MalformedPolicyDocumentException", "MalformedPolicyDocument", 400, Sender;
    OutboundWebIdentityFederationDisabledException = "OutboundWebIdentityFederationDisabledException", "OutboundWebIdentityFederationDisabledException", 403, Sender;
    PackedPolicyTooLarge = "PackedPolicyTooLargeException", "PackedPolicyTooLarge", 400, Sender;
    RegionDisabledException = "RegionDisabledException", "RegionDisabledException", 403, Sender;
    SessionDurationEscalationException = "SessionDurationEscalationException", "SessionDurationEscalationException", 403, Sender;
    ValidationError = "ValidationError", "ValidationError", 400, Sender;
}
