//! What the tests of the drivers share: data directories, specs, and waiting for a condition.
#![allow(dead_code, reason = "not every test file uses all of it")]

use compute::{
    ComputeDriver, InstanceSpec, Metadata, ProcessDriver, ProcessOptions, SandboxDriver, SandboxOptions, SelfCommand,
    SimulatedDriver, SimulatedOptions,
};
use model::{
    Tags,
    ec2::{
        image::ImageSource,
        instance_state::{Live, Observed, Presence},
    },
    id::InstanceId,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use testkit::clock::ManualClock;

/// For a slow, loaded machine; a condition that holds ends the wait at once.
pub const DEADLINE: Duration = Duration::from_secs(60);
pub const GRACE: Duration = Duration::from_secs(30);
/// Of instances in tests, which fill it.
pub const ROOT_VOLUME_BYTES: u64 = 64 << 20;

pub fn id(n: u32) -> InstanceId {
    format!("i-{n:017x}").parse().unwrap()
}

/// An instance of the host image with this boot command.
pub fn spec(n: u32, boot: u32, command: Option<&str>) -> InstanceSpec {
    InstanceSpec {
        id: id(n),
        boot,
        image: ImageSource::Host,
        boot_command: command.map(str::to_owned),
        port: 3000,
        user_data: None,
        address: "127.64.0.9".parse().unwrap(),
        vcpus: 2,
        memory_mib: Some(512),
        network_namespace: None,
        resolver: None,
        authorized_key: None,
        metadata: Metadata {
            account: "123456789012".to_owned(),
            region: "ap-northeast-2".to_owned(),
            zone: "ap-northeast-2a".to_owned(),
            instance_type: "t3.micro".to_owned(),
            image_id: "ami-0123456789abcdef0".parse().unwrap(),
            private_address: "172.31.0.4".parse().unwrap(),
            vpc_id: "vpc-0123456789abcdef0".parse().unwrap(),
            subnet_id: "subnet-0123456789abcdef0".parse().unwrap(),
            security_groups: vec!["sg-0123456789abcdef0".parse().unwrap(), "sg-0123456789abcdef1".parse().unwrap()],
            reservation_id: "r-0123456789abcdef0".parse().unwrap(),
            launch_index: 0,
            tags: Tags::parse([("Name".to_owned(), "web \"1\"\n".to_owned())]).unwrap(),
            api_endpoint: Some("http://127.0.0.1:4566".to_owned()),
        },
    }
}

/// A driver on trial.
pub trait Subject {
    type Driver: ComputeDriver;
    fn driver(&self) -> &Self::Driver;
    /// Moves time on, where it is moved by hand.
    fn pass(&self, duration: Duration);
}

/// The process driver on a temporary data directory. Whatever the test left running is killed at its end.
pub struct Process {
    driver: Option<ProcessDriver>,
    pub options: ProcessOptions,
    directory: TempDir,
}

impl Process {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut ProcessOptions)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut options = ProcessOptions::new(directory.path().join("data"), self_command());
        change(&mut options);
        let driver = Some(ProcessDriver::open(options.clone()).await.unwrap());
        Self { driver, options, directory }
    }

    pub fn close(&mut self) {
        self.driver = None;
    }

    /// A new driver on the same directory, as after a restart of the control plane.
    pub async fn reopen(&mut self) {
        self.close();
        self.driver = Some(ProcessDriver::open(self.options.clone()).await.unwrap());
    }

    pub fn temporary(&self) -> &Path {
        self.directory.path()
    }

    pub fn instance(&self, n: u32) -> PathBuf {
        self.options.data_directory.join("instances").join(id(n).as_str())
    }

    /// A file in the working directory of an instance, once it is there.
    pub async fn file(&self, n: u32, name: &str) -> String {
        let path = self.instance(n).join("root").join(name);
        eventually(&format!("{name} is written"), async || {
            fs::read_to_string(&path).ok().filter(|text| text.ends_with('\n'))
        })
        .await
    }

    pub async fn console(&self, n: u32) -> String {
        let bytes = self.driver().console_output(&id(n)).await.unwrap().unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub async fn console_has(&self, n: u32, text: &str) {
        eventually(&format!("{text:?} is on the console"), async || self.console(n).await.contains(text).then_some(()))
            .await;
    }

    /// The pid of the shim, from its state file.
    pub fn shim(&self, n: u32) -> u32 {
        let state: serde_json::Value =
            serde_json::from_slice(&fs::read(self.instance(n).join("state.json")).unwrap()).unwrap();
        u32::try_from(state["shim"]["pid"].as_u64().unwrap()).unwrap()
    }
}

