//! Health checks over TLS, over HTTP/2 and of gRPC servers, against other people's implementations of them on real sockets, and
//! against servers that speak something else than the target group says.

// Helpers of tests may panic.
#![allow(clippy::unwrap_used)]

use h2::{Reason, SendStream, server::SendResponse};
use http::{HeaderMap, Response};
use model::{
    Arn, Timestamp,
    elbv2::{
        health_check::{HealthCheck, Matcher},
        snapshot::{TargetGroupPlan, TargetPlan},
        target::{TargetId, TargetKey},
        target_group::{
            ProtocolVersion::{self, Grpc, Http1, Http2},
            TargetProtocol::{self, Http, Https},
        },
        target_health::{CheckResult, CheckedState},
    },
};
use proxy::health_check::{
    HealthChecker,
    http::{self as check, Outcome},
    lag::LagMeter,
    settings::CheckSettings,
};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::{ServerConfig, crypto::aws_lc_rs::default_provider};
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// Generous: the machine may be busy with other tests.
const DEADLINE: Duration = Duration::from_secs(30);
/// Of checks that are to run into it.
const SHORT: Duration = Duration::from_millis(400);

const PASSED: Outcome = Outcome::Found(CheckResult::Passed);
const FAILED: Outcome = Outcome::Found(CheckResult::Failed);
const TIMED_OUT: Outcome = Outcome::Found(CheckResult::TimedOut);

const fn mismatch(code: u16) -> Outcome {
    Outcome::Found(CheckResult::Mismatch(code))
}

/// What a target does with a connection.
#[derive(Clone, Copy, Debug)]
enum Speaks {
    /// Answers the head of a request of HTTP/1.1 with this status.
    Http1(u16),
    /// Answers a request of HTTP/2 with this status and content; then trailers, if any.
    Http2(u16, usize, Option<Trailers>),
    /// Answers with a head after which nothing follows.
    HeadOnly(u16, Trailers),
    /// Answers with a head and nothing more.
    Hangs,
    /// Resets the stream.
    Resets,
    /// Ends the connection before it looks at a request.
    GoesAway,
    /// Sends these bytes when it has read some, and closes.
    Raw(&'static [u8]),
    /// Closes at once.
    Closes,
    /// Says nothing.
    Silent,
}

type Trailers = &'static [(&'static str, &'static str)];

/// How a target does TLS.
#[derive(Clone, Copy, Debug)]
enum Tls {
    None,
    /// With a certificate that nobody signed and that has expired, agreeing on one of these protocols; it begins after a while.
    With(&'static [&'static str], Duration),
}

const CLEAR: Tls = Tls::None;
const TLS: Tls = Tls::With(&[], Duration::ZERO);
const TLS1: Tls = Tls::With(&["http/1.1"], Duration::ZERO);
const TLS2: Tls = Tls::With(&["h2", "http/1.1"], Duration::ZERO);

/// A running target.
struct Target {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    speaks: Arc<Mutex<Speaks>>,
}

impl Target {
    async fn start(tls: Tls, speaks: Speaks) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let target = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            speaks: Arc::new(Mutex::new(speaks)),
        };
        let (seen, speaks) = (Arc::clone(&target.seen), Arc::clone(&target.speaks));
        let acceptor = match tls {
            Tls::None => None,
            Tls::With(protocols, wait) => Some((TlsAcceptor::from(server_config(protocols)), wait)),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let speaks = *speaks.lock().unwrap();
                tokio::spawn(accept(stream, acceptor.clone(), speaks, Arc::clone(&seen)));
            }
        });
        target
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn server_config(protocols: &[&str]) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["other.example".to_owned()]).unwrap();
    params.not_after = date_time_ymd(2021, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Arc::new(config)
}

async fn accept(
    stream: TcpStream,
    acceptor: Option<(TlsAcceptor, Duration)>,
    speaks: Speaks,
    seen: Arc<Mutex<Vec<String>>>,
) {
    match acceptor {
        None => serve(stream, speaks, &seen).await,
        Some((acceptor, wait)) => {
            tokio::time::sleep(wait).await;
            match acceptor.accept(stream).await {
                Ok(stream) => {
                    let agreed = stream.get_ref().1.alpn_protocol().map(String::from_utf8_lossy).unwrap_or_default();
                    let name = stream.get_ref().1.server_name().unwrap_or("-");
                    seen.lock().unwrap().push(format!("tls {agreed} {name}"));
                    serve(stream, speaks, &seen).await;
                }
                Err(error) => seen.lock().unwrap().push(format!("no handshake: {:?}", error.kind())),
            }
        }
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, speaks: Speaks, seen: &Mutex<Vec<String>>) {
    // The other side may be gone; that is its business.
    match speaks {
        Speaks::Http1(status) => {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return,
                }
            }
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
            seen.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
        }
        Speaks::Raw(bytes) => {
            let _ = stream.read(&mut [0; 16_384]).await;
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
        Speaks::Closes => {}
        Speaks::Silent => while stream.read(&mut [0; 1024]).await.is_ok_and(|n| n > 0) {},
        Speaks::Http2(..) | Speaks::HeadOnly(..) | Speaks::Hangs | Speaks::Resets | Speaks::GoesAway => {
            let end = serve_http2(stream, speaks, seen).await.map_or_else(|error| error.to_string(), |()| "end".into());
            seen.lock().unwrap().push(end);
        }
    }
}

