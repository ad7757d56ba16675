//! Runs `ip` and `nft` in the namespace of the calling thread, and writes settings.
//!
//! Both get all that is to be done at once as text: `ip` line by line, `nft` as one transaction.

use crate::{driver::NetworkError, observe::setting_file};
use model::ec2::network_plan::Setting;
use std::{
    ffi::OsString,
    fs,
    io::Write,
    process::{Command, Stdio},
};

/// How much of its input an error shows.
const SHOWN_BYTES: usize = 400;

/// Runs `ip` to make things. A line that fails does not keep the others from being carried out: it may be about the one
/// instance that meddles with its own links.
pub fn ip(place: &str, lines: &[String]) -> Result<(), NetworkError> {
    if lines.is_empty() { Ok(()) } else { ip_batch(place, lines) }
}

/// Runs `ip` to remove things, each of which may be gone already.
pub fn ip_remove(place: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    // What stays is seen by the next look.
    if let Err(error) = ip_batch(place, lines) {
        tracing::debug!(%error, "something was gone already");
    }
}

fn ip_batch(place: &str, lines: &[String]) -> Result<(), NetworkError> {
    run("ip", &["-force", "-batch", "-"], place, &(lines.join("\n") + "\n")).map(drop)
}

/// Runs one transaction of `nft`.
pub fn nft(place: &str, transaction: &str) -> Result<(), NetworkError> {
    run("nft", &["-f", "-"], place, transaction).map(drop)
}

/// Whether the namespace's tables have this chain.
pub fn has_chain(place: &str, table: &str, chain: &str) -> bool {
    run("nft", &["list", "chain", "inet", table, chain], place, "").is_ok()
}

/// Whether the namespace has this table.
pub fn has_table(place: &str, table: &str) -> bool {
    run("nft", &["-t", "list", "table", "inet", table], place, "").is_ok()
}

/// Writes a setting.
pub fn write_setting(setting: &Setting) -> Result<(), NetworkError> {
    let path = setting_file(&setting.path);
    fs::write(&path, &setting.value).map_err(|source| NetworkError::File { action: "cannot write", path, source })
}

fn run(program: &'static str, arguments: &[&str], place: &str, input: &str) -> Result<Vec<u8>, NetworkError> {
    let failed = |reason: String| NetworkError::Command {
        program,
        place: place.to_owned(),
        reason,
        input: input.chars().take(SHOWN_BYTES).collect(),
    };
    let mut command = Command::new(program);
    command
        .env("PATH", search_path())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    let mut stdin = child.stdin.take();
    let written = stdin.as_mut().map_or(Ok(()), |stdin| stdin.write_all(input.as_bytes()));
    drop(stdin);
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    // A program that succeeds without reading its input has not done what it was asked.
    written.map_err(|error| failed(error.to_string()))?;
    Ok(output.stdout)
}

/// `PATH`, and where administrators' programs are: an ordinary user's may lack them.
fn search_path() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(if path.is_empty() { "/usr/sbin:/sbin" } else { ":/usr/sbin:/sbin" });
    path
}

/// Whether the programs are there that make networks.
///
/// # Errors
/// [`NetworkError::Unsupported`], with the Debian package of the first one that is not.
pub fn check_programs() -> Result<(), NetworkError> {
    for (program, package) in [("ip", "iproute2"), ("nft", "nftables")] {
        if let Err(error) = Command::new(program).env("PATH", search_path()).arg("-V").output() {
            return Err(NetworkError::Unsupported(format!("{program}: {error}; apt-get install {package}")));
        }
    }
    Ok(())
}
