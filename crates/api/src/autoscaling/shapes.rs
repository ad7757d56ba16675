//! Shape tables of Auto Scaling (2011-01-01).
//!
//! Written by `cargo xtask codegen` from `shapes/autoscaling.json` and `shapes/autoscaling.toml`; change those instead.

use super::types;
use wire::shape::{BOOLEAN, DOUBLE, INTEGER, Kind, Member, Pattern, STRING, Shape, TIMESTAMP};

pub static ACTIVITIES: Shape = Shape::list("Activities", &ACTIVITY);
pub static ACTIVITIES_TYPE: Shape = Shape::structure(
    "ActivitiesType",
    &[Member::new("Activities", &ACTIVITIES), Member::new("NextToken", &XML_STRING)],
);
pub static ACTIVITY: Shape = Shape::structure(
    "Activity",
    &[
        Member::new("ActivityId", &XML_STRING),
        Member::new("AutoScalingGroupARN", &RESOURCE_NAME),
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("AutoScalingGroupState", &STRING),
        Member::new("Cause", &XML_STRING_MAX_LEN1023),
        Member::new("Description", &XML_STRING),
        Member::new("Details", &XML_STRING),
        Member::new("EndTime", &TIMESTAMP),
        Member::new("Progress", &INTEGER),
        Member::new("StartTime", &TIMESTAMP),
        Member::new("StatusCode", &SCALING_ACTIVITY_STATUS_CODE),
        Member::new("StatusMessage", &XML_STRING_MAX_LEN255),
    ],
);
pub static ACTIVITY_IDS: Shape = Shape::list("ActivityIds", &XML_STRING);
pub static ACTIVITY_TYPE: Shape =
    Shape::structure("ActivityType", &[Member::new("Activities", &ACTIVITIES), Member::new("Activity", &ACTIVITY)]);
pub static ADJUSTMENT_TYPE: Shape =
    Shape::structure("AdjustmentType", &[Member::new("AdjustmentType", &XML_STRING_MAX_LEN255)]);
pub static ADJUSTMENT_TYPES: Shape = Shape::list("AdjustmentTypes", &ADJUSTMENT_TYPE);
pub static ALARM: Shape = Shape::structure(
    "Alarm",
    &[Member::new("AlarmARN", &RESOURCE_NAME), Member::new("AlarmName", &XML_STRING_MAX_LEN255)],
);
pub static ALARM_LIST: Shape = Shape::list("AlarmList", &XML_STRING_MAX_LEN255);
pub static ALARM_SPECIFICATION: Shape = Shape::structure("AlarmSpecification", &[Member::new("Alarms", &ALARM_LIST)]);
pub static ALARMS: Shape = Shape::list("Alarms", &ALARM);
static ANY_PRINTABLE_ASCII_STRING_MAX_LEN4000_PATTERN: Pattern = Pattern::new(r"[\u0009\u000A\u000D\u0020-\u007e]+");
pub static ANY_PRINTABLE_ASCII_STRING_MAX_LEN4000: Shape =
    Shape::new("AnyPrintableAsciiStringMaxLen4000", Kind::String)
        .min(1.0)
        .max(4000.0)
        .pattern(&ANY_PRINTABLE_ASCII_STRING_MAX_LEN4000_PATTERN);
static ASCII_STRING_MAX_LEN255_PATTERN: Pattern = Pattern::new(r"[A-Za-z0-9\-_\/]+");
pub static ASCII_STRING_MAX_LEN255: Shape =
    Shape::new("AsciiStringMaxLen255", Kind::String).min(1.0).max(255.0).pattern(&ASCII_STRING_MAX_LEN255_PATTERN);
pub static ATTACH_INSTANCES_QUERY: Shape = Shape::structure(
    "AttachInstancesQuery",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("InstanceIds", &INSTANCE_IDS).required(),
    ],
);
pub static ATTACH_LOAD_BALANCER_TARGET_GROUPS_RESULT_TYPE: Shape =
    Shape::structure("AttachLoadBalancerTargetGroupsResultType", &[]);
pub static ATTACH_LOAD_BALANCER_TARGET_GROUPS_TYPE: Shape = Shape::structure(
    "AttachLoadBalancerTargetGroupsType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("TargetGroupARNs", &TARGET_GROUP_AR_NS).required(),
    ],
);
pub static ATTACH_LOAD_BALANCERS_RESULT_TYPE: Shape = Shape::structure("AttachLoadBalancersResultType", &[]);
pub static ATTACH_LOAD_BALANCERS_TYPE: Shape = Shape::structure(
    "AttachLoadBalancersType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("LoadBalancerNames", &LOAD_BALANCER_NAMES).required(),
    ],
);
pub static ATTACH_TRAFFIC_SOURCES_RESULT_TYPE: Shape = Shape::structure("AttachTrafficSourcesResultType", &[]);
pub static ATTACH_TRAFFIC_SOURCES_TYPE: Shape = Shape::structure(
    "AttachTrafficSourcesType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::refused("SkipZonalShiftValidation", "zonal shift comes with a later release"),
        Member::new("TrafficSources", &TRAFFIC_SOURCES).required(),
    ],
);
pub static AUTO_SCALING_GROUP: Shape = Shape::structure(
    "AutoScalingGroup",
    &[
        Member::new("AutoScalingGroupARN", &RESOURCE_NAME),
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("AvailabilityZoneDistribution", &AVAILABILITY_ZONE_DISTRIBUTION),
        Member::new("AvailabilityZoneIds", &AVAILABILITY_ZONE_IDS),
        Member::new("AvailabilityZoneImpairmentPolicy", &AVAILABILITY_ZONE_IMPAIRMENT_POLICY),
        Member::new("AvailabilityZones", &AVAILABILITY_ZONES),
        Member::new("CapacityRebalance", &BOOLEAN),
        Member::new("Context", &STRING),
        Member::new("CreatedTime", &TIMESTAMP),
        Member::new("DefaultCooldown", &COOLDOWN),
        Member::new("DefaultInstanceWarmup", &DEFAULT_INSTANCE_WARMUP),
        Member::new("DeletionProtection", &DELETION_PROTECTION),
        Member::new("DesiredCapacity", &AUTO_SCALING_GROUP_DESIRED_CAPACITY),
        Member::new("EnabledMetrics", &ENABLED_METRICS),
        Member::new("HealthCheckGracePeriod", &HEALTH_CHECK_GRACE_PERIOD),
        Member::new("HealthCheckType", &XML_STRING_MAX_LEN32),
        Member::new("InstanceLifecyclePolicy", &INSTANCE_LIFECYCLE_POLICY),
        Member::new("InstanceMaintenancePolicy", &INSTANCE_MAINTENANCE_POLICY),
        Member::new("Instances", &INSTANCES),
        Member::new("LaunchConfigurationName", &XML_STRING_MAX_LEN255),
        Member::new("LaunchTemplate", &LAUNCH_TEMPLATE_SPECIFICATION),
        Member::new("LoadBalancerNames", &LOAD_BALANCER_NAMES),
        Member::new("MaxInstanceLifetime", &MAX_INSTANCE_LIFETIME),
        Member::new("MaxSize", &AUTO_SCALING_GROUP_MAX_SIZE),
        Member::new("MinSize", &AUTO_SCALING_GROUP_MIN_SIZE),
        Member::new("MixedInstancesPolicy", &MIXED_INSTANCES_POLICY),
        Member::new("NewInstancesProtectedFromScaleIn", &BOOLEAN),
        Member::new("PredictedCapacity", &INTEGER),
        Member::new("ServiceLinkedRoleARN", &RESOURCE_NAME),
        Member::new("Status", &XML_STRING_MAX_LEN255),
        Member::new("SuspendedProcesses", &SUSPENDED_PROCESSES),
        Member::new("Tags", &TAG_DESCRIPTION_LIST),
        Member::new("TargetGroupARNs", &TARGET_GROUP_AR_NS),
        Member::new("TerminationPolicies", &TERMINATION_POLICIES),
        Member::new("TrafficSources", &TRAFFIC_SOURCES),
        Member::new("VPCZoneIdentifier", &XML_STRING_MAX_LEN5000),
        Member::new("WarmPoolConfiguration", &WARM_POOL_CONFIGURATION),
        Member::new("WarmPoolSize", &INTEGER),
    ],
);
pub static AUTO_SCALING_GROUP_DESIRED_CAPACITY: Shape =
    Shape::new("AutoScalingGroupDesiredCapacity", Kind::Integer).min(0.0).max(1000000.0);
pub static AUTO_SCALING_GROUP_MAX_SIZE: Shape =
    Shape::new("AutoScalingGroupMaxSize", Kind::Integer).min(0.0).max(1000000.0);
pub static AUTO_SCALING_GROUP_MIN_SIZE: Shape =
    Shape::new("AutoScalingGroupMinSize", Kind::Integer).min(0.0).max(1000000.0);
