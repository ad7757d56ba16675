//! Shape tables of EC2 (2016-11-15).
//!
//! Written by `cargo xtask codegen` from `shapes/ec2.json` and `shapes/ec2.toml`; change those instead.

use super::types;
use wire::shape::{BLOB, BOOLEAN, DOUBLE, INTEGER, Kind, LONG, Member, STRING, Shape, TIMESTAMP};

pub static ACCOUNT_ATTRIBUTE: Shape = Shape::structure(
    "AccountAttribute",
    &[
        Member::new("AttributeName", &STRING).named("attributeName", "AttributeName"),
        Member::new("AttributeValues", &ACCOUNT_ATTRIBUTE_VALUE_LIST).named("attributeValueSet", "AttributeValueSet"),
    ],
);
pub static ACCOUNT_ATTRIBUTE_LIST: Shape = Shape::list_of("AccountAttributeList", &ACCOUNT_ATTRIBUTE, "item", false);
pub static ACCOUNT_ATTRIBUTE_NAME: Shape =
    Shape::new("AccountAttributeName", Kind::String).values(types::AccountAttributeName::NAMES);
pub static ACCOUNT_ATTRIBUTE_NAME_STRING_LIST: Shape =
    Shape::list_of("AccountAttributeNameStringList", &ACCOUNT_ATTRIBUTE_NAME, "attributeName", false);
pub static ACCOUNT_ATTRIBUTE_VALUE: Shape = Shape::structure(
    "AccountAttributeValue",
    &[Member::new("AttributeValue", &STRING).named("attributeValue", "AttributeValue")],
);
pub static ACCOUNT_ATTRIBUTE_VALUE_LIST: Shape =
    Shape::list_of("AccountAttributeValueList", &ACCOUNT_ATTRIBUTE_VALUE, "item", false);
pub static ADDRESS: Shape = Shape::structure(
    "Address",
    &[
        Member::new("AllocationId", &STRING).named("allocationId", "AllocationId"),
        Member::new("AssociationId", &STRING).named("associationId", "AssociationId"),
        Member::new("Domain", &DOMAIN_TYPE).named("domain", "Domain"),
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId"),
        Member::new("NetworkBorderGroup", &STRING).named("networkBorderGroup", "NetworkBorderGroup"),
        Member::new("NetworkInterfaceId", &STRING).named("networkInterfaceId", "NetworkInterfaceId"),
        Member::new("NetworkInterfaceOwnerId", &STRING).named("networkInterfaceOwnerId", "NetworkInterfaceOwnerId"),
        Member::new("PrivateIpAddress", &STRING).named("privateIpAddress", "PrivateIpAddress"),
        Member::new("PublicIp", &STRING).named("publicIp", "PublicIp"),
        Member::new("PublicIpv4Pool", &STRING).named("publicIpv4Pool", "PublicIpv4Pool"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
    ],
);
pub static ADDRESS_ATTRIBUTE: Shape = Shape::structure(
    "AddressAttribute",
    &[
        Member::new("AllocationId", &STRING).named("allocationId", "AllocationId"),
        Member::new("PublicIp", &STRING).named("publicIp", "PublicIp"),
    ],
);
pub static ADDRESS_ATTRIBUTE_NAME: Shape =
    Shape::new("AddressAttributeName", Kind::String).values(types::AddressAttributeName::NAMES);
pub static ADDRESS_LIST: Shape = Shape::list_of("AddressList", &ADDRESS, "item", false);
pub static ADDRESS_MAX_RESULTS: Shape = Shape::new("AddressMaxResults", Kind::Integer).min(1.0).max(1000.0);
pub static ADDRESS_SET: Shape = Shape::list_of("AddressSet", &ADDRESS_ATTRIBUTE, "item", false);
pub static ALLOCATE_ADDRESS_REQUEST: Shape = Shape::structure(
    "AllocateAddressRequest",
    &[
        Member::new("Address", &STRING),
        Member::refused("CustomerOwnedIpv4Pool", "Goru has no Outposts"),
        Member::new("Domain", &DOMAIN_TYPE),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::refused("IpamPoolId", "Goru has no IP address manager"),
        Member::new("NetworkBorderGroup", &STRING),
        Member::refused("PublicIpv4Pool", "Elastic IPs come from the configured public_pool"),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
    ],
);
pub static ALLOCATE_ADDRESS_RESULT: Shape = Shape::structure(
    "AllocateAddressResult",
    &[
        Member::new("AllocationId", &STRING).named("allocationId", "AllocationId"),
        Member::new("Domain", &DOMAIN_TYPE).named("domain", "Domain"),
        Member::new("NetworkBorderGroup", &STRING).named("networkBorderGroup", "NetworkBorderGroup"),
        Member::new("PublicIp", &STRING).named("publicIp", "PublicIp"),
        Member::new("PublicIpv4Pool", &STRING).named("publicIpv4Pool", "PublicIpv4Pool"),
    ],
);
pub static ALLOCATION_ID_LIST: Shape = Shape::list_of("AllocationIdList", &STRING, "AllocationId", false);
pub static ALLOCATION_IDS: Shape = Shape::list_of("AllocationIds", &STRING, "item", false);
pub static ARCHITECTURE_TYPE: Shape =
    Shape::new("ArchitectureType", Kind::String).values(types::ArchitectureType::NAMES);
pub static ARCHITECTURE_TYPE_LIST: Shape = Shape::list_of("ArchitectureTypeList", &ARCHITECTURE_TYPE, "item", false);
pub static ARCHITECTURE_VALUES: Shape =
    Shape::new("ArchitectureValues", Kind::String).values(types::ArchitectureValues::NAMES);
pub static ASSOCIATE_ADDRESS_REQUEST: Shape = Shape::structure(
    "AssociateAddressRequest",
    &[
        Member::new("AllocationId", &STRING),
        Member::new("AllowReassociation", &BOOLEAN).named("allowReassociation", "AllowReassociation"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("InstanceId", &STRING),
        Member::new("NetworkInterfaceId", &STRING).named("networkInterfaceId", "NetworkInterfaceId"),
        Member::new("PrivateIpAddress", &STRING).named("privateIpAddress", "PrivateIpAddress"),
        Member::new("PublicIp", &STRING),
    ],
);
pub static ASSOCIATE_ADDRESS_RESULT: Shape = Shape::structure(
    "AssociateAddressResult",
    &[Member::new("AssociationId", &STRING).named("associationId", "AssociationId")],
);
pub static ASSOCIATE_ROUTE_TABLE_REQUEST: Shape = Shape::structure(
    "AssociateRouteTableRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::refused("GatewayId", "route tables belong to subnets, not to gateways"),
        Member::refused("PublicIpv4Pool", "route tables belong to subnets, not to pools of addresses"),
        Member::new("RouteTableId", &STRING).named("routeTableId", "RouteTableId").required(),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId").required(),
    ],
);
pub static ASSOCIATE_ROUTE_TABLE_RESULT: Shape = Shape::structure(
    "AssociateRouteTableResult",
    &[
        Member::new("AssociationId", &STRING).named("associationId", "AssociationId"),
        Member::new("AssociationState", &ROUTE_TABLE_ASSOCIATION_STATE).named("associationState", "AssociationState"),
    ],
);
pub static ATTACH_INTERNET_GATEWAY_REQUEST: Shape = Shape::structure(
    "AttachInternetGatewayRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("InternetGatewayId", &STRING).named("internetGatewayId", "InternetGatewayId").required(),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId").required(),
    ],
);
pub static ATTACHMENT_STATUS: Shape =
    Shape::new("AttachmentStatus", Kind::String).values(types::AttachmentStatus::NAMES);
pub static ATTRIBUTE_BOOLEAN_VALUE: Shape =
    Shape::structure("AttributeBooleanValue", &[Member::new("Value", &BOOLEAN).named("value", "Value")]);
pub static ATTRIBUTE_VALUE: Shape =
    Shape::structure("AttributeValue", &[Member::new("Value", &STRING).named("value", "Value")]);
