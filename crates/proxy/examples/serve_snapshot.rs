//! Runs workers on a snapshot from a JSON file, with all targets taken as healthy: for benchmarks and experiments.
//!
//! `serve_snapshot WORKERS FILE`, or `serve_snapshot WORKERS FRONT TARGET...` with addresses. It is not the node: no
//! health checks, no control socket; it runs until it is killed.

use model::{
    Arn, Timestamp,
    elbv2::{
        health_check::HealthCheck,
        snapshot::{
            ActionPlan, Front, FrontListener, ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot, TargetGroupPlan,
            TargetPlan, XffMode,
        },
        target::{TargetId, TargetKey},
    },
};
use proxy::{
    config::CompiledSnapshot,
    target::TargetStates,
    worker::{WorkerOptions, Workers},
};
use std::{error::Error, net::SocketAddr};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [workers, first, targets @ ..] = arguments.as_slice() else {
        return Err("usage: serve_snapshot WORKERS (FILE | FRONT TARGET...)".into());
    };
    let count = workers.parse()?;
    let snapshot = match first.parse::<SocketAddr>() {
        Ok(front) => snapshot_of(front, targets)?,
        Err(_) => serde_json::from_slice(&std::fs::read(first)?)?,
    };
    let states = TargetStates::new(count);
    let mut options = WorkerOptions::new(count);
    // A log that is thrown away, to measure what making records costs.
    let records = std::env::var_os("RECORDS").map(|_| proxy::telemetry::record::channel(65_536));
    if let Some((sink, records)) = records {
        options.records = Some(sink);
        std::thread::spawn(move || {
            loop {
                while records.take().is_some() {}
                std::thread::park_timeout(std::time::Duration::from_millis(20));
            }
        });
    }
    let started = Workers::start(&options, states.clone())?;
    started.apply(CompiledSnapshot::compile(&snapshot, &states)?);
    for front in &snapshot.fronts {
        started.open_front(front.address)?;
    }
    loop {
        std::thread::park();
    }
}

fn snapshot_of(front: SocketAddr, targets: &[String]) -> Result<LoadBalancingSnapshot, Box<dyn Error>> {
    let arn = |resource: &str| Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", resource);
    let (listener, group) = (arn("listener/app/bench/1/1"), arn("targetgroup/bench/1"));
    let targets = targets
        .iter()
        .map(|text| {
            let address: SocketAddr = text.parse()?;
            let SocketAddr::V4(v4) = address else { return Err("targets have IPv4 addresses".into()) };
            Ok(TargetPlan {
                key: TargetKey { id: TargetId::Ip(*v4.ip()), port: v4.port() },
                address,
                zone: "ap-northeast-2a".to_owned(),
                registered_at: Timestamp::default(),
                drained_at: None,
                health: None,
            })
        })
        .collect::<Result<_, Box<dyn Error>>>()?;
    Ok(LoadBalancingSnapshot {
        generation: 1,
        fronts: vec![Front {
            address: front,
            listeners: vec![FrontListener { listener: listener.clone(), hosts: vec![] }],
        }],
        load_balancers: vec![LoadBalancerPlan {
            arn: arn("loadbalancer/app/bench/1"),
            dimension: "app/bench/1".to_owned(),
            dns_name: "bench.elb.localhost".to_owned(),
            idle_timeout_seconds: 60,
            client_keep_alive_seconds: 3600,
            drop_invalid_header_fields: false,
            preserve_host_header: false,
            xff_client_port: false,
            xff_mode: XffMode::Append,
            listeners: vec![ListenerPlan {
                arn: listener,
                port: front.port(),
                server_header: true,
                default_action: ActionPlan::Forward(group.clone()),
            }],
        }],
        target_groups: vec![TargetGroupPlan {
            arn: group,
            dimension: "targetgroup/bench/1".to_owned(),
            health_check: HealthCheck { enabled: false, ..HealthCheck::default() },
            retry: true,
            targets,
        }],
    })
}
