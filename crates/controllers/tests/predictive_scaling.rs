//! Forecasts of predictive scaling policies, from two weeks of a group that is busy by day and idle by night.
#![allow(clippy::unwrap_used)]

mod support;

use controllers::{Context, Controller, Next, auto_scaling::AutoScaling, predictive_scaling::PredictiveScaling};
use model::{
    Timestamp,
    autoscaling::{
        group::AutoScalingGroup,
        policy::{
            PolicyKind, ScalingPolicy,
            metric::{PolicyQuery, PolicyQuerySource},
            predictive::{Forecast, MetricPair, PredictiveMetric, PredictiveMetrics, PredictiveMode, PredictivePolicy},
        },
        process::Process,
    },
    cloudwatch::{
        metric::Metric,
        statistics::{Periods, Sample, Stat, Statistic},
    },
    time::Clock,
};
use std::time::Duration;
use store::metric::{MetricDatum, Resolution};
use support::{auto_scaling_group, get, put, scope, surroundings};
use testkit::ManualClock;
use tokio::sync::watch;

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);
const TARGET: f64 = 50.0;
/// Seconds from the clock's start, noon, to the next morning at eight.
const MORNING: Duration = Duration::from_secs(20 * 3600);

struct World {
    cx: Context,
    clock: ManualClock,
    predictive: PredictiveScaling,
}

impl World {
    async fn new() -> Self {
        let (cx, clock) = surroundings();
        put(&cx, group()).await;
        Self { cx, clock, predictive: PredictiveScaling::default() }
    }

    async fn reconcile(&mut self) -> Next {
        self.predictive.reconcile(&self.cx).await.unwrap()
    }

    fn record(&self, namespace: &str, name: &str, at: Timestamp, value: f64, count: f64) {
        let metric = Metric::new(namespace, name, [("AutoScalingGroupName", "web")]);
        let sample = Sample::of_values([(value, count)]).unwrap();
        let datum = MetricDatum { metric, unit: "None".to_owned(), at, resolution: Resolution::Standard, sample };
        self.cx.store.metrics().put(&scope(), vec![datum], self.clock.now()).unwrap();
    }

    /// One hour of a group whose members have half of a processor to do.
    fn hour(&self, at: Timestamp) {
        let instances = instances(at);
        // Small fleets are sampled each second, larger ones less often: forecasts must not see it.
        let samples = if instances > 2.0 { 60.0 } else { 3600.0 };
        self.record("AWS/EC2", "CPUUtilization", at, TARGET, instances * samples);
        self.record("AWS/EC2", "NetworkIn", at, 1000.0, instances * 60.0);
    }

    fn hours(&self, count: u32) {
        let now = self.clock.now();
        (1..=count).rev().for_each(|back| self.hour(now.minus(HOUR * back)));
    }

    fn policy(&self) -> ScalingPolicy {
        ScalingPolicy::clone(&get::<ScalingPolicy>(&self.cx, "web:ahead").unwrap())
    }

    fn forecast(&self) -> Option<Forecast> {
        match self.policy().kind {
            PolicyKind::Predictive(predictive) => predictive.forecast,
            PolicyKind::Simple(_) | PolicyKind::Step(_) | PolicyKind::TargetTracking(_) => None,
        }
    }

    /// What the Auto Scaling controller makes of the group's desired capacity now.
    async fn desired(&self) -> u32 {
        let (_images, known) = watch::channel(Vec::new());
        AutoScaling::new(known, || 7).reconcile(&self.cx).await.unwrap();
        get::<AutoScalingGroup>(&self.cx, "web").unwrap().desired
    }

    async fn published(&self, name: &str) -> Vec<f64> {
        let dimensions = [("AutoScalingGroupName", "web"), ("PolicyName", "ahead"), ("PairIndex", "0")];
        let metric = Metric::new("AWS/AutoScaling", name, dimensions);
        let now = self.clock.now();
        let periods = Periods { start: now.minus(HOUR * 24), end: now.plus(HOUR), seconds: 3600 };
        let points = self.cx.store.metrics().points(&scope(), &metric, None, &periods).await.unwrap();
        points.iter().map(|point| point.sample.set.sum).collect()
    }
}

/// Four by day, one by night.
fn instances(at: Timestamp) -> f64 {
    if (8..18).contains(&at.seconds().div_euclid(3600).rem_euclid(24)) { 4.0 } else { 1.0 }
}

fn group() -> AutoScalingGroup {
    AutoScalingGroup {
        minimum: 1,
        maximum: 8,
        desired: 1,
        // Only the capacity is looked at here.
        suspended: [(Process::Launch, "a test".to_owned())].into(),
        ..auto_scaling_group("web")
    }
}

fn predictive(mode: PredictiveMode) -> PredictivePolicy {
    PredictivePolicy {
        mode,
        target: TARGET,
        metrics: PredictiveMetrics::Pair { pair: MetricPair::CpuUtilization, resource_label: None },
        scheduling_buffer_seconds: Some(600),
        breach_behavior: None,
        maximum_capacity_buffer: None,
        forecast: None,
    }
}

fn policy(predictive: PredictivePolicy) -> ScalingPolicy {
    ScalingPolicy::new(&scope(), "web", "ahead", "uuid", true, PolicyKind::Predictive(predictive)).unwrap()
}

