//! Amazon CloudWatch: metric data in, statistics out, over JSON, CBOR and query alike. Alarms come with a later release.
//!
//! Points are not records: they go to the store's metric series. How points are counted together is decided by
//! `model::cloudwatch::statistics`.

mod errors;
mod list;
mod metric_data;
mod names;
mod put;
mod series;
mod statistics;

use api::cloudwatch::Operation;
use wire::{AwsError, Value};

use crate::context::Context;
use crate::handler::{done, read, reply};

/// The operations of CloudWatch.
///
/// # Errors
/// Those of the operation.
pub async fn dispatch(cx: &Context, operation: Operation, input: Value) -> Result<Value, AwsError> {
    match operation {
        Operation::GetMetricData => reply(metric_data::get(cx, read(input)?).await),
        Operation::GetMetricStatistics => reply(statistics::get(cx, read(input)?).await),
        Operation::ListMetrics => reply(list::list(cx, read(input)?)),
        Operation::PutMetricData => done(put::put(cx, read(input)?)),
    }
}
