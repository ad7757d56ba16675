//! The document behind `goru why` for instances, targets and load balancers: who reaches them, and what stands in the way.
//!
//! `model::why_network` knows the ways and has the words. Here it gets the records as they are now, and what it wants to have
//! tried is tried.

mod probing;

use crate::wiring::Running;
use compute::ComputeDriver;
use controllers::networks;
use model::{
    Arn, Scope,
    ec2::{instance::DriverKind, instance::Instance, network_plan::HostTag},
    elbv2::{
        load_balancer::LoadBalancer, plan::groups_in_use, plan::stands_for, target::Target, target::TargetKey,
        target_group::TargetGroup, target_health::ShownHealth,
    },
    why_network::{
        Diagnosis, Facts, diagnose,
        subject::{Found, NotFound, also_named, find},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use store::View;

/// What is called so, diagnosed.
///
/// # Errors
/// Nothing is called so.
pub async fn document(running: &Running, what: &str) -> Result<Diagnosis, NotFound> {
    let mut diagnosis = compute(running, what)?;
    let outcomes = probing::carry_out(diagnosis.probes()).await;
    diagnosis.conclude(&outcomes);
    Ok(diagnosis)
}

/// Load balancers and target groups with the name of a group that was found, in sentences that say how to ask for them.
pub fn also(running: &Running, name: &str) -> Vec<String> {
    with_facts(running, |facts| also_named(facts, name))
}

fn compute(running: &Running, what: &str) -> Result<Diagnosis, NotFound> {
    with_facts(running, |facts| {
        let Found { subject, also } = find(facts, what)?;
        Ok(diagnose(facts, &subject, also))
    })
}

fn with_facts<T>(running: &Running, work: impl FnOnce(&Facts<'_>) -> T) -> T {
    let view = running.store().view();
    let records = networks::records(&view);
    let tag = running.gateway().settings().host.networks.clone();
    let networks = records.values().map(networks::ScopeRecords::borrowed).collect();
    work(&facts(&view, networks, running.driver().kind(), tag))
}

fn facts<'a>(
    view: &View,
    networks: Vec<model::ec2::network_records::NetworkRecords<'a>>,
    driver: DriverKind,
    tag: Option<HostTag>,
) -> Facts<'a> {
    Facts {
        networks,
        load_balancers: view.all().map(|(_, record)| record).collect(),
        listeners: view.all().map(|(_, record)| record).collect(),
        rules: view.all().map(|(_, record)| record).collect(),
        target_groups: view.all().map(|(_, record)| record).collect(),
        targets: view.all().map(|(_, record)| record).collect(),
        health: health(view),
        driver,
        tag,
    }
}

/// What DescribeTargetHealth says of every target.
fn health(view: &View) -> BTreeMap<(Arn, TargetKey), ShownHealth> {
    let listeners: Vec<_> = view.all().map(|(_, listener)| listener).collect();
    let rules: Vec<_> = view.all().map(|(_, rule)| rule).collect();
    let used = groups_in_use(listeners.iter().map(|listener| &**listener), rules.iter().map(|rule| &**rule));
    let one = |(scope, target): (Scope, Arc<Target>)| {
        let arn = target.target_group_arn.clone();
        let group = view.get::<TargetGroup>(&scope, arn.as_str())?;
        let instance = view.list::<Instance>(&scope).find(|one| stands_for(&target.key, &group.vpc_id, one));
        let users: BTreeSet<&Arn> = used.get(&arn).cloned().unwrap_or_default();
        let balancers: Vec<Arc<LoadBalancer>> =
            users.into_iter().filter_map(|arn| view.get(&scope, arn.as_str())).collect();
        let shown = services::elbv2::shown_health(&target, &group, instance.as_deref(), &balancers);
        Some(((arn, target.key.clone()), shown))
    };
    view.all::<Target>().filter_map(one).collect()
}
