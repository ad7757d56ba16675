//! Header blocks of what is sent: answers for clients, requests for targets, trailers for both.

use super::trailers;
use crate::http2::hpack::Encoder;
use httparse::{Header, Status};
use std::mem::MaybeUninit;

/// Fields of a head that is read here. It was written by us: at most 100 that came, and some of ours.
const MAXIMUM_FIELDS: usize = 128;

/// A text that was given as a head and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a head of HTTP/1.1")]
pub struct NotAHead;

/// Appends the block of an answer. Fields of HTTP/1.1 connections are left out.
pub fn answer<'a>(
    encoder: &mut Encoder,
    status: u16,
    fields: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
    out: &mut Vec<u8>,
) {
    encoder.begin(out);
    encoder.status(status, out);
    for (name, value) in fields {
        if !is_of_connection(name) && !name.eq_ignore_ascii_case(b"te") {
            encoder.field(name, value, out);
        }
    }
}

/// Appends the block of the answer whose head, in HTTP/1.1, is `head`. Returns its status.
///
/// # Errors
/// The text is no head of an answer. Nothing was appended.
pub fn answer_text(encoder: &mut Encoder, head: &[u8], out: &mut Vec<u8>) -> Result<u16, NotAHead> {
    let mut storage = [const { MaybeUninit::uninit() }; MAXIMUM_FIELDS];
    let mut parsed = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let Ok(Status::Complete(_)) = config.parse_response_with_uninit_headers(&mut parsed, head, &mut storage) else {
        return Err(NotAHead);
    };
    let status = parsed.code.filter(|status| *status >= 100).ok_or(NotAHead)?;
    answer(encoder, status, parsed.headers.iter().map(pair), out);
    Ok(status)
}

/// Appends the block of the request whose head, in HTTP/1.1, is `head`. Returns whether it is HEAD.
///
/// Host becomes `:authority`; `TE: trailers` stays, for targets of gRPC ask for it; other fields of the connection go.
///
/// # Errors
/// The text is no head of a request. Nothing was appended.
pub fn request(encoder: &mut Encoder, head: &[u8], https: bool, out: &mut Vec<u8>) -> Result<bool, NotAHead> {
    let mut storage = [const { MaybeUninit::uninit() }; MAXIMUM_FIELDS];
    let mut parsed = httparse::Request::new(&mut []);
    let Ok(Status::Complete(_)) = parsed.parse_with_uninit_headers(head, &mut storage) else {
        return Err(NotAHead);
    };
    let (Some(method), Some(path)) = (parsed.method, parsed.path) else { return Err(NotAHead) };
    let is_host = |header: &&Header<'_>| header.name.eq_ignore_ascii_case("host");
    encoder.begin(out);
    encoder.method(method.as_bytes(), out);
    encoder.scheme(https, out);
    if let Some(host) = parsed.headers.iter().find(|header| is_host(header)) {
        encoder.authority(host.value, out);
    }
    encoder.path(path.as_bytes(), out);
    for header in parsed.headers.iter().filter(|header| !is_host(header)) {
        let (name, value) = pair(header);
        let other_te = name.eq_ignore_ascii_case(b"te") && !value.eq_ignore_ascii_case(b"trailers");
        if !is_of_connection(name) && !other_te {
            encoder.field(name, value, out);
        }
    }
    Ok(method == "HEAD")
}

/// Appends the block of trailers, given as lines of text. False: there is no field among them that trailers may have,
/// and nothing was appended.
pub fn trailer_lines(encoder: &mut Encoder, lines: &[u8], out: &mut Vec<u8>) -> bool {
    let from = out.len();
    let mut fields = trailers::fields(lines).filter(|(name, _)| !is_of_connection(name)).peekable();
    if fields.peek().is_some() {
        encoder.begin(out);
    }
    for (name, value) in fields {
        encoder.field(name, value, out);
    }
    out.len() > from
}

fn pair<'a>(header: &Header<'a>) -> (&'a [u8], &'a [u8]) {
    (header.name.as_bytes(), header.value)
}

