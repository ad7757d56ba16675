//! Inputs, outputs and enumerations of Elastic Load Balancing v2 (2015-12-01).
//!
//! Written by `cargo xtask codegen` from `shapes/elbv2.json` and `shapes/elbv2.toml`; change those instead.

wire::structure! { Action {
    "FixedResponseConfig" fixed_response_config: Option<FixedResponseActionConfig>,
    "ForwardConfig" forward_config: Option<ForwardActionConfig>,
    "Order" order: Option<i32>,
    "RedirectConfig" redirect_config: Option<RedirectActionConfig>,
    "TargetGroupArn" target_group_arn: Option<String>,
    "Type" r#type: ActionTypeEnum,
} }

wire::enumeration! { ActionTypeEnum {
    Forward = "forward",
    AuthenticateOidc = "authenticate-oidc",
    AuthenticateCognito = "authenticate-cognito",
    Redirect = "redirect",
    FixedResponse = "fixed-response",
    JwtValidation = "jwt-validation",
} }

wire::structure! { AddListenerCertificatesInput: Default {
    "Certificates" certificates: Vec<Certificate>,
    "ListenerArn" listener_arn: String,
} }

wire::structure! { AddListenerCertificatesOutput: Default {
    "Certificates" certificates: Option<Vec<Certificate>>,
} }

wire::structure! { AddTagsInput: Default {
    "ResourceArns" resource_arns: Vec<String>,
    "Tags" tags: Vec<Tag>,
} }

wire::structure! { AddTagsOutput: Default {
} }

wire::structure! { AddTrustStoreRevocationsInput: Default {
    "RevocationContents" revocation_contents: Option<Vec<RevocationContent>>,
    "TrustStoreArn" trust_store_arn: String,
} }

wire::structure! { AddTrustStoreRevocationsOutput: Default {
    "TrustStoreRevocations" trust_store_revocations: Option<Vec<TrustStoreRevocation>>,
} }

wire::structure! { AdministrativeOverride: Default {
    "Description" description: Option<String>,
    "Reason" reason: Option<TargetAdministrativeOverrideReasonEnum>,
    "State" state: Option<TargetAdministrativeOverrideStateEnum>,
} }

wire::enumeration! { AdvertiseTrustStoreCaNamesEnum {
    On = "on",
    Off = "off",
} }

wire::structure! { AnomalyDetection: Default {
    "MitigationInEffect" mitigation_in_effect: Option<MitigationInEffectEnum>,
    "Result" result: Option<AnomalyResultEnum>,
} }

wire::enumeration! { AnomalyResultEnum {
    Anomalous = "anomalous",
    Normal = "normal",
} }

wire::structure! { AvailabilityZone: Default {
    "LoadBalancerAddresses" load_balancer_addresses: Option<Vec<LoadBalancerAddress>>,
    "SubnetId" subnet_id: Option<String>,
    "ZoneName" zone_name: Option<String>,
} }

wire::enumeration! { CapacityReservationStateEnum {
    Provisioned = "provisioned",
    Pending = "pending",
    Rebalancing = "rebalancing",
    Failed = "failed",
} }

wire::structure! { CapacityReservationStatus: Default {
    "Code" code: Option<CapacityReservationStateEnum>,
    "Reason" reason: Option<String>,
} }

wire::structure! { Certificate: Default {
    "CertificateArn" certificate_arn: String,
    "IsDefault" is_default: Option<bool>,
} }

wire::structure! { Cipher: Default {
    "Name" name: Option<String>,
    "Priority" priority: Option<i32>,
} }

