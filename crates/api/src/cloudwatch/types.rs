//! Inputs, outputs and enumerations of CloudWatch (2010-08-01).
//!
//! Written by `cargo xtask codegen` from `shapes/cloudwatch.json` and `shapes/cloudwatch.toml`; change those instead.

wire::structure! { ActionConfiguration: Default {
    "AlarmTagsPropagation" alarm_tags_propagation: Option<AlarmTagsPropagation>,
} }

wire::enumeration! { ActionsSuppressedBy {
    WaitPeriod = "WaitPeriod",
    ExtensionPeriod = "ExtensionPeriod",
    Alarm = "Alarm",
} }

wire::structure! { AlarmHistoryItem: Default {
    "AlarmContributorAttributes" alarm_contributor_attributes: Option<std::collections::BTreeMap<String, String>>,
    "AlarmContributorId" alarm_contributor_id: Option<String>,
    "AlarmName" alarm_name: Option<String>,
    "AlarmType" alarm_type: Option<AlarmType>,
    "HistoryData" history_data: Option<String>,
    "HistoryItemType" history_item_type: Option<HistoryItemType>,
    "HistorySummary" history_summary: Option<String>,
    "Timestamp" timestamp: Option<wire::Timestamp>,
} }

wire::structure! { AlarmPromQLCriteria: Default {
    "PendingPeriod" pending_period: Option<i32>,
    "Query" query: Option<String>,
    "RecoveryPeriod" recovery_period: Option<i32>,
} }

wire::structure! { AlarmTagsPropagation: Default {
    "Enabled" enabled: Option<bool>,
    "ExcludedTagKeys" excluded_tag_keys: Option<Vec<String>>,
    "IncludedTagKeys" included_tag_keys: Option<Vec<String>>,
} }

wire::enumeration! { AlarmType {
    CompositeAlarm = "CompositeAlarm",
    MetricAlarm = "MetricAlarm",
    LogAlarm = "LogAlarm",
} }

wire::enumeration! { ComparisonOperator {
    GreaterThanOrEqualToThreshold = "GreaterThanOrEqualToThreshold",
    GreaterThanThreshold = "GreaterThanThreshold",
    LessThanThreshold = "LessThanThreshold",
    LessThanOrEqualToThreshold = "LessThanOrEqualToThreshold",
    LessThanLowerOrGreaterThanUpperThreshold = "LessThanLowerOrGreaterThanUpperThreshold",
    LessThanLowerThreshold = "LessThanLowerThreshold",
    GreaterThanUpperThreshold = "GreaterThanUpperThreshold",
} }

wire::structure! { CompositeAlarm: Default {
    "ActionConfiguration" action_configuration: Option<ActionConfiguration>,
    "ActionsEnabled" actions_enabled: Option<bool>,
    "ActionsSuppressedBy" actions_suppressed_by: Option<ActionsSuppressedBy>,
    "ActionsSuppressedReason" actions_suppressed_reason: Option<String>,
    "ActionsSuppressor" actions_suppressor: Option<String>,
    "ActionsSuppressorExtensionPeriod" actions_suppressor_extension_period: Option<i32>,
    "ActionsSuppressorWaitPeriod" actions_suppressor_wait_period: Option<i32>,
    "AlarmActions" alarm_actions: Option<Vec<String>>,
    "AlarmArn" alarm_arn: Option<String>,
    "AlarmConfigurationUpdatedTimestamp" alarm_configuration_updated_timestamp: Option<wire::Timestamp>,
    "AlarmDescription" alarm_description: Option<String>,
    "AlarmName" alarm_name: Option<String>,
    "AlarmRule" alarm_rule: Option<String>,
    "InsufficientDataActions" insufficient_data_actions: Option<Vec<String>>,
    "OKActions" ok_actions: Option<Vec<String>>,
    "StateReason" state_reason: Option<String>,
    "StateReasonData" state_reason_data: Option<String>,
    "StateTransitionedTimestamp" state_transitioned_timestamp: Option<wire::Timestamp>,
    "StateUpdatedTimestamp" state_updated_timestamp: Option<wire::Timestamp>,
    "StateValue" state_value: Option<StateValue>,
} }

wire::structure! { Datapoint: Default {
    "Average" average: Option<f64>,
    "ExtendedStatistics" extended_statistics: Option<std::collections::BTreeMap<String, f64>>,
    "Maximum" maximum: Option<f64>,
    "Minimum" minimum: Option<f64>,
    "SampleCount" sample_count: Option<f64>,
    "Sum" sum: Option<f64>,
    "Timestamp" timestamp: Option<wire::Timestamp>,
    "Unit" unit: Option<StandardUnit>,
} }

