//! What rules look at, whichever version of HTTP the request came in.

use std::net::IpAddr;

/// A request as the conditions of rules see it.
#[derive(Debug)]
pub struct RuleRequest<'a, F: ?Sized> {
    /// The host without a port, in lower case; the load balancer's DNS name where a request has none.
    pub host: &'a [u8],
    /// The path, without the query ([`split_target`]).
    pub path: &'a [u8],
    /// What follows the first question mark; empty when there is none.
    pub query: &'a [u8],
    /// The method.
    pub method: &'a [u8],
    /// Who is connected.
    pub source: IpAddr,
    /// The header fields. They are looked at only if a rule needs them.
    pub fields: &'a F,
}

/// The header fields of a request, in their order.
pub trait HeaderFields {
    /// Names and values.
    fn each(&self) -> impl Iterator<Item = (&[u8], &[u8])>;
}

impl HeaderFields for [httparse::Header<'_>] {
    fn each(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.iter().map(|field| (field.name.as_bytes(), field.value))
    }
}

impl HeaderFields for [(&[u8], &[u8])] {
    fn each(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.iter().copied()
    }
}

/// Path and query of what [`crate::http::request_head::RequestHead::path`] has. The empty path of an absolute form is
/// `/`, as it is for the target.
#[inline]
pub fn split_target(target: &[u8]) -> (&[u8], &[u8]) {
    let (path, query) = match target.iter().position(|b| *b == b'?') {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, &target[target.len()..]),
    };
    (if path.is_empty() { b"/" } else { path }, query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_split_at_its_first_question_mark() {
        for (target, path, query) in [
            ("/a/b", "/a/b", ""),
            ("/a?b=c", "/a", "b=c"),
            ("/a?", "/a", ""),
            ("/a?b?c", "/a", "b?c"),
            ("", "/", ""),
            ("?b", "/", "b"),
            ("*", "*", ""),
        ] {
            assert_eq!(split_target(target.as_bytes()), (path.as_bytes(), query.as_bytes()), "{target}");
        }
    }
}
