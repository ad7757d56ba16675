//! `goru shim`: parent of one instance. Started by `goru up`, outlives it.

use std::{path::PathBuf, process::ExitCode};

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    /// The instance's directory
    directory: PathBuf,
}

/// Runs until the instance has ended.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    Ok(compute::shim::run(compute::shim::ShimOptions { directory: options.directory }))
}
