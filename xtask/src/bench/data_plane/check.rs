//! Before anything is measured: does the proxy do the work that the workload is about, the same as the others?
//!
//! The targets show the request as it reached them. Both of them must be asked, and the header fields must be there that
//! all proxies are to add; where there are rules, a path of none must not get through.

use anyhow::{Context, Result, ensure};

use super::session::Session;
use super::workload::{Drives, Shape, Workload};
use crate::bench::order::{Body, Probe, Probed, Request, Speech};
use crate::bench::proxies::{Routes, Setup, load_balancer_host, rule_path};

/// Requests that are looked at: enough for round robin to reach both targets.
const PROBES: usize = 4;

/// Fails unless the proxy does what it should.
pub fn equal_work(session: &mut Session, workload: &Workload, setup: &Setup) -> Result<()> {
    let speech = Speech {
        address: setup.listen,
        tls: workload.tickets(),
        http2_streams: shape_of(workload).and_then(|shape| shape.http2_streams),
    };
    let echo = echo_request(setup.serves.routes);
    let mut targets = Vec::new();
    for _ in 0..PROBES {
        let probed = session.load.probe(&Probe { speech: speech.clone(), request: echo.clone() })?;
        let text = answered(&probed).context("it answers wrongly")?;
        check_fields(text, setup)?;
        targets.extend(field(text, "x-target").map(str::to_owned));
        if setup.serves.sticky {
            ensure!(field(text, "set-cookie").is_some(), "it sets no cookie");
        }
    }
    // With HTTP/2 only bodies are shown, so that targets are not told apart.
    targets.sort();
    targets.dedup();
    ensure!(
        speech.http2_streams.is_some() || setup.serves.sticky || targets.len() > 1,
        "all requests go to one target"
    );
    if let Routes::Rules(_) = setup.serves.routes {
        let request = Request::get("/none/s");
        let probed = session.load.probe(&Probe { speech, request })?;
        ensure!(probed.reason.is_some_and(|reason| reason.contains("status 404")), "a path of no rule gets through");
    }
    Ok(())
}

fn shape_of(workload: &Workload) -> Option<&Shape> {
    match &workload.drives {
        Drives::Load(shape) | Drives::Change(shape) | Drives::Syscalls(shape) => Some(shape),
        Drives::Idle(_) | Drives::Slow => None,
    }
}

fn echo_request(routes: Routes) -> Request {
    match routes {
        Routes::All => Request::get("/echo"),
        Routes::Rules(count) => Request::get(format!("{}echo", rule_path(count - 1))),
        Routes::LoadBalancers(count) => {
            Request { host: load_balancer_host(count - 1), path: "/echo".to_owned(), body: Body::None }
        }
    }
}

fn answered(probed: &Probed) -> Result<&str> {
    match &probed.reason {
        None => Ok(&probed.text),
        Some(reason) => anyhow::bail!("{reason}: {}", probed.text.lines().next().unwrap_or("nothing")),
    }
}

/// What must have reached the target.
fn check_fields(text: &str, setup: &Setup) -> Result<()> {
    let scheme = if setup.serves.tls { "https" } else { "http" };
    let port = setup.listen.port().to_string();
    let host = field(text, "host").unwrap_or_default();
    // A port that is not the scheme's usual one may be added.
    let wanted = echo_request(setup.serves.routes).host;
    ensure!(host == wanted || host == format!("{wanted}:{port}"), "Host is {host:?} at the target");
    for (name, wanted) in [("x-forwarded-for", "127."), ("x-forwarded-proto", scheme), ("x-forwarded-port", &port)] {
        let found = field(text, name).with_context(|| format!("no {name} at the target"))?;
        ensure!(found.starts_with(wanted), "{name} is {found:?} at the target");
    }
    if setup.peers_trace {
        field(text, "x-amzn-trace-id").context("no X-Amzn-Trace-Id at the target")?;
    }
    Ok(())
}

/// A header field of this name (in lower case), of the answer or of the request that is shown in it.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_answer_and_request_are_found() {
        let text = "HTTP/1.1 200 OK\r\nX-Target: 1\r\n\r\nGET /echo HTTP/1.1\r\nx-forwarded-for: 127.0.0.1\r\n\r\n";
        assert_eq!(field(text, "x-target"), Some("1"));
        assert_eq!(field(text, "x-forwarded-for"), Some("127.0.0.1"));
        assert_eq!(field(text, "x-forwarded"), None);
    }
}
