//! A `goru up` for the bench: fresh data directory, free port, ended with everything it started.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::client::Endpoint;
use crate::shell::{command, root};

/// How long the server may take to be ready.
const START: Duration = Duration::from_secs(60);
/// How long the server may take to end after SIGTERM before its processes are killed.
const STOP: Duration = Duration::from_secs(30);
/// How often it is looked whether it has ended.
const POLL: Duration = Duration::from_millis(20);

/// A running server. Dropping it ends it and removes its directory.
pub struct Server {
    child: Child,
    directory: PathBuf,
    pub endpoint: Endpoint,
}

impl Server {
    /// Starts the release build with this goru.toml.
    pub fn start(configuration: &str) -> Result<Self> {
        Self::start_program(&root().join("target/release/goru"), configuration)
    }

    /// Starts any build.
    pub fn start_program(program: &Path, configuration: &str) -> Result<Self> {
        let directory = root().join(format!("target/bench/control-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        std::fs::write(directory.join("goru.toml"), configuration)?;
        let mut child =
            up(program, &directory)?.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let ready = ready_line(&mut child);
        let mut server = Self { child, directory, endpoint: nowhere() };
        server.endpoint = ready.and_then(|line| server.endpoint_of(&line)).with_context(|| server.log())?;
        Ok(server)
    }

    /// The process id of `goru up`: the control plane, without the load balancer node.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it keeps its data.
    pub fn data_directory(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn endpoint_of(&self, ready: &str) -> Result<Endpoint> {
        let word = |key: &str| {
            ready.split(' ').find_map(|word| word.strip_prefix(key)).with_context(|| format!("no {key} in {ready}"))
        };
        let credentials = std::fs::read_to_string(self.directory.join("data/credentials"))?;
        let value = |key: &str| {
            let line = credentials.lines().filter_map(|line| line.split_once('=')).find(|(name, _)| name.trim() == key);
            line.map(|(_, value)| value.trim().to_owned()).with_context(|| format!("no {key} in DIR/credentials"))
        };
        Ok(Endpoint {
            address: word("api=http://")?.parse()?,
            region: word("region=")?.to_owned(),
            access_key: value("aws_access_key_id")?,
            secret_key: value("aws_secret_access_key")?,
        })
    }

    fn log(&self) -> String {
        let text = std::fs::read_to_string(self.directory.join("goru.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        format!(
            "goru up did not become ready; its log ends with\n{}",
            lines[lines.len().saturating_sub(30)..].join("\n")
        )
    }

    fn stop(&mut self) {
        signal(self.child.id(), Signal::TERM);
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < STOP {
            std::thread::sleep(POLL);
        }
        for pid in processes_with(&self.directory.display().to_string()) {
            signal(pid, Signal::KILL);
        }
        // The exit status says nothing about the figures.
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        // A directory that stays is under target/ and in nobody's way.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn nowhere() -> Endpoint {
    Endpoint {
        address: ([127, 0, 0, 1], 0).into(),
        region: String::new(),
        access_key: String::new(),
        secret_key: String::new(),
    }
}

fn up(program: &Path, directory: &Path) -> Result<Command> {
    let mut up = command(program);
    up.args(["up", "--api", "127.0.0.1:0", "--config"]).arg(directory.join("goru.toml"));
    up.arg("--data-dir").arg(directory.join("data"));
    let log = std::fs::File::create(directory.join("goru.log"))?;
    up.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    Ok(up)
}

/// The first line of the child's stdout, waited for up to the deadline.
fn ready_line(child: &mut Child) -> Result<String> {
    let stdout = child.stdout.take().context("stdout was piped")?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody listens any more once the server is ready; the pipe is still drained.
            let _ = sender.send(line);
        }
    });
    let line = receiver.recv_timeout(START).context("no ready line")?;
    if !line.starts_with("goru ready ") {
        bail!("not a ready line: {line}");
    }
    Ok(line)
}

fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // Already gone is as good as ended.
        let _ = kill_process(pid, signal);
    }
}

/// Processes with this text on their command line or with it as (the start of) their working directory: ours, because
/// the text is the path of a directory that this run made.
fn processes_with(text: &str) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mentions = |pid: u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let place = std::fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(text) || place.starts_with(text)
    };
    pids.filter(|pid| *pid != std::process::id() && mentions(*pid)).collect()
}
