//! What a rule asks of a request.
//!
//! Source: ELB user guide, "Condition types for listener rules". [`Condition::is_met`] is the plain meaning; the data plane
//! has a faster form of the same, which its tests compare with this one.

use super::{
    pattern,
    regular_expression::{self, InvalidRegularExpression},
};
use crate::ip_block::IpBlock;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};

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

/// Why conditions are not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCondition {
    /// A rule without conditions.
    #[error("a rule needs at least one condition")]
    None,
    /// Several where one is allowed.
    #[error("a rule has at most one condition on `{0}`")]
    Repeated(&'static str),
    /// A condition without values.
    #[error("the condition on `{0}` needs at least one value")]
    NoValue(&'static str),
    /// An empty value.
    #[error("values of the condition on `{0}` must not be empty")]
    Empty(&'static str),
    /// A value that is too long.
    #[error("values of the condition on `{field}` have at most {most} characters")]
    Length {
        /// Of what.
        field: &'static str,
        /// The limit.
        most: usize,
    },
    /// A value that can never be met, or that looks like something else than it is.
    #[error("`{value}` is not a value for a condition on `{field}`: {expected}")]
    Value {
        /// Of what.
        field: &'static str,
        /// The value, shortened.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A bad regular expression.
    #[error("condition on `{field}`: {problem}")]
    Regex {
        /// Of what.
        field: &'static str,
        /// What is wrong with it.
        problem: InvalidRegularExpression,
    },
    /// Too many values.
    #[error("a rule has at most {MAXIMUM_VALUES} values in all its conditions, and this one has {0}")]
    TooManyValues(usize),
    /// Too many wildcards.
    #[error("a rule has at most {MAXIMUM_WILDCARDS} wildcards in all its conditions, and this one has {0}")]
    TooManyWildcards(usize),
}

/// Whether a rule may have these conditions: each by itself, and all of them together.
///
/// # Errors
/// [`InvalidCondition`], the first that is found.
pub fn check(conditions: &[Condition]) -> Result<(), InvalidCondition> {
    if conditions.is_empty() {
        return Err(InvalidCondition::None);
    }
    for (index, condition) in conditions.iter().enumerate() {
        condition.check()?;
        let field = condition.field();
        if condition.is_unique() && conditions[..index].iter().any(|other| other.field() == field) {
            return Err(InvalidCondition::Repeated(field));
        }
    }
    let values = conditions.iter().map(Condition::values).sum();
    if values > MAXIMUM_VALUES {
        return Err(InvalidCondition::TooManyValues(values));
    }
    let wildcards = conditions.iter().map(Condition::wildcards).sum();
    if wildcards > MAXIMUM_WILDCARDS { Err(InvalidCondition::TooManyWildcards(wildcards)) } else { Ok(()) }
}

impl Condition {
    /// AWS's name of what it looks at.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::HostHeader(_) => "host-header",
            Self::PathPattern(_) => "path-pattern",
            Self::HttpHeader { .. } => "http-header",
            Self::HttpRequestMethod(_) => "http-request-method",
            Self::QueryString(_) => "query-string",
            Self::SourceIp(_) => "source-ip",
        }
    }

    /// Whether a rule has it once at most.
    const fn is_unique(&self) -> bool {
        match self {
            Self::HostHeader(_) | Self::PathPattern(_) | Self::HttpRequestMethod(_) | Self::SourceIp(_) => true,
            Self::HttpHeader { .. } | Self::QueryString(_) => false,
        }
    }

    fn values(&self) -> usize {
        match self {
            Self::HostHeader(patterns) | Self::PathPattern(patterns) => patterns.texts().len(),
            Self::HttpHeader { name: _, values } => values.texts().len(),
            Self::HttpRequestMethod(methods) => methods.len(),
            Self::QueryString(pairs) => pairs.len(),
            Self::SourceIp(blocks) => blocks.len(),
        }
    }

    fn wildcards(&self) -> usize {
        let of = |patterns: &Patterns| match patterns {
            Patterns::Wildcards(values) => values.iter().map(|value| pattern::wildcards(value.as_bytes())).sum(),
            Patterns::Regexes(_) => 0,
        };
        match self {
            Self::HostHeader(patterns) | Self::PathPattern(patterns) => of(patterns),
            Self::HttpHeader { name: _, values } => of(values),
            Self::QueryString(pairs) => {
                let texts = pairs.iter().flat_map(|pair| pair.key.iter().chain([&pair.value]));
                texts.map(|text| pattern::wildcards_escaped(text.as_bytes())).sum()
            }
            Self::HttpRequestMethod(_) | Self::SourceIp(_) => 0,
        }
    }

    fn check(&self) -> Result<(), InvalidCondition> {
        let field = self.field();
        if self.values() == 0 {
            return Err(InvalidCondition::NoValue(field));
        }
        match self {
            Self::HostHeader(patterns) => patterns.check(field, Case::Ignored, check_host),
            Self::PathPattern(patterns) => patterns.check(field, Case::Kept, check_path),
            Self::HttpHeader { name, values } => {
                check_header_name(name)?;
                values.check(field, Case::Ignored, |value| check_text(field, value))
            }
            Self::HttpRequestMethod(methods) => methods.iter().try_for_each(|method| check_method(method)),
            Self::QueryString(pairs) => {
                let mut texts = pairs.iter().flat_map(|pair| pair.key.iter().chain([&pair.value]));
                texts.try_for_each(|text| check_text(field, text))
            }
            Self::SourceIp(blocks) => blocks.iter().try_for_each(|block| check_source(*block)),
        }
    }
}

impl Patterns {
    /// The values as they are written.
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Wildcards(texts) | Self::Regexes(texts) => texts,
        }
    }

    fn check(
        &self,
        field: &'static str,
        case: Case,
        wildcards: impl Fn(&str) -> Result<(), InvalidCondition>,
    ) -> Result<(), InvalidCondition> {
        let regex = |text: &String| {
            let compiled = regular_expression::compile(text, case, MAXIMUM_VALUE);
            compiled.map(drop).map_err(|problem| InvalidCondition::Regex { field, problem })
        };
        match self {
            Self::Wildcards(values) => values.iter().try_for_each(|value| wildcards(value)),
            Self::Regexes(values) => values.iter().try_for_each(regex),
        }
    }
}

