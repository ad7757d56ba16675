//! The commands, one file each. They print for people (and with `--output json` for scripts); nothing else does.
#![allow(clippy::print_stdout)]

pub mod aws;
pub mod backup;
pub mod check;
pub mod demo;
pub mod doctor;
pub mod env;
pub mod events;
pub mod node;
pub mod shim;
pub mod site;
pub mod status;
pub mod up;

/// How a command prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// Tables and sentences.
    #[default]
    Text,
    /// One JSON document.
    Json,
}
