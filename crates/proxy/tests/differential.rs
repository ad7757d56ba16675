//! The request codec against hyper: what we forward, hyper reads as the same request.
//!
//! Requests are generated, good ones and slightly bad ones. When we accept one, hyper must accept what we would send to
//! a target, and see in it the method, path, host and body that hyper sees in the original, if it takes the original.

#![allow(clippy::unwrap_used)] // helpers of tests

use http_body_util::BodyExt;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use model::elbv2::snapshot::XffMode;
use proptest::prelude::*;
use proxy::http::{
    body::Body,
    header,
    request_head::{RequestHead, Rewriting},
};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What a server understood.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Understood {
    method: String,
    path: String,
    hosts: Vec<String>,
    body: Vec<u8>,
}

/// All requests that hyper finds in the bytes, and whether it went through them without an error.
fn hyper_reads(bytes: &[u8]) -> (Vec<Understood>, bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let of_service = Arc::clone(&seen);
    let clean = runtime.block_on(async move {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let service = service_fn(move |request: Request<Incoming>| {
            let seen = Arc::clone(&of_service);
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await?.to_bytes().to_vec();
                let hosts = parts.headers.get_all("host").iter();
                seen.lock().unwrap().push(Understood {
                    method: parts.method.to_string(),
                    path: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
                    hosts: hosts.map(|h| String::from_utf8_lossy(h.as_bytes()).into_owned()).collect(),
                    body,
                });
                Ok::<_, hyper::Error>(Response::new(String::new()))
            }
        });
        let serving =
            tokio::spawn(http1::Builder::new().half_close(true).serve_connection(TokioIo::new(server), service));
        client.write_all(bytes).await.unwrap();
        client.shutdown().await.unwrap();
        let mut answers = Vec::new();
        client.read_to_end(&mut answers).await.unwrap();
        serving.await.unwrap().is_ok() && !answers.windows(12).any(|w| w == b"HTTP/1.1 400")
    });
    (Arc::try_unwrap(seen).unwrap().into_inner().unwrap(), clean)
}

/// What a target would get, if we take the request and it is complete.
fn forwarded(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut storage = header::storage();
    let head = RequestHead::parse(bytes, &mut storage).ok()??;
    let mut body: Body = head.body.clone();
    let taken = body.advance(&bytes[head.length..]).ok()?;
    if !body.is_complete() || head.length + taken != bytes.len() {
        return None;
    }
    let rewriting = Rewriting {
        xff_mode: XffMode::Append,
        client: b"192.0.2.1",
        port: 80,
        forwarded_lines: b"X-Forwarded-Proto: http\r\nX-Forwarded-Port: 80\r\n",
        preserve_host: true,
        default_host: "lb.example",
        drop_invalid_names: false,
        trailers: false,
        host: None,
        target: None,
        reserved: &[],
        tls: None,
        seconds: 1,
        random: [2, 3],
    };
    let mut out = Vec::new();
    head.write(&rewriting, &mut out);
    out.extend_from_slice(&bytes[head.length..]);
    Some(out)
}

fn check(bytes: &[u8]) -> bool {
    let Some(ours) = forwarded(bytes) else { return false };
    let (after, clean) = hyper_reads(&ours);
    let shown = || format!("{:?} became {:?}", String::from_utf8_lossy(bytes), String::from_utf8_lossy(&ours));
    assert!(clean, "hyper refuses what we forward: {}", shown());
    assert_eq!(after.len(), 1, "one request became {}: {}", after.len(), shown());
    assert_eq!(after[0].hosts.len(), 1, "{}", shown());
    let (before, clean) = hyper_reads(bytes);
    if clean && before.len() == 1 {
        let same = |u: &Understood| (u.method.clone(), u.path.clone(), u.body.clone());
        assert_eq!(same(&after[0]), same(&before[0]), "{}", shown());
    }
    true
}

fn requests() -> impl Strategy<Value = Vec<u8>> {
    let field = prop_oneof![
        3 => "(Accept|X-[A-Za-z]{1,8}|Cookie|x_y): ?[!-~]{0,12}\r\n",
        1 => "(Connection|connection): (close|keep-alive|x-a, close|upgrade)\r\n",
        1 => "(TE|Trailer|Expect|Upgrade): (trailers|x|100-continue|websocket)\r\n",
        1 => "Content-Length: (0|3|03|3, 3|\\+3|4)\r\n",
        1 => "Transfer-Encoding:( |\t|)(chunked|Chunked|identity|gzip)( |)\r\n",
        1 => "Host: (a|b:80|\\[::1\\])\r\n",
        1 => "[ -~]{0,8}\r\n",
    ];
    let body = prop_oneof![
        Just(String::new()),
        Just("abc".to_owned()),
        Just("3\r\nabc\r\n0\r\n\r\n".to_owned()),
        Just("3;x=\"y\"\r\nabc\r\n00\r\nX-T: 1\r\n\r\n".to_owned()),
        Just("0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
    ];
    let target = "(/[a-z0-9/?&=%.;~-]{0,16}|http://c.d/[a-z]{0,4}|http://c.d)";
    ("(GET|POST|PUT|DELETE|HEAD|X-M)", target, "1\\.[01]", prop::collection::vec(field, 0..4), body).prop_map(
        |(method, target, version, fields, body)| {
            format!("{method} {target} HTTP/{version}\r\nHost: web.example\r\n{}\r\n{body}", fields.concat())
                .into_bytes()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hyper_reads_what_we_forward_as_the_same_request(bytes in requests()) {
        check(&bytes);
    }
}

#[test]
fn typical_requests_are_compared_at_all() {
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://c.d?x=y HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
    ] {
        assert!(check(request.as_bytes()), "{request:?}");
    }
}
