//! `cargo xtask tidy`: the repository's own law, as ordinary code with ordinary tests.
//!
//! Each rule is a module: it reads files or `cargo metadata` and returns violations, one line each, that say where
//! and what to do. Formatting, types and lints belong to rustfmt, rustc and clippy and are not repeated here.

mod dependencies;
mod edges;
pub mod files;
mod headers;
mod inputs;
mod licences;
mod metadata;
mod privacy;
mod shapes;
mod words;

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell::root;

/// One broken rule, as one line for a person: place, what is wrong, what to do.
pub type Violation = String;

struct Rule {
    name: &'static str,
    check: fn(&Path) -> Result<Vec<Violation>>,
}

const RULES: &[Rule] = &[
    Rule { name: "crate edges", check: edges::check },
    Rule { name: "unused dependencies", check: dependencies::check },
    Rule { name: "licences and bans", check: licences::check },
    Rule { name: "file headers", check: headers::check },
    Rule { name: "shapes without prose", check: shapes::check },
    Rule { name: "inputs destructured whole", check: inputs::check },
    Rule { name: "AWS's words", check: words::check },
    Rule { name: "no trace of a machine", check: privacy::check },
];

/// Checks every rule and prints every violation.
///
/// # Errors
/// When a rule is broken.
pub fn run() -> Result<()> {
    let mut broken = 0;
    for rule in RULES {
        let violations = (rule.check)(&root())?;
        println!(
            "{:<26} {}",
            rule.name,
            if violations.is_empty() { "ok".into() } else { format!("{} broken", violations.len()) }
        );
        violations.iter().for_each(|violation| println!("  {violation}"));
        broken += violations.len();
    }
    if broken > 0 {
        bail!("tidy found {broken} violation(s)");
    }
    Ok(())
}
