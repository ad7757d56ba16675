//! `goru hold`: keeps the namespaces of a server that is not root. Started by `goru up`, outlives it.

use std::{path::PathBuf, process::ExitCode};

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    /// The server's data directory
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// What the network is to be called that leads to the outside
    #[arg(long, value_name = "NAME")]
    outer: String,
    /// A process that is in the namespaces already
    #[arg(long, value_name = "PID")]
    member: Option<u32>,
}

/// Holds them until it is killed.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let Options { data_dir, outer, member } = options;
    Ok(compute::rootless::hold(&compute::rootless::HoldOptions { data_directory: data_dir, outer, member }))
}
