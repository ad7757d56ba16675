//! The proxies that are compared, each with one worker and set up to do the same work.
//!
//! The same work: HTTP/1.1 with keep-alive on both sides, round robin over the same two targets, X-Forwarded-For,
//! -Proto, -Port and a trace id added, no access log (but for `goru-log`). Settings are those of a sensible production set-up, not defaults
//! that would handicap anybody.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::node;
use super::process::{Cores, Pinned, answers};
use crate::shell::{capture, command, find, root};

/// How long a proxy may take until it answers through its targets (a first health check included).
const START: Duration = Duration::from_secs(30);

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Proxy {
    Goru,
    /// Goru with its access log on, which all others have off.
    GoruLog,
    /// Another build of Goru, from `--baseline`.
    #[value(skip)]
    Baseline,
    Haproxy,
    Nginx,
}

/// What all of them are given.
pub struct Setup<'a> {
    pub listen: SocketAddr,
    pub targets: &'a [SocketAddr],
    /// A scratch directory for configurations, logs and sockets.
    pub directory: &'a Path,
    /// The other build of Goru.
    pub baseline: Option<&'a Path>,
    /// Whether HAProxy and nginx add a trace id as well, as Goru always does.
    pub peers_trace: bool,
}

impl Proxy {
    pub fn name(self) -> &'static str {
        match self {
            Self::Goru => "goru",
            Self::GoruLog => "goru-log",
            Self::Baseline => "baseline",
            Self::Haproxy => "haproxy",
            Self::Nginx => "nginx",
        }
    }

    /// What it says about its version, in one line; nothing for a second Goru.
    pub fn version(self) -> Result<Option<String>> {
        let mut ask = match self {
            Self::Goru => with(goru()?, &["--version"]),
            Self::GoruLog | Self::Baseline => return Ok(None),
            Self::Haproxy => with(program("haproxy")?, &["-v"]),
            // nginx prints its version on stderr.
            Self::Nginx => with("sh".into(), &["-c", "\"$0\" -v 2>&1", &program("nginx")?.to_string_lossy()]),
        };
        Ok(capture(&mut ask)?.lines().next().map(str::to_owned))
    }

    /// Starts it on its core and waits until requests reach the targets.
    pub fn start(self, setup: &Setup, cores: &Cores) -> Result<Pinned> {
        let data = setup.directory.join("goru");
        let run = match self {
            Self::Goru => start_goru(&goru()?, &data, false)?,
            Self::GoruLog => start_goru(&goru()?, &data, true)?,
            Self::Baseline => start_goru(setup.baseline.context("no --baseline was given")?, &data, false)?,
            Self::Haproxy => start_haproxy(setup)?,
            Self::Nginx => start_nginx(setup)?,
        };
        let log = setup.directory.join(format!("{}.log", self.name()));
        let mut pinned = Pinned::start(&run, cores.proxy, cores, log)?;
        if self.is_goru() {
            node::feed(&mut pinned, &data.join("node/socket"), &snapshot(setup.listen, setup.targets))
                .with_context(|| format!("{} did not start", self.name()))?;
        }
        let listen = setup.listen;
        pinned
            .wait_until("an answer", START, || answers(listen, "/s"))
            .with_context(|| format!("{} did not start", self.name()))?;
        Ok(pinned)
    }

    fn is_goru(self) -> bool {
        match self {
            Self::Goru | Self::GoruLog | Self::Baseline => true,
            Self::Haproxy | Self::Nginx => false,
        }
    }
}

fn with(program: PathBuf, arguments: &[&str]) -> Command {
    let mut command = command(program);
    command.args(arguments);
    command
}

fn program(name: &str) -> Result<PathBuf> {
    find(name).with_context(|| format!("{name} is not installed"))
}

fn goru() -> Result<PathBuf> {
    let binary = root().join("target/release/goru");
    binary.exists().then_some(binary).context("target/release/goru is missing: cargo build --release")
}

// --- Goru: a data plane whose control plane is the bench

fn start_goru(binary: &Path, data: &Path, access_log: bool) -> Result<Command> {
    // What the round before left there has other ports.
    match std::fs::remove_dir_all(data) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    std::fs::create_dir_all(data)?;
    let mut run = with(binary.to_owned(), &["node", "--workers", "1", &format!("--access-log={access_log}")]);
    run.arg("--data-dir").arg(data);
    Ok(run)
}

/// The document that `model::elbv2::snapshot::LoadBalancingSnapshot` is read from: one application load balancer, one
/// listener, one target group.
pub fn snapshot(listen: SocketAddr, targets: &[SocketAddr]) -> Value {
    let arn = |resource: &str| format!("arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:{resource}");
    let load_balancer = "app/bench/0123456789abcdef";
    let target_group = "targetgroup/bench/0123456789abcdef";
    let listener = arn("listener/app/bench/0123456789abcdef/0123456789abcdef");
    let targets = targets.iter().map(|address| {
        json!({
            "key": { "id": { "ip": address.ip() }, "port": address.port() },
            "address": address,
            "zone": "ap-northeast-2a",
            "registered_at": 0,
            "drained_at": null,
            "health": null,
        })
    });
    json!({
        "generation": 1,
        "fronts": [{ "address": listen, "listeners": [{ "listener": listener, "hosts": ["bench.elb.localhost"], "zones": ["ap-northeast-2a"] }] }],
        "load_balancers": [{
            "arn": arn(&format!("loadbalancer/{load_balancer}")),
            "dimension": load_balancer,
            "dns_name": "bench.elb.localhost",
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
            "listeners": [{
                "arn": listener,
                "port": listen.port(),
                "tls": null,
                "server_header": true,
                "response_headers": [],
                "tls_header_names": {
                    "client_certificate": null, "serial_number": null, "issuer": null, "subject": null, "validity": null,
                    "leaf": null, "tls_version": null, "tls_cipher_suite": null,
                },
                "rules": [],
                "default_action": { "forward": {
                    "target_groups": [{ "arn": arn(target_group), "weight": 1 }],
                    "stickiness_seconds": null,
                } },
            }],
        }],
        "target_groups": [{
            "arn": arn(target_group),
            "dimension": target_group,
            "health_check": {
                "enabled": true,
                "protocol": "HTTP",
                "port": "traffic",
                "path": "/s",
                "interval_seconds": 5,
                "timeout_seconds": 2,
                "healthy_threshold": 5,
                "unhealthy_threshold": 2,
                "matcher": [[200, 200]],
            },
            "protocol": "HTTP",
            "protocol_version": "HTTP1",
            "algorithm": "round-robin",
            "slow_start_seconds": 0,
            "stickiness": null,
            "cross_zone": true,
            "dns_failover": { "count": 1, "percentage": null },
            "routing_failover": { "count": 1, "percentage": null },
            "retry": true,
            "maintenance": null,
            "hold_seconds": 0,
            "targets": targets.collect::<Vec<_>>(),
        }],
        "certificates": [],
        "trust_stores": [],
        "cookie_keys": [],
    })
}

