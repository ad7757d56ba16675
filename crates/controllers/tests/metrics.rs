//! What is recorded of simulated instances, by real and by virtual time.
#![allow(clippy::unwrap_used)]

mod support;

use compute::{ComputeDriver, Driver, InstanceSpec, Metadata, SimulatedDriver, SimulatedOptions, simulated::GroupLoad};
use controllers::{
    Context, Controller,
    metrics::{Metrics, Traffic},
};
use model::{
    Tags, Timestamp,
    cloudwatch::{metric::Metric, statistics::Periods},
    ec2::instance::{Instance, InstanceState},
    time::Clock,
};
use std::{sync::Arc, time::Duration};
use store::metric::MetricPoint;
use support::{instance, put, scope, surroundings};
use testkit::ManualClock;
use tokio::sync::mpsc;

struct World {
    cx: Context,
    clock: ManualClock,
    driver: Arc<Driver>,
    metrics: Metrics,
}

impl World {
    fn new() -> Self {
        let (cx, clock) = surroundings();
        let driver = Arc::new(Driver::Simulated(SimulatedDriver::new(SimulatedOptions::new(cx.clock.clone()))));
        let (_, reports) = mpsc::channel(1);
        let metrics = Metrics::new(driver.clone(), reports, Traffic::default());
        Self { cx, clock, driver, metrics }
    }

    fn simulated(&self) -> &SimulatedDriver {
        match &*self.driver {
            Driver::Simulated(driver) => driver,
            Driver::Process(_) | Driver::Sandbox(_) => unreachable!("it was made simulated"),
        }
    }

    async fn launch(&self, seed: u64, group: Option<&str>) -> Instance {
        let now = self.clock.now();
        let one = Instance {
            state: InstanceState::Running,
            auto_scaling_group: group.map(str::to_owned),
            ..instance(seed, now)
        };
        self.simulated().start(&spec(&one)).await.unwrap();
        put(&self.cx, one.clone()).await;
        one
    }

    async fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.clock.advance(Duration::from_secs(1));
            self.metrics.reconcile(&self.cx).await.unwrap();
        }
    }

    async fn cpu(&self, dimension: &str, of: &str, from: Timestamp, seconds: i32) -> Vec<MetricPoint> {
        let metric = Metric::new("AWS/EC2", "CPUUtilization", [(dimension, of)]);
        let periods = Periods { start: from, end: self.clock.now(), seconds };
        self.cx.store.metrics().points(&scope(), &metric, None, &periods).await.unwrap()
    }
}

fn spec(one: &Instance) -> InstanceSpec {
    InstanceSpec {
        id: one.id.clone(),
        boot: one.boot,
        image: model::ec2::image::ImageSource::Host,
        boot_command: None,
        port: 3000,
        user_data: None,
        address: one.private_address.into(),
        vcpus: 1,
        memory_mib: None,
        network_namespace: None,
        resolver: None,
        authorized_key: None,
        metadata: Metadata {
            account: scope().account,
            region: scope().region,
            zone: one.zone.clone(),
            instance_type: one.instance_type.clone(),
            image_id: one.image_id.clone(),
            private_address: one.private_address,
            vpc_id: one.vpc_id.clone(),
            subnet_id: one.subnet_id.clone(),
            security_groups: one.security_groups.clone(),
            reservation_id: one.reservation_id.clone(),
            launch_index: 0,
            tags: Tags::default(),
            api_endpoint: None,
        },
    }
}

#[tokio::test]
async fn processors_are_sampled_each_second_and_can_be_read_a_second_later() {
    let mut world = World::new();
    let one = world.launch(1, None).await;
    world.simulated().set_processors([(&one.id, 0.25)]);
    world.pass(1).await;
    let start = world.clock.now();
    world.pass(10).await;
    let points = world.cpu("InstanceId", one.id.as_str(), start, 1).await;
    assert_eq!(points.len(), 10);
    assert!(points.iter().all(|point| (point.sample.set.sum - 25.0).abs() < 1e-6), "{points:?}");
    let period = world.cpu("InstanceId", one.id.as_str(), start, 10).await;
    assert_eq!(period[0].sample.set.sample_count, 10.0, "the last second of the period is there at its end");
    assert_eq!(world.cpu("ImageId", one.image_id.as_str(), start, 10).await.len(), 1);
}

#[tokio::test]
async fn a_load_of_a_group_is_shared_and_aggregated_over_its_members() {
    let mut world = World::new();
    world.simulated().set_group_load("web", GroupLoad::Total(120.0));
    let mut averages = Vec::new();
    for seed in 1..=3 {
        world.launch(seed, Some("web")).await;
        world.pass(2).await;
        let start = world.clock.now();
        world.pass(10).await;
        let point = world.cpu("AutoScalingGroupName", "web", start, 10).await.remove(0).sample;
        assert_eq!(point.set.sample_count, 10.0 * seed as f64);
        averages.push(point.set.average().round());
    }
    assert_eq!(averages, [100.0, 60.0, 40.0]);
}

#[tokio::test]
async fn instances_without_a_load_report_nothing() {
    let mut world = World::new();
    let one = world.launch(1, Some("web")).await;
    let start = world.clock.now();
    world.pass(70).await;
    assert!(world.cpu("InstanceId", one.id.as_str(), start, 60).await.is_empty());
    assert!(world.cpu("AutoScalingGroupName", "web", start, 60).await.is_empty());
}