pub static AUTHORIZE_SECURITY_GROUP_EGRESS_REQUEST: Shape = Shape::structure(
    "AuthorizeSecurityGroupEgressRequest",
    &[
        Member::new("CidrIp", &STRING).named("cidrIp", "CidrIp"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("FromPort", &INTEGER).named("fromPort", "FromPort"),
        Member::new("GroupId", &STRING).named("groupId", "GroupId").required(),
        Member::new("IpPermissions", &IP_PERMISSION_LIST).named("ipPermissions", "IpPermissions"),
        Member::new("IpProtocol", &STRING).named("ipProtocol", "IpProtocol"),
        Member::refused("SourceSecurityGroupName", "outbound rules name groups in IpPermissions")
            .named("sourceSecurityGroupName", "SourceSecurityGroupName"),
        Member::refused("SourceSecurityGroupOwnerId", "outbound rules name groups in IpPermissions")
            .named("sourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId"),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::new("ToPort", &INTEGER).named("toPort", "ToPort"),
    ],
);
pub static AUTHORIZE_SECURITY_GROUP_EGRESS_RESULT: Shape = Shape::structure(
    "AuthorizeSecurityGroupEgressResult",
    &[
        Member::new("Return", &BOOLEAN).named("return", "Return"),
        Member::new("SecurityGroupRules", &SECURITY_GROUP_RULE_LIST)
            .named("securityGroupRuleSet", "SecurityGroupRuleSet"),
    ],
);
pub static AUTHORIZE_SECURITY_GROUP_INGRESS_REQUEST: Shape = Shape::structure(
    "AuthorizeSecurityGroupIngressRequest",
    &[
        Member::new("CidrIp", &STRING),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("FromPort", &INTEGER),
        Member::new("GroupId", &STRING),
        Member::new("GroupName", &STRING),
        Member::new("IpPermissions", &IP_PERMISSION_LIST),
        Member::new("IpProtocol", &STRING),
        Member::new("SourceSecurityGroupName", &STRING),
        Member::new("SourceSecurityGroupOwnerId", &STRING),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::new("ToPort", &INTEGER),
    ],
);
pub static AUTHORIZE_SECURITY_GROUP_INGRESS_RESULT: Shape = Shape::structure(
    "AuthorizeSecurityGroupIngressResult",
    &[
        Member::new("Return", &BOOLEAN).named("return", "Return"),
        Member::new("SecurityGroupRules", &SECURITY_GROUP_RULE_LIST)
            .named("securityGroupRuleSet", "SecurityGroupRuleSet"),
    ],
);
pub static AVAILABILITY_MODE: Shape =
    Shape::new("AvailabilityMode", Kind::String).values(types::AvailabilityMode::NAMES);
pub static AVAILABILITY_ZONE: Shape = Shape::structure(
    "AvailabilityZone",
    &[
        Member::new("GroupLongName", &STRING).named("groupLongName", "GroupLongName"),
        Member::new("GroupName", &STRING).named("groupName", "GroupName"),
        Member::new("Messages", &AVAILABILITY_ZONE_MESSAGE_LIST).named("messageSet", "MessageSet"),
        Member::new("NetworkBorderGroup", &STRING).named("networkBorderGroup", "NetworkBorderGroup"),
        Member::new("OptInStatus", &AVAILABILITY_ZONE_OPT_IN_STATUS).named("optInStatus", "OptInStatus"),
        Member::new("ParentZoneId", &STRING).named("parentZoneId", "ParentZoneId"),
        Member::new("ParentZoneName", &STRING).named("parentZoneName", "ParentZoneName"),
        Member::new("RegionName", &STRING).named("regionName", "RegionName"),
        Member::new("State", &AVAILABILITY_ZONE_STATE).named("zoneState", "ZoneState"),
        Member::new("ZoneId", &STRING).named("zoneId", "ZoneId"),
        Member::new("ZoneName", &STRING).named("zoneName", "ZoneName"),
        Member::new("ZoneType", &STRING).named("zoneType", "ZoneType"),
    ],
);
pub static AVAILABILITY_ZONE_LIST: Shape = Shape::list_of("AvailabilityZoneList", &AVAILABILITY_ZONE, "item", false);
pub static AVAILABILITY_ZONE_MESSAGE: Shape =
    Shape::structure("AvailabilityZoneMessage", &[Member::new("Message", &STRING).named("message", "Message")]);
pub static AVAILABILITY_ZONE_MESSAGE_LIST: Shape =
    Shape::list_of("AvailabilityZoneMessageList", &AVAILABILITY_ZONE_MESSAGE, "item", false);
pub static AVAILABILITY_ZONE_OPT_IN_STATUS: Shape =
    Shape::new("AvailabilityZoneOptInStatus", Kind::String).values(types::AvailabilityZoneOptInStatus::NAMES);
pub static AVAILABILITY_ZONE_STATE: Shape =
    Shape::new("AvailabilityZoneState", Kind::String).values(types::AvailabilityZoneState::NAMES);
pub static BLOCK_DEVICE_MAPPING: Shape = Shape::structure(
    "BlockDeviceMapping",
    &[
        Member::new("DeviceName", &STRING).named("deviceName", "DeviceName"),
        Member::new("Ebs", &EBS_BLOCK_DEVICE).named("ebs", "Ebs"),
        Member::new("NoDevice", &STRING).named("noDevice", "NoDevice"),
        Member::new("VirtualName", &STRING).named("virtualName", "VirtualName"),
    ],
);
pub static BLOCK_DEVICE_MAPPING_LIST: Shape =
    Shape::list_of("BlockDeviceMappingList", &BLOCK_DEVICE_MAPPING, "item", false);
pub static BOOT_MODE_TYPE: Shape = Shape::new("BootModeType", Kind::String).values(types::BootModeType::NAMES);
pub static BOOT_MODE_TYPE_LIST: Shape = Shape::list_of("BootModeTypeList", &BOOT_MODE_TYPE, "item", false);
pub static BOOT_MODE_VALUES: Shape = Shape::new("BootModeValues", Kind::String).values(types::BootModeValues::NAMES);
pub static CONNECTIVITY_TYPE: Shape =
    Shape::new("ConnectivityType", Kind::String).values(types::ConnectivityType::NAMES);
pub static COPY_IMAGE_CLIENT_TOKEN: Shape = Shape::new("CopyImageClientToken", Kind::String).max(128.0);
pub static COPY_IMAGE_REQUEST: Shape = Shape::structure(
    "CopyImageRequest",
    &[
        Member::new("ClientToken", &COPY_IMAGE_CLIENT_TOKEN).idempotency_token(),
        Member::new("CopyImageTags", &BOOLEAN),
        Member::new("Description", &IMAGE_DESCRIPTION_REQUEST),
        Member::refused("DestinationAvailabilityZone", "Goru does not serve it yet"),
        Member::refused("DestinationAvailabilityZoneId", "Goru does not serve it yet"),
        Member::refused("DestinationOutpostArn", "Goru does not serve it yet"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::refused("Encrypted", "Goru does not serve it yet").named("encrypted", "Encrypted"),
        Member::refused("KmsKeyId", "Goru does not serve it yet").named("kmsKeyId", "KmsKeyId"),
        Member::new("Name", &IMAGE_NAME_REQUEST).required(),
        Member::refused("SnapshotCopyCompletionDurationMinutes", "Goru does not serve it yet"),
        Member::new("SourceImageId", &STRING).required(),
        Member::new("SourceRegion", &STRING).required(),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
    ],
);
pub static COPY_IMAGE_RESULT: Shape =
    Shape::structure("CopyImageResult", &[Member::new("ImageId", &STRING).named("imageId", "ImageId")]);
pub static CORE_COUNT_LIST: Shape = Shape::list_of("CoreCountList", &INTEGER, "item", false);
pub static CREATE_DEFAULT_VPC_REQUEST: Shape =
    Shape::structure("CreateDefaultVpcRequest", &[Member::new("DryRun", &BOOLEAN)]);
pub static CREATE_DEFAULT_VPC_RESULT: Shape =
    Shape::structure("CreateDefaultVpcResult", &[Member::new("Vpc", &VPC).named("vpc", "Vpc")]);
pub static CREATE_IMAGE_REQUEST: Shape = Shape::structure(
    "CreateImageRequest",
    &[
        Member::refused("BlockDeviceMappings", "instances have no volumes yet")
            .named("blockDeviceMapping", "BlockDeviceMapping"),
        Member::refused("BootModeOverride", "Goru does not serve it yet"),
        Member::new("Description", &IMAGE_DESCRIPTION_REQUEST).named("description", "Description"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId").required(),
        Member::new("Name", &IMAGE_NAME_REQUEST).named("name", "Name").required(),
        Member::new("NoReboot", &BOOLEAN).named("noReboot", "NoReboot"),
        Member::refused("SnapshotLocation", "Goru has no Local Zones"),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
    ],
);
pub static CREATE_IMAGE_RESULT: Shape =
    Shape::structure("CreateImageResult", &[Member::new("ImageId", &STRING).named("imageId", "ImageId")]);
pub static CREATE_INTERNET_GATEWAY_REQUEST: Shape = Shape::structure(
    "CreateInternetGatewayRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
    ],
);
pub static CREATE_INTERNET_GATEWAY_RESULT: Shape = Shape::structure(
    "CreateInternetGatewayResult",
    &[Member::new("InternetGateway", &INTERNET_GATEWAY).named("internetGateway", "InternetGateway")],
);
pub static CREATE_KEY_PAIR_REQUEST: Shape = Shape::structure(
    "CreateKeyPairRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("KeyFormat", &KEY_FORMAT),
        Member::new("KeyName", &STRING).required(),
        Member::new("KeyType", &KEY_TYPE),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
    ],
);
pub static CREATE_LAUNCH_TEMPLATE_REQUEST: Shape = Shape::structure(
    "CreateLaunchTemplateRequest",
    &[
        Member::new("ClientToken", &STRING).idempotency_token(),
        Member::new("DryRun", &BOOLEAN),
        Member::new("LaunchTemplateData", &REQUEST_LAUNCH_TEMPLATE_DATA).required(),
        Member::new("LaunchTemplateName", &STRING).required(),
        Member::refused("Operator", "Goru has no managed resources"),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::new("VersionDescription", &VERSION_DESCRIPTION),
    ],
);
pub static CREATE_LAUNCH_TEMPLATE_RESULT: Shape = Shape::structure(
    "CreateLaunchTemplateResult",
    &[
        Member::new("LaunchTemplate", &LAUNCH_TEMPLATE).named("launchTemplate", "LaunchTemplate"),
        Member::new("Warning", &VALIDATION_WARNING).named("warning", "Warning"),
    ],
);
pub static CREATE_LAUNCH_TEMPLATE_VERSION_REQUEST: Shape = Shape::structure(
    "CreateLaunchTemplateVersionRequest",
    &[
        Member::new("ClientToken", &STRING).idempotency_token(),
        Member::new("DryRun", &BOOLEAN),
        Member::new("LaunchTemplateData", &REQUEST_LAUNCH_TEMPLATE_DATA).required(),
        Member::new("LaunchTemplateId", &STRING),
        Member::new("LaunchTemplateName", &LAUNCH_TEMPLATE_NAME),
        Member::new("ResolveAlias", &BOOLEAN),
        Member::new("SourceVersion", &STRING),
        Member::new("VersionDescription", &VERSION_DESCRIPTION),
    ],
);
pub static CREATE_LAUNCH_TEMPLATE_VERSION_RESULT: Shape = Shape::structure(
    "CreateLaunchTemplateVersionResult",
    &[
        Member::new("LaunchTemplateVersion", &LAUNCH_TEMPLATE_VERSION)
            .named("launchTemplateVersion", "LaunchTemplateVersion"),
        Member::new("Warning", &VALIDATION_WARNING).named("warning", "Warning"),
    ],
);
pub static CREATE_NAT_GATEWAY_REQUEST: Shape = Shape::structure(
    "CreateNatGatewayRequest",
    &[
        Member::new("AllocationId", &STRING),
        Member::new("AvailabilityMode", &AVAILABILITY_MODE),
        Member::refused("AvailabilityZoneAddresses", "NAT gateways are of one zone")
            .named("AvailabilityZoneAddress", "AvailabilityZoneAddress"),
        Member::new("ClientToken", &STRING).idempotency_token(),
        Member::new("ConnectivityType", &CONNECTIVITY_TYPE),
        Member::new("DryRun", &BOOLEAN),
        Member::new("PrivateIpAddress", &STRING),
        Member::refused("SecondaryAllocationIds", "NAT gateways have one address")
            .named("SecondaryAllocationId", "SecondaryAllocationId"),
        Member::refused("SecondaryPrivateIpAddressCount", "NAT gateways have one address"),
        Member::refused("SecondaryPrivateIpAddresses", "NAT gateways have one address")
            .named("SecondaryPrivateIpAddress", "SecondaryPrivateIpAddress"),
        Member::new("SubnetId", &STRING).required(),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::refused("VpcId", "NAT gateways are of one zone; SubnetId says which"),
    ],
);
pub static CREATE_NAT_GATEWAY_RESULT: Shape = Shape::structure(
    "CreateNatGatewayResult",
    &[
        Member::new("ClientToken", &STRING).named("clientToken", "ClientToken"),
        Member::new("NatGateway", &NAT_GATEWAY).named("natGateway", "NatGateway"),
    ],
);
pub static CREATE_NETWORK_ACL_ENTRY_REQUEST: Shape = Shape::structure(
    "CreateNetworkAclEntryRequest",
    &[
        Member::new("CidrBlock", &STRING).named("cidrBlock", "CidrBlock"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Egress", &BOOLEAN).named("egress", "Egress").required(),
        Member::new("IcmpTypeCode", &ICMP_TYPE_CODE).named("Icmp", "Icmp"),
        Member::refused("Ipv6CidrBlock", "VPCs have no IPv6 yet").named("ipv6CidrBlock", "Ipv6CidrBlock"),
        Member::new("NetworkAclId", &STRING).named("networkAclId", "NetworkAclId").required(),
        Member::new("PortRange", &PORT_RANGE).named("portRange", "PortRange"),
        Member::new("Protocol", &STRING).named("protocol", "Protocol").required(),
        Member::new("RuleAction", &RULE_ACTION).named("ruleAction", "RuleAction").required(),
        Member::new("RuleNumber", &INTEGER).named("ruleNumber", "RuleNumber").required(),
    ],
);
pub static CREATE_NETWORK_ACL_REQUEST: Shape = Shape::structure(
    "CreateNetworkAclRequest",
    &[
        Member::new("ClientToken", &STRING).idempotency_token(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId").required(),
    ],
);
pub static CREATE_NETWORK_ACL_RESULT: Shape = Shape::structure(
    "CreateNetworkAclResult",
    &[
        Member::new("ClientToken", &STRING).named("clientToken", "ClientToken"),
        Member::new("NetworkAcl", &NETWORK_ACL).named("networkAcl", "NetworkAcl"),
    ],
);
pub static CREATE_ROUTE_REQUEST: Shape = Shape::structure(
    "CreateRouteRequest",
    &[
        Member::refused("CarrierGatewayId", "Goru has no Wavelength Zones"),
        Member::refused("CoreNetworkArn", "core networks are not part of Goru"),
        Member::new("DestinationCidrBlock", &STRING).named("destinationCidrBlock", "DestinationCidrBlock").required(),
        Member::refused("DestinationIpv6CidrBlock", "VPCs have no IPv6 yet")
            .named("destinationIpv6CidrBlock", "DestinationIpv6CidrBlock"),
        Member::refused("DestinationPrefixListId", "prefix lists are not part of Goru"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::refused("EgressOnlyInternetGatewayId", "VPCs have no IPv6 yet")
            .named("egressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId"),
        Member::new("GatewayId", &STRING).named("gatewayId", "GatewayId"),
        Member::refused("InstanceId", "instances do not forward packets of others; use a NAT gateway")
            .named("instanceId", "InstanceId"),
        Member::refused("LocalGatewayId", "Goru has no Outposts"),
        Member::new("NatGatewayId", &STRING).named("natGatewayId", "NatGatewayId"),
        Member::refused("NetworkInterfaceId", "network interfaces do not forward packets of others; use a NAT gateway")
            .named("networkInterfaceId", "NetworkInterfaceId"),
        Member::refused("OdbNetworkArn", "Oracle databases are not part of Goru"),
        Member::new("RouteTableId", &STRING).named("routeTableId", "RouteTableId").required(),
        Member::refused("TransitGatewayId", "transit gateways are not part of Goru"),
        Member::refused("VpcEndpointId", "VPC endpoints are not part of Goru"),
        Member::refused("VpcPeeringConnectionId", "VPC peering is not part of Goru")
            .named("vpcPeeringConnectionId", "VpcPeeringConnectionId"),
    ],
);
pub static CREATE_ROUTE_RESULT: Shape =
    Shape::structure("CreateRouteResult", &[Member::new("Return", &BOOLEAN).named("return", "Return")]);
pub static CREATE_ROUTE_TABLE_REQUEST: Shape = Shape::structure(
    "CreateRouteTableRequest",
    &[
        Member::new("ClientToken", &STRING).idempotency_token(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId").required(),
    ],
);
pub static CREATE_ROUTE_TABLE_RESULT: Shape = Shape::structure(
    "CreateRouteTableResult",
    &[
        Member::new("ClientToken", &STRING).named("clientToken", "ClientToken"),
        Member::new("RouteTable", &ROUTE_TABLE).named("routeTable", "RouteTable"),
    ],
);
pub static CREATE_SECURITY_GROUP_REQUEST: Shape = Shape::structure(
    "CreateSecurityGroupRequest",
    &[
        Member::new("Description", &STRING).named("GroupDescription", "GroupDescription").required(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("GroupName", &STRING).required(),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::new("VpcId", &STRING),
    ],
);
pub static CREATE_SECURITY_GROUP_RESULT: Shape = Shape::structure(
    "CreateSecurityGroupResult",
    &[
        Member::new("GroupId", &STRING).named("groupId", "GroupId"),
        Member::new("SecurityGroupArn", &STRING).named("securityGroupArn", "SecurityGroupArn"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
    ],
);
pub static CREATE_SUBNET_REQUEST: Shape = Shape::structure(
    "CreateSubnetRequest",
    &[
        Member::new("AvailabilityZone", &STRING),
        Member::new("AvailabilityZoneId", &STRING),
        Member::new("CidrBlock", &STRING).required(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::refused("Ipv4IpamPoolId", "Goru has no IP address manager"),
        Member::refused("Ipv4NetmaskLength", "Goru has no IP address manager"),
        Member::refused("Ipv6CidrBlock", "VPCs have no IPv6 yet"),
        Member::refused("Ipv6IpamPoolId", "Goru has no IP address manager"),
        Member::refused("Ipv6Native", "VPCs have no IPv6 yet"),
        Member::refused("Ipv6NetmaskLength", "Goru has no IP address manager"),
        Member::refused("OutpostArn", "Goru has no Outposts"),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::new("VpcId", &STRING).required(),
    ],
);
pub static CREATE_SUBNET_RESULT: Shape =
    Shape::structure("CreateSubnetResult", &[Member::new("Subnet", &SUBNET).named("subnet", "Subnet")]);
pub static CREATE_TAGS_REQUEST: Shape = Shape::structure(
    "CreateTagsRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Resources", &RESOURCE_ID_LIST).named("ResourceId", "ResourceId").required(),
        Member::new("Tags", &TAG_LIST).named("Tag", "Tag").required(),
    ],
);
pub static CREATE_VPC_REQUEST: Shape = Shape::structure(
    "CreateVpcRequest",
    &[
        Member::new("AmazonProvidedIpv6CidrBlock", &BOOLEAN)
            .named("amazonProvidedIpv6CidrBlock", "AmazonProvidedIpv6CidrBlock"),
        Member::new("CidrBlock", &STRING).required(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("InstanceTenancy", &TENANCY).named("instanceTenancy", "InstanceTenancy"),
        Member::refused("Ipv4IpamPoolId", "Goru has no IP address manager"),
        Member::refused("Ipv4NetmaskLength", "Goru has no IP address manager"),
        Member::refused("Ipv6CidrBlock", "VPCs have no IPv6 yet"),
        Member::refused("Ipv6CidrBlockNetworkBorderGroup", "VPCs have no IPv6 yet"),
        Member::refused("Ipv6IpamPoolId", "Goru has no IP address manager"),
        Member::refused("Ipv6NetmaskLength", "Goru has no IP address manager"),
        Member::refused("Ipv6Pool", "VPCs have no IPv6 yet"),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::refused("VpcEncryptionControl", "VPC encryption is not part of Goru"),
    ],
);
pub static CREATE_VPC_RESULT: Shape =
    Shape::structure("CreateVpcResult", &[Member::new("Vpc", &VPC).named("vpc", "Vpc")]);
pub static DIT_MAX_RESULTS: Shape = Shape::new("DITMaxResults", Kind::Integer).min(5.0).max(100.0);
pub static DITO_MAX_RESULTS: Shape = Shape::new("DITOMaxResults", Kind::Integer).min(5.0).max(1000.0);
pub static DELETE_INTERNET_GATEWAY_REQUEST: Shape = Shape::structure(
    "DeleteInternetGatewayRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("InternetGatewayId", &STRING).named("internetGatewayId", "InternetGatewayId").required(),
    ],
);
pub static DELETE_KEY_PAIR_REQUEST: Shape = Shape::structure(
    "DeleteKeyPairRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("KeyName", &STRING),
        Member::new("KeyPairId", &STRING),
    ],
);
pub static DELETE_KEY_PAIR_RESULT: Shape = Shape::structure(
    "DeleteKeyPairResult",
    &[
        Member::new("KeyPairId", &STRING).named("keyPairId", "KeyPairId"),
        Member::new("Return", &BOOLEAN).named("return", "Return"),
    ],
);
pub static DELETE_LAUNCH_TEMPLATE_REQUEST: Shape = Shape::structure(
    "DeleteLaunchTemplateRequest",
    &[
        Member::new("DryRun", &BOOLEAN),
        Member::new("LaunchTemplateId", &STRING),
        Member::new("LaunchTemplateName", &LAUNCH_TEMPLATE_NAME),
    ],
);
pub static DELETE_LAUNCH_TEMPLATE_RESULT: Shape = Shape::structure(
    "DeleteLaunchTemplateResult",
    &[Member::new("LaunchTemplate", &LAUNCH_TEMPLATE).named("launchTemplate", "LaunchTemplate")],
);
pub static DELETE_LAUNCH_TEMPLATE_VERSIONS_REQUEST: Shape = Shape::structure(
    "DeleteLaunchTemplateVersionsRequest",
    &[
        Member::new("DryRun", &BOOLEAN),
        Member::new("LaunchTemplateId", &STRING),
        Member::new("LaunchTemplateName", &LAUNCH_TEMPLATE_NAME),
        Member::new("Versions", &VERSION_STRING_LIST)
            .named("LaunchTemplateVersion", "LaunchTemplateVersion")
            .required(),
    ],
);
pub static DELETE_LAUNCH_TEMPLATE_VERSIONS_RESPONSE_ERROR_ITEM: Shape = Shape::structure(
    "DeleteLaunchTemplateVersionsResponseErrorItem",
    &[
        Member::new("LaunchTemplateId", &STRING).named("launchTemplateId", "LaunchTemplateId"),
        Member::new("LaunchTemplateName", &STRING).named("launchTemplateName", "LaunchTemplateName"),
        Member::new("ResponseError", &RESPONSE_ERROR).named("responseError", "ResponseError"),
        Member::new("VersionNumber", &LONG).named("versionNumber", "VersionNumber"),
    ],
);
pub static DELETE_LAUNCH_TEMPLATE_VERSIONS_RESPONSE_ERROR_SET: Shape = Shape::list_of(
    "DeleteLaunchTemplateVersionsResponseErrorSet",
    &DELETE_LAUNCH_TEMPLATE_VERSIONS_RESPONSE_ERROR_ITEM,
    "item",
    false,
);
pub static DELETE_LAUNCH_TEMPLATE_VERSIONS_RESPONSE_SUCCESS_ITEM: Shape = Shape::structure(
    "DeleteLaunchTemplateVersionsResponseSuccessItem",
    &[
        Member::new("LaunchTemplateId", &STRING).named("launchTemplateId", "LaunchTemplateId"),
        Member::new("LaunchTemplateName", &STRING).named("launchTemplateName", "LaunchTemplateName"),
        Member::new("VersionNumber", &LONG).named("versionNumber", "VersionNumber"),
    ],
);
pub static DELETE_LAUNCH_TEMPLATE_VERSIONS_RESPONSE_SUCCESS_SET: Shape = Shape::list_of(
    "DeleteLaunchTemplateVersionsResponseSuccessSet",
    &DELETE_LAUNCH_TEMPLATE_VERSIONS_RESPONSE_SUCCESS_ITEM,
    "item",
    false,
);
pub static DELETE_LAUNCH_TEMPLATE_VERSIONS_RESULT: Shape = Shape::structure(
    "DeleteLaunchTemplateVersionsResult",
    &[
        Member::new("SuccessfullyDeletedLaunchTemplateVersions", &DELETE_LAUNCH_TEMPLATE_VERSIONS_RESPONSE_SUCCESS_SET)
            .named("successfullyDeletedLaunchTemplateVersionSet", "SuccessfullyDeletedLaunchTemplateVersionSet"),
        Member::new("UnsuccessfullyDeletedLaunchTemplateVersions", &DELETE_LAUNCH_TEMPLATE_VERSIONS_RESPONSE_ERROR_SET)
            .named("unsuccessfullyDeletedLaunchTemplateVersionSet", "UnsuccessfullyDeletedLaunchTemplateVersionSet"),
    ],
);
pub static DELETE_NAT_GATEWAY_REQUEST: Shape = Shape::structure(
    "DeleteNatGatewayRequest",
    &[Member::new("DryRun", &BOOLEAN), Member::new("NatGatewayId", &STRING).required()],
);
pub static DELETE_NAT_GATEWAY_RESULT: Shape = Shape::structure(
    "DeleteNatGatewayResult",
    &[Member::new("NatGatewayId", &STRING).named("natGatewayId", "NatGatewayId")],
);
pub static DELETE_NETWORK_ACL_ENTRY_REQUEST: Shape = Shape::structure(
    "DeleteNetworkAclEntryRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Egress", &BOOLEAN).named("egress", "Egress").required(),
        Member::new("NetworkAclId", &STRING).named("networkAclId", "NetworkAclId").required(),
        Member::new("RuleNumber", &INTEGER).named("ruleNumber", "RuleNumber").required(),
    ],
);
pub static DELETE_NETWORK_ACL_REQUEST: Shape = Shape::structure(
    "DeleteNetworkAclRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("NetworkAclId", &STRING).named("networkAclId", "NetworkAclId").required(),
    ],
);
pub static DELETE_ROUTE_REQUEST: Shape = Shape::structure(
    "DeleteRouteRequest",
    &[
        Member::new("DestinationCidrBlock", &STRING).named("destinationCidrBlock", "DestinationCidrBlock").required(),
        Member::refused("DestinationIpv6CidrBlock", "VPCs have no IPv6 yet")
            .named("destinationIpv6CidrBlock", "DestinationIpv6CidrBlock"),
        Member::refused("DestinationPrefixListId", "prefix lists are not part of Goru"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("RouteTableId", &STRING).named("routeTableId", "RouteTableId").required(),
    ],
);
pub static DELETE_ROUTE_TABLE_REQUEST: Shape = Shape::structure(
    "DeleteRouteTableRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("RouteTableId", &STRING).named("routeTableId", "RouteTableId").required(),
    ],
);
pub static DELETE_SECURITY_GROUP_REQUEST: Shape = Shape::structure(
    "DeleteSecurityGroupRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("GroupId", &STRING),
        Member::new("GroupName", &STRING),
    ],
);
pub static DELETE_SECURITY_GROUP_RESULT: Shape = Shape::structure(
    "DeleteSecurityGroupResult",
    &[
        Member::new("GroupId", &STRING).named("groupId", "GroupId"),
        Member::new("Return", &BOOLEAN).named("return", "Return"),
    ],
);
pub static DELETE_SNAPSHOT_RESULT_SET: Shape =
    Shape::list_of("DeleteSnapshotResultSet", &DELETE_SNAPSHOT_RETURN_CODE, "item", false);
pub static DELETE_SNAPSHOT_RETURN_CODE: Shape = Shape::structure(
    "DeleteSnapshotReturnCode",
    &[
        Member::new("ReturnCode", &SNAPSHOT_RETURN_CODES).named("returnCode", "ReturnCode"),
        Member::new("SnapshotId", &STRING).named("snapshotId", "SnapshotId"),
    ],
);
pub static DELETE_SUBNET_REQUEST: Shape = Shape::structure(
    "DeleteSubnetRequest",
    &[Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"), Member::new("SubnetId", &STRING).required()],
);
pub static DELETE_TAGS_REQUEST: Shape = Shape::structure(
    "DeleteTagsRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Resources", &RESOURCE_ID_LIST).named("resourceId", "ResourceId").required(),
        Member::new("Tags", &TAG_LIST).named("tag", "Tag"),
    ],
);
pub static DELETE_VPC_REQUEST: Shape = Shape::structure(
    "DeleteVpcRequest",
    &[Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"), Member::new("VpcId", &STRING).required()],
);
pub static DEREGISTER_IMAGE_REQUEST: Shape = Shape::structure(
    "DeregisterImageRequest",
    &[
        Member::new("DeleteAssociatedSnapshots", &BOOLEAN),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("ImageId", &STRING).required(),
    ],
);
pub static DEREGISTER_IMAGE_RESULT: Shape = Shape::structure(
    "DeregisterImageResult",
    &[
        Member::new("DeleteSnapshotResults", &DELETE_SNAPSHOT_RESULT_SET)
            .named("deleteSnapshotResultSet", "DeleteSnapshotResultSet"),
        Member::new("Return", &BOOLEAN).named("return", "Return"),
    ],
);
pub static DESCRIBE_ACCOUNT_ATTRIBUTES_REQUEST: Shape = Shape::structure(
    "DescribeAccountAttributesRequest",
    &[
        Member::new("AttributeNames", &ACCOUNT_ATTRIBUTE_NAME_STRING_LIST).named("attributeName", "AttributeName"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
    ],
);
pub static DESCRIBE_ACCOUNT_ATTRIBUTES_RESULT: Shape = Shape::structure(
    "DescribeAccountAttributesResult",
    &[Member::new("AccountAttributes", &ACCOUNT_ATTRIBUTE_LIST).named("accountAttributeSet", "AccountAttributeSet")],
);
pub static DESCRIBE_ADDRESSES_ATTRIBUTE_REQUEST: Shape = Shape::structure(
    "DescribeAddressesAttributeRequest",
    &[
        Member::new("AllocationIds", &ALLOCATION_IDS).named("AllocationId", "AllocationId"),
        Member::new("Attribute", &ADDRESS_ATTRIBUTE_NAME),
        Member::new("DryRun", &BOOLEAN),
        Member::new("MaxResults", &ADDRESS_MAX_RESULTS),
        Member::new("NextToken", &STRING),
    ],
);
pub static DESCRIBE_ADDRESSES_ATTRIBUTE_RESULT: Shape = Shape::structure(
    "DescribeAddressesAttributeResult",
    &[
        Member::new("Addresses", &ADDRESS_SET).named("addressSet", "AddressSet"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_ADDRESSES_REQUEST: Shape = Shape::structure(
    "DescribeAddressesRequest",
    &[
        Member::new("AllocationIds", &ALLOCATION_ID_LIST).named("AllocationId", "AllocationId"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("PublicIps", &PUBLIC_IP_STRING_LIST).named("PublicIp", "PublicIp"),
    ],
);
pub static DESCRIBE_ADDRESSES_RESULT: Shape = Shape::structure(
    "DescribeAddressesResult",
    &[Member::new("Addresses", &ADDRESS_LIST).named("addressesSet", "AddressesSet")],
);
pub static DESCRIBE_AVAILABILITY_ZONES_REQUEST: Shape = Shape::structure(
    "DescribeAvailabilityZonesRequest",
    &[
        Member::new("AllAvailabilityZones", &BOOLEAN),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("ZoneIds", &ZONE_ID_STRING_LIST).named("ZoneId", "ZoneId"),
        Member::new("ZoneNames", &ZONE_NAME_STRING_LIST).named("ZoneName", "ZoneName"),
    ],
);
pub static DESCRIBE_AVAILABILITY_ZONES_RESULT: Shape = Shape::structure(
    "DescribeAvailabilityZonesResult",
    &[Member::new("AvailabilityZones", &AVAILABILITY_ZONE_LIST).named("availabilityZoneInfo", "AvailabilityZoneInfo")],
);
pub static DESCRIBE_IMAGE_ATTRIBUTE_REQUEST: Shape = Shape::structure(
    "DescribeImageAttributeRequest",
    &[
        Member::new("Attribute", &IMAGE_ATTRIBUTE_NAME).required(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("ImageId", &STRING).required(),
    ],
);
pub static DESCRIBE_IMAGES_REQUEST: Shape = Shape::structure(
    "DescribeImagesRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("ExecutableUsers", &EXECUTABLE_BY_STRING_LIST).named("ExecutableBy", "ExecutableBy"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("ImageIds", &IMAGE_ID_STRING_LIST).named("ImageId", "ImageId"),
        Member::new("IncludeDeprecated", &BOOLEAN),
        Member::new("IncludeDisabled", &BOOLEAN),
        Member::new("MaxResults", &INTEGER),
        Member::new("NextToken", &STRING),
        Member::new("Owners", &OWNER_STRING_LIST).named("Owner", "Owner"),
    ],
);
pub static DESCRIBE_IMAGES_RESULT: Shape = Shape::structure(
    "DescribeImagesResult",
    &[
        Member::new("Images", &IMAGE_LIST).named("imagesSet", "ImagesSet"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_INSTANCE_ATTRIBUTE_REQUEST: Shape = Shape::structure(
    "DescribeInstanceAttributeRequest",
    &[
        Member::new("Attribute", &INSTANCE_ATTRIBUTE_NAME).named("attribute", "Attribute").required(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId").required(),
    ],
);
pub static DESCRIBE_INSTANCE_STATUS_REQUEST: Shape = Shape::structure(
    "DescribeInstanceStatusRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("IncludeAllInstances", &BOOLEAN).named("includeAllInstances", "IncludeAllInstances"),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("InstanceIds", &INSTANCE_ID_STRING_LIST).named("InstanceId", "InstanceId"),
        Member::new("MaxResults", &INTEGER),
        Member::new("NextToken", &STRING),
    ],
);
pub static DESCRIBE_INSTANCE_STATUS_RESULT: Shape = Shape::structure(
    "DescribeInstanceStatusResult",
    &[
        Member::new("InstanceStatuses", &INSTANCE_STATUS_LIST).named("instanceStatusSet", "InstanceStatusSet"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_INSTANCE_TYPE_OFFERINGS_REQUEST: Shape = Shape::structure(
    "DescribeInstanceTypeOfferingsRequest",
    &[
        Member::new("DryRun", &BOOLEAN),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("LocationType", &LOCATION_TYPE),
        Member::new("MaxResults", &DITO_MAX_RESULTS),
        Member::new("NextToken", &STRING),
    ],
);
pub static DESCRIBE_INSTANCE_TYPE_OFFERINGS_RESULT: Shape = Shape::structure(
    "DescribeInstanceTypeOfferingsResult",
    &[
        Member::new("InstanceTypeOfferings", &INSTANCE_TYPE_OFFERINGS_LIST)
            .named("instanceTypeOfferingSet", "InstanceTypeOfferingSet"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_INSTANCE_TYPES_REQUEST: Shape = Shape::structure(
    "DescribeInstanceTypesRequest",
    &[
        Member::new("DryRun", &BOOLEAN),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::refused("IncludeUnsupportedInRegion", "every region has the same instance types"),
        Member::new("InstanceTypes", &REQUEST_INSTANCE_TYPE_LIST).named("InstanceType", "InstanceType"),
        Member::new("MaxResults", &DIT_MAX_RESULTS),
        Member::new("NextToken", &STRING),
    ],
);
pub static DESCRIBE_INSTANCE_TYPES_RESULT: Shape = Shape::structure(
    "DescribeInstanceTypesResult",
    &[
        Member::new("InstanceTypes", &INSTANCE_TYPE_INFO_LIST).named("instanceTypeSet", "InstanceTypeSet"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_INSTANCES_REQUEST: Shape = Shape::structure(
    "DescribeInstancesRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("InstanceIds", &INSTANCE_ID_STRING_LIST).named("InstanceId", "InstanceId"),
        Member::new("MaxResults", &INTEGER).named("maxResults", "MaxResults"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_INSTANCES_RESULT: Shape = Shape::structure(
    "DescribeInstancesResult",
    &[
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
        Member::new("Reservations", &RESERVATION_LIST).named("reservationSet", "ReservationSet"),
    ],
);
pub static DESCRIBE_INTERNET_GATEWAYS_MAX_RESULTS: Shape =
    Shape::new("DescribeInternetGatewaysMaxResults", Kind::Integer).min(5.0).max(1000.0);
pub static DESCRIBE_INTERNET_GATEWAYS_REQUEST: Shape = Shape::structure(
    "DescribeInternetGatewaysRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("InternetGatewayIds", &INTERNET_GATEWAY_ID_LIST).named("internetGatewayId", "InternetGatewayId"),
        Member::new("MaxResults", &DESCRIBE_INTERNET_GATEWAYS_MAX_RESULTS),
        Member::new("NextToken", &STRING),
    ],
);
pub static DESCRIBE_INTERNET_GATEWAYS_RESULT: Shape = Shape::structure(
    "DescribeInternetGatewaysResult",
    &[
        Member::new("InternetGateways", &INTERNET_GATEWAY_LIST).named("internetGatewaySet", "InternetGatewaySet"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_KEY_PAIRS_REQUEST: Shape = Shape::structure(
    "DescribeKeyPairsRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("IncludePublicKey", &BOOLEAN),
        Member::new("KeyNames", &KEY_NAME_STRING_LIST).named("KeyName", "KeyName"),
        Member::new("KeyPairIds", &KEY_PAIR_ID_STRING_LIST).named("KeyPairId", "KeyPairId"),
    ],
);
pub static DESCRIBE_KEY_PAIRS_RESULT: Shape =
    Shape::structure("DescribeKeyPairsResult", &[Member::new("KeyPairs", &KEY_PAIR_LIST).named("keySet", "KeySet")]);
pub static DESCRIBE_LAUNCH_TEMPLATE_VERSIONS_REQUEST: Shape = Shape::structure(
    "DescribeLaunchTemplateVersionsRequest",
    &[
        Member::new("DryRun", &BOOLEAN),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("LaunchTemplateId", &STRING),
        Member::new("LaunchTemplateName", &LAUNCH_TEMPLATE_NAME),
        Member::new("MaxResults", &INTEGER),
        Member::new("MaxVersion", &STRING),
        Member::new("MinVersion", &STRING),
        Member::new("NextToken", &STRING),
        Member::new("ResolveAlias", &BOOLEAN),
        Member::new("Versions", &VERSION_STRING_LIST).named("LaunchTemplateVersion", "LaunchTemplateVersion"),
    ],
);
pub static DESCRIBE_LAUNCH_TEMPLATE_VERSIONS_RESULT: Shape = Shape::structure(
    "DescribeLaunchTemplateVersionsResult",
    &[
        Member::new("LaunchTemplateVersions", &LAUNCH_TEMPLATE_VERSION_SET)
            .named("launchTemplateVersionSet", "LaunchTemplateVersionSet"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_LAUNCH_TEMPLATES_MAX_RESULTS: Shape =
    Shape::new("DescribeLaunchTemplatesMaxResults", Kind::Integer).min(1.0).max(200.0);
pub static DESCRIBE_LAUNCH_TEMPLATES_REQUEST: Shape = Shape::structure(
    "DescribeLaunchTemplatesRequest",
    &[
        Member::new("DryRun", &BOOLEAN),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("LaunchTemplateIds", &LAUNCH_TEMPLATE_ID_STRING_LIST).named("LaunchTemplateId", "LaunchTemplateId"),
        Member::new("LaunchTemplateNames", &LAUNCH_TEMPLATE_NAME_STRING_LIST)
            .named("LaunchTemplateName", "LaunchTemplateName"),
        Member::new("MaxResults", &DESCRIBE_LAUNCH_TEMPLATES_MAX_RESULTS),
        Member::new("NextToken", &STRING),
    ],
);
pub static DESCRIBE_LAUNCH_TEMPLATES_RESULT: Shape = Shape::structure(
    "DescribeLaunchTemplatesResult",
    &[
        Member::new("LaunchTemplates", &LAUNCH_TEMPLATE_SET).named("launchTemplates", "LaunchTemplates"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_NAT_GATEWAYS_MAX_RESULTS: Shape =
    Shape::new("DescribeNatGatewaysMaxResults", Kind::Integer).min(5.0).max(1000.0);
pub static DESCRIBE_NAT_GATEWAYS_REQUEST: Shape = Shape::structure(
    "DescribeNatGatewaysRequest",
    &[
        Member::new("DryRun", &BOOLEAN),
        Member::new("Filter", &FILTER_LIST),
        Member::new("MaxResults", &DESCRIBE_NAT_GATEWAYS_MAX_RESULTS),
        Member::new("NatGatewayIds", &NAT_GATEWAY_ID_STRING_LIST).named("NatGatewayId", "NatGatewayId"),
        Member::new("NextToken", &STRING),
    ],
);
pub static DESCRIBE_NAT_GATEWAYS_RESULT: Shape = Shape::structure(
    "DescribeNatGatewaysResult",
    &[
        Member::new("NatGateways", &NAT_GATEWAY_LIST).named("natGatewaySet", "NatGatewaySet"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_NETWORK_ACLS_MAX_RESULTS: Shape =
    Shape::new("DescribeNetworkAclsMaxResults", Kind::Integer).min(5.0).max(1000.0);
pub static DESCRIBE_NETWORK_ACLS_REQUEST: Shape = Shape::structure(
    "DescribeNetworkAclsRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("MaxResults", &DESCRIBE_NETWORK_ACLS_MAX_RESULTS),
        Member::new("NetworkAclIds", &NETWORK_ACL_ID_STRING_LIST).named("NetworkAclId", "NetworkAclId"),
        Member::new("NextToken", &STRING),
    ],
);
pub static DESCRIBE_NETWORK_ACLS_RESULT: Shape = Shape::structure(
    "DescribeNetworkAclsResult",
    &[
        Member::new("NetworkAcls", &NETWORK_ACL_LIST).named("networkAclSet", "NetworkAclSet"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_NETWORK_INTERFACES_MAX_RESULTS: Shape =
    Shape::new("DescribeNetworkInterfacesMaxResults", Kind::Integer).min(5.0).max(1000.0);
pub static DESCRIBE_NETWORK_INTERFACES_REQUEST: Shape = Shape::structure(
    "DescribeNetworkInterfacesRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("filter", "Filter"),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("MaxResults", &DESCRIBE_NETWORK_INTERFACES_MAX_RESULTS),
        Member::new("NetworkInterfaceIds", &NETWORK_INTERFACE_ID_LIST)
            .named("NetworkInterfaceId", "NetworkInterfaceId"),
        Member::new("NextToken", &STRING),
    ],
);
pub static DESCRIBE_NETWORK_INTERFACES_RESULT: Shape = Shape::structure(
    "DescribeNetworkInterfacesResult",
    &[
        Member::new("NetworkInterfaces", &NETWORK_INTERFACE_LIST).named("networkInterfaceSet", "NetworkInterfaceSet"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_REGIONS_REQUEST: Shape = Shape::structure(
    "DescribeRegionsRequest",
    &[
        Member::new("AllRegions", &BOOLEAN),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("RegionNames", &REGION_NAME_STRING_LIST).named("RegionName", "RegionName"),
    ],
);
pub static DESCRIBE_REGIONS_RESULT: Shape = Shape::structure(
    "DescribeRegionsResult",
    &[Member::new("Regions", &REGION_LIST).named("regionInfo", "RegionInfo")],
);
pub static DESCRIBE_ROUTE_TABLES_MAX_RESULTS: Shape =
    Shape::new("DescribeRouteTablesMaxResults", Kind::Integer).min(5.0).max(100.0);
pub static DESCRIBE_ROUTE_TABLES_REQUEST: Shape = Shape::structure(
    "DescribeRouteTablesRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("MaxResults", &DESCRIBE_ROUTE_TABLES_MAX_RESULTS),
        Member::new("NextToken", &STRING),
        Member::new("RouteTableIds", &ROUTE_TABLE_ID_STRING_LIST).named("RouteTableId", "RouteTableId"),
    ],
);
pub static DESCRIBE_ROUTE_TABLES_RESULT: Shape = Shape::structure(
    "DescribeRouteTablesResult",
    &[
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
        Member::new("RouteTables", &ROUTE_TABLE_LIST).named("routeTableSet", "RouteTableSet"),
    ],
);
pub static DESCRIBE_SECURITY_GROUP_RULES_MAX_RESULTS: Shape =
    Shape::new("DescribeSecurityGroupRulesMaxResults", Kind::Integer).min(5.0).max(1000.0);
pub static DESCRIBE_SECURITY_GROUP_RULES_REQUEST: Shape = Shape::structure(
    "DescribeSecurityGroupRulesRequest",
    &[
        Member::new("DryRun", &BOOLEAN),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("MaxResults", &DESCRIBE_SECURITY_GROUP_RULES_MAX_RESULTS),
        Member::new("NextToken", &STRING),
        Member::new("SecurityGroupRuleIds", &SECURITY_GROUP_RULE_ID_LIST)
            .named("SecurityGroupRuleId", "SecurityGroupRuleId"),
    ],
);
pub static DESCRIBE_SECURITY_GROUP_RULES_RESULT: Shape = Shape::structure(
    "DescribeSecurityGroupRulesResult",
    &[
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
        Member::new("SecurityGroupRules", &SECURITY_GROUP_RULE_LIST)
            .named("securityGroupRuleSet", "SecurityGroupRuleSet"),
    ],
);
pub static DESCRIBE_SECURITY_GROUPS_MAX_RESULTS: Shape =
    Shape::new("DescribeSecurityGroupsMaxResults", Kind::Integer).min(5.0).max(1000.0);
pub static DESCRIBE_SECURITY_GROUPS_REQUEST: Shape = Shape::structure(
    "DescribeSecurityGroupsRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("GroupIds", &GROUP_ID_STRING_LIST).named("GroupId", "GroupId"),
        Member::new("GroupNames", &GROUP_NAME_STRING_LIST).named("GroupName", "GroupName"),
        Member::new("MaxResults", &DESCRIBE_SECURITY_GROUPS_MAX_RESULTS),
        Member::new("NextToken", &STRING),
    ],
);
pub static DESCRIBE_SECURITY_GROUPS_RESULT: Shape = Shape::structure(
    "DescribeSecurityGroupsResult",
    &[
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
        Member::new("SecurityGroups", &SECURITY_GROUP_LIST).named("securityGroupInfo", "SecurityGroupInfo"),
    ],
);
pub static DESCRIBE_SUBNETS_MAX_RESULTS: Shape =
    Shape::new("DescribeSubnetsMaxResults", Kind::Integer).min(5.0).max(1000.0);
pub static DESCRIBE_SUBNETS_REQUEST: Shape = Shape::structure(
    "DescribeSubnetsRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("MaxResults", &DESCRIBE_SUBNETS_MAX_RESULTS),
        Member::new("NextToken", &STRING),
        Member::new("SubnetIds", &SUBNET_ID_STRING_LIST).named("SubnetId", "SubnetId"),
    ],
);
pub static DESCRIBE_SUBNETS_RESULT: Shape = Shape::structure(
    "DescribeSubnetsResult",
    &[
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
        Member::new("Subnets", &SUBNET_LIST).named("subnetSet", "SubnetSet"),
    ],
);
pub static DESCRIBE_TAGS_REQUEST: Shape = Shape::structure(
    "DescribeTagsRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("MaxResults", &INTEGER).named("maxResults", "MaxResults"),
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
    ],
);
pub static DESCRIBE_TAGS_RESULT: Shape = Shape::structure(
    "DescribeTagsResult",
    &[
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
        Member::new("Tags", &TAG_DESCRIPTION_LIST).named("tagSet", "TagSet"),
    ],
);
pub static DESCRIBE_VPC_ATTRIBUTE_REQUEST: Shape = Shape::structure(
    "DescribeVpcAttributeRequest",
    &[
        Member::new("Attribute", &VPC_ATTRIBUTE_NAME).required(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("VpcId", &STRING).required(),
    ],
);
pub static DESCRIBE_VPC_ATTRIBUTE_RESULT: Shape = Shape::structure(
    "DescribeVpcAttributeResult",
    &[
        Member::new("EnableDnsHostnames", &ATTRIBUTE_BOOLEAN_VALUE).named("enableDnsHostnames", "EnableDnsHostnames"),
        Member::new("EnableDnsSupport", &ATTRIBUTE_BOOLEAN_VALUE).named("enableDnsSupport", "EnableDnsSupport"),
        Member::new("EnableNetworkAddressUsageMetrics", &ATTRIBUTE_BOOLEAN_VALUE)
            .named("enableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static DESCRIBE_VPCS_MAX_RESULTS: Shape = Shape::new("DescribeVpcsMaxResults", Kind::Integer).min(5.0).max(1000.0);
pub static DESCRIBE_VPCS_REQUEST: Shape = Shape::structure(
    "DescribeVpcsRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Filters", &FILTER_LIST).named("Filter", "Filter"),
        Member::new("MaxResults", &DESCRIBE_VPCS_MAX_RESULTS),
        Member::new("NextToken", &STRING),
        Member::new("VpcIds", &VPC_ID_STRING_LIST).named("VpcId", "VpcId"),
    ],
);
pub static DESCRIBE_VPCS_RESULT: Shape = Shape::structure(
    "DescribeVpcsResult",
    &[
        Member::new("NextToken", &STRING).named("nextToken", "NextToken"),
        Member::new("Vpcs", &VPC_LIST).named("vpcSet", "VpcSet"),
    ],
);
pub static DETACH_INTERNET_GATEWAY_REQUEST: Shape = Shape::structure(
    "DetachInternetGatewayRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("InternetGatewayId", &STRING).named("internetGatewayId", "InternetGatewayId").required(),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId").required(),
    ],
);
pub static DEVICE_TYPE: Shape = Shape::new("DeviceType", Kind::String).values(types::DeviceType::NAMES);
pub static DISASSOCIATE_ADDRESS_REQUEST: Shape = Shape::structure(
    "DisassociateAddressRequest",
    &[
        Member::new("AssociationId", &STRING),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("PublicIp", &STRING),
    ],
);
pub static DISASSOCIATE_ROUTE_TABLE_REQUEST: Shape = Shape::structure(
    "DisassociateRouteTableRequest",
    &[
        Member::new("AssociationId", &STRING).named("associationId", "AssociationId").required(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
    ],
);
pub static DOMAIN_TYPE: Shape = Shape::new("DomainType", Kind::String).values(types::DomainType::NAMES);
pub static EBS_BLOCK_DEVICE: Shape = Shape::structure(
    "EbsBlockDevice",
    &[
        Member::new("DeleteOnTermination", &BOOLEAN).named("deleteOnTermination", "DeleteOnTermination"),
        Member::new("Encrypted", &BOOLEAN).named("encrypted", "Encrypted"),
        Member::new("SnapshotId", &STRING).named("snapshotId", "SnapshotId"),
        Member::new("VolumeSize", &INTEGER).named("volumeSize", "VolumeSize"),
        Member::new("VolumeType", &VOLUME_TYPE).named("volumeType", "VolumeType"),
    ],
);
pub static EBS_INSTANCE_BLOCK_DEVICE: Shape = Shape::structure(
    "EbsInstanceBlockDevice",
    &[
        Member::new("AttachTime", &TIMESTAMP).named("attachTime", "AttachTime"),
        Member::new("DeleteOnTermination", &BOOLEAN).named("deleteOnTermination", "DeleteOnTermination"),
        Member::new("Status", &ATTACHMENT_STATUS).named("status", "Status"),
        Member::new("VolumeId", &STRING).named("volumeId", "VolumeId"),
    ],
);
pub static EBS_STATUS_DETAILS: Shape = Shape::structure(
    "EbsStatusDetails",
    &[
        Member::new("ImpairedSince", &TIMESTAMP).named("impairedSince", "ImpairedSince"),
        Member::new("Name", &STATUS_NAME).named("name", "Name"),
        Member::new("Status", &STATUS_TYPE).named("status", "Status"),
    ],
);
pub static EBS_STATUS_DETAILS_LIST: Shape = Shape::list_of("EbsStatusDetailsList", &EBS_STATUS_DETAILS, "item", false);
pub static EBS_STATUS_SUMMARY: Shape = Shape::structure(
    "EbsStatusSummary",
    &[
        Member::new("Details", &EBS_STATUS_DETAILS_LIST).named("details", "Details"),
        Member::new("Status", &SUMMARY_STATUS).named("status", "Status"),
    ],
);
pub static ENA_SUPPORT: Shape = Shape::new("EnaSupport", Kind::String).values(types::EnaSupport::NAMES);
pub static ENCLAVE_OPTIONS: Shape =
    Shape::structure("EnclaveOptions", &[Member::new("Enabled", &BOOLEAN).named("enabled", "Enabled")]);
pub static ERROR_SET: Shape = Shape::list_of("ErrorSet", &VALIDATION_ERROR, "item", false);
pub static EVENT_CODE: Shape = Shape::new("EventCode", Kind::String).values(types::EventCode::NAMES);
pub static EXECUTABLE_BY_STRING_LIST: Shape = Shape::list_of("ExecutableByStringList", &STRING, "ExecutableBy", false);
pub static FILTER: Shape = Shape::structure(
    "Filter",
    &[Member::new("Name", &STRING), Member::new("Values", &VALUE_STRING_LIST).named("Value", "Value")],
);
pub static FILTER_LIST: Shape = Shape::list_of("FilterList", &FILTER, "Filter", false);
pub static GET_CONSOLE_OUTPUT_REQUEST: Shape = Shape::structure(
    "GetConsoleOutputRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("InstanceId", &STRING).required(),
        Member::new("Latest", &BOOLEAN),
    ],
);
pub static GET_CONSOLE_OUTPUT_RESULT: Shape = Shape::structure(
    "GetConsoleOutputResult",
    &[
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId"),
        Member::new("Output", &STRING).named("output", "Output"),
        Member::new("Timestamp", &TIMESTAMP).named("timestamp", "Timestamp"),
    ],
);
pub static GET_LAUNCH_TEMPLATE_DATA_REQUEST: Shape = Shape::structure(
    "GetLaunchTemplateDataRequest",
    &[Member::new("DryRun", &BOOLEAN), Member::new("InstanceId", &STRING).required()],
);
pub static GET_LAUNCH_TEMPLATE_DATA_RESULT: Shape = Shape::structure(
    "GetLaunchTemplateDataResult",
    &[Member::new("LaunchTemplateData", &RESPONSE_LAUNCH_TEMPLATE_DATA)
        .named("launchTemplateData", "LaunchTemplateData")],
);
pub static GROUP_ID_STRING_LIST: Shape = Shape::list_of("GroupIdStringList", &STRING, "groupId", false);
pub static GROUP_IDENTIFIER: Shape = Shape::structure(
    "GroupIdentifier",
    &[
        Member::new("GroupId", &STRING).named("groupId", "GroupId"),
        Member::new("GroupName", &STRING).named("groupName", "GroupName"),
    ],
);
pub static GROUP_IDENTIFIER_LIST: Shape = Shape::list_of("GroupIdentifierList", &GROUP_IDENTIFIER, "item", false);
pub static GROUP_NAME_STRING_LIST: Shape = Shape::list_of("GroupNameStringList", &STRING, "GroupName", false);
pub static HOSTNAME_TYPE: Shape = Shape::new("HostnameType", Kind::String).values(types::HostnameType::NAMES);
pub static HTTP_TOKENS_STATE: Shape = Shape::new("HttpTokensState", Kind::String).values(types::HttpTokensState::NAMES);
pub static HYPERVISOR_TYPE: Shape = Shape::new("HypervisorType", Kind::String).values(types::HypervisorType::NAMES);
pub static ICMP_TYPE_CODE: Shape = Shape::structure(
    "IcmpTypeCode",
    &[Member::new("Code", &INTEGER).named("code", "Code"), Member::new("Type", &INTEGER).named("type", "Type")],
);
pub static IMAGE: Shape = Shape::structure(
    "Image",
    &[
        Member::new("Architecture", &ARCHITECTURE_VALUES).named("architecture", "Architecture"),
        Member::new("BlockDeviceMappings", &BLOCK_DEVICE_MAPPING_LIST)
            .named("blockDeviceMapping", "BlockDeviceMapping"),
        Member::new("BootMode", &BOOT_MODE_VALUES).named("bootMode", "BootMode"),
        Member::new("CreationDate", &STRING).named("creationDate", "CreationDate"),
        Member::new("Description", &STRING).named("description", "Description"),
        Member::new("EnaSupport", &BOOLEAN).named("enaSupport", "EnaSupport"),
        Member::new("Hypervisor", &HYPERVISOR_TYPE).named("hypervisor", "Hypervisor"),
        Member::new("ImageId", &STRING).named("imageId", "ImageId"),
        Member::new("ImageLocation", &STRING).named("imageLocation", "ImageLocation"),
        Member::new("ImageOwnerAlias", &STRING).named("imageOwnerAlias", "ImageOwnerAlias"),
        Member::new("ImageType", &IMAGE_TYPE_VALUES).named("imageType", "ImageType"),
        Member::new("Name", &STRING).named("name", "Name"),
        Member::new("OwnerId", &STRING).named("imageOwnerId", "ImageOwnerId"),
        Member::new("PlatformDetails", &STRING).named("platformDetails", "PlatformDetails"),
        Member::new("ProductCodes", &PRODUCT_CODE_LIST).named("productCodes", "ProductCodes"),
        Member::new("Public", &BOOLEAN).named("isPublic", "IsPublic"),
        Member::new("RootDeviceName", &STRING).named("rootDeviceName", "RootDeviceName"),
        Member::new("RootDeviceType", &DEVICE_TYPE).named("rootDeviceType", "RootDeviceType"),
        Member::new("SourceInstanceId", &STRING).named("sourceInstanceId", "SourceInstanceId"),
        Member::new("State", &IMAGE_STATE).named("imageState", "ImageState"),
        Member::new("StateReason", &STATE_REASON).named("stateReason", "StateReason"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
        Member::new("UsageOperation", &STRING).named("usageOperation", "UsageOperation"),
        Member::new("VirtualizationType", &VIRTUALIZATION_TYPE).named("virtualizationType", "VirtualizationType"),
    ],
);
pub static IMAGE_ATTRIBUTE: Shape = Shape::structure(
    "ImageAttribute",
    &[
        Member::new("BlockDeviceMappings", &BLOCK_DEVICE_MAPPING_LIST)
            .named("blockDeviceMapping", "BlockDeviceMapping"),
        Member::new("BootMode", &ATTRIBUTE_VALUE).named("bootMode", "BootMode"),
        Member::new("DeregistrationProtection", &ATTRIBUTE_VALUE)
            .named("deregistrationProtection", "DeregistrationProtection"),
        Member::new("Description", &ATTRIBUTE_VALUE).named("description", "Description"),
        Member::new("ImageId", &STRING).named("imageId", "ImageId"),
        Member::new("ImdsSupport", &ATTRIBUTE_VALUE).named("imdsSupport", "ImdsSupport"),
        Member::new("KernelId", &ATTRIBUTE_VALUE).named("kernel", "Kernel"),
        Member::new("LastLaunchedTime", &ATTRIBUTE_VALUE).named("lastLaunchedTime", "LastLaunchedTime"),
        Member::new("LaunchPermissions", &LAUNCH_PERMISSION_LIST).named("launchPermission", "LaunchPermission"),
        Member::new("ProductCodes", &PRODUCT_CODE_LIST).named("productCodes", "ProductCodes"),
        Member::new("RamdiskId", &ATTRIBUTE_VALUE).named("ramdisk", "Ramdisk"),
        Member::new("SriovNetSupport", &ATTRIBUTE_VALUE).named("sriovNetSupport", "SriovNetSupport"),
        Member::new("TpmSupport", &ATTRIBUTE_VALUE).named("tpmSupport", "TpmSupport"),
        Member::new("UefiData", &ATTRIBUTE_VALUE).named("uefiData", "UefiData"),
    ],
);
pub static IMAGE_ATTRIBUTE_NAME: Shape =
    Shape::new("ImageAttributeName", Kind::String).values(types::ImageAttributeName::NAMES);
pub static IMAGE_DESCRIPTION_REQUEST: Shape = Shape::new("ImageDescriptionRequest", Kind::String).max(255.0);
pub static IMAGE_ID_STRING_LIST: Shape = Shape::list_of("ImageIdStringList", &STRING, "ImageId", false);
pub static IMAGE_LIST: Shape = Shape::list_of("ImageList", &IMAGE, "item", false);
pub static IMAGE_NAME_REQUEST: Shape = Shape::new("ImageNameRequest", Kind::String).min(0.0).max(1000000.0);
pub static IMAGE_STATE: Shape = Shape::new("ImageState", Kind::String).values(types::ImageState::NAMES);
pub static IMAGE_TYPE_VALUES: Shape = Shape::new("ImageTypeValues", Kind::String).values(types::ImageTypeValues::NAMES);
pub static IMPORT_KEY_PAIR_REQUEST: Shape = Shape::structure(
    "ImportKeyPairRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("KeyName", &STRING).named("keyName", "KeyName").required(),
        Member::new("PublicKeyMaterial", &BLOB).named("publicKeyMaterial", "PublicKeyMaterial").required(),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
    ],
);
pub static IMPORT_KEY_PAIR_RESULT: Shape = Shape::structure(
    "ImportKeyPairResult",
    &[
        Member::new("KeyFingerprint", &STRING).named("keyFingerprint", "KeyFingerprint"),
        Member::new("KeyName", &STRING).named("keyName", "KeyName"),
        Member::new("KeyPairId", &STRING).named("keyPairId", "KeyPairId"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
    ],
);
pub static INSTANCE: Shape = Shape::structure(
    "Instance",
    &[
        Member::new("AmiLaunchIndex", &INTEGER).named("amiLaunchIndex", "AmiLaunchIndex"),
        Member::new("Architecture", &ARCHITECTURE_VALUES).named("architecture", "Architecture"),
        Member::new("BlockDeviceMappings", &INSTANCE_BLOCK_DEVICE_MAPPING_LIST)
            .named("blockDeviceMapping", "BlockDeviceMapping"),
        Member::new("BootMode", &BOOT_MODE_VALUES).named("bootMode", "BootMode"),
        Member::new("ClientToken", &STRING).named("clientToken", "ClientToken"),
        Member::new("EbsOptimized", &BOOLEAN).named("ebsOptimized", "EbsOptimized"),
        Member::new("EnaSupport", &BOOLEAN).named("enaSupport", "EnaSupport"),
        Member::new("Hypervisor", &HYPERVISOR_TYPE).named("hypervisor", "Hypervisor"),
        Member::new("ImageId", &STRING).named("imageId", "ImageId"),
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId"),
        Member::new("InstanceType", &STRING).named("instanceType", "InstanceType"),
        Member::new("KeyName", &STRING).named("keyName", "KeyName"),
        Member::new("LaunchTime", &TIMESTAMP).named("launchTime", "LaunchTime"),
        Member::new("MetadataOptions", &INSTANCE_METADATA_OPTIONS_RESPONSE).named("metadataOptions", "MetadataOptions"),
        Member::new("Monitoring", &MONITORING).named("monitoring", "Monitoring"),
        Member::new("NetworkInterfaces", &INSTANCE_NETWORK_INTERFACE_LIST)
            .named("networkInterfaceSet", "NetworkInterfaceSet"),
        Member::new("Placement", &PLACEMENT).named("placement", "Placement"),
        Member::new("PlatformDetails", &STRING).named("platformDetails", "PlatformDetails"),
        Member::new("PrivateDnsName", &STRING).named("privateDnsName", "PrivateDnsName"),
        Member::new("PrivateIpAddress", &STRING).named("privateIpAddress", "PrivateIpAddress"),
        Member::new("ProductCodes", &PRODUCT_CODE_LIST).named("productCodes", "ProductCodes"),
        Member::new("PublicDnsName", &STRING).named("dnsName", "DnsName"),
        Member::new("PublicIpAddress", &STRING).named("ipAddress", "IpAddress"),
        Member::new("RootDeviceName", &STRING).named("rootDeviceName", "RootDeviceName"),
        Member::new("RootDeviceType", &DEVICE_TYPE).named("rootDeviceType", "RootDeviceType"),
        Member::new("SecurityGroups", &GROUP_IDENTIFIER_LIST).named("groupSet", "GroupSet"),
        Member::new("SourceDestCheck", &BOOLEAN).named("sourceDestCheck", "SourceDestCheck"),
        Member::new("State", &INSTANCE_STATE).named("instanceState", "InstanceState"),
        Member::new("StateReason", &STATE_REASON).named("stateReason", "StateReason"),
        Member::new("StateTransitionReason", &STRING).named("reason", "Reason"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
        Member::new("UsageOperation", &STRING).named("usageOperation", "UsageOperation"),
        Member::new("VirtualizationType", &VIRTUALIZATION_TYPE).named("virtualizationType", "VirtualizationType"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static INSTANCE_ATTRIBUTE: Shape = Shape::structure(
    "InstanceAttribute",
    &[
        Member::new("BlockDeviceMappings", &INSTANCE_BLOCK_DEVICE_MAPPING_LIST)
            .named("blockDeviceMapping", "BlockDeviceMapping"),
        Member::new("DisableApiStop", &ATTRIBUTE_BOOLEAN_VALUE).named("disableApiStop", "DisableApiStop"),
        Member::new("DisableApiTermination", &ATTRIBUTE_BOOLEAN_VALUE)
            .named("disableApiTermination", "DisableApiTermination"),
        Member::new("EbsOptimized", &ATTRIBUTE_BOOLEAN_VALUE).named("ebsOptimized", "EbsOptimized"),
        Member::new("EnaSupport", &ATTRIBUTE_BOOLEAN_VALUE).named("enaSupport", "EnaSupport"),
        Member::new("EnclaveOptions", &ENCLAVE_OPTIONS).named("enclaveOptions", "EnclaveOptions"),
        Member::new("Groups", &GROUP_IDENTIFIER_LIST).named("groupSet", "GroupSet"),
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId"),
        Member::new("InstanceInitiatedShutdownBehavior", &ATTRIBUTE_VALUE)
            .named("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"),
        Member::new("InstanceType", &ATTRIBUTE_VALUE).named("instanceType", "InstanceType"),
        Member::new("KernelId", &ATTRIBUTE_VALUE).named("kernel", "Kernel"),
        Member::new("ProductCodes", &PRODUCT_CODE_LIST).named("productCodes", "ProductCodes"),
        Member::new("RamdiskId", &ATTRIBUTE_VALUE).named("ramdisk", "Ramdisk"),
        Member::new("RootDeviceName", &ATTRIBUTE_VALUE).named("rootDeviceName", "RootDeviceName"),
        Member::new("SourceDestCheck", &ATTRIBUTE_BOOLEAN_VALUE).named("sourceDestCheck", "SourceDestCheck"),
        Member::new("SriovNetSupport", &ATTRIBUTE_VALUE).named("sriovNetSupport", "SriovNetSupport"),
        Member::new("UserData", &ATTRIBUTE_VALUE).named("userData", "UserData"),
    ],
);
pub static INSTANCE_ATTRIBUTE_NAME: Shape =
    Shape::new("InstanceAttributeName", Kind::String).values(types::InstanceAttributeName::NAMES);
pub static INSTANCE_BLOCK_DEVICE_MAPPING: Shape = Shape::structure(
    "InstanceBlockDeviceMapping",
    &[
        Member::new("DeviceName", &STRING).named("deviceName", "DeviceName"),
        Member::new("Ebs", &EBS_INSTANCE_BLOCK_DEVICE).named("ebs", "Ebs"),
    ],
);
pub static INSTANCE_BLOCK_DEVICE_MAPPING_LIST: Shape =
    Shape::list_of("InstanceBlockDeviceMappingList", &INSTANCE_BLOCK_DEVICE_MAPPING, "item", false);
pub static INSTANCE_ID_STRING_LIST: Shape = Shape::list_of("InstanceIdStringList", &STRING, "InstanceId", false);
pub static INSTANCE_IPV6_ADDRESS: Shape = Shape::structure(
    "InstanceIpv6Address",
    &[
        Member::new("Ipv6Address", &STRING).named("ipv6Address", "Ipv6Address"),
        Member::new("IsPrimaryIpv6", &BOOLEAN).named("isPrimaryIpv6", "IsPrimaryIpv6"),
    ],
);
pub static INSTANCE_IPV6_ADDRESS_LIST: Shape =
    Shape::list_of("InstanceIpv6AddressList", &INSTANCE_IPV6_ADDRESS, "item", false);
pub static INSTANCE_LIST: Shape = Shape::list_of("InstanceList", &INSTANCE, "item", false);
pub static INSTANCE_METADATA_ENDPOINT_STATE: Shape =
    Shape::new("InstanceMetadataEndpointState", Kind::String).values(types::InstanceMetadataEndpointState::NAMES);
pub static INSTANCE_METADATA_OPTIONS_REQUEST: Shape = Shape::structure(
    "InstanceMetadataOptionsRequest",
    &[
        Member::new("HttpEndpoint", &INSTANCE_METADATA_ENDPOINT_STATE),
        Member::new("HttpProtocolIpv6", &INSTANCE_METADATA_PROTOCOL_STATE),
        Member::new("HttpPutResponseHopLimit", &INTEGER),
        Member::new("HttpTokens", &HTTP_TOKENS_STATE),
        Member::new("InstanceMetadataTags", &INSTANCE_METADATA_TAGS_STATE),
    ],
);
pub static INSTANCE_METADATA_OPTIONS_RESPONSE: Shape = Shape::structure(
    "InstanceMetadataOptionsResponse",
    &[
        Member::new("HttpEndpoint", &INSTANCE_METADATA_ENDPOINT_STATE).named("httpEndpoint", "HttpEndpoint"),
        Member::new("HttpProtocolIpv6", &INSTANCE_METADATA_PROTOCOL_STATE)
            .named("httpProtocolIpv6", "HttpProtocolIpv6"),
        Member::new("HttpPutResponseHopLimit", &INTEGER).named("httpPutResponseHopLimit", "HttpPutResponseHopLimit"),
        Member::new("HttpTokens", &HTTP_TOKENS_STATE).named("httpTokens", "HttpTokens"),
        Member::new("InstanceMetadataTags", &INSTANCE_METADATA_TAGS_STATE)
            .named("instanceMetadataTags", "InstanceMetadataTags"),
        Member::new("State", &INSTANCE_METADATA_OPTIONS_STATE).named("state", "State"),
    ],
);
pub static INSTANCE_METADATA_OPTIONS_STATE: Shape =
    Shape::new("InstanceMetadataOptionsState", Kind::String).values(types::InstanceMetadataOptionsState::NAMES);
pub static INSTANCE_METADATA_PROTOCOL_STATE: Shape =
    Shape::new("InstanceMetadataProtocolState", Kind::String).values(types::InstanceMetadataProtocolState::NAMES);
pub static INSTANCE_METADATA_TAGS_STATE: Shape =
    Shape::new("InstanceMetadataTagsState", Kind::String).values(types::InstanceMetadataTagsState::NAMES);
pub static INSTANCE_NETWORK_INTERFACE: Shape = Shape::structure(
    "InstanceNetworkInterface",
    &[
        Member::new("Association", &INSTANCE_NETWORK_INTERFACE_ASSOCIATION).named("association", "Association"),
        Member::new("Attachment", &INSTANCE_NETWORK_INTERFACE_ATTACHMENT).named("attachment", "Attachment"),
        Member::new("Description", &STRING).named("description", "Description"),
        Member::new("Groups", &GROUP_IDENTIFIER_LIST).named("groupSet", "GroupSet"),
        Member::new("InterfaceType", &STRING).named("interfaceType", "InterfaceType"),
        Member::new("Ipv6Addresses", &INSTANCE_IPV6_ADDRESS_LIST).named("ipv6AddressesSet", "Ipv6AddressesSet"),
        Member::new("MacAddress", &STRING).named("macAddress", "MacAddress"),
        Member::new("NetworkInterfaceId", &STRING).named("networkInterfaceId", "NetworkInterfaceId"),
        Member::new("OwnerId", &STRING).named("ownerId", "OwnerId"),
        Member::new("PrivateDnsName", &STRING).named("privateDnsName", "PrivateDnsName"),
        Member::new("PrivateIpAddress", &STRING).named("privateIpAddress", "PrivateIpAddress"),
        Member::new("PrivateIpAddresses", &INSTANCE_PRIVATE_IP_ADDRESS_LIST)
            .named("privateIpAddressesSet", "PrivateIpAddressesSet"),
        Member::new("SourceDestCheck", &BOOLEAN).named("sourceDestCheck", "SourceDestCheck"),
        Member::new("Status", &NETWORK_INTERFACE_STATUS).named("status", "Status"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static INSTANCE_NETWORK_INTERFACE_ASSOCIATION: Shape = Shape::structure(
    "InstanceNetworkInterfaceAssociation",
    &[
        Member::new("IpOwnerId", &STRING).named("ipOwnerId", "IpOwnerId"),
        Member::new("PublicDnsName", &STRING).named("publicDnsName", "PublicDnsName"),
        Member::new("PublicIp", &STRING).named("publicIp", "PublicIp"),
    ],
);
pub static INSTANCE_NETWORK_INTERFACE_ATTACHMENT: Shape = Shape::structure(
    "InstanceNetworkInterfaceAttachment",
    &[
        Member::new("AttachTime", &TIMESTAMP).named("attachTime", "AttachTime"),
        Member::new("AttachmentId", &STRING).named("attachmentId", "AttachmentId"),
        Member::new("DeleteOnTermination", &BOOLEAN).named("deleteOnTermination", "DeleteOnTermination"),
        Member::new("DeviceIndex", &INTEGER).named("deviceIndex", "DeviceIndex"),
        Member::new("NetworkCardIndex", &INTEGER).named("networkCardIndex", "NetworkCardIndex"),
        Member::new("Status", &ATTACHMENT_STATUS).named("status", "Status"),
    ],
);
pub static INSTANCE_NETWORK_INTERFACE_LIST: Shape =
    Shape::list_of("InstanceNetworkInterfaceList", &INSTANCE_NETWORK_INTERFACE, "item", false);
pub static INSTANCE_NETWORK_INTERFACE_SPECIFICATION: Shape = Shape::structure(
    "InstanceNetworkInterfaceSpecification",
    &[
        Member::refused("AssociateCarrierIpAddress", "Goru has no Wavelength Zones"),
        Member::new("AssociatePublicIpAddress", &BOOLEAN).named("associatePublicIpAddress", "AssociatePublicIpAddress"),
        Member::refused("ConnectionTrackingSpecification", "connection tracking is not configurable"),
        Member::new("DeleteOnTermination", &BOOLEAN).named("deleteOnTermination", "DeleteOnTermination"),
        Member::new("Description", &STRING).named("description", "Description"),
        Member::new("DeviceIndex", &INTEGER).named("deviceIndex", "DeviceIndex"),
        Member::refused("EnaQueueCount", "instances have no network adapter to choose"),
        Member::refused("EnaSrdSpecification", "instances have no network adapter to choose"),
        Member::new("Groups", &SECURITY_GROUP_ID_STRING_LIST).named("SecurityGroupId", "SecurityGroupId"),
        Member::refused("InterfaceType", "instances have no network adapter to choose"),
        Member::refused("Ipv4PrefixCount", "network interfaces have one private address"),
        Member::refused("Ipv4Prefixes", "network interfaces have one private address")
            .named("Ipv4Prefix", "Ipv4Prefix"),
        Member::refused("Ipv6AddressCount", "VPCs have no IPv6 yet").named("ipv6AddressCount", "Ipv6AddressCount"),
        Member::refused("Ipv6Addresses", "VPCs have no IPv6 yet").named("ipv6AddressesSet", "Ipv6Addresses"),
        Member::refused("Ipv6PrefixCount", "VPCs have no IPv6 yet"),
        Member::refused("Ipv6Prefixes", "VPCs have no IPv6 yet").named("Ipv6Prefix", "Ipv6Prefix"),
        Member::refused("NetworkCardIndex", "instances have one network card"),
        Member::refused("NetworkInterfaceId", "network interfaces are made with their instance")
            .named("networkInterfaceId", "NetworkInterfaceId"),
        Member::refused("PrimaryIpv6", "VPCs have no IPv6 yet"),
        Member::new("PrivateIpAddress", &STRING).named("privateIpAddress", "PrivateIpAddress"),
        Member::refused("PrivateIpAddresses", "network interfaces have one private address")
            .named("privateIpAddressesSet", "PrivateIpAddresses"),
        Member::refused("SecondaryPrivateIpAddressCount", "network interfaces have one private address")
            .named("secondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId"),
    ],
);
pub static INSTANCE_NETWORK_INTERFACE_SPECIFICATION_LIST: Shape = Shape::list_of(
    "InstanceNetworkInterfaceSpecificationList",
    &INSTANCE_NETWORK_INTERFACE_SPECIFICATION,
    "item",
    false,
);
pub static INSTANCE_PRIVATE_IP_ADDRESS: Shape = Shape::structure(
    "InstancePrivateIpAddress",
    &[
        Member::new("Association", &INSTANCE_NETWORK_INTERFACE_ASSOCIATION).named("association", "Association"),
        Member::new("Primary", &BOOLEAN).named("primary", "Primary"),
        Member::new("PrivateDnsName", &STRING).named("privateDnsName", "PrivateDnsName"),
        Member::new("PrivateIpAddress", &STRING).named("privateIpAddress", "PrivateIpAddress"),
    ],
);
pub static INSTANCE_PRIVATE_IP_ADDRESS_LIST: Shape =
    Shape::list_of("InstancePrivateIpAddressList", &INSTANCE_PRIVATE_IP_ADDRESS, "item", false);
pub static INSTANCE_STATE: Shape = Shape::structure(
    "InstanceState",
    &[
        Member::new("Code", &INTEGER).named("code", "Code"),
        Member::new("Name", &INSTANCE_STATE_NAME).named("name", "Name"),
    ],
);
pub static INSTANCE_STATE_CHANGE: Shape = Shape::structure(
    "InstanceStateChange",
    &[
        Member::new("CurrentState", &INSTANCE_STATE).named("currentState", "CurrentState"),
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId"),
        Member::new("PreviousState", &INSTANCE_STATE).named("previousState", "PreviousState"),
    ],
);
pub static INSTANCE_STATE_CHANGE_LIST: Shape =
    Shape::list_of("InstanceStateChangeList", &INSTANCE_STATE_CHANGE, "item", false);
pub static INSTANCE_STATE_NAME: Shape =
    Shape::new("InstanceStateName", Kind::String).values(types::InstanceStateName::NAMES);
pub static INSTANCE_STATUS: Shape = Shape::structure(
    "InstanceStatus",
    &[
        Member::new("AttachedEbsStatus", &EBS_STATUS_SUMMARY).named("attachedEbsStatus", "AttachedEbsStatus"),
        Member::new("AvailabilityZone", &STRING).named("availabilityZone", "AvailabilityZone"),
        Member::new("AvailabilityZoneId", &STRING).named("availabilityZoneId", "AvailabilityZoneId"),
        Member::new("Events", &INSTANCE_STATUS_EVENT_LIST).named("eventsSet", "EventsSet"),
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId"),
        Member::new("InstanceState", &INSTANCE_STATE).named("instanceState", "InstanceState"),
        Member::new("InstanceStatus", &INSTANCE_STATUS_SUMMARY).named("instanceStatus", "InstanceStatus"),
        Member::new("SystemStatus", &INSTANCE_STATUS_SUMMARY).named("systemStatus", "SystemStatus"),
    ],
);
pub static INSTANCE_STATUS_DETAILS: Shape = Shape::structure(
    "InstanceStatusDetails",
    &[
        Member::new("ImpairedSince", &TIMESTAMP).named("impairedSince", "ImpairedSince"),
        Member::new("Name", &STATUS_NAME).named("name", "Name"),
        Member::new("Status", &STATUS_TYPE).named("status", "Status"),
    ],
);
pub static INSTANCE_STATUS_DETAILS_LIST: Shape =
    Shape::list_of("InstanceStatusDetailsList", &INSTANCE_STATUS_DETAILS, "item", false);
pub static INSTANCE_STATUS_EVENT: Shape = Shape::structure(
    "InstanceStatusEvent",
    &[
        Member::new("Code", &EVENT_CODE).named("code", "Code"),
        Member::new("Description", &STRING).named("description", "Description"),
        Member::new("InstanceEventId", &STRING).named("instanceEventId", "InstanceEventId"),
        Member::new("NotAfter", &TIMESTAMP).named("notAfter", "NotAfter"),
        Member::new("NotBefore", &TIMESTAMP).named("notBefore", "NotBefore"),
        Member::new("NotBeforeDeadline", &TIMESTAMP).named("notBeforeDeadline", "NotBeforeDeadline"),
    ],
);
pub static INSTANCE_STATUS_EVENT_LIST: Shape =
    Shape::list_of("InstanceStatusEventList", &INSTANCE_STATUS_EVENT, "item", false);
pub static INSTANCE_STATUS_LIST: Shape = Shape::list_of("InstanceStatusList", &INSTANCE_STATUS, "item", false);
pub static INSTANCE_STATUS_SUMMARY: Shape = Shape::structure(
    "InstanceStatusSummary",
    &[
        Member::new("Details", &INSTANCE_STATUS_DETAILS_LIST).named("details", "Details"),
        Member::new("Status", &SUMMARY_STATUS).named("status", "Status"),
    ],
);
pub static INSTANCE_TYPE_HYPERVISOR: Shape =
    Shape::new("InstanceTypeHypervisor", Kind::String).values(types::InstanceTypeHypervisor::NAMES);
pub static INSTANCE_TYPE_INFO: Shape = Shape::structure(
    "InstanceTypeInfo",
    &[
        Member::new("AutoRecoverySupported", &BOOLEAN).named("autoRecoverySupported", "AutoRecoverySupported"),
        Member::new("BareMetal", &BOOLEAN).named("bareMetal", "BareMetal"),
        Member::new("BurstablePerformanceSupported", &BOOLEAN)
            .named("burstablePerformanceSupported", "BurstablePerformanceSupported"),
        Member::new("CurrentGeneration", &BOOLEAN).named("currentGeneration", "CurrentGeneration"),
        Member::new("DedicatedHostsSupported", &BOOLEAN).named("dedicatedHostsSupported", "DedicatedHostsSupported"),
        Member::new("FreeTierEligible", &BOOLEAN).named("freeTierEligible", "FreeTierEligible"),
        Member::new("HibernationSupported", &BOOLEAN).named("hibernationSupported", "HibernationSupported"),
        Member::new("Hypervisor", &INSTANCE_TYPE_HYPERVISOR).named("hypervisor", "Hypervisor"),
        Member::new("InstanceStorageSupported", &BOOLEAN).named("instanceStorageSupported", "InstanceStorageSupported"),
        Member::new("InstanceType", &STRING).named("instanceType", "InstanceType"),
        Member::new("MemoryInfo", &MEMORY_INFO).named("memoryInfo", "MemoryInfo"),
        Member::new("NetworkInfo", &NETWORK_INFO).named("networkInfo", "NetworkInfo"),
        Member::new("ProcessorInfo", &PROCESSOR_INFO).named("processorInfo", "ProcessorInfo"),
        Member::new("SupportedBootModes", &BOOT_MODE_TYPE_LIST).named("supportedBootModes", "SupportedBootModes"),
        Member::new("SupportedRootDeviceTypes", &ROOT_DEVICE_TYPE_LIST)
            .named("supportedRootDeviceTypes", "SupportedRootDeviceTypes"),
        Member::new("SupportedUsageClasses", &USAGE_CLASS_TYPE_LIST)
            .named("supportedUsageClasses", "SupportedUsageClasses"),
        Member::new("SupportedVirtualizationTypes", &VIRTUALIZATION_TYPE_LIST)
            .named("supportedVirtualizationTypes", "SupportedVirtualizationTypes"),
        Member::new("VCpuInfo", &VCPU_INFO).named("vCpuInfo", "VCpuInfo"),
    ],
);
pub static INSTANCE_TYPE_INFO_LIST: Shape = Shape::list_of("InstanceTypeInfoList", &INSTANCE_TYPE_INFO, "item", false);
pub static INSTANCE_TYPE_OFFERING: Shape = Shape::structure(
    "InstanceTypeOffering",
    &[
        Member::new("InstanceType", &STRING).named("instanceType", "InstanceType"),
        Member::new("Location", &STRING).named("location", "Location"),
        Member::new("LocationType", &LOCATION_TYPE).named("locationType", "LocationType"),
    ],
);
pub static INSTANCE_TYPE_OFFERINGS_LIST: Shape =
    Shape::list_of("InstanceTypeOfferingsList", &INSTANCE_TYPE_OFFERING, "item", false);
pub static INTERNET_GATEWAY: Shape = Shape::structure(
    "InternetGateway",
    &[
        Member::new("Attachments", &INTERNET_GATEWAY_ATTACHMENT_LIST).named("attachmentSet", "AttachmentSet"),
        Member::new("InternetGatewayId", &STRING).named("internetGatewayId", "InternetGatewayId"),
        Member::new("OwnerId", &STRING).named("ownerId", "OwnerId"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
    ],
);
pub static INTERNET_GATEWAY_ATTACHMENT: Shape = Shape::structure(
    "InternetGatewayAttachment",
    &[
        Member::new("State", &ATTACHMENT_STATUS).named("state", "State"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static INTERNET_GATEWAY_ATTACHMENT_LIST: Shape =
    Shape::list_of("InternetGatewayAttachmentList", &INTERNET_GATEWAY_ATTACHMENT, "item", false);
pub static INTERNET_GATEWAY_ID_LIST: Shape = Shape::list_of("InternetGatewayIdList", &STRING, "item", false);
pub static INTERNET_GATEWAY_LIST: Shape = Shape::list_of("InternetGatewayList", &INTERNET_GATEWAY, "item", false);
pub static IP_PERMISSION: Shape = Shape::structure(
    "IpPermission",
    &[
        Member::new("FromPort", &INTEGER).named("fromPort", "FromPort"),
        Member::new("IpProtocol", &STRING).named("ipProtocol", "IpProtocol"),
        Member::new("IpRanges", &IP_RANGE_LIST).named("ipRanges", "IpRanges"),
        Member::new("Ipv6Ranges", &IPV6_RANGE_LIST).named("ipv6Ranges", "Ipv6Ranges"),
        Member::new("PrefixListIds", &PREFIX_LIST_ID_LIST)
            .named("prefixListIds", "PrefixListIds")
            .answer_only("prefix lists are not part of Goru"),
        Member::new("ToPort", &INTEGER).named("toPort", "ToPort"),
        Member::new("UserIdGroupPairs", &USER_ID_GROUP_PAIR_LIST).named("groups", "Groups"),
    ],
);
pub static IP_PERMISSION_LIST: Shape = Shape::list_of("IpPermissionList", &IP_PERMISSION, "item", false);
pub static IP_RANGE: Shape = Shape::structure(
    "IpRange",
    &[
        Member::new("CidrIp", &STRING).named("cidrIp", "CidrIp"),
        Member::new("Description", &STRING).named("description", "Description"),
    ],
);
pub static IP_RANGE_LIST: Shape = Shape::list_of("IpRangeList", &IP_RANGE, "item", false);
pub static IP_SOURCE: Shape = Shape::new("IpSource", Kind::String).values(types::IpSource::NAMES);
pub static IPV6_ADDRESS_ATTRIBUTE: Shape =
    Shape::new("Ipv6AddressAttribute", Kind::String).values(types::Ipv6AddressAttribute::NAMES);
pub static IPV6_RANGE: Shape = Shape::structure(
    "Ipv6Range",
    &[
        Member::new("CidrIpv6", &STRING).named("cidrIpv6", "CidrIpv6"),
        Member::new("Description", &STRING).named("description", "Description"),
    ],
);
pub static IPV6_RANGE_LIST: Shape = Shape::list_of("Ipv6RangeList", &IPV6_RANGE, "item", false);
pub static KEY_FORMAT: Shape = Shape::new("KeyFormat", Kind::String).values(types::KeyFormat::NAMES);
pub static KEY_NAME_STRING_LIST: Shape = Shape::list_of("KeyNameStringList", &STRING, "KeyName", false);
pub static KEY_PAIR: Shape = Shape::structure(
    "KeyPair",
    &[
        Member::new("KeyFingerprint", &STRING).named("keyFingerprint", "KeyFingerprint"),
        Member::new("KeyMaterial", &SENSITIVE_USER_DATA).named("keyMaterial", "KeyMaterial"),
        Member::new("KeyName", &STRING).named("keyName", "KeyName"),
        Member::new("KeyPairId", &STRING).named("keyPairId", "KeyPairId"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
    ],
);
pub static KEY_PAIR_ID_STRING_LIST: Shape = Shape::list_of("KeyPairIdStringList", &STRING, "KeyPairId", false);
pub static KEY_PAIR_INFO: Shape = Shape::structure(
    "KeyPairInfo",
    &[
        Member::new("CreateTime", &TIMESTAMP).named("createTime", "CreateTime"),
        Member::new("KeyFingerprint", &STRING).named("keyFingerprint", "KeyFingerprint"),
        Member::new("KeyName", &STRING).named("keyName", "KeyName"),
        Member::new("KeyPairId", &STRING).named("keyPairId", "KeyPairId"),
        Member::new("KeyType", &KEY_TYPE).named("keyType", "KeyType"),
        Member::new("PublicKey", &STRING).named("publicKey", "PublicKey"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
    ],
);
pub static KEY_PAIR_LIST: Shape = Shape::list_of("KeyPairList", &KEY_PAIR_INFO, "item", false);
pub static KEY_TYPE: Shape = Shape::new("KeyType", Kind::String).values(types::KeyType::NAMES);
pub static LAUNCH_PERMISSION: Shape = Shape::structure(
    "LaunchPermission",
    &[
        Member::new("Group", &PERMISSION_GROUP).named("group", "Group"),
        Member::new("OrganizationArn", &STRING).named("organizationArn", "OrganizationArn"),
        Member::new("OrganizationalUnitArn", &STRING).named("organizationalUnitArn", "OrganizationalUnitArn"),
        Member::new("UserId", &STRING).named("userId", "UserId"),
    ],
);
pub static LAUNCH_PERMISSION_LIST: Shape = Shape::list_of("LaunchPermissionList", &LAUNCH_PERMISSION, "item", false);
pub static LAUNCH_TEMPLATE: Shape = Shape::structure(
    "LaunchTemplate",
    &[
        Member::new("CreateTime", &TIMESTAMP).named("createTime", "CreateTime"),
        Member::new("CreatedBy", &STRING).named("createdBy", "CreatedBy"),
        Member::new("DefaultVersionNumber", &LONG).named("defaultVersionNumber", "DefaultVersionNumber"),
        Member::new("LatestVersionNumber", &LONG).named("latestVersionNumber", "LatestVersionNumber"),
        Member::new("LaunchTemplateId", &STRING).named("launchTemplateId", "LaunchTemplateId"),
        Member::new("LaunchTemplateName", &LAUNCH_TEMPLATE_NAME).named("launchTemplateName", "LaunchTemplateName"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
    ],
);
pub static LAUNCH_TEMPLATE_ERROR_CODE: Shape =
    Shape::new("LaunchTemplateErrorCode", Kind::String).values(types::LaunchTemplateErrorCode::NAMES);
pub static LAUNCH_TEMPLATE_HTTP_TOKENS_STATE: Shape =
    Shape::new("LaunchTemplateHttpTokensState", Kind::String).values(types::LaunchTemplateHttpTokensState::NAMES);
pub static LAUNCH_TEMPLATE_ID_STRING_LIST: Shape = Shape::list_of("LaunchTemplateIdStringList", &STRING, "item", false);
pub static LAUNCH_TEMPLATE_INSTANCE_METADATA_ENDPOINT_STATE: Shape =
    Shape::new("LaunchTemplateInstanceMetadataEndpointState", Kind::String)
        .values(types::LaunchTemplateInstanceMetadataEndpointState::NAMES);
pub static LAUNCH_TEMPLATE_INSTANCE_METADATA_OPTIONS: Shape = Shape::structure(
    "LaunchTemplateInstanceMetadataOptions",
    &[
        Member::new("HttpEndpoint", &LAUNCH_TEMPLATE_INSTANCE_METADATA_ENDPOINT_STATE)
            .named("httpEndpoint", "HttpEndpoint"),
        Member::new("HttpProtocolIpv6", &LAUNCH_TEMPLATE_INSTANCE_METADATA_PROTOCOL_IPV6)
            .named("httpProtocolIpv6", "HttpProtocolIpv6"),
        Member::new("HttpPutResponseHopLimit", &INTEGER).named("httpPutResponseHopLimit", "HttpPutResponseHopLimit"),
        Member::new("HttpTokens", &LAUNCH_TEMPLATE_HTTP_TOKENS_STATE).named("httpTokens", "HttpTokens"),
        Member::new("InstanceMetadataTags", &LAUNCH_TEMPLATE_INSTANCE_METADATA_TAGS_STATE)
            .named("instanceMetadataTags", "InstanceMetadataTags"),
        Member::new("State", &LAUNCH_TEMPLATE_INSTANCE_METADATA_OPTIONS_STATE).named("state", "State"),
    ],
);
pub static LAUNCH_TEMPLATE_INSTANCE_METADATA_OPTIONS_REQUEST: Shape = Shape::structure(
    "LaunchTemplateInstanceMetadataOptionsRequest",
    &[
        Member::new("HttpEndpoint", &LAUNCH_TEMPLATE_INSTANCE_METADATA_ENDPOINT_STATE),
        Member::new("HttpProtocolIpv6", &LAUNCH_TEMPLATE_INSTANCE_METADATA_PROTOCOL_IPV6),
        Member::new("HttpPutResponseHopLimit", &INTEGER),
        Member::new("HttpTokens", &LAUNCH_TEMPLATE_HTTP_TOKENS_STATE),
        Member::new("InstanceMetadataTags", &LAUNCH_TEMPLATE_INSTANCE_METADATA_TAGS_STATE),
    ],
);
pub static LAUNCH_TEMPLATE_INSTANCE_METADATA_OPTIONS_STATE: Shape =
    Shape::new("LaunchTemplateInstanceMetadataOptionsState", Kind::String)
        .values(types::LaunchTemplateInstanceMetadataOptionsState::NAMES);
pub static LAUNCH_TEMPLATE_INSTANCE_METADATA_PROTOCOL_IPV6: Shape =
    Shape::new("LaunchTemplateInstanceMetadataProtocolIpv6", Kind::String)
        .values(types::LaunchTemplateInstanceMetadataProtocolIpv6::NAMES);
pub static LAUNCH_TEMPLATE_INSTANCE_METADATA_TAGS_STATE: Shape =
    Shape::new("LaunchTemplateInstanceMetadataTagsState", Kind::String)
        .values(types::LaunchTemplateInstanceMetadataTagsState::NAMES);
pub static LAUNCH_TEMPLATE_INSTANCE_NETWORK_INTERFACE_SPECIFICATION: Shape = Shape::structure(
    "LaunchTemplateInstanceNetworkInterfaceSpecification",
    &[
        Member::new("AssociatePublicIpAddress", &BOOLEAN).named("associatePublicIpAddress", "AssociatePublicIpAddress"),
        Member::new("DeleteOnTermination", &BOOLEAN).named("deleteOnTermination", "DeleteOnTermination"),
        Member::new("Description", &STRING).named("description", "Description"),
        Member::new("DeviceIndex", &INTEGER).named("deviceIndex", "DeviceIndex"),
        Member::new("Groups", &GROUP_ID_STRING_LIST).named("groupSet", "GroupSet"),
        Member::new("PrivateIpAddress", &STRING).named("privateIpAddress", "PrivateIpAddress"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId"),
    ],
);
pub static LAUNCH_TEMPLATE_INSTANCE_NETWORK_INTERFACE_SPECIFICATION_LIST: Shape = Shape::list_of(
    "LaunchTemplateInstanceNetworkInterfaceSpecificationList",
    &LAUNCH_TEMPLATE_INSTANCE_NETWORK_INTERFACE_SPECIFICATION,
    "item",
    false,
);
pub static LAUNCH_TEMPLATE_INSTANCE_NETWORK_INTERFACE_SPECIFICATION_REQUEST: Shape = Shape::structure(
    "LaunchTemplateInstanceNetworkInterfaceSpecificationRequest",
    &[
        Member::refused("AssociateCarrierIpAddress", "Goru has no Wavelength Zones"),
        Member::new("AssociatePublicIpAddress", &BOOLEAN),
        Member::refused("ConnectionTrackingSpecification", "connection tracking is not configurable"),
        Member::new("DeleteOnTermination", &BOOLEAN),
        Member::new("Description", &STRING),
        Member::new("DeviceIndex", &INTEGER),
        Member::refused("EnaQueueCount", "instances have no network adapter to choose"),
        Member::refused("EnaSrdSpecification", "instances have no network adapter to choose"),
        Member::new("Groups", &SECURITY_GROUP_ID_STRING_LIST).named("SecurityGroupId", "SecurityGroupId"),
        Member::refused("InterfaceType", "instances have no network adapter to choose"),
        Member::refused("Ipv4PrefixCount", "network interfaces have one private address"),
        Member::refused("Ipv4Prefixes", "network interfaces have one private address")
            .named("Ipv4Prefix", "Ipv4Prefix"),
        Member::refused("Ipv6AddressCount", "VPCs have no IPv6 yet"),
        Member::refused("Ipv6Addresses", "VPCs have no IPv6 yet"),
        Member::refused("Ipv6PrefixCount", "VPCs have no IPv6 yet"),
        Member::refused("Ipv6Prefixes", "VPCs have no IPv6 yet").named("Ipv6Prefix", "Ipv6Prefix"),
        Member::refused("NetworkCardIndex", "instances have one network card"),
        Member::refused("NetworkInterfaceId", "network interfaces are made with their instance"),
        Member::refused("PrimaryIpv6", "VPCs have no IPv6 yet"),
        Member::new("PrivateIpAddress", &STRING),
        Member::refused("PrivateIpAddresses", "network interfaces have one private address"),
        Member::refused("SecondaryPrivateIpAddressCount", "network interfaces have one private address"),
        Member::new("SubnetId", &STRING),
    ],
);
pub static LAUNCH_TEMPLATE_INSTANCE_NETWORK_INTERFACE_SPECIFICATION_REQUEST_LIST: Shape = Shape::list_of(
    "LaunchTemplateInstanceNetworkInterfaceSpecificationRequestList",
    &LAUNCH_TEMPLATE_INSTANCE_NETWORK_INTERFACE_SPECIFICATION_REQUEST,
    "InstanceNetworkInterfaceSpecification",
    false,
);
pub static LAUNCH_TEMPLATE_NAME: Shape = Shape::new("LaunchTemplateName", Kind::String).min(0.0).max(1000000.0);
pub static LAUNCH_TEMPLATE_NAME_STRING_LIST: Shape =
    Shape::list_of("LaunchTemplateNameStringList", &LAUNCH_TEMPLATE_NAME, "item", false);
pub static LAUNCH_TEMPLATE_PLACEMENT: Shape = Shape::structure(
    "LaunchTemplatePlacement",
    &[
        Member::new("AvailabilityZone", &STRING).named("availabilityZone", "AvailabilityZone"),
        Member::new("Tenancy", &TENANCY).named("tenancy", "Tenancy"),
    ],
);
pub static LAUNCH_TEMPLATE_PLACEMENT_REQUEST: Shape = Shape::structure(
    "LaunchTemplatePlacementRequest",
    &[
        Member::refused("Affinity", "Goru has no dedicated hosts"),
        Member::new("AvailabilityZone", &STRING),
        Member::new("AvailabilityZoneId", &STRING),
        Member::refused("GroupId", "placement groups are not part of Goru"),
        Member::refused("GroupName", "placement groups are not part of Goru"),
        Member::refused("HostId", "Goru has no dedicated hosts"),
        Member::refused("HostResourceGroupArn", "Goru has no dedicated hosts"),
        Member::refused("PartitionNumber", "placement groups are not part of Goru"),
        Member::refused("SpreadDomain", "AWS reserves it"),
        Member::new("Tenancy", &TENANCY),
    ],
);
pub static LAUNCH_TEMPLATE_SET: Shape = Shape::list_of("LaunchTemplateSet", &LAUNCH_TEMPLATE, "item", false);
pub static LAUNCH_TEMPLATE_SPECIFICATION: Shape = Shape::structure(
    "LaunchTemplateSpecification",
    &[
        Member::new("LaunchTemplateId", &STRING),
        Member::new("LaunchTemplateName", &STRING),
        Member::new("Version", &STRING),
    ],
);
pub static LAUNCH_TEMPLATE_TAG_SPECIFICATION: Shape = Shape::structure(
    "LaunchTemplateTagSpecification",
    &[
        Member::new("ResourceType", &STRING).named("resourceType", "ResourceType"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
    ],
);
pub static LAUNCH_TEMPLATE_TAG_SPECIFICATION_LIST: Shape =
    Shape::list_of("LaunchTemplateTagSpecificationList", &LAUNCH_TEMPLATE_TAG_SPECIFICATION, "item", false);
pub static LAUNCH_TEMPLATE_TAG_SPECIFICATION_REQUEST: Shape = Shape::structure(
    "LaunchTemplateTagSpecificationRequest",
    &[Member::new("ResourceType", &STRING), Member::new("Tags", &TAG_LIST).named("Tag", "Tag")],
);
pub static LAUNCH_TEMPLATE_TAG_SPECIFICATION_REQUEST_LIST: Shape = Shape::list_of(
    "LaunchTemplateTagSpecificationRequestList",
    &LAUNCH_TEMPLATE_TAG_SPECIFICATION_REQUEST,
    "LaunchTemplateTagSpecificationRequest",
    false,
);
pub static LAUNCH_TEMPLATE_VERSION: Shape = Shape::structure(
    "LaunchTemplateVersion",
    &[
        Member::new("CreateTime", &TIMESTAMP).named("createTime", "CreateTime"),
        Member::new("CreatedBy", &STRING).named("createdBy", "CreatedBy"),
        Member::new("DefaultVersion", &BOOLEAN).named("defaultVersion", "DefaultVersion"),
        Member::new("LaunchTemplateData", &RESPONSE_LAUNCH_TEMPLATE_DATA)
            .named("launchTemplateData", "LaunchTemplateData"),
        Member::new("LaunchTemplateId", &STRING).named("launchTemplateId", "LaunchTemplateId"),
        Member::new("LaunchTemplateName", &LAUNCH_TEMPLATE_NAME).named("launchTemplateName", "LaunchTemplateName"),
        Member::new("VersionDescription", &VERSION_DESCRIPTION).named("versionDescription", "VersionDescription"),
        Member::new("VersionNumber", &LONG).named("versionNumber", "VersionNumber"),
    ],
);
pub static LAUNCH_TEMPLATE_VERSION_SET: Shape =
    Shape::list_of("LaunchTemplateVersionSet", &LAUNCH_TEMPLATE_VERSION, "item", false);
pub static LAUNCH_TEMPLATES_MONITORING: Shape = Shape::structure(
    "LaunchTemplatesMonitoring",
    &[
        Member::new("Enabled", &BOOLEAN).named("enabled", "Enabled"),
        Member::new("MetricCategoryIds", &METRIC_CATEGORY_ID_LIST).named("metricCategoryIdSet", "MetricCategoryIdSet"),
    ],
);
pub static LAUNCH_TEMPLATES_MONITORING_REQUEST: Shape = Shape::structure(
    "LaunchTemplatesMonitoringRequest",
    &[
        Member::new("Enabled", &BOOLEAN),
        Member::refused("MetricCategoryIds", "metrics are not chosen by category")
            .named("MetricCategoryId", "MetricCategoryId"),
    ],
);
pub static LOCATION_TYPE: Shape = Shape::new("LocationType", Kind::String).values(types::LocationType::NAMES);
pub static MEMORY_INFO: Shape =
    Shape::structure("MemoryInfo", &[Member::new("SizeInMiB", &LONG).named("sizeInMiB", "SizeInMiB")]);
pub static METRIC_CATEGORY_ID_LIST: Shape = Shape::list_of("MetricCategoryIdList", &STRING, "item", false);
pub static MODIFY_IMAGE_ATTRIBUTE_REQUEST: Shape = Shape::structure(
    "ModifyImageAttributeRequest",
    &[
        Member::new("Attribute", &STRING),
        Member::new("Description", &ATTRIBUTE_VALUE),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("ImageId", &STRING).required(),
        Member::refused("ImdsSupport", "the metadata service is not configured by image"),
        Member::refused("LaunchPermission", "an image is its account's own and cannot be shared"),
        Member::refused("OperationType", "an image is its account's own and cannot be shared"),
        Member::refused("OrganizationArns", "an image is its account's own and cannot be shared")
            .named("OrganizationArn", "OrganizationArn"),
        Member::refused("OrganizationalUnitArns", "an image is its account's own and cannot be shared")
            .named("OrganizationalUnitArn", "OrganizationalUnitArn"),
        Member::refused("ProductCodes", "Goru bills nobody").named("ProductCode", "ProductCode"),
        Member::refused("UserGroups", "an image is its account's own and cannot be shared")
            .named("UserGroup", "UserGroup"),
        Member::refused("UserIds", "an image is its account's own and cannot be shared").named("UserId", "UserId"),
        Member::new("Value", &STRING),
    ],
);
pub static MODIFY_INSTANCE_ATTRIBUTE_REQUEST: Shape = Shape::structure(
    "ModifyInstanceAttributeRequest",
    &[
        Member::new("Attribute", &INSTANCE_ATTRIBUTE_NAME).named("attribute", "Attribute"),
        Member::refused("BlockDeviceMappings", "instances have no volumes yet")
            .named("blockDeviceMapping", "BlockDeviceMapping"),
        Member::new("DisableApiStop", &ATTRIBUTE_BOOLEAN_VALUE),
        Member::new("DisableApiTermination", &ATTRIBUTE_BOOLEAN_VALUE)
            .named("disableApiTermination", "DisableApiTermination"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::refused("EbsOptimized", "instances have no volumes yet").named("ebsOptimized", "EbsOptimized"),
        Member::refused("EnaSupport", "instances have no network adapter to choose").named("enaSupport", "EnaSupport"),
        Member::refused("EnclaveOptions", "Goru has no enclaves"),
        Member::new("Groups", &GROUP_ID_STRING_LIST).named("GroupId", "GroupId"),
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId").required(),
        Member::new("InstanceInitiatedShutdownBehavior", &ATTRIBUTE_VALUE)
            .named("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"),
        Member::new("InstanceType", &ATTRIBUTE_VALUE).named("instanceType", "InstanceType"),
        Member::refused("Kernel", "images bring their own kernel").named("kernel", "Kernel"),
        Member::refused("Ramdisk", "images bring their own kernel").named("ramdisk", "Ramdisk"),
        Member::new("SourceDestCheck", &ATTRIBUTE_BOOLEAN_VALUE),
        Member::refused("SriovNetSupport", "instances have no network adapter to choose")
            .named("sriovNetSupport", "SriovNetSupport"),
        Member::new("UserData", &SECURE_BLOB_ATTRIBUTE_VALUE).named("userData", "UserData"),
        Member::new("Value", &MODIFY_INSTANCE_ATTRIBUTE_VALUE).named("value", "Value"),
    ],
);
pub static MODIFY_INSTANCE_ATTRIBUTE_VALUE: Shape =
    Shape::new("ModifyInstanceAttributeValue", Kind::String).sensitive();
pub static MODIFY_INSTANCE_METADATA_OPTIONS_REQUEST: Shape = Shape::structure(
    "ModifyInstanceMetadataOptionsRequest",
    &[
        Member::new("DryRun", &BOOLEAN),
        Member::new("HttpEndpoint", &INSTANCE_METADATA_ENDPOINT_STATE),
        Member::new("HttpProtocolIpv6", &INSTANCE_METADATA_PROTOCOL_STATE),
        Member::new("HttpPutResponseHopLimit", &INTEGER),
        Member::new("HttpTokens", &HTTP_TOKENS_STATE),
        Member::new("InstanceId", &STRING).required(),
        Member::new("InstanceMetadataTags", &INSTANCE_METADATA_TAGS_STATE),
    ],
);
pub static MODIFY_INSTANCE_METADATA_OPTIONS_RESULT: Shape = Shape::structure(
    "ModifyInstanceMetadataOptionsResult",
    &[
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId"),
        Member::new("InstanceMetadataOptions", &INSTANCE_METADATA_OPTIONS_RESPONSE)
            .named("instanceMetadataOptions", "InstanceMetadataOptions"),
    ],
);
pub static MODIFY_LAUNCH_TEMPLATE_REQUEST: Shape = Shape::structure(
    "ModifyLaunchTemplateRequest",
    &[
        Member::new("ClientToken", &STRING).idempotency_token(),
        Member::new("DefaultVersion", &STRING).named("SetDefaultVersion", "SetDefaultVersion"),
        Member::new("DryRun", &BOOLEAN),
        Member::new("LaunchTemplateId", &STRING),
        Member::new("LaunchTemplateName", &LAUNCH_TEMPLATE_NAME),
    ],
);
pub static MODIFY_LAUNCH_TEMPLATE_RESULT: Shape = Shape::structure(
    "ModifyLaunchTemplateResult",
    &[Member::new("LaunchTemplate", &LAUNCH_TEMPLATE).named("launchTemplate", "LaunchTemplate")],
);
pub static MODIFY_SUBNET_ATTRIBUTE_REQUEST: Shape = Shape::structure(
    "ModifySubnetAttributeRequest",
    &[
        Member::refused("AssignIpv6AddressOnCreation", "VPCs have no IPv6 yet"),
        Member::refused("CustomerOwnedIpv4Pool", "Goru has no Outposts"),
        Member::refused("DisableLniAtDeviceIndex", "Goru has no Outposts"),
        Member::refused("EnableDns64", "VPCs have no IPv6 yet"),
        Member::refused("EnableLniAtDeviceIndex", "Goru has no Outposts"),
        Member::refused("EnableResourceNameDnsAAAARecordOnLaunch", "VPCs have no IPv6 yet"),
        Member::refused("EnableResourceNameDnsARecordOnLaunch", "names of instances are not configurable yet"),
        Member::refused("MapCustomerOwnedIpOnLaunch", "Goru has no Outposts"),
        Member::new("MapPublicIpOnLaunch", &ATTRIBUTE_BOOLEAN_VALUE),
        Member::refused("PrivateDnsHostnameTypeOnLaunch", "names of instances are not configurable yet"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId").required(),
    ],
);
pub static MODIFY_VPC_ATTRIBUTE_REQUEST: Shape = Shape::structure(
    "ModifyVpcAttributeRequest",
    &[
        Member::new("EnableDnsHostnames", &ATTRIBUTE_BOOLEAN_VALUE),
        Member::new("EnableDnsSupport", &ATTRIBUTE_BOOLEAN_VALUE),
        Member::refused("EnableNetworkAddressUsageMetrics", "address usage is not measured"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId").required(),
    ],
);
pub static MONITORING: Shape =
    Shape::structure("Monitoring", &[Member::new("State", &MONITORING_STATE).named("state", "State")]);
pub static MONITORING_STATE: Shape = Shape::new("MonitoringState", Kind::String).values(types::MonitoringState::NAMES);
pub static NAT_GATEWAY: Shape = Shape::structure(
    "NatGateway",
    &[
        Member::new("AvailabilityMode", &AVAILABILITY_MODE).named("availabilityMode", "AvailabilityMode"),
        Member::new("ConnectivityType", &CONNECTIVITY_TYPE).named("connectivityType", "ConnectivityType"),
        Member::new("CreateTime", &TIMESTAMP).named("createTime", "CreateTime"),
        Member::new("DeleteTime", &TIMESTAMP).named("deleteTime", "DeleteTime"),
        Member::new("FailureCode", &STRING).named("failureCode", "FailureCode"),
        Member::new("FailureMessage", &STRING).named("failureMessage", "FailureMessage"),
        Member::new("NatGatewayAddresses", &NAT_GATEWAY_ADDRESS_LIST)
            .named("natGatewayAddressSet", "NatGatewayAddressSet"),
        Member::new("NatGatewayId", &STRING).named("natGatewayId", "NatGatewayId"),
        Member::new("State", &NAT_GATEWAY_STATE).named("state", "State"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static NAT_GATEWAY_ADDRESS: Shape = Shape::structure(
    "NatGatewayAddress",
    &[
        Member::new("AllocationId", &STRING).named("allocationId", "AllocationId"),
        Member::new("AssociationId", &STRING).named("associationId", "AssociationId"),
        Member::new("FailureMessage", &STRING).named("failureMessage", "FailureMessage"),
        Member::new("IsPrimary", &BOOLEAN).named("isPrimary", "IsPrimary"),
        Member::new("NetworkInterfaceId", &STRING).named("networkInterfaceId", "NetworkInterfaceId"),
        Member::new("PrivateIp", &STRING).named("privateIp", "PrivateIp"),
        Member::new("PublicIp", &STRING).named("publicIp", "PublicIp"),
        Member::new("Status", &NAT_GATEWAY_ADDRESS_STATUS).named("status", "Status"),
    ],
);
pub static NAT_GATEWAY_ADDRESS_LIST: Shape =
    Shape::list_of("NatGatewayAddressList", &NAT_GATEWAY_ADDRESS, "item", false);
pub static NAT_GATEWAY_ADDRESS_STATUS: Shape =
    Shape::new("NatGatewayAddressStatus", Kind::String).values(types::NatGatewayAddressStatus::NAMES);
pub static NAT_GATEWAY_ID_STRING_LIST: Shape = Shape::list_of("NatGatewayIdStringList", &STRING, "item", false);
pub static NAT_GATEWAY_LIST: Shape = Shape::list_of("NatGatewayList", &NAT_GATEWAY, "item", false);
pub static NAT_GATEWAY_STATE: Shape = Shape::new("NatGatewayState", Kind::String).values(types::NatGatewayState::NAMES);
pub static NETWORK_ACL: Shape = Shape::structure(
    "NetworkAcl",
    &[
        Member::new("Associations", &NETWORK_ACL_ASSOCIATION_LIST).named("associationSet", "AssociationSet"),
        Member::new("Entries", &NETWORK_ACL_ENTRY_LIST).named("entrySet", "EntrySet"),
        Member::new("IsDefault", &BOOLEAN).named("default", "Default"),
        Member::new("NetworkAclId", &STRING).named("networkAclId", "NetworkAclId"),
        Member::new("OwnerId", &STRING).named("ownerId", "OwnerId"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static NETWORK_ACL_ASSOCIATION: Shape = Shape::structure(
    "NetworkAclAssociation",
    &[
        Member::new("NetworkAclAssociationId", &STRING).named("networkAclAssociationId", "NetworkAclAssociationId"),
        Member::new("NetworkAclId", &STRING).named("networkAclId", "NetworkAclId"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId"),
    ],
);
pub static NETWORK_ACL_ASSOCIATION_LIST: Shape =
    Shape::list_of("NetworkAclAssociationList", &NETWORK_ACL_ASSOCIATION, "item", false);
pub static NETWORK_ACL_ENTRY: Shape = Shape::structure(
    "NetworkAclEntry",
    &[
        Member::new("CidrBlock", &STRING).named("cidrBlock", "CidrBlock"),
        Member::new("Egress", &BOOLEAN).named("egress", "Egress"),
        Member::new("IcmpTypeCode", &ICMP_TYPE_CODE).named("icmpTypeCode", "IcmpTypeCode"),
        Member::new("Ipv6CidrBlock", &STRING).named("ipv6CidrBlock", "Ipv6CidrBlock"),
        Member::new("PortRange", &PORT_RANGE).named("portRange", "PortRange"),
        Member::new("Protocol", &STRING).named("protocol", "Protocol"),
        Member::new("RuleAction", &RULE_ACTION).named("ruleAction", "RuleAction"),
        Member::new("RuleNumber", &INTEGER).named("ruleNumber", "RuleNumber"),
    ],
);
pub static NETWORK_ACL_ENTRY_LIST: Shape = Shape::list_of("NetworkAclEntryList", &NETWORK_ACL_ENTRY, "item", false);
pub static NETWORK_ACL_ID_STRING_LIST: Shape = Shape::list_of("NetworkAclIdStringList", &STRING, "item", false);
pub static NETWORK_ACL_LIST: Shape = Shape::list_of("NetworkAclList", &NETWORK_ACL, "item", false);
pub static NETWORK_INFO: Shape = Shape::structure(
    "NetworkInfo",
    &[
        Member::new("DefaultNetworkCardIndex", &INTEGER).named("defaultNetworkCardIndex", "DefaultNetworkCardIndex"),
        Member::new("EfaSupported", &BOOLEAN).named("efaSupported", "EfaSupported"),
        Member::new("EnaSupport", &ENA_SUPPORT).named("enaSupport", "EnaSupport"),
        Member::new("EncryptionInTransitSupported", &BOOLEAN)
            .named("encryptionInTransitSupported", "EncryptionInTransitSupported"),
        Member::new("Ipv4AddressesPerInterface", &INTEGER)
            .named("ipv4AddressesPerInterface", "Ipv4AddressesPerInterface"),
        Member::new("Ipv6AddressesPerInterface", &INTEGER)
            .named("ipv6AddressesPerInterface", "Ipv6AddressesPerInterface"),
        Member::new("Ipv6Supported", &BOOLEAN).named("ipv6Supported", "Ipv6Supported"),
        Member::new("MaximumNetworkCards", &INTEGER).named("maximumNetworkCards", "MaximumNetworkCards"),
        Member::new("MaximumNetworkInterfaces", &INTEGER).named("maximumNetworkInterfaces", "MaximumNetworkInterfaces"),
        Member::new("NetworkPerformance", &STRING).named("networkPerformance", "NetworkPerformance"),
    ],
);
pub static NETWORK_INTERFACE: Shape = Shape::structure(
    "NetworkInterface",
    &[
        Member::new("Association", &NETWORK_INTERFACE_ASSOCIATION).named("association", "Association"),
        Member::new("Attachment", &NETWORK_INTERFACE_ATTACHMENT).named("attachment", "Attachment"),
        Member::new("AvailabilityZone", &STRING).named("availabilityZone", "AvailabilityZone"),
        Member::new("AvailabilityZoneId", &STRING).named("availabilityZoneId", "AvailabilityZoneId"),
        Member::new("Description", &STRING).named("description", "Description"),
        Member::new("Groups", &GROUP_IDENTIFIER_LIST).named("groupSet", "GroupSet"),
        Member::new("InterfaceType", &NETWORK_INTERFACE_TYPE).named("interfaceType", "InterfaceType"),
        Member::new("Ipv6Addresses", &NETWORK_INTERFACE_IPV6_ADDRESSES_LIST)
            .named("ipv6AddressesSet", "Ipv6AddressesSet"),
        Member::new("MacAddress", &STRING).named("macAddress", "MacAddress"),
        Member::new("NetworkInterfaceId", &STRING).named("networkInterfaceId", "NetworkInterfaceId"),
        Member::new("OwnerId", &STRING).named("ownerId", "OwnerId"),
        Member::new("PrivateDnsName", &STRING).named("privateDnsName", "PrivateDnsName"),
        Member::new("PrivateIpAddress", &STRING).named("privateIpAddress", "PrivateIpAddress"),
        Member::new("PrivateIpAddresses", &NETWORK_INTERFACE_PRIVATE_IP_ADDRESS_LIST)
            .named("privateIpAddressesSet", "PrivateIpAddressesSet"),
        Member::new("RequesterId", &STRING).named("requesterId", "RequesterId"),
        Member::new("RequesterManaged", &BOOLEAN).named("requesterManaged", "RequesterManaged"),
        Member::new("SourceDestCheck", &BOOLEAN).named("sourceDestCheck", "SourceDestCheck"),
        Member::new("Status", &NETWORK_INTERFACE_STATUS).named("status", "Status"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId"),
        Member::new("TagSet", &TAG_LIST).named("tagSet", "TagSet"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static NETWORK_INTERFACE_ASSOCIATION: Shape = Shape::structure(
    "NetworkInterfaceAssociation",
    &[
        Member::new("AllocationId", &STRING).named("allocationId", "AllocationId"),
        Member::new("AssociationId", &STRING).named("associationId", "AssociationId"),
        Member::new("IpOwnerId", &STRING).named("ipOwnerId", "IpOwnerId"),
        Member::new("PublicDnsName", &STRING).named("publicDnsName", "PublicDnsName"),
        Member::new("PublicIp", &STRING).named("publicIp", "PublicIp"),
    ],
);
pub static NETWORK_INTERFACE_ATTACHMENT: Shape = Shape::structure(
    "NetworkInterfaceAttachment",
    &[
        Member::new("AttachTime", &TIMESTAMP).named("attachTime", "AttachTime"),
        Member::new("AttachmentId", &STRING).named("attachmentId", "AttachmentId"),
        Member::new("DeleteOnTermination", &BOOLEAN).named("deleteOnTermination", "DeleteOnTermination"),
        Member::new("DeviceIndex", &INTEGER).named("deviceIndex", "DeviceIndex"),
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId"),
        Member::new("InstanceOwnerId", &STRING).named("instanceOwnerId", "InstanceOwnerId"),
        Member::new("NetworkCardIndex", &INTEGER).named("networkCardIndex", "NetworkCardIndex"),
        Member::new("Status", &ATTACHMENT_STATUS).named("status", "Status"),
    ],
);
pub static NETWORK_INTERFACE_ID_LIST: Shape = Shape::list_of("NetworkInterfaceIdList", &STRING, "item", false);
pub static NETWORK_INTERFACE_IPV6_ADDRESS: Shape = Shape::structure(
    "NetworkInterfaceIpv6Address",
    &[
        Member::new("Ipv6Address", &STRING).named("ipv6Address", "Ipv6Address"),
        Member::new("IsPrimaryIpv6", &BOOLEAN).named("isPrimaryIpv6", "IsPrimaryIpv6"),
        Member::new("PublicIpv6DnsName", &STRING).named("publicIpv6DnsName", "PublicIpv6DnsName"),
    ],
);
pub static NETWORK_INTERFACE_IPV6_ADDRESSES_LIST: Shape =
    Shape::list_of("NetworkInterfaceIpv6AddressesList", &NETWORK_INTERFACE_IPV6_ADDRESS, "item", false);
pub static NETWORK_INTERFACE_LIST: Shape = Shape::list_of("NetworkInterfaceList", &NETWORK_INTERFACE, "item", false);
pub static NETWORK_INTERFACE_PRIVATE_IP_ADDRESS: Shape = Shape::structure(
    "NetworkInterfacePrivateIpAddress",
    &[
        Member::new("Association", &NETWORK_INTERFACE_ASSOCIATION).named("association", "Association"),
        Member::new("Primary", &BOOLEAN).named("primary", "Primary"),
        Member::new("PrivateDnsName", &STRING).named("privateDnsName", "PrivateDnsName"),
        Member::new("PrivateIpAddress", &STRING).named("privateIpAddress", "PrivateIpAddress"),
    ],
);
pub static NETWORK_INTERFACE_PRIVATE_IP_ADDRESS_LIST: Shape =
    Shape::list_of("NetworkInterfacePrivateIpAddressList", &NETWORK_INTERFACE_PRIVATE_IP_ADDRESS, "item", false);
pub static NETWORK_INTERFACE_STATUS: Shape =
    Shape::new("NetworkInterfaceStatus", Kind::String).values(types::NetworkInterfaceStatus::NAMES);
pub static NETWORK_INTERFACE_TYPE: Shape =
    Shape::new("NetworkInterfaceType", Kind::String).values(types::NetworkInterfaceType::NAMES);
pub static OWNER_STRING_LIST: Shape = Shape::list_of("OwnerStringList", &STRING, "Owner", false);
pub static PERMISSION_GROUP: Shape = Shape::new("PermissionGroup", Kind::String).values(types::PermissionGroup::NAMES);
pub static PLACEMENT: Shape = Shape::structure(
    "Placement",
    &[
        Member::refused("Affinity", "Goru has no dedicated hosts").named("affinity", "Affinity"),
        Member::new("AvailabilityZone", &STRING).named("availabilityZone", "AvailabilityZone"),
        Member::new("AvailabilityZoneId", &STRING).named("availabilityZoneId", "AvailabilityZoneId"),
        Member::refused("GroupId", "placement groups are not part of Goru").named("groupId", "GroupId"),
        Member::new("GroupName", &STRING)
            .named("groupName", "GroupName")
            .answer_only("placement groups are not part of Goru"),
        Member::refused("HostId", "Goru has no dedicated hosts").named("hostId", "HostId"),
        Member::refused("HostResourceGroupArn", "Goru has no dedicated hosts")
            .named("hostResourceGroupArn", "HostResourceGroupArn"),
        Member::refused("PartitionNumber", "placement groups are not part of Goru")
            .named("partitionNumber", "PartitionNumber"),
        Member::refused("SpreadDomain", "AWS reserves it").named("spreadDomain", "SpreadDomain"),
        Member::new("Tenancy", &TENANCY).named("tenancy", "Tenancy"),
    ],
);
pub static PORT_RANGE: Shape = Shape::structure(
    "PortRange",
    &[Member::new("From", &INTEGER).named("from", "From"), Member::new("To", &INTEGER).named("to", "To")],
);
pub static PREFIX_LIST_ID: Shape = Shape::structure(
    "PrefixListId",
    &[
        Member::new("Description", &STRING).named("description", "Description"),
        Member::new("PrefixListId", &STRING).named("prefixListId", "PrefixListId"),
    ],
);
pub static PREFIX_LIST_ID_LIST: Shape = Shape::list_of("PrefixListIdList", &PREFIX_LIST_ID, "item", false);
pub static PRIVATE_DNS_NAME_OPTIONS_ON_LAUNCH: Shape = Shape::structure(
    "PrivateDnsNameOptionsOnLaunch",
    &[
        Member::new("EnableResourceNameDnsAAAARecord", &BOOLEAN)
            .named("enableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord"),
        Member::new("EnableResourceNameDnsARecord", &BOOLEAN)
            .named("enableResourceNameDnsARecord", "EnableResourceNameDnsARecord"),
        Member::new("HostnameType", &HOSTNAME_TYPE).named("hostnameType", "HostnameType"),
    ],
);
pub static PROCESSOR_INFO: Shape = Shape::structure(
    "ProcessorInfo",
    &[
        Member::new("Manufacturer", &STRING).named("manufacturer", "Manufacturer"),
        Member::new("SupportedArchitectures", &ARCHITECTURE_TYPE_LIST)
            .named("supportedArchitectures", "SupportedArchitectures"),
        Member::new("SupportedFeatures", &SUPPORTED_ADDITIONAL_PROCESSOR_FEATURE_LIST)
            .named("supportedFeatures", "SupportedFeatures"),
        Member::new("SustainedClockSpeedInGhz", &DOUBLE).named("sustainedClockSpeedInGhz", "SustainedClockSpeedInGhz"),
    ],
);
pub static PRODUCT_CODE: Shape = Shape::structure(
    "ProductCode",
    &[
        Member::new("ProductCodeId", &STRING).named("productCode", "ProductCode"),
        Member::new("ProductCodeType", &PRODUCT_CODE_VALUES).named("type", "Type"),
    ],
);
pub static PRODUCT_CODE_LIST: Shape = Shape::list_of("ProductCodeList", &PRODUCT_CODE, "item", false);
pub static PRODUCT_CODE_VALUES: Shape =
    Shape::new("ProductCodeValues", Kind::String).values(types::ProductCodeValues::NAMES);
pub static PROPAGATING_VGW: Shape =
    Shape::structure("PropagatingVgw", &[Member::new("GatewayId", &STRING).named("gatewayId", "GatewayId")]);
pub static PROPAGATING_VGW_LIST: Shape = Shape::list_of("PropagatingVgwList", &PROPAGATING_VGW, "item", false);
pub static PUBLIC_IP_STRING_LIST: Shape = Shape::list_of("PublicIpStringList", &STRING, "PublicIp", false);
pub static REBOOT_INSTANCES_REQUEST: Shape = Shape::structure(
    "RebootInstancesRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("InstanceIds", &INSTANCE_ID_STRING_LIST).named("InstanceId", "InstanceId").required(),
    ],
);
pub static REFERENCED_SECURITY_GROUP: Shape = Shape::structure(
    "ReferencedSecurityGroup",
    &[
        Member::new("GroupId", &STRING).named("groupId", "GroupId"),
        Member::new("PeeringStatus", &STRING).named("peeringStatus", "PeeringStatus"),
        Member::new("UserId", &STRING).named("userId", "UserId"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
        Member::new("VpcPeeringConnectionId", &STRING).named("vpcPeeringConnectionId", "VpcPeeringConnectionId"),
    ],
);
pub static REGION: Shape = Shape::structure(
    "Region",
    &[
        Member::new("Endpoint", &STRING).named("regionEndpoint", "RegionEndpoint"),
        Member::new("OptInStatus", &STRING).named("optInStatus", "OptInStatus"),
        Member::new("RegionName", &STRING).named("regionName", "RegionName"),
    ],
);
pub static REGION_LIST: Shape = Shape::list_of("RegionList", &REGION, "item", false);
pub static REGION_NAME_STRING_LIST: Shape = Shape::list_of("RegionNameStringList", &STRING, "RegionName", false);
pub static REGISTER_IMAGE_REQUEST: Shape = Shape::structure(
    "RegisterImageRequest",
    &[
        Member::new("Architecture", &ARCHITECTURE_VALUES).named("architecture", "Architecture"),
        Member::refused("BillingProducts", "Goru bills nobody").named("BillingProduct", "BillingProduct"),
        Member::refused("BlockDeviceMappings", "images are made of files, not of snapshots: give ImageLocation")
            .named("BlockDeviceMapping", "BlockDeviceMapping"),
        Member::refused("BootMode", "instances have no firmware"),
        Member::new("Description", &IMAGE_DESCRIPTION_REQUEST).named("description", "Description"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::refused("EnaSupport", "instances have no network adapter to choose").named("enaSupport", "EnaSupport"),
        Member::new("ImageLocation", &STRING),
        Member::refused("ImdsSupport", "the metadata service is not configured by image"),
        Member::refused("KernelId", "images have no kernel: instances run on the host's").named("kernelId", "KernelId"),
        Member::new("Name", &IMAGE_NAME_REQUEST).named("name", "Name").required(),
        Member::refused("RamdiskId", "images have no kernel: instances run on the host's")
            .named("ramdiskId", "RamdiskId"),
        Member::refused("RootDeviceName", "instances have no volumes yet").named("rootDeviceName", "RootDeviceName"),
        Member::refused("SriovNetSupport", "instances have no network adapter to choose")
            .named("sriovNetSupport", "SriovNetSupport"),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::refused("TpmSupport", "instances have no firmware"),
        Member::refused("UefiData", "instances have no firmware"),
        Member::new("VirtualizationType", &STRING).named("virtualizationType", "VirtualizationType"),
    ],
);
pub static REGISTER_IMAGE_RESULT: Shape =
    Shape::structure("RegisterImageResult", &[Member::new("ImageId", &STRING).named("imageId", "ImageId")]);
pub static RELEASE_ADDRESS_REQUEST: Shape = Shape::structure(
    "ReleaseAddressRequest",
    &[
        Member::new("AllocationId", &STRING),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("NetworkBorderGroup", &STRING),
        Member::new("PublicIp", &STRING),
    ],
);
pub static REPLACE_NETWORK_ACL_ASSOCIATION_REQUEST: Shape = Shape::structure(
    "ReplaceNetworkAclAssociationRequest",
    &[
        Member::new("AssociationId", &STRING).named("associationId", "AssociationId").required(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("NetworkAclId", &STRING).named("networkAclId", "NetworkAclId").required(),
    ],
);
pub static REPLACE_NETWORK_ACL_ASSOCIATION_RESULT: Shape = Shape::structure(
    "ReplaceNetworkAclAssociationResult",
    &[Member::new("NewAssociationId", &STRING).named("newAssociationId", "NewAssociationId")],
);
pub static REPLACE_NETWORK_ACL_ENTRY_REQUEST: Shape = Shape::structure(
    "ReplaceNetworkAclEntryRequest",
    &[
        Member::new("CidrBlock", &STRING).named("cidrBlock", "CidrBlock"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Egress", &BOOLEAN).named("egress", "Egress").required(),
        Member::new("IcmpTypeCode", &ICMP_TYPE_CODE).named("Icmp", "Icmp"),
        Member::refused("Ipv6CidrBlock", "VPCs have no IPv6 yet").named("ipv6CidrBlock", "Ipv6CidrBlock"),
        Member::new("NetworkAclId", &STRING).named("networkAclId", "NetworkAclId").required(),
        Member::new("PortRange", &PORT_RANGE).named("portRange", "PortRange"),
        Member::new("Protocol", &STRING).named("protocol", "Protocol").required(),
        Member::new("RuleAction", &RULE_ACTION).named("ruleAction", "RuleAction").required(),
        Member::new("RuleNumber", &INTEGER).named("ruleNumber", "RuleNumber").required(),
    ],
);
pub static REPLACE_ROUTE_REQUEST: Shape = Shape::structure(
    "ReplaceRouteRequest",
    &[
        Member::refused("CarrierGatewayId", "Goru has no Wavelength Zones"),
        Member::refused("CoreNetworkArn", "core networks are not part of Goru"),
        Member::new("DestinationCidrBlock", &STRING).named("destinationCidrBlock", "DestinationCidrBlock").required(),
        Member::refused("DestinationIpv6CidrBlock", "VPCs have no IPv6 yet")
            .named("destinationIpv6CidrBlock", "DestinationIpv6CidrBlock"),
        Member::refused("DestinationPrefixListId", "prefix lists are not part of Goru"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::refused("EgressOnlyInternetGatewayId", "VPCs have no IPv6 yet")
            .named("egressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId"),
        Member::new("GatewayId", &STRING).named("gatewayId", "GatewayId"),
        Member::refused("InstanceId", "instances do not forward packets of others; use a NAT gateway")
            .named("instanceId", "InstanceId"),
        Member::refused("LocalGatewayId", "Goru has no Outposts"),
        Member::refused("LocalTarget", "the local route has its own target always"),
        Member::new("NatGatewayId", &STRING).named("natGatewayId", "NatGatewayId"),
        Member::refused("NetworkInterfaceId", "network interfaces do not forward packets of others; use a NAT gateway")
            .named("networkInterfaceId", "NetworkInterfaceId"),
        Member::refused("OdbNetworkArn", "Oracle databases are not part of Goru"),
        Member::new("RouteTableId", &STRING).named("routeTableId", "RouteTableId").required(),
        Member::refused("TransitGatewayId", "transit gateways are not part of Goru"),
        Member::refused("VpcEndpointId", "VPC endpoints are not part of Goru"),
        Member::refused("VpcPeeringConnectionId", "VPC peering is not part of Goru")
            .named("vpcPeeringConnectionId", "VpcPeeringConnectionId"),
    ],
);
pub static REPLACE_ROUTE_TABLE_ASSOCIATION_REQUEST: Shape = Shape::structure(
    "ReplaceRouteTableAssociationRequest",
    &[
        Member::new("AssociationId", &STRING).named("associationId", "AssociationId").required(),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("RouteTableId", &STRING).named("routeTableId", "RouteTableId").required(),
    ],
);
pub static REPLACE_ROUTE_TABLE_ASSOCIATION_RESULT: Shape = Shape::structure(
    "ReplaceRouteTableAssociationResult",
    &[
        Member::new("AssociationState", &ROUTE_TABLE_ASSOCIATION_STATE).named("associationState", "AssociationState"),
        Member::new("NewAssociationId", &STRING).named("newAssociationId", "NewAssociationId"),
    ],
);
pub static REQUEST_INSTANCE_TYPE_LIST: Shape =
    Shape::list_of("RequestInstanceTypeList", &STRING, "item", false).max(100.0);
pub static REQUEST_LAUNCH_TEMPLATE_DATA: Shape = Shape::structure(
    "RequestLaunchTemplateData",
    &[
        Member::refused("BlockDeviceMappings", "instances have no volumes yet")
            .named("BlockDeviceMapping", "BlockDeviceMapping"),
        Member::refused("CapacityReservationSpecification", "capacity reservations are not part of Goru"),
        Member::refused("CpuOptions", "the instance type decides the CPU"),
        Member::refused("CreditSpecification", "Goru has no CPU credits"),
        Member::new("DisableApiStop", &BOOLEAN),
        Member::new("DisableApiTermination", &BOOLEAN),
        Member::refused("EbsOptimized", "instances have no volumes yet"),
        Member::refused("ElasticGpuSpecifications", "Goru has no accelerators")
            .named("ElasticGpuSpecification", "ElasticGpuSpecification"),
        Member::refused("ElasticInferenceAccelerators", "Goru has no accelerators")
            .named("ElasticInferenceAccelerator", "ElasticInferenceAccelerator"),
        Member::refused("EnclaveOptions", "Goru has no enclaves"),
        Member::refused("HibernationOptions", "instances cannot hibernate"),
        Member::refused("IamInstanceProfile", "instance profiles come with a later release"),
        Member::new("ImageId", &STRING),
        Member::new("InstanceInitiatedShutdownBehavior", &SHUTDOWN_BEHAVIOR),
        Member::refused("InstanceMarketOptions", "Goru has no Spot market"),
        Member::refused("InstanceRequirements", "instance types are chosen by name"),
        Member::new("InstanceType", &STRING),
        Member::refused("KernelId", "images bring their own kernel"),
        Member::new("KeyName", &STRING),
        Member::refused("LicenseSpecifications", "Goru has no licence manager")
            .named("LicenseSpecification", "LicenseSpecification"),
        Member::refused("MaintenanceOptions", "automatic recovery is not configurable"),
        Member::new("MetadataOptions", &LAUNCH_TEMPLATE_INSTANCE_METADATA_OPTIONS_REQUEST),
        Member::new("Monitoring", &LAUNCH_TEMPLATES_MONITORING_REQUEST),
        Member::new("NetworkInterfaces", &LAUNCH_TEMPLATE_INSTANCE_NETWORK_INTERFACE_SPECIFICATION_REQUEST_LIST)
            .named("NetworkInterface", "NetworkInterface"),
        Member::refused("NetworkPerformanceOptions", "bandwidth is not configurable"),
        Member::refused("Operator", "Goru has no managed resources"),
        Member::new("Placement", &LAUNCH_TEMPLATE_PLACEMENT_REQUEST),
        Member::refused("PrivateDnsNameOptions", "names of instances are not configurable yet"),
        Member::refused("RamDiskId", "images bring their own kernel"),
        Member::refused("SecondaryInterfaces", "instances have one network interface")
            .named("SecondaryInterface", "SecondaryInterface"),
        Member::new("SecurityGroupIds", &SECURITY_GROUP_ID_STRING_LIST).named("SecurityGroupId", "SecurityGroupId"),
        Member::new("SecurityGroups", &SECURITY_GROUP_STRING_LIST).named("SecurityGroup", "SecurityGroup"),
        Member::new("TagSpecifications", &LAUNCH_TEMPLATE_TAG_SPECIFICATION_REQUEST_LIST)
            .named("TagSpecification", "TagSpecification"),
        Member::new("UserData", &SENSITIVE_USER_DATA),
    ],
);
pub static RESERVATION: Shape = Shape::structure(
    "Reservation",
    &[
        Member::new("Groups", &GROUP_IDENTIFIER_LIST).named("groupSet", "GroupSet"),
        Member::new("Instances", &INSTANCE_LIST).named("instancesSet", "InstancesSet"),
        Member::new("OwnerId", &STRING).named("ownerId", "OwnerId"),
        Member::new("RequesterId", &STRING).named("requesterId", "RequesterId"),
        Member::new("ReservationId", &STRING).named("reservationId", "ReservationId"),
    ],
);
pub static RESERVATION_LIST: Shape = Shape::list_of("ReservationList", &RESERVATION, "item", false);
pub static RESOURCE_ID_LIST: Shape = Shape::list_of("ResourceIdList", &STRING, "item", false);
pub static RESPONSE_ERROR: Shape = Shape::structure(
    "ResponseError",
    &[
        Member::new("Code", &LAUNCH_TEMPLATE_ERROR_CODE).named("code", "Code"),
        Member::new("Message", &STRING).named("message", "Message"),
    ],
);
pub static RESPONSE_LAUNCH_TEMPLATE_DATA: Shape = Shape::structure(
    "ResponseLaunchTemplateData",
    &[
        Member::new("DisableApiStop", &BOOLEAN).named("disableApiStop", "DisableApiStop"),
        Member::new("DisableApiTermination", &BOOLEAN).named("disableApiTermination", "DisableApiTermination"),
        Member::new("ImageId", &STRING).named("imageId", "ImageId"),
        Member::new("InstanceInitiatedShutdownBehavior", &SHUTDOWN_BEHAVIOR)
            .named("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"),
        Member::new("InstanceType", &STRING).named("instanceType", "InstanceType"),
        Member::new("KeyName", &STRING).named("keyName", "KeyName"),
        Member::new("MetadataOptions", &LAUNCH_TEMPLATE_INSTANCE_METADATA_OPTIONS)
            .named("metadataOptions", "MetadataOptions"),
        Member::new("Monitoring", &LAUNCH_TEMPLATES_MONITORING).named("monitoring", "Monitoring"),
        Member::new("NetworkInterfaces", &LAUNCH_TEMPLATE_INSTANCE_NETWORK_INTERFACE_SPECIFICATION_LIST)
            .named("networkInterfaceSet", "NetworkInterfaceSet"),
        Member::new("Placement", &LAUNCH_TEMPLATE_PLACEMENT).named("placement", "Placement"),
        Member::new("SecurityGroupIds", &VALUE_STRING_LIST).named("securityGroupIdSet", "SecurityGroupIdSet"),
        Member::new("SecurityGroups", &VALUE_STRING_LIST).named("securityGroupSet", "SecurityGroupSet"),
        Member::new("TagSpecifications", &LAUNCH_TEMPLATE_TAG_SPECIFICATION_LIST)
            .named("tagSpecificationSet", "TagSpecificationSet"),
        Member::new("UserData", &SENSITIVE_USER_DATA).named("userData", "UserData"),
    ],
);
pub static REVOKE_SECURITY_GROUP_EGRESS_REQUEST: Shape = Shape::structure(
    "RevokeSecurityGroupEgressRequest",
    &[
        Member::new("CidrIp", &STRING).named("cidrIp", "CidrIp"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("FromPort", &INTEGER).named("fromPort", "FromPort"),
        Member::new("GroupId", &STRING).named("groupId", "GroupId").required(),
        Member::new("IpPermissions", &IP_PERMISSION_LIST).named("ipPermissions", "IpPermissions"),
        Member::new("IpProtocol", &STRING).named("ipProtocol", "IpProtocol"),
        Member::new("SecurityGroupRuleIds", &SECURITY_GROUP_RULE_ID_LIST)
            .named("SecurityGroupRuleId", "SecurityGroupRuleId"),
        Member::refused("SourceSecurityGroupName", "outbound rules name groups in IpPermissions")
            .named("sourceSecurityGroupName", "SourceSecurityGroupName"),
        Member::refused("SourceSecurityGroupOwnerId", "outbound rules name groups in IpPermissions")
            .named("sourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId"),
        Member::new("ToPort", &INTEGER).named("toPort", "ToPort"),
    ],
);
pub static REVOKE_SECURITY_GROUP_EGRESS_RESULT: Shape = Shape::structure(
    "RevokeSecurityGroupEgressResult",
    &[
        Member::new("Return", &BOOLEAN).named("return", "Return"),
        Member::new("RevokedSecurityGroupRules", &REVOKED_SECURITY_GROUP_RULE_LIST)
            .named("revokedSecurityGroupRuleSet", "RevokedSecurityGroupRuleSet"),
        Member::new("UnknownIpPermissions", &IP_PERMISSION_LIST)
            .named("unknownIpPermissionSet", "UnknownIpPermissionSet"),
    ],
);
pub static REVOKE_SECURITY_GROUP_INGRESS_REQUEST: Shape = Shape::structure(
    "RevokeSecurityGroupIngressRequest",
    &[
        Member::new("CidrIp", &STRING),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("FromPort", &INTEGER),
        Member::new("GroupId", &STRING),
        Member::new("GroupName", &STRING),
        Member::new("IpPermissions", &IP_PERMISSION_LIST),
        Member::new("IpProtocol", &STRING),
        Member::new("SecurityGroupRuleIds", &SECURITY_GROUP_RULE_ID_LIST)
            .named("SecurityGroupRuleId", "SecurityGroupRuleId"),
        Member::new("SourceSecurityGroupName", &STRING),
        Member::new("SourceSecurityGroupOwnerId", &STRING),
        Member::new("ToPort", &INTEGER),
    ],
);
pub static REVOKE_SECURITY_GROUP_INGRESS_RESULT: Shape = Shape::structure(
    "RevokeSecurityGroupIngressResult",
    &[
        Member::new("Return", &BOOLEAN).named("return", "Return"),
        Member::new("RevokedSecurityGroupRules", &REVOKED_SECURITY_GROUP_RULE_LIST)
            .named("revokedSecurityGroupRuleSet", "RevokedSecurityGroupRuleSet"),
        Member::new("UnknownIpPermissions", &IP_PERMISSION_LIST)
            .named("unknownIpPermissionSet", "UnknownIpPermissionSet"),
    ],
);
pub static REVOKED_SECURITY_GROUP_RULE: Shape = Shape::structure(
    "RevokedSecurityGroupRule",
    &[
        Member::new("CidrIpv4", &STRING).named("cidrIpv4", "CidrIpv4"),
        Member::new("CidrIpv6", &STRING).named("cidrIpv6", "CidrIpv6"),
        Member::new("Description", &STRING).named("description", "Description"),
        Member::new("FromPort", &INTEGER).named("fromPort", "FromPort"),
        Member::new("GroupId", &STRING).named("groupId", "GroupId"),
        Member::new("IpProtocol", &STRING).named("ipProtocol", "IpProtocol"),
        Member::new("IsEgress", &BOOLEAN).named("isEgress", "IsEgress"),
        Member::new("PrefixListId", &STRING).named("prefixListId", "PrefixListId"),
        Member::new("ReferencedGroupId", &STRING).named("referencedGroupId", "ReferencedGroupId"),
        Member::new("SecurityGroupRuleId", &STRING).named("securityGroupRuleId", "SecurityGroupRuleId"),
        Member::new("ToPort", &INTEGER).named("toPort", "ToPort"),
    ],
);
pub static REVOKED_SECURITY_GROUP_RULE_LIST: Shape =
    Shape::list_of("RevokedSecurityGroupRuleList", &REVOKED_SECURITY_GROUP_RULE, "item", false);
pub static ROOT_DEVICE_TYPE: Shape = Shape::new("RootDeviceType", Kind::String).values(types::RootDeviceType::NAMES);
pub static ROOT_DEVICE_TYPE_LIST: Shape = Shape::list_of("RootDeviceTypeList", &ROOT_DEVICE_TYPE, "item", false);
pub static ROUTE: Shape = Shape::structure(
    "Route",
    &[
        Member::new("DestinationCidrBlock", &STRING).named("destinationCidrBlock", "DestinationCidrBlock"),
        Member::new("DestinationIpv6CidrBlock", &STRING).named("destinationIpv6CidrBlock", "DestinationIpv6CidrBlock"),
        Member::new("GatewayId", &STRING).named("gatewayId", "GatewayId"),
        Member::new("InstanceId", &STRING).named("instanceId", "InstanceId"),
        Member::new("InstanceOwnerId", &STRING).named("instanceOwnerId", "InstanceOwnerId"),
        Member::new("NatGatewayId", &STRING).named("natGatewayId", "NatGatewayId"),
        Member::new("NetworkInterfaceId", &STRING).named("networkInterfaceId", "NetworkInterfaceId"),
        Member::new("Origin", &ROUTE_ORIGIN).named("origin", "Origin"),
        Member::new("State", &ROUTE_STATE).named("state", "State"),
    ],
);
pub static ROUTE_LIST: Shape = Shape::list_of("RouteList", &ROUTE, "item", false);
pub static ROUTE_ORIGIN: Shape = Shape::new("RouteOrigin", Kind::String).values(types::RouteOrigin::NAMES);
pub static ROUTE_STATE: Shape = Shape::new("RouteState", Kind::String).values(types::RouteState::NAMES);
pub static ROUTE_TABLE: Shape = Shape::structure(
    "RouteTable",
    &[
        Member::new("Associations", &ROUTE_TABLE_ASSOCIATION_LIST).named("associationSet", "AssociationSet"),
        Member::new("OwnerId", &STRING).named("ownerId", "OwnerId"),
        Member::new("PropagatingVgws", &PROPAGATING_VGW_LIST).named("propagatingVgwSet", "PropagatingVgwSet"),
        Member::new("RouteTableId", &STRING).named("routeTableId", "RouteTableId"),
        Member::new("Routes", &ROUTE_LIST).named("routeSet", "RouteSet"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static ROUTE_TABLE_ASSOCIATION: Shape = Shape::structure(
    "RouteTableAssociation",
    &[
        Member::new("AssociationState", &ROUTE_TABLE_ASSOCIATION_STATE).named("associationState", "AssociationState"),
        Member::new("GatewayId", &STRING).named("gatewayId", "GatewayId"),
        Member::new("Main", &BOOLEAN).named("main", "Main"),
        Member::new("PublicIpv4Pool", &STRING).named("publicIpv4Pool", "PublicIpv4Pool"),
        Member::new("RouteTableAssociationId", &STRING).named("routeTableAssociationId", "RouteTableAssociationId"),
        Member::new("RouteTableId", &STRING).named("routeTableId", "RouteTableId"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId"),
    ],
);
pub static ROUTE_TABLE_ASSOCIATION_LIST: Shape =
    Shape::list_of("RouteTableAssociationList", &ROUTE_TABLE_ASSOCIATION, "item", false);
pub static ROUTE_TABLE_ASSOCIATION_STATE: Shape = Shape::structure(
    "RouteTableAssociationState",
    &[
        Member::new("State", &ROUTE_TABLE_ASSOCIATION_STATE_CODE).named("state", "State"),
        Member::new("StatusMessage", &STRING).named("statusMessage", "StatusMessage"),
    ],
);
pub static ROUTE_TABLE_ASSOCIATION_STATE_CODE: Shape =
    Shape::new("RouteTableAssociationStateCode", Kind::String).values(types::RouteTableAssociationStateCode::NAMES);
pub static ROUTE_TABLE_ID_STRING_LIST: Shape = Shape::list_of("RouteTableIdStringList", &STRING, "item", false);
pub static ROUTE_TABLE_LIST: Shape = Shape::list_of("RouteTableList", &ROUTE_TABLE, "item", false);
pub static RULE_ACTION: Shape = Shape::new("RuleAction", Kind::String).values(types::RuleAction::NAMES);
pub static RUN_INSTANCES_MONITORING_ENABLED: Shape = Shape::structure(
    "RunInstancesMonitoringEnabled",
    &[
        Member::new("Enabled", &BOOLEAN).named("enabled", "Enabled").required(),
        Member::refused("MetricCategoryIds", "metrics are not chosen by category")
            .named("MetricCategoryId", "MetricCategoryId"),
    ],
);
pub static RUN_INSTANCES_REQUEST: Shape = Shape::structure(
    "RunInstancesRequest",
    &[
        Member::refused("AdditionalInfo", "AWS reserves it").named("additionalInfo", "AdditionalInfo"),
        Member::refused("BlockDeviceMappings", "instances have no volumes yet")
            .named("BlockDeviceMapping", "BlockDeviceMapping"),
        Member::refused("CapacityReservationSpecification", "capacity reservations are not part of Goru"),
        Member::new("ClientToken", &STRING).named("clientToken", "ClientToken").idempotency_token(),
        Member::refused("CpuOptions", "the instance type decides the CPU"),
        Member::refused("CreditSpecification", "Goru has no CPU credits"),
        Member::new("DisableApiStop", &BOOLEAN),
        Member::new("DisableApiTermination", &BOOLEAN).named("disableApiTermination", "DisableApiTermination"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::refused("EbsOptimized", "instances have no volumes yet").named("ebsOptimized", "EbsOptimized"),
        Member::refused("ElasticGpuSpecification", "Goru has no accelerators"),
        Member::refused("ElasticInferenceAccelerators", "Goru has no accelerators")
            .named("ElasticInferenceAccelerator", "ElasticInferenceAccelerator"),
        Member::refused("EnablePrimaryIpv6", "VPCs have no IPv6 yet"),
        Member::refused("EnclaveOptions", "Goru has no enclaves"),
        Member::refused("HibernationOptions", "instances cannot hibernate"),
        Member::refused("IamInstanceProfile", "instance profiles come with a later release")
            .named("iamInstanceProfile", "IamInstanceProfile"),
        Member::new("ImageId", &STRING),
        Member::new("InstanceInitiatedShutdownBehavior", &SHUTDOWN_BEHAVIOR)
            .named("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"),
        Member::refused("InstanceMarketOptions", "Goru has no Spot market"),
        Member::new("InstanceType", &STRING),
        Member::refused("Ipv6AddressCount", "VPCs have no IPv6 yet"),
        Member::refused("Ipv6Addresses", "VPCs have no IPv6 yet").named("Ipv6Address", "Ipv6Address"),
        Member::refused("KernelId", "images bring their own kernel"),
        Member::new("KeyName", &STRING),
        Member::new("LaunchTemplate", &LAUNCH_TEMPLATE_SPECIFICATION),
        Member::refused("LicenseSpecifications", "Goru has no licence manager")
            .named("LicenseSpecification", "LicenseSpecification"),
        Member::refused("MaintenanceOptions", "automatic recovery is not configurable"),
        Member::new("MaxCount", &INTEGER).required(),
        Member::new("MetadataOptions", &INSTANCE_METADATA_OPTIONS_REQUEST),
        Member::new("MinCount", &INTEGER).required(),
        Member::new("Monitoring", &RUN_INSTANCES_MONITORING_ENABLED),
        Member::new("NetworkInterfaces", &INSTANCE_NETWORK_INTERFACE_SPECIFICATION_LIST)
            .named("networkInterface", "NetworkInterface"),
        Member::refused("NetworkPerformanceOptions", "bandwidth is not configurable"),
        Member::refused("Operator", "Goru has no managed resources"),
        Member::new("Placement", &PLACEMENT),
        Member::refused("PrivateDnsNameOptions", "names of instances are not configurable yet"),
        Member::new("PrivateIpAddress", &STRING).named("privateIpAddress", "PrivateIpAddress"),
        Member::refused("RamdiskId", "images bring their own kernel"),
        Member::refused("SecondaryInterfaces", "instances have one network interface")
            .named("SecondaryInterface", "SecondaryInterface"),
        Member::new("SecurityGroupIds", &SECURITY_GROUP_ID_STRING_LIST).named("SecurityGroupId", "SecurityGroupId"),
        Member::new("SecurityGroups", &SECURITY_GROUP_STRING_LIST).named("SecurityGroup", "SecurityGroup"),
        Member::new("SubnetId", &STRING),
        Member::new("TagSpecifications", &TAG_SPECIFICATION_LIST).named("TagSpecification", "TagSpecification"),
        Member::new("UserData", &RUN_INSTANCES_USER_DATA),
    ],
);
pub static RUN_INSTANCES_USER_DATA: Shape = Shape::new("RunInstancesUserData", Kind::String).sensitive();
pub static SECURE_BLOB: Shape = Shape::new("SecureBlob", Kind::Blob).sensitive();
pub static SECURE_BLOB_ATTRIBUTE_VALUE: Shape =
    Shape::structure("SecureBlobAttributeValue", &[Member::new("Value", &SECURE_BLOB).named("value", "Value")]);
pub static SECURITY_GROUP: Shape = Shape::structure(
    "SecurityGroup",
    &[
        Member::new("Description", &STRING).named("groupDescription", "GroupDescription"),
        Member::new("GroupId", &STRING).named("groupId", "GroupId"),
        Member::new("GroupName", &STRING).named("groupName", "GroupName"),
        Member::new("IpPermissions", &IP_PERMISSION_LIST).named("ipPermissions", "IpPermissions"),
        Member::new("IpPermissionsEgress", &IP_PERMISSION_LIST).named("ipPermissionsEgress", "IpPermissionsEgress"),
        Member::new("OwnerId", &STRING).named("ownerId", "OwnerId"),
        Member::new("SecurityGroupArn", &STRING).named("securityGroupArn", "SecurityGroupArn"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static SECURITY_GROUP_ID_STRING_LIST: Shape =
    Shape::list_of("SecurityGroupIdStringList", &STRING, "SecurityGroupId", false);
pub static SECURITY_GROUP_LIST: Shape = Shape::list_of("SecurityGroupList", &SECURITY_GROUP, "item", false);
pub static SECURITY_GROUP_RULE: Shape = Shape::structure(
    "SecurityGroupRule",
    &[
        Member::new("CidrIpv4", &STRING).named("cidrIpv4", "CidrIpv4"),
        Member::new("CidrIpv6", &STRING).named("cidrIpv6", "CidrIpv6"),
        Member::new("Description", &STRING).named("description", "Description"),
        Member::new("FromPort", &INTEGER).named("fromPort", "FromPort"),
        Member::new("GroupId", &STRING).named("groupId", "GroupId"),
        Member::new("GroupOwnerId", &STRING).named("groupOwnerId", "GroupOwnerId"),
        Member::new("IpProtocol", &STRING).named("ipProtocol", "IpProtocol"),
        Member::new("IsEgress", &BOOLEAN).named("isEgress", "IsEgress"),
        Member::new("PrefixListId", &STRING).named("prefixListId", "PrefixListId"),
        Member::new("ReferencedGroupInfo", &REFERENCED_SECURITY_GROUP)
            .named("referencedGroupInfo", "ReferencedGroupInfo"),
        Member::new("SecurityGroupRuleArn", &STRING).named("securityGroupRuleArn", "SecurityGroupRuleArn"),
        Member::new("SecurityGroupRuleId", &STRING).named("securityGroupRuleId", "SecurityGroupRuleId"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
        Member::new("ToPort", &INTEGER).named("toPort", "ToPort"),
    ],
);
pub static SECURITY_GROUP_RULE_ID_LIST: Shape = Shape::list_of("SecurityGroupRuleIdList", &STRING, "item", false);
pub static SECURITY_GROUP_RULE_LIST: Shape =
    Shape::list_of("SecurityGroupRuleList", &SECURITY_GROUP_RULE, "item", false);
pub static SECURITY_GROUP_STRING_LIST: Shape =
    Shape::list_of("SecurityGroupStringList", &STRING, "SecurityGroup", false);
pub static SENSITIVE_USER_DATA: Shape = Shape::new("SensitiveUserData", Kind::String).sensitive();
pub static SHUTDOWN_BEHAVIOR: Shape =
    Shape::new("ShutdownBehavior", Kind::String).values(types::ShutdownBehavior::NAMES);
pub static SNAPSHOT_RETURN_CODES: Shape =
    Shape::new("SnapshotReturnCodes", Kind::String).values(types::SnapshotReturnCodes::NAMES);
pub static START_INSTANCES_REQUEST: Shape = Shape::structure(
    "StartInstancesRequest",
    &[
        Member::refused("AdditionalInfo", "AWS reserves it").named("additionalInfo", "AdditionalInfo"),
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("InstanceIds", &INSTANCE_ID_STRING_LIST).named("InstanceId", "InstanceId").required(),
    ],
);
pub static START_INSTANCES_RESULT: Shape = Shape::structure(
    "StartInstancesResult",
    &[Member::new("StartingInstances", &INSTANCE_STATE_CHANGE_LIST).named("instancesSet", "InstancesSet")],
);
pub static STATE_REASON: Shape = Shape::structure(
    "StateReason",
    &[Member::new("Code", &STRING).named("code", "Code"), Member::new("Message", &STRING).named("message", "Message")],
);
pub static STATUS_NAME: Shape = Shape::new("StatusName", Kind::String).values(types::StatusName::NAMES);
pub static STATUS_TYPE: Shape = Shape::new("StatusType", Kind::String).values(types::StatusType::NAMES);
pub static STOP_INSTANCES_REQUEST: Shape = Shape::structure(
    "StopInstancesRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Force", &BOOLEAN).named("force", "Force"),
        Member::refused("Hibernate", "instances cannot hibernate"),
        Member::new("InstanceIds", &INSTANCE_ID_STRING_LIST).named("InstanceId", "InstanceId").required(),
        Member::new("SkipOsShutdown", &BOOLEAN),
    ],
);
pub static STOP_INSTANCES_RESULT: Shape = Shape::structure(
    "StopInstancesResult",
    &[Member::new("StoppingInstances", &INSTANCE_STATE_CHANGE_LIST).named("instancesSet", "InstancesSet")],
);
pub static SUBNET: Shape = Shape::structure(
    "Subnet",
    &[
        Member::new("AssignIpv6AddressOnCreation", &BOOLEAN)
            .named("assignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation"),
        Member::new("AvailabilityZone", &STRING).named("availabilityZone", "AvailabilityZone"),
        Member::new("AvailabilityZoneId", &STRING).named("availabilityZoneId", "AvailabilityZoneId"),
        Member::new("AvailableIpAddressCount", &INTEGER).named("availableIpAddressCount", "AvailableIpAddressCount"),
        Member::new("CidrBlock", &STRING).named("cidrBlock", "CidrBlock"),
        Member::new("DefaultForAz", &BOOLEAN).named("defaultForAz", "DefaultForAz"),
        Member::new("EnableDns64", &BOOLEAN).named("enableDns64", "EnableDns64"),
        Member::new("Ipv6CidrBlockAssociationSet", &SUBNET_IPV6_CIDR_BLOCK_ASSOCIATION_SET)
            .named("ipv6CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet"),
        Member::new("Ipv6Native", &BOOLEAN).named("ipv6Native", "Ipv6Native"),
        Member::new("MapCustomerOwnedIpOnLaunch", &BOOLEAN)
            .named("mapCustomerOwnedIpOnLaunch", "MapCustomerOwnedIpOnLaunch"),
        Member::new("MapPublicIpOnLaunch", &BOOLEAN).named("mapPublicIpOnLaunch", "MapPublicIpOnLaunch"),
        Member::new("OwnerId", &STRING).named("ownerId", "OwnerId"),
        Member::new("PrivateDnsNameOptionsOnLaunch", &PRIVATE_DNS_NAME_OPTIONS_ON_LAUNCH)
            .named("privateDnsNameOptionsOnLaunch", "PrivateDnsNameOptionsOnLaunch"),
        Member::new("State", &SUBNET_STATE).named("state", "State"),
        Member::new("SubnetArn", &STRING).named("subnetArn", "SubnetArn"),
        Member::new("SubnetId", &STRING).named("subnetId", "SubnetId"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static SUBNET_CIDR_BLOCK_STATE: Shape = Shape::structure(
    "SubnetCidrBlockState",
    &[
        Member::new("State", &SUBNET_CIDR_BLOCK_STATE_CODE).named("state", "State"),
        Member::new("StatusMessage", &STRING).named("statusMessage", "StatusMessage"),
    ],
);
pub static SUBNET_CIDR_BLOCK_STATE_CODE: Shape =
    Shape::new("SubnetCidrBlockStateCode", Kind::String).values(types::SubnetCidrBlockStateCode::NAMES);
pub static SUBNET_ID_STRING_LIST: Shape = Shape::list_of("SubnetIdStringList", &STRING, "SubnetId", false);
pub static SUBNET_IPV6_CIDR_BLOCK_ASSOCIATION: Shape = Shape::structure(
    "SubnetIpv6CidrBlockAssociation",
    &[
        Member::new("AssociationId", &STRING).named("associationId", "AssociationId"),
        Member::new("IpSource", &IP_SOURCE).named("ipSource", "IpSource"),
        Member::new("Ipv6AddressAttribute", &IPV6_ADDRESS_ATTRIBUTE)
            .named("ipv6AddressAttribute", "Ipv6AddressAttribute"),
        Member::new("Ipv6CidrBlock", &STRING).named("ipv6CidrBlock", "Ipv6CidrBlock"),
        Member::new("Ipv6CidrBlockState", &SUBNET_CIDR_BLOCK_STATE).named("ipv6CidrBlockState", "Ipv6CidrBlockState"),
    ],
);
pub static SUBNET_IPV6_CIDR_BLOCK_ASSOCIATION_SET: Shape =
    Shape::list_of("SubnetIpv6CidrBlockAssociationSet", &SUBNET_IPV6_CIDR_BLOCK_ASSOCIATION, "item", false);
pub static SUBNET_LIST: Shape = Shape::list_of("SubnetList", &SUBNET, "item", false);
pub static SUBNET_STATE: Shape = Shape::new("SubnetState", Kind::String).values(types::SubnetState::NAMES);
pub static SUMMARY_STATUS: Shape = Shape::new("SummaryStatus", Kind::String).values(types::SummaryStatus::NAMES);
pub static SUPPORTED_ADDITIONAL_PROCESSOR_FEATURE: Shape =
    Shape::new("SupportedAdditionalProcessorFeature", Kind::String)
        .values(types::SupportedAdditionalProcessorFeature::NAMES);
pub static SUPPORTED_ADDITIONAL_PROCESSOR_FEATURE_LIST: Shape =
    Shape::list_of("SupportedAdditionalProcessorFeatureList", &SUPPORTED_ADDITIONAL_PROCESSOR_FEATURE, "item", false);
pub static TAG: Shape = Shape::structure(
    "Tag",
    &[
        Member::new("Key", &STRING).named("key", "Key").required(),
        Member::new("Value", &STRING).named("value", "Value"),
    ],
);
pub static TAG_DESCRIPTION: Shape = Shape::structure(
    "TagDescription",
    &[
        Member::new("Key", &STRING).named("key", "Key"),
        Member::new("ResourceId", &STRING).named("resourceId", "ResourceId"),
        Member::new("ResourceType", &STRING).named("resourceType", "ResourceType"),
        Member::new("Value", &STRING).named("value", "Value"),
    ],
);
pub static TAG_DESCRIPTION_LIST: Shape = Shape::list_of("TagDescriptionList", &TAG_DESCRIPTION, "item", false);
pub static TAG_LIST: Shape = Shape::list_of("TagList", &TAG, "item", false);
pub static TAG_SPECIFICATION: Shape = Shape::structure(
    "TagSpecification",
    &[
        Member::new("ResourceType", &STRING).named("resourceType", "ResourceType"),
        Member::new("Tags", &TAG_LIST).named("Tag", "Tag"),
    ],
);
pub static TAG_SPECIFICATION_LIST: Shape = Shape::list_of("TagSpecificationList", &TAG_SPECIFICATION, "item", false);
pub static TENANCY: Shape = Shape::new("Tenancy", Kind::String).values(types::Tenancy::NAMES);
pub static TERMINATE_INSTANCES_REQUEST: Shape = Shape::structure(
    "TerminateInstancesRequest",
    &[
        Member::new("DryRun", &BOOLEAN).named("dryRun", "DryRun"),
        Member::new("Force", &BOOLEAN),
        Member::new("InstanceIds", &INSTANCE_ID_STRING_LIST).named("InstanceId", "InstanceId").required(),
        Member::new("SkipOsShutdown", &BOOLEAN),
    ],
);
pub static TERMINATE_INSTANCES_RESULT: Shape = Shape::structure(
    "TerminateInstancesResult",
    &[Member::new("TerminatingInstances", &INSTANCE_STATE_CHANGE_LIST).named("instancesSet", "InstancesSet")],
);
pub static THREADS_PER_CORE_LIST: Shape = Shape::list_of("ThreadsPerCoreList", &INTEGER, "item", false);
pub static USAGE_CLASS_TYPE: Shape = Shape::new("UsageClassType", Kind::String).values(types::UsageClassType::NAMES);
pub static USAGE_CLASS_TYPE_LIST: Shape = Shape::list_of("UsageClassTypeList", &USAGE_CLASS_TYPE, "item", false);
pub static USER_ID_GROUP_PAIR: Shape = Shape::structure(
    "UserIdGroupPair",
    &[
        Member::new("Description", &STRING).named("description", "Description"),
        Member::new("GroupId", &STRING).named("groupId", "GroupId"),
        Member::new("GroupName", &STRING).named("groupName", "GroupName"),
        Member::refused("PeeringStatus", "VPC peering is not part of Goru").named("peeringStatus", "PeeringStatus"),
        Member::new("UserId", &STRING).named("userId", "UserId"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId").answer_only("it follows from the group"),
        Member::refused("VpcPeeringConnectionId", "VPC peering is not part of Goru")
            .named("vpcPeeringConnectionId", "VpcPeeringConnectionId"),
    ],
);
pub static USER_ID_GROUP_PAIR_LIST: Shape = Shape::list_of("UserIdGroupPairList", &USER_ID_GROUP_PAIR, "item", false);
pub static VCPU_INFO: Shape = Shape::structure(
    "VCpuInfo",
    &[
        Member::new("DefaultCores", &INTEGER).named("defaultCores", "DefaultCores"),
        Member::new("DefaultThreadsPerCore", &INTEGER).named("defaultThreadsPerCore", "DefaultThreadsPerCore"),
        Member::new("DefaultVCpus", &INTEGER).named("defaultVCpus", "DefaultVCpus"),
        Member::new("ValidCores", &CORE_COUNT_LIST).named("validCores", "ValidCores"),
        Member::new("ValidThreadsPerCore", &THREADS_PER_CORE_LIST).named("validThreadsPerCore", "ValidThreadsPerCore"),
    ],
);
pub static VALIDATION_ERROR: Shape = Shape::structure(
    "ValidationError",
    &[Member::new("Code", &STRING).named("code", "Code"), Member::new("Message", &STRING).named("message", "Message")],
);
pub static VALIDATION_WARNING: Shape =
    Shape::structure("ValidationWarning", &[Member::new("Errors", &ERROR_SET).named("errorSet", "ErrorSet")]);
pub static VALUE_STRING_LIST: Shape = Shape::list_of("ValueStringList", &STRING, "item", false);
pub static VERSION_DESCRIPTION: Shape = Shape::new("VersionDescription", Kind::String).max(255.0);
pub static VERSION_STRING_LIST: Shape = Shape::list_of("VersionStringList", &STRING, "item", false);
pub static VIRTUALIZATION_TYPE: Shape =
    Shape::new("VirtualizationType", Kind::String).values(types::VirtualizationType::NAMES);
pub static VIRTUALIZATION_TYPE_LIST: Shape =
    Shape::list_of("VirtualizationTypeList", &VIRTUALIZATION_TYPE, "item", false);
pub static VOLUME_TYPE: Shape = Shape::new("VolumeType", Kind::String).values(types::VolumeType::NAMES);
pub static VPC: Shape = Shape::structure(
    "Vpc",
    &[
        Member::new("CidrBlock", &STRING).named("cidrBlock", "CidrBlock"),
        Member::new("CidrBlockAssociationSet", &VPC_CIDR_BLOCK_ASSOCIATION_SET)
            .named("cidrBlockAssociationSet", "CidrBlockAssociationSet"),
        Member::new("DhcpOptionsId", &STRING).named("dhcpOptionsId", "DhcpOptionsId"),
        Member::new("InstanceTenancy", &TENANCY).named("instanceTenancy", "InstanceTenancy"),
        Member::new("Ipv6CidrBlockAssociationSet", &VPC_IPV6_CIDR_BLOCK_ASSOCIATION_SET)
            .named("ipv6CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet"),
        Member::new("IsDefault", &BOOLEAN).named("isDefault", "IsDefault"),
        Member::new("OwnerId", &STRING).named("ownerId", "OwnerId"),
        Member::new("State", &VPC_STATE).named("state", "State"),
        Member::new("Tags", &TAG_LIST).named("tagSet", "TagSet"),
        Member::new("VpcId", &STRING).named("vpcId", "VpcId"),
    ],
);
pub static VPC_ATTRIBUTE_NAME: Shape =
    Shape::new("VpcAttributeName", Kind::String).values(types::VpcAttributeName::NAMES);
pub static VPC_CIDR_BLOCK_ASSOCIATION: Shape = Shape::structure(
    "VpcCidrBlockAssociation",
    &[
        Member::new("AssociationId", &STRING).named("associationId", "AssociationId"),
        Member::new("CidrBlock", &STRING).named("cidrBlock", "CidrBlock"),
        Member::new("CidrBlockState", &VPC_CIDR_BLOCK_STATE).named("cidrBlockState", "CidrBlockState"),
    ],
);
pub static VPC_CIDR_BLOCK_ASSOCIATION_SET: Shape =
    Shape::list_of("VpcCidrBlockAssociationSet", &VPC_CIDR_BLOCK_ASSOCIATION, "item", false);
pub static VPC_CIDR_BLOCK_STATE: Shape = Shape::structure(
    "VpcCidrBlockState",
    &[
        Member::new("State", &VPC_CIDR_BLOCK_STATE_CODE).named("state", "State"),
        Member::new("StatusMessage", &STRING).named("statusMessage", "StatusMessage"),
    ],
);
pub static VPC_CIDR_BLOCK_STATE_CODE: Shape =
    Shape::new("VpcCidrBlockStateCode", Kind::String).values(types::VpcCidrBlockStateCode::NAMES);
pub static VPC_ID_STRING_LIST: Shape = Shape::list_of("VpcIdStringList", &STRING, "VpcId", false);
pub static VPC_IPV6_CIDR_BLOCK_ASSOCIATION: Shape = Shape::structure(
    "VpcIpv6CidrBlockAssociation",
    &[
        Member::new("AssociationId", &STRING).named("associationId", "AssociationId"),
        Member::new("IpSource", &IP_SOURCE).named("ipSource", "IpSource"),
        Member::new("Ipv6AddressAttribute", &IPV6_ADDRESS_ATTRIBUTE)
            .named("ipv6AddressAttribute", "Ipv6AddressAttribute"),
        Member::new("Ipv6CidrBlock", &STRING).named("ipv6CidrBlock", "Ipv6CidrBlock"),
        Member::new("Ipv6CidrBlockState", &VPC_CIDR_BLOCK_STATE).named("ipv6CidrBlockState", "Ipv6CidrBlockState"),
        Member::new("Ipv6Pool", &STRING).named("ipv6Pool", "Ipv6Pool"),
        Member::new("NetworkBorderGroup", &STRING).named("networkBorderGroup", "NetworkBorderGroup"),
    ],
);
pub static VPC_IPV6_CIDR_BLOCK_ASSOCIATION_SET: Shape =
    Shape::list_of("VpcIpv6CidrBlockAssociationSet", &VPC_IPV6_CIDR_BLOCK_ASSOCIATION, "item", false);
pub static VPC_LIST: Shape = Shape::list_of("VpcList", &VPC, "item", false);
pub static VPC_STATE: Shape = Shape::new("VpcState", Kind::String).values(types::VpcState::NAMES);
pub static ZONE_ID_STRING_LIST: Shape = Shape::list_of("ZoneIdStringList", &STRING, "ZoneId", false);
pub static ZONE_NAME_STRING_LIST: Shape = Shape::list_of("ZoneNameStringList", &STRING, "ZoneName", false);
