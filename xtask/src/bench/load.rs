//! The load generator's process, as the bench talks with it.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{ChildStdin, ChildStdout};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{PollFd, PollFlags, poll};
use serde::Deserialize;

use super::order::{Held, Hello, Hold, Job, Measured, Order, Probe, Probed, Released, Reply};
use super::process::{Cores, Pinned};
use crate::shell::command;

/// The generator's process. It ends when this is dropped (its stdin closes).
pub struct Load {
    pub targets: Vec<SocketAddr>,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    process: Pinned,
}

impl Load {
    /// Starts this very program again as the generator, on this core.
    pub fn start(core: usize, cores: &Cores) -> Result<Self> {
        let mut itself = command(std::env::current_exe()?);
        itself.args(["bench", "generator"]);
        let (process, stdin, stdout) = Pinned::start_piped(&itself, &core.to_string(), cores)?;
        let mut stdout = BufReader::new(stdout);
        let hello: Hello = read_line(&mut stdout)?;
        process.shield(cores);
        Ok(Self { targets: hello.targets, stdin, stdout, process })
    }

    /// Runs one job to its end.
    pub fn run(&mut self, job: &Job) -> Result<Measured> {
        self.begin(job)?;
        self.end()
    }

    /// Runs a job to its end, half of its connections from each.
    pub fn run_together(both: [&mut Self; 2], job: &Job) -> Result<Measured> {
        let half = Job { connections: job.connections / 2, ..job.clone() };
        let [one, other] = both;
        one.say(&Order::Run(half.clone()))?;
        other.say(&Order::Run(half))?;
        one.began()?;
        other.began()?;
        Ok(Measured::together(&one.end()?, &other.end()?))
    }

    /// Starts a job and returns when its warm-up is over; [`Load::stop`] ends it.
    pub fn begin(&mut self, job: &Job) -> Result<()> {
        self.say(&Order::Run(job.clone()))?;
        self.began()
    }

    fn began(&mut self) -> Result<()> {
        self.hear(|reply| if let Reply::Began = reply { Some(()) } else { None })
    }

    fn end(&mut self) -> Result<Measured> {
        self.hear(|reply| if let Reply::Measured(measured) = reply { Some(measured) } else { None })
    }

    /// Ends the job that [`Load::begin`] started, if it still runs.
    pub fn stop(&mut self) -> Result<Measured> {
        self.say(&Order::Stop)?;
        self.end()
    }

    /// One request.
    pub fn probe(&mut self, probe: &Probe) -> Result<Probed> {
        let pick = |reply| if let Reply::Probed(probed) = reply { Some(probed) } else { None };
        self.ask(&Order::Probe(probe.clone()), pick)
    }

    /// Opens clients that stay.
    pub fn hold(&mut self, hold: &Hold) -> Result<Held> {
        self.ask(&Order::Hold(hold.clone()), |reply| if let Reply::Held(held) = reply { Some(held) } else { None })
    }

    /// Ends them.
    pub fn release(&mut self) -> Result<Released> {
        self.ask(&Order::Release, |reply| if let Reply::Released(released) = reply { Some(released) } else { None })
    }

    /// CPU time of the generator so far, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        self.process.cpu_seconds()
    }

    fn ask<T>(&mut self, order: &Order, pick: impl FnOnce(Reply) -> Option<T>) -> Result<T> {
        self.say(order)?;
        self.hear(pick)
    }

    fn say(&mut self, order: &Order) -> Result<()> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        self.stdin.write_all(&line).context("the load generator is gone")
    }

    fn hear<T>(&mut self, pick: impl FnOnce(Reply) -> Option<T>) -> Result<T> {
        let reply = read_line(&mut self.stdout);
        let reply = reply.with_context(|| format!("the load generator (pid {}) gave up", self.process.pid()))?;
        if let Reply::Failed(reason) = reply {
            bail!("{reason}");
        }
        pick(reply).context("the load generator said something else than it was asked for")
    }
}

/// Every order has an end of its own before this.
const PATIENCE: Duration = Duration::from_secs(300);

/// The next line. Nothing more than it has been sent before the next order, so that nothing waits in the reader.
fn read_line<T: for<'de> Deserialize<'de>>(stdout: &mut BufReader<ChildStdout>) -> Result<T> {
    let mut line = String::new();
    let mut readable = [PollFd::new(stdout.get_ref(), PollFlags::IN)];
    ensure!(poll(&mut readable, Some(&PATIENCE.try_into()?))? > 0, "no answer within {} s", PATIENCE.as_secs());
    if stdout.read_line(&mut line)? == 0 {
        bail!("no answer");
    }
    Ok(serde_json::from_str(&line)?)
}
