//! Every answer that the load balancer makes itself: each row of AWS's table of errors, provoked by a client or a target that
//! misbehaves, with its page, its counter and its reason in the log.
//!
//! | status | cause | test |
//! |---|---|---|
//! | 400 | malformed; too large; severe by desync mitigation; the client ends before its body | here; `classifier` |
//! | 404, 421 | a host that nobody has, or another listener (Goru's own) | `routing`, `tls` |
//! | 405 | TRACE, CONNECT | here |
//! | 408 | the client sends nothing, or too little, in time | here; over HTTP/2 in `http2_abuse` |
//! | 414, 417, 463, 501, 505 | request line; Expect; X-Forwarded-For; transfer coding; version | here |
//! | 460 | the client goes away | here; over HTTP/2 in `http2`, `http2_targets` |
//! | 464 | the protocol does not fit the group | `http2_targets`, the whole matrix |
//! | 500 | the redirect is too long; the transform makes nonsense | here, `rules` |
//! | 502 | refused, closed, reset, kept connection closed, malformed, too large, TLS, deregistered | here; TLS in 10 s in `tls`; HTTP/2 in `http2_targets` |
//! | 503 | no target | here; the owner's page in `tests/outage.rs` |
//! | 504 | no connection in 10 s; no answer in time | here |
//!
//! Not here: 401, 561 and the 500s and 403s of log-ins and of WAF, for neither exists yet; 413, which only Lambda targets provoke;
//! a 502 by ICMP, which loopback does not send; a 503 for want of descriptors, for which the whole process would have to starve.

use crate::{
    balancer::{Balancer, PATIENCE, eventually, refusing},
    rules::{on_path, to_https},
};
use model::{
    Timestamp,
    elbv2::{
        snapshot::LoadBalancingSnapshot,
        target_group::{ProtocolVersion, TargetProtocol},
    },
};
use serde_json::json;
use std::{
    net::TcpStream,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use testkit::{Reply, TestTarget, targets::answer};

/// The log's next line.
fn logged(balancer: &Balancer) -> serde_json::Value {
    let mut lines = Vec::new();
    eventually("it is logged", || {
        lines.extend(balancer.logged());
        !lines.is_empty()
    });
    lines.remove(0)
}

#[test]
fn requests_that_cannot_be_served_get_the_status_of_aws() {
    let target = TestTarget::answering("never");
    let balancer = Balancer::new(&[target.address]);
    let long_line = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(20_000));
    let endless_line = format!("GET /{}", "x".repeat(20_000));
    let large = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", format!("X: {}\r\n", "x".repeat(10_000)).repeat(9));
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {}\r\n\r\n", ["1.1.1.1"; 31].join(", "));
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\n\n", 400),
        ("\u{16}\u{3}\u{1}\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (&long_line, 414),
        (&endless_line, 414),
        (&large, 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417),
        (&many, 463),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ] {
        let before = balancer.elb_code(status);
        let mut client = balancer.client();
        client.send(request);
        let answer = client.answer();
        assert_eq!(answer.status, status, "{:?}", &request[..request.len().min(60)]);
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(answer.header("server"), Some("awselb/2.0"));
        assert!(answer.text().starts_with(&format!("<html>\r\n<head><title>{status} ")), "{}", answer.text());
        assert!(client.is_closed());
        assert_eq!(balancer.elb_code(status), before + 1);
        let line = logged(&balancer);
        assert_eq!(line["elb_status_code"], status, "{line}");
        assert!(line["error"].is_string() && line["target"].is_null(), "{line}");
    }
    assert_eq!(target.count(), 0, "nothing of it reached the target");
}

#[test]
fn the_server_header_of_our_own_answers_can_be_switched_off() {
    let balancer = Balancer::with(&[], |s| s.load_balancers[0].listeners[0].server_header = false);
    for request in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"] {
        assert_eq!(balancer.ask(request).header("server"), None);
    }
}

