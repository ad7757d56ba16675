//! `cargo xtask coverage`: what of AWS is served (docs/coverage.md), or which lines the tests reach.
//!
//! The first is generated together with the types, so this only calls the generator. The second needs
//! cargo-llvm-cov and is for people; CI does not run it.

use anyhow::{Result, bail};

use crate::codegen;
use crate::shell::{capture, cargo, run as run_command};

/// Regenerates docs/coverage.md, or measures line coverage.
pub fn run(lines: bool) -> Result<()> {
    if !lines {
        codegen::run(false)?;
        println!("docs/coverage.md is up to date");
        return Ok(());
    }
    if capture(cargo().args(["llvm-cov", "--version"])).is_err() {
        bail!("line coverage needs cargo-llvm-cov: cargo install cargo-llvm-cov --locked");
    }
    run_command(cargo().args(["llvm-cov", "nextest", "--workspace", "--html"]))
}
