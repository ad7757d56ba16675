//! From the workers' counters to what the node reports: differences, once a second, and what waits to be sent.
//!
//! [`Collector`] remembers what it saw and takes the difference. [`Backlog`] keeps reports while the control plane is
//! away, so that its restart leaves no hole in the metrics: reports of the same ten seconds are added up, and the newest
//! two minutes are kept.

use super::counters::{self, Count, Histogram, PerWorker, difference};
use crate::{
    config::CompiledSnapshot,
    target::{TargetState, TargetStates},
};
use model::{
    Arn, Timestamp,
    elbv2::target::TargetKey,
    node::{LoadBalancerCounts, Statistics, TargetCounts},
};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

/// Reports of the same such period are added up while nobody takes them. Ten seconds, because that is CloudWatch's
/// shortest period above one second and divides a minute: no datapoint gets what belongs to its neighbour.
pub const WINDOW_SECONDS: i64 = 10;

/// So many such periods are kept: two minutes.
pub const MAXIMUM_WINDOWS: usize = 12;

/// Holders of a state that nobody uses any more: the registry and this collector.
const IDLE_HOLDERS: usize = 2;

/// What was seen of all counters.
#[derive(Debug)]
pub struct Collector {
    states: TargetStates,
    from: Timestamp,
    load_balancers: BTreeMap<(Arn, String), SeenLoadBalancer>,
    /// By the state's slot, which no other living state has; the entry keeps the state alive.
    targets: HashMap<usize, SeenTarget>,
    lost_log_lines: u64,
}

#[derive(Debug)]
struct SeenLoadBalancer {
    counts: Arc<PerWorker<counters::LoadBalancerCounts>>,
    seen: counters::SeenLoadBalancer,
    current: bool,
    idle: bool,
}

#[derive(Debug)]
struct SeenTarget {
    state: Arc<TargetState>,
    load_balancer: Arn,
    zone: String,
    seen: TargetSums,
    current: bool,
    idle: bool,
}

#[derive(Clone, Debug, Default)]
struct TargetSums {
    requests: u64,
    codes: [u64; 4],
    connection_errors: u64,
    tls_errors: u64,
    unhealthy_routing_requests: u64,
    sent_bytes: u64,
    received_bytes: u64,
    response_times: Vec<u32>,
}

impl Collector {
    /// Begins to count now.
    pub fn new(states: TargetStates, now: Timestamp) -> Self {
        Self { states, from: now, load_balancers: BTreeMap::new(), targets: HashMap::new(), lost_log_lines: 0 }
    }

    /// Counts what this snapshot has from now on, and what earlier ones had until its last request ended.
    pub fn watch(&mut self, snapshot: &CompiledSnapshot) {
        self.load_balancers.values_mut().for_each(|seen| seen.current = false);
        self.targets.values_mut().for_each(|seen| seen.current = false);
        for load_balancer in &snapshot.load_balancers {
            for zone in &load_balancer.zones {
                let new = || SeenLoadBalancer {
                    counts: Arc::clone(&zone.counts),
                    seen: counters::SeenLoadBalancer::default(),
                    current: true,
                    idle: false,
                };
                let key = (load_balancer.arn.clone(), zone.name.to_string());
                self.load_balancers.entry(key).or_insert_with(new).current = true;
            }
        }
        for group in &snapshot.target_groups {
            let Some(load_balancer) = group.load_balancer.map(|i| &snapshot.load_balancers[i].arn) else { continue };
            for target in &group.targets {
                self.watch_target(&target.state, load_balancer, &target.zone_name);
            }
        }
    }

    fn watch_target(&mut self, state: &Arc<TargetState>, load_balancer: &Arn, zone: &str) {
        let seen = self.targets.entry(state.slot()).or_insert_with(|| SeenTarget {
            state: Arc::clone(state),
            load_balancer: load_balancer.clone(),
            zone: zone.to_owned(),
            seen: TargetSums::default(),
            current: true,
            idle: false,
        });
        seen.load_balancer = load_balancer.clone();
        zone.clone_into(&mut seen.zone);
        seen.current = true;
    }