pub static AUTO_SCALING_GROUP_NAMES: Shape = Shape::list("AutoScalingGroupNames", &XML_STRING_MAX_LEN255);
pub static AUTO_SCALING_GROUP_NAMES_TYPE: Shape = Shape::structure(
    "AutoScalingGroupNamesType",
    &[
        Member::new("AutoScalingGroupNames", &AUTO_SCALING_GROUP_NAMES),
        Member::new("Filters", &FILTERS),
        Member::new("IncludeInstances", &BOOLEAN),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static AUTO_SCALING_GROUPS: Shape = Shape::list("AutoScalingGroups", &AUTO_SCALING_GROUP);
pub static AUTO_SCALING_GROUPS_TYPE: Shape = Shape::structure(
    "AutoScalingGroupsType",
    &[Member::new("AutoScalingGroups", &AUTO_SCALING_GROUPS), Member::new("NextToken", &XML_STRING)],
);
pub static AUTO_SCALING_INSTANCE_DETAILS: Shape = Shape::structure(
    "AutoScalingInstanceDetails",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("AvailabilityZone", &XML_STRING_MAX_LEN255),
        Member::new("AvailabilityZoneId", &XML_STRING_MAX_LEN255),
        Member::new("HealthStatus", &XML_STRING_MAX_LEN32),
        Member::new("ImageId", &XML_STRING_MAX_LEN255),
        Member::new("InstanceId", &XML_STRING_MAX_LEN19),
        Member::new("InstanceType", &XML_STRING_MAX_LEN255),
        Member::new("LaunchConfigurationName", &XML_STRING_MAX_LEN255),
        Member::new("LaunchTemplate", &LAUNCH_TEMPLATE_SPECIFICATION),
        Member::new("LifecycleState", &XML_STRING_MAX_LEN32),
        Member::new("ProtectedFromScaleIn", &BOOLEAN),
    ],
);
pub static AUTO_SCALING_INSTANCES: Shape = Shape::list("AutoScalingInstances", &AUTO_SCALING_INSTANCE_DETAILS);
pub static AUTO_SCALING_INSTANCES_TYPE: Shape = Shape::structure(
    "AutoScalingInstancesType",
    &[Member::new("AutoScalingInstances", &AUTO_SCALING_INSTANCES), Member::new("NextToken", &XML_STRING)],
);
pub static AUTO_SCALING_NOTIFICATION_TYPES: Shape = Shape::list("AutoScalingNotificationTypes", &XML_STRING_MAX_LEN255);
pub static AVAILABILITY_ZONE_DISTRIBUTION: Shape = Shape::structure(
    "AvailabilityZoneDistribution",
    &[Member::new("CapacityDistributionStrategy", &CAPACITY_DISTRIBUTION_STRATEGY)],
);
pub static AVAILABILITY_ZONE_IDS: Shape = Shape::list("AvailabilityZoneIds", &XML_STRING_MAX_LEN255);
pub static AVAILABILITY_ZONE_IMPAIRMENT_POLICY: Shape = Shape::structure(
    "AvailabilityZoneImpairmentPolicy",
    &[
        Member::new("ImpairedZoneHealthCheckBehavior", &IMPAIRED_ZONE_HEALTH_CHECK_BEHAVIOR)
            .answer_only("zonal shift comes with a later release"),
        Member::new("ZonalShiftEnabled", &BOOLEAN),
    ],
);
pub static AVAILABILITY_ZONES: Shape = Shape::list("AvailabilityZones", &XML_STRING_MAX_LEN255);
pub static BAKE_TIME: Shape = Shape::new("BakeTime", Kind::Integer).min(0.0).max(172800.0);
pub static BATCH_DELETE_SCHEDULED_ACTION_ANSWER: Shape = Shape::structure(
    "BatchDeleteScheduledActionAnswer",
    &[Member::new("FailedScheduledActions", &FAILED_SCHEDULED_UPDATE_GROUP_ACTION_REQUESTS)],
);
pub static BATCH_DELETE_SCHEDULED_ACTION_TYPE: Shape = Shape::structure(
    "BatchDeleteScheduledActionType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("ScheduledActionNames", &SCHEDULED_ACTION_NAMES).required(),
    ],
);
pub static BATCH_PUT_SCHEDULED_UPDATE_GROUP_ACTION_ANSWER: Shape = Shape::structure(
    "BatchPutScheduledUpdateGroupActionAnswer",
    &[Member::new("FailedScheduledUpdateGroupActions", &FAILED_SCHEDULED_UPDATE_GROUP_ACTION_REQUESTS)],
);
pub static BATCH_PUT_SCHEDULED_UPDATE_GROUP_ACTION_TYPE: Shape = Shape::structure(
    "BatchPutScheduledUpdateGroupActionType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("ScheduledUpdateGroupActions", &SCHEDULED_UPDATE_GROUP_ACTION_REQUESTS).required(),
    ],
);
pub static BLOCK_DEVICE_MAPPING: Shape = Shape::structure(
    "BlockDeviceMapping",
    &[
        Member::new("DeviceName", &XML_STRING_MAX_LEN255),
        Member::new("Ebs", &EBS),
        Member::new("NoDevice", &BOOLEAN),
        Member::new("VirtualName", &XML_STRING_MAX_LEN255),
    ],
);
pub static BLOCK_DEVICE_MAPPINGS: Shape = Shape::list("BlockDeviceMappings", &BLOCK_DEVICE_MAPPING);
pub static CANCEL_INSTANCE_REFRESH_ANSWER: Shape =
    Shape::structure("CancelInstanceRefreshAnswer", &[Member::new("InstanceRefreshId", &XML_STRING_MAX_LEN255)]);
pub static CANCEL_INSTANCE_REFRESH_TYPE: Shape = Shape::structure(
    "CancelInstanceRefreshType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("WaitForTransitioningInstances", &BOOLEAN),
    ],
);
pub static CAPACITY_DISTRIBUTION_STRATEGY: Shape =
    Shape::new("CapacityDistributionStrategy", Kind::String).values(types::CapacityDistributionStrategy::NAMES);
pub static CAPACITY_FORECAST: Shape = Shape::structure(
    "CapacityForecast",
    &[
        Member::new("Timestamps", &PREDICTIVE_SCALING_FORECAST_TIMESTAMPS),
        Member::new("Values", &PREDICTIVE_SCALING_FORECAST_VALUES),
    ],
);
pub static CHECKPOINT_DELAY: Shape = Shape::new("CheckpointDelay", Kind::Integer).min(0.0).max(172800.0);
pub static CHECKPOINT_PERCENTAGES: Shape = Shape::list("CheckpointPercentages", &NON_ZERO_INT_PERCENT);
pub static CLASSIC_LINK_VPC_SECURITY_GROUPS: Shape =
    Shape::list("ClassicLinkVPCSecurityGroups", &XML_STRING_MAX_LEN255);
pub static COMPLETE_LIFECYCLE_ACTION_ANSWER: Shape = Shape::structure("CompleteLifecycleActionAnswer", &[]);
pub static COMPLETE_LIFECYCLE_ACTION_TYPE: Shape = Shape::structure(
    "CompleteLifecycleActionType",
    &[
        Member::new("AutoScalingGroupName", &RESOURCE_NAME).required(),
        Member::new("InstanceId", &XML_STRING_MAX_LEN19),
        Member::new("LifecycleActionResult", &STRING).required(),
        Member::new("LifecycleActionToken", &LIFECYCLE_ACTION_TOKEN),
        Member::new("LifecycleHookName", &ASCII_STRING_MAX_LEN255).required(),
    ],
);
pub static COOLDOWN: Shape = Shape::new("Cooldown", Kind::Integer).min(0.0).max(86400.0);
pub static CREATE_AUTO_SCALING_GROUP_TYPE: Shape = Shape::structure(
    "CreateAutoScalingGroupType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("AvailabilityZoneDistribution", &AVAILABILITY_ZONE_DISTRIBUTION),
        Member::new("AvailabilityZoneIds", &AVAILABILITY_ZONE_IDS),
        Member::new("AvailabilityZoneImpairmentPolicy", &AVAILABILITY_ZONE_IMPAIRMENT_POLICY),
        Member::new("AvailabilityZones", &AVAILABILITY_ZONES),
        Member::new("CapacityRebalance", &BOOLEAN),
        Member::refused("CapacityReservationSpecification", "capacity reservations are not part of Goru"),
        Member::new("Context", &STRING),
        Member::new("DefaultCooldown", &COOLDOWN),
        Member::new("DefaultInstanceWarmup", &DEFAULT_INSTANCE_WARMUP),
        Member::new("DeletionProtection", &DELETION_PROTECTION),
        Member::new("DesiredCapacity", &AUTO_SCALING_GROUP_DESIRED_CAPACITY),
        Member::new("DesiredCapacityType", &XML_STRING_MAX_LEN255),
        Member::new("HealthCheckGracePeriod", &HEALTH_CHECK_GRACE_PERIOD),
        Member::new("HealthCheckType", &XML_STRING_MAX_LEN32),
        Member::new("InstanceId", &XML_STRING_MAX_LEN19),
        Member::new("InstanceLifecyclePolicy", &INSTANCE_LIFECYCLE_POLICY),
        Member::new("InstanceMaintenancePolicy", &INSTANCE_MAINTENANCE_POLICY),
        Member::new("LaunchConfigurationName", &XML_STRING_MAX_LEN255),
        Member::new("LaunchTemplate", &LAUNCH_TEMPLATE_SPECIFICATION),
        Member::new("LifecycleHookSpecificationList", &LIFECYCLE_HOOK_SPECIFICATIONS),
        Member::new("LoadBalancerNames", &LOAD_BALANCER_NAMES),
        Member::new("MaxInstanceLifetime", &MAX_INSTANCE_LIFETIME),
        Member::new("MaxSize", &AUTO_SCALING_GROUP_MAX_SIZE).required(),
        Member::new("MinSize", &AUTO_SCALING_GROUP_MIN_SIZE).required(),
        Member::new("MixedInstancesPolicy", &MIXED_INSTANCES_POLICY),
        Member::new("NewInstancesProtectedFromScaleIn", &BOOLEAN),
        Member::refused("Operator", "Goru has no managed resources"),
        Member::refused("PlacementGroup", "placement groups are not part of Goru"),
        Member::new("ServiceLinkedRoleARN", &RESOURCE_NAME),
        Member::refused("SkipZonalShiftValidation", "zonal shift comes with a later release"),
        Member::new("Tags", &TAGS),
        Member::new("TargetGroupARNs", &TARGET_GROUP_AR_NS),
        Member::new("TerminationPolicies", &TERMINATION_POLICIES),
        Member::new("TrafficSources", &TRAFFIC_SOURCES),
        Member::new("VPCZoneIdentifier", &XML_STRING_MAX_LEN5000),
    ],
);
pub static CREATE_LAUNCH_CONFIGURATION_TYPE: Shape = Shape::structure(
    "CreateLaunchConfigurationType",
    &[
        Member::new("AssociatePublicIpAddress", &BOOLEAN),
        Member::refused("BlockDeviceMappings", "instances have no volumes yet"),
        Member::refused("ClassicLinkVPCId", "EC2-Classic is gone"),
        Member::refused("ClassicLinkVPCSecurityGroups", "EC2-Classic is gone"),
        Member::new("EbsOptimized", &BOOLEAN),
        Member::refused("IamInstanceProfile", "instance profiles come with a later release"),
        Member::new("ImageId", &XML_STRING_MAX_LEN255),
        Member::new("InstanceId", &XML_STRING_MAX_LEN19),
        Member::new("InstanceMonitoring", &INSTANCE_MONITORING),
        Member::new("InstanceType", &XML_STRING_MAX_LEN255),
        Member::refused("KernelId", "images bring their own kernel"),
        Member::new("KeyName", &XML_STRING_MAX_LEN255),
        Member::new("LaunchConfigurationName", &XML_STRING_MAX_LEN255).required(),
        Member::new("MetadataOptions", &INSTANCE_METADATA_OPTIONS),
        Member::new("PlacementTenancy", &XML_STRING_MAX_LEN64),
        Member::refused("RamdiskId", "images bring their own kernel"),
        Member::new("SecurityGroups", &SECURITY_GROUPS),
        Member::refused("SpotPrice", "Goru has no Spot market"),
        Member::new("UserData", &XML_STRING_USER_DATA),
    ],
);
pub static CREATE_OR_UPDATE_TAGS_TYPE: Shape =
    Shape::structure("CreateOrUpdateTagsType", &[Member::new("Tags", &TAGS).required()]);
pub static CUSTOMIZED_METRIC_SPECIFICATION: Shape = Shape::structure(
    "CustomizedMetricSpecification",
    &[
        Member::new("Dimensions", &METRIC_DIMENSIONS),
        Member::new("MetricName", &STRING),
        Member::new("Metrics", &TARGET_TRACKING_METRIC_DATA_QUERIES),
        Member::new("Namespace", &STRING),
        Member::new("Period", &METRIC_GRANULARITY_IN_SECONDS),
        Member::new("Statistic", &METRIC_STATISTIC),
        Member::new("Unit", &STRING),
    ],
);
pub static DEFAULT_INSTANCE_WARMUP: Shape = Shape::new("DefaultInstanceWarmup", Kind::Integer).min(-1.0).max(3600.0);
pub static DELETE_AUTO_SCALING_GROUP_TYPE: Shape = Shape::structure(
    "DeleteAutoScalingGroupType",
    &[Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(), Member::new("ForceDelete", &BOOLEAN)],
);
pub static DELETE_LIFECYCLE_HOOK_ANSWER: Shape = Shape::structure("DeleteLifecycleHookAnswer", &[]);
pub static DELETE_LIFECYCLE_HOOK_TYPE: Shape = Shape::structure(
    "DeleteLifecycleHookType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("LifecycleHookName", &ASCII_STRING_MAX_LEN255).required(),
    ],
);
pub static DELETE_NOTIFICATION_CONFIGURATION_TYPE: Shape = Shape::structure(
    "DeleteNotificationConfigurationType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("TopicARN", &XML_STRING_MAX_LEN255).required(),
    ],
);
pub static DELETE_POLICY_TYPE: Shape = Shape::structure(
    "DeletePolicyType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("PolicyName", &RESOURCE_NAME).required(),
    ],
);
pub static DELETE_SCHEDULED_ACTION_TYPE: Shape = Shape::structure(
    "DeleteScheduledActionType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("ScheduledActionName", &XML_STRING_MAX_LEN255).required(),
    ],
);
pub static DELETE_TAGS_TYPE: Shape = Shape::structure("DeleteTagsType", &[Member::new("Tags", &TAGS).required()]);
pub static DELETE_WARM_POOL_ANSWER: Shape = Shape::structure("DeleteWarmPoolAnswer", &[]);
pub static DELETE_WARM_POOL_TYPE: Shape = Shape::structure(
    "DeleteWarmPoolType",
    &[Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(), Member::new("ForceDelete", &BOOLEAN)],
);
pub static DELETION_PROTECTION: Shape =
    Shape::new("DeletionProtection", Kind::String).values(types::DeletionProtection::NAMES);