impl Subject for Process {
    type Driver = ProcessDriver;
    fn driver(&self) -> &ProcessDriver {
        self.driver.as_ref().expect("it is open")
    }
    fn pass(&self, _: Duration) {}
}

impl Drop for Process {
    fn drop(&mut self) {
        let marker = format!("GORU_INSTANCE_DIRECTORY={}", self.directory.path().display());
        for pid in pids().filter(|pid| environment_has(*pid, &marker)) {
            kill(pid, rustix::process::Signal::KILL);
        }
    }
}

/// The sandbox driver on a temporary data directory. Whatever the test left is cleared away at its end.
pub struct Sandbox {
    driver: Option<SandboxDriver>,
    pub options: SandboxOptions,
    directory: TempDir,
}

impl Sandbox {
    /// None where sandboxes cannot run; the reason is printed. A machine that builds Goru must be able to.
    pub async fn new() -> Option<Self> {
        let root = rustix::process::geteuid().is_root();
        let runtime = ["/usr/sbin/runc", "/usr/bin/runc"].map(PathBuf::from).into_iter().find(|file| file.exists());
        let Some(runtime) = runtime.filter(|_| root) else {
            assert!(std::env::var_os("CI").is_none(), "nothing is skipped in CI: root and runc are needed");
            eprintln!("skipped: sandboxes need root and runc (apt-get install runc)");
            return None;
        };
        let directory = tempfile::tempdir().unwrap();
        let process = ProcessOptions::new(directory.path().join("data"), self_command());
        let options = SandboxOptions { process, runtime, root_volume_bytes: ROOT_VOLUME_BYTES };
        let driver = Some(SandboxDriver::open(options.clone()).await.unwrap());
        Some(Self { driver, options, directory })
    }

    pub fn close(&mut self) {
        self.driver = None;
    }

    /// A new driver on the same directory, as after a restart of the control plane.
    pub async fn reopen(&mut self) {
        self.close();
        self.driver = Some(SandboxDriver::open(self.options.clone()).await.unwrap());
    }

    pub fn temporary(&self) -> &Path {
        self.directory.path()
    }

    pub fn data(&self) -> &Path {
        &self.options.process.data_directory
    }

    pub fn instance(&self, n: u32) -> PathBuf {
        self.data().join("instances").join(id(n).as_str())
    }

    /// Looks at what an instance changed of its image.
    pub fn look<T>(&self, n: u32, look: impl FnOnce(&Path) -> T) -> T {
        let place = self.temporary().join(format!("volume-{n}"));
        fs::create_dir_all(&place).unwrap();
        let said = |command: &mut Command| assert!(command.status().unwrap().success());
        let volume = self.instance(n).join("volume.ext4");
        said(Command::new("mount").args(["-t", "ext4", "-o", "loop,noinit_itable"]).arg(volume).arg(&place));
        let seen = look(&place.join("upper"));
        said(Command::new("umount").arg(&place));
        seen
    }

