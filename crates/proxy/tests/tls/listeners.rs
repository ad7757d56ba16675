//! What a listener agrees on: versions, ciphers, key exchange and application protocol.

use crate::{
    authority::server_plan,
    peers::{BOTH, Client, Failure, ONLY12, ONLY13, Ours, POLICY, acceptor, carry, listener, shaken, tls_plan},
};
use model::elbv2::listener::MutualAuthentication;
use proxy::tls::{Application, TlsError, TlsRegistry};
use rcgen::PKCS_ECDSA_P256_SHA256 as P256;
use rustls::{
    CipherSuite,
    crypto::aws_lc_rs::{default_provider, kx_group},
};

#[test]
fn application_protocols_are_agreed_on_and_unknown_ones_ignored() {
    let plan = server_plan("a", &["a.example"], &P256, 9);
    let registry = TlsRegistry::new();
    let materials = registry.materials(std::slice::from_ref(&plan), &[]);
    let tls = tls_plan(POLICY, &[plan], MutualAuthentication::Off);
    for (http2, offered, expected) in [
        (true, &["h2", "http/1.1"][..], Some(Application::Http2)),
        (true, &["http/1.1", "h2"], Some(Application::Http2)),
        (true, &["http/1.1"], Some(Application::Http11)),
        (true, &["spdy/3", "http/1.0"], None),
        (true, &[], None),
        (false, &["h2", "http/1.1"], Some(Application::Http11)),
        (false, &["h2"], None),
    ] {
        let acceptor = registry.acceptor(&listener(), &tls, http2, &materials).unwrap();
        for versions in [ONLY12, ONLY13] {
            let (ours, peer) = shaken(&acceptor, &Client::new(versions).alpn(offered), "a.example");
            assert_eq!(ours.session.application(), expected, "{http2} {offered:?}");
            assert_eq!(peer.alpn_protocol(), expected.map(|protocol| protocol.name().as_bytes()));
        }
    }
}

#[test]
fn a_policy_decides_on_versions() {
    let plans = [server_plan("a", &["a.example"], &P256, 9)];
    for (policy, versions, expected) in [
        ("ELBSecurityPolicy-2016-08", BOTH, Ok("TLSv1.2")),
        ("ELBSecurityPolicy-2016-08", ONLY13, Err(TlsError::NoCommonVersion)),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", BOTH, Ok("TLSv1.3")),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", ONLY12, Err(TlsError::NoCommonVersion)),
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", ONLY12, Ok("TLSv1.2")),
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", BOTH, Ok("TLSv1.3")),
    ] {
        let acceptor = acceptor(&TlsRegistry::new(), policy, &plans);
        let (mut ours, mut peer) = (Ours::server(&acceptor), Client::new(versions).connect("a.example"));
        let result = carry(&mut ours, &mut peer).map(|_| ours.session.agreed().unwrap().version);
        assert_eq!(result, expected.map_err(Failure::Ours), "{policy}");
        if result.is_err() {
            let alert = ours.take();
            assert_eq!(&alert[..5], [21, 3, 3, 0, 2], "{policy}");
        }
    }
}

#[test]
fn the_listeners_order_of_ciphers_is_kept() {
    let acceptor = acceptor(&TlsRegistry::new(), POLICY, &[server_plan("a", &["a.example"], &P256, 9)]);
    let mut provider = default_provider();
    provider.cipher_suites.reverse();
    let (ours, _peer) = shaken(&acceptor, &Client::with(provider.clone(), ONLY13, None), "a.example");
    assert_eq!(ours.session.agreed().unwrap().cipher, "TLS_AES_128_GCM_SHA256");
    provider.cipher_suites.retain(|suite| suite.suite() == CipherSuite::TLS13_CHACHA20_POLY1305_SHA256);
    let (mut ours, mut peer) = shaken(&acceptor, &Client::with(provider, ONLY13, None), "a.example");
    assert_eq!(ours.session.agreed().unwrap().cipher, "TLS_CHACHA20_POLY1305_SHA256");
    ours.send(b"sealed with it").unwrap();
    assert_eq!(carry(&mut ours, &mut peer).unwrap(), b"sealed with it");
}

#[test]
fn clients_without_a_common_cipher_or_group_are_told() {
    let plans = [server_plan("a", &["a.example"], &P256, 9)];
    let registry = TlsRegistry::new();
    let mut chacha = default_provider();
    chacha.cipher_suites.retain(|suite| suite.suite().as_str().is_some_and(|name| name.contains("CHACHA")));
    let mut post_quantum = default_provider();
    post_quantum.kx_groups = vec![kx_group::MLKEM1024];
    for (policy, provider, versions, expected) in [
        ("ELBSecurityPolicy-2016-08", chacha, ONLY12, TlsError::NoCommonCipher),
        (POLICY, post_quantum, ONLY13, TlsError::NoCommonGroup),
    ] {
        let acceptor = acceptor(&registry, policy, &plans);
        let (mut ours, mut peer) =
            (Ours::server(&acceptor), Client::with(provider, versions, None).connect("a.example"));
        assert_eq!(carry(&mut ours, &mut peer), Err(Failure::Ours(expected)));
    }
}

#[test]
fn a_group_is_agreed_on_after_a_second_hello_too() {
    let plans = [server_plan("a", &["a.example"], &P256, 9)];
    let classical = acceptor(&TlsRegistry::new(), POLICY, &plans);
    let mut first_other = default_provider();
    first_other.kx_groups = vec![kx_group::MLKEM768, kx_group::SECP384R1];
    let (ours, _peer) = shaken(&classical, &Client::with(first_other, ONLY13, None), "a.example");
    assert_eq!(ours.session.agreed().unwrap().group, Some("secp384r1"));
    let hybrid = acceptor(&TlsRegistry::new(), "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", &plans);
    let mut both = default_provider();
    both.kx_groups = vec![kx_group::X25519MLKEM768, kx_group::X25519];
    for (acceptor, expected) in [(&hybrid, "X25519MLKEM768"), (&classical, "x25519")] {
        let (ours, _peer) = shaken(acceptor, &Client::with(both.clone(), ONLY13, None), "a.example");
        assert_eq!(ours.session.agreed().unwrap().group, Some(expected));
    }
}
