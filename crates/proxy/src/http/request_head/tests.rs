//! Tables and properties of the request codec. The property that matters most: what we write, read again, is the same
//! request, so that no target can see another request than the one that was judged.

use super::*;
use proptest::prelude::*;

const REWRITING: Rewriting<'static> = Rewriting {
    xff_mode: XffMode::Append,
    client: b"192.0.2.1",
    port: 80,
    forwarded_lines: b"X-Forwarded-Proto: http\r\nX-Forwarded-Port: 80\r\n",
    preserve_host: false,
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
const ADDED: &str = "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 80\r\nX-Amzn-Trace-Id: Root=1-00000001-000000000000000200000003\r\n\r\n";

fn parsed<T>(bytes: &[u8], look: impl FnOnce(&RequestHead<'_, '_>) -> T) -> Result<Option<T>, ProxyError> {
    let mut storage = header::storage();
    Ok(RequestHead::parse(bytes, &mut storage)?.map(|head| look(&head)))
}

fn rewritten(bytes: &[u8], rewriting: &Rewriting<'_>) -> Result<Option<String>, ProxyError> {
    let written = parsed(bytes, |head| {
        head.check(rewriting.xff_mode)?;
        let mut out = Vec::new();
        let trace_id = head.write(rewriting, &mut out);
        assert!(out[trace_id].starts_with(b"Root=") || bytes.windows(5).any(|w| w.eq_ignore_ascii_case(b"root=")));
        Ok(String::from_utf8_lossy(&out).into_owned())
    })?;
    written.transpose()
}

fn status(bytes: &[u8]) -> u16 {
    rewritten(bytes, &REWRITING).err().map_or(0, ProxyError::status)
}

#[test]
fn a_head_is_written_anew_in_one_form() {
    for (text, expected) in [
        ("GET / HTTP/1.1\r\nHost: A.example\r\n\r\n", "GET / HTTP/1.1\r\nHost: a.example\r\n"),
        ("GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: lb.example\r\n"),
        (
            "get /a?b HTTP/1.1\r\nhost:  a:80 \r\nx:y\r\nZ: \r\nQ:\tv\t\r\n\r\n",
            "get /a?b HTTP/1.1\r\nHost: a\r\nx: y\r\nZ: \r\nQ: v\r\n",
        ),
        ("GET http://b:81/p?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET /p?q HTTP/1.1\r\nHost: b\r\n"),
        ("GET HTTP://b HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: b\r\n"),
        ("GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?q HTTP/1.1\r\nHost: b\r\n"),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n",
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\nContent-length: 7\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n",
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING: Chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Forwarded-For, Host, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n",
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\nx-amzn-oidc-data: forged\r\nX-Amzn-Mtls-Clientcert: forged\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n",
        ),
        (
            "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n",
            "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n",
        ),
        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n",
        ),
    ] {
        assert_eq!(rewritten(text.as_bytes(), &REWRITING), Ok(Some(format!("{expected}{ADDED}"))), "{text:?}");
    }
}

