//! `/metrics`: the state of the server and the node's counts for Prometheus, in OpenMetrics text.
//!
//! Every series is made from the records and sums of the moment, so that it goes with its resource.

use crate::wiring::Running;
use controllers::metrics::{TargetTotals, Totals};
use model::{
    Arn,
    ec2::instance::Instance,
    elbv2::{target::Target, target_health::CheckedState},
    node::LoadBalancerCounts,
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, text},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Registry,
};
use std::{collections::BTreeMap, fmt};

/// The page.
pub fn page(running: &Running) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Page::of(running)));
    let mut page = String::new();
    match text::encode(&mut page, &registry) {
        Ok(()) => page,
        Err(fmt::Error) => "# the metrics cannot be shown\n# EOF\n".to_owned(),
    }
}

#[derive(Debug)]
struct Page {
    revision: u64,
    node_connected: bool,
    instances: BTreeMap<&'static str, i64>,
    targets: BTreeMap<(String, &'static str), i64>,
    /// Targets that fail more than their peers.
    anomalous: Vec<(Arn, String)>,
    totals: Totals,
}

impl Page {
    fn of(running: &Running) -> Self {
        let view = running.store().view();
        let mut instances = BTreeMap::new();
        for (_, instance) in view.all::<Instance>() {
            *instances.entry(instance.state.name()).or_insert(0) += 1;
        }
        let (mut targets, mut anomalous) = (BTreeMap::new(), Vec::new());
        for (_, target) in view.all::<Target>() {
            if target.anomaly.anomalous {
                anomalous.push((target.target_group_arn.clone(), target.key.to_string()));
            }
            let state = match (target.deregistered_at, target.health.as_ref().map(|health| health.state)) {
                (Some(_), _) => "draining",
                (None, None | Some(CheckedState::Initial)) => "initial",
                (None, Some(CheckedState::Healthy)) => "healthy",
                (None, Some(CheckedState::Unhealthy)) => "unhealthy",
            };
            *targets.entry((target.target_group_arn.resource().to_owned(), state)).or_insert(0) += 1;
        }
        Self {
            revision: view.revision().0,
            node_connected: running.node_connected(),
            instances,
            targets,
            anomalous,
            totals: running.traffic().totals(),
        }
    }
}

impl Collector for Page {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        gauges(&mut encoder, "goru_build", "Version of the server", [(version.to_vec(), 1)])?;
        let revision = i64::try_from(self.revision).unwrap_or(i64::MAX);
        gauges(&mut encoder, "goru_store_revision", "Revision of the state", [(vec![], revision)])?;
        let connected = i64::from(self.node_connected);
        gauges(
            &mut encoder,
            "goru_node_connected",
            "Whether the load balancer node is connected",
            [(vec![], connected)],
        )?;
        let instances = self.instances.iter().map(|(state, n)| (vec![("state", *state)], *n));
        gauges(&mut encoder, "goru_instances", "Instances by state", instances)?;
        let targets = self
            .targets
            .iter()
            .map(|((group, state), n)| (vec![("target_group", group.as_str()), ("state", *state)], *n));
        gauges(&mut encoder, "goru_targets", "Targets by state", targets)?;
        let lost = [(vec![], self.totals.lost_log_lines)];
        counters(&mut encoder, "goru_lost_log_lines", "Lines of the node's logs that were lost", lost)?;
        self.balancers(&mut encoder)?;
        self.per_target(&mut encoder)
    }
}

macro_rules! table_of_counts {
    ($($(#[doc = $help:literal])* $name:ident,)*) => {
        /// Series, help and value of every count of a load balancer.
        const COUNTS: &[(&str, &str, fn(&LoadBalancerCounts) -> u64)] =
            &[$((concat!("goru_", stringify!($name)), concat!($($help),*), |counts| counts.$name),)*];
    };
}
model::with_load_balancer_counts!(table_of_counts);

impl Page {
    fn balancers(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        // The zones of a load balancer together.
        let mut sums: BTreeMap<&str, LoadBalancerCounts> = BTreeMap::new();
        for ((arn, _), counts) in &self.totals.load_balancers {
            let sum = sums.entry(arn.resource()).or_default();
            let active = sum.active_connections + counts.active_connections;
            sum.add(counts.clone());
            sum.active_connections = active;
        }
        for (series, help, value) in COUNTS {
            let values = sums.iter().map(|(name, counts)| (vec![("load_balancer", *name)], value(counts)));
            counters(encoder, series, help.trim().trim_end_matches('.'), values)?;
        }
        let active = sums.iter().map(|(name, counts)| {
            (vec![("load_balancer", *name)], i64::try_from(counts.active_connections).unwrap_or(i64::MAX))
        });
        gauges(encoder, "goru_active_connections", "Client connections that are open", active)?;
        let codes: Vec<(&str, String, u64)> = sums
            .iter()
            .flat_map(|(name, counts)| counts.elb_codes.iter().map(|(code, n)| (*name, code.to_string(), *n)))
            .collect();
        let series = codes.iter().map(|(name, code, n)| (vec![("load_balancer", *name), ("code", code.as_str())], *n));
        counters(encoder, "goru_own_answers", "Answers made by the load balancer itself", series)
    }

    fn per_target(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        type Value = fn(&TargetTotals) -> u64;
        let table: [(&str, &str, Value); 6] = [
            ("goru_target_requests", "Requests sent to targets", |sums| sums.requests),
            ("goru_target_connection_errors", "Connections to targets that failed", |sums| sums.connection_errors),
            ("goru_target_tls_errors", "TLS handshakes with targets that failed", |sums| sums.tls_errors),
            (
                "goru_target_unhealthy_routing_requests",
                "Requests sent to targets although too few of their group were healthy",
                |sums| sums.unhealthy_routing_requests,
            ),
            ("goru_target_sent_bytes", "Bytes sent to targets", |sums| sums.sent_bytes),
            ("goru_target_received_bytes", "Bytes received from targets", |sums| sums.received_bytes),
        ];
        let rows: Vec<(Vec<(&str, &str)>, &TargetTotals)> =
            self.totals.targets.iter().map(|((group, target), sums)| (target_labels(group, target), sums)).collect();
        for (series, help, value) in table {
            counters(encoder, series, help, rows.iter().map(|(labels, sums)| (labels.clone(), value(sums))))?;
        }
        let answers = rows.iter().flat_map(|(labels, sums)| {
            let hundreds = ["2xx", "3xx", "4xx", "5xx"].into_iter().zip(sums.codes);
            hundreds.map(move |(code, n)| ([labels.clone(), vec![("code", code)]].concat(), n))
        });
        counters(encoder, "goru_target_answers", "Answers of targets by hundred", answers)?;
        let seconds = rows.iter().map(|(labels, sums)| (labels.clone(), sums.response_seconds));
        counters(encoder, "goru_target_response_seconds", "Seconds until targets began to answer, in all", seconds)?;
        let running =
            rows.iter().map(|(labels, sums)| (labels.clone(), i64::try_from(sums.in_flight).unwrap_or(i64::MAX)));
        gauges(encoder, "goru_target_requests_in_flight", "Requests that are running", running)?;
        let anomalies = self.anomalous.iter().map(|(group, target)| (target_labels(group, target), 1));
        gauges(encoder, "goru_target_anomalous", "Targets that fail more than their peers", anomalies)
    }
}

fn target_labels<'a>(group: &'a Arn, target: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("target_group", group.resource()), ("target", target)]
}

