//! Reads AWS's service definitions from the pinned botocore into `shapes/`.
use anyhow::{Result, bail};

/// Imports every service that has a `shapes/<service>.toml`.
pub fn run() -> Result<()> {
    bail!("import-shapes is not written yet")
}
