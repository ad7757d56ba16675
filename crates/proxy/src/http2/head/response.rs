//! An answer's header block, from a target, becomes the text of an HTTP/1.1 answer head.
//!
//! Whether content follows is told by the frames, not by the text: an answer that ends with its head has no other
//! framing in it than the `content-length` that it came with.

use super::{Facts, Lines, Read};
use crate::http2::{
    error::Malformed,
    hpack::{Block, Decoder, Field, Name},
    text::{Scratch, Text},
};

/// Reads the block of an answer; the head is in `scratch.text` then.
///
/// `end`: no content follows. `to_head`: it answers a HEAD request. `limit`: the most bytes of text; a longer head is
/// cut off there.
///
/// # Errors
/// The outer one: the block cannot be decoded. The inner one: it is no answer.
pub fn read(
    decoder: &mut Decoder,
    block: Block<'_>,
    (end, to_head): (bool, bool),
    limit: usize,
    scratch: &mut Scratch,
) -> Read<Facts> {
    let mut block = block;
    let Scratch { text, crumbs, .. } = scratch;
    text.clear();
    crumbs.clear();
    let mut lines = Lines::new(limit);
    decoder.begin(&mut block)?;
    let status = match decoder.next(&mut block, text)? {
        Some(field) => read_status(field, text),
        None => Err(Malformed::MissingPseudoHeader),
    };
    text.clear();
    match status {
        Ok(status) => write_status_line(status, text),
        Err(malformed) => lines.wrong(malformed),
    }
    while let Some(field) = decoder.next(&mut block, text)? {
        if field.name == Name::Status {
            lines.wrong(Malformed::DuplicatePseudoHeader);
        }
        // Answers have no cookies that could be in pieces.
        let name = if field.name == Name::Cookie { Name::Ordinary } else { field.name };
        lines.field(Field { name, ..field }, text, crumbs);
    }
    Ok(finish(status.and_then(|status| lines.malformed.map_or(Ok(status), Err)), &lines, (end, to_head), text))
}

/// What the fields say together, and the end of the head.
fn finish(
    status: Result<u16, Malformed>,
    lines: &Lines,
    (end, to_head): (bool, bool),
    text: &mut Text,
) -> Result<Facts, Malformed> {
    let status = status?;
    let interim = status < 200;
    let bodyless = to_head || matches!(status, 204 | 304);
    if interim && end {
        return Err(Malformed::Order);
    }
    if end && !bodyless && lines.content_length.is_some_and(|length| length > 0) {
        return Err(Malformed::ContentSize);
    }
    if !lines.full {
        if !end && !interim && lines.content_length.is_none() {
            text.push(b"transfer-encoding: chunked\r\n");
        }
        text.push(b"\r\n");
    }
    Ok(Facts { content_length: lines.content_length, bodyless, status })
}

