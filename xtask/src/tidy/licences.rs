//! Rule: every dependency has a licence that deny.toml allows, comes from crates.io, and is not banned there.
//!
//! cargo-deny reads the same file and knows more (advisories, duplicates). This is the part that must hold on every
//! machine, also where cargo-deny is not installed. A licence expression is read as SPDX: `OR` needs one side, `AND` both.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Violation;
use super::files::read;
use super::metadata::{Metadata, Package};
use crate::shell::{capture, cargo};

const ONLY_SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Policy {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: Option<String>,
}

/// Checks the whole tree of dependencies against deny.toml.
pub fn check(root: &Path) -> Result<Vec<Violation>> {
    let policy: Policy = toml::from_str(&read(&root.join("deny.toml"))?).context("deny.toml")?;
    let metadata = Metadata::read(root)?;
    let built = built(root)?;
    let packages = metadata.packages.iter().filter(|package| built.contains(&package.named()));
    Ok(packages.flat_map(|package| of_package(package, &policy)).collect())
}

/// Everything that is built for some target, as `name vVERSION`. `cargo metadata` lists more: packages that only a
/// feature which nobody turns on would bring.
fn built(root: &Path) -> Result<BTreeSet<String>> {
    let arguments =
        ["tree", "--workspace", "--target", "all", "--edges", "all", "--prefix", "none", "--format", "{p}", "--quiet"];
    let lines = capture(cargo().current_dir(root).args(arguments))?;
    let name = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    Ok(lines.lines().filter(|line| !line.is_empty()).map(name).collect())
}

fn of_package(package: &Package, policy: &Policy) -> Vec<Violation> {
    let named = format!("{} {}", package.name, package.version);
    let mut violations = Vec::new();
    if let Some(ban) = policy.bans.deny.iter().find(|ban| ban.name == package.name) {
        violations.push(format!("{named} is banned: {}", ban.reason.as_deref().unwrap_or("see deny.toml")));
    }
    if package.source.as_deref().is_some_and(|source| source != ONLY_SOURCE) {
        violations.push(format!("{named} does not come from crates.io"));
    }
    match package.license.as_deref() {
        None => violations.push(format!("{named} names no licence")),
        Some(licence) if !allowed(licence, &policy.licenses.allow) => {
            violations.push(format!("{named}: licence {licence} is not allowed by deny.toml"))
        }
        Some(_) => {}
    }
    violations
}

/// Evaluates an SPDX expression (and the older `A/B` for `A OR B`) against the allowed names.
fn allowed(expression: &str, allow: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Expression { tokens: &tokens, allow };
    let holds = reader.any_of();
    holds && reader.tokens.is_empty()
}

struct Expression<'a> {
    tokens: &'a [&'a str],
    allow: &'a [String],
}

impl<'a> Expression<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn next_is(&mut self, word: &str) -> bool {
        let is = self.tokens.first() == Some(&word);
        if is {
            self.next();
        }
        is
    }

    fn any_of(&mut self) -> bool {
        let mut holds = self.all_of();
        while self.next_is("OR") {
            holds |= self.all_of();
        }
        holds
    }

    fn all_of(&mut self) -> bool {
        let mut holds = self.one();
        while self.next_is("AND") {
            holds &= self.one();
        }
        holds
    }

    fn one(&mut self) -> bool {
        if self.next_is("(") {
            let holds = self.any_of();
            return self.next_is(")") && holds;
        }
        let Some(mut name) = self.next().map(str::to_owned) else { return false };
        if self.next_is("WITH") {
            name = format!("{name} WITH {}", self.next().unwrap_or_default());
        }
        // `X+` (this version or a later one) is satisfied by X itself.
        self.allow.iter().any(|allowed| *allowed == name || *allowed == name.trim_end_matches('+'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_as_spdx() {
        let allow: Vec<String> =
            ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"].map(String::from).to_vec();
        let cases = [
            ("MIT", true),
            ("MIT OR GPL-3.0", true),
            ("GPL-3.0 OR MIT", true),
            ("MIT/Apache-2.0", true),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("GPL-3.0 WITH LLVM-exception", false),
            ("AGPL-3.0-only", false),
            ("MIT+", true),
            ("GPL-3.0+", false),
            ("MIT MIT", false),
            ("", false),
        ];
        for (expression, expected) in cases {
            assert_eq!(allowed(expression, &allow), expected, "{expression}");
        }
    }

    #[test]
    fn a_banned_package_and_a_foreign_source_are_violations() {
        let policy: Policy =
            toml::from_str("licenses.allow = ['ISC']\nbans.deny = [{ crate = 'ring', reason = 'two providers' }]")
                .unwrap();
        let json = serde_json::json!({
            "name": "ring", "version": "1.0.0", "id": "ring", "license": "ISC", "source": "git+https://example.com/ring", "manifest_path": "", "dependencies": [],
        });
        let found = of_package(&serde_json::from_value(json).unwrap(), &policy);
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
