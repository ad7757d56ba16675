//! Signatures made by the real botocore verify, and nothing else does.

#![allow(clippy::unwrap_used)]

mod support;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value as Json;
use support::vectors::{Sent, load, text};
use wire::sigv4::{self, SignatureError};

fn all() -> Vec<Json> {
    load("signatures.json").into_iter().chain(load("requests.json")).collect()
}

fn signed_at(vector: &Json) -> Timestamp {
    let time = text(&vector["signer"], "time");
    jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", time)
        .unwrap()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .unwrap()
        .timestamp()
}

fn after(vector: &Json, seconds: i64) -> Timestamp {
    Timestamp::from_second(signed_at(vector).as_second() + seconds).unwrap()
}

fn verify(sent: &Sent, vector: &Json, secret: &str, now: Timestamp) -> Result<(), SignatureError> {
    let signer = &vector["signer"];
    let request = sent.request();
    let claim = sigv4::parse(&request)?;
    claim.check(text(signer, "service"), Some(text(signer, "region")), now)?;
    claim.verify(&request, secret)
}

fn verify_unchanged_but(vector: &Json, change: impl FnOnce(&mut Sent)) -> Result<(), SignatureError> {
    let mut sent = Sent::of(vector);
    change(&mut sent);
    verify(&sent, vector, text(&vector["signer"], "secret"), signed_at(vector))
}

fn named(name: &str) -> Json {
    all().into_iter().find(|vector| vector["name"] == name).unwrap_or_else(|| panic!("no vector {name}"))
}

#[test]
fn every_signature_of_botocore_verifies() {
    for vector in all() {
        assert_eq!(verify_unchanged_but(&vector, |_| {}), Ok(()), "{}", vector["name"]);
    }
}

#[test]
fn the_claim_names_key_token_and_scope() {
    for vector in all() {
        let sent = Sent::of(&vector);
        let claim = sigv4::parse(&sent.request()).unwrap();
        let signer = &vector["signer"];
        assert_eq!(claim.access_key, text(signer, "access_key"));
        assert_eq!((claim.region.as_str(), claim.service.as_str()), (text(signer, "region"), text(signer, "service")));
        assert_eq!(claim.session_token.as_deref(), signer["token"].as_str(), "{}", vector["name"]);
        assert_eq!(claim.signed_at, signed_at(&vector));
    }
}

#[test]
fn a_wrong_secret_does_not_match() {
    for vector in all() {
        let secret = text(&vector["signer"], "secret").replace('0', "1");
        let result = verify(&Sent::of(&vector), &vector, &secret, signed_at(&vector));
        assert_eq!(result, Err(SignatureError::Mismatch), "{}", vector["name"]);
    }
}

#[test]
fn an_altered_request_does_not_match() {
    type Change = fn(&mut Sent);
    let changes: [(&str, Change); 7] = [
        ("one byte of the body", |sent| match sent.body.last_mut() {
            Some(byte) => *byte ^= 1,
            None => sent.body.push(b'x'),
        }),
        ("a byte more in the body", |sent| sent.body.push(b'&')),
        ("the method", |sent| sent.method = "DELETE".into()),
        ("the path", |sent| sent.path.push('x')),
        ("a parameter more", |sent| sent.query.push_str("&x=1")),
        ("the host", |sent| sent.set("host", "localhost:4589")),
        ("a second host", |sent| {
            sent.headers.append("host", "other".parse().unwrap());
        }),
    ];
    for vector in all() {
        for (what, change) in changes {
            let result = verify_unchanged_but(&vector, change);
            assert!(
                matches!(result, Err(SignatureError::Mismatch | SignatureError::Incomplete(_))),
                "{} with {what}: {result:?}",
                vector["name"]
            );
        }
    }
}

#[test]
fn altered_signed_headers_do_not_match_and_unsigned_ones_do_not_matter() {
    let vector = named("header with many blanks");
    assert_eq!(verify_unchanged_but(&vector, |sent| sent.set("my-header", "a b")), Ok(()));
    assert_eq!(verify_unchanged_but(&vector, |sent| sent.set("my-header", "a c")), Err(SignatureError::Mismatch));
    assert_eq!(verify_unchanged_but(&vector, |sent| sent.set("x-forwarded-for", "10.0.0.1")), Ok(()));
    let repeated = verify_unchanged_but(&vector, |sent| {
        sent.headers.append("my-header", "a b".parse().unwrap());
    });
    assert_eq!(repeated, Err(SignatureError::Mismatch));
    let gone = verify_unchanged_but(&vector, |sent| {
        sent.headers.remove("my-header");
    });
    assert!(matches!(gone, Err(SignatureError::Incomplete(_))), "{gone:?}");
}

#[test]
fn the_signature_is_over_the_body_as_received() {
    let vector = named("post a form");
    let sent = Sent::of(&vector);
    let request = sent.request().with_content(b"what the compressed body holds");
    let claim = sigv4::parse(&request).unwrap();
    assert_eq!(claim.verify(&request, text(&vector["signer"], "secret")), Ok(()));
}

#[test]
fn the_operation_of_json_must_be_signed() {
    let vector = named("post a form");
    let result = verify_unchanged_but(&vector, |sent| sent.set("x-amz-target", "X.Delete"));
    assert!(matches!(result, Err(SignatureError::Incomplete(_))), "{result:?}");
}

#[test]
fn another_session_token_does_not_match() {
    let header = named("session token");
    assert_eq!(
        verify_unchanged_but(&header, |sent| sent.set("x-amz-security-token", "x")),
        Err(SignatureError::Mismatch)
    );
    let presigned = named("presigned with token");
    let change = |sent: &mut Sent| sent.query = sent.query.replace("X-Amz-Security-Token=F", "X-Amz-Security-Token=G");
    assert_eq!(verify_unchanged_but(&presigned, change), Err(SignatureError::Mismatch));
}

