//! Shape tables of Elastic Load Balancing v2 (2015-12-01).
//!
//! Written by `cargo xtask codegen` from `shapes/elbv2.json` and `shapes/elbv2.toml`; change those instead.

use super::types;
use wire::shape::{BOOLEAN, DOUBLE, INTEGER, Kind, LONG, Member, Pattern, STRING, Shape, TIMESTAMP};

pub static ACTION: Shape = Shape::structure(
    "Action",
    &[
        Member::refused("AuthenticateCognitoConfig", "authentication comes with a later release"),
        Member::refused("AuthenticateOidcConfig", "authentication comes with a later release"),
        Member::new("FixedResponseConfig", &FIXED_RESPONSE_ACTION_CONFIG),
        Member::new("ForwardConfig", &FORWARD_ACTION_CONFIG),
        Member::refused("JwtValidationConfig", "authentication comes with a later release"),
        Member::new("Order", &ACTION_ORDER),
        Member::new("RedirectConfig", &REDIRECT_ACTION_CONFIG),
        Member::new("TargetGroupArn", &STRING),
        Member::new("Type", &ACTION_TYPE_ENUM).required(),
    ],
);
pub static ACTION_ORDER: Shape = Shape::new("ActionOrder", Kind::Integer).min(1.0).max(50000.0);
pub static ACTION_TYPE_ENUM: Shape = Shape::new("ActionTypeEnum", Kind::String).values(types::ActionTypeEnum::NAMES);
pub static ACTIONS: Shape = Shape::list("Actions", &ACTION);
pub static ADD_LISTENER_CERTIFICATES_INPUT: Shape = Shape::structure(
    "AddListenerCertificatesInput",
    &[Member::new("Certificates", &CERTIFICATE_LIST).required(), Member::new("ListenerArn", &STRING).required()],
);
pub static ADD_LISTENER_CERTIFICATES_OUTPUT: Shape =
    Shape::structure("AddListenerCertificatesOutput", &[Member::new("Certificates", &CERTIFICATE_LIST)]);
pub static ADD_TAGS_INPUT: Shape = Shape::structure(
    "AddTagsInput",
    &[Member::new("ResourceArns", &RESOURCE_ARNS).required(), Member::new("Tags", &TAG_LIST).required()],
);
pub static ADD_TAGS_OUTPUT: Shape = Shape::structure("AddTagsOutput", &[]);
pub static ADD_TRUST_STORE_REVOCATIONS_INPUT: Shape = Shape::structure(
    "AddTrustStoreRevocationsInput",
    &[Member::new("RevocationContents", &REVOCATION_CONTENTS), Member::new("TrustStoreArn", &STRING).required()],
);
pub static ADD_TRUST_STORE_REVOCATIONS_OUTPUT: Shape = Shape::structure(
    "AddTrustStoreRevocationsOutput",
    &[Member::new("TrustStoreRevocations", &TRUST_STORE_REVOCATIONS)],
);
pub static ADMINISTRATIVE_OVERRIDE: Shape = Shape::structure(
    "AdministrativeOverride",
    &[
        Member::new("Description", &STRING),
        Member::new("Reason", &TARGET_ADMINISTRATIVE_OVERRIDE_REASON_ENUM),
        Member::new("State", &TARGET_ADMINISTRATIVE_OVERRIDE_STATE_ENUM),
    ],
);
pub static ADVERTISE_TRUST_STORE_CA_NAMES_ENUM: Shape =
    Shape::new("AdvertiseTrustStoreCaNamesEnum", Kind::String).values(types::AdvertiseTrustStoreCaNamesEnum::NAMES);
pub static ANOMALY_DETECTION: Shape = Shape::structure(
    "AnomalyDetection",
    &[Member::new("MitigationInEffect", &MITIGATION_IN_EFFECT_ENUM), Member::new("Result", &ANOMALY_RESULT_ENUM)],
);
pub static ANOMALY_RESULT_ENUM: Shape =
    Shape::new("AnomalyResultEnum", Kind::String).values(types::AnomalyResultEnum::NAMES);
pub static AVAILABILITY_ZONE: Shape = Shape::structure(
    "AvailabilityZone",
    &[
        Member::new("LoadBalancerAddresses", &LOAD_BALANCER_ADDRESSES),
        Member::new("SubnetId", &STRING),
        Member::new("ZoneName", &STRING),
    ],
);
pub static AVAILABILITY_ZONES: Shape = Shape::list("AvailabilityZones", &AVAILABILITY_ZONE);
pub static CAPACITY_RESERVATION_STATE_ENUM: Shape =
    Shape::new("CapacityReservationStateEnum", Kind::String).values(types::CapacityReservationStateEnum::NAMES);
pub static CAPACITY_RESERVATION_STATUS: Shape = Shape::structure(
    "CapacityReservationStatus",
    &[Member::new("Code", &CAPACITY_RESERVATION_STATE_ENUM), Member::new("Reason", &STRING)],
);
pub static CERTIFICATE: Shape = Shape::structure("Certificate", &[
    Member::new("CertificateArn", &STRING).required(),
    Member::new("IsDefault", &BOOLEAN).answer_only("it is shown, never given: Certificates of a listener is its default certificate, AddListenerCertificates adds others"),
]);
pub static CERTIFICATE_LIST: Shape = Shape::list("CertificateList", &CERTIFICATE);
pub static CIPHER: Shape =
    Shape::structure("Cipher", &[Member::new("Name", &STRING), Member::new("Priority", &INTEGER)]);
pub static CIPHERS: Shape = Shape::list("Ciphers", &CIPHER);
pub static CONDITION_FIELD_NAME: Shape = Shape::new("ConditionFieldName", Kind::String).max(64.0);
pub static CREATE_LISTENER_INPUT: Shape = Shape::structure(
    "CreateListenerInput",
    &[
        Member::refused(
            "AlpnPolicy",
            "it belongs to TLS listeners of Network Load Balancers; HTTPS listeners offer HTTP/2 by the attribute routing.http2.enabled of the load balancer",
        ),
        Member::new("Certificates", &CERTIFICATE_LIST),
        Member::new("DefaultActions", &ACTIONS).required(),
        Member::new("LoadBalancerArn", &STRING).required(),
        Member::new("MutualAuthentication", &MUTUAL_AUTHENTICATION_ATTRIBUTES),
        Member::new("Port", &PORT),
        Member::new("Protocol", &PROTOCOL_ENUM),
        Member::new("SslPolicy", &STRING),
        Member::new("Tags", &TAG_LIST),
    ],
);
pub static CREATE_LISTENER_OUTPUT: Shape =
    Shape::structure("CreateListenerOutput", &[Member::new("Listeners", &LISTENERS)]);
pub static CREATE_LOAD_BALANCER_INPUT: Shape = Shape::structure(
    "CreateLoadBalancerInput",
    &[
        Member::refused("CustomerOwnedIpv4Pool", "Goru has no Outposts"),
        Member::refused("EnablePrefixForIpv6SourceNat", "Network Load Balancers come with a later release"),
        Member::new("IpAddressType", &IP_ADDRESS_TYPE),
        Member::refused("IpamPools", "Goru has no IP address manager"),
        Member::new("Name", &LOAD_BALANCER_NAME).required(),
        Member::new("Scheme", &LOAD_BALANCER_SCHEME_ENUM),
        Member::new("SecurityGroups", &SECURITY_GROUPS),
        Member::new("SubnetMappings", &SUBNET_MAPPINGS),
        Member::new("Subnets", &SUBNETS),
        Member::new("Tags", &TAG_LIST),
        Member::new("Type", &LOAD_BALANCER_TYPE_ENUM),
    ],
);
pub static CREATE_LOAD_BALANCER_OUTPUT: Shape =
    Shape::structure("CreateLoadBalancerOutput", &[Member::new("LoadBalancers", &LOAD_BALANCERS)]);
