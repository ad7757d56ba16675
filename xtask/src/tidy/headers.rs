//! Rule: a file opens by saying what it is for.
//!
//! Every `.rs` file under crates/ and xtask/ begins with a `//!` line that has words in it. The generated crate
//! `api` is excepted. Whether the header is any good is for readers to say.

use std::path::Path;

use anyhow::Result;

use super::Violation;
use super::files::{read, shown, with_extension};

const GENERATED: &str = "crates/api/";

/// Checks every hand-written Rust file.
pub fn check(root: &Path) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for dir in ["crates", "xtask"] {
        for file in with_extension(&root.join(dir), "rs")? {
            let name = shown(root, &file);
            if !name.starts_with(GENERATED) && !has_header(&read(&file)?) {
                violations
                    .push(format!("{name}: begin the file with a `//!` header: what it is for, what it does not do"));
            }
        }
    }
    Ok(violations)
}

fn has_header(source: &str) -> bool {
    let first = source.lines().next().and_then(|line| line.strip_prefix("//!"));
    first.is_some_and(|text| text.contains(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_must_be_a_header_with_words() {
        assert!(has_header("//! Parses ARNs.\n\nuse std::fmt;\n"));
        assert!(!has_header("use std::fmt;\n//! Too late.\n"));
        assert!(!has_header("//!\n//! \n"));
        assert!(!has_header("// an ordinary comment\n"));
        assert!(!has_header(""));
    }
}
