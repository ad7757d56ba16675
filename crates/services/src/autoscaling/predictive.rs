//! Predictive scaling: its configuration on its way in and out, and the forecast that was made for a policy.

use api::autoscaling::types as shape;
use model::Timestamp;
use model::autoscaling::policy::metric::PolicyQuery;
use model::autoscaling::policy::predictive::{
    BreachBehavior, Forecast, ForecastHour, MetricPair, PredictiveMetric, PredictiveMetrics, PredictiveMode,
    PredictivePolicy,
};
use model::autoscaling::policy::{PolicyKind, ScalingPolicy};
use model::cloudwatch::alarm::MetricQuery;
use model::cloudwatch::metric_math;

use super::errors::{Error, invalid, shown};
use super::metric_queries::{predictive_query, predictive_query_to_shape};
use super::policies;
use super::resources::{self, number, shown_number};
use crate::context::Context;
use crate::handler::{from_wire, to_wire};

/// How long a stretch can be asked for (Auto Scaling API reference, GetPredictiveScalingForecast: 30 days).
const LONGEST_STRETCH: std::time::Duration = std::time::Duration::from_secs(30 * 86_400);

pub(super) fn read(given: shape::PredictiveScalingConfiguration) -> Result<PredictivePolicy, Error> {
    let shape::PredictiveScalingConfiguration {
        max_capacity_breach_behavior,
        max_capacity_buffer,
        metric_specifications,
        mode,
        scheduling_buffer_time,
    } = given;
    let mut specifications = metric_specifications.into_iter();
    let (Some(specification), None) = (specifications.next(), specifications.next()) else {
        return Err(invalid("PredictiveScalingConfiguration needs exactly one of MetricSpecifications"));
    };
    let (metrics, target) = read_metrics(specification)?;
    Ok(PredictivePolicy {
        mode: mode.map_or(PredictiveMode::ForecastOnly, |mode| match mode {
            shape::PredictiveScalingMode::ForecastAndScale => PredictiveMode::ForecastAndScale,
            shape::PredictiveScalingMode::ForecastOnly => PredictiveMode::ForecastOnly,
        }),
        target,
        metrics,
        scheduling_buffer_seconds: scheduling_buffer_time.map(number),
        breach_behavior: max_capacity_breach_behavior.map(|behavior| match behavior {
            shape::PredictiveScalingMaxCapacityBreachBehavior::HonorMaxCapacity => BreachBehavior::HonorMaxCapacity,
            shape::PredictiveScalingMaxCapacityBreachBehavior::IncreaseMaxCapacity => {
                BreachBehavior::IncreaseMaxCapacity
            }
        }),
        maximum_capacity_buffer: max_capacity_buffer.map(number),
        forecast: None,
    })
}

fn read_metrics(given: shape::PredictiveScalingMetricSpecification) -> Result<(PredictiveMetrics, f64), Error> {
    let shape::PredictiveScalingMetricSpecification {
        customized_capacity_metric_specification,
        customized_load_metric_specification,
        customized_scaling_metric_specification,
        predefined_load_metric_specification,
        predefined_metric_pair_specification,
        predefined_scaling_metric_specification,
        target_value,
    } = given;
    let load = read_metric(
        predefined_load_metric_specification.map(|load| (load.predefined_metric_type.as_str(), load.resource_label)),
        customized_load_metric_specification.map(|load| load.metric_data_queries),
        "load",
    )?;
    let scaling = read_metric(
        predefined_scaling_metric_specification.map(|one| (one.predefined_metric_type.as_str(), one.resource_label)),
        customized_scaling_metric_specification.map(|one| one.metric_data_queries),
        "scaling",
    )?;
    let capacity = customized_capacity_metric_specification.map(|one| queries(one.metric_data_queries)).transpose()?;
    let metrics = match (predefined_metric_pair_specification, scaling, load, capacity) {
        (Some(pair), None, None, None) => {
            let shape::PredictiveScalingPredefinedMetricPair { predefined_metric_type, resource_label } = pair;
            PredictiveMetrics::Pair { pair: pair_named(predefined_metric_type.as_str())?, resource_label }
        }
        (None, Some(scaling), Some(load), capacity) => PredictiveMetrics::Individual { scaling, load, capacity },
        (Some(_) | None, Some(_) | None, Some(_) | None, Some(_) | None) => {
            return Err(invalid(
                "a metric specification needs either PredefinedMetricPairSpecification, or one load metric and one \
                 scaling metric, which may have a capacity metric beside them",
            ));
        }
    };
    Ok((metrics, target_value))
}

