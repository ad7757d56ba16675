//! The directory of one instance, shared by the driver and the shim: which files are in it and what they say.
//!
//! Files are small JSON documents, replaced whole by renaming, so that a reader never sees half of one. Who writes what:
//! the driver `plan.json`, `user-data` and `stop.json`; the shim `state.json` while it lives, the driver after it.

use crate::{
    driver::DriverError,
    processes::{ProcessId, host_boot},
    sandbox::SandboxPlan,
};
use model::{
    Timestamp,
    ec2::instance_state::{Ending, Exit},
    id::InstanceId,
};
use rustix::fs::{CWD, FileType, Mode, OFlags};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The pipe beside the instances' directories by which shims say that something changed.
pub(crate) const CHANGED: &str = "changed";

/// What the shim is to do at one boot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub(crate) id: InstanceId,
    pub(crate) boot: u32,
    pub(crate) address: IpAddr,
    pub(crate) main: Option<Main>,
    pub(crate) environment: BTreeMap<String, String>,
    /// How long user data is waited for before the boot command starts beside it.
    pub(crate) user_data_wait: Duration,
    /// How long processes may take to end when nobody said otherwise.
    pub(crate) stop_grace: Duration,
    /// What it runs in, unless it is bare processes.
    #[serde(default)]
    pub(crate) sandbox: Option<SandboxPlan>,
}

/// The boot command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Main {
    /// By `/bin/sh -c`.
    Shell(String),
    /// A program and its arguments.
    Program(PathBuf, Vec<String>),
}

/// What has become of a boot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(crate) boot: u32,
    pub(crate) address: IpAddr,
    /// The host's boot: `shim` means nothing in another one.
    pub(crate) host_boot: String,
    pub(crate) shim: ProcessId,
    pub(crate) started_at: Timestamp,
    /// The boot command's process, once started.
    pub(crate) main: Option<ProcessId>,
    /// How it ended.
    pub(crate) main_exit: Option<Exit>,
    /// Since when the instance is ending.
    pub(crate) stopping_since: Option<Timestamp>,
    /// Set at the very end: nothing runs any more.
    pub(crate) ending: Option<Ending>,
    /// The first process of its sandbox, while that runs.
    #[serde(default)]
    pub(crate) init: Option<ProcessId>,
}

impl State {
    /// The shim, if it can have left anything behind: not once the boot has ended, and not in another boot of the host,
    /// because its pid may be a stranger's by then.
    pub(crate) fn shim_unsettled(&self) -> Option<ProcessId> {
        (self.ending.is_none() && self.host_boot == host_boot()).then_some(self.shim)
    }

    /// Whether the shim that wrote this runs now.
    pub(crate) fn shim_alive(&self) -> bool {
        self.shim_unsettled().is_some_and(ProcessId::alive)
    }
}

/// A request to end, for the shim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StopRequest {
    /// Which boot; a request for another one is void.
    pub(crate) boot: u32,
    pub(crate) since: Timestamp,
    pub(crate) grace: Duration,
}

/// The paths of one instance.
#[derive(Clone, Debug)]
pub struct InstanceDirectory {
    path: PathBuf,
}

impl InstanceDirectory {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The working directory of its processes.
    pub(crate) fn root(&self) -> PathBuf {
        self.path.join("root")
    }

    pub(crate) fn user_data(&self) -> PathBuf {
        self.path.join("user-data")
    }

    /// Where user data with a `#!` line is made executable.
    pub(crate) fn user_data_script(&self) -> PathBuf {
        self.path.join("user-data-script")
    }

    /// There once user data was started.
    pub(crate) fn user_data_ran(&self) -> PathBuf {
        self.path.join("user-data-ran")
    }

    pub(crate) fn console(&self) -> PathBuf {
        self.path.join("console.log")
    }

    /// The file that holds the root volume of a sandbox; without it, on hosts that have no loop devices, its content is in the
    /// directory itself.
    pub(crate) fn volume(&self) -> PathBuf {
        self.path.join("volume.ext4")
    }

    /// Where the volume is mounted by whoever looks into it.
    pub(crate) fn mounted_volume(&self) -> PathBuf {
        self.path.join("volume")
    }

    /// Whether a root volume is there, of either kind.
    pub(crate) fn has_volume(&self) -> bool {
        self.volume().is_file() || self.upper().is_dir()
    }

    /// Where a sandbox keeps what the instance changed of its image; in a volume, while that is mounted.
    pub(crate) fn upper(&self) -> PathBuf {
        self.own().join("upper")
    }

    /// Needed by overlayfs beside the upper directory.
    pub(crate) fn work(&self) -> PathBuf {
        self.own().join("work")
    }

    /// As [`Self::work`], for a directory that is mounted over the rest.
    pub(crate) fn work_of_part(&self, part: &Path) -> PathBuf {
        self.own().join("works").join(part.to_string_lossy().replace('/', "-"))
    }

    fn own(&self) -> PathBuf {
        if self.volume().is_file() { self.mounted_volume() } else { self.path.clone() }
    }