fn gauges<'a>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    series: impl IntoIterator<Item = (Vec<(&'a str, &'a str)>, i64)>,
) -> fmt::Result {
    let first = ConstGauge::new(0_i64);
    let mut metric = encoder.encode_descriptor(name, help, None, first.metric_type())?;
    for (labels, value) in series {
        one(&mut metric, &labels, &ConstGauge::new(value))?;
    }
    Ok(())
}

fn counters<'a, N: Default>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    series: impl IntoIterator<Item = (Vec<(&'a str, &'a str)>, N)>,
) -> fmt::Result
where
    ConstCounter<N>: EncodeMetric,
{
    let first = ConstCounter::new(N::default());
    let mut metric = encoder.encode_descriptor(name, help, None, first.metric_type())?;
    for (labels, value) in series {
        one(&mut metric, &labels, &ConstCounter::new(value))?;
    }
    Ok(())
}

fn one(metric: &mut MetricEncoder<'_>, labels: &[(&str, &str)], value: &impl EncodeMetric) -> fmt::Result {
    value.encode(metric.encode_family(&labels)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_of_the_node_is_on_the_page() {
        let arn = |resource: &str| Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", resource);
        let counts = LoadBalancerCounts {
            new_connections: 2,
            rule_evaluations: 7,
            active_connections: 3,
            elb_codes: vec![(503, 4)],
            ..LoadBalancerCounts::default()
        };
        let balancer = arn("loadbalancer/app/web/1");
        let zones = ["a", "b"].map(|zone| ((balancer.clone(), zone.to_owned()), counts.clone()));
        let target = TargetTotals { requests: 9, tls_errors: 1, response_seconds: 0.5, ..TargetTotals::default() };
        let group = arn("targetgroup/web/2");
        let page = Page {
            revision: 1,
            node_connected: true,
            instances: BTreeMap::new(),
            targets: BTreeMap::new(),
            anomalous: vec![(group.clone(), "10.0.0.1:80".to_owned())],
            totals: Totals {
                load_balancers: zones.into_iter().collect(),
                targets: [((group, "10.0.0.1:80".to_owned()), target)].into_iter().collect(),
                lost_log_lines: 11,
            },
        };
        let mut registry = Registry::default();
        registry.register_collector(Box::new(page));
        let mut text = String::new();
        text::encode(&mut text, &registry).unwrap();
        let of_web = r#"{load_balancer="loadbalancer/app/web/1""#;
        let of_target = r#"{target_group="targetgroup/web/2",target="10.0.0.1:80""#;
        for line in [
            format!("goru_new_connections_total{of_web}}} 4"),
            format!("goru_rule_evaluations_total{of_web}}} 14"),
            format!("goru_active_connections{of_web}}} 6"),
            format!("goru_own_answers_total{of_web},code=\"503\"}} 8"),
            format!("goru_target_requests_total{of_target}}} 9"),
            format!("goru_target_tls_errors_total{of_target}}} 1"),
            format!("goru_target_response_seconds_total{of_target}}} 0.5"),
            format!("goru_target_anomalous{of_target}}} 1"),
            "goru_lost_log_lines_total{} 11".to_owned(),
        ] {
            assert!(text.contains(&line), "{line} in\n{text}");
        }
        for (name, help, _) in COUNTS {
            let help = help.trim().trim_end_matches('.');
            assert!(text.contains(&format!("# HELP {name} {help}\n")), "{name} in\n{text}");
        }
    }
}
