//! `goru up`: the control plane in the foreground.

use crate::{config::Flags, rootless, telemetry, wiring};
use std::{io::Write, process::ExitCode};

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    pub flags: Flags,
    /// On SIGINT or SIGTERM stop only the control plane: the node and the instances go on
    #[arg(
        long, env = "GORU_KEEP_SERVING", value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new()
    )]
    pub keep_serving: Option<bool>,
}

/// Runs until it is told to stop.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let config = crate::config::Config::load(&options.flags)?;
    telemetry::start(config.log_format)?;
    let keep_serving = options.keep_serving.unwrap_or(config.keep_serving);
    // As long as there is one thread.
    let entered = rootless::enter(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("control").build()?;
    runtime.block_on(async {
        let server = wiring::Server::start(config, options.flags, entered).await?;
        // A reader that is gone does not end the server.
        let _ = writeln!(std::io::stdout(), "{}", server.ready_line());
        server.run_until_stopped(keep_serving).await
    })?;
    Ok(ExitCode::SUCCESS)
}
