//! TLS on both sides, over real sockets and against the library's own clients and servers.

use crate::{
    authority::{Authority, Leaf, certificate_arn, server_plan},
    balancer::{Answer, Balancer, Client, PATIENCE, ZONE, arn, eventually, group, load_balancer},
};
use model::elbv2::{
    admission::Admission,
    listener::MutualAuthentication,
    snapshot::{FrontListener, LoadBalancingSnapshot, TlsPlan},
    target_group::TargetProtocol,
    trust_store::TrustStorePlan,
};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, ServerConfig, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};
use testkit::{Reply, TestTarget, targets::SeenRequest};

pub type Secured = StreamOwned<ClientConnection, TcpStream>;

const UNTIL: i64 = 4_000_000_000;

/// Takes any certificate.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify_tls12_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

pub fn client_config(shown: Option<&Leaf>) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody));
    match shown {
        Some(leaf) => builder.with_client_auth_cert(leaf.chain.clone(), leaf.private_key()).unwrap(),
        None => builder.with_no_client_auth(),
    }
}

pub fn connect_with(config: ClientConfig, front: SocketAddr, host: &str) -> Client<Secured> {
    over(config, TcpStream::connect(front).unwrap(), host)
}

/// Over a connection that is there.
pub fn over(config: ClientConfig, tcp: TcpStream, host: &str) -> Client<Secured> {
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    let session = ClientConnection::new(Arc::new(config), ServerName::try_from(host.to_owned()).unwrap()).unwrap();
    Client::over(StreamOwned::new(session, tcp))
}

pub fn connect(front: SocketAddr, host: &str) -> Client<Secured> {
    connect_with(client_config(None), front, host)
}

