//! Trailers: from a block to lines of text, as they stand at the end of a chunked body, and from such lines to fields.
//!
//! Fields that would change how a message is framed, routed or trusted are left out in both directions. In a chunked
//! body they make the message malformed, because that is passed on as it came; here each field is written anew.

use super::{Lines, Read};
use crate::http2::{
    error::Malformed,
    hpack::{Block, Decoder, Field, Name},
    limits::TRAILERS,
    text::Scratch,
};

/// Names that trailers may not have: those of [`crate::http::body`].
const FORBIDDEN: [&[u8]; 16] = [
    b"authorization",
    b"connection",
    b"content-encoding",
    b"content-length",
    b"content-type",
    b"expect",
    b"host",
    b"keep-alive",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
    b"x-amzn-trace-id",
    b"x-forwarded-for",
    b"x-forwarded-port",
    b"x-forwarded-proto",
];

/// Whether trailers may have a field of this name, in any case.
pub fn is_allowed(name: &[u8]) -> bool {
    !FORBIDDEN.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden))
}

/// Reads a block of trailers: `name: value` lines, without an empty one at the end, are in `scratch.text` then.
///
/// # Errors
/// The outer one: the block cannot be decoded. The inner one: these are no trailers.
pub fn read(decoder: &mut Decoder, block: Block<'_>, scratch: &mut Scratch) -> Read<()> {
    let mut block = block;
    let Scratch { text, crumbs, .. } = scratch;
    text.clear();
    crumbs.clear();
    let mut lines = Lines::new(TRAILERS + 1);
    decoder.begin(&mut block)?;
    while let Some(field) = decoder.next(&mut block, text)? {
        if field.name.is_pseudo() {
            lines.wrong(Malformed::UnexpectedPseudoHeader);
        }
        if is_allowed(field.name(text)) {
            let name = if field.name == Name::Cookie { Name::Ordinary } else { field.name };
            lines.field(Field { name, ..field }, text, crumbs);
        } else {
            if field.name == Name::ConnectionSpecific {
                lines.wrong(Malformed::ConnectionSpecific);
            }
            text.truncate(field.start);
        }
    }
    Ok(match lines.malformed {
        Some(malformed) => Err(malformed),
        None if lines.full => Err(Malformed::TrailersTooLarge),
        None => Ok(()),
    })
}

/// The fields in lines of trailers, without those that trailers may not have.
pub fn fields(lines: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    lines.split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        is_allowed(name).then_some((name, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::Body;

    fn read_pairs(fields: &[(&str, &str)]) -> Result<String, Malformed> {
        let mut block = Vec::new();
        for (name, value) in fields {
            block.extend_from_slice(&[0, u8::try_from(name.len()).unwrap()]);
            block.extend_from_slice(name.as_bytes());
            block.push(u8::try_from(value.len()).unwrap());
            block.extend_from_slice(value.as_bytes());
        }
        let mut scratch = Scratch::default();
        read(&mut Decoder::default(), Block::new(&block, 1 << 20), &mut scratch).unwrap()?;
        Ok(String::from_utf8_lossy(scratch.text.bytes()).into_owned())
    }

    #[test]
    fn trailers_become_lines_and_lines_become_fields() {
        let lines = read_pairs(&[("grpc-status", "0"), ("host", "x"), ("cookie", "a"), ("grpc-message", "")]).unwrap();
        assert_eq!(lines, "grpc-status: 0\r\ncookie: a\r\ngrpc-message: \r\n");
        let again: Vec<_> = fields(lines.as_bytes()).collect();
        assert_eq!(again, [(&b"grpc-status"[..], &b"0"[..]), (b"cookie", b"a"), (b"grpc-message", b"")]);
        let foreign: Vec<_> = fields(b"X-A:b \r\nHost: c\r\nno colon\r\n\r\n").collect();
        assert_eq!(foreign, [(&b"X-A"[..], &b"b"[..])]);
    }

    #[test]
    fn what_is_no_trailer_is_refused() {
        let large = "v".repeat(100);
        let many: Vec<_> = (0..200).map(|_| ("x-a", &*large)).collect();
        for (pairs, expected) in [
            (&[(":status", "200")][..], Malformed::UnexpectedPseudoHeader),
            (&[(":foo", "200")], Malformed::UnexpectedPseudoHeader),
            (&[("A", "b")], Malformed::FieldName),
            (&[("a", "b\nc")], Malformed::FieldValue),
            (&[("connection", "close")], Malformed::ConnectionSpecific),
            (&many, Malformed::TrailersTooLarge),
        ] {
            assert_eq!(read_pairs(pairs), Err(expected));
        }
    }

    #[test]
    fn the_forbidden_names_are_those_of_chunked_bodies() {
        for name in FORBIDDEN {
            let text = [b"0\r\n", name, b": x\r\n\r\n"].concat();
            assert!(Body::chunked().advance(&text).is_err(), "{name:?}");
        }
        for name in ["grpc-status", "etag", "set-cookie", "server-timing", "x-checksum"] {
            assert!(is_allowed(name.as_bytes()));
            assert!(Body::chunked().advance(format!("0\r\n{name}: x\r\n\r\n").as_bytes()).is_ok());
        }
    }
}
