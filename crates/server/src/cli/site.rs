//! `goru site`: the web site of the demonstration, inside an instance.

use std::process::ExitCode;

/// Serves on `HOST` and `PORT` until it is ended.
pub fn run() -> anyhow::Result<ExitCode> {
    let variable = |name: &str| {
        std::env::var(name).map_err(|_| anyhow::anyhow!("{name} is not set: `goru site` runs inside an instance"))
    };
    let host = variable("HOST")?.parse()?;
    let port = variable("PORT")?.parse()?;
    compute::site::run(host, port)?;
    Ok(ExitCode::SUCCESS)
}
