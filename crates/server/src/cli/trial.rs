//! `goru trial`: tries sandboxes in namespaces that an ordinary user may make, and says as JSON what it found. Started by `goru
//! doctor` and `goru up`, which themselves stay outside.

use crate::wiring;
use std::{path::Path, process::ExitCode};

/// Tries it in a directory of its own below `place`.
pub fn run(place: &Path) -> anyhow::Result<ExitCode> {
    let probed = compute::sandbox::probe::probe_without_root(&wiring::self_command()?, place);
    super::print(&serde_json::to_string(&probed.map_err(anyhow::Error::msg)?)?)?;
    Ok(ExitCode::SUCCESS)
}