#[tokio::test]
async fn two_weeks_become_a_forecast_that_is_made_anew_after_six_hours() {
    let mut world = World::new().await;
    world.hours(14 * 24);
    put(&world.cx, policy(predictive(PredictiveMode::ForecastOnly))).await;
    assert_eq!(world.reconcile().await, Next::At(world.clock.now().plus(HOUR)));
    let first = world.forecast().unwrap();
    assert_eq!((first.made_at, first.hours.len()), (world.clock.now(), 48));
    for hour in &first.hours {
        assert_eq!(f64::from(hour.capacity), instances(hour.at), "{hour:?}");
        assert!((hour.load - TARGET * 60.0 * instances(hour.at)).abs() < 1e-6, "{hour:?}");
    }
    for passed in 1..=6 {
        assert_eq!(world.forecast().unwrap().made_at, first.made_at, "after {passed} hours");
        world.clock.advance(HOUR);
        world.hours(1);
        world.reconcile().await;
    }
    let second = world.forecast().unwrap();
    assert_eq!((second.made_at, second.hours[0].at), (world.clock.now(), world.clock.now()));
    // One that is put anew has no forecast, and gets one at once.
    put(&world.cx, policy(predictive(PredictiveMode::ForecastOnly))).await;
    world.reconcile().await;
    assert_eq!(world.forecast(), Some(second));
}

#[tokio::test]
async fn a_new_policy_waits_for_a_day_of_history() {
    let mut world = World::new().await;
    put(&world.cx, policy(predictive(PredictiveMode::ForecastOnly))).await;
    world.hours(22);
    for expected in [None, None, Some(())] {
        world.reconcile().await;
        world.reconcile().await;
        assert_eq!(world.forecast().map(|_| ()), expected);
        world.clock.advance(HOUR);
        world.hours(1);
    }
}

#[tokio::test]
async fn a_forecast_scales_ahead_of_its_hour_if_the_policy_says_so() {
    for (mode, ahead) in [(PredictiveMode::ForecastAndScale, 4), (PredictiveMode::ForecastOnly, 1)] {
        let mut world = World::new().await;
        world.hours(14 * 24);
        put(&world.cx, policy(predictive(mode))).await;
        world.reconcile().await;
        assert_eq!(world.desired().await, ahead, "noon is busy");
        put(&world.cx, group()).await;
        world.clock.advance(MORNING - MINUTE * 11);
        assert_eq!(world.desired().await, 1, "it is still night");
        world.clock.advance(MINUTE);
        assert_eq!(world.desired().await, ahead, "SchedulingBufferTime is ten minutes");
    }
}

#[tokio::test]
async fn groups_that_publish_metrics_publish_their_forecasts() {
    let mut world = World::new().await;
    world.hours(14 * 24);
    put(&world.cx, policy(predictive(PredictiveMode::ForecastOnly))).await;
    world.reconcile().await;
    assert!(world.published("PredictiveScalingLoadForecast").await.is_empty());
    let published = AutoScalingGroup { enabled_metrics: ["GroupMinSize".to_owned()].into(), ..group() };
    put(&world.cx, published).await;
    for _ in 0..2 {
        world.clock.advance(HOUR);
        world.reconcile().await;
        world.reconcile().await;
    }
    assert_eq!(world.published("PredictiveScalingCapacityForecast").await, [4.0, 4.0]);
    assert_eq!(world.published("PredictiveScalingLoadForecast").await, [12_000.0, 12_000.0]);
}

#[tokio::test]
async fn metrics_of_ones_own_and_published_sizes_are_used_by_the_hour() {
    let mut world = World::new().await;
    let now = world.clock.now();
    for back in 1..=48 {
        let at = now.minus(HOUR * back);
        world.record("App", "Jobs", at, 100.0 * instances(at), 1.0);
        world.record("App", "Busy", at, 25.0, 60.0);
        // Published beats what is counted otherwise.
        world.record("AWS/EC2", "NetworkIn", at, 1.0, 600.0);
        world.record("AWS/AutoScaling", "GroupInServiceInstances", at, instances(at), 60.0);
    }
    let stat = |id: &str, name, stat, returns| PolicyQuery {
        id: id.to_owned(),
        label: None,
        source: PolicyQuerySource::Stat {
            metric: Metric::new("App", name, [("AutoScalingGroupName", "web")]),
            stat: Stat::Plain(stat),
            unit: None,
            period_seconds: None,
        },
        return_data: Some(returns),
    };
    let double = PolicyQuery {
        id: "e1".to_owned(),
        label: None,
        source: PolicyQuerySource::Expression { text: "m1 * 2".to_owned(), period_seconds: None },
        return_data: None,
    };
    let metrics = PredictiveMetrics::Individual {
        scaling: PredictiveMetric::Customized(vec![stat("m1", "Busy", Statistic::Average, false), double]),
        load: PredictiveMetric::Customized(vec![stat("m1", "Jobs", Statistic::Sum, true)]),
        capacity: None,
    };
    let own = PredictivePolicy { metrics, target: 25.0, ..predictive(PredictiveMode::ForecastOnly) };
    put(&world.cx, policy(own)).await;
    world.reconcile().await;
    let forecast = world.forecast().unwrap();
    for hour in &forecast.hours {
        // Each had 50 of 25 to do: twice as many are needed.
        assert_eq!(f64::from(hour.capacity), 2.0 * instances(hour.at), "{hour:?}");
        assert!((hour.load - 100.0 * instances(hour.at)).abs() < 1e-6, "{hour:?}");
    }
}
