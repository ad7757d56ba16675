//! Keeps true that CloudWatch has the points of instances and load balancers: AWS/EC2 and AWS/ApplicationELB.
//!
//! Traffic is recorded as the node reports it, about once a second. The processors of instances are sampled every second,
//! those of a large fleet less often; their traffic and checks are recorded by the minute, and host counts every ten
//! seconds. Under virtual time everything is sampled once a minute. A sample is recorded in the middle of the time that
//! it is of, so that it lies in the period that it tells about, also when it is taken at the period's very end.

use crate::{
    controller::{Context, Controller, ControllerError, Next},
    load_balancing::records,
};
use compute::{ComputeDriver, Driver, Usage};
use model::{
    Arn, Scope, Timestamp,
    autoscaling::{group::AutoScalingGroup, member::LifecycleState},
    cloudwatch::{metric::Point, statistics::Sample},
    ec2::{
        instance::{Instance, InstanceState},
        instance_type::instance_type,
        metrics::{MINUTE, Measure, Measured, points, sample_interval},
    },
    elbv2::{
        metrics::{host_counts, requests_per_target, traffic},
        plan::{Records, stands_for},
        target_group::TargetGroup,
    },
    id::InstanceId,
    node::{LoadBalancerCounts, Statistics, TargetCounts},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use store::{
    Kind, View,
    metric::{FLUSH_INTERVAL, MetricDatum, Resolution},
};
use tokio::sync::mpsc;

/// How often host counts are taken.
const HOSTS: Duration = Duration::from_secs(10);
/// How often the node's reports are looked for.
const POLL: Duration = Duration::from_secs(1);
/// How often points are saved by virtual time.
const VIRTUAL_FLUSH_INTERVAL: Duration = Duration::from_secs(3600);

/// What the node counted since this process started, shared with the `/metrics` page.
#[derive(Clone, Default)]
pub struct Traffic(Arc<Mutex<Totals>>);

/// Sums by load balancer and by target.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// By load balancer and the zone of its node. What is open is what was open at last.
    pub load_balancers: BTreeMap<(Arn, String), LoadBalancerCounts>,
    /// By target group and target.
    pub targets: BTreeMap<(Arn, String), TargetTotals>,
    /// Lines of the node's logs that were lost.
    pub lost_log_lines: u64,
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
    /// TLS handshakes that failed.
    pub tls_errors: u64,
    /// Requests that it got although the group had too few healthy targets.
    pub unhealthy_routing_requests: u64,
    /// Bytes sent to it.
    pub sent_bytes: u64,
    /// Bytes received from it.
    pub received_bytes: u64,
    /// Seconds from sending requests to the first byte of the answers, in all.
    pub response_seconds: f64,
    /// Requests that were running at last.
    pub in_flight: u64,
}

/// The controller.
pub struct Metrics {
    driver: Arc<Driver>,
    reports: mpsc::Receiver<Statistics>,
    traffic: Traffic,
    /// Of the last sample.
    usage: BTreeMap<InstanceId, (Usage, Timestamp)>,
    /// Of the last sample in which traffic was recorded.
    minutes: BTreeMap<InstanceId, (Usage, Timestamp)>,
    /// Bytes to and from instances by way of the load balancer since then.
    network: BTreeMap<InstanceId, [u64; 2]>,
    interval: Duration,
    sampled_at: Timestamp,
    minute_at: Timestamp,
    hosts_at: Timestamp,
    flushed_at: Timestamp,
    really_flushed_at: Instant,
}

