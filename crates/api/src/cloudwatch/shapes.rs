//! Shape tables of CloudWatch (2010-08-01).
//!
//! Written by `cargo xtask codegen` from `shapes/cloudwatch.json` and `shapes/cloudwatch.toml`; change those instead.

use super::types;
use wire::shape::{BOOLEAN, DOUBLE, INTEGER, Kind, LONG, Member, Pattern, STRING, Shape, TIMESTAMP};

pub static ACTION_CONFIGURATION: Shape =
    Shape::structure("ActionConfiguration", &[Member::new("AlarmTagsPropagation", &ALARM_TAGS_PROPAGATION)]);
pub static ACTION_PREFIX: Shape = Shape::new("ActionPrefix", Kind::String).min(1.0).max(1024.0);
pub static ACTIONS_SUPPRESSED_BY: Shape =
    Shape::new("ActionsSuppressedBy", Kind::String).values(types::ActionsSuppressedBy::NAMES);
pub static ALARM_DESCRIPTION: Shape = Shape::new("AlarmDescription", Kind::String).max(1024.0);
pub static ALARM_HISTORY_ITEM: Shape = Shape::structure(
    "AlarmHistoryItem",
    &[
        Member::new("AlarmContributorAttributes", &CONTRIBUTOR_ATTRIBUTES),
        Member::new("AlarmContributorId", &STRING),
        Member::new("AlarmName", &ALARM_NAME),
        Member::new("AlarmType", &ALARM_TYPE),
        Member::new("HistoryData", &STRING),
        Member::new("HistoryItemType", &HISTORY_ITEM_TYPE),
        Member::new("HistorySummary", &STRING),
        Member::new("Timestamp", &TIMESTAMP),
    ],
);
pub static ALARM_HISTORY_ITEMS: Shape = Shape::list("AlarmHistoryItems", &ALARM_HISTORY_ITEM);
pub static ALARM_NAME: Shape = Shape::new("AlarmName", Kind::String).min(1.0).max(255.0);
pub static ALARM_NAME_PREFIX: Shape = Shape::new("AlarmNamePrefix", Kind::String).min(1.0).max(255.0);
pub static ALARM_NAMES: Shape = Shape::list("AlarmNames", &ALARM_NAME).max(100.0);
pub static ALARM_PROM_QL_CRITERIA: Shape = Shape::structure(
    "AlarmPromQLCriteria",
    &[Member::new("PendingPeriod", &INTEGER), Member::new("Query", &STRING), Member::new("RecoveryPeriod", &INTEGER)],
);
pub static ALARM_RULE: Shape = Shape::new("AlarmRule", Kind::String).min(1.0).max(10240.0);
pub static ALARM_TAGS_PROPAGATION: Shape = Shape::structure(
    "AlarmTagsPropagation",
    &[
        Member::new("Enabled", &BOOLEAN),
        Member::new("ExcludedTagKeys", &ALARM_TAGS_PROPAGATION_TAG_KEYS),
        Member::new("IncludedTagKeys", &ALARM_TAGS_PROPAGATION_TAG_KEYS),
    ],
);
pub static ALARM_TAGS_PROPAGATION_TAG_KEYS: Shape = Shape::list("AlarmTagsPropagationTagKeys", &STRING);
pub static ALARM_TYPE: Shape = Shape::new("AlarmType", Kind::String).values(types::AlarmType::NAMES);
pub static ALARM_TYPES: Shape = Shape::list("AlarmTypes", &ALARM_TYPE);
pub static AMAZON_RESOURCE_NAME: Shape = Shape::new("AmazonResourceName", Kind::String).min(1.0).max(1024.0);
pub static COMPARISON_OPERATOR: Shape =
    Shape::new("ComparisonOperator", Kind::String).values(types::ComparisonOperator::NAMES);
