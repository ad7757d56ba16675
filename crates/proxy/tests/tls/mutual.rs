//! Mutual TLS: who is let in, who is refused and why, and what is told about it.

use crate::{
    authority::{Authority, Leaf, server_plan},
    peers::{Client, Failure, ONLY12, ONLY13, Ours, POLICY, carry, listener, tls_plan},
};
use model::{
    Arn,
    elbv2::{certificate::CertificatePlan, listener::MutualAuthentication, trust_store::TrustStorePlan},
};
use proxy::tls::{
    Acceptor, TlsError, TlsRegistry,
    client_certificate::Asked,
    error::{Refusal, verify_status},
};
use rcgen::{ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256 as P256, date_time_ymd};
use rustls::{SignatureScheme, client::ResolvesClientCert, crypto::aws_lc_rs::default_provider, sign::CertifiedKey};
use std::{
    path::PathBuf,
    sync::{Arc, LazyLock, Mutex},
};

static SERVER: LazyLock<CertificatePlan> = LazyLock::new(|| server_plan("a", &["a.example"], &P256, 9));

fn store_arn() -> Arn {
    Arn::new("elasticloadbalancing", "r", "1", "truststore/t/1")
}

fn guarded(registry: &TlsRegistry, authorities: &str, lists: Vec<PathBuf>, ignore_expiry: bool) -> Arc<Acceptor> {
    let store =
        TrustStorePlan { arn: store_arn(), ca_certificates_pem: authorities.to_owned(), revocation_files: lists };
    let mutual = MutualAuthentication::Verify { trust_store: store_arn(), ignore_expiry, advertise_ca_names: true };
    let materials = registry.materials(std::slice::from_ref(&SERVER), &[store]);
    let plan = tls_plan(POLICY, std::slice::from_ref(&SERVER), mutual);
    registry.acceptor(&listener(), &plan, true, &materials).unwrap()
}

/// A handshake in both versions; what came of it, and our session.
fn outcomes(acceptor: &Arc<Acceptor>, leaf: Option<&Leaf>) -> Vec<(Result<(), TlsError>, Ours)> {
    let outcome = |versions| {
        let client = Client::with(default_provider(), versions, leaf);
        let (mut ours, mut peer) = (Ours::server(acceptor), client.connect("a.example"));
        let result = match carry(&mut ours, &mut peer) {
            Ok(_) => Ok(()),
            Err(Failure::Ours(error)) => Err(error),
            Err(Failure::Peer(error)) => panic!("{error}"),
        };
        if result.is_err() {
            assert!(!ours.out.is_empty(), "an alert says why");
        }
        (result, ours)
    };
    vec![outcome(ONLY12), outcome(ONLY13)]
}

fn check(acceptor: &Arc<Acceptor>, leaf: Option<&Leaf>, expected: &str) {
    for (result, _) in outcomes(acceptor, leaf) {
        assert_eq!(verify_status(result.as_ref().copied()), expected, "{result:?}");
    }
}

#[test]
fn only_certificates_that_the_trust_store_vouches_for_are_let_in() {
    let root = Authority::root("root");
    let middle = root.intermediate("middle", |_| {});
    let lower = middle.intermediate("lower", |_| {});
    let lowest = lower.intermediate("lowest", |_| {});
    let acceptor = guarded(&TlsRegistry::new(), &root.pem, vec![], false);
    let expired = |p: &mut rcgen::CertificateParams| p.not_after = date_time_ymd(2021, 1, 1);
    let early = |p: &mut rcgen::CertificateParams| p.not_before = date_time_ymd(2098, 1, 1);
    let for_servers =
        |p: &mut rcgen::CertificateParams| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let odd = root.sign(ed25519, "odd", |_| {});
    for (leaf, expected) in [
        (Some(root.client("good", |_| {})), "Success"),
        (Some(middle.client("below", |_| {})), "Success"),
        (Some(lower.client("further below", |_| {})), "Success"),
        (Some(lowest.client("three below", |_| {})), "Success"),
        (Some(lowest.intermediate("x", |_| {}).client("too deep", |_| {})), "Failed:ClientCertMaxChainDepthExceeded"),
        (Some(root.client("expired", expired)), "Failed:ClientCertExpired"),
        (Some(root.client("early", early)), "Failed:ClientCertNotYetValid"),
        (Some(root.client("for servers", for_servers)), "Failed:ClientCertPurposeInvalid"),
        (Some(Authority::root("root").client("stranger", |_| {})), "Failed:ClientCertUntrusted"),
        (None, "Failed:UnmappedConnectionError"),
    ] {
        check(&acceptor, leaf.as_ref(), expected);
    }
    for (result, _) in outcomes(&acceptor, None) {
        assert_eq!(result, Err(TlsError::ClientCertificate(Refusal::Missing)));
    }
    // The client is told which signatures are accepted, finds that its key makes none of them, and shows nothing.
    check(&acceptor, Some(&odd), "Failed:UnmappedConnectionError");
}

