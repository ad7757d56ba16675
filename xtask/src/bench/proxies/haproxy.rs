//! HAProxy.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{GENERATION_PATH, Routes, Setup, check_interval_seconds, generation_host, lines, load_balancer_host};
use super::{rule_path, with};

/// The configuration, in the proxy's directory.
pub const FILE: &str = "haproxy.cfg";
/// Which rule's prefix, or which host, belongs to which backend, where there are many.
const MAP: &str = "haproxy.map";
/// With more rules than these a map takes the place of conditions that are tried one after the other.
const MOST_CONDITIONS: usize = 10;

/// The command that starts it.
pub fn prepare(program: &Path, setup: &Setup) -> Result<Command> {
    write(setup)?;
    // A master process is what a change of the configuration needs.
    let mode: &[&str] = if setup.serves.changes { &["-W", "-db", "-f"] } else { &["-db", "-f"] };
    let mut run = with(program.to_owned(), mode);
    run.arg(setup.directory.join(FILE));
    Ok(run)
}

/// Writes its files.
pub fn write(setup: &Setup) -> Result<()> {
    std::fs::write(setup.directory.join(FILE), configuration(setup))?;
    let map = match setup.serves.routes {
        Routes::Rules(count) if count > MOST_CONDITIONS => {
            lines(0..count, 0, |rule| format!("{} targets", rule_path(rule)))
        }
        Routes::LoadBalancers(count) => {
            lines(0..count, 0, |number| format!("{} targets{number}", load_balancer_host(number)))
        }
        Routes::Rules(_) | Routes::All => return Ok(()),
    };
    Ok(std::fs::write(setup.directory.join(MAP), map)?)
}

fn configuration(setup: &Setup) -> String {
    [global(setup), defaults(setup), frontend(setup), backends(setup)].concat()
}

fn global(setup: &Setup) -> String {
    let log = if setup.serves.access_log { "    log stdout format raw local0\n" } else { "" };
    let tls = if setup.serves.tls {
        "    ssl-default-bind-options ssl-min-ver TLSv1.2
    ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256
    tune.ssl.cachesize 20000
"
    } else {
        ""
    };
    format!(
        "global
    nbthread {workers}
    maxconn {maxconn}
    no strict-limits
{log}{tls}",
        workers = setup.serves.workers,
        maxconn = setup.serves.clients + 1000,
    )
}

fn defaults(setup: &Setup) -> String {
    let splice = if setup.serves.large_bodies { "    option splice-auto\n" } else { "" };
    format!(
        "defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout http-keep-alive 60s
    option forwardfor
    http-reuse always
{splice}"
    )
}

fn frontend(setup: &Setup) -> String {
    let scheme = if setup.serves.tls { "https" } else { "http" };
    let tls = if setup.serves.tls {
        format!(" ssl crt {} alpn h2,http/1.1", setup.certificate.both.display())
    } else {
        String::new()
    };
    let trace = if setup.peers_trace {
        "    unique-id-format %{+X}o\\ Root=1-%Ts-%ci%cp%rt%pid\n    unique-id-header X-Amzn-Trace-Id\n"
    } else {
        ""
    };
    let log = if setup.serves.access_log {
        "    log global
    http-request capture req.hdr(Host) len 64
    http-request capture req.hdr(User-Agent) len 64
    log-format \"%tr %ci:%cp %si:%sp %TR %Tw %Tc %Tr %Ta %ST %U %B {%hr} \\\"%r\\\" %sslc %sslv %ID %b %ft\"
"
    } else {
        ""
    };
    let generation = if setup.serves.changes { generation(setup) } else { String::new() };
    format!(
        "frontend bench
    bind {listen}{tls} backlog 4096
{log}{trace}    http-request set-header X-Forwarded-Proto {scheme}
    http-request set-header X-Forwarded-Port %[dst_port]
{generation}{routes}",
        listen = setup.listen,
        routes = routes(setup),
    )
}