pub static COMPOSITE_ALARM: Shape = Shape::structure(
    "CompositeAlarm",
    &[
        Member::new("ActionConfiguration", &ACTION_CONFIGURATION),
        Member::new("ActionsEnabled", &BOOLEAN),
        Member::new("ActionsSuppressedBy", &ACTIONS_SUPPRESSED_BY),
        Member::new("ActionsSuppressedReason", &STRING),
        Member::new("ActionsSuppressor", &STRING),
        Member::new("ActionsSuppressorExtensionPeriod", &INTEGER),
        Member::new("ActionsSuppressorWaitPeriod", &INTEGER),
        Member::new("AlarmActions", &RESOURCE_LIST),
        Member::new("AlarmArn", &STRING),
        Member::new("AlarmConfigurationUpdatedTimestamp", &TIMESTAMP),
        Member::new("AlarmDescription", &ALARM_DESCRIPTION),
        Member::new("AlarmName", &ALARM_NAME),
        Member::new("AlarmRule", &ALARM_RULE),
        Member::new("InsufficientDataActions", &RESOURCE_LIST),
        Member::new("OKActions", &RESOURCE_LIST),
        Member::new("StateReason", &STATE_REASON),
        Member::new("StateReasonData", &STATE_REASON_DATA),
        Member::new("StateTransitionedTimestamp", &TIMESTAMP),
        Member::new("StateUpdatedTimestamp", &TIMESTAMP),
        Member::new("StateValue", &STATE_VALUE),
    ],
);
pub static COMPOSITE_ALARMS: Shape = Shape::list("CompositeAlarms", &COMPOSITE_ALARM);
pub static CONTRIBUTOR_ATTRIBUTES: Shape = Shape::map("ContributorAttributes", &STRING, &STRING);
pub static COUNTS: Shape = Shape::list("Counts", &DOUBLE);
pub static DATAPOINT: Shape = Shape::structure(
    "Datapoint",
    &[
        Member::new("Average", &DOUBLE),
        Member::new("ExtendedStatistics", &DATAPOINT_VALUE_MAP),
        Member::new("Maximum", &DOUBLE),
        Member::new("Minimum", &DOUBLE),
        Member::new("SampleCount", &DOUBLE),
        Member::new("Sum", &DOUBLE),
        Member::new("Timestamp", &TIMESTAMP),
        Member::new("Unit", &STANDARD_UNIT),
    ],
);
pub static DATAPOINT_VALUE_MAP: Shape = Shape::map("DatapointValueMap", &STRING, &DOUBLE);
pub static DATAPOINT_VALUES: Shape = Shape::list("DatapointValues", &DOUBLE);
pub static DATAPOINTS: Shape = Shape::list("Datapoints", &DATAPOINT);
pub static DATAPOINTS_TO_ALARM: Shape = Shape::new("DatapointsToAlarm", Kind::Integer).min(1.0);
pub static DELETE_ALARMS_INPUT: Shape =
    Shape::structure("DeleteAlarmsInput", &[Member::new("AlarmNames", &ALARM_NAMES).required()]);
pub static DESCRIBE_ALARM_HISTORY_INPUT: Shape = Shape::structure(
    "DescribeAlarmHistoryInput",
    &[
        Member::refused("AlarmContributorId", "Goru does not serve it yet"),
        Member::new("AlarmName", &ALARM_NAME),
        Member::new("AlarmTypes", &ALARM_TYPES),
        Member::new("EndDate", &TIMESTAMP),
        Member::new("HistoryItemType", &HISTORY_ITEM_TYPE),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &STRING),
        Member::new("ScanBy", &SCAN_BY),
        Member::new("StartDate", &TIMESTAMP),
    ],
);
pub static DESCRIBE_ALARM_HISTORY_OUTPUT: Shape = Shape::structure(
    "DescribeAlarmHistoryOutput",
    &[Member::new("AlarmHistoryItems", &ALARM_HISTORY_ITEMS), Member::new("NextToken", &STRING)],
);
pub static DESCRIBE_ALARMS_FOR_METRIC_INPUT: Shape = Shape::structure(
    "DescribeAlarmsForMetricInput",
    &[
        Member::new("Dimensions", &DIMENSIONS),
        Member::new("ExtendedStatistic", &STRING),
        Member::new("MetricName", &METRIC_NAME).required(),
        Member::new("Namespace", &NAMESPACE).required(),
        Member::new("Period", &PERIOD),
        Member::new("Statistic", &STATISTIC),
        Member::new("Unit", &STANDARD_UNIT),
    ],
);
pub static DESCRIBE_ALARMS_FOR_METRIC_OUTPUT: Shape =
    Shape::structure("DescribeAlarmsForMetricOutput", &[Member::new("MetricAlarms", &METRIC_ALARMS)]);
