//! The commands, one file each. They print for people (and with `--output json` for scripts); nothing else does.
#![allow(clippy::print_stdout)]

use std::io::Write;

pub mod aws;
pub mod backup;
pub mod check;
pub mod cleanup;
pub mod demo;
pub mod doctor;
pub mod env;
pub mod events;
pub mod hold;
pub mod image;
pub mod init;
pub mod node;
pub mod outbox;
pub mod shim;
pub mod simulate;
pub mod site;
pub mod status;
pub mod trial;
pub mod up;
pub mod why;

/// Prints a whole text; that nobody reads to its end (`goru status | head`) is no failure.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A text as part of the query of a URL.
fn percent_encoded(text: &str) -> String {
    let encoded = |byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

/// How a command prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// Tables and sentences.
    #[default]
    Text,
    /// One JSON document.
    Json,
}
