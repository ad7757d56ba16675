//! DescribeAlarmsForMetric: alarms that watch one metric, alone or in an expression.

use api::cloudwatch::types::{DescribeAlarmsForMetricInput, DescribeAlarmsForMetricOutput};
use model::cloudwatch::alarm::{Alarm, MetricStat, QuerySource, Watched};

use super::views;
use crate::cloudwatch::errors::Error;
use crate::cloudwatch::names;
use crate::context::Context;

pub(in crate::cloudwatch) fn describe_for_metric(
    cx: &Context,
    input: DescribeAlarmsForMetricInput,
) -> Result<DescribeAlarmsForMetricOutput, Error> {
    let DescribeAlarmsForMetricInput {
        dimensions,
        extended_statistic,
        metric_name,
        namespace,
        period,
        statistic,
        unit,
    } = input;
    let metric = names::metric(namespace, metric_name, dimensions, "Dimensions")?;
    let wanted_stat = statistic.map(|statistic| statistic.as_str().to_owned()).or(extended_statistic);
    let fits = |stat: &MetricStat| {
        stat.metric == metric
            && wanted_stat.as_ref().is_none_or(|wanted| *wanted == stat.stat.to_string())
            && period.is_none_or(|period| period == stat.period_seconds)
            && unit.is_none_or(|unit| stat.unit.as_deref() == Some(unit.as_str()))
    };
    let watches = |alarm: &Alarm| match &alarm.watched {
        Watched::Metric(stat) => fits(stat),
        Watched::Queries(queries) => queries.iter().any(|query| match &query.source {
            QuerySource::Stat(stat) => fits(stat),
            QuerySource::Expression { .. } => false,
        }),
    };
    let (view, scope) = (cx.store.view(), cx.scope());
    let alarms = view.list::<Alarm>(&scope).filter(|alarm| watches(alarm)).map(|alarm| views::metric_alarm(&alarm));
    Ok(DescribeAlarmsForMetricOutput { metric_alarms: Some(alarms.collect()) })
}