pub static CREATE_RULE_INPUT: Shape = Shape::structure(
    "CreateRuleInput",
    &[
        Member::new("Actions", &ACTIONS).required(),
        Member::new("Conditions", &RULE_CONDITION_LIST).required(),
        Member::new("ListenerArn", &STRING).required(),
        Member::new("Priority", &RULE_PRIORITY).required(),
        Member::new("Tags", &TAG_LIST),
        Member::new("Transforms", &RULE_TRANSFORM_LIST),
    ],
);
pub static CREATE_RULE_OUTPUT: Shape = Shape::structure("CreateRuleOutput", &[Member::new("Rules", &RULES)]);
pub static CREATE_TARGET_GROUP_INPUT: Shape = Shape::structure(
    "CreateTargetGroupInput",
    &[
        Member::new("HealthCheckEnabled", &BOOLEAN),
        Member::new("HealthCheckIntervalSeconds", &HEALTH_CHECK_INTERVAL_SECONDS),
        Member::new("HealthCheckPath", &PATH),
        Member::new("HealthCheckPort", &STRING),
        Member::new("HealthCheckProtocol", &PROTOCOL_ENUM),
        Member::new("HealthCheckTimeoutSeconds", &HEALTH_CHECK_TIMEOUT_SECONDS),
        Member::new("HealthyThresholdCount", &HEALTH_CHECK_THRESHOLD_COUNT),
        Member::new("IpAddressType", &TARGET_GROUP_IP_ADDRESS_TYPE_ENUM),
        Member::new("Matcher", &MATCHER),
        Member::new("Name", &TARGET_GROUP_NAME).required(),
        Member::new("Port", &PORT),
        Member::new("Protocol", &PROTOCOL_ENUM),
        Member::new("ProtocolVersion", &STRING),
        Member::new("Tags", &TAG_LIST),
        Member::refused("TargetControlPort", "the target optimizer is not part of Goru"),
        Member::new("TargetType", &TARGET_TYPE_ENUM),
        Member::new("UnhealthyThresholdCount", &HEALTH_CHECK_THRESHOLD_COUNT),
        Member::new("VpcId", &STRING),
    ],
);
pub static CREATE_TARGET_GROUP_OUTPUT: Shape =
    Shape::structure("CreateTargetGroupOutput", &[Member::new("TargetGroups", &TARGET_GROUPS)]);
pub static CREATE_TRUST_STORE_INPUT: Shape = Shape::structure(
    "CreateTrustStoreInput",
    &[
        Member::new("CaCertificatesBundleS3Bucket", &STRING).required(),
        Member::new("CaCertificatesBundleS3Key", &STRING).required(),
        Member::refused(
            "CaCertificatesBundleS3ObjectVersion",
            "the files that stand for objects of S3 have no versions",
        ),
        Member::new("Name", &TRUST_STORE_NAME).required(),
        Member::new("Tags", &TAG_LIST),
    ],
);
pub static CREATE_TRUST_STORE_OUTPUT: Shape =
    Shape::structure("CreateTrustStoreOutput", &[Member::new("TrustStores", &TRUST_STORES)]);
pub static DELETE_LISTENER_INPUT: Shape =
    Shape::structure("DeleteListenerInput", &[Member::new("ListenerArn", &STRING).required()]);
pub static DELETE_LISTENER_OUTPUT: Shape = Shape::structure("DeleteListenerOutput", &[]);
pub static DELETE_LOAD_BALANCER_INPUT: Shape =
    Shape::structure("DeleteLoadBalancerInput", &[Member::new("LoadBalancerArn", &STRING).required()]);
pub static DELETE_LOAD_BALANCER_OUTPUT: Shape = Shape::structure("DeleteLoadBalancerOutput", &[]);
pub static DELETE_RULE_INPUT: Shape =
    Shape::structure("DeleteRuleInput", &[Member::new("RuleArn", &STRING).required()]);
pub static DELETE_RULE_OUTPUT: Shape = Shape::structure("DeleteRuleOutput", &[]);
pub static DELETE_TARGET_GROUP_INPUT: Shape =
    Shape::structure("DeleteTargetGroupInput", &[Member::new("TargetGroupArn", &STRING).required()]);
pub static DELETE_TARGET_GROUP_OUTPUT: Shape = Shape::structure("DeleteTargetGroupOutput", &[]);
pub static DELETE_TRUST_STORE_INPUT: Shape =
    Shape::structure("DeleteTrustStoreInput", &[Member::new("TrustStoreArn", &STRING).required()]);
pub static DELETE_TRUST_STORE_OUTPUT: Shape = Shape::structure("DeleteTrustStoreOutput", &[]);
pub static DEREGISTER_TARGETS_INPUT: Shape = Shape::structure(
    "DeregisterTargetsInput",
    &[Member::new("TargetGroupArn", &STRING).required(), Member::new("Targets", &TARGET_DESCRIPTIONS).required()],
);
pub static DEREGISTER_TARGETS_OUTPUT: Shape = Shape::structure("DeregisterTargetsOutput", &[]);
pub static DESCRIBE_ACCOUNT_LIMITS_INPUT: Shape = Shape::structure(
    "DescribeAccountLimitsInput",
    &[Member::new("Marker", &STRING), Member::new("PageSize", &PAGE_SIZE)],
);
pub static DESCRIBE_ACCOUNT_LIMITS_OUTPUT: Shape = Shape::structure(
    "DescribeAccountLimitsOutput",
    &[Member::new("Limits", &LIMITS), Member::new("NextMarker", &STRING)],
);
pub static DESCRIBE_CAPACITY_RESERVATION_INPUT: Shape =
    Shape::structure("DescribeCapacityReservationInput", &[Member::new("LoadBalancerArn", &STRING).required()]);
pub static DESCRIBE_CAPACITY_RESERVATION_OUTPUT: Shape = Shape::structure(
    "DescribeCapacityReservationOutput",
    &[
        Member::new("CapacityReservationState", &ZONAL_CAPACITY_RESERVATION_STATES),
        Member::new("DecreaseRequestsRemaining", &INTEGER),
        Member::new("LastModifiedTime", &TIMESTAMP),
        Member::new("MinimumLoadBalancerCapacity", &MINIMUM_LOAD_BALANCER_CAPACITY),
    ],
);
pub static DESCRIBE_LISTENER_ATTRIBUTES_INPUT: Shape =
    Shape::structure("DescribeListenerAttributesInput", &[Member::new("ListenerArn", &STRING).required()]);
pub static DESCRIBE_LISTENER_ATTRIBUTES_OUTPUT: Shape =
    Shape::structure("DescribeListenerAttributesOutput", &[Member::new("Attributes", &LISTENER_ATTRIBUTES)]);
pub static DESCRIBE_LISTENER_CERTIFICATES_INPUT: Shape = Shape::structure(
    "DescribeListenerCertificatesInput",
    &[
        Member::new("ListenerArn", &STRING).required(),
        Member::new("Marker", &STRING),
        Member::new("PageSize", &PAGE_SIZE),
    ],
);
pub static DESCRIBE_LISTENER_CERTIFICATES_OUTPUT: Shape = Shape::structure(
    "DescribeListenerCertificatesOutput",
    &[Member::new("Certificates", &CERTIFICATE_LIST), Member::new("NextMarker", &STRING)],
);
pub static DESCRIBE_LISTENERS_INPUT: Shape = Shape::structure(
    "DescribeListenersInput",
    &[
        Member::new("ListenerArns", &LISTENER_ARNS),
        Member::new("LoadBalancerArn", &STRING),
        Member::new("Marker", &STRING),
        Member::new("PageSize", &PAGE_SIZE),
    ],
);
pub static DESCRIBE_LISTENERS_OUTPUT: Shape = Shape::structure(
    "DescribeListenersOutput",
    &[Member::new("Listeners", &LISTENERS), Member::new("NextMarker", &STRING)],
);
pub static DESCRIBE_LOAD_BALANCER_ATTRIBUTES_INPUT: Shape =
    Shape::structure("DescribeLoadBalancerAttributesInput", &[Member::new("LoadBalancerArn", &STRING).required()]);
