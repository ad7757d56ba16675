//! `goru backup FILE`: a complete copy of the state, consistent at one revision.

use crate::{config::Place, local::Local};
use anyhow::Context;
use std::{path::PathBuf, process::ExitCode};

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Where to; must not exist
    file: PathBuf,
}

/// Asks the running server for a copy, or makes it when none runs.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let local = Local::new(&options.place)?;
    let file = std::path::absolute(&options.file)?;
    if local.is_running() {
        local.post("/_goru/backup", &serde_json::json!({ "file": file }))?;
    } else {
        anyhow::ensure!(
            local.data_dir().join("state.db").exists(),
            "there is no state in {}",
            local.data_dir().display()
        );
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let store = store::Store::open(local.data_dir()).context("cannot open the state")?;
        runtime.block_on(store.backup(&file))?;
    }
    super::print(&format!("{}\n", file.display()))?;
    Ok(ExitCode::SUCCESS)
}
