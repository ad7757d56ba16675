//! Shape tables of CloudWatch (2010-08-01).
//!
//! Written by `cargo xtask codegen` from `shapes/cloudwatch.json` and `shapes/cloudwatch.toml`; change those instead.

use super::types;
use wire::shape::{BOOLEAN, DOUBLE, INTEGER, Kind, Member, Pattern, STRING, Shape, TIMESTAMP};

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
pub static METRIC_DATA: Shape = Shape::list("MetricData", &METRIC_DATUM);
pub static METRIC_DATA_QUERIES: Shape = Shape::list("MetricDataQueries", &METRIC_DATA_QUERY);
pub static METRIC_DATA_QUERY: Shape = Shape::structure(
    "MetricDataQuery",
    &[
        Member::refused("AccountId", "Goru has no linked accounts"),
        Member::refused("Expression", "metric math comes with a later release"),
        Member::new("Id", &METRIC_ID).required(),
        Member::new("Label", &STRING),
        Member::new("MetricStat", &METRIC_STAT),
        Member::refused("Period", "metric math comes with a later release"),
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
pub static SCAN_BY: Shape = Shape::new("ScanBy", Kind::String).values(types::ScanBy::NAMES);
pub static STANDARD_UNIT: Shape = Shape::new("StandardUnit", Kind::String).values(types::StandardUnit::NAMES);
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
pub static TIMESTAMPS: Shape = Shape::list("Timestamps", &TIMESTAMP);
pub static VALUES: Shape = Shape::list("Values", &DOUBLE);