#[test]
fn an_unsigned_body_is_refused() {
    for declared in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
        let result = verify_unchanged_but(&named("post a form"), |sent| sent.set("x-amz-content-sha256", declared));
        assert!(matches!(result, Err(SignatureError::Incomplete(_))), "{declared}: {result:?}");
    }
}

#[test]
fn clocks_may_differ_by_fifteen_minutes() {
    let vector = named("post a form");
    let at = |seconds| verify(&Sent::of(&vector), &vector, text(&vector["signer"], "secret"), after(&vector, seconds));
    for seconds in [-900, -899, 0, 899, 900] {
        assert_eq!(at(seconds), Ok(()), "{seconds}");
    }
    for seconds in [901, 960, 1_000_000] {
        assert!(matches!(at(seconds), Err(SignatureError::Expired { .. })), "{seconds}");
    }
    for seconds in [-901, -960, -1_000_000] {
        assert!(matches!(at(seconds), Err(SignatureError::NotYetCurrent { .. })), "{seconds}");
    }
}

#[test]
fn presigned_requests_live_as_long_as_they_say() {
    let presigned = all().into_iter().filter(|vector| vector["expires"].is_i64());
    let mut count = 0;
    for vector in presigned {
        let lifetime = vector["expires"].as_i64().unwrap();
        let at =
            |seconds| verify(&Sent::of(&vector), &vector, text(&vector["signer"], "secret"), after(&vector, seconds));
        assert_eq!((at(-900), at(0), at(lifetime)), (Ok(()), Ok(()), Ok(())), "{}", vector["name"]);
        assert!(matches!(at(lifetime + 1), Err(SignatureError::PresignedExpired { .. })), "{}", vector["name"]);
        assert!(matches!(at(-901), Err(SignatureError::NotYetCurrent { .. })), "{}", vector["name"]);
        let longer = |sent: &mut Sent| sent.query = sent.query.replace("X-Amz-Expires=", "X-Amz-Expires=1");
        assert!(verify_unchanged_but(&vector, longer).is_err(), "{}", vector["name"]);
        count += 1;
    }
    assert!(count >= 3, "there are {count} presigned vectors");
}

#[test]
fn the_scope_must_be_that_of_service_region_and_day() {
    let vector = named("post a form");
    let sent = Sent::of(&vector);
    let claim = sigv4::parse(&sent.request()).unwrap();
    let now = signed_at(&vector);
    assert_eq!(claim.check("sts", None, now), Ok(()));
    assert!(matches!(claim.check("iam", None, now), Err(SignatureError::WrongScope(_))));
    assert!(matches!(claim.check("sts", Some("us-east-1"), now), Err(SignatureError::WrongScope(_))));
    let authorization = sent.headers["authorization"].to_str().unwrap();
    let other_day = authorization.replace("/20260102/", "/20260103/");
    let result = verify_unchanged_but(&vector, |sent| sent.set("authorization", &other_day));
    assert!(matches!(result, Err(SignatureError::WrongScope(_))), "{result:?}");
    let no_end = authorization.replace("aws4_request", "aws4_requests");
    let result = verify_unchanged_but(&vector, |sent| sent.set("authorization", &no_end));
    assert!(matches!(result, Err(SignatureError::WrongScope(_))), "{result:?}");
}

#[test]
fn the_host_must_be_signed() {
    let vector = named("post a form");
    let authorization = Sent::of(&vector).headers["authorization"].to_str().unwrap().replace(";host", "");
    let result = verify_unchanged_but(&vector, |sent| sent.set("authorization", &authorization));
    assert!(matches!(result, Err(SignatureError::Incomplete(_))), "{result:?}");
}

#[test]
fn no_signature_is_missing_and_two_are_incomplete() {
    let header = named("post a form");
    let unsigned = verify_unchanged_but(&header, |sent| {
        sent.headers.remove("authorization");
    });
    assert_eq!(unsigned, Err(SignatureError::Missing));
    let authorization = Sent::of(&header).headers["authorization"].to_str().unwrap().to_owned();
    let both = verify_unchanged_but(&named("presigned"), |sent| sent.set("authorization", &authorization));
    assert!(matches!(both, Err(SignatureError::Incomplete(_))), "{both:?}");
    let twice = verify_unchanged_but(&header, |sent| {
        sent.headers.append("authorization", authorization.parse().unwrap());
    });
    assert!(matches!(twice, Err(SignatureError::Incomplete(_))), "{twice:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_signature_makes_the_verifier_panic(
        authorization in "(AWS4-HMAC-SHA256 )?(Credential=)?[ -~]{0,80}(, ?SignedHeaders=[a-z;]{0,20})?(, ?Signature=[0-9a-f]{0,70})?",
        date in "[0-9TZ]{0,17}",
        path in "/[ -~]{0,40}",
        query in "[ -~]{0,40}(X-Amz-Signature=[ -~]{0,40})?",
        body in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut headers = http::HeaderMap::new();
        headers.insert("host", "x".parse().unwrap());
        headers.insert("authorization", authorization.parse().unwrap());
        headers.insert("x-amz-date", date.parse().unwrap());
        let sent = Sent { method: "POST".into(), path, query, headers, body };
        for with_header in [true, false] {
            let mut sent = sent.clone();
            if !with_header {
                sent.headers.remove("authorization");
            }
            let request = sent.request();
            if let Ok(claim) = sigv4::parse(&request) {
                let _ = claim.check("sts", None, Timestamp::UNIX_EPOCH);
                prop_assert!(claim.verify(&request, "secret").is_err());
            }
        }
    }
}
