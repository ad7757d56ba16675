//! The classes of requests against AWS's published classifier: what it calls severe is refused here, and nothing is taken for
//! cleaner than it takes it.
//!
//! What is refused here and not there is what no two servers read alike: spaces in the target, folded lines, bare line feeds,
//! control characters, empty names, versions above 1.1.

#![allow(clippy::unwrap_used)] // helpers of tests

use http_desync_guardian::{RequestSafetyTier, request_analyzer::HttpRequestData};
use proptest::prelude::*;
use proxy::http::{desync::Class, header, request_head::RequestHead};

/// Our class, and AWS's name for the worst thing about the request; `None`: refused.
fn ours(bytes: &[u8]) -> Option<(Class, Option<&'static str>)> {
    let mut storage = header::storage();
    let head = RequestHead::parse(bytes, &mut storage).ok()??;
    Some((head.findings.class(), head.findings.worst().map(|finding| finding.name())))
}

/// The classifier's; `None`: severe.
fn theirs(bytes: &[u8]) -> (Option<Class>, String) {
    let result = HttpRequestData::analyze_raw_request(bytes);
    let class = match result.tier {
        RequestSafetyTier::Compliant => Some(Class::Compliant),
        RequestSafetyTier::Acceptable => Some(Class::Acceptable),
        RequestSafetyTier::Ambiguous => Some(Class::Ambiguous),
        RequestSafetyTier::Severe => None,
    };
    (class, format!("{:?}", result.reason))
}

fn check(bytes: &[u8]) {
    let Some((class, _)) = ours(bytes) else { return };
    let (their_class, reason) = theirs(bytes);
    let shown = || format!("{:?}: {class:?} against {reason}", String::from_utf8_lossy(bytes));
    assert!(their_class.is_some_and(|theirs| class >= theirs), "{}", shown());
}

#[test]
fn classes_and_reasons_are_those_of_aws() {
    let table: [(&str, &[&str]); 14] = [
        ("GET", &[]),
        ("POST", &["Content-Length: 3"]),
        ("POST", &["Transfer-Encoding: chunked"]),
        ("GET", &["Content-Length: 0"]),
        ("HEAD", &["Content-Length: 0"]),
        ("GET", &["Content-Length: 3"]),
        ("GET", &["Transfer-Encoding: chunked"]),
        ("POST", &["Content-Length: 3", "Content-Length: 3"]),
        ("POST", &["Transfer-Encoding: chunked", "Content-Length: 3"]),
        ("POST", &["Content-Length: 3", "Transfer-Encoding: chunked"]),
        ("POST", &["Content_Length: 3"]),
        ("POST", &["Transfer_Encoding: chunked"]),
        ("GET", &["X_Y: 1", "Accept: \u{e4}"]),
        ("DELETE", &["Content-Length: 0"]),
    ];
    for (method, fields) in table {
        let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
        let text = format!("{method} /a HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        let (their_class, reason) = theirs(text.as_bytes());
        let (class, finding) = ours(text.as_bytes()).unwrap();
        assert_eq!(Some(class), their_class, "{text:?}");
        assert_eq!(finding.unwrap_or("Compliant"), reason, "{text:?}");
    }
}

#[test]
fn what_is_severe_is_refused() {
    for (text, reason) in [
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "BadContentLength"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", "MultipleContentLength"),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: cow\r\n\r\n", "BadTransferEncoding"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            "MultipleTransferEncodingChunked",
        ),
        ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", "BadMethod"),
        ("GET / HTTP/1.x\r\nHost: a\r\n\r\n", "BadVersion"),
        ("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", "BadUri"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", "BadHeader"),
    ] {
        assert_eq!(theirs(text.as_bytes()), (None, reason.to_owned()), "{text:?}");
        assert_eq!(ours(text.as_bytes()), None, "{text:?}");
    }
}

fn requests() -> impl Strategy<Value = Vec<u8>> {
    let field = prop_oneof![
        2 => "(Accept|X-[A-Za-z]{1,8}|x_y): ?[!-~]{0,12}",
        2 => "Content[-_ .]?Length-?: ?(0|3|03|3, 3|\\+3|4|18446744073709551616|)",
        2 => "Transfer[-_ .]?Encoding-?:( |\t|)(chunked|Chunked|identity|gzip|chunked, chunked|gzip, chunked|)( |\t|)",
        1 => "Host: (a|b:80|\\[::1\\])",
        1 => "[ -~]{0,8}",
        1 => "[\t-\r -~]{0,8}",
    ];
    let line_end = prop_oneof![9 => Just("\r\n"), 1 => Just("\n"), 1 => Just("\r\n ")];
    let target = "(/[a-z0-9/?&=%.;~-]{0,8}|http://c.d/[a-z]{0,4}|\\*|/a b|/\u{e4}|)";
    let fields = prop::collection::vec((field, line_end), 0..4);
    ("(GET|POST|PUT|HEAD|OPTIONS|X-M)", target, "HTTP/(1\\.[0129]|2\\.0|)", fields).prop_map(
        |(method, target, version, fields)| {
            let fields: String = fields.into_iter().map(|(field, end)| field + end).collect();
            format!("{method} {target} {version}\r\nHost: web.example\r\n{fields}\r\n").into_bytes()
        },
    )
}

/// A good request with some bytes replaced, put in or taken out.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(b'\r'), Just(b'\n'), Just(b' '), Just(b':'), Just(b'\t'), Just(0), any::<u8>()];
    let change = (any::<prop::sample::Index>(), byte, 0..3u8);
    (requests(), prop::collection::vec(change, 0..4)).prop_map(|(mut bytes, changes)| {
        for (place, byte, kind) in changes {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_taken_for_cleaner_than_aws_takes_it(bytes in mutated()) {
        check(&bytes);
    }
}
