//! As much of HTTP/1.1 as the bench needs, for both of its sides: where a head ends, what it says, how far a body goes.
//!
//! It trusts its peers more than a server may: what it reads was written by the proxies that are measured.

/// Where the head ends (behind its empty line), if `bytes` hold a whole one.
///
/// Looks at every fourth byte only: one of four consecutive bytes of the mark is always hit.
pub fn head_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 3;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' if bytes[at - 3..=at] == *b"\r\n\r\n" => return Some(at + 1),
            b'\r' | b'\n' => at += 1,
            _ => at += 4,
        }
    }
    None
}

/// The values of all header fields of this name (in lower case), without the spaces around them.
pub fn fields<'a>(head: &'a [u8], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let lines = head.split(|byte| *byte == b'\n').skip(1);
    lines.filter_map(move |line| {
        let (found, value) = line.split_at_checked(name.len())?;
        let value = value.strip_prefix(b":")?;
        found.eq_ignore_ascii_case(name.as_bytes()).then_some(value.trim_ascii())
    })
}

/// Whether one of the fields of this name says this, in any case.
pub fn says(head: &[u8], name: &str, value: &str) -> bool {
    fields(head, name).any(|found| found.eq_ignore_ascii_case(value.as_bytes()))
}

/// What Content-Length says.
pub fn content_length(head: &[u8]) -> Option<usize> {
    std::str::from_utf8(fields(head, "content-length").next()?).ok()?.parse().ok()
}

/// The status of a response.
pub fn status(head: &[u8]) -> Option<u16> {
    let digits = head.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A body on its way.
#[derive(Debug, PartialEq, Eq)]
pub enum BodyReader {
    /// So many bytes are still to come.
    Length(usize),
    /// In chunks.
    Chunked(Chunks),
}

/// Where in a chunked body the reader is.
#[derive(Debug, PartialEq, Eq)]
pub enum Chunks {
    /// In the line that says how long the chunk is; digits that were read so far, and whether there are no more of them.
    Size { bytes: usize, digits_ended: bool },
    /// In a chunk; so many bytes, those of the line's end included, are still to come.
    Data { bytes: usize },
    /// In a line of the trailer that has so many bytes so far.
    Trailer { line: usize },
    /// Behind the last line.
    End,
}

impl BodyReader {
    /// The reader of a request's body.
    pub fn of(head: &[u8]) -> Self {
        if says(head, "transfer-encoding", "chunked") {
            return Self::Chunked(Chunks::Size { bytes: 0, digits_ended: false });
        }
        Self::Length(content_length(head).unwrap_or(0))
    }

    /// Reads on; returns how many of `bytes` are the body's.
    pub fn take(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Length(missing) => {
                let taken = bytes.len().min(*missing);
                *missing -= taken;
                taken
            }
            Self::Chunked(chunks) => chunks.take(bytes),
        }
    }

    /// Whether nothing more is to come.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Length(missing) => *missing == 0,
            Self::Chunked(chunks) => *chunks == Chunks::End,
        }
    }

    /// So many bytes may be thrown away unread.
    pub fn skippable(&self) -> usize {
        match self {
            Self::Length(missing) => *missing,
            Self::Chunked(_) => 0,
        }
    }
}

impl Chunks {
    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() && *self != Self::End {
            at += self.step(&bytes[at..]);
        }
        at
    }

    /// Takes at least one byte of `bytes`, which has one.
    fn step(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Data { bytes: missing } => {
                let taken = bytes.len().min(*missing);
                *missing -= taken;
                if *missing == 0 {
                    *self = Self::Size { bytes: 0, digits_ended: false };
                }
                return taken;
            }
            Self::Size { bytes: size, digits_ended } => match (bytes[0], char::from(bytes[0]).to_digit(16)) {
                (b'\n', _) if *size == 0 => *self = Self::Trailer { line: 0 },
                (b'\n', _) => *self = Self::Data { bytes: *size + 2 },
                (_, Some(digit)) if !*digits_ended => *size = size.saturating_mul(16).saturating_add(digit as usize),
                _ => *digits_ended = true,
            },
            Self::Trailer { line } => match bytes[0] {
                b'\n' if *line == 0 => *self = Self::End,
                b'\n' => *line = 0,
                b'\r' => {}
                _ => *line += 1,
            },
            Self::End => {}
        }
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_head_is_found_at_every_offset() {
        for padding in 0..9 {
            let head = format!("GET /{} HTTP/1.1\r\nA: b\r\n\r\n", "x".repeat(padding));
            assert_eq!(head_end(head.as_bytes()), Some(head.len()), "{head:?}");
            assert_eq!(head_end(format!("{head}body").as_bytes()), Some(head.len()));
            assert_eq!(head_end(&head.as_bytes()[..head.len() - 1]), None);
        }
    }

    #[test]
    fn fields_are_read_whatever_the_case_of_their_names() {
        let head = b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 100\r\nX-Content-Length: 5\r\nSet-Cookie: a=1\r\nset-cookie:b=2 \r\nTransfer-Encoding: Chunked\r\n\r\n";
        assert_eq!(content_length(head), Some(100));
        assert_eq!(fields(head, "set-cookie").collect::<Vec<_>>(), [&b"a=1"[..], b"b=2"]);
        assert!(says(head, "transfer-encoding", "chunked") && !says(head, "connection", "close"));
        assert_eq!(content_length(b"HTTP/1.1 200 OK\r\nX-Content-Length: 5\r\n\r\n"), None);
    }

    #[test]
    fn the_status_stands_behind_the_version() {
        for (head, wanted) in [
            (&b"HTTP/1.1 200 OK\r\n\r\n"[..], Some(200)),
            (b"HTTP/1.0 503 Service Unavailable\r\n\r\n", Some(503)),
            (b"HTTP/1.1 20", None),
            (b"SSH-2.0-x\r\n\r\n", None),
        ] {
            assert_eq!(status(head), wanted, "{:?}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn a_body_ends_where_its_framing_says_however_it_is_cut() {
        let chunked = b"5;name=value\r\nhello\r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
        for (head, body) in [
            (&b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"[..], &chunked[..]),
            (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", b"0\r\n\r\n"),
            (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", b"hello"),
            (b"GET / HTTP/1.1\r\n\r\n", b""),
        ] {
            let stream = [body, b"GET /next"].concat();
            for piece in 1..=stream.len() {
                let mut reader = BodyReader::of(head);
                let mut taken = 0;
                while !reader.is_whole() {
                    let end = stream.len().min(taken + piece);
                    taken += reader.take(&stream[taken..end]);
                }
                assert_eq!(taken, body.len(), "{:?} in pieces of {piece}", String::from_utf8_lossy(body));
            }
        }
    }
}
