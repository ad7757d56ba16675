//! Keeps true that CloudWatch has the points of instances and load balancers: AWS/EC2 and AWS/ApplicationELB.
//!
//! Traffic is recorded as the node reports it, about once a second; instances and host counts are sampled.

use crate::{
    controller::{Context, Controller, ControllerError, Next},
    load_balancing::records,
};
use compute::{ComputeDriver, Driver, Usage};
use model::{
    Arn, Scope, Timestamp,
    cloudwatch::{
        metric::{BYTES, COUNT, Metric, PERCENT, Point},
        statistics::Sample,
    },
    ec2::{instance::Instance, instance_type::instance_type},
    elbv2::{
        metrics::{host_counts, traffic},
        plan::{Records, stands_for},
        target_group::TargetGroup,
    },
    id::InstanceId,
    node::{Statistics, TargetCounts},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::{
    Kind, View,
    metric::{FLUSH_INTERVAL, MetricDatum, Resolution},
};
use tokio::sync::mpsc;

/// How often instances and host counts are sampled.
const SAMPLE: Duration = Duration::from_secs(10);
/// How often the node's reports are looked for.
const POLL: Duration = Duration::from_secs(1);

/// What the node counted since this process started, shared with the `/metrics` page.
#[derive(Clone, Default)]
pub struct Traffic(Arc<Mutex<Totals>>);

/// Sums by load balancer and by target.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Requests, answers made by the load balancer by status, bytes, connections.
    pub load_balancers: BTreeMap<Arn, BalancerTotals>,
    /// Requests and answers by hundred.
    pub targets: BTreeMap<(Arn, String), TargetTotals>,
}

/// Sums of one load balancer.
#[derive(Clone, Debug, Default)]
pub struct BalancerTotals {
    /// Connections accepted.
    pub connections: u64,
    /// Bytes from and to clients.
    pub bytes: u64,
    /// Answers that it made itself, by status.
    pub codes: BTreeMap<u16, u64>,
    /// Requests tried on a second target.
    pub retries: u64,
}

/// Sums of one target.
#[derive(Clone, Debug, Default)]
pub struct TargetTotals {
    /// Requests.
    pub requests: u64,
    /// Answers: `[2xx, 3xx, 4xx, 5xx]`.
    pub codes: [u64; 4],
    /// Connections that failed.
    pub connection_errors: u64,
}

/// The controller.
pub struct Metrics {
    driver: Arc<Driver>,
    reports: mpsc::Receiver<Statistics>,
    traffic: Traffic,
    usage: BTreeMap<InstanceId, (Usage, Timestamp)>,
    network: BTreeMap<InstanceId, [u64; 2]>,
    sampled_at: Timestamp,
    flushed_at: Timestamp,
}

impl Metrics {
    /// Records what the driver and the node measure.
    pub fn new(driver: Arc<Driver>, reports: mpsc::Receiver<Statistics>, traffic: Traffic) -> Self {
        Self {
            driver,
            reports,
            traffic,
            usage: BTreeMap::new(),
            network: BTreeMap::new(),
            sampled_at: Timestamp::default(),
            flushed_at: Timestamp::default(),
        }
    }
}

impl Traffic {
    /// The sums now.
    pub fn totals(&self) -> Totals {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, statistics: &Statistics) {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (arn, counts) in &statistics.load_balancers {
            let sums = totals.load_balancers.entry(arn.clone()).or_default();
            sums.connections += counts.new_connections;
            sums.bytes += counts.processed_bytes;
            sums.retries += counts.retried_requests;
            for (code, n) in &counts.elb_codes {
                *sums.codes.entry(*code).or_default() += n;
            }
        }
        for counts in &statistics.targets {
            let sums = totals.targets.entry((counts.target_group.clone(), counts.target.to_string())).or_default();
            sums.requests += counts.requests;
            sums.connection_errors += counts.connection_errors;
            for (sum, n) in sums.codes.iter_mut().zip(counts.codes) {
                *sum += n;
            }
        }
    }

    /// Forgets what is not there any more, so that the page does not grow for ever.
    fn keep_only(&self, records: &Records) {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        totals.load_balancers.retain(|arn, _| records.load_balancers.iter().any(|lb| lb.arn == *arn));
        totals.targets.retain(|(group, key), _| {
            records.targets.iter().any(|target| target.target_group_arn == *group && target.key.to_string() == *key)
        });
    }
}

impl Controller for Metrics {
    const NAME: &'static str = "metrics";
    const INTERESTS: &'static [Kind] = &[];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        let now = cx.clock.now();
        // Saving comes first: when too much waits to be saved, recording is refused until that is done.
        if is_due(self.flushed_at, FLUSH_INTERVAL, now) {
            cx.store.metrics().flush(now).await.map_err(|error| ControllerError::of("saving metrics", error))?;
            self.flushed_at = now;
        }
        let view = cx.store.view();
        while let Ok(statistics) = self.reports.try_recv() {
            self.traffic.add(&statistics);
            self.add_network(&view, &statistics);
            record(cx, traffic(&statistics), now)?;
        }
        if is_due(self.sampled_at, SAMPLE, now) {
            self.sampled_at = now;
            let records = records(&view);
            self.traffic.keep_only(&records);
            record(cx, host_counts(&records, now), now)?;
            let points = self.instance_points(&view, now).await?;
            record(cx, points, now)?;
        }
        Ok(Next::At(now.plus(POLL)))
    }
}

