//! A request's header block becomes the text of an HTTP/1.1 request head.
//!
//! How the content is framed for a target of HTTP/1.1 is said in the text as well: `content-length` as it came, else
//! `transfer-encoding: chunked` when content may follow. `CONNECT` becomes a request line that the parser refuses, as it
//! refuses `TRACE`; the extended CONNECT of RFC 8441 was not offered and is malformed.

use super::{Facts, Lines, Read, is_token_byte, is_visible};
use crate::http2::{
    error::Malformed,
    hpack::{Block, Decoder, Field, HpackError, Name},
    text::{Scratch, Text},
};
use std::ops::Range;

/// The values of the pseudo-header fields, as places in the text of the fields.
#[derive(Debug, Default)]
struct Pseudo {
    method: Option<Range<usize>>,
    scheme: Option<Range<usize>>,
    authority: Option<Range<usize>>,
    path: Option<Range<usize>>,
}

/// Reads the block of a request; the head is in `scratch.text` then.
///
/// `end`: no content follows. `limit`: the most bytes of text; a longer head is cut off there.
///
/// # Errors
/// The outer one: the block cannot be decoded. The inner one: it is no request.
pub fn read(decoder: &mut Decoder, block: Block<'_>, end: bool, limit: usize, scratch: &mut Scratch) -> Read<Facts> {
    let mut block = block;
    let Scratch { text, fields, crumbs } = scratch;
    text.clear();
    fields.clear();
    crumbs.clear();
    let mut lines = Lines::new(limit);
    let mut pseudo = Pseudo::default();
    decoder.begin(&mut block)?;
    let first = read_pseudo(decoder, &mut block, fields, &mut pseudo, &mut lines)?;
    if let Err(malformed) = write_request_line(&pseudo, fields, text) {
        lines.wrong(malformed);
    }
    let authority = pseudo.authority.clone().map(|range| &fields.bytes()[range]);
    let mut hosts = 0;
    let mut regular = |field: Field, text: &mut Text, lines: &mut Lines| {
        if field.name == Name::Host && !keep_host(authority, &mut hosts, field, text, lines) {
            text.truncate(field.start);
        } else {
            lines.field(field, text, crumbs);
        }
    };
    if let Some(first) = first {
        let start = text.len();
        text.push(fields.from(first.start));
        regular(Field { start, ..first }, text, &mut lines);
        while let Some(field) = decoder.next(&mut block, text)? {
            regular(field, text, &mut lines);
        }
    }
    if let Some(malformed) = lines.malformed {
        return Ok(Err(malformed));
    }
    lines.join_crumbs(text, crumbs);
    let method = &fields.bytes()[pseudo.method.unwrap_or_default()];
    if end && lines.content_length.is_some_and(|length| length > 0) {
        return Ok(Err(Malformed::ContentSize));
    }
    if !lines.full {
        write_framing(method, end, lines.content_length, text);
        text.push(b"\r\n");
    }
    Ok(Ok(Facts { content_length: lines.content_length, bodyless: method == b"HEAD", status: 0 }))
}

/// Reads up to the first field that is no pseudo-header field, and returns that.
fn read_pseudo(
    decoder: &mut Decoder,
    block: &mut Block<'_>,
    fields: &mut Text,
    pseudo: &mut Pseudo,
    lines: &mut Lines,
) -> Result<Option<Field>, HpackError> {
    while let Some(field) = decoder.next(block, fields)? {
        if !field.name.is_pseudo() {
            return Ok(Some(field));
        }
        if field.bad_value {
            lines.wrong(Malformed::FieldValue);
        }
        let place = match field.name {
            Name::Method => &mut pseudo.method,
            Name::Scheme => &mut pseudo.scheme,
            Name::Authority => &mut pseudo.authority,
            Name::Path => &mut pseudo.path,
            Name::Status
            | Name::UnknownPseudo
            | Name::Ordinary
            | Name::Cookie
            | Name::Host
            | Name::ContentLength
            | Name::Te
            | Name::ConnectionSpecific
            | Name::Invalid => {
                lines.wrong(Malformed::UnexpectedPseudoHeader);
                fields.truncate(field.start);
                continue;
            }
        };
        if place.is_some() {
            lines.wrong(Malformed::DuplicatePseudoHeader);
            fields.truncate(field.start);
            continue;
        }
        *place = Some(field.start + field.name_length + 2..fields.len() - 2);
    }
    Ok(None)
}

