//! What is counted of requests: each count that becomes a metric, provoked by a client or a target.
//!
//! Counts that belong to a behaviour with tests of its own (rules, retries, TLS, limits, fail-open, holding) are looked at there.

use crate::{
    balancer::{Balancer, Client, eventually, load_balancer},
    http2,
};
use bytes::Bytes;
use model::{
    Timestamp,
    elbv2::{
        admission::Admission,
        snapshot::{FrontListener, LoadBalancingSnapshot, MaintenancePage},
        stickiness::{CookieKey, KEY_BYTES, Stickiness},
        target_group::ProtocolVersion,
        target_health::CheckedState,
    },
    secret::Secret,
};
use proxy::telemetry::counters::{Count, LoadBalancerCounts};
use std::{
    io::Read,
    net::{Ipv6Addr, TcpListener, TcpStream},
};
use testkit::TestTarget;

type Which = fn(&LoadBalancerCounts) -> &Count;

#[test]
fn what_is_peculiar_about_the_form_of_a_request_is_counted() {
    let target = TestTarget::answering("ok");
    let counts: [Which; 3] =
        [|c| &c.forwarded_invalid_headers, |c| &c.dropped_invalid_headers, |c| &c.non_compliant_requests];
    let drop_invalid: fn(&mut LoadBalancingSnapshot) = |s| s.load_balancers[0].drop_invalid_header_fields = true;
    for (fields, change, expected) in [
        ("X-Valid: 1\r\n", None, [0, 0, 0]),
        ("x_invalid: 1\r\n", None, [1, 0, 0]),
        ("x_invalid: 1\r\nx_too: 2\r\n", Some(drop_invalid), [0, 1, 0]),
        ("Content-Length: 0\r\n", None, [0, 0, 1]),
    ] {
        let balancer = Balancer::with(&[target.address], |snapshot| {
            if let Some(change) = change {
                change(snapshot);
            }
        });
        let answer = balancer.ask(format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}Connection: close\r\n\r\n"));
        assert_eq!(answer.status, 200, "{fields}");
        assert_eq!(counts.map(|count| balancer.count(count)), expected, "{fields}");
    }
}

#[test]
fn every_byte_from_and_to_clients_is_counted() {
    let target = TestTarget::answering("some content");
    let balancer = Balancer::new(&[target.address]);
    let mut bytes = 0;
    for body in ["", "0123456789"] {
        let request =
            format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let mut client = balancer.client();
        client.send(&request);
        let mut answer = Vec::new();
        client.stream.read_to_end(&mut answer).unwrap();
        bytes += request.len() + answer.len();
        eventually("all is counted", || balancer.count(|c| &c.processed_bytes) == bytes as u64);
    }
    assert_eq!(balancer.count(|c| &c.ipv6_processed_bytes), 0);
}

/// A front on the loopback address of IPv6, where the machine has one.
fn front_on_ipv6(balancer: &mut Balancer) -> Option<std::net::SocketAddr> {
    let address = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).ok()?.local_addr().ok()?;
    balancer.workers().open_front(&address.into()).ok()?;
    balancer.change(|snapshot| {
        let front = snapshot.fronts[0].clone();
        snapshot.fronts.push(model::elbv2::snapshot::Front { place: address.into(), ..front });
    });
    Some(address)
}

#[test]
fn requests_over_ipv6_are_counted_apart() {
    let target = TestTarget::answering("ok");
    let mut balancer = Balancer::new(&[target.address]);
    let Some(address) = front_on_ipv6(&mut balancer) else {
        eprintln!("skipped: this machine has no loopback address of IPv6");
        return;
    };
    eventually("the front is in force", || {
        let mut client = Client::over(TcpStream::connect(address).unwrap());
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        client.try_answer(false).is_ok_and(|answer| answer.status == 200)
    });
    assert_eq!(balancer.get("/").status, 200);
    assert_eq!(balancer.count(|c| &c.ipv6_requests), 1);
    eventually("the other request is counted, too", || {
        let [all, over_ipv6] = [balancer.count(|c| &c.processed_bytes), balancer.count(|c| &c.ipv6_processed_bytes)];
        over_ipv6 > 0 && over_ipv6 < all
    });
}

