//! Keeps true that CloudWatch has the metrics that groups publish, one value a minute.

use crate::controller::{Context, Controller, ControllerError, Next};
use model::{
    Timestamp,
    autoscaling::{
        group::AutoScalingGroup,
        metrics::{DIMENSION, NAMESPACE, PERIOD_SECONDS, values},
    },
    cloudwatch::{metric::Metric, statistics::Sample},
};
use std::time::Duration;
use store::{
    Kind,
    metric::{MetricDatum, Resolution},
};

/// The controller.
#[derive(Default)]
pub struct GroupMetrics {
    /// The minute of the newest values.
    published: Option<Timestamp>,
}

impl Controller for GroupMetrics {
    const NAME: &'static str = "group-metrics";
    const INTERESTS: &'static [Kind] = &[];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        let now = cx.clock.now();
        let minute = now.period_start(i64::from(PERIOD_SECONDS));
        if self.published != Some(minute) {
            publish(cx, now)?;
            self.published = Some(minute);
        }
        Ok(Next::At(minute.plus(Duration::from_secs(u64::from(PERIOD_SECONDS)))))
    }
}

fn publish(cx: &Context, now: Timestamp) -> Result<(), ControllerError> {
    for (scope, group) in cx.store.view().all::<AutoScalingGroup>() {
        let datum = |(name, value): (&str, f64)| {
            Some(MetricDatum {
                metric: Metric::new(NAMESPACE, name, [(DIMENSION, &group.name)]),
                unit: "None".to_owned(),
                at: now,
                resolution: Resolution::Standard,
                sample: Sample::of_values([(value, 1.0)])?,
            })
        };
        let data: Vec<MetricDatum> = values(&group).into_iter().filter_map(datum).collect();
        if !data.is_empty() {
            cx.store
                .metrics()
                .put(&scope, data, now)
                .map_err(|error| ControllerError::of("recording group metrics", error))?;
        }
    }
    Ok(())
}
