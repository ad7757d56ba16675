//! How requests and answers come through: framing, fields, interim answers, pipelining, back-pressure.

use crate::balancer::{Balancer, Client, eventually};
use model::elbv2::snapshot::XffMode;
use std::{
    net::Shutdown,
    sync::Arc,
    time::{Duration, Instant},
};
use testkit::{Reply, TestTarget, targets::answer};

fn echo() -> TestTarget {
    TestTarget::start(|request| {
        let token = request.header("x-token").unwrap_or_default();
        let mut body = format!("{token} {} {} ", request.method, request.path).into_bytes();
        body.extend_from_slice(&request.body);
        Reply::ok(body)
    })
}

#[test]
fn the_target_sees_who_asked() {
    let target = TestTarget::answering("");
    let mut balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    let port = client.stream.local_addr().unwrap().port();
    client.send("GET /x HTTP/1.1\r\nHost: WEB.example:8080\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Amzn-Trace-Id: Root=1-a-b\r\nConnection: X-Forwarded-For, X-Secret\r\nX-Secret: 1\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    balancer.change(|s| {
        s.load_balancers[0].xff_client_port = true;
        s.load_balancers[0].preserve_host_header = true;
    });
    eventually("the new attributes are in force", || {
        client.send("GET /y HTTP/1.1\r\nHost: WEB.example:8080\r\n\r\n");
        assert_eq!(client.answer().status, 200);
        target.seen().last().unwrap().header("host") == Some("WEB.example:8080")
    });
    let seen = target.seen();
    let first = &seen[0];
    assert_eq!(first.header("host"), Some("web.example"));
    assert_eq!(first.header("x-forwarded-for"), Some("10.0.0.1, 127.0.0.1"));
    assert_eq!((first.header("x-forwarded-proto"), first.header("x-forwarded-port")), (Some("http"), Some("80")));
    let trace = first.header("x-amzn-trace-id").unwrap();
    assert!(trace.starts_with("Self=1-") && trace.ends_with(";Root=1-a-b"), "{trace}");
    assert_eq!((first.header("x-secret"), first.header("connection")), (None, None));
    let last = seen.last().unwrap();
    assert_eq!(last.header("x-forwarded-for"), Some(&*format!("127.0.0.1:{port}")));
    assert!(last.header("x-amzn-trace-id").unwrap().starts_with("Root=1-"));
    balancer.change(|s| s.load_balancers[0].xff_mode = XffMode::Remove);
    eventually("the header is removed", || {
        client.send("GET /z HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n");
        assert_eq!(client.answer().status, 200);
        target.seen().last().unwrap().header("x-forwarded-for").is_none()
    });
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let target = echo();
    let balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    let requests: String = (0..50)
        .map(|i| format!("POST /{i} HTTP/1.1\r\nHost: a\r\nX-Token: t{i}\r\nContent-Length: 2\r\n\r\n{:02}\r\n", i))
        .collect();
    client.send(requests);
    for i in 0..50 {
        assert_eq!(client.answer().text(), format!("t{i} POST /{i} {i:02}"));
    }
}

#[test]
fn bodies_arrive_whole_however_they_are_framed_and_cut() {
    let target = echo();
    let balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    let whole = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n";
    for step in [1, 3, 50, 1000] {
        for piece in whole.as_bytes().chunks(step) {
            client.send(piece);
        }
        assert_eq!(client.answer().text(), " POST /c hello world", "in pieces of {step}");
    }
    let large = vec![b'x'; 3 << 20];
    let mut sender = client.stream.try_clone().unwrap();
    let copy = large.clone();
    let sending = std::thread::spawn(move || {
        use std::io::Write;
        sender
            .write_all(format!("PUT /l HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", copy.len()).as_bytes())
            .unwrap();
        sender.write_all(&copy).unwrap();
    });
    let answer = client.answer();
    sending.join().unwrap();
    assert_eq!(answer.body.len(), large.len() + " PUT /l ".len());
    assert!(answer.body.ends_with(&large));
}

