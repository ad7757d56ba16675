//! Inputs, outputs and enumerations of EC2 (2016-11-15).
//!
//! Written by `cargo xtask codegen` from `shapes/ec2.json` and `shapes/ec2.toml`; change those instead.

wire::structure! { AccountAttribute: Default {
    "AttributeName" attribute_name: Option<String>,
    "AttributeValues" attribute_values: Option<Vec<AccountAttributeValue>>,
} }

wire::enumeration! { AccountAttributeName {
    SupportedPlatforms = "supported-platforms",
    DefaultVpc = "default-vpc",
} }

wire::structure! { AccountAttributeValue: Default {
    "AttributeValue" attribute_value: Option<String>,
} }

wire::structure! { Address: Default {
    "AllocationId" allocation_id: Option<String>,
    "AssociationId" association_id: Option<String>,
    "Domain" domain: Option<DomainType>,
    "InstanceId" instance_id: Option<String>,
    "NetworkBorderGroup" network_border_group: Option<String>,
    "NetworkInterfaceId" network_interface_id: Option<String>,
    "NetworkInterfaceOwnerId" network_interface_owner_id: Option<String>,
    "PrivateIpAddress" private_ip_address: Option<String>,
    "PublicIp" public_ip: Option<String>,
    "PublicIpv4Pool" public_ipv4_pool: Option<String>,
    "SubnetId" subnet_id: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { AddressAttribute: Default {
    "AllocationId" allocation_id: Option<String>,
    "PublicIp" public_ip: Option<String>,
} }

wire::enumeration! { AddressAttributeName {
    DomainName = "domain-name",
} }

wire::structure! { AllocateAddressRequest: Default {
    "Address" address: Option<String>,
    "Domain" domain: Option<DomainType>,
    "DryRun" dry_run: Option<bool>,
    "NetworkBorderGroup" network_border_group: Option<String>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
} }

wire::structure! { AllocateAddressResult: Default {
    "AllocationId" allocation_id: Option<String>,
    "Domain" domain: Option<DomainType>,
    "NetworkBorderGroup" network_border_group: Option<String>,
    "PublicIp" public_ip: Option<String>,
    "PublicIpv4Pool" public_ipv4_pool: Option<String>,
} }

wire::enumeration! { ArchitectureType {
    I386 = "i386",
    X86_64 = "x86_64",
    Arm64 = "arm64",
    X86_64Mac = "x86_64_mac",
    Arm64Mac = "arm64_mac",
} }

wire::enumeration! { ArchitectureValues {
    I386 = "i386",
    X86_64 = "x86_64",
    Arm64 = "arm64",
    X86_64Mac = "x86_64_mac",
    Arm64Mac = "arm64_mac",
} }

wire::structure! { AssociateAddressRequest: Default {
    "AllocationId" allocation_id: Option<String>,
    "AllowReassociation" allow_reassociation: Option<bool>,
    "DryRun" dry_run: Option<bool>,
    "InstanceId" instance_id: Option<String>,
    "NetworkInterfaceId" network_interface_id: Option<String>,
    "PrivateIpAddress" private_ip_address: Option<String>,
    "PublicIp" public_ip: Option<String>,
} }

wire::structure! { AssociateAddressResult: Default {
    "AssociationId" association_id: Option<String>,
} }

wire::structure! { AssociateRouteTableRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "RouteTableId" route_table_id: String,
    "SubnetId" subnet_id: String,
} }

wire::structure! { AssociateRouteTableResult: Default {
    "AssociationId" association_id: Option<String>,
    "AssociationState" association_state: Option<RouteTableAssociationState>,
} }

wire::structure! { AttachInternetGatewayRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "InternetGatewayId" internet_gateway_id: String,
    "VpcId" vpc_id: String,
} }

wire::enumeration! { AttachmentStatus {
    Attaching = "attaching",
    Attached = "attached",
    Detaching = "detaching",
    Detached = "detached",
} }

wire::structure! { AttributeBooleanValue: Default {
    "Value" value: Option<bool>,
} }

wire::structure! { AttributeValue: Default {
    "Value" value: Option<String>,
} }

wire::structure! { AuthorizeSecurityGroupEgressRequest: Default {
    "CidrIp" cidr_ip: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "FromPort" from_port: Option<i32>,
    "GroupId" group_id: String,
    "IpPermissions" ip_permissions: Option<Vec<IpPermission>>,
    "IpProtocol" ip_protocol: Option<String>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
    "ToPort" to_port: Option<i32>,
} }

wire::structure! { AuthorizeSecurityGroupEgressResult: Default {
    "Return" r#return: Option<bool>,
    "SecurityGroupRules" security_group_rules: Option<Vec<SecurityGroupRule>>,
} }

wire::structure! { AuthorizeSecurityGroupIngressRequest: Default {
    "CidrIp" cidr_ip: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "FromPort" from_port: Option<i32>,
    "GroupId" group_id: Option<String>,
    "GroupName" group_name: Option<String>,
    "IpPermissions" ip_permissions: Option<Vec<IpPermission>>,
    "IpProtocol" ip_protocol: Option<String>,
    "SourceSecurityGroupName" source_security_group_name: Option<String>,
    "SourceSecurityGroupOwnerId" source_security_group_owner_id: Option<String>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
    "ToPort" to_port: Option<i32>,
} }

wire::structure! { AuthorizeSecurityGroupIngressResult: Default {
    "Return" r#return: Option<bool>,
    "SecurityGroupRules" security_group_rules: Option<Vec<SecurityGroupRule>>,
} }

wire::enumeration! { AvailabilityMode {
    Zonal = "zonal",
    Regional = "regional",
} }

wire::structure! { AvailabilityZone: Default {
    "GroupLongName" group_long_name: Option<String>,
    "GroupName" group_name: Option<String>,
    "Messages" messages: Option<Vec<AvailabilityZoneMessage>>,
    "NetworkBorderGroup" network_border_group: Option<String>,
    "OptInStatus" opt_in_status: Option<AvailabilityZoneOptInStatus>,
    "ParentZoneId" parent_zone_id: Option<String>,
    "ParentZoneName" parent_zone_name: Option<String>,
    "RegionName" region_name: Option<String>,
    "State" state: Option<AvailabilityZoneState>,
    "ZoneId" zone_id: Option<String>,
    "ZoneName" zone_name: Option<String>,
    "ZoneType" zone_type: Option<String>,
} }

wire::structure! { AvailabilityZoneMessage: Default {
    "Message" message: Option<String>,
} }

wire::enumeration! { AvailabilityZoneOptInStatus {
    OptInNotRequired = "opt-in-not-required",
    OptedIn = "opted-in",
    NotOptedIn = "not-opted-in",
} }

wire::enumeration! { AvailabilityZoneState {
    Available = "available",
    Information = "information",
    Impaired = "impaired",
    Unavailable = "unavailable",
    Constrained = "constrained",
} }

wire::structure! { BlockDeviceMapping: Default {
    "DeviceName" device_name: Option<String>,
    "Ebs" ebs: Option<EbsBlockDevice>,
    "NoDevice" no_device: Option<String>,
    "VirtualName" virtual_name: Option<String>,
} }

wire::enumeration! { BootModeType {
    LegacyBios = "legacy-bios",
    Uefi = "uefi",
} }

wire::enumeration! { BootModeValues {
    LegacyBios = "legacy-bios",
    Uefi = "uefi",
    UefiPreferred = "uefi-preferred",
} }

wire::enumeration! { ConnectivityType {
    Private = "private",
    Public = "public",
} }

wire::structure! { CopyImageRequest: Default {
    "ClientToken" client_token: Option<String>,
    "CopyImageTags" copy_image_tags: Option<bool>,
    "Description" description: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "Name" name: String,
    "SourceImageId" source_image_id: String,
    "SourceRegion" source_region: String,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
} }

wire::structure! { CopyImageResult: Default {
    "ImageId" image_id: Option<String>,
} }

wire::structure! { CreateDefaultVpcRequest: Default {
    "DryRun" dry_run: Option<bool>,
} }

wire::structure! { CreateDefaultVpcResult: Default {
    "Vpc" vpc: Option<Vpc>,
} }

wire::structure! { CreateImageRequest: Default {
    "Description" description: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "InstanceId" instance_id: String,
    "Name" name: String,
    "NoReboot" no_reboot: Option<bool>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
} }

wire::structure! { CreateImageResult: Default {
    "ImageId" image_id: Option<String>,
} }

wire::structure! { CreateInternetGatewayRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
} }

wire::structure! { CreateInternetGatewayResult: Default {
    "InternetGateway" internet_gateway: Option<InternetGateway>,
} }

wire::structure! { CreateKeyPairRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "KeyFormat" key_format: Option<KeyFormat>,
    "KeyName" key_name: String,
    "KeyType" key_type: Option<KeyType>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
} }

wire::structure! { CreateLaunchTemplateRequest: Default {
    "ClientToken" client_token: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "LaunchTemplateData" launch_template_data: RequestLaunchTemplateData,
    "LaunchTemplateName" launch_template_name: String,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
    "VersionDescription" version_description: Option<String>,
} }

wire::structure! { CreateLaunchTemplateResult: Default {
    "LaunchTemplate" launch_template: Option<LaunchTemplate>,
    "Warning" warning: Option<ValidationWarning>,
} }

wire::structure! { CreateLaunchTemplateVersionRequest: Default {
    "ClientToken" client_token: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "LaunchTemplateData" launch_template_data: RequestLaunchTemplateData,
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
    "ResolveAlias" resolve_alias: Option<bool>,
    "SourceVersion" source_version: Option<String>,
    "VersionDescription" version_description: Option<String>,
} }

wire::structure! { CreateLaunchTemplateVersionResult: Default {
    "LaunchTemplateVersion" launch_template_version: Option<LaunchTemplateVersion>,
    "Warning" warning: Option<ValidationWarning>,
} }

wire::structure! { CreateNatGatewayRequest: Default {
    "AllocationId" allocation_id: Option<String>,
    "AvailabilityMode" availability_mode: Option<AvailabilityMode>,
    "ClientToken" client_token: Option<String>,
    "ConnectivityType" connectivity_type: Option<ConnectivityType>,
    "DryRun" dry_run: Option<bool>,
    "PrivateIpAddress" private_ip_address: Option<String>,
    "SubnetId" subnet_id: String,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
} }

wire::structure! { CreateNatGatewayResult: Default {
    "ClientToken" client_token: Option<String>,
    "NatGateway" nat_gateway: Option<NatGateway>,
} }

wire::structure! { CreateNetworkAclEntryRequest {
    "CidrBlock" cidr_block: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "Egress" egress: bool,
    "IcmpTypeCode" icmp_type_code: Option<IcmpTypeCode>,
    "NetworkAclId" network_acl_id: String,
    "PortRange" port_range: Option<PortRange>,
    "Protocol" protocol: String,
    "RuleAction" rule_action: RuleAction,
    "RuleNumber" rule_number: i32,
} }

