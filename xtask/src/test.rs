//! `cargo xtask test`: the workspace's tests by nextest, then documentation tests where there are any.
//!
//! nextest runs each test in a process of its own and ends with one summary line, which is kept for `ci`.

use std::path::Path;

use anyhow::Result;

use crate::install;
use crate::lint::locked;
use crate::shell::{self, Watch, cargo, root, run_and_note};
use crate::tidy::files;

/// Runs the tests; `arguments` go to nextest (a package, a filter). Returns nextest's summary line.
///
/// # Errors
/// When a test fails or does not compile.
pub fn run(arguments: &[String]) -> Result<Option<String>> {
    install::nextest()?;
    let mut nextest = cargo();
    nextest.args(["nextest", "run"]).args(locked());
    if arguments.is_empty() {
        nextest.arg("--workspace");
    }
    let summary = run_and_note(nextest.args(arguments), &Watch::Stderr, |line| line.contains("Summary ["))?;
    if arguments.is_empty() {
        documentation_tests()?;
    }
    Ok(summary)
}

fn documentation_tests() -> Result<()> {
    for package in packages_with_documentation_tests()? {
        run_doctests(&package)?;
    }
    Ok(())
}

fn run_doctests(package: &str) -> Result<()> {
    shell::run(cargo().args(["test", "--doc", "--quiet", "-p", package]).args(locked()))
}

/// Library crates with at least one example that rustdoc would compile. (`crates/<name>` holds the package `<name>`;
/// the one binary has no library and so no documentation tests.)
fn packages_with_documentation_tests() -> Result<Vec<String>> {
    let mut packages = Vec::new();
    for dir in files::directories(&root().join("crates"))? {
        if dir.join("src/lib.rs").exists() && has_documentation_test(&dir.join("src"))? {
            packages.extend(dir.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    Ok(packages)
}

fn has_documentation_test(dir: &Path) -> Result<bool> {
    for file in files::with_extension(dir, "rs")? {
        if opens_a_rust_example(&std::fs::read_to_string(file)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// True when a documentation comment opens a code block that rustdoc takes for Rust.
fn opens_a_rust_example(source: &str) -> bool {
    let mut inside = false;
    for line in source.lines() {
        let line = line.trim_start();
        let Some(comment) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
            inside = false;
            continue;
        };
        let Some(language) = comment.trim_start().strip_prefix("```") else { continue };
        if !inside && ["", "rust", "no_run", "should_panic"].contains(&language.trim()) {
            return true;
        }
        inside = !inside;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blocks_that_rustdoc_would_compile_count() {
        assert!(opens_a_rust_example("/// Adds.\n///\n/// ```\n/// add(1);\n/// ```\n"));
        assert!(opens_a_rust_example("//! ```no_run\n//! up();\n//! ```\n"));
        assert!(!opens_a_rust_example("/// ```text\n/// GET / HTTP/1.1\n/// ```\n"));
        assert!(!opens_a_rust_example("/// ```toml\n/// a = 1\n/// ```\n/// ```ignore\n/// x\n/// ```\n"));
        assert!(!opens_a_rust_example("// ```\n// a plain comment\n// ```\n"));
    }
}
