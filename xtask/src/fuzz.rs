//! `cargo xtask fuzz`: mutated input for everything that reads what strangers send, for as long as is wanted.
//!
//! The targets are the tests of `crates/proxy/tests/fuzz`; here they only get their time. A failure prints its input.

use anyhow::Result;
use clap::builder::PossibleValuesParser;

use crate::lint::locked;
use crate::shell::{self, cargo};

const TARGETS: [&str; 9] = [
    "request_heads",
    "response_heads",
    "chunked_bodies",
    "rules",
    "sticky_cookies",
    "http2_server",
    "http2_client",
    "http2_beginnings",
    "header_blocks",
];

/// What to run, and for how long.
#[derive(clap::Args)]
pub struct Arguments {
    /// A target; all of them, one after the other, if none is named
    #[arg(value_parser = PossibleValuesParser::new(TARGETS))]
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where random numbers begin: another one tries other input
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the targets, optimised.
///
/// # Errors
/// When something is found.
pub fn run(arguments: &Arguments) -> Result<()> {
    let mut tests = cargo();
    tests.args(["test", "--release"]).args(locked()).args(["-p", "proxy", "--test", "fuzz", "--"]);
    tests.args(&arguments.target).args(["--nocapture", "--test-threads=1"]);
    tests.env("FUZZ_SECONDS", arguments.seconds.to_string()).env("FUZZ_SEED", arguments.seed.to_string());
    shell::run(&mut tests)
}
