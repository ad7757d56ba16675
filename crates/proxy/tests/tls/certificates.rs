//! Which certificate a client sees.

use crate::{
    authority::{certificate_arn, server_plan},
    peers::{BOTH, Client, Failure, ONLY12, ONLY13, Ours, POLICY, acceptor, carry, shaken, tls_plan},
};
use model::{
    elbv2::{certificate::CertificatePlan, listener::MutualAuthentication},
    secret::Secret,
};
use proxy::tls::{TlsError, TlsRegistry, registry::TlsFault};
use rcgen::{PKCS_ECDSA_P256_SHA256 as P256, PKCS_ECDSA_P384_SHA384 as P384, PKCS_RSA_SHA256 as RSA};
use rustls::{
    SignatureScheme,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, pem::PemObject},
};

fn leaf_of(plan: &CertificatePlan) -> Vec<u8> {
    CertificateDer::from_pem_slice(plan.chain_pem.as_bytes()).unwrap().to_vec()
}

fn only_rsa(versions: &[&'static rustls::SupportedProtocolVersion]) -> Client {
    let mut provider = default_provider();
    let mapping = provider.signature_verification_algorithms.mapping.iter().copied();
    let rsa = mapping
        .filter(|(scheme, _)| [SignatureScheme::RSA_PSS_SHA256, SignatureScheme::RSA_PKCS1_SHA256].contains(scheme));
    provider.signature_verification_algorithms.mapping = rsa.collect::<Vec<_>>().leak();
    Client::with(provider, versions, None)
}

#[test]
fn the_best_certificate_for_the_host_that_the_client_can_check_is_shown() {
    let plans = [
        server_plan("default", &["default.example"], &RSA, 9),
        server_plan("rsa", &["both.example", "*.wild.example"], &RSA, 9),
        server_plan("p256", &["both.example"], &P256, 9),
        server_plan("p384", &["both.example", "exact.wild.example"], &P384, 9),
        server_plan("wild", &["*.wild.example"], &P256, 9),
        server_plan("old", &["renewed.example"], &P256, 1),
        server_plan("new", &["renewed.example"], &P256, 2),
        server_plan("ec-only", &["ec.example"], &P256, 9),
    ];
    let acceptor = acceptor(&TlsRegistry::new(), POLICY, &plans);
    let all = || Client::new(BOTH);
    for (client, host, expected) in [
        (all(), "both.example", "p384"),
        (all(), "BOTH.example", "p384"),
        (all(), "a.wild.example", "wild"),
        (all(), "exact.wild.example", "p384"),
        (all(), "a.b.wild.example", "default"),
        (all(), "wild.example", "default"),
        (all(), "renewed.example", "new"),
        (all(), "unknown.example", "default"),
        (all(), "192.0.2.1", "default"),
        (only_rsa(ONLY12), "both.example", "rsa"),
        (only_rsa(ONLY13), "both.example", "rsa"),
        (only_rsa(ONLY13), "exact.wild.example", "rsa"),
        (only_rsa(ONLY13), "ec.example", "default"),
    ] {
        let (ours, _peer) = shaken(&acceptor, &client, host);
        let shown = client.remember.shown.lock().unwrap().clone();
        let plan = plans.iter().find(|plan| leaf_of(plan) == shown).unwrap();
        assert_eq!(plan.arn, certificate_arn(expected), "{host}");
        assert_eq!(ours.session.certificate().unwrap().arn, plan.arn, "what is told is what was shown: {host}");
    }
}

#[test]
fn a_client_of_tls_12_without_ecdsa_ciphers_gets_the_rsa_certificate() {
    let plans = [server_plan("p256", &["a.example"], &P256, 9), server_plan("rsa", &["a.example"], &RSA, 9)];
    let acceptor = acceptor(&TlsRegistry::new(), "ELBSecurityPolicy-2016-08", &plans);
    let mut provider = default_provider();
    provider.cipher_suites.retain(|suite| suite.suite().as_str().is_some_and(|name| name.contains("_RSA_")));
    let (ours, _peer) = shaken(&acceptor, &Client::with(provider, ONLY12, None), "a.example");
    assert_eq!(ours.session.certificate().unwrap().arn, certificate_arn("rsa"));
    assert_eq!(ours.session.agreed().unwrap().cipher, "ECDHE-RSA-AES128-GCM-SHA256");
}

#[test]
fn a_broken_certificate_hurts_only_itself() {
    let good = server_plan("good", &["good.example"], &P256, 9);
    let other = server_plan("other", &["other.example"], &P256, 9);
    let mismatched = CertificatePlan {
        private_key_pem: other.private_key_pem.clone(),
        ..server_plan("mismatched", &["m.example"], &P256, 9)
    };
    let no_key =
        CertificatePlan { private_key_pem: Secret::new("nothing"), ..server_plan("no-key", &["k.example"], &P256, 9) };
    let no_chain = CertificatePlan { chain_pem: String::new(), ..server_plan("no-chain", &["c.example"], &P256, 9) };
    let plans = [mismatched, good, no_key, no_chain];
    let registry = TlsRegistry::new();
    let materials = registry.materials(&plans, &[]);
    let mut faults: Vec<_> = materials.faults().iter().map(ToString::to_string).collect();
    faults.sort();
    assert_eq!(faults.len(), 3);
    for (fault, part) in
        faults.iter().zip(["its private key does not fit", "its chain cannot", "its private key cannot"])
    {
        assert!(fault.contains(part), "{fault}");
    }
    assert!(materials.faults().iter().all(|fault| matches!(fault, TlsFault::Certificate { .. })));
    let acceptor = acceptor(&registry, POLICY, &plans);
    let (ours, _peer) = shaken(&acceptor, &Client::new(BOTH), "good.example");
    assert_eq!(ours.session.certificate().unwrap().arn, certificate_arn("good"));
    // The default certificate is one of the broken ones.
    let (mut ours, mut peer) = (Ours::server(&acceptor), Client::new(BOTH).connect("x.example"));
    assert_eq!(carry(&mut ours, &mut peer), Err(Failure::Ours(TlsError::NoCertificate)));
}

#[test]
fn a_snapshot_that_contradicts_itself_is_refused() {
    let registry = TlsRegistry::new();
    let plan = server_plan("a", &["a.example"], &P256, 9);
    let materials = registry.materials(&[], &[]);
    for (policy, certificates, expected) in [
        ("ELBSecurityPolicy-none", vec![plan.clone()], "there is no security policy ELBSecurityPolicy-none"),
        (POLICY, vec![plan.clone()], "certificate arn:aws:acm:r:1:certificate/a is not in the snapshot"),
        (POLICY, vec![], "it has no certificate"),
    ] {
        let plan = tls_plan(policy, &certificates, MutualAuthentication::Off);
        let result = registry.acceptor(&crate::peers::listener(), &plan, true, &materials);
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}
