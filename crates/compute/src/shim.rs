//! The shim: parent of one instance, for one boot.
//!
//! It outlives the control plane. It runs user data and the boot command, keeps their output and exit status, adopts and
//! reaps orphans, and ends everything when it is asked to or when the boot command ends with success (a shutdown from
//! inside). Of a sandboxed instance it has one child, the sandbox's first process (`init`), which does in there what the
//! shim does for bare processes. It is one thread with a poll loop and no runtime, small enough to run a thousand times.

use crate::{
    channel::Received,
    console_output::ConsoleWriter,
    directory::{InstanceDirectory, Main, Plan, State, now},
    driver::DriverError,
    init::{REBOOT, Report, Request},
    phase::{Phase, Step},
    processes::{ProcessId, ProcessTable, host_boot},
    sandbox::{Contained, SandboxPlan},
    signals::{Signals, close_inherited_on_exec, die_with_parent},
    user_data::UserData,
};
use model::{
    Timestamp,
    ec2::instance_state::{Ending, Exit},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec},
    fs::{FlockOperation, Mode},
    io::Errno,
    process::{Signal, WaitOptions, WaitStatus},
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, PipeReader, PipeWriter, Read, Write},
    os::{
        fd::AsFd,
        unix::{fs::OpenOptionsExt, process::CommandExt},
    },
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What the shim tells its driver, on its standard output, once the instance runs.
pub(crate) const READY: &str = "ready";
/// How long a shim waits for the one of the boot before, which may be about to exit.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// How often it tries meanwhile.
const LOCK_PAUSE: Duration = Duration::from_millis(5);
/// Output is read in pieces of this size …
const PIECE: usize = 64 << 10;
/// … and at most so many in a row, so that an instance that never stops writing can still be ended.
const PIECES_IN_A_ROW: usize = 16;

/// As many reports of a first process are read in a row: whoever is root in there can send as many as he likes.
const REPORTS_IN_A_ROW: usize = 16;
/// The least time between two starts of a sandbox that were asked for from inside.
const RESTART_SPACING: Duration = Duration::from_secs(2);

/// What the shim must know.
#[derive(Clone, Debug)]
pub struct ShimOptions {
    /// The instance's directory, prepared by the driver.
    pub directory: PathBuf,
}