#[test]
fn a_client_that_sends_nothing_or_too_little_gets_408() {
    let target = TestTarget::answering("x");
    let balancer = Balancer::with(&[target.address], |s| s.load_balancers[0].idle_timeout_seconds = 1);
    assert_eq!(balancer.ask("").status, 408);
    assert_eq!(balancer.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab").status, 408);
    let mut client = balancer.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    assert!(client.is_closed(), "an idle connection that was used is closed without a word");
}

#[test]
fn a_request_that_ends_early_gets_400() {
    let target = TestTarget::answering("x");
    let balancer = Balancer::new(&[target.address]);
    for request in ["GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"] {
        let mut client = balancer.client();
        client.send(request);
        client.stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(client.answer().status, 400, "{request:?}");
    }
}

#[test]
fn answers_that_cannot_be_trusted_become_502() {
    let target = TestTarget::start(|request| {
        let large = format!("HTTP/1.1 200 OK\r\n{}\r\n", format!("X: {}\r\n", "x".repeat(10_000)).repeat(4));
        Reply::ThenClose(match request.path.as_str() {
            "/garbage" => b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(),
            "/half" => b"HTTP/1.1 200 OK\r\nContent-".to_vec(),
            "/large" => large.into_bytes(),
            "/lengths" => b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_vec(),
            "/gzip" => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n".to_vec(),
            "/101" => b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n".to_vec(),
            "/chunks" => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n".to_vec(),
            "/interim" => b"HTTP/1.1 102 Processing\r\n\r\n".repeat(17),
            _ => vec![],
        })
    });
    let balancer = Balancer::new(&[target.address]);
    let paths = ["/garbage", "/half", "/large", "/lengths", "/gzip", "/101", "/chunks"];
    for path in paths {
        assert_eq!(balancer.get(path).status, 502, "{path}");
    }
    assert_eq!(balancer.elb_code(502), paths.len() as u64);
    assert_eq!(target.count(), paths.len(), "an answer that came is not asked for again");
    let mut client = balancer.client();
    client.send("GET /interim HTTP/1.1\r\nHost: a\r\n\r\n");
    let last = std::iter::from_fn(|| Some(client.answer().status)).find(|status| *status != 102);
    assert_eq!(last, Some(502));
}

#[test]
fn a_broken_off_answer_never_looks_complete() {
    let target = TestTarget::start(|request| {
        let head = match request.path.as_str() {
            "/length" => "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
            "/chunks" => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            _ => "HTTP/1.0 200 OK\r\n\r\n",
        };
        if request.path == "/reset" {
            Reply::ThenReset(format!("{head}abc").into())
        } else {
            Reply::ThenClose(format!("{head}3\r\nabc\r\n").into())
        }
    });
    let balancer = Balancer::new(&[target.address]);
    for path in ["/length", "/chunks", "/reset"] {
        let mut client = balancer.client();
        client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
        // A reset may overtake what was sent before it; what may not happen is a complete answer.
        let result = client.try_answer(false);
        assert!(
            path == "/reset" && result.as_ref().is_ok_and(|a| a.status == 502) || result.is_err(),
            "{path}: {result:?}"
        );
    }
}

#[test]
fn a_client_that_goes_away_is_noted_as_460() {
    let target = TestTarget::start(|_| Reply::Silence);
    let balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    eventually("the target has the request", || target.count() == 1);
    socket2::SockRef::from(&client.stream).set_linger(Some(std::time::Duration::ZERO)).unwrap();
    drop(client);
    eventually("it is counted", || balancer.elb_code(460) == 1);
    eventually("the target is free", || balancer.state(0).counts.sum(|c| &c.in_flight) == 0);
}

#[test]
fn what_was_answered_is_recorded() {
    let target = TestTarget::start(|_| Reply::Bytes(answer("201 Created", &[], b"body")));
    let balancer = Balancer::new(&[target.address]);
    assert_eq!(balancer.ask("GET /p?q HTTP/1.1\r\nHost: Web.Example:81\r\nUser-Agent: test\r\n\r\n").status, 201);
    assert_eq!(balancer.ask("GET / HTTP/1.1\r\n\r\n").status, 400);
    let mut records = Vec::new();
    eventually("two records", || {
        records.extend(balancer.logged());
        records.len() == 2
    });
    // Each connection may be another worker's, and they do not wait for each other.
    records.sort_by_key(|record| record["elb_status_code"].as_u64());
    let [good, bad] = records.as_slice() else { unreachable!("two were awaited") };
    for (name, value) in [
        ("elb_status_code", json!(201)),
        ("target_status_code", json!(201)),
        ("target", json!(target.address.to_string())),
        ("method", json!("GET")),
        ("host", json!("web.example")),
        ("path", json!("/p?q")),
        ("http_version", json!("1.1")),
        ("user_agent", json!("test")),
        ("elb", json!("app/web/1")),
        ("error", json!(null)),
    ] {
        assert_eq!(good[name], value, "{name}");
    }
    assert!(good["trace_id"].as_str().unwrap().starts_with("Root=1-"), "{good}");
    assert!(good["sent_bytes"].as_u64() > Some(4) && good["received_bytes"].as_u64() > Some(20), "{good}");
    for time in ["request_processing_time", "target_processing_time", "response_processing_time"] {
        assert!(good[time].is_number(), "{time}");
    }
    assert_eq!((&bad["elb_status_code"], &bad["target"], &bad["error"]), (&json!(400), &json!(null), &json!("Host")));
    assert_eq!(balancer.records.dropped(), 0);
}

/// A failure: what is in front of what target, how its client asks, and what becomes of it.
struct Row {
    what: &'static str,
    target: Option<TestTarget>,
    change: fn(&mut LoadBalancingSnapshot),
    request: &'static str,
    status: u16,
    error: &'static str,
    ended: &'static str,
}

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";

fn then_close(bytes: impl Into<Vec<u8>>) -> Option<TestTarget> {
    let bytes = bytes.into();
    Some(TestTarget::start(move |_| Reply::ThenClose(bytes.clone())))
}

fn rows() -> Vec<Row> {
    let row =
        |what, target, status, error, ended| Row { what, target, change: |_| {}, request: GET, status, error, ended };
    let closed = "target closed the connection";
    let large = format!("HTTP/1.1 200 OK\r\n{}\r\n", format!("X: {}\r\n", "x".repeat(10_000)).repeat(4));
    vec![
        row("nobody listens", None, 502, "target refused the connection", "target-refused"),
        Row { request: POST, ..row("it closes before an answer", then_close(""), 502, closed, "target-closed") },
        row("it closes before an answer to what could be repeated", then_close(""), 502, closed, "target-closed"),
        row("it closes within a head", then_close("HTTP/1.1 200 OK\r\nContent-"), 502, closed, "target-closed"),
        row("it resets", Some(TestTarget::start(|_| Reply::ThenReset(vec![]))), 502, closed, "target-reset"),
        row("it speaks something else", then_close("SSH-2.0-OpenSSH\r\n"), 502, "head", "misunderstood"),
        row(
            "its chunks are none",
            then_close("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
            502,
            "chunked body",
            "misunderstood",
        ),
        row("its head is too large", then_close(large), 502, "answer head too large", "misunderstood"),
        row(
            "it switches protocols unasked",
            then_close("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
            502,
            "status",
            "misunderstood",
        ),
        Row {
            change: |s| s.target_groups[0].protocol = TargetProtocol::Https,
            ..row(
                "it does not speak TLS",
                Some(TestTarget::answering("plain")),
                502,
                "TLS handshake with the target failed",
                "target-closed",
            )
        },
        Row {
            change: |s| s.load_balancers[0].idle_timeout_seconds = 1,
            ..row(
                "it says nothing",
                Some(TestTarget::start(|_| Reply::Silence)),
                504,
                "target did not answer in time",
                "timed-out",
            )
        },
        Row {
            change: |s| {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
                s.load_balancers[0].idle_timeout_seconds = 60;
                s.target_groups[0].targets[0].drained_at =
                    Some(Timestamp::from_millis(i64::try_from(now).unwrap() + 60_000));
            },
            ..row("only draining ones are there", Some(TestTarget::answering("x")), 503, "no registered target", "open")
        },
        Row {
            change: |s| s.target_groups[0].targets.clear(),
            ..row("none is there", None, 503, "no registered target", "open")
        },
        Row {
            change: |s| s.target_groups[0].protocol_version = ProtocolVersion::Grpc,
            request: POST,
            ..row("the group speaks gRPC", None, 464, "protocol does not fit the target group", "open")
        },
        Row {
            change: |s| s.load_balancers[0].listeners[0].rules = vec![on_path(1, "/*", to_https())],
            request: {
                static LONG: std::sync::LazyLock<String> =
                    std::sync::LazyLock::new(|| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(9000)));
                &LONG
            },
            ..row("the redirect is too long", None, 500, "URL of the redirect too long", "open")
        },
    ]
}

#[test]
fn every_failure_has_its_page_its_counter_and_its_reason_in_the_log() {
    for Row { what, target, change, request, status, error, ended } in rows() {
        let address = target.as_ref().map_or_else(refusing, |target| target.address);
        let balancer = Balancer::with(&[address], change);
        let mut client = balancer.client();
        client.send(request);
        let answer = client.answer();
        assert_eq!(answer.status, status, "{what}");
        assert_eq!(answer.header("server"), Some("awselb/2.0"), "{what}");
        assert_eq!(answer.header("content-type"), Some("text/html"), "{what}");
        assert!(answer.text().starts_with(&format!("<html>\r\n<head><title>{status} ")), "{what}: {}", answer.text());
        let counted: Vec<_> =
            proxy::telemetry::counters::ELB_STATUSES.iter().filter(|s| balancer.elb_code(**s) > 0).collect();
        assert_eq!((counted, balancer.elb_code(status)), (vec![&status], 1), "{what}");
        let line = logged(&balancer);
        assert_eq!((&line["elb_status_code"], &line["error"]), (&json!(status), &json!(error)), "{what}: {line}");
        let began = line["cause"]["phase"] == "answer-body";
        assert_eq!(line["target_status_code"].is_null(), !began, "{what}: {line}");
        let is_of_target = matches!(status, 502 | 504);
        assert_eq!(line["target"].is_string(), is_of_target, "{what}: {line}");
        assert_eq!(line["cause"]["ended"].as_str().unwrap_or("open"), ended, "{what}: {line}");
    }
}

#[test]
fn a_kept_connection_that_the_target_closes_just_then_is_told_in_the_log() {
    let target = TestTarget::start(|request| match request.path.as_str() {
        "/first" => Reply::ok("first"),
        _ => Reply::ThenClose(vec![]),
    });
    let balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.answer().text(), "first");
    client.send(POST);
    assert_eq!(client.answer().status, 502);
    assert_eq!(target.connections(), 1);
    let mut lines = Vec::new();
    eventually("both are logged", || {
        lines.extend(balancer.logged());
        lines.len() == 2
    });
    let cause = &lines[1]["cause"];
    assert_eq!((&cause["ended"], &cause["connection_uses"]), (&json!("target-closed"), &json!(1)), "{cause}");
    assert_eq!(cause["bytes_received"], 0);
    assert!(cause["bytes_sent"].as_u64() > Some(50));
}

#[test]
fn a_target_that_does_not_accept_is_given_up_after_ten_seconds() {
    // A queue that is full: the kernel answers nothing.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        queued.push(stream);
    }
    let balancer = Balancer::new(&[address]);
    let asked_at = Instant::now();
    assert_eq!(balancer.ask(POST).status, 504);
    let took = asked_at.elapsed();
    assert!(took > Duration::from_secs(9) && took < PATIENCE, "{took:?}");
    assert_eq!((balancer.elb_code(504), balancer.state(0).counts.sum(|c| &c.connection_errors)), (1, 1));
    let line = logged(&balancer);
    assert_eq!(
        (&line["error"], &line["cause"]["ended"]),
        (&json!("target did not accept in time"), &json!("timed-out"))
    );
    assert_eq!(line["cause"]["phase"], "connecting");
}

#[test]
fn what_outlasts_a_deregistration_delay_is_told_in_the_log() {
    let silent = TestTarget::start(|_| Reply::Silence);
    let mut balancer = Balancer::new(&[silent.address]);
    let mut client = balancer.client();
    client.send(GET);
    eventually("the request is there", || silent.count() == 1);
    balancer.change(|s| s.target_groups[0].targets.clear());
    let answer = client.answer();
    assert_eq!((answer.status, answer.header("server"), balancer.elb_code(502)), (502, Some("awselb/2.0"), 1));
    let line = logged(&balancer);
    assert_eq!(
        (&line["error"], &line["cause"]["ended"]),
        (&json!("deregistration delay over"), &json!("deregistered"))
    );
}
