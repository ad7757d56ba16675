//! Where a message body ends: by length, by chunks, or with the connection (RFC 9112 section 6).
//!
//! Chunked bodies are checked byte by byte by a state machine and passed on as they are; it accepts what the RFC's
//! grammar accepts and nothing more, for every leniency here is a place where a target may see another end than we do.

/// The longest line of chunk size and extensions, in bytes.
const MAXIMUM_CHUNK_LINE: u16 = 4096;
/// The most bytes of trailer fields.
const MAXIMUM_TRAILERS: u16 = 16 * 1024;
/// Digits of a chunk size: sizes up to 2^60.
const MAXIMUM_SIZE_DIGITS: u8 = 15;
/// The length of the longest name in [`FORBIDDEN_TRAILERS`], plus one to tell longer names apart.
const NAME_ROOM: usize = 20;

/// Trailer fields that would change how the message is framed, routed or trusted.
const FORBIDDEN_TRAILERS: [&[u8]; 16] = [
    b"content-length",
    b"transfer-encoding",
    b"host",
    b"connection",
    b"trailer",
    b"te",
    b"upgrade",
    b"keep-alive",
    b"expect",
    b"content-type",
    b"content-encoding",
    b"authorization",
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-port",
    b"x-amzn-trace-id",
];

/// A body, as far as it has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// There is none (or no more).
    None,
    /// This many bytes are to come; never 0.
    Length(u64),
    /// Chunks.
    Chunked(ChunkScanner),
    /// Everything until the connection ends. Answers only.
    UntilClose,
}

/// A chunked body that does not follow the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chunked body is malformed")]
pub struct InvalidChunks;

impl Body {
    /// A body of `length` bytes.
    pub fn of_length(length: u64) -> Self {
        if length == 0 { Self::None } else { Self::Length(length) }
    }

    /// The beginning of a chunked body.
    pub fn chunked() -> Self {
        Self::Chunked(ChunkScanner::default())
    }

    /// Whether nothing more is to come. A body that lasts until the connection closes never is complete by itself.
    #[inline]
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::None)
    }

    /// How many bytes are to come, where that is known.
    pub fn remaining(&self) -> Option<u64> {
        match self {
            Self::None => Some(0),
            Self::Length(left) => Some(*left),
            Self::Chunked(_) | Self::UntilClose => None,
        }
    }

    /// Takes the bytes at the front of `bytes` that belong to the body; returns how many they are.
    ///
    /// # Errors
    /// The chunks are malformed.
    #[inline]
    pub fn advance(&mut self, bytes: &[u8]) -> Result<usize, InvalidChunks> {
        match self {
            Self::None => Ok(0),
            Self::Length(left) => {
                let taken = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                *self = Self::of_length(*left - taken as u64);
                Ok(taken)
            }
            Self::Chunked(scanner) => {
                let (taken, done) = scanner.scan(bytes, |_| {})?;
                if done {
                    *self = Self::None;
                }
                Ok(taken)
            }
            Self::UntilClose => Ok(bytes.len()),
        }
    }

    /// The same, and appends to `out` what the body means rather than how it is framed: for clients that do not know
    /// chunks (HTTP/1.0).
    ///
    /// # Errors
    /// The chunks are malformed.
    pub fn advance_unframed(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, InvalidChunks> {
        if let Self::Chunked(scanner) = self {
            let (taken, done) = scanner.scan(bytes, |data| out.extend_from_slice(data))?;
            if done {
                *self = Self::None;
            }
            return Ok(taken);
        }
        let taken = self.advance(bytes)?;
        out.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }
}

/// How far a chunked body has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChunkScanner {
    at: At,
    /// Bytes of the present line of size and extensions, or of all trailers.
    line: u16,
    /// The trailer name, in lower case, as far as it fits.
    name: [u8; NAME_ROOM],
    name_length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Size { value: u64, digits: u8 },
    Extension { value: u64, quoted: bool, escaped: bool },
    SizeLf { value: u64 },
    Data { left: u64 },
    DataCr,
    DataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
}