/// Whether so much time has passed. A clock that was set back must not make it wait until the old time comes again.
fn is_due(last: Timestamp, interval: Duration, now: Timestamp) -> bool {
    last > now || now.since(last) >= interval
}

fn record(cx: &Context, points: Vec<Point>, now: Timestamp) -> Result<(), ControllerError> {
    let mut by_scope: BTreeMap<Scope, Vec<MetricDatum>> = BTreeMap::new();
    for Point { scope, metric, at, values, unit } in points {
        let Some(sample) = Sample::of_values(values) else { continue };
        let datum = MetricDatum { metric, unit: unit.to_owned(), at, resolution: Resolution::Standard, sample };
        by_scope.entry(scope).or_default().push(datum);
    }
    for (scope, data) in by_scope {
        cx.store.metrics().put(&scope, data, now).map_err(|error| ControllerError::of("recording metrics", error))?;
    }
    Ok(())
}

impl Metrics {
    /// What the load balancer sent to an instance and got from it: the part of its traffic that can be told apart
    /// where instances share the host's network.
    fn add_network(&mut self, view: &View, statistics: &Statistics) {
        for counts in &statistics.targets {
            let Some(id) = instance_of(view, counts) else { continue };
            let [received, sent] = self.network.entry(id).or_default();
            *received += counts.sent_bytes;
            *sent += counts.received_bytes;
        }
    }

    async fn instance_points(&mut self, view: &View, now: Timestamp) -> Result<Vec<Point>, ControllerError> {
        let usage = self.driver.usage().await.map_err(|error| ControllerError::of("measuring instances", error))?;
        let mut points = Vec::new();
        for (scope, instance) in view.all::<Instance>() {
            let Some(used) = usage.get(&instance.id) else { continue };
            let before = self.usage.get(&instance.id);
            let network = self.network.remove(&instance.id).unwrap_or_default();
            points.extend(points_of(&scope, &instance, used, before, network, now));
        }
        self.network.clear();
        self.usage = usage.into_iter().map(|(id, used)| (id, (used, now))).collect();
        Ok(points)
    }
}

/// The instance that a target stands for. Other VPCs may have the same addresses.
fn instance_of(view: &View, counts: &TargetCounts) -> Option<InstanceId> {
    let arn = &counts.target_group;
    let scope = Scope::new(arn.account.clone(), arn.region.clone());
    let group = view.get::<TargetGroup>(&scope, arn.to_string())?;
    let found = view.list::<Instance>(&scope).find(|one| stands_for(&counts.target, &group.vpc_id, one));
    found.map(|instance| instance.id.clone())
}

/// AWS/EC2's points of one instance, since it was sampled before.
fn points_of(
    scope: &Scope,
    instance: &Instance,
    used: &Usage,
    before: Option<&(Usage, Timestamp)>,
    balanced: [u64; 2],
    now: Timestamp,
) -> Vec<Point> {
    let point = |name: &str, value: f64, unit| Point {
        scope: scope.clone(),
        metric: Metric::new("AWS/EC2", name, [("InstanceId", instance.id.as_str())]),
        at: now,
        values: vec![(value, 1.0)],
        unit,
    };
    let reachable = instance.runtime.as_ref().is_some_and(|runtime| runtime.reachable);
    let failed = if reachable { 0.0 } else { 1.0 };
    let mut points = vec![
        point("StatusCheckFailed", failed, COUNT),
        point("StatusCheckFailed_Instance", failed, COUNT),
        point("StatusCheckFailed_System", 0.0, COUNT),
    ];
    let before = before.filter(|(earlier, _)| earlier.boot == used.boot);
    if let Some((earlier, at)) = before {
        let elapsed = now.since(*at).as_secs_f64();
        let vcpus = f64::from(instance_type(&instance.instance_type).map_or(1, |kind| kind.vcpus));
        if elapsed > 0.0 {
            let busy = used.cpu.saturating_sub(earlier.cpu).as_secs_f64();
            points.push(point("CPUUtilization", (busy / elapsed / vcpus * 100.0).min(100.0), PERCENT));
        }
    }
    let [received, sent] = match (used.network, before.and_then(|(earlier, _)| earlier.network)) {
        (Some(is), Some(was)) => [is.received.saturating_sub(was.received), is.sent.saturating_sub(was.sent)],
        // What was balanced before the first sample counts too.
        (None, _) | (Some(_), None) => balanced,
    };
    points.push(point("NetworkIn", received as f64, BYTES));
    points.push(point("NetworkOut", sent as f64, BYTES));
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_due_after_its_interval_and_when_the_clock_was_set_back() {
        let last = Timestamp::from_seconds(1000);
        for (now, due) in [(1000, false), (1009, false), (1010, true), (999, true), (0, true)] {
            assert_eq!(is_due(last, SAMPLE, Timestamp::from_seconds(now)), due, "at {now}");
        }
    }
}
