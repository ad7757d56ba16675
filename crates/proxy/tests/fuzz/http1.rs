//! Heads of requests and answers, and chunked bodies.

use crate::driver::{Target, outcome};
use model::elbv2::snapshot::XffMode;
use proxy::http::{
    Version,
    body::Body,
    header,
    request_head::{RequestHead, Rewriting},
    response_head::{Asked, ResponseHead},
};

const PIECES: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b": ",
    b",",
    b";",
    b"\"",
    b"/",
    b"?",
    b"#",
    b"%00",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/2.0",
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"Host: a\r\n",
    b"Host:",
    b"Content-Length: 5\r\n",
    b"Content-Length:",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding:",
    b"chunked",
    b"identity",
    b"Connection: close\r\n",
    b"Connection: keep-alive, host\r\n",
    b"Upgrade: websocket\r\n",
    b"Expect: 100-continue\r\n",
    b"TE: trailers\r\n",
    b"X-Forwarded-For: 1.1.1.1, 2.2.2.2\r\n",
    b"X-Amzn-Trace-Id: Root=1-a-b;Self=1-c-d\r\n",
    b"Cookie: AWSALB=x\r\n",
    b"http://c.d",
    b"\r\n\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff",
    b"18446744073709551616",
    b"-1",
    b"+1",
    b"0x10",
    b"\x80",
    b"\xff",
];

fn lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn rewriting(preserve_host: bool) -> Rewriting<'static> {
    Rewriting {
        xff_mode: XffMode::Append,
        client: b"192.0.2.1",
        port: 80,
        forwarded_lines: b"X-Forwarded-Proto: http\r\nX-Forwarded-Port: 80\r\n",
        preserve_host,
        default_host: "lb.example",
        drop_invalid_names: preserve_host,
        trailers: preserve_host,
        host: None,
        target: None,
        reserved: &[],
        tls: None,
        seconds: 1,
        random: [2, 3],
    }
}

/// What is forwarded is one request, with the same meaning, that we would take ourselves.
fn request_head(bytes: &[u8]) -> u64 {
    let mut storage = header::storage();
    let head = match RequestHead::parse(bytes, &mut storage) {
        Ok(Some(head)) => head,
        Ok(None) => return 0,
        Err(error) => return outcome(error.reason()),
    };
    assert!(head.length <= bytes.len());
    // A part of a head is no head.
    for part in [head.length - 1, head.length / 2] {
        let mut storage = header::storage();
        assert!(!matches!(RequestHead::parse(&bytes[..part], &mut storage), Ok(Some(_))), "a head within a head");
    }
    for preserve_host in [false, true] {
        let mut out = Vec::new();
        head.write(&rewriting(preserve_host), &mut out);
        assert!(out.ends_with(b"\r\n\r\n"));
        assert_eq!(lines(&out), out.windows(2).filter(|pair| pair == b"\r\n").count(), "a line that ends otherwise");
        assert!(!out.contains(&0));
        let mut storage = header::storage();
        let again = match RequestHead::parse(&out, &mut storage) {
            Ok(Some(again)) => again,
            other => panic!("we would not take what we forward: {:?}\n{}", other.err(), out.escape_ascii()),
        };
        assert_eq!(again.length, out.len(), "{}", out.escape_ascii());
        assert_eq!((again.method, &again.body), (head.method, &head.body), "{}", out.escape_ascii());
        assert_eq!(again.is_idempotent(), head.is_idempotent());
        assert!(lines(&out) <= lines(&bytes[..head.length]) + 9, "more lines than fields: {}", out.escape_ascii());
    }
    let form = (head.version == Version::Http11, head.keep_alive, head.expects_continue, head.upgrade.is_some());
    let kind = (std::mem::discriminant(&head.body), head.method.len().min(9), head.fields().len(), head.host.is_some());
    outcome((form, kind, head.findings.class() as u8, head.has_invalid_names(), head.is_grpc()))
}

#[test]
fn request_heads() {
    Target {
        seeds: [
            &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
            b"GET http://c.d:81/x?y=z HTTP/1.1\r\nHost: A.example:80\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n",
            b"POST /a/../b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Type: application/grpc\r\n\r\nabc",
            b"PUT /p HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\nTE: trailers\r\n\r\n0\r\n\r\n",
            b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
            b"OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\nX-Forwarded-For: 1.1.1.1\r\nX_y: z\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\nCookie: a=b; AWSALB=c\r\n\r\n",
        ]
        .map(<[u8]>::to_vec)
        .into(),
        pieces: PIECES,
        change: None,
        run: &request_head,
        executions: 30_000,
    }
    .fuzz("request_heads");
}

