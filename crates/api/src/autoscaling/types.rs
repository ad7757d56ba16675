//! Inputs, outputs and enumerations of Auto Scaling (2011-01-01).
//!
//! Written by `cargo xtask codegen` from `shapes/autoscaling.json` and `shapes/autoscaling.toml`; change those instead.

wire::structure! { ActivitiesType: Default {
    "Activities" activities: Option<Vec<Activity>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { Activity: Default {
    "ActivityId" activity_id: Option<String>,
    "AutoScalingGroupARN" auto_scaling_group_arn: Option<String>,
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "AutoScalingGroupState" auto_scaling_group_state: Option<String>,
    "Cause" cause: Option<String>,
    "Description" description: Option<String>,
    "Details" details: Option<String>,
    "EndTime" end_time: Option<wire::Timestamp>,
    "Progress" progress: Option<i32>,
    "StartTime" start_time: Option<wire::Timestamp>,
    "StatusCode" status_code: Option<ScalingActivityStatusCode>,
    "StatusMessage" status_message: Option<String>,
} }

wire::structure! { ActivityType: Default {
    "Activities" activities: Option<Vec<Activity>>,
    "Activity" activity: Option<Activity>,
} }

wire::structure! { AdjustmentType: Default {
    "AdjustmentType" adjustment_type: Option<String>,
} }

wire::structure! { Alarm: Default {
    "AlarmARN" alarm_arn: Option<String>,
    "AlarmName" alarm_name: Option<String>,
} }

wire::structure! { AlarmSpecification: Default {
    "Alarms" alarms: Option<Vec<String>>,
} }

wire::structure! { AttachInstancesQuery: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "InstanceIds" instance_ids: Vec<String>,
} }

wire::structure! { AttachLoadBalancerTargetGroupsResultType: Default {
} }

wire::structure! { AttachLoadBalancerTargetGroupsType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "TargetGroupARNs" target_group_ar_ns: Vec<String>,
} }

wire::structure! { AttachLoadBalancersResultType: Default {
} }

wire::structure! { AttachLoadBalancersType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "LoadBalancerNames" load_balancer_names: Vec<String>,
} }

wire::structure! { AttachTrafficSourcesResultType: Default {
} }

wire::structure! { AttachTrafficSourcesType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "TrafficSources" traffic_sources: Vec<TrafficSourceIdentifier>,
} }

wire::structure! { AutoScalingGroup: Default {
    "AutoScalingGroupARN" auto_scaling_group_arn: Option<String>,
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "AvailabilityZoneDistribution" availability_zone_distribution: Option<AvailabilityZoneDistribution>,
    "AvailabilityZoneIds" availability_zone_ids: Option<Vec<String>>,
    "AvailabilityZoneImpairmentPolicy" availability_zone_impairment_policy: Option<AvailabilityZoneImpairmentPolicy>,
    "AvailabilityZones" availability_zones: Option<Vec<String>>,
    "CapacityRebalance" capacity_rebalance: Option<bool>,
    "Context" context: Option<String>,
    "CreatedTime" created_time: Option<wire::Timestamp>,
    "DefaultCooldown" default_cooldown: Option<i32>,
    "DefaultInstanceWarmup" default_instance_warmup: Option<i32>,
    "DeletionProtection" deletion_protection: Option<DeletionProtection>,
    "DesiredCapacity" desired_capacity: Option<i32>,
    "EnabledMetrics" enabled_metrics: Option<Vec<EnabledMetric>>,
    "HealthCheckGracePeriod" health_check_grace_period: Option<i32>,
    "HealthCheckType" health_check_type: Option<String>,
    "InstanceLifecyclePolicy" instance_lifecycle_policy: Option<InstanceLifecyclePolicy>,
    "InstanceMaintenancePolicy" instance_maintenance_policy: Option<InstanceMaintenancePolicy>,
    "Instances" instances: Option<Vec<Instance>>,
    "LaunchConfigurationName" launch_configuration_name: Option<String>,
    "LaunchTemplate" launch_template: Option<LaunchTemplateSpecification>,
    "LoadBalancerNames" load_balancer_names: Option<Vec<String>>,
    "MaxInstanceLifetime" max_instance_lifetime: Option<i32>,
    "MaxSize" max_size: Option<i32>,
    "MinSize" min_size: Option<i32>,
    "MixedInstancesPolicy" mixed_instances_policy: Option<MixedInstancesPolicy>,
    "NewInstancesProtectedFromScaleIn" new_instances_protected_from_scale_in: Option<bool>,
    "PredictedCapacity" predicted_capacity: Option<i32>,
    "ServiceLinkedRoleARN" service_linked_role_arn: Option<String>,
    "Status" status: Option<String>,
    "SuspendedProcesses" suspended_processes: Option<Vec<SuspendedProcess>>,
    "Tags" tags: Option<Vec<TagDescription>>,
    "TargetGroupARNs" target_group_ar_ns: Option<Vec<String>>,
    "TerminationPolicies" termination_policies: Option<Vec<String>>,
    "TrafficSources" traffic_sources: Option<Vec<TrafficSourceIdentifier>>,
    "VPCZoneIdentifier" vpc_zone_identifier: Option<String>,
    "WarmPoolConfiguration" warm_pool_configuration: Option<WarmPoolConfiguration>,
    "WarmPoolSize" warm_pool_size: Option<i32>,
} }

