//! Every answer that the load balancer makes itself.

use crate::balancer::{Balancer, eventually};
use serde_json::json;
use std::io::Write;
use testkit::{Reply, TestTarget, targets::answer};

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

#[test]
fn a_hundred_slow_clients_do_not_hold_up_a_quick_one() {
    let target = TestTarget::answering("quick");
    let balancer = Balancer::new(&[target.address]);
    let slow: Vec<_> = (0..100)
        .map(|_| {
            let mut client = balancer.client();
            client.stream.write_all(b"GET / HTTP/1.1\r\nHost:").unwrap();
            client
        })
        .collect();
    for mut client in slow {
        assert_eq!(balancer.get("/").text(), "quick");
        client.send(" a\r\n\r\n");
        assert_eq!(client.answer().text(), "quick");
    }
}
