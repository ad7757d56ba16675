//! Targets that speak HTTP/2, over real sockets: what they get, what they may do, and what clients see of it.

use crate::{
    balancer::{Balancer, eventually, refusing},
    http2::{Answer, Client, balancer, logged, read, request, run, send_all},
    http2_target::{Call, Http2Target, Options, goaway, ok, target_of_frames},
    peer::{data, raw, reset, settings},
    tls,
};
use bytes::Bytes;
use http::{HeaderMap, Request};
use model::{
    Timestamp,
    elbv2::{
        snapshot::LoadBalancingSnapshot,
        target_group::{ProtocolVersion, TargetProtocol},
    },
};
use proxy::http2::{ErrorCode, frame::Kind};
use std::{
    future::poll_fn,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use testkit::TestTarget;
use tokio::sync::{Notify, Semaphore};

/// A load balancer before targets that speak HTTP/2.
fn in_front_of(targets: &[SocketAddr], change: impl FnOnce(&mut LoadBalancingSnapshot)) -> Balancer {
    balancer(targets, |snapshot| {
        snapshot.target_groups[0].protocol_version = ProtocolVersion::Http2;
        change(snapshot);
    })
}

/// Sends back what it got: the head as text, the content, the trailers.
async fn echo(mut call: Call) {
    let head = &call.head;
    let mut text = format!("{} {}\n", head.method, head.uri);
    for (name, value) in &head.headers {
        text.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
    }
    let Ok((body, trailers)) = call.content().await else { return };
    let mut stream = call.begin(200, &[("x-connection", &call.connection.to_string())], false);
    stream.send_data(text.into(), false).unwrap();
    // A client may leave.
    if send_all(&mut stream, body.into(), trailers.is_none()).await.is_ok()
        && let Some(trailers) = trailers
    {
        stream.send_trailers(trailers).unwrap();
    }
}

fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|i| u8::try_from(i % 251).unwrap()).collect()
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(15);
    while !condition() {
        assert!(tokio::time::Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[test]
fn requests_reach_targets_over_http2_rewritten_as_over_http1() {
    let target = Http2Target::start(echo);
    let balancer = in_front_of(&[target.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        let mut request = request("GET", "/a?b=c");
        for (name, value) in [
            ("x-forwarded-for", "203.0.113.9"),
            ("cookie", "a=b"),
            ("te", "trailers"),
            ("x-amzn-trace-id", "Root=1-67891233-abcdef012345678912345678"),
            ("user-agent", "test"),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let answer = client.send(request, &[]).await.unwrap();
        let text = answer.text();
        assert_eq!(answer.status, 200, "{text}");
        for expected in [
            "GET http://web.example/a?b=c\n",
            "x-forwarded-for: 203.0.113.9, 127.0.0.1\n",
            "x-forwarded-proto: https\n",
            "x-forwarded-port: 443\n",
            "cookie: a=b\n",
            "te: trailers\n",
            "user-agent: test\n",
            "Root=1-67891233-abcdef012345678912345678\n",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(!text.contains("connection:") && !text.contains("\nhost:"), "{text}");
    });
    let line = logged(&balancer);
    for (name, value) in [("type", "h2"), ("http_version", "2.0"), ("target", &*target.address.to_string())] {
        assert_eq!(line[name], value, "{line}");
    }
    assert_eq!((&line["elb_status_code"], &line["target_status_code"]), (&200.into(), &200.into()));
}

#[test]
fn bodies_and_trailers_go_both_ways() {
    let target = Http2Target::start(echo);
    let balancer = in_front_of(&[target.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        for size in [0, 1, 16_384, 16_385, 100_000, 5 << 20] {
            let body = pattern(size);
            let answer = client.send(request("POST", "/"), &[&body]).await.unwrap();
            assert_eq!(answer.status, 200);
            assert!(answer.body.ends_with(&body) && answer.body.len() < body.len() + 1000, "{size}");
            assert!(answer.trailers.is_none());
        }
        let pieces: Vec<Vec<u8>> = (1..200).map(pattern).collect();
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        assert!(client.send(request("PUT", "/"), &pieces).await.unwrap().body.ends_with(&pieces.concat()));
        // With trailers, behind content that does not fit any window, and behind none.
        for size in [3 << 20, 0] {
            let mut requests = client.requests.clone().ready().await.unwrap();
            let (response, mut stream) = requests.send_request(request("POST", "/"), false).unwrap();
            send_all(&mut stream, pattern(size).into(), false).await.unwrap();
            let trailers = [("x-sum", "1"), ("x-late", "yes")].map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
            stream.send_trailers(HeaderMap::from_iter(trailers)).unwrap();
            let answer = read(response.await.unwrap()).await.unwrap();
            assert!(answer.body.ends_with(&pattern(size)));
            assert_eq!(answer.trailers.unwrap()["x-late"], "yes", "{size}");
        }
    });
    assert_eq!(target.connections(), 1, "all by one connection");
}

#[test]
fn answers_of_all_kinds_come_from_http2_targets_too() {
    let target = Http2Target::start(|mut call: Call| async move {
        match (call.path(), call.head.method.as_str()) {
            (_, "HEAD") => drop(call.begin(200, &[("content-length", "77")], true)),
            ("/none", _) => drop(call.begin(204, &[("x-a", "b")], true)),
            ("/unchanged", _) => drop(call.begin(304, &[("etag", "\"x\"")], true)),
            ("/only", _) => drop(call.begin(200, &[("grpc-status", "5"), ("grpc-message", "no")], true)),
            ("/hints", _) => {
                let hints = http::Response::builder().status(103).header("link", "</a>").body(()).unwrap();
                call.respond.send_informational(hints).unwrap();
                call.answer(200, "late").await;
            }
            ("/length", _) => {
                let mut stream = call.begin(200, &[("content-length", "5"), ("set-cookie", "a=b")], false);
                stream.send_data("12345".into(), true).unwrap();
            }
            ("/cookies", _) => call.answer_with(&[("set-cookie", "a=b"), ("set-cookie", "c=d"), ("server", "own")]),
            _ => call.answer(500, "?").await,
        }
    });
    let balancer = in_front_of(&[target.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        let head = client.send(request("HEAD", "/"), &[]).await.unwrap();
        assert_eq!((head.status, &head.headers["content-length"]), (200, &"77".parse().unwrap()));
        assert_eq!(client.get("/none").await.headers["x-a"], "b");
        assert_eq!(client.get("/unchanged").await.status, 304);
        let only = client.get("/only").await;
        assert_eq!((&only.headers["grpc-status"], only.body.len(), only.trailers), (&"5".parse().unwrap(), 0, None));
        let length = client.get("/length").await;
        assert_eq!((&length.headers["content-length"], length.text()), (&"5".parse().unwrap(), "12345"));
        let cookies = client.get("/cookies").await;
        let cookies = cookies.headers;
        assert_eq!(cookies.get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=b", "c=d"]);
        assert_eq!(cookies["server"], "own");
        // The interim answer comes first.
        let mut requests = client.requests.clone().ready().await.unwrap();
        let (mut response, _) = requests.send_request(request("GET", "/hints"), true).unwrap();
        let interim = poll_fn(|context| response.poll_informational(context)).await.unwrap().unwrap();
        assert_eq!((interim.status().as_u16(), &interim.headers()["link"]), (103, &"</a>".parse().unwrap()));
        assert_eq!(read(response.await.unwrap()).await.unwrap().text(), "late");
        assert_eq!(client.get("/?").await.status, 500);
    });
}

#[test]
fn a_slow_reader_holds_up_its_target_and_nobody_else() {
    let sent = Arc::new(AtomicUsize::new(0));
    let of_target = Arc::clone(&sent);
    let target = Http2Target::start(move |mut call: Call| {
        let sent = Arc::clone(&of_target);
        async move {
            if call.path() != "/large" {
                return call.answer(200, "small").await;
            }
            let mut stream = call.begin(200, &[], false);
            for _ in 0..1000 {
                if send_all(&mut stream, vec![b'x'; 16_384].into(), false).await.is_err() {
                    return;
                }
                sent.fetch_add(16_384, SeqCst);
            }
            stream.send_data(Bytes::new(), true).unwrap();
        }
    });
    let balancer = in_front_of(&[target.address], |_| {});
    run(async {
        let mut builder = h2::client::Builder::new();
        builder.initial_connection_window_size(16 << 20);
        let slow = Client::with(balancer.front, builder).await;
        let mut requests = slow.requests.clone().ready().await.unwrap();
        let (response, _) = requests.send_request(request("GET", "/large"), true).unwrap();
        let response = response.await.unwrap();
        let quick = Client::connect(balancer.front).await;
        for client in [&slow, &quick] {
            for _ in 0..100 {
                assert_eq!(client.get("/small").await.text(), "small");
            }
        }
        // The client's window (1 MB), ours, and what is on its way in the kernel's and the library's buffers.
        let held = sent.load(SeqCst);
        assert!(held < 4 << 20, "{held} bytes for a client that reads nothing");
        assert_eq!(read(response).await.unwrap().body.len(), 1000 * 16_384);
    });
}

#[test]
fn a_target_that_reads_slowly_holds_up_its_client_and_nobody_else() {
    // Also where one stream that is not read takes all that the connection may send.
    for window in [None, Some(65_535)] {
        let gate = Arc::new(Semaphore::new(0));
        let of_target = Arc::clone(&gate);
        let target = Http2Target::with(Options { window, ..Options::default() }, move |mut call: Call| {
            let gate = Arc::clone(&of_target);
            async move {
                if call.path() == "/large" {
                    gate.acquire().await.unwrap().forget();
                }
                if let Ok((body, _)) = call.content().await {
                    call.answer(200, body.len().to_string()).await;
                }
            }
        });
        let balancer = in_front_of(&[target.address], |_| {});
        run(async {
            let client = Client::connect(balancer.front).await;
            let mut requests = client.requests.clone().ready().await.unwrap();
            let (response, mut stream) = requests.send_request(request("POST", "/large"), false).unwrap();
            let (begun, mut rest) = requests.send_request(request("POST", "/begun"), false).unwrap();
            until("the target knows both", || target.count() == 2).await;
            let uploaded = Arc::new(AtomicUsize::new(0));
            let of_upload = Arc::clone(&uploaded);
            let upload = tokio::spawn(async move {
                for _ in 0..1000 {
                    send_all(&mut stream, vec![b'x'; 16_384].into(), false).await.unwrap();
                    of_upload.fetch_add(16_384, SeqCst);
                }
                stream.send_data(Bytes::new(), true).unwrap();
            });
            for _ in 0..100 {
                assert_eq!(client.send(request("POST", "/"), &[b"abc"]).await.unwrap().text(), "3");
            }
            // Nor one that was there on the same connection before.
            rest.send_data("abcd".into(), true).unwrap();
            assert_eq!(read(begun.await.unwrap()).await.unwrap().text(), "4");
            let held = uploaded.load(SeqCst);
            assert!(held < 2 << 20, "{held} bytes for a target that reads nothing");
            gate.add_permits(1);
            assert_eq!(read(response.await.unwrap()).await.unwrap().text(), (1000 * 16_384).to_string());
            upload.await.unwrap();
        });
    }
}

#[test]
fn many_streams_share_a_connection_and_a_target_gets_no_more_than_it_allows() {
    for (streams, connections) in [(None, 1..=1), (Some(7), 8..=60)] {
        // Of each connection: how many requests are there now, and at most.
        let at_once: Arc<[AtomicUsize; 200]> = Arc::new([const { AtomicUsize::new(0) }; 200]);
        let most = Arc::new(AtomicUsize::new(0));
        let together = Arc::new(Notify::new());
        let (of_target, most_of_target, notify) = (Arc::clone(&at_once), Arc::clone(&most), Arc::clone(&together));
        let target = Http2Target::with(Options { streams, ..Options::default() }, move |mut call: Call| {
            let (at_once, most, together) = (Arc::clone(&of_target), Arc::clone(&most_of_target), Arc::clone(&notify));
            async move {
                let now = at_once[call.connection].fetch_add(1, SeqCst) + 1;
                most.fetch_max(now, SeqCst);
                together.notified().await;
                at_once[call.connection].fetch_sub(1, SeqCst);
                let path = call.path().to_owned();
                call.answer(200, path).await;
            }
        });
        let balancer = in_front_of(&[target.address], |_| {});
        run(async {
            let client = Arc::new(Client::connect(balancer.front).await);
            let calls: Vec<_> = (0..60)
                .map(|i| {
                    let client = Arc::clone(&client);
                    tokio::spawn(async move { client.get(&format!("/{i}")).await })
                })
                .collect();
            until("all requests are with the target", || target.count() == 60).await;
            together.notify_waiters();
            for (i, call) in calls.into_iter().enumerate() {
                let answer = call.await.unwrap();
                assert_eq!((answer.status, answer.text()), (200, &*format!("/{i}")));
            }
        });
        assert!(connections.contains(&target.connections()), "{streams:?}: {} connections", target.connections());
        assert!(most.load(SeqCst) <= streams.unwrap_or(60) as usize, "{} at once", most.load(SeqCst));
        assert_eq!(balancer.count(|c| &c.retried_requests), 0, "nothing had to be refused");
    }
}

#[test]
fn a_target_that_leaves_serves_what_it_has_and_the_rest_goes_by_a_new_connection() {
    let gate = Arc::new(Notify::new());
    let of_target = Arc::clone(&gate);
    let target = Http2Target::start(move |mut call: Call| {
        let gate = Arc::clone(&of_target);
        async move {
            match call.path() {
                "/leave" => call.leave(),
                "/late" => gate.notified().await,
                _ => {}
            }
            let connection = call.connection.to_string();
            call.answer(200, connection).await;
        }
    });
    let balancer = in_front_of(&[target.address], |_| {});
    run(async {
        let client = Arc::new(Client::connect(balancer.front).await);
        let late = {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.get("/late").await })
        };
        until("it is there", || target.count() == 1).await;
        assert_eq!(client.get("/leave").await.text(), "0");
        // POST is not repeated unless the target says that it has not seen it.
        for _ in 0..50 {
            let answer = client.send(request("POST", "/"), &[]).await.unwrap();
            assert_eq!(answer.status, 200);
        }
        until("a new connection", || target.connections() == 2).await;
        gate.notify_waiters();
        assert_eq!(late.await.unwrap().text(), "0");
    });
}

/// A target that refuses as told the first time, and then answers.
fn refusing_first(refuse: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static) -> (SocketAddr, Arc<AtomicUsize>) {
    let heads = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&heads);
    let address = target_of_frames(move |_, frames| {
        frames.send(settings(&[]))?;
        loop {
            let head = frames.next(Kind::Headers)?;
            if seen.fetch_add(1, SeqCst) == 0 {
                frames.send(refuse(head.stream))?;
            } else {
                frames.send([ok(head.stream, false), data(head.stream, 1, b"served")].concat())?;
            }
        }
    });
    (address, heads)
}

#[test]
fn a_request_that_a_target_has_not_looked_at_is_sent_again_whatever_its_method() {
    let refused = |stream| reset(stream, ErrorCode::REFUSED_STREAM);
    let never_seen = |stream: u32| goaway(stream - 1, 0);
    for (what, refuse) in [
        ("REFUSED_STREAM", Box::new(refused) as Box<dyn Fn(u32) -> Vec<u8> + Send + Sync>),
        ("GOAWAY", Box::new(never_seen)),
    ] {
        let (address, heads) = refusing_first(refuse);
        let balancer = in_front_of(&[address], |_| {});
        run(async {
            let client = Client::connect(balancer.front).await;
            let answer = client.send(request("POST", "/"), &[]).await.unwrap();
            assert_eq!((answer.status, answer.text()), (200, "served"), "{what}");
        });
        assert_eq!(heads.load(SeqCst), 2, "{what}");
    }
}

#[test]
fn a_refused_request_goes_to_another_target_if_there_is_one() {
    let refusing = target_of_frames(|_, frames| {
        frames.send(settings(&[]))?;
        loop {
            let head = frames.next(Kind::Headers)?;
            frames.send(reset(head.stream, ErrorCode::REFUSED_STREAM))?;
        }
    });
    let other = Http2Target::start(|mut call: Call| async move { call.answer(200, "other").await });
    let balancer = in_front_of(&[refusing, other.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        for _ in 0..20 {
            let answer = client.send(request("POST", "/"), &[]).await.unwrap();
            assert_eq!((answer.status, answer.text()), (200, "other"));
        }
    });
    assert!(balancer.count(|c| &c.retried_requests) > 5);
    let alone = in_front_of(&[refusing], |_| {});
    run(async { assert_eq!(Client::connect(alone.front).await.get("/").await.status, 502) });
}

#[test]
fn a_refused_request_whose_content_was_taken_is_not_sent_again_without_it() {
    let address = target_of_frames(|_, frames| {
        frames.send(settings(&[]))?;
        loop {
            let data = frames.next(Kind::Data)?;
            frames.send(reset(data.stream, ErrorCode::REFUSED_STREAM))?;
        }
    });
    let other = Http2Target::start(echo);
    let balancer = in_front_of(&[address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        assert_eq!(client.send(request("POST", "/"), &[b"content"]).await.unwrap().status, 502);
    });
    assert_eq!(other.count(), 0);
}

#[test]
fn a_kept_connection_that_was_closed_costs_no_request_that_may_be_repeated() {
    let (address, closed) = {
        let closed = Arc::new(AtomicUsize::new(0));
        let of_target = Arc::clone(&closed);
        // Each connection serves one request, and ends with the second one unanswered.
        let address = target_of_frames(move |number, frames| {
            frames.send(settings(&[]))?;
            let head = frames.next(Kind::Headers)?;
            frames.send([ok(head.stream, false), data(head.stream, 1, number.to_string().as_bytes())].concat())?;
            frames.next(Kind::Headers)?;
            of_target.fetch_add(1, SeqCst);
            Ok(())
        });
        (address, closed)
    };
    let balancer = in_front_of(&[address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        for i in 0..5 {
            assert_eq!(client.get("/").await.text(), i.to_string());
        }
        assert_eq!(closed.load(SeqCst), 4);
        // One that may not be repeated is not, and neither is one on a new connection.
        assert_eq!(client.send(request("POST", "/"), &[]).await.unwrap().status, 502);
    });
    let line = balancer.logged().pop();
    assert!(line.is_none_or(|line| line["cause"]["ended"] == "target-closed"));
}

#[test]
fn a_connection_that_ends_with_the_targets_settings_holds_no_request_up() {
    for says_so in [false, true] {
        let ending = target_of_frames(move |_, frames| {
            let farewell = if says_so { goaway(0, ErrorCode::NO_ERROR.0) } else { Vec::new() };
            frames.send([settings(&[]), farewell].concat())
        });
        let other = Http2Target::start(|mut call: Call| async move { call.answer(200, "other").await });
        let (balancer, alone) = (in_front_of(&[ending, other.address], |_| {}), in_front_of(&[ending], |_| {}));
        run(async {
            let (client, of_alone) = (Client::connect(balancer.front).await, Client::connect(alone.front).await);
            for _ in 0..50 {
                assert_eq!(client.get("/").await.text(), "other", "says so: {says_so}");
                assert_eq!(of_alone.get("/").await.status, 502, "says so: {says_so}");
            }
        });
    }
}

#[test]
fn targets_that_break_off_before_an_answer_become_502() {
    for (what, serve, ended) in [
        ("closes at once", 0, "target-closed"),
        ("closes after the request", 1, "target-closed"),
        ("resets the stream", 2, "target-reset"),
        ("is not HTTP/2", 3, "misunderstood"),
        ("answers with nonsense", 4, "target-reset"),
        ("announces a length and sends another", 5, "target-reset"),
    ] {
        let address = target_of_frames(move |_, frames| {
            match serve {
                0 => return Ok(()),
                3 => return frames.send("HTTP/1.1 400 Bad Request\r\n\r\n"),
                _ => frames.send(settings(&[]))?,
            }
            let head = frames.next(Kind::Headers)?;
            match serve {
                1 => return Ok(()),
                2 => frames.send(reset(head.stream, ErrorCode::INTERNAL_ERROR))?,
                // A head without a status.
                4 => frames.send(raw(1, 5, head.stream, &[0x82]))?,
                _ => frames.send(raw(1, 5, head.stream, &[&[0x88, 0x0f, 0x0d, 1][..], b"5"].concat()))?,
            }
            frames.next(Kind::GoAway).map(drop)
        });
        let balancer = in_front_of(&[address], |_| {});
        run(async {
            let client = Client::connect(balancer.front).await;
            let answer = client.get("/").await;
            assert_eq!((answer.status, &answer.headers["server"]), (502, &"awselb/2.0".parse().unwrap()), "{what}");
        });
        let line = logged(&balancer);
        assert_eq!((&line["elb_status_code"], &line["cause"]["ended"]), (&502.into(), &ended.into()), "{what}: {line}");
        assert_eq!(balancer.elb_code(502), 1, "{what}");
    }
    let balancer = in_front_of(&[refusing()], |_| {});
    run(async { assert_eq!(Client::connect(balancer.front).await.get("/").await.status, 502) });
}

#[test]
fn an_answer_that_is_broken_off_resets_the_clients_stream_and_no_other() {
    let target = Http2Target::start(|mut call: Call| async move {
        if call.path() == "/broken" {
            let mut stream = call.begin(200, &[], false);
            stream.send_data("begun".into(), false).unwrap();
            stream.send_reset(h2::Reason::INTERNAL_ERROR);
        } else {
            call.answer(200, "whole").await;
        }
    });
    let balancer = in_front_of(&[target.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        for _ in 0..10 {
            let answer = client.send(request("GET", "/broken"), &[]).await;
            assert!(
                matches!(&answer, Err(error) if error.is_reset()) || matches!(&answer, Ok(Answer { status: 502, .. })),
                "{answer:?}"
            );
            assert_eq!(client.get("/").await.text(), "whole");
        }
    });
}

#[test]
fn a_target_may_answer_before_it_has_read_the_request() {
    for rest in [ErrorCode::NO_ERROR, ErrorCode::CANCEL] {
        let address = target_of_frames(move |_, frames| {
            frames.send(settings(&[]))?;
            loop {
                let head = frames.next(Kind::Headers)?.stream;
                let answer = [ok(head, false), data(head, 1, b"too much")].concat();
                frames.send([answer, reset(head, rest)].concat())?;
            }
        });
        let balancer = in_front_of(&[address], |_| {});
        run(async {
            let client = Client::connect(balancer.front).await;
            for _ in 0..10 {
                let mut requests = client.requests.clone().ready().await.unwrap();
                let (response, mut stream) = requests.send_request(request("POST", "/"), false).unwrap();
                // Until nobody wants it any more.
                let upload = async { while send_all(&mut stream, vec![0; 65_536].into(), false).await.is_ok() {} };
                let (response, ()) = tokio::join!(response, upload);
                let answer = read(response.unwrap()).await.unwrap();
                assert_eq!((answer.status, answer.text()), (200, "too much"), "{rest}");
                assert_eq!(client.get("/").await.text(), "too much");
            }
        });
    }
}

#[test]
fn killing_one_of_two_targets_under_load_fails_no_get() {
    let serve = |mut call: Call| async move { call.answer(200, "ok").await };
    // So few streams that there are many connections, all of which are dead at once.
    let options = Options { streams: Some(3), ..Options::default() };
    let mut dying = Http2Target::with(options.clone(), serve);
    let other = Http2Target::with(options, serve);
    let balancer = in_front_of(&[dying.address, other.address], |_| {});
    run(async {
        let client = Arc::new(Client::connect(balancer.front).await);
        let calls: Vec<_> = (0..30)
            .map(|_| {
                let client = Arc::clone(&client);
                tokio::spawn(async move {
                    for _ in 0..50 {
                        assert_eq!(client.get("/").await.status, 200);
                    }
                })
            })
            .collect();
        until("some requests were served", || dying.count() > 100).await;
        dying.kill();
        for call in calls {
            call.await.unwrap();
        }
    });
    assert_eq!(balancer.elb_code(502), 0);
}

#[test]
fn a_client_that_cancels_cancels_its_targets_stream_and_no_other() {
    let reasons = Arc::new(std::sync::Mutex::new(Vec::new()));
    let of_target = Arc::clone(&reasons);
    let target = Http2Target::start(move |mut call: Call| {
        let reasons = Arc::clone(&of_target);
        async move {
            match call.path() {
                "/waiting" => {
                    let reason = poll_fn(|context| call.respond.poll_reset(context)).await.unwrap();
                    reasons.lock().unwrap().push(reason);
                }
                "/answering" => {
                    let mut stream = call.begin(200, &[], false);
                    stream.send_data("begun".into(), false).unwrap();
                    let reason = poll_fn(|context| stream.poll_reset(context)).await.unwrap();
                    reasons.lock().unwrap().push(reason);
                }
                _ => call.answer(200, "whole").await,
            }
        }
    });
    let balancer = in_front_of(&[target.address], |_| {});
    run(async {
        let client = Client::connect(balancer.front).await;
        for (i, path) in ["/waiting", "/answering", "/waiting"].into_iter().enumerate() {
            let mut requests = client.requests.clone().ready().await.unwrap();
            let (response, mut stream) = requests.send_request(request("POST", path), false).unwrap();
            stream.send_data("some".into(), false).unwrap();
            if path == "/answering" {
                let response = response.await.unwrap();
                stream.send_reset(h2::Reason::CANCEL);
                drop(response);
            } else {
                until("it is there", || target.count() == 2 * i + 1).await;
                stream.send_reset(h2::Reason::CANCEL);
                drop(response);
            }
            until("the target is told", || reasons.lock().unwrap().len() == i + 1).await;
            assert_eq!(client.get("/").await.text(), "whole");
        }
    });
    assert_eq!(*reasons.lock().unwrap(), [h2::Reason::CANCEL; 3]);
    eventually("the target is free", || balancer.state(0).counts.sum(|c| &c.in_flight) == 0);
    assert_eq!((balancer.elb_code(460), target.connections()), (2, 1));
}

#[test]
fn a_target_that_says_nothing_is_given_up_after_the_idle_timeout() {
    let target = Http2Target::start(|mut call: Call| async move {
        if call.path() == "/stuck" {
            let stream = call.begin(200, &[], false);
            std::future::pending::<()>().await;
            drop(stream);
        }
        std::future::pending().await
    });
    let balancer = in_front_of(&[target.address], |s| s.load_balancers[0].idle_timeout_seconds = 1);
    run(async {
        let client = Client::connect(balancer.front).await;
        assert_eq!(client.get("/").await.status, 504);
        assert!(client.send(request("GET", "/stuck"), &[]).await.unwrap_err().is_reset());
    });
    assert_eq!(balancer.elb_code(504), 1);
    let line = logged(&balancer);
    assert_eq!((&line["elb_status_code"], &line["cause"]["ended"]), (&504.into(), &"timed-out".into()));
}

#[test]
fn a_deregistering_target_finishes_its_requests_and_is_cut_when_its_delay_is_over() {
    let gate = Arc::new(Notify::new());
    let of_target = Arc::clone(&gate);
    let target = Http2Target::start(move |mut call: Call| {
        let gate = Arc::clone(&of_target);
        async move {
            match call.path() {
                "/late" => gate.notified().await,
                "/never" => std::future::pending().await,
                _ => {}
            }
            call.answer(200, "first").await;
        }
    });
    let other = Http2Target::start(|mut call: Call| async move { call.answer(200, "other").await });
    let mut balancer = in_front_of(&[target.address], |_| {});
    run(async {
        let client = Arc::new(Client::connect(balancer.front).await);
        let [late, never] = ["/late", "/never"].map(|path| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.get(path).await })
        });
        until("both are there", || target.count() == 2).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        balancer.change(|s| {
            let until = Timestamp::from_millis(i64::try_from(now).unwrap() + 2500);
            s.target_groups[0].targets[0].drained_at = Some(until);
            let healthy = model::elbv2::target_health::CheckedState::Healthy;
            s.target_groups[0].targets.push(crate::balancer::target(other.address, healthy));
        });
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        while client.get("/").await.text() != "other" {
            assert!(tokio::time::Instant::now() < deadline);
        }
        for _ in 0..20 {
            assert_eq!(client.get("/").await.text(), "other");
        }
        gate.notify_waiters();
        assert_eq!(late.await.unwrap().text(), "first");
        assert_eq!(never.await.unwrap().status, 502);
    });
    assert_eq!(balancer.elb_code(502), 1);
}