#[test]
fn large_keys_are_accepted_with_all_their_signatures() {
    let root = Authority::root("root");
    let acceptor = guarded(&TlsRegistry::new(), &root.pem, vec![], false);
    let rsa = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA512, rcgen::RsaKeySize::_3072).unwrap();
    let p384 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let p521 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
    for key in [rsa, p384, p521] {
        check(&acceptor, Some(&root.sign(key, "client", |_| {})), "Success");
    }
}

#[test]
fn a_trust_store_with_an_intermediate_authority_vouches_for_what_is_below_it() {
    let root = Authority::root("root");
    let middle = root.intermediate("middle", |_| {});
    let acceptor = guarded(&TlsRegistry::new(), &middle.pem, vec![], false);
    check(&acceptor, Some(&middle.client("good", |_| {})), "Success");
    check(&acceptor, Some(&root.client("beside it", |_| {})), "Failed:ClientCertUntrusted");
}

#[test]
fn revoked_certificates_are_refused_by_any_list_of_their_issuer() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, list: Vec<u8>| {
        let path = directory.path().join(name);
        std::fs::write(&path, list).unwrap();
        path
    };
    let root = Authority::root("root");
    let middle = root.intermediate("middle", |_| {});
    let [good, early, late, below] = [
        root.client("good", |_| {}),
        root.client("early", |_| {}),
        root.client("late", |_| {}),
        middle.client("b", |_| {}),
    ];
    let lists = vec![file("1", root.revoke(&[&early])), file("2", root.revoke(&[&late]))];
    let registry = TlsRegistry::new();
    let acceptor = guarded(&registry, &root.pem, lists.clone(), false);
    for (leaf, expected) in [
        (&good, "Success"),
        (&early, "Failed:ClientCertCrlHit"),
        (&late, "Failed:ClientCertCrlHit"),
        (&below, "Success"),
    ] {
        check(&acceptor, Some(leaf), expected);
    }
    let other_issuer = file("3", middle.revoke(&[&below]));
    let acceptor = guarded(&registry, &root.pem, [lists, vec![other_issuer]].concat(), false);
    check(&acceptor, Some(&below), "Failed:ClientCertCrlHit");
    check(&acceptor, Some(&good), "Success");
    // Expiry may be ignored, revocation not.
    let acceptor = guarded(&registry, &root.pem, vec![file("4", root.revoke(&[&early]))], true);
    check(&acceptor, Some(&early), "Failed:ClientCertCrlHit");
}

#[test]
fn expiry_is_ignored_where_the_owner_says_so_and_nothing_else_is() {
    let root = Authority::root("root");
    let years = |from: i32, until: i32| {
        move |p: &mut rcgen::CertificateParams| {
            p.not_before = date_time_ymd(from, 1, 1);
            p.not_after = date_time_ymd(until, 1, 1);
        }
    };
    let old_middle = root.intermediate("old middle", years(2010, 2016));
    let acceptor = guarded(&TlsRegistry::new(), &root.pem, vec![], true);
    for (leaf, expected) in [
        (root.client("expired", years(2012, 2013)), "Success"),
        (root.client("early", years(2090, 2091)), "Success"),
        (root.client("good", |_| {}), "Success"),
        (old_middle.client("both expired, valid together once", years(2015, 2020)), "Success"),
        (old_middle.client("good below an expired one", years(2015, 2099)), "Success"),
        (old_middle.client("never valid together", years(2017, 2020)), "Failed:ClientCertExpired"),
        (Authority::root("root").client("stranger", years(2012, 2013)), "Failed:ClientCertUntrusted"),
    ] {
        check(&acceptor, Some(&leaf), expected);
    }
}

#[test]
fn a_trust_store_that_cannot_be_used_lets_nobody_in() {
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("broken");
    std::fs::write(&broken, b"not a list").unwrap();
    let root = Authority::root("root");
    let registry = TlsRegistry::new();
    let truncated = directory.path().join("truncated");
    let list = root.revoke(&[]);
    std::fs::write(&truncated, &list[..list.len() - 10]).unwrap();
    let missing = directory.path().join("missing");
    for (authorities, lists, said) in [
        (root.pem.as_str(), vec![broken], "not a revocation list in DER"),
        (root.pem.as_str(), vec![truncated], "not a revocation list in DER"),
        (root.pem.as_str(), vec![missing], "No such file"),
        ("", vec![], "no usable certificate of an authority"),
    ] {
        let store = TrustStorePlan {
            arn: store_arn(),
            ca_certificates_pem: authorities.to_owned(),
            revocation_files: lists.clone(),
        };
        let faults = registry.materials(&[], &[store]).faults();
        assert!(faults.len() == 1 && faults[0].to_string().contains(said), "{faults:?}");
        let acceptor = guarded(&registry, authorities, lists, false);
        check(&acceptor, Some(&root.client("good", |_| {})), "Failed:ClientCertRejected");
    }
    let half = format!("{}\n{}", root.pem, root.pem.replace("MII", "MIX"));
    let store = TrustStorePlan { arn: store_arn(), ca_certificates_pem: half.clone(), revocation_files: vec![] };
    assert_eq!(registry.materials(&[], &[store]).faults().len(), 1);
    check(&guarded(&registry, &half, vec![], false), Some(&root.client("good", |_| {})), "Success");
}

