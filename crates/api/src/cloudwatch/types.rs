//! Inputs, outputs and enumerations of CloudWatch (2010-08-01).
//!
//! Written by `cargo xtask codegen` from `shapes/cloudwatch.json` and `shapes/cloudwatch.toml`; change those instead.

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

wire::structure! { Dimension: Default {
    "Name" name: String,
    "Value" value: String,
} }

wire::structure! { DimensionFilter: Default {
    "Name" name: String,
    "Value" value: Option<String>,
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

wire::structure! { MessageData: Default {
    "Code" code: Option<String>,
    "Value" value: Option<String>,
} }

wire::structure! { Metric: Default {
    "Dimensions" dimensions: Option<Vec<Dimension>>,
    "MetricName" metric_name: Option<String>,
    "Namespace" namespace: Option<String>,
} }

wire::structure! { MetricDataQuery: Default {
    "Id" id: String,
    "Label" label: Option<String>,
    "MetricStat" metric_stat: Option<MetricStat>,
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
