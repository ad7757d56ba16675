//! Clears away what sandboxes leave behind when they cannot do so themselves: processes, runtime state, control groups.
//! Mounts are never left behind: they are in namespaces that end with the sandbox.

use super::{Runtime, cgroup::Controllers, group, group_prefix, runtime_state};
use crate::{
    directory::{InstanceDirectory, State},
    driver::DriverError,
    ending::end_instance,
    processes::ProcessId,
    shimmed::{entries, file_name},
};
use model::id::InstanceId;
use rustix::process::Signal;
use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// How long the kernel may take to let go of a control group whose processes were killed.
const DEADLINE: Duration = Duration::from_secs(5);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(5);

/// What [`cleanup`] found and cleared away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Instances of which something ran, or was left in the runtime.
    pub instances: usize,
    /// Control groups.
    pub control_groups: usize,
}

/// Ends every instance of a data directory, sandboxed or not, and clears away what a killed server left of them outside
/// the directory; also when the directory itself is deleted already. No server may run on it. What is in the directory
/// stays.
///
/// # Errors
/// When something could not be ended or deleted, after everything was tried.
pub fn cleanup(data_directory: &Path) -> Result<Cleaned, DriverError> {
    let absolute = std::path::absolute(data_directory).unwrap_or_else(|_| data_directory.to_owned());
    let data = fs::canonicalize(&absolute).unwrap_or(absolute);
    let mut cleaned = Cleaned::default();
    let mut problem = None;
    for path in entries(&data.join("instances")) {
        let directory = InstanceDirectory::new(path);
        let Some(state) = directory.state().filter(|state| state.ending.is_none()) else { continue };
        cleaned.instances += 1;
        if let Err(count) = end_instance(&directory, State::shim_unsettled(&state)) {
            let id = directory.plan().map(|plan| plan.id);
            problem = id.map(|id| DriverError::Survivors { id, count }).or(problem);
        }
    }
    for path in entries(&runtime_state(&data)) {
        let Ok(id) = file_name(&path).parse::<InstanceId>() else { continue };
        cleaned.instances += 1;
        // The runtime of a directory whose plans are gone is not known; its state is only files then.
        let plan =
            InstanceDirectory::new(data.join("instances").join(id.as_str())).plan().and_then(|plan| plan.sandbox);
        let cleared = plan.map_or(Ok(()), |plan| Runtime::of(&plan).delete(&id));
        if let Err(reason) = cleared {
            problem = Some(DriverError::NotPossible { reason });
        }
        let _ = fs::remove_dir_all(&path);
    }
    for name in Controllers::groups_like(&group_prefix(&data)) {
        cleaned.control_groups += 1;
        remove_group(&name).unwrap_or_else(|error| problem = Some(error));
    }
    problem.map_or(Ok(cleaned), Err)
}

/// Clears away what is left of an instance's sandbox, all of whose processes have ended.
pub(crate) fn clear(directory: &InstanceDirectory) -> Result<(), String> {
    let Some(plan) = directory.plan() else { return Ok(()) };
    let Some(sandbox) = plan.sandbox else { return Ok(()) };
    let runtime = Runtime::of(&sandbox);
    if runtime.knows(&plan.id) {
        runtime.delete(&plan.id)?;
    }
    let name = group(&sandbox.data_directory, &plan.id);
    remove_group(&name).map_err(|error| error.to_string())
}

/// Ends what is in a control group and removes it in every hierarchy. One that is not there is no error.
fn remove_group(name: &str) -> Result<(), DriverError> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let left = Controllers::directories_of(name);
        let Some(first) = left.first() else { return Ok(()) };
        for directory in &left {
            let processes = fs::read_to_string(directory.join("cgroup.procs")).unwrap_or_default();
            for process in processes.lines().filter_map(|line| ProcessId::of(line.parse().ok()?)) {
                process.signal(Signal::KILL);
            }
            // Fails as long as the kernel is not done with its processes.
            let _ = fs::remove_dir(directory);
        }
        if Instant::now() >= deadline {
            return Err(DriverError::io("cannot remove the control group", first)(
                std::io::ErrorKind::ResourceBusy.into(),
            ));
        }
        thread::sleep(PAUSE);
    }
}
