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
#[derive(Clone, Debug)]
pub(crate) struct OwnAnswer<'a> {
    /// The status.
    pub status: u16,
    /// The words beside it.
    pub phrase: &'static str,
    /// Whether it carries `Server`.
    pub server: bool,
    /// `Date`.
    pub date: &'a str,
    /// `Content-Type`; none: not said.
    pub content_type: Option<&'a str>,
    /// `Retry-After` in seconds; none: not said.
    pub retry_after: Option<u32>,
    /// Further fields.
    pub fields: &'a [(&'a str, &'a [u8])],
    /// Fields that the listener sets on every answer.
    pub set: &'a [(Box<str>, Box<str>)],
    /// The body.
    pub body: Cow<'a, [u8]>,
}

impl<'a> OwnAnswer<'a> {
    /// The page for an error.
    pub fn page(error: ProxyError, server: bool, date: &'a str) -> Self {
        let title = format!("{} {}", error.status(), error.phrase());
        Self {
            status: error.status(),
            phrase: error.phrase(),
            server,
            date,
            content_type: Some("text/html"),
            retry_after: None,
            fields: &[],
            set: &[],
            body: Cow::Owned(html(&title)),
        }
    }

    /// The page that a group's owner wants shown while no target is healthy.
    pub fn maintenance(page: &'a MaintenancePage, server: bool, date: &'a str) -> Self {
        Self {
            content_type: Some(&page.content_type),
            retry_after: Some(page.retry_after_seconds),
            body: Cow::Borrowed(page.body.as_bytes()),
            ..Self::page(ProxyError::Maintenance, server, date)
        }
    }

    /// All fields but the length, as name and value.
    pub fn each_field(&self, mut each: impl FnMut(&str, &[u8])) {
        let is_set = |name: &str| self.set.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        if self.server && !is_set("Server") {
            each("Server", SERVER.as_bytes());
        }
        each("Date", self.date.as_bytes());
        if let Some(content_type) = self.content_type {
            each("Content-Type", content_type.as_bytes());
        }
        if let Some(seconds) = self.retry_after {
            each("Retry-After", seconds.to_string().as_bytes());
        }
        for (name, value) in self.fields {
            each(name, value);
        }
        for (name, value) in self.set {
            each(name, value.as_bytes());
        }
    }

    /// Whether a length is said: not where the status allows no body at all.
    pub fn has_length(&self) -> bool {
        !matches!(self.status, 100..200 | 204 | 304)
    }

    /// Appends it as HTTP/1.1. `head_only`: the request was HEAD, so the body is left out.
    pub fn write(&self, keep_alive: bool, head_only: bool, out: &mut Vec<u8>) {
        out.extend_from_slice(b"HTTP/1.1 ");
        write_number(u64::from(self.status), out);
        out.push(b' ');
        out.extend_from_slice(self.phrase.as_bytes());
        out.extend_from_slice(b"\r\n");
        self.each_field(|name, value| header::write(name.as_bytes(), value, out));
        if self.has_length() {
            out.extend_from_slice(b"Content-Length: ");
            write_number(self.body.len() as u64, out);
            out.extend_from_slice(b"\r\n");
        }
        header::write(b"Connection", if keep_alive { b"keep-alive" } else { b"close" }, out);
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

    #[test]
    fn a_page_is_written_as_aws_writes_it() {
        let mut out = Vec::new();
        OwnAnswer::page(ProxyError::NoTarget, true, DATE).write(true, false, &mut out);
        let text = String::from_utf8(out).unwrap();
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
        let mut head_only = Vec::new();
        OwnAnswer::page(ProxyError::NoTarget, false, DATE).write(false, true, &mut head_only);
        let head_only = String::from_utf8(head_only).unwrap();
        assert!(head_only.ends_with("Connection: close\r\n\r\n") && !head_only.contains("Server"), "{head_only}");
    }
}
