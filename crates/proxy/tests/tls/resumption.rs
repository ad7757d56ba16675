//! Sessions are resumed by tickets where that is allowed, and nowhere else.

use crate::{
    authority::{Authority, server_plan},
    peers::{Client, ONLY12, ONLY13, Ours, POLICY, acceptor, carry, listener, shaken, tls_plan},
};
use model::{
    Arn,
    elbv2::{listener::MutualAuthentication, trust_store::TrustStorePlan},
};
use proxy::tls::{Acceptor, TlsRegistry};
use rcgen::PKCS_ECDSA_P256_SHA256 as P256;
use std::sync::Arc;

/// Whether a client that was on one listener resumes on the other.
fn resumes(
    versions: &[&'static rustls::SupportedProtocolVersion],
    first: &Arc<Acceptor>,
    second: &Arc<Acceptor>,
) -> bool {
    let client = Client::new(versions);
    let (_ours, mut peer) = shaken(first, &client, "a.example");
    peer.send_close_notify();
    let (mut ours, mut peer) = (Ours::server(second), client.connect("a.example"));
    carry(&mut ours, &mut peer).map(|_| ours.session.is_resumed()).unwrap_or(false)
}

#[test]
fn a_session_is_resumed_across_snapshots_with_the_same_settings() {
    let plans = [server_plan("a", &["a.example"], &P256, 9)];
    let registry = TlsRegistry::new();
    for versions in [ONLY12, ONLY13] {
        let first = acceptor(&registry, POLICY, &plans);
        // Another snapshot, with one certificate more.
        let more = [plans[0].clone(), server_plan("b", &["b.example"], &P256, 9)];
        let second = acceptor(&registry, POLICY, &more);
        registry.forget_unused();
        assert!(resumes(versions, &first, &first));
        assert!(resumes(versions, &first, &second));
    }
}

#[test]
fn a_resumed_session_says_so_and_still_knows_its_host() {
    let first = acceptor(&TlsRegistry::new(), POLICY, &[server_plan("a", &["a.example"], &P256, 9)]);
    let client = Client::new(ONLY13);
    let _first = shaken(&first, &client, "a.example");
    let (mut ours, mut peer) = shaken(&first, &client, "a.example");
    assert!(ours.session.is_resumed());
    assert_eq!(ours.session.server_name(), Some("a.example"));
    ours.send(b"again").unwrap();
    assert_eq!(carry(&mut ours, &mut peer).unwrap(), b"again");
}

#[test]
fn other_listeners_and_policies_resume_nothing() {
    let plans = [server_plan("a", &["a.example"], &P256, 9)];
    let registry = TlsRegistry::new();
    let first = acceptor(&registry, POLICY, &plans);
    let materials = registry.materials(&plans, &[]);
    let plan = tls_plan(POLICY, &plans, MutualAuthentication::Off);
    let elsewhere = Arn::new("elasticloadbalancing", "r", "1", "listener/app/b/1/2");
    let other_listener = registry.acceptor(&elsewhere, &plan, true, &materials).unwrap();
    let other_policy = acceptor(&registry, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", &plans);
    let other_node = acceptor(&TlsRegistry::new(), POLICY, &plans);
    for versions in [ONLY12, ONLY13] {
        for second in [&other_listener, &other_policy, &other_node] {
            assert!(!resumes(versions, &first, second));
        }
    }
}

#[test]
fn no_ticket_stands_in_for_a_certificate() {
    let plans = [server_plan("a", &["a.example"], &P256, 9)];
    let root = Authority::root("root");
    let arn = Arn::new("elasticloadbalancing", "r", "1", "truststore/t/1");
    let stores = [TrustStorePlan { arn: arn.clone(), ca_certificates_pem: root.pem.clone(), revocation_files: vec![] }];
    let registry = TlsRegistry::new();
    let open = acceptor(&registry, POLICY, &plans);
    let materials = registry.materials(&plans, &stores);
    let strict = MutualAuthentication::Verify { trust_store: arn, ignore_expiry: false, advertise_ca_names: false };
    for (mutual, lets_in) in [(strict, false), (MutualAuthentication::Passthrough, true)] {
        let plan = tls_plan(POLICY, &plans, mutual);
        let guarded = registry.acceptor(&listener(), &plan, true, &materials).unwrap();
        for versions in [ONLY12, ONLY13] {
            assert!(!resumes(versions, &open, &guarded));
            if lets_in {
                assert!(!resumes(versions, &guarded, &guarded));
                assert!(!resumes(versions, &guarded, &open));
            }
        }
        let leaf = root.client("c", |_| {});
        let client = Client::with(rustls::crypto::aws_lc_rs::default_provider(), ONLY13, Some(&leaf));
        for _ in 0..2 {
            let (ours, _peer) = shaken(&guarded, &client, "a.example");
            assert!(!ours.session.is_resumed());
        }
    }
}