wire::structure! { AutoScalingGroupNamesType: Default {
    "AutoScalingGroupNames" auto_scaling_group_names: Option<Vec<String>>,
    "Filters" filters: Option<Vec<Filter>>,
    "IncludeInstances" include_instances: Option<bool>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { AutoScalingGroupsType: Default {
    "AutoScalingGroups" auto_scaling_groups: Option<Vec<AutoScalingGroup>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { AutoScalingInstanceDetails: Default {
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "AvailabilityZone" availability_zone: Option<String>,
    "AvailabilityZoneId" availability_zone_id: Option<String>,
    "HealthStatus" health_status: Option<String>,
    "ImageId" image_id: Option<String>,
    "InstanceId" instance_id: Option<String>,
    "InstanceType" instance_type: Option<String>,
    "LaunchConfigurationName" launch_configuration_name: Option<String>,
    "LaunchTemplate" launch_template: Option<LaunchTemplateSpecification>,
    "LifecycleState" lifecycle_state: Option<String>,
    "ProtectedFromScaleIn" protected_from_scale_in: Option<bool>,
} }

wire::structure! { AutoScalingInstancesType: Default {
    "AutoScalingInstances" auto_scaling_instances: Option<Vec<AutoScalingInstanceDetails>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { AvailabilityZoneDistribution: Default {
    "CapacityDistributionStrategy" capacity_distribution_strategy: Option<CapacityDistributionStrategy>,
} }

wire::structure! { AvailabilityZoneImpairmentPolicy: Default {
    "ImpairedZoneHealthCheckBehavior" impaired_zone_health_check_behavior: Option<ImpairedZoneHealthCheckBehavior>,
    "ZonalShiftEnabled" zonal_shift_enabled: Option<bool>,
} }

wire::structure! { BatchDeleteScheduledActionAnswer: Default {
    "FailedScheduledActions" failed_scheduled_actions: Option<Vec<FailedScheduledUpdateGroupActionRequest>>,
} }

wire::structure! { BatchDeleteScheduledActionType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "ScheduledActionNames" scheduled_action_names: Vec<String>,
} }

wire::structure! { BatchPutScheduledUpdateGroupActionAnswer: Default {
    "FailedScheduledUpdateGroupActions" failed_scheduled_update_group_actions: Option<Vec<FailedScheduledUpdateGroupActionRequest>>,
} }

wire::structure! { BatchPutScheduledUpdateGroupActionType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "ScheduledUpdateGroupActions" scheduled_update_group_actions: Vec<ScheduledUpdateGroupActionRequest>,
} }

wire::structure! { BlockDeviceMapping: Default {
    "DeviceName" device_name: Option<String>,
    "Ebs" ebs: Option<Ebs>,
    "NoDevice" no_device: Option<bool>,
    "VirtualName" virtual_name: Option<String>,
} }

wire::structure! { CancelInstanceRefreshAnswer: Default {
    "InstanceRefreshId" instance_refresh_id: Option<String>,
} }

wire::structure! { CancelInstanceRefreshType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "WaitForTransitioningInstances" wait_for_transitioning_instances: Option<bool>,
} }

wire::enumeration! { CapacityDistributionStrategy {
    BalancedOnly = "balanced-only",
    BalancedBestEffort = "balanced-best-effort",
    ReservationsThenBalanced = "reservations-then-balanced",
} }

wire::structure! { CapacityForecast: Default {
    "Timestamps" timestamps: Option<Vec<wire::Timestamp>>,
    "Values" values: Option<Vec<f64>>,
} }

wire::structure! { CompleteLifecycleActionAnswer: Default {
} }

wire::structure! { CompleteLifecycleActionType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "InstanceId" instance_id: Option<String>,
    "LifecycleActionResult" lifecycle_action_result: String,
    "LifecycleActionToken" lifecycle_action_token: Option<String>,
    "LifecycleHookName" lifecycle_hook_name: String,
} }

wire::structure! { CreateAutoScalingGroupType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "AvailabilityZoneDistribution" availability_zone_distribution: Option<AvailabilityZoneDistribution>,
    "AvailabilityZoneIds" availability_zone_ids: Option<Vec<String>>,
    "AvailabilityZoneImpairmentPolicy" availability_zone_impairment_policy: Option<AvailabilityZoneImpairmentPolicy>,
    "AvailabilityZones" availability_zones: Option<Vec<String>>,
    "CapacityRebalance" capacity_rebalance: Option<bool>,
    "Context" context: Option<String>,
    "DefaultCooldown" default_cooldown: Option<i32>,
    "DefaultInstanceWarmup" default_instance_warmup: Option<i32>,
    "DeletionProtection" deletion_protection: Option<DeletionProtection>,
    "DesiredCapacity" desired_capacity: Option<i32>,
    "DesiredCapacityType" desired_capacity_type: Option<String>,
    "HealthCheckGracePeriod" health_check_grace_period: Option<i32>,
    "HealthCheckType" health_check_type: Option<String>,
    "InstanceId" instance_id: Option<String>,
    "InstanceLifecyclePolicy" instance_lifecycle_policy: Option<InstanceLifecyclePolicy>,
    "InstanceMaintenancePolicy" instance_maintenance_policy: Option<InstanceMaintenancePolicy>,
    "LaunchConfigurationName" launch_configuration_name: Option<String>,
    "LaunchTemplate" launch_template: Option<LaunchTemplateSpecification>,
    "LifecycleHookSpecificationList" lifecycle_hook_specification_list: Option<Vec<LifecycleHookSpecification>>,
    "LoadBalancerNames" load_balancer_names: Option<Vec<String>>,
    "MaxInstanceLifetime" max_instance_lifetime: Option<i32>,
    "MaxSize" max_size: i32,
    "MinSize" min_size: i32,
    "MixedInstancesPolicy" mixed_instances_policy: Option<MixedInstancesPolicy>,
    "NewInstancesProtectedFromScaleIn" new_instances_protected_from_scale_in: Option<bool>,
    "ServiceLinkedRoleARN" service_linked_role_arn: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
    "TargetGroupARNs" target_group_ar_ns: Option<Vec<String>>,
    "TerminationPolicies" termination_policies: Option<Vec<String>>,
    "TrafficSources" traffic_sources: Option<Vec<TrafficSourceIdentifier>>,
    "VPCZoneIdentifier" vpc_zone_identifier: Option<String>,
} }

wire::structure! { CreateLaunchConfigurationType: Default {
    "AssociatePublicIpAddress" associate_public_ip_address: Option<bool>,
    "EbsOptimized" ebs_optimized: Option<bool>,
    "ImageId" image_id: Option<String>,
    "InstanceId" instance_id: Option<String>,
    "InstanceMonitoring" instance_monitoring: Option<InstanceMonitoring>,
    "InstanceType" instance_type: Option<String>,
    "KeyName" key_name: Option<String>,
    "LaunchConfigurationName" launch_configuration_name: String,
    "MetadataOptions" metadata_options: Option<InstanceMetadataOptions>,
    "PlacementTenancy" placement_tenancy: Option<String>,
    "SecurityGroups" security_groups: Option<Vec<String>>,
    "UserData" user_data: Option<String>,
} }

wire::structure! { CreateOrUpdateTagsType: Default {
    "Tags" tags: Vec<Tag>,
} }

wire::structure! { CustomizedMetricSpecification: Default {
    "Dimensions" dimensions: Option<Vec<MetricDimension>>,
    "MetricName" metric_name: Option<String>,
    "Metrics" metrics: Option<Vec<TargetTrackingMetricDataQuery>>,
    "Namespace" namespace: Option<String>,
    "Period" period: Option<i32>,
    "Statistic" statistic: Option<MetricStatistic>,
    "Unit" unit: Option<String>,
} }

wire::structure! { DeleteAutoScalingGroupType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "ForceDelete" force_delete: Option<bool>,
} }

wire::structure! { DeleteLifecycleHookAnswer: Default {
} }

wire::structure! { DeleteLifecycleHookType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "LifecycleHookName" lifecycle_hook_name: String,
} }

wire::structure! { DeleteNotificationConfigurationType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "TopicARN" topic_arn: String,
} }

wire::structure! { DeletePolicyType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "PolicyName" policy_name: String,
} }

wire::structure! { DeleteScheduledActionType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "ScheduledActionName" scheduled_action_name: String,
} }