fn wrong(field: &'static str, value: &str, expected: &'static str) -> InvalidCondition {
    InvalidCondition::Value { field, value: value.chars().take(MAXIMUM_VALUE).collect(), expected }
}

fn check_length(field: &'static str, value: &str, most: usize) -> Result<(), InvalidCondition> {
    match value.chars().count() {
        0 => Err(InvalidCondition::Empty(field)),
        length if length > most => Err(InvalidCondition::Length { field, most }),
        _ => Ok(()),
    }
}

fn check_host(value: &str) -> Result<(), InvalidCondition> {
    let field = "host-header";
    check_length(field, value, MAXIMUM_VALUE)?;
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'*' | b'?');
    if !value.bytes().all(known) {
        return Err(wrong(
            field,
            value,
            "host names have the characters A-Z, a-z, 0-9, - and ., and the wildcards * and ?",
        ));
    }
    let ends_well = value.rsplit_once('.').is_some_and(|(_, end)| end.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let expected = "a host name has a dot, and only letters after its last one";
    if ends_well { Ok(()) } else { Err(wrong(field, value, expected)) }
}

fn check_path(value: &str) -> Result<(), InvalidCondition> {
    let field = "path-pattern";
    check_length(field, value, MAXIMUM_VALUE)?;
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.$/~\"'@:+&*?".contains(&byte);
    let expected = "paths have letters, digits and _-.$/~\"'@:+&, and the wildcards * and ?";
    if value.bytes().all(known) { Ok(()) } else { Err(wrong(field, value, expected)) }
}

