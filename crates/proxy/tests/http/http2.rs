//! HTTP/2 towards clients, over TLS and real sockets, against the crate h2.

use crate::{
    balancer::{Balancer, PATIENCE, eventually},
    tls::{client_config, secure},
};
use bytes::Bytes;
use h2::client::SendRequest;
use http::{HeaderMap, Request, Response};
use model::elbv2::{
    action::{Action, FixedResponse, Redirect, RedirectStatus},
    listener::MutualAuthentication,
    snapshot::LoadBalancingSnapshot,
};
use rustls::pki_types::ServerName;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use testkit::{Reply, TestTarget, targets::answer};
use tokio::{net::TcpStream, task::JoinHandle};

/// Runs a test on a runtime of its own, for no longer than one may wait.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, test).await.expect("in time") })
}

/// An HTTP/2 client, and its connection.
pub struct Client {
    pub requests: SendRequest<Bytes>,
    pub connection: JoinHandle<Result<(), h2::Error>>,
}

/// What came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub trailers: Option<HeaderMap>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Client {
    pub async fn connect(front: SocketAddr) -> Self {
        Self::with(front, h2::client::Builder::new()).await
    }

    pub async fn with(front: SocketAddr, mut builder: h2::client::Builder) -> Self {
        let mut config = client_config(None);
        config.alpn_protocols = vec![b"h2".to_vec()];
        let name = ServerName::try_from("web.example").unwrap();
        let tcp = TcpStream::connect(front).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (requests, connection) = builder.initial_window_size(1 << 20).handshake(stream).await.unwrap();
        Self { requests, connection: tokio::spawn(connection) }
    }

    /// A request without a body.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path), &[]).await.unwrap()
    }

    /// A request with a body in pieces; an empty list: without one.
    pub async fn send(&self, request: Request<()>, body: &[&[u8]]) -> Result<Answer, h2::Error> {
        let mut requests = self.requests.clone().ready().await?;
        let (response, mut stream) = requests.send_request(request, body.is_empty())?;
        for (i, piece) in body.iter().enumerate() {
            send_all(&mut stream, Bytes::copy_from_slice(piece), i + 1 == body.len()).await?;
        }
        read(response.await?).await
    }
}

/// Sends as the windows allow.
pub async fn send_all(stream: &mut h2::SendStream<Bytes>, mut bytes: Bytes, end: bool) -> Result<(), h2::Error> {
    while !bytes.is_empty() {
        stream.reserve_capacity(bytes.len());
        let room = std::future::poll_fn(|context| stream.poll_capacity(context)).await.transpose()?.unwrap_or(0);
        let piece = bytes.split_to(room.min(bytes.len()));
        let last = end && bytes.is_empty();
        stream.send_data(piece, last)?;
        if last {
            return Ok(());
        }
    }
    if end { stream.send_data(Bytes::new(), true) } else { Ok(()) }
}

pub async fn read(response: Response<h2::RecvStream>) -> Result<Answer, h2::Error> {
    let (parts, mut stream) = response.into_parts();
    let mut body = Vec::new();
    while let Some(piece) = stream.data().await {
        let piece = piece?;
        stream.flow_control().release_capacity(piece.len())?;
        body.extend_from_slice(&piece);
    }
    let trailers = stream.trailers().await?;
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body, trailers })
}

pub fn request(method: &str, path: &str) -> Request<()> {
    Request::builder().method(method).uri(format!("https://web.example{path}")).body(()).unwrap()
}

/// A load balancer with an HTTPS listener that offers HTTP/2.
pub fn balancer(targets: &[SocketAddr], change: impl FnOnce(&mut LoadBalancingSnapshot)) -> Balancer {
    Balancer::with(targets, |snapshot| {
        secure(snapshot, "web", &["web.example"], MutualAuthentication::Off);
        snapshot.load_balancers[0].http2 = true;
        change(snapshot);
    })
}

pub fn logged(balancer: &Balancer) -> serde_json::Value {
    let mut lines = Vec::new();
    eventually("the request is logged", || {
        lines.extend(balancer.logged());
        !lines.is_empty()
    });
    lines.remove(0)
}

#[test]
fn requests_over_http2_reach_targets_as_http1() {
    let target = TestTarget::start(|request| {
        let fields: String = request.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        Reply::ok(format!("{} {}\n{fields}", request.method, request.path))
    });
    let balancer = balancer(&[target.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        let mut request = request("GET", "/a?b=c");
        request.headers_mut().insert("cookie", "a=b".parse().unwrap());
        request.headers_mut().append("cookie", "c=d".parse().unwrap());
        let answer = client.send(request, &[]).await.unwrap();
        let text = answer.text();
        assert_eq!(answer.status, 200, "{text}");
        for expected in ["GET /a?b=c\n", "Host: web.example\n", "cookie: a=b; c=d\n", "X-Forwarded-Proto: https\n"] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(!text.to_ascii_lowercase().contains("content-length"), "{text}");
    });
    let line = logged(&balancer);
    assert_eq!((&line["type"], &line["http_version"], &line["method"]), (&"h2".into(), &"2.0".into(), &"GET".into()));
    assert!(line["sent_bytes"].as_u64().unwrap() > 50);
}

