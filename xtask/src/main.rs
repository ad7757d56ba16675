//! The one entry for people and for CI: `cargo xtask <command>`.
//!
//! This file is the list of commands; each command is a module. The tasks build, check, measure and generate;
//! nothing of the product lives here, and no crate of the product is a dependency of this one, so that a broken
//! crate never keeps its own checks from running.
#![allow(clippy::print_stdout, reason = "a command line tool talks on stdout")]

mod bench;
mod ci;
mod codegen;
mod coverage;
mod e2e;
mod fuzz;
mod import_shapes;
mod install;
mod lint;
mod shell;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Tasks of the Goru repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that a change must pass: install what is missing, lint, codegen --check, tidy, test, e2e
    Ci,
    /// Unit and integration tests of the workspace (nextest), and the documentation's tests if there are any
    Test {
        /// Passed on to nextest, for example `-p model` or a filter
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// rustfmt, clippy, rustdoc and typos; every warning is an error
    Lint,
    /// Drive the real binary with the `aws` CLI and boto3 (pytest in e2e/)
    E2e {
        /// Passed on to pytest, for example `-k load_balancer -x`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measure Goru, beside nginx and HAProxy where they do the same thing
    Bench(bench::Arguments),
    /// Feed mutated input to everything that reads what strangers send, for as long as is wanted
    Fuzz(fuzz::Arguments),
    /// Read AWS's service definitions from the pinned botocore into shapes/, without any prose
    ImportShapes,
    /// Write crates/api and docs/coverage.md from shapes/
    Codegen {
        /// Change nothing; fail when a checked-in file differs from what would be written
        #[arg(long)]
        check: bool,
    },
    /// Repository law: crate edges, headers, words, licences
    Tidy,
    /// Write docs/coverage.md (which operations and members are served); with --lines, line coverage of the tests
    Coverage {
        /// Measure line coverage with cargo-llvm-cov, if that is installed
        #[arg(long)]
        lines: bool,
    },
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match Arguments::parse().command {
        Task::Ci => ci::run(),
        Task::Test { arguments } => test::run(&arguments).map(drop),
        Task::Lint => lint::run(),
        Task::E2e { arguments } => e2e::run(&arguments).map(drop),
        Task::Bench(arguments) => bench::run(arguments),
        Task::Fuzz(arguments) => fuzz::run(&arguments),
        Task::ImportShapes => import_shapes::run(),
        Task::Codegen { check } => codegen::run(check),
        Task::Tidy => tidy::run(),
        Task::Coverage { lines } => coverage::run(lines),
    }
}