wire::structure! { CreateNetworkAclRequest: Default {
    "ClientToken" client_token: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
    "VpcId" vpc_id: String,
} }

wire::structure! { CreateNetworkAclResult: Default {
    "ClientToken" client_token: Option<String>,
    "NetworkAcl" network_acl: Option<NetworkAcl>,
} }

wire::structure! { CreateRouteRequest: Default {
    "DestinationCidrBlock" destination_cidr_block: String,
    "DryRun" dry_run: Option<bool>,
    "GatewayId" gateway_id: Option<String>,
    "NatGatewayId" nat_gateway_id: Option<String>,
    "RouteTableId" route_table_id: String,
} }

wire::structure! { CreateRouteResult: Default {
    "Return" r#return: Option<bool>,
} }

wire::structure! { CreateRouteTableRequest: Default {
    "ClientToken" client_token: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
    "VpcId" vpc_id: String,
} }

wire::structure! { CreateRouteTableResult: Default {
    "ClientToken" client_token: Option<String>,
    "RouteTable" route_table: Option<RouteTable>,
} }

wire::structure! { CreateSecurityGroupRequest: Default {
    "Description" description: String,
    "DryRun" dry_run: Option<bool>,
    "GroupName" group_name: String,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { CreateSecurityGroupResult: Default {
    "GroupId" group_id: Option<String>,
    "SecurityGroupArn" security_group_arn: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { CreateSubnetRequest: Default {
    "AvailabilityZone" availability_zone: Option<String>,
    "AvailabilityZoneId" availability_zone_id: Option<String>,
    "CidrBlock" cidr_block: String,
    "DryRun" dry_run: Option<bool>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
    "VpcId" vpc_id: String,
} }

wire::structure! { CreateSubnetResult: Default {
    "Subnet" subnet: Option<Subnet>,
} }

wire::structure! { CreateTagsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Resources" resources: Vec<String>,
    "Tags" tags: Vec<Tag>,
} }

wire::structure! { CreateVpcRequest: Default {
    "AmazonProvidedIpv6CidrBlock" amazon_provided_ipv6_cidr_block: Option<bool>,
    "CidrBlock" cidr_block: String,
    "DryRun" dry_run: Option<bool>,
    "InstanceTenancy" instance_tenancy: Option<Tenancy>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
} }

wire::structure! { CreateVpcResult: Default {
    "Vpc" vpc: Option<Vpc>,
} }

wire::structure! { DeleteInternetGatewayRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "InternetGatewayId" internet_gateway_id: String,
} }

wire::structure! { DeleteKeyPairRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "KeyName" key_name: Option<String>,
    "KeyPairId" key_pair_id: Option<String>,
} }

wire::structure! { DeleteKeyPairResult: Default {
    "KeyPairId" key_pair_id: Option<String>,
    "Return" r#return: Option<bool>,
} }

wire::structure! { DeleteLaunchTemplateRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
} }

wire::structure! { DeleteLaunchTemplateResult: Default {
    "LaunchTemplate" launch_template: Option<LaunchTemplate>,
} }

wire::structure! { DeleteLaunchTemplateVersionsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
    "Versions" versions: Vec<String>,
} }

wire::structure! { DeleteLaunchTemplateVersionsResponseErrorItem: Default {
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
    "ResponseError" response_error: Option<ResponseError>,
    "VersionNumber" version_number: Option<i64>,
} }

wire::structure! { DeleteLaunchTemplateVersionsResponseSuccessItem: Default {
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
    "VersionNumber" version_number: Option<i64>,
} }

wire::structure! { DeleteLaunchTemplateVersionsResult: Default {
    "SuccessfullyDeletedLaunchTemplateVersions" successfully_deleted_launch_template_versions: Option<Vec<DeleteLaunchTemplateVersionsResponseSuccessItem>>,
    "UnsuccessfullyDeletedLaunchTemplateVersions" unsuccessfully_deleted_launch_template_versions: Option<Vec<DeleteLaunchTemplateVersionsResponseErrorItem>>,
} }

wire::structure! { DeleteNatGatewayRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "NatGatewayId" nat_gateway_id: String,
} }

wire::structure! { DeleteNatGatewayResult: Default {
    "NatGatewayId" nat_gateway_id: Option<String>,
} }

wire::structure! { DeleteNetworkAclEntryRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Egress" egress: bool,
    "NetworkAclId" network_acl_id: String,
    "RuleNumber" rule_number: i32,
} }

wire::structure! { DeleteNetworkAclRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "NetworkAclId" network_acl_id: String,
} }

wire::structure! { DeleteRouteRequest: Default {
    "DestinationCidrBlock" destination_cidr_block: String,
    "DryRun" dry_run: Option<bool>,
    "RouteTableId" route_table_id: String,
} }

wire::structure! { DeleteRouteTableRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "RouteTableId" route_table_id: String,
} }

wire::structure! { DeleteSecurityGroupRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "GroupId" group_id: Option<String>,
    "GroupName" group_name: Option<String>,
} }

wire::structure! { DeleteSecurityGroupResult: Default {
    "GroupId" group_id: Option<String>,
    "Return" r#return: Option<bool>,
} }

wire::structure! { DeleteSnapshotReturnCode: Default {
    "ReturnCode" return_code: Option<SnapshotReturnCodes>,
    "SnapshotId" snapshot_id: Option<String>,
} }

wire::structure! { DeleteSubnetRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "SubnetId" subnet_id: String,
} }

wire::structure! { DeleteTagsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Resources" resources: Vec<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { DeleteVpcRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "VpcId" vpc_id: String,
} }

wire::structure! { DeregisterImageRequest: Default {
    "DeleteAssociatedSnapshots" delete_associated_snapshots: Option<bool>,
    "DryRun" dry_run: Option<bool>,
    "ImageId" image_id: String,
} }

wire::structure! { DeregisterImageResult: Default {
    "DeleteSnapshotResults" delete_snapshot_results: Option<Vec<DeleteSnapshotReturnCode>>,
    "Return" r#return: Option<bool>,
} }

wire::structure! { DescribeAccountAttributesRequest: Default {
    "AttributeNames" attribute_names: Option<Vec<AccountAttributeName>>,
    "DryRun" dry_run: Option<bool>,
} }

wire::structure! { DescribeAccountAttributesResult: Default {
    "AccountAttributes" account_attributes: Option<Vec<AccountAttribute>>,
} }

