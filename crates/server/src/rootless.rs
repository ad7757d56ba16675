//! Servers that are not root: entering the namespaces in which sandboxes and networks are made then.

use crate::{
    config::{Config, DriverChoice},
    wiring::{self, tag_of},
};
use anyhow::Context as _;
use compute::rootless::{self, Rootless, RootlessOptions};
use std::path::Path;

/// Enters the namespaces of this installation, if its driver needs them. The process must have one thread.
///
/// # Errors
/// When this host does not allow it.
pub fn enter(config: &Config) -> anyhow::Result<Option<Rootless>> {
    if config.driver != DriverChoice::Sandbox || rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    wiring::create_private_dir(&config.data_dir)?;
    let data_directory = config.data_dir.canonicalize()?;
    let command = wiring::self_command()?;
    let outer = tag_of(&data_directory)?.outer_namespace();
    let options = RootlessOptions { data_directory, holder: (command.program, command.holder_arguments), outer };
    let entered = rootless::enter(&options).context("the sandbox driver cannot be used; see `goru doctor`")?;
    say_what_is_missing(&entered);
    Ok(Some(entered))
}

/// Enters the namespaces of the server that ran, or runs, on a data directory without being root. The process must have one thread.
///
/// # Errors
/// When they are there and cannot be entered.
pub fn join(data_dir: &Path) -> anyhow::Result<Option<Rootless>> {
    if rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    Ok(rootless::join(data_dir)?)
}

fn say_what_is_missing(entered: &Rootless) {
    match entered.way_out() {
        Ok(program) => tracing::info!(program, "not root: sandboxes and networks are in a user namespace"),
        Err(reason) => tracing::warn!(reason, "not root, and instances do not reach the outside; see `goru doctor`"),
    }
    if let Some(reason) = entered.why_one_user() {
        tracing::warn!(reason, "instances know no user but root; see `goru doctor`");
    }
}
