//! Goru: a data plane whose control plane is the bench.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde_json::{Value, json};

use super::{GENERATION_PATH, Routes, Setup, check_interval_seconds, load_balancer_host, rule_path, with};
use crate::bench::node::Control;
use crate::bench::order::HOST;
use crate::bench::process::Pinned;

/// The snapshot, in the proxy's directory.
pub const FILE: &str = "snapshot.json";

/// The policy of a listener with TLS: 1.2 and 1.3, as the others have it.
const POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";
const CERTIFICATE: &str = "arn:aws:acm:ap-northeast-2:123456789012:certificate/00000000-0000-0000-0000-000000000000";
const ZONE: &str = "ap-northeast-2a";
/// The key of cookies, as hexadecimal digits.
const COOKIE_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The command that starts it, on an empty directory: what the round before left there has other ports.
pub fn prepare(binary: &Path, setup: &Setup) -> Result<Command> {
    let data = setup.directory.join("data");
    match std::fs::remove_dir_all(&data) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    std::fs::create_dir_all(&data)?;
    std::fs::write(setup.directory.join(FILE), serde_json::to_vec_pretty(&snapshot(setup))?)?;
    let mut run = with(binary.to_owned(), &["node", "--workers", &setup.serves.workers.to_string()]);
    run.arg(format!("--access-log={}", setup.serves.access_log));
    run.arg("--data-dir").arg(data);
    Ok(run)
}

/// Gives the node its snapshot and waits until all targets are healthy.
pub fn feed(process: &mut Pinned, setup: &Setup) -> Result<Control> {
    let socket = setup.directory.join("data/node/socket");
    Control::feed(process, &socket, &snapshot(setup))
}

/// The document that `model::elbv2::snapshot::LoadBalancingSnapshot` is read from.
pub fn snapshot(setup: &Setup) -> Value {
    let count = match setup.serves.routes {
        Routes::All | Routes::Rules(_) => 1,
        Routes::LoadBalancers(count) => count,
    };
    let numbers = || 0..count;
    json!({
        "generation": setup.generation,
        "fronts": [{
            "address": setup.listen,
            "listeners": numbers().map(|number| json!({
                "listener": listener_arn(number), "hosts": [host(setup, number)], "zones": [ZONE],
                "admission": "everybody",
            })).collect::<Vec<_>>(),
        }],
        "load_balancers": numbers().map(|number| load_balancer(setup, number)).collect::<Vec<_>>(),
        "target_groups": numbers().map(|number| target_group(setup, number)).collect::<Vec<_>>(),
        "certificates": if setup.serves.tls { vec![certificate(setup)] } else { Vec::new() },
        "trust_stores": [],
        "bucket_dir": "",
        "cookie_keys": if setup.serves.sticky {
            vec![json!({ "id": 1, "secret": COOKIE_KEY, "created_at": 0 })]
        } else {
            Vec::new()
        },
    })
}

fn arn(resource: &str) -> String {
    format!("arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:{resource}")
}

fn listener_arn(number: usize) -> String {
    arn(&format!("listener/app/bench{number}/0123456789abcdef/0123456789abcdef"))
}

fn group_dimension(number: usize) -> String {
    format!("targetgroup/bench{number}/0123456789abcdef")
}

fn host(setup: &Setup, number: usize) -> String {
    match setup.serves.routes {
        Routes::All | Routes::Rules(_) => HOST.to_owned(),
        Routes::LoadBalancers(_) => load_balancer_host(number),
    }
}

fn load_balancer(setup: &Setup, number: usize) -> Value {
    let dimension = format!("app/bench{number}/0123456789abcdef");
    json!({
        "arn": arn(&format!("loadbalancer/{dimension}")),
        "dimension": dimension,
        "dns_name": host(setup, number),
        "idle_timeout_seconds": 60,
        "client_keep_alive_seconds": 3600,
        "drop_invalid_header_fields": false,
        "preserve_host_header": false,
        "xff_client_port": false,
        "xff_mode": "append",
        "desync_mode": "defensive",
        "http2": true,
        "tls_headers": false,
        "access_logs": null,
        "connection_logs": null,
        "health_check_logs": null,
        "listeners": [listener(setup, number)],
    })
}

