//! Child processes on a core of their own, and what they cost.
//!
//! CPU time is the scheduler's own (`/proc/PID/task/*/schedstat`, nanoseconds), of every thread of every process of
//! the tree. Children are ended by pid when their handle is dropped, whatever happened before.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::shell::{command, line};

/// How long a child may take to end after SIGTERM before it gets SIGKILL.
const GRACE: Duration = Duration::from_secs(2);
/// How often a condition is looked at while waiting for it.
const POLL: Duration = Duration::from_millis(10);

/// The most of an answer that [`body_of`] reads.
const MAXIMUM_ANSWER_BYTES: u64 = 1 << 20;

/// Which core does what, and how the children are run.
#[derive(Clone)]
pub struct Cores {
    pub proxy: usize,
    pub load: usize,
    /// Niceness of both sides; below 0 (root only) it shields the run from other work on the machine.
    pub niceness: i32,
}

/// A child process, and all that it started, on one core.
pub struct Pinned {
    child: Child,
    log: Option<PathBuf>,
}

impl Pinned {
    /// Starts a program on `core`; what it prints goes to `log`.
    pub fn start(program: &Command, core: usize, cores: &Cores, log: PathBuf) -> Result<Self> {
        let file = std::fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut pinned = pinned(program, core, cores);
        pinned.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = pinned.spawn().with_context(|| format!("cannot start {}", line(program)))?;
        Ok(Self { child, log: Some(log) })
    }

    /// Starts a program on `core` and talks with it.
    pub fn start_piped(program: &Command, core: usize, cores: &Cores) -> Result<(Self, ChildStdin, ChildStdout)> {
        let mut pinned = pinned(program, core, cores);
        let mut child = pinned
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", line(program)))?;
        let stdin = child.stdin.take().context("stdin was piped")?;
        let stdout = child.stdout.take().context("stdout was piped")?;
        Ok((Self { child, log: None }, stdin, stdout))
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// CPU time of the whole tree so far, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        tree(self.pid()).into_iter().map(cpu_seconds).sum()
    }

    /// Waits for `condition`; fails when the process ends first or the deadline passes, and shows its log.
    pub fn wait_until(&mut self, what: &str, deadline: Duration, mut condition: impl FnMut() -> bool) -> Result<()> {
        let start = Instant::now();
        while !condition() {
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended ({status}) before {what}\n{}", self.log());
            }
            if start.elapsed() > deadline {
                bail!("{what} took more than {} s\n{}", deadline.as_secs(), self.log());
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    fn log(&self) -> String {
        let text = self.log.as_ref().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    fn stop(&mut self) {
        let tree = tree(self.pid());
        signal_all(&tree, Signal::TERM);
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < GRACE {
            std::thread::sleep(POLL);
        }
        signal_all(&tree.into_iter().filter(|pid| is_ours(*pid, self.pid())).collect::<Vec<_>>(), Signal::KILL);
        // Its exit status says nothing about the measurement.
        let _ = self.child.wait();
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        self.stop();
    }
}

/// After the grace: still a process, and still one of ours (a pid may have been given to somebody else).
fn is_ours(pid: u32, root: u32) -> bool {
    tree(root).contains(&pid)
}

fn signal_all(pids: &[u32], signal: Signal) {
    for pid in pids.iter().filter_map(|pid| Pid::from_raw(i32::try_from(*pid).ok()?)) {
        // Already gone is as good as ended.
        let _ = kill_process(pid, signal);
    }
}

fn pinned(program: &Command, core: usize, cores: &Cores) -> Command {
    let mut pinned = command("nice");
    pinned.args(["-n", &cores.niceness.to_string(), "taskset", "-c", &core.to_string()]);
    pinned.arg(program.get_program()).args(program.get_args());
    pinned.envs(program.get_envs().filter_map(|(key, value)| Some((key, value?))));
    pinned
}

/// The process and its descendants. (`nice` and `taskset` replace themselves, so the pid is the program's.)
fn tree(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()) {
        children.entry(parent(pid).unwrap_or(0)).or_default().push(pid);
    }
    let mut found = vec![root];
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        found.extend(children.remove(pid).unwrap_or_default());
        next += 1;
    }
    found
}

fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn cpu_seconds(pid: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    spent.sum::<u64>() as f64 / 1e9
}

/// CPU time of one process so far, with its threads that have ended but without its children, in seconds.
pub fn cpu_seconds_of_process(pid: u32) -> Result<f64> {
    /// Of /proc, on every architecture of today.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("process {pid} ended"))?;
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields.split_whitespace()).context("no stat")?;
    let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
}

