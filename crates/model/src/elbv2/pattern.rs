//! Wildcards as the conditions of rules have them: `*` is any text, also none, and `?` is any one character.

/// Whether the whole text fits the pattern. A linear walk with one point to come back to: no pattern is slow
/// (at most pattern times text).
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    walk(pattern, text, false)
}

/// The same where a backslash takes its meaning from the `*`, `?` or backslash that follows it.
pub fn matches_escaped(pattern: &[u8], text: &[u8]) -> bool {
    walk(pattern, text, true)
}

/// How many wildcards a pattern has.
pub fn wildcards(pattern: &[u8]) -> usize {
    count(pattern, false)
}

/// The same where a backslash takes their meaning away.
pub fn wildcards_escaped(pattern: &[u8]) -> usize {
    count(pattern, true)
}

fn count(mut pattern: &[u8], escapes: bool) -> usize {
    let mut found = 0;
    while let Some((part, length)) = part(pattern, escapes) {
        found += usize::from(matches!(part, Part::Any | Part::One));
        pattern = &pattern[length..];
    }
    found
}

/// What stands at the front of a pattern, and how many of its bytes that takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Byte(u8),
}

fn part(pattern: &[u8], escapes: bool) -> Option<(Part, usize)> {
    match pattern {
        [] => None,
        [b'\\', byte @ (b'*' | b'?' | b'\\'), ..] if escapes => Some((Part::Byte(*byte), 2)),
        [b'*', ..] => Some((Part::Any, 1)),
        [b'?', ..] => Some((Part::One, 1)),
        [byte, ..] => Some((Part::Byte(*byte), 1)),
    }
}

fn walk(mut pattern: &[u8], mut text: &[u8], escapes: bool) -> bool {
    // Where to go on when what follows the last `*` does not fit: behind that `*`, with one more byte given to it.
    let mut back: Option<(&[u8], &[u8])> = None;
    loop {
        match (part(pattern, escapes), text.split_first()) {
            (Some((Part::Any, length)), _) => {
                pattern = &pattern[length..];
                back = Some((pattern, text));
                continue;
            }
            (Some((Part::One, length)), Some((_, rest))) => {
                (pattern, text) = (&pattern[length..], rest);
                continue;
            }
            (Some((Part::Byte(wanted), length)), Some((byte, rest))) if wanted == *byte => {
                (pattern, text) = (&pattern[length..], rest);
                continue;
            }
            (None, None) => return true,
            (Some((Part::One | Part::Byte(_), _)), _) | (None, Some(_)) => {}
        }
        match back {
            Some((after, [_, rest @ ..])) => {
                (pattern, text) = (after, rest);
                back = Some((after, rest));
            }
            Some((_, [])) | None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, by recursion.
    fn slow(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => (0..=text.len()).any(|n| slow(rest, &text[n..])),
            ([b'?', rest @ ..], [_, text @ ..]) => slow(rest, text),
            ([byte, rest @ ..], [first, text @ ..]) => byte == first && slow(rest, text),
            ([], [_, ..]) | ([_, ..], []) => false,
        }
    }

    proptest! {
        #[test]
        fn the_walk_agrees_with_the_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
            prop_assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), slow(pattern.as_bytes(), text.as_bytes()));
        }
    }

    #[test]
    fn escaped_wildcards_are_characters() {
        for (pattern, text, fits) in [
            (r"a\*b", "a*b", true),
            (r"a\*b", "axb", false),
            (r"\?*", "?x", true),
            (r"\\*", r"\xyz", true),
            (r"\a", r"\a", true),
            (r"\", r"\", true),
        ] {
            let wild = wildcards_escaped(pattern.as_bytes());
            assert_eq!(wild, usize::from(pattern.ends_with('*')), "{pattern}");
            assert_eq!(matches_escaped(pattern.as_bytes(), text.as_bytes()), fits, "{pattern} {text}");
        }
    }
}