    /// What happened since the last call; `None` when there is nothing to say. `lost_log_lines`: so far, in all.
    pub fn collect(&mut self, now: Timestamp, lost_log_lines: u64) -> Option<Statistics> {
        self.find_idle();
        let of_zone = |((arn, zone), seen): (&(Arn, String), &mut SeenLoadBalancer)| {
            Some((arn.clone(), zone.clone(), seen.difference()?))
        };
        let load_balancers: Vec<_> = self.load_balancers.iter_mut().filter_map(of_zone).collect();
        let mut targets: Vec<_> = self.targets.values_mut().filter_map(SeenTarget::difference).collect();
        targets.sort_by(|a, b| (&a.target_group, &a.target).cmp(&(&b.target_group, &b.target)));
        self.forget_idle();
        let from = std::mem::replace(&mut self.from, now);
        let lost_log_lines = lost_log_lines - std::mem::replace(&mut self.lost_log_lines, lost_log_lines);
        let something = !(load_balancers.is_empty() && targets.is_empty() && lost_log_lines == 0);
        something.then_some(Statistics { from, to: now, load_balancers, targets, lost_log_lines })
    }

    /// What nobody else holds cannot count any more. Looked up before the counts are taken, so that those are the last.
    fn find_idle(&mut self) {
        for seen in self.load_balancers.values_mut() {
            seen.idle = !seen.current && Arc::strong_count(&seen.counts) <= IDLE_HOLDERS;
        }
        for seen in self.targets.values_mut() {
            seen.idle = !seen.current && Arc::strong_count(&seen.state) <= IDLE_HOLDERS;
        }
    }

    fn forget_idle(&mut self) {
        let before = self.targets.len() + self.load_balancers.len();
        self.targets.retain(|_, seen| !seen.idle);
        self.load_balancers.retain(|_, seen| !seen.idle);
        if self.targets.len() + self.load_balancers.len() < before {
            self.states.forget_unused();
        }
    }
}

impl SeenLoadBalancer {
    fn difference(&mut self) -> Option<LoadBalancerCounts> {
        let difference = self.seen.advance(&self.counts);
        (difference != LoadBalancerCounts::default()).then_some(difference)
    }
}

impl SeenTarget {
    fn difference(&mut self) -> Option<TargetCounts> {
        let Self { state, seen, .. } = self;
        let sum = |count: &dyn Fn(&counters::TargetCounts) -> &Count| state.counts.sum(count);
        let mut codes = [0; 4];
        for (i, code) in codes.iter_mut().enumerate() {
            *code = difference(&mut seen.codes[i], sum(&|c| &c.codes[i]));
        }
        let requests = difference(&mut seen.requests, sum(&|c| &c.requests));
        let connection_errors = difference(&mut seen.connection_errors, sum(&|c| &c.connection_errors));
        let tls_errors = difference(&mut seen.tls_errors, sum(&|c| &c.tls_errors));
        let unhealthy_routing_requests =
            difference(&mut seen.unhealthy_routing_requests, sum(&|c| &c.unhealthy_routing_requests));
        let sent_bytes = difference(&mut seen.sent_bytes, sum(&|c| &c.sent_bytes));
        let received_bytes = difference(&mut seen.received_bytes, sum(&|c| &c.received_bytes));
        let in_flight = sum(&|c| &c.in_flight);
        // An answer's status and its time are counted together, but a reader may come between the two.
        let response_times = response_times(&state.counts, &mut seen.response_times);
        let counted =
            codes.iter().sum::<u64>() + requests + connection_errors + tls_errors + sent_bytes + received_bytes;
        if counted + in_flight == 0 && response_times.is_empty() {
            return None;
        }
        Some(TargetCounts {
            load_balancer: self.load_balancer.clone(),
            target_group: self.state.target_group.clone(),
            target: self.state.key.clone(),
            zone: self.zone.clone(),
            requests,
            codes,
            connection_errors,
            tls_errors,
            unhealthy_routing_requests,
            sent_bytes,
            received_bytes,
            in_flight,
            response_times,
        })
    }
}

fn response_times(counts: &PerWorker<counters::TargetCounts>, seen: &mut Vec<u32>) -> Vec<(f64, u64)> {
    let mut now: Vec<u32> = Vec::new();
    for histogram in counts.iter().filter_map(|c| c.response_times.get()) {
        now.resize(Histogram::buckets(), 0);
        now.iter_mut().zip(histogram.counts()).for_each(|(sum, n)| *sum = sum.wrapping_add(n));
    }
    if now == *seen {
        return Vec::new();
    }
    seen.resize(now.len(), 0);
    let differences = now.iter().zip(seen.iter()).map(|(now, before)| now.wrapping_sub(*before));
    let times = differences.enumerate().filter(|(_, n)| *n > 0).map(|(i, n)| (Histogram::seconds(i), u64::from(n)));
    let times = times.collect();
    *seen = now;
    times
}

