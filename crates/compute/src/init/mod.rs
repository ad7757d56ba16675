//! The first process inside a sandbox: what `systemd` or `cloud-init` are to a machine, as far as an instance needs it.
//!
//! It is this very program, carried into the sandbox, as process 1 of the instance's PID namespace. It writes the few
//! files that a machine finds out at its boot, runs user data once and the boot command at every boot, reaps whatever is
//! left to it, and ends everything in order. What happens it tells the shim outside; what it writes is the console.

mod cloud_config;
mod files;
mod user;
mod user_data;

pub(crate) use files::is_hostname;

use crate::{
    channel::{Channel, Received},
    directory::Main,
    phase::{Phase, Step},
    signals::{Signals, signal_namespace, with_default_signals},
};
use model::ec2::instance_state::{Ending, Exit};
use rustix::{
    event::{PollFd, PollFlags, Timespec},
    io::Errno,
    process::{Pid, Signal, WaitOptions, WaitStatus},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    net::Ipv4Addr,
    os::{fd::AsFd, unix::net::UnixStream},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};
use user::Identity;

/// The code with which the first process ends when the instance is to start again.
pub(crate) const REBOOT: i32 = REBOOT_CODE as i32;
const REBOOT_CODE: u8 = 64;
/// Where the program and what it needs are inside a sandbox; also the place of its own small files.
pub(crate) const CARRIED: &str = "/run/goru";
/// The programs in there that people call by name (`shutdown` and the like).
pub(crate) const CARRIED_PROGRAMS: &str = "/run/goru/bin";
/// Where root is at home in every usual system.
const ROOTS_HOME: &str = "/root";
/// How readily the kernel ends processes of an instance when memory runs out: as if they held a tenth of it more.
const EXPENDABLE: &str = "100";
/// How long the shim may take to say what is to be done.
const PLAN_DEADLINE: Duration = Duration::from_secs(10);
/// Signals that an init is sent by the usual commands; see [`Init::signalled`].
const TAKEN: [Signal; 6] = [Signal::TERM, Signal::INT, Signal::CHILD, Signal::HUP, Signal::USR1, Signal::USR2];

/// What is to be done at one boot; the first line that the shim sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Boot {
    /// Whether it is the first in the life of the instance.
    pub(crate) first: bool,
    /// The name it has by default.
    pub(crate) hostname: String,
    /// Its address within the subnet.
    pub(crate) private_address: Ipv4Addr,
    /// Who answers names.
    pub(crate) resolver: Option<Ipv4Addr>,
    /// A line for `authorized_keys`.
    pub(crate) authorized_key: Option<String>,
    /// The boot command.
    pub(crate) main: Option<Main>,
    /// As whom the boot command runs, as OCI images write it; root when nothing is said.
    pub(crate) user: Option<String>,
    /// What everything in it begins with. Without `HOME`, that is where the user is at home.
    pub(crate) environment: BTreeMap<String, String>,
    /// Where it begins: made at the first boot, `/` when that is no directory.
    pub(crate) working_directory: PathBuf,
    /// To be run now, in base64.
    pub(crate) user_data: Option<String>,
    /// How long user data is waited for before the boot command starts beside it.
    pub(crate) user_data_wait: Duration,
    /// How long processes may take to end when nobody said otherwise.
    pub(crate) stop_grace: Duration,
    /// How this program is started again in here.
    pub(crate) program: Vec<String>,
}

/// What the shim asks for later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Request {
    /// End everything, and kill what is left after the grace.
    Stop { grace: Duration },
}

/// What the first process tells the shim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Report {
    /// The boot command runs.
    MainStarted,
    /// The boot command ended with an error, or could not be started.
    MainFailed(Exit),
    /// The instance is to have this name, which only somebody outside can give it.
    Hostname(String),
}