/// Writes the request line, and Host if there is an authority (RFC 9113 section 8.3.1).
fn write_request_line(pseudo: &Pseudo, fields: &Text, text: &mut Text) -> Result<(), Malformed> {
    let value = |range: &Option<Range<usize>>| range.clone().map(|range| &fields.bytes()[range]);
    let method = value(&pseudo.method).ok_or(Malformed::MissingPseudoHeader)?;
    let authority = value(&pseudo.authority);
    if method.is_empty() || !method.iter().all(|byte| is_token_byte(*byte)) {
        return Err(Malformed::Method);
    }
    if authority.is_some_and(|authority| authority.is_empty() || !is_visible(authority)) {
        return Err(Malformed::Authority);
    }
    let target = if method == b"CONNECT" {
        if pseudo.scheme.is_some() || pseudo.path.is_some() {
            return Err(Malformed::UnexpectedPseudoHeader);
        }
        authority.ok_or(Malformed::MissingPseudoHeader)?
    } else {
        let scheme = value(&pseudo.scheme).ok_or(Malformed::MissingPseudoHeader)?;
        let path = value(&pseudo.path).ok_or(Malformed::MissingPseudoHeader)?;
        check_scheme_and_path(scheme, path, method)?;
        path
    };
    for piece in [method, b" ", target, b" HTTP/1.1\r\n"] {
        text.push(piece);
    }
    if let Some(authority) = authority {
        for piece in [b"host: ", authority, b"\r\n"] {
            text.push(piece);
        }
    }
    Ok(())
}

fn check_scheme_and_path(scheme: &[u8], path: &[u8], method: &[u8]) -> Result<(), Malformed> {
    if !scheme.eq_ignore_ascii_case(b"https") && !scheme.eq_ignore_ascii_case(b"http") {
        return Err(Malformed::Scheme);
    }
    // A path that began otherwise would be another form of the request target, with an authority of its own.
    let formed = path.first() == Some(&b'/') || (path == b"*" && method == b"OPTIONS");
    if !formed || !is_visible(path) {
        return Err(Malformed::Path);
    }
    Ok(())
}

/// Whether the line of a Host field stays: it does where there is no `:authority`. With one it must say the same; two
/// of them never do.
fn keep_host(authority: Option<&[u8]>, hosts: &mut u32, field: Field, text: &Text, lines: &mut Lines) -> bool {
    *hosts += 1;
    let same = authority.is_none_or(|authority| field.value(text).eq_ignore_ascii_case(authority));
    if field.bad_value {
        lines.wrong(Malformed::FieldValue);
    } else if !same || *hosts > 1 {
        lines.wrong(Malformed::Host);
    }
    authority.is_none()
}