/// Adds a later report to an earlier one: counts add up, gauges are those of the later.
pub fn merge(earlier: Statistics, later: Statistics) -> Statistics {
    let mut load_balancers: BTreeMap<(Arn, String), LoadBalancerCounts> =
        earlier.load_balancers.into_iter().map(|(arn, zone, counts)| ((arn, zone), counts)).collect();
    load_balancers.values_mut().for_each(|counts| counts.active_connections = 0);
    for (arn, zone, counts) in later.load_balancers {
        load_balancers.entry((arn, zone)).or_default().add(counts);
    }
    let key = |t: &TargetCounts| -> (Arn, Arn, TargetKey, String) {
        (t.load_balancer.clone(), t.target_group.clone(), t.target.clone(), t.zone.clone())
    };
    let mut targets: BTreeMap<_, TargetCounts> = earlier.targets.into_iter().map(|t| (key(&t), t)).collect();
    targets.values_mut().for_each(|counts| counts.in_flight = 0);
    for counts in later.targets {
        match targets.entry(key(&counts)) {
            std::collections::btree_map::Entry::Vacant(entry) => drop(entry.insert(counts)),
            std::collections::btree_map::Entry::Occupied(mut entry) => add_target(entry.get_mut(), counts),
        }
    }
    Statistics {
        from: earlier.from,
        to: later.to,
        load_balancers: load_balancers.into_iter().map(|((arn, zone), counts)| (arn, zone, counts)).collect(),
        targets: targets.into_values().collect(),
        lost_log_lines: earlier.lost_log_lines + later.lost_log_lines,
    }
}

fn add_target(sum: &mut TargetCounts, more: TargetCounts) {
    let TargetCounts {
        load_balancer: _,
        target_group: _,
        target: _,
        zone: _,
        requests,
        codes,
        connection_errors,
        tls_errors,
        unhealthy_routing_requests,
        sent_bytes,
        received_bytes,
        in_flight,
        response_times,
    } = more;
    sum.requests += requests;
    sum.codes.iter_mut().zip(codes).for_each(|(sum, n)| *sum += n);
    sum.connection_errors += connection_errors;
    sum.tls_errors += tls_errors;
    sum.unhealthy_routing_requests += unhealthy_routing_requests;
    sum.sent_bytes += sent_bytes;
    sum.received_bytes += received_bytes;
    sum.in_flight = in_flight;
    // Both come from the same buckets, so equal times are equal to the bit; times are not negative, so that their bits
    // are in their order.
    let bits = |times: Vec<(f64, u64)>| times.into_iter().map(|(time, n)| (time.to_bits(), n));
    let mut times: BTreeMap<u64, u64> = bits(std::mem::take(&mut sum.response_times)).collect();
    bits(response_times).for_each(|(time, n)| *times.entry(time).or_default() += n);
    sum.response_times = times.into_iter().map(|(time, n)| (f64::from_bits(time), n)).collect();
}

/// Reports that wait for somebody to take them.
#[derive(Debug, Default)]
pub struct Backlog {
    waiting: VecDeque<Statistics>,
}

impl Backlog {
    /// Adds the newest report. Returns how many windows had to be given up for it (0 or 1).
    pub fn push(&mut self, statistics: Statistics) -> usize {
        let window = |s: &Statistics| s.to.period_start(WINDOW_SECONDS);
        let same = self.waiting.back().is_some_and(|last| window(last) == window(&statistics));
        let last = if same { self.waiting.pop_back() } else { None };
        let merged = match last {
            Some(last) => merge(last, statistics),
            None => statistics,
        };
        self.waiting.push_back(merged);
        let lost = self.waiting.len().saturating_sub(MAXIMUM_WINDOWS);
        drop(self.waiting.drain(..lost));
        lost
    }

    /// The oldest report, which is then the taker's.
    pub fn take(&mut self) -> Option<Statistics> {
        self.waiting.pop_front()
    }

