//! Keeps true that every predictive scaling policy has a forecast that is not older than six hours.
//!
//! The past is read from CloudWatch by `history`, the forecast is made by `model::autoscaling::predictive` and kept in the
//! policy's record, where the capacity of the group follows it. A policy whose past is too short is tried again each hour.
//! Groups that publish metrics also get those of their forecasts, for the present hour.

mod history;

use crate::controller::{Context, Controller, ControllerError, Next};
use model::{
    Scope, Timestamp,
    autoscaling::{
        group::AutoScalingGroup,
        metrics::{DIMENSION, NAMESPACE},
        policy::{
            PolicyKind, ScalingPolicy,
            predictive::{Forecast, PredictivePolicy},
        },
        predictive::{self, PastHour},
    },
    cloudwatch::{metric::Metric, statistics::Sample},
};
use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};
use store::{
    Kind, Transaction, View,
    metric::{MetricDatum, Resolution},
};

const HOUR: Duration = Duration::from_secs(3600);

/// The controller.
#[derive(Default)]
pub struct PredictiveScaling {
    /// What was last looked at of each policy.
    seen: BTreeMap<(Scope, String), Seen>,
}

/// What was last done for a policy.
struct Seen {
    /// It, as it was put.
    policy: PredictivePolicy,
    /// The hour in which none could be made, though it was time.
    in_vain: Option<Timestamp>,
    /// The hour whose values were published last.
    published: Option<Timestamp>,
    /// How well its two metrics fit, from the newest forecast.
    correlation: Option<f64>,
}

/// A policy of predictive scaling.
struct Found {
    scope: Scope,
    policy: Arc<ScalingPolicy>,
    predictive: PredictivePolicy,
}

impl Controller for PredictiveScaling {
    const NAME: &'static str = "predictive-scaling";
    const INTERESTS: &'static [Kind] = &[Kind::ScalingPolicy];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        let now = cx.clock.now();
        let hour = now.period_start(3600);
        let all = find(&cx.store.view());
        self.seen.retain(|key, _| all.iter().any(|found| found.key() == *key));
        let mut next = Next::OnChange;
        for found in &all {
            let forecast = self.forecast(cx, found, now).await?;
            self.publish(cx, found, forecast.as_ref(), now)?;
            next = Next::At(hour.plus(HOUR));
        }
        Ok(next)
    }
}

impl PredictiveScaling {
    /// The policy's forecast; a new one when it is time and the past is long enough.
    async fn forecast(
        &mut self,
        cx: &Context,
        found: &Found,
        now: Timestamp,
    ) -> Result<Option<Forecast>, ControllerError> {
        let old = found.predictive.forecast.clone();
        let hour = now.period_start(3600);
        let seen = self.seen(found);
        if !predictive::is_due(&found.predictive, now) || seen.in_vain == Some(hour) {
            return Ok(old);
        }
        let past = history::past(cx, &found.scope, &found.policy.group, &found.predictive, now).await?;
        let (made, correlation) = (make(found, &past, now), predictive::correlation(&past));
        if let Some(forecast) = &made {
            write(cx, found, forecast).await?;
        }
        let seen = self.seen(found);
        (seen.in_vain, seen.correlation) = (made.is_none().then_some(hour), correlation);
        Ok(made.or(old))
    }

    /// Records what is forecast for this hour, once, if the group publishes metrics.
    fn publish(
        &mut self,
        cx: &Context,
        found: &Found,
        forecast: Option<&Forecast>,
        now: Timestamp,
    ) -> Result<(), ControllerError> {
        let hour = now.period_start(3600);
        let enabled = |group: Arc<AutoScalingGroup>| !group.enabled_metrics.is_empty();
        if !cx.store.view().get::<AutoScalingGroup>(&found.scope, &found.policy.group).is_some_and(enabled) {
            return Ok(());
        }
        let seen = self.seen(found);
        let data = metrics(found, forecast, seen.correlation, hour);
        if data.is_empty() || seen.published == Some(hour) {
            return Ok(());
        }
        seen.published = Some(hour);
        let put = cx.store.metrics().put(&found.scope, data, now);
        put.map_err(|error| ControllerError::of("recording metrics of forecasts", error))
    }

    /// What is remembered of a policy, which begins anew when it was put anew.
    fn seen(&mut self, found: &Found) -> &mut Seen {
        let policy = PredictivePolicy { forecast: None, ..found.predictive.clone() };
        let new = || Seen { policy: policy.clone(), in_vain: None, published: None, correlation: None };
        let seen = self.seen.entry(found.key()).or_insert_with(new);
        if seen.policy != policy {
            *seen = new();
        }
        seen
    }
}

impl Found {
    fn key(&self) -> (Scope, String) {
        (self.scope.clone(), self.policy.id())
    }
}

fn find(view: &View) -> Vec<Found> {
    let predictive = |(scope, policy): (Scope, Arc<ScalingPolicy>)| match &policy.kind {
        PolicyKind::Predictive(predictive) => Some(Found { scope, predictive: predictive.clone(), policy }),
        PolicyKind::Simple(_) | PolicyKind::Step(_) | PolicyKind::TargetTracking(_) => None,
    };
    view.all::<ScalingPolicy>().filter_map(predictive).collect()
}

fn make(found: &Found, past: &[PastHour], now: Timestamp) -> Option<Forecast> {
    let (group, policy) = (&found.policy.group, &found.policy.name);
    match predictive::forecast(past, found.predictive.target, now) {
        Ok(forecast) => {
            tracing::info!(group, policy, hours = past.len(), "load was forecast");
            Some(forecast)
        }
        Err(reason) => {
            tracing::debug!(group, policy, %reason, "no forecast");
            None
        }
    }
}

/// Keeps a forecast, unless the policy was changed or deleted while it was made.
async fn write(cx: &Context, found: &Found, forecast: &Forecast) -> Result<(), ControllerError> {
    let put = |txn: &mut Transaction| -> Result<(), Infallible> {
        if txn.get::<ScalingPolicy>(&found.scope, found.policy.id()).as_ref() == Some(&found.policy) {
            let predictive = PredictivePolicy { forecast: Some(forecast.clone()), ..found.predictive.clone() };
            let kind = PolicyKind::Predictive(predictive);
            txn.put(&found.scope, ScalingPolicy { kind, ..ScalingPolicy::clone(&found.policy) });
        }
        Ok(())
    };
    cx.store.transact(put).await.map_err(|error| ControllerError::of("keeping a forecast", error))
}

/// Load, capacity and correlation for an hour (Auto Scaling user guide, monitoring predictive scaling).
fn metrics(found: &Found, forecast: Option<&Forecast>, correlation: Option<f64>, hour: Timestamp) -> Vec<MetricDatum> {
    let expected = forecast.and_then(|forecast| forecast.hours.iter().find(|one| one.at == hour));
    let values = [
        ("PredictiveScalingLoadForecast", expected.map(|one| one.load)),
        ("PredictiveScalingCapacityForecast", expected.map(|one| f64::from(one.capacity))),
        ("PredictiveScalingMetricPairCorrelation", expected.and(correlation)),
    ];
    let dimensions = [(DIMENSION, found.policy.group.as_str()), ("PolicyName", &found.policy.name), ("PairIndex", "0")];
    let datum = |(name, value): (&str, Option<f64>)| {
        Some(MetricDatum {
            metric: Metric::new(NAMESPACE, name, dimensions),
            unit: "None".to_owned(),
            at: hour,
            resolution: Resolution::Standard,
            sample: Sample::of_value(value?),
        })
    };
    values.into_iter().filter_map(datum).collect()
}