pub static DESCRIBE_ALARMS_INPUT: Shape = Shape::structure(
    "DescribeAlarmsInput",
    &[
        Member::new("ActionPrefix", &ACTION_PREFIX),
        Member::new("AlarmNamePrefix", &ALARM_NAME_PREFIX),
        Member::new("AlarmNames", &ALARM_NAMES),
        Member::new("AlarmTypes", &ALARM_TYPES),
        Member::new("ChildrenOfAlarmName", &ALARM_NAME),
        Member::new("MaxRecords", &MAX_RECORDS),
        Member::new("NextToken", &STRING),
        Member::new("ParentsOfAlarmName", &ALARM_NAME),
        Member::new("StateValue", &STATE_VALUE),
    ],
);
pub static DESCRIBE_ALARMS_OUTPUT: Shape = Shape::structure(
    "DescribeAlarmsOutput",
    &[
        Member::new("CompositeAlarms", &COMPOSITE_ALARMS),
        Member::new("LogAlarms", &LOG_ALARMS),
        Member::new("MetricAlarms", &METRIC_ALARMS),
        Member::new("NextToken", &STRING),
    ],
);
pub static DIMENSION: Shape = Shape::structure(
    "Dimension",
    &[Member::new("Name", &DIMENSION_NAME).required(), Member::new("Value", &DIMENSION_VALUE).required()],
);
pub static DIMENSION_FILTER: Shape = Shape::structure(
    "DimensionFilter",
    &[Member::new("Name", &DIMENSION_NAME).required(), Member::new("Value", &DIMENSION_VALUE)],
);
pub static DIMENSION_FILTERS: Shape = Shape::list("DimensionFilters", &DIMENSION_FILTER).max(10.0);
pub static DIMENSION_NAME: Shape = Shape::new("DimensionName", Kind::String).min(1.0).max(255.0);
pub static DIMENSION_VALUE: Shape = Shape::new("DimensionValue", Kind::String).min(1.0).max(1024.0);
pub static DIMENSIONS: Shape = Shape::list("Dimensions", &DIMENSION).max(30.0);
pub static DISABLE_ALARM_ACTIONS_INPUT: Shape =
    Shape::structure("DisableAlarmActionsInput", &[Member::new("AlarmNames", &ALARM_NAMES).required()]);
pub static ENABLE_ALARM_ACTIONS_INPUT: Shape =
    Shape::structure("EnableAlarmActionsInput", &[Member::new("AlarmNames", &ALARM_NAMES).required()]);
pub static EVALUATE_LOW_SAMPLE_COUNT_PERCENTILE: Shape =
    Shape::new("EvaluateLowSampleCountPercentile", Kind::String).min(1.0).max(255.0);
pub static EVALUATION_CRITERIA: Shape =
    Shape::structure("EvaluationCriteria", &[Member::new("PromQLCriteria", &ALARM_PROM_QL_CRITERIA)]);
