//! `cargo xtask e2e`: the real binary, driven by the real `aws` CLI and boto3 from a pinned Python environment.
//!
//! The binary is the one of the development profile. After the workspace's tests it is already there: cargo unifies
//! features differently for `--package goru` alone, which would compile tokio and all above it once more.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result};

use crate::install;
use crate::lint::locked;
use crate::shell::{self, Watch, cargo, command, root, run_and_note};

/// Most of the time the tests wait: three workers keep two cores half busy. As root, because each has a network of its own.
const TOGETHER: [&str; 4] = ["-m", "not alone", "--numprocesses", "3"];
/// Tests that measure load.
const ALONE: [&str; 2] = ["-m", "alone"];

/// Builds the binary alone and runs pytest; `arguments` go to pytest. Returns pytest's closing line.
///
/// # Errors
/// When the build or a test fails, or when no test was found.
pub fn run(arguments: &[String]) -> Result<Option<String>> {
    shell::run(cargo().args(["build", "--quiet", "--package", "goru"]).args(locked()))?;
    pytest(arguments)
}

/// The same after the workspace's tests: built together with them, so that features are unified as theirs are and nothing
/// is compiled twice in one CI run.
///
/// # Errors
/// As [`run`].
pub fn run_after_tests() -> Result<Option<String>> {
    shell::run(cargo().args(["build", "--quiet", "--workspace", "--bins", "--tests"]).args(locked()))?;
    if !rustix::process::geteuid().is_root() {
        return pytest(&[]);
    }
    let (together, alone) = (pytest(&TOGETHER.map(str::to_owned)), pytest(&ALONE.map(str::to_owned)));
    let closing_lines = [together?, alone?];
    Ok(Some(closing_lines.into_iter().flatten().collect::<Vec<_>>().join("; ")))
}

fn pytest(arguments: &[String]) -> Result<Option<String>> {
    let bin = install::python_environment()?;
    let mut pytest = command(bin.join("python"));
    pytest.args(["-m", "pytest", "-c", "e2e/pytest.ini", "e2e"]).args(arguments);
    pytest.env("GORU_BIN", root().join("target/debug/goru"));
    pytest.env("PATH", path_with(&bin)?).env("PYTHONDONTWRITEBYTECODE", "1");
    run_and_note(&mut pytest, &Watch::Stdout, is_closing_line)
}

/// `12 passed, 1 skipped in 3.45s`, with or without pytest's `=` decoration.
fn is_closing_line(line: &str) -> bool {
    line.contains(" in ") && ["passed", "failed", "error"].iter().any(|word| line.contains(word)) && line.contains('s')
}

/// `PATH` with the environment's programs first, so that `aws` is the pinned one.
fn path_with(bin: &Path) -> Result<OsString> {
    let old = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&old)))
        .context("PATH cannot be extended")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_of_pytest_is_told_from_the_others() {
        assert!(is_closing_line("===== 12 passed, 1 skipped in 3.45s ====="));
        assert!(is_closing_line("1 failed in 0.12s"));
        assert!(!is_closing_line("e2e/test_site.py::test_site_answers PASSED"));
    }
}