#[test]
fn many_requests_share_a_connection_and_none_waits_for_another() {
    let target = TestTarget::start(|request| {
        let slow = request.path.starts_with("/slow");
        Reply::Late(Duration::from_millis(if slow { 300 } else { 0 }), answer("200 OK", &[], request.path.as_bytes()))
    });
    let balancer = balancer(&[target.address], |_| {});
    run(async {
        let client = Arc::new(Client::connect(balancer.front).await);
        let slow: Vec<_> = (0..50)
            .map(|i| {
                let client = Arc::clone(&client);
                tokio::spawn(async move { client.get(&format!("/slow/{i}")).await })
            })
            .collect();
        for i in 0..200 {
            assert_eq!(client.get(&format!("/{i}")).await.text(), format!("/{i}"));
        }
        for (i, slow) in slow.into_iter().enumerate() {
            assert_eq!(slow.await.unwrap().text(), format!("/slow/{i}"));
        }
    });
    assert_eq!(balancer.count(|c| &c.new_connections), 1);
}

#[test]
fn bodies_go_both_ways_with_and_without_a_length() {
    let target = TestTarget::start(|request| Reply::ok(&request.body));
    let balancer = balancer(&[target.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        for size in [0, 1, 1000, 16_384, 16_385, 70_000, 3 << 20] {
            let body: Vec<u8> = (0..size).map(|i: usize| u8::try_from(i % 251).unwrap()).collect();
            let answer = client.send(request("POST", "/"), &[&body]).await.unwrap();
            assert!(answer.status == 200 && answer.body == body, "{size} without a length");
            let mut with_length = request("PUT", "/");
            with_length.headers_mut().insert("content-length", size.into());
            let answer = client.send(with_length, &[&body]).await.unwrap();
            assert!(answer.status == 200 && answer.body == body, "{size} with one");
        }
        let pieces: Vec<Vec<u8>> = (1..200).map(|i: usize| vec![b'x'; i]).collect();
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        assert_eq!(client.send(request("POST", "/"), &pieces).await.unwrap().body.len(), 199 * 200 / 2);
    });
}