/// One request on a connection of its own.
fn get(front: SocketAddr, host: &str) -> Answer {
    let mut client = connect(front, host);
    client.send(format!("GET /a HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    client.answer()
}

/// Makes the listener one with TLS.
pub fn secure(snapshot: &mut LoadBalancingSnapshot, name: &str, hosts: &[&str], mutual: MutualAuthentication) {
    let load_balancer = snapshot.load_balancers.iter_mut().find(|l| l.dns_name.starts_with(name)).unwrap();
    load_balancer.listeners[0].port = 443;
    load_balancer.http2 = false;
    load_balancer.listeners[0].tls = Some(TlsPlan {
        policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned(),
        certificates: vec![certificate_arn(name)],
        mutual,
    });
    snapshot.certificates.push(server_plan(name, hosts, &rcgen::PKCS_ECDSA_P256_SHA256, UNTIL));
}

pub fn secured(targets: &[SocketAddr]) -> Balancer {
    Balancer::with(targets, |snapshot| secure(snapshot, "web", &["web.example"], MutualAuthentication::Off))
}

pub fn trust_store(authority: &Authority) -> TrustStorePlan {
    TrustStorePlan {
        arn: arn("truststore/clients/1"),
        ca_certificates_pem: authority.pem.clone(),
        revocation_files: vec![],
    }
}

/// The header fields that the target saw, one per line.
fn fields(request: &SeenRequest) -> Reply {
    Reply::ok(request.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<String>())
}

#[test]
fn requests_over_tls_are_served_and_told_apart() {
    let target = TestTarget::start(fields);
    let balancer = Balancer::with(&[target.address], |snapshot| {
        secure(snapshot, "web", &["web.example"], MutualAuthentication::Off);
        snapshot.load_balancers[0].tls_headers = true;
    });
    let mut client = connect(balancer.front, "web.example");
    for _ in 0..3 {
        client.send("GET / HTTP/1.1\r\nHost: web.example\r\nX-Amzn-Tls-Version: forged\r\n\r\n");
        let answer = client.answer();
        let text = answer.text();
        assert!(answer.status == 200 && !text.contains("forged"), "{text}");
        for expected in [
            "X-Forwarded-Proto: https\n",
            "X-Forwarded-Port: 443\n",
            "X-Amzn-Tls-Version: TLSv1.3\n",
            "X-Amzn-Tls-Cipher-Suite: TLS_AES_",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }
    drop(client);
    let logged = || {
        let mut lines = balancer.logged();
        lines.pop()
    };
    let mut line = None;
    eventually("the request is logged", || {
        line = logged();
        line.is_some()
    });
    let line = line.unwrap();
    assert_eq!((&line["type"], &line["ssl_protocol"]), (&"https".into(), &"TLSv1.3".into()));
    assert_eq!((&line["domain_name"], &line["port"]), (&"web.example".into(), &443.into()));
    assert_eq!(line["chosen_cert_arn"], certificate_arn("web").to_string());
    assert_eq!(balancer.count(|c| &c.client_tls_errors), 0);
}

#[test]
fn bodies_of_all_sizes_go_both_ways() {
    let target = TestTarget::start(|request| Reply::ok(&request.body));
    let balancer = secured(&[target.address]);
    let mut client = connect(balancer.front, "web.example");
    for size in [0, 1, 1000, 16_384, 16_385, 100_000, 3 << 20] {
        let body: Vec<u8> = (0..size).map(|i: usize| u8::try_from(i % 251).unwrap()).collect();
        client.send(format!("POST /a HTTP/1.1\r\nHost: web.example\r\nContent-Length: {size}\r\n\r\n"));
        client.send(&body);
        let answer = client.answer();
        assert!(answer.status == 200 && answer.body == body, "{size}: {} bytes", answer.body.len());
    }
    // In pieces, so that records and reads do not fall together.
    client.send("POST /a HTTP/1.1\r\nHost: web.example\r\nTransfer-Encoding: chunked\r\n\r\n");
    for i in 0..200 {
        client.send(format!("{:x}\r\n{}\r\n", 100 + i, "x".repeat(100 + i)));
    }
    client.send("0\r\n\r\n");
    assert_eq!(client.answer().body.len(), (0..200).map(|i| 100 + i).sum::<usize>());
}

#[test]
fn pipelined_requests_and_an_upgrade_work_over_tls() {
    let target = TestTarget::start(|request| match request.header("upgrade") {
        Some(_) => Reply::ThenEcho(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello".to_vec(),
        ),
        None => Reply::ok(&request.path),
    });
    let balancer = secured(&[target.address]);
    let mut client = connect(balancer.front, "web.example");
    let one = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: web.example\r\n\r\n");
    client.send(["/1", "/2", "/3"].map(one).concat());
    for path in ["/1", "/2", "/3"] {
        assert_eq!(client.answer().text(), path);
    }
    client.send("GET /ws HTTP/1.1\r\nHost: web.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    assert_eq!(client.answer().status, 101);
    assert_eq!(client.take(5).unwrap(), b"hello");
    client.send("ping");
    assert_eq!(client.take(4).unwrap(), b"ping");
}

#[test]
fn who_speaks_http_to_a_port_for_https_is_told_so() {
    let target = TestTarget::answering("a");
    let balancer = secured(&[target.address]);
    let answer = balancer.get("/");
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("The plain HTTP request was sent to HTTPS port"), "{}", answer.text());
    assert_eq!((target.count(), balancer.count(|c| &c.client_tls_errors)), (0, 1));
}

#[test]
fn a_handshake_that_fails_is_counted_and_told() {
    let target = TestTarget::answering("a");
    let balancer = secured(&[target.address]);
    let mut old = client_config(None);
    old.alpn_protocols = vec![b"h2".to_vec()];
    // An application protocol that is not spoken is ignored.
    let mut client = connect_with(old, balancer.front, "web.example");
    client.send("GET / HTTP/1.1\r\nHost: web.example\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    let mut stream = TcpStream::connect(balancer.front).unwrap();
    stream.write_all(b"\x16\x03\x01\x00\x08\x01\x00\x00\x04\x03\x01\x00\x00").unwrap();
    let mut alert = Vec::new();
    stream.read_to_end(&mut alert).unwrap();
    assert_eq!(alert, [21, 3, 3, 0, 2, 2, 70], "protocol_version");
    eventually("it is counted", || balancer.count(|c| &c.client_tls_errors) == 1);
}

pub fn two_on_one_front(
    targets: [SocketAddr; 2],
    second: MutualAuthentication,
    clients: Option<&Authority>,
) -> Balancer {
    Balancer::with(&[targets[0]], |snapshot| {
        let other = group("shop", &[targets[1]]);
        snapshot.trust_stores.extend(clients.map(trust_store));
        snapshot.load_balancers.push(load_balancer("shop", 443, &other.arn));
        snapshot.target_groups.push(other);
        snapshot.fronts[0].listeners[0].hosts = vec!["web.example".to_owned()];
        snapshot.fronts[0].listeners.push(FrontListener {
            listener: snapshot.load_balancers[1].listeners[0].arn.clone(),
            hosts: vec!["shop.example".to_owned(), "*.shop.example".to_owned()],
            zones: vec![ZONE.to_owned()],
            admission: Admission::Everybody,
        });
        secure(snapshot, "web", &["web.example"], MutualAuthentication::Off);
        secure(snapshot, "shop", &["shop.example", "*.shop.example"], second);
    })
}

#[test]
fn the_server_name_chooses_among_listeners_and_a_connection_stays_with_its_own() {
    let targets = [TestTarget::answering("web"), TestTarget::answering("shop")];
    let balancer = two_on_one_front(targets.each_ref().map(|t| t.address), MutualAuthentication::Off, None);
    for (host, body) in [("web.example", "web"), ("shop.example", "shop"), ("a.shop.example", "shop")] {
        assert_eq!(get(balancer.front, host).text(), body, "{host}");
    }
    let mut client = connect(balancer.front, "web.example");
    // A host that is nobody else's is the listener's own business.
    client.send("GET / HTTP/1.1\r\nHost: other.example\r\n\r\n");
    assert_eq!(client.answer().text(), "web");
    client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    assert_eq!(client.answer().status, 421);
    let mut unknown = connect(balancer.front, "unknown.example");
    let error = unknown.stream.write_all(b"GET / HTTP/1.1\r\n\r\n").and_then(|()| unknown.stream.flush());
    assert!(error.is_err_and(|error| error.to_string().contains("UnrecognisedName")), "told by an alert");
}

#[test]
fn a_listener_that_verifies_clients_cannot_be_reached_through_another_one() {
    let authority = Authority::root("clients");
    let targets = [TestTarget::answering("web"), TestTarget::start(fields)];
    let mutual = MutualAuthentication::Verify {
        trust_store: arn("truststore/clients/1"),
        ignore_expiry: false,
        advertise_ca_names: false,
    };
    let balancer = two_on_one_front(targets.each_ref().map(|t| t.address), mutual, Some(&authority));
    let known = authority.client("known", |_| {});
    let request = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    let mut client = connect_with(client_config(Some(&known)), balancer.front, "shop.example");
    client.send(request);
    assert!(client.answer().text().contains("X-Amzn-Mtls-Clientcert-Subject: CN=known\n"));
    let mut smuggler = connect(balancer.front, "web.example");
    smuggler.send(request);
    assert_eq!(smuggler.answer().status, 421);
    assert_eq!(targets[1].count(), 1);
}

#[test]
fn verified_and_unverified_client_certificates_reach_the_target() {
    let authority = Authority::root("clients");
    let (known, stranger) = (authority.client("known", |_| {}), Authority::root("others").client("stranger", |_| {}));
    let target = TestTarget::start(fields);
    let verify = MutualAuthentication::Verify {
        trust_store: arn("truststore/clients/1"),
        ignore_expiry: false,
        advertise_ca_names: true,
    };
    let mut balancer = Balancer::with(&[target.address], |snapshot| {
        secure(snapshot, "web", &["web.example"], verify);
        snapshot.trust_stores.push(trust_store(&authority));
        snapshot.load_balancers[0].listeners[0].tls_header_names.subject = Some("X-Who".to_owned());
    });
    let ask = |front, shown| {
        let mut client = connect_with(client_config(shown), front, "web.example");
        client.stream.write_all(b"GET / HTTP/1.1\r\nHost: web.example\r\nX-Who: CN=forged\r\n\r\n")?;
        client.try_answer(false)
    };
    let answer = ask(balancer.front, Some(&known)).unwrap();
    let text = answer.text();
    assert!(text.contains("X-Who: CN=known\n") && !text.contains("forged"), "{text}");
    assert!(text.contains("X-Amzn-Mtls-Clientcert-Leaf: -----BEGIN%20CERTIFICATE-----"), "{text}");
    assert!(text.contains("X-Amzn-Mtls-Clientcert-Issuer: CN=clients\n"), "{text}");
    assert!(ask(balancer.front, Some(&stranger)).is_err() && ask(balancer.front, None).is_err());
    eventually("both are counted", || balancer.count(|c| &c.client_tls_errors) == 2);
    assert_eq!(target.count(), 1);
    balancer.change(|snapshot| {
        snapshot.load_balancers[0].listeners[0].tls.as_mut().unwrap().mutual = MutualAuthentication::Passthrough;
    });
    eventually("the change is in force", || ask(balancer.front, None).is_ok());
    let answer = ask(balancer.front, Some(&stranger)).unwrap();
    assert!(answer.text().contains("X-Amzn-Mtls-Clientcert: -----BEGIN%20CERTIFICATE-----"), "{}", answer.text());
    assert!(!answer.text().contains("X-Who"), "nothing was verified: {}", answer.text());
}

/// A target behind a TLS server; its address. It speaks TLS for the names that it knows only.
fn tls_target(target: &TestTarget) -> SocketAddr {
    let authority = Authority::root("self-made");
    let leaf = authority.sign(rcgen::KeyPair::generate().unwrap(), "target", |_| {});
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(leaf.chain.clone(), leaf.private_key())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (address, plain) = (listener.local_addr().unwrap(), target.address);
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut client = acceptor.accept(client).await?;
                    let mut server = tokio::net::TcpStream::connect(plain).await?;
                    tokio::io::copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
    });
    address
}

#[test]
fn targets_are_spoken_to_over_tls_whatever_certificate_they_have() {
    let target = TestTarget::start(|request| Reply::ok(&request.body));
    let balancer = Balancer::with(&[tls_target(&target)], |snapshot| {
        snapshot.target_groups[0].protocol = TargetProtocol::Https;
    });
    let mut client = balancer.client();
    for size in [0, 10, 100_000, 2 << 20] {
        let body = "y".repeat(size);
        client.send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n{body}"));
        let answer = client.answer();
        assert!(answer.status == 200 && answer.body == body.as_bytes(), "{size}");
    }
    assert_eq!(target.connections(), 1, "the connection is kept");
    // Another host gets a connection of its own, for it may be another site to the target.
    client.send("POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    assert_eq!(target.connections(), 2);
}

#[test]
fn a_target_that_does_not_speak_tls_is_a_502_and_counted() {
    let plain = TestTarget::answering("plain");
    let silent = TestTarget::start(|_| Reply::Silence);
    let balancer = Balancer::with(&[plain.address], |snapshot| {
        snapshot.target_groups[0].protocol = TargetProtocol::Https;
    });
    assert_eq!(balancer.get("/").status, 502);
    assert_eq!(balancer.state(0).counts.sum(|c| &c.tls_errors), 1);
    let mut line = Vec::new();
    eventually("it is logged", || {
        line.extend(balancer.logged());
        !line.is_empty()
    });
    assert_eq!(line[0]["cause"]["phase"], "tls-handshake");
    drop(balancer);
    let good = TestTarget::answering("good");
    let balancer = Balancer::with(&[silent.address, tls_target(&good)], |snapshot| {
        snapshot.target_groups[0].protocol = TargetProtocol::Https;
    });
    silent.kill();
    for _ in 0..4 {
        assert_eq!(balancer.get("/").text(), "good", "what was not sent is sent elsewhere");
    }
}

#[test]
fn a_target_that_does_not_finish_its_handshake_is_given_up_after_ten_seconds() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let balancer = Balancer::with(&[silent.local_addr().unwrap()], |snapshot| {
        snapshot.target_groups[0].protocol = TargetProtocol::Https;
        snapshot.target_groups[0].retry = false;
    });
    let asked_at = std::time::Instant::now();
    assert_eq!(balancer.get("/").status, 502);
    let took = asked_at.elapsed();
    assert!(took > Duration::from_secs(9) && took < Duration::from_secs(15), "{took:?}");
}
