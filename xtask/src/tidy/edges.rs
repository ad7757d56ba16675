//! Rule: a crate depends only on what its row allows. Arrows go down.
//!
//! The table is the one in ARCHITECTURE.md. `testkit` may be a development dependency of anybody, and the data
//! plane (`proxy`) may be one where a test wants real traffic.

use std::path::Path;

use anyhow::Result;

use super::Violation;
use super::metadata::{Dependency, Metadata, Package};

struct Row {
    package: &'static str,
    may_use: &'static [&'static str],
}

const TABLE: &[Row] = &[
    Row { package: "model", may_use: &[] },
    Row { package: "wire", may_use: &[] },
    Row { package: "api", may_use: &["wire"] },
    Row { package: "store", may_use: &["model"] },
    Row { package: "proxy", may_use: &["model"] },
    Row { package: "network", may_use: &["model"] },
    Row { package: "dns", may_use: &["model"] },
    Row { package: "compute", may_use: &["model", "network"] },
    Row { package: "services", may_use: &["model", "wire", "api", "store"] },
    Row { package: "controllers", may_use: &["model", "store", "network", "compute"] },
    Row {
        package: "goru",
        may_use: &["model", "wire", "api", "store", "proxy", "network", "dns", "compute", "services", "controllers"],
    },
    Row { package: "testkit", may_use: &["model"] },
    Row { package: "xtask", may_use: &[] },
];

const ANY_TEST_MAY_USE: &[&str] = &["testkit", "proxy"];
/// The bench writes a snapshot for the data plane; its test reads it with the real type.
const XTASK_TESTS_MAY_USE: &str = "model";

/// Checks every edge between two of our crates.
pub fn check(root: &Path) -> Result<Vec<Violation>> {
    Ok(violations(Metadata::read(root)?.ours()))
}

fn violations<'a>(packages: impl Iterator<Item = &'a Package>) -> Vec<Violation> {
    packages.flat_map(of_package).collect()
}

fn of_package(package: &Package) -> Vec<Violation> {
    let Some(row) = TABLE.iter().find(|row| row.package == package.name) else {
        return vec![format!(
            "crate {} has no row in the table of crate edges (xtask/src/tidy/edges.rs)",
            package.name
        )];
    };
    let ours = package.dependencies.iter().filter(|dependency| dependency.path.is_some());
    ours.filter(|edge| !allowed(row, edge)).map(|edge| violation(package, edge)).collect()
}

fn allowed(row: &Row, edge: &Dependency) -> bool {
    let is_dev = edge.kind.as_deref() == Some("dev");
    let for_tests = ANY_TEST_MAY_USE.contains(&edge.name.as_str());
    let for_bench = row.package == "xtask" && edge.name == XTASK_TESTS_MAY_USE;
    is_dev && (for_tests || for_bench) || row.may_use.contains(&edge.name.as_str())
}

fn violation(package: &Package, edge: &Dependency) -> Violation {
    let kind = edge.kind.as_deref().map_or(String::new(), |kind| format!("{kind}-"));
    format!(
        "{} must not have a {kind}dependency on {}: the layering in ARCHITECTURE.md forbids it",
        package.name, edge.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependency: &str, kind: Option<&str>) -> Package {
        let json = serde_json::json!({
            "name": name, "version": "0.1.0", "id": name, "license": null, "source": null, "manifest_path": "Cargo.toml",
            "dependencies": [{ "name": dependency, "rename": null, "kind": kind, "path": "crates/x" }],
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn edges_of_the_table_pass_and_all_others_do_not() {
        let cases = [
            ("store", "model", None, true),
            ("goru", "proxy", None, true),
            ("model", "wire", None, false),
            ("proxy", "store", None, false),
            ("services", "proxy", None, false),
            ("services", "proxy", Some("dev"), true),
            ("store", "testkit", Some("dev"), true),
            ("store", "testkit", None, false),
            ("controllers", "wire", Some("dev"), false),
            ("controllers", "wire", Some("build"), false),
            ("xtask", "model", Some("dev"), true),
            ("xtask", "model", None, false),
        ];
        for (from, to, kind, passes) in cases {
            let found = violations([package(from, to, kind)].iter());
            assert_eq!(found.is_empty(), passes, "{from} -> {to} ({kind:?}): {found:?}");
        }
    }

    #[test]
    fn a_crate_without_a_row_is_a_violation() {
        assert_eq!(violations([package("brand-new", "model", None)].iter()).len(), 1);
    }

    #[test]
    fn the_table_itself_has_no_cycle() {
        for row in TABLE {
            let mut reached = row.may_use.to_vec();
            let mut next = 0;
            while let Some(&name) = reached.get(next) {
                assert_ne!(name, row.package, "{} reaches itself", row.package);
                reached.extend(TABLE.iter().filter(|row| row.package == name).flat_map(|row| row.may_use));
                next += 1;
            }
        }
    }
}
