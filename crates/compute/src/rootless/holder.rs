//! The process that keeps an installation's namespaces: it makes them, has the way out as its child, and does nothing more.
//!
//! Whoever starts it talks with it in lines: it says that it is in a user namespace, is told that its ids are mapped (nobody may
//! do that from inside), and says what it holds, or why nothing.

use super::{RootlessError, RootlessOptions, id_map, mounts, way_out::WayOut};
use crate::processes::ProcessId;
use rustix::thread::UnshareFlags;
use serde::{Deserialize, Serialize};
use std::{
    convert::Infallible,
    io::{self, BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
};

/// It is in a user namespace.
const ALONE: &str = "alone";
/// Its ids are mapped.
const MAPPED: &str = "mapped";

/// What the holder says in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// The network that VPCs' ways out lead to.
    pub(super) outer: String,
    /// What connects it with the host, or why nothing does.
    pub(super) way_out: Result<String, String>,
    /// Why there is but one user.
    pub(super) why_one_user: Option<String>,
}

/// What the holder is told.
#[derive(Clone, Debug)]
pub struct HoldOptions {
    /// The server's data directory, for the log of the way out.
    pub data_directory: PathBuf,
    /// What the outer network is to be called.
    pub outer: String,
    /// A process whose namespaces are to be held; none: they are to be made.
    pub member: Option<u32>,
}

/// Starts a holder, and waits until it has everything.
pub(super) fn start(options: &RootlessOptions, member: Option<u32>) -> Result<(ProcessId, Held), RootlessError> {
    let failed = |error: io::Error| RootlessError::Holder(error.to_string());
    let (program, arguments) = &options.holder;
    let mut command = Command::new(program);
    command.args(arguments).arg("--data-dir").arg(&options.data_directory).args(["--outer", &options.outer]);
    command.args(member.iter().flat_map(|pid| ["--member".to_owned(), pid.to_string()]));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(failed)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (Some(mut stdin), Some(stdout)) = (stdin, stdout) else {
        return Err(RootlessError::Holder("it has no pipes".to_owned()));
    };
    let talk = || {
        let mut lines = BufReader::new(stdout).lines();
        let mut next = || lines.next().transpose()?.ok_or_else(|| io::Error::other("it ended without a word"));
        let mut line = next()?;
        let mut why_one_user = None;
        if line == ALONE {
            why_one_user = id_map::write(child.id())?;
            writeln!(stdin, "{MAPPED}")?;
            line = next()?;
        }
        let held: Result<Held, String> = serde_json::from_str(&line)?;
        Ok(held.map(|held| Held { why_one_user, ..held }))
    };
    let held = talk().map_err(failed).and_then(|held| held.map_err(RootlessError::Holder));
    match (held, ProcessId::of(child.id())) {
        (Ok(held), Some(holder)) => Ok((holder, held)),
        (held, _) => {
            let _ = child.kill();
            let _ = child.wait();
            Err(held.err().unwrap_or_else(|| RootlessError::Holder("the holder ended at once".to_owned())))
        }
    }
}

/// Holds namespaces until it is killed. The process must have one thread.
pub fn hold(options: &HoldOptions) -> ExitCode {
    let held = make(options);
    let line = held.as_ref().map(|(_, held)| held).map_err(ToString::to_string);
    let said = serde_json::to_string(&line).map_err(io::Error::other).and_then(|line| say(&line));
    let (Ok((way_out, _)), Ok(())) = (held, said) else { return ExitCode::FAILURE };
    let Err(error) = rest(way_out);
    tracing::error!(%error, "the holder of namespaces ends");
    ExitCode::FAILURE
}

fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush())
}

fn make(options: &HoldOptions) -> io::Result<(Option<WayOut>, Held)> {
    // What ends the server's terminal or process group does not end what goes on without the server.
    rustix::process::setsid()?;
    match options.member {
        Some(pid) => super::move_into(pid).map_err(io::Error::other)?,
        None => be_alone()?,
    }
    if !network::namespace::path(&options.outer).exists() {
        network::namespace::add(&options.outer).map_err(io::Error::other)?;
    }
    let found = WayOut::open(&options.outer, &options.data_directory);
    let said = found.as_ref().map(|way_out| way_out.name().to_owned()).map_err(Clone::clone);
    Ok((found.ok(), Held { outer: options.outer.clone(), way_out: said, why_one_user: None }))
}

#[allow(unsafe_code)]
fn be_alone() -> io::Result<()> {
    // SAFETY: user ids are unshared, not the table of descriptors, which is what the function warns of; one thread.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWUSER) }?;
    say(ALONE)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() != MAPPED {
        return Err(io::Error::other("its ids were not mapped"));
    }
    // SAFETY: mounts and with them root and working directory are unshared; as above.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) }?;
    mounts::own_network_names()
}

/// Keeps the way out open. Nothing of the server's is held meanwhile: not its pipes, and not its working directory.
fn rest(way_out: Option<WayOut>) -> io::Result<Infallible> {
    std::env::set_current_dir("/")?;
    let nothing = std::fs::File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    match way_out {
        Some(way_out) => way_out.keep_open(),
        None => loop {
            std::thread::park();
        },
    }
}
