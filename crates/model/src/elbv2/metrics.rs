//! DECIDER: what the node counted to the points of AWS/ApplicationELB, and records to the host counts.
//!
//! Names, units and dimensions are those of the ELB user guide, "CloudWatch metrics for your Application Load Balancer".
//! Counts are recorded as that many values of 1, so that Sum is the count and Average is 1.

use super::{
    load_balancer::LoadBalancer,
    plan::{Records, groups_in_use},
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
        load_balancer_points(arn, counts, &[balancer], statistics.to, &mut points);
        if !zone.is_empty() {
            let dimensions = [balancer, ("AvailabilityZone", zone.as_str())];
            load_balancer_points(arn, counts, &dimensions, statistics.to, &mut points);
        }
    }
    for counts in &statistics.targets {
        target_points(counts, statistics.to, &mut points);
    }
    points
}

fn load_balancer_points(
    arn: &Arn,
    counts: &LoadBalancerCounts,
    dimensions: &[(&str, &str)],
    at: Timestamp,
    points: &mut Vec<Point>,
) {
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
    let mut value = |name: &str, n: u64, unit: &'static str| {
        if n > 0 {
            points.push(point(arn, name, dimensions, at, vec![(n as f64, 1.0)], unit));
        }
    };
    value("ProcessedBytes", counts.processed_bytes, BYTES);
    value("IPv6ProcessedBytes", counts.ipv6_processed_bytes, BYTES);
    value("ActiveConnectionCount", counts.active_connections, COUNT);
}

fn target_points(counts: &TargetCounts, at: Timestamp, points: &mut Vec<Point>) {
    let [ok, redirect, client, server] = counts.codes;
    let balancer = ("LoadBalancer", dimension(&counts.load_balancer));
    let group = ("TargetGroup", counts.target_group.resource.as_str());
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
        let group = ("TargetGroup", group.resource.as_str());
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

/// HealthyHostCount and UnHealthyHostCount of every group in use, in all and by zone.
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

fn group_host_counts(
    records: &Records,
    balancer: &LoadBalancer,
    group: &TargetGroup,
    at: Timestamp,
    points: &mut Vec<Point>,
) {
    let mut zones: BTreeMap<&str, [f64; 2]> =
        balancer.zones.iter().map(|zone| (zone.zone.as_str(), [0.0; 2])).collect();
    let mut total = [0.0; 2];
    let registered = records.targets.iter().filter(|t| t.target_group_arn == group.arn && t.deregistered_at.is_none());
    for target in registered.filter(|target| is_used(records, target)) {
        let slot = match target.health.as_ref().map(|health| health.state) {
            Some(CheckedState::Healthy) => 0,
            Some(CheckedState::Unhealthy) => 1,
            Some(CheckedState::Initial) | None => continue,
        };
        total[slot] += 1.0;
        if let Some(counts) = zone_of(records, target).and_then(|zone| zones.get_mut(zone)) {
            counts[slot] += 1.0;
        }
    }
    let base = [("LoadBalancer", balancer.dimension()), ("TargetGroup", group.dimension())];
    let mut add = |dimensions: &[(&str, &str)], counts: [f64; 2]| {
        for (name, n) in [("HealthyHostCount", counts[0]), ("UnHealthyHostCount", counts[1])] {
            points.push(point(&balancer.arn, name, dimensions, at, vec![(n, 1.0)], COUNT));
        }
    };
    add(&base, total);
    for (zone, counts) in zones {
        add(&[base[0], base[1], ("AvailabilityZone", zone)], counts);
    }
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
    load_balancer.resource.strip_prefix("loadbalancer/").unwrap_or(&load_balancer.resource)
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
        scope: Scope::new(arn.account.clone(), arn.region.clone()),
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
