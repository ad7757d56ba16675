//! Regular expressions of conditions and transforms: how they are read, and how large one may become.
//!
//! Sources: ELB user guide, "Listener rules" (neither look-around nor back-references, atomic groups, possessive
//! quantifiers, recursion or Unicode classes) and AWS's own load balancer controller, whose rules write their anchors out
//! (`^/api/?(.*)$`) and match a part otherwise (`.+Chrome.+`, `^(.+)\.example\.com`): an expression is searched for.
//! Requests are bytes, so expressions work on bytes, and letters are those of ASCII.

use model::elbv2::condition::Case;
use regex::bytes::{Regex, RegexBuilder};

/// The largest program of one expression of a condition, in bytes. All that 128 characters can sensibly say fits well;
/// what repeats repetitions does not. It also bounds what a hostile text costs: program times text, in the worst case.
pub const MAXIMUM_PROGRAM: usize = 64 * 1024;
/// The same for a transform, whose expressions may be eight times as long.
pub const MAXIMUM_REWRITE_PROGRAM: usize = 256 * 1024;

/// Compiles an expression of a condition.
///
/// # Errors
/// It is no expression, uses what AWS does not support either, or would become too large.
pub(super) fn condition(pattern: &str, case: Case) -> Result<Regex, regex::Error> {
    build(pattern, case, MAXIMUM_PROGRAM)
}

/// Compiles the expression of a transform.
///
/// # Errors
/// As [`condition`].
pub(super) fn rewrite(pattern: &str, case: Case) -> Result<Regex, regex::Error> {
    build(pattern, case, MAXIMUM_REWRITE_PROGRAM)
}

fn build(pattern: &str, case: Case, limit: usize) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .case_insensitive(case == Case::Ignored)
        .size_limit(limit)
        .dfa_size_limit(limit)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_does_not_support_and_what_grows_too_large_is_refused() {
        for pattern in
            ["(", "a(?=b)", "(?<!a)b", r"(a)\1", r"\p{L}", "(?>a)", "(a{1,50}){1,60}b", "(((a{99}){99}){99})"]
        {
            assert!(condition(pattern, Case::Kept).is_err(), "{pattern}");
        }
    }

    #[test]
    fn expressions_are_searched_for_and_letters_are_those_of_ascii() {
        for (pattern, case, text, found) in [
            ("b", Case::Kept, &b"abc"[..], true),
            ("^b", Case::Kept, b"abc", false),
            ("^a.c$", Case::Kept, b"a\xffc", true),
            ("^/API/", Case::Kept, b"/api/", false),
            ("^WWW\\.", Case::Ignored, b"www.example.com", true),
            ("chrome", Case::Ignored, b"Mozilla Chrome/1", true),
            ("k", Case::Ignored, "\u{212a}".as_bytes(), false),
            ("^\u{e4}$", Case::Kept, "\u{e4}".as_bytes(), true),
        ] {
            assert_eq!(condition(pattern, case).unwrap().is_match(text), found, "{pattern}");
        }
    }
}
