//! Amazon CloudWatch: metric data in, statistics out, and alarms on them, over JSON, CBOR and query
//! alike.
//!
//! Points are not records: they go to the store's metric series. How points are counted together is decided by
//! `model::cloudwatch::statistics`. Operations on alarms write records; `controllers::alarms` evaluates them.

mod alarms;
mod errors;
mod list;
mod metric_data;
mod names;
mod put;
mod queries;
mod series;
mod statistics;

use api::cloudwatch::Operation;
use wire::{AwsError, Value};

pub(crate) use alarms::record;

use crate::context::Context;
use crate::handler::{done, read, reply};

/// The operations of CloudWatch.
///
/// # Errors
/// Those of the operation.
pub async fn dispatch(cx: &Context, operation: Operation, input: Value) -> Result<Value, AwsError> {
    match operation {
        Operation::DeleteAlarms => done(alarms::delete(cx, read(input)?).await),
        Operation::DescribeAlarmHistory => reply(alarms::describe_history(cx, read(input)?)),
        Operation::DescribeAlarms => reply(alarms::describe(cx, read(input)?)),
        Operation::DescribeAlarmsForMetric => reply(alarms::describe_for_metric(cx, read(input)?)),
        Operation::DisableAlarmActions => done(alarms::disable_actions(cx, read(input)?).await),
        Operation::EnableAlarmActions => done(alarms::enable_actions(cx, read(input)?).await),
        Operation::GetMetricData => reply(metric_data::get(cx, read(input)?).await),
        Operation::GetMetricStatistics => reply(statistics::get(cx, read(input)?).await),
        Operation::ListMetrics => reply(list::list(cx, read(input)?)),
        Operation::ListTagsForResource => reply(alarms::list_tags(cx, read(input)?)),
        Operation::PutCompositeAlarm => done(alarms::put_composite(cx, read(input)?).await),
        Operation::PutMetricAlarm => done(alarms::put_metric(cx, read(input)?).await),
        Operation::PutMetricData => done(put::put(cx, read(input)?)),
        Operation::SetAlarmState => done(alarms::set_state(cx, read(input)?).await),
        Operation::TagResource => reply(alarms::tag(cx, read(input)?).await),
        Operation::UntagResource => reply(alarms::untag(cx, read(input)?).await),
    }
}
