//! Operations of Elastic Load Balancing v2 (2015-12-01).
//!
//! Written by `cargo xtask codegen` from `shapes/elbv2.json` and `shapes/elbv2.toml`; change those instead.

use super::shapes;
use wire::shape::Http;

wire::operations! {
    AddListenerCertificates(&shapes::ADD_LISTENER_CERTIFICATES_INPUT, &shapes::ADD_LISTENER_CERTIFICATES_OUTPUT, Some("AddListenerCertificatesResult"), Http::RPC),
    AddTags(&shapes::ADD_TAGS_INPUT, &shapes::ADD_TAGS_OUTPUT, Some("AddTagsResult"), Http::RPC),
    AddTrustStoreRevocations(&shapes::ADD_TRUST_STORE_REVOCATIONS_INPUT, &shapes::ADD_TRUST_STORE_REVOCATIONS_OUTPUT, Some("AddTrustStoreRevocationsResult"), Http::RPC),
    CreateListener(&shapes::CREATE_LISTENER_INPUT, &shapes::CREATE_LISTENER_OUTPUT, Some("CreateListenerResult"), Http::RPC),
    CreateLoadBalancer(&shapes::CREATE_LOAD_BALANCER_INPUT, &shapes::CREATE_LOAD_BALANCER_OUTPUT, Some("CreateLoadBalancerResult"), Http::RPC),
    CreateRule(&shapes::CREATE_RULE_INPUT, &shapes::CREATE_RULE_OUTPUT, Some("CreateRuleResult"), Http::RPC),
    CreateTargetGroup(&shapes::CREATE_TARGET_GROUP_INPUT, &shapes::CREATE_TARGET_GROUP_OUTPUT, Some("CreateTargetGroupResult"), Http::RPC),
    CreateTrustStore(&shapes::CREATE_TRUST_STORE_INPUT, &shapes::CREATE_TRUST_STORE_OUTPUT, Some("CreateTrustStoreResult"), Http::RPC),
    DeleteListener(&shapes::DELETE_LISTENER_INPUT, &shapes::DELETE_LISTENER_OUTPUT, Some("DeleteListenerResult"), Http::RPC),
    DeleteLoadBalancer(&shapes::DELETE_LOAD_BALANCER_INPUT, &shapes::DELETE_LOAD_BALANCER_OUTPUT, Some("DeleteLoadBalancerResult"), Http::RPC),
    DeleteRule(&shapes::DELETE_RULE_INPUT, &shapes::DELETE_RULE_OUTPUT, Some("DeleteRuleResult"), Http::RPC),
    DeleteTargetGroup(&shapes::DELETE_TARGET_GROUP_INPUT, &shapes::DELETE_TARGET_GROUP_OUTPUT, Some("DeleteTargetGroupResult"), Http::RPC),
    DeleteTrustStore(&shapes::DELETE_TRUST_STORE_INPUT, &shapes::DELETE_TRUST_STORE_OUTPUT, Some("DeleteTrustStoreResult"), Http::RPC),
    DeregisterTargets(&shapes::DEREGISTER_TARGETS_INPUT, &shapes::DEREGISTER_TARGETS_OUTPUT, Some("DeregisterTargetsResult"), Http::RPC),
    DescribeAccountLimits(&shapes::DESCRIBE_ACCOUNT_LIMITS_INPUT, &shapes::DESCRIBE_ACCOUNT_LIMITS_OUTPUT, Some("DescribeAccountLimitsResult"), Http::RPC),
    DescribeCapacityReservation(&shapes::DESCRIBE_CAPACITY_RESERVATION_INPUT, &shapes::DESCRIBE_CAPACITY_RESERVATION_OUTPUT, Some("DescribeCapacityReservationResult"), Http::RPC),
    DescribeListenerAttributes(&shapes::DESCRIBE_LISTENER_ATTRIBUTES_INPUT, &shapes::DESCRIBE_LISTENER_ATTRIBUTES_OUTPUT, Some("DescribeListenerAttributesResult"), Http::RPC),
    DescribeListenerCertificates(&shapes::DESCRIBE_LISTENER_CERTIFICATES_INPUT, &shapes::DESCRIBE_LISTENER_CERTIFICATES_OUTPUT, Some("DescribeListenerCertificatesResult"), Http::RPC),
    DescribeListeners(&shapes::DESCRIBE_LISTENERS_INPUT, &shapes::DESCRIBE_LISTENERS_OUTPUT, Some("DescribeListenersResult"), Http::RPC),
    DescribeLoadBalancerAttributes(&shapes::DESCRIBE_LOAD_BALANCER_ATTRIBUTES_INPUT, &shapes::DESCRIBE_LOAD_BALANCER_ATTRIBUTES_OUTPUT, Some("DescribeLoadBalancerAttributesResult"), Http::RPC),
    DescribeLoadBalancers(&shapes::DESCRIBE_LOAD_BALANCERS_INPUT, &shapes::DESCRIBE_LOAD_BALANCERS_OUTPUT, Some("DescribeLoadBalancersResult"), Http::RPC),
    DescribeRules(&shapes::DESCRIBE_RULES_INPUT, &shapes::DESCRIBE_RULES_OUTPUT, Some("DescribeRulesResult"), Http::RPC),
    DescribeSSLPolicies(&shapes::DESCRIBE_SSL_POLICIES_INPUT, &shapes::DESCRIBE_SSL_POLICIES_OUTPUT, Some("DescribeSSLPoliciesResult"), Http::RPC),
    DescribeTags(&shapes::DESCRIBE_TAGS_INPUT, &shapes::DESCRIBE_TAGS_OUTPUT, Some("DescribeTagsResult"), Http::RPC),
    DescribeTargetGroupAttributes(&shapes::DESCRIBE_TARGET_GROUP_ATTRIBUTES_INPUT, &shapes::DESCRIBE_TARGET_GROUP_ATTRIBUTES_OUTPUT, Some("DescribeTargetGroupAttributesResult"), Http::RPC),
    DescribeTargetGroups(&shapes::DESCRIBE_TARGET_GROUPS_INPUT, &shapes::DESCRIBE_TARGET_GROUPS_OUTPUT, Some("DescribeTargetGroupsResult"), Http::RPC),
    DescribeTargetHealth(&shapes::DESCRIBE_TARGET_HEALTH_INPUT, &shapes::DESCRIBE_TARGET_HEALTH_OUTPUT, Some("DescribeTargetHealthResult"), Http::RPC),
    DescribeTrustStoreAssociations(&shapes::DESCRIBE_TRUST_STORE_ASSOCIATIONS_INPUT, &shapes::DESCRIBE_TRUST_STORE_ASSOCIATIONS_OUTPUT, Some("DescribeTrustStoreAssociationsResult"), Http::RPC),
    DescribeTrustStoreRevocations(&shapes::DESCRIBE_TRUST_STORE_REVOCATIONS_INPUT, &shapes::DESCRIBE_TRUST_STORE_REVOCATIONS_OUTPUT, Some("DescribeTrustStoreRevocationsResult"), Http::RPC),
    DescribeTrustStores(&shapes::DESCRIBE_TRUST_STORES_INPUT, &shapes::DESCRIBE_TRUST_STORES_OUTPUT, Some("DescribeTrustStoresResult"), Http::RPC),
    ModifyListener(&shapes::MODIFY_LISTENER_INPUT, &shapes::MODIFY_LISTENER_OUTPUT, Some("ModifyListenerResult"), Http::RPC),
    ModifyListenerAttributes(&shapes::MODIFY_LISTENER_ATTRIBUTES_INPUT, &shapes::MODIFY_LISTENER_ATTRIBUTES_OUTPUT, Some("ModifyListenerAttributesResult"), Http::RPC),
    ModifyLoadBalancerAttributes(&shapes::MODIFY_LOAD_BALANCER_ATTRIBUTES_INPUT, &shapes::MODIFY_LOAD_BALANCER_ATTRIBUTES_OUTPUT, Some("ModifyLoadBalancerAttributesResult"), Http::RPC),
    ModifyRule(&shapes::MODIFY_RULE_INPUT, &shapes::MODIFY_RULE_OUTPUT, Some("ModifyRuleResult"), Http::RPC),
    ModifyTargetGroup(&shapes::MODIFY_TARGET_GROUP_INPUT, &shapes::MODIFY_TARGET_GROUP_OUTPUT, Some("ModifyTargetGroupResult"), Http::RPC),
    ModifyTargetGroupAttributes(&shapes::MODIFY_TARGET_GROUP_ATTRIBUTES_INPUT, &shapes::MODIFY_TARGET_GROUP_ATTRIBUTES_OUTPUT, Some("ModifyTargetGroupAttributesResult"), Http::RPC),
    ModifyTrustStore(&shapes::MODIFY_TRUST_STORE_INPUT, &shapes::MODIFY_TRUST_STORE_OUTPUT, Some("ModifyTrustStoreResult"), Http::RPC),
    RegisterTargets(&shapes::REGISTER_TARGETS_INPUT, &shapes::REGISTER_TARGETS_OUTPUT, Some("RegisterTargetsResult"), Http::RPC),
    RemoveListenerCertificates(&shapes::REMOVE_LISTENER_CERTIFICATES_INPUT, &shapes::REMOVE_LISTENER_CERTIFICATES_OUTPUT, Some("RemoveListenerCertificatesResult"), Http::RPC),
    RemoveTags(&shapes::REMOVE_TAGS_INPUT, &shapes::REMOVE_TAGS_OUTPUT, Some("RemoveTagsResult"), Http::RPC),
    RemoveTrustStoreRevocations(&shapes::REMOVE_TRUST_STORE_REVOCATIONS_INPUT, &shapes::REMOVE_TRUST_STORE_REVOCATIONS_OUTPUT, Some("RemoveTrustStoreRevocationsResult"), Http::RPC),
    SetIpAddressType(&shapes::SET_IP_ADDRESS_TYPE_INPUT, &shapes::SET_IP_ADDRESS_TYPE_OUTPUT, Some("SetIpAddressTypeResult"), Http::RPC),
    SetRulePriorities(&shapes::SET_RULE_PRIORITIES_INPUT, &shapes::SET_RULE_PRIORITIES_OUTPUT, Some("SetRulePrioritiesResult"), Http::RPC),
    SetSecurityGroups(&shapes::SET_SECURITY_GROUPS_INPUT, &shapes::SET_SECURITY_GROUPS_OUTPUT, Some("SetSecurityGroupsResult"), Http::RPC),
    SetSubnets(&shapes::SET_SUBNETS_INPUT, &shapes::SET_SUBNETS_OUTPUT, Some("SetSubnetsResult"), Http::RPC),
}

impl Operation {
    /// Operations that AWS has and Goru does not serve, ordered by name.
    pub const KNOWN_BUT_UNSERVED: &'static [&'static str] = &[
        "DeleteSharedTrustStoreAssociation",
        "GetResourcePolicy",
        "GetTrustStoreCaCertificatesBundle",
        "GetTrustStoreRevocationContent",
        "ModifyCapacityReservation",
        "ModifyIpPools",
    ];
}