pub static DESCRIBE_ACCOUNT_LIMITS_ANSWER: Shape = Shape::structure(
    "DescribeAccountLimitsAnswer",
    &[
        Member::new("MaxNumberOfAutoScalingGroups", &INTEGER),
        Member::new("MaxNumberOfLaunchConfigurations", &INTEGER),
        Member::new("NumberOfAutoScalingGroups", &INTEGER),
        Member::new("NumberOfLaunchConfigurations", &INTEGER),
    ],
);
pub static DESCRIBE_ADJUSTMENT_TYPES_ANSWER: Shape =
    Shape::structure("DescribeAdjustmentTypesAnswer", &[Member::new("AdjustmentTypes", &ADJUSTMENT_TYPES)]);
pub static DESCRIBE_AUTO_SCALING_INSTANCES_TYPE: Shape = Shape::structure(
    "DescribeAutoScalingInstancesType",
    &[
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("InstanceIds", &INSTANCE_IDS),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static DESCRIBE_AUTO_SCALING_NOTIFICATION_TYPES_ANSWER: Shape = Shape::structure(
    "DescribeAutoScalingNotificationTypesAnswer",
    &[Member::new("AutoScalingNotificationTypes", &AUTO_SCALING_NOTIFICATION_TYPES)],
);
pub static DESCRIBE_INSTANCE_REFRESHES_ANSWER: Shape = Shape::structure(
    "DescribeInstanceRefreshesAnswer",
    &[Member::new("InstanceRefreshes", &INSTANCE_REFRESHES), Member::new("NextToken", &XML_STRING)],
);
pub static DESCRIBE_INSTANCE_REFRESHES_TYPE: Shape = Shape::structure(
    "DescribeInstanceRefreshesType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("InstanceRefreshIds", &INSTANCE_REFRESH_IDS),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static DESCRIBE_LIFECYCLE_HOOK_TYPES_ANSWER: Shape = Shape::structure(
    "DescribeLifecycleHookTypesAnswer",
    &[Member::new("LifecycleHookTypes", &AUTO_SCALING_NOTIFICATION_TYPES)],
);
pub static DESCRIBE_LIFECYCLE_HOOKS_ANSWER: Shape =
    Shape::structure("DescribeLifecycleHooksAnswer", &[Member::new("LifecycleHooks", &LIFECYCLE_HOOKS)]);
pub static DESCRIBE_LIFECYCLE_HOOKS_TYPE: Shape = Shape::structure(
    "DescribeLifecycleHooksType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("LifecycleHookNames", &LIFECYCLE_HOOK_NAMES),
    ],
);
pub static DESCRIBE_LOAD_BALANCER_TARGET_GROUPS_REQUEST: Shape = Shape::structure(
    "DescribeLoadBalancerTargetGroupsRequest",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static DESCRIBE_LOAD_BALANCER_TARGET_GROUPS_RESPONSE: Shape = Shape::structure(
    "DescribeLoadBalancerTargetGroupsResponse",
    &[
        Member::new("LoadBalancerTargetGroups", &LOAD_BALANCER_TARGET_GROUP_STATES),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static DESCRIBE_LOAD_BALANCERS_REQUEST: Shape = Shape::structure(
    "DescribeLoadBalancersRequest",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static DESCRIBE_LOAD_BALANCERS_RESPONSE: Shape = Shape::structure(
    "DescribeLoadBalancersResponse",
    &[Member::new("LoadBalancers", &LOAD_BALANCER_STATES), Member::new("NextToken", &XML_STRING)],
);
pub static DESCRIBE_METRIC_COLLECTION_TYPES_ANSWER: Shape = Shape::structure(
    "DescribeMetricCollectionTypesAnswer",
    &[Member::new("Granularities", &METRIC_GRANULARITY_TYPES), Member::new("Metrics", &METRIC_COLLECTION_TYPES)],
);
pub static DESCRIBE_NOTIFICATION_CONFIGURATIONS_ANSWER: Shape = Shape::structure(
    "DescribeNotificationConfigurationsAnswer",
    &[Member::new("NextToken", &XML_STRING), Member::new("NotificationConfigurations", &NOTIFICATION_CONFIGURATIONS)],
);
pub static DESCRIBE_NOTIFICATION_CONFIGURATIONS_TYPE: Shape = Shape::structure(
    "DescribeNotificationConfigurationsType",
    &[
        Member::new("AutoScalingGroupNames", &AUTO_SCALING_GROUP_NAMES),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static DESCRIBE_POLICIES_TYPE: Shape = Shape::structure(
    "DescribePoliciesType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
        Member::new("PolicyNames", &POLICY_NAMES),
        Member::new("PolicyTypes", &POLICY_TYPES),
    ],
);
pub static DESCRIBE_SCALING_ACTIVITIES_TYPE: Shape = Shape::structure(
    "DescribeScalingActivitiesType",
    &[
        Member::new("ActivityIds", &ACTIVITY_IDS),
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("Filters", &FILTERS),
        Member::new("IncludeDeletedGroups", &BOOLEAN),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static DESCRIBE_SCHEDULED_ACTIONS_TYPE: Shape = Shape::structure(
    "DescribeScheduledActionsType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("EndTime", &TIMESTAMP),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
        Member::new("ScheduledActionNames", &SCHEDULED_ACTION_NAMES),
        Member::new("StartTime", &TIMESTAMP),
    ],
);
pub static DESCRIBE_TAGS_TYPE: Shape = Shape::structure(
    "DescribeTagsType",
    &[
        Member::new("Filters", &FILTERS),
        Member::refused("IncludeManagedResources", "Goru has no managed resources"),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static DESCRIBE_TERMINATION_POLICY_TYPES_ANSWER: Shape = Shape::structure(
    "DescribeTerminationPolicyTypesAnswer",
    &[Member::new("TerminationPolicyTypes", &TERMINATION_POLICIES)],
);
pub static DESCRIBE_TRAFFIC_SOURCES_REQUEST: Shape = Shape::structure(
    "DescribeTrafficSourcesRequest",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
        Member::new("TrafficSourceType", &XML_STRING_MAX_LEN255),
    ],
);
pub static DESCRIBE_TRAFFIC_SOURCES_RESPONSE: Shape = Shape::structure(
    "DescribeTrafficSourcesResponse",
    &[Member::new("NextToken", &XML_STRING), Member::new("TrafficSources", &TRAFFIC_SOURCE_STATES)],
);
pub static DESCRIBE_WARM_POOL_ANSWER: Shape = Shape::structure(
    "DescribeWarmPoolAnswer",
    &[
        Member::new("Instances", &INSTANCES),
        Member::new("NextToken", &XML_STRING),
        Member::new("WarmPoolConfiguration", &WARM_POOL_CONFIGURATION),
    ],
);
pub static DESCRIBE_WARM_POOL_TYPE: Shape = Shape::structure(
    "DescribeWarmPoolType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static DESIRED_CONFIGURATION: Shape = Shape::structure(
    "DesiredConfiguration",
    &[
        Member::new("LaunchTemplate", &LAUNCH_TEMPLATE_SPECIFICATION),
        Member::new("MixedInstancesPolicy", &MIXED_INSTANCES_POLICY),
    ],
);
pub static DETACH_INSTANCES_ANSWER: Shape =
    Shape::structure("DetachInstancesAnswer", &[Member::new("Activities", &ACTIVITIES)]);
pub static DETACH_INSTANCES_QUERY: Shape = Shape::structure(
    "DetachInstancesQuery",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("InstanceIds", &INSTANCE_IDS).required(),
        Member::new("ShouldDecrementDesiredCapacity", &BOOLEAN).required(),
    ],
);
pub static DETACH_LOAD_BALANCER_TARGET_GROUPS_RESULT_TYPE: Shape =
    Shape::structure("DetachLoadBalancerTargetGroupsResultType", &[]);
pub static DETACH_LOAD_BALANCER_TARGET_GROUPS_TYPE: Shape = Shape::structure(
    "DetachLoadBalancerTargetGroupsType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("TargetGroupARNs", &TARGET_GROUP_AR_NS).required(),
    ],
);
pub static DETACH_LOAD_BALANCERS_RESULT_TYPE: Shape = Shape::structure("DetachLoadBalancersResultType", &[]);
pub static DETACH_LOAD_BALANCERS_TYPE: Shape = Shape::structure(
    "DetachLoadBalancersType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("LoadBalancerNames", &LOAD_BALANCER_NAMES).required(),
    ],
);
pub static DETACH_TRAFFIC_SOURCES_RESULT_TYPE: Shape = Shape::structure("DetachTrafficSourcesResultType", &[]);
pub static DETACH_TRAFFIC_SOURCES_TYPE: Shape = Shape::structure(
    "DetachTrafficSourcesType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("TrafficSources", &TRAFFIC_SOURCES).required(),
    ],
);
pub static DISABLE_METRICS_COLLECTION_QUERY: Shape = Shape::structure(
    "DisableMetricsCollectionQuery",
    &[Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(), Member::new("Metrics", &METRICS)],
);
pub static EBS: Shape = Shape::structure(
    "Ebs",
    &[
        Member::new("DeleteOnTermination", &BOOLEAN),
        Member::new("Encrypted", &BOOLEAN),
        Member::new("Iops", &INTEGER),
        Member::new("SnapshotId", &XML_STRING_MAX_LEN255),
        Member::new("Throughput", &INTEGER),
        Member::new("VolumeSize", &INTEGER),
        Member::new("VolumeType", &STRING),
    ],
);
pub static ENABLE_METRICS_COLLECTION_QUERY: Shape = Shape::structure(
    "EnableMetricsCollectionQuery",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("Granularity", &XML_STRING_MAX_LEN255).required(),
        Member::new("Metrics", &METRICS),
    ],
);
pub static ENABLED_METRIC: Shape = Shape::structure(
    "EnabledMetric",
    &[Member::new("Granularity", &XML_STRING_MAX_LEN255), Member::new("Metric", &XML_STRING_MAX_LEN255)],
);
pub static ENABLED_METRICS: Shape = Shape::list("EnabledMetrics", &ENABLED_METRIC);
pub static ENTER_STANDBY_ANSWER: Shape =
    Shape::structure("EnterStandbyAnswer", &[Member::new("Activities", &ACTIVITIES)]);
pub static ENTER_STANDBY_QUERY: Shape = Shape::structure(
    "EnterStandbyQuery",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("InstanceIds", &INSTANCE_IDS).required(),
        Member::new("ShouldDecrementDesiredCapacity", &BOOLEAN).required(),
    ],
);
pub static ESTIMATED_INSTANCE_WARMUP: Shape = Shape::new("EstimatedInstanceWarmup", Kind::Integer).min(0.0).max(3600.0);
pub static EXECUTE_POLICY_TYPE: Shape = Shape::structure(
    "ExecutePolicyType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("BreachThreshold", &DOUBLE),
        Member::new("HonorCooldown", &BOOLEAN),
        Member::new("MetricValue", &DOUBLE),
        Member::new("PolicyName", &RESOURCE_NAME).required(),
    ],
);
pub static EXIT_STANDBY_ANSWER: Shape =
    Shape::structure("ExitStandbyAnswer", &[Member::new("Activities", &ACTIVITIES)]);
pub static EXIT_STANDBY_QUERY: Shape = Shape::structure(
    "ExitStandbyQuery",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("InstanceIds", &INSTANCE_IDS).required(),
    ],
);
pub static FAILED_SCHEDULED_UPDATE_GROUP_ACTION_REQUEST: Shape = Shape::structure(
    "FailedScheduledUpdateGroupActionRequest",
    &[
        Member::new("ErrorCode", &XML_STRING_MAX_LEN64),
        Member::new("ErrorMessage", &XML_STRING),
        Member::new("ScheduledActionName", &XML_STRING_MAX_LEN255),
    ],
);
pub static FAILED_SCHEDULED_UPDATE_GROUP_ACTION_REQUESTS: Shape =
    Shape::list("FailedScheduledUpdateGroupActionRequests", &FAILED_SCHEDULED_UPDATE_GROUP_ACTION_REQUEST);
