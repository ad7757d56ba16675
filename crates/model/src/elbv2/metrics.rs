//! DECIDER: what the node counted to the points of AWS/ApplicationELB, and records to the host counts.
//!
//! Names, units and dimensions are those of the ELB user guide, "CloudWatch metrics for your Application Load Balancer".
//! Counts are recorded as that many values of 1, so that Sum is the count and Average is 1.

use super::{
    attribute::TARGET_GROUP,
    group_health::{Counts, ZoneHealth, zone_health},
    load_balancer::LoadBalancer,
    plan::{Records, groups_in_use, minimum_healthy},
    target::{Target, TargetId},
    target_group::TargetGroup,
    target_health::CheckedState,
};
use crate::{
    Arn, Scope, Timestamp,
    cloudwatch::metric::{BYTES, COUNT, Metric, Point, SECONDS},
    node::{LoadBalancerCounts, Statistics, TargetCounts},
};
use std::collections::BTreeMap;

/// The namespace of Application Load Balancers.
pub const NAMESPACE: &str = "AWS/ApplicationELB";

/// The points of what a node counted.
pub fn traffic(statistics: &Statistics) -> Vec<Point> {
    let mut points = Vec::new();
    for (arn, zone, counts) in &statistics.load_balancers {
        let balancer = ("LoadBalancer", dimension(arn));
        load_balancer_points(arn, counts, &[balancer], statistics, &mut points);
        if !zone.is_empty() {
            let dimensions = [balancer, ("AvailabilityZone", zone.as_str())];
            load_balancer_points(arn, counts, &dimensions, statistics, &mut points);
        }
    }
    for counts in &statistics.targets {
        target_points(counts, statistics.to, &mut points);
    }
    points.extend(consumed_capacity(statistics));
    points
}

/// What one capacity unit is good for: new connections in a second, connections that are open, bytes in an hour, rule
/// evaluations in a second, of which each request has some free (Elastic Load Balancing pricing).
const UNIT_NEW_CONNECTIONS: f64 = 25.0;
const UNIT_ACTIVE_CONNECTIONS: f64 = 3000.0;
const UNIT_BYTES: f64 = 1e9;
const UNIT_RULE_EVALUATIONS: f64 = 1000.0;
const FREE_RULE_EVALUATIONS: u64 = 10;

/// ConsumedLCUs: of the four measures the one that needs the most units, times the part of an hour that was measured, so that
/// the Sum over an hour is what AWS would bill for it. (AWS compares the averages of the hour; the difference is small where
/// traffic is steady.) PeakLCUs belongs to reserved capacity, which there is none of.
fn consumed_capacity(statistics: &Statistics) -> Vec<Point> {
    let seconds = statistics.to.since(statistics.from).as_secs_f64();
    let mut sums: BTreeMap<&Arn, LoadBalancerCounts> = BTreeMap::new();
    for (arn, _, counts) in &statistics.load_balancers {
        let sum = sums.entry(arn).or_default();
        let active = sum.active_connections + counts.active_connections;
        sum.add(counts.clone());
        sum.active_connections = active;
    }
    let mut points = Vec::new();
    for (arn, counts) in sums.into_iter().filter(|_| seconds > 0.0) {
        let forwarded = statistics.targets.iter().filter(|one| one.load_balancer == *arn).map(|one| one.requests);
        let answered = counts.elb_codes.iter().map(|(_, n)| *n);
        let free = FREE_RULE_EVALUATIONS * forwarded.chain(answered).sum::<u64>();
        let units = [
            counts.new_connections as f64 / seconds / UNIT_NEW_CONNECTIONS,
            counts.active_connections as f64 / UNIT_ACTIVE_CONNECTIONS,
            counts.processed_bytes as f64 / seconds * 3600.0 / UNIT_BYTES,
            counts.rule_evaluations.saturating_sub(free) as f64 / seconds / UNIT_RULE_EVALUATIONS,
        ];
        let most = units.into_iter().fold(0.0, f64::max);
        if most > 0.0 {
            let values = vec![(most * seconds / 3600.0, 1.0)];
            points.push(point(arn, "ConsumedLCUs", &[("LoadBalancer", dimension(arn))], statistics.to, values, COUNT));
        }
    }
    points
}

