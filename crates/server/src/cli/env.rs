//! `goru env`: what to paste (or `eval`) so that every AWS client talks to the running server.

use crate::{config::Place, local::Local};
use std::process::ExitCode;

/// Prints `export` lines.
pub fn run(place: &Place) -> anyhow::Result<ExitCode> {
    let lines = variables(&Local::new(place)?)?.into_iter().map(|(name, value)| format!("export {name}={value}\n"));
    let mut text: String = lines.collect();
    if std::env::var_os("AWS_SESSION_TOKEN").is_some() {
        // A token of other credentials would be sent with these.
        text += "unset AWS_SESSION_TOKEN\n";
    }
    super::print(&text)?;
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