pub static FILTER: Shape = Shape::structure(
    "Filter",
    &[Member::new("Name", &XML_STRING).required(), Member::new("Values", &VALUES).required()],
);
pub static FILTERS: Shape = Shape::list("Filters", &FILTER);
pub static GET_PREDICTIVE_SCALING_FORECAST_ANSWER: Shape = Shape::structure(
    "GetPredictiveScalingForecastAnswer",
    &[
        Member::new("CapacityForecast", &CAPACITY_FORECAST),
        Member::new("LoadForecast", &LOAD_FORECASTS),
        Member::new("UpdateTime", &TIMESTAMP),
    ],
);
pub static GET_PREDICTIVE_SCALING_FORECAST_TYPE: Shape = Shape::structure(
    "GetPredictiveScalingForecastType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("EndTime", &TIMESTAMP).required(),
        Member::new("PolicyName", &XML_STRING_MAX_LEN255).required(),
        Member::new("StartTime", &TIMESTAMP).required(),
    ],
);
pub static HEALTH_CHECK_GRACE_PERIOD: Shape = Shape::new("HealthCheckGracePeriod", Kind::Integer).min(0.0).max(86400.0);
pub static HEARTBEAT_TIMEOUT: Shape = Shape::new("HeartbeatTimeout", Kind::Integer).min(30.0).max(7200.0);
pub static IMPAIRED_ZONE_HEALTH_CHECK_BEHAVIOR: Shape =
    Shape::new("ImpairedZoneHealthCheckBehavior", Kind::String).values(types::ImpairedZoneHealthCheckBehavior::NAMES);
pub static INSTANCE: Shape = Shape::structure(
    "Instance",
    &[
        Member::new("AvailabilityZone", &XML_STRING_MAX_LEN255),
        Member::new("AvailabilityZoneId", &XML_STRING_MAX_LEN255),
        Member::new("HealthStatus", &XML_STRING_MAX_LEN32),
        Member::new("ImageId", &XML_STRING_MAX_LEN255),
        Member::new("InstanceId", &XML_STRING_MAX_LEN19),
        Member::new("InstanceType", &XML_STRING_MAX_LEN255),
        Member::new("LaunchConfigurationName", &XML_STRING_MAX_LEN255),
        Member::new("LaunchTemplate", &LAUNCH_TEMPLATE_SPECIFICATION),
        Member::new("LifecycleState", &LIFECYCLE_STATE),
        Member::new("ProtectedFromScaleIn", &BOOLEAN),
    ],
);
pub static INSTANCE_IDS: Shape = Shape::list("InstanceIds", &XML_STRING_MAX_LEN19);
pub static INSTANCE_LIFECYCLE_POLICY: Shape =
    Shape::structure("InstanceLifecyclePolicy", &[Member::new("RetentionTriggers", &RETENTION_TRIGGERS)]);
pub static INSTANCE_MAINTENANCE_POLICY: Shape = Shape::structure(
    "InstanceMaintenancePolicy",
    &[
        Member::new("MaxHealthyPercentage", &INT_PERCENT100_TO200_RESETTABLE),
        Member::new("MinHealthyPercentage", &INT_PERCENT_RESETTABLE),
    ],
);
pub static INSTANCE_METADATA_ENDPOINT_STATE: Shape =
    Shape::new("InstanceMetadataEndpointState", Kind::String).values(types::InstanceMetadataEndpointState::NAMES);
pub static INSTANCE_METADATA_HTTP_PUT_RESPONSE_HOP_LIMIT: Shape =
    Shape::new("InstanceMetadataHttpPutResponseHopLimit", Kind::Integer).min(1.0).max(64.0);
pub static INSTANCE_METADATA_HTTP_TOKENS_STATE: Shape =
    Shape::new("InstanceMetadataHttpTokensState", Kind::String).values(types::InstanceMetadataHttpTokensState::NAMES);
pub static INSTANCE_METADATA_OPTIONS: Shape = Shape::structure(
    "InstanceMetadataOptions",
    &[
        Member::new("HttpEndpoint", &INSTANCE_METADATA_ENDPOINT_STATE),
        Member::new("HttpPutResponseHopLimit", &INSTANCE_METADATA_HTTP_PUT_RESPONSE_HOP_LIMIT),
        Member::new("HttpTokens", &INSTANCE_METADATA_HTTP_TOKENS_STATE),
    ],
);
pub static INSTANCE_MONITORING: Shape = Shape::structure("InstanceMonitoring", &[Member::new("Enabled", &BOOLEAN)]);
pub static INSTANCE_REFRESH: Shape = Shape::structure(
    "InstanceRefresh",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("DesiredConfiguration", &DESIRED_CONFIGURATION),
        Member::new("EndTime", &TIMESTAMP),
        Member::new("InstanceRefreshId", &XML_STRING_MAX_LEN255),
        Member::new("InstancesToUpdate", &INTEGER),
        Member::new("PercentageComplete", &INT_PERCENT),
        Member::new("Preferences", &REFRESH_PREFERENCES),
        Member::new("ProgressDetails", &INSTANCE_REFRESH_PROGRESS_DETAILS),
        Member::new("RollbackDetails", &ROLLBACK_DETAILS),
        Member::new("StartTime", &TIMESTAMP),
        Member::new("Status", &INSTANCE_REFRESH_STATUS),
        Member::new("StatusReason", &XML_STRING_MAX_LEN1023),
        Member::new("Strategy", &REFRESH_STRATEGY),
    ],
);
pub static INSTANCE_REFRESH_IDS: Shape = Shape::list("InstanceRefreshIds", &XML_STRING_MAX_LEN255);
pub static INSTANCE_REFRESH_LIVE_POOL_PROGRESS: Shape = Shape::structure(
    "InstanceRefreshLivePoolProgress",
    &[Member::new("InstancesToUpdate", &INTEGER), Member::new("PercentageComplete", &INT_PERCENT)],
);
pub static INSTANCE_REFRESH_PROGRESS_DETAILS: Shape = Shape::structure(
    "InstanceRefreshProgressDetails",
    &[
        Member::new("LivePoolProgress", &INSTANCE_REFRESH_LIVE_POOL_PROGRESS),
        Member::new("WarmPoolProgress", &INSTANCE_REFRESH_WARM_POOL_PROGRESS),
    ],
);
pub static INSTANCE_REFRESH_STATUS: Shape =
    Shape::new("InstanceRefreshStatus", Kind::String).values(types::InstanceRefreshStatus::NAMES);
pub static INSTANCE_REFRESH_WARM_POOL_PROGRESS: Shape = Shape::structure(
    "InstanceRefreshWarmPoolProgress",
    &[Member::new("InstancesToUpdate", &INTEGER), Member::new("PercentageComplete", &INT_PERCENT)],
);
pub static INSTANCE_REFRESHES: Shape = Shape::list("InstanceRefreshes", &INSTANCE_REFRESH);
pub static INSTANCE_REUSE_POLICY: Shape =
    Shape::structure("InstanceReusePolicy", &[Member::new("ReuseOnScaleIn", &BOOLEAN)]);
pub static INSTANCES: Shape = Shape::list("Instances", &INSTANCE);
pub static INSTANCES_DISTRIBUTION: Shape = Shape::structure(
    "InstancesDistribution",
    &[
        Member::refused("DistributionSegments", "Goru has on-demand instances only"),
        Member::new("OnDemandAllocationStrategy", &XML_STRING),
        Member::new("OnDemandBaseCapacity", &ON_DEMAND_BASE_CAPACITY),
        Member::new("OnDemandPercentageAboveBaseCapacity", &ON_DEMAND_PERCENTAGE_ABOVE_BASE_CAPACITY),
        Member::new("SpotAllocationStrategy", &XML_STRING).answer_only("Goru has no Spot market"),
        Member::refused("SpotInstancePools", "Goru has no Spot market"),
        Member::refused("SpotMaxPrice", "Goru has no Spot market"),
    ],
);
pub static INT_PERCENT: Shape = Shape::new("IntPercent", Kind::Integer).min(0.0).max(100.0);
pub static INT_PERCENT100_TO200: Shape = Shape::new("IntPercent100To200", Kind::Integer).min(100.0).max(200.0);
pub static INT_PERCENT100_TO200_RESETTABLE: Shape =
    Shape::new("IntPercent100To200Resettable", Kind::Integer).min(-1.0).max(200.0);