async fn serve_http2<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    speaks: Speaks,
    seen: &Mutex<Vec<String>>,
) -> Result<(), h2::Error> {
    let mut connection = h2::server::handshake(stream).await?;
    if let Speaks::GoesAway = speaks {
        connection.abrupt_shutdown(Reason::INTERNAL_ERROR);
    }
    let mut open = Vec::new();
    while let Some(request) = connection.accept().await {
        let (request, respond) = request?;
        let (parts, body) = request.into_parts();
        let fields: Vec<_> = parts.headers.iter().map(|(k, v)| format!("{k}: {}", v.to_str().unwrap())).collect();
        seen.lock().unwrap().push(format!("{} {} {}", parts.method, parts.uri, fields.join(", ")));
        if !body.is_end_stream() {
            seen.lock().unwrap().push("content follows".to_owned());
        }
        open.extend(respond_http2(respond, speaks)?);
    }
    Ok(())
}

/// Answers; what comes back keeps the stream open.
fn respond_http2(
    mut respond: SendResponse<bytes::Bytes>,
    speaks: Speaks,
) -> Result<Option<SendStream<bytes::Bytes>>, h2::Error> {
    let head = |status: u16| Response::builder().status(status).body(()).unwrap();
    match speaks {
        Speaks::Http2(status, content, trailers) => {
            let mut stream = respond.send_response(head(status), false)?;
            stream.send_data(vec![b'x'; content].into(), trailers.is_none())?;
            if let Some(trailers) = trailers {
                stream.send_trailers(fields(trailers))?;
            }
            Ok(None)
        }
        Speaks::HeadOnly(status, trailers) => {
            let mut response = head(status);
            response.headers_mut().extend(fields(trailers));
            respond.send_response(response, true).map(|_| None)
        }
        Speaks::Hangs => respond.send_response(head(200), false).map(Some),
        Speaks::Resets => {
            respond.send_reset(Reason::INTERNAL_ERROR);
            Ok(None)
        }
        Speaks::Http1(_) | Speaks::GoesAway | Speaks::Raw(_) | Speaks::Closes | Speaks::Silent => Ok(None),
    }
}

fn fields(pairs: Trailers) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

fn settings(protocol: TargetProtocol, version: ProtocolVersion, address: SocketAddr) -> CheckSettings {
    let check = HealthCheck { protocol, ..HealthCheck::usual(version) };
    CheckSettings::new(&check, version, address, true)
}

/// Makes one check and drains it; the outcome and the status.
async fn made(settings: &CheckSettings, timeout: Duration) -> (Outcome, Option<u16>) {
    let answer = check::check(settings, timeout, &LagMeter::default()).await;
    if let Some(rest) = answer.rest {
        check::drain(rest).await;
    }
    (answer.outcome, answer.status)
}

type Row = (TargetProtocol, ProtocolVersion, Tls, Speaks, Outcome, Option<u16>);

async fn check_table(table: &[Row]) {
    for (protocol, version, tls, speaks, outcome, status) in table {
        let target = Target::start(*tls, *speaks).await;
        let timeout = if *outcome == TIMED_OUT { SHORT } else { DEADLINE };
        let found = made(&settings(*protocol, *version, target.address), timeout).await;
        assert_eq!(found, (*outcome, *status), "{protocol:?} {version:?} to {tls:?} {speaks:?}");
    }
}

