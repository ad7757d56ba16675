//! What a rule changes in a request before it goes to a target: the host, and path with query.
//!
//! Sources: ELB user guide, "Transforms for listener rules" (nothing found: nothing changes; found, but the result is
//! unusable: 500), and AWS's own load balancer controller, which tells what an expression is held against: it replaces a
//! path and keeps the query with `^([^?]*)`, so that is path and query; a whole host with `.*`, so only the first place is
//! replaced; and the beginning of a path with `(^/a(/)?)` and `/b$2`, so what was not found stays, and a group that takes
//! no part stands for nothing. The port of the host takes no part: an expression with `$` is meant for the name.

use super::{RuleFault, condition::BadExpression, expression};
use crate::http::{host::Host, request_head::MAXIMUM_REQUEST_LINE};
use model::elbv2::{
    condition::Case,
    transform::{Rewrite, Transform},
};
use regex::bytes::Regex;

/// The longest path and query that a target gets, in bytes: that of a client, with what else is in the line.
pub const MAXIMUM_TARGET: usize = MAXIMUM_REQUEST_LINE - 32;

/// The transforms of a rule.
#[derive(Debug, Default)]
pub struct Transforms {
    host: Option<CompiledRewrite>,
    target: Option<CompiledRewrite>,
}

/// A transform whose result cannot be sent to a target. The client gets a 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransformError {
    /// What came out is no host.
    #[error("the host header that the rule's transform makes is not valid")]
    Host,
    /// What came out is no path: without a leading slash, too long, or with something that no path has.
    #[error("the URL that the rule's transform makes is not valid")]
    Target,
}

/// A search, and what takes the place of what is found.
#[derive(Debug)]
struct CompiledRewrite {
    regex: Regex,
    parts: Box<[Part]>,
    has_groups: bool,
}

/// A part of what takes the place.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(Box<[u8]>),
    /// `$1` to `$9`.
    Group(usize),
}

impl Transforms {
    /// Compiles the transforms of a rule.
    ///
    /// # Errors
    /// A regular expression that cannot be used, or two transforms of one kind.
    pub fn compile(transforms: &[Transform]) -> Result<Self, RuleFault> {
        let mut compiled = Self::default();
        for transform in transforms {
            let (place, rewrite, case) = match transform {
                Transform::HostHeaderRewrite(rewrite) => (&mut compiled.host, rewrite, Case::Ignored),
                Transform::UrlRewrite(rewrite) => (&mut compiled.target, rewrite, Case::Kept),
            };
            if place.replace(CompiledRewrite::new(rewrite, case)?).is_some() {
                return Err(RuleFault::SeveralTransforms);
            }
        }
        Ok(compiled)
    }

    /// Whether nothing is ever changed.
    pub fn is_empty(&self) -> bool {
        self.host.is_none() && self.target.is_none()
    }

    /// Appends the host that the target gets, if another one than `host`, which is without a port. The result may have one.
    ///
    /// # Errors
    /// What came out is no host; nothing is appended then.
    pub fn rewrite_host(&self, host: &[u8], out: &mut Vec<u8>) -> Result<bool, TransformError> {
        apply(self.host.as_ref(), host, out, TransformError::Host, |host| Host::parse(host).is_some())
    }

    /// Appends path and query that the target gets, if others than `target`, which has path and query as they came.
    ///
    /// # Errors
    /// What came out is no path; nothing is appended then.
    pub fn rewrite_target(&self, target: &[u8], out: &mut Vec<u8>) -> Result<bool, TransformError> {
        apply(self.target.as_ref(), target, out, TransformError::Target, is_target)
    }
}

fn apply(
    rewrite: Option<&CompiledRewrite>,
    text: &[u8],
    out: &mut Vec<u8>,
    error: TransformError,
    is_good: impl Fn(&[u8]) -> bool,
) -> Result<bool, TransformError> {
    let from = out.len();
    if !rewrite.is_some_and(|rewrite| rewrite.apply(text, out)) {
        return Ok(false);
    }
    if is_good(&out[from..]) {
        return Ok(true);
    }
    out.truncate(from);
    Err(error)
}