pub static INT_PERCENT_RESETTABLE: Shape = Shape::new("IntPercentResettable", Kind::Integer).min(-1.0).max(100.0);
pub static LAUNCH_CONFIGURATION: Shape = Shape::structure(
    "LaunchConfiguration",
    &[
        Member::new("AssociatePublicIpAddress", &BOOLEAN),
        Member::new("BlockDeviceMappings", &BLOCK_DEVICE_MAPPINGS),
        Member::new("ClassicLinkVPCSecurityGroups", &CLASSIC_LINK_VPC_SECURITY_GROUPS),
        Member::new("CreatedTime", &TIMESTAMP),
        Member::new("EbsOptimized", &BOOLEAN),
        Member::new("ImageId", &XML_STRING_MAX_LEN255),
        Member::new("InstanceMonitoring", &INSTANCE_MONITORING),
        Member::new("InstanceType", &XML_STRING_MAX_LEN255),
        Member::new("KernelId", &XML_STRING_MAX_LEN255),
        Member::new("KeyName", &XML_STRING_MAX_LEN255),
        Member::new("LaunchConfigurationARN", &RESOURCE_NAME),
        Member::new("LaunchConfigurationName", &XML_STRING_MAX_LEN255),
        Member::new("MetadataOptions", &INSTANCE_METADATA_OPTIONS),
        Member::new("PlacementTenancy", &XML_STRING_MAX_LEN64),
        Member::new("RamdiskId", &XML_STRING_MAX_LEN255),
        Member::new("SecurityGroups", &SECURITY_GROUPS),
        Member::new("UserData", &XML_STRING_USER_DATA),
    ],
);
pub static LAUNCH_CONFIGURATION_NAME_TYPE: Shape = Shape::structure(
    "LaunchConfigurationNameType",
    &[Member::new("LaunchConfigurationName", &XML_STRING_MAX_LEN255).required()],
);
pub static LAUNCH_CONFIGURATION_NAMES: Shape = Shape::list("LaunchConfigurationNames", &XML_STRING_MAX_LEN255);
pub static LAUNCH_CONFIGURATION_NAMES_TYPE: Shape = Shape::structure(
    "LaunchConfigurationNamesType",
    &[
        Member::new("LaunchConfigurationNames", &LAUNCH_CONFIGURATION_NAMES),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &XML_STRING),
    ],
);
pub static LAUNCH_CONFIGURATIONS: Shape = Shape::list("LaunchConfigurations", &LAUNCH_CONFIGURATION);
pub static LAUNCH_CONFIGURATIONS_TYPE: Shape = Shape::structure(
    "LaunchConfigurationsType",
    &[Member::new("LaunchConfigurations", &LAUNCH_CONFIGURATIONS), Member::new("NextToken", &XML_STRING)],
);
pub static LAUNCH_TEMPLATE: Shape = Shape::structure(
    "LaunchTemplate",
    &[Member::new("LaunchTemplateSpecification", &LAUNCH_TEMPLATE_SPECIFICATION), Member::new("Overrides", &OVERRIDES)],
);
static LAUNCH_TEMPLATE_NAME_PATTERN: Pattern = Pattern::new(r"[a-zA-Z0-9\(\)\.\-/_]+");
pub static LAUNCH_TEMPLATE_NAME: Shape =
    Shape::new("LaunchTemplateName", Kind::String).min(3.0).max(128.0).pattern(&LAUNCH_TEMPLATE_NAME_PATTERN);
pub static LAUNCH_TEMPLATE_OVERRIDES: Shape = Shape::structure(
    "LaunchTemplateOverrides",
    &[
        Member::refused("ImageId", "name a launch template with that image in the override instead"),
        Member::refused("InstanceRequirements", "instance types are named, not chosen by their attributes"),
        Member::new("InstanceType", &XML_STRING_MAX_LEN255),
        Member::new("LaunchTemplateSpecification", &LAUNCH_TEMPLATE_SPECIFICATION),
        Member::refused("WeightedCapacity", "capacity is counted in instances"),
    ],
);
pub static LAUNCH_TEMPLATE_SPECIFICATION: Shape = Shape::structure(
    "LaunchTemplateSpecification",
    &[
        Member::new("LaunchTemplateId", &XML_STRING_MAX_LEN255),
        Member::new("LaunchTemplateName", &LAUNCH_TEMPLATE_NAME),
        Member::new("Version", &XML_STRING_MAX_LEN255),
    ],
);
pub static LIFECYCLE_ACTION_TOKEN: Shape = Shape::new("LifecycleActionToken", Kind::String).min(36.0).max(36.0);
pub static LIFECYCLE_HOOK: Shape = Shape::structure(
    "LifecycleHook",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("DefaultResult", &STRING),
        Member::new("GlobalTimeout", &INTEGER),
        Member::new("HeartbeatTimeout", &HEARTBEAT_TIMEOUT),
        Member::new("LifecycleHookName", &ASCII_STRING_MAX_LEN255),
        Member::new("LifecycleTransition", &STRING),
        Member::new("NotificationMetadata", &ANY_PRINTABLE_ASCII_STRING_MAX_LEN4000),
        Member::new("NotificationTargetARN", &NOTIFICATION_TARGET_RESOURCE_NAME),
        Member::new("RoleARN", &XML_STRING_MAX_LEN255),
    ],
);
pub static LIFECYCLE_HOOK_NAMES: Shape = Shape::list("LifecycleHookNames", &ASCII_STRING_MAX_LEN255).max(50.0);
pub static LIFECYCLE_HOOK_SPECIFICATION: Shape = Shape::structure(
    "LifecycleHookSpecification",
    &[
        Member::new("DefaultResult", &STRING),
        Member::new("HeartbeatTimeout", &HEARTBEAT_TIMEOUT),
        Member::new("LifecycleHookName", &ASCII_STRING_MAX_LEN255).required(),
        Member::new("LifecycleTransition", &STRING).required(),
        Member::new("NotificationMetadata", &ANY_PRINTABLE_ASCII_STRING_MAX_LEN4000),
        Member::new("NotificationTargetARN", &NOTIFICATION_TARGET_RESOURCE_NAME),
        Member::new("RoleARN", &XML_STRING_MAX_LEN255),
    ],
);
pub static LIFECYCLE_HOOK_SPECIFICATIONS: Shape =
    Shape::list("LifecycleHookSpecifications", &LIFECYCLE_HOOK_SPECIFICATION);
pub static LIFECYCLE_HOOKS: Shape = Shape::list("LifecycleHooks", &LIFECYCLE_HOOK);
pub static LIFECYCLE_STATE: Shape = Shape::new("LifecycleState", Kind::String).values(types::LifecycleState::NAMES);
pub static LOAD_BALANCER_NAMES: Shape = Shape::list("LoadBalancerNames", &XML_STRING_MAX_LEN255);
pub static LOAD_BALANCER_STATE: Shape = Shape::structure(
    "LoadBalancerState",
    &[Member::new("LoadBalancerName", &XML_STRING_MAX_LEN255), Member::new("State", &XML_STRING_MAX_LEN255)],
);
pub static LOAD_BALANCER_STATES: Shape = Shape::list("LoadBalancerStates", &LOAD_BALANCER_STATE);
pub static LOAD_BALANCER_TARGET_GROUP_STATE: Shape = Shape::structure(
    "LoadBalancerTargetGroupState",
    &[Member::new("LoadBalancerTargetGroupARN", &XML_STRING_MAX_LEN511), Member::new("State", &XML_STRING_MAX_LEN255)],
);
pub static LOAD_BALANCER_TARGET_GROUP_STATES: Shape =
    Shape::list("LoadBalancerTargetGroupStates", &LOAD_BALANCER_TARGET_GROUP_STATE);
pub static LOAD_FORECAST: Shape = Shape::structure(
    "LoadForecast",
    &[
        Member::new("MetricSpecification", &PREDICTIVE_SCALING_METRIC_SPECIFICATION),
        Member::new("Timestamps", &PREDICTIVE_SCALING_FORECAST_TIMESTAMPS),
        Member::new("Values", &PREDICTIVE_SCALING_FORECAST_VALUES),
    ],
);
pub static LOAD_FORECASTS: Shape = Shape::list("LoadForecasts", &LOAD_FORECAST);
pub static MAX_GROUP_PREPARED_CAPACITY: Shape = Shape::new("MaxGroupPreparedCapacity", Kind::Integer).min(-1.0);
pub static MAX_INSTANCE_LIFETIME: Shape = Shape::new("MaxInstanceLifetime", Kind::Integer).min(0.0).max(31536000.0);
pub static MAX_RECORDS: Shape = Shape::new("MaxRecords", Kind::Integer).min(1.0).max(100.0);
pub static METRIC: Shape = Shape::structure(
    "Metric",
    &[
        Member::new("Dimensions", &METRIC_DIMENSIONS),
        Member::new("MetricName", &STRING).required(),
        Member::new("Namespace", &STRING).required(),
    ],
);
pub static METRIC_COLLECTION_TYPE: Shape =
    Shape::structure("MetricCollectionType", &[Member::new("Metric", &XML_STRING_MAX_LEN255)]);
pub static METRIC_COLLECTION_TYPES: Shape = Shape::list("MetricCollectionTypes", &METRIC_COLLECTION_TYPE);
pub static METRIC_DATA_QUERIES: Shape = Shape::list("MetricDataQueries", &METRIC_DATA_QUERY);
pub static METRIC_DATA_QUERY: Shape = Shape::structure(
    "MetricDataQuery",
    &[
        Member::new("Expression", &XML_STRING_MAX_LEN1023),
        Member::new("Id", &XML_STRING_MAX_LEN255).required(),
        Member::new("Label", &XML_STRING_METRIC_LABEL),
        Member::new("MetricStat", &METRIC_STAT),
        Member::new("ReturnData", &BOOLEAN),
    ],
);
pub static METRIC_DIMENSION: Shape = Shape::structure(
    "MetricDimension",
    &[Member::new("Name", &STRING).required(), Member::new("Value", &STRING).required()],
);
pub static METRIC_DIMENSIONS: Shape = Shape::list("MetricDimensions", &METRIC_DIMENSION);
pub static METRIC_GRANULARITY_IN_SECONDS: Shape = Shape::new("MetricGranularityInSeconds", Kind::Integer).min(1.0);
pub static METRIC_GRANULARITY_TYPE: Shape =
    Shape::structure("MetricGranularityType", &[Member::new("Granularity", &XML_STRING_MAX_LEN255)]);
pub static METRIC_GRANULARITY_TYPES: Shape = Shape::list("MetricGranularityTypes", &METRIC_GRANULARITY_TYPE);
pub static METRIC_STAT: Shape = Shape::structure(
    "MetricStat",
    &[
        Member::new("Metric", &METRIC).required(),
        Member::new("Stat", &XML_STRING_METRIC_STAT).required(),
        Member::new("Unit", &STRING),
    ],
);
pub static METRIC_STATISTIC: Shape = Shape::new("MetricStatistic", Kind::String).values(types::MetricStatistic::NAMES);
pub static METRIC_TYPE: Shape = Shape::new("MetricType", Kind::String).values(types::MetricType::NAMES);
pub static METRICS: Shape = Shape::list("Metrics", &XML_STRING_MAX_LEN255);
pub static MIXED_INSTANCES_POLICY: Shape = Shape::structure(
    "MixedInstancesPolicy",
    &[Member::new("InstancesDistribution", &INSTANCES_DISTRIBUTION), Member::new("LaunchTemplate", &LAUNCH_TEMPLATE)],
);
pub static NON_ZERO_INT_PERCENT: Shape = Shape::new("NonZeroIntPercent", Kind::Integer).min(1.0).max(100.0);
pub static NOTIFICATION_CONFIGURATION: Shape = Shape::structure(
    "NotificationConfiguration",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("NotificationType", &XML_STRING_MAX_LEN255),
        Member::new("TopicARN", &XML_STRING_MAX_LEN255),
    ],
);
pub static NOTIFICATION_CONFIGURATIONS: Shape = Shape::list("NotificationConfigurations", &NOTIFICATION_CONFIGURATION);
static NOTIFICATION_TARGET_RESOURCE_NAME_PATTERN: Pattern =
    Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static NOTIFICATION_TARGET_RESOURCE_NAME: Shape = Shape::new("NotificationTargetResourceName", Kind::String)
    .max(255.0)
    .pattern(&NOTIFICATION_TARGET_RESOURCE_NAME_PATTERN);
pub static ON_DEMAND_BASE_CAPACITY: Shape = Shape::new("OnDemandBaseCapacity", Kind::Integer).min(0.0).max(1000000.0);
pub static ON_DEMAND_PERCENTAGE_ABOVE_BASE_CAPACITY: Shape =
    Shape::new("OnDemandPercentageAboveBaseCapacity", Kind::Integer).min(0.0).max(100.0);