pub static DESCRIBE_LOAD_BALANCER_ATTRIBUTES_OUTPUT: Shape =
    Shape::structure("DescribeLoadBalancerAttributesOutput", &[Member::new("Attributes", &LOAD_BALANCER_ATTRIBUTES)]);
pub static DESCRIBE_LOAD_BALANCERS_INPUT: Shape = Shape::structure(
    "DescribeLoadBalancersInput",
    &[
        Member::new("LoadBalancerArns", &LOAD_BALANCER_ARNS),
        Member::new("Marker", &STRING),
        Member::new("Names", &LOAD_BALANCER_NAMES),
        Member::new("PageSize", &PAGE_SIZE),
    ],
);
pub static DESCRIBE_LOAD_BALANCERS_OUTPUT: Shape = Shape::structure(
    "DescribeLoadBalancersOutput",
    &[Member::new("LoadBalancers", &LOAD_BALANCERS), Member::new("NextMarker", &STRING)],
);
pub static DESCRIBE_RULES_INPUT: Shape = Shape::structure(
    "DescribeRulesInput",
    &[
        Member::new("ListenerArn", &STRING),
        Member::new("Marker", &STRING),
        Member::new("PageSize", &PAGE_SIZE),
        Member::new("RuleArns", &RULE_ARNS),
    ],
);
pub static DESCRIBE_RULES_OUTPUT: Shape =
    Shape::structure("DescribeRulesOutput", &[Member::new("NextMarker", &STRING), Member::new("Rules", &RULES)]);
pub static DESCRIBE_SSL_POLICIES_INPUT: Shape = Shape::structure(
    "DescribeSSLPoliciesInput",
    &[
        Member::new("LoadBalancerType", &LOAD_BALANCER_TYPE_ENUM),
        Member::new("Marker", &STRING),
        Member::new("Names", &SSL_POLICY_NAMES),
        Member::new("PageSize", &PAGE_SIZE),
    ],
);
pub static DESCRIBE_SSL_POLICIES_OUTPUT: Shape = Shape::structure(
    "DescribeSSLPoliciesOutput",
    &[Member::new("NextMarker", &STRING), Member::new("SslPolicies", &SSL_POLICIES)],
);
pub static DESCRIBE_TAGS_INPUT: Shape =
    Shape::structure("DescribeTagsInput", &[Member::new("ResourceArns", &RESOURCE_ARNS).required()]);
pub static DESCRIBE_TAGS_OUTPUT: Shape =
    Shape::structure("DescribeTagsOutput", &[Member::new("TagDescriptions", &TAG_DESCRIPTIONS)]);
pub static DESCRIBE_TARGET_GROUP_ATTRIBUTES_INPUT: Shape =
    Shape::structure("DescribeTargetGroupAttributesInput", &[Member::new("TargetGroupArn", &STRING).required()]);
pub static DESCRIBE_TARGET_GROUP_ATTRIBUTES_OUTPUT: Shape =
    Shape::structure("DescribeTargetGroupAttributesOutput", &[Member::new("Attributes", &TARGET_GROUP_ATTRIBUTES)]);
pub static DESCRIBE_TARGET_GROUPS_INPUT: Shape = Shape::structure(
    "DescribeTargetGroupsInput",
    &[
        Member::new("LoadBalancerArn", &STRING),
        Member::new("Marker", &STRING),
        Member::new("Names", &TARGET_GROUP_NAMES),
        Member::new("PageSize", &PAGE_SIZE),
        Member::new("TargetGroupArns", &TARGET_GROUP_ARNS),
    ],
);
pub static DESCRIBE_TARGET_GROUPS_OUTPUT: Shape = Shape::structure(
    "DescribeTargetGroupsOutput",
    &[Member::new("NextMarker", &STRING), Member::new("TargetGroups", &TARGET_GROUPS)],
);
pub static DESCRIBE_TARGET_HEALTH_INPUT: Shape = Shape::structure(
    "DescribeTargetHealthInput",
    &[
        Member::new("Include", &LIST_OF_DESCRIBE_TARGET_HEALTH_INCLUDE_OPTIONS),
        Member::new("TargetGroupArn", &STRING).required(),
        Member::new("Targets", &TARGET_DESCRIPTIONS),
    ],
);
pub static DESCRIBE_TARGET_HEALTH_INPUT_INCLUDE_ENUM: Shape =
    Shape::new("DescribeTargetHealthInputIncludeEnum", Kind::String)
        .values(types::DescribeTargetHealthInputIncludeEnum::NAMES);
pub static DESCRIBE_TARGET_HEALTH_OUTPUT: Shape = Shape::structure(
    "DescribeTargetHealthOutput",
    &[Member::new("TargetHealthDescriptions", &TARGET_HEALTH_DESCRIPTIONS)],
);
pub static DESCRIBE_TRUST_STORE_ASSOCIATIONS_INPUT: Shape = Shape::structure(
    "DescribeTrustStoreAssociationsInput",
    &[
        Member::new("Marker", &STRING),
        Member::new("PageSize", &PAGE_SIZE),
        Member::new("TrustStoreArn", &STRING).required(),
    ],
);
pub static DESCRIBE_TRUST_STORE_ASSOCIATIONS_OUTPUT: Shape = Shape::structure(
    "DescribeTrustStoreAssociationsOutput",
    &[Member::new("NextMarker", &STRING), Member::new("TrustStoreAssociations", &TRUST_STORE_ASSOCIATIONS)],
);
pub static DESCRIBE_TRUST_STORE_REVOCATION: Shape = Shape::structure(
    "DescribeTrustStoreRevocation",
    &[
        Member::new("NumberOfRevokedEntries", &LONG),
        Member::new("RevocationId", &LONG),
        Member::new("RevocationType", &REVOCATION_TYPE),
        Member::new("TrustStoreArn", &STRING),
    ],
);
pub static DESCRIBE_TRUST_STORE_REVOCATION_RESPONSE: Shape =
    Shape::list("DescribeTrustStoreRevocationResponse", &DESCRIBE_TRUST_STORE_REVOCATION);
pub static DESCRIBE_TRUST_STORE_REVOCATIONS_INPUT: Shape = Shape::structure(
    "DescribeTrustStoreRevocationsInput",
    &[
        Member::new("Marker", &STRING),
        Member::new("PageSize", &PAGE_SIZE),
        Member::new("RevocationIds", &REVOCATION_IDS),
        Member::new("TrustStoreArn", &STRING).required(),
    ],
);
pub static DESCRIBE_TRUST_STORE_REVOCATIONS_OUTPUT: Shape = Shape::structure(
    "DescribeTrustStoreRevocationsOutput",
    &[
        Member::new("NextMarker", &STRING),
        Member::new("TrustStoreRevocations", &DESCRIBE_TRUST_STORE_REVOCATION_RESPONSE),
    ],
);
pub static DESCRIBE_TRUST_STORES_INPUT: Shape = Shape::structure(
    "DescribeTrustStoresInput",
    &[
        Member::new("Marker", &STRING),
        Member::new("Names", &TRUST_STORE_NAMES),
        Member::new("PageSize", &PAGE_SIZE),
        Member::new("TrustStoreArns", &TRUST_STORE_ARNS),
    ],
);
pub static DESCRIBE_TRUST_STORES_OUTPUT: Shape = Shape::structure(
    "DescribeTrustStoresOutput",
    &[Member::new("NextMarker", &STRING), Member::new("TrustStores", &TRUST_STORES)],
);
pub static FIXED_RESPONSE_ACTION_CONFIG: Shape = Shape::structure(
    "FixedResponseActionConfig",
    &[
        Member::new("ContentType", &FIXED_RESPONSE_ACTION_CONTENT_TYPE),
        Member::new("MessageBody", &FIXED_RESPONSE_ACTION_MESSAGE),
        Member::new("StatusCode", &FIXED_RESPONSE_ACTION_STATUS_CODE).required(),
    ],
);
pub static FIXED_RESPONSE_ACTION_CONTENT_TYPE: Shape =
    Shape::new("FixedResponseActionContentType", Kind::String).max(32.0);