impl Default for At {
    fn default() -> Self {
        Self::Size { value: 0, digits: 0 }
    }
}

impl ChunkScanner {
    /// How many bytes belong to the body, and whether it is complete. `data` is given the content.
    fn scan(&mut self, bytes: &[u8], mut data: impl FnMut(&[u8])) -> Result<(usize, bool), InvalidChunks> {
        let mut i = 0;
        while i < bytes.len() {
            if let At::Data { left } = self.at {
                let n = usize::try_from(left).map_or(bytes.len() - i, |left| left.min(bytes.len() - i));
                data(&bytes[i..i + n]);
                i += n;
                let left = left - n as u64;
                self.at = if left == 0 { At::DataCr } else { At::Data { left } };
                continue;
            }
            let byte = bytes[i];
            i += 1;
            match self.step(byte)? {
                Some(next) => self.at = next,
                None => return Ok((i, true)),
            }
        }
        Ok((i, false))
    }

    /// The state after one byte of framing; `None` at the end of the body.
    fn step(&mut self, byte: u8) -> Result<Option<At>, InvalidChunks> {
        let next = match (self.at, byte) {
            (At::Size { value, digits }, _) => self.size(value, digits, byte)?,
            (At::Extension { value, quoted, escaped }, _) => self.extension(value, quoted, escaped, byte)?,
            (At::SizeLf { value: 0 }, b'\n') => {
                self.line = 0;
                At::TrailerStart
            }
            (At::SizeLf { value }, b'\n') => At::Data { left: value },
            (At::DataCr, b'\r') => At::DataLf,
            (At::DataLf, b'\n') => {
                self.line = 0;
                At::default()
            }
            (At::TrailerStart, b'\r') => At::EndLf,
            (At::TrailerStart, _) => {
                self.name_length = 0;
                self.trailer_name(byte)?
            }
            (At::TrailerName, _) => self.trailer_name(byte)?,
            (At::TrailerValue, _) => self.trailer_value(byte)?,
            (At::TrailerLf, b'\n') => At::TrailerStart,
            (At::EndLf, b'\n') => return Ok(None),
            (At::SizeLf { .. } | At::Data { .. } | At::DataCr | At::DataLf | At::TrailerLf | At::EndLf, _) => {
                return Err(InvalidChunks);
            }
        };
        Ok(Some(next))
    }