#[test]
fn the_load_balancers_attributes_decide_about_fields() {
    let with = |change: fn(&mut Rewriting<'static>), text: &str| {
        let mut rewriting = REWRITING;
        change(&mut rewriting);
        rewritten(text.as_bytes(), &rewriting).unwrap().unwrap()
    };
    let text =
        "GET / HTTP/1.1\r\nHost: A:81\r\nx_bad: 1\r\nX-Forwarded-For: 1.1.1.1\r\nx-forwarded-for: 2.2.2.2\r\n\r\n";
    assert!(with(|_| {}, text).contains("\r\nx_bad: 1\r\n"));
    assert!(with(|_| {}, text).contains("\r\nX-Forwarded-For: 1.1.1.1, 2.2.2.2, 192.0.2.1\r\n"));
    assert!(!with(|r| r.drop_invalid_names = true, text).contains("x_bad"));
    assert!(with(|r| r.preserve_host = true, text).contains("\r\nHost: A:81\r\n"));
    let removed = with(|r| r.xff_mode = XffMode::Remove, text);
    assert!(!removed.to_ascii_lowercase().contains("x-forwarded-for"));
    let preserved = with(|r| r.xff_mode = XffMode::Preserve, text);
    assert!(preserved.contains("\r\nX-Forwarded-For: 1.1.1.1\r\nx-forwarded-for: 2.2.2.2\r\n"));
    assert!(!preserved.contains("192.0.2.1"));
    let absolute = "GET http://B:82/ HTTP/1.1\r\nHost: A:81\r\n\r\n";
    assert!(with(|r| r.preserve_host = true, absolute).contains("\r\nHost: B:82\r\n"));
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    let post = |fields: &str| format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let get = |fields: &str| format!("GET / HTTP/1.1\r\n{fields}\r\n");
    for (text, expected) in [
        (post("Content-Length: 1\r\nContent-Length: 2\r\n"), 400),
        (post("Content-Length: 1, 1\r\n"), 400),
        (post("Content-Length: \r\n"), 400),
        (post("Content-Length: +1\r\n"), 400),
        (post("Content-Length: 99999999999999999999\r\n"), 400),
        (post("Content-Length: 1\r\nTransfer-Encoding: identity\r\n"), 400),
        (post("Content-Length: 1\r\nContent_Length: 2\r\n"), 400),
        (post("Transfer-Encoding: chunked\r\nTransfer_Encoding: chunked\r\n"), 400),
        (post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400),
        (post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"), 400),
        (post("Transfer-Encoding: gzip, chunked\r\n"), 501),
        (post("Transfer-Encoding: chunked, identity\r\n"), 501),
        (post("Transfer-Encoding: xchunked\r\n"), 501),
        (post("Transfer-Encoding: \"chunked\"\r\n"), 501),
        (post("Transfer-Encoding: chunked;q=1\r\n"), 501),
        (post("Transfer-Encoding: ,chunked\r\n"), 501),
        (post("Transfer-Encoding: \r\n"), 501),
        (post("Transfer-Encoding : chunked\r\n"), 400),
        (post(" Transfer-Encoding: chunked\r\n"), 400),
        (post("X: a\r\n Transfer-Encoding: chunked\r\n"), 400),
        (post("X: a\r\n\tb\r\n"), 400),
        (post("Transfer\0-Encoding: chunked\r\n"), 400),
        (post("Transfer-Encoding: chunked\x0b\r\n"), 400),
        (post("X: a\0b\r\n"), 400),
        (post("X: a\rTransfer-Encoding: chunked\r\n"), 400),
        (post("X: a\nTransfer-Encoding: chunked\r\n"), 400),
        (post(": a\r\n"), 400),
        (post("a\r\n"), 400),
        (post("Expect: x\r\n"), 417),
        (get(""), 400),
        (get("Host:\r\n"), 400),
        (get("Host: a\r\nHost: a\r\n"), 400),
        (get("Host: a, b\r\n"), 400),
        (get("Host: u@a\r\n"), 400),
        (get("Host: a:0\r\n"), 400),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n".into(), 400),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n".into(), 400),
        ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\nHost: a\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n".into(), 400),
        ("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET /\r\n\r\n".into(), 400),
        ("GET / http/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n".into(), 505),
        ("GET / HTTP/0.9\r\nHost: a\r\n\r\n".into(), 505),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n".into(), 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), 505),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n".into(), 405),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n".into(), 405),
        ("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}".into(), 400),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(17_000)), 414),
        (format!("GET /{}", "x".repeat(17_000)), 414),
        (get(&format!("Host: a\r\nX: {}\r\n", "x".repeat(16 * 1024))), 400),
        (get(&format!("Host: a\r\n{}", format!("X: {}\r\n", "x".repeat(16_000)).repeat(5))), 400),
        (get(&format!("Host: a\r\n{}", "X: y\r\n".repeat(100))), 400),
        (get(&format!("Host: a\r\nX-Forwarded-For: {}1\r\n", "1,".repeat(30))), 463),
    ] {
        assert_eq!(status(text.as_bytes()), expected, "{:?}", &text[..text.len().min(100)]);
    }
}