fn read_metric(
    predefined: Option<(&'static str, Option<String>)>,
    customized: Option<Vec<shape::MetricDataQuery>>,
    what: &str,
) -> Result<Option<PredictiveMetric>, Error> {
    match (predefined, customized) {
        (Some((name, resource_label)), None) => {
            Ok(Some(PredictiveMetric::Predefined { pair: pair_named(name)?, resource_label }))
        }
        (None, Some(given)) => Ok(Some(PredictiveMetric::Customized(queries(given)?))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(invalid(format!("give the {what} metric as predefined or as customized, not both"))),
    }
}

/// Expressions that could never be computed are refused here: a forecast is made later, when nobody hears of it.
fn queries(given: Vec<shape::MetricDataQuery>) -> Result<Vec<PolicyQuery>, Error> {
    let queries: Vec<PolicyQuery> = given.into_iter().map(predictive_query).collect::<Result<_, _>>()?;
    let math: Vec<MetricQuery> = queries.iter().map(PolicyQuery::query).collect();
    metric_math::check(&math).map_err(|error| invalid(error.to_string()))?;
    Ok(queries)
}

fn pair_named(name: &str) -> Result<MetricPair, Error> {
    MetricPair::from_name(name).ok_or_else(|| invalid(format!("there is no predefined metric {}", shown(name))))
}

pub(super) fn to_shape(policy: &PredictivePolicy) -> shape::PredictiveScalingConfiguration {
    let PredictivePolicy {
        mode,
        target: _,
        metrics: _,
        scheduling_buffer_seconds: _,
        breach_behavior: _,
        maximum_capacity_buffer,
        forecast: _,
    } = policy;
    shape::PredictiveScalingConfiguration {
        max_capacity_breach_behavior: Some(match policy.behavior() {
            BreachBehavior::HonorMaxCapacity => shape::PredictiveScalingMaxCapacityBreachBehavior::HonorMaxCapacity,
            BreachBehavior::IncreaseMaxCapacity => {
                shape::PredictiveScalingMaxCapacityBreachBehavior::IncreaseMaxCapacity
            }
        }),
        max_capacity_buffer: maximum_capacity_buffer.map(shown_number),
        metric_specifications: vec![specification(policy)],
        mode: Some(match mode {
            PredictiveMode::ForecastAndScale => shape::PredictiveScalingMode::ForecastAndScale,
            PredictiveMode::ForecastOnly => shape::PredictiveScalingMode::ForecastOnly,
        }),
        scheduling_buffer_time: Some(shown_number(policy.buffer_seconds())),
    }
}

fn specification(policy: &PredictivePolicy) -> shape::PredictiveScalingMetricSpecification {
    let mut shown = shape::PredictiveScalingMetricSpecification { target_value: policy.target, ..Default::default() };
    match &policy.metrics {
        PredictiveMetrics::Pair { pair, resource_label } => {
            shown.predefined_metric_pair_specification = pair.name().parse().ok().map(|predefined_metric_type| {
                let resource_label = resource_label.clone();
                shape::PredictiveScalingPredefinedMetricPair { predefined_metric_type, resource_label }
            });
        }
        PredictiveMetrics::Individual { scaling, load, capacity } => {
            show_scaling(&mut shown, scaling);
            show_load(&mut shown, load);
            shown.customized_capacity_metric_specification = capacity.as_deref().map(|queries| {
                shape::PredictiveScalingCustomizedCapacityMetric { metric_data_queries: queries_to_shape(queries) }
            });
        }
    }
    shown
}

fn show_scaling(shown: &mut shape::PredictiveScalingMetricSpecification, metric: &PredictiveMetric) {
    match metric {
        PredictiveMetric::Predefined { pair, resource_label } => {
            let named = pair.scaling_name().parse().ok();
            shown.predefined_scaling_metric_specification = named.map(|predefined_metric_type| {
                let resource_label = resource_label.clone();
                shape::PredictiveScalingPredefinedScalingMetric { predefined_metric_type, resource_label }
            });
        }
        PredictiveMetric::Customized(queries) => {
            let metric_data_queries = queries_to_shape(queries);
            shown.customized_scaling_metric_specification =
                Some(shape::PredictiveScalingCustomizedScalingMetric { metric_data_queries });
        }
    }
}

fn show_load(shown: &mut shape::PredictiveScalingMetricSpecification, metric: &PredictiveMetric) {
    match metric {
        PredictiveMetric::Predefined { pair, resource_label } => {
            let named = pair.load_name().parse().ok();
            shown.predefined_load_metric_specification = named.map(|predefined_metric_type| {
                let resource_label = resource_label.clone();
                shape::PredictiveScalingPredefinedLoadMetric { predefined_metric_type, resource_label }
            });
        }
        PredictiveMetric::Customized(queries) => {
            let metric_data_queries = queries_to_shape(queries);
            shown.customized_load_metric_specification =
                Some(shape::PredictiveScalingCustomizedLoadMetric { metric_data_queries });
        }
    }
}

fn queries_to_shape(queries: &[PolicyQuery]) -> Vec<shape::MetricDataQuery> {
    queries.iter().map(predictive_query_to_shape).collect()
}

pub(super) fn forecast(
    cx: &Context,
    input: shape::GetPredictiveScalingForecastType,
) -> Result<shape::GetPredictiveScalingForecastAnswer, Error> {
    let shape::GetPredictiveScalingForecastType { auto_scaling_group_name, end_time, policy_name, start_time } = input;
    let (since, until) = (from_wire(start_time), from_wire(end_time));
    if until <= since || until.since(since) > LONGEST_STRETCH {
        return Err(invalid("EndTime has to be after StartTime, by 30 days at the most"));
    }
    let view = cx.store.view();
    let group = resources::group(&view, &cx.scope(), &auto_scaling_group_name)?;
    let policy = policies::find(&view, cx, Some(&group.name), &policy_name)?;
    let PolicyKind::Predictive(predictive) = &policy.kind else {
        return Err(invalid(format!("the policy `{}` is not one of predictive scaling", shown(&policy_name))));
    };
    let Some(forecast) = &predictive.forecast else { return Err(no_forecast(&policy)) };
    Ok(answer(predictive, forecast, since, until))
}

fn no_forecast(policy: &ScalingPolicy) -> Error {
    invalid(format!(
        "there is no forecast yet for the policy `{}`; it needs the metrics of 24 hours at least",
        policy.name
    ))
}

fn answer(
    policy: &PredictivePolicy,
    forecast: &Forecast,
    since: Timestamp,
    until: Timestamp,
) -> shape::GetPredictiveScalingForecastAnswer {
    let hours: Vec<&ForecastHour> = forecast.hours.iter().filter(|hour| since <= hour.at && hour.at <= until).collect();
    let timestamps: Vec<wire::Timestamp> = hours.iter().map(|hour| to_wire(hour.at)).collect();
    let load = shape::LoadForecast {
        metric_specification: Some(specification(policy)),
        timestamps: Some(timestamps.clone()),
        values: Some(hours.iter().map(|hour| hour.load).collect()),
    };
    let capacity = shape::CapacityForecast {
        timestamps: Some(timestamps),
        values: Some(hours.iter().map(|hour| f64::from(hour.capacity)).collect()),
    };
    shape::GetPredictiveScalingForecastAnswer {
        capacity_forecast: Some(capacity),
        load_forecast: Some(vec![load]),
        update_time: Some(to_wire(forecast.made_at)),
    }
}
