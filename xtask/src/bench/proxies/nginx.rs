//! nginx.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{GENERATION_PATH, Routes, Setup, generation_host, lines, load_balancer_host, rule_path, with};

/// The configuration, in the proxy's directory.
pub const FILE: &str = "nginx.conf";

/// The command that starts it.
pub fn prepare(program: &Path, setup: &Setup) -> Result<Command> {
    write(setup)?;
    let mut run = with(program.to_owned(), &["-c"]);
    run.arg(setup.directory.join(FILE)).arg("-e").arg(setup.directory.join("nginx.err"));
    Ok(run)
}

/// Writes its file.
pub fn write(setup: &Setup) -> Result<()> {
    Ok(std::fs::write(setup.directory.join(FILE), configuration(setup))?)
}

fn configuration(setup: &Setup) -> String {
    format!(
        "worker_processes {workers};
worker_rlimit_nofile {files};
daemon off;
pid {scratch}/nginx.pid;
error_log {scratch}/nginx.err crit;
events {{ worker_connections {connections}; multi_accept on; use epoll; }}
http {{
{log}  tcp_nodelay on;
  keepalive_timeout 60s;
  keepalive_requests 1000000000;
  server_names_hash_max_size 8192;
  server_names_hash_bucket_size 128;
  client_body_buffer_size 64k;
  client_max_body_size 16m;
  client_body_temp_path {scratch}/nginx-body;
  proxy_temp_path {scratch}/nginx-proxy;
  fastcgi_temp_path {scratch}/nginx-fastcgi;
  uwsgi_temp_path {scratch}/nginx-uwsgi;
  scgi_temp_path {scratch}/nginx-scgi;
{proxy}{tls}{sticky}{upstreams}{servers}}}
",
        workers = setup.serves.workers,
        files = 2 * setup.serves.clients + 2000,
        connections = 2 * setup.serves.clients + 1000,
        scratch = setup.directory.display(),
        log = log(setup),
        proxy = proxy(setup),
        tls = tls(setup),
        sticky = sticky(setup),
        upstreams = upstreams(setup),
        servers = servers(setup),
    )
}

fn log(setup: &Setup) -> String {
    if !setup.serves.access_log {
        return "  access_log off;\n".to_owned();
    }
    format!(
        "  log_format bench '$time_iso8601 $remote_addr:$remote_port $upstream_addr $request_time $upstream_connect_time '
    '$upstream_header_time $upstream_response_time $status $upstream_status $request_length $bytes_sent \"$request\" '
    '\"$http_host\" \"$http_user_agent\" $ssl_cipher $ssl_protocol $request_id $proxy_host $server_port';
  access_log {}/access.log bench buffer=64k flush=1s;
",
        setup.directory.display()
    )
}

/// For all servers and locations.
fn proxy(setup: &Setup) -> String {
    let trace = if setup.peers_trace { "  proxy_set_header X-Amzn-Trace-Id \"Root=1-$request_id\";\n" } else { "" };
    // Uploads pass through as they come, as with the others, instead of waiting in files.
    let buffering = if setup.serves.large_bodies { "  proxy_request_buffering off;\n" } else { "" };
    format!(
        "  proxy_http_version 1.1;
  proxy_set_header Connection \"\";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Port $server_port;
{trace}{buffering}  proxy_buffer_size 16k;
  proxy_buffers 32 16k;
  proxy_max_temp_file_size 0;
"
    )
}

fn tls(setup: &Setup) -> String {
    if !setup.serves.tls {
        return String::new();
    }
    format!(
        "  ssl_certificate {};
  ssl_certificate_key {};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:bench:16m;
  ssl_session_tickets on;
  ssl_buffer_size 16k;
",
        setup.certificate.chain.display(),
        setup.certificate.key.display()
    )
}

/// What the free version has for stickiness: a cookie that a hash over the targets goes by.
fn sticky(setup: &Setup) -> &'static str {
    if !setup.serves.sticky {
        return "";
    }
    "  map $cookie_route $route { \"\" $request_id; default $cookie_route; }
  add_header Set-Cookie \"route=$route; Path=/\";
