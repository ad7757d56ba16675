//! Writes `crates/api` and `docs/coverage.md` from `shapes/`.
use anyhow::{Result, bail};

/// Regenerates everything; with `check`, only compares.
pub fn run(_check: bool) -> Result<()> {
    bail!("codegen is not written yet")
}