    /// Puts back what [`Backlog::take`] gave and could not be handed over.
    pub fn put_back(&mut self, statistics: Statistics) {
        if self.waiting.len() < MAXIMUM_WINDOWS {
            self.waiting.push_front(statistics);
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::elbv2::target::TargetId;
    use std::net::Ipv4Addr;

    fn arn(resource: &str) -> Arn {
        Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", resource)
    }

    fn target(port: u16, requests: u64, in_flight: u64, times: &[(f64, u64)]) -> TargetCounts {
        TargetCounts {
            load_balancer: arn("loadbalancer/app/web/1"),
            target_group: arn("targetgroup/web/1"),
            target: TargetKey { id: TargetId::Ip(Ipv4Addr::LOCALHOST), port },
            zone: "eu-west-1a".to_owned(),
            requests,
            codes: [requests, 0, 0, 1],
            connection_errors: 2,
            tls_errors: 3,
            unhealthy_routing_requests: 4,
            sent_bytes: 10,
            received_bytes: 20,
            in_flight,
            response_times: times.to_vec(),
        }
    }

    fn report(seconds: i64, codes: &[(u16, u64)], targets: Vec<TargetCounts>) -> Statistics {
        let counts = LoadBalancerCounts {
            active_connections: 3,
            new_connections: 5,
            elb_codes: codes.to_vec(),
            ..LoadBalancerCounts::default()
        };
        Statistics {
            from: Timestamp::from_seconds(seconds - 1),
            to: Timestamp::from_seconds(seconds),
            load_balancers: vec![(arn("loadbalancer/app/web/1"), "eu-west-1a".to_owned(), counts)],
            targets,
            lost_log_lines: 1,
        }
    }

    #[test]
    fn counts_add_up_and_gauges_are_the_latest() {
        let first =
            report(1, &[(502, 1), (504, 2)], vec![target(1, 7, 4, &[(0.5, 1), (1.0, 2)]), target(2, 1, 9, &[])]);
        let second =
            report(2, &[(400, 1), (502, 1)], vec![target(1, 3, 1, &[(0.25, 5), (1.0, 1)]), target(3, 1, 0, &[])]);
        let sum = merge(first, second);
        assert_eq!((sum.from, sum.to), (Timestamp::from_seconds(0), Timestamp::from_seconds(2)));
        let counts = &sum.load_balancers[0].2;
        assert_eq!((counts.active_connections, counts.new_connections), (3, 10));
        assert_eq!(counts.elb_codes, [(400, 1), (502, 2), (504, 2)]);
        let ports: Vec<_> = sum.targets.iter().map(|t| (t.target.port, t.requests, t.in_flight)).collect();
        assert_eq!(ports, [(1, 10, 1), (2, 1, 0), (3, 1, 0)]);
        assert_eq!(sum.targets[0].response_times, [(0.25, 5), (0.5, 1), (1.0, 3)]);
        assert_eq!(sum.lost_log_lines, 2);
        assert_eq!(sum.targets[0].codes, [10, 0, 0, 2]);
        let bytes = (sum.targets[0].connection_errors, sum.targets[0].sent_bytes, sum.targets[0].received_bytes);
        assert_eq!(bytes, (4, 20, 40));
    }

    #[test]
    fn reports_wait_by_ten_seconds_and_the_newest_two_minutes_are_kept() {
        let mut backlog = Backlog::default();
        let mut lost = 0;
        for second in 1..=150 {
            lost += backlog.push(report(second, &[], vec![target(1, 1, 0, &[])]));
        }
        let mut waiting = Vec::new();
        while let Some(statistics) = backlog.take() {
            waiting.push((statistics.to.seconds(), statistics.targets[0].requests));
        }
        assert_eq!(waiting.len(), MAXIMUM_WINDOWS);
        assert_eq!(waiting.first(), Some(&(49, 10)));
        assert_eq!(waiting.last(), Some(&(150, 1)));
        assert_eq!(lost, 4, "windows 0, 10, 20 and 30");
        assert!(backlog.is_empty());
    }

    #[test]
    fn a_report_that_is_taken_every_second_is_not_added_up() {
        let mut backlog = Backlog::default();
        for second in 1..=20 {
            backlog.push(report(second, &[], Vec::new()));
            assert_eq!(backlog.take().map(|s| s.to.seconds()), Some(second));
        }
    }

    #[test]
    fn what_could_not_be_handed_over_comes_first_again() {
        let mut backlog = Backlog::default();
        backlog.push(report(1, &[], Vec::new()));
        backlog.push(report(11, &[], Vec::new()));
        let taken = backlog.take().unwrap();
        backlog.put_back(taken);
        assert_eq!(backlog.take().unwrap().to, Timestamp::from_seconds(1));
    }
}