#[test]
fn requests_of_a_sticky_group_that_no_session_led_to_their_target_are_counted() {
    let targets = [TestTarget::answering("a"), TestTarget::answering("b")];
    let balancer = Balancer::with(&targets.each_ref().map(|target| target.address), |snapshot| {
        snapshot.target_groups[0].stickiness = Some(Stickiness::LbCookie { duration_seconds: 60 });
        let secret = Secret::new("00".repeat(KEY_BYTES));
        snapshot.cookie_keys = vec![CookieKey { id: 1, secret, created_at: Timestamp::default() }];
    });
    let ask = |cookie: &str| balancer.ask(format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{cookie}\r\n"));
    let count = || balancer.count(|c| &c.non_sticky_requests);
    let first = ask("");
    assert_eq!(count(), 1, "a new client");
    let cookie = first.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    for _ in 0..3 {
        assert_eq!(ask(&format!("Cookie: {cookie}\r\n")).text(), first.text());
    }
    assert_eq!(count(), 1);
    ask("Cookie: AWSALB=forged\r\n");
    assert_eq!(count(), 2, "a cookie that is none of ours");
    let position = usize::from(first.text() == "b");
    targets[position].kill();
    assert_eq!(ask(&format!("Cookie: {cookie}\r\n")).status, 200);
    assert_eq!(count(), 3, "the target of the session is gone");
}

#[test]
fn requests_without_stickiness_are_never_counted_as_not_sticky() {
    let target = TestTarget::answering("a");
    let balancer = Balancer::new(&[target.address]);
    balancer.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: AWSALB=forged\r\n\r\n");
    assert_eq!(balancer.count(|c| &c.non_sticky_requests), 0);
}

#[test]
fn maintenance_pages_are_counted() {
    let target = TestTarget::answering("ok");
    let balancer = Balancer::with(&[target.address], |snapshot| {
        let group = &mut snapshot.target_groups[0];
        group.targets = vec![crate::balancer::target(target.address, CheckedState::Unhealthy)];
        let (body, content_type) = ("back soon".to_owned(), "text/plain".to_owned());
        group.maintenance = Some(MaintenancePage { body, content_type, retry_after_seconds: 5 });
    });
    assert_eq!(balancer.get("/").text(), "back soon");
    assert_eq!((balancer.count(|c| &c.maintenance_pages), balancer.elb_code(503)), (1, 1));
}

#[test]
fn calls_over_grpc_are_counted_and_their_trailers_come_through() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let balancer = http2::balancer(&[address], |snapshot| {
        snapshot.target_groups[0].protocol_version = ProtocolVersion::Grpc;
    });
    http2::run(async {
        tokio::spawn(serve_grpc(tokio::net::TcpListener::from_std(listener).unwrap()));
        let client = http2::Client::connect(balancer.front).await;
        let mut request = http2::request("POST", "/helloworld.Greeter/SayHello");
        request.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
        let answer = client.send(request, &[&[0; 5]]).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &[0; 5][..]));
        assert_eq!(answer.trailers.unwrap()["grpc-status"], "5");
        assert_eq!(client.get("/").await.status, 464, "not a call");
    });
    assert_eq!((balancer.count(|c| &c.grpc_requests), balancer.elb_code(464)), (1, 1));
    assert_eq!(balancer.state(0).counts.sum(|c| &c.requests), 1);
}

async fn serve_grpc(listener: tokio::net::TcpListener) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        let mut stream = respond.send_response(http::Response::new(()), false).unwrap();
        stream.send_data(Bytes::from_static(&[0; 5]), false).unwrap();
        let mut trailers = http::HeaderMap::new();
        trailers.insert("grpc-status", "5".parse().unwrap());
        stream.send_trailers(trailers).unwrap();
    }
}

#[test]
fn each_zone_and_each_load_balancer_has_counts_of_its_own() {
    let target = TestTarget::answering("ok");
    let balancer = Balancer::with(&[target.address], |snapshot| {
        let second = crate::balancer::group("second", &[target.address]);
        let plan = load_balancer("second", 80, &second.arn);
        snapshot.fronts[0].listeners[0].hosts = vec!["one.example".into()];
        snapshot.fronts[0].listeners.push(FrontListener {
            listener: plan.listeners[0].arn.clone(),
            hosts: vec!["two.example".into()],
            zones: vec!["ap-northeast-2b".into()],
            admission: Admission::Everybody,
        });
        snapshot.load_balancers.push(plan);
        snapshot.target_groups.push(second);
    });
    for (host, times) in [("one.example", 2), ("two.example", 3)] {
        for _ in 0..times {
            let answer = balancer.ask(format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
            assert_eq!(answer.status, 200);
        }
    }
    let connections = |position: usize, zone: &str| {
        let balancer_arn = &balancer.snapshot.load_balancers[position].arn;
        balancer.states.load_balancer(balancer_arn, zone).sum(|c| &c.new_connections)
    };
    assert_eq!((connections(0, "ap-northeast-2a"), connections(1, "ap-northeast-2b")), (2, 3));
}