/// Fields that mean something to one connection of HTTP/1.1 only (RFC 9113 section 8.2.2).
#[inline]
fn is_of_connection(name: &[u8]) -> bool {
    match name.len() {
        7 => name.eq_ignore_ascii_case(b"upgrade"),
        10 => name.eq_ignore_ascii_case(b"connection") || name.eq_ignore_ascii_case(b"keep-alive"),
        14 => name.eq_ignore_ascii_case(b"http2-settings"),
        16 => name.eq_ignore_ascii_case(b"proxy-connection"),
        17 => name.eq_ignore_ascii_case(b"transfer-encoding"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http2::{
        hpack::{Block, Decoder, Reader},
        text::Text,
    };

    fn decode(bytes: &[u8]) -> String {
        let (mut block, mut text, mut decoder) = (Block::new(bytes, 1 << 20), Text::default(), Decoder::default());
        decoder.begin(&mut block).unwrap();
        while decoder.next(&mut block, &mut text).unwrap().is_some() {}
        String::from_utf8(text.bytes().to_vec()).unwrap()
    }

    #[test]
    fn requests_for_targets_lose_what_was_of_the_connection() {
        let (mut encoder, mut out) = (Encoder::new(Reader::Target), Vec::new());
        let head = "POST /a?b HTTP/1.1\r\nHost: x.example:81\r\nContent-Type: application/grpc\r\nTE: trailers\r\n\
            Connection: keep-alive\r\nTransfer-Encoding: chunked\r\nX-Forwarded-For: 192.0.2.1\r\nTE: gzip\r\n\r\n";
        assert_eq!(request(&mut encoder, head.as_bytes(), true, &mut out), Ok(false));
        assert_eq!(
            decode(&out),
            ":method: POST\r\n:scheme: https\r\n:authority: x.example:81\r\n:path: /a?b\r\n\
            content-type: application/grpc\r\nte: trailers\r\nx-forwarded-for: 192.0.2.1\r\n"
        );
        out.clear();
        assert_eq!(request(&mut encoder, b"HEAD / HTTP/1.1\r\nHost: y\r\n\r\n", false, &mut out), Ok(true));
        assert_eq!(decode(&out), ":method: HEAD\r\n:scheme: http\r\n:authority: y\r\n:path: /\r\n");
        out.clear();
        for text in ["", "GET / HTTP/1.1\r\nHost: y\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
            assert_eq!(request(&mut encoder, text.as_bytes(), false, &mut out), Err(NotAHead));
        }
        assert!(out.is_empty());
    }

    #[test]
    fn answers_are_written_from_fields_or_text() {
        let (mut encoder, mut out) = (Encoder::new(Reader::Client), Vec::new());
        let head = "HTTP/1.1 503 Service Unavailable\r\nServer: x\r\nContent-Length: 5\r\nConnection: close\r\n\
            Keep-Alive: 5\r\nSet-Cookie: a=b\r\n\r\n";
        assert_eq!(answer_text(&mut encoder, head.as_bytes(), &mut out), Ok(503));
        assert_eq!(decode(&out), ":status: 503\r\nserver: x\r\ncontent-length: 5\r\nset-cookie: a=b\r\n");
        out.clear();
        assert_eq!(answer_text(&mut encoder, b"HTTP/1.1 099 x\r\n\r\n", &mut out), Err(NotAHead));
        assert!(out.is_empty());
    }

    #[test]
    fn trailers_of_nothing_are_no_block() {
        let (mut encoder, mut out) = (Encoder::new(Reader::Client), Vec::new());
        assert!(trailer_lines(&mut encoder, b"Grpc-Status: 0\r\nConnection: x\r\nGrpc-Message: a b\r\n", &mut out));
        assert_eq!(decode(&out), "grpc-status: 0\r\ngrpc-message: a b\r\n");
        out.clear();
        encoder.resize(100);
        assert!(!trailer_lines(&mut encoder, b"Host: a\r\n", &mut out));
        assert!(!trailer_lines(&mut encoder, b"", &mut out));
        assert!(out.is_empty());
    }
}