#[test]
fn a_changed_file_is_read_again_and_an_unchanged_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("list");
    let root = Authority::root("root");
    let leaf = root.client("c", |_| {});
    let registry = TlsRegistry::new();
    std::fs::write(&path, root.revoke(&[])).unwrap();
    check(&guarded(&registry, &root.pem, vec![path.clone()], false), Some(&leaf), "Success");
    std::fs::write(&path, root.revoke(&[&leaf])).unwrap();
    check(&guarded(&registry, &root.pem, vec![path], false), Some(&leaf), "Failed:ClientCertCrlHit");
}

/// Remembers whose certificates a listener accepts, and shows none.
#[derive(Debug, Default)]
struct Hints(Mutex<Vec<Vec<u8>>>);

impl ResolvesClientCert for Hints {
    fn resolve(&self, hints: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        *self.0.lock().unwrap() = hints.iter().map(|hint| hint.to_vec()).collect();
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[test]
fn clients_are_told_whose_certificates_are_accepted_where_the_owner_says_so() {
    let root = Authority::root("the root");
    let store = TrustStorePlan { arn: store_arn(), ca_certificates_pem: root.pem.clone(), revocation_files: vec![] };
    let registry = TlsRegistry::new();
    let materials = registry.materials(std::slice::from_ref(&SERVER), &[store]);
    for (advertise_ca_names, expected) in [(true, 1), (false, 0)] {
        let mutual =
            MutualAuthentication::Verify { trust_store: store_arn(), ignore_expiry: false, advertise_ca_names };
        let plan = tls_plan(POLICY, std::slice::from_ref(&SERVER), mutual);
        let acceptor = registry.acceptor(&listener(), &plan, true, &materials).unwrap();
        for versions in [ONLY12, ONLY13] {
            let mut client = Client::new(versions);
            let hints = Arc::new(Hints::default());
            client.config.client_auth_cert_resolver = Arc::clone(&hints) as _;
            let (mut ours, mut peer) = (Ours::server(&acceptor), client.connect("a.example"));
            assert!(carry(&mut ours, &mut peer).is_err());
            let seen = hints.0.lock().unwrap().clone();
            assert_eq!(seen.len(), expected);
            assert!(seen.iter().all(|hint| hint.ends_with(b"the root")));
        }
    }
}

#[test]
fn targets_are_told_about_a_verified_certificate() {
    let root = Authority::root("the root");
    let leaf = root.client("a client", |_| {});
    let acceptor = guarded(&TlsRegistry::new(), &root.pem, vec![], false);
    assert_eq!(acceptor.asked(), Asked::Trusted);
    for (result, ours) in outcomes(&acceptor, Some(&leaf)) {
        result.unwrap();
        let told = ours.session.client_certificate().unwrap();
        assert_eq!((&*told.subject, &*told.issuer), ("CN=a client", "CN=the root"));
        assert_eq!(&*told.validity, "NotBefore=2020-01-01T00:00:00Z;NotAfter=2099-01-01T00:00:00Z");
        assert_eq!(told.serial_number.len() % 2, 0);
        assert_eq!(told.pem.matches("BEGIN").count(), 1);
    }
}

#[test]
fn logs_are_told_about_a_refused_certificate() {
    let acceptor = guarded(&TlsRegistry::new(), &Authority::root("root").pem, vec![], false);
    let stranger = Authority::root("elsewhere").client("a stranger", |_| {});
    for (result, ours) in outcomes(&acceptor, Some(&stranger)) {
        assert_eq!(result, Err(TlsError::ClientCertificate(Refusal::UnknownAuthority)));
        assert_eq!(&*ours.session.client_certificate().unwrap().subject, "CN=a stranger");
    }
    for (_, ours) in outcomes(&acceptor, None) {
        assert_eq!(ours.session.client_certificate(), None);
    }
}

#[test]
fn passthrough_asks_for_a_certificate_and_hands_the_chain_on() {
    let registry = TlsRegistry::new();
    let materials = registry.materials(std::slice::from_ref(&SERVER), &[]);
    let plan = tls_plan(POLICY, std::slice::from_ref(&SERVER), MutualAuthentication::Passthrough);
    let acceptor = registry.acceptor(&listener(), &plan, true, &materials).unwrap();
    let middle = Authority::root("nobody knows it").intermediate("middle", |_| {});
    let leaf = middle.client("expired", |p| p.not_after = date_time_ymd(2021, 1, 1));
    for (result, ours) in outcomes(&acceptor, Some(&leaf)) {
        result.unwrap();
        let told = ours.session.client_certificate().unwrap();
        assert_eq!(told.pem.matches("BEGIN").count(), 2);
        assert_eq!(&*told.subject, "CN=expired");
    }
    for (result, ours) in outcomes(&acceptor, None) {
        result.unwrap();
        assert_eq!(ours.session.client_certificate(), None);
    }
    // The client shows a certificate whose key it does not have.
    let thief = Leaf { key: KeyPair::generate().unwrap(), chain: leaf.chain.clone(), serial: vec![] };
    check(&acceptor, Some(&thief), "Failed:ClientCertInvalid");
}
