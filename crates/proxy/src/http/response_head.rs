//! The head of an answer: read from the target, and written anew for the client.

use super::{
    Version,
    body::Body,
    client::Additions,
    header::{self, ConnectionOptions, Mask, Storage},
};
use crate::error::ProxyError;
use httparse::{Header, Status};

/// The longest head of an answer (ELB quotas: all response headers 32 K).
pub const MAXIMUM_HEAD: usize = 32 * 1024;

/// An answer's head.
#[derive(Debug)]
pub struct ResponseHead<'h, 'b> {
    /// How many bytes it has, the empty line included.
    pub length: usize,
    /// The status, 100 to 999.
    pub status: u16,
    /// What follows.
    pub body: Body,
    /// Whether the target keeps the connection.
    pub keep_alive: bool,
    bytes: &'b [u8],
    reason: &'b str,
    headers: &'h [Header<'b>],
    drop: Mask,
    content_length: Option<u64>,
    upgrade: Option<&'b [u8]>,
}

/// What the request was, as far as it matters to the answer.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Whether it was HEAD: then no body follows, whatever the head says.
    pub head: bool,
    /// Whether it asked for another protocol: only then 101 is an answer.
    pub upgrade: bool,
    /// The client's version.
    pub version: Version,
}

#[derive(Debug, Default)]
struct Fields<'b> {
    drop: Mask,
    connection: ConnectionOptions,
    content_length: Option<u64>,
    chunked: bool,
    upgrade: Option<&'b [u8]>,
}