wire::structure! { DeleteTagsType: Default {
    "Tags" tags: Vec<Tag>,
} }

wire::structure! { DeleteWarmPoolAnswer: Default {
} }

wire::structure! { DeleteWarmPoolType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "ForceDelete" force_delete: Option<bool>,
} }

wire::enumeration! { DeletionProtection {
    None = "none",
    PreventForceDeletion = "prevent-force-deletion",
    PreventAllDeletion = "prevent-all-deletion",
} }

wire::structure! { DescribeAccountLimitsAnswer: Default {
    "MaxNumberOfAutoScalingGroups" max_number_of_auto_scaling_groups: Option<i32>,
    "MaxNumberOfLaunchConfigurations" max_number_of_launch_configurations: Option<i32>,
    "NumberOfAutoScalingGroups" number_of_auto_scaling_groups: Option<i32>,
    "NumberOfLaunchConfigurations" number_of_launch_configurations: Option<i32>,
} }

wire::structure! { DescribeAdjustmentTypesAnswer: Default {
    "AdjustmentTypes" adjustment_types: Option<Vec<AdjustmentType>>,
} }

wire::structure! { DescribeAutoScalingInstancesType: Default {
    "InstanceIds" instance_ids: Option<Vec<String>>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeAutoScalingNotificationTypesAnswer: Default {
    "AutoScalingNotificationTypes" auto_scaling_notification_types: Option<Vec<String>>,
} }

wire::structure! { DescribeInstanceRefreshesAnswer: Default {
    "InstanceRefreshes" instance_refreshes: Option<Vec<InstanceRefresh>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeInstanceRefreshesType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "InstanceRefreshIds" instance_refresh_ids: Option<Vec<String>>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeLifecycleHookTypesAnswer: Default {
    "LifecycleHookTypes" lifecycle_hook_types: Option<Vec<String>>,
} }

wire::structure! { DescribeLifecycleHooksAnswer: Default {
    "LifecycleHooks" lifecycle_hooks: Option<Vec<LifecycleHook>>,
} }

wire::structure! { DescribeLifecycleHooksType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "LifecycleHookNames" lifecycle_hook_names: Option<Vec<String>>,
} }

wire::structure! { DescribeLoadBalancerTargetGroupsRequest: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeLoadBalancerTargetGroupsResponse: Default {
    "LoadBalancerTargetGroups" load_balancer_target_groups: Option<Vec<LoadBalancerTargetGroupState>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeLoadBalancersRequest: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeLoadBalancersResponse: Default {
    "LoadBalancers" load_balancers: Option<Vec<LoadBalancerState>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeMetricCollectionTypesAnswer: Default {
    "Granularities" granularities: Option<Vec<MetricGranularityType>>,
    "Metrics" metrics: Option<Vec<MetricCollectionType>>,
} }

wire::structure! { DescribeNotificationConfigurationsAnswer: Default {
    "NextToken" next_token: Option<String>,
    "NotificationConfigurations" notification_configurations: Option<Vec<NotificationConfiguration>>,
} }

wire::structure! { DescribeNotificationConfigurationsType: Default {
    "AutoScalingGroupNames" auto_scaling_group_names: Option<Vec<String>>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribePoliciesType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
    "PolicyNames" policy_names: Option<Vec<String>>,
    "PolicyTypes" policy_types: Option<Vec<String>>,
} }

wire::structure! { DescribeScalingActivitiesType: Default {
    "ActivityIds" activity_ids: Option<Vec<String>>,
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "Filters" filters: Option<Vec<Filter>>,
    "IncludeDeletedGroups" include_deleted_groups: Option<bool>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeScheduledActionsType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "EndTime" end_time: Option<wire::Timestamp>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
    "ScheduledActionNames" scheduled_action_names: Option<Vec<String>>,
    "StartTime" start_time: Option<wire::Timestamp>,
} }

wire::structure! { DescribeTagsType: Default {
    "Filters" filters: Option<Vec<Filter>>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeTerminationPolicyTypesAnswer: Default {
    "TerminationPolicyTypes" termination_policy_types: Option<Vec<String>>,
} }

wire::structure! { DescribeTrafficSourcesRequest: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
    "TrafficSourceType" traffic_source_type: Option<String>,
} }

wire::structure! { DescribeTrafficSourcesResponse: Default {
    "NextToken" next_token: Option<String>,
    "TrafficSources" traffic_sources: Option<Vec<TrafficSourceState>>,
} }

wire::structure! { DescribeWarmPoolAnswer: Default {
    "Instances" instances: Option<Vec<Instance>>,
    "NextToken" next_token: Option<String>,
    "WarmPoolConfiguration" warm_pool_configuration: Option<WarmPoolConfiguration>,
} }

wire::structure! { DescribeWarmPoolType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DesiredConfiguration: Default {
    "LaunchTemplate" launch_template: Option<LaunchTemplateSpecification>,
    "MixedInstancesPolicy" mixed_instances_policy: Option<MixedInstancesPolicy>,
} }

wire::structure! { DetachInstancesAnswer: Default {
    "Activities" activities: Option<Vec<Activity>>,
} }

wire::structure! { DetachInstancesQuery: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "InstanceIds" instance_ids: Vec<String>,
    "ShouldDecrementDesiredCapacity" should_decrement_desired_capacity: bool,
} }

wire::structure! { DetachLoadBalancerTargetGroupsResultType: Default {
} }

wire::structure! { DetachLoadBalancerTargetGroupsType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "TargetGroupARNs" target_group_ar_ns: Vec<String>,
} }

wire::structure! { DetachLoadBalancersResultType: Default {
} }

wire::structure! { DetachLoadBalancersType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "LoadBalancerNames" load_balancer_names: Vec<String>,
} }

wire::structure! { DetachTrafficSourcesResultType: Default {
} }

wire::structure! { DetachTrafficSourcesType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "TrafficSources" traffic_sources: Vec<TrafficSourceIdentifier>,
} }

wire::structure! { DisableMetricsCollectionQuery: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "Metrics" metrics: Option<Vec<String>>,
} }

wire::structure! { Ebs: Default {
    "DeleteOnTermination" delete_on_termination: Option<bool>,
    "Encrypted" encrypted: Option<bool>,
    "Iops" iops: Option<i32>,
    "SnapshotId" snapshot_id: Option<String>,
    "Throughput" throughput: Option<i32>,
    "VolumeSize" volume_size: Option<i32>,
    "VolumeType" volume_type: Option<String>,
} }

wire::structure! { EnableMetricsCollectionQuery: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "Granularity" granularity: String,
    "Metrics" metrics: Option<Vec<String>>,
} }

wire::structure! { EnabledMetric: Default {
    "Granularity" granularity: Option<String>,
    "Metric" metric: Option<String>,
} }

wire::structure! { EnterStandbyAnswer: Default {
    "Activities" activities: Option<Vec<Activity>>,
} }