fn check_header_name(name: &str) -> Result<(), InvalidCondition> {
    let field = "http-header";
    check_length(field, name, MAXIMUM_HEADER_NAME)?;
    // The asterisk is a letter of RFC 7230's tokens, but here it would be taken for a wildcard, which names do not have.
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'+-.^_`|~".contains(&byte);
    if !name.bytes().all(known) {
        return Err(wrong(field, name, "the name of a header field is a token of RFC 7230 without wildcards"));
    }
    let expected = "the host has a condition of its own, host-header";
    if name.eq_ignore_ascii_case("host") { Err(wrong(field, name, expected)) } else { Ok(()) }
}

/// Values of header fields, keys and values of queries.
fn check_text(field: &'static str, value: &str) -> Result<(), InvalidCondition> {
    check_length(field, value, MAXIMUM_VALUE)?;
    let expected = "it must have no control characters";
    if value.chars().any(char::is_control) { Err(wrong(field, value, expected)) } else { Ok(()) }
}

fn check_method(method: &str) -> Result<(), InvalidCondition> {
    let field = "http-request-method";
    check_length(field, method, MAXIMUM_METHOD)?;
    let known = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_');
    let expected = "methods have the characters A-Z, - and _, and no wildcards";
    if method.bytes().all(known) { Ok(()) } else { Err(wrong(field, method, expected)) }
}

