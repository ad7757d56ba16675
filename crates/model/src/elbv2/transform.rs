//! What a rule changes in a request before it goes to a target.
//!
//! Source: ELB user guide, "Transforms for listener rules". Routing is decided on the request as it came.

use super::{
    condition::Case,
    regular_expression::{self, InvalidRegularExpression},
};
use serde::{Deserialize, Serialize};

/// The longest regular expression and the longest replacement, in characters.
pub const MAXIMUM_TEXT: usize = 1024;

/// One change. A rule has at most one of each kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transform {
    /// Of the Host field.
    HostHeaderRewrite(Rewrite),
    /// Of path and query.
    UrlRewrite(Rewrite),
}

/// A search and what is put in the place of what it finds first. Where it finds nothing, nothing changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewrite {
    /// A regular expression (linear time, without look-around and back-references).
    pub regex: String,
    /// What takes the place of the match; `$1` to `$9` stand for its groups.
    pub replace: String,
}

/// Why transforms are not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransform {
    /// Two of one kind.
    #[error("a rule has at most one transform of type `{0}`")]
    Repeated(&'static str),
    /// A bad regular expression.
    #[error("transform `{kind}`: {problem}")]
    Regex {
        /// Of which kind.
        kind: &'static str,
        /// What is wrong with it.
        problem: InvalidRegularExpression,
    },
    /// A replacement that cannot stand in a request.
    #[error("Replace of transform `{0}` has at most {MAXIMUM_TEXT} visible ASCII characters")]
    Replace(&'static str),
    /// A group that the expression does not have.
    #[error("Replace of transform `{kind}` names group ${number}, and Regex has {groups}")]
    Group {
        /// Of which kind.
        kind: &'static str,
        /// Which group.
        number: usize,
        /// How many there are.
        groups: usize,
    },
}

/// Whether a rule may have these transforms.
///
/// # Errors
/// [`InvalidTransform`], the first that is found.
pub fn check(transforms: &[Transform]) -> Result<(), InvalidTransform> {
    for (index, transform) in transforms.iter().enumerate() {
        transform.check()?;
        if transforms[..index].iter().any(|other| other.kind() == transform.kind()) {
            return Err(InvalidTransform::Repeated(transform.kind()));
        }
    }
    Ok(())
}

impl Transform {
    /// AWS's name.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::HostHeaderRewrite(_) => "host-header-rewrite",
            Self::UrlRewrite(_) => "url-rewrite",
        }
    }

    /// What is searched for in it: hosts without regard to case, paths with.
    pub const fn case(&self) -> Case {
        match self {
            Self::HostHeaderRewrite(_) => Case::Ignored,
            Self::UrlRewrite(_) => Case::Kept,
        }
    }

    fn check(&self) -> Result<(), InvalidTransform> {
        let (kind, case) = (self.kind(), self.case());
        let (Self::HostHeaderRewrite(Rewrite { regex, replace }) | Self::UrlRewrite(Rewrite { regex, replace })) = self;
        let compiled = regular_expression::compile(regex, case, MAXIMUM_TEXT);
        let groups = compiled.map_err(|problem| InvalidTransform::Regex { kind, problem })?.captures_len() - 1;
        if replace.len() > MAXIMUM_TEXT || !replace.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidTransform::Replace(kind));
        }
        match named_groups(replace).find(|number| *number > groups) {
            Some(number) => Err(InvalidTransform::Group { kind, number, groups }),
            None => Ok(()),
        }
    }
}

/// The groups that a replacement names: a dollar sign and a digit from 1 to 9.
fn named_groups(replace: &str) -> impl Iterator<Item = usize> {
    let pairs = replace.as_bytes().windows(2).filter(|pair| pair[0] == b'$' && matches!(pair[1], b'1'..=b'9'));
    pairs.map(|pair| usize::from(pair[1] - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite(regex: &str, replace: &str) -> Rewrite {
        Rewrite { regex: regex.to_owned(), replace: replace.to_owned() }
    }

    #[test]
    fn a_rule_has_one_transform_of_each_kind() {
        let host = || Transform::HostHeaderRewrite(rewrite(r"^(.+)\.example\.com$", "$1.internal"));
        let url = || Transform::UrlRewrite(rewrite("^/api/(v[12])/(.*)$", "/$2?version=$1"));
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&[host(), url()]), Ok(()));
        assert_eq!(check(&[url(), host(), url()]), Err(InvalidTransform::Repeated("url-rewrite")));
        assert_eq!(check(&[host(), host()]), Err(InvalidTransform::Repeated("host-header-rewrite")));
    }

    #[test]
    fn replacements_name_groups_that_there_are_and_fit_into_a_request() {
        let url = |regex: &str, replace: &str| check(&[Transform::UrlRewrite(rewrite(regex, replace))]);
        let (kind, long) = ("url-rewrite", "a".repeat(1025));
        for (regex, replace) in
            [("^/api", ""), ("a", "$"), ("a", "$0$x"), ("(a)(b)", "$2$1"), ("(a)", "$10"), (&long[1..], &long[1..])]
        {
            assert_eq!(url(regex, replace), Ok(()), "{regex} {replace}");
        }
        assert_eq!(url("(a)", "/$1/$3"), Err(InvalidTransform::Group { kind, number: 3, groups: 1 }));
        for replace in ["/a b", "/\r\nHost: x", "/한국", &long] {
            assert_eq!(url("a", replace), Err(InvalidTransform::Replace(kind)), "{replace:?}");
        }
        for regex in ["", "(?=a)", "(", &long] {
            assert!(matches!(url(regex, "/"), Err(InvalidTransform::Regex { .. })), "{regex}");
        }
    }
}