wire::structure! { EnterStandbyQuery: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "InstanceIds" instance_ids: Vec<String>,
    "ShouldDecrementDesiredCapacity" should_decrement_desired_capacity: bool,
} }

wire::structure! { ExecutePolicyType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "BreachThreshold" breach_threshold: Option<f64>,
    "HonorCooldown" honor_cooldown: Option<bool>,
    "MetricValue" metric_value: Option<f64>,
    "PolicyName" policy_name: String,
} }

wire::structure! { ExitStandbyAnswer: Default {
    "Activities" activities: Option<Vec<Activity>>,
} }

wire::structure! { ExitStandbyQuery: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "InstanceIds" instance_ids: Vec<String>,
} }

wire::structure! { FailedScheduledUpdateGroupActionRequest: Default {
    "ErrorCode" error_code: Option<String>,
    "ErrorMessage" error_message: Option<String>,
    "ScheduledActionName" scheduled_action_name: Option<String>,
} }

wire::structure! { Filter: Default {
    "Name" name: String,
    "Values" values: Vec<String>,
} }

wire::structure! { GetPredictiveScalingForecastAnswer: Default {
    "CapacityForecast" capacity_forecast: Option<CapacityForecast>,
    "LoadForecast" load_forecast: Option<Vec<LoadForecast>>,
    "UpdateTime" update_time: Option<wire::Timestamp>,
} }

wire::structure! { GetPredictiveScalingForecastType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "EndTime" end_time: wire::Timestamp,
    "PolicyName" policy_name: String,
    "StartTime" start_time: wire::Timestamp,
} }

wire::enumeration! { ImpairedZoneHealthCheckBehavior {
    ReplaceUnhealthy = "ReplaceUnhealthy",
    IgnoreUnhealthy = "IgnoreUnhealthy",
} }

wire::structure! { Instance: Default {
    "AvailabilityZone" availability_zone: Option<String>,
    "AvailabilityZoneId" availability_zone_id: Option<String>,
    "HealthStatus" health_status: Option<String>,
    "ImageId" image_id: Option<String>,
    "InstanceId" instance_id: Option<String>,
    "InstanceType" instance_type: Option<String>,
    "LaunchConfigurationName" launch_configuration_name: Option<String>,
    "LaunchTemplate" launch_template: Option<LaunchTemplateSpecification>,
    "LifecycleState" lifecycle_state: Option<LifecycleState>,
    "ProtectedFromScaleIn" protected_from_scale_in: Option<bool>,
} }

wire::structure! { InstanceLifecyclePolicy: Default {
    "RetentionTriggers" retention_triggers: Option<RetentionTriggers>,
} }

wire::structure! { InstanceMaintenancePolicy: Default {
    "MaxHealthyPercentage" max_healthy_percentage: Option<i32>,
    "MinHealthyPercentage" min_healthy_percentage: Option<i32>,
} }

wire::enumeration! { InstanceMetadataEndpointState {
    Disabled = "disabled",
    Enabled = "enabled",
} }

wire::enumeration! { InstanceMetadataHttpTokensState {
    Optional = "optional",
    Required = "required",
} }

wire::structure! { InstanceMetadataOptions: Default {
    "HttpEndpoint" http_endpoint: Option<InstanceMetadataEndpointState>,
    "HttpPutResponseHopLimit" http_put_response_hop_limit: Option<i32>,
    "HttpTokens" http_tokens: Option<InstanceMetadataHttpTokensState>,
} }

wire::structure! { InstanceMonitoring: Default {
    "Enabled" enabled: Option<bool>,
} }

wire::structure! { InstanceRefresh: Default {
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "DesiredConfiguration" desired_configuration: Option<DesiredConfiguration>,
    "EndTime" end_time: Option<wire::Timestamp>,
    "InstanceRefreshId" instance_refresh_id: Option<String>,
    "InstancesToUpdate" instances_to_update: Option<i32>,
    "PercentageComplete" percentage_complete: Option<i32>,
    "Preferences" preferences: Option<RefreshPreferences>,
    "ProgressDetails" progress_details: Option<InstanceRefreshProgressDetails>,
    "RollbackDetails" rollback_details: Option<RollbackDetails>,
    "StartTime" start_time: Option<wire::Timestamp>,
    "Status" status: Option<InstanceRefreshStatus>,
    "StatusReason" status_reason: Option<String>,
    "Strategy" strategy: Option<RefreshStrategy>,
} }

wire::structure! { InstanceRefreshLivePoolProgress: Default {
    "InstancesToUpdate" instances_to_update: Option<i32>,
    "PercentageComplete" percentage_complete: Option<i32>,
} }

wire::structure! { InstanceRefreshProgressDetails: Default {
    "LivePoolProgress" live_pool_progress: Option<InstanceRefreshLivePoolProgress>,
    "WarmPoolProgress" warm_pool_progress: Option<InstanceRefreshWarmPoolProgress>,
} }

wire::enumeration! { InstanceRefreshStatus {
    Pending = "Pending",
    InProgress = "InProgress",
    Successful = "Successful",
    Failed = "Failed",
    Cancelling = "Cancelling",
    Cancelled = "Cancelled",
    RollbackInProgress = "RollbackInProgress",
    RollbackFailed = "RollbackFailed",
    RollbackSuccessful = "RollbackSuccessful",
    Baking = "Baking",
} }

wire::structure! { InstanceRefreshWarmPoolProgress: Default {
    "InstancesToUpdate" instances_to_update: Option<i32>,
    "PercentageComplete" percentage_complete: Option<i32>,
} }

wire::structure! { InstanceReusePolicy: Default {
    "ReuseOnScaleIn" reuse_on_scale_in: Option<bool>,
} }

wire::structure! { InstancesDistribution: Default {
    "OnDemandAllocationStrategy" on_demand_allocation_strategy: Option<String>,
    "OnDemandBaseCapacity" on_demand_base_capacity: Option<i32>,
    "OnDemandPercentageAboveBaseCapacity" on_demand_percentage_above_base_capacity: Option<i32>,
    "SpotAllocationStrategy" spot_allocation_strategy: Option<String>,
} }

wire::structure! { LaunchConfiguration: Default {
    "AssociatePublicIpAddress" associate_public_ip_address: Option<bool>,
    "BlockDeviceMappings" block_device_mappings: Option<Vec<BlockDeviceMapping>>,
    "ClassicLinkVPCSecurityGroups" classic_link_vpc_security_groups: Option<Vec<String>>,
    "CreatedTime" created_time: Option<wire::Timestamp>,
    "EbsOptimized" ebs_optimized: Option<bool>,
    "ImageId" image_id: Option<String>,
    "InstanceMonitoring" instance_monitoring: Option<InstanceMonitoring>,
    "InstanceType" instance_type: Option<String>,
    "KernelId" kernel_id: Option<String>,
    "KeyName" key_name: Option<String>,
    "LaunchConfigurationARN" launch_configuration_arn: Option<String>,
    "LaunchConfigurationName" launch_configuration_name: Option<String>,
    "MetadataOptions" metadata_options: Option<InstanceMetadataOptions>,
    "PlacementTenancy" placement_tenancy: Option<String>,
    "RamdiskId" ramdisk_id: Option<String>,
    "SecurityGroups" security_groups: Option<Vec<String>>,
    "UserData" user_data: Option<String>,
} }

