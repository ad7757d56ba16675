//! Errors of Elastic Load Balancing v2 (2015-12-01).
//!
//! Written by `cargo xtask codegen` from `shapes/elbv2.json` and `shapes/elbv2.toml`; change those instead.

wire::error_codes! {
    ALPNPolicyNotFound = "ALPNPolicyNotSupportedException", "ALPNPolicyNotFound", 400, Sender;
    AllocationIdNotFound = "AllocationIdNotFoundException", "AllocationIdNotFound", 400, Sender;
    AssociationNotFound = "TrustStoreAssociationNotFoundException", "AssociationNotFound", 400, Sender;
    AvailabilityZoneNotSupported = "AvailabilityZoneNotSupportedException", "AvailabilityZoneNotSupported", 400, Sender;
    CaCertificatesBundleNotFound = "CaCertificatesBundleNotFoundException", "CaCertificatesBundleNotFound", 400, Sender;
    CapacityDecreaseRequestLimitExceeded = "CapacityDecreaseRequestsLimitExceededException", "CapacityDecreaseRequestLimitExceeded", 400, Sender;
    CapacityReservationPending = "CapacityReservationPendingException", "CapacityReservationPending", 400, Sender;
    CapacityUnitsLimitExceeded = "CapacityUnitsLimitExceededException", "CapacityUnitsLimitExceeded", 400, Sender;
    CertificateNotFound = "CertificateNotFoundException", "CertificateNotFound", 400, Sender;
    DeleteAssociationSameAccount = "DeleteAssociationSameAccountException", "DeleteAssociationSameAccount", 400, Sender;
    DuplicateListener = "DuplicateListenerException", "DuplicateListener", 400, Sender;
    DuplicateLoadBalancerName = "DuplicateLoadBalancerNameException", "DuplicateLoadBalancerName", 400, Sender;
    DuplicateTagKeys = "DuplicateTagKeysException", "DuplicateTagKeys", 400, Sender;
    DuplicateTargetGroupName = "DuplicateTargetGroupNameException", "DuplicateTargetGroupName", 400, Sender;
    DuplicateTrustStoreName = "DuplicateTrustStoreNameException", "DuplicateTrustStoreName", 400, Sender;
    HealthUnavailable = "HealthUnavailableException", "HealthUnavailable", 500, Receiver;
    IncompatibleProtocols = "IncompatibleProtocolsException", "IncompatibleProtocols", 400, Sender;
    InsufficientCapacity = "InsufficientCapacityException", "InsufficientCapacity", 500, Receiver;
    InvalidCaCertificatesBundle = "InvalidCaCertificatesBundleException", "InvalidCaCertificatesBundle", 400, Sender;
    InvalidConfigurationRequest = "InvalidConfigurationRequestException", "InvalidConfigurationRequest", 400, Sender;
    InvalidLoadBalancerAction = "InvalidLoadBalancerActionException", "InvalidLoadBalancerAction", 400, Sender;
    InvalidRevocationContent = "InvalidRevocationContentException", "InvalidRevocationContent", 400, Sender;
    InvalidScheme = "InvalidSchemeException", "InvalidScheme", 400, Sender;
    InvalidSecurityGroup = "InvalidSecurityGroupException", "InvalidSecurityGroup", 400, Sender;
    InvalidSubnet = "InvalidSubnetException", "InvalidSubnet", 400, Sender;
    InvalidTarget = "InvalidTargetException", "InvalidTarget", 400, Sender;
    ListenerNotFound = "ListenerNotFoundException", "ListenerNotFound", 400, Sender;
    LoadBalancerNotFound = "LoadBalancerNotFoundException", "LoadBalancerNotFound", 400, Sender;
    OperationNotPermitted = "OperationNotPermittedException", "OperationNotPermitted", 400, Sender;
    PriorRequestNotComplete = "PriorRequestNotCompleteException", "PriorRequestNotComplete", 429, Sender;
    PriorityInUse = "PriorityInUseException", "PriorityInUse", 400, Sender;
    ResourceInUse = "ResourceInUseException", "ResourceInUse", 400, Sender;
    ResourceNotFound = "ResourceNotFoundException", "ResourceNotFound", 400, Sender;
    RevocationContentNotFound = "RevocationContentNotFoundException", "RevocationContentNotFound", 400, Sender;
    RevocationIdNotFound = "RevocationIdNotFoundException", "RevocationIdNotFound", 400, Sender;
    RuleNotFound = "RuleNotFoundException", "RuleNotFound", 400, Sender;
    SSLPolicyNotFound = "SSLPolicyNotFoundException", "SSLPolicyNotFound", 400, Sender;
    ServiceUnavailable = "ServiceUnavailable", "ServiceUnavailable", 503, Receiver;
    SubnetNotFound = "SubnetNotFoundException", "SubnetNotFound", 400, Sender;
    TargetGroupAssociationLimit = "TargetGroupAssociationLimitException", "TargetGroupAssociationLimit", 400, Sender;
    TargetGroupNotFound = "TargetGroupNotFoundException", "TargetGroupNotFound", 400, Sender;
    TooManyActions = "TooManyActionsException", "TooManyActions", 400, Sender;
    TooManyCertificates = "TooManyCertificatesException", "TooManyCertificates", 400, Sender;
    TooManyListeners = "TooManyListenersException", "TooManyListeners", 400, Sender;
    TooManyLoadBalancers = "TooManyLoadBalancersException", "TooManyLoadBalancers", 400, Sender;
    TooManyRegistrationsForTargetId = "TooManyRegistrationsForTargetIdException", "TooManyRegistrationsForTargetId", 400, Sender;
    TooManyRules = "TooManyRulesException", "TooManyRules", 400, Sender;
    TooManyTags = "TooManyTagsException", "TooManyTags", 400, Sender;
    TooManyTargetGroups = "TooManyTargetGroupsException", "TooManyTargetGroups", 400, Sender;
    TooManyTargets = "TooManyTargetsException", "TooManyTargets", 400, Sender;
    TooManyTrustStoreRevocationEntries = "TooManyTrustStoreRevocationEntriesException", "TooManyTrustStoreRevocationEntries", 400, Sender;
    TooManyTrustStores = "TooManyTrustStoresException", "TooManyTrustStores", 400, Sender;
    TooManyUniqueTargetGroupsPerLoadBalancer = "TooManyUniqueTargetGroupsPerLoadBalancerException", "TooManyUniqueTargetGroupsPerLoadBalancer", 400, Sender;
    TrustStoreInUse = "TrustStoreInUseException", "TrustStoreInUse", 400, Sender;
    TrustStoreNotFound = "TrustStoreNotFoundException", "TrustStoreNotFound", 400, Sender;
    TrustStoreNotReady = "TrustStoreNotReadyException", "TrustStoreNotReady", 400, Sender;
    UnsupportedProtocol = "UnsupportedProtocolException", "UnsupportedProtocol", 400, Sender;
    ValidationError = "ValidationError", "ValidationError", 400, Sender;
}
