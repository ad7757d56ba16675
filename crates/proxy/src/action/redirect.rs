//! The `redirect` action: the client is sent to a URL that is made of parts of its request.
//!
//! Sources: ELB user guide, "Redirect actions"; ELB API, `RedirectActionConfig`. The form is that of answers of Application
//! Load Balancers as clients record them: the port is always written, also where it is the scheme's own
//! (`Location: https://www.example.com:443/`), and a 302 is called `Moved Temporarily` in its first line and `Found` on
//! its page.

use crate::http::{header::write_number, own_answer::OwnAnswer};
use model::elbv2::action::{Redirect, RedirectStatus};
use std::borrow::Cow;

/// The longest URL that a client is sent to, in bytes; a longer one fails (`HTTP_Redirect_Url_Limit_Exceeded_Count`).
pub const MAXIMUM_LOCATION: usize = 8 * 1024;

/// A redirect, ready to be filled with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledRedirect {
    status: RedirectStatus,
    /// `http`, `https`, or that of the request.
    https: Option<bool>,
    host: Box<[Part]>,
    /// The number, or that of the request.
    port: Option<u16>,
    path: Box<[Part]>,
    query: Box<[Part]>,
}

/// What a redirect takes from a request.
#[derive(Clone, Copy, Debug)]
pub struct RedirectRequest<'a> {
    /// Whether it came over TLS.
    pub https: bool,
    /// The host as the client wrote it, without the port; the load balancer's DNS name where there is none.
    pub host: &'a [u8],
    /// The port of the listener.
    pub port: u16,
    /// The path.
    pub path: &'a [u8],
    /// The query, without the question mark.
    pub query: &'a [u8],
}

/// A part of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Box<[u8]>),
    Protocol,
    Host,
    Port,
    Path,
    Query,
}

/// A redirect that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// Its protocol is none of the three that there are.
    #[error("`{0}` is not a protocol of a redirect")]
    Protocol(String),
    /// Its port is no number from 1 to 65535.
    #[error("`{0}` is not a port of a redirect")]
    Port(String),
    /// Its path does not begin with a slash.
    #[error("`{0}` is not a path of a redirect")]
    Path(String),
}

/// The URL is longer than [`MAXIMUM_LOCATION`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the URL of the redirect is too long")]
pub struct LocationTooLong;

const PLACEHOLDERS: [(&[u8], Part); 5] = [
    (b"#{protocol}", Part::Protocol),
    (b"#{host}", Part::Host),
    (b"#{port}", Part::Port),
    (b"#{path}", Part::Path),
    (b"#{query}", Part::Query),
];

macro_rules! page {
    ($title:literal) => {
        concat!(
            "<html>\r\n<head><title>",
            $title,
            "</title></head>\r\n<body>\r\n<center><h1>",
            $title,
            "</h1></center>\r\n</body>\r\n</html>\r\n"
        )
    };
}

impl CompiledRedirect {
    /// Makes it ready.
    ///
    /// # Errors
    /// A part that no URL can have.
    pub fn compile(plan: &Redirect) -> Result<Self, RedirectError> {
        let Redirect { status, protocol, host, port, path, query } = plan;
        let https = match protocol.as_str() {
            "HTTP" => Some(false),
            "HTTPS" => Some(true),
            "#{protocol}" => None,
            other => return Err(RedirectError::Protocol(other.to_owned())),
        };
        let port = match port.as_str() {
            "#{port}" => None,
            text => {
                let number = text.parse().ok().filter(|number| *number > 0 && !text.starts_with('+'));
                Some(number.ok_or_else(|| RedirectError::Port(text.to_owned()))?)
            }
        };
        if !path.starts_with('/') {
            return Err(RedirectError::Path(path.clone()));
        }
        Ok(Self { status: *status, https, host: parts(host), port, path: parts(path), query: parts(query) })
    }

    /// Appends the URL for a request. It has only visible ASCII: other bytes are escaped, so that nothing in a request
    /// becomes a header field of the answer.
    ///
    /// # Errors
    /// It is too long; nothing is appended then.
    pub fn write_location(&self, request: &RedirectRequest<'_>, out: &mut Vec<u8>) -> Result<(), LocationTooLong> {
        let from = out.len();
        let written = self.write_parts(request, from + MAXIMUM_LOCATION, out);
        if written.is_err() {
            out.truncate(from);
        }
        written
    }