pub static EVALUATION_PERIODS: Shape = Shape::new("EvaluationPeriods", Kind::Integer).min(1.0);
pub static EVALUATION_STATE: Shape = Shape::new("EvaluationState", Kind::String).values(types::EvaluationState::NAMES);
pub static EVALUATION_WINDOW: Shape = Shape::structure(
    "EvaluationWindow",
    &[Member::new("SlidingWindow", &SLIDING_WINDOW), Member::new("WallClockWindow", &WALL_CLOCK_WINDOW)],
);
pub static EXTENDED_STATISTICS: Shape = Shape::list("ExtendedStatistics", &STRING).min(1.0).max(10.0);
pub static GET_METRIC_DATA_INPUT: Shape = Shape::structure(
    "GetMetricDataInput",
    &[
        Member::new("EndTime", &TIMESTAMP).required(),
        Member::refused("LabelOptions", "labels are not computed yet"),
        Member::new("MaxDatapoints", &INTEGER),
        Member::new("MetricDataQueries", &METRIC_DATA_QUERIES).required(),
        Member::new("NextToken", &STRING),
        Member::new("ScanBy", &SCAN_BY),
        Member::new("StartTime", &TIMESTAMP).required(),
    ],
);
pub static GET_METRIC_DATA_OUTPUT: Shape = Shape::structure(
    "GetMetricDataOutput",
    &[
        Member::new("Messages", &METRIC_DATA_RESULT_MESSAGES),
        Member::new("MetricDataResults", &METRIC_DATA_RESULTS),
        Member::new("NextToken", &STRING),
    ],
);
pub static GET_METRIC_STATISTICS_INPUT: Shape = Shape::structure(
    "GetMetricStatisticsInput",
    &[
        Member::new("Dimensions", &DIMENSIONS),
        Member::new("EndTime", &TIMESTAMP).required(),
        Member::new("ExtendedStatistics", &EXTENDED_STATISTICS),
        Member::new("MetricName", &METRIC_NAME).required(),
        Member::new("Namespace", &NAMESPACE).required(),
        Member::new("Period", &PERIOD).required(),
        Member::new("StartTime", &TIMESTAMP).required(),
        Member::new("Statistics", &STATISTICS),
        Member::new("Unit", &STANDARD_UNIT),
    ],
);
pub static GET_METRIC_STATISTICS_OUTPUT: Shape = Shape::structure(
    "GetMetricStatisticsOutput",
    &[Member::new("Datapoints", &DATAPOINTS), Member::new("Label", &STRING)],
);
pub static HISTORY_ITEM_TYPE: Shape = Shape::new("HistoryItemType", Kind::String).values(types::HistoryItemType::NAMES);
pub static LIST_METRICS_INPUT: Shape = Shape::structure(
    "ListMetricsInput",
    &[
        Member::new("Dimensions", &DIMENSION_FILTERS),
        Member::refused("IncludeLinkedAccounts", "Goru has no linked accounts"),
        Member::new("MetricName", &METRIC_NAME),
        Member::new("Namespace", &NAMESPACE),
        Member::new("NextToken", &STRING),
        Member::refused("OwningAccount", "Goru has no linked accounts"),
        Member::new("RecentlyActive", &RECENTLY_ACTIVE),
    ],
);
pub static LIST_METRICS_OUTPUT: Shape =
    Shape::structure("ListMetricsOutput", &[Member::new("Metrics", &METRICS), Member::new("NextToken", &STRING)]);
pub static LIST_TAGS_FOR_RESOURCE_INPUT: Shape =
    Shape::structure("ListTagsForResourceInput", &[Member::new("ResourceARN", &AMAZON_RESOURCE_NAME).required()]);
pub static LIST_TAGS_FOR_RESOURCE_OUTPUT: Shape =
    Shape::structure("ListTagsForResourceOutput", &[Member::new("Tags", &TAG_LIST)]);