wire::structure! { DeleteAlarmsInput: Default {
    "AlarmNames" alarm_names: Vec<String>,
} }

wire::structure! { DescribeAlarmHistoryInput: Default {
    "AlarmName" alarm_name: Option<String>,
    "AlarmTypes" alarm_types: Option<Vec<AlarmType>>,
    "EndDate" end_date: Option<wire::Timestamp>,
    "HistoryItemType" history_item_type: Option<HistoryItemType>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
    "ScanBy" scan_by: Option<ScanBy>,
    "StartDate" start_date: Option<wire::Timestamp>,
} }

wire::structure! { DescribeAlarmHistoryOutput: Default {
    "AlarmHistoryItems" alarm_history_items: Option<Vec<AlarmHistoryItem>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { DescribeAlarmsForMetricInput: Default {
    "Dimensions" dimensions: Option<Vec<Dimension>>,
    "ExtendedStatistic" extended_statistic: Option<String>,
    "MetricName" metric_name: String,
    "Namespace" namespace: String,
    "Period" period: Option<i32>,
    "Statistic" statistic: Option<Statistic>,
    "Unit" unit: Option<StandardUnit>,
} }

wire::structure! { DescribeAlarmsForMetricOutput: Default {
    "MetricAlarms" metric_alarms: Option<Vec<MetricAlarm>>,
} }

wire::structure! { DescribeAlarmsInput: Default {
    "ActionPrefix" action_prefix: Option<String>,
    "AlarmNamePrefix" alarm_name_prefix: Option<String>,
    "AlarmNames" alarm_names: Option<Vec<String>>,
    "AlarmTypes" alarm_types: Option<Vec<AlarmType>>,
    "ChildrenOfAlarmName" children_of_alarm_name: Option<String>,
    "MaxRecords" max_records: Option<i32>,
    "NextToken" next_token: Option<String>,
    "ParentsOfAlarmName" parents_of_alarm_name: Option<String>,
    "StateValue" state_value: Option<StateValue>,
} }

wire::structure! { DescribeAlarmsOutput: Default {
    "CompositeAlarms" composite_alarms: Option<Vec<CompositeAlarm>>,
    "LogAlarms" log_alarms: Option<Vec<LogAlarm>>,
    "MetricAlarms" metric_alarms: Option<Vec<MetricAlarm>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { Dimension: Default {
    "Name" name: String,
    "Value" value: String,
} }

wire::structure! { DimensionFilter: Default {
    "Name" name: String,
    "Value" value: Option<String>,
} }

wire::structure! { DisableAlarmActionsInput: Default {
    "AlarmNames" alarm_names: Vec<String>,
} }

wire::structure! { EnableAlarmActionsInput: Default {
    "AlarmNames" alarm_names: Vec<String>,
} }

wire::structure! { EvaluationCriteria: Default {
    "PromQLCriteria" prom_ql_criteria: Option<AlarmPromQLCriteria>,
} }

wire::enumeration! { EvaluationState {
    PartialData = "PARTIAL_DATA",
    EvaluationFailure = "EVALUATION_FAILURE",
    EvaluationError = "EVALUATION_ERROR",
} }

wire::structure! { EvaluationWindow: Default {
    "SlidingWindow" sliding_window: Option<SlidingWindow>,
    "WallClockWindow" wall_clock_window: Option<WallClockWindow>,
} }

wire::structure! { GetMetricDataInput: Default {
    "EndTime" end_time: wire::Timestamp,
    "MaxDatapoints" max_datapoints: Option<i32>,
    "MetricDataQueries" metric_data_queries: Vec<MetricDataQuery>,
    "NextToken" next_token: Option<String>,
    "ScanBy" scan_by: Option<ScanBy>,
    "StartTime" start_time: wire::Timestamp,
} }

wire::structure! { GetMetricDataOutput: Default {
    "Messages" messages: Option<Vec<MessageData>>,
    "MetricDataResults" metric_data_results: Option<Vec<MetricDataResult>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { GetMetricStatisticsInput: Default {
    "Dimensions" dimensions: Option<Vec<Dimension>>,
    "EndTime" end_time: wire::Timestamp,
    "ExtendedStatistics" extended_statistics: Option<Vec<String>>,
    "MetricName" metric_name: String,
    "Namespace" namespace: String,
    "Period" period: i32,
    "StartTime" start_time: wire::Timestamp,
    "Statistics" statistics: Option<Vec<Statistic>>,
    "Unit" unit: Option<StandardUnit>,
} }

wire::structure! { GetMetricStatisticsOutput: Default {
    "Datapoints" datapoints: Option<Vec<Datapoint>>,
    "Label" label: Option<String>,
} }

wire::enumeration! { HistoryItemType {
    ConfigurationUpdate = "ConfigurationUpdate",
    StateUpdate = "StateUpdate",
    Action = "Action",
    AlarmContributorStateUpdate = "AlarmContributorStateUpdate",
    AlarmContributorAction = "AlarmContributorAction",
} }

wire::structure! { ListMetricsInput: Default {
    "Dimensions" dimensions: Option<Vec<DimensionFilter>>,
    "MetricName" metric_name: Option<String>,
    "Namespace" namespace: Option<String>,
    "NextToken" next_token: Option<String>,
    "RecentlyActive" recently_active: Option<RecentlyActive>,
} }

wire::structure! { ListMetricsOutput: Default {
    "Metrics" metrics: Option<Vec<Metric>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { ListTagsForResourceInput: Default {
    "ResourceARN" resource_arn: String,
} }

wire::structure! { ListTagsForResourceOutput: Default {
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { LogAlarm: Default {
    "ActionConfiguration" action_configuration: Option<ActionConfiguration>,
    "ActionLogLineCount" action_log_line_count: Option<i32>,
    "ActionLogLineRoleArn" action_log_line_role_arn: Option<String>,
    "ActionsEnabled" actions_enabled: Option<bool>,
    "AlarmActions" alarm_actions: Option<Vec<String>>,
    "AlarmArn" alarm_arn: Option<String>,
    "AlarmConfigurationUpdatedTimestamp" alarm_configuration_updated_timestamp: Option<wire::Timestamp>,
    "AlarmDescription" alarm_description: Option<String>,
    "AlarmName" alarm_name: Option<String>,
    "ComparisonOperator" comparison_operator: Option<ComparisonOperator>,
    "EvaluationState" evaluation_state: Option<EvaluationState>,
    "InsufficientDataActions" insufficient_data_actions: Option<Vec<String>>,
    "OKActions" ok_actions: Option<Vec<String>>,
    "QueryResultsToAlarm" query_results_to_alarm: Option<i32>,
    "QueryResultsToEvaluate" query_results_to_evaluate: Option<i32>,
    "ScheduledQueryConfiguration" scheduled_query_configuration: Option<ScheduledQueryConfiguration>,
    "StateReason" state_reason: Option<String>,
    "StateReasonData" state_reason_data: Option<String>,
    "StateTransitionedTimestamp" state_transitioned_timestamp: Option<wire::Timestamp>,
    "StateUpdatedTimestamp" state_updated_timestamp: Option<wire::Timestamp>,
    "StateValue" state_value: Option<StateValue>,
    "Threshold" threshold: Option<f64>,
    "TreatMissingData" treat_missing_data: Option<String>,
    "WarmUpConfiguration" warm_up_configuration: Option<WarmUpConfiguration>,
} }

wire::structure! { MessageData: Default {
    "Code" code: Option<String>,
    "Value" value: Option<String>,
} }

wire::structure! { Metric: Default {
    "Dimensions" dimensions: Option<Vec<Dimension>>,
    "MetricName" metric_name: Option<String>,
    "Namespace" namespace: Option<String>,
} }

wire::structure! { MetricAlarm: Default {
    "ActionConfiguration" action_configuration: Option<ActionConfiguration>,
    "ActionsEnabled" actions_enabled: Option<bool>,
    "AlarmActions" alarm_actions: Option<Vec<String>>,
    "AlarmArn" alarm_arn: Option<String>,
    "AlarmConfigurationUpdatedTimestamp" alarm_configuration_updated_timestamp: Option<wire::Timestamp>,
    "AlarmDescription" alarm_description: Option<String>,
    "AlarmName" alarm_name: Option<String>,
    "ComparisonOperator" comparison_operator: Option<ComparisonOperator>,
    "DatapointsToAlarm" datapoints_to_alarm: Option<i32>,
    "Dimensions" dimensions: Option<Vec<Dimension>>,
    "EvaluateLowSampleCountPercentile" evaluate_low_sample_count_percentile: Option<String>,
    "EvaluationCriteria" evaluation_criteria: Option<EvaluationCriteria>,
    "EvaluationInterval" evaluation_interval: Option<i32>,
    "EvaluationPeriods" evaluation_periods: Option<i32>,
    "EvaluationState" evaluation_state: Option<EvaluationState>,
    "EvaluationWindow" evaluation_window: Option<EvaluationWindow>,
    "ExtendedStatistic" extended_statistic: Option<String>,
    "InsufficientDataActions" insufficient_data_actions: Option<Vec<String>>,
    "MetricName" metric_name: Option<String>,
    "Metrics" metrics: Option<Vec<MetricDataQuery>>,
    "Namespace" namespace: Option<String>,
    "OKActions" ok_actions: Option<Vec<String>>,
    "Period" period: Option<i32>,
    "StateReason" state_reason: Option<String>,
    "StateReasonData" state_reason_data: Option<String>,
    "StateTransitionedTimestamp" state_transitioned_timestamp: Option<wire::Timestamp>,
    "StateUpdatedTimestamp" state_updated_timestamp: Option<wire::Timestamp>,
    "StateValue" state_value: Option<StateValue>,
    "Statistic" statistic: Option<Statistic>,
    "Threshold" threshold: Option<f64>,
    "ThresholdMetricId" threshold_metric_id: Option<String>,
    "TreatMissingData" treat_missing_data: Option<String>,
    "Unit" unit: Option<StandardUnit>,
    "WarmUpConfiguration" warm_up_configuration: Option<WarmUpConfiguration>,
} }

wire::structure! { MetricDataQuery: Default {
    "Expression" expression: Option<String>,
    "Id" id: String,
    "Label" label: Option<String>,
    "MetricStat" metric_stat: Option<MetricStat>,
    "Period" period: Option<i32>,
    "ReturnData" return_data: Option<bool>,
} }

wire::structure! { MetricDataResult: Default {
    "Id" id: Option<String>,
    "Label" label: Option<String>,
    "Messages" messages: Option<Vec<MessageData>>,
    "StatusCode" status_code: Option<StatusCode>,
    "Timestamps" timestamps: Option<Vec<wire::Timestamp>>,
    "Values" values: Option<Vec<f64>>,
} }

wire::structure! { MetricDatum: Default {
    "Counts" counts: Option<Vec<f64>>,
    "Dimensions" dimensions: Option<Vec<Dimension>>,
    "MetricName" metric_name: String,
    "StatisticValues" statistic_values: Option<StatisticSet>,
    "StorageResolution" storage_resolution: Option<i32>,
    "Timestamp" timestamp: Option<wire::Timestamp>,
    "Unit" unit: Option<StandardUnit>,
    "Value" value: Option<f64>,
    "Values" values: Option<Vec<f64>>,
} }

wire::structure! { MetricStat: Default {
    "Metric" metric: Metric,
    "Period" period: i32,
    "Stat" stat: String,
    "Unit" unit: Option<StandardUnit>,
} }

wire::structure! { PutCompositeAlarmInput: Default {
    "ActionsEnabled" actions_enabled: Option<bool>,
    "AlarmActions" alarm_actions: Option<Vec<String>>,
    "AlarmDescription" alarm_description: Option<String>,
    "AlarmName" alarm_name: String,
    "AlarmRule" alarm_rule: String,
    "InsufficientDataActions" insufficient_data_actions: Option<Vec<String>>,
    "OKActions" ok_actions: Option<Vec<String>>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { PutMetricAlarmInput: Default {
    "ActionsEnabled" actions_enabled: Option<bool>,
    "AlarmActions" alarm_actions: Option<Vec<String>>,
    "AlarmDescription" alarm_description: Option<String>,
    "AlarmName" alarm_name: String,
    "ComparisonOperator" comparison_operator: Option<ComparisonOperator>,
    "DatapointsToAlarm" datapoints_to_alarm: Option<i32>,
    "Dimensions" dimensions: Option<Vec<Dimension>>,
    "EvaluateLowSampleCountPercentile" evaluate_low_sample_count_percentile: Option<String>,
    "EvaluationPeriods" evaluation_periods: Option<i32>,
    "ExtendedStatistic" extended_statistic: Option<String>,
    "InsufficientDataActions" insufficient_data_actions: Option<Vec<String>>,
    "MetricName" metric_name: Option<String>,
    "Metrics" metrics: Option<Vec<MetricDataQuery>>,
    "Namespace" namespace: Option<String>,
    "OKActions" ok_actions: Option<Vec<String>>,
    "Period" period: Option<i32>,
    "Statistic" statistic: Option<Statistic>,
    "Tags" tags: Option<Vec<Tag>>,
    "Threshold" threshold: Option<f64>,
    "TreatMissingData" treat_missing_data: Option<String>,
    "Unit" unit: Option<StandardUnit>,
} }

wire::structure! { PutMetricDataInput: Default {
    "MetricData" metric_data: Vec<MetricDatum>,
    "Namespace" namespace: String,
} }

wire::enumeration! { RecentlyActive {
    Pt3h = "PT3H",
} }

wire::enumeration! { ScanBy {
    TimestampDescending = "TimestampDescending",
    TimestampAscending = "TimestampAscending",
} }

wire::structure! { ScheduleConfiguration: Default {
    "EndTimeOffset" end_time_offset: Option<i64>,
    "ScheduleExpression" schedule_expression: Option<String>,
    "StartTimeOffset" start_time_offset: Option<i64>,
} }

wire::structure! { ScheduledQueryConfiguration: Default {
    "AggregationExpression" aggregation_expression: Option<String>,
    "LogGroupIdentifiers" log_group_identifiers: Option<Vec<String>>,
    "QueryARN" query_arn: Option<String>,
    "QueryString" query_string: Option<String>,
    "ScheduleConfiguration" schedule_configuration: Option<ScheduleConfiguration>,
    "ScheduledQueryRoleARN" scheduled_query_role_arn: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { SetAlarmStateInput {
    "AlarmName" alarm_name: String,
    "StateReason" state_reason: String,
    "StateReasonData" state_reason_data: Option<String>,
    "StateValue" state_value: StateValue,
} }

wire::structure! { SlidingWindow: Default {
} }

wire::enumeration! { StandardUnit {
    Seconds = "Seconds",
    Microseconds = "Microseconds",
    Milliseconds = "Milliseconds",
    Bytes = "Bytes",
    Kilobytes = "Kilobytes",
    Megabytes = "Megabytes",
    Gigabytes = "Gigabytes",
    Terabytes = "Terabytes",
    Bits = "Bits",
    Kilobits = "Kilobits",
    Megabits = "Megabits",
    Gigabits = "Gigabits",
    Terabits = "Terabits",
    Percent = "Percent",
    Count = "Count",
    BytesSecond = "Bytes/Second",
    KilobytesSecond = "Kilobytes/Second",
    MegabytesSecond = "Megabytes/Second",
    GigabytesSecond = "Gigabytes/Second",
    TerabytesSecond = "Terabytes/Second",
    BitsSecond = "Bits/Second",
    KilobitsSecond = "Kilobits/Second",
    MegabitsSecond = "Megabits/Second",
    GigabitsSecond = "Gigabits/Second",
    TerabitsSecond = "Terabits/Second",
    CountSecond = "Count/Second",
    None = "None",
} }

wire::enumeration! { StateValue {
    Ok = "OK",
    Alarm = "ALARM",
    InsufficientData = "INSUFFICIENT_DATA",
} }

wire::enumeration! { Statistic {
    SampleCount = "SampleCount",
    Average = "Average",
    Sum = "Sum",
    Minimum = "Minimum",
    Maximum = "Maximum",
} }

wire::structure! { StatisticSet: Default {
    "Maximum" maximum: f64,
    "Minimum" minimum: f64,
    "SampleCount" sample_count: f64,
    "Sum" sum: f64,
} }

wire::enumeration! { StatusCode {
    Complete = "Complete",
    InternalError = "InternalError",
    PartialData = "PartialData",
    Forbidden = "Forbidden",
} }

wire::structure! { Tag: Default {
    "Key" key: String,
    "Value" value: String,
} }

wire::structure! { TagResourceInput: Default {
    "ResourceARN" resource_arn: String,
    "Tags" tags: Vec<Tag>,
} }

wire::structure! { TagResourceOutput: Default {
} }

wire::structure! { UntagResourceInput: Default {
    "ResourceARN" resource_arn: String,
    "TagKeys" tag_keys: Vec<String>,
} }

wire::structure! { UntagResourceOutput: Default {
} }

wire::structure! { WallClockWindow: Default {
    "Timezone" timezone: Option<String>,
} }

wire::structure! { WarmUpConfiguration: Default {
    "OnlyStartEvaluatingAfterWarmUpPeriodEnds" only_start_evaluating_after_warm_up_period_ends: Option<bool>,
    "WarmUpPeriodDurationInMinutes" warm_up_period_duration_in_minutes: Option<i32>,
} }
