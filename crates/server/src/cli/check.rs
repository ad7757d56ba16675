//! `goru check [FILE]`: is this configuration valid? Exit code 0, or 1 with file, line, column and a hint.

use crate::config::Config;
use std::{path::Path, process::ExitCode};

/// Checks one file.
pub fn run(file: &Path) -> anyhow::Result<ExitCode> {
    match Config::check(file) {
        Ok(_) => {
            super::print(&format!("{}: ok\n", file.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("{error}");
            Ok(ExitCode::FAILURE)
        }
    }
}