#[test]
fn answers_of_all_kinds_come_through() {
    let target = TestTarget::start(|request| match request.path.as_str() {
        "/chunks" => Reply::Bytes(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n".to_vec(),
        ),
        "/close" => Reply::ThenClose(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end".to_vec()),
        "/hints" => Reply::Bytes(
            [&b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"[..], &answer("200 OK", &[], b"late")].concat(),
        ),
        "/none" => Reply::Bytes(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n".to_vec()),
        "/empty" => Reply::Bytes(answer("200 OK", &["Connection: keep-alive", "Keep-Alive: x"], b"")),
        _ if request.method == "HEAD" => Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n".to_vec()),
        _ => Reply::ok(vec![b'y'; 5 << 20]),
    });
    let balancer = balancer(&[target.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        for (path, text) in
            [("/chunks", "hello world"), ("/close", "until the end"), ("/hints", "late"), ("/empty", "")]
        {
            let answer = client.get(path).await;
            assert_eq!((answer.status, answer.text()), (200, text), "{path}");
            assert!(answer.headers.get("transfer-encoding").is_none() && answer.headers.get("connection").is_none());
        }
        let none = client.get("/none").await;
        assert_eq!((none.status, none.headers["x-a"].to_str().unwrap()), (204, "b"));
        let head = client.send(request("HEAD", "/x"), &[]).await.unwrap();
        assert_eq!((head.status, head.headers["content-length"].to_str().unwrap()), (200, "77"));
        assert!(client.get("/large").await.body == vec![b'y'; 5 << 20]);
        // Through a window of 10 bytes.
        let narrow = Client::connect(balancer.front).await;
        let mut requests = narrow.requests.clone().ready().await.unwrap();
        let (response, _) = requests.send_request(request("GET", "/large"), true).unwrap();
        drop(response.await.unwrap());
        assert_eq!(narrow.get("/chunks").await.text(), "hello world");
    });
}

#[test]
fn our_own_answers_come_over_http2_too() {
    let target = TestTarget::answering("t");
    let balancer = balancer(&[target.address], |snapshot| {
        let path = |path: &str| {
            vec![model::elbv2::condition::Condition::PathPattern(model::elbv2::condition::Patterns::Wildcards(vec![
                path.to_owned(),
            ]))]
        };
        let rule = |priority, on, action| model::elbv2::snapshot::RulePlan {
            priority,
            conditions: path(on),
            action,
            transforms: vec![],
        };
        snapshot.load_balancers[0].listeners[0].rules = vec![
            rule(
                1,
                "/fixed",
                Action::FixedResponse(FixedResponse {
                    status: 418,
                    content_type: Some("text/plain".to_owned()),
                    body: "short".to_owned(),
                }),
            ),
            rule(
                2,
                "/old",
                Action::Redirect(Redirect {
                    status: RedirectStatus::Temporary,
                    protocol: "#{protocol}".to_owned(),
                    host: "#{host}".to_owned(),
                    port: "#{port}".to_owned(),
                    path: "/new".to_owned(),
                    query: String::new(),
                }),
            ),
        ];
    });
    run(async {
        let client = Client::connect(balancer.front).await;
        let fixed = client.send(request("POST", "/fixed"), &[&[b'x'; 1000]]).await.unwrap();
        assert_eq!((fixed.status, fixed.text()), (418, "short"));
        assert_eq!(fixed.headers["server"], "awselb/2.0");
        let redirect = client.get("/old").await;
        assert_eq!(redirect.status, 302);
        assert_eq!(redirect.headers["location"], "https://web.example:443/new");
        // Nobody reads the rest of this one: the stream is ended without an error.
        let mut requests = client.requests.clone().ready().await.unwrap();
        let (response, mut stream) = requests.send_request(request("POST", "/fixed"), false).unwrap();
        stream.send_data(Bytes::from_static(b"begun"), false).unwrap();
        assert_eq!(read(response.await.unwrap()).await.unwrap().status, 418);
        let reset = std::future::poll_fn(|context| stream.poll_reset(context)).await.unwrap();
        assert_eq!(reset, h2::Reason::NO_ERROR);
        assert_eq!(client.get("/").await.text(), "t");
        target.kill();
        assert_eq!(client.get("/").await.status, 502);
    });
}

#[test]
fn a_cancelled_request_ends_its_exchange_with_the_target() {
    let target = TestTarget::start(|_| Reply::Silence);
    let balancer = balancer(&[target.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        let mut requests = client.requests.clone().ready().await.unwrap();
        let (response, mut stream) = requests.send_request(request("GET", "/"), true).unwrap();
        while target.count() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stream.send_reset(h2::Reason::CANCEL);
        drop(response);
        while balancer.state(0).counts.sum(|c| &c.in_flight) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let line = logged(&balancer);
    assert_eq!((&line["elb_status_code"], &line["cause"]["ended"]), (&460.into(), &"client-gone".into()));
}

#[test]
fn a_connection_that_drains_serves_what_it_has_and_takes_no_more() {
    let target = TestTarget::start(|request| {
        let late = if request.path == "/late" { 500 } else { 0 };
        Reply::Late(Duration::from_millis(late), answer("200 OK", &[], b"ok"))
    });
    let mut balancer = balancer(&[target.address], |_| {});
    run(async {
        let client = Arc::new(Client::connect(balancer.front).await);
        assert_eq!(client.get("/").await.status, 200);
        let late = {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.get("/late").await })
        };
        while target.count() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let workers = balancer.take_workers();
        workers.drain(Duration::from_secs(10)).await;
        assert_eq!(late.await.unwrap().text(), "ok");
        let client = Arc::into_inner(client).unwrap();
        client.connection.await.unwrap().unwrap();
    });
}

#[test]
fn an_idle_connection_is_closed_in_order() {
    let target = TestTarget::answering("t");
    let balancer = balancer(&[target.address], |snapshot| snapshot.load_balancers[0].idle_timeout_seconds = 1);
    run(async {
        let client = Client::connect(balancer.front).await;
        assert_eq!(client.get("/").await.text(), "t");
        client.connection.await.unwrap().unwrap();
    });
}

#[test]
fn after_ten_thousand_requests_a_connection_is_ended_in_order() {
    let target = TestTarget::answering("t");
    let balancer = balancer(&[target.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        let mut served = 0;
        while let Ok(mut requests) = client.requests.clone().ready().await {
            let Ok((response, _)) = requests.send_request(request("GET", "/"), true) else { break };
            match response.await {
                Ok(response) => assert_eq!(response.status(), 200),
                Err(_) => break,
            }
            served += 1;
        }
        assert_eq!(served, 10_000);
        client.connection.await.unwrap().unwrap();
        assert_eq!(Client::connect(balancer.front).await.get("/").await.text(), "t");
    });
}