fn response_head(bytes: &[u8]) -> u64 {
    // The first byte chooses what was asked.
    let Some((first, bytes)) = bytes.split_first() else { return 0 };
    let version = if first & 4 == 0 { Version::Http11 } else { Version::Http10 };
    let asked = Asked { head: first & 1 != 0, upgrade: first & 2 != 0, version };
    let mut storage = header::storage();
    let head = match ResponseHead::parse(bytes, &mut storage, asked) {
        Ok(Some(head)) => head,
        Ok(None) => return 1,
        Err(error) => return outcome(error.reason()),
    };
    assert!(head.length <= bytes.len() && (100..1000).contains(&head.status));
    for part in [head.length - 1, head.length / 2] {
        let mut storage = header::storage();
        assert!(
            !matches!(ResponseHead::parse(&bytes[..part], &mut storage, asked), Ok(Some(_))),
            "a head within a head"
        );
    }
    if asked.head || matches!(head.status, 204 | 304 | 100 | 102..=199) {
        assert!(head.body.is_complete(), "{} has no body", head.status);
    }
    assert!(head.status != 101 || asked.upgrade);
    assert!(head.body != Body::UntilClose || !head.keep_alive, "nobody knows where the answer ends");
    assert!(head.content_length().is_none() || !matches!(head.body, Body::Chunked(_)));
    let cookies = head.set_cookies().inspect(|cookie| assert!(!cookie.contains(&b'\n'))).count();
    outcome((
        std::mem::discriminant(&head.body),
        head.keep_alive,
        head.status / 100,
        head.content_length().is_some(),
        cookies,
        first & 7,
    ))
}

#[test]
fn response_heads() {
    Target {
        seeds: [
            &b"\0HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"[..],
            b"\x01HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n",
            b"\x02HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            b"\0HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n0\r\n\r\n",
            b"\x04HTTP/1.0 404 Not Found\r\nServer: x\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
            b"\0HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
            b"\0HTTP/1.1 204 \r\nConnection: close, x-a\r\nX-A: b\r\n\r\n",
        ]
        .map(<[u8]>::to_vec)
        .into(),
        pieces: PIECES,
        change: None,
        run: &response_head,
        executions: 30_000,
    }
    .fuzz("response_heads");
}

/// The whole at once, byte by byte, and in two pieces: the same content, and the same end.
fn chunked_body(bytes: &[u8]) -> u64 {
    let (mut body, mut content) = (Body::chunked(), Vec::new());
    let whole = body.advance_unframed(bytes, &mut content);
    let mut framed = Body::chunked();
    assert_eq!(framed.advance(bytes), whole, "with the framing and without it");
    assert!(content.len() <= bytes.len());
    for cut in [1, bytes.len() / 2, bytes.len() / 3] {
        let (mut again, mut said, mut taken, mut result) = (Body::chunked(), Vec::new(), 0, Ok(0));
        let step = cut.max(1);
        for piece in bytes.chunks(step) {
            result = again.advance_unframed(piece, &mut said);
            match result {
                Ok(n) if n == piece.len() && !again.is_complete() => taken += n,
                Ok(n) => {
                    taken += n;
                    break;
                }
                Err(_) => break,
            }
        }
        assert_eq!(result.is_ok(), whole.is_ok(), "cut every {step} bytes");
        if let Ok(whole) = whole {
            assert_eq!((taken, again.is_complete()), (whole, body.is_complete()), "cut every {step} bytes");
            assert!(said == content, "cut every {step} bytes");
        }
    }
    if let (Ok(end), true) = (whole, body.is_complete()) {
        assert_eq!(reference(&bytes[..end]).as_ref(), Some(&content), "{}", bytes[..end].escape_ascii());
    }
    let size = usize::try_from(content.len().checked_ilog2().unwrap_or(0)).unwrap();
    outcome((whole.is_ok(), body.is_complete(), size, lines(bytes).min(12)))
}

/// A decoder that is slow and obvious. It is given a body that is complete.
fn reference(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut rest, mut content) = (bytes, Vec::new());
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = std::str::from_utf8(&rest[..end].iter().take_while(|b| **b != b';').copied().collect::<Vec<_>>())
            .ok()?
            .to_owned();
        let size =
            usize::from_str_radix(line.trim_end_matches([' ', '\t']), 16).ok().filter(|_| !line.starts_with('+'))?;
        rest = &rest[end + 2..];
        if size == 0 {
            return rest.ends_with(b"\r\n").then_some(content);
        }
        content.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

#[test]
fn chunked_bodies() {
    Target {
        seeds: [
            &b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"[..],
            b"0\r\n\r\n",
            b"00a;x=\"y\"\r\n0123456789\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\nGET / HTTP/1.1\r\n",
            b"1 \r\na\r\n1;\r\nb\r\n0;z\r\n\r\n",
            b"FF\r\n",
        ]
        .map(<[u8]>::to_vec)
        .into(),
        pieces: &[
            b"\r\n",
            b"\n",
            b"\r",
            b"0\r\n\r\n",
            b"0",
            b"f",
            b"A",
            b";",
            b" ",
            b"\t",
            b"\"",
            b"1\r\nx\r\n",
            b"ffffffffffffffff",
            b"10000000000000000",
            b"X-T: 1\r\n",
            b"Content-Length: 1\r\n",
            b":",
            b"-",
            b"+",
            b"0x",
            b"\0",
        ],
        change: None,
        run: &chunked_body,
        executions: 40_000,
    }
    .fuzz("chunked_bodies");
}