impl<'h, 'b> ResponseHead<'h, 'b> {
    /// Reads a head at the beginning of `bytes`; `None` when it is not complete.
    ///
    /// # Errors
    /// The answer that the client gets instead.
    pub fn parse(bytes: &'b [u8], storage: &'h mut Storage<'b>, asked: Asked) -> Result<Option<Self>, ProxyError> {
        let mut response = httparse::Response::new(&mut []);
        let parsed =
            httparse::ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, storage);
        let length = match parsed {
            Ok(Status::Complete(length)) => length,
            Ok(Status::Partial) if bytes.len() < MAXIMUM_HEAD => return Ok(None),
            Ok(Status::Partial) => return Err(ProxyError::AnswerHeadTooLarge),
            Err(httparse::Error::TooManyHeaders) => return Err(ProxyError::AnswerHeadTooLarge),
            Err(_) => return Err(ProxyError::BadAnswer("head")),
        };
        if length > MAXIMUM_HEAD {
            return Err(ProxyError::AnswerHeadTooLarge);
        }
        let (Some(status), Some(reason), Some(minor)) = (response.code, response.reason, response.version) else {
            return Err(ProxyError::BadAnswer("status line"));
        };
        let headers: &'h [Header<'b>] = response.headers;
        let fields = read_fields(headers)?;
        if status < 100 || (status == 101 && !(asked.upgrade && fields.upgrade.is_some())) {
            return Err(ProxyError::BadAnswer("status"));
        }
        let body = frame(&fields, status, asked, minor)?;
        let ConnectionOptions { close, keep_alive, upgrade: _ } = fields.connection;
        // An answer with both framings is read by the chunks; what the target thinks follows it is not known.
        let unclear = fields.chunked && fields.content_length.is_some();
        let stays = !close && (minor == 1 || keep_alive) && !unclear && body != Body::UntilClose;
        let Fields { drop, content_length, upgrade, .. } = fields;
        // RFC 9110 section 8.6: none in these answers; a client might wait for the body that it announces.
        let content_length = content_length.filter(|_| !matches!(status, 100..200 | 204));
        Ok(Some(Self {
            length,
            status,
            body,
            keep_alive: stays,
            bytes,
            reason,
            headers,
            drop,
            content_length,
            upgrade,
        }))
    }

    /// Whether another head follows this one.
    pub fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// The values of its `Set-Cookie` fields.
    pub fn set_cookies(&self) -> impl Iterator<Item = &'b [u8]> {
        self.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("set-cookie")).map(|header| header.value)
    }

    /// The fields that the client does not get: those of this connection only, and those that others take the place of.
    #[inline]
    fn dropped(&self, additions: Additions<'_>) -> Mask {
        let mut drop = self.drop;
        if !additions.set.is_empty() {
            for (i, header) in self.headers.iter().enumerate() {
                if additions.set.iter().any(|(name, _)| name.eq_ignore_ascii_case(header.name)) {
                    drop.add(i);
                }
            }
        }
        drop
    }

    /// `Content-Length`, if the client gets one.
    pub fn content_length(&self) -> Option<u64> {
        self.content_length.filter(|_| !matches!(self.body, Body::Chunked(_)))
    }

    /// The fields that the client gets, but for its length.
    pub(crate) fn fields<'a>(&'a self, additions: Additions<'a>) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let drop = self.dropped(additions);
        let kept = self.headers.iter().enumerate().filter(move |(i, _)| !drop.has(*i));
        let kept = kept.map(|(_, header)| (header.name.as_bytes(), header.value));
        let set = additions.set.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        kept.chain(set).chain(header::lines(additions.lines))
    }

    /// Appends the head that the client gets.
    ///
    /// `keep_alive`: whether the client's connection stays open after the answer. `unframed`: whether the chunks of the
    /// body are taken away, because the client does not know them. `additions`: what comes beside what the target said.
    pub(crate) fn write(
        &self,
        asked: Asked,
        keep_alive: bool,
        unframed: bool,
        additions: Additions<'_>,
        out: &mut Vec<u8>,
    ) {
        out.reserve(self.length + 64);
        let is_canonical = self.has_canonical_status_line();
        if !is_canonical {
            self.write_status_line(out);
        }
        header::copy(self.bytes, self.headers, self.dropped(additions), is_canonical, self.length - 2, out);
        for (name, value) in additions.set {
            header::write(name.as_bytes(), value.as_bytes(), out);
        }
        out.extend_from_slice(additions.lines);
        self.write_framing(unframed, out);
        self.write_connection(asked, keep_alive, out);
        out.extend_from_slice(b"\r\n");
    }

    fn write_status_line(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"HTTP/1.1 ");
        header::write_number(u64::from(self.status), out);
        out.push(b' ');
        out.extend_from_slice(self.reason.as_bytes());
        out.extend_from_slice(b"\r\n");
    }

    /// Whether the first line is exactly what [`Self::write_status_line`] makes of it.
    fn has_canonical_status_line(&self) -> bool {
        const STATUS: &[u8] = b"HTTP/1.1 200 ";
        let end =
            self.headers.first().map_or(self.length - 2, |first| header::offset(self.bytes, first.name.as_bytes()));
        end == STATUS.len() + self.reason.len() + 2
            && self.bytes.starts_with(b"HTTP/1.1 ")
            && self.bytes[STATUS.len() - 1] == b' '
            && self.bytes[end - 2..end] == *b"\r\n"
    }

    fn write_framing(&self, unframed: bool, out: &mut Vec<u8>) {
        match &self.body {
            Body::Chunked(_) if unframed => {}
            Body::Chunked(_) => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
            Body::None | Body::Length(_) | Body::UntilClose => {
                if let Some(length) = self.content_length {
                    out.extend_from_slice(b"Content-Length: ");
                    header::write_number(length, out);
                    out.extend_from_slice(b"\r\n");
                }
            }
        }
    }

    fn write_connection(&self, asked: Asked, keep_alive: bool, out: &mut Vec<u8>) {
        if self.status == 101 {
            header::write(b"Connection", b"Upgrade", out);
            header::write(b"Upgrade", self.upgrade.unwrap_or_default(), out);
        } else if self.is_interim() {
        } else if !keep_alive {
            header::write(b"Connection", b"close", out);
        } else if asked.version == Version::Http10 {
            header::write(b"Connection", b"keep-alive", out);
        }
    }
}

fn read_fields<'b>(headers: &[Header<'b>]) -> Result<Fields<'b>, ProxyError> {
    let mut fields = Fields::default();
    for (i, header) in headers.iter().enumerate() {
        let (name, value) = (header.name.as_bytes(), header.value);
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        match name.len() {
            7 if is(b"upgrade") => {
                fields.drop.add(i);
                fields.upgrade = Some(value);
            }
            10 if is(b"connection") => {
                fields.drop.add(i);
                header::read_connection(value, headers, &mut fields.drop, &mut fields.connection);
            }
            10 if is(b"keep-alive") => fields.drop.add(i),
            14 if is(b"content-length") => {
                fields.drop.add(i);
                read_content_length(&mut fields, value)?;
            }
            16 if is(b"proxy-connection") => fields.drop.add(i),
            17 if is(b"transfer-encoding") => {
                fields.drop.add(i);
                if fields.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(ProxyError::BadAnswer("Transfer-Encoding"));
                }
                fields.chunked = true;
            }
            _ => {}
        }
    }
    Ok(fields)
}