wire::structure! { DescribeAddressesAttributeRequest: Default {
    "AllocationIds" allocation_ids: Option<Vec<String>>,
    "Attribute" attribute: Option<AddressAttributeName>,
    "DryRun" dry_run: Option<bool>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeAddressesAttributeResult: Default {
    "Addresses" addresses: Option<Vec<AddressAttribute>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeAddressesRequest: Default {
    "AllocationIds" allocation_ids: Option<Vec<String>>,
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "PublicIps" public_ips: Option<Vec<String>>,
} }

wire::structure! { DescribeAddressesResult: Default {
    "Addresses" addresses: Option<Vec<Address>>,
} }

wire::structure! { DescribeAvailabilityZonesRequest: Default {
    "AllAvailabilityZones" all_availability_zones: Option<bool>,
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "ZoneIds" zone_ids: Option<Vec<String>>,
    "ZoneNames" zone_names: Option<Vec<String>>,
} }

wire::structure! { DescribeAvailabilityZonesResult: Default {
    "AvailabilityZones" availability_zones: Option<Vec<AvailabilityZone>>,
} }

wire::structure! { DescribeImageAttributeRequest {
    "Attribute" attribute: ImageAttributeName,
    "DryRun" dry_run: Option<bool>,
    "ImageId" image_id: String,
} }

wire::structure! { DescribeImagesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "ExecutableUsers" executable_users: Option<Vec<String>>,
    "Filters" filters: Option<Vec<Filter>>,
    "ImageIds" image_ids: Option<Vec<String>>,
    "IncludeDeprecated" include_deprecated: Option<bool>,
    "IncludeDisabled" include_disabled: Option<bool>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
    "Owners" owners: Option<Vec<String>>,
} }

wire::structure! { DescribeImagesResult: Default {
    "Images" images: Option<Vec<Image>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeInstanceAttributeRequest {
    "Attribute" attribute: InstanceAttributeName,
    "DryRun" dry_run: Option<bool>,
    "InstanceId" instance_id: String,
} }

wire::structure! { DescribeInstanceStatusRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "IncludeAllInstances" include_all_instances: Option<bool>,
    "InstanceIds" instance_ids: Option<Vec<String>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeInstanceStatusResult: Default {
    "InstanceStatuses" instance_statuses: Option<Vec<InstanceStatus>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeInstanceTypeOfferingsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "LocationType" location_type: Option<LocationType>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeInstanceTypeOfferingsResult: Default {
    "InstanceTypeOfferings" instance_type_offerings: Option<Vec<InstanceTypeOffering>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeInstanceTypesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "InstanceTypes" instance_types: Option<Vec<String>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeInstanceTypesResult: Default {
    "InstanceTypes" instance_types: Option<Vec<InstanceTypeInfo>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeInstancesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "InstanceIds" instance_ids: Option<Vec<String>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeInstancesResult: Default {
    "NextToken" next_token: Option<String>,
    "Reservations" reservations: Option<Vec<Reservation>>,
} }

wire::structure! { DescribeInternetGatewaysRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "InternetGatewayIds" internet_gateway_ids: Option<Vec<String>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeInternetGatewaysResult: Default {
    "InternetGateways" internet_gateways: Option<Vec<InternetGateway>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeKeyPairsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "IncludePublicKey" include_public_key: Option<bool>,
    "KeyNames" key_names: Option<Vec<String>>,
    "KeyPairIds" key_pair_ids: Option<Vec<String>>,
} }

wire::structure! { DescribeKeyPairsResult: Default {
    "KeyPairs" key_pairs: Option<Vec<KeyPairInfo>>,
} }

wire::structure! { DescribeLaunchTemplateVersionsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
    "MaxResults" max_results: Option<i32>,
    "MaxVersion" max_version: Option<String>,
    "MinVersion" min_version: Option<String>,
    "NextToken" next_token: Option<String>,
    "ResolveAlias" resolve_alias: Option<bool>,
    "Versions" versions: Option<Vec<String>>,
} }

wire::structure! { DescribeLaunchTemplateVersionsResult: Default {
    "LaunchTemplateVersions" launch_template_versions: Option<Vec<LaunchTemplateVersion>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeLaunchTemplatesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "LaunchTemplateIds" launch_template_ids: Option<Vec<String>>,
    "LaunchTemplateNames" launch_template_names: Option<Vec<String>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeLaunchTemplatesResult: Default {
    "LaunchTemplates" launch_templates: Option<Vec<LaunchTemplate>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeNatGatewaysRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filter" filter: Option<Vec<Filter>>,
    "MaxResults" max_results: Option<i32>,
    "NatGatewayIds" nat_gateway_ids: Option<Vec<String>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeNatGatewaysResult: Default {
    "NatGateways" nat_gateways: Option<Vec<NatGateway>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeNetworkAclsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "MaxResults" max_results: Option<i32>,
    "NetworkAclIds" network_acl_ids: Option<Vec<String>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeNetworkAclsResult: Default {
    "NetworkAcls" network_acls: Option<Vec<NetworkAcl>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeNetworkInterfacesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "MaxResults" max_results: Option<i32>,
    "NetworkInterfaceIds" network_interface_ids: Option<Vec<String>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeNetworkInterfacesResult: Default {
    "NetworkInterfaces" network_interfaces: Option<Vec<NetworkInterface>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeRegionsRequest: Default {
    "AllRegions" all_regions: Option<bool>,
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "RegionNames" region_names: Option<Vec<String>>,
} }

wire::structure! { DescribeRegionsResult: Default {
    "Regions" regions: Option<Vec<Region>>,
} }

wire::structure! { DescribeRouteTablesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
    "RouteTableIds" route_table_ids: Option<Vec<String>>,
} }

wire::structure! { DescribeRouteTablesResult: Default {
    "NextToken" next_token: Option<String>,
    "RouteTables" route_tables: Option<Vec<RouteTable>>,
} }

wire::structure! { DescribeSecurityGroupRulesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
    "SecurityGroupRuleIds" security_group_rule_ids: Option<Vec<String>>,
} }

wire::structure! { DescribeSecurityGroupRulesResult: Default {
    "NextToken" next_token: Option<String>,
    "SecurityGroupRules" security_group_rules: Option<Vec<SecurityGroupRule>>,
} }

wire::structure! { DescribeSecurityGroupsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "GroupIds" group_ids: Option<Vec<String>>,
    "GroupNames" group_names: Option<Vec<String>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeSecurityGroupsResult: Default {
    "NextToken" next_token: Option<String>,
    "SecurityGroups" security_groups: Option<Vec<SecurityGroup>>,
} }

wire::structure! { DescribeSubnetsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
    "SubnetIds" subnet_ids: Option<Vec<String>>,
} }

wire::structure! { DescribeSubnetsResult: Default {
    "NextToken" next_token: Option<String>,
    "Subnets" subnets: Option<Vec<Subnet>>,
} }

wire::structure! { DescribeTagsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeTagsResult: Default {
    "NextToken" next_token: Option<String>,
    "Tags" tags: Option<Vec<TagDescription>>,
} }

wire::structure! { DescribeVpcAttributeRequest {
    "Attribute" attribute: VpcAttributeName,
    "DryRun" dry_run: Option<bool>,
    "VpcId" vpc_id: String,
} }

wire::structure! { DescribeVpcAttributeResult: Default {
    "EnableDnsHostnames" enable_dns_hostnames: Option<AttributeBooleanValue>,
    "EnableDnsSupport" enable_dns_support: Option<AttributeBooleanValue>,
    "EnableNetworkAddressUsageMetrics" enable_network_address_usage_metrics: Option<AttributeBooleanValue>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { DescribeVpcsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Filters" filters: Option<Vec<Filter>>,
    "MaxResults" max_results: Option<i32>,
    "NextToken" next_token: Option<String>,
    "VpcIds" vpc_ids: Option<Vec<String>>,
} }

wire::structure! { DescribeVpcsResult: Default {
    "NextToken" next_token: Option<String>,
    "Vpcs" vpcs: Option<Vec<Vpc>>,
} }

wire::structure! { DetachInternetGatewayRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "InternetGatewayId" internet_gateway_id: String,
    "VpcId" vpc_id: String,
} }

wire::enumeration! { DeviceType {
    Ebs = "ebs",
    InstanceStore = "instance-store",
} }

wire::structure! { DisassociateAddressRequest: Default {
    "AssociationId" association_id: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "PublicIp" public_ip: Option<String>,
} }

wire::structure! { DisassociateRouteTableRequest: Default {
    "AssociationId" association_id: String,
    "DryRun" dry_run: Option<bool>,
} }

wire::enumeration! { DomainType {
    Vpc = "vpc",
    Standard = "standard",
} }

wire::structure! { EbsBlockDevice: Default {
    "DeleteOnTermination" delete_on_termination: Option<bool>,
    "Encrypted" encrypted: Option<bool>,
    "SnapshotId" snapshot_id: Option<String>,
    "VolumeSize" volume_size: Option<i32>,
    "VolumeType" volume_type: Option<VolumeType>,
} }

wire::structure! { EbsInstanceBlockDevice: Default {
    "AttachTime" attach_time: Option<wire::Timestamp>,
    "DeleteOnTermination" delete_on_termination: Option<bool>,
    "Status" status: Option<AttachmentStatus>,
    "VolumeId" volume_id: Option<String>,
} }

wire::structure! { EbsStatusDetails: Default {
    "ImpairedSince" impaired_since: Option<wire::Timestamp>,
    "Name" name: Option<StatusName>,
    "Status" status: Option<StatusType>,
} }

wire::structure! { EbsStatusSummary: Default {
    "Details" details: Option<Vec<EbsStatusDetails>>,
    "Status" status: Option<SummaryStatus>,
} }

wire::enumeration! { EnaSupport {
    Unsupported = "unsupported",
    Supported = "supported",
    Required = "required",
} }

wire::structure! { EnclaveOptions: Default {
    "Enabled" enabled: Option<bool>,
} }

wire::enumeration! { EventCode {
    InstanceReboot = "instance-reboot",
    SystemReboot = "system-reboot",
    SystemMaintenance = "system-maintenance",
    InstanceRetirement = "instance-retirement",
    InstanceStop = "instance-stop",
} }

wire::structure! { Filter: Default {
    "Name" name: Option<String>,
    "Values" values: Option<Vec<String>>,
} }

wire::structure! { GetConsoleOutputRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "InstanceId" instance_id: String,
    "Latest" latest: Option<bool>,
} }

wire::structure! { GetConsoleOutputResult: Default {
    "InstanceId" instance_id: Option<String>,
    "Output" output: Option<String>,
    "Timestamp" timestamp: Option<wire::Timestamp>,
} }

wire::structure! { GetLaunchTemplateDataRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "InstanceId" instance_id: String,
} }

wire::structure! { GetLaunchTemplateDataResult: Default {
    "LaunchTemplateData" launch_template_data: Option<ResponseLaunchTemplateData>,
} }

wire::structure! { GroupIdentifier: Default {
    "GroupId" group_id: Option<String>,
    "GroupName" group_name: Option<String>,
} }

wire::enumeration! { HostnameType {
    IpName = "ip-name",
    ResourceName = "resource-name",
} }

wire::enumeration! { HttpTokensState {
    Optional = "optional",
    Required = "required",
} }

wire::enumeration! { HypervisorType {
    Ovm = "ovm",
    Xen = "xen",
} }

wire::structure! { IcmpTypeCode: Default {
    "Code" code: Option<i32>,
    "Type" r#type: Option<i32>,
} }

wire::structure! { Image: Default {
    "Architecture" architecture: Option<ArchitectureValues>,
    "BlockDeviceMappings" block_device_mappings: Option<Vec<BlockDeviceMapping>>,
    "BootMode" boot_mode: Option<BootModeValues>,
    "CreationDate" creation_date: Option<String>,
    "Description" description: Option<String>,
    "EnaSupport" ena_support: Option<bool>,
    "Hypervisor" hypervisor: Option<HypervisorType>,
    "ImageId" image_id: Option<String>,
    "ImageLocation" image_location: Option<String>,
    "ImageOwnerAlias" image_owner_alias: Option<String>,
    "ImageType" image_type: Option<ImageTypeValues>,
    "Name" name: Option<String>,
    "OwnerId" owner_id: Option<String>,
    "PlatformDetails" platform_details: Option<String>,
    "ProductCodes" product_codes: Option<Vec<ProductCode>>,
    "Public" public: Option<bool>,
    "RootDeviceName" root_device_name: Option<String>,
    "RootDeviceType" root_device_type: Option<DeviceType>,
    "SourceInstanceId" source_instance_id: Option<String>,
    "State" state: Option<ImageState>,
    "StateReason" state_reason: Option<StateReason>,
    "Tags" tags: Option<Vec<Tag>>,
    "UsageOperation" usage_operation: Option<String>,
    "VirtualizationType" virtualization_type: Option<VirtualizationType>,
} }

wire::structure! { ImageAttribute: Default {
    "BlockDeviceMappings" block_device_mappings: Option<Vec<BlockDeviceMapping>>,
    "BootMode" boot_mode: Option<AttributeValue>,
    "DeregistrationProtection" deregistration_protection: Option<AttributeValue>,
    "Description" description: Option<AttributeValue>,
    "ImageId" image_id: Option<String>,
    "ImdsSupport" imds_support: Option<AttributeValue>,
    "KernelId" kernel_id: Option<AttributeValue>,
    "LastLaunchedTime" last_launched_time: Option<AttributeValue>,
    "LaunchPermissions" launch_permissions: Option<Vec<LaunchPermission>>,
    "ProductCodes" product_codes: Option<Vec<ProductCode>>,
    "RamdiskId" ramdisk_id: Option<AttributeValue>,
    "SriovNetSupport" sriov_net_support: Option<AttributeValue>,
    "TpmSupport" tpm_support: Option<AttributeValue>,
    "UefiData" uefi_data: Option<AttributeValue>,
} }

wire::enumeration! { ImageAttributeName {
    Description = "description",
    Kernel = "kernel",
    Ramdisk = "ramdisk",
    LaunchPermission = "launchPermission",
    ProductCodes = "productCodes",
    BlockDeviceMapping = "blockDeviceMapping",
    SriovNetSupport = "sriovNetSupport",
    BootMode = "bootMode",
    TpmSupport = "tpmSupport",
    UefiData = "uefiData",
    LastLaunchedTime = "lastLaunchedTime",
    ImdsSupport = "imdsSupport",
    DeregistrationProtection = "deregistrationProtection",
} }

wire::enumeration! { ImageState {
    Pending = "pending",
    Available = "available",
    Invalid = "invalid",
    Deregistered = "deregistered",
    Transient = "transient",
    Failed = "failed",
    Error = "error",
    Disabled = "disabled",
} }

wire::enumeration! { ImageTypeValues {
    Machine = "machine",
    Kernel = "kernel",
    Ramdisk = "ramdisk",
} }

wire::structure! { ImportKeyPairRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "KeyName" key_name: String,
    "PublicKeyMaterial" public_key_material: Vec<u8>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
} }

wire::structure! { ImportKeyPairResult: Default {
    "KeyFingerprint" key_fingerprint: Option<String>,
    "KeyName" key_name: Option<String>,
    "KeyPairId" key_pair_id: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { Instance: Default {
    "AmiLaunchIndex" ami_launch_index: Option<i32>,
    "Architecture" architecture: Option<ArchitectureValues>,
    "BlockDeviceMappings" block_device_mappings: Option<Vec<InstanceBlockDeviceMapping>>,
    "BootMode" boot_mode: Option<BootModeValues>,
    "ClientToken" client_token: Option<String>,
    "EbsOptimized" ebs_optimized: Option<bool>,
    "EnaSupport" ena_support: Option<bool>,
    "Hypervisor" hypervisor: Option<HypervisorType>,
    "ImageId" image_id: Option<String>,
    "InstanceId" instance_id: Option<String>,
    "InstanceType" instance_type: Option<String>,
    "KeyName" key_name: Option<String>,
    "LaunchTime" launch_time: Option<wire::Timestamp>,
    "MetadataOptions" metadata_options: Option<InstanceMetadataOptionsResponse>,
    "Monitoring" monitoring: Option<Monitoring>,
    "NetworkInterfaces" network_interfaces: Option<Vec<InstanceNetworkInterface>>,
    "Placement" placement: Option<Placement>,
    "PlatformDetails" platform_details: Option<String>,
    "PrivateDnsName" private_dns_name: Option<String>,
    "PrivateIpAddress" private_ip_address: Option<String>,
    "ProductCodes" product_codes: Option<Vec<ProductCode>>,
    "PublicDnsName" public_dns_name: Option<String>,
    "PublicIpAddress" public_ip_address: Option<String>,
    "RootDeviceName" root_device_name: Option<String>,
    "RootDeviceType" root_device_type: Option<DeviceType>,
    "SecurityGroups" security_groups: Option<Vec<GroupIdentifier>>,
    "SourceDestCheck" source_dest_check: Option<bool>,
    "State" state: Option<InstanceState>,
    "StateReason" state_reason: Option<StateReason>,
    "StateTransitionReason" state_transition_reason: Option<String>,
    "SubnetId" subnet_id: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
    "UsageOperation" usage_operation: Option<String>,
    "VirtualizationType" virtualization_type: Option<VirtualizationType>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { InstanceAttribute: Default {
    "BlockDeviceMappings" block_device_mappings: Option<Vec<InstanceBlockDeviceMapping>>,
    "DisableApiStop" disable_api_stop: Option<AttributeBooleanValue>,
    "DisableApiTermination" disable_api_termination: Option<AttributeBooleanValue>,
    "EbsOptimized" ebs_optimized: Option<AttributeBooleanValue>,
    "EnaSupport" ena_support: Option<AttributeBooleanValue>,
    "EnclaveOptions" enclave_options: Option<EnclaveOptions>,
    "Groups" groups: Option<Vec<GroupIdentifier>>,
    "InstanceId" instance_id: Option<String>,
    "InstanceInitiatedShutdownBehavior" instance_initiated_shutdown_behavior: Option<AttributeValue>,
    "InstanceType" instance_type: Option<AttributeValue>,
    "KernelId" kernel_id: Option<AttributeValue>,
    "ProductCodes" product_codes: Option<Vec<ProductCode>>,
    "RamdiskId" ramdisk_id: Option<AttributeValue>,
    "RootDeviceName" root_device_name: Option<AttributeValue>,
    "SourceDestCheck" source_dest_check: Option<AttributeBooleanValue>,
    "SriovNetSupport" sriov_net_support: Option<AttributeValue>,
    "UserData" user_data: Option<AttributeValue>,
} }

wire::enumeration! { InstanceAttributeName {
    InstanceType = "instanceType",
    Kernel = "kernel",
    Ramdisk = "ramdisk",
    UserData = "userData",
    DisableApiTermination = "disableApiTermination",
    InstanceInitiatedShutdownBehavior = "instanceInitiatedShutdownBehavior",
    RootDeviceName = "rootDeviceName",
    BlockDeviceMapping = "blockDeviceMapping",
    ProductCodes = "productCodes",
    SourceDestCheck = "sourceDestCheck",
    GroupSet = "groupSet",
    EbsOptimized = "ebsOptimized",
    SriovNetSupport = "sriovNetSupport",
    EnaSupport = "enaSupport",
    EnclaveOptions = "enclaveOptions",
    DisableApiStop = "disableApiStop",
} }

wire::structure! { InstanceBlockDeviceMapping: Default {
    "DeviceName" device_name: Option<String>,
    "Ebs" ebs: Option<EbsInstanceBlockDevice>,
} }

wire::structure! { InstanceIpv6Address: Default {
    "Ipv6Address" ipv6_address: Option<String>,
    "IsPrimaryIpv6" is_primary_ipv6: Option<bool>,
} }

wire::enumeration! { InstanceMetadataEndpointState {
    Disabled = "disabled",
    Enabled = "enabled",
} }

wire::structure! { InstanceMetadataOptionsRequest: Default {
    "HttpEndpoint" http_endpoint: Option<InstanceMetadataEndpointState>,
    "HttpProtocolIpv6" http_protocol_ipv6: Option<InstanceMetadataProtocolState>,
    "HttpPutResponseHopLimit" http_put_response_hop_limit: Option<i32>,
    "HttpTokens" http_tokens: Option<HttpTokensState>,
    "InstanceMetadataTags" instance_metadata_tags: Option<InstanceMetadataTagsState>,
} }

wire::structure! { InstanceMetadataOptionsResponse: Default {
    "HttpEndpoint" http_endpoint: Option<InstanceMetadataEndpointState>,
    "HttpProtocolIpv6" http_protocol_ipv6: Option<InstanceMetadataProtocolState>,
    "HttpPutResponseHopLimit" http_put_response_hop_limit: Option<i32>,
    "HttpTokens" http_tokens: Option<HttpTokensState>,
    "InstanceMetadataTags" instance_metadata_tags: Option<InstanceMetadataTagsState>,
    "State" state: Option<InstanceMetadataOptionsState>,
} }

wire::enumeration! { InstanceMetadataOptionsState {
    Pending = "pending",
    Applied = "applied",
} }

wire::enumeration! { InstanceMetadataProtocolState {
    Disabled = "disabled",
    Enabled = "enabled",
} }

wire::enumeration! { InstanceMetadataTagsState {
    Disabled = "disabled",
    Enabled = "enabled",
} }

wire::structure! { InstanceNetworkInterface: Default {
    "Association" association: Option<InstanceNetworkInterfaceAssociation>,
    "Attachment" attachment: Option<InstanceNetworkInterfaceAttachment>,
    "Description" description: Option<String>,
    "Groups" groups: Option<Vec<GroupIdentifier>>,
    "InterfaceType" interface_type: Option<String>,
    "Ipv6Addresses" ipv6_addresses: Option<Vec<InstanceIpv6Address>>,
    "MacAddress" mac_address: Option<String>,
    "NetworkInterfaceId" network_interface_id: Option<String>,
    "OwnerId" owner_id: Option<String>,
    "PrivateDnsName" private_dns_name: Option<String>,
    "PrivateIpAddress" private_ip_address: Option<String>,
    "PrivateIpAddresses" private_ip_addresses: Option<Vec<InstancePrivateIpAddress>>,
    "SourceDestCheck" source_dest_check: Option<bool>,
    "Status" status: Option<NetworkInterfaceStatus>,
    "SubnetId" subnet_id: Option<String>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { InstanceNetworkInterfaceAssociation: Default {
    "IpOwnerId" ip_owner_id: Option<String>,
    "PublicDnsName" public_dns_name: Option<String>,
    "PublicIp" public_ip: Option<String>,
} }

wire::structure! { InstanceNetworkInterfaceAttachment: Default {
    "AttachTime" attach_time: Option<wire::Timestamp>,
    "AttachmentId" attachment_id: Option<String>,
    "DeleteOnTermination" delete_on_termination: Option<bool>,
    "DeviceIndex" device_index: Option<i32>,
    "NetworkCardIndex" network_card_index: Option<i32>,
    "Status" status: Option<AttachmentStatus>,
} }

wire::structure! { InstanceNetworkInterfaceSpecification: Default {
    "AssociatePublicIpAddress" associate_public_ip_address: Option<bool>,
    "DeleteOnTermination" delete_on_termination: Option<bool>,
    "Description" description: Option<String>,
    "DeviceIndex" device_index: Option<i32>,
    "Groups" groups: Option<Vec<String>>,
    "PrivateIpAddress" private_ip_address: Option<String>,
    "SubnetId" subnet_id: Option<String>,
} }

wire::structure! { InstancePrivateIpAddress: Default {
    "Association" association: Option<InstanceNetworkInterfaceAssociation>,
    "Primary" primary: Option<bool>,
    "PrivateDnsName" private_dns_name: Option<String>,
    "PrivateIpAddress" private_ip_address: Option<String>,
} }

wire::structure! { InstanceState: Default {
    "Code" code: Option<i32>,
    "Name" name: Option<InstanceStateName>,
} }

wire::structure! { InstanceStateChange: Default {
    "CurrentState" current_state: Option<InstanceState>,
    "InstanceId" instance_id: Option<String>,
    "PreviousState" previous_state: Option<InstanceState>,
} }

wire::enumeration! { InstanceStateName {
    Pending = "pending",
    Running = "running",
    ShuttingDown = "shutting-down",
    Terminated = "terminated",
    Stopping = "stopping",
    Stopped = "stopped",
} }

wire::structure! { InstanceStatus: Default {
    "AttachedEbsStatus" attached_ebs_status: Option<EbsStatusSummary>,
    "AvailabilityZone" availability_zone: Option<String>,
    "AvailabilityZoneId" availability_zone_id: Option<String>,
    "Events" events: Option<Vec<InstanceStatusEvent>>,
    "InstanceId" instance_id: Option<String>,
    "InstanceState" instance_state: Option<InstanceState>,
    "InstanceStatus" instance_status: Option<InstanceStatusSummary>,
    "SystemStatus" system_status: Option<InstanceStatusSummary>,
} }

wire::structure! { InstanceStatusDetails: Default {
    "ImpairedSince" impaired_since: Option<wire::Timestamp>,
    "Name" name: Option<StatusName>,
    "Status" status: Option<StatusType>,
} }

wire::structure! { InstanceStatusEvent: Default {
    "Code" code: Option<EventCode>,
    "Description" description: Option<String>,
    "InstanceEventId" instance_event_id: Option<String>,
    "NotAfter" not_after: Option<wire::Timestamp>,
    "NotBefore" not_before: Option<wire::Timestamp>,
    "NotBeforeDeadline" not_before_deadline: Option<wire::Timestamp>,
} }

wire::structure! { InstanceStatusSummary: Default {
    "Details" details: Option<Vec<InstanceStatusDetails>>,
    "Status" status: Option<SummaryStatus>,
} }

wire::enumeration! { InstanceTypeHypervisor {
    Nitro = "nitro",
    Xen = "xen",
} }

wire::structure! { InstanceTypeInfo: Default {
    "AutoRecoverySupported" auto_recovery_supported: Option<bool>,
    "BareMetal" bare_metal: Option<bool>,
    "BurstablePerformanceSupported" burstable_performance_supported: Option<bool>,
    "CurrentGeneration" current_generation: Option<bool>,
    "DedicatedHostsSupported" dedicated_hosts_supported: Option<bool>,
    "FreeTierEligible" free_tier_eligible: Option<bool>,
    "HibernationSupported" hibernation_supported: Option<bool>,
    "Hypervisor" hypervisor: Option<InstanceTypeHypervisor>,
    "InstanceStorageSupported" instance_storage_supported: Option<bool>,
    "InstanceType" instance_type: Option<String>,
    "MemoryInfo" memory_info: Option<MemoryInfo>,
    "NetworkInfo" network_info: Option<NetworkInfo>,
    "ProcessorInfo" processor_info: Option<ProcessorInfo>,
    "SupportedBootModes" supported_boot_modes: Option<Vec<BootModeType>>,
    "SupportedRootDeviceTypes" supported_root_device_types: Option<Vec<RootDeviceType>>,
    "SupportedUsageClasses" supported_usage_classes: Option<Vec<UsageClassType>>,
    "SupportedVirtualizationTypes" supported_virtualization_types: Option<Vec<VirtualizationType>>,
    "VCpuInfo" vcpu_info: Option<VCpuInfo>,
} }

wire::structure! { InstanceTypeOffering: Default {
    "InstanceType" instance_type: Option<String>,
    "Location" location: Option<String>,
    "LocationType" location_type: Option<LocationType>,
} }

wire::structure! { InternetGateway: Default {
    "Attachments" attachments: Option<Vec<InternetGatewayAttachment>>,
    "InternetGatewayId" internet_gateway_id: Option<String>,
    "OwnerId" owner_id: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { InternetGatewayAttachment: Default {
    "State" state: Option<AttachmentStatus>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { IpPermission: Default {
    "FromPort" from_port: Option<i32>,
    "IpProtocol" ip_protocol: Option<String>,
    "IpRanges" ip_ranges: Option<Vec<IpRange>>,
    "Ipv6Ranges" ipv6_ranges: Option<Vec<Ipv6Range>>,
    "PrefixListIds" prefix_list_ids: Option<Vec<PrefixListId>>,
    "ToPort" to_port: Option<i32>,
    "UserIdGroupPairs" user_id_group_pairs: Option<Vec<UserIdGroupPair>>,
} }

wire::structure! { IpRange: Default {
    "CidrIp" cidr_ip: Option<String>,
    "Description" description: Option<String>,
} }

wire::enumeration! { IpSource {
    Amazon = "amazon",
    Byoip = "byoip",
    None = "none",
} }

wire::enumeration! { Ipv6AddressAttribute {
    Public = "public",
    Private = "private",
} }

wire::structure! { Ipv6Range: Default {
    "CidrIpv6" cidr_ipv6: Option<String>,
    "Description" description: Option<String>,
} }

wire::enumeration! { KeyFormat {
    Pem = "pem",
    Ppk = "ppk",
} }

wire::structure! { KeyPair: Default {
    "KeyFingerprint" key_fingerprint: Option<String>,
    "KeyMaterial" key_material: Option<String> as secret,
    "KeyName" key_name: Option<String>,
    "KeyPairId" key_pair_id: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { KeyPairInfo: Default {
    "CreateTime" create_time: Option<wire::Timestamp>,
    "KeyFingerprint" key_fingerprint: Option<String>,
    "KeyName" key_name: Option<String>,
    "KeyPairId" key_pair_id: Option<String>,
    "KeyType" key_type: Option<KeyType>,
    "PublicKey" public_key: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::enumeration! { KeyType {
    Rsa = "rsa",
    Ed25519 = "ed25519",
} }

wire::structure! { LaunchPermission: Default {
    "Group" group: Option<PermissionGroup>,
    "OrganizationArn" organization_arn: Option<String>,
    "OrganizationalUnitArn" organizational_unit_arn: Option<String>,
    "UserId" user_id: Option<String>,
} }

wire::structure! { LaunchTemplate: Default {
    "CreateTime" create_time: Option<wire::Timestamp>,
    "CreatedBy" created_by: Option<String>,
    "DefaultVersionNumber" default_version_number: Option<i64>,
    "LatestVersionNumber" latest_version_number: Option<i64>,
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::enumeration! { LaunchTemplateErrorCode {
    LaunchTemplateIdDoesNotExist = "launchTemplateIdDoesNotExist",
    LaunchTemplateIdMalformed = "launchTemplateIdMalformed",
    LaunchTemplateNameDoesNotExist = "launchTemplateNameDoesNotExist",
    LaunchTemplateNameMalformed = "launchTemplateNameMalformed",
    LaunchTemplateVersionDoesNotExist = "launchTemplateVersionDoesNotExist",
    UnexpectedError = "unexpectedError",
} }

wire::enumeration! { LaunchTemplateHttpTokensState {
    Optional = "optional",
    Required = "required",
} }

wire::enumeration! { LaunchTemplateInstanceMetadataEndpointState {
    Disabled = "disabled",
    Enabled = "enabled",
} }

wire::structure! { LaunchTemplateInstanceMetadataOptions: Default {
    "HttpEndpoint" http_endpoint: Option<LaunchTemplateInstanceMetadataEndpointState>,
    "HttpProtocolIpv6" http_protocol_ipv6: Option<LaunchTemplateInstanceMetadataProtocolIpv6>,
    "HttpPutResponseHopLimit" http_put_response_hop_limit: Option<i32>,
    "HttpTokens" http_tokens: Option<LaunchTemplateHttpTokensState>,
    "InstanceMetadataTags" instance_metadata_tags: Option<LaunchTemplateInstanceMetadataTagsState>,
    "State" state: Option<LaunchTemplateInstanceMetadataOptionsState>,
} }

wire::structure! { LaunchTemplateInstanceMetadataOptionsRequest: Default {
    "HttpEndpoint" http_endpoint: Option<LaunchTemplateInstanceMetadataEndpointState>,
    "HttpProtocolIpv6" http_protocol_ipv6: Option<LaunchTemplateInstanceMetadataProtocolIpv6>,
    "HttpPutResponseHopLimit" http_put_response_hop_limit: Option<i32>,
    "HttpTokens" http_tokens: Option<LaunchTemplateHttpTokensState>,
    "InstanceMetadataTags" instance_metadata_tags: Option<LaunchTemplateInstanceMetadataTagsState>,
} }

wire::enumeration! { LaunchTemplateInstanceMetadataOptionsState {
    Pending = "pending",
    Applied = "applied",
} }

wire::enumeration! { LaunchTemplateInstanceMetadataProtocolIpv6 {
    Disabled = "disabled",
    Enabled = "enabled",
} }

wire::enumeration! { LaunchTemplateInstanceMetadataTagsState {
    Disabled = "disabled",
    Enabled = "enabled",
} }

wire::structure! { LaunchTemplateInstanceNetworkInterfaceSpecification: Default {
    "AssociatePublicIpAddress" associate_public_ip_address: Option<bool>,
    "DeleteOnTermination" delete_on_termination: Option<bool>,
    "Description" description: Option<String>,
    "DeviceIndex" device_index: Option<i32>,
    "Groups" groups: Option<Vec<String>>,
    "PrivateIpAddress" private_ip_address: Option<String>,
    "SubnetId" subnet_id: Option<String>,
} }

wire::structure! { LaunchTemplateInstanceNetworkInterfaceSpecificationRequest: Default {
    "AssociatePublicIpAddress" associate_public_ip_address: Option<bool>,
    "DeleteOnTermination" delete_on_termination: Option<bool>,
    "Description" description: Option<String>,
    "DeviceIndex" device_index: Option<i32>,
    "Groups" groups: Option<Vec<String>>,
    "PrivateIpAddress" private_ip_address: Option<String>,
    "SubnetId" subnet_id: Option<String>,
} }

wire::structure! { LaunchTemplatePlacement: Default {
    "AvailabilityZone" availability_zone: Option<String>,
    "Tenancy" tenancy: Option<Tenancy>,
} }

wire::structure! { LaunchTemplatePlacementRequest: Default {
    "AvailabilityZone" availability_zone: Option<String>,
    "AvailabilityZoneId" availability_zone_id: Option<String>,
    "Tenancy" tenancy: Option<Tenancy>,
} }

wire::structure! { LaunchTemplateSpecification: Default {
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
    "Version" version: Option<String>,
} }

wire::structure! { LaunchTemplateTagSpecification: Default {
    "ResourceType" resource_type: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { LaunchTemplateTagSpecificationRequest: Default {
    "ResourceType" resource_type: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { LaunchTemplateVersion: Default {
    "CreateTime" create_time: Option<wire::Timestamp>,
    "CreatedBy" created_by: Option<String>,
    "DefaultVersion" default_version: Option<bool>,
    "LaunchTemplateData" launch_template_data: Option<ResponseLaunchTemplateData>,
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
    "VersionDescription" version_description: Option<String>,
    "VersionNumber" version_number: Option<i64>,
} }

wire::structure! { LaunchTemplatesMonitoring: Default {
    "Enabled" enabled: Option<bool>,
    "MetricCategoryIds" metric_category_ids: Option<Vec<String>>,
} }

wire::structure! { LaunchTemplatesMonitoringRequest: Default {
    "Enabled" enabled: Option<bool>,
} }

wire::enumeration! { LocationType {
    Region = "region",
    AvailabilityZone = "availability-zone",
    AvailabilityZoneId = "availability-zone-id",
    Outpost = "outpost",
} }

wire::structure! { MemoryInfo: Default {
    "SizeInMiB" size_in_mib: Option<i64>,
} }

wire::structure! { ModifyImageAttributeRequest: Default {
    "Attribute" attribute: Option<String>,
    "Description" description: Option<AttributeValue>,
    "DryRun" dry_run: Option<bool>,
    "ImageId" image_id: String,
    "Value" value: Option<String>,
} }

wire::structure! { ModifyInstanceAttributeRequest: Default {
    "Attribute" attribute: Option<InstanceAttributeName>,
    "DisableApiStop" disable_api_stop: Option<AttributeBooleanValue>,
    "DisableApiTermination" disable_api_termination: Option<AttributeBooleanValue>,
    "DryRun" dry_run: Option<bool>,
    "Groups" groups: Option<Vec<String>>,
    "InstanceId" instance_id: String,
    "InstanceInitiatedShutdownBehavior" instance_initiated_shutdown_behavior: Option<AttributeValue>,
    "InstanceType" instance_type: Option<AttributeValue>,
    "SourceDestCheck" source_dest_check: Option<AttributeBooleanValue>,
    "UserData" user_data: Option<SecureBlobAttributeValue>,
    "Value" value: Option<String> as secret,
} }

wire::structure! { ModifyInstanceMetadataOptionsRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "HttpEndpoint" http_endpoint: Option<InstanceMetadataEndpointState>,
    "HttpProtocolIpv6" http_protocol_ipv6: Option<InstanceMetadataProtocolState>,
    "HttpPutResponseHopLimit" http_put_response_hop_limit: Option<i32>,
    "HttpTokens" http_tokens: Option<HttpTokensState>,
    "InstanceId" instance_id: String,
    "InstanceMetadataTags" instance_metadata_tags: Option<InstanceMetadataTagsState>,
} }

wire::structure! { ModifyInstanceMetadataOptionsResult: Default {
    "InstanceId" instance_id: Option<String>,
    "InstanceMetadataOptions" instance_metadata_options: Option<InstanceMetadataOptionsResponse>,
} }

wire::structure! { ModifyLaunchTemplateRequest: Default {
    "ClientToken" client_token: Option<String>,
    "DefaultVersion" default_version: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
} }

wire::structure! { ModifyLaunchTemplateResult: Default {
    "LaunchTemplate" launch_template: Option<LaunchTemplate>,
} }

wire::structure! { ModifySubnetAttributeRequest: Default {
    "MapPublicIpOnLaunch" map_public_ip_on_launch: Option<AttributeBooleanValue>,
    "SubnetId" subnet_id: String,
} }

wire::structure! { ModifyVpcAttributeRequest: Default {
    "EnableDnsHostnames" enable_dns_hostnames: Option<AttributeBooleanValue>,
    "EnableDnsSupport" enable_dns_support: Option<AttributeBooleanValue>,
    "VpcId" vpc_id: String,
} }

wire::structure! { Monitoring: Default {
    "State" state: Option<MonitoringState>,
} }

wire::enumeration! { MonitoringState {
    Disabled = "disabled",
    Disabling = "disabling",
    Enabled = "enabled",
    Pending = "pending",
} }

wire::structure! { NatGateway: Default {
    "AvailabilityMode" availability_mode: Option<AvailabilityMode>,
    "ConnectivityType" connectivity_type: Option<ConnectivityType>,
    "CreateTime" create_time: Option<wire::Timestamp>,
    "DeleteTime" delete_time: Option<wire::Timestamp>,
    "FailureCode" failure_code: Option<String>,
    "FailureMessage" failure_message: Option<String>,
    "NatGatewayAddresses" nat_gateway_addresses: Option<Vec<NatGatewayAddress>>,
    "NatGatewayId" nat_gateway_id: Option<String>,
    "State" state: Option<NatGatewayState>,
    "SubnetId" subnet_id: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { NatGatewayAddress: Default {
    "AllocationId" allocation_id: Option<String>,
    "AssociationId" association_id: Option<String>,
    "FailureMessage" failure_message: Option<String>,
    "IsPrimary" is_primary: Option<bool>,
    "NetworkInterfaceId" network_interface_id: Option<String>,
    "PrivateIp" private_ip: Option<String>,
    "PublicIp" public_ip: Option<String>,
    "Status" status: Option<NatGatewayAddressStatus>,
} }

wire::enumeration! { NatGatewayAddressStatus {
    Assigning = "assigning",
    Unassigning = "unassigning",
    Associating = "associating",
    Disassociating = "disassociating",
    Succeeded = "succeeded",
    Failed = "failed",
} }

wire::enumeration! { NatGatewayState {
    Pending = "pending",
    Failed = "failed",
    Available = "available",
    Deleting = "deleting",
    Deleted = "deleted",
} }

wire::structure! { NetworkAcl: Default {
    "Associations" associations: Option<Vec<NetworkAclAssociation>>,
    "Entries" entries: Option<Vec<NetworkAclEntry>>,
    "IsDefault" is_default: Option<bool>,
    "NetworkAclId" network_acl_id: Option<String>,
    "OwnerId" owner_id: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { NetworkAclAssociation: Default {
    "NetworkAclAssociationId" network_acl_association_id: Option<String>,
    "NetworkAclId" network_acl_id: Option<String>,
    "SubnetId" subnet_id: Option<String>,
} }

wire::structure! { NetworkAclEntry: Default {
    "CidrBlock" cidr_block: Option<String>,
    "Egress" egress: Option<bool>,
    "IcmpTypeCode" icmp_type_code: Option<IcmpTypeCode>,
    "Ipv6CidrBlock" ipv6_cidr_block: Option<String>,
    "PortRange" port_range: Option<PortRange>,
    "Protocol" protocol: Option<String>,
    "RuleAction" rule_action: Option<RuleAction>,
    "RuleNumber" rule_number: Option<i32>,
} }

wire::structure! { NetworkInfo: Default {
    "DefaultNetworkCardIndex" default_network_card_index: Option<i32>,
    "EfaSupported" efa_supported: Option<bool>,
    "EnaSupport" ena_support: Option<EnaSupport>,
    "EncryptionInTransitSupported" encryption_in_transit_supported: Option<bool>,
    "Ipv4AddressesPerInterface" ipv4_addresses_per_interface: Option<i32>,
    "Ipv6AddressesPerInterface" ipv6_addresses_per_interface: Option<i32>,
    "Ipv6Supported" ipv6_supported: Option<bool>,
    "MaximumNetworkCards" maximum_network_cards: Option<i32>,
    "MaximumNetworkInterfaces" maximum_network_interfaces: Option<i32>,
    "NetworkPerformance" network_performance: Option<String>,
} }

wire::structure! { NetworkInterface: Default {
    "Association" association: Option<NetworkInterfaceAssociation>,
    "Attachment" attachment: Option<NetworkInterfaceAttachment>,
    "AvailabilityZone" availability_zone: Option<String>,
    "AvailabilityZoneId" availability_zone_id: Option<String>,
    "Description" description: Option<String>,
    "Groups" groups: Option<Vec<GroupIdentifier>>,
    "InterfaceType" interface_type: Option<NetworkInterfaceType>,
    "Ipv6Addresses" ipv6_addresses: Option<Vec<NetworkInterfaceIpv6Address>>,
    "MacAddress" mac_address: Option<String>,
    "NetworkInterfaceId" network_interface_id: Option<String>,
    "OwnerId" owner_id: Option<String>,
    "PrivateDnsName" private_dns_name: Option<String>,
    "PrivateIpAddress" private_ip_address: Option<String>,
    "PrivateIpAddresses" private_ip_addresses: Option<Vec<NetworkInterfacePrivateIpAddress>>,
    "RequesterId" requester_id: Option<String>,
    "RequesterManaged" requester_managed: Option<bool>,
    "SourceDestCheck" source_dest_check: Option<bool>,
    "Status" status: Option<NetworkInterfaceStatus>,
    "SubnetId" subnet_id: Option<String>,
    "TagSet" tag_set: Option<Vec<Tag>>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { NetworkInterfaceAssociation: Default {
    "AllocationId" allocation_id: Option<String>,
    "AssociationId" association_id: Option<String>,
    "IpOwnerId" ip_owner_id: Option<String>,
    "PublicDnsName" public_dns_name: Option<String>,
    "PublicIp" public_ip: Option<String>,
} }

wire::structure! { NetworkInterfaceAttachment: Default {
    "AttachTime" attach_time: Option<wire::Timestamp>,
    "AttachmentId" attachment_id: Option<String>,
    "DeleteOnTermination" delete_on_termination: Option<bool>,
    "DeviceIndex" device_index: Option<i32>,
    "InstanceId" instance_id: Option<String>,
    "InstanceOwnerId" instance_owner_id: Option<String>,
    "NetworkCardIndex" network_card_index: Option<i32>,
    "Status" status: Option<AttachmentStatus>,
} }

wire::structure! { NetworkInterfaceIpv6Address: Default {
    "Ipv6Address" ipv6_address: Option<String>,
    "IsPrimaryIpv6" is_primary_ipv6: Option<bool>,
    "PublicIpv6DnsName" public_ipv6_dns_name: Option<String>,
} }

wire::structure! { NetworkInterfacePrivateIpAddress: Default {
    "Association" association: Option<NetworkInterfaceAssociation>,
    "Primary" primary: Option<bool>,
    "PrivateDnsName" private_dns_name: Option<String>,
    "PrivateIpAddress" private_ip_address: Option<String>,
} }

wire::enumeration! { NetworkInterfaceStatus {
    Available = "available",
    Associated = "associated",
    Attaching = "attaching",
    InUse = "in-use",
    Detaching = "detaching",
} }

wire::enumeration! { NetworkInterfaceType {
    Interface = "interface",
    NatGateway = "natGateway",
    Efa = "efa",
    EfaOnly = "efa-only",
    Trunk = "trunk",
    LoadBalancer = "load_balancer",
    NetworkLoadBalancer = "network_load_balancer",
    VpcEndpoint = "vpc_endpoint",
    Branch = "branch",
    TransitGateway = "transit_gateway",
    Lambda = "lambda",
    Quicksight = "quicksight",
    GlobalAcceleratorManaged = "global_accelerator_managed",
    ApiGatewayManaged = "api_gateway_managed",
    GatewayLoadBalancer = "gateway_load_balancer",
    GatewayLoadBalancerEndpoint = "gateway_load_balancer_endpoint",
    IotRulesManaged = "iot_rules_managed",
    AwsCodestarConnectionsManaged = "aws_codestar_connections_managed",
} }

wire::enumeration! { PermissionGroup {
    All = "all",
} }

wire::structure! { Placement: Default {
    "AvailabilityZone" availability_zone: Option<String>,
    "AvailabilityZoneId" availability_zone_id: Option<String>,
    "GroupName" group_name: Option<String>,
    "Tenancy" tenancy: Option<Tenancy>,
} }

wire::structure! { PortRange: Default {
    "From" from: Option<i32>,
    "To" to: Option<i32>,
} }

wire::structure! { PrefixListId: Default {
    "Description" description: Option<String>,
    "PrefixListId" prefix_list_id: Option<String>,
} }

wire::structure! { PrivateDnsNameOptionsOnLaunch: Default {
    "EnableResourceNameDnsAAAARecord" enable_resource_name_dns_aaaa_record: Option<bool>,
    "EnableResourceNameDnsARecord" enable_resource_name_dns_a_record: Option<bool>,
    "HostnameType" hostname_type: Option<HostnameType>,
} }

wire::structure! { ProcessorInfo: Default {
    "Manufacturer" manufacturer: Option<String>,
    "SupportedArchitectures" supported_architectures: Option<Vec<ArchitectureType>>,
    "SupportedFeatures" supported_features: Option<Vec<SupportedAdditionalProcessorFeature>>,
    "SustainedClockSpeedInGhz" sustained_clock_speed_in_ghz: Option<f64>,
} }

wire::structure! { ProductCode: Default {
    "ProductCodeId" product_code_id: Option<String>,
    "ProductCodeType" product_code_type: Option<ProductCodeValues>,
} }

wire::enumeration! { ProductCodeValues {
    Devpay = "devpay",
    Marketplace = "marketplace",
} }

wire::structure! { PropagatingVgw: Default {
    "GatewayId" gateway_id: Option<String>,
} }

wire::structure! { RebootInstancesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "InstanceIds" instance_ids: Vec<String>,
} }

wire::structure! { ReferencedSecurityGroup: Default {
    "GroupId" group_id: Option<String>,
    "PeeringStatus" peering_status: Option<String>,
    "UserId" user_id: Option<String>,
    "VpcId" vpc_id: Option<String>,
    "VpcPeeringConnectionId" vpc_peering_connection_id: Option<String>,
} }

wire::structure! { Region: Default {
    "Endpoint" endpoint: Option<String>,
    "OptInStatus" opt_in_status: Option<String>,
    "RegionName" region_name: Option<String>,
} }

wire::structure! { RegisterImageRequest: Default {
    "Architecture" architecture: Option<ArchitectureValues>,
    "Description" description: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "ImageLocation" image_location: Option<String>,
    "Name" name: String,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
    "VirtualizationType" virtualization_type: Option<String>,
} }

wire::structure! { RegisterImageResult: Default {
    "ImageId" image_id: Option<String>,
} }

wire::structure! { ReleaseAddressRequest: Default {
    "AllocationId" allocation_id: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "NetworkBorderGroup" network_border_group: Option<String>,
    "PublicIp" public_ip: Option<String>,
} }

wire::structure! { ReplaceNetworkAclAssociationRequest: Default {
    "AssociationId" association_id: String,
    "DryRun" dry_run: Option<bool>,
    "NetworkAclId" network_acl_id: String,
} }

wire::structure! { ReplaceNetworkAclAssociationResult: Default {
    "NewAssociationId" new_association_id: Option<String>,
} }

wire::structure! { ReplaceNetworkAclEntryRequest {
    "CidrBlock" cidr_block: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "Egress" egress: bool,
    "IcmpTypeCode" icmp_type_code: Option<IcmpTypeCode>,
    "NetworkAclId" network_acl_id: String,
    "PortRange" port_range: Option<PortRange>,
    "Protocol" protocol: String,
    "RuleAction" rule_action: RuleAction,
    "RuleNumber" rule_number: i32,
} }

wire::structure! { ReplaceRouteRequest: Default {
    "DestinationCidrBlock" destination_cidr_block: String,
    "DryRun" dry_run: Option<bool>,
    "GatewayId" gateway_id: Option<String>,
    "NatGatewayId" nat_gateway_id: Option<String>,
    "RouteTableId" route_table_id: String,
} }

wire::structure! { ReplaceRouteTableAssociationRequest: Default {
    "AssociationId" association_id: String,
    "DryRun" dry_run: Option<bool>,
    "RouteTableId" route_table_id: String,
} }

wire::structure! { ReplaceRouteTableAssociationResult: Default {
    "AssociationState" association_state: Option<RouteTableAssociationState>,
    "NewAssociationId" new_association_id: Option<String>,
} }

wire::structure! { RequestLaunchTemplateData: Default {
    "DisableApiStop" disable_api_stop: Option<bool>,
    "DisableApiTermination" disable_api_termination: Option<bool>,
    "ImageId" image_id: Option<String>,
    "InstanceInitiatedShutdownBehavior" instance_initiated_shutdown_behavior: Option<ShutdownBehavior>,
    "InstanceType" instance_type: Option<String>,
    "KeyName" key_name: Option<String>,
    "MetadataOptions" metadata_options: Option<LaunchTemplateInstanceMetadataOptionsRequest>,
    "Monitoring" monitoring: Option<LaunchTemplatesMonitoringRequest>,
    "NetworkInterfaces" network_interfaces: Option<Vec<LaunchTemplateInstanceNetworkInterfaceSpecificationRequest>>,
    "Placement" placement: Option<LaunchTemplatePlacementRequest>,
    "SecurityGroupIds" security_group_ids: Option<Vec<String>>,
    "SecurityGroups" security_groups: Option<Vec<String>>,
    "TagSpecifications" tag_specifications: Option<Vec<LaunchTemplateTagSpecificationRequest>>,
    "UserData" user_data: Option<String> as secret,
} }

wire::structure! { Reservation: Default {
    "Groups" groups: Option<Vec<GroupIdentifier>>,
    "Instances" instances: Option<Vec<Instance>>,
    "OwnerId" owner_id: Option<String>,
    "RequesterId" requester_id: Option<String>,
    "ReservationId" reservation_id: Option<String>,
} }

wire::structure! { ResponseError: Default {
    "Code" code: Option<LaunchTemplateErrorCode>,
    "Message" message: Option<String>,
} }

wire::structure! { ResponseLaunchTemplateData: Default {
    "DisableApiStop" disable_api_stop: Option<bool>,
    "DisableApiTermination" disable_api_termination: Option<bool>,
    "ImageId" image_id: Option<String>,
    "InstanceInitiatedShutdownBehavior" instance_initiated_shutdown_behavior: Option<ShutdownBehavior>,
    "InstanceType" instance_type: Option<String>,
    "KeyName" key_name: Option<String>,
    "MetadataOptions" metadata_options: Option<LaunchTemplateInstanceMetadataOptions>,
    "Monitoring" monitoring: Option<LaunchTemplatesMonitoring>,
    "NetworkInterfaces" network_interfaces: Option<Vec<LaunchTemplateInstanceNetworkInterfaceSpecification>>,
    "Placement" placement: Option<LaunchTemplatePlacement>,
    "SecurityGroupIds" security_group_ids: Option<Vec<String>>,
    "SecurityGroups" security_groups: Option<Vec<String>>,
    "TagSpecifications" tag_specifications: Option<Vec<LaunchTemplateTagSpecification>>,
    "UserData" user_data: Option<String> as secret,
} }

wire::structure! { RevokeSecurityGroupEgressRequest: Default {
    "CidrIp" cidr_ip: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "FromPort" from_port: Option<i32>,
    "GroupId" group_id: String,
    "IpPermissions" ip_permissions: Option<Vec<IpPermission>>,
    "IpProtocol" ip_protocol: Option<String>,
    "SecurityGroupRuleIds" security_group_rule_ids: Option<Vec<String>>,
    "ToPort" to_port: Option<i32>,
} }

wire::structure! { RevokeSecurityGroupEgressResult: Default {
    "Return" r#return: Option<bool>,
    "RevokedSecurityGroupRules" revoked_security_group_rules: Option<Vec<RevokedSecurityGroupRule>>,
    "UnknownIpPermissions" unknown_ip_permissions: Option<Vec<IpPermission>>,
} }

wire::structure! { RevokeSecurityGroupIngressRequest: Default {
    "CidrIp" cidr_ip: Option<String>,
    "DryRun" dry_run: Option<bool>,
    "FromPort" from_port: Option<i32>,
    "GroupId" group_id: Option<String>,
    "GroupName" group_name: Option<String>,
    "IpPermissions" ip_permissions: Option<Vec<IpPermission>>,
    "IpProtocol" ip_protocol: Option<String>,
    "SecurityGroupRuleIds" security_group_rule_ids: Option<Vec<String>>,
    "SourceSecurityGroupName" source_security_group_name: Option<String>,
    "SourceSecurityGroupOwnerId" source_security_group_owner_id: Option<String>,
    "ToPort" to_port: Option<i32>,
} }

wire::structure! { RevokeSecurityGroupIngressResult: Default {
    "Return" r#return: Option<bool>,
    "RevokedSecurityGroupRules" revoked_security_group_rules: Option<Vec<RevokedSecurityGroupRule>>,
    "UnknownIpPermissions" unknown_ip_permissions: Option<Vec<IpPermission>>,
} }

wire::structure! { RevokedSecurityGroupRule: Default {
    "CidrIpv4" cidr_ipv4: Option<String>,
    "CidrIpv6" cidr_ipv6: Option<String>,
    "Description" description: Option<String>,
    "FromPort" from_port: Option<i32>,
    "GroupId" group_id: Option<String>,
    "IpProtocol" ip_protocol: Option<String>,
    "IsEgress" is_egress: Option<bool>,
    "PrefixListId" prefix_list_id: Option<String>,
    "ReferencedGroupId" referenced_group_id: Option<String>,
    "SecurityGroupRuleId" security_group_rule_id: Option<String>,
    "ToPort" to_port: Option<i32>,
} }

wire::enumeration! { RootDeviceType {
    Ebs = "ebs",
    InstanceStore = "instance-store",
} }

wire::structure! { Route: Default {
    "DestinationCidrBlock" destination_cidr_block: Option<String>,
    "DestinationIpv6CidrBlock" destination_ipv6_cidr_block: Option<String>,
    "GatewayId" gateway_id: Option<String>,
    "InstanceId" instance_id: Option<String>,
    "InstanceOwnerId" instance_owner_id: Option<String>,
    "NatGatewayId" nat_gateway_id: Option<String>,
    "NetworkInterfaceId" network_interface_id: Option<String>,
    "Origin" origin: Option<RouteOrigin>,
    "State" state: Option<RouteState>,
} }

wire::enumeration! { RouteOrigin {
    CreateRouteTable = "CreateRouteTable",
    CreateRoute = "CreateRoute",
    EnableVgwRoutePropagation = "EnableVgwRoutePropagation",
    Advertisement = "Advertisement",
} }

wire::enumeration! { RouteState {
    Active = "active",
    Blackhole = "blackhole",
    Filtered = "filtered",
} }

wire::structure! { RouteTable: Default {
    "Associations" associations: Option<Vec<RouteTableAssociation>>,
    "OwnerId" owner_id: Option<String>,
    "PropagatingVgws" propagating_vgws: Option<Vec<PropagatingVgw>>,
    "RouteTableId" route_table_id: Option<String>,
    "Routes" routes: Option<Vec<Route>>,
    "Tags" tags: Option<Vec<Tag>>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { RouteTableAssociation: Default {
    "AssociationState" association_state: Option<RouteTableAssociationState>,
    "GatewayId" gateway_id: Option<String>,
    "Main" main: Option<bool>,
    "PublicIpv4Pool" public_ipv4_pool: Option<String>,
    "RouteTableAssociationId" route_table_association_id: Option<String>,
    "RouteTableId" route_table_id: Option<String>,
    "SubnetId" subnet_id: Option<String>,
} }

wire::structure! { RouteTableAssociationState: Default {
    "State" state: Option<RouteTableAssociationStateCode>,
    "StatusMessage" status_message: Option<String>,
} }

wire::enumeration! { RouteTableAssociationStateCode {
    Associating = "associating",
    Associated = "associated",
    Disassociating = "disassociating",
    Disassociated = "disassociated",
    Failed = "failed",
} }

wire::enumeration! { RuleAction {
    Allow = "allow",
    Deny = "deny",
} }

wire::structure! { RunInstancesMonitoringEnabled: Default {
    "Enabled" enabled: bool,
} }

wire::structure! { RunInstancesRequest: Default {
    "ClientToken" client_token: Option<String>,
    "DisableApiStop" disable_api_stop: Option<bool>,
    "DisableApiTermination" disable_api_termination: Option<bool>,
    "DryRun" dry_run: Option<bool>,
    "ImageId" image_id: Option<String>,
    "InstanceInitiatedShutdownBehavior" instance_initiated_shutdown_behavior: Option<ShutdownBehavior>,
    "InstanceType" instance_type: Option<String>,
    "KeyName" key_name: Option<String>,
    "LaunchTemplate" launch_template: Option<LaunchTemplateSpecification>,
    "MaxCount" max_count: i32,
    "MetadataOptions" metadata_options: Option<InstanceMetadataOptionsRequest>,
    "MinCount" min_count: i32,
    "Monitoring" monitoring: Option<RunInstancesMonitoringEnabled>,
    "NetworkInterfaces" network_interfaces: Option<Vec<InstanceNetworkInterfaceSpecification>>,
    "Placement" placement: Option<Placement>,
    "PrivateIpAddress" private_ip_address: Option<String>,
    "SecurityGroupIds" security_group_ids: Option<Vec<String>>,
    "SecurityGroups" security_groups: Option<Vec<String>>,
    "SubnetId" subnet_id: Option<String>,
    "TagSpecifications" tag_specifications: Option<Vec<TagSpecification>>,
    "UserData" user_data: Option<String> as secret,
} }

wire::structure! { SecureBlobAttributeValue: Default {
    "Value" value: Option<Vec<u8>> as secret,
} }

wire::structure! { SecurityGroup: Default {
    "Description" description: Option<String>,
    "GroupId" group_id: Option<String>,
    "GroupName" group_name: Option<String>,
    "IpPermissions" ip_permissions: Option<Vec<IpPermission>>,
    "IpPermissionsEgress" ip_permissions_egress: Option<Vec<IpPermission>>,
    "OwnerId" owner_id: Option<String>,
    "SecurityGroupArn" security_group_arn: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { SecurityGroupRule: Default {
    "CidrIpv4" cidr_ipv4: Option<String>,
    "CidrIpv6" cidr_ipv6: Option<String>,
    "Description" description: Option<String>,
    "FromPort" from_port: Option<i32>,
    "GroupId" group_id: Option<String>,
    "GroupOwnerId" group_owner_id: Option<String>,
    "IpProtocol" ip_protocol: Option<String>,
    "IsEgress" is_egress: Option<bool>,
    "PrefixListId" prefix_list_id: Option<String>,
    "ReferencedGroupInfo" referenced_group_info: Option<ReferencedSecurityGroup>,
    "SecurityGroupRuleArn" security_group_rule_arn: Option<String>,
    "SecurityGroupRuleId" security_group_rule_id: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
    "ToPort" to_port: Option<i32>,
} }

wire::enumeration! { ShutdownBehavior {
    Stop = "stop",
    Terminate = "terminate",
} }

wire::enumeration! { SnapshotReturnCodes {
    Success = "success",
    Skipped = "skipped",
    MissingPermissions = "missing-permissions",
    InternalError = "internal-error",
    ClientError = "client-error",
} }

wire::structure! { StartInstancesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "InstanceIds" instance_ids: Vec<String>,
} }

wire::structure! { StartInstancesResult: Default {
    "StartingInstances" starting_instances: Option<Vec<InstanceStateChange>>,
} }

wire::structure! { StateReason: Default {
    "Code" code: Option<String>,
    "Message" message: Option<String>,
} }

wire::enumeration! { StatusName {
    Reachability = "reachability",
} }

wire::enumeration! { StatusType {
    Passed = "passed",
    Failed = "failed",
    InsufficientData = "insufficient-data",
    Initializing = "initializing",
} }

wire::structure! { StopInstancesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Force" force: Option<bool>,
    "InstanceIds" instance_ids: Vec<String>,
    "SkipOsShutdown" skip_os_shutdown: Option<bool>,
} }

wire::structure! { StopInstancesResult: Default {
    "StoppingInstances" stopping_instances: Option<Vec<InstanceStateChange>>,
} }

wire::structure! { Subnet: Default {
    "AssignIpv6AddressOnCreation" assign_ipv6_address_on_creation: Option<bool>,
    "AvailabilityZone" availability_zone: Option<String>,
    "AvailabilityZoneId" availability_zone_id: Option<String>,
    "AvailableIpAddressCount" available_ip_address_count: Option<i32>,
    "CidrBlock" cidr_block: Option<String>,
    "DefaultForAz" default_for_az: Option<bool>,
    "EnableDns64" enable_dns64: Option<bool>,
    "Ipv6CidrBlockAssociationSet" ipv6_cidr_block_association_set: Option<Vec<SubnetIpv6CidrBlockAssociation>>,
    "Ipv6Native" ipv6_native: Option<bool>,
    "MapCustomerOwnedIpOnLaunch" map_customer_owned_ip_on_launch: Option<bool>,
    "MapPublicIpOnLaunch" map_public_ip_on_launch: Option<bool>,
    "OwnerId" owner_id: Option<String>,
    "PrivateDnsNameOptionsOnLaunch" private_dns_name_options_on_launch: Option<PrivateDnsNameOptionsOnLaunch>,
    "State" state: Option<SubnetState>,
    "SubnetArn" subnet_arn: Option<String>,
    "SubnetId" subnet_id: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { SubnetCidrBlockState: Default {
    "State" state: Option<SubnetCidrBlockStateCode>,
    "StatusMessage" status_message: Option<String>,
} }

wire::enumeration! { SubnetCidrBlockStateCode {
    Associating = "associating",
    Associated = "associated",
    Disassociating = "disassociating",
    Disassociated = "disassociated",
    Failing = "failing",
    Failed = "failed",
} }

wire::structure! { SubnetIpv6CidrBlockAssociation: Default {
    "AssociationId" association_id: Option<String>,
    "IpSource" ip_source: Option<IpSource>,
    "Ipv6AddressAttribute" ipv6_address_attribute: Option<Ipv6AddressAttribute>,
    "Ipv6CidrBlock" ipv6_cidr_block: Option<String>,
    "Ipv6CidrBlockState" ipv6_cidr_block_state: Option<SubnetCidrBlockState>,
} }

wire::enumeration! { SubnetState {
    Pending = "pending",
    Available = "available",
    Unavailable = "unavailable",
    Failed = "failed",
    FailedInsufficientCapacity = "failed-insufficient-capacity",
} }

wire::enumeration! { SummaryStatus {
    Ok = "ok",
    Impaired = "impaired",
    InsufficientData = "insufficient-data",
    NotApplicable = "not-applicable",
    Initializing = "initializing",
} }

wire::enumeration! { SupportedAdditionalProcessorFeature {
    AmdSevSnp = "amd-sev-snp",
    NestedVirtualization = "nested-virtualization",
} }

wire::structure! { Tag: Default {
    "Key" key: String,
    "Value" value: Option<String>,
} }

wire::structure! { TagDescription: Default {
    "Key" key: Option<String>,
    "ResourceId" resource_id: Option<String>,
    "ResourceType" resource_type: Option<String>,
    "Value" value: Option<String>,
} }

wire::structure! { TagSpecification: Default {
    "ResourceType" resource_type: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::enumeration! { Tenancy {
    Default = "default",
    Dedicated = "dedicated",
    Host = "host",
} }

wire::structure! { TerminateInstancesRequest: Default {
    "DryRun" dry_run: Option<bool>,
    "Force" force: Option<bool>,
    "InstanceIds" instance_ids: Vec<String>,
    "SkipOsShutdown" skip_os_shutdown: Option<bool>,
} }

wire::structure! { TerminateInstancesResult: Default {
    "TerminatingInstances" terminating_instances: Option<Vec<InstanceStateChange>>,
} }

wire::enumeration! { UsageClassType {
    Spot = "spot",
    OnDemand = "on-demand",
    CapacityBlock = "capacity-block",
} }

wire::structure! { UserIdGroupPair: Default {
    "Description" description: Option<String>,
    "GroupId" group_id: Option<String>,
    "GroupName" group_name: Option<String>,
    "UserId" user_id: Option<String>,
    "VpcId" vpc_id: Option<String>,
} }

wire::structure! { VCpuInfo: Default {
    "DefaultCores" default_cores: Option<i32>,
    "DefaultThreadsPerCore" default_threads_per_core: Option<i32>,
    "DefaultVCpus" default_vcpus: Option<i32>,
    "ValidCores" valid_cores: Option<Vec<i32>>,
    "ValidThreadsPerCore" valid_threads_per_core: Option<Vec<i32>>,
} }

wire::structure! { ValidationError: Default {
    "Code" code: Option<String>,
    "Message" message: Option<String>,
} }

wire::structure! { ValidationWarning: Default {
    "Errors" errors: Option<Vec<ValidationError>>,
} }

wire::enumeration! { VirtualizationType {
    Hvm = "hvm",
    Paravirtual = "paravirtual",
} }

wire::enumeration! { VolumeType {
    Standard = "standard",
    Io1 = "io1",
    Io2 = "io2",
    Gp2 = "gp2",
    Sc1 = "sc1",
    St1 = "st1",
    Gp3 = "gp3",
} }

wire::structure! { Vpc: Default {
    "CidrBlock" cidr_block: Option<String>,
    "CidrBlockAssociationSet" cidr_block_association_set: Option<Vec<VpcCidrBlockAssociation>>,
    "DhcpOptionsId" dhcp_options_id: Option<String>,
    "InstanceTenancy" instance_tenancy: Option<Tenancy>,
    "Ipv6CidrBlockAssociationSet" ipv6_cidr_block_association_set: Option<Vec<VpcIpv6CidrBlockAssociation>>,
    "IsDefault" is_default: Option<bool>,
    "OwnerId" owner_id: Option<String>,
    "State" state: Option<VpcState>,
    "Tags" tags: Option<Vec<Tag>>,
    "VpcId" vpc_id: Option<String>,
} }

wire::enumeration! { VpcAttributeName {
    EnableDnsSupport = "enableDnsSupport",
    EnableDnsHostnames = "enableDnsHostnames",
    EnableNetworkAddressUsageMetrics = "enableNetworkAddressUsageMetrics",
} }

wire::structure! { VpcCidrBlockAssociation: Default {
    "AssociationId" association_id: Option<String>,
    "CidrBlock" cidr_block: Option<String>,
    "CidrBlockState" cidr_block_state: Option<VpcCidrBlockState>,
} }

wire::structure! { VpcCidrBlockState: Default {
    "State" state: Option<VpcCidrBlockStateCode>,
    "StatusMessage" status_message: Option<String>,
} }

wire::enumeration! { VpcCidrBlockStateCode {
    Associating = "associating",
    Associated = "associated",
    Disassociating = "disassociating",
    Disassociated = "disassociated",
    Failing = "failing",
    Failed = "failed",
} }

wire::structure! { VpcIpv6CidrBlockAssociation: Default {
    "AssociationId" association_id: Option<String>,
    "IpSource" ip_source: Option<IpSource>,
    "Ipv6AddressAttribute" ipv6_address_attribute: Option<Ipv6AddressAttribute>,
    "Ipv6CidrBlock" ipv6_cidr_block: Option<String>,
    "Ipv6CidrBlockState" ipv6_cidr_block_state: Option<VpcCidrBlockState>,
    "Ipv6Pool" ipv6_pool: Option<String>,
    "NetworkBorderGroup" network_border_group: Option<String>,
} }

wire::enumeration! { VpcState {
    Pending = "pending",
    Available = "available",
    Deleting = "deleting",
} }
