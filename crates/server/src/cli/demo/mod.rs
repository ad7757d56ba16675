//! `goru demo`: two web servers behind a load balancer, made through the API on a fresh data directory; load on it, one
//! server killed, and whether a request failed.
//!
//! It is a client like any other: it starts `goru up` as a child, speaks AWS's query protocol to it, and prints the
//! `aws` commands that do the same.

mod api;
mod load;
mod server;
mod steps;

use anyhow::Context;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use load::{Load, Tally};
use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use steps::Stack;
use tokio::signal::unix::{SignalKind, signal};

/// Prints a line. That nobody reads it any more (`goru demo | head`) is no reason to leave everything behind.
macro_rules! tell {
    ($($what:tt)*) => {
        let _ = writeln!(std::io::stdout(), $($what)*);
    };
}

/// Requests per second that the demonstration sends.
const RATE: u32 = 500;
/// How long load runs before a server is killed by itself.
const QUIET: Duration = Duration::from_secs(4);
/// How long the killed server's target may take to be found unhealthy: interval, threshold, timeout, and slack.
const DETECTION: Duration = Duration::from_secs(30);
/// How long load goes on after that.
const AFTER: Duration = Duration::from_secs(3);
const TICK: Duration = Duration::from_millis(200);

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    /// End by itself; exit code 0 only if no request failed
    #[arg(long)]
    once: bool,
}

/// Runs the demonstration.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(async {
        // Taken before anything is started: a signal that comes early waits until there is something to stop.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut server = server::Server::start().await?;
        let shown = tokio::select! {
            shown = show(&server, &options) => shown.map(Some),
            _ = interrupt.recv() => Ok(None),
            _ = terminate.recv() => Ok(None),
        };
        let stopped = server.stop().await;
        let tally = match shown {
            Ok(tally) => tally,
            Err(error) => {
                eprintln!("{}", server.log_tail());
                return Err(error);
            }
        };
        stopped?;
        Ok(match tally {
            None => ExitCode::SUCCESS,
            Some(tally) if tally.failed == 0 && tally.sent > 0 => ExitCode::SUCCESS,
            Some(_) => ExitCode::FAILURE,
        })
    })
}

async fn show(server: &server::Server, options: &Options) -> anyhow::Result<Tally> {
    tell!("Goru runs at {} (data in {}).\n", server.api, server.data_dir().display());
    let progress = MultiProgress::new();
    let stack = build(server, &progress).await?;
    tell!("The load balancer answers at {}\n", stack.url());
    tell!(
        "These commands made it (`eval \"$(goru env --data-dir {})\"` first, to try more):\n",
        server.data_dir().display()
    );
    for command in &stack.commands {
        tell!("  {command}");
    }
    tell!("");
    let load = Arc::new(Load::start(stack.front, &stack.dns_name, RATE));
    let keys = Keys::new(options.once);
    let lines = Lines::new(&progress, &stack);
    watch(&load, &lines, QUIET, &keys).await;
    kill_one(server, &stack, &load, &lines).await?;
    watch(&load, &lines, AFTER, &Keys::none()).await;
    if !options.once {
        lines.say("The site goes on. Ctrl-C ends everything.");
        watch(&load, &lines, Duration::MAX, &Keys::none()).await;
    }
    let tally = load.stop().await;
    lines.clear();
    tell!("\n{} requests, {} failed", tally.sent, tally.failed);
    for failure in &tally.failures {
        tell!("  {failure}");
    }
    Ok(tally)
}

async fn build(server: &server::Server, progress: &MultiProgress) -> anyhow::Result<Stack> {
    let spinner = progress.add(ProgressBar::new_spinner());
    spinner.enable_steady_tick(TICK / 2);
    let say = |text: &str| {
        if std::io::stdout().is_terminal() {
            spinner.set_message(text.to_owned())
        } else {
            tell!("… {text}");
        }
    };
    let stack = Stack::build(server, &say).await;
    spinner.finish_and_clear();
    stack
}

/// Kills the first server as `kill -9` does and waits until the load balancer has noticed.
async fn kill_one(server: &server::Server, stack: &Stack, load: &Load, lines: &Lines) -> anyhow::Result<()> {
    let victim = &stack.instances[0];
    let pid = server.pid_of(victim).await?;
    let pid =
        i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw).context("the instance has no process")?;
    lines.say(&format!("kill -9 {pid}, which is {victim}"));
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).context("cannot kill the instance's process")?;
    let began = std::time::Instant::now();
    loop {
        lines.update(load);
        let (state, why) = stack.health_of(victim).await?;
        if state == "unhealthy" || state == "unused" {
            lines.say(&format!("its target is {state} after {:.1} s: {why}", began.elapsed().as_secs_f32()));
            return Ok(());
        }
        anyhow::ensure!(began.elapsed() < DETECTION, "the target of {victim} is still {state} after {DETECTION:?}");
        tokio::time::sleep(TICK).await;
    }
}

/// Shows the load until the time is over or Enter was pressed.
async fn watch(load: &Load, lines: &Lines, time: Duration, keys: &Keys) {
    let began = std::time::Instant::now();
    while began.elapsed() < time && !keys.pressed() {
        lines.update(load);
        tokio::time::sleep(TICK).await;
    }
}

/// Whether Enter was pressed; on a terminal only.
struct Keys(Option<Arc<std::sync::atomic::AtomicBool>>);

impl Keys {
    fn none() -> Self {
        Self(None)
    }

    fn new(once: bool) -> Self {
        if once || !std::io::stdin().is_terminal() {
            return Self::none();
        }
        tell!("Enter kills one of the two servers (so does waiting {} s).", QUIET.as_secs());
        let pressed = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let set = pressed.clone();
        // This thread ends with the process: a read of the terminal cannot be cancelled.
        std::thread::spawn(move || {
            let read = std::io::stdin().read_line(&mut String::new());
            set.store(read.is_ok(), std::sync::atomic::Ordering::Relaxed);
        });
        Self(Some(pressed))
    }

    fn pressed(&self) -> bool {
        self.0.as_ref().is_some_and(|pressed| pressed.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// The live picture: one line a server, one for the whole.
struct Lines {
    progress: MultiProgress,
    servers: Vec<(String, ProgressBar)>,
    total: ProgressBar,
    terminal: bool,
}

impl Lines {
    fn new(progress: &MultiProgress, stack: &Stack) -> Self {
        let line = || {
            let bar = progress.add(ProgressBar::new_spinner());
            bar.set_style(ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        };
        let servers = stack.instances.iter().map(|id| (id.clone(), line())).collect();
        Self { progress: progress.clone(), servers, total: line(), terminal: std::io::stdout().is_terminal() }
    }

    fn update(&self, load: &Load) {
        if !self.terminal {
            return;
        }
        let tally = load.tally();
        for (id, bar) in &self.servers {
            let (count, rate) = tally.answered.get(id).copied().unwrap_or_default();
            let share = "█".repeat(usize::try_from(rate / 10).unwrap_or(0).min(60));
            bar.set_message(format!("  {id}  {count:>7} answers  {rate:>5}/s  {share}"));
        }
        self.total.set_message(format!(
            "  all requests         {:>7}          {:>5}/s  {} failed",
            tally.sent, tally.rate, tally.failed
        ));
    }

    fn say(&self, text: &str) {
        if self.terminal {
            // Nothing depends on whether the terminal took the line.
            let _ = self.progress.println(text);
        } else {
            tell!("{text}");
        }
    }

    fn clear(&self) {
        for (_, bar) in &self.servers {
            bar.finish();
        }
        self.total.finish();
    }
}