pub static FIXED_RESPONSE_ACTION_MESSAGE: Shape = Shape::new("FixedResponseActionMessage", Kind::String).max(1024.0);
static FIXED_RESPONSE_ACTION_STATUS_CODE_PATTERN: Pattern = Pattern::new(r"[245][0-9][0-9]");
pub static FIXED_RESPONSE_ACTION_STATUS_CODE: Shape =
    Shape::new("FixedResponseActionStatusCode", Kind::String).pattern(&FIXED_RESPONSE_ACTION_STATUS_CODE_PATTERN);
pub static FORWARD_ACTION_CONFIG: Shape = Shape::structure(
    "ForwardActionConfig",
    &[
        Member::new("TargetGroupStickinessConfig", &TARGET_GROUP_STICKINESS_CONFIG),
        Member::new("TargetGroups", &TARGET_GROUP_LIST),
    ],
);
pub static GRPC_CODE: Shape = Shape::new("GrpcCode", Kind::String).min(1.0).max(255.0);
pub static HEALTH_CHECK_INTERVAL_SECONDS: Shape =
    Shape::new("HealthCheckIntervalSeconds", Kind::Integer).min(5.0).max(300.0);
pub static HEALTH_CHECK_THRESHOLD_COUNT: Shape =
    Shape::new("HealthCheckThresholdCount", Kind::Integer).min(2.0).max(10.0);
pub static HEALTH_CHECK_TIMEOUT_SECONDS: Shape =
    Shape::new("HealthCheckTimeoutSeconds", Kind::Integer).min(2.0).max(120.0);
pub static HOST_HEADER_CONDITION_CONFIG: Shape = Shape::structure(
    "HostHeaderConditionConfig",
    &[Member::new("RegexValues", &LIST_OF_STRING), Member::new("Values", &LIST_OF_STRING)],
);
pub static HOST_HEADER_REWRITE_CONFIG: Shape =
    Shape::structure("HostHeaderRewriteConfig", &[Member::new("Rewrites", &REWRITE_CONFIG_LIST)]);
pub static HTTP_CODE: Shape = Shape::new("HttpCode", Kind::String).min(1.0).max(255.0);
pub static HTTP_HEADER_CONDITION_CONFIG: Shape = Shape::structure(
    "HttpHeaderConditionConfig",
    &[
        Member::new("HttpHeaderName", &STRING).required(),
        Member::new("RegexValues", &LIST_OF_STRING),
        Member::new("Values", &LIST_OF_STRING),
    ],
);
pub static HTTP_REQUEST_METHOD_CONDITION_CONFIG: Shape =
    Shape::structure("HttpRequestMethodConditionConfig", &[Member::new("Values", &LIST_OF_STRING)]);
pub static IP_ADDRESS_TYPE: Shape = Shape::new("IpAddressType", Kind::String).values(types::IpAddressType::NAMES);
pub static LIMIT: Shape = Shape::structure("Limit", &[Member::new("Max", &STRING), Member::new("Name", &STRING)]);
pub static LIMITS: Shape = Shape::list("Limits", &LIMIT);
pub static LIST_OF_DESCRIBE_TARGET_HEALTH_INCLUDE_OPTIONS: Shape =
    Shape::list("ListOfDescribeTargetHealthIncludeOptions", &DESCRIBE_TARGET_HEALTH_INPUT_INCLUDE_ENUM);
pub static LIST_OF_STRING: Shape = Shape::list("ListOfString", &STRING);
pub static LISTENER: Shape = Shape::structure(
    "Listener",
    &[
        Member::new("Certificates", &CERTIFICATE_LIST),
        Member::new("DefaultActions", &ACTIONS),
        Member::new("ListenerArn", &STRING),
        Member::new("LoadBalancerArn", &STRING),
        Member::new("MutualAuthentication", &MUTUAL_AUTHENTICATION_ATTRIBUTES),
        Member::new("Port", &PORT),
        Member::new("Protocol", &PROTOCOL_ENUM),
        Member::new("SslPolicy", &STRING),
    ],
);
pub static LISTENER_ARNS: Shape = Shape::list("ListenerArns", &STRING);
pub static LISTENER_ATTRIBUTE: Shape = Shape::structure(
    "ListenerAttribute",
    &[Member::new("Key", &LISTENER_ATTRIBUTE_KEY), Member::new("Value", &STRING)],
);
static LISTENER_ATTRIBUTE_KEY_PATTERN: Pattern = Pattern::new(r"^[a-zA-Z0-9._]+$");
pub static LISTENER_ATTRIBUTE_KEY: Shape =
    Shape::new("ListenerAttributeKey", Kind::String).max(256.0).pattern(&LISTENER_ATTRIBUTE_KEY_PATTERN);
pub static LISTENER_ATTRIBUTES: Shape = Shape::list("ListenerAttributes", &LISTENER_ATTRIBUTE);
pub static LISTENERS: Shape = Shape::list("Listeners", &LISTENER);
pub static LOAD_BALANCER: Shape = Shape::structure(
    "LoadBalancer",
    &[
        Member::new("AvailabilityZones", &AVAILABILITY_ZONES),
        Member::new("CanonicalHostedZoneId", &STRING),
        Member::new("CreatedTime", &TIMESTAMP),
        Member::new("DNSName", &STRING),
        Member::new("IpAddressType", &IP_ADDRESS_TYPE),
        Member::new("LoadBalancerArn", &STRING),
        Member::new("LoadBalancerName", &LOAD_BALANCER_NAME),
        Member::new("Scheme", &LOAD_BALANCER_SCHEME_ENUM),
        Member::new("SecurityGroups", &SECURITY_GROUPS),
        Member::new("State", &LOAD_BALANCER_STATE),
        Member::new("Type", &LOAD_BALANCER_TYPE_ENUM),
        Member::new("VpcId", &STRING),
    ],
);
pub static LOAD_BALANCER_ADDRESS: Shape = Shape::structure(
    "LoadBalancerAddress",
    &[
        Member::new("AllocationId", &STRING),
        Member::new("IPv6Address", &STRING),
        Member::new("IpAddress", &STRING),
        Member::new("PrivateIPv4Address", &STRING),
    ],
);
pub static LOAD_BALANCER_ADDRESSES: Shape = Shape::list("LoadBalancerAddresses", &LOAD_BALANCER_ADDRESS);
pub static LOAD_BALANCER_ARNS: Shape = Shape::list("LoadBalancerArns", &STRING);
pub static LOAD_BALANCER_ATTRIBUTE: Shape = Shape::structure(
    "LoadBalancerAttribute",
    &[Member::new("Key", &LOAD_BALANCER_ATTRIBUTE_KEY), Member::new("Value", &LOAD_BALANCER_ATTRIBUTE_VALUE)],
);
static LOAD_BALANCER_ATTRIBUTE_KEY_PATTERN: Pattern = Pattern::new(r"^[a-zA-Z0-9._]+$");
pub static LOAD_BALANCER_ATTRIBUTE_KEY: Shape =
    Shape::new("LoadBalancerAttributeKey", Kind::String).max(256.0).pattern(&LOAD_BALANCER_ATTRIBUTE_KEY_PATTERN);