fn is_target(target: &[u8]) -> bool {
    target.first() == Some(&b'/')
        && target.len() <= MAXIMUM_TARGET
        && target.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'#')
}

impl CompiledRewrite {
    fn new(rewrite: &Rewrite, case: Case) -> Result<Self, BadExpression> {
        let regex = expression::rewrite(&rewrite.regex, case)
            .map_err(|error| BadExpression { pattern: rewrite.regex.clone(), cause: error.to_string() })?;
        let parts = parts(&rewrite.replace);
        let has_groups = parts.iter().any(|part| matches!(part, Part::Group(_)));
        Ok(Self { regex, parts, has_groups })
    }

    /// Appends the text with its first match replaced; `false`, and nothing, when there is none.
    fn apply(&self, text: &[u8], out: &mut Vec<u8>) -> bool {
        // Only groups need room of their own for what they found.
        let (found, groups) = if self.has_groups {
            let mut groups = self.regex.capture_locations();
            (self.regex.captures_read(&mut groups, text), Some(groups))
        } else {
            (self.regex.find(text), None)
        };
        let Some(found) = found else { return false };
        out.extend_from_slice(&text[..found.start()]);
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Group(number) => {
                    let place = groups.as_ref().and_then(|groups| groups.get(*number));
                    out.extend_from_slice(place.map_or(b"", |(from, to)| &text[from..to]));
                }
            }
        }
        out.extend_from_slice(&text[found.end()..]);
        true
    }
}

