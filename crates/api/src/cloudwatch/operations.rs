//! Operations of CloudWatch (2010-08-01).
//!
//! Written by `cargo xtask codegen` from `shapes/cloudwatch.json` and `shapes/cloudwatch.toml`; change those instead.

use super::shapes;
use wire::shape::{EMPTY, Http};

wire::operations! {
    GetMetricData(&shapes::GET_METRIC_DATA_INPUT, &shapes::GET_METRIC_DATA_OUTPUT, Some("GetMetricDataResult"), Http::RPC),
    GetMetricStatistics(&shapes::GET_METRIC_STATISTICS_INPUT, &shapes::GET_METRIC_STATISTICS_OUTPUT, Some("GetMetricStatisticsResult"), Http::RPC),
    ListMetrics(&shapes::LIST_METRICS_INPUT, &shapes::LIST_METRICS_OUTPUT, Some("ListMetricsResult"), Http::RPC),
    PutMetricData(&shapes::PUT_METRIC_DATA_INPUT, &EMPTY, None, Http::RPC),
}

impl Operation {
    /// Operations that AWS has and Goru does not serve, ordered by name.
    pub const KNOWN_BUT_UNSERVED: &'static [&'static str] = &[
        "AssociateDatasetKmsKey",
        "CreateResourceMetricsConfiguration",
        "DeleteAlarmMuteRule",
        "DeleteAlarms",
        "DeleteAnomalyDetector",
        "DeleteDashboards",
        "DeleteInsightRules",
        "DeleteMetricDataQueryDefinition",
        "DeleteMetricStream",
        "DeleteResourceMetricsConfiguration",
        "DescribeAlarmContributors",
        "DescribeAlarmHistory",
        "DescribeAlarms",
        "DescribeAlarmsForMetric",
        "DescribeAnomalyDetectors",
        "DescribeInsightRules",
        "DisableAlarmActions",
        "DisableInsightRules",
        "DisassociateDatasetKmsKey",
        "EnableAlarmActions",
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
        "ListTagsForResource",
        "PutAlarmMuteRule",
        "PutAnomalyDetector",
        "PutCompositeAlarm",
        "PutDashboard",
        "PutInsightRule",
        "PutLogAlarm",
        "PutManagedInsightRules",
        "PutMetricAlarm",
        "PutMetricDataQueryDefinition",
        "PutMetricStream",
        "SetAlarmState",
        "StartMetricStreams",
        "StartOTelEnrichment",
        "StopMetricStreams",
        "StopOTelEnrichment",
        "TagResource",
        "UntagResource",
        "UpdateOTelEnrichment",
        "UpdateResourceMetricsConfiguration",
    ];
}
