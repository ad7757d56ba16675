//! Rule: the data plane speaks AWS's language. In `proxy`, a target is a target.
//!
//! Words of other load balancers are found in identifiers, comments and texts alike, also inside a longer name
//! (`BackendPool`, `upstream_address`).

use std::path::Path;

use anyhow::Result;

use super::Violation;
use super::files::{read, shown, with_extension};

struct Foreign {
    word: &'static str,
    say: &'static str,
}

const FOREIGN: &[Foreign] = &[Foreign { word: "backend", say: "target" }, Foreign { word: "upstream", say: "target" }];

/// Checks the sources and tests of `proxy`.
pub fn check(root: &Path) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for file in with_extension(&root.join("crates/proxy"), "rs")? {
        let name = shown(root, &file);
        let found = foreign_words(&read(&file)?);
        violations.extend(
            found
                .into_iter()
                .map(|(line, foreign)| format!("{name}:{line}: say {:?}, not {:?}", foreign.say, foreign.word)),
        );
    }
    Ok(violations)
}

fn foreign_words(source: &str) -> Vec<(usize, &'static Foreign)> {
    let lines = source.lines().enumerate().map(|(number, line)| (number + 1, line.to_lowercase()));
    lines
        .flat_map(|(number, line)| {
            FOREIGN.iter().filter(move |foreign| line.contains(foreign.word)).map(move |foreign| (number, foreign))
        })
        .collect()
}

/// True when `text` holds `word` with no letter, digit or underscore on either side.
pub fn contains_word(text: &str, word: &str) -> bool {
    let part_of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(part_of_a_name);
        let after = text[at + word.len()..].chars().next().is_some_and(part_of_a_name);
        !before && !after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_are_found_in_names_and_comments() {
        let found = foreign_words(
            "struct BackendPool;\n// the target\nlet upstream_address = 1;\n// ask the Upstream's backend",
        );
        assert_eq!(
            found.iter().map(|(line, foreign)| (*line, foreign.word)).collect::<Vec<_>>(),
            [(1, "backend"), (3, "upstream"), (4, "backend"), (4, "upstream")]
        );
    }

    #[test]
    fn aws_words_pass() {
        assert!(foreign_words("struct TargetGroup { targets: Vec<Target> }").is_empty());
    }

    #[test]
    fn a_word_inside_a_longer_name_is_not_that_word() {
        assert!(contains_word("use bytes::Bytes;", "bytes"));
        assert!(!contains_word("let total_bytes = 1;", "bytes"));
        assert!(!contains_word("rebytes", "bytes"));
    }
}
