//! Child processes on a core of their own, and what they cost.
//!
//! CPU time is the scheduler's own (`/proc/PID/task/*/schedstat`, nanoseconds), of every thread of every process of
//! the tree. Children are ended by pid when their handle is dropped, whatever happened before.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, getsid, kill_process, setrlimit};

use crate::shell::{command, line};

/// How long a child may take to end after SIGTERM before it gets SIGKILL.
const GRACE: Duration = Duration::from_secs(2);
/// How often a condition is looked at while waiting for it.
const POLL: Duration = Duration::from_millis(10);

/// The state of a listening socket in /proc/net/tcp.
const LISTENING: &str = "0A";

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

impl Cores {
    /// Both cores, as taskset has it.
    pub fn both(&self) -> String {
        format!("{},{}", self.proxy, self.load)
    }
}

/// A child process, and all that it started, on one core or some.
pub struct Pinned {
    child: Child,
    log: Option<PathBuf>,
}

impl Pinned {
    /// Starts a program on the cores of `list`; what it prints goes to `log`.
    pub fn start(program: &Command, list: &str, cores: &Cores, log: PathBuf) -> Result<Self> {
        let file = std::fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut pinned = pinned(program, list, cores);
        pinned.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = pinned.spawn().with_context(|| format!("cannot start {}", line(program)))?;
        Ok(Self { child, log: Some(log) })
    }

    /// Starts a program on the cores of `list` and talks with it.
    pub fn start_piped(program: &Command, list: &str, cores: &Cores) -> Result<(Self, ChildStdin, ChildStdout)> {
        let mut pinned = pinned(program, list, cores);
        let mut child = pinned
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", line(program)))?;
        let stdin = child.stdin.take().context("stdin was piped")?;
        let stdout = child.stdout.take().context("stdout was piped")?;
        Ok((Self { child, log: None }, stdin, stdout))
    }

