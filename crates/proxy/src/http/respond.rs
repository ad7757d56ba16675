//! Answers that the load balancer makes itself: the pages of [`ProxyError`], in the form of AWS's.

use super::{
    forwarded::write_date,
    header::{self, write_number},
};
use crate::error::ProxyError;

/// What a page depends on besides the error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// Whether it carries `Server: awselb/2.0`.
    pub server_header: bool,
    /// Whether the connection stays open.
    pub keep_alive: bool,
    /// Whether the request was HEAD: then the body is left out.
    pub head_only: bool,
    /// Seconds since 1970, for `Date`.
    pub seconds: i64,
}

/// Tells a client to send its body (RFC 9110 section 15.2.1).
pub(crate) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Appends the page for an error.
pub(crate) fn write_page(error: ProxyError, page: Page, out: &mut Vec<u8>) {
    let title = format!("{} {}", error.status(), error.phrase());
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    let mut date = String::new();
    write_date(page.seconds, &mut date);
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(title.as_bytes());
    out.extend_from_slice(b"\r\n");
    if page.server_header {
        header::write(b"Server", b"awselb/2.0", out);
    }
    header::write(b"Date", date.as_bytes(), out);
    header::write(b"Content-Type", b"text/html", out);
    out.extend_from_slice(b"Content-Length: ");
    write_number(body.len() as u64, out);
    out.extend_from_slice(b"\r\n");
    header::write(b"Connection", if page.keep_alive { b"keep-alive" } else { b"close" }, out);
    out.extend_from_slice(b"\r\n");
    if !page.head_only {
        out.extend_from_slice(body.as_bytes());
    }
}