wire::structure! { CreateListenerInput: Default {
    "Certificates" certificates: Option<Vec<Certificate>>,
    "DefaultActions" default_actions: Vec<Action>,
    "LoadBalancerArn" load_balancer_arn: String,
    "MutualAuthentication" mutual_authentication: Option<MutualAuthenticationAttributes>,
    "Port" port: Option<i32>,
    "Protocol" protocol: Option<ProtocolEnum>,
    "SslPolicy" ssl_policy: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { CreateListenerOutput: Default {
    "Listeners" listeners: Option<Vec<Listener>>,
} }

wire::structure! { CreateLoadBalancerInput: Default {
    "IpAddressType" ip_address_type: Option<IpAddressType>,
    "Name" name: String,
    "Scheme" scheme: Option<LoadBalancerSchemeEnum>,
    "SecurityGroups" security_groups: Option<Vec<String>>,
    "SubnetMappings" subnet_mappings: Option<Vec<SubnetMapping>>,
    "Subnets" subnets: Option<Vec<String>>,
    "Tags" tags: Option<Vec<Tag>>,
    "Type" r#type: Option<LoadBalancerTypeEnum>,
} }

wire::structure! { CreateLoadBalancerOutput: Default {
    "LoadBalancers" load_balancers: Option<Vec<LoadBalancer>>,
} }

wire::structure! { CreateRuleInput: Default {
    "Actions" actions: Vec<Action>,
    "Conditions" conditions: Vec<RuleCondition>,
    "ListenerArn" listener_arn: String,
    "Priority" priority: i32,
    "Tags" tags: Option<Vec<Tag>>,
    "Transforms" transforms: Option<Vec<RuleTransform>>,
} }

wire::structure! { CreateRuleOutput: Default {
    "Rules" rules: Option<Vec<Rule>>,
} }

wire::structure! { CreateTargetGroupInput: Default {
    "HealthCheckEnabled" health_check_enabled: Option<bool>,
    "HealthCheckIntervalSeconds" health_check_interval_seconds: Option<i32>,
    "HealthCheckPath" health_check_path: Option<String>,
    "HealthCheckPort" health_check_port: Option<String>,
    "HealthCheckProtocol" health_check_protocol: Option<ProtocolEnum>,
    "HealthCheckTimeoutSeconds" health_check_timeout_seconds: Option<i32>,
    "HealthyThresholdCount" healthy_threshold_count: Option<i32>,
    "IpAddressType" ip_address_type: Option<TargetGroupIpAddressTypeEnum>,
    "Matcher" matcher: Option<Matcher>,
    "Name" name: String,
    "Port" port: Option<i32>,
    "Protocol" protocol: Option<ProtocolEnum>,
    "ProtocolVersion" protocol_version: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
    "TargetType" target_type: Option<TargetTypeEnum>,
    "UnhealthyThresholdCount" unhealthy_threshold_count: Option<i32>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { CreateTargetGroupOutput: Default {
    "TargetGroups" target_groups: Option<Vec<TargetGroup>>,
} }

wire::structure! { CreateTrustStoreInput: Default {
    "CaCertificatesBundleS3Bucket" ca_certificates_bundle_s3_bucket: String,
    "CaCertificatesBundleS3Key" ca_certificates_bundle_s3_key: String,
    "Name" name: String,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { CreateTrustStoreOutput: Default {
    "TrustStores" trust_stores: Option<Vec<TrustStore>>,
} }

wire::structure! { DeleteListenerInput: Default {
    "ListenerArn" listener_arn: String,
} }

wire::structure! { DeleteListenerOutput: Default {
} }

wire::structure! { DeleteLoadBalancerInput: Default {
    "LoadBalancerArn" load_balancer_arn: String,
} }

wire::structure! { DeleteLoadBalancerOutput: Default {
} }

wire::structure! { DeleteRuleInput: Default {
    "RuleArn" rule_arn: String,
} }

wire::structure! { DeleteRuleOutput: Default {
} }

wire::structure! { DeleteTargetGroupInput: Default {
    "TargetGroupArn" target_group_arn: String,
} }

wire::structure! { DeleteTargetGroupOutput: Default {
} }

wire::structure! { DeleteTrustStoreInput: Default {
    "TrustStoreArn" trust_store_arn: String,
} }

wire::structure! { DeleteTrustStoreOutput: Default {
} }

wire::structure! { DeregisterTargetsInput: Default {
    "TargetGroupArn" target_group_arn: String,
    "Targets" targets: Vec<TargetDescription>,
} }

wire::structure! { DeregisterTargetsOutput: Default {
} }

wire::structure! { DescribeAccountLimitsInput: Default {
    "Marker" marker: Option<String>,
    "PageSize" page_size: Option<i32>,
} }

wire::structure! { DescribeAccountLimitsOutput: Default {
    "Limits" limits: Option<Vec<Limit>>,
    "NextMarker" next_marker: Option<String>,
} }

wire::structure! { DescribeCapacityReservationInput: Default {
    "LoadBalancerArn" load_balancer_arn: String,
} }

wire::structure! { DescribeCapacityReservationOutput: Default {
    "CapacityReservationState" capacity_reservation_state: Option<Vec<ZonalCapacityReservationState>>,
    "DecreaseRequestsRemaining" decrease_requests_remaining: Option<i32>,
    "LastModifiedTime" last_modified_time: Option<wire::Timestamp>,
    "MinimumLoadBalancerCapacity" minimum_load_balancer_capacity: Option<MinimumLoadBalancerCapacity>,
} }

wire::structure! { DescribeListenerAttributesInput: Default {
    "ListenerArn" listener_arn: String,
} }

wire::structure! { DescribeListenerAttributesOutput: Default {
    "Attributes" attributes: Option<Vec<ListenerAttribute>>,
} }

wire::structure! { DescribeListenerCertificatesInput: Default {
    "ListenerArn" listener_arn: String,
    "Marker" marker: Option<String>,
    "PageSize" page_size: Option<i32>,
} }

wire::structure! { DescribeListenerCertificatesOutput: Default {
    "Certificates" certificates: Option<Vec<Certificate>>,
    "NextMarker" next_marker: Option<String>,
} }

wire::structure! { DescribeListenersInput: Default {
    "ListenerArns" listener_arns: Option<Vec<String>>,
    "LoadBalancerArn" load_balancer_arn: Option<String>,
    "Marker" marker: Option<String>,
    "PageSize" page_size: Option<i32>,
} }

wire::structure! { DescribeListenersOutput: Default {
    "Listeners" listeners: Option<Vec<Listener>>,
    "NextMarker" next_marker: Option<String>,
} }

wire::structure! { DescribeLoadBalancerAttributesInput: Default {
    "LoadBalancerArn" load_balancer_arn: String,
} }

wire::structure! { DescribeLoadBalancerAttributesOutput: Default {
    "Attributes" attributes: Option<Vec<LoadBalancerAttribute>>,
} }

wire::structure! { DescribeLoadBalancersInput: Default {
    "LoadBalancerArns" load_balancer_arns: Option<Vec<String>>,
    "Marker" marker: Option<String>,
    "Names" names: Option<Vec<String>>,
    "PageSize" page_size: Option<i32>,
} }

wire::structure! { DescribeLoadBalancersOutput: Default {
    "LoadBalancers" load_balancers: Option<Vec<LoadBalancer>>,
    "NextMarker" next_marker: Option<String>,
} }

wire::structure! { DescribeRulesInput: Default {
    "ListenerArn" listener_arn: Option<String>,
    "Marker" marker: Option<String>,
    "PageSize" page_size: Option<i32>,
    "RuleArns" rule_arns: Option<Vec<String>>,
} }

wire::structure! { DescribeRulesOutput: Default {
    "NextMarker" next_marker: Option<String>,
    "Rules" rules: Option<Vec<Rule>>,
} }

wire::structure! { DescribeSSLPoliciesInput: Default {
    "LoadBalancerType" load_balancer_type: Option<LoadBalancerTypeEnum>,
    "Marker" marker: Option<String>,
    "Names" names: Option<Vec<String>>,
    "PageSize" page_size: Option<i32>,
} }

wire::structure! { DescribeSSLPoliciesOutput: Default {
    "NextMarker" next_marker: Option<String>,
    "SslPolicies" ssl_policies: Option<Vec<SslPolicy>>,
} }

wire::structure! { DescribeTagsInput: Default {
    "ResourceArns" resource_arns: Vec<String>,
} }

wire::structure! { DescribeTagsOutput: Default {
    "TagDescriptions" tag_descriptions: Option<Vec<TagDescription>>,
} }

wire::structure! { DescribeTargetGroupAttributesInput: Default {
    "TargetGroupArn" target_group_arn: String,
} }

wire::structure! { DescribeTargetGroupAttributesOutput: Default {
    "Attributes" attributes: Option<Vec<TargetGroupAttribute>>,
} }

wire::structure! { DescribeTargetGroupsInput: Default {
    "LoadBalancerArn" load_balancer_arn: Option<String>,
    "Marker" marker: Option<String>,
    "Names" names: Option<Vec<String>>,
    "PageSize" page_size: Option<i32>,
    "TargetGroupArns" target_group_arns: Option<Vec<String>>,
} }

wire::structure! { DescribeTargetGroupsOutput: Default {
    "NextMarker" next_marker: Option<String>,
    "TargetGroups" target_groups: Option<Vec<TargetGroup>>,
} }

wire::structure! { DescribeTargetHealthInput: Default {
    "Include" include: Option<Vec<DescribeTargetHealthInputIncludeEnum>>,
    "TargetGroupArn" target_group_arn: String,
    "Targets" targets: Option<Vec<TargetDescription>>,
} }

wire::enumeration! { DescribeTargetHealthInputIncludeEnum {
    AnomalyDetection = "AnomalyDetection",
    All = "All",
} }

wire::structure! { DescribeTargetHealthOutput: Default {
    "TargetHealthDescriptions" target_health_descriptions: Option<Vec<TargetHealthDescription>>,
} }

wire::structure! { DescribeTrustStoreAssociationsInput: Default {
    "Marker" marker: Option<String>,
    "PageSize" page_size: Option<i32>,
    "TrustStoreArn" trust_store_arn: String,
} }

wire::structure! { DescribeTrustStoreAssociationsOutput: Default {
    "NextMarker" next_marker: Option<String>,
    "TrustStoreAssociations" trust_store_associations: Option<Vec<TrustStoreAssociation>>,
} }

wire::structure! { DescribeTrustStoreRevocation: Default {
    "NumberOfRevokedEntries" number_of_revoked_entries: Option<i64>,
    "RevocationId" revocation_id: Option<i64>,
    "RevocationType" revocation_type: Option<RevocationType>,
    "TrustStoreArn" trust_store_arn: Option<String>,
} }

wire::structure! { DescribeTrustStoreRevocationsInput: Default {
    "Marker" marker: Option<String>,
    "PageSize" page_size: Option<i32>,
    "RevocationIds" revocation_ids: Option<Vec<i64>>,
    "TrustStoreArn" trust_store_arn: String,
} }

wire::structure! { DescribeTrustStoreRevocationsOutput: Default {
    "NextMarker" next_marker: Option<String>,
    "TrustStoreRevocations" trust_store_revocations: Option<Vec<DescribeTrustStoreRevocation>>,
} }

wire::structure! { DescribeTrustStoresInput: Default {
    "Marker" marker: Option<String>,
    "Names" names: Option<Vec<String>>,
    "PageSize" page_size: Option<i32>,
    "TrustStoreArns" trust_store_arns: Option<Vec<String>>,
} }

wire::structure! { DescribeTrustStoresOutput: Default {
    "NextMarker" next_marker: Option<String>,
    "TrustStores" trust_stores: Option<Vec<TrustStore>>,
} }

wire::structure! { FixedResponseActionConfig: Default {
    "ContentType" content_type: Option<String>,
    "MessageBody" message_body: Option<String>,
    "StatusCode" status_code: String,
} }

wire::structure! { ForwardActionConfig: Default {
    "TargetGroupStickinessConfig" target_group_stickiness_config: Option<TargetGroupStickinessConfig>,
    "TargetGroups" target_groups: Option<Vec<TargetGroupTuple>>,
} }

wire::structure! { HostHeaderConditionConfig: Default {
    "RegexValues" regex_values: Option<Vec<String>>,
    "Values" values: Option<Vec<String>>,
} }

wire::structure! { HostHeaderRewriteConfig: Default {
    "Rewrites" rewrites: Option<Vec<RewriteConfig>>,
} }

wire::structure! { HttpHeaderConditionConfig: Default {
    "HttpHeaderName" http_header_name: String,
    "RegexValues" regex_values: Option<Vec<String>>,
    "Values" values: Option<Vec<String>>,
} }

wire::structure! { HttpRequestMethodConditionConfig: Default {
    "Values" values: Option<Vec<String>>,
} }

wire::enumeration! { IpAddressType {
    Ipv4 = "ipv4",
    Dualstack = "dualstack",
    DualstackWithoutPublicIpv4 = "dualstack-without-public-ipv4",
} }

wire::structure! { Limit: Default {
    "Max" max: Option<String>,
    "Name" name: Option<String>,
} }

wire::structure! { Listener: Default {
    "Certificates" certificates: Option<Vec<Certificate>>,
    "DefaultActions" default_actions: Option<Vec<Action>>,
    "ListenerArn" listener_arn: Option<String>,
    "LoadBalancerArn" load_balancer_arn: Option<String>,
    "MutualAuthentication" mutual_authentication: Option<MutualAuthenticationAttributes>,
    "Port" port: Option<i32>,
    "Protocol" protocol: Option<ProtocolEnum>,
    "SslPolicy" ssl_policy: Option<String>,
} }

wire::structure! { ListenerAttribute: Default {
    "Key" key: Option<String>,
    "Value" value: Option<String>,
} }

wire::structure! { LoadBalancer: Default {
    "AvailabilityZones" availability_zones: Option<Vec<AvailabilityZone>>,
    "CanonicalHostedZoneId" canonical_hosted_zone_id: Option<String>,
    "CreatedTime" created_time: Option<wire::Timestamp>,
    "DNSName" dns_name: Option<String>,
    "IpAddressType" ip_address_type: Option<IpAddressType>,
    "LoadBalancerArn" load_balancer_arn: Option<String>,
    "LoadBalancerName" load_balancer_name: Option<String>,
    "Scheme" scheme: Option<LoadBalancerSchemeEnum>,
    "SecurityGroups" security_groups: Option<Vec<String>>,
    "State" state: Option<LoadBalancerState>,
    "Type" r#type: Option<LoadBalancerTypeEnum>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { LoadBalancerAddress: Default {
    "AllocationId" allocation_id: Option<String>,
    "IPv6Address" ipv6_address: Option<String>,
    "IpAddress" ip_address: Option<String>,
    "PrivateIPv4Address" private_ipv4_address: Option<String>,
} }

wire::structure! { LoadBalancerAttribute: Default {
    "Key" key: Option<String>,
    "Value" value: Option<String>,
} }

wire::enumeration! { LoadBalancerSchemeEnum {
    InternetFacing = "internet-facing",
    Internal = "internal",
} }

wire::structure! { LoadBalancerState: Default {
    "Code" code: Option<LoadBalancerStateEnum>,
    "Reason" reason: Option<String>,
} }

wire::enumeration! { LoadBalancerStateEnum {
    Active = "active",
    Provisioning = "provisioning",
    ActiveImpaired = "active_impaired",
    Failed = "failed",
} }

wire::enumeration! { LoadBalancerTypeEnum {
    Application = "application",
    Network = "network",
    Gateway = "gateway",
} }

wire::structure! { Matcher: Default {
    "GrpcCode" grpc_code: Option<String>,
    "HttpCode" http_code: Option<String>,
} }

wire::structure! { MinimumLoadBalancerCapacity: Default {
    "CapacityUnits" capacity_units: Option<i32>,
} }

wire::enumeration! { MitigationInEffectEnum {
    Yes = "yes",
    No = "no",
} }

wire::structure! { ModifyListenerAttributesInput: Default {
    "Attributes" attributes: Vec<ListenerAttribute>,
    "ListenerArn" listener_arn: String,
} }

wire::structure! { ModifyListenerAttributesOutput: Default {
    "Attributes" attributes: Option<Vec<ListenerAttribute>>,
} }

wire::structure! { ModifyListenerInput: Default {
    "Certificates" certificates: Option<Vec<Certificate>>,
    "DefaultActions" default_actions: Option<Vec<Action>>,
    "ListenerArn" listener_arn: String,
    "MutualAuthentication" mutual_authentication: Option<MutualAuthenticationAttributes>,
    "Port" port: Option<i32>,
    "Protocol" protocol: Option<ProtocolEnum>,
    "SslPolicy" ssl_policy: Option<String>,
} }

wire::structure! { ModifyListenerOutput: Default {
    "Listeners" listeners: Option<Vec<Listener>>,
} }

wire::structure! { ModifyLoadBalancerAttributesInput: Default {
    "Attributes" attributes: Vec<LoadBalancerAttribute>,
    "LoadBalancerArn" load_balancer_arn: String,
} }

wire::structure! { ModifyLoadBalancerAttributesOutput: Default {
    "Attributes" attributes: Option<Vec<LoadBalancerAttribute>>,
} }

wire::structure! { ModifyRuleInput: Default {
    "Actions" actions: Option<Vec<Action>>,
    "Conditions" conditions: Option<Vec<RuleCondition>>,
    "ResetTransforms" reset_transforms: Option<bool>,
    "RuleArn" rule_arn: String,
    "Transforms" transforms: Option<Vec<RuleTransform>>,
} }

wire::structure! { ModifyRuleOutput: Default {
    "Rules" rules: Option<Vec<Rule>>,
} }

wire::structure! { ModifyTargetGroupAttributesInput: Default {
    "Attributes" attributes: Vec<TargetGroupAttribute>,
    "TargetGroupArn" target_group_arn: String,
} }

wire::structure! { ModifyTargetGroupAttributesOutput: Default {
    "Attributes" attributes: Option<Vec<TargetGroupAttribute>>,
} }

wire::structure! { ModifyTargetGroupInput: Default {
    "HealthCheckEnabled" health_check_enabled: Option<bool>,
    "HealthCheckIntervalSeconds" health_check_interval_seconds: Option<i32>,
    "HealthCheckPath" health_check_path: Option<String>,
    "HealthCheckPort" health_check_port: Option<String>,
    "HealthCheckProtocol" health_check_protocol: Option<ProtocolEnum>,
    "HealthCheckTimeoutSeconds" health_check_timeout_seconds: Option<i32>,
    "HealthyThresholdCount" healthy_threshold_count: Option<i32>,
    "Matcher" matcher: Option<Matcher>,
    "TargetGroupArn" target_group_arn: String,
    "UnhealthyThresholdCount" unhealthy_threshold_count: Option<i32>,
} }

wire::structure! { ModifyTargetGroupOutput: Default {
    "TargetGroups" target_groups: Option<Vec<TargetGroup>>,
} }

wire::structure! { ModifyTrustStoreInput: Default {
    "CaCertificatesBundleS3Bucket" ca_certificates_bundle_s3_bucket: String,
    "CaCertificatesBundleS3Key" ca_certificates_bundle_s3_key: String,
    "TrustStoreArn" trust_store_arn: String,
} }

wire::structure! { ModifyTrustStoreOutput: Default {
    "TrustStores" trust_stores: Option<Vec<TrustStore>>,
} }

wire::structure! { MutualAuthenticationAttributes: Default {
    "AdvertiseTrustStoreCaNames" advertise_trust_store_ca_names: Option<AdvertiseTrustStoreCaNamesEnum>,
    "IgnoreClientCertificateExpiry" ignore_client_certificate_expiry: Option<bool>,
    "Mode" mode: Option<String>,
    "TrustStoreArn" trust_store_arn: Option<String>,
    "TrustStoreAssociationStatus" trust_store_association_status: Option<TrustStoreAssociationStatusEnum>,
} }

wire::structure! { PathPatternConditionConfig: Default {
    "RegexValues" regex_values: Option<Vec<String>>,
    "Values" values: Option<Vec<String>>,
} }

wire::enumeration! { ProtocolEnum {
    Http = "HTTP",
    Https = "HTTPS",
    Tcp = "TCP",
    Tls = "TLS",
    Udp = "UDP",
    TcpUdp = "TCP_UDP",
    Geneve = "GENEVE",
    Quic = "QUIC",
    TcpQuic = "TCP_QUIC",
} }

wire::structure! { QueryStringConditionConfig: Default {
    "Values" values: Option<Vec<QueryStringKeyValuePair>>,
} }

wire::structure! { QueryStringKeyValuePair: Default {
    "Key" key: Option<String>,
    "Value" value: String,
} }

wire::structure! { RedirectActionConfig {
    "Host" host: Option<String>,
    "Path" path: Option<String>,
    "Port" port: Option<String>,
    "Protocol" protocol: Option<String>,
    "Query" query: Option<String>,
    "StatusCode" status_code: RedirectActionStatusCodeEnum,
} }

wire::enumeration! { RedirectActionStatusCodeEnum {
    Http301 = "HTTP_301",
    Http302 = "HTTP_302",
} }

wire::structure! { RegisterTargetsInput: Default {
    "TargetGroupArn" target_group_arn: String,
    "Targets" targets: Vec<TargetDescription>,
} }

wire::structure! { RegisterTargetsOutput: Default {
} }

wire::structure! { RemoveListenerCertificatesInput: Default {
    "Certificates" certificates: Vec<Certificate>,
    "ListenerArn" listener_arn: String,
} }

wire::structure! { RemoveListenerCertificatesOutput: Default {
} }

wire::structure! { RemoveTagsInput: Default {
    "ResourceArns" resource_arns: Vec<String>,
    "TagKeys" tag_keys: Vec<String>,
} }

wire::structure! { RemoveTagsOutput: Default {
} }

wire::structure! { RemoveTrustStoreRevocationsInput: Default {
    "RevocationIds" revocation_ids: Vec<i64>,
    "TrustStoreArn" trust_store_arn: String,
} }

wire::structure! { RemoveTrustStoreRevocationsOutput: Default {
} }

wire::structure! { RevocationContent: Default {
    "RevocationType" revocation_type: Option<RevocationType>,
    "S3Bucket" s3_bucket: String,
    "S3Key" s3_key: String,
} }

wire::enumeration! { RevocationType {
    Crl = "CRL",
} }

wire::structure! { RewriteConfig: Default {
    "Regex" regex: String,
    "Replace" replace: String,
} }

wire::structure! { Rule: Default {
    "Actions" actions: Option<Vec<Action>>,
    "Conditions" conditions: Option<Vec<RuleCondition>>,
    "IsDefault" is_default: Option<bool>,
    "Priority" priority: Option<String>,
    "RuleArn" rule_arn: Option<String>,
    "Transforms" transforms: Option<Vec<RuleTransform>>,
} }

wire::structure! { RuleCondition: Default {
    "Field" field: String,
    "HostHeaderConfig" host_header_config: Option<HostHeaderConditionConfig>,
    "HttpHeaderConfig" http_header_config: Option<HttpHeaderConditionConfig>,
    "HttpRequestMethodConfig" http_request_method_config: Option<HttpRequestMethodConditionConfig>,
    "PathPatternConfig" path_pattern_config: Option<PathPatternConditionConfig>,
    "QueryStringConfig" query_string_config: Option<QueryStringConditionConfig>,
    "RegexValues" regex_values: Option<Vec<String>>,
    "SourceIpConfig" source_ip_config: Option<SourceIpConditionConfig>,
    "Values" values: Option<Vec<String>>,
} }

wire::structure! { RulePriorityPair: Default {
    "Priority" priority: i32,
    "RuleArn" rule_arn: String,
} }

wire::structure! { RuleTransform {
    "HostHeaderRewriteConfig" host_header_rewrite_config: Option<HostHeaderRewriteConfig>,
    "Type" r#type: TransformTypeEnum,
    "UrlRewriteConfig" url_rewrite_config: Option<UrlRewriteConfig>,
} }

wire::structure! { SetIpAddressTypeInput {
    "IpAddressType" ip_address_type: IpAddressType,
    "LoadBalancerArn" load_balancer_arn: String,
} }

wire::structure! { SetIpAddressTypeOutput: Default {
    "IpAddressType" ip_address_type: Option<IpAddressType>,
} }

wire::structure! { SetRulePrioritiesInput: Default {
    "RulePriorities" rule_priorities: Vec<RulePriorityPair>,
} }

wire::structure! { SetRulePrioritiesOutput: Default {
    "Rules" rules: Option<Vec<Rule>>,
} }

wire::structure! { SetSecurityGroupsInput: Default {
    "LoadBalancerArn" load_balancer_arn: String,
    "SecurityGroups" security_groups: Vec<String>,
} }

wire::structure! { SetSecurityGroupsOutput: Default {
    "SecurityGroupIds" security_group_ids: Option<Vec<String>>,
} }

wire::structure! { SetSubnetsInput: Default {
    "IpAddressType" ip_address_type: Option<IpAddressType>,
    "LoadBalancerArn" load_balancer_arn: String,
    "SubnetMappings" subnet_mappings: Option<Vec<SubnetMapping>>,
    "Subnets" subnets: Option<Vec<String>>,
} }

wire::structure! { SetSubnetsOutput: Default {
    "AvailabilityZones" availability_zones: Option<Vec<AvailabilityZone>>,
    "IpAddressType" ip_address_type: Option<IpAddressType>,
} }

wire::structure! { SourceIpConditionConfig: Default {
    "Values" values: Option<Vec<String>>,
} }

wire::structure! { SslPolicy: Default {
    "Ciphers" ciphers: Option<Vec<Cipher>>,
    "Name" name: Option<String>,
    "SslProtocols" ssl_protocols: Option<Vec<String>>,
    "SupportedLoadBalancerTypes" supported_load_balancer_types: Option<Vec<String>>,
} }

wire::structure! { SubnetMapping: Default {
    "SubnetId" subnet_id: Option<String>,
} }

wire::structure! { Tag: Default {
    "Key" key: String,
    "Value" value: Option<String>,
} }

wire::structure! { TagDescription: Default {
    "ResourceArn" resource_arn: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::enumeration! { TargetAdministrativeOverrideReasonEnum {
    AdministrativeOverrideUnknown = "AdministrativeOverride.Unknown",
    AdministrativeOverrideNoOverride = "AdministrativeOverride.NoOverride",
    AdministrativeOverrideZonalShiftActive = "AdministrativeOverride.ZonalShiftActive",
    AdministrativeOverrideZonalShiftDelegatedToDns = "AdministrativeOverride.ZonalShiftDelegatedToDns",
} }

wire::enumeration! { TargetAdministrativeOverrideStateEnum {
    Unknown = "unknown",
    NoOverride = "no_override",
    ZonalShiftActive = "zonal_shift_active",
    ZonalShiftDelegatedToDns = "zonal_shift_delegated_to_dns",
} }

wire::structure! { TargetDescription: Default {
    "AvailabilityZone" availability_zone: Option<String>,
    "Id" id: String,
    "Port" port: Option<i32>,
} }

wire::structure! { TargetGroup: Default {
    "HealthCheckEnabled" health_check_enabled: Option<bool>,
    "HealthCheckIntervalSeconds" health_check_interval_seconds: Option<i32>,
    "HealthCheckPath" health_check_path: Option<String>,
    "HealthCheckPort" health_check_port: Option<String>,
    "HealthCheckProtocol" health_check_protocol: Option<ProtocolEnum>,
    "HealthCheckTimeoutSeconds" health_check_timeout_seconds: Option<i32>,
    "HealthyThresholdCount" healthy_threshold_count: Option<i32>,
    "IpAddressType" ip_address_type: Option<TargetGroupIpAddressTypeEnum>,
    "LoadBalancerArns" load_balancer_arns: Option<Vec<String>>,
    "Matcher" matcher: Option<Matcher>,
    "Port" port: Option<i32>,
    "Protocol" protocol: Option<ProtocolEnum>,
    "ProtocolVersion" protocol_version: Option<String>,
    "TargetGroupArn" target_group_arn: Option<String>,
    "TargetGroupName" target_group_name: Option<String>,
    "TargetType" target_type: Option<TargetTypeEnum>,
    "UnhealthyThresholdCount" unhealthy_threshold_count: Option<i32>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { TargetGroupAttribute: Default {
    "Key" key: Option<String>,
    "Value" value: Option<String>,
} }

wire::enumeration! { TargetGroupIpAddressTypeEnum {
    Ipv4 = "ipv4",
    Ipv6 = "ipv6",
} }

wire::structure! { TargetGroupStickinessConfig: Default {
    "DurationSeconds" duration_seconds: Option<i32>,
    "Enabled" enabled: Option<bool>,
} }

wire::structure! { TargetGroupTuple: Default {
    "TargetGroupArn" target_group_arn: Option<String>,
    "Weight" weight: Option<i32>,
} }

wire::structure! { TargetHealth: Default {
    "Description" description: Option<String>,
    "Reason" reason: Option<TargetHealthReasonEnum>,
    "State" state: Option<TargetHealthStateEnum>,
} }

wire::structure! { TargetHealthDescription: Default {
    "AdministrativeOverride" administrative_override: Option<AdministrativeOverride>,
    "AnomalyDetection" anomaly_detection: Option<AnomalyDetection>,
    "HealthCheckPort" health_check_port: Option<String>,
    "Target" target: Option<TargetDescription>,
    "TargetHealth" target_health: Option<TargetHealth>,
} }

wire::enumeration! { TargetHealthReasonEnum {
    ElbRegistrationInProgress = "Elb.RegistrationInProgress",
    ElbInitialHealthChecking = "Elb.InitialHealthChecking",
    TargetResponseCodeMismatch = "Target.ResponseCodeMismatch",
    TargetTimeout = "Target.Timeout",
    TargetFailedHealthChecks = "Target.FailedHealthChecks",
    TargetNotRegistered = "Target.NotRegistered",
    TargetNotInUse = "Target.NotInUse",
    TargetDeregistrationInProgress = "Target.DeregistrationInProgress",
    TargetInvalidState = "Target.InvalidState",
    TargetIpUnusable = "Target.IpUnusable",
    TargetHealthCheckDisabled = "Target.HealthCheckDisabled",
    ElbInternalError = "Elb.InternalError",
} }

wire::enumeration! { TargetHealthStateEnum {
    Initial = "initial",
    Healthy = "healthy",
    Unhealthy = "unhealthy",
    UnhealthyDraining = "unhealthy.draining",
    Unused = "unused",
    Draining = "draining",
    Unavailable = "unavailable",
} }

wire::enumeration! { TargetTypeEnum {
    Instance = "instance",
    Ip = "ip",
    Lambda = "lambda",
    Alb = "alb",
} }

wire::enumeration! { TransformTypeEnum {
    HostHeaderRewrite = "host-header-rewrite",
    UrlRewrite = "url-rewrite",
} }

wire::structure! { TrustStore: Default {
    "Name" name: Option<String>,
    "NumberOfCaCertificates" number_of_ca_certificates: Option<i32>,
    "Status" status: Option<TrustStoreStatus>,
    "TotalRevokedEntries" total_revoked_entries: Option<i64>,
    "TrustStoreArn" trust_store_arn: Option<String>,
} }

wire::structure! { TrustStoreAssociation: Default {
    "ResourceArn" resource_arn: Option<String>,
} }

wire::enumeration! { TrustStoreAssociationStatusEnum {
    Active = "active",
    Removed = "removed",
} }

wire::structure! { TrustStoreRevocation: Default {
    "NumberOfRevokedEntries" number_of_revoked_entries: Option<i64>,
    "RevocationId" revocation_id: Option<i64>,
    "RevocationType" revocation_type: Option<RevocationType>,
    "TrustStoreArn" trust_store_arn: Option<String>,
} }

wire::enumeration! { TrustStoreStatus {
    Active = "ACTIVE",
    Creating = "CREATING",
} }

wire::structure! { UrlRewriteConfig: Default {
    "Rewrites" rewrites: Option<Vec<RewriteConfig>>,
} }

wire::structure! { ZonalCapacityReservationState: Default {
    "AvailabilityZone" availability_zone: Option<String>,
    "EffectiveCapacityUnits" effective_capacity_units: Option<f64>,
    "State" state: Option<CapacityReservationStatus>,
} }