#[test]
fn what_is_within_the_limits_is_accepted() {
    for text in [
        format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(16_000)),
        format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(99)),
        format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", format!("X: {}\r\n", "x".repeat(16_000)).repeat(4)),
        format!("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {}1\r\n\r\n", "1,".repeat(29)),
        "GET /%2e%2e/..;/%00//\\ HTTP/1.1\r\nHost: a\r\n\r\n".into(),
        "GET / HTTP/1.1\r\nHost: a\r\nX: \u{e4}\r\n\r\n".into(),
    ] {
        assert_eq!(status(text.as_bytes()), 0, "{:?}", &text[..text.len().min(100)]);
    }
}

#[test]
fn what_is_unusual_is_classified() {
    for (fields, class, reason) in [
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n", "Compliant", None),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n",
            "Ambiguous",
            Some("DuplicateContentLength"),
        ),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n", "Ambiguous", Some("UndefinedContentLengthSemantics")),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n", "Acceptable", Some("GetHeadZeroContentLength")),
        ("GET / HTTP/1.1\r\nHost: a\r\nx_y: 0\r\n", "Compliant", None),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n", "Ambiguous", Some("SuspiciousHeader")),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
            "Ambiguous",
            Some("BothTeClPresent"),
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n",
            "Ambiguous",
            Some("UndefinedTransferEncodingSemantics"),
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n",
            "Ambiguous",
            Some("UndefinedTransferEncodingSemantics"),
        ),
    ] {
        let text = format!("{fields}\r\n");
        let seen = parsed(text.as_bytes(), |head| head.findings).unwrap().unwrap();
        assert_eq!((seen.class().name(), seen.worst().map(Finding::name)), (class, reason), "{fields:?}");
    }
}

#[test]
fn keep_alive_expect_and_upgrade_follow_the_version() {
    let facts = |text: &str| {
        parsed(text.as_bytes(), |h| (h.keep_alive, h.expects_continue, h.upgrade.is_some())).unwrap().unwrap()
    };
    for (text, expected) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", (true, false, false)),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", (false, false, false)),
        ("GET / HTTP/1.0\r\n\r\n", (false, false, false)),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", (true, false, false)),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive, close\r\n\r\n", (false, false, false)),
        ("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", (true, true, false)),
        ("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", (true, false, false)),
        ("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", (false, false, false)),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n", (true, false, true)),
    ] {
        assert_eq!(facts(text), expected, "{text:?}");
    }
}

/// What a request is, however it is written: the fields that the load balancer replaces left out.
type Meaning = (String, String, Option<Vec<u8>>, Body, Vec<(String, Vec<u8>)>);

fn meaning(bytes: &[u8]) -> Result<Option<Meaning>, ProxyError> {
    const REPLACED: [&str; 12] = [
        "host",
        "connection",
        "keep-alive",
        "te",
        "upgrade",
        "expect",
        "proxy-connection",
        "content-length",
        "transfer-encoding",
        "x-forwarded-proto",
        "x-forwarded-port",
        "x-amzn-trace-id",
    ];
    parsed(bytes, |head| {
        let path = if head.path.starts_with(['/', '*']) { head.path.to_owned() } else { format!("/{}", head.path) };
        let fields = (0..head.headers.len())
            .filter(|i| !head.fields.drop.has(*i))
            .map(|i| (head.headers[i].name.to_ascii_lowercase(), head.headers[i].value.to_vec()))
            .filter(|(name, _)| !REPLACED.contains(&&**name) && name != "x-forwarded-for")
            .collect();
        (head.method.to_owned(), path, head.host.map(|h| h.name.to_ascii_lowercase()), head.body.clone(), fields)
    })
}