    /// Where the kernel weighs whole sessions against each other before it looks at processes (autogroup), niceness has to
    /// be said of the session too. To be called once the program runs.
    pub fn shield(&self, cores: &Cores) {
        let session_of = |pid: Option<Pid>| getsid(pid).ok();
        let ours = session_of(None);
        for pid in self.pids() {
            let session = i32::try_from(pid).ok().and_then(Pid::from_raw).and_then(|pid| session_of(Some(pid)));
            if cores.niceness < 0 && session.is_some() && session != ours {
                // Without autogroup there is nothing to write to, and nothing to do.
                let _ = std::fs::write(format!("/proc/{pid}/autogroup"), cores.niceness.to_string());
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// CPU time of the whole tree so far, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        tree(self.pid()).into_iter().map(cpu_seconds).sum()
    }

    /// Its processes.
    pub fn pids(&self) -> Vec<u32> {
        tree(self.pid())
    }

    /// Resident memory of the whole tree, in bytes; the kernel's share (sockets) is not in it.
    pub fn resident_bytes(&self) -> u64 {
        self.pids().into_iter().filter_map(|pid| memory_of(pid, "Rss:")).sum()
    }

    /// Sends a signal to the process itself.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.pid())?).context("no pid")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Sends a signal and waits until the process has ended.
    pub fn end_with(&mut self, signal: Signal, deadline: Duration) -> Result<()> {
        self.signal(signal)?;
        let start = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(start.elapsed() < deadline, "it did not end within {} s\n{}", deadline.as_secs(), self.log());
            std::thread::sleep(POLL);
        }
        Ok(())
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

    /// The end of what it printed.
    pub fn log(&self) -> String {
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

/// How a program is started in a session of its own, so that the kernel weighs it by its own niceness (see
/// [`Pinned::shield`]); the kernel ends it should this process die without a word.
pub fn in_session(niceness: i32) -> Command {
    let mut session = command("setsid");
    session.args(["setpriv", "--pdeathsig", "TERM", "nice", "-n", &niceness.to_string()]);
    session
}

/// Says this process's niceness of its session too, which must be its own ([`in_session`]).
pub fn shield_own_session(niceness: i32) {
    if niceness < 0 {
        // Without autogroup there is nothing to write to, and nothing to do.
        let _ = std::fs::write("/proc/self/autogroup", niceness.to_string());
    }
}

fn pinned(program: &Command, list: &str, cores: &Cores) -> Command {
    let mut pinned = in_session(cores.niceness);
    pinned.args(["taskset", "-c", list]);
    pinned.arg(program.get_program()).args(program.get_args());
    pinned.envs(program.get_envs().filter_map(|(key, value)| Some((key, value?))));
    pinned
}

/// The process and its descendants. (`setsid`, `nice` and so on replace themselves, so the pid is the program's.)
pub fn tree(root: u32) -> Vec<u32> {
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

/// CPU time of all threads that a process has now, in seconds.
pub fn cpu_seconds(pid: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    spent.sum::<u64>() as f64 / 1e9
}

/// What a process takes, in bytes: a line of /proc/PID/smaps_rollup such as `Rss:` or `Pss:`; none: it has ended.
pub fn memory_of(pid: u32, kind: &str) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix(kind))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Raises the limit of open files of this process and of those that it starts to `wanted`, or to the most that is allowed
/// if that is less; returns what it is then.
pub fn raise_file_limit(wanted: u64) -> Result<u64> {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    let higher = Rlimit { current: Some(wanted), maximum: Some(wanted.max(most)) };
    // Only who may raise the upper limit gets beyond it.
    if setrlimit(Resource::Nofile, higher).is_err() {
        setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    }
    Ok(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX))
}

/// CPU time of one process so far, with its threads that have ended but without its children, in seconds.
pub fn cpu_seconds_of_process(pid: u32) -> Result<f64> {
    seconds_of_stat(pid, 11)
}

/// CPU time of those children of this process that have ended and of theirs, in seconds.
pub fn cpu_seconds_of_children() -> f64 {
    seconds_of_stat(std::process::id(), 13).unwrap_or(0.0)
}

/// Two fields of /proc/PID/stat from this one on, counted behind the name: a time in the program and one in the kernel.
fn seconds_of_stat(pid: u32, field: usize) -> Result<f64> {
    /// Of /proc, on every architecture of today.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("process {pid} ended"))?;
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields.split_whitespace()).context("no stat")?;
    let ticks: Vec<f64> = fields.skip(field).take(2).filter_map(|field| field.parse().ok()).collect();
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

/// Whether somebody listens on this IPv4 address and port. (A connection, to find out, would already be work.)
pub fn is_listening(address: SocketAddr) -> bool {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    listens(&table, address)
}

fn listens(table: &str, address: SocketAddr) -> bool {
    let SocketAddr::V4(address) = address else { return false };
    let wanted = format!("{:08X}:{:04X}", u32::from_le_bytes(address.ip().octets()), address.port());
    table.lines().skip(1).any(|line| {
        let mut words = line.split_whitespace().skip(1);
        words.next() == Some(&wanted) && words.nth(1) == Some(LISTENING)
    })
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
        let (mut pinned, _stdin, _stdout) = Pinned::start_piped(&parent, "0", &cores).unwrap();
        let pid = pinned.pid();
        pinned.wait_until("the grandchild", Duration::from_secs(20), || tree(pid).len() > 1).unwrap();
        let spent = || tree(pid).into_iter().map(cpu_seconds).sum::<f64>();
        pinned.wait_until("its CPU time", Duration::from_secs(20), || spent() > 0.001).unwrap();
        assert!(pinned.resident_bytes() > 100_000 && pinned.pids().len() > 1);
    }

    #[test]
    fn a_listening_socket_is_found_in_the_kernel_s_table() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert!(is_listening(address));
        let table = "sl local rem st\n 0: 0B00007F:1F90 00000000:0000 0A 0\n 1: 0B00007F:1F91 0100007F:1F90 01 0\n";
        for (address, wanted) in [("127.0.0.11:8080", true), ("127.0.0.11:8081", false), ("127.0.0.12:8080", false)] {
            assert_eq!(listens(table, address.parse().unwrap()), wanted, "{address}");
        }
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
