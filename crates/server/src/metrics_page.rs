//! `/metrics`: the state of the server and the node's counts for Prometheus, in OpenMetrics text.
//!
//! Every series is made from the records and sums of the moment, so that it goes with its resource.

use crate::wiring::Running;
use controllers::metrics::Totals;
use model::{
    ec2::instance::Instance,
    elbv2::{target::Target, target_health::CheckedState},
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
    totals: Totals,
}

impl Page {
    fn of(running: &Running) -> Self {
        let view = running.store().view();
        let mut instances = BTreeMap::new();
        for (_, instance) in view.all::<Instance>() {
            *instances.entry(instance.state.name()).or_insert(0) += 1;
        }
        let mut targets = BTreeMap::new();
        for (_, target) in view.all::<Target>() {
            let state = match (target.deregistered_at, target.health.as_ref().map(|health| health.state)) {
                (Some(_), _) => "draining",
                (None, None | Some(CheckedState::Initial)) => "initial",
                (None, Some(CheckedState::Healthy)) => "healthy",
                (None, Some(CheckedState::Unhealthy)) => "unhealthy",
            };
            *targets.entry((target.target_group_arn.resource.clone(), state)).or_insert(0) += 1;
        }
        Self {
            revision: view.revision().0,
            node_connected: running.node_connected(),
            instances,
            targets,
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
        self.balancers(&mut encoder)?;
        self.per_target(&mut encoder)
    }
}

impl Page {
    fn balancers(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let all = &self.totals.load_balancers;
        let name = |arn: &model::Arn| arn.resource.clone();
        let names: Vec<(String, &controllers::metrics::BalancerTotals)> =
            all.iter().map(|(arn, sums)| (name(arn), sums)).collect();
        let one = |of: fn(&controllers::metrics::BalancerTotals) -> u64| {
            names.iter().map(move |(name, sums)| (vec![("load_balancer", name.as_str())], of(sums)))
        };
        counters(encoder, "goru_connections", "Client connections accepted", one(|sums| sums.connections))?;
        counters(encoder, "goru_processed_bytes", "Bytes from and to clients", one(|sums| sums.bytes))?;
        counters(encoder, "goru_retried_requests", "Requests tried on a second target", one(|sums| sums.retries))?;
        let codes: Vec<(&str, String, u64)> = names
            .iter()
            .flat_map(|(name, sums)| sums.codes.iter().map(|(code, n)| (name.as_str(), code.to_string(), *n)))
            .collect();
        let series = codes.iter().map(|(name, code, n)| (vec![("load_balancer", *name), ("code", code.as_str())], *n));
        counters(encoder, "goru_own_answers", "Answers made by the load balancer itself", series)
    }

    fn per_target(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let all = &self.totals.targets;
        let labels = |(group, target): &(model::Arn, String)| (group.resource.clone(), target.clone());
        let rows: Vec<((String, String), &controllers::metrics::TargetTotals)> =
            all.iter().map(|(key, sums)| (labels(key), sums)).collect();
        let base =
            |(group, target): &'_ (String, String)| [("target_group", group.clone()), ("target", target.clone())];
        let requests = rows.iter().map(|(key, sums)| (base(key).to_vec(), sums.requests));
        owned_counters(encoder, "goru_target_requests", "Requests sent to targets", requests)?;
        let errors = rows.iter().map(|(key, sums)| (base(key).to_vec(), sums.connection_errors));
        owned_counters(encoder, "goru_target_connection_errors", "Connections to targets that failed", errors)?;
        let answers = rows.iter().flat_map(|(key, sums)| {
            let hundreds = ["2xx", "3xx", "4xx", "5xx"].into_iter().zip(sums.codes);
            hundreds.map(move |(code, n)| ([base(key).to_vec(), vec![("code", code.to_owned())]].concat(), n))
        });
        owned_counters(encoder, "goru_target_answers", "Answers of targets by hundred", answers)
    }
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

fn counters<'a>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    series: impl IntoIterator<Item = (Vec<(&'a str, &'a str)>, u64)>,
) -> fmt::Result {
    let first = ConstCounter::new(0_u64);
    let mut metric = encoder.encode_descriptor(name, help, None, first.metric_type())?;
    for (labels, value) in series {
        one(&mut metric, &labels, &ConstCounter::new(value))?;
    }
    Ok(())
}

fn owned_counters(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    series: impl IntoIterator<Item = (Vec<(&'static str, String)>, u64)>,
) -> fmt::Result {
    let series: Vec<(Vec<(&'static str, String)>, u64)> = series.into_iter().collect();
    let borrowed = series.iter().map(|(labels, n)| (labels.iter().map(|(k, v)| (*k, v.as_str())).collect(), *n));
    counters(encoder, name, help, borrowed)
}

fn one(metric: &mut MetricEncoder<'_>, labels: &[(&str, &str)], value: &impl EncodeMetric) -> fmt::Result {
    value.encode(metric.encode_family(&labels)?)
}