impl Metrics {
    /// Records what the driver and the node measure.
    pub fn new(driver: Arc<Driver>, reports: mpsc::Receiver<Statistics>, traffic: Traffic) -> Self {
        Self {
            driver,
            reports,
            traffic,
            usage: BTreeMap::new(),
            minutes: BTreeMap::new(),
            network: BTreeMap::new(),
            interval: sample_interval(0),
            sampled_at: Timestamp::default(),
            minute_at: Timestamp::default(),
            hosts_at: Timestamp::default(),
            flushed_at: Timestamp::default(),
            really_flushed_at: Instant::now(),
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
        for (arn, zone, counts) in &statistics.load_balancers {
            totals.load_balancers.entry((arn.clone(), zone.clone())).or_default().add(counts.clone());
        }
        totals.lost_log_lines += statistics.lost_log_lines;
        for counts in &statistics.targets {
            let sums = totals.targets.entry((counts.target_group.clone(), counts.target.to_string())).or_default();
            sums.requests += counts.requests;
            sums.connection_errors += counts.connection_errors;
            sums.tls_errors += counts.tls_errors;
            sums.unhealthy_routing_requests += counts.unhealthy_routing_requests;
            sums.sent_bytes += counts.sent_bytes;
            sums.received_bytes += counts.received_bytes;
            sums.response_seconds += counts.response_times.iter().map(|(time, n)| time * *n as f64).sum::<f64>();
            sums.in_flight = counts.in_flight;
            for (sum, n) in sums.codes.iter_mut().zip(counts.codes) {
                *sum += n;
            }
        }
    }

    /// Forgets what is not there any more, so that the page does not grow for ever.
    fn keep_only(&self, records: &Records) {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        totals.load_balancers.retain(|(arn, _), _| records.load_balancers.iter().any(|lb| lb.arn == *arn));
        totals.targets.retain(|(group, key), _| {
            records.targets.iter().any(|target| target.target_group_arn == *group && target.key.to_string() == *key)
        });
    }
}

impl Controller for Metrics {
    const NAME: &'static str = "metrics";
    /// A simulated group's load is spread anew when its instances change.
    const INTERESTS: &'static [Kind] = &[Kind::Instance];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        let now = cx.clock.now();
        // Saving comes first: when too much waits to be saved, recording is refused until that is done.
        if self.is_flush_due(cx, now) {
            cx.store.metrics().flush(now).await.map_err(|error| ControllerError::of("saving metrics", error))?;
            (self.flushed_at, self.really_flushed_at) = (now, Instant::now());
        }
        let view = cx.store.view();
        self.take_reports(cx, &view, now)?;
        let interval = match &cx.virtual_time {
            Some(_) => MINUTE,
            None => self.interval,
        };
        if is_due(self.sampled_at, interval, now) {
            let full = is_due(self.minute_at, MINUTE, now);
            self.sample(cx, &view, full, now).await?;
            self.sampled_at = now;
            if full {
                self.minute_at = now;
            }
        }
        if is_due(self.hosts_at, HOSTS, now) {
            self.hosts_at = now;
            let records = records(&view);
            self.traffic.keep_only(&records);
            record(cx, host_counts(&records, now), Resolution::Standard, now)?;
        }
        spread_group_loads(&self.driver, &view);
        Ok(Next::At(boundary_after(now, if cx.virtual_time.is_some() { MINUTE } else { POLL })))
    }
}

impl Metrics {
    /// Under virtual time a day passes in no time: then it is saved by the hour, and by real time as always.
    fn is_flush_due(&self, cx: &Context, now: Timestamp) -> bool {
        let passed = |interval| self.flushed_at > now || now.since(self.flushed_at) >= interval;
        match &cx.virtual_time {
            Some(_) => passed(VIRTUAL_FLUSH_INTERVAL) || self.really_flushed_at.elapsed() >= FLUSH_INTERVAL,
            None => passed(FLUSH_INTERVAL),
        }
    }

    /// Records what the node has counted since the last time.
    fn take_reports(&mut self, cx: &Context, view: &View, now: Timestamp) -> Result<(), ControllerError> {
        let mut known = None;
        while let Ok(mut statistics) = self.reports.try_recv() {
            if cx.virtual_time.is_some() {
                // The node knows real time only.
                (statistics.from, statistics.to) = (now, now);
            }
            self.traffic.add(&statistics);
            self.add_network(view, &statistics);
            let records = known.get_or_insert_with(|| records(view));
            record(cx, traffic(&statistics), Resolution::Standard, now)?;
            record(cx, requests_per_target(&statistics, records), Resolution::Standard, now)?;
        }
        Ok(())
    }