wire::structure! { LaunchConfigurationNameType: Default {
    "LaunchConfigurationName" launch_configuration_name: String,
} }

wire::structure! { LaunchConfigurationNamesType: Default {
    "LaunchConfigurationNames" launch_configuration_names: Option<Vec<String>>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { LaunchConfigurationsType: Default {
    "LaunchConfigurations" launch_configurations: Option<Vec<LaunchConfiguration>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { LaunchTemplate: Default {
    "LaunchTemplateSpecification" launch_template_specification: Option<LaunchTemplateSpecification>,
    "Overrides" overrides: Option<Vec<LaunchTemplateOverrides>>,
} }

wire::structure! { LaunchTemplateOverrides: Default {
    "InstanceType" instance_type: Option<String>,
    "LaunchTemplateSpecification" launch_template_specification: Option<LaunchTemplateSpecification>,
} }

wire::structure! { LaunchTemplateSpecification: Default {
    "LaunchTemplateId" launch_template_id: Option<String>,
    "LaunchTemplateName" launch_template_name: Option<String>,
    "Version" version: Option<String>,
} }

wire::structure! { LifecycleHook: Default {
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "DefaultResult" default_result: Option<String>,
    "GlobalTimeout" global_timeout: Option<i32>,
    "HeartbeatTimeout" heartbeat_timeout: Option<i32>,
    "LifecycleHookName" lifecycle_hook_name: Option<String>,
    "LifecycleTransition" lifecycle_transition: Option<String>,
    "NotificationMetadata" notification_metadata: Option<String>,
    "NotificationTargetARN" notification_target_arn: Option<String>,
    "RoleARN" role_arn: Option<String>,
} }

wire::structure! { LifecycleHookSpecification: Default {
    "DefaultResult" default_result: Option<String>,
    "HeartbeatTimeout" heartbeat_timeout: Option<i32>,
    "LifecycleHookName" lifecycle_hook_name: String,
    "LifecycleTransition" lifecycle_transition: String,
    "NotificationMetadata" notification_metadata: Option<String>,
    "NotificationTargetARN" notification_target_arn: Option<String>,
    "RoleARN" role_arn: Option<String>,
} }

wire::enumeration! { LifecycleState {
    Pending = "Pending",
    PendingWait = "Pending:Wait",
    PendingProceed = "Pending:Proceed",
    Quarantined = "Quarantined",
    InService = "InService",
    Terminating = "Terminating",
    TerminatingWait = "Terminating:Wait",
    TerminatingProceed = "Terminating:Proceed",
    TerminatingRetained = "Terminating:Retained",
    Terminated = "Terminated",
    Detaching = "Detaching",
    Detached = "Detached",
    EnteringStandby = "EnteringStandby",
    Standby = "Standby",
    ReplacingRootVolume = "ReplacingRootVolume",
    ReplacingRootVolumeWait = "ReplacingRootVolume:Wait",
    ReplacingRootVolumeProceed = "ReplacingRootVolume:Proceed",
    RootVolumeReplaced = "RootVolumeReplaced",
    WarmedPending = "Warmed:Pending",
    WarmedPendingWait = "Warmed:Pending:Wait",
    WarmedPendingProceed = "Warmed:Pending:Proceed",
    WarmedPendingRetained = "Warmed:Pending:Retained",
    WarmedTerminating = "Warmed:Terminating",
    WarmedTerminatingWait = "Warmed:Terminating:Wait",
    WarmedTerminatingProceed = "Warmed:Terminating:Proceed",
    WarmedTerminatingRetained = "Warmed:Terminating:Retained",
    WarmedTerminated = "Warmed:Terminated",
    WarmedStopped = "Warmed:Stopped",
    WarmedRunning = "Warmed:Running",
    WarmedHibernated = "Warmed:Hibernated",
} }

wire::structure! { LoadBalancerState: Default {
    "LoadBalancerName" load_balancer_name: Option<String>,
    "State" state: Option<String>,
} }

wire::structure! { LoadBalancerTargetGroupState: Default {
    "LoadBalancerTargetGroupARN" load_balancer_target_group_arn: Option<String>,
    "State" state: Option<String>,
} }

wire::structure! { LoadForecast: Default {
    "MetricSpecification" metric_specification: Option<PredictiveScalingMetricSpecification>,
    "Timestamps" timestamps: Option<Vec<wire::Timestamp>>,
    "Values" values: Option<Vec<f64>>,
} }

wire::structure! { Metric: Default {
    "Dimensions" dimensions: Option<Vec<MetricDimension>>,
    "MetricName" metric_name: String,
    "Namespace" namespace: String,
} }

wire::structure! { MetricCollectionType: Default {
    "Metric" metric: Option<String>,
} }

wire::structure! { MetricDataQuery: Default {
    "Expression" expression: Option<String>,
    "Id" id: String,
    "Label" label: Option<String>,
    "MetricStat" metric_stat: Option<MetricStat>,
    "ReturnData" return_data: Option<bool>,
} }

wire::structure! { MetricDimension: Default {
    "Name" name: String,
    "Value" value: String,
} }

wire::structure! { MetricGranularityType: Default {
    "Granularity" granularity: Option<String>,
} }

wire::structure! { MetricStat: Default {
    "Metric" metric: Metric,
    "Stat" stat: String,
    "Unit" unit: Option<String>,
} }

wire::enumeration! { MetricStatistic {
    Average = "Average",
    Minimum = "Minimum",
    Maximum = "Maximum",
    SampleCount = "SampleCount",
    Sum = "Sum",
} }

wire::enumeration! { MetricType {
    ASGAverageCPUUtilization = "ASGAverageCPUUtilization",
    ASGAverageCPUUtilizationHighResolution = "ASGAverageCPUUtilizationHighResolution",
    ASGAverageNetworkIn = "ASGAverageNetworkIn",
    ASGAverageNetworkOut = "ASGAverageNetworkOut",
    ALBRequestCountPerTarget = "ALBRequestCountPerTarget",
} }

wire::structure! { MixedInstancesPolicy: Default {
    "InstancesDistribution" instances_distribution: Option<InstancesDistribution>,
    "LaunchTemplate" launch_template: Option<LaunchTemplate>,
} }

wire::structure! { NotificationConfiguration: Default {
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "NotificationType" notification_type: Option<String>,
    "TopicARN" topic_arn: Option<String>,
} }

wire::structure! { PoliciesType: Default {
    "NextToken" next_token: Option<String>,
    "ScalingPolicies" scaling_policies: Option<Vec<ScalingPolicy>>,
} }

wire::structure! { PolicyARNType: Default {
    "Alarms" alarms: Option<Vec<Alarm>>,
    "PolicyARN" policy_arn: Option<String>,
} }

wire::enumeration! { PredefinedLoadMetricType {
    ASGTotalCPUUtilization = "ASGTotalCPUUtilization",
    ASGTotalNetworkIn = "ASGTotalNetworkIn",
    ASGTotalNetworkOut = "ASGTotalNetworkOut",
    ALBTargetGroupRequestCount = "ALBTargetGroupRequestCount",
} }

wire::enumeration! { PredefinedMetricPairType {
    ASGCPUUtilization = "ASGCPUUtilization",
    ASGNetworkIn = "ASGNetworkIn",
    ASGNetworkOut = "ASGNetworkOut",
    ALBRequestCount = "ALBRequestCount",
} }

wire::structure! { PredefinedMetricSpecification {
    "PredefinedMetricType" predefined_metric_type: MetricType,
    "ResourceLabel" resource_label: Option<String>,
} }

wire::enumeration! { PredefinedScalingMetricType {
    ASGAverageCPUUtilization = "ASGAverageCPUUtilization",
    ASGAverageNetworkIn = "ASGAverageNetworkIn",
    ASGAverageNetworkOut = "ASGAverageNetworkOut",
    ALBRequestCountPerTarget = "ALBRequestCountPerTarget",
} }

wire::structure! { PredictiveScalingConfiguration: Default {
    "MaxCapacityBreachBehavior" max_capacity_breach_behavior: Option<PredictiveScalingMaxCapacityBreachBehavior>,
    "MaxCapacityBuffer" max_capacity_buffer: Option<i32>,
    "MetricSpecifications" metric_specifications: Vec<PredictiveScalingMetricSpecification>,
    "Mode" mode: Option<PredictiveScalingMode>,
    "SchedulingBufferTime" scheduling_buffer_time: Option<i32>,
} }

wire::structure! { PredictiveScalingCustomizedCapacityMetric: Default {
    "MetricDataQueries" metric_data_queries: Vec<MetricDataQuery>,
} }

wire::structure! { PredictiveScalingCustomizedLoadMetric: Default {
    "MetricDataQueries" metric_data_queries: Vec<MetricDataQuery>,
} }

wire::structure! { PredictiveScalingCustomizedScalingMetric: Default {
    "MetricDataQueries" metric_data_queries: Vec<MetricDataQuery>,
} }

wire::enumeration! { PredictiveScalingMaxCapacityBreachBehavior {
    HonorMaxCapacity = "HonorMaxCapacity",
    IncreaseMaxCapacity = "IncreaseMaxCapacity",
} }

wire::structure! { PredictiveScalingMetricSpecification: Default {
    "CustomizedCapacityMetricSpecification" customized_capacity_metric_specification: Option<PredictiveScalingCustomizedCapacityMetric>,
    "CustomizedLoadMetricSpecification" customized_load_metric_specification: Option<PredictiveScalingCustomizedLoadMetric>,
    "CustomizedScalingMetricSpecification" customized_scaling_metric_specification: Option<PredictiveScalingCustomizedScalingMetric>,
    "PredefinedLoadMetricSpecification" predefined_load_metric_specification: Option<PredictiveScalingPredefinedLoadMetric>,
    "PredefinedMetricPairSpecification" predefined_metric_pair_specification: Option<PredictiveScalingPredefinedMetricPair>,
    "PredefinedScalingMetricSpecification" predefined_scaling_metric_specification: Option<PredictiveScalingPredefinedScalingMetric>,
    "TargetValue" target_value: f64,
} }

wire::enumeration! { PredictiveScalingMode {
    ForecastAndScale = "ForecastAndScale",
    ForecastOnly = "ForecastOnly",
} }

wire::structure! { PredictiveScalingPredefinedLoadMetric {
    "PredefinedMetricType" predefined_metric_type: PredefinedLoadMetricType,
    "ResourceLabel" resource_label: Option<String>,
} }

wire::structure! { PredictiveScalingPredefinedMetricPair {
    "PredefinedMetricType" predefined_metric_type: PredefinedMetricPairType,
    "ResourceLabel" resource_label: Option<String>,
} }

wire::structure! { PredictiveScalingPredefinedScalingMetric {
    "PredefinedMetricType" predefined_metric_type: PredefinedScalingMetricType,
    "ResourceLabel" resource_label: Option<String>,
} }

wire::structure! { ProcessType: Default {
    "ProcessName" process_name: Option<String>,
} }

wire::structure! { ProcessesType: Default {
    "Processes" processes: Option<Vec<ProcessType>>,
} }

wire::structure! { PutLifecycleHookAnswer: Default {
} }

wire::structure! { PutLifecycleHookType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "DefaultResult" default_result: Option<String>,
    "HeartbeatTimeout" heartbeat_timeout: Option<i32>,
    "LifecycleHookName" lifecycle_hook_name: String,
    "LifecycleTransition" lifecycle_transition: Option<String>,
    "NotificationMetadata" notification_metadata: Option<String>,
    "NotificationTargetARN" notification_target_arn: Option<String>,
    "RoleARN" role_arn: Option<String>,
} }

wire::structure! { PutNotificationConfigurationType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "NotificationTypes" notification_types: Vec<String>,
    "TopicARN" topic_arn: String,
} }

wire::structure! { PutScalingPolicyType: Default {
    "AdjustmentType" adjustment_type: Option<String>,
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "Cooldown" cooldown: Option<i32>,
    "Enabled" enabled: Option<bool>,
    "EstimatedInstanceWarmup" estimated_instance_warmup: Option<i32>,
    "MetricAggregationType" metric_aggregation_type: Option<String>,
    "MinAdjustmentMagnitude" min_adjustment_magnitude: Option<i32>,
    "PolicyName" policy_name: String,
    "PolicyType" policy_type: Option<String>,
    "PredictiveScalingConfiguration" predictive_scaling_configuration: Option<PredictiveScalingConfiguration>,
    "ScalingAdjustment" scaling_adjustment: Option<i32>,
    "StepAdjustments" step_adjustments: Option<Vec<StepAdjustment>>,
    "TargetTrackingConfiguration" target_tracking_configuration: Option<TargetTrackingConfiguration>,
} }

wire::structure! { PutScheduledUpdateGroupActionType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "DesiredCapacity" desired_capacity: Option<i32>,
    "EndTime" end_time: Option<wire::Timestamp>,
    "MaxSize" max_size: Option<i32>,
    "MinSize" min_size: Option<i32>,
    "Recurrence" recurrence: Option<String>,
    "ScheduledActionName" scheduled_action_name: String,
    "StartTime" start_time: Option<wire::Timestamp>,
    "Time" time: Option<wire::Timestamp>,
    "TimeZone" time_zone: Option<String>,
} }

wire::structure! { PutWarmPoolAnswer: Default {
} }

wire::structure! { PutWarmPoolType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "InstanceReusePolicy" instance_reuse_policy: Option<InstanceReusePolicy>,
    "MaxGroupPreparedCapacity" max_group_prepared_capacity: Option<i32>,
    "MinSize" min_size: Option<i32>,
    "PoolState" pool_state: Option<WarmPoolState>,
} }