    fn write_parts(
        &self,
        request: &RedirectRequest<'_>,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), LocationTooLong> {
        write_protocol(self.https.unwrap_or(request.https), out);
        out.extend_from_slice(b"://");
        write(&self.host, request, limit, out)?;
        out.push(b':');
        write_number(u64::from(self.port.unwrap_or(request.port)), out);
        write(&self.path, request, limit, out)?;
        let path_end = out.len();
        out.push(b'?');
        // The question mark may go again.
        write(&self.query, request, limit + 1, out)?;
        if out.len() == path_end + 1 {
            out.truncate(path_end);
        }
        if out.len() > limit { Err(LocationTooLong) } else { Ok(()) }
    }

    /// The answer with such a URL.
    pub fn answer<'a>(&self, location: &'a [u8]) -> OwnAnswer<'a> {
        let (phrase, body) = match self.status {
            RedirectStatus::Permanent => ("Moved Permanently", page!("301 Moved Permanently")),
            RedirectStatus::Temporary => ("Moved Temporarily", page!("302 Found")),
        };
        OwnAnswer {
            status: self.status.code(),
            phrase,
            content_type: Some("text/html"),
            location: Some(location),
            retry_after: None,
            body: Cow::Borrowed(body.as_bytes()),
        }
    }
}

/// Reads a text with placeholders. What looks like one and is none is text.
fn parts(text: &str) -> Box<[Part]> {
    let mut parts = Vec::new();
    let mut plain = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        match PLACEHOLDERS.into_iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, part)) => {
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain).into()));
                }
                parts.push(part);
                rest = &rest[name.len()..];
            }
            None => {
                write_escaped(&[*byte], &mut plain);
                rest = after;
            }
        }
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain.into()));
    }
    parts.into()
}

/// Appends parts as long as no more than `limit` bytes come out.
fn write(
    parts: &[Part],
    request: &RedirectRequest<'_>,
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), LocationTooLong> {
    for part in parts {
        match part {
            Part::Text(text) => out.extend_from_slice(text),
            Part::Protocol => write_protocol(request.https, out),
            Part::Host => write_escaped(request.host, out),
            Part::Port => write_number(u64::from(request.port), out),
            // Without the slash, which the texts write themselves.
            Part::Path => write_escaped(request.path.strip_prefix(b"/").unwrap_or(request.path), out),
            Part::Query => write_escaped(request.query, out),
        }
        if out.len() > limit {
            return Err(LocationTooLong);
        }
    }
    Ok(())
}

fn write_protocol(https: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if https { b"https" } else { b"http" });
}

