//! What the drivers with shims have in common: each instance has a directory and, while it is up, a shim as its parent.
//!
//! All that such a driver knows is on disk and in /proc, so a new driver on the same data directory finds everything
//! again. The shim's end is seen through a pidfd, other changes through a named pipe. What an instance is housed in,
//! bare processes or a sandbox, is the part of its [`Housing`].

use crate::{
    console_output::read_console,
    directory::{InstanceDirectory, Plan, State, StopRequest, make_pipe, now, write_whole},
    driver::{CONSOLE_KEPT_AFTER_REMOVAL, ComputeDriver, DriverError, InstanceSpec, SelfCommand, Started, Usage},
    ending::{end_instance, marked_directories},
    environment::MARKER,
    processes::{ProcessId, host_boot},
    shim::READY,
};
use model::{
    Timestamp,
    ec2::{
        instance::DriverKind,
        instance_state::{Ending, Live, MainProcess, Observed, Presence},
    },
    id::InstanceId,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec},
    process::{Signal, WaitId, WaitIdOptions},
};
use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::{self, Read},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{DirBuilderExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    net::unix::pipe,
    sync::watch,
    task::JoinSet,
};

/// How long user data is waited for before the boot command starts beside it, unless the options say otherwise.
pub const DEFAULT_USER_DATA_WAIT: Duration = Duration::from_secs(5);
/// How long processes may take to end at a shutdown from inside or when a shim is asked to end by a stranger.
pub const DEFAULT_OWN_STOP_GRACE: Duration = Duration::from_secs(10);
/// How long a shim may take to report; normally a few milliseconds.
const START_DEADLINE: Duration = Duration::from_secs(10);
/// The longest report of a shim that is read, in bytes.
const MAXIMUM_REPORT: usize = 4 << 10;
/// The most consoles kept of removed instances.
const MAXIMUM_KEPT_CONSOLES: usize = 1000;
/// What directories that are being deleted begin with; no instance id does.
const REMOVED: &str = "removed-";

/// What a driver with shims must know.
#[derive(Clone, Debug)]
pub struct ProcessOptions {
    /// The server's data directory; instances live in `instances/` below it.
    pub data_directory: PathBuf,
    /// How shims and the demonstration site are started.
    pub command: SelfCommand,
    /// How long user data is waited for before the boot command starts beside it; default five seconds.
    pub user_data_wait: Duration,
    /// How long processes may take to end when nobody gave a grace; default ten seconds.
    pub own_stop_grace: Duration,
}

impl ProcessOptions {
    /// Options with the default waits.
    pub fn new(data_directory: PathBuf, command: SelfCommand) -> Self {
        Self { data_directory, command, user_data_wait: DEFAULT_USER_DATA_WAIT, own_stop_grace: DEFAULT_OWN_STOP_GRACE }
    }
}

/// What tells the drivers with shims apart.
pub trait Housing: Send + Sync + 'static {
    /// Which driver it makes.
    const KIND: DriverKind;

    /// Makes in an instance's directory what its shim needs, and says what the shim is to do. Everything is left as it was
    /// where it already is.
    ///
    /// # Errors
    /// When something cannot be made; the instance is not booted then.
    fn prepare(&self, spec: &InstanceSpec, home: &Home<'_>) -> Result<Plan, DriverError>;

    /// What these instances, which are up, have used since their boots.
    fn usage(&self, up: &[(InstanceId, State)]) -> BTreeMap<InstanceId, Usage>;
}

/// Where an instance lives, for its housing.
pub struct Home<'a> {
    pub(crate) options: &'a ProcessOptions,
    /// All instances.
    pub(crate) instances: &'a Path,
    /// This one's directory.
    pub(crate) directory: &'a InstanceDirectory,
}

/// Runs instances under shims.
pub struct Shimmed<H> {
    inner: Arc<Inner<H>>,
    /// Wait for shims to end and for their notes; they end with the driver, the shims do not.
    watchers: Mutex<JoinSet<()>>,
}

struct Inner<H> {
    options: ProcessOptions,
    housing: H,
    instances: PathBuf,
    consoles: PathBuf,
    changes: watch::Sender<u64>,
    /// Boots whose shim has not reported yet.
    starting: Mutex<HashMap<InstanceId, u32>>,
    /// One command at a time for each instance.
    turns: Mutex<HashMap<InstanceId, Arc<Mutex<()>>>>,
    /// Shims whose end is waited for.
    watched: Mutex<HashMap<InstanceId, ProcessId>>,
    /// The highest processor time seen per boot: what is read while a process ends may be short of it.
    most_cpu: Mutex<HashMap<InstanceId, (u32, Duration)>>,
}