/// A line of a process's /proc/PID/status in megabytes, for example `VmRSS` or `VmHWM`.
pub fn memory_megabytes(pid: u32, line: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kilobytes =
        status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':')?.split_whitespace().next());
    let kilobytes: f64 = kilobytes.with_context(|| format!("no {line}"))?.parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}

/// Idle and total ticks of a core so far.
#[derive(Clone, Copy)]
pub struct CoreTicks {
    idle: u64,
    total: u64,
}

impl CoreTicks {
    /// Reads them from /proc/stat.
    pub fn read(core: usize) -> Result<Self> {
        let stat = std::fs::read_to_string("/proc/stat")?;
        let name = format!("cpu{core} ");
        let line = stat
            .lines()
            .find(|line| line.starts_with(&name))
            .with_context(|| format!("this machine has no core {core}"))?;
        let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
        Ok(Self { idle: ticks.iter().skip(3).take(2).sum(), total: ticks.iter().take(8).sum() })
    }

    /// The share of time since `earlier` in which the core did something, 0 to 1.
    pub fn busy_since(self, earlier: Self) -> f64 {
        let total = self.total.saturating_sub(earlier.total).max(1) as f64;
        1.0 - self.idle.saturating_sub(earlier.idle) as f64 / total
    }
}

/// True when `GET path` on this address is answered with 200.
pub fn answers(address: SocketAddr, path: &str) -> bool {
    body_of(address, path).is_some()
}

/// The body with which `GET path` on this address is answered, if it is answered with 200.
pub fn body_of(address: SocketAddr, path: &str) -> Option<Vec<u8>> {
    use std::io::{Read, Write};
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut stream = std::net::TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(
            format!("GET {path} HTTP/1.1\r\nHost: bench.elb.localhost\r\nConnection: close\r\n\r\n").as_bytes(),
        )?;
        let mut answer = Vec::new();
        stream.take(MAXIMUM_ANSWER_BYTES).read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().ok().filter(|answer| answer.starts_with(b"HTTP/1.1 200"))?;
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(answer[head + 4..].to_vec())
}

/// A port of this address that nobody listens on now.
pub fn free_port(ip: &str) -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind((ip, 0)).with_context(|| format!("cannot bind {ip}"))?.local_addr()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_of_a_process_has_its_children_and_their_cpu_time() {
        let cores = Cores { proxy: 0, load: 0, niceness: 0 };
        let mut parent = command("sh");
        parent.args([
            "-c",
            "sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done; read x' & read y; wait",
        ]);
        let (mut pinned, _stdin, _stdout) = Pinned::start_piped(&parent, 0, &cores).unwrap();
        let pid = pinned.pid();
        pinned.wait_until("the grandchild", Duration::from_secs(20), || tree(pid).len() > 1).unwrap();
        let spent = || tree(pid).into_iter().map(cpu_seconds).sum::<f64>();
        pinned.wait_until("its CPU time", Duration::from_secs(20), || spent() > 0.001).unwrap();
    }

    #[test]
    fn this_process_has_memory_and_cpu_time() {
        let pid = std::process::id();
        assert!(memory_megabytes(pid, "VmRSS").unwrap() > 0.1);
        assert!(memory_megabytes(pid, "VmHWM").unwrap() >= memory_megabytes(pid, "VmRSS").unwrap() / 2.0);
        assert!(memory_megabytes(pid, "Nothing").is_err());
        let start = Instant::now();
        while cpu_seconds_of_process(pid).unwrap() < 0.02 {
            assert!(start.elapsed() < Duration::from_secs(20), "busy, and no CPU time");
        }
    }

    #[test]
    fn busy_is_the_share_that_was_not_idle() {
        let earlier = CoreTicks { idle: 100, total: 1000 };
        assert!((CoreTicks { idle: 125, total: 1100 }.busy_since(earlier) - 0.75).abs() < 1e-9);
    }
}
