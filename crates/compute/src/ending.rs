//! Ends everything that belongs to an instance, also what its shim can no longer end.
//!
//! While the shim lives, every process of the instance descends from it, because it adopts orphans. When it is gone, what
//! is left is found by the session that the shim opened, by the marker in the environment, and by descent from those.

use crate::{
    environment::MARKER,
    processes::{ProcessId, ProcessTable, Stat, has_variable, variable_of},
};
use rustix::process::Signal;
use std::{
    fs,
    os::unix::ffi::OsStrExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// How long killed processes may take to be gone (one may be in an uninterruptible wait).
const DEADLINE: Duration = Duration::from_secs(5);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(3);

/// Kills every process of the instance in `directory` and waits until none runs.
///
/// # Errors
/// The number of processes that survive.
pub(crate) fn end_everything(directory: &Path, shim: Option<ProcessId>) -> Result<(), usize> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let left = belonging(&ProcessTable::read(), directory, shim);
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(left.len());
        }
        kill(&left, shim);
        thread::sleep(PAUSE);
    }
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
        ours && fs::read_link(format!("/proc/{}/cwd", stat.id.pid)).is_ok_and(|cwd| cwd.starts_with(directory))
    })
}

/// The instance directories below `instances` of which something runs, by the marker in the processes' environment.
pub(crate) fn marked_directories(instances: &Path) -> Vec<std::path::PathBuf> {
    let marked = ProcessTable::read();
    let mut found: Vec<_> = marked
        .running()
        .filter_map(|stat| variable_of(stat.id.pid, MARKER))
        .map(|value| Path::new(std::ffi::OsStr::from_bytes(&value)).to_owned())
        .filter(|directory| directory.parent() == Some(instances))
        .collect();
    found.sort();
    found.dedup();
    found
}