fn listener(setup: &Setup, number: usize) -> Value {
    let tls = setup.serves.tls.then(|| json!({ "policy": POLICY, "certificates": [CERTIFICATE], "mutual": "off" }));
    json!({
        "arn": listener_arn(number),
        "port": setup.listen.port(),
        "tls": tls,
        "server_header": true,
        "response_headers": [],
        "tls_header_names": {
            "client_certificate": null, "serial_number": null, "issuer": null, "subject": null, "validity": null,
            "leaf": null, "tls_version": null, "tls_cipher_suite": null,
        },
        "rules": rules(setup, number),
        "default_action": match setup.serves.routes {
            Routes::All | Routes::LoadBalancers(_) => forward(number),
            Routes::Rules(_) => answer(404, "no rule"),
        },
    })
}

/// Where the number of the configuration is asked for, that comes first; then one rule for each path.
fn rules(setup: &Setup, number: usize) -> Vec<Value> {
    let of_paths = match setup.serves.routes {
        Routes::Rules(count) => count,
        Routes::All | Routes::LoadBalancers(_) => 0,
    };
    let is_last = match setup.serves.routes {
        Routes::LoadBalancers(count) => number + 1 == count,
        Routes::All | Routes::Rules(_) => true,
    };
    let asks = (setup.serves.changes && is_last)
        .then(|| (GENERATION_PATH.to_owned(), answer(200, &setup.generation.to_string())));
    let paths = (0..of_paths).map(|rule| (format!("{}*", rule_path(rule)), forward(number)));
    let rules = asks.into_iter().chain(paths).zip(1..);
    rules
        .map(|((path, action), priority)| {
            json!({
                "priority": priority,
                "conditions": [{ "path-pattern": { "wildcards": [path] } }],
                "action": action,
                "transforms": [],
            })
        })
        .collect()
}

fn forward(number: usize) -> Value {
    json!({ "forward": {
        "target_groups": [{ "arn": arn(&group_dimension(number)), "weight": 1 }],
        "stickiness_seconds": null,
    } })
}

fn answer(status: u16, body: &str) -> Value {
    json!({ "fixed-response": { "status": status, "content_type": "text/plain", "body": body } })
}

fn target_group(setup: &Setup, number: usize) -> Value {
    let targets = setup.targets.iter().map(|address| {
        json!({
            "key": { "id": { "ip": address.ip() }, "port": address.port() },
            "address": address,
            "interface": null,
            "zone": ZONE,
            "registered_at": 0,
            "drained_at": null,
            "health": null,
        })
    });
    json!({
        "arn": arn(&group_dimension(number)),
        "dimension": group_dimension(number),
        "health_check": {
            "enabled": true,
            "protocol": "HTTP",
            "port": "traffic",
            "path": "/s",
            "interval_seconds": check_interval_seconds(setup.serves.routes),
            "timeout_seconds": 2,
            "healthy_threshold": 5,
            "unhealthy_threshold": 2,
            "matcher": [[200, 200]],
        },
        "protocol": "HTTP",
        "protocol_version": "HTTP1",
        "algorithm": "round-robin",
        "slow_start_seconds": 0,
        "stickiness": setup.serves.sticky.then(|| json!({ "lb-cookie": { "duration_seconds": 86_400 } })),
        "cross_zone": true,
        "dns_failover": { "count": 1, "percentage": null },
        "routing_failover": { "count": 1, "percentage": null },
        "retry": true,
        "maintenance": null,
        "hold_seconds": 0,
        "targets": targets.collect::<Vec<_>>(),
    })
}