pub static OVERRIDES: Shape = Shape::list("Overrides", &LAUNCH_TEMPLATE_OVERRIDES);
pub static POLICIES_TYPE: Shape = Shape::structure(
    "PoliciesType",
    &[Member::new("NextToken", &XML_STRING), Member::new("ScalingPolicies", &SCALING_POLICIES)],
);
pub static POLICY_ARN_TYPE: Shape =
    Shape::structure("PolicyARNType", &[Member::new("Alarms", &ALARMS), Member::new("PolicyARN", &RESOURCE_NAME)]);
pub static POLICY_NAMES: Shape = Shape::list("PolicyNames", &RESOURCE_NAME);
pub static POLICY_TYPES: Shape = Shape::list("PolicyTypes", &XML_STRING_MAX_LEN64);
pub static PREDEFINED_LOAD_METRIC_TYPE: Shape =
    Shape::new("PredefinedLoadMetricType", Kind::String).values(types::PredefinedLoadMetricType::NAMES);
pub static PREDEFINED_METRIC_PAIR_TYPE: Shape =
    Shape::new("PredefinedMetricPairType", Kind::String).values(types::PredefinedMetricPairType::NAMES);
pub static PREDEFINED_METRIC_SPECIFICATION: Shape = Shape::structure(
    "PredefinedMetricSpecification",
    &[
        Member::new("PredefinedMetricType", &METRIC_TYPE).required(),
        Member::new("ResourceLabel", &XML_STRING_MAX_LEN1023),
    ],
);
pub static PREDEFINED_SCALING_METRIC_TYPE: Shape =
    Shape::new("PredefinedScalingMetricType", Kind::String).values(types::PredefinedScalingMetricType::NAMES);
pub static PREDICTIVE_SCALING_CONFIGURATION: Shape = Shape::structure(
    "PredictiveScalingConfiguration",
    &[
        Member::new("MaxCapacityBreachBehavior", &PREDICTIVE_SCALING_MAX_CAPACITY_BREACH_BEHAVIOR),
        Member::new("MaxCapacityBuffer", &PREDICTIVE_SCALING_MAX_CAPACITY_BUFFER),
        Member::new("MetricSpecifications", &PREDICTIVE_SCALING_METRIC_SPECIFICATIONS).required(),
        Member::new("Mode", &PREDICTIVE_SCALING_MODE),
        Member::new("SchedulingBufferTime", &PREDICTIVE_SCALING_SCHEDULING_BUFFER_TIME),
    ],
);
pub static PREDICTIVE_SCALING_CUSTOMIZED_CAPACITY_METRIC: Shape = Shape::structure(
    "PredictiveScalingCustomizedCapacityMetric",
    &[Member::new("MetricDataQueries", &METRIC_DATA_QUERIES).required()],
);
pub static PREDICTIVE_SCALING_CUSTOMIZED_LOAD_METRIC: Shape = Shape::structure(
    "PredictiveScalingCustomizedLoadMetric",
    &[Member::new("MetricDataQueries", &METRIC_DATA_QUERIES).required()],
);
pub static PREDICTIVE_SCALING_CUSTOMIZED_SCALING_METRIC: Shape = Shape::structure(
    "PredictiveScalingCustomizedScalingMetric",
    &[Member::new("MetricDataQueries", &METRIC_DATA_QUERIES).required()],
);
pub static PREDICTIVE_SCALING_FORECAST_TIMESTAMPS: Shape =
    Shape::list("PredictiveScalingForecastTimestamps", &TIMESTAMP);
pub static PREDICTIVE_SCALING_FORECAST_VALUES: Shape = Shape::list("PredictiveScalingForecastValues", &DOUBLE);
pub static PREDICTIVE_SCALING_MAX_CAPACITY_BREACH_BEHAVIOR: Shape =
    Shape::new("PredictiveScalingMaxCapacityBreachBehavior", Kind::String)
        .values(types::PredictiveScalingMaxCapacityBreachBehavior::NAMES);
pub static PREDICTIVE_SCALING_MAX_CAPACITY_BUFFER: Shape =
    Shape::new("PredictiveScalingMaxCapacityBuffer", Kind::Integer).min(0.0).max(100.0);
pub static PREDICTIVE_SCALING_METRIC_SPECIFICATION: Shape = Shape::structure(
    "PredictiveScalingMetricSpecification",
    &[
        Member::new("CustomizedCapacityMetricSpecification", &PREDICTIVE_SCALING_CUSTOMIZED_CAPACITY_METRIC),
        Member::new("CustomizedLoadMetricSpecification", &PREDICTIVE_SCALING_CUSTOMIZED_LOAD_METRIC),
        Member::new("CustomizedScalingMetricSpecification", &PREDICTIVE_SCALING_CUSTOMIZED_SCALING_METRIC),
        Member::new("PredefinedLoadMetricSpecification", &PREDICTIVE_SCALING_PREDEFINED_LOAD_METRIC),
        Member::new("PredefinedMetricPairSpecification", &PREDICTIVE_SCALING_PREDEFINED_METRIC_PAIR),
        Member::new("PredefinedScalingMetricSpecification", &PREDICTIVE_SCALING_PREDEFINED_SCALING_METRIC),
        Member::new("TargetValue", &DOUBLE).required(),
    ],
);
pub static PREDICTIVE_SCALING_METRIC_SPECIFICATIONS: Shape =
    Shape::list("PredictiveScalingMetricSpecifications", &PREDICTIVE_SCALING_METRIC_SPECIFICATION);
pub static PREDICTIVE_SCALING_MODE: Shape =
    Shape::new("PredictiveScalingMode", Kind::String).values(types::PredictiveScalingMode::NAMES);
pub static PREDICTIVE_SCALING_PREDEFINED_LOAD_METRIC: Shape = Shape::structure(
    "PredictiveScalingPredefinedLoadMetric",
    &[
        Member::new("PredefinedMetricType", &PREDEFINED_LOAD_METRIC_TYPE).required(),
        Member::new("ResourceLabel", &XML_STRING_MAX_LEN1023),
    ],
);
pub static PREDICTIVE_SCALING_PREDEFINED_METRIC_PAIR: Shape = Shape::structure(
    "PredictiveScalingPredefinedMetricPair",
    &[
        Member::new("PredefinedMetricType", &PREDEFINED_METRIC_PAIR_TYPE).required(),
        Member::new("ResourceLabel", &XML_STRING_MAX_LEN1023),
    ],
);
pub static PREDICTIVE_SCALING_PREDEFINED_SCALING_METRIC: Shape = Shape::structure(
    "PredictiveScalingPredefinedScalingMetric",
    &[
        Member::new("PredefinedMetricType", &PREDEFINED_SCALING_METRIC_TYPE).required(),
        Member::new("ResourceLabel", &XML_STRING_MAX_LEN1023),
    ],
);
pub static PREDICTIVE_SCALING_SCHEDULING_BUFFER_TIME: Shape =
    Shape::new("PredictiveScalingSchedulingBufferTime", Kind::Integer).min(0.0).max(3600.0);
pub static PROCESS_NAMES: Shape = Shape::list("ProcessNames", &XML_STRING_MAX_LEN255);
pub static PROCESS_TYPE: Shape = Shape::structure("ProcessType", &[Member::new("ProcessName", &XML_STRING_MAX_LEN255)]);
pub static PROCESSES: Shape = Shape::list("Processes", &PROCESS_TYPE);
pub static PROCESSES_TYPE: Shape = Shape::structure("ProcessesType", &[Member::new("Processes", &PROCESSES)]);
pub static PUT_LIFECYCLE_HOOK_ANSWER: Shape = Shape::structure("PutLifecycleHookAnswer", &[]);
pub static PUT_LIFECYCLE_HOOK_TYPE: Shape = Shape::structure(
    "PutLifecycleHookType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("DefaultResult", &STRING),
        Member::new("HeartbeatTimeout", &HEARTBEAT_TIMEOUT),
        Member::new("LifecycleHookName", &ASCII_STRING_MAX_LEN255).required(),
        Member::new("LifecycleTransition", &STRING),
        Member::new("NotificationMetadata", &ANY_PRINTABLE_ASCII_STRING_MAX_LEN4000),
        Member::new("NotificationTargetARN", &NOTIFICATION_TARGET_RESOURCE_NAME),
        Member::new("RoleARN", &XML_STRING_MAX_LEN255),
    ],
);
pub static PUT_NOTIFICATION_CONFIGURATION_TYPE: Shape = Shape::structure(
    "PutNotificationConfigurationType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("NotificationTypes", &AUTO_SCALING_NOTIFICATION_TYPES).required(),
        Member::new("TopicARN", &XML_STRING_MAX_LEN255).required(),
    ],
);
pub static PUT_SCALING_POLICY_TYPE: Shape = Shape::structure(
    "PutScalingPolicyType",
    &[
        Member::new("AdjustmentType", &XML_STRING_MAX_LEN255),
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("Cooldown", &COOLDOWN),
        Member::new("Enabled", &BOOLEAN),
        Member::new("EstimatedInstanceWarmup", &ESTIMATED_INSTANCE_WARMUP),
        Member::new("MetricAggregationType", &XML_STRING_MAX_LEN32),
        Member::new("MinAdjustmentMagnitude", &INTEGER),
        Member::refused("MinAdjustmentStep", "AWS replaced it by MinAdjustmentMagnitude"),
        Member::new("PolicyName", &XML_STRING_MAX_LEN255).required(),
        Member::new("PolicyType", &XML_STRING_MAX_LEN64),
        Member::new("PredictiveScalingConfiguration", &PREDICTIVE_SCALING_CONFIGURATION),
        Member::new("ScalingAdjustment", &INTEGER),
        Member::new("StepAdjustments", &STEP_ADJUSTMENTS),
        Member::new("TargetTrackingConfiguration", &TARGET_TRACKING_CONFIGURATION),
    ],
);
pub static PUT_SCHEDULED_UPDATE_GROUP_ACTION_TYPE: Shape = Shape::structure(
    "PutScheduledUpdateGroupActionType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("DesiredCapacity", &AUTO_SCALING_GROUP_DESIRED_CAPACITY),
        Member::new("EndTime", &TIMESTAMP),
        Member::new("MaxSize", &AUTO_SCALING_GROUP_MAX_SIZE),
        Member::new("MinSize", &AUTO_SCALING_GROUP_MIN_SIZE),
        Member::new("Recurrence", &XML_STRING_MAX_LEN255),
        Member::new("ScheduledActionName", &XML_STRING_MAX_LEN255).required(),
        Member::new("StartTime", &TIMESTAMP),
        Member::new("Time", &TIMESTAMP),
        Member::new("TimeZone", &XML_STRING_MAX_LEN255),
    ],
);
pub static PUT_WARM_POOL_ANSWER: Shape = Shape::structure("PutWarmPoolAnswer", &[]);
pub static PUT_WARM_POOL_TYPE: Shape = Shape::structure(
    "PutWarmPoolType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("InstanceReusePolicy", &INSTANCE_REUSE_POLICY),
        Member::new("MaxGroupPreparedCapacity", &MAX_GROUP_PREPARED_CAPACITY),
        Member::new("MinSize", &WARM_POOL_MIN_SIZE),
        Member::new("PoolState", &WARM_POOL_STATE),
    ],
);
pub static RECORD_LIFECYCLE_ACTION_HEARTBEAT_ANSWER: Shape =
    Shape::structure("RecordLifecycleActionHeartbeatAnswer", &[]);