pub static LOG_ALARM: Shape = Shape::structure(
    "LogAlarm",
    &[
        Member::new("ActionConfiguration", &ACTION_CONFIGURATION),
        Member::new("ActionLogLineCount", &INTEGER),
        Member::new("ActionLogLineRoleArn", &STRING),
        Member::new("ActionsEnabled", &BOOLEAN),
        Member::new("AlarmActions", &RESOURCE_LIST),
        Member::new("AlarmArn", &STRING),
        Member::new("AlarmConfigurationUpdatedTimestamp", &TIMESTAMP),
        Member::new("AlarmDescription", &ALARM_DESCRIPTION),
        Member::new("AlarmName", &ALARM_NAME),
        Member::new("ComparisonOperator", &COMPARISON_OPERATOR),
        Member::new("EvaluationState", &EVALUATION_STATE),
        Member::new("InsufficientDataActions", &RESOURCE_LIST),
        Member::new("OKActions", &RESOURCE_LIST),
        Member::new("QueryResultsToAlarm", &INTEGER),
        Member::new("QueryResultsToEvaluate", &INTEGER),
        Member::new("ScheduledQueryConfiguration", &SCHEDULED_QUERY_CONFIGURATION),
        Member::new("StateReason", &STATE_REASON),
        Member::new("StateReasonData", &STATE_REASON_DATA),
        Member::new("StateTransitionedTimestamp", &TIMESTAMP),
        Member::new("StateUpdatedTimestamp", &TIMESTAMP),
        Member::new("StateValue", &STATE_VALUE),
        Member::new("Threshold", &DOUBLE),
        Member::new("TreatMissingData", &TREAT_MISSING_DATA),
        Member::new("WarmUpConfiguration", &WARM_UP_CONFIGURATION),
    ],
);
pub static LOG_ALARMS: Shape = Shape::list("LogAlarms", &LOG_ALARM);
pub static LOG_GROUP_IDENTIFIERS: Shape = Shape::list("LogGroupIdentifiers", &AMAZON_RESOURCE_NAME);
pub static MAX_RECORDS: Shape = Shape::new("MaxRecords", Kind::Integer).min(1.0).max(100.0);
pub static MESSAGE_DATA: Shape =
    Shape::structure("MessageData", &[Member::new("Code", &STRING), Member::new("Value", &STRING)]);
