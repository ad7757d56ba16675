//! The one binary: control plane, load balancer node, shim and the commands that look at them.
//!
//! This file is the table of commands; each has its file in `cli/`. What they do is in the other crates.

mod cli;
mod clock;
mod config;
mod endpoint;
mod files;
mod load;
mod local;
mod metrics_page;
mod rootless;
mod shutdown;
mod simulate;
mod status;
mod telemetry;
mod vpc_services;
mod why;
mod why_network;
mod why_request;
mod wiring;

use clap::{Parser, Subcommand};
use config::{Flags, Place};
use std::{path::PathBuf, process::ExitCode};

/// Elastic load balancing and auto scaling for machines you own, behind AWS's own API.
#[derive(Parser)]
#[command(name = "goru", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the control plane in the foreground
    Up(cli::up::Options),
    /// Bring up an example on a fresh data directory, drive load at it, show what happens
    Demo(cli::demo::Options),
    /// Print the environment for clients of the running server
    Env(Place),
    /// Run the installed `aws` against the running server
    Aws(cli::aws::Options),
    /// Show what runs
    Status(cli::status::Options),
    /// Show what happened
    Events(cli::events::Options),
    /// Tell why an Auto Scaling group did and did not scale, or what became of a request
    Why(cli::why::Options),
    /// Run the deciders of a group over recorded or given load, also with other policies
    Simulate(cli::simulate::Options),
    /// Show the mails that were written instead of sent
    Outbox(cli::outbox::Options),
    /// Copy the state to a file, while the server runs or not
    Backup(cli::backup::Options),
    /// The files of images: unpack, show, delete
    Image(cli::image::Options),
    /// Remove what a killed server left on this host: instances, control groups, networks
    Cleanup(cli::cleanup::Options),
    /// Validate a configuration file
    Check {
        /// The file
        #[arg(default_value = "goru.toml")]
        file: PathBuf,
    },
    /// Show what this host can do and what is missing
    Doctor(Flags),
    /// Run the load balancer node (started by `up`)
    #[command(hide = true)]
    Node(cli::node::Options),
    /// Parent of one instance (started by `up`)
    #[command(hide = true)]
    Shim(cli::shim::Options),
    /// First process of a sandboxed instance (started in it)
    #[command(hide = true)]
    Init(cli::init::Options),
    /// Keep the namespaces of a server that is not root (started by `up`)
    #[command(hide = true)]
    Hold(cli::hold::Options),
    /// Try sandboxes without root (started by `doctor` and `up`)
    #[command(hide = true)]
    Trial {
        /// Where instances would be
        place: PathBuf,
    },
    /// The web site of the demonstration (started in instances)
    #[command(hide = true)]
    Site,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Up(options) => cli::up::run(options),
        Command::Demo(options) => cli::demo::run(options),
        Command::Env(place) => cli::env::run(&place),
        Command::Aws(options) => cli::aws::run(&options),
        Command::Status(options) => cli::status::run(&options),
        Command::Events(options) => cli::events::run(&options),
        Command::Why(options) => cli::why::run(&options),
        Command::Simulate(options) => cli::simulate::run(&options),
        Command::Outbox(options) => cli::outbox::run(&options),
        Command::Backup(options) => cli::backup::run(&options),
        Command::Image(options) => cli::image::run(&options),
        Command::Cleanup(options) => cli::cleanup::run(&options),
        Command::Check { file } => cli::check::run(&file),
        Command::Doctor(flags) => cli::doctor::run(&flags),
        Command::Node(options) => cli::node::run(options),
        Command::Shim(options) => cli::shim::run(options),
        Command::Init(options) => cli::init::run(&options),
        Command::Hold(options) => cli::hold::run(options),
        Command::Trial { place } => cli::trial::run(&place),
        Command::Site => cli::site::run(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("goru: {error:#}");
        ExitCode::FAILURE
    })
}