fn read_content_length(fields: &mut Fields<'_>, value: &[u8]) -> Result<(), ProxyError> {
    const BAD: ProxyError = ProxyError::BadAnswer("Content-Length");
    let length = header::number(value).ok_or(BAD)?;
    if fields.content_length.is_some_and(|before| before != length) {
        return Err(BAD);
    }
    fields.content_length = Some(length);
    Ok(())
}

/// Where the body ends (RFC 9112 section 6.3).
fn frame(fields: &Fields<'_>, status: u16, asked: Asked, minor: u8) -> Result<Body, ProxyError> {
    if fields.chunked && minor == 0 {
        return Err(ProxyError::BadAnswer("Transfer-Encoding in HTTP/1.0"));
    }
    let bodyless = asked.head || matches!(status, 100..200 | 204 | 304);
    Ok(match (bodyless, fields.chunked, fields.content_length) {
        (true, _, _) => Body::None,
        (false, true, _) => Body::chunked(),
        (false, false, Some(length)) => Body::of_length(length),
        (false, false, None) => Body::UntilClose,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: Asked = Asked { head: false, upgrade: false, version: Version::Http11 };

    /// The head as the client sees it, the body, and whether the target's connection stays.
    fn rewrite(text: &str, asked: Asked) -> Result<Option<(String, Body, bool)>, ProxyError> {
        let mut storage = header::storage();
        let head = ResponseHead::parse(text.as_bytes(), &mut storage, asked)?;
        Ok(head.map(|head| {
            let mut out = Vec::new();
            head.write(asked, true, false, Additions::default(), &mut out);
            (String::from_utf8_lossy(&out).into_owned(), head.body.clone(), head.keep_alive)
        }))
    }

    #[test]
    fn answers_are_framed_and_written_anew() {
        let head = Asked { head: true, ..GET };
        let old = Asked { version: Version::Http10, ..GET };
        for (text, asked, expected, body, keep) in [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                GET,
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                Body::Length(5),
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\nA:b\r\nC: d \r\nE:\r\nContent-Length: 05\r\nContent-Length: 5\r\n\r\n",
                GET,
                "HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\nE: \r\nContent-Length: 5\r\n\r\n",
                Body::Length(5),
                true,
            ),
            ("HTTP/1.1 200 OK\nA: b\n\n", GET, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", Body::UntilClose, false),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n",
                GET,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                Body::chunked(),
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
                GET,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                Body::chunked(),
                false,
            ),
            (
                "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n",
                GET,
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
                Body::Length(1),
                false,
            ),
            (
                "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 1\r\n\r\n",
                old,
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n",
                Body::Length(1),
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-End: 2\r\n\r\n",
                head,
                "HTTP/1.1 200 OK\r\nX-End: 2\r\nContent-Length: 9\r\n\r\n",
                Body::None,
                false,
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", GET, "HTTP/1.1 204 No Content\r\n\r\n", Body::None, true),
            (
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
                GET,
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
                Body::None,
                true,
            ),
            (
                "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
                GET,
                "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
                Body::None,
                true,
            ),
        ] {
            let seen = rewrite(text, asked).unwrap().unwrap();
            assert_eq!(seen, (expected.to_owned(), body, keep), "{text:?}");
        }
    }

    #[test]
    fn answers_that_cannot_be_trusted_are_refused() {
        let large = format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(33_000));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(101));
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
            "HTTP/2.0 200 OK\r\n\r\n",
            "HTTP/1.1 099 No\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n",
            &large,
            &large[..32_768],
            &many,
        ] {
            assert!(rewrite(text, GET).is_err(), "{:?}", &text[..text.len().min(80)]);
        }
        assert_eq!(rewrite("HTTP/1.1 200 OK\r\nA:", GET), Ok(None));
    }

    #[test]
    fn a_change_of_protocol_is_an_answer_only_to_who_asked_for_one() {
        let asked = Asked { upgrade: true, ..GET };
        let text = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n";
        let (head, body, _) = rewrite(text, asked).unwrap().unwrap();
        assert_eq!(
            head,
            "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        );
        assert_eq!(body, Body::None);
    }
}
