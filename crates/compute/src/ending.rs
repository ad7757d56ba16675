//! Ends everything that belongs to an instance, also what its shim can no longer end.
//!
//! While the shim lives, every process of the instance descends from it, because it adopts orphans. When it is gone, what
//! is left is found by the session that the shim opened, by the marker in the environment, and by descent from those.

use crate::{
    directory::InstanceDirectory,
    environment::MARKER,
    processes::{ProcessId, ProcessTable, Stat, has_no_environment, has_variable, variable_of},
    sandbox::{clear, resume},
};
use rustix::process::Signal;
use std::{
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// How long killed processes may take to be gone (one may be in an uninterruptible wait).
const DEADLINE: Duration = Duration::from_secs(5);
/// How long a shim may take to clear a sandbox away.
const CLEARING: Duration = Duration::from_secs(2);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(3);
/// How long a process without an environment is looked at again: while it begins another program it has none.
const EXEC: Duration = Duration::from_millis(500);

/// Kills every process of the instance in `directory` and waits until none runs.
///
/// # Errors
/// The number of processes that survive.
pub(crate) fn end_instance(directory: &InstanceDirectory, shim: Option<ProcessId>) -> Result<(), usize> {
    if directory.paused().exists() {
        // What stands still does not even die.
        resume(directory);
    }
    if let Some((init, shim)) = directory.state().and_then(|state| state.init).zip(shim) {
        end_sandbox(init, shim);
    }
    end_everything(directory.path(), shim)?;
    if let Err(reason) = clear(directory) {
        tracing::error!(directory = %directory.path().display(), reason, "a sandbox was not cleared away");
    }
    Ok(())
}

/// Ends the first process of a sandbox, and with it all others, and lets the shim clear away: cut off in that, it would
/// leave the runtime with half a sandbox.
fn end_sandbox(init: ProcessId, shim: ProcessId) {
    let deadline = Instant::now() + CLEARING;
    init.signal(Signal::KILL);
    while shim.alive() && Instant::now() < deadline {
        thread::sleep(PAUSE);
    }
}

fn end_everything(directory: &Path, shim: Option<ProcessId>) -> Result<(), usize> {
    let begun = Instant::now();
    let mut killed: Vec<ProcessId> = Vec::new();
    loop {
        let table = ProcessTable::read();
        let mut left = belonging(&table, directory, shim);
        // One that is ending has given its environment back already.
        killed.retain(|process| process.alive() && !left.contains(process));
        left.append(&mut killed);
        if left.is_empty() && (begun.elapsed() >= EXEC || !is_any_unsettled(&table, directory)) {
            return Ok(());
        }
        if begun.elapsed() >= DEADLINE {
            return Err(left.len());
        }
        kill(&left, shim);
        killed = left;
        thread::sleep(PAUSE);
    }
}

/// Whether a process in the instance's directory shows no environment now: it may be about to show the marker.
fn is_any_unsettled(table: &ProcessTable, directory: &Path) -> bool {
    table.running().any(|stat| works_in(stat.id.pid, directory) && has_no_environment(stat.id.pid))
}

/// Whether a process works in the directory, or in what was the directory before it was deleted.
fn works_in(pid: u32, directory: &Path) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(directory))
}

/// The shim goes last: as long as it lives no orphan can leave its tree.
fn kill(processes: &[ProcessId], shim: Option<ProcessId>) {
    let (shims, others): (Vec<ProcessId>, Vec<ProcessId>) =
        processes.iter().copied().partition(|process| Some(*process) == shim);
    for process in if others.is_empty() { shims } else { others } {
        process.signal(Signal::KILL);
    }
}

fn belonging(table: &ProcessTable, directory: &Path, shim: Option<ProcessId>) -> Vec<ProcessId> {
    let own = std::process::id();
    let mut roots: Vec<ProcessId> = table
        .running()
        .filter(|stat| stat.id.pid != own)
        .filter(|stat| has_variable(stat.id.pid, MARKER, directory) || in_session(table, stat, directory, shim))
        .map(|stat| stat.id)
        .collect();
    roots.extend(shim.filter(|shim| shim.alive() && !roots.contains(shim)));
    let mut found = table.running_below(roots.iter().map(|process| process.pid));
    found.retain(|process| process.pid != own);
    found.append(&mut roots);
    found
}

/// Whether a process is in the session that the shim opened and still works in the instance's directory. The session has
/// the shim's pid for a number, which a stranger's session may have once everything in ours has ended: the directory
/// tells them apart. What left the session's directory *and* wiped its environment is not found; nothing of a stranger's
/// is ever touched.
fn in_session(table: &ProcessTable, stat: &Stat, directory: &Path, shim: Option<ProcessId>) -> bool {
    shim.is_some_and(|shim| {
        let leader_is_other = table.get(shim.pid).is_some_and(|leader| leader.id != shim);
        let ours = stat.session == shim.pid && !leader_is_other && stat.id.start_ticks >= shim.start_ticks;
        ours && works_in(stat.id.pid, directory)
    })
}

/// The instance directories below `instances` of which something runs, by the marker in the processes' environment; where a
/// process shows no environment now, by where it works.
pub(crate) fn marked_directories(instances: &Path) -> Vec<PathBuf> {
    let table = ProcessTable::read();
    let place = |pid: u32| match variable_of(pid, MARKER) {
        Some(value) => Some(Path::new(std::ffi::OsStr::from_bytes(&value)).to_owned()),
        None if has_no_environment(pid) => {
            let works = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
            works.ancestors().find(|path| path.parent() == Some(instances)).map(Path::to_owned)
        }
        None => None,
    };
    let mut found: Vec<PathBuf> = table
        .running()
        .filter_map(|stat| place(stat.id.pid))
        .filter(|directory| directory.parent() == Some(instances))
        .collect();
    found.sort();
    found.dedup();
    found
}