fn load_balancer_points(
    arn: &Arn,
    counts: &LoadBalancerCounts,
    dimensions: &[(&str, &str)],
    statistics: &Statistics,
    points: &mut Vec<Point>,
) {
    let at = statistics.to;
    let mut count = |name: &str, n: u64| {
        if n > 0 {
            points.push(point(arn, name, dimensions, at, vec![(1.0, n as f64)], COUNT));
        }
    };
    let codes =
        |from: u16, to: u16| counts.elb_codes.iter().filter(|(c, _)| (from..=to).contains(c)).map(|(_, n)| n).sum();
    count("NewConnectionCount", counts.new_connections);
    count("RejectedConnectionCount", counts.rejected_connections);
    count("ClientTLSNegotiationErrorCount", counts.client_tls_errors);
    count("DesyncMitigationMode_NonCompliant_Request_Count", counts.non_compliant_requests);
    count("DroppedInvalidHeaderRequestCount", counts.dropped_invalid_headers);
    count("ForwardedInvalidHeaderRequestCount", counts.forwarded_invalid_headers);
    count("GrpcRequestCount", counts.grpc_requests);
    count("HTTP_Fixed_Response_Count", counts.fixed_responses);
    count("HTTP_Redirect_Count", counts.redirects);
    count("HTTP_Redirect_Url_Limit_Exceeded_Count", counts.redirect_url_limit_exceeded);
    count("HTTPCode_ELB_3XX_Count", codes(300, 399));
    count("HTTPCode_ELB_4XX_Count", codes(400, 499));
    count("HTTPCode_ELB_5XX_Count", codes(500, 599));
    for code in [500, 502, 503, 504] {
        count(&format!("HTTPCode_ELB_{code}_Count"), codes(code, code));
    }
    count("IPv6RequestCount", counts.ipv6_requests);
    count("NonStickyRequestCount", counts.non_sticky_requests);
    count("RuleEvaluations", counts.rule_evaluations);
    let mut value = |name: &str, n: u64, weight: f64, unit: &'static str| {
        if n > 0 {
            points.push(point(arn, name, dimensions, at, vec![(n as f64, weight)], unit));
        }
    };
    value("ProcessedBytes", counts.processed_bytes, 1.0, BYTES);
    value("IPv6ProcessedBytes", counts.ipv6_processed_bytes, 1.0, BYTES);
    value("ActiveConnectionCount", counts.active_connections, part_of_minute(statistics), COUNT);
}

/// How much a value counts that is true for the time of a report: AWS takes one in a minute from each node, so that Sum over a
/// minute is how many there were on all nodes together, and so it is here, however often the node reports.
fn part_of_minute(statistics: &Statistics) -> f64 {
    // Under virtual time no time passes in a report; nodes report each second.
    statistics.to.since(statistics.from).as_secs_f64().max(1.0) / 60.0
}

fn target_points(counts: &TargetCounts, at: Timestamp, points: &mut Vec<Point>) {
    let [ok, redirect, client, server] = counts.codes;
    let balancer = ("LoadBalancer", dimension(&counts.load_balancer));
    let group = ("TargetGroup", counts.target_group.resource());
    let zone = ("AvailabilityZone", counts.zone.as_str());
    let mut sets: Vec<Vec<(&str, &str)>> = vec![vec![balancer], vec![balancer, group]];
    if !counts.zone.is_empty() {
        sets.extend([vec![balancer, zone], vec![balancer, group, zone]]);
    }
    for dimensions in sets {
        let mut add = |name: &str, values: Vec<(f64, f64)>, unit| {
            if values.iter().any(|(_, n)| *n > 0.0) {
                points.push(point(&counts.load_balancer, name, &dimensions, at, values, unit));
            }
        };
        let ones = |n: u64| vec![(1.0, n as f64)];
        add("RequestCount", ones(counts.requests), COUNT);
        add("HTTPCode_Target_2XX_Count", ones(ok), COUNT);
        add("HTTPCode_Target_3XX_Count", ones(redirect), COUNT);
        add("HTTPCode_Target_4XX_Count", ones(client), COUNT);
        add("HTTPCode_Target_5XX_Count", ones(server), COUNT);
        add("TargetConnectionErrorCount", ones(counts.connection_errors), COUNT);
        add("TargetTLSNegotiationErrorCount", ones(counts.tls_errors), COUNT);
        add("UnhealthyRoutingRequestCount", ones(counts.unhealthy_routing_requests), COUNT);
        let times = counts.response_times.iter().map(|(seconds, n)| (*seconds, *n as f64)).collect();
        add("TargetResponseTime", times, SECONDS);
    }
}