    /// Where the shim of a sandbox mounts its root, in a mount namespace of its own.
    pub(crate) fn merged(&self) -> PathBuf {
        self.path.join("merged")
    }

    /// There while it stands still for a copy.
    pub(crate) fn paused(&self) -> PathBuf {
        self.path.join("paused")
    }

    /// What the container runtime is told.
    pub(crate) fn bundle(&self) -> PathBuf {
        self.path.join("bundle")
    }

    /// What the shim itself has to say; normally nothing.
    pub(crate) fn shim_log(&self) -> PathBuf {
        self.path.join("shim.log")
    }

    /// Locked by the shim while it lives.
    pub(crate) fn lock(&self) -> PathBuf {
        self.path.join("lock")
    }

    pub(crate) fn plan(&self) -> Option<Plan> {
        read_json(&self.path.join("plan.json"))
    }

    pub(crate) fn write_plan(&self, plan: &Plan) -> Result<(), DriverError> {
        write_json(&self.path.join("plan.json"), plan)
    }

    pub(crate) fn state(&self) -> Option<State> {
        read_json(&self.path.join("state.json"))
    }

    pub(crate) fn write_state(&self, state: &State) -> Result<(), DriverError> {
        write_json(&self.path.join("state.json"), state)
    }

    /// The request to end this boot, if there is one.
    pub(crate) fn stop_request(&self, boot: u32) -> Option<StopRequest> {
        read_json(&self.path.join("stop.json")).filter(|request: &StopRequest| request.boot == boot)
    }

    pub(crate) fn write_stop_request(&self, request: &StopRequest) -> Result<(), DriverError> {
        write_json(&self.path.join("stop.json"), request)
    }

    /// Wakes whoever listens that something changed here. Nobody listening, or too slowly, is no error: the inventory
    /// says the same.
    pub(crate) fn tell_changed(&self) {
        let Some(pipe) = self.path.parent().map(|instances| instances.join(CHANGED)) else { return };
        if let Ok(pipe) = rustix::fs::open(pipe, OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()) {
            let _ = rustix::io::write(&pipe, b"!");
        }
    }
}

/// Makes the pipe of [`CHANGED`].
pub(crate) fn make_pipe(instances: &Path) -> Result<PathBuf, DriverError> {
    let path = instances.join(CHANGED);
    match rustix::fs::mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0) {
        Ok(()) | Err(rustix::io::Errno::EXIST) => Ok(path),
        Err(error) => Err(DriverError::io("cannot create", &path)(error.into())),
    }
}

/// The present moment by the wall clock.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(0).plus(since_epoch)
}

/// Creates or replaces a private file in one step, with these bytes.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), DriverError> {
    // The driver and a shim may write at the same time, each its own temporary file.
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(bytes)?;
        fs::rename(&temporary, path)
    };
    write().map_err(DriverError::io("cannot write", path))
}

pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), DriverError> {
    let bytes = serde_json::to_vec(value).map_err(|error| DriverError::io("cannot write", path)(error.into()))?;
    write_whole(path, &bytes)
}

/// `None` when the file is missing, or is not what it should be: cut short by a power failure, from another version.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let bytes = fs::read(path).ok()?;
    serde_json::from_slice(&bytes)
        .inspect_err(|error| tracing::warn!(path = %path.display(), %error, "unreadable file of an instance"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_request_counts_for_its_own_boot_only() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = InstanceDirectory::new(temporary.path().to_owned());
        let request = StopRequest { boot: 2, since: now(), grace: Duration::from_millis(1500) };
        directory.write_stop_request(&request).unwrap();
        assert_eq!(directory.stop_request(2), Some(request));
        assert_eq!(directory.stop_request(3), None);
    }

    #[test]
    fn a_shim_of_an_ended_boot_or_of_another_host_boot_is_nobody() {
        let me = ProcessId::of(std::process::id()).unwrap();
        let state = State {
            boot: 1,
            address: "127.64.0.2".parse().unwrap(),
            host_boot: host_boot(),
            shim: me,
            started_at: now(),
            main: None,
            main_exit: None,
            stopping_since: None,
            ending: None,
            init: None,
        };
        assert!(state.shim_alive());
        let ended = State { ending: Some(Ending::Stopped), ..state.clone() };
        let before = State { host_boot: "another".to_owned(), ..state };
        for state in [ended, before] {
            assert_eq!((state.shim_unsettled(), state.shim_alive()), (None, false));
        }
    }

    #[test]
    fn a_damaged_state_reads_as_none() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = InstanceDirectory::new(temporary.path().to_owned());
        for text in ["", "{", "{\"boot\":1}", "\0\0\0\0"] {
            fs::write(temporary.path().join("state.json"), text).unwrap();
            assert_eq!(directory.state(), None, "{text:?}");
        }
    }

    #[test]
    fn files_are_private_and_replaced_whole() {
        use std::os::unix::fs::PermissionsExt;
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("user-data");
        write_whole(&path, b"a long first text").unwrap();
        write_whole(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 1, "no temporary file is left");
    }
}