/// `:status`, which must come first: three digits. A change of protocol does not exist (RFC 9113 section 8.6).
fn read_status(field: Field, text: &Text) -> Result<u16, Malformed> {
    if field.name != Name::Status {
        let is_other = field.name.is_pseudo();
        return Err(if is_other { Malformed::UnexpectedPseudoHeader } else { Malformed::MissingPseudoHeader });
    }
    let value = field.value(text);
    let [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9'] = value else { return Err(Malformed::Status) };
    let status = value.iter().fold(0, |status, digit| status * 10 + u16::from(digit - b'0'));
    if status == 101 { Err(Malformed::Status) } else { Ok(status) }
}

fn write_status_line(status: u16, text: &mut Text) {
    let digit = |n: u16| b'0' + (n % 10).to_le_bytes()[0];
    text.push(b"HTTP/1.1 ");
    text.push(&[digit(status / 100), digit(status / 10), digit(status), b' ', b'\r', b'\n']);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{
        Version, header,
        response_head::{Asked, MAXIMUM_HEAD, ResponseHead},
    };

    fn read_pairs(fields: &[(&str, &str)], end: bool, to_head: bool) -> Result<(String, Facts), Malformed> {
        let mut block = Vec::new();
        for (name, value) in fields {
            block.extend_from_slice(&[0, u8::try_from(name.len()).unwrap()]);
            block.extend_from_slice(name.as_bytes());
            block.push(u8::try_from(value.len()).unwrap());
            block.extend_from_slice(value.as_bytes());
        }
        let mut scratch = Scratch::default();
        let block = Block::new(&block, 1 << 20);
        let facts = read(&mut Decoder::default(), block, (end, to_head), MAXIMUM_HEAD, &mut scratch).unwrap()?;
        Ok((String::from_utf8_lossy(scratch.text.bytes()).into_owned(), facts))
    }

    #[test]
    fn answers_become_the_same_in_http_1() {
        for (fields, end, to_head, expected) in [
            (
                &[(":status", "200"), ("server", "x"), ("content-length", "5")][..],
                false,
                false,
                "HTTP/1.1 200 \r\nserver: x\r\ncontent-length: 5\r\n\r\n",
            ),
            (&[(":status", "404")], false, false, "HTTP/1.1 404 \r\ntransfer-encoding: chunked\r\n\r\n"),
            (&[(":status", "200"), ("grpc-status", "5")], true, false, "HTTP/1.1 200 \r\ngrpc-status: 5\r\n\r\n"),
            (&[(":status", "200"), ("content-length", "5")], true, true, "HTTP/1.1 200 \r\ncontent-length: 5\r\n\r\n"),
            (&[(":status", "304"), ("content-length", "5")], true, false, "HTTP/1.1 304 \r\ncontent-length: 5\r\n\r\n"),
            (&[(":status", "103"), ("link", "x")], false, false, "HTTP/1.1 103 \r\nlink: x\r\n\r\n"),
            (
                &[(":status", "200"), ("cookie", "a"), ("x", "y"), ("cookie", "b"), ("host", "c")],
                true,
                false,
                "HTTP/1.1 200 \r\ncookie: a\r\nx: y\r\ncookie: b\r\nhost: c\r\n\r\n",
            ),
        ] {
            let (text, facts) = read_pairs(fields, end, to_head).unwrap();
            assert_eq!(text, expected);
            let mut storage = header::storage();
            let asked = Asked { head: to_head, upgrade: false, version: Version::Http11 };
            let parsed = ResponseHead::parse(text.as_bytes(), &mut storage, asked).unwrap().unwrap();
            assert_eq!((parsed.status, parsed.length), (facts.status, text.len()));
        }
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        use Malformed as M;
        for (fields, expected) in [
            (&[][..], M::MissingPseudoHeader),
            (&[("server", "x")], M::MissingPseudoHeader),
            (&[("server", "x"), (":status", "200")], M::MissingPseudoHeader),
            (&[(":status", "200"), (":status", "200")], M::DuplicatePseudoHeader),
            (&[(":status", "200"), ("a", "b"), (":path", "/")], M::PseudoHeaderAfterFields),
            (&[(":path", "/"), (":status", "200")], M::UnexpectedPseudoHeader),
            (&[(":status", "20")], M::Status),
            (&[(":status", "2000")], M::Status),
            (&[(":status", "099")], M::Status),
            (&[(":status", "+20")], M::Status),
            (&[(":status", "101")], M::Status),
            (&[(":status", "100")], M::Order),
            (&[(":status", "200"), ("connection", "close")], M::ConnectionSpecific),
            (&[(":status", "200"), ("A", "b")], M::FieldName),
            (&[(":status", "200"), ("a", "b\r\nc: d")], M::FieldValue),
            (&[(":status", "200"), ("content-length", "5")], M::ContentSize),
            (&[(":status", "200"), ("content-length", "five")], M::ContentLength),
        ] {
            assert_eq!(read_pairs(fields, true, false).map(|(text, _)| text), Err(expected), "{fields:?}");
        }
    }

    #[test]
    fn a_head_that_is_too_large_is_refused_by_the_parser() {
        let value = "v".repeat(120);
        let fields: Vec<_> = std::iter::once((":status", "200")).chain([("x-a", &*value); 300]).collect();
        let (text, _) = read_pairs(&fields, true, false).unwrap();
        assert_eq!(text.len(), MAXIMUM_HEAD);
        let mut storage = header::storage();
        let asked = Asked { head: false, upgrade: false, version: Version::Http11 };
        assert!(ResponseHead::parse(text.as_bytes(), &mut storage, asked).is_err());
    }
}
