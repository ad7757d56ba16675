//! Regular expressions of rules and transforms: which are accepted, and how they are read.
//!
//! They are the crate `regex`'s: every search takes linear time, so nobody's expression can make a load balancer slow. What
//! cannot be searched for in that way (look-around, back-references) is refused, and so are classes of Unicode (`\p{…}`),
//! because requests are bytes. A compiled expression has a size, and that has a limit.

use super::condition::Case;
use regex::bytes::{Regex, RegexBuilder};

/// The most bytes that a compiled expression may take.
const MAXIMUM_COMPILED: usize = 256 * 1024;
/// The most bytes that a search may keep beside it.
const MAXIMUM_CACHE: usize = 256 * 1024;
/// How deep groups may stand in groups.
const MAXIMUM_NESTING: u32 = 50;

/// Why a text is not accepted as a regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegularExpression {
    /// Nothing to look for.
    #[error("a regular expression must not be empty")]
    Empty,
    /// Too long.
    #[error("a regular expression has at most {0} characters")]
    Length(usize),
    /// What a request cannot contain unescaped.
    #[error("the regular expression `{0}` must have visible ASCII characters and spaces only")]
    Characters(String),
    /// A class of Unicode.
    #[error("the regular expression `{0}` has a Unicode class (\\p or \\P), which is not supported")]
    UnicodeClass(String),
    /// It does not compile.
    #[error("the regular expression `{text}` is not supported: {reason}")]
    Syntax {
        /// The expression, shortened.
        text: String,
        /// What the compiler says, in one line.
        reason: String,
    },
}

/// Compiles an expression of at most `longest` characters. It is found anywhere in a text unless it is anchored.
///
/// # Errors
/// [`InvalidRegularExpression`], also when the compiled form is larger than 256 KiB.
pub fn compile(text: &str, case: Case, longest: usize) -> Result<Regex, InvalidRegularExpression> {
    let shown = || text.chars().take(100).collect();
    if text.is_empty() {
        return Err(InvalidRegularExpression::Empty);
    }
    if text.chars().count() > longest {
        return Err(InvalidRegularExpression::Length(longest));
    }
    if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(InvalidRegularExpression::Characters(shown()));
    }
    if has_unicode_class(text) {
        return Err(InvalidRegularExpression::UnicodeClass(shown()));
    }
    let compiled = RegexBuilder::new(text)
        .unicode(false)
        .case_insensitive(case == Case::Ignored)
        .size_limit(MAXIMUM_COMPILED)
        .dfa_size_limit(MAXIMUM_CACHE)
        .nest_limit(MAXIMUM_NESTING)
        .build();
    compiled.map_err(|error| InvalidRegularExpression::Syntax { text: shown(), reason: reason(&error) })
}

/// Whether `\p` or `\P` stands somewhere with its meaning. `\\p` is a backslash and a letter.
fn has_unicode_class(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' && matches!(bytes.next(), Some(b'p' | b'P')) {
            return true;
        }
    }
    false
}

/// The compiler's message has a drawing of the place, and the reason in its last line.
fn reason(error: &regex::Error) -> String {
    let message = error.to_string();
    let last = message.lines().last().unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_found_in_bytes_with_and_without_regard_to_case() {
        let table: [(&str, Case, &[u8], bool); 8] = [
            ("^/api/v[0-9]+/", Case::Kept, b"/api/v12/x", true),
            ("^/api/v[0-9]+/", Case::Kept, b"/API/v12/x", false),
            ("^(www|shop)\\.example\\.com$", Case::Ignored, b"WWW.example.COM", true),
            ("b+", Case::Kept, b"aabbaa", true),
            ("\\d{3}", Case::Kept, "٥٥٥".as_bytes(), false),
            ("a.c", Case::Kept, b"a\xffc", true),
            (r"\\p", Case::Kept, br"\p", true),
            ("(?i)x", Case::Kept, b"X", true),
        ];
        for (text, case, found_in, is_found) in table {
            assert_eq!(compile(text, case, 128).unwrap().is_match(found_in), is_found, "{text}");
        }
    }

    #[test]
    fn what_is_slow_or_unknown_is_refused() {
        use InvalidRegularExpression as E;
        let refused = |text: &str| compile(text, Case::Kept, 128).unwrap_err();
        assert_eq!(refused(""), E::Empty);
        assert_eq!(refused(&"a".repeat(129)), E::Length(128));
        for text in ["한국", "a\tb", "a\u{7f}"] {
            assert!(matches!(refused(text), E::Characters(_)), "{text:?}");
        }
        for text in [r"\p{L}", r"[\P{Lu}x]", r"\\\pN"] {
            assert!(matches!(refused(text), E::UnicodeClass(_)), "{text}");
        }
        for text in ["(?=a)b", "(?<!a)b", r"(a)\1", "(", "[a", "*", "a{2,1}", r"\", "(?u:a)(?x", r"\w{100}{100}{100}"] {
            let refused = refused(text);
            let E::Syntax { text: shown, reason } = &refused else { panic!("{text}: {refused}") };
            assert!(shown == text && !reason.is_empty() && !reason.contains('\n'), "{refused}");
        }
    }

    #[test]
    fn a_compiled_expression_is_small() {
        let huge = format!("({}){{1000}}", "a{100}");
        assert!(matches!(compile(&huge, Case::Kept, 128), Err(InvalidRegularExpression::Syntax { .. })));
        let deep = format!("{}a{}", "(".repeat(60), ")".repeat(60));
        assert!(matches!(compile(&deep, Case::Kept, 128), Err(InvalidRegularExpression::Syntax { .. })));
    }
}
