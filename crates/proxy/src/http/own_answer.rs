//! Answers that the load balancer makes itself: the pages of [`ProxyError`] in the form of AWS's, redirects, fixed responses
//! and maintenance pages.
//!
//! What is said is separate from how it is written, because HTTP/1 and HTTP/2 write it differently.

use super::header::{self, write_number};
use crate::error::ProxyError;
use model::elbv2::snapshot::MaintenancePage;
use std::borrow::Cow;

/// Tells a client to send its body (RFC 9110 section 15.2.1).
pub(crate) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// What our own answers call themselves.
const SERVER: &str = "awselb/2.0";

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAnswer<'a> {
    /// The status.
    pub status: u16,
    /// The words beside it in HTTP/1; empty where there are none.
    pub phrase: &'static str,
    /// `Content-Type`; none: not said.
    pub content_type: Option<&'a str>,
    /// `Location`; none: not said. It has only visible ASCII.
    pub location: Option<&'a [u8]>,
    /// `Retry-After` in seconds; none: not said.
    pub retry_after: Option<u32>,
    /// The body.
    pub body: Cow<'a, [u8]>,
}

/// What else is said with an answer.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// Whether it carries `Server`.
    pub server: bool,
    /// `Date`.
    pub date: &'a str,
    /// The request's `X-Amzn-Trace-Id`, so that whoever meets an error can ask `goru why` about it; empty: not said. (AWS
    /// does not say it.)
    pub trace_id: &'a [u8],
    /// Fields that the listener sets on every answer.
    pub set: &'a [(Box<str>, Box<str>)],
}

impl<'a> OwnAnswer<'a> {
    /// The page for an error.
    pub fn page(error: ProxyError) -> Self {
        let title = format!("{} {}", error.status(), error.phrase());
        Self {
            status: error.status(),
            phrase: error.phrase(),
            content_type: Some("text/html"),
            location: None,
            retry_after: None,
            body: Cow::Owned(html(&title)),
        }
    }

    /// The page that a group's owner wants shown while no target is healthy.
    pub fn maintenance(page: &'a MaintenancePage) -> Self {
        Self {
            content_type: Some(&page.content_type),
            retry_after: Some(page.retry_after_seconds),
            body: Cow::Borrowed(page.body.as_bytes()),
            ..Self::page(ProxyError::Maintenance)
        }
    }

    /// All fields but the length, as name and value: first those that AWS writes before the length, then the others.
    pub fn each_field(&self, envelope: &Envelope<'_>, mut each: impl FnMut(&str, &[u8])) {
        self.first_fields(envelope, &mut each);
        self.last_fields(envelope, &mut each);
    }

    fn first_fields(&self, envelope: &Envelope<'_>, each: &mut impl FnMut(&str, &[u8])) {
        if envelope.server && !envelope.set.iter().any(|(name, _)| name.eq_ignore_ascii_case("Server")) {
            each("Server", SERVER.as_bytes());
        }
        each("Date", envelope.date.as_bytes());
        if let Some(content_type) = self.content_type {
            each("Content-Type", content_type.as_bytes());
        }
    }

    fn last_fields(&self, envelope: &Envelope<'_>, each: &mut impl FnMut(&str, &[u8])) {
        if let Some(location) = self.location {
            each("Location", location);
        }
        if let Some(seconds) = self.retry_after {
            each("Retry-After", seconds.to_string().as_bytes());
        }
        if !envelope.trace_id.is_empty() {
            each("X-Amzn-Trace-Id", envelope.trace_id);
        }
        for (name, value) in envelope.set {
            each(name, value.as_bytes());
        }
    }

    /// Whether a length is said: not where the status allows no body at all (RFC 9110 section 8.6).
    pub fn has_length(&self) -> bool {
        !matches!(self.status, 100..200 | 204 | 304)
    }

    /// Appends it as HTTP/1.1. `head_only`: the request was HEAD, so the body is left out.
    pub fn write(&self, envelope: &Envelope<'_>, keep_alive: bool, head_only: bool, out: &mut Vec<u8>) {
        out.extend_from_slice(b"HTTP/1.1 ");
        write_number(u64::from(self.status), out);
        out.push(b' ');
        out.extend_from_slice(self.phrase.as_bytes());
        out.extend_from_slice(b"\r\n");
        self.first_fields(envelope, &mut |name, value| header::write(name.as_bytes(), value, out));
        if self.has_length() {
            out.extend_from_slice(b"Content-Length: ");
            write_number(self.body.len() as u64, out);
            out.extend_from_slice(b"\r\n");
        }
        header::write(b"Connection", if keep_alive { b"keep-alive" } else { b"close" }, out);
        self.last_fields(envelope, &mut |name, value| header::write(name.as_bytes(), value, out));
        out.extend_from_slice(b"\r\n");
        if !head_only && self.has_length() {
            out.extend_from_slice(&self.body);
        }
    }
}

/// AWS's form of a page.
pub(crate) fn html(title: &str) -> Vec<u8> {
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const ENVELOPE: Envelope<'_> = Envelope { server: true, date: DATE, trace_id: &[], set: &[] };

    fn written(answer: &OwnAnswer<'_>, envelope: &Envelope<'_>, keep_alive: bool, head_only: bool) -> String {
        let mut out = Vec::new();
        answer.write(envelope, keep_alive, head_only, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_page_is_written_as_aws_writes_it() {
        let page = OwnAnswer::page(ProxyError::NoTarget);
        let text = written(&page, &ENVELOPE, true, false);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            head,
            format!(
                "HTTP/1.1 503 Service Temporarily Unavailable\r\nServer: awselb/2.0\r\nDate: {DATE}\r\n\
                 Content-Type: text/html\r\nContent-Length: {}\r\nConnection: keep-alive",
                body.len()
            )
        );
        assert!(body.contains("<center><h1>503 Service Temporarily Unavailable</h1></center>"));
        let head_only = written(&page, &Envelope { server: false, ..ENVELOPE }, false, true);
        assert!(head_only.ends_with("Connection: close\r\n\r\n") && !head_only.contains("Server"), "{head_only}");
    }

    #[test]
    fn a_redirect_has_its_fields_in_the_order_of_aws_and_those_of_the_listener_behind() {
        let answer = OwnAnswer {
            status: 302,
            phrase: "Moved Temporarily",
            content_type: Some("text/html"),
            location: Some(b"http://a:80/"),
            retry_after: None,
            body: Cow::Borrowed(b"hi"),
        };
        let set = [("Server".into(), "mine".into()), ("X-Frame-Options".into(), "DENY".into())];
        let head = format!(
            "HTTP/1.1 302 Moved Temporarily\r\nDate: {DATE}\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\
             Connection: keep-alive\r\nLocation: http://a:80/\r\nServer: mine\r\nX-Frame-Options: DENY\r\n\r\n"
        );
        assert_eq!(written(&answer, &Envelope { set: &set, ..ENVELOPE }, true, false), head + "hi");
        let empty = OwnAnswer { status: 204, content_type: None, location: None, body: Cow::default(), ..answer };
        let head = format!(
            "HTTP/1.1 204 Moved Temporarily\r\nServer: awselb/2.0\r\nDate: {DATE}\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(written(&empty, &ENVELOPE, false, false), head);
    }
}