/// RequestCountPerTarget: what each healthy target of a group got on average; its Sum over a period is what counts. Where
/// no target is healthy requests go to all, so they are shared among all.
pub fn requests_per_target(statistics: &Statistics, records: &Records) -> Vec<Point> {
    let mut requests: BTreeMap<(&Arn, &Arn), u64> = BTreeMap::new();
    for counts in &statistics.targets {
        *requests.entry((&counts.load_balancer, &counts.target_group)).or_default() += counts.requests;
    }
    let mut points = Vec::new();
    for ((balancer, group), requests) in requests.into_iter().filter(|(_, requests)| *requests > 0) {
        let each = requests as f64 / targets_that_share(records, group) as f64;
        let group = ("TargetGroup", group.resource());
        for dimensions in [&[group][..], &[("LoadBalancer", dimension(balancer)), group]] {
            let values = vec![(each, 1.0)];
            points.push(point(balancer, "RequestCountPerTarget", dimensions, statistics.to, values, COUNT));
        }
    }
    points
}

fn targets_that_share(records: &Records, group: &Arn) -> usize {
    let registered = || {
        let all = records.targets.iter().filter(|t| t.target_group_arn == *group && t.deregistered_at.is_none());
        all.filter(|target| is_used(records, target))
    };
    let is_healthy = |target: &Target| target.health.as_ref().is_some_and(|h| h.state == CheckedState::Healthy);
    match registered().filter(|target| is_healthy(target)).count() {
        0 => registered().count().max(1),
        healthy => healthy,
    }
}

/// Health of every group in use, in all and by zone: HealthyHostCount and UnHealthyHostCount, AnomalousHostCount and
/// MitigatedHostCount, and which zones have enough healthy targets for DNS and for routing (HealthyStateDNS and so on).
pub fn host_counts(records: &Records, at: Timestamp) -> Vec<Point> {
    let listeners = records.listeners.iter().map(|listener| &**listener);
    let used = groups_in_use(listeners, records.rules.iter().map(|rule| &**rule));
    let mut points = Vec::new();
    for group in &records.target_groups {
        for arn in used.get(&group.arn).into_iter().flatten() {
            let Some(balancer) = records.load_balancers.iter().find(|lb| lb.arn == **arn) else { continue };
            group_host_counts(records, balancer, group, at, &mut points);
        }
    }
    points
}

/// What is counted of the targets of a group, in all or in one zone.
#[derive(Clone, Copy, Debug, Default)]
struct Hosts {
    healthy: usize,
    unhealthy: usize,
    /// Those whose first check is still due, too.
    registered: usize,
    anomalous: usize,
    mitigated: usize,
}

impl Hosts {
    fn add(&mut self, target: &Target) {
        self.registered += 1;
        match target.health.as_ref().map(|health| health.state) {
            Some(CheckedState::Healthy) => self.healthy += 1,
            Some(CheckedState::Unhealthy) => self.unhealthy += 1,
            Some(CheckedState::Initial) | None => {}
        }
        self.anomalous += usize::from(target.anomaly.anomalous);
        self.mitigated += usize::from(target.anomaly.mitigated);
    }

    fn counts(self) -> Counts {
        Counts { healthy: self.healthy, total: self.registered }
    }