impl<H: Housing> Shimmed<H> {
    /// Opens the driver on a data directory, ends what was left behind there without a shim, and adopts the rest. Must be
    /// called within a tokio runtime.
    pub(crate) async fn open_with(options: ProcessOptions, housing: H) -> Result<Self, DriverError> {
        let (changes, _) = watch::channel(0);
        let make = move || Inner::open(options, housing, changes);
        let inner = Arc::new(run_blocking(make).await?);
        let pipe = make_pipe(&inner.instances)?;
        // Open for writing too, or it would end whenever the last shim closes it.
        let receiver = pipe::OpenOptions::new().read_write(true).open_receiver(&pipe);
        let receiver = receiver.map_err(DriverError::io("cannot open", &pipe))?;
        let driver = Self { inner, watchers: Mutex::new(JoinSet::new()) };
        lock(&driver.watchers).spawn(forward_changes(receiver, driver.inner.changes.clone()));
        driver.inventory().await?;
        Ok(driver)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner<H>) -> Result<T, DriverError> + Send + 'static,
    ) -> Result<T, DriverError> {
        let inner = Arc::clone(&self.inner);
        run_blocking(move || work(&inner)).await
    }

    /// What tells this driver apart.
    pub(crate) fn housing(&self) -> &H {
        &self.inner.housing
    }

    /// Does something with an instance when no command about it is carried out.
    pub(crate) async fn with_instance<T: Send + 'static>(
        &self,
        id: &InstanceId,
        work: impl FnOnce(&H, &InstanceDirectory) -> Result<T, DriverError> + Send + 'static,
    ) -> Result<T, DriverError> {
        let id = id.clone();
        let locked = move |inner: &Inner<H>| {
            let turn = inner.turn(&id);
            let _turn = lock(&turn);
            work(&inner.housing, &inner.directory(&id))
        };
        self.blocking(locked).await
    }

    /// Has the end of this shim waited for, once.
    fn watch(&self, id: &InstanceId, shim: ProcessId) {
        if lock(&self.inner.watched).insert(id.clone(), shim) == Some(shim) {
            return;
        }
        let mut watchers = lock(&self.watchers);
        while watchers.try_join_next().is_some() {}
        watchers.spawn(wait_for_end(Arc::clone(&self.inner), id.clone(), shim));
    }
}

impl<H: Housing> ComputeDriver for Shimmed<H> {
    fn kind(&self) -> DriverKind {
        H::KIND
    }

    async fn start(&self, spec: &InstanceSpec) -> Result<Started, DriverError> {
        let spec = spec.clone();
        let id = spec.id.clone();
        let state = self.blocking(move |inner| inner.start(&spec)).await?;
        self.watch(&id, state.shim);
        Ok(Started { address: state.address, pid: Some(shown_pid(&state)), started_at: state.started_at })
    }

    async fn stop(&self, id: &InstanceId, grace: Duration) -> Result<(), DriverError> {
        let id = id.clone();
        self.blocking(move |inner| inner.stop(&id, grace)).await
    }

    async fn kill(&self, id: &InstanceId) -> Result<(), DriverError> {
        let id = id.clone();
        self.blocking(move |inner| inner.kill(&id)).await
    }

    async fn remove(&self, id: &InstanceId) -> Result<(), DriverError> {
        let id = id.clone();
        self.blocking(move |inner| inner.remove(&id)).await
    }

    async fn inventory(&self) -> Result<Vec<Observed>, DriverError> {
        let found = self.blocking(|inner| inner.inventory()).await?;
        let mut inventory = Vec::with_capacity(found.len());
        for (observed, shim) in found {
            if let Some(shim) = shim {
                self.watch(&observed.id, shim);
            }
            inventory.push(observed);
        }
        Ok(inventory)
    }

    async fn console_output(&self, id: &InstanceId) -> Result<Option<Vec<u8>>, DriverError> {
        let id = id.clone();
        self.blocking(move |inner| inner.console_output(&id)).await
    }

    async fn usage(&self) -> Result<BTreeMap<InstanceId, Usage>, DriverError> {
        self.blocking(|inner| inner.usage()).await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }
}