fn generation(setup: &Setup) -> String {
    format!(
        "    http-request return status 200 content-type text/plain string \"{}\" if {{ path {GENERATION_PATH} }} {{ hdr(host) {} }}\n",
        setup.generation,
        generation_host(setup.serves.routes),
    )
}

fn routes(setup: &Setup) -> String {
    let map = setup.directory.join(MAP);
    let chosen = match setup.serves.routes {
        Routes::All => return "    default_backend targets\n".to_owned(),
        Routes::Rules(count) if count <= MOST_CONDITIONS => {
            lines(0..count, 4, |rule| format!("use_backend targets if {{ path_beg {} }}", rule_path(rule)))
        }
        Routes::Rules(_) => format!("    use_backend %[path,map_beg({},nowhere)]\n", map.display()),
        Routes::LoadBalancers(_) => {
            format!("    use_backend %[req.hdr(host),field(1,:),lower,map_str({},nowhere)]\n", map.display())
        }
    };
    format!("{chosen}    default_backend nowhere\n")
}

fn backends(setup: &Setup) -> String {
    let names: Vec<String> = match setup.serves.routes {
        Routes::All | Routes::Rules(_) => vec!["targets".to_owned()],
        Routes::LoadBalancers(count) => (0..count).map(|number| format!("targets{number}")).collect(),
    };
    let nowhere = match setup.serves.routes {
        Routes::All => "",
        Routes::Rules(_) | Routes::LoadBalancers(_) => {
            "backend nowhere\n    http-request return status 404 content-type text/plain string \"no rule\"\n"
        }
    };
    let backends: String = names.iter().map(|name| backend(setup, name)).collect();
    format!("{backends}{nowhere}")
}

fn backend(setup: &Setup, name: &str) -> String {
    let interval = check_interval_seconds(setup.serves.routes);
    let servers = lines(setup.targets.iter().enumerate(), 4, |(number, target)| {
        let cookie = if setup.serves.sticky { format!(" cookie target{number}") } else { String::new() };
        format!("server target{number} {target} check inter {interval}s{cookie}")
    });
    let cookie = if setup.serves.sticky { "    cookie SERVERID insert indirect nocache\n" } else { "" };
    format!("backend {name}\n    balance roundrobin\n    option httpchk GET /s\n{cookie}{servers}")
}

#[cfg(test)]
mod tests {
    use super::super::Serves;
    use super::super::checks::check_configuration as check;
    use super::*;

    #[test]
    fn each_workload_has_what_it_needs_and_nothing_else() {
        let special = ["ssl", "splice", "log global", "cookie", "path_beg", "map", "nowhere", GENERATION_PATH];
        check(configuration, Serves::PLAIN, &["nbthread 1\n", "default_backend targets\n"], &special);
        for (serves, wanted) in [
            (Serves { tls: true, ..Serves::PLAIN }, &["ssl crt both.pem alpn h2,http/1.1", "Proto https"][..]),
            (Serves { access_log: true, ..Serves::PLAIN }, &["log stdout", "log global", "log-format"]),
            (Serves { sticky: true, ..Serves::PLAIN }, &["cookie SERVERID insert", " cookie target1"]),
            (Serves { workers: 2, ..Serves::PLAIN }, &["nbthread 2\n"]),
            (Serves { clients: 10_000, ..Serves::PLAIN }, &["maxconn 11000\n"]),
            (Serves { large_bodies: true, ..Serves::PLAIN }, &["option splice-auto"]),
            (Serves { routes: Routes::Rules(2), ..Serves::PLAIN }, &["path_beg /r0001/ }", "status 404"]),
            (Serves { routes: Routes::Rules(11), ..Serves::PLAIN }, &["map_beg(scratch/haproxy.map,nowhere)"]),
            (
                Serves { routes: Routes::LoadBalancers(3), changes: true, ..Serves::PLAIN },
                &[
                    "map_str(",
                    "backend targets2\n",
                    "string \"7\" if { path /generation } { hdr(host) lb0002.elb.localhost }",
                ],
            ),
        ] {
            check(configuration, serves, wanted, &[]);
        }
    }
}
