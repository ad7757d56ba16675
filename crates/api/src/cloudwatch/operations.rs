//! Operations of CloudWatch (2010-08-01).
//!
//! Written by `cargo xtask codegen` from `shapes/cloudwatch.json` and `shapes/cloudwatch.toml`; change those instead.

use super::shapes;
use wire::shape::{EMPTY, Http};

wire::operations! {
    DeleteAlarms(&shapes::DELETE_ALARMS_INPUT, &EMPTY, None, Http::RPC),
    DescribeAlarmHistory(&shapes::DESCRIBE_ALARM_HISTORY_INPUT, &shapes::DESCRIBE_ALARM_HISTORY_OUTPUT, Some("DescribeAlarmHistoryResult"), Http::RPC),
    DescribeAlarms(&shapes::DESCRIBE_ALARMS_INPUT, &shapes::DESCRIBE_ALARMS_OUTPUT, Some("DescribeAlarmsResult"), Http::RPC),
    DescribeAlarmsForMetric(&shapes::DESCRIBE_ALARMS_FOR_METRIC_INPUT, &shapes::DESCRIBE_ALARMS_FOR_METRIC_OUTPUT, Some("DescribeAlarmsForMetricResult"), Http::RPC),
    DisableAlarmActions(&shapes::DISABLE_ALARM_ACTIONS_INPUT, &EMPTY, None, Http::RPC),
    EnableAlarmActions(&shapes::ENABLE_ALARM_ACTIONS_INPUT, &EMPTY, None, Http::RPC),
    GetMetricData(&shapes::GET_METRIC_DATA_INPUT, &shapes::GET_METRIC_DATA_OUTPUT, Some("GetMetricDataResult"), Http::RPC),
    GetMetricStatistics(&shapes::GET_METRIC_STATISTICS_INPUT, &shapes::GET_METRIC_STATISTICS_OUTPUT, Some("GetMetricStatisticsResult"), Http::RPC),
    ListMetrics(&shapes::LIST_METRICS_INPUT, &shapes::LIST_METRICS_OUTPUT, Some("ListMetricsResult"), Http::RPC),
    ListTagsForResource(&shapes::LIST_TAGS_FOR_RESOURCE_INPUT, &shapes::LIST_TAGS_FOR_RESOURCE_OUTPUT, Some("ListTagsForResourceResult"), Http::RPC),
    PutCompositeAlarm(&shapes::PUT_COMPOSITE_ALARM_INPUT, &EMPTY, None, Http::RPC),
    PutMetricAlarm(&shapes::PUT_METRIC_ALARM_INPUT, &EMPTY, None, Http::RPC),
    PutMetricData(&shapes::PUT_METRIC_DATA_INPUT, &EMPTY, None, Http::RPC),
    SetAlarmState(&shapes::SET_ALARM_STATE_INPUT, &EMPTY, None, Http::RPC),
    TagResource(&shapes::TAG_RESOURCE_INPUT, &shapes::TAG_RESOURCE_OUTPUT, Some("TagResourceResult"), Http::RPC),
    UntagResource(&shapes::UNTAG_RESOURCE_INPUT, &shapes::UNTAG_RESOURCE_OUTPUT, Some("UntagResourceResult"), Http::RPC),
}

impl Operation {
    /// Operations that AWS has and Goru does not serve, ordered by name.
    pub const KNOWN_BUT_UNSERVED: &'static [&'static str] = &[
        "AssociateDatasetKmsKey",
        "CreateResourceMetricsConfiguration",
        "DeleteAlarmMuteRule",
        "DeleteAnomalyDetector",
        "DeleteDashboards",
        "DeleteInsightRules",
        "DeleteMetricDataQueryDefinition",
        "DeleteMetricStream",
        "DeleteResourceMetricsConfiguration",
        "DescribeAlarmContributors",
        "DescribeAnomalyDetectors",
        "DescribeInsightRules",
        "DisableInsightRules",
        "DisassociateDatasetKmsKey",
        "EnableInsightRules",
        "GetAlarmMuteRule",
        "GetDashboard",
        "GetDataset",
        "GetInsightRuleReport",
        "GetMetricDataQueryDefinition",
        "GetMetricStream",
        "GetMetricWidgetImage",
        "GetOTelEnrichment",
        "GetResourceMetricsConfiguration",
        "ListAlarmMuteRules",
        "ListDashboards",
        "ListManagedInsightRules",
        "ListMetricDataQueryDefinitions",
        "ListMetricStreams",
        "PutAlarmMuteRule",
        "PutAnomalyDetector",
        "PutDashboard",
        "PutInsightRule",
        "PutLogAlarm",
        "PutManagedInsightRules",
        "PutMetricDataQueryDefinition",
        "PutMetricStream",
        "StartMetricStreams",
        "StartOTelEnrichment",
        "StopMetricStreams",
        "StopOTelEnrichment",
        "UpdateOTelEnrichment",
        "UpdateResourceMetricsConfiguration",
    ];
}