impl<H: Housing> Inner<H> {
    fn open(mut options: ProcessOptions, housing: H, changes: watch::Sender<u64>) -> Result<Self, DriverError> {
        // The site is started in an instance's directory, where a relative path leads elsewhere.
        if let Ok(program) = std::path::absolute(&options.command.program) {
            options.command.program = program;
        }
        let data = &options.data_directory;
        make_directory(data)?;
        // The marker in processes' environments is compared with this path: it must be the same for every way to it.
        let data = fs::canonicalize(data).map_err(DriverError::io("cannot resolve", data))?;
        let (instances, consoles) = (data.join("instances"), data.join("consoles"));
        make_directory(&instances)?;
        make_directory(&consoles)?;
        let inner = Self {
            options,
            housing,
            instances,
            consoles,
            changes,
            starting: Mutex::default(),
            turns: Mutex::default(),
            watched: Mutex::default(),
            most_cpu: Mutex::default(),
        };
        inner.clean_up();
        Ok(inner)
    }

    /// Ends processes whose shim or directory is gone, and finishes removals that were cut off.
    fn clean_up(&self) {
        for path in marked_directories(&self.instances) {
            let directory = InstanceDirectory::new(path.clone());
            let state = directory.state();
            if state.as_ref().is_none_or(|state| !state.shim_alive()) {
                tracing::warn!(directory = %path.display(), "ending processes that have lost their shim");
                if let Err(count) = end_instance(&directory, state.and_then(|state| state.shim_unsettled())) {
                    tracing::error!(directory = %path.display(), count, "processes could not be ended");
                }
            }
        }
        for path in entries(&self.instances).filter(|path| file_name(path).starts_with(REMOVED)) {
            if let Err(error) = delete_tree(&path) {
                tracing::warn!(path = %path.display(), %error, "a removed instance could not be deleted");
            }
        }
        self.prune_consoles();
    }

    fn directory(&self, id: &InstanceId) -> InstanceDirectory {
        InstanceDirectory::new(self.instances.join(id.as_str()))
    }

    fn turn(&self, id: &InstanceId) -> Arc<Mutex<()>> {
        Arc::clone(lock(&self.turns).entry(id.clone()).or_default())
    }