    pub async fn console(&self, n: u32) -> String {
        let bytes = self.driver().console_output(&id(n)).await.unwrap().unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub async fn console_has(&self, n: u32, text: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let console = self.console(n).await;
            if console.contains(text) {
                return console;
            }
            assert!(Instant::now() < deadline, "{text:?} does not get on the console:\n{console}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn state(&self, n: u32) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.instance(n).join("state.json")).unwrap()).unwrap()
    }

    /// The pid on the host of a process of the instance: `shim` or `init`.
    pub fn pid(&self, n: u32, which: &str) -> u32 {
        u32::try_from(self.state(n)[which]["pid"].as_u64().unwrap()).unwrap()
    }
}

impl Subject for Sandbox {
    type Driver = SandboxDriver;
    fn driver(&self) -> &SandboxDriver {
        self.driver.as_ref().expect("it is open")
    }
    fn pass(&self, _: Duration) {}
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.close();
        if let Err(error) = compute::cleanup(self.data()) {
            eprintln!("not everything could be cleared away: {error}");
        }
    }
}

/// How the stand-in for the product's binary is started.
pub fn self_command() -> SelfCommand {
    SelfCommand {
        program: PathBuf::from(env!("CARGO_BIN_EXE_compute-test-shim")),
        shim_arguments: vec!["shim".to_owned()],
        site_arguments: vec!["site".to_owned()],
        init_arguments: vec!["init".to_owned()],
        holder_arguments: Vec::new(),
        trial_arguments: vec!["trial".to_owned()],
    }
}

/// The simulated driver by a clock that stands still.
pub struct Simulated {
    pub driver: SimulatedDriver,
    pub clock: ManualClock,
}

impl Simulated {
    pub fn new() -> Self {
        let clock = ManualClock::default();
        let options = SimulatedOptions {
            start_delay: Duration::from_secs(5),
            stop_delay: Duration::from_secs(2),
            ..SimulatedOptions::new(Arc::new(clock.clone()))
        };
        Self { driver: SimulatedDriver::new(options), clock }
    }
}

impl Subject for Simulated {
    type Driver = SimulatedDriver;
    fn driver(&self) -> &SimulatedDriver {
        &self.driver
    }
    fn pass(&self, duration: Duration) {
        self.clock.advance(duration);
    }
}

/// Waits until the question has an answer.
pub async fn eventually<T>(what: &str, mut question: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = question().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub async fn observed(driver: &impl ComputeDriver, n: u32) -> Option<Observed> {
    driver.inventory().await.unwrap().into_iter().find(|observed| observed.id == id(n))
}

/// Waits, letting simulated time pass, until an instance is present in this way.
pub async fn until<S: Subject>(subject: &S, n: u32, what: &str, accept: impl Fn(&Presence) -> bool) -> Observed {
    eventually(what, async || {
        subject.pass(Duration::from_secs(1));
        observed(subject.driver(), n).await.filter(|observed| accept(&observed.presence))
    })
    .await
}

pub async fn until_up<S: Subject>(subject: &S, n: u32) -> (Observed, Live) {
    let observed = until(subject, n, "it is up", |presence| matches!(presence, Presence::Up(_))).await;
    let live = observed.live().cloned().unwrap();
    (observed, live)
}

pub async fn until_down<S: Subject>(subject: &S, n: u32) -> model::ec2::instance_state::Ending {
    let observed = until(subject, n, "it is down", |presence| matches!(presence, Presence::Down(_))).await;
    match observed.presence {
        Presence::Down(ending) => ending,
        Presence::Starting | Presence::Up(_) | Presence::Stopping { .. } => unreachable!(),
    }
}

fn pids() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn environment_has(pid: u32, text: &str) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|entry| entry.starts_with(text.as_bytes()))
}

/// Whether a process runs; a zombie does not.
pub fn runs(pid: u32) -> bool {
    let stat = fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
    let stat = String::from_utf8_lossy(&stat).into_owned();
    stat.rsplit(')')
        .next()
        .and_then(|rest| rest.split_whitespace().next())
        .is_some_and(|state| state != "Z" && state != "X")
}

pub async fn until_gone(pid: u32) {
    eventually(&format!("process {pid} is gone"), async || (!runs(pid)).then_some(())).await;
}

pub fn kill(pid: u32, signal: rustix::process::Signal) {
    if let Some(pid) = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}
