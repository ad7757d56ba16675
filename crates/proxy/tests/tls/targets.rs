//! Sessions towards targets.

use crate::{
    authority::Authority,
    peers::{Failure, ONLY12, ONLY13, Ours, carry, give, take, write},
};
use model::Arn;
use proxy::tls::{
    Application, Connector, Outgoing, Session, TlsError, TlsRegistry,
    connect::{TargetPolicy, server_name},
};
use rcgen::{KeyPair, date_time_ymd};
use rustls::{
    Connection, ServerConfig, ServerConnection, SupportedProtocolVersion, crypto::aws_lc_rs::default_provider,
};
use std::{net::IpAddr, sync::Arc};

const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn group() -> Arn {
    Arn::new("elasticloadbalancing", "r", "1", "targetgroup/a/1")
}

fn target(versions: &[&'static SupportedProtocolVersion], alpn: &[&str]) -> Arc<ServerConfig> {
    let leaf = Authority::root("unknown").sign(KeyPair::generate().unwrap(), "other.example", |params| {
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(leaf.chain.clone(), leaf.private_key())
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Arc::new(config)
}

fn connect(connector: &Connector, target: &Arc<ServerConfig>, host: Option<&str>) -> (Ours, Connection) {
    let mut out = Outgoing::default();
    let session = Session::client(connector, server_name(host, ADDRESS), &mut out).unwrap();
    let mut ours = Ours::new(session);
    ours.out = out;
    (ours, ServerConnection::new(Arc::clone(target)).unwrap().into())
}

fn requested_host(peer: &Connection) -> Option<&str> {
    match peer {
        Connection::Server(server) => server.server_name(),
        Connection::Client(_) => None,
    }
}

#[test]
fn a_target_with_an_expired_certificate_of_another_name_is_as_good_as_any() {
    let registry = TlsRegistry::new();
    for (policy, versions, version) in [
        (TargetPolicy::Tls12, &[ONLY13[0], ONLY12[0]][..], "TLSv1.2"),
        (TargetPolicy::Tls13, &[ONLY13[0], ONLY12[0]], "TLSv1.3"),
        (TargetPolicy::Tls13, ONLY12, "TLSv1.2"),
    ] {
        let connector = registry.connector(&group(), policy, Application::Http11).unwrap();
        for (host, requested) in
            [(Some("www.example.com"), Some("www.example.com")), (Some("192.0.2.1"), None), (None, None)]
        {
            let (mut ours, mut peer) = connect(&connector, &target(versions, &[]), host);
            carry(&mut ours, &mut peer).unwrap();
            assert_eq!(ours.session.agreed().unwrap().version, version);
            assert_eq!(requested_host(&peer), requested);
            ours.send(b"GET / HTTP/1.1\r\n\r\n").unwrap();
            assert_eq!(carry(&mut ours, &mut peer).unwrap(), b"GET / HTTP/1.1\r\n\r\n");
            ours.feed(&write(&mut peer, b"HTTP/1.1 200 OK\r\n")).unwrap();
            assert_eq!(ours.content, b"HTTP/1.1 200 OK\r\n");
            assert_eq!(ours.session.end(), Err(TlsError::Truncated));
        }
    }
}

#[test]
fn targets_without_a_common_version_or_protocol_are_told_apart() {
    let registry = TlsRegistry::new();
    let old = registry.connector(&group(), TargetPolicy::Tls12, Application::Http11).unwrap();
    let (mut ours, mut peer) = connect(&old, &target(ONLY13, &[]), None);
    assert!(matches!(carry(&mut ours, &mut peer), Err(Failure::Peer(_))));
    let error = ours.feed(&take(&mut peer)).unwrap_err();
    assert_eq!(error.to_string(), "the peer sent the alert protocol_version (70)");
    let h2 = registry.connector(&group(), TargetPolicy::Tls13, Application::Http2).unwrap();
    for (alpn, expected) in [(&["h2"][..], Some(Application::Http2)), (&[], None)] {
        let (mut ours, mut peer) = connect(&h2, &target(ONLY13, alpn), None);
        carry(&mut ours, &mut peer).unwrap();
        assert_eq!(ours.session.application(), expected);
    }
    let (mut ours, mut peer) = connect(&h2, &target(ONLY13, &["http/1.1"]), None);
    assert!(carry(&mut ours, &mut peer).is_err());
    let error = ours.feed(&take(&mut peer)).unwrap_err();
    assert_eq!(error.to_string(), "the peer sent the alert no_application_protocol (120)");
}

#[test]
fn sessions_to_a_group_are_resumed_across_snapshots() {
    let registry = TlsRegistry::new();
    for versions in [ONLY12, ONLY13] {
        let target = target(versions, &[]);
        let first = registry.connector(&group(), TargetPolicy::Tls13, Application::Http11).unwrap();
        for expected in [false, true, true] {
            registry.forget_unused();
            let again = registry.connector(&group(), TargetPolicy::Tls13, Application::Http11).unwrap();
            assert!(Arc::ptr_eq(&first, &again));
            let (mut ours, mut peer) = connect(&again, &target, Some("r.example"));
            carry(&mut ours, &mut peer).unwrap();
            ours.feed(&write(&mut peer, b"x")).unwrap();
            assert_eq!(ours.session.is_resumed(), expected, "{versions:?}");
        }
        drop(first);
        registry.forget_unused();
    }
}

#[test]
fn a_target_may_split_its_messages_at_will_and_content_is_sent_in_between() {
    let connector = TlsRegistry::new().connector(&group(), TargetPolicy::Tls13, Application::Http11).unwrap();
    for versions in [ONLY12, ONLY13] {
        let mut config = Arc::unwrap_or_clone(target(versions, &[]));
        config.max_fragment_size = Some(40);
        config.send_tls13_tickets = 3;
        let (mut ours, mut peer) = connect(&connector, &Arc::new(config), Some("split.example"));
        let mut sent = Vec::new();
        let mut arrived = Vec::new();
        while !ours.out.is_empty() || peer.wants_write() {
            arrived.extend(give(&mut peer, &ours.take()).unwrap());
            for byte in take(&mut peer) {
                ours.feed(&[byte]).unwrap();
                if !ours.session.is_handshaking() {
                    ours.send(&[byte]).unwrap();
                    sent.push(byte);
                }
            }
        }
        assert_eq!(arrived, sent);
        assert!(!sent.is_empty() || versions == ONLY12, "tickets of TLS 1.3 come after the handshake");
        ours.session.close(&mut ours.out);
        give(&mut peer, &ours.take()).unwrap();
        assert!(peer.process_new_packets().unwrap().peer_has_closed());
    }
}

#[test]
fn a_target_that_does_not_speak_tls_is_noticed() {
    let connector = TlsRegistry::new().connector(&group(), TargetPolicy::Tls13, Application::Http11).unwrap();
    let (mut ours, _peer) = connect(&connector, &target(ONLY13, &[]), None);
    let error = ours.feed(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap_err();
    assert!(matches!(error, TlsError::TooLarge | TlsError::Malformed(_)), "{error:?}");
}
