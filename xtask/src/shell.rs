//! Running other programs: print what is run, fail with a sentence that names it.
//!
//! No shell is involved; every program is started with an argument list. Paths are relative to the repository's
//! root, which is the working directory of everything that is started from here.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The repository's root directory.
pub fn root() -> PathBuf {
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().map_or_else(|| manifest.clone(), Path::to_path_buf)
}

/// True on a CI machine (`CI` is set to anything but an empty string or `false`): nothing may be skipped there.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false")
}

/// A command that runs in the repository's root.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// `cargo`, the one that started this program when there is one. On a CI machine nothing is compiled twice, so that what it
/// would keep to be quicker the next time is left out.
pub fn cargo() -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if in_ci() {
        cargo.env("CARGO_INCREMENTAL", "0");
    }
    cargo
}

/// The full path of a program, if `PATH` has it.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|dir| dir.join(program))
        .find(|p| p.is_file())
}

/// Runs a program with our own stdin, stdout and stderr.
///
/// # Errors
/// When it cannot be started or ends with anything but 0.
pub fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().with_context(|| format!("cannot start {}", line(command)))?;
    if !status.success() {
        bail!("{} failed: {status}", line(command));
    }
    Ok(())
}

/// Runs a program quietly and returns its stdout.
///
/// # Errors
/// When it cannot be started or ends with anything but 0; the error holds its stderr.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", line(command)))?;
    if !output.status.success() {
        bail!("{} failed: {}\n{}", line(command), output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed bytes that are not UTF-8", line(command)))
}

/// Which of the two output streams to watch in [`run_and_note`]; the other one is passed through untouched.
pub enum Watch {
    Stdout,
    Stderr,
}

/// Runs a program, passes its output on, and returns the last line of the watched stream that `wanted` accepts.
///
/// # Errors
/// As [`run`].
pub fn run_and_note(command: &mut Command, watch: &Watch, wanted: impl Fn(&str) -> bool) -> Result<Option<String>> {
    announce(command);
    let piped = match watch {
        Watch::Stdout => command.stdout(Stdio::piped()),
        Watch::Stderr => command.stderr(Stdio::piped()),
    };
    let mut child = piped.spawn().with_context(|| format!("cannot start {}", line(command)))?;
    let stream: Option<Box<dyn Read>> = match watch {
        Watch::Stdout => child.stdout.take().map(|s| Box::new(s) as Box<dyn Read>),
        Watch::Stderr => child.stderr.take().map(|s| Box::new(s) as Box<dyn Read>),
    };
    let noted = pass_on(stream.context("the stream was not piped")?, wanted)?;
    let status = child.wait()?;
    if !status.success() {
        bail!("{} failed: {status}", line(command));
    }
    Ok(noted)
}

fn pass_on(stream: Box<dyn Read>, wanted: impl Fn(&str) -> bool) -> Result<Option<String>> {
    let mut noted = None;
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        std::io::stdout().write_all(&bytes)?;
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        if wanted(&text) {
            noted = Some(text);
        }
        bytes.clear();
    }
    Ok(noted)
}

fn announce(command: &Command) {
    println!("+ {}", line(command));
}

/// The command as a person would type it, for messages.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let mut words = words.map(|word| word.to_string_lossy().into_owned());
    let program = words.next().unwrap_or_default();
    let program = Path::new(&program).file_name().map_or(program.clone(), |name| name.to_string_lossy().into_owned());
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_without_the_directory_of_its_program() {
        assert_eq!(line(Command::new("/usr/bin/env").args(["-i", "true"])), "env -i true");
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it_and_its_stderr() {
        let error = capture(command("sh").args(["-c", "echo broken >&2; exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c") && error.contains("broken") && error.contains('3'), "{error}");
    }

    #[test]
    fn the_last_wanted_line_is_noted() {
        let mut echo = command("sh");
        echo.args(["-c", "echo Summary 1; echo other; echo Summary 2; echo end"]);
        let noted = run_and_note(&mut echo, &Watch::Stdout, |line| line.starts_with("Summary")).unwrap();
        assert_eq!(noted.as_deref(), Some("Summary 2"));
    }

    #[test]
    fn a_program_on_the_path_is_found_and_an_unknown_one_is_not() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program-anywhere").is_none());
    }
}