/// Writes visible ASCII as it is, and everything else as `%` and two digits.
fn write_escaped(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text {
        if byte.is_ascii_graphic() {
            out.push(*byte);
        } else {
            out.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS's defaults.
    fn plan() -> Redirect {
        Redirect {
            status: RedirectStatus::Permanent,
            protocol: "#{protocol}".to_owned(),
            host: "#{host}".to_owned(),
            port: "#{port}".to_owned(),
            path: "/#{path}".to_owned(),
            query: "#{query}".to_owned(),
        }
    }

    const REQUEST: RedirectRequest<'_> =
        RedirectRequest { https: false, host: b"Www.Example.com", port: 8080, path: b"/a/b", query: b"c=d" };

    fn location(plan: &Redirect, request: &RedirectRequest<'_>) -> Result<String, LocationTooLong> {
        let mut out = b"before ".to_vec();
        let result = CompiledRedirect::compile(plan).unwrap().write_location(request, &mut out);
        assert!(out.starts_with(b"before ") && (result.is_ok() || out.len() == 7));
        result.map(|()| String::from_utf8(out[7..].to_vec()).unwrap())
    }

    #[test]
    fn urls_are_made_of_parts_of_the_request() {
        let no_query = RedirectRequest { query: b"", ..REQUEST };
        let tls = RedirectRequest { https: true, port: 443, ..REQUEST };
        let root = RedirectRequest { path: b"/", query: b"", ..REQUEST };
        let https = Redirect { protocol: "HTTPS".to_owned(), port: "443".to_owned(), ..plan() };
        let all = Redirect {
            host: "x.#{host}.y".to_owned(),
            path: "/#{protocol}/#{host}/#{port}/#{path}/#{query}".to_owned(),
            query: "#{query}&p=#{path}&h=#{host}:#{port}&s=#{protocol}".to_owned(),
            ..plan()
        };
        let elsewhere = Redirect {
            protocol: "HTTP".to_owned(),
            host: "other.example".to_owned(),
            port: "81".to_owned(),
            path: "/new".to_owned(),
            query: String::new(),
            status: RedirectStatus::Temporary,
        };
        let unknown = Redirect { path: "/#{no}/#{/#{path/#".to_owned(), query: "}".to_owned(), ..plan() };
        for (plan, request, expected) in [
            (&plan(), &REQUEST, "http://Www.Example.com:8080/a/b?c=d"),
            (&plan(), &no_query, "http://Www.Example.com:8080/a/b"),
            (&https, &REQUEST, "https://Www.Example.com:443/a/b?c=d"),
            (&https, &root, "https://Www.Example.com:443/"),
            (&plan(), &tls, "https://Www.Example.com:443/a/b?c=d"),
            (
                &all,
                &REQUEST,
                "http://x.Www.Example.com.y:8080/http/Www.Example.com/8080/a/b/c=d\
                 ?c=d&p=a/b&h=Www.Example.com:8080&s=http",
            ),
            (&elsewhere, &REQUEST, "http://other.example:81/new"),
            (&unknown, &REQUEST, "http://Www.Example.com:8080/#{no}/#{/#{path/#?}"),
        ] {
            assert_eq!(location(plan, request), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn nothing_in_a_request_or_a_plan_becomes_another_header_field() {
        let evil = RedirectRequest {
            host: b"a\r\nX: y",
            path: b"/\r\nSet-Cookie: a=b\0\xc3\xa4 \x7f",
            query: b"\n\t",
            ..REQUEST
        };
        let plan = Redirect { host: "#{host}\r\n\u{e4}".to_owned(), ..plan() };
        let expected = "http://a%0D%0AX:%20y%0D%0A%C3%A4:8080/%0D%0ASet-Cookie:%20a=b%00%C3%A4%20%7F?%0A%09";
        assert_eq!(location(&plan, &evil), Ok(expected.to_owned()));
    }

    #[test]
    fn a_url_of_more_than_8_kilobytes_fails() {
        for (query, rest) in [("c=d", "http://Www.Example.com:8080/?c=d"), ("", "http://Www.Example.com:8080/")] {
            let room = MAXIMUM_LOCATION - rest.len();
            for (length, fits) in [(room, true), (room + 1, false), (16_000, false)] {
                let path = format!("/{}", "a".repeat(length));
                let request = RedirectRequest { path: path.as_bytes(), query: query.as_bytes(), ..REQUEST };
                let written = location(&plan(), &request).map(|location| location.len());
                assert_eq!(written, if fits { Ok(MAXIMUM_LOCATION) } else { Err(LocationTooLong) }, "{query} {length}");
            }
        }
        // Escaped, three times as long.
        let path = format!("/{}", "\u{e4}".repeat(2000));
        assert_eq!(location(&plan(), &RedirectRequest { path: path.as_bytes(), ..REQUEST }), Err(LocationTooLong));
    }

    #[test]
    fn pages_are_those_of_aws() {
        for (status, code, phrase, title) in [
            (RedirectStatus::Permanent, 301, "Moved Permanently", "301 Moved Permanently"),
            (RedirectStatus::Temporary, 302, "Moved Temporarily", "302 Found"),
        ] {
            let redirect = CompiledRedirect::compile(&Redirect { status, ..plan() }).unwrap();
            let answer = redirect.answer(b"http://a:80/");
            assert_eq!((answer.status, answer.phrase, answer.content_type), (code, phrase, Some("text/html")));
            assert_eq!(answer.location, Some(&b"http://a:80/"[..]));
            let body = String::from_utf8(answer.body.to_vec()).unwrap();
            assert_eq!(body.matches(title).count(), 2, "{body}");
        }
    }

    #[test]
    fn what_no_url_can_have_is_refused() {
        let text = |text: &str| text.to_owned();
        for (plan, error) in [
            (Redirect { protocol: text("https"), ..plan() }, RedirectError::Protocol(text("https"))),
            (Redirect { port: text("0"), ..plan() }, RedirectError::Port(text("0"))),
            (Redirect { port: text("+80"), ..plan() }, RedirectError::Port(text("+80"))),
            (Redirect { port: text("65536"), ..plan() }, RedirectError::Port(text("65536"))),
            (Redirect { port: text("#{host}"), ..plan() }, RedirectError::Port(text("#{host}"))),
            (Redirect { path: text("new"), ..plan() }, RedirectError::Path(text("new"))),
            (Redirect { path: text("#{path}"), ..plan() }, RedirectError::Path(text("#{path}"))),
        ] {
            assert_eq!(CompiledRedirect::compile(&plan).unwrap_err(), error);
        }
    }
}