#[test]
fn large_answers_reach_slow_readers_whole() {
    let body: Arc<Vec<u8>> = Arc::new((0..20u32 << 20).map(|i| (i % 251) as u8).collect());
    let served = Arc::clone(&body);
    let target = TestTarget::start(move |request| match request.path.as_str() {
        "/small" => Reply::ok("small"),
        "/length" => Reply::Bytes(answer("200 OK", &[], &served)),
        "/close" => Reply::ThenClose([b"HTTP/1.0 200 OK\r\n\r\n".to_vec(), served.to_vec()].concat()),
        _ => {
            let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            for piece in served.chunks(100_000) {
                bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
                bytes.extend_from_slice(piece);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
            Reply::Bytes(bytes)
        }
    });
    let balancer = Balancer::new(&[target.address]);
    for (path, version) in [("/length", "1.1"), ("/chunks", "1.1"), ("/chunks", "1.0"), ("/close", "1.1")] {
        let mut client = balancer.client();
        client.send(format!("GET {path} HTTP/{version}\r\nHost: a\r\n\r\n"));
        let first = client.take(1).unwrap();
        assert_eq!(first, b"H");
        // Meanwhile the answer fills all buffers between, and others are served.
        assert_eq!(balancer.get("/small").text(), "small");
        let mut client = Prefixed::of(client, first);
        let answer = client.0.answer();
        assert_eq!(version == "1.0", path == "/chunks" && answer.header("transfer-encoding").is_none());
        assert!(answer.body == *body, "{path} to HTTP/{version}: {} bytes", answer.body.len());
    }
}

#[test]
fn who_ends_its_side_and_reads_slowly_gets_everything() {
    const BODY: usize = 15_000;
    let target = TestTarget::start(|_| Reply::ok(vec![b'x'; BODY]));
    let balancer = Balancer::new(&[target.address]);
    // How many were asked for before the client read anything.
    let served = |requests: usize| {
        target.forget();
        let mut client = balancer.client();
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(requests));
        client.stream.shutdown(Shutdown::Write).unwrap();
        // The load balancer goes on until an answer waits behind one that was not taken whole; else it ends the connection.
        let is_done = || target.count() > 0 && balancer.count(|counts| &counts.active_connections) == 0;
        let deadline = Instant::now() + Duration::from_secs(1);
        while !is_done() && Instant::now() < deadline {
            std::thread::yield_now();
        }
        let served = target.count();
        for _ in 0..requests {
            assert_eq!(client.answer().body.len(), BODY);
        }
        assert!(client.is_closed());
        assert_eq!(target.count(), requests);
        served
    };
    // The last answer is to be one that the kernel has no whole room for; which one that is depends on its buffers.
    let about = served(2_000);
    let _last = (about.saturating_sub(8).max(1)..).find(|requests| served(*requests) < *requests);
}

/// A client that was given a byte back.
struct Prefixed(Client);

impl Prefixed {
    fn of(mut client: Client, bytes: Vec<u8>) -> Self {
        client.put_back(bytes);
        Self(client)
    }
}