wire::structure! { RecordLifecycleActionHeartbeatAnswer: Default {
} }

wire::structure! { RecordLifecycleActionHeartbeatType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "InstanceId" instance_id: Option<String>,
    "LifecycleActionToken" lifecycle_action_token: Option<String>,
    "LifecycleHookName" lifecycle_hook_name: String,
} }

wire::structure! { RefreshPreferences: Default {
    "AlarmSpecification" alarm_specification: Option<AlarmSpecification>,
    "AutoRollback" auto_rollback: Option<bool>,
    "BakeTime" bake_time: Option<i32>,
    "CheckpointDelay" checkpoint_delay: Option<i32>,
    "CheckpointPercentages" checkpoint_percentages: Option<Vec<i32>>,
    "InstanceWarmup" instance_warmup: Option<i32>,
    "MaxHealthyPercentage" max_healthy_percentage: Option<i32>,
    "MinHealthyPercentage" min_healthy_percentage: Option<i32>,
    "ScaleInProtectedInstances" scale_in_protected_instances: Option<ScaleInProtectedInstances>,
    "SkipMatching" skip_matching: Option<bool>,
    "StandbyInstances" standby_instances: Option<StandbyInstances>,
} }

wire::enumeration! { RefreshStrategy {
    Rolling = "Rolling",
    ReplaceRootVolume = "ReplaceRootVolume",
} }