    /// Measures every instance: its processors, and in a full sample what is recorded once a minute.
    async fn sample(&mut self, cx: &Context, view: &View, full: bool, now: Timestamp) -> Result<(), ControllerError> {
        let mut usage = self.driver.usage().await.map_err(|error| ControllerError::of("measuring instances", error))?;
        if let Driver::Simulated(simulated) = &*self.driver {
            let loaded = simulated.loaded();
            usage.retain(|id, _| loaded.contains(id));
        }
        self.interval = sample_interval(usage.len());
        let instances: Vec<(Scope, Arc<Instance>)> =
            view.all::<Instance>().filter(|(_, instance)| usage.contains_key(&instance.id)).collect();
        let (mut fine, mut coarse) = (Vec::new(), Vec::new());
        for (scope, instance) in &instances {
            let used = &usage[&instance.id];
            let measured = |at, measure| {
                let counts_for_group = counts_for_group(view, scope, instance, now);
                Measured { scope, instance, counts_for_group, at, measure }
            };
            fine.extend(self.cpu(instance, used, now).map(|(at, percent)| measured(at, Measure::CpuPercent(percent))));
            if full || !self.minutes.contains_key(&instance.id) {
                let (at, bytes) = self.traffic_of(instance, used, now);
                let unreachable = instance.runtime.as_ref().is_none_or(|runtime| !runtime.reachable);
                coarse.push(measured(at, Measure::Network(bytes)));
                coarse.push(measured(now, Measure::CheckFailed(unreachable)));
                self.minutes.insert(instance.id.clone(), (*used, now));
            }
        }
        let resolution = if self.interval < MINUTE && cx.virtual_time.is_none() {
            Resolution::Sampled
        } else {
            Resolution::SampledByMinute
        };
        record(cx, points(&fine), resolution, now)?;
        record(cx, points(&coarse), Resolution::SampledByMinute, now)?;
        self.minutes.retain(|id, _| usage.contains_key(id));
        self.network.retain(|id, _| usage.contains_key(id));
        self.usage = usage.into_iter().map(|(id, used)| (id, (used, now))).collect();
        Ok(())
    }

    /// Per cent of the type's vCPUs since the last sample of the same boot, and the middle of that time.
    fn cpu(&self, instance: &Instance, used: &Usage, now: Timestamp) -> Option<(Timestamp, f64)> {
        let (earlier, at) = self.usage.get(&instance.id).filter(|(earlier, _)| earlier.boot == used.boot)?;
        let elapsed = now.since(*at).as_secs_f64();
        let busy = used.cpu.saturating_sub(earlier.cpu).as_secs_f64();
        let percent = busy / elapsed / f64::from(vcpus(instance)) * 100.0;
        (elapsed > 0.0).then(|| (middle(*at, now), percent.min(100.0)))
    }

    /// Bytes in and out since they were last recorded, and the middle of that time.
    fn traffic_of(&mut self, instance: &Instance, used: &Usage, now: Timestamp) -> (Timestamp, [u64; 2]) {
        let balanced = self.network.remove(&instance.id).unwrap_or_default();
        let before = self.minutes.get(&instance.id).filter(|(earlier, _)| earlier.boot == used.boot);
        let at = before.map_or(now, |(_, at)| middle(*at, now));
        match (used.network, before.and_then(|(earlier, _)| earlier.network)) {
            (Some(is), Some(was)) => (at, [is.received.saturating_sub(was.received), is.sent.saturating_sub(was.sent)]),
            // What was balanced before the first sample counts too.
            (None, _) | (Some(_), None) => (at, balanced),
        }
    }

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
}

/// Whether a new stretch of this length has begun since. Stretches are counted from the epoch, so that samples of one
/// minute are of that minute. A clock that was set back must not make it wait until the old time comes again.
fn is_due(last: Timestamp, interval: Duration, now: Timestamp) -> bool {
    let seconds = i64::try_from(interval.as_secs()).unwrap_or(1).max(1);
    last.period_start(seconds) != now.period_start(seconds)
}

fn boundary_after(now: Timestamp, interval: Duration) -> Timestamp {
    now.period_start(i64::try_from(interval.as_secs()).unwrap_or(1).max(1)).plus(interval)
}

fn middle(from: Timestamp, to: Timestamp) -> Timestamp {
    from.plus(to.since(from) / 2)
}