/// Runs one boot of an instance to its end. To be called first thing in `main`, while the process has one thread; the
/// driver reads its standard output.
pub fn run(options: ShimOptions) -> ExitCode {
    match Shim::begin(InstanceDirectory::new(options.directory)) {
        Ok(mut shim) => {
            tell_driver(READY);
            shim.serve();
            ExitCode::SUCCESS
        }
        Err(error) => {
            tell_driver(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Says one line to the driver and lets go of it: nobody may be listening any more, which does not matter.
fn tell_driver(line: &str) {
    let mut output = io::stdout();
    let _ = output.write_all(line.as_bytes()).and_then(|()| output.write_all(b"\n")).and_then(|()| output.flush());
    if let Ok(nothing) = OpenOptions::new().write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdout(nothing);
    }
}

struct Shim {
    directory: InstanceDirectory,
    plan: Plan,
    state: State,
    console: ConsoleWriter,
    output: PipeReader,
    /// Handed to every child; open as long as the shim, so that the pipe never ends.
    input: PipeWriter,
    signals: Signals,
    user_data: Option<u32>,
    /// The sandbox, if it runs in one.
    contained: Option<Contained>,
    /// When that was last started again.
    started: Option<Instant>,
    phase: Phase,
    _lock: File,
}

impl Shim {
    fn begin(directory: InstanceDirectory) -> Result<Self, DriverError> {
        let failed = |action| DriverError::io(action, directory.path());
        let signals =
            Signals::take(&[Signal::TERM, Signal::INT, Signal::CHILD]).map_err(failed("cannot take signals in"))?;
        close_inherited_on_exec();
        // A shim that leads its group already has been started by hand, as a session of its own or not.
        let _ = rustix::process::setsid();
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
            .map_err(|error| failed("cannot adopt orphans in")(error.into()))?;
        rustix::process::umask(Mode::from_raw_mode(0o022));
        std::env::set_current_dir(directory.path()).map_err(failed("cannot enter"))?;
        let lock = lock(&directory)?;
        let plan =
            directory.plan().ok_or_else(|| failed("cannot read the plan in")(io::ErrorKind::InvalidData.into()))?;
        let (output, input) = io::pipe().map_err(failed("cannot make a pipe for"))?;
        rustix::io::ioctl_fionbio(&output, true).map_err(|error| failed("cannot make a pipe for")(error.into()))?;
        let console = ConsoleWriter::open(&directory.console()).map_err(failed("cannot write the console in"))?;
        let state =
            fresh_state(&plan).ok_or_else(|| failed("cannot read /proc for")(io::ErrorKind::NotFound.into()))?;
        let phase = Phase::Up;
        let mut shim = Self {
            directory,
            plan,
            state,
            console,
            output,
            input,
            signals,
            user_data: None,
            contained: None,
            started: None,
            phase,
            _lock: lock,
        };
        shim.boot()?;
        Ok(shim)
    }

    /// Starts the sandbox, or user data at the first boot, else the boot command at once.
    fn boot(&mut self) -> Result<(), DriverError> {
        // Written before anything runs: if that fails nothing has to be undone.
        self.directory.write_state(&self.state)?;
        self.note(&format!("boot {} of {}", self.plan.boot, self.plan.id));
        if let Some(plan) = self.plan.sandbox.take() {
            let started = self.start_contained(&plan);
            self.plan.sandbox = Some(plan);
            return started;
        }
        self.user_data = self.start_user_data();
        match self.user_data {
            Some(_) => self.phase = Phase::UserData { until: Instant::now() + self.plan.user_data_wait },
            None => self.start_main(),
        }
        Ok(())
    }

    fn serve(&mut self) {
        loop {
            self.wait();
            self.read_output();
            while let Some(signal) = self.signals.next() {
                if signal == Signal::TERM || signal == Signal::INT {
                    self.asked_to_end();
                }
            }
            self.read_reports();
            let alone = self.reap();
            if self.advance(alone) {
                break;
            }
        }
        self.read_output();
        self.finish();
    }

    /// Waits for a signal, output, or the next moment at which something is due.
    fn wait(&mut self) {
        let now = Instant::now();
        let timeout = self.phase.due(now).map(|due| due.saturating_duration_since(now));
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut descriptors = vec![
            PollFd::from_borrowed_fd(self.signals.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.output.as_fd(), PollFlags::IN),
        ];
        if let Some(contained) = self.contained.as_ref().filter(|contained| contained.channel.open()) {
            descriptors.push(PollFd::from_borrowed_fd(contained.channel.as_fd(), PollFlags::IN));
        }
        // An interrupted wait is a short wait.
        let _ = rustix::event::poll(&mut descriptors, timeout.as_ref());
    }

    fn read_output(&mut self) {
        let mut piece = [0_u8; PIECE];
        for _ in 0..PIECES_IN_A_ROW {
            match self.output.read(&mut piece) {
                Ok(0) | Err(_) => break,
                Ok(length) => self.console.write(&piece[..length]),
            }
        }
    }

    /// Takes leave of every child that ended, adopted ones included; whether none is left.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) => self.child_ended(pid.as_raw_pid().unsigned_abs(), status),
                Ok(None) => return false,
                Err(Errno::INTR) => {}
                // No children: as orphans come to the shim, nothing of the instance runs.
                Err(_) => return true,
            }
        }
    }

    fn child_ended(&mut self, pid: u32, status: WaitStatus) {
        let exit = match status.exit_status() {
            Some(code) => Exit::Code(code),
            None => Exit::Signal(status.terminating_signal().unwrap_or_default()),
        };
        if self.contained.as_ref().is_some_and(|contained| contained.init.pid == pid) {
            self.contained_ended(exit);
        } else if self.user_data == Some(pid) {
            self.user_data = None;
            if exit != Exit::Code(0) {
                self.note(&format!("user data {exit}"));
            }
        } else if self.state.main.is_some_and(|main| main.pid == pid) && self.state.main_exit.is_none() {
            self.main_ended(exit);
        }
    }

    fn main_ended(&mut self, exit: Exit) {
        self.state.main_exit = Some(exit);
        if self.phase.ends() {
            return;
        }
        if exit == Exit::Code(0) {
            self.note("the boot command ended: the instance shuts down");
            self.begin_ending(Ending::ShutDown, self.plan.stop_grace, now());
        } else {
            self.note(&format!("the boot command {exit}; the instance stays, its reachability check fails"));
            self.save();
        }
    }

    fn asked_to_end(&mut self) {
        let request = self.directory.stop_request(self.plan.boot);
        let grace = request.as_ref().map_or(self.plan.stop_grace, |request| request.grace);
        let earlier = self.phase.ends();
        self.phase.hurry(Instant::now() + grace);
        self.ask_contained(grace);
        if !earlier {
            self.note("asked to stop");
            self.begin_ending(Ending::Stopped, grace, request.map_or_else(now, |request| request.since));
        }
    }

    fn begin_ending(&mut self, why: Ending, grace: Duration, since: Timestamp) {
        self.phase = Phase::Ending { why, kill_at: Instant::now() + grace, told: false };
        self.state.stopping_since = Some(since);
        self.save();
        if self.plan.sandbox.is_some() {
            self.ask_contained(grace);
        } else {
            // A stopped process takes the signal when it continues.
            self.signal_all(&[Signal::TERM, Signal::CONT]);
        }
    }

    /// Does what is due; whether the boot is over.
    fn advance(&mut self, alone: bool) -> bool {
        match self.phase.step(Instant::now(), alone, self.user_data.is_some()) {
            Step::Nothing => return false,
            Step::Over => return true,
            Step::GiveUp => {
                self.note("some processes cannot be ended");
                return true;
            }
            Step::StartMain { beside_user_data } => {
                if beside_user_data && self.plan.main.is_some() {
                    self.note("user data still runs; the boot command starts beside it");
                }
                self.start_main();
            }
            Step::Kill { first } => {
                if first {
                    self.note("not ended in time: killed");
                }
                self.kill_all();
            }
        }
        false
    }

    /// The end of a sandbox's first process is the end of all that is in there.
    fn kill_all(&mut self) {
        match &self.contained {
            Some(contained) => drop(contained.init.signal(Signal::KILL)),
            None => self.signal_all(&[Signal::KILL]),
        }
    }

    /// The last word: from here on the instance is down, whatever becomes of the shim.
    fn finish(&mut self) {
        let why = match &self.phase {
            Phase::Ending { why, .. } => *why,
            Phase::UserData { .. } | Phase::Up => Ending::Stopped,
        };
        self.note(match why {
            Ending::ShutDown => "shut down",
            Ending::Lost => "ended without having been asked to",
            Ending::NeverStarted | Ending::Stopped | Ending::HostRestarted => "stopped",
        });
        self.state.ending = Some(why);
        self.save();
    }

    fn signal_all(&self, signals: &[Signal]) {
        let table = ProcessTable::read();
        for process in table.running_below([self.state.shim.pid]) {
            for signal in signals {
                process.signal(*signal);
            }
        }
    }

    // ---- the sandbox ----

    fn start_contained(&mut self, plan: &SandboxPlan) -> Result<(), DriverError> {
        let user_data = self.take_user_data();
        let input =
            self.input.try_clone().map_err(DriverError::io("cannot share the console of", self.directory.path()));
        let started =
            input.and_then(|input| Contained::start(plan, &self.plan, &self.directory, user_data.as_deref(), input));
        match started {
            Ok(contained) => {
                self.state.init = Some(contained.init);
                self.contained = Some(contained);
                self.save();
                Ok(())
            }
            Err(error) => {
                if user_data.is_some() {
                    // Nothing of it ran: the next try is still the first boot.
                    let _ = fs::remove_file(self.directory.user_data_ran());
                }
                Err(error)
            }
        }
    }

    /// What the first process has to say.
    fn read_reports(&mut self) {
        for _ in 0..REPORTS_IN_A_ROW {
            let Some(contained) = &mut self.contained else { return };
            match contained.channel.receive::<Report>() {
                Received::Value(Report::MainStarted) => {
                    self.state.main = Some(contained.init);
                    self.save();
                }
                Received::Value(Report::MainFailed(exit)) => {
                    self.state.main_exit = Some(exit);
                    self.save();
                }
                Received::Value(Report::Hostname(name)) => {
                    if let Err(reason) = contained.set_hostname(&name) {
                        self.note(&format!("the host name was not set: {reason}"));
                    }
                }
                Received::Nothing | Received::Closed => return,
            }
        }
    }

    fn ask_contained(&mut self, grace: Duration) {
        let Some(contained) = &mut self.contained else { return };
        if contained.channel.send(&Request::Stop { grace }).is_err() {
            contained.init.signal(Signal::TERM);
        }
    }

    fn contained_ended(&mut self, exit: Exit) {
        self.read_reports();
        self.read_output();
        let Some(contained) = self.contained.take() else { return };
        self.state.init = None;
        if let Err(reason) = contained.delete() {
            self.note(&format!("the sandbox was not cleared away: {reason}"));
        }
        if self.phase.ends() {
            return;
        }
        let stop = self.directory.stop_request(self.plan.boot);
        match exit {
            Exit::Code(0) => self.begin_ending(Ending::ShutDown, Duration::ZERO, now()),
            // reboot(2) with "power off" or "halt" ends the namespace's first process like this, "restart" with HUP.
            Exit::Signal(signal) if signal == Signal::INT.as_raw() => {
                self.begin_ending(Ending::ShutDown, Duration::ZERO, now());
            }
            Exit::Code(REBOOT) => self.start_contained_again(),
            Exit::Signal(signal) if signal == Signal::HUP.as_raw() => self.start_contained_again(),
            Exit::Code(_) | Exit::Signal(_) if stop.is_some() => {
                self.begin_ending(Ending::Stopped, Duration::ZERO, now());
            }
            Exit::Code(_) | Exit::Signal(_) => {
                self.note(&format!("the first process {exit}"));
                self.begin_ending(Ending::Lost, Duration::ZERO, now());
            }
        }
    }

    fn start_contained_again(&mut self) {
        self.note("restarts, as asked from inside");
        self.pause_before_restart();
        (self.state.main, self.state.main_exit) = (None, None);
        let Some(plan) = self.plan.sandbox.take() else { return };
        let started = self.start_contained(&plan);
        self.plan.sandbox = Some(plan);
        if let Err(error) = started {
            self.note(&error.to_string());
            self.begin_ending(Ending::Lost, Duration::ZERO, now());
        }
    }

    /// An instance that restarts at once, again and again, is not to keep the host busy. A request to end is not kept
    /// waiting.
    fn pause_before_restart(&mut self) {
        let now = Instant::now();
        let due = self.started.map_or(now, |started| started + RESTART_SPACING);
        if let Ok(left) = Timespec::try_from(due.saturating_duration_since(now)) {
            let _ =
                rustix::event::poll(&mut [PollFd::from_borrowed_fd(self.signals.as_fd(), PollFlags::IN)], Some(&left));
        }
        self.started = Some(Instant::now());
    }

    // ---- bare processes ----

    /// User data if there is some that never ran. It is marked as run before it starts: a crash in between must not run
    /// it twice.
    fn take_user_data(&mut self) -> Option<Vec<u8>> {
        let user_data = fs::read(self.directory.user_data()).ok()?;
        if user_data.is_empty() || self.directory.user_data_ran().exists() {
            return None;
        }
        let marked = File::create(self.directory.user_data_ran()).and_then(|file| file.sync_all());
        if let Err(error) = marked {
            self.note(&format!("user data was not run: {error}"));
            return None;
        }
        Some(user_data)
    }

    fn start_user_data(&mut self) -> Option<u32> {
        let user_data = self.take_user_data()?;
        match self.user_data_command(&user_data) {
            Ok(mut command) => self.spawn(&mut command, "user data"),
            Err(reason) => {
                self.note(&format!("user data was not run: {reason}"));
                None
            }
        }
    }

    fn user_data_command(&self, user_data: &[u8]) -> Result<Command, String> {
        match UserData::of(user_data) {
            UserData::Shell => {
                let mut command = Command::new("/bin/sh");
                command.arg(self.directory.user_data());
                Ok(command)
            }
            UserData::Script => {
                let path = self.directory.user_data_script();
                let mut options = OpenOptions::new();
                options.write(true).create(true).truncate(true).mode(0o700);
                options
                    .open(&path)
                    .and_then(|mut file| file.write_all(user_data))
                    .map_err(|error| error.to_string())?;
                Ok(Command::new(path))
            }
            UserData::CloudConfig | UserData::Gzip | UserData::Unsupported(_) => {
                Err(format!("{} is not supported, only scripts are", UserData::of(user_data)))
            }
        }
    }

    /// Starts the boot command, if there is one. One that cannot be started is like one that failed.
    fn start_main(&mut self) {
        let mut command = match &self.plan.main {
            None => return self.save(),
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
        let started = self.spawn(&mut command, "the boot command");
        // Not reaped yet, so it is in /proc even if it has ended already.
        self.state.main = started.and_then(ProcessId::of);
        if self.state.main.is_none() {
            self.state.main_exit = Some(Exit::Code(127));
        }
        self.save();
    }

    fn spawn(&mut self, command: &mut Command, what: &str) -> Option<u32> {
        let root = self.directory.root();
        command.env_clear().envs(&self.plan.environment).current_dir(root).process_group(0).stdin(Stdio::null());
        die_with_parent(command);
        let spawned = self.input.try_clone().and_then(|input| {
            let again = input.try_clone()?;
            command.stdout(input).stderr(again).spawn()
        });
        match spawned {
            Ok(child) => Some(child.id()),
            Err(error) => {
                self.note(&format!("{what} cannot be started: {error}"));
                None
            }
        }
    }

    /// A line of the shim's own on the console.
    fn note(&mut self, text: &str) {
        self.console.write(format!("[goru] {text}\n").as_bytes());
    }

    fn save(&mut self) {
        if let Err(error) = self.directory.write_state(&self.state) {
            self.note(&error.to_string());
        }
        self.directory.tell_changed();
    }
}

fn fresh_state(plan: &Plan) -> Option<State> {
    Some(State {
        boot: plan.boot,
        address: plan.address,
        host_boot: host_boot(),
        shim: ProcessId::of(std::process::id())?,
        started_at: now(),
        main: None,
        main_exit: None,
        stopping_since: None,
        ending: None,
        init: None,
    })
}

/// One shim per instance, whatever drivers do: held until this process ends.
fn lock(directory: &InstanceDirectory) -> Result<File, DriverError> {
    let path = directory.lock();
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(DriverError::io("cannot open", &path))?;
    let deadline = Instant::now() + LOCK_WAIT;
    loop {
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(Errno::WOULDBLOCK | Errno::INTR) if Instant::now() < deadline => thread::sleep(LOCK_PAUSE),
            Err(error) => return Err(DriverError::io("another shim holds", &path)(error.into())),
        }
    }
}