/// Says where the content ends, where the fields do not.
fn write_framing(method: &[u8], end: bool, content_length: Option<u64>, text: &mut Text) {
    if content_length.is_some() {
        return;
    }
    if !end {
        text.push(b"transfer-encoding: chunked\r\n");
    } else if matches!(method, b"POST" | b"PUT" | b"PATCH") {
        // The end of the stream has said it; servers of HTTP/1.1 may ask for the number (RFC 9110 section 8.6).
        text.push(b"content-length: 0\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{header, request_head::RequestHead};
    use crate::http2::hpack::{Encoder, Reader};

    const LIMIT: usize = 80 * 1024;
    type Pairs<'a> = &'a [(&'a str, &'a str)];

    /// A block of literals, as they are given.
    fn block(fields: Pairs<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, value) in fields {
            out.push(0x40);
            for text in [name, value] {
                push_length(&mut out, text.len());
                out.extend_from_slice(text.as_bytes());
            }
        }
        out
    }

    fn push_length(out: &mut Vec<u8>, length: usize) {
        if length < 127 {
            return out.push(u8::try_from(length).unwrap());
        }
        out.push(127);
        let mut rest = length - 127;
        while rest >= 128 {
            out.push(u8::try_from(rest & 127).unwrap() | 128);
            rest >>= 7;
        }
        out.push(u8::try_from(rest).unwrap());
    }

    fn read_block(bytes: &[u8], end: bool, scratch: &mut Scratch) -> Result<(String, Facts), Malformed> {
        let mut decoder = Decoder::default();
        let facts = read(&mut decoder, Block::new(bytes, 4 * LIMIT), end, LIMIT, scratch).unwrap()?;
        Ok((String::from_utf8_lossy(scratch.text.bytes()).into_owned(), facts))
    }

    fn request(fields: Pairs<'_>, end: bool) -> Result<String, Malformed> {
        read_block(&block(fields), end, &mut Scratch::default()).map(|(text, _)| text)
    }

    const GET: [(&str, &str); 4] =
        [(":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/x?y")];

    fn get_with(fields: Pairs<'_>) -> Result<String, Malformed> {
        request(&[&GET, fields].concat(), true)
    }

    #[test]
    fn requests_become_the_same_in_http_1() {
        for (fields, end, expected) in [
            (&GET[..], true, "GET /x?y HTTP/1.1\r\nhost: a.example\r\n\r\n"),
            (
                &[
                    (":path", "/"),
                    (":method", "GET"),
                    (":scheme", "http"),
                    ("host", "b:81"),
                    ("accept", "*/*"),
                    ("x", ""),
                ],
                true,
                "GET / HTTP/1.1\r\nhost: b:81\r\naccept: */*\r\nx: \r\n\r\n",
            ),
            (
                &[(":method", "POST"), (":scheme", "https"), (":authority", "A"), (":path", "/"), ("host", "a")],
                false,
                "POST / HTTP/1.1\r\nhost: A\r\ntransfer-encoding: chunked\r\n\r\n",
            ),
            (
                &[
                    (":method", "POST"),
                    (":scheme", "https"),
                    (":authority", "a"),
                    (":path", "/"),
                    ("content-length", "5"),
                ],
                false,
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n",
            ),
            (
                &[(":method", "PUT"), (":scheme", "https"), (":authority", "a"), (":path", "/"), ("te", "trailers")],
                true,
                "PUT / HTTP/1.1\r\nhost: a\r\nte: trailers\r\ncontent-length: 0\r\n\r\n",
            ),
            (
                &[(":method", "OPTIONS"), (":scheme", "https"), (":authority", "a"), (":path", "*")],
                true,
                "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
            ),
            (
                &[(":method", "CONNECT"), (":authority", "a:443")],
                false,
                "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\ntransfer-encoding: chunked\r\n\r\n",
            ),
        ] {
            assert_eq!(request(fields, end).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn pieces_of_cookies_become_one_cookie_wherever_they_stand() {
        for (fields, expected) in [
            (
                &[("cookie", "a=b"), ("cookie", "c=d"), ("cookie", "e=f"), ("z", "1")][..],
                "cookie: a=b; c=d; e=f\r\nz: 1\r\n",
            ),
            (&[("cookie", "a=b"), ("z", "1"), ("cookie", "c=d")], "cookie: a=b; c=d\r\nz: 1\r\n"),
            (
                &[
                    ("y", "0"),
                    ("cookie", "a=b"),
                    ("z", "1"),
                    ("cookie", "c=d"),
                    ("w", "2"),
                    ("cookie", "e"),
                    ("cookie", "f"),
                ],
                "y: 0\r\ncookie: a=b; c=d; e; f\r\nz: 1\r\nw: 2\r\n",
            ),
        ] {
            let text = get_with(fields).unwrap();
            assert_eq!(text, format!("GET /x?y HTTP/1.1\r\nhost: a.example\r\n{expected}\r\n"));
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        use Malformed as M;
        for (fields, expected) in [
            (&[("X-A", "b")][..], M::FieldName),
            (&[("x a", "b")], M::FieldName),
            (&[("", "b")], M::FieldName),
            (&[("x-a", "b\r\nhost: evil")], M::FieldValue),
            (&[("x-a", " b")], M::FieldValue),
            (&[("x-a", "b\0")], M::FieldValue),
            (&[("host", "a.example\n")], M::FieldValue),
            (&[(":path", "/y")], M::DuplicatePseudoHeader),
            (&[("x-a", "b"), (":path", "/y")], M::PseudoHeaderAfterFields),
            (&[(":status", "200")], M::UnexpectedPseudoHeader),
            (&[(":protocol", "websocket")], M::UnexpectedPseudoHeader),
            (&[("host", "b.example")], M::Host),
            (&[("host", "a.example"), ("host", "a.example")], M::Host),
            (&[("connection", "close")], M::ConnectionSpecific),
            (&[("keep-alive", "5")], M::ConnectionSpecific),
            (&[("proxy-connection", "close")], M::ConnectionSpecific),
            (&[("transfer-encoding", "chunked")], M::ConnectionSpecific),
            (&[("upgrade", "websocket")], M::ConnectionSpecific),
            (&[("te", "gzip")], M::Te),
            (&[("te", "trailers, gzip")], M::Te),
            (&[("content-length", "x")], M::ContentLength),
            (&[("content-length", "")], M::ContentLength),
            (&[("content-length", "0"), ("content-length", "1")], M::ContentLength),
            (&[("content-length", "1")], M::ContentSize),
        ] {
            assert_eq!(get_with(fields), Err(expected), "{fields:?}");
        }
        let replaced = |name, value| {
            let mut fields = GET;
            fields.iter_mut().filter(|field| field.0 == name).for_each(|field| field.1 = value);
            request(&fields, true)
        };
        for (name, value, expected) in [
            (":method", "", M::Method),
            (":method", "GET /admin HTTP/1.1", M::Method),
            (":method", "G\u{e4}T", M::Method),
            (":method", "GET\r\n", M::FieldValue),
            (":scheme", "ftp", M::Scheme),
            (":scheme", "", M::Scheme),
            (":path", "", M::Path),
            (":path", "x", M::Path),
            (":path", "*", M::Path),
            (":path", "http://evil.example/", M::Path),
            (":path", "/a HTTP/1.1", M::Path),
            (":path", "/a\tb", M::Path),
            (":path", "/a\r\nb", M::FieldValue),
            (":authority", "", M::Authority),
            (":authority", "a b", M::Authority),
        ] {
            assert_eq!(replaced(name, value), Err(expected), "{name} {value}");
        }
        for missing in 0..4 {
            let fields: Vec<_> =
                GET.iter().enumerate().filter(|(i, _)| *i != missing).map(|(_, field)| *field).collect();
            // Without an authority the parser of HTTP/1.1 decides: Host may say it.
            assert_eq!(request(&fields, true).err(), (missing != 2).then_some(M::MissingPseudoHeader));
        }
        let connect = [(":method", "CONNECT"), (":authority", "a:1"), (":scheme", "https"), (":path", "/")];
        assert_eq!(request(&connect, true), Err(M::UnexpectedPseudoHeader));
        assert_eq!(request(&connect[..1], true), Err(M::MissingPseudoHeader));
        assert_eq!(request(&[], true), Err(M::MissingPseudoHeader));
    }

    #[test]
    fn the_same_content_length_twice_is_said_once() {
        let fields = [&GET[..], &[("content-length", "5"), ("content-length", "05")]].concat();
        let (text, facts) = read_block(&block(&fields), false, &mut Scratch::default()).unwrap();
        assert_eq!(text, "GET /x?y HTTP/1.1\r\nhost: a.example\r\ncontent-length: 5\r\n\r\n");
        assert_eq!(facts.content_length, Some(5));
    }

    #[test]
    fn a_head_that_is_too_large_is_refused_by_the_parser() {
        let value = "v".repeat(4000);
        let cookies = [("cookie", "c=d"), ("x", &value), ("cookie", &value)];
        for fields in [
            [&GET[..], &[("x-a", &*value); 30]].concat(),
            [&GET[..], &[("cookie", &*value); 30]].concat(),
            [&GET[..], &cookies.repeat(12)].concat(),
            [&GET[..], &[("x-a", "b"); 101]].concat(),
        ] {
            let mut out = Vec::new();
            let mut encoder = Encoder::new(Reader::Client);
            for (name, value) in fields {
                // Huffman-coded, so that each field is short enough on the wire.
                encoder.field(name.as_bytes(), value.as_bytes(), &mut out);
            }
            let mut scratch = Scratch::default();
            read_block(&out, true, &mut scratch).unwrap();
            assert!(scratch.text.len() <= 2 * LIMIT + 4096);
            let mut storage = header::storage();
            let refused = RequestHead::parse(scratch.text.bytes(), &mut storage).unwrap_err();
            assert_eq!(refused.status(), 400);
        }
    }

    #[test]
    fn after_a_malformed_field_the_table_still_learns_the_rest() {
        let (mut decoder, mut scratch) = (Decoder::default(), Scratch::default());
        let bad = block(&[&GET[..], &[("X-Bad", "1"), ("x-good", "2")]].concat());
        let result = read(&mut decoder, Block::new(&bad, LIMIT), true, LIMIT, &mut scratch).unwrap();
        assert_eq!(result, Err(Malformed::FieldName));
        // :path, :authority, :scheme, :method, x-bad and x-good are entries now, the last one first.
        let again = [0xc3, 0xc2, 0xc1, 0xc0, 0xbe];
        read(&mut decoder, Block::new(&again, LIMIT), true, LIMIT, &mut scratch).unwrap().unwrap();
        let text = String::from_utf8_lossy(scratch.text.bytes()).into_owned();
        assert_eq!(text, "GET /x?y HTTP/1.1\r\nhost: a.example\r\nx-good: 2\r\n\r\n");
        let bad_again = [0xc3, 0xc2, 0xc1, 0xc0, 0xbf];
        let result = read(&mut decoder, Block::new(&bad_again, LIMIT), true, LIMIT, &mut scratch).unwrap();
        assert_eq!(result, Err(Malformed::FieldName));
    }
}