wire::enumeration! { RetentionAction {
    Retain = "retain",
    Terminate = "terminate",
} }

wire::structure! { RetentionTriggers: Default {
    "TerminateHookAbandon" terminate_hook_abandon: Option<RetentionAction>,
} }

wire::structure! { RollbackDetails: Default {
    "InstancesToUpdateOnRollback" instances_to_update_on_rollback: Option<i32>,
    "PercentageCompleteOnRollback" percentage_complete_on_rollback: Option<i32>,
    "ProgressDetailsOnRollback" progress_details_on_rollback: Option<InstanceRefreshProgressDetails>,
    "RollbackReason" rollback_reason: Option<String>,
    "RollbackStartTime" rollback_start_time: Option<wire::Timestamp>,
} }

wire::structure! { RollbackInstanceRefreshAnswer: Default {
    "InstanceRefreshId" instance_refresh_id: Option<String>,
} }

wire::structure! { RollbackInstanceRefreshType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
} }

wire::enumeration! { ScaleInProtectedInstances {
    Refresh = "Refresh",
    Ignore = "Ignore",
    Wait = "Wait",
} }

wire::enumeration! { ScalingActivityStatusCode {
    PendingSpotBidPlacement = "PendingSpotBidPlacement",
    WaitingForSpotInstanceRequestId = "WaitingForSpotInstanceRequestId",
    WaitingForSpotInstanceId = "WaitingForSpotInstanceId",
    WaitingForInstanceId = "WaitingForInstanceId",
    PreInService = "PreInService",
    InProgress = "InProgress",
    WaitingForELBConnectionDraining = "WaitingForELBConnectionDraining",
    MidLifecycleAction = "MidLifecycleAction",
    WaitingForInstanceWarmup = "WaitingForInstanceWarmup",
    Successful = "Successful",
    Failed = "Failed",
    Cancelled = "Cancelled",
    WaitingForConnectionDraining = "WaitingForConnectionDraining",
    WaitingForInPlaceUpdateToStart = "WaitingForInPlaceUpdateToStart",
    WaitingForInPlaceUpdateToFinalize = "WaitingForInPlaceUpdateToFinalize",
    InPlaceUpdateInProgress = "InPlaceUpdateInProgress",
} }

wire::structure! { ScalingPolicy: Default {
    "AdjustmentType" adjustment_type: Option<String>,
    "Alarms" alarms: Option<Vec<Alarm>>,
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "Cooldown" cooldown: Option<i32>,
    "Enabled" enabled: Option<bool>,
    "EstimatedInstanceWarmup" estimated_instance_warmup: Option<i32>,
    "MetricAggregationType" metric_aggregation_type: Option<String>,
    "MinAdjustmentMagnitude" min_adjustment_magnitude: Option<i32>,
    "PolicyARN" policy_arn: Option<String>,
    "PolicyName" policy_name: Option<String>,
    "PolicyType" policy_type: Option<String>,
    "PredictiveScalingConfiguration" predictive_scaling_configuration: Option<PredictiveScalingConfiguration>,
    "ScalingAdjustment" scaling_adjustment: Option<i32>,
    "StepAdjustments" step_adjustments: Option<Vec<StepAdjustment>>,
    "TargetTrackingConfiguration" target_tracking_configuration: Option<TargetTrackingConfiguration>,
} }

wire::structure! { ScalingProcessQuery: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "ScalingProcesses" scaling_processes: Option<Vec<String>>,
} }

wire::structure! { ScheduledActionsType: Default {
    "NextToken" next_token: Option<String>,
    "ScheduledUpdateGroupActions" scheduled_update_group_actions: Option<Vec<ScheduledUpdateGroupAction>>,
} }

wire::structure! { ScheduledUpdateGroupAction: Default {
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "DesiredCapacity" desired_capacity: Option<i32>,
    "EndTime" end_time: Option<wire::Timestamp>,
    "MaxSize" max_size: Option<i32>,
    "MinSize" min_size: Option<i32>,
    "Recurrence" recurrence: Option<String>,
    "ScheduledActionARN" scheduled_action_arn: Option<String>,
    "ScheduledActionName" scheduled_action_name: Option<String>,
    "StartTime" start_time: Option<wire::Timestamp>,
    "Time" time: Option<wire::Timestamp>,
    "TimeZone" time_zone: Option<String>,
} }

wire::structure! { ScheduledUpdateGroupActionRequest: Default {
    "DesiredCapacity" desired_capacity: Option<i32>,
    "EndTime" end_time: Option<wire::Timestamp>,
    "MaxSize" max_size: Option<i32>,
    "MinSize" min_size: Option<i32>,
    "Recurrence" recurrence: Option<String>,
    "ScheduledActionName" scheduled_action_name: String,
    "StartTime" start_time: Option<wire::Timestamp>,
    "TimeZone" time_zone: Option<String>,
} }

