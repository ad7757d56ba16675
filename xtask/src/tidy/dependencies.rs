//! Rule: a manifest lists nothing that its crate does not name in its code.
//!
//! A plain search for the name as a word: it can miss an unused dependency whose name is also another word, and it
//! never reports one that is used.

use std::path::Path;

use anyhow::Result;

use super::files::{read, with_extension};
use super::metadata::{Dependency, Metadata, Package};
use super::{Violation, words::contains_word};

/// Checks every manifest of the workspace.
pub fn check(root: &Path) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for package in Metadata::read(root)?.ours() {
        violations.extend(unused_in(package)?);
    }
    Ok(violations)
}

fn unused_in(package: &Package) -> Result<Vec<Violation>> {
    let dir = package.manifest_path.parent().unwrap_or(Path::new("."));
    let mut code = String::new();
    for file in with_extension(dir, "rs")? {
        code.push_str(&read(&file)?);
    }
    let unused = package.dependencies.iter().filter(|dependency| !contains_word(&code, &name_in_code(dependency)));
    Ok(unused
        .map(|dependency| {
            format!("{}: {} is listed in Cargo.toml and not used; remove it", package.name, dependency.name)
        })
        .collect())
}

fn name_in_code(dependency: &Dependency) -> String {
    dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_")
}