    fn size(&mut self, value: u64, digits: u8, byte: u8) -> Result<At, InvalidChunks> {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b'\r' if digits > 0 => return Ok(At::SizeLf { value }),
            b';' if digits > 0 => return Ok(At::Extension { value, quoted: false, escaped: false }),
            _ => return Err(InvalidChunks),
        };
        // Leading zeros are digits too: they are bounded like all others.
        if digits == MAXIMUM_SIZE_DIGITS {
            return Err(InvalidChunks);
        }
        Ok(At::Size { value: value << 4 | u64::from(digit), digits: digits + 1 })
    }

    fn extension(&mut self, value: u64, quoted: bool, escaped: bool, byte: u8) -> Result<At, InvalidChunks> {
        self.line += 1;
        if self.line > MAXIMUM_CHUNK_LINE {
            return Err(InvalidChunks);
        }
        match byte {
            b'\r' if !quoted => Ok(At::SizeLf { value }),
            b'\t' | 0x20..=0x7e | 0x80.. => {
                let toggles = byte == b'"' && !escaped;
                let escaped = quoted && byte == b'\\' && !escaped;
                Ok(At::Extension { value, quoted: quoted != toggles, escaped })
            }
            _ => Err(InvalidChunks),
        }
    }

    fn trailer_name(&mut self, byte: u8) -> Result<At, InvalidChunks> {
        self.count_trailer()?;
        if byte == b':' {
            let name = &self.name[..self.name_length.min(NAME_ROOM)];
            let forbidden = self.name_length == 0 || FORBIDDEN_TRAILERS.contains(&name);
            return if forbidden { Err(InvalidChunks) } else { Ok(At::TrailerValue) };
        }
        if !is_token(byte) {
            return Err(InvalidChunks);
        }
        if let Some(place) = self.name.get_mut(self.name_length) {
            *place = byte.to_ascii_lowercase();
        }
        self.name_length += 1;
        Ok(At::TrailerName)
    }

    fn trailer_value(&mut self, byte: u8) -> Result<At, InvalidChunks> {
        self.count_trailer()?;
        match byte {
            b'\r' => Ok(At::TrailerLf),
            b'\t' | 0x20..=0x7e | 0x80.. => Ok(At::TrailerValue),
            _ => Err(InvalidChunks),
        }
    }

    fn count_trailer(&mut self) -> Result<(), InvalidChunks> {
        self.line += 1;
        if self.line > MAXIMUM_TRAILERS { Err(InvalidChunks) } else { Ok(()) }
    }
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the text in pieces of `step` bytes; what was taken, the content, and whether it ended.
    fn feed(text: &str, step: usize) -> Result<(usize, String, bool), InvalidChunks> {
        let (mut body, mut content, mut taken) = (Body::chunked(), Vec::new(), 0);
        for piece in text.as_bytes().chunks(step) {
            let n = body.advance_unframed(piece, &mut content)?;
            taken += n;
            if body.is_complete() {
                break;
            }
        }
        Ok((taken, String::from_utf8(content).unwrap(), body.is_complete()))
    }

    #[test]
    fn chunks_end_where_the_grammar_says_however_they_arrive() {
        for (text, content, rest) in [
            ("0\r\n\r\n", "", ""),
            ("5\r\nhello\r\n0\r\n\r\nGET", "hello", "GET"),
            ("00005\r\nhello\r\nA;x=y\r\n0123456789\r\n000\r\n\r\n", "hello0123456789", ""),
            ("1;a=\"q;\\\"\r\";b\r\nx\r\n0\r\n\r\n", "", "invalid"),
            ("1;a=\"q;\\\"\";b\r\nx\r\n0\r\n\r\n", "x", ""),
            ("1\r\nx\r\n0\r\nX-Sum: 12\r\nOther:\r\n\r\nnext", "x", "next"),
        ] {
            for step in [1, 2, 3, 7, 1000] {
                match feed(text, step) {
                    Ok(result) => assert_eq!(result, (text.len() - rest.len(), content.to_owned(), true), "{text:?}"),
                    Err(InvalidChunks) => assert_eq!(rest, "invalid", "{text:?}"),
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_chunked_body_is_refused() {
        let long_extension = format!("1;{}\r\n", "x".repeat(5000));
        let long_trailers = format!("0\r\n{}\r\n", "X-A: b\r\n".repeat(3000));
        for text in [
            "\r\n",
            "g\r\n",
            " 5\r\n",
            "5 \r\n",
            "+5\r\n",
            "-1\r\n",
            "0x5\r\n",
            "5\n",
            "5\r5",
            ";\r\n",
            "5\r\nhelloX",
            "5\r\nhello\n",
            "0\r\nfoo\r\n\r\n",
            "0\r\nContent-Length: 5\r\n\r\n",
            "0\r\ntransfer-encoding: chunked\r\n\r\n",
            "0\r\n X: y\r\n\r\n",
            "0\r\n: y\r\n\r\n",
            "0\r\nX : y\r\n\r\n",
            "0\r\nX: y\n\r\n",
            "0\r\n\n",
            "1000000000000000\r\n",
            "0000000000000000\r\n",
            "1;a\n\r\n",
            "1;\0\r\n",
            "0\r\nHost: x\r\n\r\n",
            &long_extension,
            &long_trailers,
        ] {
            assert_eq!(feed(text, 3), Err(InvalidChunks), "{text:?}");
        }
    }

    #[test]
    fn a_body_of_known_length_takes_exactly_that() {
        let mut body = Body::of_length(5);
        assert_eq!(body.advance(b"abc"), Ok(3));
        assert!(!body.is_complete());
        assert_eq!(body.advance(b"defg"), Ok(2));
        assert!(body.is_complete());
        assert_eq!(body.advance(b"more"), Ok(0));
        assert_eq!(Body::of_length(0), Body::None);
    }
}
