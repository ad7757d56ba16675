//! `cargo xtask bench`: figures, printed and kept, never tests that fail on a slow day.
//!
//! Everything measured is a release build, this program included: the development build of xtask builds both and hands over.
//! All load is bounded in count and time; all processes that a bench starts end with it.

mod client;
mod control;
mod data_plane;
mod debian;
mod generator;
mod load;
mod node;
mod order;
mod process;
mod proxies;
mod report;
mod sandboxes;
mod scale;
mod server;
mod site;

use std::os::unix::process::CommandExt;

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use crate::shell::{cargo, command, root, run as run_command};

/// What to measure.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    data_plane: Option<data_plane::Arguments>,
    /// Use target/release as it is
    #[arg(long, global = true)]
    skip_build: bool,
    /// Stay the development build: for work on a bench, its figures mean nothing
    #[arg(long, global = true, hide = true)]
    unoptimised: bool,
}

#[derive(Subcommand)]
enum What {
    /// Time from RunInstances to a process, from a listening server to its first request; API calls per second
    Control(control::Arguments),
    /// Time from RunInstances to a running sandbox, fifty of them at once, memory of an idle one; needs root
    Sandboxes(sandboxes::Arguments),
    /// A thousand Auto Scaling groups of ten simulated instances and ten thousand alarms: CPU, memory, latency of the API
    Scale(scale::Arguments),
    /// The load generator's own process; the other commands start it
    #[command(hide = true)]
    Generator,
    /// What the instances of `bench control` run
    #[command(hide = true)]
    Site { marks: std::path::PathBuf },
}

/// Measures.
pub fn run(arguments: Arguments) -> Result<()> {
    if cfg!(debug_assertions) && !arguments.unoptimised {
        return hand_over(arguments.skip_build);
    }
    match (&arguments.what, &arguments.data_plane) {
        (Some(What::Control(arguments)), _) => control::run(arguments),
        (Some(What::Sandboxes(arguments)), _) => sandboxes::run(arguments),
        (Some(What::Scale(arguments)), _) => scale::run(arguments),
        (Some(What::Site { marks }), _) => site::run(marks),
        (Some(What::Generator), _) => generator::run(),
        (None, Some(arguments)) => data_plane::run(arguments),
        (None, None) => bail!("say what to measure: `cargo xtask bench --help` has the list"),
    }
}

/// Builds Goru and this program for release and becomes the latter. Returns only on failure.
fn hand_over(skip_build: bool) -> Result<()> {
    if !skip_build {
        // One after the other: built together they would share features, and Goru would be built anew.
        for package in ["goru", "xtask"] {
            run_command(cargo().args(["build", "--release", "--package", package]))?;
        }
    }
    let error = command(root().join("target/release/xtask")).args(std::env::args_os().skip(1)).exec();
    Err(error).context("cannot start target/release/xtask")
}