pub static METRIC: Shape = Shape::structure(
    "Metric",
    &[
        Member::new("Dimensions", &DIMENSIONS),
        Member::new("MetricName", &METRIC_NAME),
        Member::new("Namespace", &NAMESPACE),
    ],
);
pub static METRIC_ALARM: Shape = Shape::structure(
    "MetricAlarm",
    &[
        Member::new("ActionConfiguration", &ACTION_CONFIGURATION),
        Member::new("ActionsEnabled", &BOOLEAN),
        Member::new("AlarmActions", &RESOURCE_LIST),
        Member::new("AlarmArn", &STRING),
        Member::new("AlarmConfigurationUpdatedTimestamp", &TIMESTAMP),
        Member::new("AlarmDescription", &ALARM_DESCRIPTION),
        Member::new("AlarmName", &ALARM_NAME),
        Member::new("ComparisonOperator", &COMPARISON_OPERATOR),
        Member::new("DatapointsToAlarm", &DATAPOINTS_TO_ALARM),
        Member::new("Dimensions", &DIMENSIONS),
        Member::new("EvaluateLowSampleCountPercentile", &EVALUATE_LOW_SAMPLE_COUNT_PERCENTILE),
        Member::new("EvaluationCriteria", &EVALUATION_CRITERIA),
        Member::new("EvaluationInterval", &INTEGER),
        Member::new("EvaluationPeriods", &EVALUATION_PERIODS),
        Member::new("EvaluationState", &EVALUATION_STATE),
        Member::new("EvaluationWindow", &EVALUATION_WINDOW),
        Member::new("ExtendedStatistic", &STRING),
        Member::new("InsufficientDataActions", &RESOURCE_LIST),
        Member::new("MetricName", &METRIC_NAME),
        Member::new("Metrics", &METRIC_DATA_QUERIES),
        Member::new("Namespace", &NAMESPACE),
        Member::new("OKActions", &RESOURCE_LIST),
        Member::new("Period", &PERIOD),
        Member::new("StateReason", &STATE_REASON),
        Member::new("StateReasonData", &STATE_REASON_DATA),
        Member::new("StateTransitionedTimestamp", &TIMESTAMP),
        Member::new("StateUpdatedTimestamp", &TIMESTAMP),
        Member::new("StateValue", &STATE_VALUE),
        Member::new("Statistic", &STATISTIC),
        Member::new("Threshold", &DOUBLE),
        Member::new("ThresholdMetricId", &METRIC_ID),
        Member::new("TreatMissingData", &TREAT_MISSING_DATA),
        Member::new("Unit", &STANDARD_UNIT),
        Member::new("WarmUpConfiguration", &WARM_UP_CONFIGURATION),
    ],
);
pub static METRIC_ALARMS: Shape = Shape::list("MetricAlarms", &METRIC_ALARM);
pub static METRIC_DATA: Shape = Shape::list("MetricData", &METRIC_DATUM);
pub static METRIC_DATA_QUERIES: Shape = Shape::list("MetricDataQueries", &METRIC_DATA_QUERY);
pub static METRIC_DATA_QUERY: Shape = Shape::structure(
    "MetricDataQuery",
    &[
        Member::refused("AccountId", "Goru has no linked accounts"),
        Member::new("Expression", &METRIC_EXPRESSION),
        Member::new("Id", &METRIC_ID).required(),
        Member::new("Label", &STRING),
        Member::new("MetricStat", &METRIC_STAT),
        Member::new("Period", &PERIOD),
        Member::new("ReturnData", &BOOLEAN),
    ],
);
pub static METRIC_DATA_RESULT: Shape = Shape::structure(
    "MetricDataResult",
    &[
        Member::new("Id", &METRIC_ID),
        Member::new("Label", &STRING),
        Member::new("Messages", &METRIC_DATA_RESULT_MESSAGES),
        Member::new("StatusCode", &STATUS_CODE),
        Member::new("Timestamps", &TIMESTAMPS),
        Member::new("Values", &DATAPOINT_VALUES),
    ],
);
pub static METRIC_DATA_RESULT_MESSAGES: Shape = Shape::list("MetricDataResultMessages", &MESSAGE_DATA);
pub static METRIC_DATA_RESULTS: Shape = Shape::list("MetricDataResults", &METRIC_DATA_RESULT);
pub static METRIC_DATUM: Shape = Shape::structure(
    "MetricDatum",
    &[
        Member::new("Counts", &COUNTS),
        Member::new("Dimensions", &DIMENSIONS),
        Member::new("MetricName", &METRIC_NAME).required(),
        Member::new("StatisticValues", &STATISTIC_SET),
        Member::new("StorageResolution", &STORAGE_RESOLUTION),
        Member::new("Timestamp", &TIMESTAMP),
        Member::new("Unit", &STANDARD_UNIT),
        Member::new("Value", &DOUBLE),
        Member::new("Values", &VALUES),
    ],
);
pub static METRIC_EXPRESSION: Shape = Shape::new("MetricExpression", Kind::String).min(1.0).max(2048.0);
pub static METRIC_ID: Shape = Shape::new("MetricId", Kind::String).min(1.0).max(255.0);
pub static METRIC_NAME: Shape = Shape::new("MetricName", Kind::String).min(1.0).max(255.0);
pub static METRIC_STAT: Shape = Shape::structure(
    "MetricStat",
    &[
        Member::new("Metric", &METRIC).required(),
        Member::new("Period", &PERIOD).required(),
        Member::new("Stat", &STRING).required(),
        Member::new("Unit", &STANDARD_UNIT),
    ],
);
pub static METRICS: Shape = Shape::list("Metrics", &METRIC);
static NAMESPACE_PATTERN: Pattern = Pattern::new(r"[^:].*");
pub static NAMESPACE: Shape = Shape::new("Namespace", Kind::String).min(1.0).max(255.0).pattern(&NAMESPACE_PATTERN);
pub static PERIOD: Shape = Shape::new("Period", Kind::Integer).min(1.0);
pub static PUT_COMPOSITE_ALARM_INPUT: Shape = Shape::structure(
    "PutCompositeAlarmInput",
    &[
        Member::refused("ActionConfiguration", "Goru does not serve it yet"),
        Member::new("ActionsEnabled", &BOOLEAN),
        Member::refused("ActionsSuppressor", "actions are not suppressed by other alarms yet"),
        Member::refused("ActionsSuppressorExtensionPeriod", "actions are not suppressed by other alarms yet"),
        Member::refused("ActionsSuppressorWaitPeriod", "actions are not suppressed by other alarms yet"),
        Member::new("AlarmActions", &RESOURCE_LIST),
        Member::new("AlarmDescription", &ALARM_DESCRIPTION),
        Member::new("AlarmName", &ALARM_NAME).required(),
        Member::new("AlarmRule", &ALARM_RULE).required(),
        Member::new("InsufficientDataActions", &RESOURCE_LIST),
        Member::new("OKActions", &RESOURCE_LIST),
        Member::new("Tags", &TAG_LIST),
    ],
);
pub static PUT_METRIC_ALARM_INPUT: Shape = Shape::structure(
    "PutMetricAlarmInput",
    &[
        Member::refused("ActionConfiguration", "Goru does not serve it yet"),
        Member::new("ActionsEnabled", &BOOLEAN),
        Member::new("AlarmActions", &RESOURCE_LIST),
        Member::new("AlarmDescription", &ALARM_DESCRIPTION),
        Member::new("AlarmName", &ALARM_NAME).required(),
        Member::new("ComparisonOperator", &COMPARISON_OPERATOR),
        Member::new("DatapointsToAlarm", &DATAPOINTS_TO_ALARM),
        Member::new("Dimensions", &DIMENSIONS),
        Member::new("EvaluateLowSampleCountPercentile", &EVALUATE_LOW_SAMPLE_COUNT_PERCENTILE),
        Member::refused("EvaluationCriteria", "Goru does not serve it yet"),
        Member::refused("EvaluationInterval", "Goru does not serve it yet"),
        Member::new("EvaluationPeriods", &EVALUATION_PERIODS),
        Member::refused("EvaluationWindow", "Goru does not serve it yet"),
        Member::new("ExtendedStatistic", &STRING),
        Member::new("InsufficientDataActions", &RESOURCE_LIST),
        Member::new("MetricName", &METRIC_NAME),
        Member::new("Metrics", &METRIC_DATA_QUERIES),
        Member::new("Namespace", &NAMESPACE),
        Member::new("OKActions", &RESOURCE_LIST),
        Member::new("Period", &PERIOD),
        Member::new("Statistic", &STATISTIC),
        Member::new("Tags", &TAG_LIST),
        Member::new("Threshold", &DOUBLE),
        Member::refused("ThresholdMetricId", "anomaly detection is not part of Goru"),
        Member::new("TreatMissingData", &TREAT_MISSING_DATA),
        Member::new("Unit", &STANDARD_UNIT),
        Member::refused("WarmUpConfiguration", "Goru does not serve it yet"),
    ],
);
pub static PUT_METRIC_DATA_INPUT: Shape = Shape::structure(
    "PutMetricDataInput",
    &[
        Member::refused("EntityMetricData", "entities are not part of Goru"),
        Member::new("MetricData", &METRIC_DATA).required(),
        Member::new("Namespace", &NAMESPACE).required(),
        Member::refused("StrictEntityValidation", "entities are not part of Goru"),
    ],
);
pub static RECENTLY_ACTIVE: Shape = Shape::new("RecentlyActive", Kind::String).values(types::RecentlyActive::NAMES);
pub static RESOURCE_LIST: Shape = Shape::list("ResourceList", &RESOURCE_NAME).max(5.0);
pub static RESOURCE_NAME: Shape = Shape::new("ResourceName", Kind::String).min(1.0).max(1024.0);
pub static SCAN_BY: Shape = Shape::new("ScanBy", Kind::String).values(types::ScanBy::NAMES);
pub static SCHEDULE_CONFIGURATION: Shape = Shape::structure(
    "ScheduleConfiguration",
    &[
        Member::new("EndTimeOffset", &LONG),
        Member::new("ScheduleExpression", &STRING),
        Member::new("StartTimeOffset", &LONG),
    ],
);
pub static SCHEDULED_QUERY_CONFIGURATION: Shape = Shape::structure(
    "ScheduledQueryConfiguration",
    &[
        Member::new("AggregationExpression", &STRING),
        Member::new("LogGroupIdentifiers", &LOG_GROUP_IDENTIFIERS),
        Member::new("QueryARN", &AMAZON_RESOURCE_NAME),
        Member::new("QueryString", &STRING),
        Member::new("ScheduleConfiguration", &SCHEDULE_CONFIGURATION),
        Member::new("ScheduledQueryRoleARN", &AMAZON_RESOURCE_NAME),
        Member::new("Tags", &TAG_LIST),
    ],
);
pub static SET_ALARM_STATE_INPUT: Shape = Shape::structure(
    "SetAlarmStateInput",
    &[
        Member::new("AlarmName", &ALARM_NAME).required(),
        Member::new("StateReason", &STATE_REASON).required(),
        Member::new("StateReasonData", &STATE_REASON_DATA),
        Member::new("StateValue", &STATE_VALUE).required(),
    ],
);
pub static SLIDING_WINDOW: Shape = Shape::structure("SlidingWindow", &[]);
pub static STANDARD_UNIT: Shape = Shape::new("StandardUnit", Kind::String).values(types::StandardUnit::NAMES);
pub static STATE_REASON: Shape = Shape::new("StateReason", Kind::String).max(1023.0);
pub static STATE_REASON_DATA: Shape = Shape::new("StateReasonData", Kind::String).max(4000.0);
pub static STATE_VALUE: Shape = Shape::new("StateValue", Kind::String).values(types::StateValue::NAMES);
pub static STATISTIC: Shape = Shape::new("Statistic", Kind::String).values(types::Statistic::NAMES);
pub static STATISTIC_SET: Shape = Shape::structure(
    "StatisticSet",
    &[
        Member::new("Maximum", &DOUBLE).required(),
        Member::new("Minimum", &DOUBLE).required(),
        Member::new("SampleCount", &DOUBLE).required(),
        Member::new("Sum", &DOUBLE).required(),
    ],
);
pub static STATISTICS: Shape = Shape::list("Statistics", &STATISTIC).min(1.0).max(5.0);
pub static STATUS_CODE: Shape = Shape::new("StatusCode", Kind::String).values(types::StatusCode::NAMES);
pub static STORAGE_RESOLUTION: Shape = Shape::new("StorageResolution", Kind::Integer).min(1.0);
pub static TAG: Shape =
    Shape::structure("Tag", &[Member::new("Key", &TAG_KEY).required(), Member::new("Value", &TAG_VALUE).required()]);
