//! An answer that an action makes, in parts, for whichever version of HTTP writes it.

use crate::http::header;

/// What an action answers. What does not depend on the request was made when the action was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The words beside it in HTTP/1; empty where there are none.
    pub phrase: &'static str,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// `Content-Length`; none where a body is impossible.
    pub content_length: Option<&'a str>,
    /// `Location`. It has only visible ASCII.
    pub location: Option<&'a [u8]>,
    /// The body; left out in answers to HEAD.
    pub body: &'a [u8],
}

/// What else an answer depends on.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// Whether it carries `Server: awselb/2.0`.
    pub server_header: bool,
    /// `Date`.
    pub date: &'a str,
    /// Whether the connection stays open.
    pub keep_alive: bool,
    /// Whether the request was HEAD.
    pub head_only: bool,
}

impl Answer<'_> {
    /// The header fields that the action decides, with names in lower case, as HTTP/2 writes them.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let fields = [
            ("content-type", self.content_type.map(str::as_bytes)),
            ("content-length", self.content_length.map(str::as_bytes)),
            ("location", self.location),
        ];
        fields.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)))
    }

    /// What is sent as the body.
    pub fn body_for(&self, head_only: bool) -> &[u8] {
        if head_only { b"" } else { self.body }
    }

    /// Appends the answer for HTTP/1, with its fields in the order of AWS's answers.
    pub fn write_http1(&self, envelope: Envelope<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"HTTP/1.1 ");
        header::write_number(u64::from(self.status), out);
        out.push(b' ');
        out.extend_from_slice(self.phrase.as_bytes());
        out.extend_from_slice(b"\r\n");
        if envelope.server_header {
            header::write(b"Server", b"awselb/2.0", out);
        }
        header::write(b"Date", envelope.date.as_bytes(), out);
        if let Some(content_type) = self.content_type {
            header::write(b"Content-Type", content_type.as_bytes(), out);
        }
        if let Some(length) = self.content_length {
            header::write(b"Content-Length", length.as_bytes(), out);
        }
        header::write(b"Connection", if envelope.keep_alive { b"keep-alive" } else { b"close" }, out);
        if let Some(location) = self.location {
            header::write(b"Location", location, out);
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(self.body_for(envelope.head_only));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: Answer<'_> = Answer {
        status: 302,
        phrase: "Moved Temporarily",
        content_type: Some("text/html"),
        content_length: Some("2"),
        location: Some(b"http://a:80/"),
        body: b"hi",
    };

    #[test]
    fn http1_has_the_fields_in_the_order_of_aws() {
        let envelope = Envelope { server_header: true, date: "now", keep_alive: true, head_only: false };
        let mut out = Vec::new();
        ANSWER.write_http1(envelope, &mut out);
        let head = "HTTP/1.1 302 Moved Temporarily\r\nServer: awselb/2.0\r\nDate: now\r\nContent-Type: text/html\r\n\
                    Content-Length: 2\r\nConnection: keep-alive\r\nLocation: http://a:80/\r\n\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), format!("{head}hi"));

        let mut out = Vec::new();
        let bare = Answer { content_type: None, content_length: None, location: None, ..ANSWER };
        bare.write_http1(Envelope { server_header: false, keep_alive: false, head_only: true, ..envelope }, &mut out);
        let head = "HTTP/1.1 302 Moved Temporarily\r\nDate: now\r\nConnection: close\r\n\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), head);
    }

    #[test]
    fn other_versions_get_the_fields_that_there_are() {
        let fields: Vec<_> = ANSWER.fields().collect();
        let expected: [(&str, &[u8]); 3] =
            [("content-type", b"text/html"), ("content-length", b"2"), ("location", b"http://a:80/")];
        assert_eq!(fields, expected);
        let bare = Answer { content_type: None, content_length: None, location: None, ..ANSWER };
        assert_eq!(bare.fields().count(), 0);
        assert_eq!((ANSWER.body_for(false), ANSWER.body_for(true)), (&b"hi"[..], &b""[..]));
    }
}