#[tokio::test]
async fn over_tls_any_certificate_will_do_and_the_answer_counts() {
    let late = Tls::With(&[], Duration::from_millis(300));
    let too_late = Tls::With(&[], Duration::from_secs(20));
    check_table(&[
        (Https, Http1, TLS, Speaks::Http1(200), PASSED, Some(200)),
        (Https, Http1, TLS1, Speaks::Http1(200), PASSED, Some(200)),
        (Https, Http1, TLS2, Speaks::Http1(503), mismatch(503), Some(503)),
        (Https, Http1, late, Speaks::Http1(200), PASSED, Some(200)),
        (Https, Http1, too_late, Speaks::Http1(200), TIMED_OUT, None),
        (Https, Http1, TLS, Speaks::Silent, TIMED_OUT, None),
        (Https, Http1, TLS, Speaks::Closes, Outcome::NobodyThere, None),
        (Https, Http1, TLS, Speaks::Raw(b"220 mail.example.com ESMTP\r\n"), FAILED, None),
        (Https, Http1, TLS, Speaks::Raw(b"HTTP/1.1 200 OK\r\n"), FAILED, None),
        (Https, Http1, Tls::With(&["h2"], Duration::ZERO), Speaks::Http1(200), FAILED, None),
    ])
    .await;
}

#[tokio::test]
async fn a_target_that_does_not_speak_tls_fails_and_so_does_one_that_speaks_nothing_else() {
    check_table(&[
        (Https, Http1, CLEAR, Speaks::Raw(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), FAILED, None),
        (Https, Http1, CLEAR, Speaks::Raw(b"\x16\x03\x03\x00\x04hi, \x16\x03\x03\x00\x01x"), FAILED, None),
        // Cut off: whoever serves there comes or goes.
        (Https, Http1, CLEAR, Speaks::Raw(b"\x16\x03\x03\x00\x04hi"), Outcome::NobodyThere, None),
        (Https, Http1, CLEAR, Speaks::Raw(b"\x15\x03\x03\x00\x02\x02\x28"), FAILED, None),
        (Https, Http1, CLEAR, Speaks::Closes, Outcome::NobodyThere, None),
        (Https, Http1, CLEAR, Speaks::Silent, TIMED_OUT, None),
        (Http, Http1, TLS, Speaks::Http1(200), FAILED, None),
    ])
    .await;
}

#[tokio::test]
async fn over_http2_the_status_of_the_answer_counts() {
    check_table(&[
        (Http, Http2, CLEAR, Speaks::Http2(200, 10, None), PASSED, Some(200)),
        (Http, Http2, CLEAR, Speaks::Http2(200, 200_000, None), PASSED, Some(200)),
        (Http, Http2, CLEAR, Speaks::HeadOnly(200, &[]), PASSED, Some(200)),
        (Http, Http2, CLEAR, Speaks::Hangs, PASSED, Some(200)),
        (Http, Http2, CLEAR, Speaks::Http2(404, 0, None), mismatch(404), Some(404)),
        (Http, Http2, CLEAR, Speaks::Resets, FAILED, None),
        (Http, Http2, CLEAR, Speaks::GoesAway, FAILED, None),
        (Http, Http2, CLEAR, Speaks::Silent, TIMED_OUT, None),
        (Http, Http2, CLEAR, Speaks::Closes, Outcome::NobodyThere, None),
        (Https, Http2, TLS2, Speaks::Http2(200, 10, None), PASSED, Some(200)),
        (Https, Http2, TLS2, Speaks::Http2(500, 10, None), mismatch(500), Some(500)),
    ])
    .await;
}