/// Reads a replacement: a dollar sign with a digit from 1 to 9 is a group, any other dollar sign is itself. So `$10` is
/// the first group and a zero.
fn parts(replace: &str) -> Box<[Part]> {
    let mut parts = Vec::new();
    let mut text = Vec::new();
    let mut rest = replace.as_bytes();
    loop {
        match rest {
            [] => break,
            [b'$', digit @ b'1'..=b'9', after @ ..] => {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text).into()));
                }
                parts.push(Part::Group(usize::from(digit - b'0')));
                rest = after;
            }
            [byte, after @ ..] => {
                text.push(*byte);
                rest = after;
            }
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.into()));
    }
    parts.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite(regex: &str, replace: &str) -> Rewrite {
        Rewrite { regex: regex.to_owned(), replace: replace.to_owned() }
    }

    fn of_target(regex: &str, replace: &str, target: &str) -> Result<Option<String>, TransformError> {
        let transforms = Transforms::compile(&[Transform::UrlRewrite(rewrite(regex, replace))]).unwrap();
        let mut out = Vec::new();
        transforms.rewrite_target(target.as_bytes(), &mut out).map(|new| new.then(|| String::from_utf8(out).unwrap()))
    }

    fn of_host(regex: &str, replace: &str, host: &str) -> Result<Option<String>, TransformError> {
        let transforms = Transforms::compile(&[Transform::HostHeaderRewrite(rewrite(regex, replace))]).unwrap();
        let mut out = Vec::new();
        transforms.rewrite_host(host.as_bytes(), &mut out).map(|new| new.then(|| String::from_utf8(out).unwrap()))
    }

    #[test]
    fn path_and_query_are_rewritten_as_on_aws() {
        for (regex, replace, target, expected) in [
            ("^/dp/([A-Za-z0-9]+)/?$", "/product.php?id=$1", "/dp/B09G3HRMW", Some("/product.php?id=B09G3HRMW")),
            ("^/dp/([A-Za-z0-9]+)/?$", "/product.php?id=$1", "/other", None),
            ("^/api/(.+)$", "/$1", "/api/v1/users?page=2", Some("/v1/users?page=2")),
            ("^([^?]*)", "/new", "/old/path?a=b", Some("/new?a=b")),
            ("(^/foo(/)?)", "/cat$2", "/foo/bar", Some("/cat/bar")),
            ("(^/foo(/)?)", "/cat$2", "/foo", Some("/cat")),
            ("a", "b", "/aaa", Some("/baa")),
            ("[?]a=(.*)$", "", "/x?a=1", Some("/x")),
            ("/API/", "/", "/api/x", None),
            ("^/(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)", "/$9$8$1$10", "/abcdefghij", Some("/ihaa0")),
            ("^/a", "/$$a$b$", "/a", Some("/$$a$b$")),
            ("^/(a)", "/$0${1}$7", "/a", Some("/$0${1}")),
            ("^/a%3A", "/b%3A", "/a%3A1", Some("/b%3A1")),
        ] {
            assert_eq!(of_target(regex, replace, target), Ok(expected.map(str::to_owned)), "{regex} {replace}");
        }
    }

    #[test]
    fn hosts_are_rewritten_as_on_aws() {
        for (regex, replace, host, expected) in [
            (
                "^mywebsite-(.+).com$",
                "internal.dev.$1.myweb.com",
                "mywebsite-example.com",
                Some("internal.dev.example.myweb.com"),
            ),
            (r"^(.+)\.example\.com$", "$1.example.org", "WWW.Example.com", Some("WWW.example.org")),
            (".*", "internal", "a.b", Some("internal")),
            ("^x$", "y", "a.b", None),
            ("^a", "a:8080", "a", Some("a:8080")),
            (".*", "[::1]:81", "a", Some("[::1]:81")),
        ] {
            assert_eq!(of_host(regex, replace, host), Ok(expected.map(str::to_owned)), "{regex}");
        }
    }

    #[test]
    fn a_result_that_cannot_be_sent_is_an_error_and_leaves_nothing() {
        for replace in
            ["", "no-slash", "/a b", "/a#b", "/\u{e4}", "/a\r\nX: y", "/\u{0}", &format!("/{}", "a".repeat(1024))]
        {
            let target = format!("/{}", "x".repeat(MAXIMUM_TARGET - 1));
            let result = of_target("^/x", replace, &target);
            assert_eq!(result, Err(TransformError::Target), "{replace:?}");
        }
        for replace in ["", "a b", "a/b", "a:0", "a:b", "user@a", "a\r\nX: y", "a,b", "\u{e4}"] {
            assert_eq!(of_host(".*", replace, "x"), Err(TransformError::Host), "{replace:?}");
        }
        let transforms = Transforms::compile(&[Transform::UrlRewrite(rewrite("a", " "))]).unwrap();
        let mut out = b"before".to_vec();
        assert!(transforms.rewrite_target(b"/a", &mut out).is_err());
        assert_eq!(out, b"before");
    }

    #[test]
    fn a_rule_has_one_of_each_kind_or_none() {
        let none = Transforms::compile(&[]).unwrap();
        let mut out = Vec::new();
        assert!(none.is_empty());
        assert_eq!((none.rewrite_host(b"a", &mut out), none.rewrite_target(b"/", &mut out)), (Ok(false), Ok(false)));
        assert!(out.is_empty());

        let both = vec![Transform::HostHeaderRewrite(rewrite("a", "b")), Transform::UrlRewrite(rewrite("^/x", "/y"))];
        let three = [&both[..], &both[1..]].concat();
        assert_eq!(Transforms::compile(&three).unwrap_err(), RuleFault::SeveralTransforms);
        let both = Transforms::compile(&both).unwrap();
        assert!(!both.is_empty());
        assert_eq!((both.rewrite_host(b"a", &mut out), both.rewrite_target(b"/x?x", &mut out)), (Ok(true), Ok(true)));
        assert_eq!(out, b"b/y?x");

        assert!(Transforms::compile(&[Transform::UrlRewrite(rewrite("(", ""))]).is_err());
    }
}