fn check_source(block: IpBlock) -> Result<(), InvalidCondition> {
    let broadcast = block.network() == IpAddr::V4(Ipv4Addr::BROADCAST) && block.prefix() == 32;
    let expected = "nobody can connect from the broadcast address";
    if broadcast { Err(wrong("source-ip", &block.to_string(), expected)) } else { Ok(()) }
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

    fn regexes(values: &[&str]) -> Patterns {
        Patterns::Regexes(values.iter().map(|value| (*value).to_owned()).collect())
    }

    fn header(name: &str, values: &[&str]) -> Condition {
        Condition::HttpHeader { name: name.to_owned(), values: wildcards(values) }
    }

    fn query(pairs: &[(Option<&str>, &str)]) -> Condition {
        let pair = |(key, value): &(Option<&str>, &str)| QueryStringPattern {
            key: key.map(str::to_owned),
            value: (*value).to_owned(),
        };
        Condition::QueryString(pairs.iter().map(pair).collect())
    }

    fn methods(methods: &[&str]) -> Condition {
        Condition::HttpRequestMethod(methods.iter().map(|method| (*method).to_owned()).collect())
    }

    #[test]
    fn usual_conditions_are_accepted() {
        let long = format!("{}.com", "a".repeat(124));
        let table = [
            Condition::HostHeader(wildcards(&["example.com", "*.Example.COM", "w?w.example.com", "*.com", &long])),
            Condition::HostHeader(regexes(&["^[^.]+\\.example\\.com$"])),
            Condition::PathPattern(wildcards(&["/", "*.png", "/a_b-c.$~\"'@:+&d/*", "/pkg.Service/Method"])),
            Condition::PathPattern(regexes(&["^/api/?(.*)$"])),
            header("User-Agent", &["*Chrome*", "한국어", "a b"]),
            methods(&["GET", "HEAD", "MY_OWN-METHOD"]),
            query(&[(Some("version"), "v1"), (None, "*example*"), (Some("a"), r"\*\*\*\*\*\*")]),
            Condition::SourceIp(vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()]),
        ];
        for condition in table {
            assert_eq!(check(std::slice::from_ref(&condition)), Ok(()), "{condition:?}");
        }
    }

    #[test]
    fn values_that_no_request_can_have_are_refused() {
        let host = |value: &str| Condition::HostHeader(wildcards(&[value]));
        let path = |value: &str| Condition::PathPattern(wildcards(&[value]));
        let long = "a".repeat(129);
        for value in [
            "localhost",
            "*",
            "example.c0m",
            "example.*",
            "example.com:80",
            "a b.com",
            "한국.com",
            "a/b.com",
            "ex_a.com",
        ] {
            assert!(matches!(check(&[host(value)]), Err(InvalidCondition::Value { .. })), "{value}");
        }
        for value in ["/a b", "/한국", "/a?b=1", "/a%20", "/a#b", "/a;b", "/(a)", "\n"] {
            assert!(matches!(check(&[path(value)]), Err(InvalidCondition::Value { .. })), "{value:?}");
        }
        for name in ["Host", "HOST", "X-*", "a b", "a:", "한"] {
            assert!(matches!(check(&[header(name, &["x"])]), Err(InvalidCondition::Value { .. })), "{name}");
        }
        for method in ["get", "G*", "GET ", "G1"] {
            assert!(matches!(check(&[methods(&[method])]), Err(InvalidCondition::Value { .. })), "{method}");
        }
        let broadcast = Condition::SourceIp(vec!["255.255.255.255/32".parse().unwrap()]);
        assert!(matches!(check(&[broadcast]), Err(InvalidCondition::Value { .. })));
        for condition in [header("x", &["a\nb"]), query(&[(Some("k\0"), "v")]), query(&[(None, "\u{7f}")])] {
            assert!(
                matches!(check(std::slice::from_ref(&condition)), Err(InvalidCondition::Value { .. })),
                "{condition:?}"
            );
        }
        for condition in
            [host(""), path(""), header("", &["x"]), header("x", &[""]), methods(&[""]), query(&[(Some(""), "x")])]
        {
            assert!(
                matches!(check(std::slice::from_ref(&condition)), Err(InvalidCondition::Empty(_))),
                "{condition:?}"
            );
        }
        let too_long = [host(&long), path(&long), header(&"a".repeat(41), &["x"]), header("x", &[&long])];
        for condition in too_long.into_iter().chain([methods(&["A".repeat(41).as_str()]), query(&[(None, &long)])]) {
            assert!(
                matches!(check(std::slice::from_ref(&condition)), Err(InvalidCondition::Length { .. })),
                "{condition:?}"
            );
        }
        let regex = Condition::PathPattern(regexes(&["(?=a)"]));
        assert!(matches!(check(&[regex]), Err(InvalidCondition::Regex { .. })));
    }

    #[test]
    fn a_rule_has_each_part_once_five_values_and_five_wildcards() {
        use InvalidCondition as E;
        let path = |values: &[&str]| Condition::PathPattern(wildcards(values));
        let host = |values: &[&str]| Condition::HostHeader(wildcards(values));
        let source = || Condition::SourceIp(vec!["192.0.2.0/24".parse().unwrap()]);
        let table: Vec<(Vec<Condition>, Result<(), E>)> = vec![
            (vec![], Err(E::None)),
            (vec![path(&[])], Err(E::NoValue("path-pattern"))),
            (vec![query(&[])], Err(E::NoValue("query-string"))),
            (vec![path(&["/a"]), path(&["/b"])], Err(E::Repeated("path-pattern"))),
            (vec![host(&["a.b"]), path(&["/"]), host(&["a.c"])], Err(E::Repeated("host-header"))),
            (vec![source(), source()], Err(E::Repeated("source-ip"))),
            (vec![methods(&["GET"]), methods(&["PUT"])], Err(E::Repeated("http-request-method"))),
            (vec![header("a", &["x"]), header("a", &["y"]), query(&[(None, "1")]), query(&[(None, "2")])], Ok(())),
            (vec![path(&["/1", "/2", "/3"]), host(&["a.b", "a.c"])], Ok(())),
            (vec![path(&["/1", "/2", "/3"]), host(&["a.b", "a.c", "a.d"])], Err(E::TooManyValues(6))),
            (vec![path(&["*?*?*"])], Ok(())),
            (vec![path(&["*?*"]), host(&["*?*.com"])], Err(E::TooManyWildcards(6))),
            (vec![query(&[(Some("*?*"), r"*?\*")]), header("a", &["*"])], Err(E::TooManyWildcards(6))),
            (vec![Condition::PathPattern(regexes(&[".*.*.*.*.*.*"]))], Ok(())),
        ];
        for (conditions, expected) in table {
            assert_eq!(check(&conditions), expected, "{conditions:?}");
        }
    }
}