#[tokio::test]
async fn a_target_that_does_not_speak_http2_fails() {
    check_table(&[
        (Http, Http2, CLEAR, Speaks::Http1(200), FAILED, None),
        (Http, Http2, CLEAR, Speaks::Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"), FAILED, None),
        (Http, Http2, CLEAR, Speaks::Raw(b"\0\0\x04\x08"), FAILED, None),
        (Https, Http2, TLS, Speaks::Http1(200), FAILED, None),
        (Https, Http2, TLS1, Speaks::Http1(200), FAILED, None),
        (Http, Http1, CLEAR, Speaks::Http2(200, 10, None), FAILED, None),
    ])
    .await;
}

#[tokio::test]
async fn over_grpc_the_status_of_the_call_counts() {
    const OK: Trailers = &[("grpc-status", "0")];
    const UNIMPLEMENTED: Trailers = &[("grpc-status", "12"), ("grpc-message", "unknown service AWS.ALB")];
    check_table(&[
        (Http, Grpc, CLEAR, Speaks::Http2(200, 5, Some(UNIMPLEMENTED)), PASSED, Some(12)),
        (Http, Grpc, CLEAR, Speaks::HeadOnly(200, UNIMPLEMENTED), PASSED, Some(12)),
        (Http, Grpc, CLEAR, Speaks::Http2(200, 5, Some(OK)), mismatch(0), Some(0)),
        (Http, Grpc, CLEAR, Speaks::HeadOnly(200, OK), mismatch(0), Some(0)),
        (Http, Grpc, CLEAR, Speaks::Http2(200, 5, None), FAILED, None),
        (Http, Grpc, CLEAR, Speaks::Http2(200, 5, Some(&[("x-other", "1")])), FAILED, None),
        (Http, Grpc, CLEAR, Speaks::HeadOnly(200, &[]), FAILED, None),
        (Http, Grpc, CLEAR, Speaks::Http2(404, 5, None), mismatch(404), Some(404)),
        (Http, Grpc, CLEAR, Speaks::Hangs, TIMED_OUT, None),
        (Http, Grpc, CLEAR, Speaks::Resets, FAILED, None),
        (Http, Grpc, CLEAR, Speaks::Http1(200), FAILED, None),
        (Https, Grpc, TLS2, Speaks::Http2(200, 5, Some(UNIMPLEMENTED)), PASSED, Some(12)),
        (Https, Grpc, TLS2, Speaks::HeadOnly(200, OK), mismatch(0), Some(0)),
    ])
    .await;
    let target = Target::start(CLEAR, Speaks::HeadOnly(200, OK)).await;
    let check = HealthCheck { matcher: Matcher::grpc("0-5,12").unwrap(), ..HealthCheck::usual(Grpc) };
    let settings = CheckSettings::new(&check, Grpc, target.address, true);
    assert_eq!(made(&settings, DEADLINE).await, (PASSED, Some(0)));
}

/// Waits until the target has seen so much.
async fn saw(target: &Target, lines: usize) -> Vec<String> {
    let waited = tokio::time::timeout(DEADLINE, async {
        while target.seen().len() < lines {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("{:?}", target.seen()));
    target.seen()
}

#[tokio::test]
async fn what_a_target_sees_of_a_check_is_a_request_and_a_clean_end() {
    let target = Target::start(TLS2, Speaks::Http2(200, 50_000, Some(&[("grpc-status", "12")]))).await;
    let address = target.address;
    for version in [Http2, Grpc] {
        let (outcome, _) = made(&settings(Https, version, address), DEADLINE).await;
        assert_eq!(outcome, PASSED);
    }
    let get = format!("GET https://{address}/ user-agent: ELB-HealthChecker/2.0, accept-encoding: gzip, compressed");
    let post = format!(
        "POST https://{address}/AWS.ALB/healthcheck user-agent: ELB-HealthChecker/2.0, te: trailers, \
         content-type: application/grpc"
    );
    let expected = ["tls h2 -", &get, "end", "tls h2 -", &post, "content follows", "end"];
    assert_eq!(saw(&target, expected.len()).await, expected);
    let target = Target::start(TLS, Speaks::Http1(200)).await;
    assert_eq!(made(&settings(Https, Http1, target.address), DEADLINE).await, (PASSED, Some(200)));
    let seen = saw(&target, 2).await;
    assert_eq!(seen[0], "tls  -", "no host is named");
    assert!(seen[1].starts_with(&format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", target.address)));
}

#[tokio::test]
async fn a_grpc_target_group_is_checked_by_grpc() {
    let target = Target::start(TLS2, Speaks::HeadOnly(200, &[("grpc-status", "12")])).await;
    let check = HealthCheck { interval_seconds: 1, timeout_seconds: 1, protocol: Https, ..HealthCheck::usual(Grpc) };
    let plan = TargetPlan {
        key: TargetKey { id: TargetId::Ip(Ipv4Addr::LOCALHOST), port: target.address.port() },
        address: target.address,
        interface: None,
        zone: "eu-west-1a".to_owned(),
        registered_at: Timestamp::from_seconds(1),
        drained_at: None,
        health: None,
    };
    let arn = Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", "targetgroup/calls/1");
    let group = TargetGroupPlan { targets: vec![plan], protocol_version: Grpc, ..TargetGroupPlan::new(arn, check) };
    let (mut checker, mut changes) = HealthChecker::new(proxy::telemetry::check::channel().0);
    checker.apply(&[group], Timestamp::from_seconds(1));
    let mut next = async || tokio::time::timeout(DEADLINE, changes.recv()).await.expect("in time").unwrap().health;
    assert_eq!(next().await.state, CheckedState::Healthy);
    *target.speaks.lock().unwrap() = Speaks::HeadOnly(200, &[("grpc-status", "14")]);
    let mut health = next().await;
    while health.state == CheckedState::Healthy {
        health = next().await;
    }
    assert_eq!((health.state, health.failure), (CheckedState::Unhealthy, Some(CheckResult::Mismatch(14))));
}