wire::structure! { SetDesiredCapacityType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "DesiredCapacity" desired_capacity: i32,
    "HonorCooldown" honor_cooldown: Option<bool>,
} }

wire::structure! { SetInstanceHealthQuery: Default {
    "HealthStatus" health_status: String,
    "InstanceId" instance_id: String,
    "ShouldRespectGracePeriod" should_respect_grace_period: Option<bool>,
} }

wire::structure! { SetInstanceProtectionAnswer: Default {
} }

wire::structure! { SetInstanceProtectionQuery: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "InstanceIds" instance_ids: Vec<String>,
    "ProtectedFromScaleIn" protected_from_scale_in: bool,
} }

wire::enumeration! { StandbyInstances {
    Terminate = "Terminate",
    Ignore = "Ignore",
    Wait = "Wait",
} }

wire::structure! { StartInstanceRefreshAnswer: Default {
    "InstanceRefreshId" instance_refresh_id: Option<String>,
} }

wire::structure! { StartInstanceRefreshType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "DesiredConfiguration" desired_configuration: Option<DesiredConfiguration>,
    "Preferences" preferences: Option<RefreshPreferences>,
    "Strategy" strategy: Option<RefreshStrategy>,
} }

wire::structure! { StepAdjustment: Default {
    "MetricIntervalLowerBound" metric_interval_lower_bound: Option<f64>,
    "MetricIntervalUpperBound" metric_interval_upper_bound: Option<f64>,
    "ScalingAdjustment" scaling_adjustment: i32,
} }

wire::structure! { SuspendedProcess: Default {
    "ProcessName" process_name: Option<String>,
    "SuspensionReason" suspension_reason: Option<String>,
} }

wire::structure! { Tag: Default {
    "Key" key: String,
    "PropagateAtLaunch" propagate_at_launch: Option<bool>,
    "ResourceId" resource_id: Option<String>,
    "ResourceType" resource_type: Option<String>,
    "Value" value: Option<String>,
} }

wire::structure! { TagDescription: Default {
    "Key" key: Option<String>,
    "PropagateAtLaunch" propagate_at_launch: Option<bool>,
    "ResourceId" resource_id: Option<String>,
    "ResourceType" resource_type: Option<String>,
    "Value" value: Option<String>,
} }

wire::structure! { TagsType: Default {
    "NextToken" next_token: Option<String>,
    "Tags" tags: Option<Vec<TagDescription>>,
} }

wire::structure! { TargetTrackingConfiguration: Default {
    "CustomizedMetricSpecification" customized_metric_specification: Option<CustomizedMetricSpecification>,
    "DisableScaleIn" disable_scale_in: Option<bool>,
    "PredefinedMetricSpecification" predefined_metric_specification: Option<PredefinedMetricSpecification>,
    "TargetValue" target_value: f64,
} }

wire::structure! { TargetTrackingMetricDataQuery: Default {
    "Expression" expression: Option<String>,
    "Id" id: String,
    "Label" label: Option<String>,
    "MetricStat" metric_stat: Option<TargetTrackingMetricStat>,
    "Period" period: Option<i32>,
    "ReturnData" return_data: Option<bool>,
} }

wire::structure! { TargetTrackingMetricStat: Default {
    "Metric" metric: Metric,
    "Period" period: Option<i32>,
    "Stat" stat: String,
    "Unit" unit: Option<String>,
} }

wire::structure! { TerminateInstanceInAutoScalingGroupType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: Option<String>,
    "InstanceId" instance_id: Option<String>,
    "InstanceIds" instance_ids: Option<Vec<String>>,
    "ShouldDecrementDesiredCapacity" should_decrement_desired_capacity: bool,
} }

wire::structure! { TrafficSourceIdentifier: Default {
    "Identifier" identifier: String,
    "Type" r#type: Option<String>,
} }

wire::structure! { TrafficSourceState: Default {
    "Identifier" identifier: Option<String>,
    "State" state: Option<String>,
    "TrafficSource" traffic_source: Option<String>,
    "Type" r#type: Option<String>,
} }

wire::structure! { UpdateAutoScalingGroupType: Default {
    "AutoScalingGroupName" auto_scaling_group_name: String,
    "AvailabilityZoneDistribution" availability_zone_distribution: Option<AvailabilityZoneDistribution>,
    "AvailabilityZoneIds" availability_zone_ids: Option<Vec<String>>,
    "AvailabilityZoneImpairmentPolicy" availability_zone_impairment_policy: Option<AvailabilityZoneImpairmentPolicy>,
    "AvailabilityZones" availability_zones: Option<Vec<String>>,
    "CapacityRebalance" capacity_rebalance: Option<bool>,
    "Context" context: Option<String>,
    "DefaultCooldown" default_cooldown: Option<i32>,
    "DefaultInstanceWarmup" default_instance_warmup: Option<i32>,
    "DeletionProtection" deletion_protection: Option<DeletionProtection>,
    "DesiredCapacity" desired_capacity: Option<i32>,
    "DesiredCapacityType" desired_capacity_type: Option<String>,
    "HealthCheckGracePeriod" health_check_grace_period: Option<i32>,
    "HealthCheckType" health_check_type: Option<String>,
    "InstanceLifecyclePolicy" instance_lifecycle_policy: Option<InstanceLifecyclePolicy>,
    "InstanceMaintenancePolicy" instance_maintenance_policy: Option<InstanceMaintenancePolicy>,
    "LaunchConfigurationName" launch_configuration_name: Option<String>,
    "LaunchTemplate" launch_template: Option<LaunchTemplateSpecification>,
    "MaxInstanceLifetime" max_instance_lifetime: Option<i32>,
    "MaxSize" max_size: Option<i32>,
    "MinSize" min_size: Option<i32>,
    "MixedInstancesPolicy" mixed_instances_policy: Option<MixedInstancesPolicy>,
    "NewInstancesProtectedFromScaleIn" new_instances_protected_from_scale_in: Option<bool>,
    "ServiceLinkedRoleARN" service_linked_role_arn: Option<String>,
    "TerminationPolicies" termination_policies: Option<Vec<String>>,
    "VPCZoneIdentifier" vpc_zone_identifier: Option<String>,
} }

wire::structure! { WarmPoolConfiguration: Default {
    "InstanceReusePolicy" instance_reuse_policy: Option<InstanceReusePolicy>,
    "MaxGroupPreparedCapacity" max_group_prepared_capacity: Option<i32>,
    "MinSize" min_size: Option<i32>,
    "PoolState" pool_state: Option<WarmPoolState>,
    "Status" status: Option<WarmPoolStatus>,
} }

wire::enumeration! { WarmPoolState {
    Stopped = "Stopped",
    Running = "Running",
    Hibernated = "Hibernated",
} }

wire::enumeration! { WarmPoolStatus {
    PendingDelete = "PendingDelete",
} }