pub static RECORD_LIFECYCLE_ACTION_HEARTBEAT_TYPE: Shape = Shape::structure(
    "RecordLifecycleActionHeartbeatType",
    &[
        Member::new("AutoScalingGroupName", &RESOURCE_NAME).required(),
        Member::new("InstanceId", &XML_STRING_MAX_LEN19),
        Member::new("LifecycleActionToken", &LIFECYCLE_ACTION_TOKEN),
        Member::new("LifecycleHookName", &ASCII_STRING_MAX_LEN255).required(),
    ],
);
pub static REFRESH_INSTANCE_WARMUP: Shape = Shape::new("RefreshInstanceWarmup", Kind::Integer).min(0.0);
pub static REFRESH_PREFERENCES: Shape = Shape::structure(
    "RefreshPreferences",
    &[
        Member::new("AlarmSpecification", &ALARM_SPECIFICATION),
        Member::new("AutoRollback", &BOOLEAN),
        Member::new("BakeTime", &BAKE_TIME),
        Member::new("CheckpointDelay", &CHECKPOINT_DELAY),
        Member::new("CheckpointPercentages", &CHECKPOINT_PERCENTAGES),
        Member::new("InstanceWarmup", &REFRESH_INSTANCE_WARMUP),
        Member::new("MaxHealthyPercentage", &INT_PERCENT100_TO200),
        Member::new("MinHealthyPercentage", &INT_PERCENT),
        Member::new("ScaleInProtectedInstances", &SCALE_IN_PROTECTED_INSTANCES),
        Member::new("SkipMatching", &BOOLEAN),
        Member::new("StandbyInstances", &STANDBY_INSTANCES),
    ],
);
pub static REFRESH_STRATEGY: Shape = Shape::new("RefreshStrategy", Kind::String).values(types::RefreshStrategy::NAMES);
static RESOURCE_NAME_PATTERN: Pattern = Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static RESOURCE_NAME: Shape =
    Shape::new("ResourceName", Kind::String).min(1.0).max(1600.0).pattern(&RESOURCE_NAME_PATTERN);
pub static RETENTION_ACTION: Shape = Shape::new("RetentionAction", Kind::String).values(types::RetentionAction::NAMES);
pub static RETENTION_TRIGGERS: Shape =
    Shape::structure("RetentionTriggers", &[Member::new("TerminateHookAbandon", &RETENTION_ACTION)]);
pub static ROLLBACK_DETAILS: Shape = Shape::structure(
    "RollbackDetails",
    &[
        Member::new("InstancesToUpdateOnRollback", &INTEGER),
        Member::new("PercentageCompleteOnRollback", &INT_PERCENT),
        Member::new("ProgressDetailsOnRollback", &INSTANCE_REFRESH_PROGRESS_DETAILS),
        Member::new("RollbackReason", &XML_STRING_MAX_LEN1023),
        Member::new("RollbackStartTime", &TIMESTAMP),
    ],
);
pub static ROLLBACK_INSTANCE_REFRESH_ANSWER: Shape =
    Shape::structure("RollbackInstanceRefreshAnswer", &[Member::new("InstanceRefreshId", &XML_STRING_MAX_LEN255)]);
pub static ROLLBACK_INSTANCE_REFRESH_TYPE: Shape = Shape::structure(
    "RollbackInstanceRefreshType",
    &[Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required()],
);
pub static SCALE_IN_PROTECTED_INSTANCES: Shape =
    Shape::new("ScaleInProtectedInstances", Kind::String).values(types::ScaleInProtectedInstances::NAMES);
pub static SCALING_ACTIVITY_STATUS_CODE: Shape =
    Shape::new("ScalingActivityStatusCode", Kind::String).values(types::ScalingActivityStatusCode::NAMES);
pub static SCALING_POLICIES: Shape = Shape::list("ScalingPolicies", &SCALING_POLICY);
pub static SCALING_POLICY: Shape = Shape::structure(
    "ScalingPolicy",
    &[
        Member::new("AdjustmentType", &XML_STRING_MAX_LEN255),
        Member::new("Alarms", &ALARMS),
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("Cooldown", &COOLDOWN),
        Member::new("Enabled", &BOOLEAN),
        Member::new("EstimatedInstanceWarmup", &ESTIMATED_INSTANCE_WARMUP),
        Member::new("MetricAggregationType", &XML_STRING_MAX_LEN32),
        Member::new("MinAdjustmentMagnitude", &INTEGER),
        Member::new("PolicyARN", &RESOURCE_NAME),
        Member::new("PolicyName", &XML_STRING_MAX_LEN255),
        Member::new("PolicyType", &XML_STRING_MAX_LEN64),
        Member::new("PredictiveScalingConfiguration", &PREDICTIVE_SCALING_CONFIGURATION),
        Member::new("ScalingAdjustment", &INTEGER),
        Member::new("StepAdjustments", &STEP_ADJUSTMENTS),
        Member::new("TargetTrackingConfiguration", &TARGET_TRACKING_CONFIGURATION),
    ],
);
pub static SCALING_PROCESS_QUERY: Shape = Shape::structure(
    "ScalingProcessQuery",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("ScalingProcesses", &PROCESS_NAMES),
    ],
);
pub static SCHEDULED_ACTION_NAMES: Shape = Shape::list("ScheduledActionNames", &XML_STRING_MAX_LEN255);
pub static SCHEDULED_ACTIONS_TYPE: Shape = Shape::structure(
    "ScheduledActionsType",
    &[
        Member::new("NextToken", &XML_STRING),
        Member::new("ScheduledUpdateGroupActions", &SCHEDULED_UPDATE_GROUP_ACTIONS),
    ],
);
pub static SCHEDULED_UPDATE_GROUP_ACTION: Shape = Shape::structure(
    "ScheduledUpdateGroupAction",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("DesiredCapacity", &AUTO_SCALING_GROUP_DESIRED_CAPACITY),
        Member::new("EndTime", &TIMESTAMP),
        Member::new("MaxSize", &AUTO_SCALING_GROUP_MAX_SIZE),
        Member::new("MinSize", &AUTO_SCALING_GROUP_MIN_SIZE),
        Member::new("Recurrence", &XML_STRING_MAX_LEN255),
        Member::new("ScheduledActionARN", &RESOURCE_NAME),
        Member::new("ScheduledActionName", &XML_STRING_MAX_LEN255),
        Member::new("StartTime", &TIMESTAMP),
        Member::new("Time", &TIMESTAMP),
        Member::new("TimeZone", &XML_STRING_MAX_LEN255),
    ],
);
pub static SCHEDULED_UPDATE_GROUP_ACTION_REQUEST: Shape = Shape::structure(
    "ScheduledUpdateGroupActionRequest",
    &[
        Member::new("DesiredCapacity", &AUTO_SCALING_GROUP_DESIRED_CAPACITY),
        Member::new("EndTime", &TIMESTAMP),
        Member::new("MaxSize", &AUTO_SCALING_GROUP_MAX_SIZE),
        Member::new("MinSize", &AUTO_SCALING_GROUP_MIN_SIZE),
        Member::new("Recurrence", &XML_STRING_MAX_LEN255),
        Member::new("ScheduledActionName", &XML_STRING_MAX_LEN255).required(),
        Member::new("StartTime", &TIMESTAMP),
        Member::new("TimeZone", &XML_STRING_MAX_LEN255),
    ],
);
pub static SCHEDULED_UPDATE_GROUP_ACTION_REQUESTS: Shape =
    Shape::list("ScheduledUpdateGroupActionRequests", &SCHEDULED_UPDATE_GROUP_ACTION_REQUEST);
pub static SCHEDULED_UPDATE_GROUP_ACTIONS: Shape =
    Shape::list("ScheduledUpdateGroupActions", &SCHEDULED_UPDATE_GROUP_ACTION);
pub static SECURITY_GROUPS: Shape = Shape::list("SecurityGroups", &XML_STRING);
pub static SET_DESIRED_CAPACITY_TYPE: Shape = Shape::structure(
    "SetDesiredCapacityType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("DesiredCapacity", &AUTO_SCALING_GROUP_DESIRED_CAPACITY).required(),
        Member::new("HonorCooldown", &BOOLEAN),
    ],
);
pub static SET_INSTANCE_HEALTH_QUERY: Shape = Shape::structure(
    "SetInstanceHealthQuery",
    &[
        Member::new("HealthStatus", &XML_STRING_MAX_LEN32).required(),
        Member::new("InstanceId", &XML_STRING_MAX_LEN19).required(),
        Member::new("ShouldRespectGracePeriod", &BOOLEAN),
    ],
);
pub static SET_INSTANCE_PROTECTION_ANSWER: Shape = Shape::structure("SetInstanceProtectionAnswer", &[]);
pub static SET_INSTANCE_PROTECTION_QUERY: Shape = Shape::structure(
    "SetInstanceProtectionQuery",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("InstanceIds", &INSTANCE_IDS).required(),
        Member::new("ProtectedFromScaleIn", &BOOLEAN).required(),
    ],
);
pub static STANDBY_INSTANCES: Shape =
    Shape::new("StandbyInstances", Kind::String).values(types::StandbyInstances::NAMES);
pub static START_INSTANCE_REFRESH_ANSWER: Shape =
    Shape::structure("StartInstanceRefreshAnswer", &[Member::new("InstanceRefreshId", &XML_STRING_MAX_LEN255)]);
pub static START_INSTANCE_REFRESH_TYPE: Shape = Shape::structure(
    "StartInstanceRefreshType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("DesiredConfiguration", &DESIRED_CONFIGURATION),
        Member::new("Preferences", &REFRESH_PREFERENCES),
        Member::new("Strategy", &REFRESH_STRATEGY),
    ],
);
pub static STEP_ADJUSTMENT: Shape = Shape::structure(
    "StepAdjustment",
    &[
        Member::new("MetricIntervalLowerBound", &DOUBLE),
        Member::new("MetricIntervalUpperBound", &DOUBLE),
        Member::new("ScalingAdjustment", &INTEGER).required(),
    ],
);
pub static STEP_ADJUSTMENTS: Shape = Shape::list("StepAdjustments", &STEP_ADJUSTMENT);
pub static SUSPENDED_PROCESS: Shape = Shape::structure(
    "SuspendedProcess",
    &[Member::new("ProcessName", &XML_STRING_MAX_LEN255), Member::new("SuspensionReason", &XML_STRING_MAX_LEN255)],
);
pub static SUSPENDED_PROCESSES: Shape = Shape::list("SuspendedProcesses", &SUSPENDED_PROCESS);
pub static TAG: Shape = Shape::structure(
    "Tag",
    &[
        Member::new("Key", &TAG_KEY).required(),
        Member::new("PropagateAtLaunch", &BOOLEAN),
        Member::new("ResourceId", &XML_STRING),
        Member::new("ResourceType", &XML_STRING),
        Member::new("Value", &TAG_VALUE),
    ],
);
pub static TAG_DESCRIPTION: Shape = Shape::structure(
    "TagDescription",
    &[
        Member::new("Key", &TAG_KEY),
        Member::new("PropagateAtLaunch", &BOOLEAN),
        Member::new("ResourceId", &XML_STRING),
        Member::new("ResourceType", &XML_STRING),
        Member::new("Value", &TAG_VALUE),
    ],
);
pub static TAG_DESCRIPTION_LIST: Shape = Shape::list("TagDescriptionList", &TAG_DESCRIPTION);
static TAG_KEY_PATTERN: Pattern = Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static TAG_KEY: Shape = Shape::new("TagKey", Kind::String).min(1.0).max(128.0).pattern(&TAG_KEY_PATTERN);
static TAG_VALUE_PATTERN: Pattern = Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static TAG_VALUE: Shape = Shape::new("TagValue", Kind::String).max(256.0).pattern(&TAG_VALUE_PATTERN);
pub static TAGS: Shape = Shape::list("Tags", &TAG);
pub static TAGS_TYPE: Shape =
    Shape::structure("TagsType", &[Member::new("NextToken", &XML_STRING), Member::new("Tags", &TAG_DESCRIPTION_LIST)]);