    fn announce(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    // ---- commands ----

    fn start(&self, spec: &InstanceSpec) -> Result<State, DriverError> {
        let turn = self.turn(&spec.id);
        let _turn = lock(&turn);
        let directory = self.directory(&spec.id);
        if let Some(state) = self.settled(&spec.id, &directory).filter(|state| state.ending.is_none()) {
            return Err(DriverError::AlreadyRuns { id: spec.id.clone(), boot: state.boot });
        }
        lock(&self.starting).insert(spec.id.clone(), spec.boot);
        let started = self.prepare(spec, &directory).and_then(|()| self.boot(spec, &directory));
        lock(&self.starting).remove(&spec.id);
        self.announce();
        started
    }

    fn prepare(&self, spec: &InstanceSpec, directory: &InstanceDirectory) -> Result<(), DriverError> {
        make_directory(directory.path())?;
        if let Some(user_data) = &spec.user_data {
            write_whole(&directory.user_data(), user_data)?;
        }
        let home = Home { options: &self.options, instances: &self.instances, directory };
        directory.write_plan(&self.housing.prepare(spec, &home)?)
    }

    fn boot(&self, spec: &InstanceSpec, directory: &InstanceDirectory) -> Result<State, DriverError> {
        let not_started = |reason: String| DriverError::NotStarted { id: spec.id.clone(), reason };
        let mut child = self.spawn_shim(directory)?;
        let report = child.stdout.take().map_or_else(|| Err("it has no output".to_owned()), read_report);
        let state = directory.state().filter(|state| state.boot == spec.boot);
        match (report, state) {
            (Ok(report), Some(state)) if report == READY => Ok(state),
            (report, state) => {
                let reason = match report {
                    Ok(report) if report.is_empty() => format!("its shim ended: {}", last_words(directory)),
                    Ok(report) | Err(report) => report,
                };
                give_up(child, directory, state);
                Err(not_started(reason))
            }
        }
    }

    fn spawn_shim(&self, directory: &InstanceDirectory) -> Result<Child, DriverError> {
        let SelfCommand { program, shim_arguments, .. } = &self.options.command;
        let log = File::create(directory.shim_log()).map_err(DriverError::io("cannot write", &directory.shim_log()))?;
        Command::new(program)
            .args(shim_arguments)
            .arg(directory.path())
            .env_clear()
            .env(MARKER, directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(DriverError::io("cannot start", program))
    }

    fn stop(&self, id: &InstanceId, grace: Duration) -> Result<(), DriverError> {
        let directory = self.directory(id);
        let Some(state) = directory.state().filter(State::shim_alive) else { return Ok(()) };
        let before = directory.stop_request(state.boot);
        let since = before.map_or_else(now, |request| request.since);
        directory.write_stop_request(&StopRequest { boot: state.boot, since, grace })?;
        state.shim.signal(Signal::TERM);
        Ok(())
    }

    fn kill(&self, id: &InstanceId) -> Result<(), DriverError> {
        let turn = self.turn(id);
        let _turn = lock(&turn);
        let directory = self.directory(id);
        let Some(state) = directory.state() else { return Ok(()) };
        if state.ending.is_none() {
            // Says to whoever looks meanwhile that this is on purpose.
            let request = StopRequest { boot: state.boot, since: now(), grace: Duration::ZERO };
            directory.write_stop_request(&request)?;
        }
        let ended = end_instance(&directory, state.shim_unsettled());
        self.announce();
        ended.map_err(|count| DriverError::Survivors { id: id.clone(), count })?;
        // The shim may have had the last word.
        match directory.state() {
            Some(state) if state.ending.is_none() => {
                directory.write_state(&State { ending: Some(Ending::Stopped), ..state })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn remove(&self, id: &InstanceId) -> Result<(), DriverError> {
        let turn = self.turn(id);
        let _turn = lock(&turn);
        let directory = self.directory(id);
        let shim = directory.state().and_then(|state| state.shim_unsettled());
        let ended = end_instance(&directory, shim);
        ended.map_err(|count| DriverError::Survivors { id: id.clone(), count })?;
        self.forget(id);
        if !directory.path().exists() {
            return Ok(());
        }
        self.keep_console(id, &directory)?;
        // Renamed first: cut off in the middle, it is no half instance.
        let doomed = self.instances.join(format!("{REMOVED}{id}"));
        fs::rename(directory.path(), &doomed).map_err(DriverError::io("cannot remove", directory.path()))?;
        self.announce();
        delete_tree(&doomed).map_err(DriverError::io("cannot delete", &doomed))
    }

    fn forget(&self, id: &InstanceId) {
        lock(&self.watched).remove(id);
        lock(&self.most_cpu).remove(id);
        lock(&self.turns).remove(id);
    }

    // ---- observation ----

    fn inventory(&self) -> Result<Vec<(Observed, Option<ProcessId>)>, DriverError> {
        let mut found: Vec<_> = self.ids()?.into_iter().filter_map(|id| self.observe(id)).collect();
        found.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        Ok(found)
    }

    /// The instances that have a directory.
    fn ids(&self) -> Result<Vec<InstanceId>, DriverError> {
        let listed = fs::read_dir(&self.instances).map_err(DriverError::io("cannot read", &self.instances))?;
        Ok(listed.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
    }

    /// What is there of one instance, and the shim that runs it; `None` when it was removed in between.
    fn observe(&self, id: InstanceId) -> Option<(Observed, Option<ProcessId>)> {
        let directory = self.directory(&id);
        let boot_under_way = lock(&self.starting).get(&id).copied();
        if let Some(boot) = boot_under_way {
            return Some((Observed { id, boot, started_at: None, presence: Presence::Starting }, None));
        }
        let Some(state) = self.look(&id, &directory) else {
            let boot = directory.plan().map_or(0, |plan| plan.boot);
            let presence = Presence::Down(Ending::NeverStarted);
            return directory.path().exists().then_some((Observed { id, boot, started_at: None, presence }, None));
        };
        let shim = state.ending.is_none().then_some(state.shim);
        let presence = presence(&state, directory.stop_request(state.boot).map(|request| request.since));
        Some((Observed { id, boot: state.boot, started_at: Some(state.started_at), presence }, shim))
    }

    /// The state of a boot; one whose shim is gone without a word is settled first.
    fn look(&self, id: &InstanceId, directory: &InstanceDirectory) -> Option<State> {
        let state = directory.state()?;
        if state.ending.is_some() || state.shim_alive() {
            return Some(state);
        }
        let turn = self.turn(id);
        let _turn = lock(&turn);
        self.settled(id, directory)
    }

    /// As [`Self::look`], for a caller whose turn it is. Ends what a dead shim left behind, and writes down that it did.
    fn settled(&self, id: &InstanceId, directory: &InstanceDirectory) -> Option<State> {
        let alive = directory.state()?.shim_alive();
        // Read after it was seen dead: it may have finished in order just before.
        let state = directory.state()?;
        if alive || state.ending.is_some() {
            return Some(state);
        }
        let ending = if state.host_boot == host_boot() { Ending::Lost } else { Ending::HostRestarted };
        if ending == Ending::Lost {
            tracing::warn!(%id, boot = state.boot, "the shim of an instance is gone; ending what is left of it");
            if let Err(count) = end_instance(directory, state.shim_unsettled()) {
                tracing::error!(%id, count, "processes of an instance could not be ended");
            }
        }
        let state = State { ending: Some(ending), ..state };
        if let Err(error) = directory.write_state(&state) {
            tracing::warn!(%id, %error, "the end of an instance could not be written down");
        }
        Some(state)
    }

    fn console_output(&self, id: &InstanceId) -> Result<Option<Vec<u8>>, DriverError> {
        let present = self.directory(id).console();
        if let Some(output) = read_console(&present).map_err(DriverError::io("cannot read", &present))? {
            return Ok(Some(output));
        }
        let kept = self.kept_console(id);
        if age(&kept).is_none_or(|age| age >= CONSOLE_KEPT_AFTER_REMOVAL) {
            return Ok(None);
        }
        read_console(&kept).map_err(DriverError::io("cannot read", &kept))
    }

    fn kept_console(&self, id: &InstanceId) -> PathBuf {
        self.consoles.join(format!("{id}.log"))
    }

    fn keep_console(&self, id: &InstanceId, directory: &InstanceDirectory) -> Result<(), DriverError> {
        let console = directory.console();
        let output = read_console(&console).map_err(DriverError::io("cannot read", &console))?;
        if let Some(output) = output {
            write_whole(&self.kept_console(id), &output)?;
        }
        self.prune_consoles();
        Ok(())
    }

    /// Deletes consoles that are too old, and the oldest beyond the bound.
    fn prune_consoles(&self) {
        let mut kept: Vec<_> = entries(&self.consoles).filter_map(|path| Some((age(&path)?, path))).collect();
        kept.sort();
        let doomed = kept
            .iter()
            .enumerate()
            .filter(|(place, (age, _))| *place >= MAXIMUM_KEPT_CONSOLES || *age >= CONSOLE_KEPT_AFTER_REMOVAL);
        for (_, (_, path)) in doomed {
            // One that cannot be deleted now is tried again with the next removal.
            let _ = fs::remove_file(path);
        }
    }

    fn usage(&self) -> Result<BTreeMap<InstanceId, Usage>, DriverError> {
        let up = self.ids()?.into_iter().filter_map(|id| {
            let state = self.directory(&id).state().filter(|state| state.ending.is_none())?;
            Some((id, state))
        });
        let mut figures = self.housing.usage(&up.collect::<Vec<_>>());
        for (id, usage) in &mut figures {
            usage.cpu = self.highest(id, usage.boot, usage.cpu);
        }
        Ok(figures)
    }

    fn highest(&self, id: &InstanceId, boot: u32, cpu: Duration) -> Duration {
        let mut most = lock(&self.most_cpu);
        let entry = most.entry(id.clone()).or_insert((boot, cpu));
        *entry = if entry.0 == boot { (boot, entry.1.max(cpu)) } else { (boot, cpu) };
        entry.1
    }
}

fn presence(state: &State, stop_requested: Option<Timestamp>) -> Presence {
    if let Some(ending) = state.ending {
        return Presence::Down(ending);
    }
    if let Some(since) = state.stopping_since.or(stop_requested) {
        return Presence::Stopping { since };
    }
    let main = match (state.main_exit, state.main) {
        (Some(exit), _) => MainProcess::Failed(exit),
        (None, Some(_)) => MainProcess::Running,
        (None, None) => MainProcess::Absent,
    };
    Presence::Up(Live { address: state.address, pid: Some(shown_pid(state)), main })
}

/// The boot command's process, or the sandbox's first; the shim where there is none.
fn shown_pid(state: &State) -> u32 {
    state.main.or(state.init).unwrap_or(state.shim).pid
}

/// The first line that a shim writes; empty when it ends without one.
fn read_report(mut output: ChildStdout) -> Result<String, String> {
    let deadline = Instant::now() + START_DEADLINE;
    let mut report = Vec::new();
    while report.len() < MAXIMUM_REPORT && !report.contains(&b'\n') {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(|error| error.to_string())?;
        let mut descriptors = [PollFd::from_borrowed_fd(output.as_fd(), PollFlags::IN)];
        match rustix::event::poll(&mut descriptors, Some(&timeout)) {
            Ok(0) => return Err(format!("its shim did not report within {} s", START_DEADLINE.as_secs())),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.to_string()),
        }
        let mut piece = [0_u8; 512];
        match output.read(&mut piece).map_err(|error| error.to_string())? {
            0 => break,
            length => report.extend_from_slice(&piece[..length]),
        }
    }
    Ok(String::from_utf8_lossy(&report).lines().next().unwrap_or_default().to_owned())
}

/// Ends a shim that did not come up, and notes that this boot never was.
fn give_up(mut child: Child, directory: &InstanceDirectory, state: Option<State>) {
    let shim = ProcessId::of(child.id());
    if let Err(count) = end_instance(directory, shim) {
        tracing::error!(directory = %directory.path().display(), count, "processes could not be ended");
    }
    // It is dead by now: this does not wait. Nor is there anything to do about an error.
    let _ = child.wait();
    if let Some(state) = state {
        let _ = directory.write_state(&State { ending: Some(Ending::NeverStarted), ..state });
    }
}

/// The end of what a shim wrote to its error output.
fn last_words(directory: &InstanceDirectory) -> String {
    let log = fs::read(directory.shim_log()).unwrap_or_default();
    let text = String::from_utf8_lossy(&log[log.len().saturating_sub(MAXIMUM_REPORT)..]).trim().to_owned();
    if text.is_empty() { "it said nothing".to_owned() } else { text }
}

/// Turns notes of shims into a change of the number that controllers wait on.
async fn forward_changes(mut receiver: pipe::Receiver, changes: watch::Sender<u64>) {
    let mut notes = [0_u8; 4096];
    while tokio::io::AsyncReadExt::read(&mut receiver, &mut notes).await.is_ok_and(|length| length > 0) {
        changes.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// Waits until a shim has ended, takes leave of it if it is a child of this process, and ends what it left behind.
async fn wait_for_end<H: Housing>(inner: Arc<Inner<H>>, id: InstanceId, shim: ProcessId) {
    if let Some(handle) = shim.open() {
        match readable_at_end(handle) {
            Ok(handle) => {
                if let Err(error) = handle.readable().await.map(drop) {
                    tracing::warn!(%id, %error, "cannot wait for a shim");
                }
                take_leave(handle.get_ref());
            }
            Err(error) => tracing::warn!(%id, %error, "cannot wait for a shim"),
        }
    }
    let worker = Arc::clone(&inner);
    let name = id.clone();
    let settle = move || Ok(worker.look(&name, &worker.directory(&name)));
    if let Err(error) = run_blocking(settle).await {
        tracing::debug!(%id, %error, "an ended instance was not looked at");
    }
    let mut watched = lock(&inner.watched);
    if watched.get(&id) == Some(&shim) {
        watched.remove(&id);
    }
    drop(watched);
    inner.announce();
}

/// A pidfd becomes readable when its process has ended.
#[allow(unsafe_code)]
fn readable_at_end(handle: OwnedFd) -> Result<AsyncFd<OwnedFd>, String> {
    // SAFETY: an `OwnedFd` gives the same descriptor each time and keeps it open for as long as it lives, which is as long
    // as the `AsyncFd` that owns it.
    unsafe { AsyncFd::register_with_interest(handle, Interest::READABLE) }.map_err(|error| error.to_string())
}

/// Without this a shim that was started by this process would stay a zombie.
fn take_leave(handle: &OwnedFd) {
    // An adopted shim is somebody else's child (ECHILD).
    let _ = rustix::process::waitid(WaitId::PidFd(handle.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
}

async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DriverError> + Send + 'static,
) -> Result<T, DriverError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(DriverError::ShuttingDown),
    }
}

/// A panic elsewhere leaves nothing half done in these maps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn make_directory(path: &Path) -> Result<(), DriverError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(DriverError::io("cannot create", path))
}

pub(crate) fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path())
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// How long ago a file was written; zero if the clock was set back since.
fn age(path: &Path) -> Option<Duration> {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
    Some(SystemTime::now().duration_since(modified).unwrap_or_default())
}

/// Deletes a tree, also one with directories that forbid writing (build caches have such).
pub(crate) fn delete_tree(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(path);
            fs::remove_dir_all(path)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn make_writable(path: &Path) {
    // What cannot be changed shows in the deletion that follows.
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
    for entry in entries(path).filter(|entry| entry.is_dir() && !entry.is_symlink()) {
        make_writable(&entry);
    }
}