fn certificate(setup: &Setup) -> Value {
    json!({
        "arn": CERTIFICATE,
        "facts": {
            "names": setup.certificate.names,
            "key": "ec-prime256v1",
            "signature_algorithm": "SHA256WITHECDSA",
            "not_before": 0,
            "not_after": 4_102_444_800_u64,
        },
        "chain_pem": setup.certificate.chain_pem,
        "private_key_pem": setup.certificate.key_pem,
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::bench::proxies::{Certificate, Serves};
    use model::elbv2::snapshot::LoadBalancingSnapshot;

    /// A snapshot for two targets.
    pub fn document(serves: Serves) -> Value {
        let targets = ["127.0.0.11:8000".parse().unwrap(), "127.0.0.12:8000".parse().unwrap()];
        let scratch = tempfile::tempdir().unwrap();
        let certificate = Certificate::make(scratch.path()).unwrap();
        snapshot(&Setup {
            listen: "127.0.0.1:9101".parse().unwrap(),
            targets: &targets,
            directory: scratch.path().to_owned(),
            baseline: None,
            peers_trace: true,
            certificate: &certificate,
            serves,
            generation: 1,
        })
    }

    fn read(serves: Serves) -> LoadBalancingSnapshot {
        let document = document(serves);
        let read: LoadBalancingSnapshot = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), document, "a field of the snapshot is missing here");
        read
    }

    #[test]
    fn the_snapshot_is_one_that_the_data_plane_reads() {
        let plain = read(Serves::PLAIN);
        assert_eq!(plain.target_groups[0].targets.len(), 2);
        assert_eq!(plain.fronts[0].place, "127.0.0.1:9101".parse().unwrap());
        assert!(plain.certificates.is_empty() && plain.load_balancers[0].listeners[0].tls.is_none());

        let secure = read(Serves { tls: true, sticky: true, ..Serves::PLAIN });
        let tls = secure.load_balancers[0].listeners[0].tls.clone().unwrap();
        assert_eq!(tls.certificates, [secure.certificates[0].arn.clone()]);
        assert!(model::elbv2::security_policy::find(&tls.policy).is_some());
        assert!(secure.target_groups[0].stickiness.is_some() && secure.cookie_keys.len() == 1);
        assert_eq!(secure.cookie_keys[0].secret.expose().len(), 2 * model::elbv2::stickiness::KEY_BYTES);
    }

    #[test]
    fn rules_are_met_by_their_paths_only() {
        use model::elbv2::{action::Action, condition::RequestFacts};
        let serves = Serves { routes: Routes::Rules(1000), changes: true, ..Serves::PLAIN };
        let snapshot = read(serves);
        let listener = &snapshot.load_balancers[0].listeners[0];
        assert_eq!(listener.rules.len(), 1001);
        assert!(listener.rules.is_sorted_by_key(|rule| rule.priority));
        assert!(matches!(listener.default_action, Action::FixedResponse(_)));
        let meets = |path: &str| {
            let source = "127.0.0.1".parse().unwrap();
            let facts = RequestFacts {
                host: HOST.as_bytes(),
                path: path.as_bytes(),
                query: b"",
                method: b"GET",
                source,
                headers: &[],
            };
            let is_met = |rule: &model::elbv2::snapshot::RulePlan| {
                rule.conditions.iter().all(|condition| condition.is_met(&facts, &|_, _, _| false))
            };
            listener.rules.iter().filter(|rule| is_met(rule)).map(|rule| rule.priority).collect::<Vec<_>>()
        };
        assert_eq!(meets(GENERATION_PATH), [1]);
        assert_eq!(meets(&format!("{}s", rule_path(0))), [2]);
        assert_eq!(meets(&format!("{}s", rule_path(999))), [1001]);
        assert!(meets("/s").is_empty());
    }

    #[test]
    fn load_balancers_share_a_front_and_have_groups_of_their_own() {
        let snapshot = read(Serves { routes: Routes::LoadBalancers(50), changes: true, ..Serves::PLAIN });
        assert_eq!(snapshot.fronts.len(), 1);
        let hosts: Vec<&String> = snapshot.fronts[0].listeners.iter().flat_map(|listener| &listener.hosts).collect();
        assert_eq!((hosts.len(), hosts[49]), (50, &load_balancer_host(49)));
        assert_eq!((snapshot.load_balancers.len(), snapshot.target_groups.len()), (50, 50));
        let with_rules: Vec<usize> =
            (0..50).filter(|at| !snapshot.load_balancers[*at].listeners[0].rules.is_empty()).collect();
        assert_eq!(with_rules, [49], "the last one is asked for the generation");
    }
}
