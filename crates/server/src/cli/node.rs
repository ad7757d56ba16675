//! `goru node`: the load balancer node as a process of its own. Started by `goru up`, outlives it.

use crate::{config::LogFormat, telemetry};
use proxy::{node::NodeOptions, telemetry::access_log::AccessLogOptions};
use std::{path::PathBuf, process::ExitCode};

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    /// The server's data directory; the node's own files are in `node/` and `logs/`
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Threads [default: one per processor]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// Whether access logs are written
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    access_log: bool,
    /// Whether all requests are written as JSON too, and not only those that failed
    #[arg(long)]
    access_log_json: bool,
    /// Format of the log on stderr
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
}

/// Runs until it is told to stop.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    telemetry::start(options.log_format)?;
    let usual = NodeOptions::new(options.data_dir, env!("CARGO_PKG_VERSION"));
    let access_log = usual.access_log.map(|usual| AccessLogOptions { json: options.access_log_json, ..usual });
    proxy::node::run(NodeOptions {
        workers: options.workers,
        access_log: access_log.filter(|_| options.access_log),
        // What ends the control plane's terminal or process group does not end the node.
        own_session: true,
        data_dir: usual.data_dir,
        version: usual.version,
    })?;
    Ok(ExitCode::SUCCESS)
}