#[test]
fn answers_without_a_body_end_with_their_head() {
    let target = TestTarget::start(|request| match request.path.as_str() {
        "/204" => Reply::Bytes(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n".to_vec()),
        "/304" => Reply::Bytes(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n".to_vec()),
        _ if request.method == "HEAD" => Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".to_vec()),
        _ => Reply::ok("after"),
    });
    let balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    for request in ["GET /204", "GET /304", "HEAD /", "GET /"] {
        client.send(format!("{request} HTTP/1.1\r\nHost: a\r\n\r\n"));
        let answer = client.try_answer(request == "HEAD /").unwrap();
        assert_eq!(answer.text(), if request == "GET /" { "after" } else { "" });
        assert_eq!(answer.header("content-length").is_some(), request != "GET /204", "{request}");
    }
    assert_eq!(target.connections(), 1, "the connection to the target was kept through all of them");
}

#[test]
fn interim_answers_come_through_and_100_is_ours() {
    let target = TestTarget::start(|_| {
        let mut bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".to_vec();
        bytes.extend(answer("200 OK", &[], b"final"));
        Reply::Bytes(bytes)
    });
    let balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    assert_eq!(client.answer().status, 100, "before the body was sent");
    client.send("hi");
    assert_eq!([client.answer().status, client.answer().status], [103, 200]);
    assert_eq!(target.seen()[0].header("expect"), None);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi");
    assert_eq!([client.answer().status, client.answer().status], [103, 200], "the body was there already");
    let old = balancer.ask("GET / HTTP/1.0\r\n\r\n");
    assert_eq!((old.status, old.text()), (200, "final"));
}

#[test]
fn an_early_answer_to_a_long_upload_reaches_the_client() {
    let target = TestTarget::start(|_| unreachable!("the body never ends"));
    // A target that answers on the head alone: raw, for the test target reads bodies first.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let balancer = Balancer::new(&[listener.local_addr().unwrap()]);
    let mut client = balancer.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegin");
    let (mut stream, _) = listener.accept().unwrap();
    let mut head = [0; 1024];
    std::io::Read::read(&mut stream, &mut head).unwrap();
    std::io::Write::write_all(&mut stream, &answer("413 Payload Too Large", &[], b"no")).unwrap();
    let answer = client.answer();
    assert_eq!((answer.status, answer.header("connection")), (413, Some("close")));
    assert_eq!(target.count(), 0);
}

#[test]
fn a_client_that_has_said_all_still_gets_its_answer() {
    let target = TestTarget::start(|_| Reply::Late(Duration::from_millis(100), answer("200 OK", &[], b"late")));
    let balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    client.stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.answer().text(), "late");
}

#[test]
fn keep_alive_is_what_the_client_asks_for() {
    let target = TestTarget::answering("x");
    let balancer = Balancer::new(&[target.address]);
    for (request, stays, connection) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true, None),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false, Some("close")),
        ("GET / HTTP/1.0\r\n\r\n", false, Some("close")),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true, Some("keep-alive")),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", false, Some("close")),
    ] {
        let mut client = balancer.client();
        client.send(request);
        assert_eq!(client.answer().header("connection"), connection, "{request:?}");
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.try_answer(false).is_ok(), stays, "{request:?}");
    }
    assert!(target.seen().iter().all(|request| request.header("connection").is_none()));
}

#[test]
fn no_client_ever_sees_the_answer_of_another() {
    let targets: Vec<_> = (0..3).map(|_| echo()).collect();
    let flaky = TestTarget::start(|request| {
        let token = request.header("x-token").unwrap_or_default();
        let body = format!("{token} {} {} {}", request.method, request.path, String::from_utf8_lossy(&request.body));
        let chunked =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        match token.bytes().map(usize::from).sum::<usize>() % 5 {
            0 => Reply::ThenClose(chunked.into_bytes()),
            1 => Reply::Bytes(
                [chunked.into_bytes(), b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nFORGED".to_vec()].concat(),
            ),
            2 => Reply::ThenReset(vec![]),
            3 => Reply::Bytes(chunked.into_bytes()),
            _ => Reply::ThenClose(format!("HTTP/1.0 200 OK\r\n\r\n{body}").into_bytes()),
        }
    });
    let addresses: Vec<_> = targets.iter().chain([&flaky]).map(|t| t.address).collect();
    let balancer = Balancer::new(&addresses);
    let front = balancer.front;
    let threads: Vec<_> = (0..6)
        .map(|thread| {
            std::thread::spawn(move || {
                let mut client = Client::connect(front);
                let (mut right, mut failed) = (0, 0);
                for i in 0..400 {
                    let token = format!("t{thread}-{i}");
                    let method = ["GET", "POST", "HEAD", "PUT"][i % 4];
                    let body = if method == "POST" || method == "PUT" {
                        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{token}\r\n0\r\n\r\n", token.len())
                    } else {
                        "\r\n".to_owned()
                    };
                    client.send(format!("{method} /{token} HTTP/1.1\r\nHost: a\r\nX-Token: {token}\r\n{body}"));
                    match client.try_answer(method == "HEAD") {
                        Ok(answer) if answer.status == 502 && method == "POST" => failed += 1,
                        Ok(answer) => {
                            assert_eq!(answer.status, 200);
                            let content = if method == "POST" || method == "PUT" { &*token } else { "" };
                            if method != "HEAD" {
                                assert_eq!(answer.text(), format!("{token} {method} /{token} {content}"));
                            }
                            right += 1;
                            if answer.header("connection") == Some("close") {
                                client = Client::connect(front);
                            }
                        }
                        Err(error) => panic!("{token}: {error}"),
                    }
                }
                (right, failed)
            })
        })
        .collect();
    let results: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert!(results.iter().all(|(right, failed)| right + failed == 400 && *right > 300), "{results:?}");
}