fn vcpus(instance: &Instance) -> u32 {
    instance_type(&instance.instance_type).map_or(1, |kind| kind.vcpus)
}

/// Whether an instance counts in the metrics of its Auto Scaling group: only while it is in service, and not before it
/// is warm. One that leaves gets no requests any more and would only dilute what the others bear.
fn counts_for_group(view: &View, scope: &Scope, instance: &Instance, now: Timestamp) -> bool {
    let Some(name) = &instance.auto_scaling_group else { return false };
    let Some(group) = view.get::<AutoScalingGroup>(scope, name) else { return true };
    let Some(member) = group.members.get(&instance.id) else { return true };
    let warmup = Duration::from_secs(group.default_instance_warmup_seconds.unwrap_or(0).into());
    let in_service = member.in_service_at.filter(|_| member.lifecycle == LifecycleState::InService);
    in_service.is_some_and(|at| now.since(at) >= warmup)
}

/// Whether a group's instance takes its part of the group's load: a member in service, and whoever is no member (yet).
fn shares_load(view: &View, scope: &Scope, group: &str, instance: &Instance) -> bool {
    let group = view.get::<AutoScalingGroup>(scope, group);
    let member = group.as_ref().and_then(|group| group.members.get(&instance.id));
    member.is_none_or(|member| member.lifecycle == LifecycleState::InService)
}

/// Gives the members in service of simulated groups their share of the load that was set for the group.
pub fn spread_group_loads(driver: &Driver, view: &View) {
    let Driver::Simulated(simulated) = driver else { return };
    let loads = simulated.group_loads();
    if loads.is_empty() {
        return;
    }
    let mut members: BTreeMap<(Scope, String), Vec<Arc<Instance>>> = BTreeMap::new();
    for (scope, instance) in view.all::<Instance>() {
        let group = instance.auto_scaling_group.clone().filter(|group| loads.contains_key(group));
        let group = group.filter(|group| shares_load(view, &scope, group, &instance));
        if let (Some(group), InstanceState::Running) = (group, instance.state) {
            members.entry((scope, group)).or_default().push(instance);
        }
    }
    for ((_, group), instances) in &members {
        let Some(load) = loads.get(group) else { continue };
        let each = load.of_each(instances.len());
        let share = |one: &Instance| each / 100.0 * f64::from(vcpus(one));
        simulated.set_processors(instances.iter().map(|one| (&one.id, share(one))));
    }
}

fn record(cx: &Context, points: Vec<Point>, resolution: Resolution, now: Timestamp) -> Result<(), ControllerError> {
    let mut by_scope: BTreeMap<Scope, Vec<MetricDatum>> = BTreeMap::new();
    for Point { scope, metric, at, values, unit } in points {
        let Some(sample) = Sample::of_values(values) else { continue };
        let datum = MetricDatum { metric, unit: unit.to_owned(), at, resolution, sample };
        by_scope.entry(scope).or_default().push(datum);
    }
    for (scope, data) in by_scope {
        cx.store.metrics().put(&scope, data, now).map_err(|error| ControllerError::of("recording metrics", error))?;
    }
    Ok(())
}

/// The instance that a target stands for. Other VPCs may have the same addresses.
fn instance_of(view: &View, counts: &TargetCounts) -> Option<InstanceId> {
    let arn = &counts.target_group;
    let scope = Scope::new(arn.account().to_owned(), arn.region().to_owned());
    let group = view.get::<TargetGroup>(&scope, arn.to_string())?;
    let found = view.list::<Instance>(&scope).find(|one| stands_for(&counts.target, &group.vpc_id, one));
    found.map(|instance| instance.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_due_in_each_new_stretch_and_when_the_clock_was_set_back() {
        let last = Timestamp::from_seconds(1005);
        for (now, due) in [(1005, false), (1009, false), (1010, true), (999, true), (0, true)] {
            assert_eq!(is_due(last, HOSTS, Timestamp::from_seconds(now)), due, "at {now}");
        }
        let next = |millis| boundary_after(Timestamp::from_millis(millis), POLL);
        assert_eq!((next(1000), next(1999)), (Timestamp::from_seconds(2), Timestamp::from_seconds(2)));
    }
}