fn check_round_trip(bytes: &[u8]) {
    let Ok(Some(before)) = meaning(bytes) else { return };
    let mut storage = header::storage();
    let head = RequestHead::parse(bytes, &mut storage).unwrap().unwrap();
    let mut out = Vec::new();
    head.write(&REWRITING, &mut out);
    let after = meaning(&out).expect("what we write can be read").expect("and is complete");
    let host = before.2.clone().or(Some(b"lb.example".to_vec()));
    assert_eq!((&after.0, &after.1, &after.2, &after.3, &after.4), (&before.0, &before.1, &host, &before.3, &before.4));
    let length = parsed(&out, |head| head.length).unwrap().unwrap();
    assert_eq!(length, out.len(), "nothing follows the head that we wrote");
    // And read by somebody else: hyper's own parser settings, which are httparse's defaults, agree on the framing.
    let mut theirs = [httparse::EMPTY_HEADER; 120];
    let mut request = httparse::Request::new(&mut theirs);
    assert!(request.parse(&out).unwrap().is_complete());
    let count = |name: &str| request.headers.iter().filter(|h| h.name.eq_ignore_ascii_case(name)).count();
    assert_eq!(count("host"), 1);
    assert!(count("content-length") + count("transfer-encoding") <= 1);
}

/// Pieces that tend to break parsers, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "GET ",
            "POST ",
            "HEAD ",
            "/",
            "/a?b=c",
            "*",
            "http://h:1/x",
            " HTTP/1.1\r\n",
            " HTTP/1.0\r\n",
            " HTTP/2.0\r\n",
            "Host: a\r\n",
            "Host: B:80\r\n",
            "host:\t[::1]:8\r\n",
            "Content-Length: 3\r\n",
            "Content-Length: 03\r\n",
            "content-length:0\r\n",
            "Transfer-Encoding: chunked\r\n",
            "transfer-encoding:identity\r\n",
            "Connection: close, x\r\n",
            "Connection: Upgrade\r\n",
            "Upgrade: websocket\r\n",
            "x: y\r\n",
            "x:\r\n",
            "X-Forwarded-For: 1.2.3.4\r\n",
            "x_y: z \t\r\n",
            "X-Amzn-Trace-Id: Root=1\r\n",
            "\r\n",
            "\n",
            "\r",
            " ",
            "\t",
            ":",
            "\0",
            "#",
            "\u{e4}",
            "Expect: 100-continue\r\n",
            "3\r\nabc\r\n0\r\n\r\n",
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 1..14).prop_map(|p| p.concat())
}

/// Requests that are mostly good.
fn requests() -> impl Strategy<Value = Vec<u8>> {
    let field = (
        "(Host|[A-Za-z][A-Za-z0-9_-]{0,12}|Connection|Content-Length|X-Forwarded-For|X-Amzn-Trace-Id|TE|Upgrade)",
        "(:|: |:\t|:  )",
        "([!-~\u{e4}]([ -~\t]{0,20}[!-~])?|[0-9]{1,3}|close|keep-alive, x|upgrade|)",
        "( |\t|)",
    )
        .prop_map(|(name, colon, value, space)| format!("{name}{colon}{value}{space}\r\n"));
    (
        "(GET|POST|PUT|DELETE|X-Y)",
        "(/[!-\"$-~]{0,20}|http://a.b(:8)?(/[a-z]{0,3})?)",
        "(1\\.1|1\\.0)",
        prop::collection::vec(field, 0..8),
    )
        .prop_map(|(method, target, version, fields)| {
            format!("{method} {target} HTTP/{version}\r\nHost: x.y\r\n{}\r\n", fields.concat()).into_bytes()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_request_that_was_written_anew_is_the_same_request(bytes in requests()) {
        check_round_trip(&bytes);
    }

    #[test]
    fn no_bytes_whatever_break_the_parser_or_change_meaning(bytes in pieces()) {
        check_round_trip(&bytes);
    }

    #[test]
    fn a_prefix_of_a_good_head_is_never_a_good_head(bytes in requests(), cut in any::<prop::sample::Index>()) {
        if let Ok(Some(length)) = parsed(&bytes, |head| head.length) {
            let cut = cut.index(length);
            prop_assert!(matches!(parsed(&bytes[..cut], |_| ()), Ok(None) | Err(_)));
        }
    }
}