/// Runs as the first process of a sandbox, until everything in it has ended. To be called first thing in `main`, while
/// the process has one thread.
pub fn run() -> ExitCode {
    if rustix::process::getpid() != Pid::INIT {
        eprintln!("goru init is the first process of a sandboxed instance and nothing else");
        return ExitCode::FAILURE;
    }
    match Init::begin() {
        Ok(mut init) => init.serve(),
        Err(error) => {
            eprintln!("[goru] the first process cannot begin: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the modules of a `#cloud-config` file: a child of the first process, so that what it needs is given back.
pub fn run_cloud_config(path: &Path) -> ExitCode {
    cloud_config::run(path)
}

struct Init {
    boot: Boot,
    channel: Channel,
    signals: Signals,
    user_data: Option<Pid>,
    main: Option<Pid>,
    phase: Phase,
    reboots: bool,
    /// The name that was last asked for.
    hostname: String,
}

impl Init {
    fn begin() -> io::Result<Self> {
        let signals = Signals::take(&TAKEN)?;
        let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        let nothing = File::open("/dev/null")?;
        rustix::stdio::dup2_stdin(&nothing)?;
        let mut channel = Channel::of(socket)?;
        let boot = read_plan(&mut channel)?;
        let hostname = boot.hostname.clone();
        let phase = Phase::Up;
        let mut init = Self { boot, channel, signals, user_data: None, main: None, phase, reboots: false, hostname };
        init.boot();
        Ok(init)
    }

    fn boot(&mut self) {
        for problem in files::write(&self.boot) {
            note(&problem);
        }
        if self.boot.first
            && let Err(error) = fs::create_dir_all(&self.boot.working_directory)
        {
            note(&format!("the directory {} was not made: {error}", self.boot.working_directory.display()));
        }
        self.tell_hostname();
        self.start_user_data();
        match self.user_data {
            Some(_) => self.phase = Phase::UserData { until: Instant::now() + self.boot.user_data_wait },
            None => self.start_main(),
        }
    }

    fn serve(&mut self) -> ExitCode {
        loop {
            self.wait();
            self.read_requests();
            while let Some(signal) = self.signals.next() {
                self.signalled(signal);
            }
            let alone = self.reap();
            if self.advance(alone) {
                return if self.reboots { ExitCode::from(REBOOT_CODE) } else { ExitCode::SUCCESS };
            }
        }
    }

    fn wait(&self) {
        let now = Instant::now();
        let timeout = self.phase.due(now).map(|due| due.saturating_duration_since(now));
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut descriptors = [
            PollFd::from_borrowed_fd(self.signals.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.channel.as_fd(), PollFlags::IN),
        ];
        let watched = if self.channel.open() { 2 } else { 1 };
        // An interrupted wait is a short wait.
        let _ = rustix::event::poll(&mut descriptors[..watched], timeout.as_ref());
    }

    fn read_requests(&mut self) {
        loop {
            match self.channel.receive() {
                Received::Value(Request::Stop { grace }) => self.begin_ending(Ending::Stopped, grace),
                Received::Nothing => return,
                Received::Closed => {
                    // The shim is gone: as with bare processes, nothing outlives it.
                    if !self.phase.ends() {
                        self.begin_ending(Ending::Lost, Duration::ZERO);
                    }
                    return;
                }
            }
        }
    }

    /// TERM and what busybox sends for halting and powering off end the instance, INT (which the kernel sends for
    /// ctrl-alt-del) starts it again, HUP has the host name read again.
    fn signalled(&mut self, signal: Signal) {
        match signal {
            Signal::TERM | Signal::USR1 | Signal::USR2 => self.shut_down(),
            Signal::INT => {
                self.reboots = !self.phase.ends();
                self.shut_down();
            }
            Signal::HUP => self.tell_hostname(),
            _ => {}
        }
    }

    fn shut_down(&mut self) {
        if !self.phase.ends() {
            note(if self.reboots { "restart asked for from inside" } else { "shutdown asked for from inside" });
            self.begin_ending(Ending::ShutDown, self.boot.stop_grace);
        }
    }

    fn begin_ending(&mut self, why: Ending, grace: Duration) {
        let kill_at = Instant::now() + grace;
        if self.phase.ends() {
            self.phase.hurry(kill_at);
            return;
        }
        self.phase = Phase::Ending { why, kill_at, told: false };
        // A stopped process takes the signal when it continues.
        signal_namespace(Signal::TERM);
        signal_namespace(Signal::CONT);
    }

    /// Takes leave of every child that ended; whether none is left. Orphans become children of process 1.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) => self.child_ended(pid, status),
                Ok(None) => return false,
                Err(Errno::INTR) => {}
                Err(_) => return true,
            }
        }
    }

    fn child_ended(&mut self, pid: Pid, status: WaitStatus) {
        let exit = match status.exit_status() {
            Some(code) => Exit::Code(code),
            None => Exit::Signal(status.terminating_signal().unwrap_or_default()),
        };
        if self.user_data == Some(pid) {
            self.user_data = None;
            if exit != Exit::Code(0) {
                note(&format!("user data {exit}"));
            }
        } else if self.main == Some(pid) {
            self.main = None;
            self.main_ended(exit);
        }
    }

    fn main_ended(&mut self, exit: Exit) {
        if self.phase.ends() {
            return;
        }
        if exit == Exit::Code(0) {
            note("the boot command ended: the instance shuts down");
            self.begin_ending(Ending::ShutDown, self.boot.stop_grace);
        } else {
            note(&format!("the boot command {exit}; the instance stays, its reachability check fails"));
            self.report(&Report::MainFailed(exit));
        }
    }

    fn advance(&mut self, alone: bool) -> bool {
        match self.phase.step(Instant::now(), alone, self.user_data.is_some()) {
            Step::Nothing => return false,
            Step::Over => return true,
            // What cannot be killed dies with the namespace, as far as it can die at all.
            Step::GiveUp => return true,
            Step::StartMain { beside_user_data } => {
                if beside_user_data && self.boot.main.is_some() {
                    note("user data still runs; the boot command starts beside it");
                }
                self.start_main();
            }
            Step::Kill { first } => {
                if first {
                    note("not ended in time: killed");
                }
                signal_namespace(Signal::KILL);
            }
        }
        false
    }

    fn start_user_data(&mut self) {
        let Some(user_data) = self.boot.user_data.take() else { return };
        match user_data::command(&user_data, &self.boot.program) {
            Ok(mut command) => self.user_data = self.spawn(&mut command, "user data", ROOTS_HOME.as_ref()),
            Err(reason) => note(&format!("user data was not run: {reason}")),
        }
    }

    /// Starts the boot command, if there is one. One that cannot be started is like one that failed.
    fn start_main(&mut self) {
        let mut command = match &self.boot.main {
            None => return,
            Some(Main::Shell(line)) => {
                let mut command = Command::new("/bin/sh");
                command.arg("-c").arg(line);
                command
            }
            Some(Main::Program(program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments);
                command
            }
        };
        self.main = match self.as_its_user(&mut command) {
            Ok(home) => self.spawn(&mut command, "the boot command", &home),
            Err(reason) => {
                note(&format!("the boot command cannot be started: {reason}"));
                None
            }
        };
        match self.main {
            Some(_) => self.report(&Report::MainStarted),
            None => self.report(&Report::MainFailed(Exit::Code(127))),
        }
    }

    /// Has the boot command run as the user that the image wants; where that one is at home.
    fn as_its_user(&self, command: &mut Command) -> Result<PathBuf, String> {
        let Some(user) = &self.boot.user else { return Ok(ROOTS_HOME.into()) };
        let identity = Identity::find(user, &files::accounts(), &files::groups())?;
        identity.assume(command);
        Ok(identity.home().to_owned())
    }

    fn spawn(&self, command: &mut Command, what: &str, home: &Path) -> Option<Pid> {
        let directory = &self.boot.working_directory;
        let directory = if directory.is_dir() { directory } else { Path::new("/") };
        command.env_clear().env("HOME", home).envs(&self.boot.environment);
        command.env("PWD", directory).current_dir(directory);
        command.stdin(Stdio::null());
        with_default_signals(command);
        match command.spawn() {
            Ok(child) => {
                // Killed for want of memory before process 1, and before what else the host runs. Raising needs no privilege.
                let _ = fs::write(format!("/proc/{}/oom_score_adj", child.id()), EXPENDABLE);
                i32::try_from(child.id()).ok().and_then(Pid::from_raw)
            }
            Err(error) => {
                note(&format!("{what} cannot be started: {error}"));
                None
            }
        }
    }

    /// Asks for the name that the instance has given itself.
    fn tell_hostname(&mut self) {
        let name = files::hostname().unwrap_or_else(|| self.boot.hostname.clone());
        if name != self.hostname {
            self.report(&Report::Hostname(name.clone()));
            self.hostname = name;
        }
    }

    fn report(&mut self, report: &Report) {
        // A shim that is gone shows when the channel closes.
        let _ = self.channel.send(report);
    }
}

fn read_plan(channel: &mut Channel) -> io::Result<Boot> {
    let deadline = Instant::now() + PLAN_DEADLINE;
    loop {
        match channel.receive() {
            Received::Value(boot) => return Ok(boot),
            Received::Closed => return Err(io::ErrorKind::UnexpectedEof.into()),
            Received::Nothing if Instant::now() >= deadline => return Err(io::ErrorKind::TimedOut.into()),
            Received::Nothing => {}
        }
        let left = Timespec::try_from(deadline.saturating_duration_since(Instant::now())).ok();
        let _ = rustix::event::poll(&mut [PollFd::from_borrowed_fd(channel.as_fd(), PollFlags::IN)], left.as_ref());
    }
}

/// A line of the first process's own on the console. A console that nobody reads any more is no failure.
fn note(text: &str) {
    let _ = io::stdout().write_all(format!("[goru] {text}\n").as_bytes());
}