"
}

fn upstreams(setup: &Setup) -> String {
    match setup.serves.routes {
        Routes::All | Routes::Rules(_) => upstream(setup, "targets"),
        Routes::LoadBalancers(count) => (0..count).map(|number| upstream(setup, &format!("targets{number}"))).collect(),
    }
}

fn upstream(setup: &Setup, name: &str) -> String {
    let hash = if setup.serves.sticky { "    hash $route consistent;\n" } else { "" };
    let targets = lines(setup.targets, 4, |target| format!("server {target};"));
    format!(
        "  upstream {name} {{
{hash}{targets}    keepalive 256;
    keepalive_requests 1000000000;
    keepalive_timeout 60s;
  }}
"
    )
}

fn servers(setup: &Setup) -> String {
    let everything = |upstream: &str| format!("    location / {{ proxy_pass http://{upstream}; }}\n");
    let nowhere = "    location / { return 404 \"no rule\"; }\n";
    match setup.serves.routes {
        Routes::All => server(setup, " default_server", "_", &everything("targets")),
        Routes::Rules(count) => {
            let rules =
                lines(0..count, 4, |rule| format!("location ^~ {} {{ proxy_pass http://targets; }}", rule_path(rule)));
            server(setup, " default_server", "_", &format!("{rules}{nowhere}"))
        }
        Routes::LoadBalancers(count) => {
            let of = |number| server(setup, "", &load_balancer_host(number), &everything(&format!("targets{number}")));
            let named: String = (0..count).map(of).collect();
            format!("{}{named}", server(setup, " default_server", "_", nowhere))
        }
    }
}

fn server(setup: &Setup, options: &str, name: &str, locations: &str) -> String {
    let tls = if setup.serves.tls { " ssl http2" } else { "" };
    // Options of the socket are said once.
    let backlog = if options.is_empty() { "" } else { " backlog=4096" };
    let is_asked = match setup.serves.routes {
        Routes::All | Routes::Rules(_) => true,
        Routes::LoadBalancers(_) => name == generation_host(setup.serves.routes),
    };
    let generation = if setup.serves.changes && is_asked {
        format!("    location = {GENERATION_PATH} {{ return 200 \"{}\"; }}\n", setup.generation)
    } else {
        String::new()
    };
    format!(
        "  server {{
    listen {listen}{tls}{options}{backlog};
    server_name {name};
{generation}{locations}  }}
",
        listen = setup.listen
    )
}

#[cfg(test)]
mod tests {
    use super::super::Serves;
    use super::super::checks::check_configuration as check;
    use super::*;

    #[test]
    fn each_workload_has_what_it_needs_and_nothing_else() {
        let special = ["ssl", "http2", "log_format", "cookie", "/r0000/", "hash $route", "no rule", GENERATION_PATH];
        check(configuration, Serves::PLAIN, &["worker_processes 1;", "access_log off;"], &special);
        for (serves, wanted) in [
            (Serves { tls: true, ..Serves::PLAIN }, &["ssl http2 default_server", "chain.pem", "key.pem"][..]),
            (Serves { access_log: true, ..Serves::PLAIN }, &["log_format bench", "access_log scratch/access.log"]),
            (Serves { sticky: true, ..Serves::PLAIN }, &["hash $route consistent", "add_header Set-Cookie"]),
            (Serves { workers: 2, ..Serves::PLAIN }, &["worker_processes 2;"]),
            (Serves { clients: 10_000, ..Serves::PLAIN }, &["worker_connections 21000;"]),
            (Serves { large_bodies: true, ..Serves::PLAIN }, &["proxy_request_buffering off"]),
            (Serves { routes: Routes::Rules(11), ..Serves::PLAIN }, &["location ^~ /r0010/ {", "return 404"]),
            (
                Serves { routes: Routes::LoadBalancers(3), changes: true, ..Serves::PLAIN },
                &[
                    "server_name lb0002.elb.localhost;\n    location = /generation { return 200 \"7\"; }",
                    "upstream targets2 {",
                ],
            ),
        ] {
            check(configuration, serves, wanted, &[]);
        }
    }
}