    fn points(self) -> [(&'static str, usize); 4] {
        [
            ("HealthyHostCount", self.healthy),
            ("UnHealthyHostCount", self.unhealthy),
            ("AnomalousHostCount", self.anomalous),
            ("MitigatedHostCount", self.mitigated),
        ]
    }
}

fn group_host_counts(
    records: &Records,
    balancer: &LoadBalancer,
    group: &TargetGroup,
    at: Timestamp,
    points: &mut Vec<Point>,
) {
    let mut zones: BTreeMap<&str, Hosts> =
        balancer.zones.iter().map(|zone| (zone.zone.as_str(), Hosts::default())).collect();
    // Addresses outside the VPC are in no zone: every zone sends to them.
    let (mut all, mut elsewhere) = (Hosts::default(), Hosts::default());
    let registered = records.targets.iter().filter(|t| t.target_group_arn == group.arn && t.deregistered_at.is_none());
    for target in registered.filter(|target| is_used(records, target)) {
        let hosts = match zone_of(records, target) {
            // One in a zone that is not enabled gets nothing, and is not counted.
            Some(zone) => zones.get_mut(zone),
            None => Some(&mut elsewhere),
        };
        if let Some(hosts) = hosts {
            hosts.add(target);
            all.add(target);
        }
    }
    let base = [("LoadBalancer", balancer.dimension()), ("TargetGroup", group.dimension())];
    let mut add = |dimensions: &[(&str, &str)], name: &str, n: usize| {
        points.push(point(&balancer.arn, name, dimensions, at, vec![(n as f64, 1.0)], COUNT));
    };
    all.points().into_iter().for_each(|(name, n)| add(&base, name, n));
    let mut states = [0; 4];
    for (zone, hosts) in &zones {
        let dimensions = [base[0], base[1], ("AvailabilityZone", *zone)];
        hosts.points().into_iter().for_each(|(name, n)| add(&dimensions, name, n));
        let (own, shared) = (hosts.counts(), elsewhere.counts());
        let of_zone = Counts { healthy: own.healthy + shared.healthy, total: own.total + shared.total };
        let ZoneHealth { dns, routing } = health_of(group, of_zone, all.counts());
        let state = [dns, !dns, routing, !routing].map(usize::from);
        STATES.into_iter().zip(state).for_each(|(name, n)| add(&dimensions, name, n));
        states.iter_mut().zip(state).for_each(|(sum, n)| *sum += n);
    }
    STATES.into_iter().zip(states).for_each(|(name, n)| add(&base, name, n));
}

/// Numbers of zones that have enough healthy targets, and that have not.
const STATES: [&str; 4] = ["HealthyStateDNS", "UnhealthyStateDNS", "HealthyStateRouting", "UnhealthyStateRouting"];

fn health_of(group: &TargetGroup, zone: Counts, all: Counts) -> ZoneHealth {
    let attributes = &group.attributes;
    let cross_zone = attributes.get(TARGET_GROUP, "load_balancing.cross_zone.enabled") != "false";
    let threshold = |which| minimum_healthy(attributes, which);
    zone_health(zone, all, cross_zone, threshold("dns_failover"), threshold("unhealthy_state_routing"))
}

/// A target whose instance does not run is neither healthy nor unhealthy, whatever was found before.
fn is_used(records: &Records, target: &Target) -> bool {
    match &target.key.id {
        TargetId::Instance(id) => records.instances.iter().any(|i| i.id == *id && i.address().is_some()),
        TargetId::Ip(_) => true,
    }
}

fn zone_of<'a>(records: &'a Records, target: &Target) -> Option<&'a str> {
    let found = records.instances.iter().find(|instance| match &target.key.id {
        TargetId::Instance(id) => instance.id == *id,
        TargetId::Ip(address) => instance.private_address == *address,
    });
    found.map(|instance| instance.zone.as_str())
}

fn dimension(load_balancer: &Arn) -> &str {
    load_balancer.resource().strip_prefix("loadbalancer/").unwrap_or(load_balancer.resource())
}

