//! bench
use anyhow::Result;

/// What to measure.
#[derive(clap::Args)]
pub struct Arguments {}

pub fn run(_arguments: Arguments) -> Result<()> {
    Ok(())
}