pub static LOAD_BALANCER_ATTRIBUTE_VALUE: Shape = Shape::new("LoadBalancerAttributeValue", Kind::String).max(1024.0);
pub static LOAD_BALANCER_ATTRIBUTES: Shape = Shape::list("LoadBalancerAttributes", &LOAD_BALANCER_ATTRIBUTE).max(20.0);
static LOAD_BALANCER_NAME_PATTERN: Pattern = Pattern::new(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?");
pub static LOAD_BALANCER_NAME: Shape =
    Shape::new("LoadBalancerName", Kind::String).min(1.0).max(32.0).pattern(&LOAD_BALANCER_NAME_PATTERN);
pub static LOAD_BALANCER_NAMES: Shape = Shape::list("LoadBalancerNames", &LOAD_BALANCER_NAME);
pub static LOAD_BALANCER_SCHEME_ENUM: Shape =
    Shape::new("LoadBalancerSchemeEnum", Kind::String).values(types::LoadBalancerSchemeEnum::NAMES);
pub static LOAD_BALANCER_STATE: Shape = Shape::structure(
    "LoadBalancerState",
    &[Member::new("Code", &LOAD_BALANCER_STATE_ENUM), Member::new("Reason", &STRING)],
);
pub static LOAD_BALANCER_STATE_ENUM: Shape =
    Shape::new("LoadBalancerStateEnum", Kind::String).values(types::LoadBalancerStateEnum::NAMES);
pub static LOAD_BALANCER_TYPE_ENUM: Shape =
    Shape::new("LoadBalancerTypeEnum", Kind::String).values(types::LoadBalancerTypeEnum::NAMES);
pub static LOAD_BALANCERS: Shape = Shape::list("LoadBalancers", &LOAD_BALANCER);
pub static MATCHER: Shape =
    Shape::structure("Matcher", &[Member::new("GrpcCode", &GRPC_CODE), Member::new("HttpCode", &HTTP_CODE)]);
pub static MINIMUM_LOAD_BALANCER_CAPACITY: Shape =
    Shape::structure("MinimumLoadBalancerCapacity", &[Member::new("CapacityUnits", &INTEGER)]);
pub static MITIGATION_IN_EFFECT_ENUM: Shape =
    Shape::new("MitigationInEffectEnum", Kind::String).values(types::MitigationInEffectEnum::NAMES);
pub static MODIFY_LISTENER_ATTRIBUTES_INPUT: Shape = Shape::structure(
    "ModifyListenerAttributesInput",
    &[Member::new("Attributes", &LISTENER_ATTRIBUTES).required(), Member::new("ListenerArn", &STRING).required()],
);
pub static MODIFY_LISTENER_ATTRIBUTES_OUTPUT: Shape =
    Shape::structure("ModifyListenerAttributesOutput", &[Member::new("Attributes", &LISTENER_ATTRIBUTES)]);
pub static MODIFY_LISTENER_INPUT: Shape = Shape::structure(
    "ModifyListenerInput",
    &[
        Member::refused(
            "AlpnPolicy",
            "it belongs to TLS listeners of Network Load Balancers; HTTPS listeners offer HTTP/2 by the attribute routing.http2.enabled of the load balancer",
        ),
        Member::new("Certificates", &CERTIFICATE_LIST),
        Member::new("DefaultActions", &ACTIONS),
        Member::new("ListenerArn", &STRING).required(),
        Member::new("MutualAuthentication", &MUTUAL_AUTHENTICATION_ATTRIBUTES),
        Member::new("Port", &PORT),
        Member::new("Protocol", &PROTOCOL_ENUM),
        Member::new("SslPolicy", &STRING),
    ],
);
pub static MODIFY_LISTENER_OUTPUT: Shape =
    Shape::structure("ModifyListenerOutput", &[Member::new("Listeners", &LISTENERS)]);
pub static MODIFY_LOAD_BALANCER_ATTRIBUTES_INPUT: Shape = Shape::structure(
    "ModifyLoadBalancerAttributesInput",
    &[
        Member::new("Attributes", &LOAD_BALANCER_ATTRIBUTES).required(),
        Member::new("LoadBalancerArn", &STRING).required(),
    ],
);
pub static MODIFY_LOAD_BALANCER_ATTRIBUTES_OUTPUT: Shape =
    Shape::structure("ModifyLoadBalancerAttributesOutput", &[Member::new("Attributes", &LOAD_BALANCER_ATTRIBUTES)]);
pub static MODIFY_RULE_INPUT: Shape = Shape::structure(
    "ModifyRuleInput",
    &[
        Member::new("Actions", &ACTIONS),
        Member::new("Conditions", &RULE_CONDITION_LIST),
        Member::new("ResetTransforms", &BOOLEAN),
        Member::new("RuleArn", &STRING).required(),
        Member::new("Transforms", &RULE_TRANSFORM_LIST),
    ],
);
pub static MODIFY_RULE_OUTPUT: Shape = Shape::structure("ModifyRuleOutput", &[Member::new("Rules", &RULES)]);
pub static MODIFY_TARGET_GROUP_ATTRIBUTES_INPUT: Shape = Shape::structure(
    "ModifyTargetGroupAttributesInput",
    &[
        Member::new("Attributes", &TARGET_GROUP_ATTRIBUTES).required(),
        Member::new("TargetGroupArn", &STRING).required(),
    ],
);
pub static MODIFY_TARGET_GROUP_ATTRIBUTES_OUTPUT: Shape =
    Shape::structure("ModifyTargetGroupAttributesOutput", &[Member::new("Attributes", &TARGET_GROUP_ATTRIBUTES)]);
pub static MODIFY_TARGET_GROUP_INPUT: Shape = Shape::structure(
    "ModifyTargetGroupInput",
    &[
        Member::new("HealthCheckEnabled", &BOOLEAN),
        Member::new("HealthCheckIntervalSeconds", &HEALTH_CHECK_INTERVAL_SECONDS),
        Member::new("HealthCheckPath", &PATH),
        Member::new("HealthCheckPort", &STRING),
        Member::new("HealthCheckProtocol", &PROTOCOL_ENUM),
        Member::new("HealthCheckTimeoutSeconds", &HEALTH_CHECK_TIMEOUT_SECONDS),
        Member::new("HealthyThresholdCount", &HEALTH_CHECK_THRESHOLD_COUNT),
        Member::new("Matcher", &MATCHER),
        Member::new("TargetGroupArn", &STRING).required(),
        Member::new("UnhealthyThresholdCount", &HEALTH_CHECK_THRESHOLD_COUNT),
    ],
);
pub static MODIFY_TARGET_GROUP_OUTPUT: Shape =
    Shape::structure("ModifyTargetGroupOutput", &[Member::new("TargetGroups", &TARGET_GROUPS)]);
pub static MODIFY_TRUST_STORE_INPUT: Shape = Shape::structure(
    "ModifyTrustStoreInput",
    &[
        Member::new("CaCertificatesBundleS3Bucket", &STRING).required(),
        Member::new("CaCertificatesBundleS3Key", &STRING).required(),
        Member::refused(
            "CaCertificatesBundleS3ObjectVersion",
            "the files that stand for objects of S3 have no versions",
        ),
        Member::new("TrustStoreArn", &STRING).required(),
    ],
);
pub static MODIFY_TRUST_STORE_OUTPUT: Shape =
    Shape::structure("ModifyTrustStoreOutput", &[Member::new("TrustStores", &TRUST_STORES)]);
pub static MUTUAL_AUTHENTICATION_ATTRIBUTES: Shape = Shape::structure(
    "MutualAuthenticationAttributes",
    &[
        Member::new("AdvertiseTrustStoreCaNames", &ADVERTISE_TRUST_STORE_CA_NAMES_ENUM),
        Member::new("IgnoreClientCertificateExpiry", &BOOLEAN),
        Member::new("Mode", &STRING),
        Member::new("TrustStoreArn", &STRING),
        Member::new("TrustStoreAssociationStatus", &TRUST_STORE_ASSOCIATION_STATUS_ENUM)
            .answer_only("it is shown, never given"),
    ],
);
pub static PAGE_SIZE: Shape = Shape::new("PageSize", Kind::Integer).min(1.0).max(400.0);
pub static PATH: Shape = Shape::new("Path", Kind::String).min(1.0).max(1024.0);
pub static PATH_PATTERN_CONDITION_CONFIG: Shape = Shape::structure(
    "PathPatternConditionConfig",
    &[Member::new("RegexValues", &LIST_OF_STRING), Member::new("Values", &LIST_OF_STRING)],
);
pub static PORT: Shape = Shape::new("Port", Kind::Integer).min(1.0).max(65535.0);
pub static PROTOCOL_ENUM: Shape = Shape::new("ProtocolEnum", Kind::String).values(types::ProtocolEnum::NAMES);
pub static QUERY_STRING_CONDITION_CONFIG: Shape =
    Shape::structure("QueryStringConditionConfig", &[Member::new("Values", &QUERY_STRING_KEY_VALUE_PAIR_LIST)]);
pub static QUERY_STRING_KEY_VALUE_PAIR: Shape = Shape::structure(
    "QueryStringKeyValuePair",
    &[Member::new("Key", &STRING), Member::new("Value", &STRING).required()],
);
pub static QUERY_STRING_KEY_VALUE_PAIR_LIST: Shape =
    Shape::list("QueryStringKeyValuePairList", &QUERY_STRING_KEY_VALUE_PAIR);
pub static REDIRECT_ACTION_CONFIG: Shape = Shape::structure(
    "RedirectActionConfig",
    &[
        Member::new("Host", &REDIRECT_ACTION_HOST),
        Member::new("Path", &REDIRECT_ACTION_PATH),
        Member::new("Port", &STRING),
        Member::new("Protocol", &REDIRECT_ACTION_PROTOCOL),
        Member::new("Query", &REDIRECT_ACTION_QUERY),
        Member::new("StatusCode", &REDIRECT_ACTION_STATUS_CODE_ENUM).required(),
    ],
);
pub static REDIRECT_ACTION_HOST: Shape = Shape::new("RedirectActionHost", Kind::String).min(1.0).max(128.0);
pub static REDIRECT_ACTION_PATH: Shape = Shape::new("RedirectActionPath", Kind::String).min(1.0).max(128.0);
static REDIRECT_ACTION_PROTOCOL_PATTERN: Pattern = Pattern::new(r"^(HTTPS?|#\{protocol\})$");
pub static REDIRECT_ACTION_PROTOCOL: Shape =
    Shape::new("RedirectActionProtocol", Kind::String).pattern(&REDIRECT_ACTION_PROTOCOL_PATTERN);
pub static REDIRECT_ACTION_QUERY: Shape = Shape::new("RedirectActionQuery", Kind::String).max(128.0);
pub static REDIRECT_ACTION_STATUS_CODE_ENUM: Shape =
    Shape::new("RedirectActionStatusCodeEnum", Kind::String).values(types::RedirectActionStatusCodeEnum::NAMES);
pub static REGISTER_TARGETS_INPUT: Shape = Shape::structure(
    "RegisterTargetsInput",
    &[Member::new("TargetGroupArn", &STRING).required(), Member::new("Targets", &TARGET_DESCRIPTIONS).required()],
);
pub static REGISTER_TARGETS_OUTPUT: Shape = Shape::structure("RegisterTargetsOutput", &[]);
pub static REMOVE_LISTENER_CERTIFICATES_INPUT: Shape = Shape::structure(
    "RemoveListenerCertificatesInput",
    &[Member::new("Certificates", &CERTIFICATE_LIST).required(), Member::new("ListenerArn", &STRING).required()],
);
pub static REMOVE_LISTENER_CERTIFICATES_OUTPUT: Shape = Shape::structure("RemoveListenerCertificatesOutput", &[]);
pub static REMOVE_TAGS_INPUT: Shape = Shape::structure(
    "RemoveTagsInput",
    &[Member::new("ResourceArns", &RESOURCE_ARNS).required(), Member::new("TagKeys", &TAG_KEYS).required()],
);
pub static REMOVE_TAGS_OUTPUT: Shape = Shape::structure("RemoveTagsOutput", &[]);
pub static REMOVE_TRUST_STORE_REVOCATIONS_INPUT: Shape = Shape::structure(
    "RemoveTrustStoreRevocationsInput",
    &[Member::new("RevocationIds", &REVOCATION_IDS).required(), Member::new("TrustStoreArn", &STRING).required()],
);
pub static REMOVE_TRUST_STORE_REVOCATIONS_OUTPUT: Shape = Shape::structure("RemoveTrustStoreRevocationsOutput", &[]);
pub static RESOURCE_ARNS: Shape = Shape::list("ResourceArns", &STRING);
pub static REVOCATION_CONTENT: Shape = Shape::structure(
    "RevocationContent",
    &[
        Member::new("RevocationType", &REVOCATION_TYPE),
        Member::new("S3Bucket", &STRING).required(),
        Member::new("S3Key", &STRING).required(),
        Member::refused("S3ObjectVersion", "the files that stand for objects of S3 have no versions"),
    ],
);
pub static REVOCATION_CONTENTS: Shape = Shape::list("RevocationContents", &REVOCATION_CONTENT);
pub static REVOCATION_IDS: Shape = Shape::list("RevocationIds", &LONG);
pub static REVOCATION_TYPE: Shape = Shape::new("RevocationType", Kind::String).values(types::RevocationType::NAMES);
pub static REWRITE_CONFIG: Shape = Shape::structure(
    "RewriteConfig",
    &[Member::new("Regex", &STRING).required(), Member::new("Replace", &STRING).required()],
);
pub static REWRITE_CONFIG_LIST: Shape = Shape::list("RewriteConfigList", &REWRITE_CONFIG);
pub static RULE: Shape = Shape::structure(
    "Rule",
    &[
        Member::new("Actions", &ACTIONS),
        Member::new("Conditions", &RULE_CONDITION_LIST),
        Member::new("IsDefault", &BOOLEAN),
        Member::new("Priority", &STRING),
        Member::new("RuleArn", &STRING),
        Member::new("Transforms", &RULE_TRANSFORM_LIST),
    ],
);
pub static RULE_ARNS: Shape = Shape::list("RuleArns", &STRING);
pub static RULE_CONDITION: Shape = Shape::structure(
    "RuleCondition",
    &[
        Member::new("Field", &CONDITION_FIELD_NAME).required(),
        Member::new("HostHeaderConfig", &HOST_HEADER_CONDITION_CONFIG),
        Member::new("HttpHeaderConfig", &HTTP_HEADER_CONDITION_CONFIG),
        Member::new("HttpRequestMethodConfig", &HTTP_REQUEST_METHOD_CONDITION_CONFIG),
        Member::new("PathPatternConfig", &PATH_PATTERN_CONDITION_CONFIG),
        Member::new("QueryStringConfig", &QUERY_STRING_CONDITION_CONFIG),
        Member::new("RegexValues", &LIST_OF_STRING),
        Member::new("SourceIpConfig", &SOURCE_IP_CONDITION_CONFIG),
        Member::new("Values", &LIST_OF_STRING),
    ],
);
pub static RULE_CONDITION_LIST: Shape = Shape::list("RuleConditionList", &RULE_CONDITION);
pub static RULE_PRIORITY: Shape = Shape::new("RulePriority", Kind::Integer).min(1.0).max(50000.0);
pub static RULE_PRIORITY_LIST: Shape = Shape::list("RulePriorityList", &RULE_PRIORITY_PAIR);
pub static RULE_PRIORITY_PAIR: Shape = Shape::structure(
    "RulePriorityPair",
    &[Member::new("Priority", &RULE_PRIORITY).required(), Member::new("RuleArn", &STRING).required()],
);
pub static RULE_TRANSFORM: Shape = Shape::structure(
    "RuleTransform",
    &[
        Member::new("HostHeaderRewriteConfig", &HOST_HEADER_REWRITE_CONFIG),
        Member::new("Type", &TRANSFORM_TYPE_ENUM).required(),
        Member::new("UrlRewriteConfig", &URL_REWRITE_CONFIG),
    ],
);
pub static RULE_TRANSFORM_LIST: Shape = Shape::list("RuleTransformList", &RULE_TRANSFORM);
pub static RULES: Shape = Shape::list("Rules", &RULE);
pub static SECURITY_GROUPS: Shape = Shape::list("SecurityGroups", &STRING);
pub static SET_IP_ADDRESS_TYPE_INPUT: Shape = Shape::structure(
    "SetIpAddressTypeInput",
    &[Member::new("IpAddressType", &IP_ADDRESS_TYPE).required(), Member::new("LoadBalancerArn", &STRING).required()],
);
pub static SET_IP_ADDRESS_TYPE_OUTPUT: Shape =
    Shape::structure("SetIpAddressTypeOutput", &[Member::new("IpAddressType", &IP_ADDRESS_TYPE)]);
pub static SET_RULE_PRIORITIES_INPUT: Shape =
    Shape::structure("SetRulePrioritiesInput", &[Member::new("RulePriorities", &RULE_PRIORITY_LIST).required()]);
pub static SET_RULE_PRIORITIES_OUTPUT: Shape =
    Shape::structure("SetRulePrioritiesOutput", &[Member::new("Rules", &RULES)]);
pub static SET_SECURITY_GROUPS_INPUT: Shape = Shape::structure(
    "SetSecurityGroupsInput",
    &[
        Member::refused(
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
            "Network Load Balancers come with a later release",
        ),
        Member::new("LoadBalancerArn", &STRING).required(),
        Member::new("SecurityGroups", &SECURITY_GROUPS).required(),
    ],
);
pub static SET_SECURITY_GROUPS_OUTPUT: Shape =
    Shape::structure("SetSecurityGroupsOutput", &[Member::new("SecurityGroupIds", &SECURITY_GROUPS)]);
pub static SET_SUBNETS_INPUT: Shape = Shape::structure(
    "SetSubnetsInput",
    &[
        Member::refused("EnablePrefixForIpv6SourceNat", "Network Load Balancers come with a later release"),
        Member::new("IpAddressType", &IP_ADDRESS_TYPE),
        Member::new("LoadBalancerArn", &STRING).required(),
        Member::new("SubnetMappings", &SUBNET_MAPPINGS),
        Member::new("Subnets", &SUBNETS),
    ],
);
pub static SET_SUBNETS_OUTPUT: Shape = Shape::structure(
    "SetSubnetsOutput",
    &[Member::new("AvailabilityZones", &AVAILABILITY_ZONES), Member::new("IpAddressType", &IP_ADDRESS_TYPE)],
);
pub static SOURCE_IP_CONDITION_CONFIG: Shape = Shape::structure(
    "SourceIpConditionConfig",
    &[
        Member::refused("IpAddressType", "Network Load Balancers come with a later release"),
        Member::new("Values", &LIST_OF_STRING),
    ],
);
pub static SSL_POLICIES: Shape = Shape::list("SslPolicies", &SSL_POLICY);
pub static SSL_POLICY: Shape = Shape::structure(
    "SslPolicy",
    &[
        Member::new("Ciphers", &CIPHERS),
        Member::new("Name", &STRING),
        Member::new("SslProtocols", &SSL_PROTOCOLS),
        Member::new("SupportedLoadBalancerTypes", &LIST_OF_STRING),
    ],
);
pub static SSL_POLICY_NAMES: Shape = Shape::list("SslPolicyNames", &STRING);
pub static SSL_PROTOCOLS: Shape = Shape::list("SslProtocols", &STRING);
pub static SUBNET_MAPPING: Shape = Shape::structure(
    "SubnetMapping",
    &[
        Member::refused("AllocationId", "Network Load Balancers come with a later release"),
        Member::refused("IPv6Address", "Network Load Balancers come with a later release"),
        Member::refused("PrivateIPv4Address", "Network Load Balancers come with a later release"),
        Member::refused("SourceNatIpv6Prefix", "Network Load Balancers come with a later release"),
        Member::new("SubnetId", &STRING),
    ],
);
pub static SUBNET_MAPPINGS: Shape = Shape::list("SubnetMappings", &SUBNET_MAPPING);
pub static SUBNETS: Shape = Shape::list("Subnets", &STRING);
pub static TAG: Shape =
    Shape::structure("Tag", &[Member::new("Key", &TAG_KEY).required(), Member::new("Value", &TAG_VALUE)]);
pub static TAG_DESCRIPTION: Shape =
    Shape::structure("TagDescription", &[Member::new("ResourceArn", &STRING), Member::new("Tags", &TAG_LIST)]);
pub static TAG_DESCRIPTIONS: Shape = Shape::list("TagDescriptions", &TAG_DESCRIPTION);
static TAG_KEY_PATTERN: Pattern = Pattern::new(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$");
pub static TAG_KEY: Shape = Shape::new("TagKey", Kind::String).min(1.0).max(128.0).pattern(&TAG_KEY_PATTERN);
pub static TAG_KEYS: Shape = Shape::list("TagKeys", &TAG_KEY);
pub static TAG_LIST: Shape = Shape::list("TagList", &TAG).min(1.0);
static TAG_VALUE_PATTERN: Pattern = Pattern::new(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$");
pub static TAG_VALUE: Shape = Shape::new("TagValue", Kind::String).max(256.0).pattern(&TAG_VALUE_PATTERN);
pub static TARGET_ADMINISTRATIVE_OVERRIDE_REASON_ENUM: Shape =
    Shape::new("TargetAdministrativeOverrideReasonEnum", Kind::String)
        .values(types::TargetAdministrativeOverrideReasonEnum::NAMES);
pub static TARGET_ADMINISTRATIVE_OVERRIDE_STATE_ENUM: Shape =
    Shape::new("TargetAdministrativeOverrideStateEnum", Kind::String)
        .values(types::TargetAdministrativeOverrideStateEnum::NAMES);
pub static TARGET_DESCRIPTION: Shape = Shape::structure(
    "TargetDescription",
    &[
        Member::new("AvailabilityZone", &STRING),
        Member::new("Id", &STRING).required(),
        Member::new("Port", &PORT),
        Member::refused("QuicServerId", "QUIC comes with a later release"),
    ],
);
pub static TARGET_DESCRIPTIONS: Shape = Shape::list("TargetDescriptions", &TARGET_DESCRIPTION);
pub static TARGET_GROUP: Shape = Shape::structure(
    "TargetGroup",
    &[
        Member::new("HealthCheckEnabled", &BOOLEAN),
        Member::new("HealthCheckIntervalSeconds", &HEALTH_CHECK_INTERVAL_SECONDS),
        Member::new("HealthCheckPath", &PATH),
        Member::new("HealthCheckPort", &STRING),
        Member::new("HealthCheckProtocol", &PROTOCOL_ENUM),
        Member::new("HealthCheckTimeoutSeconds", &HEALTH_CHECK_TIMEOUT_SECONDS),
        Member::new("HealthyThresholdCount", &HEALTH_CHECK_THRESHOLD_COUNT),
        Member::new("IpAddressType", &TARGET_GROUP_IP_ADDRESS_TYPE_ENUM),
        Member::new("LoadBalancerArns", &LOAD_BALANCER_ARNS),
        Member::new("Matcher", &MATCHER),
        Member::new("Port", &PORT),
        Member::new("Protocol", &PROTOCOL_ENUM),
        Member::new("ProtocolVersion", &STRING),
        Member::new("TargetGroupArn", &STRING),
        Member::new("TargetGroupName", &TARGET_GROUP_NAME),
        Member::new("TargetType", &TARGET_TYPE_ENUM),
        Member::new("UnhealthyThresholdCount", &HEALTH_CHECK_THRESHOLD_COUNT),
        Member::new("VpcId", &STRING),
    ],
);
pub static TARGET_GROUP_ARNS: Shape = Shape::list("TargetGroupArns", &STRING);
pub static TARGET_GROUP_ATTRIBUTE: Shape = Shape::structure(
    "TargetGroupAttribute",
    &[Member::new("Key", &TARGET_GROUP_ATTRIBUTE_KEY), Member::new("Value", &STRING)],
);
static TARGET_GROUP_ATTRIBUTE_KEY_PATTERN: Pattern = Pattern::new(r"^[a-zA-Z0-9._]+$");
pub static TARGET_GROUP_ATTRIBUTE_KEY: Shape =
    Shape::new("TargetGroupAttributeKey", Kind::String).max(256.0).pattern(&TARGET_GROUP_ATTRIBUTE_KEY_PATTERN);
pub static TARGET_GROUP_ATTRIBUTES: Shape = Shape::list("TargetGroupAttributes", &TARGET_GROUP_ATTRIBUTE);
pub static TARGET_GROUP_IP_ADDRESS_TYPE_ENUM: Shape =
    Shape::new("TargetGroupIpAddressTypeEnum", Kind::String).values(types::TargetGroupIpAddressTypeEnum::NAMES);
pub static TARGET_GROUP_LIST: Shape = Shape::list("TargetGroupList", &TARGET_GROUP_TUPLE);
static TARGET_GROUP_NAME_PATTERN: Pattern = Pattern::new(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?");
pub static TARGET_GROUP_NAME: Shape =
    Shape::new("TargetGroupName", Kind::String).min(1.0).max(32.0).pattern(&TARGET_GROUP_NAME_PATTERN);
pub static TARGET_GROUP_NAMES: Shape = Shape::list("TargetGroupNames", &TARGET_GROUP_NAME);
pub static TARGET_GROUP_STICKINESS_CONFIG: Shape = Shape::structure(
    "TargetGroupStickinessConfig",
    &[Member::new("DurationSeconds", &TARGET_GROUP_STICKINESS_DURATION_SECONDS), Member::new("Enabled", &BOOLEAN)],
);
pub static TARGET_GROUP_STICKINESS_DURATION_SECONDS: Shape =
    Shape::new("TargetGroupStickinessDurationSeconds", Kind::Integer).min(1.0).max(604800.0);
pub static TARGET_GROUP_TUPLE: Shape = Shape::structure(
    "TargetGroupTuple",
    &[Member::new("TargetGroupArn", &STRING), Member::new("Weight", &TARGET_GROUP_WEIGHT)],
);
pub static TARGET_GROUP_WEIGHT: Shape = Shape::new("TargetGroupWeight", Kind::Integer).min(0.0).max(999.0);
pub static TARGET_GROUPS: Shape = Shape::list("TargetGroups", &TARGET_GROUP);
pub static TARGET_HEALTH: Shape = Shape::structure(
    "TargetHealth",
    &[
        Member::new("Description", &STRING),
        Member::new("Reason", &TARGET_HEALTH_REASON_ENUM),
        Member::new("State", &TARGET_HEALTH_STATE_ENUM),
    ],
);
pub static TARGET_HEALTH_DESCRIPTION: Shape = Shape::structure(
    "TargetHealthDescription",
    &[
        Member::new("AdministrativeOverride", &ADMINISTRATIVE_OVERRIDE),
        Member::new("AnomalyDetection", &ANOMALY_DETECTION),
        Member::new("HealthCheckPort", &STRING),
        Member::new("Target", &TARGET_DESCRIPTION),
        Member::new("TargetHealth", &TARGET_HEALTH),
    ],
);
pub static TARGET_HEALTH_DESCRIPTIONS: Shape = Shape::list("TargetHealthDescriptions", &TARGET_HEALTH_DESCRIPTION);
pub static TARGET_HEALTH_REASON_ENUM: Shape =
    Shape::new("TargetHealthReasonEnum", Kind::String).values(types::TargetHealthReasonEnum::NAMES);
pub static TARGET_HEALTH_STATE_ENUM: Shape =
    Shape::new("TargetHealthStateEnum", Kind::String).values(types::TargetHealthStateEnum::NAMES);
pub static TARGET_TYPE_ENUM: Shape = Shape::new("TargetTypeEnum", Kind::String).values(types::TargetTypeEnum::NAMES);
pub static TRANSFORM_TYPE_ENUM: Shape =
    Shape::new("TransformTypeEnum", Kind::String).values(types::TransformTypeEnum::NAMES);
pub static TRUST_STORE: Shape = Shape::structure(
    "TrustStore",
    &[
        Member::new("Name", &TRUST_STORE_NAME),
        Member::new("NumberOfCaCertificates", &INTEGER),
        Member::new("Status", &TRUST_STORE_STATUS),
        Member::new("TotalRevokedEntries", &LONG),
        Member::new("TrustStoreArn", &STRING),
    ],
);
pub static TRUST_STORE_ARNS: Shape = Shape::list("TrustStoreArns", &STRING);
pub static TRUST_STORE_ASSOCIATION: Shape =
    Shape::structure("TrustStoreAssociation", &[Member::new("ResourceArn", &STRING)]);
pub static TRUST_STORE_ASSOCIATION_STATUS_ENUM: Shape =
    Shape::new("TrustStoreAssociationStatusEnum", Kind::String).values(types::TrustStoreAssociationStatusEnum::NAMES);
pub static TRUST_STORE_ASSOCIATIONS: Shape = Shape::list("TrustStoreAssociations", &TRUST_STORE_ASSOCIATION);
static TRUST_STORE_NAME_PATTERN: Pattern = Pattern::new(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*");
pub static TRUST_STORE_NAME: Shape =
    Shape::new("TrustStoreName", Kind::String).min(1.0).max(32.0).pattern(&TRUST_STORE_NAME_PATTERN);
pub static TRUST_STORE_NAMES: Shape = Shape::list("TrustStoreNames", &TRUST_STORE_NAME);
pub static TRUST_STORE_REVOCATION: Shape = Shape::structure(
    "TrustStoreRevocation",
    &[
        Member::new("NumberOfRevokedEntries", &LONG),
        Member::new("RevocationId", &LONG),
        Member::new("RevocationType", &REVOCATION_TYPE),
        Member::new("TrustStoreArn", &STRING),
    ],
);
pub static TRUST_STORE_REVOCATIONS: Shape = Shape::list("TrustStoreRevocations", &TRUST_STORE_REVOCATION);
pub static TRUST_STORE_STATUS: Shape =
    Shape::new("TrustStoreStatus", Kind::String).values(types::TrustStoreStatus::NAMES);
pub static TRUST_STORES: Shape = Shape::list("TrustStores", &TRUST_STORE);
pub static URL_REWRITE_CONFIG: Shape =
    Shape::structure("UrlRewriteConfig", &[Member::new("Rewrites", &REWRITE_CONFIG_LIST)]);
pub static ZONAL_CAPACITY_RESERVATION_STATE: Shape = Shape::structure(
    "ZonalCapacityReservationState",
    &[
        Member::new("AvailabilityZone", &STRING),
        Member::new("EffectiveCapacityUnits", &DOUBLE),
        Member::new("State", &CAPACITY_RESERVATION_STATUS),
    ],
);
pub static ZONAL_CAPACITY_RESERVATION_STATES: Shape =
    Shape::list("ZonalCapacityReservationStates", &ZONAL_CAPACITY_RESERVATION_STATE);
