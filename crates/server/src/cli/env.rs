//! `goru env`: what to paste (or `eval`) so that every AWS client talks to the running server.

use crate::{config::Flags, local::Local};
use std::process::ExitCode;

/// Prints `export` lines.
pub fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    for (name, value) in variables(&Local::new(flags)?)? {
        println!("export {name}={value}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The variables that AWS's clients read.
pub fn variables(local: &Local) -> anyhow::Result<Vec<(&'static str, String)>> {
    let client = local.client_environment()?;
    Ok(vec![
        ("AWS_ENDPOINT_URL", client.endpoint),
        ("AWS_ACCESS_KEY_ID", client.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", client.secret_access_key),
        ("AWS_REGION", client.region.clone()),
        ("AWS_DEFAULT_REGION", client.region),
        ("AWS_PAGER", String::new()),
    ])
}
