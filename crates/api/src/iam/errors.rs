//! Errors of IAM (2010-05-08).
//!
//! Written by `cargo xtask codegen` from `shapes/iam.json` and `shapes/iam.toml`; change those instead.

wire::error_codes! {
    AccountNotManagementOrDelegatedAdministratorException = "AccountNotManagementOrDelegatedAdministratorException", "AccountNotManagementOrDelegatedAdministratorException", 400, Sender;
    CallerIsNotManagementAccountException = "CallerIsNotManagementAccountException", "CallerIsNotManagementAccountException", 400, Sender;
    ConcurrentModification = "ConcurrentModificationException", "ConcurrentModification", 409, Sender;
    DeleteConflict = "DeleteConflictException", "DeleteConflict", 409, Sender;
    DuplicateCertificate = "DuplicateCertificateException", "DuplicateCertificate", 409, Sender;
    DuplicateSSHPublicKey = "DuplicateSSHPublicKeyException", "DuplicateSSHPublicKey", 400, Sender;
    EntityAlreadyExists = "EntityAlreadyExistsException", "EntityAlreadyExists", 409, Sender;
    EntityTemporarilyUnmodifiable = "EntityTemporarilyUnmodifiableException", "EntityTemporarilyUnmodifiable", 409, Sender;
    FeatureDisabled = "FeatureDisabledException", "FeatureDisabled", 404, Sender;
    FeatureEnabled = "FeatureEnabledException", "FeatureEnabled", 409, Sender;
    InvalidAuthenticationCode = "InvalidAuthenticationCodeException", "InvalidAuthenticationCode", 403, Sender;
    InvalidCertificate = "InvalidCertificateException", "InvalidCertificate", 400, Sender;
    InvalidInput = "InvalidInputException", "InvalidInput", 400, Sender;
    InvalidPublicKey = "InvalidPublicKeyException", "InvalidPublicKey", 400, Sender;
    InvalidUserType = "InvalidUserTypeException", "InvalidUserType", 400, Sender;
    KeyPairMismatch = "KeyPairMismatchException", "KeyPairMismatch", 400, Sender;
    LimitExceeded = "LimitExceededException", "LimitExceeded", 409, Sender;
    MalformedCertificate = "MalformedCertificateException", "MalformedCertificate", 400, Sender;
    MalformedPolicyDocument = "MalformedPolicyDocumentException", "MalformedPolicyDocument", 400, Sender;
    NameConflict = "NameConflictException", "NameConflict", 409, Sender;
    NoSuchEntity = "NoSuchEntityException", "NoSuchEntity", 404, Sender;
    NotSupportedService = "ServiceNotSupportedException", "NotSupportedService", 404, Sender;
    OpenIdIdpCommunicationError = "OpenIdIdpCommunicationErrorException", "OpenIdIdpCommunicationError", 400, Sender;
    OrganizationNotFoundException = "OrganizationNotFoundException", "OrganizationNotFoundException", 400, Sender;
    OrganizationNotInAllFeaturesModeException = "OrganizationNotInAllFeaturesModeException", "OrganizationNotInAllFeaturesModeException", 400, Sender;
    PasswordPolicyViolation = "PasswordPolicyViolationException", "PasswordPolicyViolation", 400, Sender;
    PolicyEvaluation = "PolicyEvaluationException", "PolicyEvaluation", 500, Receiver;
    PolicyNotAttachable = "PolicyNotAttachableException", "PolicyNotAttachable", 400, Sender;
    ReportExpired = "CredentialReportExpiredException", "ReportExpired", 410, Sender;
    ReportGenerationLimitExceeded = "ReportGenerationLimitExceededException", "ReportGenerationLimitExceeded", 409, Sender;
    ReportInProgress = "CredentialReportNotReadyException", "ReportInProgress", 404, Sender;
    ReportNotPresent = "CredentialReportNotPresentException", "ReportNotPresent", 410, Sender;
    RoleModified = "RoleModifiedException", "RoleModified", 409, Sender;
    RoleTemplateDisabled = "RoleTemplateDisabledException", "RoleTemplateDisabled", 400, Sender;
    ServiceAccessNotEnabledException = "ServiceAccessNotEnabledException", "ServiceAccessNotEnabledException", 400, Sender;
    ServiceFailure = "ServiceFailureException", "ServiceFailure", 500, Receiver;
    UnmodifiableEntity = "UnmodifiableEntityException", "UnmodifiableEntity", 400, Sender;
    UnrecognizedPublicKeyEncoding = "UnrecognizedPublicKeyEncodingException", "UnrecognizedPublicKeyEncoding", 400, Sender;
    ValidationError = "ValidationError", "ValidationError", 400, Sender;
}
