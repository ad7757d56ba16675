//! The server of the demonstration: `goru up` as a child, on a fresh data directory that goes with it.

use crate::cli::outbox;
use crate::config::Place;
use crate::local::Local;
use anyhow::{Context, bail};
use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

const START_DEADLINE: Duration = Duration::from_secs(30);
const STOP_DEADLINE: Duration = Duration::from_secs(30);
const LOG_LINES: usize = 30;
/// So many of the newest mails are looked at.
const SHOWN_MAILS: usize = 100;
/// How many names are tried for the data directory.
const MAXIMUM_ATTEMPTS: u32 = 100;

/// A running `goru up`.
pub struct Server {
    child: Child,
    data_dir: PathBuf,
    /// `http://address:port`
    pub api: String,
    /// The default region.
    pub region: String,
}

impl Server {
    /// Starts one and waits until it serves.
    pub async fn start() -> anyhow::Result<Self> {
        let data_dir = fresh_data_dir()?;
        let log = std::fs::File::create(data_dir.join("logs/server.log"))?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["up", "--api", "127.0.0.1:0", "--auth-mode", "none", "--driver", "process", "--data-dir"])
            .arg(&data_dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            // Ctrl-C on the terminal is for the demonstration, which then stops its server in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("the server has no output")?;
        let ready = tokio::time::timeout(START_DEADLINE, BufReader::new(stdout).lines().next_line()).await;
        let mut server = Self { child, data_dir, api: String::new(), region: String::new() };
        let Ok(Ok(Some(line))) = ready else {
            let log = server.log_tail();
            server.stop().await?;
            bail!("the server does not start:\n{log}");
        };
        let field = |name: &str| {
            let found = line.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            found.map(str::to_owned).with_context(|| format!("`{line}` has no {name}"))
        };
        server.api = field("api")?;
        server.region = field("region")?;
        Ok(server)
    }

    /// Its data directory.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The last lines of its log.
    pub fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(self.data_dir.join("logs/server.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    /// `GET /_goru/status`, away from the runtime's threads.
    pub async fn status(&self) -> anyhow::Result<serde_json::Value> {
        let place = Place::of(self.data_dir.clone());
        tokio::task::spawn_blocking(move || Local::new(&place)?.get("/_goru/status")).await?
    }

    /// Subjects of the mails in its outbox, oldest first.
    pub fn mails(&self) -> anyhow::Result<Vec<String>> {
        Ok(outbox::mails(&self.data_dir, SHOWN_MAILS)?.into_iter().map(|(subject, _)| subject).collect())
    }

    /// The link of the newest mail that asks for a subscription to be confirmed.
    pub fn confirmation_link(&self) -> anyhow::Result<Option<String>> {
        let mails = outbox::mails(&self.data_dir, SHOWN_MAILS)?;
        let link = |text: &str| {
            let links = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
            links
                .filter(|word| word.starts_with("http://"))
                .find(|word| word.contains("ConfirmSubscription"))
                .map(str::to_owned)
        };
        Ok(mails.iter().rev().find_map(|(_, body)| link(body)))
    }

    /// The process of an instance.
    pub async fn pid_of(&self, instance: &str) -> anyhow::Result<u64> {
        let status = self.status().await?;
        let found = status["instances"].as_array().into_iter().flatten().find(|i| i["id"] == instance);
        found.and_then(|i| i["pid"].as_u64()).with_context(|| format!("{instance} has no process"))
    }

    /// Stops it in order and removes its data.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(pid) =
            self.child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw)
        {
            // It may have ended by itself.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let ended = tokio::time::timeout(STOP_DEADLINE, self.child.wait()).await;
        if ended.is_err() {
            self.child.kill().await?;
            bail!("the server did not stop within {STOP_DEADLINE:?}; its data is still in {}", self.data_dir.display());
        }
        std::fs::remove_dir_all(&self.data_dir).with_context(|| format!("cannot remove {}", self.data_dir.display()))
    }
}

/// A new directory that nobody else can look into or has prepared: others may write in the one for temporary files.
fn fresh_data_dir() -> anyhow::Result<PathBuf> {
    let parent = std::env::temp_dir();
    for attempt in 0..MAXIMUM_ATTEMPTS {
        let path = parent.join(format!("goru-demo-{}-{attempt}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => {
                std::fs::create_dir(path.join("logs"))?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot create {}", path.display())),
        }
    }
    bail!("{} has too many directories of earlier demonstrations; delete goru-demo-*", parent.display())
}