pub static TAG_KEY: Shape = Shape::new("TagKey", Kind::String).min(1.0).max(128.0);
pub static TAG_KEY_LIST: Shape = Shape::list("TagKeyList", &TAG_KEY);
pub static TAG_LIST: Shape = Shape::list("TagList", &TAG);
pub static TAG_RESOURCE_INPUT: Shape = Shape::structure(
    "TagResourceInput",
    &[Member::new("ResourceARN", &AMAZON_RESOURCE_NAME).required(), Member::new("Tags", &TAG_LIST).required()],
);
pub static TAG_RESOURCE_OUTPUT: Shape = Shape::structure("TagResourceOutput", &[]);
pub static TAG_VALUE: Shape = Shape::new("TagValue", Kind::String).max(256.0);
pub static TIMESTAMPS: Shape = Shape::list("Timestamps", &TIMESTAMP);
pub static TREAT_MISSING_DATA: Shape = Shape::new("TreatMissingData", Kind::String).min(1.0).max(255.0);
pub static UNTAG_RESOURCE_INPUT: Shape = Shape::structure(
    "UntagResourceInput",
    &[Member::new("ResourceARN", &AMAZON_RESOURCE_NAME).required(), Member::new("TagKeys", &TAG_KEY_LIST).required()],
);
pub static UNTAG_RESOURCE_OUTPUT: Shape = Shape::structure("UntagResourceOutput", &[]);
pub static VALUES: Shape = Shape::list("Values", &DOUBLE);
pub static WALL_CLOCK_WINDOW: Shape = Shape::structure("WallClockWindow", &[Member::new("Timezone", &STRING)]);
pub static WARM_UP_CONFIGURATION: Shape = Shape::structure(
    "WarmUpConfiguration",
    &[
        Member::new("OnlyStartEvaluatingAfterWarmUpPeriodEnds", &BOOLEAN),
        Member::new("WarmUpPeriodDurationInMinutes", &INTEGER),
    ],
);
