//! A sandbox that runs, as its shim holds it: started by the container runtime, with this program as its first process.

use super::{bundle, plan::SandboxPlan, root};
use crate::{
    channel::Channel,
    directory::{InstanceDirectory, Plan, write_whole},
    driver::DriverError,
    init::{Boot, is_hostname},
    processes::ProcessId,
    shimmed::make_directory,
};
use base64::Engine;
use model::id::InstanceId;
use rustix::{
    process::Resource,
    thread::{LinkNameSpaceType, UnshareFlags},
};
use std::{
    fs::{self, File},
    io::{self, PipeWriter},
    os::fd::AsFd,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// How much of the runtime's last words is passed on, in bytes.
const MAXIMUM_WORDS: usize = 1000;

/// A sandbox whose first process is a child of this process.
pub(crate) struct Contained {
    /// The first process.
    pub(crate) init: ProcessId,
    /// To it.
    pub(crate) channel: Channel,
    id: InstanceId,
    runtime: Runtime,
}

impl Contained {
    /// Makes the sandbox and starts its first process, which writes to `console`. The caller has one thread and adopts
    /// orphans.
    pub(crate) fn start(
        plan: &SandboxPlan,
        instance: &Plan,
        directory: &InstanceDirectory,
        user_data: Option<&[u8]>,
        console: PipeWriter,
    ) -> Result<Self, DriverError> {
        let runtime = Runtime::of(plan);
        // Left behind by a shim that was killed, or by a host that went down.
        if runtime.knows(&instance.id) {
            runtime.delete(&instance.id).map_err(|reason| not_started(instance, reason))?;
        }
        let failed =
            |error: io::Error| DriverError::io("cannot talk with the first process in", directory.path())(error);
        let (mut channel, theirs) = Channel::pair().map_err(failed)?;
        let console_too = console.try_clone().map_err(failed)?;
        let run = || {
            let root = root::mount(plan, directory)?;
            // A boot that did not get as far as the first process was none.
            let first = plan.boot.first || !directory.upper().join("etc/hostname").exists();
            channel.send(&boot(plan, instance, first, user_data)).map_err(failed)?;
            let bundle = write_bundle(plan, directory, &root)?;
            runtime.run(&instance.id, &bundle, theirs.into(), console.into(), console_too.into())
        };
        let pid = apart(directory.path(), run)?.map_err(|reason| not_started(instance, reason))?;
        let init =
            ProcessId::of(pid).ok_or_else(|| not_started(instance, "its first process ended at once".to_owned()))?;
        Ok(Self { init, channel, id: instance.id.clone(), runtime })
    }

    /// Gives the instance a name: nobody inside may.
    pub(crate) fn set_hostname(&self, name: &str) -> io::Result<()> {
        if !is_hostname(name) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let own = File::open("/proc/self/ns/uts")?;
        let theirs = File::open(format!("/proc/{}/ns/uts", self.init.pid))?;
        if !self.init.alive() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let kind = Some(LinkNameSpaceType::HostNameAndNISDomainName);
        rustix::thread::move_into_link_name_space(theirs.as_fd(), kind)?;
        let set = rustix::system::sethostname(name.as_bytes());
        rustix::thread::move_into_link_name_space(own.as_fd(), kind)?;
        Ok(set?)
    }

    /// Clears away what the runtime knows of a sandbox whose first process has ended, its control group included.
    pub(crate) fn delete(&self) -> Result<(), String> {
        self.runtime.delete(&self.id)
    }
}

fn not_started(instance: &Plan, reason: String) -> DriverError {
    DriverError::NotStarted { id: instance.id.clone(), reason }
}

fn boot(plan: &SandboxPlan, instance: &Plan, first: bool, user_data: Option<&[u8]>) -> Boot {
    Boot {
        first,
        main: instance.main.clone(),
        environment: instance.environment.clone(),
        user_data: user_data.map(|bytes| base64::engine::general_purpose::STANDARD.encode(bytes)),
        ..plan.boot.clone()
    }
}

fn write_bundle(plan: &SandboxPlan, directory: &InstanceDirectory, root: &Path) -> Result<PathBuf, DriverError> {
    let bundle = directory.bundle();
    make_directory(&bundle)?;
    let path = bundle.join("config.json");
    let files = rustix::process::getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    write_whole(&path, bundle::config(plan, directory.path(), root, files).to_string().as_bytes())?;
    Ok(bundle)
}

/// Does something in a mount namespace of its own, and comes back.
#[allow(unsafe_code)]
fn apart<T>(back_to: &Path, work: impl FnOnce() -> Result<T, DriverError>) -> Result<T, DriverError> {
    let failed = |error: io::Error| DriverError::io("cannot leave the mount namespace in", back_to)(error);
    let before = File::open("/proc/self/ns/mnt").map_err(failed)?;
    // SAFETY: only the mount namespace and with it root and working directory are unshared, not the table of descriptors,
    // which is what the function warns of; and the shim has one thread.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) }.map_err(|error| failed(error.into()))?;
    let done = work();
    // What was mounted goes with the namespace, as soon as no sandbox has a copy of it.
    rustix::thread::move_into_link_name_space(before.as_fd(), Some(LinkNameSpaceType::Mount))
        .map_err(|error| failed(error.into()))?;
    std::env::set_current_dir(back_to).map_err(failed)?;
    done
}

/// The container runtime and where it keeps its state.
#[derive(Clone, Debug)]
pub(crate) struct Runtime {
    program: PathBuf,
    state: PathBuf,
}

impl Runtime {
    pub(crate) fn of(plan: &SandboxPlan) -> Self {
        Self { program: plan.runtime.clone(), state: plan.runtime_state.clone() }
    }

    /// Whether it has, or once had, a sandbox of that name.
    pub(crate) fn knows(&self, id: &InstanceId) -> bool {
        self.state.join(id.as_str()).exists()
    }

    /// Starts a sandbox; the pid of its first process, or why not.
    fn run(
        &self,
        id: &InstanceId,
        bundle: &Path,
        input: Stdio,
        output: Stdio,
        errors: Stdio,
    ) -> Result<Result<u32, String>, DriverError> {
        let (log, pid_file) = (bundle.join("runtime.log"), bundle.join("pid"));
        let _ = fs::remove_file(&log);
        let mut command = self.command();
        command.arg("--log").arg(&log).args(["run", "--detach", "--pid-file"]).arg(&pid_file);
        command.arg("--bundle").arg(bundle).arg(id.as_str()).stdin(input).stdout(output).stderr(errors);
        let status = command.status().map_err(DriverError::io("cannot start", &self.program))?;
        let pid = fs::read_to_string(&pid_file).ok().and_then(|text| text.trim().parse().ok());
        Ok(match pid {
            Some(pid) if status.success() => Ok(pid),
            _ => Err(format!("{} {}", self.program.display(), last_words(&log, status))),
        })
    }

    /// Ends what runs of it, and clears away its state and its control group. What is not there is no error.
    pub(crate) fn delete(&self, id: &InstanceId) -> Result<(), String> {
        let deleted = self.say(&["delete", "--force", id.as_str()]);
        if !self.knows(id) {
            return Ok(());
        }
        // State that the runtime itself cannot read, for example written when the host lost power.
        let removed = fs::remove_dir_all(self.state.join(id.as_str()));
        removed.map_err(|error| format!("{}: {error}", deleted.err().unwrap_or_default()))
    }

    /// Stops all processes where they are.
    pub(crate) fn pause(&self, id: &InstanceId) -> Result<(), String> {
        self.say(&["pause", id.as_str()])
    }

    /// Lets them go on.
    pub(crate) fn resume(&self, id: &InstanceId) -> Result<(), String> {
        self.say(&["resume", id.as_str()])
    }

    fn say(&self, arguments: &[&str]) -> Result<(), String> {
        let output = self.command().args(arguments).stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("{}: {error}", self.program.display()))?;
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(format!("{} {}: {words}", self.program.display(), arguments.join(" ")))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").arg("--root").arg(&self.state);
        command
    }
}

/// What a runtime wrote into its log; it logs in lines, the last of which says what was fatal.
fn last_words(log: &Path, status: std::process::ExitStatus) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let end: String = line.chars().take(MAXIMUM_WORDS).collect();
    format!("ended with {status}: {end}")
}
