//! `goru init`: the first process of a sandboxed instance. Started in the sandbox, by its container runtime.

use std::{path::PathBuf, process::ExitCode};

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    /// A `#cloud-config` file, whose modules a child of the first process is to run
    file: Option<PathBuf>,
}

/// Runs until the instance has ended, or the modules have.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    Ok(match &options.file {
        None => compute::init::run(),
        Some(file) => compute::init::run_cloud_config(file),
    })
}