#[test]
fn targets_are_spoken_to_by_http2_over_tls_where_they_offer_it() {
    let https = |snapshot: &mut LoadBalancingSnapshot| snapshot.target_groups[0].protocol = TargetProtocol::Https;
    let options = |alpn: &[&'static str]| Options { tls: Some(alpn.to_vec()), ..Options::default() };
    for alpn in [&["h2"][..], &["http/1.1", "h2"], &["h2", "http/1.1"]] {
        let target = Http2Target::with(options(alpn), echo);
        let balancer = in_front_of(&[target.address], https);
        run(async {
            let client = Client::connect(balancer.front).await;
            let body = pattern(1 << 20);
            for _ in 0..5 {
                let answer = client.send(request("POST", "/"), &[&body]).await.unwrap();
                assert!(answer.status == 200 && answer.body.ends_with(&body), "{alpn:?}");
                assert!(answer.body.starts_with(b"POST https://web.example/\n"), "{alpn:?}");
            }
        });
        assert_eq!(target.connections(), 1);
    }
    for alpn in [&["http/1.1"][..], &[]] {
        let target = Http2Target::with(options(alpn), echo);
        let balancer = in_front_of(&[target.address], https);
        run(async { assert_eq!(Client::connect(balancer.front).await.get("/").await.status, 502, "{alpn:?}") });
        let line = logged(&balancer);
        assert_eq!(
            (&line["elb_status_code"], &line["cause"]["ended"]),
            (&502.into(), &"misunderstood".into()),
            "{line}"
        );
        assert_eq!(balancer.state(0).counts.sum(|counts| &counts.tls_errors), 1, "TargetTLSNegotiationErrorCount");
    }
}

#[test]
fn requests_reach_only_groups_whose_version_serves_them() {
    let http1 = TestTarget::answering("http1");
    let http2 = Http2Target::start(|mut call: Call| async move { call.answer(200, "http2").await });
    let (grpc, plain) = (Some("application/grpc"), None);
    for (version, client, method, content_type, status) in [
        (ProtocolVersion::Http1, 1, "GET", plain, 200),
        (ProtocolVersion::Http1, 1, "POST", grpc, 200),
        (ProtocolVersion::Http1, 2, "GET", plain, 200),
        (ProtocolVersion::Http1, 2, "POST", plain, 200),
        (ProtocolVersion::Http1, 2, "POST", grpc, 464),
        (ProtocolVersion::Http1, 2, "POST", Some("application/grpc+proto"), 464),
        (ProtocolVersion::Http1, 2, "POST", Some("application/grpc-web"), 200),
        (ProtocolVersion::Http2, 1, "GET", plain, 464),
        (ProtocolVersion::Http2, 1, "POST", grpc, 464),
        (ProtocolVersion::Http2, 2, "GET", plain, 200),
        (ProtocolVersion::Http2, 2, "POST", plain, 200),
        (ProtocolVersion::Http2, 2, "POST", grpc, 200),
        (ProtocolVersion::Grpc, 1, "POST", plain, 464),
        (ProtocolVersion::Grpc, 1, "POST", grpc, 464),
        (ProtocolVersion::Grpc, 2, "GET", plain, 464),
        (ProtocolVersion::Grpc, 2, "PUT", plain, 464),
        (ProtocolVersion::Grpc, 2, "POST", plain, 200),
        (ProtocolVersion::Grpc, 2, "POST", grpc, 200),
    ] {
        let case = format!("HTTP/{client} {method} {content_type:?} to {version:?}");
        let address = if version == ProtocolVersion::Http1 { http1.address } else { http2.address };
        let balancer = balancer(&[address], |s| s.target_groups[0].protocol_version = version);
        let got = match client {
            1 => {
                let field = content_type.map_or(String::new(), |value| format!("Content-Type: {value}\r\n"));
                let mut client = tls::connect(balancer.front, "web.example");
                client.send(format!("{method} / HTTP/1.1\r\nHost: web.example\r\n{field}Connection: close\r\n\r\n"));
                client.answer().status
            }
            _ => run(async {
                let mut request: Request<()> = request(method, "/");
                if let Some(content_type) = content_type {
                    request.headers_mut().insert("content-type", content_type.parse().unwrap());
                }
                Client::connect(balancer.front).await.send(request, &[]).await.unwrap().status
            }),
        };
        assert_eq!(got, status, "{case}");
        assert_eq!(balancer.elb_code(464), u64::from(status == 464), "{case}");
        let is_grpc = client == 2 && content_type.is_some_and(|value| value != "application/grpc-web");
        assert_eq!(balancer.count(|c| &c.grpc_requests), u64::from(is_grpc), "{case}");
        let line = logged(&balancer);
        let kind = if is_grpc {
            "grpcs"
        } else if client == 2 {
            "h2"
        } else {
            "https"
        };
        assert_eq!((&line["type"], &line["elb_status_code"]), (&kind.into(), &status.into()), "{case}");
        if status == 464 {
            assert_eq!(line["error"], "protocol does not fit the target group", "{case}");
        }
    }
}
