//! `cargo xtask lint`: formatting, spelling, clippy, documentation, dependencies. Every warning is an error.
//!
//! clippy and rustdoc share the checked metadata of the dependencies; only the workspace itself is looked at twice.

use anyhow::Result;

use crate::ci::{Outcome, Step, run_steps};
use crate::install;
use crate::shell::{self, cargo, command, in_ci};

/// The checks, cheapest first.
pub const STEPS: [Step; 5] = [
    Step { name: "fmt", run: fmt },
    Step { name: "typos", run: typos },
    Step { name: "clippy", run: clippy },
    Step { name: "doc", run: doc },
    Step { name: "deny", run: deny },
];

/// Runs all of them.
pub fn run() -> Result<()> {
    run_steps(&STEPS)
}

fn fmt() -> Result<Outcome> {
    shell::run(cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Outcome::Passed(None))
}

fn typos() -> Result<Outcome> {
    let bin = install::python_environment()?;
    shell::run(command(bin.join("typos")).args(["--config", "typos.toml"]))?;
    Ok(Outcome::Passed(None))
}

fn clippy() -> Result<Outcome> {
    let mut clippy = cargo();
    clippy.args(["clippy", "--workspace", "--all-targets"]).args(locked()).args(["--", "-D", "warnings"]);
    shell::run(&mut clippy)?;
    Ok(Outcome::Passed(None))
}

fn doc() -> Result<Outcome> {
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"]).args(locked());
    shell::run(doc.env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Outcome::Passed(None))
}

/// What cargo-deny knows beyond `tidy`. It takes minutes to compile, so it is used where it is installed and not
/// installed for this. (Its advisories need a database from the network and are no gate.)
fn deny() -> Result<Outcome> {
    if shell::capture(cargo().args(["deny", "--version"])).is_err() {
        let reason = "cargo-deny is not installed; licences, bans and sources are checked by tidy";
        return Ok(Outcome::NotRun(reason.to_owned()));
    }
    shell::run(cargo().args(["deny", "check", "licenses", "bans", "sources"]))?;
    Ok(Outcome::Passed(None))
}

/// On a CI machine the lock file is law; while developing, cargo may still add to it.
pub fn locked() -> Option<&'static str> {
    in_ci().then_some("--locked")
}
