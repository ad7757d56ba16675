//! What a rule asks of a request.
//!
//! Source: ELB user guide, "Condition types for listener rules". [`Condition::is_met`] is the plain meaning; the data plane
//! has a faster form of the same, which its tests compare with this one.

use super::pattern;
use crate::ip_block::IpBlock;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The most values of all conditions of one rule (ELB quotas).
pub const MAXIMUM_VALUES: usize = 5;
/// The most wildcard characters of all conditions of one rule (ELB quotas).
pub const MAXIMUM_WILDCARDS: usize = 5;
/// The longest value, in characters.
pub const MAXIMUM_VALUE: usize = 128;
/// The longest name of a header field, in characters.
pub const MAXIMUM_HEADER_NAME: usize = 40;
/// The longest method, in characters.
pub const MAXIMUM_METHOD: usize = 40;

/// One condition: met when one of its values is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The host, without regard to case and without a port.
    HostHeader(Patterns),
    /// The path, with regard to case and without the query.
    PathPattern(Patterns),
    /// A header field of this name, without regard to case; one that is repeated is tried field by field.
    HttpHeader {
        /// Its name.
        name: String,
        /// What it may be.
        values: Patterns,
    },
    /// The method, exactly.
    HttpRequestMethod(Vec<String>),
    /// A pair of the query, without regard to case.
    QueryString(Vec<QueryStringPattern>),
    /// The client's address as the connection has it, whatever X-Forwarded-For says.
    SourceIp(Vec<IpBlock>),
}

/// What a text may look like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Patterns {
    /// One of these, where `*` is any text (also none) and `?` any one character.
    Wildcards(Vec<String>),
    /// One of these regular expressions (linear time, without look-around and back-references) is found in it.
    Regexes(Vec<String>),
}

/// A pair of the query string, or a value whatever its key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryStringPattern {
    /// The key; none: any. Wildcards as in [`Patterns`], and `\*` and `\?` for the characters themselves.
    pub key: Option<String>,
    /// The value, in the same form.
    pub value: String,
}

/// What conditions look at.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'a> {
    /// The host without a port.
    pub host: &'a [u8],
    /// The path, without the query.
    pub path: &'a [u8],
    /// What follows the first question mark; empty when there is none.
    pub query: &'a [u8],
    /// The method.
    pub method: &'a [u8],
    /// Who is connected.
    pub source: IpAddr,
    /// Names and values of the header fields, in their order.
    pub headers: &'a [(&'a [u8], &'a [u8])],
}

impl Condition {
    /// Whether a request meets it. Regular expressions are compiled by the caller, because that is slow and may fail:
    /// `regex` says whether one (of a text, with or without regard to case) is found.
    pub fn is_met(&self, request: &RequestFacts<'_>, regex: &dyn Fn(&str, &[u8], Case) -> bool) -> bool {
        let any = |patterns: &Patterns, text: &[u8], case| match patterns {
            Patterns::Wildcards(values) => values.iter().any(|value| wildcard(value, text, case)),
            Patterns::Regexes(values) => values.iter().any(|value| regex(value, text, case)),
        };
        match self {
            Self::HostHeader(patterns) => any(patterns, request.host, Case::Ignored),
            Self::PathPattern(patterns) => any(patterns, request.path, Case::Kept),
            Self::HttpHeader { name, values } => request
                .headers
                .iter()
                .filter(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes()))
                .any(|(_, value)| any(values, value, Case::Ignored)),
            Self::HttpRequestMethod(methods) => methods.iter().any(|method| method.as_bytes() == request.method),
            Self::QueryString(pairs) => pairs.iter().any(|pair| pair.is_in(request.query)),
            Self::SourceIp(blocks) => blocks.iter().any(|block| block.contains(request.source)),
        }
    }
}

/// Whether upper and lower case of ASCII letters are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// They are.
    Kept,
    /// They are not.
    Ignored,
}

fn wildcard(value: &str, text: &[u8], case: Case) -> bool {
    match case {
        Case::Kept => pattern::matches(value.as_bytes(), text),
        Case::Ignored => pattern::matches(&value.as_bytes().to_ascii_lowercase(), &text.to_ascii_lowercase()),
    }
}

impl QueryStringPattern {
    /// Whether one of the pairs of a query string fits.
    fn is_in(&self, query: &[u8]) -> bool {
        let fits = |pattern: &str, text: &[u8]| {
            pattern::matches_escaped(&pattern.as_bytes().to_ascii_lowercase(), &text.to_ascii_lowercase())
        };
        pairs(query)
            .any(|(key, value)| self.key.as_ref().is_none_or(|pattern| fits(pattern, key)) && fits(&self.value, value))
    }
}

/// The pairs of a query string, as they are written (not decoded); a part without `=` is a key with an empty value.
pub fn pairs(query: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let parts = query.split(|b| *b == b'&').filter(|part| !part.is_empty());
    parts.map(|part| match part.iter().position(|b| *b == b'=') {
        Some(at) => (&part[..at], &part[at + 1..]),
        None => (part, &part[part.len()..]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: &[(&[u8], &[u8])] = &[(b"Accept", b"text/html"), (b"X-Kind", b"one"), (b"x-kind", b"Two")];

    fn request() -> RequestFacts<'static> {
        RequestFacts {
            host: b"WWW.example.com",
            path: b"/img/Cat.png",
            query: b"a=1&B=two&flag&e=",
            method: b"GET",
            source: "192.0.2.7".parse().unwrap(),
            headers: HEADERS,
        }
    }

    fn wildcards(values: &[&str]) -> Patterns {
        Patterns::Wildcards(values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn each_kind_of_condition_looks_at_its_part_of_the_request() {
        let pair = |key: Option<&str>, value: &str| {
            Condition::QueryString(vec![QueryStringPattern { key: key.map(str::to_owned), value: value.to_owned() }])
        };
        let header = |name: &str, value| Condition::HttpHeader { name: name.to_owned(), values: wildcards(&[value]) };
        let method = |method: &str| Condition::HttpRequestMethod(vec![method.to_owned()]);
        let source = |block: &str| Condition::SourceIp(vec![block.parse().unwrap()]);
        let table = [
            (Condition::HostHeader(wildcards(&["x.y", "*.EXAMPLE.com"])), true),
            (Condition::HostHeader(wildcards(&["example.com"])), false),
            (Condition::PathPattern(wildcards(&["/img/*.png"])), true),
            (Condition::PathPattern(wildcards(&["/IMG/*"])), false),
            (Condition::PathPattern(wildcards(&["/img/???.png"])), true),
            (header("X-KIND", "tw?"), true),
            (header("x-kind", "three"), false),
            (header("absent", "*"), false),
            (method("GET"), true),
            (method("get"), false),
            (pair(None, "TWO"), true),
            (pair(Some("b"), "two"), true),
            (pair(Some("a"), "two"), false),
            (pair(Some("flag"), ""), true),
            (pair(Some("e"), "*"), true),
            (source("192.0.2.0/24"), true),
            (source("198.51.100.0/24"), false),
        ];
        for (condition, met) in table {
            assert_eq!(condition.is_met(&request(), &|_, _, _| false), met, "{condition:?}");
        }
        let regex = Condition::HostHeader(Patterns::Regexes(vec!["^w".to_owned()]));
        assert!(regex.is_met(&request(), &|regex, text, case| {
            (regex, text, case) == ("^w", &b"WWW.example.com"[..], Case::Ignored)
        }));
    }
}