fn point(
    arn: &Arn,
    name: &str,
    dimensions: &[(&str, &str)],
    at: Timestamp,
    values: Vec<(f64, f64)>,
    unit: &'static str,
) -> Point {
    Point {
        scope: Scope::new(arn.account().to_owned(), arn.region().to_owned()),
        metric: Metric {
            namespace: NAMESPACE.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        },
        at,
        values,
        unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(resource: &str) -> Arn {
        Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", resource)
    }

    fn sum(points: &[Point], name: &str, dimensions: usize) -> f64 {
        let of = points.iter().filter(|p| p.metric.name == name && p.metric.dimensions.len() == dimensions);
        of.flat_map(|p| &p.values).map(|(value, count)| value * count).sum()
    }

    fn target(n: u8, state: Option<CheckedState>) -> std::sync::Arc<Target> {
        let health = state.map(|state| super::super::target_health::CheckedHealth {
            state,
            failure: None,
            since: Timestamp::default(),
        });
        std::sync::Arc::new(Target {
            target_group_arn: arn("targetgroup/g/2"),
            key: crate::elbv2::target::TargetKey { id: TargetId::Ip([10, 0, 0, n].into()), port: 80 },
            registered_at: Timestamp::default(),
            deregistered_at: None,
            health,
            anomaly: Default::default(),
        })
    }

    #[test]
    fn requests_are_shared_among_healthy_targets_or_among_all_when_none_is() {
        use CheckedState::{Healthy, Initial, Unhealthy};
        let table: [(&[Option<CheckedState>], f64); 4] = [
            (&[Some(Healthy), Some(Healthy), Some(Unhealthy), None], 15.0),
            (&[Some(Healthy)], 30.0),
            (&[Some(Unhealthy), Some(Initial), None], 10.0),
            (&[], 30.0),
        ];
        for (states, expected) in table {
            let targets = (1..).zip(states).map(|(n, state)| target(n, *state)).collect();
            let records = Records { targets, ..Records::default() };
            let counts = |n: u8, requests| TargetCounts {
                load_balancer: arn("loadbalancer/app/web/1"),
                target_group: arn("targetgroup/g/2"),
                target: target(n, None).key.clone(),
                zone: String::new(),
                requests,
                codes: [0; 4],
                connection_errors: 0,
                tls_errors: 0,
                unhealthy_routing_requests: 0,
                sent_bytes: 0,
                received_bytes: 0,
                in_flight: 0,
                response_times: Vec::new(),
            };
            let statistics = Statistics { targets: vec![counts(1, 20), counts(2, 10)], ..Statistics::default() };
            let points = requests_per_target(&statistics, &records);
            for dimensions in [1, 2] {
                assert_eq!(sum(&points, "RequestCountPerTarget", dimensions), expected, "{states:?}");
            }
        }
    }

    /// A group of the load balancer `web` in zones a and b: targets with their zones and states.
    fn records(attributes: &[(&str, &str)], targets: &[(&str, Option<CheckedState>)]) -> Records {
        let pairs = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let attributes = crate::elbv2::attribute::Attributes::default().modified(TARGET_GROUP, pairs).unwrap();
        let balancer = serde_json::json!({
            "arn": arn("loadbalancer/app/web/1"), "name": "web", "kind": "application", "scheme": "internal",
            "dns_name": "web", "canonical_hosted_zone_id": "Z", "vpc_id": "vpc-00000001", "security_groups": [],
            "zones": [{"zone": "a", "subnet_id": "subnet-00000001", "address": null},
                      {"zone": "b", "subnet_id": "subnet-00000002", "address": null}],
            "attributes": {}, "created_at": 0, "state": "active", "tags": {},
        });
        let group = serde_json::json!({
            "arn": arn("targetgroup/g/2"), "name": "g", "protocol": "HTTP", "port": 80, "vpc_id": "vpc-00000001",
            "target_type": "ip", "health_check": crate::elbv2::health_check::HealthCheck::default(),
            "attributes": attributes, "created_at": 0, "tags": {},
        });
        let listener = serde_json::json!({
            "arn": arn("listener/app/web/1/3"), "load_balancer_arn": arn("loadbalancer/app/web/1"), "port": 80,
            "protocol": "HTTP", "attributes": {}, "created_at": 0, "tags": {},
            "default_action": crate::elbv2::action::Action::forward_to(arn("targetgroup/g/2")),
        });
        let instance = |n: u8, zone: &str| {
            serde_json::json!({
                "id": format!("i-0000000{n}"), "reservation_id": "r-00000001", "launch_index": 0,
                "image_id": "ami-00000001", "instance_type": "t2.micro", "host": "local", "zone": zone,
                "vpc_id": "vpc-00000001", "subnet_id": "subnet-00000001", "network_interface_id": "eni-00000001",
                "network_attachment_id": "eni-attach-00000001", "private_address": format!("10.0.0.{n}"),
                "public_address_wanted": false, "security_groups": [], "shutdown_behavior": "stop",
                "termination_protection": false, "stop_protection": false, "detailed_monitoring": false, "tags": {},
                "launched_at": 0, "desired": "running", "state": "running", "state_changed_at": 0, "boot": 1,
                "runtime": null,
            })
        };
        let placed = || (1..).zip(targets).filter(|(_, (zone, _))| !zone.is_empty());
        Records {
            load_balancers: vec![serde_json::from_value(balancer).unwrap()],
            target_groups: vec![serde_json::from_value(group).unwrap()],
            listeners: vec![serde_json::from_value(listener).unwrap()],
            targets: (1..).zip(targets).map(|(n, (_, state))| target(n, *state)).collect(),
            instances: placed().map(|(n, (zone, _))| serde_json::from_value(instance(n, zone)).unwrap()).collect(),
            ..Records::default()
        }
    }

    fn value(points: &[Point], name: &str, zone: Option<&str>) -> f64 {
        let of = |p: &&Point| {
            p.metric.name == name && p.metric.dimensions.get("AvailabilityZone").map(String::as_str) == zone
        };
        points.iter().find(of).unwrap_or_else(|| panic!("{name} {zone:?}")).values[0].0
    }

    #[test]
    fn zones_are_counted_by_whether_they_have_enough_healthy_targets() {
        use CheckedState::{Healthy as H, Unhealthy as U};
        let (off, half) = (
            "load_balancing.cross_zone.enabled",
            "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        );
        let four = [("a", Some(H)), ("a", Some(H)), ("b", Some(U)), ("b", Some(U))];
        type Row<'a> = (&'a [(&'a str, &'a str)], &'a [(&'a str, Option<CheckedState>)], [f64; 4], [f64; 2]);
        let table: [Row<'_>; 7] = [
            (&[], &four, [2.0, 0.0, 2.0, 0.0], [1.0, 1.0]),
            (&[(off, "false")], &four, [1.0, 1.0, 1.0, 1.0], [1.0, 0.0]),
            (&[(half, "60")], &four, [0.0, 2.0, 2.0, 0.0], [0.0, 0.0]),
            (&[(off, "false")], &[("", Some(H))], [2.0, 0.0, 2.0, 0.0], [1.0, 1.0]),
            (&[], &[("a", None)], [0.0, 2.0, 0.0, 2.0], [0.0, 0.0]),
            (&[], &[], [0.0, 2.0, 0.0, 2.0], [0.0, 0.0]),
            // Zone c is not enabled.
            (&[], &[("c", Some(H))], [0.0, 2.0, 0.0, 2.0], [0.0, 0.0]),
        ];
        for (attributes, targets, all, dns_by_zone) in table {
            let points = host_counts(&records(attributes, targets), Timestamp::default());
            assert_eq!(STATES.map(|name| value(&points, name, None)), all, "{attributes:?} {targets:?}");
            let by_zone = ["a", "b"].map(|zone| value(&points, "HealthyStateDNS", Some(zone)));
            assert_eq!(by_zone, dns_by_zone, "{attributes:?} {targets:?}");
        }
        let points = host_counts(&records(&[], &four), Timestamp::default());
        assert_eq!(
            (value(&points, "HealthyHostCount", None), value(&points, "UnHealthyHostCount", Some("b"))),
            (2.0, 2.0)
        );
    }

    #[test]
    fn targets_that_fail_more_than_their_peers_are_counted() {
        let mut records = records(&[], &[("a", Some(CheckedState::Healthy)), ("b", Some(CheckedState::Healthy))]);
        let fails = crate::elbv2::anomaly::AnomalyState { anomalous: true, mitigated: false };
        records.targets[1] = std::sync::Arc::new(Target { anomaly: fails, ..(*records.targets[1]).clone() });
        let points = host_counts(&records, Timestamp::default());
        for (zone, anomalous) in [(None, 1.0), (Some("a"), 0.0), (Some("b"), 1.0)] {
            assert_eq!(value(&points, "AnomalousHostCount", zone), anomalous);
            assert_eq!(value(&points, "MitigatedHostCount", zone), 0.0);
        }
    }

    #[test]
    fn the_measure_that_needs_most_units_is_what_is_consumed() {
        let counts = |change: fn(&mut LoadBalancerCounts)| {
            let mut counts = LoadBalancerCounts::default();
            change(&mut counts);
            counts
        };
        // In a minute: what one unit is good for is a sixtieth of a unit's hour.
        let table: [(LoadBalancerCounts, f64); 6] = [
            (counts(|c| c.new_connections = 25 * 60), 1.0),
            (counts(|c| c.active_connections = 6000), 2.0),
            (counts(|c| c.processed_bytes = 1_000_000_000 / 60), 1.0),
            (counts(|c| c.rule_evaluations = 3000 * 60), 3.0),
            (counts(|c| (c.rule_evaluations, c.elb_codes) = (20 * 60_000, vec![(404, 60_000)])), 10.0),
            (counts(|c| (c.new_connections, c.active_connections) = (25, 300)), 0.1),
        ];
        for (counts, units) in table {
            let statistics = Statistics {
                from: Timestamp::from_seconds(0),
                to: Timestamp::from_seconds(60),
                load_balancers: vec![(arn("loadbalancer/app/web/1"), "a".to_owned(), counts.clone())],
                targets: Vec::new(),
                lost_log_lines: 0,
            };
            let points = traffic(&statistics);
            let consumed = value(&points, "ConsumedLCUs", None);
            assert!((consumed - units / 60.0).abs() < 1e-6, "{consumed} {counts:?}");
        }
        assert!(traffic(&Statistics::default()).is_empty());
    }

    /// Dimensions beside those in the name.
    const BALANCER: &[&[&str]] = &[&["LoadBalancer"], &["AvailabilityZone", "LoadBalancer"]];
    const GROUP: &[&[&str]] = &[&["LoadBalancer", "TargetGroup"], &["AvailabilityZone", "LoadBalancer", "TargetGroup"]];
    const TARGETS: &[&[&str]] = &[BALANCER[0], BALANCER[1], GROUP[0], GROUP[1]];
    const PER_TARGET: &[&[&str]] = &[&["TargetGroup"], GROUP[0]];

    /// The metrics of the ELB user guide, and the dimensions that each is reported with; none: why not stands in
    /// docs/load-balancing.md.
    const METRICS: &[(&str, &[&[&str]])] = &[
        ("ActiveConnectionCount", BALANCER),
        ("AnomalousHostCount", GROUP),
        ("BYoIPUtilPercentage", &[]),
        ("ClientTLSNegotiationErrorCount", BALANCER),
        ("ConsumedLCUs", &[BALANCER[0]]),
        ("DesyncMitigationMode_NonCompliant_Request_Count", BALANCER),
        ("DroppedInvalidHeaderRequestCount", BALANCER),
        ("ELBAuthError", &[]),
        ("ELBAuthFailure", &[]),
        ("ELBAuthLatency", &[]),
        ("ELBAuthRefreshTokenSuccess", &[]),
        ("ELBAuthSuccess", &[]),
        ("ELBAuthUserClaimsSizeExceeded", &[]),
        ("ForwardedInvalidHeaderRequestCount", BALANCER),
        ("GrpcRequestCount", BALANCER),
        ("HTTPCode_ELB_3XX_Count", BALANCER),
        ("HTTPCode_ELB_4XX_Count", BALANCER),
        ("HTTPCode_ELB_500_Count", BALANCER),
        ("HTTPCode_ELB_502_Count", BALANCER),
        ("HTTPCode_ELB_503_Count", BALANCER),
        ("HTTPCode_ELB_504_Count", BALANCER),
        ("HTTPCode_ELB_5XX_Count", BALANCER),
        ("HTTPCode_Target_2XX_Count", TARGETS),
        ("HTTPCode_Target_3XX_Count", TARGETS),
        ("HTTPCode_Target_4XX_Count", TARGETS),
        ("HTTPCode_Target_5XX_Count", TARGETS),
        ("HTTP_Fixed_Response_Count", BALANCER),
        ("HTTP_Redirect_Count", BALANCER),
        ("HTTP_Redirect_Url_Limit_Exceeded_Count", BALANCER),
        ("HealthyHostCount", GROUP),
        ("HealthyStateDNS", GROUP),
        ("HealthyStateRouting", GROUP),
        ("IPv6ProcessedBytes", BALANCER),
        ("IPv6RequestCount", BALANCER),
        ("LambdaInternalError", &[]),
        ("LambdaTargetProcessedBytes", &[]),
        ("LambdaUserError", &[]),
        ("LowReputationPacketsDropped", &[]),
        ("LowReputationRequestsDenied", &[]),
        ("MitigatedHostCount", GROUP),
        ("NewConnectionCount", BALANCER),
        ("NonStickyRequestCount", BALANCER),
        ("PeakLCUs", &[]),
        ("ProcessedBytes", BALANCER),
        ("RejectedConnectionCount", BALANCER),
        ("RequestCount", TARGETS),
        ("RequestCountPerTarget", PER_TARGET),
        ("RuleEvaluations", BALANCER),
        ("TargetConnectionErrorCount", TARGETS),
        ("TargetResponseTime", TARGETS),
        ("TargetTLSNegotiationErrorCount", TARGETS),
        ("UnHealthyHostCount", GROUP),
        ("UnhealthyRoutingRequestCount", TARGETS),
        ("UnhealthyStateDNS", GROUP),
        ("UnhealthyStateRouting", GROUP),
        ("ZonalShiftedHostCount", &[]),
    ];

    macro_rules! all_counts {
        ($($(#[$doc:meta])* $name:ident,)*) => {
            /// Something of everything.
            fn all_counts() -> LoadBalancerCounts {
                LoadBalancerCounts {
                    active_connections: 1,
                    elb_codes: [301, 400, 500, 502, 503, 504].map(|code| (code, 1)).to_vec(),
                    $($name: 1,)*
                }
            }
        };
    }
    crate::with_load_balancer_counts!(all_counts);

    #[test]
    fn every_metric_of_aws_is_reported_with_its_dimensions_or_explained() {
        let records = records(&[], &[("a", Some(CheckedState::Healthy))]);
        let statistics = Statistics {
            from: Timestamp::from_seconds(0),
            to: Timestamp::from_seconds(1),
            load_balancers: vec![(arn("loadbalancer/app/web/1"), "a".to_owned(), all_counts())],
            targets: vec![TargetCounts {
                load_balancer: arn("loadbalancer/app/web/1"),
                target_group: arn("targetgroup/g/2"),
                target: records.targets[0].key.clone(),
                zone: "a".to_owned(),
                requests: 1,
                codes: [1; 4],
                connection_errors: 1,
                tls_errors: 1,
                unhealthy_routing_requests: 1,
                sent_bytes: 1,
                received_bytes: 1,
                in_flight: 1,
                response_times: vec![(0.1, 1)],
            }],
            lost_log_lines: 0,
        };
        let mut reported: BTreeMap<&str, Vec<Vec<&str>>> = BTreeMap::new();
        let points = [
            traffic(&statistics),
            requests_per_target(&statistics, &records),
            host_counts(&records, Timestamp::default()),
        ]
        .concat();
        for Point { metric, .. } in &points {
            let sets = reported.entry(&metric.name).or_default();
            let set: Vec<&str> = metric.dimensions.keys().map(String::as_str).collect();
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
        for (name, expected) in METRICS {
            let mut found = reported.remove(name).unwrap_or_default();
            let mut expected = expected.to_vec();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{name}");
            if found.is_empty() {
                assert!(DOCS.contains(&format!("`{name}`")), "{name}");
            }
        }
        assert!(reported.is_empty(), "AWS has no such metrics: {reported:?}");
    }

    const DOCS: &str = include_str!("../../../../docs/load-balancing.md");

    #[test]
    fn the_sum_of_open_connections_over_a_minute_is_how_many_there_were() {
        let mut points = Vec::new();
        for (from, to) in [(0, 1), (1, 2), (2, 12), (12, 60)] {
            let zone = |zone: &str, active_connections| {
                let counts = LoadBalancerCounts { active_connections, ..Default::default() };
                (arn("loadbalancer/app/web/1"), zone.to_owned(), counts)
            };
            points.extend(traffic(&Statistics {
                from: Timestamp::from_seconds(from),
                to: Timestamp::from_seconds(to),
                load_balancers: vec![zone("a", 30), zone("b", 12)],
                targets: Vec::new(),
                lost_log_lines: 0,
            }));
        }
        assert!((sum(&points, "ActiveConnectionCount", 1) - 42.0).abs() < 1e-9);
        assert!(points.iter().all(|point| point.values.iter().all(|(value, _)| [30.0, 12.0].contains(value))
            || point.metric.name == "ConsumedLCUs"));
    }

    #[test]
    fn counts_become_points_of_every_dimension_set() {
        let statistics = Statistics {
            to: Timestamp::from_seconds(60),
            load_balancers: vec![(
                arn("loadbalancer/app/web/1"),
                "ap-northeast-2a".to_owned(),
                LoadBalancerCounts {
                    elb_codes: vec![(502, 2), (503, 1), (400, 4)],
                    processed_bytes: 100,
                    ..Default::default()
                },
            )],
            targets: vec![TargetCounts {
                load_balancer: arn("loadbalancer/app/web/1"),
                target_group: arn("targetgroup/g/2"),
                target: crate::elbv2::target::TargetKey { id: TargetId::Ip([10, 0, 0, 1].into()), port: 80 },
                zone: "ap-northeast-2a".to_owned(),
                requests: 10,
                codes: [9, 0, 0, 1],
                connection_errors: 0,
                tls_errors: 0,
                unhealthy_routing_requests: 2,
                sent_bytes: 1,
                received_bytes: 1,
                in_flight: 0,
                response_times: vec![(0.1, 9), (0.5, 1)],
            }],
            ..Statistics::default()
        };
        let points = traffic(&statistics);
        for (name, dimensions, expected) in [
            ("RequestCount", 1, 10.0),
            ("RequestCount", 2, 20.0),
            ("RequestCount", 3, 10.0),
            ("HTTPCode_Target_5XX_Count", 1, 1.0),
            ("HTTPCode_ELB_5XX_Count", 1, 3.0),
            ("HTTPCode_ELB_502_Count", 1, 2.0),
            ("HTTPCode_ELB_504_Count", 1, 0.0),
            ("HTTPCode_ELB_4XX_Count", 1, 4.0),
            ("ProcessedBytes", 1, 100.0),
            ("ProcessedBytes", 2, 100.0),
            ("UnhealthyRoutingRequestCount", 3, 2.0),
            ("TargetResponseTime", 1, 1.4),
        ] {
            assert!((sum(&points, name, dimensions) - expected).abs() < 1e-9, "{name} {dimensions}");
        }
        assert!(points.iter().all(|p| p.metric.dimensions["LoadBalancer"] == "app/web/1"));
        assert!(
            points.iter().all(|p| p.metric.name != "TargetConnectionErrorCount"),
            "nothing is reported where nothing happened"
        );
    }
}
