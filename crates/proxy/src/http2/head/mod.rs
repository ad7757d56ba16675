//! Heads: from a header block to the text of an HTTP/1.1 head, and back.
//!
//! A head that came over HTTP/2 becomes the text of the equivalent HTTP/1.1 head and then goes through the same strict
//! parser as any other ([`crate::http::request_head`], [`crate::http::response_head`]); only what that parser cannot see
//! is judged here: the rules of RFC 9113 section 8, and whatever could make the text say something else than the fields.
//! Too large a head is cut off at its limit, which the parser then refuses in its own words.

pub mod encode;
pub mod request;
pub mod response;
pub mod trailers;

use super::{
    error::Malformed,
    hpack::{Block, Decoder, Field, HpackError, Name},
    text::{Scratch, Text},
};
use crate::http::header;

/// What a head says that matters to its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `content-length`.
    pub content_length: Option<u64>,
    /// Of a request: whether it is HEAD. Of an answer: whether it has no content whatever its fields say.
    pub bodyless: bool,
    /// Of an answer: its status.
    pub status: u16,
}

/// The outer result is about the connection, the inner one about the stream.
pub type Read<T> = Result<Result<T, Malformed>, HpackError>;

/// Decodes a block whose fields nobody wants: the table must know them all the same.
///
/// # Errors
/// As [`Decoder::next`].
pub fn discard(decoder: &mut Decoder, block: Block<'_>, scratch: &mut Scratch) -> Result<(), HpackError> {
    let mut block = block;
    scratch.fields.clear();
    decoder.begin(&mut block)?;
    while decoder.next(&mut block, &mut scratch.fields)?.is_some() {
        scratch.fields.clear();
    }
    Ok(())
}

/// The lines of a head while they are written: what was found, and where they end.
#[derive(Debug)]
struct Lines {
    /// The most bytes of text.
    limit: usize,
    /// Whether the limit was reached; the text has exactly that many bytes then, and no end.
    full: bool,
    malformed: Option<Malformed>,
    /// Either of them: what comes is only decoded.
    discards: bool,
    content_length: Option<u64>,
    /// Where the line of the cookie ends.
    cookie_end: Option<usize>,
}

impl Lines {
    fn new(limit: usize) -> Self {
        Self { limit, full: false, malformed: None, discards: false, content_length: None, cookie_end: None }
    }

    /// Notes the first thing that is wrong. The rest of the block is still decoded.
    fn wrong(&mut self, malformed: Malformed) {
        self.malformed.get_or_insert(malformed);
        self.discards = true;
    }

    /// Decides about the line that was just written at the end of the text: it stays, or is taken away.
    #[inline(always)]
    fn field(&mut self, field: Field, text: &mut Text, crumbs: &mut Vec<u8>) {
        // Nearly all fields, and nothing to do for them.
        let plain = field.name == Name::Ordinary && !field.bad_value && !self.discards && text.len() < self.limit;
        if !plain {
            self.special(field, text, crumbs);
        }
    }

    fn special(&mut self, field: Field, text: &mut Text, crumbs: &mut Vec<u8>) {
        if field.bad_value {
            self.wrong(Malformed::FieldValue);
        }
        match field.name {
            Name::Ordinary => {}
            Name::Cookie => self.cookie(field, text, crumbs),
            Name::ContentLength => self.content_length(field, text),
            Name::Te => {
                if !field.value(text).eq_ignore_ascii_case(b"trailers") {
                    self.wrong(Malformed::Te);
                }
            }
            // Of requests, where it is looked at before; an answer may have it as it may have any other.
            Name::Host => {}
            Name::ConnectionSpecific => self.wrong(Malformed::ConnectionSpecific),
            Name::Invalid => self.wrong(Malformed::FieldName),
            Name::Method | Name::Scheme | Name::Authority | Name::Path | Name::Status | Name::UnknownPseudo => {
                self.wrong(Malformed::PseudoHeaderAfterFields);
            }
        }
        if self.discards {
            text.truncate(field.start);
        } else if text.len() >= self.limit {
            text.truncate(self.limit);
            (self.full, self.discards) = (true, true);
        }
    }

    /// Only the first is kept.
    fn content_length(&mut self, field: Field, text: &mut Text) {
        match (header::number(field.value(text)), self.content_length) {
            (None, _) => self.wrong(Malformed::ContentLength),
            (Some(length), None) => self.content_length = Some(length),
            (Some(length), Some(before)) if length == before => text.truncate(field.start),
            (Some(_), Some(_)) => self.wrong(Malformed::ContentLength),
        }
    }

    /// Pieces of a cookie become one (RFC 9113 section 8.2.3).
    fn cookie(&mut self, field: Field, text: &mut Text, crumbs: &mut Vec<u8>) {
        match self.cookie_end {
            None => {}
            // The line before is the cookie: its end and this line's name make room for the separator.
            Some(end) if end == field.start => {
                text.overwrite(end - 2, b"; ");
                text.close_gap(end, field.start + "cookie: ".len());
            }
            Some(_) => {
                // Beyond the limit they only need to be enough for the parser to refuse the head.
                if crumbs.len() < self.limit {
                    crumbs.extend_from_slice(b"; ");
                    crumbs.extend_from_slice(field.value(text));
                }
                text.truncate(field.start);
                return;
            }
        }
        self.cookie_end = Some(text.len());
    }

    /// Puts pieces of a cookie that came late to the others.
    fn join_crumbs(&mut self, text: &mut Text, crumbs: &[u8]) {
        if let Some(end) = self.cookie_end.filter(|_| !crumbs.is_empty() && !self.full) {
            text.insert(end - 2, crumbs);
        }
    }
}

/// A byte of a token (RFC 9110 section 5.6.2).
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether all bytes can stand in the middle of a request line: there is no white space and no control among them. Looks
/// at all of them, which is quicker than to stop at the first.
fn is_visible(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |visible, byte| visible & (*byte > b' ') & (*byte != 0x7f))
}