pub static TARGET_GROUP_AR_NS: Shape = Shape::list("TargetGroupARNs", &XML_STRING_MAX_LEN511);
pub static TARGET_TRACKING_CONFIGURATION: Shape = Shape::structure(
    "TargetTrackingConfiguration",
    &[
        Member::new("CustomizedMetricSpecification", &CUSTOMIZED_METRIC_SPECIFICATION),
        Member::new("DisableScaleIn", &BOOLEAN),
        Member::new("PredefinedMetricSpecification", &PREDEFINED_METRIC_SPECIFICATION),
        Member::new("TargetValue", &DOUBLE).required(),
    ],
);
pub static TARGET_TRACKING_METRIC_DATA_QUERIES: Shape =
    Shape::list("TargetTrackingMetricDataQueries", &TARGET_TRACKING_METRIC_DATA_QUERY);
pub static TARGET_TRACKING_METRIC_DATA_QUERY: Shape = Shape::structure(
    "TargetTrackingMetricDataQuery",
    &[
        Member::new("Expression", &XML_STRING_MAX_LEN2047),
        Member::new("Id", &XML_STRING_MAX_LEN64).required(),
        Member::new("Label", &XML_STRING_METRIC_LABEL),
        Member::new("MetricStat", &TARGET_TRACKING_METRIC_STAT),
        Member::new("Period", &METRIC_GRANULARITY_IN_SECONDS),
        Member::new("ReturnData", &BOOLEAN),
    ],
);
pub static TARGET_TRACKING_METRIC_STAT: Shape = Shape::structure(
    "TargetTrackingMetricStat",
    &[
        Member::new("Metric", &METRIC).required(),
        Member::new("Period", &METRIC_GRANULARITY_IN_SECONDS),
        Member::new("Stat", &XML_STRING_METRIC_STAT).required(),
        Member::new("Unit", &STRING),
    ],
);
pub static TERMINATE_INSTANCE_IN_AUTO_SCALING_GROUP_TYPE: Shape = Shape::structure(
    "TerminateInstanceInAutoScalingGroupType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255),
        Member::new("InstanceId", &XML_STRING_MAX_LEN19),
        Member::new("InstanceIds", &TERMINATION_INSTANCE_IDS),
        Member::new("ShouldDecrementDesiredCapacity", &BOOLEAN).required(),
    ],
);
pub static TERMINATION_INSTANCE_IDS: Shape =
    Shape::list("TerminationInstanceIds", &XML_STRING_MAX_LEN19).min(1.0).max(100.0);
pub static TERMINATION_POLICIES: Shape = Shape::list("TerminationPolicies", &XML_STRING_MAX_LEN1600);
pub static TRAFFIC_SOURCE_IDENTIFIER: Shape = Shape::structure(
    "TrafficSourceIdentifier",
    &[Member::new("Identifier", &XML_STRING_MAX_LEN511).required(), Member::new("Type", &XML_STRING_MAX_LEN511)],
);
pub static TRAFFIC_SOURCE_STATE: Shape = Shape::structure(
    "TrafficSourceState",
    &[
        Member::new("Identifier", &XML_STRING_MAX_LEN511),
        Member::new("State", &XML_STRING_MAX_LEN255),
        Member::new("TrafficSource", &XML_STRING_MAX_LEN511),
        Member::new("Type", &XML_STRING_MAX_LEN511),
    ],
);
pub static TRAFFIC_SOURCE_STATES: Shape = Shape::list("TrafficSourceStates", &TRAFFIC_SOURCE_STATE);
pub static TRAFFIC_SOURCES: Shape = Shape::list("TrafficSources", &TRAFFIC_SOURCE_IDENTIFIER);
pub static UPDATE_AUTO_SCALING_GROUP_TYPE: Shape = Shape::structure(
    "UpdateAutoScalingGroupType",
    &[
        Member::new("AutoScalingGroupName", &XML_STRING_MAX_LEN255).required(),
        Member::new("AvailabilityZoneDistribution", &AVAILABILITY_ZONE_DISTRIBUTION),
        Member::new("AvailabilityZoneIds", &AVAILABILITY_ZONE_IDS),
        Member::new("AvailabilityZoneImpairmentPolicy", &AVAILABILITY_ZONE_IMPAIRMENT_POLICY),
        Member::new("AvailabilityZones", &AVAILABILITY_ZONES),
        Member::new("CapacityRebalance", &BOOLEAN),
        Member::refused("CapacityReservationSpecification", "capacity reservations are not part of Goru"),
        Member::new("Context", &STRING),
        Member::new("DefaultCooldown", &COOLDOWN),
        Member::new("DefaultInstanceWarmup", &DEFAULT_INSTANCE_WARMUP),
        Member::new("DeletionProtection", &DELETION_PROTECTION),
        Member::new("DesiredCapacity", &AUTO_SCALING_GROUP_DESIRED_CAPACITY),
        Member::new("DesiredCapacityType", &XML_STRING_MAX_LEN255),
        Member::new("HealthCheckGracePeriod", &HEALTH_CHECK_GRACE_PERIOD),
        Member::new("HealthCheckType", &XML_STRING_MAX_LEN32),
        Member::new("InstanceLifecyclePolicy", &INSTANCE_LIFECYCLE_POLICY),
        Member::new("InstanceMaintenancePolicy", &INSTANCE_MAINTENANCE_POLICY),
        Member::new("LaunchConfigurationName", &XML_STRING_MAX_LEN255),
        Member::new("LaunchTemplate", &LAUNCH_TEMPLATE_SPECIFICATION),
        Member::new("MaxInstanceLifetime", &MAX_INSTANCE_LIFETIME),
        Member::new("MaxSize", &AUTO_SCALING_GROUP_MAX_SIZE),
        Member::new("MinSize", &AUTO_SCALING_GROUP_MIN_SIZE),
        Member::new("MixedInstancesPolicy", &MIXED_INSTANCES_POLICY),
        Member::new("NewInstancesProtectedFromScaleIn", &BOOLEAN),
        Member::refused("PlacementGroup", "placement groups are not part of Goru"),
        Member::new("ServiceLinkedRoleARN", &RESOURCE_NAME),
        Member::refused("SkipZonalShiftValidation", "zonal shift comes with a later release"),
        Member::new("TerminationPolicies", &TERMINATION_POLICIES),
        Member::new("VPCZoneIdentifier", &XML_STRING_MAX_LEN5000),
    ],
);
pub static VALUES: Shape = Shape::list("Values", &XML_STRING);
pub static WARM_POOL_CONFIGURATION: Shape = Shape::structure(
    "WarmPoolConfiguration",
    &[
        Member::new("InstanceReusePolicy", &INSTANCE_REUSE_POLICY),
        Member::new("MaxGroupPreparedCapacity", &MAX_GROUP_PREPARED_CAPACITY),
        Member::new("MinSize", &WARM_POOL_MIN_SIZE),
        Member::new("PoolState", &WARM_POOL_STATE),
        Member::new("Status", &WARM_POOL_STATUS),
    ],
);
pub static WARM_POOL_MIN_SIZE: Shape = Shape::new("WarmPoolMinSize", Kind::Integer).min(0.0);
pub static WARM_POOL_STATE: Shape = Shape::new("WarmPoolState", Kind::String).values(types::WarmPoolState::NAMES);
pub static WARM_POOL_STATUS: Shape = Shape::new("WarmPoolStatus", Kind::String).values(types::WarmPoolStatus::NAMES);
static XML_STRING_PATTERN: Pattern = Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING: Shape = Shape::new("XmlString", Kind::String).pattern(&XML_STRING_PATTERN);
static XML_STRING_MAX_LEN1023_PATTERN: Pattern =
    Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_MAX_LEN1023: Shape =
    Shape::new("XmlStringMaxLen1023", Kind::String).min(1.0).max(1023.0).pattern(&XML_STRING_MAX_LEN1023_PATTERN);
static XML_STRING_MAX_LEN1600_PATTERN: Pattern =
    Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_MAX_LEN1600: Shape =
    Shape::new("XmlStringMaxLen1600", Kind::String).min(1.0).max(1600.0).pattern(&XML_STRING_MAX_LEN1600_PATTERN);
static XML_STRING_MAX_LEN19_PATTERN: Pattern = Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_MAX_LEN19: Shape =
    Shape::new("XmlStringMaxLen19", Kind::String).min(1.0).max(19.0).pattern(&XML_STRING_MAX_LEN19_PATTERN);
static XML_STRING_MAX_LEN2047_PATTERN: Pattern =
    Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_MAX_LEN2047: Shape =
    Shape::new("XmlStringMaxLen2047", Kind::String).min(1.0).max(2047.0).pattern(&XML_STRING_MAX_LEN2047_PATTERN);
static XML_STRING_MAX_LEN255_PATTERN: Pattern =
    Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_MAX_LEN255: Shape =
    Shape::new("XmlStringMaxLen255", Kind::String).min(1.0).max(255.0).pattern(&XML_STRING_MAX_LEN255_PATTERN);
static XML_STRING_MAX_LEN32_PATTERN: Pattern = Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_MAX_LEN32: Shape =
    Shape::new("XmlStringMaxLen32", Kind::String).min(1.0).max(32.0).pattern(&XML_STRING_MAX_LEN32_PATTERN);
static XML_STRING_MAX_LEN5000_PATTERN: Pattern =
    Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_MAX_LEN5000: Shape =
    Shape::new("XmlStringMaxLen5000", Kind::String).min(1.0).max(5000.0).pattern(&XML_STRING_MAX_LEN5000_PATTERN);
static XML_STRING_MAX_LEN511_PATTERN: Pattern =
    Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_MAX_LEN511: Shape =
    Shape::new("XmlStringMaxLen511", Kind::String).min(1.0).max(511.0).pattern(&XML_STRING_MAX_LEN511_PATTERN);
static XML_STRING_MAX_LEN64_PATTERN: Pattern = Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_MAX_LEN64: Shape =
    Shape::new("XmlStringMaxLen64", Kind::String).min(1.0).max(64.0).pattern(&XML_STRING_MAX_LEN64_PATTERN);
static XML_STRING_METRIC_LABEL_PATTERN: Pattern =
    Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_METRIC_LABEL: Shape =
    Shape::new("XmlStringMetricLabel", Kind::String).max(2047.0).pattern(&XML_STRING_METRIC_LABEL_PATTERN);
static XML_STRING_METRIC_STAT_PATTERN: Pattern =
    Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_METRIC_STAT: Shape =
    Shape::new("XmlStringMetricStat", Kind::String).min(1.0).max(100.0).pattern(&XML_STRING_METRIC_STAT_PATTERN);
static XML_STRING_USER_DATA_PATTERN: Pattern = Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\x{10000}-\x{10FFFF}\r\n\t]*");
pub static XML_STRING_USER_DATA: Shape =
    Shape::new("XmlStringUserData", Kind::String).max(21847.0).pattern(&XML_STRING_USER_DATA_PATTERN);