// --- HAProxy

fn start_haproxy(setup: &Setup) -> Result<Command> {
    let file = setup.directory.join("haproxy.cfg");
    std::fs::write(&file, haproxy_configuration(setup)?)?;
    let mut run = with(program("haproxy")?, &["-db", "-f"]);
    run.arg(file);
    Ok(run)
}

fn haproxy_configuration(setup: &Setup) -> Result<String> {
    let mut servers = String::new();
    for (number, target) in setup.targets.iter().enumerate() {
        writeln!(servers, "    server target{number} {target} check inter 5s")?;
    }
    let trace = if setup.peers_trace {
        "    unique-id-format %{+X}o\\ Root=1-%Ts-%ci%cp%rt%pid\n    unique-id-header X-Amzn-Trace-Id\n"
    } else {
        ""
    };
    Ok(format!(
        "global
    nbthread 1
    maxconn 4000
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout http-keep-alive 60s
    option forwardfor
    http-reuse always
frontend bench
    bind {listen} backlog 4096
{trace}    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Port %[dst_port]
    default_backend targets
backend targets
    balance roundrobin
    option httpchk GET /s
{servers}",
        listen = setup.listen
    ))
}

// --- nginx

fn start_nginx(setup: &Setup) -> Result<Command> {
    let file = setup.directory.join("nginx.conf");
    std::fs::write(&file, nginx_configuration(setup)?)?;
    let mut run = with(program("nginx")?, &["-c"]);
    run.arg(file).arg("-e").arg(setup.directory.join("nginx.err"));
    Ok(run)
}

fn nginx_configuration(setup: &Setup) -> Result<String> {
    let mut servers = String::new();
    for target in setup.targets {
        writeln!(servers, "    server {target};")?;
    }
    let scratch = setup.directory.display();
    let trace = if setup.peers_trace { "      proxy_set_header X-Amzn-Trace-Id \"Root=1-$request_id\";\n" } else { "" };
    Ok(format!(
        "worker_processes 1;
daemon off;
pid {scratch}/nginx.pid;
error_log {scratch}/nginx.err crit;
events {{ worker_connections 8000; multi_accept on; use epoll; }}
http {{
  access_log off;
  tcp_nodelay on;
  keepalive_timeout 60s;
  keepalive_requests 1000000000;
  client_body_temp_path {scratch}/nginx-body;
  proxy_temp_path {scratch}/nginx-proxy;
  fastcgi_temp_path {scratch}/nginx-fastcgi;
  uwsgi_temp_path {scratch}/nginx-uwsgi;
  scgi_temp_path {scratch}/nginx-scgi;
  upstream targets {{
{servers}    keepalive 256;
    keepalive_requests 1000000000;
    keepalive_timeout 60s;
  }}
  server {{
    listen {listen} backlog=4096;
    location / {{
      proxy_pass http://targets;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Port $server_port;
{trace}      proxy_buffer_size 16k;
      proxy_buffers 32 16k;
      proxy_max_temp_file_size 0;
    }}
  }}
}}
",
        listen = setup.listen
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snapshot_is_one_that_the_data_plane_reads() {
        let listen = "127.0.0.1:9101".parse().unwrap();
        let document = snapshot(listen, &["127.0.0.11:8000".parse().unwrap(), "127.0.0.12:8000".parse().unwrap()]);
        let read: model::elbv2::snapshot::LoadBalancingSnapshot = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(read.target_groups[0].targets.len(), 2);
        assert_eq!(read.fronts[0].address, listen);
        assert_eq!(serde_json::to_value(&read).unwrap(), document, "a field of the snapshot is missing here");
    }

    #[test]
    fn every_proxy_is_given_every_target() {
        let targets = ["127.0.0.11:8000".parse().unwrap(), "127.0.0.12:8000".parse().unwrap()];
        let setup = Setup {
            listen: "127.0.0.1:9101".parse().unwrap(),
            targets: &targets,
            directory: Path::new("scratch"),
            baseline: None,
            peers_trace: true,
        };
        for configuration in [haproxy_configuration(&setup).unwrap(), nginx_configuration(&setup).unwrap()] {
            for wanted in
                ["127.0.0.1:9101", "127.0.0.11:8000", "127.0.0.12:8000", "X-Forwarded-Port", "X-Amzn-Trace-Id"]
            {
                assert!(configuration.contains(wanted), "{wanted} is missing in\n{configuration}");
            }
        }
    }
}
